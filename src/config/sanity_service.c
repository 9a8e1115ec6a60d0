/*
 * sanity_service: can the programs be run, and are drafts and tokens safe on
 * their way to the services?  Running and asking is left to check/.
 */
#include "config/sanity_service.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "config/network.h"
#include "config/rule.h"
#include "config/sanity_secret.h"
#include "config/setting_source.h"

#define WRONG(line, ...)                                                       \
	(error_set(err, ERROR_INVALID, __VA_ARGS__),                           \
	    error_prefix(err, "%s:%u", config->file, line))

static int check_program(const struct config *config,
    const struct config_program *p, struct error *err)
{
	if (!rule_plain_name(p->name))
		return WRONG(p->line,
		    "the program's name '%.80s' has characters that names in "
		    "the log must not have, or more than 63 of them",
		    p->name);
	if (config_program(config, p->name) != p)
		return WRONG(p->line, "two programs are called '%s'", p->name);
	if (strcmp(p->name, CONFIG_MAIL) == 0)
		return WRONG(p->line,
		    "a program must not be called '%s', which is a medium "
		    "already; give it another name",
		    CONFIG_MAIL);
	if (p->command[0] == NULL || p->command[0][0] != '/')
		return WRONG(p->line,
		    "the command of program '%s' must begin with an absolute "
		    "path; write command = [ \"/usr/local/bin/%s\" ];",
		    p->name, p->name);
	if (access(p->command[0], X_OK) != 0)
		return WRONG(p->line,
		    "the command of program '%s' cannot be run: %s: %s",
		    p->name, p->command[0], strerror(errno));
	return 0;
}

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

static int check_url(const struct config *config,
    const struct config_service *s, struct error *err)
{
	bool clear = strncmp(s->url, "http://", 7) == 0;
	char host[256];
	const char *c;

	for (c = s->url; *c > ' ' && *c < 0x7f; c++)
		;
	if ((!clear && strncmp(s->url, "https://", 8) != 0) || *c != '\0' ||
	    host_of(s->url, host, sizeof(host)))
		return WRONG(s->line,
		    "the url of service '%s' must begin with https:// or "
		    "http:// and a host; write url = "
		    "\"https://scan.example.com/check\";",
		    s->name);
	if (strchr(s->url, '@') != NULL)
		return WRONG(s->line,
		    "the url of service '%s' has a '@': a password does not "
		    "belong there; put a token into token_file",
		    s->name);
	if (clear && s->token_file != NULL && !config_is_loopback(host) &&
	    strcmp(host, "localhost") != 0)
		return WRONG(s->line,
		    "service '%s' has a token, which would cross the network "
		    "in clear; use https://",
		    s->name);
	return 0;
}

static int check_service(
    const struct config *config, struct config_service *s, struct error *err)
{
	if (!rule_plain_name(s->name))
		return WRONG(s->line,
		    "the service's name '%.80s' has characters that names in "
		    "the log must not have, or more than 63 of them",
		    s->name);
	if (config_service(config, s->name) != s ||
	    config_program(config, s->name) != NULL)
		return WRONG(s->line,
		    "two services or programs are called '%s'", s->name);
	if (check_url(config, s, err))
		return -1;
	if (s->ca_file != NULL) {
		s->ca_file = setting_source_path(
		    config->arena, config->file, s->ca_file);
		if (access(s->ca_file, R_OK) != 0)
			return WRONG(s->line,
			    "cannot read the ca_file of service '%s': %s: %s",
			    s->name, s->ca_file, strerror(errno));
	}
	if (s->token_file == NULL)
		return 0;
	s->token_file =
	    setting_source_path(config->arena, config->file, s->token_file);
	return sanity_secret(
		   config->arena, "token_file", s->token_file, &s->token, err)
		   ? error_prefix(err, "%s:%u: service '%s'", config->file,
			 s->line, s->name)
		   : 0;
}

int sanity_service(struct config *config, struct error *err)
{
	size_t i;

	for (i = 0; i < config->n_programs; i++)
		if (check_program(config, &config->programs[i], err))
			return -1;
	for (i = 0; i < config->n_services; i++)
		if (check_service(config, &config->services[i], err))
			return -1;
	return 0;
}
