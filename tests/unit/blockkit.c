/*
 * blockkit: the published limits of Block Kit, as assertions.
 */
#include "blockkit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKS_BYTES 12000 /* of a message; refused above some 13,200 */

/* Characters as UTF-16. */
static size_t length(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		if (((unsigned char)*s & 0xc0) != 0x80)
			n += (unsigned char)*s >= 0xf0 ? 2 : 1;
	return n;
}

static const char *text_of(const json_t *json, const char *field)
{
	const char *text = json_string_value(json_object_get(json, field));

	if (text == NULL)
		fail_msg("it has no %s", field);
	return text;
}

static bool is_type(const json_t *json, const char *type)
{
	return strcmp(text_of(json, "type"), type) == 0;
}

/* Control, bidirectional and invisible characters. */
static void check_clean(const char *s)
{
	static const char *const bad[] = {"\xe2\x80\xae", "\xe2\x80\x8b",
	    "\xe2\x81\xa6", "\xef\xbb\xbf", "\x1b", "\x7f", "\x01"};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (strstr(s, bad[i]) != NULL)
			fail_msg("a sign that hides: %s", s);
}

/* Our markup: nothing between < and > but members and mail links. */
static void check_markup(const char *s)
{
	for (s = strchr(s, '<'); s != NULL; s = strchr(s + 1, '<'))
		if (strncmp(s, "<@U", 3) != 0 && strncmp(s, "<@W", 3) != 0 &&
		    strncmp(s, "<mailto:", 8) != 0)
			fail_msg("markup that is not ours: %.40s", s);
}

static void check_plain(const json_t *text, size_t most)
{
	if (!is_type(text, "plain_text"))
		fail_msg("not plain_text");
	assert_true(json_is_false(json_object_get(text, "emoji")));
	assert_true(length(text_of(text, "text")) >= 1);
	if (length(text_of(text, "text")) > most)
		fail_msg("%zu of %zu characters: %s",
		    length(text_of(text, "text")), most, text_of(text, "text"));
	check_clean(text_of(text, "text"));
}

static void check_options(const json_t *element, size_t most)
{
	const json_t *options = json_object_get(element, "options"), *option;
	size_t i;

	assert_in_range(json_array_size(options), 1, most);
	json_array_foreach(options, i, option)
	{
		check_plain(json_object_get(option, "text"), 75);
		assert_true(length(text_of(option, "value")) <= 150);
	}
}

static void check_element(const json_t *element)
{
	const json_t *confirm = json_object_get(element, "confirm");

	assert_true(length(text_of(element, "action_id")) <= 255);
	if (is_type(element, "button")) {
		check_plain(json_object_get(element, "text"), 75);
		assert_true(length(text_of(element, "value")) <= 2000);
	} else if (is_type(element, "overflow")) {
		check_options(element, 5);
	} else if (is_type(element, "static_select")) {
		check_options(element, 100);
	} else if (is_type(element, "plain_text_input")) {
		json_int_t most =
		    json_integer_value(json_object_get(element, "max_length"));
		const char *initial = json_string_value(
		    json_object_get(element, "initial_value"));

		assert_in_range(most, 1, 3000);
		if (initial != NULL)
			assert_in_range(length(initial), 1, most);
	} else {
		fail_msg("an element: %s", text_of(element, "type"));
	}
	if (confirm == NULL)
		return;
	check_plain(json_object_get(confirm, "title"), 100);
	check_plain(json_object_get(confirm, "text"), 300);
	check_plain(json_object_get(confirm, "confirm"), 30);
	check_plain(json_object_get(confirm, "deny"), 30);
}

static void check_actions(const json_t *block)
{
	const json_t *elements = json_object_get(block, "elements"), *element,
		     *other;
	size_t i, j;

	assert_in_range(json_array_size(elements), 1, 25);
	json_array_foreach(elements, i, element)
	{
		check_element(element);
		for (j = 0; j < i; j++) {
			other = json_array_get(elements, j);
			assert_string_not_equal(text_of(element, "action_id"),
			    text_of(other, "action_id"));
		}
	}
}

static void check_rich(const json_t *block)
{
	const json_t *section, *element;
	size_t i, j;

	json_array_foreach(json_object_get(block, "elements"), i, section)
	{
		assert_true(is_type(section, "rich_text_section") ||
			    is_type(section, "rich_text_quote") ||
			    is_type(section, "rich_text_preformatted"));
		assert_true(
		    json_array_size(json_object_get(section, "elements")) > 0);
		json_array_foreach(
		    json_object_get(section, "elements"), j, element)
		{
			if (is_type(element, "text")) {
				assert_true(*text_of(element, "text") != '\0');
				check_clean(text_of(element, "text"));
			} else if (!is_type(element, "user") &&
				   !is_type(element, "emoji")) {
				fail_msg("alive: %s", text_of(element, "type"));
			}
		}
	}
}

static void check_block(const json_t *block)
{
	const json_t *text = json_object_get(block, "text");

	if (is_type(block, "header")) {
		check_plain(text, 150);
	} else if (is_type(block, "section")) {
		if (is_type(text, "mrkdwn"))
			check_markup(text_of(text, "text"));
		else
			check_plain(text, 3000);
		assert_in_range(length(text_of(text, "text")), 1, 3000);
	} else if (is_type(block, "context")) {
		assert_int_equal(
		    json_array_size(json_object_get(block, "elements")), 1);
		check_plain(
		    json_array_get(json_object_get(block, "elements"), 0),
		    2000);
	} else if (is_type(block, "actions")) {
		check_actions(block);
	} else if (is_type(block, "rich_text")) {
		check_rich(block);
	} else if (is_type(block, "input")) {
		check_plain(json_object_get(block, "label"), 2000);
		assert_true(length(text_of(block, "block_id")) <= 255);
		check_element(json_object_get(block, "element"));
	} else {
		fail_msg("a block: %s", text_of(block, "type"));
	}
}

static json_t *load(const char *text)
{
	json_error_t at;
	json_t *json = json_loads(text, 0, &at);

	if (json == NULL)
		fail_msg("no JSON: %s", at.text);
	return json;
}

json_t *blockkit_message(const char *text)
{
	json_t *json = load(text);
	const json_t *blocks = json_object_get(json, "blocks"), *block;
	size_t i, bytes = json_dumpb(blocks, NULL, 0, JSON_COMPACT);

	assert_int_equal(json_object_size(json), 2);
	assert_in_range(length(text_of(json, "text")), 1, 3000);
	check_markup(text_of(json, "text"));
	check_clean(text_of(json, "text"));
	assert_in_range(json_array_size(blocks), 1, 50);
	if (bytes > BLOCKS_BYTES)
		fail_msg("%zu bytes of blocks", bytes);
	json_array_foreach(blocks, i, block) check_block(block);
	return json;
}

json_t *blockkit_view(const char *text)
{
	json_t *json = load(text);
	const json_t *blocks = json_object_get(json, "blocks"), *block;
	size_t i;

	assert_true(is_type(json, "modal"));
	assert_true(strlen(text) < 250000);
	assert_in_range(json_array_size(blocks), 1, 100);
	check_plain(json_object_get(json, "title"), 24);
	check_plain(json_object_get(json, "close"), 24);
	if (json_object_get(json, "submit") != NULL) {
		check_plain(json_object_get(json, "submit"), 24);
		assert_in_range(
		    length(text_of(json, "private_metadata")), 1, 3000);
	}
	json_array_foreach(blocks, i, block) check_block(block);
	return json;
}

static void add_words(struct buf *out, const json_t *json)
{
	const json_t *member;
	const char *key;
	size_t i;

	if (json_is_array(json)) {
		json_array_foreach(json, i, member) add_words(out, member);
		return;
	}
	json_object_foreach((json_t *)(uintptr_t)json, key, member)
	{
		if (strcmp(key, "text") == 0 && json_is_string(member))
			buf_add_str(out, json_string_value(member));
		else if (json_is_object(member) || json_is_array(member))
			add_words(out, member);
	}
	if (json_is_string(json_object_get(json, "type")) &&
	    strncmp(text_of(json, "type"), "text", 5) != 0)
		buf_add_char(out, '\n');
}

char *blockkit_words(const json_t *json)
{
	struct buf out;

	buf_init(&out, 4 << 20);
	add_words(&out, json);
	return buf_detach(&out);
}

const json_t *blockkit_element(const json_t *json, const char *action)
{
	const json_t *member, *found;
	const char *key;
	size_t i;

	if (json_is_array(json)) {
		json_array_foreach(json, i, member)
		{
			found = blockkit_element(member, action);
			if (found != NULL)
				return found;
		}
		return NULL;
	}
	key = json_string_value(json_object_get(json, "action_id"));
	if (key != NULL && strcmp(key, action) == 0)
		return json;
	json_object_foreach((json_t *)(uintptr_t)json, key, member)
	{
		found = json_is_object(member) || json_is_array(member)
			    ? blockkit_element(member, action)
			    : NULL;
		if (found != NULL)
			return found;
	}
	return NULL;
}
