/*
 * slack_past: messages of ours that stand in the channel, by the names that
 * they carry in their metadata: Slack has no way to take a message once by
 * itself.  What is done with them is slack_send.c's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/slack/slack.h"

#include "review/text.h"

#include "util/mem.h"

#define LOOK_BACK  100 /* messages of a page */
#define PAGES_MOST 10

bool slack_is_ts(const char *s)
{
	return s != NULL && *s != '\0' && strlen(s) < SLACK_TS_SIZE &&
	       strspn(s, "0123456789.") == strlen(s);
}

/* ---- pages ----------------------------------------------------------------
 */

static void look(struct slack_pages *pages);

static bool is(const json_t *object, const char *key, const char *value)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s != NULL && *s != '\0' && strcmp(s, value) == 0;
}

/* The name of a message of ours, or NULL.  Another app can give its own the
 * same name, and then people would answer what that shows. */
static const char *name_of(const struct slack *slack, const json_t *message)
{
	const json_t *metadata = json_object_get(message, "metadata");

	if ((!is(message, "user", slack->user) &&
		!is(message, "bot_id", slack->bot)) ||
	    !is(metadata, "event_type", SLACK_EVENT_TYPE))
		return NULL;
	return json_string_value(json_object_get(
	    json_object_get(metadata, "event_payload"), "once"));
}

/* False: that is enough. */
static bool hand_on(struct slack_pages *pages, const json_t *answer)
{
	const json_t *message;
	const char *name, *ts;
	size_t i;

	json_array_foreach(json_object_get(answer, "messages"), i, message)
	{
		name = name_of(pages->chat->own, message);
		ts = json_string_value(json_object_get(message, "ts"));
		if (name != NULL && slack_is_ts(ts) &&
		    !pages->found(pages, ts, name))
			return false;
	}
	return true;
}

/* There is more of it to look through: "" at the end. */
static void keep_cursor(struct slack_pages *pages, const json_t *answer)
{
	const char *cursor = json_string_value(json_object_get(
	    json_object_get(answer, "response_metadata"), "next_cursor"));

	if (cursor == NULL || strlen(cursor) >= sizeof(pages->cursor))
		cursor = "";
	snprintf(pages->cursor, sizeof(pages->cursor), "%s", cursor);
}

/* Without the scope there is nothing to see, and nothing to wait for. */
static void on_looked(struct slack_call *call)
{
	struct slack_pages *pages = call->context;
	struct slack *slack = pages->chat->own;
	bool may_not = strcmp(call->code, "missing_scope") == 0;

	pages->sent = call->sent;
	if (call->sent == CHAT_NEVER || may_not)
		pages->sent = CHAT_SENT;
	if (pages->sent == CHAT_SENT && call->broken)
		slack->no_history = true;
	if (pages->sent == CHAT_SENT && hand_on(pages, call->answer)) {
		keep_cursor(pages, call->answer);
		if (pages->cursor[0] != '\0' && ++pages->n < PAGES_MOST) {
			look(pages);
			return;
		}
	}
	pages->done(pages);
}

/* The newest of the channel, or the thread from its root on. */
static void look(struct slack_pages *pages)
{
	struct buf form;

	buf_init(&form, 4096);
	buf_addf(&form, "channel=%s&limit=%d&include_all_metadata=1",
	    pages->chat->config->channel, LOOK_BACK);
	if (pages->root != NULL)
		buf_addf(&form, "&ts=%s", pages->root);
	if (pages->cursor[0] != '\0') {
		buf_add_str(&form, "&cursor=");
		text_add_uri(&form, text_span(pages->cursor));
	}
	pages->call = (struct slack_call){
	    .method = pages->root == NULL ? "conversations.history"
					  : "conversations.replies",
	    .form = form.data,
	    .done = on_looked,
	    .context = pages,
	};
	slack_call(pages->chat, &pages->call);
	buf_release(&form);
}

void slack_pages_read(struct slack_pages *pages)
{
	pages->cursor[0] = '\0';
	pages->n = 0;
	look(pages);
}

/* ---- an earlier life ------------------------------------------------------
 */

#define HEADS_MOST 8 /* digests whose threads are read, too */

struct slack_past {
	struct slack_pages pages;
	json_t *names; /* once: [ts, root], or [ts] */
	bool read;
	size_t n_heads, next;
	char heads[HEADS_MOST][SLACK_TS_SIZE];
	void (*done)(struct slack_pages *pages, void *context);
	void *context;
};

static bool keep(struct slack_pages *pages, const char *ts, const char *once)
{
	struct slack_past *past = pages->context;

	if (pages->root == NULL && strstr(once, "-h") != NULL &&
	    past->n_heads < HEADS_MOST)
		snprintf(past->heads[past->n_heads++], SLACK_TS_SIZE, "%s", ts);
	if (pages->root == NULL || strcmp(ts, pages->root) != 0)
		json_object_set_new(past->names, once,
		    pages->root == NULL ? json_pack("[s]", ts)
					: json_pack("[s, s]", ts, pages->root));
	return true;
}

static void on_page(struct slack_pages *pages)
{
	struct slack_past *past = pages->context;

	/* a digest may be gone meanwhile; what else fails, fails */
	if (pages->sent == CHAT_SENT ||
	    (pages->sent == CHAT_GONE && pages->root != NULL)) {
		pages->sent = CHAT_SENT;
		if (past->next < past->n_heads) {
			pages->root = past->heads[past->next++];
			slack_pages_read(pages);
			return;
		}
		past->read = true;
	}
	past->done(pages, past->context);
}

bool slack_past_read(struct chat *chat,
    void (*done)(struct slack_pages *pages, void *context), void *context)
{
	struct slack *slack = chat->own;
	struct slack_past *past = slack->past;

	if (past == NULL)
		past = slack->past = mem_zalloc(sizeof(*past));
	if (past->read)
		return true;
	json_decref(past->names);
	past->names = json_object();
	past->n_heads = past->next = 0;
	past->done = done;
	past->context = context;
	past->pages = (struct slack_pages){
	    .chat = chat, .found = keep, .done = on_page, .context = past};
	slack_pages_read(&past->pages);
	return false;
}

bool slack_past_find(const struct slack *slack, const char *once,
    const char **ts, const char **root)
{
	const json_t *found = slack->past == NULL
				  ? NULL
				  : json_object_get(slack->past->names, once);

	*ts = json_string_value(json_array_get(found, 0));
	*root = json_string_value(json_array_get(found, 1));
	return *ts != NULL;
}

void slack_past_free(struct slack_past *past)
{
	if (past == NULL)
		return;
	json_decref(past->names);
	free(past);
}
