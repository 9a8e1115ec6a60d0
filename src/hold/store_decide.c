/*
 * store_decide: what people say of drafts.  The same checks for every medium,
 * then decision, move and audit row.  Edits are store_revise.c's, verbs that
 * move nothing store_people.c's.
 */
#include "hold/store.h"

#include "util/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Where nobody says otherwise. */
#define REVISE_ROUNDS	 3
#define REVISE_WITHIN_MS ((uint64_t)24 * 60 * 60 * 1000)

int store_decide_record(
    struct store *store, const struct store_decision *decision)
{
	return store_run(store,
	    "INSERT INTO decision (draft, sha256, verb, actor, medium, text,"
	    " category, notice, at_ms, answer)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, nullif(?, 0), ?, ?)",
	    ARGS(NUM(decision->draft), BIN(decision->sha256, DIGEST_SIZE),
		NUM(decision->verb), STR(decision->actor),
		STR(decision->medium), STR(decision->text),
		STR(decision->category), NUM(decision->notice),
		NUM(decision->at_ms), STR(decision->answer)));
}

int store_decide_note(struct store *store,
    const struct store_decision *decision, const char *event)
{
	if (store_decide_record(store, decision))
		return -1;
	return store_audit_add(store, &(struct store_event){
					  .draft = decision->draft,
					  .event = event,
					  .actor = decision->actor,
					  .medium = decision->medium,
					  .revision = decision->sha256,
					  .text = decision->text,
					  .at_ms = decision->at_ms,
				      });
}

int store_decide_why_dropped(
    struct store *store, int64_t draft, char *out, size_t size)
{
	sqlite3_stmt *stmt;
	int rc;

	out[0] = '\0';
	rc = store_first(store, &stmt,
	    "SELECT CASE WHEN category IS NULL OR text LIKE category || '%'"
	    " THEN text WHEN text IS NULL OR text = '' THEN category"
	    " ELSE category || ': ' || text END"
	    " FROM decision WHERE draft = ? AND verb = ?"
	    " ORDER BY id DESC LIMIT 1",
	    ARGS(NUM(draft), NUM(HOLD_DROP)));
	if (rc > 0) {
		snprintf(out, size, "%s", store_text(stmt, 0));
		store_end(stmt);
	}
	return rc < 0 ? -1 : 0;
}

/* The decision of a row, which is ended. */
static void take_prior(sqlite3_stmt *stmt, struct hold_prior *prior)
{
	snprintf(prior->actor, sizeof(prior->actor), "%s", store_text(stmt, 0));
	snprintf(
	    prior->medium, sizeof(prior->medium), "%s", store_text(stmt, 1));
	prior->verb = (enum hold_verb)sqlite3_column_int(stmt, 2);
	prior->at_ms = sqlite3_column_int64(stmt, 3);
	store_end(stmt);
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
	    " WHERE draft = ? AND verb NOT IN (?, ?, ?, ?, ?, ?)"
	    " ORDER BY id DESC LIMIT 1",
	    ARGS(NUM(draft), NUM(HOLD_ASK), NUM(HOLD_CLAIM), NUM(HOLD_DELEGATE),
		NUM(HOLD_FINE), NUM(HOLD_WRONG), NUM(HOLD_SNOOZE)));
	if (rc <= 0)
		return rc;
	take_prior(stmt, prior);
	return 0;
}

/* A decision that was not taken leaves a row in the log too. */
int store_decide_refuse(struct store *store, const struct store_check *check,
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
	return store_decide_refuse(store, check, ERROR_CONFLICT, why);
}

static bool may_say(enum hold_state state, enum hold_verb verb)
{
	switch (verb) {
	case HOLD_ASK:
	case HOLD_CLAIM:
		return hold_waits(state);
	case HOLD_EDIT:
	case HOLD_DELEGATE:
	case HOLD_SNOOZE:
	case HOLD_REVISE:
		return state == HOLD_HELD;
	case HOLD_FINE:
	case HOLD_WRONG:
		return state == HOLD_SENT;
	default:
		return hold_verb_leads(state, verb) != 0;
	}
}

/* The verb does not go with the state: say why, and what does. */
static int refuse_verb(
    struct store *store, const struct store_check *check, enum hold_state state)
{
	const char *name = hold_state_name(state);
	char text[200];

	if (hold_waits(state)) {
		snprintf(text, sizeof(text),
		    "it is %s, so %s is not possible, but approve, drop%s, "
		    "claim and ask are",
		    name, hold_verb_name(check->verb),
		    state == HOLD_HELD ? ", edit, revise, delegate, snooze"
				       : "");
		return store_decide_refuse(store, check, ERROR_INVALID, text);
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

static bool is_blank(const char *text)
{
	return text == NULL || text[strspn(text, " \t\r\n")] == '\0';
}

/* What is against letting it leave. */
static const char *against_approval(const struct store_draft *draft)
{
	if (draft->unread)
		return "it could not be read, so it cannot be approved";
	if (draft->opinions)
		return "programs are still asked for their opinion, so it "
		       "cannot be approved yet; try again in a moment";
	if (store_verdict_late(draft, clock_now_ms()))
		return "the time until which it could leave is over, so it "
		       "can only be dropped";
	return NULL;
}

static const char *against_edit(const struct store_draft *draft)
{
	if (draft->unread)
		return "it could not be read, so it cannot be edited";
	if (draft->dotted)
		return "it was handed to the relay host, so it cannot be "
		       "edited";
	if (draft->opinions)
		return "programs are still asked for their opinion, so it "
		       "cannot be edited yet; try again in a moment";
	return NULL;
}

/* How often may it go back, and for how long? */
static struct hold_revising revising_of(
    const struct store *store, const struct store_draft *draft)
{
	const struct hold_settings *settings = &store->hold->settings;
	struct hold_revising out = {REVISE_ROUNDS, REVISE_WITHIN_MS};

	if (settings->revising != NULL)
		settings->revising(draft->channel, &out, settings->people);
	return out;
}

/* Has it been written to us since that notice was made? */
static int check_stale(struct store *store, const struct store_check *check,
    const struct store_draft *draft)
{
	if (check->verb != HOLD_APPROVE || check->notice == 0 ||
	    check->notice > draft->stale)
		return 0;
	return store_decide_refuse(store, check, ERROR_INVALID,
	    "the other side wrote again after you were shown this; another "
	    "notice says what, answer that one");
}

/*
 * Did that notice ask what is to be answered now?  Who lets a mail leave by an
 * old one does not say that it may leave twice.
 */
static int check_question(struct store *store, const struct store_check *check,
    const struct store_draft *draft)
{
	bool doubt = draft->state == HOLD_IN_DOUBT;
	int64_t n = 0;

	if (check->notice == 0 || (!doubt && draft->state != HOLD_FAILED) ||
	    (check->verb != HOLD_APPROVE && check->verb != HOLD_DROP))
		return 0;
	if (store_number(store,
		"SELECT count(*) FROM item"
		" WHERE notice = ? AND draft = ? AND kind = ?",
		ARGS(NUM(check->notice), NUM(check->id),
		    NUM(doubt ? HOLD_PROMPT_DOUBT : HOLD_PROMPT_FAILED)),
		&n))
		return -1;
	if (n > 0 && check->notice > draft->trouble)
		return 0;
	return refuse_late(store, check,
	    doubt ? "it may have left; another notice asks about that"
		  : "it failed; another notice asks about that");
}

static int check_rounds(struct store *store, const struct store_check *check,
    const struct store_draft *draft)
{
	struct hold_revising most;
	char text[200];

	if (check->verb != HOLD_REVISE)
		return 0;
	if (draft->opinions)
		return store_decide_refuse(store, check, ERROR_INVALID,
		    "programs are still asked for their opinion; try again in "
		    "a moment");
	if (is_blank(check->text))
		return store_decide_refuse(store, check, ERROR_INVALID,
		    "say what its agent is to do better");
	most = revising_of(store, draft);
	if (draft->rounds < most.rounds)
		return 0;
	if (most.rounds == 0)
		snprintf(text, sizeof(text),
		    "drafts of this channel do not go back to their agent; "
		    "edit it, or drop it");
	else
		snprintf(text, sizeof(text),
		    "it went back to its agent %u time%s already, which is as "
		    "often as may be; edit it, or drop it",
		    draft->rounds, draft->rounds == 1 ? "" : "s");
	return store_decide_refuse(store, check, ERROR_INVALID, text);
}

/* Is there something about the draft itself that forbids it? */
static const char *forbidden(
    const struct store_draft *draft, const struct store_check *check)
{
	enum hold_verb verb = check->verb;
	const char *why = NULL;

	if (verb == HOLD_APPROVE)
		why = against_approval(draft);
	else if (verb == HOLD_EDIT)
		why = against_edit(draft);
	else if ((verb == HOLD_FINE || verb == HOLD_WRONG) && !draft->after)
		why = "nobody is asked about it afterwards, it was decided "
		      "before it left";
	if (why == NULL && draft->needs_reason && draft->state == HOLD_HELD &&
	    (verb == HOLD_APPROVE || verb == HOLD_DROP) &&
	    is_blank(check->text))
		why = "this draft wants a reason: say why together with the "
		      "decision";
	return why;
}

/* How many more must approve it, the actor not counted if that was done. */
static unsigned missing(const struct store_draft *draft)
{
	unsigned have = store_people_count(draft->approver);

	return have < draft->persons ? draft->persons - have : 0;
}

static int check_twice(struct store *store, const struct store_check *check,
    const struct store_draft *draft)
{
	unsigned more = missing(draft);
	char text[200];

	if (check->verb != HOLD_APPROVE || draft->state != HOLD_HELD ||
	    !store_people_has(draft->approver, check->actor))
		return 0;
	snprintf(text, sizeof(text),
	    more > 1 ? "you approved it already; %u more people must"
		     : "you approved it already; one more person must",
	    more);
	return store_decide_refuse(store, check, ERROR_INVALID, text);
}

/* Did this very answer say something of the draft before? */
static int check_heard(struct store *store, const struct store_check *check)
{
	sqlite3_stmt *stmt;
	int rc;

	if (check->answer == NULL)
		return 0;
	rc = store_first(store, &stmt,
	    "SELECT actor, medium, verb, at_ms FROM decision"
	    " WHERE draft = ? AND answer = ? ORDER BY id LIMIT 1",
	    ARGS(NUM(check->id), STR(check->answer)));
	if (rc <= 0)
		return rc;
	take_prior(stmt, check->prior);
	check->prior->again = true;
	return store_decide_refuse(
	    store, check, ERROR_CONFLICT, "this answer was heard before");
}

int store_decide_check(struct store *store, struct arena *arena,
    const struct store_check *check, struct store_draft *draft)
{
	struct error err = ERROR_INIT;
	const char *why;
	int rc;

	memset(check->prior, 0, sizeof(*check->prior));
	rc = store_move_draft(store, arena, check->id, draft);
	if (rc == 0)
		error_set(&check->call->error, ERROR_MISSING,
		    "there is no draft %" PRId64, check->id);
	if (rc <= 0)
		return -1;
	if (store_move_may(
		store, draft, check->actor, check->verb == HOLD_APPROVE, &err))
		return store_decide_refuse(
		    store, check, ERROR_DENIED, err.text);
	if (check_heard(store, check))
		return -1;
	if (memcmp(check->shown, draft->sha256, DIGEST_SIZE) != 0)
		return refuse_late(store, check, "the revision changed");
	if (!may_say(draft->state, check->verb))
		return refuse_verb(store, check, draft->state);
	if (check->verb == HOLD_UNDO && draft->dotted)
		return refuse_late(store, check,
		    "it was handed to the relay host, so it is too late");
	why = forbidden(draft, check);
	if (why != NULL)
		return store_decide_refuse(store, check, ERROR_INVALID, why);
	if (check_question(store, check, draft) ||
	    check_stale(store, check, draft) ||
	    check_rounds(store, check, draft))
		return -1;
	return check_twice(store, check, draft);
}

/* ---- what each verb does ------------------------------------------------ */

struct deciding {
	struct store *store;
	struct arena *arena;
	struct hold_decide *decide;
	struct store_draft draft;
	int64_t at_ms;
};

/* The decision as it is written. */
static struct store_decision decision_of(const struct deciding *d)
{
	const struct hold_decide *decide = d->decide;

	return (struct store_decision){
	    .draft = d->draft.id,
	    .sha256 = d->draft.sha256,
	    .verb = decide->verb,
	    .actor = decide->actor,
	    .medium = decide->medium,
	    .text = decide->text,
	    .category = decide->category,
	    .notice = decide->notice,
	    .answer = decide->answer,
	    .at_ms = d->at_ms,
	};
}

/*
 * Who was refused or is in doubt is tried (again); who was refused also when
 * the draft is held because its drop was undone.  What is held is let go by
 * all who approved it; what failed by who has it tried again.
 */
static int approve(struct deciding *d, struct store_move *move)
{
	enum hold_result from = d->draft.state == HOLD_IN_DOUBT
				    ? HOLD_RESULT_IN_DOUBT
				    : HOLD_RESULT_FAILED;
	const struct hold_settings *settings = &d->store->hold->settings;
	bool held = d->draft.state == HOLD_HELD;
	const char *approver = d->decide->actor;

	if (store_recipient_turn(
		d->store, d->draft.id, from, HOLD_RESULT_PENDING, NULL))
		return -1;
	move->due_ms = d->at_ms;
	if (!d->draft.dotted)
		move->due_ms += (int64_t)settings->undo_ms;
	move->due_ms = store_verdict_due(&d->draft, move->due_ms);
	if (held)
		approver =
		    store_people_join(d->arena, d->draft.approver, approver);
	d->draft.approver = approver;
	/* a person looked at it, so nobody need look at it afterwards */
	return store_run(d->store,
	    "UPDATE draft SET approver = ?, approved_ms = ?, tries = 0,"
	    " after = CASE WHEN ? THEN 0 ELSE after END WHERE id = ?",
	    ARGS(STR(approver), NUM(d->at_ms), NUM(held), NUM(d->draft.id)));
}

/* More people must approve it: this one is asked no more. */
static int approve_in_part(struct deciding *d)
{
	struct store_decision decision = decision_of(d);

	d->draft.approver =
	    store_people_join(d->arena, d->draft.approver, d->decide->actor);
	d->decide->missing = missing(&d->draft);
	return -(
	    store_run(d->store, "UPDATE draft SET approver = ? WHERE id = ?",
		ARGS(STR(d->draft.approver), NUM(d->draft.id))) ||
	    store_decide_note(d->store, &decision, STORE_APPROVED_IN_PART) ||
	    store_prompt_answered(d->store, &d->draft, d->decide->actor));
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

/* Its agent has time to send a better one. */
static int send_back(struct deciding *d, struct store_move *move)
{
	struct hold_revising most = revising_of(d->store, &d->draft);

	move->due_ms = d->at_ms + (int64_t)most.within_ms;
	return store_run(d->store,
	    "UPDATE draft SET rounds = rounds + 1 WHERE id = ?",
	    ARGS(NUM(d->draft.id)));
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

static int move_draft(struct deciding *d)
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
	struct store_decision decision = decision_of(d);

	if (decide->verb == HOLD_APPROVE && approve(d, &move))
		return -1;
	if (decide->verb == HOLD_DROP && drop(d, &move))
		return -1;
	if (decide->verb == HOLD_REVISE && send_back(d, &move))
		return -1;
	if (store_decide_record(d->store, &decision) ||
	    store_move(d->store, &move) || after(d, move.to))
		return -1;
	decide->state = move.to;
	decide->due_ms = move.due_ms;
	return 0;
}

static int carry_out(struct deciding *d)
{
	struct store_decision decision = decision_of(d);

	switch (d->decide->verb) {
	case HOLD_ASK:
		return store_decide_note(d->store, &decision, "asked");
	case HOLD_CLAIM:
	case HOLD_DELEGATE:
	case HOLD_FINE:
	case HOLD_WRONG:
	case HOLD_SNOOZE:
		return store_people_say(
		    d->store, d->arena, d->decide, &d->draft, d->at_ms);
	case HOLD_APPROVE:
		if (d->draft.state == HOLD_HELD && missing(&d->draft) > 1)
			return approve_in_part(d);
		break;
	default:
		break;
	}
	return move_draft(d);
}

static int decide_in(
    struct store *store, struct hold_decide *decide, struct arena *arena)
{
	struct deciding d = {
	    .store = store,
	    .arena = arena,
	    .decide = decide,
	    .at_ms = clock_now_ms(),
	};
	int rc;

	if (decide->verb < HOLD_APPROVE || decide->verb >= HOLD_VERBS ||
	    decide->verb == HOLD_EDIT)
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
		.text = decide->text,
		.notice = decide->notice,
		.answer = decide->answer,
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
	decide->missing = 0;
	decide->due_ms = 0;
	memset(&decide->prior, 0, sizeof(decide->prior));
	if (decide_in(store, decide, arena))
		store_fail(store, call);
	arena_free(arena);
}
