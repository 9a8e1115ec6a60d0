/*
 * people: authority over a draft, and the resolving of names into those to
 * ask.  What a draft demands is left to the judge, who was asked to the ledger.
 */
#include "config/people.h"

#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 4096 /* bytes of names in a sentence */
#define SHOWN_MAX 6    /* names in a sentence */

/* Wide enough for the product of two amounts. */
__extension__ typedef __int128 wide;

/* ---- lists of names ---- */

/* The next of the lines at *text, and its length; NULL: no more. */
static const char *next_line(const char **text, size_t *len)
{
	const char *line = *text;

	while (line != NULL && *line == '\n')
		line++;
	if (line == NULL || *line == '\0')
		return NULL;
	*len = strcspn(line, "\n");
	*text = line + *len;
	return line;
}

static bool is_line(const char *lines, const char *name)
{
	const char *line;
	size_t len;

	while ((line = next_line(&lines, &len)) != NULL)
		if (len == strlen(name) && memcmp(line, name, len) == 0)
			return true;
	return false;
}

static bool in_list(const char *const *list, const char *name)
{
	for (; list != NULL && *list != NULL; list++)
		if (strcmp(*list, name) == 0)
			return true;
	return false;
}

/* Is the person in the list, or in a group of it? */
static bool listed(
    const struct config *config, const char *const *list, const char *name)
{
	const struct config_group *group;

	if (in_list(list, name))
		return true;
	for (; list != NULL && *list != NULL; list++) {
		group = config_group(config, *list);
		if (group != NULL && in_list(group->members, name))
			return true;
	}
	return false;
}

/* ---- limits of authority ---- */

/* How many ten-thousandths of `in` one of `currency` is; 0: not known. */
static int64_t rate_of(
    const struct config *config, const char *currency, const char *in)
{
	if (strcmp(currency, in) == 0)
		return AMOUNT_ONE;
	for (size_t i = 0; i < config->n_exchanges; i++) {
		const struct config_exchange *e = &config->exchanges[i];

		if (strcmp(e->currency, currency) == 0 &&
		    strcmp(e->is.currency, in) == 0)
			return e->is.value;
	}
	return 0;
}

/* Both in a third currency (or one's own): 1 a is above b, 0 it is not, -1
 * that is not known. */
static int above_in(const struct config *config, const struct amount *a,
    const struct amount *b, const char *in)
{
	wide x = rate_of(config, a->currency, in);
	wide y = rate_of(config, b->currency, in);

	if (x <= 0 || y <= 0)
		return -1;
	return x * llabs(a->value) > y * llabs(b->value);
}

/* Is the sum a above the sum b?  -1: they cannot be compared. */
static int above(
    const struct config *config, const struct amount *a, const struct amount *b)
{
	int is = above_in(config, a, b, b->currency);

	if (is < 0)
		is = above_in(config, a, b, a->currency);
	for (size_t i = 0; is < 0 && i < config->n_exchanges; i++)
		is = above_in(config, a, b, config->exchanges[i].is.currency);
	return is;
}

/* The person's limit for a currency: its own, or one to compare with. */
static const struct amount *limit_for(const struct config *config,
    const struct config_reviewer *reviewer, const struct amount *sum)
{
	const struct amount *found = NULL;

	for (size_t i = 0; i < reviewer->n_limits; i++) {
		const struct amount *limit = &reviewer->limits[i];

		if (strcmp(limit->currency, sum->currency) == 0)
			return limit;
		if (found == NULL && above(config, sum, limit) >= 0)
			found = limit;
	}
	return found;
}

/* May the person approve that sum?  What cannot be compared: no. */
static bool within(const struct config *config,
    const struct config_reviewer *reviewer, const struct amount *sum)
{
	const struct amount *limit;

	if (reviewer->n_limits == 0)
		return true;
	limit = limit_for(config, reviewer, sum);
	return limit != NULL && above(config, sum, limit) == 0;
}

/* Does a pattern ("legal", "secret-*") fit the len bytes at name? */
static bool fits(const char *pattern, const char *name, size_t len)
{
	size_t n = strlen(pattern);

	if (n > 0 && pattern[n - 1] == '*')
		return len >= n - 1 && memcmp(pattern, name, n - 1) == 0;
	return n == len && memcmp(pattern, name, n) == 0;
}

/* Is a finding (or a pattern of findings) beyond the person? */
static bool excepted(
    const struct config_reviewer *reviewer, const char *name, size_t len)
{
	const char *const *p = reviewer->except;

	for (; p != NULL && *p != NULL; p++)
		if (fits(*p, name, len))
			return true;
	return false;
}

/* Read a line of a demand: is it a sum, and which?  A sum that cannot be read
 * has no currency that a limit could have. */
static bool line_is_sum(const char *line, size_t len, struct amount *sum)
{
	static const char word[] = "amount ";
	char text[AMOUNT_SIZE];

	if (len < strlen(word) || memcmp(line, word, strlen(word)) != 0)
		return false;
	line += strlen(word);
	len -= strlen(word);
	if (len < sizeof(text)) {
		memcpy(text, line, len);
		text[len] = '\0';
	}
	if (len >= sizeof(text) || amount_parse(sum, text, NULL) != 0)
		*sum = (struct amount){INT64_MAX, "?"};
	return true;
}

/* The name in a line "finding NAME", with its length; NULL: it is none. */
static const char *line_finding(const char *line, size_t len, size_t *n)
{
	static const char word[] = "finding ";

	if (len <= strlen(word) || memcmp(line, word, strlen(word)) != 0)
		return NULL;
	*n = len - strlen(word);
	return line + strlen(word);
}

/* The line of the demand that is beyond the person; NULL: none is. */
static const char *beyond(const struct config *config,
    const struct config_reviewer *reviewer, const char *demand, size_t *len)
{
	const char *line, *name;
	struct amount sum;
	size_t n;

	while ((line = next_line(&demand, len)) != NULL) {
		if (line_is_sum(line, *len, &sum)) {
			if (!within(config, reviewer, &sum))
				return line;
		} else if ((name = line_finding(line, *len, &n)) == NULL ||
			   excepted(reviewer, name, n)) {
			/* what we do not know, nobody is trusted with */
			return line;
		}
	}
	return NULL;
}

/* Do limits and exceptions allow it? */
static bool able(const struct config *config,
    const struct config_reviewer *reviewer, const char *demand)
{
	size_t len;

	return beyond(config, reviewer, demand, &len) == NULL;
}

/* Does every limit of b reach what a may approve? */
static bool limits_reach(const struct config *config,
    const struct config_reviewer *a, const struct config_reviewer *b)
{
	const struct amount *other;

	if (b->n_limits == 0)
		return true;
	if (a->n_limits == 0)
		return false;
	for (size_t i = 0; i < a->n_limits; i++)
		if (!within(config, b, &a->limits[i]))
			return false;
	/* a currency for which b has a limit of its own, and a has not */
	for (size_t i = 0; i < b->n_limits; i++) {
		other = limit_for(config, a, &b->limits[i]);
		if (other != NULL && above(config, other, &b->limits[i]) != 0)
			return false;
	}
	return true;
}

bool people_equal(const struct config *config, const struct config_reviewer *a,
    const struct config_reviewer *b)
{
	const char *const *p = b->except;

	if (a->admin && !b->admin)
		return false;
	for (; p != NULL && *p != NULL; p++)
		if (!excepted(a, *p, strlen(*p)))
			return false;
	return limits_reach(config, a, b);
}

/* ---- absence ---- */

bool people_absent(const struct config_reviewer *reviewer, int64_t now_ms)
{
	for (size_t i = 0; i < reviewer->n_absences; i++)
		if (reviewer->absences[i].from_ms <= now_ms &&
		    now_ms < reviewer->absences[i].to_ms)
			return true;
	return false;
}

/*
 * The next who stands in for person after `one`, who is absent; NULL: nobody.
 * Who has less authority than person is passed over with all behind them.
 */
static const struct config_reviewer *stand_in(const struct config *config,
    const struct config_reviewer *person, const struct config_reviewer *one)
{
	const struct config_reviewer *next;

	if (one->deputy == NULL)
		return NULL;
	next = config_reviewer(config, one->deputy);
	return next != NULL && people_equal(config, person, next) ? next : NULL;
}

/* The person, or who is there instead; NULL: nobody is. */
static const struct config_reviewer *present(const struct config *config,
    const struct config_reviewer *person, int64_t now_ms)
{
	const struct config_reviewer *one = person;

	/* a ring of deputies ends when all have been looked at */
	for (size_t i = 0; i <= config->n_reviewers; i++) {
		if (!people_absent(one, now_ms))
			return one;
		one = stand_in(config, person, one);
		if (one == NULL)
			return NULL;
	}
	return NULL;
}

/* Does actor stand in for this person now? */
static bool stands_in(const struct config *config,
    const struct config_reviewer *person, const struct config_reviewer *actor,
    int64_t now_ms)
{
	const struct config_reviewer *one = person;

	for (size_t i = 0; i <= config->n_reviewers; i++) {
		if (!people_absent(one, now_ms))
			return false;
		one = stand_in(config, person, one);
		if (one == NULL || one == actor)
			return one != NULL;
	}
	return false;
}

/* ---- who may ---- */

/* Is the person one of the channel's: owner, reviewer, ladder, rules? */
static bool of_channel(const struct config *config,
    const struct channel *channel, const char *name)
{
	if (channel->owner != NULL && strcmp(channel->owner, name) == 0)
		return true;
	if (listed(config, channel->reviewers, name))
		return true;
	for (size_t i = 0; i < channel->n_steps; i++)
		if (listed(config, channel->steps[i].ask, name))
			return true;
	for (size_t i = 0; i < channel->n_rules; i++)
		if (listed(config, channel->rules[i].ask, name))
			return true;
	return false;
}

/* Has the person a say in the draft, for themselves? */
static bool concerned(const struct config *config,
    const struct config_reviewer *person, const struct people_demand *demand)
{
	const struct channel *channel;

	if (person->admin || demand->channel == NULL ||
	    *demand->channel == '\0' || is_line(demand->ask, person->name))
		return true;
	channel = config_channel(config, demand->channel);
	return channel != NULL && of_channel(config, channel, person->name);
}

/* Or for somebody who is absent? */
static bool has_say(const struct config *config,
    const struct config_reviewer *actor, const struct people_demand *demand,
    int64_t now_ms)
{
	if (concerned(config, actor, demand))
		return true;
	for (size_t i = 0; i < config->n_reviewers; i++)
		if (stands_in(config, &config->reviewers[i], actor, now_ms) &&
		    concerned(config, &config->reviewers[i], demand))
			return true;
	return false;
}

/* Write the names of those who may, for a sentence; "nobody", if so. */
static void name_who_may(const struct config *config,
    const struct people_demand *demand, bool approve, int64_t now_ms,
    struct buf *out)
{
	unsigned n = 0;

	for (size_t i = 0; i < config->n_reviewers; i++) {
		const struct config_reviewer *r = &config->reviewers[i];

		if (!has_say(config, r, demand, now_ms) ||
		    (approve && !able(config, r, demand->demand)))
			continue;
		if (n < SHOWN_MAX)
			buf_addf(out, "%s%s", n > 0 ? ", " : "", r->name);
		n++;
	}
	if (n == 0)
		buf_add_str(out, "nobody in the configuration");
	else if (n > SHOWN_MAX)
		buf_addf(out, " and %u more", n - SHOWN_MAX);
}

/* Tell who has no say. */
static int no_say(const char *actor, const struct people_demand *demand,
    const char *who, struct error *err)
{
	return error_set(err, ERROR_DENIED,
	    "'%s' was not asked about it and does not review channel '%s'; "
	    "these may decide: %s",
	    actor, demand->channel, who);
}

/* Tell whose authority does not reach. */
static int too_much(const struct config *config,
    const struct config_reviewer *reviewer, const char *line, size_t len,
    const char *who, struct error *err)
{
	char limit_text[AMOUNT_SIZE], sum_text[AMOUNT_SIZE];
	const struct amount *limit;
	struct amount sum;
	int n = (int)(len < 80 ? len : 80);

	if (!line_is_sum(line, len, &sum))
		return error_set(err, ERROR_DENIED,
		    "a draft with '%.*s' is not for '%s' to approve; these "
		    "may: %s",
		    n, line, reviewer->name, who);
	limit = limit_for(config, reviewer, &sum);
	if (limit == NULL)
		return error_set(err, ERROR_DENIED,
		    "'%s' has no limit for %s, and no exchange says what it "
		    "is worth; these may approve: %s",
		    reviewer->name, amount_print(&sum, sum_text), who);
	return error_set(err, ERROR_DENIED,
	    "'%s' may approve up to %s, and this is about %s; these may "
	    "approve: %s",
	    reviewer->name, amount_print(limit, limit_text),
	    amount_print(&sum, sum_text), who);
}

int people_may(const struct config *config, const char *actor,
    const struct people_demand *demand, bool approve, int64_t now_ms,
    struct error *err)
{
	const struct config_reviewer *reviewer = config_reviewer(config, actor);
	const char *line = NULL;
	struct buf who;
	size_t len = 0;

	if (reviewer == NULL)
		return error_set(err, ERROR_DENIED,
		    "'%s' is not a reviewer of the configuration", actor);
	if (!has_say(config, reviewer, demand, now_ms)) {
		buf_init(&who, NAMES_MAX);
		name_who_may(config, demand, approve, now_ms, &who);
		no_say(actor, demand, who.data, err);
		buf_release(&who);
		return -1;
	}
	if (approve)
		line = beyond(config, reviewer, demand->demand, &len);
	if (line == NULL)
		return 0;
	buf_init(&who, NAMES_MAX);
	name_who_may(config, demand, true, now_ms, &who);
	too_much(config, reviewer, line, len, who.data, err);
	buf_release(&who);
	return -1;
}

/* ---- whom to ask ---- */

struct asking {
	const struct config *config;
	const struct people_demand *demand;
	int64_t now_ms;
	uint64_t dice;
	unsigned persons; /* who must approve */
	bool *found;	  /* as config->reviewers: is asked, or was before */
	unsigned n_found;
	struct buf *out;
};

static void put(struct asking *a, const struct config_reviewer *r)
{
	if (is_line(a->out->data, r->name))
		return;
	if (a->out->len > 0)
		buf_add_char(a->out, '\n');
	buf_add_str(a->out, r->name);
}

static void find(struct asking *a, const struct config_reviewer *r)
{
	bool *found = &a->found[r - a->config->reviewers];

	if (!*found)
		a->n_found++;
	*found = true;
	put(a, r);
}

/* Who is there for this name and may approve, or NULL. */
static const struct config_reviewer *able_one(
    const struct asking *a, const char *name)
{
	const struct config_reviewer *r = config_reviewer(a->config, name);

	if (r != NULL)
		r = present(a->config, r, a->now_ms);
	if (r == NULL || !able(a->config, r, a->demand->demand))
		return NULL;
	return r;
}

static void ask_one(struct asking *a, const char *name)
{
	const struct config_reviewer *r = able_one(a, name);

	if (r != NULL)
		find(a, r);
}

/* The dice's turn: as many as must approve, from the one it points at on. */
static void ask_by_turns(struct asking *a, const struct config_group *group)
{
	const struct config_reviewer **turns, *r;
	size_t n = 0, k, room = 0;

	while (group->members[room] != NULL)
		room++;
	turns = mem_zalloc((room + 1) * sizeof(*turns));
	for (size_t i = 0; i < room; i++) {
		r = able_one(a, group->members[i]);
		for (k = 0; k < n && turns[k] != r; k++)
			;
		if (r != NULL && k == n)
			turns[n++] = r;
	}
	for (k = 0; k < a->persons && k < n; k++)
		find(a, turns[(a->dice % n + k) % n]);
	free(turns);
}

static void ask_name(struct asking *a, const char *name)
{
	const struct config_group *group = config_group(a->config, name);

	if (group == NULL) {
		ask_one(a, name);
	} else if (group->by_turns) {
		ask_by_turns(a, group);
	} else {
		for (size_t i = 0; group->members[i] != NULL; i++)
			ask_one(a, group->members[i]);
	}
}

/* Too few are there who may approve it. */
static void ask_more(struct asking *a, const struct channel *channel)
{
	const struct config *config = a->config;

	if (channel != NULL && channel->owner != NULL)
		ask_one(a, channel->owner);
	for (size_t i = 0; a->n_found < a->persons && i < config->n_reviewers;
	     i++)
		if (config->reviewers[i].admin)
			ask_one(a, config->reviewers[i].name);
}

/* Nobody may approve it, or nobody is there: somebody must know all the same.
 */
static void tell_somebody(struct asking *a, const struct channel *channel)
{
	const struct config *config = a->config;
	const struct config_reviewer *owner = NULL;
	size_t i, before = a->out->len;

	for (i = 0; i < config->n_reviewers; i++)
		if (config->reviewers[i].admin)
			put(a, &config->reviewers[i]);
	if (channel != NULL && channel->owner != NULL)
		owner = config_reviewer(config, channel->owner);
	if (a->out->len == before && owner != NULL)
		put(a, owner);
	if (a->out->len == 0)
		for (i = 0; i < config->n_reviewers; i++)
			put(a, &config->reviewers[i]);
}

/* Those in out already count, if they are there and may approve. */
static void count_asked(struct asking *a)
{
	const struct config *config = a->config;

	for (size_t i = 0; i < config->n_reviewers; i++) {
		const struct config_reviewer *r = &config->reviewers[i];

		if (is_line(a->out->data, r->name) && able_one(a, r->name) == r)
			find(a, r);
	}
}

void people_ask(const struct config *config, const struct channel *channel,
    const char *const *names, const struct people_demand *demand,
    int64_t now_ms, uint64_t dice, struct buf *out)
{
	struct asking a = {.config = config,
	    .demand = demand,
	    .now_ms = now_ms,
	    .dice = dice,
	    .persons = demand->persons,
	    .out = out};

	if (a.persons == 0)
		a.persons = channel != NULL ? channel->persons : 1;
	if (a.persons == 0)
		a.persons = 1;
	a.found = mem_zalloc((config->n_reviewers + 1) * sizeof(*a.found));
	count_asked(&a);
	for (; names != NULL && *names != NULL; names++)
		ask_name(&a, *names);
	if (a.n_found < a.persons)
		ask_more(&a, channel);
	if (a.n_found == 0)
		tell_somebody(&a, channel);
	free(a.found);
}
