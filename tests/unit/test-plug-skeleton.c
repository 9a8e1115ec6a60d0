/*
 * Tests of plugins/skeleton.c, and by that of the host in plug.c which the
 * tests of all plug-ins use.
 */
#include "plug.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define LOUD "SEND ME THE MONEY NOW or I shall be cross"

static void finds_capitals(void **state)
{
	struct plug *plug = plug_open(NULL);

	(void)state;
	plug_text(plug, "Would you please send the money when you can?");
	assert_int_equal(plug_check(plug), 0);
	plug_clear(plug);
	plug_text(plug, LOUD);
	assert_int_equal(plug_check(plug), 0);
	plug_text(plug, "I MEAN IT");
	assert_int_equal(plug_check(plug), 1);
	assert_int_equal(plug_count(plug, "shouting", NULL), 1);
	assert_int_equal(plug->found[0].weight, IMPRIMATUR_CAUTION);
	assert_string_equal(plug_values(plug, "shouting"), "0.64");
	assert_string_equal(plug_find(plug, "shouting", "0.64")->detail,
	    "25 of 39 letters are capitals");
	plug_own(plug, "i mean it");
	assert_int_equal(plug_check(plug), 0);
	plug_close(plug);
}

static void takes_a_share(void **state)
{
	static const char *const half[] = {"share", "0.5", NULL};
	static const char *const many[] = {"share", "50", NULL};
	struct plug *plug = plug_open(half);

	(void)state;
	plug_text(plug, LOUD);
	assert_int_equal(plug_check(plug), 1);
	plug_close(plug);
	assert_string_equal(plug_complaint(many),
	    "share is '50'; it must be above 0, at most 1");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_capitals),
	    cmocka_unit_test(takes_a_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
