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

#include "review/text.h"

#include "util/mem.h"

#define EVENT_TYPE "imprimatur"
#define LOOK_BACK  100 /* messages of a page */
#define PAGES_MOST 10

struct errand {
	struct slack_call call;
	struct chat *chat;
	struct chat_send *send;
	char cursor[512]; /* of the next page; "": the first */
	unsigned pages;
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

static bool is(const json_t *object, const char *key, const char *value)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s != NULL && *s != '\0' && strcmp(s, value) == 0;
}

/* The ts of our message with that name, or NULL.  Another app can give its own
 * the same name, and then people would answer what that shows. */
static const char *find(
    const struct slack *slack, const json_t *answer, const char *once)
{
	const json_t *message, *metadata;
	size_t i;

	json_array_foreach(json_object_get(answer, "messages"), i, message)
	{
		if (!is(message, "user", slack->user) &&
		    !is(message, "bot_id", slack->bot))
			continue;
		metadata = json_object_get(message, "metadata");
		if (is(metadata, "event_type", EVENT_TYPE) &&
		    is(json_object_get(metadata, "event_payload"), "once",
			once))
			return json_string_value(
			    json_object_get(message, "ts"));
	}
	return NULL;
}

static void look(struct errand *errand);

/* There is more of it to look through: "" at the end. */
static void keep_cursor(struct errand *errand, const json_t *answer)
{
	const char *cursor = json_string_value(json_object_get(
	    json_object_get(answer, "response_metadata"), "next_cursor"));

	if (cursor == NULL || strlen(cursor) >= sizeof(errand->cursor))
		cursor = "";
	snprintf(errand->cursor, sizeof(errand->cursor), "%s", cursor);
}

/* It could not be looked for.  True: the errand is over. */
static bool look_failed(struct errand *errand)
{
	const struct slack_call *call = &errand->call;
	bool may_not = strcmp(call->code, "missing_scope") == 0;

	if (call->sent == CHAT_SENT || call->sent == CHAT_NEVER || may_not)
		return false;
	if (!errand->chat->stopped)
		tell(errand->chat, call);
	finish(errand, call->sent);
	return true;
}

static void on_looked(struct slack_call *call)
{
	struct errand *errand = call->context;
	struct slack *slack = errand->chat->own;
	const char *ts;

	if (look_failed(errand))
		return;
	if (call->broken)
		slack->no_history = true;
	ts = find(slack, call->answer, errand->send->once);
	if (is_ts(ts)) {
		snprintf(errand->send->remote_made,
		    sizeof(errand->send->remote_made), "%s", ts);
		finish(errand, CHAT_SENT);
		return;
	}
	keep_cursor(errand, call->answer);
	if (errand->cursor[0] != '\0' && ++errand->pages < PAGES_MOST)
		look(errand);
	else
		post(errand);
}

/* The newest of the channel, or the thread from its root on. */
static void look(struct errand *errand)
{
	const char *root = errand->send->root;
	struct buf form;

	buf_init(&form, 4096);
	buf_addf(&form, "channel=%s&limit=%d&include_all_metadata=1",
	    errand->chat->config->channel, LOOK_BACK);
	if (root != NULL)
		buf_addf(&form, "&ts=%s", root);
	if (errand->cursor[0] != '\0') {
		buf_add_str(&form, "&cursor=");
		text_add_uri(&form, text_span(errand->cursor));
	}
	errand->call = (struct slack_call){
	    .method = root == NULL ? "conversations.history"
				   : "conversations.replies",
	    .form = form.data,
	    .done = on_looked,
	    .context = errand,
	};
	slack_call(errand->chat, &errand->call);
	buf_release(&form);
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
