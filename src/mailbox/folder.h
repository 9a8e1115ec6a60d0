/*
 * folder: names of folders as an IMAP server wants them: its own delimiter
 * between levels, and modified UTF-7 (RFC 3501 5.1.3).  Pure.
 */
#ifndef MAILBOX_FOLDER_H
#define MAILBOX_FOLDER_H

#include "util/buf.h"

/*
 * Append the name of a folder, which is UTF-8 with "/" between levels.
 * delimiter: the server's, 0: it has no levels, so "/" stays.  -1: it is no
 * UTF-8, has a control character, or does not fit.
 */
int folder_encode(struct buf *out, const char *folder, char delimiter);

#endif
