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
	struct hold_revise *revise;
	struct store_work *work;
	struct store_draft draft;
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
	struct store_envelope all;

	if (store_recipient_envelope(r->store, arena, r->draft.id, false, &all))
		return -1;
	digest_of(r->revise->bytes.data, r->revise->bytes.len, r->work->body);
	return store_work_prepare(
	    r->work, &all.envelope, &recipe, &r->revise->call.error);
}

/*
 * What the daemon itself found of the draft, and no reader finds again, is as
 * true of the new revision: who it says it is from, and that it came twice.
 */
static int keep_findings(struct revising *r)
{
	return store_run(r->store,
	    "INSERT INTO finding (revision, n, weight, name, detail)"
	    " SELECT ?, n + 1000000, weight, name, detail FROM finding"
	    " WHERE revision = ? AND n < 1000000"
	    " AND name IN ('from-not-authorised', 'duplicate')",
	    ARGS(NUM(STORE_KEY(r->draft.id, r->draft.number + 1)),
		NUM(STORE_KEY(r->draft.id, 1))));
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

/* Guarded like a move, although the state stays. */
static int change_draft(struct revising *r)
{
	if (store_run(r->store,
		"UPDATE draft SET number = number + 1, sha256 = ?, unread = ?"
		" WHERE id = ? AND state = ? AND sha256 = ?",
		ARGS(BIN(r->work->sha256, DIGEST_SIZE),
		    NUM(r->revise->reading->trouble != NULL), NUM(r->draft.id),
		    NUM(HOLD_HELD), BIN(r->draft.sha256, DIGEST_SIZE))))
		return -1;
	if (sqlite3_changes(r->store->db) != 1)
		return error_set(&r->revise->call.error, ERROR_CONFLICT,
		    "the draft changed meanwhile");
	r->draft.number++;
	memcpy(r->draft.sha256, r->work->sha256, DIGEST_SIZE);
	return 0;
}

static int record(struct revising *r)
{
	const struct hold_revise *revise = r->revise;

	if (store_decide_record(r->store, &(struct store_decision){
					      .draft = r->draft.id,
					      .sha256 = r->draft.sha256,
					      .verb = HOLD_EDIT,
					      .actor = revise->actor,
					      .medium = revise->medium,
					      .text = revise->note,
					      .at_ms = r->at_ms,
					  }))
		return -1;
	return store_audit_add(r->store, &(struct store_event){
					     .draft = r->draft.id,
					     .event = "edited",
					     .actor = revise->actor,
					     .medium = revise->medium,
					     .revision = r->draft.sha256,
					     .text = revise->note,
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

static int revise_in(struct revising *r, struct arena *arena)
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
		.prior = &revise->prior,
	    },
	    &r->draft);
	revise->state = r->draft.state;
	revise->number = r->draft.number;
	memcpy(revise->code, r->draft.code, sizeof(revise->code));
	if (rc != 0 || prepare(r, arena))
		return -1;
	if (memcmp(r->work->sha256, r->draft.sha256, DIGEST_SIZE) == 0)
		return error_set(
		    &revise->call.error, ERROR_INVALID, "nothing changed");
	if (r->draft.number >= STORE_KEYS_MAX - 1)
		return error_set(&revise->call.error, ERROR_INVALID,
		    "it was edited too often");
	if (put_revision(r) || keep_findings(r) || change_draft(r) ||
	    record(r) || ask_again(r))
		return -1;
	revise->number = r->draft.number;
	revision_code(r->draft.sha256, revise->code);
	return 0;
}

void store_revise(struct hold_call *call)
{
	struct hold_revise *revise = revise_of(call);
	struct revising r = {
	    .store = call->hold->store,
	    .revise = revise,
	    .work = call->work,
	    .at_ms = clock_now_ms(),
	};
	struct arena *arena = arena_new();

	revise->state = (enum hold_state)0;
	revise->number = 0;
	revise->code[0] = '\0';
	memset(&revise->prior, 0, sizeof(revise->prior));
	if (revise_in(&r, arena))
		store_fail(r.store, call);
	arena_free(arena);
}
