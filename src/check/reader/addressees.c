/*
 * addressees: collects addresses and refuses what is not quite one.  Which of
 * them may be written to is left to the daemon.
 */
#include "check/reader/addressees.h"

#include "check/reader/address.h"
#include "check/reader/compose.h"

#include <string.h>
#include <strings.h>

static const char *const names[] = {"To", "Cc", "Bcc"};

#define N_NAMES (sizeof(names) / sizeof(names[0]))

/* Domains are the same in any case, local parts are not. */
static bool is_same(const char *a, const char *b)
{
	const char *at = strrchr(a, '@'), *other = strrchr(b, '@');

	return at - a == other - b && memcmp(a, b, (size_t)(at - a)) == 0 &&
	       strcasecmp(at, other) == 0;
}

/* Is it there already?  Those of one mail are few; looked at in order. */
static bool is_known(const struct reading *reading, const char *address)
{
	size_t i;

	for (i = 0; i < reading->n_addressees; i++)
		if (is_same(reading->addressees[i], address))
			return true;
	return false;
}

static void take(
    struct reading *reading, const char *name, const struct address_list *list)
{
	size_t i;

	if (list->unreadable)
		reading->unaddressed = arena_printf(reading->arena,
		    "its %s field is no list of addresses", name);
	for (i = 0; i < list->n && reading->unaddressed == NULL; i++) {
		const char *address = list->address[i];

		if (*address == '\0')
			continue; /* a group that nobody is in */
		if (!compose_is_address(address))
			reading->unaddressed = arena_printf(reading->arena,
			    "its %s field names %s, which is no address of "
			    "plain letters",
			    name, address);
		else if (reading->n_addressees == ADDRESSEES_MOST)
			reading->unaddressed =
			    "it is for more than 1000 people";
		else if (!is_known(reading, address))
			reading->addressees[reading->n_addressees++] = address;
	}
}

void addressees_read(struct reading *reading, const struct mime *mime)
{
	const struct mime_node *root = &mime->nodes[0];
	const struct field *field;
	struct address_list list;
	size_t i;

	reading->addressees = arena_alloc(
	    reading->arena, ADDRESSEES_MOST * sizeof(*reading->addressees));
	for (i = 0; i < N_NAMES; i++)
		for (field = mime_field(mime, root, names[i]);
		     field != NULL && reading->unaddressed == NULL;
		     field = mime_field_after(mime, root, field)) {
			memset(&list, 0, sizeof(list));
			address_read(reading->arena, field->value, &list);
			take(reading, names[i], &list);
		}
	if (reading->unaddressed == NULL && reading->n_addressees == 0)
		reading->unaddressed =
		    "neither To nor Cc nor Bcc says whom it is for";
	if (reading->unaddressed != NULL)
		reading->n_addressees = 0;
}
