/*
 * facts: what there is to know of a draft before its text, as one ordered list
 * of labels and lines.  The notice and "imprimatur show" both print this list,
 * so that nobody ever sees another order or another wording.
 *
 * Pure functions; any thread.
 */
#ifndef REVIEW_FACTS_H
#define REVIEW_FACTS_H

#include <stdbool.h>
#include <stddef.h>

#include "hold/hold.h"

#include "util/arena.h"
#include "util/buf.h"

struct fact_line {
	const char *text; /* one clean line */
	bool warn;	  /* to be marked: look here */
};

struct fact {
	const char *label; /* "Goes to" */
	size_t n_lines;	   /* at least 1 */
	struct fact_line *lines;
};

struct facts {
	size_t n;
	const struct fact *list;
	/* Lines for recipients that did not fit into the fact. */
	size_t n_left;
	const struct fact_line *left;
};

/*
 * The facts of a draft, in order: who gets it, from whom, what, why it is
 * held, the agent's context, findings, attachments, size, history, revision
 * and code.  At most recipients_max recipients stand in the first fact (0:
 * all of them).  Everything lives in the arena; the view is only read.
 */
const struct facts *facts_make(
    struct arena *arena, const struct hold_view *view, size_t recipients_max);

/* Of a draft that is only spoken of: who gets it, what, code. */
const struct facts *facts_brief(
    struct arena *arena, const struct hold_view *view);

/* Append them as text: no line begins with a draft's words. */
void facts_add_text(struct buf *out, const struct facts *facts);

/* What somebody did, as a verb: "approved", "dropped" ... */
const char *facts_did(enum hold_verb verb);

#endif
