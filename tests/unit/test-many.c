/*
 * Tests of answers to a mail of many drafts: each draft has its own end, one
 * receipt tells them all, and an answer that is not clear does nothing.
 */
#include "review/review.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fakehold.h"
#include "sample.h"
#include "unmail.h"

#define N_ITEMS 5

struct scene {
	struct event_base *base;
	struct config config;
	struct review *review;
	struct reading_reply reply;
	struct review_answer answer;
	struct hold_answered_item items[N_ITEMS];
	unsigned n_done;
	char decided[1000]; /* "21 approve; 22 drop" */
	char moved[200];    /* drafts, as they were moved */
	struct review_edit *edit;
	char edit_text[256];
};

static struct scene scene;

static const struct {
	int64_t draft;
	const char *code, *subject;
	bool low, cut;
} samples[N_ITEMS] = {
    {21, "aaaaaa", "Your refund", false, false},
    {22, "bbbbbb", "Our meeting", true, false},
    {23, "cccccc", "A long one", false, true},
    {24, "dddddd", "A hint", true, false},
    {25, "eeeeee", "Low, but cut", true, true},
};

static void on_done(struct review_answer *answer)
{
	((struct scene *)answer->context)->n_done++;
}

static void on_edit(struct review_edit *edit, void *context)
{
	struct scene *s = context;

	s->edit = edit;
	snprintf(s->edit_text, sizeof(s->edit_text), "%.*s",
	    (int)edit->text.len, edit->text.data);
}

static void on_moved(int64_t draft, enum hold_state state, void *context)
{
	struct scene *s = context;
	size_t n = strlen(s->moved);

	snprintf(s->moved + n, sizeof(s->moved) - n, "%d:%d ", (int)draft,
	    (int)state);
}

static const char *name_of(enum hold_verb verb)
{
	static const char *const names[HOLD_VERBS] = {
	    [HOLD_APPROVE] = "approve",
	    [HOLD_DROP] = "drop",
	    [HOLD_UNDO] = "undo",
	    [HOLD_ASK] = "ask",
	    [HOLD_CLAIM] = "claim",
	    [HOLD_DELEGATE] = "delegate",
	    [HOLD_SNOOZE] = "snooze",
	    [HOLD_REVISE] = "revise",
	};

	assert_non_null(names[verb]);
	return names[verb];
}

/* Keep what is decided, and check that it is about what was shown. */
static enum error_kind decide_all(struct hold_decide *d)
{
	struct scene *s = &scene;
	size_t i = (size_t)(d->draft - 21), n = strlen(s->decided);

	assert_true(i < N_ITEMS);
	assert_memory_equal(d->revision, s->items[i].revision, DIGEST_SIZE);
	assert_string_equal(d->actor, "anna");
	assert_string_equal(d->medium, "mail");
	assert_int_equal(d->notice, 5);
	snprintf(s->decided + n, sizeof(s->decided) - n, "%s%d %s%s%s",
	    n > 0 ? "; " : "", (int)d->draft, name_of(d->verb),
	    d->text == NULL ? "" : " ", d->text == NULL ? "" : d->text);
	d->state = d->verb == HOLD_APPROVE  ? HOLD_APPROVED
		   : d->verb == HOLD_DROP   ? HOLD_DROPPED
		   : d->verb == HOLD_REVISE ? HOLD_REVISING
					    : HOLD_HELD;
	return ERROR_NONE;
}

/* Draft 22 was decided by bob, 24 was changed meanwhile. */
static enum error_kind decide_late(struct hold_decide *d)
{
	decide_all(d);
	if (d->draft == 22)
		d->prior = (struct hold_prior){
		    "bob", "command line", HOLD_DROP, 1795262000000, false};
	if (d->draft == 22)
		d->state = HOLD_DROPPED;
	return d->draft == 22 || d->draft == 24 ? ERROR_CONFLICT : ERROR_NONE;
}

static enum error_kind decide_denied(struct hold_decide *d)
{
	decide_all(d);
	return d->draft == 21 ? ERROR_DENIED : ERROR_NONE;
}

static enum error_kind decide_full(struct hold_decide *d)
{
	decide_all(d);
	return d->draft == 22 ? ERROR_FULL : ERROR_NONE;
}

/* The same answer again: all was done by anna before. */
static enum error_kind decide_again(struct hold_decide *d)
{
	decide_all(d);
	d->prior =
	    (struct hold_prior){"anna", "mail", d->verb, 1795262000000, false};
	return ERROR_CONFLICT;
}

static int setup(void **state)
{
	struct scene *s = &scene;
	const struct review_hooks hooks = {
	    .edit = on_edit, .moved = on_moved, .context = s};
	size_t i;

	*s = (struct scene){.config = *sample_config()};
	s->config.review.snooze_s = 86400;
	fake_init();
	fake.view = sample_view;
	fake.decide = decide_all;
	for (i = 0; i < N_ITEMS; i++) {
		s->items[i] = (struct hold_answered_item){
		    .n = (unsigned)i + 1,
		    .draft = samples[i].draft,
		    .number = 1,
		    .kind = HOLD_PROMPT_DECIDE,
		    .state = HOLD_HELD,
		    .cut = samples[i].cut,
		    .low = samples[i].low,
		    .subject = samples[i].subject,
		};
		memset(s->items[i].revision, (int)i + 1, DIGEST_SIZE);
		memcpy(s->items[i].code, samples[i].code, HOLD_CODE_SIZE);
	}
	fake.answered.digest = true;
	fake.answered.n_items = N_ITEMS;
	fake.answered.items = s->items;
	fake.answered.draft = 0;
	s->base = event_base_new();
	s->review = review_new(s->base, &s->config, fake_hold(), &hooks);
	s->reply = (struct reading_reply){
	    .n_from = 1,
	    .from = "anna@corp.example",
	    .message_id = "<reply-1@corp.example>",
	    .subject = "Re: [review] 5 drafts wait for you",
	};
	s->answer = (struct review_answer){
	    .reply = &s->reply,
	    .notice = 5,
	    .peer = "127.0.0.1",
	    .level = REVIEW_LEVEL_TOKEN,
	    .done = on_done,
	    .context = s,
	};
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct scene *s = *state;

	review_free(s->review);
	event_base_free(s->base);
	fake_release();
	return 0;
}

static void start(struct scene *s, const char *line, const char *words)
{
	s->reply.line = line;
	s->reply.words = words;
	s->decided[0] = s->moved[0] = '\0';
	review_answer(s->review, &s->answer);
	fake_run();
}

static void hear(struct scene *s, const char *line, const char *words)
{
	unsigned before = s->n_done;

	start(s, line, words);
	assert_int_equal(s->n_done, before + 1);
}

/* The last mail, to anna, says all these, in this order. */
static void assert_told(const char *const *says)
{
	const struct fake_mail *mail = &fake.mails[fake.n_mails - 1];
	const char *at;
	char *text;

	assert_true(fake.n_mails > 0);
	assert_string_equal(mail->to, "anna@corp.example");
	text = unmail_body(
	    (struct span){mail->bytes, strlen(mail->bytes)}, "text/plain");
	for (at = text; *says != NULL; says++) {
		at = strstr(at, *says);
		if (at == NULL)
			fail_msg("no \"%s\" in: %s", *says, text);
	}
	free(text);
}

#define TOLD(...) assert_told((const char *const[]){__VA_ARGS__, NULL})

static void each_draft_has_its_own_end(void **state)
{
	struct scene *s = *state;

	hear(s, "1 approve", "2 drop too dear\n4 revise name the price\n");
	assert_string_equal(s->decided,
	    "21 approve; 22 drop too dear; 24 revise name the price");
	assert_string_equal(s->moved, "21:2 22:7 24:9 0:0 ");
	assert_int_equal(fake.n_mails, 1);
	assert_int_equal(s->answer.error.kind, ERROR_NONE);
	TOLD("Done: 1-2, 4.\n",
	    "Not in your answer, and still waiting: 3, 5.\n",
	    "1. draft 21\n   | Your refund\n   Approved; it leaves now.\n",
	    "2. draft 22\n   | Our meeting\n   Dropped;", "   | too dear\n",
	    "4. draft 24\n   | A hint\n", "   | name the price\n", "1 undo");
}

static void all_means_what_is_low_and_was_shown(void **state)
{
	struct scene *s = *state;

	hear(s, "all approve", NULL);
	assert_string_equal(s->decided, "22 approve; 24 approve");
	hear(s, "all approve", "4 drop\n");
	assert_string_equal(s->decided, "22 approve; 24 drop");
}

static void what_came_too_late_keeps_nothing_back(void **state)
{
	struct scene *s = *state;

	fake.decide = decide_late;
	hear(s, "1-2,4 approve", NULL);
	assert_string_equal(s->decided, "21 approve; 22 approve; 24 approve");
	TOLD("Done: 1.\nNot done: 2, 4.\n", "1. draft 21\n", "Approved",
	    "2. draft 22\n", "Too late: bob dropped it on the command line at",
	    "It was dropped.", "4. draft 24\n",
	    "it was changed after that mail was made.");
	assert_int_equal(s->answer.error.kind, ERROR_NONE);
}

static void what_may_not_be_keeps_nothing_back(void **state)
{
	struct scene *s = *state;

	fake.decide = decide_denied;
	snprintf(fake.decide_text, sizeof(fake.decide_text), "no authority");
	hear(s, "1-2 approve", "3 approve\n4 delegate dora\n");
	assert_string_equal(s->decided, "21 approve; 22 approve");
	TOLD("Done: 2.\nNot done: 1, 3-4.\n", "Nothing was changed:\n",
	    "| no authority", "2. draft 22\n", "3. draft 23\n",
	    "could not show the whole", "imprimatur show 23 --raw",
	    "there is no reviewer 'dora'");
}

static struct hold_view *view_that_wants_a_reason(struct arena *arena)
{
	struct hold_view *view = sample_routed(arena);

	view->needs_reason = true;
	return view;
}

static void a_reason_may_be_wanted(void **state)
{
	struct scene *s = *state;

	fake.view = view_that_wants_a_reason;
	hear(s, "1 approve", "2 approve because it is right\n4 drop\n");
	assert_string_equal(s->decided, "22 approve it is right");
	TOLD("Done: 2.\nNot done: 1, 4.\n", "this one wants a reason",
	    "A reason is one of these", "2. draft 22\n", "Approved");
}

static void the_same_answer_again_is_told_as_done(void **state)
{
	struct scene *s = *state;
	char once[256];

	hear(s, "1 approve", "2 drop\n");
	snprintf(once, sizeof(once), "%s", fake.mails[0].once);
	fake.decide = decide_again;
	hear(s, "1 approve", "2 drop\n");
	/* so the outbox takes it once */
	assert_string_equal(fake.mails[1].once, once);
	TOLD("1. draft 21\n", "You approved it by mail at", "2. draft 22\n",
	    "You dropped it by mail at");
	s->reply.message_id = "<reply-2@corp.example>";
	hear(s, "1 approve", "2 drop\n");
	assert_string_not_equal(fake.mails[2].once, once);
}

static void a_full_disk_brings_it_back(void **state)
{
	struct scene *s = *state;

	fake.decide = decide_full;
	hear(s, "1-2 approve", "4 approve\n");
	assert_string_equal(s->decided, "21 approve; 22 approve; 24 approve");
	assert_int_equal(s->answer.error.kind, ERROR_BUSY);
	assert_int_equal(fake.n_mails, 0);
	assert_string_equal(s->moved, "21:2 24:2 ");
	/* and again, when there is room */
	fake.decide = decide_all;
	hear(s, "1-2 approve", "4 approve\n");
	assert_int_equal(s->answer.error.kind, ERROR_NONE);
	assert_int_equal(fake.n_mails, 1);
	/* the receipt itself has no room */
	fake.post_error = ERROR_FULL;
	hear(s, "1 approve", NULL);
	assert_int_equal(s->answer.error.kind, ERROR_BUSY);
}

static void an_unclear_answer_does_nothing(void **state)
{
	static const char *const lines[][2] = {
	    {"1 approve", "1 drop\n"},
	    {"1 approve", "7 drop\n"},
	    {"1 approve", "2 aprove\n"},
	    {"1-5 approve", "but not 3\n"},
	    {"1 approve", "2 edit\nDear Max\n3 approve\n"},
	    {"1 approve aaaaaa", "2 approve aaaaaa\n"},
	    {"1 approve because 2 is right", "2 approve eeeeee\n"},
	    {"approve", NULL},
	    {"approve aaaaaa", NULL},
	    {"drop", NULL},
	    {"edit", "new text\n"},
	    {"fine", NULL},
	    {"1approve", NULL},
	};
	struct scene *s = *state;
	size_t i, n = sizeof(lines) / sizeof(lines[0]);

	for (i = 0; i < n; i++) {
		hear(s, lines[i][0], lines[i][1]);
		assert_string_equal(s->decided, "");
		assert_null(s->edit);
		assert_string_equal(s->moved, "0:0 ");
		TOLD("Nothing was decided, because a line of your answer",
		    "is:\n| ", "What is wrong with it:\n");
		assert_int_equal(fake.n_mails, i + 1);
	}
	/* the reader tells whether an empty line stands below the first */
	hear(s, "1 approve", "Thanks\n");
	TOLD("Line 2 is:\n| Thanks\n", "directly below one");
	s->reply.apart = true;
	hear(s, "1 approve", "Thanks\n");
	assert_string_equal(s->decided, "21 approve");
	s->reply.apart = false;
	/* answers between quoted lines are not put together */
	s->reply.below = "2 drop";
	hear(s, "1 approve", NULL);
	assert_string_equal(s->decided, "");
	TOLD("| 2 drop\n", "it stands below words");
	s->reply.below = "so far";
	hear(s, "1 approve", NULL);
	assert_string_equal(s->decided, "21 approve");
	s->reply.below = NULL;
	s->reply.line_quoted = true;
	hear(s, "1 approve", NULL);
	assert_string_equal(s->decided, "");
	s->reply.line_quoted = false;
	hear(s, "1 approve", "\n2 approve eeeeee\n");
	TOLD("Line 3 is:\n| 2 approve eeeeee\n",
	    "its code is not that of number 2, which has bbbbbb.\n",
	    "all approve", "2, 4");
}

static void what_is_no_command_gets_help_once(void **state)
{
	struct scene *s = *state;

	hear(s, "Looks good to me", NULL);
	TOLD("I could not read a decision", "| Looks good to me\n",
	    "  1 approve ", "all approve      all of low severity: 2, 4");
	hear(s, "Really", "1 approve\n");
	hear(s, NULL, NULL);
	assert_int_equal(fake.n_mails, 1);
	assert_int_equal(fake.n_decided, 0);
	/* what is nearly one is always told */
	hear(s, "approve 1", NULL);
	assert_int_equal(fake.n_mails, 2);
	hear(s, "help", NULL);
	TOLD("Nothing was decided", "  1 approve ",
	    "cannot be approved by mail:\n"
	    "3, 5.");
}

static void an_edit_makes_a_revision(void **state)
{
	struct scene *s = *state;

	start(s, "1 approve", "4 edit\n\nDear Max,\nnew text\n");
	assert_non_null(s->edit);
	assert_int_equal(s->n_done, 0);
	assert_string_equal(s->edit_text, "\nDear Max,\nnew text\n");
	assert_int_equal(s->edit->draft, 24);
	assert_memory_equal(
	    s->edit->revision, s->items[3].revision, DIGEST_SIZE);
	s->edit->number = 2;
	s->edit->state = HOLD_HELD;
	memcpy(s->edit->code, "bf2x6a", HOLD_CODE_SIZE);
	s->edit->done(s->edit);
	fake_run();
	assert_int_equal(s->n_done, 1);
	TOLD("Done: 1, 4.\n", "4. draft 24\n", "It is revision 2 now, with the",
	    "new code bf2x6a.");
	s->edit = NULL;
	hear(s, "4 edit", "\n");
	assert_null(s->edit);
	TOLD("Not done: 4.\n", "there was no text below");
	hear(s, "4 edit", "Dear Max\n| and the notice\n");
	assert_null(s->edit);
	TOLD("Not done: 4.\n", "take the bars away");
}

static void questions_go_out_before_the_next(void **state)
{
	struct scene *s = *state;
	size_t i;

	hear(s, "1 ask is it true?", "2 ask is it true?\n4 approve\n");
	assert_string_equal(
	    s->decided, "21 ask is it true?; 22 ask is it true?; 24 approve");
	assert_int_equal(fake.n_mails, 5);
	for (i = 1; i < 4; i++)
		assert_string_not_equal(
		    fake.mails[i].once, fake.mails[i - 1].once);
	TOLD("Done: 1-2, 4.\n", "Your question went to bob, carol.\n",
	    "Your question went to bob, carol.\n", "Approved");
}

static void a_question_that_finds_no_room_comes_again(void **state)
{
	struct scene *s = *state;

	fake.post_error = ERROR_FULL;
	hear(s, "1 ask is it true?", "2 approve\n");
	assert_string_equal(s->decided, "21 ask is it true?; 22 approve");
	assert_int_equal(s->answer.error.kind, ERROR_BUSY);
}

static void only_its_reviewer_may(void **state)
{
	struct scene *s = *state;

	s->reply.from = "bob@corp.example";
	hear(s, "1 approve", NULL);
	assert_int_equal(fake.n_decided, 0);
	TOLD("Somebody else answered", "bob@corp.example",
	    "Nothing was decided. All drafts are as they were.");
	s->reply.from = "anna@corp.example";
	s->answer.level = REVIEW_LEVEL_NONE;
	hear(s, "1 approve", NULL);
	assert_int_equal(fake.n_decided, 0);
	assert_int_equal(s->answer.error.kind, ERROR_DENIED);
	s->answer.level = REVIEW_LEVEL_TOKEN;
	s->reply.automatic = "it says so";
	hear(s, "1 approve", NULL);
	assert_int_equal(fake.n_decided, 0);
	s->reply.automatic = NULL;
	s->reply.maybe_automatic = "it seems so";
	hear(s, "1 approve", NULL);
	assert_int_equal(fake.n_decided, 0);
}

static void the_subject_may_name_one_of_them(void **state)
{
	struct scene *s = *state;

	s->reply.subject = "Re: [review] Our meeting (draft 22)";
	hear(s, "2 approve", NULL);
	assert_int_equal(fake.n_decided, 1);
	s->reply.subject = "Re: [review] Our meeting (draft 26)";
	hear(s, "2 approve", NULL);
	assert_int_equal(fake.n_decided, 1);
	TOLD("names another draft", "All drafts are as they were.");
}

static void one_draft_needs_no_number(void **state)
{
	struct scene *s = *state;

	fake.answered.n_items = 1;
	hear(s, "approve", NULL);
	assert_string_equal(s->decided, "21 approve");
	TOLD("Approved. Draft 21 leaves now.");
	hear(s, "1 approve", NULL);
	assert_string_equal(s->decided, "21 approve");
	TOLD("Done: 1.\n");
	hear(s, "2 approve", NULL);
	assert_string_equal(s->decided, "");
	/* in a notice of one draft, a number is no command */
	fake.answered.digest = false;
	hear(s, "1 approve", NULL);
	assert_string_equal(s->decided, "");
	TOLD("I could not read a decision");
}

static void what_is_kept_no_more_decides_nothing(void **state)
{
	struct scene *s = *state;

	fake.answered.n_items = 0;
	hear(s, "1 approve", NULL);
	assert_int_equal(fake.n_decided, 0);
	TOLD("Nothing was decided", "is not kept any more");
	/* one that is gone is not the next */
	fake.answered.n_items = 2;
	fake.answered.items = s->items + 3;
	hear(s, "4 approve", NULL);
	assert_string_equal(s->decided, "24 approve");
	hear(s, "1 approve", NULL);
	assert_string_equal(s->decided, "");
	TOLD("there is no number 1");
}

static void the_room_may_go_at_any_step(void **state)
{
	struct scene *s = *state;
	const struct review_hooks hooks = {
	    .edit = on_edit, .moved = on_moved, .context = s};
	unsigned steps, i;

	for (steps = 0; steps < 16; steps++) {
		s->n_done = 0;
		s->decided[0] = '\0';
		s->reply.line = "1 approve";
		s->reply.words = "2 ask is it true?\n4 drop\n";
		review_answer(s->review, &s->answer);
		for (i = 0; i < steps; i++)
			fake_step();
		review_free(s->review);
		assert_int_equal(s->n_done, 1);
		fake_run();
		assert_int_equal(s->n_done, 1);
		s->review =
		    review_new(s->base, &s->config, fake_hold(), &hooks);
		fake_release();
	}
}

#define ANSWER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ANSWER(each_draft_has_its_own_end),
	    ANSWER(all_means_what_is_low_and_was_shown),
	    ANSWER(what_came_too_late_keeps_nothing_back),
	    ANSWER(what_may_not_be_keeps_nothing_back),
	    ANSWER(a_reason_may_be_wanted),
	    ANSWER(the_same_answer_again_is_told_as_done),
	    ANSWER(a_full_disk_brings_it_back),
	    ANSWER(an_unclear_answer_does_nothing),
	    ANSWER(what_is_no_command_gets_help_once),
	    ANSWER(an_edit_makes_a_revision),
	    ANSWER(questions_go_out_before_the_next),
	    ANSWER(a_question_that_finds_no_room_comes_again),
	    ANSWER(only_its_reviewer_may),
	    ANSWER(the_subject_may_name_one_of_them),
	    ANSWER(one_draft_needs_no_number),
	    ANSWER(what_is_kept_no_more_decides_nothing),
	    ANSWER(the_room_may_go_at_any_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
