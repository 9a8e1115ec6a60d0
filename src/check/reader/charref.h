/*
 * charref: character references of HTML: "&amp;", "&#38;", "&#x26;".
 */
#ifndef CHECK_READER_CHARREF_H
#define CHECK_READER_CHARREF_H

#include "util/buf.h"

/*
 * Append valid UTF-8 markup text with its references resolved.  The result is
 * never longer than in; out must have room for that.  What is no reference
 * stays as it stands.
 */
void charref_resolve(struct span in, struct buf *out);

/* The same for text between tags, where "&nbsp000" is a reference, too. */
void charref_text(struct span in, struct buf *out);

#endif
