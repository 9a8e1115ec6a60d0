/*
 * buf: text or bytes that grow, always with a maximum.
 *
 * Invariants: data is never NULL once buf_init() ran and always has a NUL
 * behind its len bytes.  Going over the maximum, or adding after that, adds
 * nothing and sets overflow; so a caller may compose first and look once.
 */
#ifndef UTIL_BUF_H
#define UTIL_BUF_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes that somebody else owns; not NUL-terminated. */
struct span {
	const char *data;
	size_t len;
};

struct buf {
	char *data;
	size_t len;
	size_t room;	  /* bytes allocated, the NUL included */
	size_t max_bytes; /* len never goes above this */
	bool overflow;
};

/* Make an empty buf that may grow to max_bytes. */
void buf_init(struct buf *buf, size_t max_bytes);

/* Free what it holds; the buf may be released again, or init'ed. */
void buf_release(struct buf *buf);

/* Empty it, keep its memory; clears overflow. */
void buf_clear(struct buf *buf);

/* Give the text to the caller, who frees it; the buf is empty after. */
char *buf_detach(struct buf *buf);

/* Append.  0, or -1 when it would not fit (then nothing was added). */
int buf_add(struct buf *buf, const void *bytes, size_t size);
int buf_add_str(struct buf *buf, const char *s);
int buf_add_char(struct buf *buf, char c);
int buf_add_span(struct buf *buf, struct span span);
int buf_addf(struct buf *buf, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Remove n bytes at the front (n at most len). */
void buf_drop_front(struct buf *buf, size_t n);

/* Cut to len bytes (len at most the present one). */
void buf_cut(struct buf *buf, size_t len);

/* The whole content as a span, valid until the buf changes. */
struct span buf_span(const struct buf *buf);

#endif
