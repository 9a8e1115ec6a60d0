/*
 * store.h: SQLite as the store files use it, and the steps that several verbs
 * share.  Only files named store*.c include it.
 *
 * A function that fails returns -1 and leaves the reason in store->trouble
 * (SQLite's) or in call->error (ours); store_fail() brings them together.
 */
#ifndef HOLD_STORE_H
#define HOLD_STORE_H

#include <sqlite3.h>

#include "hold/internal.h"

#define STORE_SLOTS 256 /* of the statement cache; a power of two */

/*
 * The n-th revision or prompt of a draft: one number that holds both, so that
 * neither an index nor a counter is needed.
 */
#define STORE_KEYS_MAX		10000
#define STORE_KEY(draft, n)	((draft)*STORE_KEYS_MAX + (n))
#define STORE_SQL_KEY(draft, n) "(" draft " * 10000 + " n ")"

/* Limits of what goes into columns, in bytes. */
#define STORE_SUBJECT_MAX ((size_t)500)
#define STORE_TEXT_MAX	  ((size_t)8192)

/* What a roll-back must undo besides the file. */
struct store_memory {
	struct audit_head head;
	int64_t delta[HOLD_STATES]; /* of hold->count */
};

/* One connection, used by one thread at a time. */
struct store {
	struct hold *hold;
	sqlite3 *db;
	struct store_slot {
		const char *sql;
		sqlite3_stmt *stmt;
	} slots[STORE_SLOTS];

	/* of the call that runs */
	int failure; /* SQLite's extended code, 0: none */
	struct error trouble;
	bool keep; /* commit what it wrote although it has an error */

	/* the writer's */
	struct store_memory memory, published;
	bool low;	/* below the disk reserve */
	int wal_frames; /* since the last checkpoint */
};

/* ---- store.c: statements ------------------------------------------------ */

enum store_type { STORE_END, STORE_INT, STORE_TEXT, STORE_PART, STORE_BLOB };

struct store_arg {
	enum store_type type;
	int64_t number;
	const void *bytes; /* NULL: null */
	size_t size;
};

#define ARGS(...)                                                              \
	(const struct store_arg[])                                             \
	{                                                                      \
		__VA_ARGS__,                                                   \
		{                                                              \
			.type = STORE_END                                      \
		}                                                              \
	}
#define NUM(n)                                                                 \
	{                                                                      \
		.type = STORE_INT, .number = (int64_t)(n)                      \
	}
#define STR(s)                                                                 \
	{                                                                      \
		.type = STORE_TEXT, .bytes = (s)                               \
	}
/* a text that no NUL ends */
#define PART(p, n)                                                             \
	{                                                                      \
		.type = STORE_PART, .bytes = (p), .size = (n)                  \
	}
#define BIN(p, n)                                                              \
	{                                                                      \
		.type = STORE_BLOB, .bytes = (p), .size = (n)                  \
	}

/*
 * Prepare (once per connection) and bind.  sql must be a string literal: the
 * cache knows it by its address.  args: ARGS(...), valid until the statement
 * has ended, or NULL.  NULL on failure.
 */
sqlite3_stmt *store_query(
    struct store *store, const char *sql, const struct store_arg *args);

/*
 * Next row: 1, no more: 0, trouble: -1 (also for a NULL statement).  After 0
 * and -1 the statement has ended.
 */
int store_row(struct store *store, sqlite3_stmt *stmt);

/* End a statement before its last row.  NULL is harmless. */
void store_end(sqlite3_stmt *stmt);

/* Query and first row in one. */
int store_first(struct store *store, sqlite3_stmt **stmt, const char *sql,
    const struct store_arg *args);

/* Run a statement that yields no rows. */
int store_run(
    struct store *store, const char *sql, const struct store_arg *args);

/* Run SQL text as it stands, uncached; for set-up. */
int store_exec(struct store *store, const char *sql);

/* One number; 0 when there is no row. */
int store_number(struct store *store, const char *sql,
    const struct store_arg *args, int64_t *out);

/* Columns.  Texts: "" for null; dup: NULL for null. */
const char *store_text(sqlite3_stmt *stmt, int column);
char *store_dup(struct arena *arena, sqlite3_stmt *stmt, int column);
struct span store_span(sqlite3_stmt *stmt, int column);
/* Fixed size; zeroes when the column has another. */
void store_hash(sqlite3_stmt *stmt, int column, unsigned char out[DIGEST_SIZE]);

/* What a failed call should do: the kinds of failure, by SQLite's code. */
enum store_failure {
	STORE_FINE,
	STORE_WRONG, /* this call only: our bug */
	STORE_BUSY,  /* somebody else holds the file */
	STORE_FULL,
	STORE_BROKEN /* the disk, or no memory */
};
enum store_failure store_failure(const struct store *store);

/* Give the call store->trouble as its error, unless it has one. */
void store_fail(struct store *store, struct hold_call *call);

/* ---- store_schema.c -------------------------------------------------------
 */

/* Bring the file to this version's schema; refuse a newer one (CONFLICT). */
int store_schema_migrate(struct store *store, struct error *err);

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

/* ---- store_move.c ---------------------------------------------------------
 */

struct store_move {
	int64_t draft;
	enum hold_state from, to;
	const unsigned char *sha256; /* of the revision it is about */
	const char *event;	     /* NULL: name of the new state */
	const char *actor, *medium;
	const char *text; /* or NULL */
	int64_t due_ms;	  /* of APPROVED */
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
	const char *approver;	 /* or NULL */
	int64_t approved_ms;
	unsigned tries;
	bool dotted, unread;
};

/* 1: found, 0: no such draft, -1. */
int store_move_draft(struct store *store, struct arena *arena, int64_t id,
    struct store_draft *draft);

/* May who approved it still decide?  Rules always may. */
bool store_move_authority(struct store *store, const struct store_draft *draft);

/* ---- store_recipient.c -----------------------------------------------------
 */

/* The envelope of a draft; results->targets in the same order. */
struct store_envelope {
	struct envelope envelope;
	struct hold_target *targets; /* id, recipient, result, answer */
};

/* Read it; pending_only: without recipients that are done with. */
int store_recipient_envelope(struct store *store, struct arena *arena,
    int64_t draft, bool pending_only, struct store_envelope *out);

/* Write the recipients of a new draft. */
int store_recipient_put(
    struct store *store, int64_t draft, const struct envelope *envelope);

/* Change all recipients in one state to another. */
int store_recipient_turn(struct store *store, int64_t draft,
    enum hold_result from, enum hold_result to, const char *answer);

/* Write one result; 0 rows changed (not pending) is no error. */
int store_recipient_settle(
    struct store *store, int64_t draft, const struct hold_target *target);

/* What its recipients make of a draft: IN_DOUBT, APPROVED, FAILED or SENT. */
int store_recipient_outcome(
    struct store *store, int64_t draft, enum hold_state *outcome);

/* ---- store_settle.c ---------------------------------------------------------
 */

/* Put drafts that a crash left in SENDING where they belong. */
int store_settle_recover(struct store *store);

/* ---- store_prompt.c ---------------------------------------------------------
 */

/* Ask everybody (names, LF between) about a revision. */
int store_prompt_ask(struct store *store, const struct store_draft *draft,
    enum hold_prompt_kind kind, const char *names);

/* DOUBT or FAILED: ask who approved it, else everybody asked before. */
int store_prompt_trouble(struct store *store, const struct store_draft *draft,
    enum hold_prompt_kind kind);

/*
 * A draft was decided or changed: prompts that no notice carries die.  With an
 * actor, everybody else who was shown it is to be told the outcome.
 */
int store_prompt_close(
    struct store *store, const struct store_draft *draft, const char *actor);

/* ---- store_work.c -----------------------------------------------------------
 */

/* What is made of bytes before they are written. */
struct store_work {
	bool ready;			   /* the rest is filled */
	bool is_file;			   /* the body goes into a file */
	struct buf envelope;		   /* canonical text */
	unsigned char body[DIGEST_SIZE];   /* SHA-256 of the bytes */
	unsigned char sha256[DIGEST_SIZE]; /* of the revision */
	uint64_t size;			   /* of the revision */
};

/*
 * Fill it: body is there already.  INVALID: an address that would be two
 * lines; INTERNAL: cuts outside the body.  Any thread.
 */
int store_work_prepare(struct store_work *work, const struct envelope *envelope,
    const struct revision_recipe *recipe, struct error *err);

/* Write the body's file.  File thread. */
int store_work_write(struct store_work *work, struct hold *hold,
    struct span bytes, struct error *err);

/* ---- store_body.c -----------------------------------------------------------
 */

/* A revision as it is written. */
struct store_revision {
	int64_t draft;
	unsigned number;
	struct span head, bytes;
	const struct reading *reading;
	const char *editor, *note; /* or NULL */
	int64_t at_ms;
};

/* Write a revision with its bytes, reading and findings. */
int store_body_put(struct store *store, const struct store_work *work,
    const struct store_revision *revision);

/* Add a finding to a revision that is written. */
int store_body_finding(struct store *store, int64_t revision, size_t n,
    const struct finding *finding);

/* ---- store_outbox.c
 * ---------------------------------------------------------- */

/* Put system mail; once: a key, or NULL. */
int store_outbox_put(
    struct store *store, const struct hold_mail *mail, const char *once);

/* ---- store_decide.c
 * ----------------------------------------------------------- */

/* Who decided last, for the loser of a race. */
int store_decide_prior(
    struct store *store, int64_t draft, struct hold_prior *prior);

struct store_decision {
	int64_t draft;
	const unsigned char *sha256;
	enum hold_verb verb;
	const char *actor, *medium, *text;
	int64_t notice, at_ms;
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
	const char *actor, *medium;
	struct hold_prior *prior;
};
int store_decide_check(struct store *store, struct arena *arena,
    const struct store_check *check, struct store_draft *draft);

/* Event: somebody took what was in doubt as sent; the rest is tried again. */
#define STORE_TAKEN_AS_SENT "taken-as-sent"

/* ---- store_view.c -------------------------------------------------------- */

/*
 * The reading of a revision (a STORE_KEY), without its findings; one that
 * cannot be used has trouble.  reading_free it.  NULL: SQLite's trouble.
 */
struct reading *store_view_reading(struct store *store, int64_t revision);

/* ---- store_compare.c ----------------------------------------------------- */

/* Where the comparison with the log is; zeroes to begin with. */
struct store_compare {
	int64_t decision, draft; /* the last that was met */
	int64_t row;		 /* of the log, for a draft that is wrong */
	char why[200];		 /* names the draft; "": nothing is wrong */
};

/*
 * Is the decision that was written with this row of the log what the row
 * says?  Rows come in order.  text: what was said, NULL if it was erased.
 * 0: yes, or there is none; 1: no, see why; -1.
 */
int store_compare_row(struct store *store, struct store_compare *at,
    const struct audit_row *row, const char *text);

/* After the last row, in its snapshot: 1 if there are more decisions. */
int store_compare_rest(struct store *store, struct store_compare *at);

/*
 * State, revision and approver of the next drafts against the log.  1: the
 * end, or one is wrong; 0: go on; -1.
 */
int store_compare_drafts(struct store *store, struct store_compare *at);

#endif
