/*
 * text: the parts of a mail, and what a person would read of them.
 */
#ifndef CHECK_READER_TEXT_H
#define CHECK_READER_TEXT_H

#include "check/reader/mime.h"
#include "reading.h"

/*
 * Fill parts, text and text_total, with findings about them.  The context
 * part is left out.  With more than one piece of text, each begins with a
 * line "=== part 2 of 3: text/html ==="; no line of the mail can begin so.
 * What stands outside of all parts comes last.
 */
void text_read(struct reading *reading, const struct mime *mime);

#endif
