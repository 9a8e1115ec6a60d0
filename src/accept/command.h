/*
 * command: the verbs of SMTP (RFC 5321) as functions that look at a session,
 * change it and say what to reply.  They do no input or output, so they can be
 * tried without a socket.  Loop only.
 */
#ifndef ACCEPT_COMMAND_H
#define ACCEPT_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "accept/accept.h"
#include "accept/params.h"
#include "accept/reply.h"
#include "accept/sasl.h"
#include "accept/transaction.h"
#include "config/config.h"
#include "util/buf.h"

/* The longest lines, with CRLF. */
#define COMMAND_LINE_MOST 512 /* RFC 5321 4.5.3.1.4 */
#define COMMAND_MAIL_MOST                                                      \
	1536			/* that and its parameters: RFC 1870 26,       \
				   6152 17, 6531 10, 4954 500, 3461 528 */
#define COMMAND_AUTH_MOST 12288 /* RFC 4954 4 */

/* What commands know of a connection, and change. */
struct command_session {
	const struct config *config; /* a reference */
	/* the one in force, to which it changes between two mails; or NULL */
	const struct config *const *current;
	const struct config_listener *listener;
	const struct accept_hooks *hooks;
	const char *peer; /* numeric address */
	bool tls;
	bool esmtp;			    /* EHLO, not HELO */
	bool looked_for_trust;		    /* trusted is settled */
	char *helo;			    /* NULL: not greeted yet */
	const struct config_agent *agent;   /* logged in */
	const struct config_agent *trusted; /* by its network */
	struct sasl *sasl;		    /* a login under way */
	struct transaction *transaction;
};

/* One command: what is replied, and what the verbs hand to each other. */
struct command {
	struct command_session *session;
	struct span args;
	struct reply reply;
	uint64_t chunk; /* bytes that follow, for REPLY_CHUNK and REPLY_SKIP */
	bool last_chunk;
	union {
		struct params_mail mail;
		struct params_rcpt rcpt;
	} params;
	int64_t not_before_ms, not_after_ms; /* of MAIL; wall times, or 0 */
	char text[1024];		     /* of replies that are not fixed */
};

/* How long may the line be that begins so, CRLF included? */
size_t command_line_most(
    const struct command_session *session, struct span begin);

/*
 * Do the command in a line (without CRLF).  command->reply says what to
 * answer; its text lives as long as command and session.
 */
void command_run(
    struct command_session *session, struct span line, struct command *command);

/* The same for a line that answers a 334. */
void command_login(
    struct command_session *session, struct span line, struct command *command);

/*
 * Between two mails: take the configuration that is in force.  Whoever is no
 * agent there any more, or has another password, is logged out.
 */
void command_renew(struct command_session *session);

/* Forget all that the client said, login and mail included. */
void command_forget(struct command_session *session);

#endif
