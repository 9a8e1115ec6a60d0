/*
 * Tests of what programs that ask people were told: each prompt once for each
 * of them, its end too, and mail none the less.
 */
#include "ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

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

/* What a program is to be told about anna's drafts: "new 1, over 1 ...". */
static struct hold_untold untold;

static const char *look(const char *medium, const char *reviewer)
{
	static char text[1000];
	const char *const reviewers[] = {reviewer};
	const struct hold_untold_row *row;
	size_t i, used = 0;

	arena_free(untold.arena);
	untold = (struct hold_untold){.medium = medium,
	    .n_reviewers = 1,
	    .reviewers = reviewers,
	    .limit = 10};
	assert_int_equal(ledger_do(&ledger, untold, &untold), ERROR_NONE);
	text[0] = '\0';
	for (i = 0; i < untold.n_rows; i++) {
		row = &untold.rows[i];
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "%s%s %d.%u kind %d", i == 0 ? "" : ", ",
		    row->over	       ? "over"
		    : row->notice == 0 ? "new"
				       : "again",
		    (int)row->prompt.draft, row->prompt.revision,
		    (int)row->prompt.kind);
		assert_string_equal(row->prompt.reviewer, reviewer);
	}
	return text;
}

/* Tell it the first that is new; the error's kind, its id in notice. */
static int64_t notice;

static enum error_kind tell(const char *medium, int64_t prompt)
{
	struct hold_notice_item item = {.prompt = prompt};
	struct hold_notice call = {.notice = hold_notice_id(ledger.hold),
	    .reviewer = "anna",
	    .n_items = 1,
	    .items = &item,
	    .medium = medium};

	notice = call.notice;
	return ledger_do(&ledger, notice, &call);
}

static int64_t told(const char *medium)
{
	look(medium, "anna");
	assert_true(untold.n_rows > 0);
	assert_int_equal(untold.rows[0].notice, 0);
	assert_int_equal(
	    tell(medium, untold.rows[0].prompt.prompt), ERROR_NONE);
	return notice;
}

static void hear(int64_t id, bool over, bool alone)
{
	struct hold_heard heard = {.notice = id, .over = over, .alone = alone};

	assert_int_equal(ledger_do(&ledger, heard, &heard), ERROR_NONE);
}

static void told_once_by_each(void **state)
{
	struct hold_answered answered = {.notice = 0};
	int64_t id;

	(void)state;
	draft_held(&ledger, "one\r\n");
	assert_string_equal(look("chat", "anna"), "new 1.1 kind 1");
	assert_string_equal(look("chat", "zoe"), "");
	id = told("chat");
	assert_string_equal(look("chat", "anna"), "again 1.1 kind 1");
	assert_int_equal(untold.rows[0].notice, id);
	assert_string_equal(look("other", "anna"), "new 1.1 kind 1");
	assert_int_equal(
	    tell("chat", untold.rows[0].prompt.prompt), ERROR_CONFLICT);
	assert_int_equal(tell("chat", 4711), ERROR_CONFLICT);
	/* mail is due all the same, and counts apart */
	assert_int_equal(ledger_due(&ledger, 1, HOLD_PROMPT_DECIDE, "anna"), 1);
	hear(id, false, true);
	assert_string_equal(look("chat", "anna"), "");
	assert_int_equal(ledger_due(&ledger, 1, HOLD_PROMPT_DECIDE, "anna"), 1);
	ledger_notify(&ledger, 1, "anna");
	assert_string_equal(look("chat", "anna"), "");
	assert_string_equal(look("other", "anna"), "new 1.1 kind 1");

	answered.notice = id;
	assert_int_equal(ledger_do(&ledger, answered, &answered), ERROR_NONE);
	assert_string_equal(answered.medium, "chat");
	assert_string_equal(answered.reviewer, "anna");
	assert_int_equal(answered.draft, 1);
	assert_int_equal(answered.number, 1);
	assert_int_equal(answered.kind, HOLD_PROMPT_DECIDE);
	arena_free(answered.arena);
}

/* Notices of programs are not those that are counted for mail. */
static void counted_apart(void **state)
{
	struct hold_recent recent = {.since_ms = 0};

	(void)state;
	draft_held(&ledger, "one\r\n");
	told("chat");
	assert_int_equal(ledger_do(&ledger, recent, &recent), ERROR_NONE);
	assert_int_equal(recent.n_notices, 0);
	arena_free(recent.arena);
}

static void told_the_end(void **state)
{
	int64_t id = draft_held(&ledger, "one\r\n"), chat, other;

	(void)state;
	chat = told("chat");
	other = told("other");
	hear(chat, false, true);
	assert_int_equal(
	    ledger_tell(&ledger, id, HOLD_DROP, "bob", NULL, &said),
	    ERROR_NONE);
	/* whether it acknowledged the prompt or not */
	assert_string_equal(look("chat", "anna"), "over 1.1 kind 1");
	assert_string_equal(look("other", "anna"), "over 1.1 kind 1");
	assert_string_equal(look("third", "anna"), "");
	hear(other, false, true);
	assert_string_equal(look("other", "anna"), "over 1.1 kind 1");
	hear(other, true, true);
	assert_string_equal(look("other", "anna"), "");
	hear(other, false, true);
	assert_string_equal(look("other", "anna"), "");
	assert_string_equal(look("chat", "anna"), "over 1.1 kind 1");
	/* taken back: asked anew */
	assert_int_equal(
	    ledger_tell(&ledger, id, HOLD_UNDO, "bob", NULL, &said),
	    ERROR_NONE);
	assert_string_equal(look("other", "anna"), "new 1.1 kind 1");
}

/* Who approved as one of two hears of the end when it comes. */
static void two_people(void **state)
{
	static const struct verdict two = {.persons = 2, .channel = "refunds"};
	int64_t id = draft_wanted(&ledger, "two\r\n", VERDICT_HOLD, &two), chat;

	(void)state;
	chat = told("chat");
	hear(chat, false, true);
	assert_int_equal(
	    ledger_tell(&ledger, id, HOLD_APPROVE, "anna", NULL, &said),
	    ERROR_NONE);
	assert_int_equal(said.missing, 1);
	assert_string_equal(look("chat", "anna"), "");
	assert_int_equal(
	    ledger_tell(&ledger, id, HOLD_DROP, "bob", NULL, &said),
	    ERROR_NONE);
	assert_string_equal(look("chat", "anna"), "over 1.1 kind 1");
	/* mail about it is due to her, unless the program says it all */
	assert_int_equal(
	    ledger_due(&ledger, id, HOLD_PROMPT_OUTCOME, "anna"), 1);
	hear(chat, true, false);
	assert_int_equal(
	    ledger_due(&ledger, id, HOLD_PROMPT_OUTCOME, "anna"), 1);
	hear(chat, true, true);
	assert_int_equal(
	    ledger_due(&ledger, id, HOLD_PROMPT_OUTCOME, "anna"), 0);
}

/* A prompt that dies untold is not told; nor is its end. */
static void too_late(void **state)
{
	int64_t id = draft_held(&ledger, "one\r\n"), prompt;

	(void)state;
	look("chat", "anna");
	prompt = untold.rows[0].prompt.prompt;
	assert_int_equal(
	    ledger_tell(&ledger, id, HOLD_DROP, "bob", NULL, &said),
	    ERROR_NONE);
	assert_int_equal(tell("chat", prompt), ERROR_CONFLICT);
	assert_string_equal(look("chat", "anna"), "");
}

static void reminded(void **state)
{
	int64_t id = draft_held(&ledger, "one\r\n");
	struct hold_step step = {
	    .draft = id, .remind = true, .final = HOLD_HELD, .text = "late"};

	(void)state;
	hear(told("chat"), false, true);
	assert_int_equal(ledger_do(&ledger, step, &step), ERROR_NONE);
	assert_string_equal(look("chat", "anna"), "new 1.1 kind 6");
	told("chat");
	assert_int_equal(
	    ledger_tell(&ledger, id, HOLD_APPROVE, "anna", NULL, &said),
	    ERROR_NONE);
	assert_string_equal(
	    look("chat", "anna"), "over 1.1 kind 1, over 1.1 kind 6");
}

static void gravest_first_and_not_too_many(void **state)
{
	static const struct verdict grave = {.severity = SEVERITY_CRITICAL};
	char text[32];
	unsigned i;

	(void)state;
	for (i = 0; i < 11; i++) {
		snprintf(text, sizeof(text), "mail %u\r\n", i);
		draft_held(&ledger, text);
	}
	draft_wanted(&ledger, "grave\r\n", VERDICT_HOLD, &grave);
	look("chat", "anna");
	assert_int_equal(untold.n_rows, 10);
	assert_int_equal(untold.rows[0].prompt.draft, 12);
	assert_int_equal(untold.rows[1].prompt.draft, 1);
	assert_int_equal(untold.rows[9].prompt.draft, 9);
}

/* What stands in anna's folder, and is to: "told 1, over 2, new 3". */
static const char *look_into(const char *folder)
{
	static const char *const reviewers[] = {"anna"};
	static char text[1000];
	const struct hold_untold_row *row;
	size_t i, used = 0;

	arena_free(untold.arena);
	untold = (struct hold_untold){.medium = folder,
	    .folder = true,
	    .n_reviewers = 1,
	    .reviewers = reviewers,
	    .limit = 10};
	assert_int_equal(ledger_do(&ledger, untold, &untold), ERROR_NONE);
	text[0] = '\0';
	for (i = 0; i < untold.n_rows; i++) {
		row = &untold.rows[i];
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "%s%s %d", i == 0 ? "" : ", ",
		    row->over	       ? "over"
		    : row->told	       ? "told"
		    : row->notice == 0 ? "new"
				       : "again",
		    (int)row->prompt.draft);
	}
	return text;
}

/* A person may empty a folder: what it was told of comes until it is over. */
static void a_folder_is_told_all(void **state)
{
	int64_t one = draft_held(&ledger, "one\r\n"), id;

	(void)state;
	draft_held(&ledger, "two\r\n");
	assert_string_equal(look_into("desk"), "new 1, new 2");
	assert_int_equal(
	    tell("desk", untold.rows[0].prompt.prompt), ERROR_NONE);
	id = notice;
	assert_string_equal(look_into("desk"), "again 1, new 2");
	hear(id, false, false);
	assert_string_equal(look_into("desk"), "told 1, new 2");
	assert_int_equal(
	    ledger_tell(&ledger, one, HOLD_DROP, "bob", NULL, &said),
	    ERROR_NONE);
	assert_string_equal(look_into("desk"), "over 1, new 2");
	hear(id, true, false);
	assert_string_equal(look_into("desk"), "new 2");
}

/* Who approved has nothing more to do, though the draft still waits. */
static void a_folder_of_one_of_two(void **state)
{
	static const struct verdict two = {.persons = 2};
	int64_t id = draft_wanted(&ledger, "one\r\n", VERDICT_HOLD, &two);

	(void)state;
	look_into("desk");
	assert_int_equal(
	    tell("desk", untold.rows[0].prompt.prompt), ERROR_NONE);
	hear(notice, false, false);
	assert_int_equal(
	    ledger_tell(&ledger, id, HOLD_APPROVE, "anna", NULL, &said),
	    ERROR_NONE);
	assert_int_equal(said.state, HOLD_HELD);
	assert_string_equal(look_into("desk"), "over 1");
}

/* Only what asks to decide can be moved. */
static void a_folder_is_not_told_outcomes(void **state)
{
	int64_t id = draft_held(&ledger, "one\r\n");

	(void)state;
	ledger_notify(&ledger, 1, "anna");
	assert_int_equal(
	    ledger_tell(&ledger, id, HOLD_DROP, "bob", NULL, &said),
	    ERROR_NONE);
	assert_string_equal(look_into("desk"), "");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, start, stop)
	const struct CMUnitTest tests[] = {
	    T(told_once_by_each),
	    T(counted_apart),
	    T(told_the_end),
	    T(two_people),
	    T(too_late),
	    T(reminded),
	    T(gravest_first_and_not_too_many),
	    T(a_folder_is_told_all),
	    T(a_folder_of_one_of_two),
	    T(a_folder_is_not_told_outcomes),
	};
	int rc = cmocka_run_group_tests(tests, NULL, NULL);

	arena_free(untold.arena);
	return rc;
}
