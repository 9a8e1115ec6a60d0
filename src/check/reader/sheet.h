/*
 * sheet: the rules of a page's style sheets, and which of them are for an
 * element.  Only what hides text or changes its colours is kept.
 */
#ifndef CHECK_READER_SHEET_H
#define CHECK_READER_SHEET_H

#include <stdbool.h>

#include "check/reader/style.h"
#include "util/buf.h"

#define SHEET_RULES_MAX 1000	 /* that are followed */
#define SHEET_WORK_MAX	20000000 /* looks at a rule, for a whole page */

struct sheet;

/* What selectors ask of an element; references are not resolved. */
struct sheet_element {
	struct span name, classes, id;
	struct span tag;		    /* as it stands in the page */
	const struct sheet_element *around; /* NULL: none */
};

/* None yet; the caller frees it. */
struct sheet *sheet_new(void);
void sheet_free(struct sheet *sheet); /* NULL is harmless */

/*
 * Add the rules of a <style>; media: whom it is for, or empty; outlook: only
 * Outlook follows them.  css is copied.
 */
void sheet_read(
    struct sheet *sheet, struct span css, struct span media, bool outlook);

/*
 * Apply all that is for the element, in the order of the sheets; with
 * important, what is marked so.  A rule for some screens only sets some.
 */
void sheet_apply(struct sheet *sheet, const struct sheet_element *element,
    struct style *style, bool important);

/* Were there more rules, or more elements, than are looked at? */
bool sheet_tired(const struct sheet *sheet);

/*
 * Does a style sheet write text of its own (content: "...")?  text is the
 * first such, without its quotes, as it stands in css.
 */
bool sheet_writes(struct span css, struct span *text);

#endif
