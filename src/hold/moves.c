/*
 * moves: the names of states and verbs, and the table of what a state may
 * become.  Who moves a draft, and when, is left to the store files.
 */
#include "hold/internal.h"

#include <string.h>

/* ---- names ----------------------------------------------------------- */

static const char *const state_names[HOLD_STATES] = {
    [HOLD_HELD] = "held",
    [HOLD_APPROVED] = "approved",
    [HOLD_SENDING] = "sending",
    [HOLD_SENT] = "sent",
    [HOLD_FAILED] = "failed",
    [HOLD_IN_DOUBT] = "in-doubt",
    [HOLD_DROPPED] = "dropped",
    [HOLD_REFUSED] = "refused",
    [HOLD_REVISING] = "revising",
    [HOLD_EXPIRED] = "expired",
    [HOLD_WITHDRAWN] = "withdrawn",
    [HOLD_SUPERSEDED] = "superseded",
};

static const char *const verb_names[] = {
    [HOLD_APPROVE] = "approve",
    [HOLD_DROP] = "drop",
    [HOLD_UNDO] = "undo",
    [HOLD_ASK] = "ask",
    [HOLD_EDIT] = "edit",
    [HOLD_CLAIM] = "claim",
    [HOLD_DELEGATE] = "delegate",
    [HOLD_FINE] = "fine",
    [HOLD_WRONG] = "wrong",
    [HOLD_SNOOZE] = "snooze",
    [HOLD_REVISE] = "revise",
};

#define N_VERBS (sizeof(verb_names) / sizeof(verb_names[0]))

const char *hold_state_name(enum hold_state state)
{
	return state > 0 && state < HOLD_STATES ? state_names[state] : "?";
}

enum hold_state hold_state_of(const char *name)
{
	unsigned i;

	for (i = 1; i < HOLD_STATES; i++)
		if (strcmp(state_names[i], name) == 0)
			return (enum hold_state)i;
	return (enum hold_state)0;
}

const char *hold_verb_name(enum hold_verb verb)
{
	return verb > 0 && verb < N_VERBS ? verb_names[verb] : "?";
}

enum hold_verb hold_verb_of(const char *name)
{
	unsigned i;

	for (i = 1; i < N_VERBS; i++)
		if (strcmp(verb_names[i], name) == 0)
			return (enum hold_verb)i;
	return (enum hold_verb)0;
}

/* ---- moves ----------------------------------------------------------- */

/*
 * Every move that there is.  verb: what a person says to make it, 0 when
 * nobody does.  For a state and a verb the first row counts.
 */
static const struct move {
	enum hold_state from, to;
	enum hold_verb verb;
	const char *when;
} moves[] = {
    {HOLD_HELD, HOLD_APPROVED, HOLD_APPROVE,
	"a reviewer lets it go, or a deadline does"},
    {HOLD_HELD, HOLD_DROPPED, HOLD_DROP,
	"a reviewer drops it, or a program refuses it"},
    {HOLD_HELD, HOLD_REVISING, HOLD_REVISE,
	"a reviewer sends it back to the agent"},
    {HOLD_HELD, HOLD_EXPIRED, 0, "its deadline passes"},
    {HOLD_HELD, HOLD_WITHDRAWN, 0, "the agent takes it back"},
    {HOLD_HELD, HOLD_SUPERSEDED, 0, "the agent sends a better one"},
    {HOLD_REVISING, HOLD_SUPERSEDED, 0, "the agent sends a better one"},
    {HOLD_REVISING, HOLD_EXPIRED, 0, "the agent sends none in time"},
    {HOLD_REVISING, HOLD_WITHDRAWN, 0, "the agent takes it back"},
    {HOLD_REVISING, HOLD_HELD, HOLD_UNDO, "a reviewer thinks again"},
    {HOLD_DROPPED, HOLD_HELD, HOLD_UNDO, "a reviewer thinks again"},
    {HOLD_APPROVED, HOLD_HELD, HOLD_UNDO,
	"a reviewer thinks again in time; or who approved it may not any more; "
	"or it is too late to leave; or the other side wrote again"},
    {HOLD_APPROVED, HOLD_WITHDRAWN, 0, "the agent takes it back in time"},
    {HOLD_APPROVED, HOLD_SUPERSEDED, 0, "the agent sends a better one in time"},
    {HOLD_APPROVED, HOLD_SENDING, 0, "an attempt claims it"},
    {HOLD_SENDING, HOLD_SENT, 0, "the relay host took it for everybody"},
    {HOLD_SENDING, HOLD_APPROVED, 0, "it is to be tried again later"},
    {HOLD_SENDING, HOLD_FAILED, 0, "the relay host refused a recipient"},
    {HOLD_SENDING, HOLD_IN_DOUBT, 0, "the dot was sent and no answer was read"},
    {HOLD_FAILED, HOLD_APPROVED, HOLD_APPROVE,
	"a reviewer has it tried again for who was refused"},
    {HOLD_FAILED, HOLD_DROPPED, HOLD_DROP, "a reviewer leaves it unsent"},
    {HOLD_FAILED, HOLD_SENT, HOLD_DROP,
	"a reviewer takes it as done; others got it"},
    {HOLD_IN_DOUBT, HOLD_APPROVED, HOLD_APPROVE,
	"a reviewer has it sent again"},
    {HOLD_IN_DOUBT, HOLD_SENT, HOLD_DROP, "a reviewer takes it as sent"},
    {HOLD_IN_DOUBT, HOLD_FAILED, HOLD_DROP,
	"a reviewer takes it as sent; others were refused"},
};

#define N_MOVES (sizeof(moves) / sizeof(moves[0]))

bool hold_may_move(enum hold_state from, enum hold_state to)
{
	size_t i;

	for (i = 0; i < N_MOVES; i++)
		if (moves[i].from == from && moves[i].to == to)
			return true;
	return false;
}

enum hold_state hold_verb_leads(enum hold_state from, enum hold_verb verb)
{
	size_t i;

	for (i = 0; i < N_MOVES; i++)
		if (moves[i].from == from && moves[i].verb == verb && verb != 0)
			return moves[i].to;
	return (enum hold_state)0;
}

bool hold_waits(enum hold_state state)
{
	return state == HOLD_HELD || state == HOLD_IN_DOUBT ||
	       state == HOLD_FAILED;
}

void hold_print_moves(FILE *out)
{
	size_t i;

	for (i = 0; i < N_MOVES; i++)
		fprintf(out, "%-9s -> %-10s  %-7s  %s\n",
		    state_names[moves[i].from], state_names[moves[i].to],
		    moves[i].verb == 0 ? "-" : verb_names[moves[i].verb],
		    moves[i].when);
}
