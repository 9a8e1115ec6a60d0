/*
 * line: sockets and time for the dialogue that client.c holds.  How a
 * connection is made is left to relay.c.
 */
#include "send/line.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "send/internal.h"
#include "send/relay.h"

#include "util/buf.h"
#include "util/log.h"
#include "util/mem.h"

#define PIECE	     ((size_t)64 * 1024) /* bytes written at a time */
#define QUIT_WAIT_MS 5000

static void go_on(struct relay_line *line);
static void say_end(struct relay_line *line);

/* ---- time --------------------------------------------------------------- */

void line_set_timer(struct relay_line *line, int64_t ms)
{
	const struct timeval wait = {
	    (time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};

	evtimer_add(line->timer, &wait);
}

/* How long the present state of the dialogue may last. */
static void arm(struct relay_line *line)
{
	const struct config_relay *c = line->relay->config;

	line->answers_seen = client_answers(line->client);
	switch (client_phase(line->client)) {
	case CLIENT_TALKING:
		line_set_timer(line, (int64_t)c->command_timeout_s * 1000);
		break;
	case CLIENT_ENDING:
		line_set_timer(line, (int64_t)c->dot_timeout_s * 1000);
		break;
	case CLIENT_FREE:
		line_set_timer(line, (int64_t)c->idle_s * 1000);
		break;
	case CLIENT_READY:    /* waits for us */
	case CLIENT_SECURING: /* relay.c's */
	case CLIENT_OVER:
		break;
	}
}

static void on_late_answer(struct relay_line *line)
{
	const struct config_relay *c = line->relay->config;
	char why[LINE_REASON_SIZE];

	snprintf(why, sizeof(why), "the relay host did not answer within %u s",
	    client_phase(line->client) == CLIENT_ENDING ? c->dot_timeout_s
							: c->command_timeout_s);
	line_give_up(line, why);
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
	struct relay_line *line = context;

	(void)fd;
	(void)what;
	switch (line->stage) {
	case LINE_CONNECTING:
		relay_connect_failed(line, "no answer in time");
		break;
	case LINE_SECURING:
		line_give_up(line, "no TLS handshake in time");
		break;
	case LINE_OPEN:
		if (client_phase(line->client) == CLIENT_FREE)
			line_quit(line);
		else if (line->going)
			say_end(line);
		else
			on_late_answer(line);
		break;
	case LINE_CLOSING:
		line_give_up(line, "no answer to QUIT");
		break;
	}
}

/* ---- begin and end ------------------------------------------------------ */

struct relay_line *line_new(struct relay *relay, struct parcel *parcel)
{
	struct relay_line *line = mem_zalloc(sizeof(*line));

	line->relay = relay;
	line->client = client_new(&relay->settings);
	line->timer = evtimer_new(relay->base, on_timer, line);
	line->parcel = parcel;
	if (parcel != NULL)
		parcel->line = line;
	TAILQ_INSERT_TAIL(&relay->lines, line, link);
	relay->n_lines++;
	return line;
}

static void line_free(struct relay_line *line)
{
	TAILQ_REMOVE(&line->relay->lines, line, link);
	line->relay->n_lines--;
	lookup_cancel(line->lookup);
	if (line->bev != NULL)
		bufferevent_free(line->bev);
	event_free(line->timer);
	client_free(line->client);
	free(line);
}

/*
 * A kept connection that turned out to be closed before MAIL was answered: the
 * mail is not to blame, and another connection may be better.
 */
static bool is_stale(const struct relay_line *line)
{
	return line->parcel != NULL && line->begun && line->parcels > 1 &&
	       !line->told && !line->relay->stopping &&
	       client_answers(line->client) <= line->answers_before + 1;
}

static void note_end(struct relay_line *line)
{
	struct relay *r = line->relay;
	const char *why;
	enum client_trouble trouble = client_trouble(line->client, &why);

	if (client_chunking_failed(line->client) && !r->settings.no_chunking) {
		log_warning("relay no-chunking host=%s", r->config->host);
		r->settings.no_chunking = true;
	}
	if (trouble == CLIENT_DENIED)
		standing_denied(&r->standing, why);
	else if (trouble == CLIENT_BROKEN &&
		 (line->parcel != NULL || line->exam != NULL) && !line->ours &&
		 !r->stopping)
		standing_trouble(&r->standing, why);
}

/* Whoever asked how it goes is told: why NULL: it takes mail. */
static void tell_exam(struct relay_line *line, const char *why)
{
	struct relay_exam *exam = line->exam;

	if (exam == NULL)
		return;
	line->exam = NULL;
	exam->why = why;
	exam->denied = client_trouble(line->client, &why) == CLIENT_DENIED;
	exam->stopping = line->relay->stopping;
	if (line->bev != NULL)
		tls_describe(line->bev, exam->tls, sizeof(exam->tls));
	exam->done(exam);
}

/* The client is over: close, and give the parcel back. */
static void end(struct relay_line *line)
{
	struct relay *r = line->relay;
	struct parcel *p = line->parcel;
	bool told = line->told, stale = is_stale(line);
	const char *why;

	client_trouble(line->client, &why);
	if (p != NULL && !line->begun)
		parcel_results(p, HOLD_RESULT_PENDING, why);
	if (!stale)
		note_end(line);
	tell_exam(line, why);
	line_free(line);
	if (p != NULL) {
		p->line = NULL;
		if (stale)
			TAILQ_INSERT_HEAD(&r->queue, p, link);
		else if (!told) /* else done() follows on go or abandon */
			p->done(p);
	}
	relay_dispatch(r);
}

void line_give_up(struct relay_line *line, const char *why)
{
	client_lost(line->client, why);
	end(line);
}

/* ---- the dialogue ------------------------------------------------------- */

static size_t unwritten(const struct relay_line *line)
{
	return evbuffer_get_length(bufferevent_get_output(line->bev));
}

/* Write what the client has to say; true when there was something. */
static bool pump(struct relay_line *line)
{
	struct buf out;
	bool said = false;

	buf_init(&out, 4 * PIECE);
	while (
	    unwritten(line) < PIECE && client_say(line->client, &out, PIECE)) {
		bufferevent_write(line->bev, out.data, out.len);
		explicit_bzero(out.data, out.len); /* it may be a password */
		buf_clear(&out);
		said = true;
	}
	buf_release(&out);
	return said;
}

/* The client has the line's parcel from here on. */
static void begin(struct relay_line *line)
{
	line->begun = true;
	line->going = false;
	line->answers_before = client_answers(line->client);
	line->parcels++;
	client_begin(line->client, line->parcel);
	go_on(line);
}

/* The parcel has its results. */
static void end_parcel(struct relay_line *line)
{
	struct parcel *p = line->parcel;

	line->parcel = NULL;
	line->begun = false;
	p->line = NULL;
	go_on(line); /* before done(), which may start another one */
	p->done(p);
}

void line_quit(struct relay_line *line)
{
	line->stage = LINE_CLOSING;
	client_quit(line->client);
	pump(line);
	line_set_timer(line, QUIT_WAIT_MS);
}

static void rest(struct relay_line *line)
{
	struct relay *r = line->relay;

	if (r->stopping || r->config->idle_s == 0) {
		line_quit(line);
		return;
	}
	arm(line);
	relay_dispatch(r);
}

/* When all but the end has left us, ask whether to say that too. */
static void tell_ready(struct relay_line *line)
{
	if (line->told || line->going || unwritten(line) > 0)
		return;
	evtimer_del(line->timer);
	line->told = true;
	line->parcel->ready(line->parcel);
}

static void talk(struct relay_line *line)
{
	bool said = pump(line);

	if (said || client_answers(line->client) != line->answers_seen)
		arm(line);
	if (client_phase(line->client) == CLIENT_READY)
		tell_ready(line);
}

static void on_free(struct relay_line *line)
{
	standing_fine(&line->relay->standing);
	tell_exam(line, NULL);
	if (line->parcel == NULL)
		rest(line);
	else if (line->begun)
		end_parcel(line);
	else
		begin(line);
}

/* Act on what the client's state now is. */
static void go_on(struct relay_line *line)
{
	switch (client_phase(line->client)) {
	case CLIENT_TALKING:
		if (line->stage == LINE_OPEN)
			talk(line);
		break;
	case CLIENT_SECURING:
		relay_secure(line);
		break;
	case CLIENT_FREE:
		on_free(line);
		break;
	case CLIENT_READY:
		tell_ready(line);
		break;
	case CLIENT_ENDING:
		break;
	case CLIENT_OVER:
		end(line);
		break;
	}
}

static void say_end(struct relay_line *line)
{
	line->going = false;
	client_go(line->client);
	pump(line);
	arm(line);
}

/*
 * In the loop's next turn: what has arrived while we waited for leave is heard
 * before, so that a connection that is dead already leaves no doubt.
 */
void line_go(struct relay_line *line)
{
	line->told = false;
	line->going = true;
	line_set_timer(line, 0);
}

bool line_is_free(const struct relay_line *line)
{
	return line->stage == LINE_OPEN && line->parcel == NULL &&
	       client_phase(line->client) == CLIENT_FREE;
}

void line_start(struct relay_line *line, struct parcel *parcel)
{
	line->parcel = parcel;
	parcel->line = line;
	begin(line);
}

void line_open(struct relay_line *line)
{
	line->stage = LINE_OPEN;
	arm(line);
	go_on(line);
}

/* ---- the socket --------------------------------------------------------- */

static void on_read(struct bufferevent *bev, void *context)
{
	struct relay_line *line = context;
	struct evbuffer *in = bufferevent_get_input(bev);
	char piece[4096];
	int n;

	while ((n = evbuffer_remove(in, piece, sizeof(piece))) > 0)
		client_hear(line->client, (struct span){piece, (size_t)n});
	go_on(line);
}

/* All was written, which is progress. */
static void on_write(struct bufferevent *bev, void *context)
{
	struct relay_line *line = context;

	(void)bev;
	if (line->stage != LINE_OPEN)
		return;
	if (client_phase(line->client) == CLIENT_TALKING)
		arm(line);
	go_on(line);
}

/* An open connection, or its handshake, ended. */
static void on_end(struct relay_line *line, short what)
{
	struct error err = ERROR_INIT;
	char why[LINE_REASON_SIZE + sizeof(err.text)];

	tls_reason(line->bev, &err);
	if (line->stage == LINE_SECURING)
		snprintf(why, sizeof(why), "no TLS with \"%s\": %s",
		    line->relay->config->host, err.text);
	else if (what & BEV_EVENT_EOF)
		snprintf(
		    why, sizeof(why), "the relay host closed the connection");
	else
		snprintf(why, sizeof(why), "the connection broke: %s",
		    line->relay->tls == NULL
			? evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR())
			: err.text);
	line_give_up(line, why);
}

static void on_event(struct bufferevent *bev, short what, void *context)
{
	struct relay_line *line = context;

	(void)bev;
	if (what & BEV_EVENT_CONNECTED) {
		if (line->stage == LINE_CONNECTING) {
			relay_connected(line);
		} else {
			client_secured(line->client);
			line_open(line);
		}
	} else if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) {
		if (line->stage == LINE_CONNECTING)
			relay_connect_failed(
			    line, evutil_socket_error_to_string(
				      EVUTIL_SOCKET_ERROR()));
		else
			on_end(line, what);
	}
}

void line_use(struct relay_line *line, struct bufferevent *bev)
{
	line->bev = bev;
	bufferevent_setcb(bev, on_read, on_write, on_event, line);
}
