/*
 * compose: header fields from what a person wrote.  Nothing in a person's
 * words can become more than the value of the one field: control characters
 * are refused, what is not plain is encoded (RFC 2047), lines are folded.
 */
#ifndef CHECK_READER_COMPOSE_H
#define CHECK_READER_COMPOSE_H

#include <stdbool.h>
#include <stddef.h>

#include "util/arena.h"

#define COMPOSE_SUBJECT_MAX 2000	/* bytes */
#define COMPOSE_LIST_MAX    (64 * 1024) /* bytes of a list of addresses */
#define COMPOSE_MOST	    1000	/* addresses in one */

/* A value, folded with CRLF, with the space behind the colon, no line end. */
struct compose {
	const char *refusal; /* why not, for the person; NULL: it was made */
	const char *value;   /* NULL: nothing was written, so no field */
	size_t n;	     /* of a list: the addresses alone */
	const char **address;
};

/* Is it name@domain, of ASCII, as SMTP has it (RFC 5321 4.1.2)? */
bool compose_is_address(const char *text);

/* An unstructured text, UTF-8.  All results live in the arena. */
struct compose compose_text(struct arena *arena, const char *text);

/*
 * A list of addresses: "a@b", "Anna <a@b>", "\"B, Anna\" <a@b>", with ',', ';'
 * or line ends between.  Addresses are of ASCII, but for those of `known`
 * (n_known of them), which are taken as they are.
 */
struct compose compose_list(struct arena *arena, const char *text,
    const char *const *known, size_t n_known);

#endif
