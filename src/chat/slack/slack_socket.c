/*
 * slack_socket: Socket Mode: Slack tells over a connection that we open, so
 * that no port of ours has to be reached.  Slack ends each now and then, and
 * says so before: then another is open before the first is closed.
 */
#include <event2/event.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/slack/slack_ear.h"
#include "chat/slack/slack_sign.h"

#include "util/clock.h"
#include "util/digest.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/websocket.h"

#define HEARD_MOST	((size_t)4 * 1024 * 1024) /* bytes of one message */
#define ENVELOPE_MOST	100
#define SILENCE_S	60 /* Slack pings more often */
#define STEADY_MS	60000
#define RETRY_FIRST_MS	1000
#define BROKEN_AGAIN_MS 60000 /* somebody may have mended it */

/* One connection. */
struct link {
	struct slack_socket *socket;
	struct websocket *websocket;
	struct event *deadline; /* of its hello */
	int64_t opened_ms;
	bool hello;
	bool leaving; /* Slack ends it soon: another takes its place */
};

struct slack_socket {
	struct slack *slack;
	struct slack_call *call; /* asks for an address */
	struct link *now, *next; /* next: opening */
	struct event *again;
	unsigned failures;
	struct pending *pending;
};

/* What Slack told, until it is answered. */
struct pending {
	struct slack_take take;
	struct slack_socket *socket;
	struct link *link; /* it came by; NULL: that is gone */
	char *envelope;
	struct pending *next;
};

static struct chat *chat_of(const struct slack_socket *s)
{
	return s->slack->chat;
}

static void open_link(struct slack_socket *s);

/* ---- connections ----------------------------------------------------------
 */

static void link_free(struct link *link)
{
	struct pending *p;

	if (link == NULL)
		return;
	for (p = link->socket->pending; p != NULL; p = p->next)
		if (p->link == link)
			p->link = NULL;
	websocket_free(link->websocket);
	event_free(link->deadline);
	free(link);
}

static void again(struct slack_socket *s, int64_t wait_ms)
{
	struct timeval tv;
	unsigned chance;

	digest_random(&chance, sizeof(chance));
	wait_ms -= (int64_t)(chance % (unsigned)(wait_ms / 4 + 1));
	tv = (struct timeval){wait_ms / 1000, wait_ms % 1000 * 1000};
	event_add(s->again, &tv);
}

/* There is none, or none to come: try again, later each time. */
static void failed(
    struct slack_socket *s, enum chat_state state, const char *why)
{
	int64_t most = (int64_t)chat_of(s)->config->retry_most_s * 1000;
	int64_t wait_ms = RETRY_FIRST_MS;
	unsigned i;

	for (i = 0; i < s->failures && wait_ms < most; i++)
		wait_ms *= 2;
	if (state == CHAT_BROKEN)
		wait_ms = BROKEN_AGAIN_MS;
	if (wait_ms > most)
		wait_ms = most;
	s->failures++;
	log_info("chat %s socket-failed reason=\"%s\" again_ms=%lld",
	    chat_of(s)->config->name, why, (long long)wait_ms);
	if (s->now == NULL)
		slack_hears(chat_of(s), state, why);
	again(s, wait_ms);
}

/* It is over: whichever of the two it was, one is wanted. */
static void lost(struct link *link, enum chat_state state, const char *why)
{
	struct slack_socket *s = link->socket;
	bool current = link == s->now;
	char copy[200];

	snprintf(copy, sizeof(copy), "its socket: %s", why);
	if (current && clock_mono_ms() - link->opened_ms > STEADY_MS)
		s->failures = 0;
	if (current)
		s->now = NULL;
	else
		s->next = NULL;
	link_free(link);
	/* another is being opened, or will be */
	if (s->next != NULL || s->call != NULL ||
	    event_pending(s->again, EV_TIMEOUT, NULL)) {
		if (current)
			slack_hears(chat_of(s), CHAT_TROUBLED, copy);
		return;
	}
	failed(s, state, copy);
}

static void on_opened(void *context)
{
	struct link *link = context;

	link->opened_ms = clock_mono_ms();
}

static void on_closed(const char *why, void *context)
{
	lost(context, CHAT_TROUBLED, why);
}

static void on_deadline(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	lost(context, CHAT_TROUBLED, "Slack did not say hello");
}

/* ---- what comes over them -------------------------------------------------
 */

static void acknowledge(struct pending *p, const char *answer)
{
	json_t *json = json_pack("{s:s}", "envelope_id", p->envelope);
	char *text;

	if (answer != NULL)
		json_object_set_new(
		    json, "payload", json_loads(answer, 0, NULL));
	text = json_dumps(json, JSON_COMPACT);
	websocket_send(p->link->websocket, (struct span){text, strlen(text)});
	free(text);
	json_decref(json);
}

/* Without an acknowledgement Slack tells it once more. */
static void on_taken(struct slack_take *take)
{
	struct pending *p = take->context, **at = &p->socket->pending;

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	if (take->lost)
		slack_seen_forget(p->socket->slack->ear->seen, p->envelope);
	else if (p->link != NULL)
		acknowledge(p, take->answer);
	free(p->envelope);
	free(p);
}

static void on_envelope(
    struct link *link, const char *type, const char *id, const json_t *payload)
{
	struct slack_socket *s = link->socket;
	struct pending *p, *open;

	for (open = s->pending; open != NULL; open = open->next)
		if (strcmp(open->envelope, id) == 0) {
			open->link =
			    link; /* it is answered where it came last */
			return;
		}
	p = mem_zalloc(sizeof(*p));
	p->socket = s;
	p->link = link;
	p->envelope = mem_strdup(id);
	p->take = (struct slack_take){
	    .payload = payload, .done = on_taken, .context = p};
	p->next = s->pending;
	s->pending = p;
	if (!slack_seen_add(s->slack->ear->seen, id, clock_mono_ms()) ||
	    !json_is_object(payload) ||
	    (strcmp(type, "interactive") != 0 &&
		strcmp(type, "events_api") != 0))
		on_taken(&p->take); /* nothing to do */
	else
		slack_act(chat_of(s), &p->take);
}

static void on_hello(struct link *link)
{
	struct slack_socket *s = link->socket;
	struct link *old = s->now;

	if (link->hello)
		return;
	link->hello = true;
	event_del(link->deadline);
	log_info("chat %s socket-open", chat_of(s)->config->name);
	s->next = NULL;
	s->now = link;
	link_free(old);
	slack_hears(chat_of(s), CHAT_UP, NULL);
}

static void on_disconnect(struct link *link, const json_t *json)
{
	struct slack_socket *s = link->socket;
	const char *reason = json_string_value(json_object_get(json, "reason"));

	if (reason != NULL && strcmp(reason, "link_disabled") == 0) {
		lost(link, CHAT_BROKEN,
		    "Socket Mode is off: switch it on in the settings of the "
		    "app");
		return;
	}
	if (reason != NULL && strcmp(reason, "too_many_websockets") == 0) {
		lost(link, CHAT_TROUBLED,
		    "there are too many sockets of the app: another program "
		    "has its app-level token");
		return;
	}
	/* it goes on until the other is there, or Slack ends it */
	if (link->leaving || !link->hello)
		return;
	link->leaving = true;
	if (s->next == NULL && s->call == NULL &&
	    !event_pending(s->again, EV_TIMEOUT, NULL))
		open_link(s);
}

static void on_heard(struct span text, void *context)
{
	struct link *link = context;
	json_t *json =
	    json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
	const char *type = json_string_value(json_object_get(json, "type"));
	const char *id =
	    json_string_value(json_object_get(json, "envelope_id"));

	if (type == NULL)
		log_debug("chat %s socket-unknown",
		    chat_of(link->socket)->config->name);
	else if (strcmp(type, "hello") == 0)
		on_hello(link);
	else if (strcmp(type, "disconnect") == 0)
		on_disconnect(link, json);
	else if (link->hello && id != NULL && *id != '\0' &&
		 strlen(id) <= ENVELOPE_MOST)
		on_envelope(link, type, id, json_object_get(json, "payload"));
	json_decref(json);
}

/* ---- opening one ----------------------------------------------------------
 */

/* In clear only where all of Slack is. */
static bool may_open(const struct chat *chat, const char *url)
{
	if (url == NULL)
		return false;
	return strncmp(url, "wss://", 6) == 0 ||
	       (strncmp(url, "ws://", 5) == 0 &&
		   strncmp(chat->config->url, "http://", 7) == 0);
}

static void link_new(struct slack_socket *s, const char *url)
{
	const struct config_chat *config = chat_of(s)->config;
	struct link *link = mem_zalloc(sizeof(*link));
	const struct websocket_place place = {
	    .url = url,
	    .ca_file = config->ca_file,
	    .deadline_ms = config->deadline_ms,
	    .heard_max = HEARD_MOST,
	    .silence_s = SILENCE_S,
	};
	const struct websocket_hooks hooks = {
	    .opened = on_opened,
	    .heard = on_heard,
	    .closed = on_closed,
	    .context = link,
	};
	/* the websocket has its own, until it is open */
	const struct timeval most = {
	    .tv_sec = config->deadline_ms / 500 + 1,
	};

	link->socket = s;
	link->opened_ms = clock_mono_ms();
	link->deadline = evtimer_new(chat_of(s)->base, on_deadline, link);
	event_add(link->deadline, &most);
	link->websocket = websocket_new(chat_of(s)->base, &place, &hooks);
	s->next = link;
}

static void on_address(struct slack_call *call)
{
	struct slack_socket *s = call->context;
	const char *url =
	    json_string_value(json_object_get(call->answer, "url"));

	if (s == NULL) { /* freed meanwhile */
		free(call);
		return;
	}
	s->call = NULL;
	if (call->sent != CHAT_SENT)
		failed(s, call->broken ? CHAT_BROKEN : CHAT_TROUBLED,
		    call->error.text);
	else if (!may_open(chat_of(s), url))
		failed(s, CHAT_TROUBLED, "Slack gave no address for a socket");
	else
		link_new(s, url);
	free(call);
}

static void open_link(struct slack_socket *s)
{
	s->call = mem_zalloc(sizeof(*s->call));
	*s->call = (struct slack_call){
	    .method = "apps.connections.open",
	    .json = "{}",
	    .app = true,
	    .done = on_address,
	    .context = s,
	};
	slack_call(chat_of(s), s->call);
}

static void on_again(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	open_link(context);
}

/* ---- life -----------------------------------------------------------------
 */

struct slack_socket *slack_socket_new(struct slack *slack)
{
	struct slack_socket *s = mem_zalloc(sizeof(*s));

	s->slack = slack;
	s->again = evtimer_new(slack->chat->base, on_again, s);
	slack_hears(slack->chat, CHAT_STARTING, "its socket is being opened");
	open_link(s);
	return s;
}

void slack_socket_free(struct slack_socket *s)
{
	if (s == NULL)
		return;
	if (s->call != NULL)
		s->call->context = NULL;
	link_free(s->now);
	link_free(s->next);
	event_free(s->again);
	free(s);
}
