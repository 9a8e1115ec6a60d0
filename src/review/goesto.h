/*
 * goesto: who gets a draft: the envelope's recipients as lines, those outside
 * the sender's domain first, and how they compare with what To and Cc say.
 * Lives in an arena.  Pure.
 */
#ifndef REVIEW_GOESTO_H
#define REVIEW_GOESTO_H

#include "review/facts.h"

#include <stddef.h>

struct goesto {
	const char *count; /* "30 addresses, 20 outside ..."; NULL: one only */
	bool warn;	   /* the count is worth a second look */
	const char *alone; /* what is odd about a single one, or NULL */
	size_t n;
	struct fact_line *lines; /* one for each recipient */
	size_t n_unsent;
	const char **unsent; /* named in To or Cc, but not in the envelope */
};

/* Look at all recipients of a view. */
struct goesto goesto_make(struct arena *arena, const struct hold_view *view);

#endif
