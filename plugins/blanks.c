/*
 * blanks: counts empty lines, and reads lengths out of style attributes.
 */
#include "blanks.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include <unicode/uchar.h>
#include <unicode/utf8.h>

/* Does it leave the paper white? */
static bool is_blank(UChar32 c)
{
	return c < 0 || u_isUWhiteSpace(c) || c == 0x2800 || c == 0x3164 ||
	       c == 0xffa0 || c == 0xad || c == 0x200b || c == 0xfeff ||
	       c == '>' || c == '|';
}

static bool take(struct blanks *found, const char *p, const char *end)
{
	const char *lf = memchr(p, '\n', (size_t)(end - p));

	found->text = p;
	found->size = (size_t)((lf != NULL ? lf : end) - p);
	return true;
}

bool blanks_in_text(const char *text, size_t size, struct blanks *found)
{
	unsigned lines = 0, columns = 0;
	int32_t at = 0;

	memset(found, 0, sizeof(*found));
	while (at < (int32_t)size) {
		int32_t from = at;
		UChar32 c;

		U8_NEXT(text, at, (int32_t)size, c);
		if (c == '\n') {
			lines++;
			columns = 0;
			continue;
		}
		if (is_blank(c)) {
			columns += c != '\r' && c != '>' && c != '|';
			continue;
		}
		/* the end of its own line is not an empty one */
		found->lines = lines > BLANKS_LINES ? lines - 1 : 0;
		found->columns = columns >= BLANKS_COLUMNS ? columns : 0;
		if (found->lines > 0 || found->columns > 0)
			return take(found, text + from, text + size);
		lines = 0;
		columns = 0;
	}
	return false;
}

/* "1.5e3 px" as pixels; what is no length is 0. */
static unsigned pixels(const char *p, const char *end)
{
	static const struct {
		const char *unit;
		unsigned tenths;
	} units[] = {{"px", 10}, {"pt", 13}, {"rem", 160}, {"em", 160},
	    {"vh", 80}, {"cm", 378}, {"mm", 37}, {"in", 960}, {"ex", 80},
	    {"pc", 160}};
	unsigned value = 0;

	while (p < end && isspace((unsigned char)*p))
		p++;
	while (p < end && isdigit((unsigned char)*p) && value < 1000000)
		value = value * 10 + (unsigned)(*p++ - '0');
	while (p < end && (isdigit((unsigned char)*p) || *p == '.'))
		p++;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		size_t n = strlen(units[i].unit);

		if ((size_t)(end - p) >= n &&
		    strncasecmp(p, units[i].unit, n) == 0)
			return value * units[i].tenths / 10;
	}
	return 0;
}

/* A property that makes room, at p: where its value begins, or NULL. */
static const char *value_of(const char *p, const char *end)
{
	static const char *const names[] = {"height", "min-height",
	    "line-height", "margin", "margin-top", "margin-bottom", "padding",
	    "padding-top", "padding-bottom", "top"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t n = strlen(names[i]);
		const char *behind = p + n;

		if ((size_t)(end - p) <= n || strncasecmp(p, names[i], n) != 0)
			continue;
		while (behind < end && isspace((unsigned char)*behind))
			behind++;
		if (behind < end && *behind == ':')
			return behind + 1;
	}
	return NULL;
}

/* The most room that a tag's text makes. */
static unsigned room_in(const char *p, const char *end)
{
	unsigned most = 0;

	for (const char *from = p; p < end; p++) {
		const char *value;
		unsigned room;

		if (p > from && (isalnum((unsigned char)p[-1]) || p[-1] == '-'))
			continue;
		value = value_of(p, end);
		room = value != NULL ? pixels(value, end) : 0;
		if (room > most)
			most = room;
	}
	return most;
}

/* A picture may be as high as it likes. */
static bool is_picture(const char *p, const char *end)
{
	return end - p > 3 && strncasecmp(p, "img", 3) == 0;
}

unsigned blanks_in_html(const char *source, size_t size)
{
	const char *p = source, *end = source + size;

	while ((p = memchr(p, '<', (size_t)(end - p))) != NULL) {
		const char *close = memchr(p, '>', (size_t)(end - p));
		const char *stop = close != NULL ? close : end;
		unsigned room = is_picture(p + 1, stop) ? 0 : room_in(p, stop);

		if (room >= BLANKS_PIXELS)
			return room;
		p = stop;
	}
	return 0;
}
