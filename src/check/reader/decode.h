/*
 * decode: base64 and quoted-printable (RFC 2045 6.7, 6.8), read so that
 * nothing is lost: what is wrong is counted and read on, since some mail
 * program somewhere will read on too.
 */
#ifndef CHECK_READER_DECODE_H
#define CHECK_READER_DECODE_H

#include <stddef.h>

#include "util/buf.h"

struct decode {
	size_t size;  /* bytes that came out */
	size_t wrong; /* characters that do not belong there */
};

/*
 * Decode a whole body, appending to out; with out NULL, only count.  out's
 * maximum must allow for in.len bytes more.
 */
struct decode decode_base64(struct span in, struct buf *out);
struct decode decode_quoted(struct span in, struct buf *out);

/* The "Q" encoding of encoded-words (RFC 2047 4.2). */
struct decode decode_q(struct span in, struct buf *out);

/* Value of a hexadecimal digit, or -1. */
int decode_hex(char c);

#endif
