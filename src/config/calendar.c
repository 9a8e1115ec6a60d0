/*
 * calendar: business hours made into tables, and counting in them.  Zones come
 * from ICU, once, when a calendar is made; what the hours are for is left to
 * the rules and the ladders.
 */
#include "config/calendar.h"

#include "util/clock.h"
#include "util/nearest.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unicode/ucal.h>
#include <unicode/ustring.h>

#define DAYS_AHEAD 400 /* that a set time is looked for */
#define MINUTE_MS  INT64_C(60000)
#define HOUR_MS	   (60 * MINUTE_MS)
#define DAY_MS	   (24 * HOUR_MS)
#define YEAR_MS	   (365 * DAY_MS + 6 * HOUR_MS)
#define LIMIT_MS   (10 * YEAR_MS)	   /* of calendar_after */
#define FIRST_MS   INT64_C(946684800000)   /* 2000: the tables begin */
#define LEAST_NOW  INT64_C(1767225600000)  /* 2026: for a clock that is lost */
#define AHEAD_MS   (12 * YEAR_MS)	   /* the tables end so long from now */
#define LATEST_MS  INT64_C(32503680000000) /* 3000: no time is later */
#define SHIFTS_MAX 400
#define SPANS_MAX  48 /* of one day */
#define ZONE_SIZE  40 /* the longest name there is has 32 */

static const char *const day_names[] = {"monday", "tuesday", "wednesday",
    "thursday", "friday", "saturday", "sunday"};

/* From at_ms on, local time is UTC plus so much. */
struct shift {
	int64_t at_ms, offset_ms;
};

/* Open from a to b, in milliseconds of the local day; a < b <= DAY_MS. */
struct open_span {
	int64_t a, b;
};

struct day {
	size_t n;
	struct open_span spans[SPANS_MAX]; /* ascending, apart */
};

struct calendar {
	char zone[ZONE_SIZE];
	int64_t offset_ms; /* before the first shift */
	size_t n_shifts;
	struct shift *shifts;
	size_t n_holidays;
	int64_t *holidays; /* days since 1970, ascending */
	struct day week[7];
};

static const struct calendar always = {
    .zone = "UTC",
    .week = {{1, {{0, DAY_MS}}}, {1, {{0, DAY_MS}}}, {1, {{0, DAY_MS}}},
	{1, {{0, DAY_MS}}}, {1, {{0, DAY_MS}}}, {1, {{0, DAY_MS}}},
	{1, {{0, DAY_MS}}}},
};

const struct calendar *calendar_always(void)
{
	return &always;
}

/* ---- what an admin wrote ---- */

static int wrong(const struct calendar_plan *plan, struct error *err,
    const char *value, const char *advice)
{
	return error_set(err, ERROR_INVALID, "calendar '%s': '%s': %s",
	    plan->name, value, advice);
}

/* Two digits at s, below limit; -1: they are none. */
static int two_digits(const char *s, int limit)
{
	int n;

	if (!isdigit((unsigned char)s[0]) || !isdigit((unsigned char)s[1]))
		return -1;
	n = (s[0] - '0') * 10 + (s[1] - '0');
	return n < limit ? n : -1;
}

/* "09:30" into milliseconds of the day; -1: it is no time of day. */
static int64_t time_of_day(const char *s)
{
	int h, m;

	if (strlen(s) != 5 || s[2] != ':')
		return -1;
	h = two_digits(s, 25);
	m = two_digits(s + 3, 60);
	if (h < 0 || m < 0 || (h == 24 && m > 0))
		return -1;
	return h * HOUR_MS + m * MINUTE_MS;
}

/* The day of the week that a word names ("mon", "Monday"), or -1. */
static int day_of(const char *word)
{
	size_t len = strlen(word);

	for (int i = 0; i < 7; i++)
		if (len >= 3 && len <= strlen(day_names[i]) &&
		    strncasecmp(word, day_names[i], len) == 0)
			return i;
	return -1;
}

/* Add a span to a day, joined with what it touches.  -1: too many. */
static int day_add(struct day *day, struct open_span span)
{
	size_t n = 0, at;

	for (size_t i = 0; i < day->n; i++) {
		struct open_span s = day->spans[i];

		if (s.b < span.a || s.a > span.b) {
			day->spans[n++] = s;
			continue;
		}
		span.a = s.a < span.a ? s.a : span.a;
		span.b = s.b > span.b ? s.b : span.b;
	}
	day->n = n;
	if (n == SPANS_MAX)
		return -1;
	for (at = n; at > 0 && day->spans[at - 1].a > span.a; at--)
		day->spans[at] = day->spans[at - 1];
	day->spans[at] = span;
	day->n++;
	return 0;
}

/* Mark the days of "mon-fri,sun", which is taken apart.  -1: not days. */
static int days_of(char *text, bool marked[7])
{
	char *part, *to;

	while ((part = strsep(&text, ",")) != NULL) {
		int first, last;

		to = strchr(part, '-');
		if (to != NULL)
			*to++ = '\0';
		first = day_of(part);
		last = to != NULL ? day_of(to) : first;
		if (first < 0 || last < 0)
			return -1;
		for (;; first = (first + 1) % 7) {
			marked[first] = true;
			if (first == last)
				break;
		}
	}
	return 0;
}

/* Put one line of hours, "mon-fri 09:00-17:30", into the week. */
static int add_hours(struct calendar *calendar,
    const struct calendar_plan *plan, const char *line, struct error *err)
{
	char days[96], times[16], rest, *dash;
	bool marked[7] = {false};
	struct open_span span;

	if (sscanf(line, " %95s %15s %c", days, times, &rest) != 2 ||
	    days_of(days, marked) != 0 || (dash = strchr(times, '-')) == NULL)
		return wrong(plan, err, line,
		    "write days and hours, such as \"mon-fri 09:00-17:30\"");
	*dash = '\0';
	span.a = time_of_day(times);
	span.b = time_of_day(dash + 1);
	if (span.a < 0 || span.b < 0)
		return wrong(plan, err, line,
		    "a time is hours and minutes from 00:00 to 24:00, such "
		    "as \"mon-fri 09:00-17:30\"");
	if (span.a >= span.b)
		return wrong(plan, err, line,
		    "the end comes before the start; write hours past "
		    "midnight as two lines, such as \"mon 22:00-24:00\" and "
		    "\"tue 00:00-06:00\"");
	for (int i = 0; i < 7; i++)
		if (marked[i] && day_add(&calendar->week[i], span) != 0)
			return wrong(plan, err, line,
			    "too many pieces in one day, 48 is the most");
	return 0;
}

static int read_hours(struct calendar *calendar,
    const struct calendar_plan *plan, struct error *err)
{
	if (plan->hours == NULL) {
		memcpy(calendar->week, always.week, sizeof(always.week));
		return 0;
	}
	if (plan->hours[0] == NULL)
		return wrong(plan, err, "hours",
		    "the list is empty, so nothing would ever be due; write "
		    "for example \"mon-fri 09:00-17:30\", or leave hours out "
		    "for around the clock");
	for (size_t i = 0; plan->hours[i] != NULL; i++)
		if (add_hours(calendar, plan, plan->hours[i], err) != 0)
			return -1;
	return 0;
}

/* "2026-12-25" into days since 1970; -1: there is no such day. */
static int64_t date_of(const char *text)
{
	struct tm tm = {.tm_hour = 0}, back;
	int n = 0;
	time_t t;

	if (strlen(text) != 10 || strspn(text, "0123456789-") != 10 ||
	    sscanf(text, "%4d-%2d-%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
		&n) != 3 ||
	    n != 10 || tm.tm_year < 1970)
		return -1;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	back = tm;
	t = timegm(&back);
	if (back.tm_mday != tm.tm_mday || back.tm_mon != tm.tm_mon)
		return -1;
	return (int64_t)t * 1000 / DAY_MS;
}

static int compare_days(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int read_holidays(struct arena *arena, struct calendar *calendar,
    const struct calendar_plan *plan, struct error *err)
{
	size_t n = 0;

	while (plan->holidays != NULL && plan->holidays[n] != NULL)
		n++;
	if (n == 0)
		return 0;
	calendar->holidays = arena_alloc(arena, n * sizeof(int64_t));
	for (size_t i = 0; i < n; i++) {
		calendar->holidays[i] = date_of(plan->holidays[i]);
		if (calendar->holidays[i] < 0)
			return wrong(plan, err, plan->holidays[i],
			    "not a day; write year, month and day, such as "
			    "\"2026-12-25\"");
	}
	calendar->n_holidays = n;
	qsort(calendar->holidays, n, sizeof(int64_t), compare_days);
	return 0;
}

/* ---- zones ---- */

/* The last piece of a zone's name: "Berlin" of "Europe/Berlin". */
static const char *city_of(const char *zone)
{
	const char *slash = strrchr(zone, '/');

	return slash != NULL ? slash + 1 : zone;
}

static void in_small_letters(const char *zone, char out[ZONE_SIZE])
{
	snprintf(out, ZONE_SIZE, "%s", zone);
	for (; *out != '\0'; out++)
		*out = (char)tolower((unsigned char)*out);
}

/* Find the zone that was meant; leaves out empty when none comes near. */
static void zone_meant(const char *written, char out[ZONE_SIZE])
{
	UErrorCode status = U_ZERO_ERROR;
	UEnumeration *zones = ucal_openTimeZones(&status);
	char small[ZONE_SIZE], candidate[ZONE_SIZE];
	struct nearest nearest;
	const char *zone;

	out[0] = '\0';
	in_small_letters(written, small);
	nearest_init(&nearest, small);
	while (U_SUCCESS(status) &&
	       (zone = uenum_next(zones, NULL, &status)) != NULL) {
		unsigned before = nearest.distance;
		bool same;

		in_small_letters(zone, candidate);
		same = strcmp(city_of(small), city_of(candidate)) == 0;
		nearest_try(&nearest, candidate);
		if (same || nearest.distance < before)
			snprintf(out, ZONE_SIZE, "%s", zone);
		if (same)
			break;
	}
	uenum_close(zones);
}

static int unknown_zone(const struct calendar_plan *plan, struct error *err)
{
	char meant[ZONE_SIZE];

	zone_meant(plan->zone, meant);
	if (meant[0] != '\0')
		return error_set(err, ERROR_INVALID,
		    "calendar '%s': '%s': no such time zone; did you mean "
		    "\"%s\"",
		    plan->name, plan->zone, meant);
	return wrong(plan, err, plan->zone,
	    "no such time zone; write a name such as \"Europe/Berlin\"");
}

/* The offset of the zone at a time. */
static int64_t offset_at(UCalendar *cal, int64_t ms, UErrorCode *status)
{
	ucal_setMillis(cal, (UDate)ms, status);
	return (int64_t)ucal_get(cal, UCAL_ZONE_OFFSET, status) +
	       ucal_get(cal, UCAL_DST_OFFSET, status);
}

/* Write down each change of the offset until the tables end. */
static void read_shifts(struct arena *arena, struct calendar *calendar,
    UCalendar *cal, UErrorCode *status)
{
	struct shift shifts[SHIFTS_MAX];
	int64_t now = clock_now_ms(), end, offset;
	UDate at = (UDate)FIRST_MS;
	size_t n = 0;

	end = (now > LEAST_NOW ? now : LEAST_NOW) + AHEAD_MS;
	calendar->offset_ms = offset = offset_at(cal, FIRST_MS, status);
	while (n < SHIFTS_MAX && U_SUCCESS(*status)) {
		ucal_setMillis(cal, at, status);
		if (!ucal_getTimeZoneTransitionDate(
			cal, UCAL_TZ_TRANSITION_NEXT, &at, status) ||
		    (int64_t)at > end)
			break;
		shifts[n].at_ms = (int64_t)at;
		shifts[n].offset_ms = offset_at(cal, (int64_t)at, status);
		if (shifts[n].offset_ms != offset)
			offset = shifts[n++].offset_ms;
	}
	calendar->n_shifts = n;
	calendar->shifts = arena_alloc(arena, (n + 1) * sizeof(shifts[0]));
	memcpy(calendar->shifts, shifts, n * sizeof(shifts[0]));
}

/* Is it the name of a zone, spelt as it should be? */
static bool zone_known(const UChar *zone)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar canonical[64];
	UBool system = false;

	ucal_getCanonicalTimeZoneID(zone, -1, canonical, 64, &system, &status);
	return U_SUCCESS(status) && system;
}

static int read_zone(struct arena *arena, struct calendar *calendar,
    const struct calendar_plan *plan, struct error *err)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar zone[ZONE_SIZE];
	UCalendar *cal;

	if (plan->zone == NULL || plan->zone[0] == '\0')
		return error_set(err, ERROR_INVALID,
		    "calendar '%s' has no time zone; write for example zone = "
		    "\"Europe/Berlin\"",
		    plan->name);
	if (strlen(plan->zone) >= ZONE_SIZE)
		return unknown_zone(plan, err);
	u_uastrcpy(zone, plan->zone);
	if (!zone_known(zone))
		return unknown_zone(plan, err);
	snprintf(calendar->zone, sizeof(calendar->zone), "%s", plan->zone);
	cal = ucal_open(zone, -1, "en", UCAL_GREGORIAN, &status);
	if (U_SUCCESS(status))
		read_shifts(arena, calendar, cal, &status);
	ucal_close(cal);
	if (U_FAILURE(status))
		return error_set(err, ERROR_INTERNAL,
		    "calendar '%s': the time zone tables of ICU cannot be "
		    "read: %s",
		    plan->name, u_errorName(status));
	return 0;
}

const struct calendar *calendar_new(
    struct arena *arena, const struct calendar_plan *plan, struct error *err)
{
	struct calendar *calendar = arena_alloc(arena, sizeof(*calendar));

	if (read_zone(arena, calendar, plan, err) != 0 ||
	    read_hours(calendar, plan, err) != 0 ||
	    read_holidays(arena, calendar, plan, err) != 0)
		return NULL;
	return calendar;
}

/* ---- counting ---- */

/* A stretch of time in which local time runs evenly. */
struct stretch {
	int64_t offset_ms, end_ms;
};

static struct stretch stretch_at(
    const struct calendar *calendar, int64_t wall_ms)
{
	size_t low = 0, high = calendar->n_shifts;
	struct stretch stretch;

	while (low < high) { /* low: shifts that were before */
		size_t mid = low + (high - low) / 2;

		if (calendar->shifts[mid].at_ms <= wall_ms)
			low = mid + 1;
		else
			high = mid;
	}
	stretch.offset_ms =
	    low > 0 ? calendar->shifts[low - 1].offset_ms : calendar->offset_ms;
	stretch.end_ms =
	    low < calendar->n_shifts ? calendar->shifts[low].at_ms : INT64_MAX;
	return stretch;
}

/* Days since 1970 of a local time, also before. */
static int64_t day_number(int64_t local_ms)
{
	int64_t day = local_ms / DAY_MS;

	return local_ms % DAY_MS < 0 ? day - 1 : day;
}

/* The hours of that day; 1970 began with a Thursday. */
static const struct day *hours_of(
    const struct calendar *calendar, int64_t number)
{
	static const struct day closed = {.n = 0};

	if (calendar->n_holidays > 0 &&
	    bsearch(&number, calendar->holidays, calendar->n_holidays,
		sizeof(number), compare_days) != NULL)
		return &closed;
	return &calendar->week[((number + 3) % 7 + 7) % 7];
}

bool calendar_open(const struct calendar *calendar, int64_t wall_ms)
{
	int64_t local = wall_ms + stretch_at(calendar, wall_ms).offset_ms;
	int64_t number = day_number(local);
	const struct day *day = hours_of(calendar, number);

	local -= number * DAY_MS;
	for (size_t i = 0; i < day->n; i++)
		if (day->spans[i].a <= local && local < day->spans[i].b)
			return true;
	return false;
}

/*
 * Count from *at_ms to the end of its local day, or until the offset changes.
 * True: *left_ms ran out, at *at_ms.
 */
static bool count_day(
    const struct calendar *calendar, int64_t *at_ms, int64_t *left_ms)
{
	struct stretch stretch = stretch_at(calendar, *at_ms);
	int64_t number = day_number(*at_ms + stretch.offset_ms);
	int64_t midnight = number * DAY_MS - stretch.offset_ms;
	const struct day *day = hours_of(calendar, number);
	int64_t end = midnight + DAY_MS;

	end = end < stretch.end_ms ? end : stretch.end_ms;
	for (size_t i = 0; i < day->n; i++) {
		int64_t from = midnight + day->spans[i].a;
		int64_t to = midnight + day->spans[i].b;

		from = from > *at_ms ? from : *at_ms;
		to = to < end ? to : end;
		if (to <= from)
			continue;
		if (to - from >= *left_ms) {
			*at_ms = from + *left_ms;
			return true;
		}
		*left_ms -= to - from;
	}
	*at_ms = end;
	return false;
}

int64_t calendar_after(
    const struct calendar *calendar, int64_t wall_ms, int64_t business_ms)
{
	int64_t at = wall_ms, limit;

	if (business_ms <= 0 || wall_ms >= LATEST_MS || wall_ms < -LATEST_MS)
		return wall_ms;
	limit = wall_ms + LIMIT_MS;
	if (calendar == &always)
		return business_ms < LIMIT_MS ? wall_ms + business_ms : limit;
	while (at < limit)
		if (count_day(calendar, &at, &business_ms))
			break;
	return at < limit ? at : limit;
}

const char *calendar_text(const struct calendar *calendar, int64_t wall_ms,
    char out[CALENDAR_TEXT_SIZE])
{
	static const char days[][4] = {
	    "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May",
	    "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	int64_t offset, minutes;
	time_t local;
	struct tm tm;

	if (wall_ms > LATEST_MS || wall_ms < -LATEST_MS)
		wall_ms = wall_ms > 0 ? LATEST_MS : -LATEST_MS;
	offset = stretch_at(calendar, wall_ms).offset_ms;
	minutes = llabs(offset) / MINUTE_MS;
	local = (time_t)(day_number(wall_ms + offset) * (DAY_MS / 1000));
	local += (wall_ms + offset - (int64_t)local * 1000) / 1000;
	gmtime_r(&local, &tm);
	snprintf(out, CALENDAR_TEXT_SIZE,
	    "%s %d %s %d, %02d:%02d %c%02d%02d (%s)", days[tm.tm_wday],
	    tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour,
	    tm.tm_min, offset < 0 ? '-' : '+', (int)(minutes / 60),
	    (int)(minutes % 60), calendar->zone);
	return out;
}

/* When a clock there shows this; where that is skipped, at the skip. */
static int64_t when_local(const struct calendar *calendar, int64_t local)
{
	int64_t before = stretch_at(calendar, local - DAY_MS).offset_ms;
	int64_t after = stretch_at(calendar, local + DAY_MS).offset_ms;

	if (stretch_at(calendar, local - before).offset_ms == before ||
	    stretch_at(calendar, local - after).offset_ms != after)
		return local - before;
	return local - after;
}

static int64_t midnight(const struct calendar *calendar, int64_t number)
{
	return when_local(calendar, number * DAY_MS);
}

int calendar_day(const struct calendar *calendar, const char *day,
    int64_t *from_ms, int64_t *to_ms)
{
	int64_t number = date_of(day);

	if (number < 0)
		return -1;
	*from_ms = midnight(calendar, number);
	*to_ms = midnight(calendar, number + 1);
	return 0;
}

/* ---- times of the day ---- */

int calendar_minute(const char *text, unsigned *minute)
{
	int64_t at = time_of_day(text);

	if (at < 0 || at >= DAY_MS)
		return -1;
	*minute = (unsigned)(at / MINUTE_MS);
	return 0;
}

/* The end of the day's work is part of it here. */
static bool is_work(const struct day *day, int64_t local)
{
	for (size_t i = 0; i < day->n; i++)
		if (day->spans[i].a <= local && local <= day->spans[i].b)
			return true;
	return false;
}

int64_t calendar_next(const struct calendar *calendar, int64_t wall_ms,
    const unsigned *minutes, size_t n)
{
	int64_t first =
	    day_number(wall_ms + stretch_at(calendar, wall_ms).offset_ms);

	for (int64_t number = first; number < first + DAYS_AHEAD; number++) {
		const struct day *day = hours_of(calendar, number);
		int64_t next = 0;

		for (size_t i = 0; i < n; i++) {
			int64_t local = minutes[i] * MINUTE_MS, at;

			at = when_local(calendar, number * DAY_MS + local);
			if (at > wall_ms && is_work(day, local) &&
			    (next == 0 || at < next))
				next = at;
		}
		if (next != 0)
			return next;
	}
	return 0;
}

int64_t calendar_step(
    const struct calendar *calendar, int64_t wall_ms, int64_t every_ms)
{
	int64_t local = wall_ms + stretch_at(calendar, wall_ms).offset_ms;
	int64_t number = day_number(local), next;
	int64_t tomorrow = midnight(calendar, number + 1);

	local -= number * DAY_MS;
	next = wall_ms + every_ms - local % every_ms;
	return tomorrow > wall_ms && tomorrow < next ? tomorrow : next;
}
