/*
 * known: two sorted lists, one of names and one of what their registered parts
 * look like.
 */
#include "known.h"

#include <stdlib.h>
#include <string.h>

struct look {
	const char *base; /* within one of the names */
	char *text;
};

struct known {
	const struct domain_tables *tables;
	char **names; /* ASCII forms */
	struct look *looks;
	size_t n, room, n_looks;
};

struct known *known_new(const struct domain_tables *tables)
{
	struct known *known = calloc(1, sizeof(*known));

	if (known != NULL)
		known->tables = tables;
	return known;
}

void known_free(struct known *known)
{
	if (known == NULL)
		return;
	for (size_t i = 0; i < known->n; i++)
		free(known->names[i]);
	for (size_t i = 0; i < known->n_looks; i++)
		free(known->looks[i].text);
	free(known->names);
	free(known->looks);
	free(known);
}

size_t known_count(const struct known *known)
{
	return known->n;
}

static bool has_room(struct known *known)
{
	size_t room = known->room * 2 + 16;
	char **names;

	if (known->n < known->room)
		return true;
	names = realloc(known->names, room * sizeof(*names));
	if (names == NULL)
		return false;
	known->names = names;
	known->room = room;
	return true;
}

int known_add(struct known *known, const char *name, size_t size)
{
	char ascii[DOMAIN_MAX];

	if (!domain_name(known->tables, name, size, ascii) || !has_room(known))
		return -1;
	known->names[known->n] = strdup(ascii);
	if (known->names[known->n] == NULL)
		return -1;
	known->n++;
	return 0;
}

int known_option(struct known *known, const struct imprimatur_host *host,
    const struct imprimatur_options *options, const char *option)
{
	const char *item;

	for (size_t i = 0; (item = host->item(options, option, i)) != NULL;
	     i++) {
		const char *name = item + (item[0] == '@');

		if (strpbrk(name, "@*/ :\t") == NULL && name[0] != '.' &&
		    known_add(known, name, strlen(name)) == 0)
			continue;
		host->complain(options,
		    "%s has '%s'; write domains, such as \"example.com\"",
		    option, item);
		return -1;
	}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int by_look(const void *a, const void *b)
{
	const struct look *x = a, *y = b;
	int order = strcmp(x->text, y->text);

	return order != 0 ? order : strcmp(x->base, y->base);
}

/* The look of a registered part, for free(). */
static char *look_of(
    const struct known *known, const char *base, const char *written)
{
	char shown[DOMAIN_LOOK], look[DOMAIN_LOOK];

	if (strstr(base, "xn--") != NULL) {
		domain_shown(known->tables, base, shown);
		written = shown;
	}
	domain_look(known->tables, written, strlen(written), look);
	return strdup(look);
}

int known_sort(struct known *known)
{
	size_t kept = 0;

	if (known->n == 0)
		return 0;
	known->looks = calloc(known->n, sizeof(*known->looks));
	if (known->looks == NULL)
		return -1;
	qsort(known->names, known->n, sizeof(*known->names), by_name);
	for (size_t i = 0; i < known->n; i++) {
		struct look *look = &known->looks[i];

		look->base = domain_base(known->names[i]);
		look->text = look_of(known, look->base, look->base);
		if (look->text == NULL)
			return -1;
		known->n_looks++;
	}
	qsort(known->looks, known->n, sizeof(*known->looks), by_look);
	for (size_t i = 0; i < known->n; i++) {
		if (kept > 0 &&
		    by_look(&known->looks[kept - 1], &known->looks[i]) == 0)
			free(known->looks[i].text);
		else
			known->looks[kept++] = known->looks[i];
	}
	known->n_looks = kept;
	return 0;
}

static const char *find(const struct known *known, const char *name)
{
	char **found = NULL;

	if (known->n > 0)
		found = bsearch(&name, known->names, known->n,
		    sizeof(*known->names), by_name);
	return found != NULL ? *found : NULL;
}

bool known_covers(const struct known *known, const char *name)
{
	for (; name != NULL; name = strchr(name, '.')) {
		name += name[0] == '.';
		if (find(known, name) != NULL)
			return true;
	}
	return false;
}

/* The first whose look is not smaller. */
static size_t find_look(const struct known *known, const char *text)
{
	size_t low = 0, high = known->n_looks;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(known->looks[mid].text, text) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static const char *looks_like(
    const struct known *known, const char *base, const char *text)
{
	if (text[0] == '\0')
		return NULL;
	for (size_t i = find_look(known, text); i < known->n_looks; i++) {
		if (strcmp(known->looks[i].text, text) != 0)
			break;
		if (strcmp(known->looks[i].base, base) != 0)
			return known->looks[i].base;
	}
	return NULL;
}

static const char *near(
    const struct known *known, const char *base, size_t *left)
{
	for (size_t i = 0; i<known->n_looks && * left> 0; i++, --*left)
		if (domain_near(known->looks[i].base, base))
			return known->looks[i].base;
	return NULL;
}

const char *known_imitated(const struct known *known, const char *name,
    const char *written, size_t *left)
{
	const char *base = domain_base(name), *found;
	size_t size = strlen(name), n = strlen(written);
	char *look;

	/* a dot at the end is no part of the name */
	if (n != size)
		written = name;
	look = look_of(known, base, written + (base - name));
	if (look == NULL)
		return NULL;
	found = looks_like(known, base, look);
	free(look);
	if (found == NULL && left != NULL && find(known, base) == NULL)
		found = near(known, base, left);
	return found;
}

#define WITHIN_LABELS 4 /* of the longest name that is looked for */

const char *known_within(const struct known *known, const char *name)
{
	char part[DOMAIN_MAX];

	for (const char *from = name; *from != '\0'; from += *from == '.') {
		const char *to = from + strcspn(from, ".");

		for (unsigned n = 1; n < WITHIN_LABELS && *to == '.'; n++) {
			const char *found;

			to += 1 + strcspn(to + 1, ".");
			if (*to == '\0')
				break;
			memcpy(part, from, (size_t)(to - from));
			part[to - from] = '\0';
			found = find(known, part);
			if (found != NULL)
				return found;
		}
		from += strcspn(from, ".");
	}
	return NULL;
}
