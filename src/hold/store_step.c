/*
 * store_step: drafts whose time runs out, and the steps of their ladders, each
 * taken once.  What a step is, and when the next is due, is left to the review
 * room.
 */
#include "hold/store.h"

#include "util/clock.h"

#include <inttypes.h>
#include <string.h>

#define OVERDUE_MOST 64u
#define MEDIUM	     "ladder"

/* The queries and the partial index spell it out. */
_Static_assert(HOLD_HELD == 1, "states on disk");

/* ---- whose step is due --------------------------------------------------- */

static void fill(
    sqlite3_stmt *stmt, struct arena *arena, struct hold_overdue_draft *draft)
{
	draft->draft = sqlite3_column_int64(stmt, 0);
	draft->received_ms = sqlite3_column_int64(stmt, 2);
	draft->deadline_ms = sqlite3_column_int64(stmt, 3);
	draft->step = (unsigned)sqlite3_column_int(stmt, 4);
	draft->channel = arena_strdup(arena, store_text(stmt, 5));
	draft->agent = arena_strdup(arena, store_text(stmt, 6));
	draft->ask = arena_strdup(arena, store_text(stmt, 7));
	draft->demand = arena_strdup(arena, store_text(stmt, 8));
	draft->severity = store_severity(stmt, 9);
}

static int read_overdue(
    struct store *store, struct hold_overdue *overdue, unsigned limit)
{
	sqlite3_stmt *stmt;
	int64_t due;
	int rc;

	stmt = store_query(store,
	    "SELECT id, step_ms, received_ms, deadline_ms, step, channel,"
	    " agent, ask, demand, severity FROM draft INDEXED BY draft_step"
	    " WHERE state = 1 AND opinions = 0 AND step_ms > 0"
	    " ORDER BY step_ms LIMIT ?",
	    ARGS(NUM(limit + 1)));
	while ((rc = store_row(store, stmt)) > 0) {
		due = sqlite3_column_int64(stmt, 1);
		if (due > overdue->now_ms || overdue->n_drafts == limit) {
			overdue->next_ms = due;
			store_end(stmt);
			return 0;
		}
		fill(stmt, overdue->arena,
		    &overdue->drafts[overdue->n_drafts++]);
	}
	return rc;
}

void store_step_overdue(struct hold_call *call)
{
	struct store *store = call->hold->view;
	struct hold_overdue *overdue =
	    (void *)((char *)call - offsetof(struct hold_overdue, call));
	unsigned limit =
	    overdue->limit < OVERDUE_MOST ? overdue->limit : OVERDUE_MOST;

	overdue->arena = arena_new();
	overdue->n_drafts = 0;
	overdue->next_ms = 0;
	overdue->drafts =
	    arena_alloc(overdue->arena, limit * sizeof(*overdue->drafts));
	if (read_overdue(store, overdue, limit))
		store_fail(store, call);
}

/* ---- taking one ---------------------------------------------------------- */

struct stepping {
	struct store *store;
	struct arena *arena;
	struct hold_step *step;
	struct store_draft draft;
	const char *text;
	int64_t at_ms;
};

static int check(struct stepping *s)
{
	struct error *err = &s->step->call.error;
	int rc;

	rc = store_move_draft(s->store, s->arena, s->step->draft, &s->draft);
	if (rc == 0)
		error_set(err, ERROR_MISSING, "there is no draft %" PRId64,
		    s->step->draft);
	if (rc <= 0)
		return -1;
	s->step->state = s->draft.state;
	if (s->step->final != HOLD_HELD && s->step->final != HOLD_EXPIRED &&
	    s->step->final != HOLD_APPROVED)
		return error_set(
		    err, ERROR_INVALID, "no deadline leads to that state");
	if (s->draft.state != HOLD_HELD || s->draft.opinions)
		return error_set(err, ERROR_CONFLICT,
		    "draft %" PRId64 " does not wait for a decision",
		    s->step->draft);
	if (s->draft.step != s->step->step)
		return error_set(err, ERROR_CONFLICT,
		    "step %u of draft %" PRId64 " was taken already",
		    s->step->step, s->step->draft);
	return 0;
}

static int count_step(struct stepping *s)
{
	return store_run(s->store,
	    "UPDATE draft SET step = step + 1, step_ms = ?, ask = ?"
	    " WHERE id = ?",
	    ARGS(NUM(s->step->next_ms), STR(s->draft.ask), NUM(s->draft.id)));
}

/* It is asked about again, or of more people. */
static int go_on(struct stepping *s)
{
	const char *ask = s->step->ask == NULL ? "" : s->step->ask;

	s->draft.ask = store_people_join(s->arena, s->draft.ask, ask);
	if (count_step(s))
		return -1;
	if (s->step->remind && store_prompt_remind(s->store, &s->draft))
		return -1;
	return -(
	    store_prompt_add(s->store, &s->draft, ask) ||
	    store_audit_add(s->store,
		&(struct store_event){
		    .draft = s->draft.id,
		    .event = *ask == '\0' ? STORE_REMINDED : STORE_ESCALATED,
		    .actor = STORE_DEADLINE,
		    .medium = MEDIUM,
		    .revision = s->draft.sha256,
		    .text = s->text,
		    .at_ms = s->at_ms,
		}));
}

/* Who was shown it is told. */
static int end(struct stepping *s, enum hold_state to, int64_t due_ms)
{
	const struct store_move move = {
	    .draft = s->draft.id,
	    .from = HOLD_HELD,
	    .to = to,
	    .sha256 = s->draft.sha256,
	    .actor = STORE_DEADLINE,
	    .medium = MEDIUM,
	    .text = s->text,
	    .due_ms = due_ms,
	    .at_ms = s->at_ms,
	};

	if (count_step(s) || store_move(s->store, &move) ||
	    store_prompt_close(s->store, &s->draft, STORE_DEADLINE))
		return -1;
	s->step->state = to;
	return 0;
}

/* It can be undone as long as what a person approved. */
static int approve(struct stepping *s)
{
	const struct hold_settings *settings = &s->store->hold->settings;
	const struct store_decision decision = {
	    .draft = s->draft.id,
	    .sha256 = s->draft.sha256,
	    .verb = HOLD_APPROVE,
	    .actor = STORE_DEADLINE,
	    .medium = MEDIUM,
	    .text = s->text,
	    .at_ms = s->at_ms,
	};
	int64_t due = s->at_ms + (int64_t)settings->undo_ms;

	s->draft.approver =
	    store_people_join(s->arena, s->draft.approver, STORE_DEADLINE);
	if (store_recipient_turn(s->store, s->draft.id, HOLD_RESULT_FAILED,
		HOLD_RESULT_PENDING, NULL) ||
	    store_run(s->store,
		"UPDATE draft SET approver = ?, approved_ms = ?, tries = 0"
		" WHERE id = ?",
		ARGS(
		    STR(s->draft.approver), NUM(s->at_ms), NUM(s->draft.id))) ||
	    store_decide_record(s->store, &decision))
		return -1;
	return end(s, HOLD_APPROVED, store_verdict_due(&s->draft, due));
}

/* What no deadline can let go. */
static const char *against(const struct stepping *s)
{
	if (s->draft.unread)
		return "it stays held, because it could not be read";
	if (store_verdict_late(&s->draft, s->at_ms))
		return "it stays held, because it is too late for it to leave";
	return NULL;
}

static int step_in(struct stepping *s)
{
	const char *why;

	if (check(s))
		return -1;
	if (s->step->final == HOLD_EXPIRED)
		return end(s, HOLD_EXPIRED, 0);
	if (s->step->final == HOLD_HELD)
		return go_on(s);
	why = against(s);
	if (why == NULL)
		return approve(s);
	s->text = arena_printf(s->arena, "%s%s%s",
	    s->text == NULL ? "" : s->text, s->text == NULL ? "" : ": ", why);
	return go_on(s);
}

void store_step(struct hold_call *call)
{
	struct hold_step *step =
	    (void *)((char *)call - offsetof(struct hold_step, call));
	struct stepping s = {
	    .store = call->hold->store,
	    .arena = arena_new(),
	    .step = step,
	    .text = step->text,
	    .at_ms = clock_now_ms(),
	};

	step->state = (enum hold_state)0;
	if (step_in(&s))
		store_fail(s.store, call);
	arena_free(s.arena);
}
