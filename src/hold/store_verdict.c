/*
 * store_verdict: what a draft demands, when it is judged more than once.  The
 * judging is the requester's.
 */
#include "hold/store.h"

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* 0: none */
static int64_t earlier(int64_t a, int64_t b)
{
	if (a == 0 || b == 0)
		return a + b;
	return a < b ? a : b;
}

static const char *text_of(const char *text)
{
	return text == NULL ? "" : text;
}

void store_verdict_rise(struct arena *arena, struct store_draft *draft,
    const struct verdict *verdict)
{
	if (verdict->severity > draft->severity)
		draft->severity = verdict->severity;
	if (verdict->persons > draft->persons)
		draft->persons = verdict->persons;
	draft->needs_reason |= verdict->needs_reason;
	draft->ask =
	    store_people_join(arena, draft->ask, text_of(verdict->ask));
	draft->demand =
	    store_people_join(arena, draft->demand, text_of(verdict->demand));
	draft->not_before_ms =
	    later(draft->not_before_ms, verdict->not_before_ms);
	draft->not_after_ms =
	    earlier(draft->not_after_ms, verdict->not_after_ms);
	/* a ladder that stands is not moved, and not climbed twice */
	if (draft->deadline_ms == 0)
		draft->deadline_ms = verdict->deadline_ms;
	if (draft->step_ms == 0 && draft->step == 0)
		draft->step_ms = verdict->step_ms;
	if (*draft->channel == '\0')
		draft->channel = arena_strdup(arena, verdict->channel);
	if (verdict->kind != VERDICT_HOLD)
		return;
	draft->rule = arena_strdup(arena, verdict->rule);
	draft->reason = arena_strdup(arena, verdict->reason);
}

int store_verdict_save(struct store *store, const struct store_draft *draft)
{
	return store_run(store,
	    "UPDATE draft SET severity = ?, persons = ?, needs_reason = ?,"
	    " ask = ?, demand = ?, not_before_ms = ?, not_after_ms = ?,"
	    " deadline_ms = ?, step_ms = ?, channel = ?, rule = ?, reason = ?"
	    " WHERE id = ?",
	    ARGS(NUM(draft->severity), NUM(draft->persons),
		NUM(draft->needs_reason), STR(draft->ask), STR(draft->demand),
		NUM(draft->not_before_ms), NUM(draft->not_after_ms),
		NUM(draft->deadline_ms), NUM(draft->step_ms),
		STR(draft->channel), STR(draft->rule), STR(draft->reason),
		NUM(draft->id)));
}

int64_t store_verdict_due(const struct store_draft *draft, int64_t at_ms)
{
	return later(at_ms, draft->not_before_ms);
}

bool store_verdict_late(const struct store_draft *draft, int64_t now_ms)
{
	return draft->not_after_ms != 0 && now_ms > draft->not_after_ms;
}
