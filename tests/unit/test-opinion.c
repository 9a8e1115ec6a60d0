/*
 * test-opinion: step 8 of a mail's way with a real ledger, the real judge and a
 * real program, which does what the subjects of the drafts say.
 */
#include "pipeline_opinion.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/judge.h"
#include "check/opinion.h"
#include "house.h"
#include "ledger.h"
#include "pipeline.h"
#include "util/log.h"

#define LIST(...)                                                              \
	(const char *const[])                                                  \
	{                                                                      \
		__VA_ARGS__, NULL                                              \
	}
#define PATIENT_MS 60000
#define SHORT_MS   300
#define GUARD_S	   120

static struct config_reviewer reviewers[] = {
    {.name = "anna", .admin = true}, {.name = "bob"}, {.name = "carl"}};
static struct config_program program = {.name = "x",
    .command = LIST("/usr/bin/env", "python3",
	TOP_SRCDIR "/tests/unit/evil-program.py", "well", "x"),
    .deadline_ms = PATIENT_MS,
    .waiting = 100};
static struct channel channel = {.name = "support",
    .owner = "anna",
    .agents = LIST("demo"),
    .reviewers = LIST("bob"),
    .mode = CHANNEL_EXCEPTION,
    .persons = 1,
    .deadline_s = 3600};
static struct config config = {.n_reviewers = 3,
    .reviewers = reviewers,
    .n_programs = 1,
    .programs = &program,
    .n_channels = 1,
    .channels = &channel};

static const char *const known[] = {"x", NULL};
static const char *const also_unknown[] = {"x", "y", NULL};
static struct ledger ledger;
static struct house house;
static unsigned n_moved;

void pipeline_moved(int64_t draft, enum hold_state state, void *context)
{
	(void)draft;
	(void)state;
	assert_ptr_equal(context, &house);
	n_moved++;
}

/* ---- the house ---------------------------------------------------------- */

static void open_house(void)
{
	house = (struct house){
	    .base = ledger.base, .config = &config, .hold = ledger.hold};
	house.programs = check_programs_new(ledger.base, &config);
	house.opinions = pipeline_opinion_new(&house);
	n_moved = 0;
}

static void close_house(void)
{
	pipeline_opinion_stop(house.opinions);
	check_programs_free(house.programs);
	ledger_close(&ledger);
	pipeline_opinion_free(house.opinions);
}

static int start(void **state)
{
	(void)state;
	channel.programs = known;
	channel.case_program = NULL;
	program.deadline_ms = PATIENT_MS;
	ledger_init(&ledger);
	assert_int_equal(ledger_open(&ledger), 0);
	open_house();
	return 0;
}

static int stop(void **state)
{
	(void)state;
	close_house();
	ledger_release(&ledger);
	return 0;
}

static void on_guard(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	(void)context;
	fail_msg("nothing moved");
}

static void wait_for(unsigned moves)
{
	const struct timeval most = {GUARD_S, 0};
	struct event *guard = evtimer_new(ledger.base, on_guard, NULL);

	event_add(guard, &most);
	while (n_moved < moves)
		event_base_loop(ledger.base, EVLOOP_ONCE);
	event_free(guard);
}

/* ---- drafts ------------------------------------------------------------- */

static void judge_first(struct hold_put *put,
    const struct verdict_history *history, struct verdict *verdict)
{
	static const struct channel *const channels[] = {&channel};
	const struct judge_facts facts = {.agent = put->message->agent,
	    .envelope = &put->message->envelope,
	    .size = put->message->bytes.len,
	    .reading = put->reading,
	    .history = history,
	    .config = &config,
	    .n_channels = 1,
	    .channels = channels,
	    .now_ms = put->message->received_ms,
	    .dice = UINT64_MAX};

	judge(&facts, verdict);
}

/* Put a draft that waits for opinions; its id. */
static int64_t put(const char *subject, const char *text)
{
	struct draft draft;
	int64_t id;

	draft_init(&draft, text);
	draft.reading->subject = subject;
	draft.reading->context.case_id = "C-1";
	draft.put.judge = judge_first;
	draft.put.channel = "support";
	draft_put(&ledger, &draft);
	id = draft.put.draft;
	assert_int_equal(draft.put.state, HOLD_HELD);
	assert_true(draft.put.verdict.opinions);
	draft_release(&draft);
	return id;
}

/* The same, and wait until it was considered. */
static void consider(struct hold_view *view, const char *subject)
{
	n_moved = 0;
	*view = (struct hold_view){.draft = put(subject, subject)};
	assert_int_equal(
	    ledger_due(&ledger, view->draft, HOLD_PROMPT_DECIDE, NULL), 0);
	pipeline_opinion_kick(house.opinions);
	wait_for(1);
	assert_int_equal(ledger_do(&ledger, view, view), ERROR_NONE);
	assert_false(view->opinions);
}

static bool has(const struct hold_view *view, const char *finding)
{
	return reading_find(view->reading, finding) != NULL;
}

static void test_pass(void **state)
{
	struct hold_view view;

	(void)state;
	consider(&view, "fine");
	assert_int_equal(view.state, HOLD_APPROVED);
	hold_view_release(&view);
}

static void test_findings(void **state)
{
	struct hold_view view;

	(void)state;
	consider(&view, "worry");
	assert_int_equal(view.state, HOLD_HELD);
	assert_true(has(&view, "tone"));
	assert_string_equal(reading_find(view.reading, "tone")->by, "x");
	assert_int_equal(view.severity, SEVERITY_CRITICAL);
	assert_int_equal(
	    ledger_due(&ledger, view.draft, HOLD_PROMPT_DECIDE, "bob"), 1);
	assert_int_equal(
	    ledger_due(&ledger, view.draft, HOLD_PROMPT_DECIDE, "carl"), 1);
	assert_int_equal(
	    ledger_due(&ledger, view.draft, HOLD_PROMPT_DECIDE, "anna"), 0);
	hold_view_release(&view);
}

static void test_refuse(void **state)
{
	struct hold_view view;

	(void)state;
	consider(&view, "grave");
	assert_int_equal(view.state, HOLD_DROPPED);
	assert_true(has(&view, "risk"));
	assert_int_equal(view.n_decisions > 0, 1);
	assert_string_equal(
	    view.decisions[view.n_decisions - 1].actor, "program:x");
	assert_string_equal(
	    view.decisions[view.n_decisions - 1].text, "no thank you");
	hold_view_release(&view);
}

static void test_trouble(void **state)
{
	static const char *const ways[][2] = {
	    {"garbage", "program-failed"},
	    {"die", "program-failed"},
	    {"late", "program-failed"},
	    {"approve", "program-nonsense"},
	    {"stranger", "program-nonsense"},
	};
	struct hold_view view;
	size_t i;

	(void)state;
	/* the program is there first, then it has little time */
	while (!check_programs_tried(house.programs))
		event_base_loop(ledger.base, EVLOOP_ONCE);
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		program.deadline_ms =
		    strcmp(ways[i][0], "late") == 0 ? SHORT_MS : PATIENT_MS;
		consider(&view, ways[i][0]);
		assert_int_equal(view.state, HOLD_HELD);
		assert_true(has(&view, ways[i][1]));
		assert_int_equal(
		    ledger_due(&ledger, view.draft, HOLD_PROMPT_DECIDE, "bob"),
		    1);
		hold_view_release(&view);
	}
}

static void test_case(void **state)
{
	struct hold_view view;

	(void)state;
	channel.case_program = "x";
	channel.programs = NULL;
	consider(&view, "fine");
	assert_int_equal(view.state, HOLD_APPROVED);
	hold_view_release(&view);
	channel.programs = known;
	consider(&view, "worry");
	assert_true(has(&view, "case-owner"));
	assert_string_equal(
	    reading_find(view.reading, "case-owner")->value, "anna");
	assert_int_equal(
	    ledger_due(&ledger, view.draft, HOLD_PROMPT_DECIDE, "anna"), 1);
	hold_view_release(&view);
}

/* What the daemon left when it ended is asked about when it starts. */
static void test_restart(void **state)
{
	struct hold_view view = {.draft = put("late", "one")};
	int64_t other = put("fine", "two");

	(void)state;
	pipeline_opinion_kick(house.opinions);
	wait_for(1);
	assert_int_equal(ledger_state(&ledger, other, NULL), HOLD_APPROVED);
	close_house();
	channel.programs = also_unknown;
	assert_int_equal(ledger_open(&ledger), 0);
	program.deadline_ms = SHORT_MS;
	open_house();
	pipeline_opinion_kick(house.opinions);
	wait_for(1);
	assert_int_equal(ledger_do(&ledger, view, &view), ERROR_NONE);
	assert_int_equal(view.state, HOLD_HELD);
	assert_true(has(&view, "program-failed"));
	hold_view_release(&view);
}

/* Nobody is to be asked any more. */
static void test_nobody(void **state)
{
	struct hold_view view = {.draft = put("fine", "one")};

	(void)state;
	channel.programs = NULL;
	pipeline_opinion_kick(house.opinions);
	wait_for(1);
	assert_int_equal(
	    ledger_state(&ledger, view.draft, NULL), HOLD_APPROVED);
}

static void test_many(void **state)
{
	char text[32];
	unsigned i;

	(void)state;
	for (i = 0; i < 200; i++) {
		snprintf(text, sizeof(text), "mail %u", i);
		put(i % 2 ? "fine" : "worry", text);
		pipeline_opinion_kick(house.opinions);
	}
	wait_for(200);
	assert_int_equal(ledger_number(&ledger,
			     "SELECT count(*) FROM draft WHERE opinions = 1"),
	    0);
	assert_int_equal(ledger_number(&ledger,
			     "SELECT count(*) FROM draft WHERE state = 1"),
	    100);
}

/* Dropped, or changed, while it was asked about. */
static void test_race(void **state)
{
	int64_t draft = put("late", "one");

	(void)state;
	program.deadline_ms = SHORT_MS;
	pipeline_opinion_kick(house.opinions);
	assert_int_equal(
	    ledger_say(&ledger, draft, HOLD_DROP, "anna"), ERROR_NONE);
	n_moved = 0;
	program.deadline_ms = PATIENT_MS;
	put("fine", "two");
	pipeline_opinion_kick(house.opinions);
	wait_for(1);
	assert_int_equal(ledger_state(&ledger, draft, NULL), HOLD_DROPPED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_pass, start, stop),
	    cmocka_unit_test_setup_teardown(test_findings, start, stop),
	    cmocka_unit_test_setup_teardown(test_refuse, start, stop),
	    cmocka_unit_test_setup_teardown(test_trouble, start, stop),
	    cmocka_unit_test_setup_teardown(test_case, start, stop),
	    cmocka_unit_test_setup_teardown(test_restart, start, stop),
	    cmocka_unit_test_setup_teardown(test_nobody, start, stop),
	    cmocka_unit_test_setup_teardown(test_many, start, stop),
	    cmocka_unit_test_setup_teardown(test_race, start, stop),
	};

	signal(SIGPIPE, SIG_IGN);
	log_init(getenv("VERBOSE") ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
