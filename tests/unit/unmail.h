/*
 * unmail: reads the mail that we write, strictly: a header that is not to the
 * letter as expected fails the test.
 */
#ifndef TESTS_UNIT_UNMAIL_H
#define TESTS_UNIT_UNMAIL_H

#include "util/buf.h"

/*
 * The header must have exactly these fields in this order (names, ended by
 * NULL), of printable ASCII in lines of at most 78 characters (998 for ids),
 * and all of the mail CRLF lines of at most 998.
 */
void unmail_check(struct span mail, const char *const *fields);

/* The value of a field, unfolded; free() it. */
char *unmail_field(struct span mail, const char *name);

/* The subject with encoded words decoded; free() it. */
char *unmail_subject(struct span mail);

/* The decoded body of the part of that type, with LF; free() it. */
char *unmail_body(struct span mail, const char *type);

#endif
