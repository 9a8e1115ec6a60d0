/*
 * clock: reads the clocks and writes times.  Local time zones and business
 * hours are left to whoever knows whose they are.
 */
#include "util/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_now_ms(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t clock_mono_ms(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

const char *clock_iso(int64_t wall_ms, char out[CLOCK_ISO_SIZE])
{
	time_t t = (time_t)(wall_ms / 1000);
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(out, CLOCK_ISO_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return out;
}

const char *clock_mail(int64_t wall_ms, char out[CLOCK_MAIL_SIZE])
{
	static const char days[][4] = {
	    "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May",
	    "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t t = (time_t)(wall_ms / 1000);
	struct tm tm;

	gmtime_r(&t, &tm);
	snprintf(out, CLOCK_MAIL_SIZE, "%s, %d %s %04d %02d:%02d:%02d +0000",
	    days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900,
	    tm.tm_hour, tm.tm_min, tm.tm_sec);
	return out;
}

const char *clock_span(int64_t ms, char out[CLOCK_ISO_SIZE])
{
	static const struct {
		int64_t ms;
		const char *unit;
	} units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "min"}};
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (ms >= 2 * units[i].ms) {
			snprintf(out, CLOCK_ISO_SIZE, "%" PRId64 " %s",
			    ms / units[i].ms, units[i].unit);
			return out;
		}
	snprintf(out, CLOCK_ISO_SIZE, "%" PRId64 " s", ms / 1000);
	return out;
}

int64_t clock_parse(const char *iso)
{
	struct tm tm = {0};
	const char *end = strptime(iso, "%Y-%m-%dT%H:%M:%SZ", &tm);
	char again[CLOCK_ISO_SIZE];
	int64_t ms;

	if (end == NULL || *end != '\0')
		return -1;
	ms = (int64_t)timegm(&tm) * 1000;
	/* February has no 30th, which timegm() does not mind */
	return ms >= 0 && strcmp(clock_iso(ms, again), iso) == 0 ? ms : -1;
}
