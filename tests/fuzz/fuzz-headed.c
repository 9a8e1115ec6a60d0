/*
 * Fuzzes the header lines above the text of an edit: no crash, no line end in
 * what goes into a header field, and never a word of the text lost.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "util/headed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool right)
{
	if (!right)
		abort();
}

static void one_line(const char *value)
{
	if (value != NULL)
		expect(strchr(value, '\n') == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span words = {size > 0 ? (const char *)data : "", size};
	struct arena *arena = arena_new();
	struct headed headed;

	headed_read(arena, words, &headed);
	one_line(headed.subject);
	one_line(headed.to);
	one_line(headed.cc);
	one_line(headed.bcc);
	if (headed.text.data != NULL)
		expect(
		    headed.text.len > 0 && headed.text.data + headed.text.len ==
					       words.data + words.len);
	if (headed.subject == NULL && headed.to == NULL && headed.cc == NULL &&
	    headed.bcc == NULL && headed.fault == NULL)
		expect(
		    headed.text.data == NULL || headed.text.len == words.len);
	arena_free(arena);
	return 0;
}
