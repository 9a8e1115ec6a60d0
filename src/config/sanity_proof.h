/*
 * sanity_proof: what proves who wrote a mail: certificates of reviewers, keys
 * that sign, name servers that are asked.
 */
#ifndef SANITY_PROOF_H
#define SANITY_PROOF_H

#include "config/config.h"

/*
 * -1 and err (INVALID, "file:line: ...") on the first thing that is wrong.
 * Fills certificates and keys from their files.
 */
int sanity_proof(struct config *config, struct error *err);

#endif
