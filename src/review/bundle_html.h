/*
 * bundle_html: a digest as HTML, which a phone shows well: what is in it, and
 * each item with its buttons.  What is said is bundle.c's.  Pure; any thread.
 */
#ifndef REVIEW_BUNDLE_HTML_H
#define REVIEW_BUNDLE_HTML_H

#include "review/bundle.h"
#include "review/html.h"

/* A line of what is in it. */
struct bundle_row {
	unsigned n;
	bool whole;	   /* it stands below, too */
	const char *grave; /* "high", "low", or NULL */
	bool warn;	   /* it is more than usual */
	const char *asked; /* "may it leave?" */
	size_t n_lines;
	const char *lines[5];
	const char *warning; /* or NULL */
};

/* How to answer, as the text says it too. */
struct bundle_help {
	const char *question;
	size_t n_before; /* paragraphs before the ways to answer */
	const char *before[3];
	size_t n_answers;
	struct card_answer answers[6];
	const char *after;	/* or NULL */
	const char *all_button; /* "Approve 2 and 5", or NULL */
};

/* Append a line of the list; n: of the item, by which the list links to it. */
void bundle_html_row(struct buf *out, const struct bundle_row *row);

/* Append an item, whole, with its buttons; its card's commands have no code. */
void bundle_html_item(struct buf *out, unsigned n, const struct card *card,
    const struct html_target *target);

/* The whole document. */
void bundle_html(struct buf *out, const struct bundle *bundle,
    const struct bundle_help *help, const struct html_target *target);

#endif
