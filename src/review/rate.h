/*
 * rate: how often something happened in the last hour, to the minute.  A new
 * one is all zeroes.  Loop.
 */
#ifndef REVIEW_RATE_H
#define REVIEW_RATE_H

#include <stdint.h>

#define RATE_MINUTES 60

struct rate {
	unsigned count[RATE_MINUTES];
	int64_t minute; /* the newest that count knows */
};

/* It happened now (monotonic time). */
void rate_add(struct rate *rate, int64_t mono_ms);

/* It happened before now by so much: of a life before this one. */
void rate_add_past(struct rate *rate, int64_t mono_ms, int64_t age_ms);

/* How often in the hour before now. */
unsigned rate_count(struct rate *rate, int64_t mono_ms);

#endif
