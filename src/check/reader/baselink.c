/*
 * baselink: joins host and path.  Folders are not looked at: what matters is
 * the host.
 */
#include "check/reader/baselink.h"

#include <string.h>

/* Bytes of "https://host" at the beginning, or 0. */
static size_t host_of(struct span base)
{
	const char *slashes = memmem(base.data, base.len, "//", 2), *p;

	if (slashes == NULL)
		return 0;
	for (p = slashes + 2; p < base.data + base.len && *p != '/';)
		p++;
	return (size_t)(p - base.data);
}

static bool is_relative(struct span href)
{
	size_t n = 0;

	while (n < href.len && memchr(":/?#", href.data[n], 4) == NULL)
		n++;
	return href.len > 0 && href.data[0] != '#' &&
	       (n == href.len || href.data[n] != ':') &&
	       (href.len < 2 || memcmp(href.data, "//", 2) != 0);
}

bool baselink_join(struct span base, struct span href, struct buf *out)
{
	size_t host = host_of(base);

	if (host == 0 || !is_relative(href))
		return false;
	buf_add(out, base.data, host);
	if (href.data[0] != '/')
		buf_add_char(out, '/');
	buf_add_span(out, href);
	return true;
}
