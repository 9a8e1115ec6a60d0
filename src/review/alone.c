/*
 * alone: what must be true of a draft so that a deadline may approve it.  When
 * the deadline is, ladder.c knows.
 */
#include "review/alone.h"

#include <string.h>

static const struct rule *find_rule(
    const struct rule *rules, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(rules[i].name, name) == 0)
			return &rules[i];
	return NULL;
}

/* What of the rule that held it leaves it to people; NULL: nothing. */
static const char *rule_forbids(const struct config *config,
    const struct channel *channel, const char *name)
{
	const struct rule *rule;

	if (name == NULL || strcmp(name, "default") == 0 ||
	    strcmp(name, "sample") == 0 || strncmp(name, "mode-", 5) == 0)
		return NULL;
	rule = find_rule(channel->rules, channel->n_rules, name);
	if (rule == NULL)
		rule = find_rule(config->rules, config->n_rules, name);
	if (rule == NULL)
		return "the rule that holds it is no longer configured";
	if (rule->tripwire)
		return "the rule that holds it is a tripwire";
	if (rule->then == VERDICT_REFUSE)
		return "a rule may refuse it";
	return NULL;
}

const char *alone_forbids(const struct config *config,
    const struct channel *channel, const struct hold_view *view)
{
	const struct reading *reading = view->reading;

	if (channel->cost == CHANNEL_HIGH)
		return "a mistake would cost much";
	if (view->persons > 1)
		return "two people must approve it";
	if (view->opinions)
		return "it still waits for opinions";
	if (reading == NULL || reading->trouble != NULL)
		return "it could not be read";
	for (size_t i = 0; i < reading->n_findings; i++)
		if (reading->findings[i].weight == FINDING_TRIPWIRE)
			return "a check found what only a person may let go";
	/* the other channel may be dearer, and has a ladder of its own */
	if (reading_find(reading, "mixed-channels") != NULL)
		return "its recipients are of different channels";
	if (reading_find(reading, "duplicate") != NULL)
		return "it is equal to an earlier draft";
	return rule_forbids(config, channel, view->rule);
}
