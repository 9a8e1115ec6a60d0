/*
 * receipt: one function per kind, each the words of one mail.  Who gets it and
 * when is left to mail.c.
 */
#include "review/receipt.h"

#include "review/facts.h"
#include "review/html.h"
#include "review/letter.h"
#include "review/reason.h"
#include "review/say.h"
#include "review/tally.h"
#include "review/text.h"

#include "util/clock.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#define SUBJECT_COLUMNS 100
#define SAY_MORE	"To say more than a move can, answer the notice."

const char *receipt_state(enum hold_state state)
{
	static const char *const words[HOLD_STATES] = {
	    [HOLD_HELD] = "waits for a decision",
	    [HOLD_APPROVED] = "is approved and about to leave",
	    [HOLD_SENDING] = "is leaving right now",
	    [HOLD_SENT] = "has left",
	    [HOLD_FAILED] = "failed: somebody did not get it",
	    [HOLD_IN_DOUBT] = "may have left or not; somebody must say",
	    [HOLD_DROPPED] = "was dropped",
	    [HOLD_REFUSED] = "was refused when it came in",
	    [HOLD_REVISING] = "is back with its agent",
	    [HOLD_EXPIRED] = "has expired",
	    [HOLD_WITHDRAWN] = "was withdrawn by its agent",
	    [HOLD_SUPERSEDED] = "was replaced by a newer draft",
	};

	if (state <= 0 || state >= HOLD_STATES || words[state] == NULL)
		return "is unchanged";
	return words[state];
}

/* Does the notice ask whether a mail may leave? */
static bool asks_to_decide(const struct writer *w)
{
	return w->r->prompt == HOLD_PROMPT_DECIDE ||
	       w->r->prompt == HOLD_PROMPT_REMIND;
}

/* What a reason may begin with. */
static void say_reasons(struct writer *w)
{
	const char *list = reason_list(w->arena, w->r->channel);

	if (list != NULL)
		say_text(w, "A reason is one of these, or begins with one: %s.",
		    list);
}

static void say_decide_commands(struct writer *w, const char *approve)
{
	const struct receipt *r = w->r;

	if (!r->cut)
		say_row(w,
		    r->needs_reason
			? arena_printf(w->arena, "%s because <reason>\n%18s",
			      approve, "")
			: approve,
		    "it leaves as it was shown");
	say_row(w, "drop <reason>", "it does not leave");
	say_row(w, "edit", "your whole new text below that line");
	say_row(w, "revise <remark>", "its agent is to make it better");
	say_row(w, "snooze 2h", "you are asked again then");
	say_row(w, "claim", "the others see that you are on it");
	say_row(w, "delegate <name>", "that reviewer decides instead");
}

/* The commands that make sense for what the notice asked. */
static void say_commands(struct writer *w)
{
	const struct receipt *r = w->r;
	const char *approve = arena_printf(w->arena, "approve %s", r->code);

	if (r->by_program)
		return; /* the program has its own */
	if (r->draft == 0) {
		tally_commands(w);
		return;
	}
	say_lead(w, "The first line of an answer must be one of these, alone:");
	if (r->prompt == HOLD_PROMPT_DOUBT) {
		say_row(w, approve, "send it again");
		say_row(w, "drop", "treat it as sent");
	} else if (r->prompt == HOLD_PROMPT_FAILED) {
		say_row(w, approve, "try once more");
		say_row(w, "drop", "leave it so");
	} else if (r->prompt == HOLD_PROMPT_AFTER) {
		say_row(w, "fine", "it was right to send it");
		say_row(w, "wrong <reason>", "it should not have left");
		say_gap(w);
		return;
	} else if (asks_to_decide(w)) {
		say_decide_commands(w, approve);
	}
	say_row(w, "ask <question>", "ask the other reviewers");
	say_row(w, "undo", "take the last decision back");
	say_gap(w);
}

/* What became of it: nothing. */
static void say_still(struct writer *w, const char *nothing)
{
	if (w->r->draft == 0)
		say_text(w, "%s All drafts are as they were.", nothing);
	else
		say_text(w, "%s Draft %" PRId64 " %s.", nothing, w->r->draft,
		    receipt_state(w->r->state));
}

static void say_unchanged(struct writer *w)
{
	say_still(w, "Nothing was changed.");
}

static const char *how_to_answer(const struct writer *w)
{
	return w->r->move != NULL ? "answer its notice with"
	       : w->r->by_program ? "answer"
				  : "answer this mail with";
}

static void write_approved(struct writer *w)
{
	const struct receipt *r = w->r;
	char span[CLOCK_ISO_SIZE];

	if (r->prompt == HOLD_PROMPT_DOUBT)
		say_text(w, "Draft %" PRId64 " is sent again.", r->draft);
	else if (r->prompt == HOLD_PROMPT_FAILED)
		say_text(w, "Draft %" PRId64 " is tried once more.", r->draft);
	else if (r->until_ms <= r->at_ms)
		say_text(
		    w, "Approved. Draft %" PRId64 " leaves now.", r->draft);
	else
		say_text(w,
		    "Approved. Draft %" PRId64 " leaves in %s, at %s. To stop "
		    "it before that, %s: undo",
		    r->draft, clock_span(r->until_ms - r->at_ms, span),
		    say_time(w, r->until_ms), how_to_answer(w));
	say_text(w, "You approved revision %u, code %s.", r->number, r->code);
}

static void write_part_approved(struct writer *w)
{
	const struct receipt *r = w->r;

	if (r->missing == 1)
		say_text(w,
		    "Your approval counts. Draft %" PRId64 " leaves when one "
		    "more person agrees; nothing leaves until then.",
		    r->draft);
	else
		say_text(w,
		    "Your approval counts. Draft %" PRId64 " leaves when %u "
		    "more people agree; nothing leaves until then.",
		    r->draft, r->missing);
	say_text(w, "You approved revision %u, code %s.", r->number, r->code);
}

/* The name in a receipt's text. */
static const char *name_of(const struct writer *w)
{
	return text_line(w->arena, text_span(w->r->text), 64);
}

static void write_claimed(struct writer *w)
{
	const struct receipt *r = w->r;

	say_text(w,
	    "Draft %" PRId64 " is yours to look at; the others see that you "
	    "are on it. It still waits for a decision.",
	    r->draft);
	if (r->text != NULL)
		say_text(w, "%s was on it before you: a word to them may help.",
		    name_of(w));
	say_commands(w);
}

static void write_delegated(struct writer *w)
{
	say_text(w,
	    "%s is asked about draft %" PRId64 " now. You need not do "
	    "anything more; you may still decide.",
	    name_of(w), w->r->draft);
}

static void write_revising(struct writer *w)
{
	const struct receipt *r = w->r;

	say_text(w,
	    "Draft %" PRId64 " went back to its agent and does not leave. What "
	    "the agent makes of it comes to you as a new draft.",
	    r->draft);
	say_lead(w, "The agent is told:");
	say_quote(w, r->text);
	if (r->until_ms != 0)
		say_text(w, "It has time until %s; then the draft expires.",
		    say_time(w, r->until_ms));
	say_text(w, "To take it back, %s: undo", how_to_answer(w));
}

static void write_snoozed(struct writer *w)
{
	say_text(w,
	    "You are asked about draft %" PRId64 " again at %s. Its deadlines "
	    "go on, and others may decide meanwhile; so may you.",
	    w->r->draft, say_time(w, w->r->until_ms));
}

static void write_fine(struct writer *w)
{
	say_text(w,
	    "Thank you. It is on record that draft %" PRId64 " was right.",
	    w->r->draft);
}

static void write_wrong(struct writer *w)
{
	const struct receipt *r = w->r;

	say_text(w,
	    "Thank you. It is on record that draft %" PRId64 " should not "
	    "have left. It cannot be called back; whoever got it may have to "
	    "be told.",
	    r->draft);
	if (r->text != NULL && *r->text != '\0') {
		say_lead(w, "Your reason:");
		say_quote(w, r->text);
	}
}

static void write_needs_reason(struct writer *w)
{
	say_text(w, "This one wants a reason, whatever you decide: say why.");
	say_unchanged(w);
	say_reasons(w);
	say_commands(w);
}

static void write_which_reason(struct writer *w)
{
	say_text(w, "That is not quite one of the reasons; do you mean \"%s\"?",
	    name_of(w));
	say_unchanged(w);
	say_reasons(w);
	say_commands(w);
}

static void write_dropped(struct writer *w)
{
	const struct receipt *r = w->r;

	if (r->prompt == HOLD_PROMPT_DOUBT) {
		say_text(w,
		    "Draft %" PRId64 " counts as sent. Nothing more is done.",
		    r->draft);
		return;
	}
	if (r->prompt == HOLD_PROMPT_FAILED) {
		say_text(w,
		    "Draft %" PRId64 " %s. It stays unsent for those who did "
		    "not get it; nothing more is done. The agent was told of "
		    "the failure.",
		    r->draft, receipt_state(r->state));
		return;
	}
	say_text(w, "Dropped. Draft %" PRId64 " does not leave.", r->draft);
	if (r->text != NULL && *r->text != '\0') {
		say_lead(w, "The agent is told your reason:");
		say_quote(w, r->text);
	} else {
		say_text(w, "The agent is told so. You gave no reason.");
	}
	say_text(w, "To take it back, %s: undo", how_to_answer(w));
}

static void write_undone(struct writer *w)
{
	say_text(w,
	    "Taken back. Draft %" PRId64 " waits for a decision again; "
	    "nothing leaves until then.",
	    w->r->draft);
	say_commands(w);
}

static void write_asked(struct writer *w)
{
	const struct receipt *r = w->r;

	if (r->text == NULL)
		say_text(w,
		    "There is no other reviewer who could be asked. Your "
		    "question is kept with the draft.");
	else
		say_text(w,
		    "Your question went to %s. Their answers come straight "
		    "to you.",
		    r->text);
	say_text(w, "Draft %" PRId64 " %s.", r->draft, receipt_state(r->state));
}

const char *receipt_left_out(const struct receipt *r)
{
	if (r->signature != NULL)
		return "These lines of your answer were left out as your "
		       "signature:";
	return r->below == NULL ? NULL
				: "These lines of your answer were left out, "
				  "because they stand below what you quote:";
}

static void say_left_out(struct writer *w)
{
	const struct receipt *r = w->r;

	if (receipt_left_out(r) == NULL)
		return;
	say_lead(w, receipt_left_out(r));
	say_quote(w, r->signature != NULL ? r->signature : r->below);
}

static void write_edited(struct writer *w)
{
	const struct receipt *r = w->r;

	say_text(w,
	    "Revision %u was made; approve it with the new code, %s. Nothing "
	    "has left yet.",
	    r->number, r->code);
	if (r->text != NULL && *r->text != '\0') {
		say_lead(w, "How the edit was made:");
		say_quote(w, r->text);
	}
	say_left_out(w);
	say_text(w,
	    "A new notice about draft %" PRId64 " is on its way. It shows "
	    "what changed. Answer that one, not this%s.",
	    r->draft, r->by_program ? "" : " mail");
}

static void say_how_to_edit(struct writer *w)
{
	if (w->r->by_program)
		return;
	say_lead(w,
	    "To edit, write \"edit\" in the first line and the whole new text "
	    "below it, like this:");
	say_sample(w, "edit\nDear Max,\nthank you for writing.\n"
		      "Best regards, Eva\n");
	say_text(w,
	    "Your text replaces all of the old one: write the greeting and "
	    "the name, too. To change the subject or who gets it, write lines "
	    "such as \"Subject: Your offer\" or \"To: max@example.com\" "
	    "above the text, and an empty line between.");
}

static void write_edit_empty(struct writer *w)
{
	say_text(w, "There was no text below \"edit\".");
	say_unchanged(w);
	say_how_to_edit(w);
}

static void write_edit_refused(struct writer *w)
{
	say_lead(w, "The edit was not made:");
	say_quote(w, w->r->text);
	say_unchanged(w);
}

const char *receipt_before(const struct receipt *r, struct arena *arena)
{
	char span[CLOCK_ISO_SIZE];
	int64_t ms = r->at_ms - r->prior->at_ms;

	if (ms < 0 || r->prior->at_ms == 0)
		return "";
	if (ms < 60000)
		return ", moments before your answer";
	return arena_printf(
	    arena, ", %s before your answer", clock_span(ms, span));
}

static void write_too_late(struct writer *w)
{
	const struct receipt *r = w->r;
	const struct hold_prior *prior = r->prior;

	if (r->verb == HOLD_UNDO) {
		say_text(w,
		    "There is nothing to take back: draft %" PRId64 " %s.",
		    r->draft, receipt_state(r->state));
		return;
	}
	if (prior->verb == 0 || prior->verb == HOLD_EDIT)
		say_text(w,
		    "Draft %" PRId64 " was changed after your notice was "
		    "made. A newer notice shows it as it is now: answer that "
		    "one.",
		    r->draft);
	if (prior->verb != 0)
		say_text(w, "%s %s draft %" PRId64 " %s at %s%s.",
		    strcmp(prior->actor, r->reviewer->name) == 0 ? "You already"
								 : prior->actor,
		    facts_did(prior->verb), r->draft,
		    facts_where(w->arena, r->config, prior->medium),
		    say_time(w, prior->at_ms), receipt_before(r, w->arena));
	say_text(w, "Your answer changed nothing. Draft %" PRId64 " %s.",
	    r->draft, receipt_state(r->state));
}

static void write_wrong_code(struct writer *w)
{
	const struct receipt *r = w->r;

	say_text(w,
	    "Nothing was decided: the code that you wrote is not that of "
	    "the mail which you were shown.");
	say_text(w, "You wrote %s. Draft %" PRId64 ", revision %u, has %s.",
	    r->text, r->draft, r->number, r->code);
	say_text(w,
	    "If a newer notice about it has come, answer that one. If you "
	    "mean this one, write: approve %s",
	    r->code);
}

static void write_refused(struct writer *w)
{
	say_lead(w, "That could not be done:");
	say_quote(w, w->r->text);
	say_unchanged(w);
}

static void write_help(struct writer *w)
{
	say_text(w, "Draft %" PRId64 " %s.", w->r->draft,
	    receipt_state(w->r->state));
	say_commands(w);
	say_reasons(w);
	if (asks_to_decide(w))
		say_how_to_edit(w);
}

static void write_not_a_command(struct writer *w)
{
	say_text(w, "I could not read a decision in your answer.");
	say_unchanged(w);
	if (w->r->text != NULL && *w->r->text != '\0') {
		say_lead(w, "The first line was:");
		say_quote(w, w->r->text);
	} else {
		say_text(w, "It had no text of your own.");
	}
	say_lower(w);
	say_commands(w);
	say_once(w);
}

static void write_unreadable(struct writer *w)
{
	say_lead(w, "An answer came for you that could not be read:");
	say_quote(w, w->r->text);
	say_unchanged(w);
	say_text(w, "If it was yours, send it again as plain text.");
	say_commands(w);
	say_once(w);
}

static void write_maybe_automatic(struct writer *w)
{
	say_lead(w,
	    "An answer came from your address that looks as if a program had "
	    "written it:");
	say_quote(w, w->r->text);
	say_unchanged(w);
	say_text(w, "If it was yours, answer once more in a new mail.");
	say_commands(w);
	say_once(w);
}

static void write_stranger(struct writer *w)
{
	const struct receipt *r = w->r;

	say_lead(w, "Somebody else answered a notice of yours. The answer was "
		    "from:");
	say_quote(
	    w, r->text == NULL ? "(no sender, or more than one)" : r->text);
	say_still(w, "Nothing was decided.");
	say_text(w,
	    "If it was you, write from %s. If not, somebody has your notice; "
	    "without your address it decides nothing.",
	    r->reviewer->address);
}

static void write_unbelieved(struct writer *w)
{
	const struct receipt *r = w->r;

	say_lead(w, "A notice of yours was answered in your name, and it is "
		    "not proven that it was you:");
	say_quote(w, r->text == NULL ? "nothing proves it" : r->text);
	say_still(w, "Nothing was decided.");
	say_text(w, "If it was you, tell your admin (level, authserv and "
		    "review_networks in imprimatur.conf(5)), and decide on the "
		    "command line meanwhile. If not, somebody has your notice; "
		    "it decides nothing from there.");
}

static void (*const writers[])(struct writer *) = {
    [RECEIPT_APPROVED] = write_approved,
    [RECEIPT_PART_APPROVED] = write_part_approved,
    [RECEIPT_CLAIMED] = write_claimed,
    [RECEIPT_DELEGATED] = write_delegated,
    [RECEIPT_REVISING] = write_revising,
    [RECEIPT_SNOOZED] = write_snoozed,
    [RECEIPT_FINE] = write_fine,
    [RECEIPT_WRONG] = write_wrong,
    [RECEIPT_NEEDS_REASON] = write_needs_reason,
    [RECEIPT_WHICH_REASON] = write_which_reason,
    [RECEIPT_DROPPED] = write_dropped,
    [RECEIPT_UNDONE] = write_undone,
    [RECEIPT_ASKED] = write_asked,
    [RECEIPT_EDITED] = write_edited,
    [RECEIPT_EDIT_EMPTY] = write_edit_empty,
    [RECEIPT_EDIT_REFUSED] = write_edit_refused,
    [RECEIPT_TOO_LATE] = write_too_late,
    [RECEIPT_WRONG_CODE] = write_wrong_code,
    [RECEIPT_REFUSED] = write_refused,
    [RECEIPT_HELP] = write_help,
    [RECEIPT_NOT_A_COMMAND] = write_not_a_command,
    [RECEIPT_UNREADABLE] = write_unreadable,
    [RECEIPT_MAYBE_AUTOMATIC] = write_maybe_automatic,
    [RECEIPT_MANY] = tally_write,
    [RECEIPT_MANY_FAULT] = tally_write_fault,
    [RECEIPT_MANY_NONE] = tally_write_none,
    [RECEIPT_MANY_HELP] = tally_write_help,
    [RECEIPT_MANY_REFUSED] = tally_write_refused,
    [RECEIPT_STRANGER] = write_stranger,
    [RECEIPT_UNBELIEVED] = write_unbelieved,
};

bool receipt_done(enum receipt_kind kind)
{
	return kind <= RECEIPT_WRONG || kind == RECEIPT_EDITED;
}

const char *receipt_text(const struct receipt *receipt, struct arena *arena)
{
	const char *made = NULL;
	struct buf text;
	struct writer w = {receipt, arena, &text, NULL};

	buf_init(&text, LETTER_MAX);
	writers[receipt->kind](&w);
	while (text.len > 0 && text.data[text.len - 1] == '\n')
		text.len--;
	if (!text.overflow)
		made = arena_dup(arena, text.data, text.len);
	buf_release(&text);
	return made;
}

/* "Re: " and the answer's subject, or one of ours. */
static const char *subject_of(const struct receipt *r, struct arena *arena)
{
	const char *subject = r->subject;

	if (subject == NULL || *subject == '\0')
		return r->draft == 0
			   ? "Re: [review] several drafts"
			   : arena_printf(arena,
				 "Re: [review] (draft %" PRId64 ")", r->draft);
	subject = text_line(arena, text_span(subject), SUBJECT_COLUMNS);
	if (strncasecmp(subject, "re:", 3) == 0)
		return subject;
	return arena_printf(arena, "Re: %s", subject);
}

int receipt_write(
    const struct receipt *receipt, struct arena *arena, struct buf *out)
{
	const char *hostname = receipt->config->hostname;
	struct letter letter = {
	    .kind = LETTER_ANSWER,
	    .hostname = hostname,
	    .from = receipt->config->review.from,
	    .to = receipt->reviewer->address,
	    .reply_to = receipt->reply_to,
	    .subject = subject_of(receipt, arena),
	    .message_id =
		letter_new_id(arena, hostname, receipt->draft, "answer"),
	    .thread = receipt->notice,
	    .answers = receipt->answers,
	    .at_ms = receipt->at_ms,
	};
	struct buf text, html;
	struct writer w = {receipt, arena, &text, &html};
	int rc;

	if (receipt->draft != 0)
		letter.root = letter_root(arena, hostname, receipt->draft);
	buf_init(&text, LETTER_MAX);
	buf_init(&html, LETTER_MAX);
	html_open(&html);
	if (receipt->move != NULL)
		say_text(&w, "%s", receipt->move->what);
	writers[receipt->kind](&w);
	if (receipt->move != NULL && !receipt_done(receipt->kind))
		say_text(&w, "%s " SAY_MORE, receipt->move->back);
	html_end(&html);
	letter.text = buf_span(&text);
	letter.html = buf_span(&html);
	rc = text.overflow || html.overflow || letter_write(&letter, out) ? -1
									  : 0;
	buf_release(&text);
	buf_release(&html);
	return rc;
}
