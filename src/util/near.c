/*
 * near: the distance of two short names.  What is said about it is left to
 * whoever found the name unknown.
 */
#include "util/near.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#define LETTERS_MAX 63

static unsigned differ(char a, char b)
{
	return tolower((unsigned char)a) != tolower((unsigned char)b);
}

unsigned near_distance(const char *a, const char *b)
{
	unsigned row[LETTERS_MAX + 1], least, up, i, j;
	size_t n = strlen(b);

	if (n >= LETTERS_MAX || strlen(a) >= LETTERS_MAX)
		return NEAR_FAR;
	for (j = 0; j <= n; j++)
		row[j] = j;
	for (i = 1; a[i - 1] != '\0'; i++) {
		up = row[0];
		row[0] = i;
		for (j = 1; j <= n; j++) {
			least = row[j - 1] + 1;
			if (row[j] + 1 < least)
				least = row[j] + 1;
			if (up + differ(a[i - 1], b[j - 1]) < least)
				least = up + differ(a[i - 1], b[j - 1]);
			up = row[j];
			row[j] = least;
		}
	}
	return row[n];
}

void near_try(const char *written, const char *candidate, const char **best,
    unsigned *least)
{
	unsigned d = near_distance(written, candidate);

	if (d < *least) {
		*least = d;
		*best = candidate;
	}
}
