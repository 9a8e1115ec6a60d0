/*
 * Tests of calendar: hours, holidays and zones as people write them, and
 * counting over clock changes, year ends and closed weeks.
 */
#include "config/calendar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define MIN_MS	INT64_C(60000)
#define HOUR_MS (60 * MIN_MS)
#define DAY_MS	(24 * HOUR_MS)
#define LIST(...)                                                              \
	(const char *const[])                                                  \
	{                                                                      \
		__VA_ARGS__, NULL                                              \
	}

static struct arena *arena;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* "2026-11-21 10:00" in UTC. */
static int64_t utc(const char *text)
{
	struct tm tm = {.tm_hour = 0};

	assert_int_equal(sscanf(text, "%4d-%2d-%2d %2d:%2d", &tm.tm_year,
			     &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min),
	    5);
	tm.tm_year -= 1900;
	tm.tm_mon--;
	return (int64_t)timegm(&tm) * 1000;
}

static const struct calendar *make(
    const char *zone, const char *const *hours, const char *const *holidays)
{
	struct calendar_plan plan = {"office", zone, hours, holidays};
	struct error err = ERROR_INIT;
	const struct calendar *calendar = calendar_new(arena, &plan, &err);

	if (calendar == NULL)
		fail_msg("%s", err.text);
	return calendar;
}

static void counts_to(const struct calendar *calendar, const char *from,
    int64_t ms, const char *to)
{
	int64_t at = calendar_after(calendar, utc(from), ms);
	char out[CALENDAR_TEXT_SIZE];

	if (at != utc(to))
		fail_msg("%s and %" PRId64 " ms: want %s, got %s", from, ms, to,
		    calendar_text(calendar_always(), at, out));
}

static void says(
    const struct calendar *calendar, const char *at, const char *text)
{
	char out[CALENDAR_TEXT_SIZE];

	assert_string_equal(calendar_text(calendar, utc(at), out), text);
}

static void counts_in_business_hours(void **state)
{
	const struct calendar *c = make("Europe/Berlin",
	    LIST("mon-fri 09:00-17:30", "sat 10:00-14:00"), NULL);

	(void)state;
	/* Friday 20 Nov 2026, 15:00 in Berlin */
	counts_to(c, "2026-11-20 14:00", 2 * HOUR_MS, "2026-11-20 16:00");
	counts_to(c, "2026-11-20 14:00", 150 * MIN_MS, "2026-11-20 16:30");
	counts_to(c, "2026-11-20 14:00", 150 * MIN_MS + 1000 * 60,
	    "2026-11-21 09:01");
	/* Saturday's four hours, then Monday */
	counts_to(c, "2026-11-20 16:30", 5 * HOUR_MS, "2026-11-23 09:00");
	counts_to(c, "2026-11-22 12:00", 0, "2026-11-22 12:00");
	counts_to(c, "2026-11-22 12:00", 30 * MIN_MS, "2026-11-23 08:30");
	assert_true(calendar_open(c, utc("2026-11-20 14:00")));
	assert_true(calendar_open(c, utc("2026-11-20 08:00")));
	assert_false(calendar_open(c, utc("2026-11-20 07:59")));
	assert_true(calendar_open(c, utc("2026-11-20 16:29")));
	assert_false(calendar_open(c, utc("2026-11-20 16:30")));
	assert_true(calendar_open(c, utc("2026-11-21 09:30")));
	assert_false(calendar_open(c, utc("2026-11-22 09:30")));
}

static void joins_hours(void **state)
{
	const struct calendar *c = make("UTC",
	    LIST("Monday 13:00-17:00", "mon 08:00-12:00", "mon 11:00-13:00",
		"fri-mon 22:00-24:00", "tue,thu 00:00-24:00"),
	    NULL);

	(void)state;
	counts_to(c, "2026-11-23 07:00", 9 * HOUR_MS, "2026-11-23 17:00");
	counts_to(
	    c, "2026-11-23 07:00", 9 * HOUR_MS + MIN_MS, "2026-11-23 22:01");
	counts_to(c, "2026-11-23 22:00", 26 * HOUR_MS, "2026-11-25 00:00");
	counts_to(c, "2026-11-23 22:00", 27 * HOUR_MS, "2026-11-26 01:00");
	assert_true(calendar_open(c, utc("2026-11-22 23:59"))); /* Sunday */
	assert_false(calendar_open(c, utc("2026-11-25 23:59")));
}

static void keeps_holidays(void **state)
{
	const struct calendar *c =
	    make("Europe/Berlin", LIST("mon-fri 09:00-17:00"),
		LIST("2027-01-01", "2026-12-25", "2026-12-24", "2028-02-29"));

	(void)state;
	counts_to(c, "2026-12-23 15:00", 2 * HOUR_MS, "2026-12-28 09:00");
	/* over the end of the year */
	counts_to(c, "2026-12-31 15:00", 2 * HOUR_MS, "2027-01-04 09:00");
	/* a leap day, closed, and one that is not */
	counts_to(c, "2028-02-28 15:00", 2 * HOUR_MS, "2028-03-01 09:00");
	assert_false(calendar_open(c, utc("2028-02-29 10:00")));
	assert_true(calendar_open(c, utc("2028-03-01 10:00")));
	c = make("Europe/Berlin", LIST("mon-fri 09:00-17:00"), NULL);
	counts_to(c, "2028-02-28 15:00", 2 * HOUR_MS, "2028-02-29 09:00");
}

static void knows_summer_time(void **state)
{
	const struct calendar *night =
	    make("Europe/Berlin", LIST("sun 01:00-04:00"), NULL);
	const struct calendar *york = make("America/New_York", NULL, NULL);
	const struct calendar *howe =
	    make("Australia/Lord_Howe", LIST("sun 01:30-02:30"), NULL);

	(void)state;
	/* 29 March 2026: 02:00 becomes 03:00, so two hours are three */
	counts_to(night, "2026-03-29 00:00", 2 * HOUR_MS, "2026-03-29 02:00");
	counts_to(night, "2026-03-29 00:00", 2 * HOUR_MS + MIN_MS,
	    "2026-04-04 23:01");
	says(night, "2026-03-29 00:59",
	    "Sun 29 Mar 2026, 01:59 +0100 (Europe/Berlin)");
	/* 02:30 does not exist: half an hour after 02:00 is 03:30 */
	says(night, "2026-03-29 01:30",
	    "Sun 29 Mar 2026, 03:30 +0200 (Europe/Berlin)");
	/* 25 October 2026: 03:00 becomes 02:00, so three hours are four */
	counts_to(night, "2026-10-24 22:00", 4 * HOUR_MS, "2026-10-25 03:00");
	says(night, "2026-10-25 00:30",
	    "Sun 25 Oct 2026, 02:30 +0200 (Europe/Berlin)");
	says(night, "2026-10-25 01:30",
	    "Sun 25 Oct 2026, 02:30 +0100 (Europe/Berlin)");
	says(york, "2026-11-01 05:59",
	    "Sun 1 Nov 2026, 01:59 -0400 (America/New_York)");
	says(york, "2026-11-01 06:00",
	    "Sun 1 Nov 2026, 01:00 -0500 (America/New_York)");
	says(york, "2026-03-08 07:00",
	    "Sun 8 Mar 2026, 03:00 -0400 (America/New_York)");
	/* half an hour: 02:00 becomes 01:30 in April, 02:30 in October */
	says(howe, "2026-04-04 14:59",
	    "Sun 5 Apr 2026, 01:59 +1100 (Australia/Lord_Howe)");
	says(howe, "2026-04-04 15:00",
	    "Sun 5 Apr 2026, 01:30 +1030 (Australia/Lord_Howe)");
	counts_to(howe, "2026-04-04 14:00", 90 * MIN_MS, "2026-04-04 16:00");
	counts_to(howe, "2026-10-03 12:00", 30 * MIN_MS, "2026-10-03 15:30");
	counts_to(howe, "2026-10-03 12:00", 31 * MIN_MS, "2026-10-10 14:31");
}

static void counting_agrees_with_open(void **state)
{
	const struct calendar *c = make("Europe/Berlin",
	    LIST("mon-fri 08:10-12:00", "mon-sun 01:00-03:20"),
	    LIST("2026-10-26"));
	int64_t from = utc("2026-10-23 00:00"), open = 0, at;

	(void)state;
	for (at = from; at < from + 6 * DAY_MS; at += MIN_MS) {
		if (!calendar_open(c, at))
			continue;
		open += MIN_MS;
		if (calendar_after(c, from, open) != at + MIN_MS)
			fail_msg("after %" PRId64 " min: %" PRId64
				 ", not %" PRId64,
			    open / MIN_MS, calendar_after(c, from, open), at);
	}
	assert_true(open > 20 * HOUR_MS);
}

static void is_closed_for_long(void **state)
{
	const struct calendar *c = make("UTC", LIST("thu 10:00-10:01"),
	    LIST("2026-12-03", "2026-12-10", "2026-12-17", "2026-12-24"));

	(void)state;
	counts_to(c, "2026-11-27 00:00", MIN_MS, "2026-12-31 10:01");
	/* a minute a week: ten years are the most */
	counts_to(c, "2026-11-27 00:00", 1000 * HOUR_MS, "2036-11-26 12:00");
}

static void always_is_open(void **state)
{
	const struct calendar *c = calendar_always();

	(void)state;
	counts_to(c, "2026-11-22 23:00", 25 * HOUR_MS, "2026-11-24 00:00");
	counts_to(c, "2026-11-22 23:00", INT64_MAX, "2036-11-22 11:00");
	assert_true(calendar_open(c, utc("2026-11-22 23:00")));
	assert_true(calendar_open(c, -1));
	says(c, "1969-12-31 23:59", "Wed 31 Dec 1969, 23:59 +0000 (UTC)");
	says(c, "2038-01-19 03:14", "Tue 19 Jan 2038, 03:14 +0000 (UTC)");
	assert_int_equal(calendar_after(c, INT64_MAX, 5), INT64_MAX);
}

static void says_what_is_wrong(void **state)
{
	static const struct {
		const char *zone, *hours, *holiday;
		const char *text;
	} rows[] = {
	    {NULL, NULL, NULL,
		"calendar 'office' has no time zone; write for example zone = "
		"\"Europe/Berlin\""},
	    {"Europe/Berln", NULL, NULL,
		"calendar 'office': 'Europe/Berln': no such time zone; did "
		"you mean \"Europe/Berlin\""},
	    {"berlin", NULL, NULL, "did you mean \"Europe/Berlin\""},
	    {"Etc/Unknown", NULL, NULL, "no such time zone"},
	    {"Middle/Earth", NULL, NULL,
		"'Middle/Earth': no such time zone; write a name such as "
		"\"Europe/Berlin\""},
	    {"UTC", "", NULL, "write days and hours"},
	    {"UTC", "mon-fri", NULL,
		"calendar 'office': 'mon-fri': write days and hours, such as "
		"\"mon-fri 09:00-17:30\""},
	    {"UTC", "mo-fr 09:00-17:30", NULL, "write days and hours"},
	    {"UTC", "mon-fri 09:00", NULL, "write days and hours"},
	    {"UTC", "mon- 09:00-10:00", NULL, "write days and hours"},
	    {"UTC", "mon-fri 09:00-17:30 x", NULL, "write days and hours"},
	    {"UTC", "mon-fri 9-17", NULL, "from 00:00 to 24:00"},
	    {"UTC", "mon-fri 09:00-24:30", NULL, "from 00:00 to 24:00"},
	    {"UTC", "mon-fri 09:60-17:00", NULL, "from 00:00 to 24:00"},
	    {"UTC", "mon 22:00-06:00", NULL, "the end comes before the start"},
	    {"UTC", "mon 09:00-09:00", NULL, "the end comes before the start"},
	    {"UTC", NULL, "2026-02-29",
		"calendar 'office': '2026-02-29': not a day; write year, "
		"month and day, such as \"2026-12-25\""},
	    {"UTC", NULL, "25.12.2026", "not a day"},
	    {"UTC", NULL, "2026-13-01", "not a day"},
	    {"UTC", NULL, "2026-1-1", "not a day"},
	    {"UTC", NULL, "2026--1-1", "not a day"},
	    {"UTC", NULL, "1969-01-01", "not a day"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *hours[] = {rows[i].hours, NULL};
		const char *holidays[] = {rows[i].holiday, NULL};
		struct calendar_plan plan = {"office", rows[i].zone,
		    rows[i].hours != NULL ? hours : NULL, holidays};
		struct error err = ERROR_INIT;

		assert_null(calendar_new(arena, &plan, &err));
		assert_int_equal(err.kind, ERROR_INVALID);
		if (strstr(err.text, rows[i].text) == NULL)
			fail_msg(
			    "want \"%s\" in \"%s\"", rows[i].text, err.text);
	}
}

static void wants_some_hours(void **state)
{
	const char *none[] = {NULL};
	struct calendar_plan plan = {"office", "UTC", none, NULL};
	struct error err = ERROR_INIT;

	(void)state;
	assert_null(calendar_new(arena, &plan, &err));
	assert_non_null(strstr(err.text, "the list is empty"));
}

/* Berlin's day of 25 hours, Sao Paulo's day without a midnight, a wrong one. */
static void knows_days(void **state)
{
	struct calendar_plan berlin = {"b", "Europe/Berlin", NULL, NULL};
	struct calendar_plan paulo = {"s", "America/Sao_Paulo", NULL, NULL};
	const struct calendar *c = calendar_new(arena, &berlin, NULL);
	int64_t from, to;

	(void)state;
	assert_int_equal(calendar_day(c, "2026-10-25", &from, &to), 0);
	assert_int_equal(from, INT64_C(1792879200000)); /* 24 Oct 22:00 UTC */
	assert_int_equal(to - from, INT64_C(25) * 3600000);
	assert_int_equal(calendar_day(c, "2026-03-29", &from, &to), 0);
	assert_int_equal(to - from, INT64_C(23) * 3600000);
	assert_int_equal(calendar_day(c, "2026-12-24", &from, &to), 0);
	assert_int_equal(from, INT64_C(1798066800000)); /* 23 Dec 23:00 UTC */
	assert_int_equal(calendar_day(c, "2026-02-30", &from, &to), -1);
	assert_int_equal(calendar_day(c, "tomorrow", &from, &to), -1);
	c = calendar_new(arena, &paulo, NULL);
	assert_int_equal(calendar_day(c, "2018-11-04", &from, &to), 0);
	assert_int_equal(from, INT64_C(1541300400000)); /* 03:00 UTC */
	assert_int_equal(to - from, INT64_C(23) * 3600000);
	c = calendar_always();
	assert_int_equal(calendar_day(c, "2026-12-24", &from, &to), 0);
	assert_int_equal(from, INT64_C(1798070400000));
}

static void next_is(const struct calendar *calendar, const char *from,
    const char *time, const char *to)
{
	char out[CALENDAR_TEXT_SIZE];
	unsigned minute;
	int64_t at;

	assert_int_equal(calendar_minute(time, &minute), 0);
	at = calendar_next(calendar, utc(from), &minute, 1);
	if (at != utc(to))
		fail_msg("%s after %s: want %s, got %s", time, from, to,
		    calendar_text(calendar_always(), at, out));
}

static void set_times_come_up(void **state)
{
	const struct calendar *c = make(
	    "Europe/Berlin", LIST("mon-fri 09:00-17:30"), LIST("2026-11-24"));
	const unsigned both[] = {13 * 60 + 30, 9 * 60};
	const unsigned night = 3 * 60;
	unsigned minute;

	(void)state;
	/* Friday 20 Nov 2026 */
	next_is(c, "2026-11-20 07:59", "09:00", "2026-11-20 08:00");
	next_is(c, "2026-11-20 08:00", "09:00", "2026-11-23 08:00");
	next_is(c, "2026-11-23 08:00", "09:00", "2026-11-25 08:00");
	next_is(c, "2026-11-20 10:00", "17:30", "2026-11-20 16:30");
	assert_int_equal(calendar_next(c, utc("2026-11-20 09:00"), both, 2),
	    utc("2026-11-20 12:30"));
	assert_int_equal(calendar_next(c, utc("2026-11-20 12:30"), both, 2),
	    utc("2026-11-23 08:00"));
	assert_int_equal(
	    calendar_next(c, utc("2026-11-20 09:00"), &night, 1), 0);
	/* 29 Mar 2026: 02:00 to 03:00 is skipped; 25 Oct: it comes twice */
	c = make("Europe/Berlin", NULL, NULL);
	next_is(c, "2026-03-28 12:00", "02:30", "2026-03-29 01:30");
	next_is(c, "2026-10-24 12:00", "02:30", "2026-10-25 00:30");
	next_is(c, "2026-10-25 00:30", "02:30", "2026-10-26 01:30");
	assert_int_equal(calendar_minute("24:00", &minute), -1);
	assert_int_equal(calendar_minute("9:00", &minute), -1);
	assert_int_equal(calendar_minute("09:00 ", &minute), -1);
}

static void steps_begin_at_midnight(void **state)
{
	const struct calendar *c = make("Europe/Berlin", NULL, NULL);

	(void)state;
	assert_int_equal(calendar_step(c, utc("2026-11-20 10:00"), 30 * MIN_MS),
	    utc("2026-11-20 10:30"));
	assert_int_equal(calendar_step(c, utc("2026-11-20 10:29"), 30 * MIN_MS),
	    utc("2026-11-20 10:30"));
	assert_int_equal(calendar_step(c, utc("2026-11-20 10:00"), DAY_MS),
	    utc("2026-11-20 23:00"));
	/* seven hours: at 21:00 there the last of the day */
	assert_int_equal(calendar_step(c, utc("2026-11-20 20:30"), 7 * HOUR_MS),
	    utc("2026-11-20 23:00"));
	/* India is half an hour off */
	c = make("Asia/Kolkata", NULL, NULL);
	assert_int_equal(calendar_step(c, utc("2026-11-20 10:00"), HOUR_MS),
	    utc("2026-11-20 10:30"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(counts_in_business_hours),
	    cmocka_unit_test(joins_hours),
	    cmocka_unit_test(keeps_holidays),
	    cmocka_unit_test(knows_summer_time),
	    cmocka_unit_test(counting_agrees_with_open),
	    cmocka_unit_test(is_closed_for_long),
	    cmocka_unit_test(always_is_open),
	    cmocka_unit_test(says_what_is_wrong),
	    cmocka_unit_test(wants_some_hours),
	    cmocka_unit_test(knows_days),
	    cmocka_unit_test(set_times_come_up),
	    cmocka_unit_test(steps_begin_at_midnight),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
