/*
 * store_recipient: envelopes and what became of each recipient.  What that
 * makes of the draft's state is left to the verbs.
 */
#include "hold/store.h"

#include <string.h>

int store_recipient_put(struct store *store, int64_t draft,
    const struct envelope *envelope, const struct store_person *people)
{
	const struct recipient *r;
	size_t i;

	for (i = 0; i < envelope->n_recipients; i++) {
		r = &envelope->recipients[i];
		if (store_run(store,
			"INSERT INTO recipient (draft, n, address, orcpt,"
			" notify, person, skeleton)"
			" VALUES (?, ?, ?, ?, ?, ?, ?)",
			ARGS(NUM(draft), NUM(i + 1), STR(r->address),
			    STR(r->orcpt), NUM(r->notify),
			    STR(people[i].address), STR(people[i].skeleton))))
			return -1;
	}
	return 0;
}

static enum message_ret ret_of(int ret)
{
	return ret == MESSAGE_RET_FULL || ret == MESSAGE_RET_HDRS
		   ? (enum message_ret)ret
		   : MESSAGE_RET_NONE;
}

static int read_envelope(struct store *store, struct arena *arena,
    int64_t draft, struct envelope *envelope)
{
	sqlite3_stmt *stmt;
	int rc;

	rc = store_first(store, &stmt,
	    "SELECT d.sender, s.envid, s.ret, s.body_type, s.smtputf8,"
	    " d.n_recipients FROM draft d JOIN submission s ON s.draft = d.id"
	    " WHERE d.id = ?",
	    ARGS(NUM(draft)));
	if (rc <= 0)
		return -1;
	envelope->from = arena_strdup(arena, store_text(stmt, 0));
	envelope->envid = store_dup(arena, stmt, 1);
	envelope->ret = ret_of(sqlite3_column_int(stmt, 2));
	envelope->body = (enum message_body)sqlite3_column_int(stmt, 3);
	envelope->smtputf8 = sqlite3_column_int(stmt, 4) != 0;
	envelope->n_recipients = (size_t)sqlite3_column_int64(stmt, 5);
	store_end(stmt);
	return 0;
}

static void read_target(
    sqlite3_stmt *stmt, struct arena *arena, struct hold_target *target)
{
	target->id = sqlite3_column_int64(stmt, 0);
	target->recipient.address = arena_strdup(arena, store_text(stmt, 1));
	target->recipient.orcpt = store_dup(arena, stmt, 2);
	target->recipient.notify = (unsigned)sqlite3_column_int(stmt, 3);
	target->result = (enum hold_result)sqlite3_column_int(stmt, 4);
	target->answer = store_dup(arena, stmt, 5);
	target->told = sqlite3_column_int(stmt, 6) != 0;
}

int store_recipient_envelope(struct store *store, struct arena *arena,
    int64_t draft, bool pending_only, struct store_envelope *out)
{
	struct envelope *envelope = &out->envelope;
	size_t n = 0, room;
	sqlite3_stmt *stmt;
	int rc;

	memset(out, 0, sizeof(*out));
	if (read_envelope(store, arena, draft, envelope))
		return -1;
	room = envelope->n_recipients;
	out->targets = arena_alloc(arena, room * sizeof(*out->targets));
	envelope->recipients =
	    arena_alloc(arena, room * sizeof(*envelope->recipients));
	stmt = store_query(store,
	    "SELECT n, address, orcpt, notify, state, answer, told"
	    " FROM recipient"
	    " WHERE draft = ? ORDER BY n",
	    ARGS(NUM(draft)));
	while ((rc = store_row(store, stmt)) > 0) {
		if (n == room || (pending_only && sqlite3_column_int(stmt, 4) !=
						      HOLD_RESULT_PENDING))
			continue;
		read_target(stmt, arena, &out->targets[n]);
		envelope->recipients[n] = out->targets[n].recipient;
		n++;
	}
	envelope->n_recipients = n;
	return rc;
}

int store_recipient_turn(struct store *store, int64_t draft,
    enum hold_result from, enum hold_result to, const char *answer)
{
	return store_run(store,
	    "UPDATE recipient SET state = ?, answer = coalesce(?, answer)"
	    " WHERE draft = ? AND state = ?",
	    ARGS(NUM(to), STR(answer), NUM(draft), NUM(from)));
}

/* Whom mail was sent to, and the id that an answer would name. */
static int remember(
    struct store *store, int64_t draft, int64_t n, int64_t at_ms)
{
	if (store_run(store,
		"INSERT INTO contact (address, skeleton, first_ms, last_ms,"
		" count) SELECT person, skeleton, ?1, ?1, 1 FROM recipient"
		" WHERE draft = ?2 AND n = ?3"
		" ON CONFLICT (address) DO UPDATE SET count = count + 1,"
		" last_ms = max(last_ms, excluded.last_ms),"
		" skeleton = coalesce(excluded.skeleton, skeleton)",
		ARGS(NUM(at_ms), NUM(draft), NUM(n))))
		return -1;
	return store_run(store,
	    "INSERT OR IGNORE INTO sent (id_hash, draft)"
	    " SELECT id_hash, draft FROM submission"
	    " WHERE draft = ? AND id_hash IS NOT NULL",
	    ARGS(NUM(draft)));
}

int store_recipient_settle(struct store *store, int64_t draft,
    const struct hold_target *target, int64_t at_ms)
{
	if (store_run(store,
		"UPDATE recipient SET state = ?, answer = ?, told = ?"
		" WHERE draft = ? AND n = ? AND state = 0",
		ARGS(NUM(target->result), STR(target->answer),
		    NUM(target->told), NUM(draft), NUM(target->id))))
		return -1;
	if (target->result != HOLD_RESULT_SENT ||
	    sqlite3_changes(store->db) == 0)
		return 0;
	return remember(store, draft, target->id, at_ms);
}

int store_recipient_outcome(
    struct store *store, int64_t draft, enum hold_state *outcome)
{
	bool seen[HOLD_RESULT_IN_DOUBT + 1] = {false};
	sqlite3_stmt *stmt;
	int rc, state;

	stmt = store_query(store,
	    "SELECT DISTINCT state FROM recipient WHERE draft = ?",
	    ARGS(NUM(draft)));
	while ((rc = store_row(store, stmt)) > 0) {
		state = sqlite3_column_int(stmt, 0);
		if (state >= 0 && state <= HOLD_RESULT_IN_DOUBT)
			seen[state] = true;
	}
	if (seen[HOLD_RESULT_IN_DOUBT])
		*outcome = HOLD_IN_DOUBT;
	else if (seen[HOLD_RESULT_PENDING])
		*outcome = HOLD_APPROVED;
	else if (seen[HOLD_RESULT_FAILED])
		*outcome = HOLD_FAILED;
	else
		*outcome = HOLD_SENT;
	return rc;
}
