/*
 * dkimsig: DKIM signatures (RFC 6376), checked and made by libopendkim.  Keys
 * come from the daemon: nothing is asked for.
 */
#ifndef CHECK_READER_DKIMSIG_H
#define CHECK_READER_DKIMSIG_H

#include "check/reader/mime.h"
#include "reading.h"

#define DKIMSIG_KEY_BITS 1024 /* of RSA, at least (RFC 8301 3.2) */

/* Start the library.  Before the reader seals itself; may be called again. */
void dkimsig_warm(void);

/* End it.  For tests. */
void dkimsig_release(void);

/*
 * Does a signature hold whose key is among keys (lines, see wire.h)?  It must
 * fit header and body, cover the whole body, From and Date, be neither
 * expired nor of a domain that only tries DKIM.  origin gets proven, or
 * unproven and why.
 */
void dkimsig_prove(
    const struct mime *mime, struct span keys, struct reading_origin *origin);

/*
 * Sign for a domain with its private key (PEM).  sign gets the field, or
 * trouble.
 */
struct dkimsig_key {
	const char *domain, *selector, *pem;
};
void dkimsig_make(const struct mime *mime, const struct dkimsig_key *key,
    struct reading_signed *sign);

#endif
