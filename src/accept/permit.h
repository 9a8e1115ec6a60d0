/*
 * permit: who may submit, as whom, and to whom.  Decisions about a session,
 * without side effects on it.  Loop only.
 */
#ifndef ACCEPT_PERMIT_H
#define ACCEPT_PERMIT_H

#include <stdbool.h>

#include "accept/command.h"

/* May a password be sent now? */
bool permit_login(const struct command_session *session);

/*
 * May this MAIL come from this client?  0, with the agent whose draft it will
 * be, or NULL where only the recipient can tell; or -1 and c->reply.
 */
int permit_mail(struct command *c, const struct config_agent **agent);

/*
 * May this RCPT follow?  0, with what it makes of the transaction; or -1 and
 * c->reply.
 */
struct permit_recipient {
	const struct config_agent *agent; /* a draft of that agent */
	bool review;			  /* a reply, */
	int64_t notice;			  /* to that notice */
};
int permit_rcpt(struct command *c, struct permit_recipient *recipient);

#endif
