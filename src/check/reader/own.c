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

/*
 * What counts of a byte: ASCII letters, made small, digits, and all bytes
 * beyond ASCII, which are taken for letters; 0: it stands between words.
 */
static unsigned char letters[256];

static void make_letters(void)
{
	if (letters['a'] != 0)
		return;
	for (int c = 0; c < 256; c++)
		if (c >= 0x80 || (c >= '0' && c <= '9') ||
		    (c >= 'a' && c <= 'z'))
			letters[c] = (unsigned char)c;
	for (int c = 'A'; c <= 'Z'; c++)
		letters[c] = (unsigned char)(c + 32);
}

static unsigned char letter_of(char c)
{
	return letters[(unsigned char)c];
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
	unsigned char c = 0;

	while (p < end && (c = letter_of(*p)) == 0)
		p++;
	if (p == end)
		return false;
	for (; p < end && (c = letter_of(*p)) != 0; p++)
		h = (h ^ c) * UINT64_C(0x100000001b3);
	*rest = (struct span){p, (size_t)(end - p)};
	*hash = h;
	return true;
}

/*
 * How often each bit was set.  Eight bytes count eight bits at once, and are
 * emptied before one of them can be full.
 */
struct votes {
	uint64_t lanes[8]; /* lane i: bits i, i + 8, i + 16 ... */
	unsigned n;	   /* counted in lanes */
	uint32_t sums[BITS];
};

static void sum_up(struct votes *votes)
{
	for (int bit = 0; bit < BITS; bit++)
		votes->sums[bit] +=
		    votes->lanes[bit % 8] >> (bit - bit % 8) & 0xff;
	memset(votes->lanes, 0, sizeof(votes->lanes));
	votes->n = 0;
}

static void vote(struct votes *votes, uint64_t gram)
{
	for (int i = 0; i < 8; i++)
		votes->lanes[i] += gram >> i & UINT64_C(0x0101010101010101);
	if (++votes->n == 255)
		sum_up(votes);
}

/* Of text in which letters beyond ASCII are small. */
static uint64_t fingerprint(struct span text)
{
	struct votes votes = {.n = 0};
	uint64_t word[3] = {0, 0, 0}, print = 0;
	size_t n = 0;

	for (; next_word(&text, &word[n % 3]);)
		if (++n >= 3)
			vote(&votes, mix(word[n % 3] + 3 * word[(n + 1) % 3] +
					 5 * mix(word[(n + 2) % 3])));
	if (n < OWN_WORDS_MIN)
		return 0;
	sum_up(&votes);
	for (int i = 0; i < BITS; i++)
		print |= (uint64_t)(2 * (uint64_t)votes.sums[i] > n - 2) << i;
	return print == 0 ? 1 : print;
}

static bool is_ascii(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (((unsigned char)text.data[i] & 0x80) != 0)
			return false;
	return true;
}

uint64_t own_fingerprint(struct span text)
{
	struct buf small;
	uint64_t print;

	make_letters();
	if (is_ascii(text))
		return fingerprint(text);
	buf_init(&small, text.len);
	fold_add(&small, text);
	print = fingerprint(buf_span(&small));
	buf_release(&small);
	return print;
}
