/*
 * visible: one pass that copies runs of ordinary text and spells out the
 * rest.
 */
#include "check/reader/visible.h"

#include <stdio.h>
#include <string.h>

struct span_of_code {
	unsigned first, last, odd;
};

/* Unicode 15, beyond U+009F; ascending. */
static const struct span_of_code odd_codes[] = {
    {0x115f, 0x1160, VISIBLE_INVISIBLE},   /* Hangul fillers */
    {0x180e, 0x180e, VISIBLE_INVISIBLE},   /* Mongolian vowel separator */
    {0x200b, 0x200b, VISIBLE_INVISIBLE},   /* zero width space */
    {0x2028, 0x2029, VISIBLE_CONTROL},	   /* line, paragraph separator */
    {0x202a, 0x202e, VISIBLE_BIDI},	   /* embeddings, overrides */
    {0x2060, 0x2064, VISIBLE_INVISIBLE},   /* word joiner ... */
    {0x2066, 0x2069, VISIBLE_BIDI},	   /* isolates */
    {0x206a, 0x206f, VISIBLE_INVISIBLE},   /* deprecated formats */
    {0x3164, 0x3164, VISIBLE_INVISIBLE},   /* Hangul filler */
    {0xfeff, 0xfeff, VISIBLE_INVISIBLE},   /* zero width no-break space */
    {0xffa0, 0xffa0, VISIBLE_INVISIBLE},   /* halfwidth Hangul filler */
    {0xfff9, 0xfffb, VISIBLE_INVISIBLE},   /* interlinear annotation */
    {0xe0000, 0xe0fff, VISIBLE_INVISIBLE}, /* tags, more selectors */
};

void visible_init(struct visible *visible, struct buf *out, bool one_line)
{
	memset(visible, 0, sizeof(*visible));
	visible->out = out;
	visible->one_line = one_line;
}

/* Copy as much as fits, never part of a character. */
static void copy(struct visible *visible, const char *p, size_t len)
{
	size_t room = visible->out->max_bytes - visible->out->len;

	visible->total += len;
	if (visible->full)
		return;
	if (len > room) {
		len = room;
		while (len > 0 && ((unsigned char)p[len] & 0xc0) == 0x80)
			len--;
		visible->full = true;
	}
	buf_add(visible->out, p, len);
}

static void spell(struct visible *visible, unsigned code, unsigned odd)
{
	char name[16];
	int len = snprintf(name, sizeof(name), "[U+%04X]", code);

	visible->odd |= odd;
	copy(visible, name, (size_t)len);
}

/* What is odd about a code above U+009F: a VISIBLE_*, or 0. */
static unsigned odd_of(unsigned code)
{
	size_t n = sizeof(odd_codes) / sizeof(odd_codes[0]);

	if (code < odd_codes[0].first)
		return 0;
	for (size_t i = 0; i < n && odd_codes[i].first <= code; i++)
		if (code <= odd_codes[i].last)
			return odd_codes[i].odd;
	return 0;
}

/* The code of the character at p, which is valid, and its length. */
static unsigned code_at(const unsigned char *p, size_t *len)
{
	if (p[0] < 0x80) {
		*len = 1;
		return p[0];
	}
	if (p[0] < 0xe0) {
		*len = 2;
		return (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
	}
	if (p[0] < 0xf0) {
		*len = 3;
		return (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 |
		       (p[2] & 0x3fu);
	}
	*len = 4;
	return (p[0] & 0x07u) << 18 | (p[1] & 0x3fu) << 12 |
	       (p[2] & 0x3fu) << 6 | (p[3] & 0x3fu);
}

/*
 * Characters that have their use in some writing or in emoji; between two
 * ASCII letters or digits they have none.  Ascending.
 */
static const struct span_of_code joining_codes[] = {
    {0xad, 0xad, VISIBLE_INVISIBLE},	 /* soft hyphen */
    {0x34f, 0x34f, VISIBLE_INVISIBLE},	 /* grapheme joiner */
    {0x61c, 0x61c, VISIBLE_BIDI},	 /* Arabic letter mark */
    {0x180b, 0x180f, VISIBLE_INVISIBLE}, /* Mongolian selectors */
    {0x200c, 0x200d, VISIBLE_INVISIBLE}, /* non-joiner, joiner */
    {0x200e, 0x200f, VISIBLE_BIDI},	 /* marks of direction */
    {0xfe00, 0xfe0f, VISIBLE_INVISIBLE}, /* variation selectors */
};

static unsigned joining(unsigned code)
{
	size_t n = sizeof(joining_codes) / sizeof(joining_codes[0]);

	if (code < joining_codes[0].first)
		return 0;
	for (size_t i = 0; i < n && joining_codes[i].first <= code; i++)
		if (code <= joining_codes[i].last)
			return joining_codes[i].odd;
	return 0;
}

static bool is_digit(unsigned code)
{
	return code >= '0' && code <= '9';
}

static bool is_plain(unsigned code)
{
	return is_digit(code) || (code >= 'a' && code <= 'z') ||
	       (code >= 'A' && code <= 'Z');
}

/* The next character that is no joining one; 0 at the end. */
static unsigned code_behind(const char *p, const char *end)
{
	while (p < end) {
		size_t len;
		unsigned code = code_at((const unsigned char *)p, &len);

		if (joining(code) == 0)
			return code;
		p += len;
	}
	return 0;
}

/* A joining one where nothing is to be joined, or several selectors. */
static unsigned misplaced(const struct visible *visible, unsigned code,
    const char *behind, const char *end)
{
	unsigned odd = joining(code), next;

	if (odd == 0)
		return 0;
	if (code >= 0xfe00 && code <= 0xfe0f)
		return (visible->last >= 0xfe00 && visible->last <= 0xfe0f) ||
			       (code < 0xfe0e && is_plain(visible->last))
			   ? odd
			   : 0;
	next = code_behind(behind, end);
	if (code == 0xad) /* words may be cut, figures not */
		return is_digit(visible->last) && is_digit(next) ? odd : 0;
	return is_plain(visible->last) && is_plain(next) ? odd : 0;
}

/* What is odd about this character by itself; CR is its caller's. */
static unsigned judge(const struct visible *visible, unsigned code)
{
	if (code == '\n')
		return visible->one_line ? VISIBLE_LINES | VISIBLE_CONTROL : 0;
	if (code == '\t')
		return 0;
	if (code < 0x20 || (code >= 0x7f && code < 0xa0))
		return VISIBLE_CONTROL;
	return odd_of(code);
}

static void lone_cr(struct visible *visible)
{
	visible->pending_cr = false;
	spell(visible, '\r',
	    VISIBLE_CONTROL | (visible->one_line ? VISIBLE_LINES : 0));
}

/* First byte at or after p that is not plain ASCII text. */
static const char *skip_plain(
    const struct visible *visible, const char *p, const char *end)
{
	char newline = visible->one_line ? ' ' : '\n';

	while (p < end && ((unsigned char)(*p - 0x20) < 0x5f || *p == newline))
		p++;
	return p;
}

void visible_add(void *context, struct span piece)
{
	struct visible *visible = context;
	const char *p = piece.data, *end = p + piece.len, *from = p;

	while (p < end) {
		const char *start = p;
		size_t len;
		unsigned code, odd;

		if (visible->pending_cr) {
			if (*p != '\n' || visible->one_line)
				lone_cr(visible);
			visible->pending_cr = false;
		}
		p = skip_plain(visible, p, end);
		if (p > start)
			visible->last = (unsigned char)p[-1];
		if (p == end)
			break;
		code = code_at((const unsigned char *)p, &len);
		odd = code == '\r' ? VISIBLE_CONTROL : judge(visible, code);
		if (odd == 0)
			odd = misplaced(visible, code, p + len, end);
		if (joining(code) == 0 || (code >= 0xfe00 && code <= 0xfe0f))
			visible->last = code;
		if (odd == 0) {
			p += len;
			continue;
		}
		copy(visible, from, (size_t)(p - from));
		if (code == '\r')
			visible->pending_cr = true;
		else
			spell(visible, code, odd);
		p += len;
		from = p;
	}
	copy(visible, from, (size_t)(end - from));
}

void visible_add_str(struct visible *visible, const char *s)
{
	copy(visible, s, strlen(s));
}

void visible_end(struct visible *visible)
{
	if (visible->pending_cr)
		lone_cr(visible);
}

/* "[U+200B]" at p, of a character that nobody sees: its bytes, or 0. */
static size_t spelled(const char *p, const char *end)
{
	unsigned code = 0;
	const char *q;

	if (end - p < 8 || memcmp(p, "[U+", 3) != 0)
		return 0;
	for (q = p + 3; q < end && q - p < 9; q++) {
		if (*q >= '0' && *q <= '9')
			code = code << 4 | (unsigned)(*q - '0');
		else if (*q >= 'A' && *q <= 'F')
			code = code << 4 | (unsigned)(*q - 'A' + 10);
		else
			break;
	}
	if (q == end || *q != ']' || q - p < 7 || code == 0x2028 ||
	    code == 0x2029)
		return 0;
	return odd_of(code) != 0 || joining(code) != 0 ? (size_t)(q + 1 - p)
						       : 0;
}

/* The same written as itself, beside ASCII. */
static size_t unspelled(const char *from, const char *p, const char *end)
{
	size_t len;
	unsigned code;

	if (((unsigned char)*p & 0x80) == 0)
		return 0;
	code = code_at((const unsigned char *)p, &len);
	if (joining(code) == 0)
		return 0;
	return p == from || ((unsigned char)p[-1] & 0x80) == 0 ||
		       p + len == end || ((unsigned char)p[len] & 0x80) == 0
		   ? len
		   : 0;
}

struct span visible_bare(struct arena *arena, struct span text)
{
	const char *p = text.data, *end = p + text.len;
	struct span bare;
	size_t n = 0;
	char *out;

	if (text.len == 0)
		return text;
	if (memmem(text.data, text.len, "[U+", 3) == NULL) {
		while (p < end && ((unsigned char)*p & 0x80) == 0)
			p++;
		if (p == end)
			return text;
	}
	out = arena_alloc(arena, text.len + 1);
	for (p = text.data; p < end;) {
		size_t skip =
		    *p == '[' ? spelled(p, end) : unspelled(text.data, p, end);

		p += skip;
		if (skip > 0)
			continue;
		do /* a whole character */
			out[n++] = *p++;
		while (p < end && ((unsigned char)*p & 0xc0) == 0x80);
	}
	out[n] = '\0';
	bare = (struct span){out, n};
	return n == text.len ? text : bare;
}
