/*
 * say: the ways in which the text of a receipt is put together, so that words
 * which are not ours always stand behind a bar.
 *
 * Pure; any thread.
 */
#ifndef REVIEW_SAY_H
#define REVIEW_SAY_H

#include "review/receipt.h"

#include "util/arena.h"
#include "util/buf.h"

/* A receipt on its way. */
struct writer {
	const struct receipt *r;
	struct arena *arena;
	struct buf *out;
	struct buf *html; /* the same as HTML; NULL: only text is wanted */
};

/* Append a paragraph; somebody else's words never go through here. */
void say_text(struct writer *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The same, indented, and without an empty line below. */
void say_inner(struct writer *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Append a line that what follows belongs to. */
void say_lead(struct writer *w, const char *line);

/* Append somebody's words, prefixed; say_quote_inner as say_inner. */
void say_quote(struct writer *w, const char *words);
void say_quote_inner(struct writer *w, const char *words);

/* A time in the reader's zone, as notices have it; lives in the arena. */
const char *say_time(const struct writer *w, int64_t wall_ms);

/* Append the heading of one draft of several. */
void say_item(struct writer *w, unsigned n, int64_t draft);

/* Append lines that are to be written so, indented by two. */
void say_sample(struct writer *w, const char *lines);

/* Append an empty line below a table or what was indented. */
void say_gap(struct writer *w);

/* For mail that may be one of many alike: when more is heard. */
void say_once(struct writer *w);

/* What to do when a gateway put a line above the person's command. */
void say_lower(struct writer *w);

/* Append a line of a table. */
void say_row(struct writer *w, const char *command, const char *meaning);

#endif
