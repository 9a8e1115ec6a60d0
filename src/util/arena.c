/*
 * arena: a list of blocks that are only ever filled; a large piece gets a
 * block of its own.
 */
#include "util/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

#define BLOCK_SIZE 2000
#define ALIGNMENT  _Alignof(max_align_t)

struct block {
	struct block *next;
	size_t used, size;
	_Alignas(max_align_t) char bytes[];
};

struct arena {
	struct block *blocks;
};

struct arena *arena_new(void)
{
	return mem_zalloc(sizeof(struct arena));
}

void arena_free(struct arena *arena)
{
	struct block *b, *next;

	if (arena == NULL)
		return;
	for (b = arena->blocks; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	free(arena);
}

static struct block *block_new(struct arena *arena, size_t room)
{
	size_t size = room > BLOCK_SIZE ? room : BLOCK_SIZE;
	struct block *b = mem_grow(NULL, 1, sizeof(*b) + size);

	b->used = 0;
	b->size = size;
	if (room > BLOCK_SIZE && arena->blocks != NULL) {
		/* second in the list: the first still has room to fill */
		b->next = arena->blocks->next;
		arena->blocks->next = b;
	} else {
		b->next = arena->blocks;
		arena->blocks = b;
	}
	return b;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct block *b = arena->blocks;
	void *p;

	if (size > SIZE_MAX - sizeof(*b) - ALIGNMENT)
		return mem_grow(NULL, SIZE_MAX, 2);
	size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (b == NULL || b->size - b->used < size)
		b = block_new(arena, size);
	p = b->bytes + b->used;
	b->used += size;
	memset(p, 0, size);
	return p;
}

char *arena_dup(struct arena *arena, const void *bytes, size_t size)
{
	char *copy = arena_alloc(arena, size + 1);

	if (size > 0)
		memcpy(copy, bytes, size);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *s)
{
	return s == NULL ? NULL : arena_dup(arena, s, strlen(s));
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
	va_list ap, again;
	char *s;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	s = arena_alloc(arena, (size_t)n + 1);
	vsnprintf(s, (size_t)n + 1, fmt, again);
	va_end(again);
	return s;
}
