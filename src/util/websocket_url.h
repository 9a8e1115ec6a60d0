/*
 * websocket_url: reads the URL of a WebSocket (RFC 6455 3), strictly.
 *
 * Pure; any thread.
 */
#ifndef UTIL_WEBSOCKET_URL_H
#define UTIL_WEBSOCKET_URL_H

#include <stdbool.h>

#define WEBSOCKET_HOST_SIZE 256

struct websocket_url {
	bool tls;
	char host[WEBSOCKET_HOST_SIZE]; /* an IPv6 address: without brackets */
	unsigned port;
	bool usual;	  /* the port that it has when none is named */
	const char *path; /* with the query; in the URL, or "/" */
};

/* -1: it is not ws:// or wss://, a host, perhaps a port and a path. */
int websocket_url_read(const char *url, struct websocket_url *out);

#endif
