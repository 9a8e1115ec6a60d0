/*
 * Tests of time: deadlines step by step, not before and not after.
 */
#include "ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/clock.h"
#include "util/mem.h"

#define HOUR_MS ((int64_t)3600 * 1000)

static struct ledger ledger;
static unsigned serial;

static int start(void **state)
{
	(void)state;
	ledger_init(&ledger);
	if (ledger_open(&ledger))
		fail_msg("%s", ledger.error.text);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	ledger_verify(&ledger);
	ledger_release(&ledger);
	return 0;
}

static int64_t put(enum verdict_kind kind, const struct verdict *wants)
{
	char text[32];

	snprintf(text, sizeof(text), "ladder %u\r\n", serial++);
	return draft_wanted(&ledger, text, kind, wants);
}

static struct hold_view view_of(int64_t id)
{
	struct hold_view view = {.draft = id};

	if (ledger_do(&ledger, view, &view) != ERROR_NONE)
		fail_msg("%s", view.call.error.text);
	return view;
}

static int64_t due_of(int64_t id)
{
	struct hold_view view = view_of(id);
	int64_t due = view.due_ms;

	hold_view_release(&view);
	return due;
}

/* What the ledger owes a report about. */
static size_t owed(void)
{
	struct hold_owed owed = {.limit = 64};

	ledger_do(&ledger, owed, &owed);
	return owed.n_words;
}

static const char *last_event(int64_t id, const char **actor)
{
	static char event[64], who[64];
	struct hold_log log = {.draft = id, .limit = 1};

	assert_int_equal(ledger_do(&ledger, log, &log), ERROR_NONE);
	snprintf(event, sizeof(event), "%s", log.events[0].event);
	snprintf(who, sizeof(who), "%s", log.events[0].actor);
	arena_free(log.arena);
	if (actor != NULL)
		*actor = who;
	return event;
}

/* ---- deadlines ----------------------------------------------------------- */

static int64_t with_ladder(int64_t step_ms)
{
	const struct verdict wants = {.step_ms = step_ms,
	    .deadline_ms = step_ms + HOUR_MS,
	    .channel = "support"};

	return put(VERDICT_HOLD, &wants);
}

static size_t overdue(int64_t now, unsigned limit, int64_t *next)
{
	struct hold_overdue o = {.now_ms = now, .limit = limit};
	size_t n;

	assert_int_equal(ledger_do(&ledger, overdue, &o), ERROR_NONE);
	n = o.n_drafts;
	*next = o.next_ms;
	if (n > 0) {
		assert_string_equal(o.drafts[0].channel, "support");
		assert_string_equal(o.drafts[0].agent, "demo");
		assert_string_equal(o.drafts[0].ask, "anna\nbob");
		assert_true(o.drafts[0].deadline_ms > o.drafts[0].received_ms);
	}
	arena_free(o.arena);
	return n;
}

static enum error_kind climb(int64_t id, unsigned n, enum hold_state final,
    const char *ask, int64_t next)
{
	struct hold_step step = {.draft = id,
	    .step = n,
	    .remind = final == HOLD_HELD,
	    .ask = ask,
	    .final = final,
	    .text = "1 h passed",
	    .next_ms = next};

	return ledger_do(&ledger, step, &step);
}

static void what_is_overdue_is_found(void **state)
{
	int64_t now = clock_now_ms(), next, id;

	(void)state;
	with_ladder(now + 3000);
	id = with_ladder(now + 1000);
	with_ladder(now + 2000);
	draft_held(&ledger, "no ladder\r\n");
	assert_int_equal(overdue(now, 64, &next), 0);
	assert_int_equal(next, now + 1000);
	assert_int_equal(overdue(now + 2500, 64, &next), 2);
	assert_int_equal(next, now + 3000);
	assert_int_equal(overdue(now + 9000, 2, &next), 2);
	assert_int_equal(next, now + 3000);
	assert_int_equal(overdue(now + 9000, 64, &next), 3);
	assert_int_equal(next, 0);
	/* what was decided has no deadline */
	ledger_say(&ledger, id, HOLD_APPROVE, "anna");
	assert_int_equal(overdue(now + 9000, 64, &next), 2);
}

static void a_step_is_taken_once(void **state)
{
	int64_t now = clock_now_ms(), id = with_ladder(now), next;
	struct hold_view view;

	(void)state;
	ledger_notify(&ledger, id, "anna");
	assert_int_equal(
	    climb(id, 0, HOLD_HELD, "carol", now + HOUR_MS), ERROR_NONE);
	/* reminded by one prompt each, whether they were told yet or not */
	assert_int_equal(
	    ledger_due(&ledger, id, HOLD_PROMPT_REMIND, "anna"), 1);
	assert_int_equal(ledger_due(&ledger, id, HOLD_PROMPT_REMIND, "bob"), 1);
	assert_int_equal(ledger_due(&ledger, id, HOLD_PROMPT_DECIDE, "bob"), 0);
	assert_int_equal(
	    ledger_due(&ledger, id, HOLD_PROMPT_DECIDE, "carol"), 1);
	assert_string_equal(last_event(id, NULL), "escalated");
	view = view_of(id);
	assert_int_equal(view.step, 1);
	assert_int_equal(view.step_ms, now + HOUR_MS);
	assert_string_equal(view.ask, "anna\nbob\ncarol");
	hold_view_release(&view);
	assert_int_equal(climb(id, 0, HOLD_HELD, NULL, now), ERROR_CONFLICT);
	assert_int_equal(climb(id, 1, HOLD_HELD, NULL, 0), ERROR_NONE);
	assert_string_equal(last_event(id, NULL), "reminded");
	assert_int_equal(
	    ledger_due(&ledger, id, HOLD_PROMPT_REMIND, "anna"), 1);
	assert_int_equal(overdue(now + 9 * HOUR_MS, 64, &next), 0);
	/* an answer to a reminder decides */
	assert_int_equal(
	    ledger_say(&ledger, id, HOLD_APPROVE, "anna"), ERROR_NONE);
	assert_int_equal(climb(id, 2, HOLD_EXPIRED, NULL, 0), ERROR_CONFLICT);
	assert_int_equal(climb(99, 0, HOLD_EXPIRED, NULL, 0), ERROR_MISSING);
}

static void who_answered_is_not_reminded(void **state)
{
	const struct verdict wants = {.persons = 2, .step_ms = 1};
	int64_t id = put(VERDICT_HOLD, &wants);

	(void)state;
	ledger_say(&ledger, id, HOLD_APPROVE, "anna");
	climb(id, 0, HOLD_HELD, "anna", 0);
	assert_int_equal(
	    ledger_due(&ledger, id, HOLD_PROMPT_REMIND, "anna"), 0);
	assert_int_equal(
	    ledger_due(&ledger, id, HOLD_PROMPT_DECIDE, "anna"), 0);
	assert_int_equal(ledger_due(&ledger, id, HOLD_PROMPT_REMIND, "bob"), 1);
}

static void it_expires_for_good(void **state)
{
	int64_t now = clock_now_ms(), id = with_ladder(now);
	struct draft again;
	const char *actor;
	unsigned verb;

	(void)state;
	ledger_notify(&ledger, id, "anna");
	assert_int_equal(climb(id, 0, HOLD_EXPIRED, NULL, 0), ERROR_NONE);
	assert_int_equal(ledger_state(&ledger, id, NULL), HOLD_EXPIRED);
	assert_string_equal(last_event(id, &actor), "expired");
	assert_string_equal(actor, "deadline");
	assert_int_equal(owed(), 1);
	assert_int_equal(
	    ledger_due(&ledger, id, HOLD_PROMPT_OUTCOME, "anna"), 1);
	/* whatever the clock says, and whoever */
	assert_int_equal(
	    climb(id, 1, HOLD_APPROVED, NULL, now - HOUR_MS), ERROR_CONFLICT);
	for (verb = HOLD_APPROVE; verb < HOLD_VERBS; verb++)
		if (verb != HOLD_EDIT)
			assert_int_equal(ledger_say(&ledger, id,
					     (enum hold_verb)verb, "anna"),
			    ERROR_CONFLICT);
	for (verb = 1; verb < HOLD_STATES; verb++)
		assert_false(
		    hold_may_move(HOLD_EXPIRED, (enum hold_state)verb));
	/* it was given back: sent again it is a new one */
	draft_init(&again, "given back\r\n");
	again.reading->message_id = "<1@corp.example>";
	draft_put(&ledger, &again);
	climb(again.put.draft, 0, HOLD_EXPIRED, NULL, 0);
	id = again.put.draft;
	draft_put(&ledger, &again);
	assert_false(again.put.repeated);
	assert_int_not_equal(again.put.draft, id);
	draft_release(&again);
}

static void a_deadline_may_approve(void **state)
{
	int64_t now = clock_now_ms(), id;
	const struct verdict late = {.not_after_ms = now - 1};
	struct draft unread;

	(void)state;
	ledger_close(&ledger);
	ledger.settings.undo_ms = HOUR_MS;
	ledger_open(&ledger);
	id = with_ladder(now);
	assert_int_equal(climb(id, 0, HOLD_APPROVED, NULL, 0), ERROR_NONE);
	assert_int_equal(ledger_state(&ledger, id, NULL), HOLD_APPROVED);
	assert_in_range(due_of(id), now + HOUR_MS, now + 2 * HOUR_MS);
	/* which a person can undo; then it is that person's matter */
	assert_int_equal(ledger_say(&ledger, id, HOLD_UNDO, "bob"), ERROR_NONE);
	assert_int_equal(overdue(now + 9 * HOUR_MS, 64, &now), 0);
	/* but not what nobody could read, or what is too late */
	draft_init(&unread, "x\r\n");
	unread.reading->trouble = "the reader died";
	draft_put(&ledger, &unread);
	id = unread.put.draft;
	assert_int_equal(climb(id, 0, HOLD_APPROVED, NULL, 0), ERROR_NONE);
	assert_int_equal(ledger_state(&ledger, id, NULL), HOLD_HELD);
	draft_release(&unread);
	id = put(VERDICT_HOLD, &late);
	assert_int_equal(climb(id, 0, HOLD_APPROVED, NULL, 0), ERROR_NONE);
	assert_int_equal(ledger_state(&ledger, id, NULL), HOLD_HELD);
	assert_int_equal(climb(id, 1, HOLD_SENT, NULL, 0), ERROR_INVALID);
}

/* Approved in the very commit in which it would expire. */
static void a_deadline_races_a_decision(void **state)
{
	unsigned round;

	(void)state;
	for (round = 0; round < 4; round++) {
		int64_t id = with_ladder(1);
		struct hold_step step = {
		    .draft = id, .final = HOLD_EXPIRED, .text = "late"};
		struct hold_decide say = {.draft = id,
		    .verb = HOLD_APPROVE,
		    .actor = "anna",
		    .medium = "mail"};
		bool first = round % 2;

		ledger_state(&ledger, id, say.revision);
		ledger_hold_back(&ledger);
		if (first)
			ledger_start(&ledger, decide, &say);
		ledger_start(&ledger, step, &step);
		if (!first)
			ledger_start(&ledger, decide, &say);
		ledger_let_go(&ledger);
		assert_int_equal(
		    say.call.error.kind, first ? ERROR_NONE : ERROR_CONFLICT);
		assert_int_equal(
		    step.call.error.kind, first ? ERROR_CONFLICT : ERROR_NONE);
		assert_int_equal(ledger_state(&ledger, id, NULL),
		    first ? HOLD_APPROVED : HOLD_EXPIRED);
		assert_int_equal(step.state, ledger_state(&ledger, id, NULL));
	}
}

/* ---- not before, not after ----------------------------------------------- */

static void not_before_its_time(void **state)
{
	int64_t now = clock_now_ms();
	const struct verdict wants = {.not_before_ms = now + HOUR_MS};
	int64_t passed = put(VERDICT_PASS, &wants);
	int64_t held = put(VERDICT_HOLD, &wants);
	struct hold_claim claim = {.draft = 0};

	(void)state;
	ledger_say(&ledger, held, HOLD_APPROVE, "anna");
	assert_int_equal(due_of(passed), now + HOUR_MS);
	assert_int_equal(due_of(held), now + HOUR_MS);
	ledger_do(&ledger, claim, &claim);
	assert_int_equal(claim.draft, 0);
	assert_int_equal(claim.next_ms, now + HOUR_MS);
	arena_free(claim.arena);
}

static void not_after_its_time(void **state)
{
	const struct verdict wants = {.not_after_ms = clock_now_ms() - 1};
	int64_t id = put(VERDICT_PASS, &wants);
	struct hold_claim claim = {.draft = 0};
	struct hold_settle settle = {.draft = 0};
	struct hold_dot dot = {.draft = 0};
	struct hold_decide said;

	(void)state;
	ledger_do(&ledger, claim, &claim);
	assert_int_equal(claim.draft, 0);
	arena_free(claim.arena);
	assert_int_equal(ledger_state(&ledger, id, NULL), HOLD_HELD);
	assert_string_equal(last_event(id, NULL), "too-late");
	assert_int_equal(ledger_due(&ledger, id, HOLD_PROMPT_DECIDE, NULL), 2);
	assert_int_equal(
	    ledger_tell(&ledger, id, HOLD_APPROVE, "anna", NULL, &said),
	    ERROR_INVALID);
	assert_non_null(strstr(said.call.error.text, "can only be dropped"));
	assert_int_equal(
	    ledger_say(&ledger, id, HOLD_DROP, "anna"), ERROR_NONE);
	/* the time ends while it is on its way */
	id = draft_passed(&ledger, "on its way\r\n");
	ledger_do(&ledger, claim, &claim);
	assert_int_equal(claim.draft, id);
	ledger_sql(&ledger, "UPDATE draft SET not_after_ms = 1");
	dot.draft = settle.draft = id;
	dot.attempt = settle.attempt = claim.attempt;
	assert_int_equal(ledger_do(&ledger, dot, &dot), ERROR_DENIED);
	settle.again_ms = 1;
	ledger_do(&ledger, settle, &settle);
	assert_int_equal(settle.state, HOLD_APPROVED);
	arena_free(claim.arena);
	ledger_do(&ledger, claim, &claim);
	assert_int_equal(claim.draft, 0);
	arena_free(claim.arena);
	assert_int_equal(ledger_state(&ledger, id, NULL), HOLD_HELD);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_is_overdue_is_found),
	    TEST(a_step_is_taken_once),
	    TEST(who_answered_is_not_reminded),
	    TEST(it_expires_for_good),
	    TEST(a_deadline_may_approve),
	    TEST(a_deadline_races_a_decision),
	    TEST(not_before_its_time),
	    TEST(not_after_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
