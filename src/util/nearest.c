/*
 * nearest: Levenshtein's distance over short names.  Which names there are is
 * left to the caller.
 */
#include "util/nearest.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define NAME_MAX_BYTES 63
#define TOO_FAR	       4

static unsigned distance(const char *a, const char *b)
{
	unsigned row[NAME_MAX_BYTES + 1], left, up, i, j;
	size_t n = strlen(b);

	if (n >= NAME_MAX_BYTES || strlen(a) >= NAME_MAX_BYTES)
		return TOO_FAR;
	for (j = 0; j <= n; j++)
		row[j] = j;
	for (i = 1; a[i - 1] != '\0'; i++) {
		up = row[0];
		row[0] = i;
		for (j = 1; j <= n; j++) {
			left = row[j - 1] + 1;
			if (row[j] + 1 < left)
				left = row[j] + 1;
			if (up + (a[i - 1] != b[j - 1]) < left)
				left = up + (a[i - 1] != b[j - 1]);
			up = row[j];
			row[j] = left;
		}
	}
	return row[n];
}

/* A short name has fewer letters to be wrong in. */
static unsigned allowed(const char *name)
{
	size_t n = strlen(name);

	return n <= 3 ? 2 : n <= 5 ? 3 : TOO_FAR;
}

/* "password" for "password_file": a word of a name of several. */
static bool is_begun(const char *part, const char *whole)
{
	size_t n = strlen(part);

	return n > 1 && strncmp(part, whole, n) == 0 && whole[n] == '_';
}

void nearest_init(struct nearest *nearest, const char *name)
{
	nearest->name = name;
	nearest->best = NULL;
	nearest->distance = allowed(name);
}

void nearest_try(struct nearest *nearest, const char *candidate)
{
	unsigned d;

	if (candidate == NULL)
		return;
	d = is_begun(nearest->name, candidate) ||
		    is_begun(candidate, nearest->name)
		? 1
		: distance(nearest->name, candidate);
	if (d < nearest->distance) {
		nearest->distance = d;
		nearest->best = candidate;
	}
}

const char *nearest_text(const struct nearest *nearest, char out[NEAREST_SIZE])
{
	if (nearest->best == NULL)
		out[0] = '\0';
	else
		snprintf(
		    out, NEAREST_SIZE, "; did you mean '%s'?", nearest->best);
	return out;
}
