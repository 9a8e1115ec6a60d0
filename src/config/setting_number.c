/*
 * setting_number: numbers with units.  Ranges are left to setting.c.
 */
#include "config/setting_number.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct unit {
	const char *name;
	int64_t factor;
};

static const struct unit counts[] = {{"", 1}, {NULL, 0}};
/* The largest first, so that the shortest text is found first. */
static const struct unit times[] = {
    {"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}, {"", 1}, {NULL, 0}};
static const struct unit short_times[] = {{"h", 3600000}, {"m", 60000},
    {"s", 1000}, {"ms", 1}, {"", 1000}, {NULL, 0}};
static const struct unit sizes[] = {{"G", INT64_C(1) << 30},
    {"M", INT64_C(1) << 20}, {"K", INT64_C(1) << 10}, {"", 1}, {NULL, 0}};

static const struct unit *units_of(enum setting_type type)
{
	switch (type) {
	case SETTING_SECONDS:
		return times;
	case SETTING_MILLISECONDS:
		return short_times;
	case SETTING_SIZE:
		return sizes;
	default:
		return counts;
	}
}

int64_t setting_number_plain(enum setting_type type, int64_t n)
{
	return type == SETTING_MILLISECONDS && n < INT64_MAX / 1000 ? n * 1000
								    : n;
}

int64_t setting_number_read(enum setting_type type, const char *text)
{
	const struct unit *u;
	char *end;
	long long n;

	if (!isdigit((unsigned char)*text))
		return -1;
	errno = 0;
	n = strtoll(text, &end, 10);
	for (u = units_of(type); u->name != NULL; u++)
		if (strcmp(end, u->name) == 0)
			return errno != 0 || n > INT64_MAX / u->factor
				   ? -1
				   : n * u->factor;
	return -1;
}

const char *setting_number_text(
    enum setting_type type, int64_t n, char out[SETTING_NUMBER_SIZE])
{
	const struct unit *u = units_of(type);

	while (u->name != NULL && (n == 0 || n % u->factor != 0))
		u++;
	if (u->name == NULL)
		u = counts;
	snprintf(
	    out, SETTING_NUMBER_SIZE, "%" PRId64 "%s", n / u->factor, u->name);
	return out;
}

void setting_number_store(const struct setting *row, void *into, int64_t n)
{
	char *at = (char *)into + row->offset;

	if (row->type == SETTING_SIZE)
		*(uint64_t *)(void *)at = (uint64_t)n;
	else
		*(unsigned *)(void *)at = (unsigned)n;
}
