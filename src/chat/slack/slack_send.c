/*
 * slack_send: one message on its way to Slack: posted, put in another's place,
 * or whispered.  What may be there already, because an answer was lost or a
 * life of ours ended too early, is looked for first, by slack_past.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/slack/slack.h"

#include "util/mem.h"

struct errand {
	struct slack_call call;
	struct chat *chat;
	struct chat_send *send;
	struct slack_pages pages;
};

static void finish(struct errand *errand, enum chat_sent sent)
{
	struct chat_send *send = errand->send;

	send->sent = sent;
	send->retry_ms = errand->call.retry_ms;
	send->error = errand->call.error;
	free(errand);
	send->done(send);
}

/* What a call that failed says of the chat. */
static void tell(struct chat *chat, const struct slack_call *call)
{
	struct slack *slack = chat->own;

	if (call->sent == CHAT_SENT)
		slack_fine(slack);
	else if (call->broken)
		slack_fails(slack, true, call->error.text);
	else if (call->sent == CHAT_LATER && call->retry_ms == 0 &&
		 strcmp(call->code, "ratelimited") != 0)
		slack_fails(slack, false, call->error.text);
}

static void on_posted(struct slack_call *call)
{
	struct errand *errand = call->context;
	struct chat_send *send = errand->send;
	const char *ts = json_string_value(json_object_get(call->answer, "ts"));

	if (!errand->chat->stopped)
		tell(errand->chat, call);
	if (call->sent == CHAT_SENT && send->what == CHAT_POST) {
		if (!slack_is_ts(ts)) {
			error_set(&call->error, ERROR_BUSY,
			    "Slack did not say what it calls the message");
			finish(errand, CHAT_LATER);
			return;
		}
		snprintf(
		    send->remote_made, sizeof(send->remote_made), "%s", ts);
	}
	finish(errand, call->sent);
}

/* The arguments of the call; NULL: the content is damaged. */
static char *arguments(const struct chat *chat, const struct chat_send *send)
{
	json_t *args = json_loads(send->content, 0, NULL);
	const char *slash;
	char *text;

	if (!json_is_object(args)) {
		json_decref(args);
		return NULL;
	}
	json_object_set_new(
	    args, "channel", json_string(chat->config->channel));
	json_object_set_new(args, "link_names", json_false());
	json_object_set_new(args, "parse", json_string("none"));
	if (send->what == CHAT_REPLACE)
		json_object_set_new(args, "ts", json_string(send->remote));
	else if (send->root != NULL)
		json_object_set_new(args, "thread_ts", json_string(send->root));
	if (send->what == CHAT_WHISPER) {
		slash = strchr(send->person, '/');
		json_object_set_new(args, "user",
		    json_string(slash == NULL ? send->person : slash + 1));
	}
	if (send->what == CHAT_POST) {
		json_object_set_new(args, "unfurl_links", json_false());
		json_object_set_new(args, "unfurl_media", json_false());
		json_object_set_new(args, "metadata",
		    json_pack("{s:s, s:{s:s}}", "event_type", SLACK_EVENT_TYPE,
			"event_payload", "once", send->once));
	}
	text = json_dumps(args, JSON_COMPACT);
	json_decref(args);
	return text;
}

static void post(struct errand *errand)
{
	static const char *const methods[] = {
	    [CHAT_POST] = "chat.postMessage",
	    [CHAT_REPLACE] = "chat.update",
	    [CHAT_WHISPER] = "chat.postEphemeral",
	};
	char *text = arguments(errand->chat, errand->send);

	errand->call = (struct slack_call){
	    .method = methods[errand->send->what],
	    .json = text,
	    .done = on_posted,
	    .context = errand,
	};
	/* our own JSON; but a call that cannot be made must end as one */
	slack_call(errand->chat, &errand->call);
	free(text);
}

/* ---- looking for it --------------------------------------------------------
 */

/* It stands there: in that thread, or in none. */
static void take(struct errand *errand, const char *ts, const char *root)
{
	struct chat_send *send = errand->send;

	snprintf(send->remote_made, sizeof(send->remote_made), "%s", ts);
	snprintf(send->root_made, sizeof(send->root_made), "%s",
	    root == NULL ? "" : root);
	send->was_there = true;
}

static bool is_it(struct slack_pages *pages, const char *ts, const char *once)
{
	struct errand *errand = pages->context;

	if (strcmp(once, errand->send->once) != 0)
		return true;
	take(errand, ts, pages->root);
	return false;
}

/* True: it could not be looked for, and the errand is over. */
static bool look_failed(struct errand *errand, const struct slack_pages *pages)
{
	if (pages->sent == CHAT_SENT)
		return false;
	if (!errand->chat->stopped)
		tell(errand->chat, &pages->call);
	errand->call.retry_ms = pages->call.retry_ms;
	errand->call.error = pages->call.error;
	finish(errand, pages->sent);
	return true;
}

static void on_looked(struct slack_pages *pages)
{
	struct errand *errand = pages->context;

	if (look_failed(errand, pages))
		return;
	if (errand->send->was_there)
		finish(errand, CHAT_SENT);
	else
		post(errand);
}

/* Is it where it was to be posted a moment ago? */
static void look(struct errand *errand)
{
	const struct slack *slack = errand->chat->own;

	if (!errand->send->again || slack->no_history) {
		post(errand);
		return;
	}
	errand->pages = (struct slack_pages){
	    .chat = errand->chat,
	    .root = errand->send->root,
	    .found = is_it,
	    .done = on_looked,
	    .context = errand,
	};
	slack_pages_read(&errand->pages);
}

/* Did an earlier life post it, wherever that was? */
static void look_back(struct errand *errand)
{
	const char *ts, *root;

	if (slack_past_find(
		errand->chat->own, errand->send->once, &ts, &root)) {
		take(errand, ts, root);
		finish(errand, CHAT_SENT);
	} else if (errand->send->what == CHAT_FIND) {
		finish(errand, CHAT_GONE);
	} else {
		look(errand);
	}
}

static void on_past(struct slack_pages *pages, void *context)
{
	struct errand *errand = context;

	if (!look_failed(errand, pages))
		look_back(errand);
}

void slack_send(struct chat *chat, struct chat_send *send)
{
	const struct slack *slack = chat->own;
	struct errand *errand = mem_zalloc(sizeof(*errand));

	errand->chat = chat;
	errand->send = send;
	send->remote_made[0] = send->root_made[0] = '\0';
	send->was_there = false;
	send->retry_ms = 0;
	send->error = (struct error)ERROR_INIT;
	if (send->what != CHAT_POST && send->what != CHAT_FIND)
		post(errand);
	else if (!send->early)
		look(errand);
	else if (slack->no_history || slack_past_read(chat, on_past, errand))
		look_back(errand);
}
