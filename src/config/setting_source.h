/*
 * setting_source: the files that a configuration is made of, as text: read
 * whole, checked, and counted into its hash.
 */
#ifndef SETTING_SOURCE_H
#define SETTING_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "util/arena.h"
#include "util/buf.h"
#include "util/digest.h"
#include "util/error.h"

#define SETTING_SOURCE_MAX ((size_t)4 * 1024 * 1024) /* bytes of one file */

/*
 * Append the file's text, without a byte order mark.  -1 and err (INVALID):
 * it cannot be read, everybody may write it, it is too large, or it is no
 * UTF-8; the message begins with its name.  digest (or NULL) gets its bytes.
 */
int setting_source_read(const char *name, struct digest *digest,
    struct buf *out, struct error *err);

/* Is it UTF-8 throughout? */
bool setting_source_is_text(const char *text);

/* path as seen from the folder of file, in the arena. */
const char *setting_source_path(
    struct arena *arena, const char *file, const char *path);

/* The next line that says something, at *at, without the blanks around it.
 * Skips empty ones and those that begin with '#'.  False: no more. */
bool setting_source_line(struct span *at, struct span *line);

/*
 * libconfig 1.5 wraps an integer above 2^31 without a word, so a plain number
 * of more than nine digits is refused before it gets there.  -1 and err.
 */
int setting_source_numbers(
    const char *name, struct span text, struct error *err);

#endif
