/*
 * card: the words of a notice.  Its reader is tired, on a phone, and has many
 * of them: short, concrete, what happens next.
 */
#include "review/card.h"

#include "review/text.h"

#include "util/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define RECIPIENTS_SHOWN 10
#define DIFF_SHOWN	 2000 /* lines; more are only said to be many */

static void add_answer(
    struct card *card, const char *command, const char *meaning)
{
	card->answers[card->n_answers++] =
	    (struct card_answer){.command = command, .meaning = meaning};
}

static void add_button(struct card *card, const char *button, bool lets_go)
{
	card->answers[card->n_answers - 1].button = button;
	card->answers[card->n_answers - 1].lets_go = lets_go;
}

static void add_approve(struct arena *arena, struct card *card,
    const struct hold_view *view, const char *meaning)
{
	add_answer(
	    card, arena_printf(arena, "approve %s", view->code), meaning);
}

static const char *leaves(struct arena *arena, unsigned undo_s)
{
	char span[CLOCK_ISO_SIZE];

	if (undo_s == 0)
		return "it leaves, as shown";
	return arena_printf(arena, "it leaves in %s, as shown",
	    clock_span((int64_t)undo_s * 1000, span));
}

/* The text and, after an edit, what changed. */
static void add_draft(
    struct arena *arena, struct card *card, const struct hold_view *view)
{
	const struct reading *r = view->reading;
	char size[TEXT_SIZE_SIZE];

	card->draft = r->text;
	card->draft_title = "The draft";
	if (view->number > 1 && view->before.data != NULL) {
		card->diff = diff_make(arena, view->before, r->text);
		card->diff_title =
		    card->diff->n_lines > DIFF_SHOWN
			? "Too much changed to show it line by line"
		    : card->diff->n_old + card->diff->n_new == 0
			? "The edit did not change the text"
		    : view->editor == NULL
			? "What changed"
			: arena_printf(arena, "What %s changed",
			      text_line(arena, text_span(view->editor), 64));
		if (card->diff->n_lines > DIFF_SHOWN)
			card->diff = NULL;
		card->draft_title = "The whole new text";
	}
	if (r->text_total > r->text.len)
		card->warning = arena_printf(arena,
		    "This mail is too long for a notice: the last %s of its "
		    "text are NOT shown here, so it cannot be approved by "
		    "mail.\n"
		    "Read it whole on the command line: imprimatur show "
		    "%" PRId64 " --raw\n"
		    "Then: imprimatur approve %" PRId64 " %s",
		    text_size(r->text_total - r->text.len, size), view->draft,
		    view->draft, view->code);
}

static void make_unreadable(
    struct arena *arena, struct card *card, const struct hold_view *view)
{
	card->question = "what to do with a mail that cannot be read?";
	card->warning = arena_printf(arena, "It could not be read: %s.",
	    text_line(arena, text_span(view->reading->trouble), 300));
	card->why[0] = "Nobody can see what is in it, so it cannot be "
		       "approved. It stays here until somebody drops it; "
		       "the agent is then told why.";
	add_answer(
	    card, "drop <reason>", "it does not leave; the agent is told why");
	add_button(card, "Drop", false);
	add_answer(
	    card, "ask <question>", "the other reviewers get your question");
}

static void make_decide(
    struct arena *arena, struct card *card, const struct card_request *request)
{
	const struct hold_view *view = request->view;

	if (view->reading->trouble != NULL) {
		make_unreadable(arena, card, view);
		return;
	}
	card->question = view->number > 1
			     ? "may this mail leave, as it was edited?"
			     : "may this mail leave?";
	add_draft(arena, card, view);
	/* nobody approves by mail what the mail did not show */
	if (card->warning == NULL) {
		add_approve(arena, card, view, leaves(arena, request->undo_s));
		add_button(card, "Approve", true);
	}
	add_answer(
	    card, "drop <reason>", "it does not leave; the agent is told why");
	add_button(card, "Drop", false);
	add_answer(card, "edit", "put the whole new text below that line");
	add_answer(
	    card, "ask <question>", "the other reviewers get your question");
}

static void make_doubt(
    struct arena *arena, struct card *card, const struct card_request *request)
{
	const struct hold_view *view = request->view;

	card->question = "did this mail arrive?";
	card->why[0] =
	    "The mail server that passes our mail on got all of it, but the "
	    "line broke before it said yes or no. It may be on its way, or "
	    "lost. Nothing more is done until you answer.";
	card->why[1] = "If you can, look in the mail server's log or ask the "
		       "person who should have it.";
	add_approve(
	    arena, card, view, "send it again; somebody may get it twice");
	add_button(card, "Send again", true);
	add_answer(card, "drop", "treat it as sent; nothing more is done");
	add_button(card, "Treat as sent", false);
	add_answer(
	    card, "ask <question>", "the other reviewers get your question");
}

/* Are all failures our own word (EXPIRED), none the relay host's? */
static bool was_unreachable(const struct hold_view *view)
{
	const struct hold_recipient *r;
	size_t i, n = 0;

	for (i = 0; i < view->n_recipients; i++) {
		r = &view->recipients[i];
		if (strcmp(r->state, "failed") != 0)
			continue;
		/* a relay host's begins with three digits, RFC 5321 4.2 */
		if (r->answer == NULL || strncmp(r->answer, "4.", 2) != 0)
			return false;
		n++;
	}
	return n > 0;
}

static void make_failed(
    struct arena *arena, struct card *card, const struct card_request *request)
{
	bool unreachable = was_unreachable(request->view);

	card->question = unreachable
			     ? "what to do with a mail that could not be sent?"
			     : "what to do with a mail that was refused?";
	card->why[0] =
	    unreachable
		? "It was approved, but the mail server that passes our mail "
		  "on could not be reached, or was not ready, for too long. "
		  "Who did not get it stands below. The agent is told as well."
		: "It was approved, but the mail server that passes our "
		  "mail on refused it. Who did not get it, and why, "
		  "stands below. The agent is told as well.";
	card->why[1] = "If you do nothing, it stays unsent for those people.";
	add_approve(arena, card, request->view,
	    "try once more, for those who did not get it");
	add_button(card, "Try again", true);
	add_answer(card, "drop", "leave it so; nothing more is done");
	add_answer(
	    card, "ask <question>", "the other reviewers get your question");
}

/* The last decision that changed something, or NULL. */
static const struct hold_decision *last_decision(const struct hold_view *view)
{
	size_t i = view->n_decisions;

	while (i > 0 && view->decisions[i - 1].verb == HOLD_ASK)
		i--;
	return i == 0 ? NULL : &view->decisions[i - 1];
}

static void say_who(
    struct arena *arena, struct card *card, const struct hold_decision *d)
{
	const char *actor = text_line(arena, text_span(d->actor), 64);
	char when[TEXT_TIME_SIZE];

	card->question = arena_printf(
	    arena, "nothing any more, %s %s it", actor, facts_did(d->verb));
	card->why[0] = arena_printf(arena, "%s %s it by %s, %s.", actor,
	    facts_did(d->verb), text_line(arena, text_span(d->medium), 32),
	    text_time(d->at_ms, when));
	if (d->text != NULL && *d->text != '\0')
		card->why[1] = arena_printf(arena, "Reason: %s",
		    text_line(arena, text_span(d->text), 300));
}

static void make_outcome(
    struct arena *arena, struct card *card, const struct card_request *request)
{
	const struct hold_view *view = request->view;
	const struct hold_decision *d = last_decision(view);

	if (d != NULL)
		say_who(arena, card, d);
	else
		card->question = arena_printf(arena,
		    "nothing any more, it is %s", hold_state_name(view->state));
	if (view->state == HOLD_DROPPED || view->state == HOLD_APPROVED)
		add_answer(card, "undo", "it waits for a decision again");
	card->facts = facts_brief(arena, view);
}

void card_make(
    struct arena *arena, const struct card_request *request, struct card *card)
{
	static void (*const make[])(
	    struct arena *, struct card *, const struct card_request *) = {
	    [HOLD_PROMPT_DECIDE] = make_decide,
	    [HOLD_PROMPT_DOUBT] = make_doubt,
	    [HOLD_PROMPT_FAILED] = make_failed,
	    [HOLD_PROMPT_OUTCOME] = make_outcome,
	    [HOLD_PROMPT_AFTER] = make_outcome,
	    [HOLD_PROMPT_REMIND] = make_decide,
	};
	const struct hold_view *view = request->view;

	*card = (struct card){.question = NULL};
	make[request->kind](arena, card, request);
	if (card->facts == NULL)
		card->facts = facts_make(arena, view, RECIPIENTS_SHOWN);
	if (card->draft_title == NULL && request->kind != HOLD_PROMPT_OUTCOME &&
	    view->reading->trouble == NULL) {
		card->draft_title = "The mail";
		card->draft = view->reading->text;
	}
	card->last = arena_printf(arena,
	    "Draft %" PRId64 ", revision %u, code %s.\n"
	    "On the command line: imprimatur show %" PRId64,
	    view->draft, view->number, view->code, view->draft);
}
