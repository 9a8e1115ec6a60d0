/*
 * Tests of the list of the doctor's questions: it lives as long as one of them
 * is open, and tells how each ended.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "checkup.h"

static void in_their_order(void **state)
{
	struct checkup *c = checkup_new(true);
	struct checkup_item *first, *second;
	char text[] = "relay";

	(void)state;
	assert_true(checkup_probes(c));
	assert_false(checkup_is_open(c));
	assert_int_equal(checkup_n(c), 0);
	first = checkup_begin(c, text, "it answers");
	text[0] = 'X'; /* it was copied */
	second = checkup_begin(c, "disk", "there is room");
	checkup_note(c, "dns", "it is there", CHECKUP_SKIPPED, "no", NULL);
	assert_true(checkup_is_open(c));
	checkup_end(second, CHECKUP_GOOD, NULL, NULL);
	assert_true(checkup_is_open(c));
	checkup_end(first, CHECKUP_BAD, "nobody is there", "start it");
	assert_false(checkup_is_open(c));
	assert_int_equal(checkup_n(c), 3);
	assert_string_equal(checkup_at(c, 0)->of, "relay");
	assert_string_equal(checkup_at(c, 0)->found, "nobody is there");
	assert_string_equal(checkup_at(c, 0)->advice, "start it");
	assert_int_equal(checkup_at(c, 0)->state, CHECKUP_BAD);
	assert_null(checkup_at(c, 1)->found);
	assert_null(checkup_at(c, 2)->advice);
	assert_true(checkup_at(c, 0)->took_ms >= 0);
	checkup_unref(c);
}

/* Who asked went away; who answers does not notice. */
static void kept_by_what_is_open(void **state)
{
	struct checkup *c = checkup_new(false);
	struct checkup_item *items[40];
	size_t i;

	(void)state;
	assert_false(checkup_probes(c));
	for (i = 0; i < 40; i++)
		items[i] = checkup_begin(c, "a", "b");
	checkup_unref(c);
	for (i = 0; i < 40; i++) {
		assert_string_equal(items[i]->of, "a");
		checkup_end(items[i], CHECKUP_GOOD, "x", "y");
	}
	checkup_unref(NULL);
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(checkup_state_name(CHECKUP_OPEN), "open");
	assert_string_equal(checkup_state_name(CHECKUP_DOUBT), "doubt");
	assert_string_equal(checkup_state_name(CHECKUP_SKIPPED), "skipped");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(in_their_order),
	    cmocka_unit_test(kept_by_what_is_open),
	    cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
