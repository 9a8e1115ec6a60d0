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

#include "config/config.h"

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

/* What facts are made of. */
struct facts_request {
	const struct hold_view *view; /* only read */
	const struct config *config;  /* for its channel */
	/* who reads them, whose zone their times are in; or NULL */
	const struct config_reviewer *reviewer;
	int64_t now_ms;
	size_t recipients_max; /* in the first fact; 0: all */
};

/*
 * The facts of a draft, in order: who gets it, from whom, what, how grave it
 * is, by when and by whom it is to be decided, why it is held, findings, the
 * agent's context, attachments, size, history, revision and code.
 * Everything lives in the arena.
 */
const struct facts *facts_make(
    struct arena *arena, const struct facts_request *request);

/* Of a draft that is only spoken of: who gets it, what, code. */
const struct facts *facts_brief(
    struct arena *arena, const struct hold_view *view);

/* Append them as text: no line begins with a draft's words. */
void facts_add_text(struct buf *out, const struct facts *facts);

/* What somebody did, as a verb: "approved", "dropped" ... */
const char *facts_did(enum hold_verb verb);

/* Where they did: "in team" (a chat), "by mail", "on the command line".  config
 * may be NULL: no chat is known. */
const char *facts_where(
    struct arena *arena, const struct config *config, const char *medium);

/* The calendar in whose zone that person reads that channel's times. */
const struct calendar *facts_calendar(
    const struct config_reviewer *reviewer, const struct channel *channel);

/* How many mails the ledger found that the other side wrote since the draft was
 * made. */
size_t facts_overtaken(const struct hold_view *view);

/* Who approved this revision so far: "anna, bob"; NULL: nobody. */
const char *facts_approvers(struct arena *arena, const struct hold_view *view);

#endif
