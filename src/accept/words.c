/*
 * words: compares, cuts and counts.  What the words mean is left to command.c
 * and params.c.
 */
#include "accept/words.h"

#include <string.h>

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

bool words_begin(struct span *text, const char *word)
{
	size_t i;

	for (i = 0; word[i] != '\0'; i++)
		if (i == text->len || upper(text->data[i]) != upper(word[i]))
			return false;
	words_drop(text, i);
	return true;
}

bool words_same(struct span text, const char *word)
{
	return words_begin(&text, word) && text.len == 0;
}

struct span words_cut(struct span *text, char at)
{
	const char *end =
	    text->len > 0 ? memchr(text->data, at, text->len) : NULL;
	struct span front = *text;

	if (end == NULL) {
		words_drop(text, text->len);
		return front;
	}
	front.len = (size_t)(end - text->data);
	words_drop(text, front.len + 1);
	return front;
}

void words_drop(struct span *text, size_t n)
{
	text->data += n;
	text->len -= n;
}

bool words_alnum(char c)
{
	return (c >= '0' && c <= '9') || (upper(c) >= 'A' && upper(c) <= 'Z');
}

int words_number(struct span text, uint64_t *number)
{
	uint64_t n = 0;
	unsigned digit;
	size_t i;

	if (text.len == 0 || text.len > 20)
		return -1;
	for (i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return -1;
		digit = (unsigned)(text.data[i] - '0');
		n = n > (UINT64_MAX - digit) / 10 ? UINT64_MAX : n * 10 + digit;
	}
	*number = n;
	return 0;
}

/* The least value that a UTF-8 sequence of that length may have. */
static const uint32_t utf8_least[] = {0, 0, 0xa0, 0x800, 0x10000};

static size_t utf8_length(unsigned char first)
{
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if ((first & 0xf0) == 0xe0)
		return 3;
	return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

size_t words_utf8(struct span s)
{
	const unsigned char *c = (const unsigned char *)s.data;
	size_t len = s.len > 0 ? utf8_length(c[0]) : 0, i;
	uint32_t value;

	if (len == 0 || len > s.len)
		return 0;
	value = c[0] & (0x7fu >> len);
	for (i = 1; i < len; i++) {
		if ((c[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (c[i] & 0x3fu);
	}
	if (value < utf8_least[len] || value > 0x10ffff ||
	    (value >= 0xd800 && value <= 0xdfff))
		return 0;
	return len;
}
