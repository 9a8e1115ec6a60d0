/*
 * orders: what a person may write in answer to a mail that shows many drafts:
 * lines that say which of them, and then a command.
 *
 *     1 approve               3-5, 8 drop wrong-price
 *     2 approve k7q4rm        all approve
 *     6 edit                  and the new text below it
 *
 * The commands begin in the first line and end before the first one that is
 * none; empty lines may stand between.  All of them are read before anything
 * is done, and one mistake undoes all: a number that the mail does not have, a
 * draft that is told two things, a line that begins like a command for a draft
 * and is none, other words directly below a command or that begin with a
 * proviso (proviso.h), a command below other or quoted words.  An edit is the
 * last one, because its text has no end.
 *
 * "all" means the drafts that are marked low, less those that have a line of
 * their own.  Pure; any thread.
 */
#ifndef REVIEW_ORDERS_H
#define REVIEW_ORDERS_H

#include <stdbool.h>
#include <stddef.h>

#include "review/grammar.h"

#include "util/arena.h"

/* One draft of the mail; numbers rise and may have gaps. */
struct orders_item {
	unsigned number;
	bool low; /* "all" means it too */
};

struct orders_request {
	struct span text;  /* the person's own words, LF between lines */
	struct span below; /* theirs too, but between or below quoted ones */
	size_t n_items;
	const struct orders_item *items;
	const struct grammar_words *words;
};

struct order {
	size_t item;	  /* index into the request's items */
	unsigned line;	  /* where it stands, from 1, as the text has them */
	bool all;	  /* it has no line of its own */
	struct span said; /* that line, trimmed */
	struct grammar_command command;
};

struct orders {
	size_t n; /* by item; 0 when there is a fault */
	struct order *list;
	struct span text; /* below an edit, to the end */

	bool tried; /* some line begins like a command for a draft */

	/* nothing is to be done, and why, for the person; or NULL */
	const char *fault;
	unsigned line;	  /* where */
	struct span said; /* that line, trimmed */
};

/* Read an answer; what is returned lives in the arena and in the text. */
void orders_read(const struct orders_request *request, struct arena *arena,
    struct orders *orders);

#endif
