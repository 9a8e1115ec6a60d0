/*
 * session: a machine of few states, moved by what arrives.  Verbs are left to
 * command.c, the socket to connection.c.
 */
#include "accept/session.h"

#include <assert.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accept/auth.h"
#include "accept/command.h"
#include "accept/connection.h"
#include "accept/peer.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/mem.h"

/* Replies that may wait for a client to read them, before we do more. */
#define UNSENT_MOST (16u * 1024)
#define SEGMENTS    8 /* of what has arrived, looked at in one step */

enum state {
	HANDSHAKE, /* of TLS */
	COMMAND,   /* the next line is a command */
	LOGIN,	   /* the next line answers a 334 */
	CHECK,	   /* a thread looks at the password */
	MAIL,	   /* DATA or a chunk is coming in */
	SKIP,	   /* a chunk that nobody wants is coming in */
	ANSWER,	   /* a whole mail waits for its answer */
	CLOSING,   /* the last words are on their way */
	OVER
};

#define TO(state) (1u << (state))

/* What may follow each state; all but OVER may end at once. */
static const unsigned moves[] = {
    [HANDSHAKE] = TO(COMMAND) | TO(CLOSING),
    [COMMAND] = TO(COMMAND) | TO(HANDSHAKE) | TO(LOGIN) | TO(CHECK) | TO(MAIL) |
		TO(SKIP) | TO(CLOSING),
    [LOGIN] = TO(LOGIN) | TO(COMMAND) | TO(CHECK) | TO(CLOSING),
    [CHECK] = TO(COMMAND) | TO(CLOSING),
    [MAIL] = TO(MAIL) | TO(COMMAND) | TO(ANSWER) | TO(CLOSING),
    [SKIP] = TO(SKIP) | TO(COMMAND) | TO(CLOSING),
    [ANSWER] = TO(COMMAND) | TO(CLOSING),
    [CLOSING] = 0,
    [OVER] = 0,
};

struct session {
	struct connection connection;
	struct command_session command;
	struct session_room *room;
	struct session *prev, *next;
	struct peer *peer;
	char address[PEER_ADDRESS_SIZE];
	enum state state;
	uint64_t id;
	unsigned errors;
	bool running;	 /* inside run(), so nobody else frees it */
	bool discarding; /* the rest of a line that was refused */
	bool half;	 /* the client will send nothing more */
	struct auth_login *login;
	struct accept_ticket *ticket;
	int64_t unconfirmed; /* draft of the last 250 */
	int64_t mail_by_ms;  /* MAIL, SKIP: when it must be over */
	uint64_t skip;	     /* SKIP: bytes */
	struct reply skip_reply;
};

static void run(struct session *s);

/* ---- states and replies -------------------------------------------------- */

static bool is_open(const struct session *s)
{
	return s->state != CLOSING && s->state != OVER;
}

/* Nothing is expected of the client while we owe it something. */
static const struct timeval *timeout_of(
    const struct session_room *room, enum state state)
{
	if (state == CHECK || state == ANSWER)
		return NULL;
	return state == MAIL || state == SKIP ? room->data_timeout
					      : room->command_timeout;
}

/* The one place where a state changes. */
static void enter(struct session *s, enum state state)
{
	assert(state == OVER || (moves[s->state] & TO(state)) != 0);
	s->state = state;
	if (state == CLOSING)
		connection_finish(&s->connection);
	else if (state != OVER)
		connection_deadline(&s->connection, timeout_of(s->room, state));
}

static void say(struct session *s, const struct reply *reply)
{
	char bytes[REPLY_MOST];

	connection_send(&s->connection, bytes, reply_write(reply, bytes));
}

static void say_and_close(
    struct session *s, unsigned code, const char *enhanced, const char *text)
{
	const struct reply reply = {code, enhanced, text, REPLY_CLOSE};

	log_debug("session %" PRIu64 " closed from=%s code=%u reason=\"%s\"",
	    s->id, s->address, code, text);
	say(s, &reply);
	enter(s, CLOSING);
}

/* Count a refused command; the last one that is allowed ends the session. */
static void reply_to(struct session *s, const struct reply *reply)
{
	say(s, reply);
	if (reply->code < 500)
		return;
	if (++s->errors >= s->room->config->limits.errors) {
		log_notice("session %" PRIu64 " too-many-errors from=%s "
			   "agent=%s",
		    s->id, s->address,
		    s->command.agent ? s->command.agent->name : "-");
		say_and_close(s, 421, "4.7.0", "too many errors");
	}
}

/* ---- logins -------------------------------------------------------------- */

static void answer_login(
    struct session *s, unsigned code, const char *enhanced, const char *text)
{
	const struct reply reply = {code, enhanced, text, REPLY_GO_ON};

	sasl_free(s->command.sasl);
	s->command.sasl = NULL;
	enter(s, COMMAND);
	reply_to(s, &reply);
}

static void end_login(struct session *s, const struct config_agent *agent)
{
	if (agent == NULL) {
		log_warning("session %" PRIu64 " login-refused from=%s name=%s",
		    s->id, s->address, sasl_name(s->command.sasl));
		answer_login(s, 535, "5.7.8", "wrong name or password");
		return;
	}
	peer_forgive(s->peer);
	s->command.agent = agent;
	log_info("session %" PRIu64 " agent=%s from=%s tls=%s", s->id,
	    agent->name, s->address, s->command.tls ? "yes" : "no");
	answer_login(s, 235, "2.7.0", "welcome");
}

static void on_login(const struct config_agent *agent, void *context)
{
	struct session *s = context;

	s->login = NULL;
	end_login(s, agent);
	run(s);
}

static void begin_login(struct session *s)
{
	const struct auth_question question = {sasl_name(s->command.sasl),
	    sasl_secret(s->command.sasl), on_login, s};
	const struct config_agent *agent = NULL;

	enter(s, CHECK);
	if (!peer_may_try(s->room->peers, s->peer, clock_mono_ms())) {
		log_notice("session %" PRIu64 " login-delayed from=%s", s->id,
		    s->address);
		answer_login(s, 454, "4.7.0",
		    "too many wrong passwords, try again in a minute");
		return;
	}
	switch (auth_check(s->room->auth, &question, &agent, &s->login)) {
	case AUTH_PENDING:
		return;
	case AUTH_BUSY:
		peer_forgive(s->peer);
		answer_login(
		    s, 454, "4.7.0", "too many logins at once, try again");
		return;
	case AUTH_GRANTED:
	case AUTH_REFUSED:
		end_login(s, agent);
		return;
	}
}

/* ---- mails --------------------------------------------------------------- */

static void begin_mail(struct session *s, enum state state)
{
	/* a mail in chunks has one deadline for all of them */
	if (s->mail_by_ms == 0)
		s->mail_by_ms =
		    clock_mono_ms() +
		    (int64_t)s->room->config->limits.message_timeout_s * 1000;
	enter(s, state);
}

static void end_mail(struct session *s)
{
	transaction_free(s->command.transaction);
	s->command.transaction = NULL;
	s->mail_by_ms = 0;
}

static struct accept_ticket *ticket_new(struct session *s)
{
	struct accept_ticket *ticket = mem_zalloc(sizeof(*ticket));
	struct session_room *room = s->room;

	ticket->room = room;
	ticket->session = s;
	ticket->next = room->tickets;
	if (room->tickets != NULL)
		room->tickets->prev = ticket;
	room->tickets = ticket;
	room->n_tickets++;
	s->ticket = ticket;
	return ticket;
}

static void sign(const struct session *s, struct message *message,
    const struct config_agent *agent)
{
	const struct command_session *command = &s->command;
	struct arena *arena = message->arena;

	message->agent = agent ? arena_strdup(arena, agent->name) : NULL;
	message->peer = arena_strdup(arena, s->address);
	message->helo = arena_strdup(arena, command->helo);
	message->tls = command->tls;
	message->esmtp = command->esmtp;
	message->received_ms = clock_now_ms();
}

static void hand_over(struct session *s)
{
	struct transaction *tx = s->command.transaction;
	const struct accept_hooks *hooks = &s->room->hooks;
	struct message *message = transaction_take(tx);
	bool review = tx->review;
	int64_t notice = tx->notice;

	sign(s, message, review ? NULL : tx->agent);
	end_mail(s);
	enter(s, ANSWER);
	if (review)
		hooks->reply(ticket_new(s), message, notice, hooks->context);
	else
		hooks->draft(ticket_new(s), message, hooks->context);
}

static void refuse_mail(struct session *s, const struct reply *reply)
{
	log_info("session %" PRIu64 " mail-refused from=%s code=%u "
		 "reason=\"%s\"",
	    s->id, s->address, reply->code, reply->text);
	say(s, reply);
	enter(s, COMMAND);
}

/* The mail's end, or a chunk's, was reached. */
static void finish_mail(struct session *s)
{
	struct transaction *tx = s->command.transaction;
	struct reply reply;

	if (transaction_check(tx, &reply)) {
		/* further chunks may be on their way: they are skipped */
		tx->refused = true;
		if (!tx->chunked || tx->last)
			end_mail(s);
		refuse_mail(s, &reply);
	} else if (tx->chunked && !tx->last) {
		reply = (struct reply){250, "2.0.0", "go on", REPLY_GO_ON};
		say(s, &reply);
		enter(s, COMMAND);
	} else if (s->room->closing != NULL) {
		say_and_close(s, 421, "4.3.2", s->room->closing);
	} else {
		hand_over(s);
	}
}

void session_answer(struct session *session, const struct accept_answer *answer)
{
	const struct reply reply = {(unsigned)answer->code, answer->enhanced,
	    answer->text, REPLY_GO_ON};

	session->ticket = NULL;
	say(session, &reply);
	/* a command sent before this reply says nothing of its being read */
	if (answer->code == 250) {
		session->errors = 0;
		if (evbuffer_get_length(
			connection_input(&session->connection)) == 0)
			session->unconfirmed = answer->draft;
	}
	enter(session, session->half ? CLOSING : COMMAND);
	run(session);
}

/* ---- steps: each uses some input, and tells whether to go on ------------- */

static bool too_late(struct session *s)
{
	if (clock_mono_ms() < s->mail_by_ms)
		return false;
	log_info("session %" PRIu64 " too-slow from=%s", s->id, s->address);
	say_and_close(s, 421, "4.4.2", "the mail took too long");
	return true;
}

static bool step_mail(struct session *s)
{
	struct transaction *tx = s->command.transaction;
	struct evbuffer *in = connection_input(&s->connection);
	struct evbuffer_iovec v[SEGMENTS];
	size_t used = 0, n;
	bool end = tx->chunked && tx->framing.left == 0;
	int i, count = evbuffer_peek(in, -1, NULL, v, SEGMENTS);

	for (i = 0; i < count && i < SEGMENTS; i++)
		for (n = 0; n < v[i].iov_len && !end;) {
			const struct span rest = {
			    (const char *)v[i].iov_base + n, v[i].iov_len - n};
			size_t more = transaction_feed(tx, rest, &end);

			n += more;
			used += more;
		}
	evbuffer_drain(in, used);
	if (end)
		finish_mail(s);
	else if (used > 0 && !too_late(s))
		enter(s, MAIL);
	return end || used > 0;
}

static bool step_skip(struct session *s)
{
	struct evbuffer *in = connection_input(&s->connection);
	size_t n = evbuffer_get_length(in);

	if (n > s->skip)
		n = (size_t)s->skip;
	evbuffer_drain(in, n);
	s->skip -= n;
	if (s->skip == 0) {
		s->mail_by_ms = 0;
		enter(s, COMMAND);
		reply_to(s, &s->skip_reply);
		return true;
	}
	if (n > 0 && !too_late(s))
		enter(s, SKIP);
	return n > 0;
}

/* Drop input up to the end of the refused line. */
static bool discard(struct session *s)
{
	struct evbuffer *in = connection_input(&s->connection);
	size_t n = evbuffer_get_length(in);
	struct evbuffer_ptr end =
	    evbuffer_search_eol(in, NULL, NULL, EVBUFFER_EOL_CRLF_STRICT);
	char last;

	if (end.pos >= 0) {
		evbuffer_drain(in, (size_t)end.pos + 2);
		s->discarding = false;
		return true;
	}
	/* a CR at the end may be half of what we look for */
	end.pos = -1;
	if (n > 0 && evbuffer_ptr_set(in, &end, n - 1, EVBUFFER_PTR_SET) == 0 &&
	    evbuffer_copyout_from(in, &end, &last, 1) == 1)
		evbuffer_drain(in, last == '\r' ? n - 1 : n);
	return false;
}

/* What has arrived, in one piece up to the length of the longest line. */
static struct span front(struct session *s)
{
	struct evbuffer *in = connection_input(&s->connection);
	size_t n = evbuffer_get_length(in);
	struct evbuffer_iovec v = {NULL, 0};
	unsigned char *all;

	if (n > COMMAND_AUTH_MOST)
		n = COMMAND_AUTH_MOST;
	evbuffer_peek(in, -1, NULL, &v, 1);
	if (v.iov_len >= n ||
	    (v.iov_len > 0 && memchr(v.iov_base, '\n', v.iov_len) != NULL))
		return (struct span){v.iov_base, v.iov_len};
	all = evbuffer_pullup(in, (ev_ssize_t)n);
	return (struct span){(const char *)all, n};
}

static bool refuse_line(struct session *s, size_t used, bool ended,
    const char *enhanced, const char *text)
{
	const struct reply reply = {500, enhanced, text, REPLY_GO_ON};

	evbuffer_drain(connection_input(&s->connection), used);
	s->discarding = !ended;
	if (s->state == LOGIN) {
		answer_login(s, 500, enhanced, text);
	} else {
		enter(s, COMMAND);
		reply_to(s, &reply);
	}
	return true;
}

static bool refuse_long(struct session *s, size_t used, bool ended)
{
	/* RFC 4954 4 */
	if (s->state == LOGIN)
		return refuse_line(
		    s, used, ended, "5.5.6", "the login line is too long");
	return refuse_line(s, used, ended, "5.5.2", "the line is too long");
}

static void follow(struct session *s, struct command *c)
{
	switch (c->reply.then) {
	case REPLY_GO_ON:
		enter(s, COMMAND);
		reply_to(s, &c->reply);
		break;
	case REPLY_CLOSE:
		say_and_close(
		    s, c->reply.code, c->reply.enhanced, c->reply.text);
		break;
	case REPLY_LOGIN:
		say(s, &c->reply);
		enter(s, LOGIN);
		break;
	case REPLY_CHECK:
		begin_login(s);
		break;
	case REPLY_DATA:
		say(s, &c->reply);
		begin_mail(s, MAIL);
		break;
	case REPLY_CHUNK:
		begin_mail(s, MAIL);
		break;
	case REPLY_SKIP:
		s->skip = c->chunk;
		s->skip_reply = c->reply;
		begin_mail(s, SKIP);
		break;
	case REPLY_TLS:
		break;
	}
}

/* What came with STARTTLS came in clear, so that it would be an injection. */
static void start_tls(struct session *s, const struct reply *reply)
{
	if (evbuffer_get_length(connection_input(&s->connection)) > 0) {
		log_warning("session %" PRIu64 " starttls-injection from=%s",
		    s->id, s->address);
		say_and_close(s, 554, "5.5.1",
		    "nothing may follow STARTTLS before its answer");
		return;
	}
	say(s, reply);
	enter(s, HANDSHAKE);
	connection_secure(&s->connection, s->room->tls);
}

static void confirm(struct session *s)
{
	int64_t draft = s->unconfirmed;

	if (draft == 0)
		return;
	s->unconfirmed = 0;
	s->room->hooks.confirmed(draft, s->room->hooks.context);
}

static void do_line(struct session *s, struct span line, size_t used)
{
	struct evbuffer *in = connection_input(&s->connection);
	struct command c;

	confirm(s);
	if (s->room->closing != NULL) {
		say_and_close(s, 421, "4.3.2", s->room->closing);
		return;
	}
	if (s->state == LOGIN)
		command_login(&s->command, line, &c);
	else
		command_run(&s->command, line, &c);
	/* line pointed into it, but what follows must find it gone */
	evbuffer_drain(in, used);
	if (s->command.transaction == NULL)
		s->mail_by_ms = 0;
	if (c.reply.then == REPLY_TLS)
		start_tls(s, &c.reply);
	else
		follow(s, &c);
}

static bool step_line(struct session *s)
{
	struct span in;
	const char *lf;
	size_t len;

	if (connection_unsent(&s->connection) > UNSENT_MOST)
		return false;
	if (s->discarding)
		return discard(s);
	in = front(s);
	lf = in.len > 0 ? memchr(in.data, '\n', in.len) : NULL;
	if (lf == NULL) {
		if (in.len < command_line_most(&s->command, in))
			return false;
		return refuse_long(s, in.len, false);
	}
	len = (size_t)(lf - in.data) + 1;
	if (len < 2 || lf[-1] != '\r')
		return refuse_line(
		    s, len, false, "5.5.2", "a line must end with CRLF");
	in.len = len - 2;
	if (len > command_line_most(&s->command, in))
		return refuse_long(s, len, true);
	do_line(s, in, len);
	return true;
}

static bool step(struct session *s)
{
	switch (s->state) {
	case COMMAND:
	case LOGIN:
		return step_line(s);
	case MAIL:
		return step_mail(s);
	case SKIP:
		return step_skip(s);
	default:
		return false;
	}
}

static void run(struct session *s)
{
	if (s->running)
		return;
	s->running = true;
	while (step(s))
		;
	s->running = false;
	if (s->state == OVER)
		session_free(s);
}

/* ---- what happens to the connection -------------------------------------- */

static void greet(struct session *s)
{
	char text[512];
	const struct reply reply = {220, NULL, text, REPLY_GO_ON};

	snprintf(text, sizeof(text), "%.255s ESMTP Imprimatur",
	    s->room->config->hostname);
	say(s, &reply);
}

static void on_arrived(void *owner)
{
	run(owner);
}

static void on_secured(void *owner)
{
	struct session *s = owner;
	bool implicit = s->command.listener->tls == CONFIG_TLS_IMPLICIT;

	s->command.tls = true;
	/* RFC 3207 4.2: what was said in clear is forgotten */
	command_forget(&s->command);
	enter(s, COMMAND);
	if (implicit)
		greet(s);
	run(s);
}

static void on_late(void *owner)
{
	struct session *s = owner;

	if (s->state == HANDSHAKE) {
		session_free(s);
		return;
	}
	say_and_close(s, 421, "4.4.2", "nothing came for too long");
	run(s);
}

static void on_gone(void *owner, const char *why)
{
	struct session *s = owner;

	/* whoever only stopped sending may still read its answer */
	if (why == NULL && (s->state == ANSWER || s->state == CHECK)) {
		s->half = true;
		return;
	}
	if (why != NULL)
		log_info("session %" PRIu64 " lost from=%s reason=\"%s\"",
		    s->id, s->address, why);
	enter(s, OVER);
	run(s);
}

static void on_closed(void *owner)
{
	struct session *s = owner;

	enter(s, OVER);
	run(s);
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
	s->command.config = room->config;
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
	s->running = true;
	s->state = HANDSHAKE;
	if (listener->tls == CONFIG_TLS_IMPLICIT) {
		enter(s, HANDSHAKE);
		connection_secure(&s->connection, room->tls);
	} else {
		enter(s, COMMAND);
		greet(s);
	}
	s->running = false;
	run(s);
}

void session_close_idle(struct session *session)
{
	if (session->state == COMMAND && session->command.transaction == NULL) {
		say_and_close(session, 421, "4.3.2", session->room->closing);
		run(session);
	}
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
