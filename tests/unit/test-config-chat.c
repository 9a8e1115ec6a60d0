/*
 * test-config-chat: chats as they are written and as they are read; names of
 * places; what is strange about them; what is said of them.
 */
#include "config/chat_place.h"
#include "config/config.h"
#include "config/lint.h"
#include "config/sentence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/test-config-chat.XXXXXX";
static char conf[64];

static const char head[] =
    "hostname = \"relay.test\"; state_dir = \"/nonexistent/state\";\n"
    "http = { address = \"127.0.0.1\"; };\n"
    "listeners = ( { address = \"127.0.0.1\"; port = 0; tls = \"none\";\n"
    "  reviews = true; } );\n"
    "agents = ( { name = \"bot\"; networks = \"10.0.0.1\";\n"
    "  senders = \"*@agents.example\"; } );\n"
    "calendars = ( { name = \"berlin\"; zone = \"Europe/Berlin\";\n"
    "  hours = [ \"mon-fri 09:00-17:30\" ]; } );\n"
    "relay = { maildir = \"/nonexistent/out\"; };\n";

static const char good[] =
    "reviewers = (\n"
    "  { name = \"anna\"; address = \"anna@r.example\";\n"
    "    slack = \"T0123ABCD/U0456EFGH\"; matrix = \"@anna:example.com\";\n"
    "    media = [ \"mail\", \"team\", \"room\", \"bridge\" ]; },\n"
    "  { name = \"ben\"; address = \"ben@r.example\";\n"
    "    slack = \"T0123ABCD/W0456EFGH\"; media = [ \"mail\", \"team\",\n"
    "    \"bell\" ]; } );\n"
    "chats = (\n"
    "  { name = \"team\"; kind = \"slack\"; channel = \"C0123ABCD\";\n"
    "    token_file = \"bot\"; app_token_file = \"app\";\n"
    "    digest = { every = \"30m\"; above = \"critical\"; items = 7; };\n"
    "    calendar = \"berlin\"; gather_above = 3; waiting = 20;\n"
    "    per_minute = 60; text = \"4K\"; deadline = \"1s\";\n"
    "    retry_most = \"2s\"; },\n"
    "  { name = \"room\"; kind = \"matrix\"; url = \"http://[::1]:8008//\";\n"
    "    room = \"!abc:example.com\"; token_file = \"token\";\n"
    "    digest = { above = \"low\"; }; poll = \"1s\"; },\n"
    "  { name = \"bell\"; kind = \"slack-webhook\"; hook_file = \"hook\";\n"
    "    calendar = \"berlin\"; digest = { at = [ \"09:00\", \"13:30\" ]; };\n"
    "    },\n"
    "  { name = \"bridge\"; kind = \"hookshot\"; hook_file = \"other-hook\";\n"
    "    secret_file = \"secret\"; room = \"!abc:example.com\"; } );\n";

static const char strange[] =
    "reviewers = (\n"
    "  { name = \"anna\"; address = \"anna@r.example\";\n"
    "    matrix = \"@Anna:example.com\"; media = \"bell\"; } );\n"
    "chats = (\n"
    "  { name = \"bell\"; kind = \"slack-webhook\"; hook_file = \"hook\"; },\n"
    "  { name = \"team\"; kind = \"slack\"; channel = \"C0123ABCD\";\n"
    "    token_file = \"bot\"; secret_file = \"secret\";\n"
    "    digest = { every = 60; above = \"low\"; }; } );\n";

static void put(const char *name, const char *a, const char *b)
{
	char path[128];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	out = fopen(path, "we");
	assert_non_null(out);
	fputs(a, out);
	fputs(b, out);
	fclose(out);
	assert_int_equal(chmod(path, 0600), 0);
}

static struct config *load(const char *text)
{
	struct error err = ERROR_INIT;
	struct config *config;

	put("imprimatur.conf", head, text);
	config = config_load(conf, &err);
	if (config == NULL)
		fail_msg("%s", err.text);
	return config;
}

static int set_up(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(conf, sizeof(conf), "%s/imprimatur.conf", folder);
	put("bot", "xoxb-1\r\n", "more\n");
	put("app", "xapp-1\n", "");
	put("token", "syt_1", "");
	put("secret", "0123456789abcdef\n", "");
	put("hook", "https://hooks.example/services/T/B/x\n", "");
	put("other-hook", "http://localhost:9993/webhook/x\n", "");
	return 0;
}

static int tear_down(void **state)
{
	char command[96];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

static void chats_are_read(void **state)
{
	struct config *c = load(good);
	const struct config_chat *team = config_chat(c, "team");
	const struct config_chat *room = config_chat(c, "room");

	(void)state;
	assert_int_equal(c->n_chats, 4);
	assert_int_equal(team->kind, CONFIG_CHAT_SLACK);
	assert_string_equal(team->url, "https://slack.com/api");
	assert_string_equal(team->token, "xoxb-1");
	assert_string_equal(team->app_token, "xapp-1");
	assert_null(team->secret);
	assert_int_equal(team->digest->every_s, 1800);
	assert_int_equal(team->digest->above, SEVERITY_CRITICAL);
	assert_int_equal(team->digest->items, 7);
	assert_ptr_equal(team->calendar, c->calendars[0].calendar);
	assert_int_equal(team->gather_above, 3);
	assert_int_equal(team->waiting, 20);
	assert_int_equal(team->per_minute, 60);
	assert_true(team->text_size == 4096);
	assert_int_equal(team->deadline_ms, 1000);
	assert_int_equal(team->retry_most_s, 2);
	/* the slashes at its end are gone, a secret's file is found */
	assert_string_equal(room->url, "http://[::1]:8008");
	assert_string_equal(room->token, "syt_1");
	assert_string_equal(config_chat(c, "bell")->hook,
	    "https://hooks.example/services/T/B/x");
	assert_string_equal(
	    config_chat(c, "bridge")->secret, "0123456789abcdef");
	assert_null(config_chat(c, "Team"));
	config_unref(c);
}

static void what_is_left_out_is_sensible(void **state)
{
	struct config *c = load(good);
	const struct config_chat *room = config_chat(c, "room");
	const struct config_chat *bridge = config_chat(c, "bridge");

	(void)state;
	/* neither every nor at: nothing is gathered */
	assert_null(room->digest);
	assert_int_equal(config_chat(c, "bell")->digest->n_minutes, 2);
	assert_int_equal(config_chat(c, "bell")->digest->minutes[1], 810);
	assert_ptr_equal(bridge->calendar, calendar_always());
	assert_int_equal(bridge->gather_above, 5);
	assert_int_equal(bridge->waiting, 200);
	assert_int_equal(bridge->per_minute, 50);
	assert_true(bridge->text_size == 65536);
	assert_int_equal(bridge->deadline_ms, 10000);
	assert_int_equal(bridge->poll_s, 30);
	assert_int_equal(bridge->retry_most_s, 300);
	assert_null(bridge->url);
	config_unref(c);
}

static void who_hears(void **state)
{
	struct config *c = load(good);
	struct config_chat bridge = *config_chat(c, "bridge");
	const struct config_reviewer *ben = config_reviewer(c, "ben");

	(void)state;
	assert_true(config_chat_hears(config_chat(c, "team")));
	assert_true(config_chat_hears(config_chat(c, "room")));
	assert_false(config_chat_hears(config_chat(c, "bell")));
	assert_true(config_chat_hears(&bridge));
	bridge.secret_file = NULL;
	assert_false(config_chat_hears(&bridge));
	assert_string_equal(ben->slack, "T0123ABCD/W0456EFGH");
	assert_null(ben->matrix);
	assert_true(config_reviewer_has(ben, "team"));
	assert_true(config_reviewer_answers(c, ben, "team"));
	assert_false(config_reviewer_answers(c, ben, "room"));
	config_unref(c);
}

struct place {
	bool (*is)(const char *text);
	const char *text;
	bool good;
};

static const struct place places[] = {
    {chat_place_channel, "C0123ABCD", true},
    {chat_place_channel, "G0123ABCD", true},
    {chat_place_channel, "D0123ABCD", true},
    {chat_place_channel, "U0123ABCD", false},
    {chat_place_channel, "C0", false},
    {chat_place_channel, "C0123abcd", false},
    {chat_place_channel, "C0123ABCD ", false},
    {chat_place_channel, "#review", false},
    {chat_place_channel, "", false},
    {chat_place_channel, "C012345678901234567890123456789AB", false},
    {chat_place_member, "T0123ABCD/U0456EFGH", true},
    {chat_place_member, "T0123ABCD/W0456EFGH", true},
    {chat_place_member, "T0123ABCD/B0456EFGH", false},
    {chat_place_member, "T0123ABCD", false},
    {chat_place_member, "T0123ABCD/", false},
    {chat_place_member, "/U0456EFGH", false},
    {chat_place_member, "U0456EFGH/T0123ABCD", false},
    {chat_place_member, "T0123ABCD/U0456EFGH/", false},
    {chat_place_member, "T0123ABCD/U0456EFGH\n", false},
    {chat_place_member, "", false},
    {chat_place_room, "!abc:example.com", true},
    {chat_place_room, "!xY_z-31", true},
    {chat_place_room, "#review:example.com:8448", true},
    {chat_place_room, "#review:[::1]:8448", true},
    {chat_place_room,
	"#pr\xc3\xbc"
	"fung:example.com",
	true},
    {chat_place_room, "#review", false},
    {chat_place_room, "!", false},
    {chat_place_room, "!:example.com", false},
    {chat_place_room, "#review:", false},
    {chat_place_room, "#review:example.com:", false},
    {chat_place_room, "#review:example.com:port", false},
    {chat_place_room, "#review:example.com:123456", false},
    {chat_place_room, "#review:[::1", false},
    {chat_place_room, "#review:exam ple", false},
    {chat_place_room, "#re view:example.com", false},
    {chat_place_room, "@anna:example.com", false},
    {chat_place_room, "", false},
    {chat_place_person, "@anna:example.com", true},
    {chat_place_person, "@anna.b=c_d-e/f+1:192.0.2.1:8448", true},
    {chat_place_person, "@ANNA:localhost", true},
    {chat_place_person, "@anna", false},
    {chat_place_person, "@:example.com", false},
    {chat_place_person, "@anna:", false},
    {chat_place_person, "anna:example.com", false},
    {chat_place_person, "@anna:example.com\n", false},
    {chat_place_person, "@ann a:example.com", false},
    {chat_place_person, "@\xd0\xb0nna:example.com", false},
    {chat_place_person, "@anna:ex\xd0\xb0mple.com", false},
    {chat_place_person, "#anna:example.com", false},
    {chat_place_person, "", false},
};

static void places_have_names(void **state)
{
	char local[300];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (places[i].is(places[i].text) != places[i].good)
			fail_msg("'%s' is%s good", places[i].text,
			    places[i].good ? " not" : "");
	memset(local, 'a', sizeof(local));
	memcpy(local + 251, ":b.c", 5);
	local[0] = '@';
	assert_true(chat_place_person(local));
	local[0] = '#';
	assert_true(chat_place_room(local));
	memcpy(local + 252, ":b.c", 5);
	assert_false(chat_place_room(local));
	local[0] = '@';
	assert_false(chat_place_person(local));
}

static void on_say(
    const char *file, unsigned line, const char *text, void *context)
{
	struct buf *out = context;

	(void)file;
	buf_addf(out, "%u: %s\n", line, text);
}

static size_t warnings(const char *text, struct buf *out)
{
	struct config *c = load(text);
	const struct lint lint = {.say = on_say, .context = out};
	size_t n = lint_config(c, &lint);

	config_unref(c);
	return n;
}

static void strange_ones_are_told(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 65536);
	assert_int_equal(warnings(good, &out), 0);
	assert_int_equal(warnings(strange, &out), 4);
	assert_non_null(strstr(out.data, "15: nobody is asked in chat 'team'"));
	assert_non_null(strstr(
	    out.data, "15: nothing goes into the digests of chat 'team'"));
	assert_non_null(strstr(out.data,
	    "11: reviewer 'anna' is asked only where nothing is heard"));
	assert_non_null(strstr(out.data, "11: reviewer 'anna' has capitals in "
					 "'@Anna:example.com'"));
	buf_release(&out);
}

/* Requests of Slack need a port; the command line's socket is none. */
static void a_door_is_missed(void **state)
{
	struct config *c = load(strange);
	struct buf out;
	struct lint lint = {.say = on_say, .context = &out};

	(void)state;
	buf_init(&out, 65536);
	c->http_address = NULL;
	assert_int_equal(lint_config(c, &lint), 5);
	assert_non_null(
	    strstr(out.data, "15: no answer reaches chat 'team' by TCP"));
	config_unref(c);
	buf_release(&out);
}

static const char sentences[] =
    "Chat 'team': what waits is shown in channel C0123ABCD of Slack to anna "
    "(T0123ABCD/U0456EFGH), ben (T0123ABCD/W0456EFGH), gathered every 30 min, "
    "and at once from severity critical on; only they can answer, by Socket "
    "Mode.\n"
    "Chat 'room': what waits is shown in !abc:example.com at "
    "http://[::1]:8008 to anna (@anna:example.com), each draft at once, and "
    "gathered when more than 5 come together; only they can answer, there.\n"
    "Chat 'bell': what waits is shown by an incoming webhook of Slack to ben, "
    "gathered at 09:00 and 13:30, and at once from severity high on; answers "
    "come by mail.\n"
    "Chat 'bridge': what waits is shown by a webhook of a Matrix bridge to "
    "anna (@anna:example.com), each draft at once, and gathered when more than "
    "5 come together; only they can answer, there.\n";

static void they_are_told_in_words(void **state)
{
	struct config *c = load(good);
	struct buf out;

	(void)state;
	buf_init(&out, 65536);
	sentence_chat(c, &out);
	assert_string_equal(out.data, sentences);
	config_unref(c);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(chats_are_read),
	    cmocka_unit_test(what_is_left_out_is_sensible),
	    cmocka_unit_test(who_hears),
	    cmocka_unit_test(places_have_names),
	    cmocka_unit_test(strange_ones_are_told),
	    cmocka_unit_test(a_door_is_missed),
	    cmocka_unit_test(they_are_told_in_words),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
