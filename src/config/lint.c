/*
 * lint: the warnings, one function per kind.  Whether one rule fits whenever
 * another does is left to lint_cover.c, working hours to lint_capacity.c.
 */
#include "config/lint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/lint_chat.h"
#include "config/lint_cover.h"
#include "config/lint_finding.h"
#include "config/lint_mail.h"
#include "config/people.h"
#include "util/mem.h"

struct linting {
	const struct config *config;
	const struct lint *lint;
	const struct lint_findings *findings;
	size_t n; /* warnings */
};

/* A rule and where it stands. */
struct place {
	const struct rule *rule;
	const char *file;
};

void lint_warn(const struct lint *lint, const char *file, unsigned line,
    const char *fmt, ...)
{
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	lint->say(file, line, text, lint->context);
}

#define warn(l, file, line, ...)                                               \
	((l)->n++, lint_warn((l)->lint, file, line, __VA_ARGS__))

static bool asks(const char *const *list)
{
	return list != NULL && *list != NULL;
}

static bool is_listed(const char *const *list, const char *name)
{
	for (; list != NULL && *list != NULL; list++)
		if (strcmp(*list, name) == 0)
			return true;
	return false;
}

/* ---- rules that never decide --------------------------------------------- */

static bool is_grave(const struct rule *rule)
{
	return rule->then == VERDICT_REFUSE ||
	       (rule->then == VERDICT_HOLD && rule->tripwire);
}

/* Does a, wherever it stands, take the decision from b, wherever it fits? */
static bool outranks(const struct rule *a, const struct rule *b, bool earlier)
{
	if (a->then == VERDICT_NOTE || b->then == VERDICT_NOTE)
		return false;
	if (b->then == VERDICT_REFUSE)
		return a->then == VERDICT_REFUSE && earlier;
	if (a->then == VERDICT_REFUSE || b->then == VERDICT_PASS)
		return is_grave(a) || earlier;
	if (is_grave(b)) /* held by one or the other */
		return false;
	/* a hold behind a hold still adds; behind a pass it holds nothing */
	return a->then == VERDICT_PASS && earlier;
}

static const char *loses(const struct rule *rule)
{
	return rule->then == VERDICT_PASS     ? "passes anything"
	       : rule->then == VERDICT_REFUSE ? "is the one that refuses"
					      : "holds anything";
}

static bool takes_all(
    const struct place *a, const struct place *b, bool earlier)
{
	return a->rule != b->rule && outranks(a->rule, b->rule, earlier) &&
	       lint_cover_rule(a->rule, b->rule);
}

/* The rules of one channel (NULL: the global ones alone), in order. */
static size_t collect(const struct config *config,
    const struct channel *channel, struct place *places)
{
	size_t i, n = 0;

	for (i = 0; i < config->n_rules; i++)
		places[n++] = (struct place){&config->rules[i], config->file};
	for (i = 0; channel != NULL && i < channel->n_rules; i++)
		places[n++] = (struct place){&channel->rules[i], channel->file};
	return n;
}

static void lint_rules(struct linting *l, const struct channel *channel)
{
	size_t room = l->config->n_rules + (channel ? channel->n_rules : 0);
	size_t first = channel == NULL ? 0 : l->config->n_rules;
	struct place *p = mem_zalloc((room + 1) * sizeof(*p));
	size_t i, k, n = collect(l->config, channel, p);

	for (i = first; i < n; i++)
		for (k = 0; k < n; k++) {
			if (!takes_all(&p[k], &p[i], k < i))
				continue;
			warn(l, p[i].file, p[i].rule->line,
			    "rule '%s' never %s: whenever it fits, rule '%s' "
			    "(%s:%u) fits too and decides",
			    p[i].rule->name, loses(p[i].rule), p[k].rule->name,
			    p[k].file, p[k].rule->line);
			break;
		}
	free(p);
}

/* ---- findings that nothing reports --------------------------------------- */

/* channel: of the rule, NULL for a rule that is about every draft. */
static void lint_rule_findings(struct linting *l, const struct channel *channel,
    const struct rule *rule, const struct condition *c)
{
	const char *file = channel ? channel->file : l->config->file;
	char hint[LINT_FINDING_HINT];
	const char *const *name;
	size_t i;

	for (i = 0; i < c->n; i++)
		lint_rule_findings(l, channel, rule, &c->of[i]);
	if (c->kind != CONDITION_FINDING)
		return;
	for (name = c->list; name != NULL && *name != NULL; name++)
		if (!lint_finding_known(l->findings, channel, *name, hint))
			warn(l, file, c->line ? c->line : rule->line,
			    "rule '%s' waits for a finding '%s', which %s%s%s "
			    "reports%s",
			    rule->name, *name,
			    channel ? "nothing in channel '" : "nothing",
			    channel ? channel->name : "", channel ? "'" : "",
			    hint);
}

static void lint_test_findings(struct linting *l, const struct channel *channel)
{
	char hint[LINT_FINDING_HINT];
	const char *const *name;
	size_t i;

	for (i = 0; i < channel->n_tests; i++)
		for (name = channel->tests[i].findings;
		     name != NULL && *name != NULL; name++)
			if (!lint_finding_known(
				l->findings, channel, *name, hint))
				warn(l, channel->file, channel->tests[i].line,
				    "test '%s' expects a finding '%s', which "
				    "nothing in channel '%s' reports%s",
				    channel->tests[i].name, *name,
				    channel->name, hint);
}

/* Whoever may not approve a misspelt finding may approve the right one. */
static void lint_except(struct linting *l, const struct config_reviewer *r)
{
	char hint[LINT_FINDING_HINT];
	const char *const *name;

	for (name = r->except; name != NULL && *name != NULL; name++)
		if (!lint_finding_known(l->findings, NULL, *name, hint))
			warn(l, l->config->file, r->line,
			    "reviewer '%s' has a finding '%s' in except, which "
			    "nothing reports%s",
			    r->name, *name, hint);
}

/* ---- crowds of people ---------------------------------------------------- */

/* One truth value per reviewer of the configuration. */
static bool *crowd_new(const struct config *config)
{
	return mem_zalloc(config->n_reviewers + 1);
}

/* Put one in; returns 1 when it is new. */
static size_t crowd_add(
    const struct config *config, bool *crowd, const char *name)
{
	const struct config_reviewer *r =
	    name == NULL ? NULL : config_reviewer(config, name);
	size_t i;

	if (r == NULL)
		return 0;
	i = (size_t)(r - config->reviewers);
	if (crowd[i])
		return 0;
	crowd[i] = true;
	return 1;
}

/* Reviewers and groups; returns how many are new. */
static size_t crowd_add_all(
    const struct config *config, bool *crowd, const char *const *names)
{
	const struct config_group *group;
	const char *const *member;
	size_t n = 0;

	for (; names != NULL && *names != NULL; names++) {
		group = config_group(config, *names);
		n += crowd_add(config, crowd, *names);
		for (member = group == NULL ? NULL : group->members;
		     member != NULL && *member != NULL; member++)
			n += crowd_add(config, crowd, *member);
	}
	return n;
}

/* Everybody who might ever be asked about a mail of this channel. */
static bool *crowd_of_channel(
    const struct config *config, const struct channel *channel)
{
	bool *crowd = crowd_new(config);
	size_t i;

	crowd_add(config, crowd, channel->owner);
	crowd_add_all(config, crowd, channel->reviewers);
	for (i = 0; i < channel->n_steps; i++)
		crowd_add_all(config, crowd, channel->steps[i].ask);
	for (i = 0; i < channel->n_rules; i++)
		crowd_add_all(config, crowd, channel->rules[i].ask);
	for (i = 0; i < config->n_rules; i++)
		crowd_add_all(config, crowd, config->rules[i].ask);
	for (i = 0; i < config->n_reviewers; i++)
		crowd[i] = crowd[i] || config->reviewers[i].admin;
	return crowd;
}

static size_t crowd_size(const struct config *config, const bool *crowd)
{
	size_t i, n = 0;

	for (i = 0; i < config->n_reviewers; i++)
		n += crowd[i];
	return n;
}

/* ---- authority ---------------------------------------------------------- */

/* Could the person approve something above that amount?  In doubt: yes. */
static bool may_above(
    const struct config_reviewer *r, const struct amount *above)
{
	size_t i;

	if (r->n_limits == 0)
		return true;
	for (i = 0; i < r->n_limits; i++)
		if (strcmp(r->limits[i].currency, above->currency) != 0 ||
		    r->limits[i].value > above->value)
			return true;
	return false;
}

static void lint_limits(struct linting *l, const struct channel *channel,
    const struct rule *rule, const struct condition *c)
{
	const struct config *config = l->config;
	char text[AMOUNT_SIZE];
	bool *crowd, found = false;
	size_t i;

	for (i = 0; i < c->n; i++)
		if (c->kind == CONDITION_ALL)
			lint_limits(l, channel, rule, &c->of[i]);
	if (c->kind != CONDITION_FINDING || !c->has_above ||
	    !is_listed(c->list, "amount") || c->above.currency[0] == '\0' ||
	    rule->then == VERDICT_REFUSE)
		return;
	crowd = crowd_of_channel(config, channel);
	for (i = 0; i < config->n_reviewers; i++)
		found = found || (crowd[i] && may_above(&config->reviewers[i],
						  &c->above));
	free(crowd);
	if (!found)
		warn(l, channel->file, c->line ? c->line : rule->line,
		    "rule '%s' is about amounts above %s, but nobody of "
		    "channel '%s' may approve so much: such mail could only be "
		    "dropped; raise a reviewer's limit or ask somebody else",
		    rule->name, amount_print(&c->above, text), channel->name);
}

/* Is there a rate for it, or nothing that has one? */
static bool is_exchanged(const struct config *config, const char *currency)
{
	size_t i;

	for (i = 0; i < config->n_exchanges; i++)
		if (strcmp(config->exchanges[i].currency, currency) == 0 ||
		    strcmp(config->exchanges[i].is.currency, currency) == 0)
			return true;
	return config->n_exchanges == 0;
}

/* What cannot be compared fits: a slip of the pen holds every amount. */
static void lint_currency(struct linting *l, const char *file,
    const struct rule *rule, const struct condition *c)
{
	const struct amount *bound = c->has_above ? &c->above : &c->below;
	unsigned line = c->line ? c->line : rule->line;
	size_t i;

	for (i = 0; i < c->n; i++)
		lint_currency(l, file, rule, &c->of[i]);
	if (c->kind != CONDITION_FINDING || !is_listed(c->list, "amount") ||
	    (!c->has_above && !c->has_below))
		return;
	if (bound->currency[0] == '\0')
		warn(l, file, line,
		    "rule '%s' compares amounts with a number that has no "
		    "currency, so every amount counts as fitting; write \"%lld "
		    "EUR\", or what the currency is",
		    rule->name, (long long)(bound->value / AMOUNT_ONE));
	else if (!is_exchanged(l->config, bound->currency))
		warn(l, file, line,
		    "rule '%s' compares amounts with %s, of which exchange "
		    "says nothing: amounts in every other currency count as "
		    "fitting; add { currency = \"%s\"; is = ...; } to exchange",
		    rule->name, bound->currency, bound->currency);
}

static unsigned most_persons(const struct channel *channel)
{
	unsigned most = channel->persons;
	size_t i;

	for (i = 0; i < channel->n_rules; i++)
		if (channel->rules[i].persons > most)
			most = channel->rules[i].persons;
	return most;
}

static void lint_persons(struct linting *l, const struct channel *channel)
{
	bool *crowd = crowd_of_channel(l->config, channel);
	size_t n = crowd_size(l->config, crowd);
	unsigned persons = most_persons(channel);

	free(crowd);
	if (persons > n)
		warn(l, channel->file, channel->line,
		    "channel '%s' wants %u persons to approve, but knows %zu; "
		    "name more reviewers",
		    channel->name, persons, n);
}

/* ---- ladders ------------------------------------------------------------ */

static void lint_ladder(struct linting *l, const struct channel *channel)
{
	bool *asked = crowd_new(l->config);
	const struct channel_step *s;
	bool new = false;

	crowd_add_all(l->config, asked, channel->reviewers);
	for (s = channel->steps; s < channel->steps + channel->n_steps; s++) {
		if (asks(s->ask) &&
		    crowd_add_all(l->config, asked, s->ask) == 0)
			warn(l, channel->file, channel->line,
			    "the step of channel '%s' that asks '%s' asks "
			    "nobody new: all of them were asked before",
			    channel->name, *s->ask);
		else if (asks(s->ask))
			new = true;
		if (s->final == CHANNEL_KEEP &&
		    !new &&crowd_add(l->config, asked, channel->owner) == 0 &&
		    crowd_size(l->config, asked) < l->config->n_reviewers)
			warn(l, channel->file, channel->line,
			    "the ladder of channel '%s' ends with nobody new: "
			    "'%s' was asked from the start; hand it up to "
			    "somebody else",
			    channel->name, channel->owner);
	}
	free(asked);
}

/* The first step that nobody made up. */
static const struct channel_step *first_step(const struct channel *channel)
{
	size_t i;

	for (i = 0; i < channel->n_steps; i++)
		if (!channel->steps[i].warning)
			return &channel->steps[i];
	return NULL;
}

/* Business time is never shorter than wall time. */
static void lint_times(struct linting *l, const struct channel *channel,
    const char *file, const struct rule *rule)
{
	const struct channel_step *step = first_step(channel);

	if (rule->not_after_s == 0 || rule->then == VERDICT_REFUSE)
		return;
	if (step != NULL && step->after_s > rule->not_after_s)
		warn(l, file, rule->line,
		    "rule '%s' lets nothing leave after %u s, but the ladder "
		    "of channel '%s' begins only after %u s",
		    rule->name, rule->not_after_s, channel->name,
		    step->after_s);
	else if (channel->deadline_s > rule->not_after_s)
		warn(l, file, rule->line,
		    "rule '%s' lets nothing leave after %u s, but channel '%s' "
		    "gives its reviewers %u s",
		    rule->name, rule->not_after_s, channel->name,
		    channel->deadline_s);
	if (rule->not_before_s >= rule->not_after_s)
		warn(l, file, rule->line,
		    "rule '%s' lets nothing leave: not_before is not earlier "
		    "than not_after",
		    rule->name);
}

/* ---- people and channels ------------------------------------------------ */

static void lint_reviewers(struct linting *l)
{
	const struct config *config = l->config;
	const struct config_reviewer *r;
	size_t i;

	for (i = 0; i < config->n_reviewers; i++) {
		r = &config->reviewers[i];
		if ((r->address == NULL || *r->address == '\0') &&
		    r->maildir == NULL)
			warn(l, config->file, r->line,
			    "reviewer '%s' has neither address nor maildir: "
			    "nobody could tell them that mail waits",
			    r->name);
		lint_except(l, r);
	}
}

/* Is somebody there, or somebody's deputy? */
static bool is_there(struct linting *l, const char *name)
{
	const struct config_reviewer *r = config_reviewer(l->config, name);
	const struct config_reviewer *deputy;

	if (r == NULL)
		return false;
	if (!people_absent(r, l->lint->now_ms))
		return true;
	deputy = r->deputy ? config_reviewer(l->config, r->deputy) : NULL;
	return deputy != NULL && !people_absent(deputy, l->lint->now_ms);
}

static void lint_groups(struct linting *l)
{
	const struct config *config = l->config;
	const char *const *member;
	size_t i;

	for (i = 0; i < config->n_groups; i++) {
		member = config->groups[i].members;
		while (
		    member != NULL && *member != NULL && !is_there(l, *member))
			member++;
		if (member == NULL || *member == NULL)
			warn(l, config->file, config->groups[i].line,
			    "nobody of group '%s' is there now, and nobody "
			    "stands in; name a deputy",
			    config->groups[i].name);
	}
}

/* The channel before this one that takes all of its mail, or NULL. */
static const struct channel *hides(
    const struct config *config, size_t index, const struct channel *channel)
{
	size_t i;

	for (i = 0; i < index; i++)
		if (lint_cover_channel(&config->channels[i], channel))
			return &config->channels[i];
	return NULL;
}

/* Likewise, where each agent's mail may be taken by another one. */
static const struct channel *hides_each(
    const struct config *config, size_t index)
{
	const char *one[2] = {NULL, NULL};
	struct channel part = config->channels[index];
	const struct channel *last = NULL;
	size_t i;

	for (i = 0; i < config->n_agents; i++) {
		one[0] = config->agents[i].name;
		if (asks(config->channels[index].agents) &&
		    !is_listed(config->channels[index].agents, one[0]))
			continue;
		part.agents = one;
		last = hides(config, index, &part);
		if (last == NULL)
			return NULL;
	}
	return last;
}

static void lint_hidden(struct linting *l, size_t index)
{
	const struct channel *channel = &l->config->channels[index];
	const struct channel *by = hides(l->config, index, channel);
	bool all = by != NULL;

	if (by == NULL)
		by = hides_each(l->config, index);
	if (by != NULL)
		warn(l, channel->file, channel->line,
		    "no mail reaches channel '%s': channel '%s' (%s) %s; "
		    "rename the file or narrow its match",
		    channel->name, by->name, by->file,
		    all ? "comes first and takes all of it"
			: "and others come first and take all of it");
}

static void lint_channel(struct linting *l, size_t index)
{
	const struct channel *channel = &l->config->channels[index];
	const struct rule *rule;
	size_t i;

	lint_hidden(l, index);
	if (channel->mode == CHANNEL_CONFIDENCE && !channel->calibrated)
		warn(l, channel->file, channel->line,
		    "channel '%s' never passes anything by confidence: when "
		    "the agent's numbers were compared with what people "
		    "decided, write calibrated = true;",
		    channel->name);
	lint_persons(l, channel);
	lint_ladder(l, channel);
	lint_rules(l, channel);
	lint_test_findings(l, channel);
	for (i = 0; i < channel->n_rules; i++) {
		rule = &channel->rules[i];
		lint_rule_findings(l, channel, rule, &rule->when);
		lint_limits(l, channel, rule, &rule->when);
		lint_currency(l, channel->file, rule, &rule->when);
		lint_times(l, channel, channel->file, rule);
	}
}

size_t lint_config(const struct config *config, const struct lint *lint)
{
	struct linting l = {.config = config, .lint = lint};
	struct arena *arena = arena_new();
	size_t i;

	l.findings = lint_finding_read(config, lint->finds, arena);
	lint_reviewers(&l);
	l.n += lint_chat(config, lint);
	l.n += lint_mail(config, lint);
	lint_groups(&l);
	lint_rules(&l, NULL);
	for (i = 0; i < config->n_rules; i++) {
		lint_rule_findings(
		    &l, NULL, &config->rules[i], &config->rules[i].when);
		lint_currency(&l, config->file, &config->rules[i],
		    &config->rules[i].when);
	}
	for (i = 0; i < config->n_channels; i++)
		lint_channel(&l, i);
	arena_free(arena);
	return l.n;
}
