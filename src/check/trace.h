/*
 * trace: what each rule said, as lines for people; and text that is cut to fit.
 */
#ifndef CHECK_TRACE_H
#define CHECK_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include "util/buf.h"

struct trace {
	struct buf text;
	size_t room; /* for lines that are not the last */
	bool cut;
};

/* An empty trace of at most so many bytes, the last line included. */
void trace_init(struct trace *trace, size_t max_bytes);
void trace_release(struct trace *trace);

/*
 * Add one line; control characters become blanks.  What does not fit is left
 * out, and the trace says so once.
 */
void trace_line(struct trace *trace, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The last line, for which there is always room. */
void trace_end(struct trace *trace, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Format; what does not fit is cut, never within a UTF-8 character. */
void trace_write(char *out, size_t size, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
