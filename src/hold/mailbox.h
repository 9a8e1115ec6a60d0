/*
 * mailbox: what the ledger knows of mails in mailboxes of ours, and the copies
 * that they are owed.  Part of hold/hold.h.
 */
#ifndef HOLD_MAILBOX_H
#define HOLD_MAILBOX_H

#include "hold/state.h"
#include "util/digest.h"

/* What became of a mail in a mailbox of ours. */
enum hold_met_outcome {
	HOLD_MET_NEVER, /* we do not know it */
	HOLD_MET_DONE,	/* it was dealt with */
	HOLD_MET_OTHERS /* it was none of ours */
};

/* What became of these mails? */
struct hold_unmet {
	struct hold_call call;
	const char *mailbox; /* its name */
	uint32_t validity;   /* UIDVALIDITY */
	size_t n_uids;	     /* at most 1000 */
	const uint32_t *uids;
	enum hold_met_outcome *outcomes; /* results, n_uids of them */
};
void hold_unmet(struct hold *hold, struct hold_unmet *unmet);

/* Was a mail of these bytes dealt with in that mailbox, whatever its UID? */
struct hold_known {
	struct hold_call call;
	const char *mailbox;
	unsigned char sha256[DIGEST_SIZE];
	enum hold_met_outcome outcome; /* result */
};
void hold_known(struct hold *hold, struct hold_known *known);

/* It was dealt with, and is not to be again, also under another UID. */
struct hold_met {
	struct hold_call call;
	const char *mailbox;
	uint32_t validity, uid;
	unsigned char sha256[DIGEST_SIZE]; /* zeroes: it was not fetched */
	enum hold_met_outcome outcome;
};
void hold_met(struct hold *hold, struct hold_met *met);

/*
 * Take the next draft that left and of which a mailbox wants a copy; draft 0:
 * none, next_ms as in hold_claim.  Whoever dies after this is given it again
 * with more tries: then the copy may be there.
 */
struct hold_copy {
	struct hold_call call;
	const char *mailbox;
	int64_t draft, next_ms; /* results */
	unsigned tries;		/* before this one */
	unsigned revision;	/* that left; 0: the current one */
	char *front;		/* what left before it; free(), NULL: nothing */
	size_t front_size;
};
void hold_copy(struct hold *hold, struct hold_copy *copy);

/* It is there; or (again_ms) to be tried again, at that wall time. */
struct hold_copied {
	struct hold_call call;
	const char *mailbox;
	int64_t draft, again_ms; /* 0: it is there */
};
void hold_copied(struct hold *hold, struct hold_copied *copied);

#endif
