/*
 * mail: the steps of an answer, in order: readable?  a person's?  of which
 * notice?  from its reviewer?  a command?  Anything that is not a clear "yes"
 * on the way changes nothing.  The endings are hearing.c's, the decision is
 * the ledger's.
 */
#include "review/mail.h"

#include "review/banner.h"
#include "review/hearing.h"
#include "review/many.h"
#include "review/obey.h"
#include "review/text.h"

#include "message.h"

#include "util/log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DRAFT_MARK "(draft " /* in each notice's subject */

/* ---- before any command ---- */

/* Exactly one sender, and the reviewer whom the notice asked. */
static bool is_reviewer(const struct hearing *h)
{
	const struct reading_reply *reply = h->answer->reply;

	return reply->n_from == 1 && reply->from != NULL &&
	       message_same_address(reply->from, h->reviewer->address);
}

/*
 * Does the subject, whose end our notices write, name another draft than those
 * that the address stands for?  Then nobody can know which one is meant.
 */
static bool names_other_draft(const struct hearing *h)
{
	const struct hold_answered *answered = &h->answered;
	const char *at = h->answer->reply->subject, *last = NULL;
	int64_t draft;
	size_t i;

	while (at != NULL && (at = strstr(at, DRAFT_MARK)) != NULL) {
		at += strlen(DRAFT_MARK);
		last = at;
	}
	if (last == NULL || *last < '0' || *last > '9')
		return false;
	draft = strtoll(last, NULL, 10);
	for (i = 0; i < answered->n_items; i++)
		if (answered->items[i].draft == draft)
			return false;
	return true;
}

static enum review_level level_wanted(const struct config_reviewer *reviewer)
{
	switch (reviewer->level) {
	case CONFIG_LEVEL_TOKEN:
		return REVIEW_LEVEL_TOKEN;
	case CONFIG_LEVEL_ALIGNED:
		return REVIEW_LEVEL_ALIGNED;
	case CONFIG_LEVEL_SIGNED:
		break;
	}
	return REVIEW_LEVEL_SIGNED;
}

static const char *how_of(const struct review_answer *answer)
{
	return answer->how == NULL ? "nothing proves it" : answer->how;
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
	if (answer->level >= level_wanted(h->reviewer))
		return false;
	log_notice("notice %" PRId64 " not-believed reviewer=%s peer=%s "
		   "reason=\"%s\"",
	    answer->notice, h->reviewer->name, answer->peer, how_of(answer));
	error_set(&h->error, ERROR_DENIED,
	    "nothing was decided, because it is not proven who wrote this: %s",
	    how_of(answer));
	hearing_finish_about_other(h, RECEIPT_UNBELIEVED,
	    arena_printf(h->arena, "%s (it came from %s)", how_of(answer),
		answer->peer));
	return true;
}

/*
 * May a program have written it?  An edit is heard all the same when only what
 * it brings raises the doubt: nothing leaves by it.
 */
static bool is_unsure(const struct reading_reply *reply, enum grammar_verb verb)
{
	return reply->maybe_automatic != NULL &&
	       !(reply->edit_anyway && verb == GRAMMAR_EDIT);
}

/*
 * Does it say itself that a program wrote it, and is no command?  "drop the
 * mailbox is full" is one, and so may "1 drop it is undeliverable" be.
 */
static bool is_program(const struct hearing *h)
{
	return h->answer->reply->line_automatic != NULL && h->line != NULL &&
	       h->command.verb == GRAMMAR_NONE &&
	       !(h->answered.digest &&
		   (strchr("#0123456789", h->line[0]) != NULL ||
		       strncasecmp(h->line, "all ", 4) == 0));
}

/* The person's own: without what gateways are known to put above. */
static void take_words(struct hearing *h)
{
	const struct reading_reply *reply = h->answer->reply;
	struct banner_answer own = {
	    .line = reply->line_quoted ? NULL : reply->line,
	    .words = reply->words,
	    .apart = reply->apart,
	};

	banner_skip(h->arena, &h->config->review, &own);
	h->line = own.line;
	h->words = own.words;
	h->apart = own.apart;
}

static void look_at(struct hearing *h)
{
	const struct reading_reply *reply = h->answer->reply;
	const struct grammar_words words = {
	    h->config->review.n_words, h->config->review.words};

	if (reply->trouble != NULL) {
		log_notice("notice %" PRId64 " unreadable reviewer=%s",
		    h->answer->notice, h->reviewer->name);
		hearing_finish_seldom(h, RECEIPT_UNREADABLE, reply->trouble);
		return;
	}
	if (is_doubtful(h))
		return;
	take_words(h);
	grammar_read_with(&words, text_span(h->line), &h->command);
	if (is_program(h)) {
		log_info("notice %" PRId64 " automatic peer=%s",
		    h->answer->notice, h->answer->peer);
		hearing_end(h);
		return;
	}
	if (is_unsure(reply, h->command.verb)) {
		log_notice("notice %" PRId64 " maybe-automatic reviewer=%s",
		    h->answer->notice, h->reviewer->name);
		hearing_finish_seldom(
		    h, RECEIPT_MAYBE_AUTOMATIC, reply->maybe_automatic);
		return;
	}
	if (names_other_draft(h)) {
		hearing_finish(h, RECEIPT_REFUSED,
		    "the subject of your answer names another draft than "
		    "the address that it was sent to");
		return;
	}
	if (h->answered.n_items != 1 ||
	    (h->answered.digest && h->command.verb == GRAMMAR_NONE))
		many_hear(h);
	else
		obey(h);
}

/*
 * Can mail answer it?  Notices by mail, and those of chats that hear nothing:
 * they show this address.
 */
static bool is_for_mail(const struct hearing *h)
{
	const struct hold_answered *a = &h->answered;
	const struct config_chat *chat = config_chat(h->config, a->medium);

	if (strcmp(a->medium, HOLD_MAIL) == 0)
		return true;
	return chat != NULL && !config_chat_hears(chat);
}

static void on_answered(struct hold_call *call)
{
	struct hearing *h = HEARING(call, answered);
	char reply_to[REVIEW_ADDRESS_SIZE];

	if (hearing_gone(h))
		return;
	if (call->error.kind == ERROR_MISSING ||
	    (call->error.kind == ERROR_NONE && !is_for_mail(h))) {
		log_notice("notice %" PRId64 " unknown peer=%s",
		    h->answer->notice, h->answer->peer);
		hearing_end(h);
		return;
	}
	if (call->error.kind != ERROR_NONE) {
		hearing_fail(h, &call->error);
		return;
	}
	hearing_begin(h);
	h->reviewer = config_reviewer(h->config, h->answered.reviewer);
	if (h->reviewer == NULL ||
	    (strcmp(h->answered.medium, HOLD_MAIL) != 0 &&
		!config_reviewer_has(h->reviewer, h->answered.medium))) {
		log_notice("notice %" PRId64 " reviewer-gone reviewer=%s",
		    h->answer->notice, h->answered.reviewer);
		hearing_end(h);
		return;
	}
	h->reply_to = arena_strdup(
	    h->arena, review_reply_to(h->review, h->answer->notice, reply_to));
	look_at(h);
}

void mail_hear(struct review *review, struct review_answer *answer)
{
	struct hearing *h;

	answer->error = (struct error)ERROR_INIT;
	answer->text = NULL;
	if (answer->reply->trouble == NULL &&
	    answer->reply->automatic != NULL) {
		/* RFC 3834 2: a machine is neither heard nor answered */
		log_info("notice %" PRId64 " automatic peer=%s", answer->notice,
		    answer->peer);
		answer->done(answer);
		return;
	}
	h = hearing_new(review, answer);
	h->medium = HOLD_MAIL;
	h->answered.call.done = on_answered;
	h->answered.notice = answer->notice;
	hold_answered(review->hold, &h->answered);
}
