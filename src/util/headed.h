/*
 * headed: a text with header lines above it, as a person writes them when
 * they edit more than the text of a mail:
 *
 *	Subject: Your offer
 *	To: anna@customer.example, Bob <bob@customer.example>
 *
 *	Dear Anna, ...
 *
 * The lines are Subject, To, Cc and Bcc, in any order and case, each once, and
 * an empty line ends them.  A text without such a line at its very start is
 * only text.  A line that begins with a blank, or stands below one that ends
 * in a comma, goes on with the line above.  Pure; any thread.
 */
#ifndef UTIL_HEADED_H
#define UTIL_HEADED_H

#include "util/arena.h"
#include "util/buf.h"

struct headed {
	const char *subject, *to, *cc, *bcc; /* NULL: not named; "": empty */
	struct span text;  /* what is below; data NULL: only blanks */
	const char *fault; /* what is wrong with the lines, or NULL */
};

/* Read it.  The strings live in the arena, text points into words. */
void headed_read(struct arena *arena, struct span words, struct headed *out);

#endif
