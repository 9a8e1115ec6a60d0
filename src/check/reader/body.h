/*
 * body: the parts of a mail, and what a person would read of them.
 */
#ifndef CHECK_READER_BODY_H
#define CHECK_READER_BODY_H

#include "check/reader/mime.h"
#include "reading.h"

/*
 * Fill parts, text and text_total, with findings about them.  The context
 * part is left out.  With more than one piece of text, each begins with a
 * line "=== part 2 of 3: text/html ==="; no line of the mail can begin so.
 * What stands outside of all parts comes last.
 */
void body_read(struct reading *reading, const struct mime *mime);

/*
 * A leaf's content as UTF-8 with line ends as they are, transfer encoding
 * undone, up to out's maximum; for a text part.  Returns the number of places
 * that were bad (base64, charset).
 */
size_t body_utf8(
    const struct mime *mime, const struct mime_node *node, struct buf *out);

#endif
