/*
 * talk: where people also write to each other, is a line meant for us?  Nobody
 * decides by talking: what is a command in mail, where every line is for us, is
 * none here if it could be said to a colleague.
 *
 * Pure; any thread.
 */
#ifndef REVIEW_TALK_H
#define REVIEW_TALK_H

#include <stdbool.h>

#include "review/grammar.h"

#include "util/arena.h"

enum talk {
	TALK_COMMAND, /* it is a command, or is wrong as one */
	TALK_HINT,    /* it is none, but whoever wrote it may think so */
	TALK_OTHERS   /* it is not for us */
};

struct talk_request {
	struct span line; /* the first that they wrote */
	const struct grammar_words *words;
	bool numbered; /* drafts are told apart by numbers in front */
	bool after;    /* it may be asked whether a mail was right to leave */
};

/* hint: what they may do, for TALK_HINT; in the arena.  Else NULL. */
enum talk talk_read(
    struct arena *arena, const struct talk_request *request, const char **hint);

#endif
