/*
 * Tests of how Slack is heard: signed requests over our own HTTP server, and
 * Socket Mode against a server of Python's standard library.  The room and the
 * calls of the Web API are the test's own: what they are asked is looked at.
 */
#include "chat/slack/slack_ear.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "checkup.h"
#include "sample.h"

#include "util/clock.h"
#include "util/digest.h"
#include "util/fetch.h"
#include "util/httpd.h"
#include "util/listen.h"
#include "util/mem.h"
#include "util/websocket.h"

#define GUARD_S 60
#define SECRET	"0123456789abcdef0123456789abcdef"

static struct event_base *base;
static struct httpd *httpd;
static struct fetch *fetch;
static unsigned http_port, socket_port;
static char folder[] = "/tmp/test-slack-ear-XXXXXX";
static pid_t server;
static int server_in;

static const struct config_reviewer anna = {.name = "anna", .slack = "T1/U2"};
static struct config_chat configs[2];
static struct config whole = {.n_chats = 2, .chats = configs};
static struct slack slacks[2];
static struct chat chats[2];

/* ---- the room's part ------------------------------------------------------
 */

static struct {
	unsigned n_words, n_looks, n_calls, n_whispers, n_done;
	char person[64], remote[32], once[100], verb[16], words[100], text[100];
	char chat[16];
	int64_t draft;
	bool shows;
	struct chat_word *held; /* "wait" */
	bool loses;		/* "lose me", the first time */
	/* of calls */
	char method[64], json[8192];
	bool fails;
	const char *urls[4];
	size_t n_urls; /* given away */
	char whisper[500];
	/* of how it is */
	enum chat_state state;
	char why[200];
	unsigned n_up, n_down;
} seen;

static void copy(char *out, size_t size, const char *from)
{
	snprintf(out, size, "%s", from == NULL ? "-" : from);
}
#define COPY(to, from) copy(seen.to, sizeof(seen.to), from)

struct chat *chat_ref(struct chat *chat)
{
	chat->refs++;
	return chat;
}

void chat_unref(struct chat *chat)
{
	assert_true(chat->refs > 0);
	chat->refs--;
}

struct chat *chat_named(
    struct chats *of, const char *name, enum config_chat_kind kind)
{
	size_t i;

	(void)of;
	assert_int_equal(kind, CONFIG_CHAT_SLACK);
	for (i = 0; i < 2; i++)
		if (strcmp(configs[i].name, name) == 0)
			return &chats[i];
	return NULL;
}

const struct config_reviewer *chat_person(
    const struct chat *chat, const char *person)
{
	(void)chat;
	return strcmp(person, anna.slack) == 0 ? &anna : NULL;
}

void chat_hear(struct chat *chat, struct chat_word *word)
{
	COPY(chat, chat->config->name);
	COPY(person, word->person);
	COPY(remote, word->remote);
	COPY(once, word->once);
	COPY(verb, word->verb);
	COPY(words, word->words);
	COPY(text, word->text);
	seen.draft = word->draft;
	seen.shows = word->shows;
	seen.n_words++;
	word->ok = true;
	word->lost = false;
	word->told = NULL;
	if (strcmp(seen.words, "wait") == 0 || strcmp(seen.text, "wait") == 0) {
		seen.held = word;
		return;
	}
	if (strcmp(seen.words, "lose me") == 0 && !seen.loses) {
		seen.loses = true;
		word->ok = false;
		word->lost = true;
	}
	if (strcmp(seen.text, "refuse me") == 0) {
		word->ok = false;
		word->told = mem_strdup("Not so, \xc3\xbc"
					"ber all.");
	}
	if (strcmp(seen.words, "done") == 0)
		seen.n_done++;
	word->done(word);
}

void chat_look(struct chat *chat, struct chat_look *look)
{
	struct arena *arena;

	(void)chat;
	seen.n_looks++;
	seen.draft = look->draft;
	COPY(person, look->person);
	COPY(remote, look->remote);
	look->viewed = false;
	look->why = NULL;
	look->reasons = NULL;
	if (strcmp(look->person, anna.slack) != 0) {
		look->why = mem_strdup("You were not asked.");
	} else {
		arena = arena_new();
		look->view = *sample_view(arena);
		look->view.arena = NULL; /* its reading takes it along */
		look->viewed = true;
	}
	look->done(look);
}

/* ---- the Web API's part ---------------------------------------------------
 */

static void answer_call(evutil_socket_t fd, short what, void *context)
{
	struct slack_call *call = context;
	json_t *answer = NULL;

	(void)fd;
	(void)what;
	call->sent = CHAT_SENT;
	if (seen.fails) {
		call->sent = CHAT_NEVER;
		call->broken = strcmp(call->method, "views.open") != 0;
		error_set(&call->error, ERROR_INVALID, "it is mended by hand");
	} else if (strcmp(call->method, "apps.connections.open") == 0) {
		assert_true(call->app);
		assert_true(seen.n_urls < 4);
		assert_non_null(seen.urls[seen.n_urls]);
		answer = json_pack(
		    "{s:b, s:s}", "ok", true, "url", seen.urls[seen.n_urls++]);
	}
	call->answer = answer;
	call->done(call);
	json_decref(answer);
}

void slack_call(struct chat *chat, struct slack_call *call)
{
	(void)chat;
	COPY(method, call->method);
	COPY(json, call->json);
	seen.n_calls++;
	event_base_once(base, -1, EV_TIMEOUT, answer_call, call, NULL);
}

void slack_send(struct chat *chat, struct chat_send *send)
{
	(void)chat;
	assert_int_equal(send->what, CHAT_WHISPER);
	COPY(person, send->person);
	COPY(remote, send->root);
	COPY(whisper, send->content);
	seen.n_whispers++;
	send->sent = CHAT_SENT;
	send->done(send);
}

void slack_hears(struct chat *chat, enum chat_state state, const char *why)
{
	((struct slack *)chat->own)->ear_state = state;
	if (state == CHAT_UP)
		seen.n_up++;
	else if (state != CHAT_STARTING)
		seen.n_down++;
	seen.state = state;
	COPY(why, why);
}

/* ---- the frame ------------------------------------------------------------
 */

static void on_guard(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	*(bool *)context = true;
}

static void wait_for(const unsigned *what, unsigned wanted)
{
	const struct timeval most = {GUARD_S, 0};
	bool late = false;
	struct event *guard = evtimer_new(base, on_guard, &late);

	event_add(guard, &most);
	while (*what < wanted && !late)
		late |= event_base_loop(base, EVLOOP_ONCE) < 0;
	event_free(guard);
	assert_false(late);
}

static const struct httpd_route routes[] = {
    {"POST", "/slack/*", false, slack_http},
    {NULL, NULL, false, NULL},
};

static unsigned port_of(int fd)
{
	struct sockaddr_in sin;
	socklen_t size = sizeof(sin);

	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &size), 0);
	return ntohs(sin.sin_port);
}

static void start_server(void)
{
	int in[2], out[2];
	char line[100] = "";
	size_t len = 0;
	ssize_t n;

	assert_non_null(mkdtemp(folder));
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	server = fork();
	assert_true(server >= 0);
	if (server == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		execlp("python3", "python3",
		    TOP_SRCDIR "/tests/unit/websocket-server.py", folder,
		    (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	server_in = in[1];
	while (strchr(line, '\n') == NULL) {
		n = read(out[0], line + len, sizeof(line) - 1 - len);
		assert_true(n > 0);
		len += (size_t)n;
	}
	close(out[0]);
	assert_int_equal(sscanf(line, "%u", &socket_port), 1);
}

static int start(void **state)
{
	struct error err = ERROR_INIT;
	int fd;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	base = event_base_new();
	httpd = httpd_new(base, 8 << 20, 30, 100);
	/* chat_named() above knows the chats without it */
	httpd_add_routes(httpd, routes, NULL);
	fd = listen_tcp("127.0.0.1", 0, &err);
	assert_true(fd >= 0);
	http_port = port_of(fd);
	assert_int_equal(httpd_listen_fd(httpd, fd, &err), 0);
	fetch = fetch_new(base);
	start_server();
	return 0;
}

static int stop(void **state)
{
	char command[100];

	(void)state;
	fetch_free(fetch);
	httpd_free(httpd);
	event_base_free(base);
	close(server_in);
	waitpid(server, NULL, 0);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static void open_chat(size_t i, const char *name, const char *channel)
{
	configs[i] = (struct config_chat){
	    .name = name,
	    .kind = CONFIG_CHAT_SLACK,
	    .url = "http://127.0.0.1/api",
	    .channel = channel,
	    .secret = SECRET,
	    .deadline_ms = 20000,
	    .retry_most_s = 1,
	};
	slacks[i] = (struct slack){
	    .chat = &chats[i],
	    .ready = true,
	    .team = "T1",
	    .user = "U9",
	    .bot = "B9",
	};
	chats[i] = (struct chat){
	    .config = &configs[i],
	    .whole = &whole,
	    .base = base,
	    .fetch = fetch,
	    .own = &slacks[i],
	};
}

static void close_chats(void)
{
	size_t i;

	for (i = 0; i < 2; i++) {
		if (chats[i].own != NULL) {
			chats[i].stopped = true;
			slack_ear_stop(&slacks[i]);
			slack_ear_stop(&slacks[i]);
			chats[i].own = NULL;
		}
		assert_int_equal(chats[i].refs, seen.held == NULL ? 0 : 1);
	}
}

static int setup(void **state)
{
	(void)state;
	memset(&seen, 0, sizeof(seen));
	open_chat(0, "slack", "C1");
	open_chat(1, "second", "C2");
	return 0;
}

static int setup_http(void **state)
{
	setup(state);
	slack_ear_start(&slacks[0]);
	slack_ear_start(&slacks[1]);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	close_chats();
	/* answers of calls that nobody waits for any more */
	event_base_loop(base, EVLOOP_NONBLOCK);
	return 0;
}

/* ---- requests -------------------------------------------------------------
 */

struct post {
	struct fetch_ask ask;
	char url[100], stamp[80], sign[200], extra[100];
	const char *headers[4];
	unsigned done;
};

static void on_done(struct fetch_ask *ask)
{
	((struct post *)(void *)ask)->done = 1;
}

static void send_post(struct post *post, const char *name, const char *body,
    const char *secret, int64_t apart_s)
{
	unsigned char mac[DIGEST_SIZE];
	char hex[DIGEST_HEX_SIZE], *signed_text;
	long long at = (long long)(clock_now_ms() / 1000 + apart_s);

	signed_text = mem_printf("v0:%lld:%s", at, body);
	digest_hmac(
	    secret, strlen(secret), signed_text, strlen(signed_text), mac);
	free(signed_text);
	digest_hex(mac, DIGEST_SIZE, hex);
	snprintf(post->url, sizeof(post->url), "http://127.0.0.1:%u/slack/%s",
	    http_port, name);
	snprintf(post->stamp, sizeof(post->stamp),
	    "X-Slack-Request-Timestamp: %lld", at);
	snprintf(
	    post->sign, sizeof(post->sign), "X-Slack-Signature: v0=%s", hex);
	post->headers[0] = post->stamp;
	post->headers[1] = post->sign;
	post->headers[2] = post->extra[0] == '\0' ? NULL : post->extra;
	post->ask.url = post->url;
	post->ask.headers = post->headers;
	post->ask.body = (struct span){body, strlen(body)};
	post->ask.deadline_ms = GUARD_S * 1000;
	post->ask.answer_max = 10000;
	post->ask.done = on_done;
	fetch_ask(fetch, &post->ask);
}

static void expect(struct post *post, long status, const char *answer)
{
	wait_for(&post->done, 1);
	assert_int_equal(post->ask.error.kind, ERROR_NONE);
	assert_int_equal(post->ask.status, status);
	if (answer != NULL)
		assert_string_equal(post->ask.answer.data, answer);
	buf_release(&post->ask.answer);
	memset(post, 0, sizeof(*post));
}

static char *form_of(const char *json)
{
	struct buf out;
	size_t i;

	buf_init(&out, 100000);
	buf_add_str(&out, "payload=");
	for (i = 0; json[i] != '\0'; i++)
		if (json[i] == ' ')
			buf_add_char(&out, '+');
		else
			buf_addf(&out, i % 2 == 0 ? "%%%02X" : "%%%02x",
			    (unsigned char)json[i]);
	return buf_detach(&out);
}

/* Post it as an interaction, and wait. */
static void interact(const char *json, long status, const char *answer)
{
	struct post post = {.done = 0};
	char *body = form_of(json);

	send_post(&post, "slack", body, SECRET, 0);
	expect(&post, status, answer);
	free(body);
}

#define EVENT(words, channel, ts)                                              \
	"{\"type\":\"event_callback\",\"team_id\":\"T1\",\"event_id\":\"E\","  \
	"\"event\":{\"type\":\"message\",\"channel\":\"" channel "\","         \
	"\"user\":\"U2\",\"text\":\"" words "\",\"ts\":\"" ts "\","            \
	"\"thread_ts\":\"1.1\"}}"
#define PRESS(verb, channel, user)                                             \
	"{\"type\":\"block_actions\",\"team\":{\"id\":\"T1\"},\"user\":"       \
	"{\"id\":\"" user "\",\"team_id\":\"T1\"},\"trigger_id\":\"1.2.x\","   \
	"\"container\":{\"type\":\"message\",\"message_ts\":\"1.1\","          \
	"\"channel_id\":\"" channel "\"},\"actions\":[{\"type\":\"button\","   \
	"\"action_id\":\"imp-x\",\"action_ts\":\"5.6\",\"value\":"             \
	"\"17.1.K7Q4RM." verb "\"}]}"
#define FORM(words)                                                            \
	"{\"type\":\"view_submission\",\"team\":{\"id\":\"T1\"},\"user\":"     \
	"{\"id\":\"U2\"},\"view\":{\"id\":\"V1\",\"callback_id\":"             \
	"\"imp-form\",\"private_metadata\":\"{\\\"m\\\":\\\"1.1\\\","          \
	"\\\"p\\\":\\\"17.1.K7Q4RM.form.ask\\\",\\\"c\\\":\\\"C1\\\"}\","      \
	"\"state\":{\"values\":{\"text\":{\"input\":{\"value\":\"" words       \
	"\"}}}}}}"

static void test_event(void **state)
{
	struct post post = {.done = 0};

	(void)state;
	send_post(&post, "slack", EVENT("approve", "C1", "2.1"), SECRET, 0);
	expect(&post, 200, "");
	assert_int_equal(seen.n_words, 1);
	assert_string_equal(seen.words, "approve");
	assert_string_equal(seen.verb, "-");
	assert_string_equal(seen.person, "T1/U2");
	assert_string_equal(seen.remote, "1.1");
	assert_string_equal(seen.once, "slack.T1.C1.2.1");
	assert_false(seen.shows);
}

static void test_press(void **state)
{
	(void)state;
	interact(PRESS("do.approve", "C1", "U2"), 200, "");
	assert_int_equal(seen.n_words, 1);
	assert_string_equal(seen.verb, "approve");
	assert_string_equal(seen.words, "-");
	assert_int_equal(seen.draft, 17);
	assert_string_equal(seen.once, "slack.T1/U2.5.6");
	assert_int_equal(seen.n_calls, 0);
}

static void test_form_opens(void **state)
{
	json_t *json, *view;

	(void)state;
	interact(PRESS("form.ask", "C1", "U2"), 200, "");
	wait_for(&seen.n_calls, 1);
	assert_int_equal(seen.n_words, 0);
	assert_int_equal(seen.n_looks, 1);
	assert_string_equal(seen.method, "views.open");
	json = json_loads(seen.json, 0, NULL);
	assert_string_equal(
	    json_string_value(json_object_get(json, "trigger_id")), "1.2.x");
	view = json_object_get(json, "view");
	assert_string_equal(
	    json_string_value(json_object_get(view, "type")), "modal");
	assert_non_null(
	    strstr(json_string_value(json_object_get(view, "private_metadata")),
		"\"c\":\"C1\""));
	json_decref(json);

	/* who may not is told so, in a form that asks for nothing */
	interact(PRESS("form.ask", "C1", "U3"), 200, "");
	wait_for(&seen.n_calls, 2);
	assert_non_null(strstr(seen.json, "You were not asked."));
	assert_null(strstr(seen.json, "plain_text_input"));
	assert_int_equal(seen.n_words, 0);
}

static void test_form_too_late(void **state)
{
	(void)state;
	seen.fails = true;
	interact(PRESS("form.ask", "C1", "U2"), 200, "");
	wait_for(&seen.n_whispers, 1);
	assert_non_null(strstr(seen.whisper, "could not be opened"));
	assert_string_equal(seen.person, "T1/U2");
	assert_string_equal(seen.remote, "1.1");
}

static void test_form_sent(void **state)
{
	(void)state;
	interact(FORM("Why now?"), 200, "");
	assert_int_equal(seen.n_words, 1);
	assert_string_equal(seen.verb, "ask");
	assert_string_equal(seen.text, "Why now?");
	assert_true(seen.shows);
	/* what stands in the way is said in the form */
	interact(FORM("refuse me"), 200,
	    "{\"response_action\":\"errors\",\"errors\":{\"text\":\"Not so, "
	    "\xc3\xbc"
	    "ber all.\"}}");
	assert_int_equal(seen.n_words, 2);
	/* and so is what the form itself does not take */
	interact(FORM(" "), 200,
	    "{\"response_action\":\"errors\",\"errors\":{\"text\":\"Write "
	    "something here.\"}}");
	assert_int_equal(seen.n_words, 2);
}

static void test_changed(void **state)
{
	struct post post = {.done = 0};

	(void)state;
	send_post(&post, "slack",
	    "{\"type\":\"event_callback\",\"team_id\":\"T1\",\"event\":{"
	    "\"type\":\"message\",\"subtype\":\"message_changed\","
	    "\"channel\":\"C1\",\"message\":{\"user\":\"U2\",\"text\":"
	    "\"approve\",\"edited\":{},\"ts\":\"2.1\",\"thread_ts\":\"1.1\"},"
	    "\"previous_message\":{\"text\":\"hm\"}}}",
	    SECRET, 0);
	expect(&post, 200, "");
	assert_int_equal(seen.n_words, 0);
	wait_for(&seen.n_whispers, 1);
	assert_non_null(strstr(seen.whisper, "decides nothing"));
}

/* Slack waits three seconds; we answer after one, and go on. */
static void test_slow(void **state)
{
	struct post post = {.done = 0};
	struct chat_word *word;

	(void)state;
	send_post(&post, "slack", EVENT("wait", "C1", "2.1"), SECRET, 0);
	expect(&post, 200, "");
	assert_non_null(seen.held);
	word = seen.held;
	seen.held = NULL;
	word->done(word);

	/* a form is closed then, so that the room is to tell */
	interact(FORM("wait"), 200, "");
	assert_false(seen.held->shows);
	word = seen.held;
	seen.held = NULL;
	word->ok = false;
	word->told = mem_strdup("Too late.");
	word->done(word);
}

static void test_lost(void **state)
{
	struct post post = {.done = 0};

	(void)state;
	send_post(&post, "slack", EVENT("lose me", "C1", "2.1"), SECRET, 0);
	expect(&post, 503, NULL);
	/* Slack tries again, perhaps in the same second */
	send_post(&post, "slack", EVENT("lose me", "C1", "2.1"), SECRET, 0);
	expect(&post, 200, "");
	assert_int_equal(seen.n_words, 2);
}

static void test_replayed(void **state)
{
	struct post one = {.done = 0}, two = {.done = 0};
	char *headers[2];

	(void)state;
	send_post(&one, "slack", EVENT("approve", "C1", "2.1"), SECRET, 0);
	headers[0] = mem_strdup(one.stamp);
	headers[1] = mem_strdup(one.sign);
	expect(&one, 200, "");
	assert_int_equal(seen.n_words, 1);
	/* the same bytes, the same signature */
	two.headers[0] = headers[0];
	two.headers[1] = headers[1];
	snprintf(two.url, sizeof(two.url), "http://127.0.0.1:%u/slack/slack",
	    http_port);
	two.ask.url = two.url;
	two.ask.headers = two.headers;
	two.ask.body = (struct span){EVENT("approve", "C1", "2.1"),
	    strlen(EVENT("approve", "C1", "2.1"))};
	two.ask.deadline_ms = GUARD_S * 1000;
	two.ask.answer_max = 10000;
	two.ask.done = on_done;
	fetch_ask(fetch, &two.ask);
	expect(&two, 200, "");
	assert_int_equal(seen.n_words, 1);
	free(headers[0]);
	free(headers[1]);
}

static void test_forged(void **state)
{
	static const char *const extras[] = {
	    "X-Slack-Signature: v0=00", "X-Slack-Request-Timestamp: 1"};
	struct post post = {.done = 0};
	size_t i;

	(void)state;
	send_post(&post, "slack", EVENT("approve", "C1", "2.1"), "other", 0);
	expect(&post, 401, "");
	send_post(&post, "slack", EVENT("approve", "C1", "2.1"), SECRET, -400);
	expect(&post, 401, "");
	send_post(&post, "slack", EVENT("approve", "C1", "2.1"), SECRET, 400);
	expect(&post, 401, "");
	for (i = 0; i < 2; i++) {
		copy(post.extra, sizeof(post.extra), extras[i]);
		send_post(
		    &post, "slack", EVENT("approve", "C1", "2.1"), SECRET, 0);
		expect(&post, 401, "");
	}
	send_post(&post, "nobody", EVENT("approve", "C1", "2.1"), SECRET, 0);
	expect(&post, 404, "");
	assert_int_equal(seen.n_words, 0);
	/* a chat with a socket has no address */
	configs[1].secret = NULL;
	send_post(&post, "second", EVENT("approve", "C2", "2.1"), SECRET, 0);
	expect(&post, 404, "");
	assert_int_equal(seen.n_words, 0);
}

static void test_damaged(void **state)
{
	static const struct {
		const char *body;
		long status;
	} rows[] = {
	    {"", 400},
	    {"{", 400},
	    {"[]", 400},
	    {"\xff\xfe", 400},
	    {"payload", 400},
	    {"payload=", 400},
	    {"payload=%", 400},
	    {"payload=%7", 400},
	    {"payload=%7B%7", 400},
	    {"payload=%7B%00%7D", 400},
	    {"payload=%7B%7D&payload=%7B%7D", 400},
	    {"payload=[]", 400},
	    {"other=1", 400},
	    {"xpayload=%7B%7D", 400},
	    {"{\"a\":1,\"a\":2}", 400},
	    {"{\"type\":\"url_verification\"}", 400},
	    {"{\"type\":\"url_verification\",\"challenge\":7}", 400},
	    {"{}", 200},
	    {"payload=%7B%7D", 200},
	    {"a=b&payload=%7b%7D&c", 200},
	    {"{\"type\":\"app_rate_limited\"}", 200},
	};
	struct post post = {.done = 0};
	char *deep;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		send_post(&post, "slack", rows[i].body, SECRET, 0);
		expect(&post, rows[i].status, "");
	}
	deep = mem_zalloc(4300001);
	memset(deep, ' ', 4300000);
	send_post(&post, "slack", deep, SECRET, 0);
	expect(&post, 401, "");
	memset(deep, '[', 100000);
	memcpy(deep, "{\"a\":", 5);
	deep[100000] = '\0';
	send_post(&post, "slack", deep, SECRET, 0);
	expect(&post, 400, "");
	free(deep);
	assert_int_equal(seen.n_words + seen.n_looks, 0);
}

static void test_challenge(void **state)
{
	struct post post = {.done = 0};

	(void)state;
	send_post(&post, "slack",
	    "{\"token\":\"x\",\"type\":\"url_verification\",\"challenge\":"
	    "\"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P\"}",
	    SECRET, 0);
	expect(
	    &post, 200, "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P");
	send_post(&post, "slack",
	    "{\"type\":\"url_verification\",\"challenge\":\"x\"}", "no", 0);
	expect(&post, 401, "");
}

/* One app has one address, also when it is in two channels. */
static void test_two_channels(void **state)
{
	struct post post = {.done = 0};

	(void)state;
	send_post(&post, "slack", EVENT("approve", "C2", "2.1"), SECRET, 0);
	expect(&post, 200, "");
	assert_int_equal(seen.n_words, 1);
	assert_string_equal(seen.chat, "second");
	interact(PRESS("do.drop", "C2", "U2"), 200, "");
	assert_int_equal(seen.n_words, 2);
	assert_string_equal(seen.chat, "second");
	send_post(&post, "slack", EVENT("approve", "C3", "2.1"), SECRET, 0);
	expect(&post, 200, "");
	/* another app's channel is none of its business */
	configs[1].secret = "another";
	send_post(&post, "slack", EVENT("approve", "C2", "2.2"), SECRET, 0);
	expect(&post, 200, "");
	assert_int_equal(seen.n_words, 2);
}

/* The chat ends while something is under way. */
static void test_stopped(void **state)
{
	struct post post = {.done = 0};
	struct chat_word *word;

	(void)state;
	send_post(&post, "slack", EVENT("wait", "C1", "2.1"), SECRET, 0);
	wait_for(&seen.n_words, 1);
	chats[0].stopped = true;
	slack_ear_stop(&slacks[0]);
	expect(&post, 503, NULL);
	send_post(&post, "slack", EVENT("wait", "C1", "2.1"), SECRET, 0);
	expect(&post, 503, NULL);
	chats[0].own = NULL;
	word = seen.held;
	seen.held = NULL;
	word->done(word);
	assert_int_equal(chats[0].refs, 0);
}

/* An answer for one channel that came to the other, which ends meanwhile; the
 * chats end one after the other. */
static void stop_between(size_t first)
{
	struct post post = {.done = 0};
	struct chat_word *word;
	unsigned before = seen.n_words;

	send_post(&post, "slack", EVENT("wait", "C2", "2.1"), SECRET, 0);
	wait_for(&seen.n_words, before + 1);
	assert_string_equal(seen.chat, "second");
	chats[first].stopped = true;
	slack_ear_stop(&slacks[first]);
	chats[first].own = NULL;
	if (first == 0)
		expect(&post, 503, NULL);
	word = seen.held;
	seen.held = NULL;
	word->done(word);
	if (first == 1)
		expect(&post, 200, "");
	chats[1 - first].stopped = true;
	slack_ear_stop(&slacks[1 - first]);
	assert_int_equal(chats[0].refs, 0);
	assert_int_equal(chats[1].refs, 0);
}

static void test_stopped_here(void **state)
{
	(void)state;
	stop_between(0);
}

static void test_stopped_there(void **state)
{
	(void)state;
	stop_between(1);
}

/* Whatever was found, its last line is this. */
static const struct checkup_item *examined(struct checkup *checkup)
{
	slack_ear_examine(&slacks[0], checkup);
	assert_true(checkup_n(checkup) > 0);
	return checkup_at(checkup, checkup_n(checkup) - 1);
}

static void test_examine(void **state)
{
	struct checkup *checkup = checkup_new(false);
	struct post post = {.done = 0};

	(void)state;
	assert_int_equal(examined(checkup)->state, CHECKUP_DOUBT);
	assert_non_null(strstr(examined(checkup)->advice, "/slack/slack"));
	send_post(&post, "slack", "{}", "other", 0);
	expect(&post, 401, "");
	assert_int_equal(examined(checkup)->state, CHECKUP_BAD);
	assert_non_null(strstr(examined(checkup)->found, "not right"));
	send_post(&post, "slack", "{}", SECRET, 0);
	expect(&post, 200, "");
	assert_int_equal(examined(checkup)->state, CHECKUP_GOOD);
	checkup_unref(checkup);
}

/* ---- Socket Mode ----------------------------------------------------------
 */

static char urls[4][100];

static void open_socket(const char *one, const char *two)
{
	const char *paths[] = {one, two};
	size_t i;

	for (i = 0; i < 2; i++) {
		if (paths[i] == NULL)
			continue;
		snprintf(urls[i], sizeof(urls[i]),
		    "ws://127.0.0.1:%u/slack/%s?ticket=1", socket_port,
		    paths[i]);
		seen.urls[i] = urls[i];
	}
	configs[0].app_token = "xapp-1";
	slack_ear_start(&slacks[0]);
}

static void test_socket(void **state)
{
	struct checkup *checkup = checkup_new(false);

	(void)state;
	open_socket("all", NULL);
	wait_for(&seen.n_done, 1);
	/* "one" once, two forms, "done" */
	assert_int_equal(seen.n_words, 4);
	assert_int_equal(seen.state, CHAT_UP);
	assert_int_equal(seen.n_up, 1);
	assert_int_equal(examined(checkup)->state, CHECKUP_GOOD);
	checkup_unref(checkup);
}

static void test_socket_lost(void **state)
{
	(void)state;
	open_socket("lost", NULL);
	wait_for(&seen.n_done, 1);
	assert_int_equal(seen.n_words, 4);
}

static void test_socket_slow(void **state)
{
	struct chat_word *word;

	(void)state;
	open_socket("slow", NULL);
	wait_for(&seen.n_done, 1);
	word = seen.held;
	seen.held = NULL;
	word->done(word);
}

/* Likewise by a socket, which ends before who has it. */
static void test_socket_stopped_elsewhere(void **state)
{
	struct chat_word *word;
	size_t i;

	(void)state;
	slack_ear_start(&slacks[1]);
	configs[0].channel = "C0";
	configs[1].channel = "C1";
	open_socket("slow", NULL);
	wait_for(&seen.n_words, 1);
	assert_string_equal(seen.chat, "second");
	for (i = 0; i < 2; i++) {
		chats[i].stopped = true;
		slack_ear_stop(&slacks[i]);
		chats[i].own = NULL;
	}
	word = seen.held;
	seen.held = NULL;
	word->done(word);
}

/* Another is open before the first is left: it is up all the time. */
static void test_socket_refresh(void **state)
{
	(void)state;
	open_socket("refresh", "plain");
	wait_for(&seen.n_done, 1);
	assert_int_equal(seen.n_calls, 2);
	assert_int_equal(seen.n_up, 2);
	assert_int_equal(seen.n_down, 0);
}

static void test_socket_hangup(void **state)
{
	(void)state;
	open_socket("hangup", "plain");
	wait_for(&seen.n_down, 1);
	assert_int_equal(seen.state, CHAT_TROUBLED);
	assert_non_null(strstr(seen.why, "hung up"));
	wait_for(&seen.n_done, 1);
	assert_int_equal(seen.state, CHAT_UP);
}

static void test_socket_off(void **state)
{
	struct checkup *checkup = checkup_new(false);

	(void)state;
	open_socket("off", "plain");
	wait_for(&seen.n_down, 1);
	assert_int_equal(seen.state, CHAT_BROKEN);
	assert_non_null(strstr(seen.why, "Socket Mode is off"));
	assert_int_equal(examined(checkup)->state, CHECKUP_BAD);
	checkup_unref(checkup);
	wait_for(&seen.n_done, 1); /* somebody switched it on */
	assert_int_equal(seen.state, CHAT_UP);
}

static void test_socket_mute(void **state)
{
	(void)state;
	configs[0].deadline_ms = 500;
	open_socket("mute", "plain");
	wait_for(&seen.n_down, 1);
	assert_non_null(strstr(seen.why, "did not say hello"));
	configs[0].deadline_ms = 20000;
	wait_for(&seen.n_done, 1);
}

static void test_socket_refused(void **state)
{
	(void)state;
	seen.fails = true;
	open_socket("plain", NULL);
	wait_for(&seen.n_down, 1);
	assert_int_equal(seen.state, CHAT_BROKEN);
	assert_string_equal(seen.why, "it is mended by hand");
	seen.fails = false;
	wait_for(&seen.n_done, 1);
}

/* Where Slack is asked by TLS it does not lead us elsewhere in clear. */
static void test_socket_clear(void **state)
{
	(void)state;
	configs[0].url = "https://slack.example/api";
	open_socket("plain", NULL);
	wait_for(&seen.n_down, 1);
	assert_non_null(strstr(seen.why, "gave no address"));
	assert_int_equal(seen.n_up, 0);
}

#define HTTP(test)   cmocka_unit_test_setup_teardown(test, setup_http, teardown)
#define SOCKET(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest http[] = {
	    HTTP(test_event),
	    HTTP(test_press),
	    HTTP(test_form_opens),
	    HTTP(test_form_too_late),
	    HTTP(test_form_sent),
	    HTTP(test_changed),
	    HTTP(test_slow),
	    HTTP(test_lost),
	    HTTP(test_replayed),
	    HTTP(test_forged),
	    HTTP(test_damaged),
	    HTTP(test_challenge),
	    HTTP(test_two_channels),
	    HTTP(test_stopped),
	    HTTP(test_stopped_here),
	    HTTP(test_stopped_there),
	    HTTP(test_examine),
	    SOCKET(test_socket),
	    SOCKET(test_socket_lost),
	    SOCKET(test_socket_slow),
	    SOCKET(test_socket_stopped_elsewhere),
	    SOCKET(test_socket_refresh),
	    SOCKET(test_socket_hangup),
	    SOCKET(test_socket_off),
	    SOCKET(test_socket_mute),
	    SOCKET(test_socket_refused),
	    SOCKET(test_socket_clear),
	};
	const size_t n_http = 15;
	struct CMUnitTest without[15];

	if (websocket_built())
		return cmocka_run_group_tests(http, start, stop);
	memcpy(without, http, n_http * sizeof(*http));
	return cmocka_run_group_tests(without, start, stop);
}
