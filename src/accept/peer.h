/*
 * peer: what is counted per client address: open connections and failed
 * logins.  An IPv6 peer is its /64, which is what one customer gets.
 *
 * All functions: loop only.
 */
#ifndef ACCEPT_PEER_H
#define ACCEPT_PEER_H

#include <stdbool.h>
#include <stdint.h>

struct sockaddr;

#define PEER_ADDRESS_SIZE 46 /* text of an IPv6 address, and NUL */

struct peer; /* alive while it has a connection */
struct peer_table;

/* failures_max: wrong logins of one peer in a minute. */
struct peer_table *peer_table_new(unsigned failures_max);

/* All peers must have been put back.  NULL is harmless. */
void peer_table_free(struct peer_table *table);

/*
 * Write a client's address as text, IPv4 in IPv6 as IPv4; "unknown" for any
 * other sort of socket.
 */
void peer_address(const struct sockaddr *from, char out[PEER_ADDRESS_SIZE]);

/*
 * Count one more connection.  NULL when it has connections_max already; else
 * peer_put() it when the connection ends.
 */
struct peer *peer_take(
    struct peer_table *table, const char *address, unsigned connections_max);
void peer_put(struct peer_table *table, struct peer *peer);

/*
 * May it try a password now?  Counts the try as a failure until peer_forgive()
 * says that it was none, so that many at once gain nothing.
 */
bool peer_may_try(struct peer_table *table, struct peer *peer, int64_t now_ms);
void peer_forgive(struct peer *peer);

#endif
