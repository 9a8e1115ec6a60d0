/*
 * inplace: the words that an edit changed, changed in HTML too, where it is
 * plain which words of the HTML these are; all its markup stays.
 */
#ifndef CHECK_READER_INPLACE_H
#define CHECK_READER_INPLACE_H

#include <stdbool.h>

#include "util/arena.h"
#include "util/buf.h"

struct inplace_wish {
	struct span html;   /* UTF-8 */
	struct span before; /* the text that it says */
	struct span after;  /* and is to say */
	bool utf8;  /* it may hold letters that are not of ASCII; else these
		     * become references */
	bool alone; /* it is no twin of a text: before is what html.h makes of
		     * it, with what is hidden and all */
};

/*
 * Append the HTML that says the text after.  When only line breaks and blanks
 * differ, that is what it was.
 *
 * False, with out as it was: paragraphs or lists changed, not only words in
 * them; or changed words do not stand in the HTML between the same neighbours,
 * in one piece of text that mail programs show; or the HTML says them in
 * another place too, hidden, for Outlook or as a title among others, where
 * they would stay; or there is more that differs than is compared.
 */
bool inplace_html(
    struct arena *arena, const struct inplace_wish *wish, struct buf *out);

#endif
