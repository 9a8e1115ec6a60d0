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
#define MANY_MOST   200u

enum hold_prompt_kind store_notice_kind(sqlite3_stmt *stmt, int column)
{
	int kind = sqlite3_column_int(stmt, column);

	return kind >= HOLD_PROMPT_DECIDE && kind <= HOLD_PROMPT_REMIND
		   ? (enum hold_prompt_kind)kind
		   : HOLD_PROMPT_OUTCOME;
}

/* The deadline counts while the draft is held (1). */
_Static_assert(HOLD_HELD == 1, "on disk");

static int read_due(
    struct store *store, struct hold_due *due, unsigned limit, int64_t now)
{
	struct hold_due_prompt *p;
	sqlite3_stmt *stmt;
	int rc;

	stmt = store_query(store,
	    "SELECT p.id, p.kind, p.reviewer, p.number, p.severity, p.at_ms,"
	    " p.wake_ms, (SELECT d.deadline_ms FROM draft d"
	    " WHERE d.id = p.id / 10000 AND d.state = 1),"
	    " (SELECT n.message_id FROM item i JOIN notice n ON n.id = i.notice"
	    " WHERE i.draft = p.id / 10000 AND n.reviewer = p.reviewer"
	    " AND n.medium = ? ORDER BY n.id LIMIT 1),"
	    " p.reviewer IS (SELECT r.editor FROM revision r"
	    " WHERE r.id = p.id / 10000 * 10000 + p.number)"
	    " FROM prompt p INDEXED BY prompt_due"
	    " WHERE notice IS NULL AND closed = 0 AND reviewer = ?"
	    " AND wake_ms <= ? ORDER BY severity DESC, id LIMIT ?",
	    ARGS(STR(HOLD_MAIL), STR(due->reviewer), NUM(now), NUM(limit)));
	while ((rc = store_row(store, stmt)) > 0) {
		p = &due->prompts[due->n_prompts++];
		p->prompt = sqlite3_column_int64(stmt, 0);
		p->draft = p->prompt / STORE_KEYS_MAX;
		p->kind = store_notice_kind(stmt, 1);
		p->reviewer = arena_strdup(due->arena, store_text(stmt, 2));
		p->revision = (unsigned)sqlite3_column_int(stmt, 3);
		p->severity = store_severity(stmt, 4);
		p->at_ms = sqlite3_column_int64(stmt, 5);
		p->woken = sqlite3_column_int64(stmt, 6) > 0;
		p->deadline_ms = sqlite3_column_int64(stmt, 7);
		p->first_id = store_dup(due->arena, stmt, 8);
		p->own = sqlite3_column_int(stmt, 9) != 0;
	}
	return rc;
}

int store_notice_wakes(
    struct store *store, const char *reviewer, int64_t now, int64_t *next)
{
	int64_t wake;

	if (store_number(store,
		"SELECT min(wake_ms) FROM prompt INDEXED BY prompt_asleep"
		" WHERE closed = 0 AND wake_ms > 0 AND wake_ms > ?"
		" AND reviewer = ?",
		ARGS(NUM(now), STR(reviewer)), &wake))
		return -1;
	if (wake != 0 && (*next == 0 || wake < *next))
		*next = wake;
	return 0;
}

void store_notice_due(struct hold_call *call)
{
	struct store *store = call->hold->view;
	struct hold_due *due =
	    (void *)((char *)call - offsetof(struct hold_due, call));
	unsigned limit = due->limit < DUE_MOST ? due->limit : DUE_MOST;
	int64_t now = clock_now_ms();

	due->arena = arena_new();
	due->n_prompts = 0;
	due->next_ms = 0;
	due->prompts = arena_alloc(due->arena, limit * sizeof(*due->prompts));
	if (read_due(store, due, limit, now) ||
	    store_notice_wakes(store, due->reviewer, now, &due->next_ms))
		store_fail(store, call);
}

/* ---- writing one ------------------------------------------------------ */

static int put_notice(struct store *store, const struct hold_notice *notice)
{
	return store_run(store,
	    "INSERT INTO notice (id, reviewer, message_id, digest, at_ms,"
	    " medium) VALUES (?, ?, ?, ?, ?, ?)",
	    ARGS(NUM(notice->notice), STR(notice->reviewer),
		STR(notice->message_id), NUM(notice->digest),
		NUM(clock_now_ms()), STR(HOLD_MAIL)));
}

int store_notice_item(
    struct store *store, const struct hold_notice *notice, unsigned n)
{
	const struct hold_notice_item *item = &notice->items[n - 1];

	return store_run(store,
	    "INSERT INTO item (notice, n, draft, number, kind, cut, low)"
	    " SELECT ?, ?, id / 10000, number, kind, ?, ? FROM prompt"
	    " WHERE id = ? AND reviewer = ?",
	    ARGS(NUM(notice->notice), NUM(n), NUM(item->cut), NUM(item->low),
		NUM(item->prompt), STR(notice->reviewer)));
}

/* Prompts that still wait; and what the mail shows, dead or not. */
static int bind_items(
    struct store *store, const struct hold_notice *notice, size_t *bound)
{
	size_t i;

	*bound = 0;
	for (i = 0; i < notice->n_items; i++) {
		if (store_run(store,
			"UPDATE prompt SET notice = ?"
			" WHERE id = ? AND notice IS NULL AND closed = 0"
			" AND reviewer = ?",
			ARGS(NUM(notice->notice), NUM(notice->items[i].prompt),
			    STR(notice->reviewer))))
			return -1;
		*bound += sqlite3_changes(store->db) != 0;
		if (store_notice_item(store, notice, (unsigned)i + 1))
			return -1;
	}
	return 0;
}

static int write_notice(struct store *store, struct hold_notice *notice)
{
	size_t bound;

	if (put_notice(store, notice) || bind_items(store, notice, &bound))
		return -1;
	if (bound == 0)
		return error_set(&notice->call.error, ERROR_CONFLICT,
		    "nothing is left to be asked");
	return store_outbox_put(store, &notice->mail, NULL);
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

/* ---- reading one ------------------------------------------------------ */

static int read_notice(struct store *store, struct hold_answered *a)
{
	sqlite3_stmt *stmt;
	int rc;

	rc = store_first(store, &stmt,
	    "SELECT reviewer, message_id, digest, at_ms, medium FROM notice"
	    " WHERE id = ?",
	    ARGS(NUM(a->notice)));
	if (rc <= 0)
		return rc;
	a->reviewer = arena_strdup(a->arena, store_text(stmt, 0));
	a->message_id = arena_strdup(a->arena, store_text(stmt, 1));
	a->digest = sqlite3_column_int(stmt, 2) != 0;
	a->at_ms = sqlite3_column_int64(stmt, 3);
	a->medium = arena_strdup(a->arena, store_text(stmt, 4));
	store_end(stmt);
	return 1;
}

static void read_item(
    struct arena *arena, sqlite3_stmt *stmt, struct hold_answered_item *item)
{
	item->n = (unsigned)sqlite3_column_int(stmt, 0);
	item->draft = sqlite3_column_int64(stmt, 1);
	item->number = (unsigned)sqlite3_column_int(stmt, 2);
	item->kind = store_notice_kind(stmt, 3);
	item->cut = sqlite3_column_int(stmt, 4) != 0;
	item->low = sqlite3_column_int(stmt, 5) != 0;
	item->state = (enum hold_state)sqlite3_column_int(stmt, 6);
	store_hash(stmt, 7, item->revision);
	revision_code(item->revision, item->code);
	item->subject = arena_strdup(arena, store_text(stmt, 8));
}

static int read_items(struct store *store, struct hold_answered *a)
{
	int64_t n_items = 0;
	sqlite3_stmt *stmt;
	int rc;

	if (store_number(store, "SELECT count(*) FROM item WHERE notice = ?",
		ARGS(NUM(a->notice)), &n_items))
		return -1;
	a->items =
	    arena_alloc(a->arena, ((size_t)n_items + 1) * sizeof(*a->items));
	stmt = store_query(store,
	    "SELECT i.n, i.draft, i.number, i.kind, i.cut, i.low, d.state,"
	    " r.sha256, r.subject FROM item i JOIN draft d ON d.id = i.draft"
	    " JOIN revision r ON r.id = " STORE_SQL_KEY("i.draft",
		"i.number") " WHERE i.notice = ? ORDER BY i.n LIMIT ?",
	    ARGS(NUM(a->notice), NUM(n_items)));
	while ((rc = store_row(store, stmt)) > 0)
		read_item(a->arena, stmt, &a->items[a->n_items++]);
	return rc;
}

/* What has one item is about that. */
static void take_only(struct hold_answered *a)
{
	const struct hold_answered_item *only = a->items;

	if (a->n_items != 1)
		return;
	a->draft = only->draft;
	a->number = only->number;
	memcpy(a->revision, only->revision, DIGEST_SIZE);
	memcpy(a->code, only->code, sizeof(a->code));
	a->kind = only->kind;
	a->state = only->state;
	a->cut = only->cut;
}

static int read_one(struct store *store, struct hold_answered *a)
{
	int rc = read_notice(store, a);

	return rc > 0 && read_items(store, a) ? -1 : rc;
}

/* ---- or many, of chats --------------------------------------------------- */

/* Adds the only item of a->notice as the n-th.  0: it is not like those before.
 */
static int add_item(struct store *store, struct hold_answered *a, unsigned n)
{
	const char *reviewer = a->reviewer, *medium = a->medium;
	struct hold_answered_item *items = a->items;
	size_t n_items = a->n_items;
	int rc;

	a->n_items = 0;
	rc = read_one(store, a);
	if (rc <= 0)
		return rc;
	if (a->n_items != 1 || strcmp(a->medium, HOLD_MAIL) == 0 ||
	    (n_items > 0 && (strcmp(a->reviewer, reviewer) != 0 ||
				strcmp(a->medium, medium) != 0)))
		return 0;
	items[n_items] = a->items[0];
	items[n_items].n = n;
	a->items = items;
	a->n_items = n_items + 1;
	return 1;
}

static int read_many(struct store *store, struct hold_answered *a)
{
	size_t i;
	int rc = 1;

	if (a->n_notices > MANY_MOST)
		return 0;
	a->items = arena_alloc(a->arena, a->n_notices * sizeof(*a->items));
	for (i = 0; rc > 0 && i < a->n_notices; i++) {
		a->notice = a->notices[i];
		if (a->notice != 0)
			rc = add_item(store, a, (unsigned)i + 1);
	}
	a->digest = true;
	return rc > 0 && a->n_items == 0 ? 0 : rc;
}

void store_notice_answered(struct hold_call *call)
{
	struct store *store = call->hold->view;
	struct hold_answered *a =
	    (void *)((char *)call - offsetof(struct hold_answered, call));
	int rc;

	a->arena = arena_new();
	a->n_items = 0;
	a->draft = 0;
	rc = a->n_notices > 0 ? read_many(store, a) : read_one(store, a);
	if (rc > 0)
		take_only(a);
	else if (rc == 0)
		error_set(&call->error, ERROR_MISSING, "no such notice");
	else
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
	    "SELECT reviewer, at_ms, digest OR prompt IS NOT NULL FROM notice"
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
