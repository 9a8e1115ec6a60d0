/*
 * parcel: one mail on its way out, whichever way it takes: the relay host or a
 * Maildir.
 *
 * The way calls ready() when all but the end of the mail was handed over, and
 * waits for parcel_go() or parcel_abandon(), which may be called at once.  It
 * calls done() exactly once, with a result in every target; before that the
 * parcel must stay where it is.  Loop only.
 */
#ifndef SEND_PARCEL_H
#define SEND_PARCEL_H

#include <stdint.h>
#include <sys/queue.h>

#include "hold/hold.h"
#include "message.h"

#include "util/buf.h"

struct config_relay;
struct relay_line;
struct maildir_job;
struct send;

struct parcel {
	/* the requester's */
	struct envelope envelope; /* its recipients are not looked at */
	struct span bytes;
	struct hold_target *targets;
	size_t n_targets;
	struct arena *arena; /* for the answers in targets */
	const char *maildir; /* deliver there; NULL: to the relay host */
	void (*ready)(struct parcel *parcel);
	void (*done)(struct parcel *parcel);

	/* the way's own */
	TAILQ_ENTRY(parcel) link;
	struct relay_line *line;
	struct maildir_job *file;
};

TAILQ_HEAD(parcel_list, parcel);

/* Start on the way that parcel->maildir says. */
void parcel_start(struct send *send, struct parcel *parcel);

/* After ready(): say the end of the mail. */
void parcel_go(struct parcel *parcel);

/* After ready(): do not; done() comes, with every target PENDING. */
void parcel_abandon(struct parcel *parcel);

/*
 * After ready(), while the daemon ends: do not, at once, without done().  The
 * room may be gone already.
 */
void parcel_drop(struct parcel *parcel);

/* Set the result of one target; answer is copied and may be NULL. */
void parcel_result(struct parcel *parcel, size_t target,
    enum hold_result result, const char *answer);

/* The same for all. */
void parcel_results(
    struct parcel *parcel, enum hold_result result, const char *answer);

/*
 * When to try again, wall time: back-off that doubles from retry_first_s to
 * retry_most_s, up to a quarter shorter by chance.  tries: those before the one
 * that failed.
 */
int64_t parcel_again_ms(const struct config_relay *relay, unsigned tries);

#endif
