/*
 * addressees: whom a mail's header says that it is for, when there is no
 * envelope that says so.
 */
#ifndef CHECK_READER_ADDRESSEES_H
#define CHECK_READER_ADDRESSEES_H

#include "check/reader/mime.h"
#include "reading.h"

#define ADDRESSEES_MOST 1000

/*
 * Fill addressees with what To, Cc and Bcc of the mail's own header name, each
 * once; or unaddressed, when any of them cannot be read to the end, is no
 * address of SMTP, or nobody is named.
 */
void addressees_read(struct reading *reading, const struct mime *mime);

#endif
