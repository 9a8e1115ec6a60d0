/*
 * store_log: a page of the audit log for people to read.  Whether it is true
 * is store_verify.c's to say.
 */
#include "hold/store.h"

#include <string.h>

#define LOG_MOST 1000u

#define COLUMNS                                                                \
	"SELECT id, at_ms, draft, event, actor, medium, text, revision"        \
	" FROM audit WHERE id < ?2 AND "
#define PAGE " ORDER BY id DESC LIMIT ?3"

/* A draft's first row is not in the index: the draft knows it. */
static const char of_all[] = COLUMNS "?1 = 0" PAGE;
static const char of_draft[] =
    COLUMNS "id IN (SELECT event FROM draft WHERE id = ?1 UNION ALL"
	    " SELECT id FROM audit WHERE draft = ?1 AND envelope = 0)" PAGE;

static void read_event(
    sqlite3_stmt *stmt, struct arena *arena, struct hold_event *event)
{
	unsigned char sha256[DIGEST_SIZE];

	event->id = sqlite3_column_int64(stmt, 0);
	event->at_ms = sqlite3_column_int64(stmt, 1);
	event->draft = sqlite3_column_int64(stmt, 2);
	event->event = arena_strdup(arena, store_text(stmt, 3));
	event->actor = arena_strdup(arena, store_text(stmt, 4));
	event->medium = arena_strdup(arena, store_text(stmt, 5));
	event->text = arena_strdup(arena, store_text(stmt, 6));
	event->code[0] = '\0';
	if (store_span(stmt, 7).len != DIGEST_SIZE)
		return;
	store_hash(stmt, 7, sha256);
	revision_code(sha256, event->code);
}

static int read_events(struct store *store, struct hold_log *log)
{
	unsigned limit = log->limit < LOG_MOST ? log->limit : LOG_MOST;
	sqlite3_stmt *stmt;
	int rc;

	log->events = arena_alloc(log->arena, limit * sizeof(*log->events));
	stmt = store_query(store, log->draft == 0 ? of_all : of_draft,
	    ARGS(NUM(log->draft),
		NUM(log->before == 0 ? INT64_MAX : log->before),
		NUM(limit + 1)));
	while ((rc = store_row(store, stmt)) > 0) {
		if (log->n_events == limit) {
			log->more = true;
			store_end(stmt);
			return 0;
		}
		read_event(stmt, log->arena, &log->events[log->n_events++]);
	}
	return rc;
}

void store_log(struct hold_call *call)
{
	struct store *store = call->hold->view;
	struct hold_log *log =
	    (void *)((char *)call - offsetof(struct hold_log, call));

	log->arena = arena_new();
	log->n_events = 0;
	log->more = false;
	if (read_events(store, log))
		store_fail(store, call);
}
