/*
 * gather: which new messages go together.  When many are to be posted at a
 * time, or a schedule kept them for one time, a head is posted first that
 * lists them, and they stand in its thread; later it says what became of each.
 */
#include "chat/room.h"

#include "util/clock.h"
#include "util/log.h"
#include "util/mem.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUIET_MS   200	/* no other came for so long: these are all */
#define LONGEST_MS 2000 /* that one waits for others */

/* ---- whose turn it is --------------------------------------------------- */

/* Those that waited for this head; without one they come alone. */
static void let_go(struct chat_head *head)
{
	struct chat_place *place, *next;

	for (place = head->places->first; place != NULL; place = next) {
		next = place->next;
		if (place->head != head)
			continue;
		place->head = NULL;
		place->waiting = false;
		place->ours = true;
		place->root = mem_strdup(head->remote);
		if (head->remote == NULL)
			place->n = 0;
		chat_post_go(place);
	}
}

static void on_posted(struct chat_message *message)
{
	struct chat_head *head = message->context;
	struct chat_places *places = head->places;
	struct chat_head **at = &places->heads;

	if (chat_head_ended(head))
		return;
	if (message->send.sent == CHAT_SENT &&
	    message->send.remote_made[0] != '\0')
		head->remote = mem_strdup(message->send.remote_made);
	/* what an earlier try left there may list others by these numbers */
	if (message->send.again || message->send.early)
		head->dirty = true;
	/* one of an earlier life may list others */
	head->dirty = head->dirty || message->send.early;
	let_go(head);
	if (head->remote != NULL) {
		chat_head_rewrite(head);
		return;
	}
	log_warning("chat %s digest-failed items=%zu",
	    places->chat->config->name, head->n_items);
	while (*at != head)
		at = &(*at)->next;
	*at = head->next;
	chat_head_free(head);
}

static void add_asked(struct chat_head *head, const struct chat_place *place)
{
	size_t i, k, n = 0;

	while (head->asked != NULL && head->asked[n] != NULL)
		n++;
	for (i = 0; place->asked[i] != NULL; i++) {
		for (k = 0; k < n && head->asked[k] != place->asked[i]; k++)
			;
		if (k < n)
			continue;
		head->asked =
		    mem_grow(head->asked, n + 2, sizeof(*head->asked));
		head->asked[n++] = place->asked[i];
		head->asked[n] = NULL;
	}
}

static void add_item(struct chat_head *head, struct chat_place *place)
{
	place->head = head;
	add_asked(head, place);
	head->items[head->n_items++] = (struct chat_item){
	    .n = place->n,
	    .draft = place->draft,
	    .number = place->number,
	    .kind = place->kind,
	    .subject = mem_strdup(place->subject),
	    .agent = mem_strdup(place->agent),
	    .severity = place->severity,
	};
}

/* Does it go into the digest of its batch? */
static bool goes_along(const struct chat_place *place, unsigned batch, bool all)
{
	return place->waiting && place->head == NULL && place->batch == batch &&
	       (all || place->gathered);
}

static void post_digest(struct chat_places *places, unsigned batch, bool all)
{
	struct chat_head *head = mem_zalloc(sizeof(*head));
	struct chat_place *place;

	head->places = places;
	head->asked = mem_zalloc(sizeof(*head->asked));
	for (place = places->first; place != NULL; place = place->next)
		if (goes_along(place, batch, all) &&
		    head->n_items < CHAT_DIGEST_MOST)
			add_item(head, place);
	head->next = places->heads;
	places->heads = head;
	/* what a crash left without its items is taken up with others */
	snprintf(head->once, sizeof(head->once), "%s-h%" PRId64 "-%u-%d",
	    places->chat->chats->tag, head->items[0].draft,
	    head->items[0].number, (int)head->items[0].kind);
	chat_head_forget(places);
	chat_head_put(head, CHAT_POST, on_posted);
}

static void post_alone(struct chat_places *places, unsigned batch)
{
	struct chat_place *place, *next;

	for (place = places->first; place != NULL; place = next) {
		next = place->next;
		if (!goes_along(place, batch, true))
			continue;
		place->waiting = false;
		place->ours = true;
		place->n = 0;
		chat_post_go(place);
	}
}

/* Those of a batch, now. */
static void post_batch(struct chat_places *places, unsigned batch)
{
	const struct chat *chat = places->chat;
	const struct chat_place *place;
	unsigned n = 0, n_gathered = 0;
	bool all;

	if (batch == places->batch) {
		places->batch++;
		places->in_batch = 0;
	}
	for (place = places->first; place != NULL; place = place->next) {
		n += goes_along(place, batch, true);
		n_gathered += goes_along(place, batch, false);
	}
	all = n > chat->config->gather_above;
	if (chat->kind->rewrites && chat->kind->digest != NULL &&
	    ((all && n > 1) || n_gathered > 1))
		post_digest(places, batch, all);
	post_alone(places, batch);
}

/* Is something new on its way, so that others gather meanwhile?  Else the
 * oldest batch that waits. */
static bool is_free(const struct chat_places *places, unsigned *batch)
{
	const struct chat_place *place;
	bool any = false;

	for (place = places->first; place != NULL; place = place->next) {
		if (place->head != NULL || (place->ours && !place->whole))
			return false;
		if (place->waiting && (!any || place->batch < *batch)) {
			*batch = place->batch;
			any = true;
		}
	}
	return any;
}

static void wait_ms(struct chat_places *places, int64_t ms)
{
	const struct timeval tv = {ms / 1000, ms % 1000 * 1000};

	event_add(places->flush, &tv);
}

static void on_flush(evutil_socket_t fd, short what, void *context)
{
	struct chat_places *places = context;
	unsigned batch = 0;

	(void)fd;
	(void)what;
	if (!chat_is_open(places->chat) || !is_free(places, &batch))
		return; /* somebody kicks */
	places->since_ms = 0;
	post_batch(places, batch);
}

/* ---- the door ----------------------------------------------------------- */

/* Has the open batch others that may still be in it? */
static bool is_begun(
    const struct chat_places *places, const struct chat_place *but)
{
	const struct chat_place *place;

	for (place = places->first; place != NULL; place = place->next)
		if (place != but && place->n > 0 && !place->begun &&
		    place->batch == places->batch)
			return true;
	return false;
}

/* How many stand in one thread at most. */
static unsigned batch_most(const struct chat_places *places)
{
	const struct config_digest *digest = places->chat->config->digest;

	return digest != NULL && digest->items > 0 &&
		       digest->items < CHAT_DIGEST_MOST
		   ? digest->items
		   : CHAT_DIGEST_MOST;
}

void chat_gather_number(struct chat_place *place, bool fresh)
{
	struct chat_places *places = place->chat->places;
	struct chat_head *head;
	const struct chat_item *item = chat_head_item(places, place, &head);

	if (item != NULL) {
		place->n = item->n;
	} else if (fresh) {
		if (!is_begun(places, place))
			places->in_batch = 0;
		if (places->in_batch >= batch_most(places)) {
			places->batch++;
			places->in_batch = 0;
		}
		place->batch = places->batch;
		place->n = ++places->in_batch;
	}
}

bool chat_gather_alone(const struct chat_place *place)
{
	return place->n <= 1 || place->n <= place->chat->config->gather_above;
}

void chat_gather_add(struct chat_place *place)
{
	struct chat_places *places = place->chat->places;
	int64_t now = clock_mono_ms();

	place->waiting = true;
	if (places->since_ms == 0)
		places->since_ms = now;
	if (places->flush == NULL)
		places->flush =
		    evtimer_new(place->chat->base, on_flush, places);
	wait_ms(places, now - places->since_ms > LONGEST_MS ? 0 : QUIET_MS);
}

void chat_gather_kick(struct chat_places *places)
{
	if (places != NULL && places->flush != NULL &&
	    !event_pending(places->flush, EV_TIMEOUT, NULL))
		wait_ms(places, 0);
}

void chat_gather_free(struct chat_places *places)
{
	struct chat_head *head;

	while ((head = places->heads) != NULL) {
		places->heads = head->next;
		chat_head_free(head);
	}
	if (places->flush != NULL)
		event_free(places->flush);
}
