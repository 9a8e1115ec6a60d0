/*
 * desk: where agents ask over HTTP what became of their drafts, and take them
 * back.  Loop only.
 */
#ifndef SEND_DESK_H
#define SEND_DESK_H

struct send;

/* The room goes: requests under way are answered without it. */
void desk_close(struct send *send);

#endif
