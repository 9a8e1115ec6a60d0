/*
 * store_outbox: system mail, from when it is put until the relay host has it.
 * What it says is left to the rooms that write it.
 */
#include "hold/store.h"

#include "util/clock.h"

#include <inttypes.h>
#include <string.h>

/* After so long a mail that could not be delivered has failed. */
#define LIFETIME_MS ((int64_t)5 * 24 * 60 * 60 * 1000)

/* Column state; NULL: sent. */
enum { WAITS = 0, TAKEN = 1, FAILED = 2 };

int store_outbox_put(
    struct store *store, const struct hold_mail *mail, const char *once)
{
	int64_t now = clock_now_ms();

	return store_run(store,
	    "INSERT INTO outbox (due_ms, put_ms, sender, recipient, maildir,"
	    " once, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)"
	    " ON CONFLICT (once) WHERE once IS NOT NULL DO NOTHING",
	    ARGS(NUM(now), NUM(now), STR(mail->from), STR(mail->to),
		STR(mail->maildir), STR(once),
		BIN(mail->bytes.data, mail->bytes.len)));
}

void store_outbox_post(struct hold_call *call)
{
	struct store *store = call->hold->store;
	struct hold_post *post =
	    (void *)((char *)call - offsetof(struct hold_post, call));

	if ((post->reported != 0 && store_word_reported(store, post)) ||
	    store_outbox_put(store, &post->mail, post->once))
		store_fail(store, call);
}

static void fill(struct hold_take *take, sqlite3_stmt *stmt)
{
	struct span bytes = store_span(stmt, 6);

	take->id = sqlite3_column_int64(stmt, 0);
	take->tries = (unsigned)sqlite3_column_int(stmt, 1);
	take->put_ms = sqlite3_column_int64(stmt, 2);
	take->mail.from = arena_strdup(take->arena, store_text(stmt, 3));
	take->mail.to = arena_strdup(take->arena, store_text(stmt, 4));
	take->mail.maildir = store_dup(take->arena, stmt, 5);
	take->mail.bytes.data = arena_dup(take->arena, bytes.data, bytes.len);
	take->mail.bytes.len = bytes.len;
}

static int take_next(struct store *store, struct hold_take *take)
{
	sqlite3_stmt *stmt;
	int rc;

	rc = store_first(store, &stmt,
	    "SELECT id, tries, put_ms, sender, recipient, maildir, bytes,"
	    " due_ms FROM outbox WHERE state = 0 ORDER BY due_ms LIMIT 1",
	    NULL);
	if (rc <= 0)
		return rc;
	take->next_ms = sqlite3_column_int64(stmt, 7);
	if (take->next_ms <= clock_now_ms())
		fill(take, stmt);
	store_end(stmt);
	if (take->id == 0)
		return 0;
	return store_run(store,
	    "UPDATE outbox SET state = ?, tries = tries + 1 WHERE id = ?",
	    ARGS(NUM(TAKEN), NUM(take->id)));
}

void store_outbox_take(struct hold_call *call)
{
	struct store *store = call->hold->store;
	struct hold_take *take =
	    (void *)((char *)call - offsetof(struct hold_take, call));

	arena_free(take->arena); /* of a run that was rolled back */
	take->arena = arena_new();
	take->id = take->next_ms = 0;
	if (take_next(store, take))
		store_fail(store, call);
}

/* The row stays, so that its once stays; the text does not. */
static int sent(struct store *store, const struct hold_taken *taken)
{
	return store_run(store,
	    "UPDATE outbox SET state = NULL, bytes = NULL, answer = ?"
	    " WHERE id = ? AND state = 1",
	    ARGS(STR(taken->answer), NUM(taken->id)));
}

static int not_sent(struct store *store, const struct hold_taken *taken)
{
	bool failed = taken->result == HOLD_RESULT_FAILED;

	return store_run(store,
	    "UPDATE outbox SET answer = ?1, due_ms = ?2,"
	    " state = CASE WHEN ?3 OR ?4 - put_ms >= ?5 THEN ?6 ELSE ?7 END"
	    " WHERE id = ?8 AND state = 1",
	    ARGS(STR(taken->answer), NUM(taken->again_ms), NUM(failed),
		NUM(clock_now_ms()), NUM(LIFETIME_MS), NUM(FAILED), NUM(WAITS),
		NUM(taken->id)));
}

void store_outbox_taken(struct hold_call *call)
{
	struct store *store = call->hold->store;
	struct hold_taken *taken =
	    (void *)((char *)call - offsetof(struct hold_taken, call));
	int rc = taken->result == HOLD_RESULT_SENT ? sent(store, taken)
						   : not_sent(store, taken);

	if (rc == 0 && sqlite3_changes(store->db) != 1)
		error_set(&call->error, ERROR_CONFLICT,
		    "system mail %" PRId64 " was not taken", taken->id);
	else if (rc != 0)
		store_fail(store, call);
}
