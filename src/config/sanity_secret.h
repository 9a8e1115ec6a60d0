/*
 * sanity_secret: secrets that stand in files of their own.
 */
#ifndef SANITY_SECRET_H
#define SANITY_SECRET_H

#include <stdbool.h>

#include "util/arena.h"
#include "util/error.h"

/*
 * The first line of a file that not everybody may read.  option: for messages,
 * which never hold the secret.  -1 and err (INVALID).
 */
int sanity_secret(struct arena *arena, const char *option, const char *file,
    const char **secret, struct error *err);

/*
 * A whole file in PEM, of 64 KB at most; one that is secret must not be
 * readable by everybody.  Likewise.
 */
int sanity_pem(struct arena *arena, const char *option, const char *file,
    bool secret, const char **pem, struct error *err);

#endif
