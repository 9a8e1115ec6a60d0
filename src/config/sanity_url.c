/*
 * sanity_url: can the URL be used, and safely?  Asking it is left to
 * util/fetch.
 */
#include "config/sanity_url.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "config/setting_source.h"

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
		    "there; put a token into token_file",
		    of->owner);
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
	if (*ca_file == NULL)
		return 0;
	*ca_file = setting_source_path(config->arena, config->file, *ca_file);
	if (access(*ca_file, R_OK) != 0)
		return WRONG("cannot read the ca_file of %s: %s: %s", of->owner,
		    *ca_file, strerror(errno));
	return 0;
}
