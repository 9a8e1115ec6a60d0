/*
 * written: text from outside as it may stand in a report.  Pure.
 */
#ifndef SEND_WRITTEN_H
#define SEND_WRITTEN_H

#include "util/buf.h"

#define WRITTEN_VALUE_SIZE 512 /* bytes of a value; what is longer is cut */

/*
 * Append text, which has CRLF, as quoted-printable (RFC 2045 6.7); one more
 * CRLF when it ends without.
 */
void written_quoted(struct buf *out, struct span text);

/*
 * Append it as the value of a field for people to read: one line, as encoded
 * words (RFC 2047) where it is not plain ASCII, each on a line of its own.
 */
void written_text(struct buf *out, const char *text);

/* Append what xtext (RFC 3461 4) says, in printable ASCII. */
void written_xtext(struct buf *out, const char *xtext);

/*
 * Append the value of ORCPT as one of Original-Recipient (RFC 3464 2.3.1, RFC
 * 6533 3); nothing when it has no type.
 */
void written_orcpt(struct buf *out, const char *orcpt);

/* Append an address as the value of Final-Recipient. */
void written_address(struct buf *out, const char *address);

#endif
