/*
 * visible: text in which no character can hide: control characters, those
 * that turn the direction of writing, and those that have no width are
 * written as "[U+202E]".  Emoji joiners and the marks of Arabic, Persian and
 * Indic writing stay where they have a use.
 */
#ifndef CHECK_READER_VISIBLE_H
#define CHECK_READER_VISIBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/arena.h"
#include "util/buf.h"

#define VISIBLE_CONTROL	  1u /* C0, C1, line and paragraph separators */
#define VISIBLE_BIDI	  2u /* overrides, embeddings, isolates */
#define VISIBLE_INVISIBLE 4u /* zero width, tag characters */
#define VISIBLE_LINES	  8u /* CR or LF, where one line was wanted */

struct visible {
	struct buf *out; /* what is beyond its maximum is counted only */
	bool one_line;	 /* line ends are control characters too */
	uint64_t total;	 /* bytes it would have been */
	unsigned odd;	 /* VISIBLE_* that were met */
	bool pending_cr; /* a CR whose LF may come with the next piece */
	bool full;	 /* out has no room left */
	unsigned last;	 /* the character before, without joining ones */
};

/* Start: append to out, up to its maximum. */
void visible_init(struct visible *visible, struct buf *out, bool one_line);

/*
 * Add a piece of valid UTF-8 that ends between characters.  CRLF becomes LF.
 * Fits charset_sink.
 */
void visible_add(void *visible, struct span piece);

/* Add fixed text of ours. */
void visible_add_str(struct visible *visible, const char *s);

/* No more pieces: a CR that still waits is shown. */
void visible_end(struct visible *visible);

/*
 * Text that was made visible, for those that look for words: without what
 * nobody sees in it, be it spelled out or not.  In the arena, or text itself.
 */
struct span visible_bare(struct arena *arena, struct span text);

#endif
