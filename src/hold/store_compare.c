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
	static const char *const always[] = {"approved", STORE_APPROVED_IN_PART,
	    "dropped", "undone", "asked", "edited", "claimed", "delegated",
	    "found-fine", "found-wrong", "snoozed", "revising", NULL};
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
		return strcmp(event, "approved") == 0 ||
		       strcmp(event, STORE_APPROVED_IN_PART) == 0;
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
	case HOLD_SNOOZE:
		return strcmp(event, "snoozed") == 0;
	case HOLD_REVISE:
		return strcmp(event, "revising") == 0;
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

/* What the log makes of a draft, row by row. */
struct replay {
	struct arena *arena;
	int64_t row; /* the last that moved it */
	enum hold_state state;
	unsigned char sha256[DIGEST_SIZE];
	const char *approver; /* names, LF between */
};

static enum hold_state state_after(const char *event)
{
	if (strcmp(event, "undone") == 0 ||
	    strcmp(event, STORE_TOO_LATE) == 0 ||
	    strcmp(event, STORE_CALLED_BACK) == 0)
		return HOLD_HELD;
	if (strcmp(event, "deferred") == 0 ||
	    strcmp(event, STORE_TAKEN_AS_SENT) == 0)
		return HOLD_APPROVED;
	return hold_state_of(event);
}

static bool moves(const char *event)
{
	static const char *const still[] = {"asked", "not-decided", "dot",
	    "edited", "claimed", "delegated", "found-fine", "found-wrong",
	    "snoozed", STORE_APPROVED_IN_PART, STORE_CONSIDERED, STORE_REMINDED,
	    STORE_ESCALATED, STORE_WROTE_AGAIN, NULL};

	return !is_one_of(event, still);
}

/* As store_decide.c and store_move.c write the column. */
static void replay_approver(
    struct replay *r, const char *event, const char *actor)
{
	bool held = r->state == HOLD_HELD;

	if (strcmp(event, "edited") == 0 ||
	    (strcmp(event, STORE_WROTE_AGAIN) == 0 && held) ||
	    state_after(event) == HOLD_HELD)
		r->approver = "";
	else if (strcmp(event, STORE_APPROVED_IN_PART) == 0 ||
		 (strcmp(event, "approved") == 0 && held))
		r->approver = store_people_join(r->arena, r->approver, actor);
	else if (strcmp(event, "approved") == 0)
		r->approver = arena_strdup(r->arena, actor);
}

/* Columns: id, event, actor, revision. */
static void replay_row(struct replay *r, sqlite3_stmt *stmt)
{
	const char *event = store_text(stmt, 1);

	replay_approver(r, event, store_text(stmt, 2));
	if (moves(event)) {
		r->row = sqlite3_column_int64(stmt, 0);
		r->state = state_after(event);
	}
	if (moves(event) || strcmp(event, "edited") == 0)
		store_hash(stmt, 3, r->sha256);
}

static int replay(
    struct store *store, int64_t draft, int64_t first, struct replay *r)
{
	sqlite3_stmt *stmt;
	int rc;

	r->approver = "";
	rc = store_first(store, &stmt,
	    "SELECT id, event, actor, revision FROM audit"
	    " WHERE id = ?1 AND draft = ?2",
	    ARGS(NUM(first), NUM(draft)));
	if (rc <= 0)
		return rc;
	replay_row(r, stmt);
	store_end(stmt);
	stmt = store_query(store,
	    "SELECT id, event, actor, revision FROM audit"
	    " WHERE draft = ? AND envelope = 0 ORDER BY id",
	    ARGS(NUM(draft)));
	while ((rc = store_row(store, stmt)) > 0)
		replay_row(r, stmt);
	return rc;
}

/* Columns: id, state, sha256, approver, event. */
static const char *draft_difference(const struct replay *r, sqlite3_stmt *stmt)
{
	if (r->row == 0)
		return "it";
	if ((int)r->state != sqlite3_column_int(stmt, 1))
		return "its state";
	if (!same_bytes(store_span(stmt, 2),
		(struct span){(const char *)r->sha256, DIGEST_SIZE}))
		return "its revision";
	if (strcmp(store_text(stmt, 3), r->approver) != 0)
		return "who approved it";
	return NULL;
}

/* 1: it is wrong, see why. */
static int compare_draft(
    struct store *store, struct store_compare *at, sqlite3_stmt *stmt)
{
	struct replay r = {.arena = arena_new()};
	const char *what = NULL;
	int rc;

	at->draft = sqlite3_column_int64(stmt, 0);
	rc = replay(store, at->draft, sqlite3_column_int64(stmt, 4), &r);
	if (rc == 0)
		what = draft_difference(&r, stmt);
	if (what != NULL) {
		at->row = r.row;
		snprintf(at->why, sizeof(at->why),
		    "draft %" PRId64 ": %s is not what was logged", at->draft,
		    what);
	}
	arena_free(r.arena);
	return rc < 0 ? -1 : what != NULL;
}

int store_compare_drafts(struct store *store, struct store_compare *at)
{
	sqlite3_stmt *stmt;
	int rc, n = 0;

	stmt = store_query(store,
	    "SELECT id, state, sha256, approver, event FROM draft"
	    " WHERE id > ? ORDER BY id LIMIT ?",
	    ARGS(NUM(at->draft), NUM(DRAFTS)));
	while ((rc = store_row(store, stmt)) > 0) {
		n++;
		rc = compare_draft(store, at, stmt);
		if (rc == 0)
			continue;
		store_end(stmt);
		return rc;
	}
	if (rc < 0)
		return -1;
	return n < DRAFTS;
}
