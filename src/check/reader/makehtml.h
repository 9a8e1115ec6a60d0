/*
 * makehtml: plain text as the simplest HTML that shows it: lines, spaces and
 * nothing else.  html.h has the way back.
 */
#ifndef CHECK_READER_MAKEHTML_H
#define CHECK_READER_MAKEHTML_H

#include <stdbool.h>

#include "util/buf.h"

/*
 * Append a whole document that shows text (valid UTF-8); both have LF between
 * lines.  charset is what the document declares; in one
 * other than utf-8, or with NULL, what is not ASCII is written as "&#8364;".
 */
void makehtml_write(struct span text, const char *charset, struct buf *out);

/* Append text alone, escaped; raw: what is not ASCII stays as it is. */
void makehtml_text(struct span text, bool raw, struct buf *out);

#endif
