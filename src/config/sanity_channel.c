/*
 * sanity_channel: names in channels and rules that must be somebody's.  What a
 * channel must have at all is checked by channel.c.
 */
#include "config/sanity_channel.h"

#include <errno.h>
#include <string.h>

#include "config/setting_source.h"
#include "util/clock.h"
#include "util/nearest.h"

#define WRONG(file, line, ...)                                                 \
	(error_set(err, ERROR_INVALID, __VA_ARGS__),                           \
	    error_prefix(err, "%s:%u", file, line))

/* A list of names, and where it is written. */
struct names {
	const char *file, *option;
	unsigned line;
	const char *const *list; /* or NULL */
};

static int unknown_person(const struct config *config,
    const struct names *names, const char *name, struct error *err)
{
	struct nearest nearest;
	char near[NEAREST_SIZE];
	size_t i;

	nearest_init(&nearest, name);
	for (i = 0; i < config->n_reviewers; i++)
		nearest_try(&nearest, config->reviewers[i].name);
	for (i = 0; i < config->n_groups; i++)
		nearest_try(&nearest, config->groups[i].name);
	if (config_agent(config, name) != NULL)
		return WRONG(names->file, names->line,
		    "'%s' names '%.60s', which is an agent: agents never "
		    "decide; name a reviewer or a group",
		    names->option, name);
	return WRONG(names->file, names->line,
	    "'%s' names '%.60s', but there is no such reviewer or group%s",
	    names->option, name,
	    strchr(name, ',') != NULL	? "; write several as [ \"a\", \"b\" ]"
	    : strchr(name, '@') != NULL ? "; write the name, not the address"
					: nearest_text(&nearest, near));
}

static int check_people(
    const struct config *config, const struct names *names, struct error *err)
{
	const char *const *name;

	for (name = names->list; name != NULL && *name != NULL; name++)
		if (config_reviewer(config, *name) == NULL &&
		    config_group(config, *name) == NULL)
			return unknown_person(config, names, *name, err);
	return 0;
}

static bool is_listed(const char *const *list, const char *name)
{
	for (; list != NULL && *list != NULL; list++)
		if (strcmp(*list, name) == 0)
			return true;
	return false;
}

/* Is the reviewer in the list, or in a group of it? */
static bool is_among(
    const struct config *config, const char *const *list, const char *reviewer)
{
	const struct config_group *group;

	if (is_listed(list, reviewer))
		return true;
	for (; list != NULL && *list != NULL; list++) {
		group = config_group(config, *list);
		if (group != NULL && is_listed(group->members, reviewer))
			return true;
	}
	return false;
}

/* How many people two lists have together. */
static unsigned count(
    const struct config *config, const char *const *a, const char *const *b)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < config->n_reviewers; i++)
		n += is_among(config, a, config->reviewers[i].name) ||
		     is_among(config, b, config->reviewers[i].name);
	return n;
}

static int check_rule(const struct config *config,
    const struct channel *channel, const struct rule_written *w,
    struct error *err)
{
	const struct rule *rule = &w->rule;
	const char *file = channel != NULL ? channel->file : config->file;
	const struct names ask = {file, "ask", w->ask_line, rule->ask};
	unsigned people = channel == NULL
			      ? (unsigned)config->n_reviewers
			      : count(config, channel->reviewers, rule->ask);

	if (check_people(config, &ask, err))
		return -1;
	if (rule->persons > people)
		return WRONG(file, w->persons_line,
		    "rule '%s' asks for %u persons, but only %u can be asked; "
		    "name more in its 'ask' or in 'reviewers'",
		    rule->name, rule->persons, people);
	return 0;
}

int sanity_channel_rules(const struct config *config,
    const struct channel *channel, const struct rule_written *rules, size_t n,
    struct error *err)
{
	size_t i, k;

	for (i = 0; i < n; i++) {
		if (check_rule(config, channel, &rules[i], err))
			return -1;
		for (k = 0; channel != NULL && k < config->n_rules; k++)
			if (strcmp(rules[i].rule.name, config->rules[k].name) ==
			    0)
				return WRONG(channel->file, rules[i].rule.line,
				    "two rules are called '%s', here and in "
				    "%s:%u, which is for all channels; give "
				    "each a name of its own",
				    rules[i].rule.name, config->file,
				    config->rules[k].line);
	}
	return 0;
}

static int check_owner(const struct config *config,
    const struct channel_written *w, const struct channel *c, struct error *err)
{
	const char *const owner[] = {c->owner, NULL};
	const struct names names = {c->file, "owner", w->owner_line, owner};

	if (config_group(config, c->owner) != NULL)
		return WRONG(c->file, w->owner_line,
		    "'owner' is the group '%s', but one person answers for a "
		    "channel; name a reviewer",
		    c->owner);
	return check_people(config, &names, err);
}

static int check_reviewers(const struct config *config,
    const struct channel_written *w, const struct channel *c, struct error *err)
{
	const struct names reviewers = {
	    c->file, "reviewers", w->reviewers_line, c->reviewers};
	unsigned people;
	size_t i;

	if (check_people(config, &reviewers, err))
		return -1;
	people = count(config, c->reviewers, NULL);
	if (c->persons > people)
		return WRONG(c->file, w->persons_line,
		    "'persons' asks for %u, but 'reviewers' has only %u; name "
		    "more reviewers",
		    c->persons, people);
	for (i = 0; i < w->n_steps; i++) {
		const struct names ask = {
		    c->file, "ask", w->steps[i].ask_line, w->steps[i].ask};

		if (check_people(config, &ask, err))
			return -1;
	}
	return 0;
}

static int unknown_program(const struct config *config,
    const struct names *names, const char *name, struct error *err)
{
	struct nearest nearest;
	char near[NEAREST_SIZE];
	size_t i;

	nearest_init(&nearest, name);
	for (i = 0; i < config->n_programs; i++)
		nearest_try(&nearest, config->programs[i].name);
	for (i = 0; i < config->n_services; i++)
		nearest_try(&nearest, config->services[i].name);
	return WRONG(names->file, names->line,
	    "'%s' names '%.60s', but there is no such program or service%s%s%s",
	    names->option, name, nearest_text(&nearest, near),
	    *near ? "" : "; 'programs' and 'services' list them in ",
	    *near ? "" : config->file);
}

static int check_programs(
    const struct config *config, const struct names *names, struct error *err)
{
	const char *const *name;

	for (name = names->list; name != NULL && *name != NULL; name++)
		if (config_program(config, *name) == NULL &&
		    config_service(config, *name) == NULL)
			return unknown_program(config, names, *name, err);
	return 0;
}

/* One line "case reviewer" of a table of cases. */
static int check_owner_of_case(const struct config *config, const char *file,
    struct span line, struct error *err)
{
	char name[80];
	size_t n = 0;

	while (n < line.len && line.data[line.len - 1 - n] != ' ' &&
	       line.data[line.len - 1 - n] != '\t')
		n++;
	if (n == line.len || n >= sizeof(name))
		return error_set(err, ERROR_INVALID,
		    "%s: the line \"%.*s\" has no owner; write the case, a "
		    "blank and a reviewer: \"4711 anna\"",
		    file, (int)(line.len < 60 ? line.len : 60), line.data);
	memcpy(name, line.data + line.len - n, n);
	name[n] = '\0';
	if (config_reviewer(config, name) == NULL &&
	    config_group(config, name) == NULL)
		return error_set(err, ERROR_INVALID,
		    "%s: the line \"%.*s\" names '%s', but there is no such "
		    "reviewer or group",
		    file, (int)(line.len < 60 ? line.len : 60), line.data,
		    name);
	return 0;
}

static int check_table(const struct config *config,
    const struct channel_written *w, const struct channel *c, struct error *err)
{
	struct span rest, line;
	struct buf text;
	int rc;

	buf_init(&text, SETTING_SOURCE_MAX);
	rc = setting_source_read(c->case_table, NULL, &text, err);
	rest = buf_span(&text);
	while (rc == 0 && setting_source_line(&rest, &line))
		rc = check_owner_of_case(config, c->case_table, line, err);
	buf_release(&text);
	return rc == 0 ? 0
		       : error_prefix(err, "%s:%u: 'case.table'", c->file,
			     w->of_case.table_line);
}

static int check_case(const struct config *config,
    const struct channel_written *w, const struct channel *c, struct error *err)
{
	const char *const program[] = {c->case_program, NULL};
	const struct names names = {
	    c->file, "case.program", w->of_case.program_line, program};
	const char *h = c->case_header;

	for (; h != NULL && *h != '\0'; h++)
		if (*h <= ' ' || *h >= 0x7f || *h == ':')
			break;
	if (h != NULL && (*h != '\0' || h == c->case_header))
		return WRONG(c->file, w->of_case.header_line,
		    "'case.header' is \"%.60s\", which is no field's name; "
		    "write header = \"X-Case-Owner\";",
		    c->case_header);
	if (c->case_table != NULL && check_table(config, w, c, err))
		return -1;
	return check_programs(config, &names, err);
}

static int check_plain(
    const struct channel_written *w, const struct channel *c, struct error *err)
{
	const char *const *reason;
	size_t i, k;

	for (reason = c->reasons; *reason != NULL; reason++)
		if (!rule_plain_name(*reason))
			return WRONG(c->file, w->reasons_line,
			    "'reasons' has \"%.60s\"; a reason is one word, as "
			    "reviewers type it: \"wrong-price\"",
			    *reason);
	for (i = 0; i < c->n_plugins; i++)
		if (!rule_plain_name(c->plugins[i].name) ||
		    strpbrk(c->plugins[i].name, "/.") != NULL)
			return WRONG(c->file, c->plugins[i].line,
			    "'%.60s' is no name of a plug-in; write name = "
			    "\"amount\"; without folder and ending",
			    c->plugins[i].name);
	for (i = 0; i < c->n_tests; i++) {
		if (c->tests[i].at != NULL && clock_parse(c->tests[i].at) < 0)
			return WRONG(c->file, c->tests[i].line,
			    "test '%.60s' is at \"%.40s\", which is no time; "
			    "write it in UTC: at = \"2026-11-23T10:00:00Z\";",
			    c->tests[i].name, c->tests[i].at);
		for (k = 0; k < i; k++)
			if (strcmp(c->tests[i].name, c->tests[k].name) == 0)
				return WRONG(c->file, c->tests[i].line,
				    "two tests are called '%.60s', here and in "
				    "line %u",
				    c->tests[i].name, c->tests[k].line);
	}
	return 0;
}

static int check_match(const struct config *config,
    const struct channel_written *w, const char *file, struct error *err)
{
	return condition_check_agents(config, &w->agent, file, err) ||
		       condition_check_patterns(
			   &w->sender, "match.sender", file, err) ||
		       condition_check_patterns(
			   &w->recipient, "match.recipient", file, err)
		   ? -1
		   : 0;
}

int sanity_channel(const struct config *config, const struct channel_written *w,
    const struct channel *c, struct error *err)
{
	const struct channel *other = config_channel(config, c->name);
	const struct names programs = {
	    c->file, "programs", w->programs_line, c->programs};
	const struct condition_list require = {c->require, w->require_line};

	if (other != NULL)
		return WRONG(c->file, w->name_line,
		    "two channels are called '%s', here and in %s", c->name,
		    other->file);
	return check_owner(config, w, c, err) ||
		       check_match(config, w, c->file, err) ||
		       check_reviewers(config, w, c, err) ||
		       condition_check_context(
			   &require, "require", c->file, err) ||
		       check_programs(config, &programs, err) ||
		       check_case(config, w, c, err) ||
		       check_plain(w, c, err) ||
		       sanity_channel_rules(
			   config, c, w->rules, w->n_rules, err)
		   ? -1
		   : 0;
}
