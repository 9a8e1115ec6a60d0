/*
 * grammar: what a person may write in the first line of an answer.
 *
 *     approve [code] [because <reason>] | a           edit
 *     drop [reason] | d       claim                   undo
 *     ask <question>          delegate <reviewer>     help
 *     fine                    wrong [reason]
 *     revise [remark] | r     snooze <30m, 2h, 3d>
 *
 * The whole line must be a command, or it is none: no word is searched for.
 * Verbs are ASCII, in either case; a house may add words of its own for them.
 * Words are parted by blanks or tabs.  A code is exactly six characters of
 * base32.  Pure; any thread.
 */
#ifndef REVIEW_GRAMMAR_H
#define REVIEW_GRAMMAR_H

#include <stddef.h>

#include "config/word.h"

#include "util/buf.h"

#define GRAMMAR_CODE_LENGTH 6

enum grammar_verb {
	GRAMMAR_NONE, /* no command */
	GRAMMAR_APPROVE,
	GRAMMAR_DROP,
	GRAMMAR_EDIT,
	GRAMMAR_ASK,
	GRAMMAR_UNDO,
	GRAMMAR_CLAIM,
	GRAMMAR_DELEGATE,
	GRAMMAR_FINE,
	GRAMMAR_WRONG,
	GRAMMAR_REVISE,
	GRAMMAR_SNOOZE,
	GRAMMAR_HELP
};

struct grammar_command {
	enum grammar_verb verb;
	/* code, reason, remark, question or name; points into the line;
	 * len 0: none */
	struct span rest;
	struct span because; /* the reason of an approval; likewise */
	unsigned span_s;     /* of a snooze: seconds, never 0 */
};

/* The words that a house added; n 0: none. */
struct grammar_words {
	size_t n;
	const struct config_word *list;
};

/* Read a line (without its end).  Always fills command. */
void grammar_read(struct span line, struct grammar_command *command);

/* The same, where a house has words of its own. */
void grammar_read_with(const struct grammar_words *words, struct span line,
    struct grammar_command *command);

/* "30m", "2h", "3d" as seconds; 0: it is none of these. */
unsigned grammar_span(struct span s);

#endif
