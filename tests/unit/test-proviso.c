/*
 * Tests of what stands around a command: words below it that bind it or take
 * it back, and what gateways put above it.
 */
#include "review/proviso.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "review/banner.h"
#include "review/text.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct config_word own[] = {{1, "freigeben", "approve"}};
static const struct grammar_words house = {1, own};

/* What is found below a command, as a string of the arena. */
static const char *found(struct arena *arena, const char *command,
    const char *words, const char *below)
{
	struct grammar_command c;
	struct span at;

	grammar_read_with(&house, text_span(command), &c);
	at = proviso_find(&house, &c, text_span(words), text_span(below));
	return arena_dup(arena, at.data, at.len);
}

static void words_that_take_it_back_are_found(void **state)
{
	static const struct {
		const char *command, *words, *below, *at;
	} rows[] = {
	    {"approve", "but not before Monday", NULL, "but not before Monday"},
	    {"approve k7q4rm", "\n  If Bob agrees.\n", NULL, "If Bob agrees."},
	    {"a", "Not yet!", NULL, "Not yet!"},
	    {"freigeben", "Aber erst am Montag", NULL, "Aber erst am Montag"},
	    {"approve", "Don\xE2\x80\x99t send it", NULL,
		"Don\xE2\x80\x99t send it"},
	    {"approve", "Do not send it yet", NULL, "Do not send it yet"},
	    {"approve", "No, wait", NULL, "No, wait"},
	    {"approve", "Mais pas avant lundi", NULL, "Mais pas avant lundi"},
	    {"approve", "Außer an Bob", NULL, "Außer an Bob"},
	    {"approve", "НЕ сейчас", NULL, "НЕ сейчас"},
	    {"approve", "但是价格不对", NULL, "但是价格不对"},
	    {"approve", "jen pokud souhlas", NULL, "jen pokud souhlas"},
	    {"approve because it is so", "only today", NULL, "only today"},
	    /* another command, wherever it stands */
	    {"approve", "Thanks\n\ndrop", NULL, "drop"},
	    {"approve", "Thanks\nAnna\nedit\nDear Bob", NULL, "edit"},
	    {"approve", "", "drop wrong-price", "drop wrong-price"},
	    {"approve", "undo", NULL, "undo"},
	    {"drop tone", "approve", NULL, "approve"},
	    {"drop", "freigeben", NULL, "freigeben"},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(
		    found(arena, rows[i].command, rows[i].words, rows[i].below),
		    rows[i].at);
	arena_free(arena);
}

static void other_words_are_no_matter(void **state)
{
	static const struct {
		const char *command, *words, *below;
	} rows[] = {
	    {"approve", NULL, NULL},
	    {"approve", "", "footer of a list"},
	    {"approve", "Thanks,\nAnna", NULL},
	    {"approve", "Jen", NULL},
	    {"approve", "Ali Smith", NULL},
	    {"approve", "Nora", NULL},
	    {"approve", "Butler & Sons", NULL},
	    {"approve", "Do it!", NULL},
	    {"approve", "Viele Grüße\nAnna\nNur für Empfänger", NULL},
	    {"approve", "approve", NULL},
	    {"approve", "Thanks\nhelp", NULL},
	    {"drop", "but only because of the price", NULL},
	    /* their text is their own */
	    {"edit", "Dear Bob,\ndrop\n", NULL},
	    {"revise it", "but not the price\ndrop\n", NULL},
	    {"what is it", "but\ndrop", NULL},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(
		    found(arena, rows[i].command, rows[i].words, rows[i].below),
		    "");
	arena_free(arena);
}

static void known_banners_are_taken_off(void **state)
{
	static const char *const banners[] = {"[EXTERNAL]",
	    "CAUTION: This  mail came from outside. Do not click.", NULL};
	static const struct config_review config = {.banners = banners};
	static const struct {
		struct banner_answer from, to;
	} rows[] = {
	    {{"[EXTERNAL]", "approve\nAnna", true}, {"approve", "Anna", false}},
	    {{"[EXTERNAL]", "approve", false}, {"approve", "", false}},
	    {{"CAUTION: This mail came from",
		 "outside. Do not\nclick. \n \n"
		 "drop tone\n\nAnna",
		 false},
		{"drop tone", "Anna", true}},
	    {{"[EXTERNAL]",
		 "CAUTION: This mail came from outside. Do not "
		 "click.\n\n1 approve\n2 drop",
		 false},
		{"1 approve", "2 drop", false}},
	    {{"[EXTERNAL]", "", false}, {NULL, "", false}},
	    {{"[EXTERNAL]", NULL, false}, {NULL, "", false}},
	    /* it is not that, or not all of it */
	    {{"[EXTERNAL] approve", "x", false},
		{"[EXTERNAL] approve", "x", false}},
	    {{"[external]", "approve", true}, {"[external]", "approve", true}},
	    {{"CAUTION: This mail came from outside.", "approve", true},
		{"CAUTION: This mail came from outside.", "approve", true}},
	    {{"approve", "[EXTERNAL]", true}, {"approve", "[EXTERNAL]", true}},
	    {{NULL, NULL, false}, {NULL, NULL, false}},
	};
	struct arena *arena = arena_new();
	struct banner_answer answer;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		answer = rows[i].from;
		banner_skip(arena, &config, &answer);
		assert_int_equal(answer.apart, rows[i].to.apart);
		if (rows[i].to.line == NULL)
			assert_null(answer.line);
		else
			assert_string_equal(answer.line, rows[i].to.line);
		if (rows[i].to.words == NULL)
			assert_null(answer.words);
		else
			assert_string_equal(answer.words, rows[i].to.words);
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(words_that_take_it_back_are_found),
	    cmocka_unit_test(other_words_are_no_matter),
	    cmocka_unit_test(known_banners_are_taken_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
