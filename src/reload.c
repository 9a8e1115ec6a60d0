/*
 * reload: the steps from a file to a configuration in force.  What each room
 * does with it is left to the rooms' renew functions; whether the rules' own
 * tests are right, to trial.c.
 */
#include "reload.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/check.h"
#include "hold/hold.h"

#include "config/config.h"
#include "config/differ.h"
#include "house.h"
#include "trial.h"

#include "util/clock.h"
#include "util/job.h"
#include "util/log.h"
#include "util/mem.h"

#define LOOK_MS	    50	  /* how often readers are looked at */
#define PATIENCE_MS 30000 /* until new readers must be sealed */

/* Whoever asked by HTTP, and waits. */
struct asker {
	struct httpd_request *request;
	struct asker *next;
};

/* A configuration on its way into force. */
struct loading {
	struct job job;
	struct reload *reload; /* NULL: the house has gone */
	char *file;
	struct config *config; /* result of the job */
	struct error err;
	struct check *check;
	struct trial *trial;
	int64_t by_ms; /* monotonic: its readers must be ready */
};

/* Readers of a configuration that is no longer in force. */
struct retired {
	struct check *check;
	struct retired *next;
};

struct renewal {
	struct hold_renew renew;
	struct house *house;
	const struct config *config; /* the next reference of the store's */
};

struct reload {
	struct house *house;
	struct event *tick;
	struct loading *loading; /* or NULL */
	bool again;		 /* another was asked for meanwhile */
	struct asker *askers;	 /* of the one that is under way */
	struct asker *waiting;	 /* of the next */
	struct retired *retired;
	int64_t loaded_ms;  /* wall time */
	struct error error; /* of the last attempt */
};

static void wind(struct reload *reload)
{
	const struct timeval soon = {0, LOOK_MS * 1000};

	event_add(reload->tick, &soon);
}

/* ---- how it ended -------------------------------------------------------- */

static void answer(struct reload *reload, const struct error *err)
{
	const struct config *config = reload->house->config;
	struct asker *asker;
	char text[200];

	while ((asker = reload->askers) != NULL) {
		reload->askers = asker->next;
		if (err->kind != ERROR_NONE) {
			httpd_reply_error(asker->request, err);
		} else {
			snprintf(text, sizeof(text),
			    "{\"config\":\"%s\",\"channels\":%zu}",
			    config->hash, config->n_channels);
			httpd_reply(asker->request, 200, "application/json",
			    (struct span){text, strlen(text)});
		}
		free(asker);
	}
}

static void loading_free(struct loading *loading)
{
	trial_free(loading->trial);
	check_free(loading->check);
	config_unref(loading->config);
	free(loading->file);
	free(loading);
}

static void end(struct reload *reload, const struct error *err)
{
	loading_free(reload->loading);
	reload->loading = NULL;
	reload->error = *err;
	if (err->kind == ERROR_NONE)
		log_notice("reload done config=%.12s channels=%zu",
		    reload->house->config->hash,
		    reload->house->config->n_channels);
	else
		log_error("reload refused, nothing is changed: %s", err->text);
	answer(reload, err);
	reload->askers = reload->waiting;
	reload->waiting = NULL;
	if (!reload->again)
		return;
	reload->again = false;
	reload_start(reload);
}

/* ---- into force ---------------------------------------------------------- */

/* The store thread looks at the old one no more. */
static void on_renewed(struct hold_call *call)
{
	struct renewal *renewal = (struct renewal *)(void *)call;

	config_unref(renewal->house->people);
	renewal->house->people = renewal->config;
	free(renewal);
}

static void renew_hold(struct house *house, const struct config *config)
{
	struct renewal *renewal = mem_zalloc(sizeof(*renewal));

	renewal->house = house;
	renewal->config = config_ref(config);
	renewal->renew.call.done = on_renewed;
	renewal->renew.people = config;
	renewal->renew.undo_ms = (uint64_t)config->review.undo_s * 1000;
	hold_renew(house->hold, &renewal->renew);
}

/* What is being read by the old readers is read to its end. */
static void retire(struct reload *reload, struct check *check)
{
	struct retired *retired = mem_zalloc(sizeof(*retired));

	retired->check = check;
	retired->next = reload->retired;
	reload->retired = retired;
	wind(reload);
}

static void take(struct reload *reload)
{
	struct loading *loading = reload->loading;
	struct house *house = reload->house;
	const struct error fine = ERROR_INIT;

	renew_hold(house, loading->config);
	retire(reload, house->check);
	house->check = loading->check;
	loading->check = NULL;
	house_renew(house, loading->config);
	reload->loaded_ms = clock_now_ms();
	end(reload, &fine);
}

/* ---- step by step -------------------------------------------------------- */

static void on_tried(const struct trial_result *result, void *context)
{
	struct reload *reload = context;
	const struct trial_failure *first = result->failures;
	struct error err = ERROR_INIT;

	if (result->n_failures == 0) {
		take(reload);
		return;
	}
	error_set(&err, ERROR_INVALID,
	    "%s:%u: test '%.60s' %.200s; %zu of %zu tests fail, see "
	    "\"imprimatur check\"",
	    first->file, first->line, first->test, first->text,
	    result->n_failures, result->n);
	end(reload, &err);
}

static void look_at_readers(struct reload *reload)
{
	struct loading *loading = reload->loading;
	struct error err = ERROR_INIT;
	const char *why = check_refused(loading->check);

	if (why != NULL) {
		error_set(&err, ERROR_INVALID, "%s", why);
		end(reload, &err);
	} else if (check_ready(loading->check)) {
		loading->trial = trial_new(reload->house->base, loading->config,
		    loading->check, on_tried, reload);
	} else if (clock_mono_ms() > loading->by_ms) {
		error_set(&err, ERROR_BUSY,
		    "new readers were not ready within %d s",
		    PATIENCE_MS / 1000);
		end(reload, &err);
	} else {
		wind(reload);
	}
}

/* Free the old readers that have nothing left to do. */
static void look_at_retired(struct reload *reload)
{
	struct retired **at = &reload->retired, *retired;

	while ((retired = *at) != NULL) {
		if (!check_idle(retired->check)) {
			at = &retired->next;
			continue;
		}
		*at = retired->next;
		check_free(retired->check);
		free(retired);
	}
	if (reload->retired != NULL)
		wind(reload);
}

static void on_tick(evutil_socket_t fd, short what, void *context)
{
	struct reload *reload = context;

	(void)fd;
	(void)what;
	look_at_retired(reload);
	if (reload->loading != NULL && reload->loading->check != NULL &&
	    reload->loading->trial == NULL)
		look_at_readers(reload);
}

static void run(struct job *job)
{
	struct loading *loading = (struct loading *)job;

	loading->config = config_load(loading->file, &loading->err);
}

static void on_loaded(struct job *job)
{
	struct loading *loading = (struct loading *)job;
	struct reload *reload = loading->reload;
	struct error err = loading->err;

	if (reload == NULL) { /* the house has gone */
		loading_free(loading);
		return;
	}
	if (loading->config == NULL ||
	    differ_check(reload->house->config, loading->config, &err)) {
		end(reload, &err);
		return;
	}
	loading->check =
	    house_start_readers(reload->house, loading->config, &err);
	if (loading->check == NULL) {
		end(reload, &err);
		return;
	}
	loading->by_ms = clock_mono_ms() + PATIENCE_MS;
	wind(reload);
}

void reload_start(struct reload *reload)
{
	struct loading *loading;

	if (reload->loading != NULL) {
		reload->again = true;
		return;
	}
	loading = mem_zalloc(sizeof(*loading));
	loading->job.run = run;
	loading->job.done = on_loaded;
	loading->reload = reload;
	loading->file = mem_strdup(reload->house->config->file);
	reload->loading = loading;
	log_notice("reload begins file=%s", loading->file);
	job_submit(reload->house->jobs, &loading->job);
}

/* ---- life, status, HTTP -------------------------------------------------- */

struct reload *reload_new(struct house *house)
{
	struct reload *reload = mem_zalloc(sizeof(*reload));

	reload->house = house;
	reload->tick = evtimer_new(house->base, on_tick, reload);
	reload->loaded_ms = clock_now_ms();
	return reload;
}

void reload_free(struct reload *reload)
{
	struct loading *loading;
	struct retired *retired;
	struct error err = ERROR_INIT;

	if (reload == NULL)
		return;
	error_set(&err, ERROR_BUSY, "the program is ending");
	answer(reload, &err);
	reload->askers = reload->waiting;
	answer(reload, &err);
	loading = reload->loading;
	if (loading != NULL && loading->check == NULL)
		loading->reload = NULL; /* its job ends it */
	else if (loading != NULL)
		loading_free(loading);
	while ((retired = reload->retired) != NULL) {
		reload->retired = retired->next;
		check_free(retired->check);
		free(retired);
	}
	event_free(reload->tick);
	free(reload);
}

void reload_describe(const struct reload *reload, char *out, size_t size)
{
	const struct config *config = reload->house->config;
	char span[CLOCK_ISO_SIZE];

	snprintf(out, size,
	    "configuration %.12s with %zu channels, loaded %s "
	    "ago%s%.300s",
	    config->hash, config->n_channels,
	    clock_span(clock_now_ms() - reload->loaded_ms, span),
	    reload->error.kind == ERROR_NONE ? ""
					     : "; a reload was refused since: ",
	    reload->error.text);
}

static void serve_reload(struct httpd_request *request, void *context)
{
	struct reload *reload = context;
	const struct config_reviewer *who =
	    config_reviewer_of_uid(reload->house->config, request->uid);
	struct error err = ERROR_INIT;
	struct asker *asker, **list;

	if (who == NULL || !who->admin) {
		error_set(&err, ERROR_DENIED,
		    "only an admin may reload the configuration, and user %u "
		    "of this machine is none",
		    (unsigned)request->uid);
		httpd_reply_error(request, &err);
		return;
	}
	list = reload->loading == NULL ? &reload->askers : &reload->waiting;
	asker = mem_zalloc(sizeof(*asker));
	asker->request = httpd_keep(request);
	asker->next = *list;
	*list = asker;
	reload_start(reload);
}

const struct httpd_route reload_routes[] = {
    {"POST", "/v1/reload", true, serve_reload},
    {NULL, NULL, false, NULL},
};
