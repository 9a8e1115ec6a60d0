/*
 * Tests of the words that agents are owed: written with the moves, each told
 * once by mail, and to a webhook in the order of each draft.
 */
#include "ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "util/clock.h"

static struct ledger ledger;

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
	ledger_release(&ledger);
	return 0;
}

static enum error_kind post(int64_t word, unsigned n_told)
{
	static const unsigned told[] = {0, 1};
	struct hold_post post = {
	    .mail = {.from = "", .to = "a@b", .bytes = {"x\r\n", 3}},
	    .reported = word,
	    .told = told,
	    .n_told = n_told,
	};

	return ledger_do(&ledger, post, &post);
}

static struct hold_owed owed;

static size_t n_owed(void)
{
	owed = (struct hold_owed){.limit = 64};
	assert_int_equal(ledger_do(&ledger, owed, &owed), ERROR_NONE);
	return owed.n_words;
}

static int64_t n_mails(void)
{
	return ledger_number(&ledger, "SELECT count(*) FROM outbox");
}

/* ---- by mail ------------------------------------------------------------ */

static void agents_are_owed_reports(void **state)
{
	int64_t dropped = draft_held(&ledger, "a\r\n");
	struct hold_waive waive = {.word = 0};

	(void)state;
	assert_int_equal(n_owed(), 0);
	ledger_in_state(&ledger, HOLD_REFUSED);
	ledger_say(&ledger, dropped, HOLD_DROP, "anna");
	ledger_in_state(&ledger, HOLD_FAILED);
	assert_int_equal(n_owed(), 2);
	assert_int_equal(owed.words[0].draft, dropped);
	assert_int_equal(owed.words[0].number, 1);
	assert_string_equal(owed.words[0].event, "dropped");
	assert_string_equal(owed.words[0].actor, "anna");
	assert_true(owed.words[0].at_ms > 0);
	assert_int_equal(post(owed.words[0].id, 0), ERROR_NONE);
	assert_int_equal(n_owed(), 1);
	/* undone and dropped anew, it is owed anew */
	ledger_say(&ledger, dropped, HOLD_UNDO, "anna");
	assert_int_equal(n_owed(), 1);
	ledger_say(&ledger, dropped, HOLD_DROP, "anna");
	assert_int_equal(n_owed(), 2);
	waive.word = owed.words[1].id;
	assert_int_equal(ledger_do(&ledger, waive, &waive), ERROR_NONE);
	assert_int_equal(n_owed(), 1);
	/* what is said is gone */
	assert_int_equal(
	    ledger_number(&ledger, "SELECT count(*) FROM word"), 1);
}

/* A report that was on its way when the drop was undone is not sent. */
static void what_is_no_longer_so_is_not_reported(void **state)
{
	int64_t dropped = draft_held(&ledger, "a\r\n"), word;

	(void)state;
	ledger_say(&ledger, dropped, HOLD_DROP, "anna");
	assert_int_equal(n_owed(), 1);
	word = owed.words[0].id;
	ledger_say(&ledger, dropped, HOLD_UNDO, "anna");
	assert_int_equal(post(word, 2), ERROR_CONFLICT);
	assert_int_equal(n_mails(), 0);
	assert_int_equal(
	    ledger_number(&ledger, "SELECT sum(told) FROM recipient"), 0);
	/* nor twice */
	ledger_say(&ledger, dropped, HOLD_DROP, "anna");
	assert_int_equal(n_owed(), 1);
	assert_int_equal(post(owed.words[0].id, 0), ERROR_NONE);
	assert_int_equal(post(owed.words[0].id, 0), ERROR_CONFLICT);
	assert_int_equal(n_mails(), 1);
}

static void success_is_told_once(void **state)
{
	int64_t id;
	struct hold_view view = {.draft = 0};

	(void)state;
	ledger.hears_all = true;
	id = ledger_in_state(&ledger, HOLD_SENT);
	assert_int_equal(n_owed(), 1);
	assert_string_equal(owed.words[0].event, "sent");
	assert_int_equal(post(owed.words[0].id, 1), ERROR_NONE);
	view.draft = id;
	assert_int_equal(ledger_do(&ledger, view, &view), ERROR_NONE);
	assert_true(view.recipients[0].told);
	assert_false(view.recipients[1].told);
	hold_view_release(&view);
}

/* ---- by webhook --------------------------------------------------------- */

static struct hold_hook hook;

/* Take one; the draft that it is of, 0: none. */
static int64_t take(void)
{
	hook = (struct hold_hook){.agent = "demo"};
	assert_int_equal(ledger_do(&ledger, hook, &hook), ERROR_NONE);
	return hook.word.draft;
}

static void done(int64_t word, int64_t again_ms)
{
	struct hold_hooked hooked = {.word = word, .again_ms = again_ms};

	assert_int_equal(ledger_do(&ledger, hooked, &hooked), ERROR_NONE);
}

static void each_draft_goes_in_order(void **state)
{
	int64_t a, b, first, again = clock_now_ms() + 3600 * 1000;

	(void)state;
	ledger.hears_all = true;
	a = draft_held(&ledger, "a\r\n");
	b = draft_held(&ledger, "b\r\n");
	ledger_say(&ledger, a, HOLD_DROP, "anna");
	assert_int_equal(take(), a);
	assert_string_equal(hook.word.event, "held");
	assert_int_equal(hook.tries, 0);
	first = hook.word.id;
	/* the second of a waits for the first, b's does not */
	assert_int_equal(take(), b);
	done(hook.word.id, 0);
	assert_int_equal(take(), 0);
	assert_int_equal(hook.next_ms, 0);
	/* ... also when it is tried again later */
	done(first, again);
	assert_int_equal(take(), 0);
	assert_int_equal(hook.next_ms, again);
	ledger_sql(&ledger, "UPDATE word SET due_ms = 1 WHERE hook = 1");
	assert_int_equal(take(), a);
	assert_int_equal(hook.word.id, first);
	assert_int_equal(hook.tries, 1);
	done(first, 0);
	assert_int_equal(take(), a);
	assert_string_equal(hook.word.event, "dropped");
	assert_true(hook.word.id > first);
	done(hook.word.id, 0);
	assert_int_equal(take(), 0);
	/* the report of the drop is still owed */
	assert_int_equal(n_owed(), 2);
}

static void each_agent_has_its_own(void **state)
{
	(void)state;
	ledger.hears_all = true;
	draft_held(&ledger, "a\r\n");
	hook = (struct hold_hook){.agent = "other"};
	assert_int_equal(ledger_do(&ledger, hook, &hook), ERROR_NONE);
	assert_int_equal(hook.word.id, 0);
}

/* At least once: what was taken when we ended is taken again. */
static void what_was_taken_comes_again_after_a_restart(void **state)
{
	int64_t id, word;

	(void)state;
	ledger.hears_all = true;
	id = draft_held(&ledger, "a\r\n");
	assert_int_equal(take(), id);
	word = hook.word.id;
	assert_int_equal(take(), 0);
	ledger_close(&ledger);
	assert_int_equal(ledger_open(&ledger), 0);
	assert_int_equal(take(), id);
	assert_int_equal(hook.word.id, word);
}

/* Attempts are no news, only their end is. */
static void attempts_are_not_told(void **state)
{
	static const char *const want[] = {"held", "approved", "sent"};
	int64_t id;
	size_t i;

	(void)state;
	ledger.hears_all = true;
	id = ledger_in_state(&ledger, HOLD_SENT);
	for (i = 0; i < 3; i++) {
		assert_int_equal(take(), id);
		assert_string_equal(hook.word.event, want[i]);
		done(hook.word.id, 0);
	}
	assert_int_equal(take(), 0);
}

/* ---- whose is it? ------------------------------------------------------- */

static void a_draft_is_found_by_its_agent_alone(void **state)
{
	int64_t id = draft_held(&ledger, "a\r\n");
	struct hold_find find = {.agent = "demo", .draft = id};
	struct hold_find other = {.agent = "other", .draft = id};
	struct hold_find none = {.agent = "demo", .message_id = "<x@y>"};

	(void)state;
	assert_int_equal(ledger_do(&ledger, find, &find), ERROR_NONE);
	assert_int_equal(find.draft, id);
	assert_int_equal(ledger_do(&ledger, find, &other), ERROR_MISSING);
	assert_int_equal(ledger_do(&ledger, find, &none), ERROR_MISSING);
	assert_string_equal(other.call.error.text, none.call.error.text);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(agents_are_owed_reports),
	    TEST(what_is_no_longer_so_is_not_reported),
	    TEST(success_is_told_once),
	    TEST(each_draft_goes_in_order),
	    TEST(each_agent_has_its_own),
	    TEST(what_was_taken_comes_again_after_a_restart),
	    TEST(attempts_are_not_told),
	    TEST(a_draft_is_found_by_its_agent_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
