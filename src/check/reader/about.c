/*
 * about: lines of a letter and a text.  What they mean is left to those who
 * ask.
 */
#include "check/reader/about.h"

#include "check/reader/charset.h"

#include <stdlib.h>
#include <string.h>

/* No plug-in gets bytes that are not UTF-8, or a NUL within. */
static const char *text_of(struct arena *arena, struct span s)
{
	const char *text;
	struct buf out;

	buf_init(&out, 3 * s.len);
	charset_append("utf-8", s, &out);
	text = arena_dup(arena, out.data, out.len);
	buf_release(&out);
	return text;
}

static int take_number(const char *text, unsigned *number)
{
	char *end;
	unsigned long n;

	if (*text < '0' || *text > '9' || strlen(text) > 9)
		return -1;
	n = strtoul(text, &end, 10);
	*number = (unsigned)n;
	return *end == '\0' ? 0 : -1;
}

static int take_line(struct about *about, char letter, const char *text)
{
	switch (letter) {
	case 'a':
		about->agent = text;
		return 0;
	case 'f':
		about->sender = text;
		return 0;
	case 't':
		about->recipients[about->n_recipients++] = text;
		return 0;
	case 'c':
		return take_number(text, &about->channels[about->n_channels++]);
	case 'w':
		about->without = text;
		return 0;
	default:
		return -1;
	}
}

static size_t count_lines(struct span lines)
{
	size_t n = 0;

	for (size_t i = 0; i < lines.len; i++)
		n += lines.data[i] == '\n';
	return n;
}

int about_read(struct arena *arena, struct span lines, struct about *about)
{
	const char *p = lines.data, *end = p + lines.len;
	size_t n = count_lines(lines);

	*about = (struct about){.n_recipients = 0};
	about->recipients =
	    arena_alloc(arena, (n + 1) * sizeof(*about->recipients));
	about->channels =
	    arena_alloc(arena, (n + 1) * sizeof(*about->channels));
	while (p < end) {
		const char *lf = memchr(p, '\n', (size_t)(end - p));

		if (lf == NULL || lf - p < 2 || p[1] != ' ' ||
		    memchr(p, '\0', (size_t)(lf - p)) != NULL)
			return -1;
		if (take_line(about, *p,
			text_of(
			    arena, (struct span){p + 2, (size_t)(lf - p - 2)})))
			return -1;
		p = lf + 1;
	}
	return 0;
}
