/*
 * calendar: business hours.  Time zone, weekly hours and holidays, made into
 * tables when the configuration is loaded (ICU knows the zones), so that
 * counting in them is pure arithmetic on any thread.
 *
 * Wall times are milliseconds since 1970 in UTC, whatever the zone.
 */
#ifndef CALENDAR_H
#define CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/arena.h"
#include "util/error.h"

#define CALENDAR_TEXT_SIZE 80

/* As an admin writes it. */
struct calendar_plan {
	const char *name;
	const char *zone;	     /* "Europe/Berlin" */
	const char *const *hours;    /* "mon-fri 09:00-17:30"; NULL: always */
	const char *const *holidays; /* "2026-12-25", or NULL */
};

struct calendar;

/* In the arena.  NULL and err (INVALID; names the value and an example). */
const struct calendar *calendar_new(
    struct arena *arena, const struct calendar_plan *plan, struct error *err);

/* Every hour counts, times are shown in UTC. */
const struct calendar *calendar_always(void);

/* Is it within business hours? */
bool calendar_open(const struct calendar *calendar, int64_t wall_ms);

/*
 * The time when so many milliseconds of business hours have passed since
 * wall_ms.  A calendar that opens too seldom: at most ten years later.
 */
int64_t calendar_after(
    const struct calendar *calendar, int64_t wall_ms, int64_t business_ms);

/*
 * "Mon 23 Nov 2026, 09:30 +0100 (Europe/Berlin)": a time as people of that
 * zone say it; returns out.
 */
const char *calendar_text(const struct calendar *calendar, int64_t wall_ms,
    char out[CALENDAR_TEXT_SIZE]);

/* "09:30": the minute of the day, up to 23:59.  -1: it is none. */
int calendar_minute(const char *text, unsigned *minute);

/*
 * The next time after wall_ms when a clock there shows one of these minutes of
 * the day, within business hours, their last minute included.  0: not within
 * a year and more.
 */
int64_t calendar_next(const struct calendar *calendar, int64_t wall_ms,
    const unsigned *minutes, size_t n);

/*
 * The next time after wall_ms that is a multiple of every_ms after midnight
 * there, which begins anew with each day.  every_ms: 1 or more.
 */
int64_t calendar_step(
    const struct calendar *calendar, int64_t wall_ms, int64_t every_ms);

/*
 * The times when a local day ("2026-12-24") begins and when it is over.  -1:
 * there is no such day.
 */
int calendar_day(const struct calendar *calendar, const char *day,
    int64_t *from_ms, int64_t *to_ms);

#endif
