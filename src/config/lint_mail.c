/*
 * lint_mail: digests that nothing goes into, remarks that no agent hears of,
 * keys and addresses that nothing comes by.
 */
#include "config/lint_mail.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

struct linting {
	const struct config *config;
	const struct lint *lint;
	size_t n; /* warnings */
};

#define warn(l, line, ...)                                                     \
	((l)->n++, lint_warn((l)->lint, (l)->config->file, line, __VA_ARGS__))

static void lint_digest(struct linting *l, const struct config_reviewer *r)
{
	if (r->digest.every_s == 0 && r->digest.n_minutes == 0)
		return;
	if (!config_reviewer_has(r, CONFIG_MAIL))
		warn(l, r->line,
		    "reviewer '%s' has a digest, which is mail, but is not "
		    "asked by mail; write media = [ \"mail\", ... ]; or take "
		    "the digest away",
		    r->name);
	else if (r->digest.above == SEVERITY_LOW)
		warn(l, r->line,
		    "nothing goes into the digests of reviewer '%s': drafts of "
		    "severity low and above come at once; raise above",
		    r->name);
}

/* Can a reviewer send a draft of this agent back? */
static bool may_be_revised(const struct config *config, const char *agent)
{
	const struct channel *c;
	const char *const *name;

	for (c = config->channels; c < config->channels + config->n_channels;
	     c++) {
		if (c->revise_rounds == 0)
			continue;
		for (name = c->agents; name != NULL && *name != NULL; name++)
			if (strcmp(*name, agent) == 0)
				return true;
		if (c->agents == NULL || *c->agents == NULL)
			return true;
	}
	return false;
}

static void lint_agent(struct linting *l, const struct config_agent *a)
{
	if (!config_agent_reports(a, "revising") &&
	    !config_agent_hooks(a, "revising") &&
	    may_be_revised(l->config, a->name))
		warn(l, a->line,
		    "agent '%s' never hears that a reviewer wants a better "
		    "draft: neither reports nor webhook.events has "
		    "\"revising\"; add it, or write revise_rounds = 0; in its "
		    "channel",
		    a->name);
}

/* May the pattern "a@b", "*@b" or "*" be an address of the domain? */
static bool is_of(const char *pattern, const char *domain)
{
	const char *at = strrchr(pattern, '@');

	return at == NULL ? strcmp(pattern, "*") == 0
			  : strcasecmp(at + 1, domain) == 0;
}

static void lint_dkim(struct linting *l, const struct config_dkim *d)
{
	const struct config *config = l->config;
	const char *const *sender;
	size_t i;

	for (i = 0; i < config->n_agents; i++)
		for (sender = config->agents[i].senders;
		     sender != NULL && *sender != NULL; sender++)
			if (is_of(*sender, d->domain))
				return;
	warn(l, d->line,
	    "nothing is ever signed for %s: no agent may send as anybody "
	    "there; dkim.domain is exactly what stands behind the @",
	    d->domain);
}

static void lint_feed(struct linting *l)
{
	const struct config *config = l->config;
	size_t i;

	if (config->review.feed == NULL)
		return;
	for (i = 0; i < config->n_listeners; i++)
		if (config->listeners[i].reviews)
			return;
	warn(l, config->review.feed_line,
	    "nothing comes to review.feed: no listener has reviews = true");
}

size_t lint_mail(const struct config *config, const struct lint *lint)
{
	struct linting l = {.config = config, .lint = lint};
	size_t i;

	for (i = 0; i < config->n_reviewers; i++)
		lint_digest(&l, &config->reviewers[i]);
	for (i = 0; i < config->n_agents; i++)
		lint_agent(&l, &config->agents[i]);
	for (i = 0; i < config->n_dkim; i++)
		lint_dkim(&l, &config->dkim[i]);
	lint_feed(&l);
	return l.n;
}
