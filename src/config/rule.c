/*
 * rule: the table of a rule's options, and the checks that need nothing but
 * the rules themselves.  Whether reviewers exist is left to sanity_channel.c.
 */
#include "config/rule.h"

#include <string.h>

#include "config/setting_row.h"

#define DAY INT64_C(86400)

static const char *const then_names[] = {
    "hold", "pass", "refuse", "note", NULL};
static const char *const severity_names[] = {
    "low", "normal", "high", "critical", NULL};

#define RULE(n, kind, field, ...)                                              \
	ROW(n, kind, rule_written, rule.field, __VA_ARGS__)
#define AT_LINE(field) ROW_LINE(rule_written, field)

static const struct setting rule_options[] = {
    RULE("", LINE, line),
    RULE("name", STRING, name, .required = true,
	.example = "name = \"large-amount\";"),
    RULE("then", ENUM, then, AT_LINE(then_line), .fallback = "hold",
	.names = then_names),
    RULE("say", STRING, say, AT_LINE(say_line)),
    RULE("severity", ENUM, severity, AT_LINE(severity_line),
	.names = severity_names),
    RULE("ask", STRINGS, ask, AT_LINE(ask_line), .least = 1),
    RULE("persons", NUMBER, persons, AT_LINE(persons_line), .least = 1,
	.most = 2),
    RULE("reason", BOOL, needs_reason, .fallback = "false"),
    RULE("not_before", SECONDS, not_before_s, .most = 366 * DAY),
    RULE("not_after", SECONDS, not_after_s, AT_LINE(not_after_line),
	.least = 60, .most = 366 * DAY),
    RULE("tripwire", BOOL, tripwire, AT_LINE(tripwire_line),
	.fallback = "false"),
    ROW("", INLINE, rule_written, when, .group = &condition_group),
    ROW_END,
};

const struct setting_group rule_group = {
    "rules", rule_options, sizeof(struct rule_written), 0, false, 0};

bool rule_plain_name(const char *name)
{
	const unsigned char *c = (const unsigned char *)name;

	for (; *c != '\0'; c++)
		if (*c <= ' ' || *c == 0x7f || strchr("\",:=", *c) != NULL)
			return false;
	return name[0] != '\0' && strlen(name) < 64;
}

/* It becomes one line of an SMTP answer. */
static bool is_line(const char *text)
{
	const unsigned char *c = (const unsigned char *)text;

	for (; *c != '\0'; c++)
		if (*c < ' ' || *c == 0x7f)
			return false;
	return text[0] != '\0' && strlen(text) <= 250;
}

#define WRONG(line, ...)                                                       \
	(error_set(err, ERROR_INVALID, __VA_ARGS__),                           \
	    error_prefix(err, "%s:%u", file, line))

static int check_name(const char *file, const struct rule_written *written,
    size_t i, struct error *err)
{
	const struct rule *rule = &written[i].rule;
	size_t k;

	if (!rule_plain_name(rule->name))
		return WRONG(rule->line,
		    "the rule's name '%.80s' has characters that names in the "
		    "log must not have, or more than 63 of them; write name = "
		    "\"large-amount\"",
		    rule->name);
	if (strcmp(rule->name, "default") == 0)
		return WRONG(rule->line,
		    "no rule may be called 'default': what no rule decides is "
		    "shown by that name");
	for (k = 0; k < i; k++)
		if (strcmp(written[k].rule.name, rule->name) == 0)
			return WRONG(rule->line,
			    "two rules are called '%s', here and in line %u; "
			    "give each a name of its own",
			    rule->name, written[k].rule.line);
	return 0;
}

static int check_text(
    const char *file, const struct rule_written *w, struct error *err)
{
	const struct rule *rule = &w->rule;

	if (rule->then == VERDICT_REFUSE && rule->say == NULL)
		return WRONG(rule->line,
		    "rule '%s' refuses but does not say why: write say = "
		    "\"...\"; for the agent",
		    rule->name);
	if (rule->say != NULL && !is_line(rule->say))
		return WRONG(w->say_line,
		    "'say' of rule '%s' must be one line of 1 to 250 "
		    "characters",
		    rule->name);
	return 0;
}

static int check_effect(const char *file, const struct rule_written *w,
    const struct condition *when, struct error *err)
{
	const struct rule *rule = &w->rule;

	if (rule->tripwire && rule->then != VERDICT_HOLD)
		return WRONG(w->tripwire_line,
		    "rule '%s' is a tripwire, which always holds; leave out "
		    "then = \"...\"; or tripwire",
		    rule->name);
	if (rule->then == VERDICT_PASS && !condition_narrows(when))
		return WRONG(rule->line,
		    "rule '%s' would pass every mail unreviewed: name an "
		    "agent, a sender, a recipient or a finding",
		    rule->name);
	if (w->not_after_line != 0 && rule->not_after_s <= rule->not_before_s)
		return WRONG(w->not_after_line,
		    "rule '%s' lets nothing leave: 'not_after' must be later "
		    "than 'not_before'",
		    rule->name);
	return 0;
}

int rule_make_all(const struct condition_maker *maker,
    const struct rule_written *written, size_t n, struct rule *rules,
    struct error *err)
{
	const char *file = maker->file;
	struct condition when;
	size_t i;

	for (i = 0; i < n; i++) {
		if (check_name(file, written, i, err) ||
		    check_text(file, &written[i], err) ||
		    condition_make(maker, &written[i].when, &when, err) ||
		    check_effect(file, &written[i], &when, err))
			return -1;
		rules[i] = written[i].rule;
		rules[i].when = when;
		rules[i].has_severity = written[i].severity_line != 0;
	}
	return 0;
}

struct rates {
	struct arena *arena;
	struct verdict_rate *rates;
	size_t n;
};

static void add_rate(const struct condition *condition, void *context)
{
	struct rates *all = context;
	struct verdict_rate *grown;
	size_t i;

	if (condition->kind != CONDITION_RATE)
		return;
	for (i = 0; i < all->n; i++)
		if (all->rates[i].of == condition->rate.of &&
		    all->rates[i].per_s == condition->rate.per_s)
			return;
	grown = arena_alloc(all->arena, (all->n + 1) * sizeof(*grown));
	if (all->n > 0)
		memcpy(grown, all->rates, all->n * sizeof(*grown));
	grown[all->n++] = condition->rate;
	all->rates = grown;
}

void rule_rates(struct arena *arena, const struct rule *rules, size_t n_rules,
    struct verdict_rate **rates, size_t *n)
{
	struct rates all = {arena, *rates, *n};
	size_t i;

	for (i = 0; i < n_rules; i++)
		condition_each(&rules[i].when, add_rate, &all);
	*rates = all.rates;
	*n = all.n;
}
