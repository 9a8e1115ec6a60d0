/*
 * placeholders_look: whether a placeholder stands at one place of a text. Every
 * look is at most PLACEHOLDERS_SPAN bytes ahead, or a few times that for
 * phrases: no text costs more than its length.
 */
#ifndef PLACEHOLDERS_LOOK_H
#define PLACEHOLDERS_LOOK_H

#include <stdbool.h>
#include <stddef.h>

#define PLACEHOLDERS_SPAN 80 /* the longest placeholder, in bytes */

struct placeholders_look {
	const char *text;
	size_t size;
	bool code; /* mails about programs: braces are ordinary */
	bool tag;  /* between < and > of HTML */
	bool open; /* a fence of code that is not closed was seen */
};

/* Bytes of the placeholder that begins with the sign at at, or 0. */
size_t placeholders_sign(const struct placeholders_look *look, size_t at);

/* Likewise with a letter, the first of its word; line: of its line, too. */
size_t placeholders_word(
    const struct placeholders_look *look, size_t at, bool line);

/* Bytes of the code in backticks that begins at at, when code; or 0. */
size_t placeholders_code(struct placeholders_look *look, size_t at);

/* Whether a byte belongs to a word: any that is not ASCII does. */
bool placeholders_is_part(char c);
bool placeholders_is_letter(char c);

#endif
