/*
 * message: life and budget of a mail in memory, and how addresses compare.
 * What is in the mail is left to the sealed readers.
 */
#include "message.h"

#include <stdatomic.h>
#include <string.h>

#include "util/mem.h"

/* A mail may be freed on another thread than the one that filled it. */
static atomic_size_t budget_used;
static size_t budget_max = SIZE_MAX;

void message_budget_init(size_t max_bytes)
{
	budget_max = max_bytes;
}

struct message *message_new(size_t max_bytes)
{
	struct arena *arena = arena_new();
	struct message *m = arena_alloc(arena, sizeof(*m));

	m->arena = arena;
	buf_init(&m->bytes, max_bytes);
	return m;
}

void message_free(struct message *message)
{
	if (message == NULL)
		return;
	atomic_fetch_sub(&budget_used, message->budget);
	buf_release(&message->bytes);
	arena_free(message->arena);
}

/*
 * What is counted is the memory that the buffer really has, which its doubling
 * makes larger than the mail; so the budget may be passed by one such step.
 */
int message_add(struct message *message, const void *bytes, size_t size)
{
	size_t used = atomic_load(&budget_used);
	size_t grown;

	if (used > budget_max || size > budget_max - used)
		return -1;
	if (buf_add(&message->bytes, bytes, size))
		return -1;
	if (message->bytes.room > message->budget) {
		grown = message->bytes.room - message->budget;
		message->budget += grown;
		atomic_fetch_add(&budget_used, grown);
	}
	return 0;
}

const char *message_domain(const char *address)
{
	const char *at = strrchr(address, '@');

	return at == NULL ? "" : at + 1;
}

/* Not tolower(): that one asks the locale. */
static int lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static bool same_but_for_case(const char *a, const char *b)
{
	while (*a != '\0' && lower(*a) == lower(*b)) {
		a++;
		b++;
	}
	return lower(*a) == lower(*b);
}

bool message_same_address(const char *a, const char *b)
{
	return same_but_for_case(a, b);
}

bool message_address_fits(const char *address, const char *pattern)
{
	const char *domain = message_domain(address);

	if (strcmp(pattern, "*") == 0)
		return true;
	if (strncmp(pattern, "*@", 2) == 0)
		return *domain != '\0' &&
		       same_but_for_case(domain, pattern + 2);
	return same_but_for_case(address, pattern);
}
