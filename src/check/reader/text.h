/*
 * text: the parts of a mail, and what a person would read of them.
 */
#ifndef CHECK_READER_TEXT_H
#define CHECK_READER_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "check/reader/mime.h"
#include "reading.h"

#define TEXT_QUOTED_MAX 100  /* quotations in HTML that are kept */
#define TEXT_LINKS_MAX	2000 /* links of a mail that are kept */

struct text_range {
	size_t from, to; /* in reading->text */
};

/* An <a href> of an HTML part. */
struct text_link {
	size_t part;	    /* index in reading->parts */
	const char *target; /* both as they stand, without NUL */
	const char *text;
};

/* What was seen on the way, for those who look closer.  In the arena. */
struct text_more {
	bool wanted;   /* the caller's to set: fill texts and links, too */
	bool headings; /* lines of text that begin with "=== " are ours */
	size_t n_quoted;
	struct text_range quoted[TEXT_QUOTED_MAX]; /* ascending */
	struct span *texts; /* of each part, as it is read; empty: a file */
	size_t n_links, links_room;
	struct text_link *links;
};

/*
 * Fill parts, text and text_total, with findings about them.  The context
 * part is left out.  With more than one piece of text, each begins with a
 * line "=== part 2 of 3: text/html ==="; no line of the mail can begin so.
 * What stands outside of all parts comes last.
 */
void text_read(
    struct reading *reading, const struct mime *mime, struct text_more *more);

#endif
