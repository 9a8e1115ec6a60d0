/*
 * address: hands lists to libetpan with its traps out of the way.  It recurses
 * on '(', so comments are taken out first; it joins "a@b c@d" into one address
 * and reads on past what it cannot, so its results are checked against the
 * field.
 */
#include "check/reader/address.h"

#include "check/reader/field.h"
#include "check/reader/visible.h"
#include "check/reader/words.h"

#include <libetpan/libetpan.h>
#include <string.h>

/* Copy the quoted string at p; returns what is behind it, NULL: unclosed. */
static const char *copy_quoted(const char *p, const char *end, struct buf *out)
{
	const char *from = p++;

	while (p < end && *p != '"')
		p += *p == '\\' ? 2 : 1;
	if (p >= end)
		return NULL;
	buf_add(out, from, (size_t)(p + 1 - from));
	return p + 1;
}

/* Behind the comment at p, which may nest; NULL: unclosed. */
static const char *skip_comment(const char *p, const char *end)
{
	size_t depth = 0;

	for (; p < end; p++) {
		if (*p == '\\')
			p++;
		else if (*p == '(')
			depth++;
		else if (*p == ')' && --depth == 0)
			return p + 1;
	}
	return NULL;
}

/* The value unfolded, with a blank for each comment. */
static int clean(struct span value, struct buf *out)
{
	const char *p = value.data, *end = p + value.len;

	while (p != NULL && p < end) {
		if (*p == '"') {
			p = copy_quoted(p, end, out);
			continue;
		}
		if (*p == '(') {
			p = skip_comment(p, end);
			buf_add_char(out, ' ');
			continue;
		}
		buf_add_char(out, *p == '\r' || *p == '\n' ? ' ' : *p);
		p++;
	}
	return p == NULL ? -1 : 0;
}

/* Is it an address that stands, so written, in the list? */
static bool is_sane(const char *address, const struct buf *list)
{
	const char *p = address, *at;
	size_t len = strlen(address);

	if (memmem(list->data, list->len, address, len) == NULL)
		return false;
	if (*p == '"') {
		for (p++; *p != '\0' && *p != '"'; p++)
			if (*p == '\\' && p[1] != '\0')
				p++;
		if (*p++ == '\0' || *p != '@')
			return false;
	}
	at = strchr(p, '@');
	return at != NULL && at > address && at[1] != '\0' &&
	       strpbrk(p, "<>(),;\\\" \t") == NULL &&
	       strpbrk(at + 1, "@") == NULL &&
	       (at[1] == '[' || strchr(p, ':') == NULL);
}

static struct span span_of(const char *s)
{
	return (struct span){s, strlen(s)};
}

static void keep(
    struct arena *arena, struct address_list *list, struct span address)
{
	const char **more;

	if (list->n == list->room) {
		list->room = 2 * list->n + 4;
		more = arena_alloc(arena, list->room * sizeof(*more));
		if (list->n > 0)
			memcpy(more, list->address, list->n * sizeof(*more));
		list->address = more;
	}
	list->address[list->n++] = field_plain(arena, address).text;
}

/* display: as it stands in the field, or NULL. */
static void keep_name(struct arena *arena, struct address_list *list,
    const char *display, const char *address)
{
	struct address_named *more;

	if (!list->want_names)
		return;
	if (list->n_named == list->room_named) {
		list->room_named = 2 * list->n_named + 4;
		more = arena_alloc(arena, list->room_named * sizeof(*more));
		if (list->n_named > 0)
			memcpy(
			    more, list->named, list->n_named * sizeof(*more));
		list->named = more;
	}
	list->named[list->n_named++] = (struct address_named){
	    display == NULL ? "" : field_decoded(arena, span_of(display)),
	    address};
}

/* A name that could be taken for more than a name is put in quotes. */
static void show_name(
    struct arena *arena, struct visible *out, const char *name)
{
	struct field_text text = field_text(arena, span_of(name));
	const char *p = text.text;

	out->odd |= text.odd;
	if (strpbrk(p, "<>()[]:;@\\,\"") == NULL) {
		visible_add_str(out, p);
		return;
	}
	visible_add_str(out, "\"");
	while (*p != '\0') {
		size_t run = strcspn(p, "\"\\");

		visible_add(out, (struct span){p, run});
		p += run;
		if (*p == '\0')
			break;
		visible_add_str(out, *p == '"' ? "\\\"" : "\\\\");
		p++;
	}
	visible_add_str(out, "\"");
}

static int take_mailbox(struct arena *arena, struct address_list *list,
    const struct mailimf_mailbox *mailbox, const struct buf *field,
    struct visible *out)
{
	const char *name = mailbox->mb_display_name;

	if (!is_sane(mailbox->mb_addr_spec, field))
		return -1;
	keep(arena, list, span_of(mailbox->mb_addr_spec));
	keep_name(arena, list, name, list->address[list->n - 1]);
	if (name != NULL && *name != '\0') {
		show_name(arena, out, name);
		visible_add_str(out, " <");
	}
	visible_add_str(out, list->address[list->n - 1]);
	if (name != NULL && *name != '\0')
		visible_add_str(out, ">");
	return 0;
}

static int take_mailboxes(struct arena *arena, struct address_list *list,
    const clist *mailboxes, const struct buf *field, struct visible *out)
{
	clistiter *at;

	for (at = clist_begin(mailboxes); at != NULL; at = clist_next(at)) {
		if (at != clist_begin(mailboxes))
			visible_add_str(out, ", ");
		if (take_mailbox(arena, list, clist_content(at), field, out))
			return -1;
	}
	return 0;
}

static int take_group(struct arena *arena, struct address_list *list,
    const struct mailimf_group *group, const struct buf *field,
    struct visible *out)
{
	show_name(arena, out, group->grp_display_name);
	visible_add_str(out, ": ");
	if (group->grp_mb_list == NULL ||
	    clist_isempty(group->grp_mb_list->mb_list))
		keep_name(arena, list, group->grp_display_name, "");
	if (group->grp_mb_list != NULL &&
	    take_mailboxes(
		arena, list, group->grp_mb_list->mb_list, field, out))
		return -1;
	visible_add_str(out, ";");
	return 0;
}

static int take_all(struct arena *arena, struct address_list *list,
    const struct mailimf_address_list *parsed, const struct buf *field,
    struct visible *out)
{
	clistiter *at = clist_begin(parsed->ad_list);
	int bad = 0;

	for (; at != NULL && !bad; at = clist_next(at)) {
		const struct mailimf_address *address = clist_content(at);

		if (at != clist_begin(parsed->ad_list))
			visible_add_str(out, ", ");
		if (address->ad_type == MAILIMF_ADDRESS_GROUP)
			bad = take_group(
			    arena, list, address->ad_data.ad_group, field, out);
		else
			bad = take_mailbox(arena, list,
			    address->ad_data.ad_mailbox, field, out);
	}
	return bad;
}

/* Blanks and commas behind the last address are harmless. */
static bool is_rest(const struct buf *field, size_t from)
{
	return from + strspn(field->data + from, " \t,") >= field->len;
}

static int parse(struct arena *arena, const struct buf *field,
    struct address_list *list, struct visible *out)
{
	struct mailimf_address_list *parsed = NULL;
	size_t used = 0;
	int bad;

	if (mailimf_address_list_parse(
		field->data, field->len, &used, &parsed) != MAILIMF_NO_ERROR)
		return -1;
	bad =
	    !is_rest(field, used) || take_all(arena, list, parsed, field, out);
	mailimf_address_list_free(parsed);
	return bad ? -1 : 0;
}

/* Words with an '@' inside, whatever surrounds them. */
static void guess(
    struct arena *arena, struct span value, struct address_list *list)
{
	static const char apart[] = " \t\r\n<>(),;:[]\\\"";
	const char *p = value.data, *end = p + value.len, *from, *at;

	while (p < end) {
		while (p < end && (*p == '\0' || strchr(apart, *p) != NULL))
			p++;
		for (from = p;
		     p < end && *p != '\0' && strchr(apart, *p) == NULL;)
			p++;
		at = memchr(from, '@', (size_t)(p - from));
		if (at == NULL || at == from || at + 1 == p)
			continue;
		keep(arena, list, (struct span){from, (size_t)(p - from)});
		keep_name(arena, list, NULL, list->address[list->n - 1]);
	}
}

/* Show it from out, unless it could not be read. */
static void finish(struct arena *arena, struct span value, struct visible *out,
    struct address_list *list)
{
	struct field_text text;

	if (list->unreadable) {
		text = field_text(arena, value);
		list->odd |= text.odd;
		list->shown = text.text;
		return;
	}
	list->odd |= out->odd;
	list->shown = arena_printf(
	    arena, "%s%s", out->out->data, out->full ? " ..." : "");
}

void address_read(
    struct arena *arena, struct span value, struct address_list *list)
{
	size_t before = list->n, named_before = list->n_named;
	struct visible out;
	struct buf field, shown;

	value = field_trim(value);
	buf_init(&field, ADDRESS_LIST_MAX);
	buf_init(&shown, FIELD_TEXT_MAX);
	visible_init(&out, &shown, true);
	if (clean(value, &field) || field.overflow ||
	    strlen(field.data) != field.len ||
	    (!is_rest(&field, 0) && parse(arena, &field, list, &out))) {
		list->unreadable = true;
		list->n = before;
		list->n_named = named_before;
		guess(arena, value, list);
	}
	finish(arena, value, &out, list);
	buf_release(&shown);
	buf_release(&field);
}
