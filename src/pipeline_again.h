/*
 * pipeline_again: mail that people outside wrote, of which a copy reaches us:
 * reader -> hold.  Drafts that it overtakes are looked at once more.  The same
 * for what comes over SMTP and what a mailbox fetched.
 *
 * All functions run on the loop.
 */
#ifndef PIPELINE_AGAIN_H
#define PIPELINE_AGAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "accept/accept.h"
#include "message.h"

#include "util/buf.h"
#include "util/error.h"

struct house;

/* The notice that stands for the feed's address. */
#define PIPELINE_FEED ((int64_t)-1)

/*
 * One mail; the requester's, with all that it points to, until done() is
 * called: on the loop, exactly once; it may be called before
 * pipeline_again_mail() returns.
 *
 * error NONE: it was dealt with, whatever came of it, and is not to come
 * again; the same mail twice does no harm.  Any other: it is to be brought
 * again later.
 */
struct again {
	struct span bytes;  /* the whole mail */
	const char *source; /* numeric address of the peer, or "mailbox NAME" */
	bool null_path;	    /* its return path is <> */
	const char *sender; /* its return path; NULL: not known */
	void (*done)(struct again *again);
	void *context;

	/* results */
	struct error error;
	const char *ignored; /* why it does not count, or NULL; a literal */
	size_t n_drafts;     /* that are looked at once more */
};

/* Read it, see who wrote it, have the ledger look for drafts. */
void pipeline_again_mail(struct house *house, struct again *again);

/* accept: a whole mail to the feed's address.  Takes the message. */
void pipeline_again_take(
    struct house *house, struct accept_ticket *ticket, struct message *message);

/* Is this recipient the feed's address? */
bool pipeline_again_address(const struct house *house, const char *address);

#endif
