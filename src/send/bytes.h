/*
 * bytes: the last look at a mail before it leaves, and the way in which DATA
 * carries it (RFC 5321 2.3.8, 4.5.2).  Pure.
 */
#ifndef SEND_BYTES_H
#define SEND_BYTES_H

#include <stdbool.h>
#include <stddef.h>

#include "util/buf.h"

/*
 * Why these bytes must not leave: a CR without LF, an LF without CR, a NUL, no
 * CRLF at the end.  Any of them could be read by the next server as the end of
 * the mail.  NULL: nothing is wrong with them.
 */
const char *bytes_fault(struct span mail);

/* Where the writing of a mail stands; zeroes are the beginning. */
struct bytes_stuffer {
	size_t at;   /* bytes of the mail that were written */
	bool inside; /* a line has begun */
};

/*
 * Append more of the mail with a dot put before each dot that begins a line, at
 * most + 1 bytes.  True when all of it was written.
 */
bool bytes_stuff(struct bytes_stuffer *stuffer, struct span mail,
    struct buf *out, size_t most);

#endif
