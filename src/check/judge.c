/*
 * judge: walks the rules of each channel, gathers what they ask for and decides
 * by the strictest.  Whether a condition fits is left to fit.c, what a
 * mode lets pass to gate.c, who is asked by when to route.c.
 */
#include "check/judge.h"

#include "check/fit.h"
#include "check/gate.h"
#include "check/route.h"
#include "check/trace.h"

#include "util/mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* From the mildest to the strictest. */
enum rank { RANK_PASS, RANK_HOLD, RANK_GRAVE, RANK_REFUSE };

/* What one channel says of the mail. */
struct part {
	const struct channel *channel; /* NULL: none takes these recipients */
	const struct rule *refuses, *grave, *decides;
	char refuses_why[FIT_WHY], grave_why[FIT_WHY], decides_why[FIT_WHY];
};

struct judging {
	const struct judge_facts *facts;
	struct verdict *verdict;
	struct trace trace;
	enum rank rank;
	bool said, has_severity, mixed;
	size_t n_parts, n_fitting;
	struct part *parts;
	struct route_rule *fitting;
};

/* ---- channels of a mail ------------------------------------------------- */

static bool asks(const char *const *list)
{
	return list != NULL && *list != NULL;
}

static bool is_listed(const char *const *list, const char *name)
{
	for (; name != NULL && *list != NULL; list++)
		if (strcmp(*list, name) == 0)
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

static bool takes(const struct channel *channel, const char *agent,
    const char *from, const char *to)
{
	return (!asks(channel->agents) || is_listed(channel->agents, agent)) &&
	       (!asks(channel->senders) || fits_any(channel->senders, from)) &&
	       (!asks(channel->recipients) ||
		   fits_any(channel->recipients, to));
}

/* Insert into the ascending list if it is not there. */
static size_t insert(unsigned *list, size_t n, unsigned index)
{
	size_t at = n;

	while (at > 0 && list[at - 1] > index)
		at--;
	if (at > 0 && list[at - 1] == index)
		return n;
	memmove(list + at + 1, list + at, (n - at) * sizeof(*list));
	list[at] = index;
	return n + 1;
}

/* Writes indices, returns how many. */
static size_t find_channels(const struct config *config, const char *agent,
    const struct envelope *envelope, unsigned *out, bool *mixed)
{
	bool outside = false;
	size_t i, n = 0;
	unsigned c;

	for (i = 0; i < envelope->n_recipients; i++) {
		for (c = 0; c < config->n_channels; c++)
			if (takes(&config->channels[c], agent, envelope->from,
				envelope->recipients[i].address))
				break;
		if (c < config->n_channels)
			n = insert(out, n, c);
		else
			outside = true;
	}
	*mixed = n > 1 || (n == 1 && outside);
	return n;
}

void judge_choose(const struct config *config, const char *agent,
    const struct envelope *envelope, struct arena *arena,
    struct judge_chosen *chosen)
{
	size_t i, room = config->n_channels + 1;
	unsigned *indices = arena_alloc(arena, room * sizeof(*indices));
	const struct channel **channels =
	    arena_alloc(arena, room * sizeof(const struct channel *));

	*chosen = (struct judge_chosen){.indices = indices,
	    .channels = channels,
	    .name = "",
	    .n_rates = config->n_rates,
	    .rates = config->rates};
	chosen->n =
	    find_channels(config, agent, envelope, indices, &chosen->mixed);
	for (i = 0; i < chosen->n; i++)
		channels[i] = &config->channels[indices[i]];
	if (chosen->n == 0)
		return;
	chosen->name = channels[0]->name;
	chosen->n_rates = channels[0]->n_rates;
	chosen->rates = channels[0]->rates;
}

/* A recipient that none of the channels takes, or NULL. */
static const char *find_outsider(const struct judge_facts *facts)
{
	const struct envelope *envelope = facts->envelope;
	const char *address;
	size_t i, c;

	for (i = 0; i < envelope->n_recipients; i++) {
		address = envelope->recipients[i].address;
		for (c = 0; c < facts->n_channels; c++)
			if (takes(facts->channels[c], facts->agent,
				envelope->from, address))
				break;
		if (c == facts->n_channels)
			return address;
	}
	return NULL;
}

/* ---- rules -------------------------------------------------------------- */

static void add_severity(struct judging *j, enum verdict_severity severity)
{
	if (!j->has_severity || severity > j->verdict->severity)
		j->verdict->severity = severity;
	j->has_severity = true;
}

/* What follows from a rule, whoever decides. */
static void gather(
    struct judging *j, const struct rule *rule, const struct channel *channel)
{
	struct verdict *v = j->verdict;
	int64_t now = j->facts->now_ms, at;

	if (rule->has_severity)
		add_severity(j, rule->severity);
	if (rule->persons > v->persons)
		v->persons = rule->persons;
	v->needs_reason = v->needs_reason || rule->needs_reason;
	at = now + (int64_t)rule->not_before_s * 1000;
	if (rule->not_before_s != 0 && at > v->not_before_ms)
		v->not_before_ms = at;
	at = now + (int64_t)rule->not_after_s * 1000;
	if (rule->not_after_s != 0 &&
	    (v->not_after_ms == 0 || at < v->not_after_ms))
		v->not_after_ms = at;
	j->fitting[j->n_fitting++] = (struct route_rule){rule, channel};
}

/* "finance, leads" */
static const char *name_list(const char *const *names, char out[160])
{
	size_t len = 0;

	*out = '\0';
	for (; names != NULL && *names != NULL; names++) {
		trace_write(
		    out + len, 160 - len, "%s%s", len ? ", " : "", *names);
		len += strlen(out + len);
	}
	return out;
}

static void tell_rule(
    struct judging *j, const struct rule *rule, bool fits, const char *why)
{
	char names[160], persons[32] = "";

	if (rule->persons > 1)
		trace_write(
		    persons, sizeof(persons), ", %u persons", rule->persons);
	trace_line(&j->trace, "rule %.64s %s: %s -> %s%s%s%s%s%s%s%s",
	    rule->name, fits ? "fits" : "may fit", why,
	    !fits && rule->then == VERDICT_REFUSE ? "hold"
						  : verdict_name(rule->then),
	    rule->has_severity ? ", severity " : "",
	    rule->has_severity ? verdict_severity_name(rule->severity) : "",
	    asks(rule->ask) ? ", asks " : "", name_list(rule->ask, names),
	    persons, rule->needs_reason ? ", a reason is needed" : "",
	    rule->tripwire ? ", tripwire" : "");
}

static void remember(
    struct part *part, const struct rule *rule, enum fit fit, const char *why)
{
	bool sure = fit == FIT_YES, grave;

	grave = (rule->then == VERDICT_HOLD && rule->tripwire) ||
		(rule->then == VERDICT_REFUSE && !sure);
	if (rule->then == VERDICT_REFUSE && sure && part->refuses == NULL) {
		part->refuses = rule;
		memcpy(part->refuses_why, why, FIT_WHY);
	}
	if (grave && part->grave == NULL) {
		part->grave = rule;
		memcpy(part->grave_why, why, FIT_WHY);
	}
	if ((rule->then == VERDICT_HOLD || rule->then == VERDICT_PASS) &&
	    part->decides == NULL) {
		part->decides = rule;
		memcpy(part->decides_why, why, FIT_WHY);
	}
}

static void look_at(
    struct judging *j, struct part *part, const struct rule *rule)
{
	const struct fit_view view = {
	    j->facts, part->channel, rule->then == VERDICT_PASS};
	char why[FIT_WHY] = "";
	enum fit fit = fit_condition(&rule->when, &view, why);

	/* what could not be read is held anyway; what its inside might have
	 * been is nobody's business */
	if (fit == FIT_NOT ||
	    (fit == FIT_MAYBE && j->facts->reading->trouble != NULL)) {
		trace_line(
		    &j->trace, "rule %.64s does not fit: %s", rule->name, why);
	} else if (fit == FIT_MAYBE && rule->then == VERDICT_PASS) {
		trace_line(&j->trace,
		    "rule %.64s may fit, which is not enough to pass: %s",
		    rule->name, why);
	} else {
		tell_rule(j, rule, fit == FIT_YES, why);
		gather(j, rule, part->channel);
		remember(part, rule, fit, why);
	}
}

static void walk(struct judging *j, struct part *part)
{
	const struct channel *channel = part->channel;
	size_t i;

	if (channel == NULL)
		trace_line(&j->trace, j->n_parts > 1
					  ? "recipients that no channel takes"
					  : "no channel takes this mail");
	else
		trace_line(&j->trace, "channel %.64s (mode %s)", channel->name,
		    gate_mode_name(channel->mode));
	for (i = 0; i < j->facts->n_rules; i++)
		look_at(j, part, &j->facts->rules[i]);
	for (i = 0; channel != NULL && i < channel->n_rules; i++)
		look_at(j, part, &channel->rules[i]);
}

/* ---- outcomes ----------------------------------------------------------- */

/* The strictest counts; of equals, the first. */
static struct verdict *stricter(
    struct judging *j, enum rank rank, const char *rule)
{
	struct verdict *v = j->verdict;

	if (rank <= j->rank && j->said)
		return NULL;
	j->said = true;
	j->rank = rank;
	v->kind = rank == RANK_REFUSE ? VERDICT_REFUSE
		  : rank == RANK_PASS ? VERDICT_PASS
				      : VERDICT_HOLD;
	v->after = false;
	*v->say = '\0';
	trace_write(v->rule, sizeof(v->rule), "%s", rule);
	return v;
}

/* One sentence of a rule for people: its own words, and why it fits. */
static void give_reason(
    struct verdict *v, const struct rule *rule, const char *why)
{
	char short_why[160];

	trace_write(short_why, sizeof(short_why), "%s", why);
	if (rule->say != NULL && rule->then != VERDICT_REFUSE)
		trace_write(v->reason, sizeof(v->reason), "%.80s: %s (rule %s)",
		    rule->say, short_why, rule->name);
	else
		trace_write(v->reason, sizeof(v->reason), "%s (rule %s)",
		    short_why, rule->name);
}

static void refuse(struct judging *j, const struct part *part)
{
	const struct rule *rule = part->refuses;
	struct verdict *v = stricter(j, RANK_REFUSE, rule->name);

	if (v == NULL)
		return;
	give_reason(v, rule, part->refuses_why);
	if (rule->say != NULL)
		trace_write(v->say, sizeof(v->say), "%s", rule->say);
	else
		trace_write(v->say, sizeof(v->say),
		    "the rule \"%s\" refuses this mail", rule->name);
}

static void hold_for(
    struct judging *j, enum rank rank, const char *rule, const char *reason)
{
	struct verdict *v = stricter(j, rank, rule);

	if (v != NULL)
		trace_write(v->reason, sizeof(v->reason), "%s", reason);
}

static void hold_by(
    struct judging *j, enum rank rank, const struct rule *rule, const char *why)
{
	struct verdict *v = stricter(j, rank, rule->name);

	if (v != NULL)
		give_reason(v, rule, why);
}

static void pass(struct judging *j, const struct part *part, const char *by)
{
	const struct channel *channel = part->channel;
	const struct gate gate = {
	    j->facts, channel, j->mixed, j->verdict->severity, &j->trace};
	char why[GATE_WHY];
	bool after = channel != NULL && channel->mode == CHANNEL_AFTER;
	struct verdict *v;

	if (gate_samples(&gate, why)) {
		hold_for(j, RANK_HOLD, "sample", why);
		return;
	}
	v = stricter(j, RANK_PASS, by);
	if (v != NULL)
		*v->reason = '\0';
	if (j->rank == RANK_PASS)
		j->verdict->after = j->verdict->after || after;
}

static void by_mode(struct judging *j, const struct part *part)
{
	const struct channel *channel = part->channel;
	const struct gate gate = {
	    j->facts, channel, j->mixed, j->verdict->severity, &j->trace};
	char why[GATE_WHY], name[64] = "default";

	if (channel != NULL)
		trace_write(name, sizeof(name), "mode-%s",
		    gate_mode_name(channel->mode));
	if (gate_opens(&gate, why))
		pass(j, part, name);
	else
		hold_for(j, RANK_HOLD, name, why);
}

static void conclude(struct judging *j, const struct part *part)
{
	const struct rule *rule = part->decides;

	if (part->refuses != NULL)
		refuse(j, part);
	else if (part->grave != NULL)
		hold_by(j, RANK_GRAVE, part->grave, part->grave_why);
	else if (j->rank >= RANK_GRAVE)
		return;
	else if (rule == NULL)
		by_mode(j, part);
	else if (rule->then == VERDICT_HOLD)
		hold_by(j, RANK_HOLD, rule, part->decides_why);
	else
		pass(j, part, rule->name);
}

/* ---- what no rule can pass ---------------------------------------------- */

static void find_tripwires(struct judging *j, const struct finding *f, size_t n)
{
	char reason[GATE_WHY];

	for (; n-- > 0; f++) {
		if (f->weight != FINDING_TRIPWIRE)
			continue;
		trace_write(reason, sizeof(reason), "%.60s%s%.180s", f->name,
		    *f->detail ? ": " : "", f->detail);
		trace_line(&j->trace, "held whatever a rule says: %s", reason);
		hold_for(j, RANK_GRAVE, "default", reason);
		add_severity(j, SEVERITY_HIGH);
	}
}

static void hold_what_must(struct judging *j)
{
	const struct judge_facts *facts = j->facts;
	char reason[GATE_WHY];

	if (facts->reading->trouble != NULL) {
		trace_write(reason, sizeof(reason), "it could not be read: %s",
		    facts->reading->trouble);
		trace_line(&j->trace, "%s", reason);
		hold_for(j, RANK_GRAVE, "default", reason);
	}
	find_tripwires(j, facts->reading->findings, facts->reading->n_findings);
	find_tripwires(j, facts->history->findings, facts->history->n_findings);
	if (facts->history->hold != NULL) {
		trace_write(reason, sizeof(reason), "%s", facts->history->hold);
		trace_line(&j->trace, "held whatever a rule says: %s", reason);
		hold_for(j, RANK_GRAVE, "default", reason);
	}
	if (facts->history->duplicate_of != 0) {
		trace_write(reason, sizeof(reason),
		    "it is equal to draft %" PRId64,
		    facts->history->duplicate_of);
		trace_line(&j->trace, "%s", reason);
		hold_for(j, RANK_GRAVE, "default", reason);
	}
}

/* ---- all together ------------------------------------------------------- */

/* One part for each channel, one for those whom none takes. */
static void make_parts(struct judging *j)
{
	const struct judge_facts *facts = j->facts;
	bool outside = facts->n_channels == 0 || find_outsider(facts) != NULL;
	size_t i, n = facts->n_channels, n_rules;

	j->n_parts = n + outside;
	j->mixed = j->n_parts > 1;
	j->parts = mem_zalloc(j->n_parts * sizeof(*j->parts));
	n_rules = j->n_parts * facts->n_rules;
	for (i = 0; i < n; i++) {
		j->parts[i].channel = facts->channels[i];
		n_rules += facts->channels[i]->n_rules;
	}
	j->fitting = mem_zalloc((n_rules + 1) * sizeof(*j->fitting));
}

static void decide(struct judging *j)
{
	size_t i;

	for (i = 0; i < j->n_parts; i++)
		walk(j, &j->parts[i]);
	hold_what_must(j);
	if (!j->has_severity)
		j->verdict->severity = SEVERITY_NORMAL;
	for (i = 0; i < j->n_parts; i++)
		conclude(j, &j->parts[i]);
}

/* Is the last part that of nobody's recipients? */
static bool has_outsiders(const struct judging *j)
{
	return j->n_parts > j->facts->n_channels;
}

/* Another rule that holds it, and is not named yet? */
static bool holds_too(const struct judging *j, size_t i)
{
	const struct rule *rule = j->fitting[i].rule;
	size_t k;

	if (rule->then != VERDICT_HOLD ||
	    strcmp(rule->name, j->verdict->rule) == 0)
		return false;
	for (k = 0; k < i; k++)
		if (strcmp(j->fitting[k].rule->name, rule->name) == 0)
			return false;
	return true;
}

/* Who decides should see at once what else speaks against it. */
static void name_others(struct judging *j)
{
	struct verdict *v = j->verdict;
	bool first = true;
	size_t i, len;

	if (v->kind != VERDICT_HOLD)
		return;
	for (i = 0; i < j->n_fitting; i++) {
		const struct rule *rule = j->fitting[i].rule;

		len = strlen(v->reason);
		if (!holds_too(j, i))
			continue;
		if (len + strlen(rule->name) + 32 > sizeof(v->reason)) {
			trace_write(v->reason + len, sizeof(v->reason) - len,
			    " and others");
			return;
		}
		trace_write(v->reason + len, sizeof(v->reason) - len, "%s%s",
		    first ? "; also held by rule " : ", ", rule->name);
		first = false;
	}
}

static void tell_outcome(struct judging *j)
{
	const struct verdict *v = j->verdict;

	trace_end(&j->trace, "outcome: %s by %s%s%s%s", verdict_name(v->kind),
	    v->rule, *v->reason ? ": " : "", v->reason,
	    v->opinions ? "; programs are asked first" : "");
}

void judge(const struct judge_facts *facts, struct verdict *verdict)
{
	struct judging j = {.facts = facts, .verdict = verdict};

	*verdict = (struct verdict){.arena = arena_new()};
	if (facts->n_channels > 0)
		trace_write(verdict->channel, sizeof(verdict->channel), "%s",
		    facts->channels[0]->name);
	trace_init(&j.trace, JUDGE_TRACE_MAX);
	make_parts(&j);
	decide(&j);
	route_people(&(const struct route){facts, verdict, &j.trace,
	    j.n_fitting, j.fitting, has_outsiders(&j)});
	tell_outcome(&j);
	name_others(&j);
	verdict->trace = arena_strdup(verdict->arena, j.trace.text.data);
	trace_release(&j.trace);
	free(j.parts);
	free(j.fitting);
}
