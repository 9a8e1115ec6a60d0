/*
 * queue: the messages on their way to a chat: one at a time, the urgent ones
 * first, no more in a minute than the chat takes, and again after a while when
 * it is in trouble.  How one is sent is the kind's.
 */
#include "chat/room.h"

#include "util/clock.h"
#include "util/digest.h"
#include "util/log.h"
#include "util/mem.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MINUTE_MS    60000
#define RETRY_MS     1000    /* after the first failure */
#define LONGEST_MS   3600000 /* that we believe a chat's Retry-After */
#define BURST_SHARE  10	     /* of a minute's messages, at once */
#define TURN_TRIES   5	     /* then others go first */
#define TROUBLE_FROM 2	     /* failures in a row */

struct list {
	struct chat_message *first, **end;
};

struct chat_queue {
	struct chat *chat;
	struct list lists[CHAT_RANKS];
	struct chat_message *current;
	struct event *timer;
	int64_t wait_ms; /* until then: it is in trouble; monotonic */
	int64_t paid_ms; /* how far this minute's messages are used up */
	unsigned failures;
	bool troubled; /* we said so */
};

/* ---- when --------------------------------------------------------------- */

static void wake_in(struct chat_queue *queue, int64_t ms)
{
	const struct timeval tv = {ms / 1000, ms % 1000 * 1000};

	event_add(queue->timer, &tv);
}

/* Milliseconds until the minute has room; 0: now. */
static int64_t pace(const struct chat_queue *queue, int64_t now_ms)
{
	unsigned per_minute = queue->chat->config->per_minute;
	int64_t burst = per_minute / BURST_SHARE;
	int64_t left = queue->paid_ms - now_ms -
		       (burst > 1 ? burst - 1 : 0) * MINUTE_MS / per_minute;

	return left > 0 ? left : 0;
}

static void pay(struct chat_queue *queue, int64_t now_ms)
{
	if (queue->paid_ms < now_ms)
		queue->paid_ms = now_ms;
	queue->paid_ms += MINUTE_MS / queue->chat->config->per_minute;
}

/* Twice as long each time, and no two of us at once. */
static int64_t back_off(const struct chat_queue *queue)
{
	int64_t most = (int64_t)queue->chat->config->retry_most_s * 1000;
	int64_t ms = RETRY_MS;
	uint32_t chance;
	unsigned i;

	for (i = 1; i < queue->failures && ms < most; i++)
		ms *= 2;
	if (ms > most)
		ms = most;
	digest_random(&chance, sizeof(chance));
	return ms / 2 + (int64_t)(chance % (uint32_t)(ms / 2 + 1));
}

/* ---- the lists ---------------------------------------------------------- */

static void add_last(struct chat_queue *queue, struct chat_message *message)
{
	struct list *list = &queue->lists[message->rank];

	message->next = NULL;
	*list->end = message;
	list->end = &message->next;
}

static void add_first(struct chat_queue *queue, struct chat_message *message)
{
	struct list *list = &queue->lists[message->rank];

	message->next = list->first;
	if (list->first == NULL)
		list->end = &message->next;
	list->first = message;
}

static struct chat_message *take(struct chat_queue *queue)
{
	struct chat_message *message = NULL;
	size_t i;

	for (i = 0; i < CHAT_RANKS && message == NULL; i++) {
		struct list *list = &queue->lists[i];

		message = list->first;
		if (message == NULL)
			continue;
		list->first = message->next;
		if (list->first == NULL)
			list->end = &list->first;
	}
	return message;
}

/* ---- one message -------------------------------------------------------- */

static void went_well(struct chat_queue *queue)
{
	struct chat *chat = queue->chat;

	queue->failures = 0;
	queue->wait_ms = 0;
	if (queue->troubled && chat->state == CHAT_TROUBLED)
		chat_is(chat, CHAT_UP, NULL);
	queue->troubled = false;
}

static void went_badly(struct chat_queue *queue, const struct chat_send *send)
{
	struct chat *chat = queue->chat;
	int64_t ms = send->retry_ms;

	queue->failures++;
	if (ms > LONGEST_MS)
		ms = LONGEST_MS;
	queue->wait_ms = clock_mono_ms() + (ms > 0 ? ms : back_off(queue));
	if (queue->failures >= TROUBLE_FROM && chat->state == CHAT_UP &&
	    send->error.text[0] != '\0') {
		queue->troubled = true;
		chat_is(chat, CHAT_TROUBLED, send->error.text);
	}
}

/* It did not get there: once more, now or after others? */
static bool goes_again(struct chat_queue *queue, struct chat_message *message)
{
	if (queue->chat->stopped ||
	    (message->tries_most > 0 && message->tries >= message->tries_most))
		return false;
	message->send.again = true;
	if (message->tries % TURN_TRIES == 0)
		add_last(queue, message);
	else
		add_first(queue, message);
	return true;
}

static void on_sent(struct chat_send *send)
{
	struct chat_message *message = send->context;
	struct chat_queue *queue = message->chat->queue;
	const char *name = message->chat->config->name;

	queue->current = NULL;
	if (send->sent == CHAT_LATER) {
		if (!queue->chat->stopped)
			went_badly(queue, send);
		if (goes_again(queue, message))
			message = NULL;
	} else {
		went_well(queue);
	}
	if (send->sent == CHAT_NEVER)
		log_warning("chat %s refused message=%s reason=\"%s\"", name,
		    send->once, send->error.text);
	if (!queue->chat->stopped)
		wake_in(queue, 0);
	if (message != NULL)
		message->done(message);
}

static void begin(struct chat_queue *queue, struct chat_message *message)
{
	struct chat_send *send = &message->send;

	queue->current = message;
	message->tries++;
	send->done = on_sent;
	send->context = message;
	send->sent = CHAT_LATER;
	send->remote_made[0] = send->root_made[0] = '\0';
	send->was_there = false;
	send->retry_ms = 0;
	send->error = (struct error)ERROR_INIT;
	queue->chat->kind->send(queue->chat, send);
}

static bool has_none(const struct chat_queue *queue)
{
	size_t i;

	for (i = 0; i < CHAT_RANKS; i++)
		if (queue->lists[i].first != NULL)
			return false;
	return true;
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
	struct chat_queue *queue = context;
	int64_t now = clock_mono_ms(), left = queue->wait_ms - now;

	(void)fd;
	(void)what;
	if (queue->current != NULL || has_none(queue) ||
	    !chat_is_open(queue->chat))
		return;
	if (left < pace(queue, now))
		left = pace(queue, now);
	if (left > 0) {
		wake_in(queue, left);
		return;
	}
	pay(queue, now);
	begin(queue, take(queue));
}

/* ---- the door ----------------------------------------------------------- */

struct chat_queue *chat_queue_new(struct chat *chat)
{
	struct chat_queue *queue = mem_zalloc(sizeof(*queue));
	size_t i;

	queue->chat = chat;
	for (i = 0; i < CHAT_RANKS; i++)
		queue->lists[i].end = &queue->lists[i].first;
	queue->timer = evtimer_new(chat->base, on_timer, queue);
	return queue;
}

void chat_queue_free(struct chat_queue *queue)
{
	struct chat_message *message;

	if (queue == NULL)
		return;
	while ((message = take(queue)) != NULL) {
		message->send.sent = CHAT_LATER;
		message->done(message);
	}
	event_free(queue->timer);
	free(queue);
}

bool chat_queue_is_empty(const struct chat_queue *queue)
{
	return queue->current == NULL && has_none(queue);
}

void chat_queue_kick(struct chat_queue *queue)
{
	if (queue != NULL && queue->current == NULL)
		wake_in(queue, 0);
}

void chat_queue_put(struct chat_queue *queue, struct chat_message *message)
{
	message->chat = queue->chat;
	message->tries = 0;
	add_last(queue, message);
	chat_queue_kick(queue);
}
