/*
 * leave: a last look at the bytes that would leave, cuts taken out.
 */
#ifndef CHECK_READER_LEAVE_H
#define CHECK_READER_LEAVE_H

#include "check/reader/mime.h"
#include "reading.h"

/*
 * After cuts_find(): when context for the reviewer or a hidden recipient is
 * still in the mail, in whatever spelling, or the mail would not stay as it
 * is below a head of ours, say so as the reading's trouble.  Linear time.
 */
void leave_check(struct reading *reading, const struct mime *mime);

#endif
