/*
 * staying: a list by UID.  What is done with a mail is left to incoming.c.
 */
#include "mailbox/staying.h"

#include <stdlib.h>

#include "util/clock.h"
#include "util/mem.h"

#define FIRST_MOST_MS 30000
#define WAIT_MOST_MS  3600000

/* A mail that stays where it is, for now or for good. */
struct stuck {
	uint32_t uid;
	unsigned tries;
	int64_t again_ms; /* monotonic: when to look at it again; 0: never */
};

struct staying {
	uint32_t validity;
	int64_t first_ms;
	size_t n, room;
	struct stuck *mails; /* by ascending UIDs */
};

struct staying *staying_new(int64_t first_ms)
{
	struct staying *staying = mem_zalloc(sizeof(*staying));

	staying->first_ms = first_ms < FIRST_MOST_MS ? first_ms : FIRST_MOST_MS;
	return staying;
}

void staying_free(struct staying *staying)
{
	if (staying == NULL)
		return;
	free(staying->mails);
	free(staying);
}

uint32_t staying_begin(struct staying *staying, uint32_t validity)
{
	uint32_t before = staying->validity;

	if (before != validity)
		staying->n = 0;
	staying->validity = validity;
	return before;
}

static int by_uid(const void *a, const void *b)
{
	uint32_t x = ((const struct stuck *)a)->uid;
	uint32_t y = ((const struct stuck *)b)->uid;

	return x < y ? -1 : x > y;
}

static struct stuck *find(const struct staying *staying, uint32_t uid)
{
	const struct stuck key = {.uid = uid};

	return staying->n == 0 ? NULL
			       : bsearch(&key, staying->mails, staying->n,
				     sizeof(key), by_uid);
}

bool staying_has(const struct staying *staying, uint32_t uid)
{
	const struct stuck *stuck = find(staying, uid);

	return stuck != NULL &&
	       (stuck->again_ms == 0 || stuck->again_ms > clock_mono_ms());
}

/* Its place in the list; they come in ascending order as a rule. */
static struct stuck *place(struct staying *staying, uint32_t uid)
{
	struct stuck *stuck = find(staying, uid);
	size_t i = staying->n;

	if (stuck != NULL)
		return stuck;
	if (staying->n == staying->room) {
		staying->room = staying->room * 2 + 64;
		staying->mails = mem_grow(
		    staying->mails, staying->room, sizeof(*staying->mails));
	}
	for (; i > 0 && staying->mails[i - 1].uid > uid; i--)
		staying->mails[i] = staying->mails[i - 1];
	staying->mails[i] = (struct stuck){.uid = uid};
	staying->n++;
	return &staying->mails[i];
}

void staying_stay(struct staying *staying, uint32_t uid)
{
	place(staying, uid)->again_ms = 0;
}

void staying_until(struct staying *staying, uint32_t uid, int64_t wait_ms)
{
	place(staying, uid)->again_ms = clock_mono_ms() + wait_ms;
}

unsigned staying_later(struct staying *staying, uint32_t uid)
{
	struct stuck *stuck = place(staying, uid);
	int64_t wait = staying->first_ms;
	unsigned i;

	for (i = 0; i < stuck->tries && wait < WAIT_MOST_MS; i++)
		wait *= 2;
	if (wait > WAIT_MOST_MS)
		wait = WAIT_MOST_MS;
	stuck->again_ms = clock_mono_ms() + wait;
	return ++stuck->tries;
}

void staying_drop(struct staying *staying, const struct mailbox_items *there)
{
	struct stuck *mails = staying->mails;
	size_t i, k = 0, kept = 0;

	for (i = 0; i < staying->n; i++) {
		while (k < there->n && there->items[k].uid < mails[i].uid)
			k++;
		if (k < there->n && there->items[k].uid == mails[i].uid)
			mails[kept++] = mails[i];
	}
	staying->n = kept;
}

int64_t staying_next(const struct staying *staying)
{
	int64_t next = 0;
	size_t i;

	for (i = 0; i < staying->n; i++)
		if (staying->mails[i].again_ms != 0 &&
		    (next == 0 || staying->mails[i].again_ms < next))
			next = staying->mails[i].again_ms;
	return next;
}
