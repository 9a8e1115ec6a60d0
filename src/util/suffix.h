/*
 * suffix: which domains belong together, by the Public Suffix List.  Pure; any
 * thread.
 */
#ifndef UTIL_SUFFIX_H
#define UTIL_SUFFIX_H

#include <stdbool.h>

/*
 * The organisational domain (RFC 7489 3.2) of a domain in small letters and
 * ASCII form: a part of it, or itself when it has none, being a public suffix
 * or a name without dots.
 */
const char *suffix_organisation(const char *domain);

/* Have both the same? */
bool suffix_related(const char *a, const char *b);

#endif
