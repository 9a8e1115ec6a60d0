/*
 * store_mailbox: what was dealt with in the mailboxes, so that it is done once,
 * and the copies that are owed to them.  How mails come and go is left to the
 * room mailbox.
 */
#include "hold/store.h"

#include <stdlib.h>
#include <string.h>

#include "util/clock.h"
#include "util/mem.h"

#define UIDS_MOST 1000u
#define LEASE_MS  ((int64_t)10 * 60 * 1000) /* a try that nobody ended */

/* UIDVALIDITY and UID as one number; it may be negative. */
static int64_t place_of(uint32_t validity, uint32_t uid)
{
	return (int64_t)((uint64_t)validity << 32 | uid);
}

/* ---- what was dealt with ------------------------------------------------ */

void store_mailbox_unmet(struct hold_call *call)
{
	struct store *store = call->hold->view;
	struct hold_unmet *unmet = (struct hold_unmet *)(void *)call;
	int64_t outcome;
	size_t i;

	for (i = 0; i < unmet->n_uids && i < UIDS_MOST; i++) {
		if (store_number(store,
			"SELECT outcome FROM met WHERE mailbox = ?"
			" AND place = ?",
			ARGS(STR(unmet->mailbox),
			    NUM(place_of(unmet->validity, unmet->uids[i]))),
			&outcome)) {
			store_fail(store, call);
			return;
		}
		unmet->outcomes[i] = (enum hold_met_outcome)outcome;
	}
}

void store_mailbox_known(struct hold_call *call)
{
	struct store *store = call->hold->view;
	struct hold_known *known = (struct hold_known *)(void *)call;
	int64_t outcome;

	if (store_number(store,
		"SELECT min(outcome) FROM met INDEXED BY met_bytes"
		" WHERE mailbox = ? AND sha256 = ?",
		ARGS(STR(known->mailbox), BIN(known->sha256, DIGEST_SIZE)),
		&outcome))
		store_fail(store, call);
	else
		known->outcome = (enum hold_met_outcome)outcome;
}

static int meet(struct store *store, const struct hold_met *met)
{
	static const unsigned char none[DIGEST_SIZE];
	bool fetched = memcmp(met->sha256, none, DIGEST_SIZE) != 0;
	int64_t place = place_of(met->validity, met->uid);

	/* the same mail where it lay before is no news any more */
	if (fetched &&
	    store_run(store, "DELETE FROM met WHERE mailbox = ? AND sha256 = ?",
		ARGS(STR(met->mailbox), BIN(met->sha256, DIGEST_SIZE))))
		return -1;
	return store_run(store,
	    "INSERT OR REPLACE INTO met (mailbox, place, sha256, outcome,"
	    " at_ms) VALUES (?, ?, ?, ?, ?)",
	    ARGS(STR(met->mailbox), NUM(place), BIN(met->sha256, DIGEST_SIZE),
		NUM(met->outcome), NUM(clock_now_ms())));
}

void store_mailbox_met(struct hold_call *call)
{
	struct store *store = call->hold->store;

	if (meet(store, (struct hold_met *)(void *)call))
		store_fail(store, call);
}

/* ---- copies ------------------------------------------------------------- */

_Static_assert(HOLD_RESULT_SENT == 1, "on disk");

/* 1: it left for somebody; agent: in the arena. */
static int find_sender(
    struct store *store, struct arena *arena, int64_t draft, const char **agent)
{
	sqlite3_stmt *stmt;
	int rc = store_first(store, &stmt,
	    "SELECT agent FROM draft WHERE id = ?1 AND EXISTS"
	    " (SELECT 1 FROM recipient WHERE draft = ?1 AND state = 1)",
	    ARGS(NUM(draft)));

	if (rc <= 0)
		return rc;
	*agent = arena_strdup(arena, store_text(stmt, 0));
	store_end(stmt);
	return 1;
}

static int owe(struct store *store, struct arena *arena, int64_t draft)
{
	const struct hold_settings *settings = &store->hold->settings;
	const char *agent, *mailbox;
	size_t n;
	int rc = find_sender(store, arena, draft, &agent);

	if (rc <= 0)
		return rc;
	for (n = 0;; n++) {
		mailbox = settings->copies(n, agent, settings->people);
		if (mailbox == NULL)
			return 0;
		if (store_run(store,
			"INSERT OR IGNORE INTO copy (mailbox, draft, attempt,"
			" due_ms) VALUES (?1, ?2, (SELECT max(id) FROM attempt"
			" WHERE draft = ?2 AND dot_ms IS NOT NULL), 0)",
			ARGS(STR(mailbox), NUM(draft))))
			return -1;
	}
}

int store_mailbox_owe(struct store *store, int64_t draft)
{
	struct arena *arena;
	int rc;

	if (store->hold->settings.copies == NULL)
		return 0;
	arena = arena_new();
	rc = owe(store, arena, draft);
	arena_free(arena);
	return rc;
}

/* What it left as; a later attempt, for others, may have another front. */
static void read_copy(struct hold_copy *copy, sqlite3_stmt *stmt)
{
	struct span front = store_span(stmt, 4);

	copy->draft = sqlite3_column_int64(stmt, 0);
	copy->tries = (unsigned)sqlite3_column_int(stmt, 1);
	copy->revision = (unsigned)sqlite3_column_int(stmt, 3);
	if (front.len == 0)
		return;
	copy->front = mem_grow(NULL, front.len, 1);
	copy->front_size = front.len;
	memcpy(copy->front, front.data, front.len);
}

static int take_copy(struct store *store, struct hold_copy *copy)
{
	int64_t now = clock_now_ms();
	sqlite3_stmt *stmt;
	int rc = store_first(store, &stmt,
	    "SELECT c.draft, c.tries, c.due_ms, a.number, a.front FROM copy c"
	    " LEFT JOIN attempt a ON a.id = c.attempt WHERE c.mailbox = ?"
	    " AND c.due_ms IS NOT NULL ORDER BY c.due_ms, c.draft LIMIT 1",
	    ARGS(STR(copy->mailbox)));

	if (rc <= 0)
		return rc;
	copy->next_ms = sqlite3_column_int64(stmt, 2);
	if (copy->next_ms <= now)
		read_copy(copy, stmt);
	store_end(stmt);
	if (copy->draft == 0)
		return 0;
	return store_run(store,
	    "UPDATE copy SET tries = tries + 1, due_ms = ?"
	    " WHERE mailbox = ? AND draft = ?",
	    ARGS(NUM(now + LEASE_MS), STR(copy->mailbox), NUM(copy->draft)));
}

void store_mailbox_copy(struct hold_call *call)
{
	struct store *store = call->hold->store;
	struct hold_copy *copy = (struct hold_copy *)(void *)call;

	copy->draft = copy->next_ms = 0;
	copy->tries = copy->revision = 0;
	free(copy->front); /* of a commit that is tried again */
	copy->front = NULL;
	copy->front_size = 0;
	if (take_copy(store, copy))
		store_fail(store, call);
}

void store_mailbox_copied(struct hold_call *call)
{
	struct store *store = call->hold->store;
	const struct hold_copied *copied = (struct hold_copied *)(void *)call;

	if (store_run(store,
		"UPDATE copy SET due_ms = nullif(?, 0) WHERE mailbox = ?"
		" AND draft = ?",
		ARGS(NUM(copied->again_ms), STR(copied->mailbox),
		    NUM(copied->draft))))
		store_fail(store, call);
}
