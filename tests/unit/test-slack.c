/*
 * Tests of the chats that post to Slack, an app and a webhook, against a server
 * of this test's own on the same loop: what they send, what each answer makes
 * of them, that a message which may be there already is looked for, and that
 * they come back by themselves.
 */
#include "chat/slack/slack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checkup.h"
#include "util/clock.h"
#include "util/fetch.h"
#include "util/mem.h"

#define GUARD_S	 60
#define TOKEN	 "xoxb-very-secret"
#define ASKS_MAX 64

/* ---- the room's part, and the ear's ----------------------------------------
 */

static struct event_base *base;
static struct chat chat;
static struct config_chat config;
static struct config whole;
static unsigned n_ears, n_ears_stopped;

struct chat *chat_ref(struct chat *one)
{
	one->refs++;
	return one;
}

void chat_unref(struct chat *one)
{
	one->refs--;
}

void chat_is(struct chat *one, enum chat_state state, const char *why)
{
	one->state = state;
	snprintf(one->why, sizeof(one->why), "%s", why == NULL ? "" : why);
	assert_null(strstr(one->why, "secret"));
	assert_true(state == CHAT_UP || one->why[0] != '\0');
}

void slack_ear_start(struct slack *slack)
{
	assert_true(slack->ready);
	n_ears++;
}

void slack_ear_stop(struct slack *slack)
{
	(void)slack;
	n_ears_stopped++;
}

void slack_ear_examine(struct slack *slack, struct checkup *checkup)
{
	checkup_note(checkup, slack->chat->config->name, "it hears",
	    CHECKUP_GOOD, NULL, NULL);
}

/* ---- the server -------------------------------------------------------------
 */

/* What it answers to a method, from now on. */
struct answer {
	const char *method;
	int status; /* 0: never */
	const char *retry, *body;
};

static struct {
	struct evhttp *http;
	unsigned port;
	struct answer answers[16];
	size_t n_answers;
	/* what it was asked */
	struct ask {
		char *method, *body, *auth, *type;
	} asks[ASKS_MAX];
	size_t n_asks;
	struct evhttp_request *open[ASKS_MAX];
	size_t n_open;
} server;

static void answers(
    const char *method, int status, const char *retry, const char *body)
{
	size_t i;

	for (i = 0; i < server.n_answers; i++)
		if (strcmp(server.answers[i].method, method) == 0)
			break;
	if (i == server.n_answers)
		server.n_answers++;
	server.answers[i] = (struct answer){method, status, retry, body};
}

static char *header(struct evhttp_request *req, const char *name)
{
	const char *value =
	    evhttp_find_header(evhttp_request_get_input_headers(req), name);

	return mem_strdup(value == NULL ? "" : value);
}

static void reply(struct evhttp_request *req, const struct answer *a)
{
	struct evkeyvalq *fields = evhttp_request_get_output_headers(req);
	struct evbuffer *out = evbuffer_new();
	char *large;

	if (a->retry != NULL)
		evhttp_add_header(fields, "Retry-After", a->retry);
	evhttp_add_header(
	    fields, "x-oauth-scopes", "chat:write,channels:history");
	if (strcmp(a->body, "large") == 0) {
		large = mem_zalloc(10 << 20);
		memset(large, ' ', 10 << 20);
		evbuffer_add(out, large, 10 << 20);
		free(large);
	} else {
		evbuffer_add(out, a->body, strlen(a->body));
	}
	evhttp_send_reply(req, a->status, "x", out);
	evbuffer_free(out);
}

static void on_request(struct evhttp_request *req, void *context)
{
	struct evbuffer *in = evhttp_request_get_input_buffer(req);
	const char *path = evhttp_request_get_uri(req);
	struct ask *ask = &server.asks[server.n_asks];
	size_t i, n = evbuffer_get_length(in);

	(void)context;
	assert_true(server.n_asks < ASKS_MAX);
	assert_int_equal(evhttp_request_get_command(req), EVHTTP_REQ_POST);
	assert_int_equal(strncmp(path, "/api/", 5), 0);
	ask->method = mem_strdup(path + 5);
	ask->body = mem_zalloc(n + 1);
	evbuffer_copyout(in, ask->body, n);
	ask->auth = header(req, "Authorization");
	ask->type = header(req, "Content-Type");
	server.n_asks++;
	for (i = 0; i < server.n_answers; i++)
		if (strcmp(server.answers[i].method, ask->method) == 0)
			break;
	if (i == server.n_answers)
		fail_msg("nobody knows what to answer to %s", ask->method);
	if (server.answers[i].status == 0)
		server.open[server.n_open++] = req;
	else
		reply(req, &server.answers[i]);
}

static void forget(void)
{
	while (server.n_asks > 0) {
		server.n_asks--;
		free(server.asks[server.n_asks].method);
		free(server.asks[server.n_asks].body);
		free(server.asks[server.n_asks].auth);
		free(server.asks[server.n_asks].type);
	}
}

static const struct ask *last_ask(const char *method)
{
	size_t i = server.n_asks;

	while (i-- > 0)
		if (strcmp(server.asks[i].method, method) == 0)
			return &server.asks[i];
	fail_msg("it was not asked %s", method);
	return NULL;
}

static unsigned count_asks(const char *method)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < server.n_asks; i++)
		n += strcmp(server.asks[i].method, method) == 0;
	return n;
}

/* ---- life -------------------------------------------------------------------
 */

static void on_guard(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	fail_msg("waited in vain: %s", (const char *)context);
}

/* Run the loop once; it must go on soon. */
static void turn(const char *what)
{
	const struct timeval most = {GUARD_S, 0};
	struct event *guard =
	    evtimer_new(base, on_guard, (void *)(uintptr_t)what);

	event_add(guard, &most);
	event_base_loop(base, EVLOOP_ONCE);
	event_free(guard);
}

static void wait_state(enum chat_state state)
{
	while (chat.state != state)
		turn("a state");
}

#define WHOAMI                                                                 \
	"{\"ok\":true,\"team_id\":\"T1\",\"team\":\"Corp\",\"user_id\":"       \
	"\"U1\",\"user\":\"gate\",\"bot_id\":\"B1\"}"
#define CHANNEL "{\"ok\":true,\"channel\":{\"is_member\":true}}"
#define POSTED	"{\"ok\":true,\"channel\":\"C1\",\"ts\":\"1700000000.000200\"}"

static int begin(void **state)
{
	static char url[64], hook[96];
	struct evhttp_bound_socket *bound;
	struct sockaddr_in sin;
	socklen_t size = sizeof(sin);

	(void)state;
	base = event_base_new();
	memset(&server, 0, sizeof(server));
	server.http = evhttp_new(base);
	bound = evhttp_bind_socket_with_handle(server.http, "127.0.0.1", 0);
	assert_non_null(bound);
	assert_int_equal(getsockname(evhttp_bound_socket_get_fd(bound),
			     (struct sockaddr *)&sin, &size),
	    0);
	evhttp_set_gencb(server.http, on_request, NULL);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/api",
	    (unsigned)ntohs(sin.sin_port));
	snprintf(hook, sizeof(hook), "%s/services/secret", url);
	config = (struct config_chat){.name = "slack",
	    .kind = CONFIG_CHAT_SLACK,
	    .url = url,
	    .channel = "C1",
	    .token = TOKEN,
	    .hook = hook,
	    .deadline_ms = 20000,
	    .retry_most_s = 0}; /* at once */
	chat = (struct chat){.config = &config,
	    .whole = &whole,
	    .kind = &slack_kind,
	    .base = base,
	    .fetch = fetch_new(base),
	    .refs = 1};
	n_ears = n_ears_stopped = 0;
	answers("auth.test", 200, NULL, WHOAMI);
	answers("conversations.info", 200, NULL, CHANNEL);
	answers("chat.postMessage", 200, NULL, POSTED);
	answers("chat.update", 200, NULL, POSTED);
	answers("chat.postEphemeral", 200, NULL, "{\"ok\":true}");
	return 0;
}

static int end(void **state)
{
	static const struct answer bye = {"", 200, NULL, "{\"ok\":true}"};

	(void)state;
	if (chat.own != NULL) {
		chat.stopped = true;
		chat.kind->stop(&chat);
	}
	assert_null(chat.own);
	while (chat.refs > 1)
		turn("the last reference");
	fetch_free(chat.fetch);
	while (server.n_open > 0)
		reply(server.open[--server.n_open], &bye);
	forget();
	evhttp_free(server.http);
	event_base_free(base);
	return 0;
}

static void start(const struct chat_kind *kind)
{
	chat.kind = kind;
	kind->start(&chat);
	wait_state(CHAT_UP);
}

/* ---- sending ----------------------------------------------------------------
 */

#define CONTENT "{\"text\":\"hi <@U2>\",\"blocks\":[{\"type\":\"divider\"}]}"

struct out {
	struct chat_send send;
	unsigned done;
};

static void on_sent(struct chat_send *send)
{
	struct out *out = send->context;

	out->done++;
	assert_null(strstr(send->error.text, "secret"));
}

static void give(struct out *out, enum chat_send_what what)
{
	*out = (struct out){.send = {.what = what,
				.remote = "1700000000.000100",
				.person = "T1/U2",
				.once = "a1-17-1-1-0",
				.content = CONTENT,
				.done = on_sent}};
	out->send.context = out;
}

static enum chat_sent send_it(struct out *out)
{
	chat.kind->send(&chat, &out->send);
	while (out->done == 0)
		turn("a message");
	assert_int_equal(out->done, 1);
	return out->send.sent;
}

static enum chat_sent post(void)
{
	struct out out;

	give(&out, CHAT_POST);
	return send_it(&out);
}

static const char *field(const json_t *json, const char *name)
{
	const char *text = json_string_value(json_object_get(json, name));

	return text == NULL ? "(none)" : text;
}

static json_t *args_of(const char *method)
{
	json_t *json = json_loads(last_ask(method)->body, 0, NULL);

	assert_non_null(json);
	assert_string_equal(field(json, "channel"), "C1");
	assert_string_equal(field(json, "parse"), "none");
	assert_true(json_is_false(json_object_get(json, "link_names")));
	assert_string_equal(field(json, "text"), "hi <@U2>");
	assert_int_equal(json_array_size(json_object_get(json, "blocks")), 1);
	return json;
}

static void test_connect(void **state)
{
	const struct slack *slack;

	(void)state;
	start(&slack_kind);
	slack = chat.own;
	assert_string_equal(slack->team, "T1");
	assert_string_equal(slack->user, "U1");
	assert_string_equal(slack->bot, "B1");
	assert_int_equal(n_ears, 1);
	assert_string_equal(last_ask("auth.test")->auth, "Bearer " TOKEN);
	assert_string_equal(last_ask("conversations.info")->body, "channel=C1");
	assert_string_equal(last_ask("conversations.info")->type,
	    "application/x-www-form-urlencoded");
}

static void test_send(void **state)
{
	struct out out;
	json_t *json;

	(void)state;
	start(&slack_kind);
	give(&out, CHAT_POST);
	assert_int_equal(send_it(&out), CHAT_SENT);
	assert_string_equal(out.send.remote_made, "1700000000.000200");
	json = args_of("chat.postMessage");
	assert_true(json_is_false(json_object_get(json, "unfurl_links")));
	assert_true(json_is_false(json_object_get(json, "unfurl_media")));
	assert_string_equal(field(json, "thread_ts"), "(none)");
	assert_string_equal(
	    field(json_object_get(
		      json_object_get(json, "metadata"), "event_payload"),
		"once"),
	    "a1-17-1-1-0");
	json_decref(json);

	out.send.root = "1700000000.000100";
	out.done = 0;
	assert_int_equal(send_it(&out), CHAT_SENT);
	json = args_of("chat.postMessage");
	assert_string_equal(field(json, "thread_ts"), "1700000000.000100");
	json_decref(json);

	give(&out, CHAT_REPLACE);
	assert_int_equal(send_it(&out), CHAT_SENT);
	json = args_of("chat.update");
	assert_string_equal(field(json, "ts"), "1700000000.000100");
	json_decref(json);

	give(&out, CHAT_WHISPER);
	out.send.root = "1700000000.000100";
	assert_int_equal(send_it(&out), CHAT_SENT);
	json = args_of("chat.postEphemeral");
	assert_string_equal(field(json, "user"), "U2");
	assert_string_equal(field(json, "thread_ts"), "1700000000.000100");
	json_decref(json);
}

#define NO(word) "{\"ok\":false,\"error\":\"" word "\"}"

static void test_refusals(void **state)
{
	static const struct {
		const char *body;
		enum chat_sent sent;
		enum chat_state state;
		const char *says;
	} rows[] = {
	    {NO("msg_too_long"), CHAT_NEVER, CHAT_UP, "msg_too_long"},
	    {NO("msg_blocks_too_long"), CHAT_NEVER, CHAT_UP, "msg_blocks"},
	    {NO("invalid_blocks"), CHAT_NEVER, CHAT_UP, "invalid_blocks"},
	    {NO("user_not_in_channel"), CHAT_NEVER, CHAT_UP, "user_not_in"},
	    {NO("message_not_found"), CHAT_GONE, CHAT_UP, "message_not"},
	    {NO("cant_update_message"), CHAT_GONE, CHAT_UP, "cant_update"},
	    {NO("ratelimited"), CHAT_LATER, CHAT_UP, "ratelimited"},
	    {NO("a\\n\\u001b[31m secret"), CHAT_NEVER, CHAT_UP, ": a"},
	    {NO(""), CHAT_NEVER, CHAT_UP, "unknown"},
	    {"{\"ok\":false,\"error\":7}", CHAT_NEVER, CHAT_UP, "unknown"},
	    {"{\"ok\":\"true\"}", CHAT_NEVER, CHAT_UP, "unknown"},
	    {"{}", CHAT_NEVER, CHAT_UP, "unknown"},
	    {"{\"ok\":true}", CHAT_LATER, CHAT_UP, "did not say"},
	    {"{\"ok\":true,\"ts\":\"x\\ny\"}", CHAT_LATER, CHAT_UP, "did not"},
	    {NO("internal_error"), CHAT_LATER, CHAT_TROUBLED, "internal"},
	    {"", CHAT_LATER, CHAT_TROUBLED, "no JSON"},
	    {"<html>", CHAT_LATER, CHAT_TROUBLED, "no JSON"},
	    {"[]", CHAT_LATER, CHAT_TROUBLED, "no JSON"},
	    {"\"\xff\"", CHAT_LATER, CHAT_TROUBLED, "no JSON"},
	    {"large", CHAT_LATER, CHAT_TROUBLED, "more than"},
	    {NO("invalid_auth"), CHAT_LATER, CHAT_BROKEN, "token_file"},
	    {NO("account_inactive"), CHAT_LATER, CHAT_BROKEN, "install"},
	    {NO("not_in_channel"), CHAT_LATER, CHAT_BROKEN, "/invite"},
	    {NO("channel_not_found"), CHAT_LATER, CHAT_BROKEN, "/invite"},
	    {NO("is_archived"), CHAT_LATER, CHAT_BROKEN, "archived"},
	    {"{\"ok\":false,\"error\":\"missing_scope\",\"needed\":"
	     "\"chat:write\",\"provided\":\"x\"}",
		CHAT_LATER, CHAT_BROKEN, "chat:write"},
	};
	struct out out;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		answers("chat.postMessage", 200, NULL, POSTED);
		if (chat.own == NULL)
			start(&slack_kind);
		answers("chat.postMessage", 200, NULL, rows[i].body);
		give(&out, CHAT_POST);
		if (send_it(&out) != rows[i].sent ||
		    chat.state != rows[i].state ||
		    strstr(out.send.error.text, rows[i].says) == NULL)
			fail_msg("%s: %d, %d, %s", rows[i].body,
			    (int)out.send.sent, (int)chat.state,
			    out.send.error.text);
		if (rows[i].state != CHAT_UP) /* it comes back by itself */
			wait_state(CHAT_UP);
		forget();
	}
	assert_int_equal(n_ears, 1);
}

static void test_statuses(void **state)
{
	struct out out;

	(void)state;
	start(&slack_kind);
	answers("chat.postMessage", 429, "7", "slow down");
	give(&out, CHAT_POST);
	assert_int_equal(send_it(&out), CHAT_LATER);
	assert_int_equal(out.send.retry_ms, 7000);
	assert_int_equal(chat.state, CHAT_UP);
	answers("chat.postMessage", 503, NULL, POSTED);
	assert_int_equal(post(), CHAT_LATER);
	assert_int_equal(chat.state, CHAT_TROUBLED);
	answers("chat.postMessage", 404, NULL, "<html>");
	assert_int_equal(post(), CHAT_LATER);
	answers("chat.postMessage", 200, NULL, POSTED);
	assert_int_equal(post(), CHAT_SENT);
	assert_int_equal(chat.state, CHAT_UP);
	config.deadline_ms = 300;
	answers("chat.postMessage", 0, NULL, NULL);
	assert_int_equal(post(), CHAT_LATER);
	assert_int_equal(chat.state, CHAT_TROUBLED);
	config.deadline_ms = 20000;
	wait_state(CHAT_UP);
}

/* ---- what may be there already ----------------------------------------------
 */

static const char history[] =
    "{\"ok\":true,\"messages\":[7,{\"ts\":\"1.1\"},{\"ts\":\"1.2\","
    "\"user\":\"U1\",\"metadata\":{\"event_type\":\"other\",\"event_payload\":{"
    "\"once\":"
    "\"a1-17-1-1-0\"}}},{\"ts\":\"1.3\",\"user\":\"U1\",\"metadata\":{\"event_"
    "type\":"
    "\"imprimatur\",\"event_payload\":{\"once\":\"another\"}}},"
    /* another app's, with our name */
    "{\"ts\":\"1.4\",\"user\":\"U2\",\"bot_id\":\"B2\",\"metadata\":{"
    "\"event_type\":\"imprimatur\",\"event_payload\":{\"once\":"
    "\"a1-17-1-1-0\"}}},"
    "{\"ts\":\"1700000000.000300\",\"bot_id\":\"B1\",\"metadata\":{\"event_"
    "type\":"
    "\"imprimatur\",\"event_payload\":{\"once\":\"a1-17-1-1-0\"}}}]}";

static enum chat_sent post_again(struct out *out, const char *root)
{
	give(out, CHAT_POST);
	out->send.again = true;
	out->send.root = root;
	return send_it(out);
}

static void test_again(void **state)
{
	struct out out;

	(void)state;
	start(&slack_kind);
	answers("conversations.history", 200, NULL, history);
	assert_int_equal(post_again(&out, NULL), CHAT_SENT);
	assert_string_equal(out.send.remote_made, "1700000000.000300");
	assert_int_equal(count_asks("chat.postMessage"), 0);
	assert_string_equal(last_ask("conversations.history")->body,
	    "channel=C1&limit=100&include_all_metadata=1");

	answers("conversations.replies", 200, NULL, history);
	assert_int_equal(post_again(&out, "1.5"), CHAT_SENT);
	assert_int_equal(count_asks("chat.postMessage"), 0);

	/* it may be on a further page; but not for ever */
	answers("conversations.replies", 200, NULL,
	    "{\"ok\":true,\"response_metadata\":{\"next_cursor\":\"a=&b\"}}");
	forget();
	assert_int_equal(post_again(&out, "1.5"), CHAT_SENT);
	assert_int_equal(count_asks("conversations.replies"), 10);
	assert_int_equal(count_asks("chat.postMessage"), 1);
	assert_string_equal(last_ask("conversations.replies")->body,
	    "channel=C1&limit=100&include_all_metadata=1&ts=1.5"
	    "&cursor=a%3D%26b");
	forget();

	/* it is not there: post it */
	answers("conversations.history", 200, NULL, "{\"ok\":true}");
	assert_int_equal(post_again(&out, NULL), CHAT_SENT);
	assert_int_equal(count_asks("chat.postMessage"), 1);

	/* not known: it stays to be looked for */
	answers("conversations.history", 500, NULL, "");
	assert_int_equal(post_again(&out, NULL), CHAT_LATER);
	assert_int_equal(count_asks("chat.postMessage"), 1);

	/* it may not look: then never again */
	answers("conversations.history", 200, NULL, NO("missing_scope"));
	assert_int_equal(post_again(&out, NULL), CHAT_SENT);
	assert_int_equal(count_asks("chat.postMessage"), 2);
	assert_int_equal(chat.state, CHAT_UP);
	forget();
	assert_int_equal(post_again(&out, NULL), CHAT_SENT);
	assert_int_equal(count_asks("conversations.history"), 0);
}

/* ---- connecting fails -------------------------------------------------------
 */

static void test_recover(void **state)
{
	static const struct {
		const char *method, *body, *says;
		int status;
		enum chat_state state;
	} rows[] = {
	    {"auth.test", NO("invalid_auth"), "token_file", 200, CHAT_BROKEN},
	    {"auth.test", "{\"ok\":true}", "whose", 200, CHAT_TROUBLED},
	    {"auth.test",
		"{\"ok\":true,\"team_id\":\"T1/\",\"user_id\":\"U1\"}", "whose",
		200, CHAT_TROUBLED},
	    {"auth.test", "", "HTTP status 502", 502, CHAT_TROUBLED},
	    {"conversations.info", NO("channel_not_found"), "/invite", 200,
		CHAT_BROKEN},
	    {"conversations.info",
		"{\"ok\":true,\"channel\":{\"is_member\":false}}", "/invite",
		200, CHAT_BROKEN},
	    {"conversations.info",
		"{\"ok\":true,\"channel\":{\"is_archived\":true}}", "archived",
		200, CHAT_BROKEN},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		answers("auth.test", 200, NULL, WHOAMI);
		answers("conversations.info", 200, NULL, CHANNEL);
		answers(rows[i].method, rows[i].status, NULL, rows[i].body);
		chat.stopped = false;
		chat.kind = &slack_kind;
		slack_kind.start(&chat);
		wait_state(rows[i].state);
		if (strstr(chat.why, rows[i].says) == NULL)
			fail_msg("%s", chat.why);
		assert_int_equal(n_ears, i);
		answers("auth.test", 200, NULL, WHOAMI);
		answers("conversations.info", 200, NULL, CHANNEL);
		wait_state(CHAT_UP);
		chat.stopped = true;
		slack_kind.stop(&chat);
		forget();
		chat.state = CHAT_STARTING;
	}
	/* without the scope to look it is up, too */
	answers("conversations.info", 200, NULL, NO("missing_scope"));
	chat.stopped = false;
	start(&slack_kind);
}

static void test_ear(void **state)
{
	(void)state;
	start(&slack_kind);
	slack_hears(&chat, CHAT_TROUBLED, "its socket is closed");
	assert_int_equal(chat.state, CHAT_TROUBLED);
	assert_int_equal(post(), CHAT_SENT);
	assert_int_equal(chat.state, CHAT_TROUBLED);
	slack_hears(&chat, CHAT_BROKEN, "its app token is not accepted");
	assert_int_equal(chat.state, CHAT_BROKEN);
	slack_hears(&chat, CHAT_UP, NULL);
	assert_int_equal(chat.state, CHAT_UP);
}

static void on_app(struct slack_call *call)
{
	bool *done = call->context;

	*done = true;
	assert_non_null(strstr(call->error.text, "app_token_file"));
	assert_null(strstr(call->error.text, "xoxb"));
}

/* It has two tokens: told is which. */
static void test_app_token(void **state)
{
	static const char *const codes[] = {NO("invalid_auth"),
	    NO("not_allowed_token_type"),
	    "{\"ok\":false,\"error\":\"missing_scope\",\"needed\":"
	    "\"connections:write\"}"};
	size_t i;

	(void)state;
	start(&slack_kind);
	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		bool done = false;
		struct slack_call call = {.method = "apps.connections.open",
		    .app = true,
		    .done = on_app,
		    .context = &done};

		answers("apps.connections.open", 200, NULL, codes[i]);
		slack_call(&chat, &call);
		while (!done)
			turn("an answer");
		assert_true(call.broken);
	}
}

/* ---- stopping ---------------------------------------------------------------
 */

static void test_stop(void **state)
{
	struct out out[3];

	(void)state;
	start(&slack_kind);
	answers("chat.postMessage", 0, NULL, NULL);
	answers("chat.update", 0, NULL, NULL);
	answers("conversations.history", 0, NULL, NULL);
	give(&out[0], CHAT_POST);
	give(&out[1], CHAT_REPLACE);
	give(&out[2], CHAT_POST);
	out[2].send.again = true;
	slack_kind.send(&chat, &out[0].send);
	slack_kind.send(&chat, &out[1].send);
	slack_kind.send(&chat, &out[2].send);
	assert_int_equal(out[0].done + out[1].done + out[2].done, 0);
	while (server.n_open < 2)
		turn("requests");
	chat.stopped = true;
	slack_kind.stop(&chat);
	assert_int_equal(out[0].done, 1);
	assert_int_equal(out[1].done, 1);
	assert_int_equal(out[2].done, 1);
	assert_int_equal(out[0].send.sent, CHAT_LATER);
	assert_int_equal(out[2].send.sent, CHAT_LATER);
	assert_int_equal(n_ears_stopped, 1);
	assert_int_equal(count_asks("chat.postMessage") <= 1, 1);
}

static void test_stop_early(void **state)
{
	(void)state;
	answers("auth.test", 0, NULL, NULL);
	chat.kind = &slack_kind;
	slack_kind.start(&chat);
	while (server.n_open == 0)
		turn("a request");
	chat.stopped = true;
	slack_kind.stop(&chat);
	assert_int_equal(n_ears, 0);
}

/* ---- the doctor -------------------------------------------------------------
 */

static const struct checkup_item *item(
    const struct checkup *checkup, const char *what)
{
	size_t i;

	for (i = 0; i < checkup_n(checkup); i++)
		if (strstr(checkup_at(checkup, i)->what, what) != NULL)
			return checkup_at(checkup, i);
	fail_msg("nobody asked: %s", what);
	return NULL;
}

/* Slack tells of what was posted, before (its answer is on its way) or after.
 */
static void echo(const char *user, const char *ts)
{
	json_t *told =
	    json_pack("{s:s, s:{s:s, s:s, s:s}}", "type", "event_callback",
		"event", "type", "message", "user", user, "ts", ts);

	slack_echo_saw(chat.own, told);
	json_decref(told);
}

static struct checkup *examine(bool probe)
{
	struct checkup *checkup = checkup_new(probe);

	chat.kind->examine(&chat, checkup);
	while (checkup_is_open(checkup)) {
		turn("the doctor");
		if (chat.kind == &slack_kind && count_asks("chat.delete") > 0) {
			echo("U9", "1700000000.000200");
			echo(((struct slack *)chat.own)->user, "1.1");
			echo(((struct slack *)chat.own)->user,
			    "1700000000.000200");
		}
	}
	return checkup;
}

static void test_examine(void **state)
{
	static const char *const media[] = {"slack", NULL};
	static struct config_reviewer reviewers[] = {
	    {.name = "anna", .slack = "T1/U2", .media = media},
	    {.name = "bob", .slack = "T2/U3", .media = media},
	    {.name = "carol"}};
	struct checkup *checkup;
	size_t i;

	(void)state;
	whole.n_reviewers = 3;
	whole.reviewers = reviewers;
	answers("chat.delete", 200, NULL, "{\"ok\":true}");
	answers("conversations.members", 200, NULL,
	    "{\"ok\":true,\"members\":[\"U1\",7,\"U3\"]}");
	start(&slack_kind);
	checkup = examine(true);
	assert_int_equal(item(checkup, "reaches us")->state, CHECKUP_GOOD);
	assert_int_equal(item(checkup, "reviewers are in")->state, CHECKUP_BAD);
	assert_string_equal(
	    item(checkup, "reviewers are in")->found, "not there: anna, U2");
	assert_int_equal(item(checkup, "token")->state, CHECKUP_GOOD);
	assert_string_equal(
	    item(checkup, "token")->found, "it is gate in Corp");
	assert_int_equal(item(checkup, "scopes")->state, CHECKUP_GOOD);
	assert_int_equal(item(checkup, "clock")->state, CHECKUP_GOOD);
	assert_int_equal(item(checkup, "channel")->state, CHECKUP_GOOD);
	assert_int_equal(item(checkup, "posted")->state, CHECKUP_GOOD);
	assert_int_equal(item(checkup, "hears")->state, CHECKUP_GOOD);
	assert_int_equal(item(checkup, "workspace")->state, CHECKUP_DOUBT);
	assert_non_null(strstr(item(checkup, "workspace")->found, "bob"));
	assert_non_null(strstr(
	    last_ask("chat.delete")->body, "\"ts\":\"1700000000.000200\""));
	checkup_unref(checkup);

	/* all are of another team: nobody could answer */
	whole.n_reviewers = 2;
	reviewers[0].slack = "T3/U2";
	answers("conversations.members", 200, NULL, NO("missing_scope"));
	checkup = examine(false);
	assert_int_equal(item(checkup, "workspace")->state, CHECKUP_BAD);
	assert_string_equal(item(checkup, "workspace")->found,
	    "anna, bob: another; their answers decide nothing");
	assert_non_null(strstr(item(checkup, "workspace")->advice, "T1/U"));
	assert_int_equal(
	    item(checkup, "reviewers are in")->state, CHECKUP_SKIPPED);
	checkup_unref(checkup);
	reviewers[0].slack = "T1/U2";

	/* stopped while it waits for its message: nothing stays open */
	checkup = checkup_new(true);
	forget();
	slack_kind.examine(&chat, checkup);
	while (count_asks("chat.delete") == 0)
		turn("a message");
	chat.stopped = true;
	slack_kind.stop(&chat);
	assert_false(checkup_is_open(checkup));
	for (i = 0; i < checkup_n(checkup); i++)
		assert_int_not_equal(
		    checkup_at(checkup, i)->state, CHECKUP_OPEN);
	checkup_unref(checkup);
	chat.stopped = false;
	start(&slack_kind);

	forget();
	answers("auth.test", 200, NULL, NO("token_revoked"));
	checkup = examine(false);
	assert_int_equal(item(checkup, "token")->state, CHECKUP_BAD);
	assert_non_null(strstr(item(checkup, "token")->advice, "token_file"));
	assert_int_equal(count_asks("chat.postMessage"), 0);
	checkup_unref(checkup);
	whole.n_reviewers = 0;
}

/* ---- webhooks ---------------------------------------------------------------
 */

#define HOOK "services/secret"

static void test_webhook(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum chat_sent sent;
		enum chat_state state;
	} rows[] = {
	    {200, "ok", CHAT_SENT, CHAT_UP},
	    {400, "invalid_blocks", CHAT_NEVER, CHAT_UP},
	    {429, "x", CHAT_LATER, CHAT_UP},
	    {500, "x", CHAT_LATER, CHAT_UP},
	    {302, "x", CHAT_LATER, CHAT_UP},
	    {404, "no_service", CHAT_LATER, CHAT_BROKEN},
	    {403, "invalid_token", CHAT_LATER, CHAT_BROKEN},
	    {410, "channel_is_archived", CHAT_LATER, CHAT_BROKEN},
	    {400, "<secret>", CHAT_LATER, CHAT_BROKEN},
	};
	struct out out;
	size_t i;

	(void)state;
	answers(HOOK, 400, NULL, "no_text");
	start(&webhook_kind);
	assert_string_equal(last_ask(HOOK)->body, "{}");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		answers(HOOK, rows[i].status, "3", rows[i].body);
		give(&out, CHAT_POST);
		if (send_it(&out) != rows[i].sent ||
		    chat.state != rows[i].state)
			fail_msg("%s: %d, %d", rows[i].body, (int)out.send.sent,
			    (int)chat.state);
		assert_string_equal(out.send.remote_made, "");
		assert_string_equal(last_ask(HOOK)->body, CONTENT);
		answers(HOOK, 400, NULL, "no_text");
		wait_state(CHAT_UP);
		forget();
	}
}

static void test_webhook_life(void **state)
{
	struct checkup *checkup;
	struct out out;

	(void)state;
	answers(HOOK, 404, NULL, "no_team");
	chat.kind = &webhook_kind;
	webhook_kind.start(&chat);
	wait_state(CHAT_BROKEN);
	assert_non_null(strstr(chat.why, "hook_file"));
	answers(HOOK, 400, NULL, "invalid_payload");
	wait_state(CHAT_UP);
	checkup = examine(true);
	assert_int_equal(item(checkup, "webhook")->state, CHECKUP_GOOD);
	checkup_unref(checkup);
	answers(HOOK, 403, NULL, "invalid_token");
	checkup = examine(true);
	assert_int_equal(item(checkup, "webhook")->state, CHECKUP_BAD);
	checkup_unref(checkup);
	answers(HOOK, 0, NULL, NULL);
	give(&out, CHAT_POST);
	webhook_kind.send(&chat, &out.send);
	while (server.n_open == 0)
		turn("a request");
	chat.stopped = true;
	webhook_kind.stop(&chat);
	assert_int_equal(out.done, 1);
	assert_int_equal(out.send.sent, CHAT_LATER);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(test_connect),
	    TEST(test_send),
	    TEST(test_refusals),
	    TEST(test_statuses),
	    TEST(test_again),
	    TEST(test_recover),
	    TEST(test_ear),
	    TEST(test_app_token),
	    TEST(test_stop),
	    TEST(test_stop_early),
	    TEST(test_examine),
	    TEST(test_webhook),
	    TEST(test_webhook_life),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
