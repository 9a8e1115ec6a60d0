/*
 * text: shapes words for people's eyes: one clean line, wrapped and prefixed
 * lines, HTML, URIs, times and sizes.  What it is given may come from a draft;
 * what it writes has no control or bidi character but LF.
 *
 * All functions are pure; any thread.
 */
#ifndef REVIEW_TEXT_H
#define REVIEW_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/arena.h"
#include "util/buf.h"

#define TEXT_COLUMNS   66 /* of a line that we write, its prefix included */
#define TEXT_SIZE_SIZE 24

/*
 * Read one code point from the front of s, which is not empty: its bytes (at
 * least 1).  What is no UTF-8, or must not be shown, is U+FFFD.
 */
size_t text_point(struct span s, uint32_t *point);

/* Columns that a string takes. */
size_t text_columns(const char *s);

/*
 * Cut the next line off the front of rest; its CR and LF are left out.  False
 * at the end.
 */
bool text_next_line(struct span *rest, struct span *line);

/* s without blanks and tabs around it. */
struct span text_trim(struct span s);

/*
 * s as one line of at most so many columns; cut with "..." as one sign
 * (U+2026).  Line ends and tabs become spaces.  Lives in the arena.
 */
const char *text_line(struct arena *arena, struct span s, size_t columns);

/* The span of a string; of "" for NULL. */
struct span text_span(const char *s);

/*
 * Append one line of a text, broken so that prefix and words stay within
 * TEXT_COLUMNS columns; every line that comes of it begins with the prefix.
 */
void text_add_wrapped(struct buf *out, const char *prefix, struct span line);

/*
 * Append a whole text so.  Six and more empty lines in a row are replaced by
 * a line of ours, without prefix, that says how many they were.
 */
void text_add_all(struct buf *out, const char *prefix, struct span text);

/*
 * How many of the lines at the front of rest are empty, when they are so many
 * (six) that they are to be counted and not shown; they are dropped then.
 * Otherwise 0, and nothing is dropped.
 */
size_t text_skip_empty(struct span *rest);

/* Append a text with HTML's five special characters escaped. */
void text_add_html(struct buf *out, struct span text);
void text_add_html_str(struct buf *out, const char *s);

/* Append bytes for a URI: all but unreserved characters (RFC 3986 2.3)
 * as %XX. */
void text_add_uri(struct buf *out, struct span s);

/* "812 bytes", "34 KB", "1.2 MB"; returns out. */
const char *text_size(uint64_t bytes, char out[TEXT_SIZE_SIZE]);

#endif
