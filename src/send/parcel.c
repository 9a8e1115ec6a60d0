/*
 * parcel: sends a parcel its way, keeps its results, and knows when to try
 * again.  The ways themselves are relay.c and maildir.c.
 */
#include "send/parcel.h"

#include <string.h>

#include "send/internal.h"
#include "send/maildir.h"
#include "send/relay.h"

#include "config/config.h"

#include "util/arena.h"
#include "util/clock.h"
#include "util/digest.h"

void parcel_start(struct send *send, struct parcel *parcel)
{
	parcel->line = NULL;
	parcel->file = NULL;
	if (parcel->maildir != NULL)
		maildir_start(send->jobs, parcel);
	else
		relay_start(send->relay, parcel);
}

void parcel_go(struct parcel *parcel)
{
	if (parcel->maildir != NULL)
		maildir_go(parcel);
	else
		relay_go(parcel);
}

void parcel_abandon(struct parcel *parcel)
{
	if (parcel->maildir != NULL)
		maildir_abandon(parcel);
	else
		relay_abandon(parcel);
}

void parcel_drop(struct parcel *parcel)
{
	/* a relay that is gone has closed its connections */
	if (parcel->maildir != NULL)
		maildir_drop(parcel);
}

void parcel_result(struct parcel *parcel, size_t target,
    enum hold_result result, const char *answer)
{
	parcel->targets[target].result = result;
	parcel->targets[target].answer = arena_strdup(parcel->arena, answer);
}

void parcel_results(
    struct parcel *parcel, enum hold_result result, const char *answer)
{
	size_t i;

	for (i = 0; i < parcel->n_targets; i++)
		parcel_result(parcel, i, result, answer);
}

int64_t parcel_again_ms(const struct config_relay *relay, unsigned tries)
{
	int64_t wait = (int64_t)relay->retry_first_s * 1000;
	int64_t most = (int64_t)relay->retry_most_s * 1000;
	uint32_t chance;

	for (; tries > 0 && wait < most; tries--)
		wait *= 2;
	if (wait > most)
		wait = most;
	digest_random(&chance, sizeof(chance));
	return clock_now_ms() + wait - chance % (wait / 4 + 1);
}
