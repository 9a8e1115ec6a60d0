/*
 * ladder: which step of which draft, and when the one after it is due.  What
 * a step does to a draft is the ledger's, what people then see is pass.c's.
 */
#include "review/ladder.h"

#include "review/alone.h"

#include "config/calendar.h"
#include "config/people.h"

#include "util/clock.h"
#include "util/log.h"
#include "util/mem.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BATCH	       64	      /* drafts in one go */
#define BATCH_GAP_MS   20	      /* others' turn between two */
#define LOOK_MS	       5000	      /* the clocks are compared so often */
#define KICK_MS	       1000	      /* looked at most so often when kicked */
#define TROUBLE_GAP_MS 30000	      /* then we try again */
#define JUMP_MS	       INT64_C(60000) /* clocks may drift so far apart */
#define NAMES_MAX      65536

/* A step on its way through the ledger. */
struct rung {
	struct ladder *ladder;
	const struct hold_overdue_draft *draft;
	struct hold_view view; /* of who is about to leave by itself */
	struct hold_step step;
};

struct ladder {
	struct review *review; /* NULL: the room has gone */
	struct ladder_clock clock;
	struct event *timer;
	int64_t wall_ms, mono_ms; /* when the clocks were compared last */
	int64_t due_ms;		  /* wall time of the next step; 0: none */
	/* the wall times between which the last jump went; or 0, 0 */
	int64_t before_jump_ms, after_jump_ms;
	int64_t ahead_ms;	 /* jumps that the ledger does not know of */
	bool kicked;		 /* due_ms may be too late */
	bool jumped;		 /* since the last pass that took all */
	bool busy;		 /* a batch is under way */
	struct hold_lapse lapse; /* before it */
	struct hold_overdue overdue;
	size_t n_open, n_taken; /* rungs of it */
	struct rung rungs[BATCH];
};

#define RUNG(call, member)                                                     \
	((struct rung *)(void *)((char *)(call)-offsetof(struct rung, member)))

static void ladder_free(struct ladder *l)
{
	arena_free(l->overdue.arena);
	event_free(l->timer);
	free(l);
}

static void wait_ms(struct ladder *l, int64_t ms)
{
	const struct timeval later = {ms / 1000, ms % 1000 * 1000};

	event_add(l->timer, &later);
}

/* ---- what a step is ---- */

static const struct config *config_of(const struct rung *rung)
{
	return rung->ladder->review->config;
}

/* The channel as it is now; NULL: it has gone. */
static const struct channel *channel_of(const struct rung *rung)
{
	return config_channel(config_of(rung), rung->draft->channel);
}

/* The step as it is written now; NULL: the ladder has become shorter. */
static const struct channel_step *step_of(const struct rung *rung)
{
	const struct channel *channel = channel_of(rung);

	if (channel == NULL || rung->draft->step >= channel->n_steps)
		return NULL;
	return &channel->steps[rung->draft->step];
}

static bool was_asked(const struct rung *rung, const char *name, size_t len)
{
	const char *at = rung->draft->ask;

	while (*at != '\0') {
		size_t n = strcspn(at, "\n");

		if (n == len && memcmp(at, name, len) == 0)
			return true;
		at += n;
		at += strspn(at, "\n");
	}
	return false;
}

/* Whom names come to, less those who were asked before; NULL: nobody new. */
static const char *newly_asked(
    const struct rung *rung, const char *const *names)
{
	const struct hold_overdue_draft *d = rung->draft;
	const struct people_demand demand = {d->channel, d->ask, d->demand, 0};
	struct arena *arena = rung->ladder->overdue.arena;
	const char *line, *out = NULL;
	struct buf found;

	buf_init(&found, NAMES_MAX);
	people_ask(config_of(rung), channel_of(rung), names, &demand,
	    rung->ladder->clock.wall_ms(), (uint64_t)d->draft, &found);
	for (line = found.data; *line != '\0'; line += strspn(line, "\n")) {
		size_t len = strcspn(line, "\n");

		if (!was_asked(rung, line, len))
			out = arena_printf(arena, "%s%s%.*s",
			    out == NULL ? "" : out, out == NULL ? "" : "\n",
			    (int)len, line);
		line += len;
	}
	buf_release(&found);
	return out;
}

/* Names for a sentence. */
static const char *in_words(struct arena *arena, const char *names)
{
	char *copy = arena_strdup(arena, names), *at;

	for (at = copy; *at != '\0'; at++)
		if (*at == '\n')
			*at = ' ';
	return copy;
}

/*
 * Keep holding it, ask the owner (or, when the channel has gone, the admins)
 * and take no step any more.  Whoever was asked before hears of it again when
 * there is nobody else.
 */
static void hand_up(struct rung *rung, const char *why)
{
	const struct channel *channel = channel_of(rung);
	const char *names[] = {NULL, NULL};
	struct hold_step *s = &rung->step;
	struct arena *arena = rung->ladder->overdue.arena;

	if (channel != NULL)
		names[0] = channel->owner;
	s->final = HOLD_HELD;
	s->next_ms = 0;
	s->ask = newly_asked(rung, names);
	s->remind = s->remind || s->ask == NULL;
	s->text = s->ask == NULL
		      ? arena_printf(arena, "%s; still held", why)
		      : arena_printf(arena, "%s; still held, handed up to %s",
			    why, in_words(arena, s->ask));
}

/* "the deadline passed: no decision after 2 h" */
static const char *passed(const struct rung *rung)
{
	char span[CLOCK_ISO_SIZE];

	return arena_printf(rung->ladder->overdue.arena,
	    "the deadline passed: no decision after %s",
	    clock_span((int64_t)step_of(rung)->after_s * 1000, span));
}

/* When a step of the channel is due, by the clock alone. */
static int64_t due_of(const struct rung *rung, const struct channel_step *step)
{
	const struct calendar *calendar = channel_of(rung)->calendar;

	return calendar_after(calendar != NULL ? calendar : calendar_always(),
	    rung->draft->received_ms, (int64_t)step->after_s * 1000);
}

/* Did the draft wait before the clock jumped, and the step come due by it? */
static bool overtaken(const struct rung *rung, const struct channel_step *step)
{
	const struct ladder *l = rung->ladder;
	int64_t due = due_of(rung, step);

	return rung->draft->received_ms <= l->before_jump_ms &&
	       due > l->before_jump_ms && due <= l->after_jump_ms;
}

/*
 * When the step after this one is due.  The last one never follows at once on
 * a warning that came late, as after a long night of being switched off: who
 * was warned gets the time between the two steps.
 */
static int64_t next_due(const struct rung *rung)
{
	const struct channel *channel = channel_of(rung);
	const struct channel_step *step = step_of(rung), *next = step + 1;
	const struct calendar *calendar = channel->calendar;
	int64_t now = rung->ladder->clock.wall_ms(), at;

	if (rung->draft->step + 1 >= channel->n_steps)
		return 0;
	at = due_of(rung, next);
	if (next->final == CHANNEL_GO_ON || at > now ||
	    next->after_s <= step->after_s || overtaken(rung, next))
		return at;
	return calendar_after(calendar != NULL ? calendar : calendar_always(),
	    now, (int64_t)(next->after_s - step->after_s) * 1000);
}

/*
 * Who is asked in place of those who were, when too few of them are left: they
 * have gone from the configuration, are away, or may not any more.  NULL: they
 * are there.
 */
static const char *asked_instead(const struct rung *rung)
{
	const struct hold_overdue_draft *d = rung->draft;
	const struct people_demand demand = {d->channel, d->ask, d->demand, 0};
	const struct channel *channel = channel_of(rung);
	struct buf found;
	bool enough;

	buf_init(&found, NAMES_MAX);
	buf_add_str(&found, d->ask);
	people_ask(config_of(rung), channel, NULL, &demand,
	    rung->ladder->clock.wall_ms(), (uint64_t)d->draft, &found);
	enough = found.len == strlen(d->ask);
	buf_release(&found);
	return enough ? NULL : newly_asked(rung, channel->reviewers);
}

/* A step on the way: remind, ask more people. */
static void go_on(struct rung *rung)
{
	const struct channel_step *step = step_of(rung);
	struct hold_step *s = &rung->step;
	struct arena *arena = rung->ladder->overdue.arena;
	char span[CLOCK_ISO_SIZE];

	s->final = HOLD_HELD;
	s->next_ms = next_due(rung);
	if (step->ask != NULL)
		s->ask = newly_asked(rung, step->ask);
	if (s->ask == NULL)
		s->ask = asked_instead(rung);
	clock_span((int64_t)step->after_s * 1000, span);
	if (s->ask != NULL)
		s->text = arena_printf(arena, "no decision after %s; asked %s",
		    span, in_words(arena, s->ask));
	else
		s->text = arena_printf(arena,
		    step->warning ? "no decision after %s; warned of the "
				    "deadline"
				  : "no decision after %s; reminded",
		    span);
	/* a step that widens to who was asked already is a reminder */
	s->remind = s->remind || s->ask == NULL;
}

static void on_viewed(struct hold_call *call);
static void on_stepped(struct hold_call *call);

static void commit(struct rung *rung)
{
	rung->step.call.done = on_stepped;
	hold_step(rung->ladder->review->hold, &rung->step);
}

/* Was the clock right from when this draft came in? */
static bool time_is_doubtful(const struct rung *rung, enum channel_final final)
{
	const struct ladder *l = rung->ladder;

	if (l->jumped || overtaken(rung, step_of(rung)))
		return true;
	return final == CHANNEL_APPROVE &&
	       rung->draft->received_ms <= l->before_jump_ms;
}

/* The last step of a ladder. */
static void finish(struct rung *rung, enum channel_final final)
{
	if (final != CHANNEL_KEEP && time_is_doubtful(rung, final)) {
		hand_up(rung, "the clock jumped, so nothing is done at the "
			      "deadline");
	} else if (final == CHANNEL_EXPIRE) {
		rung->step.final = HOLD_EXPIRED;
		rung->step.text = passed(rung);
	} else if (final == CHANNEL_APPROVE) {
		/* look at it first: not everything may leave by itself */
		rung->view = (struct hold_view){.call.done = on_viewed};
		rung->view.draft = rung->draft->draft;
		hold_view(rung->ladder->review->hold, &rung->view);
		return;
	} else {
		hand_up(rung, passed(rung));
	}
	commit(rung);
}

static void take(struct rung *rung)
{
	const struct channel_step *step = step_of(rung);
	struct hold_step *s = &rung->step;

	*s = (struct hold_step){.draft = rung->draft->draft};
	s->step = rung->draft->step;
	if (step == NULL) {
		hand_up(rung, channel_of(rung) == NULL
				  ? "its channel is no longer configured"
				  : "its channel's ladder has become shorter");
		commit(rung);
		return;
	}
	s->remind = step->remind;
	if (step->final != CHANNEL_GO_ON) {
		finish(rung, step->final);
		return;
	}
	go_on(rung);
	commit(rung);
}

/* ---- what may leave without a person ---- */

static bool gone(struct ladder *l);
static void rung_ends(struct ladder *l, bool taken);

static void on_viewed(struct hold_call *call)
{
	struct rung *rung = RUNG(call, view);
	const char *why;

	if (call->error.kind == ERROR_NONE && rung->ladder->review == NULL)
		hold_view_release(&rung->view);
	if (gone(rung->ladder))
		return;
	if (call->error.kind != ERROR_NONE) {
		log_warning("draft %" PRId64 " view-failed reason=\"%s\"",
		    rung->draft->draft, call->error.text);
		rung_ends(rung->ladder, false);
		return;
	}
	/* the channel may have changed while we looked */
	why = step_of(rung) == NULL ? "its channel's ladder was changed"
				    : alone_forbids(config_of(rung),
					  channel_of(rung), &rung->view);
	hold_view_release(&rung->view);
	if (why == NULL) {
		rung->step.final = HOLD_APPROVED;
		rung->step.text = passed(rung);
	} else {
		hand_up(rung, arena_printf(rung->ladder->overdue.arena,
				  "the deadline passed, and %s", why));
	}
	commit(rung);
}

/* ---- batches ---- */

/* In every callback first: has the room gone?  The last one frees. */
static bool gone(struct ladder *l)
{
	if (l->review != NULL)
		return false;
	if (l->n_open > 0)
		l->n_open--;
	if (l->n_open == 0)
		ladder_free(l);
	return true;
}

/* Wait for what comes next. */
static void sleep_on(struct ladder *l)
{
	int64_t ms = l->due_ms == 0 ? LOOK_MS : l->due_ms - l->clock.wall_ms();

	if (l->kicked && ms > KICK_MS)
		ms = KICK_MS;
	if (ms > LOOK_MS)
		ms = LOOK_MS;
	wait_ms(l, ms < BATCH_GAP_MS ? BATCH_GAP_MS : ms);
}

/* When the next step is due, or the next draft lapses; 0: never. */
static int64_t soonest(const struct ladder *l)
{
	int64_t a = l->overdue.next_ms, b = l->lapse.next_ms;

	if (a == 0 || b == 0)
		return a + b;
	return a < b ? a : b;
}

static void batch_ends(struct ladder *l)
{
	bool more = l->overdue.n_drafts == BATCH;

	l->busy = false;
	if (l->n_taken == 0 && l->overdue.n_drafts > 0) {
		wait_ms(l, TROUBLE_GAP_MS);
		l->kicked = true;
		return;
	}
	if (!more)
		l->jumped = false;
	/* drafts of this batch may have a next step that is due sooner */
	l->kicked = l->kicked || l->overdue.n_drafts > 0;
	l->due_ms = more ? l->clock.wall_ms() : soonest(l);
	sleep_on(l);
}

static void rung_ends(struct ladder *l, bool taken)
{
	l->n_taken += taken;
	if (--l->n_open == 0)
		batch_ends(l);
}

static void on_stepped(struct hold_call *call)
{
	struct rung *rung = RUNG(call, step);
	const struct hold_step *s = &rung->step;
	struct ladder *l = rung->ladder;
	bool taken = call->error.kind == ERROR_NONE ||
		     call->error.kind == ERROR_CONFLICT;

	if (gone(l))
		return;
	if (call->error.kind == ERROR_NONE) {
		log_info("draft %" PRId64 " deadline step=%u state=%s "
			 "what=\"%s\"",
		    s->draft, s->step, hold_state_name(s->state), s->text);
		review_moved(l->review, s->draft, s->state);
	} else if (!taken) {
		log_warning("draft %" PRId64 " deadline-failed step=%u "
			    "kind=%s reason=\"%s\"",
		    s->draft, s->step, error_kind_name(call->error.kind),
		    call->error.text);
	}
	rung_ends(l, taken);
}

static void on_overdue(struct hold_call *call)
{
	struct ladder *l =
	    (struct ladder *)(void *)((char *)call -
				      offsetof(struct ladder, overdue));
	size_t i, n = l->overdue.n_drafts;

	if (gone(l))
		return;
	if (call->error.kind != ERROR_NONE) {
		log_warning("review deadlines-failed kind=%s reason=\"%s\"",
		    error_kind_name(call->error.kind), call->error.text);
		l->busy = false;
		l->kicked = true;
		wait_ms(l, TROUBLE_GAP_MS);
		return;
	}
	l->n_taken = 0;
	/* one more than there are, so that none ends the batch too soon */
	l->n_open = n + 1;
	for (i = 0; i < n && i < BATCH; i++) {
		l->rungs[i].ladder = l;
		l->rungs[i].draft = &l->overdue.drafts[i];
		take(&l->rungs[i]);
	}
	rung_ends(l, false);
}

static void look_for_overdue(struct ladder *l, int64_t now_ms)
{
	arena_free(l->overdue.arena);
	l->overdue = (struct hold_overdue){
	    .call.done = on_overdue, .now_ms = now_ms, .limit = BATCH};
	hold_overdue(l->review->hold, &l->overdue);
}

/* What was sent back and nothing came of has expired. */
static void on_lapsed(struct hold_call *call)
{
	struct ladder *l =
	    (struct ladder *)(void *)((char *)call -
				      offsetof(struct ladder, lapse));

	if (gone(l))
		return;
	if (call->error.kind != ERROR_NONE) {
		l->ahead_ms += l->lapse.jump_ms;
		log_warning("review lapse-failed kind=%s reason=\"%s\"",
		    error_kind_name(call->error.kind), call->error.text);
	}
	if (l->lapse.n_drafts > 0) {
		log_info("drafts expired n=%zu why=\"nothing better came from "
			 "their agents in time\"",
		    l->lapse.n_drafts);
		review_moved(l->review, 0, HOLD_EXPIRED);
	}
	look_for_overdue(l, l->lapse.now_ms);
}

/* After a jump of the clock agents get the time that it took. */
static void start_batch(struct ladder *l, int64_t now_ms)
{
	l->busy = true;
	l->kicked = false;
	l->lapse = (struct hold_lapse){
	    .call.done = on_lapsed, .now_ms = now_ms, .jump_ms = l->ahead_ms};
	l->ahead_ms = 0;
	hold_lapse(l->review->hold, &l->lapse);
}

/* ---- clocks ---- */

/* Did the wall clock go otherwise than the one that only goes forward? */
static void compare_clocks(struct ladder *l, int64_t wall_ms)
{
	int64_t mono_ms = l->clock.mono_ms();
	int64_t right = l->wall_ms + (mono_ms - l->mono_ms);
	int64_t ahead = wall_ms - right;
	char span[CLOCK_ISO_SIZE];

	l->wall_ms = wall_ms;
	l->mono_ms = mono_ms;
	if (ahead > JUMP_MS) {
		l->jumped = true;
		l->ahead_ms += ahead;
		l->before_jump_ms = right;
		l->after_jump_ms = wall_ms;
		log_warning("clock jumped forward=\"%s\": deadlines that this "
			    "passes are handed up, nothing is approved or "
			    "expires by it",
		    clock_span(ahead, span));
	} else if (ahead < -JUMP_MS) {
		log_warning("clock jumped back=\"%s\": deadlines come later "
			    "by that",
		    clock_span(-ahead, span));
	} else {
		return;
	}
	/* timers went by the other clock: digests, and what was snoozed */
	review_kick(l->review);
}

void ladder_look(struct ladder *l)
{
	int64_t now = l->clock.wall_ms();

	if (l->busy)
		return;
	compare_clocks(l, now);
	if (l->kicked || l->jumped || (l->due_ms != 0 && l->due_ms <= now))
		start_batch(l, now);
	else
		sleep_on(l);
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	ladder_look(context);
}

void ladder_kick(struct ladder *l)
{
	if (l->kicked)
		return;
	l->kicked = true;
	if (!l->busy)
		sleep_on(l);
}

struct ladder *ladder_new(
    struct review *review, const struct ladder_clock *clock)
{
	static const struct ladder_clock usual = {clock_now_ms, clock_mono_ms};
	struct ladder *l = mem_zalloc(sizeof(*l));

	l->review = review;
	l->clock = clock != NULL ? *clock : usual;
	l->timer = evtimer_new(review->base, on_timer, l);
	l->wall_ms = l->clock.wall_ms();
	l->mono_ms = l->clock.mono_ms();
	l->kicked = true;
	wait_ms(l, 0);
	return l;
}

void ladder_forget(struct ladder *l)
{
	if (l == NULL)
		return;
	l->review = NULL;
	if (l->busy)
		event_del(l->timer);
	else
		ladder_free(l);
}
