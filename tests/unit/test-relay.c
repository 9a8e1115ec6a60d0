/*
 * Tests of send/relay over loopback: a relay host made of rules answers on the
 * same loop.  Pooling, time, TLS with good and bad certificates, and what a
 * dying connection means at each stage.
 */
#include "send/relay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "send/parcel.h"

#include "util/arena.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/tls.h"

#define PATIENCE 30
#define MAIL	 "Subject: x\r\n\r\n.dot\r\n"
#define LARGE	 ((size_t)3000000)

static struct event_base *base;
static char folder[64];

#define UNTIL(condition)                                                       \
	do {                                                                   \
		alarm(PATIENCE);                                               \
		while (!(condition))                                           \
			event_base_loop(base, EVLOOP_ONCE);                    \
		alarm(0);                                                      \
	} while (0)

/* ---- certificates ------------------------------------------------------- */

struct pair {
	X509 *certificate;
	EVP_PKEY *key;
	char certificate_file[96], key_file[96];
};

static struct pair authority, stranger, good, other, expired, unknown;

static void add_extension(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert_non_null(e);
	assert_int_equal(X509_add_ext(x, e, -1), 1);
	X509_EXTENSION_free(e);
}

static void write_files(struct pair *p, const char *name)
{
	FILE *f;

	snprintf(p->certificate_file, sizeof(p->certificate_file), "%s/%s.crt",
	    folder, name);
	snprintf(p->key_file, sizeof(p->key_file), "%s/%s.key", folder, name);
	f = fopen(p->certificate_file, "w");
	assert_non_null(f);
	PEM_write_X509(f, p->certificate);
	fclose(f);
	f = fopen(p->key_file, "w");
	assert_non_null(f);
	PEM_write_PrivateKey(f, p->key, NULL, NULL, 0, NULL, NULL);
	fclose(f);
}

/* names: a subjectAltName, NULL for an authority; days: it ends from now. */
static void make(struct pair *p, const char *name, const struct pair *issuer,
    const char *names, int days)
{
	X509 *x = X509_new();
	X509_NAME *subject = X509_get_subject_name(x);

	p->key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -86400L * 30);
	X509_gmtime_adj(X509_getm_notAfter(x), 86400L * days);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
	    (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(
	    x, X509_get_subject_name(issuer == NULL ? x : issuer->certificate));
	X509_set_pubkey(x, p->key);
	if (names != NULL)
		add_extension(x, NID_subject_alt_name, names);
	else
		add_extension(x, NID_basic_constraints, "critical,CA:TRUE");
	assert_true(X509_sign(x, issuer == NULL ? p->key : issuer->key,
			EVP_sha256()) > 0);
	p->certificate = x;
	write_files(p, name);
}

static void end_pair(struct pair *p)
{
	X509_free(p->certificate);
	EVP_PKEY_free(p->key);
}

/* ---- the relay host ----------------------------------------------------- */

#define EHLO_PLAIN "250-host\r\n250 PIPELINING"
#define SESSIONS   16

/*
 * What it says to a verb, from the nth time on that it hears it; the last rule
 * that fits counts.  Besides a reply: "" says nothing, "close" and "reset" end
 * the connection, "tls" says 220 and starts TLS, "late" answers after a second
 * and a half.
 */
struct habit {
	const char *verb; /* "connect", "EHLO" ..., "." the end of a mail */
	const char *reply;
	unsigned from;
};

struct session {
	struct bufferevent *bev;
	struct event *timer;
	bool data, gone;
	size_t chunk; /* bytes that are still to come */
	bool last;
	struct buf mail;
};

static struct {
	struct evconnlistener *listener;
	unsigned port;
	struct tls_server *tls;
	bool implicit;
	struct habit rules[12];
	size_t n_rules;
	struct session sessions[SESSIONS];
	unsigned connections, closed, mails;
	char said[4096]; /* verbs as heard, a blank between */
	char *last;	 /* the last mail that was taken, stuffed by DATA */
	size_t last_size;
} host;

static void add_rule(const char *verb, const char *reply, unsigned from)
{
	host.rules[host.n_rules++] = (struct habit){verb, reply, from};
}

/* How often a verb was heard. */
static unsigned heard(const char *verb)
{
	size_t len = strlen(verb);
	const char *at = host.said;
	unsigned n = 0;

	for (; *at != '\0'; at += strcspn(at, " ") + 1)
		n += strncmp(at, verb, len) == 0 && at[len] == ' ';
	return n;
}

static const char *reply_to(const char *verb)
{
	static const char *const usual[][2] = {{"connect", "220 host"},
	    {"EHLO", EHLO_PLAIN}, {"DATA", "354 go"}, {"QUIT", "221 bye"},
	    {"STARTTLS", "tls"}, {"AUTH", "235 in"}};
	const char *reply = "250 ok";
	size_t i;

	for (i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (strcmp(verb, usual[i][0]) == 0)
			reply = usual[i][1];
	for (i = 0; i < host.n_rules; i++)
		if (strcmp(verb, host.rules[i].verb) == 0 &&
		    heard(verb) >= host.rules[i].from)
			reply = host.rules[i].reply;
	return reply;
}

static void watch(struct session *s, struct bufferevent *bev);

static void end_session(struct session *s)
{
	if (s->gone)
		return;
	s->gone = true;
	host.closed++;
	bufferevent_free(s->bev);
}

static void reset(struct session *s)
{
	const struct linger now = {1, 0};

	setsockopt(bufferevent_getfd(s->bev), SOL_SOCKET, SO_LINGER, &now,
	    sizeof(now));
	end_session(s);
}

static void start_tls(struct session *s)
{
	int fd = bufferevent_getfd(s->bev);

	bufferevent_setfd(s->bev, -1);
	bufferevent_free(s->bev);
	watch(s, tls_accept(host.tls, base, fd));
}

static void on_late(evutil_socket_t fd, short what, void *context)
{
	struct session *s = context;

	(void)fd;
	(void)what;
	if (!s->gone)
		bufferevent_write(s->bev, "250 late\r\n", 10);
}

/* False when the bufferevent is another one now, or none. */
static bool answer(struct session *s, const char *verb)
{
	const struct timeval late = {1, 500000};
	const char *reply;
	size_t used = strlen(host.said);

	snprintf(host.said + used, sizeof(host.said) - used, "%s ", verb);
	reply = reply_to(verb);
	if (strcmp(reply, "close") == 0) {
		end_session(s);
		return false;
	}
	if (strcmp(reply, "reset") == 0) {
		reset(s);
		return false;
	}
	if (strcmp(reply, "late") == 0) {
		evtimer_add(s->timer, &late);
	} else if (strcmp(reply, "tls") == 0) {
		/* at once, or the client's handshake would be in clear */
		assert_int_equal(
		    write(bufferevent_getfd(s->bev), "220 go\r\n", 8), 8);
		start_tls(s);
		return false;
	} else if (*reply != '\0') {
		evbuffer_add_printf(
		    bufferevent_get_output(s->bev), "%s\r\n", reply);
	}
	s->data = strncmp(reply, "354", 3) == 0;
	return true;
}

static bool take_mail(struct session *s)
{
	free(host.last);
	host.last_size = s->mail.len;
	host.last = buf_detach(&s->mail);
	host.mails++;
	s->data = false;
	return answer(s, ".");
}

/* A chunk's bytes, as many as are there; false: more are needed. */
static bool read_chunk(struct session *s, struct evbuffer *in)
{
	size_t n = evbuffer_get_length(in);

	n = n < s->chunk ? n : s->chunk;
	buf_add(&s->mail, evbuffer_pullup(in, (ev_ssize_t)n), n);
	evbuffer_drain(in, n);
	s->chunk -= n;
	return s->chunk == 0;
}

static bool on_bdat(struct session *s, const char *line)
{
	s->chunk = strtoul(line + 5, NULL, 10);
	s->last = strstr(line, "LAST") != NULL;
	return true;
}

static bool on_line(struct session *s, char *line, size_t size)
{
	if (s->data) {
		if (strcmp(line, ".") == 0)
			return take_mail(s);
		buf_add(&s->mail, line, size);
		buf_add_str(&s->mail, "\r\n");
		return true;
	}
	if (strncmp(line, "BDAT ", 5) == 0)
		return on_bdat(s, line);
	line[strcspn(line, " ")] = '\0';
	return answer(s, line);
}

static void on_host_read(struct bufferevent *bev, void *context)
{
	struct session *s = context;
	struct evbuffer *in = bufferevent_get_input(bev);
	bool go_on = true;
	size_t size;
	char *line;

	while (go_on) {
		if (s->chunk > 0) {
			if (!read_chunk(s, in))
				return;
			go_on = s->last ? take_mail(s) : answer(s, "BDAT");
			continue;
		}
		line = evbuffer_readln(in, &size, EVBUFFER_EOL_CRLF_STRICT);
		if (line == NULL)
			return;
		go_on = on_line(s, line, size);
		free(line);
	}
}

static void on_host_event(struct bufferevent *bev, short what, void *context)
{
	(void)bev;
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		end_session(context);
	else if (what & BEV_EVENT_CONNECTED && host.implicit)
		answer(context, "connect");
}

static void watch(struct session *s, struct bufferevent *bev)
{
	assert_non_null(bev);
	s->bev = bev;
	bufferevent_setcb(bev, on_host_read, NULL, on_host_event, s);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd,
    struct sockaddr *from, int size, void *context)
{
	struct session *s = &host.sessions[host.connections++];

	(void)listener;
	(void)from;
	(void)size;
	(void)context;
	assert_true(host.connections < SESSIONS);
	buf_init(&s->mail, 2 * LARGE);
	s->timer = evtimer_new(base, on_late, s);
	if (host.implicit) {
		watch(s, tls_accept(host.tls, base, fd));
		return;
	}
	watch(s, bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE));
	answer(s, "connect");
}

static void host_open(void)
{
	struct sockaddr_in to = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(to);

	memset(&host, 0, sizeof(host));
	host.listener = evconnlistener_new_bind(base, on_accept, NULL,
	    LEV_OPT_CLOSE_ON_FREE, 16, (struct sockaddr *)&to, sizeof(to));
	assert_non_null(host.listener);
	getsockname(evconnlistener_get_fd(host.listener),
	    (struct sockaddr *)&to, &size);
	host.port = ntohs(to.sin_port);
}

static void host_close(void)
{
	unsigned i;

	if (host.listener != NULL)
		evconnlistener_free(host.listener);
	for (i = 0; i < host.connections; i++) {
		end_session(&host.sessions[i]);
		event_free(host.sessions[i].timer);
		buf_release(&host.sessions[i].mail);
	}
	tls_server_free(host.tls);
	free(host.last);
}

/* ---- our side ----------------------------------------------------------- */

static struct config config;
static struct relay *relay;

struct delivery {
	struct parcel parcel; /* first */
	struct hold_target target;
	bool hold; /* do not go when ready */
	unsigned ready, done;
	int64_t done_ms;
};

static struct delivery mails[8];

static void on_ready(struct parcel *parcel)
{
	struct delivery *d = (struct delivery *)parcel;

	d->ready++;
	if (!d->hold)
		relay_go(parcel);
}

static void on_done(struct parcel *parcel)
{
	((struct delivery *)parcel)->done++;
}

static struct delivery *send_mail(unsigned n)
{
	struct delivery *d = &mails[n];

	arena_free(d->parcel.arena);
	d->parcel = (struct parcel){
	    .envelope = {.from = "from@y.example"},
	    .bytes = {MAIL, sizeof(MAIL) - 1},
	    .targets = &d->target,
	    .n_targets = 1,
	    .arena = arena_new(),
	    .ready = on_ready,
	    .done = on_done,
	};
	d->target = (struct hold_target){.recipient.address = "a@x.example"};
	d->target.result = (enum hold_result)99;
	d->ready = d->done = 0;
	relay_start(relay, &d->parcel);
	return d;
}

static void expect(
    const struct delivery *d, enum hold_result result, const char *words)
{
	assert_int_equal(d->done, 1);
	if (d->target.result != result ||
	    (words != NULL && strstr(d->target.answer, words) == NULL))
		fail_msg("result %d: %s", d->target.result, d->target.answer);
}

static void expect_described(const char *words)
{
	char line[600];

	relay_describe(relay, line, sizeof(line));
	if (strstr(line, words) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", words, line);
}

/* config is as set_up() left it, perhaps changed by the test. */
static void open_relay(void)
{
	struct error err = ERROR_INIT;

	config.relay.port = host.port;
	relay = relay_new(base, &config, &err);
	if (relay == NULL)
		fail_msg("%s", err.text);
}

static int set_up(void **state)
{
	(void)state;
	host_open();
	config = (struct config){.hostname = "relay.test"};
	config.relay = (struct config_relay){
	    .host = "127.0.0.1",
	    .tls = CONFIG_TLS_NONE,
	    .connections = 4,
	    .connect_timeout_s = 5,
	    .command_timeout_s = 20,
	    .dot_timeout_s = 20,
	    .idle_s = 20,
	    .retry_first_s = 60,
	    .retry_most_s = 3600,
	};
	return 0;
}

static int tear_down(void **state)
{
	size_t i;

	(void)state;
	relay_free(relay);
	relay = NULL;
	host_close();
	event_base_loop(base, EVLOOP_NONBLOCK);
	for (i = 0; i < sizeof(mails) / sizeof(mails[0]); i++) {
		arena_free(mails[i].parcel.arena);
		memset(&mails[i], 0, sizeof(mails[i]));
	}
	return 0;
}

/* ---- the pool ----------------------------------------------------------- */

static void a_connection_is_kept_for_the_next_mail(void **state)
{
	struct delivery *d;

	(void)state;
	open_relay();
	expect_described("not tried yet");
	d = send_mail(0);
	UNTIL(d->done);
	expect(d, HOLD_RESULT_SENT, "250 ok");
	assert_string_equal(host.last, "Subject: x\r\n\r\n..dot\r\n");
	expect_described(" ok");
	d = send_mail(1);
	UNTIL(d->done);
	expect(d, HOLD_RESULT_SENT, NULL);
	assert_int_equal(host.connections, 1);
	assert_string_equal(
	    host.said, "connect EHLO MAIL RCPT DATA . RSET MAIL RCPT DATA . ");
}

static void without_idle_time_it_says_quit(void **state)
{
	struct delivery *d;

	(void)state;
	config.relay.idle_s = 0;
	open_relay();
	d = send_mail(0);
	UNTIL(d->done && host.closed == 1);
	expect(d, HOLD_RESULT_SENT, NULL);
	assert_int_equal(heard("QUIT"), 1);
}

static void an_idle_connection_is_closed(void **state)
{
	struct delivery *d;

	(void)state;
	config.relay.idle_s = 1;
	open_relay();
	d = send_mail(0);
	UNTIL(d->done && host.closed == 1);
	assert_int_equal(heard("QUIT"), 1);
}

static void no_more_connections_than_allowed(void **state)
{
	unsigned i;

	(void)state;
	config.relay.connections = 2;
	open_relay();
	for (i = 0; i < 5; i++) {
		mails[i].hold = true;
		send_mail(i);
	}
	UNTIL(mails[0].ready && mails[1].ready);
	assert_int_equal(host.connections, 2);
	for (i = 0; i < 5; i++) {
		UNTIL(mails[i].ready);
		relay_go(&mails[i].parcel);
		UNTIL(mails[i].done);
		expect(&mails[i], HOLD_RESULT_SENT, NULL);
	}
	assert_int_equal(host.connections, 2);
	assert_int_equal(host.mails, 5);
}

/* A kept connection that turns out to be dead costs no attempt. */
static void a_stale_connection_is_replaced(void **state)
{
	static const char *const ends[] = {
	    "421 4.4.2 idle for too long", "close", "reset", "nonsense"};
	struct delivery *d;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		tear_down(NULL);
		set_up(NULL);
		add_rule("RSET", ends[i], 0);
		open_relay();
		d = send_mail(0);
		UNTIL(d->done);
		d = send_mail(1);
		UNTIL(d->done);
		expect(d, HOLD_RESULT_SENT, NULL);
		assert_int_equal(d->ready, 1);
		assert_int_equal(host.connections, 2);
		assert_int_equal(host.mails, 2);
	}
}

static void a_refused_mail_leaves_the_connection(void **state)
{
	struct delivery *d;

	(void)state;
	add_rule("RCPT", "550 5.1.1 unknown", 0);
	add_rule("RCPT", "250 ok", 2);
	add_rule("DATA", "503 nobody", 0);
	add_rule("DATA", "354 go", 2);
	open_relay();
	d = send_mail(0);
	UNTIL(d->done);
	expect(d, HOLD_RESULT_FAILED, "550 5.1.1 unknown");
	d = send_mail(1);
	UNTIL(d->done);
	expect(d, HOLD_RESULT_SENT, NULL);
	assert_int_equal(host.connections, 1);
	expect_described(" ok");
}

static void a_large_mail_arrives(void **state)
{
	struct buf text;
	struct delivery *d = &mails[0];
	bool chunks;

	(void)state;
	buf_init(&text, LARGE);
	while (text.len < LARGE - 100)
		buf_addf(&text, ".line %zu of the mail\r\n", text.len);
	for (chunks = false;; chunks = true) {
		if (chunks) {
			tear_down(NULL);
			set_up(NULL);
			add_rule("EHLO", "250-host\r\n250 CHUNKING", 0);
		}
		open_relay();
		*d = (struct delivery){.parcel = {.envelope = {.from = ""},
					   .bytes = buf_span(&text),
					   .targets = &d->target,
					   .n_targets = 1,
					   .arena = arena_new(),
					   .ready = on_ready,
					   .done = on_done},
		    .target = {.recipient.address = "a@x.example"}};
		relay_start(relay, &d->parcel);
		UNTIL(d->done);
		expect(d, HOLD_RESULT_SENT, NULL);
		if (chunks)
			break;
		assert_true(host.last_size > text.len);
	}
	assert_int_equal(host.last_size, text.len);
	assert_memory_equal(host.last, text.data, text.len);
	buf_release(&text);
}

static void chunks_that_are_not_known_are_not_used_again(void **state)
{
	struct delivery *d;

	(void)state;
	add_rule("EHLO", "250-host\r\n250 CHUNKING", 0);
	add_rule("BDAT", "500 what?", 0);
	open_relay();
	d = send_mail(0);
	UNTIL(d->done);
	expect(d, HOLD_RESULT_PENDING, "500 what?");
	assert_int_equal(host.mails, 0);
	d = send_mail(0);
	UNTIL(d->done);
	expect(d, HOLD_RESULT_SENT, NULL);
}

/* ---- connections that die ----------------------------------------------- */

static void nobody_listens(void **state)
{
	struct delivery *d;

	(void)state;
	evconnlistener_free(host.listener);
	host.listener = NULL;
	open_relay();
	d = send_mail(0);
	UNTIL(d->done);
	expect(d, HOLD_RESULT_PENDING, "Connection refused");
	expect_described("in trouble since");
}

static void a_name_can_be_looked_up(void **state)
{
	struct delivery *d;

	(void)state;
	config.relay.host = "localhost"; /* from /etc/hosts */
	open_relay();
	d = send_mail(0);
	UNTIL(d->done);
	expect(d, HOLD_RESULT_SENT, NULL);
}

static void a_name_that_is_not_found_is_for_another_time(void **state)
{
	struct delivery *d;

	(void)state;
	config.relay.host = "relay.invalid";
	config.relay.connect_timeout_s = 1;
	open_relay();
	d = send_mail(0);
	UNTIL(d->done);
	expect(d, HOLD_RESULT_PENDING, NULL);
	assert_int_equal(host.connections, 0);
}

static void what_dies_before_the_end_is_tried_again(void **state)
{
	static const char *const verbs[] = {
	    "connect", "EHLO", "MAIL", "RCPT", "DATA"};
	static const char *const ends[] = {
	    "close", "reset", "\x01 ?", "421 4.3.2 down", "250-x\r\n251 y", ""};
	struct delivery *d;
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		for (j = 0; j < sizeof(ends) / sizeof(ends[0]); j++) {
			/* silence takes a second: once is enough */
			if (*ends[j] == '\0' && i != 0 && i != 4)
				continue;
			tear_down(NULL);
			set_up(NULL);
			config.relay.command_timeout_s = 1;
			add_rule(verbs[i], ends[j], 0);
			open_relay();
			d = send_mail(0);
			UNTIL(d->done);
			expect(d, HOLD_RESULT_PENDING, NULL);
			assert_int_equal(host.mails, 0);
			assert_int_equal(d->ready, 0);
			expect_described("in trouble since");
		}
}

static void what_dies_after_the_end_is_in_doubt(void **state)
{
	static const char *const ends[] = {
	    "close", "reset", "\x01 ?", "354 go", "250-x\r\n251 y", ""};
	struct delivery *d;
	bool chunks;
	size_t i;

	(void)state;
	for (i = 0; i < 2 * sizeof(ends) / sizeof(ends[0]); i++) {
		chunks = i % 2 == 1;
		tear_down(NULL);
		set_up(NULL);
		config.relay.dot_timeout_s = 1;
		if (chunks)
			add_rule("EHLO", "250-host\r\n250 CHUNKING", 0);
		add_rule(".", ends[i / 2], 0);
		open_relay();
		d = send_mail(0);
		UNTIL(d->done);
		expect(d, HOLD_RESULT_IN_DOUBT, NULL);
		assert_int_equal(host.mails, 1);
		assert_int_equal(host.connections, 1);
	}
}

static void a_late_answer_counts(void **state)
{
	struct delivery *d;

	(void)state;
	config.relay.command_timeout_s = 1;
	config.relay.dot_timeout_s = 20;
	add_rule(".", "late", 0);
	open_relay();
	d = send_mail(0);
	UNTIL(d->done);
	expect(d, HOLD_RESULT_SENT, "250 late");
}

static void what_is_abandoned_never_ends(void **state)
{
	struct delivery *d;
	char line[512];

	(void)state;
	open_relay();
	mails[0].hold = true;
	d = send_mail(0);
	UNTIL(d->ready);
	relay_abandon(&d->parcel);
	expect(d, HOLD_RESULT_PENDING, NULL);
	UNTIL(host.closed == 1);
	/* that is no fault of the relay host's */
	relay_describe(relay, line, sizeof(line));
	assert_null(strstr(line, "trouble"));
	assert_int_equal(host.mails, 0);
	assert_int_equal(heard("."), 0);
}

static void what_is_lost_while_it_waits_is_tried_again(void **state)
{
	struct delivery *d;

	(void)state;
	open_relay();
	mails[0].hold = mails[1].hold = true;
	send_mail(0);
	send_mail(1);
	UNTIL(mails[0].ready && mails[1].ready);
	end_session(&host.sessions[0]);
	end_session(&host.sessions[1]);
	UNTIL(mails[0].parcel.line == NULL && mails[1].parcel.line == NULL);
	for (d = mails; d < mails + 2; d++) {
		assert_int_equal(d->done, 0);
		if (d == mails)
			relay_go(&d->parcel);
		else
			relay_abandon(&d->parcel);
		expect(d, HOLD_RESULT_PENDING, "connection");
	}
	assert_int_equal(host.mails, 0);
}

/* ---- TLS ---------------------------------------------------------------- */

#define EHLO_TLS "250-host\r\n250 STARTTLS"

static void use_tls(const struct pair *served, enum config_tls tls)
{
	struct error err = ERROR_INIT;

	tls_server_free(host.tls);
	host.tls =
	    tls_server_new(served->certificate_file, served->key_file, &err);
	assert_non_null(host.tls);
	host.implicit = tls == CONFIG_TLS_IMPLICIT;
	config.relay.tls = tls;
	config.relay.host = "localhost";
	config.relay.ca_file = authority.certificate_file;
	add_rule("EHLO", EHLO_TLS, 0);
}

static void mail_goes_through_tls(void **state)
{
	static const enum config_tls kinds[] = {
	    CONFIG_TLS_STARTTLS, CONFIG_TLS_IMPLICIT};
	struct delivery *d;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		tear_down(NULL);
		set_up(NULL);
		use_tls(&good, kinds[i]);
		config.relay.user = "me";
		config.relay.password = "secret";
		add_rule("EHLO", "250-host\r\n250 AUTH PLAIN",
		    kinds[i] == CONFIG_TLS_STARTTLS ? 2 : 0);
		open_relay();
		d = send_mail(0);
		UNTIL(d->done);
		expect(d, HOLD_RESULT_SENT, NULL);
		d = send_mail(1);
		UNTIL(d->done);
		expect(d, HOLD_RESULT_SENT, NULL);
		assert_int_equal(host.connections, 1);
		assert_int_equal(heard("AUTH"), 1);
	}
}

static void bad_certificates_are_refused(void **state)
{
	static const struct {
		const struct pair *served;
		const char *why;
	} rows[] = {
	    {&other, "hostname mismatch"},
	    {&unknown, "unable to get local issuer"},
	    {&expired, "certificate has expired"},
	    {&stranger, "self-signed"},
	};
	struct delivery *d;
	size_t i;

	(void)state;
	for (i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		tear_down(NULL);
		set_up(NULL);
		use_tls(rows[i / 2].served,
		    i % 2 ? CONFIG_TLS_IMPLICIT : CONFIG_TLS_STARTTLS);
		config.relay.user = "me";
		config.relay.password = "secret";
		open_relay();
		d = send_mail(0);
		UNTIL(d->done);
		expect(d, HOLD_RESULT_PENDING, rows[i / 2].why);
		expect_described(rows[i / 2].why);
		assert_int_equal(heard("AUTH"), 0);
		assert_int_equal(heard("MAIL"), 0);
	}
}

static void tls_that_is_not_offered_is_missed(void **state)
{
	struct delivery *d;

	(void)state;
	use_tls(&good, CONFIG_TLS_STARTTLS);
	add_rule("EHLO", EHLO_PLAIN, 0);
	open_relay();
	d = send_mail(0);
	UNTIL(d->done);
	expect(d, HOLD_RESULT_PENDING, "does not offer STARTTLS");
	assert_int_equal(heard("MAIL"), 0);
}

static void words_before_the_handshake_are_refused(void **state)
{
	static const char *const rows[] = {
	    "220 go\r\n250-host\r\n250 AUTH PLAIN", "220 go\r\n250 ok"};
	struct delivery *d;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		tear_down(NULL);
		set_up(NULL);
		use_tls(&good, CONFIG_TLS_STARTTLS);
		add_rule("STARTTLS", rows[i], 0);
		open_relay();
		d = send_mail(0);
		UNTIL(d->done);
		expect(d, HOLD_RESULT_PENDING, "after its answer to STARTTLS");
		assert_int_equal(heard("EHLO"), 1);
	}
}

static void a_handshake_must_end(void **state)
{
	struct delivery *d;

	(void)state;
	use_tls(&good, CONFIG_TLS_STARTTLS);
	config.relay.connect_timeout_s = 1;
	add_rule("STARTTLS", "220 go", 0); /* and no TLS */
	open_relay();
	d = send_mail(0);
	UNTIL(d->done);
	expect(d, HOLD_RESULT_PENDING, NULL);
	assert_int_equal(host.mails, 0);
}

static void a_refused_login_is_not_repeated(void **state)
{
	struct delivery *d;

	(void)state;
	use_tls(&good, CONFIG_TLS_IMPLICIT);
	config.relay.user = "me";
	config.relay.password = "secret";
	add_rule("EHLO", "250-host\r\n250 AUTH PLAIN", 0);
	add_rule("AUTH", "535 5.7.8 no", 0);
	open_relay();
	d = send_mail(0);
	UNTIL(d->done);
	expect(d, HOLD_RESULT_PENDING, "535 5.7.8");
	assert_in_range(relay_pause_ms(relay), 50000, 60000);
	expect_described("refused our login");
	send_mail(1);
	expect(&mails[1], HOLD_RESULT_PENDING, "535 5.7.8");
	assert_int_equal(host.connections, 1);
}

/* ---- the end ------------------------------------------------------------ */

static void stopping_waits_only_for_what_is_past_its_end(void **state)
{
	unsigned i;

	(void)state;
	config.relay.connections = 3;
	add_rule(".", "late", 0);
	add_rule("DATA", "", 3); /* the third never gets leave to write */
	open_relay();
	mails[0].hold = false;
	mails[1].hold = true;
	send_mail(0);
	UNTIL(mails[0].ready);
	send_mail(1);
	UNTIL(mails[1].ready);
	send_mail(2);
	UNTIL(heard("DATA") == 3);
	send_mail(3);
	relay_stop(relay);
	expect(&mails[2], HOLD_RESULT_PENDING, "stopping");
	expect(&mails[3], HOLD_RESULT_PENDING, "stopping");
	assert_int_equal(mails[0].done, 0);
	assert_int_equal(mails[1].done, 0);
	relay_abandon(&mails[1].parcel);
	expect(&mails[1], HOLD_RESULT_PENDING, NULL);
	UNTIL(mails[0].done);
	expect(&mails[0], HOLD_RESULT_SENT, "250 late");
	UNTIL(host.closed == 3);
	assert_int_equal(heard("QUIT"), 1);
	send_mail(4);
	expect(&mails[4], HOLD_RESULT_PENDING, "stopping");
	for (i = 0; i < 8; i++)
		mails[i].hold = false;
}

static void freeing_tells_what_was_under_way(void **state)
{
	(void)state;
	add_rule(".", "", 0);
	open_relay();
	mails[1].hold = true;
	send_mail(0);
	send_mail(1);
	UNTIL(heard(".") == 1 && mails[1].ready);
	relay_free(relay);
	relay = NULL;
	expect(&mails[0], HOLD_RESULT_IN_DOUBT, NULL);
	assert_int_equal(mails[1].done, 0); /* its requester drops it */
	mails[1].hold = false;
}

static int set_up_all(void **state)
{
	(void)state;
	log_init(LOG_LEVEL_ERROR);
	signal(SIGPIPE, SIG_IGN);
	snprintf(folder, sizeof(folder), "/tmp/test-relay.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	base = event_base_new();
	make(&authority, "authority", NULL, NULL, 30);
	make(&stranger, "stranger", NULL, NULL, 30);
	make(&good, "good", &authority, "DNS:localhost", 30);
	make(&other, "other", &authority, "DNS:other.example", 30);
	make(&expired, "expired", &authority, "DNS:localhost", -1);
	make(&unknown, "unknown", &stranger, "DNS:localhost", 30);
	return 0;
}

static int tear_down_all(void **state)
{
	struct pair *const all[] = {
	    &authority, &stranger, &good, &other, &expired, &unknown};
	char command[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		end_pair(all[i]);
	event_base_free(base);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(a_connection_is_kept_for_the_next_mail),
	    TEST(without_idle_time_it_says_quit),
	    TEST(an_idle_connection_is_closed),
	    TEST(no_more_connections_than_allowed),
	    TEST(a_stale_connection_is_replaced),
	    TEST(a_refused_mail_leaves_the_connection),
	    TEST(a_large_mail_arrives),
	    TEST(chunks_that_are_not_known_are_not_used_again),
	    TEST(nobody_listens),
	    TEST(a_name_can_be_looked_up),
	    TEST(a_name_that_is_not_found_is_for_another_time),
	    TEST(what_dies_before_the_end_is_tried_again),
	    TEST(what_dies_after_the_end_is_in_doubt),
	    TEST(a_late_answer_counts),
	    TEST(what_is_abandoned_never_ends),
	    TEST(what_is_lost_while_it_waits_is_tried_again),
	    TEST(mail_goes_through_tls),
	    TEST(bad_certificates_are_refused),
	    TEST(tls_that_is_not_offered_is_missed),
	    TEST(words_before_the_handshake_are_refused),
	    TEST(a_handshake_must_end),
	    TEST(a_refused_login_is_not_repeated),
	    TEST(stopping_waits_only_for_what_is_past_its_end),
	    TEST(freeing_tells_what_was_under_way),
	};

	return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
