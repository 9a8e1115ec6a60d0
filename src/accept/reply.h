/*
 * reply: what is said to a client (RFC 5321 4.2, RFC 3463), and what the
 * session does after it.  Pure.
 */
#ifndef ACCEPT_REPLY_H
#define ACCEPT_REPLY_H

#include <stddef.h>

/* Room for any reply that reply_write() makes. */
#define REPLY_MOST 2048

enum reply_then {
	REPLY_GO_ON,
	REPLY_CLOSE,
	REPLY_TLS,   /* the handshake follows */
	REPLY_LOGIN, /* the next line answers this 334 */
	REPLY_CHECK, /* say nothing yet: name and secret are to be checked */
	REPLY_DATA,  /* the mail follows */
	REPLY_CHUNK, /* say nothing yet: a chunk of the mail follows */
	REPLY_SKIP   /* as that, but this reply follows it, whatever it holds */
};

struct reply {
	unsigned code;
	const char *enhanced; /* "2.1.0", or NULL where none belongs */
	const char *text;     /* lines are parted by '\n' */
	enum reply_then then;
};

/*
 * Fill a reply after which the session goes on.  Always returns -1, so that
 * "return reply_refuse(...)" reads well.
 */
int reply_refuse(
    struct reply *reply, unsigned code, const char *enhanced, const char *text);

/*
 * Write a reply as it goes over the wire, cut to fit.  What is not printable
 * ASCII becomes '?', so no text can make a second reply.  Returns its length.
 */
size_t reply_write(const struct reply *reply, char out[REPLY_MOST]);

#endif
