/*
 * fold: small letters, and a few questions about spans.  It knows only the
 * alphabets in which the words that we look for are written.
 */
#include "check/reader/fold.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

/* Letters of two bytes in UTF-8: U+0080 to U+07FF. */
static uint32_t small_letter(uint32_t c)
{
	if (c >= 0xC0 && c <= 0xDE && c != 0xD7)
		return c + 0x20; /* Latin-1 */
	if (c == 0x130)
		return 'i'; /* Turkish capital with a dot */
	if (c == 0x178)
		return 0xFF;
	if ((c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177))
		return c | 1; /* Latin Extended-A, even is large */
	if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E))
		return c + (c & 1); /* likewise, odd is large */
	if (c == 0x386)
		return 0x3AC; /* Greek with tonos */
	if (c >= 0x388 && c <= 0x38A)
		return c + 0x25;
	if (c == 0x38C)
		return 0x3CC;
	if (c == 0x38E || c == 0x38F)
		return c + 0x3F;
	if ((c >= 0x391 && c <= 0x3A9) || (c >= 0x410 && c <= 0x42F))
		return c + 0x20; /* Greek, Russian */
	if (c >= 0x400 && c <= 0x40F)
		return c + 0x50; /* Ukrainian, Serbian */
	return c;
}

static bool is_pair(const char *p, size_t left)
{
	return left >= 2 && ((unsigned char)p[0] & 0xE0) == 0xC0 &&
	       ((unsigned char)p[1] & 0xC0) == 0x80;
}

static void add_pair(struct buf *out, const char *p)
{
	uint32_t c;

	c = ((uint32_t)(p[0] & 0x1F) << 6) | (uint32_t)(p[1] & 0x3F);
	c = small_letter(c);
	if (c < 0x80) {
		buf_add_char(out, (char)c);
		return;
	}
	buf_add_char(out, (char)(0xC0 | (c >> 6)));
	buf_add_char(out, (char)(0x80 | (c & 0x3F)));
}

void fold_add(struct buf *out, struct span text)
{
	size_t i;
	char c;

	for (i = 0; i < text.len; i++) {
		c = text.data[i];
		if (is_pair(text.data + i, text.len - i)) {
			add_pair(out, text.data + i);
			i++;
		} else {
			buf_add_char(
			    out, c >= 'A' && c <= 'Z' ? (char)(c + 32) : c);
		}
	}
}

bool fold_is(struct span text, const char *word)
{
	return text.len == strlen(word) &&
	       strncasecmp(text.data, word, text.len) == 0;
}

bool fold_begins(struct span text, const char *word)
{
	size_t len = strlen(word);

	return text.len >= len && memcmp(text.data, word, len) == 0;
}

bool fold_ends(struct span text, const char *word)
{
	size_t len = strlen(word);

	return text.len >= len &&
	       memcmp(text.data + text.len - len, word, len) == 0;
}

bool fold_holds(struct span text, const char *word)
{
	return text.len > 0 &&
	       memmem(text.data, text.len, word, strlen(word)) != NULL;
}
