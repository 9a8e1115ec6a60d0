/*
 * judge: walks the rules in order.  Where the facts come from, and what a
 * verdict does, is left to others.
 */
#include "check/judge.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Format; what does not fit is cut, never within a character. */
static void __attribute__((format(printf, 3, 4)))
write_text(char *out, size_t size, const char *fmt, ...)
{
	size_t end = size - 1;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(out, size, fmt, ap);
	va_end(ap);
	if (n < 0)
		end = 0;
	else if ((size_t)n < size)
		return;
	if (end > 0 && (unsigned char)out[end - 1] >= 0x80) {
		while (end > 0 && ((unsigned char)out[end - 1] & 0xc0) == 0x80)
			end--;
		if (end > 0)
			end--;
	}
	out[end] = '\0';
}

static bool is_listed(const char *const *names, const char *name)
{
	for (; *names != NULL; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

static bool fits_any(const char *const *patterns, const char *address)
{
	for (; *patterns != NULL; patterns++)
		if (message_address_fits(address, *patterns))
			return true;
	return false;
}

/* To pass, all recipients must fit; to hold or refuse, one is enough. */
static bool recipients_fit(
    const struct config_rule *rule, const struct envelope *envelope)
{
	bool all = rule->then == VERDICT_PASS;
	size_t i;

	for (i = 0; i < envelope->n_recipients; i++)
		if (fits_any(rule->recipients,
			envelope->recipients[i].address) != all)
			return !all;
	return all && envelope->n_recipients > 0;
}

/* An empty list asks nothing. */
static bool asks(const char *const *list)
{
	return list != NULL && *list != NULL;
}

static bool fits(
    const struct config_rule *rule, const struct judge_facts *facts)
{
	if (asks(rule->agents) &&
	    (facts->agent == NULL || !is_listed(rule->agents, facts->agent)))
		return false;
	if (asks(rule->senders) &&
	    !fits_any(rule->senders, facts->envelope->from))
		return false;
	if (asks(rule->recipients) && !recipients_fit(rule, facts->envelope))
		return false;
	return facts->size > rule->size_above || rule->size_above == 0;
}

static const struct config_rule *find_rule(const struct config_rule *rules,
    size_t n_rules, const struct judge_facts *facts)
{
	for (size_t i = 0; i < n_rules; i++)
		if (fits(&rules[i], facts))
			return &rules[i];
	return NULL;
}

static const struct finding *find_tripwire(const struct reading *reading)
{
	for (size_t i = 0; i < reading->n_findings; i++)
		if (reading->findings[i].weight == FINDING_TRIPWIRE)
			return &reading->findings[i];
	return NULL;
}

/*
 * What no rule can pass, with the reason.  An equal draft is among it: nothing
 * is sent twice without a person saying so.
 */
static bool must_hold(const struct judge_facts *facts, struct verdict *verdict)
{
	const struct finding *tripwire;

	if (facts->reading->trouble != NULL) {
		write_text(verdict->reason, sizeof(verdict->reason),
		    "it could not be read: %s", facts->reading->trouble);
		return true;
	}
	tripwire = find_tripwire(facts->reading);
	if (tripwire != NULL) {
		write_text(verdict->reason, sizeof(verdict->reason), "%s%s%s",
		    tripwire->name, *tripwire->detail ? ": " : "",
		    tripwire->detail);
		return true;
	}
	if (facts->history->duplicate_of != 0) {
		write_text(verdict->reason, sizeof(verdict->reason),
		    "it is equal to draft %" PRId64,
		    facts->history->duplicate_of);
		return true;
	}
	return false;
}

static void refuse(const struct config_rule *rule, struct verdict *verdict)
{
	if (rule->say != NULL)
		write_text(verdict->say, sizeof(verdict->say), "%s", rule->say);
	else
		write_text(verdict->say, sizeof(verdict->say),
		    "the rule \"%s\" refuses this mail", rule->name);
	write_text(verdict->reason, sizeof(verdict->reason),
	    "refused by the rule \"%s\"", rule->name);
}

static void hold(const struct config_rule *rule, struct verdict *verdict)
{
	if (rule->say != NULL)
		write_text(
		    verdict->reason, sizeof(verdict->reason), "%s", rule->say);
	else
		write_text(verdict->reason, sizeof(verdict->reason),
		    "held by the rule \"%s\"", rule->name);
}

void judge(const struct config_rule *rules, size_t n_rules,
    const struct judge_facts *facts, struct verdict *verdict)
{
	const struct config_rule *rule = find_rule(rules, n_rules, facts);
	bool refused = rule != NULL && rule->then == VERDICT_REFUSE;

	*verdict = (struct verdict){.kind = VERDICT_HOLD, .rule = "default"};
	if (!refused && must_hold(facts, verdict))
		return;
	if (rule == NULL) {
		write_text(verdict->reason, sizeof(verdict->reason),
		    "no rule lets it pass");
		return;
	}
	verdict->kind = rule->then;
	write_text(verdict->rule, sizeof(verdict->rule), "%s", rule->name);
	if (rule->then == VERDICT_REFUSE)
		refuse(rule, verdict);
	else if (rule->then == VERDICT_HOLD)
		hold(rule, verdict);
}
