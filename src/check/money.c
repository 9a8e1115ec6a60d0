/*
 * money: compares by cross-multiplying in 128 bits, so that nothing is rounded.
 */
#include "check/money.h"

#include <string.h>

__extension__ typedef __int128 wide;

/* What one of a currency is in another, or 0: not said. */
static int64_t rate(const struct config *config, const char *of, const char *in)
{
	const struct config_exchange *x = config->exchanges;
	size_t i;

	if (strcmp(of, in) == 0)
		return AMOUNT_ONE;
	for (i = 0; i < config->n_exchanges; i++)
		if (strcmp(x[i].currency, of) == 0 &&
		    strcmp(x[i].is.currency, in) == 0)
			return x[i].is.value;
	return 0;
}

static bool compare_in(const struct config *config, const struct amount *a,
    const struct amount *b, const char *currency, int *sign)
{
	int64_t rate_a = rate(config, a->currency, currency);
	int64_t rate_b = rate(config, b->currency, currency);
	wide left, right;

	if (rate_a <= 0 || rate_b <= 0)
		return false;
	left = (wide)a->value * rate_a;
	right = (wide)b->value * rate_b;
	*sign = (left > right) - (left < right);
	return true;
}

bool money_compare(const struct config *config, const struct amount *a,
    const struct amount *b, int *sign)
{
	size_t i;

	if (compare_in(config, a, b, b->currency, sign) ||
	    compare_in(config, a, b, a->currency, sign))
		return true;
	for (i = 0; i < config->n_exchanges; i++)
		if (compare_in(
			config, a, b, config->exchanges[i].is.currency, sign))
			return true;
	return false;
}
