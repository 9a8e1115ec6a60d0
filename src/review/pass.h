/*
 * pass: one round over the prompts that no notice carries yet: each becomes a
 * notice, or, for a reviewer who had too many, part of a digest.  There is
 * one pass at a time.  Loop.
 */
#ifndef REVIEW_PASS_H
#define REVIEW_PASS_H

#include "review/internal.h"

/* Begin one; review->pass is set until it has ended. */
void pass_start(struct review *review);

/* The room is about to be freed: a pass under way must not touch it. */
void pass_forget(struct review *review);

#endif
