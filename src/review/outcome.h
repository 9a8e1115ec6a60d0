/*
 * outcome: what became of a question, in one or two sentences for those who
 * were asked it and are asked no more.
 *
 * Pure; any thread.
 */
#ifndef REVIEW_OUTCOME_H
#define REVIEW_OUTCOME_H

#include "hold/hold.h"

#include "config/config.h"

#include "util/arena.h"

struct outcome_request {
	const struct config *config;
	/* in whose zone times are told, or NULL */
	const struct config_reviewer *reviewer;
	const struct hold_view *view; /* at the revision that was shown */
};

/*
 * "Approved by anna in slack, Sat 21 Nov 2026, 14:03 +0100 (Europe/Berlin).
 * It has left."  One clean line in the arena; reasons and remarks in it are
 * people's own words.
 */
const char *outcome_text(
    struct arena *arena, const struct outcome_request *request);

#endif
