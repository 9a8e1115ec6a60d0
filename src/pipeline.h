/*
 * pipeline: the sentence as code.  Imprimatur accepts an agent's mail, checks
 * it, holds it, has people review it and sends it; pipeline.c leads each mail
 * from room to room and is the only file that knows the order.
 *
 * These are the hooks of the rooms; context is always the struct house.  All
 * run on the loop.
 */
#ifndef PIPELINE_H
#define PIPELINE_H

#include <stdint.h>

#include "accept/accept.h"
#include "hold/hold.h"
#include "review/review.h"
#include "send/send.h"

/* accept: a whole draft.  Takes the message; answers the ticket once. */
void pipeline_take(
    struct accept_ticket *ticket, struct message *message, void *context);

/* accept: a whole reply to a notice.  As above. */
void pipeline_hear(struct accept_ticket *ticket, struct message *message,
    int64_t notice, void *context);

/* accept: is this recipient a reply address of ours? */
enum accept_address pipeline_address(
    const char *address, int64_t *notice, void *context);

/* accept: the client read our 250 for this draft. */
void pipeline_confirmed(int64_t draft, void *context);

/* review: apply a person's edit; calls edit->done() once. */
void pipeline_edit(struct review_edit *edit, void *context);

/* send: sign what leaves, for the domains that have a key. */
void pipeline_sign(struct send_signing *signing, void *context);

/* any room: a draft moved, so people are to be told or mail is to leave. */
void pipeline_moved(int64_t draft, enum hold_state state, void *context);

#endif
