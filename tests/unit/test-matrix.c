/*
 * Tests of an account at a homeserver: it connects, posts, reads the room and
 * keeps its mark, whatever the homeserver answers.  fetch is the test's: each
 * request is answered from a table, and a sync when the test says so.
 */
#include "chat/matrix/matrix.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chatroom.h"
#include "checkup.h"
#include "util/mem.h"

#define GUARD_S	 60
#define ROUTES	 24
#define REQUESTS 256
#define NEVER	 -1 /* a status: no answer, until it is cancelled */

static struct event_base *base;

/* ---- the homeserver --------------------------------------------------------
 */

struct route {
	const char *begins; /* "GET /path" */
	long status;
	const char *answer; /* NULL: no answer comes at all */
	int64_t retry_ms;
	bool once;
};

static struct route routes[ROUTES];
static size_t n_routes, n_requests;
static char *requests[REQUESTS]; /* "GET /path body" */
static struct fetch_ask *polling;
static char unexpected[500];

static const char *const people[] = {"@anna:hs", "@ben:hs", NULL};

/* The last that fits answers. */
static void answer_with(const char *begins, long status, const char *answer)
{
	assert_true(n_routes < ROUTES);
	routes[n_routes++] = (struct route){
	    .begins = begins, .status = status, .answer = answer};
}

static void fetched(evutil_socket_t fd, short what, void *context)
{
	struct fetch_ask *ask = context;

	(void)fd;
	(void)what;
	ask->done(ask);
}

static void soon(struct fetch_ask *ask)
{
	const struct timeval now = {0, 0};

	event_base_once(base, -1, EV_TIMEOUT, fetched, ask, &now);
}

static void give(struct fetch_ask *ask, long status, const char *answer)
{
	if (status == NEVER || ask->cancelled)
		return;
	ask->cancelled = true; /* it has its answer */
	ask->status = status;
	if (answer == NULL)
		error_set(&ask->error, ERROR_BUSY, "did not answer");
	else
		buf_add_str(&ask->answer, answer);
	soon(ask);
}

static void route_to(struct fetch_ask *ask, const char *request)
{
	size_t i = n_routes;

	while (i-- > 0) {
		struct route *r = &routes[i];

		if (r->begins == NULL ||
		    strncmp(request, r->begins, strlen(r->begins)) != 0)
			continue;
		ask->retry_ms = r->retry_ms;
		give(ask, r->status, r->answer);
		if (r->once)
			r->begins = NULL;
		return;
	}
	snprintf(unexpected, sizeof(unexpected), "%s", request);
	give(ask, 500, "");
}

void fetch_ask(struct fetch *fetch, struct fetch_ask *ask)
{
	const char *path = strstr(ask->url, "/_matrix");
	char *request;

	(void)fetch;
	assert_non_null(path);
	assert_true(strncmp(ask->url, "https://hs/_matrix", 18) == 0);
	assert_string_equal(ask->headers[0], "Authorization: Bearer secret");
	ask->error = (struct error)ERROR_INIT;
	ask->retry_ms = ask->date_ms = 0;
	ask->cancelled = false;
	buf_init(&ask->answer, ask->answer_max);
	request = mem_printf("%s %s %.*s", ask->method, path,
	    (int)ask->body.len, ask->body.data == NULL ? "" : ask->body.data);
	assert_true(n_requests < REQUESTS);
	requests[n_requests++] = request;
	if (strstr(path, "/sync?") != NULL) {
		assert_null(polling);
		polling = ask;
	} else {
		route_to(ask, request);
	}
}

void fetch_cancel(struct fetch_ask *ask)
{
	if (ask == polling)
		polling = NULL;
	give(ask, 0, NULL);
}

/* ---- what the other files of the kind do in these tests ---------------------
 */

void matrix_card(const struct chat *chat, struct arena *arena,
    const struct chat_card *card, struct chat_content *out)
{
	(void)chat;
	(void)arena;
	(void)card;
	*out = (struct chat_content){.main = "{}"};
}

const char *matrix_digest(const struct chat *chat, struct arena *arena,
    const struct chat_digest *digest)
{
	(void)chat;
	(void)arena;
	(void)digest;
	return "{}";
}

const char *matrix_text(const struct chat *chat, struct arena *arena,
    const char *text, const struct config_reviewer *to)
{
	json_t *content =
	    json_pack("{s:s, s:s}", "msgtype", "m.text", "body", text);
	char *written = json_dumps(content, JSON_COMPACT);
	const char *copy = arena_strdup(arena, written);

	(void)chat;
	(void)to;
	json_decref(content);
	free(written);
	return copy;
}

/* ---- running
 * ------------------------------------------------------------------
 */

static void on_guard(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	*(bool *)context = true;
}

/* One turn of the loop; nothing fails within it, for it cannot be left. */
static void turn(void)
{
	const struct timeval most = {GUARD_S, 0};
	bool late = false;
	struct event *guard = evtimer_new(base, on_guard, &late);

	event_add(guard, &most);
	event_base_loop(base, EVLOOP_ONCE);
	event_free(guard);
	if (unexpected[0] != '\0')
		fail_msg("nobody expects %s", unexpected);
	if (late)
		fail_msg("it did not come to that: %s", chatroom.chat.why);
}

#define UNTIL(condition)                                                       \
	do {                                                                   \
		while (!(condition))                                           \
			turn();                                                \
	} while (0)

/* The last request that begins so; NULL: none. */
static const char *asked(const char *begins)
{
	size_t i = n_requests;

	while (i-- > 0)
		if (strncmp(requests[i], begins, strlen(begins)) == 0)
			return requests[i];
	return NULL;
}

static size_t times_asked(const char *begins)
{
	size_t i, n = 0;

	for (i = 0; i < n_requests; i++)
		n += strncmp(requests[i], begins, strlen(begins)) == 0;
	return n;
}

#define CLIENT	"/_matrix/client/v3"
#define IN_ROOM CLIENT "/rooms/%21r%3Ahs"
#define MISSING "{\"errcode\":\"M_NOT_FOUND\",\"error\":\"none\"}"
#define MAY_NOT "{\"errcode\":\"M_FORBIDDEN\",\"error\":\"no\"}"
#define EVENT_1 "{\"event_id\":\"$made\"}"

static int begin(void **state)
{
	(void)state;
	base = event_base_new();
	chatroom_init(base);
	chatroom.people = people;
	chatroom.chat.kind = &matrix_kind;
	chatroom.config.url = "https://hs/";
	chatroom.config.room = "!r:hs";
	chatroom.config.token = "secret";
	n_routes = n_requests = 0;
	polling = NULL;
	answer_with(
	    "GET " CLIENT "/account/whoami", 200, "{\"user_id\":\"@gate:hs\"}");
	answer_with("GET " IN_ROOM "/joined_members", 200,
	    "{\"joined\":{\"@gate:hs\":{},\"@anna:hs\":{}}}");
	answer_with("GET " IN_ROOM "/state/m.room.encryption/", 404, MISSING);
	answer_with("GET " IN_ROOM "/state/m.room.tombstone/", 404, MISSING);
	answer_with("GET " IN_ROOM "/state/m.room.power_levels/", 200,
	    "{\"users\":{\"@gate:hs\":50},\"events_default\":10}");
	answer_with("GET " IN_ROOM "/event/", 404, MISSING);
	answer_with("PUT " IN_ROOM "/send/", 200, EVENT_1);
	return 0;
}

static int end(void **state)
{
	(void)state;
	unexpected[0] = '\0';
	matrix_kind.stop(&chatroom.chat);
	UNTIL(chatroom.chat.refs == 1);
	chatroom_release();
	while (n_requests > 0)
		free(requests[--n_requests]);
	event_base_free(base);
	return 0;
}

static struct matrix *matrix(void)
{
	return chatroom.chat.own;
}

/* Answer the poll that is open, or that comes. */
static void sync_with(long status, const char *answer)
{
	struct fetch_ask *ask;

	UNTIL(polling != NULL);
	ask = polling;
	polling = NULL;
	give(ask, status, answer);
}

#define JOINED(next, timeline)                                                 \
	"{\"next_batch\":\"" next "\",\"rooms\":{\"join\":{\"!r:hs\":{"        \
	"\"timeline\":{" timeline "}}}}}"
#define EVENTS(list) "\"events\":[" list "]"
#define REPLY(id, who, words)                                                  \
	"{\"type\":\"m.room.message\",\"event_id\":\"" id                      \
	"\",\"sender\":\"" who                                                 \
	"\",\"content\":{\"msgtype\":\"m.text\",\"body\":\"" words "\","       \
	"\"m.relates_to\":{\"m.in_reply_to\":{\"event_id\":\"$p\"}}}}"

static void start(void)
{
	matrix_kind.start(&chatroom.chat);
	UNTIL(polling != NULL);
	assert_int_equal(chatroom.chat.state, CHAT_UP);
}

/* Up, and the first sync is over. */
static void start_and_read(void)
{
	start();
	sync_with(200, JOINED("s1", EVENTS("")));
	UNTIL(polling != NULL);
}

/* ---- connecting
 * ----------------------------------------------------------------
 */

static void test_connects(void **state)
{
	(void)state;
	start();
	assert_string_equal(matrix()->self, "@gate:hs");
	assert_null(asked("POST"));
}

static void test_alias(void **state)
{
	(void)state;
	chatroom.config.room = "#mail:hs";
	answer_with("GET " CLIENT "/directory/room/%23mail%3Ahs", 200,
	    "{\"room_id\":\"!r:hs\",\"servers\":[]}");
	start();
	assert_string_equal(matrix()->room, "!r:hs");
}

/* It was invited: it joins, once. */
static void test_joins(void **state)
{
	(void)state;
	answer_with("GET " IN_ROOM "/joined_members", 403, MAY_NOT);
	routes[n_routes - 1].once = true;
	answer_with("POST " IN_ROOM "/join", 200, "{\"room_id\":\"!r:hs\"}");
	start();
	assert_int_equal(times_asked("POST"), 1);
}

struct refusal {
	const char *request;
	long status;
	const char *answer;
	enum chat_state state;
	const char *says;
};

static void test_refusals(void **state)
{
	static const struct refusal rows[] = {
	    {"GET " CLIENT "/account/whoami", 401,
		"{\"errcode\":\"M_UNKNOWN_TOKEN\",\"error\":\"x\"}",
		CHAT_BROKEN, "write the new token into token_file"},
	    {"GET " CLIENT "/account/whoami", 404,
		"{\"errcode\":\"M_UNRECOGNIZED\",\"error\":\"x\"}", CHAT_BROKEN,
		"no homeserver at its url"},
	    {"GET " CLIENT "/account/whoami", 200, "<html>", CHAT_TROUBLED,
		"no JSON object"},
	    {"GET " CLIENT "/account/whoami", 200, "{\"user_id\":7}",
		CHAT_TROUBLED, "its homeserver"},
	    {"GET " CLIENT "/account/whoami", 0, NULL, CHAT_TROUBLED,
		"did not answer"},
	    {"GET " CLIENT "/account/whoami", 502, "<html>", CHAT_TROUBLED,
		"HTTP status 502"},
	    {"GET " CLIENT "/account/whoami", 404, "<html>", CHAT_TROUBLED,
		"HTTP status 404"},
	    {"GET " CLIENT "/account/whoami", 403,
		"{\"errcode\":\"M_USER_LOCKED\",\"error\":\"x\"}", CHAT_BROKEN,
		"administrator unlock it"},
	    {"POST " IN_ROOM "/join", 403, MAY_NOT, CHAT_BROKEN,
		"invite @gate:hs there"},
	    /* it says that it joined, and is not there */
	    {"POST " IN_ROOM "/join", 200, "{\"room_id\":\"!r:hs\"}",
		CHAT_BROKEN, "invite @gate:hs there"},
	    {"GET " IN_ROOM "/state/m.room.encryption/", 200,
		"{\"algorithm\":\"m.megolm.v1.aes-sha2\"}", CHAT_BROKEN,
		"without encryption"},
	    {"GET " IN_ROOM "/state/m.room.tombstone/", 200,
		"{\"body\":\"\",\"replacement_room\":\"!new:hs\"}", CHAT_BROKEN,
		"name that one, !new:hs"},
	    {NULL, 0, NULL, CHAT_UP, NULL},
	};
	const struct refusal *row;

	for (row = rows; row->request != NULL; row++) {
		if (row->request[0] == 'P')
			answer_with(
			    "GET " IN_ROOM "/joined_members", 403, MAY_NOT);
		answer_with(row->request, row->status, row->answer);
		matrix_kind.start(&chatroom.chat);
		UNTIL(chatroom.chat.state != CHAT_STARTING);
		if (chatroom.chat.state != row->state ||
		    strstr(chatroom.chat.why, row->says) == NULL)
			fail_msg("%s: \"%s\"", row->request, chatroom.chat.why);
		end(state);
		begin(state);
	}
}

/* What was wrong is mended, and it comes up by itself. */
static void test_mended(void **state)
{
	(void)state;
	answer_with("GET " IN_ROOM "/state/m.room.power_levels/", 200,
	    "{\"users_default\":0,\"events\":{\"m.room.message\":100}}");
	answer_with("GET " IN_ROOM "/state/m.room.create/", 200,
	    "{\"sender\":\"@gate:hs\",\"content\":{\"room_version\":\"11\"}}");
	matrix_kind.start(&chatroom.chat);
	UNTIL(chatroom.chat.state == CHAT_BROKEN);
	assert_non_null(strstr(chatroom.chat.why, "raise the power level"));
	/* whoever created a room of version 12 has every power */
	answer_with("GET " IN_ROOM "/state/m.room.create/", 200,
	    "{\"sender\":\"@gate:hs\",\"content\":{\"room_version\":\"12\"}}");
	UNTIL(chatroom.chat.state == CHAT_UP);
	end(state);
	begin(state);
	answer_with("GET " IN_ROOM "/state/m.room.power_levels/", 200,
	    "{\"events_default\":\"50\",\"users\":{\"@gate:hs\":\"49\"}}");
	answer_with("GET " IN_ROOM "/state/m.room.create/", 200,
	    "{\"sender\":\"@anna:hs\",\"content\":{\"room_version\":\"12\","
	    "\"additional_creators\":[7,\"@gate:hs\"]}}");
	start();
	assert_int_equal(times_asked("GET " IN_ROOM "/state/m.room.create"), 1);
}

/* ---- posting
 * -------------------------------------------------------------------
 */

static unsigned n_sent;

static void on_sent(struct chat_send *send)
{
	(void)send;
	n_sent++;
}

static struct chat_send post(enum chat_send_what what)
{
	return (struct chat_send){.what = what,
	    .once = "17.1.a",
	    .content = "{\"msgtype\":\"m.text\",\"body\":\"b\","
		       "\"m.mentions\":{\"user_ids\":[\"@anna:hs\"]}}",
	    .done = on_sent};
}

static void send_it(struct chat_send *send)
{
	n_sent = 0;
	matrix_kind.send(&chatroom.chat, send);
	assert_int_equal(n_sent, 0); /* never from within */
	UNTIL(n_sent > 0);
}

static void test_posts(void **state)
{
	struct chat_send send = post(CHAT_POST);

	(void)state;
	/* handed over before it is up: it waits until then */
	matrix_kind.start(&chatroom.chat);
	send_it(&send);
	assert_int_equal(send.sent, CHAT_SENT);
	assert_string_equal(send.remote_made, "$made");
	assert_non_null(
	    asked("PUT " IN_ROOM "/send/m.room.message/imprimatur.17.1.a {"));
	/* the same again has the same name, so that it is taken once */
	send_it(&send);
	assert_int_equal(times_asked("PUT " IN_ROOM
				     "/send/m.room.message/imprimatur.17.1.a"),
	    2);
}

static json_t *content_of(const struct chat_send *send)
{
	json_t *content = matrix_send_content(send);

	assert_non_null(content);
	return content;
}

static const char *at(const json_t *of, const char *a, const char *b)
{
	return json_string_value(json_object_get(json_object_get(of, a), b));
}

static void test_content(void **state)
{
	struct chat_send send = post(CHAT_POST);
	json_t *content, *in;
	char *large;

	(void)state;
	send.root = "$root";
	content = content_of(&send);
	assert_string_equal(
	    at(content, "m.relates_to", "rel_type"), "m.thread");
	assert_string_equal(at(content, "m.relates_to", "event_id"), "$root");
	in = json_object_get(content, "m.relates_to");
	assert_true(json_is_true(json_object_get(in, "is_falling_back")));
	assert_string_equal(at(in, "m.in_reply_to", "event_id"), "$root");
	json_decref(content);

	send.what = CHAT_REPLACE;
	send.remote = "$old";
	send.root = NULL;
	content = content_of(&send);
	assert_string_equal(
	    at(content, "m.relates_to", "rel_type"), "m.replace");
	assert_string_equal(at(content, "m.relates_to", "event_id"), "$old");
	assert_string_equal(at(content, "m.new_content", "body"), "b");
	/* nobody is called again */
	assert_int_equal(
	    json_object_size(json_object_get(content, "m.mentions")), 0);
	json_decref(content);

	send.what = CHAT_WHISPER;
	send.root = "$root";
	send.person = "@ben:hs";
	content = content_of(&send);
	assert_string_equal(
	    json_string_value(json_object_get(content, "msgtype")), "m.notice");
	in =
	    json_object_get(json_object_get(content, "m.mentions"), "user_ids");
	assert_int_equal(json_array_size(in), 1);
	assert_string_equal(
	    json_string_value(json_array_get(in, 0)), "@ben:hs");
	json_decref(content);

	/* what is replaced, in short and in full, stays below the limit */
	large = mem_zalloc(MATRIX_CONTENT_MAX);
	memset(large, 'x', MATRIX_CONTENT_MAX - 1);
	memcpy(large, "{\"msgtype\":\"m.text\",\"body\":\"", 28);
	memcpy(large + MATRIX_CONTENT_MAX - 3, "\"}", 2);
	send = post(CHAT_REPLACE);
	send.remote = "$old";
	send.content = large;
	content = content_of(&send);
	free(large);
	large = json_dumps(content, JSON_COMPACT);
	assert_true(strlen(large) < MATRIX_EVENT_MAX - 3000);
	free(large);
	json_decref(content);

	send.content = "{\"body\":7}";
	assert_null(matrix_send_content(&send));
	send.content = "nonsense";
	assert_null(matrix_send_content(&send));
}

struct sending {
	enum chat_send_what what;
	const char *request;
	long status;
	const char *answer;
	enum chat_sent sent;
	int64_t retry_ms;
};

static void test_send_errors(void **state)
{
	static const struct sending rows[] = {
	    {CHAT_POST, "PUT", 429,
		"{\"errcode\":\"M_LIMIT_EXCEEDED\",\"error\":\"slow\","
		"\"retry_after_ms\":1500}",
		CHAT_LATER, 1500},
	    /* nobody has us wait for a day */
	    {CHAT_POST, "PUT", 429,
		"{\"errcode\":\"M_LIMIT_EXCEEDED\",\"error\":\"slow\","
		"\"retry_after_ms\":86400000}",
		CHAT_LATER, 3600000},
	    {CHAT_POST, "PUT", 500, "{\"errcode\":\"M_UNKNOWN\"}", CHAT_LATER,
		0},
	    {CHAT_POST, "PUT", 0, NULL, CHAT_LATER, 0},
	    {CHAT_POST, "PUT", 200, "{}", CHAT_LATER, 0},
	    {CHAT_POST, "PUT", 200, "{\"event_id\":\"made\"}", CHAT_LATER, 0},
	    {CHAT_POST, "PUT", 200, "[]", CHAT_LATER, 0},
	    {CHAT_POST, "PUT", 413,
		"{\"errcode\":\"M_TOO_LARGE\",\"error\":\"x\"}", CHAT_NEVER, 0},
	    {CHAT_POST, "PUT", 400,
		"{\"errcode\":\"M_BAD_JSON\",\"error\":\"x\"}", CHAT_NEVER, 0},
	    /* not the message, but the account */
	    {CHAT_POST, "PUT", 403, MAY_NOT, CHAT_LATER, 0},
	    {CHAT_POST, "PUT", 401,
		"{\"errcode\":\"M_UNKNOWN_TOKEN\",\"error\":\"x\"}", CHAT_LATER,
		0},
	    {CHAT_REPLACE, "GET " IN_ROOM "/event/%24old", 200,
		"{\"content\":{\"body\":\"b\"}}", CHAT_SENT, 0},
	    {CHAT_REPLACE, "GET " IN_ROOM "/event/%24old", 404, MISSING,
		CHAT_GONE, 0},
	    {CHAT_REPLACE, "GET " IN_ROOM "/event/%24old", 200,
		"{\"content\":{},\"unsigned\":{\"redacted_because\":{}}}",
		CHAT_GONE, 0},
	    {CHAT_REPLACE, "GET " IN_ROOM "/event/%24old", 502, "", CHAT_LATER,
		0},
	    {0, NULL, 0, NULL, 0, 0},
	};
	const struct sending *row;
	struct chat_send send;

	for (row = rows; row->request != NULL; row++) {
		start();
		answer_with(row->request, row->status, row->answer);
		send = post(row->what);
		send.remote = row->what == CHAT_REPLACE ? "$old" : NULL;
		send_it(&send);
		if (send.sent != row->sent || send.retry_ms != row->retry_ms)
			fail_msg("%s %ld: %d, %lld ms: %s", row->request,
			    row->status, (int)send.sent,
			    (long long)send.retry_ms, send.error.text);
		assert_true(
		    (send.error.text[0] == '\0') == (send.sent == CHAT_SENT) ||
		    send.sent == CHAT_GONE);
		end(state);
		begin(state);
	}
}

/* What is under way when it is stopped comes back. */
static void test_stop(void **state)
{
	struct chat_send one = post(CHAT_POST), two = post(CHAT_POST);

	(void)state;
	start();
	answer_with("PUT", NEVER, NULL);
	n_sent = 0;
	matrix_kind.send(&chatroom.chat, &one);
	matrix_kind.send(&chatroom.chat, &two);
	UNTIL(asked("PUT") != NULL);
	matrix_kind.stop(&chatroom.chat);
	assert_int_equal(n_sent, 2);
	assert_int_equal(one.sent, CHAT_LATER);
	assert_int_equal(two.sent, CHAT_LATER);
	UNTIL(chatroom.chat.refs == 1);
	assert_int_equal(n_sent, 2);
}

/* ---- reading
 * -------------------------------------------------------------------
 */

static void expect_words(size_t n, ...)
{
	va_list ap;
	size_t i;

	UNTIL(chatroom.n_words >= n && polling != NULL);
	assert_int_equal(chatroom.n_words, n);
	va_start(ap, n);
	for (i = 0; i < n; i++)
		assert_string_equal(
		    chatroom.words[i], va_arg(ap, const char *));
	va_end(ap);
}

static void test_reads(void **state)
{
	(void)state;
	start();
	assert_null(strstr(asked("GET " CLIENT "/sync"), "since="));
	/* what is old decides nothing */
	sync_with(200, JOINED("s1", EVENTS(REPLY("$0", "@anna:hs", "drop"))));
	UNTIL(polling != NULL);
	assert_int_equal(chatroom.n_words, 0);
	assert_int_equal(chatroom.n_marks, 1);
	assert_non_null(strstr(asked("GET " CLIENT "/sync"), "since=s1"));
	assert_non_null(strstr(asked("GET " CLIENT "/sync"), "timeout=30000"));

	chatroom.keep = true;
	sync_with(200,
	    JOINED("s2", EVENTS(REPLY("$1", "@anna:hs", "approve") "," REPLY(
			     "$2", "@eve:hs", "drop"))));
	/* no mark before all is heard */
	UNTIL(chatroom.kept != NULL);
	assert_int_equal(chatroom.n_marks, 1);
	assert_non_null(strstr(chatroom.mark, "\"s1\""));
	chatroom_let_go();
	expect_words(2, "@anna:hs $p - $1 approve", "@eve:hs $p - $2 drop");
	assert_int_equal(chatroom.n_marks, 2);
	assert_non_null(strstr(chatroom.mark, "\"s2\""));
	assert_non_null(strstr(chatroom.mark, "\"$2\""));

	/* nothing happened: no commit */
	sync_with(200, "{\"next_batch\":\"s3\"}");
	UNTIL(polling != NULL);
	assert_int_equal(chatroom.n_marks, 2);
	assert_non_null(strstr(asked("GET " CLIENT "/sync"), "since=s3"));
}

/* After a restart: from the mark on, unless it is another account's. */
static void test_restarts(void **state)
{
	(void)state;
	chatroom.mark = mem_strdup("{\"user\":\"@gate:hs\",\"room\":\"!r:hs\","
				   "\"since\":\"s7\",\"last\":\"$7\"}");
	start();
	assert_non_null(strstr(asked("GET " CLIENT "/sync"), "since=s7"));
	/* no answer that was made for an earlier life */
	assert_non_null(strstr(asked("GET " CLIENT "/sync"), "timeout=0&"));
	sync_with(200, JOINED("s8", EVENTS(REPLY("$8", "@ben:hs", "drop"))));
	expect_words(1, "@ben:hs $p - $8 drop");
	end(state);
	begin(state);
	chatroom.mark = mem_strdup("{\"user\":\"@gate:hs\",\"room\":\"!x:hs\","
				   "\"since\":\"s7\",\"last\":\"$7\"}");
	start();
	assert_null(strstr(asked("GET " CLIENT "/sync"), "since="));
	end(state);
	begin(state);
	chatroom.mark = mem_strdup("nonsense");
	start();
	assert_null(strstr(asked("GET " CLIENT "/sync"), "since="));
}

static void test_gap(void **state)
{
	static struct config_reviewer anna = {
	    .name = "anna", .matrix = "@anna:hs"};

	(void)state;
	chatroom.whole.reviewers = &anna;
	chatroom.whole.n_reviewers = 1;
	start_and_read();
	answer_with("GET " IN_ROOM "/messages?dir=b&", 200,
	    "{\"chunk\":[" REPLY("$3", "@anna:hs", "3") "," REPLY(
		"$2", "@anna:hs", "2") "],\"end\":\"t2\"}");
	routes[n_routes - 1].once = true;
	answer_with("GET " IN_ROOM "/messages?dir=b&", 0, NULL);
	routes[n_routes - 1].once = true;
	sync_with(
	    200, JOINED("s2", "\"limited\":true,\"prev_batch\":\"t1\"," EVENTS(
				  REPLY("$4", "@anna:hs", "4"))));
	/* a page that fails is asked for again; then it goes further back */
	UNTIL(times_asked("GET " IN_ROOM "/messages") == 2);
	assert_non_null(strstr(asked("GET " IN_ROOM "/messages"), "from=t1"));
	assert_non_null(strstr(asked("GET " IN_ROOM "/messages"), "to=s1"));
	/* others cannot bury it */
	assert_non_null(strstr(asked("GET " IN_ROOM "/messages"),
	    "%22senders%22%3A%5B%22%40anna%3Ahs%22"));
	answer_with("GET " IN_ROOM "/messages?dir=b&", 200,
	    "{\"chunk\":[" REPLY("$1", "@ben:hs", "1") "]}");
	expect_words(4, "@ben:hs $p - $1 1", "@anna:hs $p - $2 2",
	    "@anna:hs $p - $3 3", "@anna:hs $p - $4 4");
	assert_non_null(strstr(asked("GET " IN_ROOM "/messages"), "from=t2"));
}

/* The homeserver knows our mark no more: what was said since the last event
 * that we know is found all the same. */
static void test_lost_mark(void **state)
{
	(void)state;
	start_and_read();
	sync_with(200, JOINED("s2", EVENTS(REPLY("$1", "@anna:hs", "1"))));
	expect_words(1, "@anna:hs $p - $1 1");
	sync_with(400, "{\"errcode\":\"M_UNKNOWN\",\"error\":\"bad token\"}");
	answer_with("GET " IN_ROOM "/messages?dir=b&", 200,
	    "{\"chunk\":[" REPLY("$2", "@anna:hs", "2") "," REPLY("$1",
		"@anna:hs",
		"1") "," REPLY("$0", "@anna:hs", "0") "],"
						      "\"end\":\"t2\"}");
	UNTIL(polling != NULL);
	assert_null(strstr(asked("GET " CLIENT "/sync"), "since="));
	sync_with(
	    200, JOINED("n1", "\"limited\":true,\"prev_batch\":\"t1\"," EVENTS(
				  REPLY("$3", "@anna:hs", "3"))));
	expect_words(3, "@anna:hs $p - $1 1", "@anna:hs $p - $2 2",
	    "@anna:hs $p - $3 3");
	assert_int_equal(times_asked("GET " IN_ROOM "/messages"), 1);
}

/* What was read before is not heard again: whoever said it may have become a
 * reviewer since. */
static void test_lost_mark_nearby(void **state)
{
	(void)state;
	start_and_read();
	sync_with(200, JOINED("s2", EVENTS(REPLY("$1", "@anna:hs", "1"))));
	expect_words(1, "@anna:hs $p - $1 1");
	sync_with(400, "{\"errcode\":\"M_UNKNOWN\",\"error\":\"bad token\"}");
	sync_with(200,
	    JOINED("n1", "\"limited\":true,\"prev_batch\":\"t1\"," EVENTS(REPLY(
			     "$0", "@ben:hs", "0") "," REPLY("$1", "@anna:hs",
			     "1") "," REPLY("$2", "@anna:hs", "2"))));
	expect_words(2, "@anna:hs $p - $1 1", "@anna:hs $p - $2 2");
	assert_null(asked("GET " IN_ROOM "/messages"));
}

/* A word that could not be written down is heard again before the next. */
static void test_ledger_busy(void **state)
{
	(void)state;
	start_and_read();
	chatroom.lose = 1;
	sync_with(
	    200, JOINED("s2", EVENTS(REPLY("$1", "@anna:hs", "1") "," REPLY(
				  "$2", "@anna:hs", "2"))));
	expect_words(2, "@anna:hs $p - $1 1", "@anna:hs $p - $2 2");
	/* and a mark that could not be written does not stop it */
	chatroom.mark_fails = true;
	sync_with(200, JOINED("s3", EVENTS(REPLY("$3", "@anna:hs", "3"))));
	expect_words(3, "@anna:hs $p - $1 1", "@anna:hs $p - $2 2",
	    "@anna:hs $p - $3 3");
}

/* Strangers do not make us work without end. */
static void test_outsiders(void **state)
{
	struct buf answer;
	unsigned i;

	(void)state;
	start_and_read();
	buf_init(&answer, 1 << 20);
	for (i = 0; i < 60; i++)
		buf_addf(&answer, "%s" REPLY("$%u", "@eve:hs", "approve"),
		    i == 0 ? "" : ",", i);
	buf_addf(&answer, "," REPLY("$x", "@anna:hs", "approve"));
	{
		char *all =
		    mem_printf("{\"next_batch\":\"s2\",\"rooms\":{\"join\":{"
			       "\"!r:hs\":{\"timeline\":{\"events\":[%s]}}}}}",
			answer.data);

		sync_with(200, all);
		free(all);
	}
	UNTIL(polling != NULL);
	assert_int_equal(chatroom.n_words, 21);
	assert_string_equal(chatroom.words[20], "@anna:hs $p - $x approve");
	buf_release(&answer);
}

#define EDIT(id, who, of)                                                      \
	"{\"type\":\"m.room.message\",\"event_id\":\"" id                      \
	"\",\"sender\":\"" who                                                 \
	"\",\"content\":{\"msgtype\":\"m.text\",\"body\":\"* drop\","          \
	"\"m.relates_to\":{\"rel_type\":\"m.replace\",\"event_id\":\"" of      \
	"\"}}}"
#define REDACT(id, who, of)                                                    \
	"{\"type\":\"m.room.redaction\",\"event_id\":\"" id                    \
	"\",\"sender\":\"" who "\",\"content\":{\"redacts\":\"" of "\"}}"

/* They decide nothing, and whoever makes them is told so, once. */
static void test_changes(void **state)
{
	(void)state;
	start_and_read();
	sync_with(200, JOINED("s2", EVENTS(REPLY("$1", "@anna:hs", "1"))));
	sync_with(200, JOINED("s2", EVENTS(EDIT("$2", "@anna:hs", "$1"))));
	UNTIL(polling != NULL && asked("PUT") != NULL);
	assert_non_null(strstr(asked("PUT"), "What you wrote first counts"));
	assert_non_null(strstr(asked("PUT"), "\"user_ids\":[\"@anna:hs\"]"));
	sync_with(200, JOINED("s3", EVENTS(REDACT("$3", "@anna:hs", "$1"))));
	/* of something that we did not hear, or of others */
	sync_with(
	    200, JOINED("s4", EVENTS(EDIT("$4", "@anna:hs", "$9") "," REDACT(
				  "$5", "@ben:hs", "$1"))));
	UNTIL(polling != NULL);
	assert_int_equal(times_asked("PUT"), 1);
	assert_int_equal(chatroom.n_words, 1);
	sync_with(200, JOINED("s5", EVENTS(REPLY("$6", "@ben:hs", "6"))));
	sync_with(200, JOINED("s5", EVENTS(REDACT("$7", "@ben:hs", "$6"))));
	UNTIL(polling != NULL && times_asked("PUT") == 2);
	assert_non_null(strstr(asked("PUT"), "undo"));
	assert_int_equal(chatroom.n_words, 2);
}

/* Which of the two is meant nobody knows: the room says so, and nothing is. */
static void test_changed_before(void **state)
{
	(void)state;
	start_and_read();
	sync_with(200,
	    JOINED("s2", EVENTS(REPLY("$1", "@anna:hs", "1") "," REPLY(
			     "$2", "@anna:hs", "2") "," EDIT("$3", "@anna:hs",
			     "$1") "," EDIT("$4", "@ben:hs", "$2"))));
	expect_words(2, "@anna:hs $p - $1 1 (changed)", "@anna:hs $p - $2 2");
	/* or the homeserver knows of a change that comes later */
	sync_with(
	    200, JOINED("s3",
		     EVENTS("{\"type\":\"m.room.message\",\"event_id\":\"$5\","
			    "\"sender\":\"@anna:hs\",\"unsigned\":{"
			    "\"m.relations\":{\"m.replace\":{}}},\"content\":{"
			    "\"msgtype\":\"m.text\",\"body\":\"5\","
			    "\"m.relates_to\":{\"m.in_reply_to\":{"
			    "\"event_id\":\"$p\"}}}}")));
	expect_words(3, "@anna:hs $p - $1 1 (changed)", "@anna:hs $p - $2 2",
	    "@anna:hs $p - $5 5 (changed)");
	assert_null(asked("PUT"));
}

#define SIGN(id, of)                                                           \
	"{\"type\":\"m.reaction\",\"event_id\":\"" id                          \
	"\",\"sender\":\"@anna:hs\",\"content\":{\"m.relates_to\":{"           \
	"\"rel_type\":\"m.annotation\",\"event_id\":\"" of                     \
	"\",\"key\":\"\xe2\x9c\x85\"}}}"
#define IN_THREAD(who)                                                         \
	"{\"sender\":\"" who "\",\"content\":{\"m.relates_to\":{"              \
	"\"rel_type\":\"m.thread\",\"event_id\":\"$root\"}}}"

/* One message of a thread is named, and the homeserver knows of which. */
static void test_threads(void **state)
{
	(void)state;
	start_and_read();
	answer_with("GET " IN_ROOM "/event/%24p", 200, IN_THREAD("@gate:hs"));
	answer_with("GET " IN_ROOM "/event/%24o", 503, "<html>");
	routes[n_routes - 1].once = true;
	sync_with(
	    200, JOINED("s2", EVENTS(REPLY("$1", "@anna:hs", "1") "," SIGN(
				  "$2", "$p") "," SIGN("$3", "$o"))));
	/* it is asked again when it did not answer */
	UNTIL(times_asked("GET " IN_ROOM "/event/%24o") == 1);
	answer_with("GET " IN_ROOM "/event/%24o", 200, IN_THREAD("@eve:hs"));
	/* what another said is no message of ours to react to */
	expect_words(3, "@anna:hs $p $root $1 1",
	    "@anna:hs $p $root $2 approve", "@anna:hs $o - $3 approve");
	/* nobody else makes us ask */
	sync_with(200, JOINED("s3", EVENTS(REPLY("$4", "@eve:hs", "4"))));
	UNTIL(chatroom.n_words == 4 && polling != NULL);
	assert_string_equal(chatroom.words[3], "@eve:hs $p - $4 4");
}

/* What one person writes does not make the room unreadable for others. */
static void test_odd_json(void **state)
{
	static const char *const odd[] = {"1e999", "-123456789012345678901234",
	    "{\"\\u0000\":1}", "\"\\ud800\"", "\"\\udc00x\"",
	    "\"\\ud800\\u0041\\ud83d\\ude00\"", "\"\\\\ud800\"", NULL};
	const size_t deep = 20000;
	char *nested = mem_zalloc(2 * deep + 1);
	const char *const *one;
	unsigned n;

	(void)state;
	start_and_read();
	memset(nested, '[', deep);
	memset(nested + deep, ']', deep);
	for (one = odd, n = 1;; one++, n++) {
		char *answer = mem_printf(
		    "{\"next_batch\":\"n%u\",\"rooms\":{\"join\":{\"!r:hs\":"
		    "{\"timeline\":{\"events\":[{\"x\":%s},"
		    "{\"type\":\"m.room.message\",\"event_id\":\"$%u\","
		    "\"sender\":\"@anna:hs\",\"content\":{"
		    "\"msgtype\":\"m.text\",\"body\":\"drop\","
		    "\"m.relates_to\":{\"m.in_reply_to\":{\"event_id\":\"$p\"}}"
		    "}}]}}}}}",
		    n, *one == NULL ? nested : *one, n);

		sync_with(200, answer);
		free(answer);
		UNTIL(polling != NULL);
		if (chatroom.n_words != n)
			fail_msg("%s", *one == NULL ? "nested" : *one);
		if (*one == NULL)
			break;
	}
	free(nested);
}

#define GONE(next, timeline)                                                   \
	"{\"next_batch\":\"" next "\",\"rooms\":{\"leave\":{\"!r:hs\":{"       \
	"\"timeline\":{" timeline "}}}}}"
#define STATE(type)                                                            \
	"{\"type\":\"" type "\",\"event_id\":\"$x\",\"sender\":\"@anna:hs\","  \
	"\"state_key\":\"\",\"content\":{}}"

struct ending {
	const char *answer, *says;
};

/* What was said before is heard, and not read again after it is mended. */
static void test_room_ends(void **state)
{
	static const struct ending rows[] = {
	    {JOINED("s2", EVENTS(REPLY("$1", "@anna:hs", "drop") "," STATE(
			      "m.room.encryption"))),
		"without encryption"},
	    {JOINED("s2", EVENTS(REPLY("$1", "@anna:hs", "drop") "," STATE(
			      "m.room.tombstone"))),
		"replaced by another"},
	    {GONE("s2", EVENTS(REPLY("$1", "@anna:hs", "drop") "," STATE(
			    "m.room.member"))),
		"invite @gate:hs there again"},
	    {"{\"next_batch\":\"s2\",\"rooms\":{\"join\":{\"!r:hs\":{"
	     "\"state\":{\"events\":[{\"type\":\"m.room.encryption\","
	     "\"state_key\":\"\"}]},\"timeline\":{" EVENTS(
		 REPLY("$1", "@anna:hs", "drop")) "}}}}}",
		"without encryption"},
	    {NULL, NULL},
	};
	const struct ending *row;

	for (row = rows; row->answer != NULL; row++) {
		start_and_read();
		sync_with(200, row->answer);
		UNTIL(chatroom.chat.state == CHAT_BROKEN);
		if (strstr(chatroom.chat.why, row->says) == NULL)
			fail_msg("%s", chatroom.chat.why);
		assert_int_equal(chatroom.n_words, 1);
		/* as if it were mended: it comes up by itself */
		UNTIL(polling != NULL);
		assert_int_equal(chatroom.chat.state, CHAT_UP);
		assert_non_null(
		    strstr(asked("GET " CLIENT "/sync"), "since=s2"));
		end(state);
		begin(state);
	}
}

/* Whatever a sync answers, it is asked again, and not at once for ever. */
static void test_bad_syncs(void **state)
{
	static const char *const bad[] = {NULL, "", "[]", "{}", "nonsense",
	    "{\"next_batch\":7}", "{\"next_batch\":\"\"}",
	    "{\"next_batch\":\"a\\u0000b\"}", NULL};
	static const char *const odd[] = {"{\"next_batch\":\"x\"}",
	    "{\"next_batch\":\"x\",\"rooms\":7}",
	    "{\"next_batch\":\"x\",\"rooms\":{\"join\":[]}}",
	    "{\"next_batch\":\"x\",\"rooms\":{\"join\":{\"!r:hs\":[]}}}",
	    JOINED("x", "\"events\":{}"), JOINED("x", "\"events\":[1,[],{}]"),
	    JOINED("x", "\"limited\":true,\"prev_batch\":8"),
	    /* numbers that no double holds */
	    JOINED("x",
		EVENTS("{\"n\":1e99999},{\"n\":[-123456789012345678901234]}")),
	    NULL};
	size_t i;

	(void)state;
	start_and_read();
	for (i = 0; i == 0 || bad[i] != NULL; i++) {
		sync_with(bad[i] == NULL ? 0 : 200, bad[i]);
		UNTIL(polling != NULL);
		assert_int_equal(
		    chatroom.chat.state, i == 0 ? CHAT_UP : CHAT_TROUBLED);
		/* and looks at once what there is when it can again */
		assert_non_null(
		    strstr(asked("GET " CLIENT "/sync"), "timeout=0&"));
	}
	for (i = 0; odd[i] != NULL; i++) {
		sync_with(200, odd[i]);
		UNTIL(polling != NULL);
		assert_int_equal(chatroom.chat.state, CHAT_UP);
	}
	assert_int_equal(chatroom.n_words, 0);
}

/* Stopped while a word is on its way: it ends by itself. */
static void test_stop_while_hearing(void **state)
{
	(void)state;
	start_and_read();
	chatroom.keep = true;
	sync_with(200, JOINED("s2", EVENTS(REPLY("$1", "@anna:hs", "1"))));
	UNTIL(chatroom.kept != NULL);
	matrix_kind.stop(&chatroom.chat);
	chatroom_let_go();
	UNTIL(chatroom.chat.refs == 1);
	assert_int_equal(chatroom.n_marks, 1);
}

/* ---- the doctor
 * ------------------------------------------------------------------
 */

static const struct checkup_item *item_of(
    const struct checkup *checkup, const char *what)
{
	size_t i;

	for (i = 0; i < checkup_n(checkup); i++)
		if (strstr(checkup_at(checkup, i)->what, what) != NULL)
			return checkup_at(checkup, i);
	fail_msg("nobody asked %s", what);
	return NULL;
}

static void test_examine(void **state)
{
	struct checkup *checkup = checkup_new(true);
	struct config_reviewer absent = {.name = "cleo", .matrix = "@cleo:hs"};
	size_t i;

	(void)state;
	chatroom.whole.n_reviewers = 1;
	chatroom.whole.reviewers = &absent;
	answer_with("GET /_matrix/client/versions", 200, "{\"versions\":[]}");
	answer_with("PUT " IN_ROOM "/send/m.reaction/", 200,
	    "{\"event_id\":\"$reacted\"}");
	answer_with("PUT " IN_ROOM "/redact/", 200, EVENT_1);
	start_and_read();
	matrix_kind.examine(&chatroom.chat, checkup);
	UNTIL(asked("PUT " IN_ROOM "/send/m.reaction/") != NULL);
	assert_true(checkup_is_open(checkup));
	sync_with(
	    200, JOINED("s2", EVENTS(REPLY("$made", "@gate:hs", "x") "," REPLY(
				  "$reacted", "@gate:hs", "x"))));
	UNTIL(!checkup_is_open(checkup));
	for (i = 0; i < checkup_n(checkup); i++)
		assert_non_null(checkup_at(checkup, i)->what);
	assert_int_equal(item_of(checkup, "answers")->state, CHECKUP_GOOD);
	assert_int_equal(item_of(checkup, "clock")->state, CHECKUP_SKIPPED);
	assert_int_equal(item_of(checkup, "token")->state, CHECKUP_GOOD);
	assert_int_equal(item_of(checkup, "reviewers")->state, CHECKUP_BAD);
	assert_non_null(
	    strstr(item_of(checkup, "reviewers")->found, "@cleo:hs"));
	assert_int_equal(
	    item_of(checkup, "not encrypted")->state, CHECKUP_GOOD);
	assert_int_equal(item_of(checkup, "may post")->state, CHECKUP_GOOD);
	assert_int_equal(item_of(checkup, "reaches us")->state, CHECKUP_GOOD);
	/* and takes back what it posted */
	UNTIL(times_asked("PUT " IN_ROOM "/redact/") == 2);
	assert_int_equal(chatroom.n_words, 0);
	checkup_unref(checkup);
}

static void test_examine_broken(void **state)
{
	struct checkup *checkup = checkup_new(true);
	size_t i;

	(void)state;
	answer_with("GET " CLIENT "/account/whoami", 401,
	    "{\"errcode\":\"M_UNKNOWN_TOKEN\",\"error\":\"x\"}");
	answer_with("GET /_matrix/client/versions", 401,
	    "{\"errcode\":\"M_UNKNOWN_TOKEN\",\"error\":\"x\"}");
	matrix_kind.start(&chatroom.chat);
	UNTIL(chatroom.chat.state == CHAT_BROKEN);
	matrix_kind.examine(&chatroom.chat, checkup);
	UNTIL(!checkup_is_open(checkup));
	assert_int_equal(item_of(checkup, "answers")->state, CHECKUP_GOOD);
	assert_int_equal(item_of(checkup, "token")->state, CHECKUP_BAD);
	assert_int_equal(item_of(checkup, "encrypted")->state, CHECKUP_SKIPPED);
	assert_non_null(
	    strstr(item_of(checkup, "token")->advice, "token_file"));
	assert_int_equal(
	    item_of(checkup, "reaches us")->state, CHECKUP_SKIPPED);
	for (i = 0; i < checkup_n(checkup); i++)
		if (checkup_at(checkup, i)->found != NULL)
			assert_null(
			    strstr(checkup_at(checkup, i)->found, "secret"));
	checkup_unref(checkup);
	/* one that is silent is not asked on and on */
	answer_with("GET /_matrix/client/versions", 0, NULL);
	checkup = checkup_new(true);
	matrix_kind.examine(&chatroom.chat, checkup);
	UNTIL(!checkup_is_open(checkup));
	assert_int_equal(item_of(checkup, "answers")->state, CHECKUP_BAD);
	assert_non_null(item_of(checkup, "answers")->advice);
	for (i = 1; i < checkup_n(checkup); i++)
		assert_int_equal(
		    checkup_at(checkup, i)->state, CHECKUP_SKIPPED);
	checkup_unref(checkup);
	/* stopped in the middle: no question stays open */
	checkup = checkup_new(false);
	matrix_kind.examine(&chatroom.chat, checkup);
	assert_true(checkup_is_open(checkup));
	matrix_kind.stop(&chatroom.chat);
	assert_false(checkup_is_open(checkup));
	checkup_unref(checkup);
}

/* What keeps it from its room is bad once, and told so that it can be mended.
 */
static void test_examine_no_room(void **state)
{
	struct checkup *checkup = checkup_new(false);

	(void)state;
	answer_with("GET /_matrix/client/versions", 200, "{\"versions\":[]}");
	start_and_read();
	answer_with("GET " IN_ROOM "/joined_members", 403,
	    "{\"errcode\":\"M_FORBIDDEN\",\"error\":\"x\"}");
	matrix_kind.examine(&chatroom.chat, checkup);
	UNTIL(!checkup_is_open(checkup));
	assert_int_equal(item_of(checkup, "reviewers")->state, CHECKUP_BAD);
	assert_non_null(
	    strstr(item_of(checkup, "reviewers")->advice, "invite @gate:hs"));
	assert_int_equal(item_of(checkup, "encrypted")->state, CHECKUP_SKIPPED);
	assert_int_equal(item_of(checkup, "may post")->state, CHECKUP_SKIPPED);
	checkup_unref(checkup);
}

static void test_examine_no_alias(void **state)
{
	struct checkup *checkup = checkup_new(true);

	(void)state;
	chatroom.config.room = "#review:hs";
	answer_with("GET " CLIENT "/directory/room/", 404,
	    "{\"errcode\":\"M_NOT_FOUND\",\"error\":\"x\"}");
	answer_with("GET /_matrix/client/versions", 200, "{\"versions\":[]}");
	matrix_kind.start(&chatroom.chat);
	UNTIL(chatroom.chat.state == CHAT_BROKEN);
	matrix_kind.examine(&chatroom.chat, checkup);
	UNTIL(!checkup_is_open(checkup));
	assert_int_equal(item_of(checkup, "reviewers")->state, CHECKUP_BAD);
	assert_non_null(strstr(item_of(checkup, "reviewers")->advice, "alias"));
	assert_int_equal(
	    item_of(checkup, "reaches us")->state, CHECKUP_SKIPPED);
	checkup_unref(checkup);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_connects),
	    TEST(test_alias),
	    TEST(test_joins),
	    TEST(test_refusals),
	    TEST(test_mended),
	    TEST(test_posts),
	    TEST(test_content),
	    TEST(test_send_errors),
	    TEST(test_stop),
	    TEST(test_reads),
	    TEST(test_restarts),
	    TEST(test_gap),
	    TEST(test_lost_mark),
	    TEST(test_lost_mark_nearby),
	    TEST(test_ledger_busy),
	    TEST(test_outsiders),
	    TEST(test_changes),
	    TEST(test_changed_before),
	    TEST(test_threads),
	    TEST(test_odd_json),
	    TEST(test_room_ends),
	    TEST(test_bad_syncs),
	    TEST(test_stop_while_hearing),
	    TEST(test_examine),
	    TEST(test_examine_broken),
	    TEST(test_examine_no_alias),
	    TEST(test_examine_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
