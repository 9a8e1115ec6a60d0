/*
 * sanity: do the values of a configuration fit together?  It refuses what
 * would be an open relay, what nobody could approve, what an agent could
 * approve by itself, and what could never work.
 */
#ifndef SANITY_H
#define SANITY_H

#include "config/config.h"

/*
 * -1 and err (INVALID) on the first thing that is wrong, in words that say
 * what to write instead.  Fills relay.password from its file.
 */
int sanity_check(struct config *config, struct error *err);

#endif
