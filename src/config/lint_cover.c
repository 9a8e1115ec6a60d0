/*
 * lint_cover: implication between conditions, where it can be read off their
 * form.  How a condition is judged is left to check/fit.c; what is said
 * here must be true of it.
 */
#include "config/lint_cover.h"

#include <string.h>

#include "message.h"

/* b implies a; pass: the rule is a pass rule, whose lists need all to fit. */
struct pair {
	const struct condition *a, *b;
	bool a_pass, b_pass;
};

static bool implies(const struct pair *pair);

static bool same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Is each of b's names in a? */
static bool names_cover(const char *const *a, const char *const *b)
{
	const char *const *name;

	for (; b != NULL && *b != NULL; b++) {
		for (name = a; name != NULL && *name != NULL; name++)
			if (strcmp(*name, *b) == 0)
				break;
		if (name == NULL || *name == NULL)
			return false;
	}
	return true;
}

/* Does each of b's patterns fit one of a's, itself taken as an address? */
static bool patterns_cover(const char *const *a, const char *const *b)
{
	const char *const *pattern;

	for (; b != NULL && *b != NULL; b++) {
		for (pattern = a; pattern != NULL && *pattern != NULL;
		     pattern++)
			if (message_address_fits(*b, *pattern))
				break;
		if (pattern == NULL || *pattern == NULL)
			return false;
	}
	return true;
}

static bool compares(const struct condition *c)
{
	return c->has_above || c->has_below;
}

static bool same_currency(const struct amount *a, const struct amount *b)
{
	return strcmp(a->currency, b->currency) == 0;
}

/* Is what lies within b's limits within a's? */
static bool limits_cover(const struct condition *a, const struct condition *b)
{
	if (a->has_above &&
	    (!b->has_above || !same_currency(&a->above, &b->above) ||
		b->above.value < a->above.value))
		return false;
	return !a->has_below ||
	       (b->has_below && same_currency(&a->below, &b->below) &&
		   b->below.value <= a->below.value);
}

/* May this kind be neither true nor false? */
static bool is_vague(const struct condition *c)
{
	switch (c->kind) {
	case CONDITION_AGENT:
	case CONDITION_SENDER:
	case CONDITION_RECIPIENT:
	case CONDITION_SIZE:
	case CONDITION_RECIPIENTS:
	case CONDITION_CONTEXT:
	case CONDITION_HOURS:
		return false;
	case CONDITION_FINDING:
		return compares(c);
	default:
		return true;
	}
}

/* Lists of which a pass rule needs all, other rules one. */
static bool is_plural(const struct condition *c)
{
	return c->kind == CONDITION_RECIPIENT || c->kind == CONDITION_AUTHOR ||
	       c->kind == CONDITION_ATTACHMENT ||
	       (c->kind == CONDITION_FINDING && compares(c));
}

static bool finding_implies(const struct pair *p)
{
	if (!names_cover(p->a->list, p->b->list))
		return false;
	/* each value of a must fit, so b must speak of the same ones */
	if (p->a_pass && compares(p->a) && !names_cover(p->b->list, p->a->list))
		return false;
	return limits_cover(p->a, p->b);
}

static bool leaf_implies(const struct pair *p)
{
	const struct condition *a = p->a, *b = p->b;

	if (a->kind != b->kind ||
	    (p->a_pass && !p->b_pass && (is_vague(b) || is_plural(a))))
		return false;
	switch (a->kind) {
	case CONDITION_AGENT:
	case CONDITION_CONTEXT:
	case CONDITION_ATTACHMENT:
		return names_cover(a->list, b->list);
	case CONDITION_SENDER:
	case CONDITION_AUTHOR:
	case CONDITION_RECIPIENT:
		return patterns_cover(a->list, b->list);
	case CONDITION_TEXT:
		return same_text(a->where, b->where) &&
		       same_text(a->pattern, b->pattern) && a->pattern != NULL;
	case CONDITION_FINDING:
		return finding_implies(p);
	case CONDITION_RATE:
		return a->rate.of == b->rate.of &&
		       a->rate.per_s == b->rate.per_s && limits_cover(a, b);
	case CONDITION_HOURS:
		return a->inside == b->inside;
	case CONDITION_SIZE:
	case CONDITION_RECIPIENTS:
	case CONDITION_ATTACHMENTS:
	case CONDITION_CONFIDENCE:
		return limits_cover(a, b);
	default: /* NONE: what it excludes may be there in part */
		return false;
	}
}

/* b against each, or one, of a's. */
static bool implies_of_a(const struct pair *p, bool each)
{
	struct pair one = *p;
	size_t i;

	for (i = 0; i < p->a->n; i++) {
		one.a = &p->a->of[i];
		if (implies(&one) != each)
			return !each;
	}
	return each;
}

static bool implies_of_b(const struct pair *p, bool each)
{
	struct pair one = *p;
	size_t i;

	for (i = 0; i < p->b->n; i++) {
		one.b = &p->b->of[i];
		if (implies(&one) != each)
			return !each;
	}
	return each;
}

static bool implies(const struct pair *p)
{
	if (p->a->kind == CONDITION_ALL)
		return implies_of_a(p, true);
	if (p->b->kind == CONDITION_ANY && p->b->n > 0)
		return implies_of_b(p, true);
	if (p->a->kind == CONDITION_ANY && implies_of_a(p, false))
		return true;
	if (p->b->kind == CONDITION_ALL)
		return implies_of_b(p, false);
	return leaf_implies(p);
}

bool lint_cover_rule(const struct rule *a, const struct rule *b)
{
	const struct pair pair = {&a->when, &b->when, a->then == VERDICT_PASS,
	    b->then == VERDICT_PASS};

	return implies(&pair);
}

static bool is_empty(const char *const *list)
{
	return list == NULL || *list == NULL;
}

bool lint_cover_channel(const struct channel *a, const struct channel *b)
{
	return (is_empty(a->agents) ||
		   (!is_empty(b->agents) &&
		       names_cover(a->agents, b->agents))) &&
	       (is_empty(a->senders) ||
		   (!is_empty(b->senders) &&
		       patterns_cover(a->senders, b->senders))) &&
	       (is_empty(a->recipients) ||
		   (!is_empty(b->recipients) &&
		       patterns_cover(a->recipients, b->recipients)));
}
