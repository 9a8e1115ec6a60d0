/*
 * store_notice: prompts that are due, the notices that carry them, and what a
 * notice was about when its answer comes.  Composing and reading them is left
 * to the review room.
 */
#include "hold/store.h"

#include "util/clock.h"

#include <string.h>

#define DUE_MOST    1000u
#define RECENT_MOST 10000u

enum hold_prompt_kind store_notice_kind(sqlite3_stmt *stmt, int column)
{
	int kind = sqlite3_column_int(stmt, column);

	return kind >= HOLD_PROMPT_DECIDE && kind <= HOLD_PROMPT_REMIND
		   ? (enum hold_prompt_kind)kind
		   : HOLD_PROMPT_OUTCOME;
}

static int read_due(struct store *store, struct hold_due *due, unsigned limit)
{
	struct hold_due_prompt *p;
	sqlite3_stmt *stmt;
	int rc;

	stmt = store_query(store,
	    "SELECT id, kind, reviewer, number, severity FROM prompt"
	    " WHERE notice IS NULL AND closed = 0 AND reviewer = ?"
	    " ORDER BY severity DESC, id LIMIT ?",
	    ARGS(STR(due->reviewer), NUM(limit)));
	while ((rc = store_row(store, stmt)) > 0) {
		p = &due->prompts[due->n_prompts++];
		p->prompt = sqlite3_column_int64(stmt, 0);
		p->draft = p->prompt / STORE_KEYS_MAX;
		p->kind = store_notice_kind(stmt, 1);
		p->reviewer = arena_strdup(due->arena, store_text(stmt, 2));
		p->revision = (unsigned)sqlite3_column_int(stmt, 3);
		p->severity = store_severity(stmt, 4);
	}
	return rc;
}

void store_notice_due(struct hold_call *call)
{
	struct store *store = call->hold->view;
	struct hold_due *due =
	    (void *)((char *)call - offsetof(struct hold_due, call));
	unsigned limit = due->limit < DUE_MOST ? due->limit : DUE_MOST;

	due->arena = arena_new();
	due->n_prompts = 0;
	due->prompts = arena_alloc(due->arena, limit * sizeof(*due->prompts));
	if (read_due(store, due, limit))
		store_fail(store, call);
}

/* ---- writing one ------------------------------------------------------------
 */

static int put_notice(struct store *store, const struct hold_notice *notice)
{
	return store_run(store,
	    "INSERT INTO notice (id, reviewer, message_id, summary, at_ms,"
	    " medium) VALUES (?, ?, ?, ?, ?, ?)",
	    ARGS(NUM(notice->notice), STR(notice->reviewer),
		STR(notice->message_id), NUM(notice->summary),
		NUM(clock_now_ms()), STR(HOLD_MAIL)));
}

/* Prompts that still wait; the first is what an answer is about. */
static int bind_prompts(struct store *store, const struct hold_notice *notice,
    int64_t *first, size_t *bound)
{
	size_t i;

	*first = 0;
	*bound = 0;
	for (i = 0; i < notice->n_prompts; i++) {
		if (store_run(store,
			"UPDATE prompt SET notice = ?"
			" WHERE id = ? AND notice IS NULL AND closed = 0"
			" AND reviewer = ?",
			ARGS(NUM(notice->notice), NUM(notice->prompts[i]),
			    STR(notice->reviewer))))
			return -1;
		if (sqlite3_changes(store->db) == 0)
			continue;
		if ((*bound)++ == 0)
			*first = notice->prompts[i];
	}
	return 0;
}

static int tell_what_about(
    struct store *store, const struct hold_notice *notice, int64_t prompt)
{
	if (notice->summary)
		return 0;
	return store_run(store,
	    "UPDATE notice SET draft = ?, (number, kind) ="
	    " (SELECT number, kind FROM prompt WHERE id = ?) WHERE id = ?",
	    ARGS(NUM(prompt / STORE_KEYS_MAX), NUM(prompt),
		NUM(notice->notice)));
}

static int write_notice(struct store *store, struct hold_notice *notice)
{
	int64_t first;
	size_t bound;

	if (put_notice(store, notice) ||
	    bind_prompts(store, notice, &first, &bound))
		return -1;
	if (bound == 0)
		return error_set(&notice->call.error, ERROR_CONFLICT,
		    "nothing is left to be asked");
	return -(tell_what_about(store, notice, first) ||
		 store_outbox_put(store, &notice->mail, NULL));
}

void store_notice(struct hold_call *call)
{
	struct store *store = call->hold->store;
	struct hold_notice *notice =
	    (void *)((char *)call - offsetof(struct hold_notice, call));

	if (notice->medium != NULL ? store_medium_notice(store, notice)
				   : write_notice(store, notice))
		store_fail(store, call);
}

/* ---- reading one
 * --------------------------------------------------------------- */

static int read_notice(struct store *store, struct hold_answered *a)
{
	sqlite3_stmt *stmt;
	int rc;

	rc = store_first(store, &stmt,
	    "SELECT n.reviewer, n.message_id, n.summary, n.draft, n.number,"
	    " n.kind, n.at_ms, d.state, r.sha256, n.medium FROM notice n"
	    " LEFT JOIN draft d ON d.id = n.draft"
	    " LEFT JOIN revision r ON r.id = " STORE_SQL_KEY(
		"n.draft", "n.number") " WHERE n.id = ?",
	    ARGS(NUM(a->notice)));
	if (rc <= 0)
		return rc;
	a->reviewer = arena_strdup(a->arena, store_text(stmt, 0));
	a->message_id = arena_strdup(a->arena, store_text(stmt, 1));
	a->summary = sqlite3_column_int(stmt, 2) != 0;
	a->draft = sqlite3_column_int64(stmt, 3);
	a->number = (unsigned)sqlite3_column_int(stmt, 4);
	a->kind = store_notice_kind(stmt, 5);
	a->at_ms = sqlite3_column_int64(stmt, 6);
	a->state = (enum hold_state)sqlite3_column_int(stmt, 7);
	store_hash(stmt, 8, a->revision);
	a->medium = arena_strdup(a->arena, store_text(stmt, 9));
	store_end(stmt);
	revision_code(a->revision, a->code);
	return 1;
}

/* Did the notice have to leave out some of what it asked about? */
static int read_cut(struct store *store, struct hold_answered *a)
{
	struct reading *reading;

	a->cut = false;
	if (a->summary ||
	    (a->kind != HOLD_PROMPT_DECIDE && a->kind != HOLD_PROMPT_REMIND))
		return 1;
	reading = store_view_reading(store, STORE_KEY(a->draft, a->number));
	if (reading == NULL)
		return -1;
	a->cut = reading->text_total > reading->text.len;
	reading_free(reading);
	return 1;
}

void store_notice_answered(struct hold_call *call)
{
	struct store *store = call->hold->view;
	struct hold_answered *a =
	    (void *)((char *)call - offsetof(struct hold_answered, call));
	int rc;

	a->arena = arena_new();
	rc = read_notice(store, a);
	if (rc > 0)
		rc = read_cut(store, a);
	if (rc == 0)
		error_set(&call->error, ERROR_MISSING, "no such notice");
	else if (rc < 0)
		store_fail(store, call);
}

/* ---- how many there were ---------------------------------------------- */

/* Ids rise with time, so the walk ends at the first that is too old. */
static int read_recent(struct store *store, struct hold_recent *recent)
{
	struct hold_recent_notice *to;
	sqlite3_stmt *stmt;
	int rc;

	stmt = store_query(store,
	    "SELECT reviewer, at_ms, summary OR prompt IS NOT NULL FROM notice"
	    " ORDER BY id DESC LIMIT ?",
	    ARGS(NUM(RECENT_MOST)));
	while ((rc = store_row(store, stmt)) > 0) {
		if (sqlite3_column_int64(stmt, 1) < recent->since_ms) {
			store_end(stmt);
			return 0;
		}
		if (sqlite3_column_int(stmt, 2) != 0)
			continue;
		to = &recent->notices[recent->n_notices++];
		to->reviewer = arena_strdup(recent->arena, store_text(stmt, 0));
		to->at_ms = sqlite3_column_int64(stmt, 1);
	}
	return rc;
}

void store_notice_recent(struct hold_call *call)
{
	struct store *store = call->hold->view;
	struct hold_recent *recent =
	    (void *)((char *)call - offsetof(struct hold_recent, call));

	recent->arena = arena_new();
	recent->n_notices = 0;
	recent->notices =
	    arena_alloc(recent->arena, RECENT_MOST * sizeof(*recent->notices));
	if (read_recent(store, recent))
		store_fail(store, call);
}
