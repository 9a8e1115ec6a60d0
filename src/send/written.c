/*
 * written: text from outside as what may stand in a report: quoted-printable,
 * and values of fields.  Which fields there are is report.c's.
 */
#include "send/written.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "send/clean.h"

#include "util/digest.h"

#define QUOTED_LINE 76 /* RFC 2045 6.7 */
/* RFC 2047 2: an encoded word has at most 75 characters; so 45 bytes. */
#define WORD_BYTES ((size_t)45)

static struct span span_of(const char *s)
{
	return (struct span){s, strlen(s)};
}

/* ---- quoted-printable (RFC 2045 6.7) ------------------------------------ */

static bool is_line_end(struct span s)
{
	return s.len >= 2 && s.data[0] == '\r' && s.data[1] == '\n';
}

static bool is_literal(struct span s)
{
	unsigned char c = (unsigned char)s.data[0];
	struct span rest = {s.data + 1, s.len - 1};

	if (c == ' ' || c == '\t') /* not at the end of a line */
		return rest.len > 0 && !is_line_end(rest);
	return c > 0x20 && c < 0x7f && c != '=';
}

/* text has CRLF; so has what is written, with one more when it ends without. */
void written_quoted(struct buf *out, struct span text)
{
	size_t column = 0, width;

	while (text.len > 0) {
		if (is_line_end(text)) {
			buf_add_str(out, "\r\n");
			column = 0;
			text.data += 2;
			text.len -= 2;
			continue;
		}
		width = is_literal(text) ? 1 : 3;
		if (column + width >= QUOTED_LINE) {
			buf_add_str(out, "=\r\n");
			column = 0;
		}
		if (width == 1)
			buf_add_char(out, *text.data);
		else
			buf_addf(out, "=%02X", (unsigned char)*text.data);
		column += width;
		text.data++;
		text.len--;
	}
	if (column > 0)
		buf_add_str(out, "\r\n");
}

/* ---- values of fields --------------------------------------------------- */

static bool is_plain(struct span text)
{
	size_t i;

	for (i = 0; i < text.len; i++) {
		if (text.data[i] < 0x20 || text.data[i] >= 0x7f)
			return false;
		/* would be read as an encoded word */
		if (text.data[i] == '=' && i + 1 < text.len &&
		    text.data[i + 1] == '?')
			return false;
	}
	return true;
}

/* How much of a clean line's front makes whole characters in so many bytes. */
static size_t front(struct span line, size_t most)
{
	struct span rest = line;
	size_t width = 0;

	while (rest.len > 0 && line.len - rest.len + width <= most) {
		rest.data += width;
		rest.len -= width;
		width = clean_char(rest, NULL);
		if (width == 0)
			break;
	}
	return line.len - rest.len;
}

void written_text(struct buf *out, const char *text)
{
	char line[WRITTEN_VALUE_SIZE], base64[(WORD_BYTES + 2) / 3 * 4 + 1];
	struct span rest;
	size_t n;

	clean_line(line, sizeof(line), span_of(text));
	rest = span_of(line);
	if (is_plain(rest)) {
		buf_add_span(out, rest);
		return;
	}
	while (rest.len > 0) {
		n = front(rest, WORD_BYTES);
		digest_base64(rest.data, n, base64);
		buf_addf(out, "=?utf-8?B?%s?=", base64);
		rest.data += n;
		rest.len -= n;
		if (rest.len > 0)
			buf_add_str(out, "\r\n ");
	}
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* RFC 6533 3: characters above 127 as \x{...} in a field of type utf-8. */
static void add_unicode(struct buf *out, struct span left)
{
	size_t width;
	uint32_t c;

	for (; left.len > 0; left.data += width, left.len -= width) {
		width = clean_char(left, &c);
		if (width > 1)
			buf_addf(out, "\\x{%" PRIX32 "}", c);
		else
			buf_add_char(out, width == 0 || c < 0x20 || c == 0x7f
					      ? '?'
					      : (char)c);
		width += width == 0;
	}
}

/* Of other types nothing above 127 has a meaning. */
static void add_ascii(struct buf *out, struct span left)
{
	for (; left.len > 0; left.data++, left.len--)
		buf_add_char(out,
		    *left.data < 0x20 || *left.data >= 0x7f ? '?' : *left.data);
}

/* RFC 3461 4: xtext, decoded; how many bytes of out it fills. */
static size_t decode(const char *xtext, char out[WRITTEN_VALUE_SIZE])
{
	size_t n = 0;
	int high, low;

	for (; *xtext != '\0' && n < WRITTEN_VALUE_SIZE; xtext++) {
		high = *xtext == '+' ? hex_digit(xtext[1]) : -1;
		low = high < 0 ? -1 : hex_digit(xtext[2]);
		if (low < 0) {
			out[n++] = *xtext;
		} else {
			out[n++] = (char)(high * 16 + low);
			xtext += 2;
		}
	}
	return n;
}

void written_xtext(struct buf *out, const char *xtext)
{
	char plain[WRITTEN_VALUE_SIZE];

	add_ascii(out, (struct span){plain, decode(xtext, plain)});
}

void written_orcpt(struct buf *out, const char *orcpt)
{
	size_t type = strcspn(orcpt, ";");
	char plain[WRITTEN_VALUE_SIZE];
	struct span address;

	if (orcpt[type] == '\0')
		return;
	address = (struct span){plain, decode(orcpt + type + 1, plain)};
	buf_addf(out, "%.*s; ", (int)type, orcpt);
	if (type == 5 && strncasecmp(orcpt, "utf-8", type) == 0)
		add_unicode(out, address);
	else
		add_ascii(out, address);
}

void written_address(struct buf *out, const char *address)
{
	buf_add_str(
	    out, clean_is_ascii(span_of(address)) ? "rfc822; " : "utf-8; ");
	add_unicode(out, span_of(address));
}
