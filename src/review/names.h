/*
 * names: a set of mail addresses, to compare an envelope with what the lines
 * of a header say.  Lives in an arena.  Not for decisions: what it finds in a
 * line is only shown.
 */
#ifndef REVIEW_NAMES_H
#define REVIEW_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "util/arena.h"

struct names;

/* An empty set. */
struct names *names_new(struct arena *arena);

/* Add an address; ASCII case is ignored. */
void names_add(struct names *names, const char *address);

/* Add all that looks like an address in a line; NULL adds nothing. */
void names_find(struct names *names, const char *line);

/* Is this address in it? */
bool names_have(struct names *names, const char *address);

/* How many different ones there are, and one of them, in lower case. */
size_t names_count(struct names *names);
const char *names_at(struct names *names, size_t i);

#endif
