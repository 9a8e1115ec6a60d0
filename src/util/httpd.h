/*
 * httpd: a small strict HTTP/1.1 server on TCP or a unix socket, over
 * libevent's bufferevents; util/http reads the heads.  Rooms hand in tables of
 * routes; main registers them.
 *
 * House: not evhttp.  Version 2.1 of it has no cap on connections, no deadline
 * for a whole request, and takes doubled Content-Length fields.
 *
 * A handler computes; httpd writes.  It answers at once (httpd_reply) or keeps
 * the request and answers later, on the loop; exactly one answer each.
 * Requests with a bad or doubled Content-Length, any Transfer-Encoding, too
 * large a body, or too slow a client are refused before a handler sees them.
 * No GET or HEAD route may change anything.  All functions: loop only.
 */
#ifndef UTIL_HTTPD_H
#define UTIL_HTTPD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "util/buf.h"
#include "util/error.h"

struct event_base;
struct httpd;

struct httpd_request {
	const char *path; /* decoded, no query */
	const char *tail; /* what a route's trailing '*' matched, or "" */
	struct span body; /* of a POST or PUT */
	bool local;	  /* came over the unix socket */
	bool tls;	  /* came over TLS */
	const char *peer; /* numeric address; "" when local */
	uid_t uid;	  /* SO_PEERCRED, when local */
};

struct httpd_route {
	const char *method; /* "GET" (serves HEAD too), "POST" or "PUT" */
	const char *path;   /* "/v1/status"; "/v1/drafts/" "*" takes a tail */
	bool local_only;    /* 404 on TCP */
	void (*handle)(struct httpd_request *request, void *context);
};

/*
 * limits: body_max_bytes; seconds that one request may take to arrive, and its
 * answer to be taken; connections open at a time on each listener (others wait
 * in the kernel's queue).
 */
struct httpd *httpd_new(struct event_base *base, size_t body_max_bytes,
    unsigned request_timeout_s, unsigned connections_max);

/*
 * Close everything and remove the socket files made.  Kept requests must still
 * be answered, which then only frees them.  NULL is harmless.
 */
void httpd_free(struct httpd *httpd);

/*
 * Add a table of routes, ended by a row whose path is NULL; it must outlive
 * httpd.  The first row that fits a request serves it.
 */
void httpd_add_routes(
    struct httpd *httpd, const struct httpd_route *routes, void *context);

/* The same with TLS from the first byte; the server must outlive httpd. */
struct tls_server;
int httpd_listen_tls(
    struct httpd *httpd, int fd, struct tls_server *tls, struct error *err);

/*
 * Listen on an inherited descriptor (socket activation), of either sort; httpd
 * closes it at the end, but leaves a socket file to whoever made it.
 */
int httpd_listen_fd(struct httpd *httpd, int fd, struct error *err);

/*
 * mode: of the socket file, which is made anew; its folder must exist.
 * CONFLICT when another process answers on it.
 */
int httpd_listen_unix(
    struct httpd *httpd, const char *path, mode_t mode, struct error *err);

/*
 * The value of a query parameter, decoded, or NULL; lives as long as the
 * request.
 */
const char *httpd_query(struct httpd_request *request, const char *name);
/* As a number in 0..max; fallback when absent; -1 when it is no number. */
int64_t httpd_query_number(struct httpd_request *request, const char *name,
    int64_t max, int64_t fallback);

/*
 * The value of a header field that httpd itself does not know, as long as the
 * request lives; NULL: it did not come, or came more than once.
 */
const char *httpd_field(const struct httpd_request *request, const char *name);

/* Name and password that came with it (RFC 7617), as long as it lives; -1:
 * there are none. */
struct http_basic;
int httpd_basic(struct httpd_request *request, struct http_basic *out);

/*
 * Keep a request past the handler's return.  The result must be answered
 * once; if the peer goes away first the answer is silently dropped.
 */
struct httpd_request *httpd_keep(struct httpd_request *request);

/*
 * Answer: status, media type, body, which is copied.  Frees a kept request;
 * others live until their handler returns.
 */
void httpd_reply(struct httpd_request *request, int status, const char *type,
    struct span body);

/*
 * Answer with {"error": kind, "text": ...} and the status of the kind.  The
 * text of an INTERNAL error goes to the log alone.
 */
void httpd_reply_error(struct httpd_request *request, const struct error *err);

#endif
