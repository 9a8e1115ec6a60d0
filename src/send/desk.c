/*
 * desk: one request: credential, whose draft, what of it.  What is said of a
 * draft is told.c's, who the agents are the login hook's.
 */
#include "send/desk.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "send/internal.h"
#include "send/told.h"

#include "util/arena.h"
#include "util/http.h"
#include "util/httpd.h"
#include "util/log.h"
#include "util/mem.h"

#define MEDIUM	"api"
#define ID_MOST 18 /* digits */

/* One request on its way. */
struct desk_visit {
	struct desk_visit *prev, *next; /* send's */
	struct send *send;		/* NULL: the room is gone */
	struct httpd_request *request;
	struct arena *arena;
	struct send_login login;
	int64_t draft; /* 0: by its Message-ID */
	const char *message_id;
	bool withdraws;
	struct hold_find find;
	struct hold_view view;
	struct hold_withdraw withdraw;
};

static struct desk_visit *visit_of(void *member, size_t offset)
{
	return (void *)((char *)member - offset);
}

#define VISIT(member, pointer)                                                 \
	visit_of(pointer, offsetof(struct desk_visit, member))

/* ---- answers ------------------------------------------------------------ */

static void end(struct desk_visit *v)
{
	if (v->send != NULL) {
		if (v->prev != NULL)
			v->prev->next = v->next;
		else
			v->send->visits = v->next;
		if (v->next != NULL)
			v->next->prev = v->prev;
	}
	hold_view_release(&v->view);
	arena_free(v->arena);
	free(v);
}

/* Takes the value over. */
static void reply(struct httpd_request *request, int status, json_t *value)
{
	char *body = json_dumps(value, JSON_COMPACT);

	httpd_reply(request, status, "application/json",
	    (struct span){body, strlen(body)});
	free(body);
	json_decref(value);
}

static void refuse(struct httpd_request *request, int status, const char *text)
{
	reply(request, status,
	    json_pack("{s:s, s:s}", "error", "denied", "text", text));
}

static void fail(struct desk_visit *v, const struct error *err)
{
	httpd_reply_error(v->request, err);
	end(v);
}

static void fail_closing(struct desk_visit *v)
{
	struct error err = ERROR_INIT;

	error_set(&err, ERROR_BUSY, "the daemon is stopping, try again later");
	fail(v, &err);
}

/* ---- asking ------------------------------------------------------------- */

static void on_viewed(struct hold_call *call)
{
	struct desk_visit *v = VISIT(view.call, call);

	if (call->error.kind != ERROR_NONE) {
		fail(v, &call->error);
		return;
	}
	reply(v->request, 200, told_draft(&v->view));
	end(v);
}

static void on_found(struct hold_call *call)
{
	struct desk_visit *v = VISIT(find.call, call);

	if (call->error.kind != ERROR_NONE) {
		fail(v, &call->error);
		return;
	}
	if (v->send == NULL) {
		fail_closing(v);
		return;
	}
	v->view.call.done = on_viewed;
	v->view.draft = v->find.draft;
	hold_view(v->send->hold, &v->view);
}

static void on_withdrawn(struct hold_call *call)
{
	struct desk_visit *v = VISIT(withdraw.call, call);
	const struct hold_withdraw *w = &v->withdraw;
	const struct send_hooks *hooks;

	if (call->error.kind != ERROR_NONE) {
		fail(v, &call->error);
		return;
	}
	log_info("draft %" PRId64 " %s agent=%s over=%s%s", w->draft,
	    hold_state_name(w->state), w->agent, MEDIUM,
	    w->repeated ? " repeated=true" : "");
	if (v->send != NULL) {
		hooks = &v->send->hooks;
		hooks->settled(w->draft, w->state, hooks->context);
	}
	reply(v->request, 200,
	    json_pack("{s:I, s:s, s:s, s:b}", "id", (json_int_t)w->draft,
		"state", hold_state_name(w->state), "code", w->code, "repeated",
		w->repeated));
	end(v);
}

static void go(struct desk_visit *v)
{
	const char *agent = v->login.agent;

	if (v->withdraws) {
		v->withdraw.call.done = on_withdrawn;
		v->withdraw.agent = agent;
		v->withdraw.draft = v->draft;
		v->withdraw.message_id = v->message_id;
		v->withdraw.medium = MEDIUM;
		hold_withdraw(v->send->hold, &v->withdraw);
	} else {
		v->find.call.done = on_found;
		v->find.agent = agent;
		v->find.draft = v->draft;
		v->find.message_id = v->message_id;
		hold_find(v->send->hold, &v->find);
	}
}

static void on_login(struct send_login *login)
{
	struct desk_visit *v = VISIT(login, login);

	if (login->error.kind == ERROR_DENIED) {
		refuse(v->request, 401, login->error.text);
		end(v);
	} else if (login->error.kind == ERROR_CONFLICT) {
		refuse(v->request, 429, login->error.text);
		end(v);
	} else if (login->error.kind != ERROR_NONE) {
		fail(v, &login->error);
	} else if (v->send == NULL) {
		fail_closing(v);
	} else {
		go(v);
	}
}

/* ---- what is asked ------------------------------------------------------ */

static void invalid(struct httpd_request *request, const char *text)
{
	struct error err = ERROR_INIT;

	error_set(&err, ERROR_INVALID, "%s", text);
	httpd_reply_error(request, &err);
}

/* "17" or "17/withdraw": the id, and what follows it; -1: it is none. */
static int64_t read_id(const char *tail, const char **rest)
{
	size_t n = strspn(tail, "0123456789");

	*rest = tail + n;
	if (n == 0 || n > ID_MOST || (**rest != '\0' && **rest != '/'))
		return -1;
	return strtoll(tail, NULL, 10);
}

/* As it stands in a header, with <>. */
static const char *message_id_of(struct arena *arena, const char *text)
{
	return *text == '<' ? arena_strdup(arena, text)
			    : arena_printf(arena, "<%s>", text);
}

/* A password is not shown to the network. */
static bool is_safe(const struct httpd_request *request)
{
	return request->local || request->tls ||
	       config_is_loopback(request->peer);
}

static struct desk_visit *visit_new(
    struct httpd_request *request, struct send *send)
{
	struct desk_visit *v = mem_zalloc(sizeof(*v));

	v->send = send;
	v->next = send->visits;
	if (send->visits != NULL)
		send->visits->prev = v;
	send->visits = v;
	v->arena = arena_new();
	v->request = httpd_keep(request);
	return v;
}

/* draft: 0 when ?message_id= names it. */
static void visit(struct httpd_request *request, struct send *send,
    int64_t draft, bool withdraws)
{
	const char *id = httpd_query(request, "message_id");
	struct http_basic basic;
	struct desk_visit *v;

	if (!is_safe(request)) {
		refuse(request, 403,
		    "agents are served over TLS only: set http.tls");
		return;
	}
	if (draft == 0 && (id == NULL || *id == '\0')) {
		invalid(
		    request, "name a draft by its number, or by ?message_id=");
		return;
	}
	if (httpd_basic(request, &basic)) {
		refuse(request, 401,
		    "give the agent's name and password (HTTP Basic)");
		return;
	}
	v = visit_new(request, send);
	v->draft = draft;
	v->message_id = draft != 0 ? NULL : message_id_of(v->arena, id);
	v->withdraws = withdraws;
	v->login.name = basic.name; /* lives as the request does */
	v->login.secret = basic.password;
	v->login.peer = request->local ? "127.0.0.1" : request->peer;
	v->login.done = on_login;
	send->hooks.login(&v->login, send->hooks.context);
}

static void serve_by_id(struct httpd_request *request, void *context)
{
	visit(request, context, 0, false);
}

static void serve_draft(struct httpd_request *request, void *context)
{
	const char *rest;
	int64_t draft = read_id(request->tail, &rest);

	if (draft > 0 && strcmp(rest, "/withdraw") == 0)
		invalid(request, "a draft is withdrawn by POST, not by GET");
	else if (draft <= 0 || *rest != '\0')
		invalid(request, "a draft is named by its number");
	else
		visit(request, context, draft, false);
}

static void serve_withdraw(struct httpd_request *request, void *context)
{
	const char *rest;
	int64_t draft = read_id(request->tail, &rest);

	if (strcmp(request->tail, "withdraw") == 0)
		visit(request, context, 0, true);
	else if (draft <= 0 || strcmp(rest, "/withdraw") != 0)
		invalid(request,
		    "post to NUMBER/withdraw, or to withdraw?message_id=");
	else
		visit(request, context, draft, true);
}

const struct httpd_route send_routes[] = {
    {"GET", "/v1/agent/drafts", false, serve_by_id},
    {"GET", "/v1/agent/drafts/*", false, serve_draft},
    {"POST", "/v1/agent/drafts/*", false, serve_withdraw},
    {NULL, NULL, false, NULL},
};

void desk_close(struct send *send)
{
	struct desk_visit *v;

	for (v = send->visits; v != NULL; v = v->next)
		v->send = NULL;
	send->visits = NULL;
}
