/*
 * whole: a mail that a person wrote in the place of an agent's.
 */
#ifndef CHECK_READER_WHOLE_H
#define CHECK_READER_WHOLE_H

#include "check/reader/about.h"
#include "check/reader/mime.h"
#include "reading.h"

#include "util/buf.h"

/*
 * Put together a mail from a person's (LF or CRLF) and the header of the old
 * one.  From the person's come the body, author, subject, recipients and the
 * fields that describe the body; all else of the header stays the old one's
 * (trace, Message-ID, thread, lists), but signatures of mail servers go, and
 * nothing that a mail program added for itself gets in.  Bcc is kept: it is
 * cut later, as any draft's.
 *
 * Appends it to out; returns NULL, or why it cannot be, in the old's arena.
 */
const char *whole_make(
    const struct mime *old, struct span person, struct buf *out);

/*
 * Whom the new mail is to reach (heading.h): its Bcc, when it has one, says who
 * the hidden recipients are from now on.  NULL, or why it cannot be.
 */
const char *whole_reach(const struct mime *old, struct span mail,
    const struct about *about, struct reading_edit *out);

#endif
