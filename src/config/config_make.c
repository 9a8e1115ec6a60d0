/*
 * config_make: what the configuration's text becomes where the tables cannot
 * say it: calendars, days of absence, digests, rules.  Whether it fits together
 * is left to sanity*.c.
 */
#include "config/config_written.h"

#include <string.h>

#include "config/sanity_channel.h"
#include "util/nearest.h"

#define WRONG(line, ...)                                                       \
	(error_set(err, ERROR_INVALID, __VA_ARGS__),                           \
	    error_prefix(err, "%s:%u", config->file, line))

static int make_calendars(struct config_written *w, struct error *err)
{
	struct config *config = &w->config;
	const struct config_written_calendar *from;
	struct config_calendar *to;
	size_t i, k;

	config->calendars = arena_alloc(
	    config->arena, w->n_calendars * sizeof(*config->calendars));
	for (i = 0; i < w->n_calendars; i++) {
		from = &w->calendars[i];
		to = &config->calendars[i];
		for (k = 0; k < i; k++)
			if (strcmp(w->calendars[k].plan.name,
				from->plan.name) == 0)
				return WRONG(from->line,
				    "two calendars are called '%s'",
				    from->plan.name);
		to->name = from->plan.name;
		to->calendar = calendar_new(config->arena, &from->plan, err);
		if (to->calendar == NULL)
			return error_prefix(
			    err, "%s:%u", config->file, from->line);
		config->n_calendars++;
	}
	return 0;
}

/* Whose clock it is: a reviewer's, or a chat's. */
struct clock_of {
	const char *owner, *name; /* "reviewer", "anna" */
	unsigned line;
	const struct calendar *calendar;
};

static int find_calendar(const struct config *config, const char *wanted,
    struct clock_of *of, struct error *err)
{
	struct nearest nearest;
	char near[NEAREST_SIZE];
	size_t i;

	of->calendar = calendar_always();
	if (wanted == NULL)
		return 0;
	nearest_init(&nearest, wanted);
	for (i = 0; i < config->n_calendars; i++) {
		nearest_try(&nearest, config->calendars[i].name);
		if (strcmp(config->calendars[i].name, wanted) == 0) {
			of->calendar = config->calendars[i].calendar;
			return 0;
		}
	}
	return WRONG(of->line,
	    "%s '%s' has the calendar '%.60s', but there is no such "
	    "calendar%s",
	    of->owner, of->name, wanted, nearest_text(&nearest, near));
}

/* "2026-12-24..2027-01-02", or one day; both days are in it. */
static int read_days(const struct calendar *calendar, const char *text,
    struct config_absence *absence)
{
	const char *dots = strstr(text, "..");
	char first[16];
	size_t n = dots == NULL ? strlen(text) : (size_t)(dots - text);
	int64_t end;

	if (n >= sizeof(first))
		return -1;
	memcpy(first, text, n);
	first[n] = '\0';
	if (calendar_day(calendar, first, &absence->from_ms, &absence->to_ms))
		return -1;
	return dots == NULL
		   ? 0
		   : calendar_day(calendar, dots + 2, &end, &absence->to_ms);
}

static int make_absences(const struct config *config,
    const struct config_written_reviewer *from, struct config_reviewer *to,
    struct error *err)
{
	struct config_absence *absences;
	size_t i, n = 0;

	while (from->absent != NULL && from->absent[n] != NULL)
		n++;
	absences = arena_alloc(config->arena, n * sizeof(*absences));
	for (i = 0; i < n; i++)
		if (read_days(to->calendar, from->absent[i], &absences[i]) ||
		    absences[i].from_ms >= absences[i].to_ms)
			return WRONG(from->absent_line,
			    "reviewer '%s' is absent '%.40s', which are no "
			    "days; write absent = [ \"2026-12-24..2027-01-02\" "
			    "];",
			    to->name, from->absent[i]);
	to->absences = absences;
	to->n_absences = n;
	return 0;
}

/* At set times, each of which comes up. */
static int make_times(const struct config *config, const struct clock_of *of,
    unsigned line, struct config_digest *digest, struct error *err)
{
	unsigned *minutes;
	size_t i, k, n = 0;

	if (of->calendar == calendar_always())
		return WRONG(line,
		    "%s '%s' gets digests at set times, but of which clock? "
		    "write calendar = \"...\"; with one of calendars",
		    of->owner, of->name);
	while (digest->at[n] != NULL)
		n++;
	minutes = arena_alloc(config->arena, n * sizeof(*minutes));
	for (i = 0; i < n; i++) {
		if (calendar_minute(digest->at[i], &minutes[i]))
			return WRONG(line,
			    "%s '%s' gets a digest at '%.20s', which is no "
			    "time of day; write at = [ \"09:00\", "
			    "\"13:30\" ];",
			    of->owner, of->name, digest->at[i]);
		for (k = 0; k < i; k++)
			if (minutes[k] == minutes[i])
				return WRONG(line,
				    "%s '%s' gets a digest at %s twice; leave "
				    "one out",
				    of->owner, of->name, digest->at[i]);
		if (calendar_next(of->calendar, 0, &minutes[i], 1) == 0)
			return WRONG(line,
			    "%s '%s' gets a digest at %s, which is never "
			    "within the business hours of its calendar; choose "
			    "a time within them",
			    of->owner, of->name, digest->at[i]);
	}
	digest->minutes = minutes;
	digest->n_minutes = n;
	return 0;
}

static int make_digest(const struct config *config, const struct clock_of *of,
    const struct config_written_digest *from, struct config_digest *to,
    struct error *err)
{
	*to = from->digest;
	if (to->at == NULL)
		return 0;
	if (to->every_s != 0)
		return WRONG(from->at_line,
		    "%s '%s' gets digests both \"every\" so often and \"at\" "
		    "set times; keep one of them",
		    of->owner, of->name);
	return make_times(config, of, from->at_line, to, err);
}

static int make_reviewer(const struct config *config,
    const struct config_written_reviewer *from, struct config_reviewer *to,
    struct error *err)
{
	struct clock_of of = {
	    "reviewer", from->reviewer.name, from->reviewer.line, NULL};

	*to = from->reviewer;
	to->limits = from->limit.amounts;
	to->n_limits = from->limit.n;
	if (find_calendar(config, from->calendar, &of, err))
		return -1;
	to->calendar = of.calendar;
	return make_absences(config, from, to, err) ||
		       make_digest(config, &of, &from->digest, &to->digest, err)
		   ? -1
		   : 0;
}

static int make_reviewers(struct config_written *w, struct error *err)
{
	struct config *config = &w->config;
	size_t i;

	config->reviewers = arena_alloc(
	    config->arena, w->n_reviewers * sizeof(*config->reviewers));
	config->n_reviewers = w->n_reviewers;
	for (i = 0; i < w->n_reviewers; i++)
		if (make_reviewer(
			config, &w->reviewers[i], &config->reviewers[i], err))
			return -1;
	return 0;
}

static int make_chat(const struct config *config,
    const struct config_written_chat *from, struct config_chat *to,
    struct error *err)
{
	struct clock_of of = {"chat", from->chat.name, from->chat.line, NULL};
	struct config_digest *digest =
	    arena_alloc(config->arena, sizeof(*digest));

	*to = from->chat;
	if (find_calendar(config, from->calendar, &of, err) ||
	    make_digest(config, &of, &from->digest, digest, err))
		return -1;
	to->calendar = of.calendar;
	to->digest =
	    digest->every_s != 0 || digest->n_minutes != 0 ? digest : NULL;
	return 0;
}

static int make_chats(struct config_written *w, struct error *err)
{
	struct config *config = &w->config;
	size_t i;

	config->chats =
	    arena_alloc(config->arena, w->n_chats * sizeof(*config->chats));
	config->n_chats = w->n_chats;
	for (i = 0; i < w->n_chats; i++)
		if (make_chat(config, &w->chats[i], &config->chats[i], err))
			return -1;
	return 0;
}

int config_make_people(struct config_written *w, struct error *err)
{
	struct config *config = &w->config;
	size_t i;

	if (make_calendars(w, err) || make_reviewers(w, err) ||
	    make_chats(w, err))
		return -1;
	config->groups =
	    arena_alloc(config->arena, w->n_groups * sizeof(*config->groups));
	config->n_groups = w->n_groups;
	for (i = 0; i < w->n_groups; i++) {
		config->groups[i] = w->groups[i].group;
		config->groups[i].by_turns = w->groups[i].share == 1;
	}
	return 0;
}

int config_make_rules(
    struct config_written *w, uint32_t *marks, struct error *err)
{
	struct config *config = &w->config;
	const struct condition_maker maker = {
	    config, config->file, marks, false};
	const struct rule_written *written = w->rules;

	config->rules =
	    arena_alloc(config->arena, w->n_rules * sizeof(*config->rules));
	if (rule_make_all(&maker, written, w->n_rules, config->rules, err))
		return -1;
	config->n_rules = w->n_rules;
	rule_rates(config->arena, config->rules, config->n_rules,
	    &config->rates, &config->n_rates);
	return sanity_channel_rules(config, NULL, written, w->n_rules, err);
}
