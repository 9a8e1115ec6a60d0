/*
 * schedule: alone or gathered, and until when.  What is under way, and how
 * many notices are too many, is left to pass.c.
 */
#include "review/schedule.h"

#include "config/calendar.h"

/* When the first digest after that time is made; 0: there is none. */
static int64_t next_digest(
    const struct config_reviewer *reviewer, int64_t after_ms)
{
	const struct config_digest *digest = &reviewer->digest;

	if (digest->every_s != 0)
		return calendar_step(reviewer->calendar, after_ms,
		    (int64_t)digest->every_s * 1000);
	return calendar_next(
	    reviewer->calendar, after_ms, digest->minutes, digest->n_minutes);
}

bool schedule_alone(const struct config_reviewer *reviewer,
    const struct hold_due_prompt *prompt, int64_t now_ms)
{
	int64_t next;

	if (reviewer->digest.every_s == 0 && reviewer->digest.n_minutes == 0)
		return true;
	if (prompt->woken || prompt->own ||
	    prompt->kind == HOLD_PROMPT_REMIND ||
	    (int)prompt->severity >= reviewer->digest.above)
		return true;
	next = next_digest(reviewer, now_ms);
	return next == 0 ||
	       (prompt->deadline_ms != 0 && prompt->deadline_ms <= next);
}

int64_t schedule_wait(const struct config_reviewer *reviewer,
    const struct hold_due_prompt *prompt, int64_t now_ms)
{
	int64_t next;

	/* from the future: the clock was set back, so nobody knows since when
	 * it waits */
	if (prompt->at_ms > now_ms)
		return 0;
	next = next_digest(reviewer, prompt->at_ms);
	return next <= now_ms ? 0 : next - now_ms;
}
