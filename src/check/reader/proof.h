/*
 * proof: a reply whose origin is to be proven, and a mail that is to be signed.
 */
#ifndef CHECK_READER_PROOF_H
#define CHECK_READER_PROOF_H

#include "reading.h"
#include "util/buf.h"

/* Load what libraries load late.  Before the reader seals itself. */
void proof_warm(void);

/*
 * Read the reply and prove it with the keys or the certificate in text (see
 * wire.h): origin.proven is the domain, or "S/MIME", and then the reply is of
 * what was signed.  Never NULL; freed with reading_reply_free().
 */
struct reading_reply *proof_reply(struct span mail, struct span text);

/*
 * Sign the mail with the first of the keys in text that is for the domain of
 * its one From.  Never NULL; freed with reading_signed_free().
 */
struct reading_signed *proof_sign(struct span mail, struct span text);

#endif
