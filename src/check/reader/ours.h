/*
 * ours: what stands in our notices, so that it is known again in whatever a
 * mail program made of it.  The words here are review's (card.c, notice.c):
 * a test holds both together.
 */
#ifndef CHECK_READER_OURS_H
#define CHECK_READER_OURS_H

#include <stdbool.h>

#include "util/buf.h"

/* The first words of every notice of ours, in small letters, and what stands
 * before each line of a draft in it. */
#define OURS_SENTINEL "imprimatur asks you"
#define OURS_BAR      "|"

/*
 * All texts given are folded and trimmed lines (lines.h).  Does it begin as a
 * notice does, whatever marks stand before it?
 */
bool ours_begins(struct span small);

/* Is it a fixed line of our notices, that nobody else would write? */
bool ours_phrase(struct span small);

/* Is it a line of a draft as our notices show it: "| text"? */
bool ours_bar(struct span small);

/* Does it hold a reply address of ours, d-<34 letters>@...? */
bool ours_address(struct span small);

#endif
