/*
 * charref: resolves references as mail programs do; the names are libxml2's.
 */
#include "check/reader/charref.h"

#include "check/reader/decode.h"

#include <libxml/HTMLparser.h>
#include <stdbool.h>
#include <string.h>

#define NAME_MAX_BYTES 10 /* the longest name in HTML 4 has 8 */
#define CODE_MAX       0x10ffffu
#define REPLACEMENT    0xfffdu

static void put(struct buf *out, unsigned code)
{
	char bytes[4];
	size_t n = 0;

	if (code < 0x80) {
		bytes[n++] = (char)code;
	} else if (code < 0x800) {
		bytes[n++] = (char)(0xc0 | code >> 6);
	} else if (code < 0x10000) {
		bytes[n++] = (char)(0xe0 | code >> 12);
		bytes[n++] = (char)(0x80 | (code >> 6 & 0x3f));
	} else {
		bytes[n++] = (char)(0xf0 | code >> 18);
		bytes[n++] = (char)(0x80 | (code >> 12 & 0x3f));
		bytes[n++] = (char)(0x80 | (code >> 6 & 0x3f));
	}
	if (code >= 0x80)
		bytes[n++] = (char)(0x80 | (code & 0x3f));
	buf_add(out, bytes, n);
}

/* What is no character is U+FFFD; 0x80..0x9f are left to be made visible. */
static unsigned sane(unsigned code)
{
	if (code == 0 || code > CODE_MAX || (code >= 0xd800 && code < 0xe000))
		return REPLACEMENT;
	return code;
}

/* "#38" or "#x26" at p; returns what is behind the digits, or NULL. */
static const char *numeric(const char *p, const char *end, unsigned *code)
{
	bool hex;
	const char *from;

	if (p == end || *p++ != '#')
		return NULL;
	hex = p < end && (*p == 'x' || *p == 'X');
	if (hex)
		p++;
	*code = 0;
	for (from = p; p < end; p++) {
		int digit = decode_hex(*p);

		if (digit < 0 || (!hex && digit > 9))
			break;
		if (*code <= CODE_MAX)
			*code = *code * (hex ? 16u : 10u) + (unsigned)digit;
	}
	*code = sane(*code);
	return p == from ? NULL : p;
}

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

/* "amp" at p.  Without a ';' only the oldest names count, as in HTML 5. */
static const char *named(const char *p, const char *end, unsigned *code)
{
	const htmlEntityDesc *entity;
	char name[NAME_MAX_BYTES + 1];
	size_t len = 0;

	while (p < end && is_name_byte(*p) && len < NAME_MAX_BYTES)
		name[len++] = *p++;
	name[len] = '\0';
	entity = htmlEntityLookup((const xmlChar *)name);
	if (entity == NULL)
		return NULL;
	*code = entity->value;
	return (p < end && *p == ';') || *code < 0x100 ? p : NULL;
}

/* Decode the reference behind the '&' before p; NULL: there is none. */
static const char *reference(const char *p, const char *end, struct buf *out)
{
	unsigned code;
	const char *behind = numeric(p, end, &code);

	if (behind == NULL)
		behind = named(p, end, &code);
	if (behind == NULL)
		return NULL;
	put(out, code);
	return behind < end && *behind == ';' ? behind + 1 : behind;
}

void charref_resolve(struct span in, struct buf *out)
{
	const char *p = in.data, *end = p + in.len;

	while (p < end) {
		const char *mark = memchr(p, '&', (size_t)(end - p)), *behind;

		buf_add(out, p, (size_t)((mark != NULL ? mark : end) - p));
		if (mark == NULL)
			break;
		behind = reference(mark + 1, end, out);
		if (behind == NULL)
			buf_add_char(out, '&');
		p = behind != NULL ? behind : mark + 1;
	}
}
