/*
 * signoff: what stands below a person's words and is none: a signature that
 * is marked as one, and the line with which a mail program praises itself.
 *
 * When in doubt a line is the person's.
 */
#ifndef CHECK_READER_SIGNOFF_H
#define CHECK_READER_SIGNOFF_H

#include "check/reader/lines.h"

/*
 * Where in the lines from..end the person's words end: before the last "-- "
 * (RFC 3676 section 4.3), or before "Sent from my iPhone" and its like, at
 * the end; end: there is neither.
 */
size_t signoff_find(const struct lines *lines, size_t from, size_t end);

#endif
