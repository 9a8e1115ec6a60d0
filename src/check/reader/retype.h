/*
 * retype: changes what a part's header says of its character set and transfer
 * encoding, in place, and drops fields that a new body makes wrong.
 */
#ifndef CHECK_READER_RETYPE_H
#define CHECK_READER_RETYPE_H

#include <stdbool.h>

#include "check/reader/splice.h"

/* What a part is to be from now on; NULL: as it was. */
struct retype {
	const char *charset;  /* "utf-8" */
	const char *encoding; /* "quoted-printable" */
};

/*
 * Add the splices for a node.  A part without these fields gets them, and a
 * mail without MIME-Version gets that too.
 */
void retype_node(struct splices *splices, const struct mime *mime, int node,
    const struct retype *retype);

/* Is it a field that tells the length or a checksum of a body, or a signature
 * of a mail server over the whole mail? */
struct field;
bool retype_is_broken(const struct field *field);

/*
 * Drop the fields that tell the length or a checksum of a node's body, if that
 * changes, and, of the mail itself, signatures.  Returns how many signatures.
 */
unsigned retype_drop(
    struct splices *splices, const struct mime *mime, int node, bool body);

#endif
