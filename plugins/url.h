/*
 * url: where an address leads, read as generously as a browser does.
 */
#ifndef URL_H
#define URL_H

#include "domain.h"

#define URL_SHOWN 120 /* bytes of a text as it is shown, NUL too */

struct url {
	char scheme[16];	  /* small letters; "" when none is written */
	char written[DOMAIN_MAX]; /* the host as it stands, or "" */
	char host[DOMAIN_MAX];	  /* in its one spelling; a number as 1.2.3.4 */
	char mailbox[DOMAIN_MAX]; /* before the @ of mailto:, small letters */
	bool numeric;		  /* the host is an IP address */
	bool user;		  /* something and an @ stand before the host */
	bool valid;		  /* the host can be a name or an address */
};

/*
 * Read an address.  False: it has neither a scheme nor a host ("#top", a
 * relative one).
 */
bool url_read(
    const struct domain_tables *tables, const char *text, struct url *url);

/*
 * The first address that a person sees in a text: "https://a.example/x",
 * "www.a.example", "bob@a.example", and "a.example" where it is clear that no
 * sentence was meant.  False: none.
 */
bool url_in_text(
    const struct domain_tables *tables, const char *text, struct url *url);

/* A text as one line, its beginning only. */
void url_shown(const char *text, char out[URL_SHOWN]);

#endif
