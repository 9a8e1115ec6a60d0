/*
 * matrix_send: posts a message, rewrites one, or says something to one person
 * in a thread.  The order of messages and when to try again is left to the
 * room's queue; what they say to matrix_card.c and matrix_text.c.
 */
#include "chat/matrix/matrix.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

#define TRANSACTION  "imprimatur.%s"
#define FALLBACK_MAX 1000 /* bytes, for programs that know no m.replace */

/* A message that was handed to us. */
struct matrix_post {
	struct matrix *matrix;
	struct chat_send *send;
	bool asked; /* the homeserver is */
	bool over;  /* to be done, in its turn of the loop */
	struct matrix_post *next;
};

/* ---- content
 * --------------------------------------------------------------------
 */

/* The beginning, not cut within a character. */
static json_t *beginning(const char *body)
{
	size_t n = strlen(body);

	if (n > FALLBACK_MAX)
		for (n = FALLBACK_MAX; n > 0 && (body[n] & 0xc0) == 0x80;)
			n--;
	return json_stringn(body, n);
}

/* What takes the place of a message: in full for those who know of it, and in
 * short for the others, lest the event grows too long. */
static json_t *replacement(json_t *content, const char *remote)
{
	const char *body = json_string_value(json_object_get(content, "body"));
	json_t *all = json_pack("{s:O, s:o, s:{}, s:{s:s, s:s}}", "msgtype",
	    json_object_get(content, "msgtype"), "body", beginning(body),
	    "m.mentions", "m.relates_to", "rel_type", "m.replace", "event_id",
	    remote);

	/* nobody is called a second time: m.mentions stands in it alone */
	json_object_set_new(all, "m.new_content", content);
	return all;
}

static int relate_to_thread(json_t *content, const char *root)
{
	return json_object_set_new(content, "m.relates_to",
	    json_pack("{s:s, s:s, s:b, s:{s:s}}", "rel_type", "m.thread",
		"event_id", root, "is_falling_back", 1, "m.in_reply_to",
		"event_id", root));
}

/* Beside a message whose thread we do not know, or that has none. */
static int reply_to(json_t *content, const char *remote)
{
	return json_object_set_new(content, "m.relates_to",
	    json_pack("{s:{s:s}}", "m.in_reply_to", "event_id", remote));
}

/* Only that person is made aware, and no other program answers it. */
static int whisper_to(json_t *content, const char *person)
{
	return json_object_set_new(
		   content, "msgtype", json_string("m.notice")) ||
	       json_object_set_new(content, "m.mentions",
		   person == NULL ? json_object()
				  : json_pack("{s:[s]}", "user_ids", person));
}

static bool is_content(const json_t *content)
{
	return json_is_object(content) &&
	       json_is_string(json_object_get(content, "msgtype")) &&
	       json_is_string(json_object_get(content, "body"));
}

json_t *matrix_send_content(const struct chat_send *send)
{
	json_t *content = json_loads(send->content, JSON_ALLOW_NUL, NULL);
	int rc = 0;

	if (strlen(send->content) > MATRIX_CONTENT_MAX ||
	    !is_content(content)) {
		json_decref(content);
		return NULL;
	}
	if (send->what == CHAT_REPLACE)
		return replacement(content, send->remote);
	if (send->what == CHAT_WHISPER)
		rc = whisper_to(content, send->person);
	if (send->root != NULL)
		rc |= relate_to_thread(content, send->root);
	else if (send->what == CHAT_WHISPER && send->remote != NULL)
		rc |= reply_to(content, send->remote);
	if (rc == 0)
		return content;
	json_decref(content);
	return NULL;
}

/* ---- a post
 * ----------------------------------------------------------------------
 */

static void unlink_post(struct matrix_post *post)
{
	struct matrix_post **at = &post->matrix->posts;

	while (*at != post)
		at = &(*at)->next;
	*at = post->next;
}

/* It is over: its sender may free it, or hand us another. */
static void finish(struct matrix_post *post)
{
	struct chat_send *send = post->send;

	unlink_post(post);
	free(post);
	send->done(send);
}

static void soon(struct matrix_post *post, enum chat_sent sent)
{
	post->send->sent = sent;
	post->over = true;
	event_active(post->matrix->posted, EV_TIMEOUT, 0);
}

static void refused(struct matrix_post *post, const struct matrix_call *call)
{
	struct chat_send *send = post->send;

	send->sent = CHAT_NEVER;
	if (call->result == MATRIX_ACCOUNT || call->status == 403 ||
	    call->status == 404) {
		/* not this message, but the account or its room */
		send->sent = CHAT_LATER;
		matrix_again(post->matrix);
	}
}

static void on_posted(struct matrix_call *call)
{
	struct matrix_post *post = call->context;
	struct chat_send *send = post->send;
	const char *id = matrix_event_id(call->answer, "event_id", '$');

	send->error = call->error;
	send->retry_ms = call->retry_ms;
	send->sent = CHAT_LATER;
	if (call->result == MATRIX_DONE && id != NULL) {
		send->sent = CHAT_SENT;
		memcpy(send->remote_made, id, strlen(id) + 1);
	} else if (call->result == MATRIX_DONE) {
		error_set(&send->error, ERROR_BUSY,
		    "took a message and gave it no event_id");
	} else if (call->result != MATRIX_LATER) {
		refused(post, call);
	}
	finish(post);
}

static void put(struct matrix_post *post)
{
	struct matrix *matrix = post->matrix;
	json_t *content = matrix_send_content(post->send);
	struct arena *arena;

	if (content == NULL) {
		error_set(&post->send->error, ERROR_INTERNAL,
		    "a message is longer than the homeserver takes");
		soon(post, CHAT_NEVER);
		return;
	}
	arena = arena_new();
	matrix_call_ask(
	    matrix, &(struct matrix_request){.method = "PUT",
			.path = matrix_call_path(matrix, arena,
			    "/send/m.room.message/" TRANSACTION,
			    matrix_call_escape(arena, post->send->once)),
			.body = content,
			.done = on_posted,
			.context = post});
	arena_free(arena);
}

/* A homeserver takes a new text for a message that was taken back, and nobody
 * sees it: so look first. */
static void on_looked(struct matrix_call *call)
{
	struct matrix_post *post = call->context;
	const json_t *unsigned_ = json_object_get(call->answer, "unsigned");

	if (call->result == MATRIX_DONE &&
	    json_object_get(unsigned_, "redacted_because") == NULL) {
		put(post);
		return;
	}
	post->send->error = call->error;
	post->send->retry_ms = call->retry_ms;
	if (call->result == MATRIX_DONE ||
	    (call->result == MATRIX_REFUSED && call->status == 404)) {
		error_set(&post->send->error, ERROR_MISSING,
		    "says that the message was taken back");
		post->send->sent = CHAT_GONE;
	} else if (call->result == MATRIX_LATER) {
		post->send->sent = CHAT_LATER;
	} else {
		refused(post, call);
	}
	finish(post);
}

static void look(struct matrix_post *post)
{
	struct matrix *matrix = post->matrix;
	struct arena *arena = arena_new();

	matrix_call_ask(
	    matrix, &(struct matrix_request){.method = "GET",
			.path = matrix_call_path(matrix, arena, "/event/%s",
			    matrix_call_escape(arena, post->send->remote)),
			.done = on_looked,
			.context = post});
	arena_free(arena);
}

/* ---- what an earlier life posted
 * --------------------------------------------------------------
 */

static const char *transaction(const struct matrix_post *post)
{
	snprintf(post->send->root_made, sizeof(post->send->root_made),
	    TRANSACTION, post->send->once);
	return post->send->root_made;
}

/* There it is, or it is posted now. */
static void look_back(struct matrix_post *post)
{
	struct chat_send *send = post->send;
	const char *id, *root;
	bool found =
	    matrix_past_find(post->matrix, transaction(post), &id, &root);

	send->root_made[0] = '\0';
	if (!found && send->what == CHAT_POST) {
		put(post);
		return;
	}
	if (found) {
		snprintf(
		    send->remote_made, sizeof(send->remote_made), "%s", id);
		snprintf(send->root_made, sizeof(send->root_made), "%s",
		    root == NULL ? "" : root);
		send->was_there = true;
	}
	soon(post, found ? CHAT_SENT : CHAT_GONE);
}

static void on_past(struct matrix_call *call, void *context)
{
	struct matrix_post *post = context;

	if (call->result == MATRIX_DONE || call->result == MATRIX_REFUSED) {
		look_back(post);
		return;
	}
	post->send->error = call->error;
	post->send->retry_ms = call->retry_ms;
	post->send->sent = CHAT_LATER;
	if (call->result != MATRIX_LATER)
		refused(post, call);
	finish(post);
}

/* ---- those that wait
 * -----------------------------------------------------------------
 */

static void go(struct matrix_post *post)
{
	post->asked = true;
	if (post->send->what == CHAT_REPLACE)
		look(post);
	else if (!post->send->early)
		put(post);
	else if (matrix_past_read(post->matrix, on_past, post))
		look_back(post);
}

/* Those that wait to be asked, or to be done: done() may bring more. */
static void on_due(evutil_socket_t fd, short what, void *context)
{
	struct matrix *matrix = matrix_ref(context);
	struct matrix_post *post, *next;

	(void)fd;
	(void)what;
	for (post = matrix->posts; post != NULL; post = next) {
		next = post->next;
		if (post->over) {
			finish(post);
			next = matrix->posts;
		} else if (!post->asked && matrix->ready) {
			go(post);
		} else if (!post->asked &&
			   matrix->chat->state != CHAT_STARTING) {
			error_set(&post->send->error, ERROR_BUSY, "%s",
			    matrix->chat->why);
			soon(post, CHAT_LATER);
		}
	}
	matrix_unref(matrix);
}

void matrix_send_kick(struct matrix *matrix)
{
	if (!matrix->stopped)
		event_active(matrix->posted, EV_TIMEOUT, 0);
}

void matrix_send_init(struct matrix *matrix)
{
	matrix->posted = evtimer_new(matrix->chat->base, on_due, matrix);
}

void matrix_send(struct chat *chat, struct chat_send *send)
{
	struct matrix *matrix = chat->own;
	struct matrix_post *post, **at;

	send->error = (struct error)ERROR_INIT;
	send->retry_ms = 0;
	send->remote_made[0] = send->root_made[0] = '\0';
	send->was_there = false;
	if (matrix == NULL) {
		send->sent = CHAT_LATER;
		send->done(send);
		return;
	}
	for (at = &matrix->posts; *at != NULL;)
		at = &(*at)->next;
	post = *at = mem_zalloc(sizeof(*post));
	post->matrix = matrix;
	post->send = send;
	matrix_send_kick(matrix);
}

void matrix_send_stop(struct matrix *matrix)
{
	while (matrix->posts != NULL) {
		matrix->posts->send->sent = CHAT_LATER;
		finish(matrix->posts);
	}
}
