/*
 * httpd: listeners, connections and their deadlines, routing, answers.  The
 * grammar of a request's head is util/http's; what an answer says is left to
 * the handlers.
 */
#include "util/httpd.h"

#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "util/http.h"
#include "util/listen.h"
#include "util/log.h"
#include "util/mem.h"

/* What may lie unread: the largest head and some of a body. */
#define INPUT_MAX (4 * HTTP_HEAD_MAX)
/* How long we read on after "Connection: close", so that a reset does not
 * take our answer from a client that is still sending. */
#define LINGER_S  2
#define REST_S	  1 /* pause after accept() had no descriptors */
#define BACKLOG	  128
#define DATE_SIZE 64

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
	LIST_HEAD(, connection) connections;
	struct httpd *httpd;
	struct evconnlistener *sockets;
	struct event *rest;
	unsigned n_connections;
	bool local;
	char *path; /* of the socket file that we made, or NULL */
};

enum state {
	READING_HEAD,
	READING_BODY,
	HANDLING, /* a handler has the request, or keeps it */
	WRITING,
	LINGERING /* all is said; until the peer closes */
};

struct connection {
	LIST_ENTRY(connection) others;
	struct listener *listener;
	struct bufferevent *bev;
	struct event *deadline;	   /* not while HANDLING */
	struct exchange *exchange; /* READING_BODY and HANDLING */
	enum state state;
	bool keep;	/* another request may follow */
	bool peer_done; /* the peer sends no more */
	uid_t uid;
};

/* One request on its way to an answer; a kept one survives its connection. */
struct exchange {
	struct httpd_request request;  /* first, so that the two are one */
	struct connection *connection; /* NULL: the peer went away */
	struct arena *arena;
	struct http_head head;
	struct buf body;
	bool kept, answered;
};

static void on_read(struct bufferevent *bev, void *arg);

static void set_deadline(struct connection *c, unsigned seconds)
{
	struct timeval after = {.tv_sec = (time_t)seconds};

	event_add(c->deadline, &after);
}

static void exchange_free(struct exchange *e)
{
	if (e->connection != NULL)
		e->connection->exchange = NULL;
	buf_release(&e->body);
	arena_free(e->arena);
	free(e);
}

static void connection_free(struct connection *c)
{
	struct listener *l = c->listener;

	if (c->exchange != NULL && c->exchange->kept)
		c->exchange->connection = NULL;
	else if (c->exchange != NULL)
		exchange_free(c->exchange);
	LIST_REMOVE(c, others);
	event_free(c->deadline);
	bufferevent_free(c->bev);
	free(c);
	if (l->n_connections-- == l->httpd->connections_max)
		evconnlistener_enable(l->sockets);
}

/* RFC 9110 5.6.7; the names are English whatever the locale. */
static const char *http_date(char out[DATE_SIZE])
{
	time_t now = time(NULL);
	struct tm tm;

	gmtime_r(&now, &tm);
	evutil_date_rfc1123(out, DATE_SIZE, &tm);
	return out;
}

static bool is_head(const struct exchange *e)
{
	return e->head.method != NULL && strcmp(e->head.method, "HEAD") == 0;
}

struct answer {
	int status;
	const char *type;
	struct span body;
	const char *allow; /* of a 405, or NULL */
	bool head_only;
};

static void send_answer(struct connection *c, const struct answer *answer)
{
	struct evbuffer *out = bufferevent_get_output(c->bev);
	char date[DATE_SIZE];

	evbuffer_add_printf(out,
	    "HTTP/1.1 %d %s\r\n"
	    "Date: %s\r\n"
	    "Content-Type: %s\r\n"
	    "Content-Length: %zu\r\n"
	    "Cache-Control: no-store\r\n"
	    "X-Content-Type-Options: nosniff\r\n",
	    answer->status, http_status_text(answer->status), http_date(date),
	    answer->type, answer->body.len);
	if (answer->allow != NULL)
		evbuffer_add_printf(out, "Allow: %s\r\n", answer->allow);
	if (!c->keep)
		evbuffer_add_printf(out, "Connection: close\r\n");
	evbuffer_add(out, "\r\n", 2);
	if (!answer->head_only)
		evbuffer_add(out, answer->body.data, answer->body.len);
	c->state = WRITING;
	set_deadline(c, c->listener->httpd->request_timeout_s);
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

/* Answer a request that no handler saw; what follows it cannot be trusted. */
static void refuse(struct connection *c, int status, const char *allow)
{
	struct answer answer = {status, "application/json", {"", 0}, allow,
	    c->exchange != NULL && is_head(c->exchange)};
	char *body = error_body(status == 404 ? ERROR_MISSING : ERROR_INVALID,
	    http_status_text(status));

	answer.body = (struct span){body, strlen(body)};
	c->keep = false;
	send_answer(c, &answer);
	free(body);
	if (c->exchange != NULL)
		exchange_free(c->exchange);
}

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

/* Hand the request to its route; an exchange not kept ends here. */
static void serve(struct exchange *e, const struct table *table,
    const struct httpd_route *route)
{
	route->handle(&e->request, table->context);
	if (e->kept)
		return;
	if (!e->answered) {
		log_error("httpd no-answer path=%s", route->path);
		httpd_reply_error(
		    &e->request, &(struct error){ERROR_INTERNAL, "no answer"});
	}
	exchange_free(e);
}

/*
 * The table and route for a request, whose tail is set; or NULL, and what
 * methods the path allows, if any.
 */
static const struct httpd_route *find_route(
    struct exchange *e, const struct table **table, const char **allow)
{
	const struct httpd *httpd = e->connection->listener->httpd;
	const char *wanted = is_head(e) ? "GET" : e->head.method;
	const struct httpd_route *r;
	size_t i;

	for (i = 0; i < httpd->n_tables; i++)
		for (r = httpd->tables[i].routes; r->path != NULL; r++) {
			if ((r->local_only && !e->request.local) ||
			    !route_fits(r, e->request.path, &e->request.tail))
				continue;
			*table = &httpd->tables[i];
			if (strcmp(r->method, wanted) == 0)
				return r;
			*allow = strcmp(r->method, "GET") == 0 ? "GET, HEAD"
							       : r->method;
		}
	return NULL;
}

static void dispatch(struct connection *c)
{
	const struct httpd_route *route;
	const struct table *table;
	const char *allow = NULL;

	event_del(c->deadline);
	c->state = HANDLING;
	c->exchange->request.body = buf_span(&c->exchange->body);
	route = find_route(c->exchange, &table, &allow);
	if (route != NULL)
		serve(c->exchange, table, route);
	else
		refuse(c, allow != NULL ? 405 : 404, allow);
}

static void read_body(struct connection *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);
	struct exchange *e = c->exchange;
	size_t left = (size_t)e->head.length - e->body.len;
	size_t n = evbuffer_get_length(in);

	if (n > left)
		n = left;
	buf_add(&e->body, evbuffer_pullup(in, (ev_ssize_t)n), n);
	evbuffer_drain(in, n);
	if (n == left)
		dispatch(c);
}

static struct exchange *exchange_new(struct connection *c)
{
	struct exchange *e = mem_zalloc(sizeof(*e));

	e->connection = c;
	e->arena = arena_new();
	buf_init(&e->body, c->listener->httpd->body_max_bytes);
	e->request.local = c->listener->local;
	e->request.uid = c->uid;
	c->exchange = e;
	return e;
}

/* A head of size bytes lies in the input. */
static void read_head(struct connection *c, size_t size)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);
	struct exchange *e = exchange_new(c);
	struct span bytes;
	int status;

	bytes.data = (const char *)evbuffer_pullup(in, (ev_ssize_t)size);
	bytes.len = size;
	status = http_head_read(&e->head, e->arena, bytes);
	evbuffer_drain(in, size);
	if (status == 0 && e->head.length > e->body.max_bytes)
		status = 413;
	if (status != 0) {
		refuse(c, status, NULL);
		return;
	}
	c->keep = e->head.keep && !c->peer_done;
	e->request.path = e->head.path;
	c->state = READING_BODY;
	if (e->head.expects_continue && evbuffer_get_length(in) == 0)
		evbuffer_add_printf(bufferevent_get_output(c->bev),
		    "HTTP/1.1 100 Continue\r\n\r\n");
	read_body(c);
}

static void find_head(struct connection *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);
	struct evbuffer_ptr end = evbuffer_search(in, "\r\n\r\n", 4, NULL);
	size_t size =
	    end.pos < 0 ? evbuffer_get_length(in) : (size_t)end.pos + 4;

	if (size > HTTP_HEAD_MAX)
		refuse(c, 431, NULL);
	else if (end.pos >= 0)
		read_head(c, size);
}

static void on_read(struct bufferevent *bev, void *arg)
{
	struct connection *c = arg;
	struct evbuffer *in = bufferevent_get_input(bev);

	if (c->state == READING_HEAD)
		find_head(c);
	else if (c->state == READING_BODY)
		read_body(c);
	else if (c->state == LINGERING)
		evbuffer_drain(in, evbuffer_get_length(in));
}

/* All is said.  The peer learns it at once, and we wait for its close. */
static void linger(struct connection *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);

	if (c->peer_done || shutdown(bufferevent_getfd(c->bev), SHUT_WR) != 0) {
		connection_free(c);
		return;
	}
	c->state = LINGERING;
	set_deadline(c, LINGER_S);
	evbuffer_drain(in, evbuffer_get_length(in));
}

static void on_written(struct bufferevent *bev, void *arg)
{
	struct connection *c = arg;

	if (c->state != WRITING ||
	    evbuffer_get_length(bufferevent_get_output(bev)) > 0)
		return;
	if (!c->keep) {
		linger(c);
		return;
	}
	c->state = READING_HEAD;
	set_deadline(c, c->listener->httpd->request_timeout_s);
	on_read(bev, c); /* it may be here already */
}

/*
 * A peer that closed its sending half may still read.  One that is gone shows
 * itself when we write.
 */
static void on_event(struct bufferevent *bev, short what, void *arg)
{
	struct connection *c = arg;

	(void)bev;
	if ((what & BEV_EVENT_EOF) &&
	    (c->state == HANDLING || c->state == WRITING)) {
		c->peer_done = true;
		c->keep = false;
		return;
	}
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		connection_free(c);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct connection *c = arg;
	struct evbuffer *in = bufferevent_get_input(c->bev);

	(void)fd;
	(void)what;
	if (c->state == READING_BODY ||
	    (c->state == READING_HEAD && evbuffer_get_length(in) > 0))
		refuse(c, 408, NULL);
	else
		connection_free(c);
}

/* Who is at the other end of a unix socket. */
static int peer_uid(int fd, uid_t *uid)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
		return -1;
	*uid = peer.uid;
	return 0;
}

static void on_accept(struct evconnlistener *sockets, evutil_socket_t fd,
    struct sockaddr *from, int from_size, void *arg)
{
	struct listener *l = arg;
	struct httpd *httpd = l->httpd;
	struct connection *c = mem_zalloc(sizeof(*c));

	(void)from;
	(void)from_size;
	if (l->local && peer_uid(fd, &c->uid)) {
		log_warning("httpd no-credentials errno=%d", errno);
		close(fd);
		free(c);
		return;
	}
	c->listener = l;
	c->bev = bufferevent_socket_new(httpd->base, fd, BEV_OPT_CLOSE_ON_FREE);
	c->deadline = event_new(httpd->base, -1, 0, on_deadline, c);
	LIST_INSERT_HEAD(&l->connections, c, others);
	if (++l->n_connections == httpd->connections_max)
		evconnlistener_disable(sockets);
	bufferevent_setcb(c->bev, on_read, on_written, on_event, c);
	bufferevent_setwatermark(c->bev, EV_READ, 0, INPUT_MAX);
	bufferevent_enable(c->bev, EV_READ | EV_WRITE);
	set_deadline(c, httpd->request_timeout_s);
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
static struct listener *listener_new(struct httpd *httpd, int fd, bool local)
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
	l->local = local;
	l->rest = event_new(httpd->base, -1, 0, on_rested, l);
	LIST_INIT(&l->connections);
	LIST_INSERT_HEAD(&httpd->listeners, l, others);
	return l;
}

static void listener_free(struct listener *l)
{
	while (!LIST_EMPTY(&l->connections))
		connection_free(LIST_FIRST(&l->connections));
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
	struct listener *l = listener_new(httpd, fd, local);

	if (l == NULL) {
		error_set(
		    err, ERROR_INVALID, "cannot listen: %s", strerror(errno));
		close(fd);
		return -1;
	}
	l->path = mem_strdup(path);
	return 0;
}

int httpd_listen_tcp(
    struct httpd *httpd, const char *address, unsigned port, struct error *err)
{
	int fd = listen_tcp(address, port, err);

	return fd < 0 ? -1 : take_socket(httpd, fd, false, NULL, err);
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
	struct exchange *e = (struct exchange *)request;

	return http_query_value(e->arena, e->head.query, name);
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
	struct exchange *e = (struct exchange *)request;

	e->kept = true;
	return request;
}

void httpd_reply(struct httpd_request *request, int status, const char *type,
    struct span body)
{
	struct exchange *e = (struct exchange *)request;
	struct answer answer = {
	    status, type, body, NULL, strcmp(e->head.method, "HEAD") == 0};

	assert(!e->answered);
	e->answered = true;
	if (e->connection != NULL)
		send_answer(e->connection, &answer);
	if (e->kept)
		exchange_free(e);
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
