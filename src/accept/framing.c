/*
 * framing: a machine of five states that runs line by line.  Who refuses a
 * marked mail, and with which words, is left to transaction.c.
 */
#include "accept/framing.h"

#include <assert.h>
#include <string.h>

enum state {
	AT_START, /* of a line: CRLF came before, or nothing at all */
	IN_TEXT,
	AFTER_CR,
	AFTER_DOT,   /* a dot at the start of a line, not passed on */
	AFTER_DOT_CR /* and a CR */
};

void framing_init(struct framing *framing)
{
	memset(framing, 0, sizeof(*framing));
	framing->state = AT_START;
}

static bool has_8bit(struct span s)
{
	uint64_t word, all = 0;
	size_t i;

	for (i = 0; i + sizeof(word) <= s.len; i += sizeof(word)) {
		memcpy(&word, s.data + i, sizeof(word));
		all |= word;
	}
	for (; i < s.len; i++)
		all |= (unsigned char)s.data[i];
	return (all & UINT64_C(0x8080808080808080)) != 0;
}

static void mark_bytes(struct framing *f, struct span s)
{
	if (s.len > 0 && memchr(s.data, '\0', s.len) != NULL)
		f->marks |= FRAMING_NUL;
	if (has_8bit(s))
		f->marks |= FRAMING_8BIT;
}

/* What a line consists of, its LF excluded. */
static void read_text(struct framing *f, const char *s, size_t n)
{
	const char *cr;

	if (n == 0)
		return;
	if (f->state == AFTER_CR)
		f->marks |= FRAMING_BARE_CR;
	cr = memchr(s, '\r', n);
	if (cr != NULL && cr != s + n - 1)
		f->marks |= FRAMING_BARE_CR;
	f->state = s[n - 1] == '\r' ? AFTER_CR : IN_TEXT;
	f->line += n;
	if (f->line > FRAMING_LINE_MOST + (f->state == AFTER_CR))
		f->marks |= FRAMING_LONG_LINE;
}

/* One line, or as much of it as is there; returns where the next begins. */
static size_t read_line(struct framing *f, struct span in, size_t from)
{
	const char *s = in.data + from;
	const char *lf = memchr(s, '\n', in.len - from);
	size_t n = lf == NULL ? in.len - from : (size_t)(lf - s);

	read_text(f, s, n);
	if (lf == NULL)
		return in.len;
	if (f->state == AFTER_CR) {
		f->state = AT_START;
	} else {
		f->marks |= FRAMING_BARE_LF;
		f->state = IN_TEXT;
	}
	f->line = 0;
	return from + n + 1;
}

/* What follows a dot at the start of a line; returns the bytes used. */
static size_t read_behind_dot(struct framing *f, struct span in, bool *end)
{
	size_t at = 0;

	if (f->state == AFTER_DOT) {
		if (in.data[0] != '\r') {
			f->state = IN_TEXT;
			return 0;
		}
		f->state = AFTER_DOT_CR;
		at = 1;
	}
	if (at == in.len)
		return at;
	if (in.data[at] == '\n') {
		f->state = AT_START;
		*end = true;
		return at + 1;
	}
	f->marks |= FRAMING_BARE_CR;
	f->state = IN_TEXT;
	return at;
}

size_t framing_data(
    struct framing *framing, struct span in, struct span *piece, bool *end)
{
	size_t from = 0, at;

	*end = false;
	*piece = (struct span){in.data, 0};
	if (in.len == 0)
		return 0;
	if (framing->state == AFTER_DOT || framing->state == AFTER_DOT_CR)
		from = read_behind_dot(framing, in, end);
	if (*end)
		return from;
	at = from;
	while (
	    at < in.len && !(framing->state == AT_START && in.data[at] == '.'))
		at = read_line(framing, in, at);
	*piece = (struct span){in.data + from, at - from};
	mark_bytes(framing, *piece);
	if (at == in.len)
		return at;
	framing->state = AFTER_DOT;
	return at + 1;
}

void framing_chunk(struct framing *framing, uint64_t size)
{
	assert(framing->left == 0);
	framing->left = size;
}

size_t framing_bdat(struct framing *framing, struct span in, struct span *piece)
{
	size_t at = 0;

	if (in.len > framing->left)
		in.len = (size_t)framing->left;
	while (at < in.len)
		at = read_line(framing, in, at);
	*piece = in;
	mark_bytes(framing, in);
	framing->left -= in.len;
	return in.len;
}

void framing_end(struct framing *framing)
{
	if (framing->state == AFTER_CR)
		framing->marks |= FRAMING_BARE_CR;
	if (framing->state != AT_START)
		framing->marks |= FRAMING_OPEN_END;
}
