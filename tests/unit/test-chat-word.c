/*
 * Tests of what people answer in chats: who may, by the id of their account
 * alone; to which message; once; what they are told, and what nobody is.
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
static const struct stage_button drop = {"m1", "drop", 1};

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

/* One draft is shown, as m1. */
static void show_one(void)
{
	stage_draft(&stage, "one\r\n");
	stage_settle(&stage);
	assert_int_equal(stage.n_messages, 1);
}

/* Words in the thread of a message. */
static void say(const char *person, const char *remote, const char *words)
{
	static unsigned n;
	static char once[32];
	char *told = word.told;

	snprintf(once, sizeof(once), "$say-%u:example", ++n);
	word = (struct chat_word){.person = person,
	    .remote = remote,
	    .words = words,
	    .once = once,
	    .told = told};
	stage_say(&stage, &word);
	stage_settle(&stage);
}

static const char *whisper_to(const char *person)
{
	size_t i;

	for (i = stage.n_messages; i > 0; i--)
		if (strcmp(stage.messages[i - 1].person, person) == 0 &&
		    stage.messages[i - 1].person[0] != '\0')
			return stage.messages[i - 1].content;
	return NULL;
}

static enum hold_state state_of(int64_t draft)
{
	return ledger_state(&stage.ledger, draft, NULL);
}

/* A word in the thread, and a line there that says what came of it. */
static void words_decide(void **state)
{
	(void)state;
	show_one();
	say("@anna", "m1", "drop");
	assert_true(word.ok);
	assert_int_equal(state_of(1), HOLD_DROPPED);
	assert_int_equal(stage.n_messages, 2);
	assert_string_equal(stage.messages[1].root, "m1");
	assert_memory_equal(stage.messages[1].content, "text: ", 6);
	assert_string_equal(stage.messages[1].person, "@anna");
}

static void say_so(struct chat_word said)
{
	free(word.told);
	word = said;
	stage_say(&stage, &word);
	stage_settle(&stage);
}

/* What can mean this or that decides nothing, and one is told so. */
static void what_is_idle(void **state)
{
	struct chat_word sign = {.person = "@anna",
	    .remote = "$part",
	    .root = "m1",
	    .words = "approve",
	    .sign = true,
	    .once = "s1"};
	struct chat_word changed = {.person = "@anna",
	    .remote = "m1",
	    .words = "approve",
	    .changed = true,
	    .once = "s2"};

	(void)state;
	show_one();
	say_so(sign);
	assert_false(word.ok);
	assert_non_null(strstr(whisper_to("@anna"), "a reaction counts only"));
	say_so(changed);
	assert_false(word.ok);
	assert_non_null(strstr(whisper_to("@anna"), "you changed your answer"));
	assert_int_equal(state_of(1), HOLD_HELD);
	sign.remote = "m1";
	sign.once = "s3";
	sign.words = "drop";
	say_so(sign);
	assert_true(word.ok);
	assert_int_equal(state_of(1), HOLD_DROPPED);
	/* when it is over there is nothing to say about it */
	changed.once = "s4";
	say_so(changed);
	assert_true(word.silent);
}

/* By a reply to some reply, in a thread that is known. */
static void words_in_a_thread(void **state)
{
	(void)state;
	show_one();
	word = (struct chat_word){.person = "@bob",
	    .remote = "$a-reply",
	    .root = "m1",
	    .words = "drop",
	    .once = "r1"};
	stage_say(&stage, &word);
	assert_true(word.ok);
	assert_int_equal(state_of(1), HOLD_DROPPED);
}

/* A button of a message that is not known says what it is about. */
static void button_by_draft(void **state)
{
	(void)state;
	show_one();
	word = (struct chat_word){.person = "@bob",
	    .remote = "m77",
	    .draft = 1,
	    .number = 1,
	    .verb = "drop",
	    .once = "r2"};
	stage_say(&stage, &word);
	assert_true(word.ok);
	assert_int_equal(state_of(1), HOLD_DROPPED);
}

/* By a draft's number alone: an approval says by its code what was read. */
static void words_by_draft(void **state)
{
	unsigned char sha256[DIGEST_SIZE];
	char code[2 * DIGEST_SIZE], approve_it[80];

	(void)state;
	show_one();
	word = (struct chat_word){
	    .person = "@bob", .draft = 1, .words = "approve", .once = "r1"};
	stage_say(&stage, &word);
	assert_false(word.ok);
	assert_non_null(strstr(word.told, "needs the code"));
	assert_int_equal(state_of(1), HOLD_HELD);
	ledger_state(&stage.ledger, 1, sha256);
	digest_base32(sha256, DIGEST_SIZE, code);
	snprintf(approve_it, sizeof(approve_it), "approve %.6s", code);
	free(word.told);
	word = (struct chat_word){
	    .person = "@bob", .draft = 1, .words = approve_it, .once = "r2"};
	stage_say(&stage, &word);
	assert_true(word.ok);
	assert_int_equal(state_of(1), HOLD_APPROVED);
}

/* Nothing but the very id counts. */
static void outsiders(void **state)
{
	static const char *const people[] = {"@Anna", "@anna ", "anna", "",
	    "@anna:other.example", "@ann", "@\xd0\xb0nna", "@annaa", "@anna\n",
	    "@carol"};
	size_t i;

	(void)state;
	show_one();
	for (i = 0; i < sizeof(people) / sizeof(people[0]); i++) {
		stage_press(&stage, &word, people[i], &approve);
		assert_false(word.ok);
		assert_non_null(word.told);
		stage_settle(&stage);
		say(people[i], "m1", "drop");
		assert_false(word.ok);
	}
	assert_int_equal(state_of(1), HOLD_HELD);
	/* carol is a reviewer, and is told whom it waits for */
	assert_non_null(strstr(whisper_to("@carol"), "anna, bob"));
	assert_non_null(strstr(whisper_to("@ann"), "not one of the reviewers"));
}

/* Who has no say is told so privately, once for each message. */
static void told_once(void **state)
{
	size_t i;

	(void)state;
	show_one();
	for (i = 0; i < 5; i++)
		say("@mallory", "m1", "approve");
	assert_true(word.silent);
	assert_int_equal(stage.n_messages, 2);
	assert_non_null(whisper_to("@mallory"));
	say("@trudy", "m1", "approve");
	assert_int_equal(stage.n_messages, 3);
	stage_draft(&stage, "two\r\n");
	stage_settle(&stage);
	say("@mallory", stage_find(&stage, "draft 2")->id, "approve");
	assert_int_equal(stage.n_messages, 5);
}

/* What is no message of ours is nobody's business. */
static void elsewhere(void **state)
{
	(void)state;
	show_one();
	say("@anna", "$other", "approve");
	assert_true(word.silent);
	say("@mallory", "$other", "approve");
	assert_true(word.silent);
	assert_int_equal(stage.n_messages, 1);
	assert_int_equal(state_of(1), HOLD_HELD);
}

/* They talk to each other. */
static void talk(void **state)
{
	(void)state;
	show_one();
	say("@anna", "m1", "bob, have you seen the price in this one?");
	assert_true(word.silent);
	assert_int_equal(stage.n_messages, 1);
	assert_int_equal(state_of(1), HOLD_HELD);
}

/* The first wins; the second hears who it was. */
static void two_at_once(void **state)
{
	(void)state;
	show_one();
	stage_press(&stage, &word, "@anna", &drop);
	assert_true(word.ok);
	stage_press(&stage, &word, "@bob", &approve);
	assert_false(word.ok);
	assert_non_null(strstr(word.told, "anna"));
	stage_settle(&stage);
	assert_int_equal(state_of(1), HOLD_DROPPED);
	assert_non_null(whisper_to("@bob"));
}

/* The same answer twice, and from an earlier life, decides once. */
static void heard_twice(void **state)
{
	static struct chat_word twice;

	(void)state;
	show_one();
	twice = (struct chat_word){.person = "@anna",
	    .remote = "m1",
	    .words = "drop",
	    .once = "$event1"};
	stage_say(&stage, &twice);
	assert_true(twice.ok);
	stage_settle(&stage);
	assert_int_equal(
	    ledger_say(&stage.ledger, 1, HOLD_UNDO, "bob"), ERROR_NONE);
	stage_close(&stage);
	stage_open(&stage);
	stage_settle(&stage);
	stage_say(&stage, &twice);
	stage_settle(&stage);
	assert_int_equal(state_of(1), HOLD_HELD);
	free(twice.told);
	twice.told = NULL;
}

/* A form that shows what is wrong itself: nothing is whispered. */
static void told_by_the_form(void **state)
{
	(void)state;
	show_one();
	word = (struct chat_word){.person = "@anna",
	    .remote = "m1",
	    .verb = "approve",
	    .code = "WRONG1",
	    .once = "f1",
	    .shows = true};
	stage_say(&stage, &word);
	assert_false(word.ok);
	assert_non_null(word.told);
	stage_settle(&stage);
	assert_int_equal(stage.n_messages, 1);
}

static void show_six(void)
{
	stage_many(&stage, 6);
	assert_int_equal(stage.n_messages, 7);
	assert_memory_equal(stage.messages[0].content, "digest of 6", 11);
}

/* Several by number, in the thread of the head. */
static void by_number(void **state)
{
	(void)state;
	show_six();
	say("@anna", "m1", "1 drop\n3 drop\n");
	assert_true(word.ok);
	assert_int_equal(state_of(1), HOLD_DROPPED);
	assert_int_equal(state_of(2), HOLD_HELD);
	assert_int_equal(state_of(3), HOLD_DROPPED);
	assert_non_null(strstr(stage.messages[0].content, "1:over 2:waits"));
	assert_string_equal(stage.messages[7].root, "m1");
	/* an item alone is answered without a number */
	say("@bob", "m3", "drop");
	assert_true(word.ok);
	assert_int_equal(state_of(2), HOLD_DROPPED);
	/* and a command without a number decides nothing */
	say("@bob", "m1", "drop");
	assert_false(word.ok);
	assert_int_equal(state_of(4), HOLD_HELD);
	/* nor does a number that there is not */
	say("@bob", "m1", "7 drop");
	assert_false(word.ok);
}

/* Looking, for a form. */
static bool looked;

static void on_looked(struct chat_look *look)
{
	(void)look;
	looked = true;
}

static void look_at(struct chat_look *look, const char *person)
{
	*look = (struct chat_look){
	    .person = person, .remote = "m1", .done = on_looked};
	looked = false;
	chat_look(stage_chat(&stage), look);
	stage_until(&stage, looked);
}

static void looking(void **state)
{
	struct chat_look look;

	(void)state;
	show_one();
	look_at(&look, "@anna");
	assert_true(look.viewed);
	assert_int_equal(look.view.draft, 1);
	hold_view_release(&look.view);
	look_at(&look, "@mallory");
	assert_false(look.viewed);
	assert_non_null(strstr(look.why, "not one of the reviewers"));
	free(look.why);
	look_at(&look, "@carol");
	assert_false(look.viewed);
	free(look.why);
	stage_press(&stage, &word, "@anna", &drop);
	look_at(&look, "@bob");
	assert_false(look.viewed);
	assert_non_null(strstr(look.why, "dropped"));
	free(look.why);
}

/* Closed while an answer is on its way: it is done, and nothing is lost. */
static bool heard;

static void on_heard(struct chat_word *w)
{
	(void)w;
	heard = true;
}

static void closed_meanwhile(void **state)
{
	struct chat_word late = {.person = "@anna",
	    .remote = "m1",
	    .words = "drop",
	    .once = "late",
	    .done = on_heard};

	(void)state;
	show_one();
	heard = false;
	chat_hear(stage_chat(&stage), &late);
	stage_close(&stage);
	assert_true(heard);
	assert_true(late.ok || late.lost);
	free(late.told);
	stage_open(&stage);
}

/* Whatever bytes: nothing is decided, nothing breaks. */
static void hostile(void **state)
{
	static const char *const bad[] = {"", "\n", "\xff\xfe", "approve\xff",
	    "%s%n%d", "<!channel> approve", "@room", "\x1b[2J", "approve\tnot",
	    "> approve", "approve?"};
	char *longest = malloc(300001);
	size_t i;

	(void)state;
	show_one();
	memset(longest, 'a', 300000);
	longest[300000] = '\0';
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		say("@anna", "m1", bad[i]);
		say("@mallory", bad[i], bad[i]);
		say(bad[i], "m1", bad[i]);
	}
	say("@anna", "m1", longest);
	say("@anna", longest, "approve");
	say(longest, "m1", "approve");
	assert_int_equal(state_of(1), HOLD_HELD);
	free(longest);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, start, stop)
	const struct CMUnitTest tests[] = {
	    T(words_decide),
	    T(what_is_idle),
	    T(words_in_a_thread),
	    T(button_by_draft),
	    T(words_by_draft),
	    T(outsiders),
	    T(told_once),
	    T(elsewhere),
	    T(talk),
	    T(two_at_once),
	    T(heard_twice),
	    T(told_by_the_form),
	    T(by_number),
	    T(looking),
	    T(closed_meanwhile),
	    T(hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
