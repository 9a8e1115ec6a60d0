/*
 * inplace: the words that an edit changed, changed in HTML too, where it is
 * plain which words of the HTML these are; all its markup stays.
 */
#ifndef CHECK_READER_INPLACE_H
#define CHECK_READER_INPLACE_H

#include <stdbool.h>

#include "util/arena.h"
#include "util/buf.h"

/*
 * html: UTF-8.  before, after: the text that it says, and is to say.  utf8: it
 * may hold letters that are not of ASCII; else these become references.
 *
 * False, with out as it was: paragraphs or lists changed, not only words in
 * them; or changed words do not stand in the HTML between the same neighbours,
 * in one piece of text; or there is more that differs than is compared.
 */
bool inplace_html(struct arena *arena, struct span html, struct span before,
    struct span after, bool utf8, struct buf *out);

#endif
