/*
 * hook: a lane for each agent that has a webhook, and deliveries on it: take,
 * view, post, write back.  What is said is told.c's, HTTP util/fetch's.
 */
#include "send/hook.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "send/internal.h"
#include "send/told.h"

#include "util/arena.h"
#include "util/clock.h"
#include "util/digest.h"
#include "util/fetch.h"
#include "util/log.h"
#include "util/mem.h"

#define AT_A_TIME   4 /* of one agent, when its webhook answers */
#define AGAIN_S	    5 /* after trouble with the ledger */
#define BODY_MOST   ((size_t)16 * 1024 * 1024)
#define ANSWER_MOST ((size_t)64 * 1024)

struct lane {
	LIST_ENTRY(lane) link;
	struct hook *hook;
	char *agent;
	bool taking, kicked;
	unsigned n_open;    /* the one that takes is among them */
	unsigned failures;  /* one after the other; 0: it answers */
	int64_t pause_till; /* monotonic */
	struct event *timer;
};

struct hook {
	struct send *send;
	struct fetch *fetch;
	LIST_HEAD(, lane) lanes;
	LIST_HEAD(, delivery) deliveries;
};

/* One word on its way. */
struct delivery {
	LIST_ENTRY(delivery) link;
	struct lane *lane;		 /* NULL: the room is gone */
	const struct config *config;	 /* a reference */
	const struct config_webhook *to; /* in it */
	struct hold_hook take;
	struct hold_view view, first;
	struct hold_hooked hooked;
	struct fetch_ask post;
	struct buf body;
	char signature[64 + DIGEST_HEX_SIZE], id[64], event[64];
	const char *headers[6];
	char why[512]; /* it was not taken; "": it was */
};

static void take_next(struct lane *lane);

static struct delivery *delivery_of(void *member, size_t offset)
{
	return (void *)((char *)member - offset);
}

#define DELIVERY(member, pointer)                                              \
	delivery_of(pointer, offsetof(struct delivery, member))

static void delivery_free(struct delivery *d)
{
	if (d->lane != NULL) {
		LIST_REMOVE(d, link);
		d->lane->n_open--;
	}
	hold_view_release(&d->view);
	hold_view_release(&d->first);
	buf_release(&d->body);
	buf_release(&d->post.answer);
	config_unref(d->config);
	free(d);
}

/* ---- how often, and for how long ---------------------------------------- */

/* Doubled each time, up to a quarter shorter by chance, so that not all that
 * failed at once come at once. */
static int64_t pause_ms(const struct config_webhook *to, unsigned tries)
{
	int64_t ms = (int64_t)to->retry_first_s * 1000;
	int64_t most = (int64_t)to->retry_most_s * 1000;
	uint32_t chance;

	while (tries-- > 0 && ms < most)
		ms *= 2;
	if (ms > most)
		ms = most;
	digest_random(&chance, sizeof(chance));
	return ms - (int64_t)(chance % (uint64_t)(ms / 4 + 1));
}

static bool is_too_old(const struct delivery *d)
{
	return clock_now_ms() - d->take.word.at_ms >=
	       (int64_t)d->to->retry_lifetime_s * 1000;
}

/* Does it tell of the server, and not of this event? */
static bool is_trouble(const struct fetch_ask *post)
{
	return post->error.kind != ERROR_NONE || post->status >= 500 ||
	       post->status == 429;
}

static void lane_went(struct lane *lane, const struct delivery *d)
{
	if (*d->why == '\0') {
		if (lane->failures > 0)
			log_notice("webhook ok agent=%s", lane->agent);
		lane->failures = 0;
		lane->pause_till = 0;
	} else if (is_trouble(&d->post)) {
		if (lane->failures == 0)
			log_warning("webhook trouble agent=%s reason=\"%s\"",
			    lane->agent, d->why);
		lane->pause_till =
		    clock_mono_ms() + pause_ms(d->to, lane->failures++);
	}
}

/* ---- the end of a delivery ---------------------------------------------- */

static void end(struct delivery *d)
{
	struct lane *lane = d->lane;

	delivery_free(d);
	if (lane == NULL)
		return;
	lane->kicked = true; /* also to learn when it is due again */
	take_next(lane);
}

static void on_hooked(struct hold_call *call)
{
	struct delivery *d = DELIVERY(hooked.call, call);

	if (call->error.kind != ERROR_NONE) /* it comes after a restart */
		log_error("webhook unsettled event=%" PRId64 " reason=\"%s\"",
		    d->take.word.id, call->error.text);
	end(d);
}

static void write_back(struct delivery *d)
{
	const struct hold_word *word = &d->take.word;

	d->hooked.call.done = on_hooked;
	d->hooked.word = word->id;
	d->hooked.again_ms = 0;
	if (*d->why == '\0') {
		log_info("draft %" PRId64 " told agent=%s event=%s id=%" PRId64,
		    word->draft, d->lane->agent, word->event, word->id);
	} else if (is_too_old(d)) {
		log_error("webhook gave-up agent=%s draft=%" PRId64
			  " event=%s id=%" PRId64 " reason=\"%s\"",
		    d->lane->agent, word->draft, word->event, word->id, d->why);
	} else {
		log_info("webhook again agent=%s draft=%" PRId64
			 " event=%s id=%" PRId64 " reason=\"%s\"",
		    d->lane->agent, word->draft, word->event, word->id, d->why);
		d->hooked.again_ms =
		    clock_now_ms() + pause_ms(d->to, d->take.tries);
	}
	hold_hooked(d->lane->hook->send->hold, &d->hooked);
}

static void on_posted(struct fetch_ask *post)
{
	struct delivery *d = post->context;

	if (d->lane == NULL) {
		delivery_free(d);
		return;
	}
	/* what it says besides is of no interest, however long or short */
	if (post->status >= 200 && post->status < 300)
		d->why[0] = '\0';
	else if (post->status >= 300 && post->status < 400)
		snprintf(d->why, sizeof(d->why),
		    "answered %ld, and redirects are not followed: give the "
		    "address that it leads to as url",
		    post->status);
	else if (post->error.kind != ERROR_NONE)
		snprintf(d->why, sizeof(d->why), "%s", post->error.text);
	else
		snprintf(d->why, sizeof(d->why), "answered %ld", post->status);
	if (*d->why == '\0')
		post->error.kind = ERROR_NONE;
	lane_went(d->lane, d);
	write_back(d);
}

/* ---- what is said ------------------------------------------------------- */

/* "t=1795244140,v1=<hex>": of the time, a dot and the body. */
static void sign(struct delivery *d)
{
	unsigned char mac[DIGEST_SIZE];
	char hex[DIGEST_HEX_SIZE];
	int64_t now = clock_now_ms() / 1000;
	struct buf text;

	buf_init(&text, BODY_MOST + 64);
	buf_addf(&text, "%" PRId64 ".", now);
	buf_add_span(&text, buf_span(&d->body));
	digest_hmac(
	    d->to->secret, strlen(d->to->secret), text.data, text.len, mac);
	buf_release(&text);
	digest_hex(mac, sizeof(mac), hex);
	snprintf(d->signature, sizeof(d->signature),
	    "Imprimatur-Signature: t=%" PRId64 ",v1=%s", now, hex);
}

static void post(struct delivery *d)
{
	const struct told_event event = {
	    &d->take.word, &d->view, d->first.arena == NULL ? NULL : &d->first};

	buf_init(&d->body, BODY_MOST);
	if (told_event(&d->body, &event)) {
		snprintf(d->why, sizeof(d->why), "it is too large to be told");
		d->take.word.at_ms = 0; /* nor will it ever be smaller */
		write_back(d);
		return;
	}
	sign(d);
	snprintf(d->id, sizeof(d->id), "Imprimatur-Event-Id: %" PRId64,
	    d->take.word.id);
	snprintf(d->event, sizeof(d->event), "Imprimatur-Event: %s",
	    d->take.word.event);
	d->headers[0] = "Content-Type: application/json";
	d->headers[1] = "User-Agent: imprimatur";
	d->headers[2] = d->id;
	d->headers[3] = d->event;
	d->headers[4] = d->signature;
	d->post = (struct fetch_ask){
	    .url = d->to->url,
	    .headers = d->headers,
	    .body = buf_span(&d->body),
	    .deadline_ms = d->to->deadline_ms,
	    .answer_max = ANSWER_MOST,
	    .ca_file = d->to->ca_file,
	    .done = on_posted,
	    .context = d,
	};
	fetch_ask(d->lane->hook->fetch, &d->post);
}

/* Trouble of ours: later again. */
static void put_off(struct delivery *d, const struct error *err)
{
	snprintf(d->why, sizeof(d->why), "%s", err->text);
	write_back(d);
}

static void on_first(struct hold_call *call)
{
	struct delivery *d = DELIVERY(first.call, call);

	if (d->lane == NULL)
		delivery_free(d);
	else if (call->error.kind != ERROR_NONE)
		put_off(d, &call->error);
	else
		post(d);
}

static void on_viewed(struct hold_call *call)
{
	struct delivery *d = DELIVERY(view.call, call);

	if (d->lane == NULL) {
		delivery_free(d);
	} else if (call->error.kind != ERROR_NONE) {
		put_off(d, &call->error);
	} else if (d->view.number == 1) {
		post(d);
	} else {
		d->first.call.done = on_first;
		d->first.draft = d->take.word.draft;
		d->first.revision = 1;
		hold_view(d->lane->hook->send->hold, &d->first);
	}
}

/* ---- taking one --------------------------------------------------------- */

static void on_nothing_due(struct lane *lane, struct delivery *d)
{
	int64_t next_ms = d->take.next_ms;

	if (d->take.call.error.kind != ERROR_NONE) {
		log_warning("webhook take-failed agent=%s reason=\"%s\"",
		    lane->agent, d->take.call.error.text);
		next_ms = clock_now_ms() + AGAIN_S * 1000;
	}
	delivery_free(d);
	if (lane->kicked)
		take_next(lane);
	else
		send_wake_at(lane->timer, next_ms);
}

static void on_taken(struct hold_call *call)
{
	struct delivery *d = DELIVERY(take.call, call);
	struct lane *lane = d->lane;

	if (lane == NULL) {
		delivery_free(d);
		return;
	}
	lane->taking = false;
	if (call->error.kind != ERROR_NONE || d->take.word.id == 0) {
		on_nothing_due(lane, d);
		return;
	}
	d->view.call.done = on_viewed;
	d->view.draft = d->take.word.draft;
	d->view.revision = d->take.word.number;
	hold_view(lane->hook->send->hold, &d->view);
	lane->kicked = true; /* there may be more */
	take_next(lane);
}

/* May another one be taken?  Else set the timer if that helps. */
static const struct config_webhook *may_take(struct lane *lane)
{
	const struct send *send = lane->hook->send;
	const struct config_agent *agent =
	    config_agent(send->current, lane->agent);
	int64_t left = lane->pause_till - clock_mono_ms();

	if (lane->taking || !lane->kicked || send->stopping ||
	    lane->n_open >= (lane->failures > 0 ? 1 : AT_A_TIME) ||
	    agent == NULL || agent->webhook.url == NULL)
		return NULL;
	if (lane->pause_till != 0 && left > 0) {
		send_wake_at(lane->timer, clock_now_ms() + left);
		return NULL;
	}
	return &agent->webhook;
}

static void take_next(struct lane *lane)
{
	const struct config_webhook *to = may_take(lane);
	struct delivery *d;

	if (to == NULL)
		return;
	d = mem_zalloc(sizeof(*d));
	d->lane = lane;
	d->config = config_ref(lane->hook->send->current);
	d->to = to;
	LIST_INSERT_HEAD(&lane->hook->deliveries, d, link);
	lane->n_open++;
	lane->taking = true;
	lane->kicked = false;
	d->take.call.done = on_taken;
	d->take.agent = lane->agent;
	hold_hook(lane->hook->send->hold, &d->take);
}

/* ---- life --------------------------------------------------------------- */

static void on_timer(evutil_socket_t fd, short what, void *context)
{
	struct lane *lane = context;

	(void)fd;
	(void)what;
	lane->kicked = true;
	take_next(lane);
}

/* Lanes are few and stay: an agent that is gone finds nothing on its own. */
static struct lane *lane_of(struct hook *hook, const char *agent)
{
	struct lane *lane;

	LIST_FOREACH(lane, &hook->lanes, link)
	if (strcmp(lane->agent, agent) == 0)
		return lane;
	lane = mem_zalloc(sizeof(*lane));
	lane->hook = hook;
	lane->agent = mem_strdup(agent);
	lane->timer = evtimer_new(hook->send->base, on_timer, lane);
	LIST_INSERT_HEAD(&hook->lanes, lane, link);
	return lane;
}

void hook_kick(struct hook *hook)
{
	const struct config *config = hook->send->current;
	struct lane *lane;
	size_t i;

	for (i = 0; i < config->n_agents; i++) {
		if (config->agents[i].webhook.url == NULL)
			continue;
		lane = lane_of(hook, config->agents[i].name);
		lane->kicked = true;
		take_next(lane);
	}
}

struct hook *hook_new(struct send *send)
{
	struct hook *hook = mem_zalloc(sizeof(*hook));

	hook->send = send;
	hook->fetch = fetch_new(send->base);
	LIST_INIT(&hook->lanes);
	LIST_INIT(&hook->deliveries);
	return hook;
}

void hook_free(struct hook *hook)
{
	struct delivery *d;
	struct lane *lane;

	if (hook == NULL)
		return;
	LIST_FOREACH(d, &hook->deliveries, link)
	d->lane = NULL;
	fetch_free(hook->fetch); /* ends what is posted */
	while ((lane = LIST_FIRST(&hook->lanes)) != NULL) {
		LIST_REMOVE(lane, link);
		event_free(lane->timer);
		free(lane->agent);
		free(lane);
	}
	free(hook);
}
