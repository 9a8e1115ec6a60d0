/*
 * store_draft: steps that move a draft, ask people about it and record what was
 * said, which several verbs share.  Part of hold/store.h.
 */
#ifndef HOLD_STORE_DRAFT_H
#define HOLD_STORE_DRAFT_H

#include "hold/store_sql.h"

/* ---- store_audit.c ------------------------------------------------------- */

struct store_event {
	int64_t draft; /* 0: none */
	const char *event, *actor, *medium;
	const unsigned char *revision; /* hash, or NULL */
	const char *text;  /* kept apart, so that it can be erased; or NULL */
	struct span about; /* store_audit_about(), at intake; else empty */
	int64_t at_ms;
};

/* The actor and medium of what the daemon does by itself. */
#define STORE_DAEMON "imprimaturd"
/* What the actor's name of what an agent does begins with. */
#define STORE_AGENT "agent:"
/* The actor of what a deadline does. */
#define STORE_DEADLINE "deadline"

/* How much of a subject (or NULL) is kept in a column: whole letters. */
size_t store_audit_subject(const char *subject);

/* What the row of an intake commits to; release about. */
void store_audit_about(
    struct buf *about, struct span envelope, const char *subject);

/* Append a row to the chain. */
int store_audit_add(struct store *store, const struct store_event *event);
/* Write the seal of the chain's end, if it moved; before each commit. */
int store_audit_seal(struct store *store);
/* Read it at start. */
int store_audit_start(struct store *store);
/* The end of the chain as sealed.  1, 0 when there is none or it is false. */
int store_audit_sealed(struct store *store, struct audit_head *head);

/* ---- store_move.c -------------------------------------------------------- */

struct store_move {
	int64_t draft;
	enum hold_state from, to;
	const unsigned char *sha256; /* of the revision it is about */
	const char *event;	     /* NULL: name of the new state */
	const char *actor, *medium;
	const char *text; /* or NULL */
	int64_t due_ms;	  /* of APPROVED, REVISING */
	int64_t at_ms;
};

/*
 * The one function that changes a state: an UPDATE guarded by old state and
 * revision, and its audit row.  -1 when the guard does not hold.
 */
int store_move(struct store *store, const struct store_move *move);

/* A draft was made in this state. */
void store_move_born(struct store *store, enum hold_state state);

/* What verbs need to know of a draft; texts live in the arena. */
struct store_draft {
	int64_t id;
	enum hold_state state;
	unsigned number;
	unsigned char sha256[DIGEST_SIZE];
	char code[HOLD_CODE_SIZE];
	const char *agent, *ask; /* ask: names, LF between */
	const char *approver;	 /* names, LF between, or NULL */
	int64_t approved_ms;
	unsigned tries;
	bool dotted, unread; /* dotted: enum store_dotted */
	const char *rule, *reason, *channel, *demand;
	enum verdict_severity severity;
	unsigned persons; /* at least 1 */
	bool needs_reason, passes, after, opinions;
	int64_t received_ms, not_before_ms, not_after_ms;
	int64_t deadline_ms, step_ms;
	unsigned step;
	const char *claimed_by; /* or NULL */
	int64_t claimed_ms;
	int64_t replaces;
	unsigned rounds;
	int64_t stale, trouble; /* notices */
	bool recalled;
};

/* 1: found, 0: no such draft, -1. */
int store_move_draft(struct store *store, struct arena *arena, int64_t id,
    struct store_draft *draft);

/* Why it is held again, and why it was at first. */
const char *store_move_because(
    struct arena *arena, const struct store_draft *draft, const char *text);

/* The name of a person, not "rule:<name>", "agent:<name>" or "deadline"? */
bool store_move_is_person(const char *actor);

/* Has this actor authority over it?  0, or -1 and err (DENIED). */
int store_move_may(struct store *store, const struct store_draft *draft,
    const char *actor, bool approve, struct error *err);

/*
 * May all who approved it still let it go?  NULL: yes; else the name of one
 * who may not, or "nobody", in the arena.
 */
const char *store_move_powerless(
    struct store *store, struct arena *arena, const struct store_draft *draft);

/* ---- store_recipient.c --------------------------------------------------- */

/* The envelope of a draft; results->targets in the same order. */
struct store_envelope {
	struct envelope envelope;
	struct hold_target *targets; /* id, recipient, result, answer */
};

/* Read it; pending_only: without recipients that are done with. */
int store_recipient_envelope(struct store *store, struct arena *arena,
    int64_t draft, bool pending_only, struct store_envelope *out);

/* Write the recipients of a new draft; people: one each. */
struct store_person;
int store_recipient_put(struct store *store, int64_t draft,
    const struct envelope *envelope, const struct store_person *people);

/* Change all recipients in one state to another. */
int store_recipient_turn(struct store *store, int64_t draft,
    enum hold_result from, enum hold_result to, const char *answer);

/*
 * Write one result; 0 rows changed (not pending) is no error.  Who was sent to
 * becomes a contact.
 */
int store_recipient_settle(struct store *store, int64_t draft,
    const struct hold_target *target, int64_t at_ms);

/* What its recipients make of a draft: IN_DOUBT, APPROVED, FAILED or SENT. */
int store_recipient_outcome(
    struct store *store, int64_t draft, enum hold_state *outcome);

/* ---- store_envelope.c ---------------------------------------------------- */

/*
 * The canonical text of the envelope that the hash of a revision (0: the
 * current one) covers, in the arena.  0, or -1.
 */
int store_envelope_text(struct store *store, struct arena *arena, int64_t draft,
    unsigned number, struct span *text);

/*
 * The addresses that a revision goes, or went, to.  n 0: those of the draft as
 * it is now.
 */
int store_envelope_then(struct store *store, struct arena *arena, int64_t draft,
    unsigned number, size_t *n, const char ***addresses);

/*
 * The draft goes to others from now on.  Its revisions so far keep the
 * envelope that they were made with.  -1 also when one of the recipients was
 * tried already: then err says so.
 */
int store_envelope_change(struct store *store, int64_t draft, unsigned number,
    const struct envelope *to, const struct store_person *people,
    struct error *err);

/* ---- store_settle.c ------------------------------------------------------ */

/* Put drafts that a crash left in SENDING where they belong. */
int store_settle_recover(struct store *store);

/* ---- store_prompt.c ------------------------------------------------------ */

/* Ask everybody (names, LF between) about a revision. */
int store_prompt_ask(struct store *store, const struct store_draft *draft,
    enum hold_prompt_kind kind, const char *names);

/* The same of a draft that is new: nobody was asked about it yet. */
int store_prompt_first(
    struct store *store, const struct store_draft *draft, const char *names);

/* Ask those of the names who are not being asked, nor have approved it. */
int store_prompt_add(
    struct store *store, const struct store_draft *draft, const char *names);

/* Ask everybody once more who was asked to decide and has not answered. */
int store_prompt_remind(struct store *store, const struct store_draft *draft);

/*
 * What this reviewer is asked to decide is asked again, at until_ms.  1, or 0:
 * nothing is asked of that person, -1: trouble.
 */
int store_prompt_snooze(struct store *store, const struct store_draft *draft,
    const char *reviewer, int64_t until_ms);

/* This reviewer has answered: nothing more is asked of that person. */
int store_prompt_answered(
    struct store *store, const struct store_draft *draft, const char *reviewer);

/* DOUBT or FAILED: ask who approved it, else everybody asked before. */
int store_prompt_trouble(struct store *store, const struct store_draft *draft,
    enum hold_prompt_kind kind);

/*
 * A draft was decided or changed: prompts that no notice carries die.  With an
 * actor, everybody else who was shown it is to be told the outcome.
 */
int store_prompt_close(
    struct store *store, const struct store_draft *draft, const char *actor);

/* ---- store_notice.c, store_medium.c -------------------------------------- */

/*
 * Is the reviewer of prompt p (a row) still asked?  It is open, or it asked to
 * decide (1, 6: enum hold_prompt_kind) and was asked again.  One argument: now.
 */
#define STORE_SQL_ASKED                                                        \
	"(NOT p.closed OR (p.kind IN (1, 6) AND EXISTS"                        \
	" (SELECT 1 FROM prompt q NOT INDEXED"                                 \
	" WHERE q.id >= p.id / 10000 * 10000"                                  \
	" AND q.id < (p.id / 10000 + 1) * 10000 AND q.closed = 0"              \
	" AND q.reviewer = p.reviewer AND q.number = p.number"                 \
	" AND q.kind IN (1, 6) AND q.wake_ms <= ?)))"

/* The kind of a prompt; what is no kind can only be told of. */
enum hold_prompt_kind store_notice_kind(sqlite3_stmt *stmt, int column);

/* Write what a notice shows at its n-th place, if it is its reviewer's. */
int store_notice_item(
    struct store *store, const struct hold_notice *notice, unsigned n);

/* When the next of a reviewer's snoozed prompts wakes, in *next if that is
 * sooner; 0 there: never. */
int store_notice_wakes(
    struct store *store, const char *reviewer, int64_t now, int64_t *next);

/* Write the notice of one prompt that a program shows; see hold_notice. */
int store_medium_notice(struct store *store, struct hold_notice *notice);

/* ---- store_mailbox.c ----------------------------------------------------- */

/* If it left for anybody: mailboxes that want a copy are owed one, once. */
int store_mailbox_owe(struct store *store, int64_t draft);

/* ---- store_word.c -------------------------------------------------------- */

struct store_word {
	int64_t draft;
	const char *event, *actor;
	int64_t at_ms;
	bool mute; /* no report of it */
};

/* Write what the agent is to hear, if it is to hear of such events. */
int store_word_add(struct store *store, const struct store_word *word);

/* What is still to be reported of a draft is no longer so. */
int store_word_unreport(struct store *store, int64_t draft);

/* The report that is put with this post was owed; -1 and its error if not. */
int store_word_reported(struct store *store, struct hold_post *post);

/* ---- store_outbox.c ------------------------------------------------------ */

/* Put system mail; once: a key, or NULL. */
int store_outbox_put(
    struct store *store, const struct hold_mail *mail, const char *once);

/* ---- store_decide.c ------------------------------------------------------ */

struct store_decision {
	int64_t draft;
	const unsigned char *sha256;
	enum hold_verb verb;
	const char *actor, *medium, *text, *category; /* last two: or NULL */
	int64_t notice, at_ms;
	const char *answer; /* or NULL */
};
/* Write the row of a decision; in the transaction. */
int store_decide_record(
    struct store *store, const struct store_decision *decision);

/*
 * Checks that decide and revise share: draft exists, actor has authority,
 * revision is the one shown, state allows the verb.  0, or -1 with call->error
 * and prior; refusals are kept in the log.
 */
struct store_check {
	struct hold_call *call;
	int64_t id;
	const unsigned char *shown;
	enum hold_verb verb;
	const char *actor, *medium, *text; /* text: or NULL */
	int64_t notice;			   /* that showed it, or 0 */
	const char *answer;		   /* that says it, or NULL */
	struct hold_prior *prior;
};
int store_decide_check(struct store *store, struct arena *arena,
    const struct store_check *check, struct store_draft *draft);

/* Why the last who dropped it did; "" when it is not known. */
int store_decide_why_dropped(
    struct store *store, int64_t draft, char *out, size_t size);

/* A decision that is not taken is kept in the log: -1, call->error is set. */
int store_decide_refuse(struct store *store, const struct store_check *check,
    enum error_kind kind, const char *text);

/* A decision that moves nothing: its row, and that of the log. */
int store_decide_note(struct store *store,
    const struct store_decision *decision, const char *event);

/* Event: one of several who must approve it did. */
#define STORE_APPROVED_IN_PART "approved-in-part"

/* Events: opinions came; a step of the ladder reminded, or asked more. */
#define STORE_CONSIDERED "considered"
#define STORE_REMINDED	 "reminded"
#define STORE_ESCALATED	 "escalated"

/* Event: it was approved, and did not leave in time. */
#define STORE_TOO_LATE "too-late"

/* Events: what the other side wrote made it wait; it waited already. */
#define STORE_CALLED_BACK "called-back"
#define STORE_WROTE_AGAIN "customer-wrote-again"

/* Event: somebody took what was in doubt as sent; the rest is tried again. */
#define STORE_TAKEN_AS_SENT "taken-as-sent"

/* ---- store_people.c ------------------------------------------------------ */

/* Is the name a line of the list (LF between, or NULL)? */
bool store_people_has(const char *list, const char *name);
/* The next line of a list, in the arena, and the rest; NULL: the end. */
const char *store_people_next(struct arena *arena, const char **rest);
/* How many lines. */
unsigned store_people_count(const char *list);
/* The list and what of more is not in it; in the arena. */
const char *store_people_join(
    struct arena *arena, const char *list, const char *more);

/* CLAIM, DELEGATE, FINE, WRONG; checked already.  The draft does not move. */
int store_people_say(struct store *store, struct arena *arena,
    struct hold_decide *decide, struct store_draft *draft, int64_t at_ms);

/* ---- store_verdict.c ----------------------------------------------------- */

/*
 * Judged again: what the draft demands becomes the gravest of both.  Severity,
 * persons and reviewers only rise, its reason is the newest that holds it.
 */
void store_verdict_rise(struct arena *arena, struct store_draft *draft,
    const struct verdict *verdict);
/* Write what store_verdict_rise() changed. */
int store_verdict_save(struct store *store, const struct store_draft *draft);

/* When may it leave that was let go at that time? */
int64_t store_verdict_due(const struct store_draft *draft, int64_t at_ms);
/* Is it too late for it to leave? */
bool store_verdict_late(const struct store_draft *draft, int64_t now_ms);

#endif
