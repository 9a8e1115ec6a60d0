/*
 * check: the queues, the pool and the deadlines.  Drafts go to readers that
 * live long; a reply or an edit goes to a fork that lives for it alone.  What
 * a process is and says is left to worker.c, what an answer means to ask.c.
 */
#include "check/check.h"

#include "check/internal.h"

#include "config/setup.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/mem.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* A reader is given more while it works on little, so that it never waits. */
#define TEXT_MOST   ((size_t)64 * 1024) /* of subject or recipients */
#define AHEAD_ASKS  4
#define AHEAD_BYTES ((size_t)64 * 1024)

/* An ask may wait while a reader is late with another, and once more. */
#define WAIT_DEADLINES 2

#define START_MAX_MS	 10000 /* until a reader must be sealed */
#define FORK_LIFE_ADD_MS 1000  /* on top of the deadline */
#define AGAIN_FIRST_MS	 100   /* after a start in vain; doubles */
#define AGAIN_MOST_MS	 10000
#define TICKS		 16 /* looks at the clock per deadline */
#define TICK_MOST_MS	 100

/* Workers of one sort and what waits for them. */
struct lane {
	struct worker *workers;
	unsigned n;
	struct ask_list waiting;
};

struct check {
	struct check_settings settings;
	char *reader;
	struct lane drafts, forks;
	struct worker nursery;
	struct event *tick; /* pending while anything is under way */
	uint32_t serial;
	char *refused; /* why no reader works with the setup, or NULL */
	bool closing;
};

static bool is_fork(const struct worker *w)
{
	const struct lane *forks = &w->check->forks;

	return w >= forks->workers && w < forks->workers + forks->n;
}

static struct lane *lane_of(const struct worker *w)
{
	return is_fork(w) ? &w->check->forks : &w->check->drafts;
}

static void finish(struct ask_list *finished)
{
	struct ask *ask;

	while ((ask = ask_pop(finished)) != NULL)
		ask_done(ask);
}

/* ---- giving out --------------------------------------------------------- */

/* What was asked again is read alone, so that it cannot suffer twice. */
static bool takes_more(const struct worker *w, const struct ask *ask)
{
	if (w->state != WORKER_READY)
		return false;
	if (w->asks.n == 0)
		return true;
	return w->asks.n < AHEAD_ASKS && !ask->retried &&
	       !w->asks.first->retried &&
	       w->asks.bytes + ask->size <= AHEAD_BYTES;
}

static struct worker *pick_reader(struct lane *drafts, const struct ask *ask)
{
	struct worker *best = NULL, *w;

	for (w = drafts->workers; w < drafts->workers + drafts->n; w++)
		if (takes_more(w, ask) &&
		    (best == NULL || w->asks.n < best->asks.n))
			best = w;
	return best;
}

/* A fork of the nursery that is on its way, or NULL: not now. */
static struct worker *make_fork(struct check *check)
{
	struct lane *forks = &check->forks;
	struct error err = ERROR_INIT;
	struct worker *w = forks->workers;

	while (w < forks->workers + forks->n && w->state != WORKER_DOWN)
		w++;
	if (w == forks->workers + forks->n ||
	    check->nursery.state != WORKER_READY)
		return NULL;
	if (worker_fork(w, &check->nursery,
		check->settings.deadline_ms + FORK_LIFE_ADD_MS, &err)) {
		log_warning(
		    "fork %u not-started reason=\"%s\"", w->number, err.text);
		return NULL;
	}
	return w;
}

static void dispatch(struct check *check)
{
	struct ask_list *waiting = &check->drafts.waiting;
	struct worker *w;

	while (waiting->first != NULL &&
	       (w = pick_reader(&check->drafts, waiting->first)) != NULL)
		worker_give(w, ask_pop(waiting));
	for (w = check->drafts.workers;
	     w < check->drafts.workers + check->drafts.n; w++)
		worker_flush(w);
	waiting = &check->forks.waiting;
	while (waiting->first != NULL && (w = make_fork(check)) != NULL)
		worker_give(w, ask_pop(waiting));
}

/* The clock runs while anything is under way. */
static void wind(struct check *check)
{
	unsigned ms = check->settings.deadline_ms / TICKS;
	struct timeval soon;

	if (event_pending(check->tick, EV_TIMEOUT, NULL))
		return;
	if (ms > TICK_MOST_MS)
		ms = TICK_MOST_MS;
	if (ms == 0)
		ms = 1;
	soon = (struct timeval){ms / 1000, ms % 1000 * 1000};
	event_add(check->tick, &soon);
}

/* ---- what becomes of the dead ------------------------------------------- */

/* The more starts were in vain, the longer until the next. */
static void plan_restart(struct worker *w)
{
	unsigned wait_ms = AGAIN_FIRST_MS, i;

	for (i = 0; i < w->failures && wait_ms < AGAIN_MOST_MS; i++)
		wait_ms *= 2;
	if (wait_ms > AGAIN_MOST_MS)
		wait_ms = AGAIN_MOST_MS;
	w->failures++;
	w->again_at_ms = clock_mono_ms() + wait_ms;
}

static int start(struct worker *w, struct error *err)
{
	struct check *check = w->check;
	const char *role = w == &check->nursery ? "nursery" : "reader";

	return worker_spawn(w, &check->settings, role, err);
}

static void start_again(struct worker *w)
{
	struct error err = ERROR_INIT;

	if (start(w, &err) == 0)
		return;
	log_error(
	    "%s %u not-started reason=\"%s\"", w->name, w->number, err.text);
	plan_restart(w);
}

/* Was its first ask being read, so that it is to blame? */
static bool first_is_to_blame(const struct worker *w)
{
	if (!w->was_ready || w->asks.first == NULL)
		return false;
	return w->asks.first != w->sending && !(w->unread && w->asks.n == 1);
}

/* How the plug-in failed that ran when the reader ended. */
static const char *say_how(const struct worker *w)
{
	if (w->late)
		return "took too long";
	return w->memory ? "used too much memory" : "crashed";
}

/*
 * It is read once more without the plug-in that it killed a reader with, so
 * that somebody can see it; of a second one it has trouble.
 */
static void blame(
    struct worker *w, struct ask_list *again, struct ask_list *finished)
{
	struct ask *ask = ask_pop(&w->asks);
	char why[sizeof(w->why)];

	if (w->plugin[0] != '\0' && ask->without[0] == '\0' &&
	    ask->type != WIRE_REPLY) {
		ask_spare(ask, w->plugin, say_how(w));
		ask->retried = true;
		ask_push(again, ask);
		return;
	}
	snprintf(why, sizeof(why), "%s", w->why);
	if (w->plugin[0] != '\0')
		snprintf(
		    why, sizeof(why), "plug-in '%s' %s", w->plugin, say_how(w));
	ask_trouble(ask, why);
	ask_push(finished, ask);
}

/* What is not to blame is asked again, but only once. */
static void share_out(struct worker *w, struct ask_list *finished)
{
	struct ask_list again = {0};
	struct ask *ask;

	if (first_is_to_blame(w))
		blame(w, &again, finished);
	while ((ask = ask_pop(&w->asks)) != NULL) {
		if (ask->retried) {
			ask_trouble(ask, "two readers died before it was read");
			ask_push(finished, ask);
		} else {
			ask->retried = true;
			ask_push(&again, ask);
		}
	}
	ask_prepend(&lane_of(w)->waiting, &again);
}

/* Did it end because the setup is of no use?  Another would do the same. */
static void look_for_refusal(struct worker *w)
{
	struct check *check = w->check;

	if (w->refusal == NULL && !w->was_ready && !is_fork(w) &&
	    w->plugin[0] != '\0')
		w->refusal = mem_printf("plug-in '%s' %s while it was set up",
		    w->plugin, say_how(w));
	if (w->refusal == NULL)
		return;
	if (check->refused == NULL) {
		log_error("readers refused reason=\"%s\"", w->refusal);
		check->refused = w->refusal;
	} else {
		free(w->refusal);
	}
	w->refusal = NULL;
}

static void mourn(struct worker *w, struct ask_list *finished)
{
	bool in_vain = !w->answered && (!w->was_ready || w->asks.n == 0);

	w->state = WORKER_DOWN;
	look_for_refusal(w);
	if ((!is_fork(w) && w->check->refused == NULL) || w->asks.n > 0)
		log_warning("%s %u ended reason=\"%s\" plugin=\"%s\" "
			    "asks=%zu",
		    w->name, w->number, w->why, w->plugin, w->asks.n);
	share_out(w, finished);
	if (is_fork(w) || w->check->refused != NULL)
		return;
	if (in_vain)
		plan_restart(w);
	else
		start_again(w);
}

void check_worker_moved(struct worker *w)
{
	struct check *check = w->check;
	struct ask_list finished = w->finished;

	w->finished = (struct ask_list){0};
	if (is_fork(w) && w->answered && w->state == WORKER_READY)
		worker_kill(w, "it is done");
	if (w->state == WORKER_ENDED)
		mourn(w, &finished);
	worker_flush(w);
	dispatch(check);
	wind(check);
	finish(&finished);
}

/* ---- the clock ---------------------------------------------------------- */

static void say_late(const struct check *check, char *why, size_t size)
{
	unsigned ms = check->settings.deadline_ms;

	if (ms % 1000 == 0)
		snprintf(why, size, "the reader did not finish within %u s",
		    ms / 1000);
	else
		snprintf(
		    why, size, "the reader did not finish within %u ms", ms);
}

/* A fork that never starts speaks against the nursery. */
static void on_never_started(struct worker *w)
{
	w->late = true;
	worker_kill(w, "the reader did not start");
	check_worker_moved(w);
	if (is_fork(w) && w->check->nursery.state == WORKER_READY)
		worker_kill(&w->check->nursery, "it does not fork");
}

static void look_at(struct worker *w, int64_t now_ms)
{
	unsigned deadline_ms = w->check->settings.deadline_ms;
	unsigned start_max_ms = is_fork(w) ? deadline_ms : START_MAX_MS;
	int64_t since_ms = now_ms - w->since_ms;
	char why[80];

	if (w->state == WORKER_DYING) {
		worker_reap(w);
	} else if (w->state == WORKER_READY && w->asks.n > 0 &&
		   since_ms > deadline_ms) {
		say_late(w->check, why, sizeof(why));
		w->late = true;
		worker_kill(w, why);
		check_worker_moved(w);
	} else if (w->state == WORKER_STARTING && since_ms > start_max_ms) {
		on_never_started(w);
	} else if (w->state == WORKER_DOWN && !is_fork(w) &&
		   w->check->refused == NULL && now_ms >= w->again_at_ms) {
		start_again(w);
	}
}

static void expire(struct check *check, struct lane *lane, int64_t now_ms)
{
	int64_t most_ms = (int64_t)check->settings.deadline_ms * WAIT_DEADLINES;
	struct ask_list late = {0};
	char why[80];

	if (check->refused != NULL)
		snprintf(
		    why, sizeof(why), "no reader works with the configuration");
	else
		snprintf(why, sizeof(why),
		    "no reader was free within %" PRId64 " ms", most_ms);
	while (lane->waiting.first != NULL &&
	       (check->refused != NULL ||
		   now_ms - lane->waiting.first->since_ms > most_ms)) {
		ask_trouble(lane->waiting.first, why);
		ask_push(&late, ask_pop(&lane->waiting));
	}
	finish(&late);
}

/* Is something about to happen to a reader? */
static bool is_moving(const struct worker *w)
{
	if (w->state == WORKER_DOWN)
		return w->check->refused == NULL;
	return w->state != WORKER_READY || w->asks.n > 0;
}

static bool under_way(const struct check *check)
{
	const struct worker *w;

	if (check->drafts.waiting.n > 0 || check->forks.waiting.n > 0 ||
	    is_moving(&check->nursery))
		return true;
	for (w = check->drafts.workers;
	     w < check->drafts.workers + check->drafts.n; w++)
		if (is_moving(w))
			return true;
	for (w = check->forks.workers;
	     w < check->forks.workers + check->forks.n; w++)
		if (w->state != WORKER_DOWN)
			return true;
	return false;
}

static void on_tick(evutil_socket_t fd, short what, void *context)
{
	struct check *check = context;
	int64_t now_ms = clock_mono_ms();
	unsigned i;

	(void)fd;
	(void)what;
	look_at(&check->nursery, now_ms);
	for (i = 0; i < check->drafts.n; i++)
		look_at(&check->drafts.workers[i], now_ms);
	for (i = 0; i < check->forks.n; i++)
		look_at(&check->forks.workers[i], now_ms);
	expire(check, &check->drafts, now_ms);
	expire(check, &check->forks, now_ms);
	if (under_way(check))
		wind(check);
}

/* ---- requests ----------------------------------------------------------- */

/* Is it more than the wire takes? */
static bool is_too_large(const struct check_request *r)
{
	const char *const texts[] = {r->subject, r->to, r->cc, r->bcc};
	size_t room = WIRE_REQUEST_MAX - WIRE_ABOUT_MAX -
		      (WIRE_PIECES + 1) * WIRE_U32_SIZE;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i] != NULL && strlen(texts[i]) > TEXT_MOST)
			return true;
		room -= TEXT_MOST;
	}
	return r->bytes.len > room || r->text.len > room - r->bytes.len ||
	       r->mail.len > room - r->bytes.len - r->text.len;
}

static int ask(struct check *check, struct check_request *request,
    enum wire_type type, struct error *err)
{
	struct lane *lane = type == WIRE_DRAFT ? &check->drafts : &check->forks;

	if (check->closing)
		return error_set(err, ERROR_BUSY, "the program is ending");
	if (is_too_large(request))
		return error_set(err, ERROR_INVALID, "too large to be read");
	if (lane->waiting.n >= check->settings.waiting_max)
		return error_set(err, ERROR_BUSY,
		    "%zu mails wait to be read already", lane->waiting.n);
	ask_push(&lane->waiting, ask_new(request, type, ++check->serial));
	dispatch(check);
	wind(check);
	return 0;
}

int check_draft(
    struct check *check, struct check_request *request, struct error *err)
{
	return ask(check, request, WIRE_DRAFT, err);
}

int check_reply(
    struct check *check, struct check_request *request, struct error *err)
{
	return ask(check, request, WIRE_REPLY, err);
}

int check_edit(
    struct check *check, struct check_request *request, struct error *err)
{
	return ask(check, request, WIRE_EDIT, err);
}

/* ---- life --------------------------------------------------------------- */

static void init_worker(struct check *check, struct worker *w,
    struct event_base *base, const char *name, unsigned number)
{
	w->check = check;
	w->base = base;
	w->name = name;
	w->number = number;
	w->fd = w->pidfd = -1;
}

static void init_lane(struct check *check, struct lane *lane,
    struct event_base *base, const char *name)
{
	lane->n = check->settings.readers;
	lane->workers = mem_zalloc(lane->n * sizeof(*lane->workers));
	for (unsigned i = 0; i < lane->n; i++)
		init_worker(check, &lane->workers[i], base, name, i + 1);
}

struct check *check_new(struct event_base *base,
    const struct check_settings *settings, struct error *err)
{
	struct check *check;
	int rc;

	if (settings->setup.len > SETUP_MAX)
		return error_set(err, ERROR_INVALID,
			   "channels and conditions are %zu bytes; more than "
			   "%zu cannot be handed to the readers",
			   settings->setup.len, SETUP_MAX),
		       NULL;
	check = mem_zalloc(sizeof(*check));
	check->settings = *settings;
	check->reader = mem_strdup(settings->reader);
	check->settings.reader = check->reader;
	check->tick = evtimer_new(base, on_tick, check);
	init_worker(check, &check->nursery, base, "nursery", 0);
	init_lane(check, &check->drafts, base, "reader");
	init_lane(check, &check->forks, base, "fork");
	rc = start(&check->nursery, err);
	for (unsigned i = 0; i < check->drafts.n && rc == 0; i++)
		rc = start(&check->drafts.workers[i], err);
	if (rc) {
		check_free(check);
		return NULL;
	}
	wind(check);
	return check;
}

const char *check_refused(const struct check *check)
{
	return check->refused;
}

static bool lane_idle(const struct lane *lane)
{
	if (lane->waiting.n > 0)
		return false;
	for (unsigned i = 0; i < lane->n; i++)
		if (lane->workers[i].asks.n > 0)
			return false;
	return true;
}

bool check_idle(const struct check *check)
{
	return lane_idle(&check->drafts) && lane_idle(&check->forks);
}

bool check_ready(const struct check *check)
{
	if (check->nursery.state != WORKER_READY)
		return false;
	for (unsigned i = 0; i < check->drafts.n; i++)
		if (check->drafts.workers[i].state != WORKER_READY)
			return false;
	return true;
}

const char *check_finds(const struct check *check)
{
	return check->nursery.finds == NULL ? "" : check->nursery.finds;
}

/* Its open asks go to the list, with trouble. */
static void close_worker(struct worker *w, struct ask_list *open)
{
	struct ask *a;

	while ((a = ask_pop(&w->asks)) != NULL)
		ask_push(open, a);
	worker_release(w);
}

static void close_lane(struct lane *lane, struct ask_list *open)
{
	struct ask *a;

	for (unsigned i = 0; i < lane->n; i++)
		close_worker(&lane->workers[i], open);
	while ((a = ask_pop(&lane->waiting)) != NULL)
		ask_push(open, a);
}

void check_free(struct check *check)
{
	struct ask_list open = {0};
	struct ask *a;

	if (check == NULL)
		return;
	check->closing = true;
	close_worker(&check->nursery, &open);
	close_lane(&check->drafts, &open);
	close_lane(&check->forks, &open);
	for (a = open.first; a != NULL; a = a->next)
		ask_trouble(a, "the program ended before it was read");
	finish(&open);
	event_free(check->tick);
	free(check->drafts.workers);
	free(check->forks.workers);
	free(check->reader);
	free(check->refused);
	free(check);
}
