/*
 * Tests of the forms that Slack's buttons open: each within the published
 * limits, what is filled in is read as it was meant, a text in many inputs
 * joins again byte for byte, and what is damaged is no answer.
 *
 * With the name of a folder as argument it writes the forms there.
 */
#include "chat/slack/slack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blockkit.h"
#include "sample.h"
#include "util/mem.h"

#define REMOTE "1700000000.000100"

static const char *folder;
static struct config_reviewer anna = {.name = "anna"};

static void save(const char *name, const char *text)
{
	char *path;
	FILE *file;

	if (folder == NULL)
		return;
	path = mem_printf("%s/form-%s.json", folder, name);
	file = fopen(path, "w");
	free(path);
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* A form for that verb about a view, checked; the JSON is the caller's. */
static json_t *open_form(
    struct arena *arena, const char *verb, const struct hold_view *view)
{
	static const char *const reasons[] = {"wrong-price", "tone", NULL};
	struct slack_press press = {
	    .draft = 17, .number = 1, .code = "k7q4rm", .form = true};
	const struct slack_form form = {
	    .press = &press,
	    .remote = REMOTE,
	    .view = view,
	    .config = sample_config(),
	    .reviewer = &anna,
	    .reasons = reasons,
	};
	const char *text;

	snprintf(press.verb, sizeof(press.verb), "%s", verb);
	text = slack_form_open(arena, &form);
	save(verb, text);
	return blockkit_view(text);
}

/* As Slack sends it back when nothing was touched. */
static json_t *submit(json_t *view)
{
	json_t *values = json_object();
	const json_t *block, *element;
	size_t i;

	json_array_foreach(json_object_get(view, "blocks"), i, block)
	{
		json_t *initial;

		element = json_object_get(block, "element");
		if (element == NULL)
			continue;
		initial = json_object_get(element, "initial_value");
		json_object_set_new(values,
		    json_string_value(json_object_get(block, "block_id")),
		    json_pack("{s:{s:O, s:O}}",
			json_string_value(
			    json_object_get(element, "action_id")),
			"type", json_object_get(element, "type"), "value",
			initial == NULL ? json_null() : initial));
	}
	json_object_set_new(
	    view, "state", json_pack("{s:o}", "values", values));
	json_object_del(view, "blocks");
	return view;
}

static json_t *input_of(json_t *view, const char *block)
{
	json_t *input = json_object_get(
	    json_object_get(
		json_object_get(json_object_get(view, "state"), "values"),
		block),
	    "input");

	if (input == NULL)
		fail_msg("there is no input %s", block);
	return input;
}

static void type_into(json_t *view, const char *block, const char *text)
{
	json_object_set_new(input_of(view, block), "value", json_string(text));
}

static void choose(json_t *view, const char *value)
{
	json_object_set_new(input_of(view, "choice"), "selected_option",
	    json_pack("{s:s}", "value", value));
}

static struct slack_filled read_form(struct arena *arena, json_t *view)
{
	struct slack_filled filled;

	assert_true(slack_form_read(arena, view, &filled));
	assert_string_equal(filled.remote, REMOTE);
	assert_int_equal(filled.press.draft, 17);
	assert_int_equal(filled.press.number, 1);
	assert_string_equal(filled.code, "k7q4rm");
	assert_true(filled.press.form);
	return filled;
}

/* ---- words and menus -------------------------------------------------------
 */

static void test_drop(void **state)
{
	struct arena *arena = arena_new();
	json_t *view = submit(open_form(arena, "drop", sample_view(arena)));
	struct slack_filled filled = read_form(arena, view);

	(void)state;
	assert_string_equal(filled.verb, "drop");
	assert_null(filled.error);
	assert_null(filled.category);
	assert_null(filled.text);
	choose(view, "wrong-price");
	type_into(view, "text", "  it is 80 EUR\n");
	filled = read_form(arena, view);
	assert_string_equal(filled.category, "wrong-price");
	assert_string_equal(filled.text, "it is 80 EUR");
	assert_string_equal(filled.block, "text");
	choose(view, "-");
	filled = read_form(arena, view);
	assert_null(filled.category);
	json_decref(view);
	arena_free(arena);
}

static void test_words(void **state)
{
	static const char *const verbs[] = {"ask", "revise", "approve"};
	struct arena *arena = arena_new();
	struct slack_filled filled;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		json_t *view =
		    submit(open_form(arena, verbs[i], sample_view(arena)));

		filled = read_form(arena, view);
		assert_string_equal(filled.verb, verbs[i]);
		assert_non_null(filled.error);
		assert_string_equal(filled.block, "text");
		type_into(view, "text", " \n\t ");
		assert_non_null(read_form(arena, view).error);
		type_into(view, "text", "<!channel> why?");
		filled = read_form(arena, view);
		assert_null(filled.error);
		assert_string_equal(filled.text, "<!channel> why?");
		json_decref(view);
	}
	arena_free(arena);
}

static void test_menus(void **state)
{
	struct arena *arena = arena_new();
	json_t *view = submit(open_form(arena, "snooze", sample_view(arena)));
	struct slack_filled filled = read_form(arena, view);

	(void)state;
	assert_string_equal(filled.error, "Choose one.");
	assert_string_equal(filled.block, "choice");
	choose(view, "2h");
	filled = read_form(arena, view);
	assert_null(filled.error);
	assert_string_equal(filled.text, "2h");
	json_decref(view);

	view = open_form(arena, "delegate", sample_view(arena));
	/* not to oneself */
	assert_int_equal(json_array_size(json_object_get(
			     blockkit_element(view, "input"), "options")),
	    2);
	submit(view);
	choose(view, "bob");
	filled = read_form(arena, view);
	assert_string_equal(filled.text, "bob");
	json_decref(view);
	arena_free(arena);
}

static void test_unknown(void **state)
{
	struct arena *arena = arena_new();
	json_t *view = open_form(arena, "shred", sample_view(arena));
	struct config alone = *sample_config();
	const struct slack_press press = {.draft = 17,
	    .number = 1,
	    .code = "k7q4rm",
	    .form = true,
	    .verb = "delegate"};
	const struct slack_form form = {
	    .press = &press,
	    .remote = REMOTE,
	    .view = sample_view(arena),
	    .config = &alone,
	    .reviewer = &alone.reviewers[0],
	};
	struct slack_filled filled;

	(void)state;
	alone.n_reviewers = 1;
	assert_null(json_object_get(view, "callback_id"));
	assert_false(slack_form_read(arena, view, &filled));
	json_decref(view);
	/* of the time when there were others */
	view = blockkit_view(slack_form_open(arena, &form));
	assert_null(json_object_get(view, "callback_id"));
	json_decref(view);
	view = blockkit_view(
	    slack_form_note(arena, "A title that is far too long for it",
		"<!channel> \xe2\x80\xae"
		"x"));
	json_decref(view);
	arena_free(arena);
}

/* ---- edits ------------------------------------------------------------------
 */

/* The text in inputs, and joined again with a sign of the last one changed. */
static void check_edit(const char *text)
{
	struct arena *arena = arena_new();
	struct hold_view *draft = sample_view(arena);
	struct slack_filled filled;
	json_t *view, *values;
	char *changed;
	const char *last;

	sample_text(draft, text);
	view = submit(open_form(arena, "edit", draft));
	filled = read_form(arena, view);
	/* not touched: nothing to save */
	assert_string_equal(filled.error, "Nothing was changed.");
	assert_null(filled.text);
	assert_null(filled.subject);

	type_into(view, "subject", "Another subject");
	filled = read_form(arena, view);
	assert_null(filled.error);
	assert_null(filled.text);
	assert_string_equal(filled.subject, "Another subject");

	values = json_object_get(json_object_get(view, "state"), "values");
	last = arena_printf(arena, "text%zu", json_object_size(values) - 2);
	changed = mem_printf("%s!",
	    json_string_value(json_object_get(input_of(view, last), "value")));
	type_into(view, last, changed);
	free(changed);
	filled = read_form(arena, view);
	if (filled.text == NULL || strlen(filled.text) != strlen(text) + 1)
		fail_msg(
		    "%zu bytes of %zu", strlen(filled.text), strlen(text) + 1);
	changed = mem_printf("%s", filled.text);
	/* the one sign apart it is the same */
	memmove(strrchr(changed, '!'), strrchr(changed, '!') + 1,
	    strlen(strrchr(changed, '!')));
	assert_string_equal(changed, text);
	free(changed);
	json_decref(view);
	arena_free(arena);
}

static void test_edit(void **state)
{
	static const char *const kinds[] = {"a line of words\n",
	    "a\n\n\n  b   c\t\n", "word ", "x", "<!channel> &amp; \"\\ ",
	    "\xe6\x97\xa5\xe6\x9c\xac", "\xf0\x9f\x8e\x89", "12:30:45 \n "};
	static const size_t sizes[] = {1, 1999, 2000, 2001, 5000, 55000};
	size_t i, j, n, size;
	char *text;

	(void)state;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++) {
			text = mem_zalloc(sizes[j] + 64);
			n = strlen(kinds[i]);
			for (size = 0; size < sizes[j]; size += n)
				memcpy(text + size, kinds[i], n);
			check_edit(text);
			free(text);
		}
	check_edit("\n\n leading and trailing \n\n");
	check_edit("no line end");
}

static void test_emptied(void **state)
{
	struct arena *arena = arena_new();
	struct hold_view *draft = sample_view(arena);
	char *text = mem_zalloc(5801);
	struct slack_filled filled;
	json_t *view;

	(void)state;
	memset(text, 'a', 5800);
	text[1900] = text[3900] = '\n';
	sample_text(draft, text);
	view = submit(open_form(arena, "edit", draft));
	type_into(view, "text1", "");
	filled = read_form(arena, view);
	assert_null(filled.error);
	/* its line end goes with it */
	assert_int_equal(strlen(filled.text), 1900 + 1 + 1899);
	type_into(view, "text0", "");
	type_into(view, "text2", " \n");
	filled = read_form(arena, view);
	assert_non_null(filled.error);
	assert_string_equal(filled.block, "text0");
	json_decref(view);
	free(text);
	arena_free(arena);
}

/* Slack writes some pictures as words. */
static void test_signs(void **state)
{
	struct arena *arena = arena_new();
	struct hold_view *draft = sample_view(arena);
	json_t *view;

	(void)state;
	sample_text(draft, "Well done \xf0\x9f\x8e\x89, at 12:30:45, :ok: so");
	view = submit(open_form(arena, "edit", draft));
	type_into(view, "text0", "Well done :tada:, at 12:30:45, :ok: so");
	assert_non_null(read_form(arena, view).error);
	type_into(view, "text0", "Well done, at 12:30:45, :ok: so");
	assert_null(read_form(arena, view).error);
	json_decref(view);
	arena_free(arena);
}

/* What cannot be edited there says where it can. */
static void test_refused(void **state)
{
	struct arena *arena = arena_new();
	struct hold_view *draft = sample_view(arena);
	char *text = mem_zalloc(200001);
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		json_t *view;
		char *words;

		memset(text, 'a', 200000);
		sample_text(draft, i == 0 ? text : "short");
		if (i == 1)
			draft->reading->text_total += 1;
		if (i == 2)
			sample_text(draft, "hidden \xe2\x80\x8b sign");
		if (i == 3) { /* more blanks than private_metadata takes */
			memset(text, '\n', 200000);
			text[0] = text[4000] = 'x';
			text[4001] = '\0';
			sample_text(draft, text);
		}
		view = open_form(arena, "edit", draft);
		words = blockkit_words(view);
		assert_null(json_object_get(view, "submit"));
		assert_non_null(strstr(words, "imprimatur edit 17"));
		free(words);
		json_decref(view);
	}
	free(text);
	arena_free(arena);
}

/* ---- damage -----------------------------------------------------------------
 */

#define META(p) "{\"p\":\"" p "\",\"m\":\"1.2\"}"

static void test_damaged(void **state)
{
	static const struct {
		const char *id, *meta, *values;
	} rows[] = {
	    {"other", META("17.1.k7q4rm.form.ask"), "{}"},
	    {NULL, META("17.1.k7q4rm.form.ask"), "{}"},
	    {SLACK_FORM, NULL, "{}"},
	    {SLACK_FORM, "", "{}"},
	    {SLACK_FORM, "[]", "{}"},
	    {SLACK_FORM, "{", "{}"},
	    {SLACK_FORM, "{\"p\":17,\"m\":\"1.2\"}", "{}"},
	    {SLACK_FORM, "{\"p\":\"17.1.k7q4rm.form.ask\"}", "{}"},
	    {SLACK_FORM, "{\"p\":\"17.1.k7q4rm.form.ask\",\"m\":{}}", "{}"},
	    {SLACK_FORM, META("17.1.k7q4rm.form"), "{}"},
	    {SLACK_FORM, META("17.1.k7q4rm.form.shred"), "{}"},
	    {SLACK_FORM, META("17.1.k7q4rm.form.ask"), "{}"},
	    {SLACK_FORM, META("17.1.k7q4rm.form.ask"), "[]"},
	    {SLACK_FORM, META("17.1.k7q4rm.form.ask"), "{\"text\":7}"},
	    {SLACK_FORM, META("17.1.k7q4rm.form.ask"),
		"{\"text\":{\"input\":\"x\"}}"},
	    {SLACK_FORM, META("17.1.k7q4rm.form.edit"), "{}"},
	    {SLACK_FORM, META("17.1.k7q4rm.form.edit"),
		"{\"subject\":{\"input\":{\"value\":\"x\"}}}"},
	    {SLACK_FORM,
		"{\"p\":\"17.1.k7q4rm.form.edit\",\"m\":\"1.2\",\"b\":[1,2]}",
		"{\"subject\":{\"input\":{\"value\":\"x\"}},"
		"\"text0\":{\"input\":{\"value\":\"x\"}}}"},
	    {SLACK_FORM,
		"{\"p\":\"17.1.k7q4rm.form.edit\",\"m\":\"1.2\",\"b\":[\"\"]}",
		"{\"subject\":{\"input\":{\"value\":\"x\"}},"
		"\"text0\":{\"input\":{\"value\":\"x\"}}}"},
	};
	struct arena *arena = arena_new();
	struct slack_filled filled;
	json_t *view;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		view = json_pack("{s:s*, s:s*, s:{s:o}}", "callback_id",
		    rows[i].id, "private_metadata", rows[i].meta, "state",
		    "values", json_loads(rows[i].values, 0, NULL));
		assert_non_null(view);
		if (slack_form_read(arena, view, &filled))
			fail_msg("taken: %zu", i);
		json_decref(view);
	}
	assert_false(slack_form_read(arena, NULL, &filled));
	view = json_string("x");
	assert_false(slack_form_read(arena, view, &filled));
	json_decref(view);
	arena_free(arena);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_drop),
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_menus),
	    cmocka_unit_test(test_unknown),
	    cmocka_unit_test(test_edit),
	    cmocka_unit_test(test_emptied),
	    cmocka_unit_test(test_signs),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_damaged),
	};

	folder = argc > 1 ? argv[1] : NULL;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
