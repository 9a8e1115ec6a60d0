/*
 * slack_act: what is done about what Slack told: an answer goes to the room, a
 * button that needs words opens a form.  Slack is answered within a second;
 * what comes later is told in the channel.
 */
#include "chat/slack/slack_ear.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "chat/slack/slack_event.h"

#include "util/log.h"
#include "util/mem.h"

#define ANSWER_S     1
#define ERRANDS_MOST 256
#define ERROR_MOST   300 /* bytes below an input */

struct slack_errand {
	struct chat *chat;
	struct slack_take *take; /* NULL: Slack was answered */
	/* of the chat that it came to, which need not be that one; there until
	 * it is answered */
	struct slack_ear *ear;
	struct event *timer;
	struct arena *arena;
	struct slack_event event;
	struct chat_word word;
	struct chat_look look;
	struct slack_call call;
	struct chat_send send;
	struct slack_errand *next, **at; /* while it is not answered */
};

/* ---- answering Slack ------------------------------------------------------
 */

static void answer(struct slack_errand *e, bool lost, const char *with)
{
	struct slack_take *take = e->take;

	if (take == NULL)
		return;
	event_del(e->timer);
	e->take = NULL;
	*e->at = e->next;
	if (e->next != NULL)
		e->next->at = e->at;
	e->ear->n_errands--;
	take->lost = lost;
	take->answer = with;
	take->done(take);
}

/* What comes of it now is the room's to tell. */
static void on_timer(evutil_socket_t fd, short what, void *context)
{
	struct slack_errand *e = context;

	(void)fd;
	(void)what;
	e->word.shows = false;
	answer(e, false, NULL);
}

/* Nothing of it is under way any more. */
static void end(struct slack_errand *e)
{
	struct chat *chat = e->chat;

	answer(e, false, NULL);
	event_free(e->timer);
	arena_free(e->arena);
	free(e);
	chat_unref(chat);
}

static void on_whispered(struct chat_send *send)
{
	struct slack_errand *e = send->context;

	if (send->sent != CHAT_SENT)
		log_info("chat %s whisper-failed reason=\"%s\"",
		    e->chat->config->name, send->error.text);
	end(e);
}

/* Tell who did it, and nobody else. */
static void whisper(struct slack_errand *e, const char *text)
{
	if (e->chat->stopped) {
		end(e);
		return;
	}
	e->send = (struct chat_send){
	    .what = CHAT_WHISPER,
	    .root = e->event.remote,
	    .person = e->event.person,
	    .once = "hint",
	    .content = slack_plain(e->chat, e->arena, text, NULL),
	    .done = on_whispered,
	    .context = e,
	};
	slack_send(e->chat, &e->send);
}

/* ---- answers --------------------------------------------------------------
 */

/* The form stays open and says what is wrong, below an input. */
static const char *form_error(
    struct slack_errand *e, const char *block, const char *text)
{
	size_t len = strlen(text);
	const char *made;
	json_t *json;
	char *dumped;

	if (len > ERROR_MOST)
		for (len = ERROR_MOST;
		     len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80;)
			len--;
	json = json_pack("{s:s, s:{s:s%}}", "response_action", "errors",
	    "errors", block, text, len);
	dumped = json_dumps(json, JSON_COMPACT);
	made = arena_strdup(e->arena, dumped);
	free(dumped);
	json_decref(json);
	return made;
}

static void on_heard(struct chat_word *word)
{
	struct slack_errand *e = word->context;
	const char *with = NULL;

	if (word->shows && !word->ok && word->told != NULL)
		with = form_error(e, e->event.filled.block, word->told);
	free(word->told);
	/* a form that is still open keeps what was written there */
	answer(e, word->lost && with == NULL, with);
	end(e);
}

static void hear(struct slack_errand *e)
{
	const struct slack_event *event = &e->event;

	e->word = (struct chat_word){
	    .person = event->person,
	    .remote = event->remote,
	    .once = event->once,
	    .words = event->words,
	    .done = on_heard,
	    .context = e,
	};
	if (event->kind != SLACK_EVENT_REPLY) {
		e->word.draft = event->press.draft;
		e->word.number = event->press.number;
		e->word.verb = event->press.verb;
		e->word.code = event->press.code;
	}
	if (event->kind == SLACK_EVENT_FORM) {
		e->word.verb = event->filled.verb;
		e->word.code = event->filled.code;
		e->word.text = event->filled.text;
		e->word.category = event->filled.category;
		e->word.subject = event->filled.subject;
		e->word.shows = true;
	}
	chat_hear(e->chat, &e->word);
}

/* ---- forms ----------------------------------------------------------------
 */

static void on_opened(struct slack_call *call)
{
	struct slack_errand *e = call->context;

	if (call->sent == CHAT_SENT || e->chat->stopped) {
		end(e);
		return;
	}
	log_notice("chat %s form-failed draft=%lld reason=\"%s\"",
	    e->chat->config->name, (long long)e->event.press.draft,
	    call->error.text);
	whisper(e,
	    "The form could not be opened in time. Press the button again, or "
	    "write your answer in this thread: \"help\" says how.");
}

static void open_view(struct slack_errand *e, const char *view)
{
	json_t *json = json_pack("{s:s, s:o*}", "trigger_id", e->event.trigger,
	    "view", slack_event_form(view, e->chat->config->channel));
	char *text = json_dumps(json, JSON_COMPACT);

	e->call = (struct slack_call){
	    .method = "views.open",
	    .json = text,
	    .done = on_opened,
	    .context = e,
	};
	slack_call(e->chat, &e->call);
	free(text);
	json_decref(json);
}

static void on_looked(struct chat_look *look)
{
	struct slack_errand *e = look->context;
	const struct slack_form form = {
	    .press = &e->event.press,
	    .remote = e->event.remote,
	    .view = &look->view,
	    .config = e->chat->whole,
	    .reviewer = chat_person(e->chat, look->person),
	    .reasons = look->reasons,
	    .needs_reason = look->needs_reason,
	};
	const char *view;

	answer(e, false, NULL);
	if (look->viewed) {
		view = slack_form_open(e->arena, &form);
		hold_view_release(&look->view);
	} else {
		view = slack_form_note(e->arena, "Not possible", look->why);
		free(look->why);
	}
	if (e->chat->stopped)
		end(e);
	else
		open_view(e, view);
}

/* ---- replies that were changed --------------------------------------------
 */

static void on_changed(struct chat_look *look)
{
	struct slack_errand *e = look->context;

	answer(e, false, NULL);
	if (look->viewed) {
		hold_view_release(&look->view);
		whisper(e,
		    "You changed a reply. A changed reply decides nothing: if "
		    "it is to be an answer, write a new one.");
		return;
	}
	free(look->why);
	end(e);
}

static void look_at(
    struct slack_errand *e, void (*done)(struct chat_look *look))
{
	e->look = (struct chat_look){
	    .person = e->event.person,
	    .remote = e->event.remote,
	    .draft = e->event.press.draft,
	    .number = e->event.press.number,
	    .done = done,
	    .context = e,
	};
	chat_look(e->chat, &e->look);
}

/* ---- whose it is ----------------------------------------------------------
 */

static void read_for(struct slack_errand *e, const json_t *payload)
{
	const struct slack *slack = e->chat->own;
	const struct slack_event_ours ours = {
	    .team = slack->team,
	    .channel = e->chat->config->channel,
	    .user = slack->user,
	};

	slack_event_read(e->arena, &ours, payload, &e->event);
}

static bool same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* An app has one address and one socket, though it may be in two channels. */
static void look_elsewhere(struct slack_errand *e, const json_t *payload)
{
	const struct config *whole = e->chat->whole;
	const struct config_chat *own = e->chat->config, *other;
	struct chat *chat;
	struct slack *slack;
	size_t i;

	for (i = 0; i < whole->n_chats && e->event.elsewhere; i++) {
		other = &whole->chats[i];
		if (other == own || other->kind != CONFIG_CHAT_SLACK ||
		    (!same(other->secret, own->secret) &&
			!same(other->app_token, own->app_token)))
			continue;
		chat =
		    chat_named(e->chat->chats, other->name, CONFIG_CHAT_SLACK);
		slack = chat == NULL || chat->stopped ? NULL : chat->own;
		if (slack == NULL || slack->ear == NULL)
			continue;
		chat_unref(e->chat);
		e->chat = chat_ref(chat);
		read_for(e, payload);
	}
}

static void enter(struct slack_errand *e)
{
	const struct timeval most = {.tv_sec = ANSWER_S};
	struct slack_ear *ear = e->ear;

	e->at = &ear->errands;
	e->next = ear->errands;
	if (e->next != NULL)
		e->next->at = &e->next;
	ear->errands = e;
	ear->n_errands++;
	event_add(e->timer, &most);
}

void slack_act(struct chat *chat, struct slack_take *take)
{
	struct slack_errand *e = mem_zalloc(sizeof(*e));

	e->chat = chat_ref(chat);
	e->arena = arena_new();
	e->take = take;
	e->ear = ((struct slack *)chat->own)->ear;
	e->timer = evtimer_new(chat->base, on_timer, e);
	read_for(e, take->payload);
	if (e->event.elsewhere)
		look_elsewhere(e, take->payload);
	enter(e);
	if (e->ear->n_errands > ERRANDS_MOST) {
		answer(e, true, NULL);
		end(e);
		return;
	}
	switch (e->event.kind) {
	case SLACK_EVENT_OTHER:
		slack_echo_saw(e->chat->own, take->payload);
		log_debug("chat %s ignored what=\"%s\"", e->chat->config->name,
		    e->event.why);
		end(e);
		break;
	case SLACK_EVENT_PRESS:
		if (e->event.press.form)
			look_at(e, on_looked);
		else
			hear(e);
		break;
	case SLACK_EVENT_FORM:
		if (e->event.filled.error == NULL) {
			hear(e);
			break;
		}
		answer(e, false,
		    form_error(
			e, e->event.filled.block, e->event.filled.error));
		end(e);
		break;
	case SLACK_EVENT_REPLY:
		hear(e);
		break;
	case SLACK_EVENT_CHANGED:
		look_at(e, on_changed);
		break;
	}
}

void slack_act_stop(struct slack_ear *ear)
{
	while (ear->errands != NULL)
		answer(ear->errands, true, NULL);
}
