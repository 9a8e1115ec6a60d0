/*
 * card: what a notice says, before it becomes text or HTML: the question, the
 * answers that may be given, the facts, what changed, the draft.
 *
 * Pure; any thread.
 */
#ifndef REVIEW_CARD_H
#define REVIEW_CARD_H

#include <stdbool.h>
#include <stddef.h>

#include "hold/hold.h"
#include "review/diff.h"
#include "review/facts.h"

#include "util/arena.h"

#define CARD_ANSWERS_MAX 8
#define CARD_WHY_MAX	 5

/* One way to answer. */
struct card_answer {
	const char *command; /* as it is to be written */
	const char *meaning; /* what happens then */
	const char *button;  /* label; NULL: no button */
	bool lets_go;	     /* mail leaves: the button is green */
};

struct card {
	const char *question;	       /* ends "Imprimatur asks you..." */
	const char *why[CARD_WHY_MAX]; /* paragraphs; NULL: no more */
	const char *warning; /* before all that is the draft's, or NULL */
	size_t n_answers;
	struct card_answer answers[CARD_ANSWERS_MAX];
	/* the channel's error categories, for the answer that takes a reason;
	 * NULL: none */
	const char *const *reasons;
	const char *reason_command; /* "drop" */
	bool wants_words;	    /* a button's answer lacks the reason */
	const struct facts *facts;
	const char *diff_title;	 /* NULL: there is nothing to compare */
	const struct diff *diff; /* NULL: the title says why */
	const char *draft_title; /* NULL: the text is not shown */
	bool cut; /* asks for a decision, but does not show all of it */
	struct span draft;
	const char *last; /* the line below everything */
};

/*
 * Fill a card for a prompt of that kind about a view.  All in the arena or in
 * the view.
 */
struct card_request {
	enum hold_prompt_kind kind;
	const struct hold_view *view;
	const struct config *config;
	const struct config_reviewer *reviewer; /* who reads it */
	int64_t now_ms;
	size_t text_most; /* bytes of the draft's text; 0: all of it */
};
void card_make(
    struct arena *arena, const struct card_request *request, struct card *card);

/*
 * Does it ask for a decision about more than a notice can show?  Then nobody
 * approves it by answering.  text_most: as in card_request.
 */
bool card_is_cut(
    enum hold_prompt_kind kind, const struct hold_view *view, size_t text_most);

/*
 * What an edit changed, or the draft that took another's place: the title, and
 * the difference or NULL when the title says why there is none.  cut: the text
 * is shown in part.  NULL: there is nothing to compare.
 */
const char *card_changes(struct arena *arena, const struct hold_view *view,
    bool cut, const struct diff **diff);

/* The decision that made a draft what it is, or NULL: no person did. */
const struct hold_decision *card_cause(const struct hold_view *view);

#endif
