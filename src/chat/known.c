/*
 * known: what stands in the latest messages, so that nothing is posted to say
 * what is there already.  Only for that: what must not be forgotten is in the
 * ledger.
 */
#include "chat/room.h"

#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

#define KNOWN_MOST 512

struct known {
	char *remote;
	unsigned char hash[DIGEST_SIZE];
	const struct config_reviewer **named;
};

struct chat_known {
	struct known all[KNOWN_MOST];
	size_t n; /* ever */
};

struct chat_known *chat_known_new(void)
{
	return mem_zalloc(sizeof(struct chat_known));
}

static void release(struct known *known)
{
	free(known->remote);
	free(known->named);
	known->remote = NULL;
	known->named = NULL;
}

void chat_known_free(struct chat_known *known)
{
	size_t i;

	if (known == NULL)
		return;
	for (i = 0; i < KNOWN_MOST; i++)
		release(&known->all[i]);
	free(known);
}

static struct known *find(struct chat_known *known, const char *remote)
{
	size_t i;

	for (i = 0; i < KNOWN_MOST && i < known->n; i++)
		if (known->all[i].remote != NULL &&
		    strcmp(known->all[i].remote, remote) == 0)
			return &known->all[i];
	return NULL;
}

void chat_known_keep(
    struct chat_known *known, struct chat_place *place, const char *main)
{
	struct known *k = find(known, place->remote);

	if (k == NULL || place->ours) {
		if (k == NULL)
			k = &known->all[known->n++ % KNOWN_MOST];
		release(k);
		k->remote = mem_strdup(place->remote);
		k->named = place->named;
		place->named = NULL;
	}
	digest_of(main, strlen(main), k->hash);
}

bool chat_known_says(
    struct chat_known *known, const char *remote, const char *main)
{
	const struct known *k = find(known, remote);
	unsigned char hash[DIGEST_SIZE];

	if (k == NULL)
		return false;
	digest_of(main, strlen(main), hash);
	return memcmp(hash, k->hash, DIGEST_SIZE) == 0;
}

bool chat_known_names(struct chat_known *known, const char *remote,
    const struct config_reviewer *reviewer)
{
	const struct known *k = find(known, remote);
	size_t i;

	for (i = 0; k != NULL && k->named != NULL && k->named[i] != NULL; i++)
		if (k->named[i] == reviewer)
			return true;
	return false;
}
