/*
 * matrix_batch: what was read of a room at a time.  What a sync left out is
 * fetched; then each answer is heard, in order; and only when all is in the
 * ledger is it written down how far the room was read.  What is read again
 * after a crash is known by the name of its event.
 */
#include "chat/matrix/matrix.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/digest.h"
#include "util/log.h"
#include "util/mem.h"

#define PAGE_MAX      50			 /* events */
#define PAGES_MAX     40			 /* further back nobody looks */
#define BYTES_MAX     ((size_t)16 * 1024 * 1024) /* of words kept */
#define SENDERS_MAX   40			 /* in the URL of a request */
#define OUTSIDERS_MAX 20 /* who are told, of one batch */
#define HEAR_TRIES    8

struct matrix_batch *matrix_batch_new(struct matrix *matrix)
{
	struct matrix_batch *batch = mem_zalloc(sizeof(*batch));

	batch->matrix = matrix_ref(matrix);
	batch->arena = arena_new();
	batch->tail = &batch->items;
	return batch;
}

void matrix_batch_free(struct matrix_batch *batch)
{
	if (batch == NULL)
		return;
	batch->orphan = true;
	if (batch->hearing)
		return;
	matrix_unref(batch->matrix);
	arena_free(batch->arena);
	free(batch);
}

static void step_in(struct matrix *matrix, int64_t ms)
{
	const struct timeval tv = {ms / 1000, ms % 1000 * 1000};

	event_add(matrix->poll, &tv);
}

/* ---- filling it
 * --------------------------------------------------------------------------
 */

/* Others in the room are told so by the room, but not without end. */
static bool is_too_much(struct matrix_batch *batch, const char *sender)
{
	if (chat_person(batch->matrix->chat, sender) != NULL)
		return batch->n_bytes > BYTES_MAX;
	return batch->n_outsiders++ >= OUTSIDERS_MAX;
}

static void put_item(
    struct matrix_batch *batch, struct matrix_item *item, bool older)
{
	if (item->event.words != NULL)
		batch->n_bytes += strlen(item->event.words);
	if (older) {
		item->next = batch->items;
		batch->items = item;
		if (item->next == NULL)
			batch->tail = &item->next;
		return;
	}
	*batch->tail = item;
	batch->tail = &item->next;
}

void matrix_batch_add(
    struct matrix_batch *batch, const json_t *event, bool older)
{
	struct matrix *matrix = batch->matrix;
	const char *id = matrix_event_id(event, "event_id", '$');
	const char *sender = matrix_event_id(event, "sender", '@');
	struct matrix_item *item;

	if (id == NULL || sender == NULL)
		return;
	/* state does not come with what is fetched later */
	if (!older && json_object_get(event, "state_key") == NULL)
		batch->last = arena_strdup(batch->arena, id);
	if (strcmp(sender, matrix->self) == 0) {
		matrix_examine_saw(matrix, id);
		return;
	}
	if (batch->first || is_too_much(batch, sender))
		return;
	item = arena_alloc(batch->arena, sizeof(*item));
	matrix_event_read(
	    batch->arena, event, matrix->self, matrix->room, &item->event);
	if (item->event.what != MATRIX_NOTHING)
		put_item(batch, item, older);
}

/* ---- what a sync left out
 * -----------------------------------------------------------------
 */

static void gap_remains(struct matrix_batch *batch, const char *why)
{
	log_warning("chat %s gap: what was said before cannot be read: %s",
	    batch->matrix->chat->config->name, why);
	batch->older = NULL;
}

/* Newest first.  True: it goes back to what we know. */
static bool add_page(struct matrix_batch *batch, const json_t *chunk)
{
	const char *last = batch->matrix->last, *id;
	const json_t *event;
	size_t i;

	json_array_foreach(chunk, i, event)
	{
		id = matrix_event_id(event, "event_id", '$');
		if (id != NULL && last != NULL && strcmp(id, last) == 0)
			return true;
		matrix_batch_add(batch, event, true);
	}
	return false;
}

static void on_page(struct matrix_call *call)
{
	struct matrix *matrix = call->matrix;
	struct matrix_batch *batch = matrix->batch;
	const json_t *chunk = json_object_get(call->answer, "chunk");
	const char *end =
	    json_string_value(json_object_get(call->answer, "end"));
	const char *account = matrix_account_trouble(call);
	bool known;

	if (call->context != (void *)(uintptr_t)matrix->reading)
		return; /* asked before it was stopped */
	if (account != NULL) {
		matrix_fail(matrix, true, account);
		return;
	}
	if (call->result == MATRIX_LATER) {
		matrix_sync_trouble(matrix, call);
		return;
	}
	matrix->poll_tries = 0;
	if (call->result != MATRIX_DONE) {
		gap_remains(batch, call->error.text);
	} else {
		known = add_page(batch, chunk);
		if (known || end == NULL || json_array_size(chunk) == 0)
			batch->older = NULL;
		else if (++batch->n_pages >= PAGES_MAX)
			gap_remains(batch, "it is too much");
		else
			batch->older = arena_strdup(batch->arena, end);
	}
	step_in(matrix, 0);
}

/*
 * What is looked for there, in the arena: what reviewers said, so that others
 * cannot bury it.  When the mark was lost all is, for the last event that we
 * know may be anybody's.
 */
static const char *filter_of(
    const struct matrix_batch *batch, struct arena *arena)
{
	const struct config *config = batch->matrix->chat->whole;
	json_t *filter = json_pack("{s:[s,s,s]}", "types", "m.room.message",
	    "m.reaction", "m.room.redaction");
	json_t *senders = json_array();
	const char *id, *copy;
	char *text;
	size_t i;

	for (i = 0; config != NULL && i < config->n_reviewers; i++) {
		id = chat_id(batch->matrix->chat, &config->reviewers[i]);
		if (id != NULL)
			json_array_append_new(senders, json_string(id));
	}
	if (batch->until != NULL && json_array_size(senders) > 0 &&
	    json_array_size(senders) <= SENDERS_MAX)
		json_object_set(filter, "senders", senders);
	json_decref(senders);
	text = json_dumps(filter, JSON_COMPACT);
	copy = arena_strdup(arena, text);
	free(text);
	json_decref(filter);
	return copy;
}

static void fetch_older(struct matrix_batch *batch)
{
	struct matrix *matrix = batch->matrix;
	struct arena *arena = arena_new();
	const char *rest = arena_printf(arena,
	    "/messages?dir=b&limit=%d&filter=%s&from=%s%s%s", PAGE_MAX,
	    matrix_call_escape(arena, filter_of(batch, arena)),
	    matrix_call_escape(arena, batch->older),
	    batch->until == NULL ? "" : "&to=",
	    batch->until == NULL ? ""
				 : matrix_call_escape(arena, batch->until));

	matrix_call_ask(
	    matrix, &(struct matrix_request){.method = "GET",
			.path = matrix_call_path(matrix, arena, "%s", rest),
			.done = on_page,
			.context = (void *)(uintptr_t)matrix->reading});
	arena_free(arena);
}

/* ---- what changes nothing, but is answered
 * ---------------------------------------------------
 */

static void remember(struct matrix *matrix, const struct matrix_event *event)
{
	struct matrix_memory *m =
	    &matrix->memory[matrix->n_memory++ % MATRIX_MEMORY];

	snprintf(m->id, sizeof(m->id), "%s", event->id);
	snprintf(m->person, sizeof(m->person), "%s", event->sender);
	snprintf(m->remote, sizeof(m->remote), "%s", event->remote);
	snprintf(m->root, sizeof(m->root), "%s",
	    event->root == NULL ? "" : event->root);
}

struct remark {
	struct chat_send send;
	struct arena *arena;
};

static void on_remarked(struct chat_send *send)
{
	struct remark *remark = send->context;

	arena_free(remark->arena);
	free(remark);
}

static void remark_on(struct matrix *matrix, const struct matrix_event *event,
    const struct matrix_memory *about)
{
	const char *text =
	    event->what == MATRIX_EDITED
		? "You changed a message that was read already. What you "
		  "wrote first counts, the change does nothing: if you meant "
		  "something else, write it as a new reply."
		: "You took back a message that was read already. That undoes "
		  "nothing: reply \"undo\", which works as long as the mail "
		  "has not left.";
	struct remark *remark = mem_zalloc(sizeof(*remark));
	const struct config_reviewer *to =
	    chat_person(matrix->chat, event->sender);
	unsigned char random[10];
	char hex[2 * sizeof(random) + 1];

	digest_random(random, sizeof(random));
	digest_hex(random, sizeof(random), hex);
	remark->arena = arena_new();
	remark->send = (struct chat_send){.what = CHAT_WHISPER,
	    .person = arena_strdup(remark->arena, event->sender),
	    .remote = arena_strdup(remark->arena, about->remote),
	    .root = about->root[0] == '\0'
			? NULL
			: arena_strdup(remark->arena, about->root),
	    .once = arena_printf(remark->arena, "remark.%s", hex),
	    .content = matrix_text(matrix->chat, remark->arena, text, to),
	    .done = on_remarked,
	    .context = remark};
	matrix_send(matrix->chat, &remark->send);
}

/* They changed or took back what they had said: it was heard, and stands. */
static void take_change(struct matrix *matrix, const struct matrix_event *event)
{
	struct matrix_memory *m = matrix->memory;
	size_t i;

	if (chat_person(matrix->chat, event->sender) == NULL)
		return;
	for (i = 0; i < MATRIX_MEMORY; i++)
		if (strcmp(m[i].id, event->remote) == 0 &&
		    strcmp(m[i].person, event->sender) == 0) {
			remark_on(matrix, event, &m[i]);
			m[i].id[0] = '\0'; /* once is enough */
			return;
		}
}

/* ---- hearing
 * --------------------------------------------------------------------------------
 */

static void next_item(struct matrix_batch *batch)
{
	batch->items = batch->items->next;
	batch->tries = 0;
}

static void on_heard(struct chat_word *word)
{
	struct matrix_batch *batch = word->context;
	struct matrix *matrix = batch->matrix;

	free(word->told);
	batch->hearing = false;
	if (batch->orphan) {
		matrix_batch_free(batch);
		return;
	}
	if (word->lost && ++batch->tries < HEAR_TRIES) {
		/* it is heard again, and nothing after it before */
		step_in(matrix, matrix_backoff(batch->tries, 60));
		return;
	}
	if (word->lost)
		log_error("chat %s answer lost event=%s advice=\"ask for it "
			  "again\"",
		    matrix->chat->config->name, word->once);
	else if (!word->silent && !word->changed)
		remember(matrix, &batch->items->event);
	next_item(batch);
	step_in(matrix, 0);
}

/* Was it changed or taken back before we came to it? */
static bool is_changed(const struct matrix_batch *batch)
{
	const struct matrix_event *event = &batch->items->event;
	const struct matrix_item *later;

	for (later = batch->items->next; later != NULL; later = later->next)
		if (later->event.what >= MATRIX_EDITED &&
		    strcmp(later->event.remote, event->id) == 0 &&
		    strcmp(later->event.sender, event->sender) == 0)
			return true;
	return event->changed;
}

static void on_target(struct matrix_call *call)
{
	struct matrix *matrix = call->matrix;
	const char *account = matrix_account_trouble(call);
	const char *sender = matrix_event_id(call->answer, "sender", '@');
	const char *root =
	    matrix_event_root(json_object_get(call->answer, "content"));
	struct matrix_item *item;

	if (call->context != (void *)(uintptr_t)matrix->reading)
		return; /* asked before it was stopped */
	if (account != NULL) {
		matrix_fail(matrix, true, account);
		return;
	}
	if (call->result == MATRIX_LATER) {
		matrix_sync_trouble(matrix, call);
		return;
	}
	matrix->poll_tries = 0;
	item = matrix->batch->items;
	item->looked = true;
	/* people react to what others say there, too */
	if (call->result == MATRIX_DONE && sender != NULL &&
	    (!item->event.sign || strcmp(sender, matrix->self) == 0))
		item->event.root = arena_strdup(matrix->batch->arena, root);
	step_in(matrix, 0);
}

/* A client without threads, and a reaction, names one message of a thread and
 * not the thread: the homeserver knows.  True: it is asked. */
static bool look_for_thread(struct matrix_batch *batch)
{
	struct matrix *matrix = batch->matrix;
	const struct matrix_item *item = batch->items;
	struct arena *arena;

	if (item->looked || item->event.root != NULL ||
	    chat_person(matrix->chat, item->event.sender) == NULL)
		return false;
	arena = arena_new();
	matrix_call_ask(
	    matrix, &(struct matrix_request){.method = "GET",
			.path = matrix_call_path(matrix, arena, "/event/%s",
			    matrix_call_escape(arena, item->event.remote)),
			.done = on_target,
			.context = (void *)(uintptr_t)matrix->reading});
	arena_free(arena);
	return true;
}

static void hear(struct matrix_batch *batch)
{
	const struct matrix_event *event = &batch->items->event;

	if (look_for_thread(batch))
		return;

	batch->word = (struct chat_word){.person = event->sender,
	    .remote = event->remote,
	    .root = event->root,
	    .once = event->id,
	    /* a reaction is the word it stands for, to that very message */
	    .words = event->verb != NULL ? event->verb : event->words,
	    .sign = event->sign,
	    .changed = is_changed(batch),
	    .done = on_heard,
	    .context = batch};
	batch->hearing = true;
	chat_hear(batch->matrix->chat, &batch->word);
}

/* ---- the mark
 * ---------------------------------------------------------------------------------
 */

struct marking {
	struct hold_mark mark;
	struct matrix *matrix;
	unsigned reading;
	char *text;
};

static void on_marked(struct hold_call *call)
{
	struct marking *marking = (struct marking *)call;
	struct matrix *matrix = marking->matrix;

	if (!matrix->stopped && marking->reading == matrix->reading) {
		/* not written: it is read again after the next start, which is
		 * harmless */
		if (call->error.kind != ERROR_NONE)
			log_warning("chat %s mark not written: %s",
			    matrix->chat->config->name, call->error.text);
		matrix_sync_on(matrix);
	}
	arena_free(marking->mark.arena);
	free(marking->text);
	free(marking);
	matrix_unref(matrix);
}

static void write_mark(struct matrix_batch *batch)
{
	struct matrix *matrix = batch->matrix;
	const char *last = batch->last != NULL ? batch->last : matrix->last;
	struct marking *marking = mem_zalloc(sizeof(*marking));
	json_t *mark = json_pack("{s:s, s:s, s:s, s:s*}", "user", matrix->self,
	    "room", matrix->room, "since", batch->next, "last", last);

	marking->text = json_dumps(mark, JSON_COMPACT);
	json_decref(mark);
	marking->mark.call.done = on_marked;
	marking->mark.chat = matrix->chat->config->name;
	marking->mark.set = marking->text;
	marking->matrix = matrix_ref(matrix);
	marking->reading = matrix->reading;
	hold_mark(matrix->chat->hold, &marking->mark);
}

void matrix_batch_step(struct matrix_batch *batch)
{
	while (batch->older == NULL && batch->items != NULL &&
	       batch->items->event.what >= MATRIX_EDITED) {
		take_change(batch->matrix, &batch->items->event);
		next_item(batch);
	}
	if (batch->older != NULL)
		fetch_older(batch);
	else if (batch->items != NULL)
		hear(batch);
	else if (batch->written)
		write_mark(batch);
	else
		matrix_sync_on(batch->matrix);
}
