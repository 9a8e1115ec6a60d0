/*
 * Tests of util/clock: how times and spans are written, and that the clocks
 * go.
 */
#include "util/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void writes_times(void **state)
{
	static const struct {
		int64_t ms;
		const char *iso, *mail;
	} rows[] = {
	    {0, "1970-01-01T00:00:00Z", "Thu, 1 Jan 1970 00:00:00 +0000"},
	    {1795244140999, "2026-11-21T06:55:40Z",
		"Sat, 21 Nov 2026 06:55:40 +0000"},
	    {951782400000, "2000-02-29T00:00:00Z",
		"Tue, 29 Feb 2000 00:00:00 +0000"},
	    {253402300799000, "9999-12-31T23:59:59Z",
		"Fri, 31 Dec 9999 23:59:59 +0000"},
	};
	char iso[CLOCK_ISO_SIZE], mail[CLOCK_MAIL_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_string_equal(clock_iso(rows[i].ms, iso), rows[i].iso);
		assert_string_equal(clock_mail(rows[i].ms, mail), rows[i].mail);
	}
}

static void writes_spans(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} rows[] = {
	    {0, "0 s"},
	    {999, "0 s"},
	    {5000, "5 s"},
	    {119999, "119 s"},
	    {120000, "2 min"},
	    {7199999, "119 min"},
	    {7200000, "2 h"},
	    {172799999, "47 h"},
	    {172800000, "2 d"},
	    {345600000, "4 d"},
	};
	char out[CLOCK_ISO_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(clock_span(rows[i].ms, out), rows[i].text);
}

static void clocks_go(void **state)
{
	int64_t mono = clock_mono_ms(), wall = clock_now_ms();

	(void)state;
	assert_true(wall > 1577836800000); /* 2020 */
	assert_true(clock_mono_ms() >= mono);
}

static void reads_times(void **state)
{
	static const char *const none[] = {"", "now", "2026-11-21",
	    "2026-11-21 10:00:00Z", "2026-11-21T10:00:00",
	    "2026-11-21T10:00:00+01:00", "2026-11-21T10:00:00Z ",
	    "2026-02-30T10:00:00Z", "2026-13-01T10:00:00Z",
	    "2026-11-21T24:00:00Z"};
	size_t i;

	(void)state;
	assert_int_equal(clock_parse("1970-01-01T00:00:01Z"), 1000);
	assert_int_equal(clock_parse("2026-11-21T06:55:40Z"), 1795244140000);
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(clock_parse(none[i]), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_times),
	    cmocka_unit_test(writes_spans),
	    cmocka_unit_test(clocks_go),
	    cmocka_unit_test(reads_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
