/*
 * Tests of what Slack tells: payloads of every sort, of others, damaged in
 * every place; texts as they were typed; signatures, and their memory.
 */
#include "chat/slack/slack_event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/slack/slack_sign.h"

#include "util/digest.h"
#include "util/mem.h"

static const struct slack_event_ours ours = {"T1", "C1", "U9"};

/* JSON with ' for ". */
static json_t *json_of(const char *text)
{
	char *copy = mem_strdup(text), *s;
	json_error_t why;
	json_t *json;

	for (s = copy; *s != '\0'; s++)
		if (*s == '\'')
			*s = '"';
	json = json_loads(copy, JSON_REJECT_DUPLICATES, &why);
	if (json == NULL)
		print_message("%s\n%s\n", why.text, copy);
	assert_non_null(json);
	free(copy);
	return json;
}

#define PRESSED_BY(user, team)                                                 \
	"{'type':'block_actions','api_app_id':'A1','token':'x'," team          \
	"'user':" user ",'trigger_id':'13.37.abc'," MESSAGE ACTION "}"
#define MESSAGE                                                                \
	"'container':{'type':'message','message_ts':'1700000000.000100',"      \
	"'channel_id':'C1','is_ephemeral':false},'channel':{'id':'C1'},"
#define ACTION                                                                 \
	"'actions':[{'type':'button','action_id':'imp-approve',"               \
	"'block_id':'b','value':'17.2.K7Q4RM.do.approve',"                     \
	"'action_ts':'1700000009.123456'}]"
#define ANNA  "{'id':'U2','username':'anna','name':'anna','team_id':'T1'}"
#define TEAM  "'team':{'id':'T1','domain':'x'},"
#define PRESS PRESSED_BY(ANNA, TEAM)

#define FILLED(meta, state)                                                    \
	"{'type':'view_submission'," TEAM "'user':" ANNA                       \
	",'view':{'id':'V1','type':'modal','callback_id':'imp-form',"          \
	"'private_metadata':'" meta "','state':{'values':{" state              \
	"}},'hash':'1.x'}}"
#define META                                                                   \
	"{\\'m\\':\\'1700000000.000100\\',"                                    \
	"\\'p\\':\\'17.2.K7Q4RM.form.ask\\',\\'c\\':\\'C1\\'}"
#define STATE "'text':{'input':{'type':'plain_text_input','value':'Why now?'}}"
#define FORM  FILLED(META, STATE)

#define TOLD(event)                                                            \
	"{'type':'event_callback','team_id':'T1','api_app_id':'A1',"           \
	"'event_id':'Ev1','event_time':1700000010,'event':" event "}"
#define REPLY                                                                  \
	TOLD("{'type':'message','channel':'C1','channel_type':'group',"        \
	     "'user':'U2','team':'T1','text':'approve','client_msg_id':'x',"   \
	     "'ts':'1700000010.000200','thread_ts':'1700000000.000100'}")
#define CHANGED                                                                \
	TOLD("{'type':'message','subtype':'message_changed','channel':'C1',"   \
	     "'hidden':true,'ts':'1700000020.000300','message':{"              \
	     "'type':'message','user':'U2','team':'T1','text':'approve',"      \
	     "'edited':{'user':'U2','ts':'1700000020.000000'},"                \
	     "'ts':'1700000010.000200','thread_ts':'1700000000.000100'},"      \
	     "'previous_message':{'user':'U2','text':'no','ts':"               \
	     "'1700000010.000200'}}")

static struct arena *arena;

static void read_text(const char *text, struct slack_event *event)
{
	json_t *json = json_of(text);

	slack_event_read(arena, &ours, json, event);
	json_decref(json);
}

/* text with the first that is from in it made to. */
static char *with(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);

	assert_non_null(at);
	return arena_printf(
	    arena, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static int setup(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void test_press(void **state)
{
	struct slack_event event;

	(void)state;
	read_text(PRESS, &event);
	assert_int_equal(event.kind, SLACK_EVENT_PRESS);
	assert_string_equal(event.person, "T1/U2");
	assert_string_equal(event.remote, "1700000000.000100");
	assert_string_equal(event.once, "slack.T1/U2.1700000009.123456");
	assert_string_equal(event.trigger, "13.37.abc");
	assert_int_equal(event.press.draft, 17);
	assert_int_equal(event.press.number, 2);
	assert_string_equal(event.press.code, "K7Q4RM");
	assert_string_equal(event.press.verb, "approve");
	assert_false(event.press.form);

	/* of the menu behind the buttons; another app's button stands before */
	read_text(with(PRESS, ACTION,
		      "'actions':[{'action_id':'other','value':'x'},{'type':"
		      "'overflow','action_id':'imp-more','action_ts':'2.3',"
		      "'selected_option':{'text':{},'value':"
		      "'17.2.K7Q4RM.form.delegate'}}]"),
	    &event);
	assert_int_equal(event.kind, SLACK_EVENT_PRESS);
	assert_string_equal(event.press.verb, "delegate");
	assert_true(event.press.form);

	/* without its own team, who presses is of the team where it was */
	read_text(PRESSED_BY("{'id':'U2'}", TEAM), &event);
	assert_string_equal(event.person, "T1/U2");
}

/* Whose word it is: E3. */
static void test_strangers(void **state)
{
	static const struct {
		const char *payload, *person; /* NULL: it is not heard */
	} rows[] = {
	    /* a partner's member, in a channel that is shared */
	    {PRESSED_BY("{'id':'U2','team_id':'T7'}", TEAM), "T7/U2"},
	    /* one of ours, where it is shared to */
	    {PRESSED_BY("{'id':'U2','team_id':'T1'}", "'team':{'id':'T7'},"),
		"T1/U2"},
	    {PRESSED_BY("{'id':'U2','team_id':'T1'}",
		 "'team':null,'enterprise':{'id':'E1'},"),
		"T1/U2"},
	    /* another workspace that has the app */
	    {PRESSED_BY("{'id':'U2','team_id':'T7'}", "'team':{'id':'T7'},"),
		NULL},
	    {PRESSED_BY("{'id':'U2'}", "'team':{'id':'T7'},"), NULL},
	    {PRESSED_BY("{'id':'U2'}", "'team':null,"), NULL},
	    /* a name is no id, and an id no list */
	    {PRESSED_BY("{'name':'U2','team_id':'T1'}", TEAM), NULL},
	    {PRESSED_BY("{'id':'anna','team_id':'T1'}", TEAM), NULL},
	    {PRESSED_BY("{'id':'','team_id':'T1'}", TEAM), NULL},
	    {PRESSED_BY("{'id':'U2/U3','team_id':'T1'}", TEAM), NULL},
	    {PRESSED_BY("{'id':['U2'],'team_id':'T1'}", TEAM), NULL},
	    {PRESSED_BY("{'id':'U2','team_id':'T1/U2'}", TEAM), NULL},
	    {PRESSED_BY("'U2'", TEAM), NULL},
	};
	struct slack_event event;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		read_text(rows[i].payload, &event);
		if (rows[i].person == NULL) {
			assert_int_equal(event.kind, SLACK_EVENT_OTHER);
			assert_non_null(event.why);
			continue;
		}
		assert_int_equal(event.kind, SLACK_EVENT_PRESS);
		assert_string_equal(event.person, rows[i].person);
	}
}

static void test_not_ours(void **state)
{
	static const struct {
		const char *of, *from, *to;
		bool elsewhere;
	} rows[] = {
	    {PRESS, "'channel_id':'C1'", "'channel_id':'C2'", true},
	    {PRESS, "'type':'message'", "'type':'view'", true},
	    {PRESS, "imp-approve", "approve", false},
	    {PRESS, "17.2.", "017.2.", false},
	    {PRESS, "17.2.K7Q4RM.do.approve", "", false},
	    {PRESS, "'1700000009.123456'", "'now'", false},
	    {PRESS, "'1700000009.123456'", "'1700000009.'", false},
	    {PRESS, "'1700000000.000100'", "'1700000000.000100 '", false},
	    {PRESS, "block_actions", "block_suggestion", false},
	    {FORM, "imp-form", "imp-other", false},
	    {FORM, "\\'C1\\'", "\\'C2\\'", true},
	    {FORM, "1700000000.000100", "C1", false},
	    {FORM, "'id':'V1'", "'id':''", false},
	    {FORM, "view_submission", "view_closed", false},
	    {FORM, "'private_metadata':'", "'private_metadata':'x", false},
	    {REPLY, "'type':'message'", "'type':'app_mention'", false},
	    {REPLY, "'channel':'C1'", "'channel':'D1'", true},
	    {REPLY, "'user':'U2'", "'user':'U9'", false},
	    {REPLY, "'user':'U2'", "'user':'U2','bot_id':'B9'", false},
	    {REPLY, "'user':'U2'", "'user':'U2','bot_id':'B1'", false},
	    {REPLY, "'user':'U2',", "", false},
	    {REPLY, "'text':'approve'", "'text':''", false},
	    {REPLY, ",'thread_ts':'1700000000.000100'", "", false},
	    {REPLY, "000100", "0001000000000000000000000", false},
	    {REPLY, "'1700000000.000100'", "'1700000010.000200'", false},
	    {REPLY, "'team':", "'subtype':'message_deleted','team':", false},
	    {REPLY, "'team':", "'subtype':'me_message','team':", false},
	    {REPLY, "'team':", "'subtype':'bot_message','team':", false},
	    {REPLY, "'team':", "'subtype':'file_share','team':", false},
	    {REPLY, "'team':", "'subtype':'channel_join','team':", false},
	    {CHANGED, "'text':'no'", "'text':'approve'", false},
	    {CHANGED, "'text':'no'", "'text':'approve\\n\\nmore'", false},
	    {CHANGED, "'edited':", "'unedited':", false},
	    {CHANGED, "'message':{", "'message':{'bot_id':'B9',", false},
	    {CHANGED, "'user':'U2'", "'user':'U9'", false},
	    {CHANGED, "'channel':'C1'", "'channel':'C2'", true},
	};
	struct slack_event event;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		read_text(with(rows[i].of, rows[i].from, rows[i].to), &event);
		if (event.kind != SLACK_EVENT_OTHER ||
		    event.elsewhere != rows[i].elsewhere)
			print_message("row %zu: %d\n", i, (int)event.kind);
		assert_int_equal(event.kind, SLACK_EVENT_OTHER);
		assert_non_null(event.why);
		assert_int_equal(event.elsewhere, rows[i].elsewhere);
	}
}

static void test_reply(void **state)
{
	struct slack_event event, again;

	(void)state;
	read_text(REPLY, &event);
	assert_int_equal(event.kind, SLACK_EVENT_REPLY);
	assert_string_equal(event.person, "T1/U2");
	assert_string_equal(event.remote, "1700000000.000100");
	assert_string_equal(event.words, "approve");
	assert_string_equal(event.once, "slack.T1.C1.1700000010.000200");
	/* the same message, told as another event */
	read_text(with(with(REPLY, "'Ev1'", "'Ev2'"),
		      "'team':", "'subtype':'thread_broadcast','team':"),
	    &again);
	assert_int_equal(again.kind, SLACK_EVENT_REPLY);
	assert_string_equal(again.once, event.once);
	/* a partner's member */
	read_text(with(REPLY, "'team':'T1'", "'team':'T7'"), &event);
	assert_string_equal(event.person, "T7/U2");
	read_text(
	    with(REPLY, "'team':'T1'", "'user_team':'T7','team':'T1'"), &event);
	assert_string_equal(event.person, "T7/U2");
	read_text(with(REPLY, "'team':'T1',", ""), &event);
	assert_string_equal(event.person, "T1/U2");
}

static void test_changed(void **state)
{
	struct slack_event event;

	(void)state;
	read_text(CHANGED, &event);
	assert_int_equal(event.kind, SLACK_EVENT_CHANGED);
	assert_string_equal(event.person, "T1/U2");
	assert_string_equal(event.remote, "1700000000.000100");
}

static void test_form(void **state)
{
	struct slack_event event, other;

	(void)state;
	read_text(FORM, &event);
	assert_int_equal(event.kind, SLACK_EVENT_FORM);
	assert_string_equal(event.person, "T1/U2");
	assert_string_equal(event.remote, "1700000000.000100");
	assert_int_equal(event.press.draft, 17);
	assert_string_equal(event.filled.verb, "ask");
	assert_string_equal(event.filled.code, "K7Q4RM");
	assert_string_equal(event.filled.text, "Why now?");
	/* sent again it is the same answer; with other words another */
	read_text(FORM, &other);
	assert_string_equal(event.once, other.once);
	read_text(with(FORM, "Why now?", "Why not?"), &other);
	assert_string_not_equal(event.once, other.once);
	read_text(with(FORM, "'V1'", "'V2'"), &other);
	assert_string_not_equal(event.once, other.once);
	/* one that had no room to say its channel */
	read_text(with(FORM, ",\\'c\\':\\'C1\\'", ""), &other);
	assert_int_equal(other.kind, SLACK_EVENT_FORM);
}

static void test_form_channel(void **state)
{
	json_t *form, *meta;

	(void)state;
	form = slack_event_form(
	    "{\"type\":\"modal\",\"private_metadata\":\"{\\\"m\\\":1}\"}",
	    "C7");
	meta = json_loads(
	    json_string_value(json_object_get(form, "private_metadata")), 0,
	    NULL);
	assert_string_equal(
	    json_string_value(json_object_get(meta, "c")), "C7");
	assert_int_equal(json_integer_value(json_object_get(meta, "m")), 1);
	json_decref(meta);
	json_decref(form);
	form = slack_event_form("{\"type\":\"modal\"}", "C7");
	assert_null(json_object_get(form, "private_metadata"));
	json_decref(form);
}

/* ---- damage ---------------------------------------------------------------
 */

static json_t *const *strange(size_t *n)
{
	static json_t *values[12];
	static char long_text[200001];

	*n = sizeof(values) / sizeof(values[0]);
	if (values[0] != NULL)
		return values;
	memset(long_text, 'A', sizeof(long_text) - 1);
	values[0] = json_null();
	values[1] = json_true();
	values[2] = json_integer(INT64_MAX);
	values[3] = json_real(1e300);
	values[4] = json_string("");
	values[5] = json_string(long_text);
	values[6] = json_array();
	values[7] = json_pack("[[[[s]]]]", "x");
	values[8] = json_object();
	values[9] = json_pack("{s:{s:s}}", "id", "id", "U2");
	values[10] = json_string("<@U2|x> &amp;&lt;<!here><https://x|y><|><>");
	values[11] = json_string("\xe2\x80\xae.1");
	return values;
}

static unsigned n_tried;

/* It is read, whatever it is; and whoever is heard is who Slack named. */
static void try_out(const json_t *payload)
{
	struct arena *own = arena_new();
	struct slack_event event;

	slack_event_read(own, &ours, payload, &event);
	if (event.kind == SLACK_EVENT_OTHER) {
		assert_non_null(event.why);
	} else {
		assert_string_equal(event.person, "T1/U2");
		assert_non_null(event.once);
		assert_true(strlen(event.once) < 200);
	}
	arena_free(own);
	n_tried++;
}

/* Put each strange value in each place, one at a time; and leave each out. */
static void damage(json_t *root, json_t *at)
{
	size_t n, i, k;
	json_t *const *values = strange(&n);
	const char *key;
	json_t *keys = json_array(), *value;

	if (json_is_object(at))
		json_object_foreach(at, key, value)
		    json_array_append_new(keys, json_string(key));
	for (i = 0; i < json_array_size(keys); i++) {
		key = json_string_value(json_array_get(keys, i));
		value = json_incref(json_object_get(at, key));
		damage(root, value);
		for (k = 0; k < n; k++) {
			json_object_set(at, key, values[k]);
			try_out(root);
		}
		json_object_del(at, key);
		try_out(root);
		json_object_set_new(at, key, value);
	}
	json_decref(keys);
	for (i = 0; json_is_array(at) && i < json_array_size(at); i++) {
		value = json_incref(json_array_get(at, i));
		damage(root, value);
		for (k = 0; k < n; k++) {
			json_array_set(at, i, values[k]);
			try_out(root);
		}
		json_array_set_new(at, i, value);
	}
}

static void test_damaged(void **state)
{
	static const char *const payloads[] = {PRESS, FORM, REPLY, CHANGED};
	size_t n, i;
	json_t *const *values = strange(&n);
	json_t *json;

	(void)state;
	for (i = 0; i < n; i++)
		try_out(values[i]);
	try_out(NULL);
	for (i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
		json = json_of(payloads[i]);
		damage(json, json);
		json_decref(json);
	}
	print_message("%u payloads\n", n_tried);
	assert_true(n_tried > 700);
}

/* ---- text -----------------------------------------------------------------
 */

static void test_text(void **state)
{
	static const char *const rows[][2] = {
	    {"approve", "approve"},
	    {"a &amp; b &lt;c&gt;", "a & b <c>"},
	    {"&amp;lt;b&amp;gt;", "&lt;b&gt;"},
	    {"&quot; & &amp", "&quot; & &amp"},
	    {"see <https://a.example/x?a=1&amp;b=2>",
		"see https://a.example/x?a=1&b=2"},
	    {"<http://a.example|a.example>", "a.example"},
	    {"<mailto:o@a.example|o@a.example>", "o@a.example"},
	    {"<mailto:o@a.example>", "o@a.example"},
	    {"<https://a.example|our page>", "our page (https://a.example)"},
	    {"<https://a.example|>", "https://a.example"},
	    {"<@U2> <@U2|anna> <#C1|general> <#C2>", "@U2 @anna #general #C2"},
	    {"<!here> <!channel> <!subteam^S1|@team>", "@here @channel @team"},
	    {"edit\nDear <x", "edit\nDear <x"},
	    {"<> <|> <@> <!>", "<>  @ @"},
	    {"a > b", "a > b"},
	    {"", ""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(
		    slack_event_text(arena, rows[i][0]), rows[i][1]);
}

/* What was typed as a picture is one in the words, too. */
static void test_pictures(void **state)
{
	static const char *const rows[][3] = {
	    {"hi :tada:!", "{'type':'emoji','name':'tada','unicode':'1f389'}",
		"hi \xf0\x9f\x8e\x89!"},
	    {":wave::skin-tone-2: :x: :x:",
		"{'type':'emoji','name':'wave','unicode':'1f44b-1f3fb',"
		"'skin_tone':2},{'type':'text','text':' '},"
		"{'type':'emoji','name':'x','unicode':'274c'}",
		"\xf0\x9f\x91\x8b\xf0\x9f\x8f\xbb \xe2\x9d\x8c :x:"},
	    {":one:",
		"{'type':'emoji','name':'one','unicode':'0031-fe0f-20e3'}",
		"1\xef\xb8\x8f\xe2\x83\xa3"},
	    /* one of their own, one that is not there, and nonsense */
	    {":ours:", "{'type':'emoji','name':'ours'}", ":ours:"},
	    {"none", "{'type':'emoji','name':'tada','unicode':'1f389'}",
		"none"},
	    {":a:", "{'type':'emoji','name':'a','unicode':'1f389-'}", ":a:"},
	    {":a:", "{'type':'emoji','name':'a','unicode':''}", ":a:"},
	    {":a:", "{'type':'emoji','name':'a','unicode':'0'}", ":a:"},
	    {":a:", "{'type':'emoji','name':'a','unicode':'d800'}", ":a:"},
	    {":a:", "{'type':'emoji','name':'a','unicode':'110000'}", ":a:"},
	    {":a:", "{'type':'emoji','name':'a','unicode':' 1f389'}", ":a:"},
	    {":a:", "{'type':'emoji','name':'a','unicode':7}", ":a:"},
	    {":a:",
		"7,[],null,{'elements':7},{'type':'emoji','name':'a',"
		"'unicode':'e9'}",
		"\xc3\xa9"},
	    {":a::skin-tone-", "{'type':'emoji','name':'a','unicode':'e9'}",
		"\xc3\xa9:skin-tone-"},
	};
	struct slack_event event;
	char *blocks;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		blocks = arena_printf(arena,
		    "'text':'%s','blocks':[{'type':'rich_text','elements':[{"
		    "'type':'rich_text_section','elements':[%s]}]}],",
		    rows[i][0], rows[i][1]);
		read_text(with(REPLY, "'text':'approve',", blocks), &event);
		assert_int_equal(event.kind, SLACK_EVENT_REPLY);
		assert_string_equal(event.words, rows[i][2]);
	}
	read_text(with(REPLY, "'text'", "'blocks':7,'text'"), &event);
	assert_string_equal(event.words, "approve");
}

/* ---- signatures -----------------------------------------------------------
 */

/* The example that Slack's own documents have. */
#define SECRET "8f742231b10e8888abcd99yyyzzz85a5"
#define STAMP  "1531420618"
#define SIGNED                                                                 \
	"v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
#define BODY                                                                   \
	"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain="        \
	"testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id="        \
	"U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="      \
	"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%"  \
	"2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015."   \
	"47445629121.803a0bc887a14d10d2c447fce8b6703c"
#define NOW_MS (INT64_C(1531420618) * 1000)

static const char *wrong(const char *secret, const char *stamp,
    const char *sign, const char *body, int64_t now_ms)
{
	return slack_sign_wrong(
	    secret, stamp, sign, (struct span){body, strlen(body)}, now_ms);
}

static void test_sign(void **state)
{
	static const struct {
		const char *secret, *stamp, *sign, *body;
		int64_t apart_s;
		const char *why; /* NULL: it is right */
	} rows[] = {
	    {SECRET, STAMP, SIGNED, BODY, 0, NULL},
	    {SECRET, STAMP, SIGNED, BODY, 300, NULL},
	    {SECRET, STAMP, SIGNED, BODY, -300, NULL},
	    {SECRET, STAMP, SIGNED, BODY, 301, "5 min"},
	    {SECRET, STAMP, SIGNED, BODY, -301, "5 min"},
	    {NULL, STAMP, SIGNED, BODY, 0, "no signing secret"},
	    {"", STAMP, SIGNED, BODY, 0, "no signing secret"},
	    {SECRET, NULL, SIGNED, BODY, 0, "one signature"},
	    {SECRET, STAMP, NULL, BODY, 0, "one signature"},
	    {SECRET, "", SIGNED, BODY, 0, "no number"},
	    {SECRET, "+" STAMP, SIGNED, BODY, 0, "no number"},
	    {SECRET, "-1", SIGNED, BODY, 0, "no number"},
	    {SECRET, STAMP "x", SIGNED, BODY, 0, "no number"},
	    {SECRET, "99999999999999999999999", SIGNED, BODY, 0, "no number"},
	    {SECRET, "0" STAMP, SIGNED, BODY, 0, "not right"},
	    {SECRET, STAMP, "", BODY, 0, "version 0"},
	    {SECRET, STAMP, "v0=", BODY, 0, "version 0"},
	    {SECRET, STAMP, SIGNED "0", BODY, 0, "version 0"},
	    {SECRET, STAMP, SIGNED, "", 0, "not right"},
	    {SECRET, STAMP, SIGNED, BODY " ", 0, "not right"},
	    {SECRET "0", STAMP, SIGNED, BODY, 0, "not right"},
	};
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		why = wrong(rows[i].secret, rows[i].stamp, rows[i].sign,
		    rows[i].body, NOW_MS + rows[i].apart_s * 1000);
		if (rows[i].why == NULL) {
			assert_null(why);
		} else {
			assert_non_null(why);
			assert_non_null(strstr(why, rows[i].why));
		}
	}
}

/* A thousand forgeries, each of which differs in one place. */
static void test_forged(void **state)
{
	char sign[] = SIGNED, stamp[] = STAMP, body[] = BODY, *at;
	unsigned i, n = 0;
	char was;

	(void)state;
	for (i = 0; n < 1000; i++) {
		at = i % 3 == 0	  ? &sign[i / 3 % (sizeof(sign) - 1)]
		     : i % 3 == 1 ? &body[i / 3 % (sizeof(body) - 1)]
				  : &stamp[i / 3 % (sizeof(stamp) - 1)];
		was = *at;
		*at = (char)(i % 2 == 0 ? was ^ (char)(1u << i / 7 % 7)
					: (char)(was + 1 + (char)(i % 9)));
		if (*at == '\0' || *at == was) {
			*at = was;
			continue;
		}
		assert_non_null(wrong(SECRET, stamp, sign, body, NOW_MS));
		*at = was;
		n++;
	}
	/* the hash in capitals is another text */
	for (i = 3; i < sizeof(sign) - 1; i++)
		if (sign[i] >= 'a')
			sign[i] = (char)(sign[i] - 32);
	assert_non_null(wrong(SECRET, stamp, sign, body, NOW_MS));
	assert_null(wrong(SECRET, stamp, SIGNED, body, NOW_MS));
}

static void test_seen(void **state)
{
	struct slack_seen *seen = slack_seen_new();
	char name[20];
	unsigned i;

	(void)state;
	assert_true(slack_seen_add(seen, "a", 1000));
	assert_false(slack_seen_add(seen, "a", 1000));
	assert_false(slack_seen_add(seen, "a", 600000));
	assert_true(slack_seen_add(seen, "b", 600000));
	slack_seen_forget(seen, "b");
	assert_true(slack_seen_add(seen, "b", 600001));
	assert_false(slack_seen_add(seen, "b", 600002));
	/* ten minutes later no signature of then is right */
	assert_true(slack_seen_add(seen, "a", 601000));
	/* the first moments of a machine */
	assert_true(slack_seen_add(seen, "z", 0));
	assert_false(slack_seen_add(seen, "z", 0));
	/* many: the last thousands are known */
	for (i = 0; i < 10000; i++) {
		snprintf(name, sizeof(name), "%u", i);
		assert_true(slack_seen_add(seen, name, 700000));
	}
	for (i = 6000; i < 10000; i++) {
		snprintf(name, sizeof(name), "%u", i);
		assert_false(slack_seen_add(seen, name, 700000));
	}
	slack_seen_free(seen);
	slack_seen_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_press, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_strangers, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_not_ours, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_reply, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_changed, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_form, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_form_channel, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_damaged, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_text, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_pictures, setup, teardown),
	    cmocka_unit_test(test_sign),
	    cmocka_unit_test(test_forged),
	    cmocka_unit_test(test_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
