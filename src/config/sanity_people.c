/*
 * sanity_people: who stands in for whom, who is in which group, and what
 * amounts they may approve.  Who is asked in the end is left to people.c.
 */
#include "config/sanity_people.h"

#include <string.h>

#include "config/chat_place.h"
#include "config/people.h"
#include "config/rule.h"
#include "util/nearest.h"

#define WRONG(line, ...)                                                       \
	(error_set(err, ERROR_INVALID, __VA_ARGS__),                           \
	    error_prefix(err, "%s:%u", config->file, line))

static void nearest_reviewer(
    const struct config *config, const char *name, char near[NEAREST_SIZE])
{
	struct nearest nearest;
	size_t i;

	nearest_init(&nearest, name);
	for (i = 0; i < config->n_reviewers; i++)
		nearest_try(&nearest, config->reviewers[i].name);
	nearest_text(&nearest, near);
}

static int check_member(const struct config *config,
    const struct config_group *g, const char *name, struct error *err)
{
	char near[NEAREST_SIZE];

	if (config_reviewer(config, name) != NULL)
		return 0;
	if (config_agent(config, name) != NULL)
		return WRONG(g->line,
		    "group '%s' has the member '%.60s', which is an agent: "
		    "agents never decide",
		    g->name, name);
	if (config_group(config, name) != NULL)
		return WRONG(g->line,
		    "group '%s' has the group '%.60s' in it; list its members",
		    g->name, name);
	nearest_reviewer(config, name, near);
	return WRONG(g->line,
	    "group '%s' has the member '%.60s', but there is no such "
	    "reviewer%s",
	    g->name, name, near);
}

static int check_group(const struct config *config,
    const struct config_group *g, struct error *err)
{
	const char *const *name, *const *twin;

	if (!rule_plain_name(g->name))
		return WRONG(g->line,
		    "the group's name '%.80s' has characters that names in "
		    "the log must not have, or more than 63 of them",
		    g->name);
	if (config_group(config, g->name) != g)
		return WRONG(g->line, "two groups are called '%s'", g->name);
	if (config_reviewer(config, g->name) != NULL ||
	    config_agent(config, g->name) != NULL)
		return WRONG(g->line,
		    "group '%s' has the name of a reviewer or an agent; give "
		    "it a name of its own",
		    g->name);
	if (g->members[0] == NULL)
		return WRONG(g->line,
		    "group '%s' is empty: nobody would be asked", g->name);
	for (name = g->members; *name != NULL; name++) {
		if (check_member(config, g, *name, err))
			return -1;
		for (twin = g->members; twin < name; twin++)
			if (strcmp(*twin, *name) == 0)
				return WRONG(g->line,
				    "group '%s' has the member '%s' twice",
				    g->name, *name);
	}
	return 0;
}

static int check_limits(const struct config *config,
    const struct config_reviewer *r, struct error *err)
{
	size_t i, k;

	for (i = 0; i < r->n_limits; i++) {
		if (r->limits[i].currency[0] == '\0')
			return WRONG(r->line,
			    "the 'limit' of reviewer '%s' has no currency; "
			    "write limit = \"5000 EUR\";",
			    r->name);
		if (r->limits[i].value < 0)
			return WRONG(r->line,
			    "the 'limit' of reviewer '%s' is below zero",
			    r->name);
		for (k = 0; k < i; k++)
			if (strcmp(r->limits[k].currency,
				r->limits[i].currency) == 0)
				return WRONG(r->line,
				    "the 'limit' of reviewer '%s' names %s "
				    "twice",
				    r->name, r->limits[i].currency);
	}
	return 0;
}

static int check_deputy(const struct config *config,
    const struct config_reviewer *r, struct error *err)
{
	const struct config_reviewer *deputy;
	char near[NEAREST_SIZE];

	if (r->deputy == NULL)
		return 0;
	deputy = config_reviewer(config, r->deputy);
	if (deputy == NULL) {
		nearest_reviewer(config, r->deputy, near);
		return WRONG(r->line,
		    "reviewer '%s' has the deputy '%.60s', but there is no "
		    "such reviewer%s",
		    r->name, r->deputy, near);
	}
	if (deputy == r)
		return WRONG(r->line,
		    "reviewer '%s' is their own deputy; name somebody else",
		    r->name);
	if (!people_equal(config, r, deputy))
		return WRONG(r->line,
		    "reviewer '%s' has the deputy '%s', who may approve less: "
		    "a deputy needs limits as high and no more exceptions",
		    r->name, deputy->name);
	return 0;
}

/* A chat decides by who writes: it must know who that is. */
static int check_chat(const struct config *config,
    const struct config_reviewer *r, const struct config_chat *chat,
    struct error *err)
{
	bool slack = chat->kind == CONFIG_CHAT_SLACK;

	if (!config_chat_hears(chat) || (slack ? r->slack : r->matrix) != NULL)
		return 0;
	return WRONG(r->line,
	    "'media' of reviewer '%s' names the chat '%s', but not who that is "
	    "there; write %s",
	    r->name, chat->name,
	    slack ? "slack = \"T0123ABCD/U0456EFGH\"; (team, member)"
		  : "matrix = \"@anna:example.com\";");
}

static void nearest_medium(
    const struct config *config, const char *name, char near[NEAREST_SIZE])
{
	struct nearest nearest;
	size_t i;

	nearest_init(&nearest, name);
	nearest_try(&nearest, CONFIG_MAIL);
	for (i = 0; i < config->n_programs; i++)
		nearest_try(&nearest, config->programs[i].name);
	for (i = 0; i < config->n_chats; i++)
		nearest_try(&nearest, config->chats[i].name);
	nearest_text(&nearest, near);
}

static int check_medium(const struct config *config,
    const struct config_reviewer *r, const char *medium, struct error *err)
{
	const struct config_program *program = config_program(config, medium);
	const struct config_chat *chat = config_chat(config, medium);
	char near[NEAREST_SIZE];

	if (strcmp(medium, CONFIG_MAIL) == 0)
		return 0;
	if (chat != NULL)
		return check_chat(config, r, chat, err);
	if (program == NULL) {
		nearest_medium(config, medium, near);
		return WRONG(r->line,
		    "'media' of reviewer '%s' names '%.60s', but there is no "
		    "such program and no such chat%s; write \"mail\", or name "
		    "one of 'programs' or 'chats'",
		    r->name, medium, near);
	}
	if (!program->medium)
		return WRONG(r->line,
		    "'media' of reviewer '%s' names the program '%.60s', which "
		    "is no medium; write medium = true; in it, if it may ask "
		    "people and decide for them",
		    r->name, medium);
	return 0;
}

/* Mail, chats, or programs that may be media; each once. */
static int check_media(const struct config *config,
    const struct config_reviewer *r, struct error *err)
{
	const char *const *m, *const *twin;

	for (m = r->media; m != NULL && *m != NULL; m++) {
		for (twin = r->media; twin < m; twin++)
			if (strcmp(*twin, *m) == 0)
				return WRONG(r->line,
				    "'media' of reviewer '%s' names '%.60s' "
				    "twice",
				    r->name, *m);
		if (check_medium(config, r, *m, err))
			return -1;
	}
	return 0;
}

/* Who is two people there would be counted twice. */
static int check_ids(const struct config *config,
    const struct config_reviewer *r, struct error *err)
{
	const struct config_reviewer *o;

	if (r->slack != NULL && !chat_place_member(r->slack))
		return WRONG(r->line,
		    "reviewer '%s' has slack = '%.80s', which is no team and "
		    "member; write slack = \"T0123ABCD/U0456EFGH\"; the second "
		    "is \"Copy member ID\" in the person's profile",
		    r->name, r->slack);
	if (r->matrix != NULL && !chat_place_person(r->matrix))
		return WRONG(r->line,
		    "reviewer '%s' has matrix = '%.80s', which is no full name "
		    "there; write matrix = \"@anna:example.com\";",
		    r->name, r->matrix);
	for (o = config->reviewers; o < r; o++)
		if ((r->slack != NULL && o->slack != NULL &&
			strcmp(r->slack, o->slack) == 0) ||
		    (r->matrix != NULL && o->matrix != NULL &&
			strcmp(r->matrix, o->matrix) == 0))
			return WRONG(r->line,
			    "reviewers '%s' and '%s' are the same person in "
			    "'slack' or 'matrix'; each needs an own one",
			    o->name, r->name);
	return 0;
}

static int check_exchange(const struct config *config,
    const struct config_exchange *x, struct error *err)
{
	const struct config_exchange *other;

	if (strlen(x->currency) != 3 ||
	    strspn(x->currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3)
		return WRONG(x->line,
		    "'%.20s' is no currency; write three capital letters, "
		    "such as \"USD\"",
		    x->currency);
	if (x->is.currency[0] == '\0' || x->is.value <= 0 ||
	    strcmp(x->is.currency, x->currency) == 0)
		return WRONG(x->line,
		    "'is' must say what one %s is worth in another currency; "
		    "write is = \"0.92 EUR\";",
		    x->currency);
	for (other = config->exchanges; other < x; other++)
		if (strcmp(other->currency, x->currency) == 0 &&
		    strcmp(other->is.currency, x->is.currency) == 0)
			return WRONG(x->line,
			    "'exchange' says twice what one %s is in %s",
			    x->currency, x->is.currency);
	return 0;
}

int sanity_people(const struct config *config, struct error *err)
{
	size_t i;

	for (i = 0; i < config->n_groups; i++)
		if (check_group(config, &config->groups[i], err))
			return -1;
	for (i = 0; i < config->n_reviewers; i++)
		if (check_limits(config, &config->reviewers[i], err) ||
		    check_deputy(config, &config->reviewers[i], err) ||
		    check_ids(config, &config->reviewers[i], err) ||
		    check_media(config, &config->reviewers[i], err))
			return -1;
	for (i = 0; i < config->n_exchanges; i++)
		if (check_exchange(config, &config->exchanges[i], err))
			return -1;
	return 0;
}
