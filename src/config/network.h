/*
 * network: numeric addresses and the networks that the configuration lists.
 */
#ifndef NETWORK_H
#define NETWORK_H

#include <stdbool.h>

#include "util/error.h"

/* A parsed "192.0.2.0/24" or "2001:db8::/32"; v4 is kept v6-mapped. */
struct network {
	unsigned char bytes[16];
	unsigned bits; /* of 128 */
	bool v4;
};

/*
 * Does it hold so much of the internet that "trusted" means nothing: wider
 * than a /8 of IPv4 or a /16 of IPv6, or all the addresses of one kind inside
 * the other (::ffff:0:0/96, ::/16)?
 */
bool network_is_wide(const struct network *network);

/* Read a network; an address without "/n" is itself alone.  INVALID. */
int network_parse(struct network *network, const char *text, struct error *err);

/* Is a numeric address inside? */
bool network_has(const struct network *network, const char *address);

/* 127.0.0.0/8 or ::1, mapped or not? */
bool network_is_loopback(const char *address);

#endif
