/*
 * httpd_connection: one connection of httpd.  It reads requests, one after the
 * other, each within its time; has each served; writes the answer.  For
 * httpd.c alone; loop only.
 */
#ifndef UTIL_HTTPD_CONNECTION_H
#define UTIL_HTTPD_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "util/arena.h"
#include "util/buf.h"
#include "util/http.h"
#include "util/httpd.h"

struct bufferevent;
struct event;
struct httpd_connection;
struct httpd_exchange;
struct tls_server;

/* What the connections of one listener have in common; outlives them. */
struct httpd_door {
	struct event_base *base;
	size_t body_max_bytes;
	unsigned request_timeout_s;
	bool local;		/* a unix socket */
	struct tls_server *tls; /* NULL: in clear */
	/* A whole request is here: answer it, or set kept. */
	void (*serve)(struct httpd_exchange *exchange, void *context);
	/* The connection is about to be freed. */
	void (*closed)(struct httpd_connection *connection, void *context);
	void *context;
};

enum httpd_state {
	HTTPD_READING_HEAD,
	HTTPD_READING_BODY,
	HTTPD_HANDLING, /* a handler has the request, or keeps it */
	HTTPD_WRITING,
	HTTPD_LINGERING /* all is said; until the peer closes */
};

struct httpd_connection {
	LIST_ENTRY(httpd_connection) others; /* the listener's */
	const struct httpd_door *door;
	struct bufferevent *bev;
	struct event *deadline;		 /* not while HANDLING */
	struct httpd_exchange *exchange; /* READING_BODY and HANDLING */
	enum httpd_state state;
	bool keep;	/* another request may follow */
	bool peer_done; /* the peer sends no more */
	uid_t uid;	/* when local */
	char peer[46];	/* numeric address; "" when local */
};

/* One request on its way to an answer; a kept one survives its connection. */
struct httpd_exchange {
	struct httpd_request request; /* first, so that the two are one */
	struct httpd_connection *connection; /* NULL: the peer went away */
	struct arena *arena;
	struct http_head head;
	struct buf body;
	bool serving; /* inside serve(), which may look at it until it ends */
	bool kept, answered;
	char peer[46]; /* as the connection's, which may go */
};

/* Take over a connected socket.  NULL when its peer cannot be told; then the
 * socket is closed. */
struct httpd_connection *httpd_connection_new(
    const struct httpd_door *door, int fd);

/* Close it.  A kept exchange stays with its keeper. */
void httpd_connection_free(struct httpd_connection *connection);

/*
 * Send the answer, unless the peer went away.  Frees the exchange, but inside
 * serve() only after its end.
 */
void httpd_connection_answer(
    struct httpd_exchange *exchange, const struct http_answer *answer);

#endif
