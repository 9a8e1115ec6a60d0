/*
 * tls: OpenSSL's door.  Which connections must be encrypted, and what a failed
 * handshake means for a mail, is left to the rooms.
 */
#include "util/tls.h"

#include <arpa/inet.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "util/digest.h"
#include "util/mem.h"

/* OpenSSL's scale: 2 is at least 112 bits, so no RSA below 2048. */
#define SECURITY_LEVEL 2

struct tls_server {
	SSL_CTX *ctx;
};

struct tls_client {
	SSL_CTX *ctx;
};

/* What OpenSSL noted first on this thread: the cause.  Forgets the rest. */
static const char *openssl_reason(void)
{
	unsigned long code = ERR_get_error();
	const char *reason = ERR_reason_error_string(code);

	if (reason == NULL && ERR_SYSTEM_ERROR(code))
		reason = strerror(ERR_GET_REASON(code));
	ERR_clear_error();
	return reason == NULL ? "unknown" : reason;
}

/* For keys with a passphrase: never ask on a terminal. */
static int no_passphrase(char *out, int size, int writing, void *context)
{
	(void)out;
	(void)size;
	(void)writing;
	(void)context;
	return -1;
}

/* What holds for both sides: RFC 8996 (no TLS 1.0, 1.1), RFC 7525 3.3. */
static SSL_CTX *context_new(const SSL_METHOD *method, struct error *err)
{
	SSL_CTX *ctx;

	ERR_clear_error();
	ctx = SSL_CTX_new(method);
	if (ctx == NULL) {
		error_set(err, ERROR_INTERNAL, "cannot use TLS: %s",
		    openssl_reason());
		return NULL;
	}
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_security_level(ctx, SECURITY_LEVEL);
	SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION |
				     SSL_OP_NO_RENEGOTIATION |
				     SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_default_passwd_cb(ctx, no_passphrase);
	return ctx;
}

static int load_pair(
    SSL_CTX *ctx, const char *certificate, const char *key, struct error *err)
{
	if (SSL_CTX_use_certificate_chain_file(ctx, certificate) != 1)
		return error_set(err, ERROR_INVALID,
		    "cannot use certificate \"%s\": %s", certificate,
		    openssl_reason());
	if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
		return error_set(err, ERROR_INVALID,
		    "cannot use key \"%s\": %s", key, openssl_reason());
	if (SSL_CTX_check_private_key(ctx) != 1)
		return error_set(err, ERROR_INVALID,
		    "key \"%s\" does not belong to certificate \"%s\"", key,
		    certificate);
	return 0;
}

struct tls_server *tls_server_new(
    const char *certificate, const char *key, struct error *err)
{
	SSL_CTX *ctx = context_new(TLS_server_method(), err);
	struct tls_server *server;

	if (ctx == NULL)
		return NULL;
	if (load_pair(ctx, certificate, key, err)) {
		SSL_CTX_free(ctx);
		return NULL;
	}
	server = mem_zalloc(sizeof(*server));
	server->ctx = ctx;
	return server;
}

void tls_server_free(struct tls_server *server)
{
	if (server == NULL)
		return;
	SSL_CTX_free(server->ctx);
	free(server);
}

static int load_authorities(
    SSL_CTX *ctx, const char *ca_file, struct error *err)
{
	if (ca_file == NULL)
		return SSL_CTX_set_default_verify_paths(ctx) == 1
			   ? 0
			   : error_set(err, ERROR_INVALID,
				 "cannot use the system's certificate "
				 "authorities: %s",
				 openssl_reason());
	if (SSL_CTX_load_verify_file(ctx, ca_file) != 1)
		return error_set(err, ERROR_INVALID,
		    "cannot use certificate authorities \"%s\": %s", ca_file,
		    openssl_reason());
	return 0;
}

struct tls_client *tls_client_new(const char *ca_file, struct error *err)
{
	SSL_CTX *ctx = context_new(TLS_client_method(), err);
	struct tls_client *client;

	if (ctx == NULL)
		return NULL;
	if (load_authorities(ctx, ca_file, err)) {
		SSL_CTX_free(ctx);
		return NULL;
	}
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	client = mem_zalloc(sizeof(*client));
	client->ctx = ctx;
	return client;
}

void tls_client_free(struct tls_client *client)
{
	if (client == NULL)
		return;
	SSL_CTX_free(client->ctx);
	free(client);
}

struct ssl_ctx_st *tls_client_context(struct tls_client *client)
{
	return client->ctx;
}

/*
 * The bufferevent owns ssl from here on, even when it cannot be made.  Without
 * TCP_NODELAY a TLS 1.3 session loses 40 ms to the delayed ACK; on a unix
 * socket the option fails, which does no harm.
 */
static struct bufferevent *wrap(
    struct event_base *base, int fd, SSL *ssl, enum bufferevent_ssl_state state)
{
	int on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return bufferevent_openssl_socket_new(
	    base, fd, ssl, state, BEV_OPT_CLOSE_ON_FREE);
}

struct bufferevent *tls_accept(
    struct tls_server *server, struct event_base *base, int fd)
{
	SSL *ssl;

	ERR_clear_error();
	ssl = SSL_new(server->ctx);
	if (ssl == NULL) {
		ERR_clear_error();
		return NULL;
	}
	return wrap(base, fd, ssl, BUFFEREVENT_SSL_ACCEPTING);
}

static bool is_address(const char *name)
{
	unsigned char out[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, name, out) == 1 ||
	       inet_pton(AF_INET6, name, out) == 1;
}

/* Whom we expect; an address is compared, but not sent (RFC 6066 3). */
static int expect_name(SSL *ssl, const char *name)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
	char *copy;
	long rc;

	if (is_address(name))
		return X509_VERIFY_PARAM_set1_ip_asc(param, name) == 1 ? 0 : -1;
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (SSL_set1_host(ssl, name) != 1)
		return -1;
	copy = mem_strdup(name); /* OpenSSL's macro casts const away */
	rc = SSL_set_tlsext_host_name(ssl, copy);
	free(copy);
	return rc == 1 ? 0 : -1;
}

struct ssl_st *tls_session_new(
    struct tls_client *client, const char *name, struct error *err)
{
	SSL *ssl;

	ERR_clear_error();
	ssl = SSL_new(client->ctx);
	if (ssl == NULL || *name == '\0' || expect_name(ssl, name)) {
		error_set(err, ERROR_INVALID,
		    "cannot begin TLS with \"%s\": %s", name, openssl_reason());
		SSL_free(ssl);
		return NULL;
	}
	return ssl;
}

struct bufferevent *tls_connect(struct tls_client *client,
    struct event_base *base, int fd, const char *name, struct error *err)
{
	SSL *ssl = tls_session_new(client, name, err);
	struct bufferevent *bev;

	if (ssl == NULL)
		return NULL;
	bev = wrap(base, fd, ssl, BUFFEREVENT_SSL_CONNECTING);
	if (bev == NULL)
		error_set(err, ERROR_INTERNAL, "cannot begin TLS: no memory");
	return bev;
}

void tls_finish(struct bufferevent *bev)
{
	SSL *ssl = bufferevent_openssl_get_ssl(bev);

	if (ssl == NULL || !SSL_is_init_finished(ssl))
		return;
	SSL_set_shutdown(ssl, SSL_RECEIVED_SHUTDOWN);
	SSL_shutdown(ssl);
	ERR_clear_error();
}

void tls_reason(struct bufferevent *bev, struct error *err)
{
	SSL *ssl = bufferevent_openssl_get_ssl(bev);
	long verdict = ssl == NULL ? X509_V_OK : SSL_get_verify_result(ssl);
	const char *reason = NULL, *text;
	unsigned long code;

	/* the latest comes first, the cause last */
	while ((code = bufferevent_get_openssl_error(bev)) != 0)
		if ((text = ERR_reason_error_string(code)) != NULL)
			reason = text;
	if (verdict != X509_V_OK)
		reason = X509_verify_cert_error_string(verdict);
	error_set(err, ERROR_BUSY, "%s",
	    reason == NULL ? "connection closed" : reason);
}

void tls_describe(struct bufferevent *bev, char *out, size_t size)
{
	SSL *ssl = bufferevent_openssl_get_ssl(bev);

	if (ssl == NULL || SSL_get_current_cipher(ssl) == NULL)
		snprintf(out, size, "%s", "");
	else
		snprintf(out, size, "%s %s", SSL_get_version(ssl),
		    SSL_get_cipher_name(ssl));
}

static BIO *bio_of(const char *text)
{
	return BIO_new_mem_buf(text, (int)strlen(text));
}

int tls_check_certificate(const char *pem, struct error *err)
{
	BIO *bio = bio_of(pem);
	X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	bool ok = certificate != NULL;

	X509_free(certificate);
	BIO_free(bio);
	ERR_clear_error();
	if (!ok)
		return error_set(err, ERROR_INVALID,
		    "there is no certificate in it; it begins with \"-----"
		    "BEGIN CERTIFICATE-----\"");
	return 0;
}

/* A key that is locked has no password here, and none is asked for. */
static int no_password(char *out, int size, int writing, void *context)
{
	(void)out;
	(void)size;
	(void)writing;
	(void)context;
	return -1;
}

int tls_check_dkim_key(const char *pem, struct error *err)
{
	BIO *bio = bio_of(pem);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
	bool fits =
	    key != NULL &&
	    (EVP_PKEY_is_a(key, "ED25519") ||
		(EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) >= 1024));

	EVP_PKEY_free(key);
	BIO_free(bio);
	ERR_clear_error();
	if (!fits)
		return error_set(err, ERROR_INVALID,
		    "there is no private key in it that can sign: RSA of 1024 "
		    "bits or more, or Ed25519, in PEM without a password");
	return 0;
}

char *tls_dkim_record(const char *pem, const char **kind)
{
	BIO *bio = bio_of(pem);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
	unsigned char raw[32], *der = NULL;
	size_t size = sizeof(raw);
	char *out = NULL;
	int n;

	if (key != NULL && EVP_PKEY_is_a(key, "ED25519") &&
	    EVP_PKEY_get_raw_public_key(key, raw, &size) == 1) {
		*kind = "ed25519";
		out = mem_grow(NULL, (size + 2) / 3 * 4 + 1, 1);
		digest_base64(raw, size, out);
	} else if (key != NULL && EVP_PKEY_is_a(key, "RSA") &&
		   (n = i2d_PUBKEY(key, &der)) > 0) {
		*kind = "rsa";
		out = mem_grow(NULL, ((size_t)n + 2) / 3 * 4 + 1, 1);
		digest_base64(der, (size_t)n, out);
	}
	OPENSSL_free(der);
	EVP_PKEY_free(key);
	BIO_free(bio);
	ERR_clear_error();
	return out;
}

static int64_t end_of(const X509 *certificate)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &tm) != 1)
		return 0;
	return (int64_t)timegm(&tm) * 1000;
}

int tls_look(const char *certificate, const char *host, int64_t *until_ms,
    bool *fits, struct error *err)
{
	BIO *bio = BIO_new_file(certificate, "r");
	X509 *first =
	    bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, NULL, NULL);
	int rc = 0;

	if (first == NULL) {
		rc = error_set(err, ERROR_INVALID,
		    "there is no certificate in \"%s\"", certificate);
	} else {
		*until_ms = end_of(first);
		*fits = X509_check_host(first, host, 0, 0, NULL) == 1;
	}
	X509_free(first);
	BIO_free(bio);
	ERR_clear_error();
	return rc;
}
