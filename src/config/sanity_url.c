/*
 * sanity_url: can the URL be used, and safely?  Asking it is left to
 * util/fetch.
 */
#include "config/sanity_url.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/setting_source.h"
#include "util/tls.h"

#define WRONG(...)                                                             \
	(error_set(err, ERROR_INVALID, __VA_ARGS__),                           \
	    error_prefix(err, "%s:%u", config->file, of->line))

/* The host of a URL, without port; -1: it is none, or too long. */
static int host_of(const char *url, char *host, size_t size)
{
	const char *at = strstr(url, "://") + 3;
	size_t n;

	if (*at == '[') {
		at++;
		n = strcspn(at, "]");
	} else {
		n = strcspn(at, ":/?#");
	}
	if (n == 0 || n >= size)
		return -1;
	memcpy(host, at, n);
	host[n] = '\0';
	return 0;
}

/* "https://host:8443/x": is what stands behind the host a port, if any? */
static bool has_good_port(const char *url)
{
	const char *at = strstr(url, "://") + 3;
	size_t n;

	at += *at == '[' ? strcspn(at, "]") : strcspn(at, ":/?#");
	at += *at == ']';
	if (*at != ':')
		return *at == '\0' || strchr("/?#", *at) != NULL;
	n = strspn(++at, "0123456789");
	return n > 0 && n <= 5 && strtoul(at, NULL, 10) <= 65535 &&
	       (at[n] == '\0' || strchr("/?#", at[n]) != NULL);
}

int sanity_url(
    const struct config *config, const struct sanity_url *of, struct error *err)
{
	bool clear = strncmp(of->url, "http://", 7) == 0;
	char host[256];
	const char *c;

	for (c = of->url; *c > ' ' && *c < 0x7f; c++)
		;
	if ((!clear && strncmp(of->url, "https://", 8) != 0) || *c != '\0' ||
	    host_of(of->url, host, sizeof(host)))
		return WRONG(
		    "the url of %s must begin with https:// or http:// and a "
		    "host; write url = \"https://scan.example.com/check\";",
		    of->owner);
	if (strchr(of->url, '@') != NULL)
		return WRONG(
		    "the url of %s has a '@': a password does not belong "
		    "there; put the secret into %s",
		    of->owner, of->option);
	if (!has_good_port(of->url))
		return WRONG(
		    "the url of %s has a port that is none", of->owner);
	if (clear && of->secret != NULL && !config_is_loopback(host) &&
	    strcmp(host, "localhost") != 0)
		return WRONG("%s has %s, which would cross the network in "
			     "clear; use https://",
		    of->owner, of->secret);
	return 0;
}

int sanity_url_ca(const struct config *config, const struct sanity_url *of,
    const char **ca_file, struct error *err)
{
	struct tls_client *client;

	if (*ca_file == NULL)
		return 0;
	*ca_file = setting_source_path(config->arena, config->file, *ca_file);
	if (access(*ca_file, R_OK) != 0)
		return WRONG("cannot read the ca_file of %s: %s: %s", of->owner,
		    *ca_file, strerror(errno));
	client = tls_client_new(*ca_file, NULL);
	if (client == NULL)
		return WRONG("the ca_file of %s has no certificate in it: %s; "
			     "it begins with \"-----BEGIN CERTIFICATE-----\"",
		    of->owner, *ca_file);
	tls_client_free(client);
	return 0;
}
