/*
 * grammar: what a person may write in the first line of an answer.
 *
 *     approve [code] [because <reason>] | a           edit
 *     drop [reason] | d       claim                   undo
 *     ask <question>          delegate <reviewer>     help
 *     fine                    wrong [reason]
 *
 * The whole line must be a command, or it is none: no word is searched for.
 * Verbs are ASCII, in either case; words are parted by blanks or tabs.  A code
 * is exactly six characters of base32.  Pure; any thread.
 */
#ifndef REVIEW_GRAMMAR_H
#define REVIEW_GRAMMAR_H

#include <stddef.h>

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
	GRAMMAR_HELP
};

struct grammar_command {
	enum grammar_verb verb;
	/* code, reason, question or name; points into the line; len 0: none */
	struct span rest;
	struct span because; /* the reason of an approval; likewise */
};

/* Read a line (without its end).  Always fills command. */
void grammar_read(struct span line, struct grammar_command *command);

#endif
