/*
 * fuzz-wire: any bytes as a reader's answer.  What is taken must be what
 * packing it again gives, byte for byte: there is one way to say a thing.
 */
#include "pack.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MAIL_SIZE 5000

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void must_equal(struct buf *again, struct span packed)
{
	if (again->len != packed.len ||
	    memcmp(again->data, packed.data, packed.len) != 0)
		abort();
}

static void try_reading(struct span packed, struct buf *again)
{
	struct reading *reading = pack_get_reading(packed, MAIL_SIZE, NULL);

	if (reading == NULL)
		return;
	pack_reading(again, reading);
	must_equal(again, packed);
	reading_free(reading);
}

static void try_reply(struct span packed, struct buf *again)
{
	struct reading_reply *reply = pack_get_reply(packed, NULL);

	if (reply == NULL)
		return;
	pack_reply(again, reply);
	must_equal(again, packed);
	reading_reply_free(reply);
}

static void try_edit(struct span packed, struct buf *again)
{
	struct reading_edit *edit = pack_get_edit(packed, NULL);

	if (edit == NULL)
		return;
	pack_edit(again, edit);
	must_equal(again, packed);
	reading_edit_free(edit);
}

/* The first byte says what the others are an answer to. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const struct span packed = {(const char *)bytes + 1, size - 1};
	struct buf again;

	if (size == 0)
		return 0;
	buf_init(&again, size * 2);
	if (bytes[0] % 3 == 0)
		try_reading(packed, &again);
	else if (bytes[0] % 3 == 1)
		try_reply(packed, &again);
	else
		try_edit(packed, &again);
	buf_release(&again);
	return 0;
}
