/*
 * flowed: text/plain; format=flowed (RFC 3676), both ways.  Texts here have
 * LF between lines.
 */
#ifndef CHECK_READER_FLOWED_H
#define CHECK_READER_FLOWED_H

#include <stdbool.h>

#include "util/buf.h"

#define FLOWED_WIDTH 72 /* characters of a line that is made */

/*
 * Append the text with its soft line breaks joined and its space-stuffing
 * undone.  Quoted lines begin with their ">" marks and a space.
 */
void flowed_join(struct span text, bool delsp, struct buf *out);

/*
 * Append a text as flowed lines: long ones are broken softly at spaces, what
 * would be misread is stuffed with a space, spaces at the end of a line are
 * dropped since they would join it to the next.  Quoted lines stay whole.
 */
void flowed_break(struct span text, bool delsp, struct buf *out);

#endif
