/*
 * client: SMTP towards the relay host (RFC 5321) as a pure state machine: bytes
 * in, bytes out.  Sockets, TLS and time are relay.c's.
 *
 * The end of a mail is said only after client_go(): with DATA the final
 * CRLF.CRLF, with BDAT the LAST chunk, which holds the mail's last CRLF.
 * Before that the relay host cannot have the mail; after it, without an answer
 * that can be read, its recipients are in doubt.
 *
 * A reply that cannot be trusted ends the connection.  All functions: loop
 * only.
 */
#ifndef SEND_CLIENT_H
#define SEND_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"

#include "util/buf.h"

struct client;
struct parcel;

struct client_settings {
	const char *hostname; /* for EHLO */
	enum config_tls tls;  /* STARTTLS: never go on without it */
	const char *user;     /* NULL: no AUTH */
	const char *password;
	bool no_chunking; /* do not use BDAT even when it is offered */
};

enum client_phase {
	CLIENT_TALKING,	 /* speaks, or waits for an answer */
	CLIENT_SECURING, /* wants a TLS handshake, then client_secured() */
	CLIENT_FREE,	 /* a mail may be given */
	CLIENT_READY,	 /* all but the end of the mail was said */
	CLIENT_ENDING,	 /* the end was said, its answer is waited for */
	CLIENT_OVER	 /* the connection is to be closed */
};

enum client_trouble {
	CLIENT_FINE,
	CLIENT_BROKEN, /* the connection cannot be used */
	CLIENT_DENIED  /* the relay host refused our login */
};

/* The settings must outlive the client. */
struct client *client_new(const struct client_settings *settings);
void client_free(struct client *client);

/* Where it stands. */
enum client_phase client_phase(const struct client *client);

/* Why it is over; text is "" when nothing was wrong. */
enum client_trouble client_trouble(
    const struct client *client, const char **text);

/* Bytes that arrived. */
void client_hear(struct client *client, struct span in);

/* Append what is to be written next, about most bytes; false: nothing. */
bool client_say(struct client *client, struct buf *out, size_t most);

/* TLS is up: after CLIENT_SECURING, or before the first byte (implicit). */
void client_secured(struct client *client);

/*
 * CLIENT_FREE only: give it a mail, which must stay until client_parcel() is
 * NULL again; then every target has its result.  ready() and done() are the
 * caller's business.
 */
void client_begin(struct client *client, struct parcel *parcel);
struct parcel *client_parcel(const struct client *client);

/* CLIENT_READY only: say the end of the mail. */
void client_go(struct client *client);

/* CLIENT_FREE only: say QUIT; the answer ends it. */
void client_quit(struct client *client);

/* The connection ended, or is to be given up for this reason. */
void client_lost(struct client *client, const char *why);

/* Complete replies heard so far. */
unsigned client_answers(const struct client *client);

/* It offered CHUNKING and then did not know BDAT. */
bool client_chunking_failed(const struct client *client);

#endif
