/*
 * tokens: the words, figures and addresses of a text, each in a form in which
 * equal ones are equal.
 */
#ifndef TOKENS_H
#define TOKENS_H

#include <imprimatur/plugin.h>

#include <stdbool.h>
#include <stddef.h>

/* From what weighs least to what weighs most. */
enum tokens_kind {
	TOKENS_SMALL, /* "the", "of": too short to tell anything */
	TOKENS_WORD,
	TOKENS_NOT,    /* "not", "never" */
	TOKENS_FIGURE, /* a number, a currency */
	TOKENS_URL     /* "host/path", without scheme and query */
};

struct token {
	const char *text; /* in small letters */
	enum tokens_kind kind;
	bool aside; /* an address in <...>, the number of a list's item or of
		     * a note: part of the text or not, as it fits */
};

struct tokens {
	struct token *list;
	size_t n;
};

/*
 * Cut a text, into the report's memory.  What stands in marks of a mail
 * program or of the reader is left out: "[image: x]", "[hidden: x]",
 * "[cid:x]", "<mailto:x>".  With notes, "[1]" is the number of one.
 */
struct tokens tokens_cut(const struct imprimatur_host *host,
    struct imprimatur_report *report, const char *text, size_t size,
    bool notes);

/* Is the text of a figure that of a currency or per cent sign? */
bool tokens_is_money(const char *text);

#endif
