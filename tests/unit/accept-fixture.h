/*
 * accept-fixture: a configuration and hooks for whoever tries the accept room
 * without the others: unit tests, fuzzers and the program accept-server.
 */
#ifndef ACCEPT_FIXTURE_H
#define ACCEPT_FIXTURE_H

#include <stdbool.h>

#include "accept/accept.h"
#include "config/config.h"

/* A right and a wrong review address; that right one is of notice 7. */
#define FIXTURE_REVIEW "d-right@review.localhost"
#define FIXTURE_FORGED "d-wrong@review.localhost"

/*
 * A configuration with one listener on 127.0.0.1 that takes agents and reviews
 * in clear, and these agents:
 *   demo    password demo (cheap to check), *@demo.example and *@corp.example
 *   slow    password slow (scrypt), only with slow; s@slow.example
 *   local   no password, trusted by the network 192.0.2.0/24; *@local.example
 * Free it with fixture_free().
 */
struct config *fixture_config(bool slow);
void fixture_free(struct config *config);

/* As hooks->address(), by the two addresses above. */
enum accept_address fixture_address(
    const char *address, int64_t *notice, void *context);

#endif
