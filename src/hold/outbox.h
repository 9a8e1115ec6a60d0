/*
 * outbox: what leaves: drafts by an attempt that claims them, and system mail.
 * Part of hold/hold.h.
 */
#ifndef HOLD_OUTBOX_H
#define HOLD_OUTBOX_H

#include "hold/state.h"
#include "message.h"
#include "util/digest.h"

/* ---- release ------------------------------------------------------------- */

enum hold_result {
	HOLD_RESULT_PENDING = 0, /* not tried, or to be tried again (4xx) */
	HOLD_RESULT_SENT,
	HOLD_RESULT_FAILED,  /* 5xx, or tried for too long */
	HOLD_RESULT_IN_DOUBT /* the dot was sent, no answer was read */
};

struct hold_target {
	int64_t id; /* of the recipient row */
	struct recipient recipient;
	enum hold_result result; /* settle: what came of it */
	const char *answer;	 /* settle: the relay host's words, or NULL */
	/* settle: the relay host was asked to report success itself, or the
	 * agent was told */
	bool told;
};

#define HOLD_PUT_BACK_MOST 50 /* by one claim */

/*
 * Claim the next draft that is approved and due and not stopped.  draft 0:
 * none; then next_ms tells when to look again (wall time, 0: on any move).
 */
struct hold_claim {
	struct hold_call call;
	/* results */
	struct arena *arena;
	int64_t draft, attempt, next_ms;
	unsigned revision, tries; /* tries before this one */
	unsigned char sha256[DIGEST_SIZE];
	struct envelope envelope; /* recipients: only those pending */
	struct hold_target *targets;
	size_t n_targets;
	int64_t approved_ms;
	/* held again on the way: who approved them may not any more, or it is
	 * too late; nothing was done when there is an error */
	size_t n_put_back;
	int64_t put_back[HOLD_PUT_BACK_MOST];
};
void hold_claim(struct hold *hold, struct hold_claim *claim);

/*
 * "The dot is about to be sent."  Committed before it is; checks kill switch,
 * revision and authority once more.  DENIED, CONFLICT: do not send it.
 */
struct hold_dot {
	struct hold_call call;
	int64_t draft, attempt;
	struct span front; /* what leaves before what was approved; or empty */
};
void hold_dot(struct hold *hold, struct hold_dot *dot);

/* Write what came of an attempt, for each recipient, and move the draft. */
struct hold_settle {
	struct hold_call call;
	int64_t draft, attempt;
	size_t n_targets;
	const struct hold_target *targets;
	int64_t again_ms;      /* wall time of the next try, if one is needed */
	enum hold_state state; /* result */
};
void hold_settle(struct hold *hold, struct hold_settle *settle);

/* ---- system mail --------------------------------------------------------- */

/* One piece of system mail. */
struct hold_mail {
	const char *from;    /* envelope, "" allowed */
	const char *to;	     /* one recipient */
	const char *maildir; /* deliver there instead, or NULL */
	struct span bytes;   /* CRLF */
};

/*
 * Put one piece of system mail into the outbox.  once: a key under which it
 * is put only once ("help 17"); a second time is no error.
 */
struct hold_post {
	struct hold_call call;
	struct hold_mail mail;
	const char *once;
	/* word of hold_owed whose report this is, or 0.  CONFLICT, and nothing
	 * is put, when it is owed no more: what it tells is no longer so */
	int64_t reported;
	size_t n_told;	      /* recipients whose success it tells ... */
	const unsigned *told; /* ... as the view counts them, from 0 */
};
void hold_post(struct hold *hold, struct hold_post *post);

/* Take the next mail of the outbox that is due; id 0: none, as hold_claim. */
struct hold_take {
	struct hold_call call;
	struct arena *arena; /* results */
	int64_t id, next_ms;
	unsigned tries;
	int64_t put_ms;
	struct hold_mail mail;
};
void hold_take(struct hold *hold, struct hold_take *take);

/* What came of it: sent, pending (again at again_ms) or failed. */
struct hold_taken {
	struct hold_call call;
	int64_t id;
	enum hold_result result;
	const char *answer;
	int64_t again_ms;
};
void hold_taken(struct hold *hold, struct hold_taken *taken);

#endif
