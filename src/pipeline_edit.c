/*
 * pipeline_edit: a person's edit on its way: review -> hold -> check -> hold
 * -> review.  The edited mail is read as a new one is, and the rules look at
 * it again; one that goes to others is read once more, by what their channels
 * ask for.
 */
#include "pipeline.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "check/check.h"
#include "check/judge.h"
#include "hold/hold.h"
#include "review/review.h"

#include "house.h"
#include "message.h"
#include "pipeline_opinion.h"
#include "remark.h"

#include "util/mem.h"

#define ADDRESS_MAX 254 /* bytes, RFC 5321 4.5.3.1 */

struct editing {
	struct hold_view view;
	struct hold_load load;
	struct hold_revise revise;
	struct check_request apply, again;
	struct house *house;
	const struct config *config; /* that is in force when it begins */
	struct envelope envelope;
	bool changed; /* the envelope */
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
	reading_free(e->again.reading);
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

static void revise(struct editing *e, struct reading *reading)
{
	const struct reading_edit *result = e->apply.edit;
	struct hold_revise *revise = &e->revise;

	remark_edit(e->chosen.mixed, reading);
	snprintf(e->edit->note, sizeof(e->edit->note), "%s",
	    result->note ? result->note : "");
	revise->call.done = on_revised;
	revise->draft = e->edit->draft;
	memcpy(revise->revision, e->load.sha256, DIGEST_SIZE);
	revise->actor = e->edit->actor;
	revise->medium = e->edit->medium;
	revise->answer = e->edit->answer;
	revise->bytes = result->bytes;
	revise->reading = reading;
	revise->envelope = e->changed ? &e->envelope : NULL;
	revise->note = result->note;
	revise->judge = judge_revision;
	revise->context = e;
	revise->channel = e->chosen.name;
	revise->n_rates = e->chosen.n_rates;
	revise->rates = e->chosen.rates;
	hold_revise(e->house->hold, revise);
}

/* As the readers that are asked, so the channels are those of now. */
static void choose(struct editing *e)
{
	judge_choose(
	    e->config, e->view.agent, &e->envelope, e->view.arena, &e->chosen);
}

/* Is it the old author, or one whom the agent may be? */
static bool may_be_from(const struct editing *e, const char *author)
{
	const struct reading *old = e->view.reading;
	const struct config_agent *agent =
	    config_agent(e->config, e->view.agent);
	size_t i;

	for (i = 0; i < old->n_authors; i++)
		if (message_same_address(old->authors[i], author))
			return true;
	return agent != NULL && config_agent_may_send_as(agent, author);
}

static int check_authors(
    const struct editing *e, const struct reading *reading, struct error *err)
{
	size_t i;

	if (reading->n_authors == 0)
		return error_set(err, ERROR_INVALID,
		    "the new mail does not say who it is from");
	for (i = 0; i < reading->n_authors; i++)
		if (!may_be_from(e, reading->authors[i]))
			return error_set(err, ERROR_INVALID,
			    "the new mail is from %.200s, which agent %.64s "
			    "may not use; write its old From field",
			    reading->authors[i], e->view.agent);
	return 0;
}

/* What a reader says is looked at once more before it is written down. */
static bool is_address(const char *address)
{
	const char *at = strrchr(address, '@');
	const char *c;

	if (at == NULL || at == address || at[1] == '\0' ||
	    strlen(address) > ADDRESS_MAX)
		return false;
	for (c = address; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f ||
		    (strchr(" <>", *c) != NULL && (*address != '"' || c > at)))
			return false;
	return true;
}

/*
 * An answer may bring a mail with parts of our notice in it, which the world
 * is not to see: its address, how it begins.
 */
static bool has_word(struct span text, const char *word)
{
	size_t len = strlen(word), i;

	for (i = 0; i + len <= text.len; i++)
		if (strncasecmp(text.data + i, word, len) == 0)
			return true;
	return false;
}

static int check_leak(
    const struct editing *e, const struct reading *reading, struct error *err)
{
	const char *const *word = e->edit->never;

	for (; word != NULL && *word != NULL; word++)
		if (has_word(e->apply.edit->bytes, *word) ||
		    has_word(reading->text, *word))
			return error_set(err, ERROR_INVALID,
			    "the new mail has parts of the notice in it; "
			    "delete what your mail program quoted");
	return 0;
}

/* What is larger than a mail may be could not have come in. */
static int check_size(const struct editing *e, struct error *err)
{
	uint64_t most = e->config->limits.message_size;
	size_t size = e->apply.edit->bytes.len;

	if (size <= most || size <= e->load.size)
		return 0;
	return error_set(err, ERROR_INVALID,
	    "the mail would be of %zu bytes; limits.message_size allows "
	    "%" PRIu64,
	    size, most);
}

static int take_recipients(struct editing *e, struct error *err)
{
	const struct reading_edit *result = e->apply.edit;
	size_t most = e->config->limits.recipients, i;
	struct recipient *list;

	if (result->n_recipients > most)
		return error_set(err, ERROR_INVALID,
		    "it would go to %zu recipients; %zu are allowed",
		    result->n_recipients, most);
	list = arena_alloc(
	    e->view.arena, (result->n_recipients + 1) * sizeof(*list));
	for (i = 0; i < result->n_recipients; i++) {
		if (!is_address(result->recipients[i]))
			return error_set(err, ERROR_INVALID,
			    "'%.100s' is no address that mail can be sent to",
			    result->recipients[i]);
		list[i].address = result->recipients[i];
	}
	if (result->n_recipients == 0)
		return 0;
	e->envelope.recipients = list;
	e->envelope.n_recipients = result->n_recipients;
	e->edit->readdressed = true;
	e->changed = true;
	return 0;
}

/* A person's mail may be of 8 bits where the agent's was not. */
static void take_body(struct editing *e)
{
	struct span bytes = e->apply.edit->bytes;
	size_t i;

	if (e->edit->mail.data == NULL)
		return;
	for (i = 0; i < bytes.len && (unsigned char)bytes.data[i] < 0x80; i++)
		;
	if (i == bytes.len)
		return;
	e->envelope.body = MESSAGE_BODY_8BITMIME;
	e->changed = true;
}

static void on_read_again(struct check_request *request)
{
	struct editing *e = request->context;
	const char *trouble = request->reading->trouble;
	struct error err = ERROR_INIT;

	if (trouble == NULL) {
		revise(e, request->reading);
		return;
	}
	error_set(&err, ERROR_INVALID, "%s", trouble);
	end(e, &err);
}

/* Others get it: look with the eyes of their channels. */
static int read_again(struct editing *e, struct error *err)
{
	choose(e);
	e->again.bytes = e->apply.edit->bytes;
	e->again.agent = e->view.agent;
	e->again.envelope = &e->envelope;
	e->again.n_channels = e->chosen.n;
	e->again.channels = e->chosen.indices;
	e->again.done = on_read_again;
	e->again.context = e;
	return check_draft(e->house->check, &e->again, err);
}

static void on_applied(struct check_request *request)
{
	struct editing *e = request->context;
	const struct reading_edit *result = request->edit;
	struct error err = ERROR_INIT;

	if (result->refusal != NULL)
		error_set(&err, ERROR_INVALID, "%s", result->refusal);
	else if ((e->edit->mail.data == NULL ||
		     check_authors(e, result->reading, &err) == 0) &&
		 check_leak(e, result->reading, &err) == 0 &&
		 check_size(e, &err) == 0 && take_recipients(e, &err) == 0) {
		take_body(e);
		if (!e->edit->readdressed) {
			revise(e, result->reading);
			return;
		}
		if (read_again(e, &err) == 0)
			return;
	}
	end(e, &err);
}

/* Who came before, as far as that changed the draft's text. */
static void take_prior(struct editing *e, const struct hold_decision *d)
{
	struct hold_prior *prior = &e->edit->prior;

	snprintf(prior->actor, sizeof(prior->actor), "%s", d->actor);
	snprintf(prior->medium, sizeof(prior->medium), "%s", d->medium);
	prior->verb = d->verb;
	prior->at_ms = d->at_ms;
	e->edit->state = e->view.state;
}

/* Was this very edit made before, or another one since it was shown? */
static int check_first(struct editing *e, struct error *err)
{
	const struct review_edit *edit = e->edit;
	const struct hold_decision *d = e->view.decisions, *last = NULL;
	size_t i;

	for (i = 0; i < e->view.n_decisions; i++, d++) {
		if (edit->answer != NULL && d->answer != NULL &&
		    strcmp(d->answer, edit->answer) == 0) {
			take_prior(e, d);
			e->edit->prior.again = true;
			return error_set(
			    err, ERROR_CONFLICT, "this edit was made before");
		}
		if (d->verb == HOLD_EDIT)
			last = d;
	}
	if (digest_equal(e->load.sha256, edit->revision, DIGEST_SIZE))
		return 0;
	if (last != NULL)
		take_prior(e, last);
	return error_set(err, ERROR_CONFLICT,
	    "the draft was changed since you were shown it");
}

static void on_loaded(struct hold_call *call)
{
	struct editing *e = EDITING(call, load);
	struct error err = call->error;

	if (err.kind == ERROR_NONE)
		check_first(e, &err);
	if (err.kind == ERROR_NONE) {
		e->config = config_ref(e->house->config);
		choose(e);
		e->apply.bytes = (struct span){e->load.bytes, e->load.size};
		e->apply.text = e->edit->text;
		e->apply.subject = e->edit->subject;
		e->apply.to = e->edit->to;
		e->apply.cc = e->edit->cc;
		e->apply.bcc = e->edit->bcc;
		e->apply.mail = e->edit->mail;
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
	edit->readdressed = false;
	digest_random(&e->dice, sizeof(e->dice));
	e->view.call.done = on_viewed;
	e->view.draft = edit->draft;
	hold_view(e->house->hold, &e->view);
}
