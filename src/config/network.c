/*
 * network: compares addresses by their leading bits.  Names are never looked
 * up here.
 */
#include "config/network.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Wider than this and "trusted" means the whole internet. */
#define BITS_LEAST_V4 8
#define BITS_LEAST_V6 16

static int parse_address(const char *text, unsigned char bytes[16], bool *v4)
{
	memset(bytes, 0, 10);
	bytes[10] = bytes[11] = 0xff;
	*v4 = inet_pton(AF_INET, text, bytes + 12) == 1;
	return *v4 || inet_pton(AF_INET6, text, bytes) == 1 ? 0 : -1;
}

int network_parse(struct network *network, const char *text, struct error *err)
{
	const char *slash = strchr(text, '/');
	char address[64], *end = NULL;
	unsigned long bits;
	size_t len = slash ? (size_t)(slash - text) : strlen(text);

	snprintf(
	    address, sizeof(address), "%.*s", (int)(len < 63 ? len : 63), text);
	if (parse_address(address, network->bytes, &network->v4))
		return error_set(err, ERROR_INVALID,
		    "'%s' is no network; write \"192.0.2.0/24\" or "
		    "\"2001:db8::/32\"",
		    text);
	bits = network->v4 ? 32 : 128;
	if (slash != NULL) {
		unsigned long given = strtoul(slash + 1, &end, 10);

		if (end == slash + 1 || *end != '\0' || given > bits)
			return error_set(err, ERROR_INVALID,
			    "'%s' has a wrong length behind the '/'", text);
		bits = given;
	}
	network->bits = (unsigned)bits + (network->v4 ? 96 : 0);
	return 0;
}

bool network_is_wide(const struct network *network)
{
	static const unsigned char mapped[12] = {
	    [10] = 0xff, [11] = 0xff}; /* RFC 4291 2.5.5.2 */
	unsigned whole = network->bits / 8;

	/* inside the mapped addresses it is IPv4, however it is written */
	if (network->bits >= 96 && memcmp(network->bytes, mapped, 12) == 0)
		return network->bits < 96 + BITS_LEAST_V4;
	/* around them it holds all of IPv4 */
	if (whole < 12 && network_has(network, "0.0.0.0"))
		return true;
	return network->bits < BITS_LEAST_V6;
}

bool network_has(const struct network *network, const char *address)
{
	unsigned whole = network->bits / 8, rest = network->bits % 8;
	unsigned char bytes[16];
	bool v4;

	if (parse_address(address, bytes, &v4) ||
	    memcmp(bytes, network->bytes, whole) != 0)
		return false;
	return rest == 0 ||
	       (bytes[whole] ^ network->bytes[whole]) >> (8 - rest) == 0;
}

bool network_is_loopback(const char *address)
{
	struct network v4 = {{0}, 0, false}, v6 = {{0}, 0, false};

	return network_parse(&v4, "127.0.0.0/8", NULL) == 0 &&
	       network_parse(&v6, "::1", NULL) == 0 &&
	       (network_has(&v4, address) || network_has(&v6, address));
}
