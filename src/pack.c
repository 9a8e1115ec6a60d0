/*
 * pack: a struct as tagged fields, by the tables of pack_rows.c.  Reading them
 * back is left to pack_get.c.
 */
#include "pack.h"

#include "pack_rows.h"

#include <assert.h>
#include <string.h>

static void put_little(unsigned char *out, uint64_t value, size_t width)
{
	for (size_t i = 0; i < width; i++)
		out[i] = (unsigned char)(value >> 8 * i);
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

static void put_field(
    struct buf *buf, unsigned char tag, const void *bytes, size_t size)
{
	unsigned char head[PACK_HEAD_SIZE] = {tag};

	if (size > UINT32_MAX) {
		buf->overflow = true;
		return;
	}
	put_little(head + 1, size, PACK_HEAD_SIZE - 1);
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
	unsigned char length[PACK_HEAD_SIZE - 1];

	if (size > UINT32_MAX)
		buf->overflow = true;
	if (buf->overflow)
		return;
	put_little(length, size, sizeof(length));
	memcpy(buf->data + start - sizeof(length), length, sizeof(length));
}

static void put_rows(
    struct buf *buf, const struct pack_row *rows, const void *base);

static void put_number(
    struct buf *buf, const struct pack_row *row, const char *field)
{
	uint64_t value = number_load(field, row->width);
	unsigned char bytes[sizeof(value)];

	if (value == 0)
		return;
	put_little(bytes, value, sizeof(bytes));
	put_field(buf, row->tag, bytes, sizeof(bytes));
}

static void put_list(
    struct buf *buf, const struct pack_row *row, const char *base)
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

static void put_row(
    struct buf *buf, const struct pack_row *row, const char *base)
{
	const char *field = base + row->offset, *text;
	struct span span;

	switch (row->kind) {
	case PACK_LINE:
	case PACK_LINES:
		memcpy(&text, field, sizeof(text));
		if (text != NULL)
			put_field(buf, row->tag, text, strlen(text));
		break;
	case PACK_BYTES:
	case PACK_PROSE:
		memcpy(&span, field, sizeof(span));
		if (span.len > 0)
			put_field(buf, row->tag, span.data, span.len);
		break;
	case PACK_NUMBER:
		put_number(buf, row, field);
		break;
	case PACK_LIST:
		put_list(buf, row, base);
		break;
	}
}

static void put_rows(
    struct buf *buf, const struct pack_row *rows, const void *base)
{
	for (; rows->tag != 0; rows++)
		put_row(buf, rows, base);
}

void pack_reading(struct buf *buf, const struct reading *reading)
{
	put_rows(buf, pack_rows_reading, reading);
}

void pack_reply(struct buf *buf, const struct reading_reply *reply)
{
	put_rows(buf, pack_rows_reply, reply);
}

void pack_signed(struct buf *buf, const struct reading_signed *sign)
{
	put_rows(buf, pack_rows_signed, sign);
}

void pack_edit(struct buf *buf, const struct reading_edit *edit)
{
	size_t start;

	put_rows(buf, pack_rows_edit, edit);
	if (edit->refusal != NULL)
		return;
	start = put_open(buf, PACK_TAG_READING);
	pack_reading(buf, edit->reading);
	put_close(buf, start);
}
