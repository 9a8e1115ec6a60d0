/*
 * sent: a folder in which what was released stands beside what people sent.
 * The ledger says which copies are owed; a try that nobody saw the end of is
 * looked for before it is made again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mailbox/internal.h"

#include "util/clock.h"
#include "util/log.h"
#include "util/mem.h"

#define AGAIN_FIRST_MS ((int64_t)60000)
#define AGAIN_MOST_MS  ((int64_t)3600000)
#define TRIES_MOST     100u /* that is about four days */

/* ---- asking the ledger -------------------------------------------------- */

struct copy {
	struct hold_copy verb;
	char name[64];
};
struct copied {
	struct hold_copied verb;
	char name[64];
};

static void submit_copy(struct hold *hold, struct hold_call *verb)
{
	hold_copy(hold, (struct hold_copy *)(void *)verb);
}

static void submit_copied(struct hold *hold, struct hold_call *verb)
{
	hold_copied(hold, (struct hold_copied *)(void *)verb);
}

static void submit_load(struct hold *hold, struct hold_call *verb)
{
	hold_load(hold, (struct hold_load *)(void *)verb);
}

static void release_verb(struct hold_call *verb)
{
	free(verb);
}

static void release_copy(struct hold_call *verb)
{
	free(((struct hold_copy *)(void *)verb)->front);
	free(verb);
}

static void release_load(struct hold_call *verb)
{
	struct hold_load *load = (struct hold_load *)(void *)verb;

	free(load->bytes);
	free(load);
}

/* The next one that is owed, with out->front to be freed. */
static int take(
    struct mailbox_worker *w, struct hold_copy *out, struct error *err)
{
	struct copy *c = mem_zalloc(sizeof(*c));

	snprintf(c->name, sizeof(c->name), "%s", w->mailbox->name);
	c->verb.mailbox = c->name;
	if (mailbox_ledger(w, &c->verb.call, submit_copy, release_copy))
		return error_set(err, ERROR_BUSY, "stopped");
	*out = c->verb;
	*err = c->verb.call.error;
	free(c);
	return err->kind == ERROR_NONE ? 0 : -1;
}

/* again_ms: wall time; 0: it is there. */
static int settle(struct mailbox_worker *w, int64_t draft, int64_t again_ms,
    struct error *err)
{
	struct copied *c = mem_zalloc(sizeof(*c));

	snprintf(c->name, sizeof(c->name), "%s", w->mailbox->name);
	c->verb.mailbox = c->name;
	c->verb.draft = draft;
	c->verb.again_ms = again_ms;
	if (mailbox_ledger(w, &c->verb.call, submit_copied, release_verb))
		return error_set(err, ERROR_BUSY, "stopped");
	*err = c->verb.call.error;
	free(c);
	return err->kind == ERROR_NONE ? 0 : -1;
}

/* NULL and err: there is none; else release_load() it. */
static struct hold_load *load(
    struct mailbox_worker *w, const struct hold_copy *copy, struct error *err)
{
	struct hold_load *l = mem_zalloc(sizeof(*l));

	l->draft = copy->draft;
	l->revision = copy->revision;
	if (mailbox_ledger(w, &l->call, submit_load, release_load)) {
		error_set(err, ERROR_BUSY, "stopped");
		return NULL;
	}
	if (l->call.error.kind == ERROR_NONE)
		return l;
	*err = l->call.error;
	release_load(&l->call);
	return NULL;
}

/* ---- one copy ----------------------------------------------------------- */

/* What stood before it when it left: a signature. */
static void put_in_front(struct hold_load *l, const struct hold_copy *copy)
{
	if (copy->front_size == 0)
		return;
	l->bytes = mem_grow(l->bytes, l->size + copy->front_size, 1);
	memmove(l->bytes + copy->front_size, l->bytes, l->size);
	memcpy(l->bytes, copy->front, copy->front_size);
	l->size += copy->front_size;
}

/* tries: how many were made before; then it may be there already. */
static int put(struct mailbox_worker *w, struct mailbox_session *session,
    const struct hold_copy *copy, struct error *err)
{
	struct hold_load *l = load(w, copy, err);
	struct mailbox_append mail = {.flags = MAILBOX_SEEN};
	uint32_t there = 0;
	int rc = -1;

	if (l == NULL)
		return -1;
	put_in_front(l, copy);
	mail.bytes = (struct span){l->bytes, l->size};
	mail.date_ms = clock_now_ms();
	if (copy->tries == 0 ||
	    mailbox_session_has(session, mail.bytes, &there, err) == 0)
		rc = there != 0 ? 0
				: mailbox_session_append(session,
				      w->mailbox->folder, &mail, NULL, err);
	release_load(&l->call);
	return rc;
}

static int64_t backoff(unsigned tries)
{
	int64_t wait = AGAIN_FIRST_MS;

	for (; tries > 0 && wait < AGAIN_MOST_MS; tries--)
		wait *= 2;
	return wait < AGAIN_MOST_MS ? wait : AGAIN_MOST_MS;
}

/* It was not put: tried again later, or never. */
static int put_off(struct mailbox_worker *w, const struct hold_copy *copy,
    const char *why, bool broken, struct error *err)
{
	int64_t again_ms = clock_now_ms();

	log_warning("mailbox %s not-copied draft=%" PRId64 " reason=\"%s\"",
	    w->mailbox->name, copy->draft, why);
	snprintf(w->trouble, sizeof(w->trouble),
	    "no copy of draft %" PRId64 ": %.*s", copy->draft,
	    (int)sizeof(w->trouble) - 60, why);
	if (!broken)
		again_ms += backoff(copy->tries);
	if (copy->tries + 1 >= TRIES_MOST) {
		log_error("mailbox %s given-up draft=%" PRId64 " tries=%u",
		    w->mailbox->name, copy->draft, copy->tries + 1);
		again_ms = 0;
	}
	return settle(w, copy->draft, again_ms, err);
}

/* Put it and write that down.  -1: the session is of no more use. */
static int deliver(struct mailbox_worker *w, struct mailbox_session *session,
    const struct hold_copy *copy, struct error *err)
{
	struct error why = ERROR_INIT;
	bool broken;

	if (put(w, session, copy, &why) == 0) {
		log_info("mailbox %s copied draft=%" PRId64, w->mailbox->name,
		    copy->draft);
		return settle(w, copy->draft, 0, err);
	}
	if (mailbox_stopping(w)) {
		*err = why; /* the ledger gives it out again at start */
		return -1;
	}
	broken = mailbox_session_broken(session);
	if (put_off(w, copy, why.text, broken, err))
		return -1;
	*err = why;
	return broken ? -1 : 0;
}

static int select_or_make(struct mailbox_session *session, const char *name,
    struct mailbox_folder *out, struct error *err)
{
	if (mailbox_session_select(session, name, out, err) == 0)
		return 0;
	if (err->kind != ERROR_MISSING ||
	    mailbox_session_make(session, name, err))
		return -1;
	return mailbox_session_select(session, name, out, err);
}

static int round_of_copies(struct mailbox_worker *worker,
    struct mailbox_session *session, int64_t *wait_ms, struct error *err)
{
	struct mailbox_folder folder;
	struct hold_copy copy = {.draft = 0};
	int64_t left;
	int rc;

	if (select_or_make(session, worker->mailbox->folder, &folder, err))
		return -1;
	for (;;) {
		if (take(worker, &copy, err))
			return -1;
		if (copy.draft == 0)
			break;
		rc = deliver(worker, session, &copy, err);
		free(copy.front);
		if (rc != 0)
			return -1;
	}
	if (copy.next_ms == 0)
		*worker->trouble = '\0';
	left = copy.next_ms - clock_now_ms();
	if (copy.next_ms != 0 && left < *wait_ms)
		*wait_ms = left < 0 ? 0 : left;
	return 0;
}

const struct mailbox_use mailbox_sent = {
    .use = CONFIG_MAILBOX_SENT,
    .round = round_of_copies,
    .kicked = true,
};
