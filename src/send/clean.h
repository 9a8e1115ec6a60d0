/*
 * clean: text from outside, made fit to be stored, logged and put into a mail:
 * valid UTF-8 in one line.  Pure.
 */
#ifndef SEND_CLEAN_H
#define SEND_CLEAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"

/*
 * Read the UTF-8 character at the front (RFC 3629); its length, or 0 when
 * there is none.  c may be NULL.
 */
size_t clean_char(struct span text, uint32_t *c);

/*
 * Copy text as one line into out of size bytes: control characters and broken
 * UTF-8 become '?', what does not fit is cut between characters.
 */
void clean_line(char *out, size_t size, struct span text);

/* Is every byte below 128? */
bool clean_is_ascii(struct span text);

#endif
