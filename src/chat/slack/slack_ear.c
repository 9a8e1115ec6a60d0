/*
 * slack_ear: how a chat of Slack's begins and ends to hear, and whether it
 * does.
 */
#include "chat/slack/slack_ear.h"

#include <stdio.h>
#include <stdlib.h>

#include "chat/slack/slack_sign.h"

#include "checkup.h"

#include "util/clock.h"
#include "util/mem.h"

void slack_ear_start(struct slack *slack)
{
	struct slack_ear *ear = mem_zalloc(sizeof(*ear));

	ear->seen = slack_seen_new();
	slack->ear = ear;
	if (slack->chat->config->app_token != NULL)
		ear->socket = slack_socket_new(slack);
}

void slack_ear_stop(struct slack *slack)
{
	struct slack_ear *ear = slack->ear;

	if (ear == NULL)
		return;
	slack_act_stop(ear);
	slack_socket_free(ear->socket);
	slack_seen_free(ear->seen);
	slack->ear = NULL;
	free(ear);
}

/* ---- for the doctor -------------------------------------------------------
 */

static void examine_socket(struct slack *slack, struct checkup *checkup)
{
	bool up = slack->ear_state == CHAT_UP;

	checkup_note(checkup, slack->chat->of,
	    "its answers reach us over Socket Mode",
	    up ? CHECKUP_GOOD : CHECKUP_BAD,
	    up ? "the socket is open" : slack->ear_why,
	    up ? NULL
	       : "see that Socket Mode is on in the app's settings, that "
		 "app_token_file has a token of the level of the app "
		 "(xapp-...) with the scope connections:write, and that this "
		 "machine may open connections to port 443 of Slack's hosts");
}

static void examine_http(struct slack *slack, struct checkup *checkup)
{
	const struct slack_ear *ear = slack->ear;
	const char *of = slack->chat->of;
	const char *what = "its requests reach us";
	char span[CLOCK_ISO_SIZE], found[256], advice[512];

	if (ear->heard_ms > 0) {
		snprintf(found, sizeof(found), "the last one came %s ago",
		    clock_span(clock_now_ms() - ear->heard_ms, span));
		checkup_note(checkup, of, what, CHECKUP_GOOD, found, NULL);
		return;
	}
	if (ear->refused_ms > 0) {
		snprintf(found, sizeof(found), "one was refused %s ago: %s",
		    clock_span(clock_now_ms() - ear->refused_ms, span),
		    ear->refused);
		checkup_note(checkup, of, what, CHECKUP_BAD, found,
		    "see that secret_file has the Signing Secret of this app "
		    "(Basic Information), that this machine's clock is right, "
		    "and that a web server in between changes nothing");
	} else {
		snprintf(advice, sizeof(advice),
		    "set the Request URL of both Interactivity and Event "
		    "Subscriptions in the app's settings to https://<this "
		    "machine>/slack/%s; then write a word in the channel and "
		    "ask the doctor once more",
		    slack->chat->config->name);
		/* one that was posted should have come */
		checkup_note(checkup, of, what,
		    checkup_probes(checkup) ? CHECKUP_BAD : CHECKUP_DOUBT,
		    "none has come since the daemon began", advice);
	}
}

void slack_ear_examine(struct slack *slack, struct checkup *checkup)
{
	if (slack->ear == NULL)
		checkup_note(checkup, slack->chat->of, "its answers reach us",
		    CHECKUP_SKIPPED, "it is not connected yet", NULL);
	else if (slack->ear->socket != NULL)
		examine_socket(slack, checkup);
	else
		examine_http(slack, checkup);
}
