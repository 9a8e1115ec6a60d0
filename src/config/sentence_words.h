/*
 * sentence_words: lists and lengths of time in words.
 */
#ifndef SENTENCE_WORDS_H
#define SENTENCE_WORDS_H

#include "util/buf.h"

/* "a", "a or b", "a, b or c"; "nothing" for an empty list. */
void sentence_words_list(
    const char *const *list, const char *last, struct buf *out);

/* "1 d", "90 min", "45 s": exact, in the largest unit that is. */
void sentence_words_span(unsigned seconds, struct buf *out);

#endif
