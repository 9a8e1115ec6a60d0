/*
 * state: what a draft can be and what can be said of it, and the call that
 * every verb of the ledger begins with.  Part of hold/hold.h, which see.
 */
#ifndef HOLD_STATE_H
#define HOLD_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "util/error.h"
#include "util/job.h"

struct hold;

#define HOLD_CODE_SIZE 7 /* six base32 characters of the hash, and NUL */

enum hold_state {
	HOLD_HELD = 1, /* waits for a decision */
	HOLD_APPROVED, /* may leave, at its time */
	HOLD_SENDING,  /* an attempt has claimed it */
	HOLD_SENT,
	HOLD_FAILED,   /* the relay host refused a recipient for good */
	HOLD_IN_DOUBT, /* the relay host may have it; a person must say */
	HOLD_DROPPED,
	HOLD_REFUSED,  /* at intake */
	HOLD_REVISING, /* back with the agent */
	HOLD_EXPIRED,
	HOLD_WITHDRAWN,
	HOLD_SUPERSEDED,
	HOLD_STATES /* how many */
};

/* "held", "in-doubt" ..., "?" for no such state; and back, 0. */
const char *hold_state_name(enum hold_state state);
enum hold_state hold_state_of(const char *name);

/* May a draft go from one state to the other?  The table of hold.c. */
bool hold_may_move(enum hold_state from, enum hold_state to);

/* Print the table of moves as the manual has it. */
void hold_print_moves(FILE *out);

/* What a person (or a rule) says of a draft. */
enum hold_verb {
	HOLD_APPROVE = 1, /* HELD, FAILED, IN_DOUBT (send again) */
	HOLD_DROP,	  /* HELD; FAILED; IN_DOUBT: treat as sent */
	HOLD_UNDO,	  /* DROPPED, REVISING, or APPROVED and never past a
			     dot */
	HOLD_ASK,	  /* a question to the other reviewers: recorded */
	HOLD_EDIT,	  /* made a new revision */
	HOLD_CLAIM,	  /* "I am on it": recorded, the others are told */
	HOLD_DELEGATE,	  /* text: who is to decide instead; is asked */
	HOLD_FINE,	  /* SENT, asked afterwards: it was right to go */
	HOLD_WRONG,	  /* SENT: it should not have gone; text: why */
	HOLD_SNOOZE,	  /* HELD: ask me again, at until_ms */
	HOLD_REVISE,	  /* HELD: back to its agent; text: the remark */
	HOLD_VERBS	  /* how many, and one */
};
const char *hold_verb_name(enum hold_verb verb); /* "?": no such verb */
enum hold_verb hold_verb_of(const char *name);	 /* 0: no such verb */

struct hold_call {
	void (*done)(struct hold_call *call); /* the requester's */
	struct error error;		      /* result */
	void *requester;		      /* for done(); hold looks away */
	struct job job;			      /* hold's own, as is the rest */
	struct hold *hold;
	void (*run)(struct hold_call *call);
	void *work; /* between stages; freed before done() */
	bool again; /* not finished: run it once more */
};

#endif
