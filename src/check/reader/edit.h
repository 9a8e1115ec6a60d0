/*
 * edit: what a person changes in a mail, put in the place of what was there.
 */
#ifndef CHECK_READER_EDIT_H
#define CHECK_READER_EDIT_H

#include "check/reader/about.h"
#include "reading.h"
#include "util/buf.h"

/* What is to change; data NULL, or NULL: that stays. */
struct edit_wish {
	struct span text; /* UTF-8, lines ended by LF or CRLF */
	const char *subject, *to, *cc, *bcc; /* UTF-8; "": goes away */
	struct span mail; /* a whole mail instead; then none of the others */
};

/*
 * Apply an edit to a mail.  Never NULL; the caller frees it with
 * reading_edit_free().
 *
 * A text goes to the part that a mail program shows first, in its character
 * set and transfer encoding where these can hold it.  In HTML siblings in its
 * multipart/alternative the changed words are replaced where it is plain which
 * these are; else they are rewritten from the text.  Subject and recipients
 * are fields of the header, and the recipients of the envelope change by the
 * same difference (heading.h).  Every other part and every other field keeps
 * its bytes, but fields that the edit makes wrong (lengths, checksums,
 * signatures of mail servers) go.  What is signed or encrypted by its sender,
 * or of doubtful structure, is refused.  A whole mail is taken as whole.h says.
 *
 * The result is read again: it splits as the old mail did, its other parts
 * are byte by byte the same, and the part that was chosen says the text.
 * about: as for draft_read(), of the old mail; it is the new mail, with its
 * recipients, that is looked at.
 */
struct reading_edit *edit_apply(
    struct span mail, const struct edit_wish *wish, const struct about *about);

#endif
