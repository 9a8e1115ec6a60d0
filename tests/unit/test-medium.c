/*
 * Tests of programs that ask people: what they are given, again and once it
 * is over, who still gets mail, and whose word counts.
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

#define SHOWN_MAX 64

struct shown {
	char medium[32], reviewer[32], subject[128], who[64];
	char text[16384];
	int64_t notice, draft;
	bool over, cut;
};

struct scene {
	struct event_base *base;
	struct config config;
	struct review *review;
	bool busy; /* the programs take nothing */
	size_t n_shown;
	struct shown shown[SHOWN_MAX];

	struct review_answer answer;
	struct review_said said;
	unsigned n_done;
	char text[1024];
	struct review_edit *edit;
};

static struct scene scene;

/* anna by chat alone, bob by mail and chat, carol by mail. */
static const char *const chat_alone[] = {"chat", NULL};
static const char *const mail_and_chat[] = {"mail", "chat", NULL};

static void on_moved(int64_t draft, enum hold_state state, void *context)
{
	struct scene *s = context;

	(void)draft;
	(void)state;
	review_kick(s->review);
}

static void on_edit(struct review_edit *edit, void *context)
{
	struct scene *s = context;

	s->edit = edit;
}

static bool on_show(const struct review_shown *shown, void *context)
{
	struct scene *s = context;
	struct shown *kept = &s->shown[s->n_shown];

	if (s->busy)
		return false;
	assert_true(s->n_shown++ < SHOWN_MAX);
	snprintf(kept->medium, sizeof(kept->medium), "%s", shown->medium);
	snprintf(kept->reviewer, sizeof(kept->reviewer), "%s", shown->reviewer);
	snprintf(kept->subject, sizeof(kept->subject), "%s", shown->subject);
	snprintf(kept->text, sizeof(kept->text), "%s", shown->text);
	snprintf(kept->who, sizeof(kept->who), "%s",
	    shown->who == NULL ? "(nobody)" : shown->who);
	kept->notice = shown->notice;
	kept->draft = shown->view->draft;
	kept->over = shown->over;
	kept->cut = shown->cut;
	return true;
}

static void on_done(struct review_answer *answer)
{
	struct scene *s = answer->context;

	s->n_done++;
	snprintf(s->text, sizeof(s->text), "%s",
	    answer->text == NULL ? "(null)" : answer->text);
	free(answer->text);
}

static struct hold_view *view_of_channel(struct arena *arena)
{
	struct hold_view *view = sample_view(arena);

	view->channel = "support";
	return view;
}

static int setup(void **state)
{
	static struct config_reviewer reviewers[3];
	static struct config_program programs[2];
	struct scene *s = &scene;
	const struct review_hooks hooks = {
	    .edit = on_edit, .moved = on_moved, .show = on_show, .context = s};

	*s = (struct scene){.config = *sample_config()};
	memcpy(reviewers, s->config.reviewers, sizeof(reviewers));
	reviewers[0].media = chat_alone;
	reviewers[1].media = mail_and_chat;
	s->config.reviewers = reviewers;
	programs[0] = (struct config_program){.name = "tone", .waiting = 1};
	programs[1] = (struct config_program){
	    .name = "chat", .waiting = 4, .medium = true};
	s->config.programs = programs;
	s->config.n_programs = 2;
	s->config.review.mail_after_s = 600;
	fake_init();
	fake.view = view_of_channel;
	fake.answered.medium = "chat";
	s->base = event_base_new();
	s->review = review_new(s->base, &s->config, fake_hold(), &hooks);
	s->said = (struct review_said){
	    .medium = "chat", .reviewer = "anna", .verb = "approve"};
	s->answer = (struct review_answer){
	    .notice = 5, .said = &s->said, .done = on_done, .context = s};
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct scene *s = *state;

	review_free(s->review);
	fake_run();
	event_base_free(s->base);
	fake_release();
	return 0;
}

static void add_due(const char *reviewer, size_t n)
{
	static int64_t last = 100;

	for (; n > 0; n--) {
		last++;
		fake.due[fake.n_due++] = (struct hold_due_prompt){
		    .prompt = last * 10,
		    .draft = last,
		    .kind = HOLD_PROMPT_DECIDE,
		    .reviewer = reviewer,
		    .revision = 1,
		};
	}
}

static void kick(struct scene *s)
{
	review_kick(s->review);
	fake_run();
}

static void change(struct scene *s, enum review_medium what)
{
	review_medium(s->review, "chat", what);
	fake_run();
}

static bool hear(struct scene *s, size_t i, bool over)
{
	bool known =
	    review_medium_heard(s->review, "chat", s->shown[i].notice, over);

	fake_run();
	return known;
}

/* ---- what it is given --------------------------------------------------- */

static void prompts_are_shown(void **state)
{
	struct scene *s = *state;

	add_due("anna", 1);
	kick(s);
	assert_int_equal(s->n_shown, 0); /* it is not there yet */
	change(s, REVIEW_MEDIUM_UP);
	assert_int_equal(s->n_shown, 1);
	assert_string_equal(s->shown[0].medium, "chat");
	assert_string_equal(s->shown[0].reviewer, "anna");
	assert_int_equal(s->shown[0].notice, fake.told[0].notice);
	assert_int_equal(s->shown[0].draft, fake.due[0].draft);
	assert_false(s->shown[0].over);
	assert_false(s->shown[0].cut);
	assert_non_null(strstr(s->shown[0].subject, "Your refund"));
	assert_non_null(strstr(s->shown[0].text, "may this mail leave?"));
	assert_non_null(strstr(s->shown[0].text, "You may answer:"));
	assert_null(strstr(s->shown[0].text, "Answer this mail"));
	/* nothing more, however often it is looked for */
	kick(s);
	change(s, REVIEW_MEDIUM_READY);
	assert_int_equal(s->n_shown, 1);
	assert_int_equal(fake.n_mails, 0);
}

static void mail_comes_too_where_it_is_wanted(void **state)
{
	struct scene *s = *state;

	change(s, REVIEW_MEDIUM_UP);
	add_due("bob", 1);
	add_due("carol", 1);
	kick(s);
	assert_int_equal(fake.n_mails, 2);
	assert_string_equal(fake.mails[0].reviewer, "bob");
	assert_string_equal(fake.mails[1].reviewer, "carol");
	assert_int_equal(s->n_shown, 1);
	assert_string_equal(s->shown[0].reviewer, "bob");
}

static void no_more_than_it_acknowledges(void **state)
{
	struct scene *s = *state;
	size_t i;

	change(s, REVIEW_MEDIUM_UP);
	add_due("anna", 10);
	kick(s);
	assert_int_equal(s->n_shown, 4);
	for (i = 0; i < 10; i++) {
		assert_true(hear(s, i, false));
		assert_int_equal(s->n_shown, i + 5 < 10 ? i + 5 : 10);
		assert_int_equal(fake.told[i].heard, 1);
	}
	/* once is enough; and only what it was given */
	assert_false(hear(s, 3, false));
	assert_false(hear(s, 3, true));
	assert_false(
	    review_medium_heard(s->review, "tone", s->shown[0].notice, false));
}

static void unacknowledged_comes_again(void **state)
{
	struct scene *s = *state;

	change(s, REVIEW_MEDIUM_UP);
	add_due("anna", 3);
	kick(s);
	assert_int_equal(s->n_shown, 3);
	hear(s, 1, false);
	change(s, REVIEW_MEDIUM_DOWN);
	kick(s);
	assert_int_equal(s->n_shown, 3);
	assert_false(hear(s, 0, false)); /* a word of its last life */
	change(s, REVIEW_MEDIUM_UP);
	assert_int_equal(s->n_shown, 5);
	assert_int_equal(s->shown[3].notice, s->shown[0].notice);
	assert_int_equal(s->shown[4].notice, s->shown[2].notice);
	assert_int_equal(fake.n_told, 3);
}

/* It acknowledges while what was read before that is gone through. */
static void acknowledged_meanwhile(void **state)
{
	struct scene *s = *state;
	unsigned steps, i;

	change(s, REVIEW_MEDIUM_UP);
	for (steps = 0; steps < 8; steps++) {
		add_due("anna", 1);
		kick(s);
		assert_int_equal(s->n_shown, 2 * steps + 1);
		add_due("anna", 1);
		review_kick(s->review);
		for (i = 0; i < steps; i++)
			fake_step();
		assert_true(review_medium_heard(
		    s->review, "chat", s->shown[2 * steps].notice, false));
		fake_run();
		/* that one, once, and the new one */
		assert_int_equal(s->n_shown, 2 * steps + 2);
		assert_true(hear(s, 2 * steps + 1, false));
	}
}

static void what_is_over_is_told(void **state)
{
	struct scene *s = *state;

	change(s, REVIEW_MEDIUM_UP);
	add_due("anna", 1);
	kick(s);
	/* before it acknowledged the prompt */
	fake.told[0].over = true;
	fake.n_due = 0;
	kick(s);
	assert_int_equal(s->n_shown, 2);
	assert_true(s->shown[1].over);
	assert_int_equal(s->shown[1].notice, s->shown[0].notice);
	assert_true(hear(s, 0, false));
	kick(s);
	assert_int_equal(s->n_shown, 2);
	assert_true(hear(s, 1, true));
	assert_int_equal(fake.told[0].heard, 2);
	assert_true(fake.told[0].alone);
	change(s, REVIEW_MEDIUM_DOWN);
	change(s, REVIEW_MEDIUM_UP);
	assert_int_equal(s->n_shown, 2);
}

static void it_is_not_pressed(void **state)
{
	struct scene *s = *state;
	unsigned n;

	change(s, REVIEW_MEDIUM_UP);
	s->busy = true;
	add_due("anna", 2);
	kick(s);
	n = fake.n_untolds;
	fake_run();
	assert_int_equal(fake.n_untolds, n);
	assert_int_equal(s->n_shown, 0);
	s->busy = false;
	change(s, REVIEW_MEDIUM_READY);
	assert_int_equal(s->n_shown, 2);
}

static void trouble_of_the_ledger(void **state)
{
	static enum error_kind *const errors[] = {&fake.untold_error,
	    &fake.view_error, &fake.notice_error, &fake.heard_error};
	struct scene *s = *state;
	size_t i;

	for (i = 0; i < 4; i++) {
		change(s, REVIEW_MEDIUM_UP);
		*errors[i] = ERROR_INTERNAL;
		add_due("anna", 1);
		kick(s);
		if (i < 3)
			assert_int_equal(s->n_shown, i);
		else
			hear(s, s->n_shown - 1, false);
		*errors[i] = ERROR_NONE;
		kick(s);
		assert_int_equal(s->n_shown, i + 1);
		/* one that could not be written can be said again */
		assert_true(hear(s, i, false));
	}
}

/* It ends, or is loaded anew, with calls on their way. */
static void in_the_middle(void **state)
{
	struct scene *s = *state;
	unsigned steps, i;

	for (steps = 0; steps < 6; steps++) {
		change(s, REVIEW_MEDIUM_UP);
		add_due("anna", 1);
		review_kick(s->review);
		for (i = 0; i < steps; i++)
			fake_step();
		review_reload(s->review, &s->config);
		fake_run();
		change(s, REVIEW_MEDIUM_UP);
		assert_true(s->n_shown > steps);
		while (s->n_shown > 0 && hear(s, s->n_shown - 1, false))
			s->n_shown--;
		s->n_shown = steps + 1;
	}
	add_due("anna", 1);
	review_kick(s->review);
	review_medium_heard(s->review, "chat", s->shown[0].notice, false);
}

/* ---- when it is silent -------------------------------------------------- */

static void wait_for_mail(struct scene *s)
{
	while (fake.n_mails == 0) {
		event_base_loop(s->base, EVLOOP_ONCE);
		fake_run();
	}
}

static void silent_media(void **state)
{
	struct scene *s = *state;

	s->config.review.mail_after_s = 0;
	review_reload(s->review, &s->config);
	/* down; carol's would come in any case */
	add_due("anna", 1);
	kick(s);
	assert_int_equal(fake.n_mails, 0);
	wait_for_mail(s);
	assert_string_equal(fake.mails[0].reviewer, "anna");
	/* there again, with nothing to tell: it can be relied on */
	change(s, REVIEW_MEDIUM_UP);
	s->config.review.mail_after_s = 1;
	add_due("anna", 1);
	kick(s);
	assert_int_equal(fake.n_mails, 1);
	assert_int_equal(s->n_shown, 1);
	/* but not when it does not acknowledge that */
	fake_release();
	wait_for_mail(s);
	assert_string_equal(fake.mails[0].reviewer, "anna");
	assert_true(hear(s, 0, false));
	add_due("anna", 1);
	kick(s);
	assert_int_equal(s->n_shown, 2);
	assert_int_equal(fake.n_mails, 1);
}

/* ---- what people say there ----------------------------------------------- */

static void say(struct scene *s, bool ok, const char *text)
{
	unsigned before = s->n_done;

	review_answer(s->review, &s->answer);
	fake_run();
	assert_int_equal(s->n_done, before + 1);
	if (s->answer.ok != ok || strstr(s->text, text) == NULL)
		print_message("# %s\n", s->text);
	assert_int_equal(s->answer.ok, ok);
	assert_non_null(strstr(s->text, text));
	/* only a program is answered */
	assert_int_equal(fake.n_mails, 0);
}

static void its_word_counts(void **state)
{
	struct scene *s = *state;

	s->said.code = "K7Q4RM";
	s->said.text = "it is\nright";
	say(s, true, "Approved.");
	assert_int_equal(fake.n_decided, 1);
	assert_int_equal(fake.decided.verb, HOLD_APPROVE);
	assert_int_equal(fake.decided.draft, 17);
	assert_int_equal(fake.decided.notice, 5);
	assert_string_equal(fake.decided_text, "it is right");

	s->said.verb = "drop";
	s->said.code = NULL;
	s->said.category = "Tone";
	s->said.text = NULL;
	fake.decide_state = HOLD_DROPPED;
	say(s, true, "Dropped.");
	assert_string_equal(fake.decided_text, "tone");
	assert_null(strstr(s->text, "this mail"));

	s->said.category = NULL;
	s->said.verb = "claim";
	say(s, true, "yours to look at");
	s->said.verb = "undo";
	say(s, true, "Taken back.");
	s->said.verb = "delegate";
	s->said.text = "bob";
	say(s, true, "bob is asked");
	s->config.review.snooze_s = 86400;
	s->said.verb = "snooze";
	s->said.text = "24h";
	say(s, true, "You are asked about draft 17 again");
	assert_int_equal(fake.decided.verb, HOLD_SNOOZE);
	s->said.verb = "revise";
	s->said.text = "name the price\nand the day";
	say(s, true, "went back to its agent");
	assert_int_equal(fake.decided.verb, HOLD_REVISE);
	assert_string_equal(fake.decided_text, "name the price and the day");
	assert_string_equal(fake.decided_answer, "(null)");
	fake.answered.kind = HOLD_PROMPT_AFTER;
	s->said.verb = "wrong";
	s->said.text = "too kind";
	say(s, true, "should not have left");
	assert_int_equal(fake.n_decided, 8);
}

/* The question goes to the others by mail, whatever they are asked by. */
static void questions(void **state)
{
	struct scene *s = *state;

	s->said.verb = "ask";
	s->said.text = "who knows him?";
	review_answer(s->review, &s->answer);
	fake_run();
	assert_int_equal(s->n_done, 1);
	assert_true(s->answer.ok);
	assert_non_null(strstr(s->text, "bob, carol"));
	assert_int_equal(fake.n_mails, 2);
	assert_string_equal(fake.mails[0].to, "bob@corp.example");
	assert_string_equal(fake.mails[1].to, "carol@corp.example");
	/* one that could not be written is no question */
	fake.post_error = ERROR_INTERNAL;
	review_answer(s->review, &s->answer);
	fake_run();
	assert_int_equal(s->n_done, 2);
	assert_false(s->answer.ok);
	assert_string_equal(s->text, "(null)");
}

static void words_that_count_for_nothing(void **state)
{
	static const struct {
		struct review_said said;
		const char *text;
	} words[] = {
	    {{.medium = "chat", .reviewer = "bob", .verb = "drop"},
		"did not ask"},
	    {{.medium = "mail", .reviewer = "anna", .verb = "drop"},
		"did not ask"},
	    {{.medium = "other", .reviewer = "anna", .verb = "drop"},
		"did not ask"},
	    {{.medium = "chat", .reviewer = "anna", .verb = "approve"},
		"needs the code"},
	    {{.medium = "chat",
		 .reviewer = "anna",
		 .verb = "approve",
		 .code = ""},
		"code is not"},
	    {{.medium = "chat",
		 .reviewer = "anna",
		 .verb = "approve",
		 .code = "K7Q4RA"},
		"code is not"},
	    {{.medium = "chat",
		 .reviewer = "anna",
		 .verb = "drop",
		 .code = "K7Q4RA"},
		"code is not"},
	    {{.medium = "chat", .reviewer = "anna", .verb = "help"},
		"verb must be"},
	    {{.medium = "chat", .reviewer = "anna", .verb = ""},
		"verb must be"},
	    {{.medium = "chat",
		 .reviewer = "anna",
		 .verb = "claim",
		 .text = "x"},
		"no text"},
	    {{.medium = "chat", .reviewer = "anna", .verb = "edit", .text = ""},
		"needs a text"},
	    {{.medium = "chat", .reviewer = "anna", .verb = "ask"},
		"needs a text"},
	    {{.medium = "chat", .reviewer = "anna", .verb = "revise"},
		"needs a text"},
	    {{.medium = "chat", .reviewer = "anna", .verb = "snooze"},
		"needs a text"},
	    {{.medium = "chat",
		 .reviewer = "anna",
		 .verb = "snooze",
		 .text = "2w"},
		"is a time"},
	    {{.medium = "chat",
		 .reviewer = "anna",
		 .verb = "snooze",
		 .text = "9999d"},
		"put off for"},
	    {{.medium = "chat",
		 .reviewer = "anna",
		 .verb = "delegate",
		 .text = "zoe"},
		"no reviewer"},
	    {{.medium = "chat",
		 .reviewer = "anna",
		 .verb = "ask",
		 .text = "x",
		 .category = "tone"},
		"only drop and"},
	    {{.medium = "chat",
		 .reviewer = "anna",
		 .verb = "drop",
		 .text = "x",
		 .category = "rude"},
		"no reason here"},
	    {{.medium = "chat", .reviewer = "anna", .verb = "fine"},
		"left without review"},
	};
	struct scene *s = *state;
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		s->said = words[i].said;
		say(s, false, words[i].text);
	}
	assert_int_equal(fake.n_decided, 0);
	/* a notice by mail, a number that there is not */
	s->said = (struct review_said){
	    .medium = "chat", .reviewer = "anna", .verb = "drop"};
	fake.answered.medium = "mail";
	say(s, false, "did not ask");
	fake.answered.medium = "chat";
	fake.answered_error = ERROR_MISSING;
	say(s, false, "did not ask");
	fake.answered_error = ERROR_NONE;
	/* asked once, but the admin took the program from her since */
	s->said.reviewer = "carol";
	fake.answered.reviewer = "carol";
	say(s, false, "did not ask");
	fake.answered.reviewer = "zoe";
	s->said.reviewer = "zoe";
	say(s, false, "did not ask");
	assert_int_equal(fake.n_decided, 0);
}

static void what_the_ledger_refuses(void **state)
{
	struct scene *s = *state;

	s->said.code = "k7q4rm";
	fake.answered.cut = true;
	say(s, false, "could not show the whole text");
	fake.answered.cut = false;
	fake.decide_error = ERROR_CONFLICT;
	fake.prior = (struct hold_prior){
	    .actor = "bob", .medium = "mail", .verb = HOLD_DROP};
	say(s, false, "bob dropped draft 17 by mail");
	fake.decide_error = ERROR_DENIED;
	say(s, false, "could not be done");
	fake.decide_error = ERROR_INTERNAL;
	say(s, false, "(null)");
	assert_int_equal(s->answer.error.kind, ERROR_INTERNAL);
}

static void edits(void **state)
{
	struct scene *s = *state;

	s->said.verb = "edit";
	s->said.text = "Dear Max,\nsoon.\n";
	review_answer(s->review, &s->answer);
	fake_run();
	assert_non_null(s->edit);
	assert_string_equal(s->edit->medium, "chat");
	assert_string_equal(s->edit->actor, "anna");
	assert_int_equal(s->edit->text.len, strlen(s->said.text));
	s->edit->number = 2;
	memcpy(s->edit->code, "abc234", 7);
	s->edit->done(s->edit);
	fake_run();
	assert_int_equal(s->n_done, 1);
	assert_true(s->answer.ok);
	assert_non_null(strstr(s->text, "abc234"));
	s->said.text = "| Dear Max,";
	say(s, false, "bar");
}

static void answers_under_way_at_the_end(void **state)
{
	struct scene *s = *state;

	review_answer(s->review, &s->answer);
	review_free(s->review);
	s->review = NULL;
	assert_int_equal(s->n_done, 1);
	assert_false(s->answer.ok);
}

/* ---- a mail that is moved ------------------------------------------------ */

static struct config_mailbox desk = {
    .name = "desk", .use = CONFIG_MAILBOX_REVIEW, .reviewer = "anna"};
static const struct review_move move = {
    .what = "You moved it to Drop.", .back = "It is back.", .once = "1 2 3"};

static void move_it(struct scene *s, const struct review_move *how)
{
	s->config.mailboxes = &desk;
	s->config.n_mailboxes = 1;
	fake.answered.medium = "desk";
	s->said.medium = "desk";
	s->answer.move = how;
	s->n_done = 0;
	review_answer(s->review, &s->answer);
	fake_run();
	assert_int_equal(s->n_done, 1);
	assert_int_equal(s->answer.error.kind, ERROR_NONE);
	assert_string_equal(s->text, "(null)");
}

/* Decided as by any program, and told by mail. */
static void a_move_decides(void **state)
{
	struct scene *s = *state;

	s->said.verb = "drop";
	move_it(s, &move);
	assert_true(s->answer.ok);
	assert_int_equal(fake.n_decided, 1);
	assert_int_equal(fake.n_mails, 1);
	assert_string_equal(fake.mails[0].to, "anna@corp.example");
	assert_non_null(strstr(fake.mails[0].bytes, "You moved it to Drop."));
	assert_null(strstr(fake.mails[0].bytes, "It is back."));
}

static void a_move_that_comes_to_nothing(void **state)
{
	struct scene *s = *state;

	s->said.code = "k7q4rm";
	fake.answered.cut = true;
	move_it(s, &move);
	assert_false(s->answer.ok);
	assert_int_equal(fake.n_decided, 0);
	assert_int_equal(fake.n_mails, 1);
	assert_non_null(strstr(fake.mails[0].bytes, "cannot show all"));
	assert_non_null(strstr(fake.mails[0].bytes, "It is back."));
}

/* The same move once more is done, and no news. */
static void a_move_that_was_done(void **state)
{
	struct scene *s = *state;

	s->said.verb = "drop";
	fake.decide_error = ERROR_CONFLICT;
	fake.prior = (struct hold_prior){
	    .actor = "anna", .medium = "desk", .verb = HOLD_DROP};
	move_it(s, &move);
	assert_true(s->answer.ok);
	assert_int_equal(fake.n_mails, 0);
	fake.prior.verb = HOLD_APPROVE;
	move_it(s, &move);
	assert_false(s->answer.ok);
	assert_int_equal(fake.n_mails, 1);
	assert_non_null(strstr(fake.mails[0].bytes, "You already"));
}

static void a_changed_mail_is_an_edit(void **state)
{
	struct scene *s = *state;
	struct review_move changed = move;

	s->said.verb = "edit";
	s->config.mailboxes = &desk;
	s->config.n_mailboxes = 1;
	fake.answered.medium = "desk";
	s->said.medium = "desk";
	changed.mail = (struct span){"Subject: x\r\n\r\ny\r\n", 17};
	s->answer.move = &changed;
	review_answer(s->review, &s->answer);
	fake_run();
	assert_non_null(s->edit);
	assert_int_equal(s->edit->mail.len, 17);
	assert_null(s->edit->text.data);
	s->edit->error.kind = ERROR_NONE;
	s->edit->done(s->edit);
	fake_run();
	assert_true(s->answer.ok);
	assert_int_equal(fake.n_decided, 0);
}

/* In somebody else's folder, or in one that is for something else. */
static void a_move_of_a_stranger(void **state)
{
	struct scene *s = *state;

	s->said.verb = "drop";
	desk.reviewer = "bob";
	s->config.mailboxes = &desk;
	s->config.n_mailboxes = 1;
	fake.answered.medium = s->said.medium = "desk";
	say(s, false, "did not ask");
	desk.reviewer = "anna";
	desk.use = CONFIG_MAILBOX_REPLIES;
	say(s, false, "did not ask");
	desk.use = CONFIG_MAILBOX_REVIEW;
	assert_int_equal(fake.n_decided, 0);
}

/* ---- mail that answers what was no mail ---------------------------------- */

static void mail_cannot_answer_it(void **state)
{
	struct scene *s = *state;
	struct reading_reply reply = {
	    .n_from = 1, .from = "anna@corp.example", .line = "drop"};

	s->answer.said = NULL;
	s->answer.reply = &reply;
	s->answer.peer = "127.0.0.1";
	s->answer.level = REVIEW_LEVEL_TOKEN;
	review_answer(s->review, &s->answer);
	fake_run();
	assert_int_equal(s->n_done, 1);
	assert_int_equal(fake.n_decided, 0);
	assert_int_equal(fake.n_mails, 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(prompts_are_shown),
	    T(mail_comes_too_where_it_is_wanted),
	    T(no_more_than_it_acknowledges),
	    T(unacknowledged_comes_again),
	    T(acknowledged_meanwhile),
	    T(what_is_over_is_told),
	    T(it_is_not_pressed),
	    T(trouble_of_the_ledger),
	    T(in_the_middle),
	    T(silent_media),
	    T(its_word_counts),
	    T(questions),
	    T(words_that_count_for_nothing),
	    T(what_the_ledger_refuses),
	    T(edits),
	    T(answers_under_way_at_the_end),
	    T(a_move_decides),
	    T(a_move_that_comes_to_nothing),
	    T(a_move_that_was_done),
	    T(a_changed_mail_is_an_edit),
	    T(a_move_of_a_stranger),
	    T(mail_cannot_answer_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
