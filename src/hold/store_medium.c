/*
 * store_medium: what programs and chats that are media have been told of
 * prompts, have acknowledged, and are still to be told.  Mail is
 * store_notice.c's.
 *
 * Such a notice binds no prompt: prompt.notice is mail's alone, so what a
 * program shows is still due to who gets mail, too.
 */
#include "hold/store.h"

#include "util/clock.h"

#define ROWS_MOST 2000u

/* ---- telling ---------------------------------------------------------- */

/* Its prompt, if that is open and not told by this medium already. */
int store_medium_notice(struct store *store, struct hold_notice *notice)
{
	int64_t prompt = notice->items[0].prompt;

	if (store_run(store,
		"INSERT INTO notice (id, reviewer, message_id, digest, at_ms,"
		" medium, prompt)"
		" SELECT ?, reviewer, '', 0, ?, ?, id"
		" FROM prompt p WHERE id = ? AND closed = 0 AND reviewer = ?"
		" AND NOT EXISTS (SELECT 1 FROM notice n"
		" WHERE n.prompt = p.id AND n.medium = ?)",
		ARGS(NUM(notice->notice), NUM(clock_now_ms()),
		    STR(notice->medium), NUM(prompt), STR(notice->reviewer),
		    STR(notice->medium))))
		return -1;
	if (sqlite3_changes(store->db) == 0)
		return error_set(&notice->call.error, ERROR_CONFLICT,
		    "it is over, or this medium has it");
	return store_notice_item(store, notice, 1);
}

/* What notice.heard says, and that it is more than before. */
enum heard { HEARD = 1, HEARD_ASKED_NO_MORE, HEARD_OVER };

/* ---- acknowledged ----------------------------------------------------- */

static int hear(struct store *store, const struct hold_heard *heard)
{
	enum heard how = !heard->over	? HEARD
			 : heard->waits ? HEARD_ASKED_NO_MORE
					: HEARD_OVER;

	if (store_run(store,
		"UPDATE notice SET heard = max(heard, ?) WHERE id = ?",
		ARGS(NUM(how), NUM(heard->notice))))
		return -1;
	if (how != HEARD_OVER || !heard->alone)
		return 0;
	return store_run(store,
	    "UPDATE prompt SET closed = 1 WHERE id IN"
	    " (SELECT p.id FROM notice n JOIN item i ON i.notice = n.id"
	    " JOIN prompt p NOT INDEXED ON p.id >= " STORE_SQL_KEY(
		"i.draft", "0") " AND p.id < " STORE_SQL_KEY("(i.draft + 1)",
		"0") " WHERE n.id = ? AND p.reviewer = n.reviewer"
		     " AND p.kind = ? AND p.notice IS NULL AND p.closed = 0)",
	    ARGS(NUM(heard->notice), NUM(HOLD_PROMPT_OUTCOME)));
}

void store_medium_heard(struct hold_call *call)
{
	struct store *store = call->hold->store;

	if (hear(store, (struct hold_heard *)(void *)call))
		store_fail(store, call);
}

/* ---- what is to be told ----------------------------------------------- */

static void add_row(struct hold_untold *untold, sqlite3_stmt *stmt)
{
	struct hold_untold_row *row = &untold->rows[untold->n_rows++];
	struct hold_due_prompt *p = &row->prompt;

	row->notice = sqlite3_column_int64(stmt, 0);
	row->over = sqlite3_column_int(stmt, 1) != 0;
	p->prompt = sqlite3_column_int64(stmt, 2);
	p->draft = p->prompt / STORE_KEYS_MAX;
	p->kind = store_notice_kind(stmt, 3);
	p->reviewer = arena_strdup(untold->arena, store_text(stmt, 4));
	p->revision = (unsigned)sqlite3_column_int(stmt, 5);
	p->severity = store_severity(stmt, 6);
	row->told = sqlite3_column_int(stmt, 7) != 0;
	p->at_ms = sqlite3_column_int64(stmt, 8);
	p->woken = sqlite3_column_int64(stmt, 9) > 0;
	row->waits = sqlite3_column_int(stmt, 10) != 0;
	if (row->notice != 0)
		return;
	p->deadline_ms = sqlite3_column_int64(stmt, 11);
	p->own = sqlite3_column_int(stmt, 12) != 0;
}

static int add_rows(
    struct store *store, struct hold_untold *untold, sqlite3_stmt *stmt)
{
	int rc;

	while ((rc = store_row(store, stmt)) > 0)
		add_row(untold, stmt);
	return rc;
}

/* A prompt to decide (1, 6) whose draft waits for others is not over. */
_Static_assert(HOLD_PROMPT_DECIDE == 1 && HOLD_PROMPT_REMIND == 6, "on disk");
_Static_assert(HOLD_HELD == 1, "on disk");
#define WAITS                                                                  \
	"(p.kind IN (1, 6) AND EXISTS (SELECT 1 FROM draft d"                  \
	" WHERE d.id = p.id / 10000 AND d.state = 1"                           \
	" AND d.number = p.number))"

static int read_told(
    struct store *store, struct hold_untold *untold, unsigned limit)
{
	return add_rows(store, untold,
	    store_query(store,
		"SELECT n.id, p.closed, p.id, p.kind, p.reviewer, p.number,"
		" p.severity, 0, p.at_ms, p.wake_ms, 0"
		" FROM notice n JOIN prompt p ON p.id = n.prompt"
		" WHERE n.medium = ? AND n.prompt IS NOT NULL AND n.heard < 3"
		" AND CASE WHEN p.closed THEN NOT " WAITS
		" ELSE n.heard = 0 END"
		" ORDER BY p.closed DESC, n.id LIMIT ?",
		ARGS(STR(untold->medium), NUM(limit))));
}

/* When its reviewer is asked no more it is told so, and the end of it again. */
static int read_chat(
    struct store *store, struct hold_untold *untold, unsigned limit)
{
	return add_rows(store, untold,
	    store_query(store,
		"SELECT id, over, prompt, kind, reviewer, number, severity, 0,"
		" at_ms, wake_ms, over AND waits FROM"
		" (SELECT n.id, n.heard, NOT " STORE_SQL_ASKED " AS over,"
		" n.prompt, p.kind, p.reviewer, p.number, p.severity, p.at_ms,"
		" p.wake_ms, " WAITS " AS waits"
		" FROM notice n JOIN prompt p ON p.id = n.prompt"
		" WHERE n.medium = ? AND n.prompt IS NOT NULL AND n.heard < 3)"
		" WHERE heard < CASE WHEN NOT over THEN 1 WHEN waits THEN 2"
		" ELSE 3 END"
		" ORDER BY over DESC, id LIMIT ?",
		ARGS(NUM(clock_now_ms()), STR(untold->medium), NUM(limit))));
}

/* All that stands in a folder, as far as it was not told that it is over. */
static int read_folder(
    struct store *store, struct hold_untold *untold, unsigned limit)
{
	return add_rows(store, untold,
	    store_query(store,
		"SELECT n.id, p.closed, p.id, p.kind, p.reviewer, p.number,"
		" p.severity, n.heard > 0, p.at_ms, p.wake_ms, 0"
		" FROM notice n JOIN prompt p ON p.id = n.prompt"
		" WHERE n.medium = ? AND n.prompt IS NOT NULL AND n.heard < 3"
		" ORDER BY p.closed DESC, n.id LIMIT ?",
		ARGS(STR(untold->medium), NUM(limit))));
}

static int read_new(struct store *store, struct hold_untold *untold,
    const char *reviewer, unsigned limit)
{
	int64_t now = clock_now_ms();

	if (store_notice_wakes(store, reviewer, now, &untold->next_ms))
		return -1;
	return add_rows(store, untold,
	    store_query(store,
		"SELECT 0, 0, id, kind, reviewer, number, severity, 0,"
		" at_ms, wake_ms, 0, (SELECT d.deadline_ms FROM draft d"
		" WHERE d.id = p.id / 10000 AND d.state = 1),"
		" reviewer IS (SELECT r.editor FROM revision r"
		" WHERE r.id = p.id / 10000 * 10000 + p.number)"
		" FROM prompt p WHERE closed = 0 AND reviewer = ?"
		" AND wake_ms <= ? AND kind <> ?"
		" AND (kind IN (1, 6) OR NOT ?) AND NOT EXISTS"
		" (SELECT 1 FROM notice n"
		" WHERE n.prompt = p.id AND n.medium = ?)"
		" ORDER BY severity DESC, id LIMIT ?",
		ARGS(STR(reviewer), NUM(now), NUM(HOLD_PROMPT_OUTCOME),
		    NUM(untold->folder), STR(untold->medium), NUM(limit))));
}

void store_medium_untold(struct hold_call *call)
{
	struct store *store = call->hold->view;
	struct hold_untold *untold = (struct hold_untold *)(void *)call;
	unsigned limit = untold->limit < ROWS_MOST ? untold->limit : ROWS_MOST;
	int64_t from_ms = clock_mono_ms();
	size_t i;
	int rc;

	untold->arena = arena_new();
	untold->n_rows = 0;
	untold->next_ms = 0;
	untold->rows =
	    arena_alloc(untold->arena, (limit + 1) * sizeof(*untold->rows));
	rc = untold->folder ? read_folder(store, untold, limit)
	     : untold->chat ? read_chat(store, untold, limit)
			    : read_told(store, untold, limit);
	for (i = 0; rc == 0 && i < untold->n_reviewers; i++)
		rc = read_new(store, untold, untold->reviewers[i],
		    limit - (unsigned)untold->n_rows);
	untold->took_ms = clock_mono_ms() - from_ms;
	if (rc < 0)
		store_fail(store, call);
}
