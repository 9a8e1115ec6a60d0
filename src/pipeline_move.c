/*
 * pipeline_move: a move becomes what a program that is a medium would say:
 * review looks whether that reviewer was asked, and decides by the ledger.
 */
#include "pipeline_move.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "mailbox/mailbox.h"
#include "review/review.h"

#include "house.h"

#include "util/mem.h"

struct moving {
	struct review_answer answer;
	struct review_said said;
	struct review_move how;
	struct mailbox_move *move;
	char what[700], back[700];
};

static void on_answered(struct review_answer *answer)
{
	struct moving *m = answer->context;
	struct mailbox_move *move = m->move;

	move->outcome = answer->error.kind != ERROR_NONE ? MAILBOX_AGAIN
			: answer->ok			 ? MAILBOX_DONE
							 : MAILBOX_OTHERS;
	snprintf(move->why, sizeof(move->why), "%.199s",
	    answer->error.kind != ERROR_NONE ? answer->error.text : "");
	free(answer->text);
	free(m);
	mailbox_waiting_heard(move);
}

/* What the reviewer did, for them to read. */
static void describe(struct moving *m)
{
	const struct mailbox_move *move = m->move;
	const struct config_mailbox *mailbox = move->mailbox;

	if (move->waits)
		snprintf(m->what, sizeof(m->what),
		    "The mail of draft %" PRId64
		    " in %.255s is not as it was put there any more, so it "
		    "counts as an edit.",
		    move->draft, move->folder);
	else
		snprintf(m->what, sizeof(m->what),
		    "You moved the mail of draft %" PRId64 " to %.255s.%s",
		    move->draft, move->folder,
		    move->verb == MAILBOX_EDIT
			? " It is not as it was put there any more, so it was "
			  "not approved: it counts as an edit."
			: "");
	if (move->verb == MAILBOX_EDIT)
		snprintf(m->back, sizeof(m->back),
		    "Your changed mail is in %.255s. If the draft still waits, "
		    "its mail is in %.255s again, unchanged.",
		    mailbox->failed, mailbox->folder);
	else
		snprintf(m->back, sizeof(m->back),
		    "If the draft still waits, its mail is in %.255s again.",
		    mailbox->folder);
}

void pipeline_move(struct mailbox_move *move, void *context)
{
	static const char *const verbs[] = {
	    [MAILBOX_APPROVE] = "approve",
	    [MAILBOX_DROP] = "drop",
	    [MAILBOX_EDIT] = "edit",
	};
	struct house *house = context;
	struct moving *m = mem_zalloc(sizeof(*m));

	m->move = move;
	describe(m);
	m->how.what = m->what;
	m->how.back = m->back;
	m->how.once = move->once;
	m->how.mail = move->mail;
	m->said.medium = move->mailbox->name;
	m->said.reviewer = move->mailbox->reviewer;
	m->said.verb = verbs[move->verb];
	m->said.code = move->code;
	m->answer.notice = move->notice;
	m->answer.peer = move->mailbox->name;
	m->answer.said = &m->said;
	m->answer.move = &m->how;
	m->answer.done = on_answered;
	m->answer.context = m;
	review_answer(house->review, &m->answer);
}
