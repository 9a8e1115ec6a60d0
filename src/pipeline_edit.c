/*
 * pipeline_edit: a person's edit on its way: review -> hold -> check -> hold
 * -> review.  The edited mail is read as a new one is, and the rules look at
 * it again.
 */
#include "pipeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/check.h"
#include "check/judge.h"
#include "hold/hold.h"
#include "review/review.h"

#include "house.h"
#include "pipeline_opinion.h"
#include "remark.h"

#include "util/mem.h"

struct editing {
	struct hold_view view;
	struct hold_load load;
	struct hold_revise revise;
	struct check_request apply;
	struct house *house;
	const struct config *config; /* that is in force when it begins */
	struct envelope envelope;
	struct judge_chosen chosen;
	uint64_t dice;
	struct review_edit *edit;
};

#define EDITING(call, member)                                                  \
	((struct editing *)(void *)((char *)(call)-offsetof(                   \
	    struct editing, member)))

static void end(struct editing *e, const struct error *err)
{
	struct review_edit *edit = e->edit;
	struct house *house = e->house;

	edit->error = *err;
	verdict_release(&e->revise.verdict);
	reading_edit_free(e->apply.edit);
	hold_view_release(&e->view);
	free(e->load.bytes);
	config_unref(e->config);
	free(e);
	if (edit->error.kind == ERROR_NONE)
		pipeline_moved(edit->draft, edit->state, house);
	edit->done(edit);
}

static void on_revised(struct hold_call *call)
{
	struct editing *e = EDITING(call, revise);
	const struct hold_revise *revise = &e->revise;

	e->edit->number = revise->number;
	e->edit->state = revise->state;
	e->edit->prior = revise->prior;
	memcpy(e->edit->code, revise->code, sizeof(e->edit->code));
	if (call->error.kind == ERROR_NONE && revise->verdict.opinions)
		pipeline_opinion_kick(e->house->opinions);
	end(e, &call->error);
}

/* Store thread, inside the commit: pure. */
static void judge_revision(struct hold_revise *revise,
    const struct verdict_history *history, struct verdict *verdict)
{
	const struct editing *e = revise->context;
	const struct judge_facts facts = {
	    .agent = e->view.agent,
	    .envelope = &e->envelope,
	    .size = revise->bytes.len,
	    .reading = revise->reading,
	    .history = history,
	    .config = e->config,
	    .n_rules = e->config->n_rules,
	    .rules = e->config->rules,
	    .n_channels = e->chosen.n,
	    .channels = e->chosen.channels,
	    .now_ms = e->view.received_ms,
	    .dice = e->dice,
	};

	judge(&facts, verdict);
}

static void on_applied(struct check_request *request)
{
	struct editing *e = request->context;
	const struct reading_edit *result = request->edit;
	struct hold_revise *revise = &e->revise;
	struct error err = ERROR_INIT;

	if (result->refusal != NULL) {
		error_set(&err, ERROR_INVALID, "%s", result->refusal);
		end(e, &err);
		return;
	}
	remark_edit(e->chosen.mixed, result->reading);
	snprintf(e->edit->note, sizeof(e->edit->note), "%s",
	    result->note ? result->note : "");
	revise->call.done = on_revised;
	revise->draft = e->edit->draft;
	memcpy(revise->revision, e->load.sha256, DIGEST_SIZE);
	revise->actor = e->edit->actor;
	revise->medium = e->edit->medium;
	revise->bytes = result->bytes;
	revise->reading = result->reading;
	revise->note = result->note;
	revise->judge = judge_revision;
	revise->context = e;
	revise->n_rates = e->chosen.n_rates;
	revise->rates = e->chosen.rates;
	hold_revise(e->house->hold, revise);
}

/* As the readers that are asked, so the channels are those of now. */
static void choose(struct editing *e)
{
	e->config = config_ref(e->house->config);
	judge_choose(
	    e->config, e->view.agent, &e->envelope, e->view.arena, &e->chosen);
}

static void on_loaded(struct hold_call *call)
{
	struct editing *e = EDITING(call, load);
	struct error err = call->error;

	if (err.kind == ERROR_NONE &&
	    !digest_equal(e->load.sha256, e->edit->revision, DIGEST_SIZE))
		error_set(&err, ERROR_CONFLICT,
		    "the draft was changed since you were shown it");
	if (err.kind == ERROR_NONE) {
		choose(e);
		e->apply.bytes = (struct span){e->load.bytes, e->load.size};
		e->apply.text = e->edit->text;
		e->apply.agent = e->view.agent;
		e->apply.envelope = &e->envelope;
		e->apply.n_channels = e->chosen.n;
		e->apply.channels = e->chosen.indices;
		e->apply.done = on_applied;
		e->apply.context = e;
		if (check_edit(e->house->check, &e->apply, &err) == 0)
			return;
	}
	end(e, &err);
}

static void on_viewed(struct hold_call *call)
{
	struct editing *e = EDITING(call, view);
	struct house *house = e->house;

	if (call->error.kind != ERROR_NONE) {
		end(e, &call->error);
		return;
	}
	hold_view_envelope(&e->view, &e->envelope);
	e->load.call.done = on_loaded;
	e->load.draft = e->edit->draft;
	hold_load(house->hold, &e->load);
}

void pipeline_edit(struct review_edit *edit, void *context)
{
	struct editing *e = mem_zalloc(sizeof(*e));

	e->house = context;
	e->edit = edit;
	digest_random(&e->dice, sizeof(e->dice));
	e->view.call.done = on_viewed;
	e->view.draft = edit->draft;
	hold_view(e->house->hold, &e->view);
}
