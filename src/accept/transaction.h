/*
 * transaction: one mail between MAIL and its answer.  The connection outlives
 * it; RSET is freeing it.  Does no input or output.
 */
#ifndef ACCEPT_TRANSACTION_H
#define ACCEPT_TRANSACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "accept/framing.h"
#include "accept/params.h"
#include "accept/reply.h"
#include "config/config.h"
#include "message.h"

struct transaction {
	struct message *message; /* NULL once it found no room */
	/* whose draft it is; NULL: not known yet, or a reviewer's reply */
	const struct config_agent *agent;
	bool review;	/* its one recipient is a review address, */
	int64_t notice; /* of that notice */
	bool chunked;	/* BDAT came, so DATA may not */
	bool last;	/* this chunk is the last */
	bool refused;	/* a chunk was refused: only RSET helps */
	bool no_memory; /* the daemon's budget is full, not the mail */
	struct framing framing;
	struct digest *digest;
	size_t room; /* recipients allocated */
};

/* Begin a mail of at most max_bytes; copies what it keeps. */
struct transaction *transaction_new(
    const struct params_mail *mail, size_t max_bytes);
void transaction_free(struct transaction *tx);

/* How many recipients it has. */
size_t transaction_recipients(const struct transaction *tx);

/* Add a recipient, unless it is there already; copies what it keeps. */
void transaction_add(struct transaction *tx, const struct params_rcpt *rcpt);
bool transaction_has(const struct transaction *tx, struct span address);

/*
 * Read some of the mail from in, as DATA or as a chunk.  Returns how many
 * bytes were used; end: the mail, or the chunk, is over.
 */
size_t transaction_feed(struct transaction *tx, struct span in, bool *end);

/*
 * May what was read so far stand?  0, or -1 with the refusal in *reply.  To be
 * asked at the end of the mail, and of each chunk.
 */
int transaction_check(const struct transaction *tx, struct reply *reply);

/* The mail is whole and good: take it out of the transaction. */
struct message *transaction_take(struct transaction *tx);

#endif
