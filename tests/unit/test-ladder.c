/*
 * Tests of deadlines: which step is taken when, by whom it is heard of, what
 * leaves or ends by itself and what never does, and what clocks may do to it.
 */
#include "review/ladder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "fakehold.h"
#include "sample.h"

#define MIN_MS	  INT64_C(60000)
#define HOUR_MS	  (60 * MIN_MS)
#define DAY_MS	  (24 * HOUR_MS)
#define START_MS  INT64_C(1795262140000) /* Sat 21 Nov 2026, 11:55:40 UTC */
#define MONDAY_MS INT64_C(1795420800000) /* Mon 23 Nov 2026, 08:00 UTC */

struct scene {
	struct event_base *base;
	struct config config;
	struct channel channel;
	struct channel_step steps[4];
	struct rule rule, other;
	struct arena *arena;
	struct review *review;
	unsigned n_moved;
	enum hold_state moved;
};

static struct scene scene;
static int64_t wall_ms, mono_ms;

static int64_t wall_now(void)
{
	return wall_ms;
}

static int64_t mono_now(void)
{
	return mono_ms;
}

static const struct ladder_clock clock_of_test = {wall_now, mono_now};

static void on_moved(int64_t draft, enum hold_state state, void *context)
{
	struct scene *s = context;

	(void)draft;
	s->n_moved++;
	s->moved = state;
}

static const char *const only_anna[] = {"anna", NULL};
static const char *const only_carol[] = {"carol", NULL};

/* Anna reviews, carol is asked after 2 h, bob owns it, the end is at 4 h. */
static void make_channel(struct scene *s, enum channel_final final)
{
	s->steps[0] = (struct channel_step){.after_s = 3600, .remind = true};
	s->steps[1] = (struct channel_step){.after_s = 7200, .ask = only_carol};
	s->steps[2] = (struct channel_step){
	    .after_s = 10800, .remind = true, .warning = true};
	s->steps[3] = (struct channel_step){.after_s = 14400, .final = final};
	s->channel = (struct channel){.name = "support",
	    .owner = "bob",
	    .reviewers = only_anna,
	    .persons = 1,
	    .calendar = calendar_always(),
	    .deadline_s = 14400,
	    .n_steps = 4,
	    .steps = s->steps};
	s->config.n_channels = 1;
	s->config.channels = &s->channel;
}

static int setup(void **state)
{
	const struct review_hooks hooks = {
	    .moved = on_moved, .context = &scene};

	scene = (struct scene){.config = *sample_config()};
	make_channel(&scene, CHANNEL_EXPIRE);
	fake_init();
	fake.view = sample_view;
	wall_ms = START_MS;
	mono_ms = 5000000;
	scene.base = event_base_new();
	scene.arena = arena_new();
	scene.review =
	    review_new(scene.base, &scene.config, fake_hold(), &hooks);
	ladder_forget(scene.review->ladder);
	scene.review->ladder = ladder_new(scene.review, &clock_of_test);
	ladder_look(scene.review->ladder);
	fake_run();
	*state = &scene;
	return 0;
}

static int teardown(void **state)
{
	struct scene *s = *state;

	review_free(s->review);
	fake_run();
	event_base_free(s->base);
	fake_release();
	arena_free(s->arena);
	return 0;
}

/* A draft of now, asked of anna, whose next step is due at that time. */
static struct hold_overdue_draft *add_late(
    int64_t id, unsigned step, int64_t due_ms)
{
	struct fake_late *late = &fake.late[fake.n_late++];

	ladder_kick(scene.review->ladder);
	*late = (struct fake_late){.due_ms = due_ms};
	late->draft = (struct hold_overdue_draft){.draft = id,
	    .received_ms = START_MS,
	    .step = step,
	    .channel = "support",
	    .agent = "support-bot",
	    .ask = "anna",
	    .demand = ""};
	return &late->draft;
}

/* Time goes by, evenly; and the ladder looks as its timer lets it. */
static void pass_ms(struct scene *s, int64_t ms)
{
	wall_ms += ms;
	mono_ms += ms;
	ladder_look(s->review->ladder);
	fake_run();
}

static void jump_ms(struct scene *s, int64_t ms)
{
	wall_ms += ms;
	ladder_look(s->review->ladder);
	fake_run();
}

static const struct fake_step *last_step(void)
{
	assert_true(fake.n_steps > 0);
	return &fake.steps[fake.n_steps - 1];
}

static void contains(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", part, text);
}

static void climbs(void **state)
{
	struct scene *s = *state;

	add_late(17, 0, START_MS + HOUR_MS);
	ladder_kick(s->review->ladder);
	pass_ms(s, HOUR_MS - 1);
	assert_int_equal(fake.n_steps, 0);
	pass_ms(s, 1);
	assert_int_equal(fake.n_steps, 1);
	assert_true(last_step()->remind);
	assert_string_equal(last_step()->ask, "");
	assert_int_equal(last_step()->final, HOLD_HELD);
	assert_int_equal(last_step()->next_ms, START_MS + 2 * HOUR_MS);
	contains(last_step()->text, "no decision after 60 min; reminded");
	assert_int_equal(s->n_moved, 1);

	pass_ms(s, HOUR_MS);
	assert_int_equal(fake.n_steps, 2);
	assert_string_equal(last_step()->ask, "carol");
	assert_false(last_step()->remind);
	contains(last_step()->text, "no decision after 2 h; asked carol");

	pass_ms(s, HOUR_MS);
	assert_int_equal(fake.n_steps, 3);
	contains(last_step()->text, "warned of the deadline");
	assert_int_equal(last_step()->next_ms, START_MS + 4 * HOUR_MS);

	pass_ms(s, HOUR_MS - 1);
	assert_int_equal(fake.n_steps, 3);
	pass_ms(s, 1);
	assert_int_equal(fake.n_steps, 4);
	assert_int_equal(last_step()->final, HOLD_EXPIRED);
	assert_int_equal(last_step()->next_ms, 0);
	assert_int_equal(s->moved, HOLD_EXPIRED);
	contains(last_step()->text, "the deadline passed: no decision after");
	pass_ms(s, DAY_MS);
	assert_int_equal(fake.n_steps, 4);
}

/* Whoever was asked has left the company: not even a reminder is lost. */
static void asks_others_when_nobody_is_left(void **state)
{
	struct scene *s = *state;

	add_late(17, 0, START_MS + HOUR_MS)->ask = "zoe";
	pass_ms(s, HOUR_MS);
	assert_string_equal(last_step()->ask, "anna");
	contains(last_step()->text, "asked anna");
}

static void counts_business_hours(void **state)
{
	struct scene *s = *state;
	struct error err = ERROR_INIT;
	const char *hours[] = {"mon-fri 09:00-17:00", NULL};
	const struct calendar_plan plan = {
	    "office", "Europe/Berlin", hours, NULL};

	s->channel.calendar = calendar_new(s->arena, &plan, &err);
	assert_non_null(s->channel.calendar);
	add_late(17, 0, START_MS);
	pass_ms(s, MIN_MS); /* a Saturday: the next is on Monday, 11:00 */
	assert_int_equal(last_step()->next_ms, MONDAY_MS + 2 * HOUR_MS);
}

static void hands_up_at_the_end(void **state)
{
	struct scene *s = *state;

	make_channel(s, CHANNEL_KEEP);
	add_late(17, 3, START_MS + 4 * HOUR_MS);
	add_late(18, 3, START_MS + 4 * HOUR_MS)->ask = "anna\nbob";
	pass_ms(s, 4 * HOUR_MS);
	assert_int_equal(fake.n_steps, 2);
	assert_int_equal(fake.steps[0].final, HOLD_HELD);
	assert_int_equal(fake.steps[0].next_ms, 0);
	assert_string_equal(fake.steps[0].ask, "bob");
	assert_false(fake.steps[0].remind);
	contains(fake.steps[0].text, "still held, handed up to bob");
	/* the owner was asked before: once more */
	assert_string_equal(fake.steps[1].ask, "");
	assert_true(fake.steps[1].remind);
}

static void approves_what_may(void **state)
{
	struct scene *s = *state;

	make_channel(s, CHANNEL_APPROVE);
	add_late(17, 3, START_MS + 4 * HOUR_MS);
	pass_ms(s, 4 * HOUR_MS);
	assert_int_equal(last_step()->final, HOLD_APPROVED);
	assert_int_equal(s->moved, HOLD_APPROVED);
}

static struct hold_view *view_for_two(struct arena *arena)
{
	struct hold_view *view = sample_view(arena);

	view->persons = 2;
	return view;
}

static struct hold_view *view_unread(struct arena *arena)
{
	struct hold_view *view = sample_view(arena);

	view->reading->trouble = "too deep";
	return view;
}

static struct hold_view *view_by_rule(struct arena *arena)
{
	struct hold_view *view = sample_view(arena);

	view->rule = "large";
	return view;
}

static struct hold_view *view_waiting(struct arena *arena)
{
	struct hold_view *view = sample_view(arena);

	view->opinions = true;
	return view;
}

static struct hold_view *view_by_other(struct arena *arena)
{
	struct hold_view *view = sample_view(arena);

	view->rule = "of-all-mail";
	return view;
}

static struct hold_view *view_by_gone(struct arena *arena)
{
	struct hold_view *view = sample_view(arena);

	view->rule = "taken-away";
	return view;
}

static struct hold_view *view_with(struct arena *arena, const char *name)
{
	struct hold_view *view = sample_view(arena);

	reading_report(view->reading,
	    &(const struct finding){
		.name = name, .detail = "", .weight = FINDING_CAUTION});
	return view;
}

static struct hold_view *view_mixed(struct arena *arena)
{
	return view_with(arena, "mixed-channels");
}

static struct hold_view *view_twice(struct arena *arena)
{
	return view_with(arena, "duplicate");
}

static void never_approves_what_people_must(void **state)
{
	struct scene *s = *state;
	static const struct {
		struct hold_view *(*view)(struct arena *arena);
		enum channel_cost cost;
		const char *text;
	} rows[] = {
	    {sample_view, CHANNEL_HIGH, "a mistake would cost much"},
	    {view_for_two, CHANNEL_LOW, "two people"},
	    {view_unread, CHANNEL_LOW, "could not be read"},
	    {sample_hostile, CHANNEL_LOW, "only a person may let go"},
	    {view_by_rule, CHANNEL_LOW, "a tripwire"},
	    {view_waiting, CHANNEL_LOW, "opinions"},
	    {view_by_other, CHANNEL_LOW, "a rule may refuse"},
	    {view_by_gone, CHANNEL_LOW, "no longer configured"},
	    {view_mixed, CHANNEL_LOW, "different channels"},
	    {view_twice, CHANNEL_LOW, "equal to an earlier"},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		make_channel(s, CHANNEL_APPROVE);
		s->rule = (struct rule){.name = "large", .tripwire = true};
		s->channel.n_rules = 1;
		s->channel.rules = &s->rule;
		s->other = (struct rule){
		    .name = "of-all-mail", .then = VERDICT_REFUSE};
		s->config.n_rules = 1;
		s->config.rules = &s->other;
		s->channel.cost = rows[i].cost;
		fake.view = rows[i].view;
		add_late(17, 3, wall_ms);
		ladder_kick(s->review->ladder);
		pass_ms(s, 5000);
		assert_int_equal(fake.n_steps, i + 1);
		assert_int_equal(last_step()->final, HOLD_HELD);
		assert_int_equal(last_step()->next_ms, 0);
		assert_string_equal(last_step()->ask, "bob");
		contains(last_step()->text, rows[i].text);
	}
}

static void jumps_let_nothing_go(void **state)
{
	struct scene *s = *state;
	enum channel_final final;
	size_t n;

	for (final = CHANNEL_EXPIRE; final <= CHANNEL_APPROVE; final++) {
		make_channel(s, final);
		fake.n_late = 0;
		n = fake.n_steps;
		add_late(17, 3, wall_ms + 4 * HOUR_MS);
		pass_ms(s, MIN_MS);
		jump_ms(s, DAY_MS);
		assert_int_equal(fake.n_steps, n + 1);
		assert_int_equal(last_step()->final, HOLD_HELD);
		assert_string_equal(last_step()->ask, "bob");
		contains(last_step()->text, "the clock jumped");
	}
	/* 2038 and 2106 are jumps like others */
	make_channel(s, CHANNEL_EXPIRE);
	add_late(18, 3, wall_ms + 4 * HOUR_MS);
	pass_ms(s, MIN_MS);
	wall_ms = INT64_C(4294967296000);
	jump_ms(s, 0);
	contains(last_step()->text, "the clock jumped");
}

/* Warnings come first, and the end that the jump brought is none later. */
static void jumps_overtake_warnings(void **state)
{
	struct scene *s = *state;

	add_late(17, 2, START_MS + 3 * HOUR_MS);
	pass_ms(s, MIN_MS);
	jump_ms(s, DAY_MS);
	assert_int_equal(fake.n_steps, 1);
	assert_true(last_step()->remind);
	assert_int_equal(last_step()->next_ms, START_MS + 4 * HOUR_MS);
	pass_ms(s, 5000);
	assert_int_equal(fake.n_steps, 2);
	assert_int_equal(last_step()->final, HOLD_HELD);
	contains(last_step()->text, "the clock jumped");
}

static void jumps_are_forgotten(void **state)
{
	struct scene *s = *state;

	jump_ms(s, DAY_MS);
	/* came in since, expires in time */
	add_late(17, 3, wall_ms + HOUR_MS)->received_ms = wall_ms + 1;
	ladder_kick(s->review->ladder);
	pass_ms(s, HOUR_MS);
	assert_int_equal(last_step()->final, HOLD_EXPIRED);
	/* what came in before the jump is not approved by a clock, ever */
	make_channel(s, CHANNEL_APPROVE);
	add_late(18, 3, wall_ms + HOUR_MS)->received_ms = START_MS;
	add_late(19, 3, wall_ms + HOUR_MS)->received_ms = wall_ms - 1000;
	ladder_kick(s->review->ladder);
	pass_ms(s, HOUR_MS);
	assert_int_equal(fake.n_steps, 3);
	/* 18 is committed at once, 19 is looked at first */
	assert_int_equal(fake.steps[1].draft, 18);
	assert_int_equal(fake.steps[1].final, HOLD_HELD);
	assert_int_equal(fake.steps[2].draft, 19);
	assert_int_equal(fake.steps[2].final, HOLD_APPROVED);
}

static void jumps_back_only_wait(void **state)
{
	struct scene *s = *state;

	add_late(17, 3, START_MS + HOUR_MS);
	ladder_kick(s->review->ladder);
	pass_ms(s, MIN_MS);
	jump_ms(s, -10 * 365 * DAY_MS);
	pass_ms(s, HOUR_MS);
	assert_int_equal(fake.n_steps, 0);
	/* and back again */
	jump_ms(s, 10 * 365 * DAY_MS);
	assert_int_equal(fake.n_steps, 1);
	assert_int_equal(last_step()->final, HOLD_HELD);
	contains(last_step()->text, "the clock jumped");
}

static void drifts_are_no_jumps(void **state)
{
	struct scene *s = *state;

	add_late(17, 3, START_MS + HOUR_MS);
	ladder_kick(s->review->ladder);
	jump_ms(s, 59000);
	pass_ms(s, HOUR_MS);
	assert_int_equal(last_step()->final, HOLD_EXPIRED);
}

/* Switched off for a day: the warning is late, the end waits for an answer. */
static void late_warnings_are_warnings(void **state)
{
	struct scene *s = *state;

	pass_ms(s, DAY_MS);
	add_late(17, 2, START_MS + 3 * HOUR_MS);
	ladder_kick(s->review->ladder);
	pass_ms(s, 5000);
	assert_int_equal(fake.n_steps, 1);
	assert_int_equal(last_step()->next_ms, wall_ms + HOUR_MS);
	/* steps on the way follow at once */
	add_late(18, 0, START_MS + HOUR_MS);
	ladder_kick(s->review->ladder);
	pass_ms(s, 5000);
	assert_int_equal(last_step()->next_ms, START_MS + 2 * HOUR_MS);
}

static void channels_may_go(void **state)
{
	struct scene *s = *state;

	add_late(17, 3, START_MS)->channel = "gone";
	add_late(18, 7, START_MS);
	add_late(19, 0, START_MS)->channel = "";
	pass_ms(s, MIN_MS);
	assert_int_equal(fake.n_steps, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(fake.steps[i].final, HOLD_HELD);
		assert_int_equal(fake.steps[i].next_ms, 0);
		assert_string_equal(fake.steps[i].ask, "bob"); /* the admin */
	}
	contains(fake.steps[0].text, "no longer configured");
	contains(fake.steps[1].text, "has become shorter");
}

static void goes_in_batches(void **state)
{
	struct scene *s = *state;
	size_t i;

	for (i = 0; i < 150; i++)
		add_late(100 + (int64_t)i, 3, START_MS);
	pass_ms(s, MIN_MS);
	assert_int_equal(fake.n_steps, 64);
	pass_ms(s, 20);
	assert_int_equal(fake.n_steps, 128);
	pass_ms(s, 20);
	assert_int_equal(fake.n_steps, 150);
	pass_ms(s, 1000);
	assert_int_equal(fake.n_steps, 150);
}

/* After a jump all that are late at once are handed up, not the first 64. */
static void jumps_last_for_all_batches(void **state)
{
	struct scene *s = *state;
	size_t i;

	for (i = 0; i < 150; i++)
		add_late(100 + (int64_t)i, 3, START_MS + HOUR_MS);
	jump_ms(s, DAY_MS);
	pass_ms(s, 20);
	pass_ms(s, 20);
	assert_int_equal(fake.n_steps, 150);
	for (i = 0; i < 150; i++)
		assert_int_equal(fake.steps[i].final, HOLD_HELD);
}

static void trouble_is_tried_again(void **state)
{
	struct scene *s = *state;

	add_late(17, 3, START_MS);
	fake.overdue_error = ERROR_INTERNAL;
	pass_ms(s, MIN_MS);
	fake.overdue_error = ERROR_NONE;
	fake.step_error = ERROR_BUSY;
	pass_ms(s, MIN_MS);
	assert_int_equal(fake.n_steps, 0);
	assert_int_equal(s->n_moved, 0);
	fake.step_error = ERROR_NONE;
	pass_ms(s, MIN_MS);
	assert_int_equal(fake.n_steps, 1);
	/* somebody decided meanwhile: no trouble */
	add_late(18, 3, START_MS);
	fake.step_error = ERROR_CONFLICT;
	ladder_kick(s->review->ladder);
	pass_ms(s, MIN_MS);
	assert_int_equal(s->n_moved, 1);
	assert_int_equal(fake.n_late, 0);
}

static void looks_only_when_due(void **state)
{
	struct scene *s = *state;
	unsigned n;

	add_late(17, 0, START_MS + HOUR_MS);
	ladder_kick(s->review->ladder);
	pass_ms(s, 1000);
	n = fake.n_overdues;
	for (size_t i = 0; i < 100; i++)
		pass_ms(s, 5000);
	assert_int_equal(fake.n_overdues, n);
	ladder_kick(s->review->ladder);
	ladder_kick(s->review->ladder);
	pass_ms(s, 1000);
	assert_int_equal(fake.n_overdues, n + 1);
}

/* What was sent back and lapsed is told; the next is waited for. */
static void lapsed_drafts_are_told(void **state)
{
	struct scene *s = *state;
	unsigned n;

	fake.lapse_ms = START_MS + HOUR_MS;
	ladder_kick(s->review->ladder);
	pass_ms(s, 1000);
	n = fake.n_overdues;
	pass_ms(s, HOUR_MS - 10000);
	assert_int_equal(fake.n_overdues, n);
	s->moved = 0;
	fake.lapsing = 2;
	fake.lapse_ms = 0;
	pass_ms(s, 20000);
	assert_int_equal(fake.lapsing, 0);
	assert_int_equal(s->moved, HOLD_EXPIRED);
	assert_int_equal(fake.jump_ms, 0);
}

/* An agent does not lose the time that a jump took, nor gain it twice. */
static void jumps_are_given_on_top(void **state)
{
	struct scene *s = *state;

	fake.lapse_error = ERROR_INTERNAL;
	jump_ms(s, DAY_MS);
	assert_in_range(fake.jump_ms, DAY_MS - MIN_MS, DAY_MS + MIN_MS);
	fake.jump_ms = 0;
	fake.lapse_error = ERROR_NONE;
	ladder_kick(s->review->ladder);
	pass_ms(s, 1000);
	assert_in_range(fake.jump_ms, DAY_MS - MIN_MS, DAY_MS + MIN_MS);
	ladder_kick(s->review->ladder);
	pass_ms(s, 1000);
	assert_in_range(fake.jump_ms, DAY_MS - MIN_MS, DAY_MS + MIN_MS);
}

/* The room goes while a batch is in each of its stages. */
static void may_be_left(void **state)
{
	struct scene *s = *state;
	const struct review_hooks hooks = {.moved = on_moved, .context = s};
	unsigned steps, k;

	make_channel(s, CHANNEL_APPROVE);
	for (steps = 0; steps < 8; steps++) {
		fake.n_late = 0;
		add_late(17, 3, START_MS);
		add_late(18, 3, START_MS);
		ladder_kick(s->review->ladder);
		ladder_look(s->review->ladder);
		for (k = 0; k < steps; k++)
			fake_step();
		review_free(s->review);
		fake_run();
		s->review =
		    review_new(s->base, &s->config, fake_hold(), &hooks);
		ladder_forget(s->review->ladder);
		s->review->ladder = ladder_new(s->review, &clock_of_test);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(climbs, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		asks_others_when_nobody_is_left, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		counts_business_hours, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		hands_up_at_the_end, setup, teardown),
	    cmocka_unit_test_setup_teardown(approves_what_may, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		never_approves_what_people_must, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		jumps_let_nothing_go, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		jumps_overtake_warnings, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		jumps_are_forgotten, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		jumps_back_only_wait, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		drifts_are_no_jumps, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		late_warnings_are_warnings, setup, teardown),
	    cmocka_unit_test_setup_teardown(channels_may_go, setup, teardown),
	    cmocka_unit_test_setup_teardown(goes_in_batches, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		jumps_last_for_all_batches, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		trouble_is_tried_again, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		looks_only_when_due, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		lapsed_drafts_are_told, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		jumps_are_given_on_top, setup, teardown),
	    cmocka_unit_test_setup_teardown(may_be_left, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
