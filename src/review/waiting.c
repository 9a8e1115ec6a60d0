/*
 * waiting: a prompt in words, for the command line.  When digests come is left
 * to schedule.c.
 */
#include "review/waiting.h"

#include "review/schedule.h"

#include "config/calendar.h"

/* When the digest comes that is to have it; 0: it goes alone, or none does. */
static int64_t digest_at(const struct facts_request *about,
    const struct config_reviewer *reviewer, const struct hold_asked *asked)
{
	const struct hold_due_prompt prompt = {
	    .kind = asked->kind,
	    .severity = about->view->severity,
	    .at_ms = asked->at_ms,
	    .woken = asked->wake_ms != 0,
	    .deadline_ms = about->view->deadline_ms,
	};
	const struct schedule schedule = schedule_of(reviewer);
	int64_t wait;

	if (schedule_alone(&schedule, &prompt, about->now_ms))
		return 0;
	wait = schedule_wait(&schedule, &prompt, about->now_ms);
	return wait == 0 ? 0 : about->now_ms + wait;
}

static const struct calendar *calendar_of(const struct facts_request *about)
{
	const struct channel *channel =
	    about->view->channel == NULL
		? NULL
		: config_channel(about->config, about->view->channel);

	return facts_calendar(about->reviewer, channel);
}

static const char *one(struct arena *arena, const struct facts_request *about,
    const struct hold_asked *asked)
{
	const struct config_reviewer *who =
	    config_reviewer(about->config, asked->reviewer);
	const struct calendar *calendar = calendar_of(about);
	char text[CALENDAR_TEXT_SIZE];
	int64_t at;

	if (who == NULL)
		return arena_printf(
		    arena, "%s, who is no reviewer any more", asked->reviewer);
	if (asked->wake_ms > about->now_ms)
		return arena_printf(arena, "%s, put off until %s",
		    asked->reviewer,
		    calendar_text(calendar, asked->wake_ms, text));
	if (asked->told_ms != 0)
		return arena_printf(arena, "%s, told %s", asked->reviewer,
		    calendar_text(calendar, asked->told_ms, text));
	at = digest_at(about, who, asked);
	if (at != 0)
		return arena_printf(arena, "%s, in the digest of %s",
		    asked->reviewer, calendar_text(calendar, at, text));
	return arena_printf(
	    arena, "%s, who is told as soon as may be", asked->reviewer);
}

const char *waiting_text(struct arena *arena, const struct facts_request *about)
{
	const struct hold_view *view = about->view;
	const char *text = "";
	char until[CALENDAR_TEXT_SIZE];
	size_t i;

	if (view->state == HOLD_REVISING && view->revise_ms != 0)
		return arena_printf(arena,
		    "a better one of its agent, until %s",
		    calendar_text(calendar_of(about), view->revise_ms, until));
	for (i = 0; i < view->n_asked; i++)
		if (view->asked[i].kind != HOLD_PROMPT_OUTCOME)
			text = arena_printf(arena, "%s%s%s", text,
			    *text == '\0' ? "" : "\n",
			    one(arena, about, &view->asked[i]));
	return text;
}
