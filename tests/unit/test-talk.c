/*
 * Tests of what is a command where people also talk to each other.
 */
#include "review/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "review/text.h"

#define COMMAND TALK_COMMAND
#define HINT	TALK_HINT
#define OTHERS	TALK_OTHERS

static const struct config_word house[] = {
    {1, "freigeben", "approve"}, {2, "l\xc3\xb6schen", "drop"}};
static const struct grammar_words words = {2, house};

struct row {
	const char *line;
	enum talk talk;
	const char *hint; /* part of it */
};

static void check(const struct row *row, bool numbered, bool after)
{
	struct arena *arena = arena_new();
	const struct talk_request request = {
	    .line = text_span(row->line),
	    .words = &words,
	    .numbered = numbered,
	    .after = after,
	};
	const char *hint;
	enum talk talk = talk_read(arena, &request, &hint);

	if (talk != row->talk)
		print_error("\"%s\" is %d\n", row->line, (int)talk);
	assert_int_equal(talk, row->talk);
	assert_int_equal(hint != NULL, talk == TALK_HINT);
	if (row->hint != NULL && strstr(hint, row->hint) == NULL)
		fail_msg("\"%s\": %s", row->line, hint);
	arena_free(arena);
}

static void of_one_draft(void **state)
{
	static const struct row rows[] = {
	    {"approve", COMMAND, NULL},
	    {" Approve k7q4rm ", COMMAND, NULL},
	    {"approve because it is right", COMMAND, NULL},
	    {"a", COMMAND, NULL},
	    {"a k7q4rm", COMMAND, NULL},
	    {"d", COMMAND, NULL},
	    {"drop wrong-price", COMMAND, NULL},
	    {"Freigeben", COMMAND, NULL},
	    {"L\xc3\x96SCHEN zu teuer", COMMAND, NULL},
	    {"edit", COMMAND, NULL},
	    {"snooze 2h", COMMAND, NULL},
	    {"ask who knows him?", COMMAND, NULL},
	    {"revise say when?", COMMAND, NULL},
	    {"help", COMMAND, NULL},
	    {"undo", COMMAND, NULL},
	    /* they talk */
	    {"", OTHERS, NULL},
	    {"   ", OTHERS, NULL},
	    {"what do you think?", OTHERS, NULL},
	    {"a customer called me about it", OTHERS, NULL},
	    {"I would approve that", OTHERS, NULL},
	    {"@bob approve", OTHERS, NULL},
	    {"ok", OTHERS, NULL},
	    {"yes", OTHERS, NULL},
	    {"+1", OTHERS, NULL},
	    {"\xf0\x9f\x91\x8d", OTHERS, NULL},
	    {"as far as I know", OTHERS, NULL},
	    {"fine", OTHERS, NULL},
	    {"wrong number", OTHERS, NULL},
	    {"1 approve", OTHERS, NULL},
	    {"> approve", OTHERS, NULL},
	    {"help me with this one", OTHERS, NULL},
	    {"around noon?", OTHERS, NULL},
	    {"approximately 12 of them", OTHERS, NULL},
	    /* it may be meant */
	    {"aprove", HINT, "\"approve\""},
	    {"Approve.", HINT, "\"approve\""},
	    {"approve!", HINT, "\"approve\""},
	    {"approve it please", HINT, "\"approve\""},
	    {"approve only if the price is the right one", HINT, "approve"},
	    {"approved", HINT, "\"approve\""},
	    {"Approved by legal last week, so I think", OTHERS, NULL},
	    {"snoze 2h", HINT, "\"snooze\""},
	    {"snooze", HINT, "\"snooze\""},
	    {"ask", HINT, "\"ask\""},
	    {"edit the second line", HINT, "\"edit\""},
	    {"freigeben bitte", HINT, "\"freigeben\""},
	    {"LGTM", HINT, "\"approve\""},
	    {"send it!", HINT, "\"approve\""},
	    {"don't send", HINT, "\"drop\""},
	    {"r u there", HINT, "in full"},
	    {"d accord", HINT, "in full"},
	    {"drop by later?", HINT, "question mark"},
	    {"approve because why not?", HINT, "question mark"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(&rows[i], false, false);
}

static void after_it_was_sent(void **state)
{
	static const struct row rows[] = {
	    {"fine", COMMAND, NULL},
	    {"wrong too kind", COMMAND, NULL},
	    {"wrong number?", HINT, "question mark"},
	    {"fine by me", HINT, "\"fine\""},
	    {"find it", HINT, "\"fine\""},
	    {"what was it about?", OTHERS, NULL},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(&rows[i], false, true);
}

static void of_many_drafts(void **state)
{
	static const struct row rows[] = {
	    {"1 approve", COMMAND, NULL},
	    {"#1: approve", COMMAND, NULL},
	    {"1, 3-5 drop tone", COMMAND, NULL},
	    {"1 \xe2\x80\x93 3 approve", COMMAND, NULL},
	    {"all approve", COMMAND, NULL},
	    {"All: approve", COMMAND, NULL},
	    {"2 l\xc3\xb6schen", COMMAND, NULL},
	    {"2 r name the price", COMMAND, NULL},
	    {"approve", COMMAND, NULL},	 /* many.c asks: which? */
	    {"2 aprove", COMMAND, NULL}, /* orders.c says what is wrong */
	    {"2 approve it please", COMMAND, NULL},
	    {"2 lgtm", HINT, "\"approve\""},
	    {"2 drop by later?", HINT, "question mark"},
	    {"3 people told me this", OTHERS, NULL},
	    {"All the best", OTHERS, NULL},
	    {"all", OTHERS, NULL},
	    {"1", OTHERS, NULL},
	    {"12:30 would suit me", OTHERS, NULL},
	    {"2 fine", OTHERS, NULL},
	    {"r u there", HINT, "in full"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(&rows[i], true, false);
}

/* Whatever it is, it is read within its bounds: the copy ends where it does. */
static void any_bytes(void **state)
{
	static const char alphabet[] =
	    "approve1,-:.) \t#?\xe2\x80\x93\xff\0all";
	unsigned seed = 17;
	struct arena *arena = arena_new();
	const char *hint;
	size_t i, k, len;
	char *line;

	(void)state;
	for (i = 0; i < 20000; i++) {
		len = i % 30;
		line = malloc(len + (len == 0));
		assert_non_null(line);
		for (k = 0; k < len; k++) {
			seed = seed * 1103515245u + 12345u;
			line[k] =
			    alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
		}
		const struct talk_request request = {
		    {line, len}, &words, i % 2 == 0, i % 3 == 0};

		assert_in_range(
		    talk_read(arena, &request, &hint), COMMAND, OTHERS);
		free(line);
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(of_one_draft),
	    cmocka_unit_test(after_it_was_sent),
	    cmocka_unit_test(of_many_drafts),
	    cmocka_unit_test(any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
