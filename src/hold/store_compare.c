/*
 * store_compare: are decisions and drafts what the log says of them?  The log
 * is under a chain, they are not.  Whether the log itself is whole is
 * store_verify.c's.
 */
#include "hold/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DRAFTS 2000 /* in one go */

static bool is_one_of(const char *name, const char *const *names)
{
	while (*names != NULL && strcmp(name, *names) != 0)
		names++;
	return *names != NULL;
}

/* Was a row of the decisions written with this one? */
static bool logs_decision(const struct audit_row *row)
{
	static const char *const always[] = {
	    "approved", "dropped", "undone", "asked", "edited", NULL};
	/* these are a person's word, unless an attempt or a start said it */
	static const char *const said[] = {
	    STORE_TAKEN_AS_SENT, "sent", "failed", NULL};

	if (is_one_of(row->event, always))
		return true;
	return is_one_of(row->event, said) &&
	       strcmp(row->medium, "attempt") != 0 &&
	       strcmp(row->medium, "start") != 0;
}

static bool fits(enum hold_verb verb, const char *event)
{
	static const char *const drops[] = {
	    "dropped", "sent", "failed", STORE_TAKEN_AS_SENT, NULL};

	switch (verb) {
	case HOLD_APPROVE:
		return strcmp(event, "approved") == 0;
	case HOLD_DROP:
		return is_one_of(event, drops);
	case HOLD_UNDO:
		return strcmp(event, "undone") == 0;
	case HOLD_ASK:
		return strcmp(event, "asked") == 0;
	case HOLD_EDIT:
		return strcmp(event, "edited") == 0;
	case HOLD_CLAIM:
		return strcmp(event, "claimed") == 0;
	case HOLD_DELEGATE:
		return strcmp(event, "delegated") == 0;
	case HOLD_FINE:
		return strcmp(event, "found-fine") == 0;
	case HOLD_WRONG:
		return strcmp(event, "found-wrong") == 0;
	case HOLD_VERBS:
		break;
	}
	return false;
}

static bool same_bytes(struct span a, struct span b)
{
	return a.len == b.len &&
	       (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* The first column that is not as logged, or NULL. */
static const char *difference(
    sqlite3_stmt *stmt, const struct audit_row *row, const char *text)
{
	if (!fits((enum hold_verb)sqlite3_column_int(stmt, 2), row->event))
		return "verb";
	if (strcmp(store_text(stmt, 3), row->actor) != 0)
		return "actor";
	if (strcmp(store_text(stmt, 4), row->medium) != 0)
		return "medium";
	if (!same_bytes(store_span(stmt, 5), row->revision))
		return "revision";
	if (sqlite3_column_int64(stmt, 6) != row->at_ms)
		return "time";
	if (text != NULL && strcmp(store_text(stmt, 7), text) != 0)
		return "text";
	return NULL;
}

/* The decision after the last one that was met. */
static int next_decision(
    struct store *store, const struct store_compare *at, sqlite3_stmt **stmt)
{
	return store_first(store, stmt,
	    "SELECT id, draft, verb, actor, medium, sha256, at_ms, text"
	    " FROM decision WHERE id > ? ORDER BY id LIMIT 1",
	    ARGS(NUM(at->decision)));
}

/*
 * Decisions are written in the order of their rows in the log, so one walk
 * misses what is gone and meets what was added.
 */
int store_compare_row(struct store *store, struct store_compare *at,
    const struct audit_row *row, const char *text)
{
	const char *what;
	sqlite3_stmt *stmt;
	int64_t draft;
	int rc;

	if (!logs_decision(row))
		return 0;
	rc = next_decision(store, at, &stmt);
	if (rc < 0)
		return -1;
	draft = rc == 0 ? 0 : sqlite3_column_int64(stmt, 1);
	if (draft != row->draft) {
		snprintf(at->why, sizeof(at->why),
		    "draft %" PRId64 ": the decision that was logged here is "
		    "missing, or one was added to draft %" PRId64,
		    row->draft, draft);
		if (draft == 0)
			snprintf(at->why, sizeof(at->why),
			    "draft %" PRId64 ": the decision that was logged "
			    "here is missing",
			    row->draft);
	} else if ((what = difference(stmt, row, text)) != NULL) {
		snprintf(at->why, sizeof(at->why),
		    "draft %" PRId64 ": the %s of its decision is not what "
		    "was logged",
		    draft, what);
	} else {
		at->decision = sqlite3_column_int64(stmt, 0);
	}
	if (rc > 0)
		store_end(stmt);
	return at->why[0] != '\0';
}

int store_compare_rest(struct store *store, struct store_compare *at)
{
	sqlite3_stmt *stmt;
	int rc = next_decision(store, at, &stmt);
	int64_t draft;

	if (rc <= 0)
		return rc;
	draft = sqlite3_column_int64(stmt, 1);
	snprintf(at->why, sizeof(at->why),
	    "draft %" PRId64 ": it has a decision that was never logged",
	    draft);
	store_end(stmt);
	return 1;
}

/* ---- drafts ----------------------------------------------------------- */

#define NO_MOVES "'asked', 'not-decided', 'dot'"
#define LAST(which)                                                            \
	"coalesce((SELECT max(a.id) FROM audit a WHERE a.draft = d.id"         \
	" AND a.envelope = 0 AND a.event " which "), d.event)"

/* Each draft with its last move, last change of its bytes, last approval. */
static const char drafts[] =
    "SELECT d.id, d.state, d.sha256, d.approver, m.event, r.revision,"
    " CASE p.event WHEN 'approved' THEN p.actor END, m.id"
    " FROM draft d"
    " LEFT JOIN audit m ON m.draft = d.id AND m.id = " LAST(
	"NOT IN (" NO_MOVES
	", 'edited')") " LEFT JOIN audit r ON r.draft = d.id AND r.id "
		       "= " LAST("NOT IN (" NO_MOVES
				 ")") " LEFT JOIN audit p ON p.draft = "
				      "d.id AND p.id = " LAST("= "
							      "'approve"
							      "d'") " W"
								    "HE"
								    "RE"
								    " d"
								    ".i"
								    "d "
								    "> "
								    "? "
								    "OR"
								    "DE"
								    "R "
								    "BY"
								    " d"
								    ".i"
								    "d "
								    "LI"
								    "MI"
								    "T "
								    "?";

static enum hold_state state_after(const char *event)
{
	if (strcmp(event, "undone") == 0)
		return HOLD_HELD;
	if (strcmp(event, "deferred") == 0 ||
	    strcmp(event, STORE_TAKEN_AS_SENT) == 0)
		return HOLD_APPROVED;
	return hold_state_of(event);
}

static const char *draft_difference(sqlite3_stmt *stmt)
{
	if (sqlite3_column_type(stmt, 7) == SQLITE_NULL)
		return "it";
	if ((int)state_after(store_text(stmt, 4)) !=
	    sqlite3_column_int(stmt, 1))
		return "its state";
	if (!same_bytes(store_span(stmt, 2), store_span(stmt, 5)))
		return "its revision";
	if (strcmp(store_text(stmt, 3), store_text(stmt, 6)) != 0)
		return "who approved it";
	return NULL;
}

int store_compare_drafts(struct store *store, struct store_compare *at)
{
	sqlite3_stmt *stmt;
	const char *what;
	int rc, n = 0;

	stmt = store_query(store, drafts, ARGS(NUM(at->draft), NUM(DRAFTS)));
	while ((rc = store_row(store, stmt)) > 0) {
		n++;
		at->draft = sqlite3_column_int64(stmt, 0);
		what = draft_difference(stmt);
		if (what == NULL)
			continue;
		at->row = sqlite3_column_int64(stmt, 7);
		snprintf(at->why, sizeof(at->why),
		    "draft %" PRId64 ": %s is not what was logged", at->draft,
		    what);
		store_end(stmt);
		return 1;
	}
	if (rc < 0)
		return -1;
	return n < DRAFTS;
}
