/*
 * unified: the difference of two texts as programs read it, the unified format
 * of diff(1).  Pure.
 */
#ifndef SEND_UNIFIED_H
#define SEND_UNIFIED_H

#include "util/buf.h"

/*
 * Append what makes the new text of the old, with three lines around each
 * change; nothing when they are equal.  Texts that differ in too many places
 * are one change.
 */
void unified_write(struct buf *out, struct span old_text, struct span new_text);

#endif
