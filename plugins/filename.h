/*
 * filename: what is wrong with the name of an attached file.
 */
#ifndef FILENAME_H
#define FILENAME_H

#include <stddef.h>

#define FILENAME_SHOWN 300 /* bytes of a name as it is shown, NUL too */

/*
 * A word for what is wrong ("double-extension"), or NULL; why is then a line
 * for people.
 */
const char *filename_wrong(const char *name, const char **why);

/*
 * A name from anywhere as one line of UTF-8: what cannot be seen is written as
 * "[U+202E]", what is too long is cut.
 */
void filename_shown(const char *name, size_t size, char out[FILENAME_SHOWN]);

#endif
