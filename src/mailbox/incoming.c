/*
 * incoming: a mailbox into which mail comes: reviewers' answers, an agent's
 * drafts, what people outside write.  Each mail is fetched, handed to whoever
 * understands it, noted in the ledger and then put away; in that order, so that
 * what is put away was dealt with, and what was noted is not dealt with again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mailbox/internal.h"
#include "mailbox/staying.h"

#include "util/clock.h"
#include "util/digest.h"
#include "util/log.h"
#include "util/mem.h"

#define ASK_MOST   1000u /* UIDs that the ledger is asked about at a time */
#define MOVES_MOST 5u	 /* after so many a mail that does not go stays */
#define TRIES_MOST 100	 /* that is about four days */
#define LOOK_MOST  500u	 /* mails that are looked at at a time */
/* older mail of a feed overtook nothing that is written now */
#define FEED_AGE_MS	 INT64_C(86400000)
#define EXPLANATION_MOST ((size_t)64 * 1024)

/* What a round works with. */
struct round {
	struct mailbox_worker *worker;
	const struct config_mailbox *mailbox;
	struct mailbox_session *session;
	struct staying *staying;
	uint32_t validity;
	size_t n_done;
};

/* ---- what stays --------------------------------------------------------- */

static void forget(void *memory)
{
	staying_free(memory);
}

static void begin_round(struct round *r)
{
	struct staying *staying = r->worker->memory;
	uint32_t before;

	if (staying == NULL)
		staying = r->worker->memory =
		    staying_new((int64_t)r->mailbox->poll_s * 1000);
	before = staying_begin(staying, r->validity);
	if (before != 0 && before != r->validity)
		log_notice("mailbox %s uidvalidity old=%u new=%u",
		    r->mailbox->name, (unsigned)before, (unsigned)r->validity);
	r->staying = staying;
}

/* ---- asking ------------------------------------------------------------- */

static void submit_unmet(struct hold *hold, struct hold_call *verb)
{
	hold_unmet(hold, (struct hold_unmet *)(void *)verb);
}

struct unmet {
	struct hold_unmet verb;
	uint32_t uids[ASK_MOST];
	enum hold_met_outcome outcomes[ASK_MOST];
	char name[64];
};

static void release_verb(struct hold_call *verb)
{
	free(verb);
}

static struct unmet *ask_unmet(
    struct round *r, const uint32_t *uids, size_t n, struct error *err)
{
	struct unmet *u = mem_zalloc(sizeof(*u));

	memcpy(u->uids, uids, n * sizeof(*uids));
	snprintf(u->name, sizeof(u->name), "%s", r->mailbox->name);
	u->verb.mailbox = u->name;
	u->verb.validity = r->validity;
	u->verb.n_uids = n;
	u->verb.uids = u->uids;
	u->verb.outcomes = u->outcomes;
	if (mailbox_ledger(
		r->worker, &u->verb.call, submit_unmet, release_verb)) {
		error_set(err, ERROR_BUSY, "stopped");
		return NULL;
	}
	if (u->verb.call.error.kind == ERROR_NONE)
		return u;
	*err = u->verb.call.error;
	free(u);
	return NULL;
}

struct known {
	struct hold_known verb;
	char name[64];
};

static void submit_known(struct hold *hold, struct hold_call *verb)
{
	hold_known(hold, (struct hold_known *)(void *)verb);
}

static int ask_known(struct round *r, const unsigned char sha256[DIGEST_SIZE],
    enum hold_met_outcome *outcome, struct error *err)
{
	struct known *k = mem_zalloc(sizeof(*k));

	snprintf(k->name, sizeof(k->name), "%s", r->mailbox->name);
	k->verb.mailbox = k->name;
	memcpy(k->verb.sha256, sha256, DIGEST_SIZE);
	if (mailbox_ledger(
		r->worker, &k->verb.call, submit_known, release_verb))
		return error_set(err, ERROR_BUSY, "stopped");
	*err = k->verb.call.error;
	*outcome = k->verb.outcome;
	free(k);
	return err->kind == ERROR_NONE ? 0 : -1;
}

struct met {
	struct hold_met verb;
	char name[64];
};

static void submit_met(struct hold *hold, struct hold_call *verb)
{
	hold_met(hold, (struct hold_met *)(void *)verb);
}

static int note(struct round *r, uint32_t uid,
    const unsigned char sha256[DIGEST_SIZE], enum hold_met_outcome outcome,
    struct error *err)
{
	struct met *m = mem_zalloc(sizeof(*m));

	snprintf(m->name, sizeof(m->name), "%s", r->mailbox->name);
	m->verb.mailbox = m->name;
	m->verb.validity = r->validity;
	m->verb.uid = uid;
	memcpy(m->verb.sha256, sha256, DIGEST_SIZE);
	m->verb.outcome = outcome;
	if (mailbox_ledger(r->worker, &m->verb.call, submit_met, release_verb))
		return error_set(err, ERROR_BUSY, "stopped");
	*err = m->verb.call.error;
	free(m);
	return err->kind == ERROR_NONE ? 0 : -1;
}

/* ---- hearing ------------------------------------------------------------ */

struct hear_ask {
	struct mailbox_ask ask;
	struct mailbox_hear hear;
	struct mailbox_worker *worker;
	const struct config *config; /* loop: a reference until it is heard */
	struct buf bytes;
};

static void serve_hear(struct mailbox_ask *ask)
{
	struct hear_ask *h = (struct hear_ask *)ask;
	const struct mailbox_hooks *hooks = mailbox_hooks(ask->room);

	h->config = config_ref(h->worker->config);
	h->hear.bytes = buf_span(&h->bytes);
	switch (h->hear.mailbox->use) {
	case CONFIG_MAILBOX_DRAFTS:
		hooks->take(&h->hear, hooks->context);
		break;
	case CONFIG_MAILBOX_FEED:
		hooks->wrote(&h->hear, hooks->context);
		break;
	default:
		hooks->hear(&h->hear, hooks->context);
	}
}

static void release_hear(struct mailbox_ask *ask)
{
	struct hear_ask *h = (struct hear_ask *)ask;

	buf_release(&h->bytes);
	buf_release(&h->hear.explanation);
	free(h);
}

void mailbox_heard(struct mailbox_hear *hear)
{
	struct hear_ask *h =
	    (void *)((char *)hear - offsetof(struct hear_ask, hear));

	config_unref(h->config);
	mailbox_answer(&h->ask);
}

/* Beside what was not taken.  If it cannot be put there, the log says why. */
static int explain(
    struct round *r, const struct buf *explanation, struct error *err)
{
	const struct mailbox_append mail = {
	    .bytes = buf_span(explanation), .date_ms = clock_now_ms()};

	if (explanation->len == 0 || r->mailbox->failed == NULL ||
	    mailbox_session_append(
		r->session, r->mailbox->failed, &mail, NULL, err) == 0)
		return 0;
	if (mailbox_session_broken(r->session))
		return -1;
	log_warning("mailbox %s unexplained reason=\"%s\"", r->mailbox->name,
	    err->text);
	return 0;
}

static int hear(struct round *r, uint32_t uid, struct buf *bytes,
    enum mailbox_outcome *outcome, struct error *err)
{
	struct hear_ask *h = mem_zalloc(sizeof(*h));
	int rc;

	buf_init(&h->hear.explanation, EXPLANATION_MOST);
	h->ask.serve = serve_hear;
	h->ask.release = release_hear;
	h->hear.mailbox = r->mailbox;
	h->worker = r->worker;
	h->bytes = *bytes;
	buf_init(bytes, bytes->max_bytes); /* they are the ask's now */
	if (mailbox_ask(r->worker, &h->ask))
		return error_set(err, ERROR_BUSY, "stopped");
	*outcome = h->hear.outcome;
	log_info("mailbox %s uid=%u outcome=%s%s%s%s", r->mailbox->name,
	    (unsigned)uid,
	    *outcome == MAILBOX_DONE	 ? "done"
	    : *outcome == MAILBOX_OTHERS ? "others"
					 : "again",
	    *h->hear.why == '\0' ? "" : " reason=\"", h->hear.why,
	    *h->hear.why == '\0' ? "" : "\"");
	rc = explain(r, &h->hear.explanation, err);
	release_hear(&h->ask);
	return rc;
}

/* ---- one mail ----------------------------------------------------------- */

static bool is_refusal(const struct round *r)
{
	return !mailbox_session_broken(r->session);
}

/* The server says so; if it is there again, it is not moved for ever. */
static int moved(struct round *r, uint32_t uid)
{
	if (staying_later(r->staying, uid) >= MOVES_MOST) {
		log_warning("mailbox %s not-moved uid=%u reason=\"the server "
			    "says that it is, but it stays where it was\"",
		    r->mailbox->name, (unsigned)uid);
		staying_stay(r->staying, uid);
	}
	return 0;
}

/* Off to its folder, or it stays.  A refusal is no reason to hang up. */
static int put_away(struct round *r, uint32_t uid,
    enum hold_met_outcome outcome, struct error *err)
{
	const char *folder =
	    outcome == HOLD_MET_DONE ? r->mailbox->done : r->mailbox->failed;

	if (folder == NULL) {
		staying_stay(r->staying, uid);
		return 0;
	}
	if (mailbox_session_move(r->session, uid, folder, NULL, err) == 0)
		return moved(r, uid);
	if (!is_refusal(r))
		return -1;
	log_warning("mailbox %s not-moved uid=%u reason=\"%s\"",
	    r->mailbox->name, (unsigned)uid, err->text);
	snprintf(r->worker->trouble, sizeof(r->worker->trouble), "%.*s",
	    (int)sizeof(r->worker->trouble) - 1, err->text);
	if (err->kind == ERROR_CONFLICT) /* each try leaves a copy there */
		staying_stay(r->staying, uid);
	else
		(void)staying_later(r->staying, uid);
	return 0;
}

/* It was fetched: what is it?  MAILBOX_AGAIN: not now. */
static int judge(struct round *r, uint32_t uid, struct buf *bytes,
    unsigned char sha256[DIGEST_SIZE], enum mailbox_outcome *outcome,
    struct error *err)
{
	enum hold_met_outcome before = HOLD_MET_NEVER;

	if (bytes->len == 0) /* its agent is to hear that it is too large */
		return r->mailbox->use == CONFIG_MAILBOX_DRAFTS
			   ? hear(r, uid, bytes, outcome, err)
			   : 0;
	digest_of(bytes->data, bytes->len, sha256);
	if (ask_known(r, sha256, &before, err))
		return -1;
	if (before == HOLD_MET_NEVER)
		return hear(r, uid, bytes, outcome, err);
	log_info(
	    "mailbox %s uid=%u known-before", r->mailbox->name, (unsigned)uid);
	*outcome = before == HOLD_MET_DONE ? MAILBOX_DONE : MAILBOX_OTHERS;
	return 0;
}

/* 0: fetched or (bytes empty) known to be none of ours; 1: gone; -1. */
static int fetch(
    struct round *r, uint32_t uid, struct buf *bytes, struct error *err)
{
	if (mailbox_session_fetch(r->session, uid, bytes, err) == 0)
		return 0;
	if (err->kind == ERROR_MISSING)
		return 1;
	if (err->kind != ERROR_INVALID)
		return -1;
	log_notice("mailbox %s uid=%u outcome=others reason=\"%s\"",
	    r->mailbox->name, (unsigned)uid, err->text);
	buf_clear(bytes);
	return 0;
}

static int deal_with_bytes(
    struct round *r, uint32_t uid, struct buf *bytes, struct error *err)
{
	unsigned char sha256[DIGEST_SIZE] = {0};
	enum mailbox_outcome outcome = MAILBOX_OTHERS;
	enum hold_met_outcome met;
	int rc = fetch(r, uid, bytes, err);

	if (rc > 0) /* the server is of two minds */
		(void)staying_later(r->staying, uid);
	if (rc != 0)
		return rc > 0 ? 0 : -1;
	if (judge(r, uid, bytes, sha256, &outcome, err))
		return -1;
	if (outcome == MAILBOX_AGAIN &&
	    staying_later(r->staying, uid) < TRIES_MOST)
		return 0;
	met = outcome == MAILBOX_DONE ? HOLD_MET_DONE : HOLD_MET_OTHERS;
	return note(r, uid, sha256, met, err) || put_away(r, uid, met, err) ? -1
									    : 0;
}

static int deal_with(struct round *r, uint32_t uid,
    enum hold_met_outcome before, struct error *err)
{
	struct buf bytes;
	int rc;

	r->n_done++;
	if (before != HOLD_MET_NEVER)
		return put_away(r, uid, before, err);
	buf_init(&bytes, (size_t)r->mailbox->mail_size);
	rc = deal_with_bytes(r, uid, &bytes, err);
	buf_release(&bytes);
	return rc;
}

/* ---- rounds ------------------------------------------------------------- */

static int deal_with_some(
    struct round *r, const uint32_t *uids, size_t n, struct error *err)
{
	struct unmet *unmet = ask_unmet(r, uids, n, err);
	int rc = unmet == NULL ? -1 : 0;
	size_t i;

	for (i = 0; i < n && rc == 0; i++)
		rc = deal_with(r, uids[i], unmet->outcomes[i], err);
	free(unmet);
	return rc;
}

/* Is this one to be dealt with now?  Else it stays, or is come back to. */
static bool is_ripe(struct round *r, const struct mailbox_item *item)
{
	int64_t age = clock_now_ms() - item->arrived_ms;
	int64_t settle = (int64_t)r->mailbox->settle_s * 1000;

	if (item->uid == 0)
		return false; /* gone */
	if (r->mailbox->use == CONFIG_MAILBOX_DRAFTS && age < settle) {
		staying_until(
		    r->staying, item->uid, age < 0 ? settle : settle - age);
		return false;
	}
	if (r->mailbox->use == CONFIG_MAILBOX_FEED && age > FEED_AGE_MS) {
		staying_stay(r->staying, item->uid);
		return false;
	}
	return true;
}

/* Keep of the items those that are to be dealt with. */
static int sift(struct round *r, struct mailbox_items *items, struct error *err)
{
	size_t i, n, first, kept = 0;

	for (i = 0; i < items->n; i++)
		if (!staying_has(r->staying, items->items[i].uid))
			items->items[kept++] = items->items[i];
	items->n = kept;
	if (r->mailbox->use == CONFIG_MAILBOX_REPLIES)
		return 0;
	for (first = 0; first < items->n; first += n) {
		n = items->n - first < LOOK_MOST ? items->n - first : LOOK_MOST;
		if (mailbox_session_look(r->session, items, first, n, err))
			return -1;
	}
	for (i = kept = 0; i < items->n; i++)
		if (is_ripe(r, &items->items[i]))
			items->items[kept++] = items->items[i];
	items->n = kept;
	return 0;
}

/* All that is there now and does not stay. */
static int deal_with_all(struct round *r, struct error *err)
{
	struct arena *arena = arena_new();
	struct mailbox_items items;
	uint32_t uids[ASK_MOST];
	size_t i, n = 0;
	int rc = mailbox_session_search(r->session, 1, arena, &items, err);

	if (rc == 0) {
		staying_drop(r->staying, &items);
		rc = sift(r, &items, err);
	}
	for (i = 0; rc == 0 && i < items.n; i++) {
		uids[n++] = items.items[i].uid;
		if (n == ASK_MOST || i + 1 == items.n) {
			rc = deal_with_some(r, uids, n, err);
			n = 0;
		}
	}
	arena_free(arena);
	return rc;
}

static int round_of_incoming(struct mailbox_worker *worker,
    struct mailbox_session *session, int64_t *wait_ms, struct error *err)
{
	struct round r = {
	    .worker = worker, .mailbox = worker->mailbox, .session = session};
	struct mailbox_folder folder;
	int64_t next_ms;

	if (mailbox_session_select(session, r.mailbox->folder, &folder, err))
		return -1;
	r.validity = folder.validity;
	begin_round(&r);
	do {
		r.n_done = 0;
		if (deal_with_all(&r, err))
			return -1;
	} while (r.n_done > 0); /* something may have come meanwhile */
	next_ms = staying_next(r.staying);
	if (next_ms == 0)
		*worker->trouble = '\0';
	if (next_ms != 0 && next_ms - clock_mono_ms() < *wait_ms)
		*wait_ms = next_ms - clock_mono_ms();
	return 0;
}

const struct mailbox_use mailbox_replies = {
    .use = CONFIG_MAILBOX_REPLIES,
    .round = round_of_incoming,
    .forget = forget,
};

const struct mailbox_use mailbox_drafts = {
    .use = CONFIG_MAILBOX_DRAFTS,
    .round = round_of_incoming,
    .forget = forget,
};

const struct mailbox_use mailbox_feed = {
    .use = CONFIG_MAILBOX_FEED,
    .round = round_of_incoming,
    .forget = forget,
};
