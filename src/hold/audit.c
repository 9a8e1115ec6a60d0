/*
 * audit: the arithmetic of the log's chain.  Each row's link is an HMAC over
 * the link before it and all its fields; a seal tells where the chain ends.
 * Reading and writing rows is left to the store.
 */
#include "hold/internal.h"

#include "util/digest.h"

#include <string.h>

/* Fields have known limits (see store_audit.c); more is our bug. */
#define ROW_MAX ((size_t)64 * 1024)

static void add_field(struct buf *buf, struct span field)
{
	unsigned char size[4] = {(unsigned char)field.len,
	    (unsigned char)(field.len >> 8), (unsigned char)(field.len >> 16),
	    (unsigned char)(field.len >> 24)};

	buf_add(buf, size, sizeof(size));
	buf_add_span(buf, field);
}

static void add_text(struct buf *buf, const char *text)
{
	add_field(buf, (struct span){text, strlen(text)});
}

static void add_number(struct buf *buf, int64_t n)
{
	unsigned char bytes[8];
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)((uint64_t)n >> (8 * i));
	buf_add(buf, bytes, sizeof(bytes));
}

void audit_extend(const unsigned char key[HOLD_KEY_SIZE],
    struct audit_head *head, const struct audit_row *row)
{
	struct buf buf;

	buf_init(&buf, ROW_MAX);
	buf_add(&buf, head->mac, sizeof(head->mac));
	add_number(&buf, row->id);
	add_number(&buf, row->at_ms);
	add_number(&buf, row->draft);
	add_text(&buf, row->event);
	add_text(&buf, row->actor);
	add_text(&buf, row->medium);
	add_field(&buf, row->revision);
	add_field(&buf, row->commitment);
	digest_hmac(key, HOLD_KEY_SIZE, buf.data, buf.len, head->mac);
	head->id = row->id;
	buf_release(&buf);
}

void audit_commit(const unsigned char salt[AUDIT_SALT_SIZE], const char *text,
    struct span about, unsigned char out[DIGEST_SIZE])
{
	struct buf buf;

	buf_init(&buf, SIZE_MAX / 2);
	add_text(&buf, text);
	add_field(&buf, about);
	digest_hmac(salt, AUDIT_SALT_SIZE, buf.data, buf.len, out);
	buf_release(&buf);
}

void audit_seal(const unsigned char key[HOLD_KEY_SIZE],
    const struct audit_head *head, unsigned char out[DIGEST_SIZE])
{
	struct buf buf;

	buf_init(&buf, ROW_MAX);
	buf_add_str(&buf, "imprimatur audit head");
	add_number(&buf, head->id);
	buf_add(&buf, head->mac, sizeof(head->mac));
	digest_hmac(key, HOLD_KEY_SIZE, buf.data, buf.len, out);
	buf_release(&buf);
}

const char *audit_follow(const unsigned char key[HOLD_KEY_SIZE],
    struct audit_head *head, const struct audit_row *row, struct span mac)
{
	struct audit_head next = *head;

	if (row->id != head->id + 1)
		return "it is missing";
	audit_extend(key, &next, row);
	if (mac.len != sizeof(next.mac) ||
	    !digest_equal(mac.data, next.mac, sizeof(next.mac)))
		return "it was changed, or a row before it was";
	*head = next;
	return NULL;
}
