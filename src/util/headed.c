/*
 * headed: line by line.  What stands in a field is looked at by whoever
 * writes it into a mail.
 */
#include "util/headed.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define SHOWN_MAX 60 /* bytes of a line in a fault */

static const char *const names[] = {"Subject", "To", "Cc", "Bcc"};

#define N_NAMES (sizeof(names) / sizeof(names[0]))

static const char **slot(struct headed *out, size_t i)
{
	const char **const slots[N_NAMES] = {
	    &out->subject, &out->to, &out->cc, &out->bcc};

	return slots[i];
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct span trim(struct span s)
{
	while (s.len > 0 && (is_blank(*s.data) || *s.data == '\r')) {
		s.data++;
		s.len--;
	}
	while (s.len > 0 &&
	       (is_blank(s.data[s.len - 1]) || s.data[s.len - 1] == '\r'))
		s.len--;
	return s;
}

/* One line off the front, without its end.  False: none is left. */
static bool take_line(struct span *rest, struct span *line)
{
	const char *lf =
	    rest->len > 0 ? memchr(rest->data, '\n', rest->len) : NULL;

	*line = *rest;
	if (rest->len == 0)
		return false;
	if (lf != NULL)
		line->len = (size_t)(lf - rest->data);
	rest->data += line->len + (lf != NULL);
	rest->len -= line->len + (lf != NULL);
	return true;
}

/* Which field is it, and what is behind the colon?  N_NAMES: none. */
static size_t field_of(struct span line, struct span *value)
{
	size_t i, n;

	for (i = 0; i < N_NAMES; i++) {
		n = strlen(names[i]);
		if (line.len <= n || line.data[n] != ':' ||
		    strncasecmp(line.data, names[i], n) != 0)
			continue;
		*value =
		    trim((struct span){line.data + n + 1, line.len - n - 1});
		break;
	}
	return i;
}

/* A field that is being read, its lines put together. */
struct reading_field {
	size_t name; /* N_NAMES: none */
	struct buf value;
};

/* Does the line go on with the field above? */
static bool goes_on(const struct reading_field *field, struct span line)
{
	const struct buf *value = &field->value;

	return is_blank(*line.data) || (field->name > 0 && value->len > 0 &&
					   value->data[value->len - 1] == ',');
}

/* The field above is whole. */
static void end_field(
    struct arena *arena, struct headed *out, struct reading_field *field)
{
	if (field->name < N_NAMES)
		*slot(out, field->name) =
		    arena_dup(arena, field->value.data, field->value.len);
}

/* The beginning of a line, never half a letter. */
static int shown(struct span line)
{
	size_t n = line.len;

	if (n > SHOWN_MAX)
		for (n = SHOWN_MAX; n > 0 && (line.data[n] & 0xc0) == 0x80;)
			n--;
	return (int)n;
}

static void take_field(struct arena *arena, struct headed *out,
    struct reading_field *field, struct span line)
{
	struct span value = {"", 0}, trimmed = trim(line);
	size_t next = field_of(line, &value);

	if (next < N_NAMES) {
		end_field(arena, out, field);
		if (*slot(out, next) != NULL)
			out->fault = arena_printf(
			    arena, "it has two lines %s", names[next]);
		field->name = next;
		buf_clear(&field->value);
		buf_add_span(&field->value, value);
	} else if (goes_on(field, line)) {
		buf_add_char(&field->value, ' ');
		buf_add_span(&field->value, trimmed);
	} else {
		out->fault = arena_printf(arena,
		    "the line '%.*s' is no header line; put an empty line "
		    "between the header lines and the text",
		    shown(trimmed), trimmed.data);
	}
}

/* With data NULL when there are only blanks. */
static struct span text_of(struct span rest)
{
	for (size_t i = 0; i < rest.len; i++)
		if (strchr(" \t\r\n", rest.data[i]) == NULL)
			return rest;
	return (struct span){NULL, 0};
}

void headed_read(struct arena *arena, struct span words, struct headed *out)
{
	struct span rest = words, line, value;
	struct reading_field field = {.name = N_NAMES};

	*out = (struct headed){.subject = NULL};
	if (!take_line(&rest, &line) || field_of(line, &value) == N_NAMES) {
		out->text = text_of(words);
		return;
	}
	buf_init(&field.value, 2 * words.len + 1);
	do
		take_field(arena, out, &field, line);
	while (out->fault == NULL && take_line(&rest, &line) &&
	       trim(line).len > 0);
	end_field(arena, out, &field);
	buf_release(&field.value);
	out->text = text_of(rest);
}
