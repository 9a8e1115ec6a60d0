/*
 * notice: the mail that asks one reviewer about one draft: text and HTML, its
 * header exactly ours whatever the draft says.
 *
 * The text begins with "Imprimatur asks you", where readers of answers cut
 * what was quoted; every line of the draft begins with "| ".  Pure but for
 * random ids; any thread.
 */
#ifndef REVIEW_NOTICE_H
#define REVIEW_NOTICE_H

#include <stdint.h>

#include "hold/hold.h"
#include "review/card.h"

#include "config/config.h"

#include "util/arena.h"
#include "util/buf.h"

struct notice {
	const struct config *config;
	const struct config_reviewer *reviewer;
	enum hold_prompt_kind kind;
	const struct hold_view *view;
	const char *reply_to; /* the token address; NULL: not by mail */
	/* Message-ID of the first mail about it to this reviewer, or NULL */
	const char *first_id;
	int64_t at_ms; /* wall time */
};

/*
 * Write the mail.  Returns its Message-ID, in the arena, or NULL when it would
 * not fit into out.
 */
const char *notice_write(
    const struct notice *notice, struct arena *arena, struct buf *out);

/*
 * The same for a program that is a medium: subject and plain text alone, in
 * the arena.  NULL when it would be too long.
 */
const char *notice_text(
    const struct notice *notice, struct arena *arena, const char **subject);

/* Append the facts and the draft of a card as text, and its last line. */
void notice_add_body(struct buf *out, const struct card *card);

/* Append what a reason may begin with, if there are such words. */
void notice_add_reasons(struct buf *out, const struct card *card);

/*
 * "[review] high: Your order (draft 17)": cut and clean; lives in the arena.
 * urgency: what stands in front, "high: ", or "".
 */
const char *notice_subject(
    struct arena *arena, const struct hold_view *view, const char *urgency);

#endif
