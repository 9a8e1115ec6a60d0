/*
 * viewlink: addresses that are written out in text: "https://...", "mailto:".
 */
#ifndef CHECK_READER_VIEWLINK_H
#define CHECK_READER_VIEWLINK_H

#include <stdbool.h>

#include "util/buf.h"

/*
 * The next address in a text, which is taken off its front; false: none.
 * Marks at its end that belong to the sentence are not of it.
 */
bool viewlink_next(struct span *rest, struct span *address);

#endif
