/*
 * Tests of differences: they tell the truth, they are the shortest, and they
 * end in time.
 */
#include "review/diff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "review/text.h"

static void assert_shown(
    const char *old_text, const char *new_text, const char *expected)
{
	struct arena *arena = arena_new();
	struct buf out;

	buf_init(&out, 1 << 20);
	diff_add_text(
	    &out, diff_make(arena, text_span(old_text), text_span(new_text)));
	assert_string_equal(out.data, expected);
	buf_release(&out);
	arena_free(arena);
}

static void small_ones_read_well(void **state)
{
	(void)state;
	assert_shown("", "", "");
	assert_shown("a\n", "a\n", "|   a\n");
	assert_shown("a\n", "b\n", "| - a\n| + b\n");
	assert_shown("", "b\n", "| + b\n");
	assert_shown("a\n", "", "| - a\n");
	assert_shown("a\nb\nc\n", "a\nc\n", "|   a\n| - b\n|   c\n");
	assert_shown("a\r\n", "a\n", "|   a\n");
	assert_shown("a", "a\n", "|   a\n");
	assert_shown("a\nb\n", "a\nb\n", "(2 lines that did not change)\n");
	assert_shown("1\n2\n3\n4\n5\n6\n7\n8\n9\nx\n",
	    "1\n2\n3\n4\n5\n6\n7\n8\n9\ny\n",
	    "(7 lines that did not change)\n|   8\n|   9\n| - x\n| + y\n");
	assert_shown("x\n1\n2\n3\n4\n5\n6\n7\ny\n",
	    "X\n1\n2\n3\n4\n5\n6\n7\nY\n",
	    "| - x\n| + X\n|   1\n|   2\n(3 lines that did not change)\n"
	    "|   6\n|   7\n| - y\n| + Y\n");
}

static void long_lines_keep_their_sign(void **state)
{
	(void)state;
	assert_shown("",
	    "one two three four five six seven eight nine ten eleven twelve "
	    "thirteen\n",
	    "| + one two three four five six seven eight nine ten eleven\n"
	    "| + twelve thirteen\n");
}

static void text_names_the_changed_words(void **state)
{
	(void)state;
	assert_shown("we pay 490 EUR in ten days\n",
	    "we pay 49 EUR in two days\n",
	    "| - we pay 490 EUR in ten days\n"
	    "| + we pay 49 EUR in two days\n"
	    "| ~ \"490\" is now \"49\"; \"ten\" is now \"two\"\n");
	assert_shown("one two three four\n", "one three four\n",
	    "| - one two three four\n| + one three four\n"
	    "| ~ without \"two\"\n");
	assert_shown("one three four\n", "one two three four five\n",
	    "| - one three four\n| + one two three four five\n"
	    "| ~ with \"two\"; with \"five\"\n");
	/* blanks alone are no words */
	assert_shown("one two three\n", "one  two three\n",
	    "| - one two three\n| + one  two three\n");
	/* two lines, each with its own */
	assert_shown("one two three\nfour five six\n",
	    "one 2 three\nfour 5 six\n",
	    "| - one two three\n| - four five six\n"
	    "| + one 2 three\n| ~ \"two\" is now \"2\"\n"
	    "| + four 5 six\n| ~ \"five\" is now \"5\"\n");
}

static void the_changed_words_are_pointed_at(void **state)
{
	struct arena *arena = arena_new();
	const struct diff *diff =
	    diff_make(arena, text_span("We refund 89.90 EUR to you.\n"),
		text_span("We refund 98.90 EUR to you.\n"));
	const struct diff_line *line;

	(void)state;
	assert_int_equal(diff->n_lines, 2);
	line = &diff->lines[0];
	assert_int_equal(line->kind, DIFF_OLD);
	assert_int_equal(line->n_pieces, 3);
	assert_false(line->pieces[0].changed);
	assert_true(line->pieces[1].changed);
	assert_int_equal(line->pieces[1].text.len, 5);
	assert_memory_equal(line->pieces[1].text.data, "89.90", 5);
	line = &diff->lines[1];
	assert_memory_equal(line->pieces[1].text.data, "98.90", 5);
	arena_free(arena);
}

static void lines_that_share_nothing_have_no_words_marked(void **state)
{
	struct arena *arena = arena_new();
	const struct diff *diff =
	    diff_make(arena, text_span("one two three four\n"),
		text_span("five six seven eight nine\n"));

	(void)state;
	assert_int_equal(diff->n_lines, 2);
	assert_int_equal(diff->lines[0].n_pieces, 0);
	assert_int_equal(diff->lines[1].n_pieces, 0);
	arena_free(arena);
}

/* ---- random texts ---- */

#define LINES_MAX 30

struct lines {
	size_t n;
	char letter[LINES_MAX];
	char text[LINES_MAX * 2 + 1];
};

static void fill(struct lines *lines, unsigned letters)
{
	size_t i;

	lines->n = (size_t)rand() % LINES_MAX;
	for (i = 0; i < lines->n; i++) {
		lines->letter[i] = (char)('a' + rand() % (int)letters);
		lines->text[2 * i] = lines->letter[i];
		lines->text[2 * i + 1] = '\n';
	}
	lines->text[2 * lines->n] = '\0';
}

/* Longest common subsequence, by the plain table. */
static size_t longest(const struct lines *a, const struct lines *b)
{
	size_t table[LINES_MAX + 1][LINES_MAX + 1] = {{0}}, i, j;

	for (i = 1; i <= a->n; i++)
		for (j = 1; j <= b->n; j++)
			if (a->letter[i - 1] == b->letter[j - 1])
				table[i][j] = table[i - 1][j - 1] + 1;
			else
				table[i][j] = table[i - 1][j] > table[i][j - 1]
						  ? table[i - 1][j]
						  : table[i][j - 1];
	return table[a->n][b->n];
}

/* Old and same lines must be the old text, new and same ones the new. */
static void check_truth(
    const struct diff *diff, const struct lines *a, const struct lines *b)
{
	size_t i, in_a = 0, in_b = 0;
	const struct diff_line *line;

	for (i = 0; i < diff->n_lines; i++) {
		line = &diff->lines[i];
		if (line->kind == DIFF_SKIPPED) {
			assert_memory_equal(
			    a->letter + in_a, b->letter + in_b, line->skipped);
			in_a += line->skipped;
			in_b += line->skipped;
			continue;
		}
		if (line->kind != DIFF_NEW)
			assert_int_equal(line->text.data[0], a->letter[in_a++]);
		if (line->kind != DIFF_OLD)
			assert_int_equal(line->text.data[0], b->letter[in_b++]);
	}
	assert_int_equal(in_a, a->n);
	assert_int_equal(in_b, b->n);
}

static void random_ones_are_true_and_shortest(void **state)
{
	struct lines a, b;
	struct arena *arena;
	const struct diff *diff;
	int i;

	(void)state;
	srand(1986);
	for (i = 0; i < 20000; i++) {
		fill(&a, 1 + (unsigned)i % 6);
		fill(&b, 1 + (unsigned)i % 6);
		arena = arena_new();
		diff = diff_make(arena, text_span(a.text), text_span(b.text));
		check_truth(diff, &a, &b);
		assert_false(diff->coarse);
		assert_int_equal(
		    diff->n_old + diff->n_new, a.n + b.n - 2 * longest(&a, &b));
		arena_free(arena);
	}
}

static void too_many_changes_end_in_time(void **state)
{
	enum { SIZE = 128 * 1024 };
	struct arena *arena = arena_new();
	char *old_text = arena_alloc(arena, 2 * SIZE + 1);
	char *new_text = arena_alloc(arena, 2 * SIZE + 1);
	const struct diff *diff;
	size_t i;

	(void)state;
	for (i = 0; i < SIZE; i++) {
		memcpy(old_text + 2 * i, "a\n", 2);
		memcpy(new_text + 2 * i, i % 2 ? "a\n" : "b\n", 2);
	}
	diff = diff_make(arena, text_span(old_text), text_span(new_text));
	assert_true(diff->coarse);
	assert_int_equal(diff->n_old, SIZE);
	assert_int_equal(diff->n_new, SIZE);
	arena_free(arena);
}

static void one_line_of_many_words_ends_in_time(void **state)
{
	enum { SIZE = 128 * 1024 };
	struct arena *arena = arena_new();
	char *old_text = arena_alloc(arena, 2 * SIZE + 1);
	char *new_text = arena_alloc(arena, 2 * SIZE + 1);
	const struct diff *diff;
	size_t i;

	(void)state;
	for (i = 0; i < SIZE; i++) {
		memcpy(old_text + 2 * i, "a ", 2);
		memcpy(new_text + 2 * i, "b ", 2);
	}
	diff = diff_make(arena, text_span(old_text), text_span(new_text));
	assert_int_equal(diff->n_lines, 2);
	assert_int_equal(diff->lines[0].n_pieces, 0);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(small_ones_read_well),
	    cmocka_unit_test(long_lines_keep_their_sign),
	    cmocka_unit_test(text_names_the_changed_words),
	    cmocka_unit_test(the_changed_words_are_pointed_at),
	    cmocka_unit_test(lines_that_share_nothing_have_no_words_marked),
	    cmocka_unit_test(random_ones_are_true_and_shortest),
	    cmocka_unit_test(too_many_changes_end_in_time),
	    cmocka_unit_test(one_line_of_many_words_ends_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
