/*
 * condition_text: patterns made from lists of words.
 */
#ifndef CONDITION_TEXT_H
#define CONDITION_TEXT_H

#include "util/arena.h"

/*
 * A PCRE2 pattern that finds whole words: as many of the list as a pattern
 * should hold, at *words, which moves on; NULL at the end of the list.  Blanks
 * in a word fit any white space.
 */
const char *condition_text_words(
    struct arena *arena, const char *const **words);

#endif
