/*
 * internal: the session as the files that make it up see it: session.c (its
 * life and states), lines.c (commands and logins), intake.c (mails).
 * Loop only.
 */
#ifndef ACCEPT_INTERNAL_H
#define ACCEPT_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "accept/command.h"
#include "accept/connection.h"
#include "accept/peer.h"
#include "accept/reply.h"
#include "accept/session.h"

struct auth_login;

/* Replies, in bytes, that may wait for a client to read them; then its further
 * commands wait. */
#define LINES_UNSENT_MOST (16u * 1024)

enum session_state {
	SESSION_HANDSHAKE, /* of TLS */
	SESSION_COMMAND,   /* the next line is a command */
	SESSION_LOGIN,	   /* the next line answers a 334 */
	SESSION_CHECK,	   /* a thread looks at the password */
	SESSION_MAIL,	   /* DATA or a chunk is coming in */
	SESSION_SKIP,	   /* a chunk that nobody wants is coming in */
	SESSION_ANSWER,	   /* a whole mail waits for its answer */
	SESSION_CLOSING,   /* the last words are on their way */
	SESSION_OVER
};

struct session {
	struct connection connection;
	struct command_session command;
	struct session_room *room;
	struct session *prev, *next;
	struct peer *peer;
	char address[PEER_ADDRESS_SIZE];
	enum session_state state;
	uint64_t id;
	unsigned errors;
	bool running;	 /* somebody works on it, and frees it if it is over */
	bool discarding; /* the rest of a line that was refused */
	bool half;	 /* the client will send nothing more */
	struct auth_login *login;
	struct accept_ticket *ticket;
	int64_t unconfirmed; /* draft of the last 250 */
	int64_t mail_by_ms;  /* MAIL, SKIP: monotonic; 0: no mail yet */
	uint64_t skip;	     /* SKIP: bytes, and what is said after them */
	struct reply skip_reply;
};

/* The one function that changes a state, and sets its deadline. */
void session_enter(struct session *s, enum session_state state);

/* Send a reply. */
void session_say(struct session *s, const struct reply *reply);

/* The same; a 5xx counts as an error, too many of which end the session. */
void session_reply(struct session *s, const struct reply *reply);

/* Send the last reply. */
void session_close(
    struct session *s, unsigned code, const char *enhanced, const char *text);

/*
 * Bracket any work on a session that begins outside of it: session_settle()
 * goes on with what has arrived, and frees the session when it is over.
 */
bool session_wake(struct session *s);
void session_settle(struct session *s, bool was_running);

/*
 * One step in states COMMAND and LOGIN: use one line, if there is one.  Tells
 * whether anything was done.
 */
bool lines_step(struct session *s);

/*
 * A mail or a chunk begins, to be taken or only skipped.  The chunks of one
 * mail share one deadline.
 */
void intake_begin(struct session *s);
void intake_skip(struct session *s, const struct command *command);

/* One step in states MAIL and SKIP, as above. */
bool intake_step(struct session *s);

#endif
