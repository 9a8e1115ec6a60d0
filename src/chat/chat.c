/*
 * chat: the list of chats, how each of them is, and who its people are.  What
 * is shown is place.c's, what they answer word.c's, how a chat is spoken to
 * its kind's.
 */
#include "chat/chat.h"

#include "chat/room.h"

#include "util/clock.h"
#include "util/digest.h"
#include "util/fetch.h"
#include "util/log.h"
#include "util/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- how it is ---------------------------------------------------------- */

static const char *const states[] = {
    [CHAT_STARTING] = "starting",
    [CHAT_UP] = "up",
    [CHAT_TROUBLED] = "troubled",
    [CHAT_BROKEN] = "broken",
};

bool chat_is_open(const struct chat *chat)
{
	return !chat->stopped &&
	       (chat->state == CHAT_UP || chat->state == CHAT_TROUBLED);
}

static void log_state(const struct chat *chat)
{
	switch (chat->state) {
	case CHAT_BROKEN:
		log_error("chat %s broken reason=\"%s\"", chat->config->name,
		    chat->why);
		break;
	case CHAT_TROUBLED:
		log_warning("chat %s troubled reason=\"%s\"",
		    chat->config->name, chat->why);
		break;
	case CHAT_STARTING:
	case CHAT_UP:
		log_notice(
		    "chat %s %s", chat->config->name, states[chat->state]);
	}
}

/* Review hears of what begins and of what ends, each once. */
static void tell_review(struct chat *chat)
{
	const char *name = chat->config->name;

	if (chat->state == CHAT_UP && !chat->told_up) {
		chat->told_up = true;
		review_medium(chat->review, name, REVIEW_MEDIUM_UP);
	} else if (chat->state == CHAT_BROKEN && chat->told_up) {
		chat->told_up = false;
		review_medium(chat->review, name, REVIEW_MEDIUM_DOWN);
	}
}

void chat_is(struct chat *chat, enum chat_state state, const char *why)
{
	const char *text = why == NULL || state == CHAT_UP ? "" : why;

	if (chat->stopped ||
	    (chat->state == state && strcmp(chat->why, text) == 0))
		return;
	chat->state = state;
	snprintf(chat->why, sizeof(chat->why), "%s", text);
	log_state(chat);
	tell_review(chat);
	chat_queue_kick(chat->queue);
	chat_gather_kick(chat->places);
}

void chat_describe(const struct chats *chats, char *out, size_t size)
{
	const struct chat *chat;
	size_t i, used = 0;

	if (size > 0)
		out[0] = '\0';
	for (i = 0; i < chats->n && used < size; i++) {
		chat = chats->all[i];
		used += (size_t)snprintf(out + used, size - used, "%s%s %s",
		    i == 0 ? "" : ", ", chat->config->name,
		    states[chat->state]);
		if (chat->why[0] != '\0' && used < size)
			used += (size_t)snprintf(
			    out + used, size - used, " (%s)", chat->why);
	}
}

void chat_examine(struct chats *chats, struct checkup *checkup)
{
	size_t i;

	for (i = 0; i < chats->n; i++)
		chats->all[i]->kind->examine(chats->all[i], checkup);
}

/* ---- who its people are ------------------------------------------------- */

const char *chat_id(
    const struct chat *chat, const struct config_reviewer *reviewer)
{
	switch (chat->config->kind) {
	case CONFIG_CHAT_SLACK:
	case CONFIG_CHAT_SLACK_WEBHOOK:
		return reviewer->slack;
	case CONFIG_CHAT_MATRIX:
	case CONFIG_CHAT_HOOKSHOT:
		return reviewer->matrix;
	}
	return NULL;
}

const struct config_reviewer *chat_person(
    const struct chat *chat, const char *person)
{
	const struct config *config = chat->whole;
	const char *id;
	size_t i;

	for (i = 0; person != NULL && i < config->n_reviewers; i++) {
		id = chat_id(chat, &config->reviewers[i]);
		if (id != NULL && strcmp(id, person) == 0)
			return &config->reviewers[i];
	}
	return NULL;
}

static struct chat *find(const struct chats *chats, const char *name)
{
	size_t i;

	for (i = 0; i < chats->n; i++)
		if (strcmp(chats->all[i]->config->name, name) == 0)
			return chats->all[i];
	return NULL;
}

struct chat *chat_named(
    struct chats *chats, const char *name, enum config_chat_kind kind)
{
	struct chat *chat = find(chats, name);

	return chat != NULL && chat->config->kind == kind ? chat : NULL;
}

bool chat_show(struct chats *chats, const struct review_shown *shown)
{
	struct chat *chat = find(chats, shown->medium);

	return chat != NULL && chat_places_show(chat->places, shown);
}

/* ---- life --------------------------------------------------------------- */

static void unref_chats(struct chats *chats)
{
	if (--chats->refs > 0)
		return;
	config_unref(chats->config);
	free(chats->all);
	free(chats);
}

struct chat *chat_ref(struct chat *chat)
{
	chat->refs++;
	return chat;
}

void chat_unref(struct chat *chat)
{
	if (--chat->refs > 0)
		return;
	unref_chats(chat->chats);
	config_unref(chat->whole);
	free(chat);
}

static void start(struct chats *chats, const struct config_chat *config)
{
	struct chat *chat = mem_zalloc(sizeof(*chat));

	chats->refs++;
	chat->refs = 1;
	chat->chats = chats;
	chat->config = config;
	snprintf(chat->of, sizeof(chat->of), "chat %s", config->name);
	chat->whole = config_ref(chats->config);
	chat->kind = chats->kind_of(config->kind);
	chat->base = chats->base;
	chat->hold = chats->hold;
	chat->review = chats->review;
	chat->fetch = chats->fetch;
	chat->queue = chat_queue_new(chat);
	chat->places = chat_places_new(chat);
	chat->ears = chat_ears_new();
	chats->all[chats->n++] = chat;
	chat->kind->start(chat);
}

static void stop(struct chat *chat)
{
	chat->stopped = true;
	chat->kind->stop(chat);
	chat_queue_free(chat->queue);
	chat->queue = NULL;
	chat_places_free(chat->places);
	chat->places = NULL;
	chat_ears_free(chat->ears);
	chat->ears = NULL;
	chat_unref(chat);
}

static void start_all(struct chats *chats, const struct config *config)
{
	size_t i;

	chats->config = config_ref(config);
	chats->all = mem_zalloc((config->n_chats + 1) * sizeof(chats->all[0]));
	for (i = 0; i < config->n_chats; i++)
		start(chats, &config->chats[i]);
}

static void stop_all(struct chats *chats)
{
	while (chats->n > 0)
		stop(chats->all[--chats->n]);
	free(chats->all);
	chats->all = NULL;
}

/* Something of its key that tells nobody the key. */
static void set_tag(struct chats *chats)
{
	static const char what[] = "names of messages in chats";
	unsigned char mac[DIGEST_SIZE];

	digest_hmac(hold_token_key(chats->hold), DIGEST_SIZE, what,
	    sizeof(what) - 1, mac);
	digest_hex(mac, 4, chats->tag);
}

struct chats *chat_new_of(struct event_base *base, const struct config *config,
    struct hold *hold, struct review *review,
    const struct chat_kind *(*kind_of)(enum config_chat_kind kind))
{
	struct chats *chats = mem_zalloc(sizeof(*chats));

	chats->refs = 1;
	chats->base = base;
	chats->hold = hold;
	chats->review = review;
	chats->fetch = fetch_new(base);
	chats->kind_of = kind_of;
	chats->first_notice = hold_notice_id(hold);
	chats->epoch = (uint64_t)clock_now_ms();
	set_tag(chats);
	start_all(chats, config);
	return chats;
}

void chat_renew(struct chats *chats, const struct config *config)
{
	const struct config *old = chats->config;

	stop_all(chats);
	/* what was on its way may have got there */
	chats->first_notice = hold_notice_id(chats->hold);
	start_all(chats, config);
	config_unref(old);
}

void chat_free(struct chats *chats)
{
	if (chats == NULL)
		return;
	stop_all(chats);
	fetch_free(chats->fetch);
	chats->fetch = NULL;
	unref_chats(chats);
}
