/*
 * Tests of what chats show: which message shows which notice, when a person is
 * asked no more, how far a chat was read; and answers to many at a time.
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
static struct hold_decide said;
static struct hold_untold untold;
static struct hold_shown shown;

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
	arena_free(untold.arena);
	untold.arena = NULL;
	arena_free(shown.arena);
	shown.arena = NULL;
	ledger_verify(&ledger);
	ledger_release(&ledger);
	return 0;
}

/* ---- helpers ----------------------------------------------------------- */

/* What a chat is to be told: "new anna 1.1", "over", "done" (it waits). */
static const char *look(const char *chat)
{
	static const char *const reviewers[] = {"anna", "bob", "carol"};
	static char text[2000];
	const struct hold_untold_row *row;
	size_t i, used = 0;

	arena_free(untold.arena);
	untold = (struct hold_untold){.medium = chat,
	    .chat = true,
	    .n_reviewers = 3,
	    .reviewers = reviewers,
	    .limit = 20};
	assert_int_equal(ledger_do(&ledger, untold, &untold), ERROR_NONE);
	text[0] = '\0';
	for (i = 0; i < untold.n_rows; i++) {
		row = &untold.rows[i];
		assert_true(row->prompt.at_ms > 0);
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "%s%s %s %d.%u%s", i == 0 ? "" : ", ",
		    row->waits	       ? "done"
		    : row->over	       ? "over"
		    : row->notice == 0 ? "new"
				       : "again",
		    row->prompt.reviewer, (int)row->prompt.draft,
		    row->prompt.revision,
		    row->prompt.kind == HOLD_PROMPT_DECIDE   ? ""
		    : row->prompt.kind == HOLD_PROMPT_REMIND ? " remind"
							     : " other");
		if (row->prompt.woken)
			used += (size_t)snprintf(
			    text + used, sizeof(text) - used, " woken");
	}
	return text;
}

static void hear(int64_t notice, bool over, bool waits)
{
	struct hold_heard heard = {
	    .notice = notice, .over = over, .waits = waits, .alone = true};

	assert_int_equal(ledger_do(&ledger, heard, &heard), ERROR_NONE);
}

/* Tell the chat the i-th that it is to be told, which is new. */
static int64_t tell(const char *chat, size_t i)
{
	struct hold_notice_item item = {.prompt = untold.rows[i].prompt.prompt};
	struct hold_notice call = {.notice = hold_notice_id(ledger.hold),
	    .reviewer = untold.rows[i].prompt.reviewer,
	    .n_items = 1,
	    .items = &item,
	    .medium = chat};

	assert_int_equal(untold.rows[i].notice, 0);
	assert_int_equal(ledger_do(&ledger, notice, &call), ERROR_NONE);
	hear(call.notice, false, false);
	return call.notice;
}

/* Tell it all that is new; the first notice, the others follow. */
static int64_t tell_all(const char *chat)
{
	int64_t first = 0, id;
	size_t i;

	look(chat);
	for (i = 0; i < untold.n_rows; i++) {
		id = tell(chat, i);
		first = first == 0 ? id : first;
	}
	return first;
}

/* The chat heard all that look() found. */
static void hear_all(void)
{
	size_t i;

	for (i = 0; i < untold.n_rows; i++)
		hear(untold.rows[i].notice, untold.rows[i].over,
		    untold.rows[i].waits);
}

static void say(int64_t draft, enum hold_verb verb, const char *who)
{
	assert_int_equal(
	    ledger_tell(&ledger, draft, verb, who, NULL, &said), ERROR_NONE);
}

static enum error_kind show(const char *chat, const char *remote,
    const char *root, unsigned n, int64_t notice)
{
	struct hold_show call = {.chat = chat,
	    .remote = remote,
	    .root = root,
	    .n = n,
	    .n_notices = 1,
	    .notices = &notice};

	return ledger_do(&ledger, show, &call);
}

/* "notice remote n reviewer draft.number[ asked][ ended]" of all that is. */
static const char *find(const struct hold_shown *what)
{
	static char text[2000];
	const struct hold_shown_row *row;
	size_t i, used = 0;

	arena_free(shown.arena);
	shown = *what;
	assert_int_equal(ledger_do(&ledger, shown, &shown), ERROR_NONE);
	text[0] = '\0';
	for (i = 0; i < shown.n_rows; i++) {
		row = &shown.rows[i];
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "%s%d %s %u %s %d.%u%s%s", i == 0 ? "" : ", ",
		    (int)row->notice, row->remote, row->n, row->reviewer,
		    (int)row->draft, row->number, row->open ? " asked" : "",
		    row->ended ? " ended" : "");
	}
	return text;
}

#define FIND(...) find(&(struct hold_shown){.chat = "slack", __VA_ARGS__})

/* ---- who is asked ------------------------------------------------------- */

/* One answer ends it everywhere; where nobody answers mail is due as ever. */
static void first_answer_wins(void **state)
{
	int64_t id = draft_held(&ledger, "one\r\n");

	(void)state;
	ledger_notify(&ledger, id, "anna");
	ledger_notify(&ledger, id, "bob");
	assert_string_equal(look("slack"), "new anna 1.1, new bob 1.1");
	tell_all("slack");
	tell_all("matrix");
	assert_string_equal(look("slack"), "");
	say(id, HOLD_APPROVE, "anna");
	assert_string_equal(look("slack"), "over anna 1.1, over bob 1.1");
	assert_int_equal(ledger_due(&ledger, id, HOLD_PROMPT_OUTCOME, NULL), 1);
	hear_all();
	assert_string_equal(look("slack"), "");
	assert_string_equal(look("matrix"), "over anna 1.1, over bob 1.1");
	hear_all();
	assert_string_equal(look("matrix"), "");
	/* a chat is never told what mail tells */
	assert_string_equal(look("late"), "");
}

/* Who approved as one of two is done at once, and told the end, too. */
static void one_of_two(void **state)
{
	static const struct verdict two = {.persons = 2};
	int64_t id = draft_wanted(&ledger, "two\r\n", VERDICT_HOLD, &two);

	(void)state;
	tell_all("slack");
	say(id, HOLD_APPROVE, "anna");
	assert_string_equal(look("slack"), "done anna 1.1");
	/* what was told meanwhile is told again when it is another end */
	hear_all();
	assert_string_equal(look("slack"), "");
	say(id, HOLD_DROP, "bob");
	assert_string_equal(look("slack"), "over anna 1.1, over bob 1.1");
	hear_all();
	assert_string_equal(look("slack"), "");
}

/* The end alone is told when nobody heard of the middle. */
static void one_of_two_unheard(void **state)
{
	static const struct verdict two = {.persons = 2};
	int64_t id = draft_wanted(&ledger, "two\r\n", VERDICT_HOLD, &two);

	(void)state;
	tell_all("slack");
	say(id, HOLD_APPROVE, "anna");
	say(id, HOLD_APPROVE, "bob");
	assert_string_equal(look("slack"), "over anna 1.1, over bob 1.1");
	hear_all();
	/* a word that comes late takes nothing back */
	hear(untold.rows[0].notice, true, true);
	hear(untold.rows[0].notice, false, false);
	assert_string_equal(look("slack"), "");
}

static void put_off(void **state)
{
	int64_t id = draft_held(&ledger, "one\r\n"), first;
	struct hold_decide snooze = {.draft = id,
	    .verb = HOLD_SNOOZE,
	    .actor = "anna",
	    .medium = "slack",
	    .until_ms = clock_now_ms() + 3600000};

	(void)state;
	first = tell_all("slack");
	show("slack", "m1", NULL, 0, first);
	ledger_state(&ledger, id, snooze.revision);
	assert_int_equal(ledger_do(&ledger, decide, &snooze), ERROR_NONE);
	assert_string_equal(look("slack"), "done anna 1.1");
	hear_all();
	assert_string_equal(look("slack"), "");
	assert_true(untold.next_ms == snooze.until_ms);
	assert_string_equal(FIND(.remote = "m1"), "1 m1 0 anna 1.1");

	/* it is time */
	ledger_sql(
	    &ledger, "UPDATE prompt SET wake_ms = 1000 WHERE wake_ms > 0");
	assert_string_equal(look("slack"), "new anna 1.1 woken");
	assert_string_equal(FIND(.remote = "m1"), "1 m1 0 anna 1.1 asked");
	tell("slack", 0);
	say(id, HOLD_DROP, "bob");
	assert_string_equal(
	    look("slack"), "over anna 1.1, over bob 1.1, over anna 1.1 woken");
}

static void given_to_another(void **state)
{
	int64_t id = draft_held(&ledger, "one\r\n");

	(void)state;
	tell_all("slack");
	assert_int_equal(
	    ledger_tell(&ledger, id, HOLD_DELEGATE, "anna", "carol", &said),
	    ERROR_NONE);
	assert_string_equal(look("slack"), "done anna 1.1, new carol 1.1");
	tell("slack", 1);
	assert_string_equal(look("slack"), "done anna 1.1");
	say(id, HOLD_APPROVE, "carol");
	assert_string_equal(
	    look("slack"), "over anna 1.1, over bob 1.1, over carol 1.1");
}

/* Whom a reminder asks once more is still asked by the first message. */
static void reminded(void **state)
{
	int64_t id = draft_held(&ledger, "one\r\n");
	struct hold_step step = {
	    .draft = id, .remind = true, .final = HOLD_HELD, .text = "late"};

	(void)state;
	show("slack", "m1", NULL, 0, tell_all("slack"));
	assert_int_equal(ledger_do(&ledger, step, &step), ERROR_NONE);
	assert_string_equal(
	    look("slack"), "new anna 1.1 remind, new bob 1.1 remind");
	assert_string_equal(FIND(.remote = "m1"), "1 m1 0 anna 1.1 asked");
	say(id, HOLD_APPROVE, "anna");
	assert_string_equal(look("slack"), "over anna 1.1, over bob 1.1");
	assert_string_equal(FIND(.remote = "m1"), "1 m1 0 anna 1.1");
}

/* An outcome tells nobody by mail whom chats alone reach. */
static void alone(void **state)
{
	static const struct verdict two = {.persons = 2};
	int64_t id = draft_wanted(&ledger, "two\r\n", VERDICT_HOLD, &two);

	(void)state;
	tell_all("slack");
	say(id, HOLD_APPROVE, "anna");
	look("slack");
	hear_all();
	say(id, HOLD_DROP, "bob");
	assert_int_equal(
	    ledger_due(&ledger, id, HOLD_PROMPT_OUTCOME, "anna"), 1);
	look("slack");
	hear_all();
	assert_int_equal(
	    ledger_due(&ledger, id, HOLD_PROMPT_OUTCOME, "anna"), 0);
}

/* ---- what is shown ------------------------------------------------------ */

static void one_message_for_all(void **state)
{
	int64_t id = draft_held(&ledger, "one\r\n"), first;
	int64_t both[2];
	struct hold_show call = {
	    .chat = "slack", .remote = "m1", .n_notices = 2, .notices = both};

	(void)state;
	first = tell_all("slack");
	both[0] = first;
	both[1] = first + 1;
	assert_int_equal(ledger_do(&ledger, show, &call), ERROR_NONE);
	assert_string_equal(FIND(.remote = "m1"),
	    "1 m1 0 anna 1.1 asked, 2 m1 0 bob 1.1 asked");
	assert_null(shown.rows[0].root);
	assert_int_equal(shown.rows[0].state, HOLD_HELD);
	assert_int_equal(shown.rows[0].kind, HOLD_PROMPT_DECIDE);
	assert_int_equal(strlen(shown.rows[0].code), HOLD_CODE_SIZE - 1);
	/* by the draft, its revision, or what stands with it */
	assert_string_equal(FIND(.draft = id, .number = 1),
	    "1 m1 0 anna 1.1 asked, 2 m1 0 bob 1.1 asked");
	assert_string_equal(
	    FIND(.draft = id), "1 m1 0 anna 1.1 asked, 2 m1 0 bob 1.1 asked");
	assert_string_equal(FIND(.notice = both[1]),
	    "1 m1 0 anna 1.1 asked, 2 m1 0 bob 1.1 asked");
	/* not what it is not */
	assert_string_equal(FIND(.draft = id, .number = 2), "");
	assert_string_equal(FIND(.draft = 77), "");
	assert_string_equal(FIND(.notice = 77), "");
	assert_string_equal(FIND(.remote = "m2"), "");
	assert_string_equal(FIND(.root = "m1"), "");
	assert_string_equal(
	    find(&(struct hold_shown){.chat = "other", .remote = "m1"}), "");
	assert_string_equal(
	    find(&(struct hold_shown){.chat = "other", .notice = both[1]}), "");
	/* as it stands now */
	say(id, HOLD_DROP, "anna");
	assert_string_equal(
	    FIND(.remote = "m1"), "1 m1 0 anna 1.1, 2 m1 0 bob 1.1");
	assert_int_equal(shown.rows[0].state, HOLD_DROPPED);
}

static void a_thread(void **state)
{
	int64_t first;

	(void)state;
	draft_held(&ledger, "one\r\n");
	draft_held(&ledger, "two\r\n");
	first = tell_all("slack");
	/* anna's are 1 and 2, bob's 3 and 4 */
	assert_int_equal(first, 1);
	show("slack", "i2", "head", 2, 2);
	show("slack", "i2", "head", 2, 4);
	show("slack", "i1", "head", 1, 3);
	show("slack", "i1", "head", 1, 1);
	assert_string_equal(FIND(.root = "head"),
	    "1 i1 1 anna 1.1 asked, 3 i1 1 bob 1.1 asked,"
	    " 2 i2 2 anna 2.1 asked, 4 i2 2 bob 2.1 asked");
	assert_string_equal(shown.rows[0].root, "head");
	assert_string_equal(FIND(.remote = "head"), "");
	assert_string_equal(FIND(.remote = "i2"),
	    "2 i2 2 anna 2.1 asked, 4 i2 2 bob 2.1 asked");
	/* one moves */
	show("slack", "m9", NULL, 0, 4);
	assert_string_equal(FIND(.remote = "i2"), "2 i2 2 anna 2.1 asked");
	assert_string_equal(FIND(.notice = 4), "4 m9 0 bob 2.1 asked");
}

static void ended(void **state)
{
	struct hold_ended end = {.chat = "slack", .remote = "m1"};

	(void)state;
	draft_held(&ledger, "one\r\n");
	tell_all("slack");
	show("slack", "m1", NULL, 0, 1);
	assert_int_equal(ledger_do(&ledger, ended, &end), ERROR_NONE);
	assert_string_equal(
	    FIND(.remote = "m1"), "1 m1 0 anna 1.1 asked ended");
	/* what it comes to show is as the message is */
	show("slack", "m1", NULL, 0, 2);
	assert_string_equal(FIND(.remote = "m1"),
	    "1 m1 0 anna 1.1 asked ended, 2 m1 0 bob 1.1 asked ended");
	show("slack", "m2", NULL, 0, 2);
	assert_string_equal(FIND(.remote = "m2"), "2 m2 0 bob 1.1 asked");
	end.open = true;
	assert_int_equal(ledger_do(&ledger, ended, &end), ERROR_NONE);
	assert_string_equal(FIND(.remote = "m1"), "1 m1 0 anna 1.1 asked");
	end.remote = "never";
	assert_int_equal(ledger_do(&ledger, ended, &end), ERROR_NONE);
}

static void not_what_is_none(void **state)
{
	int64_t ids[201] = {1, 4711};
	char name[HOLD_REMOTE_MOST + 2];
	struct hold_show call = {
	    .chat = "slack", .remote = "m1", .n_notices = 2, .notices = ids};

	(void)state;
	draft_held(&ledger, "one\r\n");
	tell_all("slack");
	/* all or none */
	assert_int_equal(ledger_do(&ledger, show, &call), ERROR_MISSING);
	assert_string_equal(FIND(.remote = "m1"), "");
	assert_int_equal(show("matrix", "m1", NULL, 0, 1), ERROR_MISSING);
	call.n_notices = 201;
	assert_int_equal(ledger_do(&ledger, show, &call), ERROR_INVALID);
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(show("slack", name, NULL, 0, 1), ERROR_INVALID);
	assert_int_equal(show("slack", "m1", name, 0, 1), ERROR_INVALID);
	assert_int_equal(show("slack", "", NULL, 0, 1), ERROR_INVALID);
	assert_int_equal(show("slack", "m1", "", 0, 1), ERROR_INVALID);
	assert_int_equal(show("slack", name + 1, name + 1, 0, 1), ERROR_NONE);
	/* a mail is no notice of a chat */
	assert_int_equal(
	    show("slack", "m1", NULL, 0, ledger_notify(&ledger, 1, "anna")),
	    ERROR_MISSING);
}

/* A digest of ten stays in the order of its numbers. */
static void a_long_thread(void **state)
{
	unsigned i;
	char text[32];

	(void)state;
	for (i = 1; i <= 10; i++) {
		snprintf(text, sizeof(text), "mail %u\r\n", i);
		draft_held(&ledger, text);
		tell_all("slack");
		snprintf(text, sizeof(text), "m%u", i);
		show("slack", text, "head", 11 - i, 2 * i);
	}
	FIND(.root = "head");
	assert_int_equal(shown.n_rows, 10);
	assert_string_equal(shown.rows[0].remote, "m10");
	assert_string_equal(shown.rows[9].remote, "m1");
}

/* ---- how far it was read ------------------------------------------------ */

static const char *mark(const char *chat)
{
	static char text[100];
	struct hold_mark call = {.chat = chat};

	assert_int_equal(ledger_do(&ledger, mark, &call), ERROR_NONE);
	snprintf(
	    text, sizeof(text), "%s", call.mark == NULL ? "(none)" : call.mark);
	arena_free(call.arena);
	return text;
}

static enum error_kind set_mark(const char *chat, const char *text)
{
	struct hold_mark call = {.chat = chat, .set = text};

	return ledger_do(&ledger, mark, &call);
}

static void how_far(void **state)
{
	char text[HOLD_MARK_MOST + 2];

	(void)state;
	assert_string_equal(mark("matrix"), "(none)");
	assert_int_equal(set_mark("matrix", "s1_2"), ERROR_NONE);
	assert_int_equal(set_mark("other", "s9"), ERROR_NONE);
	assert_string_equal(mark("matrix"), "s1_2");
	assert_int_equal(set_mark("matrix", "s2_3"), ERROR_NONE);
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(set_mark("matrix", text), ERROR_INVALID);
	ledger_close(&ledger);
	assert_int_equal(ledger_open(&ledger), 0);
	assert_string_equal(mark("matrix"), "s2_3");
	assert_string_equal(mark("other"), "s9");
	assert_int_equal(set_mark("matrix", ""), ERROR_NONE);
	assert_string_equal(mark("matrix"), "");
}

/* ---- many at a time ----------------------------------------------------- */

static enum error_kind ask_about(
    struct hold_answered *a, size_t n, const int64_t *notices)
{
	*a = (struct hold_answered){.n_notices = n, .notices = notices};
	return ledger_do(&ledger, answered, a);
}

static void many(void **state)
{
	int64_t ids[4] = {1, 0, 2, 0}, mail;
	struct hold_answered a;

	(void)state;
	draft_held(&ledger, "Subject: first\r\n\r\none\r\n");
	draft_held(&ledger, "two\r\n");
	tell_all("slack");
	assert_int_equal(ask_about(&a, 4, ids), ERROR_NONE);
	assert_string_equal(a.reviewer, "anna");
	assert_string_equal(a.medium, "slack");
	assert_true(a.digest);
	assert_int_equal(a.n_items, 2);
	assert_int_equal(a.draft, 0);
	assert_int_equal(a.items[0].n, 1);
	assert_int_equal(a.items[0].draft, 1);
	assert_int_equal(a.items[1].n, 3);
	assert_int_equal(a.items[1].draft, 2);
	assert_int_equal(a.items[1].state, HOLD_HELD);
	arena_free(a.arena);

	ids[0] = 0; /* one of a digest is still one of a digest */
	assert_int_equal(ask_about(&a, 4, ids), ERROR_NONE);
	assert_true(a.digest);
	assert_int_equal(a.n_items, 1);
	assert_int_equal(a.items[0].n, 3);
	assert_int_equal(a.draft, 2);
	arena_free(a.arena);

	ids[0] = 3; /* bob's */
	assert_int_equal(ask_about(&a, 4, ids), ERROR_MISSING);
	arena_free(a.arena);
	ids[0] = 4711;
	assert_int_equal(ask_about(&a, 4, ids), ERROR_MISSING);
	arena_free(a.arena);
	ids[0] = ids[2] = 0;
	assert_int_equal(ask_about(&a, 4, ids), ERROR_MISSING);
	arena_free(a.arena);
	mail = ledger_notify(&ledger, 1, "anna");
	assert_int_equal(ask_about(&a, 1, &mail), ERROR_MISSING);
	arena_free(a.arena);
}

/* The same of another chat, and more than may be. */
static void not_so_many(void **state)
{
	static int64_t ids[201];
	struct hold_answered a;

	(void)state;
	draft_held(&ledger, "one\r\n");
	ids[200] = tell_all("slack");
	ids[199] = tell_all("matrix");
	assert_int_equal(ask_about(&a, 200, ids + 1), ERROR_MISSING);
	arena_free(a.arena);
	ids[199] = 0;
	assert_int_equal(ask_about(&a, 200, ids + 1), ERROR_NONE);
	assert_int_equal(a.items[0].n, 200);
	arena_free(a.arena);
	assert_int_equal(ask_about(&a, 201, ids), ERROR_MISSING);
	arena_free(a.arena);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, start, stop)
	const struct CMUnitTest tests[] = {
	    T(first_answer_wins),
	    T(one_of_two),
	    T(one_of_two_unheard),
	    T(put_off),
	    T(given_to_another),
	    T(reminded),
	    T(alone),
	    T(one_message_for_all),
	    T(a_thread),
	    T(ended),
	    T(not_what_is_none),
	    T(a_long_thread),
	    T(how_far),
	    T(many),
	    T(not_so_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
