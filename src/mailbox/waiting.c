/*
 * waiting: a reviewer's own account, in which held drafts are decided by
 * moving.  A round lists what waits for that reviewer, deals with what they
 * moved or changed, and then puts and takes away what is missing or over.
 *
 * Only the very bytes that were put there are approved; anything else is an
 * edit, which waits for its own approval.  Who may decide, and what a decision
 * does, is left to the hook.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mailbox/internal.h"
#include "mailbox/waiting_ledger.h"
#include "mailbox/waiting_mail.h"
#include "mailbox/waiting_move.h"
#include "mailbox/waiting_place.h"

#include "util/clock.h"
#include "util/log.h"
#include "util/mem.h"

#define LIST_MOST      2000u
#define SHOWN_MOST     500u /* at a time */
#define AGAIN_FIRST_MS 10000
#define AGAIN_MOST_MS  3600000

enum { APPROVE, DROP, WAIT, PLACES };

/* What was put and not seen there yet: not tried again before that. */
struct unshown {
	int64_t notice, until_ms; /* monotonic */
	uint32_t uid;		  /* that it got; 0: not known */
};

struct memory {
	struct waiting_place places[PLACES];
	size_t n_unshown, room;
	struct unshown *unshown;
};

struct round {
	struct mailbox_worker *worker;
	const struct config_mailbox *mailbox;
	struct mailbox_session *session;
	struct memory *memory;
	struct waiting_list *list;
	bool acted; /* look once more */
};

static void forget(void *memory)
{
	struct memory *m = memory;
	size_t i;

	for (i = 0; i < PLACES; i++)
		free(m->places[i].mails);
	free(m->unshown);
	free(m);
}

static struct memory *memory_of(struct mailbox_worker *worker)
{
	const struct config_mailbox *mailbox = worker->mailbox;
	struct memory *m = worker->memory;

	if (m == NULL) {
		m = worker->memory = mem_zalloc(sizeof(*m));
		m->places[APPROVE].folder = mailbox->approve;
		m->places[DROP].folder = mailbox->drop;
		m->places[WAIT].folder = mailbox->folder;
	}
	return m;
}

/* A refusal of the server is no reason to hang up; -1: the session is over. */
static int refused(const struct round *r, const char *what, uint32_t uid,
    const struct error *err)
{
	if (mailbox_session_broken(r->session))
		return -1;
	log_warning("mailbox %s %s uid=%u reason=\"%s\"", r->mailbox->name,
	    what, (unsigned)uid, err->text);
	return 0;
}

/* Likewise of the ledger: the others go on. */
static int unanswered(
    const struct round *r, int64_t draft, const struct error *err)
{
	if (mailbox_stopping(r->worker))
		return -1;
	log_warning("mailbox %s draft=%" PRId64 " not-shown reason=\"%s\"",
	    r->mailbox->name, draft, err->text);
	return 0;
}

static void later(struct waiting_mail *mail)
{
	int64_t wait = AGAIN_FIRST_MS;
	unsigned i;

	for (i = 0; i < mail->tries && wait < AGAIN_MOST_MS; i++)
		wait *= 2;
	mail->tries++;
	mail->due_ms = clock_mono_ms() + wait;
}

/* ---- what is this mail? ------------------------------------------------- */

/* It has a claim: is that true, and is it as it was put there? */
static int compare(struct round *r, struct span bytes,
    const struct waiting_claim *claim, struct waiting_mail *mail,
    struct error *err)
{
	struct waiting_item item;
	struct hold_load *load;
	int rc = waiting_ledger_item(r->worker, claim->notice, &item, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (!waiting_mail_ours(claim, &item, r->list->key))
		return 0;
	load = waiting_ledger_load(r->worker, &item, err);
	if (load == NULL) { /* it stays as it is until somebody looks again */
		mail->kind = WAITING_NEW;
		mail->due_ms = 0;
		return unanswered(r, item.draft, err);
	}
	mail->item = item;
	mail->kind =
	    waiting_mail_same(bytes, (struct span){load->bytes, load->size})
		? WAITING_SAME
		: WAITING_CHANGED;
	free(load->bytes);
	free(load);
	return 0;
}

/* 1: it is gone. */
static int fetch(struct round *r, const struct waiting_mail *mail,
    struct buf *bytes, struct error *err)
{
	if (mailbox_session_fetch(r->session, mail->uid, bytes, err) == 0)
		return 0;
	if (err->kind == ERROR_MISSING)
		return 1;
	if (err->kind != ERROR_INVALID)
		return -1;
	log_notice("mailbox %s uid=%u outcome=others reason=\"%s\"",
	    r->mailbox->name, (unsigned)mail->uid, err->text);
	buf_clear(bytes);
	return 0;
}

static int identify(
    struct round *r, struct waiting_mail *mail, struct error *err)
{
	struct waiting_claim claim;
	struct buf bytes;
	int rc;

	buf_init(&bytes, (size_t)r->mailbox->mail_size + WAITING_HEAD_MAX);
	rc = fetch(r, mail, &bytes, err);
	if (rc == 0) {
		mail->kind = WAITING_FOREIGN;
		mail->due_ms = clock_mono_ms();
		if (waiting_mail_claim(buf_span(&bytes), &claim))
			rc = compare(r, buf_span(&bytes), &claim, mail, err);
	}
	buf_release(&bytes);
	return rc < 0 ? -1 : 0;
}

/* ---- putting away ------------------------------------------------------- */

/* It was dealt with: off to where it goes, now or later. */
static int put_away(struct round *r, struct waiting_mail *mail,
    const char *folder, struct error *err)
{
	mail->goes = folder;
	if (mailbox_session_move(r->session, mail->uid, folder, NULL, err) ==
	    0) {
		waiting_place_forget(mail);
		r->acted = true;
		return 0;
	}
	later(mail);
	return refused(r, "not-moved", mail->uid, err);
}

static int take_out(
    struct round *r, struct waiting_mail *mail, struct error *err)
{
	if (mailbox_session_remove(r->session, mail->uid, err) == 0) {
		waiting_place_forget(mail);
		return 0;
	}
	return refused(r, "not-removed", mail->uid, err);
}

/* None of ours, where only ours may be: say so beside it. */
static int put_aside(struct round *r, const struct waiting_place *place,
    struct waiting_mail *mail, struct error *err)
{
	struct mailbox_append append = {.flags = 0};
	struct buf text;
	int rc;

	log_notice("mailbox %s folder=\"%s\" uid=%u outcome=others",
	    r->mailbox->name, place->folder, (unsigned)mail->uid);
	buf_init(&text, WAITING_HEAD_MAX);
	waiting_mail_explain(
	    &text, r->worker->config, r->mailbox, place->folder);
	append.bytes = buf_span(&text);
	rc = mailbox_session_append(
	    r->session, r->mailbox->failed, &append, NULL, err);
	buf_release(&text);
	if (rc != 0) {
		later(mail);
		return refused(r, "not-explained", mail->uid, err);
	}
	return put_away(r, mail, r->mailbox->failed, err);
}

/* ---- deciding ----------------------------------------------------------- */

static enum mailbox_verb verb_of(const struct round *r,
    const struct waiting_place *place, const struct waiting_mail *mail)
{
	if (place == &r->memory->places[DROP])
		return MAILBOX_DROP;
	return mail->kind == WAITING_SAME ? MAILBOX_APPROVE : MAILBOX_EDIT;
}

/* Where it goes then; NULL: it stays for now. */
static const char *goal_of(const struct round *r,
    const struct waiting_mail *mail, enum mailbox_outcome outcome)
{
	if (outcome == MAILBOX_AGAIN)
		return NULL;
	if (outcome == MAILBOX_DONE)
		return r->mailbox->done;
	return mail->kind == WAITING_SAME ? r->mailbox->folder
					  : r->mailbox->failed;
}

static int decide(struct round *r, const struct waiting_place *place,
    struct waiting_mail *mail, struct error *err)
{
	struct waiting_move move = {
	    .place = place,
	    .mail = mail,
	    .waits = place == &r->memory->places[WAIT],
	    .verb = verb_of(r, place, mail),
	};
	const char *goal;
	int rc = 0;

	buf_init(&move.bytes, (size_t)r->mailbox->mail_size + WAITING_HEAD_MAX);
	if (move.verb == MAILBOX_EDIT)
		rc = fetch(r, mail, &move.bytes, err);
	if (rc == 0)
		rc = waiting_move_ask(r->worker, &move, err);
	buf_release(&move.bytes);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	r->acted = true;
	goal = goal_of(r, mail, move.outcome);
	if (goal != NULL)
		return put_away(r, mail, goal, err);
	later(mail);
	return 0;
}

/* ---- what was moved, and what was changed ------------------------------- */

static int deal_with(struct round *r, const struct waiting_place *place,
    struct waiting_mail *mail, struct error *err)
{
	mail->due_ms = 0;
	if (mail->goes != NULL)
		return put_away(r, mail, mail->goes, err);
	if (mail->kind == WAITING_FOREIGN)
		return put_aside(r, place, mail, err);
	return decide(r, place, mail, err);
}

static bool is_due(const struct waiting_mail *mail)
{
	return mail->due_ms != 0 && mail->due_ms <= clock_mono_ms();
}

static int deal_with_moved(
    struct round *r, struct waiting_place *place, struct error *err)
{
	struct waiting_mail *mail;
	size_t i;

	if (waiting_place_look(place, r->session, r->mailbox->name, err))
		return -1;
	for (i = 0; i < place->n; i++) {
		mail = &place->mails[i];
		if (mail->kind == WAITING_NEW && identify(r, mail, err))
			return -1;
		if (is_due(mail) && deal_with(r, place, mail, err))
			return -1;
	}
	return 0;
}

static struct hold_untold_row *row_of(const struct round *r, int64_t notice)
{
	size_t i;

	for (i = 0; i < r->list->verb.n_rows; i++)
		if (r->list->verb.rows[i].notice == notice)
			return &r->list->verb.rows[i];
	return NULL;
}

/* Not before it was seen there, or some time has gone by. */
static void do_not_show(struct round *r, int64_t notice, uint32_t uid)
{
	struct memory *m = r->memory;

	if (m->n_unshown == m->room) {
		m->room = m->room * 2 + 16;
		m->unshown = mem_grow(m->unshown, m->room, sizeof(*m->unshown));
	}
	m->unshown[m->n_unshown++] =
	    (struct unshown){notice, clock_mono_ms() + AGAIN_MOST_MS, uid};
}

/* It was seen as it was put: should it be gone one day, it is put again. */
static void may_show(struct round *r, int64_t notice)
{
	struct memory *m = r->memory;
	size_t i, kept = 0;

	for (i = 0; i < m->n_unshown; i++)
		if (m->unshown[i].notice != notice)
			m->unshown[kept++] = m->unshown[i];
	m->n_unshown = kept;
}

/* As it was put last, or NULL: that is long ago, or it was seen since. */
static const struct unshown *unshown(const struct round *r, int64_t notice)
{
	const struct memory *m = r->memory;
	size_t i = m->n_unshown;

	while (i-- > 0)
		if (m->unshown[i].notice == notice &&
		    m->unshown[i].until_ms > clock_mono_ms())
			return &m->unshown[i];
	return NULL;
}

/* What nobody can have changed is not as we put it: the server did that. */
static bool is_spoiled(const struct round *r, const struct waiting_mail *mail)
{
	const struct unshown *put = unshown(r, mail->item.notice);

	return mail->kind == WAITING_CHANGED &&
	       (put == NULL || put->uid == 0 || put->uid == mail->uid);
}

static int put_spoiled_aside(
    struct round *r, struct waiting_mail *mail, struct error *err)
{
	log_error("mailbox %s draft=%" PRId64
		  " not-shown reason=\"the server does not keep mails as they "
		  "are put there\"",
	    r->mailbox->name, mail->item.draft);
	return put_away(r, mail, r->mailbox->failed, err);
}

static int see_new(struct round *r, struct waiting_place *place,
    struct waiting_mail *mail, struct error *err)
{
	struct hold_untold_row *row;

	if (identify(r, mail, err))
		return -1;
	mail->due_ms = 0;
	if (mail->kind == WAITING_FOREIGN || mail->kind == WAITING_NEW)
		return 0; /* it is no business of ours */
	row = row_of(r, mail->item.notice);
	if (row != NULL && !row->told && !row->over) {
		if (is_spoiled(r, mail))
			return put_spoiled_aside(r, mail, err);
		row->told = mail->kind == WAITING_SAME;
		if (row->told &&
		    waiting_ledger_heard(r->worker, row->notice, false, err))
			return -1;
	}
	if (mail->kind == WAITING_SAME)
		may_show(r, mail->item.notice);
	if (mail->kind == WAITING_CHANGED) /* more may be changed in it */
		mail->due_ms =
		    clock_mono_ms() + (int64_t)r->mailbox->settle_s * 1000 + 1;
	else if (waiting_place_find(place, mail->item.notice, WAITING_SAME) !=
		     mail ||
		 (row == NULL && r->list->verb.n_rows < LIST_MOST))
		return take_out(r, mail, err); /* a second one, or it is over */
	return 0;
}

static int deal_with_waiting(
    struct round *r, struct waiting_place *place, struct error *err)
{
	struct waiting_mail *mail;
	size_t i;

	if (waiting_place_look(place, r->session, r->mailbox->name, err))
		return -1;
	for (i = 0; i < place->n; i++) {
		mail = &place->mails[i];
		if (mail->kind == WAITING_NEW && see_new(r, place, mail, err))
			return -1;
		if (is_due(mail) && deal_with(r, place, mail, err))
			return -1;
	}
	return 0;
}

/* ---- keeping it in step ------------------------------------------------- */

static bool is_anywhere(const struct round *r, int64_t notice)
{
	const struct waiting_place *places = r->memory->places;
	size_t i;

	for (i = 0; i < PLACES; i++)
		if (waiting_place_find(&places[i], notice, WAITING_SAME) ||
		    waiting_place_find(&places[i], notice, WAITING_CHANGED))
			return true;
	return false;
}

static int put(
    struct round *r, const struct waiting_item *item, struct error *err)
{
	struct hold_load *load = waiting_ledger_load(r->worker, item, err);
	struct mailbox_append append = {.flags = 0};
	struct waiting_claim claim;
	struct buf bytes;
	uint32_t uid = 0;
	int rc;

	if (load == NULL)
		return unanswered(r, item->draft, err);
	buf_init(&bytes, load->size + WAITING_HEAD_MAX);
	waiting_mail_head(&bytes, item, r->list->key);
	buf_add(&bytes, load->bytes, load->size);
	free(load->bytes);
	free(load);
	append.bytes = buf_span(&bytes);
	rc = waiting_mail_claim(append.bytes, &claim)
		 ? mailbox_session_append(
		       r->session, r->mailbox->folder, &append, &uid, err)
		 : error_set(err, ERROR_INVALID,
		       "draft %" PRId64 " has fields that look like ours",
		       item->draft);
	buf_release(&bytes);
	do_not_show(r, item->notice, uid);
	if (rc == 0) {
		log_info("mailbox %s put draft=%" PRId64 " revision=%u",
		    r->mailbox->name, item->draft, item->number);
		r->acted = true;
		return 0;
	}
	return refused(r, "not-put", 0, err);
}

/* Is there another prompt about that draft, which is shown? */
static bool is_shown(const struct round *r, int64_t draft)
{
	const struct hold_untold *list = &r->list->verb;
	size_t i;

	for (i = 0; i < list->n_rows; i++)
		if (list->rows[i].prompt.draft == draft &&
		    list->rows[i].notice != 0 && !list->rows[i].over)
			return true;
	return false;
}

static int show(struct round *r, struct hold_untold_row *row, struct error *err)
{
	struct waiting_item item;
	int rc;

	if (row->notice == 0) {
		if (is_shown(r, row->prompt.draft))
			return 0;
		rc = waiting_ledger_notice(
		    r->worker, &row->prompt, &row->notice, err);
		if (rc != 0)
			return rc < 0 ? unanswered(r, row->prompt.draft, err)
				      : 0;
	}
	if (is_anywhere(r, row->notice) || unshown(r, row->notice) != NULL)
		return 0;
	rc = waiting_ledger_item(r->worker, row->notice, &item, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	return put(r, &item, err);
}

/* The folder of what waits is selected. */
static int end_one(
    struct round *r, const struct hold_untold_row *row, struct error *err)
{
	struct waiting_mail *mail;

	mail = waiting_place_find(
	    &r->memory->places[WAIT], row->notice, WAITING_SAME);
	if (mail != NULL) {
		if (take_out(r, mail, err))
			return -1;
		if (mail->kind == WAITING_SAME)
			return 0; /* it is still there */
		log_info("mailbox %s over draft=%" PRId64, r->mailbox->name,
		    row->prompt.draft);
	}
	return waiting_ledger_heard(r->worker, row->notice, true, err);
}

static int keep_in_step(struct round *r, struct error *err)
{
	struct hold_untold *list = &r->list->verb;
	size_t i, shown = 0;
	int rc = 0;

	for (i = 0; rc == 0 && i < list->n_rows; i++)
		if (list->rows[i].over)
			rc = end_one(r, &list->rows[i], err);
	for (i = 0; rc == 0 && i < list->n_rows && shown < SHOWN_MOST; i++)
		if (!list->rows[i].over) {
			rc = show(r, &list->rows[i], err);
			shown++;
		}
	return rc;
}

/* ---- rounds ------------------------------------------------------------- */

static int go_round(struct round *r, struct error *err)
{
	struct waiting_place *places = r->memory->places;
	int rc = -1;

	r->acted = false;
	r->list = waiting_ledger_list(r->worker, LIST_MOST, err);
	if (r->list == NULL)
		return -1;
	if (deal_with_moved(r, &places[APPROVE], err) == 0 &&
	    deal_with_moved(r, &places[DROP], err) == 0 &&
	    deal_with_waiting(r, &places[WAIT], err) == 0)
		/* what was decided now is over in the next list */
		rc = r->acted ? 0 : keep_in_step(r, err);
	return rc;
}

static void sooner(int64_t *wait_ms, int64_t left)
{
	if (left < *wait_ms)
		*wait_ms = left < 0 ? 0 : left;
}

static void find_wait(const struct round *r, int64_t *wait_ms)
{
	const struct waiting_place *place;
	size_t i, k;

	if (r->list->verb.next_ms != 0)
		sooner(wait_ms, r->list->verb.next_ms - clock_now_ms());
	for (i = 0; i < PLACES; i++) {
		place = &r->memory->places[i];
		for (k = 0; k < place->n; k++)
			if (place->mails[k].due_ms != 0)
				sooner(wait_ms,
				    place->mails[k].due_ms - clock_mono_ms());
	}
}

static int round_of_waiting(struct mailbox_worker *worker,
    struct mailbox_session *session, int64_t *wait_ms, struct error *err)
{
	struct round r = {.worker = worker,
	    .mailbox = worker->mailbox,
	    .session = session,
	    .memory = memory_of(worker)};
	int rc;

	do {
		waiting_ledger_list_free(r.list);
		rc = go_round(&r, err);
	} while (rc == 0 && r.acted && !mailbox_stopping(worker));
	if (rc == 0)
		find_wait(&r, wait_ms);
	waiting_ledger_list_free(r.list);
	return rc;
}

const struct mailbox_use mailbox_waiting = {
    .use = CONFIG_MAILBOX_REVIEW,
    .round = round_of_waiting,
    .forget = forget,
    .kicked = true,
};
