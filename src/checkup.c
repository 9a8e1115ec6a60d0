/*
 * checkup: the list itself.  What is asked is left to the rooms and to
 * doctor.c, how it is told to the command line.
 */
#include "checkup.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "util/arena.h"
#include "util/clock.h"
#include "util/mem.h"

#define CLOCK_MOST_MS ((int64_t)60 * 1000) /* off by more: it is wrong */
#define CLOCK_FEW_MS  ((int64_t)10 * 1000)

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

void checkup_clock(struct checkup *checkup, const char *of, int64_t date_ms)
{
	int64_t off = clock_now_ms() - date_ms;
	char text[160], span[CLOCK_ISO_SIZE];
	enum checkup_state state = CHECKUP_GOOD;

	if (date_ms == 0)
		return;
	if (llabs(off) > CLOCK_MOST_MS)
		state = CHECKUP_BAD;
	else if (llabs(off) > CLOCK_FEW_MS)
		state = CHECKUP_DOUBT;
	if (state == CHECKUP_GOOD)
		snprintf(text, sizeof(text), "they agree");
	else
		snprintf(text, sizeof(text), "ours is %s %s theirs",
		    clock_span(llabs(off), span),
		    off > 0 ? "ahead of" : "behind");
	checkup_note(checkup, of, "its clock and ours agree", state, text,
	    state == CHECKUP_GOOD
		? NULL
		: "have this machine's clock set by NTP: requests that seem "
		  "old are refused on both sides");
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
