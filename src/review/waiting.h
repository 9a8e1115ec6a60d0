/*
 * waiting: for whom a draft waits, and when that person is told.  Pure; any
 * thread.
 */
#ifndef REVIEW_WAITING_H
#define REVIEW_WAITING_H

#include "review/facts.h"

/*
 * A line for each: "anna, told Sat 21 Nov 2026, 16:57 +0100 (Europe/Berlin)",
 * "ben, in the digest of ...", "carla, put off until ...", LF between, in the
 * arena; "": nobody is asked.  Times are in the zone of who reads it.
 */
const char *waiting_text(
    struct arena *arena, const struct facts_request *about);

#endif
