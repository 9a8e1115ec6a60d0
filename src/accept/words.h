/*
 * words: small steps over a command's text.  Pure; ASCII case is ignored
 * where it says so, and the locale always.
 */
#ifndef ACCEPT_WORDS_H
#define ACCEPT_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"

/* Is text that word, but for case? */
bool words_same(struct span text, const char *word);

/* Does text begin with that word, but for case?  Then drop it from text. */
bool words_begin(struct span *text, const char *word);

/*
 * What stands before the first such character, or all of it; that and the
 * character are dropped from text.
 */
struct span words_cut(struct span *text, char at);

/* Drop n bytes at the front; n is at most text->len. */
void words_drop(struct span *text, size_t n);

/* A letter or a digit of ASCII? */
bool words_alnum(char c);

/*
 * A number in plain decimal digits; UINT64_MAX when it is larger.  -1 for
 * anything else, or more than 20 digits.
 */
int words_number(struct span text, uint64_t *number);

/*
 * The length of the UTF-8 character above U+009F that s begins with (RFC 3629,
 * shortest form only), or 0.
 */
size_t words_utf8(struct span s);

#endif
