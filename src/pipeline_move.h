/*
 * pipeline_move: what a reviewer says by moving a mail in their own account,
 * on its way from the mailbox to the room review.  Loop.
 */
#ifndef PIPELINE_MOVE_H
#define PIPELINE_MOVE_H

struct mailbox_move;

/* The hook of the mailboxes; context: struct house. */
void pipeline_move(struct mailbox_move *move, void *context);

#endif
