/*
 * config_make: what the configuration's text becomes where the tables cannot
 * say it: calendars, days of absence, rules.  Whether it fits together is left
 * to sanity*.c.
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

static int find_calendar(const struct config *config,
    const struct config_written_reviewer *from, struct config_reviewer *to,
    struct error *err)
{
	struct nearest nearest;
	char near[NEAREST_SIZE];
	size_t i;

	to->calendar = calendar_always();
	if (from->calendar == NULL)
		return 0;
	nearest_init(&nearest, from->calendar);
	for (i = 0; i < config->n_calendars; i++) {
		nearest_try(&nearest, config->calendars[i].name);
		if (strcmp(config->calendars[i].name, from->calendar) == 0) {
			to->calendar = config->calendars[i].calendar;
			return 0;
		}
	}
	return WRONG(to->line,
	    "reviewer '%s' has the calendar '%.60s', but there is no such "
	    "calendar%s",
	    to->name, from->calendar, nearest_text(&nearest, near));
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
static int make_times(const struct config *config,
    const struct config_written_digest *from, struct config_reviewer *to,
    struct error *err)
{
	struct config_digest *digest = &to->digest;
	unsigned *minutes;
	size_t i, k, n = 0;

	if (to->calendar == calendar_always())
		return WRONG(from->at_line,
		    "reviewer '%s' gets digests at set times, but of which "
		    "clock? write calendar = \"...\"; with one of calendars",
		    to->name);
	while (digest->at[n] != NULL)
		n++;
	minutes = arena_alloc(config->arena, n * sizeof(*minutes));
	for (i = 0; i < n; i++) {
		if (calendar_minute(digest->at[i], &minutes[i]))
			return WRONG(from->at_line,
			    "reviewer '%s' gets a digest at '%.20s', which is "
			    "no time of day; write at = [ \"09:00\", "
			    "\"13:30\" ];",
			    to->name, digest->at[i]);
		for (k = 0; k < i; k++)
			if (minutes[k] == minutes[i])
				return WRONG(from->at_line,
				    "reviewer '%s' gets a digest at %s twice; "
				    "leave one out",
				    to->name, digest->at[i]);
		if (calendar_next(to->calendar, 0, &minutes[i], 1) == 0)
			return WRONG(from->at_line,
			    "reviewer '%s' gets a digest at %s, which is never "
			    "within the business hours of that reviewer's "
			    "calendar; choose a time within them",
			    to->name, digest->at[i]);
	}
	digest->minutes = minutes;
	digest->n_minutes = n;
	return 0;
}

static int make_digest(const struct config *config,
    const struct config_written_digest *from, struct config_reviewer *to,
    struct error *err)
{
	to->digest = from->digest;
	if (to->digest.at == NULL)
		return 0;
	if (to->digest.every_s != 0)
		return WRONG(from->at_line,
		    "reviewer '%s' gets digests both \"every\" so often and "
		    "\"at\" set times; keep one of them",
		    to->name);
	return make_times(config, from, to, err);
}

static int make_reviewers(struct config_written *w, struct error *err)
{
	struct config *config = &w->config;
	struct config_reviewer *to;
	size_t i;

	config->reviewers = arena_alloc(
	    config->arena, w->n_reviewers * sizeof(*config->reviewers));
	config->n_reviewers = w->n_reviewers;
	for (i = 0; i < w->n_reviewers; i++) {
		to = &config->reviewers[i];
		*to = w->reviewers[i].reviewer;
		to->limits = w->reviewers[i].limit.amounts;
		to->n_limits = w->reviewers[i].limit.n;
		if (find_calendar(config, &w->reviewers[i], to, err) ||
		    make_absences(config, &w->reviewers[i], to, err) ||
		    make_digest(config, &w->reviewers[i].digest, to, err))
			return -1;
	}
	return 0;
}

int config_make_people(struct config_written *w, struct error *err)
{
	struct config *config = &w->config;
	size_t i;

	if (make_calendars(w, err) || make_reviewers(w, err))
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
