/*
 * house: brings the rooms to life, joins them by the hooks of pipeline.c and
 * closes them.  The order of opening is that of dependence, the order of
 * closing lets everything under way be answered first.
 */
#include "house.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accept/accept.h"
#include "chat/chat.h"
#include "check/check.h"
#include "check/opinion.h"
#include "hold/hold.h"
#include "mailbox/mailbox.h"
#include "review/review.h"
#include "send/send.h"

#include "config/people.h"
#include "doctor.h"
#include "message.h"
#include "pipeline.h"
#include "pipeline_folder.h"
#include "pipeline_login.h"
#include "pipeline_mailbox.h"
#include "pipeline_medium.h"
#include "pipeline_move.h"
#include "pipeline_opinion.h"
#include "reload.h"

#include "util/clock.h"
#include "util/dns.h"
#include "util/httpd.h"
#include "util/job.h"
#include "util/listen.h"
#include "util/mem.h"
#include "util/tls.h"

#define JOB_THREADS	2
#define API_BODY_MAX	(8u * 1024 * 1024)
#define API_TIMEOUT_S	30
#define API_CONNECTIONS 100
#define REPEAT_DAYS	7 /* how long an equal mail is the same mail */
#define CONTROL_MODE	0660
#define POLL_MS		50
#define STOP_MOST_MS	10000

/* ---- authority, trouble, status ----------------------------------------- */

/* Store thread: reads only the immutable configuration. */
static int authority(const char *actor, const struct hold_demand *demand,
    bool approve, struct error *err, const void *people)
{
	const struct people_demand wants = {.channel = demand->channel,
	    .ask = demand->ask,
	    .demand = demand->demand};

	return people_may(people, actor, &wants, approve, clock_now_ms(), err);
}

/* Likewise. */
static const char *copies(size_t n, const char *agent, const void *people)
{
	const struct config *config = people;

	return config_mailbox_copy(config, n, agent);
}

/* Likewise. */
static unsigned hears(const char *agent, const char *event, const void *people)
{
	const struct config_agent *a = config_agent(people, agent);
	bool sent = strcmp(event, "sent") == 0;

	if (a == NULL)
		return 0;
	return (config_agent_reports(a, event) ||
			   (sent && config_agent_reports(a, HOLD_EDITED))
		       ? HOLD_BY_REPORT
		       : 0) |
	       (config_agent_hooks(a, event) ? HOLD_BY_HOOK : 0);
}

/* Likewise. */
static void revising(
    const char *channel, struct hold_revising *out, const void *people)
{
	const struct channel *c = config_channel(people, channel);

	if (c == NULL)
		return;
	out->rounds = c->revise_rounds;
	out->within_ms = (uint64_t)c->revise_within_s * 1000;
}

static void disk_failed(const struct error *err, void *context)
{
	struct house *house = context;

	accept_close(house->accept, "the disk failed");
	house->hooks.failed(err, house->hooks.context);
}

static void describe(char *out, size_t size, void *context)
{
	const struct house *house = context;
	size_t used;

	snprintf(out, size, "%zu sessions, %zu mails on their way in; ",
	    accept_sessions(house->accept), accept_waiting(house->accept));
	used = strlen(out);
	send_describe(house->send, out + used, size - used);
	used = strlen(out);
	used += (size_t)snprintf(out + used, size - used, "; ");
	reload_describe(house->reload, out + used, size - used);
	used = strlen(out);
	if (house->config->n_programs > 0 && size - used > 20) {
		used +=
		    (size_t)snprintf(out + used, size - used, "; programs: ");
		check_programs_describe(
		    house->programs, out + used, size - used);
		used = strlen(out);
	}
	if (house->config->n_chats > 0 && size - used > 20) {
		used += (size_t)snprintf(out + used, size - used, "; chats: ");
		chat_describe(house->chats, out + used, size - used);
	}
}

static const char *mailbox_state_of(const char *name, void *context)
{
	const struct house *house = context;

	return mailbox_state(house->mailboxes, name);
}

static void serve_health(struct httpd_request *request, void *context)
{
	const struct house *house = context;
	const char *body = house->ready ? "ok\n" : "starting\n";

	httpd_reply(request, house->ready ? 200 : 503, "text/plain",
	    (struct span){body, strlen(body)});
}

static const struct httpd_route routes[] = {
    {"GET", "/healthz", false, serve_health},
    {NULL, NULL, false, NULL},
};

/* ---- life ---------------------------------------------------------------- */

static bool wants_tls(const struct config *config)
{
	size_t i;

	for (i = 0; i < config->n_listeners; i++)
		if (config->listeners[i].tls != CONFIG_TLS_NONE)
			return true;
	return config->http_address != NULL && config->http_tls;
}

struct house *house_new(struct event_base *base, const struct config *config,
    const struct house_hooks *hooks, struct error *err)
{
	struct house *house = mem_zalloc(sizeof(*house));
	const struct accept_hooks accept_hooks = {pipeline_take, pipeline_hear,
	    pipeline_address, pipeline_confirmed, house};

	house->base = base;
	house->first = config_ref(config);
	house->config = config_ref(config);
	house->hooks = *hooks;
	message_budget_init(config->limits.memory);
	if (wants_tls(config)) {
		house->tls =
		    tls_server_new(config->certificate, config->key, err);
		if (house->tls == NULL) {
			house_free(house);
			return NULL;
		}
	}
	house->jobs = job_pool_new(base, JOB_THREADS);
	house->dns =
	    dns_new(base, config->dns.servers, config->dns.deadline_ms);
	house->httpd =
	    httpd_new(base, API_BODY_MAX, API_TIMEOUT_S, API_CONNECTIONS);
	house->accept =
	    accept_new(base, config, house->tls, house->jobs, &accept_hooks);
	return house;
}

int house_bind(struct house *house, const int *inherited, size_t n_inherited,
    struct error *err)
{
	const struct config *config = house->config;
	int fd;

	if (accept_listen(house->accept, inherited, n_inherited, err))
		return -1;
	if (config->http_address == NULL)
		return 0;
	fd = listen_inherited(
	    config->http_address, config->http_port, inherited, n_inherited);
	if (fd < 0)
		fd = listen_tcp(config->http_address, config->http_port, err);
	if (fd < 0)
		return -1;
	return config->http_tls
		   ? httpd_listen_tls(house->httpd, fd, house->tls, err)
		   : httpd_listen_fd(house->httpd, fd, err);
}

static int open_hold(struct house *house, struct error *err)
{
	const struct config *config = house->people = config_ref(house->config);
	const struct hold_settings settings = {
	    .dir = config->state_dir,
	    .body_file_above = config->limits.body_file_above,
	    .disk_reserve = config->limits.disk_reserve,
	    .retry_lifetime_ms =
		(uint64_t)config->relay.retry_lifetime_s * 1000,
	    .undo_ms = (uint64_t)config->review.undo_s * 1000,
	    .received_max_age_days = REPEAT_DAYS,
	    .authority = authority,
	    .copies = copies,
	    .hears = hears,
	    .revising = revising,
	    .failed = disk_failed,
	    .context = house,
	    .people = house->people,
	};

	house->hold = hold_open(house->base, &settings, err);
	return house->hold == NULL ? -1 : 0;
}

struct check *house_start_readers(
    struct house *house, const struct config *config, struct error *err)
{
	const struct config_check *check = &config->check;
	const struct check_settings settings = {
	    .reader = check->reader,
	    .readers = check->readers,
	    .deadline_ms = check->deadline_ms,
	    .memory_max_bytes = check->memory,
	    .waiting_max = check->waiting,
	    .setup = config->setup,
	};

	return check_new(house->base, &settings, err);
}

void house_renew(struct house *house, const struct config *config)
{
	struct check_programs *programs = house->programs;

	config_unref(house->config);
	house->config = config_ref(config);
	accept_renew(house->accept, config);
	review_reload(house->review, config);
	chat_renew(house->chats, config);
	mailbox_renew(house->mailboxes, config);
	send_renew(house->send, config);
	house->programs = check_programs_new(house->base, config);
	pipeline_medium_join(house);
	check_programs_free(programs); /* their questions are asked again */
	pipeline_opinion_kick(house->opinions);
	pipeline_moved(0, 0, house);
}

static void schedule(struct house *house)
{
	const struct timeval soon = {0, POLL_MS * 1000};

	event_add(house->tick, &soon);
}

static void wait_for_readers(struct house *house)
{
	struct error err = ERROR_INIT;
	const char *why = check_refused(house->check);

	house->ready =
	    check_ready(house->check) && check_programs_tried(house->programs);
	if (house->ready) {
		house->hooks.ready(house->hooks.context);
	} else if (why != NULL) {
		error_set(&err, ERROR_INVALID, "%s", why);
		house->hooks.refused(&err, house->hooks.context);
	} else {
		schedule(house);
	}
}

/* Wait for the readers, and later for what is under way to end. */
static void on_tick(evutil_socket_t fd, short what, void *context)
{
	struct house *house = context;

	(void)fd;
	(void)what;
	if (house->stopped != NULL) {
		if ((house->send_idle && accept_waiting(house->accept) == 0) ||
		    clock_mono_ms() >= house->stop_by_ms)
			house->stopped(house->stopped_context);
		else
			schedule(house);
	} else if (!house->ready) {
		wait_for_readers(house);
	}
}

int house_open(struct house *house, struct error *err)
{
	const struct review_hooks review_hooks = {pipeline_edit, pipeline_moved,
	    describe, mailbox_state_of, pipeline_medium_show, house};
	const struct send_hooks send_hooks = {
	    pipeline_moved, pipeline_sign, pipeline_login, house};
	const struct mailbox_hooks mailbox_hooks = {pipeline_mailbox_hear,
	    pipeline_folder_take, pipeline_folder_wrote, pipeline_move, house};

	if (open_hold(house, err))
		return -1;
	house->check = house_start_readers(house, house->config, err);
	if (house->check == NULL)
		return -1;
	house->review =
	    review_new(house->base, house->config, house->hold, &review_hooks);
	house->send = send_new(house->base, house->config, house->hold,
	    house->jobs, &send_hooks, err);
	if (house->send == NULL)
		return -1;
	house->programs = check_programs_new(house->base, house->config);
	pipeline_medium_join(house);
	house->opinions = pipeline_opinion_new(house);
	house->chats =
	    chat_new(house->base, house->config, house->hold, house->review);
	house->mailboxes = mailbox_new(
	    house->base, house->config, house->hold, &mailbox_hooks);
	house->reload = reload_new(house);
	house->doctor = doctor_new(house);
	httpd_add_routes(house->httpd, routes, house);
	httpd_add_routes(house->httpd, review_routes, house->review);
	httpd_add_routes(house->httpd, reload_routes, house->reload);
	httpd_add_routes(house->httpd, doctor_routes, house->doctor);
	httpd_add_routes(house->httpd, send_routes, house->send);
	httpd_add_routes(house->httpd, chat_routes, house->chats);
	if (httpd_listen_unix(
		house->httpd, house->config->control, CONTROL_MODE, err))
		return -1;
	house->tick = evtimer_new(house->base, on_tick, house);
	schedule(house);
	pipeline_moved(0, 0, house); /* what was due when we ended */
	pipeline_opinion_kick(house->opinions);
	return 0;
}

void house_reload(struct house *house)
{
	if (house->reload != NULL)
		reload_start(house->reload);
}

static void on_send_idle(void *context)
{
	struct house *house = context;

	house->send_idle = true;
}

void house_stop(struct house *house, void (*done)(void *context), void *context)
{
	house->stopped = done;
	house->stopped_context = context;
	house->stop_by_ms = clock_mono_ms() + STOP_MOST_MS;
	accept_close(house->accept, "shutting down");
	mailbox_stop(house->mailboxes);
	send_stop(house->send, on_send_idle, house);
	schedule(house);
}

void house_free(struct house *house)
{
	if (house == NULL)
		return;
	reload_free(house->reload);
	doctor_free(house->doctor);
	house->doctor = NULL;
	mailbox_free(house->mailboxes); /* what is being heard still ends */
	house->mailboxes = NULL;
	httpd_free(house->httpd);
	dns_free(house->dns); /* what it proves is still read and heard */
	check_free(house->check);
	pipeline_opinion_stop(house->opinions);
	check_programs_free(house->programs);
	house->programs = NULL; /* nobody is told any more */
	chat_free(house->chats);
	house->chats = NULL;
	send_free(house->send);
	house->send = NULL; /* hold still answers, and that moves drafts */
	hold_close(house->hold);
	pipeline_opinion_free(house->opinions);
	job_queue_free(house->jobs);
	accept_free(house->accept);
	review_free(house->review);
	tls_server_free(house->tls);
	if (house->tick != NULL)
		event_free(house->tick);
	config_unref(house->people);
	config_unref(house->config);
	config_unref(house->first);
	free(house);
}
