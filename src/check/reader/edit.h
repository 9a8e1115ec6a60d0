/*
 * edit: a person's new text put in the place of a mail's old one.
 */
#ifndef CHECK_READER_EDIT_H
#define CHECK_READER_EDIT_H

#include "check/reader/about.h"
#include "reading.h"
#include "util/buf.h"

/*
 * Apply a new text (UTF-8, lines ended by LF or CRLF) to a mail.  Never NULL;
 * the caller frees it with reading_edit_free().
 *
 * The part that a mail program shows first gets the text, in its character
 * set and transfer encoding where these can hold it; HTML siblings in its
 * multipart/alternative are rewritten from the text.  Every other part and
 * every other field keeps its bytes, but fields that the new text makes wrong
 * (lengths, checksums, signatures of mail servers) go.  What is signed or
 * encrypted by its sender, or of doubtful structure, is refused.
 *
 * The result is read again: it splits as the old mail did, its other parts
 * are byte by byte the same, and the part that was chosen says the text.
 * about: as for draft_read(); it is the new mail that is looked at.
 */
struct reading_edit *edit_apply(
    struct span mail, struct span text, const struct about *about);

#endif
