/*
 * internal: what the files of the room mailbox share: the thread of a mailbox,
 * the table of uses, and how a thread asks the loop.
 */
#ifndef MAILBOX_INTERNAL_H
#define MAILBOX_INTERNAL_H

#include "hold/hold.h"

#include "config/config.h"
#include "mailbox/mailbox.h"
#include "mailbox/session.h"

#include "util/error.h"
#include "util/job.h"

/*
 * One mailbox at work.  While its thread runs, that has all of it but what is
 * said to be the loop's.
 */
struct mailbox_worker {
	struct mailboxes *room;	     /* loop */
	const struct config *config; /* a reference; the loop counts */
	const struct config_mailbox *mailbox;
	const struct mailbox_use *use;
	struct job_thread *thread; /* loop */
	struct job_thread *self;   /* the same; the thread's */
	void *memory;	    /* of the use, from round to round; NULL at first */
	unsigned failures;  /* in a row */
	bool connected;	    /* this time */
	int64_t failing_ms; /* wall time, since when; 0: it is well */
	char logged[496];   /* the failure that the log has */
	char trouble[300];  /* what cannot be done, for people; its use's */
	struct mailbox_worker *next; /* loop */
	bool leaving;		     /* loop: it is to end */
	char state[640];	     /* loop: for mailbox_state() */
};

/*
 * What is done in a mailbox.  round() runs on its thread when a session is
 * open: it does all that there is to do, and leaves the folder selected in
 * which to wait for mail.  It is run again when mail came, when the loop woke
 * the thread, and after wait_ms (set it to less if need be).  An error ends
 * the session; after some time there is another one.
 */
struct mailbox_use {
	enum config_mailbox_use use;
	int (*round)(struct mailbox_worker *worker,
	    struct mailbox_session *session, int64_t *wait_ms,
	    struct error *err);
	void (*forget)(void *memory); /* of worker->memory; or NULL */
	bool kicked; /* it is run again when something moved in the ledger */
};

extern const struct mailbox_use mailbox_replies; /* incoming.c */
extern const struct mailbox_use mailbox_drafts;	 /* likewise */
extern const struct mailbox_use mailbox_feed;	 /* likewise */
extern const struct mailbox_use mailbox_sent;	 /* sent.c */
extern const struct mailbox_use mailbox_waiting; /* waiting.c */

/*
 * A question from a thread to the loop, on the heap.  Embed it as the first
 * member, with everything that it points to owned by it.
 */
struct mailbox_ask {
	struct job_ask job;
	/* on the loop: see to it that mailbox_answer() is called once */
	void (*serve)(struct mailbox_ask *ask);
	void (*release)(struct mailbox_ask *ask); /* frees it; either side */
	/* loop, when serve() is called; not after, the room may be gone */
	struct mailboxes *room;
};

/*
 * Ask and wait.  0: the answer is there, the ask is the thread's again.  -1:
 * the thread must end; the ask is gone, do not touch it.
 */
int mailbox_ask(struct mailbox_worker *worker, struct mailbox_ask *ask);
/* It is answered.  Loop; once. */
void mailbox_answer(struct mailbox_ask *ask);
/* What questions go to.  Loop. */
const struct mailbox_hooks *mailbox_hooks(const struct mailboxes *room);

/*
 * A verb of the ledger, asked from the thread: submit() is called on the loop
 * with it.  As mailbox_ask(); its call.error is to be looked at.  The verb is
 * on the heap, release() frees it with its results.
 */
int mailbox_ledger(struct mailbox_worker *worker, struct hold_call *verb,
    void (*submit)(struct hold *hold, struct hold_call *verb),
    void (*release)(struct hold_call *verb));

/* Is the thread to end?  Any thread. */
bool mailbox_stopping(const struct mailbox_worker *worker);

/* Show how it is, for mailbox_state(); on the thread. */
void mailbox_tell(struct mailbox_worker *worker, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
