/*
 * signed: S/MIME signatures (RFC 8551), verified by OpenSSL's CMS against one
 * certificate that is known beforehand.
 */
#ifndef CHECK_READER_SIGNED_H
#define CHECK_READER_SIGNED_H

#include "check/reader/mime.h"

/* Start OpenSSL without its configuration file.  Before the seal. */
void signed_warm(void);

/* What sort of private key (PEM) is it?  NONE: it cannot be read. */
enum signed_key { SIGNED_KEY_NONE, SIGNED_KEY_RSA, SIGNED_KEY_ED25519 };
enum signed_key signed_key_of(const char *pem);

/*
 * What was signed: a mail with the header of the whole one and the signed
 * part, headers of content and all, as its only content.  pem: the certificate
 * that alone counts.  In the mime's arena.  An empty span and why (a constant)
 * when it is not so signed.  once: as in reading_origin, of what was signed
 * and when.
 */
struct span signed_content(const struct mime *mime, struct span pem,
    const char **once, const char **why);

#endif
