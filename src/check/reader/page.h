/*
 * page: lays out text as a person would read it: blanks run together, lines
 * broken at blocks, hidden text in brackets.
 */
#ifndef CHECK_READER_PAGE_H
#define CHECK_READER_PAGE_H

#include <stdbool.h>

#include "check/reader/visible.h"
#include "util/buf.h"

#define PAGE_LINK_MAX 400 /* bytes of a link's text that are compared */

struct page {
	struct visible *out;
	unsigned breaks;	  /* line breaks that wait for text */
	bool space;		  /* a blank that waits for text */
	bool any;		  /* some text came */
	bool quoted;		  /* each line begins with "> " */
	const char *mark;	  /* of the bracket that is open, or NULL */
	const char *marker;	  /* "* " before the next text, or NULL */
	char link[PAGE_LINK_MAX]; /* text since page_link_begin() */
	size_t link_len;
};

/* Start an empty page that is written to out. */
void page_init(struct page *page, struct visible *out);

/* Text with blanks as in the source; pre: they count. */
void page_text(struct page *page, struct span text, bool pre);

/* What comes next is in brackets that begin so; NULL: in none again. */
#define PAGE_HIDDEN "[hidden: "
#define PAGE_STRUCK "[struck: "
#define PAGE_ASTRAY "[elsewhere: "
void page_mark(struct page *page, const char *mark);

/* What comes next is quoted, or is not again; it is on lines of its own. */
void page_quote(struct page *page, bool quoted);

/* The line that marks what follows as a signature. */
void page_sign(struct page *page);

/* At least so many line breaks before the next text; or one more. */
void page_block(struct page *page, unsigned breaks);
void page_break(struct page *page);

/* A blank before the next text. */
void page_space(struct page *page);

/* Remember the text from here on, to compare it with an address. */
void page_link_begin(struct page *page);
bool page_link_equals(const struct page *page, struct span address);
/* That text, as far as it was kept, up to a whole character. */
struct span page_link_text(const struct page *page);

/* Close an open bracket and end the last line. */
void page_end(struct page *page);

#endif
