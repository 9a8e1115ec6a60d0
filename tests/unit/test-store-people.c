/*
 * Tests of who decides: several people for one draft, reasons, claims,
 * delegation, authority by what a draft demands, and a look afterwards.
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

static struct ledger ledger;
static struct hold_decide said;

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

static const struct verdict two = {
    .persons = 2,
    .channel = "refunds",
    .demand = "amount 12000.00 EUR\nfinding legal",
    .severity = SEVERITY_HIGH,
    .trace = "rule big: two people",
};

static int64_t for_two(void)
{
	static unsigned serial;
	char text[32];

	snprintf(text, sizeof(text), "for two %u\r\n", serial++);
	return draft_wanted(&ledger, text, VERDICT_HOLD, &two);
}

static enum error_kind tell(
    int64_t draft, enum hold_verb verb, const char *actor)
{
	return ledger_tell(&ledger, draft, verb, actor, NULL, &said);
}

/* How many have approved it, as people are shown. */
static unsigned approvals(int64_t draft)
{
	struct hold_view view = {.draft = draft};
	unsigned n;

	assert_int_equal(ledger_do(&ledger, view, &view), ERROR_NONE);
	n = view.approvals;
	hold_view_release(&view);
	return n;
}

static void revise(int64_t id, const char *actor, const char *text)
{
	struct hold_revise r = {.draft = id, .actor = actor, .medium = "mail"};
	struct draft fresh;

	draft_init(&fresh, text);
	r.bytes = buf_span(&fresh.message->bytes);
	r.reading = fresh.reading;
	r.category = "wording";
	ledger_state(&ledger, id, r.revision);
	if (ledger_do(&ledger, revise, &r) != ERROR_NONE)
		fail_msg("%s", r.call.error.text);
	draft_release(&fresh);
}

/* ---- two persons --------------------------------------------------------- */

static void two_people_approve(void **state)
{
	int64_t id = for_two();
	struct hold_claim claim = {.draft = 0};

	(void)state;
	ledger_notify(&ledger, id, "anna");
	assert_int_equal(tell(id, HOLD_APPROVE, "anna"), ERROR_NONE);
	assert_int_equal(said.state, HOLD_HELD);
	assert_int_equal(said.missing, 1);
	assert_int_equal(approvals(id), 1);
	assert_true(ledger.approve);
	assert_string_equal(ledger.demand,
	    "refunds|anna\nbob|amount 12000.00 EUR\nfinding legal");
	/* bob is still asked, anna is not */
	assert_int_equal(ledger_due(&ledger, id, HOLD_PROMPT_DECIDE, "bob"), 1);
	assert_int_equal(
	    ledger_number(&ledger, "SELECT count(*) FROM prompt"
				   " WHERE reviewer = 'anna' AND closed = 0"),
	    0);
	/* nothing leaves meanwhile */
	ledger_do(&ledger, claim, &claim);
	assert_int_equal(claim.draft, 0);
	arena_free(claim.arena);
	assert_int_equal(tell(id, HOLD_APPROVE, "bob"), ERROR_NONE);
	assert_int_equal(said.state, HOLD_APPROVED);
	assert_int_equal(said.missing, 0);
	assert_int_equal(approvals(id), 2);
	/* who was first hears what came of it */
	assert_int_equal(
	    ledger_due(&ledger, id, HOLD_PROMPT_OUTCOME, "anna"), 1);
	assert_int_equal(
	    ledger_attempt(&ledger, id, true, HOLD_RESULT_SENT), HOLD_SENT);
}

/* By whatever medium, and however often. */
static void one_person_is_one_person(void **state)
{
	int64_t id = for_two();
	struct hold_decide again = {.draft = id,
	    .verb = HOLD_APPROVE,
	    .actor = "anna",
	    .medium = "command line"};

	(void)state;
	assert_int_equal(tell(id, HOLD_APPROVE, "anna"), ERROR_NONE);
	ledger_state(&ledger, id, again.revision);
	assert_int_equal(ledger_do(&ledger, decide, &again), ERROR_INVALID);
	assert_non_null(strstr(again.call.error.text,
	    "you approved it already; one more person must"));
	assert_int_equal(again.state, HOLD_HELD);
	assert_int_equal(approvals(id), 1);
	/* both in one commit, too */
	id = for_two();
	again.draft = id;
	ledger_state(&ledger, id, again.revision);
	said = again;
	said.medium = "mail";
	ledger_hold_back(&ledger);
	ledger_start(&ledger, decide, &again);
	ledger_start(&ledger, decide, &said);
	ledger_let_go(&ledger);
	assert_int_equal(again.call.error.kind, ERROR_NONE);
	assert_int_equal(said.call.error.kind, ERROR_INVALID);
	assert_int_equal(ledger_state(&ledger, id, NULL), HOLD_HELD);
}

static void two_at_once_are_two(void **state)
{
	struct hold_decide d[2];
	int64_t id = for_two();
	unsigned i;

	(void)state;
	for (i = 0; i < 2; i++) {
		d[i] = (struct hold_decide){.draft = id,
		    .verb = HOLD_APPROVE,
		    .actor = i ? "bob" : "anna",
		    .medium = "mail"};
		ledger_state(&ledger, id, d[i].revision);
	}
	ledger_hold_back(&ledger);
	ledger_start(&ledger, decide, &d[0]);
	ledger_start(&ledger, decide, &d[1]);
	ledger_let_go(&ledger);
	assert_int_equal(d[0].missing, 1);
	assert_int_equal(d[1].missing, 0);
	assert_int_equal(ledger_state(&ledger, id, NULL), HOLD_APPROVED);
}

static void one_is_enough_to_drop_it(void **state)
{
	int64_t id = for_two();

	(void)state;
	tell(id, HOLD_APPROVE, "anna");
	assert_int_equal(tell(id, HOLD_DROP, "bob"), ERROR_NONE);
	assert_int_equal(said.state, HOLD_DROPPED);
	assert_int_equal(
	    ledger_due(&ledger, id, HOLD_PROMPT_OUTCOME, "anna"), 1);
}

/* An edit, and an undo, make it a matter for two again. */
static void approvals_are_of_a_revision(void **state)
{
	int64_t id = for_two();

	(void)state;
	tell(id, HOLD_APPROVE, "anna");
	revise(id, "anna", "better\r\n");
	assert_int_equal(approvals(id), 0);
	tell(id, HOLD_APPROVE, "anna");
	assert_int_equal(said.missing, 1);
	tell(id, HOLD_APPROVE, "bob");
	assert_int_equal(said.state, HOLD_APPROVED);
	assert_int_equal(tell(id, HOLD_UNDO, "carol"), ERROR_NONE);
	assert_false(ledger.approve);
	assert_int_equal(approvals(id), 0);
	tell(id, HOLD_APPROVE, "bob");
	assert_int_equal(said.state, HOLD_HELD);
	assert_int_equal(said.missing, 1);
	assert_int_equal(ledger_number(&ledger,
			     "SELECT count(*) FROM decision"
			     " WHERE verb = %d AND category = 'wording'",
			     HOLD_EDIT),
	    1);
}

/* Each of them must still have authority, up to the dot. */
static void authority_is_that_of_all(void **state)
{
	static const char *const names[] = {"anna", "bob"};
	struct hold_claim claim = {.draft = 0};
	struct hold_dot dot = {.draft = 0};
	struct hold_settle settle = {.draft = 0};
	int64_t id;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		id = for_two();
		tell(id, HOLD_APPROVE, "anna");
		tell(id, HOLD_APPROVE, "bob");
		ledger.powerless = names[i];
		ledger_do(&ledger, claim, &claim);
		assert_int_equal(claim.draft, 0);
		arena_free(claim.arena);
		assert_int_equal(ledger_state(&ledger, id, NULL), HOLD_HELD);
		assert_int_equal(approvals(id), 0);
		ledger.powerless = NULL;
	}
	id = for_two();
	tell(id, HOLD_APPROVE, "anna");
	tell(id, HOLD_APPROVE, "bob");
	ledger_do(&ledger, claim, &claim);
	assert_int_equal(claim.draft, id);
	ledger.powerless = "anna";
	dot.draft = settle.draft = id;
	dot.attempt = settle.attempt = claim.attempt;
	assert_int_equal(ledger_do(&ledger, dot, &dot), ERROR_DENIED);
	ledger_do(&ledger, settle, &settle);
	arena_free(claim.arena);
	ledger.powerless = NULL;
}

/* An approval that nobody gave, or that was taken out, is found. */
static void the_log_knows_who_approved(void **state)
{
	static const char *const tricks[] = {
	    "UPDATE draft SET approver = 'anna' || char(10) || 'bob'",
	    "UPDATE draft SET approver = NULL",
	    "UPDATE decision SET actor = 'bob' WHERE id = 1",
	    "INSERT INTO decision (draft, sha256, verb, actor, medium, at_ms)"
	    " SELECT draft, sha256, verb, 'bob', medium, at_ms FROM decision"
	    " WHERE id = 1",
	};
	struct hold_verify verify = {.rows = 0};
	int64_t id = for_two();
	size_t i;

	(void)state;
	tell(id, HOLD_APPROVE, "anna");
	ledger_verify(&ledger);
	ledger_sql(&ledger, "CREATE TABLE d AS SELECT * FROM draft;"
			    "CREATE TABLE e AS SELECT * FROM decision");
	for (i = 0; i < sizeof(tricks) / sizeof(tricks[0]); i++) {
		ledger_sql(&ledger, "%s", tricks[i]);
		assert_int_equal(
		    ledger_do(&ledger, verify, &verify), ERROR_NONE);
		assert_int_not_equal(verify.first_bad, 0);
		assert_non_null(strstr(verify.why, "draft 1"));
		ledger_sql(&ledger,
		    "UPDATE draft SET approver = (SELECT approver FROM d);"
		    "DELETE FROM decision;"
		    "INSERT INTO decision SELECT * FROM e");
	}
	ledger_verify(&ledger);
}

/* What the relay host refused was approved by two: one has it tried again. */
static void one_has_it_tried_again(void **state)
{
	int64_t id = for_two();

	(void)state;
	tell(id, HOLD_APPROVE, "anna");
	tell(id, HOLD_APPROVE, "bob");
	ledger_attempt(&ledger, id, false, HOLD_RESULT_FAILED);
	assert_int_equal(ledger_due(&ledger, id, HOLD_PROMPT_FAILED, NULL), 2);
	assert_int_equal(tell(id, HOLD_APPROVE, "anna"), ERROR_NONE);
	assert_int_equal(said.state, HOLD_APPROVED);
	assert_int_equal(said.missing, 0);
}

/* ---- reasons ------------------------------------------------------------- */

static void some_want_a_reason(void **state)
{
	static const struct verdict wants = {.needs_reason = true};
	static const enum hold_verb verbs[] = {HOLD_APPROVE, HOLD_DROP};
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		int64_t id = draft_wanted(
		    &ledger, i ? "a\r\n" : "b\r\n", VERDICT_HOLD, &wants);

		assert_int_equal(tell(id, verbs[i], "anna"), ERROR_INVALID);
		assert_non_null(
		    strstr(said.call.error.text, "this draft wants a reason"));
		assert_int_equal(ledger_tell(&ledger, id, verbs[i], "anna",
				     " \r\n\t", &said),
		    ERROR_INVALID);
		assert_int_equal(tell(id, HOLD_CLAIM, "anna"), ERROR_NONE);
		assert_int_equal(ledger_tell(&ledger, id, verbs[i], "anna",
				     "I asked them", &said),
		    ERROR_NONE);
		assert_int_equal(tell(id, HOLD_UNDO, "anna"), ERROR_NONE);
	}
}

/* ---- claim and delegate -------------------------------------------------- */

static void a_claim_is_shown(void **state)
{
	int64_t id = draft_held(&ledger, "a\r\n");
	struct hold_view view = {.draft = id};
	struct hold_list list = {.limit = 10};

	(void)state;
	assert_int_equal(tell(id, HOLD_CLAIM, "anna"), ERROR_NONE);
	assert_int_equal(said.prior.verb, 0);
	assert_int_equal(ledger_do(&ledger, view, &view), ERROR_NONE);
	assert_string_equal(view.claimed_by, "anna");
	assert_true(view.claimed_ms > 0);
	hold_view_release(&view);
	/* once more by herself is no news, by another it is */
	tell(id, HOLD_CLAIM, "anna");
	assert_int_equal(said.prior.verb, 0);
	assert_int_equal(tell(id, HOLD_CLAIM, "bob"), ERROR_NONE);
	assert_int_equal(said.prior.verb, HOLD_CLAIM);
	assert_string_equal(said.prior.actor, "anna");
	assert_int_equal(ledger_do(&ledger, list, &list), ERROR_NONE);
	assert_string_equal(list.rows[0].claimed_by, "bob");
	arena_free(list.arena);
	/* it binds nobody, and ends with the decision */
	assert_int_equal(tell(id, HOLD_DROP, "anna"), ERROR_NONE);
	tell(id, HOLD_UNDO, "anna");
	assert_int_equal(ledger_do(&ledger, view, &view), ERROR_NONE);
	assert_null(view.claimed_by);
	hold_view_release(&view);
	/* and who decided is not who claimed */
	tell(id, HOLD_CLAIM, "bob");
	tell(id, HOLD_DROP, "anna");
	assert_int_equal(tell(id, HOLD_DROP, "bob"), ERROR_CONFLICT);
	assert_string_equal(said.prior.actor, "anna");
	assert_int_equal(said.prior.verb, HOLD_DROP);
}

static enum error_kind give(int64_t id, const char *from, const char *to)
{
	return ledger_tell(&ledger, id, HOLD_DELEGATE, from, to, &said);
}

static void it_can_be_given_to_another(void **state)
{
	int64_t id = for_two();
	struct hold_view view = {.draft = id};

	(void)state;
	ledger_notify(&ledger, id, "anna");
	assert_int_equal(give(id, "anna", "mallory"), ERROR_DENIED);
	assert_non_null(strstr(said.call.error.text, "not 'mallory'"));
	assert_true(ledger.approve);
	assert_int_equal(give(id, "anna", "anna"), ERROR_INVALID);
	assert_int_equal(give(id, "anna", ""), ERROR_INVALID);
	assert_int_equal(give(id, "anna", NULL), ERROR_INVALID);
	assert_int_equal(give(id, "anna", "rule:x"), ERROR_INVALID);
	assert_int_equal(give(id, "anna", "deadline"), ERROR_INVALID);
	tell(id, HOLD_APPROVE, "bob");
	assert_int_equal(give(id, "anna", "bob"), ERROR_INVALID);
	assert_int_equal(give(id, "anna", "carol"), ERROR_NONE);
	assert_int_equal(said.state, HOLD_HELD);
	assert_int_equal(
	    ledger_due(&ledger, id, HOLD_PROMPT_DECIDE, "carol"), 1);
	assert_int_equal(
	    ledger_number(&ledger, "SELECT count(*) FROM prompt"
				   " WHERE reviewer = 'anna' AND closed = 0"),
	    0);
	assert_int_equal(ledger_do(&ledger, view, &view), ERROR_NONE);
	assert_string_equal(view.ask, "anna\nbob\ncarol");
	hold_view_release(&view);
	/* carol has it on her list: no second prompt */
	assert_int_equal(give(id, "anna", "carol"), ERROR_NONE);
	assert_int_equal(
	    ledger_due(&ledger, id, HOLD_PROMPT_DECIDE, "carol"), 1);
	assert_int_equal(tell(id, HOLD_APPROVE, "carol"), ERROR_NONE);
	assert_int_equal(said.state, HOLD_APPROVED);
}

/* ---- afterwards ---------------------------------------------------------- */

static const struct verdict looked_at = {.after = true};

static void what_passed_is_looked_at(void **state)
{
	int64_t id = draft_wanted(&ledger, "a\r\n", VERDICT_PASS, &looked_at);
	struct hold_answered a = {.notice = 0};

	(void)state;
	assert_int_equal(ledger_due(&ledger, id, HOLD_PROMPT_AFTER, NULL), 0);
	assert_int_equal(tell(id, HOLD_FINE, "anna"), ERROR_CONFLICT);
	ledger_attempt(&ledger, id, true, HOLD_RESULT_SENT);
	assert_int_equal(ledger_due(&ledger, id, HOLD_PROMPT_AFTER, NULL), 2);
	a.notice = ledger_notify(&ledger, id, "anna");
	assert_int_equal(ledger_do(&ledger, answered, &a), ERROR_NONE);
	assert_int_equal(a.kind, HOLD_PROMPT_AFTER);
	assert_int_equal(a.state, HOLD_SENT);
	arena_free(a.arena);
	assert_int_equal(tell(id, HOLD_FINE, "anna"), ERROR_NONE);
	assert_int_equal(said.state, HOLD_SENT);
	assert_int_equal(tell(id, HOLD_WRONG, "anna"), ERROR_INVALID);
	assert_int_equal(ledger_due(&ledger, id, HOLD_PROMPT_AFTER, "bob"), 1);
	assert_int_equal(
	    ledger_tell(&ledger, id, HOLD_WRONG, "bob", "the sum", &said),
	    ERROR_NONE);
	assert_int_equal(ledger_due(&ledger, id, HOLD_PROMPT_AFTER, NULL), 0);
	assert_int_equal(ledger_state(&ledger, id, NULL), HOLD_SENT);
	assert_int_equal(
	    ledger_number(&ledger, "SELECT count(*) FROM audit WHERE event IN"
				   " ('found-fine', 'found-wrong')"),
	    2);
}

/* What a person let go after all was looked at before. */
static void what_a_person_approved_is_not(void **state)
{
	int64_t id = draft_wanted(&ledger, "a\r\n", VERDICT_PASS, &looked_at);

	(void)state;
	tell(id, HOLD_UNDO, "bob");
	tell(id, HOLD_APPROVE, "bob");
	ledger_attempt(&ledger, id, true, HOLD_RESULT_SENT);
	assert_int_equal(ledger_due(&ledger, id, HOLD_PROMPT_AFTER, NULL), 0);
	assert_int_equal(tell(id, HOLD_FINE, "anna"), ERROR_INVALID);
	/* but who only had it tried again did not look */
	id = draft_wanted(&ledger, "b\r\n", VERDICT_PASS, &looked_at);
	ledger_attempt(&ledger, id, false, HOLD_RESULT_FAILED);
	tell(id, HOLD_APPROVE, "bob");
	ledger_attempt(&ledger, id, true, HOLD_RESULT_SENT);
	assert_int_equal(ledger_due(&ledger, id, HOLD_PROMPT_AFTER, NULL), 2);
}

/* ---- prompts ------------------------------------------------------------- */

static void the_gravest_comes_first(void **state)
{
	static const enum verdict_severity all[] = {SEVERITY_NORMAL,
	    SEVERITY_CRITICAL, SEVERITY_LOW, SEVERITY_CRITICAL};
	struct hold_due due = {.reviewer = "anna", .limit = 10};
	struct verdict wants = {.persons = 1};
	int64_t ids[4];
	char text[8];
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		snprintf(text, sizeof(text), "%zu\r\n", i);
		wants.severity = all[i];
		ids[i] = draft_wanted(&ledger, text, VERDICT_HOLD, &wants);
	}
	assert_int_equal(ledger_do(&ledger, due, &due), ERROR_NONE);
	assert_int_equal(due.n_prompts, 4);
	assert_int_equal(due.prompts[0].draft, ids[1]);
	assert_int_equal(due.prompts[0].severity, SEVERITY_CRITICAL);
	assert_int_equal(due.prompts[1].draft, ids[3]);
	assert_int_equal(due.prompts[2].draft, ids[0]);
	assert_int_equal(due.prompts[3].draft, ids[2]);
	assert_int_equal(due.prompts[3].severity, SEVERITY_LOW);
	arena_free(due.arena);
}

/* ---- put off ------------------------------------------------------------- */

static enum error_kind snooze(int64_t draft, const char *who, int64_t ms)
{
	struct hold_decide say = {.draft = draft,
	    .verb = HOLD_SNOOZE,
	    .actor = who,
	    .medium = "mail",
	    .until_ms = clock_now_ms() + ms};

	ledger_state(&ledger, draft, say.revision);
	return ledger_do(&ledger, decide, &say);
}

static void what_is_put_off_comes_back(void **state)
{
	struct hold_due due = {.reviewer = "anna", .limit = 10};
	int64_t id = draft_held(&ledger, "a\r\n");
	int64_t wake = clock_now_ms() + 3600000;

	(void)state;
	ledger_notify(&ledger, id, "anna");
	assert_int_equal(snooze(id, "anna", 3600000), ERROR_NONE);
	assert_int_equal(ledger_state(&ledger, id, NULL), HOLD_HELD);
	assert_int_equal(ledger_do(&ledger, due, &due), ERROR_NONE);
	assert_int_equal(due.n_prompts, 0);
	assert_in_range(due.next_ms, wake, wake + 60000);
	arena_free(due.arena);
	/* nobody else is asked less */
	assert_int_equal(ledger_due(&ledger, id, HOLD_PROMPT_DECIDE, "bob"), 1);
	ledger_sql(&ledger, "UPDATE prompt SET wake_ms = 1 WHERE wake_ms > 0");
	assert_int_equal(ledger_do(&ledger, due, &due), ERROR_NONE);
	assert_int_equal(due.n_prompts, 1);
	assert_true(due.prompts[0].woken);
	assert_int_equal(due.next_ms, 0);
	assert_string_equal(due.prompts[0].first_id, "<n@here>");
	arena_free(due.arena);
	/* put off again, decided by another: that is told */
	assert_int_equal(snooze(id, "anna", 1000000), ERROR_NONE);
	ledger_say(&ledger, id, HOLD_DROP, "bob");
	assert_int_equal(
	    ledger_due(&ledger, id, HOLD_PROMPT_OUTCOME, "anna"), 1);
}

static void what_cannot_be_put_off(void **state)
{
	int64_t id = draft_held(&ledger, "a\r\n");

	(void)state;
	assert_int_equal(snooze(id, "anna", -1), ERROR_INVALID);
	assert_int_equal(
	    snooze(id, "anna", INT64_C(400) * 86400000), ERROR_INVALID);
	assert_int_equal(snooze(id, "zoe", 1000), ERROR_DENIED);
	assert_int_equal(
	    ledger_due(&ledger, id, HOLD_PROMPT_DECIDE, "anna"), 1);
	ledger_sql(&ledger, "UPDATE prompt SET closed = 1");
	assert_int_equal(snooze(id, "anna", 100000), ERROR_INVALID);
	ledger_say(&ledger, id, HOLD_DROP, "bob");
	assert_int_equal(snooze(id, "anna", 100000), ERROR_CONFLICT);
}

/* The deadlines of the draft go on: a reminder wakes who put it off. */
static void a_reminder_wakes(void **state)
{
	int64_t id = draft_held(&ledger, "a\r\n");
	struct hold_step step = {
	    .draft = id, .remind = true, .final = HOLD_HELD, .text = "late"};

	(void)state;
	ledger_notify(&ledger, id, "anna");
	assert_int_equal(snooze(id, "anna", 3600000), ERROR_NONE);
	ledger_sql(&ledger, "UPDATE draft SET step_ms = 1");
	assert_int_equal(ledger_do(&ledger, step, &step), ERROR_NONE);
	assert_int_equal(
	    ledger_due(&ledger, id, HOLD_PROMPT_REMIND, "anna"), 1);
}

static void putting_off_is_logged(void **state)
{
	struct hold_verify verify = {.rows = 0};
	int64_t id = draft_held(&ledger, "a\r\n");

	(void)state;
	assert_int_equal(snooze(id, "anna", 3600000), ERROR_NONE);
	assert_int_equal(ledger_number(&ledger, "SELECT count(*) FROM audit"
						" WHERE event = 'snoozed'"
						" AND text LIKE 'until 2%%'"),
	    1);
	assert_int_equal(ledger_do(&ledger, verify, &verify), ERROR_NONE);
	assert_string_equal(verify.why, "");
	assert_int_equal(verify.first_bad, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(two_people_approve),
	    TEST(one_person_is_one_person),
	    TEST(two_at_once_are_two),
	    TEST(one_is_enough_to_drop_it),
	    TEST(approvals_are_of_a_revision),
	    TEST(authority_is_that_of_all),
	    TEST(the_log_knows_who_approved),
	    TEST(one_has_it_tried_again),
	    TEST(some_want_a_reason),
	    TEST(a_claim_is_shown),
	    TEST(it_can_be_given_to_another),
	    TEST(what_passed_is_looked_at),
	    TEST(what_a_person_approved_is_not),
	    TEST(the_gravest_comes_first),
	    TEST(what_is_put_off_comes_back),
	    TEST(what_cannot_be_put_off),
	    TEST(a_reminder_wakes),
	    TEST(putting_off_is_logged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
