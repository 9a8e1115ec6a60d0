/*
 * reply: a reviewer's answer, read: who wrote it, whether a program did, its
 * first line and the person's words below.  What they mean is review's.
 */
#ifndef CHECK_READER_REPLY_H
#define CHECK_READER_REPLY_H

#include "reading.h"
#include "util/buf.h"

/*
 * Read an answer.  Never NULL; the caller frees it with reading_reply_free().
 *
 * line and words are never NULL, unless trouble says why the answer could not
 * be read.  line has blanks and no-break spaces at its ends taken off and
 * everything else left: what is invisible in it is shown as "[U+200B]", so
 * that only a clean line can be a command.  words are as the person wrote
 * them, with U+FFFD for control characters.  mail is an attached mail, if
 * there is one that they may mean (enclosed.h).
 */
struct reading_reply *reply_read(struct span mail);

#endif
