/*
 * bundle: a digest, the mail that asks one reviewer about many drafts: what is
 * in it, then each item whole, known by its number.  What somebody else has
 * decided meanwhile stands below, in a line or two.
 *
 * An item that fits into no digest is shown as far as it does, and is cut: who
 * answers cannot approve it.  Its form is bundle_html.c's.  One thread.
 */
#ifndef REVIEW_BUNDLE_H
#define REVIEW_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hold/hold.h"
#include "review/card.h"

#include "config/config.h"

#include "util/arena.h"
#include "util/buf.h"

#define BUNDLE_TOLD_MAX	 200 /* what is only told, in one mail */
#define BUNDLE_ITEMS_MAX (CONFIG_DIGEST_ITEMS + BUNDLE_TOLD_MAX)

/* A part of the mail in both forms. */
struct bundle_part {
	struct buf text, html;
};

struct bundle {
	/* of the caller, alive until it is written */
	const struct config *config;
	const struct config_reviewer *reviewer;
	const char *reply_to;
	int64_t at_ms;	   /* wall time */
	bool because_many; /* there were too many notices in this hour */

	/* own */
	size_t n_asked, n_told; /* asked come first */
	struct hold_notice_item items[BUNDLE_ITEMS_MAX];
	unsigned open; /* the first that can be let go by answering, or 0 */
	size_t n_low;
	unsigned low[CONFIG_DIGEST_ITEMS]; /* numbers that "all" means */
	struct bundle_part list, whole, told;
};

/* Make it ready for the first digest; bundle_release() it. */
void bundle_init(struct bundle *bundle);
void bundle_release(struct bundle *bundle);

/* Forget what was added; the caller's members stay. */
void bundle_clear(struct bundle *bundle);

/* May a prompt of that kind be added?  What is only told comes last. */
bool bundle_has_room(const struct bundle *bundle, enum hold_prompt_kind kind);

/* Add it as the next item.  False: this one is for another mail. */
bool bundle_add(struct bundle *bundle, const struct hold_due_prompt *prompt,
    const struct hold_view *view);

/* What is added, by the number of items. */
size_t bundle_n(const struct bundle *bundle);

/*
 * Write the mail.  Its Message-ID, in the arena; NULL when it would not fit
 * into out.
 */
const char *bundle_write(
    const struct bundle *bundle, struct arena *arena, struct buf *out);

#endif
