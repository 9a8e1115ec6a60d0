/*
 * Tests of text and rate: what people see is clean, fits and is cut with a
 * mark; and how often something happened in an hour.
 */
#include "review/text.h"

#include "review/rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

static void code_points_are_read_strictly(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		uint32_t point;
	} cases[] = {
	    {"a", 1, 'a'},
	    {"\xc3\xa4", 2, 0xe4},
	    {"\xe2\x82\xac", 3, 0x20ac},
	    {"\xf0\x9f\x91\x8d", 4, 0x1f44d},
	    {"\x80", 1, 0xfffd},	     /* a tail alone */
	    {"\xc3", 1, 0xfffd},	     /* cut off */
	    {"\xe2\x82", 1, 0xfffd},	     /* likewise */
	    {"\xc0\xaf", 1, 0xfffd},	     /* overlong */
	    {"\xe0\x80\xaf", 1, 0xfffd},     /* likewise */
	    {"\xf0\x80\x80\xaf", 1, 0xfffd}, /* likewise */
	    {"\xed\xa0\x80", 3, 0xfffd},     /* a surrogate */
	    {"\xf4\x90\x80\x80", 1, 0xfffd}, /* beyond Unicode */
	    {"\xff", 1, 0xfffd},
	    {"\x1b", 1, 0xfffd},
	    {"\x7f", 1, 0xfffd},
	    {"\xc2\x85", 2, 0xfffd},	 /* C1 */
	    {"\xe2\x80\xae", 3, 0xfffd}, /* bidi */
	    {"\xe2\x80\x8b", 3, 0xfffd}, /* zero width */
	    {"\n", 1, '\n'},
	    {"\t", 1, '\t'},
	};
	uint32_t point;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(
		    text_point(text_span(cases[i].bytes), &point), cases[i].n);
		assert_int_equal(point, cases[i].point);
	}
}

static void a_line_is_one_line_and_is_cut(void **state)
{
	static const struct {
		const char *from;
		size_t columns;
		const char *to;
	} cases[] = {
	    {"", 10, ""},
	    {"abc", 3, "abc"},
	    {"abcd", 3, "ab\xe2\x80\xa6"},
	    {"a\nb\tc", 9, "a b c"},
	    {"a\r\nb", 9, "a\xef\xbf\xbd b"},
	    {"\xe6\x97\xa5\xe6\x9c\xac", 4, "\xe6\x97\xa5\xe6\x9c\xac"},
	    {"\xe6\x97\xa5\xe6\x9c\xac", 3, "\xe6\x97\xa5\xe2\x80\xa6"},
	    {"\xff\xfe", 9, "\xef\xbf\xbd\xef\xbf\xbd"},
	};
	struct arena *arena = arena_new();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(text_line(arena, text_span(cases[i].from),
					cases[i].columns),
		    cases[i].to);
	arena_free(arena);
}

/* Any bytes: every line has its prefix and fits. */
static void wrapped_lines_fit(void **state)
{
	static char bytes[3000];
	struct span rest, line;
	struct buf out;
	char *copy;
	size_t i;
	int round;

	(void)state;
	srand(66);
	for (round = 0; round < 300; round++) {
		for (i = 0; i < sizeof(bytes); i++)
			bytes[i] =
			    (char)(round % 3 == 0   ? rand() % 256
				   : round % 3 == 1 ? " a\t\n"[rand() % 4]
						    : "\xe6\x97\xa5"[i % 3]);
		buf_init(&out, 1 << 20);
		text_add_all(&out, "| ", (struct span){bytes, sizeof(bytes)});
		rest = buf_span(&out);
		while (text_next_line(&rest, &line)) {
			if (line.data[0] == '(')
				continue;
			assert_memory_equal(line.data, "| ", 2);
			copy = strndup(line.data, line.len);
			assert_true(text_columns(copy) <= TEXT_COLUMNS);
			free(copy);
		}
		assert_int_equal(out.data[out.len - 1], '\n');
		buf_release(&out);
	}
}

static void html_and_uris_are_escaped(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	text_add_html_str(&out, "<a href=\"x\" b='c'>&\x01");
	assert_string_equal(out.data, "&lt;a href=&quot;x&quot; "
				      "b=&#39;c&#39;&gt;&amp;\xef\xbf\xbd");
	buf_clear(&out);
	text_add_uri(&out, text_span("a b&c=d?\"\xc3\xa4-._~%"));
	assert_string_equal(out.data, "a%20b%26c%3Dd%3F%22%C3%A4-._~%25");
	buf_release(&out);
}

static void sizes_are_written_for_people(void **state)
{
	char size[TEXT_SIZE_SIZE];

	(void)state;
	assert_string_equal(text_size(0, size), "0 bytes");
	assert_string_equal(text_size(9999, size), "9999 bytes");
	assert_string_equal(text_size(10499, size), "10 KB");
	assert_string_equal(text_size(1250000, size), "1.2 MB");
	assert_string_equal(text_size(UINT64_MAX, size), "18446744073709.5 MB");
}

static void an_hour_forgets(void **state)
{
	struct rate rate = {.minute = 0};
	int64_t start = 1234567;

	(void)state;
	assert_int_equal(rate_count(&rate, start), 0);
	rate_add(&rate, start);
	rate_add(&rate, start + 59000);
	rate_add(&rate, start + 30 * 60000);
	assert_int_equal(rate_count(&rate, start + 30 * 60000), 3);
	assert_int_equal(rate_count(&rate, start + 58 * 60000), 3);
	assert_int_equal(rate_count(&rate, start + 62 * 60000), 1);
	assert_int_equal(rate_count(&rate, start + 91 * 60000), 0);
	rate_add(&rate, start + (int64_t)1000 * 60000);
	assert_int_equal(rate_count(&rate, start + (int64_t)1000 * 60000), 1);
	assert_int_equal(rate_count(&rate, start + (int64_t)9000 * 60000), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(code_points_are_read_strictly),
	    cmocka_unit_test(a_line_is_one_line_and_is_cut),
	    cmocka_unit_test(wrapped_lines_fit),
	    cmocka_unit_test(html_and_uris_are_escaped),
	    cmocka_unit_test(sizes_are_written_for_people),
	    cmocka_unit_test(an_hour_forgets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
