/*
 * clean: reads UTF-8 strictly and replaces what does not belong into a line.
 */
#include "send/clean.h"

#include <string.h>

/* RFC 3629 3: bytes of a character and the least that needs so many. */
static size_t width_of(unsigned char first, uint32_t *bits, uint32_t *least)
{
	if (first < 0x80) {
		*bits = first;
		*least = 0;
		return 1;
	}
	if (first >= 0xc2 && first < 0xe0) {
		*bits = first & 0x1f;
		*least = 0x80;
		return 2;
	}
	if (first >= 0xe0 && first < 0xf0) {
		*bits = first & 0x0f;
		*least = 0x800;
		return 3;
	}
	if (first >= 0xf0 && first < 0xf5) {
		*bits = first & 0x07;
		*least = 0x10000;
		return 4;
	}
	return 0;
}

size_t clean_char(struct span text, uint32_t *c)
{
	const unsigned char *s = (const unsigned char *)text.data;
	uint32_t value = 0, least = 0;
	size_t width = text.len == 0 ? 0 : width_of(s[0], &value, &least), i;

	if (width == 0 || width > text.len)
		return 0;
	for (i = 1; i < width; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (s[i] & 0x3f);
	}
	if (value < least || value > 0x10ffff ||
	    (value >= 0xd800 && value < 0xe000))
		return 0;
	if (c != NULL)
		*c = value;
	return width;
}

static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 ||
	       c == 0x2029;
}

void clean_line(char *out, size_t size, struct span text)
{
	size_t used = 0, width;
	uint32_t c;

	while (text.len > 0) {
		width = clean_char(text, &c);
		if (used + (width == 0 ? 1 : width) >= size)
			break;
		if (width == 0 || is_control(c)) {
			out[used++] = '?';
			width = width == 0 ? 1 : width;
		} else {
			memcpy(out + used, text.data, width);
			used += width;
		}
		text.data += width;
		text.len -= width;
	}
	out[used] = '\0';
}

bool clean_is_ascii(struct span text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] >= 0x80)
			return false;
	return true;
}
