/*
 * sample: a configuration and drafts for the tests of the review room.
 */
#ifndef TESTS_SAMPLE_H
#define TESTS_SAMPLE_H

#include "config/config.h"
#include "hold/hold.h"
#include "util/arena.h"

/* Reviewers anna, bob (admin) and carol (a Maildir), channel support; lasts
 * for ever. */
#define SAMPLE_NOON INT64_C(1795262140000) /* Sat 21 Nov 2026, 11:55:40 UTC */
struct config *sample_config(void);

/* Draft 17 to one customer, everything plain; in the arena. */
struct hold_view *sample_view(struct arena *arena);

/* Give the view n recipients, every third inside the sender's domain. */
void sample_recipients(struct arena *arena, struct hold_view *view, size_t n);

/* Give it this text. */
void sample_text(struct hold_view *view, const char *text);

/* The draft after anna's edit. */
struct hold_view *sample_edited(struct arena *arena);

/* A draft of channel support: high, a deadline, two persons, of whom bob was
 * the first, carol is on it, wants a reason, findings with values. */
struct hold_view *sample_routed(struct arena *arena);

/* A draft that tries everything: header lines, markup, bars, bidi. */
struct hold_view *sample_hostile(struct arena *arena);

#endif
