/*
 * tally: first the numbers, then a few lines for each draft.  What is said of
 * one draft alone is left to receipt.c.
 */
#include "review/tally.h"

#include "review/facts.h"
#include "review/reason.h"
#include "review/text.h"

#include "util/clock.h"

#include <inttypes.h>
#include <string.h>

/* ---- numbers ------------------------------------------------------------ */

enum which { WHICH_DONE, WHICH_NOT, WHICH_UNNAMED, WHICH_LOW };

static bool is_one(const struct receipt_item *item, enum which which)
{
	const struct receipt *outcome = item->outcome;

	switch (which) {
	case WHICH_LOW:
		return item->low;
	case WHICH_UNNAMED:
		return outcome == NULL && item->waits;
	default:
		return outcome != NULL &&
		       receipt_done(outcome->kind) == (which == WHICH_DONE);
	}
}

/* "1, 3-5, 8"; NULL: none are such. */
static const char *numbers(const struct writer *w, enum which which)
{
	const struct receipt_item *items = w->r->items;
	const char *list = NULL;
	size_t i, last;

	for (i = 0; i < w->r->n_items; i++) {
		if (!is_one(&items[i], which))
			continue;
		for (last = i; last + 1 < w->r->n_items &&
			       items[last + 1].n == items[last].n + 1 &&
			       is_one(&items[last + 1], which);)
			last++;
		list =
		    arena_printf(w->arena, "%s%s%u", list == NULL ? "" : list,
			list == NULL ? "" : ", ", items[i].n);
		if (last > i)
			list = arena_printf(
			    w->arena, "%s-%u", list, items[last].n);
		i = last;
	}
	return list;
}

/* ---- each draft --------------------------------------------------------- */

static void write_approved(struct writer *w, const struct receipt *r)
{
	char span[CLOCK_ISO_SIZE];

	if (r->prompt == HOLD_PROMPT_DOUBT)
		say_inner(w, "It is sent again.");
	else if (r->prompt == HOLD_PROMPT_FAILED)
		say_inner(w, "It is tried once more.");
	else if (r->until_ms - r->at_ms < 1000)
		say_inner(w, "Approved; it leaves now.");
	else
		say_inner(w, "Approved; it leaves in %s, at %s.",
		    clock_span(r->until_ms - r->at_ms, span),
		    say_time(w, r->until_ms));
}

static void write_dropped(struct writer *w, const struct receipt *r)
{
	if (r->prompt == HOLD_PROMPT_DOUBT) {
		say_inner(w, "It counts as sent.");
		return;
	}
	if (r->prompt == HOLD_PROMPT_FAILED) {
		say_inner(w, "It stays unsent for those who did not get it.");
		return;
	}
	say_inner(w, "Dropped; it does not leave.%s",
	    r->text == NULL ? "" : " Its agent is told:");
	if (r->text != NULL)
		say_quote_inner(w, r->text);
}

static void write_edited(struct writer *w, const struct receipt *r)
{
	say_inner(w,
	    "Edited; nothing has left yet. It is revision %u now, with the "
	    "new code %s. A new notice shows what changed: answer that one.",
	    r->number, r->code);
	if (r->text != NULL && *r->text != '\0')
		say_quote_inner(w, r->text);
	if (receipt_left_out(r) == NULL)
		return;
	say_inner(w, "%s", receipt_left_out(r));
	say_quote_inner(w, r->signature != NULL ? r->signature : r->below);
}

static void write_revising(struct writer *w, const struct receipt *r)
{
	say_inner(w, "It went back to its agent, who is told:");
	say_quote_inner(w, r->text);
	if (r->until_ms != 0)
		say_inner(w, "It has time until %s.", say_time(w, r->until_ms));
}

/* Was it the same person who said the same before? */
static bool is_repeated(const struct receipt *r)
{
	return r->prior->verb == r->verb &&
	       strcmp(r->prior->actor, r->reviewer->name) == 0;
}

static void write_too_late(struct writer *w, const struct receipt *r)
{
	const struct hold_prior *prior = r->prior;

	if (r->verb == HOLD_UNDO)
		say_inner(w, "There is nothing to take back.");
	else if (prior->verb == 0)
		say_inner(w,
		    "Too late: it was changed after that mail was made. A "
		    "newer notice shows it as it is now.");
	else
		say_inner(w, "%s%s %s it %s at %s%s.",
		    is_repeated(r) ? "" : "Too late: ",
		    strcmp(prior->actor, r->reviewer->name) == 0
			? is_repeated(r) ? "You" : "you"
			: prior->actor,
		    facts_did(prior->verb),
		    facts_where(w->arena, r->config, prior->medium),
		    say_time(w, prior->at_ms),
		    is_repeated(r) ? "" : receipt_before(r, w->arena));
	if (prior->verb == HOLD_EDIT)
		say_inner(w, "A newer notice shows it as it is now.");
	say_inner(w, "It %s.", receipt_state(r->state));
}

static void write_refused(struct writer *w, const struct receipt *r)
{
	say_inner(w, "Nothing was changed:");
	say_quote_inner(w, r->text);
}

static void write_reason(struct writer *w, const struct receipt *r)
{
	const char *list = reason_list(w->arena, r->channel);

	say_inner(w,
	    "Nothing was changed: this one wants a reason, whatever you "
	    "decide.");
	if (r->kind == RECEIPT_WHICH_REASON)
		say_inner(w, "Do you mean \"%s\"?", r->text);
	if (list != NULL)
		say_inner(w,
		    "A reason is one of these, or begins with one: %s.", list);
	say_inner(w, "Answer again with its number and: approve because "
		     "<reason>, or: drop <reason>");
}

/* What takes one line, and needs nothing but the names in it. */
static void write_rest(struct writer *w, const struct receipt *r)
{
	switch (r->kind) {
	case RECEIPT_PART_APPROVED:
		say_inner(
		    w, "Your approval counts; %u more must agree.", r->missing);
		break;
	case RECEIPT_UNDONE:
		say_inner(w, "Taken back; it waits for a decision again.");
		break;
	case RECEIPT_ASKED:
		if (r->text == NULL)
			say_inner(
			    w, "There is nobody else who could be asked.");
		else
			say_inner(w, "Your question went to %s.", r->text);
		break;
	case RECEIPT_CLAIMED:
		say_inner(w, "It is yours to look at%s%s.",
		    r->text == NULL ? "" : "; before you it was with ",
		    r->text == NULL ? "" : r->text);
		break;
	case RECEIPT_DELEGATED:
		say_inner(w, "%s is asked about it now.", r->text);
		break;
	case RECEIPT_SNOOZED:
		say_inner(
		    w, "You are asked again at %s.", say_time(w, r->until_ms));
		break;
	case RECEIPT_FINE:
		say_inner(w, "It is on record that it was right to go.");
		break;
	case RECEIPT_EDIT_EMPTY:
		say_inner(w, "Nothing was changed: there was no text below "
			     "\"edit\".");
		break;
	default:
		say_inner(w, "It %s.", receipt_state(r->state));
	}
}

static void write_wrong(struct writer *w, const struct receipt *r)
{
	say_inner(w, "It is on record that it should not have left.");
	if (r->text != NULL)
		say_quote_inner(w, r->text);
}

static void write_outcome(struct writer *w, const struct receipt *r)
{
	static void (*const writers[])(
	    struct writer *, const struct receipt *) = {
	    [RECEIPT_APPROVED] = write_approved,
	    [RECEIPT_DROPPED] = write_dropped,
	    [RECEIPT_EDITED] = write_edited,
	    [RECEIPT_REVISING] = write_revising,
	    [RECEIPT_WRONG] = write_wrong,
	    [RECEIPT_TOO_LATE] = write_too_late,
	    [RECEIPT_REFUSED] = write_refused,
	    [RECEIPT_EDIT_REFUSED] = write_refused,
	    [RECEIPT_NEEDS_REASON] = write_reason,
	    [RECEIPT_WHICH_REASON] = write_reason,
	};

	if (r->kind < sizeof(writers) / sizeof(writers[0]) &&
	    writers[r->kind] != NULL)
		writers[r->kind](w, r);
	else
		write_rest(w, r);
}

static void write_item(struct writer *w, const struct receipt_item *item)
{
	const struct receipt *r = item->outcome;

	say_item(w, item->n, r->draft);
	if (*item->subject != '\0')
		say_quote_inner(w, item->subject);
	write_outcome(w, r);
	say_gap(w);
}

/* ---- how to answer ------------------------------------------------------ */

void tally_commands(struct writer *w)
{
	const char *low = numbers(w, WHICH_LOW);

	say_lead(w, "Begin your answer with lines like these, and leave an "
		    "empty line below the last:");
	say_row(w, "1 approve", "it leaves as it was shown");
	say_row(w, "2 drop <reason>", "it does not leave");
	say_row(w, "3-5, 8 approve", "several at once");
	say_row(w, "6 revise <words>", "its agent is to make it better");
	say_row(w, "6 snooze 2h", "you are asked again then");
	say_row(w, "6 edit", "your whole new text below that line, last");
	if (low != NULL)
		say_row(w, "all approve",
		    arena_printf(w->arena, "all of low severity: %s", low));
	say_gap(w);
}

/* ---- the mails ---------------------------------------------------------- */

/* The first of which an undo makes sense; NULL: none. */
static const struct receipt_item *first_undoable(const struct receipt *r)
{
	const struct receipt_item *item;

	for (item = r->items; item < r->items + r->n_items; item++)
		if (item->outcome != NULL &&
		    (item->outcome->kind == RECEIPT_APPROVED ||
			item->outcome->kind == RECEIPT_DROPPED ||
			item->outcome->kind == RECEIPT_REVISING))
			return item;
	return NULL;
}

void tally_write(struct writer *w)
{
	const struct receipt_item *undoable;
	const char *done = numbers(w, WHICH_DONE);
	const char *undone = numbers(w, WHICH_NOT);
	const char *unnamed = numbers(w, WHICH_UNNAMED);
	size_t i;

	if (done != NULL)
		say_lead(w, arena_printf(w->arena, "Done: %s.", done));
	if (undone != NULL)
		say_lead(w, arena_printf(w->arena, "Not done: %s.", undone));
	if (unnamed != NULL)
		say_lead(w,
		    arena_printf(w->arena,
			"Not in your answer, and still waiting: %s.", unnamed));
	say_gap(w);
	for (i = 0; i < w->r->n_items; i++)
		if (w->r->items[i].outcome != NULL)
			write_item(w, &w->r->items[i]);
	undoable = first_undoable(w->r);
	if (undoable != NULL)
		say_text(w,
		    "To take one of them back, answer this mail with its "
		    "number and undo, like this: %u undo",
		    undoable->n);
}

void tally_write_fault(struct writer *w)
{
	const struct receipt_line *at = &w->r->at;

	say_text(w,
	    "Nothing was decided, because a line of your answer is not clear. "
	    "All drafts are as they were.");
	if (at->said != NULL && *at->said != '\0') {
		say_lead(w, arena_printf(w->arena, "Line %u is:", at->number));
		say_quote(w, at->said);
	}
	say_lead(w, "What is wrong with it:");
	say_text(w, "%s.", w->r->text);
	say_text(w, "Mend that line, and send the whole answer again.");
	tally_commands(w);
}

void tally_write_none(struct writer *w)
{
	say_text(w,
	    "I could not read a decision in your answer. Nothing was decided; "
	    "all drafts are as they were.");
	if (w->r->text != NULL && *w->r->text != '\0') {
		say_lead(w, "The first line was:");
		say_quote(w, w->r->text);
	} else {
		say_text(w, "It had no text of your own.");
	}
	say_lower(w);
	tally_commands(w);
	say_once(w);
}

void tally_write_help(struct writer *w)
{
	const char *cut = NULL;
	size_t i;

	say_text(w, "Nothing was decided; all drafts are as they were.");
	tally_commands(w);
	for (i = 0; i < w->r->n_items; i++)
		if (w->r->items[i].cut && w->r->items[i].waits)
			cut = arena_printf(w->arena, "%s%s%u",
			    cut == NULL ? "" : cut, cut == NULL ? "" : ", ",
			    w->r->items[i].n);
	if (cut != NULL)
		say_text(w,
		    "These were not shown whole, so they cannot be approved "
		    "by mail: %s.",
		    cut);
	say_text(w, "Other commands: claim, ask <question>, delegate <name>, "
		    "undo.");
}

void tally_write_refused(struct writer *w)
{
	say_text(w, "Nothing was decided; all drafts are as they were.");
	say_lead(w, "The reason:");
	say_quote(w, w->r->text);
}
