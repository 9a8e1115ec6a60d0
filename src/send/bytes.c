/*
 * bytes: checks and dot-stuffs the outgoing bytes.  Where the mail ends is
 * said by client.c.
 */
#include "send/bytes.h"

#include <string.h>

const char *bytes_fault(struct span mail)
{
	const char *at = mail.data, *end = mail.data + mail.len, *cr, *lf;

	if (mail.len < 2 || memcmp(end - 2, "\r\n", 2) != 0)
		return "it does not end with CRLF";
	if (memchr(mail.data, '\0', mail.len) != NULL)
		return "it holds a NUL";
	while (at < end) {
		lf = memchr(at, '\n', (size_t)(end - at));
		cr = memchr(at, '\r', (size_t)(end - at));
		if (lf == NULL || (cr != NULL && cr + 1 < lf))
			return "it holds a CR without LF";
		if (cr == NULL || cr > lf)
			return "it holds an LF without CR";
		at = lf + 1;
	}
	return NULL;
}

bool bytes_stuff(struct bytes_stuffer *stuffer, struct span mail,
    struct buf *out, size_t most)
{
	size_t start = out->len, left, n;
	const char *at, *lf;

	while (stuffer->at < mail.len && out->len - start < most) {
		at = mail.data + stuffer->at;
		left = mail.len - stuffer->at;
		n = most - (out->len - start);
		n = left < n ? left : n;
		if (!stuffer->inside && *at == '.')
			buf_add_char(out, '.');
		lf = memchr(at, '\n', n);
		if (lf != NULL)
			n = (size_t)(lf - at) + 1;
		buf_add(out, at, n);
		stuffer->inside = lf == NULL;
		stuffer->at += n;
	}
	return stuffer->at == mail.len;
}
