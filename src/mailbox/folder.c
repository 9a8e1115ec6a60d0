/*
 * folder: modified UTF-7, one way only: we never read a server's names.
 */
#include "mailbox/folder.h"

#include <stdint.h>
#include <string.h>

/* RFC 3501 5.1.3: as in MIME, but "," for "/". */
static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "abcdefghijklmnopqrstuvwxyz0123456789+,";

/* The bits of a shifted run that do not fill a character yet. */
struct shift {
	struct buf *out;
	bool open;
	uint32_t bits;
	unsigned n;
};

static void put_bits(struct shift *s, uint32_t bits, unsigned n)
{
	s->bits = s->bits << n | bits;
	s->n += n;
	while (s->n >= 6) {
		s->n -= 6;
		buf_add_char(s->out, alphabet[s->bits >> s->n & 63]);
	}
	s->bits &= (1u << s->n) - 1;
}

static void put_shifted(struct shift *s, uint32_t c)
{
	if (!s->open)
		buf_add_char(s->out, '&');
	s->open = true;
	if (c < 0x10000) {
		put_bits(s, c, 16);
		return;
	}
	c -= 0x10000;
	put_bits(s, 0xd800 | c >> 10, 16);
	put_bits(s, 0xdc00 | (c & 0x3ff), 16);
}

static void close_shift(struct shift *s)
{
	if (!s->open)
		return;
	if (s->n > 0)
		put_bits(s, 0, 6 - s->n);
	buf_add_char(s->out, '-');
	s->open = false;
}

/* One character of UTF-8 (RFC 3629); its length, or 0. */
static size_t take(const unsigned char *at, uint32_t *c)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = *at < 0x80	? 1
		   : *at < 0xc2 ? 0
		   : *at < 0xe0 ? 2
		   : *at < 0xf0 ? 3
		   : *at < 0xf5 ? 4
				: 0;
	size_t i;

	*c = n == 1 ? *at : *at & (0xffu >> (n + 1));
	for (i = 1; i < n; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (at[i] & 0x3f);
	}
	if (*c < least[n] || (*c >= 0xd800 && *c < 0xe000) || *c > 0x10ffff)
		return 0;
	return n;
}

int folder_encode(struct buf *out, const char *folder, char delimiter)
{
	const unsigned char *at = (const unsigned char *)folder;
	struct shift s = {.out = out};
	uint32_t c;
	size_t n;

	for (; *at != '\0'; at += n) {
		n = take(at, &c);
		if (n == 0 || c < 0x20 || (c >= 0x7f && c < 0xa0))
			return -1;
		if (c >= 0x80) {
			put_shifted(&s, c);
			continue;
		}
		close_shift(&s);
		if (c == '/' && delimiter != '\0')
			c = (unsigned char)delimiter;
		buf_add_char(out, (char)c);
		if (c == '&')
			buf_add_char(out, '-');
	}
	close_shift(&s);
	return out->overflow ? -1 : 0;
}
