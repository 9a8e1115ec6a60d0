/*
 * Fuzzes the head of an HTTP request, the credential in it and its query: no
 * crash, and nothing that two programs could read in two ways.
 *
 * Bytes that are no head are tried as a credential and as a query alone.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "util/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool right)
{
	if (!right)
		abort();
}

static void try_credential(struct arena *arena, const char *text)
{
	struct http_basic basic = {.name = NULL};

	if (http_basic_read(&basic, arena, text) != 0)
		return;
	expect(strchr(basic.name, ':') == NULL);
	expect(strlen(basic.name) + basic.password.len < strlen(text));
	for (size_t i = 0; i < basic.password.len; i++)
		expect(basic.password.data[i] != '\0');
}

static void try_query(struct arena *arena, const char *query)
{
	const char *value = http_query_value(arena, query, "message_id");

	if (value != NULL)
		expect(strlen(value) < strlen(query));
}

static void try_head(struct arena *arena, struct span bytes)
{
	struct http_head head = {.method = NULL};
	int status = http_head_read(&head, arena, bytes);

	expect(status == 0 || (status >= 400 && status <= 505));
	if (status != 0)
		return;
	expect(head.path[0] == '/');
	expect(strstr(head.path, "/../") == NULL);
	expect(strpbrk(head.path, "\r\n") == NULL);
	expect(strcmp(head.method, "GET") == 0 ||
	       strcmp(head.method, "HEAD") == 0 ||
	       strcmp(head.method, "POST") == 0);
	try_query(arena, head.query);
	try_credential(arena, head.authorization);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const char *text = arena_dup(arena, (const char *)data, size);

	try_head(arena, (struct span){text, size});
	try_credential(arena, text);
	try_query(arena, text);
	arena_free(arena);
	return 0;
}
