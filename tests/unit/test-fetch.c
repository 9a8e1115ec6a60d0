/*
 * Tests of util/fetch: against our own HTTP server on the same loop, against
 * sockets that misbehave, and against a TLS server with a certificate of
 * nobody's.
 */
#include "util/fetch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/httpd.h"
#include "util/listen.h"
#include "util/mem.h"

#define ANSWER_MAX  10000
#define DEADLINE_MS 20000
#define GUARD_S	    60

static struct event_base *base;
static struct httpd *httpd;
static struct fetch *fetch;
static unsigned port;
static struct httpd_request *kept[4];
static unsigned n_kept;
static unsigned n_done;

static void on_guard(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	(void)context;
	fail_msg("no answer");
}

/* Run the loop until so many are done. */
static void wait_for(unsigned n)
{
	const struct timeval most = {GUARD_S, 0};
	struct event *guard = evtimer_new(base, on_guard, NULL);

	event_add(guard, &most);
	while (n_done < n)
		event_base_loop(base, EVLOOP_ONCE);
	event_free(guard);
}

/* ---- servers ------------------------------------------------------------ */

static void reply(struct httpd_request *r, int status, const char *text)
{
	httpd_reply(r, status, "text/plain", (struct span){text, strlen(text)});
}

static void handle_echo(struct httpd_request *r, void *context)
{
	(void)context;
	httpd_reply(r, 200, "text/plain", r->body);
}

static void handle_never(struct httpd_request *r, void *context)
{
	(void)context;
	kept[n_kept++] = httpd_keep(r);
}

static void handle_large(struct httpd_request *r, void *context)
{
	char *large = mem_zalloc(ANSWER_MAX + 1);

	(void)context;
	httpd_reply(r, 200, "text/plain", (struct span){large, ANSWER_MAX + 1});
	free(large);
}

static void handle_broken(struct httpd_request *r, void *context)
{
	(void)context;
	reply(r, 500, "it broke");
}

static const struct httpd_route routes[] = {
    {"POST", "/echo", false, handle_echo},
    {"POST", "/never", false, handle_never},
    {"POST", "/large", false, handle_large},
    {"POST", "/broken", false, handle_broken},
    {NULL, NULL, false, NULL},
};

static int bound(unsigned *to)
{
	struct sockaddr_in sin;
	socklen_t size = sizeof(sin);
	struct error err = ERROR_INIT;
	int fd = listen_tcp("127.0.0.1", 0, &err);

	assert_true(fd >= 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &size), 0);
	*to = ntohs(sin.sin_port);
	return fd;
}

static int start(void **state)
{
	struct error err = ERROR_INIT;
	int fd = bound(&port);

	(void)state;
	base = event_base_new();
	httpd = httpd_new(base, 1 << 20, 30, 100);
	httpd_add_routes(httpd, routes, NULL);
	assert_int_equal(httpd_listen_fd(httpd, fd, &err), 0);
	fetch = fetch_new(base);
	n_kept = 0;
	n_done = 0;
	return 0;
}

static int stop(void **state)
{
	(void)state;
	fetch_free(fetch);
	while (n_kept > 0)
		reply(kept[--n_kept], 200, "");
	httpd_free(httpd);
	event_base_free(base);
	return 0;
}

/* A server that says one thing and resets, or only resets. */
struct rude {
	int fd;
	const char *says;
	struct event *event;
};

static void on_heard(evutil_socket_t fd, short what, void *context)
{
	const struct rude *rude = context;
	const struct linger at_once = {1, 0};
	char bytes[4096];
	ssize_t n = recv(fd, bytes, sizeof(bytes), 0);

	(void)what;
	/* what is not read when it closes makes a reset of the close */
	if (n >= 5 && memcmp(bytes + n - 5, "hello", 5) != 0) {
		event_base_once(base, fd, EV_READ, on_heard, context, NULL);
		return;
	}
	if (n > 0 && rude->says != NULL)
		assert_true(send(fd, rude->says, strlen(rude->says), 0) > 0);
	else
		setsockopt(
		    fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(fd);
}

static void on_rude(evutil_socket_t fd, short what, void *context)
{
	struct rude *rude = context;
	int peer = accept(fd, NULL, NULL);

	(void)what;
	if (peer >= 0)
		event_base_once(base, peer, EV_READ, on_heard, rude, NULL);
}

static unsigned rude_start(struct rude *rude, const char *says)
{
	unsigned at;

	rude->says = says;
	rude->fd = bound(&at);
	assert_int_equal(listen(rude->fd, 10), 0);
	evutil_make_socket_nonblocking(rude->fd);
	rude->event =
	    event_new(base, rude->fd, EV_READ | EV_PERSIST, on_rude, rude);
	event_add(rude->event, NULL);
	return at;
}

static void rude_stop(struct rude *rude)
{
	event_free(rude->event);
	close(rude->fd);
}

/* ---- requests ----------------------------------------------------------- */

static void on_done(struct fetch_ask *post)
{
	(void)post;
	n_done++;
}

static void post_to(struct fetch_ask *post, char url[200], unsigned at,
    const char *path, unsigned deadline_ms)
{
	snprintf(url, 200, "http://127.0.0.1:%u%s", at, path);
	memset(post, 0, sizeof(*post));
	post->url = url;
	post->body = (struct span){"hello", 5};
	post->deadline_ms = deadline_ms;
	post->answer_max = ANSWER_MAX;
	post->done = on_done;
	fetch_ask(fetch, post);
}

/* One request whose answer is awaited; the caller releases post->answer. */
static void ask(
    struct fetch_ask *post, unsigned at, const char *path, unsigned deadline_ms)
{
	char url[200];

	n_done = 0;
	post_to(post, url, at, path, deadline_ms);
	assert_int_equal(n_done, 0);
	wait_for(1);
}

static void expect_error(
    struct fetch_ask *post, enum error_kind kind, const char *text)
{
	if (strstr(post->error.text, text) == NULL)
		print_message("%s\n", post->error.text);
	assert_int_equal(post->error.kind, kind);
	assert_non_null(strstr(post->error.text, text));
	buf_release(&post->answer);
}

static void test_ok(void **state)
{
	struct fetch_ask post;

	(void)state;
	ask(&post, port, "/echo", DEADLINE_MS);
	assert_int_equal(post.error.kind, ERROR_NONE);
	assert_int_equal(post.status, 200);
	assert_string_equal(post.answer.data, "hello");
	buf_release(&post.answer);
	ask(&post, port, "/broken", DEADLINE_MS);
	assert_int_equal(post.error.kind, ERROR_NONE);
	assert_int_equal(post.status, 500);
	assert_string_equal(post.answer.data, "it broke");
	buf_release(&post.answer);
}

static void test_many(void **state)
{
	static struct fetch_ask posts[200];
	static char urls[200][200];
	unsigned i;

	(void)state;
	for (i = 0; i < 200; i++)
		post_to(&posts[i], urls[i], port, "/echo", DEADLINE_MS);
	wait_for(200);
	for (i = 0; i < 200; i++) {
		assert_int_equal(posts[i].error.kind, ERROR_NONE);
		assert_string_equal(posts[i].answer.data, "hello");
		buf_release(&posts[i].answer);
	}
}

static void test_slow(void **state)
{
	struct fetch_ask post;

	(void)state;
	ask(&post, port, "/never", 300);
	expect_error(&post, ERROR_BUSY, "did not answer within");
}

static void test_too_large(void **state)
{
	struct fetch_ask post;

	(void)state;
	ask(&post, port, "/large", DEADLINE_MS);
	expect_error(&post, ERROR_BUSY, "answered with more than 10000 bytes");
}

static void test_refused(void **state)
{
	struct fetch_ask post;
	unsigned at;
	int fd = bound(&at);

	(void)state;
	close(fd);
	ask(&post, at, "/", DEADLINE_MS);
	expect_error(&post, ERROR_BUSY, "could not be asked");
}

static void test_rude(void **state)
{
	static const char *const says[][2] = {{NULL, "eset"},
	    {"220 smtp.example ESMTP\r\n", "HTTP/0.9"},
	    {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
		"remaining to read"}};
	struct fetch_ask post;
	struct rude rude;
	unsigned at;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		at = rude_start(&rude, says[i][0]);
		ask(&post, at, "/", DEADLINE_MS);
		expect_error(&post, ERROR_BUSY, says[i][1]);
		rude_stop(&rude);
	}
}

/* ---- a server that keeps its connections, until it does not -------------- */

struct keeper {
	int fd;
	struct event *event;
	unsigned heard; /* requests */
};

/* Answers what comes first; hangs up on the second. */
static void on_kept(evutil_socket_t fd, short what, void *context)
{
	static const char fine[] = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n"
				   "\r\nfine";
	struct keeper *keeper = context;
	char bytes[4096];
	ssize_t n = recv(fd, bytes, sizeof(bytes), 0);

	(void)what;
	if (n >= 5 && memcmp(bytes + n - 5, "hello", 5) == 0 &&
	    ++keeper->heard != 2)
		assert_true(send(fd, fine, strlen(fine), 0) > 0);
	else if (n < 5 || keeper->heard == 2) {
		close(fd);
		return;
	}
	event_base_once(base, fd, EV_READ, on_kept, context, NULL);
}

static void on_keeper(evutil_socket_t fd, short what, void *context)
{
	int peer = accept(fd, NULL, NULL);

	(void)what;
	if (peer >= 0)
		event_base_once(base, peer, EV_READ, on_kept, context, NULL);
}

/* Two requests; the second one is hung up on.  Returns how many were heard. */
static unsigned two_of(struct fetch_ask *second, bool once)
{
	struct keeper keeper = {.heard = 0};
	struct fetch_ask first;
	char url[200];
	unsigned at;

	keeper.fd = bound(&at);
	assert_int_equal(listen(keeper.fd, 10), 0);
	evutil_make_socket_nonblocking(keeper.fd);
	keeper.event = event_new(
	    base, keeper.fd, EV_READ | EV_PERSIST, on_keeper, &keeper);
	event_add(keeper.event, NULL);
	ask(&first, at, "/", DEADLINE_MS);
	assert_int_equal(first.error.kind, ERROR_NONE);
	buf_release(&first.answer);
	n_done = 0;
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/", at);
	*second = (struct fetch_ask){.url = url,
	    .body = {"hello", 5},
	    .deadline_ms = DEADLINE_MS,
	    .answer_max = ANSWER_MAX,
	    .once = once,
	    .done = on_done};
	fetch_ask(fetch, second);
	wait_for(1);
	event_free(keeper.event);
	close(keeper.fd);
	return keeper.heard;
}

/* What must not be done twice is not sent twice. */
static void test_once(void **state)
{
	struct fetch_ask post;

	(void)state;
	assert_int_equal(two_of(&post, true), 2);
	expect_error(&post, ERROR_BUSY, "");
}

/* What may be sent again is: a kept connection can have died meanwhile. */
static void test_again(void **state)
{
	struct fetch_ask post;

	(void)state;
	assert_int_equal(two_of(&post, false), 3);
	assert_int_equal(post.error.kind, ERROR_NONE);
	assert_string_equal(post.answer.data, "fine");
	buf_release(&post.answer);
}

/* Where a redirect leads is not our business. */
static void test_redirect(void **state)
{
	struct fetch_ask post;
	struct rude rude;
	char says[200];
	unsigned at;

	(void)state;
	snprintf(says, sizeof(says),
	    "HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:%u/echo\r\n"
	    "Content-Length: 0\r\n\r\n",
	    port);
	at = rude_start(&rude, says);
	ask(&post, at, "/", DEADLINE_MS);
	rude_stop(&rude);
	assert_int_equal(post.error.kind, ERROR_NONE);
	assert_int_equal(post.status, 307);
	assert_int_equal(post.answer.len, 0);
	buf_release(&post.answer);
}

static void test_invalid(void **state)
{
	static const char *const urls[] = {
	    "file:///etc/passwd", "gopher://127.0.0.1/", "http://", ""};
	static const char *const evil[] = {"X: a\r\nY: b", NULL};
	struct fetch_ask post = {.answer_max = 100};
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		post.url = urls[i];
		post.deadline_ms = DEADLINE_MS;
		post.done = on_done;
		n_done = 0;
		fetch_ask(fetch, &post);
		wait_for(1);
		expect_error(&post, ERROR_INVALID, "URL");
	}
	post.headers = evil;
	n_done = 0;
	fetch_ask(fetch, &post);
	assert_int_equal(n_done, 0);
	wait_for(1);
	expect_error(&post, ERROR_INVALID, "control character");
}

/* What the environment says of proxies is not listened to. */
static void test_proxy(void **state)
{
	struct fetch_ask post;

	(void)state;
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	ask(&post, port, "/echo", DEADLINE_MS);
	unsetenv("http_proxy");
	assert_int_equal(post.error.kind, ERROR_NONE);
	buf_release(&post.answer);
}

static void test_at_the_end(void **state)
{
	struct fetch_ask posts[3];
	char urls[3][200];
	unsigned i;

	(void)state;
	for (i = 0; i < 3; i++)
		post_to(&posts[i], urls[i], port, "/never", DEADLINE_MS);
	while (n_kept == 0)
		event_base_loop(base, EVLOOP_ONCE);
	fetch_free(fetch);
	fetch = NULL;
	assert_int_equal(n_done, 3);
	for (i = 0; i < 3; i++)
		expect_error(&posts[i], ERROR_BUSY, "we are closing");
}

/* ---- TLS ---------------------------------------------------------------- */

static const char tls_server[] =
    "import http.server, ssl, subprocess, sys, os\n"
    "d = sys.argv[1]\n"
    "subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048',\n"
    "  '-nodes', '-keyout', d + '/key', '-out', d + '/crt', '-days', '2',\n"
    "  '-subj', '/CN=x', '-addext', 'subjectAltName=DNS:localhost'],\n"
    "  check=True, capture_output=True)\n"
    "class H(http.server.BaseHTTPRequestHandler):\n"
    "  def do_POST(self):\n"
    "    self.send_response(200)\n"
    "    self.send_header('Content-Length', '2')\n"
    "    self.end_headers()\n"
    "    self.wfile.write(b'ok')\n"
    "  def log_message(self, *a): pass\n"
    "s = http.server.HTTPServer(('127.0.0.1', 0), H)\n"
    "c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\n"
    "c.load_cert_chain(d + '/crt', d + '/key')\n"
    "s.socket = c.wrap_socket(s.socket, server_side=True)\n"
    "print(s.server_port, flush=True)\n"
    "s.handle_error = lambda *a: None\n"
    "while True: s.handle_request()\n";

/* Its port; *pid is to be killed. */
static unsigned start_tls(const char *folder, pid_t *pid)
{
	unsigned at = 0;
	int pipes[2];
	FILE *out;

	assert_int_equal(pipe(pipes), 0);
	*pid = fork();
	if (*pid == 0) {
		dup2(pipes[1], STDOUT_FILENO);
		execlp("python3", "python3", "-c", tls_server, folder, NULL);
		_exit(127);
	}
	close(pipes[1]);
	out = fdopen(pipes[0], "r");
	assert_int_equal(fscanf(out, "%u", &at), 1);
	fclose(out);
	return at;
}

static void ask_tls(
    struct fetch_ask *post, const char *host, unsigned at, const char *ca_file)
{
	static char url[200];

	snprintf(url, sizeof(url), "https://%s:%u/", host, at);
	memset(post, 0, sizeof(*post));
	post->url = url;
	post->ca_file = ca_file;
	post->deadline_ms = DEADLINE_MS;
	post->answer_max = ANSWER_MAX;
	post->done = on_done;
	n_done = 0;
	fetch_ask(fetch, post);
	wait_for(1);
}

static void test_tls(void **state)
{
	char folder[] = "/tmp/test-fetch.XXXXXX", crt[64], key[64];
	struct fetch_ask post;
	unsigned at;
	pid_t pid;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(crt, sizeof(crt), "%s/crt", folder);
	snprintf(key, sizeof(key), "%s/key", folder);
	at = start_tls(folder, &pid);
	ask_tls(&post, "localhost", at, crt);
	if (post.error.kind != ERROR_NONE)
		print_message("%s\n", post.error.text);
	assert_int_equal(post.error.kind, ERROR_NONE);
	assert_string_equal(post.answer.data, "ok");
	buf_release(&post.answer);
	/* nobody vouches for it; its name is another */
	ask_tls(&post, "localhost", at, NULL);
	expect_error(&post, ERROR_BUSY, "certificate");
	ask_tls(&post, "127.0.0.1", at, crt);
	expect_error(&post, ERROR_BUSY, "could not be asked");
	kill(pid, SIGKILL);
	unlink(crt);
	unlink(key);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_ok, start, stop),
	    cmocka_unit_test_setup_teardown(test_many, start, stop),
	    cmocka_unit_test_setup_teardown(test_slow, start, stop),
	    cmocka_unit_test_setup_teardown(test_too_large, start, stop),
	    cmocka_unit_test_setup_teardown(test_refused, start, stop),
	    cmocka_unit_test_setup_teardown(test_rude, start, stop),
	    cmocka_unit_test_setup_teardown(test_once, start, stop),
	    cmocka_unit_test_setup_teardown(test_again, start, stop),
	    cmocka_unit_test_setup_teardown(test_redirect, start, stop),
	    cmocka_unit_test_setup_teardown(test_invalid, start, stop),
	    cmocka_unit_test_setup_teardown(test_proxy, start, stop),
	    cmocka_unit_test_setup_teardown(test_at_the_end, start, stop),
	    cmocka_unit_test_setup_teardown(test_tls, start, stop),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
