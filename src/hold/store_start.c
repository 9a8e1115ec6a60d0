/*
 * store_start: a ledger that was just opened: what a crash left under way is
 * put where it belongs, and the figures in memory are taken.
 */
#include "hold/store.h"

#include <string.h>

#define NOTICES_MOST ((int64_t)1 << 38)

static int count_states(struct store *store)
{
	sqlite3_stmt *stmt;
	int rc, state;

	stmt = store_query(
	    store, "SELECT state, count(*) FROM draft GROUP BY state", NULL);
	while ((rc = store_row(store, stmt)) > 0) {
		state = sqlite3_column_int(stmt, 0);
		if (state > 0 && state < HOLD_STATES)
			atomic_store(&store->hold->count[state],
			    sqlite3_column_int64(stmt, 1));
	}
	return rc;
}

static int next_notice(struct store *store)
{
	struct hold *hold = store->hold;

	if (store_number(store,
		"SELECT seq FROM sqlite_sequence WHERE name = 'notice'", NULL,
		&hold->next_notice))
		return -1;
	/* a notice's address has room for so many (a token's id) */
	if (hold->next_notice < 0 || hold->next_notice >= NOTICES_MOST)
		return error_set(&store->trouble, ERROR_INTERNAL,
		    "ledger: the numbers of its notices are wrong");
	hold->next_notice++;
	return 0;
}

static int start(struct store *store)
{
	if (store_exec(store, "BEGIN IMMEDIATE") || store_audit_start(store))
		return -1;
	store->published = store->memory;
	if (store_settle_recover(store) ||
	    store_run(
		store, "UPDATE outbox SET state = 0 WHERE state = 1", NULL) ||
	    store_run(store,
		"UPDATE copy SET due_ms = 0 WHERE due_ms IS NOT NULL", NULL) ||
	    store_run(store, "UPDATE word SET hook = 1 WHERE hook = 3", NULL) ||
	    store_audit_seal(store) || store_exec(store, "COMMIT"))
		return -1;
	memset(store->memory.delta, 0, sizeof(store->memory.delta));
	store->published = store->memory;
	atomic_store(&store->hold->audit_rows, store->memory.head.id);
	return -(count_states(store) || next_notice(store));
}

int store_start(struct store *store, struct error *err)
{
	if (start(store) == 0)
		return 0;
	*err = store->trouble;
	if (err->kind == ERROR_NONE)
		error_set(err, ERROR_INTERNAL, "ledger: it cannot be read");
	return -1;
}

static bool wanted(const unsigned char sha256[DIGEST_SIZE], void *context)
{
	struct store *store = context;
	int64_t n;

	/* in doubt: keep it */
	if (store_number(store,
		"SELECT count(*) FROM body WHERE sha256 = ? AND bytes IS NULL",
		ARGS(BIN(sha256, DIGEST_SIZE)), &n))
		return true;
	return n > 0;
}

int store_start_sweep(struct store *store, struct error *err)
{
	return body_sweep(store->hold->dir, wanted, store, err);
}
