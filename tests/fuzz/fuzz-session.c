/*
 * Fuzzes a whole session over a socket pair: no crash; every reply well formed;
 * every mail that is handed over one that may go on: CRLF alone, no NUL, a
 * sender that its agent may use, recipients that are no commands.
 *
 * The first byte chooses who the client is and when mails are answered.  In
 * the rest a byte 0xff is not sent but lets the session run; all else is what
 * the client says.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "accept/auth.h"
#include "accept/peer.h"
#include "accept/session.h"

#include "config/config.h"
#include "message.h"

#include "util/digest.h"
#include "util/log.h"
#include "util/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LOGIN = 1, LATER = 2, HALF = 4, ANSWERS = 8, CLOSE = 16, TRUSTED = 32 };

#define HELLO "EHLO fuzz.example\r\nAUTH PLAIN AGRlbW8AZGVtbw==\r\n"
#define MOST  (256u * 1024)

static const char *const senders[] = {"*@demo.example", NULL};
static const char *const networks[] = {"192.0.2.0/24", NULL};

static struct {
	struct event_base *base;
	struct config config;
	struct config_agent agents[2];
	struct config_listener listener;
	struct session_room room;
	struct accept_ticket *ticket;
	bool later;
	struct buf said;
} f;

static void expect(bool right)
{
	if (!right)
		abort();
}

/* ---- what is handed over ------------------------------------------------- */

static void check_address(const char *address)
{
	const char *c;

	for (c = address; *c != '\0'; c++)
		expect((unsigned char)*c >= ' ' && *c != 0x7f);
	expect(*address == '\0' || strchr(address, '@') != NULL);
}

static void check_bytes(const struct buf *bytes)
{
	size_t i;

	for (i = 0; i < bytes->len; i++) {
		expect(bytes->data[i] != '\0');
		if (bytes->data[i] == '\r')
			expect(bytes->data[i + 1] == '\n');
		if (bytes->data[i] == '\n')
			expect(i > 0 && bytes->data[i - 1] == '\r');
	}
	expect(bytes->len == 0 || bytes->data[bytes->len - 1] == '\n');
}

static void answer(int code)
{
	const struct accept_answer a = {
	    code, code == 250 ? "2.0.0" : "5.7.1", "so it is", code == 250};
	struct accept_ticket *ticket = f.ticket;

	if (ticket == NULL)
		return;
	f.ticket = NULL;
	accept_answer(ticket, &a);
}

static void take(struct accept_ticket *ticket, struct message *message)
{
	const struct envelope *e = &message->envelope;
	size_t i;

	expect(f.ticket == NULL);
	expect(e->n_recipients > 0);
	check_address(e->from);
	for (i = 0; i < e->n_recipients; i++)
		check_address(e->recipients[i].address);
	check_bytes(&message->bytes);
	message_free(message);
	f.ticket = ticket;
	if (!f.later)
		answer(250);
}

static void on_draft(
    struct accept_ticket *ticket, struct message *message, void *context)
{
	const struct config_agent *agent =
	    config_agent(&f.config, message->agent);

	(void)context;
	expect(agent != NULL);
	expect(config_agent_may_send_as(agent, message->envelope.from));
	take(ticket, message);
}

static void on_reply(struct accept_ticket *ticket, struct message *message,
    int64_t notice, void *context)
{
	(void)context;
	expect(notice == 7 && message->agent == NULL);
	expect(message->envelope.n_recipients == 1);
	take(ticket, message);
}

static enum accept_address on_address(
    const char *address, int64_t *notice, void *context)
{
	(void)context;
	check_address(address);
	if (!message_address_fits(address, "*@review"))
		return ACCEPT_NOT_REVIEW;
	if (!message_same_address(address, "d-7@review"))
		return ACCEPT_FORGED;
	*notice = 7;
	return ACCEPT_REVIEW;
}

static void on_confirmed(int64_t draft, void *context)
{
	(void)context;
	expect(draft == 1);
}

/* ---- what is said -------------------------------------------------------- */

static void check_said(void)
{
	const char *line = f.said.data, *end, *c;

	while ((end = strstr(line, "\r\n")) != NULL) {
		expect(end - line >= 4 && end - line <= 510);
		expect(line[0] >= '2' && line[0] <= '5');
		expect(line[3] == ' ' || line[3] == '-');
		for (c = line; c < end; c++)
			expect(*c >= ' ' && *c <= '~');
		line = end + 2;
	}
	expect(*line == '\0');
}

static void listen_to(int fd)
{
	char bytes[4096];
	ssize_t n;

	while ((n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		buf_add(&f.said, bytes, (size_t)n);
}

static void run(int fd)
{
	event_base_loop(f.base, EVLOOP_NONBLOCK);
	listen_to(fd);
}

static void say(int fd, const char *bytes, size_t size)
{
	ssize_t n;
	int tries;

	for (tries = 0; size > 0 && tries < 1000; tries++) {
		n = send(fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0) {
			bytes += n;
			size -= (size_t)n;
		}
		run(fd);
	}
}

/* ---- one session --------------------------------------------------------- */

static void start(void)
{
	static const struct timeval long_time = {3600, 0};

	signal(SIGPIPE, SIG_IGN);
	log_init(LOG_LEVEL_ERROR);
	f.base = event_base_new();
	f.agents[0] = (struct config_agent){.name = "demo",
	    .password = digest_secret_store("demo", false),
	    .senders = senders};
	f.agents[1] = (struct config_agent){
	    .name = "local", .networks = networks, .senders = senders};
	f.config.agents = f.agents;
	f.config.n_agents = 2;
	f.config.hostname = "fuzz.test";
	f.config.limits = (struct config_limits){.message_size = 16 * 1024,
	    .recipients = 5,
	    .errors = 20,
	    .message_timeout_s = 3600};
	f.listener = (struct config_listener){
	    .address = "127.0.0.1", .clear_auth = true, .agents = true};
	f.room.base = f.base;
	f.room.config = &f.config;
	f.room.auth = auth_new(&f.config, NULL);
	f.room.peers = peer_table_new(1000000);
	f.room.hooks = (struct accept_hooks){
	    on_draft, on_reply, on_address, on_confirmed, NULL};
	f.room.command_timeout = &long_time;
	f.room.data_timeout = &long_time;
	buf_init(&f.said, 64u * 1024 * 1024);
}

static void play(int fd, const char *s, size_t n)
{
	const char *end;

	while (n > 0) {
		end = memchr(s, 0xff, n);
		say(fd, s, end == NULL ? n : (size_t)(end - s));
		run(fd);
		answer((n & 1) != 0 ? 250 : 550);
		n = end == NULL ? 0 : n - (size_t)(end + 1 - s);
		s = end == NULL ? s : end + 1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *address;
	int pair[2];

	if (f.base == NULL)
		start();
	if (size == 0 || size > MOST ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) != 0)
		return 0;
	address = (data[0] & TRUSTED) != 0 ? "192.0.2.1" : "127.0.0.1";
	f.later = (data[0] & LATER) != 0;
	f.listener.reviews = (data[0] & ANSWERS) != 0;
	f.room.closing = NULL;
	session_open(&f.room, &f.listener, peer_take(f.room.peers, address, 10),
	    address, pair[0]);
	if ((data[0] & LOGIN) != 0)
		say(pair[1], HELLO, sizeof(HELLO) - 1);
	play(pair[1], (const char *)data + 1, size - 1);
	if ((data[0] & CLOSE) != 0)
		f.room.closing = "closing";
	if ((data[0] & HALF) != 0)
		shutdown(pair[1], SHUT_WR);
	run(pair[1]);
	answer(250);
	run(pair[1]);
	check_said();
	close(pair[1]);
	while (f.room.sessions != NULL)
		session_free(f.room.sessions);
	answer(250);
	expect(f.room.n_tickets == 0 && f.room.n_sessions == 0);
	buf_clear(&f.said);
	return 0;
}
