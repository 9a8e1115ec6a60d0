/*
 * lookup: libevent's resolver.  When to give up is left to who asks.
 */
#include "util/lookup.h"

#include <event2/dns.h>
#include <event2/util.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/log.h"
#include "util/mem.h"

#define RESOLV_CONF "/etc/resolv.conf"

struct lookup {
	void (*found)(const struct lookup_address *addresses, size_t n,
	    const char *why, void *context); /* NULL: cancelled */
	void *context;
	bool returned; /* from lookup_start() */
	bool ended;
};

struct evdns_base *lookup_resolver_new(struct event_base *base)
{
	struct evdns_base *resolver =
	    evdns_base_new(base, EVDNS_BASE_DISABLE_WHEN_INACTIVE);

	/* without the file it asks a name server on this machine */
	if (resolver != NULL && evdns_base_resolv_conf_parse(resolver,
				    DNS_OPTIONS_ALL, RESOLV_CONF) != 0)
		log_warning("lookup resolver-default file=" RESOLV_CONF);
	return resolver;
}

static size_t copy(struct lookup_address *out, const struct addrinfo *info)
{
	size_t n = 0;

	for (; info != NULL && n < LOOKUP_ADDRESSES_MOST;
	     info = info->ai_next) {
		if (info->ai_addrlen > sizeof(out[n].to))
			continue;
		memcpy(&out[n].to, info->ai_addr, info->ai_addrlen);
		out[n].size = (socklen_t)info->ai_addrlen;
		n++;
	}
	return n;
}

static void on_result(int code, struct addrinfo *info, void *context)
{
	struct lookup_address addresses[LOOKUP_ADDRESSES_MOST];
	struct lookup *lookup = context;
	size_t n = code == 0 ? copy(addresses, info) : 0;

	if (info != NULL)
		evutil_freeaddrinfo(info);
	lookup->ended = true;
	if (lookup->found != NULL)
		lookup->found(addresses, n,
		    code == 0 ? "it has no address" : evutil_gai_strerror(code),
		    lookup->context);
	if (lookup->returned)
		free(lookup);
}

struct lookup *lookup_start(struct evdns_base *resolver, const char *host,
    unsigned port,
    void (*found)(const struct lookup_address *addresses, size_t n,
	const char *why, void *context),
    void *context)
{
	const struct evutil_addrinfo hints = {
	    .ai_family = AF_UNSPEC,
	    .ai_socktype = SOCK_STREAM,
	    .ai_protocol = IPPROTO_TCP,
	    .ai_flags = EVUTIL_AI_NUMERICSERV,
	};
	struct lookup *lookup = mem_zalloc(sizeof(*lookup));
	char service[8];

	snprintf(service, sizeof(service), "%u", port);
	lookup->found = found;
	lookup->context = context;
	evdns_getaddrinfo(resolver, host, service, &hints, on_result, lookup);
	if (lookup->ended) {
		free(lookup);
		return NULL;
	}
	lookup->returned = true;
	return lookup;
}

/* The resolver answers in the end, or when it is freed. */
void lookup_cancel(struct lookup *lookup)
{
	if (lookup != NULL)
		lookup->found = NULL;
}
