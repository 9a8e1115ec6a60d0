/*
 * encode: transfer encodings for new text.  Which one a part gets is edit's
 * choice.
 */
#include "check/reader/encode.h"

#include "check/reader/fold.h"

#include "util/digest.h"

#include <string.h>

#define WIDTH	   76 /* RFC 2045 6.7 rule 5, 6.8 */
#define BASE64_RAW 57 /* bytes that give 76 characters */

/* Must the byte be written as "=2D"?  RFC 2045 6.7 rules 1 to 3. */
static bool must_escape(struct span line, size_t i)
{
	unsigned char c = (unsigned char)line.data[i];

	if (c == ' ' || c == '\t')
		return i + 1 == line.len;
	if (c < 33 || c > 126 || c == '=')
		return true;
	if (i > 0)
		return false;
	/* the first character of what others take for their own marks */
	return c == '.' || fold_begins(line, "--") ||
	       fold_begins(line, "From ");
}

static void quote_line(struct span line, struct buf *out)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t i, width = 0, size;

	for (i = 0; i < line.len; i++) {
		unsigned char c = (unsigned char)line.data[i];
		bool escape = must_escape(line, i);

		size = escape ? 3 : 1;
		if (width + size > WIDTH - 1) {
			buf_add_str(out, "=\r\n");
			width = 0;
			/* at a line's start the marks count again */
			escape = escape || c == '-' || c == '.' || c == 'F';
			size = escape ? 3 : 1;
		}
		if (escape) {
			buf_add_char(out, '=');
			buf_add_char(out, digits[c >> 4]);
			buf_add_char(out, digits[c & 15]);
		} else {
			buf_add_char(out, (char)c);
		}
		width += size;
	}
}

void encode_quoted(struct span text, struct buf *out)
{
	struct span line;
	const char *stop;

	while (text.len > 0) {
		stop = memmem(text.data, text.len, "\r\n", 2);
		line.data = text.data;
		line.len = stop != NULL ? (size_t)(stop - text.data) : text.len;
		quote_line(line, out);
		text.data += line.len;
		text.len -= line.len;
		if (stop == NULL)
			break;
		buf_add_str(out, "\r\n");
		text.data += 2;
		text.len -= 2;
	}
}

void encode_base64(struct span bytes, struct buf *out)
{
	char line[WIDTH + 1];
	size_t n;

	while (bytes.len > 0) {
		n = bytes.len < BASE64_RAW ? bytes.len : BASE64_RAW;
		digest_base64(bytes.data, n, line);
		buf_add_str(out, line);
		buf_add_str(out, "\r\n");
		bytes.data += n;
		bytes.len -= n;
	}
}

bool encode_lines_fit(struct span text)
{
	const char *p = text.data, *end = text.data + text.len, *stop;

	while (p < end) {
		stop = memchr(p, '\n', (size_t)(end - p));
		if (stop == NULL)
			stop = end;
		if (stop - p > ENCODE_LINE_MAX + 1) /* the CR is counted */
			return false;
		p = stop < end ? stop + 1 : end;
	}
	return true;
}

bool encode_is_ascii(struct span text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] > 127)
			return false;
	return true;
}
