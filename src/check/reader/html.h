/*
 * html: what a person would read of an HTML part, as plain text, and what the
 * part would do besides being read.
 */
#ifndef CHECK_READER_HTML_H
#define CHECK_READER_HTML_H

#include <stddef.h>

#include "check/reader/visible.h"
#include "util/buf.h"

#define HTML_INPUT_MAX (256 * 1024) /* bytes that are read */
#define HTML_DEPTH_MAX 500	    /* open elements that are told apart */
#define HTML_QUOTE_MAX 200	    /* bytes kept of a first example */

#define HTML_QUOTED_MAX 16 /* quotations of a page that are kept */

/* A piece of what was written to out, in bytes from its beginning. */
struct html_range {
	size_t from, to;
};

struct html_found {
	/* called for each link, with its address and text (PAGE_LINK_MAX), or
	 * NULL; both as they stand, references resolved */
	void (*link)(void *context, struct span target, struct span text);
	void *context;
	/* called for all that the page says, in its order, references
	 * resolved, or NULL: text, seen or hidden, also in the place of
	 * pictures; titles and scripts, which are not seen */
	void (*text)(void *context, struct span text, bool seen);
	void *text_context;
	unsigned hidden;    /* places whose text a mail program does not show */
	unsigned repeated;  /* likewise, and the text is to be seen, too */
	unsigned preheader; /* likewise, as newsletters' hidden first line */
	unsigned some;	    /* places whose text some screens do not show */
	unsigned turned;    /* places whose letters run backwards */
	unsigned remote;    /* things it would fetch from elsewhere */
	unsigned active;    /* scripts, forms, frames, event handlers */
	char hidden_first[HTML_QUOTE_MAX];   /* the beginning of the first */
	char repeated_first[HTML_QUOTE_MAX]; /* or of the preheader */
	char some_first[HTML_QUOTE_MAX];
	char turned_first[HTML_QUOTE_MAX];
	char remote_first[HTML_QUOTE_MAX]; /* its address */
	char active_first[HTML_QUOTE_MAX]; /* "script", "onload" */
	bool tired;    /* not all rules of its style sheets were followed */
	size_t unread; /* bytes of input beyond HTML_INPUT_MAX */
	/* what mail programs mark as quoted from an earlier mail */
	size_t n_quoted;
	struct html_range quoted[HTML_QUOTED_MAX];
};

/*
 * Append the text of valid UTF-8 markup to out: a line break at each block,
 * links as "text <address>", pictures by their alternative text, hidden text
 * as "[hidden: text]", struck text as "[struck: text]".  Contents of style and
 * script are left out.  Adds to found, which the caller has zeroed.  Linear
 * time, no recursion that follows the input.
 */
void html_text(struct span html, struct visible *out, struct html_found *found);

/*
 * The same for a person's answer: each line that its mail program quotes
 * begins with "> ", and the page's title is left out.
 */
void html_answer(struct span html, struct visible *out);

#endif
