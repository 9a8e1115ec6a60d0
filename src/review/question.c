/*
 * question: a text with the question first and the draft below it.  Who is
 * asked is left to mail.c.
 */
#include "review/question.h"

#include "review/facts.h"
#include "review/letter.h"
#include "review/notice.h"
#include "review/text.h"

#include <inttypes.h>

static void add_text(
    struct buf *out, const struct question *q, struct arena *arena)
{
	const struct reading *reading = q->view->reading;
	const struct facts_request request = {
	    .view = q->view,
	    .config = q->config,
	    .reviewer = q->asked,
	    .now_ms = q->at_ms,
	};

	buf_addf(out, "%s asks you about draft %" PRId64 ":\n\n",
	    q->asker->name, q->view->draft);
	text_add_wrapped(out, "| ", text_span(q->text));
	buf_addf(out,
	    "\nAnswer this mail: your answer goes to %s and decides\n"
	    "nothing.\n\n",
	    q->asker->name);
	facts_add_text(out, facts_make(arena, &request));
	if (reading->trouble != NULL)
		return;
	buf_add_str(out, "\nThe draft:\n");
	text_add_all(out, "| ", reading->text);
	buf_add_str(out, "(end of the text)\n");
	if (reading->text_total > reading->text.len)
		buf_addf(out, "%" PRIu64 " more bytes are not shown here.\n",
		    reading->text_total - reading->text.len);
}

int question_write(
    const struct question *question, struct arena *arena, struct buf *out)
{
	const struct config *config = question->config;
	int64_t draft = question->view->draft;
	struct letter letter = {
	    .kind = LETTER_NOTICE,
	    .hostname = config->hostname,
	    .from = config->review.from,
	    .to = question->asked->address,
	    .reply_to = question->asker->address,
	    .subject = arena_printf(arena, "Question: %s",
		notice_subject(arena, question->view, "")),
	    .message_id =
		letter_new_id(arena, config->hostname, draft, "question"),
	    .root = letter_root(arena, config->hostname, draft),
	    .at_ms = question->at_ms,
	};
	struct buf text;
	int rc;

	buf_init(&text, LETTER_MAX);
	add_text(&text, question, arena);
	letter.text = buf_span(&text);
	rc = text.overflow || letter_write(&letter, out) ? -1 : 0;
	buf_release(&text);
	return rc;
}
