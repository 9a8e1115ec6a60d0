/*
 * chat: the room that speaks to Slack and Matrix.  It shows there what review
 * asks, rewrites it when that is over, and brings review what people answer.
 *
 * Who may decide, and what an answer means, is left to review and hold; what a
 * prompt says to review's card.  All functions run on the loop.
 */
#ifndef CHAT_CHAT_H
#define CHAT_CHAT_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"
#include "hold/hold.h"
#include "review/review.h"

#include "util/httpd.h"

struct chats;
struct checkup;
struct event_base;

/* Every chat of the configuration begins to connect.  review and hold outlive
 * it. */
struct chats *chat_new(struct event_base *base, const struct config *config,
    struct hold *hold, struct review *review);
/* What is under way ends by itself.  NULL is harmless. */
void chat_free(struct chats *chats);

/* Go on with another configuration: all connect anew. */
void chat_renew(struct chats *chats, const struct config *config);

/*
 * Show it, as review_hooks.show has it: false when there is no such chat, or
 * it takes no more now (it says READY later).  Nothing of it is kept.
 */
bool chat_show(struct chats *chats, const struct review_shown *shown);

/* A line for status: "slack up, room: its room is encrypted". */
void chat_describe(const struct chats *chats, char *out, size_t size);

/* Look at every chat for the doctor. */
void chat_examine(struct chats *chats, struct checkup *checkup);

/* Requests of Slack and of bridges; context is the struct chats. */
extern const struct httpd_route chat_routes[];

#endif
