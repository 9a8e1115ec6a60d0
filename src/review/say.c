/*
 * say: paragraphs, quotes and tables.  What they say is left to receipt.c and
 * tally.c.
 */
#include "review/say.h"

#include "review/text.h"

#include "util/clock.h"

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

void say_once(struct writer *w)
{
	char span[CLOCK_ISO_SIZE];

	if (w->r->config->review.help_s > 0)
		say_text(w,
		    "If more answers cannot be read, you will hear of them "
		    "again after %s.",
		    clock_span(
			(int64_t)w->r->config->review.help_s * 1000, span));
}

void say_lower(struct writer *w)
{
	if (w->r->lower)
		say_text(w,
		    "Below it there is a command, but a command comes first. "
		    "If you did not write that first line, a mail gateway put "
		    "it there: tell your admin, who can make it known "
		    "(review.banners in imprimatur.conf(5)), and decide on the "
		    "command line meanwhile.");
}
