/*
 * outcome: who did what, where and when, and what that means for the mail.
 * Which decision it was is left to card.c.
 */
#include "review/outcome.h"

#include "review/card.h"
#include "review/facts.h"
#include "review/text.h"

#include "config/calendar.h"

#include <inttypes.h>
#include <string.h>

#define NAME_COLUMNS 64
#define WORD_COLUMNS 300

/* What is not to be sent again, or not at all, is dropped too. */
static const char *did(const struct hold_view *view, enum hold_verb verb)
{
	switch (verb) {
	case HOLD_APPROVE:
		return "Approved";
	case HOLD_DROP:
		return view->state == HOLD_SENT	    ? "Counted as sent"
		       : view->state == HOLD_FAILED ? "Left unsent"
						    : "Dropped";
	case HOLD_UNDO:
		return "The decision was taken back";
	case HOLD_EDIT:
		return "Edited";
	case HOLD_CLAIM:
		return "Opened";
	case HOLD_DELEGATE:
		return "Handed over";
	case HOLD_FINE:
		return "Found to be right";
	case HOLD_WRONG:
		return "Found to be wrong";
	case HOLD_SNOOZE:
		return "Put off";
	case HOLD_REVISE:
		return "Sent back to its agent";
	case HOLD_ASK:
	case HOLD_VERBS:
		break;
	}
	return "Answered";
}

static const char *when(
    struct arena *arena, const struct outcome_request *request, int64_t at_ms)
{
	const struct hold_view *view = request->view;
	const struct channel *channel =
	    view->channel == NULL
		? NULL
		: config_channel(request->config, view->channel);
	char text[CALENDAR_TEXT_SIZE];

	return arena_strdup(
	    arena, calendar_text(facts_calendar(request->reviewer, channel),
		       at_ms, text));
}

/* What they said with it. */
static const char *words_of(struct arena *arena, const struct hold_decision *d)
{
	const char *label = d->verb == HOLD_DELEGATE ? "To"
			    : d->verb == HOLD_REVISE ? "Remark"
						     : "Reason";
	const char *text = text_line(arena, text_span(d->text), WORD_COLUMNS);

	if (*text == '\0' || d->verb == HOLD_SNOOZE)
		return "";
	return arena_printf(arena, " %s: %s%s", label, text,
	    strchr(".!?", text[strlen(text) - 1]) != NULL ? "" : ".");
}

/* Who did it; "" when nobody did. */
static const char *who(
    struct arena *arena, const struct outcome_request *request)
{
	const struct hold_decision *d = card_cause(request->view);

	if (d == NULL)
		return "";
	if (strcmp(d->actor, "deadline") == 0)
		return arena_printf(arena, "%s by its deadline, %s.%s",
		    did(request->view, d->verb), when(arena, request, d->at_ms),
		    words_of(arena, d));
	return arena_printf(arena, "%s by %s %s, %s.%s",
	    did(request->view, d->verb),
	    text_line(arena, text_span(d->actor), NAME_COLUMNS),
	    facts_where(arena, request->config, d->medium),
	    when(arena, request, d->at_ms), words_of(arena, d));
}

/* What a draft does that waits on. */
static const char *waits(struct arena *arena, const struct hold_view *view)
{
	if (view->number < view->current)
		return arena_printf(arena,
		    "Revision %u of it is asked about anew.", view->current);
	if (view->persons > 1 && view->approvals > 0)
		return arena_printf(arena,
		    "%u of %u people approved it; it does not leave before "
		    "the others do.",
		    view->approvals, view->persons);
	return "It waits for a decision still.";
}

static const char *state(struct arena *arena, const struct hold_view *view)
{
	switch (view->state) {
	case HOLD_HELD:
		return waits(arena, view);
	case HOLD_APPROVED: /* that is not told again when it has left */
	case HOLD_SENDING:
		return "It leaves.";
	case HOLD_SENT:
		return "It has left.";
	case HOLD_FAILED:
		return "Sending it failed: somebody did not get it.";
	case HOLD_IN_DOUBT:
		return "It may have left or not; somebody must say.";
	case HOLD_DROPPED:
	case HOLD_REFUSED:
		return "It does not leave.";
	case HOLD_REVISING:
		return "Its agent is to make it better.";
	case HOLD_EXPIRED:
		return "Nobody decided in time: it did not leave, and was "
		       "given back to its agent.";
	case HOLD_WITHDRAWN:
		return "Its agent took it back: it does not leave.";
	case HOLD_SUPERSEDED:
		return arena_printf(arena,
		    "Its agent sent draft %" PRId64 " in its place.",
		    view->replaced_by);
	case HOLD_STATES:
		break;
	}
	return "It waits no more.";
}

const char *outcome_text(
    struct arena *arena, const struct outcome_request *request)
{
	const char *by = who(arena, request);

	return arena_printf(arena, "%s%s%s", by, *by == '\0' ? "" : " ",
	    state(arena, request->view));
}
