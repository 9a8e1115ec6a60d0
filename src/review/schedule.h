/*
 * schedule: which prompts have a notice of their own, at once, and until when
 * the others are gathered into a digest, as their reader wants it:
 * a reviewer, for mail, or a chat.
 *
 * Pure functions of the prompt and the time, so nothing is forgotten over a
 * restart; any thread.
 */
#ifndef REVIEW_SCHEDULE_H
#define REVIEW_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "hold/hold.h"

#include "config/config.h"

/* When somebody's prompts are gathered, by which clock. */
struct schedule {
	const struct config_digest *digest; /* NULL: never */
	const struct calendar *calendar;
};

/* That of a reviewer's mail. */
struct schedule schedule_of(const struct config_reviewer *reviewer);

/*
 * Alone and at once: who wants no digests gets everything so; everybody gets
 * so what is grave enough, a reminder, what was snoozed, one's own edit, and
 * what is late before the next digest would come.
 */
bool schedule_alone(const struct schedule *schedule,
    const struct hold_due_prompt *prompt, int64_t now_ms);

/*
 * Milliseconds until the digest that is to carry a prompt which does not go
 * alone; 0: it is time.
 */
int64_t schedule_wait(const struct schedule *schedule,
    const struct hold_due_prompt *prompt, int64_t now_ms);

#endif
