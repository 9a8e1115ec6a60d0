/*
 * note: keeps the list of findings short enough to be read.
 */
#include "check/reader/note.h"

#include "check/reader/charset.h"
#include "check/reader/visible.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static size_t count(const struct reading *reading, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < reading->n_findings; i++)
		n += strcmp(reading->findings[i].name, name) == 0;
	return n;
}

static bool known(
    const struct reading *reading, const char *name, const char *detail)
{
	for (size_t i = 0; i < reading->n_findings; i++)
		if (strcmp(reading->findings[i].name, name) == 0 &&
		    strcmp(reading->findings[i].detail, detail) == 0)
			return true;
	return false;
}

/* The heaviest weight that a name has stays with its last finding. */
static void say_more(
    struct reading *reading, enum finding_weight weight, const char *name)
{
	for (size_t i = reading->n_findings; i-- > 0;) {
		struct finding *last = &reading->findings[i];

		if (strcmp(last->name, name) != 0)
			continue;
		last->detail = "and more of these";
		if (weight > last->weight)
			last->weight = weight;
		return;
	}
}

/* Where a cut character begins, so that half of one is not kept. */
static void cut_cleanly(char *s)
{
	size_t len = strlen(s), from = len;

	while (from > 0 && ((unsigned char)s[from - 1] & 0xc0) == 0x80)
		from--;
	if (from > 0 && ((unsigned char)s[from - 1] & 0x80) != 0 &&
	    charset_utf8(s + from - 1, s + len) == 0)
		s[from - 1] = '\0';
}

void note_add(struct reading *reading, enum finding_weight weight,
    const char *name, const char *fmt, ...)
{
	char detail[300];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	cut_cleanly(detail);
	for (char *p = detail; *p != '\0'; p++)
		if (*p == '\n' || *p == '\t')
			*p = ' ';
	if (known(reading, name, detail))
		return;
	if (count(reading, name) < NOTE_SAME_MAX)
		reading_add_finding(reading, weight, name, detail);
	else
		say_more(reading, weight, name);
}

static void note_direction(
    struct reading *reading, unsigned odd, const char *where)
{
	if ((odd & VISIBLE_BIDI) != 0)
		note_add(reading, FINDING_CAUTION, "bidi",
		    "%s has characters that turn the direction of writing",
		    where);
	if ((odd & VISIBLE_INVISIBLE) != 0)
		note_add(reading, FINDING_CAUTION, "invisible-characters",
		    "%s has characters that nobody sees", where);
}

void note_header_characters(
    struct reading *reading, unsigned odd, const char *where)
{
	if ((odd & VISIBLE_LINES) != 0)
		note_add(reading, FINDING_TRIPWIRE,
		    "control-characters-in-header",
		    "%s has an encoded line end", where);
	else if ((odd & VISIBLE_CONTROL) != 0)
		note_add(reading, FINDING_CAUTION,
		    "control-characters-in-header", "%s has control characters",
		    where);
	note_direction(reading, odd, where);
}

void note_body_characters(
    struct reading *reading, unsigned odd, const char *where)
{
	if ((odd & VISIBLE_CONTROL) != 0)
		note_add(reading, FINDING_CAUTION, "control-characters",
		    "%s has control characters", where);
	note_direction(reading, odd, where);
}
