/*
 * decide: what deciding and editing share.
 */
#ifndef CTL_DECIDE_H
#define CTL_DECIDE_H

#include <jansson.h>
#include <stdint.h>

#include "util/error.h"

/* The current revision of a draft; a new reference, or NULL and err. */
json_t *decide_view(int64_t draft, struct error *err);

/*
 * POST a change of a draft ("decision", "edit"); the body is given up.  0 and
 * a new reference to the answer; or, after saying why, the exit status.
 */
int decide_post(int64_t draft, const char *what, json_t *body, json_t **answer);

#endif
