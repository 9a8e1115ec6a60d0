/*
 * mail: the steps of an answer, in order: readable?  a person's?  of which
 * notice?  from its reviewer?  a command?  Anything that is not a clear "yes"
 * on the way changes nothing.  The endings are hearing.c's, the decision is
 * the ledger's.
 */
#include "review/mail.h"

#include "review/hearing.h"
#include "review/letter.h"
#include "review/question.h"
#include "review/text.h"

#include "message.h"

#include "util/clock.h"
#include "util/log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MEDIUM	   "mail"
#define WORDS_MAX  400			 /* columns of a reason or a question */
#define SENTINEL   "Imprimatur asks you" /* how each notice begins */
#define DRAFT_MARK "(draft "		 /* in each notice's subject */

/* ---- asking the others ---- */

static void ask_one(struct hearing *h, const struct config_reviewer *asked)
{
	const struct question question = {
	    .config = h->review->config,
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
		    arena_printf(h->arena, "%s %s", hearing_once(h, "question"),
			asked->name));
	buf_release(&bytes);
}

/* The draft is here: ask everybody else, tell who was asked. */
static void on_viewed(struct hold_call *call)
{
	struct hearing *h = HEARING(call, view);
	const struct config *config;
	const char *asked = NULL;
	size_t i;

	h->viewed = call->error.kind == ERROR_NONE;
	if (hearing_gone(h))
		return;
	if (!h->viewed) {
		hearing_fail(h, &call->error);
		return;
	}
	config = h->review->config;
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

static void view_to_ask(struct hearing *h)
{
	h->view.call.done = on_viewed;
	h->view.draft = h->answered.draft;
	h->view.revision = h->answered.number;
	hold_view(h->review->hold, &h->view);
}

/* ---- decisions ---- */

/* For the log. */
static const char *result_of(const struct error *err)
{
	return err->kind == ERROR_NONE ? "done" : error_kind_name(err->kind);
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
	    h->answer->notice, d->draft, d->actor, hold_verb_name(d->verb),
	    result_of(&call->error));
	if (call->error.kind == ERROR_CONFLICT)
		hearing_finish_too_late(h, d->verb, &d->prior);
	else if (call->error.kind != ERROR_NONE)
		hearing_finish_error(h, &call->error, RECEIPT_REFUSED);
	else if (d->verb == HOLD_ASK)
		view_to_ask(h);
	else if (d->verb == HOLD_APPROVE)
		hearing_finish(h, RECEIPT_APPROVED, NULL);
	else if (d->verb == HOLD_UNDO)
		hearing_finish(h, RECEIPT_UNDONE, NULL);
	else
		hearing_finish(h, RECEIPT_DROPPED, d->text);
}

static void decide(struct hearing *h, enum hold_verb verb)
{
	struct hold_decide *d = &h->decide;
	struct span words = h->command.rest;

	d->call.done = on_decided;
	d->draft = h->answered.draft;
	memcpy(d->revision, h->answered.revision, DIGEST_SIZE);
	d->verb = verb;
	d->actor = h->reviewer->name;
	d->medium = MEDIUM;
	d->notice = h->answer->notice;
	if (words.len > 0 && (verb == HOLD_DROP || verb == HOLD_ASK))
		d->text = text_line(h->arena, words, WORDS_MAX);
	hold_decide(h->review->hold, d);
}

/* ---- one function for each command ---- */

static void approve(struct hearing *h)
{
	struct span code = h->command.rest;

	if (h->answered.cut) {
		hearing_finish(h, RECEIPT_REFUSED,
		    arena_printf(h->arena,
			"the notice could not show the whole text; read it "
			"with: imprimatur show %" PRId64 " --raw, then approve "
			"it on the command line: imprimatur approve %" PRId64
			" %s",
			h->answered.draft, h->answered.draft,
			h->answered.code));
		return;
	}
	if (code.len > 0 &&
	    (code.len != strlen(h->answered.code) ||
		strncasecmp(code.data, h->answered.code, code.len) != 0)) {
		log_info("notice %" PRId64 " wrong-code reviewer=%s",
		    h->answer->notice, h->reviewer->name);
		hearing_finish(h, RECEIPT_WRONG_CODE,
		    arena_dup(h->arena, code.data, code.len));
		return;
	}
	decide(h, HOLD_APPROVE);
}

static void drop(struct hearing *h)
{
	decide(h, HOLD_DROP);
}

static void undo(struct hearing *h)
{
	decide(h, HOLD_UNDO);
}

static void ask(struct hearing *h)
{
	decide(h, HOLD_ASK);
}

static void help(struct hearing *h)
{
	hearing_finish(h, RECEIPT_HELP, NULL);
}

static void on_edited(struct review_edit *edit)
{
	struct hearing *h = HEARING(edit, edit);
	struct receipt receipt;

	if (hearing_gone(h))
		return;
	if (edit->state != 0)
		h->state = edit->state;
	log_info("notice %" PRId64 " answered draft=%" PRId64
		 " reviewer=%s verb=edit result=%s",
	    h->answer->notice, edit->draft, edit->actor,
	    result_of(&edit->error));
	if (edit->error.kind == ERROR_CONFLICT) {
		hearing_finish_too_late(h, HOLD_EDIT, &edit->prior);
		return;
	}
	if (edit->error.kind != ERROR_NONE) {
		hearing_finish_error(h, &edit->error, RECEIPT_EDIT_REFUSED);
		return;
	}
	receipt = hearing_receipt(h, RECEIPT_EDITED);
	receipt.number = edit->number;
	receipt.code = edit->code;
	receipt.text = edit->note;
	receipt.signature_cut = h->answer->reply->signature_cut;
	hearing_finish_with(h, &receipt);
}

/*
 * Why these words must not become a mail: something of the notice is still in
 * them, which the world is not to see.  NULL: they may.
 */
static const char *leak(const struct hearing *h, const char *words)
{
	struct span rest = text_span(words), line;
	const char *at = strchr(h->reply_to, '@');
	const char *local =
	    arena_dup(h->arena, h->reply_to, (size_t)(at - h->reply_to));

	if (strcasestr(words, local) != NULL || strstr(words, SENTINEL) != NULL)
		return "your text still has parts of the notice in it; "
		       "delete what your mail program quoted";
	while (text_next_line(&rest, &line))
		if (line.len > 0 && line.data[0] == '|' &&
		    (line.len == 1 || line.data[1] == ' '))
			return "your text has lines that begin with the "
			       "notice's bar \"|\"; take the bars away";
	return NULL;
}

static bool is_blank(const char *words)
{
	return words == NULL || words[strspn(words, " \t\r\n")] == '\0';
}

static void edit(struct hearing *h)
{
	const char *words = h->answer->reply->words, *why;
	struct review_edit *e = &h->edit;

	if (is_blank(words)) {
		hearing_finish(h, RECEIPT_EDIT_EMPTY, NULL);
		return;
	}
	why = leak(h, words);
	if (why != NULL) {
		hearing_finish(h, RECEIPT_EDIT_REFUSED, why);
		return;
	}
	e->draft = h->answered.draft;
	memcpy(e->revision, h->answered.revision, DIGEST_SIZE);
	e->actor = h->reviewer->name;
	e->medium = MEDIUM;
	e->text = text_span(arena_strdup(h->arena, words));
	e->done = on_edited;
	h->review->hooks.edit(e, h->review->hooks.context);
}

static void not_a_command(struct hearing *h)
{
	hearing_finish_seldom(h, RECEIPT_NOT_A_COMMAND, h->answer->reply->line);
}

static void (*const commands[])(struct hearing *) = {
    [GRAMMAR_NONE] = not_a_command,
    [GRAMMAR_APPROVE] = approve,
    [GRAMMAR_DROP] = drop,
    [GRAMMAR_EDIT] = edit,
    [GRAMMAR_ASK] = ask,
    [GRAMMAR_UNDO] = undo,
    [GRAMMAR_HELP] = help,
};

/* ---- before any command ---- */

/* Exactly one sender, and the reviewer whom the notice asked. */
static bool is_reviewer(const struct hearing *h)
{
	const struct reading_reply *reply = h->answer->reply;

	return reply->n_from == 1 && reply->from != NULL &&
	       message_same_address(reply->from, h->reviewer->address);
}

/*
 * Does the subject, whose end our notices write, name another draft than the
 * address does?  Then nobody can know which one is meant.
 */
static bool names_other_draft(const struct hearing *h)
{
	const char *at = h->answer->reply->subject, *last = NULL;

	while (at != NULL && (at = strstr(at, DRAFT_MARK)) != NULL) {
		at += strlen(DRAFT_MARK);
		last = at;
	}
	return last != NULL && *last >= '0' && *last <= '9' &&
	       strtoll(last, NULL, 10) != h->answered.draft;
}

/* Somebody but not the reviewer, or by a way that proves nothing. */
static bool is_doubtful(struct hearing *h)
{
	const struct review_answer *answer = h->answer;

	if (!is_reviewer(h)) {
		log_notice("notice %" PRId64 " stranger reviewer=%s peer=%s",
		    answer->notice, h->reviewer->name, answer->peer);
		hearing_finish_about_other(
		    h, RECEIPT_STRANGER, answer->reply->from);
		return true;
	}
	if (!answer->believed) {
		log_notice("notice %" PRId64 " not-believed reviewer=%s "
			   "peer=%s",
		    answer->notice, h->reviewer->name, answer->peer);
		error_set(&h->error, ERROR_DENIED,
		    "this server may not bring answers of reviewers");
		hearing_finish_about_other(h, RECEIPT_UNBELIEVED, answer->peer);
		return true;
	}
	return false;
}

static void obey(struct hearing *h)
{
	const struct reading_reply *reply = h->answer->reply;

	if (reply->trouble != NULL) {
		log_notice("notice %" PRId64 " unreadable reviewer=%s",
		    h->answer->notice, h->reviewer->name);
		hearing_finish_seldom(h, RECEIPT_UNREADABLE, reply->trouble);
		return;
	}
	if (is_doubtful(h))
		return;
	if (reply->maybe_automatic != NULL) {
		log_notice("notice %" PRId64 " maybe-automatic reviewer=%s",
		    h->answer->notice, h->reviewer->name);
		hearing_finish_seldom(
		    h, RECEIPT_MAYBE_AUTOMATIC, reply->maybe_automatic);
		return;
	}
	if (h->answered.summary) {
		hearing_finish(h, RECEIPT_SUMMARY, NULL);
		return;
	}
	if (names_other_draft(h)) {
		hearing_finish(h, RECEIPT_REFUSED,
		    "the subject of your answer names another draft than "
		    "the address that it was sent to");
		return;
	}
	grammar_read(text_span(reply->line), &h->command);
	commands[h->command.verb](h);
}

static void on_answered(struct hold_call *call)
{
	struct hearing *h = HEARING(call, answered);
	char reply_to[REVIEW_ADDRESS_SIZE];

	if (hearing_gone(h))
		return;
	if (call->error.kind == ERROR_MISSING) {
		log_notice("notice %" PRId64 " unknown peer=%s",
		    h->answer->notice, h->answer->peer);
		hearing_end(h);
		return;
	}
	if (call->error.kind != ERROR_NONE) {
		hearing_fail(h, &call->error);
		return;
	}
	h->state = h->answered.state;
	h->reviewer = config_reviewer(h->review->config, h->answered.reviewer);
	if (h->reviewer == NULL) {
		log_notice("notice %" PRId64 " reviewer-gone reviewer=%s",
		    h->answer->notice, h->answered.reviewer);
		hearing_end(h);
		return;
	}
	h->reply_to = arena_strdup(
	    h->arena, review_reply_to(h->review, h->answer->notice, reply_to));
	obey(h);
}

void mail_hear(struct review *review, struct review_answer *answer)
{
	struct hearing *h;

	answer->error = (struct error)ERROR_INIT;
	if (answer->reply->trouble == NULL &&
	    answer->reply->automatic != NULL) {
		/* RFC 3834 2: a machine is neither heard nor answered */
		log_info("notice %" PRId64 " automatic peer=%s", answer->notice,
		    answer->peer);
		answer->done(answer);
		return;
	}
	h = hearing_new(review, answer);
	h->answered.call.done = on_answered;
	h->answered.notice = answer->notice;
	hold_answered(review->hold, &h->answered);
}
