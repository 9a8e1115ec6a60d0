/*
 * hookshot: the kind "hookshot" of a chat: the webhook of a bridge, to which
 * messages are posted.  It tells neither their names nor whether they arrived,
 * so nothing is rewritten and nothing stands in threads.
 */
#include "chat/matrix/hookshot.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "checkup.h"

#include "util/clock.h"
#include "util/fetch.h"
#include "util/mem.h"

#define ANSWER_MOST ((size_t)64 * 1024)
#define CLOCK_MS    60000 /* that clocks may differ */

static const char *const headers[] = {
    "Content-Type: application/json", "User-Agent: imprimatur", NULL};

struct hookshot {
	struct chat *chat;
	struct event *timer; /* of a hook that was not there */
	LIST_HEAD(, post) posts;
};

/* One message under way. */
struct post {
	LIST_ENTRY(post) link;
	struct hookshot *hookshot; /* NULL: it has stopped */
	struct chat *chat;	   /* kept: the request has its strings */
	struct chat_send *send;	   /* or else of the doctor: */
	struct checkup_item *item;
	char *body; /* a copy: it may outlive the send */
	struct fetch_ask ask;
};

/* ---- what an answer means -------------------------------------------------
 */

enum taken { TAKEN, LATER, NEVER, NO_HOOK };

static enum taken judge(const struct fetch_ask *ask, struct error *err)
{
	if (ask->error.kind != ERROR_NONE) {
		*err = ask->error;
		return LATER;
	}
	if (ask->status >= 200 && ask->status < 300)
		return TAKEN;
	error_set(err, ERROR_BUSY, "the bridge answered %ld", ask->status);
	switch (ask->status) {
	case 400:
	case 413:
	case 422:
		return NEVER;
	case 408:
	case 425:
	case 429:
		return LATER;
	default:
		return ask->status >= 500 ? LATER : NO_HOOK;
	}
}

/* It is tried again by itself: somebody may have mended it. */
static void no_hook(struct hookshot *hookshot, long status)
{
	const struct timeval tv = {
	    (time_t)hookshot->chat->config->retry_most_s, 0};
	char why[200];

	snprintf(why, sizeof(why),
	    "the bridge answered %ld to hook_file's URL: there is no such "
	    "webhook (any more); say \"!hookshot webhook NAME\" in the room "
	    "and write the new URL into that file",
	    status);
	event_add(hookshot->timer, &tv);
	chat_is(hookshot->chat, CHAT_BROKEN, why);
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
	struct hookshot *hookshot = context;

	(void)fd;
	(void)what;
	chat_is(hookshot->chat, CHAT_UP, NULL);
}

/* ---- posting --------------------------------------------------------------
 */

static void post_free(struct post *post)
{
	if (post->hookshot != NULL)
		LIST_REMOVE(post, link);
	buf_release(&post->ask.answer);
	chat_unref(post->chat);
	free(post->body);
	free(post);
}

static void end_send(struct post *post)
{
	struct hookshot *hookshot = post->hookshot;
	struct chat_send *send = post->send;
	long status = post->ask.status;
	enum taken verdict = judge(&post->ask, &send->error);

	send->retry_ms = post->ask.retry_ms;
	send->remote_made[0] = '\0'; /* the bridge does not say */
	send->sent = verdict == TAKEN	? CHAT_SENT
		     : verdict == NEVER ? CHAT_NEVER
					: CHAT_LATER;
	post_free(post);
	if (verdict == TAKEN)
		chat_is(hookshot->chat, CHAT_UP, NULL);
	else if (verdict == NO_HOOK)
		no_hook(hookshot, status);
	send->done(send);
}

/* Of the doctor: the message, and what the bridge's clock says. */
static void end_probe(struct post *post)
{
	int64_t off = clock_now_ms() - post->ask.date_ms;
	struct error err = ERROR_INIT;

	if (post->ask.date_ms != 0 && (off > CLOCK_MS || off < -CLOCK_MS))
		checkup_note(post->item->checkup, post->chat->of,
		    "its clock agrees with ours", CHECKUP_DOUBT,
		    "they differ by more than a minute",
		    "let both set their clocks by NTP");
	if (judge(&post->ask, &err) == TAKEN)
		checkup_end(post->item, CHECKUP_GOOD,
		    "the bridge took a message; look whether it is in the room",
		    NULL);
	else
		checkup_end(post->item, CHECKUP_BAD, err.text,
		    "see that the bridge runs and that hook_file has the URL "
		    "which \"!hookshot webhook NAME\" gave");
	post_free(post);
}

static void on_posted(struct fetch_ask *ask)
{
	struct post *post = ask->context;

	if (post->item != NULL)
		end_probe(post);
	else if (post->send != NULL)
		end_send(post);
	else
		post_free(post);
}

static struct post *post_new(struct chat *chat, const char *content)
{
	struct post *post = mem_zalloc(sizeof(*post));

	post->hookshot = chat->own;
	post->chat = chat_ref(chat);
	post->body = mem_strdup(content);
	LIST_INSERT_HEAD(&post->hookshot->posts, post, link);
	post->ask = (struct fetch_ask){
	    .url = chat->config->hook,
	    .headers = headers,
	    .body = {post->body, strlen(post->body)},
	    .deadline_ms = chat->config->deadline_ms,
	    .answer_max = ANSWER_MOST,
	    .ca_file = chat->config->ca_file,
	    .once = true,
	    .done = on_posted,
	    .context = post,
	};
	return post;
}

/* A whisper is said aloud: the room must do, and it is not much. */
static void hookshot_send(struct chat *chat, struct chat_send *send)
{
	struct post *post = post_new(chat, send->content);

	post->send = send;
	fetch_ask(chat->fetch, &post->ask);
}

/* ---- life ------------------------------------------------------------------
 */

static void hookshot_start(struct chat *chat)
{
	struct hookshot *hookshot = mem_zalloc(sizeof(*hookshot));

	hookshot->chat = chat;
	hookshot->timer = evtimer_new(chat->base, on_timer, hookshot);
	LIST_INIT(&hookshot->posts);
	chat->own = hookshot;
	/* only a message can tell whether it is there */
	chat_is(chat, CHAT_UP, NULL);
}

static void hookshot_stop(struct chat *chat)
{
	struct hookshot *hookshot = chat->own;
	struct chat_send *send;
	struct post *post;

	while ((post = LIST_FIRST(&hookshot->posts)) != NULL) {
		send = post->send;
		LIST_REMOVE(post, link);
		post->hookshot = NULL;
		post->send = NULL;
		fetch_cancel(&post->ask);
		if (send == NULL)
			continue;
		send->sent = CHAT_LATER;
		send->retry_ms = 0;
		error_set(&send->error, ERROR_BUSY, "the chat was stopped");
		send->done(send);
	}
	event_free(hookshot->timer);
	free(hookshot);
	chat->own = NULL;
}

static void hookshot_examine(struct chat *chat, struct checkup *checkup)
{
	struct post *post;

	if (!checkup_probes(checkup)) {
		checkup_note(checkup, chat->of, "the bridge takes messages",
		    CHECKUP_SKIPPED, "only a message to the room can tell",
		    NULL);
		return;
	}
	post = post_new(chat,
	    "{\"text\":\"A test by \\\"imprimatur doctor\\\": nothing is to "
	    "be done.\",\"html\":\"A test by <code>imprimatur doctor</code>: "
	    "nothing is to be done.\"}");
	post->item =
	    checkup_begin(checkup, chat->of, "the bridge takes messages");
	fetch_ask(chat->fetch, &post->ask);
}

const struct chat_kind hookshot_kind = {
    .card = hookshot_card,
    .digest = hookshot_card_digest,
    .text = hookshot_card_text,
    .start = hookshot_start,
    .stop = hookshot_stop,
    .send = hookshot_send,
    .examine = hookshot_examine,
    .hears = true,
    .rewrites = false,
};
