/*
 * Tests of notices: whatever a draft says, the header is exactly ours, and no
 * word of the draft stands where a line begins.
 */
#include "review/notice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/calendar.h"
#include "review/letter.h"
#include "review/text.h"
#include "sample.h"
#include "unmail.h"

#define TOKEN "d-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@review.corp.example"

static const char *const fields[] = {"From", "To", "Reply-To", "Subject",
    "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted",
    "X-Auto-Response-Suppress", "List-Id", "Precedence", "MIME-Version",
    "Content-Type", NULL};

struct written {
	struct arena *arena;
	struct buf mail;
	const char *id;
	char *text, *html, *subject;
};

static const char *const kinds_begin[] = {
    [HOLD_PROMPT_DECIDE] = "Imprimatur asks you: may this mail leave",
    [HOLD_PROMPT_DOUBT] = "Imprimatur asks you: did this mail arrive?",
    [HOLD_PROMPT_FAILED] = "Imprimatur asks you: what to do with a mail",
    [HOLD_PROMPT_OUTCOME] = "Imprimatur asks you: nothing any more",
};

static void write_it(
    struct written *w, enum hold_prompt_kind kind, const struct hold_view *view)
{
	struct notice notice = {
	    .config = sample_config(),
	    .reviewer = &sample_config()->reviewers[0],
	    .kind = kind,
	    .view = view,
	    .reply_to = TOKEN,
	    .at_ms = 1795262140000,
	};

	buf_init(&w->mail, LETTER_MAX);
	w->id = notice_write(&notice, w->arena, &w->mail);
	assert_non_null(w->id);
	unmail_check(buf_span(&w->mail), fields);
	w->text = unmail_body(buf_span(&w->mail), "text/plain");
	w->html = unmail_body(buf_span(&w->mail), "text/html");
	w->subject = unmail_subject(buf_span(&w->mail));
}

static void release(struct written *w)
{
	buf_release(&w->mail);
	free(w->text);
	free(w->html);
	free(w->subject);
}

static void assert_in(const char *haystack, const char *needle)
{
	if (strstr(haystack, needle) == NULL)
		fail_msg("no \"%s\" in: %s", needle, haystack);
}

static void assert_not_in(const char *haystack, const char *needle)
{
	if (strstr(haystack, needle) != NULL)
		fail_msg("\"%s\" in: %s", needle, haystack);
}

static void the_plain_one_says_what_is_needed(void **state)
{
	struct written w = {.arena = arena_new()};
	char *value;

	(void)state;
	write_it(&w, HOLD_PROMPT_DECIDE, sample_view(w.arena));
	assert_memory_equal(w.text, "Imprimatur asks you", 19);
	assert_in(w.text, "\n  approve k7q4rm  ");
	assert_in(w.text, "\n  drop <reason> ");
	assert_in(w.text, "\n  edit ");
	assert_in(w.text, "\n  ask <question> ");
	assert_in(w.text, "\nGoes to: max@customer.example\n");
	assert_in(w.text, "\nRevision: 1, code k7q4rm\n");
	assert_in(w.text, "\n| Dear Max,\n| \n| thank you");
	assert_true(strstr(w.text, "Goes to:") < strstr(w.text, "Subject:"));
	assert_true(
	    strstr(w.text, "Held because:") < strstr(w.text, "| Dear Max"));
	assert_string_equal(
	    w.subject, "[review] Your refund for order 4711 (draft 17)");
	assert_memory_equal(w.id, "<imp.17.r1.", 11);
	value = unmail_field(buf_span(&w.mail), "References");
	assert_string_equal(value, " <imp.17@relay.corp.example>");
	free(value);
	value = unmail_field(buf_span(&w.mail), "Reply-To");
	assert_string_equal(value, " <" TOKEN ">");
	free(value);
	value = unmail_field(buf_span(&w.mail), "Auto-Submitted");
	assert_string_equal(value, " auto-generated");
	free(value);
	release(&w);
	arena_free(w.arena);
}

/* Reviewer anna in Berlin. */
static void write_to_berlin(
    struct written *w, enum hold_prompt_kind kind, const struct hold_view *view)
{
	struct config_reviewer anna = sample_config()->reviewers[0];
	const struct calendar_plan plan = {"home", "Europe/Berlin", NULL, NULL};
	struct notice notice = {
	    .config = sample_config(),
	    .reviewer = &anna,
	    .kind = kind,
	    .view = view,
	    .reply_to = TOKEN,
	    .at_ms = SAMPLE_NOON + 10 * 60000,
	};

	anna.calendar = calendar_new(w->arena, &plan, NULL);
	buf_init(&w->mail, LETTER_MAX);
	w->id = notice_write(&notice, w->arena, &w->mail);
	unmail_check(buf_span(&w->mail), fields);
	w->text = unmail_body(buf_span(&w->mail), "text/plain");
	w->html = unmail_body(buf_span(&w->mail), "text/html");
	w->subject = unmail_subject(buf_span(&w->mail));
}

static void a_channel_says_how_grave_and_by_when(void **state)
{
	struct written w = {.arena = arena_new()};

	(void)state;
	write_to_berlin(&w, HOLD_PROMPT_DECIDE, sample_routed(w.arena));
	assert_string_equal(
	    w.subject, "[review] high: Your refund for order 4711 (draft 17)");
	assert_in(w.text, "\nSeverity: ! high\n");
	assert_in(w.text, "\nChannel: support (answers to customers)\n");
	assert_in(w.text,
	    "\nDecide by: Mon 23 Nov 2026, 09:30 +0100 (Europe/Berlin)\n");
	assert_in(w.text, "\nApprovals: 1 of 2 people approved: bob\n");
	assert_in(w.text, "\nClaimed: ! carol opened it 2 min ago\n");
	assert_in(w.text, "2 people must approve it before it leaves. 1 of 2");
	assert_in(w.text, "This one wants a reason");
	assert_in(w.text, "\n  approve k7q4rm because <reason>\n   ");
	assert_in(w.text, "\n  claim ");
	assert_in(w.text, "\n  delegate <name> ");
	assert_in(w.text, "\nReasons: drop wrong-price | wrong-recipient | "
			  "tone |\nmade-up-fact;");
	/* the heaviest first, values before names */
	assert_in(w.text,
	    "Checks found:\n"
	    "| ! 12,000 euros (amount: 12000.00 EUR)\n"
	    "| ! the text speaks of a lawyer (legal, by words)\n"
	    "| nobody wrote to max@customer.example before (first-contact)\n");
	assert_in(w.html, "&amp;body=approve%20k7q4rm%20because\"");
	assert_in(w.html, "&amp;body=drop%20wrong-price\"");
	release(&w);
	arena_free(w.arena);
}

static void a_reminder_says_so(void **state)
{
	struct written w = {.arena = arena_new()};
	struct hold_view *view = sample_routed(w.arena);

	(void)state;
	view->deadline_ms = SAMPLE_NOON + 70 * 60000;
	write_to_berlin(&w, HOLD_PROMPT_REMIND, view);
	assert_in(w.text,
	    "Imprimatur asks you: Reminder: may this mail leave? (draft 17)");
	assert_string_equal(w.subject,
	    "[review] Reminder: high: Your refund for order 4711 (draft 17)");
	assert_in(w.text, "It has waited for 10 min. Decide by Sat 21 Nov "
			  "2026, 14:05 +0100\n(Europe/Berlin): in 60 min.");
	release(&w);
	view->deadline_ms = SAMPLE_NOON;
	write_to_berlin(&w, HOLD_PROMPT_REMIND, view);
	assert_in(w.text, "that was 10 min ago.");
	assert_in(w.text, ", which has passed");
	release(&w);
	arena_free(w.arena);
}

static void what_was_sent_is_asked_about(void **state)
{
	struct written w = {.arena = arena_new()};
	struct hold_view *view = sample_routed(w.arena);

	(void)state;
	view->state = HOLD_SENT;
	write_it(&w, HOLD_PROMPT_AFTER, view);
	assert_in(w.text, "Imprimatur asks you: it was sent; was that right?");
	assert_in(w.text, "\n  fine ");
	assert_in(w.text, "\n  wrong <reason> ");
	assert_in(w.text, "Reasons: wrong wrong-price | ");
	assert_not_in(w.text, "\n  approve");
	assert_not_in(w.text, "Decide by");
	assert_in(w.text, "| Dear Max");
	assert_in(w.html, "&amp;body=wrong%20tone\"");
	release(&w);
	arena_free(w.arena);
}

static void outcomes_that_no_person_made(void **state)
{
	struct written w = {.arena = arena_new()};
	struct hold_view *view = sample_routed(w.arena);
	static struct hold_decision by_deadline = {HOLD_APPROVE, "deadline",
	    "ladder", "the deadline passed: no decision after 4 h", "k7q4rm",
	    SAMPLE_NOON, NULL, NULL};

	(void)state;
	view->state = HOLD_EXPIRED;
	write_it(&w, HOLD_PROMPT_OUTCOME, view);
	assert_in(w.text, "nothing any more, it is expired");
	release(&w);
	view->state = HOLD_APPROVED;
	view->n_decisions = 1;
	view->decisions = &by_deadline;
	write_it(&w, HOLD_PROMPT_OUTCOME, view);
	assert_in(w.text, "nothing any more, the deadline approved it");
	release(&w);
	view = sample_routed(w.arena);
	write_it(&w, HOLD_PROMPT_OUTCOME, view); /* carol's claim */
	assert_in(w.text, "nothing new, carol opened it");
	assert_in(w.text, "It still waits for a decision.");
	release(&w);
	arena_free(w.arena);
}

static void the_buttons_open_ready_answers(void **state)
{
	struct written w = {.arena = arena_new()};

	(void)state;
	write_it(&w, HOLD_PROMPT_DECIDE, sample_view(w.arena));
	assert_in(w.html,
	    "href=\"mailto:" TOKEN
	    "?subject=Re%3A%20%5Breview%5D%20Your%20refund%20for%20order%20"
	    "4711%20%28draft%2017%29&amp;body=approve%20k7q4rm\"");
	assert_in(w.html, "&amp;body=drop\"");
	release(&w);
	write_it(&w, HOLD_PROMPT_DOUBT, sample_view(w.arena));
	assert_in(w.html, "&amp;body=approve%20k7q4rm\"");
	assert_in(w.html, ">Send again</a>");
	assert_in(w.html, "&amp;body=drop\"");
	assert_in(w.html, ">Treat as sent</a>");
	release(&w);
	write_it(&w, HOLD_PROMPT_FAILED, sample_view(w.arena));
	assert_in(w.html, ">Try again</a>");
	assert_not_in(w.html, "body=drop");
	assert_in(w.text, "  drop ");
	release(&w);
	arena_free(w.arena);
}

static void buttons_do_not_touch(void **state)
{
	struct written w = {.arena = arena_new()};
	const char *first, *gap;

	(void)state;
	write_it(&w, HOLD_PROMPT_DECIDE, sample_view(w.arena));
	first = strstr(w.html, ">Approve</a>");
	gap = strstr(first, "width:16px");
	assert_non_null(gap);
	assert_true(gap < strstr(first, ">Drop</a>"));
	release(&w);
	arena_free(w.arena);
}

/* Our own 4.4.7 is no refusal. */
static void who_was_not_reached_did_not_refuse(void **state)
{
	struct written w = {.arena = arena_new()};
	struct hold_view *view = sample_view(w.arena);
	size_t i;

	(void)state;
	for (i = 0; i < view->n_recipients; i++) {
		view->recipients[i].state = "failed";
		view->recipients[i].answer = "4.4.7 tried for too long";
	}
	write_it(&w, HOLD_PROMPT_FAILED, view);
	assert_in(w.text, "could not be reached");
	assert_not_in(w.text, "refused");
	release(&w);
	view->recipients[0].answer = "550 5.1.1 nobody";
	write_it(&w, HOLD_PROMPT_FAILED, view);
	assert_in(w.text, "refused it");
	release(&w);
	arena_free(w.arena);
}

/* The part of the document that could reach out or run. */
static void assert_harmless(const char *html)
{
	static const char *const never[] = {"<script", "<img", "<style",
	    "<link", "<iframe", "<form", "<object", "<base", "<a href=\"http",
	    "url(", "@import", "\xe2\x80\xae"};
	const char *at = html;
	size_t i;

	for (i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		assert_not_in(html, never[i]);
	while ((at = strstr(at, "href=\"")) != NULL) {
		at += strlen("href=\"");
		assert_memory_equal(at, "mailto:d-", 9);
	}
}

static void a_hostile_draft_stays_text(void **state)
{
	struct written w = {.arena = arena_new()};
	int kind;

	(void)state;
	for (kind = HOLD_PROMPT_DECIDE; kind <= HOLD_PROMPT_OUTCOME; kind++) {
		write_it(
		    &w, (enum hold_prompt_kind)kind, sample_hostile(w.arena));
		assert_memory_equal(
		    w.text, kinds_begin[kind], strlen(kinds_begin[kind]));
		assert_harmless(w.html);
		assert_not_in(w.text, "\napprove");
		assert_not_in(w.text, "\nBcc");
		assert_not_in(w.text, "\xe2\x80\xae");
		assert_not_in(w.text, "\x1b");
		assert_true(strlen(w.subject) < 120);
		release(&w);
	}
	arena_free(w.arena);
}

static void many_empty_lines_are_counted(void **state)
{
	struct written w = {.arena = arena_new()};
	struct hold_view *view = sample_view(w.arena);

	(void)state;
	sample_text(view, "wanted\n\n\n\n\n\n\n\n\npayload\n\n\n\n\n\nend\n");
	write_it(&w, HOLD_PROMPT_DECIDE, view);
	assert_in(w.text, "| wanted\n(8 empty lines)\n| payload\n| \n| \n");
	assert_in(w.html, "(8 empty lines)</i>\npayload\n\n\n");
	release(&w);
	arena_free(w.arena);
}

static void a_cut_text_says_how_much_is_missing(void **state)
{
	struct written w = {.arena = arena_new()};
	struct hold_view *view = sample_view(w.arena);
	const char *first;

	(void)state;
	view->reading->text_total = view->reading->text.len + 34567;
	write_it(&w, HOLD_PROMPT_DECIDE, view);
	first = strstr(w.text, "35 KB");
	assert_non_null(first);
	assert_true(first < strstr(w.text, "| Dear Max"));
	assert_in(strstr(w.text, "(end of the text)"), "35 KB");
	assert_in(w.text, "imprimatur show 17 --raw");
	assert_in(w.text, "imprimatur approve 17 k7q4rm");
	assert_in(w.html, "35 KB");
	assert_not_in(w.text, "it leaves, as shown");
	assert_not_in(w.text, "\n  approve");
	assert_not_in(w.html, "body=approve");
	assert_in(w.html, "body=drop");
	release(&w);
	arena_free(w.arena);
}

static void what_cannot_be_read_cannot_be_approved(void **state)
{
	struct written w = {.arena = arena_new()};
	struct hold_view *view = sample_view(w.arena);

	(void)state;
	view->reading->trouble = "the reader crashed";
	write_it(&w, HOLD_PROMPT_DECIDE, view);
	assert_in(w.text, "the reader crashed");
	assert_not_in(w.text, "  approve");
	assert_not_in(w.html, "body=approve");
	assert_in(w.html, "body=drop");
	assert_not_in(w.text, "Dear Max");
	release(&w);
	arena_free(w.arena);
}

static void an_edit_is_shown_as_a_difference(void **state)
{
	struct written w = {.arena = arena_new()};

	(void)state;
	write_it(&w, HOLD_PROMPT_DECIDE, sample_edited(w.arena));
	assert_in(w.text, "may this mail leave, as it was edited?");
	assert_in(w.text, "\nWhat anna changed:\n");
	assert_in(w.text, "\n| - broken. We refund the 89.90 EUR");
	assert_in(w.text, "\n| + broken. We refund the 98.90 EUR");
	assert_in(w.text, "\nThe whole new text:\n| Dear Max,\n");
	assert_in(w.text, "approve bf2x6a");
	assert_in(w.html, ">89.90</del>");
	assert_in(w.html, ">98.90</ins>");
	assert_memory_equal(w.id, "<imp.17.r2.", 11);
	release(&w);
	arena_free(w.arena);
}

static void all_recipients_are_there_outside_first(void **state)
{
	struct written w = {.arena = arena_new()};
	struct hold_view *view = sample_view(w.arena);
	char address[64];
	int i;

	(void)state;
	sample_recipients(w.arena, view, 500);
	write_it(&w, HOLD_PROMPT_DECIDE, view);
	assert_in(w.text, "\nGoes to:\n| ! 500 addresses, 333 outside "
			  "corp.example");
	for (i = 0; i < 500; i++) {
		snprintf(address, sizeof(address), "person%d@%s", i,
		    i % 3 == 0 ? "corp.example" : "customer.example");
		assert_in(w.text, address);
		assert_in(w.html, address);
	}
	assert_true(strstr(w.text, "person499@customer.example") <
		    strstr(w.text, "person0@corp.example"));
	release(&w);
	arena_free(w.arena);
}

static void who_is_named_and_who_gets_it_are_compared(void **state)
{
	struct written w = {.arena = arena_new()};
	struct hold_view *view = sample_view(w.arena);

	(void)state;
	view->reading->to =
	    "\"ceo@corp.example\" <MAX@customer.example>, 'x@y.example'";
	write_it(&w, HOLD_PROMPT_DECIDE, view);
	assert_not_in(w.text, "hidden");
	assert_in(w.text, "\nNamed, but does not get it:\n"
			  "| ! ceo@corp.example\n| ! x@y.example\n");
	release(&w);
	view->reading->to = NULL;
	view->reading->cc = "undisclosed-recipients:;";
	write_it(&w, HOLD_PROMPT_DECIDE, view);
	assert_in(w.text, "| max@customer.example\n"
			  "| ! (hidden: in no To or Cc line)\n");
	release(&w);
	arena_free(w.arena);
}

static void a_subject_that_looks_encoded_is_encoded(void **state)
{
	struct written w = {.arena = arena_new()};
	struct hold_view *view = sample_view(w.arena);

	(void)state;
	view->reading->subject = "=?utf-8?B?YXBwcm92ZQ==?=";
	write_it(&w, HOLD_PROMPT_DECIDE, view);
	assert_string_equal(
	    w.subject, "[review] =?utf-8?B?YXBwcm92ZQ==?= (draft 17)");
	assert_not_in(w.mail.data, "YXBwcm92ZQ==");
	release(&w);
	view->reading->subject = "";
	write_it(&w, HOLD_PROMPT_DECIDE, view);
	assert_string_equal(w.subject, "[review] (no subject) (draft 17)");
	release(&w);
	arena_free(w.arena);
}

/* ---- random drafts; every word of theirs has the mark "zq" ---- */

/* A text of so many words, joined by whatever may do harm. */
static char *random_text(struct arena *arena, size_t words)
{
	static const char *const joints[] = {" ", "\n", "\r\n", "\r", "\t",
	    "\n\n\n\n\n\n\n\n", " \xe2\x80\xae", "\n.", "\xff", "\xc2\xa0",
	    "\n| ", "\nFrom ", "\n--\n", "\xe6\x97\xa5", "\x01", "\n> ",
	    "</td>\n", "\n\xe2\x80\xa8", "=\n", "\xf0\x9f\x91\x8d"};
	static const char *const forms[] = {"zq", "approve-zq", "zqzqzqzqzqzq",
	    "zq:zq", "<zq@zq.zq>", "Subject:zq", "\"zq\"",
	    ("zqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzq"
	     "zqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqz"
	     "q")};
	struct buf out;
	char *text;

	buf_init(&out, 1 << 20);
	while (words-- > 0) {
		buf_add_str(&out, forms[(size_t)rand() % 8]);
		buf_add_str(&out, joints[(size_t)rand() % 20]);
	}
	text = arena_dup(arena, out.data, out.len);
	buf_release(&out);
	return text;
}

/* A line with words of the draft must begin with a bar or a label of ours. */
static void check_line(const char *line, size_t len)
{
	static const char *const labels[] = {"Goes to: ", "Subject: ", "From: ",
	    "Sender: ", "Held because: ", "Agent's ", "Cc, as ", "To, as ",
	    "Checks found: ", "Attachments: ", "Answers go to: ", "Named, but ",
	    "Sender, as ", "Revision: "};
	size_t i;

	if (memmem(line, len, "zq", 2) == NULL)
		return;
	if (len >= 2 && memcmp(line, "| ", 2) == 0)
		return;
	for (i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (len > strlen(labels[i]) &&
		    memcmp(line, labels[i], strlen(labels[i])) == 0)
			return;
	fail_msg("a draft's words begin a line: %.*s", (int)len, line);
}

static void check_text(const char *text)
{
	const char *end;
	char *copy;

	for (; *text != '\0'; text = end + (*end == '\n')) {
		end = strchrnul(text, '\n');
		check_line(text, (size_t)(end - text));
		copy = strndup(text, (size_t)(end - text));
		if (text_columns(copy) > 80)
			fail_msg("a long line: %s", copy);
		free(copy);
	}
}

static void fill_randomly(struct arena *arena, struct hold_view *view)
{
	struct reading *r = view->reading;
	static struct finding finding;
	static struct reading_part part;

	r->subject = random_text(arena, 1 + (size_t)rand() % 20);
	r->from = random_text(arena, 3);
	r->to = random_text(arena, (size_t)rand() % 9);
	r->cc = random_text(arena, 3);
	r->sender = random_text(arena, 2);
	r->reply_to = random_text(arena, 2);
	r->context.why = random_text(arena, 9);
	r->context.sources = random_text(arena, 9);
	r->context.prompt = random_text(arena, 60);
	view->reason = random_text(arena, 4);
	view->rule = random_text(arena, 1);
	finding = (struct finding){random_text(arena, 1), random_text(arena, 5),
	    FINDING_CAUTION, NULL, NULL};
	r->n_findings = 1;
	r->findings = &finding;
	part = (struct reading_part){.type = random_text(arena, 1),
	    .filename = random_text(arena, 4),
	    .size = 17};
	r->n_parts = 1;
	r->parts = &part;
	sample_text(view, random_text(arena, (size_t)rand() % 200));
	if (rand() % 2) {
		view->number = view->current = 2;
		view->before = text_span(random_text(arena, 100));
	}
}

static void random_drafts_never_begin_a_line(void **state)
{
	struct written w;
	struct hold_view *view;
	int i;

	(void)state;
	srand(4711);
	for (i = 0; i < 400; i++) {
		w.arena = arena_new();
		view = sample_view(w.arena);
		fill_randomly(w.arena, view);
		write_it(&w,
		    (enum hold_prompt_kind)(1 + i % HOLD_PROMPT_OUTCOME), view);
		check_text(w.text);
		assert_harmless(w.html);
		release(&w);
		arena_free(w.arena);
	}
}

/* 100 kB of it, one long line and many short ones. */
static void large_fields_are_cut_with_a_mark(void **state)
{
	struct written w = {.arena = arena_new()};
	struct hold_view *view = sample_view(w.arena);
	char *large = arena_alloc(w.arena, 100001);

	(void)state;
	memset(large, 'x', 100000);
	view->reading->subject = large;
	view->reading->from = large;
	view->reading->context.why = large;
	view->agent = large;
	write_it(&w, HOLD_PROMPT_DECIDE, view);
	assert_in(w.subject, "\xe2\x80\xa6 (draft 17)");
	assert_true(strlen(w.subject) < 100);
	assert_in(w.text, "(99601 more characters)");
	assert_true(strlen(w.text) < 10000);
	release(&w);
	memset(large, '\n', 100000);
	write_it(&w, HOLD_PROMPT_DECIDE, view);
	assert_in(w.text, "(99960 more lines)");
	assert_true(strlen(w.text) < 10000);
	release(&w);
	arena_free(w.arena);
}

static void the_largest_texts_fit(void **state)
{
	static char old_text[READING_TEXT_MAX], new_text[READING_TEXT_MAX];
	struct written w = {.arena = arena_new()};
	struct hold_view *view = sample_view(w.arena);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(new_text); i++) {
		old_text[i] = i % 2 ? '\n' : '&';
		new_text[i] = i % 2 ? '\n' : '\xff';
	}
	view->number = view->current = 2;
	view->before = (struct span){old_text, sizeof(old_text)};
	view->reading->text = (struct span){new_text, sizeof(new_text)};
	view->reading->text_total = sizeof(new_text);
	write_it(&w, HOLD_PROMPT_DECIDE, view);
	assert_in(w.text, "Too much changed");
	release(&w);
	arena_free(w.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_plain_one_says_what_is_needed),
	    cmocka_unit_test(a_channel_says_how_grave_and_by_when),
	    cmocka_unit_test(a_reminder_says_so),
	    cmocka_unit_test(what_was_sent_is_asked_about),
	    cmocka_unit_test(outcomes_that_no_person_made),
	    cmocka_unit_test(the_buttons_open_ready_answers),
	    cmocka_unit_test(buttons_do_not_touch),
	    cmocka_unit_test(who_was_not_reached_did_not_refuse),
	    cmocka_unit_test(a_hostile_draft_stays_text),
	    cmocka_unit_test(many_empty_lines_are_counted),
	    cmocka_unit_test(a_cut_text_says_how_much_is_missing),
	    cmocka_unit_test(what_cannot_be_read_cannot_be_approved),
	    cmocka_unit_test(an_edit_is_shown_as_a_difference),
	    cmocka_unit_test(all_recipients_are_there_outside_first),
	    cmocka_unit_test(who_is_named_and_who_gets_it_are_compared),
	    cmocka_unit_test(a_subject_that_looks_encoded_is_encoded),
	    cmocka_unit_test(random_drafts_never_begin_a_line),
	    cmocka_unit_test(large_fields_are_cut_with_a_mark),
	    cmocka_unit_test(the_largest_texts_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
