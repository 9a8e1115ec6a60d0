/*
 * tokens: plain text and HTML cut alike into runs of letters and digits, and
 * single marks, so that the words of one can be looked for in the other.
 */
#ifndef CHECK_READER_TOKENS_H
#define CHECK_READER_TOKENS_H

#include <stdbool.h>
#include <stddef.h>

#include "util/arena.h"
#include "util/buf.h"

#define TOKENS_MOST 200000 /* of one list; a full one is not all */

struct token {
	struct span text;
	bool spaced;	/* a blank, a line or a block begins before it */
	bool paragraph; /* of a text: a blank line stands before it */
	bool line;	/* of a text: it begins one */
	bool ended;	/* of a text: a short line ended before it */
	bool seen;	/* of a page: mail programs show it */
	unsigned piece; /* of HTML: tokens of one number have no tag between */
	struct span from; /* of HTML: as it stands there */
};

struct tokens {
	size_t n, room;
	struct token *list; /* in the arena */
};

/* Letters and digits, of whatever script?  Else it is a run of one mark. */
bool tokens_is_word(struct span text);

/* The same bytes? */
bool tokens_same(struct span a, struct span b);

/* Append those of a plain text.  Their texts point into it. */
void tokens_text(struct arena *arena, struct span text, struct tokens *tokens);

/*
 * Append those that stand between the tags of HTML, references resolved.  Not
 * those of scripts, styles, titles and the like.
 */
void tokens_html(struct arena *arena, struct span html, struct tokens *tokens);

/*
 * Append the words of all that a page says, as html.h reads it: seen, hidden,
 * for Outlook alone, in the place of pictures, in titles and scripts.  False
 * when not all of it was read.
 */
bool tokens_page(struct arena *arena, struct span html, struct tokens *tokens);

#endif
