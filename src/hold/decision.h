/*
 * decision: what people, rules and deadlines decide of a draft, and the kill
 * switch.  Part of hold/hold.h.
 */
#ifndef HOLD_DECISION_H
#define HOLD_DECISION_H

#include "hold/state.h"
#include "message.h"
#include "reading.h"
#include "verdict.h"

/* ---- decisions ----------------------------------------------------------- */

/*
 * The one function that decides, for every medium.  Checks state, revision,
 * authority; writes decision, move and audit row in one commit.
 * A decision that is not taken leaves a row in the log too.
 * Errors: MISSING (no such draft), DENIED (no authority), CONFLICT (not the
 * revision that was shown, or somebody was first: see prior), INVALID (it
 * waits, but not for this verb; or it could not be read and is not to leave;
 * it wants a reason; it is too late; the person did so already).
 *
 * When several people must approve, APPROVE by one leaves it HELD and missing
 * is not 0.  CLAIM: prior tells whose it was, if it was another's.  REVISE: the
 * text is the remark, and must say something; INVALID when it went back as
 * often as the channel allows.
 *
 * What is IN_DOUBT or FAILED is let go or dropped only by an answer to the
 * notice that asks about that (CONFLICT), or to none.
 *
 * SNOOZE: the actor's open prompt is closed and due anew at until_ms; the
 * deadlines of the draft go on.  INVALID when the actor is not being asked.
 */
struct hold_decide {
	struct hold_call call;
	int64_t draft;
	unsigned char revision[DIGEST_SIZE]; /* hash that the actor was shown */
	enum hold_verb verb;
	const char *actor;  /* reviewer's name */
	const char *medium; /* "mail", "command line" */
	const char *text;   /* reason or question, or NULL */
	const char
	    *category;	/* of a drop or edit: an error category, or NULL */
	int64_t notice; /* that was answered, or 0 */
	/* what is the same when the same answer is delivered again, which is
	 * heard once for each draft, undone or not: CONFLICT, and prior is
	 * what it did; NULL: it cannot come twice */
	const char *answer;
	int64_t until_ms; /* SNOOZE: wall time, in the future */

	/* results */
	enum hold_state state;	   /* after (or, on error, as it is) */
	char code[HOLD_CODE_SIZE]; /* of the revision now current */
	unsigned missing;	   /* approved, and so many more people must */
	/* APPROVED: it leaves then, until when it can be undone; REVISING: its
	 * agent has time until then; else 0.  Wall time. */
	int64_t due_ms;
	struct hold_prior { /* who decided before, on CONFLICT */
		char actor[64], medium[32];
		enum hold_verb verb; /* 0: nobody */
		int64_t at_ms;
		bool again; /* it was this very answer, heard before */
	} prior;
};
void hold_decide(struct hold *hold, struct hold_decide *decide);

/*
 * Make a new revision from an edit of the current one; it needs its own
 * approval, older prompts die, new ones are due to those who were asked
 * before, the editor included.  Bytes and reading stay the requester's.
 * Errors as hold_decide; INVALID when nothing changed.
 */
struct hold_revise {
	struct hold_call call;
	int64_t draft;
	unsigned char revision[DIGEST_SIZE]; /* the one that was edited */
	const char *actor, *medium;
	const char *answer; /* as in hold_decide, or NULL */
	struct span bytes;  /* the new mail */
	const struct reading *reading;
	/*
	 * Whom it goes to, and whether it is of 8 bits; all else of an envelope
	 * stays.  Not after an attempt (INVALID).  NULL: nothing of it changes
	 */
	const struct envelope *envelope;
	const char *note;     /* how the edit was made, or NULL */
	const char *category; /* an error category, or NULL */
	/*
	 * The rules look at the new revision: called on the store thread inside
	 * the commit; revise->reading is then with what the agent said of its
	 * draft, and with the daemon's findings of the first revision.  PASS
	 * counts as HOLD, so does REFUSE (a finding "rule-refuses" says so): an
	 * edit waits for its own approval.
	 */
	void (*judge)(struct hold_revise *revise,
	    const struct verdict_history *history, struct verdict *verdict);
	void *context;
	const char *channel; /* as in hold_put */
	size_t n_rates;	     /* as in hold_consider */
	const struct verdict_rate *rates;

	/* results */
	struct verdict verdict; /* verdict_release() it */
	unsigned number;	/* of the new revision */
	enum hold_state state;
	char code[HOLD_CODE_SIZE];
	struct hold_prior prior;
};
void hold_revise(struct hold *hold, struct hold_revise *revise);

/* ---- deadlines ----------------------------------------------------------- */

/* Drafts whose next step of the ladder is due, oldest first. */
struct hold_overdue {
	struct hold_call call;
	int64_t now_ms; /* wall time */
	unsigned limit; /* at most 64 */
	/* results */
	struct arena *arena;
	size_t n_drafts;
	struct hold_overdue_draft {
		int64_t draft, received_ms, deadline_ms;
		unsigned step;
		const char *channel, *agent, *ask, *demand;
		enum verdict_severity severity;
	} * drafts;
	int64_t next_ms; /* when the next is due after these; 0: none */
};
void hold_overdue(struct hold *hold, struct hold_overdue *overdue);

/*
 * Take one step of a draft's ladder, once: CONFLICT when it was taken, or the
 * draft waits no more.  EXPIRED and APPROVED by actor "deadline".  What could
 * not be read, or is too late to leave, stays HELD instead of APPROVED.
 */
struct hold_step {
	struct hold_call call;
	int64_t draft;
	unsigned step;	       /* the one that is taken */
	bool remind;	       /* who was asked and has not answered */
	const char *ask;       /* these too, LF between, or NULL */
	enum hold_state final; /* HELD: go on; EXPIRED; APPROVED */
	const char *text;      /* for the log: "deadline of 2 h passed" */
	int64_t next_ms;       /* when the step after it is due; 0: none */

	/* result */
	enum hold_state state;
};
void hold_step(struct hold *hold, struct hold_step *step);

/* ---- kill switch --------------------------------------------------------- */

/*
 * Stop or start what leaves, for one agent or (NULL) for all.  System mail is
 * not stopped.  past_dot: drafts that an attempt had already handed over.
 */
struct hold_gate {
	struct hold_call call;
	const char *agent;
	bool stop;
	const char *actor, *medium;
	size_t n_past_dot; /* results */
	int64_t past_dot[32];
};
void hold_gate(struct hold *hold, struct hold_gate *gate);

#endif
