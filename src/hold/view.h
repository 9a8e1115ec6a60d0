/*
 * view: what people see of the ledger; all of it through the connection that
 * only reads.  Part of hold/hold.h.
 */
#ifndef HOLD_VIEW_H
#define HOLD_VIEW_H

#include "hold/prompt.h"
#include "hold/state.h"
#include "message.h"
#include "reading.h"
#include "verdict.h"

struct hold_recipient {
	const char *address;
	const char *state;  /* "pending", "sent", "failed", "in-doubt" */
	const char *answer; /* the relay host's, or NULL */
	const char *orcpt;  /* as given (xtext), or NULL */
	unsigned notify;    /* MESSAGE_NOTIFY_*, 0: not given */
	bool told; /* of success: the agent is, or the relay host tells it */
};

struct hold_decision {
	enum hold_verb verb;
	const char *actor, *medium, *text; /* text may be NULL */
	char code[HOLD_CODE_SIZE];	   /* of the revision it was about */
	int64_t at_ms;
	const char *category; /* as hold_decide has it, or NULL */
	const char *answer;   /* likewise */
};

/* What was said besides the category; NULL: nothing.  Part of its text. */
const char *hold_decision_words(const struct hold_decision *decision);

/* All that there is to know of a draft at one of its revisions. */
struct hold_view {
	struct hold_call call;
	int64_t draft;
	unsigned revision; /* number wanted; 0: the current one */

	/* results, all in the arena */
	struct arena *arena;
	enum hold_state state;
	const char *agent, *peer;
	int64_t received_ms, due_ms; /* due: next attempt, 0: none */
	const char *rule, *reason;   /* why it is held */
	const char *channel;	     /* or "" */
	const char *ask, *demand, *trace, *config; /* as put; "" for none */
	enum verdict_severity severity;
	unsigned persons, approvals; /* who must approve, how many have */
	bool needs_reason, opinions;
	int64_t deadline_ms, step_ms, not_before_ms, not_after_ms;
	unsigned step;		/* of the ladder that is next */
	const char *claimed_by; /* or NULL */
	int64_t claimed_ms;
	unsigned number, current; /* revision shown, newest revision */
	unsigned char sha256[DIGEST_SIZE];
	char code[HOLD_CODE_SIZE];
	uint64_t size;
	const char *note;   /* how this revision was made, or NULL */
	const char *editor; /* who made it, or NULL */
	const char *from;   /* envelope */
	const char *envid;
	enum message_ret ret;
	size_t n_recipients;
	struct hold_recipient *recipients;
	struct reading *reading; /* owned by the view; reading_free it */
	/* text of the revision before, for a diff; of the first revision: of
	 * the draft that it replaces */
	struct span before;
	/* the draft that it replaces, and the one that replaces it; 0: none */
	int64_t replaces, replaced_by;
	/* what was remarked when it, or else the one that it replaces, was
	 * sent back to the agent, and who did; or NULL */
	const char *remark, *remark_by;
	unsigned rounds;   /* how often it, and what it replaces, went back */
	int64_t revise_ms; /* REVISING: until when its agent has time; or 0 */
	/* likewise what its header said; NULL: no such field */
	const char *before_subject, *before_to, *before_cc;
	size_t n_before; /* whom that one went to; 0: to the same */
	const char **before_recipients;
	size_t n_decisions;
	struct hold_decision *decisions;
	size_t n_asked;
	struct hold_asked {
		const char *reviewer;
		enum hold_prompt_kind kind;
		int64_t at_ms;	 /* since when */
		int64_t told_ms; /* when a notice was made; 0: not yet */
		int64_t wake_ms; /* put off until then; 0: was not */
	} * asked;		 /* whose prompts are open, oldest first */
};
void hold_view(struct hold *hold, struct hold_view *view);
/* Whom it is from and whom it goes to, in the view's arena.  Any thread. */
void hold_view_envelope(const struct hold_view *view, struct envelope *out);
/* Free the arena and the reading of a view (not the view). */
void hold_view_release(struct hold_view *view);

struct hold_row {
	int64_t draft;
	enum hold_state state;
	char code[HOLD_CODE_SIZE];
	const char *agent, *from, *to; /* to: first recipient */
	unsigned n_recipients;
	const char *subject, *reason;
	const char *channel;
	enum verdict_severity severity;
	int64_t received_ms, deadline_ms;
	const char *claimed_by; /* or NULL */
	uint64_t size;
};

/* A page of drafts, newest first (oldest first when ascending). */
struct hold_list {
	struct hold_call call;
	enum hold_state state; /* 0: those that wait for a person: HELD,
				  IN_DOUBT, FAILED; HOLD_STATES: all */
	int64_t after;	       /* id to go on from, 0: from the start */
	bool ascending;
	unsigned limit; /* at most 1000 */

	/* results */
	struct arena *arena;
	size_t n_rows;
	struct hold_row *rows;
	bool more;
};
void hold_list(struct hold *hold, struct hold_list *list);

/*
 * The exact bytes of a revision, hashed again: INTERNAL when they are not
 * what was approved.  revision 0: the current one.
 */
struct hold_load {
	struct hold_call call;
	int64_t draft;
	unsigned revision;
	bool submission; /* as received instead, nothing cut */

	/* results; free(bytes) */
	char *bytes;
	size_t size;
	unsigned char sha256[DIGEST_SIZE]; /* of the revision */
};
void hold_load(struct hold *hold, struct hold_load *load);

struct hold_event {
	int64_t id, at_ms, draft; /* draft 0: none */
	const char *event;	  /* "held", "approved", "sent" ... */
	const char *actor, *medium, *text;
	char code[HOLD_CODE_SIZE];
};

/* A page of the log, newest first. */
struct hold_log {
	struct hold_call call;
	int64_t draft;	/* 0: of all */
	int64_t before; /* id to go on from, 0: newest */
	unsigned limit;

	/* results */
	struct arena *arena;
	size_t n_events;
	struct hold_event *events;
	bool more;
};
void hold_log(struct hold *hold, struct hold_log *log);

/* Counts, gates and free space; cheap, however many drafts there are. */
struct hold_status {
	struct hold_call call;
	/* results */
	int64_t count[HOLD_STATES];
	int64_t oldest_held_ms; /* wall time, 0: none */
	int64_t outbox_waiting, outbox_failing;
	int64_t words, words_failing;	/* that agents are owed */
	int64_t copies, copies_failing; /* that mailboxes are owed */
	int64_t snoozed;		/* prompts that reviewers put off */
	int64_t audit_rows;
	bool stopped;		  /* kill switch for all */
	char stopped_agents[512]; /* names, comma between */
	uint64_t disk_free;
};
/* Ask for them. */
void hold_status(struct hold *hold, struct hold_status *status);

/*
 * Walk the audit chain from its first row, then compare the decisions and the
 * drafts with it.
 */
struct hold_verify {
	struct hold_call call;
	/* results */
	int64_t rows;		    /* that are right */
	int64_t first_bad;	    /* id, 0: none */
	char why[200];		    /* names the draft, if it is about one */
	char head[DIGEST_HEX_SIZE]; /* of the last row, to keep elsewhere */
};
void hold_verify(struct hold *hold, struct hold_verify *verify);

#endif
