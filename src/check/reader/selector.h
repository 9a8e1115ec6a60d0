/*
 * selector: does a CSS selector mean an element?
 */
#ifndef CHECK_READER_SELECTOR_H
#define CHECK_READER_SELECTOR_H

#include <stdbool.h>

#include "check/reader/sheet.h"
#include "util/buf.h"

#define SELECTOR_ANY '\x01' /* in a name: any one character */

/* Is it for something that a reader sees as it lies there, not for a mouse
 * upon it or a first letter? */
bool selector_counts(struct span selector);

/* Does "div.a > p[title]" mean this element?  What cannot be told is yes. */
bool selector_fits(struct span selector, const struct sheet_element *element);

#endif
