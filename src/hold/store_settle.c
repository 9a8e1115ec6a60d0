/*
 * store_settle: what came of an attempt, told by the room that made it, or
 * found after a crash.  When it is tried again is left to the caller.
 */
#include "hold/store.h"

#include "util/clock.h"
#include "util/log.h"

#include <inttypes.h>
#include <string.h>

/* RFC 3463 4.4.7: delivery time expired. */
#define EXPIRED "4.4.7 tried for too long"

struct settling {
	struct store *store;
	struct store_draft draft;
	int64_t attempt; /* 0: there is none to end */
	int64_t again_ms, now;
	bool may_expire;
	const char *medium;
	const char *text; /* for the log, or NULL */
};

static int end_attempt(struct settling *s)
{
	if (s->attempt == 0)
		return 0;
	if (store_run(s->store,
		"UPDATE attempt SET end_ms = ? WHERE id = ? AND draft = ?"
		" AND end_ms IS NULL",
		ARGS(NUM(s->now), NUM(s->attempt), NUM(s->draft.id))))
		return -1;
	if (sqlite3_changes(s->store->db) != 1)
		return error_set(&s->store->trouble, ERROR_CONFLICT,
		    "attempt %" PRId64 " of draft %" PRId64 " is over",
		    s->attempt, s->draft.id);
	return 0;
}

static bool is_too_old(const struct settling *s)
{
	const struct hold_settings *settings = &s->store->hold->settings;

	return s->may_expire && s->now - s->draft.approved_ms >=
				    (int64_t)settings->retry_lifetime_ms;
}

/*
 * A dot that the relay host answered with no for everybody handed nothing
 * over; after one that is in doubt nobody can ever say so.
 */
static int take_dot_back(struct settling *s)
{
	return store_run(s->store,
	    "UPDATE draft SET dotted = CASE WHEN EXISTS (SELECT 1 FROM "
	    "recipient"
	    " WHERE draft = ?1 AND state = ?2) THEN ?3 ELSE 0 END"
	    " WHERE id = ?1 AND dotted = ?4 AND NOT EXISTS (SELECT 1 FROM"
	    " recipient WHERE draft = ?1 AND state = ?5)",
	    ARGS(NUM(s->draft.id), NUM(HOLD_RESULT_IN_DOUBT),
		NUM(STORE_DOTTED_IN_DOUBT), NUM(STORE_DOTTED),
		NUM(HOLD_RESULT_SENT)));
}

/* From the recipients' states, which are written, to the draft's. */
static int finish(struct settling *s, enum hold_state *state)
{
	enum hold_state to;

	if (end_attempt(s) || take_dot_back(s) ||
	    store_recipient_outcome(s->store, s->draft.id, &to))
		return -1;
	if (to == HOLD_APPROVED && is_too_old(s)) {
		if (store_recipient_turn(s->store, s->draft.id,
			HOLD_RESULT_PENDING, HOLD_RESULT_FAILED, EXPIRED))
			return -1;
		to = HOLD_FAILED;
	}
	if (store_move(
		s->store, &(struct store_move){
			      .draft = s->draft.id,
			      .from = HOLD_SENDING,
			      .to = to,
			      .sha256 = s->draft.sha256,
			      .event = to == HOLD_APPROVED ? "deferred" : NULL,
			      .actor = STORE_DAEMON,
			      .medium = s->medium,
			      .text = s->text,
			      .due_ms = to == HOLD_APPROVED ? s->again_ms : 0,
			      .at_ms = s->now,
			  }))
		return -1;
	*state = to;
	if (to == HOLD_IN_DOUBT)
		return store_prompt_trouble(
		    s->store, &s->draft, HOLD_PROMPT_DOUBT);
	if (to == HOLD_FAILED)
		return store_prompt_trouble(
		    s->store, &s->draft, HOLD_PROMPT_FAILED);
	if (to == HOLD_SENT && s->draft.after)
		return store_prompt_ask(
		    s->store, &s->draft, HOLD_PROMPT_AFTER, s->draft.ask);
	return 0;
}

static const char *result_name(enum hold_result result)
{
	static const char *const names[] = {
	    [HOLD_RESULT_PENDING] = "pending",
	    [HOLD_RESULT_SENT] = "sent",
	    [HOLD_RESULT_FAILED] = "failed",
	    [HOLD_RESULT_IN_DOUBT] = "in-doubt",
	};

	return names[result];
}

/* One line for the log: who, what, and the relay host's words. */
static void describe(struct buf *text, const struct hold_settle *settle)
{
	const struct hold_target *t;
	size_t i;

	for (i = 0; i < settle->n_targets; i++) {
		t = &settle->targets[i];
		buf_addf(text, "%s%s %s%s%s", i == 0 ? "" : "; ",
		    t->recipient.address == NULL ? "" : t->recipient.address,
		    result_name(t->result), t->answer == NULL ? "" : " ",
		    t->answer == NULL ? "" : t->answer);
	}
}

static int write_results(struct settling *s, const struct hold_settle *settle)
{
	size_t i;

	for (i = 0; i < settle->n_targets; i++)
		if (store_recipient_settle(
			s->store, settle->draft, &settle->targets[i], s->now))
			return -1;
	return 0;
}

static int settle_in(
    struct settling *s, struct hold_settle *settle, struct arena *arena)
{
	struct error *err = &settle->call.error;
	struct buf text;
	int rc = store_move_draft(s->store, arena, settle->draft, &s->draft);

	if (rc == 0)
		error_set(
		    err, ERROR_MISSING, "no draft %" PRId64, settle->draft);
	if (rc <= 0)
		return -1;
	settle->state = s->draft.state;
	if (s->draft.state != HOLD_SENDING)
		return error_set(err, ERROR_CONFLICT,
		    "draft %" PRId64 " is not being sent", settle->draft);
	if (write_results(s, settle))
		return -1;
	buf_init(&text, STORE_TEXT_MAX);
	describe(&text, settle);
	s->text = text.data;
	rc = finish(s, &settle->state);
	buf_release(&text);
	return rc;
}

void store_settle(struct hold_call *call)
{
	struct hold_settle *settle =
	    (void *)((char *)call - offsetof(struct hold_settle, call));
	struct settling s = {
	    .store = call->hold->store,
	    .attempt = settle->attempt,
	    .again_ms = settle->again_ms,
	    .now = clock_now_ms(),
	    .may_expire = true,
	    .medium = "attempt",
	};
	struct arena *arena = arena_new();

	settle->state = (enum hold_state)0;
	if (settle_in(&s, settle, arena))
		store_fail(s.store, call);
	arena_free(arena);
}

/* ---- after a crash ------------------------------------------------------ */

/* Its open attempt, and was the dot sent?  Without one: who knows. */
static int find_attempt(struct settling *s, bool *dotted)
{
	sqlite3_stmt *stmt;
	int rc;

	*dotted = true;
	rc = store_first(s->store, &stmt,
	    "SELECT id, dot_ms IS NOT NULL FROM attempt"
	    " WHERE draft = ? AND end_ms IS NULL",
	    ARGS(NUM(s->draft.id)));
	if (rc <= 0)
		return rc;
	s->attempt = sqlite3_column_int64(stmt, 0);
	*dotted = sqlite3_column_int(stmt, 1) != 0;
	store_end(stmt);
	return 0;
}

/*
 * Without a record of the dot nothing can have left; with one and without a
 * result nobody knows.
 */
static int recover(struct store *store, struct arena *arena, int64_t id)
{
	struct settling s = {
	    .store = store,
	    .now = clock_now_ms(),
	    .medium = "start",
	};
	enum hold_state state;
	bool dotted;

	s.again_ms = s.now;
	if (store_move_draft(store, arena, id, &s.draft) <= 0 ||
	    find_attempt(&s, &dotted))
		return -1;
	s.text = dotted ? "ended after the dot, without an answer"
			: "ended before the dot";
	if (dotted && store_recipient_turn(store, id, HOLD_RESULT_PENDING,
			  HOLD_RESULT_IN_DOUBT, NULL))
		return -1;
	if (finish(&s, &state))
		return -1;
	log_warning(
	    "draft %" PRId64 " recovered state=%s", id, hold_state_name(state));
	return 0;
}

int store_settle_recover(struct store *store)
{
	struct arena *arena = arena_new();
	int64_t id;
	int rc = 0;

	while (rc == 0) {
		rc = store_number(store,
		    "SELECT id FROM draft WHERE state = 3 LIMIT 1", NULL, &id);
		if (rc != 0 || id == 0)
			break;
		rc = recover(store, arena, id);
	}
	arena_free(arena);
	return rc;
}
