/*
 * fit: does a condition of a rule fit?  And words for why, or why not.
 *
 * What cannot be known may fit: a search that hit a limit, a currency without
 * a rate, a confidence that may not be believed, the inside of a mail that
 * could not be read.
 */
#ifndef CHECK_FIT_H
#define CHECK_FIT_H

#include <stdbool.h>
#include <stddef.h>

#include "check/judge.h"
#include "config/channel.h"

#define FIT_WHY 320 /* bytes of the words */

enum fit { FIT_NOT, FIT_MAYBE, FIT_YES };

struct fit_view {
	const struct judge_facts *facts;
	const struct channel *channel; /* that is judged, or NULL */
	/*
	 * A pass rule needs all recipients, authors and attachments to fit,
	 * and all values of a finding; other rules need one.  Inside NONE it
	 * is the other way round.
	 */
	bool all;
};

/* why: at least FIT_WHY bytes; is always filled. */
enum fit fit_condition(
    const struct condition *condition, const struct fit_view *view, char *why);

/* Is this field of the agent's context there?  name: "why", "case" ... */
bool fit_has_context(const struct reading_context *context, const char *name);

#endif
