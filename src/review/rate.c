/*
 * rate: a ring of sixty minutes.  What is too often is left to its user.
 */
#include "review/rate.h"

#include <string.h>

/* Empty the minutes that passed since it was last used. */
static void turn(struct rate *rate, int64_t mono_ms)
{
	int64_t now = mono_ms / 60000;

	if (now - rate->minute >= RATE_MINUTES) {
		memset(rate->count, 0, sizeof(rate->count));
		rate->minute = now;
	}
	while (rate->minute < now)
		rate->count[++rate->minute % RATE_MINUTES] = 0;
}

void rate_add(struct rate *rate, int64_t mono_ms)
{
	turn(rate, mono_ms);
	rate->count[rate->minute % RATE_MINUTES]++;
}

void rate_add_past(struct rate *rate, int64_t mono_ms, int64_t age_ms)
{
	int64_t age = age_ms < 0 ? 0 : age_ms / 60000;

	turn(rate, mono_ms);
	if (age < RATE_MINUTES)
		rate->count[(rate->minute + RATE_MINUTES - age) %
			    RATE_MINUTES]++;
}

unsigned rate_count(struct rate *rate, int64_t mono_ms)
{
	unsigned i, sum = 0;

	turn(rate, mono_ms);
	for (i = 0; i < RATE_MINUTES; i++)
		sum += rate->count[i];
	return sum;
}
