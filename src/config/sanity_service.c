/*
 * sanity_service: can the programs be run, and are drafts and tokens safe on
 * their way to the services?  Running and asking is left to check/.
 */
#include "config/sanity_service.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "config/rule.h"
#include "config/sanity_secret.h"
#include "config/sanity_url.h"
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

static int check_service(
    const struct config *config, struct config_service *s, struct error *err)
{
	const struct sanity_url url = {
	    arena_printf(config->arena, "service '%.80s'", s->name), s->url,
	    s->line, s->token_file == NULL ? NULL : "a token", "token_file"};

	if (!rule_plain_name(s->name))
		return WRONG(s->line,
		    "the service's name '%.80s' has characters that names in "
		    "the log must not have, or more than 63 of them",
		    s->name);
	if (config_service(config, s->name) != s ||
	    config_program(config, s->name) != NULL)
		return WRONG(s->line,
		    "two services or programs are called '%s'", s->name);
	if (sanity_url(config, &url, err) ||
	    sanity_url_ca(config, &url, &s->ca_file, err))
		return -1;
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
