/*
 * known: a set of domains with what they look like, for the plug-ins that ask
 * whether a name is one of them or imitates one.
 */
#ifndef KNOWN_H
#define KNOWN_H

#include "domain.h"

#include <imprimatur/plugin.h>

#define KNOWN_NEAR_MOST 10000000 /* names to compare letter by letter */

struct known;

/* An empty set; NULL: no memory.  tables must outlive it. */
struct known *known_new(const struct domain_tables *tables);

/* NULL is harmless. */
void known_free(struct known *known);

/* Add a name.  -1: it can be none, or no memory. */
int known_add(struct known *known, const char *name, size_t size);

/*
 * Add every item of an option.  -1: one cannot be a domain, and the host has
 * been told.
 */
int known_option(struct known *known, const struct imprimatur_host *host,
    const struct imprimatur_options *options, const char *option);

/* Nothing more will be added: now it may be asked.  -1: no memory. */
int known_sort(struct known *known);

/* How many were added. */
size_t known_count(const struct known *known);

/* Is a name (ASCII form) in the set, or below one that is? */
bool known_covers(const struct known *known, const char *name);

/*
 * Another registered name in the set that this one imitates: it looks the same
 * or, where left is not NULL, is one letter apart; or NULL.  name: in its
 * ASCII form; written: as it stands in the mail.  left: how many names may yet
 * be compared letter by letter, in this mail.
 */
const char *known_imitated(const struct known *known, const char *name,
    const char *written, size_t *left);

/* The name in the set that stands within this one, but not at its end:
 * "bank.example.evil.test"; or NULL. */
const char *known_within(const struct known *known, const char *name);

#endif
