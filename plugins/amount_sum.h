/*
 * amount_sum: which numbers of a text are sums of money.
 */
#ifndef AMOUNT_SUM_H
#define AMOUNT_SUM_H

#include "amount_text.h"

/* What signs and words mean that several countries share. */
struct amount_ways {
	char dollar[4], krone[4], yen[4];
	char bare[4]; /* numbers without a currency; "": they do not count */
};

/* Give each number that is a sum its currency, factor, first and last. */
void amount_sum_mark(struct amount_text *text, const struct amount_ways *ways);

/* value times factor (0: none), at most AMOUNT_MOST. */
int64_t amount_sum_times(int64_t value, int64_t factor);

#endif
