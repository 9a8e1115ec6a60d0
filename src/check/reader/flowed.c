/*
 * flowed: soft line breaks.  Character sets and CRLF are left to the caller.
 */
#include "check/reader/flowed.h"

#include "check/reader/fold.h"

#include <string.h>

#define SIGNATURE "-- " /* RFC 3676 4.3: fixed, though it ends in a space */

/* One line off the front of rest, without its LF; false: none left. */
static bool take_line(struct span *rest, struct span *line)
{
	const char *stop;

	if (rest->len == 0)
		return false;
	stop = memchr(rest->data, '\n', rest->len);
	line->data = rest->data;
	line->len = stop != NULL ? (size_t)(stop - rest->data) : rest->len;
	rest->data += line->len;
	rest->len -= line->len;
	if (stop != NULL) {
		rest->data++;
		rest->len--;
	}
	return true;
}

static bool is_signature(struct span line)
{
	return line.len == strlen(SIGNATURE) && fold_begins(line, SIGNATURE);
}

static size_t take_quotes(struct span *line)
{
	size_t depth = 0;

	while (depth < line->len && line->data[depth] == '>')
		depth++;
	line->data += depth;
	line->len -= depth;
	return depth;
}

static void put_quotes(struct buf *out, size_t depth)
{
	size_t i;

	for (i = 0; i < depth; i++)
		buf_add_char(out, '>');
	if (depth > 0)
		buf_add_char(out, ' ');
}

/* RFC 3676 4.5: quote marks, then stuffing, then the question of softness. */
void flowed_join(struct span text, bool delsp, struct buf *out)
{
	size_t depth, before = 0;
	struct span line;
	bool open = false;

	while (take_line(&text, &line)) {
		depth = take_quotes(&line);
		if (fold_begins(line, " ")) {
			line.data++;
			line.len--;
		}
		if (open && (depth != before || is_signature(line))) {
			buf_add_char(out, '\n');
			open = false;
		}
		if (!open)
			put_quotes(out, depth);
		open = fold_ends(line, " ") && !is_signature(line);
		if (open && delsp)
			line.len--;
		buf_add_span(out, line);
		if (!open)
			buf_add_char(out, '\n');
		before = depth;
	}
}

/* Bytes of the line up to and with the space at which to break, or all. */
static size_t break_at(struct span line)
{
	size_t i, wide = 0, found = 0;

	for (i = 0; i < line.len; i++) {
		wide += ((unsigned char)line.data[i] & 0xC0) != 0x80;
		if (wide > FLOWED_WIDTH && found > 0)
			return found;
		/* no line may begin with a space, or look like a signature */
		if (line.data[i] == ' ' && i + 1 < line.len &&
		    line.data[i + 1] != ' ' &&
		    !is_signature((struct span){line.data, i + 1}))
			found = i + 1;
	}
	return line.len;
}

static bool needs_stuffing(struct span line)
{
	return fold_begins(line, " ") || fold_begins(line, ">") ||
	       fold_begins(line, "From ");
}

static void put_line(struct buf *out, struct span line, bool delsp)
{
	size_t n;

	do {
		n = break_at(line);
		if (needs_stuffing(line))
			buf_add_char(out, ' ');
		buf_add(out, line.data, n);
		if (n < line.len && delsp)
			buf_add_char(out, ' ');
		buf_add_char(out, '\n');
		line.data += n;
		line.len -= n;
	} while (line.len > 0);
}

void flowed_break(struct span text, bool delsp, struct buf *out)
{
	struct span line;

	while (take_line(&text, &line)) {
		if (is_signature(line)) {
			buf_add_str(out, SIGNATURE "\n");
			continue;
		}
		while (fold_ends(line, " "))
			line.len--;
		put_line(out, line, delsp);
	}
}
