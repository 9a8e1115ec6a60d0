/*
 * word: the words of a reviewer's answer: which are built in, and those that a
 * house adds in its own language.
 *
 * Pure; any thread.
 */
#ifndef CONFIG_WORD_H
#define CONFIG_WORD_H

#include <stdbool.h>
#include <stddef.h>

#include "util/buf.h"
#include "util/error.h"

#define WORD_COUNT_MAX 100 /* that a house may add */
#define WORD_SIZE_MAX  64  /* bytes of one */

/* One entry of review.words. */
struct config_word {
	unsigned line;
	const char *word;  /* UTF-8 */
	const char *means; /* a verb, "approve" */
};

/*
 * The same word, whatever the case?  Simple case folding of Latin, Greek,
 * Cyrillic and Armenian letters, without a locale; what is no UTF-8 is the
 * same as nothing.
 */
bool word_same(struct span a, struct span b);

/* Check the list of that file.  -1 and err (INVALID, "file:line: ..."). */
int word_check(const char *file, const struct config_word *words, size_t n,
    struct error *err);

/*
 * Check that no banner, which is not heard, is a command or begins with one.
 * words: those of the house, checked.  -1 and err (INVALID).
 */
int word_check_banners(const char *const *banners,
    const struct config_word *words, size_t n, struct error *err);

/* Has this word a meaning without any configuration? */
bool word_is_built_in(struct span word);

#endif
