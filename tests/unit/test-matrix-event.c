/*
 * Tests of what events of a Matrix room say to us: a table of what clients
 * write, and of what somebody hostile might.
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

#include "util/mem.h"

#define SELF "@gate:hs"
#define ROOM "!r:hs"

static struct matrix_event read_event(struct arena *arena, const char *text)
{
	json_t *event = json_loads(text, JSON_ALLOW_NUL, NULL);
	struct matrix_event out;

	if (event == NULL)
		fail_msg("no JSON: %s", text);
	matrix_event_read(arena, event, SELF, ROOM, &out);
	json_decref(event);
	return out;
}

/* An event of anna's, of that type and content. */
static struct matrix_event of_anna(
    struct arena *arena, const char *type, const char *content)
{
	char *text = mem_printf("{\"type\":\"%s\",\"event_id\":\"$e\","
				"\"sender\":\"@anna:hs\",\"content\":%s}",
	    type, content);
	struct matrix_event out = read_event(arena, text);

	free(text);
	return out;
}

struct row {
	const char *content;
	enum matrix_heard what;
	const char *remote, *root, *said;
};

static void same(const char *a, const char *b, const char *of)
{
	if ((a == NULL) != (b == NULL) || (a != NULL && strcmp(a, b) != 0))
		fail_msg("\"%s\" is not \"%s\" in %s", a, b, of);
}

static void check_rows(const char *type, const struct row *rows)
{
	for (; rows->content != NULL; rows++) {
		struct arena *arena = arena_new();
		struct matrix_event e = of_anna(arena, type, rows->content);

		if (e.what != rows->what)
			fail_msg("%d: %s", (int)e.what, rows->content);
		if (e.what != MATRIX_NOTHING) {
			same(e.id, "$e", rows->content);
			same(e.sender, "@anna:hs", rows->content);
			same(e.remote, rows->remote, rows->content);
			same(e.root, rows->root, rows->content);
			same(e.what == MATRIX_VERB ? e.verb : e.words,
			    rows->said, rows->content);
		}
		arena_free(arena);
	}
}

/* ---- replies --------------------------------------------------------------
 */

#define TEXT(body) "{\"msgtype\":\"m.text\",\"body\":\"" body "\""
#define THREAD                                                                 \
	",\"m.relates_to\":{\"rel_type\":\"m.thread\",\"event_id\":\"$root\"," \
	"\"is_falling_back\":true,\"m.in_reply_to\":{\"event_id\":\"$last\"}}" \
	"}"
#define REPLY ",\"m.relates_to\":{\"m.in_reply_to\":{\"event_id\":\"$p\"}}}"

static void test_replies(void **state)
{
	static const struct row rows[] = {
	    {TEXT("approve") THREAD, MATRIX_WORDS, "$root", "$root", "approve"},
	    {TEXT("approve") REPLY, MATRIX_WORDS, "$p", NULL, "approve"},
	    /* a reply within a thread is about what it replies to */
	    {TEXT("drop") ",\"m.relates_to\":{\"rel_type\":\"m.thread\","
			  "\"event_id\":\"$root\",\"m.in_reply_to\":"
			  "{\"event_id\":\"$item\"}}}",
		MATRIX_WORDS, "$item", "$root", "drop"},
	    {TEXT("drop") ",\"m.relates_to\":{\"rel_type\":\"m.thread\","
			  "\"event_id\":\"$root\"}}",
		MATRIX_WORDS, "$root", "$root", "drop"},
	    /* the fallback of a reply is not what they say */
	    {TEXT("> <@gate:hs> Reply approve or drop\\n> approve\\n\\nask "
		  "why?") REPLY,
		MATRIX_WORDS, "$p", NULL, "ask why?"},
	    {TEXT("> <@gate:hs> x\\r\\n\\r\\napprove\\r\\n") REPLY,
		MATRIX_WORDS, "$p", NULL, "approve\r\n"},
	    {TEXT("> approve") REPLY, MATRIX_NOTHING, NULL, NULL, NULL},
	    {TEXT("> approve\\n>") REPLY, MATRIX_NOTHING, NULL, NULL, NULL},
	    {TEXT("") REPLY, MATRIX_NOTHING, NULL, NULL, NULL},
	    {TEXT("edit\\nDear Bob,\\n> you wrote\\n") THREAD, MATRIX_WORDS,
		"$root", "$root", "edit\nDear Bob,\n> you wrote\n"},
	    /* nothing hides behind a NUL */
	    {TEXT("approve\\u0000 not") THREAD, MATRIX_WORDS, "$root", "$root",
		"approve\xef\xbf\xbd not"},
	    /* to nobody */
	    {TEXT("approve") "}", MATRIX_NOTHING, NULL, NULL, NULL},
	    /* a program's */
	    {"{\"msgtype\":\"m.notice\",\"body\":\"approve\"" THREAD,
		MATRIX_NOTHING, NULL, NULL, NULL},
	    {"{\"msgtype\":\"m.emote\",\"body\":\"approve\"" THREAD,
		MATRIX_NOTHING, NULL, NULL, NULL},
	    {"{\"msgtype\":\"m.image\",\"body\":\"approve\"" THREAD,
		MATRIX_NOTHING, NULL, NULL, NULL},
	    {"{\"msgtype\":\"m.text\\u0000\",\"body\":\"approve\"" THREAD,
		MATRIX_NOTHING, NULL, NULL, NULL},
	    {NULL, MATRIX_NOTHING, NULL, NULL, NULL},
	};

	(void)state;
	check_rows("m.room.message", rows);
}

static void test_edits(void **state)
{
	static const struct row rows[] = {
	    {TEXT("* approve") ",\"m.new_content\":" TEXT(
		 "approve") "},"
			    "\"m.relates_to\":{\"rel_type\":\"m.replace\","
			    "\"event_id\":\"$old\"}}",
		MATRIX_EDITED, "$old", NULL, NULL},
	    {TEXT("approve") ",\"m.relates_to\":{\"rel_type\":\"m.replace\","
			     "\"m.in_reply_to\":{\"event_id\":\"$p\"}}}",
		MATRIX_NOTHING, NULL, NULL, NULL},
	    {TEXT("approve") ",\"m.relates_to\":{\"rel_type\":\"m.replace\","
			     "\"event_id\":\"$old\",\"m.in_reply_to\":"
			     "{\"event_id\":\"$p\"}}}",
		MATRIX_EDITED, "$old", NULL, NULL},
	    {NULL, MATRIX_NOTHING, NULL, NULL, NULL},
	};

	(void)state;
	check_rows("m.room.message", rows);
}

static void test_redactions(void **state)
{
	struct arena *arena = arena_new();
	struct matrix_event e;

	(void)state;
	e = of_anna(arena, "m.room.redaction", "{\"redacts\":\"$old\"}");
	assert_int_equal(e.what, MATRIX_REDACTED);
	assert_string_equal(e.remote, "$old");
	e = read_event(arena,
	    "{\"type\":\"m.room.redaction\",\"event_id\":\"$e\","
	    "\"sender\":\"@anna:hs\",\"redacts\":\"$old\",\"content\":{}}");
	assert_int_equal(e.what, MATRIX_REDACTED);
	assert_string_equal(e.remote, "$old");
	e = of_anna(arena, "m.room.redaction", "{\"redacts\":7}");
	assert_int_equal(e.what, MATRIX_NOTHING);
	arena_free(arena);
}

/* ---- reactions -------------------------------------------------------------
 */

#define REACT(key)                                                             \
	"{\"m.relates_to\":{\"rel_type\":\"m.annotation\",\"event_id\":"       \
	"\"$p\",\"key\":\"" key "\"}}"

static void test_reactions(void **state)
{
	static const struct row rows[] = {
	    {REACT("\xe2\x9c\x85"), MATRIX_VERB, "$p", NULL, "approve"},
	    {REACT("\xe2\x9c\x94\xef\xb8\x8f"), MATRIX_VERB, "$p", NULL,
		"approve"},
	    {REACT("\xe2\x9c\x94\xef\xb8\x8e"), MATRIX_VERB, "$p", NULL,
		"approve"},
	    {REACT("\xe2\x9d\x8c"), MATRIX_VERB, "$p", NULL, "drop"},
	    {REACT("\xf0\x9f\x97\x91\xef\xb8\x8f"), MATRIX_VERB, "$p", NULL,
		"drop"},
	    /* a thumb is a word that a house may know, whatever its skin */
	    {REACT("\xf0\x9f\x91\x8d"), MATRIX_WORDS, "$p", NULL,
		"\xf0\x9f\x91\x8d"},
	    {REACT("\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd"), MATRIX_WORDS, "$p",
		NULL, "\xf0\x9f\x91\x8d"},
	    /* more than one is none of them */
	    {REACT("\xe2\x9c\x85\xe2\x9c\x85"), MATRIX_WORDS, "$p", NULL,
		"\xe2\x9c\x85\xe2\x9c\x85"},
	    /* letters are no reaction that anybody chose to decide by */
	    {REACT("approve"), MATRIX_NOTHING, NULL, NULL, NULL},
	    {REACT("a"), MATRIX_NOTHING, NULL, NULL, NULL},
	    {REACT("\xe2\x9c\x85 approve"), MATRIX_NOTHING, NULL, NULL, NULL},
	    {REACT("\xe2\x9c\x85\\u0000"), MATRIX_NOTHING, NULL, NULL, NULL},
	    {REACT("\xef\xb8\x8f"), MATRIX_NOTHING, NULL, NULL, NULL},
	    {REACT(""), MATRIX_NOTHING, NULL, NULL, NULL},
	    {"{\"m.relates_to\":{\"rel_type\":\"m.reference\",\"event_id\":"
	     "\"$p\",\"key\":\"\xe2\x9c\x85\"}}",
		MATRIX_NOTHING, NULL, NULL, NULL},
	    {"{\"m.relates_to\":{\"rel_type\":\"m.annotation\",\"key\":"
	     "\"\xe2\x9c\x85\"}}",
		MATRIX_NOTHING, NULL, NULL, NULL},
	    {NULL, MATRIX_NOTHING, NULL, NULL, NULL},
	};

	(void)state;
	check_rows("m.reaction", rows);
}

/* Every key that decides is bare, and the first of each verb is a known one. */
static void test_table(void **state)
{
	const struct matrix_reaction *r;

	(void)state;
	for (r = matrix_event_reactions; r->key != NULL; r++) {
		assert_null(strstr(r->key, "\xef\xb8\x8f"));
		assert_true(strcmp(r->verb, "approve") == 0 ||
			    strcmp(r->verb, "drop") == 0);
	}
	assert_string_equal(matrix_event_reactions[0].verb, "approve");
}

/* ---- who, and where
 * ----------------------------------------------------------
 */

#define EVENT(sender, rest)                                                    \
	"{\"type\":\"m.room.message\",\"event_id\":\"$e\",\"sender\":"         \
	"\"" sender "\"," rest "\"content\":" TEXT("approve") THREAD "}"

static void test_authority(void **state)
{
	struct arena *arena = arena_new();
	struct matrix_event e;

	(void)state;
	e = read_event(arena, EVENT("@anna:hs", "\"room_id\":\"!r:hs\","));
	assert_int_equal(e.what, MATRIX_WORDS);
	/* what we say ourselves, what is said elsewhere */
	e = read_event(arena, EVENT("@gate:hs", ""));
	assert_int_equal(e.what, MATRIX_NOTHING);
	e = read_event(arena, EVENT("@anna:hs", "\"room_id\":\"!x:hs\","));
	assert_int_equal(e.what, MATRIX_NOTHING);
	e = read_event(arena, EVENT("@anna:hs", "\"room_id\":7,"));
	assert_int_equal(e.what, MATRIX_NOTHING);
	/* state is no message */
	e = read_event(arena, EVENT("@anna:hs", "\"state_key\":\"\","));
	assert_int_equal(e.what, MATRIX_NOTHING);
	/* a name is told apart to the letter */
	e = read_event(arena, EVENT("@Anna:hs", ""));
	assert_string_equal(e.sender, "@Anna:hs");
	e = read_event(arena, EVENT("anna", ""));
	assert_int_equal(e.what, MATRIX_NOTHING);
	e = read_event(arena, EVENT("@anna:hs\\u0000.evil", ""));
	assert_int_equal(e.what, MATRIX_NOTHING);
	e = read_event(arena, EVENT("@anna:hs\\n", ""));
	assert_int_equal(e.what, MATRIX_NOTHING);
	arena_free(arena);
}

/* Put a wrong value in every place of events that are right. */
static void spoil(json_t *at, const json_t *whole)
{
	static const char *const values[] = {"null", "true", "7", "\"\"",
	    "\"$\"", "\"@\"", "[]", "{}", "[[[[]]]]", "\"\\u0000\"", "-1e9",
	    "{\"event_id\":{\"event_id\":[]}}"};
	const char *key;
	json_t *value, *kept, *wrong;
	size_t i;

	json_object_foreach(at, key, value)
	{
		kept = json_incref(value);
		for (i = 0; i < sizeof(values) / sizeof(*values); i++) {
			struct arena *arena = arena_new();
			struct matrix_event e;

			wrong = json_loads(
			    values[i], JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
			assert_non_null(wrong);
			json_object_set_new(at, key, wrong);
			matrix_event_read(arena, whole, SELF, ROOM, &e);
			if (e.what != MATRIX_NOTHING) {
				assert_non_null(e.id);
				assert_non_null(e.sender);
				assert_non_null(e.remote);
			}
			if (e.what == MATRIX_WORDS)
				assert_non_null(e.words);
			if (e.what == MATRIX_VERB)
				assert_non_null(e.verb);
			arena_free(arena);
		}
		json_object_set(at, key, kept);
		if (json_is_object(kept))
			spoil(kept, whole);
		json_decref(kept);
	}
}

static void test_hostile(void **state)
{
	static const char *const events[] = {
	    EVENT("@anna:hs", "\"room_id\":\"!r:hs\","),
	    "{\"type\":\"m.reaction\",\"event_id\":\"$e\",\"sender\":"
	    "\"@anna:hs\",\"content\":" REACT("\xe2\x9c\x85") "}",
	    "{\"type\":\"m.room.redaction\",\"event_id\":\"$e\",\"sender\":"
	    "\"@anna:hs\",\"redacts\":\"$x\",\"content\":{\"redacts\":"
	    "\"$old\"}}",
	    NULL};
	struct arena *arena = arena_new();
	struct matrix_event e;
	json_t *event;
	size_t i;

	(void)state;
	for (i = 0; events[i] != NULL; i++) {
		event = json_loads(events[i], 0, NULL);
		assert_non_null(event);
		spoil(event, event);
		json_decref(event);
	}
	/* what is no object at all */
	matrix_event_read(arena, NULL, SELF, ROOM, &e);
	assert_int_equal(e.what, MATRIX_NOTHING);
	event = json_array();
	matrix_event_read(arena, event, SELF, ROOM, &e);
	assert_int_equal(e.what, MATRIX_NOTHING);
	json_decref(event);
	arena_free(arena);
}

/* Ids that are too long, text that is too long. */
static void test_bounds(void **state)
{
	struct arena *arena = arena_new();
	char id[MATRIX_ID_MAX + 2], *text = mem_zalloc(70001);
	struct matrix_event e;
	json_t *event;

	(void)state;
	memset(id, 'x', sizeof(id) - 1);
	id[0] = '$';
	id[sizeof(id) - 1] = '\0';
	memset(text, 'a', 70000);
	event = json_loads(EVENT("@anna:hs", ""), 0, NULL);
	json_object_set_new(event, "event_id", json_string(id));
	matrix_event_read(arena, event, SELF, ROOM, &e);
	assert_int_equal(e.what, MATRIX_NOTHING);
	json_object_set_new(event, "event_id", json_string(id + 1));
	matrix_event_read(arena, event, SELF, ROOM, &e);
	assert_int_equal(e.what, MATRIX_NOTHING);
	id[MATRIX_ID_MAX] = '\0';
	json_object_set_new(event, "event_id", json_string(id));
	matrix_event_read(arena, event, SELF, ROOM, &e);
	assert_int_equal(e.what, MATRIX_WORDS);
	json_object_set_new(
	    json_object_get(event, "content"), "body", json_string(text));
	matrix_event_read(arena, event, SELF, ROOM, &e);
	assert_int_equal(e.what, MATRIX_NOTHING);
	json_decref(event);
	free(text);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_replies),
	    cmocka_unit_test(test_edits),
	    cmocka_unit_test(test_redactions),
	    cmocka_unit_test(test_reactions),
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_authority),
	    cmocka_unit_test(test_hostile),
	    cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
