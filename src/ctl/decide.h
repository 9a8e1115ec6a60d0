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

/* Say that somebody was first, and who; returns the exit status. */
int decide_lost(const json_t *conflict, const struct error *err);

#endif
