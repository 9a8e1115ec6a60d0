/*
 * slack_echo: the doctor's message, which Slack must tell us of as it tells us
 * of what people write.  Posting it is left to slack_examine.c.
 */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/slack/slack_ear.h"
#include "checkup.h"

#include "util/clock.h"
#include "util/mem.h"

#define BACK_MOST_S 10 /* until it must have come back */
#define N_SEEN	    8  /* what came before we knew which one is ours */
#define TS_SIZE	    32

struct slack_echo {
	struct slack_echo *next;
	struct slack *slack;
	struct checkup *checkup;
	struct checkup_item *item;
	struct event *timer;
	int64_t began_ms;
	char ts[TS_SIZE]; /* "": not posted yet */
	char seen[N_SEEN][TS_SIZE];
	unsigned n_seen;
};

/* Requests that come to us are looked at when one should have come. */
static void end(struct slack_echo *echo, enum checkup_state state,
    const char *found, const char *advice)
{
	struct slack *slack = echo->slack;
	struct slack_echo **at = &slack->echoes;

	while (*at != echo)
		at = &(*at)->next;
	*at = echo->next;
	if (slack->chat->config->app_token == NULL && !slack->chat->stopped)
		slack_ear_examine(slack, echo->checkup);
	checkup_end(echo->item, state, found, advice);
	event_free(echo->timer);
	free(echo);
}

/* Whether anything of Slack's reaches us, is told elsewhere. */
static bool is_deaf(const struct slack *slack)
{
	if (slack->chat->config->app_token != NULL)
		return slack->ear_state != CHAT_UP;
	return slack->ear == NULL || slack->ear->heard_ms == 0;
}

static void on_late(evutil_socket_t fd, short what, void *context)
{
	struct slack_echo *echo = context;

	(void)fd;
	(void)what;
	if (is_deaf(echo->slack))
		end(echo, CHECKUP_SKIPPED, "nothing of Slack's reaches us",
		    NULL);
	else
		end(echo, CHECKUP_BAD,
		    "a message was posted, and Slack did not tell us of it",
		    "see that Event Subscriptions at "
		    "https://api.slack.com/apps has the bot events "
		    "message.groups (a private channel) and message.channels "
		    "(a public one), and install the app once more: until "
		    "then words in threads are not heard");
}

static void look_back(struct slack_echo *echo)
{
	char found[80];
	size_t i;

	for (i = 0; echo->ts[0] != '\0' && i < N_SEEN; i++) {
		if (strcmp(echo->seen[i], echo->ts) != 0)
			continue;
		snprintf(found, sizeof(found),
		    "a message came back after %lld ms",
		    (long long)(clock_mono_ms() - echo->began_ms));
		end(echo, CHECKUP_GOOD, found, NULL);
		return;
	}
}

struct slack_echo *slack_echo_begin(
    struct slack *slack, struct checkup *checkup)
{
	struct slack_echo *echo = mem_zalloc(sizeof(*echo));

	echo->slack = slack;
	echo->checkup = checkup;
	echo->item = checkup_begin(checkup, slack->chat->of,
	    "what is written in the channel reaches us");
	echo->timer = evtimer_new(slack->chat->base, on_late, echo);
	echo->began_ms = clock_mono_ms();
	echo->next = slack->echoes;
	slack->echoes = echo;
	return echo;
}

void slack_echo_posted(struct slack_echo *echo, const char *ts)
{
	const struct timeval most = {BACK_MOST_S, 0};

	snprintf(echo->ts, sizeof(echo->ts), "%s", ts);
	event_add(echo->timer, &most);
	if (echo->slack->chat->config->app_token != NULL &&
	    is_deaf(echo->slack)) /* not waited for */
		event_active(echo->timer, EV_TIMEOUT, 0);
	look_back(echo);
}

void slack_echo_failed(struct slack_echo *echo)
{
	end(echo, CHECKUP_SKIPPED, "nothing could be posted", NULL);
}

void slack_echo_saw(struct slack *slack, const json_t *payload)
{
	const json_t *event = json_object_get(payload, "event");
	const char *ts = json_string_value(json_object_get(event, "ts"));
	const char *user = json_string_value(json_object_get(event, "user"));
	struct slack_echo *echo, *next;

	if (ts == NULL || user == NULL || strcmp(user, slack->user) != 0 ||
	    strlen(ts) >= TS_SIZE)
		return;
	for (echo = slack->echoes; echo != NULL; echo = next) {
		next = echo->next;
		snprintf(
		    echo->seen[echo->n_seen++ % N_SEEN], TS_SIZE, "%s", ts);
		look_back(echo);
	}
}

void slack_echo_stop(struct slack *slack)
{
	while (slack->echoes != NULL)
		end(slack->echoes, CHECKUP_SKIPPED,
		    "the configuration was loaded anew meanwhile", NULL);
}
