/*
 * httpd_connection: a connection's states and deadlines.  The grammar of heads
 * is util/http's; who serves a request is httpd.c's.
 */
#include "util/httpd_connection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/log.h"
#include "util/mem.h"
#include "util/tls.h"

/* What may lie unread: the largest head and some of a body. */
#define INPUT_MAX (4 * HTTP_HEAD_MAX)
/* How long we read on after "Connection: close", so that a reset does not
 * take our answer from a client that is still sending. */
#define LINGER_S 2

static void on_read(struct bufferevent *bev, void *arg);

static void set_deadline(struct httpd_connection *c, unsigned seconds)
{
	struct timeval after = {.tv_sec = (time_t)seconds};

	event_add(c->deadline, &after);
}

static void exchange_free(struct httpd_exchange *e)
{
	if (e->connection != NULL)
		e->connection->exchange = NULL;
	buf_release(&e->body);
	arena_free(e->arena);
	free(e);
}

void httpd_connection_free(struct httpd_connection *connection)
{
	struct httpd_exchange *e = connection->exchange;

	connection->door->closed(connection, connection->door->context);
	if (e != NULL && e->kept)
		e->connection = NULL;
	else if (e != NULL)
		exchange_free(e);
	event_free(connection->deadline);
	bufferevent_free(connection->bev);
	free(connection);
}

static void send_answer(struct httpd_connection *c,
    const struct http_answer *answer, bool head_only)
{
	struct evbuffer *out = bufferevent_get_output(c->bev);
	struct buf head;

	buf_init(&head, HTTP_HEAD_MAX);
	http_answer_head(&head, answer, c->keep);
	evbuffer_add(out, head.data, head.len);
	buf_release(&head);
	if (!head_only)
		evbuffer_add(out, answer->body.data, answer->body.len);
	c->state = HTTPD_WRITING;
	set_deadline(c, c->door->request_timeout_s);
}

static bool is_head(const struct httpd_exchange *e)
{
	return e->head.method != NULL && strcmp(e->head.method, "HEAD") == 0;
}

void httpd_connection_answer(
    struct httpd_exchange *exchange, const struct http_answer *answer)
{
	struct httpd_connection *c = exchange->connection;

	exchange->answered = true;
	if (c != NULL)
		send_answer(c, answer, is_head(exchange));
	if (!exchange->serving)
		exchange_free(exchange);
}

/* Answer what no handler shall see; what follows it cannot be trusted. */
static void refuse(struct httpd_connection *c, int status)
{
	struct http_answer answer = {.status = status, .type = "text/plain"};
	const char *text = http_status_text(status);

	answer.body = (struct span){text, strlen(text)};
	c->keep = false;
	send_answer(c, &answer, c->exchange != NULL && is_head(c->exchange));
	if (c->exchange != NULL)
		exchange_free(c->exchange);
}

static void dispatch(struct httpd_connection *c)
{
	struct httpd_exchange *e = c->exchange;

	event_del(c->deadline);
	c->state = HTTPD_HANDLING;
	e->request.path = e->head.path;
	e->request.body = buf_span(&e->body);
	e->serving = true;
	c->door->serve(e, c->door->context);
	e->serving = false;
	if (e->answered)
		exchange_free(e);
}

static void read_body(struct httpd_connection *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);
	struct httpd_exchange *e = c->exchange;
	size_t left = (size_t)e->head.length - e->body.len;
	size_t n = evbuffer_get_length(in);

	if (n > left)
		n = left;
	buf_add(&e->body, evbuffer_pullup(in, (ev_ssize_t)n), n);
	evbuffer_drain(in, n);
	if (n == left)
		dispatch(c);
}

static struct httpd_exchange *exchange_new(struct httpd_connection *c)
{
	struct httpd_exchange *e = mem_zalloc(sizeof(*e));

	e->connection = c;
	e->arena = arena_new();
	buf_init(&e->body, c->door->body_max_bytes);
	e->request.local = c->door->local;
	e->request.uid = c->uid;
	e->request.tls = c->door->tls != NULL;
	memcpy(e->peer, c->peer, sizeof(e->peer));
	e->request.peer = e->peer;
	c->exchange = e;
	return e;
}

/* A head of size bytes lies in the input. */
static void read_head(struct httpd_connection *c, size_t size)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);
	struct httpd_exchange *e = exchange_new(c);
	struct span bytes;
	int status;

	bytes.data = (const char *)evbuffer_pullup(in, (ev_ssize_t)size);
	bytes.len = size;
	status = http_head_read(&e->head, e->arena, bytes);
	evbuffer_drain(in, size);
	if (status == 0 && e->head.length > e->body.max_bytes)
		status = 413;
	if (status != 0) {
		refuse(c, status);
		return;
	}
	c->keep = e->head.keep && !c->peer_done;
	c->state = HTTPD_READING_BODY;
	if (e->head.expects_continue && e->head.length > 0 &&
	    evbuffer_get_length(in) == 0)
		evbuffer_add_printf(bufferevent_get_output(c->bev),
		    "HTTP/1.1 100 Continue\r\n\r\n");
	read_body(c);
}

static void find_head(struct httpd_connection *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);
	struct evbuffer_ptr end = evbuffer_search(in, "\r\n\r\n", 4, NULL);
	size_t size =
	    end.pos < 0 ? evbuffer_get_length(in) : (size_t)end.pos + 4;

	if (size > HTTP_HEAD_MAX)
		refuse(c, 431);
	else if (end.pos >= 0)
		read_head(c, size);
}

static void on_read(struct bufferevent *bev, void *arg)
{
	struct httpd_connection *c = arg;
	struct evbuffer *in = bufferevent_get_input(bev);

	if (c->state == HTTPD_READING_HEAD)
		find_head(c);
	else if (c->state == HTTPD_READING_BODY)
		read_body(c);
	else if (c->state == HTTPD_LINGERING)
		evbuffer_drain(in, evbuffer_get_length(in));
}

/* All is said.  The peer learns it at once, and we wait for its close. */
static void linger(struct httpd_connection *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);

	tls_finish(c->bev);
	if (c->peer_done || shutdown(bufferevent_getfd(c->bev), SHUT_WR) != 0) {
		httpd_connection_free(c);
		return;
	}
	c->state = HTTPD_LINGERING;
	set_deadline(c, LINGER_S);
	evbuffer_drain(in, evbuffer_get_length(in));
}

static void on_written(struct bufferevent *bev, void *arg)
{
	struct httpd_connection *c = arg;

	if (c->state != HTTPD_WRITING ||
	    evbuffer_get_length(bufferevent_get_output(bev)) > 0)
		return;
	if (!c->keep) {
		linger(c);
		return;
	}
	c->state = HTTPD_READING_HEAD;
	set_deadline(c, c->door->request_timeout_s);
	on_read(bev, c); /* it may be here already */
}

/*
 * A peer that closed its sending half may still read.  One that is gone shows
 * itself when we write.
 */
static void on_event(struct bufferevent *bev, short what, void *arg)
{
	struct httpd_connection *c = arg;

	(void)bev;
	if ((what & BEV_EVENT_EOF) &&
	    (c->state == HTTPD_HANDLING || c->state == HTTPD_WRITING)) {
		c->peer_done = true;
		c->keep = false;
		return;
	}
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		httpd_connection_free(c);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct httpd_connection *c = arg;
	struct evbuffer *in = bufferevent_get_input(c->bev);

	(void)fd;
	(void)what;
	if (c->state == HTTPD_READING_BODY ||
	    (c->state == HTTPD_READING_HEAD && evbuffer_get_length(in) > 0))
		refuse(c, 408);
	else
		httpd_connection_free(c);
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

/* IPv4 in IPv6 as IPv4. */
static void peer_address(int fd, char *out, socklen_t size)
{
	struct sockaddr_storage at;
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&at;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&at;
	socklen_t len = sizeof(at);

	out[0] = '\0';
	if (getpeername(fd, (struct sockaddr *)&at, &len) != 0)
		return;
	if (at.ss_family == AF_INET)
		inet_ntop(AF_INET, &v4->sin_addr, out, size);
	else if (at.ss_family == AF_INET6 &&
		 IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
		inet_ntop(AF_INET, v6->sin6_addr.s6_addr + 12, out, size);
	else if (at.ss_family == AF_INET6)
		inet_ntop(AF_INET6, &v6->sin6_addr, out, size);
}

struct httpd_connection *httpd_connection_new(
    const struct httpd_door *door, int fd)
{
	struct httpd_connection *c = mem_zalloc(sizeof(*c));

	if (door->local && peer_uid(fd, &c->uid)) {
		log_warning("httpd no-credentials errno=%d", errno);
		close(fd);
		free(c);
		return NULL;
	}
	c->door = door;
	if (!door->local)
		peer_address(fd, c->peer, sizeof(c->peer));
	c->bev = door->tls != NULL ? tls_accept(door->tls, door->base, fd)
				   : bufferevent_socket_new(
					 door->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (c->bev == NULL) {
		close(fd);
		free(c);
		return NULL;
	}
	c->deadline = event_new(door->base, -1, 0, on_deadline, c);
	bufferevent_setcb(c->bev, on_read, on_written, on_event, c);
	bufferevent_setwatermark(c->bev, EV_READ, 0, INPUT_MAX);
	bufferevent_enable(c->bev, EV_READ | EV_WRITE);
	set_deadline(c, door->request_timeout_s);
	return c;
}
