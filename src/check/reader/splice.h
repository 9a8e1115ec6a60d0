/*
 * splice: a list of places in a mail that get other bytes, applied at once,
 * so that every byte outside of them stays as it is.
 */
#ifndef CHECK_READER_SPLICE_H
#define CHECK_READER_SPLICE_H

#include "check/reader/mime.h"

#include "util/arena.h"
#include "util/buf.h"

struct splice {
	struct mime_range range; /* length 0: an insertion */
	struct span bytes;
	size_t order; /* among those at one place */
};

struct splices {
	struct arena *arena; /* set by the owner; the rest starts as zeroes */
	size_t n, room;
	struct splice *list;
};

/* Replace a range by bytes, which must live until splice_apply(). */
void splice_add(
    struct splices *splices, struct mime_range range, struct span bytes);

/*
 * Append the mail with everything replaced; insertions at one place come in
 * the order in which they were added.  0, or -1 when ranges overlap, lie
 * outside of the mail, or the result is larger than out may be.
 */
int splice_apply(struct splices *splices, struct span mail, struct buf *out);

#endif
