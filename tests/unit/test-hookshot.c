/*
 * Tests of a bridge's webhooks: what is posted, what a bridge's answers mean,
 * which requests of it are believed, and that no bytes confuse it.
 */
#include "chat/matrix/hookshot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <event2/event.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "checkup.h"
#include "sample.h"
#include "util/fetch.h"
#include "util/httpd.h"
#include "util/listen.h"
#include "util/mem.h"

#define PATIENCE_MS 60000
#define TOKEN	    "f3b2c1d0-aaaa-bbbb-cccc-0123456789ab"

/* ---- the room, as far as this kind asks it --------------------------------
 */

static struct config_chat config;
static struct chat chat;
static enum chat_state is;
static char why[200];
static struct chat_word *heard; /* that waits for its answer */
static char *heard_words;
static unsigned n_heard;
static bool keep_word, lose_word;

const char *chat_id(
    const struct chat *c, const struct config_reviewer *reviewer)
{
	(void)c;
	return reviewer->matrix;
}

void chat_is(struct chat *c, enum chat_state state, const char *text)
{
	assert_ptr_equal(c, &chat);
	is = state;
	snprintf(why, sizeof(why), "%s", text == NULL ? "" : text);
}

struct chat *chat_ref(struct chat *c)
{
	c->refs++;
	return c;
}

void chat_unref(struct chat *c)
{
	assert_true(c->refs > 1);
	c->refs--;
}

struct chat *chat_named(
    struct chats *chats, const char *name, enum config_chat_kind kind)
{
	(void)chats;
	return strcmp(name, config.name) == 0 && kind == config.kind ? &chat
								     : NULL;
}

void chat_hear(struct chat *c, struct chat_word *word)
{
	assert_ptr_equal(c, &chat);
	n_heard++;
	heard = keep_word ? word : NULL;
	free(heard_words);
	heard_words = mem_printf("%s|%lld|%u|%s|%s", word->person,
	    (long long)word->draft, word->number, word->once, word->words);
	if (keep_word)
		return;
	word->lost = lose_word;
	word->told = mem_strdup("told");
	word->done(word);
}

/* ---- a bridge, and how we are asked ---------------------------------------
 */

static struct event_base *base;
static struct httpd *httpd;
static char hook[100], ours[100];
static int status; /* that the bridge answers; 0: nothing, for now */
static struct httpd_request *kept;
static json_t *posted;
static unsigned n_posted;

static void bridge(struct httpd_request *request, void *context)
{
	(void)context;
	json_decref(posted);
	posted = json_loadb(request->body.data, request->body.len, 0, NULL);
	n_posted++;
	if (status == 0)
		kept = httpd_keep(request);
	else
		httpd_reply(request, status, "application/json",
		    (struct span){"{\"ok\":true}", 11});
}

static const struct httpd_route routes[] = {
    {"POST", "/webhook/abc", false, bridge},
    {"POST", "/hookshot/*", false, hookshot_http},
    {"PUT", "/hookshot/*", false, hookshot_http},
    {NULL, NULL, false, NULL},
};

static int start(void **state)
{
	struct sockaddr_in sin;
	socklen_t size = sizeof(sin);
	struct error err = ERROR_INIT;
	unsigned port;
	int fd = listen_tcp("127.0.0.1", 0, &err);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &size), 0);
	port = ntohs(sin.sin_port);
	base = event_base_new();
	httpd = httpd_new(base, 1 << 20, 30, 20);
	httpd_add_routes(httpd, routes, NULL);
	assert_int_equal(httpd_listen_fd(httpd, fd, &err), 0);
	snprintf(hook, sizeof(hook), "http://127.0.0.1:%u/webhook/abc", port);
	snprintf(
	    ours, sizeof(ours), "http://127.0.0.1:%u/hookshot/bridge", port);
	config = (struct config_chat){.name = "bridge",
	    .kind = CONFIG_CHAT_HOOKSHOT,
	    .hook = hook,
	    .secret_file = "secret",
	    .secret = TOKEN,
	    .room = "!r:hs.example",
	    .deadline_ms = PATIENCE_MS,
	    .retry_most_s = 300};
	chat = (struct chat){.config = &config,
	    .base = base,
	    .fetch = fetch_new(base),
	    .refs = 1};
	n_heard = n_posted = 0;
	keep_word = lose_word = false;
	kept = NULL;
	is = CHAT_STARTING;
	hookshot_kind.start(&chat);
	assert_int_equal(is, CHAT_UP);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	if (chat.own != NULL)
		hookshot_kind.stop(&chat);
	fetch_free(chat.fetch);
	if (kept != NULL)
		httpd_reply(kept, 200, "text/plain", (struct span){"", 0});
	httpd_free(httpd);
	event_base_free(base);
	assert_int_equal(chat.refs, 1);
	json_decref(posted);
	posted = NULL;
	free(heard_words);
	heard_words = NULL;
	return 0;
}

/* ---- what is posted --------------------------------------------------------
 */

static void assert_in(const char *haystack, const char *needle)
{
	if (haystack == NULL || strstr(haystack, needle) == NULL)
		fail_msg("no \"%s\" in: %s", needle,
		    haystack != NULL ? haystack : "nothing");
}

static void assert_not_in(const char *haystack, const char *needle)
{
	if (strstr(haystack, needle) != NULL)
		fail_msg("\"%s\" in: %s", needle, haystack);
}

static void make(struct arena *arena, struct hold_view *view,
    struct chat_card *out, struct chat_content *content)
{
	static const struct config_reviewer *asked[3];
	struct card *card = arena_alloc(arena, sizeof(*card));
	const struct card_request request = {.kind = HOLD_PROMPT_DECIDE,
	    .view = view,
	    .config = sample_config(),
	    .reviewer = &sample_config()->reviewers[0],
	    .now_ms = SAMPLE_NOON};

	asked[0] = &sample_config()->reviewers[0];
	asked[1] = &sample_config()->reviewers[1];
	card_make(arena, &request, card);
	out->card = card;
	out->view = view;
	out->kind = HOLD_PROMPT_DECIDE;
	out->asked = asked;
	hookshot_kind.card(&chat, arena, out, content);
}

static const char *member(
    struct arena *arena, const char *content, const char *name)
{
	json_t *json = json_loads(content, 0, NULL);
	const char *value;

	assert_non_null(json);
	assert_int_equal(json_object_size(json), 2);
	value =
	    arena_strdup(arena, json_string_value(json_object_get(json, name)));
	assert_non_null(value);
	json_decref(json);
	return value;
}

static void answers_begin_with_the_drafts_number(void **state)
{
	struct arena *arena = arena_new();
	struct chat_card card = {.n = 0};
	struct chat_content content;
	const char *html;

	(void)state;
	make(arena, sample_view(arena), &card, &content);
	html = member(arena, content.main, "html");
	assert_in(html, "<code>17 approve k7q4rm</code>");
	assert_in(html, "Write into this room.");
	assert_not_in(html, "React");
	assert_not_in(html, "thread");
	assert_in(member(arena, content.main, "text"), "  17 drop <reason>");
	arena_free(arena);
}

static void a_bridge_that_hears_nothing_names_the_mail(void **state)
{
	static const char *const mail[] = {"d-aaaa@review.corp.example", NULL};
	struct arena *arena = arena_new();
	struct chat_card card = {.reply_to = mail};
	struct chat_content content;
	const char *html;

	(void)state;
	config.secret_file = config.secret = NULL;
	make(arena, sample_view(arena), &card, &content);
	html = member(arena, content.main, "html");
	assert_in(html, "Answer by mail, each from your own address:");
	assert_in(html, "anna: <a href=\"mailto:d-aaaa@review.corp.example?"
			"subject=Imprimatur&amp;body=approve%20k7q4rm\">"
			"Approve</a> \xc2\xb7 <a href=");
	assert_in(html, "body=drop\">Drop</a>");
	assert_not_in(html, "bob: <a");
	assert_not_in(html, "Write into this room");
	assert_in(member(arena, content.main, "text"),
	    "  anna: d-aaaa@review.corp.example\n");
	card.reply_to = NULL;
	make(arena, sample_view(arena), &card, &content);
	assert_in(content.main, "It cannot be answered here.");
	arena_free(arena);
}

/* A bridge's account may be allowed to call the whole room. */
static void a_draft_calls_nobody(void **state)
{
	struct arena *arena = arena_new();
	struct hold_view *view = sample_view(arena);
	struct chat_card card = {.n = 0};
	struct chat_content content;

	(void)state;
	sample_text(view, "@room **hi** <img src=x> @Room");
	make(arena, view, &card, &content);
	assert_not_in(member(arena, content.main, "text"), "@room");
	assert_not_in(member(arena, content.main, "text"), "@Room");
	assert_not_in(member(arena, content.main, "html"), "<img");
	arena_free(arena);
}

static void a_long_draft_comes_before_its_question(void **state)
{
	struct arena *arena = arena_new();
	struct hold_view *view = sample_view(arena);
	char *text = arena_alloc(arena, 60001);
	struct chat_card card = {.n = 0};
	struct chat_content content;
	size_t i;

	(void)state;
	for (i = 0; i < 60000; i++)
		text[i] = i % 80 == 79 ? '\n' : 'a';
	sample_text(view, text);
	make(arena, view, &card, &content);
	assert_true(content.n_parts > 3);
	assert_in(content.main, "above: read them first");
	for (i = 0; i < content.n_parts; i++)
		assert_true(strlen(content.parts[i]) < 21000);
	arena_free(arena);
}

static void words_of_ours(void **state)
{
	struct arena *arena = arena_new();
	const char *content = hookshot_kind.text(
	    &chat, arena, "Approved <b>", &sample_config()->reviewers[0]);

	(void)state;
	assert_string_equal(
	    member(arena, content, "text"), "anna: Approved <b>");
	assert_string_equal(
	    member(arena, content, "html"), "anna: Approved &lt;b&gt;");
	arena_free(arena);
}

/* ---- what a bridge answers
 * --------------------------------------------------- */

static unsigned n_done;

static void on_sent(struct chat_send *send)
{
	(void)send;
	n_done++;
	event_base_loopbreak(base);
}

static void send_one(struct chat_send *send)
{
	*send = (struct chat_send){.what = CHAT_POST,
	    .once = "imp-1",
	    .content = "{\"text\":\"hello\",\"html\":\"hello\"}",
	    .done = on_sent};
	n_done = 0;
	hookshot_kind.send(&chat, send);
	assert_int_equal(n_done, 0);
}

static void each_answer_means_something(void **state)
{
	static const struct {
		int status;
		enum chat_sent sent;
		enum chat_state state;
	} table[] = {
	    {200, CHAT_SENT, CHAT_UP}, {204, CHAT_SENT, CHAT_UP},
	    {400, CHAT_NEVER, CHAT_UP}, {413, CHAT_NEVER, CHAT_UP},
	    {429, CHAT_LATER, CHAT_UP}, {500, CHAT_LATER, CHAT_UP},
	    {503, CHAT_LATER, CHAT_UP}, {404, CHAT_LATER, CHAT_BROKEN},
	    {410, CHAT_LATER, CHAT_BROKEN}, {401, CHAT_LATER, CHAT_BROKEN},
	    {302, CHAT_LATER, CHAT_BROKEN},
	    {200, CHAT_SENT, CHAT_UP}, /* it is there again */
	};
	struct chat_send send;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		status = table[i].status;
		send_one(&send);
		event_base_dispatch(base);
		assert_int_equal(n_done, 1);
		assert_int_equal(send.sent, table[i].sent);
		assert_string_equal(send.remote_made, "");
		if (table[i].sent != CHAT_SENT)
			assert_in(send.error.text, "the bridge answered");
		assert_int_equal(is, table[i].state);
		if (is == CHAT_BROKEN) {
			assert_in(why, "!hookshot webhook");
			assert_not_in(why, "abc"); /* the URL is a secret */
			is = CHAT_UP;
		}
		assert_string_equal(
		    json_string_value(json_object_get(posted, "text")),
		    "hello");
	}
	assert_int_equal(n_posted, i);
}

static void a_bridge_that_is_not_there_is_tried_later(void **state)
{
	struct chat_send send;

	(void)state;
	config.hook = "http://127.0.0.1:1/webhook/abc";
	send_one(&send);
	event_base_dispatch(base);
	assert_int_equal(send.sent, CHAT_LATER);
	assert_not_in(send.error.text, "abc");
	assert_true(send.error.text[0] != '\0');
}

static void a_stop_ends_what_is_under_way(void **state)
{
	struct chat_send send;

	(void)state;
	status = 0;
	send_one(&send);
	while (kept == NULL)
		event_base_loop(base, EVLOOP_ONCE);
	assert_int_equal(n_done, 0);
	hookshot_kind.stop(&chat);
	assert_int_equal(n_done, 1);
	assert_int_equal(send.sent, CHAT_LATER);
	memset(&send, 0xee, sizeof(send)); /* nobody looks at it now */
}

static void the_doctor_posts_only_if_it_may(void **state)
{
	struct checkup *checkup = checkup_new(false);

	(void)state;
	status = 200;
	hookshot_kind.examine(&chat, checkup);
	assert_false(checkup_is_open(checkup));
	assert_int_equal(checkup_at(checkup, 0)->state, CHECKUP_SKIPPED);
	checkup_unref(checkup);
	checkup = checkup_new(true);
	hookshot_kind.examine(&chat, checkup);
	while (checkup_is_open(checkup))
		event_base_loop(base, EVLOOP_ONCE);
	assert_int_equal(checkup_at(checkup, 0)->state, CHECKUP_GOOD);
	assert_int_equal(n_posted, 1);
	checkup_unref(checkup);
	checkup = checkup_new(true);
	status = 404;
	hookshot_kind.examine(&chat, checkup);
	while (checkup_is_open(checkup))
		event_base_loop(base, EVLOOP_ONCE);
	assert_int_equal(checkup_at(checkup, 0)->state, CHECKUP_BAD);
	assert_in(checkup_at(checkup, 0)->advice, "hook_file");
	checkup_unref(checkup);
}

/* ---- what people write ------------------------------------------------------
 */

#define TYPE "multipart/form-data; boundary=axios-1.7.9-xyz"
#define HEAD                                                                   \
	"--axios-1.7.9-xyz\r\nContent-Disposition: form-data; "                \
	"name=\"event\"; filename=\"event_data.json\"\r\n"                     \
	"Content-Type: application/json\r\n\r\n"
#define TAIL "\r\n--axios-1.7.9-xyz--\r\n"

/* An event as bridges send it. */
static const char *event_of(
    struct arena *arena, const char *sender, const char *body)
{
	json_t *event = json_pack("{s:s,s:s,s:s,s:s,s:I,s:{s:s,s:s},s:{}}",
	    "type", "m.room.message", "room_id", "!r:hs.example", "event_id",
	    "$e1:x", "sender", sender, "origin_server_ts",
	    (json_int_t)1795262140000, "content", "msgtype", "m.text", "body",
	    body, "unsigned");
	char *text = json_dumps(event, JSON_COMPACT);
	const char *made = arena_strdup(arena, text);

	free(text);
	json_decref(event);
	return made;
}

static int read_body(struct arena *arena, const char *body, size_t len,
    struct hookshot_event *event)
{
	struct error err = ERROR_INIT;

	return hookshot_event_read(arena, TYPE, (struct span){body, len},
	    "!r:hs.example", NULL, event, &err);
}

static int read_text(
    struct arena *arena, const char *said, struct hookshot_event *event)
{
	const char *body = arena_printf(
	    arena, HEAD "%s" TAIL, event_of(arena, "@anna:corp.example", said));

	return read_body(arena, body, strlen(body), event);
}

static void words_behind_a_number_are_heard(void **state)
{
	static const struct {
		const char *said;
		int64_t draft; /* 0: not heard */
		const char *words;
	} table[] = {
	    {"17 approve k7q4rm", 17, "approve k7q4rm"},
	    {"  17\t drop  tone\n", 17, "drop  tone\n"},
	    {"17 edit\nDear Max,\n\nnew", 17, "edit\nDear Max,\n\nnew"},
	    {"> <@b:x> 3 approve\n> more\n\n17 approve", 17, "approve"},
	    {"2 beers please", 2, "beers please"}, {"approve", 0, NULL},
	    {"17", 0, NULL}, {"17 ", 0, NULL}, {"17 \napprove", 0, NULL},
	    {"17approve", 0, NULL}, {"017 approve", 0, NULL},
	    {"-17 approve", 0, NULL}, {"#17 approve", 0, NULL},
	    {"17. approve", 0, NULL}, {"* 17 approve", 0, NULL},
	    {"> 17 approve", 0, NULL},
	    {"9999999999999999999999 approve", 0, NULL}, {"", 0, NULL},
	    {"\xd9\xa1\xd9\xa7 approve", 0, NULL}, /* Arabic digits */
	};
	struct hookshot_event event;
	struct arena *arena = arena_new();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_int_equal(read_text(arena, table[i].said, &event), 0);
		assert_int_equal(event.heard, table[i].draft != 0);
		if (!event.heard)
			continue;
		assert_int_equal(event.draft, table[i].draft);
		assert_string_equal(event.words, table[i].words);
		assert_string_equal(event.sender, "@anna:corp.example");
		assert_string_equal(event.id, "$e1:x");
	}
	arena_free(arena);
}

#define EVENT(type, content)                                                   \
	"{\"type\":\"" type "\",\"room_id\":\"!r:hs.example\",\"event_id\":"   \
	"\"$1\",\"sender\":\"@a:b\",\"content\":" content "}"
#define SAYS(more) "{\"msgtype\":\"m.text\",\"body\":\"17 approve\"" more "}"

static void what_is_no_message_is_not_heard(void **state)
{
	static const struct {
		const char *event;
		int rc;
		bool heard;
	} table[] = {
	    {EVENT("m.room.message", SAYS("")), 0, true},
	    {EVENT("m.room.message",
		 SAYS(",\"m.relates_to\":{\"rel_type\":\"m.thread\"}")),
		0, true},
	    {EVENT("m.room.message",
		 SAYS(",\"m.relates_to\":{\"rel_type\":\"m.replace\"}")),
		0, false},
	    {EVENT("m.room.message",
		 "{\"msgtype\":\"m.notice\",\"body\":\"17 approve\"}"),
		0, false},
	    {EVENT("m.room.message",
		 "{\"msgtype\":\"m.text\",\"body\":[\"17 approve\"]}"),
		0, false},
	    {EVENT("m.room.message",
		 "{\"msgtype\":\"m.text\",\"body\":\"17 a\\u0000pprove\"}"),
		-1, false},
	    {EVENT("m.room.message", "null"), 0, false},
	    {EVENT("m.reaction", SAYS("")), 0, false},
	    {EVENT("m.room.redaction", "{}"), 0, false},
	    {EVENT("m.room.encrypted", "{}"), 0, false},
	    {"{}", -1, false},
	    {"[]", -1, false},
	    {"17", -1, false},
	    {"", -1, false},
	    {"{\"a\":1,\"a\":2}", -1, false},
	    {"{\"type\":\"m.room.message\",\"room_id\":\"!other:hs\","
	     "\"event_id\":\"$1\",\"sender\":\"@a:b\",\"content\":" SAYS(
		 "") "}",
		-1, false},
	    {"{\"type\":\"m.room.message\",\"room_id\":\"!r:hs.example\","
	     "\"event_id\":\"$1\",\"sender\":\"anna\",\"content\":" SAYS(
		 "") "}",
		-1, false},
	    {"{\"type\":\"m.room.message\",\"room_id\":\"!r:hs.example\","
	     "\"event_id\":\"$1\",\"sender\":\"@a:b\\n\",\"content\":" SAYS(
		 "") "}",
		-1, false},
	    {"{\"type\":\"m.room.message\",\"room_id\":\"!r:hs.example\","
	     "\"event_id\":7,\"sender\":\"@a:b\",\"content\":" SAYS("") "}",
		-1, false},
	};
	struct hookshot_event event;
	struct arena *arena = arena_new();
	const char *body;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		body = arena_printf(arena, HEAD "%s" TAIL, table[i].event);
		if (read_body(arena, body, strlen(body), &event) !=
			table[i].rc ||
		    event.heard != table[i].heard)
			fail_msg("%s", table[i].event);
	}
	arena_free(arena);
}

static void forms_are_read_strictly(void **state)
{
	static const char ok[] = EVENT("m.room.message", SAYS(""));
	static const struct {
		const char *type, *before, *after;
		int rc;
	} table[] = {
	    {TYPE, HEAD, TAIL, 0},
	    {"multipart/form-data; boundary=\"axios-1.7.9-xyz\"", HEAD, TAIL,
		0},
	    {"Multipart/Form-Data;charset=utf-8;boundary=axios-1.7.9-xyz", HEAD,
		TAIL, 0},
	    {NULL, HEAD, TAIL, -1},
	    {"application/json", HEAD, TAIL, -1},
	    {"multipart/form-data", HEAD, TAIL, -1},
	    {"multipart/form-data; boundary=", HEAD, TAIL, -1},
	    {"multipart/form-data; boundary=\"axios-1.7.9-xyz", HEAD, TAIL, -1},
	    {"multipart/form-data; boundary=other", HEAD, TAIL, -1},
	    {"multipart/form-data; xboundary=axios-1.7.9-xyz", HEAD, TAIL, -1},
	    {TYPE, HEAD, "", -1},
	    {TYPE, HEAD, "\r\n--axios-1.7.9", -1},
	    {TYPE, " " HEAD, TAIL, -1},
	    {TYPE, "", TAIL, -1},
	    {TYPE, "--axios-1.7.9-xyz\r\n\r\n", TAIL, -1},
	    {TYPE, "--axios-1.7.9-xyz--\r\n\r\n", TAIL, -1},
	    /* another part in front of it */
	    {TYPE,
		"--axios-1.7.9-xyz\r\nContent-Disposition: form-data; "
		"name=\"media\"\r\n\r\nxyz\r\n" HEAD,
		TAIL, 0},
	    /* a file's name is not a field's */
	    {TYPE,
		"--axios-1.7.9-xyz\r\nContent-Disposition: form-data; "
		"filename=\"event\"\r\n\r\n",
		TAIL, -1},
	    {TYPE,
		"--axios-1.7.9-xyz\r\nX-Other: form-data; name=\"event\""
		"\r\n\r\n",
		TAIL, -1},
	};
	struct hookshot_event event;
	struct arena *arena = arena_new();
	struct error err;
	const char *body;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		body = arena_printf(
		    arena, "%s%s%s", table[i].before, ok, table[i].after);
		if (hookshot_event_read(arena, table[i].type,
			(struct span){body, strlen(body)}, NULL, NULL, &event,
			&err) != table[i].rc)
			fail_msg("%zu: %s", i, body);
		assert_int_equal(event.heard, table[i].rc == 0);
	}
	arena_free(arena);
}

/* Cut off anywhere, or with any byte changed: read or refused, no more. */
static void no_bytes_confuse_it(void **state)
{
	struct hookshot_event event;
	struct arena *arena = arena_new();
	const char *whole = arena_printf(arena, HEAD "%s" TAIL,
	    event_of(arena, "@anna:corp.example", "17 approve k7q4rm"));
	size_t i, len = strlen(whole), heard_some = 0;
	char *body;
	unsigned dice = 7;

	(void)state;
	for (i = 0; i < len; i++) {
		body = mem_dup(whole, i); /* of its very length */
		read_body(arena, body, i, &event);
		/* only the last boundary's end may be missing */
		assert_true(!event.heard || i + 4 >= len);
		free(body);
	}
	for (i = 0; i < 10000; i++) {
		body = mem_dup(whole, len);
		dice = dice * 1103515245u + 12345u;
		body[(dice >> 8) % len] = (char)(dice >> 24);
		read_body(arena, body, len, &event);
		heard_some += event.heard;
		if (event.heard)
			assert_true(event.draft > 0 && event.words[0] != '\0' &&
				    event.sender[0] == '@');
		free(body);
	}
	assert_true(heard_some > 1000 && heard_some < 9999);
	arena_free(arena);
}

/* ---- over HTTP
 * ---------------------------------------------------------------- */

static void on_answer(struct fetch_ask *ask)
{
	*(bool *)ask->context = true;
}

/* Ask as a bridge does; the status. */
static long request(const char *method, const char *url, const char *token,
    const char *id, const char *body)
{
	char token_line[100], id_line[100];
	const char *lines[] = {
	    "Content-Type: " TYPE, token_line, id_line, NULL};
	bool done = false;
	struct fetch_ask ask = {.url = url,
	    .method = method,
	    .headers = lines,
	    .body = {body, strlen(body)},
	    .deadline_ms = PATIENCE_MS,
	    .answer_max = 10000,
	    .done = on_answer,
	    .context = &done};

	snprintf(token_line, sizeof(token_line), "%s: %s",
	    token == NULL ? "X-None" : "X-Matrix-Hookshot-Token",
	    token == NULL ? "x" : token);
	snprintf(id_line, sizeof(id_line), "X-Matrix-Hookshot-EventId: %s", id);
	fetch_ask(chat.fetch, &ask);
	while (!done) {
		event_base_loop(base, EVLOOP_ONCE);
		if (keep_word && heard != NULL) {
			struct chat_word *word = heard;

			heard = NULL;
			word->lost = lose_word;
			word->done(word);
		}
	}
	assert_int_equal(ask.error.kind, ERROR_NONE);
	buf_release(&ask.answer);
	return ask.status;
}

static void requests_with_the_token_are_heard(void **state)
{
	struct arena *arena = arena_new();
	const char *body = arena_printf(arena, HEAD "%s" TAIL,
	    event_of(arena, "@anna:corp.example", "17 approve k7q4rm"));
	const char *talk = arena_printf(arena, HEAD "%s" TAIL,
	    event_of(arena, "@anna:corp.example", "good morning"));

	(void)state;
	assert_int_equal(request("PUT", ours, TOKEN, "$e1:x", body), 200);
	assert_int_equal(n_heard, 1);
	assert_string_equal(
	    heard_words, "@anna:corp.example|17|0|$e1:x|approve k7q4rm");
	assert_int_equal(request("POST", ours, TOKEN, "$e1:x", body), 200);
	assert_int_equal(n_heard, 2);
	/* answered when the ledger has it */
	keep_word = true;
	assert_int_equal(request("PUT", ours, TOKEN, "$e1:x", body), 200);
	lose_word = true;
	assert_int_equal(request("PUT", ours, TOKEN, "$e1:x", body), 503);
	keep_word = lose_word = false;
	n_heard = 0;
	assert_int_equal(request("PUT", ours, TOKEN, "$e1:x", talk), 200);
	assert_int_equal(request("PUT", ours, TOKEN, "$other", body), 400);
	assert_int_equal(request("PUT", ours, TOKEN, "$e1:x", "x"), 400);
	assert_int_equal(n_heard, 0);
	arena_free(arena);
}

static void others_are_refused(void **state)
{
	static const char *const tokens[] = {NULL, "x", "",
	    "f3b2c1d0-aaaa-bbbb-cccc-0123456789aB",
	    "f3b2c1d0-aaaa-bbbb-cccc-0123456789a",
	    "f3b2c1d0-aaaa-bbbb-cccc-0123456789abc"};
	struct arena *arena = arena_new();
	const char *body = arena_printf(arena, HEAD "%s" TAIL,
	    event_of(arena, "@anna:corp.example", "17 approve k7q4rm"));
	char other[120];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++)
		assert_int_equal(
		    request("PUT", ours, tokens[i], "$e1:x", body), 403);
	snprintf(other, sizeof(other), "%.*sother",
	    (int)(strlen(ours) - strlen("bridge")), ours);
	assert_int_equal(request("PUT", other, TOKEN, "$e1:x", body), 404);
	/* no secret, no ears */
	config.secret_file = config.secret = NULL;
	assert_int_equal(request("PUT", ours, TOKEN, "$e1:x", body), 404);
	assert_int_equal(n_heard, 0);
	arena_free(arena);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(answers_begin_with_the_drafts_number),
	    TEST(a_bridge_that_hears_nothing_names_the_mail),
	    TEST(a_draft_calls_nobody),
	    TEST(a_long_draft_comes_before_its_question),
	    TEST(words_of_ours),
	    TEST(each_answer_means_something),
	    TEST(a_bridge_that_is_not_there_is_tried_later),
	    TEST(a_stop_ends_what_is_under_way),
	    TEST(the_doctor_posts_only_if_it_may),
	    TEST(words_behind_a_number_are_heard),
	    TEST(what_is_no_message_is_not_heard),
	    TEST(forms_are_read_strictly),
	    TEST(no_bytes_confuse_it),
	    TEST(requests_with_the_token_are_heard),
	    TEST(others_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
