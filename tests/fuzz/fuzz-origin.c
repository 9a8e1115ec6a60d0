/*
 * libFuzzer target: any bytes as one Authentication-Results field, and as a
 * mail that holds some.  What comes out goes over a wire and is compared as
 * names: no divider may be left in them.
 */
#include "check/reader/origin.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_be_plain(const char *text)
{
	if (text != NULL && strpbrk(text, " \t\r\n;") != NULL)
		abort();
}

static void look(const struct reading_origin *origin)
{
	size_t i;

	must_be_plain(origin->domain);
	must_be_plain(origin->authserv);
	if (origin->authserv == NULL && origin->n_results > 0)
		abort();
	if (origin->n_results > ORIGIN_RESULTS_MAX ||
	    origin->n_signatures > ORIGIN_SIGNATURES_MAX ||
	    origin->n_to > ORIGIN_TO_MAX || origin->n_named > origin->n_to)
		abort();
	for (i = 0; i < origin->n_results; i++) {
		must_be_plain(origin->results[i].method);
		must_be_plain(origin->results[i].result);
		must_be_plain(origin->results[i].domain);
	}
	for (i = 0; i < origin->n_signatures; i++) {
		must_be_plain(origin->signatures[i].domain);
		must_be_plain(origin->signatures[i].selector);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct span bytes = {size > 0 ? (const char *)data : "", size};
	struct reading_origin value = {.domain = NULL};
	struct reading_origin mail = {.domain = NULL};
	struct arena *arena = arena_new();

	origin_results(arena, bytes, &value);
	look(&value);
	origin_read(mime_split(arena, bytes), "anna@reviewers.example", &mail);
	look(&mail);
	arena_free(arena);
	return 0;
}
