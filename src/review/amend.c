/*
 * amend: a person's new text on its way to the edit hook: what it may be made
 * of, and what must not be in it.  What is made of it is left to the hook.
 */
#include "review/amend.h"

#include "review/hearing.h"
#include "review/text.h"

#include "util/headed.h"
#include "util/log.h"

#include <inttypes.h>
#include <string.h>

#define SENTINEL "Imprimatur asks you" /* how each notice begins */

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
	    edit->error.kind == ERROR_NONE ? "done"
					   : error_kind_name(edit->error.kind));
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
	receipt.signature = h->answer->reply->signature;
	receipt.below = h->answer->reply->below;
	hearing_finish_with(h, &receipt);
}

/* What of a notice the world is not to see, ended by NULL. */
static const char *const *never_of(const struct hearing *h)
{
	const char *at = h->reply_to == NULL ? NULL : strchr(h->reply_to, '@');
	const char **words = arena_alloc(h->arena, 3 * sizeof(*words));

	words[0] = SENTINEL;
	if (at != NULL)
		words[1] = arena_dup(
		    h->arena, h->reply_to, (size_t)(at - h->reply_to));
	return words;
}

const char *amend_leak(const struct hearing *h, const char *words)
{
	struct span rest = text_span(words), line;
	const char *const *never = never_of(h);

	for (; *never != NULL; never++)
		if (strcasestr(words, *never) != NULL)
			return "your text still has parts of the notice in it; "
			       "delete what your mail program quoted";
	/* no chat quotes so, and some drafts have tables of bars */
	while (!hearing_by_chat(h) && text_next_line(&rest, &line))
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

/* Filled into a form, which had the draft's own subject and text. */
static bool is_form(const struct hearing *h)
{
	return hearing_by_chat(h) && h->answer->said->words == NULL;
}

/* Fields above a text, a text alone, or a mail that came with the answer. */
static const char *take_edit(struct hearing *h, struct review_edit *e)
{
	const struct reading_reply *reply = h->answer->reply;
	struct headed headed;

	e->never = never_of(h);
	if (is_form(h)) {
		e->subject = h->answer->said->subject;
		if (h->words == NULL)
			return NULL;
		e->text = text_span(h->words);
		return amend_leak(h, h->words);
	}
	if (is_blank(h->words)) {
		e->mail = reply->mail;
		return NULL;
	}
	if (reply != NULL && reply->mail.len > 0)
		return "your answer has both a new text and an attached mail; "
		       "send one of them";
	headed_read(
	    h->arena, text_span(arena_strdup(h->arena, h->words)), &headed);
	e->subject = headed.subject;
	e->to = headed.to;
	e->cc = headed.cc;
	e->bcc = headed.bcc;
	e->text = headed.text;
	return headed.fault != NULL ? headed.fault : amend_leak(h, h->words);
}

/* Is there nothing to put in the draft's place? */
static bool is_empty(const struct hearing *h)
{
	const struct reading_reply *reply = h->answer->reply;

	if (is_form(h) && h->words == NULL)
		return h->answer->said->subject == NULL;
	return is_blank(h->words) && (reply == NULL || reply->mail.len == 0);
}

void amend(struct hearing *h)
{
	struct review_edit *e = &h->edit;
	const char *why;

	if (is_empty(h)) {
		hearing_finish(h, RECEIPT_EDIT_EMPTY, NULL);
		return;
	}
	why = take_edit(h, e);
	if (why != NULL) {
		hearing_finish(h, RECEIPT_EDIT_REFUSED, why);
		return;
	}
	e->draft = h->item.draft;
	memcpy(e->revision, h->item.revision, DIGEST_SIZE);
	e->actor = h->reviewer->name;
	e->medium = h->medium;
	e->answer = hearing_answer(h);
	e->done = on_edited;
	h->review->hooks.edit(e, h->review->hooks.context);
}
