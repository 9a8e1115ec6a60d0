/*
 * reason: a channel's error categories in what people write: "wrong-price it
 * was 80" is the category and words of one's own.
 *
 * Pure; any thread.
 */
#ifndef REVIEW_REASON_H
#define REVIEW_REASON_H

#include "config/channel.h"

#include "util/arena.h"
#include "util/buf.h"

struct reason {
	const char *category; /* the channel's own spelling, or NULL */
	const char *meant;    /* no category, but nearly this one; or NULL */
	struct span words;    /* what follows the category, or all */
};

/* Read the words of a reason.  channel NULL: it has no categories. */
struct reason reason_read(
    struct arena *arena, const struct channel *channel, struct span words);

/* "wrong-price: it is 80 EUR", for people; NULL when there is neither. */
const char *reason_text(struct arena *arena, const struct reason *reason);

/* "wrong-price, tone"; NULL when the channel has none. */
const char *reason_list(struct arena *arena, const struct channel *channel);

#endif
