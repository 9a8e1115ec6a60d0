/*
 * buf: the growing buffer.  Growth doubles, so that adding is linear overall;
 * what a maximum means to a peer is left to the caller.
 */
#include "util/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

static char empty[1];

void buf_init(struct buf *buf, size_t max_bytes)
{
	buf->data = empty;
	buf->len = 0;
	buf->room = 0;
	buf->max_bytes = max_bytes;
	buf->overflow = false;
}

void buf_release(struct buf *buf)
{
	if (buf->room > 0)
		free(buf->data);
	buf_init(buf, buf->max_bytes);
}

void buf_clear(struct buf *buf)
{
	buf->len = 0;
	buf->overflow = false;
	if (buf->room > 0)
		buf->data[0] = '\0';
}

char *buf_detach(struct buf *buf)
{
	char *s = buf->room > 0 ? buf->data : mem_dup("", 0);

	buf_init(buf, buf->max_bytes);
	return s;
}

/* Room for extra more bytes and the NUL, or -1. */
static int reserve(struct buf *buf, size_t extra)
{
	size_t need, room;

	if (buf->overflow || extra > buf->max_bytes - buf->len) {
		buf->overflow = true;
		return -1;
	}
	need = buf->len + extra + 1;
	if (need <= buf->room)
		return 0;
	room = buf->room < 64 ? 64 : buf->room * 2;
	if (room > buf->max_bytes && need <= buf->max_bytes + 1)
		room = buf->max_bytes + 1;
	if (room < need)
		room = need;
	buf->data = mem_grow(buf->room > 0 ? buf->data : NULL, room, 1);
	buf->room = room;
	return 0;
}

int buf_add(struct buf *buf, const void *bytes, size_t size)
{
	if (reserve(buf, size))
		return -1;
	if (size > 0)
		memcpy(buf->data + buf->len, bytes, size);
	buf->len += size;
	buf->data[buf->len] = '\0';
	return 0;
}

int buf_add_str(struct buf *buf, const char *s)
{
	return buf_add(buf, s, strlen(s));
}

int buf_add_char(struct buf *buf, char c)
{
	return buf_add(buf, &c, 1);
}

int buf_add_span(struct buf *buf, struct span span)
{
	return buf_add(buf, span.data, span.len);
}

int buf_addf(struct buf *buf, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || reserve(buf, (size_t)n)) {
		va_end(again);
		return -1;
	}
	vsnprintf(buf->data + buf->len, (size_t)n + 1, fmt, again);
	va_end(again);
	buf->len += (size_t)n;
	return 0;
}

void buf_drop_front(struct buf *buf, size_t n)
{
	if (n == 0)
		return;
	memmove(buf->data, buf->data + n, buf->len - n + 1);
	buf->len -= n;
}

void buf_cut(struct buf *buf, size_t len)
{
	if (len == buf->len)
		return;
	buf->len = len;
	buf->data[len] = '\0';
}

struct span buf_span(const struct buf *buf)
{
	return (struct span){buf->data, buf->len};
}
