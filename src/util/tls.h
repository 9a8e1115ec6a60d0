/*
 * tls: OpenSSL's door.  Server and client contexts, and bufferevents that
 * speak TLS on an already connected socket.  TLS 1.2 is the least; a client
 * always verifies chain and name.
 */
#ifndef UTIL_TLS_H
#define UTIL_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

struct bufferevent;
struct event_base;
struct ssl_ctx_st;
struct ssl_st;
struct tls_server;
struct tls_client;

/* Load certificate chain and key (PEM files).  NULL and err on failure. */
struct tls_server *tls_server_new(
    const char *certificate, const char *key, struct error *err);
void tls_server_free(struct tls_server *server);

/* ca_file: PEM of the authorities to trust, NULL: those of the system. */
struct tls_client *tls_client_new(const char *ca_file, struct error *err);
void tls_client_free(struct tls_client *client);

/*
 * A bufferevent that runs the handshake on fd and closes it when freed
 * (BEV_OPT_CLOSE_ON_FREE), buffers released while idle.  BEV_EVENT_CONNECTED
 * tells that the handshake is over.  NULL when OpenSSL has no memory; then
 * the caller still owns fd.
 */
struct bufferevent *tls_accept(
    struct tls_server *server, struct event_base *base, int fd);

/* As tls_accept() for the client side; name goes into SNI and is verified. */
struct bufferevent *tls_connect(struct tls_client *client,
    struct event_base *base, int fd, const char *name, struct error *err);

/*
 * A session (an SSL of OpenSSL) that will verify chain and name, for who runs
 * the handshake and owns the descriptor himself; SSL_free() it.  NULL and err.
 * Any thread, while no other uses the client.
 */
struct ssl_st *tls_session_new(
    struct tls_client *client, const char *name, struct error *err);

/*
 * What sessions of it are made from (an SSL_CTX of OpenSSL, the client's), for
 * a library that makes them itself and sees to their names.
 */
struct ssl_ctx_st *tls_client_context(struct tls_client *client);

/*
 * Tell the peer that nothing more will come (close_notify, RFC 8446 6.1), once
 * everything is written; does not wait for its word.  In clear: nothing.
 */
void tls_finish(struct bufferevent *bev);

/* Why the handshake failed ("hostname mismatch", "certificate has expired"),
 * as text for err.  Call it on BEV_EVENT_ERROR of a TLS bufferevent. */
void tls_reason(struct bufferevent *bev, struct error *err);

/* "TLSv1.3 TLS_AES_256_GCM_SHA384", or "" in clear; in out of size bytes. */
void tls_describe(struct bufferevent *bev, char *out, size_t size);

/*
 * Is the text (PEM) one certificate; is it a private key that DKIM can sign
 * with (RSA of 1024 bits or more, Ed25519)?  -1 and err (INVALID), which hold
 * nothing of it.
 */
int tls_check_certificate(const char *pem, struct error *err);
int tls_check_dkim_key(const char *pem, struct error *err);

/*
 * What stands behind p= in the record of such a key (RFC 6376 3.6.1, RFC 8463
 * 4), base64, and its k=; free() it.  NULL: it is no such key.
 */
char *tls_dkim_record(const char *pem, const char **kind);

/*
 * What a certificate file says: until when it is good (wall time), and whether
 * it is for this host.  Reads the file; any thread.  -1 and err.
 */
int tls_look(const char *certificate, const char *host, int64_t *until_ms,
    bool *fits, struct error *err);

#endif
