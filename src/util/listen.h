/*
 * listen: sockets bound to an address or a path, for libevent's listeners to
 * listen on (evconnlistener_new with a backlog).  All are non-blocking and
 * closed on exec; the caller closes them.
 */
#ifndef UTIL_LISTEN_H
#define UTIL_LISTEN_H

#include <stddef.h>
#include <sys/types.h>

#include "util/error.h"

/*
 * A TCP socket bound to a numeric address, IPv4 or IPv6 ("::" takes both).
 * -1 and err: CONFLICT when the port is taken, else INVALID.
 */
int listen_tcp(const char *address, unsigned port, struct error *err);

/*
 * A unix socket bound to a new socket file of that mode; its folder must
 * exist.  An old socket file is removed when nobody answers on it.  -1 and
 * err: CONFLICT when somebody does or it is another sort of file.
 */
int listen_unix(const char *path, mode_t mode, struct error *err);

/*
 * The socket among these, of a service manager, that is bound to a numeric
 * address and port, made as ours are; or -1.
 */
int listen_inherited(
    const char *address, unsigned port, const int *inherited, size_t n);

#endif
