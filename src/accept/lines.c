/*
 * lines: finds command lines in what has arrived, has them done and follows
 * their replies.  A line ends with CRLF; one that ends otherwise, or not at
 * all, is answered at once and skipped up to the next CRLF.
 */
#include <event2/buffer.h>
#include <inttypes.h>
#include <string.h>

#include "accept/auth.h"
#include "accept/internal.h"
#include "util/clock.h"
#include "util/log.h"

/* ---- logins -------------------------------------------------------------- */

static void answer_login(
    struct session *s, unsigned code, const char *enhanced, const char *text)
{
	const struct reply reply = {code, enhanced, text, REPLY_GO_ON};

	sasl_free(s->command.sasl);
	s->command.sasl = NULL;
	session_enter(s, SESSION_COMMAND);
	session_reply(s, &reply);
}

static void end_login(struct session *s, const struct config_agent *agent)
{
	if (agent == NULL) {
		log_warning("session %" PRIu64
			    " login-refused from=%s name=\"%s\"",
		    s->id, s->address, sasl_name(s->command.sasl));
		answer_login(s, 535, "5.7.8", "wrong name or password");
		return;
	}
	peer_forgive(s->peer);
	s->command.agent = agent;
	log_info("session %" PRIu64 " login agent=%s from=%s tls=%s", s->id,
	    agent->name, s->address, s->command.tls ? "yes" : "no");
	answer_login(s, 235, "2.7.0", "welcome");
}

static void on_checked(const struct config_agent *agent, void *context)
{
	struct session *s = context;
	bool was_running = session_wake(s);

	s->login = NULL;
	end_login(s, agent);
	session_settle(s, was_running);
}

static void check_login(struct session *s)
{
	const struct auth_question question = {sasl_name(s->command.sasl),
	    sasl_secret(s->command.sasl), on_checked, s};
	const struct config_agent *agent = NULL;

	command_renew(&s->command); /* to that of auth, who knows the agents */
	session_enter(s, SESSION_CHECK);
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

/* ---- what follows a command ---------------------------------------------- */

/* What came with STARTTLS came in clear: it would be an injection. */
static void start_tls(struct session *s, const struct reply *reply)
{
	if (evbuffer_get_length(connection_input(&s->connection)) > 0) {
		log_warning("session %" PRIu64 " starttls-injection from=%s",
		    s->id, s->address);
		session_close(s, 554, "5.5.1",
		    "nothing may follow STARTTLS before its answer");
		return;
	}
	session_say(s, reply);
	session_enter(s, SESSION_HANDSHAKE);
	connection_secure(&s->connection, s->room->tls);
}

static void follow(struct session *s, const struct command *c)
{
	switch (c->reply.then) {
	case REPLY_GO_ON:
		session_enter(s, SESSION_COMMAND);
		session_reply(s, &c->reply);
		break;
	case REPLY_CLOSE:
		session_close(
		    s, c->reply.code, c->reply.enhanced, c->reply.text);
		break;
	case REPLY_TLS:
		start_tls(s, &c->reply);
		break;
	case REPLY_LOGIN:
		session_say(s, &c->reply);
		session_enter(s, SESSION_LOGIN);
		break;
	case REPLY_CHECK:
		check_login(s);
		break;
	case REPLY_DATA:
		session_say(s, &c->reply);
		intake_begin(s);
		break;
	case REPLY_CHUNK:
		intake_begin(s);
		break;
	case REPLY_SKIP:
		intake_skip(s, c);
		break;
	}
}

/* The client goes on, so it has read the 250 before. */
static void confirm(struct session *s)
{
	int64_t draft = s->unconfirmed;

	if (draft == 0)
		return;
	s->unconfirmed = 0;
	s->room->hooks.confirmed(draft, s->room->hooks.context);
}

/* used: bytes of the input that the line is, its CRLF included. */
static void do_line(struct session *s, struct span line, size_t used)
{
	struct command c;

	confirm(s);
	if (s->room->closing != NULL) {
		session_close(s, 421, "4.3.2", s->room->closing);
		return;
	}
	if (s->state == SESSION_LOGIN)
		command_login(&s->command, line, &c);
	else
		command_run(&s->command, line, &c);
	evbuffer_drain(connection_input(&s->connection), used);
	if (s->command.transaction == NULL)
		s->mail_by_ms = 0;
	follow(s, &c);
}

/* ---- lines --------------------------------------------------------------- */

/* Drop what is there of a refused line; tells whether its end was found. */
static bool discard(struct session *s)
{
	struct evbuffer *in = connection_input(&s->connection);
	size_t n = evbuffer_get_length(in);
	struct evbuffer_ptr end =
	    evbuffer_search_eol(in, NULL, NULL, EVBUFFER_EOL_CRLF_STRICT);
	char last = '\0';

	if (end.pos >= 0) {
		evbuffer_drain(in, (size_t)end.pos + 2);
		s->discarding = false;
		return true;
	}
	if (n == 0)
		return false;
	/* a CR at the end may be half of what we look for */
	evbuffer_ptr_set(in, &end, n - 1, EVBUFFER_PTR_SET);
	evbuffer_copyout_from(in, &end, &last, 1);
	evbuffer_drain(in, last == '\r' ? n - 1 : n);
	return false;
}

/* What has arrived, in one piece up to the length of the longest line. */
static struct span front(struct session *s)
{
	struct evbuffer *in = connection_input(&s->connection);
	size_t n = evbuffer_get_length(in);
	struct evbuffer_iovec v = {NULL, 0};

	if (n > COMMAND_AUTH_MOST)
		n = COMMAND_AUTH_MOST;
	if (evbuffer_peek(in, -1, NULL, &v, 1) < 1)
		return (struct span){"", 0};
	if (v.iov_len >= n || memchr(v.iov_base, '\n', v.iov_len) != NULL)
		return (struct span){v.iov_base, v.iov_len};
	return (struct span){
	    (const char *)evbuffer_pullup(in, (ev_ssize_t)n), n};
}

/* whole: used takes the line's end in, so nothing of it is left to skip. */
static bool refuse(struct session *s, size_t used, bool whole,
    const char *enhanced, const char *text)
{
	const struct reply reply = {500, enhanced, text, REPLY_GO_ON};

	confirm(s);
	evbuffer_drain(connection_input(&s->connection), used);
	s->discarding = !whole;
	if (s->state == SESSION_LOGIN) {
		answer_login(s, 500, enhanced, text);
	} else {
		session_enter(s, SESSION_COMMAND);
		session_reply(s, &reply);
	}
	return true;
}

static bool refuse_long(struct session *s, size_t used, bool whole, size_t most)
{
	/* RFC 4954 4 has a code of its own for logins */
	return refuse(s, used, whole,
	    most == COMMAND_AUTH_MOST ? "5.5.6" : "5.5.2",
	    "the line is too long");
}

bool lines_step(struct session *s)
{
	struct span in;
	const char *lf;
	size_t len, most;

	if (connection_unsent(&s->connection) > LINES_UNSENT_MOST)
		return false;
	if (s->discarding)
		return discard(s);
	in = front(s);
	lf = in.len > 0 ? memchr(in.data, '\n', in.len) : NULL;
	most = command_line_most(&s->command, in);
	if (lf == NULL)
		return in.len >= most && refuse_long(s, in.len, false, most);
	len = (size_t)(lf - in.data) + 1;
	if (len < 2 || lf[-1] != '\r')
		return refuse(
		    s, len, false, "5.5.2", "a line must end with CRLF");
	if (len > most)
		return refuse_long(s, len, true, most);
	in.len = len - 2;
	do_line(s, in, len);
	return true;
}
