/*
 * summary: rows of a few lines, first the id, how grave it is and what is
 * asked, then who gets it and by when.  When one is due is left to pass.c.
 */
#include "review/summary.h"

#include "review/facts.h"
#include "review/letter.h"
#include "review/text.h"

#include "config/calendar.h"
#include "verdict.h"

#include <inttypes.h>

#define SUBJECT_COLUMNS 80

static const char *asked(enum hold_prompt_kind kind)
{
	switch (kind) {
	case HOLD_PROMPT_DECIDE:
		return "may it leave?";
	case HOLD_PROMPT_DOUBT:
		return "did it arrive?";
	case HOLD_PROMPT_FAILED:
		return "it was refused";
	case HOLD_PROMPT_OUTCOME:
		return "it was decided";
	case HOLD_PROMPT_AFTER:
		return "it was sent: was that right?";
	case HOLD_PROMPT_REMIND:
		return "may it leave? It is late";
	}
	return "?";
}

/* "Draft 17, code k7q4rm, high: may it leave?" */
static void add_first_line(struct summary *summary, enum hold_prompt_kind kind,
    const struct hold_view *view)
{
	buf_addf(&summary->rows, "Draft %" PRId64 ", code %s", view->draft,
	    view->code);
	if (view->severity >= SEVERITY_HIGH)
		buf_addf(&summary->rows, ", %s",
		    verdict_severity_name(view->severity));
	buf_addf(&summary->rows, ": %s\n", asked(kind));
}

/* Its channel, and by when it is to be decided. */
static void add_terms(
    struct summary *summary, struct arena *arena, const struct hold_view *view)
{
	const struct channel *channel = NULL;
	const char *name = view->channel == NULL ? "" : view->channel;
	char when[CALENDAR_TEXT_SIZE];
	bool due = view->state == HOLD_HELD && view->deadline_ms != 0;

	if (*name == '\0' && !due)
		return;
	if (*name != '\0')
		channel = config_channel(summary->config, name);
	if (due)
		calendar_text(facts_calendar(summary->reviewer, channel),
		    view->deadline_ms, when);
	text_add_wrapped(&summary->rows, "| ",
	    text_span(arena_printf(arena, "%s%s%s%s",
		text_line(arena, text_span(name), 64),
		*name != '\0' && due ? ", " : "", due ? "decide by " : "",
		due ? when : "")));
}

void summary_add_row(struct summary *summary, struct arena *arena,
    enum hold_prompt_kind kind, const struct hold_view *view)
{
	const char *subject = view->reading->subject;
	const char *first =
	    view->n_recipients == 0 ? "(nobody)" : view->recipients[0].address;

	add_first_line(summary, kind, view);
	text_add_wrapped(&summary->rows, "| ",
	    text_span(view->n_recipients < 2
			  ? arena_printf(arena, "to %s", first)
			  : arena_printf(arena, "to %s and %zu more", first,
				view->n_recipients - 1)));
	text_add_wrapped(&summary->rows, "| ",
	    text_span(text_line(arena,
		text_span(subject == NULL ? "(no subject)" : subject),
		SUBJECT_COLUMNS)));
	add_terms(summary, arena, view);
}

static void add_text(struct buf *out, const struct summary *summary)
{
	buf_addf(out,
	    "Imprimatur asks you about %zu drafts in one mail, because more\n"
	    "than %u notices in an hour would be too many.\n\n",
	    summary->n, summary->config->review.notices_per_hour);
	buf_add_str(out, "This list does not show the mails, so it cannot be "
			 "answered.\nDecide on the command line:\n"
			 "  imprimatur list\n"
			 "  imprimatur show <id>\n"
			 "  imprimatur approve <id> <code>\n"
			 "  imprimatur drop <id> <reason>\n\n");
	buf_add_span(out, buf_span(&summary->rows));
	if (summary->n > SUMMARY_SHOWN)
		buf_addf(out, "\nand %zu more: imprimatur list\n",
		    summary->n - SUMMARY_SHOWN);
}

const char *summary_write(
    const struct summary *summary, struct arena *arena, struct buf *out)
{
	const struct config *config = summary->config;
	struct letter letter = {
	    .kind = LETTER_NOTICE,
	    .hostname = config->hostname,
	    .from = config->review.from,
	    .to = summary->reviewer->address,
	    .reply_to = summary->reply_to,
	    .subject = arena_printf(arena, "[review] %zu draft%s for you",
		summary->n, summary->n == 1 ? " waits" : "s wait"),
	    .message_id = letter_new_id(arena, config->hostname, 0, "summary"),
	    .at_ms = summary->at_ms,
	};
	struct buf text;
	int rc;

	buf_init(&text, LETTER_MAX);
	add_text(&text, summary);
	letter.text = buf_span(&text);
	rc = text.overflow || letter_write(&letter, out);
	buf_release(&text);
	return rc ? NULL : letter.message_id;
}
