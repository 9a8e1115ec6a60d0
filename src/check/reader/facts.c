/*
 * facts: one pass over the fields of the mail's own header, by a table.
 */
#include "check/reader/facts.h"

#include "check/reader/address.h"
#include "check/reader/note.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum how {
	HOW_TEXT,      /* free text with encoded-words */
	HOW_PLAIN,     /* as it stands */
	HOW_IDS,       /* message ids */
	HOW_ADDRESSES, /* a list of mailboxes */
	HOW_AUTHORS,   /* likewise; they answer for the mail */
	HOW_COUNT,     /* Received */
	HOW_RESERVED,  /* others believe it; an agent has no use for it */
	HOW_ONCE       /* only looked at for being there twice */
};

#define NO_SLOT	    SIZE_MAX
#define SLOT(field) offsetof(struct reading, field)

/* Fields that we know; all but the last three may come once (RFC 5322 3.6). */
static const struct known {
	const char *name;
	enum how how;
	size_t slot;
} table[] = {
    {"From", HOW_AUTHORS, SLOT(from)},
    {"Sender", HOW_AUTHORS, SLOT(sender)},
    {"To", HOW_ADDRESSES, SLOT(to)},
    {"Cc", HOW_ADDRESSES, SLOT(cc)},
    {"Reply-To", HOW_ADDRESSES, SLOT(reply_to)},
    {"Subject", HOW_TEXT, SLOT(subject)},
    {"Date", HOW_PLAIN, SLOT(date)},
    {"Message-ID", HOW_PLAIN, SLOT(message_id)},
    {"In-Reply-To", HOW_IDS, SLOT(in_reply_to)},
    {"References", HOW_IDS, SLOT(references)},
    {"MIME-Version", HOW_ONCE, NO_SLOT},
    {"Content-Type", HOW_ONCE, NO_SLOT},
    {"Content-Transfer-Encoding", HOW_ONCE, NO_SLOT},
    {"Content-Disposition", HOW_ONCE, NO_SLOT},
    {"Received", HOW_COUNT, NO_SLOT},
    {"Authentication-Results", HOW_RESERVED, NO_SLOT},
    {"ARC-Authentication-Results", HOW_RESERVED, NO_SLOT},
};

#define N_KNOWN (sizeof(table) / sizeof(table[0]))

struct facts {
	struct reading *reading;
	unsigned times[N_KNOWN]; /* each has come */
	struct address_list authors;
};

static const struct known *find(const struct field *field)
{
	for (size_t i = 0; i < N_KNOWN; i++)
		if (field_is(field, table[i].name))
			return &table[i];
	return NULL;
}

static enum finding_weight weight_of_twice(const struct known *known)
{
	return known->how == HOW_AUTHORS ||
		       strcmp(known->name, "Content-Type") == 0
		   ? FINDING_TRIPWIRE
		   : FINDING_CAUTION;
}

static void note_twice(struct facts *facts, const struct known *known)
{
	if (known->how != HOW_COUNT && known->how != HOW_RESERVED)
		note_add(facts->reading, weight_of_twice(known),
		    "duplicate-header", "%s stands there more than once",
		    known->name);
}

/* The first text stays; a later one is put behind it, so that both show. */
static void put(
    struct facts *facts, const struct known *known, const char *text)
{
	char *base = (char *)facts->reading;
	const char **to = (const char **)(void *)(base + known->slot);

	if (*to == NULL)
		*to = text;
	else if (strlen(*to) < FIELD_TEXT_MAX)
		*to = arena_printf(facts->reading->arena, "%s | %s", *to, text);
}

static void note_characters(
    struct facts *facts, const struct known *known, unsigned odd)
{
	char where[64];

	if (odd == 0)
		return;
	snprintf(where, sizeof(where), "the %s field", known->name);
	note_header_characters(facts->reading, odd, where);
}

static void take_text(
    struct facts *facts, const struct known *known, const struct field *field)
{
	struct arena *arena = facts->reading->arena;
	struct field_text text = known->how == HOW_TEXT
				     ? field_text(arena, field->value)
				     : field_plain(arena, field->value);

	note_characters(facts, known, text.odd);
	if (text.cut)
		note_add(facts->reading, FINDING_CAUTION, "text-truncated",
		    "the %s field is longer than is shown", known->name);
	put(facts, known, text.text);
}

static void take_addresses(
    struct facts *facts, const struct known *known, const struct field *field)
{
	struct address_list other = {.n = 0}, *list = &other;
	bool author = known->how == HOW_AUTHORS;

	if (author) {
		list = &facts->authors;
		list->odd = 0;
		list->unreadable = false;
	}
	address_read(facts->reading->arena, field->value, list);
	note_characters(facts, known, list->odd);
	if (list->unreadable)
		note_add(facts->reading,
		    author ? FINDING_TRIPWIRE : FINDING_CAUTION,
		    "address-unreadable",
		    "the %s field is no list of addresses", known->name);
	put(facts, known, list->shown);
}

static void take(
    struct facts *facts, const struct known *known, const struct field *field)
{
	struct reading *reading = facts->reading;

	switch (known->how) {
	case HOW_TEXT:
	case HOW_PLAIN:
		take_text(facts, known, field);
		break;
	case HOW_IDS:
		put(facts, known, field_ids(reading->arena, field->value));
		break;
	case HOW_ADDRESSES:
	case HOW_AUTHORS:
		take_addresses(facts, known, field);
		break;
	case HOW_COUNT:
		reading->n_received++;
		break;
	case HOW_RESERVED:
		note_add(reading, FINDING_CAUTION, "reserved-header",
		    "%s is for receivers to write", known->name);
		break;
	case HOW_ONCE:
		break;
	}
}

/* Of a field that comes a hundred times the first few tell enough. */
#define TIMES_MAX 20

void facts_read(struct reading *reading, const struct mime *mime)
{
	const struct mime_node *root = &mime->nodes[0];
	struct facts facts = {.reading = reading};

	for (size_t i = 0; i < root->n_fields; i++) {
		const struct field *field =
		    &mime->fields[root->first_field + i];
		const struct known *known = find(field);

		if (known == NULL)
			continue;
		if (++facts.times[known - table] == 2)
			note_twice(&facts, known);
		if (known->how == HOW_COUNT || known->how == HOW_AUTHORS ||
		    facts.times[known - table] <= TIMES_MAX)
			take(&facts, known, field);
	}
	reading->n_authors = facts.authors.n;
	reading->authors = facts.authors.address;
	if (reading->from == NULL)
		note_add(reading, FINDING_TRIPWIRE, "no-author",
		    "there is no From field");
}
