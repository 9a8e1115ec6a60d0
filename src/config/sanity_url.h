/*
 * sanity_url: URLs of other servers, to which drafts or secrets go.
 */
#ifndef SANITY_URL_H
#define SANITY_URL_H

#include "config/config.h"

struct sanity_url {
	const char *owner; /* "service 'tone'", for messages */
	const char *url;
	unsigned line;
	/* what must not cross a network in clear ("a token"), or NULL */
	const char *secret;
	const char *option; /* where a secret belongs: "token_file" */
};

/* -1 and err (INVALID, "file:line: ...") when it cannot be used. */
int sanity_url(const struct config *config, const struct sanity_url *of,
    struct error *err);

/*
 * The file of authorities next to the configuration: there, and with one in it;
 * likewise.  owner and line are used; NULL stays.
 */
int sanity_url_ca(const struct config *config, const struct sanity_url *of,
    const char **ca_file, struct error *err);

#endif
