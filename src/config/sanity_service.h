/*
 * sanity_service: programs and services that are asked about held drafts.
 */
#ifndef SANITY_SERVICE_H
#define SANITY_SERVICE_H

#include "config/config.h"

/*
 * -1 and err (INVALID, "file:line: ...") on the first thing that is wrong.
 * Fills each service's token from its file.
 */
int sanity_service(struct config *config, struct error *err);

#endif
