/*
 * ladder: what happens to drafts that nobody decides.  It walks the drafts
 * whose next step is due and takes it: remind, widen, hand up, and at the end
 * keep, expire or approve, as their channel says.  A few at a time, so that
 * fifty thousand that are late at once do not block what comes in.
 *
 * Deadlines are wall times.  A wall clock that jumps forward by itself lets
 * nothing leave and expires nothing: such drafts are handed up instead.  Loop.
 */
#ifndef REVIEW_LADDER_H
#define REVIEW_LADDER_H

#include <stdint.h>

#include "review/internal.h"

struct ladder;

/* The two clocks, for tests. */
struct ladder_clock {
	int64_t (*wall_ms)(void), (*mono_ms)(void);
};

/* Look for the first time as soon as the loop runs.  clock NULL: util/clock. */
struct ladder *ladder_new(
    struct review *review, const struct ladder_clock *clock);

/* A draft came in or moved: a step may be due sooner.  Cheap. */
void ladder_kick(struct ladder *ladder);

/* Look at the clocks, and take the steps that are due.  The timer's. */
void ladder_look(struct ladder *ladder);

/* The room is about to be freed: steps under way must not touch it. */
void ladder_forget(struct ladder *ladder);

#endif
