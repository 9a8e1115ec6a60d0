/*
 * fold: text without regard to case, for comparing with words that we know.
 * Latin, Greek and Cyrillic letters are made small; nothing else changes.
 */
#ifndef CHECK_READER_FOLD_H
#define CHECK_READER_FOLD_H

#include <stdbool.h>

#include "util/buf.h"

/* Append text (UTF-8; other bytes pass as they are) to out, in small letters.
 */
void fold_add(struct buf *out, struct span text);

/* Is the span these ASCII letters, in whatever case? */
bool fold_is(struct span text, const char *word);

/* Does the span begin with the word, or hold it anywhere?  By bytes. */
bool fold_begins(struct span text, const char *word);
bool fold_ends(struct span text, const char *word);
bool fold_holds(struct span text, const char *word);

#endif
