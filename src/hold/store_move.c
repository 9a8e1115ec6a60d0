/*
 * store_move: the one place where a draft's state changes.  Who may want it,
 * and why, is left to the verbs; which moves there are, to moves.c.
 */
#include "hold/store.h"

#include <assert.h>
#include <string.h>

/*
 * What is held (again) has no approver, and a ladder whose next step passed
 * meanwhile has ended: a person took the draft up.  No move leaves it claimed.
 * Where people are asked anew nothing needs to be called back any more.
 */
static int change(struct store *store, const struct store_move *move)
{
	return store_run(store,
	    "UPDATE draft SET state = ?1, due_ms = ?2,"
	    " claimed_by = NULL, claimed_ms = 0, opinions = 0,"
	    " approver = CASE WHEN ?1 = 1 THEN NULL ELSE approver END,"
	    " recalled = CASE WHEN ?1 IN (1, 5, 6) THEN 0 ELSE recalled END,"
	    " step_ms = CASE WHEN ?1 = 1 AND step_ms <= ?3 THEN 0"
	    " ELSE step_ms END"
	    " WHERE id = ?4 AND state = ?5 AND sha256 = ?6",
	    ARGS(NUM(move->to), NUM(move->due_ms), NUM(move->at_ms),
		NUM(move->draft), NUM(move->from),
		BIN(move->sha256, DIGEST_SIZE)));
}

#define AT_FIRST "; at first: "

const char *store_move_because(
    struct arena *arena, const struct store_draft *draft, const char *text)
{
	const char *first = strstr(draft->reason, AT_FIRST);

	if (first != NULL)
		return arena_printf(arena, "%s%s", text, first);
	if (strcmp(draft->rule, "default") == 0)
		return arena_printf(
		    arena, "%s" AT_FIRST "%s", text, draft->reason);
	return arena_printf(arena, "%s" AT_FIRST "%s (rule %s)", text,
	    draft->reason, draft->rule);
}

/*
 * What its agent is to hear of it.  An attempt is no news before its end, and
 * a report of what is no longer so is not sent any more.
 */
static int tell(struct store *store, const struct store_move *move)
{
	/* the failure was reported, or will be: there is no second report */
	bool same = move->from == HOLD_FAILED && move->to == HOLD_DROPPED;

	if (move->to == HOLD_SENDING ||
	    (move->from == HOLD_SENDING && move->to == HOLD_APPROVED))
		return 0;
	if (move->from != HOLD_FAILED || move->to == HOLD_APPROVED)
		if (store_word_unreport(store, move->draft))
			return -1;
	return store_word_add(store, &(struct store_word){
					 .draft = move->draft,
					 .event = hold_state_name(move->to),
					 .actor = move->actor,
					 .at_ms = move->at_ms,
					 .mute = same,
				     });
}

int store_move(struct store *store, const struct store_move *move)
{
	assert(hold_may_move(move->from, move->to));
	if (change(store, move))
		return -1;
	if (sqlite3_changes(store->db) != 1)
		return error_set(&store->trouble, ERROR_CONFLICT,
		    "the draft changed meanwhile");
	store->memory.delta[move->from]--;
	store->memory.delta[move->to]++;
	if ((move->from == HOLD_SENDING || move->to == HOLD_SENT) &&
	    store_mailbox_owe(store, move->draft))
		return -1;
	if (store_audit_add(store,
		&(struct store_event){
		    .draft = move->draft,
		    .event = move->event != NULL ? move->event
						 : hold_state_name(move->to),
		    .actor = move->actor,
		    .medium = move->medium,
		    .revision = move->sha256,
		    .text = move->text,
		    .at_ms = move->at_ms,
		}))
		return -1;
	return tell(store, move);
}

void store_move_born(struct store *store, enum hold_state state)
{
	store->memory.delta[state]++;
}

/* Columns 10 to 31. */
static void read_terms(
    sqlite3_stmt *stmt, struct arena *arena, struct store_draft *draft)
{
	draft->rule = arena_strdup(arena, store_text(stmt, 10));
	draft->reason = arena_strdup(arena, store_text(stmt, 11));
	draft->channel = arena_strdup(arena, store_text(stmt, 12));
	draft->demand = arena_strdup(arena, store_text(stmt, 13));
	draft->severity = store_severity(stmt, 14);
	draft->persons = (unsigned)sqlite3_column_int(stmt, 15);
	draft->needs_reason = sqlite3_column_int(stmt, 16) != 0;
	draft->passes = sqlite3_column_int(stmt, 17) != 0;
	draft->after = sqlite3_column_int(stmt, 18) != 0;
	draft->opinions = sqlite3_column_int(stmt, 19) != 0;
	draft->received_ms = sqlite3_column_int64(stmt, 20);
	draft->not_before_ms = sqlite3_column_int64(stmt, 21);
	draft->not_after_ms = sqlite3_column_int64(stmt, 22);
	draft->deadline_ms = sqlite3_column_int64(stmt, 23);
	draft->step_ms = sqlite3_column_int64(stmt, 24);
	draft->step = (unsigned)sqlite3_column_int(stmt, 25);
	draft->claimed_by = store_dup(arena, stmt, 26);
	draft->claimed_ms = sqlite3_column_int64(stmt, 27);
	draft->replaces = sqlite3_column_int64(stmt, 28);
	draft->rounds = (unsigned)sqlite3_column_int(stmt, 29);
	draft->stale = sqlite3_column_int64(stmt, 30);
	draft->recalled = sqlite3_column_int(stmt, 31) != 0;
	draft->trouble = sqlite3_column_int64(stmt, 32);
}

int store_move_draft(struct store *store, struct arena *arena, int64_t id,
    struct store_draft *draft)
{
	sqlite3_stmt *stmt;
	int rc;

	memset(draft, 0, sizeof(*draft));
	rc = store_first(store, &stmt,
	    "SELECT state, number, sha256, agent, ask, approver, approved_ms,"
	    " tries, dotted, unread, rule, reason, channel, demand, severity,"
	    " persons, needs_reason, passes, after, opinions, received_ms,"
	    " not_before_ms, not_after_ms, deadline_ms, step_ms, step,"
	    " claimed_by, claimed_ms, replaces, rounds, stale, recalled,"
	    " trouble FROM draft WHERE id = ?",
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
	read_terms(stmt, arena, draft);
	store_end(stmt);
	return 1;
}

void store_move_renew(struct hold_call *call)
{
	const struct hold_renew *renew =
	    (void *)((char *)call - offsetof(struct hold_renew, call));
	struct hold_settings *settings = &call->hold->settings;

	settings->people = renew->people;
	settings->undo_ms = renew->undo_ms;
}

bool store_move_is_person(const char *actor)
{
	return strncmp(actor, "rule:", 5) != 0 &&
	       strncmp(actor, "program:", 8) != 0 &&
	       strncmp(actor, STORE_AGENT, strlen(STORE_AGENT)) != 0 &&
	       strcmp(actor, STORE_DAEMON) != 0 &&
	       strcmp(actor, STORE_DEADLINE) != 0;
}

int store_move_may(struct store *store, const struct store_draft *draft,
    const char *actor, bool approve, struct error *err)
{
	const struct hold_settings *settings = &store->hold->settings;
	const struct hold_demand demand = {
	    draft->channel, draft->ask, draft->demand};

	return settings->authority(
	    actor, &demand, approve, err, settings->people);
}

const char *store_move_powerless(
    struct store *store, struct arena *arena, const struct store_draft *draft)
{
	const char *rest = draft->approver, *name;
	struct error err;

	if (rest == NULL || *rest == '\0')
		return "nobody";
	while ((name = store_people_next(arena, &rest)) != NULL)
		if (store_move_is_person(name) &&
		    store_move_may(store, draft, name, true, &err))
			return name;
	return NULL;
}
