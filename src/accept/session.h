/*
 * session: one client from banner to good-bye.  It finds lines and mails in
 * what arrives, has command.c say what to reply, and hands whole mails to the
 * hooks.  One command at a time, in the order in which they came.  Loop only.
 */
#ifndef ACCEPT_SESSION_H
#define ACCEPT_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "accept/accept.h"
#include "config/config.h"

struct auth;
struct event_base;
struct peer;
struct peer_table;
struct session;
struct timeval;
struct tls_server;

/* What all sessions share; accept.c fills it. */
struct session_room {
	struct event_base *base;
	const struct config *config;
	struct tls_server *tls;
	struct auth *auth;
	struct peer_table *peers;
	struct accept_hooks hooks;
	const struct timeval *command_timeout, *data_timeout;
	const char *closing; /* why no new mail is taken; NULL: it is */
	struct session *sessions;
	struct accept_ticket *tickets;
	struct accept_login *logins; /* on their way, login.c's */
	size_t n_sessions, n_tickets;
	uint64_t last_id;
	bool turned_away; /* somebody was, since the last session began */
};

/* A whole mail that waits for its answer. */
struct accept_ticket {
	struct session_room *room; /* NULL: it has gone */
	struct session *session;   /* NULL: the client has gone */
	/* of no session: its answer goes there */
	void (*answered)(const struct accept_answer *answer, void *context);
	void *context;
	struct accept_ticket *prev, *next;
};

/*
 * Serve a connected socket; greets, or begins the handshake.  address: of the
 * client, numeric.  peer is put back when the session ends.
 */
void session_open(struct session_room *room,
    const struct config_listener *listener, struct peer *peer,
    const char *address, int fd);

/* The answer to the mail that it waits for. */
void session_answer(
    struct session *session, const struct accept_answer *answer);

/* The room closes: say so to whoever is idle now; others hear it later. */
void session_close_idle(struct session *session);

/* The one that was opened before this, or NULL. */
struct session *session_next(const struct session *session);

/* End it at once. */
void session_free(struct session *session);

#endif
