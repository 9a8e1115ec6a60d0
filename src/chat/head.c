/*
 * head: the message that lists what stands in its thread, and what became of
 * each.  One that an earlier life posted is made anew from the ledger, when
 * something in its thread is over.
 */
#include "chat/room.h"

#include "util/log.h"
#include "util/mem.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define HEADS_MOST 32 /* that we remember */

/* ---- heads -------------------------------------------------------------- */

static void free_items(struct chat_item *items, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		free(items[i].subject);
		free(items[i].agent);
		free(items[i].outcome);
	}
}

void chat_head_free(struct chat_head *head)
{
	free_items(head->items, head->n_items);
	free(head->asked);
	free(head->remote);
	arena_free(head->arena);
	free(head);
}

void chat_head_forget(struct chat_places *places)
{
	struct chat_head **at = &places->heads, **last = NULL, *head;
	size_t n = 0;

	for (; *at != NULL; at = &(*at)->next, n++)
		if (!(*at)->busy && (*at)->remote != NULL)
			last = at;
	if (n <= HEADS_MOST || last == NULL)
		return;
	head = *last;
	*last = head->next;
	chat_head_free(head);
}

struct chat_item *chat_head_item(const struct chat_places *places,
    const struct chat_place *place, struct chat_head **of)
{
	struct chat_head *head;
	size_t i;

	for (head = places->heads; head != NULL; head = head->next)
		for (i = 0; i < head->n_items; i++)
			if (head->items[i].draft == place->draft &&
			    head->items[i].number == place->number &&
			    head->items[i].kind == place->kind) {
				*of = head;
				return &head->items[i];
			}
	return NULL;
}

static const char *compose(struct chat_head *head)
{
	const struct chat *chat = head->places->chat;
	struct arena *arena = arena_new();
	struct chat_digest_item *items =
	    arena_alloc(arena, sizeof(*items) * CHAT_DIGEST_MOST);
	struct chat_digest digest = {.items = items, .asked = head->asked};
	size_t i;

	for (i = 0; i < head->n_items; i++) {
		const struct chat_item *item = &head->items[i];

		items[digest.n++] = (struct chat_digest_item){
		    .n = item->n,
		    .draft = item->draft,
		    .subject = item->subject,
		    .agent = item->agent,
		    .severity = item->severity,
		    .outcome = item->outcome,
		};
	}
	arena_free(head->arena);
	head->arena = arena;
	return chat->kind->digest(chat, arena, &digest);
}

/* May one of them have been told in an earlier life? */
static bool has_early(const struct chat_head *head)
{
	const struct chat_places *places = head->places;
	const struct chat_place *place;

	for (place = places->first; place != NULL; place = place->next)
		if (place->head == head && place->n_notices > 0 &&
		    place->notices[0].id < places->chat->chats->first_notice)
			return true;
	return false;
}

void chat_head_put(struct chat_head *head, enum chat_send_what what,
    void (*done)(struct chat_message *message))
{
	struct chat_message *message = &head->message;

	head->busy = true;
	head->dirty = false;
	message->rank =
	    what == CHAT_POST ? CHAT_RANK_PROMPT : CHAT_RANK_REWRITE;
	message->done = done;
	message->context = head;
	message->send = (struct chat_send){
	    .what = what,
	    .remote = head->remote,
	    .early = has_early(head),
	    .once = head->once,
	    .content = compose(head),
	};
	chat_queue_put(head->places->chat->queue, message);
}

static void on_rewritten(struct chat_message *message);

void chat_head_rewrite(struct chat_head *head)
{
	if (head->busy || head->remote == NULL || !head->dirty)
		return;
	chat_post_name(
	    head->places->chat->chats, head->once, sizeof(head->once));
	chat_head_put(head, CHAT_REPLACE, on_rewritten);
}

bool chat_head_ended(struct chat_head *head)
{
	head->busy = false;
	return head->places->chat->stopped;
}

static void on_rewritten(struct chat_message *message)
{
	struct chat_head *head = message->context;

	if (!chat_head_ended(head))
		chat_head_rewrite(head);
}

/* ---- of an earlier life ------------------------------------------------- */

/* A head on its way back. */
struct rebuild {
	struct chat *chat;
	char *root;
	struct hold_shown shown;
	struct hold_view view;
	size_t n, next;
	struct chat_item items[CHAT_DIGEST_MOST];
	const struct config_reviewer **asked;
	size_t n_asked;
};

static struct chat_head *find_head(
    const struct chat_places *places, const char *remote)
{
	struct chat_head *head = places->heads;

	while (head != NULL &&
	       (head->remote == NULL || strcmp(head->remote, remote) != 0))
		head = head->next;
	return head;
}

/* Nothing stands in its thread, or the ledger could not say what. */
static void forget(struct chat_places *places, struct chat_head *head)
{
	struct chat_head **at = &places->heads;

	while (*at != head)
		at = &(*at)->next;
	*at = head->next;
	chat_head_free(head);
}

/* What was found is the head's, if there still is one. */
static void end_rebuild(struct rebuild *r)
{
	struct chat_head *head =
	    r->chat->stopped ? NULL : find_head(r->chat->places, r->root);

	if (head != NULL && r->n > 0) {
		if (head->n_items == 0)
			head->busy = false; /* it waited for this */
		free_items(head->items, head->n_items);
		memcpy(head->items, r->items, sizeof(head->items));
		head->n_items = r->n;
		free(head->asked);
		head->asked = r->asked;
		head->dirty = true;
		chat_head_rewrite(head);
	} else {
		if (head != NULL && head->n_items == 0)
			forget(r->chat->places, head);
		free_items(r->items, r->n);
		free(r->asked);
	}
	arena_free(r->shown.arena);
	free(r->root);
	chat_unref(r->chat);
	free(r);
}

static void add_open(struct rebuild *r, const struct hold_shown_row *row)
{
	const struct config_reviewer *reviewer =
	    config_reviewer(r->chat->whole, row->reviewer);
	size_t i;

	if (!row->open || reviewer == NULL)
		return;
	for (i = 0; i < r->n_asked; i++)
		if (r->asked[i] == reviewer)
			return;
	r->asked[r->n_asked++] = reviewer;
}

/* The rows of a message become an item, in order of their numbers. */
static void add_row(struct rebuild *r, const struct hold_shown_row *row)
{
	struct chat_item *item;

	add_open(r, row);
	if (row->n == 0 || r->n == CHAT_DIGEST_MOST ||
	    (r->n > 0 && r->items[r->n - 1].n == row->n))
		return;
	item = &r->items[r->n++];
	item->n = row->n;
	item->draft = row->draft;
	item->number = row->number;
	item->kind =
	    row->kind == HOLD_PROMPT_REMIND ? HOLD_PROMPT_DECIDE : row->kind;
	if (row->ended)
		item->outcome =
		    mem_printf("It is %s.", hold_state_name(row->state));
}

static void look_at_next(struct rebuild *r);

static void on_viewed(struct hold_call *call)
{
	struct rebuild *r =
	    (struct rebuild *)(void *)((char *)call -
				       offsetof(struct rebuild, view));
	struct chat_item *item = &r->items[r->next++];
	const char *subject = NULL;

	if (call->error.kind == ERROR_NONE) {
		subject = r->view.reading->subject;
		item->agent = mem_strdup(r->view.agent);
		item->severity = r->view.severity;
	}
	item->subject = mem_strdup(
	    subject == NULL || subject[0] == '\0' ? "(no subject)" : subject);
	if (item->agent == NULL)
		item->agent = mem_strdup("?");
	if (call->error.kind == ERROR_NONE)
		hold_view_release(&r->view);
	look_at_next(r);
}

static void look_at_next(struct rebuild *r)
{
	if (r->chat->stopped || r->next == r->n) {
		end_rebuild(r);
		return;
	}
	r->view = (struct hold_view){
	    .call.done = on_viewed,
	    .draft = r->items[r->next].draft,
	    .revision = r->items[r->next].number,
	};
	hold_view(r->chat->hold, &r->view);
}

static void on_shown(struct hold_call *call)
{
	struct rebuild *r =
	    (struct rebuild *)(void *)((char *)call -
				       offsetof(struct rebuild, shown));
	size_t i;

	r->asked =
	    mem_zalloc((r->chat->whole->n_reviewers + 1) * sizeof(*r->asked));
	if (call->error.kind == ERROR_NONE)
		for (i = 0; i < r->shown.n_rows; i++)
			add_row(r, &r->shown.rows[i]);
	look_at_next(r);
}

/* Begin; a head that comes back already is asked for what is there now. */
static void rebuild(struct chat_places *places, const char *root)
{
	struct chat_head *head = find_head(places, root);
	struct rebuild *r;

	if (head == NULL) {
		head = mem_zalloc(sizeof(*head));
		head->places = places;
		head->remote = mem_strdup(root);
		head->busy = true;
		head->next = places->heads;
		places->heads = head;
		chat_head_forget(places);
	} else if (head->n_items > 0) {
		return;
	}
	r = mem_zalloc(sizeof(*r));
	r->chat = chat_ref(places->chat);
	r->root = mem_strdup(root);
	r->shown.call.done = on_shown;
	r->shown.chat = places->chat->config->name;
	r->shown.root = r->root;
	hold_shown(places->chat->hold, &r->shown);
}

/* ---- the door ----------------------------------------------------------- */

void chat_head_over(const struct chat_place *place)
{
	struct chat_head *head;
	struct chat_item *item =
	    chat_head_item(place->chat->places, place, &head);
	const char *outcome;

	if (item == NULL) {
		if (place->root != NULL)
			rebuild(place->chat->places, place->root);
		return;
	}
	outcome = place->want->closed ? place->want->outcome : NULL;
	if (outcome == item->outcome ||
	    (outcome != NULL && item->outcome != NULL &&
		strcmp(outcome, item->outcome) == 0))
		return;
	free(item->outcome);
	item->outcome = mem_strdup(outcome);
	head->dirty = true;
	chat_head_rewrite(head);
}
