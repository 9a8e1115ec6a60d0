/*
 * api: routes, their arguments and their answers.  What a decision does is
 * left to hold, what an edit does to the hooks; JSON's shape to json.c.
 */
#include "review/review.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "hold/hold.h"
#include "review/facts.h"
#include "review/internal.h"
#include "review/json.h"

#include "config.h"

#include "util/clock.h"
#include "util/log.h"
#include "util/mem.h"

#define LIMIT_USUAL  50
#define LIMIT_MOST   1000
#define API_FACT_MAX ((size_t)1024 * 1024)
#define MEDIUM	     "command line"

/* ---- answers --------------------------------------------------------------
 */

/* Answer with a value, which is given up. */
static void reply_json(struct httpd_request *request, json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT);

	json_decref(value);
	if (text == NULL)
		text = mem_strdup("null");
	httpd_reply(request, 200, "application/json",
	    (struct span){text, strlen(text)});
	free(text);
}

static void reply_invalid(struct httpd_request *request, const char *text)
{
	struct error err = ERROR_INIT;

	error_set(&err, ERROR_INVALID, "%s", text);
	httpd_reply_error(request, &err);
}

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

/* Every pending request: what it asks, and of whom it is. */
struct ask {
	union {
		struct hold_call call;
		struct hold_list list;
		struct hold_view view;
		struct hold_load load;
		struct hold_log log;
		struct hold_status status;
		struct hold_verify verify;
		struct hold_decide decide;
		struct hold_gate gate;
	};
	struct httpd_request *request;
	struct review *review;
	struct arena *arena; /* of the strings asked with */
	json_t *edit;	     /* body of an edit */
	struct review_edit editing;
};

static struct ask *ask_new(struct httpd_request *request, struct review *review,
    void (*done)(struct hold_call *call))
{
	struct ask *ask = mem_zalloc(sizeof(*ask));

	ask->request = httpd_keep(request);
	ask->review = review;
	ask->arena = arena_new();
	ask->call.done = done;
	return ask;
}

static void ask_free(struct ask *ask)
{
	json_decref(ask->edit);
	arena_free(ask->arena);
	free(ask);
}

/* True when the call failed: the error is answered, the ask is freed. */
static bool failed(struct ask *ask)
{
	if (ask->call.error.kind == ERROR_NONE)
		return false;
	httpd_reply_error(ask->request, &ask->call.error);
	ask_free(ask);
	return true;
}

/* ---- reading ----------------------------------------------------------------
 */

static void on_list(struct hold_call *call)
{
	struct ask *ask = (struct ask *)(void *)call;
	json_t *rows;
	size_t i;

	if (failed(ask))
		return;
	rows = json_array();
	for (i = 0; i < ask->list.n_rows; i++)
		json_array_append_new(rows, json_row(&ask->list.rows[i]));
	reply_json(ask->request,
	    json_pack("{s:o, s:b}", "drafts", rows, "more", ask->list.more));
	arena_free(ask->list.arena);
	ask_free(ask);
}

static void serve_list(struct httpd_request *request, void *context)
{
	const char *state = httpd_query(request, "state");
	int64_t after = httpd_query_number(request, "after", INT64_MAX, 0);
	int64_t limit =
	    httpd_query_number(request, "limit", LIMIT_MOST, LIMIT_USUAL);
	struct review *review = context;
	enum hold_state wanted = 0;
	struct ask *ask;

	if (state != NULL && strcmp(state, "all") == 0)
		wanted = HOLD_STATES;
	else if (state != NULL && (wanted = hold_state_of(state)) == 0) {
		reply_invalid(request, "there is no such state");
		return;
	}
	if (after < 0 || limit < 1) {
		reply_invalid(request, "after and limit must be numbers; limit "
				       "is at most 1000");
		return;
	}
	ask = ask_new(request, review, on_list);
	ask->list.state = wanted;
	ask->list.after = after;
	ask->list.limit = (unsigned)limit;
	ask->list.ascending = httpd_query(request, "ascending") != NULL;
	hold_list(review->hold, &ask->list);
}

/* The lines of a fact, LF between them. */
static json_t *fact_value(const struct fact *fact)
{
	struct buf lines;
	json_t *value;
	size_t i;

	buf_init(&lines, API_FACT_MAX);
	for (i = 0; i < fact->n_lines; i++) {
		if (i > 0)
			buf_add_char(&lines, '\n');
		if (fact->lines[i].warn)
			buf_add_str(&lines, "! ");
		buf_add_str(&lines, fact->lines[i].text);
	}
	value = json_text(lines.data);
	buf_release(&lines);
	return value;
}

/* The facts that people see, in the order in which they see them. */
static json_t *facts_of(const struct ask *ask)
{
	const struct config *config = ask->review->config;
	const struct facts_request about = {
	    .view = &ask->view,
	    .config = config,
	    .reviewer = config_reviewer_of_uid(config, ask->request->uid),
	    .now_ms = clock_now_ms(),
	};
	const struct facts *facts = facts_make(ask->arena, &about);
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < facts->n; i++)
		json_array_append_new(
		    list, json_pack("{s:o, s:o}", "label",
			      json_text(facts->list[i].label), "value",
			      fact_value(&facts->list[i])));
	return list;
}

static void on_view(struct hold_call *call)
{
	struct ask *ask = (struct ask *)(void *)call;

	if (failed(ask))
		return;
	reply_json(ask->request, json_view(&ask->view, facts_of(ask)));
	hold_view_release(&ask->view);
	ask_free(ask);
}

static void on_load(struct hold_call *call)
{
	struct ask *ask = (struct ask *)(void *)call;

	if (failed(ask))
		return;
	httpd_reply(ask->request, 200, "application/octet-stream",
	    (struct span){ask->load.bytes, ask->load.size});
	free(ask->load.bytes);
	ask_free(ask);
}

/* "17" or "17/raw": the id, and what stands behind the slash. */
static int64_t draft_of(const char *tail, const char **what)
{
	char *end;
	long long id = strtoll(tail, &end, 10);

	*what = *end == '/' ? end + 1 : end;
	return end == tail || id <= 0 || (*end != '\0' && *end != '/') ? -1
								       : id;
}

static void serve_draft(struct httpd_request *request, void *context)
{
	int64_t revision = httpd_query_number(request, "revision", 1000000, 0);
	struct review *review = context;
	const char *what;
	int64_t draft = draft_of(request->tail, &what);
	struct ask *ask;

	if (draft < 0 || revision < 0) {
		reply_invalid(request, "a draft is named by its number");
	} else if (*what == '\0') {
		ask = ask_new(request, review, on_view);
		ask->view.draft = draft;
		ask->view.revision = (unsigned)revision;
		hold_view(review->hold, &ask->view);
	} else if (strcmp(what, "raw") == 0) {
		ask = ask_new(request, review, on_load);
		ask->load.draft = draft;
		ask->load.revision = (unsigned)revision;
		ask->load.submission =
		    httpd_query(request, "submission") != NULL;
		hold_load(review->hold, &ask->load);
	} else {
		reply_invalid(request, "a draft has only raw to get");
	}
}

static void on_log(struct hold_call *call)
{
	struct ask *ask = (struct ask *)(void *)call;
	json_t *events;
	size_t i;

	if (failed(ask))
		return;
	events = json_array();
	for (i = 0; i < ask->log.n_events; i++)
		json_array_append_new(events, json_event(&ask->log.events[i]));
	reply_json(ask->request,
	    json_pack("{s:o, s:b}", "events", events, "more", ask->log.more));
	arena_free(ask->log.arena);
	ask_free(ask);
}

static void serve_log(struct httpd_request *request, void *context)
{
	int64_t draft = httpd_query_number(request, "draft", INT64_MAX, 0);
	int64_t before = httpd_query_number(request, "before", INT64_MAX, 0);
	int64_t limit =
	    httpd_query_number(request, "limit", LIMIT_MOST, LIMIT_USUAL);
	struct review *review = context;
	struct ask *ask;

	if (draft < 0 || before < 0 || limit < 1) {
		reply_invalid(request, "draft, before and limit must be "
				       "numbers; limit is at most 1000");
		return;
	}
	ask = ask_new(request, review, on_log);
	ask->log.draft = draft;
	ask->log.before = before;
	ask->log.limit = (unsigned)limit;
	hold_log(review->hold, &ask->log);
}

static void on_status(struct hold_call *call)
{
	struct ask *ask = (struct ask *)(void *)call;
	const struct review_hooks *hooks = &ask->review->hooks;
	const struct config_reviewer *who;
	char text[512] = "";
	json_t *value;

	if (failed(ask))
		return;
	hooks->describe(text, sizeof(text), hooks->context);
	who = config_reviewer_of_uid(ask->review->config, ask->request->uid);
	value = json_status(&ask->status);
	json_object_set_new(value, "describe", json_text(text));
	json_object_set_new(
	    value, "you", json_text(who == NULL ? NULL : who->name));
	reply_json(ask->request, value);
	ask_free(ask);
}

static void serve_status(struct httpd_request *request, void *context)
{
	struct review *review = context;
	struct ask *ask = ask_new(request, review, on_status);

	hold_status(review->hold, &ask->status);
}

static void on_verify(struct hold_call *call)
{
	struct ask *ask = (struct ask *)(void *)call;
	const struct hold_verify *v = &ask->verify;

	if (failed(ask))
		return;
	reply_json(ask->request,
	    json_pack("{s:b, s:I, s:I, s:s, s:s}", "right", v->first_bad == 0,
		"rows", (json_int_t)v->rows, "first_bad",
		(json_int_t)v->first_bad, "why", v->why, "head", v->head));
	ask_free(ask);
}

static void serve_audit(struct httpd_request *request, void *context)
{
	struct review *review = context;
	struct ask *ask = ask_new(request, review, on_verify);

	hold_verify(review->hold, &ask->verify);
}

/* ---- changing
 * ----------------------------------------------------------------- */

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
	reply_invalid(request, "the body must be a JSON object");
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
	struct ask *ask = (struct ask *)(void *)call;
	const struct hold_decide *d = &ask->decide;
	const struct review_hooks *hooks = &ask->review->hooks;

	if (call->error.kind == ERROR_CONFLICT) {
		reply_conflict(ask->request, &call->error, &d->prior,
		    hold_state_name(d->state));
		ask_free(ask);
		return;
	}
	if (failed(ask))
		return;
	log_info("draft %" PRId64 " decided verb=%s actor=%s medium=\"%s\"",
	    d->draft, hold_verb_name(d->verb), d->actor, d->medium);
	hooks->moved(d->draft, d->state, hooks->context);
	reply_json(ask->request,
	    json_pack("{s:I, s:s, s:s}", "id", (json_int_t)d->draft, "state",
		hold_state_name(d->state), "code", d->code));
	ask_free(ask);
}

static void decide(struct httpd_request *request, struct review *review,
    int64_t draft, const json_t *body)
{
	const struct config_reviewer *who = who_asks(request, review);
	const char *name = member(body, "verb");
	enum hold_verb verb = name == NULL ? 0 : hold_verb_of(name);
	struct hold_decide *d;
	struct ask *ask;

	if (who == NULL)
		return;
	if (verb == 0 || verb == HOLD_EDIT) {
		reply_invalid(
		    request, "verb must be approve, drop, undo or ask");
		return;
	}
	ask = ask_new(request, review, on_decided);
	d = &ask->decide;
	d->draft = draft;
	d->verb = verb;
	d->actor = who->name;
	d->medium = MEDIUM;
	d->text = arena_strdup(ask->arena, member(body, "text"));
	if (hash_of(body, d->revision)) {
		error_set(&d->call.error, ERROR_INVALID,
		    "sha256 of the revision that was shown is missing");
		failed(ask);
		return;
	}
	hold_decide(review->hold, d);
}

static void on_edited(struct review_edit *edit)
{
	struct ask *ask = edit->context;

	if (edit->error.kind == ERROR_CONFLICT)
		reply_conflict(ask->request, &edit->error, &edit->prior,
		    edit->state ? hold_state_name(edit->state) : "");
	else if (edit->error.kind != ERROR_NONE)
		httpd_reply_error(ask->request, &edit->error);
	else
		reply_json(ask->request,
		    json_pack("{s:I, s:s, s:s, s:i, s:s}", "id",
			(json_int_t)edit->draft, "state",
			hold_state_name(edit->state), "code", edit->code,
			"revision", (int)edit->number, "note", edit->note));
	ask_free(ask);
}

/* Takes the body over: the text in it lives as long as the edit. */
static void edit(struct httpd_request *request, struct review *review,
    int64_t draft, json_t *body)
{
	const struct config_reviewer *who = who_asks(request, review);
	const json_t *text = json_object_get(body, "text");
	struct review_edit *e;
	struct ask *ask;

	if (who == NULL)
		return;
	if (!json_is_string(text)) {
		reply_invalid(request, "text is missing: the new words");
		return;
	}
	ask = ask_new(request, review, NULL);
	ask->edit = json_incref(body);
	e = &ask->editing;
	e->draft = draft;
	e->actor = who->name;
	e->medium = MEDIUM;
	e->text =
	    (struct span){json_string_value(text), json_string_length(text)};
	e->done = on_edited;
	e->context = ask;
	if (hash_of(body, e->revision)) {
		error_set(&e->error, ERROR_INVALID,
		    "sha256 of the revision that was shown is missing");
		on_edited(e);
		return;
	}
	review->hooks.edit(e, review->hooks.context);
}

static void serve_change(struct httpd_request *request, void *context)
{
	const char *what;
	int64_t draft = draft_of(request->tail, &what);
	json_t *body;

	if (draft < 0) {
		reply_invalid(request, "a draft is named by its number");
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
		reply_invalid(request, "post to decision or to edit");
	json_decref(body);
}

static void on_gate(struct hold_call *call)
{
	struct ask *ask = (struct ask *)(void *)call;
	const struct hold_gate *g = &ask->gate;
	const struct review_hooks *hooks = &ask->review->hooks;
	json_t *past;
	size_t i;

	if (failed(ask))
		return;
	log_notice("gate %s agent=%s actor=%s", g->stop ? "stopped" : "started",
	    g->agent ? g->agent : "all", g->actor);
	past = json_array();
	for (i = 0; i < g->n_past_dot; i++)
		json_array_append_new(
		    past, json_integer((json_int_t)g->past_dot[i]));
	if (!g->stop)
		hooks->moved(0, 0, hooks->context);
	reply_json(
	    ask->request, json_pack("{s:b, s:o, s:o}", "stopped", g->stop,
			      "agent", json_text(g->agent), "past_dot", past));
	ask_free(ask);
}

static void gate(
    struct httpd_request *request, struct review *review, bool stop)
{
	const struct config_reviewer *who = who_asks(request, review);
	const char *agent;
	struct ask *ask;
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
		reply_invalid(request, "there is no agent of that name");
	} else {
		ask = ask_new(request, review, on_gate);
		ask->gate.agent = arena_strdup(ask->arena, agent);
		ask->gate.stop = stop;
		ask->gate.actor = who->name;
		ask->gate.medium = MEDIUM;
		hold_gate(review->hold, &ask->gate);
	}
	json_decref(body);
}

static void serve_stop(struct httpd_request *request, void *context)
{
	gate(request, context, true);
}

static void serve_start(struct httpd_request *request, void *context)
{
	gate(request, context, false);
}

const struct httpd_route review_routes[] = {
    {"GET", "/v1/status", true, serve_status},
    {"GET", "/v1/drafts", true, serve_list},
    {"GET", "/v1/drafts/*", true, serve_draft},
    {"POST", "/v1/drafts/*", true, serve_change},
    {"GET", "/v1/log", true, serve_log},
    {"GET", "/v1/audit", true, serve_audit},
    {"POST", "/v1/stop", true, serve_stop},
    {"POST", "/v1/start", true, serve_start},
    {NULL, NULL, false, NULL},
};
