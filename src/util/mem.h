/*
 * mem: single allocations, each freed by free().  What lives and dies together
 * goes into an arena (util/arena.h).
 *
 * Out of memory ends the process (exit status 71): nothing was promised that
 * is not on disk.  So none of these returns NULL.
 */
#ifndef UTIL_MEM_H
#define UTIL_MEM_H

#include <stddef.h>

/* size bytes of zeroes; the caller frees them with free(). */
void *mem_zalloc(size_t size);

/* As realloc(), for count items of size bytes; overflow ends the process. */
void *mem_grow(void *old, size_t count, size_t size);

/* A copy of size bytes, with a NUL behind them; free() it. */
char *mem_dup(const void *bytes, size_t size);

/* A copy of a string; NULL gives NULL; free() it. */
char *mem_strdup(const char *s);

/* A formatted string; free() it. */
char *mem_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
