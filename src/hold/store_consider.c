/*
 * store_consider: drafts that wait for what programs think of them, and what
 * becomes of them then.  Asking the programs is left to the check room.
 */
#include "hold/store.h"

#include "util/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ACTOR_SIZE (sizeof("program:") + 64)

struct considering {
	struct store *store;
	struct arena *arena;
	struct hold_consider *consider;
	struct store_draft draft;
	int64_t at_ms;
};

static struct hold_consider *consider_of(struct hold_call *call)
{
	return (void *)((char *)call - offsetof(struct hold_consider, call));
}

static int check(struct considering *c)
{
	const struct hold_consider *consider = c->consider;
	struct error *err = &c->consider->call.error;
	int rc;

	rc = store_move_draft(c->store, c->arena, consider->draft, &c->draft);
	if (rc == 0)
		error_set(err, ERROR_MISSING, "there is no draft %" PRId64,
		    consider->draft);
	if (rc <= 0)
		return -1;
	c->consider->state = c->draft.state;
	if (c->draft.state != HOLD_HELD || !c->draft.opinions ||
	    memcmp(consider->revision, c->draft.sha256, DIGEST_SIZE) != 0)
		return error_set(err, ERROR_CONFLICT,
		    "draft %" PRId64 " does not wait for opinions about this "
		    "revision",
		    consider->draft);
	return 0;
}

static int64_t revision_of(const struct considering *c)
{
	return STORE_KEY(c->draft.id, c->draft.number);
}

/* As at intake: what the ledger knew is in the history, not in the reading. */
static int judge(struct considering *c)
{
	struct hold_consider *consider = c->consider;
	struct verdict_history history;
	struct reading *reading;
	int rc;

	if (store_body_findings(c->store, revision_of(c),
		STORE_FINDING_PROGRAMS, consider->findings,
		consider->n_findings))
		return -1;
	reading = store_view_reading(c->store, revision_of(c));
	if (reading == NULL)
		return -1;
	rc = -(store_view_findings(
		   c->store, revision_of(c), STORE_OTHERS, reading) ||
	       store_history_again(c->store, c->arena, revision_of(c),
		   consider->rates, consider->n_rates, &history));
	if (rc == 0)
		consider->judge(
		    consider, reading, &history, &consider->verdict);
	reading_free(reading);
	return rc;
}

/* The program that refuses it. */
static void name_program(const struct considering *c, char actor[ACTOR_SIZE])
{
	const struct hold_consider *consider = c->consider;
	const struct finding *f, *gravest = NULL;
	size_t i;

	for (i = 0; i < consider->n_findings; i++) {
		f = &consider->findings[i];
		if (f->by != NULL &&
		    (gravest == NULL || f->weight > gravest->weight))
			gravest = f;
	}
	snprintf(actor, ACTOR_SIZE, "program:%.64s",
	    consider->program != NULL ? consider->program
	    : gravest != NULL	      ? gravest->by
				      : consider->verdict.rule);
}

/* Decision and move, by no person. */
static int move(
    struct considering *c, enum hold_verb verb, const struct store_move *how)
{
	const struct store_decision decision = {
	    .draft = c->draft.id,
	    .sha256 = c->draft.sha256,
	    .verb = verb,
	    .actor = how->actor,
	    .medium = how->medium,
	    .text = how->text,
	    .at_ms = c->at_ms,
	};

	if (store_decide_record(c->store, &decision) ||
	    store_move(c->store, how))
		return -1;
	c->consider->state = how->to;
	return 0;
}

static int refuse(struct considering *c)
{
	const struct verdict *v = &c->consider->verdict;
	char actor[ACTOR_SIZE];

	name_program(c, actor);
	return move(c, HOLD_DROP,
	    &(struct store_move){
		.draft = c->draft.id,
		.from = HOLD_HELD,
		.to = HOLD_DROPPED,
		.sha256 = c->draft.sha256,
		.actor = actor,
		.medium = "program",
		.text = *v->say != '\0' ? v->say : v->reason,
		.at_ms = c->at_ms,
	    });
}

static int pass(struct considering *c)
{
	const struct verdict *v = &c->consider->verdict;
	char actor[ACTOR_SIZE];

	snprintf(actor, sizeof(actor), "rule:%.64s", v->rule);
	if (store_run(c->store,
		"UPDATE draft SET approver = ?, approved_ms = ?,"
		" after = max(after, ?) WHERE id = ?",
		ARGS(STR(actor), NUM(c->at_ms), NUM(v->after),
		    NUM(c->draft.id))))
		return -1;
	return move(c, HOLD_APPROVE,
	    &(struct store_move){
		.draft = c->draft.id,
		.from = HOLD_HELD,
		.to = HOLD_APPROVED,
		.sha256 = c->draft.sha256,
		.actor = actor,
		.medium = "rule",
		.text = v->reason,
		.due_ms = store_verdict_due(&c->draft, c->at_ms),
		.at_ms = c->at_ms,
	    });
}

static int keep(struct considering *c)
{
	return -(
	    store_run(c->store, "UPDATE draft SET opinions = 0 WHERE id = ?",
		ARGS(NUM(c->draft.id))) ||
	    store_audit_add(c->store,
		&(struct store_event){
		    .draft = c->draft.id,
		    .event = STORE_CONSIDERED,
		    .actor = STORE_DAEMON,
		    .medium = "program",
		    .revision = c->draft.sha256,
		    .text = c->draft.reason,
		    .at_ms = c->at_ms,
		}) ||
	    store_word_add(c->store,
		&(struct store_word){
		    .draft = c->draft.id,
		    .event = hold_state_name(HOLD_HELD),
		    .actor = STORE_DAEMON,
		    .at_ms = c->at_ms,
		}) ||
	    store_prompt_ask(
		c->store, &c->draft, HOLD_PROMPT_DECIDE, c->draft.ask));
}

static int consider_in(struct considering *c)
{
	const struct verdict *v = &c->consider->verdict;

	if (check(c) || judge(c))
		return -1;
	store_verdict_rise(c->arena, &c->draft, v);
	if (store_verdict_save(c->store, &c->draft) ||
	    store_body_trace(c->store, revision_of(c), v->trace))
		return -1;
	if (v->kind == VERDICT_REFUSE)
		return refuse(c);
	if (v->kind == VERDICT_PASS && c->draft.passes && !c->draft.unread)
		return pass(c);
	return keep(c);
}

void store_consider(struct hold_call *call)
{
	struct hold_consider *consider = consider_of(call);
	struct considering c = {
	    .store = call->hold->store,
	    .arena = arena_new(),
	    .consider = consider,
	    .at_ms = clock_now_ms(),
	};

	verdict_release(&consider->verdict); /* of a run rolled back */
	memset(&consider->verdict, 0, sizeof(consider->verdict));
	consider->state = (enum hold_state)0;
	if (consider_in(&c))
		store_fail(c.store, call);
	arena_free(c.arena);
}

void store_consider_waiting(struct hold_call *call)
{
	struct store *store = call->hold->view;
	struct hold_waiting *waiting =
	    (void *)((char *)call - offsetof(struct hold_waiting, call));
	size_t most = sizeof(waiting->drafts) / sizeof(waiting->drafts[0]);
	sqlite3_stmt *stmt;

	waiting->n_drafts = 0;
	if (waiting->limit < most)
		most = waiting->limit;
	stmt = store_query(store,
	    "SELECT id FROM draft WHERE opinions = 1 AND id > ?"
	    " ORDER BY id LIMIT ?",
	    ARGS(NUM(waiting->after), NUM(most)));
	while (store_row(store, stmt) > 0)
		waiting->drafts[waiting->n_drafts++] =
		    sqlite3_column_int64(stmt, 0);
}
