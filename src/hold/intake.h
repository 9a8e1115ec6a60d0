/*
 * intake: a draft is put, looked at by programs and confirmed.  Part of
 * hold/hold.h.
 */
#ifndef HOLD_INTAKE_H
#define HOLD_INTAKE_H

#include "hold/state.h"
#include "message.h"
#include "reading.h"
#include "verdict.h"

/*
 * Put a draft: submission, revision 1, recipients, findings, first decision,
 * prompts, audit row, in one commit.  The message and the reading stay the
 * requester's.  Errors: FULL, INTERNAL.
 *
 * When its context says what it replaces (an id, or a Message-ID) and that is
 * this agent's and HELD, REVISING, or APPROVED and not past its dot, then that
 * one is SUPERSEDED in the same commit, unless the new one is REFUSED.  What
 * was held, sent back or approved by a person makes the new one held, with the
 * finding "replaces"; what cannot be replaced is the finding
 * "replaces-nothing".
 */
struct hold_put {
	struct hold_call call;
	const struct message *message;
	const struct reading *reading;
	const char *received; /* our Received line(s), CRLF at the end */
	/* Called on the store thread, inside the commit; must be pure. */
	void (*judge)(struct hold_put *put,
	    const struct verdict_history *history, struct verdict *verdict);
	void *context;
	/* who counts as what: VERDICT_BY_CHANNEL counts this channel's */
	const char *channel; /* or "" */
	size_t n_rates;	     /* to be counted for history->counts */
	const struct verdict_rate *rates;
	const char *config; /* hash (hex) of the configuration that judges */

	/* results */
	struct verdict verdict; /* verdict_release() it */
	int64_t draft;
	enum hold_state state; /* of the draft as it stands now */
	char code[HOLD_CODE_SIZE];
	bool repeated; /* it was here before: draft is the first one's id */
	char drop_reason[256]; /* when it was here before and was dropped */
	int64_t replaces;      /* the draft that is superseded now, or 0 */
};
void hold_put(struct hold *hold, struct hold_put *put);

/*
 * A draft that waits for opinions (verdict.opinions) is HELD without prompts;
 * until then it may be dropped, but not approved or edited.
 * Those, oldest first, for a start after a crash.
 */
struct hold_waiting {
	struct hold_call call;
	unsigned limit;	 /* at most 64 */
	int64_t after;	 /* id to go on from */
	size_t n_drafts; /* results */
	int64_t drafts[64];
};
void hold_waiting(struct hold *hold, struct hold_waiting *waiting);

/*
 * The opinions are in: add their findings to this revision, judge it again and
 * make the prompts due, or let it pass, or drop it, in one commit.  The judge
 * gets the history as it was at intake.  CONFLICT: it waits no more, or it is
 * another revision.  Severity, persons and reviewers only rise, and what was
 * held at intake is held.  REFUSE: dropped by actor "program:<name>".
 */
struct hold_consider {
	struct hold_call call;
	int64_t draft;
	unsigned char revision[DIGEST_SIZE];
	size_t n_findings;
	const struct finding *findings;
	/* As in hold_put; reading is that of the revision, all findings in. */
	void (*judge)(struct hold_consider *consider,
	    const struct reading *reading,
	    const struct verdict_history *history, struct verdict *verdict);
	void *context;
	/*
	 * The rates that the judge asks about, each as it was counted at
	 * intake; one that was not is UINT64_MAX.  NULL: those of the intake,
	 * in its order.
	 */
	size_t n_rates;
	const struct verdict_rate *rates;
	/* who refuses, when the verdict is REFUSE; judge() may set it.  NULL:
	 * by whom the gravest of the findings is */
	const char *program;

	/* results */
	struct verdict verdict; /* verdict_release() it */
	enum hold_state state;
};
void hold_consider(struct hold *hold, struct hold_consider *consider);

/*
 * The client has read our 250 for this draft (it sent another command): an
 * equal submission without Message-ID is a new draft from now on.  Loop;
 * cheap: written with the next commit.
 */
void hold_confirm(struct hold *hold, int64_t draft);

#endif
