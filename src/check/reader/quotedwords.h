/*
 * quotedwords: how mail programs of many languages say "From:", "wrote:" and
 * "Original Message" above what they quote.  All texts given are folded
 * (fold.h) and trimmed, with plain spaces for every blank.
 */
#ifndef CHECK_READER_QUOTEDWORDS_H
#define CHECK_READER_QUOTEDWORDS_H

#include <stdbool.h>

#include "util/buf.h"

/* Fields of a header block. */
#define QUOTEDWORDS_FROM    1u
#define QUOTEDWORDS_DATE    2u
#define QUOTEDWORDS_TO	    4u
#define QUOTEDWORDS_SUBJECT 8u
#define QUOTEDWORDS_CC	    16u
#define QUOTEDWORDS_ALL	    15u /* what every program shows */

/*
 * Which fields the line may be ("Von: Bob", "*From:* Bob"): an or, since "da"
 * and "de" say different things in different languages; 0: none.
 */
unsigned quotedwords_field(struct span line);

/* Does it hold a verb of attribution, such as "wrote" or "schrieb"? */
bool quotedwords_says_wrote(struct span text);

/* Does it end in such a verb, without a colon? */
bool quotedwords_ends_wrote(struct span text);

/* Does it begin as dates in attributions do: "on ", "am ", "le mer. "? */
bool quotedwords_begins_date(struct span text);

/* Does it name an original or a forwarded message? */
bool quotedwords_names_original(struct span text);

/* Is it "Begin forwarded message:" or its like, which has no dashes? */
bool quotedwords_begins_forward(struct span text);

#endif
