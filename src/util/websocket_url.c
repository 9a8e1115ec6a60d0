/*
 * websocket_url: where a WebSocket is.  A user, a password and a fragment have
 * no place there.
 */
#include "util/websocket_url.h"

#include <stddef.h>
#include <string.h>

#define PORT_MOST 65535

static const char *read_scheme(const char *s, bool *tls)
{
	size_t i;

	for (i = 0; s[i] != '\0'; i++)
		if (s[i] <= ' ' || s[i] > '~' || s[i] == '#')
			return NULL;
	*tls = strncmp(s, "wss://", 6) == 0;
	if (*tls)
		return s + 6;
	return strncmp(s, "ws://", 5) == 0 ? s + 5 : NULL;
}

static const char *read_host(const char *s, char *host)
{
	bool brackets = *s == '[';
	size_t len = strcspn(s += brackets, brackets ? "]" : ":/?@[]\\");

	if (len == 0 || len >= WEBSOCKET_HOST_SIZE ||
	    (brackets && s[len] != ']'))
		return NULL;
	memcpy(host, s, len);
	host[len] = '\0';
	return s + len + brackets;
}

static const char *read_port(const char *s, unsigned *port)
{
	if (*s != ':')
		return s;
	*port = 0;
	for (s++; *s >= '0' && *s <= '9' && *port <= PORT_MOST; s++)
		*port = *port * 10 + (unsigned)(*s - '0');
	return *port == 0 || *port > PORT_MOST ? NULL : s;
}

int websocket_url_read(const char *url, struct websocket_url *out)
{
	const char *s = read_scheme(url, &out->tls);
	unsigned usual = out->tls ? 443 : 80;

	out->port = usual;
	if (s != NULL)
		s = read_host(s, out->host);
	if (s != NULL)
		s = read_port(s, &out->port);
	if (s == NULL || (*s != '/' && *s != '\0'))
		return -1;
	out->usual = out->port == usual;
	out->path = *s == '\0' ? "/" : s;
	return 0;
}
