/*
 * framing: where a mail ends, and whether its bytes are fit to be passed on.
 * Fed with whatever has arrived, in any pieces; does no input or output.
 *
 * A line ends with CRLF and nothing else; a mail given by DATA ends with
 * CRLF "." CRLF and nothing else (RFC 5321 2.3.8, 4.1.1.4).  Anything that
 * another server could take for an end is marked, never believed, so that the
 * mail can be refused after its true end and the connection stays in step.
 */
#ifndef ACCEPT_FRAMING_H
#define ACCEPT_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"

#define FRAMING_LINE_MOST 998 /* bytes before CRLF (RFC 5322 2.1.1) */

/* What was seen on the way; any number of them together. */
#define FRAMING_BARE_CR	  1u
#define FRAMING_BARE_LF	  2u
#define FRAMING_NUL	  4u
#define FRAMING_LONG_LINE 8u
#define FRAMING_OPEN_END  16u /* the last chunk does not end with CRLF */
#define FRAMING_8BIT	  32u /* no fault: bytes above 127 */

struct framing {
	unsigned state;
	unsigned marks; /* FRAMING_* */
	size_t line;	/* bytes of the line so far */
	uint64_t left;	/* bytes of the chunk that are still to come */
};

/* Begin a mail. */
void framing_init(struct framing *framing);

/*
 * Read some of a mail given by DATA.  Returns how many bytes of in were used;
 * call it again with the rest until all were used or *end is true.  Nothing
 * behind the end is used.  piece: the bytes of the mail among them, dots
 * unstuffed; it points into in and may be empty.
 */
size_t framing_data(
    struct framing *framing, struct span in, struct span *piece, bool *end);

/* A chunk of that many bytes follows (BDAT, RFC 3030). */
void framing_chunk(struct framing *framing, uint64_t size);

/*
 * Read some of the chunk, as above; dots mean nothing in it.  The chunk is
 * over when left is 0.
 */
size_t framing_bdat(
    struct framing *framing, struct span in, struct span *piece);

/* The last chunk is over: mark what is wrong with the mail's end. */
void framing_end(struct framing *framing);

#endif
