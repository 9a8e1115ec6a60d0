/*
 * test-about: the lines that stand in front of a mail.
 */
#include "check/reader/about.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int read_lines(
    struct arena *arena, const char *lines, struct about *about)
{
	return about_read(arena, (struct span){lines, strlen(lines)}, about);
}

static void test_all(void **state)
{
	struct arena *arena = arena_new();
	struct about about;

	(void)state;
	assert_int_equal(read_lines(arena,
			     "a bot\nf \nt a@b.example\nt \xffx@y\nc 7\nc 0\n"
			     "w amount\n",
			     &about),
	    0);
	assert_string_equal(about.agent, "bot");
	assert_string_equal(about.sender, "");
	assert_int_equal(about.n_recipients, 2);
	assert_string_equal(about.recipients[0], "a@b.example");
	assert_string_equal(about.recipients[1], "\xef\xbf\xbdx@y");
	assert_int_equal(about.n_channels, 2);
	assert_int_equal(about.channels[0], 7);
	assert_int_equal(about.channels[1], 0);
	assert_string_equal(about.without, "amount");
	assert_null(about.equip);
	arena_free(arena);
}

static void test_none(void **state)
{
	struct arena *arena = arena_new();
	struct about about;

	(void)state;
	assert_int_equal(read_lines(arena, "", &about), 0);
	assert_null(about.agent);
	assert_null(about.sender);
	assert_null(about.without);
	assert_int_equal(about.n_recipients, 0);
	assert_int_equal(about.n_channels, 0);
	arena_free(arena);
}

static void test_nonsense(void **state)
{
	static const char *const bad[] = {"a bot", "x y\n", "a\n", "abc\n",
	    "\n", "c \n", "c x\n", "c -1\n", "c 1x\n", "c 99999999999\n"};
	struct arena *arena = arena_new();
	struct about about;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(read_lines(arena, bad[i], &about), -1);
	assert_int_equal(
	    about_read(arena, (struct span){"a b\0c\n", 6}, &about), -1);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_all),
	    cmocka_unit_test(test_none),
	    cmocka_unit_test(test_nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
