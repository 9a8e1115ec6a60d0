/*
 * pipeline_hear: a reviewer's reply on its way: reader -> who wrote it? ->
 * review.  The same for what comes over SMTP and what a mailbox fetched.
 *
 * All functions run on the loop.
 */
#ifndef PIPELINE_HEAR_H
#define PIPELINE_HEAR_H

#include <stdbool.h>
#include <stdint.h>

#include "review/review.h"

#include "util/buf.h"
#include "util/error.h"

struct house;

/*
 * One reply; the requester's, with all that it points to, until done() is
 * called: on the loop, exactly once; it may be called before
 * pipeline_hear_mail() returns.
 *
 * error NONE: it was dealt with, whatever came of it, and is not to come
 * again.  DENIED: dealt with, nothing was decided, and the text may be said
 * to who brought it.  MISSING: it answers no notice of ours (notice was 0).
 * Any other: nothing was decided; it is to be brought again later.
 */
struct hear {
	struct span bytes;  /* the whole mail */
	const char *source; /* numeric address of the peer, or "mailbox NAME" */
	bool null_path;	    /* its return path is <> */
	/* what the way that it took proves: NONE, or TOKEN */
	enum review_level vouched;
	/* which was answered; 0: see who it is written to.  Of several
	 * addresses of ours none is meant. */
	int64_t notice;
	void (*done)(struct hear *hear);
	void *context;

	/* results */
	struct error error;
};

/* Read it, see who wrote it, have review decide. */
void pipeline_hear_mail(struct house *house, struct hear *hear);

#endif
