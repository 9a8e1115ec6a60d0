/*
 * Tests of util/websocket against a server of Python's standard library, which
 * behaves well and badly, with certificates good and bad.
 */
#include "util/websocket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/mem.h"

#define GUARD_S 60

enum { CLEAR, GOOD, OTHER, ALIEN, OLD, DATED, N_PORTS };

static struct event_base *base;
static char folder[] = "/tmp/test-websocket-XXXXXX";
static unsigned ports[N_PORTS];
static pid_t server;
static int server_in;

/* What one websocket told. */
struct seen {
	struct websocket *websocket;
	unsigned opened, n_heard, closed;
	char last[64];
	size_t last_len;
	char why[300];
	/* what is done then */
	const char *say;
	bool free_when_opened, free_when_heard, free_when_closed;
	unsigned heard_wanted;
};

static void on_opened(void *context)
{
	struct seen *s = context;

	assert_int_equal(s->closed, 0);
	s->opened++;
	if (s->say != NULL)
		websocket_send(
		    s->websocket, (struct span){s->say, strlen(s->say)});
	if (s->free_when_opened) {
		websocket_free(s->websocket);
		s->websocket = NULL;
	}
}

static void on_heard(struct span text, void *context)
{
	struct seen *s = context;

	assert_int_equal(s->opened, 1);
	assert_int_equal(s->closed, 0);
	s->n_heard++;
	s->last_len = text.len;
	snprintf(s->last, sizeof(s->last), "%.*s", (int)text.len, text.data);
	if (s->free_when_heard) {
		websocket_free(s->websocket);
		s->websocket = NULL;
	}
}

static void on_closed(const char *why, void *context)
{
	struct seen *s = context;

	s->closed++;
	snprintf(s->why, sizeof(s->why), "%s", why);
	if (s->free_when_closed) {
		websocket_free(s->websocket);
		s->websocket = NULL;
	}
}

static void on_guard(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	*(bool *)context = true;
}

/* Run the loop until one of them is as wanted. */
static void wait_for(const unsigned *what, unsigned wanted)
{
	const struct timeval most = {GUARD_S, 0};
	bool late = false;
	struct event *guard = evtimer_new(base, on_guard, &late);

	event_add(guard, &most);
	while (*what < wanted && !late)
		late |= event_base_loop(base, EVLOOP_ONCE) < 0;
	event_free(guard);
	assert_false(late);
}

static struct websocket *open_at(struct seen *seen, const char *url,
    const char *ca_file, unsigned deadline_ms, unsigned silence_s)
{
	const struct websocket_place place = {
	    .url = url,
	    .ca_file = ca_file,
	    .deadline_ms = deadline_ms,
	    .heard_max = 100000,
	    .silence_s = silence_s,
	};
	const struct websocket_hooks hooks = {
	    .opened = on_opened,
	    .heard = on_heard,
	    .closed = on_closed,
	    .context = seen,
	};

	seen->websocket = websocket_new(base, &place, &hooks);
	return seen->websocket;
}

static void open_path(struct seen *seen, const char *path)
{
	char url[200];

	snprintf(url, sizeof(url), "ws://127.0.0.1:%u%s", ports[CLEAR], path);
	open_at(seen, url, NULL, GUARD_S * 1000, 600);
}

static unsigned n_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned n = 0;

	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

/* ---- the server --------------------------------------------------------- */

static int start(void **state)
{
	int in[2], out[2];
	char line[100] = "";
	size_t len = 0;
	ssize_t n;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_non_null(mkdtemp(folder));
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	server = fork();
	assert_true(server >= 0);
	if (server == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		execlp("python3", "python3",
		    TOP_SRCDIR "/tests/unit/websocket-server.py", folder,
		    (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	server_in = in[1];
	while (strchr(line, '\n') == NULL) {
		n = read(out[0], line + len, sizeof(line) - 1 - len);
		assert_true(n > 0);
		len += (size_t)n;
	}
	close(out[0]);
	assert_int_equal(sscanf(line, "%u %u %u %u %u %u", &ports[0], &ports[1],
			     &ports[2], &ports[3], &ports[4], &ports[5]),
	    6);
	base = event_base_new();
	return 0;
}

static int stop(void **state)
{
	char command[100];

	(void)state;
	event_base_free(base);
	close(server_in);
	waitpid(server, NULL, 0);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

/* ---- tests -------------------------------------------------------------- */

static void test_echo(void **state)
{
	struct seen seen = {.say = "hello"};
	char url[100];

	(void)state;
	snprintf(url, sizeof(url), "ws://localhost:%u/echo?ticket=%%41&x=y",
	    ports[CLEAR]);
	open_at(&seen, url, NULL, GUARD_S * 1000, 600);
	assert_int_equal(seen.opened, 0);
	wait_for(&seen.n_heard, 1);
	assert_string_equal(seen.last, "hello");
	websocket_free(seen.websocket);
	assert_int_equal(seen.closed, 0);
}

/* In the order in which they were given, also when all are given at once. */
static void test_many(void **state)
{
	struct seen seen = {.say = "-1"};
	char text[20];
	unsigned i;

	(void)state;
	open_path(&seen, "/echo");
	wait_for(&seen.opened, 1);
	for (i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "%u", i);
		websocket_send(
		    seen.websocket, (struct span){text, strlen(text)});
	}
	wait_for(&seen.n_heard, 500);
	assert_string_equal(seen.last, "498");
	wait_for(&seen.n_heard, 1001);
	assert_string_equal(seen.last, "999");
	websocket_free(seen.websocket);
}

static void test_head(void **state)
{
	static const char *const never[] = {"Origin:", "permessage"};
	struct seen seen = {0};
	size_t i;

	(void)state;
	open_path(&seen, "/head");
	wait_for(&seen.n_heard, 1);
	assert_memory_equal(seen.last, "GET /head HTTP/1.1\r\n", 20);
	for (i = 0; i < 2; i++)
		assert_null(strstr(seen.last, never[i]));
	websocket_free(seen.websocket);
}

static void test_pieces(void **state)
{
	struct seen seen = {0};

	(void)state;
	open_path(&seen, "/pieces");
	wait_for(&seen.n_heard, 1);
	assert_string_equal(seen.last, "one zw\xc3\xb6lf three");
	websocket_free(seen.websocket);
}

static void test_large(void **state)
{
	struct seen seen = {0};

	(void)state;
	open_path(&seen, "/large");
	wait_for(&seen.n_heard, 1);
	assert_int_equal(seen.last_len, 90000);
	websocket_free(seen.websocket);
}

/* It ends, and says why. */
static void test_ends(void **state)
{
	static const struct {
		const char *path, *why;
		unsigned opened, heard;
	} rows[] = {
	    {"/larger", "too long", 1, 0},
	    {"/endless", "too long", 1, 0},
	    {"/binary", "no text", 1, 0},
	    {"/bye", "hung up", 1, 1},
	    {"/cut", "hung up", 1, 0},
	    {"/nonsense", "hung up", 1, 0},
	    {"/redirect", "127.0.0.1: ", 0, 0},
	    {"/denied", "127.0.0.1: ", 0, 0},
	    {"/page", "127.0.0.1: ", 0, 0},
	    {"/liar", "127.0.0.1: ", 0, 0},
	};
	struct seen seen;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		seen = (struct seen){.free_when_closed = i % 2 == 0};
		open_path(&seen, rows[i].path);
		wait_for(&seen.closed, 1);
		assert_non_null(strstr(seen.why, rows[i].why));
		assert_null(strstr(seen.why, rows[i].path));
		assert_int_equal(seen.opened, rows[i].opened);
		assert_int_equal(seen.n_heard, rows[i].heard);
		websocket_free(seen.websocket);
		assert_int_equal(seen.closed, 1);
	}
}

static void test_silence(void **state)
{
	struct seen seen = {0};
	char url[100];

	(void)state;
	snprintf(url, sizeof(url), "ws://127.0.0.1:%u/deaf", ports[CLEAR]);
	open_at(&seen, url, NULL, GUARD_S * 1000, 2);
	wait_for(&seen.closed, 1);
	assert_int_equal(seen.opened, 1);
	websocket_free(seen.websocket);

	seen = (struct seen){0};
	snprintf(url, sizeof(url), "ws://127.0.0.1:%u/alive", ports[CLEAR]);
	open_at(&seen, url, NULL, GUARD_S * 1000, 2);
	wait_for(&seen.n_heard, 1);
	assert_string_equal(seen.last, "three pings");
	websocket_free(seen.websocket);
}

static void test_deadline(void **state)
{
	struct seen seen = {0};
	char url[100];

	(void)state;
	snprintf(url, sizeof(url), "ws://127.0.0.1:%u/never", ports[CLEAR]);
	open_at(&seen, url, NULL, 1000, 600);
	wait_for(&seen.closed, 1);
	assert_string_equal(seen.why, "127.0.0.1: did not answer within 1 s");
	assert_int_equal(seen.opened, 0);
	websocket_free(seen.websocket);
}

static void test_url(void **state)
{
	static const char *const urls[] = {"", "http://localhost/", "ws://",
	    "wss:///path", "ws://localhost:0/", "ws://localhost:65536/",
	    "ws://localhost:99999999999999999999/", "ws://local host/",
	    "ws://u:p@localhost/", "ws://localhost/#f",
	    "ws://localhost/\r\nX:", "ws://[::1", "ws://[]/",
	    "ws://h\xc3\xb6st/", "ws://localhost:8x/", "WS://localhost/"};
	char long_url[400];
	struct seen seen;
	size_t i;

	(void)state;
	memset(long_url, 'a', sizeof(long_url));
	memcpy(long_url, "ws://", 5);
	long_url[sizeof(long_url) - 1] = '\0';
	for (i = 0; i <= sizeof(urls) / sizeof(urls[0]); i++) {
		seen = (struct seen){0};
		open_at(&seen,
		    i < sizeof(urls) / sizeof(urls[0]) ? urls[i] : long_url,
		    NULL, GUARD_S * 1000, 600);
		wait_for(&seen.closed, 1);
		assert_non_null(strstr(seen.why, "its URL is not"));
		websocket_free(seen.websocket);
	}
}

static void test_refused(void **state)
{
	struct seen seen = {0};

	(void)state;
	/* nobody listens on the port of tcpmux */
	open_at(&seen, "ws://127.0.0.1:1/", NULL, GUARD_S * 1000, 600);
	wait_for(&seen.closed, 1);
	assert_memory_equal(seen.why, "127.0.0.1: ", 11);
	websocket_free(seen.websocket);
}

static void test_tls(void **state)
{
	char good[100], theirs[100], none[100], url[100];
	const struct {
		int port;
		const char *ca_file, *host, *why; /* why: it does not work */
	} rows[] = {
	    {GOOD, good, "localhost", NULL},
	    {GOOD, theirs, "localhost", "unable to get local issuer"},
	    {GOOD, none, "localhost", "none.pem"},
	    {GOOD, NULL, "localhost", "unable to get local issuer"},
	    {GOOD, good, "127.0.0.1", "IP address mismatch"},
	    {OTHER, good, "localhost", "hostname mismatch"},
	    {ALIEN, good, "localhost", "unable to get local issuer"},
	    {ALIEN, theirs, "localhost", NULL},
	    {OLD, good, "localhost", "certificate has expired"},
	    {DATED, good, "localhost", "localhost: "},
	    {CLEAR, good, "localhost", "did not answer within"},
	};
	struct seen seen;
	size_t i;

	(void)state;
	snprintf(good, sizeof(good), "%s/ours.pem", folder);
	snprintf(theirs, sizeof(theirs), "%s/theirs.pem", folder);
	snprintf(none, sizeof(none), "%s/none.pem", folder);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(url, sizeof(url), "wss://%s:%u/echo", rows[i].host,
		    ports[rows[i].port]);
		seen = (struct seen){.say = "hello"};
		open_at(&seen, url, rows[i].ca_file,
		    rows[i].port == CLEAR ? 1000 : GUARD_S * 1000, 600);
		wait_for(rows[i].why == NULL ? &seen.n_heard : &seen.closed, 1);
		if (rows[i].why != NULL && !strstr(seen.why, rows[i].why))
			print_message("%zu: %s\n", i, seen.why);
		assert_true(
		    rows[i].why == NULL || strstr(seen.why, rows[i].why));
		assert_int_equal(seen.opened, rows[i].why == NULL);
		websocket_free(seen.websocket);
	}
}

/* An environment of whoever started us leads nowhere else. */
static void test_proxy(void **state)
{
	struct seen seen = {.say = "hello"};

	(void)state;
	setenv("http_proxy", "127.0.0.1:1", 1);
	setenv("https_proxy", "127.0.0.1:1", 1);
	open_path(&seen, "/echo");
	wait_for(&seen.n_heard, 1);
	websocket_free(seen.websocket);
	unsetenv("http_proxy");
	unsetenv("https_proxy");
}

/* At whatever moment it is freed, nothing is left and nothing is told. */
static void test_freed(void **state)
{
	struct seen seen;
	unsigned before, i, turns;

	(void)state;
	before = n_descriptors();
	for (i = 0; i < 60; i++) {
		seen = (struct seen){.say = "hello",
		    .free_when_opened = i % 3 == 1,
		    .free_when_heard = i % 3 == 2};
		open_path(&seen, "/echo");
		if (i % 3 == 1) {
			wait_for(&seen.opened, 1);
		} else if (i % 3 == 2) {
			wait_for(&seen.n_heard, 1);
		} else {
			for (turns = 0; turns < i / 3; turns++)
				event_base_loop(base, EVLOOP_NONBLOCK);
			websocket_free(seen.websocket);
		}
		assert_int_equal(seen.closed, 0);
	}
	assert_int_equal(n_descriptors(), before);
	event_base_loop(base, EVLOOP_NONBLOCK);
}

/* The daemon may have many descriptors open. */
static void test_high_descriptor(void **state)
{
	struct seen seen = {.say = "hello"};
	int fds[300];
	size_t i;

	(void)state;
	for (i = 0; i < 300; i++)
		fds[i] = dup(2);
	open_path(&seen, "/echo");
	wait_for(&seen.n_heard, 1);
	websocket_free(seen.websocket);
	for (i = 0; i < 300; i++)
		close(fds[i]);
}

static void test_absent(void **state)
{
	struct seen seen = {0};

	(void)state;
	open_at(&seen, "ws://localhost/", NULL, GUARD_S * 1000, 600);
	wait_for(&seen.closed, 1);
	assert_string_equal(seen.why, "built without libwebsockets");
	websocket_free(seen.websocket);
}

int main(void)
{
	const struct CMUnitTest with[] = {
	    cmocka_unit_test(test_echo),
	    cmocka_unit_test(test_many),
	    cmocka_unit_test(test_head),
	    cmocka_unit_test(test_pieces),
	    cmocka_unit_test(test_large),
	    cmocka_unit_test(test_ends),
	    cmocka_unit_test(test_silence),
	    cmocka_unit_test(test_deadline),
	    cmocka_unit_test(test_url),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_tls),
	    cmocka_unit_test(test_proxy),
	    cmocka_unit_test(test_freed),
	    cmocka_unit_test(test_high_descriptor),
	};
	const struct CMUnitTest without[] = {
	    cmocka_unit_test(test_url),
	    cmocka_unit_test(test_absent),
	};

	return websocket_built() ? cmocka_run_group_tests(with, start, stop)
				 : cmocka_run_group_tests(without, start, stop);
}
