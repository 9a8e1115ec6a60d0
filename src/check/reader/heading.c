/*
 * heading: which fields change, and what follows for the envelope.  How a
 * value is written is compose.c's.
 */
#include "check/reader/heading.h"

#include "check/reader/address.h"
#include "check/reader/compose.h"
#include "check/reader/field.h"

#include "message.h"

#include <string.h>

static const char *const names[HEADING_FIELDS] = {
    [HEADING_SUBJECT] = "Subject",
    [HEADING_TO] = "To",
    [HEADING_CC] = "Cc",
};

/* How the value of such a field is shown to people. */
static const char *read_value(
    struct arena *arena, enum heading_field which, struct span value)
{
	struct address_list list = {.n = 0};

	if (which == HEADING_SUBJECT)
		return field_text(arena, value).text;
	address_read(arena, value, &list);
	return list.shown;
}

static const struct field *next_field(const struct mime *mime,
    enum heading_field which, const struct field *after)
{
	const struct mime_node *root = &mime->nodes[0];

	return after == NULL ? mime_field(mime, root, names[which])
			     : mime_field_after(mime, root, after);
}

/* Does the mail say so already, in one field or by having none? */
static bool says(
    const struct mime *mime, enum heading_field which, const char *wanted)
{
	const struct field *field = next_field(mime, which, NULL);

	if (field == NULL)
		return wanted == NULL;
	return wanted != NULL && next_field(mime, which, field) == NULL &&
	       strcmp(read_value(mime->arena, which, field->value), wanted) ==
		   0;
}

static void add_str(
    struct splices *splices, struct mime_range range, const char *text)
{
	splice_add(splices, range, (struct span){text, strlen(text)});
}

/* The first such field gets the line, or it is put at the header's end. */
static void put_line(struct splices *splices, const struct mime *mime,
    enum heading_field which, const char *line)
{
	const struct mime_node *root = &mime->nodes[0];
	const struct field *field = next_field(mime, which, NULL);
	struct mime_range end = {root->header.offset + root->header.length, 0};

	if (field == NULL) {
		add_str(splices, end, line);
		return;
	}
	add_str(splices, mime_field_range(mime, field), line);
	while ((field = next_field(mime, which, field)) != NULL)
		add_str(splices, mime_field_range(mime, field), "");
}

static struct compose compose(struct arena *arena, enum heading_field which,
    const char *text, const struct about *about)
{
	if (which == HEADING_SUBJECT)
		return compose_text(arena, text);
	return compose_list(
	    arena, text, about->recipients, about->n_recipients);
}

static void change(struct splices *splices, const struct mime *mime,
    enum heading_field which, const char *text, const struct about *about,
    struct heading *heading)
{
	struct arena *arena = mime->arena;
	struct compose made;

	if (text == NULL || heading->refusal != NULL || says(mime, which, text))
		return;
	made = compose(arena, which, text, about);
	heading->refusal = made.refusal;
	if (made.refusal != NULL)
		return;
	if (made.value != NULL)
		heading->reads[which] = read_value(arena, which,
		    (struct span){made.value, strlen(made.value)});
	if (says(mime, which, heading->reads[which]))
		return;
	heading->changed[which] = true;
	put_line(splices, mime, which,
	    made.value == NULL
		? ""
		: arena_printf(arena, "%s:%s\r\n", names[which], made.value));
}

void heading_change(struct splices *splices, const struct mime *mime,
    const struct edit_wish *wish, const struct about *about,
    struct heading *heading)
{
	*heading = (struct heading){.refusal = NULL};
	change(splices, mime, HEADING_SUBJECT, wish->subject, about, heading);
	change(splices, mime, HEADING_TO, wish->to, about, heading);
	change(splices, mime, HEADING_CC, wish->cc, about, heading);
}

bool heading_proved(const struct heading *heading, const struct mime *now)
{
	for (int i = 0; i < HEADING_FIELDS; i++)
		if (heading->changed[i] &&
		    !says(now, (enum heading_field)i, heading->reads[i]))
			return false;
	return true;
}

/* ---- whom it reaches --------------------------------------------------- */

void heading_addresses(struct arena *arena, const struct mime *mime,
    bool bcc_too, struct address_list *list)
{
	static const char *const fields[] = {"To", "Cc", "Bcc"};
	const struct mime_node *root = &mime->nodes[0];
	const struct field *field;
	bool unreadable = false;

	for (size_t i = 0; i < (bcc_too ? 3 : 2); i++)
		for (field = mime_field(mime, root, fields[i]); field != NULL;
		     field = mime_field_after(mime, root, field)) {
			list->unreadable = false;
			address_read(arena, field->value, list);
			unreadable |= list->unreadable;
		}
	list->unreadable = unreadable;
}

static bool holds(const char *const *list, size_t n, const char *address)
{
	for (size_t i = 0; i < n; i++)
		if (message_same_address(list[i], address))
			return true;
	return false;
}

struct reach {
	const char **list;
	size_t n;
};

static void add(struct reach *reach, const char *address)
{
	if (!holds(reach->list, reach->n, address))
		reach->list[reach->n++] = address;
}

static bool is_same(const struct reach *reach, const struct about *about)
{
	if (reach->n != about->n_recipients)
		return false;
	for (size_t i = 0; i < reach->n; i++)
		if (!holds(reach->list, reach->n, about->recipients[i]))
			return false;
	return true;
}

/* Who stays of the envelope, in its order. */
static void keep(struct reach *reach, const struct about *about,
    const struct address_list *old, const struct address_list *now,
    const struct compose *bcc)
{
	for (size_t i = 0; i < about->n_recipients; i++) {
		const char *address = about->recipients[i];
		bool shown = holds(old->address, old->n, address);

		if (holds(now->address, now->n, address) ||
		    (bcc == NULL ? !shown
				 : holds(bcc->address, bcc->n, address)))
			add(reach, address);
	}
}

const char *heading_reach(struct arena *arena, const struct mime *old,
    const struct mime *now, const char *bcc, const struct about *about,
    struct reading_edit *out)
{
	struct address_list before = {.n = 0}, after = {.n = 0};
	struct compose hidden = {.n = 0};
	struct reach reach = {.n = 0};

	heading_addresses(arena, old, false, &before);
	heading_addresses(arena, now, false, &after);
	if (after.unreadable)
		return "the new mail's To or Cc is no list of addresses";
	if (bcc != NULL)
		hidden = compose_list(
		    arena, bcc, about->recipients, about->n_recipients);
	if (hidden.refusal != NULL)
		return hidden.refusal;
	reach.list =
	    arena_alloc(arena, (about->n_recipients + after.n + hidden.n + 1) *
				   sizeof(*reach.list));
	keep(&reach, about, &before, &after, bcc == NULL ? NULL : &hidden);
	for (size_t i = 0; i < after.n; i++) {
		if (holds(before.address, before.n, after.address[i]))
			continue;
		if (!compose_is_address(after.address[i]) &&
		    !holds(reach.list, reach.n, after.address[i]))
			return arena_printf(arena,
			    "'%s' is no address that mail can be sent to",
			    after.address[i]);
		add(&reach, after.address[i]);
	}
	for (size_t i = 0; i < hidden.n; i++)
		add(&reach, hidden.address[i]);
	if (reach.n == 0)
		return "nobody would get the mail: name at least one "
		       "recipient in To, Cc or Bcc";
	if (!is_same(&reach, about)) {
		out->n_recipients = reach.n;
		out->recipients = reach.list;
	}
	return NULL;
}
