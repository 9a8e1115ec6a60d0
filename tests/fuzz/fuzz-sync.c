/*
 * Fuzzes what a homeserver answers: no crash, and an event of a room says
 * something only when all that it is known by is there, and is of a length that
 * it may have.
 *
 * The input is the answer, its events in "events".
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "chat/matrix/matrix.h"

#define SELF "@gate:hs"
#define ROOM "!r:hs"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool right)
{
	if (!right)
		abort();
}

static bool is_id(const char *id, char sigil)
{
	return id != NULL && id[0] == sigil && strlen(id) <= MATRIX_ID_MAX &&
	       strchr(id, '\n') == NULL;
}

static void look_at(const struct matrix_event *event)
{
	if (event->what == MATRIX_NOTHING)
		return;
	expect(is_id(event->id, '$') && is_id(event->remote, '$'));
	expect(is_id(event->sender, '@') && strcmp(event->sender, SELF) != 0);
	expect(event->root == NULL || is_id(event->root, '$'));
	expect((event->what == MATRIX_WORDS) == (event->words != NULL));
	expect((event->what == MATRIX_VERB) == (event->verb != NULL));
	/* what was quoted decides nothing */
	if (event->words != NULL)
		expect(event->words[0] != '\0' && event->words[0] != '>');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct matrix_call call = {.result = MATRIX_LATER};
	struct arena *arena = arena_new();
	struct matrix_event heard;
	const json_t *events, *event;
	size_t i;

	matrix_call_read(&call, 200, (struct span){(const char *)data, size});
	expect(call.result == MATRIX_DONE || call.answer == NULL);
	events = json_object_get(call.answer, "events");
	json_array_foreach(events, i, event)
	{
		matrix_event_read(arena, event, SELF, ROOM, &heard);
		look_at(&heard);
	}
	json_decref(call.answer);
	call.answer = NULL;
	matrix_call_read(&call, 429, (struct span){(const char *)data, size});
	expect(call.result != MATRIX_DONE && call.retry_ms >= 0);
	json_decref(call.answer);
	arena_free(arena);
	return 0;
}
