/*
 * mailbox: the room that keeps IMAP mailboxes.  Each has a thread and one
 * conversation with its server (session.h), which is in IDLE until mail comes
 * or the loop wakes it.  What is done in a mailbox follows from its use:
 * replies are heard, what was released is put beside what was sent.
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
 * mailbox's until mailbox_replies_heard() is called, exactly once, then or
 * later.
 */
struct mailbox_hear {
	const struct config_mailbox *mailbox;
	struct span bytes; /* whole; line ends as the server has them */

	/* results */
	enum mailbox_outcome outcome;
	char why[200]; /* for the log: no word of the mail */
};
/* The results are in it. */
void mailbox_replies_heard(struct mailbox_hear *hear);

struct mailbox_hooks {
	/* use = "replies": a mail that may be a reviewer's answer. */
	void (*hear)(struct mailbox_hear *hear, void *context);
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
