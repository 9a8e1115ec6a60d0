/*
 * pack_get: tagged fields as a struct again, by the tables of pack_rows.c.  The
 * bytes come from whoever may have been taken over by a mail, so nothing is
 * believed: not lengths, not order, not text.
 */
#include "pack.h"

#include "pack_rows.h"

#include <string.h>

/* More than any mail of the permitted size has; bounds what is allocated. */
#define LIST_MAX 200000

static uint64_t get_little(const void *in, size_t width)
{
	const unsigned char *p = in;
	uint64_t value = 0;

	while (width-- > 0)
		value = value << 8 | p[width];
	return value;
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

#define EIGHT(byte) (0x0101010101010101u * (uint64_t)(byte))

/* Are eight bytes all in 0x20..0x7e?  Most text is, and it saves a lot. */
static bool is_plain(const unsigned char *p)
{
	uint64_t eight, below, delete;

	memcpy(&eight, p, sizeof(eight));
	below = (eight - EIGHT(0x20)) & ~eight;
	delete = eight ^ EIGHT(0x7f);
	delete = (delete - EIGHT(1)) & ~delete;
	return ((eight | below | delete) & EIGHT(0x80)) == 0;
}

/* UTF-8 without control characters, but for tabs and, if allowed, LF. */
static bool is_text(struct span span, bool lines)
{
	const unsigned char *p = (const unsigned char *)span.data;
	const unsigned char *end = p + span.len;
	size_t n;

	while (p < end) {
		if (end - p >= 8 && is_plain(p)) {
			p += 8;
		} else if (*p >= 0x20 && *p < 0x7f) {
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
	if (in->len < PACK_HEAD_SIZE)
		return refuse(g, *tag, "is cut short");
	value->data = in->data + PACK_HEAD_SIZE;
	value->len = get_little(in->data + 1, PACK_HEAD_SIZE - 1);
	if (value->len > in->len - PACK_HEAD_SIZE)
		return refuse(g, *tag, "is cut short");
	in->data += PACK_HEAD_SIZE + value->len;
	in->len -= PACK_HEAD_SIZE + value->len;
	return 0;
}

static int get_text(struct getting *g, const struct pack_row *row,
    struct span value, char *field)
{
	const char *text;

	if (!is_text(value, row->kind == PACK_LINES))
		return refuse(g, row->tag, "is not clean text");
	text = arena_dup(g->arena, value.data, value.len);
	memcpy(field, &text, sizeof(text));
	return 0;
}

static int get_span(struct getting *g, const struct pack_row *row,
    struct span value, char *field)
{
	struct span span;

	if (value.len == 0)
		return refuse(g, row->tag, "is empty");
	if (row->kind == PACK_PROSE && !is_text(value, true))
		return refuse(g, row->tag, "is not clean text");
	span.data = arena_dup(g->arena, value.data, value.len);
	span.len = value.len;
	memcpy(field, &span, sizeof(span));
	return 0;
}

static int get_number(struct getting *g, const struct pack_row *row,
    struct span value, char *field)
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
    struct getting *g, struct span in, const struct pack_row *rows, void *base);

/* How many fields of one tag stand in a row at the front. */
static size_t count_same(struct span in, unsigned char tag)
{
	size_t n = 0, length;

	while (in.len >= PACK_HEAD_SIZE && (unsigned char)in.data[0] == tag) {
		length = get_little(in.data + 1, PACK_HEAD_SIZE - 1);
		if (length > in.len - PACK_HEAD_SIZE)
			break;
		in.data += PACK_HEAD_SIZE + length;
		in.len -= PACK_HEAD_SIZE + length;
		n++;
	}
	return n;
}

/* value: the first item; the others are taken off the front of in. */
static int get_list(struct getting *g, const struct pack_row *row,
    struct span value, struct span *in, char *base)
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

static int get_row(struct getting *g, const struct pack_row *row,
    struct span value, struct span *in, char *base)
{
	char *field = base + row->offset;

	switch (row->kind) {
	case PACK_LINE:
	case PACK_LINES:
		return get_text(g, row, value, field);
	case PACK_BYTES:
	case PACK_PROSE:
		return get_span(g, row, value, field);
	case PACK_NUMBER:
		return get_number(g, row, value, field);
	case PACK_LIST:
		return get_list(g, row, value, in, base);
	}
	return -1;
}

static int check_needed(
    struct getting *g, const struct pack_row *rows, const char *base)
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
    struct getting *g, struct span in, const struct pack_row *rows, void *base)
{
	const struct pack_row *row = rows;
	struct span value;
	unsigned char tag;

	while (in.len > 0) {
		if (get_field(g, &in, &tag, &value))
			return -1;
		while (row->tag != 0 && row->tag < tag)
			row++;
		if (tag == 0 || row->tag != tag)
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
	if (reading->edit_offset + reading->edit_length > reading->text.len)
		return error_set(g->err, ERROR_INVALID,
		    "what can be edited is outside of the text");
	return check_cuts(g, reading, mail_size);
}

struct reading *pack_get_reading(
    struct span packed, uint64_t mail_size, struct error *err)
{
	struct getting g = {arena_new(), err};
	struct reading *reading = arena_alloc(g.arena, sizeof(*reading));

	reading->arena = g.arena;
	if (get_rows(&g, packed, pack_rows_reading, reading) ||
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
	if (get_rows(&g, packed, pack_rows_reply, reply)) {
		arena_free(g.arena);
		return NULL;
	}
	whole = reply->line != NULL && reply->words != NULL &&
		reply->origin.n_named <= reply->origin.n_to;
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
		refuse(g, PACK_TAG_READING, "is missing");
		return NULL;
	}
	if (get_field(g, &packed, &tag, &value))
		return NULL;
	if (tag != PACK_TAG_READING || packed.len > 0) {
		refuse(g, tag, "is unknown or out of order");
		return NULL;
	}
	return pack_get_reading(value, edit->bytes.len, g->err);
}

/* The fields of pack_rows_edit at the front of packed; the rest stays there. */
static int get_edit_rows(
    struct getting *g, struct span *packed, struct reading_edit *edit)
{
	struct span rest = *packed, rows = *packed, value;
	unsigned char tag;

	while (rest.len > 0 && rest.data[0] != PACK_TAG_READING)
		if (get_field(g, &rest, &tag, &value))
			return -1;
	rows.len -= rest.len;
	*packed = rest;
	return get_rows(g, rows, pack_rows_edit, edit);
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

/* One header field and no more: no line of it may end the header. */
static bool is_field(struct span field)
{
	static const char name[] = "DKIM-Signature: ";
	size_t i;

	if (field.len < sizeof(name) + 1 ||
	    memcmp(field.data, name, sizeof(name) - 1) != 0 ||
	    memcmp(field.data + field.len - 2, "\r\n", 2) != 0)
		return false;
	for (i = 0; i < field.len - 2; i++) {
		if (field.data[i] == '\r' || field.data[i] == '\n') {
			if (memcmp(field.data + i, "\r\n\t", 3) != 0)
				return false;
			i += 2;
		} else if (field.data[i] < 0x20 || field.data[i] > 0x7e) {
			return false;
		}
	}
	return true;
}

struct reading_signed *pack_get_signed(struct span packed, struct error *err)
{
	struct getting g = {arena_new(), err};
	struct reading_signed *sign = arena_alloc(g.arena, sizeof(*sign));

	sign->arena = g.arena;
	if (get_rows(&g, packed, pack_rows_signed, sign)) {
		arena_free(g.arena);
		return NULL;
	}
	if (sign->field.len > 0 &&
	    (sign->trouble != NULL || !is_field(sign->field))) {
		error_set(err, ERROR_INVALID, "the signature is no field");
		arena_free(g.arena);
		return NULL;
	}
	return sign;
}
