/*
 * cuts: collects ranges.  What they say is context.c's.
 */
#include "check/reader/cuts.h"

#include "check/reader/address.h"
#include "check/reader/chosen.h"
#include "check/reader/context.h"
#include "check/reader/decode.h"
#include "check/reader/note.h"

#include <string.h>

struct cuts {
	struct reading *reading;
	const struct mime *mime;
	size_t room;
	unsigned n_bcc; /* fields so far */
};

/* Ranges come in the mail's order; those that touch become one. */
static void add(struct cuts *cuts, size_t offset, size_t length)
{
	struct reading *reading = cuts->reading;
	struct reading_cut *more, *last;

	if (length == 0)
		return;
	last = reading->n_cuts > 0 ? &reading->cuts[reading->n_cuts - 1] : NULL;
	if (last != NULL && last->offset + last->length == offset) {
		last->length += length;
		return;
	}
	if (reading->n_cuts == cuts->room) {
		cuts->room = 2 * cuts->room + 8;
		more = arena_alloc(reading->arena, cuts->room * sizeof(*more));
		if (reading->n_cuts > 0)
			memcpy(more, reading->cuts,
			    reading->n_cuts * sizeof(*more));
		reading->cuts = more;
	}
	reading->cuts[reading->n_cuts++] = (struct reading_cut){offset, length};
}

static bool is_bcc(const struct field *field)
{
	return field_is(field, "bcc") || field_is(field, "resent-bcc");
}

static void take_bcc(struct cuts *cuts, const struct field *field)
{
	struct address_list list = {.n = 0};

	if (cuts->n_bcc++ > NOTE_SAME_MAX)
		return;
	address_read(cuts->reading->arena, field->value, &list);
	note_add(cuts->reading, FINDING_CAUTION, "bcc",
	    "taken out before sending: %s", list.shown);
}

static void take_field(struct cuts *cuts, const struct field *field)
{
	struct reading *reading = cuts->reading;
	size_t offset = (size_t)(field->raw.data - cuts->mime->mail.data);

	if (is_bcc(field))
		take_bcc(cuts, field);
	else if (context_is_field(field))
		context_take_field(reading, field);
	else
		return;
	if (field_begins(field, "x-"))
		note_add(reading, FINDING_CAUTION, "reserved-header",
		    "taken out before sending: %s",
		    field_plain(reading->arena, field->name).text);
	add(cuts, offset, field->raw.len);
}

/* All fields of the mail's own header, also those behind the limits. */
static void take_header(struct cuts *cuts)
{
	const struct mime *mime = cuts->mime;
	struct span rest = mime_bytes(mime, mime->nodes[0].header);
	struct field field;
	enum field_step step;

	while ((step = field_next(&rest, &field)) != FIELD_END)
		if (step == FIELD_ONE)
			take_field(cuts, &field);
}

static void read_part(struct cuts *cuts, const struct mime_node *node)
{
	struct span body = mime_bytes(cuts->mime, node->body);
	struct buf json;

	buf_init(&json, body.len);
	if (node->encoding == MIME_BASE64)
		decode_base64(body, &json);
	else if (node->encoding == MIME_QUOTED)
		decode_quoted(body, &json);
	else
		buf_add_span(&json, body);
	context_take_part(cuts->reading, buf_span(&json));
	buf_release(&json);
}

/* A signed or attached whole would not be itself without the part. */
static bool is_sealed(const struct mime *mime, const struct mime_node *node)
{
	while (node->parent >= 0) {
		node = &mime->nodes[node->parent];
		if (node->kind == MIME_MESSAGE ||
		    strcmp(node->type, "multipart/signed") == 0)
			return true;
	}
	return false;
}

/* Would nothing but context be in the multipart? */
static bool stands_alone(const struct mime *mime, const struct mime_node *node)
{
	for (size_t i = 0; i < mime->n_nodes; i++)
		if (mime->nodes[i].parent == node->parent &&
		    !context_is_part(&mime->nodes[i]))
			return false;
	return true;
}

static void take_part(
    struct cuts *cuts, const struct mime_node *node, bool first)
{
	struct mime_range range = mime_whole_part(cuts->mime, node);

	if (stands_alone(cuts->mime, node))
		range.length = 0;
	if (first)
		read_part(cuts, node);
	else
		note_add(cuts->reading, FINDING_CAUTION, "context-unreadable",
		    "there is more than one part of it");
	if (is_sealed(cuts->mime, node))
		note_add(cuts->reading, FINDING_TRIPWIRE, "context-misplaced",
		    "it stands in a signed or attached message");
	if (range.length == 0) {
		range = node->body;
		note_add(cuts->reading, FINDING_TRIPWIRE, "context-misplaced",
		    "without it the mail is not whole");
	}
	add(cuts, range.offset, range.length);
}

/*
 * A field of ours in a part's header.  An attached message is somebody's as
 * it is: what stands there is told, not cut.  In a signed part it stays, too,
 * and then leave.c finds it.
 */
static void take_part_field(
    struct cuts *cuts, int index, const struct field *field)
{
	struct reading *reading = cuts->reading;
	const char *name;

	if (!is_bcc(field) && !context_is_field(field))
		return;
	name = field_plain(reading->arena, field->name).text;
	if (chosen_inner(cuts->mime, index)) {
		if (is_bcc(field))
			note_add(reading, FINDING_CAUTION, "bcc",
			    "leaves within an attached message: %s",
			    field_text(reading->arena, field->value).text);
		else
			note_add(reading, FINDING_TRIPWIRE, "context-misplaced",
			    "an attached message has the field %s", name);
		return;
	}
	if (is_sealed(cuts->mime, &cuts->mime->nodes[index]))
		return;
	if (is_bcc(field))
		take_bcc(cuts, field);
	else
		note_add(reading, FINDING_CAUTION, "reserved-header",
		    "taken out of a part before sending: %s", name);
	add(cuts, (size_t)(field->raw.data - cuts->mime->mail.data),
	    field->raw.len);
}

static void take_part_header(struct cuts *cuts, int index)
{
	const struct mime *mime = cuts->mime;
	struct span rest = mime_bytes(mime, mime->nodes[index].header);
	struct field field;
	enum field_step step;

	while ((step = field_next(&rest, &field)) != FIELD_END)
		if (step == FIELD_ONE)
			take_part_field(cuts, index, &field);
}

void cuts_find(struct reading *reading, const struct mime *mime)
{
	struct cuts cuts = {.reading = reading, .mime = mime};
	bool first = true;

	take_header(&cuts);
	for (size_t i = 0; i < mime->n_nodes; i++) {
		if (context_is_part(&mime->nodes[i])) {
			take_part(&cuts, &mime->nodes[i], first);
			first = false;
		} else if (i > 0) {
			take_part_header(&cuts, (int)i);
		}
	}
}
