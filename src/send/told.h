/*
 * told: what an agent is told of a draft, as JSON: by its webhook, and when it
 * asks.  It never names a reviewer, nor says by which rule a draft was held.
 * doc/api.md has the members.  Pure.
 */
#ifndef SEND_TOLD_H
#define SEND_TOLD_H

#include <jansson.h>

#include "hold/hold.h"

#include "util/buf.h"

/* A draft as it is now; a new reference. */
json_t *told_draft(const struct hold_view *view);

/* An event. */
struct told_event {
	const struct hold_word *word;
	const struct hold_view *view;  /* of the word's revision */
	const struct hold_view *first; /* of the submission; NULL: the same */
};

/* Append it as one JSON text; 0, or -1 when it does not fit. */
int told_event(struct buf *out, const struct told_event *event);

#endif
