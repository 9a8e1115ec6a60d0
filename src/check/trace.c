/*
 * trace: lines for people, and text that is cut to fit.  What they say is left
 * to judge.c and fit.c.
 */
#include "check/trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LINE_MAX_BYTES 640
#define LAST_BYTES     (2 * LINE_MAX_BYTES) /* "cut", and the last line */

static void __attribute__((format(printf, 3, 0)))
write_v(char *out, size_t size, const char *fmt, va_list ap)
{
	size_t end = size - 1;
	int n = vsnprintf(out, size, fmt, ap);

	if (n < 0)
		end = 0;
	else if ((size_t)n < size)
		return;
	if (end > 0 && (unsigned char)out[end - 1] >= 0x80) {
		while (end > 0 && ((unsigned char)out[end - 1] & 0xc0) == 0x80)
			end--;
		if (end > 0)
			end--;
	}
	out[end] = '\0';
}

void trace_write(char *out, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_v(out, size, fmt, ap);
	va_end(ap);
}

void trace_init(struct trace *trace, size_t max_bytes)
{
	buf_init(&trace->text, max_bytes);
	trace->room = max_bytes > LAST_BYTES ? max_bytes - LAST_BYTES : 0;
	trace->cut = false;
}

void trace_release(struct trace *trace)
{
	buf_release(&trace->text);
}

static void add(struct trace *trace, char *line)
{
	char *c;

	for (c = line; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = ' ';
	if (trace->text.len > 0)
		buf_add_char(&trace->text, '\n');
	buf_add_str(&trace->text, line);
}

void trace_line(struct trace *trace, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES], cut[] = "(more was said than is kept here)";
	va_list ap;

	if (trace->cut)
		return;
	va_start(ap, fmt);
	write_v(line, sizeof(line), fmt, ap);
	va_end(ap);
	trace->cut = trace->text.len + strlen(line) + 1 > trace->room;
	add(trace, trace->cut ? cut : line);
}

void trace_end(struct trace *trace, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	va_list ap;

	va_start(ap, fmt);
	write_v(line, sizeof(line), fmt, ap);
	va_end(ap);
	add(trace, line);
}
