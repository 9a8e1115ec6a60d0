/*
 * charset: bytes in some character set to UTF-8.  iconv's door.
 *
 * Only sets on a list of ours are used: utf-7 and such, in which harmless
 * bytes spell something else, are not.  Bad bytes become U+FFFD.
 */
#ifndef CHECK_READER_CHARSET_H
#define CHECK_READER_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

#include "util/buf.h"

/*
 * Load every set of the list.  Before the reader seals itself: iconv reads
 * its tables from files.  Not needed for correctness elsewhere.
 */
void charset_warm(void);

/* Free what charset_warm() and use have loaded. */
void charset_release(void);

/* Is it on the list?  NULL is: it means us-ascii. */
bool charset_known(const char *name);

/*
 * Convert all of in; sink is called with pieces of valid UTF-8 that end
 * between characters.  An unknown set, and bytes over 127 where there should
 * be none, are read as UTF-8 if they are that, else as windows-1252.  Returns
 * the number of places where bytes were bad for the set.
 */
typedef void charset_sink(void *context, struct span piece);
size_t charset_convert(
    const char *name, struct span in, charset_sink *sink, void *context);

/* As charset_convert(), appended to a buf. */
size_t charset_append(const char *name, struct span in, struct buf *out);

/*
 * The way back: append UTF-8 text in a set.  False, with out as it was, when
 * some character of it is not in the set, or the set is not one that holds
 * ASCII as it is (utf-16), or not on the list.
 */
bool charset_encode(const char *name, struct span text, struct buf *out);

/* Length of the valid UTF-8 character at p (RFC 3629), 0 when it is none. */
size_t charset_utf8(const char *p, const char *end);

#endif
