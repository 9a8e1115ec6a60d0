/*
 * shown: what a medium is to show, as its own words and as a card: the same
 * facts in the same order as in the mail.
 *
 * Pure; any thread.
 */
#ifndef REVIEW_SHOWN_H
#define REVIEW_SHOWN_H

#include "review/review.h"

struct shown_request {
	const struct config *config;
	const char *medium;
	const struct config_chat *chat; /* that medium; NULL: a program */
	const struct hold_untold_row *row;
	const struct hold_view *view;
	int64_t notice;
	const char *reply_to; /* the notice's token address */
};

/* Fill it; all in the arena or in the request.  -1: it would be too long. */
int shown_make(struct arena *arena, const struct shown_request *request,
    struct review_shown *out);

#endif
