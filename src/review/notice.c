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
#define COMMAND_COLUMNS 18    /* of what has its meaning beside it */
#define REASONS_MAX	16384 /* bytes */

static void add_paragraph(struct buf *out, const char *s)
{
	text_add_all(out, "", text_span(s));
	buf_add_char(out, '\n');
}

/* "drop wrong-price | tone | ...": what a reason may begin with. */
void notice_add_reasons(struct buf *out, const struct card *card)
{
	const char *const *reason;
	struct buf line;

	if (card->reasons == NULL)
		return;
	buf_init(&line, REASONS_MAX);
	buf_addf(&line, "Reasons: %s", card->reason_command);
	for (reason = card->reasons; *reason != NULL; reason++)
		buf_addf(&line, "%s %s", reason == card->reasons ? "" : " |",
		    *reason);
	buf_add_str(&line, "; words of your own may follow.");
	buf_add_char(out, '\n');
	text_add_wrapped(out, "", buf_span(&line));
	buf_release(&line);
}

/* A command and its meaning; a long one has its meaning below it. */
static void add_answer(
    struct buf *out, const struct card_answer *answer, size_t width)
{
	bool fits = text_columns(answer->command) <= width;

	buf_addf(out, "  %-*s", (int)width, answer->command);
	if (!fits)
		buf_addf(out, "\n  %*s", (int)width, "");
	buf_addf(out, "  %s\n", answer->meaning);
}

static void add_answers(struct buf *out, const struct card *card, bool by_mail)
{
	size_t i, width = 0, columns;

	if (card->n_answers == 0)
		return;
	for (i = 0; i < card->n_answers; i++) {
		columns = text_columns(card->answers[i].command);
		if (columns > width && columns <= COMMAND_COLUMNS)
			width = columns;
	}
	buf_add_str(out, by_mail ? "Answer this mail. The first line says what "
				   "to do:\n"
				 : "You may answer:\n");
	for (i = 0; i < card->n_answers; i++)
		add_answer(out, &card->answers[i], width);
	notice_add_reasons(out, card);
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

void notice_add_body(struct buf *out, const struct card *card)
{
	const struct facts *facts = card->facts;
	size_t i;

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

static void add_text(struct buf *out, const struct card *card,
    const struct hold_view *view, bool by_mail)
{
	size_t i;

	buf_addf(out, "Imprimatur asks you: %s (draft %" PRId64 ")\n\n",
	    card->question, view->draft);
	for (i = 0; i < CARD_WHY_MAX && card->why[i] != NULL; i++)
		add_paragraph(out, card->why[i]);
	add_answers(out, card, by_mail);
	notice_add_body(out, card);
}

const char *notice_subject(
    struct arena *arena, const struct hold_view *view, const char *urgency)
{
	const char *subject = view->reading->subject;

	if (subject == NULL || *subject == '\0')
		subject = "(no subject)";
	return arena_printf(arena, "[review] %s%s (draft %" PRId64 ")", urgency,
	    text_line(arena, text_span(subject), SUBJECT_COLUMNS), view->draft);
}

static struct card_request request_of(const struct notice *notice)
{
	return (struct card_request){
	    .kind = notice->kind,
	    .view = notice->view,
	    .config = notice->config,
	    .reviewer = notice->reviewer,
	    .now_ms = notice->at_ms,
	};
}

/* "Reminder: ", "wrote again: ", "high: ", several or "": how a subject begins.
 */
static const char *urgency(struct arena *arena, enum hold_prompt_kind kind,
    const struct hold_view *view)
{
	bool asks = kind == HOLD_PROMPT_DECIDE || kind == HOLD_PROMPT_REMIND;
	bool grave = asks && view->severity >= SEVERITY_HIGH;

	return arena_printf(arena, "%s%s%s%s",
	    kind == HOLD_PROMPT_REMIND ? "Reminder: " : "",
	    asks && facts_overtaken(view) > 0 ? "wrote again: " : "",
	    grave ? verdict_severity_name(view->severity) : "",
	    grave ? ": " : "");
}

const char *notice_text(
    const struct notice *notice, struct arena *arena, const char **subject)
{
	const struct hold_view *view = notice->view;
	const struct card_request request = request_of(notice);
	const char *made = NULL;
	struct card card;
	struct buf text;

	card_make(arena, &request, &card);
	*subject =
	    notice_subject(arena, view, urgency(arena, notice->kind, view));
	buf_init(&text, LETTER_MAX);
	add_text(&text, &card, view, false);
	if (!text.overflow)
		made = arena_dup(arena, text.data, text.len);
	buf_release(&text);
	return made;
}

const char *notice_write(
    const struct notice *notice, struct arena *arena, struct buf *out)
{
	const struct config *config = notice->config;
	const struct hold_view *view = notice->view;
	const struct card_request request = request_of(notice);
	struct letter letter = {
	    .kind = LETTER_NOTICE,
	    .hostname = config->hostname,
	    .from = config->review.from,
	    .to = notice->reviewer->address,
	    .reply_to = notice->reply_to,
	    .subject =
		notice_subject(arena, view, urgency(arena, notice->kind, view)),
	    .root = letter_root(arena, config->hostname, view->draft),
	    .answers = notice->first_id,
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
	add_text(&text, &card, view, true);
	html_add_card(&html, &card, notice->reply_to,
	    arena_printf(arena, "Re: %s", letter.subject));
	letter.text = buf_span(&text);
	letter.html = buf_span(&html);
	rc = text.overflow || html.overflow || letter_write(&letter, out);
	buf_release(&text);
	buf_release(&html);
	return rc ? NULL : letter.message_id;
}
