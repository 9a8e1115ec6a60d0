/*
 * amount: a sum of money, or a plain number, as a decimal.  Never a float: what
 * an admin writes as "10000.00 EUR" is compared as it stands.
 *
 * Kept as a whole number of ten-thousandths.  Pure; any thread.
 */
#ifndef UTIL_AMOUNT_H
#define UTIL_AMOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

#define AMOUNT_ONE  INT64_C(10000) /* what 1 is kept as */
#define AMOUNT_SIZE 32		   /* of the written form, NUL included */

struct amount {
	int64_t value;	  /* ten-thousandths */
	char currency[4]; /* ISO 4217 in capitals, or "": a plain number */
};

/*
 * Read "10000.00 EUR", "12.5", "-3 USD": digits, at most one point with at
 * most four digits behind it, then nothing or one blank and three letters.  No
 * separators of thousands.  -1 and err (INVALID) otherwise, or when it is
 * beyond 9e14.
 */
int amount_parse(struct amount *amount, const char *text, struct error *err);

/* Write it: "10000.00 EUR" (two to four digits), "12.5", "3"; returns out. */
const char *amount_print(const struct amount *amount, char out[AMOUNT_SIZE]);

/* a < b: -1, a == b: 0, a > b: 1.  Both must be of one currency. */
int amount_compare(const struct amount *a, const struct amount *b);

#endif
