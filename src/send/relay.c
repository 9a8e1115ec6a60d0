/*
 * relay: opens and secures connections, and hands them to the parcels that
 * wait.  Which mail leaves, and what becomes of it, is left to deliver.c and
 * outbox.c.
 */
#include "send/relay.h"

#include <errno.h>
#include <event2/bufferevent.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "send/internal.h"
#include "send/line.h"

#include "util/clock.h"
#include "util/mem.h"

/* ---- the way to the relay host ------------------------------------------ */

static int64_t connect_ms(const struct relay *r)
{
	return (int64_t)r->config->connect_timeout_s * 1000;
}

/* The time that is left, shared by the addresses that are. */
static void arm_connect(struct relay_line *line)
{
	int64_t left = line->connect_by_ms - clock_mono_ms();

	left /= (int64_t)(line->n_addresses - line->address);
	line_set_timer(line, left < 1 ? 1 : left);
}

static bool try_address(struct relay_line *line)
{
	struct lookup_address *a = &line->addresses[line->address];

	if (line->bev != NULL)
		bufferevent_free(line->bev);
	line->bev = bufferevent_socket_new(
	    line->relay->base, -1, BEV_OPT_CLOSE_ON_FREE);
	if (line->bev == NULL)
		return false;
	line_use(line, line->bev);
	if (bufferevent_socket_connect(
		line->bev, (struct sockaddr *)&a->to, (int)a->size) == 0)
		return true;
	snprintf(line->why, sizeof(line->why), "%s", strerror(errno));
	return false;
}

static void try_addresses(struct relay_line *line)
{
	char why[2 * LINE_REASON_SIZE];

	for (; line->address < line->n_addresses; line->address++)
		if (try_address(line)) {
			arm_connect(line);
			return;
		}
	snprintf(why, sizeof(why), "cannot connect to \"%s\" port %u: %s",
	    line->relay->config->host, line->relay->config->port, line->why);
	line_give_up(line, why);
}

void relay_connect_failed(struct relay_line *line, const char *why)
{
	if (line->lookup != NULL) {
		line_give_up(line, "the name servers did not answer in time");
		return;
	}
	snprintf(line->why, sizeof(line->why), "%s", why);
	line->address++;
	try_addresses(line);
}

static void on_found(const struct lookup_address *addresses, size_t n,
    const char *reason, void *context)
{
	struct relay_line *line = context;
	char why[LINE_REASON_SIZE];

	line->lookup = NULL;
	if (n == 0) {
		snprintf(why, sizeof(why), "cannot find \"%s\": %s",
		    line->relay->config->host, reason);
		line_give_up(line, why);
		return;
	}
	memcpy(line->addresses, addresses, n * sizeof(*addresses));
	line->n_addresses = n;
	try_addresses(line);
}

static void open_line(
    struct relay *r, struct parcel *parcel, struct relay_exam *exam)
{
	struct relay_line *line = line_new(r, parcel);
	struct lookup *lookup;

	line->exam = exam;
	line->connect_by_ms = clock_mono_ms() + connect_ms(r);
	line_set_timer(line, connect_ms(r));
	lookup = lookup_start(
	    r->resolver, r->config->host, r->config->port, on_found, line);
	if (lookup != NULL) /* else the line may be gone */
		line->lookup = lookup;
}

void relay_connected(struct relay_line *line)
{
	int on = 1;

	setsockopt(bufferevent_getfd(line->bev), IPPROTO_TCP, TCP_NODELAY, &on,
	    sizeof(on));
	if (line->relay->config->tls == CONFIG_TLS_IMPLICIT) {
		relay_secure(line);
		return;
	}
	bufferevent_enable(line->bev, EV_READ | EV_WRITE);
	line_open(line);
}

/* The bufferevent in clear goes; what it had read has been looked at. */
void relay_secure(struct relay_line *line)
{
	struct relay *r = line->relay;
	struct error err = ERROR_INIT;
	struct bufferevent *bev;
	int fd = bufferevent_getfd(line->bev);

	bufferevent_setfd(line->bev, -1);
	bufferevent_free(line->bev);
	line->bev = NULL;
	line->stage = LINE_SECURING;
	bev = tls_connect(r->tls, r->base, fd, r->config->host, &err);
	if (bev == NULL) {
		evutil_closesocket(fd);
		line_give_up(line, err.text);
		return;
	}
	line_use(line, bev);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
	line_set_timer(line, connect_ms(r));
}

/* ---- the queue ---------------------------------------------------------- */

static struct relay_line *free_line(const struct relay *r)
{
	struct relay_line *line;

	TAILQ_FOREACH(line, &r->lines, link)
	if (line_is_free(line))
		return line;
	return NULL;
}

static void refuse(struct relay *r, struct parcel *parcel)
{
	parcel_results(parcel, HOLD_RESULT_PENDING,
	    r->stopping ? SEND_STOPPING : r->standing.reason);
	parcel->done(parcel);
}

void relay_dispatch(struct relay *relay)
{
	struct relay *r = relay;
	struct relay_line *line;
	struct parcel *p;

	while ((p = TAILQ_FIRST(&r->queue)) != NULL) {
		bool shut = r->stopping || relay_pause_ms(r) > 0;

		line = free_line(r);
		if (!shut && line == NULL &&
		    r->n_lines >= r->config->connections)
			break;
		TAILQ_REMOVE(&r->queue, p, link);
		if (shut)
			refuse(r, p);
		else if (line != NULL)
			line_start(line, p);
		else
			open_line(r, p, NULL);
	}
}

void relay_start(struct relay *relay, struct parcel *parcel)
{
	parcel->line = NULL;
	TAILQ_INSERT_TAIL(&relay->queue, parcel, link);
	relay_dispatch(relay);
}

void relay_go(struct parcel *parcel)
{
	if (parcel->line == NULL) /* it was lost meanwhile */
		parcel->done(parcel);
	else
		line_go(parcel->line);
}

void relay_abandon(struct parcel *parcel)
{
	if (parcel->line == NULL) {
		parcel->done(parcel);
		return;
	}
	parcel->line->told = false;
	parcel->line->ours = true;
	line_give_up(parcel->line, "it was held back before its end was said");
}

/* What is refused for a while is not tried for this either; nor is one
 * connection more than may be. */
void relay_examine(struct relay *relay, struct relay_exam *exam)
{
	const struct standing *standing = &relay->standing;

	exam->why = NULL;
	exam->denied = relay_pause_ms(relay) > 0;
	exam->stopping = relay->stopping;
	exam->tls[0] = '\0';
	if (!exam->denied && !exam->stopping &&
	    relay->n_lines < relay->config->connections) {
		open_line(relay, NULL, exam);
		return;
	}
	if (exam->denied || standing->now == STANDING_TROUBLE)
		exam->why = standing->reason;
	exam->done(exam);
}

int64_t relay_pause_ms(const struct relay *relay)
{
	return standing_pause_ms(&relay->standing);
}

void relay_describe(const struct relay *relay, char *out, size_t size)
{
	standing_describe(&relay->standing, out, size);
}

/* ---- life --------------------------------------------------------------- */

struct relay *relay_new(
    struct event_base *base, const struct config *config, struct error *err)
{
	struct relay *r = mem_zalloc(sizeof(*r));
	const struct config_relay *c = &config->relay;

	r->base = base;
	r->config = r->standing.config = c;
	r->settings = (struct client_settings){
	    config->hostname, c->tls, c->user, c->password, false};
	TAILQ_INIT(&r->lines);
	TAILQ_INIT(&r->queue);
	if (c->tls != CONFIG_TLS_NONE) {
		r->tls = tls_client_new(c->ca_file, err);
		if (r->tls == NULL) {
			relay_free(r);
			return NULL;
		}
	}
	r->resolver = lookup_resolver_new(base);
	if (r->resolver == NULL) {
		error_set(err, ERROR_INTERNAL, "cannot start the resolver");
		relay_free(r);
		return NULL;
	}
	return r;
}

void relay_stop(struct relay *relay)
{
	struct relay_line *line, *next;

	relay->stopping = true;
	relay_dispatch(relay);
	for (line = TAILQ_FIRST(&relay->lines); line != NULL; line = next) {
		next = TAILQ_NEXT(line, link);
		if (line_is_free(line))
			line_quit(line);
		else if (!line->told && line->stage != LINE_CLOSING &&
			 client_phase(line->client) != CLIENT_ENDING)
			line_give_up(line, SEND_STOPPING);
	}
}

void relay_free(struct relay *relay)
{
	struct relay_line *line;

	if (relay == NULL)
		return;
	relay->stopping = true;
	relay_dispatch(relay);
	while ((line = TAILQ_FIRST(&relay->lines)) != NULL)
		line_give_up(line, SEND_STOPPING);
	if (relay->resolver != NULL)
		evdns_base_free(relay->resolver, 1);
	tls_client_free(relay->tls);
	free(relay);
}
