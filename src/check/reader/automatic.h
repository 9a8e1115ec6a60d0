/*
 * automatic: was this mail sent by a program?  Bounces, vacation notes,
 * receipts, calendar answers and lists never decide anything.
 */
#ifndef CHECK_READER_AUTOMATIC_H
#define CHECK_READER_AUTOMATIC_H

#include <stdbool.h>

#include "check/reader/mime.h"

struct automatic {
	const char *sure;  /* why it surely is, or NULL */
	const char *maybe; /* a hint that proves nothing, or NULL */
	bool only_mail;	   /* it is that another mail is attached */
};

/*
 * Look at a mail's fields, types and subject (RFC 3834 section 2, RFC 5230
 * section 4.6 and what bounces and vacation programs really write).  Two
 * different hints make it sure.  The texts are constants.
 */
void automatic_look(const struct mime *mime, struct automatic *out);

#endif
