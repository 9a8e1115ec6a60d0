/*
 * hold: the ledger.  Drafts, revisions, prompts, decisions, the outbox of
 * system mail and the chained audit log, all in one SQLite file, written by
 * one thread in groups, each group one commit.
 *
 * Every verb is a struct that begins with a hold_call: fill it, set
 * call.done, call the verb, keep it alive.  done() runs on the loop exactly
 * once, also at shutdown; call.error tells what went wrong (kind ERROR_NONE:
 * it is on disk).  Results that carry an arena belong to the requester, after
 * an error too: the arena is NULL then, or must be freed all the same.
 *
 * Nothing outside this room changes a state, and nothing inside it changes
 * one but store_move, by the table in hold.c.
 */
#ifndef HOLD_HOLD_H
#define HOLD_HOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "message.h"
#include "reading.h"
#include "util/error.h"
#include "util/job.h"
#include "verdict.h"

struct event_base;
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

/* What a draft demands of who decides it, as its verdict said. */
struct hold_demand {
	const char *channel, *ask, *demand; /* never NULL */
};

struct hold_revising {
	unsigned rounds; /* 0: never */
	uint64_t within_ms;
};

struct hold_settings {
	const char *dir;	  /* holds ledger.db, bodies/, keys */
	uint64_t body_file_above; /* bytes; larger bodies become files */
	uint64_t disk_reserve;	  /* bytes; below: intake is refused FULL */
	uint64_t retry_lifetime_ms;
	uint64_t undo_ms;		/* an approval waits so long */
	unsigned received_max_age_days; /* of keys against double intake: 7 */
	/*
	 * Has this actor authority now?  0, or -1 and err (DENIED) that tells
	 * the person why not.  approve: to let it go, not only to drop or ask.
	 * Store thread; reads only the immutable configuration.  What is no
	 * person ("rule:<name>", "deadline") is not asked about.
	 */
	int (*authority)(const char *actor, const struct hold_demand *demand,
	    bool approve, struct error *err, const void *people);
	/*
	 * Is this agent to hear of an event, and how: HOLD_BY_*, see
	 * hold_owed.  As authority(); NULL: of none.
	 */
	unsigned (*hears)(
	    const char *agent, const char *event, const void *people);
	/*
	 * How often may a draft of this channel be sent back to its agent,
	 * and how long has the agent each time?  *out is three times, a day,
	 * when it is called.  Store thread, pure; may be NULL.
	 */
	void (*revising)(
	    const char *channel, struct hold_revising *out, const void *people);
	/*
	 * The n-th mailbox that wants a copy of what this agent sent; NULL:
	 * no more.  As authority(); NULL: nobody wants any.
	 */
	const char *(*copies)(size_t n, const char *agent, const void *people);
	/* The disk failed: intake must stop, the process must end.  Loop. */
	void (*failed)(const struct error *err, void *context);
	void *context;	    /* of failed() */
	const void *people; /* of the questions above; see hold_renew */
};

/*
 * Open or make the ledger, take its lock, migrate it, check WAL and FULL, put
 * what a crash left (SENDING) where it belongs, sweep orphan files.  Blocks;
 * call before the loop runs.  NULL and err otherwise; CONFLICT: another
 * daemon has it.
 */
struct hold *hold_open(struct event_base *base,
    const struct hold_settings *settings, struct error *err);

/* Finish every call, close, give the lock back.  NULL is harmless. */
void hold_close(struct hold *hold);

/*
 * Another configuration is in force: decisions that come after this call go by
 * it, and when done() is called none goes by the old one any more.
 */
struct hold_renew {
	struct hold_call call;
	const void *people; /* of authority() and revising() */
	uint64_t undo_ms;
};
void hold_renew(struct hold *hold, struct hold_renew *renew);

/* The key that signs reply tokens: 32 bytes, alive as long as the hold. */
const unsigned char *hold_token_key(const struct hold *hold);

/* ---- intake ---------------------------------------------------------- */

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

/* ---- what the agent and the other side do ------------------------------ */

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

/* ---- decisions ------------------------------------------------------- */

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

/* ---- what people see (read-only connection) --------------------------- */

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

enum hold_prompt_kind {
	HOLD_PROMPT_DECIDE = 1, /* approve, edit or drop this revision */
	HOLD_PROMPT_DOUBT,	/* the relay host may have it */
	HOLD_PROMPT_FAILED,	/* the relay host refused; told, may retry */
	HOLD_PROMPT_OUTCOME,	/* somebody else decided; only told */
	HOLD_PROMPT_AFTER,	/* it was sent: was that right? */
	HOLD_PROMPT_REMIND	/* as DECIDE, once more: it is (nearly) late */
};

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

/* ---- prompts and notices ---------------------------------------------- */

struct hold_due_prompt {
	int64_t prompt, draft;
	enum hold_prompt_kind kind;
	const char *reviewer;
	unsigned revision; /* number */
	enum verdict_severity severity;
	/* hold_due alone tells the rest */
	int64_t at_ms;	     /* wall time when it was made */
	bool woken;	     /* it was snoozed, and that is over */
	bool own;	     /* it shows what this reviewer edited */
	int64_t deadline_ms; /* of the draft while it is HELD; 0: none */
	/* Message-ID of the first mail that showed this reviewer the draft, as
	 * item or alone; NULL: none did */
	const char *first_id;
};

/*
 * Prompts to one reviewer that no notice carries yet: gravest first, then
 * oldest first.  Those that are snoozed are not among them.
 */
struct hold_due {
	struct hold_call call;
	const char *reviewer;
	unsigned limit;	     /* at most 1000 */
	struct arena *arena; /* results */
	size_t n_prompts;
	struct hold_due_prompt *prompts;
	int64_t next_ms; /* when the next snoozed one wakes, 0: none */
};
void hold_due(struct hold *hold, struct hold_due *due);

/* An id for the next notice: known before it is written, never used again.
 * Loop. */
int64_t hold_notice_id(struct hold *hold);

/* One piece of system mail, see hold_post. */
struct hold_mail {
	const char *from;    /* envelope, "" allowed */
	const char *to;	     /* one recipient */
	const char *maildir; /* deliver there instead, or NULL */
	struct span bytes;   /* CRLF */
};

/* A prompt as a notice shows it. */
struct hold_notice_item {
	int64_t prompt;
	bool cut; /* it asks for a decision, but cannot show all of it */
	bool low; /* "all" of a digest means it too */
};

/*
 * Write a notice and the mail that carries it, and bind its prompts to it, in
 * one commit.  Prompts that died meanwhile are not bound; when none is left,
 * nothing is written and the error is CONFLICT.  An item is known by its place
 * in the mail, from 1, also one whose prompt has died.
 *
 * With a medium it is of one prompt, which a program shows: there is no mail,
 * and what waits for mail still does.  CONFLICT then: it is over, or that
 * medium has it.
 */
struct hold_notice {
	struct hold_call call;
	int64_t notice; /* from hold_notice_id() */
	const char *reviewer;
	const char *message_id; /* with <> */
	size_t n_items;
	const struct hold_notice_item *items;
	bool digest;	    /* of many drafts, answered by number */
	const char *medium; /* a program's name; NULL: mail */
	struct hold_mail mail;
};
void hold_notice(struct hold *hold, struct hold_notice *notice);

/* The medium that is no program. */
#define HOLD_MAIL "mail"

/* One of the prompts that a notice showed, as it stands now. */
struct hold_answered_item {
	unsigned n; /* its number in the mail, from 1; rises, may have gaps */
	int64_t draft;
	unsigned number;		     /* of the revision */
	unsigned char revision[DIGEST_SIZE]; /* that was shown */
	char code[HOLD_CODE_SIZE];	     /* of that */
	enum hold_prompt_kind kind;
	enum hold_state state; /* of the draft now */
	bool cut, low;	       /* as in hold_notice_item */
	const char *subject;   /* of that revision, cut; "": none */
};

/* What a notice was about, for the reader of an answer. */
struct hold_answered {
	struct hold_call call;
	int64_t notice;
	/* results */
	struct arena *arena;
	const char *reviewer, *message_id;
	const char *medium; /* HOLD_MAIL, or the program that shows it */
	int64_t at_ms;	    /* when the notice was made */
	bool digest;
	size_t n_items; /* 1 unless it is a digest */
	struct hold_answered_item *items;
	/* the only item again; draft 0: there are several */
	int64_t draft;
	unsigned number;
	unsigned char revision[DIGEST_SIZE];
	char code[HOLD_CODE_SIZE];
	enum hold_prompt_kind kind;
	enum hold_state state;
	bool cut;
};
void hold_answered(struct hold *hold, struct hold_answered *answered);

/*
 * What a program that is a medium is to be told, in this order: what it was
 * told of and is over, what it has not acknowledged, what it was never told;
 * the last gravest first.  over: decided, or out of date; the prompt of a
 * person who approved is over when the draft no longer waits for others.
 */
struct hold_untold {
	struct hold_call call;
	const char *medium;
	/*
	 * It is a folder, which a person may change: what it has acknowledged
	 * and is not over comes, too (told), and nothing but what asks to
	 * decide; over also when its reviewer has approved and others have not
	 */
	bool folder;
	size_t n_reviewers; /* who may be told more by it */
	const char *const *reviewers;
	unsigned limit;	     /* at most 2000 */
	struct arena *arena; /* results */
	size_t n_rows;
	struct hold_untold_row {
		int64_t notice; /* 0: there is none yet */
		bool over;
		bool told; /* of a folder: it has acknowledged it */
		struct hold_due_prompt prompt;
	} * rows;
	int64_t next_ms; /* when the next snoozed one wakes, 0: none */
	int64_t took_ms; /* it is longer the more prompts wait */
};
void hold_untold(struct hold *hold, struct hold_untold *untold);

/*
 * The program has a prompt, or (over) knows that it is over.  alone: it is all
 * that reaches the reviewer, so mail about the outcome is no longer due.
 */
struct hold_heard {
	struct hold_call call;
	int64_t notice;
	bool over, alone;
};
void hold_heard(struct hold *hold, struct hold_heard *heard);

/* The notices by mail of some time, digests apart: newest first, 10000 at
 * most. */
struct hold_recent {
	struct hold_call call;
	int64_t since_ms; /* wall time */
	/* results */
	struct arena *arena;
	size_t n_notices;
	struct hold_recent_notice {
		const char *reviewer;
		int64_t at_ms;
	} * notices;
};
void hold_recent(struct hold *hold, struct hold_recent *recent);

/* ---- deadlines --------------------------------------------------------- */

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

/* ---- release ---------------------------------------------------------- */

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

/* ---- system mail ------------------------------------------------------ */

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

/* ---- mailboxes -------------------------------------------------------- */

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

/* ---- word back to the agent ------------------------------------------- */

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

/* ---- kill switch ------------------------------------------------------ */

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
