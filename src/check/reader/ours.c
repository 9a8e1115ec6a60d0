/*
 * ours: tables of our own words.  Whether an address is a true one, review
 * knows; here its form is enough.
 */
#include "check/reader/ours.h"

#include "check/reader/fold.h"

#include <string.h>

#define TOKEN_LETTERS 34 /* as in review/token.h */

/* Beginnings, in small letters. */
static const char *const phrases[] = {
    "answer this mail. the first line says what to do",
    "(end of the text)",
    "on the command line: imprimatur show ",
};

/* Without quote marks, stars and such in front. */
static struct span without_marks(struct span small)
{
	while (small.len > 0 && strchr(">*_#|~ \"'", small.data[0]) != NULL) {
		small.data++;
		small.len--;
	}
	return small;
}

bool ours_begins(struct span small)
{
	return fold_begins(without_marks(small), OURS_SENTINEL);
}

bool ours_phrase(struct span small)
{
	struct span text = without_marks(small);

	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (fold_begins(text, phrases[i]))
			return true;
	return false;
}

bool ours_bar(struct span small)
{
	return fold_begins(small, OURS_BAR) &&
	       (small.len == 1 || small.data[1] == ' ');
}

/* Base32 as we write it (RFC 4648 section 6), in small letters. */
static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7');
}

bool ours_address(struct span small)
{
	const char *p = small.data, *end = p + small.len, *at;
	size_t n;

	while (p < end && (at = memchr(p, '@', (size_t)(end - p))) != NULL) {
		for (n = 0; at - n > small.data && is_letter(at[-1 - (long)n]);)
			n++;
		if (n == TOKEN_LETTERS &&
		    at - small.data >= TOKEN_LETTERS + 2 &&
		    memcmp(at - TOKEN_LETTERS - 2, "d-", 2) == 0)
			return true;
		p = at + 1;
	}
	return false;
}
