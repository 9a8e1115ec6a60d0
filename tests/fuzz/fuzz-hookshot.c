/*
 * Fuzzes what a bridge says that somebody wrote: no crash, and what is heard
 * has a number, words and who said them.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "chat/matrix/hookshot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool right)
{
	if (!right)
		abort();
}

/* The first line is the media type, the rest the body. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = size > 0 ? (const char *)data : "";
	const char *end = memchr(bytes, '\n', size);
	size_t n = end == NULL ? 0 : (size_t)(end - bytes);
	struct arena *arena = arena_new();
	struct span body = {bytes, size};
	struct hookshot_event event;
	struct error err;

	if (end != NULL)
		body = (struct span){end + 1, size - n - 1};
	if (hookshot_event_read(arena, arena_dup(arena, bytes, n), body,
		"!r:hs", NULL, &event, &err))
		expect(!event.heard && err.kind == ERROR_INVALID);
	if (event.heard) {
		expect(event.draft > 0 && event.words[0] != '\0');
		expect(event.words[0] != ' ' && event.words[0] != '\n');
		expect(event.sender[0] == '@' && strlen(event.sender) <= 255);
		expect(event.id[0] == '$' && strlen(event.id) <= 255);
	}
	arena_free(arena);
	return 0;
}
