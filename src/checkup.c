/*
 * checkup: the list itself.  What is asked is left to the rooms and to
 * doctor.c, how it is told to the command line.
 */
#include "checkup.h"

#include <assert.h>
#include <stdlib.h>

#include "util/arena.h"
#include "util/clock.h"
#include "util/mem.h"

struct checkup {
	unsigned refs;
	bool probe;
	size_t n, room, n_open;
	struct checkup_item **items;
	struct arena *arena; /* holds them and their texts */
};

struct checkup *checkup_new(bool probe)
{
	struct checkup *checkup = mem_zalloc(sizeof(*checkup));

	checkup->refs = 1;
	checkup->arena = arena_new();
	checkup->probe = probe;
	return checkup;
}

void checkup_unref(struct checkup *checkup)
{
	if (checkup == NULL || --checkup->refs > 0)
		return;
	arena_free(checkup->arena);
	free(checkup->items);
	free(checkup);
}

bool checkup_probes(const struct checkup *checkup)
{
	return checkup->probe;
}

struct checkup_item *checkup_begin(
    struct checkup *checkup, const char *of, const char *what)
{
	struct checkup_item *item = arena_alloc(checkup->arena, sizeof(*item));

	item->checkup = checkup;
	item->of = arena_strdup(checkup->arena, of);
	item->what = arena_strdup(checkup->arena, what);
	item->state = CHECKUP_OPEN;
	item->since_ms = clock_mono_ms();
	if (checkup->n == checkup->room) {
		checkup->room = 2 * checkup->room + 16;
		checkup->items = mem_grow(checkup->items, checkup->room,
		    sizeof(struct checkup_item *));
	}
	checkup->items[checkup->n++] = item;
	checkup->n_open++;
	checkup->refs++;
	return item;
}

void checkup_end(struct checkup_item *item, enum checkup_state state,
    const char *found, const char *advice)
{
	struct arena *arena = item->checkup->arena;

	assert(item->state == CHECKUP_OPEN && state != CHECKUP_OPEN);
	item->state = state;
	item->found = arena_strdup(arena, found);
	item->advice = arena_strdup(arena, advice);
	item->took_ms = clock_mono_ms() - item->since_ms;
	item->checkup->n_open--;
	checkup_unref(item->checkup);
}

void checkup_note(struct checkup *checkup, const char *of, const char *what,
    enum checkup_state state, const char *found, const char *advice)
{
	checkup_end(checkup_begin(checkup, of, what), state, found, advice);
}

size_t checkup_n(const struct checkup *checkup)
{
	return checkup->n;
}

const struct checkup_item *checkup_at(const struct checkup *checkup, size_t i)
{
	return checkup->items[i];
}

bool checkup_is_open(const struct checkup *checkup)
{
	return checkup->n_open > 0;
}

const char *checkup_state_name(enum checkup_state state)
{
	static const char *const names[] = {
	    [CHECKUP_OPEN] = "open",
	    [CHECKUP_GOOD] = "good",
	    [CHECKUP_DOUBT] = "doubt",
	    [CHECKUP_BAD] = "bad",
	    [CHECKUP_SKIPPED] = "skipped",
	};

	return names[state];
}
