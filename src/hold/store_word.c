/*
 * store_word: what agents are to hear of their drafts, kept until it is said.
 * Whether somebody is to hear of an event the configuration says, through
 * hold_settings.hears; how it reads is left to the send room.
 */
#include "hold/store.h"

#include "util/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Column hook; the indexes and store_start.c spell them out. */
enum { NO_HOOK = 0, DUE = 1, BEHIND = 2, TAKEN = 3 };

/* ---- writing one -------------------------------------------------------- */

/* The agent of a draft and its current revision.  1, 0: no such draft, -1. */
static int read_draft(struct store *store, int64_t id, struct arena *arena,
    const char **agent, int64_t *number)
{
	sqlite3_stmt *stmt;
	int rc;

	rc = store_first(store, &stmt,
	    "SELECT agent, number FROM draft WHERE id = ?", ARGS(NUM(id)));
	if (rc <= 0)
		return rc;
	*agent = arena_strdup(arena, store_text(stmt, 0));
	*number = sqlite3_column_int64(stmt, 1);
	store_end(stmt);
	return 1;
}

/* Those of a draft go in order: it may have to wait for another. */
static int is_behind(struct store *store, int64_t draft, bool *behind)
{
	int64_t n;

	if (store_number(store,
		"SELECT count(*) FROM word WHERE draft = ? AND hook > 0",
		ARGS(NUM(draft)), &n))
		return -1;
	*behind = n > 0;
	return 0;
}

static int add(
    struct store *store, const struct store_word *word, struct arena *arena)
{
	const struct hold_settings *settings = &store->hold->settings;
	const char *agent = "";
	int64_t number = 0;
	unsigned by;
	bool behind;

	if (read_draft(store, word->draft, arena, &agent, &number) <= 0)
		return -1;
	by = settings->hears(agent, word->event, settings->people);
	if (word->mute)
		by &= ~HOLD_BY_REPORT;
	if (by == 0)
		return 0;
	if (is_behind(store, word->draft, &behind))
		return -1;
	return store_run(store,
	    "INSERT INTO word (draft, number, agent, event, actor, at_ms,"
	    " report, hook, due_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    ARGS(NUM(word->draft), NUM(number), STR(agent), STR(word->event),
		STR(word->actor), NUM(word->at_ms),
		NUM((by & HOLD_BY_REPORT) != 0),
		NUM((by & HOLD_BY_HOOK) == 0 ? NO_HOOK
		    : behind		     ? BEHIND
					     : DUE),
		NUM(clock_now_ms())));
}

int store_word_add(struct store *store, const struct store_word *word)
{
	struct arena *arena;
	int rc;

	if (store->hold->settings.hears == NULL)
		return 0;
	arena = arena_new();
	rc = add(store, word, arena);
	arena_free(arena);
	return rc;
}

/* A row of which all is said goes. */
static int sweep(struct store *store, int64_t word)
{
	return store_run(store,
	    "DELETE FROM word WHERE id = ? AND report = 0 AND hook = 0",
	    ARGS(NUM(word)));
}

int store_word_unreport(struct store *store, int64_t draft)
{
	return -(store_run(store,
		     "DELETE FROM word"
		     " WHERE draft = ? AND report = 1 AND hook = 0",
		     ARGS(NUM(draft))) ||
		 store_run(store,
		     "UPDATE word SET report = 0"
		     " WHERE draft = ? AND report = 1",
		     ARGS(NUM(draft))));
}

/* ---- reports ------------------------------------------------------------ */

static void read_word(sqlite3_stmt *stmt, struct hold_word *word)
{
	word->id = sqlite3_column_int64(stmt, 0);
	word->draft = sqlite3_column_int64(stmt, 1);
	word->number = (unsigned)sqlite3_column_int(stmt, 2);
	snprintf(word->event, sizeof(word->event), "%s", store_text(stmt, 3));
	snprintf(word->actor, sizeof(word->actor), "%s", store_text(stmt, 4));
	word->at_ms = sqlite3_column_int64(stmt, 5);
}

void store_word_owed(struct hold_call *call)
{
	struct store *store = call->hold->view;
	struct hold_owed *owed =
	    (void *)((char *)call - offsetof(struct hold_owed, call));
	size_t most = sizeof(owed->words) / sizeof(owed->words[0]);
	sqlite3_stmt *stmt;
	int rc;

	owed->n_words = 0;
	if (owed->limit < most)
		most = owed->limit;
	stmt = store_query(store,
	    "SELECT id, draft, number, event, actor, at_ms FROM word"
	    " WHERE report = 1 ORDER BY id LIMIT ?",
	    ARGS(NUM(most)));
	while ((rc = store_row(store, stmt)) > 0)
		read_word(stmt, &owed->words[owed->n_words++]);
	if (rc < 0)
		store_fail(store, call);
}

/* 1: it was owed until now, 0, -1. */
static int end_report(struct store *store, int64_t word)
{
	int n;

	if (store_run(store,
		"UPDATE word SET report = 0 WHERE id = ? AND report = 1",
		ARGS(NUM(word))))
		return -1;
	n = sqlite3_changes(store->db);
	return sweep(store, word) ? -1 : n;
}

static int mark_told(struct store *store, const struct hold_post *post)
{
	size_t i;

	for (i = 0; i < post->n_told; i++)
		if (store_run(store,
			"UPDATE recipient SET told = 1 WHERE n = ?"
			" AND draft = (SELECT draft FROM word WHERE id = ?)",
			ARGS(NUM(post->told[i] + 1), NUM(post->reported))))
			return -1;
	return 0;
}

int store_word_reported(struct store *store, struct hold_post *post)
{
	int rc;

	if (mark_told(store, post))
		return -1;
	rc = end_report(store, post->reported);
	if (rc == 0)
		error_set(&post->call.error, ERROR_CONFLICT,
		    "it is no longer so, and need not be reported");
	return rc > 0 ? 0 : -1;
}

void store_word_waive(struct hold_call *call)
{
	struct store *store = call->hold->store;
	struct hold_waive *waive =
	    (void *)((char *)call - offsetof(struct hold_waive, call));

	if (end_report(store, waive->word) < 0)
		store_fail(store, call);
}

/* ---- webhooks ----------------------------------------------------------- */

static int take(struct store *store, struct hold_hook *hook)
{
	sqlite3_stmt *stmt;
	int rc;

	rc = store_first(store, &stmt,
	    "SELECT id, draft, number, event, actor, at_ms, tries, due_ms"
	    " FROM word WHERE agent = ? AND hook = 1"
	    " ORDER BY due_ms, id LIMIT 1",
	    ARGS(STR(hook->agent)));
	if (rc <= 0)
		return rc;
	hook->next_ms = sqlite3_column_int64(stmt, 7);
	if (hook->next_ms <= clock_now_ms()) {
		read_word(stmt, &hook->word);
		hook->tries = (unsigned)sqlite3_column_int(stmt, 6);
	}
	store_end(stmt);
	if (hook->word.id == 0)
		return 0;
	return store_run(store,
	    "UPDATE word SET hook = ?, tries = tries + 1 WHERE id = ?",
	    ARGS(NUM(TAKEN), NUM(hook->word.id)));
}

void store_word_hook(struct hold_call *call)
{
	struct store *store = call->hold->store;
	struct hold_hook *hook =
	    (void *)((char *)call - offsetof(struct hold_hook, call));

	memset(&hook->word, 0, sizeof(hook->word));
	hook->tries = 0;
	hook->next_ms = 0;
	if (take(store, hook))
		store_fail(store, call);
}

/* Done with: the next of its draft is due. */
static int end_hook(struct store *store, int64_t word)
{
	return -(
	    store_run(store,
		"UPDATE word SET hook = ?, due_ms = ? WHERE id ="
		" (SELECT b.id FROM word a JOIN word b ON b.draft = a.draft"
		"  WHERE a.id = ? AND b.id > a.id AND b.hook = ?"
		"  ORDER BY b.id LIMIT 1)",
		ARGS(NUM(DUE), NUM(clock_now_ms()), NUM(word), NUM(BEHIND))) ||
	    store_run(store, "UPDATE word SET hook = ? WHERE id = ?",
		ARGS(NUM(NO_HOOK), NUM(word))) ||
	    sweep(store, word));
}

void store_word_hooked(struct hold_call *call)
{
	struct store *store = call->hold->store;
	struct hold_hooked *hooked =
	    (void *)((char *)call - offsetof(struct hold_hooked, call));
	int rc;

	if (hooked->again_ms == 0)
		rc = end_hook(store, hooked->word);
	else
		rc = store_run(store,
		    "UPDATE word SET hook = ?, due_ms = ? WHERE id = ?",
		    ARGS(NUM(DUE), NUM(hooked->again_ms), NUM(hooked->word)));
	if (rc)
		store_fail(store, call);
}

/* ---- whose draft is it? ------------------------------------------------- */

static int find(struct store *store, struct hold_find *find)
{
	const char *id = find->message_id;
	int64_t draft;
	int rc;

	if (id == NULL)
		rc = store_number(store,
		    "SELECT id FROM draft WHERE id = ? AND agent = ?",
		    ARGS(NUM(find->draft), STR(find->agent)), &draft);
	else
		rc = store_number(store,
		    "SELECT d.id FROM submission s JOIN draft d ON d.id ="
		    " s.draft WHERE s.id_hash = ? AND d.agent = ?"
		    " ORDER BY d.id DESC LIMIT 1",
		    ARGS(NUM(store_seen_message_id(id, strlen(id))),
			STR(find->agent)),
		    &draft);
	if (rc)
		return -1;
	if (draft == 0)
		return error_set(&find->call.error, ERROR_MISSING,
		    "you have no such draft here");
	find->draft = draft;
	return 0;
}

void store_word_find(struct hold_call *call)
{
	struct store *store = call->hold->view;
	struct hold_find *of =
	    (void *)((char *)call - offsetof(struct hold_find, call));

	if (find(store, of))
		store_fail(store, call);
}
