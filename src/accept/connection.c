/*
 * connection: wraps libevent's bufferevents.  The handshake itself is left to
 * util/tls.c, all SMTP to session.c.
 */
#include "accept/connection.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/tls.h"

#define READ_AHEAD_MOST (64u * 1024) /* while the owner does not drain */
#define READ_AT_ONCE	(64u * 1024)
#define LINGER_S	2 /* for a client that does not close */

static void end(struct connection *c)
{
	c->hooks->closed(c->owner);
}

/* Nothing waits to leave: tell the client that nothing more will come. */
static void shut_if_written(struct connection *c)
{
	if (c->shut || connection_unsent(c) > 0)
		return;
	c->shut = true;
	if (c->secure)
		tls_finish(c->bev);
	if (shutdown(bufferevent_getfd(c->bev), SHUT_WR) != 0 || c->half)
		end(c);
}

static void on_read(struct bufferevent *bev, void *context)
{
	struct connection *c = context;
	struct evbuffer *in = bufferevent_get_input(bev);

	if (c->finishing)
		evbuffer_drain(in, evbuffer_get_length(in));
	else
		c->hooks->arrived(c->owner);
}

static void set_up(struct connection *c, struct bufferevent *bev);

/* The socket moves to a new bufferevent that runs the handshake. */
static void change_to_tls(struct connection *c)
{
	int fd = bufferevent_getfd(c->bev);
	struct bufferevent *bev;

	bufferevent_setfd(c->bev, -1);
	bufferevent_free(c->bev);
	c->bev = NULL;
	bev = tls_accept(c->tls_next, c->base, fd);
	c->tls_next = NULL;
	c->secure = true;
	if (bev == NULL) {
		close(fd);
		c->hooks->gone(c->owner, "no memory for TLS");
		return;
	}
	set_up(c, bev);
}

static void on_written(struct bufferevent *bev, void *context)
{
	struct connection *c = context;

	if (!c->secure)
		bufferevent_disable(bev, EV_WRITE);
	if (c->finishing)
		shut_if_written(c);
	else if (c->tls_next != NULL)
		change_to_tls(c);
	else
		c->hooks->written(c->owner);
}

static void on_event(struct bufferevent *bev, short what, void *context)
{
	struct connection *c = context;
	struct error err = ERROR_INIT;

	if (c->finishing) {
		end(c);
	} else if ((what & BEV_EVENT_CONNECTED) != 0) {
		c->hooks->secured(c->owner);
	} else if ((what & BEV_EVENT_ERROR) != 0 && c->secure) {
		tls_reason(bev, &err);
		c->hooks->gone(c->owner, err.text);
	} else {
		c->half = (what & BEV_EVENT_EOF) != 0;
		c->hooks->gone(c->owner, c->half ? NULL : "connection lost");
	}
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
	struct connection *c = context;

	(void)fd;
	(void)what;
	if (c->finishing)
		end(c);
	else
		c->hooks->late(c->owner);
}

static void set_up(struct connection *c, struct bufferevent *bev)
{
	c->bev = bev;
	bufferevent_setcb(bev, on_read, on_written, on_event, c);
	bufferevent_set_max_single_read(bev, READ_AT_ONCE);
	bufferevent_enable(bev, c->secure ? EV_READ | EV_WRITE : EV_READ);
}

int connection_open(struct connection *c, struct event_base *base, int fd,
    const struct connection_hooks *hooks, void *owner)
{
	struct bufferevent *bev;
	int on = 1;

	*c = (struct connection){.base = base, .hooks = hooks, .owner = owner};
	/* no socket of TCP in a test: then this fails, which does no harm */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	bev = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (bev == NULL) {
		close(fd);
		return -1;
	}
	set_up(c, bev);
	c->timer = evtimer_new(base, on_timer, c);
	if (c->timer == NULL) {
		connection_release(c);
		return -1;
	}
	return 0;
}

void connection_secure(struct connection *c, struct tls_server *tls)
{
	c->tls_next = tls;
	connection_settle(c);
	if (connection_unsent(c) == 0)
		change_to_tls(c);
}

struct evbuffer *connection_input(struct connection *c)
{
	return bufferevent_get_input(c->bev);
}

void connection_send(struct connection *c, const char *bytes, size_t size)
{
	bufferevent_write(c->bev, bytes, size);
}

/*
 * House: in clear we write ourselves, and wait for EV_WRITE only when the
 * socket is full; so a reply costs one system call in place of four.  The
 * bufferevent keeps the front of its buffer frozen against such use, and finds
 * it as it was.
 */
static void flush(struct connection *c)
{
	struct evbuffer *out = bufferevent_get_output(c->bev);

	if ((bufferevent_get_enabled(c->bev) & EV_WRITE) != 0 ||
	    connection_unsent(c) == 0)
		return;
	evbuffer_unfreeze(out, 1);
	evbuffer_write(out, bufferevent_getfd(c->bev));
	evbuffer_freeze(out, 1);
	/* the rest, or the error, is the loop's */
	if (connection_unsent(c) > 0)
		bufferevent_enable(c->bev, EV_WRITE);
}

/*
 * Not by a high watermark: libevent 2.1 calls back again and again while the
 * buffer is above it, and the loop would spin.
 */
static void pace(struct connection *c)
{
	bool reads = (bufferevent_get_enabled(c->bev) & EV_READ) != 0;
	bool wants = !c->half && c->tls_next == NULL &&
		     evbuffer_get_length(connection_input(c)) < READ_AHEAD_MOST;

	if (wants && !reads)
		bufferevent_enable(c->bev, EV_READ);
	else if (!wants && reads)
		bufferevent_disable(c->bev, EV_READ);
}

void connection_settle(struct connection *c)
{
	if (c->bev == NULL)
		return;
	flush(c);
	pace(c);
}

size_t connection_unsent(const struct connection *c)
{
	return evbuffer_get_length(bufferevent_get_output(c->bev));
}

void connection_deadline(struct connection *c, const struct timeval *after)
{
	if (after == NULL)
		evtimer_del(c->timer);
	else
		evtimer_add(c->timer, after);
}

void connection_finish(struct connection *c)
{
	static const struct timeval linger = {LINGER_S, 0};
	struct evbuffer *in = connection_input(c);

	c->finishing = true;
	evbuffer_drain(in, evbuffer_get_length(in));
	connection_settle(c);
	connection_deadline(c, &linger);
	shut_if_written(c);
}

void connection_release(struct connection *c)
{
	if (c->timer != NULL)
		event_free(c->timer);
	if (c->bev != NULL)
		bufferevent_free(c->bev);
	c->timer = NULL;
	c->bev = NULL;
}
