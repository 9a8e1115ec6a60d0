/*
 * whole: chooses which field is whose.  Whether a mail may be edited at all,
 * and whether the new one is what it should be, is edit.c's.
 */
#include "check/reader/whole.h"

#include "check/reader/address.h"
#include "check/reader/compose.h"
#include "check/reader/encode.h"
#include "check/reader/field.h"
#include "check/reader/fold.h"
#include "check/reader/heading.h"
#include "check/reader/retype.h"

#include <string.h>

/* How a field of the person's is taken. */
enum taken {
	TAKEN_AS_IT_IS, /* it must be of ASCII */
	TAKEN_TEXT,	/* written anew when it is not */
	TAKEN_LIST
};

static const struct row {
	const char *name;
	enum taken taken;
} rows[] = {
    {"From", TAKEN_LIST},
    {"Sender", TAKEN_LIST},
    {"Reply-To", TAKEN_LIST},
    {"To", TAKEN_LIST},
    {"Cc", TAKEN_LIST},
    {"Bcc", TAKEN_LIST},
    {"Subject", TAKEN_TEXT},
    {"MIME-Version", TAKEN_AS_IT_IS},
    {"Content-Type", TAKEN_AS_IT_IS},
    {"Content-Transfer-Encoding", TAKEN_AS_IT_IS},
    {"Content-Disposition", TAKEN_AS_IT_IS},
    {"Content-Language", TAKEN_AS_IT_IS},
    {"Content-ID", TAKEN_AS_IT_IS},
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct row *row_of(const struct field *field)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (field_is(field, rows[i].name))
			return &rows[i];
	return NULL;
}

/* Line ends as SMTP has them; no "From " line of a mail folder. */
static void tidy(struct span mail, struct buf *out)
{
	struct span rest = mail, line;
	bool first = true;

	while (rest.len > 0) {
		line = field_line(&rest);
		if (!first || !fold_begins(line, "From ")) {
			buf_add_span(out, field_chomp(line));
			buf_add_str(out, "\r\n");
		}
		first = false;
	}
}

/* All that the table leaves alone, in its order. */
static void add_old(const struct mime *old, struct buf *out)
{
	const struct mime_node *root = &old->nodes[0];
	const struct field *field;

	for (size_t i = 0; i < root->n_fields; i++) {
		field = &old->fields[root->first_field + i];
		if (row_of(field) == NULL && !field_begins(field, "content-") &&
		    !retype_is_broken(field))
			buf_add_span(out, field->raw);
	}
}

static void add_field(struct buf *out, const char *name, const char *value)
{
	buf_addf(out, "%s:%s\r\n", name, value);
}

/* It has letters that a header has no room for: write it anew. */
static const char *add_anew(struct arena *arena, const struct row *row,
    const struct field *field, struct buf *out)
{
	const char *text = field_decoded(arena, field->value);
	struct compose made;

	if (row->taken == TAKEN_AS_IT_IS)
		return arena_printf(arena,
		    "the new mail's field %s holds letters that are not of "
		    "ASCII",
		    row->name);
	made = row->taken == TAKEN_TEXT ? compose_text(arena, text)
					: compose_list(arena, text, NULL, 0);
	if (made.refusal == NULL && made.value != NULL)
		add_field(out, row->name, made.value);
	return made.refusal;
}

/* The first of each name. */
static const char *add_new(const struct mime *new, struct buf *out)
{
	const struct mime_node *root = &new->nodes[0];
	const struct field *field;
	const char *why = NULL;

	for (size_t i = 0; i < N_ROWS && why == NULL; i++) {
		field = mime_field(new, root, rows[i].name);
		if (field == NULL)
			continue;
		if (mime_field_after(new, root, field) != NULL)
			why = arena_printf(new->arena,
			    "the new mail has more than one field %s",
			    rows[i].name);
		else if (encode_is_ascii(field->raw))
			buf_add_span(out, field->raw);
		else
			why = add_anew(new->arena, &rows[i], field, out);
	}
	return why;
}

/* The body as it stands, the blank line before it too. */
static void add_body(const struct mime *new, struct buf *out)
{
	const struct mime_node *root = &new->nodes[0];
	size_t end = root->header.offset + root->header.length;

	if (root->body.offset <= end)
		buf_add_str(out, "\r\n");
	buf_add(out, new->mail.data + end, new->mail.len - end);
}

static const char *make(
    const struct mime *old, const struct mime *new, struct buf *out)
{
	const char *why;

	if (mime_field(new, &new->nodes[0], "From") == NULL)
		return "the new mail has no From field; send the whole mail, "
		       "with its header";
	if (new->nodes[0].odd &(
		MIME_HEADER_LARGE | MIME_HEADER_CUT | MIME_JUNK_IN_HEADER))
		return "the header of the new mail cannot be read";
	add_old(old, out);
	why = add_new(new, out);
	if (why == NULL)
		add_body(new, out);
	return why;
}

const char *whole_make(
    const struct mime *old, struct span person, struct buf *out)
{
	struct buf tidied;
	const char *why;
	char *bytes;

	if (person.len == 0 || memchr(person.data, '\0', person.len) != NULL)
		return "the new mail is empty or holds a NUL";
	buf_init(&tidied, 2 * person.len + 2);
	tidy(person, &tidied);
	bytes = arena_dup(old->arena, tidied.data, tidied.len);
	why = make(
	    old, mime_split(old->arena, (struct span){bytes, tidied.len}), out);
	buf_release(&tidied);
	return why;
}

/* The addresses of its Bcc as a list; NULL: it has none. */
static const char *bcc_of(const struct mime *mime)
{
	const struct field *field = mime_field(mime, &mime->nodes[0], "Bcc");
	struct address_list list = {.n = 0};
	struct buf out;
	const char *text;

	if (field == NULL)
		return NULL;
	address_read(mime->arena, field->value, &list);
	buf_init(&out, COMPOSE_LIST_MAX);
	for (size_t i = 0; i < list.n; i++)
		buf_addf(&out, "%s%s", i > 0 ? ", " : "", list.address[i]);
	text = arena_strdup(mime->arena, out.data);
	buf_release(&out);
	return text;
}

const char *whole_reach(const struct mime *old, struct span mail,
    const struct about *about, struct reading_edit *out)
{
	const struct mime *now = mime_split(old->arena, mail);

	return heading_reach(old->arena, old, now, bcc_of(now), about, out);
}
