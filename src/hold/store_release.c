/*
 * store_release: which draft leaves next, and the point of no return.  What
 * came of an attempt is store_settle.c's.
 */
#include "hold/store.h"

#include "util/clock.h"

#include <inttypes.h>
#include <string.h>

/* The queries and the partial index spell them out. */
_Static_assert(HOLD_APPROVED == 2 && HOLD_SENDING == 3, "states on disk");

/*
 * The draft that is due first among all agents that are not stopped.  It
 * looks at one row an agent, however many drafts wait: draft_due holds the
 * approved ones by agent and time.  (The planner would rather walk all of
 * them by state, hence INDEXED BY.)
 */
static const char next_due[] =
    "WITH RECURSIVE a(agent) AS ("
    " SELECT * FROM (SELECT agent FROM draft INDEXED BY draft_due"
    "  WHERE state = 2 ORDER BY agent LIMIT 1)"
    " UNION ALL"
    " SELECT (SELECT d.agent FROM draft d INDEXED BY draft_due"
    "  WHERE d.state = 2 AND d.agent > a.agent ORDER BY d.agent LIMIT 1)"
    " FROM a WHERE a.agent IS NOT NULL)"
    "SELECT d.id, d.due_ms FROM a CROSS JOIN draft d ON d.id ="
    " (SELECT e.id FROM draft e INDEXED BY draft_due"
    "  WHERE e.state = 2 AND e.agent = a.agent ORDER BY e.due_ms LIMIT 1)"
    "WHERE a.agent IS NOT NULL"
    " AND NOT EXISTS (SELECT 1 FROM gate g WHERE g.agent IN ('', a.agent))"
    "ORDER BY d.due_ms LIMIT 1";

static int find_due(struct store *store, int64_t *id, int64_t *due_ms)
{
	sqlite3_stmt *stmt;
	int rc = store_first(store, &stmt, next_due, NULL);

	if (rc > 0) {
		*id = sqlite3_column_int64(stmt, 0);
		*due_ms = sqlite3_column_int64(stmt, 1);
		store_end(stmt);
	}
	return rc;
}

/*
 * Who let it go may not any more, or it is too late: it waits for somebody.
 * event: NULL for the first.
 */
static int put_back(struct store *store, struct arena *arena,
    const struct store_draft *draft, const char *event, const char *text)
{
	return -(
	    store_move(store,
		&(struct store_move){
		    .draft = draft->id,
		    .from = HOLD_APPROVED,
		    .to = HOLD_HELD,
		    .sha256 = draft->sha256,
		    .event = event,
		    .actor = STORE_DAEMON,
		    .medium = "claim",
		    .text = text,
		    .at_ms = clock_now_ms(),
		}) ||
	    store_run(store, "UPDATE draft SET reason = ? WHERE id = ?",
		ARGS(STR(store_move_because(arena, draft, text)),
		    NUM(draft->id))) ||
	    store_prompt_close(store, draft, NULL) ||
	    store_prompt_ask(store, draft, HOLD_PROMPT_DECIDE, draft->ask));
}

/* 1: it may go; 0: it was put back; -1. */
static int look_at(struct store *store, struct arena *arena,
    const struct store_draft *draft, int64_t now)
{
	const char *powerless = store_move_powerless(store, arena, draft);

	if (powerless != NULL)
		return put_back(store, arena, draft, NULL,
		    arena_printf(arena,
			"%s, who approved it, may no longer decide",
			powerless));
	if (draft->recalled)
		return put_back(store, arena, draft, STORE_CALLED_BACK,
		    "the other side wrote again");
	if (store_verdict_late(draft, now))
		return put_back(store, arena, draft, STORE_TOO_LATE,
		    "the time until which it could leave is over");
	return 1;
}

static int start_attempt(struct store *store, struct hold_claim *claim,
    const struct store_draft *draft)
{
	int64_t now = clock_now_ms();

	if (store_move(store,
		&(struct store_move){
		    .draft = draft->id,
		    .from = HOLD_APPROVED,
		    .to = HOLD_SENDING,
		    .sha256 = draft->sha256,
		    .actor = STORE_DAEMON,
		    .medium = "claim",
		    .at_ms = now,
		}) ||
	    store_run(store, "UPDATE draft SET tries = tries + 1 WHERE id = ?",
		ARGS(NUM(draft->id))) ||
	    store_run(store,
		"INSERT INTO attempt (draft, number, at_ms) VALUES (?, ?, ?)",
		ARGS(NUM(draft->id), NUM(draft->number), NUM(now))))
		return -1;
	claim->attempt = sqlite3_last_insert_rowid(store->db);
	return 0;
}

static int fill(struct store *store, struct hold_claim *claim,
    const struct store_draft *draft)
{
	struct store_envelope pending;

	if (store_recipient_envelope(
		store, claim->arena, draft->id, true, &pending))
		return -1;
	claim->draft = draft->id;
	claim->revision = draft->number;
	claim->tries = draft->tries;
	claim->approved_ms = draft->approved_ms;
	memcpy(claim->sha256, draft->sha256, DIGEST_SIZE);
	claim->envelope = pending.envelope;
	claim->targets = pending.targets;
	claim->n_targets = pending.envelope.n_recipients;
	return 0;
}

static int claim_next(struct store *store, struct hold_claim *claim)
{
	struct store_draft draft;
	int64_t id, due_ms, now = clock_now_ms();
	int rc, i;

	for (i = 0; i < HOLD_PUT_BACK_MOST; i++) {
		rc = find_due(store, &id, &due_ms);
		if (rc <= 0)
			return rc;
		claim->next_ms = due_ms;
		if (due_ms > now)
			return 0;
		if (store_move_draft(store, claim->arena, id, &draft) <= 0)
			return -1;
		rc = look_at(store, claim->arena, &draft, now);
		if (rc < 0)
			return -1;
		if (rc > 0)
			return -(start_attempt(store, claim, &draft) ||
				 fill(store, claim, &draft));
		claim->put_back[claim->n_put_back++] = id;
		claim->next_ms = 0;
	}
	claim->next_ms = now; /* there may be more */
	return 0;
}

void store_release_claim(struct hold_call *call)
{
	struct store *store = call->hold->store;
	struct hold_claim *claim =
	    (void *)((char *)call - offsetof(struct hold_claim, call));

	arena_free(claim->arena); /* of a run that was rolled back */
	claim->arena = arena_new();
	claim->draft = claim->attempt = claim->next_ms = 0;
	claim->n_targets = 0;
	claim->n_put_back = 0;
	if (claim_next(store, claim))
		store_fail(store, call);
}

/* ---- the dot ------------------------------------------------------------ */

static int is_stopped(struct store *store, const char *agent, bool *stopped)
{
	int64_t n;

	if (store_number(store,
		"SELECT count(*) FROM gate WHERE agent IN ('', ?)",
		ARGS(STR(agent)), &n))
		return -1;
	*stopped = n > 0;
	return 0;
}

/* The attempt is this draft's, of its current revision, and not past a dot. */
static int is_open(struct store *store, const struct hold_dot *dot,
    const struct store_draft *draft)
{
	int64_t n;

	if (store_number(store,
		"SELECT count(*) FROM attempt WHERE id = ? AND draft = ?"
		" AND number = ? AND dot_ms IS NULL AND end_ms IS NULL",
		ARGS(NUM(dot->attempt), NUM(draft->id), NUM(draft->number)),
		&n))
		return -1;
	return n == 1;
}

static int check_dot(struct store *store, struct hold_dot *dot,
    const struct store_draft *draft, struct arena *arena)
{
	struct error *err = &dot->call.error;
	bool stopped;
	int open = is_open(store, dot, draft);

	if (open < 0 || is_stopped(store, draft->agent, &stopped))
		return -1;
	if (!open || draft->state != HOLD_SENDING)
		return error_set(err, ERROR_CONFLICT,
		    "draft %" PRId64 " is not with attempt %" PRId64,
		    dot->draft, dot->attempt);
	if (stopped)
		return error_set(err, ERROR_DENIED, "sending is stopped");
	if (draft->recalled)
		return error_set(err, ERROR_DENIED,
		    "the other side wrote again, so draft %" PRId64
		    " is to be looked at once more",
		    dot->draft);
	if (store_verdict_late(draft, clock_now_ms()))
		return error_set(err, ERROR_DENIED,
		    "it is too late for draft %" PRId64 " to leave",
		    dot->draft);
	if (store_move_powerless(store, arena, draft) != NULL)
		return error_set(err, ERROR_DENIED,
		    "who approved draft %" PRId64 " may no longer decide",
		    dot->draft);
	return 0;
}

static int dot_in(
    struct store *store, struct hold_dot *dot, struct arena *arena)
{
	struct store_draft draft;
	int64_t now = clock_now_ms();
	int rc = store_move_draft(store, arena, dot->draft, &draft);

	if (rc == 0)
		error_set(&dot->call.error, ERROR_MISSING, "no draft %" PRId64,
		    dot->draft);
	if (rc <= 0 || check_dot(store, dot, &draft, arena))
		return -1;
	return -(store_run(store,
		     "UPDATE attempt SET dot_ms = ?, front = nullif(?, x'')"
		     " WHERE id = ?",
		     ARGS(NUM(now), BIN(dot->front.data, dot->front.len),
			 NUM(dot->attempt))) ||
		 store_run(store,
		     "UPDATE draft SET dotted = max(dotted, ?) WHERE id = ?",
		     ARGS(NUM(STORE_DOTTED), NUM(dot->draft))) ||
		 store_audit_add(store, &(struct store_event){
					    .draft = dot->draft,
					    .event = "dot",
					    .actor = STORE_DAEMON,
					    .medium = "attempt",
					    .revision = draft.sha256,
					    .at_ms = now,
					}));
}

void store_release_dot(struct hold_call *call)
{
	struct store *store = call->hold->store;
	struct hold_dot *dot =
	    (void *)((char *)call - offsetof(struct hold_dot, call));
	struct arena *arena = arena_new();

	if (dot_in(store, dot, arena))
		store_fail(store, call);
	arena_free(arena);
}
