/*
 * say: paragraphs, quotes and tables.  What they say is left to receipt.c and
 * tally.c.
 */
#include "review/say.h"

#include "review/facts.h"
#include "review/html.h"
#include "review/text.h"

#include "config/calendar.h"

#include "util/clock.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define QUOTE_COLUMNS 300
#define PARAGRAPH_MAX 600
#define INDENT	      "   "
#define QUOTE_STYLE                                                            \
	"margin:0 0 12px;padding:6px 10px;border-left:4px solid #8a8a8a;"      \
	"background:rgba(128,128,128,.13);overflow-wrap:anywhere;"             \
	"word-break:break-word"

/* A block of HTML. */
static void add_html(
    struct writer *w, const char *tag, const char *style, const char *words)
{
	if (w->html == NULL)
		return;
	buf_addf(w->html, "<%s style=\"" HTML_INSIDE ";%s\">", tag, style);
	text_add_html_str(w->html, words);
	buf_addf(w->html, "</%s>\n", tag);
}

void say_text(struct writer *w, const char *fmt, ...)
{
	char line[PARAGRAPH_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	text_add_wrapped(w->out, "", text_span(line));
	buf_add_char(w->out, '\n');
	add_html(w, "p", "margin:0 0 12px", line);
}

void say_inner(struct writer *w, const char *fmt, ...)
{
	char line[PARAGRAPH_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	text_add_wrapped(w->out, INDENT, text_span(line));
	add_html(w, "div", "margin:0 0 4px", line);
}

void say_lead(struct writer *w, const char *line)
{
	text_add_wrapped(w->out, "", text_span(line));
	add_html(w, "p", "margin:0 0 4px", line);
}

static void add_quote(struct writer *w, const char *words, const char *prefix)
{
	words = text_line(w->arena, text_span(words), QUOTE_COLUMNS);
	text_add_wrapped(w->out, prefix, text_span(words));
	add_html(w, "div", QUOTE_STYLE, words);
}

void say_quote(struct writer *w, const char *words)
{
	add_quote(w, words, "| ");
	buf_add_char(w->out, '\n');
}

void say_quote_inner(struct writer *w, const char *words)
{
	add_quote(w, words, INDENT "| ");
}

void say_item(struct writer *w, unsigned n, int64_t draft)
{
	const char *line =
	    arena_printf(w->arena, "%u. draft %" PRId64, n, draft);

	buf_addf(w->out, "%s\n", line);
	add_html(w, "p", "margin:16px 0 4px;font-weight:bold", line);
}

void say_sample(struct writer *w, const char *lines)
{
	struct span rest = text_span(lines), line;

	while (text_next_line(&rest, &line))
		buf_addf(w->out, "  %.*s\n", (int)line.len, line.data);
	buf_add_char(w->out, '\n');
	add_html(w, "div", QUOTE_STYLE ";white-space:pre-line", lines);
}

void say_gap(struct writer *w)
{
	buf_add_char(w->out, '\n');
	add_html(w, "div", "height:10px", "");
}

void say_row(struct writer *w, const char *command, const char *meaning)
{
	buf_addf(w->out, "  %-16s %s\n", command, meaning);
	if (w->html == NULL)
		return;
	buf_add_str(w->html, "<div style=\"margin:0 0 6px\"><span "
			     "style=\"font-family:" HTML_MONO "\">");
	text_add_html_str(w->html, command);
	buf_add_str(w->html, "</span> &ndash; ");
	text_add_html_str(w->html, meaning);
	buf_add_str(w->html, "</div>\n");
}

const char *say_time(const struct writer *w, int64_t wall_ms)
{
	char when[CALENDAR_TEXT_SIZE];

	return arena_strdup(w->arena,
	    calendar_text(
		facts_calendar(w->r->reviewer, w->r->channel), wall_ms, when));
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
