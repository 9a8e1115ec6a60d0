/*
 * internal: what the files of this room share and nobody else sees: the room
 * itself, and how a mail of ours gets into the outbox.
 */
#ifndef REVIEW_INTERNAL_H
#define REVIEW_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "review/rate.h"
#include "review/review.h"
#include "review/token.h"

struct event;
struct hearing;
struct ladder;
struct media;
struct memory;
struct pass;

/*
 * The room's memory of one reviewer: what was sent when.  After a restart the
 * ledger tells of the notices; the rest starts anew.
 */
struct review_person {
	struct rate notices; /* in the last hour */
	int64_t help_ms;     /* monotonic time of the last, if helped */
	/* of what is above the limit of notices: when the next digest of it may
	 * be made, 0: none is planned; when its prompts were looked at */
	int64_t crowd_ms, looked_ms;
	bool helped, crowded;
	int64_t crowded_ms; /* monotonic time of the last, if so */
	int64_t look_ms;    /* at the prompts, not before that */
};

struct review {
	struct event_base *base;
	const struct config *config;
	struct hold *hold;
	struct review_hooks hooks;
	const unsigned char *key;     /* hold's: signs reply addresses */
	struct review_person *people; /* as config->reviewers, and one more */
	struct event *timer;	      /* look for due prompts again */
	struct pass *pass;	      /* under way, or NULL */
	bool again;		      /* another is wanted after it */
	struct hearing *hearings;     /* answers under way, see mail.c */
	struct memory *memory;	      /* is being read, or NULL */
	struct ladder *ladder;	      /* walks the deadlines */
	struct media *media;	      /* programs and chats that ask */
};

/* What we remember of a reviewer, also of one that a reload took away. */
struct review_person *review_person(
    struct review *review, const struct config_reviewer *reviewer);

/* Write the address that answers to a notice go to; returns out. */
#define REVIEW_ADDRESS_SIZE (TOKEN_SIZE + 256)
const char *review_reply_to(
    const struct review *review, int64_t notice, char *out);

/* Tell the hook that a draft moved or that system mail is due. */
void review_moved(
    const struct review *review, int64_t draft, enum hold_state state);

/*
 * Put a mail to a reviewer into the outbox, from the null path: nothing is to
 * come back for it.  bytes and once are copied.  done (may be NULL) is called
 * once, on the loop.
 */
struct review_post {
	const struct config_reviewer *to;
	struct span bytes;
	const char *once; /* as hold_post has it */
	void (*done)(const struct error *err, void *context);
	void *context;
};
void review_post(struct review *review, const struct review_post *post);

#endif
