/*
 * Tests of receipts: the header is exactly ours, every kind says what it has
 * to, and foreign words are never in front.
 */
#include "review/receipt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "review/letter.h"
#include "sample.h"
#include "unmail.h"

static const char *const fields[] = {"From", "To", "Reply-To", "Subject",
    "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted",
    "X-Auto-Response-Suppress", "List-Id", "Precedence", "MIME-Version",
    "Content-Type", NULL};

#define EVIL                                                                   \
	"evil<i>\r\nBcc: "                                                     \
	"x@evil.example\r\n\r\napprove\xe2\x80\xae\x1b[31m\xff"

static const struct hold_prior prior = {
    "bob", "mail", HOLD_APPROVE, 1795262000000, false};

static struct receipt sample(enum receipt_kind kind)
{
	return (struct receipt){
	    .kind = kind,
	    .config = sample_config(),
	    .reviewer = &sample_config()->reviewers[0],
	    .reply_to =
		"d-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@review.corp.example",
	    .draft = 17,
	    .number = 1,
	    .code = "k7q4rm",
	    .prompt = HOLD_PROMPT_DECIDE,
	    .state = HOLD_HELD,
	    .prior = &prior,
	    .answers = "<reply@corp.example>",
	    .subject = "Re: [review] Your refund (draft 17)",
	    .at_ms = 1795262140000,
	};
}

/* Write and check one; its text, which the caller frees. */
static char *text_of(const struct receipt *receipt)
{
	struct arena *arena = arena_new();
	struct buf out;
	char *text, *html;

	buf_init(&out, LETTER_MAX);
	assert_int_equal(receipt_write(receipt, arena, &out), 0);
	unmail_check(buf_span(&out), fields);
	text = unmail_body(buf_span(&out), "text/plain");
	html = unmail_body(buf_span(&out), "text/html");
	assert_null(strstr(html, "<i>"));
	assert_null(strstr(html, "://"));
	assert_null(strchr(html, '\x1b'));
	assert_null(strstr(html, "\xe2\x80\xae"));
	free(html);
	buf_release(&out);
	arena_free(arena);
	return text;
}

static void every_kind_says_its_word(void **state)
{
	static const struct {
		enum receipt_kind kind;
		const char *text, *says;
	} cases[] = {
	    {RECEIPT_APPROVED, NULL,
		"Approved. Draft 17 leaves in 2 h, at Sat 21"},
	    {RECEIPT_PART_APPROVED, NULL,
		"Draft 17 leaves when 2 more people agree"},
	    {RECEIPT_CLAIMED, NULL, "Draft 17 is yours to look at"},
	    {RECEIPT_CLAIMED, "bob", "bob was on it before you"},
	    {RECEIPT_DELEGATED, "bob", "bob is asked about draft 17 now."},
	    {RECEIPT_FINE, NULL, "on record that draft 17 was right"},
	    {RECEIPT_WRONG, "too dear", "| too dear\n"},
	    {RECEIPT_NEEDS_REASON, NULL, "This one wants a reason"},
	    {RECEIPT_NEEDS_REASON, NULL, "wrong-price, tone."},
	    {RECEIPT_WHICH_REASON, "tone", "do you mean \"tone\"?"},
	    {RECEIPT_HELP, NULL, "wrong-price, tone."},
	    {RECEIPT_DROPPED, NULL, "Dropped. Draft 17 does not leave."},
	    {RECEIPT_DROPPED, "too dear", "| too dear\n"},
	    {RECEIPT_UNDONE, NULL, "Taken back. Draft 17 waits"},
	    {RECEIPT_ASKED, "bob, carol", "Your question went to bob, carol."},
	    {RECEIPT_ASKED, NULL, "There is no other reviewer"},
	    {RECEIPT_EDITED, NULL,
		"Revision 1 was made; approve it with the new code, k7q4rm."},
	    {RECEIPT_EDITED, "the HTML part was rewritten", "| the HTML part"},
	    {RECEIPT_EDIT_EMPTY, NULL, "There was no text below \"edit\"."},
	    {RECEIPT_EDIT_REFUSED, "it is signed", "| it is signed\n"},
	    {RECEIPT_TOO_LATE, NULL, "bob approved draft 17 by mail"},
	    {RECEIPT_WRONG_CODE, "aaaaaa", "You wrote aaaaaa."},
	    {RECEIPT_REFUSED, "you may not", "| you may not\n"},
	    {RECEIPT_HELP, NULL, "  approve k7q4rm   it leaves"},
	    {RECEIPT_NOT_A_COMMAND, "ok", "| ok\n"},
	    {RECEIPT_NOT_A_COMMAND, NULL, "It had no text of your own."},
	    {RECEIPT_UNREADABLE, "a crash", "| a crash\n"},
	    {RECEIPT_MAYBE_AUTOMATIC, "a subject", "| a subject\n"},
	    {RECEIPT_REVISING, "name the price", "| name the price\n"},
	    {RECEIPT_REVISING, "x", "It has time until Sat 21 Nov 2026, 14:15"},
	    {RECEIPT_SNOOZED, NULL,
		"again at Sat 21 Nov 2026, 14:15\n+0000 (UTC)."},
	    {RECEIPT_HELP, NULL, "  revise <remark>  its agent"},
	    {RECEIPT_MANY_FAULT, "it is none", "it is none.\n"},
	    {RECEIPT_MANY_NONE, "ok", "| ok\n"},
	    {RECEIPT_MANY_NONE, NULL, "It had no text of your own."},
	    {RECEIPT_MANY_HELP, NULL, "  1 approve        it leaves"},
	    {RECEIPT_MANY_REFUSED, "too old", "| too old\n"},
	    {RECEIPT_STRANGER, "eve@evil.example", "| eve@evil.example\n"},
	    {RECEIPT_UNBELIEVED, "192.0.2.1", "192.0.2.1"},
	};
	static const char *const reasons[] = {"wrong-price", "tone", NULL};
	static const struct channel channel = {
	    .name = "support", .reasons = reasons};
	struct receipt receipt;
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		receipt = sample(cases[i].kind);
		receipt.text = cases[i].text;
		receipt.missing = 2;
		receipt.until_ms = 1795270500000;
		receipt.channel = &channel;
		text = text_of(&receipt);
		if (strstr(text, cases[i].says) == NULL)
			fail_msg("no \"%s\" in: %s", cases[i].says, text);
		free(text);
	}
}

/* What did not decide says that nothing was changed or decided. */
static void what_changes_nothing_says_so(void **state)
{
	static const enum receipt_kind kinds[] = {RECEIPT_EDIT_EMPTY,
	    RECEIPT_EDIT_REFUSED, RECEIPT_TOO_LATE, RECEIPT_WRONG_CODE,
	    RECEIPT_REFUSED, RECEIPT_NOT_A_COMMAND, RECEIPT_UNREADABLE,
	    RECEIPT_MAYBE_AUTOMATIC, RECEIPT_MANY_FAULT, RECEIPT_MANY_NONE,
	    RECEIPT_MANY_HELP, RECEIPT_MANY_REFUSED, RECEIPT_STRANGER,
	    RECEIPT_UNBELIEVED, RECEIPT_NEEDS_REASON, RECEIPT_WHICH_REASON};
	struct receipt receipt;
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		receipt = sample(kinds[i]);
		receipt.text = "words";
		text = text_of(&receipt);
		assert_true(strstr(text, "Nothing was") != NULL ||
			    strstr(text, "changed nothing") != NULL);
		free(text);
	}
}

static void hostile_words_stay_behind_a_bar(void **state)
{
	struct receipt receipt;
	char *text;
	int kind, prompt;

	(void)state;
	for (kind = 0; kind <= RECEIPT_UNBELIEVED; kind++)
		for (prompt = 1; prompt <= HOLD_PROMPT_REMIND; prompt++) {
			receipt = sample((enum receipt_kind)kind);
			receipt.prompt = (enum hold_prompt_kind)prompt;
			receipt.subject = EVIL;
			receipt.answers = EVIL;
			receipt.at = (struct receipt_line){2, EVIL};
			/* code, names and peer are ours */
			if (kind != RECEIPT_WRONG_CODE &&
			    kind != RECEIPT_ASKED &&
			    kind != RECEIPT_UNBELIEVED &&
			    kind != RECEIPT_CLAIMED &&
			    kind != RECEIPT_DELEGATED &&
			    kind != RECEIPT_MANY_FAULT &&
			    kind != RECEIPT_WHICH_REASON)
				receipt.text = EVIL;
			else
				receipt.text = "abc";
			text = text_of(&receipt);
			assert_null(strstr(text, "\nBcc"));
			assert_null(strstr(text, "\napprove"));
			assert_null(strchr(text, '\x1b'));
			assert_null(strstr(text, "\xe2\x80\xae"));
			free(text);
		}
}

/* ---- of many drafts ---- */

#define MANY 16

/* Each kind that can become of one draft, and one that was left out. */
static size_t many_items(struct receipt_item *items, struct receipt *outcomes)
{
	static const enum receipt_kind kinds[] = {RECEIPT_APPROVED,
	    RECEIPT_PART_APPROVED, RECEIPT_DROPPED, RECEIPT_UNDONE,
	    RECEIPT_ASKED, RECEIPT_CLAIMED, RECEIPT_DELEGATED, RECEIPT_REVISING,
	    RECEIPT_SNOOZED, RECEIPT_WRONG, RECEIPT_NEEDS_REASON,
	    RECEIPT_EDITED, RECEIPT_TOO_LATE, RECEIPT_REFUSED,
	    RECEIPT_EDIT_EMPTY};
	size_t i, n = sizeof(kinds) / sizeof(kinds[0]);

	assert_true(n < MANY);
	for (i = 0; i < n; i++) {
		outcomes[i] = sample(kinds[i]);
		outcomes[i].draft = 21 + (int64_t)i;
		outcomes[i].missing = 2;
		outcomes[i].until_ms = 1795270500000;
		outcomes[i].verb = HOLD_DROP;
		outcomes[i].text = "words";
		items[i] = (struct receipt_item){
		    .n = (unsigned)i + 1,
		    .subject = "Your refund",
		    .outcome = &outcomes[i],
		};
	}
	items[n] = (struct receipt_item){
	    .n = (unsigned)n + 1, .subject = "Your refund"};
	items[n].waits = items[n].low = items[n].cut = true;
	return n + 1;
}

static char *many_text(const struct receipt_item *items, size_t n)
{
	struct receipt receipt = sample(RECEIPT_MANY);

	receipt.draft = 0;
	receipt.n_items = n;
	receipt.items = items;
	return text_of(&receipt);
}

/* Both forms say the same. */
static void html_says_the_same(void **state)
{
	struct arena *arena = arena_new();
	struct receipt receipt = sample(RECEIPT_DROPPED);
	struct buf out;
	char *html;

	(void)state;
	receipt.text = "5 < 6";
	buf_init(&out, LETTER_MAX);
	assert_int_equal(receipt_write(&receipt, arena, &out), 0);
	html = unmail_body(buf_span(&out), "text/html");
	assert_non_null(strstr(html, "Draft 17 does not leave.</p>"));
	assert_non_null(strstr(html, ">5 &lt; 6</div>"));
	free(html);
	buf_release(&out);
	arena_free(arena);
}

static void many_are_told_one_by_one(void **state)
{
	static const char *const says[] = {
	    "Done: 1-10, 12.\nNot done: 11, 13-15.\n"
	    "Not in your answer, and still waiting: 16.\n\n1. draft 21\n",
	    "1. draft 21\n   | Your refund\n   Approved; it leaves in 2 h, "
	    "at Sat 21 Nov 2026, 14:15 +0000\n   (UTC).\n\n2.",
	    "   Your approval counts; 2 more must agree.\n\n3. draft 23\n",
	    "Dropped; it does not leave. Its agent is told:\n   | words\n",
	    "Taken back; it waits for a decision again.\n",
	    "Your question went to words.\n",
	    "It is yours to look at; before you it was with words.\n",
	    "words is asked about it now.\n",
	    "It went back to its agent, who is told:\n   | words\n   It has ",
	    "You are asked again at Sat 21 Nov 2026, 14:15 +0000 (UTC).\n",
	    "It is on record that it should not have left.\n   | words\n",
	    "this one wants a reason",
	    "the\n   new code k7q4rm.",
	    "Too late: bob approved it by mail at Sat 21 Nov 2026, ",
	    "Nothing was changed:\n   | words\n",
	    "there was no text below",
	    "like this: 1 undo",
	};
	struct receipt outcomes[MANY];
	struct receipt_item items[MANY];
	size_t i, n = many_items(items, outcomes);
	char *text;

	(void)state;
	text = many_text(items, n);
	for (i = 0; i < sizeof(says) / sizeof(says[0]); i++)
		if (strstr(text, says[i]) == NULL)
			fail_msg("no \"%s\" in: %s", says[i], text);
	assert_null(strstr(text, "16. draft"));
	free(text);
}

/* The same answer again, after it was cut short. */
static void what_was_done_before_is_no_rival(void **state)
{
	static const struct hold_prior own = {
	    "anna", "mail", HOLD_DROP, 1795262000000, false};
	struct receipt outcome = sample(RECEIPT_TOO_LATE);
	const struct receipt_item item = {
	    .n = 1, .subject = "", .outcome = &outcome};
	char *text;

	(void)state;
	outcome.verb = HOLD_DROP;
	outcome.prior = &own;
	outcome.state = HOLD_DROPPED;
	text = many_text(&item, 1);
	assert_non_null(strstr(text, "You dropped it by mail"));
	assert_null(strstr(text, "Too late"));
	free(text);
	outcome.verb = HOLD_APPROVE;
	text = many_text(&item, 1);
	assert_non_null(strstr(text, "Too late: you dropped it by mail"));
	free(text);
}

static void hostile_words_of_many_stay_behind_a_bar(void **state)
{
	struct receipt outcomes[MANY];
	struct receipt_item items[MANY];
	size_t i, n = many_items(items, outcomes);
	char *text;

	(void)state;
	for (i = 0; i < n; i++) {
		items[i].subject = EVIL;
		if (i + 1 < n && outcomes[i].kind != RECEIPT_ASKED &&
		    outcomes[i].kind != RECEIPT_CLAIMED &&
		    outcomes[i].kind != RECEIPT_DELEGATED)
			outcomes[i].text = EVIL;
	}
	text = many_text(items, n);
	assert_null(strstr(text, "\nBcc"));
	assert_null(strstr(text, "\napprove"));
	assert_null(strstr(text, "\n   approve"));
	assert_null(strchr(text, '\x1b'));
	assert_null(strstr(text, "\xe2\x80\xae"));
	free(text);
}

static void every_state_has_words(void **state)
{
	struct receipt receipt = sample(RECEIPT_HELP);
	char *text;
	int s;

	(void)state;
	for (s = 0; s <= HOLD_STATES; s++) {
		assert_true(strlen(receipt_state((enum hold_state)s)) > 5);
		receipt.state = (enum hold_state)s;
		text = text_of(&receipt);
		assert_memory_equal(text, "Draft 17 ", 9);
		free(text);
	}
}

static void an_undo_window_is_told(void **state)
{
	struct receipt receipt = sample(RECEIPT_APPROVED);
	char *text;

	(void)state;
	receipt.at_ms = 1795270500000;
	receipt.until_ms = receipt.at_ms + 90000;
	text = text_of(&receipt);
	assert_non_null(strstr(text, "leaves in 90 s, at Sat 21 Nov 2026,"));
	assert_non_null(strstr(text, "undo"));
	free(text);
}

static void subjects_answer_once(void **state)
{
	static const struct {
		const char *subject;
		int64_t draft;
		const char *becomes;
	} cases[] = {
	    {"Re: x", 17, "Re: x"},
	    {"RE: x", 17, "RE: x"},
	    {"x", 17, "Re: x"},
	    {NULL, 17, "Re: [review] (draft 17)"},
	    {"", 17, "Re: [review] (draft 17)"},
	    {NULL, 0, "Re: [review] several drafts"},
	};
	struct receipt receipt = sample(RECEIPT_HELP);
	struct arena *arena = arena_new();
	struct buf out;
	char *subject;
	size_t i;

	(void)state;
	buf_init(&out, LETTER_MAX);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_clear(&out);
		receipt.subject = cases[i].subject;
		receipt.draft = cases[i].draft;
		receipt_write(&receipt, arena, &out);
		subject = unmail_subject(buf_span(&out));
		assert_string_equal(subject, cases[i].becomes);
		free(subject);
	}
	buf_release(&out);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_kind_says_its_word),
	    cmocka_unit_test(what_changes_nothing_says_so),
	    cmocka_unit_test(hostile_words_stay_behind_a_bar),
	    cmocka_unit_test(html_says_the_same),
	    cmocka_unit_test(many_are_told_one_by_one),
	    cmocka_unit_test(what_was_done_before_is_no_rival),
	    cmocka_unit_test(hostile_words_of_many_stay_behind_a_bar),
	    cmocka_unit_test(every_state_has_words),
	    cmocka_unit_test(an_undo_window_is_told),
	    cmocka_unit_test(subjects_answer_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
