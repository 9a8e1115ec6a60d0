/*
 * hold: the ledger.  Drafts, revisions, prompts, decisions, the outbox of
 * system mail and the chained audit log, all in one SQLite file, written by
 * one thread in groups, each group one commit.
 *
 * Every verb is a struct that begins with a hold_call: fill it, set
 * call.done, call the verb, keep it alive.  done() runs on the loop exactly
 * once, also at shutdown; call.error tells what went wrong (kind ERROR_NONE:
 * it is on disk).  Results that carry an arena belong to the requester, after
 * an error too: the arena is NULL then, or must be freed all the same.
 *
 * This is the room's door; others include nothing else of it.  Its verbs stand
 * in a header for each subject: intake.h, agent.h, decision.h, view.h,
 * prompt.h, outbox.h, mailbox.h; here is the ledger as a whole.
 *
 * Nothing outside this room changes a state, and nothing inside it changes
 * one but store_move, by the table in hold.c.
 */
#ifndef HOLD_HOLD_H
#define HOLD_HOLD_H

#include "hold/agent.h"
#include "hold/chat.h"
#include "hold/decision.h"
#include "hold/intake.h"
#include "hold/mailbox.h"
#include "hold/outbox.h"
#include "hold/prompt.h"
#include "hold/state.h"
#include "hold/view.h"

struct event_base;

/* What a draft demands of who decides it, as its verdict said. */
struct hold_demand {
	const char *channel, *ask, *demand; /* never NULL */
};

struct hold_revising {
	unsigned rounds; /* 0: never */
	uint64_t within_ms;
};

struct hold_settings {
	const char *dir;	  /* holds ledger.db, bodies/, keys */
	uint64_t body_file_above; /* bytes; larger bodies become files */
	uint64_t disk_reserve;	  /* bytes; below: intake is refused FULL */
	uint64_t retry_lifetime_ms;
	uint64_t undo_ms;		/* an approval waits so long */
	unsigned received_max_age_days; /* of keys against double intake: 7 */
	/*
	 * Has this actor authority now?  0, or -1 and err (DENIED) that tells
	 * the person why not.  approve: to let it go, not only to drop or ask.
	 * Store thread; reads only the immutable configuration.  What is no
	 * person ("rule:<name>", "deadline") is not asked about.
	 */
	int (*authority)(const char *actor, const struct hold_demand *demand,
	    bool approve, struct error *err, const void *people);
	/*
	 * Is this agent to hear of an event, and how: HOLD_BY_*, see
	 * hold_owed.  As authority(); NULL: of none.
	 */
	unsigned (*hears)(
	    const char *agent, const char *event, const void *people);
	/*
	 * How often may a draft of this channel be sent back to its agent,
	 * and how long has the agent each time?  *out is three times, a day,
	 * when it is called.  Store thread, pure; may be NULL.
	 */
	void (*revising)(
	    const char *channel, struct hold_revising *out, const void *people);
	/*
	 * The n-th mailbox that wants a copy of what this agent sent; NULL:
	 * no more.  As authority(); NULL: nobody wants any.
	 */
	const char *(*copies)(size_t n, const char *agent, const void *people);
	/* The disk failed: intake must stop, the process must end.  Loop. */
	void (*failed)(const struct error *err, void *context);
	void *context;	    /* of failed() */
	const void *people; /* of the questions above; see hold_renew */
};

/*
 * Open or make the ledger, take its lock, migrate it, check WAL and FULL, put
 * what a crash left (SENDING) where it belongs, sweep orphan files.  Blocks;
 * call before the loop runs.  NULL and err otherwise; CONFLICT: another
 * daemon has it.
 */
struct hold *hold_open(struct event_base *base,
    const struct hold_settings *settings, struct error *err);

/* Finish every call, close, give the lock back.  NULL is harmless. */
void hold_close(struct hold *hold);

/*
 * Another configuration is in force: decisions that come after this call go by
 * it, and when done() is called none goes by the old one any more.
 */
struct hold_renew {
	struct hold_call call;
	const void *people; /* of authority() and revising() */
	uint64_t undo_ms;
};
void hold_renew(struct hold *hold, struct hold_renew *renew);

/* The key that signs reply tokens: 32 bytes, alive as long as the hold. */
const unsigned char *hold_token_key(const struct hold *hold);

#endif
