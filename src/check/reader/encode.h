/*
 * encode: base64 and quoted-printable (RFC 2045 6.7, 6.8), written.  decode.h
 * has the way back.
 */
#ifndef CHECK_READER_ENCODE_H
#define CHECK_READER_ENCODE_H

#include <stdbool.h>

#include "util/buf.h"

#define ENCODE_LINE_MAX 998 /* bytes of a line as it is, RFC 5322 2.1.1 */

/* Append text, whose lines end in CRLF, in lines of at most 76 characters.
 * None of them looks like the delimiter of a multipart, or begins "From ". */
void encode_quoted(struct span text, struct buf *out);

/* Append bytes in lines of 76 characters, each with CRLF. */
void encode_base64(struct span bytes, struct buf *out);

/* Is no line of the text longer than ENCODE_LINE_MAX? */
bool encode_lines_fit(struct span text);

/* Are all bytes ASCII? */
bool encode_is_ascii(struct span text);

#endif
