/*
 * style: what an element's own CSS does to the sight of its text.  Rules in
 * style sheets are not followed.
 */
#ifndef CHECK_READER_STYLE_H
#define CHECK_READER_STYLE_H

#include <stdbool.h>

#include "util/buf.h"

/* Ways to hide.  Those in STYLE_STAYS hold for all that is inside. */
#define STYLE_NONE	1u /* display, opacity, size, place: nothing shows */
#define STYLE_INVISIBLE 2u /* visibility; an inner element may undo it */
#define STYLE_TINY	4u /* font size; likewise */
#define STYLE_STAYS	STYLE_NONE

#define STYLE_NO_COLOR	  (-1) /* not known: a picture, a style sheet */
#define STYLE_TRANSPARENT (-2)

struct style {
	unsigned hides; /* STYLE_NONE ..., in force */
	int text;	/* colour as 0xrrggbb, or one of the above */
	int ground;	/* of the background */
	bool struck;	/* a line is drawn through it; holds for all inside */
};

/* Black on white, nothing hidden: what a page starts with. */
void style_init(struct style *style);

/*
 * Append CSS to out without its comments and with "\6e" as "n", as which
 * mail programs read it.  out needs room for css.len bytes.
 */
void style_clean(struct span css, struct buf *out);

/*
 * Apply a style attribute (references resolved, cleaned) to what was inherited.
 * True when it fetches something from elsewhere; url is then its address.
 */
bool style_apply(struct style *style, struct span css, struct span *url);

/* A colour as in CSS or bgcolor=""; STYLE_NO_COLOR when it is not one. */
int style_color(struct span value);

/* Is text in this style not to be seen? */
bool style_hidden(const struct style *style);

/* Does an address lead to another machine?  cid: and data: do not. */
bool style_remote(struct span url);

/*
 * Does a style sheet write text of its own (content: "...")?  text is the
 * first such, without its quotes.
 */
bool style_writes(struct span css, struct span *text);

/* The first remote url(...) or @import in CSS; false: none. */
bool style_fetches(struct span css, struct span *url);

#endif
