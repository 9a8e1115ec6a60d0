/*
 * path: reads the address of MAIL and RCPT by the grammar of RFC 5321 4.1.2
 * and RFC 6531 3.3.  Pure.
 */
#ifndef ACCEPT_PATH_H
#define ACCEPT_PATH_H

#include <stdbool.h>

#include "util/buf.h"

/* RFC 5321 4.5.3.1, in bytes; the angle brackets are not counted. */
#define PATH_LOCAL_MOST	 64
#define PATH_DOMAIN_MOST 255
#define PATH_MOST	 254

struct path {
	struct span address; /* as given, without <>; empty: the null path */
	bool utf8;	     /* it has characters above 127 */
};

/*
 * Read "<...>" at the front of text and drop it from there.  0, or -1 with why
 * filled by a text for the client.  Source routes and addresses without a
 * domain are refused.  Quoted local parts are taken as they stand.
 */
int path_read(struct span *text, struct path *path, const char **why);

#endif
