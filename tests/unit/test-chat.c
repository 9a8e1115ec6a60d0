/*
 * Tests of what chats show: one message for all who are asked, whole before it
 * is asked about, rewritten when it is over, also by the next life; many at a
 * time together; what refuses, breaks off or vanishes loses nothing.
 */
#include "stage.h"

#include "util/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct stage stage;
static struct chat_word word;
static const struct stage_button approve = {"m1", "approve", 1};

static int start(void **state)
{
	(void)state;
	stage_init(&stage);
	stage_open(&stage);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	stage_close(&stage);
	stage_release(&stage);
	free(word.told);
	word.told = NULL;
	return 0;
}

static void assert_shown(
    const char *remote, unsigned notices, unsigned open, bool ended)
{
	unsigned is_open;
	bool is_ended;

	assert_int_equal(
	    stage_shown(&stage, remote, 0, &is_open, &is_ended), notices);
	assert_int_equal(is_open, open);
	assert_int_equal(is_ended, ended);
}

/* One message names both; both notices are bound to it. */
static void one_for_all(void **state)
{
	(void)state;
	stage_draft(&stage, "one\r\n");
	stage_settle(&stage);
	assert_int_equal(stage.n_messages, 1);
	assert_string_equal(
	    stage.messages[0].content, "draft 1.1 kind 1 @anna @bob: waits");
	assert_string_equal(stage.messages[0].root, "");
	assert_shown("m1", 2, 2, false);
}

/* Over for all: rewritten once, and that is written down. */
static void rewritten_when_over(void **state)
{
	(void)state;
	stage_draft(&stage, "one\r\n");
	stage_settle(&stage);
	stage_press(&stage, &word, "@anna", &approve);
	assert_true(word.ok);
	stage_settle(&stage);
	assert_non_null(
	    strstr(stage.messages[0].content, "draft 1.1 kind 1: "));
	assert_null(strstr(stage.messages[0].content, "waits"));
	assert_non_null(strstr(stage.messages[0].content, "anna"));
	assert_int_equal(stage.messages[0].rewritten, 1);
	assert_shown("m1", 2, 0, true);
	assert_int_equal(ledger_state(&stage.ledger, 1, NULL), HOLD_APPROVED);
}

/* The next life knows what the last one showed. */
static void rewritten_by_the_next_life(void **state)
{
	(void)state;
	stage_draft(&stage, "one\r\n");
	stage_settle(&stage);
	stage_close(&stage);
	stage_open(&stage);
	stage_settle(&stage);
	assert_int_equal(stage.n_messages, 1);
	assert_int_equal(
	    ledger_say(&stage.ledger, 1, HOLD_DROP, "bob"), ERROR_NONE);
	stage_kick(&stage);
	stage_settle(&stage);
	assert_int_equal(stage.n_messages, 1);
	assert_int_equal(stage.messages[0].rewritten, 1);
	assert_null(strstr(stage.messages[0].content, "waits"));
	assert_shown("m1", 2, 0, true);
}

/* It ended while we were not there. */
static void ended_between_lives(void **state)
{
	(void)state;
	stage_draft(&stage, "one\r\n");
	stage_settle(&stage);
	stage_close(&stage);
	assert_int_equal(ledger_open(&stage.ledger), 0);
	assert_int_equal(
	    ledger_say(&stage.ledger, 1, HOLD_DROP, "bob"), ERROR_NONE);
	ledger_close(&stage.ledger);
	stage_open(&stage);
	stage_settle(&stage);
	assert_int_equal(stage.n_messages, 1);
	assert_int_equal(stage.messages[0].rewritten, 1);
	assert_shown("m1", 2, 0, true);
}

/* Its message was posted, and that was not written down: closed all the same;
 * where there is none, none is posted for that. */
static void ended_before_it_was_written_down(void **state)
{
	size_t there;

	(void)state;
	for (there = 0; there <= 1; there++) {
		stage.parts = 2;
		stage.mute = there == 0;
		stage_draft(&stage, "long\r\n");
		stage_until(&stage,
		    stage.n_sent >= there && (there > 0 || stage.open != NULL));
		stage_close(&stage);
		assert_int_equal(ledger_open(&stage.ledger), 0);
		assert_int_equal(
		    ledger_say(&stage.ledger, 1, HOLD_DROP, "bob"), ERROR_NONE);
		ledger_close(&stage.ledger);
		stage.mute = false;
		stage_open(&stage);
		stage_settle(&stage);
		assert_int_equal(stage.n_messages, there);
		if (there > 0) {
			assert_int_equal(stage.messages[0].rewritten, 1);
			assert_null(strstr(stage.messages[0].content, "waits"));
			assert_shown("m1", 2, 0, true);
		}
		stop(NULL);
		start(NULL);
	}
}

/* Ended in the middle: posted again under the same names, so not twice. */
static void crash_in_the_middle(void **state)
{
	size_t done;

	(void)state;
	for (done = 1; done <= 4; done++) {
		stage.parts = 2;
		stage_draft(&stage, "long\r\n");
		stage_until(&stage, stage.n_sent >= done);
		stage_close(&stage);
		stage_open(&stage);
		stage_settle(&stage);
		assert_int_equal(stage.n_messages, 3);
		assert_non_null(strstr(stage.messages[0].content, "waits"));
		assert_string_equal(stage.messages[1].root, "m1");
		assert_string_equal(stage.messages[2].root, "m1");
		assert_shown("m1", 2, 2, false);
		stop(NULL);
		start(NULL);
	}
}

/* Nobody can approve a long draft before all of it is there. */
static void long_ones(void **state)
{
	(void)state;
	stage.parts = 3;
	stage_draft(&stage, "long\r\n");
	stage_until(&stage, stage.n_sent == 2);
	stage.mute = true;
	stage_until(&stage, stage.open != NULL);
	assert_int_equal(stage_count(&stage, "waits"), 0);
	stage_press(&stage, &word, "@anna", &approve);
	assert_false(word.ok);
	assert_non_null(word.told);
	stage.mute = false;
	event_active(stage.answer, EV_TIMEOUT, 0);
	stage_settle(&stage);
	assert_string_equal(
	    stage.messages[0].content, "draft 1.1 kind 1 @anna @bob: waits");
	assert_non_null(stage_find(&stage, "part 3 of 1"));
	assert_string_equal(stage_find(&stage, "part 3 of 1")->root, "m1");
	assert_int_equal(stage.sent[5].what, CHAT_REPLACE);
	assert_int_equal(ledger_state(&stage.ledger, 1, NULL), HOLD_HELD);
}

/* Its end came before all of it was there. */
static void over_in_the_middle(void **state)
{
	(void)state;
	stage.parts = 3;
	stage_draft(&stage, "long\r\n");
	stage_until(&stage, stage.n_sent == 2);
	stage.mute = true;
	assert_int_equal(
	    ledger_say(&stage.ledger, 1, HOLD_DROP, "bob"), ERROR_NONE);
	stage_kick(&stage);
	stage_until(&stage, stage_chat(&stage)->places->first->want->closed);
	stage.mute = false;
	event_active(stage.answer, EV_TIMEOUT, 0);
	stage_settle(&stage);
	assert_int_equal(stage_count(&stage, "waits"), 0);
	assert_int_equal(stage_count(&stage, "part 3"), 0);
	assert_shown("m1", 2, 0, true);
}

/* Over before it was posted: nobody sees it, and nothing is owed. */
static void over_before_it_began(void **state)
{
	(void)state;
	stage_close(&stage);
	stage.deaf = true;
	stage_open(&stage);
	stage_chat(&stage)->state = CHAT_STARTING;
	review_medium(stage.review, "room", REVIEW_MEDIUM_UP);
	stage_draft(&stage, "one\r\n");
	stage_until(
	    &stage, stage_chat(&stage)->places->first != NULL &&
			stage_chat(&stage)->places->first->n_notices == 2);
	assert_int_equal(
	    ledger_say(&stage.ledger, 1, HOLD_DROP, "bob"), ERROR_NONE);
	stage_kick(&stage);
	stage_settle(&stage);
	assert_int_equal(stage.n_messages, 0);
}

/* Tried again, under the same name, as something that may be there. */
static void tried_again(void **state)
{
	size_t i;

	(void)state;
	stage.later = 3;
	stage_draft(&stage, "one\r\n");
	stage_settle(&stage);
	assert_int_equal(stage.n_messages, 1);
	assert_int_equal(stage.n_sent, 4);
	assert_false(stage.sent[0].again);
	for (i = 1; i < 4; i++) {
		assert_string_equal(stage.sent[i].once, stage.sent[0].once);
		assert_true(stage.sent[i].again);
	}
	assert_int_equal(stage_chat(&stage)->state, CHAT_UP);
	assert_shown("m1", 2, 2, false);
}

/* What a place refuses is said there, and is not asked about. */
static void refused(void **state)
{
	(void)state;
	stage.never = 1;
	stage_draft(&stage, "one\r\n");
	stage_settle(&stage);
	assert_int_equal(stage.n_messages, 1);
	assert_non_null(strstr(stage.messages[0].content, "Draft 1 waits"));
	assert_shown("m1", 0, 0, false);
	stage_press(&stage, &word, "@anna", &approve);
	assert_false(word.ok);
	assert_int_equal(ledger_state(&stage.ledger, 1, NULL), HOLD_HELD);
}

/* Somebody deleted it while the draft waits: it comes once more. */
static void deleted(void **state)
{
	(void)state;
	stage_draft(&stage, "one\r\n");
	stage_settle(&stage);
	assert_int_equal(ledger_tell(&stage.ledger, 1, HOLD_DELEGATE, "anna",
			     "carol", &(struct hold_decide){.draft = 0}),
	    ERROR_NONE);
	stage.gone = 1;
	stage_kick(&stage);
	stage_settle(&stage);
	assert_non_null(stage_find(&stage, "@bob @carol: waits"));
	assert_int_equal(stage_count(&stage, "@carol: waits"), 1);
	assert_string_not_equal(stage_find(&stage, "@carol: waits")->id, "m1");
}

/* Who is asked later stands in it, too, and is told below it. */
static void asked_later(void **state)
{
	(void)state;
	stage_draft(&stage, "one\r\n");
	stage_settle(&stage);
	assert_int_equal(ledger_tell(&stage.ledger, 1, HOLD_DELEGATE, "anna",
			     "carol", &(struct hold_decide){.draft = 0}),
	    ERROR_NONE);
	stage_kick(&stage);
	stage_settle(&stage);
	assert_non_null(strstr(stage.messages[0].content, "@carol"));
	assert_null(strstr(stage.messages[0].content, "@anna"));
	assert_non_null(strstr(stage.messages[0].content, "waits"));
	assert_int_equal(stage.n_messages, 2);
	assert_string_equal(stage.messages[1].root, "m1");
	assert_non_null(strstr(stage.messages[1].content, "text @carol"));
	assert_shown("m1", 3, 2, false);
}

/* Asked again after an undo: the same message lives again. */
static void undone(void **state)
{
	(void)state;
	stage_draft(&stage, "one\r\n");
	stage_settle(&stage);
	assert_int_equal(
	    ledger_say(&stage.ledger, 1, HOLD_DROP, "bob"), ERROR_NONE);
	stage_kick(&stage);
	stage_settle(&stage);
	assert_shown("m1", 2, 0, true);
	assert_int_equal(
	    ledger_say(&stage.ledger, 1, HOLD_UNDO, "bob"), ERROR_NONE);
	stage_kick(&stage);
	stage_settle(&stage);
	assert_non_null(strstr(stage.messages[0].content, "waits"));
	assert_int_equal(stage_count(&stage, "waits"), 1);
	stage_press(&stage, &word, "@anna", &approve);
	assert_true(word.ok);
	stage_settle(&stage);
	assert_null(strstr(stage.messages[0].content, "waits"));
}

/* Broken: nothing is sent; when it is mended, what waited. */
static void broken(void **state)
{
	char text[200];

	(void)state;
	chat_is(stage_chat(&stage), CHAT_BROKEN, "its room is encrypted");
	chat_describe(stage.chats, text, sizeof(text));
	assert_string_equal(text, "room broken (its room is encrypted)");
	stage_draft(&stage, "one\r\n");
	assert_int_equal(stage.n_sent, 0);
	chat_is(stage_chat(&stage), CHAT_UP, NULL);
	stage_settle(&stage);
	assert_int_equal(stage.n_sent, 1);
	chat_describe(stage.chats, text, sizeof(text));
	assert_string_equal(text, "room up");
	assert_shown("m1", 2, 2, false);
}

/* Broken in the middle, and review tells all of it again. */
static void broken_in_the_middle(void **state)
{
	(void)state;
	stage.mute = true;
	stage_draft(&stage, "one\r\n");
	stage_draft(&stage, "two\r\n");
	stage_until(&stage, stage.open != NULL);
	stage.later = 1;
	chat_is(stage_chat(&stage), CHAT_BROKEN, "its token was taken back");
	stage.mute = false;
	event_active(stage.answer, EV_TIMEOUT, 0);
	stage_until(&stage, stage.n_sent == 1);
	chat_is(stage_chat(&stage), CHAT_UP, NULL);
	stage_settle(&stage);
	assert_int_equal(stage_count(&stage, "waits"), 2);
	assert_int_equal(stage.n_messages, 2);
}

/* Another configuration while one is on its way. */
static void renewed(void **state)
{
	(void)state;
	stage.mute = true;
	stage_draft(&stage, "one\r\n");
	stage_until(&stage, stage.open != NULL);
	review_reload(stage.review, &stage.config);
	chat_renew(stage.chats, &stage.config);
	stage.mute = false;
	stage_settle(&stage);
	assert_int_equal(stage.n_messages, 1);
	assert_true(stage.messages[0].again); /* the first may be there */
	assert_shown("m1", 2, 2, false);
}

/* As many as may come alone. */
static void few_alone(void **state)
{
	(void)state;
	stage_many(&stage, 5);
	assert_int_equal(stage.n_messages, 5);
	assert_int_equal(stage_count(&stage, "digest"), 0);
	assert_int_equal(stage_count(&stage, "1. "), 0);
}

/* One more: a head, and all of them in its thread, in order. */
static void many_together(void **state)
{
	char text[32];
	unsigned i;

	(void)state;
	stage_many(&stage, 6);
	assert_int_equal(stage.n_messages, 7);
	assert_string_equal(stage.messages[0].content,
	    "digest of 6 @anna @bob 1:waits 2:waits 3:waits 4:waits 5:waits "
	    "6:waits");
	for (i = 1; i <= 6; i++) {
		snprintf(text, sizeof(text), "%u. draft %u.1", i, i);
		assert_memory_equal(
		    stage.messages[i].content, text, strlen(text));
		assert_string_equal(stage.messages[i].root, "m1");
	}
	assert_int_equal(
	    ledger_say(&stage.ledger, 3, HOLD_DROP, "bob"), ERROR_NONE);
	stage_kick(&stage);
	stage_settle(&stage);
	assert_string_equal(stage.messages[0].content,
	    "digest of 6 @anna @bob 1:waits 2:waits 3:over 4:waits 5:waits "
	    "6:waits");
	assert_memory_equal(stage.messages[3].content, "3. draft 3.1", 12);
	assert_null(strstr(stage.messages[3].content, "waits"));
}

/* The head of an earlier life says so, too. */
static void head_of_before(void **state)
{
	(void)state;
	stage_many(&stage, 6);
	assert_int_equal(
	    ledger_say(&stage.ledger, 2, HOLD_DROP, "bob"), ERROR_NONE);
	stage_kick(&stage);
	stage_settle(&stage);
	stage_close(&stage);
	stage_open(&stage);
	assert_int_equal(
	    ledger_say(&stage.ledger, 3, HOLD_DROP, "bob"), ERROR_NONE);
	assert_int_equal(
	    ledger_say(&stage.ledger, 5, HOLD_DROP, "anna"), ERROR_NONE);
	stage_kick(&stage);
	stage_until(&stage, strcmp(stage.messages[0].content,
				"digest of 6 @anna @bob 1:waits 2:over 3:over "
				"4:waits 5:over 6:waits") == 0);
	stage_settle(&stage);
	assert_int_equal(stage.n_messages, 7);
}

/* A head that stood alone when we broke off is of those who are left. */
static void head_without_items(void **state)
{
	unsigned i;
	char text[32];

	(void)state;
	for (i = 0; i < 8; i++) {
		snprintf(text, sizeof(text), "mail %u\r\n", i);
		draft_held(&stage.ledger, text);
	}
	stage_kick(&stage);
	stage_until(&stage, stage.n_messages == 1);
	stage.mute = true;
	assert_memory_equal(stage.messages[0].content, "digest of ", 10);
	stage_close(&stage);
	stage.mute = false;
	stage_open(&stage);
	assert_int_equal(
	    ledger_say(&stage.ledger, 2, HOLD_DROP, "bob"), ERROR_NONE);
	stage_together(&stage, 7);
	assert_memory_equal(
	    stage.messages[0].content, "digest of 7 @anna @bob 1:", 25);
	assert_null(strstr(stage.messages[0].content, "over"));
}

/* Edited, they are asked about anew: under a head of their own. */
static void edited_together(void **state)
{
	struct hold_revise revise;
	struct draft fresh;
	char text[32];
	int64_t i;

	(void)state;
	stage_many(&stage, 6);
	for (i = 1; i <= 6; i++) {
		snprintf(text, sizeof(text), "another mail %d\r\n", (int)i);
		draft_init(&fresh, text);
		revise = (struct hold_revise){.draft = i,
		    .actor = "anna",
		    .medium = "mail",
		    .bytes = buf_span(&fresh.message->bytes),
		    .reading = fresh.reading,
		    .note = "the text was replaced"};
		ledger_state(&stage.ledger, i, revise.revision);
		assert_int_equal(
		    ledger_do(&stage.ledger, revise, &revise), ERROR_NONE);
		verdict_release(&revise.verdict);
		draft_release(&fresh);
	}
	stage_together(&stage, 6);
	assert_int_equal(stage.n_messages, 14);
	assert_string_equal(stage.messages[0].content,
	    "digest of 6 @anna @bob 1:over 2:over 3:over 4:over 5:over 6:over");
	assert_string_equal(stage.messages[7].content,
	    "digest of 6 @anna @bob 1:waits 2:waits 3:waits 4:waits 5:waits "
	    "6:waits");
	for (i = 8; i < 14; i++)
		assert_string_equal(stage.messages[i].root, "m8");
}

/* More than one head can list. */
static void very_many(void **state)
{
	(void)state;
	stage_many(&stage, 100);
	assert_int_equal(stage_count(&stage, ": waits"), 100);
	assert_in_range(stage_count(&stage, "digest of"), 3, 6);
	assert_int_equal(stage_count(&stage, "digest of 40"), 2);
}

/* The head is refused: they come alone. */
static void without_a_head(void **state)
{
	(void)state;
	stage.never = 1;
	stage_many(&stage, 6);
	assert_int_equal(stage.n_messages, 6);
	assert_int_equal(stage_count(&stage, ": waits"), 6);
}

/* A place that says no names and rewrites nothing: the end is a message. */
static void posts_only(void **state)
{
	(void)state;
	stage.nameless = true;
	stage.kind.rewrites = false;
	stage_draft(&stage, "one\r\n");
	stage_settle(&stage);
	assert_int_equal(stage.n_messages, 1);
	stage_close(&stage);
	stage_open(&stage);
	assert_int_equal(
	    ledger_say(&stage.ledger, 1, HOLD_DROP, "bob"), ERROR_NONE);
	stage_kick(&stage);
	stage_settle(&stage);
	assert_int_equal(stage.n_messages, 2);
	assert_non_null(strstr(stage.messages[0].content, "waits"));
	assert_null(strstr(stage.messages[1].content, "waits"));
	assert_string_equal(stage.messages[1].root, "");
	stage_many(&stage, 7);
	assert_int_equal(stage_count(&stage, ": waits"), 8);
	assert_int_equal(stage_count(&stage, "digest"), 0);
}

/* No more in a minute than the chat takes, after the first few. */
static void paced(void **state)
{
	int64_t took;

	(void)state;
	stage.chat.per_minute = 600; /* 60 at once, then one each 100 ms */
	stage.chat.gather_above = 100;
	stage_close(&stage);
	stage_open(&stage);
	stage_many(&stage, 70);
	assert_int_equal(stage.n_sent, 70);
	took = stage.sent[69].at_ms - stage.opened_ms;
	assert_true(took >= 900);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, start, stop)
	const struct CMUnitTest tests[] = {
	    T(one_for_all),
	    T(rewritten_when_over),
	    T(rewritten_by_the_next_life),
	    T(ended_between_lives),
	    T(ended_before_it_was_written_down),
	    T(crash_in_the_middle),
	    T(long_ones),
	    T(over_in_the_middle),
	    T(over_before_it_began),
	    T(tried_again),
	    T(refused),
	    T(deleted),
	    T(asked_later),
	    T(undone),
	    T(broken),
	    T(broken_in_the_middle),
	    T(renewed),
	    T(few_alone),
	    T(many_together),
	    T(head_of_before),
	    T(head_without_items),
	    T(edited_together),
	    T(very_many),
	    T(without_a_head),
	    T(posts_only),
	    T(paced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
