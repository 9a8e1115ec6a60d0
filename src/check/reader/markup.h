/*
 * markup: cuts HTML into tags, comments and text, by the rules of the WHATWG
 * standard's tokenizer, so that what a mail program shows as text is text
 * here too.  (libxml2's parser throws away "<$100 is due>", which they show.)
 * Names and values are views into the input, references not yet resolved.
 */
#ifndef CHECK_READER_MARKUP_H
#define CHECK_READER_MARKUP_H

#include <stdbool.h>
#include <stddef.h>

#include "util/buf.h"

enum markup_kind {
	MARKUP_END,
	MARKUP_TEXT,
	MARKUP_OPEN,  /* start tag */
	MARKUP_CLOSE, /* end tag */
	MARKUP_COMMENT /* <!-- --> */,
	MARKUP_BROKEN /* a tag or comment that never ends: all the rest */
};

/* Attributes that mean something to us; the first of several counts. */
enum markup_attribute {
	MARKUP_ALT,
	MARKUP_ARIA_LABEL,
	MARKUP_BACKGROUND,
	MARKUP_BGCOLOR,
	MARKUP_CLASS,
	MARKUP_COLOR,
	MARKUP_DATA,
	MARKUP_HIDDEN,
	MARKUP_HREF,
	MARKUP_HTTP_EQUIV,
	MARKUP_ID,
	MARKUP_MEDIA,
	MARKUP_POSTER,
	MARKUP_REL,
	MARKUP_SRC,
	MARKUP_SRCSET,
	MARKUP_STYLE,
	MARKUP_TEXT_COLOR,
	MARKUP_TITLE,
	MARKUP_TYPE,
	MARKUP_VALUE,
	MARKUP_ATTRIBUTES
};

struct markup_token {
	enum markup_kind kind;
	struct span text;		      /* of text, comment and broken */
	struct span name;		      /* of a tag */
	struct span tag;		      /* all of it */
	unsigned has;			      /* bits 1u << MARKUP_ALT ... */
	struct span value[MARKUP_ATTRIBUTES]; /* of those it has */
	bool bogus;	     /* a comment that is none: "<![if !mso]>" */
	struct span handler; /* name of the first "on..." attribute */
};

/* Take the next token off the front of rest. */
void markup_next(struct span *rest, struct markup_token *token);

/*
 * After the start tag of an element whose content is no markup (script,
 * style, title ...): its content, up to its end tag, which stays in rest.
 */
struct span markup_raw(struct span *rest, struct span name);

/* Is that the tag's or attribute's name, in whatever case? */
bool markup_is(struct span name, const char *what);

#endif
