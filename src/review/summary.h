/*
 * summary: the one mail that stands for many prompts, when there are more than
 * a reviewer is to get notices.  It lists drafts and does not show them; so it
 * cannot be answered.
 *
 * Pure but for random ids; any thread.
 */
#ifndef REVIEW_SUMMARY_H
#define REVIEW_SUMMARY_H

#include <stddef.h>
#include <stdint.h>

#include "hold/hold.h"

#include "config/config.h"

#include "util/arena.h"
#include "util/buf.h"

#define SUMMARY_SHOWN 200 /* drafts listed; the rest is counted */

struct summary {
	const struct config *config;
	const struct config_reviewer *reviewer;
	const char *reply_to;
	size_t n;	 /* prompts that it stands for */
	struct buf rows; /* made by summary_add_row() */
	int64_t at_ms;	 /* wall time */
};

/* Append the row of one draft to the rows. */
void summary_add_row(struct summary *summary, struct arena *arena,
    enum hold_prompt_kind kind, const struct hold_view *view);

/* Write the mail.  Returns its Message-ID, in the arena; NULL: too long. */
const char *summary_write(
    const struct summary *summary, struct arena *arena, struct buf *out);

#endif
