/*
 * pack: one table per struct says which field has which tag; what packs and
 * what reads back walk the same tables.  What the values mean, and whether
 * they are true, is left to those who use them.
 */
#include "pack.h"

#include <assert.h>
#include <string.h>

#define HEAD_SIZE 5 /* of a field: tag and length */

/* More than any mail of the permitted size has; bounds what is allocated. */
#define LIST_MAX 200000

enum kind {
	LINE,	/* text without line ends, or NULL */
	LINES,	/* text, or NULL */
	BYTES,	/* struct span, anything */
	PROSE,	/* struct span of text */
	NUMBER, /* 1, 4 or 8 bytes wide; 0 is not written */
	LIST
};

struct row {
	unsigned char tag; /* ascending; 0 ends a table */
	enum kind kind;
	size_t offset; /* in the struct; of a list: of the pointer */
	bool needed;   /* a text that is never NULL */
	size_t width;  /* of a number, or of a list's items */
	uint64_t most; /* of a number */
	size_t count;  /* of a list: offset of the count */
	const struct row *items;
};

#define AT(type, field)	   offsetof(struct type, field)
#define WIDTH(type, field) sizeof(((struct type *)NULL)->field)
#define A_TEXT(t, k, s, f)                                                     \
	{                                                                      \
		.tag = (t), .kind = (k), .offset = AT(s, f)                    \
	}
#define A_NEEDED(t, s, f)                                                      \
	{                                                                      \
		.tag = (t), .kind = LINE, .offset = AT(s, f), .needed = true   \
	}
#define A_NUMBER(t, s, f, m)                                                   \
	{                                                                      \
		.tag = (t), .kind = NUMBER, .offset = AT(s, f),                \
		.width = WIDTH(s, f), .most = (m)                              \
	}
#define A_LIST(t, s, f, n, i)                                                  \
	{                                                                      \
		.tag = (t), .kind = LIST, .offset = AT(s, f),                  \
		.width = sizeof(*((struct s *)NULL)->f), .count = AT(s, n),    \
		.items = (i)                                                   \
	}
#define END                                                                    \
	{                                                                      \
		.tag = 0                                                       \
	}

static const struct row cut_rows[] = {
    A_NUMBER(1, reading_cut, offset, UINT64_MAX),
    A_NUMBER(2, reading_cut, length, UINT64_MAX),
    END,
};

static const struct row author_rows[] = {
    {.tag = 1, .kind = LINE, .offset = 0, .needed = true},
    END,
};

static const struct row part_rows[] = {
    A_NUMBER(1, reading_part, depth, UINT32_MAX),
    A_NEEDED(2, reading_part, type),
    A_TEXT(3, LINE, reading_part, charset),
    A_TEXT(4, LINE, reading_part, filename),
    A_NUMBER(5, reading_part, size, UINT64_MAX),
    A_NUMBER(6, reading_part, in_text, 1),
    END,
};

static const struct row finding_rows[] = {
    A_NEEDED(1, finding, name),
    A_NEEDED(2, finding, detail),
    A_NUMBER(3, finding, weight, FINDING_TRIPWIRE),
    END,
};

static const struct row reading_rows[] = {
    A_TEXT(1, LINE, reading, trouble),
    A_LIST(2, reading, cuts, n_cuts, cut_rows),
    A_TEXT(3, LINE, reading, message_id),
    A_TEXT(4, LINE, reading, subject),
    A_TEXT(5, LINE, reading, date),
    A_TEXT(6, LINE, reading, from),
    A_TEXT(7, LINE, reading, sender),
    A_TEXT(8, LINE, reading, to),
    A_TEXT(9, LINE, reading, cc),
    A_TEXT(10, LINE, reading, reply_to),
    A_TEXT(11, LINE, reading, in_reply_to),
    A_TEXT(12, LINE, reading, references),
    A_LIST(13, reading, authors, n_authors, author_rows),
    A_NUMBER(14, reading, n_received, UINT32_MAX),
    A_LIST(15, reading, parts, n_parts, part_rows),
    A_TEXT(16, LINES, reading, context.why),
    A_TEXT(17, LINES, reading, context.sources),
    A_TEXT(18, LINES, reading, context.confidence),
    A_TEXT(19, LINES, reading, context.prompt),
    A_TEXT(20, LINES, reading, context.case_id),
    A_TEXT(21, LINES, reading, context.action),
    A_LIST(22, reading, findings, n_findings, finding_rows),
    A_TEXT(23, PROSE, reading, text),
    A_NUMBER(24, reading, text_total, UINT64_MAX),
    END,
};

static const struct row reply_rows[] = {
    A_TEXT(1, LINE, reading_reply, trouble),
    A_TEXT(2, LINE, reading_reply, automatic),
    A_TEXT(3, LINE, reading_reply, maybe_automatic),
    A_NUMBER(4, reading_reply, n_from, UINT32_MAX),
    A_TEXT(5, LINE, reading_reply, from),
    A_TEXT(6, LINE, reading_reply, message_id),
    A_TEXT(7, LINE, reading_reply, subject),
    A_TEXT(8, LINE, reading_reply, line),
    A_TEXT(9, LINES, reading_reply, words),
    END,
};

#define TAG_EDIT_READING 4 /* a packed reading, after the rows below */

static const struct row edit_rows[] = {
    A_TEXT(1, LINE, reading_edit, refusal),
    A_TEXT(2, BYTES, reading_edit, bytes),
    A_TEXT(3, LINE, reading_edit, note),
    END,
};

/* ---- packing ------------------------------------------------------------- */

static void put_little(unsigned char *out, uint64_t value, size_t width)
{
	for (size_t i = 0; i < width; i++)
		out[i] = (unsigned char)(value >> 8 * i);
}

static uint64_t get_little(const void *in, size_t width)
{
	const unsigned char *p = in;
	uint64_t value = 0;

	while (width-- > 0)
		value = value << 8 | p[width];
	return value;
}

static uint64_t number_load(const char *from, size_t width)
{
	uint64_t wide;
	uint32_t narrow;

	if (width == sizeof(wide)) {
		memcpy(&wide, from, sizeof(wide));
		return wide;
	}
	if (width == sizeof(narrow)) {
		memcpy(&narrow, from, sizeof(narrow));
		return narrow;
	}
	assert(width == sizeof(bool));
	return *(const bool *)from;
}

static void number_store(char *to, size_t width, uint64_t value)
{
	const uint32_t narrow = (uint32_t)value;

	if (width == sizeof(value))
		memcpy(to, &value, sizeof(value));
	else if (width == sizeof(narrow))
		memcpy(to, &narrow, sizeof(narrow));
	else
		*(bool *)to = value != 0;
}

static void put_field(
    struct buf *buf, unsigned char tag, const void *bytes, size_t size)
{
	unsigned char head[HEAD_SIZE] = {tag};

	if (size > UINT32_MAX) {
		buf->overflow = true;
		return;
	}
	put_little(head + 1, size, HEAD_SIZE - 1);
	buf_add(buf, head, sizeof(head));
	buf_add(buf, bytes, size);
}

/* A field whose length is known only when it is written. */
static size_t put_open(struct buf *buf, unsigned char tag)
{
	put_field(buf, tag, NULL, 0);
	return buf->len;
}

static void put_close(struct buf *buf, size_t start)
{
	size_t size = buf->len - start;
	unsigned char length[HEAD_SIZE - 1];

	if (size > UINT32_MAX)
		buf->overflow = true;
	if (buf->overflow)
		return;
	put_little(length, size, sizeof(length));
	memcpy(buf->data + start - sizeof(length), length, sizeof(length));
}

static void put_rows(struct buf *buf, const struct row *rows, const void *base);

static void put_number(
    struct buf *buf, const struct row *row, const char *field)
{
	uint64_t value = number_load(field, row->width);
	unsigned char bytes[sizeof(value)];

	if (value == 0)
		return;
	put_little(bytes, value, sizeof(bytes));
	put_field(buf, row->tag, bytes, sizeof(bytes));
}

static void put_list(struct buf *buf, const struct row *row, const char *base)
{
	const char *items;
	size_t n, i, start;

	memcpy(&items, base + row->offset, sizeof(items));
	memcpy(&n, base + row->count, sizeof(n));
	for (i = 0; i < n; i++) {
		start = put_open(buf, row->tag);
		put_rows(buf, row->items, items + i * row->width);
		put_close(buf, start);
	}
}

static void put_row(struct buf *buf, const struct row *row, const char *base)
{
	const char *field = base + row->offset, *text;
	struct span span;

	switch (row->kind) {
	case LINE:
	case LINES:
		memcpy(&text, field, sizeof(text));
		if (text != NULL)
			put_field(buf, row->tag, text, strlen(text));
		break;
	case BYTES:
	case PROSE:
		memcpy(&span, field, sizeof(span));
		if (span.len > 0)
			put_field(buf, row->tag, span.data, span.len);
		break;
	case NUMBER:
		put_number(buf, row, field);
		break;
	case LIST:
		put_list(buf, row, base);
		break;
	}
}

static void put_rows(struct buf *buf, const struct row *rows, const void *base)
{
	for (; rows->tag != 0; rows++)
		put_row(buf, rows, base);
}

void pack_reading(struct buf *buf, const struct reading *reading)
{
	put_rows(buf, reading_rows, reading);
}

void pack_reply(struct buf *buf, const struct reading_reply *reply)
{
	put_rows(buf, reply_rows, reply);
}

void pack_edit(struct buf *buf, const struct reading_edit *edit)
{
	size_t start;

	put_rows(buf, edit_rows, edit);
	if (edit->refusal != NULL)
		return;
	start = put_open(buf, TAG_EDIT_READING);
	pack_reading(buf, edit->reading);
	put_close(buf, start);
}

/* ---- reading back ---------------------------------------------------------
 */

struct getting {
	struct arena *arena;
	struct error *err;
};

static int refuse(struct getting *g, unsigned tag, const char *why)
{
	return error_set(g->err, ERROR_INVALID, "field %u %s", tag, why);
}

/* Length of the valid UTF-8 character at p (RFC 3629), 0 when it is none. */
static size_t utf8_length(const unsigned char *p, size_t left)
{
	size_t n, i;

	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (left < n)
		return 0;
	for (i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	/* overlong, surrogate, beyond U+10FFFF */
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

/* UTF-8 without control characters, but for tabs and, if allowed, LF. */
static bool is_text(struct span span, bool lines)
{
	const unsigned char *p = (const unsigned char *)span.data;
	const unsigned char *end = p + span.len;
	size_t n;

	while (p < end) {
		if (*p >= 0x20 && *p < 0x7f) {
			p++;
		} else if (*p == '\t' || (*p == '\n' && lines)) {
			p++;
		} else {
			n = utf8_length(p, (size_t)(end - p));
			if (n == 0)
				return false;
			p += n;
		}
	}
	return true;
}

/* Take one field off the front of in. */
static int get_field(
    struct getting *g, struct span *in, unsigned char *tag, struct span *value)
{
	*tag = (unsigned char)in->data[0];
	if (in->len < HEAD_SIZE)
		return refuse(g, *tag, "is cut short");
	value->data = in->data + HEAD_SIZE;
	value->len = get_little(in->data + 1, HEAD_SIZE - 1);
	if (value->len > in->len - HEAD_SIZE)
		return refuse(g, *tag, "is cut short");
	in->data += HEAD_SIZE + value->len;
	in->len -= HEAD_SIZE + value->len;
	return 0;
}

static int get_text(
    struct getting *g, const struct row *row, struct span value, char *field)
{
	const char *text;

	if (!is_text(value, row->kind == LINES))
		return refuse(g, row->tag, "is not clean text");
	text = arena_dup(g->arena, value.data, value.len);
	memcpy(field, &text, sizeof(text));
	return 0;
}

static int get_span(
    struct getting *g, const struct row *row, struct span value, char *field)
{
	struct span span;

	if (value.len == 0)
		return refuse(g, row->tag, "is empty");
	if (row->kind == PROSE && !is_text(value, true))
		return refuse(g, row->tag, "is not clean text");
	span.data = arena_dup(g->arena, value.data, value.len);
	span.len = value.len;
	memcpy(field, &span, sizeof(span));
	return 0;
}

static int get_number(
    struct getting *g, const struct row *row, struct span value, char *field)
{
	uint64_t number;

	if (value.len != sizeof(number))
		return refuse(g, row->tag, "is no number");
	number = get_little(value.data, sizeof(number));
	if (number == 0 || number > row->most)
		return refuse(g, row->tag, "is out of range");
	number_store(field, row->width, number);
	return 0;
}

static int get_rows(
    struct getting *g, struct span in, const struct row *rows, void *base);

/* How many fields of one tag stand in a row at the front. */
static size_t count_same(struct span in, unsigned char tag)
{
	size_t n = 0, length;

	while (in.len >= HEAD_SIZE && (unsigned char)in.data[0] == tag) {
		length = get_little(in.data + 1, HEAD_SIZE - 1);
		if (length > in.len - HEAD_SIZE)
			break;
		in.data += HEAD_SIZE + length;
		in.len -= HEAD_SIZE + length;
		n++;
	}
	return n;
}

/* value: the first item; the others are taken off the front of in. */
static int get_list(struct getting *g, const struct row *row, struct span value,
    struct span *in, char *base)
{
	size_t n = 1 + count_same(*in, row->tag), i;
	unsigned char tag;
	char *items;

	if (n > LIST_MAX)
		return refuse(g, row->tag, "comes too often");
	items = arena_alloc(g->arena, n * row->width);
	for (i = 0; i < n; i++) {
		if (i > 0 && get_field(g, in, &tag, &value))
			return -1;
		if (get_rows(g, value, row->items, items + i * row->width))
			return -1;
	}
	memcpy(base + row->offset, &items, sizeof(items));
	memcpy(base + row->count, &n, sizeof(n));
	return 0;
}

static int get_row(struct getting *g, const struct row *row, struct span value,
    struct span *in, char *base)
{
	char *field = base + row->offset;

	switch (row->kind) {
	case LINE:
	case LINES:
		return get_text(g, row, value, field);
	case BYTES:
	case PROSE:
		return get_span(g, row, value, field);
	case NUMBER:
		return get_number(g, row, value, field);
	case LIST:
		return get_list(g, row, value, in, base);
	}
	return -1;
}

static int check_needed(
    struct getting *g, const struct row *rows, const char *base)
{
	const char *text;

	for (; rows->tag != 0; rows++) {
		if (!rows->needed)
			continue;
		memcpy(&text, base + rows->offset, sizeof(text));
		if (text == NULL)
			return refuse(g, rows->tag, "is missing");
	}
	return 0;
}

/* Fields come in the order of their table, each once; lists in a row. */
static int get_rows(
    struct getting *g, struct span in, const struct row *rows, void *base)
{
	const struct row *row = rows;
	struct span value;
	unsigned char tag;

	while (in.len > 0) {
		if (get_field(g, &in, &tag, &value))
			return -1;
		while (row->tag != 0 && row->tag < tag)
			row++;
		if (row->tag != tag)
			return refuse(g, tag, "is unknown or out of order");
		if (get_row(g, row, value, &in, base))
			return -1;
		row++;
	}
	return check_needed(g, rows, base);
}

static int check_cuts(
    struct getting *g, const struct reading *reading, uint64_t mail_size)
{
	uint64_t at = 0;
	size_t i;

	for (i = 0; i < reading->n_cuts; i++) {
		const struct reading_cut *cut = &reading->cuts[i];

		if (cut->length == 0 || cut->offset < at ||
		    cut->offset > mail_size ||
		    cut->length > mail_size - cut->offset)
			return error_set(g->err, ERROR_INVALID,
			    "cut %zu is out of order or range", i);
		at = cut->offset + cut->length;
	}
	return 0;
}

static int check_reading(
    struct getting *g, const struct reading *reading, uint64_t mail_size)
{
	if (reading->text.len > READING_TEXT_MAX)
		return error_set(g->err, ERROR_INVALID, "the text is too long");
	if (reading->text.len > reading->text_total)
		return error_set(
		    g->err, ERROR_INVALID, "the text is longer than it says");
	return check_cuts(g, reading, mail_size);
}

struct reading *pack_get_reading(
    struct span packed, uint64_t mail_size, struct error *err)
{
	struct getting g = {arena_new(), err};
	struct reading *reading = arena_alloc(g.arena, sizeof(*reading));

	reading->arena = g.arena;
	if (get_rows(&g, packed, reading_rows, reading) ||
	    check_reading(&g, reading, mail_size)) {
		arena_free(g.arena);
		return NULL;
	}
	if (reading->text.data == NULL)
		reading->text.data = "";
	reading->findings_room = reading->n_findings;
	return reading;
}

struct reading_reply *pack_get_reply(struct span packed, struct error *err)
{
	struct getting g = {arena_new(), err};
	struct reading_reply *reply = arena_alloc(g.arena, sizeof(*reply));
	bool whole;

	reply->arena = g.arena;
	if (get_rows(&g, packed, reply_rows, reply)) {
		arena_free(g.arena);
		return NULL;
	}
	whole = reply->line != NULL && reply->words != NULL;
	if (reply->trouble == NULL && !whole) {
		error_set(err, ERROR_INVALID, "the reply has no line or words");
		arena_free(g.arena);
		return NULL;
	}
	return reply;
}

/* The last field of an edit is the reading of its bytes. */
static struct reading *get_edit_reading(
    struct getting *g, struct span packed, const struct reading_edit *edit)
{
	struct span value;
	unsigned char tag;

	if (packed.len == 0) {
		refuse(g, TAG_EDIT_READING, "is missing");
		return NULL;
	}
	if (get_field(g, &packed, &tag, &value))
		return NULL;
	if (tag != TAG_EDIT_READING || packed.len > 0) {
		refuse(g, tag, "is unknown or out of order");
		return NULL;
	}
	return pack_get_reading(value, edit->bytes.len, g->err);
}

/* The fields of edit_rows at the front of packed; the rest stays there. */
static int get_edit_rows(
    struct getting *g, struct span *packed, struct reading_edit *edit)
{
	struct span rest = *packed, rows = *packed, value;
	unsigned char tag;

	while (rest.len > 0 && rest.data[0] != TAG_EDIT_READING)
		if (get_field(g, &rest, &tag, &value))
			return -1;
	rows.len -= rest.len;
	*packed = rest;
	return get_rows(g, rows, edit_rows, edit);
}

static int get_edit(
    struct getting *g, struct span packed, struct reading_edit *edit)
{
	bool empty;

	if (get_edit_rows(g, &packed, edit))
		return -1;
	empty = edit->bytes.len == 0;
	if (edit->refusal != NULL) {
		if (!empty || packed.len > 0)
			return error_set(g->err, ERROR_INVALID,
			    "a refused edit has a result");
		return 0;
	}
	if (empty)
		return error_set(
		    g->err, ERROR_INVALID, "an edit has no result");
	edit->reading = get_edit_reading(g, packed, edit);
	return edit->reading == NULL ? -1 : 0;
}

struct reading_edit *pack_get_edit(struct span packed, struct error *err)
{
	struct getting g = {arena_new(), err};
	struct reading_edit *edit = arena_alloc(g.arena, sizeof(*edit));

	edit->arena = g.arena;
	if (get_edit(&g, packed, edit)) {
		arena_free(g.arena);
		return NULL;
	}
	return edit;
}
