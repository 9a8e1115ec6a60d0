/*
 * say: paragraphs, quotes and tables.  What they say is left to receipt.c and
 * tally.c.
 */
#include "review/say.h"

#include "review/facts.h"
#include "review/text.h"

#include "config/calendar.h"

#include <stdarg.h>
#include <stdio.h>

#define QUOTE_COLUMNS 300
#define PARAGRAPH_MAX 600
#define INDENT	      "   "

void say_text(struct writer *w, const char *fmt, ...)
{
	char line[PARAGRAPH_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	text_add_wrapped(w->out, "", text_span(line));
	buf_add_char(w->out, '\n');
}

void say_inner(struct writer *w, const char *fmt, ...)
{
	char line[PARAGRAPH_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	text_add_wrapped(w->out, INDENT, text_span(line));
}

void say_lead(struct writer *w, const char *line)
{
	text_add_wrapped(w->out, "", text_span(line));
}

void say_quote(struct writer *w, const char *words)
{
	text_add_wrapped(w->out, "| ",
	    text_span(text_line(w->arena, text_span(words), QUOTE_COLUMNS)));
	buf_add_char(w->out, '\n');
}

void say_quote_inner(struct writer *w, const char *words)
{
	text_add_wrapped(w->out, INDENT "| ",
	    text_span(text_line(w->arena, text_span(words), QUOTE_COLUMNS)));
}

void say_row(struct writer *w, const char *command, const char *meaning)
{
	buf_addf(w->out, "  %-16s %s\n", command, meaning);
}

const char *say_time(const struct writer *w, int64_t wall_ms)
{
	char when[CALENDAR_TEXT_SIZE];

	return arena_strdup(w->arena,
	    calendar_text(
		facts_calendar(w->r->reviewer, w->r->channel), wall_ms, when));
}
