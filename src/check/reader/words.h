/*
 * words: encoded-words of RFC 2047 within header text.
 */
#ifndef CHECK_READER_WORDS_H
#define CHECK_READER_WORDS_H

#include "check/reader/charset.h"
#include "util/buf.h"

#define WORDS_WORD_MAX 1000 /* bytes of one; RFC 2047 2 allows 75 */

/*
 * Hand a header text to sink, unfolded, with encoded-words decoded wherever
 * they stand.  Neighbours of one charset are joined before conversion, so a
 * character split between them is whole again.
 */
void words_decode(struct span in, charset_sink *sink, void *context);

/* Hand it on unfolded, with nothing decoded. */
void words_plain(struct span in, charset_sink *sink, void *context);

#endif
