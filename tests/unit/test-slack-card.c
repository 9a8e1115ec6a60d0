/*
 * Tests of what Slack is shown: every kind of prompt within the published
 * limits, all of the draft's words and none of them alive, which buttons there
 * are and what pressing one says, digests, and webhooks.
 *
 * With the name of a folder as argument it writes the messages there.
 */
#include "chat/slack/slack.h"
#include "chat/slack/slack_card.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blockkit.h"
#include "review/notice.h"
#include "sample.h"
#include "util/mem.h"

#define TEXT_MOST ((size_t)64 * 1024)

static const char *folder;

static struct config_reviewer anna = {
    .name = "anna", .slack = "T0123456789/U0ANNA00001"};
static struct config_reviewer bob = {
    .name = "bob", .slack = "T0123456789/W0BOB000001"};
static struct config_reviewer carol = {.name = "carol"};

struct shown {
	struct arena *arena;
	struct card card;
	struct chat_card chat;
	struct chat_content content;
};

static void save(const char *name, const char *text)
{
	char *path;
	FILE *file;

	if (folder == NULL || name == NULL)
		return;
	path = mem_printf("%s/%s.json", folder, name);
	file = fopen(path, "w");
	free(path);
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void fill(struct shown *s, enum hold_prompt_kind kind,
    struct hold_view *view, struct arena *arena)
{
	static const struct config_reviewer *const asked[] = {
	    &anna, &bob, &carol, NULL};
	const struct card_request request = {
	    .kind = kind,
	    .view = view,
	    .config = sample_config(),
	    .now_ms = SAMPLE_NOON + 600000,
	    .text_most = TEXT_MOST,
	};

	s->arena = arena;
	card_make(arena, &request, &s->card);
	s->chat = (struct chat_card){
	    .card = &s->card,
	    .view = view,
	    .kind = kind,
	    .subject = notice_subject(arena, view, "high: "),
	    .asked = asked,
	};
}

static void show(struct shown *s, enum hold_prompt_kind kind,
    struct hold_view *view, struct arena *arena)
{
	fill(s, kind, view, arena);
	slack_card(NULL, arena, &s->chat, &s->content);
}

/* Check all messages; the words of them together: free(). */
static char *words_of(const struct chat_content *content, const char *name)
{
	json_t *json = blockkit_message(content->main);
	char *all = blockkit_words(json_object_get(json, "blocks")), *more,
	     *sum;
	size_t i;

	json_decref(json);
	assert_null(strstr(content->main, "[review]"));
	save(name, content->main);
	if (content->first != NULL)
		json_decref(blockkit_message(content->first));
	for (i = 0; i < content->n_parts; i++) {
		json = blockkit_message(content->parts[i]);
		/* which part it is stands above it */
		json_array_remove(json_object_get(json, "blocks"), 0);
		more = blockkit_words(json_object_get(json, "blocks"));
		sum = mem_printf("%s%s", all, more);
		free(all);
		free(more);
		all = sum;
		json_decref(json);
	}
	return all;
}

static void has(const char *words, const char *wanted)
{
	if (strstr(words, wanted) == NULL)
		fail_msg("it does not say \"%s\":\n%s", wanted, words);
}

static void lacks(const char *words, const char *unwanted)
{
	if (strstr(words, unwanted) != NULL)
		fail_msg("it says \"%s\":\n%s", unwanted, words);
}

/* ---- every kind -----------------------------------------------------------
 */

static void test_plain(void **state)
{
	struct arena *arena = arena_new();
	struct shown s;
	char *words;

	(void)state;
	show(&s, HOLD_PROMPT_DECIDE, sample_view(arena), arena);
	assert_null(s.content.first);
	assert_int_equal(s.content.n_parts, 0);
	words = words_of(&s.content, "plain");
	has(words, "May this mail leave?");
	has(words, "For <@U0ANNA00001>, <@W0BOB000001>\n");
	has(words, "Goes to  max@customer.example\n");
	has(words, "Dear Max,\n\nthank you for writing.");
	has(words, "Eva, Corp Support");
	has(words, "approve k7q4rm");
	has(words, "Draft 17, revision 1, code k7q4rm.");
	free(words);
	arena_free(arena);
}

static void test_kinds(void **state)
{
	static const char *const names[] = {
	    NULL, "decide", "doubt", "failed", "outcome", "after", "remind"};
	enum hold_prompt_kind kind;

	(void)state;
	for (kind = HOLD_PROMPT_DECIDE; kind <= HOLD_PROMPT_REMIND; kind++) {
		struct arena *arena = arena_new();
		struct shown s;

		show(&s, kind, sample_routed(arena), arena);
		free(words_of(&s.content, names[kind]));
		show(&s, kind, sample_edited(arena), arena);
		free(words_of(&s.content, NULL));
		show(&s, kind, sample_hostile(arena), arena);
		free(words_of(&s.content, NULL));
		arena_free(arena);
	}
}

static void test_edited(void **state)
{
	struct arena *arena = arena_new();
	struct shown s;
	char *words;

	(void)state;
	show(&s, HOLD_PROMPT_DECIDE, sample_edited(arena), arena);
	words = words_of(&s.content, "edited");
	has(words, "What anna changed");
	has(words, "89.90");
	has(words, "+ ");
	has(words, "The whole new text");
	free(words);
	arena_free(arena);
}

static void test_over(void **state)
{
	struct arena *arena = arena_new();
	struct shown s;
	char *words;

	(void)state;
	fill(&s, HOLD_PROMPT_DECIDE, sample_hostile(arena), arena);
	s.chat.outcome = "Dropped by <!channel> in slack at 14:03.";
	s.chat.n = 3;
	slack_card(NULL, arena, &s.chat, &s.content);
	assert_null(s.content.first);
	lacks(s.content.main, "action_id");
	words = words_of(&s.content, "over");
	has(words, "3. Dropped by <!channel> in slack at 14:03.");
	lacks(words, "<@U");
	free(words);
	arena_free(arena);
}

/* ---- hostile drafts --------------------------------------------------------
 */

static const char *const hostile[] = {
    "<!channel> <!here> <!everyone> <@U0ANNA00001> <#C1|x>",
    "<https://evil.example|https://bank.example> http://evil.example",
    "*bold* _it_ ~no~ `code` ```block``` > quote",
    ":tada: :skull: &lt;!channel&gt; &amp;",
    "approve k7q4rm\n\n\"},{\"type\":\"button\"}",
    "\xe2\x80\xae"
    "desrever \xe2\x81\xa6 \xe2\x80\x8bx\xef\xbb\xbf",
    "\xff\xfe\xc0\xaf broken \xed\xa0\x80 bytes",
    "",
    "\n\n\n\n\n\n\n\n\n",
};

static void test_hostile(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		struct arena *arena = arena_new();
		struct hold_view *view = sample_view(arena);
		struct shown s;
		char *words;

		sample_text(view, hostile[i]);
		view->reading->subject = hostile[i];
		view->reading->from = hostile[i];
		view->reason = hostile[i];
		view->agent = hostile[i];
		view->reading->context.why = hostile[i];
		view->recipients[0].address = hostile[i];
		view->severity = SEVERITY_CRITICAL;
		show(&s, HOLD_PROMPT_DECIDE, view, arena);
		words = words_of(&s.content, NULL);
		if (i < 4)
			has(words, hostile[i]);
		free(words);
		arena_free(arena);
	}
}

static void test_hostile_picture(void **state)
{
	struct arena *arena = arena_new();
	struct shown s;

	(void)state;
	show(&s, HOLD_PROMPT_DECIDE, sample_hostile(arena), arena);
	free(words_of(&s.content, "hostile"));
	arena_free(arena);
}

/* ---- long drafts -----------------------------------------------------------
 */

/* What is shown of a text, line ends apart: those at the edge of a message go.
 */
static char *squeezed(const char *s)
{
	char *out = mem_zalloc(strlen(s) + 1);
	size_t n = 0;

	for (; *s != '\0'; s++)
		if (*s != '\n' && *s != ' ')
			out[n++] = *s;
	return out;
}

static void check_whole(const char *text)
{
	struct arena *arena = arena_new();
	struct hold_view *view = sample_view(arena);
	struct shown s;
	char *words, *all, *wanted;

	sample_text(view, text);
	show(&s, HOLD_PROMPT_DECIDE, view, arena);
	assert_non_null(s.content.first);
	lacks(s.content.first, SLACK_ACTION);
	has(s.content.main, SLACK_ACTION "approve");
	words = words_of(&s.content, "long");
	has(words, "It goes on in the thread");
	/* the foot of the first stands between its part of the text and the
	 * rest: look for the pieces */
	all = squeezed(words);
	wanted = squeezed(text + strlen(text) / 2);
	wanted[strlen(wanted) < 4000 ? strlen(wanted) : 4000] = '\0';
	has(all, wanted);
	free(wanted);
	wanted = squeezed(text + strlen(text) - 2000);
	has(all, wanted);
	free(wanted);
	free(all);
	free(words);
	arena_free(arena);
}

static char *repeated(const char *what, size_t size)
{
	char *text = mem_zalloc(size + 1);
	size_t i, n = strlen(what);

	for (i = 0; i + n <= size; i += n)
		memcpy(text + i, what, n);
	return text;
}

static void test_long(void **state)
{
	static const char *const kinds[] = {"word and word, a line\n",
	    "<&>\"\\", "x", "\xe6\x97\xa5\xe6\x9c\xac", "\xf0\x9f\x8e\x89 ",
	    "\xff", "\n \t"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		char *text = repeated(kinds[i], 60000);
		struct arena *arena = arena_new();
		struct hold_view *view = sample_view(arena);
		struct shown s;

		sample_text(view, text);
		view->reading->subject = text;
		view->reading->to = text;
		view->reason = text;
		view->agent = text;
		view->reading->context.why = text;
		view->reading->context.sources = text;
		show(&s, HOLD_PROMPT_DECIDE, view, arena);
		free(words_of(&s.content, NULL));
		arena_free(arena);
		free(text);
	}
}

static void test_long_whole(void **state)
{
	char *text = mem_zalloc(60001);
	size_t i, n = 0;

	(void)state;
	for (i = 0; n < 59900; i++)
		n += (size_t)snprintf(text + n, 60001 - n,
		    "Line %zu of many: %s\n", i, i % 7 == 0 ? "" : "words");
	check_whole(text);
	free(text);
}

static void test_many_recipients(void **state)
{
	struct arena *arena = arena_new();
	struct hold_view *view = sample_routed(arena);
	struct shown s;
	char *words;

	(void)state;
	sample_recipients(arena, view, 900);
	show(&s, HOLD_PROMPT_DECIDE, view, arena);
	assert_true(s.content.n_parts > 1);
	words = words_of(&s.content, NULL);
	has(words, "The other recipients");
	has(words, "person897@corp.example");
	has(words, "person898@customer.example");
	free(words);
	arena_free(arena);
}

/* ---- buttons ---------------------------------------------------------------
 */

static void check_button(
    const json_t *message, const char *action, const char *verb, bool form)
{
	const json_t *element = blockkit_element(message, action);
	struct slack_press press;

	if (element == NULL)
		fail_msg("no button %s", action);
	assert_true(slack_press_read(
	    json_string_value(json_object_get(element, "value")), &press));
	assert_int_equal(press.draft, 17);
	assert_int_equal(press.number, 1);
	assert_string_equal(press.code, "k7q4rm");
	assert_string_equal(press.verb, verb);
	assert_int_equal(press.form, form);
}

static void test_buttons(void **state)
{
	struct arena *arena = arena_new();
	struct hold_view *view = sample_view(arena);
	const json_t *element;
	struct shown s;
	json_t *json;

	(void)state;
	show(&s, HOLD_PROMPT_DECIDE, view, arena);
	json = blockkit_message(s.content.main);
	check_button(json, SLACK_ACTION "approve", "approve", false);
	check_button(json, SLACK_ACTION "drop", "drop", true);
	check_button(json, SLACK_ACTION "edit", "edit", true);
	check_button(json, SLACK_ACTION "ask", "ask", true);
	check_button(json, SLACK_ACTION "snooze", "snooze", true);
	element = blockkit_element(json, SLACK_ACTION "approve");
	assert_null(json_object_get(element, "confirm"));
	element = blockkit_element(json, SLACK_ACTION "more");
	assert_int_equal(
	    json_array_size(json_object_get(element, "options")), 3);
	json_decref(json);

	view->severity = SEVERITY_HIGH;
	show(&s, HOLD_PROMPT_DECIDE, view, arena);
	json = blockkit_message(s.content.main);
	element = blockkit_element(json, SLACK_ACTION "approve");
	assert_non_null(json_object_get(element, "confirm"));
	json_decref(json);

	/* one that wants a reason opens a form */
	view->needs_reason = true;
	show(&s, HOLD_PROMPT_DECIDE, view, arena);
	json = blockkit_message(s.content.main);
	check_button(json, SLACK_ACTION "approve", "approve", true);
	json_decref(json);

	show(&s, HOLD_PROMPT_DOUBT, view, arena);
	json = blockkit_message(s.content.main);
	check_button(json, SLACK_ACTION "drop", "drop", false);
	json_decref(json);

	/* what is cut cannot be approved there */
	view->reading->text_total += 100;
	show(&s, HOLD_PROMPT_DECIDE, view, arena);
	json = blockkit_message(s.content.main);
	assert_null(blockkit_element(json, SLACK_ACTION "approve"));
	json_decref(json);
	arena_free(arena);
}

static void test_press(void **state)
{
	static const char *const bad[] = {"", "17", "17.", "17.1",
	    "17.1.k7q4rm", "17.1.k7q4rm.do", "17.1.k7q4rm.do.",
	    "0.1.k7q4rm.do.approve", "-1.1.k7q4rm.do.approve",
	    "17.0.k7q4rm.do.approve", "017.1.k7q4rm.do.approve",
	    "17.1.k7q4r.do.approve", "17.1.k7q4rmm.do.approve",
	    "17.1.k7q4r1.do.approve", "17.1.k7q4rm.did.approve",
	    "17.1.k7q4rm.do.Approve", "17.1.k7q4rm.do.approve.",
	    "17.1.k7q4rm.do.approve x", "17.1.k7q4rm.do.approveapproveapprove",
	    " 17.1.k7q4rm.do.approve",
	    "99999999999999999999.1.k7q4rm.do.approve",
	    "17.4294967296.k7q4rm.do.approve", "17.1..do.approve",
	    "17.1.k7q4rm..approve", "17.1.k7q4rm.form.",
	    "17.1.<!ch>.do.approve"};
	struct arena *arena = arena_new();
	struct slack_press press, again;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (slack_press_read(bad[i], &press))
			fail_msg("taken: %s", bad[i]);
	assert_false(slack_press_read(NULL, &press));
	assert_true(slack_press_read(
	    "9223372036854775807.4294967295.K7Q4RM.form.revise", &press));
	assert_true(slack_press_read(slack_press_write(arena, &press), &again));
	assert_int_equal(again.draft, INT64_MAX);
	assert_int_equal(again.number, UINT32_MAX);
	assert_string_equal(again.code, "K7Q4RM");
	assert_string_equal(again.verb, "revise");
	assert_true(again.form);
	arena_free(arena);
}

/* ---- digests, text, webhooks -----------------------------------------------
 */

static void test_digest(void **state)
{
	static const struct config_reviewer *const asked[] = {&anna, NULL};
	struct chat_digest_item items[CHAT_DIGEST_MOST];
	struct chat_digest digest = {3, items, asked};
	struct arena *arena = arena_new();
	const char *made;
	char *long_word = repeated("<&>", 900), *words;
	json_t *json;
	size_t i;

	(void)state;
	for (i = 0; i < CHAT_DIGEST_MOST; i++)
		items[i] = (struct chat_digest_item){.n = (unsigned)i + 1,
		    .draft = 100 + (int64_t)i,
		    .subject = i == 1 ? "<!channel> & co" : "Your order",
		    .agent = "support-bot",
		    .severity = i == 0 ? SEVERITY_HIGH : SEVERITY_LOW,
		    .outcome = i == 2 ? "Approved by anna." : NULL};
	made = slack_digest(NULL, arena, &digest);
	save("digest", made);
	json = blockkit_message(made);
	words = blockkit_words(json);
	has(words, "2 drafts wait for a decision");
	has(words, "high: Your order (draft 100, agent support-bot)");
	has(words, "<!channel> & co");
	has(words, "Approved by anna.");
	free(words);
	json_decref(json);

	for (i = 0; i < CHAT_DIGEST_MOST; i++) {
		items[i].subject = items[i].agent = long_word;
		items[i].outcome = i % 2 == 0 ? long_word : NULL;
	}
	digest.n = CHAT_DIGEST_MOST;
	json_decref(blockkit_message(slack_digest(NULL, arena, &digest)));
	for (i = 0; i < CHAT_DIGEST_MOST; i++)
		items[i].outcome = long_word;
	json = blockkit_message(slack_digest(NULL, arena, &digest));
	words = blockkit_words(json);
	lacks(words, "<@U0ANNA00001>");
	free(words);
	json_decref(json);
	free(long_word);
	arena_free(arena);
}

static void test_text(void **state)
{
	struct arena *arena = arena_new();
	char *long_text = repeated("<!channel> ", 60000);
	json_t *json;

	(void)state;
	json = blockkit_message(
	    slack_plain(NULL, arena, "Why <!here> & there?", &anna));
	assert_string_equal(json_string_value(json_object_get(json, "text")),
	    "<@U0ANNA00001> Why &lt;!here&gt; &amp; there?");
	json_decref(json);
	json = blockkit_message(slack_plain(NULL, arena, "Done.", &carol));
	assert_string_equal(
	    json_string_value(json_object_get(json, "text")), "Done.");
	json_decref(json);
	json_decref(
	    blockkit_message(slack_plain(NULL, arena, long_text, NULL)));
	free(long_text);
	arena_free(arena);
}

static void test_webhook(void **state)
{
	static const char *const reply_to[] = {
	    "d+abcdef@review.corp.example", NULL, NULL};
	struct arena *arena = arena_new();
	char *text = repeated("Dear <!channel>, hello\n", 40000), *words;
	struct shown s;

	(void)state;
	fill(&s, HOLD_PROMPT_DECIDE, sample_hostile(arena), arena);
	s.chat.reply_to = reply_to;
	webhook_kind.card(NULL, arena, &s.chat, &s.content);
	words = words_of(&s.content, "webhook");
	has(words, "anna: <mailto:d+abcdef@review.corp.example?subject=Re%3A");
	has(words, "&amp;body=approve%20k7q4rm|Approve>");
	has(words, "&amp;body=drop|Drop>");
	lacks(words, "bob: ");
	lacks(s.content.main, "action_id");
	free(words);

	s.chat.reply_to = NULL;
	webhook_kind.card(NULL, arena, &s.chat, &s.content);
	words = words_of(&s.content, NULL);
	has(words, "Decide it on the command line");
	free(words);

	sample_text((struct hold_view *)(uintptr_t)s.chat.view, text);
	fill(&s, HOLD_PROMPT_DECIDE, (struct hold_view *)(uintptr_t)s.chat.view,
	    arena);
	s.chat.reply_to = reply_to;
	webhook_kind.card(NULL, arena, &s.chat, &s.content);
	assert_true(s.content.n_parts > 2);
	lacks(s.content.parts[0], "mailto:");
	has(s.content.main, "mailto:");
	free(words_of(&s.content, NULL));
	free(text);
	arena_free(arena);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_plain),
	    cmocka_unit_test(test_kinds),
	    cmocka_unit_test(test_edited),
	    cmocka_unit_test(test_over),
	    cmocka_unit_test(test_hostile),
	    cmocka_unit_test(test_hostile_picture),
	    cmocka_unit_test(test_long),
	    cmocka_unit_test(test_long_whole),
	    cmocka_unit_test(test_many_recipients),
	    cmocka_unit_test(test_buttons),
	    cmocka_unit_test(test_press),
	    cmocka_unit_test(test_digest),
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_webhook),
	};

	folder = argc > 1 ? argv[1] : NULL;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
