/*
 * call: one request to the daemon over its unix socket.  The only file that
 * knows libcurl.  Blocks; the command line has nothing else to do.
 */
#ifndef CTL_CALL_H
#define CTL_CALL_H

#include <jansson.h>
#include <stddef.h>

#include "util/error.h"

/* An answer may be as large as a mail. */
#define CALL_ANSWER_MAX ((size_t)128 * 1024 * 1024)

/* Where the daemon listens; kept, not copied. */
void call_init(const char *socket);

/*
 * GET a path ("/v1/drafts/17"); POST a body, which is given up.  A new
 * reference, or NULL and err: BUSY when the daemon cannot be reached,
 * CONFLICT, DENIED, MISSING ... as it answered.  conflict, when not NULL,
 * gets a new reference to the whole answer of a CONFLICT.
 */
json_t *call_get(const char *path, struct error *err);
json_t *call_post(
    const char *path, json_t *body, json_t **conflict, struct error *err);

/* GET bytes into a string that the caller frees; NULL and err otherwise. */
char *call_get_bytes(const char *path, size_t *size, struct error *err);

#endif
