/*
 * matrix_line: a card as lines, each in both forms and none of them long, so
 * that they can be laid on as many messages as they need.
 *
 * Pure; any thread.
 */
#ifndef CHAT_MATRIX_LINE_H
#define CHAT_MATRIX_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "chat/internal.h"

#include "util/arena.h"
#include "util/buf.h"

#define MATRIX_LINE_COST 14000 /* bytes of JSON of one, at the very most */

/* What a line stands in. */
enum matrix_line_block {
	MATRIX_LINE_WORDS, /* a paragraph of ours */
	MATRIX_LINE_TITLE, /* one that belongs to what is below it */
	MATRIX_LINE_ITEM,  /* of a list */
	MATRIX_LINE_QUOTE  /* a draft's words */
};

struct matrix_line {
	enum matrix_line_block block;
	bool goes_on;	   /* it belongs to the paragraph or item above */
	bool joins;	   /* no break before it: the same line of the draft */
	const char *plain; /* each of its lines ends with LF */
	const char *html;
	size_t cost; /* bytes that both forms take in JSON */
};

struct matrix_lines {
	struct arena *arena;
	size_t n, room;
	struct matrix_line *list;
};

/* What is asked, and why: all that stands above the facts. */
void matrix_line_head(struct matrix_lines *lines, const struct chat *chat,
    const struct chat_card *card);
/* The facts, what changed, the draft, the other recipients. */
void matrix_line_body(struct matrix_lines *lines, const struct chat_card *card);
/* What became of it, instead of all these. */
void matrix_line_outcome(
    struct matrix_lines *lines, const struct chat_card *card);

/* Add a line of ours in that block. */
void matrix_line_add(struct matrix_lines *lines, enum matrix_line_block block,
    const char *words);
/* The same as it is: both forms, HTML and plain with its LF. */
void matrix_line_add_forms(struct matrix_lines *lines,
    enum matrix_line_block block, const char *plain, const char *html);

/* "anna, ben and 3 more" in both forms, of those who are asked; false: nobody
 * is.  To be released. */
bool matrix_line_people(const struct chat *chat,
    const struct config_reviewer *const *asked, struct buf *plain,
    struct buf *html);

#endif
