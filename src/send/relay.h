/*
 * relay: the connections to the relay host: found, opened, secured, shared by
 * the parcels that wait, kept a while and closed.  The only file of the
 * product that opens a connection to it.  Loop only.
 */
#ifndef SEND_RELAY_H
#define SEND_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"

#include "util/error.h"

struct event_base;
struct parcel;
struct relay;

/* NULL and err when the certificate authorities cannot be loaded. */
struct relay *relay_new(
    struct event_base *base, const struct config *config, struct error *err);

/*
 * Close everything.  Parcels under way are done() now, those past their end
 * IN_DOUBT; those that wait for parcel_go() are not, but may be dropped.
 * NULL is harmless.
 */
void relay_free(struct relay *relay);

/* See parcel.h; at most config's connections at a time, others wait. */
void relay_start(struct relay *relay, struct parcel *parcel);
void relay_go(struct parcel *parcel);
void relay_abandon(struct parcel *parcel);

/*
 * Open a connection as for a mail, with TLS and login, but send none.  Stays
 * the requester's until done() is called, once, maybe at once.
 */
struct relay_exam {
	void (*done)(struct relay_exam *exam);

	/* results, until done() returns */
	const char *why; /* it takes no mail, or NULL: it does */
	bool denied;	 /* it refused our login */
	bool stopping;	 /* we end: nobody knows */
	char tls[80];	 /* "TLSv1.3 ...", or "" */
};
void relay_examine(struct relay *relay, struct relay_exam *exam);

/*
 * No more parcels.  What has not said its end is done() PENDING; connections
 * without a mail are closed with QUIT.
 */
void relay_stop(struct relay *relay);

/*
 * Milliseconds until it is worth trying: above 0 when the relay host refused
 * our login.
 */
int64_t relay_pause_ms(const struct relay *relay);

/* As send_describe(). */
void relay_describe(const struct relay *relay, char *out, size_t size);

#endif
