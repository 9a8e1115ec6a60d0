/*
 * diff: what an edit changed, line by line, and in changed lines word by word.
 *
 * The cost is bounded: texts that differ in too many places are shown as "all
 * of the old, then all of the new" (coarse).  Pure functions; any thread.
 */
#ifndef REVIEW_DIFF_H
#define REVIEW_DIFF_H

#include <stdbool.h>
#include <stddef.h>

#include "util/arena.h"
#include "util/buf.h"

enum diff_kind {
	DIFF_SAME,
	DIFF_OLD,    /* only in the old text */
	DIFF_NEW,    /* only in the new one */
	DIFF_SKIPPED /* stands for `skipped` same lines that are left out */
};

struct diff_piece {
	struct span text;
	bool changed; /* the words that make the difference */
};

struct diff_line {
	enum diff_kind kind;
	struct span text;
	size_t skipped;
	size_t n_pieces; /* 0: the line is shown plain */
	struct diff_piece *pieces;
	const struct diff_line *was; /* of a new one: whose words it has */
};

struct diff {
	size_t n_lines;
	struct diff_line *lines;
	size_t n_old, n_new; /* lines taken away, lines added */
	bool coarse;
};

/*
 * Compare two texts.  Same lines are kept only near changes.  The spans point
 * into the texts; the rest lives in the arena.
 */
const struct diff *diff_make(
    struct arena *arena, struct span old_text, struct span new_text);

/*
 * Append it as text: "| - old", "| + new", "|   same", and behind a new line
 * that has words of an old one, "| ~ ", which of them changed.
 */
void diff_add_text(struct buf *out, const struct diff *diff);

#endif
