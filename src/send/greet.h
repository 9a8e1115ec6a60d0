/*
 * greet: the dialogue before the first mail: greeting, EHLO, STARTTLS, AUTH.
 * The password is never said without TLS, and what must be secure never goes
 * on in clear.  Pure; a part of client.c.
 */
#ifndef SEND_GREET_H
#define SEND_GREET_H

#include <stdbool.h>

#include "send/answer.h"
#include "send/client.h"
#include "send/offer.h"

#include "util/buf.h"

struct greet {
	const struct client_settings *settings;
	enum {
		GREET_AT_GREETING,
		GREET_AT_EHLO,
		GREET_AT_STARTTLS,
		GREET_AT_HANDSHAKE,
		GREET_AT_PLAIN,
		GREET_AT_LOGIN,
		GREET_AT_USER,
		GREET_AT_PASSWORD
	} at;
	bool secure;
	struct offer offer; /* of the last EHLO */
	char why[ANSWER_WORDS_SIZE];
};

enum greet_next {
	GREET_MORE,    /* wait for another reply */
	GREET_SECURE,  /* run the handshake, then greet_secured() */
	GREET_DONE,    /* mails may be given */
	GREET_BROKEN,  /* it cannot be used; see why */
	GREET_DENIED,  /* our login was refused; see why */
	GREET_NONSENSE /* the reply makes no sense here */
};

/* Act on a reply: say more into out, tell what is next. */
enum greet_next greet_hear(
    struct greet *greet, const struct answer *answer, struct buf *out);

/* TLS is up; goes on with EHLO if it was STARTTLS. */
void greet_secured(struct greet *greet, struct buf *out);

#endif
