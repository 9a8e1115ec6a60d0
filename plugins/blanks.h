/*
 * blanks: text that stands so far below or beside what a person sees that it
 * is overlooked.
 */
#ifndef BLANKS_H
#define BLANKS_H

#include <stdbool.h>
#include <stddef.h>

#define BLANKS_LINES   20   /* empty lines in a row */
#define BLANKS_COLUMNS 150  /* blanks in a row, in a line */
#define BLANKS_PIXELS  1200 /* of empty space that a style makes */

struct blanks {
	unsigned lines;	  /* empty, before the text; or 0 */
	unsigned columns; /* blank, before the text; or 0 */
	const char *text; /* that stands behind, to its line's end */
	size_t size;
};

/* The first such text.  False: none. */
bool blanks_in_text(const char *text, size_t size, struct blanks *found);

/* The space in pixels that a style of the page makes above or in an element,
 * when it is that much; else 0. */
unsigned blanks_in_html(const char *source, size_t size);

#endif
