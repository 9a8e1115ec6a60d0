/*
 * store_decide: what people say of drafts.  The same checks for every medium,
 * then decision, move and audit row.  Edits are store_revise.c's.
 */
#include "hold/store.h"

#include "util/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int store_decide_record(
    struct store *store, const struct store_decision *decision)
{
	return store_run(store,
	    "INSERT INTO decision (draft, sha256, verb, actor, medium, text,"
	    " notice, at_ms) VALUES (?, ?, ?, ?, ?, ?, nullif(?, 0), ?)",
	    ARGS(NUM(decision->draft), BIN(decision->sha256, DIGEST_SIZE),
		NUM(decision->verb), STR(decision->actor),
		STR(decision->medium), STR(decision->text),
		NUM(decision->notice), NUM(decision->at_ms)));
}

/* The last one that changed something. */
static int read_prior(
    struct store *store, int64_t draft, struct hold_prior *prior)
{
	sqlite3_stmt *stmt;
	int rc;

	memset(prior, 0, sizeof(*prior));
	rc = store_first(store, &stmt,
	    "SELECT actor, medium, verb, at_ms FROM decision"
	    " WHERE draft = ? AND verb <> ? ORDER BY id DESC LIMIT 1",
	    ARGS(NUM(draft), NUM(HOLD_ASK)));
	if (rc <= 0)
		return rc;
	snprintf(prior->actor, sizeof(prior->actor), "%s", store_text(stmt, 0));
	snprintf(
	    prior->medium, sizeof(prior->medium), "%s", store_text(stmt, 1));
	prior->verb = (enum hold_verb)sqlite3_column_int(stmt, 2);
	prior->at_ms = sqlite3_column_int64(stmt, 3);
	store_end(stmt);
	return 0;
}

/* A decision that was not taken leaves a row in the log too. */
static int refuse(struct store *store, const struct store_check *check,
    enum error_kind kind, const char *text)
{
	error_set(&check->call->error, kind, "draft %" PRId64 ": %s", check->id,
	    text);
	store->keep = true;
	store_audit_add(store, &(struct store_event){
				   .draft = check->id,
				   .event = "not-decided",
				   .actor = check->actor,
				   .medium = check->medium,
				   .revision = check->shown,
				   .text = text,
				   .at_ms = clock_now_ms(),
			       });
	return -1;
}

/* The caller tells who was first. */
static int refuse_late(
    struct store *store, const struct store_check *check, const char *why)
{
	if (read_prior(store, check->id, check->prior))
		return -1;
	return refuse(store, check, ERROR_CONFLICT, why);
}

static bool may_say(enum hold_state state, enum hold_verb verb)
{
	if (verb == HOLD_ASK)
		return hold_waits(state);
	if (verb == HOLD_EDIT)
		return state == HOLD_HELD;
	return hold_verb_leads(state, verb) != 0;
}

/* The verb does not go with the state: say why, and what does. */
static int refuse_verb(
    struct store *store, const struct store_check *check, enum hold_state state)
{
	const char *name = hold_state_name(state);
	char text[200];

	if (hold_waits(state)) {
		snprintf(text, sizeof(text),
		    "it is %s, so %s is not possible, but approve, drop%s and "
		    "ask are",
		    name, hold_verb_name(check->verb),
		    state == HOLD_HELD ? ", edit" : "");
		return refuse(store, check, ERROR_INVALID, text);
	}
	snprintf(text, sizeof(text),
	    hold_verb_leads(state, HOLD_UNDO) != 0
		? "it is %s and does not wait for a decision"
	    : state == HOLD_SENDING
		? "it is %s: what comes of that has to be waited for"
		: "it is %s: nothing can be decided any more",
	    name);
	return refuse_late(store, check, text);
}

/* Is there something about the draft itself that forbids it? */
static const char *forbidden(
    const struct store_draft *draft, enum hold_verb verb)
{
	if (verb == HOLD_APPROVE && draft->unread)
		return "it could not be read, so it cannot be approved";
	if (verb == HOLD_EDIT && draft->unread)
		return "it could not be read, so it cannot be edited";
	if (verb == HOLD_EDIT && draft->dotted)
		return "it was handed to the relay host, so it cannot be "
		       "edited";
	return NULL;
}

int store_decide_check(struct store *store, struct arena *arena,
    const struct store_check *check, struct store_draft *draft)
{
	const struct hold_settings *settings = &store->hold->settings;
	const char *why;
	int rc;

	memset(check->prior, 0, sizeof(*check->prior));
	rc = store_move_draft(store, arena, check->id, draft);
	if (rc == 0)
		error_set(&check->call->error, ERROR_MISSING,
		    "there is no draft %" PRId64, check->id);
	if (rc <= 0)
		return -1;
	if (settings->authority(check->actor,
		&(struct hold_demand){"", draft->ask, ""}, true, NULL,
		settings->context))
		return refuse(store, check, ERROR_DENIED,
		    "this actor has no authority over it");
	if (memcmp(check->shown, draft->sha256, DIGEST_SIZE) != 0)
		return refuse_late(store, check, "the revision changed");
	if (!may_say(draft->state, check->verb))
		return refuse_verb(store, check, draft->state);
	if (check->verb == HOLD_UNDO && draft->dotted)
		return refuse_late(store, check,
		    "it was handed to the relay host, so it is too late");
	why = forbidden(draft, check->verb);
	if (why != NULL)
		return refuse(store, check, ERROR_INVALID, why);
	return 0;
}

/* ---- what each verb does ------------------------------------------------ */

struct deciding {
	struct store *store;
	struct hold_decide *decide;
	struct store_draft draft;
	int64_t at_ms;
};

/*
 * Who was refused or is in doubt is tried (again); who was refused also when
 * the draft is held because its drop was undone.
 */
static int approve(struct deciding *d, struct store_move *move)
{
	enum hold_result from = d->draft.state == HOLD_IN_DOUBT
				    ? HOLD_RESULT_IN_DOUBT
				    : HOLD_RESULT_FAILED;
	const struct hold_settings *settings = &d->store->hold->settings;

	if (store_recipient_turn(
		d->store, d->draft.id, from, HOLD_RESULT_PENDING, NULL))
		return -1;
	move->due_ms = d->at_ms;
	if (!d->draft.dotted)
		move->due_ms += (int64_t)settings->undo_ms;
	d->draft.approver = d->decide->actor;
	return store_run(d->store,
	    "UPDATE draft SET approver = ?, approved_ms = ?, tries = 0"
	    " WHERE id = ?",
	    ARGS(STR(d->decide->actor), NUM(d->at_ms), NUM(d->draft.id)));
}

/* Failed: dropped if nobody got it, else done. */
static int drop_failed(struct deciding *d, struct store_move *move)
{
	int64_t sent;

	if (store_number(d->store,
		"SELECT count(*) FROM recipient WHERE draft = ? AND state = ?",
		ARGS(NUM(d->draft.id), NUM(HOLD_RESULT_SENT)), &sent))
		return -1;
	move->to = sent > 0 ? HOLD_SENT : HOLD_DROPPED;
	return 0;
}

/*
 * In doubt: taken as sent.  Others may still be pending or refused, so what
 * becomes of the draft is theirs to say.
 */
static int drop(struct deciding *d, struct store_move *move)
{
	if (d->draft.state == HOLD_FAILED)
		return drop_failed(d, move);
	if (d->draft.state != HOLD_IN_DOUBT)
		return 0;
	move->due_ms = d->at_ms;
	if (store_recipient_turn(d->store, d->draft.id, HOLD_RESULT_IN_DOUBT,
		HOLD_RESULT_SENT, NULL) ||
	    store_recipient_outcome(d->store, d->draft.id, &move->to))
		return -1;
	if (move->to == HOLD_APPROVED)
		move->event = STORE_TAKEN_AS_SENT;
	return 0;
}

static int record(struct deciding *d)
{
	const struct hold_decide *decide = d->decide;

	return store_decide_record(d->store, &(struct store_decision){
						 .draft = d->draft.id,
						 .sha256 = d->draft.sha256,
						 .verb = decide->verb,
						 .actor = decide->actor,
						 .medium = decide->medium,
						 .text = decide->text,
						 .notice = decide->notice,
						 .at_ms = d->at_ms,
					     });
}

static int ask(struct deciding *d)
{
	return -(record(d) ||
		 store_audit_add(d->store, &(struct store_event){
					       .draft = d->draft.id,
					       .event = "asked",
					       .actor = d->decide->actor,
					       .medium = d->decide->medium,
					       .revision = d->draft.sha256,
					       .text = d->decide->text,
					       .at_ms = d->at_ms,
					   }));
}

static int after(struct deciding *d, enum hold_state to)
{
	bool undone = d->decide->verb == HOLD_UNDO;

	if (store_prompt_close(
		d->store, &d->draft, undone ? NULL : d->decide->actor))
		return -1;
	if (undone)
		return store_prompt_ask(
		    d->store, &d->draft, HOLD_PROMPT_DECIDE, d->draft.ask);
	if (to == HOLD_FAILED)
		return store_prompt_trouble(
		    d->store, &d->draft, HOLD_PROMPT_FAILED);
	return 0;
}

static int carry_out(struct deciding *d)
{
	struct hold_decide *decide = d->decide;
	struct store_move move = {
	    .draft = d->draft.id,
	    .from = d->draft.state,
	    .to = hold_verb_leads(d->draft.state, decide->verb),
	    .sha256 = d->draft.sha256,
	    .event = decide->verb == HOLD_UNDO ? "undone" : NULL,
	    .actor = decide->actor,
	    .medium = decide->medium,
	    .text = decide->text,
	    .at_ms = d->at_ms,
	};

	if (decide->verb == HOLD_ASK)
		return ask(d);
	if (decide->verb == HOLD_APPROVE && approve(d, &move))
		return -1;
	if (decide->verb == HOLD_DROP && drop(d, &move))
		return -1;
	if (record(d) || store_move(d->store, &move) || after(d, move.to))
		return -1;
	decide->state = move.to;
	return 0;
}

static int decide_in(
    struct store *store, struct hold_decide *decide, struct arena *arena)
{
	struct deciding d = {
	    .store = store,
	    .decide = decide,
	    .at_ms = clock_now_ms(),
	};
	int rc;

	if (decide->verb < HOLD_APPROVE || decide->verb > HOLD_ASK)
		return error_set(&decide->call.error, ERROR_INVALID,
		    "an edit must bring the new text");
	rc = store_decide_check(store, arena,
	    &(struct store_check){
		.call = &decide->call,
		.id = decide->draft,
		.shown = decide->revision,
		.verb = decide->verb,
		.actor = decide->actor,
		.medium = decide->medium,
		.prior = &decide->prior,
	    },
	    &d.draft);
	decide->state = d.draft.state;
	memcpy(decide->code, d.draft.code, sizeof(decide->code));
	return rc == 0 ? carry_out(&d) : -1;
}

void store_decide(struct hold_call *call)
{
	struct store *store = call->hold->store;
	struct hold_decide *decide =
	    (void *)((char *)call - offsetof(struct hold_decide, call));
	struct arena *arena = arena_new();

	decide->state = (enum hold_state)0;
	decide->code[0] = '\0';
	memset(&decide->prior, 0, sizeof(decide->prior));
	if (decide_in(store, decide, arena))
		store_fail(store, call);
	arena_free(arena);
}
