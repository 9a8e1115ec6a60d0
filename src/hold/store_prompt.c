/*
 * store_prompt: who is to be asked or told what about a draft.  How it is
 * said, and when, is left to the review room.
 */
#include "hold/store.h"

#include "util/clock.h"

#include <string.h>

#define NAMES_MAX ((size_t)1024 * 1024)

/* The range of a draft's prompts, as two arguments. */
#define ALL_OF(draft)                                                          \
	NUM(STORE_KEY((draft)->id, 0)), NUM(STORE_KEY((draft)->id + 1, 0))

/* Numbers go on from the last: one that a dead prompt had never returns. */
static int next_key(
    struct store *store, const struct store_draft *draft, int64_t *key)
{
	if (store_number(store,
		"SELECT max(id) FROM prompt WHERE id >= ? AND id < ?",
		ARGS(ALL_OF(draft)), key))
		return -1;
	if (*key == 0)
		*key = STORE_KEY(draft->id, 0);
	if (++*key >= STORE_KEY(draft->id + 1, 0))
		return error_set(&store->trouble, ERROR_INVALID,
		    "it was asked about too often");
	return 0;
}

/* The names one by one, their prompts numbered from key. */
static int ask_from(struct store *store, const struct store_draft *draft,
    enum hold_prompt_kind kind, const char *names, int64_t key)
{
	struct span name;

	for (; *names != '\0'; names += *names == '\n') {
		name = (struct span){names, strcspn(names, "\n")};
		names += name.len;
		if (name.len == 0)
			continue;
		if (key >= STORE_KEY(draft->id + 1, 0))
			return error_set(&store->trouble, ERROR_INVALID,
			    "it was asked about too often");
		if (store_run(store,
			"INSERT INTO prompt (id, number, kind, reviewer,"
			" severity, at_ms) VALUES (?, ?, ?, ?, ?, ?)",
			ARGS(NUM(key++), NUM(draft->number), NUM(kind),
			    PART(name.data, name.len), NUM(draft->severity),
			    NUM(clock_now_ms()))))
			return -1;
	}
	return 0;
}

int store_prompt_ask(struct store *store, const struct store_draft *draft,
    enum hold_prompt_kind kind, const char *names)
{
	int64_t key;

	if (*names == '\0')
		return 0;
	if (next_key(store, draft, &key))
		return -1;
	return ask_from(store, draft, kind, names, key);
}

int store_prompt_first(
    struct store *store, const struct store_draft *draft, const char *names)
{
	return ask_from(
	    store, draft, HOLD_PROMPT_DECIDE, names, STORE_KEY(draft->id, 1));
}

/* Kinds that ask for a decision about what is held. */
_Static_assert(HOLD_PROMPT_DECIDE == 1 && HOLD_PROMPT_REMIND == 6, "on disk");
#define ASKS "kind IN (1, 6)"

int store_prompt_add(
    struct store *store, const struct store_draft *draft, const char *names)
{
	struct arena *arena = arena_new();
	const char *name;
	int64_t asked;
	int rc = 0;

	while (rc == 0 && (name = store_people_next(arena, &names)) != NULL) {
		if (store_people_has(draft->approver, name))
			continue;
		rc = store_number(store,
		    "SELECT count(*) FROM prompt NOT INDEXED"
		    " WHERE id >= ? AND id < ?"
		    " AND closed = 0 AND reviewer = ? AND " ASKS,
		    ARGS(ALL_OF(draft), STR(name)), &asked);
		if (rc == 0 && asked == 0)
			rc = store_prompt_ask(
			    store, draft, HOLD_PROMPT_DECIDE, name);
	}
	arena_free(arena);
	return rc;
}

/* Who is being asked to decide, LF between. */
static int find_asked(
    struct store *store, const struct store_draft *draft, struct buf *names)
{
	sqlite3_stmt *stmt;
	int rc;

	stmt = store_query(store,
	    "SELECT DISTINCT reviewer FROM prompt WHERE id >= ? AND id < ?"
	    " AND closed = 0 AND " ASKS " ORDER BY id",
	    ARGS(ALL_OF(draft)));
	while ((rc = store_row(store, stmt)) > 0) {
		buf_add_str(names, store_text(stmt, 0));
		buf_add_char(names, '\n');
	}
	return rc;
}

/* A prompt that no notice carries yet is not sent besides the reminder. */
int store_prompt_remind(struct store *store, const struct store_draft *draft)
{
	struct buf names;
	int rc;

	buf_init(&names, NAMES_MAX);
	rc = find_asked(store, draft, &names);
	if (rc == 0)
		rc = store_run(store,
		    "UPDATE prompt SET closed = 1 WHERE id >= ? AND id < ?"
		    " AND closed = 0 AND notice IS NULL AND " ASKS,
		    ARGS(ALL_OF(draft)));
	if (rc == 0)
		rc = store_prompt_ask(
		    store, draft, HOLD_PROMPT_REMIND, names.data);
	buf_release(&names);
	return rc;
}

int store_prompt_answered(
    struct store *store, const struct store_draft *draft, const char *reviewer)
{
	return store_run(store,
	    "UPDATE prompt NOT INDEXED SET closed = 1"
	    " WHERE id >= ? AND id < ? AND closed = 0 AND reviewer = ?",
	    ARGS(ALL_OF(draft), STR(reviewer)));
}

/* The kind of what this reviewer is asked to decide; 0: nothing. */
static int asked_as(struct store *store, const struct store_draft *draft,
    const char *reviewer, int64_t *kind)
{
	return store_number(store,
	    "SELECT max(kind) FROM prompt NOT INDEXED"
	    " WHERE id >= ? AND id < ?"
	    " AND closed = 0 AND reviewer = ? AND " ASKS,
	    ARGS(ALL_OF(draft), STR(reviewer)), kind);
}

int store_prompt_snooze(struct store *store, const struct store_draft *draft,
    const char *reviewer, int64_t until_ms)
{
	int64_t kind, key;

	if (asked_as(store, draft, reviewer, &kind))
		return -1;
	if (kind == 0)
		return 0;
	if (next_key(store, draft, &key) ||
	    store_run(store,
		"UPDATE prompt NOT INDEXED SET closed = 1"
		" WHERE id >= ? AND id < ?"
		" AND closed = 0 AND reviewer = ? AND " ASKS,
		ARGS(ALL_OF(draft), STR(reviewer))) ||
	    ask_from(
		store, draft, (enum hold_prompt_kind)kind, reviewer, key) ||
	    store_run(store, "UPDATE prompt SET wake_ms = ? WHERE id = ?",
		ARGS(NUM(until_ms), NUM(key))))
		return -1;
	return 1;
}

/* Those who approved it and still may, LF between. */
static void find_approvers(
    struct store *store, const struct store_draft *draft, struct buf *names)
{
	struct arena *arena = arena_new();
	const char *rest = draft->approver, *name;
	struct error err;

	while ((name = store_people_next(arena, &rest)) != NULL) {
		if (!store_move_is_person(name) ||
		    store_move_may(store, draft, name, true, &err))
			continue;
		buf_add_str(names, name);
		buf_add_char(names, '\n');
	}
	arena_free(arena);
}

int store_prompt_trouble(struct store *store, const struct store_draft *draft,
    enum hold_prompt_kind kind)
{
	struct buf names;
	int rc;

	if (store_run(store,
		"UPDATE draft SET trouble ="
		" (SELECT coalesce(max(id), 0) FROM notice) WHERE id = ?",
		ARGS(NUM(draft->id))))
		return -1;
	buf_init(&names, NAMES_MAX);
	find_approvers(store, draft, &names);
	rc = store_prompt_ask(
	    store, draft, kind, names.len > 0 ? names.data : draft->ask);
	buf_release(&names);
	return rc;
}

/* Who else was shown it (or was, and is to be again), LF between. */
static int find_others(struct store *store, const struct store_draft *draft,
    const char *actor, struct buf *names)
{
	sqlite3_stmt *stmt;
	int rc;

	stmt = store_query(store,
	    "SELECT DISTINCT p.reviewer FROM prompt p"
	    " WHERE p.id >= ? AND p.id < ? AND p.closed = 0"
	    " AND p.reviewer <> ? AND p.kind <> ?"
	    " AND (p.notice IS NOT NULL OR p.wake_ms > 0)",
	    ARGS(ALL_OF(draft), STR(actor), NUM(HOLD_PROMPT_OUTCOME)));
	while ((rc = store_row(store, stmt)) > 0) {
		buf_add_str(names, store_text(stmt, 0));
		buf_add_char(names, '\n');
	}
	return rc;
}

/* So were those whose approval was one of several. */
static const char *tell_whom(struct arena *arena,
    const struct store_draft *draft, const char *actor, const char *others)
{
	const char *rest = draft->approver, *name;

	if (draft->state != HOLD_HELD)
		return others;
	while ((name = store_people_next(arena, &rest)) != NULL)
		if (store_move_is_person(name) && strcmp(name, actor) != 0)
			others = store_people_join(arena, others, name);
	return others;
}

int store_prompt_close(
    struct store *store, const struct store_draft *draft, const char *actor)
{
	struct arena *arena = arena_new();
	struct buf others;
	int rc = 0;

	buf_init(&others, NAMES_MAX);
	if (actor != NULL)
		rc = find_others(store, draft, actor, &others);
	if (rc == 0)
		rc = store_run(store,
		    "UPDATE prompt SET closed = 1"
		    " WHERE id >= ? AND id < ? AND closed = 0",
		    ARGS(ALL_OF(draft)));
	if (rc == 0 && actor != NULL)
		rc = store_prompt_ask(store, draft, HOLD_PROMPT_OUTCOME,
		    tell_whom(arena, draft, actor, others.data));
	buf_release(&others);
	arena_free(arena);
	return rc;
}
