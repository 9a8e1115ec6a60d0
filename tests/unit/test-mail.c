/*
 * Tests of answers by mail: every way that one can take, against a ledger in
 * memory.
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
#include <strings.h>

#include "fakehold.h"
#include "sample.h"

#include "util/clock.h"

struct scene {
	struct event_base *base;
	struct config config;
	struct review *review;
	struct reading_reply reply;
	struct review_answer answer;
	unsigned n_done;

	/* the hooks */
	unsigned n_moved, n_edits;
	enum hold_state moved;
	struct review_edit *edit;
	char edit_text[256];
};

static struct scene scene;

static void on_done(struct review_answer *answer)
{
	struct scene *s = answer->context;

	s->n_done++;
}

static void on_edit(struct review_edit *edit, void *context)
{
	struct scene *s = context;

	s->n_edits++;
	s->edit = edit;
	snprintf(s->edit_text, sizeof(s->edit_text), "%.*s",
	    (int)edit->text.len, edit->text.data);
}

static void on_moved(int64_t draft, enum hold_state state, void *context)
{
	struct scene *s = context;

	(void)draft;
	s->n_moved++;
	s->moved = state;
}

static int setup(void **state)
{
	struct scene *s = &scene;
	const struct review_hooks hooks = {
	    .edit = on_edit, .moved = on_moved, .context = s};

	*s = (struct scene){.config = *sample_config()};
	fake_init();
	fake.view = sample_view;
	s->base = event_base_new();
	s->review = review_new(s->base, &s->config, fake_hold(), &hooks);
	s->reply = (struct reading_reply){
	    .n_from = 1,
	    .from = "Anna@CORP.example",
	    .message_id = "<reply-1@corp.example>",
	    .subject = "Re: [review] Your refund (draft 17)",
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

/* Hear it, let everything happen; the answer must have been given back. */
static void hear(struct scene *s, const char *line)
{
	unsigned before = s->n_done;

	s->reply.line = line;
	review_answer(s->review, &s->answer);
	fake_run();
	assert_int_equal(s->n_done, before + 1);
}

static const struct fake_mail *last_mail(void)
{
	assert_true(fake.n_mails > 0);
	return &fake.mails[fake.n_mails - 1];
}

/* The last mail went to that address and says that; lines may be broken
 * anywhere, so blanks and soft breaks are compared as one. */
static void assert_told(const char *to, const char *what)
{
	const struct fake_mail *mail = last_mail();
	char flat[8192];
	const char *c;
	size_t n = 0;

	for (c = mail->bytes; *c != '\0' && n < sizeof(flat) - 1; c++) {
		if (strncmp(c, "=\r\n", 3) == 0) {
			c += 2;
			continue;
		}
		if (*c != '\r')
			flat[n++] = *c == '\n' ? ' ' : *c;
	}
	flat[n] = '\0';
	assert_string_equal(mail->to, to);
	assert_string_equal(mail->from, "");
	if (strstr(flat, what) == NULL)
		fail_msg("no \"%s\" in: %s", what, flat);
}

static void assert_undecided(const struct scene *s)
{
	assert_int_equal(fake.n_decided, 0);
	assert_int_equal(s->n_edits, 0);
}

static void approve_decides_and_gets_a_receipt(void **state)
{
	struct scene *s = *state;

	hear(s, "approve");
	assert_int_equal(fake.n_decided, 1);
	assert_int_equal(fake.decided.verb, HOLD_APPROVE);
	assert_int_equal(fake.decided.draft, 17);
	assert_int_equal(fake.decided.notice, 5);
	assert_memory_equal(
	    fake.decided.revision, fake.answered.revision, DIGEST_SIZE);
	assert_string_equal(fake.decided.actor, "anna");
	assert_string_equal(fake.decided.medium, "mail");
	assert_memory_equal(fake.decided_answer, "answer 5 ", 9);
	assert_int_equal(s->answer.error.kind, ERROR_NONE);
	assert_int_equal(fake.n_mails, 1);
	assert_told("anna@corp.example", "Approved. Draft 17 leaves now.");
	assert_told(
	    "anna@corp.example", "In-Reply-To: <reply-1@corp.example> ");
	assert_told("anna@corp.example",
	    "References: <imp.17@relay.corp.example>  "
	    "<imp.17.r1.x@relay.corp.example>  <reply-1@corp.example>");
	assert_told("anna@corp.example", "Auto-Submitted: auto-replied");
	assert_int_equal(s->n_moved, 1);
	assert_int_equal(s->moved, HOLD_APPROVED);
}

/* Two that have no name may be two. */
static void an_answer_without_an_id_may_come_twice(void **state)
{
	struct scene *s = *state;

	s->reply.message_id = NULL;
	hear(s, "approve");
	assert_int_equal(fake.n_decided, 1);
	assert_string_equal(fake.decided_answer, "(null)");
}

static void a_right_code_counts_in_either_case(void **state)
{
	hear(*state, "Approve K7Q4RM");
	assert_int_equal(fake.n_decided, 1);
	hear(*state, "a k7q4rm");
	assert_int_equal(fake.n_decided, 2);
}

static void a_wrong_code_decides_nothing(void **state)
{
	struct scene *s = *state;

	hear(s, "approve k7q4ra");
	assert_undecided(s);
	assert_told("anna@corp.example", "Nothing was decided");
	assert_told("anna@corp.example", "You wrote k7q4ra");
}

static void drop_carries_its_reason(void **state)
{
	struct scene *s = *state;

	fake.decide_state = HOLD_DROPPED;
	hear(s, "drop the price is wrong");
	assert_int_equal(fake.decided.verb, HOLD_DROP);
	assert_string_equal(fake.decided_text, "the price is wrong");
	assert_told("anna@corp.example", "Draft 17 does not leave");
	assert_told("anna@corp.example", "| the price is wrong");
	assert_told("anna@corp.example", "answer this mail with: undo");
	hear(s, "d");
	assert_int_equal(fake.decided.verb, HOLD_DROP);
	assert_string_equal(fake.decided_text, "(null)");
	assert_told("anna@corp.example", "You gave no reason");
}

/* A draft of a channel that has reasons, but asks for none. */
static struct hold_view *view_of_channel(struct arena *arena)
{
	struct hold_view *view = sample_view(arena);

	view->channel = "support";
	return view;
}

static void drop_knows_the_channels_reasons(void **state)
{
	struct scene *s = *state;

	fake.decide_state = HOLD_DROPPED;
	fake.view = view_of_channel;
	hear(s, "drop wrong-price it is 80 EUR");
	assert_string_equal(fake.decided.category, "wrong-price");
	assert_string_equal(fake.decided_text, "wrong-price: it is 80 EUR");
	hear(s, "d Tone");
	assert_string_equal(fake.decided.category, "tone");
	assert_string_equal(fake.decided_text, "tone");
	assert_told("anna@corp.example", "| tone");
	hear(s, "drop tone: too loud");
	assert_string_equal(fake.decided.category, "tone");
	assert_string_equal(fake.decided_text, "tone: too loud");
	/* words of one's own, also what is nearly one */
	hear(s, "drop tones are bad");
	assert_null(fake.decided.category);
	assert_string_equal(fake.decided_text, "tones are bad");
	hear(s, "drop");
	assert_null(fake.decided.category);
	assert_int_equal(fake.n_decided, 5);
	/* the channel has gone: all are words */
	s->config.n_channels = 0;
	hear(s, "drop tone");
	assert_null(fake.decided.category);
	assert_string_equal(fake.decided_text, "tone");
}

static void a_reason_may_be_wanted(void **state)
{
	struct scene *s = *state;

	fake.view = sample_routed;
	hear(s, "approve");
	assert_told("anna@corp.example", "wants a reason");
	assert_told("anna@corp.example", "approve k7q4rm because <reason>");
	hear(s, "drop");
	assert_told("anna@corp.example", "wants a reason");
	assert_told("anna@corp.example",
	    "wrong-price, wrong-recipient, tone, made-up-fact");
	hear(s, "drop wrong-prise for him");
	assert_told("anna@corp.example", "do you mean \"wrong-price\"?");
	assert_undecided(s);
	hear(s, "approve k7q4rm because sales agreed");
	assert_int_equal(fake.decided.verb, HOLD_APPROVE);
	assert_string_equal(fake.decided_text, "sales agreed");
	hear(s, "drop he moved away");
	assert_int_equal(fake.decided.verb, HOLD_DROP);
	assert_string_equal(fake.decided_text, "he moved away");
	hear(s, "drop tone");
	assert_string_equal(fake.decided_text, "tone");
	assert_int_equal(fake.n_decided, 3);
}

static void one_of_two_is_told_so(void **state)
{
	struct scene *s = *state;

	fake.decide_state = HOLD_HELD;
	fake.decide_missing = 1;
	hear(s, "approve k7q4rm");
	assert_told("anna@corp.example", "one more person agrees");
}

static void claim_says_who_was_on_it(void **state)
{
	struct scene *s = *state;

	fake.decide_state = HOLD_HELD;
	hear(s, "claim");
	assert_int_equal(fake.decided.verb, HOLD_CLAIM);
	assert_told("anna@corp.example", "is yours to look at");
	fake.prior = (struct hold_prior){
	    .actor = "bob", .medium = "mail", .verb = HOLD_CLAIM, .at_ms = 1};
	hear(s, "claim");
	assert_told("anna@corp.example", "bob was on it before you");
}

static void delegate_names_a_reviewer(void **state)
{
	struct scene *s = *state;

	fake.decide_state = HOLD_HELD;
	hear(s, "delegate Bob");
	assert_int_equal(fake.decided.verb, HOLD_DELEGATE);
	assert_string_equal(fake.decided_text, "bob");
	assert_told("anna@corp.example", "bob is asked about draft 17 now");
	hear(s, "delegate carl");
	assert_told("anna@corp.example",
	    "there is no reviewer 'carl'; did you mean 'carol'?");
	assert_int_equal(fake.n_decided, 1);
}

static void what_was_sent_is_judged_afterwards(void **state)
{
	struct scene *s = *state;

	hear(s, "fine");
	assert_told("anna@corp.example", "for mail that left without review");
	hear(s, "wrong");
	assert_undecided(s);
	fake.answered.kind = HOLD_PROMPT_AFTER;
	fake.answered.state = HOLD_SENT;
	fake.decide_state = HOLD_SENT;
	fake.view = view_of_channel;
	hear(s, "fine");
	assert_int_equal(fake.decided.verb, HOLD_FINE);
	assert_told("anna@corp.example", "draft 17 was right");
	hear(s, "wrong wrong-price it was 80");
	assert_int_equal(fake.decided.verb, HOLD_WRONG);
	assert_string_equal(fake.decided.category, "wrong-price");
	assert_string_equal(fake.decided_text, "wrong-price: it was 80");
	assert_told("anna@corp.example", "| wrong-price: it was 80");
	hear(s, "wrong");
	assert_string_equal(fake.decided_text, "(null)");
	hear(s, "help");
	assert_told("anna@corp.example", "wrong <reason>");
}

static void revise_sends_back(void **state)
{
	struct scene *s = *state;

	fake.decide_state = HOLD_REVISING;
	hear(s, "revise name the price");
	assert_int_equal(fake.decided.verb, HOLD_REVISE);
	assert_string_equal(fake.decided_text, "name the price");
	assert_told("anna@corp.example", "went back to its agent");
	assert_told("anna@corp.example", "| name the price");
	assert_int_equal(s->moved, HOLD_REVISING);
	/* where the mail program broke the line; what is below is no remark */
	s->reply.words = "and the day\n\nRegards, Anna\n";
	hear(s, "r name the price");
	assert_string_equal(fake.decided_text, "name the price and the day");
	/* or all below a verb alone */
	s->reply.words = "\nName the price,\n\nand the day.\n";
	hear(s, "revise");
	assert_non_null(strstr(fake.decided_text, "Name the price,"));
	assert_non_null(strstr(fake.decided_text, "and the day."));
	assert_int_equal(fake.n_decided, 3);
	s->reply.words = " \n";
	hear(s, "revise");
	assert_told("anna@corp.example", "say what is to be made better");
	s->reply.words = NULL;
	hear(s, "r");
	s->reply.words = "Imprimatur asks you\n";
	hear(s, "revise");
	assert_told("anna@corp.example", "still has parts of the notice");
	s->reply.words = "| the agent's words\n";
	hear(s, "revise as it says here:");
	assert_told("anna@corp.example", "lines that begin with");
	assert_int_equal(fake.n_decided, 3);
}

static void snooze_puts_off(void **state)
{
	struct scene *s = *state;
	int64_t now = clock_now_ms();

	fake.decide_state = HOLD_HELD;
	s->config.review.snooze_s = 2 * 86400;
	hear(s, "snooze 2h");
	assert_int_equal(fake.decided.verb, HOLD_SNOOZE);
	assert_true(fake.decided.until_ms >= now + 7200000);
	assert_true(fake.decided.until_ms <= clock_now_ms() + 7200000);
	assert_told("anna@corp.example", "You are asked about draft 17 again");
	hear(s, "snooze 2d");
	assert_int_equal(fake.n_decided, 2);
	hear(s, "snooze 49h");
	assert_told("anna@corp.example", "it can be put off for");
	assert_int_equal(fake.n_decided, 2);
}

static void a_house_has_its_own_words(void **state)
{
	static const struct config_word words[] = {
	    {1, "freigeben", "approve"}, {2,
					     "zur\xc3\xbc"
					     "ck",
					     "revise"}};
	struct scene *s = *state;

	s->config.review.n_words = 2;
	s->config.review.words = words;
	hear(s, "Freigeben k7q4rm");
	assert_int_equal(fake.decided.verb, HOLD_APPROVE);
	hear(s, "ZUR\xc3\x9c"
		"CK mehr Fakten");
	assert_int_equal(fake.decided.verb, HOLD_REVISE);
	hear(s, "bitte freigeben");
	assert_int_equal(fake.n_decided, 2);
}

static void undo_takes_back(void **state)
{
	fake.decide_state = HOLD_HELD;
	hear(*state, "undo");
	assert_int_equal(fake.decided.verb, HOLD_UNDO);
	assert_told("anna@corp.example", "Taken back. Draft 17 waits");
}

static void ask_reaches_all_the_others(void **state)
{
	struct scene *s = *state;

	fake.decide_state = HOLD_HELD;
	hear(s, "ask is 89.90 right?");
	assert_int_equal(fake.decided.verb, HOLD_ASK);
	assert_string_equal(fake.decided_text, "is 89.90 right?");
	assert_int_equal(fake.n_mails, 3);
	assert_string_equal(fake.mails[0].to, "bob@corp.example");
	assert_string_equal(fake.mails[1].to, "carol@corp.example");
	assert_string_equal(fake.mails[1].maildir, "/var/mail/carol");
	assert_non_null(
	    strstr(fake.mails[0].bytes, "Reply-To: <anna@corp.example>"));
	assert_non_null(strstr(fake.mails[0].bytes, "| is 89.90 right?"));
	assert_non_null(strstr(fake.mails[0].bytes, "| Dear Max,"));
	assert_true(strcmp(fake.mails[0].once, fake.mails[1].once) != 0);
	assert_told("anna@corp.example", "Your question went to bob, carol.");
	assert_int_equal(s->answer.error.kind, ERROR_NONE);
}

static void ask_alone_is_told_so(void **state)
{
	struct scene *s = *state;

	s->config.n_reviewers = 1;
	hear(s, "ask anybody there?");
	assert_int_equal(fake.n_mails, 1);
	assert_told("anna@corp.example", "no other reviewer");
}

/* Answer the edit that the hook got. */
static void end_edit(struct scene *s, enum error_kind kind, const char *text)
{
	struct review_edit *edit = s->edit;

	assert_non_null(edit);
	s->edit = NULL;
	if (kind != ERROR_NONE)
		error_set(&edit->error, kind, "%s", text);
	edit->number = 2;
	edit->state = HOLD_HELD;
	memcpy(edit->code, "bf2x6a", HOLD_CODE_SIZE);
	edit->prior = fake.prior;
	edit->done(edit);
	fake_run();
}

static void start_edit(struct scene *s, const char *words)
{
	s->reply.line = "edit";
	s->reply.words = words;
	review_answer(s->review, &s->answer);
	fake_run();
}

static void an_edit_makes_a_revision_and_is_told_the_code(void **state)
{
	struct scene *s = *state;

	start_edit(s, "Dear Max,\nnew text\n");
	assert_int_equal(s->n_edits, 1);
	assert_int_equal(s->n_done, 0);
	assert_string_equal(s->edit_text, "Dear Max,\nnew text\n");
	assert_int_equal(s->edit->draft, 17);
	assert_memory_equal(
	    s->edit->revision, fake.answered.revision, DIGEST_SIZE);
	assert_string_equal(s->edit->actor, "anna");
	end_edit(s, ERROR_NONE, NULL);
	assert_int_equal(s->n_done, 1);
	assert_int_equal(fake.n_decided, 0);
	assert_told("anna@corp.example",
	    "Revision 2 was made; approve it with the new code, bf2x6a.");
	assert_int_equal(s->answer.error.kind, ERROR_NONE);
	assert_true(s->n_moved > 0);
}

static void an_edit_says_what_was_left_out(void **state)
{
	struct scene *s = *state;

	s->reply.below = "one more line";
	start_edit(s, "new text");
	end_edit(s, ERROR_NONE, NULL);
	assert_told("anna@corp.example", "they stand below what you quote:");
	assert_told("anna@corp.example", "| one more line");
	s->reply.signature = "Anna Able";
	start_edit(s, "new text");
	end_edit(s, ERROR_NONE, NULL);
	assert_told("anna@corp.example", "left out as your signature: |");
	assert_told("anna@corp.example", "| Anna Able");
}

/* The reader says that nothing above the quoted lines is the person's. */
static void a_quoted_line_decides_nothing(void **state)
{
	struct scene *s = *state;

	s->reply.line_quoted = true;
	hear(s, "approve");
	assert_undecided(s);
	assert_told("anna@corp.example", "It had no text of your own.");
}

static void an_edit_can_be_refused(void **state)
{
	struct scene *s = *state;

	start_edit(s, "new text");
	end_edit(s, ERROR_INVALID, "the mail is signed");
	assert_told("anna@corp.example", "| the mail is signed");
	assert_told("anna@corp.example", "Nothing was changed.");
}

static void an_edit_can_come_too_late(void **state)
{
	struct scene *s = *state;

	start_edit(s, "new text");
	fake.prior = (struct hold_prior){
	    .actor = "bob", .medium = "mail", .verb = HOLD_EDIT, .at_ms = 1};
	end_edit(s, ERROR_CONFLICT, "late");
	assert_told("anna@corp.example", "A newer notice shows it");
	assert_told("anna@corp.example", "bob edited draft 17 by mail");
}

static void an_edit_that_cannot_be_written_comes_again(void **state)
{
	struct scene *s = *state;

	start_edit(s, "new text");
	end_edit(s, ERROR_FULL, "disk");
	assert_int_equal(s->n_done, 1);
	assert_int_equal(s->answer.error.kind, ERROR_BUSY);
	assert_int_equal(fake.n_mails, 0);
}

static void an_edit_without_text_is_told_how(void **state)
{
	static const char *const words[] = {NULL, "", " \n\t\r\n "};
	struct scene *s = *state;
	size_t i;

	for (i = 0; i < 3; i++) {
		s->reply.words = words[i];
		hear(s, "edit");
		assert_undecided(s);
		assert_told("anna@corp.example", "no text below");
		assert_told("anna@corp.example", "Dear Max,");
	}
}

static void an_edit_with_parts_of_the_notice_is_refused(void **state)
{
	static const char *const words[] = {
	    "new\n| old line\n",
	    "new\n|\n",
	    "new\nImprimatur asks you: may this mail leave?\n",
	};
	struct scene *s = *state;
	char token[300], local[64];
	const char *at;
	size_t i;

	for (i = 0; i < 3; i++) {
		s->reply.words = words[i];
		hear(s, "edit");
		assert_undecided(s);
		assert_told("anna@corp.example", "The edit was not made");
	}
	at = strstr(last_mail()->bytes, "Reply-To: <d-");
	assert_non_null(at);
	snprintf(local, sizeof(local), "%.36s", at + strlen("Reply-To: <"));
	snprintf(token, sizeof(token), "To: %s", local);
	for (i = 0; token[i] != '\0'; i++)
		if (token[i] >= 'a' && token[i] <= 'z')
			token[i] = (char)(token[i] - 'a' + 'A');
	s->reply.words = token;
	hear(s, "edit");
	assert_undecided(s);
	assert_told("anna@corp.example", "parts of the notice");
}

static void automatic_mail_is_neither_heard_nor_answered(void **state)
{
	struct scene *s = *state;

	s->reply.automatic = "Auto-Submitted: auto-replied";
	hear(s, "approve k7q4rm");
	assert_undecided(s);
	assert_int_equal(fake.n_mails, 0);
	assert_int_equal(s->n_moved, 0);
	assert_int_equal(s->answer.error.kind, ERROR_NONE);
}

static void perhaps_automatic_mail_is_asked_about_once(void **state)
{
	struct scene *s = *state;

	s->reply.maybe_automatic = "the subject says \"out of office\"";
	hear(s, "approve k7q4rm");
	hear(s, "approve k7q4rm");
	assert_undecided(s);
	assert_int_equal(fake.n_mails, 1);
	assert_told("anna@corp.example", "as if a program had written it");
}

static void an_edit_is_heard_where_only_its_words_are_doubted(void **state)
{
	struct scene *s = *state;

	s->reply.maybe_automatic = "its text is that of a bounce";
	s->reply.edit_anyway = true;
	hear(s, "approve k7q4rm");
	assert_undecided(s);
	start_edit(s, "your parcel could not be delivered");
	assert_int_equal(s->n_edits, 1);
	end_edit(s, ERROR_NONE, NULL);
	s->reply.edit_anyway = false;
	start_edit(s, "again");
	assert_int_equal(s->n_edits, 1);
}

static void an_unreadable_answer_gets_help_once(void **state)
{
	struct scene *s = *state;

	s->reply = (struct reading_reply){.trouble = "the reader crashed"};
	hear(s, NULL);
	hear(s, NULL);
	assert_undecided(s);
	assert_int_equal(fake.n_mails, 1);
	assert_told("anna@corp.example", "| the reader crashed");
	assert_int_equal(s->answer.error.kind, ERROR_NONE);
}

static void what_is_no_command_gets_help_once(void **state)
{
	static const char *const lines[] = {"do not approve", "approve?",
	    "Approved if you fix X", "ok", "approve k7q4rm now", "", NULL};
	struct scene *s = *state;
	size_t i;

	for (i = 0; i < 7; i++)
		hear(s, lines[i]);
	assert_undecided(s);
	assert_int_equal(fake.n_mails, 1);
	assert_told("anna@corp.example", "I could not read a decision");
	assert_told("anna@corp.example", "| do not approve");
	assert_told("anna@corp.example", "approve k7q4rm");
}

/* A note of absence needs no help, but a command may hold its words. */
static void what_says_that_it_is_automatic_is_not_answered(void **state)
{
	struct scene *s = *state;

	s->reply.line_automatic = "its text is that of a vacation note";
	hear(s, "I am out of the office until Monday.");
	assert_undecided(s);
	assert_int_equal(fake.n_mails, 0);
	hear(s, "drop I am out of the office until Monday");
	assert_int_equal(fake.n_decided, 1);
}

/* A second command, or words that bind the first: nobody can tell. */
static void what_is_below_a_command_may_undo_it(void **state)
{
	struct scene *s = *state;

	s->reply.words = "but not before Monday\n\nAnna";
	hear(s, "approve");
	assert_undecided(s);
	assert_told("anna@corp.example", "below your command is");
	assert_told("anna@corp.example", "but not before Monday");
	s->reply.words = "Thanks\n";
	s->reply.below = "drop";
	hear(s, "approve");
	assert_undecided(s);
	s->reply.below = NULL;
	hear(s, "approve");
	assert_int_equal(fake.n_decided, 1);
}

/* What a gateway puts on top is no answer, but can be made known. */
static void a_banner_hides_a_command_until_it_is_known(void **state)
{
	static const char *const banners[] = {"CAUTION: external sender", NULL};
	struct scene *s = *state;

	s->reply.words = "\n\napprove\nAnna\n";
	hear(s, "CAUTION: external sender");
	assert_undecided(s);
	assert_told("anna@corp.example", "review.banners");
	s->config.review.banners = banners;
	hear(s, "CAUTION: internal sender");
	assert_undecided(s);
	hear(s, "CAUTION: external sender");
	assert_int_equal(fake.n_decided, 1);
	assert_told("anna@corp.example", "leaves now");
}

static void help_can_be_had_every_time(void **state)
{
	hear(*state, "help");
	hear(*state, "HELP");
	assert_int_equal(fake.n_mails, 2);
	assert_told("anna@corp.example", "drop <reason>");
}

static void help_after_its_time_comes_again(void **state)
{
	struct scene *s = *state;

	s->config.review.help_s = 0;
	hear(s, "yes");
	hear(s, "yes");
	assert_int_equal(fake.n_mails, 2);
}

static void only_the_reviewer_decides(void **state)
{
	static const struct {
		size_t n_from;
		const char *from;
	} cases[] = {
	    {0, NULL},
	    {2, NULL},
	    {2, "anna@corp.example"},
	    {1, "bob@corp.example"},
	    {1, "anna@corp.example.evil.example"},
	    {1, "xanna@corp.example"},
	    {1, ""},
	};
	struct scene *s = *state;
	char once[256] = "";
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		s->reply.n_from = cases[i].n_from;
		s->reply.from = cases[i].from;
		hear(s, "approve k7q4rm");
		assert_undecided(s);
		assert_told("anna@corp.example", "Nothing was decided");
		/* one key: the ledger puts it once */
		if (*once != '\0')
			assert_string_equal(once, last_mail()->once);
		snprintf(once, sizeof(once), "%s", last_mail()->once);
		assert_null(strstr(last_mail()->bytes, "reply-1@"));
	}
}

static void an_answer_from_elsewhere_is_refused(void **state)
{
	struct scene *s = *state;

	s->answer.level = REVIEW_LEVEL_NONE;
	s->answer.peer = "192.0.2.66";
	hear(s, "approve k7q4rm");
	assert_undecided(s);
	assert_int_equal(s->answer.error.kind, ERROR_DENIED);
	assert_told("anna@corp.example", "192.0.2.66");
}

static void each_level_wants_no_less(void **state)
{
	static const enum config_level wanted[] = {
	    CONFIG_LEVEL_TOKEN, CONFIG_LEVEL_ALIGNED, CONFIG_LEVEL_SIGNED};
	struct config_reviewer anna = scene.config.reviewers[0];
	struct scene *s = *state;
	unsigned decided = 0;

	for (int i = 0; i < 3; i++)
		for (int reached = REVIEW_LEVEL_NONE;
		     reached <= REVIEW_LEVEL_SIGNED; reached++) {
			scene.config.reviewers[0].level = wanted[i];
			s->answer.level = (enum review_level)reached;
			s->answer.how = "no signature";
			hear(s, "approve k7q4rm");
			decided += reached > i;
			assert_int_equal(fake.n_decided, decided);
			assert_int_equal(s->answer.error.kind,
			    reached > i ? ERROR_NONE : ERROR_DENIED);
			if (reached <= i)
				assert_told(
				    "anna@corp.example", "no signature");
		}
	assert_int_equal(decided, 6);
	scene.config.reviewers[0] = anna;
}

static void a_late_answer_is_told_who_and_when(void **state)
{
	struct scene *s = *state;

	fake.decide_error = ERROR_CONFLICT;
	fake.decide_state = HOLD_SENT;
	fake.prior = (struct hold_prior){.actor = "bob",
	    .medium = "mail",
	    .verb = HOLD_APPROVE,
	    .at_ms = 1795262140000};
	hear(s, "drop no");
	assert_told("anna@corp.example", "bob approved draft 17 by mail at Sat "
					 "21 Nov 2026, 11:55 +0000 (UTC)");
	assert_told("anna@corp.example", "Draft 17 has left.");
	assert_int_equal(s->answer.error.kind, ERROR_NONE);
}

static void the_same_person_twice_is_told_so(void **state)
{
	fake.decide_error = ERROR_CONFLICT;
	fake.prior = (struct hold_prior){
	    .actor = "anna", .medium = "mail", .verb = HOLD_APPROVE};
	hear(*state, "approve");
	assert_told("anna@corp.example", "You already approved draft 17");
}

static void a_changed_draft_is_said_to_be_changed(void **state)
{
	fake.decide_error = ERROR_CONFLICT;
	fake.decide_state = HOLD_HELD;
	hear(*state, "approve");
	assert_told("anna@corp.example", "was changed after your notice");
}

static void undo_too_late_says_what_it_is_now(void **state)
{
	fake.decide_error = ERROR_CONFLICT;
	fake.decide_state = HOLD_SENT;
	hear(*state, "undo");
	assert_told("anna@corp.example", "nothing to take back: draft 17 has");
}

static void no_authority_is_told(void **state)
{
	struct scene *s = *state;

	fake.decide_error = ERROR_DENIED;
	fake.decide_state = HOLD_HELD;
	snprintf(fake.decide_text, sizeof(fake.decide_text),
	    "anna may not decide this");
	hear(s, "approve");
	assert_told("anna@corp.example", "| anna may not decide this");
	assert_int_equal(s->answer.error.kind, ERROR_NONE);
}

static void trouble_with_the_disk_comes_again(void **state)
{
	struct scene *s = *state;

	fake.decide_error = ERROR_INTERNAL;
	hear(s, "approve");
	assert_int_equal(s->answer.error.kind, ERROR_INTERNAL);
	fake.decide_error = ERROR_FULL;
	hear(s, "approve");
	assert_int_equal(s->answer.error.kind, ERROR_BUSY);
	assert_int_equal(fake.n_mails, 0);
	fake.decide_error = ERROR_NONE;
	fake.post_error = ERROR_FULL;
	hear(s, "approve");
	assert_int_equal(s->answer.error.kind, ERROR_BUSY);
	fake.post_error = ERROR_NONE;
	fake.answered_error = ERROR_BUSY;
	hear(s, "approve");
	assert_int_equal(s->answer.error.kind, ERROR_BUSY);
	fake.answered_error = ERROR_NONE;
	fake.view_error = ERROR_INTERNAL;
	hear(s, "ask what?");
	assert_int_equal(s->answer.error.kind, ERROR_INTERNAL);
}

static void an_unknown_notice_is_let_go(void **state)
{
	struct scene *s = *state;

	fake.answered_error = ERROR_MISSING;
	hear(s, "approve");
	assert_undecided(s);
	assert_int_equal(fake.n_mails, 0);
	assert_int_equal(s->answer.error.kind, ERROR_NONE);
}

static void a_reviewer_who_has_gone_decides_nothing(void **state)
{
	struct scene *s = *state;

	fake.answered.reviewer = "dora";
	s->reply.from = "dora@corp.example";
	hear(s, "approve");
	assert_undecided(s);
	assert_int_equal(fake.n_mails, 0);
}

static void address_and_subject_must_mean_one_draft(void **state)
{
	struct scene *s = *state;

	s->reply.subject = "Re: [review] about (draft 17) (draft 18)";
	hear(s, "approve");
	assert_undecided(s);
	assert_told("anna@corp.example", "names another draft");
	s->reply.subject = "Re: [review] about (draft 18) (draft 17)";
	hear(s, "approve");
	assert_int_equal(fake.n_decided, 1);
	s->reply.subject = "something else";
	hear(s, "approve");
	assert_int_equal(fake.n_decided, 2);
	s->reply.subject = NULL;
	hear(s, "approve");
	assert_int_equal(fake.n_decided, 3);
}

static void the_same_answer_has_the_same_key(void **state)
{
	struct scene *s = *state;

	hear(s, "approve");
	hear(s, "approve");
	assert_string_equal(fake.mails[0].once, fake.mails[1].once);
	s->reply.message_id = "<reply-2@corp.example>";
	hear(s, "approve");
	assert_true(strcmp(fake.mails[0].once, fake.mails[2].once) != 0);
	s->reply.message_id = NULL;
	hear(s, "approve");
	hear(s, "approve");
	hear(s, "drop");
	assert_string_equal(fake.mails[3].once, fake.mails[4].once);
	assert_true(strcmp(fake.mails[4].once, fake.mails[5].once) != 0);
}

static void an_answers_id_cannot_make_a_header(void **state)
{
	static const char *const ids[] = {"<a@b>\r\nBcc: <x@evil.example>",
	    "no brackets", "<a b@c>", "<>", "<\x01@b>", "<a><b>"};
	struct scene *s = *state;
	size_t i;

	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		s->reply.message_id = ids[i];
		hear(s, "approve");
		assert_told("anna@corp.example",
		    "In-Reply-To: <imp.17.r1.x@relay.corp.example> References: "
		    "<imp.17@relay.corp.example>  "
		    "<imp.17.r1.x@relay.corp.example> Auto-Submitted");
		assert_null(strstr(last_mail()->bytes, "Bcc"));
	}
}

static void doubt_and_failure_have_their_own_words(void **state)
{
	struct scene *s = *state;

	fake.answered.kind = HOLD_PROMPT_DOUBT;
	fake.answered.state = HOLD_IN_DOUBT;
	hear(s, "approve");
	assert_told("anna@corp.example", "Draft 17 is sent again.");
	hear(s, "drop");
	assert_told("anna@corp.example", "Draft 17 counts as sent.");
	hear(s, "help");
	assert_told("anna@corp.example", "treat it as sent");
	fake.answered.kind = HOLD_PROMPT_FAILED;
	hear(s, "approve");
	assert_told("anna@corp.example", "Draft 17 is tried once more.");
	hear(s, "drop");
	assert_told("anna@corp.example", "It stays unsent for those who");
}

/* Nobody lets go by mail what the mail did not show. */
static void a_cut_notice_approves_nothing(void **state)
{
	struct scene *s = *state;

	fake.answered.cut = true;
	hear(s, "approve");
	assert_int_equal(fake.n_decided, 0);
	assert_told("anna@corp.example", "imprimatur show 17 --raw");
	hear(s, "approve k7q4rm");
	assert_int_equal(fake.n_decided, 0);
	hear(s, "help");
	assert_null(strstr(last_mail()->bytes, "it leaves as it was shown"));
	hear(s, "drop");
	assert_int_equal(fake.n_decided, 1);
	fake.answered.cut = false;
}

static void a_maildir_is_kept_to(void **state)
{
	struct scene *s = *state;

	fake.answered.reviewer = "carol";
	s->reply.from = "carol@corp.example";
	hear(s, "approve");
	assert_told("carol@corp.example", "Approved.");
	assert_string_equal(last_mail()->maildir, "/var/mail/carol");
}

/* Free the room after n steps of an answer: it is given back once. */
static void the_room_may_go_at_any_step(void **state)
{
	static const char *const lines[] = {
	    "approve", "ask why?", "edit", "help"};
	struct scene *s = *state;
	const struct review_hooks hooks = {
	    .edit = on_edit, .moved = on_moved, .context = s};
	int line, steps, i;

	s->reply.words = "new text";
	for (line = 0; line < 4; line++)
		for (steps = 0; steps < 6; steps++) {
			s->n_done = 0;
			s->edit = NULL;
			s->reply.line = lines[line];
			review_answer(s->review, &s->answer);
			for (i = 0; i < steps; i++)
				fake_step();
			review_free(s->review);
			assert_int_equal(s->n_done, 1);
			if (s->edit != NULL)
				s->edit->done(s->edit);
			fake_run();
			assert_int_equal(s->n_done, 1);
			s->review = review_new(
			    s->base, &s->config, fake_hold(), &hooks);
			fake_run();
			fake_release();
		}
}

static void many_answers_at_once_do_not_mix(void **state)
{
	struct scene *s = *state;
	struct review_answer answers[10];
	int i;

	s->reply.line = "approve";
	for (i = 0; i < 10; i++) {
		answers[i] = s->answer;
		review_answer(s->review, &answers[i]);
	}
	fake_run();
	assert_int_equal(s->n_done, 10);
	assert_int_equal(fake.n_decided, 10);
}

int main(void)
{
#define ANSWER(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    ANSWER(approve_decides_and_gets_a_receipt),
	    ANSWER(an_answer_without_an_id_may_come_twice),
	    ANSWER(a_right_code_counts_in_either_case),
	    ANSWER(a_wrong_code_decides_nothing),
	    ANSWER(drop_carries_its_reason),
	    ANSWER(drop_knows_the_channels_reasons),
	    ANSWER(a_reason_may_be_wanted),
	    ANSWER(one_of_two_is_told_so),
	    ANSWER(claim_says_who_was_on_it),
	    ANSWER(delegate_names_a_reviewer),
	    ANSWER(what_was_sent_is_judged_afterwards),
	    ANSWER(revise_sends_back),
	    ANSWER(snooze_puts_off),
	    ANSWER(a_house_has_its_own_words),
	    ANSWER(undo_takes_back),
	    ANSWER(ask_reaches_all_the_others),
	    ANSWER(ask_alone_is_told_so),
	    ANSWER(an_edit_makes_a_revision_and_is_told_the_code),
	    ANSWER(an_edit_says_what_was_left_out),
	    ANSWER(a_quoted_line_decides_nothing),
	    ANSWER(an_edit_can_be_refused),
	    ANSWER(an_edit_can_come_too_late),
	    ANSWER(an_edit_that_cannot_be_written_comes_again),
	    ANSWER(an_edit_without_text_is_told_how),
	    ANSWER(an_edit_with_parts_of_the_notice_is_refused),
	    ANSWER(automatic_mail_is_neither_heard_nor_answered),
	    ANSWER(perhaps_automatic_mail_is_asked_about_once),
	    ANSWER(an_edit_is_heard_where_only_its_words_are_doubted),
	    ANSWER(an_unreadable_answer_gets_help_once),
	    ANSWER(what_is_no_command_gets_help_once),
	    ANSWER(what_says_that_it_is_automatic_is_not_answered),
	    ANSWER(what_is_below_a_command_may_undo_it),
	    ANSWER(a_banner_hides_a_command_until_it_is_known),
	    ANSWER(help_can_be_had_every_time),
	    ANSWER(help_after_its_time_comes_again),
	    ANSWER(only_the_reviewer_decides),
	    ANSWER(an_answer_from_elsewhere_is_refused),
	    ANSWER(each_level_wants_no_less),
	    ANSWER(a_late_answer_is_told_who_and_when),
	    ANSWER(the_same_person_twice_is_told_so),
	    ANSWER(a_changed_draft_is_said_to_be_changed),
	    ANSWER(undo_too_late_says_what_it_is_now),
	    ANSWER(no_authority_is_told),
	    ANSWER(trouble_with_the_disk_comes_again),
	    ANSWER(an_unknown_notice_is_let_go),
	    ANSWER(a_reviewer_who_has_gone_decides_nothing),
	    ANSWER(address_and_subject_must_mean_one_draft),
	    ANSWER(the_same_answer_has_the_same_key),
	    ANSWER(an_answers_id_cannot_make_a_header),
	    ANSWER(doubt_and_failure_have_their_own_words),
	    ANSWER(a_cut_notice_approves_nothing),
	    ANSWER(a_maildir_is_kept_to),
	    ANSWER(the_room_may_go_at_any_step),
	    ANSWER(many_answers_at_once_do_not_mix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
