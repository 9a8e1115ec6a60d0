/*
 * shown: a draft as programs and services get to see it, in JSON and for
 * rspamd.  The members are those of imprimatur-program(7).  Pure; any thread.
 */
#ifndef CHECK_SHOWN_H
#define CHECK_SHOWN_H

#include <jansson.h>
#include <stdbool.h>

#include "check/opinion.h"

/* The object "draft", a new reference; raw: with the mail in base64. */
json_t *shown_draft(const struct check_shown *shown, bool raw);

/*
 * The header fields for rspamd's /checkv2, NULL-terminated, in the arena;
 * password: of its controller, or NULL.
 */
const char **shown_rspamd(
    struct arena *arena, const struct check_shown *shown, const char *password);

#endif
