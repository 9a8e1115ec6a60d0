/*
 * change: who asks, what for, and what came of it.  What a decision does is
 * left to hold, what an edit does to the hooks.
 */
#include "review/change.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "review/errand.h"
#include "review/grammar.h"
#include "review/json.h"
#include "review/reason.h"
#include "review/text.h"

#include "config/config.h"

#include "util/clock.h"
#include "util/log.h"
#include "util/nearest.h"

#define MEDIUM "command line"

/* A conflict carries who was first. */
static void reply_conflict(struct httpd_request *request,
    const struct error *err, const struct hold_prior *prior, const char *state)
{
	json_t *value = json_pack("{s:s, s:s, s:s, s:o}", "error",
	    error_kind_name(err->kind), "text", err->text, "state", state,
	    "prior", json_prior(prior));
	char *text = json_dumps(value, JSON_COMPACT);

	json_decref(value);
	httpd_reply(request, 409, "application/json",
	    (struct span){text, strlen(text)});
	free(text);
}

/* The reviewer at the other end; NULL: refused and answered. */
static const struct config_reviewer *who_asks(
    struct httpd_request *request, const struct review *review)
{
	const struct config_reviewer *who =
	    config_reviewer_of_uid(review->config, request->uid);
	struct error err = ERROR_INIT;

	if (who != NULL)
		return who;
	error_set(&err, ERROR_DENIED,
	    "user %u of this machine is no reviewer, so it can only read; an "
	    "admin can add it to 'users' of a reviewer",
	    (unsigned)request->uid);
	httpd_reply_error(request, &err);
	return NULL;
}

/* The JSON object of a request; NULL: refused and answered. */
static json_t *body_of(struct httpd_request *request)
{
	json_error_t why;
	json_t *body = json_loadb(request->body.data, request->body.len,
	    JSON_REJECT_DUPLICATES, &why);

	if (json_is_object(body))
		return body;
	json_decref(body);
	errand_invalid(request, "the body must be a JSON object");
	return NULL;
}

static const char *member(const json_t *body, const char *name)
{
	return json_string_value(json_object_get(body, name));
}

/* A hash in hex: which revision the asker was shown. */
static int hash_of(const json_t *body, unsigned char hash[DIGEST_SIZE])
{
	const char *hex = member(body, "sha256");
	unsigned byte;
	size_t i;

	if (hex == NULL || strlen(hex) != 2 * DIGEST_SIZE ||
	    strspn(hex, "0123456789abcdef") != 2 * DIGEST_SIZE)
		return -1;
	for (i = 0; i < DIGEST_SIZE; i++) {
		sscanf(hex + 2 * i, "%2x", &byte);
		hash[i] = (unsigned char)byte;
	}
	return 0;
}

static void on_decided(struct hold_call *call)
{
	struct errand *ask = (struct errand *)(void *)call;
	const struct hold_decide *d = &ask->decide;
	const struct review_hooks *hooks = &ask->review->hooks;

	if (call->error.kind == ERROR_CONFLICT) {
		reply_conflict(ask->request, &call->error, &d->prior,
		    hold_state_name(d->state));
		errand_free(ask);
		return;
	}
	if (errand_failed(ask))
		return;
	log_info("draft %" PRId64 " decided verb=%s actor=%s medium=\"%s\"",
	    d->draft, hold_verb_name(d->verb), d->actor, d->medium);
	hooks->moved(d->draft, d->state, hooks->context);
	errand_reply(ask->request,
	    json_pack("{s:I, s:s, s:s, s:i, s:o, s:o}", "id",
		(json_int_t)d->draft, "state", hold_state_name(d->state),
		"code", d->code, "missing", (int)d->missing, "due",
		json_time(d->due_ms), "prior", json_prior(&d->prior)));
	errand_free(ask);
}

/* The call cannot be made: answer, and free the ask. */
static void refuse(struct errand *ask, const char *text)
{
	error_set(&ask->call.error, ERROR_INVALID, "%s", text);
	errand_failed(ask);
}

/* "the reasons are wrong-price, tone" */
static const char *which_reasons(
    const struct errand *ask, const struct channel *channel)
{
	const char *list = reason_list(ask->arena, channel);

	return list == NULL ? "its channel has no reasons to choose from"
			    : arena_printf(ask->arena,
				  "the reasons of its channel are %s", list);
}

/* Is that category one of the channel's?  Then in its own spelling. */
static const char *category_of(
    const struct channel *channel, const char *category)
{
	const char *const *c = channel == NULL ? NULL : channel->reasons;

	for (; c != NULL && *c != NULL; c++)
		if (strcasecmp(*c, category) == 0)
			return *c;
	return NULL;
}

/* Find the category: named, or the first word.  -1: refused and answered. */
static int take_reason(struct errand *ask)
{
	const struct channel *channel = NULL;
	struct hold_decide *d = &ask->decide;
	const char *named = d->category;
	struct reason reason;

	if (ask->look.channel != NULL)
		channel = config_channel(ask->config, ask->look.channel);
	if (named != NULL) {
		d->category = category_of(channel, named);
		if (d->category == NULL) {
			refuse(ask, arena_printf(ask->arena,
					"'%s' is no reason here; %s", named,
					which_reasons(ask, channel)));
			return -1;
		}
		reason = (struct reason){d->category, NULL, text_span(d->text)};
		d->text = reason_text(ask->arena, &reason);
		return 0;
	}
	reason = reason_read(ask->arena, channel, text_span(d->text));
	if (reason.meant != NULL && ask->look.needs_reason) {
		refuse(ask, arena_printf(ask->arena,
				"do you mean '%s'? It wants a reason, and %s",
				reason.meant, which_reasons(ask, channel)));
		return -1;
	}
	d->category = reason.category;
	if (reason.category != NULL)
		d->text = reason_text(ask->arena, &reason);
	return 0;
}

static void on_looked(struct hold_call *call)
{
	struct errand *ask =
	    (struct errand *)(void *)((char *)call -
				      offsetof(struct errand, look));

	if (call->error.kind != ERROR_NONE) {
		ask->call.error = call->error;
		errand_failed(ask);
		return;
	}
	ask->looked = true;
	if (take_reason(ask) == 0)
		hold_decide(ask->review->hold, &ask->decide);
}

/* The verb that a request names; 0: none of those that can be posted. */
static enum hold_verb verb_of(const json_t *body)
{
	const char *name = member(body, "verb");
	enum hold_verb verb = name == NULL ? 0 : hold_verb_of(name);

	return verb == HOLD_EDIT ? 0 : verb;
}

/* A snooze says for how long.  -1: refused and answered. */
static int take_span(struct errand *ask)
{
	const unsigned most_s = ask->config->review.snooze_s;
	struct hold_decide *d = &ask->decide;
	unsigned span_s = grammar_span(text_span(d->text));
	char span[CLOCK_ISO_SIZE];

	if (span_s == 0) {
		refuse(ask, "say in 'text' for how long: 30m, 2h or 3d");
		return -1;
	}
	if (span_s > most_s) {
		refuse(ask,
		    arena_printf(ask->arena, "it can be put off for %s at most",
			clock_span((int64_t)most_s * 1000, span)));
		return -1;
	}
	d->until_ms = clock_now_ms() + (int64_t)span_s * 1000;
	d->text = NULL;
	return 0;
}

/* Send the decision off; first look at the draft if reasons matter. */
static void go(struct errand *ask)
{
	struct hold_decide *d = &ask->decide;

	if (d->verb == HOLD_DELEGATE &&
	    (d->text == NULL ||
		config_reviewer(ask->config, d->text) == NULL)) {
		refuse(ask, "there is no reviewer of that name; give the name "
			    "that imprimatur.conf has for who is to decide");
	} else if (d->verb == HOLD_DROP || d->verb == HOLD_WRONG) {
		ask->look.call.done = on_looked;
		ask->look.draft = d->draft;
		hold_view(ask->review->hold, &ask->look);
	} else if (d->category != NULL) {
		refuse(ask, "only drop and wrong have a category");
	} else if (d->verb != HOLD_SNOOZE || take_span(ask) == 0) {
		hold_decide(ask->review->hold, d);
	}
}

static void decide(struct httpd_request *request, struct review *review,
    int64_t draft, const json_t *body)
{
	const struct config_reviewer *who = who_asks(request, review);
	enum hold_verb verb = verb_of(body);
	struct hold_decide *d;
	struct errand *ask;

	if (who == NULL)
		return;
	if (verb == 0) {
		errand_invalid(request,
		    "verb must be approve, drop, revise, snooze, undo, ask, "
		    "claim, delegate, fine or wrong");
		return;
	}
	ask = errand_new(request, review, on_decided);
	d = &ask->decide;
	d->draft = draft;
	d->verb = verb;
	d->actor = who->name;
	d->medium = MEDIUM;
	d->text = arena_strdup(ask->arena, member(body, "text"));
	d->category = arena_strdup(ask->arena, member(body, "category"));
	if (hash_of(body, d->revision))
		refuse(ask, "sha256 of the revision that was shown is missing");
	else
		go(ask);
}

static void on_edited(struct review_edit *edit)
{
	struct errand *ask = edit->context;

	if (edit->error.kind == ERROR_CONFLICT)
		reply_conflict(ask->request, &edit->error, &edit->prior,
		    edit->state ? hold_state_name(edit->state) : "");
	else if (edit->error.kind != ERROR_NONE)
		httpd_reply_error(ask->request, &edit->error);
	else
		errand_reply(ask->request,
		    json_pack("{s:I, s:s, s:s, s:i, s:s, s:b}", "id",
			(json_int_t)edit->draft, "state",
			hold_state_name(edit->state), "code", edit->code,
			"revision", (int)edit->number, "note", edit->note,
			"readdressed", edit->readdressed));
	errand_free(ask);
}

/* Something is to change, and all that is named is text. */
static bool names_change(const json_t *body)
{
	static const char *const names[] = {
	    "text", "subject", "to", "cc", "bcc", "mail"};
	const json_t *value;
	bool any = false;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		value = json_object_get(body, names[i]);
		if (value == NULL || json_is_null(value))
			continue;
		if (!json_is_string(value))
			return false;
		any = true;
	}
	return any;
}

static struct span text_member(const json_t *body, const char *name)
{
	const json_t *value = json_object_get(body, name);

	return (struct span){
	    json_string_value(value), json_string_length(value)};
}

/* The bytes of a mail are not always text, so they come in base64. */
static int take_mail(
    struct errand *ask, const json_t *body, struct review_edit *e)
{
	struct span coded = text_member(body, "mail");
	char *bytes;
	int n;

	if (coded.data == NULL)
		return 0;
	bytes = arena_alloc(ask->arena, coded.len + 1);
	n = digest_base64_read(coded.data, coded.len, bytes, coded.len);
	if (n <= 0)
		return -1;
	e->mail = (struct span){bytes, (size_t)n};
	return 0;
}

/* Takes the body over: the text in it lives as long as the edit. */
static void edit(struct httpd_request *request, struct review *review,
    int64_t draft, json_t *body)
{
	const struct config_reviewer *who = who_asks(request, review);
	struct review_edit *e;
	struct errand *ask;

	if (who == NULL)
		return;
	if (!names_change(body)) {
		errand_invalid(request,
		    "name what is to change: text, subject, to, cc, bcc (each "
		    "a string), or mail, a whole mail in base64");
		return;
	}
	ask = errand_new(request, review, NULL);
	ask->edit = json_incref(body);
	e = &ask->editing;
	e->draft = draft;
	e->actor = who->name;
	e->medium = MEDIUM;
	e->text = text_member(body, "text");
	e->subject = member(body, "subject");
	e->to = member(body, "to");
	e->cc = member(body, "cc");
	e->bcc = member(body, "bcc");
	e->done = on_edited;
	e->context = ask;
	if (take_mail(ask, body, e))
		error_set(&e->error, ERROR_INVALID,
		    "mail must be a whole mail in base64");
	else if (hash_of(body, e->revision))
		error_set(&e->error, ERROR_INVALID,
		    "sha256 of the revision that was shown is missing");
	if (e->error.kind != ERROR_NONE) {
		on_edited(e);
		return;
	}
	review->hooks.edit(e, review->hooks.context);
}

void change_serve(struct httpd_request *request, void *context)
{
	const char *what;
	int64_t draft = errand_draft(request->tail, &what);
	json_t *body;

	if (draft < 0) {
		errand_invalid(request, "a draft is named by its number");
		return;
	}
	body = body_of(request);
	if (body == NULL)
		return;
	if (strcmp(what, "decision") == 0)
		decide(request, context, draft, body);
	else if (strcmp(what, "edit") == 0)
		edit(request, context, draft, body);
	else
		errand_invalid(request, "post to decision or to edit");
	json_decref(body);
}

static void on_gate(struct hold_call *call)
{
	struct errand *ask = (struct errand *)(void *)call;
	const struct hold_gate *g = &ask->gate;
	const struct review_hooks *hooks = &ask->review->hooks;
	json_t *past;
	size_t i;

	if (errand_failed(ask))
		return;
	log_notice("gate %s agent=%s actor=%s", g->stop ? "stopped" : "started",
	    g->agent ? g->agent : "all", g->actor);
	past = json_array();
	for (i = 0; i < g->n_past_dot; i++)
		json_array_append_new(
		    past, json_integer((json_int_t)g->past_dot[i]));
	if (!g->stop)
		hooks->moved(0, 0, hooks->context);
	errand_reply(
	    ask->request, json_pack("{s:b, s:o, s:o}", "stopped", g->stop,
			      "agent", json_text(g->agent), "past_dot", past));
	errand_free(ask);
}

static void gate(
    struct httpd_request *request, struct review *review, bool stop)
{
	const struct config_reviewer *who = who_asks(request, review);
	const char *agent;
	struct errand *ask;
	json_t *body;

	if (who == NULL)
		return;
	if (!who->admin) {
		struct error err = ERROR_INIT;

		error_set(&err, ERROR_DENIED,
		    "reviewer '%s' is no admin: ask one to do it", who->name);
		httpd_reply_error(request, &err);
		return;
	}
	body = body_of(request);
	if (body == NULL)
		return;
	agent = member(body, "agent");
	if (agent != NULL && config_agent(review->config, agent) == NULL) {
		errand_invalid(request, "there is no agent of that name");
	} else {
		ask = errand_new(request, review, on_gate);
		ask->gate.agent = arena_strdup(ask->arena, agent);
		ask->gate.stop = stop;
		ask->gate.actor = who->name;
		ask->gate.medium = MEDIUM;
		hold_gate(review->hold, &ask->gate);
	}
	json_decref(body);
}

void change_stop(struct httpd_request *request, void *context)
{
	gate(request, context, true);
}

void change_start(struct httpd_request *request, void *context)
{
	gate(request, context, false);
}
