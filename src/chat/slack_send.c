/*
 * slack_send: one message on its way to Slack: posted, put in another's place,
 * or whispered.  When it is tried again it is, and stays, to be looked for in
 * the channel first: Slack has no way to take a message once by itself, so
 * each carries its name in its metadata.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/slack.h"

#include "util/mem.h"

#define EVENT_TYPE "imprimatur"
#define LOOK_BACK  50 /* messages */

struct errand {
	struct slack_call call;
	struct chat *chat;
	struct chat_send *send;
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

static bool is_ts(const char *s)
{
	return s != NULL && *s != '\0' && strlen(s) < 64 &&
	       strspn(s, "0123456789.") == strlen(s);
}

static void on_posted(struct slack_call *call)
{
	struct errand *errand = call->context;
	struct chat_send *send = errand->send;
	const char *ts = json_string_value(json_object_get(call->answer, "ts"));

	if (!errand->chat->stopped)
		tell(errand->chat, call);
	if (call->sent == CHAT_SENT && send->what == CHAT_POST) {
		if (!is_ts(ts)) {
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
		    json_pack("{s:s, s:{s:s}}", "event_type", EVENT_TYPE,
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

/* The ts of the message with that name, or NULL. */
static const char *find(const json_t *answer, const char *once)
{
	const json_t *message, *metadata;
	const char *name;
	size_t i;

	json_array_foreach(json_object_get(answer, "messages"), i, message)
	{
		metadata = json_object_get(message, "metadata");
		name =
		    json_string_value(json_object_get(metadata, "event_type"));
		if (name == NULL || strcmp(name, EVENT_TYPE) != 0)
			continue;
		name = json_string_value(json_object_get(
		    json_object_get(metadata, "event_payload"), "once"));
		if (name != NULL && strcmp(name, once) == 0)
			return json_string_value(
			    json_object_get(message, "ts"));
	}
	return NULL;
}

static void on_looked(struct slack_call *call)
{
	struct errand *errand = call->context;
	struct slack *slack = errand->chat->own;
	const char *ts;

	if (call->sent == CHAT_LATER && !call->broken) {
		if (!errand->chat->stopped)
			tell(errand->chat, call);
		finish(errand, CHAT_LATER);
		return;
	}
	if (call->sent == CHAT_GONE ||
	    (call->broken && strcmp(call->code, "missing_scope") != 0)) {
		if (call->broken && !errand->chat->stopped)
			tell(errand->chat, call);
		finish(errand, call->sent);
		return;
	}
	if (call->broken)
		slack->no_history = true;
	ts = find(call->answer, errand->send->once);
	if (!is_ts(ts)) {
		post(errand);
		return;
	}
	snprintf(errand->send->remote_made, sizeof(errand->send->remote_made),
	    "%s", ts);
	finish(errand, CHAT_SENT);
}

static void look(struct errand *errand)
{
	const char *channel = errand->chat->config->channel;
	const char *root = errand->send->root;
	char *form = mem_printf("channel=%s&limit=%d&include_all_metadata=1"
				"%s%s",
	    channel, LOOK_BACK,
	    root == NULL ? "" : "&ts=", root == NULL ? "" : root);

	errand->call = (struct slack_call){
	    .method = root == NULL ? "conversations.history"
				   : "conversations.replies",
	    .form = form,
	    .done = on_looked,
	    .context = errand,
	};
	slack_call(errand->chat, &errand->call);
	free(form);
}

void slack_send(struct chat *chat, struct chat_send *send)
{
	struct slack *slack = chat->own;
	struct errand *errand = mem_zalloc(sizeof(*errand));

	errand->chat = chat;
	errand->send = send;
	send->remote_made[0] = '\0';
	send->retry_ms = 0;
	send->error = (struct error)ERROR_INIT;
	if (send->what == CHAT_POST && send->again && !slack->no_history)
		look(errand);
	else
		post(errand);
}
