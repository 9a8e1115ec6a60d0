/*
 * view: copies nothing that already stands somewhere; the rest lives in the
 * reading's arena, decoded bodies in memory that view_free() gives back.
 */
#include "check/reader/view.h"

#include "check/reader/address.h"
#include "check/reader/body.h"
#include "check/reader/charset.h"
#include "check/reader/chosen.h"
#include "check/reader/context.h"
#include "check/reader/field.h"
#include "check/reader/note.h"
#include "check/reader/viewlink.h"
#include "check/reader/visible.h"

#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

struct view {
	const struct sight *sight;
	struct arena *arena; /* the reading's */
	struct imprimatur_mail mail;
	struct imprimatur_field *fields;
	struct imprimatur_part *parts;
	int *nodes;	    /* of each part: index in mime->nodes */
	struct buf *stores; /* of each part: what had to be decoded */
	size_t n_parts;
	size_t source_left; /* bytes */
	struct imprimatur_link *links;
	size_t links_room;
};

static const char *name_of(struct arena *arena, struct span name)
{
	return arena_dup(arena, name.data, name.len);
}

/* ---- the header --------------------------------------------------------- */

/* Fields of ours never leave, so they are not of the mail. */
static void take_fields(struct view *view)
{
	const struct mime *mime = view->sight->mime;
	const struct mime_node *root = &mime->nodes[0];
	size_t n = 0;

	view->fields = arena_alloc(
	    view->arena, (root->n_fields + 1) * sizeof(*view->fields));
	for (size_t i = 0; i < root->n_fields; i++) {
		const struct field *field =
		    &mime->fields[root->first_field + i];

		if (context_is_field(field))
			continue;
		view->fields[n].name = name_of(view->arena, field->name);
		view->fields[n++].value =
		    field_decoded(view->arena, field->value);
	}
	view->mail.fields = view->fields;
	view->mail.n_fields = n;
}

static void take_address_field(struct view *view, const char *name,
    const struct field *field, struct imprimatur_address **list)
{
	struct address_list found = {.want_names = true};
	size_t n = view->mail.n_addresses;
	struct imprimatur_address *more;

	address_read(view->arena, field->value, &found);
	if (found.n_named == 0)
		return;
	more = arena_alloc(view->arena, (n + found.n_named) * sizeof(*more));
	if (n > 0)
		memcpy(more, *list, n * sizeof(*more));
	for (size_t i = 0; i < found.n_named; i++)
		more[n + i] = (struct imprimatur_address){
		    name, found.named[i].display, found.named[i].address};
	*list = more;
	view->mail.n_addresses = n + found.n_named;
}

/* In order of the mail.  Of a field that comes often the first few. */
static void take_addresses(struct view *view)
{
	static const char *const names[] = {
	    "From", "Sender", "Reply-To", "To", "Cc"};
	enum { N = sizeof(names) / sizeof(names[0]), TIMES_MAX = 20 };
	const struct mime *mime = view->sight->mime;
	const struct mime_node *root = &mime->nodes[0];
	struct imprimatur_address *list = NULL;
	unsigned times[N] = {0};

	for (size_t i = 0; i < root->n_fields; i++) {
		const struct field *field =
		    &mime->fields[root->first_field + i];

		for (size_t k = 0; k < N; k++)
			if (field_is(field, names[k]) && times[k]++ < TIMES_MAX)
				take_address_field(
				    view, names[k], field, &list);
	}
	view->mail.addresses = list;
}

/* ---- the parts ---------------------------------------------------------- */

static const char *clean(struct view *view, const char *text)
{
	return text == NULL ? NULL
			    : field_decoded(view->arena,
				  (struct span){text, strlen(text)});
}

/* A text part in UTF-8, as far as there is room for it. */
static void take_source(
    struct view *view, struct imprimatur_part *part, const char *charset)
{
	struct span bytes = {(const char *)part->bytes, part->size};
	struct body_cap cap = {.lost = 0};
	struct buf source;

	bytes = body_without_bom(bytes);
	buf_init(&source, view->source_left);
	cap.out = &source;
	charset_convert(charset, bytes, body_cap_add, &cap);
	part->source = arena_dup(view->arena, source.data, source.len);
	part->source_size = source.len;
	view->source_left -= source.len;
	buf_release(&source);
	if (cap.lost > 0)
		note_add(view->sight->reading, FINDING_CAUTION,
		    "text-truncated",
		    "plug-ins have not seen %zu bytes of text", cap.lost);
}

static void take_part(struct view *view, int index)
{
	const struct mime *mime = view->sight->mime;
	const struct mime_node *node = &mime->nodes[index];
	struct imprimatur_part *part = &view->parts[view->n_parts];
	struct buf *store = &view->stores[view->n_parts];
	struct span bytes, text;
	size_t wrong;

	view->nodes[view->n_parts] = index;
	buf_init(store, node->body.length);
	bytes = body_bytes(mime, node, store, &wrong);
	part->type = node->type;
	part->charset = clean(view, node->charset);
	part->filename = clean(view, node->filename);
	part->disposition = clean(view, node->disposition);
	part->depth = node->depth;
	part->bytes = (const unsigned char *)bytes.data;
	part->size = bytes.len;
	part->alternative = -1;
	if (body_kind(node) != BODY_NOTHING) {
		take_source(view, part, body_charset(mime, node, bytes));
		text = visible_bare(
		    view->arena, view->sight->more->texts[view->n_parts]);
		part->text = text.data != NULL ? text.data : "";
		part->text_size = text.len;
	}
	view->n_parts++;
}

/* Is it one of the forms of a text: plain, HTML, AMP, enriched? */
static bool is_form(const struct mime_node *node)
{
	bool attached = node->disposition != NULL &&
			strcmp(node->disposition, "attachment") == 0;

	return node->kind == MIME_LEAF && !attached &&
	       (node->parent < 0 || node->filename == NULL) &&
	       strncmp(node->type, "text/", 5) == 0 &&
	       strcmp(node->type, "text/calendar") != 0;
}

/* Does the whole form lie in this part, not beside others in a mixed one? */
static bool is_whole(const struct mime *mime, int node, int alternative)
{
	node = mime->nodes[node].parent;
	if (node != alternative &&
	    strcmp(mime->nodes[node].type, "multipart/related") == 0)
		node = mime->nodes[node].parent;
	return node == alternative;
}

/* The one of a group that stands for this part: of another type, if any. */
static int other_of(const struct view *view, const int *group, size_t part)
{
	bool html = strcmp(view->parts[part].type, "text/html") == 0;
	int other = -1;

	for (size_t i = 0; i < view->n_parts; i++) {
		bool its = strcmp(view->parts[i].type, "text/html") == 0;

		if (group[i] != group[part] || i == part)
			continue;
		if (its != html)
			return (int)i;
		other = other < 0 ? (int)i : other;
	}
	return other;
}

/* Of each type the first may be a piece of a form; others must be whole. */
static bool is_in(const struct view *view, const int *group, size_t part)
{
	const struct mime *mime = view->sight->mime;

	if (is_whole(mime, view->nodes[part], group[part]))
		return true;
	for (size_t i = 0; i < part; i++)
		if (group[i] == group[part] &&
		    strcmp(view->parts[i].type, view->parts[part].type) == 0)
			return false;
	return true;
}

/* Texts of a multipart/alternative stand for one another. */
static void find_alternatives(struct view *view)
{
	const struct mime *mime = view->sight->mime;
	int *group = mem_grow(NULL, view->n_parts + 1, sizeof(*group));

	for (size_t i = 0; i < view->n_parts; i++) {
		group[i] = is_form(&mime->nodes[view->nodes[i]])
			       ? chosen_alternative(mime, view->nodes[i])
			       : -1;
		if (group[i] >= 0 && !is_in(view, group, i))
			group[i] = -1;
	}
	for (size_t i = 0; i < view->n_parts; i++)
		if (group[i] >= 0)
			view->parts[i].alternative = other_of(view, group, i);
	free(group);
}

static void take_parts(struct view *view)
{
	const struct mime *mime = view->sight->mime;
	size_t n = view->sight->reading->n_parts;

	view->parts = arena_alloc(view->arena, (n + 1) * sizeof(*view->parts));
	view->nodes = arena_alloc(view->arena, (n + 1) * sizeof(*view->nodes));
	view->stores =
	    arena_alloc(view->arena, (n + 1) * sizeof(*view->stores));
	view->source_left = VIEW_SOURCE_MAX;
	for (size_t i = 0; i < mime->n_nodes && view->n_parts < n; i++)
		if (mime->nodes[i].kind == MIME_LEAF &&
		    !context_is_part(&mime->nodes[i]))
			take_part(view, (int)i);
	find_alternatives(view);
	view->mail.parts = view->parts;
	view->mail.n_parts = view->n_parts;
}

/* ---- links -------------------------------------------------------------- */

static void add_link(
    struct view *view, size_t part, const char *target, const char *text)
{
	size_t n = view->mail.n_links;
	struct imprimatur_link *more;

	if (n == view->links_room) {
		view->links_room = 2 * n + 8;
		more =
		    arena_alloc(view->arena, view->links_room * sizeof(*more));
		if (n > 0)
			memcpy(more, view->links, n * sizeof(*more));
		view->links = more;
	}
	view->links[n] = (struct imprimatur_link){part, target, text};
	view->mail.n_links = n + 1;
}

/* Is it a link of this HTML part already, or the address shown of one? */
static bool is_known(const struct view *view, size_t from, struct span address)
{
	for (size_t i = from; i < view->mail.n_links; i++) {
		const char *target = view->links[i].target;

		if (strncmp(target, address.data, address.len) == 0 &&
		    strlen(target) <= address.len + 2)
			return true;
	}
	return false;
}

static void add_written(
    struct view *view, size_t part, size_t from, size_t *left)
{
	const struct imprimatur_part *p = &view->parts[part];
	struct span rest = {p->text, p->text_size}, address;

	while (p->text != NULL && viewlink_next(&rest, &address)) {
		if (is_known(view, from, address))
			continue;
		if (*left == 0) {
			note_add(view->sight->reading, FINDING_CAUTION,
			    "text-truncated",
			    "only the first %d links are looked at",
			    VIEW_LINKS_MAX);
			return;
		}
		(*left)--;
		add_link(view, part,
		    arena_dup(view->arena, address.data, address.len), NULL);
	}
}

static void take_links(struct view *view)
{
	const struct text_more *more = view->sight->more;
	size_t left = VIEW_LINKS_MAX, k = 0, from;

	for (size_t i = 0; i < view->n_parts; i++) {
		from = view->mail.n_links;
		for (; k < more->n_links && more->links[k].part == i; k++)
			add_link(view, i, more->links[k].target,
			    more->links[k].text);
		add_written(view, i, from, &left);
	}
	view->mail.links = view->links;
}

/* ---- all ---------------------------------------------------------------- */

static void take_texts(struct view *view)
{
	const struct sight *sight = view->sight;
	const struct field *subject =
	    mime_field(sight->mime, &sight->mime->nodes[0], "Subject");
	struct imprimatur_mail *mail = &view->mail;

	mail->subject =
	    subject == NULL ? "" : field_decoded(view->arena, subject->value);
	mail->text = sight->bare.data;
	mail->text_size = sight->bare.len;
	mail->own_text = sight->own.data;
	mail->own_text_size = sight->own.len;
	mail->bytes = sight->mime->mail.len;
}

struct view *view_new(const struct sight *sight)
{
	struct view *view = mem_zalloc(sizeof(*view));
	const struct about *about = sight->about;

	view->sight = sight;
	view->arena = sight->reading->arena;
	view->mail.size = sizeof(view->mail);
	view->mail.agent = about->agent != NULL ? about->agent : "";
	view->mail.sender = about->sender != NULL ? about->sender : "";
	view->mail.n_recipients = about->n_recipients;
	view->mail.recipients = about->recipients;
	take_fields(view);
	take_addresses(view);
	take_parts(view);
	take_links(view);
	take_texts(view);
	return view;
}

const struct imprimatur_mail *view_mail(struct view *view, const char *channel)
{
	view->mail.channel = channel;
	return &view->mail;
}

void view_free(struct view *view)
{
	if (view == NULL)
		return;
	for (size_t i = 0; i < view->n_parts; i++)
		buf_release(&view->stores[i]);
	free(view);
}
