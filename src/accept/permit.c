/*
 * permit: the rules that keep outsiders from relaying and agents from
 * answering for a reviewer.  Syntax is left to params.c.
 */
#include "accept/permit.h"

#include <stdio.h>
#include <string.h>

#include "message.h"

#define SENDERS_SHOWN 8 /* of an agent, in a refusal */

static int refuse(
    struct command *c, unsigned code, const char *enhanced, const char *text)
{
	return reply_refuse(&c->reply, code, enhanced, text);
}

bool permit_login(const struct command_session *session)
{
	return session->tls || (session->listener->clear_auth &&
				   config_is_loopback(session->peer));
}

static const struct config_agent *find_trusted(
    const struct command_session *session)
{
	const struct config *config = session->config;
	size_t i;

	if (!session->listener->agents)
		return NULL;
	for (i = 0; i < config->n_agents; i++)
		if (config_in_networks(
			session->peer, config->agents[i].networks))
			return &config->agents[i];
	return NULL;
}

/* Whoever logged in, or is trusted by its network. */
static const struct config_agent *agent_of(struct command_session *session)
{
	if (session->agent != NULL)
		return session->agent;
	if (!session->looked_for_trust) {
		session->trusted = find_trusted(session);
		session->looked_for_trust = true;
	}
	return session->trusted;
}

static int refuse_stranger(struct command *c)
{
	const struct command_session *session = c->session;

	if (!session->listener->agents)
		return refuse(c, 550, "5.7.1",
		    "only answers to review notices are taken here");
	if (session->listener->tls == CONFIG_TLS_STARTTLS && !session->tls)
		return refuse(
		    c, 530, "5.7.0", "say STARTTLS, then log in with AUTH");
	return refuse(c, 530, "5.7.0", "log in with AUTH first");
}

static void list_senders(
    const struct config_agent *agent, char *out, size_t size)
{
	const char *const *s = agent->senders;
	size_t used, n;

	used = (size_t)snprintf(out, size,
	    "agent %.64s may not send as that address; it may use",
	    agent->name);
	for (n = 0; s != NULL && s[n] != NULL && n < SENDERS_SHOWN; n++)
		if (used < size)
			used += (size_t)snprintf(out + used, size - used,
			    "%s %.100s", n > 0 ? "," : "", s[n]);
	if (used < size && s != NULL && s[n] != NULL)
		snprintf(out + used, size - used, " and others");
}

static int check_sender(
    struct command *c, const struct config_agent *agent, const char *from)
{
	if (*from == '\0')
		return refuse(c, 550, "5.7.1",
		    "an agent may not use the null sender; give one of its "
		    "own addresses");
	if (config_agent_may_send_as(agent, from))
		return 0;
	list_senders(agent, c->text, sizeof(c->text));
	return refuse(c, 550, "5.7.1", c->text);
}

static const char *copy(struct span address, char out[PATH_MOST + 1])
{
	memcpy(out, address.data, address.len);
	out[address.len] = '\0';
	return out;
}

int permit_mail(struct command *c, const struct config_agent **agent)
{
	struct command_session *session = c->session;
	char from[PATH_MOST + 1];

	/* where replies come in, a network alone says nothing yet */
	*agent =
	    session->listener->reviews ? session->agent : agent_of(session);
	if (*agent == NULL)
		return session->listener->reviews ? 0 : refuse_stranger(c);
	return check_sender(c, *agent, copy(c->params.mail.from.address, from));
}

static int permit_review(struct command *c, enum accept_address what)
{
	const struct command_session *session = c->session;
	const struct transaction *tx = session->transaction;

	if (session->agent != NULL || !session->listener->reviews)
		return refuse(
		    c, 550, "5.7.1", "agents cannot write to a review address");
	if (what == ACCEPT_FORGED)
		return refuse(c, 550, "5.1.1", "no such review address");
	if (tx->agent != NULL)
		return refuse(
		    c, 550, "5.7.1", "a draft cannot go to a review address");
	if (tx->review && !transaction_has(tx, c->params.rcpt.to.address))
		return refuse(c, 452, "4.5.3",
		    "one review address at a time; send another mail");
	return 0;
}

int permit_rcpt(struct command *c, struct permit_recipient *recipient)
{
	struct command_session *session = c->session;
	const struct transaction *tx = session->transaction;
	const struct accept_hooks *hooks = session->hooks;
	char address[PATH_MOST + 1];
	enum accept_address what;

	*recipient = (struct permit_recipient){tx->agent, false, 0};
	what = hooks->address(copy(c->params.rcpt.to.address, address),
	    &recipient->notice, hooks->context);
	if (what != ACCEPT_NOT_REVIEW) {
		recipient->review = true;
		return permit_review(c, what);
	}
	if (recipient->agent == NULL)
		recipient->agent = agent_of(session);
	if (recipient->agent == NULL)
		return refuse_stranger(c);
	if (tx->review)
		return refuse(c, 452, "4.5.3",
		    "an answer goes to its review address alone; send another "
		    "mail");
	if (tx->agent == NULL)
		return check_sender(
		    c, recipient->agent, tx->message->envelope.from);
	return 0;
}
