/*
 * names: sorted when first asked, so that thousands of recipients cost no
 * more than a sort.
 */
#include "review/names.h"

#include <stdlib.h>
#include <string.h>

struct names {
	struct arena *arena;
	char **list;
	size_t n, room;
	bool sorted;
};

struct names *names_new(struct arena *arena)
{
	struct names *names = arena_alloc(arena, sizeof(*names));

	names->arena = arena;
	return names;
}

static char *lowered(struct arena *arena, const char *s, size_t len)
{
	char *copy = arena_dup(arena, s, len);
	size_t i;

	for (i = 0; i < len; i++)
		if (copy[i] >= 'A' && copy[i] <= 'Z')
			copy[i] = (char)(copy[i] - 'A' + 'a');
	return copy;
}

static void add(struct names *names, const char *s, size_t len)
{
	char **grown;

	if (names->n == names->room) {
		names->room = names->room == 0 ? 16 : names->room * 2;
		grown = arena_alloc(names->arena, names->room * sizeof(*grown));
		if (names->n > 0)
			memcpy(grown, names->list, names->n * sizeof(*grown));
		names->list = grown;
	}
	names->list[names->n++] = lowered(names->arena, s, len);
	names->sorted = false;
}

void names_add(struct names *names, const char *address)
{
	add(names, address, strlen(address));
}

/* RFC 5322 3.2.3 atext and the dot; all beyond ASCII (RFC 6532). */
static bool is_atom(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c & 0x80) != 0 ||
	       (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~.", c) != NULL);
}

void names_find(struct names *names, const char *line)
{
	const char *at = line, *first, *end, *floor = line, *next;

	while (at != NULL && (at = strchr(at, '@')) != NULL) {
		first = at;
		end = at + 1;
		while (first > floor && is_atom(first[-1]))
			first--;
		while (is_atom(*end))
			end++;
		next = end;
		/* of 'bob@example.com', as some programs write names */
		while (first < at && *first == '\'')
			first++;
		while (end > at + 1 && (end[-1] == '\'' || end[-1] == '.'))
			end--;
		if (first < at && end > at + 1)
			add(names, first, (size_t)(end - first));
		floor = at = next;
	}
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sort them and leave out doubles. */
static void sort(struct names *names)
{
	size_t i, kept = 0;

	if (names->sorted || names->n == 0)
		return;
	qsort(names->list, names->n, sizeof(*names->list), compare);
	for (i = 0; i < names->n; i++)
		if (i == 0 || strcmp(names->list[i], names->list[i - 1]) != 0)
			names->list[kept++] = names->list[i];
	names->n = kept;
	names->sorted = true;
}

bool names_have(struct names *names, const char *address)
{
	char *key = lowered(names->arena, address, strlen(address));

	sort(names);
	return names->n > 0 && bsearch(&key, names->list, names->n,
				   sizeof(*names->list), compare) != NULL;
}

size_t names_count(struct names *names)
{
	sort(names);
	return names->n;
}

const char *names_at(struct names *names, size_t i)
{
	sort(names);
	return names->list[i];
}
