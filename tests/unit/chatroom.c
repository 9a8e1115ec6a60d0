/*
 * chatroom: see chatroom.h.  Answers come later, as those of the real ones do.
 */
#include "chatroom.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

struct chatroom chatroom;

void chatroom_init(struct event_base *base)
{
	memset(&chatroom, 0, sizeof(chatroom));
	chatroom.chat.base = base;
	chatroom.chat.config = &chatroom.config;
	chatroom.chat.whole = &chatroom.whole;
	chatroom.chat.refs = 1;
	chatroom.config.name = "room";
	chatroom.config.deadline_ms = 10000;
	chatroom.config.poll_s = 30;
	chatroom.config.retry_most_s = 1;
}

void chatroom_release(void)
{
	assert_int_equal(chatroom.chat.refs, 1);
	while (chatroom.n_words > 0)
		free(chatroom.words[--chatroom.n_words]);
	free(chatroom.mark);
	chatroom.mark = NULL;
}

/* ---- the room ----------------------------------------------------------- */

struct chat *chat_ref(struct chat *chat)
{
	chat->refs++;
	return chat;
}

void chat_unref(struct chat *chat)
{
	assert_true(chat->refs > 1);
	chat->refs--;
}

void chat_is(struct chat *chat, enum chat_state state, const char *why)
{
	assert_true(strlen(why) < sizeof(chat->why));
	if (chat->state != state || strcmp(chat->why, why) != 0)
		chatroom.n_states++;
	chat->state = state;
	snprintf(chat->why, sizeof(chat->why), "%s", why);
}

const struct config_reviewer *chat_person(
    const struct chat *chat, const char *person)
{
	static struct config_reviewer somebody;
	size_t i;

	(void)chat;
	for (i = 0; chatroom.people[i] != NULL; i++)
		if (strcmp(chatroom.people[i], person) == 0)
			return &somebody;
	return NULL;
}

const char *chat_id(
    const struct chat *chat, const struct config_reviewer *reviewer)
{
	(void)chat;
	return reviewer->matrix;
}

static void word_done(evutil_socket_t fd, short what, void *context)
{
	struct chat_word *word = context;

	(void)fd;
	(void)what;
	word->done(word);
}

static void later(void (*call)(evutil_socket_t, short, void *), void *context)
{
	const struct timeval now = {0, 0};

	event_base_once(
	    chatroom.chat.base, -1, EV_TIMEOUT, call, context, &now);
}

void chat_hear(struct chat *chat, struct chat_word *word)
{
	assert_ptr_equal(chat, &chatroom.chat);
	if (chatroom.lose > 0) {
		chatroom.lose--;
		word->lost = true;
		later(word_done, word);
		return;
	}
	assert_true(chatroom.n_words < CHATROOM_WORDS);
	chatroom.words[chatroom.n_words++] = mem_printf("%s %s %s %s %s%s",
	    word->person, word->remote, word->root == NULL ? "-" : word->root,
	    word->once, word->verb != NULL ? word->verb : word->words,
	    word->changed ? " (changed)" : "");
	word->ok = true;
	word->silent = chatroom.silent;
	if (!word->silent)
		word->told = mem_strdup("Done.");
	if (chatroom.keep) {
		chatroom.keep = false;
		chatroom.kept = word;
		return;
	}
	later(word_done, word);
}

void chatroom_let_go(void)
{
	struct chat_word *word = chatroom.kept;

	chatroom.kept = NULL;
	word->done(word);
}

/* ---- the ledger --------------------------------------------------------- */

static void mark_done(evutil_socket_t fd, short what, void *context)
{
	struct hold_mark *mark = context;

	(void)fd;
	(void)what;
	if (chatroom.mark_fails) {
		error_set(&mark->call.error, ERROR_BUSY, "no room");
	} else if (mark->set != NULL) {
		free(chatroom.mark);
		chatroom.mark = mem_strdup(mark->set);
		chatroom.n_marks++;
	} else {
		mark->arena = arena_new();
		mark->mark = arena_strdup(mark->arena, chatroom.mark);
	}
	mark->call.done(&mark->call);
}

void hold_mark(struct hold *hold, struct hold_mark *mark)
{
	(void)hold;
	later(mark_done, mark);
}
