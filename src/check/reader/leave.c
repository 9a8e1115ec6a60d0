/*
 * leave: finds what nobody could cut, by rules so simple that no spelling
 * gets around them.  They err on the side of trouble.
 */
#include "check/reader/leave.h"

#include "check/reader/chosen.h"
#include "check/reader/context.h"
#include "check/reader/decode.h"
#include "check/reader/field.h"

#include <string.h>

#define NAME_MAX_BYTES 16 /* of a field's name that are compared */

static const char would_leave[] =
    "review context or a hidden recipient would leave with it";

struct look {
	struct reading *reading;
	const struct mime *mime;
	size_t cut; /* the first that may lie at or behind what is looked at */
};

/* Is the field there cut out?  Offsets must ascend from call to call. */
static bool is_cut(struct look *look, size_t offset)
{
	const struct reading *r = look->reading;

	while (look->cut < r->n_cuts &&
	       r->cuts[look->cut].offset + r->cuts[look->cut].length <= offset)
		look->cut++;
	return look->cut < r->n_cuts && r->cuts[look->cut].offset <= offset;
}

static bool begins(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* Does a line begin with such a name, when odd bytes are not counted? */
static bool names_ours(struct span line)
{
	char name[NAME_MAX_BYTES + 1];
	size_t n = 0;

	for (size_t i = 0; i < line.len && n < NAME_MAX_BYTES; i++) {
		unsigned char c = (unsigned char)line.data[i];

		if (c == '\n' || c == ':')
			break;
		if (c > ' ' && c < 0x7f)
			name[n++] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
	}
	name[n] = '\0';
	return begins(name, "bcc") || begins(name, "resent-bcc") ||
	       begins(name, "imprimatur") || begins(name, "x-imprimatur");
}

/* One that cuts.c has told the reviewer of: it is in an attached message. */
static bool is_told(
    const struct look *look, int index, const struct field *field)
{
	return chosen_inner(look->mime, index) &&
	       (field_is(field, "bcc") || field_is(field, "resent-bcc") ||
		   context_is_field(field));
}

static void look_at_header(struct look *look, int index)
{
	const struct mime *mime = look->mime;
	struct span rest = mime_bytes(mime, mime->nodes[index].header);
	struct span line;
	struct field field;
	enum field_step step;

	while ((step = field_next(&rest, &field)) != FIELD_END) {
		line = field.raw;
		if (names_ours(field_line(&line)) &&
		    !is_cut(look, (size_t)(field.raw.data - mime->mail.data)) &&
		    (step != FIELD_ONE || !is_told(look, index, &field)))
			look->reading->trouble = would_leave;
	}
}

/* Bytes in which some programs find fields, though we do not. */
static void look_at_lines(struct look *look, struct mime_range range)
{
	struct span rest = mime_bytes(look->mime, range);

	while (rest.len > 0)
		if (names_ours(field_line(&rest)))
			look->reading->trouble = would_leave;
}

static bool is_opaque(const struct mime_node *node)
{
	return node->kind == MIME_LEAF &&
	       (strncmp(node->type, "multipart/", 10) == 0 ||
		   strcmp(node->type, "message/rfc822") == 0 ||
		   strcmp(node->type, "message/global") == 0 ||
		   strcmp(node->type, "message/external-body") == 0 ||
		   strcmp(node->type, "message/partial") == 0);
}

/*
 * The context's type anywhere, only its letters counted: "vnd.imprimatur.
 * context".  No letter but the first is a 'v', so that one pass is enough.
 */
static bool says_type(struct span bytes)
{
	static const char mark[] = "vndimprimaturcontext";
	const char *p = bytes.data, *end = p + bytes.len;
	size_t at = 0;

	for (; p < end && at < sizeof(mark) - 1; p++) {
		char c = (char)(*p | 0x20);

		if (c == mark[at])
			at++;
		else if (c >= 'a' && c <= 'z')
			at = c == 'v';
	}
	return at == sizeof(mark) - 1;
}

/* Between the cuts. */
static void look_for_type(struct look *look)
{
	const struct reading *r = look->reading;
	struct span mail = look->mime->mail;
	size_t from = 0;

	for (size_t i = 0; i <= r->n_cuts; i++) {
		size_t to =
		    i < r->n_cuts ? (size_t)r->cuts[i].offset : mail.len;

		if (says_type((struct span){mail.data + from, to - from}))
			look->reading->trouble = would_leave;
		if (i < r->n_cuts)
			from = to + (size_t)r->cuts[i].length;
	}
}

/* A multipart or message that is encoded as a whole: some undo that. */
static void look_into(struct look *look, const struct mime_node *node)
{
	struct span body = mime_bytes(look->mime, node->body);
	struct buf plain;

	if ((node->odd & MIME_ENCODED_TREE) == 0)
		return;
	buf_init(&plain, body.len);
	if (node->encoding == MIME_BASE64)
		decode_base64(body, &plain);
	else
		decode_quoted(body, &plain);
	if (says_type(buf_span(&plain)))
		look->reading->trouble = would_leave;
	buf_release(&plain);
}

void leave_check(struct reading *reading, const struct mime *mime)
{
	struct look look = {.reading = reading, .mime = mime};

	for (size_t i = 0; i < mime->n_nodes; i++) {
		look_at_header(&look, (int)i);
		look_into(&look, &mime->nodes[i]);
		if (is_opaque(&mime->nodes[i]))
			look_at_lines(&look, mime->nodes[i].body);
	}
	for (size_t i = 0; i < mime->n_outside; i++)
		if (mime->outside[i].kind == MIME_UNREAD)
			look_at_lines(&look, mime->outside[i].range);
	look_for_type(&look);
	/* A folded line, which would become part of the head above it. */
	if (mime->mail.len > 0 &&
	    (mime->mail.data[0] == ' ' || mime->mail.data[0] == '\t'))
		reading->trouble = "its first header line continues a line "
				   "that is not there";
}
