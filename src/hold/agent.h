/*
 * agent: what the agent does with a draft that it has put, what the other side
 * does, and the word that goes back.  Part of hold/hold.h.
 */
#ifndef HOLD_AGENT_H
#define HOLD_AGENT_H

#include "hold/state.h"

/* ---- what the agent and the other side do -------------------------------- */

/*
 * The agent takes a draft of its own back: HELD, REVISING, or APPROVED and not
 * past its dot.  Prompts close, who was shown it is told.  Errors: MISSING (no
 * such draft, or another agent's: the same text), CONFLICT (it is too late: the
 * text says what it is).  A draft that is withdrawn already is no error.
 */
struct hold_withdraw {
	struct hold_call call;
	const char *agent; /* never NULL */
	int64_t draft;	   /* or 0: the newest with this Message-ID, with <> */
	const char *message_id;
	const char *medium; /* "mail", "api" */

	/* results; draft is set */
	enum hold_state state;
	char code[HOLD_CODE_SIZE];
	bool repeated; /* it was withdrawn before */
};
void hold_withdraw(struct hold *hold, struct hold_withdraw *withdraw);

/*
 * Somebody outside wrote a mail, which no agent made and no program: drafts
 * HELD or APPROVED and not past their dot that go to that address, or are of
 * the thread, and do not answer this very mail, get the finding
 * "customer-wrote-again"; what was APPROVED is HELD again, and everybody is
 * asked anew.  Who was shown it before cannot approve it by that notice.  It is
 * remembered for drafts that come later (hold_put); the same mail twice counts
 * once.
 */
struct hold_wrote {
	struct hold_call call;
	const char *from;	/* as people see it */
	const char *person;	/* the same as reading_key has it */
	const char *message_id; /* with <>, or NULL */
	const char *subject;	/* or NULL */
	size_t n_references;	/* what it answers; ids with <> */
	const struct span *references;

	/* results */
	bool repeated;	 /* it was known */
	size_t n_drafts; /* that are asked about anew, at most 64 named */
	int64_t drafts[64];
};
void hold_wrote(struct hold *hold, struct hold_wrote *wrote);

/*
 * Expire what is REVISING and whose agent sent nothing in time, and what is
 * HELD and whose agent wanted it back by now, by actor "deadline": at most 64
 * by one call.
 */
struct hold_lapse {
	struct hold_call call;
	int64_t now_ms;	 /* wall time */
	int64_t jump_ms; /* the clock jumped so far: all get that on top */
	/* results */
	size_t n_drafts;
	int64_t next_ms; /* when the next is due; 0: none waits */
};
void hold_lapse(struct hold *hold, struct hold_lapse *lapse);

/* ---- word back to the agent ---------------------------------------------- */

/*
 * Events: the names of states (but "sending" and "refused"), and "edited".
 * What hold_settings.hears() says of one is written with the move: a word.
 */
#define HOLD_EDITED	"edited"
#define HOLD_BY_REPORT	1u /* a mail to its sender */
#define HOLD_BY_HOOK	2u /* the agent's webhook */
#define HOLD_EVENT_SIZE 16

/* One event of one draft; id: never used again. */
struct hold_word {
	int64_t id, draft, at_ms;
	unsigned number; /* of the revision that it was about */
	char event[HOLD_EVENT_SIZE];
	char actor[64]; /* a reviewer's name is not for the agent */
};

/*
 * Words that are owed as a report, oldest first.  A word is dropped when the
 * draft moves on before its report was put.
 */
struct hold_owed {
	struct hold_call call;
	unsigned limit;
	size_t n_words; /* results */
	struct hold_word words[64];
};
void hold_owed(struct hold *hold, struct hold_owed *owed);

/* There is to be no report of this word after all. */
struct hold_waive {
	struct hold_call call;
	int64_t word;
};
void hold_waive(struct hold *hold, struct hold_waive *waive);

/*
 * Take the next word that is due to this agent's webhook; word.id 0: none,
 * next_ms as in hold_claim.  Those of one draft come one after the other.
 */
struct hold_hook {
	struct hold_call call;
	const char *agent;
	struct hold_word word; /* results */
	unsigned tries;	       /* before this one */
	int64_t next_ms;
};
void hold_hook(struct hold *hold, struct hold_hook *hook);

/* What came of it: again at a wall time, or 0: it is done with. */
struct hold_hooked {
	struct hold_call call;
	int64_t word, again_ms;
};
void hold_hooked(struct hold *hold, struct hold_hooked *hooked);

/*
 * The newest draft of an agent with this Message-ID (with <>); or is draft
 * its?  MISSING when it is not, whoever's else it may be.
 */
struct hold_find {
	struct hold_call call;
	const char *agent;
	const char *message_id; /* NULL: look for the draft */
	int64_t draft;		/* also the result */
};
void hold_find(struct hold *hold, struct hold_find *find);

#endif
