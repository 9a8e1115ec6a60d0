/*
 * own: cuts the quotations out of a text and makes a fingerprint of the rest.
 * Which lines are quoted is left to quoted.c.
 */
#include "check/reader/own.h"

#include "check/reader/fold.h"
#include "check/reader/quoted.h"

#include <stdbool.h>
#include <string.h>

#define HEADING "=== "
#define BITS	64

/* ---- the text ----------------------------------------------------------- */

static struct span keep(struct arena *arena, struct buf *out)
{
	struct span kept = {arena_dup(arena, out->data, out->len), out->len};

	buf_release(out);
	return kept;
}

static struct span without_ranges(
    struct arena *arena, struct span text, const struct text_more *more)
{
	struct buf out;
	size_t from = 0;

	if (more->n_quoted == 0)
		return text;
	buf_init(&out, text.len);
	for (size_t i = 0; i < more->n_quoted; i++) {
		const struct text_range *r = &more->quoted[i];

		if (r->from < from || r->to < r->from || r->to > text.len)
			continue;
		buf_add(&out, text.data + from, r->from - from);
		from = r->to;
	}
	buf_add(&out, text.data + from, text.len - from);
	return keep(arena, &out);
}

static struct span without_headings(struct arena *arena, struct span text)
{
	const char *p = text.data, *end = p + text.len;
	struct buf out;

	buf_init(&out, text.len);
	while (p < end) {
		const char *lf = memchr(p, '\n', (size_t)(end - p));
		size_t len = (size_t)((lf != NULL ? lf + 1 : end) - p);

		if (!fold_begins((struct span){p, len}, HEADING))
			buf_add(&out, p, len);
		p += len;
	}
	return keep(arena, &out);
}

struct span own_text(
    struct arena *arena, struct span text, const struct text_more *more)
{
	struct span own = without_ranges(arena, text, more);

	if (more->headings)
		own = without_headings(arena, own);
	return quoted_without(arena, own);
}

/* ---- the fingerprint ---------------------------------------------------- */

/* All letters beyond ASCII are taken for letters of a word. */
static bool is_letter(char c)
{
	return ((unsigned char)c & 0x80) != 0 || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9');
}

/* Spread the bits (splitmix64's last step). */
static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* The next word off the front; false: none is left. */
static bool next_word(struct span *rest, uint64_t *hash)
{
	const char *p = rest->data, *end = p + rest->len;
	uint64_t h = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

	while (p < end && !is_letter(*p))
		p++;
	if (p == end)
		return false;
	for (; p < end && is_letter(*p); p++)
		h = (h ^ (unsigned char)*p) * UINT64_C(0x100000001b3);
	*rest = (struct span){p, (size_t)(end - p)};
	*hash = h;
	return true;
}

static void count_bits(int32_t counts[BITS], uint64_t gram)
{
	for (int i = 0; i < BITS; i++)
		counts[i] += (gram >> i & 1) != 0 ? 1 : -1;
}

uint64_t own_fingerprint(struct span text)
{
	int32_t counts[BITS] = {0};
	uint64_t word[3] = {0, 0, 0}, print = 0;
	struct span rest;
	size_t n = 0;
	struct buf small;

	buf_init(&small, text.len);
	fold_add(&small, text);
	for (rest = buf_span(&small); next_word(&rest, &word[n % 3]);)
		if (++n >= 3)
			count_bits(counts,
			    mix(word[n % 3] * 3 + mix(word[(n + 1) % 3]) * 5 +
				mix(mix(word[(n + 2) % 3])) * 7));
	buf_release(&small);
	if (n < OWN_WORDS_MIN)
		return 0;
	for (int i = 0; i < BITS; i++)
		print |= (uint64_t)(counts[i] > 0) << i;
	return print == 0 ? 1 : print;
}
