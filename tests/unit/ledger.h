/*
 * ledger: a ledger in a folder of its own for tests, with verbs that wait for
 * their answer, and mails to put into it.
 */
#ifndef TESTS_UNIT_LEDGER_H
#define TESTS_UNIT_LEDGER_H

#include <stdbool.h>

#include <event2/event.h>

#include "hold/hold.h"

struct ledger {
	struct ledger *self; /* what the store goes by leads back here */
	struct event_base *base;
	struct hold *hold;
	char dir[64];
	struct hold_settings settings;
	struct error error;    /* of the last open */
	const char *powerless; /* a reviewer without authority, or NULL */
	char demand[256];      /* what the last check of authority was about */
	bool approve;
	bool hears_all;	 /* agents hear of every event, in every way */
	unsigned broken; /* how often settings.failed was called */
	struct error why;
	size_t open_calls;
	struct hold_waive first; /* the call that is held back */
	void *lock;		 /* of the file, from outside */
};

/* A new folder with settings that suit tests; not opened yet. */
void ledger_init(struct ledger *ledger);
/* Open: 0 or -1 with ledger->error. */
int ledger_open(struct ledger *ledger);
void ledger_close(struct ledger *ledger);
/* Close, remove the folder. */
void ledger_release(struct ledger *ledger);

/* Run the loop until every call of ledger_call() is done. */
void ledger_wait(struct ledger *ledger);
/* done() of all calls in tests. */
void ledger_done(struct hold_call *call);

/* Start a verb without waiting; then ledger_wait(). */
#define ledger_start(l, verb, arg)                                             \
	do {                                                                   \
		(arg)->call.done = ledger_done;                                \
		(l)->open_calls++;                                             \
		hold_##verb((l)->hold, (arg));                                 \
	} while (0)
/* Do a verb and wait; its error's kind. */
#define ledger_do(l, verb, arg)                                                \
	({                                                                     \
		ledger_start(l, verb, arg);                                    \
		ledger_wait(l);                                                \
		(arg)->call.error.kind;                                        \
	})

/*
 * Hold the writer back, so that all calls started before ledger_let_go() come
 * into one group.
 */
void ledger_hold_back(struct ledger *ledger);
void ledger_let_go(struct ledger *ledger); /* and wait for them */

/* Run SQL on the file from outside; fails the test when it cannot. */
void ledger_sql(struct ledger *ledger, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
int64_t ledger_number(struct ledger *ledger, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* One mail on its way in; freed by draft_release(). */
struct draft {
	struct hold_put put;
	struct message *message;
	struct reading *reading;
	enum verdict_kind verdict; /* what the judge says */
	int64_t duplicate_of;	   /* what it was told */
	unsigned judged;	   /* how often it was asked */
	const char *const *ask;	   /* whom the judge wants asked */
	/* what else the judge says; its texts are copied, its arena is none */
	struct verdict wants;
	char told[4096];    /* "name value" of the history's findings, LF */
	uint64_t counts[8]; /* of the history, n_rates of them */
};

extern const char *const ledger_ask[]; /* anna, bob; carol has authority too */

/* What a judge of any kind says: the kind, and all that wants holds. */
void ledger_judge(struct verdict *verdict, enum verdict_kind kind,
    const struct verdict *wants, const char *ask);

/* A mail with this text from the agent to two people. */
void draft_init(struct draft *draft, const char *text);
/* Put it, wait, expect it to work. */
void draft_put(struct ledger *ledger, struct draft *draft);
void draft_release(struct draft *draft);
/* All in one: a held (or passed) draft; its id. */
int64_t draft_held(struct ledger *ledger, const char *text);
int64_t draft_passed(struct ledger *ledger, const char *text);

/* A mail with all that, put, held or passed; released.  Its id. */
int64_t draft_wanted(struct ledger *ledger, const char *text,
    enum verdict_kind kind, const struct verdict *wants);

/* State of a draft; its revision's hash into sha256 when not NULL. */
enum hold_state ledger_state(
    struct ledger *ledger, int64_t draft, unsigned char sha256[DIGEST_SIZE]);

/* One reviewer says something of the current revision; kind of error. */
enum error_kind ledger_say(struct ledger *ledger, int64_t draft,
    enum hold_verb verb, const char *actor);
/* Likewise, with a text or none; the whole call stays in decide. */
enum error_kind ledger_tell(struct ledger *ledger, int64_t draft,
    enum hold_verb verb, const char *actor, const char *text,
    struct hold_decide *decide);

/* Claim, dot (if so), settle all targets with one result; state after. */
enum hold_state ledger_attempt(
    struct ledger *ledger, int64_t draft, bool dot, enum hold_result result);

/* Check the chain, and decisions and drafts against it: it must be right. */
void ledger_verify(struct ledger *ledger);

/* How many prompts of a draft are due, of one kind, to a reviewer (or any). */
unsigned ledger_due(struct ledger *ledger, int64_t draft,
    enum hold_prompt_kind kind, const char *reviewer);

/* A notice that carries all that is due to a reviewer about a draft. */
int64_t ledger_notify(
    struct ledger *ledger, int64_t draft, const char *reviewer);

/* Bring a draft into a state by the verbs alone; 0: no verb leads there. */
int64_t ledger_in_state(struct ledger *ledger, enum hold_state state);

#endif
