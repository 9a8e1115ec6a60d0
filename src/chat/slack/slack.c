/*
 * slack: the kind "slack" of a chat: an app that is in one channel.  Here it
 * connects: whose token it is and whether the app is in its channel; and tries
 * again, also when somebody must mend something first.
 */
#include "chat/slack/slack.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/digest.h"
#include "util/mem.h"

#define BROKEN_AGAIN_S 60 /* somebody may have mended it */

struct visit {
	struct slack_call call;
	struct chat *chat;
};

/* ---- how it is --------------------------------------------------------------
 */

/* As posting is, or as hearing is if that is worse. */
static void show(struct slack *slack)
{
	bool ear = slack->ear_state > slack->state;

	chat_is(slack->chat, ear ? slack->ear_state : slack->state,
	    ear ? slack->ear_why : slack->why);
}

void slack_hears(struct chat *chat, enum chat_state state, const char *why)
{
	struct slack *slack = chat->own;

	slack->ear_state = state;
	snprintf(slack->ear_why, sizeof(slack->ear_why), "%s",
	    why == NULL ? "" : why);
	show(slack);
}

static void again(struct slack *slack, bool broken)
{
	int64_t most = (int64_t)slack->chat->config->retry_most_s * 1000;
	int64_t ms = broken ? BROKEN_AGAIN_S * 1000 : 1000;
	unsigned i, dice;
	struct timeval tv;

	for (i = 0; !broken && i < slack->failures && ms < most; i++)
		ms *= 2;
	if (ms > most)
		ms = most;
	digest_random(&dice, sizeof(dice));
	ms += dice % 250 * ms / 1000; /* so that not all come at once */
	tv = (struct timeval){ms / 1000, ms % 1000 * 1000};
	event_add(slack->timer, &tv);
	slack->failures++;
}

void slack_fails(struct slack *slack, bool broken, const char *why)
{
	slack->state = broken ? CHAT_BROKEN : CHAT_TROUBLED;
	snprintf(slack->why, sizeof(slack->why), "%s", why);
	if (!event_pending(slack->timer, EV_TIMEOUT, NULL))
		again(slack, broken);
	show(slack);
}

void slack_fine(struct slack *slack)
{
	if (slack->state == CHAT_BROKEN)
		return; /* that is looked at anew */
	slack->state = CHAT_UP;
	slack->failures = 0;
	slack->why[0] = '\0';
	show(slack);
}

/* ---- connecting ---------------------------------------------------------- */

/* An identifier of Slack's; false: it is none. */
static bool copy_id(char out[SLACK_ID_SIZE], const json_t *from)
{
	const char *id = json_string_value(from);

	out[0] = '\0';
	if (id == NULL || *id == '\0' || strlen(id) >= SLACK_ID_SIZE ||
	    strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != strlen(id))
		return false;
	snprintf(out, SLACK_ID_SIZE, "%s", id);
	return true;
}

static void connected(struct slack *slack)
{
	slack->state = CHAT_UP;
	slack->failures = 0;
	slack->why[0] = '\0';
	if (!slack->ready) {
		slack->ready = true;
		slack_ear_start(slack);
	}
	show(slack);
}

/* why: of the visit, perhaps; NULL: it is connected. */
static void end_visit(struct visit *visit, bool broken, const char *why)
{
	struct slack *slack = visit->chat->own;

	if (why == NULL)
		connected(slack);
	else
		slack_fails(slack, broken, why);
	free(visit);
}

/* Without the scope to look we learn it when we post. */
static void on_channel(struct slack_call *call)
{
	struct visit *visit = call->context;
	const json_t *channel = json_object_get(call->answer, "channel");

	if (visit->chat->stopped) {
		free(visit);
		return;
	}
	if (call->sent != CHAT_SENT && strcmp(call->code, "missing_scope") != 0)
		end_visit(visit, call->sent != CHAT_LATER || call->broken,
		    call->error.text);
	else if (json_is_true(json_object_get(channel, "is_archived")))
		end_visit(visit, true,
		    "its channel is archived: give another one, or bring it "
		    "back");
	else if (json_is_false(json_object_get(channel, "is_member")))
		end_visit(visit, true,
		    "the app is not in its channel: write /invite and its name "
		    "there");
	else
		end_visit(visit, false, NULL);
}

static void on_whoami(struct slack_call *call)
{
	struct visit *visit = call->context;
	struct slack *slack = visit->chat->own;
	char *form;

	if (visit->chat->stopped) {
		free(visit);
		return;
	}
	if (call->sent != CHAT_SENT) {
		end_visit(visit, call->sent != CHAT_LATER || call->broken,
		    call->error.text);
		return;
	}
	if (!copy_id(slack->team, json_object_get(call->answer, "team_id")) ||
	    !copy_id(slack->user, json_object_get(call->answer, "user_id"))) {
		end_visit(visit, false, "Slack did not say whose its token is");
		return;
	}
	copy_id(slack->bot, json_object_get(call->answer, "bot_id"));
	form = mem_printf("channel=%s", visit->chat->config->channel);
	visit->call = (struct slack_call){
	    .method = "conversations.info",
	    .form = form,
	    .done = on_channel,
	    .context = visit,
	};
	slack_call(visit->chat, &visit->call);
	free(form);
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
	struct slack *slack = context;
	struct visit *visit = mem_zalloc(sizeof(*visit));

	(void)fd;
	(void)what;
	visit->chat = slack->chat;
	visit->call = (struct slack_call){
	    .method = "auth.test", .done = on_whoami, .context = visit};
	slack_call(slack->chat, &visit->call);
}

/* ---- life -------------------------------------------------------------------
 */

static void start(struct chat *chat)
{
	struct slack *slack = mem_zalloc(sizeof(*slack));

	slack->chat = chat;
	slack->ear_state = CHAT_UP;
	slack->timer = evtimer_new(chat->base, on_timer, slack);
	chat->own = slack;
	event_active(slack->timer, EV_TIMEOUT, 0);
}

/* The room has set chat->stopped: what is given back starts nothing anew. */
static void stop(struct chat *chat)
{
	struct slack *slack = chat->own;

	slack_ear_stop(slack);
	event_del(slack->timer);
	slack_call_stop(slack);
	slack_echo_stop(slack);
	event_free(slack->timer);
	slack_past_free(slack->past);
	chat->own = NULL;
	free(slack);
}

const struct chat_kind slack_kind = {
    .card = slack_card,
    .digest = slack_digest,
    .text = slack_plain,
    .start = start,
    .stop = stop,
    .send = slack_send,
    .examine = slack_examine,
    .hears = true,
    .rewrites = true,
};
