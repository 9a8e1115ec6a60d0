/*
 * money: amounts of different currencies, compared by the configured rates of
 * exchange.
 */
#ifndef CHECK_MONEY_H
#define CHECK_MONEY_H

#include <stdbool.h>

#include "config/config.h"
#include "util/amount.h"

/*
 * Compare as amount_compare() does: sign gets -1, 0 or 1.  False when there is
 * no rate from one to the other, or one of them is a plain number.
 */
bool money_compare(const struct config *config, const struct amount *a,
    const struct amount *b, int *sign);

#endif
