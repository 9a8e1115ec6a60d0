/*
 * Tests of util/tls: handshakes over a socket pair between our two sides, with
 * certificates made on the spot; names, chains and versions that must fail.
 */
#include "util/tls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE 20

static char folder[] = "/tmp/test-tls.XXXXXX";
static struct event_base *base;

/* --- certificates -----------------------------------------------------------
 */

struct pair {
	X509 *certificate;
	EVP_PKEY *key;
	char certificate_file[64], key_file[64];
};

static struct pair authority, stranger, good, expired, weak;

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
	f = fopen(p->certificate_file, "w");
	assert_non_null(f);
	assert_int_equal(PEM_write_X509(f, p->certificate), 1);
	fclose(f);
	snprintf(p->key_file, sizeof(p->key_file), "%s/%s.key", folder, name);
	f = fopen(p->key_file, "w");
	assert_non_null(f);
	assert_int_equal(
	    PEM_write_PrivateKey(f, p->key, NULL, NULL, 0, NULL, NULL), 1);
	fclose(f);
}

/* names: a subjectAltName, NULL for an authority; days: it ends from now. */
static void make(struct pair *p, const char *name, const struct pair *issuer,
    const char *names, int days)
{
	X509 *x = X509_new();
	X509_NAME *subject = X509_get_subject_name(x);

	if (p->key == NULL)
		p->key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	assert_non_null(p->key);
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
	unlink(p->certificate_file);
	unlink(p->key_file);
}

/* --- two sides on one loop
 * ---------------------------------------------------- */

struct side {
	struct bufferevent *bev;
	bool connected, failed;
	struct error why;
};

static void on_event(struct bufferevent *bev, short what, void *arg)
{
	struct side *side = arg;

	if (what & BEV_EVENT_CONNECTED)
		side->connected = true;
	if (what & (BEV_EVENT_ERROR | BEV_EVENT_EOF)) {
		side->failed = true;
		tls_reason(bev, &side->why);
	}
}

static void watch(struct side *side, struct bufferevent *bev)
{
	assert_non_null(bev);
	side->bev = bev;
	side->connected = side->failed = false;
	bufferevent_setcb(bev, NULL, NULL, on_event, side);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
}

#define UNTIL(condition)                                                       \
	do {                                                                   \
		alarm(PATIENCE);                                               \
		while (!(condition))                                           \
			event_base_loop(base, EVLOOP_ONCE);                    \
		alarm(0);                                                      \
	} while (0)

static void two_sockets(int fds[2])
{
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
}

static struct tls_server *server_with(const struct pair *p)
{
	struct error err = ERROR_INIT;
	struct tls_server *server =
	    tls_server_new(p->certificate_file, p->key_file, &err);

	assert_non_null(server);
	return server;
}

static struct tls_client *client_trusting(const struct pair *p)
{
	struct error err = ERROR_INIT;
	struct tls_client *client = tls_client_new(p->certificate_file, &err);

	assert_non_null(client);
	return client;
}

/* Shake hands as name; true when both sides are through. */
static bool shake(const struct pair *served, const struct pair *trusted,
    const char *name, struct error *why)
{
	struct tls_server *server = server_with(served);
	struct tls_client *client = client_trusting(trusted);
	struct side s, c;
	int fds[2];
	bool good_end;

	two_sockets(fds);
	watch(&s, tls_accept(server, base, fds[0]));
	watch(&c, tls_connect(client, base, fds[1], name, why));
	UNTIL(c.failed || (c.connected && s.connected));
	good_end = !c.failed;
	if (c.failed)
		*why = c.why;
	bufferevent_free(c.bev);
	bufferevent_free(s.bev);
	tls_client_free(client);
	tls_server_free(server);
	return good_end;
}

static void names_and_chains_are_verified(void **state)
{
	static const struct {
		const struct pair *served, *trusted;
		const char *name, *why; /* NULL: all is well */
	} rows[] = {
	    {&good, &authority, "mail.example", NULL},
	    {&good, &authority, "MAIL.Example", NULL},
	    {&good, &authority, "a.wild.example", NULL},
	    {&good, &authority, "192.0.2.1", NULL},
	    {&good, &authority, "2001:db8::1", NULL},
	    {&good, &authority, "other.example", "hostname mismatch"},
	    {&good, &authority, "a.b.wild.example", "hostname mismatch"},
	    {&good, &authority, "mail.example.evil", "hostname mismatch"},
	    {&good, &authority, "192.0.2.2", "IP address mismatch"},
	    {&good, &stranger, "mail.example",
		"unable to get local issuer certificate"},
	    {&expired, &authority, "mail.example", "certificate has expired"},
	    {&stranger, &authority, "stranger", "self-signed certificate"},
	};
	struct error why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool through =
		    shake(rows[i].served, rows[i].trusted, rows[i].name, &why);

		assert_int_equal(through, rows[i].why == NULL);
		if (rows[i].why != NULL) {
			assert_string_equal(why.text, rows[i].why);
			assert_int_equal(why.kind, ERROR_BUSY);
		}
	}
}

static void bytes_pass_and_the_cipher_is_told(void **state)
{
	struct tls_server *server = server_with(&good);
	struct tls_client *client = client_trusting(&authority);
	struct error err = ERROR_INIT;
	struct evbuffer *in;
	struct side s, c;
	char text[100];
	int fds[2];

	(void)state;
	two_sockets(fds);
	watch(&s, tls_accept(server, base, fds[0]));
	watch(&c, tls_connect(client, base, fds[1], "mail.example", &err));
	bufferevent_write(c.bev, "hello", 5);
	in = bufferevent_get_input(s.bev);
	UNTIL(evbuffer_get_length(in) == 5);
	assert_memory_equal(evbuffer_pullup(in, 5), "hello", 5);
	tls_describe(c.bev, text, sizeof(text));
	assert_memory_equal(text, "TLSv1.3 TLS_", 12);
	bufferevent_free(c.bev);
	UNTIL(s.failed); /* the other side went away */
	bufferevent_free(s.bev);
	tls_client_free(client);
	tls_server_free(server);
	tls_client_free(NULL);
	tls_server_free(NULL);
}

static void clear_connections_are_described_as_such(void **state)
{
	struct bufferevent *bev;
	struct error err = ERROR_INIT;
	char text[10] = "x";
	int fds[2];

	(void)state;
	two_sockets(fds);
	bev = bufferevent_socket_new(base, fds[0], BEV_OPT_CLOSE_ON_FREE);
	tls_describe(bev, text, sizeof(text));
	assert_string_equal(text, "");
	tls_reason(bev, &err);
	assert_string_equal(err.text, "connection closed");
	bufferevent_free(bev);
	close(fds[1]);
}

static void a_peer_without_tls_is_an_error(void **state)
{
	struct tls_client *client = client_trusting(&authority);
	struct error err = ERROR_INIT;
	struct side c;
	int fds[2];

	(void)state;
	two_sockets(fds);
	assert_int_equal(write(fds[0], "220 mail.example ESMTP\r\n", 24), 24);
	watch(&c, tls_connect(client, base, fds[1], "mail.example", &err));
	UNTIL(c.failed);
	assert_string_equal(c.why.text, "wrong version number");
	bufferevent_free(c.bev);
	close(fds[0]);
	two_sockets(fds);
	watch(&c, tls_connect(client, base, fds[1], "mail.example", &err));
	event_base_loop(base, EVLOOP_NONBLOCK);
	close(fds[0]);
	UNTIL(c.failed);
	assert_false(c.connected);
	assert_true(strlen(c.why.text) > 0);
	bufferevent_free(c.bev);
	tls_client_free(client);
}

/* RFC 8996: TLS 1.1 is refused by our server, whatever the peer allows. */
static void old_versions_are_refused(void **state)
{
	static const int versions[] = {TLS1_1_VERSION, TLS1_2_VERSION};
	struct tls_server *server = server_with(&good);
	struct side s, c;
	size_t i;
	int fds[2];

	(void)state;
	for (i = 0; i < 2; i++) {
		SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

		SSL_CTX_set_security_level(ctx, 0);
		SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
		SSL_CTX_set_max_proto_version(ctx, versions[i]);
		two_sockets(fds);
		watch(&s, tls_accept(server, base, fds[0]));
		watch(&c,
		    bufferevent_openssl_socket_new(base, fds[1], SSL_new(ctx),
			BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE));
		UNTIL(s.failed || s.connected);
		assert_int_equal(s.connected, versions[i] == TLS1_2_VERSION);
		if (s.failed)
			assert_string_equal(s.why.text, "unsupported protocol");
		bufferevent_free(s.bev);
		bufferevent_free(c.bev);
		SSL_CTX_free(ctx);
	}
	tls_server_free(server);
}

static void assert_no_server(
    const char *certificate, const char *key, const char *why)
{
	struct error err = ERROR_INIT;

	assert_null(tls_server_new(certificate, key, &err));
	assert_int_equal(err.kind, ERROR_INVALID);
	if (strstr(err.text, why) == NULL)
		fail_msg("\"%s\" is not in: %s", why, err.text);
}

static void bad_files_are_explained(void **state)
{
	struct error err = ERROR_INIT;
	char locked[64];
	FILE *f;

	(void)state;
	assert_no_server("/nowhere.crt", good.key_file,
	    "cannot use certificate \"/nowhere.crt\": No such file");
	assert_no_server(good.certificate_file, "/nowhere.key",
	    "cannot use key \"/nowhere.key\": No such file");
	assert_no_server(good.key_file, good.key_file, "no start line");
	assert_no_server(
	    good.certificate_file, stranger.key_file, "key values mismatch");
	assert_no_server(weak.certificate_file, weak.key_file, "key too small");
	snprintf(locked, sizeof(locked), "%s/locked.key", folder);
	f = fopen(locked, "w");
	assert_non_null(f);
	PEM_write_PrivateKey(f, good.key, EVP_aes_128_cbc(),
	    (const unsigned char *)"pass", 4, NULL, NULL);
	fclose(f);
	assert_no_server(good.certificate_file, locked, "cannot use key");
	unlink(locked);
	assert_null(tls_client_new("/nowhere.pem", &err));
	assert_int_equal(err.kind, ERROR_INVALID);
	assert_non_null(strstr(err.text, "\"/nowhere.pem\""));
}

static void a_name_is_needed(void **state)
{
	struct tls_client *client = client_trusting(&authority);
	struct error err = ERROR_INIT;
	int fds[2];

	(void)state;
	two_sockets(fds);
	assert_null(tls_connect(client, base, fds[0], "", &err));
	assert_int_equal(err.kind, ERROR_INVALID);
	close(fds[0]); /* still ours */
	close(fds[1]);
	tls_client_free(client);
}

static void assert_look(
    const struct pair *p, const char *host, int days, bool fits)
{
	struct error err = ERROR_INIT;
	int64_t until_ms = 0;
	bool found = !fits;

	assert_int_equal(
	    tls_look(p->certificate_file, host, &until_ms, &found, &err), 0);
	assert_int_equal(found, fits);
	/* to the second in which it was made */
	assert_true(llabs(until_ms / 1000 - time(NULL) - 86400LL * days) < 300);
}

static void certificates_are_looked_at(void **state)
{
	struct error err = ERROR_INIT;
	int64_t until_ms;
	bool fits;

	(void)state;
	assert_look(&good, "mail.example", 30, true);
	assert_look(&good, "a.wild.example", 30, true);
	assert_look(&good, "other.example", 30, false);
	assert_look(&expired, "mail.example", -1, true);
	assert_int_equal(
	    tls_look("/nowhere.crt", "mail.example", &until_ms, &fits, &err),
	    -1);
	assert_non_null(strstr(err.text, "\"/nowhere.crt\""));
	assert_int_equal(
	    tls_look(good.key_file, "mail.example", &until_ms, &fits, &err),
	    -1);
}

/* RFC 8032 7.1 test 1, as RFC 8463 publishes such keys. */
static void keys_of_signatures_are_told(void **state)
{
	static const char ed25519[] =
	    "-----BEGIN PRIVATE KEY-----\n"
	    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
	    "-----END PRIVATE KEY-----\n";
	const char *kind = NULL;
	char *record;

	(void)state;
	record = tls_dkim_record(ed25519, &kind);
	assert_string_equal(
	    record, "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
	assert_string_equal(kind, "ed25519");
	free(record);
	assert_null(tls_dkim_record("", &kind));
	assert_null(tls_dkim_record("-----BEGIN PRIVATE KEY-----\n", &kind));
}

static int start(void **state)
{
	static const char names[] = "DNS:mail.example,DNS:*.wild.example,"
				    "IP:192.0.2.1,IP:2001:db8::1";

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	if (mkdtemp(folder) == NULL)
		return -1;
	base = event_base_new();
	make(&authority, "authority", NULL, NULL, 30);
	make(&stranger, "stranger", NULL, NULL, 30);
	make(&good, "good", &authority, names, 30);
	make(&expired, "expired", &authority, names, -1);
	weak.key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
	make(&weak, "weak", &authority, names, 30);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	end_pair(&authority);
	end_pair(&stranger);
	end_pair(&good);
	end_pair(&expired);
	end_pair(&weak);
	event_base_free(base);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_and_chains_are_verified),
	    cmocka_unit_test(bytes_pass_and_the_cipher_is_told),
	    cmocka_unit_test(clear_connections_are_described_as_such),
	    cmocka_unit_test(a_peer_without_tls_is_an_error),
	    cmocka_unit_test(old_versions_are_refused),
	    cmocka_unit_test(bad_files_are_explained),
	    cmocka_unit_test(a_name_is_needed),
	    cmocka_unit_test(certificates_are_looked_at),
	    cmocka_unit_test(keys_of_signatures_are_told),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
