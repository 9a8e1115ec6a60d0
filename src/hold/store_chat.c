/*
 * store_chat: which message of a chat shows which notice, and how far a chat
 * was read.  What such a message says is left to the room chat.
 */
#include "hold/store.h"

#include "util/clock.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

#define SHOW_MOST 200u
#define ROWS_MOST 2000u

/* ---- writing ---------------------------------------------------------- */

static int check_names(const char *remote, const char *root, struct error *err)
{
	if (*remote == '\0' || strlen(remote) > HOLD_REMOTE_MOST ||
	    (root != NULL &&
		(*root == '\0' || strlen(root) > HOLD_REMOTE_MOST)))
		return error_set(err, ERROR_INVALID,
		    "the name of a message must have 1 to %u bytes",
		    HOLD_REMOTE_MOST);
	return 0;
}

/* One notice, if it is of that chat.  Like the message, it has ended or not. */
static int show_one(struct store *store, struct hold_show *show, int64_t notice)
{
	if (store_run(store,
		"INSERT INTO shown (notice, chat, remote, root, n, ended)"
		" SELECT id, medium, ?1, ?2, ?3, coalesce((SELECT max(ended)"
		" FROM shown WHERE chat = ?4 AND remote = ?1), 0)"
		" FROM notice WHERE id = ?5 AND medium = ?4"
		" ON CONFLICT (notice) DO UPDATE SET remote = excluded.remote,"
		" root = excluded.root, n = excluded.n,"
		" ended = excluded.ended",
		ARGS(STR(show->remote), STR(show->root), NUM(show->n),
		    STR(show->chat), NUM(notice))))
		return -1;
	if (sqlite3_changes(store->db) == 0)
		return error_set(&show->call.error, ERROR_MISSING,
		    "no such notice of that chat");
	return 0;
}

static int show_all(struct store *store, struct hold_show *show)
{
	size_t i;

	if (check_names(show->remote, show->root, &show->call.error))
		return -1;
	if (show->n_notices > SHOW_MOST)
		return error_set(&show->call.error, ERROR_INVALID,
		    "a message shows at most %u notices", SHOW_MOST);
	for (i = 0; i < show->n_notices; i++)
		if (show_one(store, show, show->notices[i]))
			return -1;
	return 0;
}

void store_chat_show(struct hold_call *call)
{
	struct store *store = call->hold->store;

	if (show_all(store, (struct hold_show *)(void *)call))
		store_fail(store, call);
}

void store_chat_ended(struct hold_call *call)
{
	struct store *store = call->hold->store;
	const struct hold_ended *ended = (struct hold_ended *)(void *)call;

	if (store_run(store,
		"UPDATE shown SET ended = ? WHERE chat = ? AND remote = ?",
		ARGS(NUM(!ended->open), STR(ended->chat), STR(ended->remote))))
		store_fail(store, call);
}

/* ---- reading ---------------------------------------------------------- */

/* A notice of a chat shows one prompt. */
#define ROWS                                                                   \
	"SELECT s.notice, s.remote, s.root, s.n, n.reviewer, i.draft,"         \
	" i.number, r.sha256, i.kind, d.state, " STORE_SQL_ASKED ", s.ended"   \
	" FROM shown s JOIN notice n ON n.id = s.notice"                       \
	" JOIN item i ON i.notice = s.notice"                                  \
	" JOIN prompt p ON p.id = n.prompt"                                    \
	" JOIN draft d ON d.id = i.draft"                                      \
	" JOIN revision r ON r.id = " STORE_SQL_KEY(                           \
	    "i.draft", "i.number") " WHERE s.chat = ? AND "
#define ORDER " ORDER BY s.notice DESC LIMIT ?"

static sqlite3_stmt *query(struct store *store, const struct hold_shown *by)
{
	int64_t now = clock_now_ms();

	if (by->remote != NULL)
		return store_query(store, ROWS "s.remote = ?" ORDER,
		    ARGS(NUM(now), STR(by->chat), STR(by->remote),
			NUM(ROWS_MOST)));
	if (by->root != NULL)
		return store_query(store, ROWS "s.root = ?" ORDER,
		    ARGS(NUM(now), STR(by->chat), STR(by->root),
			NUM(ROWS_MOST)));
	if (by->draft != 0)
		return store_query(store,
		    ROWS "s.notice IN (SELECT notice FROM item WHERE draft = ?"
			 " AND number = coalesce(nullif(?, 0), number))" ORDER,
		    ARGS(NUM(now), STR(by->chat), NUM(by->draft),
			NUM(by->number), NUM(ROWS_MOST)));
	return store_query(store,
	    ROWS "s.remote = (SELECT remote FROM shown WHERE notice = ?"
		 " AND chat = s.chat)" ORDER,
	    ARGS(NUM(now), STR(by->chat), NUM(by->notice), NUM(ROWS_MOST)));
}

static void read_row(
    struct arena *arena, sqlite3_stmt *stmt, struct hold_shown_row *row)
{
	unsigned char sha256[DIGEST_SIZE];

	row->notice = sqlite3_column_int64(stmt, 0);
	row->remote = arena_strdup(arena, store_text(stmt, 1));
	row->root = store_dup(arena, stmt, 2);
	row->n = (unsigned)sqlite3_column_int(stmt, 3);
	row->reviewer = arena_strdup(arena, store_text(stmt, 4));
	row->draft = sqlite3_column_int64(stmt, 5);
	row->number = (unsigned)sqlite3_column_int(stmt, 6);
	store_hash(stmt, 7, sha256);
	revision_code(sha256, row->code);
	row->kind = store_notice_kind(stmt, 8);
	row->state = (enum hold_state)sqlite3_column_int(stmt, 9);
	row->open = sqlite3_column_int(stmt, 10) != 0;
	row->ended = sqlite3_column_int(stmt, 11) != 0;
}

static int by_number(const void *left, const void *right)
{
	const struct hold_shown_row *a = left, *b = right;

	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	return a->notice < b->notice ? -1 : a->notice > b->notice;
}

/* The rows come newest first, so that it is the oldest that are left out. */
static int read_rows(struct store *store, struct hold_shown *shown)
{
	struct hold_shown_row *rows = NULL;
	sqlite3_stmt *stmt = query(store, shown);
	size_t n = 0, room = 0;
	int rc;

	while ((rc = store_row(store, stmt)) > 0) {
		if (n == room) {
			room = 2 * room + 16;
			rows = mem_grow(rows, room, sizeof(*rows));
		}
		read_row(shown->arena, stmt, &rows[n++]);
	}
	if (n > 0) {
		qsort(rows, n, sizeof(*rows), by_number);
		shown->rows = arena_alloc(shown->arena, n * sizeof(*rows));
		memcpy(shown->rows, rows, n * sizeof(*rows));
		shown->n_rows = n;
	}
	free(rows);
	return rc;
}

void store_chat_shown(struct hold_call *call)
{
	struct store *store = call->hold->view;
	struct hold_shown *shown = (struct hold_shown *)(void *)call;

	shown->arena = arena_new();
	shown->n_rows = 0;
	shown->rows = NULL;
	if (read_rows(store, shown))
		store_fail(store, call);
}

/* ---- how far it was read ----------------------------------------------- */

void store_chat_mark(struct hold_call *call)
{
	struct store *store = call->hold->view;
	struct hold_mark *mark = (struct hold_mark *)(void *)call;
	sqlite3_stmt *stmt;
	int rc;

	mark->arena = arena_new();
	rc = store_first(store, &stmt,
	    "SELECT mark FROM chat_mark WHERE chat = ?", ARGS(STR(mark->chat)));
	if (rc < 0)
		store_fail(store, call);
	if (rc <= 0)
		return;
	mark->mark = store_dup(mark->arena, stmt, 0);
	store_end(stmt);
}

void store_chat_set_mark(struct hold_call *call)
{
	struct store *store = call->hold->store;
	const struct hold_mark *mark = (struct hold_mark *)(void *)call;

	if (strlen(mark->set) > HOLD_MARK_MOST)
		error_set(&call->error, ERROR_INVALID,
		    "a mark has at most %u bytes", HOLD_MARK_MOST);
	else if (store_run(store,
		     "INSERT OR REPLACE INTO chat_mark (chat, mark)"
		     " VALUES (?, ?)",
		     ARGS(STR(mark->chat), STR(mark->set))))
		store_fail(store, call);
}
