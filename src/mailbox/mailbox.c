/*
 * mailbox: the threads of the mailboxes, and how they reach the loop.  A
 * thread connects, does what its use says, waits, and begins anew when
 * anything fails.  What is said to the server is left to session.c, what is
 * done in a mailbox to the uses.
 */
#include "mailbox/mailbox.h"

#include <event2/dns.h>
#include <event2/event.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mailbox/internal.h"

#include "util/clock.h"
#include "util/digest.h"
#include "util/log.h"
#include "util/lookup.h"
#include "util/mem.h"

#define RETRY_FIRST_MS 1000
#define STEADY_MS      60000 /* who is there so long is no trouble */
#define LOG_EVERY      16u   /* failures in a row for the same reason */
#define HASTE_MS       500   /* rounds that follow one another so soon */
#define HASTE_MOST     10u   /* are so many in a row, then there is a pause */
#define PAUSE_MS       1000

struct mailboxes {
	struct event_base *base;
	struct hold *hold;
	struct mailbox_hooks hooks;
	const struct config *config; /* a reference */
	struct evdns_base *resolver;
	struct mailbox_worker *workers;
	bool stopping;
};

static const struct mailbox_use *const uses[] = {
    &mailbox_replies,
    &mailbox_drafts,
    &mailbox_feed,
    &mailbox_sent,
    &mailbox_waiting,
};

/* ---- asking the loop ---------------------------------------------------- */

static void on_asked(struct job_ask *job)
{
	struct mailbox_ask *ask = (struct mailbox_ask *)job;

	ask->serve(ask);
}

static void on_dropped(struct job_ask *job)
{
	struct mailbox_ask *ask = (struct mailbox_ask *)job;

	ask->release(ask);
}

int mailbox_ask(struct mailbox_worker *worker, struct mailbox_ask *ask)
{
	ask->job.serve = on_asked;
	ask->job.drop = on_dropped;
	ask->room = worker->room;
	return job_ask(worker->self, &ask->job);
}

void mailbox_answer(struct mailbox_ask *ask)
{
	job_answer(&ask->job);
}

const struct mailbox_hooks *mailbox_hooks(const struct mailboxes *room)
{
	return &room->hooks;
}

bool mailbox_stopping(const struct mailbox_worker *worker)
{
	return job_thread_stopping(worker->self);
}

/* ---- asking the ledger -------------------------------------------------- */

struct ledger_ask {
	struct mailbox_ask ask;
	struct hold_call *verb;
	void (*submit)(struct hold *hold, struct hold_call *verb);
	void (*release)(struct hold_call *verb);
};

static void on_ledger(struct hold_call *verb)
{
	mailbox_answer(verb->requester);
}

static void serve_ledger(struct mailbox_ask *ask)
{
	struct ledger_ask *l = (struct ledger_ask *)ask;

	l->verb->requester = ask;
	l->verb->done = on_ledger;
	l->submit(ask->room->hold, l->verb);
}

static void release_ledger(struct mailbox_ask *ask)
{
	struct ledger_ask *l = (struct ledger_ask *)ask;

	l->release(l->verb);
	free(l);
}

int mailbox_ledger(struct mailbox_worker *worker, struct hold_call *verb,
    void (*submit)(struct hold *hold, struct hold_call *verb),
    void (*release)(struct hold_call *verb))
{
	struct ledger_ask *l = mem_zalloc(sizeof(*l));

	l->ask.serve = serve_ledger;
	l->ask.release = release_ledger;
	l->verb = verb;
	l->submit = submit;
	l->release = release;
	if (mailbox_ask(worker, &l->ask))
		return -1;
	free(l);
	return 0;
}

/* ---- telling how it is -------------------------------------------------- */

struct tell_ask {
	struct mailbox_ask ask;
	struct mailbox_worker *worker; /* alive while the room is */
	char state[sizeof(((struct mailbox_worker *)NULL)->state)];
};

static void serve_tell(struct mailbox_ask *ask)
{
	struct tell_ask *t = (struct tell_ask *)ask;

	memcpy(t->worker->state, t->state, sizeof(t->state));
	mailbox_answer(ask);
}

static void release_tell(struct mailbox_ask *ask)
{
	free(ask);
}

void mailbox_tell(struct mailbox_worker *worker, const char *fmt, ...)
{
	struct tell_ask *t = mem_zalloc(sizeof(*t));
	va_list args;

	t->ask.serve = serve_tell;
	t->ask.release = release_tell;
	t->worker = worker;
	va_start(args, fmt);
	vsnprintf(t->state, sizeof(t->state), fmt, args);
	va_end(args);
	if (mailbox_ask(worker, &t->ask) == 0)
		free(t);
}

/* ---- finding the host --------------------------------------------------- */

struct lookup_ask {
	struct mailbox_ask ask;
	char *host;
	unsigned port;
	struct mailbox_addresses found;
	struct error error;
};

static void on_found(const struct lookup_address *addresses, size_t n,
    const char *why, void *context)
{
	struct lookup_ask *l = context;

	l->found.n = n;
	memcpy(l->found.address, addresses, n * sizeof(*addresses));
	if (n == 0)
		error_set(&l->error, ERROR_BUSY, "%s: %s", l->host, why);
	mailbox_answer(&l->ask);
}

static void serve_lookup(struct mailbox_ask *ask)
{
	struct lookup_ask *l = (struct lookup_ask *)ask;

	lookup_start(ask->room->resolver, l->host, l->port, on_found, l);
}

static void release_lookup(struct mailbox_ask *ask)
{
	struct lookup_ask *l = (struct lookup_ask *)ask;

	free(l->host);
	free(l);
}

static int find_host(struct mailbox_worker *w, struct mailbox_addresses *found,
    struct error *err)
{
	struct lookup_ask *l = mem_zalloc(sizeof(*l));
	int rc;

	l->ask.serve = serve_lookup;
	l->ask.release = release_lookup;
	l->host = mem_strdup(w->mailbox->host);
	l->port = w->mailbox->port;
	if (mailbox_ask(w, &l->ask))
		return error_set(err, ERROR_BUSY, "stopped");
	*found = l->found;
	*err = l->error;
	rc = l->found.n == 0 ? -1 : 0;
	release_lookup(&l->ask);
	return rc;
}

/* ---- a thread ----------------------------------------------------------- */

static void rest(const struct mailbox_worker *w, int64_t wait_ms)
{
	struct pollfd p = {job_thread_stop_fd(w->self), POLLIN, 0};
	int64_t until = clock_mono_ms() + wait_ms, left = wait_ms;

	while (left > 0 && poll(&p, 1, (int)left) < 0)
		left = until - clock_mono_ms();
}

/* Whatever wakes us again and again is not to keep us busy. */
static void pace(struct mailbox_worker *w, int64_t *last_ms, unsigned *haste)
{
	int64_t now = clock_mono_ms();

	*haste = now - *last_ms < HASTE_MS ? *haste + 1 : 0;
	if (*haste > HASTE_MOST) {
		rest(w, PAUSE_MS);
		*haste = 0;
	}
	*last_ms = now;
}

/* Rounds until something fails. */
static int converse(struct mailbox_worker *w, struct mailbox_session *session,
    struct error *err)
{
	int64_t wait_ms, last_ms = 0;
	enum mailbox_woke woke;
	unsigned haste = 0;

	for (;;) {
		pace(w, &last_ms, &haste);
		job_thread_awake(w->self); /* what woke us is done now */
		wait_ms = (int64_t)w->mailbox->poll_s * 1000;
		if (w->use->round(w, session, &wait_ms, err))
			return -1;
		w->failing_ms = 0;
		mailbox_tell(w, "in %s%s%s", w->mailbox->folder,
		    *w->trouble == '\0' ? "" : ", but ", w->trouble);
		if (mailbox_session_wait(session, job_thread_wake_fd(w->self),
			wait_ms < 0 ? 0 : wait_ms, &woke, err))
			return -1;
	}
}

static int connect_and_converse(struct mailbox_worker *w, struct error *err)
{
	struct mailbox_addresses addresses;
	struct mailbox_session *session;
	int rc;

	if (w->failing_ms == 0)
		mailbox_tell(w, "connecting");
	if (find_host(w, &addresses, err))
		return -1;
	session = mailbox_session_open(
	    w->mailbox, &addresses, job_thread_stop_fd(w->self), err);
	if (session == NULL)
		return -1;
	w->connected = true;
	log_info("mailbox %s connected host=%s user=%s", w->mailbox->name,
	    w->mailbox->host, w->mailbox->user);
	rc = converse(w, session, err);
	mailbox_session_close(session);
	return rc;
}

/*
 * Longer each time; some of it by chance, so that not all come at once.  Who
 * is refused is not refused any less a second later, and servers shut out who
 * tries often.
 */
static int64_t backoff(const struct mailbox_worker *w, enum error_kind kind)
{
	int64_t most = (int64_t)w->mailbox->retry_most_s * 1000;
	int64_t wait = RETRY_FIRST_MS;
	unsigned i, chance;

	for (i = 1; i < w->failures && wait < most; i++)
		wait *= 2;
	if (wait > most || kind == ERROR_DENIED)
		wait = most;
	digest_random(&chance, sizeof(chance));
	return wait - (int64_t)(chance % (unsigned)(wait / 4 + 1));
}

/* The same again and again is for the log at times only. */
static void log_failure(
    struct mailbox_worker *w, const struct error *err, int64_t wait_ms)
{
	char span[CLOCK_ISO_SIZE];

	if (!w->connected && w->failures % LOG_EVERY != 1 &&
	    strcmp(w->logged, err->text) == 0)
		return;
	snprintf(w->logged, sizeof(w->logged), "%s", err->text);
	log_warning("mailbox %s failed reason=\"%s\" again=\"%s\"",
	    w->mailbox->name, err->text, clock_span(wait_ms + 999, span));
}

/* It did not work, or does not any more: how long to wait. */
static int64_t failed(
    struct mailbox_worker *w, const struct error *err, int64_t lived_ms)
{
	char since[CLOCK_ISO_SIZE], next[CLOCK_ISO_SIZE];
	int64_t wait_ms, now = clock_now_ms();

	if (w->connected && lived_ms >= STEADY_MS)
		w->failures = 0;
	w->failures++;
	if (w->failing_ms == 0)
		w->failing_ms = now;
	wait_ms = backoff(w, err->kind);
	log_failure(w, err, wait_ms);
	mailbox_tell(w, "not connected since %s, tried again at %s: %s",
	    clock_iso(w->failing_ms, since), clock_iso(now + wait_ms, next),
	    err->text);
	return wait_ms;
}

static void run(struct job_thread *thread, void *context)
{
	struct mailbox_worker *w = context;
	struct error err;
	int64_t begun;

	w->self = thread;
	while (!job_thread_stopping(thread)) {
		err = (struct error)ERROR_INIT;
		begun = clock_mono_ms();
		w->connected = false;
		(void)connect_and_converse(w, &err);
		if (job_thread_stopping(thread))
			break;
		rest(w, failed(w, &err, clock_mono_ms() - begun));
	}
	if (w->use->forget != NULL && w->memory != NULL)
		w->use->forget(w->memory);
}

/* ---- life --------------------------------------------------------------- */

static const struct mailbox_use *use_of(enum config_mailbox_use use)
{
	size_t i;

	for (i = 0; i < sizeof(uses) / sizeof(uses[0]); i++)
		if (uses[i]->use == use)
			return uses[i];
	return NULL;
}

static struct mailbox_worker *find_worker(
    const struct mailboxes *room, const char *name)
{
	struct mailbox_worker *w;

	for (w = room->workers; w != NULL; w = w->next)
		if (strcmp(w->mailbox->name, name) == 0)
			return w;
	return NULL;
}

static void free_worker(struct mailbox_worker *w)
{
	job_thread_free(w->thread);
	config_unref(w->config);
	free(w);
}

static void on_ended(void *context);

/* Threads for those of the configuration that have none. */
static void start_missing(struct mailboxes *room)
{
	const struct config *config = room->config;
	const struct config_mailbox *m;
	struct mailbox_worker *w;
	size_t i;

	for (i = 0; i < config->n_mailboxes && !room->stopping; i++) {
		m = &config->mailboxes[i];
		if (find_worker(room, m->name) != NULL)
			continue;
		w = mem_zalloc(sizeof(*w));
		w->room = room;
		w->config = config_ref(config);
		w->mailbox = m;
		w->use = use_of(m->use);
		w->next = room->workers;
		room->workers = w;
		snprintf(w->state, sizeof(w->state), "starting");
		w->thread = job_thread_new(room->base, run, on_ended, w);
	}
}

/* One that was to end has: whoever takes its place may begin. */
static void on_ended(void *context)
{
	struct mailbox_worker *w = context, **at;
	struct mailboxes *room = w->room;

	for (at = &room->workers; *at != w; at = &(*at)->next)
		;
	*at = w->next;
	free_worker(w);
	start_missing(room);
}

struct mailboxes *mailbox_new(struct event_base *base,
    const struct config *config, struct hold *hold,
    const struct mailbox_hooks *hooks)
{
	struct mailboxes *room = mem_zalloc(sizeof(*room));

	room->base = base;
	room->hold = hold;
	room->hooks = *hooks;
	room->config = config_ref(config);
	room->resolver = lookup_resolver_new(base);
	start_missing(room);
	return room;
}

static void leave(struct mailbox_worker *w)
{
	if (w->leaving)
		return;
	w->leaving = true;
	snprintf(w->state, sizeof(w->state), "ending");
	job_thread_stop(w->thread);
}

void mailbox_renew(struct mailboxes *mailboxes, const struct config *config)
{
	const struct config_mailbox *m;
	struct mailbox_worker *w;

	config_unref(mailboxes->config);
	mailboxes->config = config_ref(config);
	for (w = mailboxes->workers; w != NULL; w = w->next) {
		m = config_mailbox(config, w->mailbox->name);
		if (m == NULL || !config_mailbox_same(m, w->mailbox))
			leave(w);
	}
	start_missing(mailboxes);
}

void mailbox_kick(struct mailboxes *mailboxes)
{
	struct mailbox_worker *w;

	if (mailboxes == NULL)
		return;
	for (w = mailboxes->workers; w != NULL; w = w->next)
		if (w->use->kicked)
			job_thread_wake(w->thread);
}

void mailbox_stop(struct mailboxes *mailboxes)
{
	struct mailbox_worker *w;

	mailboxes->stopping = true;
	for (w = mailboxes->workers; w != NULL; w = w->next)
		leave(w);
}

void mailbox_free(struct mailboxes *mailboxes)
{
	struct mailbox_worker *w;

	if (mailboxes == NULL)
		return;
	mailbox_stop(mailboxes);
	while ((w = mailboxes->workers) != NULL) {
		mailboxes->workers = w->next;
		free_worker(w);
	}
	if (mailboxes->resolver != NULL)
		evdns_base_free(mailboxes->resolver, 1);
	config_unref(mailboxes->config);
	free(mailboxes);
}

const char *mailbox_state(const struct mailboxes *mailboxes, const char *name)
{
	const struct mailbox_worker *w = find_worker(mailboxes, name);

	return w == NULL ? "not started" : w->state;
}
