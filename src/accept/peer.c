/*
 * peer: a hash table of those who are connected, and of those who were and
 * failed to log in less than a minute ago.  Turning clients away is left to
 * accept.c.
 */
#include "accept/peer.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "util/mem.h"

#define BUCKETS	    1024 /* a power of two */
#define MINUTE_MS   60000
#define SWEEP_EVERY 256 /* peers gone, before the forgotten ones are freed */

struct peer {
	struct peer *next;
	unsigned char key[16];
	unsigned connections;
	unsigned failures; /* since then: */
	int64_t minute_of_ms;
};

struct peer_table {
	struct peer *buckets[BUCKETS];
	unsigned failures_max;
	unsigned gone; /* since the last sweep */
};

struct peer_table *peer_table_new(unsigned failures_max)
{
	struct peer_table *table = mem_zalloc(sizeof(*table));

	table->failures_max = failures_max;
	return table;
}

/* Free those without connections, or only those without failures too. */
static void sweep(struct peer_table *table, bool all)
{
	struct peer **at, *peer;
	size_t i;

	for (i = 0; i < BUCKETS; i++)
		for (at = &table->buckets[i]; (peer = *at) != NULL;) {
			if (peer->connections == 0 &&
			    (all || peer->failures == 0)) {
				*at = peer->next;
				free(peer);
			} else {
				at = &peer->next;
			}
		}
	table->gone = 0;
}

void peer_table_free(struct peer_table *table)
{
	if (table == NULL)
		return;
	sweep(table, true);
	free(table);
}

void peer_address(const struct sockaddr *from, char out[PEER_ADDRESS_SIZE])
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)from;
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)from;
	const char *text = NULL;

	if (from->sa_family == AF_INET)
		text =
		    inet_ntop(AF_INET, &v4->sin_addr, out, PEER_ADDRESS_SIZE);
	else if (from->sa_family == AF_INET6 &&
		 IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
		text = inet_ntop(AF_INET, v6->sin6_addr.s6_addr + 12, out,
		    PEER_ADDRESS_SIZE);
	else if (from->sa_family == AF_INET6)
		text =
		    inet_ntop(AF_INET6, &v6->sin6_addr, out, PEER_ADDRESS_SIZE);
	if (text == NULL)
		snprintf(out, PEER_ADDRESS_SIZE, "unknown");
}

/* IPv4 in the first four bytes, or the first half of IPv6. */
static void key_of(const char *address, unsigned char key[16])
{
	memset(key, 0, 16);
	if (inet_pton(AF_INET, address, key) == 1) {
		key[15] = 1;
		return;
	}
	if (inet_pton(AF_INET6, address, key) != 1)
		memset(key, 0, 16);
	memset(key + 8, 0, 8);
}

static struct peer **bucket_of(
    struct peer_table *table, const unsigned char key[16])
{
	uint32_t hash = 2166136261u; /* FNV-1a */
	size_t i;

	for (i = 0; i < 16; i++)
		hash = (hash ^ key[i]) * 16777619u;
	return &table->buckets[hash % BUCKETS];
}

struct peer *peer_take(
    struct peer_table *table, const char *address, unsigned connections_max)
{
	unsigned char key[16];
	struct peer **bucket, *peer;

	key_of(address, key);
	bucket = bucket_of(table, key);
	for (peer = *bucket; peer != NULL; peer = peer->next)
		if (memcmp(peer->key, key, sizeof(key)) == 0)
			break;
	if (peer == NULL) {
		peer = mem_zalloc(sizeof(*peer));
		memcpy(peer->key, key, sizeof(key));
		peer->next = *bucket;
		*bucket = peer;
	}
	if (peer->connections >= connections_max)
		return NULL;
	peer->connections++;
	return peer;
}

static void remove_peer(struct peer_table *table, struct peer *peer)
{
	struct peer **at = bucket_of(table, peer->key);

	while (*at != peer)
		at = &(*at)->next;
	*at = peer->next;
	free(peer);
}

static void forget_old(struct peer_table *table, int64_t now_ms)
{
	struct peer *peer;
	size_t i;

	for (i = 0; i < BUCKETS; i++)
		for (peer = table->buckets[i]; peer; peer = peer->next)
			if (now_ms - peer->minute_of_ms >= MINUTE_MS)
				peer->failures = 0;
	sweep(table, false);
}

void peer_put(struct peer_table *table, struct peer *peer)
{
	assert(peer->connections > 0);
	if (--peer->connections > 0)
		return;
	if (peer->failures == 0)
		remove_peer(table, peer);
	else
		table->gone++;
}

bool peer_may_try(struct peer_table *table, struct peer *peer, int64_t now_ms)
{
	if (table->gone >= SWEEP_EVERY)
		forget_old(table, now_ms);
	if (now_ms - peer->minute_of_ms >= MINUTE_MS || peer->failures == 0) {
		peer->minute_of_ms = now_ms;
		peer->failures = 0;
	}
	if (peer->failures >= table->failures_max)
		return false;
	peer->failures++;
	return true;
}

void peer_forgive(struct peer *peer)
{
	if (peer->failures > 0)
		peer->failures--;
}
