/*
 * attached: does a text say that something is attached to it?
 */
#ifndef ATTACHED_H
#define ATTACHED_H

#include <stddef.h>

/*
 * The phrase that says so ("please find attached"), from a fixed list of
 * several languages, or NULL.  What stands below the copied head of an earlier
 * mail ("From:", "Sent:") is left out.  room: size * 2 + 8 bytes of memory for
 * work. Linear time.
 */
const char *attached_phrase(const char *text, size_t size, char *room);

#endif
