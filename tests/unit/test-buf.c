/*
 * Tests of util/buf: growth, the maximum, and the invariants that its header
 * promises.
 */
#include "util/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

static void empty_buf_is_a_string(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	assert_string_equal(b.data, "");
	assert_int_equal(b.len, 0);
	buf_cut(&b, 0);
	buf_clear(&b);
	assert_int_equal(buf_add(&b, NULL, 0), 0);
	assert_string_equal(b.data, "");
	buf_release(&b);
	buf_release(&b);
}

static void adds_append(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	assert_int_equal(buf_add_str(&b, "ab"), 0);
	assert_int_equal(buf_add_char(&b, 'c'), 0);
	assert_int_equal(buf_add_span(&b, (struct span){"defg", 2}), 0);
	assert_int_equal(buf_addf(&b, "%d-%s", 42, "x"), 0);
	assert_string_equal(b.data, "abcde42-x");
	assert_int_equal(buf_span(&b).len, 9);
	buf_release(&b);
}

static void holds_nul_bytes(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	buf_add(&b, "a\0b", 3);
	assert_int_equal(b.len, 3);
	assert_memory_equal(b.data, "a\0b", 4);
	buf_release(&b);
}

static void exactly_full_is_no_overflow(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4);
	assert_int_equal(buf_add_str(&b, "1234"), 0);
	assert_false(b.overflow);
	assert_int_equal(buf_add_char(&b, '5'), -1);
	assert_true(b.overflow);
	assert_string_equal(b.data, "1234");
	buf_release(&b);
}

/* After an overflow nothing is added, so that no text has a hole. */
static void overflow_stays(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4);
	buf_add_str(&b, "12");
	assert_int_equal(buf_addf(&b, "%s", "345"), -1);
	assert_int_equal(buf_add_char(&b, '3'), -1);
	assert_string_equal(b.data, "12");
	buf_clear(&b);
	assert_int_equal(buf_add_char(&b, '3'), 0);
	assert_string_equal(b.data, "3");
	buf_release(&b);
}

static void memory_stays_near_the_maximum(void **state)
{
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 1000);
	for (i = 0; i < 1000; i++)
		assert_int_equal(buf_add_char(&b, 'x'), 0);
	assert_int_equal(b.len, 1000);
	assert_true(b.room <= 1001);
	assert_int_equal(buf_add_char(&b, 'x'), -1);
	buf_release(&b);
}

static void drops_and_cuts(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	buf_add_str(&b, "hello world");
	buf_drop_front(&b, 6);
	assert_string_equal(b.data, "world");
	buf_cut(&b, 3);
	assert_string_equal(b.data, "wor");
	buf_drop_front(&b, 3);
	assert_string_equal(b.data, "");
	buf_drop_front(&b, 0);
	buf_release(&b);
}

static void detach_gives_the_text_away(void **state)
{
	struct buf b;
	char *s;

	(void)state;
	buf_init(&b, 100);
	s = buf_detach(&b);
	assert_string_equal(s, "");
	free(s);
	buf_add_str(&b, "mine");
	s = buf_detach(&b);
	assert_string_equal(s, "mine");
	assert_int_equal(b.len, 0);
	assert_string_equal(b.data, "");
	free(s);
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(empty_buf_is_a_string),
	    cmocka_unit_test(adds_append),
	    cmocka_unit_test(holds_nul_bytes),
	    cmocka_unit_test(exactly_full_is_no_overflow),
	    cmocka_unit_test(overflow_stays),
	    cmocka_unit_test(memory_stays_near_the_maximum),
	    cmocka_unit_test(drops_and_cuts),
	    cmocka_unit_test(detach_gives_the_text_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
