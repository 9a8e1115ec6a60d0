/*
 * Tests of what is said in chats: each kind of receipt in a sentence or two,
 * and what became of a question.
 */
#include "review/brief.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "review/outcome.h"
#include "sample.h"

#define NOW  SAMPLE_NOON
#define EVIL "evil\r\nBcc: x\nline\t\xe2\x80\xae\x1b[31m\xff"

static struct arena *arena;

static int start(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int stop(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static const char *const reasons[] = {"wrong-price", "tone", NULL};
static const struct channel channel = {.name = "support", .reasons = reasons};
static const struct hold_prior by_bob = {
    "bob", "mail", HOLD_APPROVE, NOW - 360000, false};

static struct receipt sample(enum receipt_kind kind)
{
	return (struct receipt){
	    .kind = kind,
	    .config = sample_config(),
	    .reviewer = &sample_config()->reviewers[0],
	    .draft = 17,
	    .number = 1,
	    .code = "k7q4rm",
	    .prompt = HOLD_PROMPT_DECIDE,
	    .state = HOLD_HELD,
	    .prior = &by_bob,
	    .at_ms = NOW,
	    .by_program = true,
	    .by_chat = true,
	    .channel = &channel,
	    .missing = 2,
	};
}

static void check(const struct receipt *receipt, const char *says)
{
	const char *text = brief_text(receipt, arena);

	assert_non_null(text);
	if (strcmp(text, says) != 0)
		print_error("%s\n", text);
	assert_string_equal(text, says);
}

/* All kinds, as their reader sees them. */
static void each_kind(void **state)
{
	static const struct {
		enum receipt_kind kind;
		const char *text, *says;
	} rows[] = {
	    {RECEIPT_APPROVED, NULL, "Approved: draft 17 leaves now."},
	    {RECEIPT_PART_APPROVED, NULL,
		"Your approval of draft 17 counts; it leaves when 2 more "
		"people agree."},
	    {RECEIPT_DROPPED, NULL,
		"Dropped: draft 17 does not leave; its agent is told so. To "
		"take it back, write: undo"},
	    {RECEIPT_UNDONE, NULL,
		"Taken back: draft 17 waits for a decision again."},
	    {RECEIPT_ASKED, "bob, carol",
		"Your question about draft 17 went by mail to bob, carol, who "
		"can answer you."},
	    {RECEIPT_ASKED, NULL,
		"There is no other reviewer who could be asked; your question "
		"is kept with draft 17."},
	    {RECEIPT_CLAIMED, NULL, "The others see that you are on draft 17."},
	    {RECEIPT_CLAIMED, "bob",
		"The others see that you are on draft 17; bob was before "
		"you."},
	    {RECEIPT_DELEGATED, "bob", "bob is asked about draft 17 now."},
	    {RECEIPT_REVISING, "shorter",
		"Done: draft 17 went back to its agent. To take that back, "
		"write: undo"},
	    {RECEIPT_FINE, NULL,
		"It is on record that draft 17 was right to leave."},
	    {RECEIPT_WRONG, "x",
		"It is on record that draft 17 should not have left."},
	    {RECEIPT_NEEDS_REASON, NULL,
		"Nothing was decided: draft 17 wants a reason, whatever you "
		"decide. Write: approve because <reason>, or: drop <reason>\n"
		"A reason is one of these, or begins with one: wrong-price, "
		"tone"},
	    {RECEIPT_WHICH_REASON, "tone",
		"Nothing was decided: draft 17 wants a reason, whatever you "
		"decide. Do you mean \"tone\"? Write: approve because "
		"<reason>, or: drop <reason>\n"
		"A reason is one of these, or begins with one: wrong-price, "
		"tone"},
	    {RECEIPT_EDITED, "the HTML part was rewritten",
		"Edited: draft 17 is revision 1 now, with the new code "
		"k7q4rm. Nothing has left; a new message shows what changed, "
		"and waits for a decision. How it was edited: the HTML part "
		"was "
		"rewritten."},
	    {RECEIPT_EDIT_EMPTY, NULL,
		"Nothing was changed: there was no new text. It stands below "
		"the line \"edit\"."},
	    {RECEIPT_EDIT_REFUSED, "it is signed",
		"Nothing was decided: it is signed."},
	    {RECEIPT_TOO_LATE, NULL,
		"Too late: bob approved draft 17 by mail at Sat 21 Nov 2026, "
		"11:49 +0000 (UTC), 6 min before your answer. It waits for a "
		"decision."},
	    {RECEIPT_WRONG_CODE, "aaaaaa",
		"Nothing was decided: revision 1 of draft 17 has the code "
		"k7q4rm, not aaaaaa."},
	    {RECEIPT_REFUSED, "you may not!",
		"Nothing was decided: you may not!"},
	    {RECEIPT_HELP, NULL,
		"For draft 17, write in the first line one of these: approve, "
		"drop <reason>, edit (and the whole new text below it), "
		"revise <remark>, snooze 2h, claim, delegate <name>, ask "
		"<question>, undo"},
	    {RECEIPT_NOT_A_COMMAND, "do you mean \"drop\"?",
		"Nothing was decided: do you mean \"drop\"?"},
	    {RECEIPT_MANY_REFUSED, "it is not kept",
		"Nothing was decided: it is not kept."},
	    {RECEIPT_MANY_FAULT, "there is no number 9",
		"Nothing was decided, because line 0 is not clear: there is "
		"no number 9. Mend it, and write all of it again."},
	    {RECEIPT_MANY_HELP, NULL,
		"Nothing was decided. Write lines such as these: 1 approve, "
		"2 drop <reason>, 3-5 snooze 2h, all approve (all of low "
		"severity), 6 revise <remark>, 6 edit (last, and the whole "
		"new text below it)"},
	    {RECEIPT_MANY, NULL, "Nothing was decided."},
	};
	struct receipt receipt;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		receipt = sample(rows[i].kind);
		receipt.text = rows[i].text;
		check(&receipt, rows[i].says);
	}
}

static void what_makes_a_difference(void **state)
{
	static const struct hold_prior by_anna = {
	    "anna", "team", HOLD_DROP, NOW, false};
	static const struct hold_prior changed = {.verb = 0};
	struct receipt r = sample(RECEIPT_APPROVED);

	(void)state;
	r.until_ms = NOW + 30000;
	check(&r, "Approved: draft 17 leaves in 30 s. To stop it before that, "
		  "write: undo");
	r.prompt = HOLD_PROMPT_DOUBT;
	check(&r, "Approved: draft 17 is sent again.");
	r.kind = RECEIPT_DROPPED;
	check(&r, "Done: draft 17 counts as sent.");
	r.prompt = HOLD_PROMPT_FAILED;
	check(&r, "Done: draft 17 stays unsent for those who did not get it.");
	r.kind = RECEIPT_HELP;
	check(&r, "Write in the first line one of these: approve, drop, ask "
		  "<question>, undo");
	r.prompt = HOLD_PROMPT_AFTER;
	check(&r, "Write in the first line: fine, or: wrong <reason>");
	r = sample(RECEIPT_SNOOZED);
	r.until_ms = NOW + 7200000;
	check(&r, "You are asked about draft 17 again at Sat 21 Nov 2026, "
		  "13:55 +0000 (UTC).");
	r = sample(RECEIPT_PART_APPROVED);
	r.missing = 1;
	check(&r, "Your approval of draft 17 counts; it leaves when one more "
		  "person agrees.");
	r = sample(RECEIPT_TOO_LATE);
	r.prior = &by_anna;
	r.verb = HOLD_DROP;
	r.state = HOLD_DROPPED;
	check(&r, "You already dropped draft 17 by team at Sat 21 Nov 2026, "
		  "11:55 +0000 (UTC). It was dropped.");
	r.prior = &changed;
	check(&r, "Too late: draft 17 was changed after this message was "
		  "made. A newer message shows it as it is now.");
	r.verb = HOLD_UNDO;
	check(&r, "There is nothing to take back: draft 17 was dropped.");
}

/* Whatever others wrote: one line, without what could steer a screen. */
static void foreign_words(void **state)
{
	struct receipt receipt;
	const char *text;
	int kind;

	(void)state;
	for (kind = RECEIPT_APPROVED; kind <= RECEIPT_UNBELIEVED; kind++) {
		receipt = sample((enum receipt_kind)kind);
		receipt.text = EVIL;
		receipt.channel = NULL;
		text = brief_text(&receipt, arena);
		assert_true(strlen(text) > 10);
		assert_null(strpbrk(text, "\r\n\t\x1b"));
		assert_null(strstr(text, "\xe2\x80\xae"));
		assert_null(strstr(text, "this mail"));
	}
}

/* ---- what became of it -------------------------------------------------- */

static const char *outcome(const struct hold_view *view)
{
	const struct outcome_request request = {
	    .config = sample_config(),
	    .reviewer = &sample_config()->reviewers[0],
	    .view = view,
	};

	return outcome_text(arena, &request);
}

static void outcomes(void **state)
{
	static const struct {
		enum hold_state state;
		struct hold_decision last;
		const char *says;
	} rows[] = {
	    {HOLD_APPROVED,
		{HOLD_APPROVE, "bob", "mail", NULL, "", NOW, NULL, NULL},
		"Approved by bob by mail, Sat 21 Nov 2026, 11:55 +0000 (UTC). "
		"It leaves."},
	    {HOLD_SENT,
		{HOLD_APPROVE, "bob", "team", "he asked", "", NOW, NULL, NULL},
		"Approved by bob in team, Sat 21 Nov 2026, 11:55 +0000 (UTC). "
		"Reason: he asked. It has left."},
	    {HOLD_SENT,
		{HOLD_DROP, "bob", "command line", NULL, "", NOW, NULL, NULL},
		"Counted as sent by bob on the command line, Sat 21 Nov 2026, "
		"11:55 +0000 (UTC). It has left."},
	    {HOLD_APPROVED,
		{HOLD_APPROVE, "deadline", "ladder", NULL, "", NOW, NULL, NULL},
		"Approved by its deadline, Sat 21 Nov 2026, 11:55 +0000 (UTC). "
		"It leaves."},
	    {HOLD_HELD,
		{HOLD_DELEGATE, "bob", "team", "carol", "", NOW, NULL, NULL},
		"Handed over by bob in team, Sat 21 Nov 2026, 11:55 +0000 "
		"(UTC). To: carol. It waits for a decision still."},
	    {HOLD_HELD, {HOLD_SNOOZE, "bob", "team", NULL, "", NOW, NULL, NULL},
		"Put off by bob in team, Sat 21 Nov 2026, 11:55 +0000 (UTC). "
		"It waits for a decision still."},
	    {HOLD_REVISING,
		{HOLD_REVISE, "bob", "team", EVIL, "", NOW, NULL, NULL}, NULL},
	    {HOLD_EXPIRED,
		{HOLD_CLAIM, "bob", "team", NULL, "", NOW, NULL, NULL},
		"Nobody decided in time: it did not leave, and was given back "
		"to its agent."},
	    {HOLD_WITHDRAWN,
		{HOLD_CLAIM, "bob", "team", NULL, "", NOW, NULL, NULL},
		"Its agent took it back: it does not leave."},
	    {HOLD_SUPERSEDED,
		{HOLD_CLAIM, "bob", "team", NULL, "", NOW, NULL, NULL},
		"Its agent sent draft 18 in its place."},
	    {HOLD_SENT, {HOLD_FINE, "bob", "team", NULL, "", NOW, NULL, NULL},
		"Found to be right by bob in team, Sat 21 Nov 2026, 11:55 "
		"+0000 (UTC). It has left."},
	};
	static struct config_chat team = {.name = "team"};
	struct hold_view *view = sample_view(arena);
	struct config *config = sample_config();
	const char *said;
	size_t i;

	(void)state;
	config->chats = &team;
	config->n_chats = 1;
	view->replaced_by = 18;
	view->n_decisions = 1;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct hold_decision last = rows[i].last;

		view->state = rows[i].state;
		view->decisions = &last;
		said = outcome(view);
		if (rows[i].says != NULL)
			assert_string_equal(said, rows[i].says);
		assert_null(strpbrk(said, "\r\n\t\x1b"));
	}
	config->n_chats = 0;
}

/* Of a revision that is not shown any more, of one of two. */
static void it_waits_on(void **state)
{
	struct hold_view *view = sample_view(arena);
	struct hold_decision last = {
	    HOLD_EDIT, "bob", "mail", NULL, "", NOW, NULL, NULL};

	(void)state;
	view->n_decisions = 1;
	view->decisions = &last;
	view->current = 2;
	assert_string_equal(outcome(view),
	    "Edited by bob by mail, Sat 21 Nov 2026, 11:55 +0000 (UTC). "
	    "Revision 2 of it is asked about anew.");
	view->current = 1;
	view->persons = 3;
	view->approvals = 1;
	last.verb = HOLD_APPROVE;
	assert_string_equal(outcome(view),
	    "Approved by bob by mail, Sat 21 Nov 2026, 11:55 +0000 (UTC). 1 "
	    "of 3 people approved it; it does not leave before the others "
	    "do.");
	view->n_decisions = 0;
	view->persons = 1;
	assert_string_equal(outcome(view), "It waits for a decision still.");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, start, stop)
	const struct CMUnitTest tests[] = {
	    T(each_kind),
	    T(what_makes_a_difference),
	    T(foreign_words),
	    T(outcomes),
	    T(it_waits_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
