/*
 * store_revise: a new revision from a person's edit.  How the new bytes came
 * about is left to the reader; the draft stays held.
 */
#include "hold/store.h"

#include "util/clock.h"

#include <stdlib.h>
#include <string.h>

struct revising {
	struct store *store;
	struct arena *arena;
	struct hold_revise *revise;
	struct store_work *work;
	struct store_draft draft;
	struct envelope envelope; /* of the new revision */
	bool readdressed;
	/* what the ledger knows of it, when it goes to others */
	struct store_history history;
	struct hold_put put; /* what that is looked up by */
	struct message message;
	int64_t at_ms;
};

static struct hold_revise *revise_of(struct hold_call *call)
{
	return (void *)((char *)call - offsetof(struct hold_revise, call));
}

void store_revise_file(struct hold_call *call)
{
	struct hold_revise *revise = revise_of(call);
	struct store_work *work = call->work;

	digest_of(revise->bytes.data, revise->bytes.len, work->body);
	store_work_write(work, call->hold, revise->bytes, &call->error);
}

/* What the agent said of a recipient stays with it. */
static void copy_recipient(const struct envelope *old, struct recipient *r)
{
	size_t i;

	for (i = 0; i < old->n_recipients; i++)
		if (strcmp(old->recipients[i].address, r->address) == 0) {
			*r = old->recipients[i];
			return;
		}
	r->orcpt = NULL;
	r->notify = 0;
}

static bool same_recipients(const struct envelope *a, const struct envelope *b)
{
	size_t i;

	if (a->n_recipients != b->n_recipients)
		return false;
	for (i = 0; i < a->n_recipients; i++)
		if (strcmp(a->recipients[i].address,
			b->recipients[i].address) != 0)
			return false;
	return true;
}

/* The envelope as it is to be; sender and the rest stay. */
static int make_envelope(struct revising *r, struct arena *arena)
{
	const struct envelope *wanted = r->revise->envelope;
	struct store_envelope all;
	size_t i;

	if (store_recipient_envelope(r->store, arena, r->draft.id, false, &all))
		return -1;
	r->envelope = all.envelope;
	r->readdressed = false;
	if (wanted == NULL)
		return 0;
	if (wanted->body == MESSAGE_BODY_8BITMIME)
		r->envelope.body = MESSAGE_BODY_8BITMIME;
	r->envelope.n_recipients = wanted->n_recipients;
	r->envelope.recipients = (void *)arena_dup(arena, wanted->recipients,
	    wanted->n_recipients * sizeof(*wanted->recipients));
	for (i = 0; i < wanted->n_recipients; i++)
		copy_recipient(&all.envelope, &r->envelope.recipients[i]);
	r->readdressed = r->envelope.body != all.envelope.body ||
			 !same_recipients(&r->envelope, &all.envelope);
	return 0;
}

/* It has a body of its own; cuts are made all the same if there are any. */
static int prepare(struct revising *r, struct arena *arena)
{
	const struct reading *reading = r->revise->reading;
	struct revision_recipe recipe = {
	    .head = {"", 0},
	    .body = r->revise->bytes,
	    .n_cuts = reading->n_cuts,
	    .cuts = reading->cuts,
	};

	if (make_envelope(r, arena))
		return -1;
	digest_of(r->revise->bytes.data, r->revise->bytes.len, r->work->body);
	return store_work_prepare(
	    r->work, &r->envelope, &recipe, &r->revise->call.error);
}

static int64_t new_revision(const struct revising *r)
{
	return STORE_KEY(r->draft.id, r->draft.number + 1);
}

/*
 * What the ledger knew of the draft, and who it says it is from, no reader
 * finds again, and it is as true of the new revision.
 */
static int keep_findings(struct revising *r)
{
	if (store_run(r->store,
		"INSERT INTO finding (revision, n, weight, name, detail, value,"
		" by_whom) SELECT ?1, n + ?3, weight, name, detail, value,"
		" by_whom FROM finding WHERE revision = ?2"
		" AND name = 'from-not-authorised'",
		ARGS(NUM(new_revision(r)), NUM(STORE_KEY(r->draft.id, 1)),
		    NUM(STORE_FINDING_DAEMON))))
		return -1;
	if (r->readdressed)
		return store_body_findings(r->store, new_revision(r),
		    STORE_FINDING_LEDGER, r->history.told.findings,
		    r->history.told.n_findings);
	return store_run(r->store,
	    "INSERT INTO finding (revision, n, weight, name, detail, value,"
	    " by_whom) SELECT ?1, n, weight, name, detail, value, by_whom"
	    " FROM finding WHERE revision = ?2 AND by_whom = ?3",
	    ARGS(NUM(new_revision(r)),
		NUM(STORE_KEY(r->draft.id, r->draft.number)),
		STR(STORE_LEDGER)));
}

/* Look up what the ledger knows of who gets it now. */
static int look_at_others(struct revising *r)
{
	const struct hold_revise *revise = r->revise;

	if (!r->readdressed)
		return 0;
	r->message = (struct message){
	    .envelope = r->envelope,
	    .agent = r->draft.agent,
	    .received_ms = r->draft.received_ms,
	};
	r->put = (struct hold_put){
	    .message = &r->message,
	    .reading = revise->reading,
	    .draft = r->draft.id,
	    .channel = revise->channel,
	    .n_rates = revise->n_rates,
	    .rates = revise->rates,
	};
	return store_history_others(r->store, &r->put,
	    STORE_KEY(r->draft.id, r->draft.number), r->arena, &r->history);
}

/* It goes to them from now on, and counts as theirs. */
static int readdress(struct revising *r)
{
	if (!r->readdressed)
		return 0;
	if (store_envelope_change(r->store, r->draft.id, r->draft.number,
		&r->envelope, r->history.seen.people, &r->revise->call.error))
		return -1;
	return store_seen_write(r->store, &r->put, &r->history.seen);
}

static int put_revision(struct revising *r)
{
	return store_body_put(r->store, r->work,
	    &(struct store_revision){
		.draft = r->draft.id,
		.number = r->draft.number + 1,
		.head = {"", 0},
		.bytes = r->revise->bytes,
		.reading = r->revise->reading,
		.editor = r->revise->actor,
		.note = r->revise->note,
		.at_ms = r->at_ms,
	    });
}

/* The new mail, with what only the first revision told of the draft. */
static int fill_reading(struct revising *r, struct reading *whole)
{
	const struct reading *read = r->revise->reading;
	struct reading *first;
	size_t i;

	*whole = *read;
	whole->arena = r->arena;
	whole->n_findings = whole->findings_room = 0;
	for (i = 0; i < read->n_findings; i++)
		store_view_add(whole, &read->findings[i]);
	first = store_view_reading(r->store, STORE_KEY(r->draft.id, 1));
	if (first == NULL)
		return -1;
	store_view_context(&whole->context, &first->context, r->arena);
	first->n_findings = 0;
	if (store_view_findings(
		r->store, STORE_KEY(r->draft.id, 1), STORE_OTHERS, first)) {
		reading_free(first);
		return -1;
	}
	for (i = 0; i < first->n_findings; i++)
		if (strcmp(first->findings[i].name, "from-not-authorised") == 0)
			store_view_add(whole, &first->findings[i]);
	reading_free(first);
	return 0;
}

/*
 * Others are another channel's: its reviewers decide, and those who were asked
 * for the old one have no say any more.  What was demanded of them stays.
 */
static void change_channel(struct revising *r, const struct verdict *verdict)
{
	if (!r->readdressed || verdict->channel[0] == '\0' ||
	    strcmp(verdict->channel, r->draft.channel) == 0)
		return;
	r->draft.channel = arena_strdup(r->arena, verdict->channel);
	if (verdict->ask != NULL && *verdict->ask != '\0')
		r->draft.ask = "";
}

/* It waits for its own approval, whatever is said of it. */
static int put_verdict(struct revising *r)
{
	const struct verdict *verdict = &r->revise->verdict;
	const struct finding refuses = {
	    .name = "rule-refuses",
	    .detail = *verdict->say != '\0' ? verdict->say : verdict->reason,
	    .weight = FINDING_TRIPWIRE,
	    .value = verdict->rule,
	    .by = NULL,
	};

	if (verdict->kind == VERDICT_REFUSE &&
	    store_body_findings(r->store, new_revision(r),
		STORE_FINDING_DAEMON - 1, &refuses, 1))
		return -1;
	change_channel(r, verdict);
	store_verdict_rise(r->arena, &r->draft, verdict);
	return -(store_body_trace(r->store, new_revision(r), verdict->trace) ||
		 store_verdict_save(r->store, &r->draft));
}

/*
 * An edit never makes it easier to let the draft go: what the first revision
 * demanded stays, since it was the agent that wrote it.
 */
static int judge_again(struct revising *r)
{
	struct hold_revise *revise = r->revise;
	const struct reading *read = revise->reading;
	struct verdict_history history;
	struct reading whole;

	if (revise->judge == NULL)
		return 0;
	if (fill_reading(r, &whole))
		return -1;
	if (r->readdressed)
		history = r->history.told;
	else if (store_history_again(r->store, r->arena,
		     STORE_KEY(r->draft.id, r->draft.number), revise->rates,
		     revise->n_rates, &history))
		return -1;
	revise->reading = &whole;
	revise->judge(revise, &history, &revise->verdict);
	revise->reading = read;
	return put_verdict(r);
}

/* Guarded like a move, although the state stays. */
static int change_draft(struct revising *r)
{
	if (store_run(r->store,
		"UPDATE draft SET number = number + 1, sha256 = ?, unread = ?,"
		" approver = NULL"
		" WHERE id = ? AND state = ? AND sha256 = ?",
		ARGS(BIN(r->work->sha256, DIGEST_SIZE),
		    NUM(r->revise->reading->trouble != NULL), NUM(r->draft.id),
		    NUM(HOLD_HELD), BIN(r->draft.sha256, DIGEST_SIZE))))
		return -1;
	if (sqlite3_changes(r->store->db) != 1)
		return error_set(&r->revise->call.error, ERROR_CONFLICT,
		    "the draft changed meanwhile");
	r->draft.number++;
	r->draft.approver = NULL;
	memcpy(r->draft.sha256, r->work->sha256, DIGEST_SIZE);
	return 0;
}

static int record(struct revising *r)
{
	const struct hold_revise *revise = r->revise;

	return store_decide_note(r->store,
	    &(struct store_decision){
		.draft = r->draft.id,
		.sha256 = r->draft.sha256,
		.verb = HOLD_EDIT,
		.actor = revise->actor,
		.medium = revise->medium,
		.text = revise->note,
		.category = revise->category,
		.answer = revise->answer,
		.at_ms = r->at_ms,
	    },
	    "edited");
}

static int tell(struct revising *r)
{
	return store_word_add(r->store, &(struct store_word){
					    .draft = r->draft.id,
					    .event = HOLD_EDITED,
					    .actor = r->revise->actor,
					    .at_ms = r->at_ms,
					});
}

/* Everybody who is asked sees the new one, the editor included. */
static int ask_again(struct revising *r)
{
	if (store_prompt_close(r->store, &r->draft, NULL))
		return -1;
	return store_prompt_ask(
	    r->store, &r->draft, HOLD_PROMPT_DECIDE, r->draft.ask);
}

static int check(struct revising *r, struct arena *arena)
{
	struct hold_revise *revise = r->revise;
	int rc;

	rc = store_decide_check(r->store, arena,
	    &(struct store_check){
		.call = &revise->call,
		.id = revise->draft,
		.shown = revise->revision,
		.verb = HOLD_EDIT,
		.actor = revise->actor,
		.medium = revise->medium,
		.answer = revise->answer,
		.prior = &revise->prior,
	    },
	    &r->draft);
	revise->state = r->draft.state;
	revise->number = r->draft.number;
	memcpy(revise->code, r->draft.code, sizeof(revise->code));
	return rc;
}

static int revise_in(struct revising *r, struct arena *arena)
{
	struct hold_revise *revise = r->revise;

	if (check(r, arena) || prepare(r, arena))
		return -1;
	if (memcmp(r->work->sha256, r->draft.sha256, DIGEST_SIZE) == 0)
		return error_set(
		    &revise->call.error, ERROR_INVALID, "nothing changed");
	if (r->draft.number >= STORE_KEYS_MAX - 1)
		return error_set(&revise->call.error, ERROR_INVALID,
		    "it was edited too often");
	if (look_at_others(r) || readdress(r) || put_revision(r) ||
	    keep_findings(r) || judge_again(r) || change_draft(r) ||
	    record(r) || tell(r) || ask_again(r))
		return -1;
	revise->number = r->draft.number;
	revision_code(r->draft.sha256, revise->code);
	return 0;
}

void store_revise(struct hold_call *call)
{
	struct hold_revise *revise = revise_of(call);
	struct arena *arena = arena_new();
	struct revising r = {
	    .store = call->hold->store,
	    .arena = arena,
	    .revise = revise,
	    .work = call->work,
	    .at_ms = clock_now_ms(),
	};

	verdict_release(&revise->verdict); /* of a run that was rolled back */
	memset(&revise->verdict, 0, sizeof(revise->verdict));
	revise->state = (enum hold_state)0;
	revise->number = 0;
	revise->code[0] = '\0';
	memset(&revise->prior, 0, sizeof(revise->prior));
	if (revise_in(&r, arena))
		store_fail(r.store, call);
	arena_free(arena);
}
