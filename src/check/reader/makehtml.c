/*
 * makehtml: escapes.  No link, picture or style is ever made, so that nothing
 * in a person's text can become more than text.
 */
#include "check/reader/makehtml.h"

#include "check/reader/charset.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define TAB_WIDTH 8 /* spaces that stand for a tab */

static uint32_t code_of(const char *p, size_t size)
{
	uint32_t code = (unsigned char)*p;
	size_t i;

	if (size > 1)
		code &= (uint32_t)0x7F >> size;
	for (i = 1; i < size; i++)
		code = code << 6 | ((unsigned char)p[i] & 0x3F);
	return code;
}

/* A space that HTML would swallow: at a line's start or after another. */
static void put_space(struct buf *out, bool plain)
{
	buf_add_str(out, plain ? " " : "&nbsp;");
}

static void put_character(struct buf *out, const char *p, size_t size, bool raw)
{
	if (*p == '&')
		buf_add_str(out, "&amp;");
	else if (*p == '<')
		buf_add_str(out, "&lt;");
	else if (*p == '>')
		buf_add_str(out, "&gt;");
	else if (*p == '"')
		buf_add_str(out, "&quot;");
	else if (size > 1 && !raw)
		buf_addf(out, "&#%u;", (unsigned)code_of(p, size));
	else
		buf_add(out, p, size);
}

static void put_line(struct buf *out, struct span line, bool raw)
{
	const char *p = line.data, *end = line.data + line.len;
	bool after_word = false;
	size_t i, size;

	for (; p < end; p += size) {
		size = charset_utf8(p, end);
		if (size == 0) {
			size = 1; /* the caller promised UTF-8: leave it out */
			continue;
		}
		if (*p == '\t')
			for (i = 0; i < TAB_WIDTH; i++)
				put_space(out, false);
		else if (*p == ' ')
			put_space(out, after_word && p + 1 < end);
		else
			put_character(out, p, size, raw);
		after_word = *p != ' ' && *p != '\t';
	}
}

void makehtml_text(struct span text, bool raw, struct buf *out)
{
	const char *p = text.data, *end = p + text.len;
	size_t size;

	for (; p < end; p += size) {
		size = charset_utf8(p, end);
		if (size > 0)
			put_character(out, p, size, raw);
		else
			size = 1;
	}
}

void makehtml_write(struct span text, const char *charset, struct buf *out)
{
	bool raw = charset != NULL && strcmp(charset, "utf-8") == 0;
	struct span line;
	const char *stop;

	buf_add_str(out, "<html>\n<head>\n");
	if (charset != NULL)
		buf_addf(out,
		    "<meta http-equiv=\"Content-Type\" "
		    "content=\"text/html; charset=%s\">\n",
		    charset);
	buf_add_str(out, "</head>\n<body>\n<div>\n");
	while (text.len > 0) {
		stop = memchr(text.data, '\n', text.len);
		line.data = text.data;
		line.len = stop != NULL ? (size_t)(stop - text.data) : text.len;
		put_line(out, line, raw);
		buf_add_str(out, "<br>\n");
		text.data += line.len + (stop != NULL);
		text.len -= line.len + (stop != NULL);
	}
	buf_add_str(out, "</div>\n</body>\n</html>\n");
}
