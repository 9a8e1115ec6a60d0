/*
 * lines: splits and folds.  What a line says is left to others.
 */
#include "check/reader/lines.h"

#include "check/reader/field.h"
#include "check/reader/fold.h"
#include "check/reader/quotedwords.h"

#include <string.h>

/* Blanks of other widths and marks of direction that programs set. */
static const struct {
	const char *bytes;
	bool blank;
} odd[] = {
    {"\xC2\xA0", true},	     /* no-break space */
    {"\xE2\x80\xAF", true},  /* its narrow sister */
    {"\xE3\x80\x80", true},  /* ideographic space */
    {"\xE2\x80\x8E", false}, /* left-to-right mark */
    {"\xE2\x80\x8F", false}, /* right-to-left mark */
    {"\xE2\x80\xAA", false}, /* embeddings and their end */
    {"\xE2\x80\xAB", false}, {"\xE2\x80\xAC", false},
    {"\xE2\x81\xA8", false}, /* isolates and their end */
    {"\xE2\x81\xA9", false}, {"\xEF\xBB\xBF", false}, /* byte order mark */
};

/* Bytes of such a character at i; 0: it is none.  It is added if a blank. */
static size_t add_odd(struct buf *text, struct span raw, size_t i)
{
	struct span rest = {raw.data + i, raw.len - i};

	if (rest.data[0] == '\t') {
		buf_add_char(text, ' ');
		return 1;
	}
	if ((unsigned char)rest.data[0] < 0xC2)
		return 0;
	for (size_t k = 0; k < sizeof(odd) / sizeof(odd[0]); k++) {
		if (!fold_begins(rest, odd[k].bytes))
			continue;
		if (odd[k].blank)
			buf_add_char(text, ' ');
		return strlen(odd[k].bytes);
	}
	return 0;
}

static struct span fold_line(struct arena *arena, struct span raw)
{
	struct span small;
	struct buf text;
	size_t i, n;

	buf_init(&text, raw.len);
	for (i = 0; i < raw.len; i += n) {
		n = add_odd(&text, raw, i);
		if (n > 0)
			continue;
		n = (unsigned char)raw.data[i] >= 0xC0 ? 2 : 1;
		n = n > raw.len - i ? raw.len - i : n;
		fold_add(&text, (struct span){raw.data + i, n});
	}
	small = field_trim(buf_span(&text));
	small.data = arena_dup(arena, small.data, small.len);
	buf_release(&text);
	return small;
}

static size_t count_lines(struct span text)
{
	size_t i, n = 1;

	for (i = 0; i < text.len; i++)
		n += text.data[i] == '\n';
	return n;
}

void lines_split(struct arena *arena, struct span text, struct lines *lines)
{
	const char *p = text.data, *end = text.data + text.len, *stop;
	struct line *line;

	lines->line =
	    arena_alloc(arena, count_lines(text) * sizeof(*lines->line));
	for (lines->n = 0; p < end; p = stop < end ? stop + 1 : end) {
		stop = memchr(p, '\n', (size_t)(end - p));
		if (stop == NULL)
			stop = end;
		line = &lines->line[lines->n++];
		line->raw = (struct span){p, (size_t)(stop - p)};
		line->small = fold_line(arena, line->raw);
		line->field = quotedwords_field(line->small);
	}
}

bool lines_empty(const struct line *line)
{
	return line->small.len == 0;
}

struct span lines_text(const struct lines *lines, size_t from, size_t end)
{
	const struct line *line = lines->line;

	while (end > from && lines_empty(&line[end - 1]))
		end--;
	if (end == from)
		return (struct span){"", 0};
	return (struct span){line[from].raw.data,
	    (size_t)(line[end - 1].raw.data - line[from].raw.data) +
		line[end - 1].raw.len};
}
