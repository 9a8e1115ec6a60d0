/*
 * chosen: the part of a mail in which a person reads or writes, and its text.
 */
#ifndef CHECK_READER_CHOSEN_H
#define CHECK_READER_CHOSEN_H

#include <stdbool.h>

#include "check/reader/mime.h"

#include "reading.h"

#define CHOSEN_INPUT_MAX READING_TEXT_MAX /* bytes of a text, decoded */

/*
 * The leaf that a mail program shows first: the first text/plain or text/html
 * that is no attachment and in no inner message, the plain one of a
 * multipart/alternative.  Its index, or -1.
 */
int chosen_first(const struct mime *mime);

/* The nearest multipart/alternative around a node, or -1. */
int chosen_alternative(const struct mime *mime, int node);

/* Does the node stand inside the other, at whatever depth? */
bool chosen_within(const struct mime *mime, int node, int outer);

/* Is it inside a message that the mail carries? */
bool chosen_inner(const struct mime *mime, int node);

/* Is it shown as text?  text/plain or text/html, no attachment. */
bool chosen_is_text(const struct mime_node *node);

/*
 * A text leaf as UTF-8 with LF between lines, format=flowed joined, HTML as
 * plain text.  cut: it is longer than CHOSEN_INPUT_MAX; the rest is left out.
 */
struct chosen_text {
	struct span text; /* in the mime's arena */
	bool cut;
};
struct chosen_text chosen_read(
    const struct mime *mime, const struct mime_node *node);

/* The same of a person's answer: what HTML quotes begins with "> ". */
struct chosen_text chosen_answer(
    const struct mime *mime, const struct mime_node *node);

/*
 * The HTML that a mail program shows in the place of a plain text of a
 * multipart/alternative.  Its index, or -1.
 */
int chosen_html_twin(const struct mime *mime, int plain);

#endif
