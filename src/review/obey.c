/*
 * obey: one function for each command: what it needs, one decision, what is
 * told.  Who may say so is left to mail.c and said.c, the endings to hearing.c,
 * the decision to the ledger.
 */
#include "review/obey.h"

#include "review/amend.h"
#include "review/hearing.h"
#include "review/letter.h"
#include "review/proviso.h"
#include "review/question.h"
#include "review/reason.h"
#include "review/text.h"

#include "util/clock.h"
#include "util/log.h"
#include "util/nearest.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define WORDS_MAX    400  /* columns of a reason or a question */
#define REMARK_MAX   2000 /* of what an agent is to do better */
#define NAME_COLUMNS 64

/* ---- asking the others ---- */

static void ask_one(struct hearing *h, const struct config_reviewer *asked)
{
	const struct question question = {
	    .config = h->config,
	    .asker = h->reviewer,
	    .asked = asked,
	    .text = h->decide.text,
	    .view = &h->view,
	    .at_ms = clock_now_ms(),
	};
	struct buf bytes;

	buf_init(&bytes, LETTER_MAX);
	if (question_write(&question, h->arena, &bytes) == 0)
		hearing_post(h, asked, buf_span(&bytes),
		    arena_printf(h->arena, "%s %" PRId64 " %s",
			hearing_once(h, "question"), h->item.draft,
			asked->name));
	buf_release(&bytes);
}

/* The draft is here: ask everybody else, tell who was asked. */
static void ask_others(struct hearing *h)
{
	const struct config *config = h->config;
	const char *asked = NULL;
	size_t i;

	for (i = 0; i < config->n_reviewers; i++) {
		if (&config->reviewers[i] == h->reviewer)
			continue;
		ask_one(h, &config->reviewers[i]);
		asked = asked == NULL ? config->reviewers[i].name
				      : arena_printf(h->arena, "%s, %s", asked,
					    config->reviewers[i].name);
	}
	hearing_finish(h, RECEIPT_ASKED, asked);
}

static void on_viewed(struct hold_call *call)
{
	struct hearing *h = HEARING(call, view);

	h->viewed = call->error.kind == ERROR_NONE;
	if (hearing_gone(h))
		return;
	if (h->viewed)
		h->then(h);
	else
		hearing_fail(h, &call->error);
}

/* Look at the draft, then go on. */
static void view_and(struct hearing *h, void (*then)(struct hearing *))
{
	h->then = then;
	h->view.call.done = on_viewed;
	h->view.draft = h->item.draft;
	h->view.revision = h->item.number;
	hold_view(h->review->hold, &h->view);
}

/* ---- decisions ---- */

/* For the log. */
static const char *result_of(const struct error *err)
{
	return err->kind == ERROR_NONE ? "done" : error_kind_name(err->kind);
}

static void finish_approved(struct hearing *h)
{
	struct receipt receipt = hearing_receipt(h, RECEIPT_APPROVED);

	receipt.missing = h->decide.missing;
	receipt.until_ms = h->decide.due_ms;
	if (receipt.missing > 0)
		receipt.kind = RECEIPT_PART_APPROVED;
	hearing_finish_with(h, &receipt);
}

/* Something is to happen then. */
static void finish_later(
    struct hearing *h, enum receipt_kind kind, int64_t until_ms)
{
	struct receipt receipt = hearing_receipt(h, kind);

	receipt.text = h->decide.text;
	receipt.until_ms = until_ms;
	hearing_finish_with(h, &receipt);
}

/* It was done: say so. */
static void finish_done(struct hearing *h)
{
	const struct hold_decide *d = &h->decide;

	switch (d->verb) {
	case HOLD_APPROVE:
		finish_approved(h);
		return;
	case HOLD_ASK:
		view_and(h, ask_others);
		return;
	case HOLD_UNDO:
		hearing_finish(h, RECEIPT_UNDONE, NULL);
		return;
	case HOLD_REVISE:
		finish_later(h, RECEIPT_REVISING, d->due_ms);
		return;
	case HOLD_SNOOZE:
		finish_later(h, RECEIPT_SNOOZED, d->until_ms);
		return;
	case HOLD_CLAIM:
		hearing_finish(h, RECEIPT_CLAIMED,
		    d->prior.verb == 0 ? NULL : d->prior.actor);
		return;
	case HOLD_DELEGATE:
		hearing_finish(h, RECEIPT_DELEGATED, d->text);
		return;
	case HOLD_FINE:
		hearing_finish(h, RECEIPT_FINE, NULL);
		return;
	case HOLD_WRONG:
		hearing_finish(h, RECEIPT_WRONG, d->text);
		return;
	default:
		hearing_finish(h, RECEIPT_DROPPED, d->text);
	}
}

static void on_decided(struct hold_call *call)
{
	struct hearing *h = HEARING(call, decide);
	const struct hold_decide *d = &h->decide;

	if (hearing_gone(h))
		return;
	if (d->state != 0)
		h->state = d->state;
	log_info("notice %" PRId64 " answered draft=%" PRId64
		 " reviewer=%s verb=%s result=%s",
	    d->notice, d->draft, d->actor, hold_verb_name(d->verb),
	    result_of(&call->error));
	if (call->error.kind == ERROR_CONFLICT)
		hearing_finish_too_late(h, d->verb, &d->prior);
	else if (call->error.kind != ERROR_NONE)
		hearing_finish_error(h, &call->error, RECEIPT_REFUSED);
	else
		finish_done(h);
}

/* That which showed the draft that is spoken of now. */
static int64_t notice_of(const struct hearing *h)
{
	const struct review_said *said = h->answer->said;

	if (said == NULL || said->n_notices == 0)
		return h->answer->notice;
	return h->item.n > 0 && h->item.n <= said->n_notices
		   ? said->notices[h->item.n - 1]
		   : 0;
}

static void decide(struct hearing *h, enum hold_verb verb)
{
	struct hold_decide *d = &h->decide;

	d->call.done = on_decided;
	d->draft = h->item.draft;
	memcpy(d->revision, h->item.revision, DIGEST_SIZE);
	d->verb = verb;
	d->actor = h->reviewer->name;
	d->medium = h->medium;
	d->notice = notice_of(h);
	d->answer = hearing_answer(h);
	hold_decide(h->review->hold, d);
}

/* The person's words as one line; NULL: there are none. */
static const char *words_of(struct hearing *h, struct span words)
{
	return words.len == 0 ? NULL : text_line(h->arena, words, WORDS_MAX);
}

/* ---- one function for each command ---- */

/* Does the draft want a reason, and has none? */
static bool lacks_reason(const struct hearing *h, struct span words)
{
	return h->view.needs_reason && h->view.state == HOLD_HELD &&
	       words.len == 0;
}

static void approve_viewed(struct hearing *h)
{
	if (lacks_reason(h, h->command.because)) {
		hearing_finish(h, RECEIPT_NEEDS_REASON, NULL);
		return;
	}
	h->decide.text = words_of(h, h->command.because);
	decide(h, HOLD_APPROVE);
}

static void approve(struct hearing *h)
{
	struct span code = h->command.rest;

	if (h->item.cut) {
		hearing_finish(h, RECEIPT_REFUSED,
		    h->answer->move != NULL
			? "a mail in a folder cannot show all that matters of "
			  "this draft; its notice says what, and can be "
			  "answered"
			: arena_printf(h->arena,
			      "the notice could not show the whole text; read "
			      "it "
			      "with: imprimatur show %" PRId64
			      " --raw, then approve "
			      "it on the command line: imprimatur approve "
			      "%" PRId64 " %s",
			      h->item.draft, h->item.draft, h->item.code));
		return;
	}
	if (code.len > 0 &&
	    (code.len != strlen(h->item.code) ||
		strncasecmp(code.data, h->item.code, code.len) != 0)) {
		log_info("notice %" PRId64 " wrong-code reviewer=%s",
		    h->answer->notice, h->reviewer->name);
		hearing_finish(h, RECEIPT_WRONG_CODE,
		    arena_dup(h->arena, code.data, code.len));
		return;
	}
	if (h->answer->unbound && code.len == 0) {
		hearing_finish(h, RECEIPT_REFUSED,
		    hearing_by_chat(h)
			? "your approval needs the code of the mail that you "
			  "read; it stands below it"
			: arena_printf(h->arena,
			      "your mail server does not sign whom your mail "
			      "is to, so the approval needs the code of what "
			      "you were shown: approve %s",
			      h->item.code));
		return;
	}
	view_and(h, approve_viewed);
}

/*
 * Take category and words of a reason.  A category that is nearly one is asked
 * about where a reason must be given; elsewhere it is the person's own words.
 */
static void give_reason(struct hearing *h, enum hold_verb verb)
{
	const struct review_said *said = h->answer->said;
	struct reason reason =
	    reason_read(h->arena, hearing_channel(h), h->command.rest);

	if (said != NULL && said->category != NULL && reason.category == NULL) {
		hearing_finish(h, RECEIPT_REFUSED,
		    arena_printf(
			h->arena, "'%.63s' is no reason here", said->category));
		return;
	}
	if (verb == HOLD_DROP && lacks_reason(h, h->command.rest)) {
		hearing_finish(h, RECEIPT_NEEDS_REASON, NULL);
		return;
	}
	if (h->view.needs_reason && reason.meant != NULL) {
		hearing_finish(h, RECEIPT_WHICH_REASON, reason.meant);
		return;
	}
	h->decide.category = reason.category;
	reason.words = text_span(words_of(h, reason.words));
	h->decide.text = reason_text(h->arena, &reason);
	decide(h, verb);
}

static void drop_viewed(struct hearing *h)
{
	give_reason(h, HOLD_DROP);
}

static void drop(struct hearing *h)
{
	view_and(h, drop_viewed);
}

static void undo(struct hearing *h)
{
	decide(h, HOLD_UNDO);
}

static void ask(struct hearing *h)
{
	h->decide.text = words_of(h, h->command.rest);
	decide(h, HOLD_ASK);
}

static void claim(struct hearing *h)
{
	decide(h, HOLD_CLAIM);
}

/* The name, however it is written; or who may have been meant. */
static void delegate(struct hearing *h)
{
	const struct config *config = h->config;
	const char *name = text_line(h->arena, h->command.rest, NAME_COLUMNS);
	char meant[NEAREST_SIZE];
	struct nearest nearest;
	size_t i;

	nearest_init(&nearest, name);
	for (i = 0; i < config->n_reviewers; i++) {
		nearest_try(&nearest, config->reviewers[i].name);
		if (strcasecmp(config->reviewers[i].name, name) == 0)
			h->decide.text = config->reviewers[i].name;
	}
	if (h->decide.text != NULL) {
		decide(h, HOLD_DELEGATE);
		return;
	}
	hearing_finish(h, RECEIPT_REFUSED,
	    arena_printf(h->arena, "there is no reviewer '%s'%s", name,
		nearest_text(&nearest, meant)));
}

/* Was this notice about a mail that has left already? */
static bool asked_afterwards(struct hearing *h)
{
	if (h->item.kind == HOLD_PROMPT_AFTER)
		return true;
	hearing_finish(h, RECEIPT_REFUSED,
	    "\"fine\" and \"wrong\" are for mail that left without review; "
	    "this one is not such a mail: answer approve or drop");
	return false;
}

static void fine(struct hearing *h)
{
	if (asked_afterwards(h))
		decide(h, HOLD_FINE);
}

static void wrong_viewed(struct hearing *h)
{
	give_reason(h, HOLD_WRONG);
}

static void wrong(struct hearing *h)
{
	if (asked_afterwards(h))
		view_and(h, wrong_viewed);
}

static void help_viewed(struct hearing *h)
{
	hearing_finish(h, RECEIPT_HELP, NULL);
}

static void help(struct hearing *h)
{
	view_and(h, help_viewed);
}

static bool is_blank(const char *words)
{
	return words == NULL || words[strspn(words, " \t\r\n")] == '\0';
}

/* As one line, without the blanks that line ends became. */
static const char *trimmed_line(struct hearing *h, const char *words)
{
	size_t len = strlen(words);

	while (len > 0 && strchr(" \t\r\n", words[len - 1]) != NULL)
		len--;
	return text_line(h->arena, (struct span){words, len}, REMARK_MAX);
}

/* Lines at the front of words, up to the first empty one. */
static struct span paragraph_of(struct span words)
{
	struct span rest = words, line;
	size_t len = 0;

	while (text_next_line(&rest, &line) && line.len > 0)
		len = (size_t)(line.data - words.data) + line.len;
	words.len = len;
	return words;
}

/*
 * The remark stands behind the verb and goes on directly below it, where mail
 * programs break lines; or it is all that stands below a verb alone.
 */
static const char *remark_of(struct hearing *h)
{
	struct span rest = h->command.rest, words = text_span(h->words);

	if (rest.len == 0)
		return is_blank(h->words) ? NULL : h->words;
	if (h->apart)
		words.len = 0;
	words = paragraph_of(words);
	return arena_printf(h->arena, "%.*s\n%.*s", (int)rest.len, rest.data,
	    (int)words.len, words.data);
}

static void revise(struct hearing *h)
{
	const char *remark = remark_of(h), *why;

	if (remark == NULL) {
		hearing_finish(h, RECEIPT_REFUSED,
		    "say what is to be made better, in the same line: revise "
		    "<remark>");
		return;
	}
	why = amend_leak(h, remark);
	if (why != NULL) {
		hearing_finish(h, RECEIPT_REFUSED, why);
		return;
	}
	h->decide.text = trimmed_line(h, remark);
	decide(h, HOLD_REVISE);
}

static void snooze(struct hearing *h)
{
	unsigned most_s = h->config->review.snooze_s;
	char span[CLOCK_ISO_SIZE];

	if (h->command.span_s > most_s) {
		hearing_finish(h, RECEIPT_REFUSED,
		    arena_printf(h->arena, "it can be put off for %s at most",
			clock_span((int64_t)most_s * 1000, span)));
		return;
	}
	h->decide.until_ms = clock_now_ms() + (int64_t)h->command.span_s * 1000;
	decide(h, HOLD_SNOOZE);
}

/* Is what stands below the first line a command? */
static bool is_lower(struct hearing *h)
{
	const struct grammar_words house = {
	    h->config->review.n_words, h->config->review.words};
	struct span rest = text_span(h->words), line = {"", 0};
	struct grammar_command command;

	while (line.len == 0 && text_next_line(&rest, &line))
		;
	grammar_read_with(&house, line, &command);
	return command.verb != GRAMMAR_NONE;
}

static void not_a_command(struct hearing *h)
{
	struct receipt receipt = hearing_receipt(h, RECEIPT_NOT_A_COMMAND);

	receipt.text = h->line;
	receipt.lower = is_lower(h);
	hearing_finish_seldom_with(h, &receipt);
}

static void (*const commands[])(struct hearing *) = {
    [GRAMMAR_NONE] = not_a_command,
    [GRAMMAR_APPROVE] = approve,
    [GRAMMAR_DROP] = drop,
    [GRAMMAR_EDIT] = amend,
    [GRAMMAR_ASK] = ask,
    [GRAMMAR_UNDO] = undo,
    [GRAMMAR_CLAIM] = claim,
    [GRAMMAR_DELEGATE] = delegate,
    [GRAMMAR_FINE] = fine,
    [GRAMMAR_WRONG] = wrong,
    [GRAMMAR_REVISE] = revise,
    [GRAMMAR_SNOOZE] = snooze,
    [GRAMMAR_HELP] = help,
};

/* What stands below it makes it unclear. */
static bool is_unclear(struct hearing *h)
{
	const struct grammar_words house = {
	    h->config->review.n_words, h->config->review.words};
	const struct reading_reply *reply = h->answer->reply;
	struct span at = proviso_find(&house, &h->command, text_span(h->words),
	    text_span(reply == NULL ? NULL : reply->below));

	if (at.len == 0)
		return false;
	log_info("notice %" PRId64 " answer-unclear reviewer=%s",
	    h->answer->notice, h->reviewer->name);
	hearing_finish(h, RECEIPT_REFUSED,
	    arena_printf(h->arena,
		"below your command is \"%s\", so it is not clear what you "
		"want; answer again with the command alone",
		text_line(h->arena, at, NAME_COLUMNS)));
	return true;
}

void obey(struct hearing *h)
{
	if (is_unclear(h))
		return;
	commands[h->command.verb](h);
}
