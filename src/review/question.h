/*
 * question: the mail by which one reviewer asks another about a draft.  Its
 * answers go straight to who asked; it decides nothing.
 *
 * Pure but for random ids; any thread.
 */
#ifndef REVIEW_QUESTION_H
#define REVIEW_QUESTION_H

#include <stdint.h>

#include "hold/hold.h"

#include "config/config.h"

#include "util/arena.h"
#include "util/buf.h"

struct question {
	const struct config *config;
	const struct config_reviewer *asker, *asked;
	const char *text; /* one line */
	const struct hold_view *view;
	int64_t at_ms; /* wall time */
};

/* Write the mail.  -1: it would not fit into out. */
int question_write(
    const struct question *question, struct arena *arena, struct buf *out);

#endif
