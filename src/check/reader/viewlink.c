/*
 * viewlink: finds what mail programs make into links by themselves.  Where a
 * link leads is left to plug-ins.
 */
#include "check/reader/viewlink.h"

#include <string.h>
#include <strings.h>

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

/* Does an address end here? */
static bool is_end(char c)
{
	return (unsigned char)c <= ' ' || strchr("<>\"`{}|\\^", c) != NULL;
}

/* Length of the scheme that ends in the colon at p, or 0. */
static size_t scheme_before(const char *from, const char *p, const char *end)
{
	static const struct {
		const char *name;
		bool slashes;
	} schemes[] = {
	    {"https", true}, {"http", true}, {"ftp", true}, {"mailto", false}};
	size_t have = (size_t)(p - from), len;

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		len = strlen(schemes[i].name);
		if (have < len ||
		    strncasecmp(p - len, schemes[i].name, len) != 0 ||
		    (have > len && is_letter(p[-1 - (long)len])))
			continue;
		if (schemes[i].slashes ? end - p > 3 && p[1] == '/' &&
					     p[2] == '/' && !is_end(p[3])
				       : end - p > 1 && !is_end(p[1]))
			return len;
	}
	return 0;
}

/* Sentences end in these, addresses hardly ever. */
static struct span without_tail(struct span s)
{
	bool opened = memchr(s.data, '(', s.len) != NULL;

	while (s.len > 0 && (strchr(".,;:!?'*_~]", s.data[s.len - 1]) != NULL ||
				(!opened && s.data[s.len - 1] == ')')))
		s.len--;
	return s;
}

bool viewlink_next(struct span *rest, struct span *address)
{
	const char *from = rest->data, *p = from, *end = p + rest->len, *stop;
	size_t len;

	while (p < end && (p = memchr(p, ':', (size_t)(end - p))) != NULL) {
		len = scheme_before(from, p, end);
		for (stop = p + 1; len > 0 && stop < end && !is_end(*stop);)
			stop++;
		if (len == 0) {
			p++;
			continue;
		}
		*rest = (struct span){stop, (size_t)(end - stop)};
		*address = without_tail(
		    (struct span){p - len, (size_t)(stop - p) + len});
		return true;
	}
	*rest = (struct span){end, 0};
	return false;
}
