/*
 * connection: one client's socket, in clear or in TLS, with one deadline.  The
 * only place where SMTP bytes arrive and leave; what they mean is the owner's
 * affair.  Loop only.
 */
#ifndef ACCEPT_CONNECTION_H
#define ACCEPT_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "util/error.h"

struct bufferevent;
struct evbuffer;
struct event;
struct event_base;
struct timeval;
struct tls_server;

/* What happens to a connection; owner is its first argument. */
struct connection_hooks {
	void (*arrived)(void *owner); /* bytes wait in connection_input() */
	void (*secured)(void *owner); /* the TLS handshake is over */
	void (*written)(void *owner); /* what was waiting to leave has left */
	void (*late)(void *owner);    /* the deadline has passed */
	/* the client has gone; or, when why is NULL, has only said that it
	   will send nothing more */
	void (*gone)(void *owner, const char *why);
	/* after connection_finish(): it is over */
	void (*closed)(void *owner);
};

struct connection {
	struct event_base *base;
	struct bufferevent *bev;
	struct event *timer;
	const struct connection_hooks *hooks;
	void *owner;
	struct tls_server *tls_next; /* TLS follows what is being written */
	bool secure;		     /* TLS, or its handshake */
	bool finishing, shut;
	bool half; /* the client will send nothing more */
};

/* Take over a connected socket.  -1 when there is no memory: fd is closed. */
int connection_open(struct connection *c, struct event_base *base, int fd,
    const struct connection_hooks *hooks, void *owner);

/*
 * Speak TLS from here on, once what was sent has left.  secured() or gone()
 * tells how it went.  Bytes that arrived before are the caller's mistake.
 */
void connection_secure(struct connection *c, struct tls_server *tls);

/* What has arrived; drain what was used. */
struct evbuffer *connection_input(struct connection *c);

/*
 * Say something, which leaves with connection_settle(); connection_unsent()
 * tells how much could not leave yet.
 */
void connection_send(struct connection *c, const char *bytes, size_t size);
size_t connection_unsent(const struct connection *c);

/*
 * The owner has done what it could for now: let what was said leave, and read
 * on unless too much waits in the input.
 */
void connection_settle(struct connection *c);
/*
 * Set the deadline, counted from now, or none (NULL).  Many connections with
 * the same one should use event_base_init_common_timeout().
 */
void connection_deadline(struct connection *c, const struct timeval *after);

/*
 * Let what was sent leave, wait a moment for the client to close, so that it
 * can read our last words, and call closed().  Nothing else is called after.
 */
void connection_finish(struct connection *c);

/* Close and free what it holds, at once; no hook is called. */
void connection_release(struct connection *c);

#endif
