/*
 * websocket: a thread that runs libwebsockets, and how it and the loop hand
 * texts to each other.  What the texts mean is left to who opens it.
 */
#include "util/websocket.h"

#include <event2/dns.h>
#include <event2/event.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/clock.h"
#include "util/error.h"
#include "util/job.h"
#include "util/lookup.h"
#include "util/mem.h"
#include "util/tls.h"
#include "util/websocket_url.h"

#define WHY_SIZE 200

/* A text on its way out. */
struct note {
	struct note *next;
	size_t len;
	char *text; /* with room before it, as the library wants it */
};

struct notes {
	struct note *first, **last;
};

struct websocket {
	struct event_base *base;
	struct websocket_hooks hooks;
	char *url;
	struct tls_client *tls; /* NULL: in clear */
	unsigned deadline_ms, silence_s;
	size_t heard_max;
	struct websocket_url place;

	struct evdns_base *resolver;
	struct lookup *lookup;
	size_t n_addresses;
	struct lookup_address addresses[LOOKUP_ADDRESSES_MOST];
	struct job_thread *thread;
	struct ask *ask; /* the thread's, that is to be dealt with */
	struct event *soon, *deadline;
	struct notes out;
	char why[WHY_SIZE]; /* of its end; the thread's until that */
	bool failed, opened;
};

/* ---- what the thread asks ----------------------------------------------- */

enum ask_what { ASK_OPENED, ASK_HEARD, ASK_NOTES };

struct ask {
	struct job_ask job;
	struct websocket *websocket; /* alive while the thread is */
	enum ask_what what;
	struct buf heard;
	struct notes notes;
};

static void notes_init(struct notes *notes)
{
	notes->first = NULL;
	notes->last = &notes->first;
}

static void notes_free(struct notes *notes)
{
	struct note *n, *next;

	for (n = notes->first; n != NULL; n = next) {
		next = n->next;
		free(n->text);
		free(n);
	}
	notes_init(notes);
}

/* All of them, to the end of the others. */
static void notes_move(struct notes *to, struct notes *from)
{
	if (from->first == NULL)
		return;
	*to->last = from->first;
	to->last = from->last;
	notes_init(from);
}

#ifdef HAVE_WEBSOCKETS
#include <libwebsockets.h>

#define BEFORE	    LWS_PRE
#define RECEIVED    16384 /* bytes that it hands us at a time */
#define DESCRIPTORS 32

static void ask_free(struct ask *ask)
{
	notes_free(&ask->notes);
	buf_release(&ask->heard);
	free(ask);
}

static void drop_ask(struct job_ask *job)
{
	ask_free((struct ask *)job);
}

/* Not here: a hook may free the thread that asks. */
static void serve_ask(struct job_ask *job)
{
	struct ask *ask = (struct ask *)job;

	ask->websocket->ask = ask;
	event_active(ask->websocket->soon, EV_TIMEOUT, 0);
}

static struct ask *ask_new(struct websocket *ws, enum ask_what what)
{
	struct ask *ask = mem_zalloc(sizeof(*ask));

	ask->job.serve = serve_ask;
	ask->job.drop = drop_ask;
	ask->websocket = ws;
	ask->what = what;
	buf_init(&ask->heard, ws->heard_max);
	notes_init(&ask->notes);
	return ask;
}

/* ---- the thread --------------------------------------------------------- */

/* What the thread knows. */
struct talk {
	struct websocket *websocket;
	struct job_thread *self;
	struct lws_context *context;
	struct lws *wsi;
	lws_retry_bo_t life;
	size_t tried; /* addresses */
	bool trying;  /* one of them */
	char refused[WHY_SIZE];
	struct buf heard;
	struct notes out;
	bool opened, over;
};

/* Whose thread this is. */
static _Thread_local struct talk *talking;

static void say_why(struct talk *talk, const char *why)
{
	struct websocket *ws = talk->websocket;

	if (!talk->over)
		snprintf(ws->why, sizeof(ws->why), "%s", why);
	talk->over = true;
}

/* Tell or ask the loop; -1: the thread is to end. */
static int ask_loop(struct talk *talk, struct ask *ask)
{
	if (job_ask(talk->self, &ask->job)) {
		say_why(talk, "stopped");
		return -1;
	}
	notes_move(&talk->out, &ask->notes);
	ask_free(ask);
	return 0;
}

static int begin(struct talk *talk)
{
	talk->opened = true;
	return ask_loop(talk, ask_new(talk->websocket, ASK_OPENED));
}

/* The loop has something to send, or has us end. */
static int awake(struct talk *talk)
{
	if (job_thread_stopping(talk->self)) {
		say_why(talk, "stopped");
		return 0;
	}
	job_thread_awake(talk->self);
	if (ask_loop(talk, ask_new(talk->websocket, ASK_NOTES)))
		return 0;
	if (talk->opened && talk->out.first != NULL)
		lws_callback_on_writable(talk->wsi);
	return 0;
}

static int hear(struct talk *talk, struct lws *wsi, const void *in, size_t len)
{
	struct ask *ask;

	if (lws_frame_is_binary(wsi)) {
		say_why(talk, "it sent what is no text");
		return -1;
	}
	if (buf_add(&talk->heard, in, len)) {
		say_why(talk, "it sent a message that is too long");
		return -1;
	}
	if (!lws_is_final_fragment(wsi) ||
	    lws_remaining_packet_payload(wsi) > 0)
		return 0;
	ask = ask_new(talk->websocket, ASK_HEARD);
	buf_add_span(&ask->heard, buf_span(&talk->heard));
	buf_clear(&talk->heard);
	return ask_loop(talk, ask);
}

static int write_note(struct talk *talk, struct lws *wsi)
{
	struct note *n = talk->out.first;
	int written;

	if (n == NULL)
		return 0;
	written = lws_write(
	    wsi, (unsigned char *)n->text + BEFORE, n->len, LWS_WRITE_TEXT);
	talk->out.first = n->next;
	if (n->next == NULL)
		notes_init(&talk->out);
	free(n->text);
	free(n);
	if (written < 0) {
		say_why(talk, "it broke off");
		return -1;
	}
	if (talk->out.first != NULL)
		lws_callback_on_writable(wsi);
	return 0;
}

/* That address was none. */
static void refused(struct talk *talk, const void *in, size_t len)
{
	talk->wsi = NULL;
	talk->trying = false;
	/* what its log told is better */
	if (talk->refused[0] == '\0')
		snprintf(talk->refused, sizeof(talk->refused), "%.*s",
		    in == NULL ? 17 : (int)(len < 120 ? len : 120),
		    in == NULL ? "it did not answer" : (const char *)in);
}

static int on_lws(struct lws *wsi, enum lws_callback_reasons reason, void *user,
    void *in, size_t len)
{
	struct talk *talk = lws_context_user(lws_get_context(wsi));

	(void)user;
	if (talk == NULL)
		return 0;
	/* the cases that end the connection return -1 */
	switch ((int)reason) {
	case LWS_CALLBACK_RAW_RX_FILE:
		return awake(talk);
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		return begin(talk);
	case LWS_CALLBACK_CLIENT_RECEIVE:
		return hear(talk, wsi, in, len);
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return write_note(talk, wsi);
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		refused(talk, in, len);
		return 0;
	case LWS_CALLBACK_CLIENT_CLOSED:
		say_why(talk, "it hung up");
		return 0;
	default:
		return 0;
	}
}

static int connect_to(struct talk *talk, const struct lookup_address *address)
{
	struct websocket *ws = talk->websocket;
	char numeric[NI_MAXHOST], host[sizeof(ws->place.host) + 8];
	struct lws_client_connect_info info = {
	    .context = talk->context,
	    .address = numeric,
	    .port = (int)ws->place.port,
	    .path = ws->place.path,
	    /* whom the certificate must name */
	    .host = host,
	    .protocol = NULL,
	    .local_protocol_name = "text",
	    .ietf_version_or_minus_one = -1,
	    .alpn = "http/1.1",
	    .pwsi = &talk->wsi,
	    .ssl_connection = LCCSCF_HTTP_NO_FOLLOW_REDIRECT,
	};

	if (getnameinfo((const struct sockaddr *)&address->to, address->size,
		numeric, sizeof(numeric), NULL, 0, NI_NUMERICHOST) != 0)
		return -1;
	if (ws->place.usual)
		snprintf(host, sizeof(host), "%s", ws->place.host);
	else
		snprintf(host, sizeof(host), "%s:%u", ws->place.host,
		    ws->place.port);
	if (ws->place.tls)
		info.ssl_connection |= LCCSCF_USE_SSL;
	return lws_client_connect_via_info(&info) == NULL ? -1 : 0;
}

/* An address is being tried; else it is over. */
static void try_next(struct talk *talk)
{
	struct websocket *ws = talk->websocket;
	char why[WHY_SIZE];

	while (!talk->over && !talk->trying && talk->tried < ws->n_addresses) {
		talk->trying = true;
		talk->refused[0] = '\0';
		if (connect_to(talk, &ws->addresses[talk->tried++]))
			talk->trying = false;
	}
	if (talk->trying)
		return;
	snprintf(why, sizeof(why), "%.80s: %.110s", ws->place.host,
	    talk->refused[0] == '\0' ? "it cannot be connected to"
				     : talk->refused);
	say_why(talk, why);
}

static const struct lws_protocols protocols[] = {
    {.name = "text", .callback = on_lws, .rx_buffer_size = RECEIVED},
    {.name = NULL},
};

/*
 * House: only its log tells what is wrong with a certificate, "SSL error:
 * hostname mismatch (preverify_ok=0;...".  All else that it would log may hold
 * a URL.
 */
static void listen_to(int level, const char *line)
{
	static const char mark[] = "SSL error: ";
	const char *at = strstr(line, mark);

	(void)level;
	if (talking == NULL || at == NULL)
		return;
	at += sizeof(mark) - 1;
	snprintf(talking->refused, sizeof(talking->refused), "%.*s",
	    (int)strcspn(at, "(;\n"), at);
}

static struct lws_context *context_new(struct talk *talk)
{
	struct websocket *ws = talk->websocket;
	struct lws_context_creation_info info = {
	    .port = CONTEXT_PORT_NO_LISTEN,
	    .protocols = protocols,
	    .http_proxy_address = "", /* not that of the environment */
	    .retry_and_idle_policy = &talk->life,
	    .fd_limit_per_thread = DESCRIPTORS,
	    .timeout_secs = ws->deadline_ms / 1000 + 1,
	    .connect_timeout_secs = ws->deadline_ms / 1000 + 1,
	    .user = talk,
	};

	talk->life.secs_since_valid_ping = (uint16_t)(ws->silence_s / 2);
	talk->life.secs_since_valid_hangup = (uint16_t)ws->silence_s;
	/* House: version 4.1 loses one of its own for each two of its contexts
	 * that are there at a time; and ours is as strict as all of ours */
	if (ws->tls != NULL) {
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
		info.provided_client_ssl_ctx = tls_client_context(ws->tls);
	}
	lws_set_log_level(LLL_ERR, listen_to);
	return lws_create_context(&info);
}

/* Have it look at a bell of ours, too. */
static int watch(struct talk *talk, int bell)
{
	lws_sock_file_fd_type fd = {.filefd = dup(bell)};

	if (fd.filefd < 0)
		return -1;
	return lws_adopt_descriptor_vhost(
		   lws_get_vhost_by_name(talk->context, "default"),
		   LWS_ADOPT_RAW_FILE_DESC, fd, "text", NULL) == NULL
		   ? -1
		   : 0;
}

static void run(struct job_thread *thread, void *context)
{
	struct websocket *ws = context;
	struct talk talk = {.websocket = ws, .self = thread};

	talking = &talk;
	buf_init(&talk.heard, ws->heard_max);
	notes_init(&talk.out);
	talk.context = context_new(&talk);
	if (talk.context == NULL) {
		say_why(&talk, "libwebsockets did not start");
	} else if (watch(&talk, job_thread_stop_fd(thread)) ||
		   watch(&talk, job_thread_wake_fd(thread))) {
		say_why(&talk, "there are no descriptors left");
	}
	while (!talk.over) {
		try_next(&talk);
		if (!talk.over && lws_service(talk.context, 0) < 0)
			say_why(&talk, "libwebsockets gave up");
	}
	if (talk.context != NULL)
		lws_context_destroy(talk.context);
	notes_free(&talk.out);
	buf_release(&talk.heard);
}

bool websocket_built(void)
{
	return true;
}
#else
#define BEFORE 0

static void run(struct job_thread *thread, void *context)
{
	struct websocket *ws = context;

	(void)thread;
	snprintf(ws->why, sizeof(ws->why), "built without libwebsockets");
}

bool websocket_built(void)
{
	return false;
}
#endif

/* ---- the loop's side ---------------------------------------------------- */

/* A hook may free the websocket: nothing of it is touched after one. */
static void close_it(struct websocket *ws)
{
	struct websocket_hooks hooks = ws->hooks;
	char why[WHY_SIZE];

	event_del(ws->deadline);
	memcpy(why, ws->why, sizeof(why));
	hooks.closed(why, hooks.context);
}

static void on_ended(void *context)
{
	struct websocket *ws = context;

	/* what it still asked is not heard any more */
	event_del(ws->soon);
	close_it(ws);
}

static void deal_with(struct websocket *ws, struct ask *ask)
{
	struct websocket_hooks hooks = ws->hooks;
	enum ask_what what = ask->what;
	struct buf heard = ask->heard;

	buf_init(&ask->heard, 0);
	if (what == ASK_NOTES)
		notes_move(&ask->notes, &ws->out);
	if (what == ASK_OPENED) {
		ws->opened = true;
		event_del(ws->deadline);
	}
	job_answer(&ask->job);
	if (what == ASK_OPENED)
		hooks.opened(hooks.context);
	else if (what == ASK_HEARD)
		hooks.heard(buf_span(&heard), hooks.context);
	buf_release(&heard);
}

static void on_soon(evutil_socket_t fd, short what, void *context)
{
	struct websocket *ws = context;
	struct ask *ask = ws->ask;

	(void)fd;
	(void)what;
	ws->ask = NULL;
	if (ask != NULL)
		deal_with(ws, ask);
	else if (ws->failed)
		close_it(ws);
}

static void fail(struct websocket *ws, const char *why)
{
	snprintf(ws->why, sizeof(ws->why), "%s", why);
	ws->failed = true;
	event_active(ws->soon, EV_TIMEOUT, 0);
}

/* The thread says why it ends; so the deadline's reason waits until then. */
static void on_deadline(evutil_socket_t fd, short what, void *context)
{
	struct websocket *ws = context;
	char span[CLOCK_ISO_SIZE], why[WHY_SIZE];

	(void)fd;
	(void)what;
	lookup_cancel(ws->lookup);
	ws->lookup = NULL;
	job_thread_free(ws->thread);
	ws->thread = NULL;
	if (ws->ask != NULL)
		job_answer(&ws->ask->job);
	ws->ask = NULL;
	snprintf(why, sizeof(why), "%.80s: did not answer within %s",
	    ws->place.host, clock_span(ws->deadline_ms, span));
	fail(ws, why);
}

static void on_found(const struct lookup_address *addresses, size_t n,
    const char *why, void *context)
{
	struct websocket *ws = context;
	char text[WHY_SIZE];

	ws->lookup = NULL;
	if (n == 0) {
		snprintf(
		    text, sizeof(text), "%.80s: %.110s", ws->place.host, why);
		fail(ws, text);
		return;
	}
	ws->n_addresses = n;
	memcpy(ws->addresses, addresses, n * sizeof(*addresses));
	ws->thread = job_thread_new(ws->base, run, on_ended, ws);
}

/* ---- life --------------------------------------------------------------- */

struct websocket *websocket_new(struct event_base *base,
    const struct websocket_place *place, const struct websocket_hooks *hooks)
{
	struct websocket *ws = mem_zalloc(sizeof(*ws));
	const struct timeval deadline = {
	    .tv_sec = place->deadline_ms / 1000,
	    .tv_usec = (suseconds_t)(place->deadline_ms % 1000) * 1000,
	};
	struct error err = ERROR_INIT;

	ws->base = base;
	ws->hooks = *hooks;
	ws->url = mem_strdup(place->url);
	ws->deadline_ms = place->deadline_ms;
	ws->heard_max = place->heard_max;
	ws->silence_s = place->silence_s;
	notes_init(&ws->out);
	ws->soon = event_new(base, -1, 0, on_soon, ws);
	ws->deadline = evtimer_new(base, on_deadline, ws);
	if (websocket_url_read(ws->url, &ws->place)) {
		fail(ws, "its URL is not ws:// or wss:// and a host");
		return ws;
	}
	if (ws->place.tls) {
		ws->tls = tls_client_new(place->ca_file, &err);
		if (ws->tls == NULL) {
			fail(ws, err.text);
			return ws;
		}
	}
	event_add(ws->deadline, &deadline);
	ws->resolver = lookup_resolver_new(base);
	if (ws->resolver == NULL)
		fail(ws, "there is no resolver");
	else
		ws->lookup = lookup_start(
		    ws->resolver, ws->place.host, ws->place.port, on_found, ws);
	return ws;
}

void websocket_send(struct websocket *ws, struct span text)
{
	struct note *n;

	if (ws->failed)
		return;
	n = mem_zalloc(sizeof(*n));
	n->len = text.len;
	n->text = mem_zalloc(BEFORE + text.len + 1);
	memcpy(n->text + BEFORE, text.data, text.len);
	*ws->out.last = n;
	ws->out.last = &n->next;
	if (ws->thread != NULL)
		job_thread_wake(ws->thread);
}

void websocket_free(struct websocket *ws)
{
	if (ws == NULL)
		return;
	lookup_cancel(ws->lookup);
	job_thread_free(ws->thread);
	if (ws->ask != NULL)
		job_answer(&ws->ask->job);
	if (ws->resolver != NULL)
		evdns_base_free(ws->resolver, 0);
	event_free(ws->soon);
	event_free(ws->deadline);
	notes_free(&ws->out);
	free(ws->url);
	tls_client_free(ws->tls);
	free(ws);
}
