/*
 * style: what CSS does to the sight of an element's text.  Which rules of a
 * style sheet are for it is sheet's.
 */
#ifndef CHECK_READER_STYLE_H
#define CHECK_READER_STYLE_H

#include <stdbool.h>

#include "check/reader/color.h"
#include "util/buf.h"

/* Ways to hide.  Those in STYLE_STAYS hold for all that is inside. */
#define STYLE_NONE	1u /* display, opacity, size, place: nothing shows */
#define STYLE_INVISIBLE 2u /* visibility; an inner element may undo it */
#define STYLE_TINY	4u /* font size; likewise */
#define STYLE_OUTLOOK	8u /* Outlook does not show it, others do */
#define STYLE_STAYS	(STYLE_NONE | STYLE_OUTLOOK)

#define STYLE_AS_TEXT (-3) /* fill: the letters have the colour text */

struct style {
	unsigned hides; /* STYLE_NONE ..., in force */
	unsigned says;	/* by this element itself; see style_settle() */
	int text, fill; /* colour as 0xrrggbb, or COLOR_NONE ... */
	int ground;	/* of the background */
	unsigned room;	/* characters that fit into what is cut; 0: all */
	bool gone;	/* not there: display, or no height */
	bool some;	/* some screens do not show it */
	bool struck;	/* a line is drawn through it; holds for all inside */
	bool turned;	/* its letters run backwards, or it is turned round */
	bool moved;	/* it may stand elsewhere than in its order */
};

/* Black on white, nothing hidden: what a page starts with. */
void style_init(struct style *style);

/*
 * Append CSS to out without its comments and with "\6e" as "n", as which
 * mail programs read it.  out needs room for css.len bytes.
 */
void style_clean(struct span css, struct buf *out);

/*
 * Apply declarations (references resolved, cleaned) to what was inherited;
 * with important only those that are marked so.  The last one counts.
 */
void style_apply(struct style *style, struct span css, bool important);

/* No more declarations for this element: what it says holds for its inside. */
void style_settle(struct style *style);

/* Do both show text alike? */
bool style_same(const struct style *a, const struct style *b);

/* Is text in this style not to be seen? */
bool style_hidden(const struct style *style);

/* May text in this style be read in another order, or not by everybody? */
bool style_astray(const struct style *style);

/* Does an address lead to another machine?  cid: and data: do not. */
bool style_remote(struct span url);

/* The first remote url(...) or @import in CSS; false: none. */
bool style_fetches(struct span css, struct span *url);

#endif
