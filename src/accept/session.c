/*
 * session: a machine of few states, moved by what arrives.  Commands are left
 * to lines.c, mails to intake.c, the socket to connection.c.
 */
#include "accept/session.h"

#include <assert.h>
#include <event2/buffer.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "accept/auth.h"
#include "accept/internal.h"
#include "util/log.h"
#include "util/mem.h"

/* ---- states and replies -------------------------------------------------- */

#define TO(state) (1u << SESSION_##state)

/* What may follow each state; any may be OVER at once. */
static const unsigned moves[] = {
    [SESSION_HANDSHAKE] = TO(HANDSHAKE) | TO(COMMAND) | TO(CLOSING),
    [SESSION_COMMAND] = TO(COMMAND) | TO(HANDSHAKE) | TO(LOGIN) | TO(CHECK) |
			TO(MAIL) | TO(SKIP) | TO(CLOSING),
    [SESSION_LOGIN] = TO(LOGIN) | TO(COMMAND) | TO(CHECK) | TO(CLOSING),
    [SESSION_CHECK] = TO(COMMAND) | TO(CLOSING),
    [SESSION_MAIL] = TO(MAIL) | TO(COMMAND) | TO(ANSWER) | TO(CLOSING),
    [SESSION_SKIP] = TO(SKIP) | TO(COMMAND) | TO(CLOSING),
    [SESSION_ANSWER] = TO(COMMAND) | TO(CLOSING),
    [SESSION_CLOSING] = 0,
    [SESSION_OVER] = 0,
};

/* Nothing is expected of the client while we owe it something. */
static const struct timeval *timeout_of(
    const struct session_room *room, enum session_state state)
{
	if (state == SESSION_CHECK || state == SESSION_ANSWER)
		return NULL;
	return state == SESSION_MAIL || state == SESSION_SKIP
		   ? room->data_timeout
		   : room->command_timeout;
}

void session_enter(struct session *s, enum session_state state)
{
	assert(state == SESSION_OVER || (moves[s->state] & 1u << state) != 0);
	s->state = state;
	if (state == SESSION_CLOSING)
		connection_finish(&s->connection);
	else if (state != SESSION_OVER)
		connection_deadline(&s->connection, timeout_of(s->room, state));
}

void session_say(struct session *s, const struct reply *reply)
{
	char bytes[REPLY_MOST];

	connection_send(&s->connection, bytes, reply_write(reply, bytes));
}

void session_close(
    struct session *s, unsigned code, const char *enhanced, const char *text)
{
	const struct reply reply = {code, enhanced, text, REPLY_CLOSE};

	log_debug("session %" PRIu64 " closed from=%s code=%u reason=\"%s\"",
	    s->id, s->address, code, text);
	session_say(s, &reply);
	session_enter(s, SESSION_CLOSING);
}

void session_reply(struct session *s, const struct reply *reply)
{
	session_say(s, reply);
	if (reply->code < 500 || ++s->errors < s->room->config->limits.errors)
		return;
	log_notice("session %" PRIu64 " too-many-errors from=%s agent=%s",
	    s->id, s->address, s->command.agent ? s->command.agent->name : "-");
	session_close(s, 421, "4.7.0", "too many errors");
}

/* ---- work ---------------------------------------------------------------- */

bool session_wake(struct session *s)
{
	bool was_running = s->running;

	s->running = true;
	return was_running;
}

static bool step(struct session *s)
{
	switch (s->state) {
	case SESSION_COMMAND:
	case SESSION_LOGIN:
		return lines_step(s);
	case SESSION_MAIL:
	case SESSION_SKIP:
		return intake_step(s);
	default:
		return false;
	}
}

/* Whoever sends nothing more is done when it has all its answers. */
static void end_half(struct session *s)
{
	if (s->half && s->state <= SESSION_SKIP && s->state != SESSION_CHECK &&
	    connection_unsent(&s->connection) <= LINES_UNSENT_MOST)
		session_enter(s, SESSION_CLOSING);
}

void session_settle(struct session *s, bool was_running)
{
	if (was_running)
		return;
	while (step(s))
		;
	end_half(s);
	if (s->state != SESSION_OVER)
		connection_settle(&s->connection);
	s->running = false;
	if (s->state == SESSION_OVER)
		session_free(s);
}

/* ---- what happens to the connection -------------------------------------- */

static void greet(struct session *s)
{
	char text[512];
	const struct reply reply = {220, NULL, text, REPLY_GO_ON};

	snprintf(text, sizeof(text), "%.255s ESMTP Imprimatur",
	    s->room->config->hostname);
	session_say(s, &reply);
}

static void on_arrived(void *owner)
{
	session_settle(owner, session_wake(owner));
}

static void on_secured(void *owner)
{
	struct session *s = owner;
	bool was_running = session_wake(s);

	s->command.tls = true;
	/* RFC 3207 4.2: what was said in clear is forgotten */
	command_forget(&s->command);
	session_enter(s, SESSION_COMMAND);
	if (s->command.listener->tls == CONFIG_TLS_IMPLICIT)
		greet(s);
	session_settle(s, was_running);
}

static void on_late(void *owner)
{
	struct session *s = owner;
	bool was_running = session_wake(s);

	if (s->state == SESSION_HANDSHAKE)
		session_enter(s, SESSION_OVER);
	else
		session_close(s, 421, "4.4.2", "nothing came for too long");
	session_settle(s, was_running);
}

static void on_gone(void *owner, const char *why)
{
	struct session *s = owner;
	bool was_running = session_wake(s);

	if (why == NULL) {
		s->half = true;
	} else {
		log_info("session %" PRIu64 " lost from=%s reason=\"%s\"",
		    s->id, s->address, why);
		session_enter(s, SESSION_OVER);
	}
	session_settle(s, was_running);
}

static void on_closed(void *owner)
{
	struct session *s = owner;
	bool was_running = session_wake(s);

	session_enter(s, SESSION_OVER);
	session_settle(s, was_running);
}

static const struct connection_hooks hooks = {
    .arrived = on_arrived,
    .secured = on_secured,
    .written = on_arrived,
    .late = on_late,
    .gone = on_gone,
    .closed = on_closed,
};

/* ---- life ---------------------------------------------------------------- */

static struct session *session_new(struct session_room *room,
    const struct config_listener *listener, struct peer *peer,
    const char *address)
{
	struct session *s = mem_zalloc(sizeof(*s));

	s->room = room;
	s->peer = peer;
	s->id = ++room->last_id;
	snprintf(s->address, sizeof(s->address), "%s", address);
	s->command.config = config_ref(room->config);
	s->command.current = &room->config;
	s->command.listener = listener;
	s->command.hooks = &room->hooks;
	s->command.peer = s->address;
	s->next = room->sessions;
	if (room->sessions != NULL)
		room->sessions->prev = s;
	room->sessions = s;
	room->n_sessions++;
	return s;
}

void session_open(struct session_room *room,
    const struct config_listener *listener, struct peer *peer,
    const char *address, int fd)
{
	struct session *s = session_new(room, listener, peer, address);

	if (connection_open(&s->connection, room->base, fd, &hooks, s)) {
		session_free(s);
		return;
	}
	log_debug("session %" PRIu64 " open from=%s", s->id, s->address);
	session_wake(s);
	if (listener->tls == CONFIG_TLS_IMPLICIT) {
		session_enter(s, SESSION_HANDSHAKE);
		connection_secure(&s->connection, room->tls);
	} else {
		session_enter(s, SESSION_COMMAND);
		greet(s);
	}
	session_settle(s, false);
}

void session_close_idle(struct session *session)
{
	bool was_running = session_wake(session);

	if (session->state == SESSION_COMMAND &&
	    session->command.transaction == NULL)
		session_close(session, 421, "4.3.2", session->room->closing);
	session_settle(session, was_running);
}

void session_answer(struct session *session, const struct accept_answer *answer)
{
	const struct reply reply = {(unsigned)answer->code, answer->enhanced,
	    answer->text, REPLY_GO_ON};
	bool was_running = session_wake(session);

	session->ticket = NULL;
	session_say(session, &reply);
	if (answer->code == 250) {
		session->errors = 0;
		/* a command sent before the answer does not confirm it */
		if (evbuffer_get_length(
			connection_input(&session->connection)) == 0)
			session->unconfirmed = answer->draft;
	}
	session_enter(
	    session, answer->code == 421 ? SESSION_CLOSING : SESSION_COMMAND);
	session_settle(session, was_running);
}

struct session *session_next(const struct session *session)
{
	return session->next;
}

void session_free(struct session *session)
{
	struct session_room *room = session->room;

	auth_forget(session->login);
	if (session->ticket != NULL)
		session->ticket->session = NULL;
	connection_release(&session->connection);
	command_forget(&session->command);
	config_unref(session->command.config);
	peer_put(room->peers, session->peer);
	if (session->prev != NULL)
		session->prev->next = session->next;
	else
		room->sessions = session->next;
	if (session->next != NULL)
		session->next->prev = session->prev;
	room->n_sessions--;
	free(session);
}
