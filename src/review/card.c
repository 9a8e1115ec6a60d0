/*
 * card: the words of a notice.  Its reader is tired, on a phone, and has many
 * of them: short, concrete, what happens next.
 */
#include "review/card.h"

#include "review/text.h"

#include "config/calendar.h"
#include "verdict.h"

#include "util/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define RECIPIENTS_SHOWN 10
#define HEADER_SHOWN	 ((size_t)1024 * 1024) /* bytes */
#define DIFF_SHOWN	 2000 /* lines; more are only said to be many */

/* The front of a text, whole lines if it has some. */
static struct span front(struct span text, size_t most)
{
	size_t n = most;

	if (most == 0 || text.len <= most)
		return text;
	while (n > 0 && text.data[n - 1] != '\n')
		n--;
	if (n == 0) /* one long line: at least whole code points */
		for (n = most;
		     n > 0 && ((unsigned char)text.data[n] & 0xc0) == 0x80; n--)
			;
	return (struct span){text.data, n};
}

bool card_is_cut(
    enum hold_prompt_kind kind, const struct hold_view *view, size_t text_most)
{
	const struct reading *r = view->reading;

	return (kind == HOLD_PROMPT_DECIDE || kind == HOLD_PROMPT_REMIND) &&
	       r->text_total > front(r->text, text_most).len;
}

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

static const char *or_empty(const char *text)
{
	return text == NULL ? "" : text;
}

/* A field that an edit changed, as a line of both texts. */
static void add_field(struct buf *old, struct buf *now, const char *name,
    const char *before, const char *after)
{
	if (strcmp(or_empty(before), or_empty(after)) == 0)
		return;
	if (*or_empty(before) != '\0')
		buf_addf(old, "%s: %s\n", name, before);
	if (*or_empty(after) != '\0')
		buf_addf(now, "%s: %s\n", name, after);
}

static bool goes_to(const struct hold_view *view, const char *address)
{
	size_t i;

	for (i = 0; i < view->n_recipients; i++)
		if (strcmp(view->recipients[i].address, address) == 0)
			return true;
	return false;
}

static bool went_to(const struct hold_view *view, const char *address)
{
	size_t i;

	for (i = 0; i < view->n_before; i++)
		if (strcmp(view->before_recipients[i], address) == 0)
			return true;
	return false;
}

/* Whom it goes to any more, and whom it goes to now. */
static void add_recipients(
    struct buf *old, struct buf *now, const struct hold_view *view)
{
	size_t i;

	for (i = 0; i < view->n_before; i++)
		if (!goes_to(view, view->before_recipients[i]))
			buf_addf(
			    old, "Goes to: %s\n", view->before_recipients[i]);
	for (i = 0; i < view->n_recipients && view->n_before > 0; i++)
		if (!went_to(view, view->recipients[i].address))
			buf_addf(
			    now, "Goes to: %s\n", view->recipients[i].address);
}

/* What differs of the header and the envelope, above what the text says. */
static const struct diff *compare(
    struct arena *arena, const struct hold_view *view)
{
	const struct reading *r = view->reading;
	const struct diff *diff;
	struct buf old, now;

	buf_init(&old, view->before.len + HEADER_SHOWN);
	buf_init(&now, r->text.len + HEADER_SHOWN);
	add_field(&old, &now, "Subject", view->before_subject, r->subject);
	add_field(&old, &now, "To", view->before_to, r->to);
	add_field(&old, &now, "Cc", view->before_cc, r->cc);
	add_recipients(&old, &now, view);
	if (old.len + now.len > 0) {
		buf_add_str(&old, "\n");
		buf_add_str(&now, "\n");
	}
	buf_add_span(&old, view->before);
	buf_add_span(&now, r->text);
	diff = diff_make(arena,
	    (struct span){arena_dup(arena, old.data, old.len), old.len},
	    (struct span){arena_dup(arena, now.data, now.len), now.len});
	buf_release(&old);
	buf_release(&now);
	return diff;
}

const char *card_changes(struct arena *arena, const struct hold_view *view,
    bool cut, const struct diff **diff)
{
	*diff = NULL;
	if ((view->number < 2 && view->replaces == 0) ||
	    view->before.data == NULL || view->reading == NULL)
		return NULL;
	*diff = compare(arena, view);
	if (cut || (*diff)->n_lines > DIFF_SHOWN) {
		*diff = NULL;
		return "Too much changed to show it line by line";
	}
	if ((*diff)->n_old + (*diff)->n_new == 0)
		return "The edit changed nothing that is shown here";
	return view->editor == NULL
		   ? "What changed"
		   : arena_printf(arena, "What %s changed",
			 text_line(arena, text_span(view->editor), 64));
}

/* The text and, after an edit, what changed. */
static void add_draft(
    struct arena *arena, struct card *card, const struct card_request *request)
{
	const struct hold_view *view = request->view;
	const struct reading *r = view->reading;
	char size[TEXT_SIZE_SIZE];

	card->draft = front(r->text, request->text_most);
	card->draft_title = "The draft";
	card->diff_title = card_changes(
	    arena, view, card->draft.len < r->text.len, &card->diff);
	if (card->diff_title != NULL)
		card->draft_title = "The whole new text";
	card->cut = r->text_total > card->draft.len;
	if (card->cut)
		card->warning = arena_printf(arena,
		    "This mail is too long for a notice: the last %s of its "
		    "text are NOT shown here, so it cannot be approved by "
		    "answering it.\n"
		    "Read it whole on the command line: imprimatur show "
		    "%" PRId64 " --raw\n"
		    "Then: imprimatur approve %" PRId64 " %s",
		    text_size(r->text_total - card->draft.len, size),
		    view->draft, view->draft, view->code);
}

/* The channel of the draft, as it is configured now, or NULL. */
static const struct channel *channel_of(const struct card_request *request)
{
	if (request->config == NULL || request->view->channel == NULL)
		return NULL;
	return config_channel(request->config, request->view->channel);
}

static void explain(struct card *card, const char *why)
{
	size_t i = 0;

	while (i < CARD_WHY_MAX && card->why[i] != NULL)
		i++;
	if (i < CARD_WHY_MAX)
		card->why[i] = why;
}

/* An answer that takes a reason, and the reasons that there are. */
static void add_reasons(
    struct card *card, const struct card_request *request, const char *command)
{
	const struct channel *channel = channel_of(request);

	if (channel == NULL || channel->reasons == NULL ||
	    channel->reasons[0] == NULL)
		return;
	card->reasons = channel->reasons;
	card->reason_command = command;
}

static void add_drop(struct card *card, const struct card_request *request)
{
	add_answer(
	    card, "drop <reason>", "it does not leave; the agent is told why");
	add_button(card, "Drop", false);
	add_reasons(card, request, "drop");
}

/* Only one who may decide?  Then nobody can be asked or take over. */
static void add_others(struct card *card, const struct card_request *request)
{
	add_answer(
	    card, "ask <question>", "the other reviewers get your question");
	if (request->config == NULL || request->config->n_reviewers < 2)
		return;
	add_answer(card, "claim", "the others see that you are on it");
	add_answer(
	    card, "delegate <name>", "that reviewer decides in your place");
}

/* As long as it may go back once more. */
static void add_revise(struct card *card, const struct card_request *request)
{
	const struct channel *channel = channel_of(request);

	if (channel == NULL || request->view->rounds < channel->revise_rounds)
		add_answer(
		    card, "revise <remark>", "its agent is to make it better");
}

static void make_unreadable(
    struct arena *arena, struct card *card, const struct card_request *request)
{
	const struct hold_view *view = request->view;

	card->question = "what to do with a mail that cannot be read?";
	card->warning = arena_printf(arena, "It could not be read: %s.",
	    text_line(arena, text_span(view->reading->trouble), 300));
	explain(card,
	    "Nobody can see what is in it, so it cannot be approved. It stays "
	    "here until somebody drops it; the agent is then told why.");
	add_drop(card, request);
	add_others(card, request);
}

/* "in 3 h", "3 h ago" */
static const char *distance(struct arena *arena, int64_t ms)
{
	char span[CLOCK_ISO_SIZE];

	return ms >= 0 ? arena_printf(arena, "in %s", clock_span(ms, span))
		       : arena_printf(arena, "%s ago", clock_span(-ms, span));
}

static void explain_reminder(
    struct arena *arena, struct card *card, const struct card_request *request)
{
	const struct hold_view *view = request->view;
	char when[CALENDAR_TEXT_SIZE], span[CLOCK_ISO_SIZE];

	clock_span(request->now_ms - view->received_ms, span);
	if (view->deadline_ms == 0) {
		explain(card,
		    arena_printf(arena,
			"It has waited for %s and nobody has decided.", span));
		return;
	}
	explain(card,
	    arena_printf(arena, "It has waited for %s. Decide by %s: %s%s.",
		span,
		calendar_text(
		    facts_calendar(request->reviewer, channel_of(request)),
		    view->deadline_ms, when),
		view->deadline_ms < request->now_ms ? "that was " : "",
		distance(arena, view->deadline_ms - request->now_ms)));
}

/* Two people, a reason: what is special about this decision. */
static void explain_terms(
    struct arena *arena, struct card *card, const struct card_request *request)
{
	const struct hold_view *view = request->view;
	const char *who = facts_approvers(arena, view);

	if (view->persons > 1 && view->approvals > 0 && who != NULL)
		explain(card,
		    arena_printf(arena,
			"%u people must approve it before it leaves. %u of "
			"%u did: %s.",
			view->persons, view->approvals, view->persons, who));
	else if (view->persons > 1)
		explain(card,
		    arena_printf(arena,
			"%u people must approve it before it leaves. You would "
			"be the first.",
			view->persons));
	if (view->needs_reason)
		explain(card,
		    "This one wants a reason, whatever you decide: behind "
		    "\"because\", if you let it go.");
}

static const char *happens_then(
    struct arena *arena, const struct card_request *request)
{
	const struct hold_view *view = request->view;

	if (view->persons > view->approvals + 1)
		return "your approval counts; it leaves after the last one";
	return leaves(arena, request->config->review.undo_s);
}

/* Another draft stood in its place, and why it does not any more. */
static void explain_origin(
    struct arena *arena, struct card *card, const struct hold_view *view)
{
	if (view->replaces == 0)
		return;
	if (view->remark == NULL)
		explain(card,
		    arena_printf(arena,
			"Its agent sent it in place of draft %" PRId64 ".",
			view->replaces));
	else
		explain(
		    card, arena_printf(arena,
			      "Its agent sent it in place of draft %" PRId64
			      ", which %s sent back: %s",
			      view->replaces,
			      text_line(arena, text_span(view->remark_by), 64),
			      text_line(arena, text_span(view->remark), 300)));
}

/* Has the other side written since it was made?  What they wrote is not for
 * here: it stands among what checks found, where no line begins with it. */
static bool explain_overtaken(
    struct arena *arena, struct card *card, const struct hold_view *view)
{
	size_t n = facts_overtaken(view);

	if (n == 0)
		return false;
	explain(card,
	    n == 1 ? "The other side wrote after this draft was made; who, "
		     "when and about what stands below. Read that mail first."
		   : arena_printf(arena,
			 "The other side wrote %zu times after this draft was "
			 "made; who, when and about what stands below. Read "
			 "those mails first.",
			 n));
	return true;
}

static const char *question_of(const struct hold_view *view, bool overtaken)
{
	if (overtaken)
		return "may this mail still leave? The other side wrote again";
	if (view->number > 1)
		return "may this mail leave, as it was edited?";
	if (view->replaces != 0)
		return "may this mail leave, as its agent changed it?";
	return "may this mail leave?";
}

static void make_decide(
    struct arena *arena, struct card *card, const struct card_request *request)
{
	const struct hold_view *view = request->view;
	bool late = request->kind == HOLD_PROMPT_REMIND;

	if (view->reading->trouble != NULL) {
		make_unreadable(arena, card, request);
		return;
	}
	card->question =
	    question_of(view, explain_overtaken(arena, card, view));
	if (late) {
		card->question =
		    arena_printf(arena, "Reminder: %s", card->question);
		explain_reminder(arena, card, request);
	}
	explain_origin(arena, card, view);
	explain_terms(arena, card, request);
	card->wants_words = view->needs_reason;
	add_draft(arena, card, request);
	/* nobody approves by mail what the mail did not show */
	if (card->warning == NULL) {
		add_answer(card,
		    arena_printf(arena, "approve %s%s", view->code,
			view->needs_reason ? " because <reason>" : ""),
		    happens_then(arena, request));
		add_button(card, "Approve", true);
	}
	add_drop(card, request);
	add_answer(card, "edit", "put the whole new text below that line");
	add_revise(card, request);
	add_answer(card, "snooze 2h", "you are asked again then");
	add_others(card, request);
}

static void make_after(
    struct arena *arena, struct card *card, const struct card_request *request)
{
	(void)arena;
	card->question = "it was sent; was that right?";
	explain(card,
	    "It left without review, as its channel has it. Nothing can be "
	    "called back; your answer is kept, and shows how good the rules "
	    "are.");
	add_answer(card, "fine", "it was right to send it");
	add_button(card, "Fine", true);
	add_answer(card, "wrong <reason>", "it should not have left");
	add_button(card, "Wrong", false);
	add_reasons(card, request, "wrong");
}

static void make_doubt(
    struct arena *arena, struct card *card, const struct card_request *request)
{
	const struct hold_view *view = request->view;

	card->question = "did this mail arrive?";
	explain_overtaken(arena, card, view);
	explain(card,
	    "The mail server that passes our mail on got all of it, but the "
	    "line broke before it said yes or no. It may be on its way, or "
	    "lost. Nothing more is done until you answer.");
	explain(card,
	    "If you can, look in the mail server's log or ask the person who "
	    "should have it.");
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

	explain_overtaken(arena, card, request->view);
	card->question = unreachable
			     ? "what to do with a mail that could not be sent?"
			     : "what to do with a mail that was refused?";
	explain(card,
	    unreachable
		? "It was approved, but the mail server that passes our mail "
		  "on could not be reached, or was not ready, for too long. "
		  "Who did not get it stands below. The agent is told as well."
		: "It was approved, but the mail server that passes our "
		  "mail on refused it. Who did not get it, and why, "
		  "stands below. The agent is told as well.");
	explain(card, "If you do nothing, it stays unsent for those people.");
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

const struct hold_decision *card_cause(const struct hold_view *view)
{
	switch (view->state) {
	case HOLD_EXPIRED:
	case HOLD_WITHDRAWN:
	case HOLD_SUPERSEDED:
		return NULL;
	default:
		return last_decision(view);
	}
}

static void say_who(struct arena *arena, struct card *card,
    const struct hold_decision *d, const struct card_request *request)
{
	const char *actor = text_line(arena, text_span(d->actor), 64);
	bool waits = request->view->state == HOLD_HELD;
	char when[CALENDAR_TEXT_SIZE];

	if (strcmp(d->actor, "deadline") == 0)
		actor = "the deadline";
	card->question = arena_printf(arena, "nothing %s, %s %s it",
	    waits ? "new" : "any more", actor, facts_did(d->verb));
	explain(card,
	    arena_printf(arena, "%s %s it %s, %s.", actor, facts_did(d->verb),
		facts_where(arena, request->config, d->medium),
		calendar_text(
		    facts_calendar(request->reviewer, channel_of(request)),
		    d->at_ms, when)));
	if (d->text != NULL && *d->text != '\0')
		explain(card, arena_printf(arena, "%s: %s",
				  d->verb == HOLD_DELEGATE ? "To" : "Reason",
				  text_line(arena, text_span(d->text), 300)));
	if (waits)
		explain(card, "It still waits for a decision.");
}

/* What no person did. */
static void explain_end(
    struct arena *arena, struct card *card, const struct hold_view *view)
{
	const struct hold_decision *last = last_decision(view);

	if (view->state == HOLD_EXPIRED && last != NULL &&
	    last->verb == HOLD_REVISE)
		explain(card,
		    "It was sent back to its agent, who sent nothing better "
		    "in time. It did not leave.");
	else if (view->state == HOLD_EXPIRED)
		explain(card,
		    "Nobody decided in time. It did not leave, and was given "
		    "back to its agent.");
	else if (view->state == HOLD_WITHDRAWN)
		explain(card, "Its agent took it back. It does not leave.");
	else if (view->state == HOLD_SUPERSEDED)
		explain(
		    card, arena_printf(arena,
			      "Its agent sent draft %" PRId64 " in its place.",
			      view->replaced_by));
}

static void make_outcome(
    struct arena *arena, struct card *card, const struct card_request *request)
{
	const struct hold_view *view = request->view;
	const struct hold_decision *d = card_cause(view);

	if (d != NULL)
		say_who(arena, card, d, request);
	else
		card->question = arena_printf(arena,
		    "nothing any more, it is %s", hold_state_name(view->state));
	explain_end(arena, card, view);
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
	    [HOLD_PROMPT_AFTER] = make_after,
	    [HOLD_PROMPT_REMIND] = make_decide,
	};
	const struct hold_view *view = request->view;
	const struct facts_request facts = {
	    .view = view,
	    .config = request->config,
	    .reviewer = request->reviewer,
	    .now_ms = request->now_ms,
	    .recipients_max = RECIPIENTS_SHOWN,
	};

	*card = (struct card){.question = NULL};
	make[request->kind](arena, card, request);
	if (card->facts == NULL)
		card->facts = facts_make(arena, &facts);
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
