/*
 * field: where fields begin and end, and unstructured values.  Addresses are
 * address.c's, parameters param.c's, encoded-words words.c's.
 */
#include "check/reader/field.h"

#include "check/reader/visible.h"
#include "check/reader/words.h"

#include <string.h>
#include <strings.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct span field_line(struct span *rest)
{
	const char *lf = memchr(rest->data, '\n', rest->len);
	struct span line = *rest;

	if (rest->len == 0)
		return line;
	if (lf != NULL)
		line.len = (size_t)(lf - rest->data) + 1;
	rest->data += line.len;
	rest->len -= line.len;
	return line;
}

struct span field_chomp(struct span line)
{
	if (line.len > 0 && line.data[line.len - 1] == '\n')
		line.len--;
	if (line.len > 0 && line.data[line.len - 1] == '\r')
		line.len--;
	return line;
}

struct span field_trim(struct span s)
{
	while (s.len > 0 && (is_blank(s.data[0]) || s.data[0] == '\r' ||
				s.data[0] == '\n')) {
		s.data++;
		s.len--;
	}
	while (s.len > 0 &&
	       (is_blank(s.data[s.len - 1]) || s.data[s.len - 1] == '\r' ||
		   s.data[s.len - 1] == '\n'))
		s.len--;
	return s;
}

static bool ends_header(struct span rest)
{
	return rest.len == 0 || rest.data[0] == '\n' ||
	       (rest.len >= 2 && rest.data[0] == '\r' && rest.data[1] == '\n');
}

/* Find name and value in raw; RFC 5322 2.2 and, for the blanks, 4.5. */
static bool name_and_value(struct field *field)
{
	const char *p = field->raw.data, *end = p + field->raw.len;
	const char *colon;
	struct span value;

	while (p<end && * p> ' ' && *p < 0x7f && *p != ':')
		p++;
	field->name =
	    (struct span){field->raw.data, (size_t)(p - field->raw.data)};
	for (colon = p; colon < end && is_blank(*colon);)
		colon++;
	if (field->name.len == 0 || colon == end || *colon != ':')
		return false;
	value.data = colon + 1;
	value.len = (size_t)(end - value.data);
	field->value = field_chomp(value);
	return true;
}

enum field_step field_next(struct span *rest, struct field *field)
{
	struct span line;

	if (ends_header(*rest))
		return FIELD_END;
	field->blank_line = false;
	field->raw = field_line(rest);
	while (rest->len > 0 && is_blank(rest->data[0])) {
		line = field_line(rest);
		field->raw.len += line.len;
		if (field_trim(line).len == 0)
			field->blank_line = true;
	}
	return name_and_value(field) ? FIELD_ONE : FIELD_JUNK;
}

bool field_is(const struct field *field, const char *name)
{
	size_t len = strlen(name);

	return field->name.len == len &&
	       strncasecmp(field->name.data, name, len) == 0;
}

bool field_begins(const struct field *field, const char *prefix)
{
	size_t len = strlen(prefix);

	return field->name.len >= len &&
	       strncasecmp(field->name.data, prefix, len) == 0;
}

/* Printable ASCII on one line, no encoded-word: it is its own text. */
static bool is_simple(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)(s.data[i] - 0x20) >= 0x5f)
			return false;
	return s.len <= FIELD_TEXT_MAX &&
	       memmem(s.data, s.len, "=?", 2) == NULL;
}

typedef void reader(struct span in, charset_sink *sink, void *context);

static struct field_text read_text(
    struct arena *arena, struct span value, reader *read)
{
	struct field_text text = {.odd = 0};
	struct visible visible;
	struct buf out;

	value = field_trim(value);
	if (is_simple(value)) {
		text.text = arena_dup(arena, value.data, value.len);
		return text;
	}
	if (value.len > 4 * FIELD_TEXT_MAX) {
		value.len = 4 * FIELD_TEXT_MAX;
		text.cut = true;
	}
	buf_init(&out, FIELD_TEXT_MAX);
	visible_init(&visible, &out, true);
	read(value, visible_add, &visible);
	visible_end(&visible);
	text.cut = text.cut || visible.full;
	text.odd = visible.odd;
	text.text =
	    arena_printf(arena, "%s%s", out.data, text.cut ? " ..." : "");
	buf_release(&out);
	return text;
}

struct field_text field_text(struct arena *arena, struct span value)
{
	return read_text(arena, value, words_decode);
}

struct field_text field_plain(struct arena *arena, struct span value)
{
	return read_text(arena, value, words_plain);
}

/* A charset_sink. */
static void add_without_nul(void *context, struct span piece)
{
	struct buf *out = context;

	for (size_t i = 0; i < piece.len; i++)
		if (piece.data[i] == '\0')
			buf_add_str(out, "\xef\xbf\xbd");
		else
			buf_add_char(out, piece.data[i]);
}

const char *field_decoded(struct arena *arena, struct span value)
{
	const char *text;
	struct buf out;

	value = field_trim(value);
	if (is_simple(value))
		return arena_dup(arena, value.data, value.len);
	buf_init(&out, 3 * value.len);
	words_decode(value, add_without_nul, &out);
	text = arena_dup(arena, out.data, out.len);
	buf_release(&out);
	return text;
}

const char *field_ids(struct arena *arena, struct span value)
{
	const char *p = value.data, *end = p + value.len;
	struct buf ids;
	struct field_text text;

	buf_init(&ids, FIELD_TEXT_MAX);
	while (p < end) {
		const char *open = memchr(p, '<', (size_t)(end - p)), *close;

		close = open == NULL ? NULL
				     : memchr(open, '>', (size_t)(end - open));
		if (close == NULL)
			break;
		if (ids.len > 0)
			buf_add_char(&ids, ' ');
		buf_add(&ids, open, (size_t)(close + 1 - open));
		p = close + 1;
	}
	text = field_plain(arena, buf_span(&ids));
	buf_release(&ids);
	return text.text;
}
