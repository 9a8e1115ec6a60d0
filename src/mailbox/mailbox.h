/*
 * mailbox: the room that keeps IMAP mailboxes.  Each has a thread and one
 * conversation with its server (session.h), which is in IDLE until mail comes
 * or the loop wakes it.  What is done in a mailbox follows from its use:
 * replies are heard, drafts taken, mail of people outside noted, what a
 * reviewer moves is decided; what was released is put beside what was sent.
 *
 * It parses no mail: bytes leave by the hooks.  What was dealt with stands in
 * the ledger, so that neither a crash nor another UIDVALIDITY repeats it.
 * All functions and hooks run on the loop.
 */
#ifndef MAILBOX_MAILBOX_H
#define MAILBOX_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "util/buf.h"
#include "util/error.h"

struct event_base;
struct hold;
struct mailboxes;

/* What is to be done with a mail that was looked at. */
enum mailbox_outcome {
	MAILBOX_DONE = 1, /* it was dealt with: off to the folder done */
	MAILBOX_OTHERS,	  /* none of ours, or not readable: folder failed */
	MAILBOX_AGAIN	  /* not now: look at it again later */
};

/*
 * A mail that came into a mailbox, on its way to whoever understands it.  The
 * mailbox's until mailbox_heard() is called, exactly once, then or
 * later.
 */
struct mailbox_hear {
	const struct config_mailbox *mailbox;
	struct span bytes; /* whole; line ends as the server has them */

	/* results */
	enum mailbox_outcome outcome;
	char why[200]; /* for the log: no word of the mail */
	/* OTHERS: a mail that says why, to be put beside it; CRLF; or empty.
	 * The mailbox's to release */
	struct buf explanation;
};
/* The results are in it. */
void mailbox_heard(struct mailbox_hear *hear);

/* What a reviewer says of a draft in a folder of theirs. */
enum mailbox_verb {
	MAILBOX_APPROVE = 1, /* moved, and as it was put there */
	MAILBOX_DROP,
	MAILBOX_EDIT /* changed */
};

/*
 * A mail that a reviewer moved or changed, in their own account.  The
 * mailbox's until mailbox_waiting_heard() is called, exactly once.
 */
struct mailbox_move {
	const struct config_mailbox *mailbox;
	enum mailbox_verb verb;
	int64_t notice, draft;
	const char *code;   /* of the revision that was put there */
	const char *folder; /* in which it lies */
	bool waits;	    /* that is where it waited */
	const char *once;   /* this move and no other */
	struct span mail;   /* of an edit: as it is now */

	/* results; OTHERS: it was refused, and the reviewer is told */
	enum mailbox_outcome outcome;
	char why[200]; /* for the log, of AGAIN */
};
/* The results are in it. */
void mailbox_waiting_heard(struct mailbox_move *move);

struct mailbox_hooks {
	/* use = "replies": a mail that may be a reviewer's answer. */
	void (*hear)(struct mailbox_hear *hear, void *context);
	/* use = "drafts": a mail that the mailbox's agent wants sent. */
	void (*take)(struct mailbox_hear *hear, void *context);
	/* use = "feed": a mail that somebody outside wrote. */
	void (*wrote)(struct mailbox_hear *hear, void *context);
	/* use = "review": decide. */
	void (*move)(struct mailbox_move *move, void *context);
	void *context;
};

/*
 * Start the threads; they connect by themselves, again and again.  The hold
 * must outlive it; hooks are copied, the configuration is counted.
 */
struct mailboxes *mailbox_new(struct event_base *base,
    const struct config *config, struct hold *hold,
    const struct mailbox_hooks *hooks);

/*
 * Go on with another configuration: mailboxes that are the same go on, the
 * others end and begin anew.
 */
void mailbox_renew(struct mailboxes *mailboxes, const struct config *config);

/* Something moved in the ledger: there may be copies to put.  Cheap. */
void mailbox_kick(struct mailboxes *mailboxes);

/* End every conversation, soon; nothing is begun any more. */
void mailbox_stop(struct mailboxes *mailboxes);

/*
 * End them and wait for the threads.  What is being heard may still be
 * answered afterwards.  NULL is harmless.
 */
void mailbox_free(struct mailboxes *mailboxes);

/* How the mailbox of that name is, for people: "in INBOX", "not connected
 * since ...".  Good until the loop goes on. */
const char *mailbox_state(const struct mailboxes *mailboxes, const char *name);

#endif
