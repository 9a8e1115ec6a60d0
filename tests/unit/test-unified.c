/*
 * Tests of send/unified: what it writes is what patch(1) reads, and applies to
 * the old text to make the new one.
 */
#include "send/unified.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct buf out;

static int set_up(void **state)
{
	(void)state;
	buf_init(&out, 1 << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_release(&out);
	return 0;
}

static const char *diff(const char *a, const char *b)
{
	buf_clear(&out);
	unified_write(
	    &out, (struct span){a, strlen(a)}, (struct span){b, strlen(b)});
	return out.data == NULL ? "" : out.data;
}

static void equal_texts_say_nothing(void **state)
{
	(void)state;
	assert_string_equal(diff("", ""), "");
	assert_string_equal(diff("a\nb\n", "a\nb\n"), "");
	assert_string_equal(diff("a", "a"), "");
}

static void it_is_written_as_diff_writes_it(void **state)
{
	static const struct {
		const char *a, *b, *want;
	} rows[] = {
	    {"a\n", "b\n", "@@ -1 +1 @@\n-a\n+b\n"},
	    {"", "b\n", "@@ -0,0 +1 @@\n+b\n"},
	    {"a\nb\n", "", "@@ -1,2 +0,0 @@\n-a\n-b\n"},
	    {"1\n2\n3\n4\n5\nx\n7\n8\n9\n10\n11\n",
		"1\n2\n3\n4\n5\ny\n7\n8\n9\n10\n11\n",
		"@@ -3,7 +3,7 @@\n 3\n 4\n 5\n-x\n+y\n 7\n 8\n 9\n"},
	    {"a\nb", "a\nc",
		"@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n"
		"+c\n\\ No newline at end of file\n"},
	    {"a\nb", "a\nb\n",
		"@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n"},
	    /* six same lines between two changes are one hunk, seven are two */
	    {"x\n1\n2\n3\n4\n5\n6\ny\n", "X\n1\n2\n3\n4\n5\n6\nY\n",
		"@@ -1,8 +1,8 @@\n-x\n+X\n 1\n 2\n 3\n 4\n 5\n 6\n-y\n+Y\n"},
	    {"x\n1\n2\n3\n4\n5\n6\n7\ny\n", "X\n1\n2\n3\n4\n5\n6\n7\nY\n",
		"@@ -1,4 +1,4 @@\n-x\n+X\n 1\n 2\n 3\n"
		"@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-y\n+Y\n"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(diff(rows[i].a, rows[i].b), rows[i].want);
}

/* ---- applied, it makes the new text ------------------------------------- */

static uint32_t dice = 1;

static unsigned roll(unsigned n)
{
	dice = dice * 1664525u + 1013904223u;
	return (dice >> 16) % n;
}

/* Few different lines, so that many are the same. */
static void any_text(struct buf *text)
{
	unsigned n = roll(30);

	buf_clear(text);
	while (n-- > 0)
		buf_addf(text, "%u\n", roll(4));
	if (text->len > 0 && roll(3) == 0)
		buf_cut(text, text->len - 1);
}

static void take_line(const char **at, struct buf *line)
{
	const char *lf = strchr(*at, '\n');
	size_t n = lf == NULL ? strlen(*at) : (size_t)(lf - *at) + 1;

	buf_clear(line);
	buf_add(line, *at, n);
	*at += n;
}

/* A small patch(1): the new text from the old one. */
static void apply(const char *old_text, const char *d, struct buf *made)
{
	struct buf line, old_line;
	unsigned long at = 1, start;

	buf_init(&line, 1000);
	buf_init(&old_line, 1000);
	buf_clear(made);
	while (*d != '\0') {
		take_line(&d, &line);
		if (line.data[0] == '@') {
			start = strtoul(line.data + 4, NULL, 10);
			if (strstr(line.data, ",0 +") != NULL)
				start++;
			for (; at < start; at++) {
				take_line(&old_text, &old_line);
				buf_add_span(made, buf_span(&old_line));
			}
			continue;
		}
		if (*d == '\\') { /* the line before has no LF */
			buf_cut(&line, line.len - 1);
			d = strchr(d, '\n') + 1;
		}
		if (line.data[0] != '+') {
			take_line(&old_text, &old_line);
			at++;
			assert_int_equal(old_line.len, line.len - 1);
			assert_memory_equal(
			    old_line.data, line.data + 1, line.len - 1);
		}
		if (line.data[0] != '-')
			buf_add(made, line.data + 1, line.len - 1);
	}
	buf_add_str(made, old_text);
	buf_release(&line);
	buf_release(&old_line);
}

static void applied_it_makes_the_new_text(void **state)
{
	struct buf a, b, made;
	unsigned i;

	(void)state;
	buf_init(&a, 1000);
	buf_init(&b, 1000);
	buf_init(&made, 1000);
	buf_add_str(&a, "");
	buf_add_str(&b, "");
	for (i = 0; i < 20000; i++) {
		any_text(&a);
		any_text(&b);
		apply(a.len == 0 ? "" : a.data,
		    diff(a.len == 0 ? "" : a.data, b.len == 0 ? "" : b.data),
		    &made);
		assert_int_equal(made.len, b.len);
		if (b.len > 0)
			assert_memory_equal(made.data, b.data, b.len);
	}
	buf_release(&a);
	buf_release(&b);
	buf_release(&made);
}

static void what_differs_too_much_is_one_change(void **state)
{
	struct buf a, b;
	int i;

	(void)state;
	buf_init(&a, 1 << 20);
	buf_init(&b, 1 << 20);
	for (i = 0; i < 3000; i++) {
		buf_addf(&a, "a%d\n", i);
		buf_addf(&b, "b%d\n", i);
	}
	buf_clear(&out);
	unified_write(&out, buf_span(&a), buf_span(&b));
	assert_int_equal(
	    strncmp(out.data, "@@ -1,3000 +1,3000 @@\n-a0\n-a1\n", 30), 0);
	buf_release(&a);
	buf_release(&b);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(equal_texts_say_nothing),
	    TEST(it_is_written_as_diff_writes_it),
	    TEST(applied_it_makes_the_new_text),
	    TEST(what_differs_too_much_is_one_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
