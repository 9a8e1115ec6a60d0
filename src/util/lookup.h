/*
 * lookup: the addresses of a host, in the order in which they are to
 * be tried.  Loop only.
 */
#ifndef UTIL_LOOKUP_H
#define UTIL_LOOKUP_H

#include <stddef.h>
#include <sys/socket.h>

#define LOOKUP_ADDRESSES_MOST 8 /* others are not tried */

struct evdns_base;
struct event_base;
struct lookup;

struct lookup_address {
	struct sockaddr_storage to;
	socklen_t size;
};

/*
 * A resolver that asks the name servers of /etc/resolv.conf and knows
 * /etc/hosts; freed with evdns_base_free().  NULL when there is no memory.
 */
struct evdns_base *lookup_resolver_new(struct event_base *base);

/*
 * Find the addresses of a name or numeric address.  found() is called once, on
 * the loop or at once: n 0 and why when there are none.  Returns a handle until
 * then, or NULL when found() has already been called.
 */
struct lookup *lookup_start(struct evdns_base *resolver, const char *host,
    unsigned port,
    void (*found)(const struct lookup_address *addresses, size_t n,
	const char *why, void *context),
    void *context);

/* found() is not to be called any more.  NULL is harmless. */
void lookup_cancel(struct lookup *lookup);

#endif
