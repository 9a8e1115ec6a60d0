/*
 * Tests of util/httpd and util/listen with real sockets: routing, limits,
 * deadlines, kept requests, and peers that go away.
 */
#include "util/httpd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "util/clock.h"
#include "util/listen.h"
#include "util/mem.h"

#define BODY_MAX  100000
#define TIMEOUT_S 1
#define MOST	  3 /* connections */
#define PATIENCE  20

static struct event_base *base;
static struct httpd *httpd;
static struct sockaddr_in tcp;
static char folder[] = "/tmp/test-httpd.XXXXXX";
static char path[64];
static struct httpd_request *kept;
static char *seen; /* what the last handler saw */

/* --- the server's side ---------------------------------------------------- */

static void reply_text(struct httpd_request *request, const char *text)
{
	httpd_reply(
	    request, 200, "text/plain", (struct span){text, strlen(text)});
}

static void handle_echo(struct httpd_request *request, void *context)
{
	const char *q = httpd_query(request, "q");

	free(seen);
	seen = mem_printf("%s|%s|%s|%.*s|%d|%s", (const char *)context,
	    request->path, request->tail, (int)request->body.len,
	    request->body.data, request->local, q == NULL ? "-" : q);
	reply_text(request, seen);
}

static void handle_uid(struct httpd_request *request, void *context)
{
	char text[32];

	(void)context;
	snprintf(text, sizeof(text), "uid %ld", (long)request->uid);
	reply_text(request, text);
}

static void handle_number(struct httpd_request *request, void *context)
{
	char text[32];

	(void)context;
	snprintf(text, sizeof(text), "%ld",
	    (long)httpd_query_number(request, "n", 100, 50));
	reply_text(request, text);
}

static void handle_keep(struct httpd_request *request, void *context)
{
	(void)context;
	kept = httpd_keep(request);
}

static void handle_keep_and_answer(struct httpd_request *request, void *context)
{
	(void)context;
	reply_text(httpd_keep(request), "at once");
}

static void handle_nothing(struct httpd_request *request, void *context)
{
	(void)request;
	(void)context;
}

static void handle_error(struct httpd_request *request, void *context)
{
	struct error err;

	(void)context;
	error_set(&err, (enum error_kind)atoi(request->tail), "say \"%s\"",
	    "\xc3\xa4");
	httpd_reply_error(request, &err);
}

static void handle_large(struct httpd_request *request, void *context)
{
	char *large = mem_zalloc(8 << 20);

	(void)context;
	httpd_reply(request, 200, "text/plain", (struct span){large, 8 << 20});
	free(large);
}

static const struct httpd_route routes[] = {
    {"GET", "/echo", false, handle_echo},
    {"POST", "/echo", false, handle_echo},
    {"GET", "/tail/*", false, handle_echo},
    {"GET", "/secret", true, handle_echo},
    {"GET", "/uid", true, handle_uid},
    {"GET", "/number", false, handle_number},
    {"GET", "/keep", false, handle_keep},
    {"GET", "/keep-and-answer", false, handle_keep_and_answer},
    {"GET", "/nothing", false, handle_nothing},
    {"GET", "/error/*", false, handle_error},
    {"GET", "/large", false, handle_large},
    {NULL, NULL, false, NULL},
};

static const struct httpd_route more_routes[] = {
    {"POST", "/more", false, handle_echo},
    {"PUT", "/more", false, handle_echo},
    {"GET", "/echo", false, handle_nothing}, /* the first one wins */
    {NULL, NULL, false, NULL},
};

static int start(void **state)
{
	socklen_t size = sizeof(tcp);
	struct error err = ERROR_INIT;
	int fd = listen_tcp("127.0.0.1", 0, &err);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&tcp, &size), 0);
	snprintf(path, sizeof(path), "%s/s", folder);
	base = event_base_new();
	httpd = httpd_new(base, BODY_MAX, TIMEOUT_S, MOST);
	httpd_add_routes(httpd, routes, (void *)(uintptr_t) "one");
	httpd_add_routes(httpd, more_routes, (void *)(uintptr_t) "two");
	assert_int_equal(httpd_listen_fd(httpd, fd, &err), 0);
	assert_int_equal(httpd_listen_unix(httpd, path, 0600, &err), 0);
	kept = NULL;
	return 0;
}

static int stop(void **state)
{
	(void)state;
	httpd_free(httpd);
	event_base_free(base);
	free(seen);
	seen = NULL;
	return 0;
}

/* --- the client's side ------------------------------------------------------
 */

/* One client, driven by the same loop. */
struct client {
	int fd;
	struct buf in;
	bool closed;
	struct event *event;
};

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct client *c = arg;
	char bytes[65536];
	ssize_t n = recv(fd, bytes, sizeof(bytes), 0);

	(void)what;
	if (n > 0)
		buf_add(&c->in, bytes, (size_t)n);
	else if (n == 0 || errno != EAGAIN) {
		c->closed = true;
		event_del(c->event);
	}
}

static void client_open(struct client *c, bool local)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	const struct sockaddr *to = (struct sockaddr *)&tcp;
	socklen_t size = sizeof(tcp);

	memcpy(un.sun_path, path, strlen(path));
	if (local) {
		to = (struct sockaddr *)&un;
		size = sizeof(un);
	}
	c->fd = socket(to->sa_family, SOCK_STREAM, 0);
	assert_int_equal(connect(c->fd, to, size), 0);
	evutil_make_socket_nonblocking(c->fd);
	c->closed = false;
	buf_init(&c->in, 64 << 20);
	c->event = event_new(base, c->fd, EV_READ | EV_PERSIST, on_readable, c);
	event_add(c->event, NULL);
}

static void client_close(struct client *c)
{
	event_free(c->event);
	close(c->fd);
	buf_release(&c->in);
}

static void client_send(struct client *c, const char *text)
{
	assert_int_equal(
	    send(c->fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Turn the loop until a condition holds; the alarm ends a test that hangs. */
#define UNTIL(condition)                                                       \
	do {                                                                   \
		alarm(PATIENCE);                                               \
		while (!(condition))                                           \
			event_base_loop(base, EVLOOP_ONCE);                    \
		alarm(0);                                                      \
	} while (0)

static void turn_once(void)
{
	event_base_loop(base, EVLOOP_NONBLOCK);
}

static bool has(const struct client *c, const char *text)
{
	return strstr(c->in.data, text) != NULL;
}

static size_t count(const struct client *c, const char *text)
{
	const char *p = c->in.data;
	size_t n;

	for (n = 0; (p = strstr(p, text)) != NULL; n++)
		p += strlen(text);
	return n;
}

/* Send, read until the server closes, compare. */
static void expect(
    bool local, const char *request, const char *status, const char *end)
{
	struct client c;

	client_open(&c, local);
	client_send(&c, request);
	UNTIL(c.closed);
	if (strncmp(c.in.data, status, strlen(status)) != 0 || !has(&c, end))
		fail_msg("%s gave %s", request, c.in.data);
	client_close(&c);
}

#define CLOSE " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"

static void routes_requests(void **state)
{
	static const struct {
		bool local;
		const char *request, *status, *end;
	} rows[] = {
	    {false, "GET /echo" CLOSE "\r\n", "HTTP/1.1 200 OK\r\n",
		"\r\n\r\none|/echo|||0|-"},
	    {true, "GET /echo?q=a+b" CLOSE "\r\n", "HTTP/1.1 200 OK\r\n",
		"\r\n\r\none|/echo|||1|a b"},
	    {false, "POST /echo" CLOSE "Content-Length: 5\r\n\r\nhello",
		"HTTP/1.1 200 ", "one|/echo||hello|0|-"},
	    {false, "POST /more" CLOSE "\r\n", "HTTP/1.1 200 ", "two|/more|"},
	    {false, "GET /tail/a/b%20c" CLOSE "\r\n", "HTTP/1.1 200 ",
		"one|/tail/a/b c|a/b c|"},
	    {false, "GET /tail/" CLOSE "\r\n", "HTTP/1.1 200 ", "one|/tail/||"},
	    {false, "GET /tail" CLOSE "\r\n", "HTTP/1.1 404 ",
		"{\"error\":\"missing\",\"text\":\"Not Found\"}"},
	    {false, "GET /echo/" CLOSE "\r\n", "HTTP/1.1 404 ", ""},
	    {false, "GET /" CLOSE "\r\n", "HTTP/1.1 404 ", ""},
	    {true, "GET /secret" CLOSE "\r\n", "HTTP/1.1 200 ", ""},
	    {false, "GET /secret" CLOSE "\r\n", "HTTP/1.1 404 ", ""},
	    {false, "POST /tail/x" CLOSE "\r\n", "HTTP/1.1 405 ",
		"\r\nAllow: GET, HEAD\r\n"},
	    {false, "PUT /more" CLOSE "Content-Length: 2\r\n\r\nhi",
		"HTTP/1.1 200 ", "two|/more||hi|"},
	    {false, "GET /more" CLOSE "\r\n", "HTTP/1.1 405 ",
		"\r\nAllow: POST, PUT\r\n"},
	    {false, "GET /number" CLOSE "\r\n", "HTTP/1.1 200 ", "\r\n\r\n50"},
	    {false, "GET /number?n=100" CLOSE "\r\n", "HTTP/1.1 200 ",
		"\r\n\r\n100"},
	    {false, "GET /number?n=101" CLOSE "\r\n", "HTTP/1.1 200 ",
		"\r\n\r\n-1"},
	    {false, "GET /number?n=99999999999999999999" CLOSE "\r\n",
		"HTTP/1.1 200 ", "\r\n\r\n-1"},
	    {false, "GET /number?n=1x" CLOSE "\r\n", "HTTP/1.1 200 ",
		"\r\n\r\n-1"},
	    {false, "GET /number?n=-1" CLOSE "\r\n", "HTTP/1.1 200 ",
		"\r\n\r\n-1"},
	    {false, "GET /number?n=" CLOSE "\r\n", "HTTP/1.1 200 ",
		"\r\n\r\n-1"},
	    {false, "GET /keep-and-answer" CLOSE "\r\n", "HTTP/1.1 200 ",
		"\r\n\r\nat once"},
	    {false, "GET /nothing" CLOSE "\r\n", "HTTP/1.1 500 ",
		"{\"error\":\"internal\""},
	    {false, "NONSENSE\r\n\r\n", "HTTP/1.1 400 ",
		"\r\nConnection: close\r\n"},
	    {false,
		"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
		"Content-Length: 1\r\n\r\nx",
		"HTTP/1.1 400 ", "\r\nConnection: close\r\n"},
	    {false, "GET /echo HTTP/1.0\r\n\r\n", "HTTP/1.1 200 ",
		"\r\nConnection: close\r\n"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect(rows[i].local, rows[i].request, rows[i].status,
		    rows[i].end);
}

static void errors_become_statuses(void **state)
{
	static const struct {
		enum error_kind kind;
		const char *status, *body;
	} rows[] = {
	    {ERROR_BUSY, "HTTP/1.1 503 ", "{\"error\":\"busy\",\"text\":"},
	    {ERROR_DENIED, "HTTP/1.1 403 ", "\"denied\""},
	    {ERROR_INVALID, "HTTP/1.1 400 ", "\"say \\\"\xc3\xa4\\\"\"}"},
	    {ERROR_MISSING, "HTTP/1.1 404 ", "\"missing\""},
	    {ERROR_CONFLICT, "HTTP/1.1 409 ", "\"conflict\""},
	    {ERROR_FULL, "HTTP/1.1 507 ", "\"full\""},
	    {ERROR_INTERNAL, "HTTP/1.1 500 ", "\"internal error; the log"},
	};
	char request[100];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(request, sizeof(request), "GET /error/%d" CLOSE "\r\n",
		    (int)rows[i].kind);
		expect(false, request, rows[i].status, rows[i].body);
	}
}

static void head_has_no_body(void **state)
{
	struct client c;

	(void)state;
	client_open(&c, false);
	client_send(&c, "HEAD /echo" CLOSE "\r\n");
	UNTIL(c.closed);
	assert_true(has(&c, "HTTP/1.1 200 OK\r\n"));
	assert_true(has(&c, "\r\nContent-Length: 15\r\n"));
	assert_string_equal(c.in.data + c.in.len - 4, "\r\n\r\n");
	client_close(&c);
}

static void tells_the_peers_uid(void **state)
{
	char text[32];

	(void)state;
	snprintf(text, sizeof(text), "uid %ld", (long)getuid());
	expect(true, "GET /uid" CLOSE "\r\n", "HTTP/1.1 200 ", text);
}

static void serves_many_in_one_connection(void **state)
{
	struct client c;

	(void)state;
	client_open(&c, false);
	client_send(&c, "GET /echo?q=1 HTTP/1.1\r\nHost: x\r\n\r\n"
			"POST /echo?q=2 HTTP/1.1\r\nHost: x\r\n"
			"Content-Length: 2\r\n\r\nabGET /nowhere "
			"HTTP/1.1\r\nHost: x\r\n\r\nGET /echo?q=3 HT");
	UNTIL(has(&c, "404"));
	assert_true(has(&c, "||ab|0|2"));
	client_send(&c, "TP/1.1\r\nHost: x\r\n\r\n");
	UNTIL(has(&c, "|3"));
	assert_int_equal(count(&c, "HTTP/1.1 200 OK"), 3);
	assert_false(c.closed);
	client_close(&c);
}

static void takes_bytes_one_by_one(void **state)
{
	static const char request[] =
	    "POST /echo" CLOSE "Content-Length: 3\r\n\r\nabc";
	struct client c;
	size_t i;

	(void)state;
	client_open(&c, false);
	for (i = 0; i < sizeof(request) - 1; i++) {
		assert_int_equal(send(c.fd, request + i, 1, 0), 1);
		turn_once();
	}
	UNTIL(c.closed);
	assert_true(has(&c, "||abc|"));
	client_close(&c);
}

static void bodies_have_a_maximum(void **state)
{
	char *body = mem_zalloc(BODY_MAX + 1), head[200];
	struct client c;
	size_t sent = 0;
	ssize_t n;

	(void)state;
	memset(body, 'b', BODY_MAX);
	client_open(&c, false);
	snprintf(head, sizeof(head),
	    "POST /echo" CLOSE "Content-Length: %d\r\n\r\n", BODY_MAX);
	client_send(&c, head);
	alarm(PATIENCE);
	while (sent < BODY_MAX) {
		n = send(c.fd, body + sent, BODY_MAX - sent, 0);
		sent += n > 0 ? (size_t)n : 0;
		turn_once();
	}
	UNTIL(c.closed);
	assert_true(has(&c, "HTTP/1.1 200 OK"));
	assert_true(has(&c, body));
	client_close(&c);
	free(body);
	snprintf(head, sizeof(head),
	    "POST /echo" CLOSE "Content-Length: %d\r\n\r\n", BODY_MAX + 1);
	expect(false, head, "HTTP/1.1 413 ", "");
}

/* The refusal must reach a client that is still sending. */
static void refusals_arrive_in_spite_of_a_body(void **state)
{
	char junk[4096];
	struct client c;
	int i;

	(void)state;
	memset(junk, 'j', sizeof(junk));
	client_open(&c, false);
	client_send(&c, "POST /echo" CLOSE "Content-Length: 99999999\r\n\r\n");
	for (i = 0; i < 1000; i++) {
		(void)!send(c.fd, junk, sizeof(junk), MSG_NOSIGNAL);
		turn_once();
	}
	UNTIL(c.closed);
	assert_true(has(&c, "HTTP/1.1 413 Content Too Large"));
	client_close(&c);
}

static void heads_have_a_maximum(void **state)
{
	char *head = mem_zalloc(20001);

	(void)state;
	memset(head, 'h', 20000);
	expect(false, head, "HTTP/1.1 431 ", "");
	free(head);
}

static void continues_when_asked(void **state)
{
	struct client c;

	(void)state;
	client_open(&c, false);
	client_send(&c, "POST /echo" CLOSE "Content-Length: 2\r\n"
			"Expect: 100-continue\r\n\r\n");
	UNTIL(has(&c, "HTTP/1.1 100 Continue\r\n\r\n"));
	client_send(&c, "ok");
	UNTIL(c.closed);
	assert_true(has(&c, "||ok|"));
	client_close(&c);
}

static void drip(evutil_socket_t fd, short what, void *arg)
{
	struct client *c = arg;

	(void)fd;
	(void)what;
	(void)!send(c->fd, "x", 1, MSG_NOSIGNAL);
}

/* The deadline is for the whole request: more bytes do not move it. */
static void slow_requests_end(void **state)
{
	static const char *const begins[] = {"GET /ec",
	    "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n"};
	struct timeval often = {.tv_usec = 20000};
	struct event *drops;
	struct client c;
	int64_t begin;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		client_open(&c, false);
		drops = event_new(base, -1, EV_PERSIST, drip, &c);
		event_add(drops, &often);
		begin = clock_mono_ms();
		client_send(&c, begins[i]);
		UNTIL(c.closed);
		assert_true(clock_mono_ms() - begin >= 900 * TIMEOUT_S);
		assert_true(has(&c, "HTTP/1.1 408 "));
		event_free(drops);
		client_close(&c);
	}
}

static void a_silent_request_gets_a_408(void **state)
{
	(void)state;
	expect(false, "GET /ec", "HTTP/1.1 408 Request Timeout\r\n", "");
}

static void idle_connections_are_closed(void **state)
{
	struct client c;

	(void)state;
	client_open(&c, false);
	UNTIL(c.closed);
	assert_int_equal(c.in.len, 0);
	client_close(&c);
}

/* A peer that takes nothing of a large answer is let go. */
static void answers_have_a_deadline(void **state)
{
	struct client c, other;

	(void)state;
	client_open(&c, false);
	event_del(c.event);
	client_send(&c, "GET /large" CLOSE "\r\n");
	turn_once();
	client_open(&other, true);
	UNTIL(other.closed); /* one idle deadline later */
	client_close(&other);
	event_add(c.event, NULL);
	UNTIL(c.closed);
	assert_true(c.in.len < 8 << 20);
	client_close(&c);
}

static void kept_requests_are_answered_later(void **state)
{
	struct client c;

	(void)state;
	client_open(&c, false);
	client_send(&c, "GET /keep?q=5 HTTP/1.1\r\nHost: x\r\n\r\n"
			"GET /echo HTTP/1.1\r\nHost: x\r\n\r\n");
	UNTIL(kept != NULL);
	turn_once();
	assert_int_equal(c.in.len, 0); /* answers keep their order */
	assert_string_equal(httpd_query(kept, "q"), "5");
	reply_text(kept, "late");
	UNTIL(has(&c, "one|/echo"));
	assert_true(has(&c, "late"));
	client_close(&c);
}

/* However the peer leaves, the answer is dropped and nothing is lost. */
static void kept_requests_survive_their_peer(void **state)
{
	struct linger hard = {1, 0};
	struct client c;
	int reset;

	(void)state;
	for (reset = 0; reset < 2; reset++) {
		client_open(&c, false);
		client_send(&c, "GET /keep HTTP/1.1\r\nHost: x\r\n\r\n");
		UNTIL(kept != NULL);
		if (reset)
			setsockopt(
			    c.fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
		client_close(&c);
		turn_once();
		turn_once();
		reply_text(kept, "to nobody");
		kept = NULL;
		turn_once();
	}
	expect(false, "GET /echo" CLOSE "\r\n", "HTTP/1.1 200 ", "");
}

/* A client may close its sending half and still wait for the answer. */
static void half_closed_clients_are_answered(void **state)
{
	struct client c;

	(void)state;
	client_open(&c, false);
	client_send(&c, "GET /keep HTTP/1.1\r\nHost: x\r\n\r\n");
	shutdown(c.fd, SHUT_WR);
	UNTIL(kept != NULL);
	turn_once();
	turn_once();
	reply_text(kept, "late");
	UNTIL(c.closed);
	assert_true(has(&c, "late"));
	client_close(&c);
}

static void kept_requests_survive_the_server(void **state)
{
	struct client c;

	(void)state;
	client_open(&c, false);
	client_send(&c, "GET /keep HTTP/1.1\r\nHost: x\r\n\r\n");
	UNTIL(kept != NULL);
	httpd_free(httpd);
	httpd = NULL;
	reply_text(kept, "to nobody");
	UNTIL(c.closed);
	assert_int_equal(c.in.len, 0);
	client_close(&c);
}

/* A full TCP listener makes others wait, and leaves the unix socket alone. */
static void connections_have_a_maximum(void **state)
{
	struct client c[MOST + 1];
	int i;

	(void)state;
	for (i = 0; i < MOST + 1; i++) {
		client_open(&c[i], false);
		client_send(&c[i], "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n");
	}
	for (i = 0; i < MOST; i++)
		UNTIL(has(&c[i], "one|/echo"));
	turn_once();
	assert_int_equal(c[MOST].in.len, 0);
	expect(true, "GET /echo" CLOSE "\r\n", "HTTP/1.1 200 ", "");
	assert_int_equal(c[MOST].in.len, 0);
	client_close(&c[0]);
	UNTIL(has(&c[MOST], "one|/echo"));
	for (i = 1; i < MOST + 1; i++)
		client_close(&c[i]);
}

static void socket_files(void **state)
{
	struct error err = ERROR_INIT;
	struct httpd *other = httpd_new(base, BODY_MAX, TIMEOUT_S, MOST);
	char long_path[200], old[80];
	struct stat st;
	int fd;

	(void)state;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	/* ours answers, so it is not taken over */
	assert_int_equal(httpd_listen_unix(other, path, 0600, &err), -1);
	assert_int_equal(err.kind, ERROR_CONFLICT);
	expect(true, "GET /echo" CLOSE "\r\n", "HTTP/1.1 200 ", "");
	/* one that nobody answers on is */
	snprintf(old, sizeof(old), "%s/old", folder);
	fd = listen_unix(old, 0600, &err);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(stat(old, &st), 0);
	assert_int_equal(httpd_listen_unix(other, old, 0660, &err), 0);
	assert_int_equal(stat(old, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	httpd_free(other);
	assert_int_equal(stat(old, &st), -1);
	/* another sort of file is left alone */
	fd = open(old, O_CREAT | O_WRONLY, 0600);
	close(fd);
	assert_int_equal(listen_unix(old, 0600, &err), -1);
	assert_int_equal(err.kind, ERROR_CONFLICT);
	assert_int_equal(unlink(old), 0);
	memset(long_path, 'x', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = '\0';
	assert_int_equal(listen_unix(long_path, 0600, &err), -1);
	assert_int_equal(listen_unix("/nowhere/at/all", 0600, &err), -1);
	assert_int_equal(err.kind, ERROR_INVALID);
}

static void tcp_addresses(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(listen_tcp("localhost", 0, &err), -1);
	assert_int_equal(err.kind, ERROR_INVALID);
	assert_int_equal(listen_tcp("127.0.0.1", 65536, &err), -1);
	assert_int_equal(err.kind, ERROR_INVALID);
	assert_int_equal(
	    listen_tcp("127.0.0.1", ntohs(tcp.sin_port), &err), -1);
	assert_int_equal(err.kind, ERROR_CONFLICT);
	assert_int_equal(httpd_listen_fd(httpd, -1, &err), -1);
}

static int group_start(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	return mkdtemp(folder) == NULL;
}

static int group_stop(void **state)
{
	(void)state;
	return rmdir(folder); /* all socket files are gone */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(routes_requests),
	    TEST(errors_become_statuses),
	    TEST(head_has_no_body),
	    TEST(tells_the_peers_uid),
	    TEST(serves_many_in_one_connection),
	    TEST(takes_bytes_one_by_one),
	    TEST(bodies_have_a_maximum),
	    TEST(refusals_arrive_in_spite_of_a_body),
	    TEST(heads_have_a_maximum),
	    TEST(continues_when_asked),
	    TEST(slow_requests_end),
	    TEST(a_silent_request_gets_a_408),
	    TEST(idle_connections_are_closed),
	    TEST(answers_have_a_deadline),
	    TEST(kept_requests_are_answered_later),
	    TEST(kept_requests_survive_their_peer),
	    TEST(half_closed_clients_are_answered),
	    TEST(kept_requests_survive_the_server),
	    TEST(connections_have_a_maximum),
	    TEST(socket_files),
	    TEST(tcp_addresses),
	};

	return cmocka_run_group_tests(tests, group_start, group_stop);
}
