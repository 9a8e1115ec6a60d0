/*
 * say: the commands that carry an envelope, and whether this mail can be given
 * to this relay host at all.  Pure.
 *
 * Nothing that stands in an address or a parameter can become another command:
 * what is not safe is refused before anything is written.
 */
#ifndef SEND_SAY_H
#define SEND_SAY_H

#include <stdbool.h>
#include <stddef.h>

#include "send/offer.h"
#include "send/parcel.h"

#include "util/buf.h"

#define SAY_REASON_SIZE 200

/*
 * Why the relay host cannot have this mail, with a status in front ("5.6.3
 * ..."), into reason; false: it can.
 */
bool say_obstacle(const struct parcel *parcel, const struct offer *offer,
    char reason[SAY_REASON_SIZE]);

/* Why this recipient cannot be named, likewise a constant, or NULL. */
const char *say_recipient_obstacle(
    const struct recipient *recipient, bool smtputf8);

/* Append MAIL with the parameters that the relay host offers. */
void say_mail(
    struct buf *out, const struct parcel *parcel, const struct offer *offer);

/* Append RCPT likewise. */
void say_rcpt(struct buf *out, const struct recipient *recipient,
    const struct offer *offer);

/*
 * Append AUTH PLAIN with its initial response (RFC 4616), or one piece of AUTH
 * LOGIN, in base64.
 */
void say_plain(struct buf *out, const char *user, const char *password);
void say_base64(struct buf *out, const char *secret);

#endif
