/*
 * brief: one function for each kind of receipt that needs more than a line.
 * What is said by mail is left to receipt.c.
 */
#include "review/brief.h"

#include "review/facts.h"
#include "review/reason.h"
#include "review/say.h"
#include "review/text.h"

#include "util/clock.h"

#include <inttypes.h>
#include <string.h>

#define NAME_COLUMNS 64
#define WORD_COLUMNS 300

struct brief {
	const struct receipt *r;
	struct arena *arena;
	const char *it; /* "draft 17" */
};

static const char *text_of(const struct brief *b, size_t columns)
{
	return text_line(b->arena, text_span(b->r->text), columns);
}

static const char *name_of(const struct brief *b)
{
	return text_of(b, NAME_COLUMNS);
}

static const char *time_of(const struct brief *b, int64_t at_ms)
{
	const struct writer w = {.r = b->r, .arena = b->arena};

	return say_time(&w, at_ms);
}

/* Words that may end in a mark of their own. */
static const char *sentence(const struct brief *b, const char *words)
{
	size_t n = strlen(words);

	return n > 0 && strchr(".!?", words[n - 1]) != NULL
		   ? words
		   : arena_printf(b->arena, "%s.", words);
}

/* ---- it was done -------------------------------------------------------- */

static const char *approved(const struct brief *b)
{
	const struct receipt *r = b->r;
	char span[CLOCK_ISO_SIZE];

	if (r->prompt == HOLD_PROMPT_DOUBT)
		return arena_printf(
		    b->arena, "Approved: %s is sent again.", b->it);
	if (r->prompt == HOLD_PROMPT_FAILED)
		return arena_printf(
		    b->arena, "Approved: %s is tried once more.", b->it);
	if (r->until_ms - r->at_ms < 1000)
		return arena_printf(
		    b->arena, "Approved: %s leaves now.", b->it);
	return arena_printf(b->arena,
	    "Approved: %s leaves in %s. To stop it before that, write: undo",
	    b->it, clock_span(r->until_ms - r->at_ms, span));
}

static const char *part_approved(const struct brief *b)
{
	if (b->r->missing == 1)
		return arena_printf(b->arena,
		    "Your approval of %s counts; it leaves when one more "
		    "person agrees.",
		    b->it);
	return arena_printf(b->arena,
	    "Your approval of %s counts; it leaves when %u more people agree.",
	    b->it, b->r->missing);
}

static const char *dropped(const struct brief *b)
{
	const char *text = b->r->text;

	if (b->r->prompt == HOLD_PROMPT_DOUBT)
		return arena_printf(
		    b->arena, "Done: %s counts as sent.", b->it);
	if (b->r->prompt == HOLD_PROMPT_FAILED)
		return arena_printf(b->arena,
		    "Done: %s stays unsent for those who did not get it.",
		    b->it);
	return arena_printf(b->arena,
	    "Dropped: %s does not leave; its agent is told %s. To take it "
	    "back, write: undo",
	    b->it, text != NULL && *text != '\0' ? "why" : "so");
}

static const char *asked(const struct brief *b)
{
	if (b->r->text == NULL)
		return arena_printf(b->arena,
		    "There is no other reviewer who could be asked; your "
		    "question is kept with %s.",
		    b->it);
	return arena_printf(b->arena,
	    "Your question about %s went by mail to %s, who can answer you.",
	    b->it, text_of(b, WORD_COLUMNS));
}

static const char *claimed(const struct brief *b)
{
	if (b->r->text == NULL)
		return arena_printf(
		    b->arena, "The others see that you are on %s.", b->it);
	return arena_printf(b->arena,
	    "The others see that you are on %s; %s was before you.", b->it,
	    name_of(b));
}

static const char *revising(const struct brief *b)
{
	if (b->r->until_ms == 0)
		return arena_printf(b->arena,
		    "Done: %s went back to its agent. To take that back, "
		    "write: undo",
		    b->it);
	return arena_printf(b->arena,
	    "Done: %s went back to its agent, who has time until %s. To take "
	    "that back, write: undo",
	    b->it, time_of(b, b->r->until_ms));
}

static const char *edited(const struct brief *b)
{
	const struct receipt *r = b->r;
	const char *note = text_of(b, WORD_COLUMNS);

	return arena_printf(b->arena,
	    "Edited: %s is revision %u now, with the new code %s. Nothing has "
	    "left; a new message shows what changed, and waits for a "
	    "decision.%s%s",
	    b->it, r->number, r->code,
	    *note == '\0' ? "" : " How it was edited: ",
	    *note == '\0' ? "" : sentence(b, note));
}

/* ---- it was not --------------------------------------------------------- */

static const char *wants_reason(const struct brief *b)
{
	const char *list = reason_list(b->arena, b->r->channel);
	const char *meant = "";

	if (b->r->kind == RECEIPT_WHICH_REASON)
		meant =
		    arena_printf(b->arena, " Do you mean \"%s\"?", name_of(b));
	return arena_printf(b->arena,
	    "Nothing was decided: %s wants a reason, whatever you decide.%s "
	    "Write: approve because <reason>, or: drop <reason>%s%s",
	    b->it, meant,
	    list == NULL ? ""
			 : "\nA reason is one of these, or begins with one: ",
	    list == NULL ? "" : list);
}

static bool is_repeated(const struct receipt *r)
{
	return r->prior->verb == r->verb &&
	       strcmp(r->prior->actor, r->reviewer->name) == 0;
}

static const char *too_late(const struct brief *b)
{
	const struct receipt *r = b->r;
	const struct hold_prior *prior = r->prior;
	const char *newer = prior->verb == 0 || prior->verb == HOLD_EDIT
				? " A newer message shows it as it is now."
				: "";

	if (r->verb == HOLD_UNDO)
		return arena_printf(b->arena,
		    "There is nothing to take back: %s %s.", b->it,
		    receipt_state(r->state));
	if (prior->verb == 0)
		return arena_printf(b->arena,
		    "Too late: %s was changed after this message was made.%s",
		    b->it, newer);
	return arena_printf(b->arena, "%s%s %s %s %s at %s%s. It %s.%s",
	    is_repeated(r) ? "" : "Too late: ",
	    strcmp(prior->actor, r->reviewer->name) == 0
		? is_repeated(r) ? "You already" : "you"
		: prior->actor,
	    facts_did(prior->verb), b->it,
	    facts_where(b->arena, r->config, prior->medium),
	    time_of(b, prior->at_ms),
	    is_repeated(r) ? "" : receipt_before(r, b->arena),
	    receipt_state(r->state), newer);
}

static const char *nothing(const struct brief *b)
{
	return arena_printf(b->arena, "Nothing was decided: %s",
	    sentence(b, text_of(b, WORD_COLUMNS)));
}

static const char *wrong_code(const struct brief *b)
{
	const struct receipt *r = b->r;

	return arena_printf(b->arena,
	    "Nothing was decided: revision %u of %s has the code %s, not %s.",
	    r->number, b->it, r->code, name_of(b));
}

static const char *help(const struct brief *b)
{
	const struct receipt *r = b->r;
	const char *approve =
	    r->needs_reason ? "approve because <reason>" : "approve";

	if (r->prompt == HOLD_PROMPT_AFTER)
		return "Write in the first line: fine, or: wrong <reason>";
	if (r->prompt != HOLD_PROMPT_DECIDE && r->prompt != HOLD_PROMPT_REMIND)
		return "Write in the first line one of these: approve, drop, "
		       "ask <question>, undo";
	return arena_printf(b->arena,
	    "For %s, write in the first line one of these: %s%sdrop <reason>, "
	    "edit (and the whole new text below it), revise <remark>, snooze "
	    "2h, claim, delegate <name>, ask <question>, undo",
	    b->it, r->cut ? "" : approve, r->cut ? "" : ", ");
}

/* ---- of many ------------------------------------------------------------ */

static const char *many_help(const struct brief *b)
{
	return arena_printf(b->arena,
	    "Nothing was decided. Write lines such as these: 1 approve, "
	    "2 drop <reason>, 3-5 snooze 2h, all approve (all of low "
	    "severity), 6 revise <remark>, 6 edit (last, and the whole new "
	    "text below it)");
}

static const char *many_fault(const struct brief *b)
{
	const struct receipt *r = b->r;

	return arena_printf(b->arena,
	    "Nothing was decided, because line %u is not clear: %s Mend it, "
	    "and write all of it again.",
	    r->at.number, sentence(b, text_of(b, WORD_COLUMNS)));
}

/* A line for each that was spoken of. */
static const char *many(const struct brief *b)
{
	const struct receipt *r = b->r;
	const char *all = NULL;
	size_t i;

	for (i = 0; i < r->n_items; i++)
		if (r->items[i].outcome != NULL)
			all = arena_printf(b->arena, "%s%s%u: %s",
			    all == NULL ? "" : all, all == NULL ? "" : "\n",
			    r->items[i].n,
			    brief_text(r->items[i].outcome, b->arena));
	return all == NULL ? "Nothing was decided." : all;
}

static const char *line_of(const struct brief *b)
{
	const struct receipt *r = b->r;

	switch (r->kind) {
	case RECEIPT_UNDONE:
		return arena_printf(b->arena,
		    "Taken back: %s waits for a decision again.", b->it);
	case RECEIPT_DELEGATED:
		return arena_printf(
		    b->arena, "%s is asked about %s now.", name_of(b), b->it);
	case RECEIPT_SNOOZED:
		return arena_printf(b->arena,
		    "You are asked about %s again at %s.", b->it,
		    time_of(b, r->until_ms));
	case RECEIPT_FINE:
		return arena_printf(b->arena,
		    "It is on record that %s was right to leave.", b->it);
	case RECEIPT_WRONG:
		return arena_printf(b->arena,
		    "It is on record that %s should not have left.", b->it);
	case RECEIPT_EDIT_EMPTY:
		return "Nothing was changed: there was no new text. It stands "
		       "below the line \"edit\".";
	default:
		return nothing(b);
	}
}

const char *brief_text(const struct receipt *receipt, struct arena *arena)
{
	static const char *(*const briefs[])(const struct brief *) = {
	    [RECEIPT_APPROVED] = approved,
	    [RECEIPT_PART_APPROVED] = part_approved,
	    [RECEIPT_DROPPED] = dropped,
	    [RECEIPT_ASKED] = asked,
	    [RECEIPT_CLAIMED] = claimed,
	    [RECEIPT_REVISING] = revising,
	    [RECEIPT_EDITED] = edited,
	    [RECEIPT_NEEDS_REASON] = wants_reason,
	    [RECEIPT_WHICH_REASON] = wants_reason,
	    [RECEIPT_TOO_LATE] = too_late,
	    [RECEIPT_WRONG_CODE] = wrong_code,
	    [RECEIPT_HELP] = help,
	    [RECEIPT_MANY] = many,
	    [RECEIPT_MANY_FAULT] = many_fault,
	    [RECEIPT_MANY_HELP] = many_help,
	    [RECEIPT_MANY_NONE] = many_help,
	};
	const struct brief b = {
	    .r = receipt,
	    .arena = arena,
	    .it = arena_printf(arena, "draft %" PRId64, receipt->draft),
	};

	if (receipt->kind < sizeof(briefs) / sizeof(briefs[0]) &&
	    briefs[receipt->kind] != NULL)
		return briefs[receipt->kind](&b);
	return line_of(&b);
}
