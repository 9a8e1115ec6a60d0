/*
 * nearest: "did you mean".  Of the names that would have been right, the one
 * that is least unlike what was written.  Pure; any thread.
 */
#ifndef UTIL_NEAREST_H
#define UTIL_NEAREST_H

#include <stddef.h>

struct nearest {
	const char *name; /* what was written */
	const char *best; /* NULL: nothing is near */
	unsigned distance;
};

#define NEAREST_SIZE 128

/* Look for what is near to name, which must outlive the struct. */
void nearest_init(struct nearest *nearest, const char *name);

/* Consider a candidate, which must outlive the struct; NULL is none. */
void nearest_try(struct nearest *nearest, const char *candidate);

/* "; did you mean 'x'?", or "" when nothing is near; returns out. */
const char *nearest_text(const struct nearest *nearest, char out[NEAREST_SIZE]);

#endif
