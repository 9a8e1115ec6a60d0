/*
 * clock: the two clocks and the ways in which a time is written.
 *
 * Wall time (ms since 1970, UTC) is for what people see and for deadlines
 * that survive a restart; monotonic time (ms) for everything that waits.
 */
#ifndef UTIL_CLOCK_H
#define UTIL_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define CLOCK_ISO_SIZE	32 /* "2026-11-21T06:55:40Z" */
#define CLOCK_MAIL_SIZE 48 /* "Sat, 21 Nov 2026 06:55:40 +0000", RFC 5322 */

/* The wall clock and the monotonic clock, now.  Any thread. */
int64_t clock_now_ms(void);
int64_t clock_mono_ms(void);

/* Write a wall time in UTC; returns out, for use in a format call. */
const char *clock_iso(int64_t wall_ms, char out[CLOCK_ISO_SIZE]);
const char *clock_mail(int64_t wall_ms, char out[CLOCK_MAIL_SIZE]);

/* Wall time in ms of "2026-11-21T06:55:40Z"; -1: that is none. */
int64_t clock_parse(const char *iso);

/* "5 s", "3 min", "2 h", "4 d": a length of time as people say it. */
const char *clock_span(int64_t ms, char out[CLOCK_ISO_SIZE]);

#endif
