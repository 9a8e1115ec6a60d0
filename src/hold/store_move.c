/*
 * store_move: the one place where a draft's state changes.  Who may want it,
 * and why, is left to the verbs; which moves there are, to hold.c.
 */
#include "hold/store.h"

#include <assert.h>
#include <string.h>

int store_move(struct store *store, const struct store_move *move)
{
	bool owed = move->to == HOLD_DROPPED || move->to == HOLD_FAILED;
	/* the failure was reported, or will be: there is no second report */
	bool same = move->from == HOLD_FAILED && move->to != HOLD_APPROVED;

	assert(hold_may_move(move->from, move->to));
	if (store_run(store,
		"UPDATE draft SET state = ?, due_ms = ?,"
		" owed = CASE WHEN ? THEN owed ELSE ? END"
		" WHERE id = ? AND state = ? AND sha256 = ?",
		ARGS(NUM(move->to), NUM(move->due_ms), NUM(same), NUM(owed),
		    NUM(move->draft), NUM(move->from),
		    BIN(move->sha256, DIGEST_SIZE))))
		return -1;
	if (sqlite3_changes(store->db) != 1)
		return error_set(&store->trouble, ERROR_CONFLICT,
		    "the draft changed meanwhile");
	store->memory.delta[move->from]--;
	store->memory.delta[move->to]++;
	return store_audit_add(
	    store, &(struct store_event){
		       .draft = move->draft,
		       .event = move->event != NULL ? move->event
						    : hold_state_name(move->to),
		       .actor = move->actor,
		       .medium = move->medium,
		       .revision = move->sha256,
		       .text = move->text,
		       .at_ms = move->at_ms,
		   });
}

void store_move_born(struct store *store, enum hold_state state)
{
	store->memory.delta[state]++;
}

int store_move_draft(struct store *store, struct arena *arena, int64_t id,
    struct store_draft *draft)
{
	sqlite3_stmt *stmt;
	int rc;

	memset(draft, 0, sizeof(*draft));
	rc = store_first(store, &stmt,
	    "SELECT state, number, sha256, agent, ask, approver, approved_ms,"
	    " tries, dotted, unread FROM draft WHERE id = ?",
	    ARGS(NUM(id)));
	if (rc <= 0)
		return rc;
	draft->id = id;
	draft->state = (enum hold_state)sqlite3_column_int(stmt, 0);
	draft->number = (unsigned)sqlite3_column_int(stmt, 1);
	store_hash(stmt, 2, draft->sha256);
	revision_code(draft->sha256, draft->code);
	draft->agent = arena_strdup(arena, store_text(stmt, 3));
	draft->ask = arena_strdup(arena, store_text(stmt, 4));
	draft->approver = store_dup(arena, stmt, 5);
	draft->approved_ms = sqlite3_column_int64(stmt, 6);
	draft->tries = (unsigned)sqlite3_column_int(stmt, 7);
	draft->dotted = sqlite3_column_int(stmt, 8) != 0;
	draft->unread = sqlite3_column_int(stmt, 9) != 0;
	store_end(stmt);
	return 1;
}

bool store_move_authority(struct store *store, const struct store_draft *draft)
{
	const struct hold_settings *settings = &store->hold->settings;

	if (draft->approver == NULL)
		return false;
	if (strncmp(draft->approver, "rule:", 5) == 0)
		return true;
	return settings->authority(draft->approver,
		   &(struct hold_demand){"", draft->ask, ""}, true, NULL,
		   settings->context) == 0;
}
