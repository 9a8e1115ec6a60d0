/*
 * persons: the addresses of a mail, each in a form in which equal ones are
 * equal, and where it stands.
 */
#ifndef PERSONS_H
#define PERSONS_H

#include "domain.h"

#include <imprimatur/plugin.h>

struct person {
	const char *written;
	const char *key;    /* in small letters, the domain in its ASCII form */
	const char *domain; /* in key; "" for none */
	bool name_ok;	    /* the domain can be a name */
	bool in_envelope, in_header;
	bool again; /* the same stands before it: in the envelope, in To, Cc */
	const struct imprimatur_address *header; /* or NULL */
};

struct persons {
	const struct imprimatur_host *host;
	struct imprimatur_report *report;
	const struct domain_tables *tables;
	bool tags;	     /* "a+b@" is "a@" */
	struct person *list; /* the envelope's, then the header's */
	size_t n, n_envelope;
};

/* Bytes of room that a key needs besides the address's own. */
#define PERSONS_ROOM (DOMAIN_MAX + 2)

/*
 * Write the key of an address.  domain is set to where its domain begins.
 * False: the domain can be no name.
 */
bool persons_key(const struct persons *persons, const char *address, char *key,
    const char **domain);

/* Fill list from a mail, in the report's memory.  The members before list must
 * be set. */
void persons_list(struct persons *persons, const struct imprimatur_mail *mail);

/* The first n of the list, by domain; in the report's memory. */
struct person **persons_by_domain(const struct persons *persons, size_t n);

/* Does it stand where recipients do? */
bool persons_is_shown(const struct person *person);

#endif
