/*
 * param: structured MIME values such as "text/plain; charset=utf-8", with
 * continuations and charsets of RFC 2231, and with encoded-words in quoted
 * file names, which are against the rules and common.
 */
#ifndef CHECK_READER_PARAM_H
#define CHECK_READER_PARAM_H

#include <stdbool.h>
#include <stddef.h>

#include "util/arena.h"
#include "util/buf.h"

#define PARAM_MAX 100 /* parameters of one value; more: broken */

struct param {
	const char *name;  /* lower case, without '*' and number */
	const char *value; /* decoded; of any length, valid UTF-8 */
	bool extended;	   /* was in RFC 2231 form */
	bool twice;	   /* another of this name followed; it is ignored */
};

struct param_value {
	const char *value; /* before the first ';', lower case, no comments */
	size_t n;
	struct param *params;
	bool broken; /* something in it could not be read and was skipped */
};

/* Read a value that is still folded.  Everything lives in the arena. */
void param_read(
    struct arena *arena, struct span value, struct param_value *out);

/* The parameter of that name, or NULL. */
const struct param *param_find(
    const struct param_value *value, const char *name);

/* Its text, or NULL. */
const char *param_text(const struct param_value *value, const char *name);

#endif
