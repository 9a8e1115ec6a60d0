/*
 * revision: what a revision is made of, its bytes, its hash and its code.
 * Where its pieces are kept is left to the store.
 */
#include "hold/internal.h"

#include "util/digest.h"
#include "util/mem.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define CUT_SIZE 16 /* of a packed cut */

void revision_envelope(struct buf *buf, const struct envelope *envelope)
{
	size_t i;

	buf_add_str(buf, "imprimatur envelope 1\nfrom ");
	buf_add_str(buf, envelope->from);
	for (i = 0; i < envelope->n_recipients; i++) {
		buf_add_str(buf, "\nto ");
		buf_add_str(buf, envelope->recipients[i].address);
	}
	buf_add_str(buf, envelope->body == MESSAGE_BODY_8BITMIME
			     ? "\nbody 8bitmime"
			     : "\nbody 7bit");
	buf_add_str(buf,
	    envelope->smtputf8 ? "\nsmtputf8 yes\n\n" : "\nsmtputf8 no\n\n");
}

bool revision_fits(const struct revision_recipe *recipe)
{
	uint64_t at = 0, size = recipe->body.len;
	size_t i;

	for (i = 0; i < recipe->n_cuts; i++) {
		if (recipe->cuts[i].offset < at ||
		    recipe->cuts[i].offset > size ||
		    recipe->cuts[i].length > size - recipe->cuts[i].offset)
			return false;
		at = recipe->cuts[i].offset + recipe->cuts[i].length;
	}
	return true;
}

/* Piece i of head, body up to the first cut, ... body after the last. */
static struct span piece(const struct revision_recipe *r, size_t i)
{
	uint64_t from, to;

	if (i == 0)
		return r->head;
	from = i == 1 ? 0 : r->cuts[i - 2].offset + r->cuts[i - 2].length;
	to = i <= r->n_cuts ? r->cuts[i - 1].offset : r->body.len;
	if (from == to)
		return (struct span){"", 0};
	return (struct span){r->body.data + from, to - from};
}

static size_t n_pieces(const struct revision_recipe *r)
{
	return 2 + r->n_cuts;
}

uint64_t revision_size(const struct revision_recipe *recipe)
{
	uint64_t size = recipe->head.len + recipe->body.len;
	size_t i;

	assert(revision_fits(recipe));
	for (i = 0; i < recipe->n_cuts; i++)
		size -= recipe->cuts[i].length;
	return size;
}

void revision_hash(const struct revision_recipe *recipe, struct span envelope,
    unsigned char out[DIGEST_SIZE])
{
	struct digest *digest = digest_new();
	struct span span;
	size_t i;

	assert(revision_fits(recipe));
	digest_add(digest, envelope.data, envelope.len);
	for (i = 0; i < n_pieces(recipe); i++) {
		span = piece(recipe, i);
		digest_add(digest, span.data, span.len);
	}
	digest_end(digest, out);
	digest_free(digest);
}

char *revision_bytes(const struct revision_recipe *recipe)
{
	char *bytes = mem_grow(NULL, revision_size(recipe) + 1, 1), *at = bytes;
	struct span span;
	size_t i;

	for (i = 0; i < n_pieces(recipe); i++) {
		span = piece(recipe, i);
		if (span.len > 0)
			memcpy(at, span.data, span.len);
		at += span.len;
	}
	*at = '\0';
	return bytes;
}

void revision_code(
    const unsigned char sha256[DIGEST_SIZE], char code[HOLD_CODE_SIZE])
{
	char text[8];
	size_t i;

	digest_base32(sha256, 4, text);
	for (i = 0; i < HOLD_CODE_SIZE - 1; i++)
		code[i] = (char)toupper((unsigned char)text[i]);
	code[i] = '\0';
}

static void put_number(unsigned char *out, uint64_t n)
{
	size_t i;

	for (i = 0; i < 8; i++)
		out[i] = (unsigned char)(n >> (8 * i));
}

static uint64_t get_number(const char *in)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < 8; i++)
		n |= (uint64_t)(unsigned char)in[i] << (8 * i);
	return n;
}

void revision_pack_cuts(
    struct buf *buf, const struct reading_cut *cuts, size_t n_cuts)
{
	unsigned char packed[CUT_SIZE];
	size_t i;

	for (i = 0; i < n_cuts; i++) {
		put_number(packed, cuts[i].offset);
		put_number(packed + 8, cuts[i].length);
		buf_add(buf, packed, sizeof(packed));
	}
}

struct reading_cut *revision_read_cuts(
    struct arena *arena, struct span packed, size_t *n_cuts)
{
	struct reading_cut *cuts;
	size_t i;

	*n_cuts = packed.len / CUT_SIZE;
	cuts = arena_alloc(arena, *n_cuts * sizeof(*cuts));
	for (i = 0; i < *n_cuts; i++) {
		cuts[i].offset = get_number(packed.data + i * CUT_SIZE);
		cuts[i].length = get_number(packed.data + i * CUT_SIZE + 8);
	}
	return cuts;
}
