/*
 * Tests of accept: limits of every sort, timeouts, TLS, logins on a thread and
 * the end of the room; real sockets.
 */
#include "accept/accept.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "accept-fixture.h"
#include "accept-room.h"
#include "util/clock.h"
#include "util/tls.h"

static struct room room;

static int close_room(void **state)
{
	(void)state;
	room_release(&room);
	return 0;
}

static struct config_limits *new_room(void)
{
	room_init(&room, false);
	return &room.config->limits;
}

/* ---- limits -------------------------------------------------------------- */

static void many_recipients_meet_a_limit(void **state)
{
	char line[64];
	struct client c;
	unsigned i;

	(void)state;
	new_room();
	room_open(&room);
	client_login(&c, &room);
	client_try(&c, "MAIL FROM:<a@demo.example>", "250 ");
	for (i = 0; i < 10000; i++) {
		snprintf(line, sizeof(line), "RCPT TO:<r%u@x.example>", i);
		client_try(&c, line, i < 100 ? "250 2.1.5 " : "452 4.5.3 ");
	}
	client_try(&c, "RCPT TO:<r7@x.example>", "250 2.1.5 ");
	client_try(&c, "DATA", "354 ");
	client_say(&c, "a\r\n.\r\n");
	client_expect(&c, "250 ");
	assert_int_equal(room.mail->envelope.n_recipients, 100);
	client_close(&c);
}

static void errors_end_the_session(void **state)
{
	struct client c;
	unsigned i;

	(void)state;
	new_room();
	room_open(&room);
	client_greet(&c, &room);
	for (i = 0; i < 9; i++)
		client_try(&c, "NONSENSE", "500 ");
	client_say(&c, "NONSENSE\r\nNOOP\r\nNOOP\r\n");
	client_expect(&c, "500 ");
	client_expect(&c, "421 4.7.0 too many errors");
	client_expect_end(&c);
	client_close(&c);
	/* many wrong recipients are errors too */
	client_login(&c, &room);
	client_try(&c, "MAIL FROM:<a@demo.example>", "250 ");
	client_try(&c, "RCPT TO:<b@x.example>", "250 ");
	for (i = 0; i < 10; i++)
		client_try(&c, "RCPT TO:<b>", "501 ");
	client_expect(&c, "421 ");
	client_expect_end(&c);
	client_close(&c);
	assert_int_equal(accept_sessions(room.accept), 0);
}

static void a_good_mail_forgives_errors(void **state)
{
	struct client c;
	unsigned i, k;

	(void)state;
	new_room();
	room_open(&room);
	client_login(&c, &room);
	for (k = 0; k < 3; k++) {
		for (i = 0; i < 9; i++)
			client_try(&c, "NONSENSE", "500 ");
		client_try(&c, "MAIL FROM:<a@demo.example>", "250 ");
		client_try(&c, "RCPT TO:<b@x.example>", "250 ");
		client_try(&c, "DATA", "354 ");
		client_say(&c, "a\r\n.\r\n");
		client_expect(&c, "250 ");
	}
	client_close(&c);
}

static void connections_meet_a_limit(void **state)
{
	struct client a, b, c;

	(void)state;
	new_room()->connections = 2;
	room_open(&room);
	client_greet(&a, &room);
	client_greet(&b, &room);
	client_open(&c, &room);
	client_expect(&c, "421 4.7.0 too many connections, ");
	client_expect_end(&c);
	client_close(&c);
	client_close(&a);
	client_greet(&c, &room);
	assert_int_equal(accept_sessions(room.accept), 2);
	client_close(&b);
	client_close(&c);
}

static void connections_of_a_peer_meet_a_limit(void **state)
{
	struct client a, b;

	(void)state;
	new_room()->connections_per_peer = 1;
	room_open(&room);
	client_greet(&a, &room);
	client_open(&b, &room);
	client_expect(&b, "421 4.7.0 too many connections from ");
	client_expect_end(&b);
	client_close(&b);
	client_try(&a, "QUIT", "221 ");
	client_expect_end(&a);
	client_close(&a);
	client_greet(&a, &room);
	client_close(&a);
}

static void early_talkers_are_turned_away(void **state)
{
	struct client c;

	(void)state;
	new_room();
	room_open(&room);
	client_open(&c, &room);
	assert_int_equal(send(c.fd, "EHLO x\r\n", 8, 0), 8);
	client_expect(&c, "554 5.5.1 ");
	client_expect_end(&c);
	client_close(&c);
}

/* Web pages made to post to us get nowhere, whatever they send along. */
static void other_protocols_are_turned_away(void **state)
{
	struct client c;

	(void)state;
	new_room();
	room_open(&room);
	client_open(&c, &room);
	client_expect(&c, "220 ");
	client_say(&c, "POST / HTTP/1.1\r\nHost: x\r\n\r\nEHLO x\r\n"
		       "MAIL FROM:<a@demo.example>\r\n");
	client_expect(&c, "554 5.5.1 ");
	client_expect_end(&c);
	client_close(&c);
}

/* No descriptor is left: whoever comes is told, and nothing spins. */
static void descriptors_may_run_out(void **state)
{
	struct rlimit old, few;
	struct client a, b;
	clock_t before;
	int64_t by;

	(void)state;
	new_room();
	room_open(&room);
	client_greet(&a, &room);
	client_open(&b, &room);
	getrlimit(RLIMIT_NOFILE, &old);
	few = old;
	few.rlim_cur = (rlim_t)b.fd + 1;
	setrlimit(RLIMIT_NOFILE, &few);
	client_expect(&b, "421 4.3.2 ");
	client_expect_end(&b);
	client_try(&a, "NOOP", "250 ");
	before = clock();
	for (by = clock_mono_ms() + 300; clock_mono_ms() < by;)
		client_try(&a, "NOOP", "250 ");
	assert_true(clock() - before < CLOCKS_PER_SEC);
	setrlimit(RLIMIT_NOFILE, &old);
	client_close(&b);
	client_greet(&b, &room); /* listening goes on after a pause */
	client_close(&a);
	client_close(&b);
}

/* Send NOOPs until the room takes no more; returns the bytes sent. */
static size_t flood(struct client *c)
{
	char noops[6 * 1000 + 1];
	size_t sent = 0, i;
	ssize_t n;
	int still = 0;

	for (i = 0; i < 1000; i++)
		memcpy(noops + 6 * i, "NOOP\r\n", 7);
	while (still < 50 && sent < 64u * 1024 * 1024) {
		n = send(c->fd, noops + sent % 6000, 6000 - sent % 6000,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
		still = n < 0 ? still + 1 : 0;
		sent += n < 0 ? 0 : (size_t)n;
		room_run(&room);
	}
	if (sent % 6 != 0)
		client_send(c, noops + sent % 6, 6 - sent % 6);
	return (sent + 5) / 6 * 6;
}

/* Whoever does not read is not read from either, and loses nothing. */
static void replies_do_not_pile_up(void **state)
{
	int small = 64 * 1024;
	struct client c;
	size_t sent, i, replies = 0;

	(void)state;
	new_room();
	room_open(&room);
	client_greet(&c, &room);
	setsockopt(c.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	sent = flood(&c);
	assert_true(sent < 32u * 1024 * 1024);
	while (replies < sent / 6) {
		room_run(&room);
		client_take(&c);
		for (i = 0; i + 14 <= c.in.len; i += 14, replies++)
			assert_memory_equal(
			    c.in.data + i, "250 2.0.0 ok\r\n", 14);
		buf_drop_front(&c.in, i);
	}
	client_try(&c, "NOOP", "250 ");
	client_expect_nothing(&c);
	client_close(&c);
}

/* ---- time ---------------------------------------------------------------- */

static void idle_clients_are_sent_away(void **state)
{
	struct client c;

	(void)state;
	new_room()->command_timeout_s = 1;
	room_open(&room);
	client_greet(&c, &room);
	client_expect(&c, "421 4.4.2 ");
	client_expect_end(&c);
	client_close(&c);
}

/* Bytes alone buy no time; only whole commands do. */
static void dribbled_commands_are_too_slow(void **state)
{
	const struct timeval little = {0, 50000};
	struct client c;
	int64_t began;

	(void)state;
	new_room()->command_timeout_s = 1;
	room_open(&room);
	client_greet(&c, &room);
	began = clock_mono_ms();
	while (client_take(&c) == 0) {
		send(c.fd, "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
		event_base_loopexit(room.base, &little);
		event_base_dispatch(room.base);
		assert_true(clock_mono_ms() - began < 5000);
	}
	client_expect(&c, "421 4.4.2 ");
	client_close(&c);
}

static void begin_data(struct client *c)
{
	client_login(c, &room);
	client_try(c, "MAIL FROM:<a@demo.example>", "250 ");
	client_try(c, "RCPT TO:<b@x.example>", "250 ");
	client_try(c, "DATA", "354 ");
}

static void silent_mails_are_too_slow(void **state)
{
	struct client c;

	(void)state;
	new_room()->data_timeout_s = 1;
	room_open(&room);
	begin_data(&c);
	client_say(&c, "a\r\n");
	client_expect(&c, "421 4.4.2 ");
	client_expect_end(&c);
	client_close(&c);
}

static void dribbled_mails_are_too_slow(void **state)
{
	const struct timeval little = {0, 50000};
	struct client c;
	int64_t began;

	(void)state;
	new_room()->message_timeout_s = 1;
	room_open(&room);
	begin_data(&c);
	began = clock_mono_ms();
	while (client_take(&c) == 0) {
		send(c.fd, "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
		event_base_loopexit(room.base, &little);
		event_base_dispatch(room.base);
		assert_true(clock_mono_ms() - began < 5000);
	}
	client_expect(&c, "421 4.4.2 ");
	client_close(&c);
}

/* We owe the answer, so the client may wait for as long as it takes. */
static void answers_have_no_deadline(void **state)
{
	const struct timeval longer = {1, 500000};
	struct client c;

	(void)state;
	new_room()->command_timeout_s = 1;
	room.config->limits.data_timeout_s = 1;
	room.wait = true;
	room_open(&room);
	begin_data(&c);
	client_say(&c, "a\r\n.\r\n");
	event_base_loopexit(room.base, &longer);
	event_base_dispatch(room.base);
	room_answer(&room, 250);
	client_expect(&c, "250 ");
	client_close(&c);
}

/* ---- logins -------------------------------------------------------------- */

static void passwords_are_checked_meanwhile(void **state)
{
	struct client a, b;

	(void)state;
	room_init(&room, true);
	room_open(&room);
	client_greet(&a, &room);
	client_greet(&b, &room);
	client_try(&a, "AUTH LOGIN", "334 VXNlcm5hbWU6\r\n");
	client_try(&a, "c2xvdw==", "334 UGFzc3dvcmQ6\r\n");
	client_say(&a, "c2xvdw==\r\nMAIL FROM:<s@slow.example>\r\n");
	client_try(&b, "NOOP", "250 ");
	client_expect(&a, "235 2.7.0 ");
	client_expect(&a, "250 2.1.0 ");
	client_try(&b, "AUTH PLAIN AHNsb3cAeA==", "535 5.7.8 ");
	client_try(&b, "AUTH PLAIN AHNsb3cAc2xvdw==", "235 2.7.0 ");
	client_try(&b, "AUTH PLAIN AHNsb3cAc2xvdw==", "503 ");
	client_close(&a);
	client_close(&b);
	/* whoever leaves meanwhile is missed by nobody */
	client_greet(&a, &room);
	client_say(&a, "AUTH PLAIN AHNsb3cAeA==\r\n");
	client_close(&a);
	client_greet(&a, &room);
	client_try(&a, "AUTH PLAIN", "334 ");
	client_try(&a, "*", "501 5.0.0 ");
	client_try(&a, "AUTH PLAIN AHNsb3cAeQ==", "535 5.7.8 ");
	client_close(&a);
}

static void guessing_is_slowed_down(void **state)
{
	struct client c;
	unsigned i;

	(void)state;
	new_room()->errors = 1000;
	room_open(&room);
	client_greet(&c, &room);
	for (i = 0; i < 10; i++)
		client_try(&c, "AUTH PLAIN AGRlbW8AeA==", "535 5.7.8 ");
	for (i = 0; i < 200; i++)
		client_try(&c, "AUTH PLAIN AGRlbW8AeA==", "454 4.7.0 ");
	/* a new connection does not help, nor does being right */
	client_close(&c);
	client_greet(&c, &room);
	client_try(&c, "AUTH PLAIN AGRlbW8AZGVtbw==", "454 4.7.0 ");
	client_close(&c);
}

/* ---- TLS ----------------------------------------------------------------- */

static char certificate[] = "/tmp/test-accept.XXXXXX";
static char key[64];

static void write_pair(void)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);
	X509_EXTENSION *e = X509V3_EXT_conf_nid(
	    NULL, NULL, NID_subject_alt_name, "DNS:mx.test");
	FILE *out;

	X509_set_version(x, X509_VERSION_3);
	X509_gmtime_adj(X509_getm_notBefore(x), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
	    (const unsigned char *)"mx.test", -1, -1, 0);
	X509_set_issuer_name(x, name);
	X509_set_pubkey(x, pkey);
	X509_add_ext(x, e, -1);
	X509_sign(x, pkey, EVP_sha256());
	close(mkstemp(certificate));
	snprintf(key, sizeof(key), "%s.key", certificate);
	out = fopen(certificate, "w");
	PEM_write_X509(out, x);
	fclose(out);
	out = fopen(key, "w");
	PEM_write_PrivateKey(out, pkey, NULL, NULL, 0, NULL, NULL);
	fclose(out);
	X509_EXTENSION_free(e);
	X509_free(x);
	EVP_PKEY_free(pkey);
}

static void tls_room(enum config_tls tls)
{
	struct error err = ERROR_INIT;

	new_room();
	room.config->listeners[0].tls = tls;
	room.config->listeners[0].clear_auth = false;
	room.config->listeners[0].reviews = false;
	room.tls = tls_server_new(certificate, key, &err);
	assert_non_null(room.tls);
	room_open(&room);
}

/* A client that speaks TLS on the room's loop; it takes the socket over. */
struct secure {
	struct tls_client *tls;
	struct bufferevent *bev;
};

static void secure_open(struct secure *s, struct client *c)
{
	struct error err = ERROR_INIT;

	s->tls = tls_client_new(certificate, &err);
	assert_non_null(s->tls);
	evutil_make_socket_nonblocking(c->fd);
	s->bev = tls_connect(s->tls, room.base, c->fd, "mx.test", &err);
	assert_non_null(s->bev);
	bufferevent_enable(s->bev, EV_READ | EV_WRITE);
}

static void secure_close(struct secure *s, struct client *c)
{
	bufferevent_free(s->bev);
	tls_client_free(s->tls);
	buf_release(&c->in);
}

/* Say something, wait until the last line begins like that. */
static void secure_try(struct secure *s, const char *text, const char *begin)
{
	const struct timeval little = {0, 2000};
	struct evbuffer *in = bufferevent_get_input(s->bev);
	int64_t by = clock_mono_ms() + 20000;
	char *line;
	bool found = false;

	bufferevent_write(s->bev, text, strlen(text));
	while (!found) {
		event_base_loopexit(room.base, &little);
		event_base_loop(room.base, EVLOOP_ONCE);
		while ((line = evbuffer_readln(in, NULL, EVBUFFER_EOL_CRLF))) {
			found = strncmp(line, begin, strlen(begin)) == 0;
			free(line);
		}
		if (clock_mono_ms() >= by)
			fail_msg("no reply, wanted \"%s\"", begin);
	}
}

static void starttls_begins_anew(void **state)
{
	struct secure s;
	struct client c;

	(void)state;
	tls_room(CONFIG_TLS_STARTTLS);
	client_greet(&c, &room);
	client_try(&c, "AUTH PLAIN AGRlbW8AZGVtbw==", "538 5.7.11 ");
	client_try(&c, "STARTTLS", "220 2.0.0 ");
	secure_open(&s, &c);
	secure_try(&s, "MAIL FROM:<a@demo.example>\r\n", "503 5.5.1 ");
	secure_try(&s, "EHLO again.example\r\n", "250 ENHANCED");
	secure_try(&s, "STARTTLS\r\n", "503 5.5.1 ");
	secure_try(&s, "AUTH PLAIN AGRlbW8AZGVtbw==\r\n", "235 ");
	secure_try(&s,
	    "MAIL FROM:<a@demo.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\n",
	    "354 ");
	secure_try(&s, "over TLS\r\n.\r\n", "250 2.0.0 held");
	assert_true(room.mail->tls);
	assert_string_equal(room.mail->helo, "again.example");
	secure_try(&s, "QUIT\r\n", "221 ");
	secure_close(&s, &c);
}

static void implicit_tls_greets_inside(void **state)
{
	struct secure s;
	struct client c;

	(void)state;
	tls_room(CONFIG_TLS_IMPLICIT);
	client_open(&c, &room);
	room_run(&room);
	client_expect_nothing(&c);
	secure_open(&s, &c);
	secure_try(&s, "", "220 mx.test");
	secure_try(&s, "EHLO c.example\r\n", "250 ENHANCED");
	secure_try(&s, "STARTTLS\r\n", "503 5.5.1 ");
	secure_try(&s, "AUTH PLAIN AGRlbW8AZGVtbw==\r\n", "235 ");
	secure_close(&s, &c);
}

static void nothing_may_follow_starttls(void **state)
{
	static const char *const tails[] = {
	    "EHLO x\r\nMAIL FROM:<a@demo.example>\r\n", "\x16\x03\x01", "x"};
	struct client c;
	size_t i;

	(void)state;
	tls_room(CONFIG_TLS_STARTTLS);
	for (i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		char text[64];

		snprintf(text, sizeof(text), "STARTTLS\r\n%s", tails[i]);
		client_greet(&c, &room);
		client_say(&c, text);
		client_expect(&c, "554 5.5.1 ");
		client_expect_end(&c);
		client_close(&c);
	}
	/* and clear text in place of the handshake ends it */
	client_greet(&c, &room);
	client_try(&c, "STARTTLS", "220 ");
	client_say(&c, "NOOP\r\nNOOP\r\nNOOP\r\n");
	while (!c.closed) {
		room_run(&room);
		client_take(&c);
	}
	assert_int_equal(accept_sessions(room.accept), 0);
	client_close(&c);
}

static void handshakes_have_a_deadline(void **state)
{
	struct client c;

	(void)state;
	new_room()->command_timeout_s = 1;
	room.config->listeners[0].tls = CONFIG_TLS_IMPLICIT;
	room.tls = tls_server_new(certificate, key, NULL);
	room_open(&room);
	client_open(&c, &room);
	client_say(&c, "\x16\x03\x01");
	client_expect_end(&c);
	client_close(&c);
}

/* ---- the end ------------------------------------------------------------- */

static void a_closing_room_says_so(void **state)
{
	struct client idle, busy, mailing;

	(void)state;
	new_room();
	room.wait = true;
	room_open(&room);
	client_greet(&idle, &room);
	begin_data(&busy);
	begin_data(&mailing);
	client_say(&mailing, "a\r\n.\r\n");
	accept_close(room.accept, "shutting down");
	client_expect(&idle, "421 4.3.2 shutting down\r\n");
	client_expect_end(&idle);
	client_say(&busy, "a\r\n.\r\n");
	client_expect(&busy, "421 4.3.2 shutting down\r\n");
	client_expect_end(&busy);
	assert_int_equal(accept_waiting(room.accept), 1);
	room_answer(&room, 250);
	client_expect(&mailing, "250 ");
	client_try(&mailing, "NOOP", "421 4.3.2 ");
	client_expect_end(&mailing);
	assert_int_equal(room.drafts, 1);
	client_close(&idle);
	client_close(&busy);
	client_close(&mailing);
	assert_int_equal(accept_sessions(room.accept), 0);
}

/* As it was, but for who may send as whom. */
static struct config *changed(const char *const *senders)
{
	struct config *config = fixture_config(false);

	config->agents[0].password = room.config->agents[0].password;
	config->agents[0].senders = senders;
	return config;
}

/* A mail that has begun ends under the rules under which it began. */
static void a_new_configuration_counts_between_mails(void **state)
{
	static const char *const others[] = {"new@demo.example", NULL};
	struct config *next, *last;
	struct client c;

	(void)state;
	new_room();
	room_open(&room);
	begin_data(&c);
	next = changed(others);
	last = changed(others);
	last->agents[0].name = "somebody-else";
	accept_renew(room.accept, next);
	client_try(&c, "a\r\n.", "250 ");
	client_try(&c, "MAIL FROM:<a@demo.example>", "550 5.7.1 ");
	client_try(&c, "MAIL FROM:<new@demo.example>", "250 ");
	client_try(&c, "RSET", "250 ");
	accept_renew(room.accept, last);
	/* logged out: only an answer to a notice would be taken */
	client_try(&c, "MAIL FROM:<new@demo.example>", "250 ");
	client_try(&c, "RCPT TO:<b@x.example>", "530 5.7.0 ");
	client_try(&c, "RSET", "250 ");
	client_try(&c, "AUTH PLAIN AGRlbW8AZGVtbw==", "535 5.7.8 ");
	client_close(&c);
	accept_free(room.accept);
	room.accept = NULL;
	arena_free(next->arena);
	arena_free(last->arena);
}

/* Tickets may outlive their room. */
static void a_late_answer_does_no_harm(void **state)
{
	struct client c;

	(void)state;
	new_room();
	room.wait = true;
	room_open(&room);
	begin_data(&c);
	client_say(&c, "a\r\n.\r\n");
	accept_free(room.accept);
	room.accept = NULL;
	room_answer(&room, 250);
	client_close(&c);
}

static int make_certificate(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	write_pair();
	return 0;
}

static int remove_certificate(void **state)
{
	(void)state;
	unlink(certificate);
	unlink(key);
	return 0;
}

#define TEST(f) cmocka_unit_test_teardown(f, close_room)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(many_recipients_meet_a_limit),
	    TEST(errors_end_the_session),
	    TEST(a_good_mail_forgives_errors),
	    TEST(connections_meet_a_limit),
	    TEST(connections_of_a_peer_meet_a_limit),
	    TEST(early_talkers_are_turned_away),
	    TEST(other_protocols_are_turned_away),
	    TEST(descriptors_may_run_out),
	    TEST(replies_do_not_pile_up),
	    TEST(idle_clients_are_sent_away),
	    TEST(dribbled_commands_are_too_slow),
	    TEST(silent_mails_are_too_slow),
	    TEST(dribbled_mails_are_too_slow),
	    TEST(answers_have_no_deadline),
	    TEST(passwords_are_checked_meanwhile),
	    TEST(guessing_is_slowed_down),
	    TEST(starttls_begins_anew),
	    TEST(implicit_tls_greets_inside),
	    TEST(nothing_may_follow_starttls),
	    TEST(handshakes_have_a_deadline),
	    TEST(a_closing_room_says_so),
	    TEST(a_new_configuration_counts_between_mails),
	    TEST(a_late_answer_does_no_harm),
	};

	return cmocka_run_group_tests(
	    tests, make_certificate, remove_certificate);
}
