/*
 * matrix_past: what an earlier life of ours posted and did not write down.  A
 * homeserver tells us, and nobody else, the transaction id of what we sent, so
 * the newest of it is read once.  What is done with it is matrix_send.c's.
 */
#include "chat/matrix/matrix.h"

#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

#define PAGE	   100
#define PAGES_MOST 10

struct matrix_past {
	struct matrix *matrix;
	json_t *names; /* transaction id: [event, root], or [event] */
	bool read;
	unsigned n_pages;
	char *from; /* NULL: the newest */
	void (*done)(struct matrix_call *call, void *context);
	void *context;
};

static void keep(struct matrix_past *past, const json_t *event)
{
	const json_t *own = json_object_get(event, "unsigned");
	const json_t *relation =
	    json_object_get(json_object_get(event, "content"), "m.relates_to");
	const char *name =
	    json_string_value(json_object_get(own, "transaction_id"));
	const char *type =
	    json_string_value(json_object_get(relation, "rel_type"));
	const char *id = matrix_event_id(event, "event_id", '$');
	const char *root = NULL;

	if (name == NULL || id == NULL ||
	    json_object_get(own, "redacted_because") != NULL)
		return;
	if (type != NULL && strcmp(type, "m.thread") == 0)
		root = matrix_event_id(relation, "event_id", '$');
	json_object_set_new(past->names, name,
	    root == NULL ? json_pack("[s]", id)
			 : json_pack("[s, s]", id, root));
}

static void look(struct matrix_past *past);

static void on_page(struct matrix_call *call)
{
	struct matrix_past *past = call->context;
	const char *end =
	    json_string_value(json_object_get(call->answer, "end"));
	const json_t *event;
	size_t i;

	json_array_foreach(json_object_get(call->answer, "chunk"), i, event)
	    keep(past, event);
	free(past->from);
	past->from = call->result == MATRIX_DONE ? mem_strdup(end) : NULL;
	if (past->from != NULL && ++past->n_pages < PAGES_MOST) {
		look(past);
		return;
	}
	/* what may not be read is not there */
	past->read =
	    call->result == MATRIX_DONE || call->result == MATRIX_REFUSED;
	past->done(call, past->context);
}

/* What we sent, newest first. */
static void look(struct matrix_past *past)
{
	struct matrix *matrix = past->matrix;
	struct arena *arena = arena_new();
	json_t *filter = json_pack("{s:[s], s:[s]}", "senders", matrix->self,
	    "types", "m.room.message");
	char *text = json_dumps(filter, JSON_COMPACT);

	json_decref(filter);
	matrix_call_ask(matrix,
	    &(struct matrix_request){.method = "GET",
		.path = matrix_call_path(matrix, arena,
		    "/messages?dir=b&limit=%d&filter=%s%s%s", PAGE,
		    matrix_call_escape(arena, text),
		    past->from == NULL ? "" : "&from=",
		    past->from == NULL ? ""
				       : matrix_call_escape(arena, past->from)),
		.done = on_page,
		.context = past});
	free(text);
	arena_free(arena);
}

bool matrix_past_read(struct matrix *matrix,
    void (*done)(struct matrix_call *call, void *context), void *context)
{
	struct matrix_past *past = matrix->past;

	if (past == NULL) {
		past = matrix->past = mem_zalloc(sizeof(*past));
		past->matrix = matrix;
	}
	if (past->read)
		return true;
	json_decref(past->names);
	past->names = json_object();
	past->n_pages = 0;
	free(past->from);
	past->from = NULL;
	past->done = done;
	past->context = context;
	look(past);
	return false;
}

bool matrix_past_find(const struct matrix *matrix, const char *name,
    const char **id, const char **root)
{
	const json_t *found = matrix->past == NULL
				  ? NULL
				  : json_object_get(matrix->past->names, name);

	*id = json_string_value(json_array_get(found, 0));
	*root = json_string_value(json_array_get(found, 1));
	return *id != NULL;
}

void matrix_past_free(struct matrix_past *past)
{
	if (past == NULL)
		return;
	json_decref(past->names);
	free(past->from);
	free(past);
}
