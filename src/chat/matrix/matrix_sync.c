/*
 * matrix_sync: reads the room: a long poll, from the mark that the ledger
 * keeps, for what was said since.  What was said is left to matrix_batch.c.
 */
#include "chat/matrix/matrix.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/log.h"
#include "util/mem.h"

#define TIMELINE_MAX 25	  /* events of one answer; older ones are fetched */
#define MARK_MAX     2048 /* bytes of a since token: the ledger takes it */
#define QUIET_TRIES  2	  /* a poll may break off without anybody being told */

static void poll_in(struct matrix *matrix, int64_t ms)
{
	const struct timeval tv = {ms / 1000, ms % 1000 * 1000};

	event_add(matrix->poll, &tv);
}

/* ---- trouble
 * ------------------------------------------------------------------------
 */

void matrix_sync_trouble(struct matrix *matrix, const struct matrix_call *call)
{
	const struct config_chat *config = matrix->chat->config;
	int64_t ms = matrix_backoff(matrix->poll_tries, config->retry_most_s);
	char why[200];

	if (call->retry_ms > ms)
		ms = call->retry_ms;
	if (++matrix->poll_tries >= QUIET_TRIES) {
		snprintf(why, sizeof(why), "its homeserver %.180s",
		    call->error.text);
		chat_is(matrix->chat, CHAT_TROUBLED, why);
	}
	if (!matrix->stopped)
		poll_in(matrix, ms);
}

/* It knows our mark no more: from now on, and what was said between is looked
 * for behind the last event that we know. */
static void lost_mark(struct matrix *matrix, const struct matrix_call *call)
{
	if (matrix->since == NULL) {
		matrix_sync_trouble(matrix, call);
		return;
	}
	log_warning("chat %s mark lost: its homeserver %s",
	    matrix->chat->config->name, call->error.text);
	free(matrix->since);
	matrix->since = NULL;
	poll_in(matrix, 0);
}

/* ---- an answer
 * ------------------------------------------------------------------------
 */

static const char *type_of(const json_t *event)
{
	const char *type = json_string_value(json_object_get(event, "type"));

	return type == NULL ? "" : type;
}

/* Does it say that we can read no more? */
static const char *end_of_room(const json_t *event)
{
	if (json_object_get(event, "state_key") == NULL)
		return NULL;
	if (strcmp(type_of(event), "m.room.encryption") == 0)
		return MATRIX_ENCRYPTED;
	if (strcmp(type_of(event), "m.room.tombstone") == 0)
		return "its room was replaced by another: name that one";
	return NULL;
}

static const char *ends(const json_t *events)
{
	const char *why = NULL;
	const json_t *event;
	size_t i;

	json_array_foreach(events, i, event) if (why == NULL) why =
	    end_of_room(event);
	return why;
}

/* How many of these, oldest first, were read when the mark was lost; 0: the
 * last one that was is not among them. */
static size_t n_read(const struct matrix *matrix, const json_t *events)
{
	size_t i = json_array_size(events);
	const char *id;

	if (matrix->since != NULL || matrix->last == NULL)
		return 0;
	for (; i > 0; i--) {
		id = matrix_event_id(
		    json_array_get(events, i - 1), "event_id", '$');
		if (id != NULL && strcmp(id, matrix->last) == 0)
			break;
	}
	return i;
}

static void read_timeline(struct matrix_batch *batch, const json_t *timeline)
{
	struct matrix *matrix = batch->matrix;
	const json_t *events = json_object_get(timeline, "events");
	bool limited = json_is_true(json_object_get(timeline, "limited"));
	const char *before =
	    json_string_value(json_object_get(timeline, "prev_batch"));
	size_t read = n_read(matrix, events), i;

	batch->written =
	    batch->first || batch->over != NULL || json_array_size(events) > 0;
	for (i = read; i < json_array_size(events); i++)
		matrix_batch_add(batch, json_array_get(events, i), false);
	if (batch->first || read > 0 || before == NULL ||
	    strlen(before) > MARK_MAX)
		return;
	/* something stands between, or may */
	if (matrix->since == NULL || limited) {
		batch->older = arena_strdup(batch->arena, before);
		batch->until = arena_strdup(batch->arena, matrix->since);
	}
}

static const char *next_of(const json_t *answer)
{
	const json_t *next = json_object_get(answer, "next_batch");
	const char *s = json_string_value(next);

	return s == NULL || s[0] == '\0' || strlen(s) > MARK_MAX ||
		       strlen(s) != json_string_length(next)
		   ? NULL
		   : s;
}

/* Why nothing comes of this room any more, in the arena; NULL: it goes on. */
static const char *why_over(
    struct matrix_batch *batch, const json_t *room, const json_t *left)
{
	const json_t *state = json_object_get(room, "state");
	const json_t *timeline = json_object_get(room, "timeline");
	const char *why = ends(json_object_get(state, "events"));

	if (why == NULL)
		why = ends(json_object_get(timeline, "events"));
	if (why == NULL && room == NULL && left != NULL)
		why = arena_printf(batch->arena,
		    "it was taken out of its room: invite %.100s there again",
		    batch->matrix->self);
	return why;
}

static void read_sync(struct matrix *matrix, const json_t *answer)
{
	const json_t *rooms = json_object_get(answer, "rooms");
	const json_t *room =
	    json_object_get(json_object_get(rooms, "join"), matrix->room);
	const json_t *left =
	    json_object_get(json_object_get(rooms, "leave"), matrix->room);
	struct matrix_batch *batch = matrix_batch_new(matrix);

	matrix->batch = batch;
	batch->first = matrix->since == NULL && matrix->last == NULL;
	batch->next = arena_strdup(batch->arena, next_of(answer));
	batch->over = why_over(batch, room, left);
	read_timeline(
	    batch, json_object_get(room != NULL ? room : left, "timeline"));
	poll_in(matrix, 0);
}

static void on_sync(struct matrix_call *call)
{
	struct matrix *matrix = call->matrix;
	const char *account = matrix_account_trouble(call);

	if (call->context != (void *)(uintptr_t)matrix->reading)
		return; /* asked before it was stopped */
	if (account != NULL) {
		matrix_fail(matrix, true, account);
	} else if (call->result == MATRIX_REFUSED) {
		lost_mark(matrix, call);
	} else if (call->result != MATRIX_DONE) {
		matrix_sync_trouble(matrix, call);
	} else if (next_of(call->answer) == NULL) {
		error_set(&call->error, ERROR_BUSY,
		    "answered a sync without next_batch");
		matrix_sync_trouble(matrix, call);
	} else {
		matrix->poll_tries = 0;
		matrix->caught_up = true;
		chat_is(matrix->chat, CHAT_UP, "");
		if (!matrix->stopped)
			read_sync(matrix, call->answer);
	}
}

/* ---- a question
 * ----------------------------------------------------------------------
 */

const char *matrix_sync_filter(struct arena *arena, const char *room)
{
	/* without members a homeserver does not tell that we were taken out */
	json_t *filter = json_pack("{s:{s:[s], s:{s:i, s:[s,s,s,s,s,s]}, "
				   "s:{s:[s,s]}, s:{s:[]}, s:{s:[]}}, "
				   "s:{s:[]}, s:{s:[]}}",
	    "room", "rooms", room, "timeline", "limit", TIMELINE_MAX, "types",
	    "m.room.message", "m.reaction", "m.room.redaction",
	    "m.room.encryption", "m.room.tombstone", "m.room.member", "state",
	    "types", "m.room.encryption", "m.room.tombstone", "ephemeral",
	    "types", "account_data", "types", "presence", "types",
	    "account_data", "types");
	char *text = json_dumps(filter, JSON_COMPACT);
	const char *copy = arena_strdup(arena, text);

	json_decref(filter);
	free(text);
	return copy;
}

static void ask(struct matrix *matrix)
{
	const struct config_chat *config = matrix->chat->config;
	struct arena *arena = arena_new();
	/* At first only what there is; and not what a homeserver may still
	 * have made for a poll of an earlier life of ours, which lacks all
	 * that was said since. */
	unsigned wait_ms = matrix->since == NULL || !matrix->caught_up ||
				   matrix->poll_tries > 0
			       ? 0
			       : config->poll_s * 1000;
	const char *path = arena_printf(arena,
	    "/_matrix/client/v3/sync?set_presence=offline&timeout=%u"
	    "&filter=%s%s%s",
	    wait_ms,
	    matrix_call_escape(arena, matrix_sync_filter(arena, matrix->room)),
	    matrix->since == NULL ? "" : "&since=",
	    matrix->since == NULL ? ""
				  : matrix_call_escape(arena, matrix->since));

	matrix_call_ask(
	    matrix, &(struct matrix_request){.method = "GET",
			.path = path,
			.deadline_ms = wait_ms + config->deadline_ms,
			.done = on_sync,
			.context = (void *)(uintptr_t)matrix->reading});
	arena_free(arena);
}

static void on_poll(evutil_socket_t fd, short what, void *context)
{
	struct matrix *matrix = context;

	(void)fd;
	(void)what;
	if (matrix->batch != NULL)
		matrix_batch_step(matrix->batch);
	else
		ask(matrix);
}

void matrix_sync_on(struct matrix *matrix)
{
	struct matrix_batch *batch = matrix->batch;

	free(matrix->since);
	matrix->since = mem_strdup(batch->next);
	if (batch->last != NULL) {
		free(matrix->last);
		matrix->last = mem_strdup(batch->last);
	}
	if (batch->over != NULL) {
		matrix_fail(matrix, true, batch->over);
		return;
	}
	matrix->batch = NULL;
	matrix_batch_free(batch);
	poll_in(matrix, 0);
}

/* ---- where we were
 * ----------------------------------------------------------------------
 */

struct asked {
	struct hold_mark mark;
	struct matrix *matrix;
	unsigned reading;
};

/* A mark of another account or room says nothing about this one. */
static void take_mark(struct matrix *matrix, const char *text)
{
	json_t *mark = json_loads(text, 0, NULL);
	const char *self = json_string_value(json_object_get(mark, "user"));
	const char *room = json_string_value(json_object_get(mark, "room"));
	const char *since = json_string_value(json_object_get(mark, "since"));

	if (self != NULL && strcmp(self, matrix->self) == 0 && room != NULL &&
	    strcmp(room, matrix->room) == 0) {
		matrix->since = mem_strdup(since);
		matrix->last = mem_strdup(matrix_event_id(mark, "last", '$'));
	}
	json_decref(mark);
}

static void on_mark(struct hold_call *call)
{
	struct asked *asked = (struct asked *)call;
	struct matrix *matrix = asked->matrix;

	if (!matrix->stopped && asked->reading == matrix->reading) {
		if (call->error.kind != ERROR_NONE) {
			matrix_fail(matrix, false,
			    "the ledger could not be asked how far it was "
			    "read");
		} else {
			if (asked->mark.mark != NULL)
				take_mark(matrix, asked->mark.mark);
			poll_in(matrix, 0);
		}
	}
	arena_free(asked->mark.arena);
	free(asked);
	matrix_unref(matrix);
}

void matrix_sync_start(struct matrix *matrix)
{
	struct asked *asked = mem_zalloc(sizeof(*asked));

	matrix->reading++;
	matrix->poll_tries = 0;
	matrix->caught_up = false;
	asked->mark.call.done = on_mark;
	asked->mark.chat = matrix->chat->config->name;
	asked->matrix = matrix_ref(matrix);
	asked->reading = matrix->reading;
	hold_mark(matrix->chat->hold, &asked->mark);
}

void matrix_sync_stop(struct matrix *matrix)
{
	matrix->reading++;
	event_del(matrix->poll);
	matrix_batch_free(matrix->batch);
	matrix->batch = NULL;
	/* from what the ledger knows: more was not dealt with */
	free(matrix->since);
	free(matrix->last);
	matrix->since = matrix->last = NULL;
}

void matrix_sync_init(struct matrix *matrix)
{
	matrix->poll = evtimer_new(matrix->chat->base, on_poll, matrix);
}
