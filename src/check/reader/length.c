/*
 * length: numbers with units, roughly: what matters is whether they are next
 * to nothing, or more than any page has.
 */
#include "check/reader/length.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static struct span trim(const char *from, const char *to)
{
	while (from < to && is_space(*from))
		from++;
	while (to > from && is_space(to[-1]))
		to--;
	return (struct span){from, (size_t)(to - from)};
}

static bool starts(struct span s, const char *what)
{
	return s.len >= strlen(what) &&
	       strncasecmp(s.data, what, strlen(what)) == 0;
}

bool length_number(struct span value, double *n, struct span *unit)
{
	char digits[32];
	size_t len =
	    value.len < sizeof(digits) - 1 ? value.len : sizeof(digits) - 1;
	size_t used = 0, more;

	memcpy(digits, value.data, len);
	digits[len] = '\0';
	used = strspn(digits, "+-0123456789.");
	if (used == 0 || strpbrk(digits, "0123456789") == NULL)
		return false;
	/* "1e-9px", but not "1em" */
	more = used + strspn(digits + used, "eE");
	if (more == used + 1) {
		more += strspn(digits + more, "+-");
		if (digits[more] >= '0' && digits[more] <= '9')
			used = more + strspn(digits + more, "0123456789");
	}
	digits[used] = '\0';
	*n = strtod(digits, NULL);
	*unit = trim(value.data + used, value.data + value.len);
	return true;
}

/* The smallest number in "calc(1px * 0)"; else the one at the start. */
static bool least_number(struct span value, double *n, struct span *unit)
{
	const char *p = value.data, *end = p + value.len;
	bool found = false, inside = false;
	struct span its;
	double one;

	if (memchr(p, '(', value.len) == NULL)
		return length_number(value, n, unit);
	while (p < end) {
		bool starts_here =
		    !inside && length_number(trim(p, end), &one, &its);

		inside = (*p >= '0' && *p <= '9') || *p == '.';
		if (starts_here && inside && (!found || one < *n)) {
			*n = one;
			*unit = its;
			found = true;
		}
		p++;
	}
	return found;
}

double length_pixels(struct span unit)
{
	static const struct {
		const char *name;
		double pixels;
	} units[] = {{"px", 1}, {"pt", 1.33}, {"pc", 16}, {"rem", 16},
	    {"em", 16}, {"ex", 8}, {"ch", 8}, {"vw", 8}, {"vh", 8}, {"vmin", 8},
	    {"vmax", 8}, {"in", 96}, {"cm", 38}, {"mm", 3.8}, {"%", 8}};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (starts(unit, units[i].name))
			return units[i].pixels;
	return 1;
}

bool length_tiny(struct span value)
{
	struct span unit;
	double n;

	if (!least_number(value, &n, &unit))
		return false;
	if (starts(unit, "em") || starts(unit, "rem"))
		return n <= 0.15;
	if (starts(unit, "%"))
		return n <= 15;
	if (unit.len == 0)
		return n == 0;
	return n * length_pixels(unit) <= 2.7;
}

bool length_flat(struct span value)
{
	struct span unit;
	double n;

	return least_number(value, &n, &unit) && n * length_pixels(unit) <= 3;
}

bool length_zero(struct span value)
{
	struct span unit;
	double n;

	return length_number(value, &n, &unit) && n <= 0;
}

/* Beyond the edge of any page, on either side. */
static bool leads_away(struct span value)
{
	struct span unit;
	double n;

	if (!length_number(value, &n, &unit))
		return false;
	n *= length_pixels(unit);
	return n <= -500 || n >= 1900;
}

bool length_far(struct span value)
{
	const char *p = value.data, *end = p + value.len;

	while (p < end) {
		const char *from = p;

		while (p < end && !is_space(*p) && *p != ',')
			p++;
		if (leads_away(trim(from, p)))
			return true;
		p += p < end;
	}
	return false;
}

bool length_naught(struct span value)
{
	bool any = false;

	for (size_t i = 0; i < value.len; i++) {
		if (value.data[i] >= '1' && value.data[i] <= '9')
			return false;
		any = any || value.data[i] == '0';
	}
	return any;
}

bool length_faint(struct span value)
{
	struct span unit;
	double n;

	return least_number(value, &n, &unit) &&
	       n <= (starts(unit, "%") ? 10 : 0.1);
}
