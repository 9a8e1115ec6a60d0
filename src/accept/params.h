/*
 * params: what follows "MAIL FROM:" and "RCPT TO:", by the grammars of RFC
 * 5321, 1870 (SIZE), 6152 (BODY), 6531 (SMTPUTF8), 3461 (RET, ENVID, NOTIFY,
 * ORCPT), 4954 (AUTH), 4865 (HOLDFOR, HOLDUNTIL) and 2852 (BY).  Pure; results
 * point into the text that was read.
 */
#ifndef ACCEPT_PARAMS_H
#define ACCEPT_PARAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "accept/path.h"
#include "accept/reply.h"
#include "message.h"
#include "util/buf.h"

struct params_mail {
	struct path from;
	uint64_t size; /* as declared, 0: not */
	enum message_body body;
	bool smtputf8;
	enum message_ret ret;
	struct span envid; /* xtext; empty: not given */
	/* it is not to leave before; one of them, or 0 */
	uint64_t hold_for_s;
	int64_t hold_until_ms; /* wall time */
	uint64_t by_s;	       /* it is to leave within, else be returned */
};

struct params_rcpt {
	struct path to;
	unsigned notify;   /* MESSAGE_NOTIFY_* */
	struct span orcpt; /* empty: not given */
};

/*
 * Read the text behind the colon.  extended: the client said EHLO, so it may
 * use parameters.  0, or -1 with the refusal in *reply.
 */
int params_read_mail(struct span text, bool extended, struct params_mail *mail,
    struct reply *reply);

/* smtputf8: MAIL had that parameter. */
int params_read_rcpt(struct span text, bool extended, bool smtputf8,
    struct params_rcpt *rcpt, struct reply *reply);

#endif
