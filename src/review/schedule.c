/*
 * schedule: alone or gathered, and until when.  What is under way, and how
 * many notices are too many, is left to pass.c.
 */
#include "review/schedule.h"

#include "config/calendar.h"

/* When the first digest after that time is made; 0: there is none. */
static int64_t next_digest(const struct schedule *schedule, int64_t after_ms)
{
	const struct config_digest *digest = schedule->digest;

	if (digest->every_s != 0)
		return calendar_step(schedule->calendar, after_ms,
		    (int64_t)digest->every_s * 1000);
	return calendar_next(
	    schedule->calendar, after_ms, digest->minutes, digest->n_minutes);
}

struct schedule schedule_of(const struct config_reviewer *reviewer)
{
	return (struct schedule){&reviewer->digest, reviewer->calendar};
}

bool schedule_alone(const struct schedule *schedule,
    const struct hold_due_prompt *prompt, int64_t now_ms)
{
	const struct config_digest *digest = schedule->digest;
	int64_t next;

	if (digest == NULL || (digest->every_s == 0 && digest->n_minutes == 0))
		return true;
	if (prompt->woken || prompt->own ||
	    prompt->kind == HOLD_PROMPT_REMIND ||
	    (int)prompt->severity >= digest->above)
		return true;
	next = next_digest(schedule, now_ms);
	return next == 0 ||
	       (prompt->deadline_ms != 0 && prompt->deadline_ms <= next);
}

int64_t schedule_wait(const struct schedule *schedule,
    const struct hold_due_prompt *prompt, int64_t now_ms)
{
	int64_t next;

	/* from the future: the clock was set back, so nobody knows since when
	 * it waits */
	if (prompt->at_ms > now_ms)
		return 0;
	next = next_digest(schedule, prompt->at_ms);
	return next <= now_ms ? 0 : next - now_ms;
}
