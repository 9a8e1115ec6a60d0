/*
 * myers: the shortest way from one sequence to another (Eugene Myers, "An
 * O(ND) Difference Algorithm and Its Variations", 1986), with a limit on the
 * number of differences.  Knows only "equal or not".
 */
#ifndef UTIL_MYERS_H
#define UTIL_MYERS_H

#include <stdbool.h>
#include <stddef.h>

struct myers {
	size_t n_old, n_new;
	/* Are item i of the old and item j of the new equal? */
	bool (*equal)(const void *context, size_t i, size_t j);
	const void *context;
	size_t most; /* differences; more: no result */
};

/*
 * Mark the items that are in one sequence alone: in_old[i], in_new[j].  The
 * arrays are the caller's and all false.  0, or -1 when there are more than
 * `most` differences: then nothing is marked.
 */
int myers_run(const struct myers *myers, bool *in_old, bool *in_new);

#endif
