/*
 * sasl: the exchanges of AUTH PLAIN (RFC 4616) and AUTH LOGIN, as text in and
 * text out.  Pure; whether the secret is right is auth's affair.
 */
#ifndef ACCEPT_SASL_H
#define ACCEPT_SASL_H

#include "util/buf.h"

#define SASL_NAME_MOST	 255
#define SASL_SECRET_MOST 1024

struct sasl; /* one exchange; holds a secret for as long as it lives */

enum sasl_step {
	SASL_MORE, /* send the challenge, feed the next line */
	SASL_DONE, /* name and secret are known */
	SASL_CANCELLED,
	SASL_MALFORMED
};

/* Begin with a mechanism ("PLAIN", in any case), or NULL for others. */
struct sasl *sasl_new(struct span mechanism);

/*
 * The client's next line, base64 as it stands; at first its initial response,
 * or an empty one when there was none ("=" is an initial response that is
 * empty).  challenge: base64 for the next 334.
 */
enum sasl_step sasl_feed(
    struct sasl *sasl, struct span line, const char **challenge);

/* After SASL_DONE: the name, and the secret's bytes.  Alive as the sasl is. */
const char *sasl_name(const struct sasl *sasl);
struct span sasl_secret(const struct sasl *sasl);

/* Wipe and free.  NULL is harmless. */
void sasl_free(struct sasl *sasl);

#endif
