/*
 * notice: a card as plain text, and the letter that carries both forms.  The
 * words are card.c's, HTML is html.c's, header lines are letter.c's.
 */
#include "review/notice.h"

#include "review/card.h"
#include "review/html.h"
#include "review/letter.h"
#include "review/text.h"

#include <inttypes.h>

#define SUBJECT_COLUMNS 60

static void add_paragraph(struct buf *out, const char *s)
{
	text_add_all(out, "", text_span(s));
	buf_add_char(out, '\n');
}

static void add_answers(struct buf *out, const struct card *card)
{
	size_t i, width = 0;

	if (card->n_answers == 0)
		return;
	for (i = 0; i < card->n_answers; i++)
		if (text_columns(card->answers[i].command) > width)
			width = text_columns(card->answers[i].command);
	buf_add_str(out, "Answer this mail. The first line says what to do:\n");
	for (i = 0; i < card->n_answers; i++)
		buf_addf(out, "  %-*s  %s\n", (int)width,
		    card->answers[i].command, card->answers[i].meaning);
	buf_add_char(out, '\n');
}

static void add_draft(struct buf *out, const struct card *card)
{
	if (card->diff_title != NULL)
		buf_addf(out, "\n%s:\n", card->diff_title);
	if (card->diff != NULL)
		diff_add_text(out, card->diff);
	if (card->draft_title == NULL)
		return;
	buf_addf(out, "\n%s:\n", card->draft_title);
	if (card->draft.len == 0)
		buf_add_str(out, "(no text)\n");
	text_add_all(out, "| ", card->draft);
	buf_add_str(out, "(end of the text)\n");
}

static void add_text(
    struct buf *out, const struct card *card, const struct hold_view *view)
{
	const struct facts *facts = card->facts;
	size_t i;

	buf_addf(out, "Imprimatur asks you: %s (draft %" PRId64 ")\n\n",
	    card->question, view->draft);
	for (i = 0; i < 3 && card->why[i] != NULL; i++)
		add_paragraph(out, card->why[i]);
	add_answers(out, card);
	if (card->warning != NULL)
		add_paragraph(out, card->warning);
	facts_add_text(out, facts);
	add_draft(out, card);
	if (facts->n_left > 0)
		buf_add_str(out, "\nThe other recipients:\n");
	for (i = 0; i < facts->n_left; i++)
		text_add_wrapped(out, facts->left[i].warn ? "| ! " : "| ",
		    text_span(facts->left[i].text));
	buf_add_char(out, '\n');
	if (card->warning != NULL && card->draft_title != NULL)
		add_paragraph(out, card->warning);
	add_paragraph(out, card->last);
}

const char *notice_subject(struct arena *arena, const struct hold_view *view)
{
	const char *subject = view->reading->subject;

	if (subject == NULL || *subject == '\0')
		subject = "(no subject)";
	return arena_printf(arena, "[review] %s (draft %" PRId64 ")",
	    text_line(arena, text_span(subject), SUBJECT_COLUMNS), view->draft);
}

const char *notice_write(
    const struct notice *notice, struct arena *arena, struct buf *out)
{
	const struct config *config = notice->config;
	const struct hold_view *view = notice->view;
	const struct card_request request = {
	    .kind = notice->kind,
	    .view = view,
	    .undo_s = config->review.undo_s,
	};
	struct letter letter = {
	    .kind = LETTER_NOTICE,
	    .hostname = config->hostname,
	    .from = config->review.from,
	    .to = notice->reviewer->address,
	    .reply_to = notice->reply_to,
	    .subject = notice_subject(arena, view),
	    .root = letter_root(arena, config->hostname, view->draft),
	    .at_ms = notice->at_ms,
	};
	struct card card;
	struct buf text, html;
	int rc;

	letter.message_id = letter_new_id(arena, config->hostname, view->draft,
	    arena_printf(arena, "r%u", view->number));
	card_make(arena, &request, &card);
	buf_init(&text, LETTER_MAX);
	buf_init(&html, LETTER_MAX);
	add_text(&text, &card, view);
	html_add_card(&html, &card, notice->reply_to,
	    arena_printf(arena, "Re: %s", letter.subject));
	letter.text = buf_span(&text);
	letter.html = buf_span(&html);
	rc = text.overflow || html.overflow || letter_write(&letter, out);
	buf_release(&text);
	buf_release(&html);
	return rc ? NULL : letter.message_id;
}
