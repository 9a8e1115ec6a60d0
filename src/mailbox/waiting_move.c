/*
 * waiting_move: one question on its way to the hook that decides, and back.
 * When to ask is left to waiting.c.
 */
#include "mailbox/waiting_move.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/log.h"
#include "util/mem.h"

struct move_ask {
	struct mailbox_ask ask;
	struct mailbox_move move;
	const struct config *config; /* loop: a reference until it is heard */
	struct mailbox_worker *worker;
	struct buf bytes;
	char code[HOLD_CODE_SIZE], once[64];
};

static void serve_move(struct mailbox_ask *ask)
{
	struct move_ask *m = (struct move_ask *)ask;
	const struct mailbox_hooks *hooks = mailbox_hooks(ask->room);

	m->config = config_ref(m->worker->config);
	m->move.mail = buf_span(&m->bytes);
	hooks->move(&m->move, hooks->context);
}

static void release_move(struct mailbox_ask *ask)
{
	struct move_ask *m = (struct move_ask *)ask;

	buf_release(&m->bytes);
	free(m);
}

void mailbox_waiting_heard(struct mailbox_move *move)
{
	struct move_ask *m =
	    (void *)((char *)move - offsetof(struct move_ask, move));

	config_unref(m->config);
	mailbox_answer(&m->ask);
}

static struct move_ask *new_ask(
    struct mailbox_worker *worker, struct waiting_move *move)
{
	const struct waiting_item *item = &move->mail->item;
	struct move_ask *m = mem_zalloc(sizeof(*m));

	m->ask.serve = serve_move;
	m->ask.release = release_move;
	m->worker = worker;
	m->bytes = move->bytes;
	buf_init(&move->bytes, move->bytes.max_bytes); /* they are the ask's */
	memcpy(m->code, item->code, sizeof(m->code));
	snprintf(m->once, sizeof(m->once), "%d %u %u", (int)move->verb,
	    (unsigned)move->place->validity, (unsigned)move->mail->uid);
	m->move.mailbox = worker->mailbox;
	m->move.verb = move->verb;
	m->move.notice = item->notice;
	m->move.draft = item->draft;
	m->move.code = m->code;
	m->move.folder = move->place->folder;
	m->move.waits = move->waits;
	m->move.once = m->once;
	return m;
}

static const char *outcome_name(enum mailbox_outcome outcome)
{
	return outcome == MAILBOX_DONE	   ? "done"
	       : outcome == MAILBOX_OTHERS ? "refused"
					   : "again";
}

int waiting_move_ask(
    struct mailbox_worker *worker, struct waiting_move *move, struct error *err)
{
	struct move_ask *m = new_ask(worker, move);

	if (mailbox_ask(worker, &m->ask))
		return error_set(err, ERROR_BUSY, "stopped");
	move->outcome = m->move.outcome;
	log_info("mailbox %s folder=\"%s\" uid=%u draft=%" PRId64
		 " outcome=%s%s%s%s",
	    worker->mailbox->name, move->place->folder,
	    (unsigned)move->mail->uid, m->move.draft,
	    outcome_name(move->outcome),
	    *m->move.why == '\0' ? "" : " reason=\"", m->move.why,
	    *m->move.why == '\0' ? "" : "\"");
	release_move(&m->ask);
	return 0;
}
