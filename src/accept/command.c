/*
 * command: the table of verbs.  A row's check says whether the command may
 * come now and is well formed, its proceed does it; the walk through both is
 * written once.  Who may send what is left to permit.c.
 */
#include "accept/command.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accept/permit.h"
#include "accept/words.h"
#include "util/clock.h"
#include "util/mem.h"

#define HELO_MOST  255 /* RFC 5321 4.5.3.1.2 */
#define LATER_SIZE 80
/* Beyond this nobody waits for the end of a refused chunk. */
#define CHUNK_MOST (UINT64_C(1024) * 1024 * 1024)

/* What must hold before a row's check is asked. */
#define GREETED 1u  /* after HELO or EHLO */
#define OUTSIDE 2u  /* not between MAIL and the mail's end */
#define INSIDE	4u  /* only there, and before the first BDAT */
#define ALONE	8u  /* takes no argument */
#define UTF8	16u /* bytes above 127 may stand in the line */

struct verb {
	const char *name;
	size_t line_most;
	unsigned needs;
	int (*check)(struct command *c); /* 0, or -1 and c->reply */
	void (*proceed)(struct command *c);
};

static int refuse(
    struct command *c, unsigned code, const char *enhanced, const char *text)
{
	return reply_refuse(&c->reply, code, enhanced, text);
}

static void answer(
    struct command *c, unsigned code, const char *enhanced, const char *text)
{
	c->reply = (struct reply){code, enhanced, text, REPLY_GO_ON};
}

static void drop_transaction(struct command_session *session)
{
	transaction_free(session->transaction);
	session->transaction = NULL;
}

void command_forget(struct command_session *session)
{
	drop_transaction(session);
	sasl_free(session->sasl);
	session->sasl = NULL;
	free(session->helo);
	session->helo = NULL;
	session->esmtp = false;
	session->agent = NULL;
}

static bool same_secret(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

void command_renew(struct command_session *session)
{
	const struct config *old = session->config;
	const struct config_agent *agent = session->agent;

	if (session->current == NULL || *session->current == old)
		return;
	session->config = config_ref(*session->current);
	session->trusted = NULL;
	session->looked_for_trust = false;
	if (agent != NULL) {
		session->agent = config_agent(session->config, agent->name);
		if (session->agent != NULL &&
		    !same_secret(session->agent->password, agent->password))
			session->agent = NULL;
	}
	config_unref(old);
}

/* ---- HELO, EHLO ---------------------------------------------------------- */

/* The name goes into our Received line: only what cannot break one. */
static int check_helo(struct command *c)
{
	size_t i;

	if (c->args.len == 0)
		return refuse(c, 501, "5.5.4", "say who you are");
	for (i = 0; i < c->args.len; i++)
		if (!words_alnum(c->args.data[i]) &&
		    strchr(".-_:[]", c->args.data[i]) == NULL)
			break;
	if (i < c->args.len || c->args.len > HELO_MOST)
		return refuse(c, 501, "5.5.4", "that is no host name");
	return 0;
}

static void greet(struct command *c, bool esmtp)
{
	struct command_session *session = c->session;

	drop_transaction(session);
	free(session->helo);
	session->helo = mem_dup(c->args.data, c->args.len);
	session->esmtp = esmtp;
}

static void proceed_helo(struct command *c)
{
	greet(c, false);
	answer(c, 250, NULL, c->session->config->hostname);
}

static bool offers_tls(const struct command_session *session)
{
	return session->listener->tls == CONFIG_TLS_STARTTLS && !session->tls;
}

/* RFC 4865 3: how long, and until when, an agent may have a mail wait. */
static const char *offers_later(
    const struct command_session *session, char out[LATER_SIZE])
{
	unsigned most_s = session->config->limits.hold_for_s;
	char until[CLOCK_ISO_SIZE];

	*out = '\0';
	if (session->listener->agents && most_s > 0)
		snprintf(out, LATER_SIZE, "\nFUTURERELEASE %u %s\nDELIVERBY",
		    most_s,
		    clock_iso(clock_now_ms() + (int64_t)most_s * 1000, until));
	else if (session->listener->agents)
		snprintf(out, LATER_SIZE, "\nDELIVERBY");
	return out;
}

static void proceed_ehlo(struct command *c)
{
	const struct command_session *session = c->session;
	bool login = session->listener->agents && session->agent == NULL &&
		     permit_login(session);
	char later[LATER_SIZE];

	greet(c, true);
	snprintf(c->text, sizeof(c->text),
	    "%.255s\nSIZE %" PRIu64 "\n8BITMIME\nSMTPUTF8\nPIPELINING\n"
	    "CHUNKING\nDSN%s%s%s\nENHANCEDSTATUSCODES",
	    session->config->hostname, session->config->limits.message_size,
	    offers_later(session, later),
	    offers_tls(session) ? "\nSTARTTLS" : "",
	    login ? "\nAUTH PLAIN LOGIN" : "");
	answer(c, 250, NULL, c->text);
}

/* ---- STARTTLS, AUTH ------------------------------------------------------ */

static int check_starttls(struct command *c)
{
	if (c->session->tls)
		return refuse(c, 503, "5.5.1", "TLS is in use already");
	if (!offers_tls(c->session))
		return refuse(c, 502, "5.5.1", "TLS is not offered here");
	return 0;
}

static void proceed_starttls(struct command *c)
{
	answer(c, 220, "2.0.0", "go ahead");
	c->reply.then = REPLY_TLS;
}

static int check_auth(struct command *c)
{
	const struct command_session *session = c->session;

	if (!session->listener->agents)
		return refuse(c, 502, "5.5.1", "nobody logs in here");
	if (!session->esmtp)
		return refuse(c, 503, "5.5.1", "say EHLO first");
	if (session->agent != NULL)
		return refuse(c, 503, "5.5.1", "you are logged in already");
	if (!permit_login(session))
		return refuse(
		    c, 538, "5.7.11", "passwords are taken over TLS only");
	if (c->args.len == 0)
		return refuse(c, 501, "5.5.4", "say AUTH PLAIN or AUTH LOGIN");
	return 0;
}

/* The next step of a login; a password is never left lying about. */
static void feed_login(struct command *c, struct span line)
{
	const char *challenge;

	switch (sasl_feed(c->session->sasl, line, &challenge)) {
	case SASL_MORE:
		c->reply = (struct reply){334, NULL, challenge, REPLY_LOGIN};
		return;
	case SASL_DONE:
		c->reply.then = REPLY_CHECK;
		return;
	case SASL_CANCELLED:
		answer(c, 501, "5.0.0", "login cancelled");
		break;
	case SASL_MALFORMED:
		answer(c, 501, "5.5.2", "that login is not well formed");
		break;
	}
	sasl_free(c->session->sasl);
	c->session->sasl = NULL;
}

static void proceed_auth(struct command *c)
{
	struct span mechanism = words_cut(&c->args, ' ');

	c->session->sasl = sasl_new(mechanism);
	if (c->session->sasl == NULL)
		answer(c, 504, "5.5.4", "only PLAIN and LOGIN are known here");
	else
		feed_login(c, c->args);
}

void command_login(
    struct command_session *session, struct span line, struct command *command)
{
	command->session = session;
	feed_login(command, line);
}

/* ---- MAIL, RCPT ---------------------------------------------------------- */

/* Fill when the mail may leave; the wishes must be possible. */
static int check_times(struct command *c)
{
	const struct params_mail *mail = &c->params.mail;
	int64_t now = clock_now_ms();
	int64_t most = (int64_t)c->session->config->limits.hold_for_s * 1000;
	int64_t wait = (int64_t)mail->hold_for_s * 1000;

	if (mail->hold_until_ms != 0)
		wait = mail->hold_until_ms - now;
	if (wait > 0 && most == 0)
		return refuse(c, 555, "5.5.4", "FUTURERELEASE is not offered");
	if (wait > most)
		return refuse(
		    c, 501, "5.5.4", "a mail may not wait for so long");
	if (mail->by_s != 0 && wait >= (int64_t)mail->by_s * 1000)
		return refuse(c, 501, "5.5.4",
		    "it would have to leave by a time before that from which "
		    "on it may");
	c->not_before_ms = wait > 0 ? now + wait : 0;
	c->not_after_ms = mail->by_s > 0 ? now + (int64_t)mail->by_s * 1000 : 0;
	return 0;
}

static int check_mail(struct command *c)
{
	const struct command_session *session = c->session;

	command_renew(c->session);
	if (!words_begin(&c->args, "FROM:"))
		return refuse(c, 501, "5.5.4", "say MAIL FROM:<address>");
	if (params_read_mail(
		c->args, session->esmtp, &c->params.mail, &c->reply))
		return -1;
	if (c->params.mail.size > session->config->limits.message_size)
		return refuse(c, 552, "5.3.4", "the mail is too large");
	return check_times(c);
}

static void proceed_mail(struct command *c)
{
	struct command_session *session = c->session;
	const struct config_agent *agent;

	if (permit_mail(c, &agent))
		return;
	session->transaction = transaction_new(
	    &c->params.mail, (size_t)session->config->limits.message_size);
	session->transaction->agent = agent;
	session->transaction->message->not_before_ms = c->not_before_ms;
	session->transaction->message->not_after_ms = c->not_after_ms;
	answer(c, 250, "2.1.0", "sender ok");
}

static int check_rcpt(struct command *c)
{
	const struct command_session *session = c->session;

	if (!words_begin(&c->args, "TO:"))
		return refuse(c, 501, "5.5.4", "say RCPT TO:<address>");
	return params_read_rcpt(c->args, session->esmtp,
	    session->transaction->message->envelope.smtputf8, &c->params.rcpt,
	    &c->reply);
}

static void proceed_rcpt(struct command *c)
{
	struct command_session *session = c->session;
	struct transaction *tx = session->transaction;
	struct permit_recipient recipient;

	if (permit_rcpt(c, &recipient))
		return;
	if (!transaction_has(tx, c->params.rcpt.to.address) &&
	    transaction_recipients(tx) >= session->config->limits.recipients) {
		answer(c, 452, "4.5.3", "too many recipients for one mail");
		return;
	}
	transaction_add(tx, &c->params.rcpt);
	tx->agent = recipient.agent;
	tx->review = recipient.review;
	tx->notice = recipient.notice;
	answer(c, 250, "2.1.5", "recipient ok");
}

/* ---- DATA, BDAT ---------------------------------------------------------- */

static int check_data(struct command *c)
{
	if (transaction_recipients(c->session->transaction) == 0)
		return refuse(c, 503, "5.5.1", "RCPT comes first");
	return 0;
}

static void proceed_data(struct command *c)
{
	c->reply = (struct reply){
	    354, NULL, "send the mail, end with a dot", REPLY_DATA};
}

/*
 * A chunk follows its command in any case, so only a command that does not say
 * how long it is, or says it is without end, costs the connection.
 */
static int check_bdat(struct command *c)
{
	struct span size = words_cut(&c->args, ' ');

	if (words_number(size, &c->chunk) ||
	    (c->args.len > 0 && !words_same(c->args, "LAST"))) {
		answer(c, 501, "5.5.4", "say BDAT size, or BDAT size LAST");
		c->reply.then = REPLY_CLOSE;
		return -1;
	}
	if (c->chunk > CHUNK_MOST) {
		answer(c, 552, "5.3.4", "the chunk is too large");
		c->reply.then = REPLY_CLOSE;
		return -1;
	}
	c->last_chunk = c->args.len > 0;
	return 0;
}

static void proceed_bdat(struct command *c)
{
	struct transaction *tx = c->session->transaction;

	if (tx == NULL)
		answer(c, 503, "5.5.1", "MAIL comes first");
	else if (tx->refused)
		answer(c, 503, "5.5.1", "a chunk was refused; say RSET");
	else if (transaction_recipients(tx) == 0)
		answer(c, 503, "5.5.1", "RCPT comes first");
	else {
		tx->chunked = true;
		tx->last = c->last_chunk;
		framing_chunk(&tx->framing, c->chunk);
		c->reply.then = REPLY_CHUNK;
		return;
	}
	c->reply.then = REPLY_SKIP;
}

/* ---- the rest ------------------------------------------------------------ */

static void proceed_rset(struct command *c)
{
	drop_transaction(c->session);
	answer(c, 250, "2.0.0", "forgotten");
}

static void proceed_noop(struct command *c)
{
	answer(c, 250, "2.0.0", "ok");
}

static void proceed_quit(struct command *c)
{
	answer(c, 221, "2.0.0", "bye");
	c->reply.then = REPLY_CLOSE;
}

static void proceed_help(struct command *c)
{
	answer(c, 214, "2.0.0", "this is a relay with review; see RFC 5321");
}

/* RFC 5321 3.5.3: who is here is nobody's business. */
static void proceed_vrfy(struct command *c)
{
	answer(c, 252, "2.0.0", "cannot tell; send a mail and see");
}

static void proceed_never(struct command *c)
{
	answer(c, 502, "5.5.1", "this command is not offered");
}

static void proceed_lost(struct command *c)
{
	answer(c, 554, "5.5.1", "this port speaks SMTP alone");
	c->reply.then = REPLY_CLOSE;
}

static const struct verb verbs[] = {
    {"HELO", COMMAND_LINE_MOST, 0, check_helo, proceed_helo},
    {"EHLO", COMMAND_LINE_MOST, 0, check_helo, proceed_ehlo},
    {"STARTTLS", COMMAND_LINE_MOST, ALONE, check_starttls, proceed_starttls},
    {"AUTH", COMMAND_AUTH_MOST, GREETED | OUTSIDE, check_auth, proceed_auth},
    {"MAIL", COMMAND_MAIL_MOST, GREETED | OUTSIDE | UTF8, check_mail,
	proceed_mail},
    {"RCPT", COMMAND_MAIL_MOST, INSIDE | UTF8, check_rcpt, proceed_rcpt},
    {"DATA", COMMAND_LINE_MOST, INSIDE | ALONE, check_data, proceed_data},
    {"BDAT", COMMAND_LINE_MOST, 0, check_bdat, proceed_bdat},
    {"RSET", COMMAND_LINE_MOST, ALONE, NULL, proceed_rset},
    {"NOOP", COMMAND_LINE_MOST, 0, NULL, proceed_noop},
    {"QUIT", COMMAND_LINE_MOST, ALONE, NULL, proceed_quit},
    {"HELP", COMMAND_LINE_MOST, 0, NULL, proceed_help},
    {"VRFY", COMMAND_LINE_MOST, UTF8, NULL, proceed_vrfy},
    {"EXPN", COMMAND_LINE_MOST, UTF8, NULL, proceed_never},
    {"ETRN", COMMAND_LINE_MOST, 0, NULL, proceed_never},
    {"TURN", COMMAND_LINE_MOST, 0, NULL, proceed_never},
    {"ATRN", COMMAND_LINE_MOST, 0, NULL, proceed_never},
    {"SEND", COMMAND_LINE_MOST, 0, NULL, proceed_never},
    {"SOML", COMMAND_LINE_MOST, 0, NULL, proceed_never},
    {"SAML", COMMAND_LINE_MOST, 0, NULL, proceed_never},
    {"DEBUG", COMMAND_LINE_MOST, 0, NULL, proceed_never},
    {"BURL", COMMAND_LINE_MOST, 0, NULL, proceed_never},
    {"XCLIENT", COMMAND_LINE_MOST, 0, NULL, proceed_never},
    {"XFORWARD", COMMAND_LINE_MOST, 0, NULL, proceed_never},
    /* browsers made to talk to us, and a proxy in front that we do not know */
    {"GET", COMMAND_LINE_MOST, 0, NULL, proceed_lost},
    {"HEAD", COMMAND_LINE_MOST, 0, NULL, proceed_lost},
    {"POST", COMMAND_LINE_MOST, 0, NULL, proceed_lost},
    {"PUT", COMMAND_LINE_MOST, 0, NULL, proceed_lost},
    {"DELETE", COMMAND_LINE_MOST, 0, NULL, proceed_lost},
    {"OPTIONS", COMMAND_LINE_MOST, 0, NULL, proceed_lost},
    {"CONNECT", COMMAND_LINE_MOST, 0, NULL, proceed_lost},
    {"TRACE", COMMAND_LINE_MOST, 0, NULL, proceed_lost},
    {"PATCH", COMMAND_LINE_MOST, 0, NULL, proceed_lost},
    {"PROXY", COMMAND_LINE_MOST, 0, NULL, proceed_lost},
};

/* The row of the line's first word, which is dropped from line; or NULL. */
static const struct verb *find(struct span *line)
{
	struct span word = words_cut(line, ' ');
	size_t i;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (words_same(word, verbs[i].name))
			return &verbs[i];
	return NULL;
}

size_t command_line_most(
    const struct command_session *session, struct span begin)
{
	const struct verb *verb;

	if (session->sasl != NULL)
		return COMMAND_AUTH_MOST;
	verb = find(&begin);
	return verb == NULL ? COMMAND_LINE_MOST : verb->line_most;
}

/* Control characters never; above 127 only where the verb allows it. */
static bool is_clean(struct span line, bool utf8)
{
	size_t i;

	for (i = 0; i < line.len; i++)
		if ((unsigned char)line.data[i] < ' ' || line.data[i] == 0x7f ||
		    (line.data[i] & 0x80 && !utf8))
			return false;
	return true;
}

static int check_order(struct command *c, const struct verb *verb)
{
	const struct command_session *session = c->session;
	const struct transaction *tx = session->transaction;

	if ((verb->needs & GREETED) != 0 && session->helo == NULL)
		return refuse(c, 503, "5.5.1", "say EHLO first");
	if ((verb->needs & OUTSIDE) != 0 && tx != NULL)
		return refuse(
		    c, 503, "5.5.1", "a mail is under way; end it or say RSET");
	if ((verb->needs & INSIDE) != 0 && tx == NULL)
		return refuse(c, 503, "5.5.1", "MAIL comes first");
	if ((verb->needs & INSIDE) != 0 && tx->chunked)
		return refuse(c, 503, "5.5.1", "BDAT has begun; end it");
	if ((verb->needs & ALONE) != 0 && c->args.len > 0)
		return refuse(
		    c, 501, "5.5.4", "this command takes no argument");
	return 0;
}

static int check(struct command *c, const struct verb *verb)
{
	if (check_order(c, verb))
		return -1;
	return verb->check == NULL ? 0 : verb->check(c);
}

void command_run(
    struct command_session *session, struct span line, struct command *command)
{
	struct span rest = line;
	const struct verb *verb = find(&rest);

	command->session = session;
	if (!is_clean(line, verb != NULL && (verb->needs & UTF8) != 0)) {
		answer(command, 500, "5.5.2",
		    "the line has a character that no command may have");
		return;
	}
	if (verb == NULL) {
		answer(command, 500, "5.5.1", "no such command");
		return;
	}
	/* RFC 5321 4.1.1: spaces before CRLF do no harm */
	while (rest.len > 0 && rest.data[rest.len - 1] == ' ')
		rest.len--;
	command->args = rest;
	if (check(command, verb) == 0)
		verb->proceed(command);
}
