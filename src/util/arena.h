/*
 * arena: memory for what lives and dies together (a transaction, a reading, a
 * configuration).  Nothing is freed by itself; arena_free() ends it all.
 * Out of memory ends the process, as in util/mem.h.
 */
#ifndef UTIL_ARENA_H
#define UTIL_ARENA_H

#include <stddef.h>

struct arena;

/* A new, empty arena; arena_free() ends it and everything in it. */
struct arena *arena_new(void);

/* Free the arena and all that it gave out.  NULL is harmless. */
void arena_free(struct arena *arena);

/* size zeroed bytes, aligned for any type, alive as long as the arena. */
void *arena_alloc(struct arena *arena, size_t size);

/* Copies that live as long as the arena; the string ones map NULL to NULL. */
char *arena_dup(struct arena *arena, const void *bytes, size_t size);
char *arena_strdup(struct arena *arena, const char *s);
char *arena_printf(struct arena *arena, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
