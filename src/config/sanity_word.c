/*
 * sanity_word: are the events that agents want to hear of events, and is what
 * their webhooks are told safe on its way?
 */
#include "config/sanity_word.h"

#include <string.h>

#include "config/sanity_secret.h"
#include "config/sanity_url.h"
#include "config/setting_source.h"
#include "util/nearest.h"

#define SECRET_LEAST 16 /* characters */

#define WRONG(line, ...)                                                       \
	(error_set(err, ERROR_INVALID, __VA_ARGS__),                           \
	    error_prefix(err, "%s:%u", config->file, line))

/* Of every event a webhook may hear, of the first ones a mail may tell. */
static const char *const events[] = {"held", "edited", "revising", "sent",
    "dropped", "expired", "failed", "in-doubt", "approved", "withdrawn",
    "superseded"};
#define N_EVENTS  (sizeof(events) / sizeof(events[0]))
#define N_REPORTS ((size_t)8)

struct list {
	const char *option;
	const char *const *events; /* or NULL */
	size_t n;		   /* how many of the above are right */
	unsigned line;
};

static int check_events(const struct config *config,
    const struct config_agent *agent, const struct list *list,
    struct error *err)
{
	const char *const *e = list->events;
	struct nearest nearest;
	char near[NEAREST_SIZE];
	size_t i;

	for (; e != NULL && *e != NULL; e++) {
		nearest_init(&nearest, *e);
		for (i = 0; i < list->n && strcmp(events[i], *e) != 0; i++)
			nearest_try(&nearest, events[i]);
		if (i == list->n)
			return WRONG(list->line,
			    "%s of agent '%s' names '%.40s', which is no event "
			    "for it%s; there are held, edited, revising, sent, "
			    "dropped, expired, failed, in-doubt%s",
			    list->option, agent->name, *e,
			    nearest_text(&nearest, near),
			    list->n == N_EVENTS
				? ", approved, withdrawn, superseded"
				: "");
	}
	return 0;
}

static int check_webhook(
    const struct config *config, struct config_agent *agent, struct error *err)
{
	struct config_webhook *hook = &agent->webhook;
	const struct sanity_url url = {
	    arena_printf(
		config->arena, "the webhook of agent '%s'", agent->name),
	    hook->url, hook->line, "drafts to tell of", "secret_file"};

	if (sanity_url(config, &url, err) ||
	    sanity_url_ca(config, &url, &hook->ca_file, err))
		return -1;
	hook->secret_file =
	    setting_source_path(config->arena, config->file, hook->secret_file);
	if (sanity_secret(config->arena, "secret_file", hook->secret_file,
		&hook->secret, err))
		return error_prefix(
		    err, "%s:%u: %s", config->file, hook->line, url.owner);
	if (strlen(hook->secret) < SECRET_LEAST)
		return WRONG(hook->line,
		    "the secret of %s is too short to prove anything: make "
		    "one of at least %d characters: openssl rand -hex 32",
		    url.owner, SECRET_LEAST);
	if (hook->retry_first_s > hook->retry_most_s)
		return WRONG(hook->line,
		    "retry_first of %s is longer than retry_most", url.owner);
	if (hook->retry_first_s > hook->retry_lifetime_s)
		return WRONG(hook->line,
		    "%s would be given up before the second try: retry_first "
		    "is longer than retry_lifetime",
		    url.owner);
	return 0;
}

int sanity_word(
    const struct config *config, struct config_agent *agent, struct error *err)
{
	const struct list reports = {
	    "reports", agent->reports, N_REPORTS, agent->line};
	const struct list hooked = {"webhook.events", agent->webhook.events,
	    N_EVENTS, agent->webhook.line};

	if (check_events(config, agent, &reports, err) ||
	    check_events(config, agent, &hooked, err))
		return -1;
	return agent->webhook.url == NULL ? 0
					  : check_webhook(config, agent, err);
}
