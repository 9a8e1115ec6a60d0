/*
 * waiting_move: what a reviewer says by a mail, asked of the loop.
 */
#ifndef MAILBOX_WAITING_MOVE_H
#define MAILBOX_WAITING_MOVE_H

#include "mailbox/internal.h"
#include "mailbox/waiting_place.h"
#include "util/buf.h"
#include "util/error.h"

struct waiting_move {
	const struct waiting_place *place; /* where it lies */
	const struct waiting_mail *mail;
	bool waits; /* that is where it waited */
	enum mailbox_verb verb;
	struct buf bytes;	      /* of an edit; empty afterwards */
	enum mailbox_outcome outcome; /* result */
};

/* Ask and wait.  -1 and err: the thread must end. */
int waiting_move_ask(struct mailbox_worker *worker, struct waiting_move *move,
    struct error *err);

#endif
