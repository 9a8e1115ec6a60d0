/*
 * accept-room: everything waits by running the loop, with a limit that only a
 * failing test meets.
 */
#include "accept-room.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "accept-fixture.h"
#include "util/clock.h"
#include "util/job.h"
#include "util/log.h"
#include "util/tls.h"

#define PATIENCE_MS 20000

/* ---- the room ----------------------------------------------------------- */

static void note(
    struct room *room, struct accept_ticket *ticket, struct message *message)
{
	message_free(room->mail);
	room->mail = message;
	room->ticket = ticket;
	if (!room->wait)
		room_answer(room, 250);
}

static void on_draft(
    struct accept_ticket *ticket, struct message *message, void *context)
{
	struct room *room = context;

	room->drafts++;
	note(room, ticket, message);
}

static void on_reply(struct accept_ticket *ticket, struct message *message,
    int64_t notice, void *context)
{
	struct room *room = context;

	room->replies++;
	room->notice = notice;
	note(room, ticket, message);
}

static void on_confirmed(int64_t draft, void *context)
{
	struct room *room = context;

	room->confirmed++;
	room->confirmed_draft = draft;
}

void room_answer(struct room *room, int code)
{
	const struct accept_answer yes = {250, "2.0.0", "held", 42};
	const struct accept_answer no = {code, "5.7.1", "no", 0};
	struct accept_ticket *ticket = room->ticket;

	assert_non_null(ticket);
	room->ticket = NULL;
	accept_answer(ticket, code == 250 ? &yes : &no);
}

void room_init(struct room *room, bool slow)
{
	memset(room, 0, sizeof(*room));
	log_init(LOG_LEVEL_ERROR);
	message_budget_init(SIZE_MAX);
	room->base = event_base_new();
	room->jobs = job_pool_new(room->base, 1);
	room->config = fixture_config(slow);
}

/* A port that nobody else has, as a service manager would give it to us. */
static int bind_socket(struct room *room)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t size = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
	room->port = ntohs(at.sin_port);
	room->config->listeners[0].port = room->port;
	return fd;
}

void room_open(struct room *room)
{
	const struct accept_hooks hooks = {
	    on_draft, on_reply, fixture_address, on_confirmed, room};
	struct error err = ERROR_INIT;
	int fd = bind_socket(room);

	room->accept =
	    accept_new(room->base, room->config, room->tls, room->jobs, &hooks);
	if (accept_listen(room->accept, &fd, 1, &err))
		fail_msg("%s", err.text);
}

void room_release(struct room *room)
{
	accept_free(room->accept);
	if (room->ticket != NULL)
		room_answer(room, 250);
	message_free(room->mail);
	job_queue_free(room->jobs);
	tls_server_free(room->tls);
	fixture_free(room->config);
	event_base_free(room->base);
}

void room_run(struct room *room)
{
	event_base_loop(room->base, EVLOOP_NONBLOCK);
}

/* ---- clients ------------------------------------------------------------- */

void client_open(struct client *client, struct room *room)
{
	struct sockaddr_in to = {.sin_family = AF_INET};
	int on = 1;

	memset(client, 0, sizeof(*client));
	buf_init(&client->in, 64u * 1024 * 1024);
	client->room = room;
	client->fd = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.sin_port = htons((uint16_t)room->port);
	assert_int_equal(
	    connect(client->fd, (struct sockaddr *)&to, sizeof(to)), 0);
}

void client_greet(struct client *client, struct room *room)
{
	client_open(client, room);
	client_expect(client, "220 mx.test ESMTP");
	client_try(client, "EHLO client.example", "250-mx.test\r\n");
}

void client_login(struct client *client, struct room *room)
{
	client_greet(client, room);
	client_try(client, "AUTH PLAIN AGRlbW8AZGVtbw==", "235 2.7.0 ");
}

void client_close(struct client *client)
{
	close(client->fd);
	buf_release(&client->in);
	room_run(client->room);
}

size_t client_take(struct client *client)
{
	char bytes[65536];
	ssize_t n;

	while ((n = recv(client->fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		buf_add(&client->in, bytes, (size_t)n);
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		client->closed = true;
	return client->in.len;
}

void client_send(struct client *client, const char *bytes, size_t size)
{
	int64_t by = clock_mono_ms() + PATIENCE_MS;
	ssize_t n;

	while (size > 0) {
		n = send(client->fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0) {
			bytes += n;
			size -= (size_t)n;
		} else if (errno != EAGAIN) {
			return; /* the room has closed: that will be seen */
		}
		room_run(client->room);
		client_take(client);
		assert_true(clock_mono_ms() < by);
	}
}

void client_say(struct client *client, const char *text)
{
	client_send(client, text, strlen(text));
}

/* The length of the whole reply that in begins with, or 0. */
static size_t reply_length(const struct buf *in)
{
	size_t at = 0;
	const char *lf;

	for (;;) {
		lf = memchr(in->data + at, '\n', in->len - at);
		if (lf == NULL)
			return 0;
		if (in->data[at + 3] != '-')
			return (size_t)(lf + 1 - in->data);
		at = (size_t)(lf + 1 - in->data);
	}
}

/* Run the room, slowly enough to let threads and timers have their turn. */
static void turn(struct client *client)
{
	const struct timeval little = {0, 2000};

	event_base_loopexit(client->room->base, &little);
	event_base_loop(client->room->base, EVLOOP_ONCE);
	client_take(client);
}

void client_expect(struct client *client, const char *begin)
{
	int64_t by = clock_mono_ms() + PATIENCE_MS;
	size_t n;

	client_take(client);
	while ((n = reply_length(&client->in)) == 0) {
		if (client->closed || clock_mono_ms() >= by)
			fail_msg("no reply, wanted \"%s\"", begin);
		turn(client);
	}
	if (n < strlen(begin) ||
	    memcmp(client->in.data, begin, strlen(begin)) != 0)
		fail_msg(
		    "\"%.*s\", wanted \"%s\"", (int)n, client->in.data, begin);
	buf_drop_front(&client->in, n);
}

void client_try(struct client *client, const char *line, const char *begin)
{
	client_say(client, line);
	client_say(client, "\r\n");
	client_expect(client, begin);
}

void client_expect_end(struct client *client)
{
	int64_t by = clock_mono_ms() + PATIENCE_MS;

	client_take(client);
	while (!client->closed) {
		assert_true(clock_mono_ms() < by);
		turn(client);
	}
	client_expect_nothing(client);
}

void client_expect_nothing(struct client *client)
{
	room_run(client->room);
	client_take(client);
	if (client->in.len > 0)
		fail_msg("\"%s\" was not expected", client->in.data);
}
