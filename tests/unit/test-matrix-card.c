/*
 * Tests of what is shown in a room of Matrix: all of a draft, in messages that
 * are not too large; only tags of ours, whatever the draft says; nobody is
 * called but who is asked.
 */
#include "chat/matrix/matrix.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/matrix/matrix_page.h"
#include "chat/matrix/matrix_text.h"
#include "review/text.h"
#include "sample.h"

/* ---- the room ------------------------------------------------------------ */

static const char *const ids[] = {"@anna:corp.example", "@bob/x:corp.example"};
static const struct config_chat place = {
    .name = "room", .kind = CONFIG_CHAT_MATRIX};
static const struct chat room = {.config = &place};

static int give_accounts(void **state)
{
	(void)state;
	sample_config()->reviewers[0].matrix = ids[0];
	sample_config()->reviewers[1].matrix = ids[1];
	return 0; /* carol has none */
}

/* ---- helpers ------------------------------------------------------------- */

struct shown {
	struct arena *arena;
	struct card card;
	struct chat_content content;
};

/* Whom all cards here ask. */
static const struct config_reviewer *const *asked(void)
{
	static const struct config_reviewer *list[4];

	list[0] = &sample_config()->reviewers[0];
	list[1] = &sample_config()->reviewers[1];
	list[2] = &sample_config()->reviewers[2]; /* has no account */
	return list;
}

static void show_card(struct shown *s, const struct hold_view *view,
    enum hold_prompt_kind kind, struct chat_card *card)
{
	const struct card_request request = {
	    .kind = kind,
	    .view = view,
	    .config = sample_config(),
	    .reviewer = &sample_config()->reviewers[0],
	    .now_ms = SAMPLE_NOON,
	    .text_most = 1024 * 1024,
	};

	card_make(s->arena, &request, &s->card);
	card->card = &s->card;
	card->view = view;
	card->kind = kind;
	card->asked = asked();
	matrix_card(&room, s->arena, card, &s->content);
}

static void show(
    struct shown *s, const struct hold_view *view, enum hold_prompt_kind kind)
{
	struct chat_card card = {.n = 0};

	show_card(s, view, kind, &card);
}

/* A member of a content, in the arena. */
static const char *member(
    struct arena *arena, const char *content, const char *name)
{
	json_error_t error;
	json_t *json = json_loads(content, JSON_ALLOW_NUL, &error);
	const char *value;

	assert_non_null(json);
	assert_non_null(json_object_get(json, name));
	value =
	    arena_strdup(arena, json_string_value(json_object_get(json, name)));
	json_decref(json);
	return value;
}

static const char *html_of(struct arena *arena, const char *content)
{
	return member(arena, content, "formatted_body");
}

static void assert_in(const char *haystack, const char *needle)
{
	if (strstr(haystack, needle) == NULL)
		fail_msg("no \"%s\" in: %s", needle,
		    strlen(haystack) > 900 ? haystack + strlen(haystack) - 900
					   : haystack);
}

static void assert_not_in(const char *haystack, const char *needle)
{
	if (strstr(haystack, needle) != NULL)
		fail_msg("\"%s\" in: %s", needle, haystack);
}

/* ---- every message, whatever is in it -------------------------------------
 */

/* Tags that are ours, each closed in order; no attribute but a link of ours. */
static void check_tags(const char *html)
{
	static const char *const known[] = {"p", "strong", "em", "ul", "li",
	    "blockquote", "code", "del", "a", "br"};
	size_t open[64], n = 0, i, len;
	const char *at = html, *end;
	bool closing;

	while ((at = strchr(at, '<')) != NULL) {
		end = strchr(at, '>');
		assert_non_null(end);
		closing = at[1] == '/';
		at += closing ? 2 : 1;
		len = strcspn(at, " >");
		for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			if (strlen(known[i]) == len &&
			    strncmp(known[i], at, len) == 0)
				break;
		if (i == sizeof(known) / sizeof(known[0]))
			fail_msg("tag %.20s in: %s", at, html);
		if (at[len] == ' ')
			assert_true(
			    strncmp(at + len, " href=\"https://matrix.to/#/@",
				28) == 0 ||
			    strncmp(at + len, " href=\"mailto:d-", 16) == 0);
		at = end + 1;
		if (strcmp(known[i], "br") == 0)
			continue;
		if (!closing) {
			assert_true(n < 64);
			open[n++] = i;
		} else {
			assert_true(n > 0 && open[n - 1] == i);
			n--;
		}
	}
	assert_int_equal(n, 0);
}

/* Nothing that moves, hides or ends what stands around it. */
static void check_clean(const char *s)
{
	struct span rest = text_span(s);
	uint32_t point;
	size_t n;

	while (rest.len > 0) {
		n = text_point(rest, &point);
		if (point == 0xfffd)
			assert_memory_equal(rest.data, "\xef\xbf\xbd", 3);
		rest.data += n;
		rest.len -= n;
	}
}

static void check_mentions(const json_t *mentions, bool may)
{
	const json_t *users = json_object_get(mentions, "user_ids"), *user;
	size_t i;

	assert_true(json_is_object(mentions));
	assert_null(json_object_get(mentions, "room"));
	assert_int_equal(json_object_size(mentions), users == NULL ? 0 : 1);
	assert_true(users == NULL || may);
	json_array_foreach(users, i, user)
	{
		const char *id = json_string_value(user);

		assert_true(strcmp(id, ids[0]) == 0 || strcmp(id, ids[1]) == 0);
	}
}

static void check(const char *content, bool mentions)
{
	json_error_t error;
	json_t *json = json_loads(content, 0, &error);
	const char *body, *html;

	assert_non_null(json);
	assert_true(strlen(content) <= MATRIX_PAGE_MOST + 1000);
	assert_int_equal(json_object_size(json), 5);
	body = json_string_value(json_object_get(json, "body"));
	html = json_string_value(json_object_get(json, "formatted_body"));
	assert_non_null(body);
	assert_non_null(html);
	assert_string_equal(json_string_value(json_object_get(json, "format")),
	    "org.matrix.custom.html");
	check_tags(html);
	check_clean(html);
	check_clean(body);
	assert_null(strcasestr(body, "@room"));
	check_mentions(json_object_get(json, "m.mentions"), mentions);
	json_decref(json);
}

static void check_all(const struct chat_content *content)
{
	size_t i;

	check(content->main, true);
	if (content->n_parts > 0)
		check(content->first, true);
	else
		assert_null(content->first);
	for (i = 0; i < content->n_parts; i++)
		check(content->parts[i], false);
}

/* What the quotes of a message say, appended: as a person reads them. */
static void add_quoted(struct buf *out, const char *html)
{
	static const struct {
		const char *entity;
		const char *c;
	} entities[] = {{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"},
	    {"&quot;", "\""}, {"&#39;", "'"}, {"<br>", "\n"},
	    {"\xc2\xa0", " "}};
	const char *end;
	size_t i;

	while ((html = strstr(html, "<blockquote>")) != NULL) {
		html += strlen("<blockquote>");
		end = strstr(html, "</blockquote>");
		assert_non_null(end);
		while (html < end) {
			for (i = 0; i < 7; i++)
				if (strncmp(html, entities[i].entity,
					strlen(entities[i].entity)) == 0)
					break;
			buf_add(out, i < 7 ? entities[i].c : html, 1);
			html += i < 7 ? strlen(entities[i].entity) : 1;
		}
	}
}

/* ---- tests -----------------------------------------------------------------
 */

static void the_plain_one_says_what_is_needed(void **state)
{
	struct shown s = {.arena = arena_new()};
	const char *html, *body;

	(void)state;
	show(&s, sample_view(s.arena), HOLD_PROMPT_DECIDE);
	check_all(&s.content);
	assert_int_equal(s.content.n_parts, 0);
	html = html_of(s.arena, s.content.main);
	body = member(s.arena, s.content.main, "body");
	assert_memory_equal(
	    html, "<p><strong>May this mail leave?</strong> (draft 17)", 50);
	assert_memory_equal(body, "May this mail leave? (draft 17)\n", 32);
	assert_in(html,
	    "<br>Asked: <a href=\"https://matrix.to/#/@anna:corp.example\">"
	    "anna</a>, <a href=\"https://matrix.to/#/@bob%2Fx:corp.example\">"
	    "bob</a>, carol</p>");
	assert_in(html, "<li><strong>Goes to:</strong> max@customer.example");
	assert_in(html, "<p><strong>The draft:</strong></p><blockquote>"
			"Dear Max,<br><br>thank you");
	assert_in(html, "React to this message: \xe2\x9c\x85 approve, "
			"\xe2\x9d\x8c drop.");
	assert_in(html, "<li><code>approve k7q4rm</code> it leaves");
	assert_in(html, "<code>drop &lt;reason&gt;</code>");
	assert_in(html, "Draft 17, revision 1, code k7q4rm.");
	assert_in(body, "\nGoes to: max@customer.example\n");
	assert_in(body, "\n| Dear Max,\n| \n| thank you");
	assert_in(s.content.main,
	    "\"m.mentions\":{\"user_ids\":[\"@anna:corp.example\",\"@bob/x:");
	arena_free(s.arena);
}

static void each_question_can_be_shown(void **state)
{
	static const enum hold_prompt_kind kinds[] = {HOLD_PROMPT_DECIDE,
	    HOLD_PROMPT_DOUBT, HOLD_PROMPT_FAILED, HOLD_PROMPT_OUTCOME,
	    HOLD_PROMPT_AFTER, HOLD_PROMPT_REMIND};
	struct hold_view *(*const views[])(struct arena *) = {
	    sample_view, sample_edited, sample_routed, sample_hostile};
	struct shown s;
	size_t i, j;

	(void)state;
	for (i = 0; i < 6; i++)
		for (j = 0; j < 4; j++) {
			s.arena = arena_new();
			show(&s, views[j](s.arena), kinds[i]);
			check_all(&s.content);
			arena_free(s.arena);
		}
}

static void reactions_are_offered_where_they_are_enough(void **state)
{
	struct shown s = {.arena = arena_new()};

	(void)state;
	/* this one wants a reason */
	show(&s, sample_routed(s.arena), HOLD_PROMPT_DECIDE);
	assert_not_in(s.content.main, "React to");
	assert_in(s.content.main, "Reply to this message.");
	assert_in(s.content.main, "because &lt;reason&gt;");
	show(&s, sample_view(s.arena), HOLD_PROMPT_AFTER);
	assert_not_in(s.content.main, "React to");
	show(&s, sample_view(s.arena), HOLD_PROMPT_DOUBT);
	assert_in(s.content.main, "React to");
	arena_free(s.arena);
}

static void an_edit_shows_what_changed(void **state)
{
	struct shown s = {.arena = arena_new()};
	const char *html;

	(void)state;
	show(&s, sample_edited(s.arena), HOLD_PROMPT_DECIDE);
	html = html_of(s.arena, s.content.main);
	assert_in(html, "<p><strong>What anna changed:</strong></p>");
	assert_in(html, "We refund the <del>89.90</del> EUR");
	assert_in(html, "We refund the <strong>98.90</strong> EUR");
	assert_in(html, "<br>+ <strong>If you would rather");
	arena_free(s.arena);
}

/* No tag, no link, no call is the draft's. */
static void a_draft_is_only_text(void **state)
{
	struct shown s = {.arena = arena_new()};
	struct hold_view *view = sample_view(s.arena);
	static const char text[] =
	    "</blockquote><h1>Approved</h1>\n"
	    "<mx-reply><blockquote>x</blockquote></mx-reply>\n"
	    "@room @ROOM hello, @anna:corp.example\n"
	    "<a href=\"javascript:alert(1)\">bank.example</a>\n"
	    "<img src=\"mxc://evil/x\"> <font color=\"#fff\">hidden</font>\n"
	    "[link](https://evil.example) **bold** `code` &lt;b&gt; &#x3c;\n"
	    "\xe2\x80\xae"
	    "evil\xe2\x80\xac \xff\xfe \x01 \x1b[2J\r\r\n"
	    "(end of the text)\nReact to this message: x\n";
	const char *html, *body;

	(void)state;
	sample_text(view, text);
	view->reading->subject = "<b>@room</b> <!channel>";
	show(&s, view, HOLD_PROMPT_DECIDE);
	check_all(&s.content);
	html = html_of(s.arena, s.content.main);
	body = member(s.arena, s.content.main, "body");
	assert_in(html, "&lt;/blockquote&gt;&lt;h1&gt;Approved");
	assert_in(html, "&lt;mx-reply&gt;");
	assert_in(html, "@room @ROOM hello");
	assert_in(html, "&lt;a href=&quot;javascript:alert(1)&quot;&gt;");
	assert_in(html, "**bold** `code` &amp;lt;b&amp;gt; &amp;#x3c;");
	assert_in(body, "| @ room @ ROOM hello, @anna:corp.example");
	assert_in(body, "\n| (end of the text)\n");
	assert_in(body, "\n(end of the text)\n");
	assert_not_in(body, "\nReact to this message: x");
	assert_not_in(html, "\x1b");
	arena_free(s.arena);
}

/* A text of so many bytes, lines of all lengths, many kinds of letters. */
static char *long_text(struct arena *arena, size_t size)
{
	static const char *const words[] = {"mail ", "<&>\"' ",
	    "\xc3\xa4\xc3\xb6\xc3\xbc ", "\xe6\x97\xa5\xe6\x9c\xac ",
	    "\xf0\x9f\x98\x80", "\n", "  two  blanks", "\n\n", "@room",
	    "longwordlongwordlongwordlongword"};
	struct buf out;
	char *text;
	unsigned dice = 1, n;

	buf_init(&out, size + 20000);
	while (out.len < size) {
		dice = dice * 1103515245u + 12345u;
		n = (dice >> 16) % 10;
		/* many empty lines would be counted */
		if (words[n][0] == '\n' && out.len > 1 &&
		    out.data[out.len - 2] == '\n')
			continue;
		buf_add_str(&out, words[n]);
		if ((dice >> 8) % 997 == 0) /* a very long line */
			for (int i = 0; i < 3000; i++)
				buf_add_str(&out, "\xe6\x97\xa5");
	}
	buf_add_str(&out, "end\n");
	text = arena_dup(arena, out.data, out.len);
	buf_release(&out);
	return text;
}

static void a_long_draft_is_shown_whole(void **state)
{
	static const size_t sizes[] = {
	    100, 5000, 6000, 8000, 9000, 20000, 60000, 65000, 300000};
	struct hold_view *view;
	struct shown s;
	struct buf read;
	char *text;
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		s.arena = arena_new();
		view = sample_view(s.arena);
		text = long_text(s.arena, sizes[i]);
		sample_text(view, text);
		show(&s, view, HOLD_PROMPT_DECIDE);
		check_all(&s.content);
		buf_init(&read, sizes[i] * 2 + 65536);
		add_quoted(&read, html_of(s.arena, s.content.main));
		for (j = 0; j < s.content.n_parts; j++) {
			/* a line that ends with its message */
			if (read.len > 0 && text[read.len] == '\n')
				buf_add_char(&read, '\n');
			add_quoted(&read, html_of(s.arena, s.content.parts[j]));
		}
		buf_add_char(&read, '\n');
		for (j = 0; read.data[j] == text[j] && text[j] != '\0'; j++)
			;
		if (read.data[j] != '\0' || text[j] != '\0')
			fail_msg(
			    "of %zu bytes at %zu: \"%.40s\", not \"%.40s\"",
			    sizes[i], j, read.data + j, text + j);
		if (s.content.n_parts > 0) {
			assert_true(s.content.n_parts <= sizes[i] / 2000);
			assert_in(s.content.first, "It is long: it follows in");
			assert_not_in(s.content.first, "React");
			assert_in(s.content.main, "The rest stands in");
			assert_in(s.content.main, "React to this message");
		}
		buf_release(&read);
		arena_free(s.arena);
	}
}

/* Whatever bytes come: tabs, rubbish, marks upon marks, one line without end.
 */
static void no_bytes_make_a_message_too_large(void **state)
{
	static const char *const units[] = {"\t", "\xff", "\"", "'", "\\", "&",
	    " ", "\xcc\x81", "\xf0\x9f\x98\x80", "\xe2\x80\xae", "\x80",
	    "\xf0\x9f", "\n.", "\n\t", "a\xcc\x81\xcc\x81", "@room"};
	struct hold_view *view;
	struct shown s;
	struct buf text;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		s.arena = arena_new();
		view = sample_view(s.arena);
		buf_init(&text, 100000);
		while (text.len < 60000)
			buf_add_str(&text, units[i]);
		sample_text(view, text.data);
		view->before = text_span("x");
		view->number = 2;
		show(&s, view, HOLD_PROMPT_DECIDE);
		check_all(&s.content);
		/* empty lines are counted, not shown */
		assert_true(
		    s.content.n_parts > 1 || strcmp(units[i], "\n\t") == 0);
		buf_release(&text);
		arena_free(s.arena);
	}
}

static void many_facts_go_on_in_parts(void **state)
{
	struct shown s = {.arena = arena_new()};
	struct hold_view *view = sample_view(s.arena);
	char *why = arena_alloc(s.arena, 60001);
	size_t i;

	(void)state;
	for (i = 0; i < 60000; i++)
		why[i] = i % 400 == 399 ? '\n' : '<';
	view->reading->context.why = why;
	view->reading->context.sources = why;
	sample_recipients(s.arena, view, 2000);
	show(&s, view, HOLD_PROMPT_DECIDE);
	check_all(&s.content);
	assert_true(s.content.n_parts > 2);
	for (i = 0; i < s.content.n_parts; i++)
		if (strstr(s.content.parts[i], "person1999@customer.example"))
			break;
	assert_true(i < s.content.n_parts);
	assert_in(s.content.main, "approve k7q4rm");
	arena_free(s.arena);
}

static void what_is_cut_cannot_be_approved(void **state)
{
	struct shown s = {.arena = arena_new()};
	struct hold_view *view = sample_view(s.arena);

	(void)state;
	view->reading->text_total = 5000000;
	show(&s, view, HOLD_PROMPT_DECIDE);
	check_all(&s.content);
	assert_not_in(s.content.main, "approve</code>");
	assert_not_in(s.content.main, "\xe2\x9c\x85");
	assert_in(s.content.main, "NOT shown here");
	assert_in(s.content.main, "it goes on, but is not shown here");
	assert_in(s.content.main, "\xe2\x9d\x8c drop.");
	arena_free(s.arena);
}

static void an_outcome_asks_nobody(void **state)
{
	struct shown s = {.arena = arena_new()};
	struct chat_card card = {
	    .outcome = "Approved by anna in slack at 14:03 <b>"};
	const char *html;

	(void)state;
	show_card(&s, sample_view(s.arena), HOLD_PROMPT_DECIDE, &card);
	check(s.content.main, false);
	html = html_of(s.arena, s.content.main);
	assert_memory_equal(html,
	    "<p><strong>Approved by anna in slack at 14:03 &lt;b&gt;</strong>",
	    64);
	assert_in(html, "Your refund for order 4711");
	assert_not_in(html, "React");
	assert_not_in(html, "<code>");
	assert_not_in(html, "Dear Max");
	assert_in(s.content.main, "\"m.mentions\":{}");
	arena_free(s.arena);
}

static void one_of_a_digest_has_its_number(void **state)
{
	struct shown s = {.arena = arena_new()};
	struct chat_card card = {.n = 3};
	const char *html;

	(void)state;
	show_card(&s, sample_view(s.arena), HOLD_PROMPT_DECIDE, &card);
	html = html_of(s.arena, s.content.main);
	assert_memory_equal(html, "<p><strong>3. May this mail leave?", 34);
	assert_in(html, "<code>3 approve k7q4rm</code>");
	arena_free(s.arena);
}

static void a_digest_lists_what_waits(void **state)
{
	struct chat_digest_item items[40];
	struct chat_digest digest = {2, items, asked()};
	struct arena *arena = arena_new();
	const char *content;
	char *subject = arena_alloc(arena, 30001);
	size_t i;

	(void)state;
	items[0] = (struct chat_digest_item){
	    1, 17, "Your <b>refund</b>", "support-bot", SEVERITY_HIGH, NULL};
	items[1] = (struct chat_digest_item){
	    4, 18, NULL, "support-bot", SEVERITY_NORMAL, "Dropped by bob."};
	content = matrix_digest(&room, arena, &digest);
	check(content, true);
	assert_in(content, "<strong>One draft waits for a decision.</strong>");
	assert_in(content, "<li><strong>1.</strong> Your &lt;b&gt;refund");
	assert_in(content, "(draft 17, support-bot, high)");
	assert_in(content, "<li><del><strong>4.</strong> (no subject)");
	assert_in(content, "</del> Dropped by bob.");
	assert_in(content, "1 approve, or 1 drop");
	assert_in(content, "\"user_ids\":[\"@anna:corp.example\"");
	items[0].outcome = "Approved by bob.";
	content = matrix_digest(&room, arena, &digest);
	check(content, false);
	assert_in(content, "Nothing here waits any more.");
	/* the longest there can be */
	memset(subject, '"', 30000);
	digest.n = 40;
	for (i = 0; i < 40; i++)
		items[i] = (struct chat_digest_item){(unsigned)i + 1, INT64_MAX,
		    subject, subject, SEVERITY_HIGH, subject};
	check(matrix_digest(&room, arena, &digest), false);
	for (i = 0; i < 40; i++)
		items[i].outcome = NULL;
	check(matrix_digest(&room, arena, &digest), true);
	memset(subject, 'x', 30000);
	content = matrix_digest(&room, arena, &digest);
	check(content, true);
	assert_in(content, "<strong>40.</strong>");
	arena_free(arena);
}

static void words_of_ours_reach_whom_they_are_for(void **state)
{
	struct arena *arena = arena_new();
	char *words = arena_alloc(arena, 100001);
	const char *content;

	(void)state;
	content = matrix_text(&room, arena, "Approved. <Draft 17>\nIt leaves.",
	    &sample_config()->reviewers[0]);
	check(content, true);
	assert_in(content, "\"msgtype\":\"m.text\"");
	assert_in(
	    content, "\"body\":\"anna: Approved. <Draft 17>\\nIt leaves.");
	assert_in(
	    content, "anna</a>: Approved. &lt;Draft 17&gt;<br>It leaves.");
	assert_in(content, "\"user_ids\":[\"@anna:corp.example\"]");
	content = matrix_text(&room, arena, "@room!", NULL);
	check(content, false);
	assert_in(content, "\"msgtype\":\"m.notice\"");
	assert_in(content, "\"body\":\"@ room!\"");
	/* carol has no account there */
	content =
	    matrix_text(&room, arena, "hello", &sample_config()->reviewers[2]);
	check(content, false);
	assert_in(content, "carol: hello");
	memset(words, '"', 100000);
	content = matrix_text(&room, arena, words, NULL);
	assert_true(strlen(content) < MATRIX_CONTENT_MAX);
	assert_non_null(html_of(arena, content));
	arena_free(arena);
}

static void blanks_stay(void **state)
{
	static const struct {
		const char *in, *out;
	} table[] = {
	    {"a b", "a b"},
	    {"a  b", "a \xc2\xa0"
		     "b"},
	    {" a", "\xc2\xa0"
		   "a"},
	    {"a\tb", "a \xc2\xa0\xc2\xa0\xc2\xa0\xc2\xa0\xc2\xa0\xc2\xa0"
		     "b"},
	    {"<i>", "&lt;i&gt;"},
	    {"\xff", "\xef\xbf\xbd"},
	    {"", ""},
	};
	struct buf out;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		buf_init(&out, 1000);
		matrix_text_add_exact(&out, text_span(table[i].in), true);
		assert_string_equal(out.data, table[i].out);
		buf_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_plain_one_says_what_is_needed),
	    cmocka_unit_test(each_question_can_be_shown),
	    cmocka_unit_test(reactions_are_offered_where_they_are_enough),
	    cmocka_unit_test(an_edit_shows_what_changed),
	    cmocka_unit_test(a_draft_is_only_text),
	    cmocka_unit_test(a_long_draft_is_shown_whole),
	    cmocka_unit_test(no_bytes_make_a_message_too_large),
	    cmocka_unit_test(many_facts_go_on_in_parts),
	    cmocka_unit_test(what_is_cut_cannot_be_approved),
	    cmocka_unit_test(an_outcome_asks_nobody),
	    cmocka_unit_test(one_of_a_digest_has_its_number),
	    cmocka_unit_test(a_digest_lists_what_waits),
	    cmocka_unit_test(words_of_ours_reach_whom_they_are_for),
	    cmocka_unit_test(blanks_stay),
	};

	return cmocka_run_group_tests(tests, give_accounts, NULL);
}
