/*
 * store_gate: the kill switch.  A gate moves no draft; claims and dots look
 * at it (store_release.c).
 */
#include "hold/store.h"

#include "util/clock.h"

static int change(struct store *store, const struct hold_gate *gate,
    const char *agent, int64_t now)
{
	if (!gate->stop)
		return store_run(store, "DELETE FROM gate WHERE agent = ?",
		    ARGS(STR(agent)));
	return store_run(store,
	    "INSERT INTO gate (agent, actor, medium, at_ms)"
	    " VALUES (?, ?, ?, ?) ON CONFLICT (agent) DO NOTHING",
	    ARGS(STR(agent), STR(gate->actor), STR(gate->medium), NUM(now)));
}

/* Drafts whose dot was sent and whose answer is not in. */
static int list_past_dot(
    struct store *store, struct hold_gate *gate, const char *agent)
{
	size_t most = sizeof(gate->past_dot) / sizeof(gate->past_dot[0]);
	sqlite3_stmt *stmt;
	int rc;

	stmt = store_query(store,
	    "SELECT a.draft FROM attempt a JOIN draft d ON d.id = a.draft"
	    " WHERE a.end_ms IS NULL AND a.dot_ms IS NOT NULL"
	    " AND ?1 IN ('', d.agent) ORDER BY a.draft LIMIT ?2",
	    ARGS(STR(agent), NUM(most)));
	while ((rc = store_row(store, stmt)) > 0)
		gate->past_dot[gate->n_past_dot++] =
		    sqlite3_column_int64(stmt, 0);
	return rc;
}

static int change_gate(struct store *store, struct hold_gate *gate)
{
	const char *agent = gate->agent == NULL ? "" : gate->agent;
	int64_t now = clock_now_ms();

	if (change(store, gate, agent, now))
		return -1;
	if (gate->stop && list_past_dot(store, gate, agent))
		return -1;
	return store_audit_add(
	    store, &(struct store_event){
		       .event = gate->stop ? "stopped" : "started",
		       .actor = gate->actor,
		       .medium = gate->medium,
		       .text = gate->agent == NULL ? "all" : gate->agent,
		       .at_ms = now,
		   });
}

void store_gate(struct hold_call *call)
{
	struct hold_gate *gate =
	    (void *)((char *)call - offsetof(struct hold_gate, call));

	gate->n_past_dot = 0;
	if (change_gate(call->hold->store, gate))
		store_fail(call->hold->store, call);
}
