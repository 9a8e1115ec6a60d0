/*
 * store_list: a page of drafts, by keyset, so that each page costs the same.
 */
#include "hold/store.h"

#include <string.h>

#define LIST_MOST 1000u

#define COLUMNS                                                                \
	"SELECT d.id, d.state, d.sha256, d.agent, d.sender, d.recipient,"      \
	" d.n_recipients, r.subject, d.reason, d.received_ms, r.size,"         \
	" d.channel, d.severity, d.deadline_ms, d.claimed_by"                  \
	" FROM draft d JOIN revision r ON r.id = " STORE_SQL_KEY(              \
	    "d.id", "d.number")
#define UP   " AND d.id > ?2 ORDER BY d.id LIMIT ?3"
#define DOWN " AND d.id < ?2 ORDER BY d.id DESC LIMIT ?3"

/* The ids of those that wait for a person: one walk of the index a state. */
#define WAITING(page, order)                                                   \
	COLUMNS                                                                \
	" WHERE ?1 = ?1 AND d.id IN ("                                         \
	"SELECT id FROM (SELECT d.id FROM draft d WHERE d.state = 1" page      \
	") UNION ALL "                                                         \
	"SELECT id FROM (SELECT d.id FROM draft d WHERE d.state = 5" page      \
	") UNION ALL "                                                         \
	"SELECT id FROM (SELECT d.id FROM draft d WHERE d.state = 6" page      \
	")) ORDER BY d.id " order " LIMIT ?3"

_Static_assert(
    HOLD_HELD == 1 && HOLD_FAILED == 5 && HOLD_IN_DOUBT == 6, "states on disk");

/* Which states, and which way. */
enum { WAITING_ONLY, ONE_STATE, ALL };
static const char *const queries[][2] = {
    [WAITING_ONLY] = {WAITING(DOWN, "DESC"), WAITING(UP, "ASC")},
    [ONE_STATE] = {COLUMNS " WHERE d.state = ?1" DOWN,
	COLUMNS " WHERE d.state = ?1" UP},
    [ALL] = {COLUMNS " WHERE ?1 = ?1" DOWN, COLUMNS " WHERE ?1 = ?1" UP},
};

static const char *query_for(const struct hold_list *list)
{
	int which = list->state == 0		? WAITING_ONLY
		    : list->state < HOLD_STATES ? ONE_STATE
						: ALL;

	return queries[which][list->ascending];
}

static void read_row(
    sqlite3_stmt *stmt, struct arena *arena, struct hold_row *row)
{
	unsigned char sha256[DIGEST_SIZE];

	row->draft = sqlite3_column_int64(stmt, 0);
	row->state = (enum hold_state)sqlite3_column_int(stmt, 1);
	store_hash(stmt, 2, sha256);
	revision_code(sha256, row->code);
	row->agent = arena_strdup(arena, store_text(stmt, 3));
	row->from = arena_strdup(arena, store_text(stmt, 4));
	row->to = arena_strdup(arena, store_text(stmt, 5));
	row->n_recipients = (unsigned)sqlite3_column_int(stmt, 6);
	row->subject = arena_strdup(arena, store_text(stmt, 7));
	row->reason = arena_strdup(arena, store_text(stmt, 8));
	row->received_ms = sqlite3_column_int64(stmt, 9);
	row->size = (uint64_t)sqlite3_column_int64(stmt, 10);
	row->channel = arena_strdup(arena, store_text(stmt, 11));
	row->severity = store_severity(stmt, 12);
	row->deadline_ms = sqlite3_column_int64(stmt, 13);
	row->claimed_by = store_dup(arena, stmt, 14);
}

static int read_rows(struct store *store, struct hold_list *list)
{
	unsigned limit = list->limit < LIST_MOST ? list->limit : LIST_MOST;
	int64_t after = list->after;
	sqlite3_stmt *stmt;
	int rc;

	if (after == 0 && !list->ascending)
		after = INT64_MAX;
	list->rows = arena_alloc(list->arena, limit * sizeof(*list->rows));
	stmt = store_query(store, query_for(list),
	    ARGS(NUM(list->state), NUM(after), NUM(limit + 1)));
	while ((rc = store_row(store, stmt)) > 0) {
		if (list->n_rows == limit) {
			list->more = true;
			store_end(stmt);
			return 0;
		}
		read_row(stmt, list->arena, &list->rows[list->n_rows++]);
	}
	return rc;
}

void store_list(struct hold_call *call)
{
	struct store *store = call->hold->view;
	struct hold_list *list =
	    (void *)((char *)call - offsetof(struct hold_list, call));

	list->arena = arena_new();
	list->n_rows = 0;
	list->more = false;
	if (read_rows(store, list))
		store_fail(store, call);
}
