/*
 * Tests of chats with the real ledger: what they are shown and when, what
 * people answer there, in words and by buttons, once, and by mail where a chat
 * hears nothing.
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

#include "ledger.h"
#include "review/card.h"
#include "sample.h"
#include "util/clock.h"

#define SHOWN_MAX 64

struct shown {
	char medium[32], reviewer[32], outcome[400], question[200];
	char reply_to[256], code[HOLD_CODE_SIZE];
	int64_t notice, draft;
	unsigned number;
	bool over, waits, gathered, cut, approvable;
};

static struct scene {
	struct ledger ledger;
	struct config config;
	struct config_reviewer reviewers[3];
	struct config_chat chats[2];
	struct config_digest digest;
	struct review *review;
	size_t n_shown;
	struct shown shown[SHOWN_MAX];

	struct review_answer answer;
	struct review_said said;
	unsigned n_done;
	char text[2000];
	struct review_edit *edit;
} scene;

static const char *const by_chat[] = {"team", NULL};
static const char *const by_all[] = {"mail", "team", "hook", NULL};
static const char *const by_hook[] = {"hook", NULL};

static void on_moved(int64_t draft, enum hold_state state, void *context)
{
	(void)draft;
	(void)state;
	review_kick(((struct scene *)context)->review);
}

static void on_edit(struct review_edit *edit, void *context)
{
	((struct scene *)context)->edit = edit;
}

static bool on_show(const struct review_shown *shown, void *context)
{
	struct scene *s = context;
	struct shown *kept = &s->shown[s->n_shown++];
	size_t i;

	assert_true(s->n_shown <= SHOWN_MAX);
	assert_non_null(shown->card);
	assert_int_equal(shown->outcome != NULL, shown->over);
	*kept = (struct shown){
	    .notice = shown->notice,
	    .draft = shown->view->draft,
	    .number = shown->view->number,
	    .over = shown->over,
	    .waits = shown->waits,
	    .gathered = shown->gathered,
	    .cut = shown->cut,
	};
#define KEEP(member, text)                                                     \
	snprintf(kept->member, sizeof(kept->member), "%s", text)
	KEEP(medium, shown->medium);
	KEEP(reviewer, shown->reviewer);
	KEEP(code, shown->view->code);
	KEEP(question, shown->card->question);
	KEEP(outcome, shown->over ? shown->outcome : "");
	KEEP(reply_to, shown->reply_to == NULL ? "" : shown->reply_to);
	for (i = 0; i < shown->card->n_answers; i++)
		kept->approvable |=
		    strncmp(shown->card->answers[i].command, "approve", 7) == 0;
	return true;
}

static void on_done(struct review_answer *answer)
{
	struct scene *s = answer->context;

	s->n_done++;
	snprintf(s->text, sizeof(s->text), "%s",
	    answer->text == NULL ? "(null)" : answer->text);
	free(answer->text);
	answer->text = NULL;
}

static int setup(void **state)
{
	struct scene *s = &scene;
	const struct review_hooks hooks = {
	    .edit = on_edit, .moved = on_moved, .show = on_show, .context = s};

	memset(s, 0, sizeof(*s));
	ledger_init(&s->ledger);
	assert_int_equal(ledger_open(&s->ledger), 0);
	s->config = *sample_config();
	memcpy(s->reviewers, s->config.reviewers, sizeof(s->reviewers));
	s->reviewers[0].media = by_chat;
	s->reviewers[1].media = by_all;
	s->reviewers[2].media = by_hook;
	s->config.reviewers = s->reviewers;
	s->digest = (struct config_digest){.above = SEVERITY_HIGH};
	s->chats[0] = (struct config_chat){.name = "team",
	    .kind = CONFIG_CHAT_SLACK,
	    .secret = "s",
	    .waiting = 20,
	    .text_size = 65536,
	    .digest = &s->digest};
	s->chats[1] = (struct config_chat){.name = "hook",
	    .kind = CONFIG_CHAT_SLACK_WEBHOOK,
	    .waiting = 20,
	    .text_size = 65536};
	s->chats[0].calendar = s->config.reviewers[0].calendar;
	s->config.chats = s->chats;
	s->config.n_chats = 2;
	s->config.review.mail_after_s = 600;
	s->config.review.snooze_s = 86400;
	s->review =
	    review_new(s->ledger.base, &s->config, s->ledger.hold, &hooks);
	s->answer = (struct review_answer){
	    .said = &s->said, .done = on_done, .context = s};
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct scene *s = *state;

	review_free(s->review);
	ledger_release(&s->ledger);
	return 0;
}

/* All that was begun is done: the loop has nothing but far timers left. */
static void settle(struct scene *s)
{
	struct hold_status status;
	size_t before;
	unsigned quiet;

	for (quiet = 0; quiet < 6; quiet++) {
		before = s->n_shown;
		status = (struct hold_status){.audit_rows = 0};
		ledger_do(&s->ledger, status, &status);
		event_base_loop(s->ledger.base, EVLOOP_NONBLOCK);
		if (s->n_shown != before)
			quiet = 0;
	}
}

static void wait_for_shown(struct scene *s, size_t n)
{
	while (s->n_shown < n)
		event_base_loop(s->ledger.base, EVLOOP_ONCE);
	settle(s);
	assert_int_equal(s->n_shown, n);
}

/* Both chats are there. */
static void up(struct scene *s)
{
	review_medium(s->review, "team", REVIEW_MEDIUM_UP);
	review_medium(s->review, "hook", REVIEW_MEDIUM_UP);
}

static void kick(struct scene *s)
{
	review_kick(s->review);
}

/* What that chat showed that person last. */
static struct shown *last(
    struct scene *s, const char *medium, const char *reviewer)
{
	size_t i = s->n_shown;

	while (i-- > 0)
		if (strcmp(s->shown[i].medium, medium) == 0 &&
		    strcmp(s->shown[i].reviewer, reviewer) == 0)
			return &s->shown[i];
	fail_msg("%s was shown nothing in %s", reviewer, medium);
	return NULL;
}

static void hear_all(struct scene *s)
{
	size_t i;

	for (i = 0; i < s->n_shown; i++)
		review_medium_heard(s->review, s->shown[i].medium,
		    s->shown[i].notice, s->shown[i].over);
	settle(s);
}

/* A draft that waits, shown to anna in team, to bob in both. */
static int64_t ask(struct scene *s)
{
	int64_t draft = draft_held(&s->ledger, "x");
	size_t n = s->n_shown;

	up(s);
	kick(s);
	wait_for_shown(s, n + 3);
	hear_all(s);
	return draft;
}

static void begin(struct scene *s, const char *reviewer)
{
	s->said = (struct review_said){.medium = "team", .reviewer = reviewer};
	s->answer.notice = last(s, "team", reviewer)->notice;
	s->answer.said = &s->said;
}

static void hear(struct scene *s)
{
	unsigned before = s->n_done;

	review_answer(s->review, &s->answer);
	while (s->n_done == before && s->edit == NULL)
		event_base_loop(s->ledger.base, EVLOOP_ONCE);
	assert_int_equal(s->answer.error.kind, ERROR_NONE);
	settle(s);
}

/* Say it; what comes of it has this text; NULL: nothing is said. */
static void say(struct scene *s, bool ok, const char *text)
{
	hear(s);
	if (s->answer.ok != ok || s->answer.silent != (text == NULL) ||
	    (text != NULL && strstr(s->text, text) == NULL))
		print_error("%s\n", s->text);
	assert_int_equal(s->answer.ok, ok);
	assert_int_equal(s->answer.silent, text == NULL);
	if (text != NULL)
		assert_non_null(strstr(s->text, text));
	else
		assert_string_equal(s->text, "(null)");
	assert_null(strstr(s->text, "this mail"));
}

static void words(
    struct scene *s, const char *reviewer, const char *said, const char *text)
{
	begin(s, reviewer);
	s->said.words = said;
	say(s, false, text);
}

/* ---- what is shown ------------------------------------------------------- */

static void it_is_shown_and_its_end(void **state)
{
	struct scene *s = *state;
	int64_t draft = ask(s);
	const struct shown *shown = last(s, "team", "anna");

	assert_int_equal(shown->draft, draft);
	assert_string_equal(shown->question, "may this mail leave?");
	assert_true(shown->approvable);
	assert_false(shown->gathered);
	assert_string_equal(shown->reply_to, "");
	shown = last(s, "hook", "bob");
	assert_string_equal(
	    strchr(shown->reply_to, '@'), "@review.corp.example");

	begin(s, "anna");
	s->said.verb = "approve";
	s->said.code = last(s, "team", "anna")->code;
	say(s, true, "Approved: draft 1 leaves now.");
	wait_for_shown(s, 6);
	shown = last(s, "hook", "bob");
	assert_true(shown->over);
	assert_false(shown->waits);
	assert_false(shown->approvable);
	assert_non_null(strstr(shown->outcome, "Approved by anna in team, "));
	assert_non_null(strstr(shown->outcome, ". It leaves."));
	hear_all(s);
	kick(s);
	settle(s);
	assert_int_equal(s->n_shown, 6);
}

/* The first of two, by a sign without a code: she is asked no more, he is. */
static void one_of_two(void **state)
{
	struct scene *s = *state;
	const struct verdict wants = {.persons = 2};
	const struct shown *shown;

	draft_wanted(&s->ledger, "x", VERDICT_HOLD, &wants);
	up(s);
	kick(s);
	wait_for_shown(s, 3);
	hear_all(s);
	begin(s, "anna");
	s->said.verb = "approve";
	say(s, true, "it leaves when one more person agrees");
	wait_for_shown(s, 4);
	shown = last(s, "team", "anna");
	assert_true(shown->over);
	assert_true(shown->waits);
	assert_true(shown->approvable); /* by who is asked still */
	assert_non_null(strstr(shown->outcome, "Approved by anna in team"));
	assert_non_null(strstr(shown->outcome, "1 of 2 people approved it"));
	hear_all(s);
	begin(s, "bob");
	s->said.words = "approve";
	say(s, true, "Approved");
	/* hers is over once more, and both of his are */
	wait_for_shown(s, 7);
	shown = last(s, "team", "anna");
	assert_true(shown->over);
	assert_false(shown->waits);
	assert_non_null(strstr(shown->outcome, "Approved by bob in team"));
}

static void other_ends(void **state)
{
	static const struct {
		enum hold_verb verb;
		const char *text, *outcome;
	} ends[] = {
	    {HOLD_DROP, "too dear", "Dropped by anna by mail"},
	    {HOLD_DROP, "too dear", "Reason: too dear. It does not leave."},
	    {HOLD_REVISE, "name it!", "Sent back to its agent by anna"},
	    {HOLD_REVISE, "name it!",
		"Remark: name it! Its agent is to make it better."},
	};
	struct scene *s = *state;
	struct hold_decide decide;
	size_t i, n;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		int64_t draft = ask(s);

		n = s->n_shown;
		memset(&decide, 0, sizeof(decide));
		assert_int_equal(ledger_tell(&s->ledger, draft, ends[i].verb,
				     "anna", ends[i].text, &decide),
		    ERROR_NONE);
		kick(s);
		wait_for_shown(s, n + 3);
		if (strstr(last(s, "team", "bob")->outcome, ends[i].outcome) ==
		    NULL)
			fail_msg("%s", last(s, "team", "bob")->outcome);
		hear_all(s);
	}
}

/* What is not shown whole is not approved there, nor by answering it. */
static void a_long_one_is_cut(void **state)
{
	struct scene *s = *state;

	s->chats[0].text_size = 4;
	review_reload(s->review, &s->config);
	draft_held(&s->ledger, "a text that is longer\nthan four");
	up(s);
	kick(s);
	wait_for_shown(s, 3);
	assert_true(last(s, "team", "anna")->cut);
	assert_false(last(s, "team", "anna")->approvable);
	assert_false(last(s, "hook", "bob")->cut);
	begin(s, "anna");
	s->said.verb = "approve";
	s->said.code = last(s, "team", "anna")->code;
	say(s, false, "could not show the whole text");
	words(s, "anna", "approve", "could not show the whole text");
}

/* ---- what is gathered --------------------------------------------------- */

static void what_can_wait_is_gathered(void **state)
{
	struct scene *s = *state;
	const struct verdict high = {.severity = SEVERITY_HIGH};
	size_t i;

	s->digest.every_s = 2;
	review_reload(s->review, &s->config);
	up(s);
	draft_held(&s->ledger, "x");
	draft_held(&s->ledger, "y");
	draft_wanted(&s->ledger, "z", VERDICT_HOLD, &high);
	kick(s);
	/* what is grave comes at once, and all to where nothing is gathered */
	while (s->n_shown < 9)
		event_base_loop(s->ledger.base, EVLOOP_ONCE);
	settle(s);
	for (i = 0; i < s->n_shown; i++) {
		const struct shown *shown = &s->shown[i];
		bool here = strcmp(shown->medium, "team") == 0;

		assert_int_equal(shown->gathered, here && shown->draft != 3);
	}
	assert_int_equal(s->n_shown, 9);
}

/* Twelve hours before a digest nothing low is shown, and mail is no stopgap. */
static void it_waits_for_its_time(void **state)
{
	static unsigned minute;
	struct scene *s = *state;
	const struct verdict high = {.severity = SEVERITY_HIGH};

	minute = (unsigned)((clock_now_ms() / 60000 + 12 * 60) % (24 * 60));
	s->digest.minutes = &minute;
	s->digest.n_minutes = 1;
	review_reload(s->review, &s->config);
	up(s);
	draft_held(&s->ledger, "x");
	draft_wanted(&s->ledger, "z", VERDICT_HOLD, &high);
	kick(s);
	wait_for_shown(s, 4);
	assert_int_equal(last(s, "team", "anna")->draft, 2);
	assert_int_equal(last(s, "team", "bob")->draft, 2);
	hear_all(s);
	kick(s);
	settle(s);
	assert_int_equal(s->n_shown, 4);
	assert_int_equal(ledger_number(&s->ledger,
			     "SELECT count(*) FROM notice WHERE reviewer ="
			     " 'anna' AND medium = 'mail'"),
	    0);
}

/* ---- what people say ---------------------------------------------------- */

static void talk_decides_nothing(void **state)
{
	struct scene *s = *state;
	int64_t draft = ask(s);

	words(s, "anna", "what do you think, bob?", NULL);
	words(s, "bob", "\n\n  \n", NULL);
	words(s, "bob", "I would approve that\napprove", NULL);
	words(s, "bob", "fine", NULL);
	words(s, "bob", "aprove", "do you mean \"approve\"?");
	words(s, "bob", "drop by later?", "question mark");
	words(s, "bob", "approve\nbut only if he agrees", "not clear");
	words(s, "bob", "~approve~", NULL);
	words(s, "bob", "approve aaaaaa", "has the code");
	words(s, "bob", "help", "write in the first line");
	words(s, "bob", "snooze 9d", "put off");
	assert_int_equal(ledger_state(&s->ledger, draft, NULL), HOLD_HELD);
	assert_int_equal(
	    ledger_number(&s->ledger, "SELECT count(*) FROM decision"), 0);
}

/* Bytes of all sorts are heard to their end, and are for nobody. */
static void any_bytes_decide_nothing(void **state)
{
	static const char alphabet[] =
	    "*_`~ \t\r\n\xc2\xa0\xe2\x80\x8b\xff>x1,";
	struct scene *s = *state;
	int64_t draft = ask(s), notice;
	unsigned seed = 17, i, k;
	char said[40];

	notice = last(s, "team", "anna")->notice;
	for (i = 0; i < 400; i++) {
		for (k = 0; k < i % (sizeof(said) - 1); k++) {
			seed = seed * 1103515245u + 12345u;
			said[k] =
			    alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
		}
		said[k] = '\0';
		begin(s, "anna");
		s->said.words = said;
		s->said.notices = &notice;
		s->said.n_notices = i % 2;
		review_answer(s->review, &s->answer);
		while (s->n_done <= i)
			event_base_loop(s->ledger.base, EVLOOP_ONCE);
		assert_true(s->answer.silent);
	}
	assert_int_equal(ledger_state(&s->ledger, draft, NULL), HOLD_HELD);
}

static void words_decide(void **state)
{
	struct scene *s = *state;
	int64_t draft = ask(s);

	begin(s, "anna");
	s->said.words = "\n  Approve because it is right \n\nthank you";
	say(s, true, "Approved: draft 1 leaves now.");
	assert_int_equal(ledger_state(&s->ledger, draft, NULL), HOLD_APPROVED);
	assert_int_equal(ledger_number(&s->ledger,
			     "SELECT count(*) FROM decision WHERE actor ="
			     " 'anna' AND medium = 'team' AND text ="
			     " 'it is right' AND notice = %d",
			     (int)s->answer.notice),
	    1);
	s->said.words = "`undo`";
	say(s, true, "Taken back: draft 1 waits for a decision again.");
	s->said.words = "\xe2\x80\x8b**drop\xc2\xa0too dear** \xc2\xa0\r\n";
	say(s, true, "its agent is told why");
	assert_int_equal(ledger_state(&s->ledger, draft, NULL), HOLD_DROPPED);
	/* the others come too late */
	words(s, "bob", "approve", "Too late: anna dropped draft 1 in team at");
}

/* Not by who was not asked there, nor in the name of a chat it is not of. */
static void strangers(void **state)
{
	struct scene *s = *state;
	int64_t draft = ask(s);

	begin(s, "bob");
	s->said.reviewer = "anna";
	s->said.words = "approve";
	say(s, false, "you were not asked");
	s->said.reviewer = "carol";
	say(s, false, "you were not asked");
	begin(s, "bob");
	s->said.medium = "hook";
	s->said.words = "approve";
	say(s, false, "you were not asked");
	begin(s, "bob");
	s->answer.notice = 4711;
	s->said.verb = "drop";
	say(s, false, "you were not asked");
	assert_int_equal(ledger_state(&s->ledger, draft, NULL), HOLD_HELD);
}

/* The same answer again does nothing and says nothing, undone or not. */
static void once(void **state)
{
	static const struct {
		const char *verb, *text, *told;
	} verbs[] = {
	    {"claim", NULL, "you are on"},
	    {"ask", "who knows him?", "went by mail to bob, carol"},
	    {"snooze", "2h", "You are asked about draft 1 again at"},
	    {"revise", "shorter", "went back to its agent"},
	    {"undo", NULL, "Taken back"},
	    {"drop", "tone", "Dropped"},
	    {"undo", NULL, "Taken back"},
	    {"approve", NULL, "Approved"},
	};
	struct scene *s = *state;
	struct shown *shown;
	char name[16];
	size_t i, k;

	ask(s);
	shown = last(s, "team", "anna");
	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		snprintf(name, sizeof(name), "Ev%zu", i);
		s->said = (struct review_said){.medium = "team",
		    .reviewer = "anna",
		    .verb = verbs[i].verb,
		    .text = verbs[i].text,
		    .code = shown->code,
		    .once = name};
		s->answer.notice = shown->notice;
		s->answer.said = &s->said;
		say(s, true, verbs[i].told);
		for (k = 0; k <= i; k++) { /* and all that were before */
			snprintf(name, sizeof(name), "Ev%zu", k);
			s->said.verb = verbs[k].verb;
			s->said.text = verbs[k].text;
			say(s, true, NULL);
		}
	}
	assert_int_equal(
	    ledger_number(&s->ledger, "SELECT count(*) FROM decision"),
	    sizeof(verbs) / sizeof(verbs[0]));
	assert_int_equal(ledger_state(&s->ledger, 1, NULL), HOLD_APPROVED);
}

/* ---- many at a time ----------------------------------------------------- */

static void many_by_number(void **state)
{
	struct scene *s = *state;
	int64_t notices[4];
	size_t i;

	for (i = 0; i < 4; i++) {
		ask(s);
		notices[i] = last(s, "team", "anna")->notice;
	}
	notices[1] = 0; /* she was not asked about that one */
	begin(s, "anna");
	s->said.n_notices = 4;
	s->said.notices = notices;
	s->said.once = "Ev1";
	s->said.words = "approve";
	say(s, false, "does not say which draft it is for");
	s->said.words = "these look odd to me";
	say(s, false, NULL);
	s->said.words = "2 approve";
	say(s, false, "there is no number 2");
	s->said.words = "1 approve\n4 drop too dear";
	say(s, true, "1: Approved: draft 1 leaves now.");
	assert_non_null(strstr(s->text, "\n4: Dropped: draft 4 does not"));
	assert_null(strstr(s->text, "3:"));
	assert_int_equal(ledger_state(&s->ledger, 1, NULL), HOLD_APPROVED);
	assert_int_equal(ledger_state(&s->ledger, 2, NULL), HOLD_HELD);
	assert_int_equal(ledger_state(&s->ledger, 3, NULL), HOLD_HELD);
	assert_int_equal(ledger_state(&s->ledger, 4, NULL), HOLD_DROPPED);
	assert_int_equal(ledger_number(&s->ledger,
			     "SELECT count(*) FROM decision WHERE notice IN"
			     " (%d, %d)",
			     (int)notices[0], (int)notices[3]),
	    2);
	/* once more */
	say(s, true, NULL);
	assert_int_equal(
	    ledger_number(&s->ledger, "SELECT count(*) FROM decision"), 2);
	/* who is asked about one of them must say so, too */
	notices[0] = notices[3] = 0;
	begin(s, "anna");
	s->said.n_notices = 4;
	s->said.notices = notices;
	s->said.words = "drop";
	say(s, false, "does not say which draft it is for");
	assert_int_equal(ledger_state(&s->ledger, 3, NULL), HOLD_HELD);
	s->said.words = "3 drop";
	say(s, true, "3: Dropped: draft 3 does not");
	s->said.verb = "drop";
	s->said.words = NULL;
	say(s, false, "one draft");
}

/* ---- edits -------------------------------------------------------------- */

static void end_edit(struct scene *s)
{
	struct review_edit *edit = s->edit;

	s->edit = NULL;
	edit->number = 2;
	memcpy(edit->code, "abc234", 7);
	edit->done(edit);
	settle(s);
	assert_true(s->answer.ok);
	assert_non_null(strstr(s->text, "revision 2 now, with the new code"
					" abc234"));
}

static void edits(void **state)
{
	static const char table[] = "To: all of you\n\n| a | b |\n| 1 | 2 |\n";
	struct scene *s = *state;

	ask(s);
	/* a form has the text as it is, bars and what looks like a header */
	begin(s, "anna");
	s->said.verb = "edit";
	s->said.text = table;
	s->said.once = "Ev1";
	hear(s);
	assert_non_null(s->edit);
	assert_int_equal(s->edit->text.len, strlen(table));
	assert_memory_equal(s->edit->text.data, table, strlen(table));
	assert_null(s->edit->subject);
	assert_null(s->edit->to);
	assert_non_null(s->edit->answer);
	end_edit(s);
	/* the subject alone; "" takes it away */
	s->said.text = NULL;
	s->said.subject = "";
	hear(s);
	assert_non_null(s->edit);
	assert_null(s->edit->text.data);
	assert_string_equal(s->edit->subject, "");
	end_edit(s);
	/* in words: as by mail */
	begin(s, "anna");
	s->said.words = "edit\nSubject: Other\n\nDear Max,\nsoon.";
	hear(s);
	assert_non_null(s->edit);
	assert_string_equal(s->edit->subject, "Other");
	assert_int_equal(s->edit->text.len, strlen("Dear Max,\nsoon."));
	end_edit(s);
	/* nothing, or parts of ours */
	words(s, "anna", "edit", "there was no new text");
	words(s, "anna", "edit\nImprimatur asks you: x", "parts of the notice");
	begin(s, "anna");
	s->said.verb = "edit";
	say(s, false, "needs a text");
	s->said.text = " \n";
	say(s, false, "there was no new text");
}

/* ---- mail where a chat hears nothing ------------------------------------ */

static struct reading_reply reply = {
    .n_from = 1, .from = "bob@corp.example", .message_id = "<1@x>"};

/* An answer by mail to what that chat showed bob. */
static void mail(struct scene *s, const char *medium, const char *line)
{
	unsigned before = s->n_done;

	reply.line = line;
	s->answer.reply = &reply;
	s->answer.said = NULL;
	s->answer.notice = last(s, medium, "bob")->notice;
	s->answer.peer = "127.0.0.1";
	s->answer.level = REVIEW_LEVEL_TOKEN;
	review_answer(s->review, &s->answer);
	while (s->n_done == before)
		event_base_loop(s->ledger.base, EVLOOP_ONCE);
	settle(s);
}

static void mail_answers_a_webhook(void **state)
{
	struct scene *s = *state;
	int64_t draft = ask(s);

	/* where people can answer, mail does not */
	mail(s, "team", "approve");
	assert_int_equal(ledger_state(&s->ledger, draft, NULL), HOLD_HELD);
	/* nor anybody but who was asked */
	reply.from = "carol@corp.example";
	mail(s, "hook", "approve");
	assert_int_equal(ledger_state(&s->ledger, draft, NULL), HOLD_HELD);
	reply.from = "bob@corp.example";
	/* nor when the admin took the chat from him */
	s->reviewers[1].media = by_chat;
	mail(s, "hook", "approve");
	assert_int_equal(ledger_state(&s->ledger, draft, NULL), HOLD_HELD);
	s->reviewers[1].media = by_all;
	mail(s, "hook", "drop tone");
	assert_int_equal(ledger_state(&s->ledger, draft, NULL), HOLD_DROPPED);
	assert_int_equal(ledger_number(&s->ledger,
			     "SELECT count(*) FROM decision WHERE actor ="
			     " 'bob' AND medium = 'mail' AND notice = %d",
			     (int)s->answer.notice),
	    1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(it_is_shown_and_its_end),
	    T(one_of_two),
	    T(other_ends),
	    T(a_long_one_is_cut),
	    T(what_can_wait_is_gathered),
	    T(it_waits_for_its_time),
	    T(talk_decides_nothing),
	    T(any_bytes_decide_nothing),
	    T(words_decide),
	    T(strangers),
	    T(once),
	    T(many_by_number),
	    T(edits),
	    T(mail_answers_a_webhook),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
