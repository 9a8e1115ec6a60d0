/*
 * sanity_proof: are the files there, and are they what they should be?  What
 * they prove is left to pipeline_proof.c and to the readers.
 */
#include "config/sanity_proof.h"

#include <string.h>
#include <strings.h>

#include "config/sanity_secret.h"
#include "config/setting_source.h"

#include "util/dns.h"
#include "util/tls.h"

#define HOST_MAX 253 /* characters, RFC 1035 2.3.4 */

#define WRONG(...)                                                             \
	(error_set(err, ERROR_INVALID, __VA_ARGS__),                           \
	    error_prefix(err, "%s", config->file))
#define WRONG_AT(line, ...)                                                    \
	(error_set(err, ERROR_INVALID, __VA_ARGS__),                           \
	    error_prefix(err, "%s:%u", config->file, line))

/* A domain as it stands in the DNS. */
static bool is_host(const char *name)
{
	return *name != '\0' && strlen(name) <= HOST_MAX && *name != '.' &&
	       strstr(name, "..") == NULL &&
	       strspn(name,
		   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		   "0123456789-_.") == strlen(name);
}

static int check_reviewer(
    struct config *config, struct config_reviewer *r, struct error *err)
{
	const char *file = r->certificate_file;

	if (file == NULL && r->level != CONFIG_LEVEL_SIGNED)
		return 0;
	if (file == NULL)
		return WRONG_AT(r->line,
		    "reviewer '%s' has level = \"signed\", but no "
		    "certificate; write certificate = \"%s.pem\";",
		    r->name, r->name);
	if (r->level != CONFIG_LEVEL_SIGNED)
		return WRONG_AT(r->line,
		    "reviewer '%s' has a certificate that nothing looks at; "
		    "write level = \"signed\"; or take it away",
		    r->name);
	file = setting_source_path(config->arena, config->file, file);
	return sanity_pem(config->arena, "certificate", file, false,
		   &r->certificate, err) ||
		       tls_check_certificate(r->certificate, err)
		   ? error_prefix(err, "%s:%u: certificate of reviewer '%s'",
			 config->file, r->line, r->name)
		   : 0;
}

static int check_dkim(
    struct config *config, struct config_dkim *d, struct error *err)
{
	const struct config_dkim *twin;
	const char *file;

	if (!is_host(d->domain) || strchr(d->domain, '.') == NULL)
		return WRONG_AT(d->line,
		    "dkim has the domain '%.80s', which is none; write it as "
		    "it stands behind the @ (in its ASCII form)",
		    d->domain);
	if (!is_host(d->selector))
		return WRONG_AT(d->line,
		    "dkim has the selector '%.80s', which can be no part of a "
		    "name in the DNS",
		    d->selector);
	for (twin = config->dkim; twin < d; twin++)
		if (strcasecmp(twin->domain, d->domain) == 0)
			return WRONG_AT(d->line,
			    "there are two dkim keys for domain '%s'",
			    d->domain);
	file = setting_source_path(config->arena, config->file, d->key_file);
	return sanity_pem(
		   config->arena, "key_file", file, true, &d->key, err) ||
		       tls_check_dkim_key(d->key, err)
		   ? error_prefix(err, "%s:%u: dkim of '%s'", config->file,
			 d->line, d->domain)
		   : 0;
}

int sanity_proof(struct config *config, struct error *err)
{
	const char *const *name;
	unsigned n = 0;
	size_t i;

	for (i = 0; i < config->n_reviewers; i++)
		if (check_reviewer(config, &config->reviewers[i], err))
			return -1;
	for (i = 0; i < config->n_dkim; i++)
		if (check_dkim(config, &config->dkim[i], err))
			return -1;
	for (name = config->review.authserv; name != NULL && *name != NULL;
	     name++)
		if (!is_host(*name))
			return WRONG("review.authserv '%.80s' is no name that "
				     "a server calls itself in "
				     "Authentication-Results",
			    *name);
	for (name = config->dns.servers; name != NULL && *name != NULL;
	     name++, n++)
		if (dns_check_server(*name, err))
			return error_prefix(
			    err, "%s: dns.servers", config->file);
	if (n > DNS_SERVERS_MAX)
		return WRONG("dns.servers has %u servers; %d are enough", n,
		    DNS_SERVERS_MAX);
	return 0;
}
