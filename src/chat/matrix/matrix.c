/*
 * matrix: the kind "matrix" of a chat: an account at a homeserver in one room.
 * Here it connects: whose token it is, which room that is, whether it is in
 * there and may post, and that the room is not encrypted; and tries again.
 */
#include "chat/matrix/matrix.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/digest.h"
#include "util/log.h"
#include "util/mem.h"

/* ---- life
 * ---------------------------------------------------------------------
 */

struct matrix *matrix_ref(struct matrix *matrix)
{
	matrix->refs++;
	return matrix;
}

void matrix_unref(struct matrix *matrix)
{
	struct chat *chat = matrix->chat;

	if (--matrix->refs > 0)
		return;
	json_decref(matrix->members);
	matrix_past_free(matrix->past);
	free(matrix->base);
	free(matrix->bearer);
	free(matrix->since);
	free(matrix->last);
	free(matrix);
	chat_unref(chat);
}

static struct matrix *matrix_of(const struct chat *chat)
{
	return chat->own;
}

/* ---- trying again
 * ---------------------------------------------------------------
 */

int64_t matrix_backoff(unsigned n, unsigned most_s)
{
	int64_t ms = 1000, most = (int64_t)most_s * 1000;
	unsigned char chance;

	while (n-- > 0 && ms < most)
		ms *= 2;
	if (ms > most && most > 0)
		ms = most;
	digest_random(&chance, 1);
	return ms - ms / 4 + ms / 2 * chance / 255;
}

static void arm(struct event *timer, int64_t ms)
{
	const struct timeval tv = {ms / 1000, ms % 1000 * 1000};

	event_add(timer, &tv);
}

void matrix_fail(struct matrix *matrix, bool broken, const char *why)
{
	unsigned most_s = matrix->chat->config->retry_most_s;
	char said[200]; /* it may go with the batch */

	snprintf(said, sizeof(said), "%s", why);
	matrix_ref(matrix);
	matrix->ready = matrix->connecting = false;
	matrix_sync_stop(matrix);
	/* what somebody must mend is looked at as seldom as we ever try */
	arm(matrix->timer, matrix_backoff(broken ? 31 : matrix->tries, most_s));
	matrix->tries++;
	chat_is(matrix->chat, broken ? CHAT_BROKEN : CHAT_TROUBLED, said);
	matrix_send_kick(matrix);
	matrix_unref(matrix);
}

void matrix_again(struct matrix *matrix)
{
	if (!matrix->ready)
		return; /* it is about to */
	matrix->ready = false;
	matrix_sync_stop(matrix);
	arm(matrix->timer, matrix_backoff(0, 1));
}

const char *matrix_account_trouble(const struct matrix_call *call)
{
	if (call->result != MATRIX_ACCOUNT)
		return NULL;
	if (strcmp(call->code, "M_USER_LOCKED") == 0 ||
	    strcmp(call->code, "M_USER_SUSPENDED") == 0 ||
	    strcmp(call->code, "M_USER_DEACTIVATED") == 0)
		return "the homeserver has locked its account: have its "
		       "administrator unlock it";
	return "the homeserver does not accept its access token: log in again "
	       "and write the new token into token_file";
}

/* ---- connecting: one step after the other
 * ------------------------------------------
 */

enum step {
	STEP_WHOAMI,
	STEP_RESOLVE,
	STEP_MEMBERS,
	STEP_JOIN,
	STEP_ENCRYPTION,
	STEP_TOMBSTONE,
	STEP_LEVELS,
	STEP_CREATION,
	STEP_UP
};

static void begin(struct matrix *matrix, enum step step);

/* A refusal that no step expects. */
static void refused(struct matrix *matrix, const struct matrix_call *call)
{
	const char *account = matrix_account_trouble(call);
	char why[200];

	if (account != NULL) {
		matrix_fail(matrix, true, account);
		return;
	}
	snprintf(why, sizeof(why), "its homeserver %.180s", call->error.text);
	matrix_fail(matrix, call->result == MATRIX_REFUSED, why);
	if (call->retry_ms > 0 && !matrix->stopped)
		arm(matrix->timer, call->retry_ms);
}

static bool is_code(const struct matrix_call *call, const char *code)
{
	return call->result == MATRIX_REFUSED && strcmp(call->code, code) == 0;
}

static void on_whoami(struct matrix_call *call)
{
	struct matrix *matrix = call->matrix;
	const char *self = matrix_event_id(call->answer, "user_id", '@');

	if (is_code(call, "M_UNRECOGNIZED") || is_code(call, "M_NOT_FOUND")) {
		matrix_fail(matrix, true,
		    "there is no homeserver at its url: give the one that "
		    "/.well-known/matrix/client names as base_url");
		return;
	}
	if (call->result != MATRIX_DONE || self == NULL) {
		refused(matrix, call);
		return;
	}
	snprintf(matrix->self, sizeof(matrix->self), "%s", self);
	begin(matrix, STEP_RESOLVE);
}

static void on_resolved(struct matrix_call *call)
{
	struct matrix *matrix = call->matrix;
	const char *room = matrix_event_id(call->answer, "room_id", '!');

	if (is_code(call, "M_NOT_FOUND") || is_code(call, "M_INVALID_PARAM")) {
		matrix_fail(matrix, true,
		    "there is no room of that alias: give the room's id, "
		    "\"!...\", from the settings of the room");
		return;
	}
	if (call->result != MATRIX_DONE || room == NULL) {
		refused(matrix, call);
		return;
	}
	snprintf(matrix->room, sizeof(matrix->room), "%s", room);
	begin(matrix, STEP_MEMBERS);
}

/* Nobody else can mend it. */
static void say_not_in_room(struct matrix *matrix)
{
	char why[200];

	snprintf(why, sizeof(why), "it is not in its room: invite %.100s there",
	    matrix->self);
	matrix_fail(matrix, true, why);
}

/* They would be asked where they cannot read it. */
static void tell_absent(struct matrix *matrix)
{
	const struct config *config = matrix->chat->whole;
	const char *id;
	size_t i;

	if (matrix->told_absent)
		return; /* the doctor says it again */
	matrix->told_absent = true;
	for (i = 0; config != NULL && i < config->n_reviewers; i++) {
		id = chat_id(matrix->chat, &config->reviewers[i]);
		if (id != NULL && json_object_get(matrix->members, id) == NULL)
			log_warning("chat %s absent reviewer=%s advice=invite",
			    matrix->chat->config->name,
			    config->reviewers[i].name);
	}
}

static void on_members(struct matrix_call *call)
{
	struct matrix *matrix = call->matrix;
	json_t *joined = json_object_get(call->answer, "joined");

	if (is_code(call, "M_FORBIDDEN") || is_code(call, "M_NOT_FOUND") ||
	    (call->result == MATRIX_DONE &&
		json_object_get(joined, matrix->self) == NULL)) {
		if (matrix->asked_in)
			say_not_in_room(matrix);
		else
			begin(matrix, STEP_JOIN);
		return;
	}
	if (call->result != MATRIX_DONE) {
		refused(matrix, call);
		return;
	}
	json_decref(matrix->members);
	matrix->members = json_incref(joined);
	tell_absent(matrix);
	begin(matrix, STEP_ENCRYPTION);
}

/* Somebody may have invited it; the room is the one that the admin named. */
static void on_joined(struct matrix_call *call)
{
	struct matrix *matrix = call->matrix;

	matrix->asked_in = true;
	if (call->result == MATRIX_REFUSED)
		say_not_in_room(matrix);
	else if (call->result != MATRIX_DONE)
		refused(matrix, call);
	else {
		log_notice("chat %s joined", matrix->chat->config->name);
		begin(matrix, STEP_MEMBERS);
	}
}

static void on_encryption(struct matrix_call *call)
{
	struct matrix *matrix = call->matrix;

	if (call->result == MATRIX_DONE)
		matrix_fail(matrix, true, MATRIX_ENCRYPTED);
	else if (is_code(call, "M_NOT_FOUND"))
		begin(matrix, STEP_TOMBSTONE);
	else
		refused(matrix, call);
}

/* A room that was upgraded is still there, and nobody reads it. */
static void on_tombstone(struct matrix_call *call)
{
	struct matrix *matrix = call->matrix;
	const char *to = matrix_event_id(call->answer, "replacement_room", '!');
	char why[200];

	if (call->result == MATRIX_DONE) {
		snprintf(why, sizeof(why),
		    "its room was replaced by another: name that one%s%.100s",
		    to == NULL ? "" : ", ", to == NULL ? "" : to);
		matrix_fail(matrix, true, why);
	} else if (is_code(call, "M_NOT_FOUND")) {
		begin(matrix, STEP_LEVELS);
	} else {
		refused(matrix, call);
	}
}

/* The number of that name, or the other when there is none; old rooms have
 * numbers in strings (room version 1 to 9). */
static json_int_t level(const json_t *of, const char *key, json_int_t other)
{
	const json_t *n = json_object_get(of, key);

	if (json_is_string(n))
		return strtol(json_string_value(n), NULL, 10);
	return json_is_integer(n) ? json_integer_value(n) : other;
}

bool matrix_may_post(const struct matrix *matrix, const json_t *levels,
    json_int_t *has, json_int_t *needs)
{
	*has = level(json_object_get(levels, "users"), matrix->self,
	    level(levels, "users_default", 0));
	*needs = level(json_object_get(levels, "events"), "m.room.message",
	    level(levels, "events_default", 0));
	return *has >= *needs;
}

static void on_levels(struct matrix_call *call)
{
	struct matrix *matrix = call->matrix;
	json_int_t has, needs;

	if (is_code(call, "M_NOT_FOUND")) {
		begin(matrix, STEP_UP); /* a room without levels */
		return;
	}
	if (call->result != MATRIX_DONE) {
		refused(matrix, call);
		return;
	}
	if (matrix_may_post(matrix, call->answer, &has, &needs))
		begin(matrix, STEP_UP);
	else
		begin(matrix, STEP_CREATION);
}

/* Whoever made the room, alone or with others. */
static bool is_creator(const struct matrix *matrix, const json_t *creation)
{
	const char *sender = matrix_event_id(creation, "sender", '@');
	const json_t *others = json_object_get(
	    json_object_get(creation, "content"), "additional_creators");
	const json_t *other;
	size_t i;

	if (sender != NULL && strcmp(sender, matrix->self) == 0)
		return true;
	json_array_foreach(others, i,
	    other) if (json_is_string(other) &&
		       strcmp(json_string_value(other), matrix->self) ==
			   0) return true;
	return false;
}

/* From room version 12 on, creators have every power and no level. */
static void on_creation(struct matrix_call *call)
{
	struct matrix *matrix = call->matrix;
	const json_t *content = json_object_get(call->answer, "content");
	const char *version =
	    json_string_value(json_object_get(content, "room_version"));
	char why[200];

	if (call->result != MATRIX_DONE) {
		refused(matrix, call);
		return;
	}
	if (version != NULL && atoi(version) >= 12 &&
	    is_creator(matrix, call->answer)) {
		begin(matrix, STEP_UP);
		return;
	}
	snprintf(why, sizeof(why),
	    "it may not post in its room: raise the power level of %.100s "
	    "there",
	    matrix->self);
	matrix_fail(matrix, true, why);
}

static void on_up(struct matrix *matrix)
{
	matrix->connecting = false;
	matrix->ready = true;
	matrix->tries = 0;
	chat_is(matrix->chat, CHAT_UP, "");
	if (matrix->stopped)
		return;
	matrix_sync_start(matrix);
	matrix_send_kick(matrix);
}

/* ---- what each step asks
 * -------------------------------------------------------------
 */

static const char *path_of(
    const struct matrix *matrix, struct arena *arena, enum step step)
{
	switch (step) {
	case STEP_RESOLVE:
		return arena_printf(arena,
		    "/_matrix/client/v3/directory/room/%s",
		    matrix_call_escape(arena, matrix->chat->config->room));
	case STEP_MEMBERS:
		return matrix_call_path(matrix, arena, "/joined_members");
	case STEP_JOIN:
		return matrix_call_path(matrix, arena, "/join");
	case STEP_ENCRYPTION:
		return matrix_call_path(
		    matrix, arena, "/state/m.room.encryption/");
	case STEP_TOMBSTONE:
		return matrix_call_path(
		    matrix, arena, "/state/m.room.tombstone/");
	case STEP_LEVELS:
		return matrix_call_path(
		    matrix, arena, "/state/m.room.power_levels/");
	case STEP_CREATION:
		return matrix_call_path(
		    matrix, arena, "/state/m.room.create/?format=event");
	default:
		return "/_matrix/client/v3/account/whoami";
	}
}

static void begin(struct matrix *matrix, enum step step)
{
	static void (*const take[])(struct matrix_call *) = {
	    [STEP_WHOAMI] = on_whoami,
	    [STEP_RESOLVE] = on_resolved,
	    [STEP_MEMBERS] = on_members,
	    [STEP_JOIN] = on_joined,
	    [STEP_ENCRYPTION] = on_encryption,
	    [STEP_TOMBSTONE] = on_tombstone,
	    [STEP_LEVELS] = on_levels,
	    [STEP_CREATION] = on_creation,
	};
	const char *room = matrix->chat->config->room;
	struct arena *arena;

	if (step == STEP_RESOLVE && room[0] == '!') {
		snprintf(matrix->room, sizeof(matrix->room), "%s", room);
		step = STEP_MEMBERS;
	}
	if (step == STEP_UP) {
		on_up(matrix);
		return;
	}
	arena = arena_new();
	matrix_call_ask(
	    matrix, &(struct matrix_request){
			.method = step == STEP_JOIN ? "POST" : "GET",
			.path = path_of(matrix, arena, step),
			.body = step == STEP_JOIN ? json_object() : NULL,
			.done = take[step]});
	arena_free(arena);
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
	struct matrix *matrix = context;

	(void)fd;
	(void)what;
	if (matrix->connecting || matrix->ready)
		return;
	matrix->connecting = true;
	matrix->asked_in = false;
	begin(matrix, STEP_WHOAMI);
}

/* ---- the kind
 * ------------------------------------------------------------------------
 */

static void start(struct chat *chat)
{
	struct matrix *matrix = mem_zalloc(sizeof(*matrix));
	const char *url = chat->config->url;
	size_t n = strlen(url);

	while (n > 0 && url[n - 1] == '/')
		n--;
	matrix->refs = 1;
	matrix->chat = chat_ref(chat);
	matrix->base = mem_dup(url, n);
	matrix->bearer =
	    mem_printf("Authorization: Bearer %s", chat->config->token);
	matrix->timer = evtimer_new(chat->base, on_timer, matrix);
	chat->own = matrix;
	matrix_send_init(matrix);
	matrix_sync_init(matrix);
	arm(matrix->timer, 0);
}

static void stop(struct chat *chat)
{
	struct matrix *matrix = matrix_of(chat);

	if (matrix == NULL)
		return;
	chat->own = NULL;
	matrix->stopped = true;
	matrix->ready = false;
	matrix_examine_stop(matrix);
	matrix_sync_stop(matrix);
	matrix_send_stop(matrix);
	matrix_call_drop(matrix);
	event_free(matrix->timer);
	event_free(matrix->poll);
	event_free(matrix->posted);
	matrix->timer = matrix->poll = matrix->posted = NULL;
	matrix_unref(matrix);
}

const struct chat_kind matrix_kind = {
    .card = matrix_card,
    .digest = matrix_digest,
    .text = matrix_text,
    .start = start,
    .stop = stop,
    .send = matrix_send,
    .examine = matrix_examine,
    .hears = true,
    .rewrites = true,
};
