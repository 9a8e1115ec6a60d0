/*
 * signed: S/MIME signatures (RFC 8551), verified by OpenSSL's CMS against one
 * certificate that is known beforehand.
 */
#ifndef CHECK_READER_SIGNED_H
#define CHECK_READER_SIGNED_H

#include <stdbool.h>

#include "check/reader/mime.h"

/* Start OpenSSL without its configuration file.  Before the seal. */
void signed_warm(void);

/* Is the private key (PEM) one of Ed25519? */
bool signed_is_ed25519(const char *pem);

/*
 * What was signed: a mail with the header of the whole one and the signed
 * part, headers of content and all, as its only content.  pem: the certificate
 * that alone counts.  In the mime's arena.  An empty span and why (a constant)
 * when it is not so signed.
 */
struct span signed_content(
    const struct mime *mime, struct span pem, const char **why);

#endif
