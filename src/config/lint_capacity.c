/*
 * lint_capacity: arrivals times the share that is reviewed times minutes,
 * against the business hours of those who review.
 */
#include "config/lint.h"

#include <stdlib.h>
#include <string.h>

#include "config/people.h"
#include "util/mem.h"

#define STEP_MS (INT64_C(15) * 60 * 1000)
#define DAYS	28
#define DAY_MS	(INT64_C(24) * 60 * 60 * 1000)

/* Minutes of business a day, over four weeks; those away do not work. */
static unsigned minutes_a_day(const struct channel *channel,
    const struct config_reviewer *reviewer, int64_t now_ms)
{
	const struct calendar *calendar =
	    reviewer->calendar != NULL	? reviewer->calendar
	    : channel->calendar != NULL ? channel->calendar
					: calendar_always();
	int64_t at;
	uint64_t open = 0;

	for (at = now_ms; at < now_ms + DAYS * DAY_MS; at += STEP_MS)
		if (calendar_open(calendar, at) && !people_absent(reviewer, at))
			open += STEP_MS / 60000;
	return (unsigned)(open / DAYS);
}

static void add_person(
    const struct config *config, bool *crowd, const char *name)
{
	const struct config_reviewer *r = config_reviewer(config, name);

	if (r != NULL)
		crowd[r - config->reviewers] = true;
}

static unsigned crowd_minutes(const struct config *config,
    const struct channel *channel, int64_t now_ms, unsigned *people)
{
	bool *crowd = mem_zalloc(config->n_reviewers + 1);
	const struct config_group *group;
	const char *const *name, *const *member;
	unsigned minutes = 0;
	size_t i;

	for (name = channel->reviewers; name != NULL && *name != NULL; name++) {
		add_person(config, crowd, *name);
		group = config_group(config, *name);
		member = group == NULL ? NULL : group->members;
		for (; member != NULL && *member != NULL; member++)
			add_person(config, crowd, *member);
	}
	*people = 0;
	for (i = 0; i < config->n_reviewers; i++)
		if (crowd[i]) {
			++*people;
			minutes += minutes_a_day(
			    channel, &config->reviewers[i], now_ms);
		}
	free(crowd);
	return minutes;
}

/* What is reviewed at least, in ten-thousandths: what is sampled of all. */
static int64_t least_share(const struct channel *channel)
{
	int64_t share = AMOUNT_ONE;
	size_t i;
	bool any = false;

	if (channel->mode == CHANNEL_REVIEW || channel->mode == CHANNEL_AFTER ||
	    (channel->mode == CHANNEL_CONFIDENCE && !channel->calibrated))
		return AMOUNT_ONE;
	for (i = 0; i < channel->n_samples; i++)
		if (!channel->samples[i].has_severity) {
			any = true;
			if (channel->samples[i].share.value < share)
				share = channel->samples[i].share.value;
		}
	return any ? share : 0;
}

static bool one_channel(const struct config *config,
    const struct channel *channel, const struct lint_load *load,
    struct buf *out)
{
	unsigned people, persons = channel->persons > 1 ? channel->persons : 1;
	unsigned hours = crowd_minutes(config, channel, load->now_ms, &people);
	uint64_t most = (uint64_t)load->per_day * load->minutes * persons;
	uint64_t least = most * (uint64_t)least_share(channel) / AMOUNT_ONE;

	buf_addf(out, "channel '%s': %u mails a day x %u min", channel->name,
	    load->per_day, load->minutes);
	if (persons > 1)
		buf_addf(out, " x %u persons", persons);
	if (least == most)
		buf_addf(out, " = %llu min of review a day;",
		    (unsigned long long)most);
	else
		buf_addf(out,
		    ", of which it reviews from %lld %% to all = %llu to %llu "
		    "min a day;",
		    (long long)(least_share(channel) * 100 / AMOUNT_ONE),
		    (unsigned long long)least, (unsigned long long)most);
	buf_addf(out, " its %u reviewer%s have %u min of business hours: %s\n",
	    people, people == 1 ? "" : "s", hours,
	    least > hours  ? "TOO MUCH"
	    : most > hours ? "enough only if most of it passes"
	    : most * 10 > hours * UINT64_C(8) ? "enough, but barely"
					      : "enough");
	return least <= hours;
}

bool lint_capacity(
    const struct config *config, const struct lint_load *load, struct buf *out)
{
	bool fits = true;
	size_t i;

	for (i = 0; i < config->n_channels; i++)
		if (!one_channel(config, &config->channels[i], load, out))
			fits = false;
	return fits;
}
