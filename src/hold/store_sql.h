/*
 * store_sql: SQLite as the store files use it.  Part of hold/store.h.
 *
 * A function that fails returns -1 and leaves the reason in store->trouble
 * (SQLite's) or in call->error (ours); store_fail() brings them together.
 */
#ifndef HOLD_STORE_SQL_H
#define HOLD_STORE_SQL_H

#include <sqlite3.h>

#include "hold/internal.h"

#define STORE_SLOTS 256 /* of the statement cache; a power of two */

/*
 * The n-th revision or prompt of a draft: one number that holds both, so that
 * neither an index nor a counter is needed.
 */
#define STORE_KEYS_MAX 10000
/* Column dotted of a draft: 0, or ... */
enum store_dotted {
	STORE_DOTTED = 1,     /* its bytes were handed over */
	STORE_DOTTED_IN_DOUBT /* once so that nobody knows what came of it */
};

#define STORE_KEY(draft, n)	((draft)*STORE_KEYS_MAX + (n))
#define STORE_DRAFT_OF(key)	((key) / STORE_KEYS_MAX)
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

/* ---- store.c: statements ------------------------------------------------- */

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
const char *store_or_null(sqlite3_stmt *stmt, int column);
/* What is no severity is the gravest. */
enum verdict_severity store_severity(sqlite3_stmt *stmt, int column);
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

/* ---- store_schema.c ------------------------------------------------------ */

/* Bring the file to this version's schema; refuse a newer one (CONFLICT). */
int store_schema_migrate(struct store *store, struct error *err);

#endif
