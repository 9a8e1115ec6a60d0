/*
 * httpd: listeners, routing, and the answers of handlers.  Reading requests
 * is left to httpd_connection; what an answer says to the handlers.
 */
#include "util/httpd.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/http.h"
#include "util/httpd_connection.h"
#include "util/listen.h"
#include "util/log.h"
#include "util/mem.h"

#define REST_S	1 /* pause after accept() had no descriptors */
#define BACKLOG 128

struct table {
	const struct httpd_route *routes;
	void *context;
};

struct httpd {
	struct event_base *base;
	size_t body_max_bytes;
	unsigned request_timeout_s, connections_max;
	struct table *tables;
	size_t n_tables;
	LIST_HEAD(, listener) listeners;
};

struct listener {
	LIST_ENTRY(listener) others;
	LIST_HEAD(, httpd_connection) connections;
	struct httpd *httpd;
	struct httpd_door door;
	struct evconnlistener *sockets;
	struct event *rest;
	unsigned n_connections;
	char *path; /* of the socket file that we made, or NULL */
};

static bool route_fits(
    const struct httpd_route *route, const char *path, const char **tail)
{
	size_t len = strlen(route->path);

	*tail = "";
	if (route->path[len - 1] != '*')
		return strcmp(route->path, path) == 0;
	*tail = path + len - 1;
	return strncmp(route->path, path, len - 1) == 0;
}

/* Another method that a path has. */
static void add_allowed(
    struct httpd_exchange *e, const char *method, const char **allow)
{
	if (strcmp(method, "GET") == 0)
		method = "GET, HEAD";
	*allow = *allow == NULL
		     ? method
		     : arena_printf(e->arena, "%s, %s", *allow, method);
}

/*
 * The table and route for a request, whose tail is set; or NULL, and what
 * methods the path allows, if any.
 */
static const struct httpd_route *find_route(const struct httpd *httpd,
    struct httpd_exchange *e, const struct table **table, const char **allow)
{
	const char *method = e->head.method;
	const struct httpd_route *r;
	size_t i;

	if (strcmp(method, "HEAD") == 0)
		method = "GET";
	for (i = 0; i < httpd->n_tables; i++)
		for (r = httpd->tables[i].routes; r->path != NULL; r++) {
			if ((r->local_only && !e->request.local) ||
			    !route_fits(r, e->request.path, &e->request.tail))
				continue;
			*table = &httpd->tables[i];
			if (strcmp(r->method, method) == 0)
				return r;
			add_allowed(e, r->method, allow);
		}
	return NULL;
}

/* The body of an error as JSON; free() it. */
static char *error_body(enum error_kind kind, const char *text)
{
	json_t *json = json_object();
	char *body;

	json_object_set_new(json, "error", json_string(error_kind_name(kind)));
	/* a text that is not UTF-8 becomes no json_string() */
	if (json_object_set_new(json, "text", json_string(text)))
		json_object_set_new(json, "text", json_string("unprintable"));
	body = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	return body;
}

/* No route: a 404, or a 405 when the path has other methods. */
static void reply_no_route(struct httpd_exchange *e, const char *allow)
{
	struct http_answer answer = {
	    .status = allow != NULL ? 405 : 404,
	    .type = "application/json",
	    .allow = allow,
	};
	char *body = error_body(allow != NULL ? ERROR_INVALID : ERROR_MISSING,
	    http_status_text(answer.status));

	answer.body = (struct span){body, strlen(body)};
	httpd_connection_answer(e, &answer);
	free(body);
}

/* What a listener's connections do with a request. */
static void serve(struct httpd_exchange *e, void *context)
{
	const struct listener *l = context;
	const struct httpd_route *route;
	const struct table *table;
	const char *allow = NULL;

	route = find_route(l->httpd, e, &table, &allow);
	if (route == NULL) {
		reply_no_route(e, allow);
		return;
	}
	route->handle(&e->request, table->context);
	if (e->kept || e->answered)
		return;
	log_error("httpd no-answer path=%s", route->path);
	httpd_reply_error(
	    &e->request, &(struct error){ERROR_INTERNAL, "no answer"});
}

static void closed(struct httpd_connection *c, void *context)
{
	struct listener *l = context;

	LIST_REMOVE(c, others);
	if (l->n_connections-- == l->httpd->connections_max)
		evconnlistener_enable(l->sockets);
}

static void on_accept(struct evconnlistener *sockets, evutil_socket_t fd,
    struct sockaddr *from, int from_size, void *arg)
{
	struct listener *l = arg;
	struct httpd_connection *c = httpd_connection_new(&l->door, fd);

	(void)from;
	(void)from_size;
	if (c == NULL)
		return;
	LIST_INSERT_HEAD(&l->connections, c, others);
	if (++l->n_connections == l->httpd->connections_max)
		evconnlistener_disable(sockets);
}

static void on_rested(evutil_socket_t fd, short what, void *arg)
{
	struct listener *l = arg;

	(void)fd;
	(void)what;
	if (l->n_connections < l->httpd->connections_max)
		evconnlistener_enable(l->sockets);
}

/* Without descriptors accept() would fail in a circle; pause instead. */
static void on_accept_error(struct evconnlistener *sockets, void *arg)
{
	struct listener *l = arg;
	struct timeval rest = {.tv_sec = REST_S};

	log_error("httpd accept-failed errno=%d", EVUTIL_SOCKET_ERROR());
	evconnlistener_disable(sockets);
	event_add(l->rest, &rest);
}

/* Take over a bound socket; listens on it when it does not yet. */
static struct listener *listener_new(
    struct httpd *httpd, int fd, bool local, struct tls_server *tls)
{
	struct listener *l = mem_zalloc(sizeof(*l));

	l->sockets = evconnlistener_new(httpd->base, on_accept, l,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, BACKLOG, fd);
	if (l->sockets == NULL) {
		free(l);
		return NULL;
	}
	evconnlistener_set_error_cb(l->sockets, on_accept_error);
	l->httpd = httpd;
	l->door = (struct httpd_door){
	    .base = httpd->base,
	    .body_max_bytes = httpd->body_max_bytes,
	    .request_timeout_s = httpd->request_timeout_s,
	    .local = local,
	    .tls = tls,
	    .serve = serve,
	    .closed = closed,
	    .context = l,
	};
	l->rest = event_new(httpd->base, -1, 0, on_rested, l);
	LIST_INIT(&l->connections);
	LIST_INSERT_HEAD(&httpd->listeners, l, others);
	return l;
}

static void listener_free(struct listener *l)
{
	while (!LIST_EMPTY(&l->connections))
		httpd_connection_free(LIST_FIRST(&l->connections));
	/* unlinked before it is closed: a successor's file is not touched */
	if (l->path != NULL)
		unlink(l->path);
	LIST_REMOVE(l, others);
	evconnlistener_free(l->sockets);
	event_free(l->rest);
	free(l->path);
	free(l);
}

struct httpd *httpd_new(struct event_base *base, size_t body_max_bytes,
    unsigned request_timeout_s, unsigned connections_max)
{
	struct httpd *httpd = mem_zalloc(sizeof(*httpd));

	assert(connections_max > 0);
	httpd->base = base;
	httpd->body_max_bytes = body_max_bytes;
	httpd->request_timeout_s = request_timeout_s;
	httpd->connections_max = connections_max;
	LIST_INIT(&httpd->listeners);
	return httpd;
}

void httpd_free(struct httpd *httpd)
{
	if (httpd == NULL)
		return;
	while (!LIST_EMPTY(&httpd->listeners))
		listener_free(LIST_FIRST(&httpd->listeners));
	free(httpd->tables);
	free(httpd);
}

void httpd_add_routes(
    struct httpd *httpd, const struct httpd_route *routes, void *context)
{
	httpd->tables = mem_grow(
	    httpd->tables, httpd->n_tables + 1, sizeof(*httpd->tables));
	httpd->tables[httpd->n_tables++] = (struct table){routes, context};
}

/* Take over a bound socket.  On failure it is closed. */
static int take_socket(struct httpd *httpd, int fd, bool local,
    const char *path, struct error *err)
{
	struct listener *l = listener_new(httpd, fd, local, NULL);

	if (l == NULL) {
		error_set(
		    err, ERROR_INVALID, "cannot listen: %s", strerror(errno));
		close(fd);
		return -1;
	}
	l->path = mem_strdup(path);
	return 0;
}

int httpd_listen_tls(
    struct httpd *httpd, int fd, struct tls_server *tls, struct error *err)
{
	if (listener_new(httpd, fd, false, tls) != NULL)
		return 0;
	error_set(err, ERROR_INVALID, "cannot listen: %s", strerror(errno));
	close(fd);
	return -1;
}

int httpd_listen_unix(
    struct httpd *httpd, const char *path, mode_t mode, struct error *err)
{
	int fd = listen_unix(path, mode, err);

	return fd < 0 ? -1 : take_socket(httpd, fd, true, path, err);
}

int httpd_listen_fd(struct httpd *httpd, int fd, struct error *err)
{
	struct sockaddr_storage own;
	socklen_t size = sizeof(own);

	if (getsockname(fd, (struct sockaddr *)&own, &size) != 0 ||
	    evutil_make_socket_nonblocking(fd) != 0 ||
	    evutil_make_socket_closeonexec(fd) != 0)
		return error_set(err, ERROR_INVALID,
		    "cannot listen on descriptor %d: %s", fd, strerror(errno));
	return take_socket(httpd, fd, own.ss_family == AF_UNIX, NULL, err);
}

const char *httpd_query(struct httpd_request *request, const char *name)
{
	struct httpd_exchange *e = (struct httpd_exchange *)request;

	return http_query_value(e->arena, e->head.query, name);
}

const char *httpd_field(const struct httpd_request *request, const char *name)
{
	const struct httpd_exchange *e = (const struct httpd_exchange *)request;

	return http_field(&e->head, name);
}

int httpd_basic(struct httpd_request *request, struct http_basic *out)
{
	struct httpd_exchange *e = (struct httpd_exchange *)request;

	return http_basic_read(out, e->arena, e->head.authorization);
}

int64_t httpd_query_number(struct httpd_request *request, const char *name,
    int64_t max, int64_t fallback)
{
	const char *s = httpd_query(request, name);
	int64_t n = 0;

	if (s == NULL)
		return fallback;
	if (*s == '\0')
		return -1;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9' || n > (max - (*s - '0')) / 10)
			return -1;
		n = n * 10 + (*s - '0');
	}
	return n;
}

struct httpd_request *httpd_keep(struct httpd_request *request)
{
	struct httpd_exchange *e = (struct httpd_exchange *)request;

	e->kept = true;
	return request;
}

void httpd_reply(struct httpd_request *request, int status, const char *type,
    struct span body)
{
	struct httpd_exchange *e = (struct httpd_exchange *)request;
	struct http_answer answer = {
	    .status = status, .type = type, .body = body};

	assert(!e->answered);
	httpd_connection_answer(e, &answer);
}

void httpd_reply_error(struct httpd_request *request, const struct error *err)
{
	static const int statuses[] = {
	    [ERROR_NONE] = 500,
	    [ERROR_BUSY] = 503,
	    [ERROR_DENIED] = 403,
	    [ERROR_INVALID] = 400,
	    [ERROR_MISSING] = 404,
	    [ERROR_CONFLICT] = 409,
	    [ERROR_FULL] = 507,
	    [ERROR_INTERNAL] = 500,
	};
	const char *text = err->text;
	char *body;

	if (statuses[err->kind] == 500) {
		log_error("httpd internal reason=\"%s\"", text);
		text = "internal error; the log tells more";
	}
	body = error_body(err->kind, text);
	httpd_reply(request, statuses[err->kind], "application/json",
	    (struct span){body, strlen(body)});
	free(body);
}
