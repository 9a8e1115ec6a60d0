/*
 * api: the routes, and those that only read.  What changes something is left
 * to change.c, JSON's shape to json.c.
 */
#include "review/review.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "review/card.h"
#include "review/change.h"
#include "review/diff.h"
#include "review/errand.h"
#include "review/facts.h"
#include "review/json.h"
#include "review/letter.h"
#include "review/waiting.h"

#include "config/config.h"

#include "util/clock.h"

#define LIMIT_USUAL  50
#define LIMIT_MOST   1000
#define API_FACT_MAX ((size_t)1024 * 1024)

/* ---- reading ------------------------------------------------------------ */

static void on_list(struct hold_call *call)
{
	struct errand *ask = (struct errand *)(void *)call;
	json_t *rows;
	size_t i;

	if (errand_failed(ask))
		return;
	rows = json_array();
	for (i = 0; i < ask->list.n_rows; i++)
		json_array_append_new(rows, json_row(&ask->list.rows[i]));
	errand_reply(ask->request,
	    json_pack("{s:o, s:b}", "drafts", rows, "more", ask->list.more));
	arena_free(ask->list.arena);
	errand_free(ask);
}

static void serve_list(struct httpd_request *request, void *context)
{
	const char *state = httpd_query(request, "state");
	int64_t after = httpd_query_number(request, "after", INT64_MAX, 0);
	int64_t limit =
	    httpd_query_number(request, "limit", LIMIT_MOST, LIMIT_USUAL);
	struct review *review = context;
	enum hold_state wanted = 0;
	struct errand *ask;

	if (state != NULL && strcmp(state, "all") == 0)
		wanted = HOLD_STATES;
	else if (state != NULL && (wanted = hold_state_of(state)) == 0) {
		errand_invalid(request, "there is no such state");
		return;
	}
	if (after < 0 || limit < 1) {
		errand_invalid(request,
		    "after and limit must be numbers; limit "
		    "is at most 1000");
		return;
	}
	ask = errand_new(request, review, on_list);
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
static json_t *facts_of(const struct errand *ask)
{
	const struct config *config = ask->config;
	const struct facts_request about = {
	    .view = &ask->view,
	    .config = config,
	    .reviewer = config_reviewer_of_uid(config, ask->request->uid),
	    .now_ms = clock_now_ms(),
	};
	const struct facts *facts = facts_make(ask->arena, &about);
	json_t *list = json_array();
	const char *waits;
	size_t i;

	for (i = 0; i < facts->n; i++)
		json_array_append_new(
		    list, json_pack("{s:o, s:o}", "label",
			      json_text(facts->list[i].label), "value",
			      fact_value(&facts->list[i])));
	waits = waiting_text(ask->arena, &about);
	if (*waits != '\0')
		json_array_append_new(
		    list, json_pack("{s:s, s:o}", "label", "Waits for", "value",
			      json_text(waits)));
	return list;
}

/* What an edit changed, as a notice shows it; NULL: nothing did. */
static json_t *changed_of(const struct errand *ask)
{
	const struct diff *diff;
	const char *title = card_changes(ask->arena, &ask->view, false, &diff);
	struct buf lines;
	json_t *value;

	if (title == NULL)
		return NULL;
	buf_init(&lines, LETTER_MAX);
	if (diff != NULL)
		diff_add_text(&lines, diff);
	value = json_pack("{s:o, s:o}", "title", json_text(title), "lines",
	    json_text(lines.len > 0 ? lines.data : ""));
	buf_release(&lines);
	return value;
}

static void on_view(struct hold_call *call)
{
	struct errand *ask = (struct errand *)(void *)call;
	const struct channel *channel;
	json_t *out, *changed;

	if (errand_failed(ask))
		return;
	channel = ask->view.channel == NULL
		      ? NULL
		      : config_channel(ask->config, ask->view.channel);
	out = json_view(&ask->view, channel, facts_of(ask));
	changed = changed_of(ask);
	if (changed != NULL)
		json_object_set_new(out, "changed", changed);
	errand_reply(ask->request, out);
	hold_view_release(&ask->view);
	errand_free(ask);
}

static void on_load(struct hold_call *call)
{
	struct errand *ask = (struct errand *)(void *)call;

	if (errand_failed(ask))
		return;
	httpd_reply(ask->request, 200, "application/octet-stream",
	    (struct span){ask->load.bytes, ask->load.size});
	free(ask->load.bytes);
	errand_free(ask);
}

static void serve_draft(struct httpd_request *request, void *context)
{
	int64_t revision = httpd_query_number(request, "revision", 1000000, 0);
	struct review *review = context;
	const char *what;
	int64_t draft = errand_draft(request->tail, &what);
	struct errand *ask;

	if (draft < 0 || revision < 0) {
		errand_invalid(request, "a draft is named by its number");
	} else if (*what == '\0') {
		ask = errand_new(request, review, on_view);
		ask->view.draft = draft;
		ask->view.revision = (unsigned)revision;
		hold_view(review->hold, &ask->view);
	} else if (strcmp(what, "raw") == 0) {
		ask = errand_new(request, review, on_load);
		ask->load.draft = draft;
		ask->load.revision = (unsigned)revision;
		ask->load.submission =
		    httpd_query(request, "submission") != NULL;
		hold_load(review->hold, &ask->load);
	} else {
		errand_invalid(request, "a draft has only raw to get");
	}
}

static void on_log(struct hold_call *call)
{
	struct errand *ask = (struct errand *)(void *)call;
	json_t *events;
	size_t i;

	if (errand_failed(ask))
		return;
	events = json_array();
	for (i = 0; i < ask->log.n_events; i++)
		json_array_append_new(events, json_event(&ask->log.events[i]));
	errand_reply(ask->request,
	    json_pack("{s:o, s:b}", "events", events, "more", ask->log.more));
	arena_free(ask->log.arena);
	errand_free(ask);
}

static void serve_log(struct httpd_request *request, void *context)
{
	int64_t draft = httpd_query_number(request, "draft", INT64_MAX, 0);
	int64_t before = httpd_query_number(request, "before", INT64_MAX, 0);
	int64_t limit =
	    httpd_query_number(request, "limit", LIMIT_MOST, LIMIT_USUAL);
	struct review *review = context;
	struct errand *ask;

	if (draft < 0 || before < 0 || limit < 1) {
		errand_invalid(request, "draft, before and limit must be "
					"numbers; limit is at most 1000");
		return;
	}
	ask = errand_new(request, review, on_log);
	ask->log.draft = draft;
	ask->log.before = before;
	ask->log.limit = (unsigned)limit;
	hold_log(review->hold, &ask->log);
}

static json_t *json_mailboxes(
    const struct config *config, const struct review_hooks *hooks)
{
	json_t *list = json_array();
	const char *name;
	size_t i;

	for (i = 0; i < config->n_mailboxes; i++) {
		name = config->mailboxes[i].name;
		json_array_append_new(list,
		    json_pack("{s:o, s:o}", "name", json_text(name), "state",
			json_text(hooks->mailbox(name, hooks->context))));
	}
	return list;
}

static void on_status(struct hold_call *call)
{
	struct errand *ask = (struct errand *)(void *)call;
	const struct review_hooks *hooks = &ask->review->hooks;
	const struct config_reviewer *who;
	char text[512] = "";
	json_t *value;

	if (errand_failed(ask))
		return;
	hooks->describe(text, sizeof(text), hooks->context);
	who = config_reviewer_of_uid(ask->config, ask->request->uid);
	value = json_status(&ask->status);
	json_object_set_new(value, "describe", json_text(text));
	json_object_set_new(
	    value, "mailboxes", json_mailboxes(ask->config, hooks));
	json_object_set_new(
	    value, "you", json_text(who == NULL ? NULL : who->name));
	errand_reply(ask->request, value);
	errand_free(ask);
}

static void serve_status(struct httpd_request *request, void *context)
{
	struct review *review = context;
	struct errand *ask = errand_new(request, review, on_status);

	hold_status(review->hold, &ask->status);
}

static void on_verify(struct hold_call *call)
{
	struct errand *ask = (struct errand *)(void *)call;
	const struct hold_verify *v = &ask->verify;

	if (errand_failed(ask))
		return;
	errand_reply(ask->request,
	    json_pack("{s:b, s:I, s:I, s:s, s:s}", "right", v->first_bad == 0,
		"rows", (json_int_t)v->rows, "first_bad",
		(json_int_t)v->first_bad, "why", v->why, "head", v->head));
	errand_free(ask);
}

static void serve_audit(struct httpd_request *request, void *context)
{
	struct review *review = context;
	struct errand *ask = errand_new(request, review, on_verify);

	hold_verify(review->hold, &ask->verify);
}

const struct httpd_route review_routes[] = {
    {"GET", "/v1/status", true, serve_status},
    {"GET", "/v1/drafts", true, serve_list},
    {"GET", "/v1/drafts/*", true, serve_draft},
    {"POST", "/v1/drafts/*", true, change_serve},
    {"GET", "/v1/log", true, serve_log},
    {"GET", "/v1/audit", true, serve_audit},
    {"POST", "/v1/stop", true, change_stop},
    {"POST", "/v1/start", true, change_start},
    {NULL, NULL, false, NULL},
};
