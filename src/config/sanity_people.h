/*
 * sanity_people: groups, limits, deputies and exchange rates.
 */
#ifndef SANITY_PEOPLE_H
#define SANITY_PEOPLE_H

#include "config/config.h"

/* -1 and err (INVALID, "file:line: ...") on the first thing that is wrong. */
int sanity_people(const struct config *config, struct error *err);

#endif
