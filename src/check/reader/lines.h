/*
 * lines: a text line by line, each beside a folded copy in which marks are
 * looked for.
 */
#ifndef CHECK_READER_LINES_H
#define CHECK_READER_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "util/arena.h"
#include "util/buf.h"

struct line {
	struct span raw;   /* as it stands, no LF */
	struct span small; /* folded, trimmed, every blank a space */
	unsigned field;	   /* of a header block: QUOTEDWORDS_FROM ... */
};

struct lines {
	size_t n;
	struct line *line;
};

/* Split a text (UTF-8, LF between lines); all lives in the arena. */
void lines_split(struct arena *arena, struct span text, struct lines *lines);

/* Is there nothing to see in it? */
bool lines_empty(const struct line *line);

/* The text from one line to before another, without blank lines at the end. */
struct span lines_text(const struct lines *lines, size_t from, size_t end);

#endif
