/*
 * route: gathers people, demands and times of a verdict.  Whether it is held is
 * left to judge.c, who stands for whom to people.
 */
#include "check/route.h"

#include "config/people.h"

#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

static bool asks(const char *const *list)
{
	return list != NULL && *list != NULL;
}

static const struct finding *finding_at(
    const struct judge_facts *facts, size_t i)
{
	if (i < facts->reading->n_findings)
		return &facts->reading->findings[i];
	i -= facts->reading->n_findings;
	return i < facts->history->n_findings ? &facts->history->findings[i]
					      : NULL;
}

static bool amount_of(const struct finding *f, struct amount *amount)
{
	return strcmp(f->name, "amount") == 0 && f->value != NULL &&
	       amount_parse(amount, f->value, NULL) == 0;
}

/* Is there a larger one of that currency, or an equal one before? */
static bool outdone(
    const struct judge_facts *facts, size_t i, const struct amount *amount)
{
	const struct finding *f;
	struct amount other;
	size_t k;
	int sign;

	for (k = 0; (f = finding_at(facts, k)) != NULL; k++) {
		if (k == i || !amount_of(f, &other) ||
		    strcmp(other.currency, amount->currency) != 0)
			continue;
		sign = amount_compare(&other, amount);
		if (sign > 0 || (sign == 0 && k < i))
			return true;
	}
	return false;
}

static bool seen_before(
    const struct judge_facts *facts, size_t i, const char *name)
{
	while (i-- > 0)
		if (strcmp(finding_at(facts, i)->name, name) == 0)
			return true;
	return false;
}

/* What it takes to approve it: lines as people.h has them. */
static void make_demand(const struct route *r, struct buf *out)
{
	const struct judge_facts *facts = r->facts;
	const struct finding *f;
	struct amount amount;
	char text[AMOUNT_SIZE];
	size_t i;

	for (i = 0; (f = finding_at(facts, i)) != NULL; i++)
		if (amount_of(f, &amount) && !outdone(facts, i, &amount))
			buf_addf(out, "%samount %s", out->len ? "\n" : "",
			    amount_print(&amount, text));
	for (i = 0; (f = finding_at(facts, i)) != NULL; i++)
		if (!seen_before(facts, i, f->name))
			buf_addf(out, "%sfinding %.64s", out->len ? "\n" : "",
			    f->name);
}

/* Ask these, if there are any. */
static void ask(const struct route *r, const struct channel *channel,
    const char *const *names, struct buf *out)
{
	const struct people_demand demand = {
	    .channel = channel == NULL ? "" : channel->name,
	    .ask = out->data,
	    .demand = r->verdict->demand,
	    .persons = r->verdict->persons,
	};

	if (asks(names) || out->len == 0)
		people_ask(r->facts->config, channel, names, &demand,
		    r->facts->now_ms, r->facts->dice, out);
}

/* Where no channel names anybody, everybody is asked. */
static void ask_everybody(const struct route *r, struct buf *out)
{
	const struct config *config = r->facts->config;
	size_t i, n = config->n_reviewers;
	const char **names = mem_zalloc((n + 1) * sizeof(*names));

	for (i = 0; i < n; i++)
		names[i] = config->reviewers[i].name;
	ask(r, NULL, names, out);
	free(names);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static const char *last_blank(const char *row)
{
	const char *blank = NULL;

	for (; *row != '\0'; row++)
		if (is_blank(*row))
			blank = row;
	return blank;
}

/* The owner of the case by the table: the row "case reviewer" that fits. */
static void ask_table(
    const struct route *r, const struct channel *channel, struct buf *out)
{
	const char *const *row = channel->cases;
	const char *id = r->facts->reading->context.case_id, *names[2], *blank;
	size_t len;

	for (; id != NULL && row != NULL && *row != NULL; row++) {
		blank = last_blank(*row);
		if (blank == NULL)
			continue;
		len = (size_t)(blank - *row);
		while (len > 0 && is_blank((*row)[len - 1]))
			len--;
		if (strlen(id) != len || memcmp(id, *row, len) != 0)
			continue;
		names[0] = blank + 1;
		names[1] = NULL;
		trace_line(r->trace, "case %.80s is of %.64s", id, names[0]);
		ask(r, channel, names, out);
		return;
	}
}

static bool is_somebody(const struct config *config, const char *name)
{
	return config_reviewer(config, name) != NULL ||
	       config_group(config, name) != NULL;
}

/* The owner that a field of the mail names, which the reader has found, or
 * that a program has. */
static void ask_owner(
    const struct route *r, const struct channel *channel, struct buf *out)
{
	const struct finding *f;
	const char *names[2] = {NULL, NULL};
	size_t i;

	if (channel->case_header == NULL && channel->case_program == NULL)
		return;
	for (i = 0; (f = finding_at(r->facts, i)) != NULL; i++) {
		if (strcmp(f->name, "case-owner") != 0 || f->value == NULL)
			continue;
		names[0] = f->value;
		if (is_somebody(r->facts->config, f->value))
			ask(r, channel, names, out);
		else
			trace_line(r->trace,
			    "%.80s names %.64s, who is no reviewer",
			    f->by != NULL ? f->by
			    : channel->case_header != NULL
				? channel->case_header
				: "a check",
			    f->value);
	}
}

static void ask_people(const struct route *r, struct buf *out)
{
	const struct judge_facts *facts = r->facts;
	size_t i;

	for (i = 0; i < facts->n_channels; i++) {
		ask(r, facts->channels[i], facts->channels[i]->reviewers, out);
		ask_table(r, facts->channels[i], out);
		ask_owner(r, facts->channels[i], out);
	}
	if (r->outsiders)
		ask_everybody(r, out);
	for (i = 0; i < r->n_fitting; i++)
		ask(r, r->fitting[i].channel, r->fitting[i].rule->ask, out);
}

static int64_t after(
    const struct judge_facts *facts, const struct channel *channel, unsigned s)
{
	return calendar_after(
	    channel->calendar != NULL ? channel->calendar : calendar_always(),
	    facts->now_ms, (int64_t)s * 1000);
}

/* The earliest deadline; the ladder is that of the first channel. */
static void set_times(const struct route *r)
{
	const struct judge_facts *facts = r->facts;
	struct verdict *v = r->verdict;
	const struct channel *channel;
	int64_t at;
	size_t i;

	for (i = 0; i < facts->n_channels; i++) {
		channel = facts->channels[i];
		at = after(facts, channel, channel->deadline_s);
		if (channel->deadline_s != 0 &&
		    (v->deadline_ms == 0 || at < v->deadline_ms))
			v->deadline_ms = at;
		if (i == 0 && channel->n_steps > 0)
			v->step_ms =
			    after(facts, channel, channel->steps[0].after_s);
	}
}

/* What a channel demands besides its rules. */
static void add_channels(const struct route *r)
{
	const struct judge_facts *facts = r->facts;
	struct verdict *v = r->verdict;
	size_t i;

	for (i = 0; i < facts->n_channels; i++) {
		if (facts->channels[i]->persons > v->persons)
			v->persons = facts->channels[i]->persons;
		v->needs_reason =
		    v->needs_reason || facts->channels[i]->needs_reason;
		if (asks(facts->channels[i]->programs) ||
		    (facts->channels[i]->case_program != NULL &&
			facts->reading->context.case_id != NULL))
			v->opinions = !facts->considered;
	}
	if (v->persons == 0)
		v->persons = 1;
}

static const char *detach(struct arena *arena, struct buf *text)
{
	char *copy = arena_dup(arena, text->data, text->len + 1);

	buf_release(text);
	return copy;
}

void route_people(const struct route *r)
{
	struct verdict *v = r->verdict;
	struct buf demand, names;

	buf_init(&demand, SIZE_MAX / 2);
	buf_init(&names, JUDGE_ASK_MAX);
	make_demand(r, &demand);
	v->demand = detach(v->arena, &demand);
	add_channels(r);
	if (v->kind == VERDICT_REFUSE)
		v->opinions = false;
	else
		ask_people(r, &names);
	v->ask = detach(v->arena, &names);
	if (v->kind == VERDICT_HOLD)
		set_times(r);
}
