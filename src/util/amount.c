/*
 * amount: decimals as whole numbers of ten-thousandths.  What one currency is
 * worth in another is left to who compares.
 */
#include "util/amount.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define FRACTION_DIGITS 4
#define WHOLE_MAX	INT64_C(900000000000000) /* 9e14; as value: 9e18 */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int not_an_amount(const char *text, struct error *err)
{
	return error_set(err, ERROR_INVALID,
	    "'%.60s' is no amount; write digits without separators, at most "
	    "four behind a point, and a currency of three letters, such as "
	    "\"10000.00 EUR\"",
	    text);
}

/* Digits before the point, at s; returns what follows, or NULL. */
static const char *read_whole(const char *s, int64_t *whole)
{
	if (!is_digit(*s))
		return NULL;
	for (*whole = 0; is_digit(*s); s++) {
		*whole = *whole * 10 + (*s - '0');
		if (*whole > WHOLE_MAX)
			return NULL;
	}
	return s;
}

/* The point and the digits behind it, if there are any. */
static const char *read_fraction(const char *s, int64_t *fraction)
{
	int64_t unit = AMOUNT_ONE;
	int n = 0;

	*fraction = 0;
	if (*s != '.')
		return s;
	for (s++; is_digit(*s); s++) {
		if (++n > FRACTION_DIGITS)
			return NULL;
		unit /= 10;
		*fraction += (*s - '0') * unit;
	}
	return n > 0 ? s : NULL;
}

/* Nothing, or a blank and three letters, which are made capitals. */
static int read_currency(const char *s, char currency[4])
{
	int i;

	currency[0] = '\0';
	if (*s == '\0')
		return 0;
	if (*s++ != ' ')
		return -1;
	for (i = 0; i < 3; i++, s++) {
		if (*s >= 'a' && *s <= 'z')
			currency[i] = (char)(*s - 'a' + 'A');
		else if (*s >= 'A' && *s <= 'Z')
			currency[i] = *s;
		else
			return -1;
	}
	currency[3] = '\0';
	return *s == '\0' ? 0 : -1;
}

int amount_parse(struct amount *amount, const char *text, struct error *err)
{
	bool negative = *text == '-';
	int64_t whole, fraction;
	const char *s;

	memset(amount, 0, sizeof(*amount));
	s = read_whole(text + negative, &whole);
	if (s != NULL)
		s = read_fraction(s, &fraction);
	if (s == NULL || read_currency(s, amount->currency) ||
	    (whole == WHOLE_MAX && fraction > 0)) {
		memset(amount, 0, sizeof(*amount));
		return not_an_amount(text, err);
	}
	amount->value = whole * AMOUNT_ONE + fraction;
	if (negative)
		amount->value = -amount->value;
	return 0;
}

const char *amount_print(const struct amount *amount, char out[AMOUNT_SIZE])
{
	int digits = FRACTION_DIGITS;
	int least = amount->currency[0] != '\0' ? 2 : 0;
	uint64_t value = amount->value < 0 ? 0 - (uint64_t)amount->value
					   : (uint64_t)amount->value;
	uint64_t whole = value / AMOUNT_ONE, fraction = value % AMOUNT_ONE;
	int n;

	while (digits > least && fraction % 10 == 0) {
		fraction /= 10;
		digits--;
	}
	n = snprintf(out, AMOUNT_SIZE, "%s%" PRIu64,
	    amount->value < 0 ? "-" : "", whole);
	if (digits > 0)
		n += snprintf(out + n, AMOUNT_SIZE - (size_t)n, ".%0*" PRIu64,
		    digits, fraction);
	if (least > 0)
		snprintf(out + n, AMOUNT_SIZE - (size_t)n, " %.3s",
		    amount->currency);
	return out;
}

int amount_compare(const struct amount *a, const struct amount *b)
{
	assert(strcmp(a->currency, b->currency) == 0);
	return (a->value > b->value) - (a->value < b->value);
}
