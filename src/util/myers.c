/*
 * myers: forward search, keeping the furthest points of each round so that
 * the way can be walked back.  Memory and time grow with most * most.
 */
#include "util/myers.h"

#include "util/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/*
 * One round d holds the furthest x on each diagonal k in -d..d.  Rounds are
 * kept one after the other: round d begins at d * d (1 + 3 + 5 ... before it).
 */
struct search {
	const struct myers *myers;
	int32_t *rounds;
	size_t room; /* rounds that there is room for */
};

static int32_t *round_of(const struct search *s, size_t d)
{
	return s->rounds + d * d + d; /* points at diagonal 0 */
}

/* Where round d enters diagonal k: from k + 1 (down) or from k - 1 (right)? */
static bool goes_down(const struct search *s, long d, long k)
{
	const int32_t *before = round_of(s, (size_t)d - 1);

	return k == -d || (k != d && before[k - 1] < before[k + 1]);
}

static int32_t slide(const struct search *s, int32_t x, long k)
{
	const struct myers *m = s->myers;
	long y = x - k;

	while ((size_t)x < m->n_old && (size_t)y < m->n_new &&
	       m->equal(m->context, (size_t)x, (size_t)y)) {
		x++;
		y++;
	}
	return x;
}

/* Run round d; true when it reached the end. */
static bool run_round(const struct search *s, long d)
{
	const struct myers *m = s->myers;
	int32_t *now = round_of(s, (size_t)d);
	const int32_t *before;
	long k;
	int32_t x;

	for (k = -d; k <= d; k += 2) {
		if (d == 0) {
			x = 0;
		} else {
			before = round_of(s, (size_t)d - 1);
			x = goes_down(s, d, k) ? before[k + 1]
					       : before[k - 1] + 1;
		}
		/* off the board: keep it there, it leads nowhere */
		if ((size_t)x <= m->n_old && x - k >= 0 &&
		    (size_t)(x - k) <= m->n_new)
			x = slide(s, x, k);
		now[k] = x;
		if ((size_t)x == m->n_old && x - k == (long)m->n_new)
			return true;
	}
	return false;
}

static void walk_back(
    const struct search *s, long d, bool *in_old, bool *in_new)
{
	long k = (long)s->myers->n_old - (long)s->myers->n_new;
	int32_t x;

	for (; d > 0; d--) {
		if (goes_down(s, d, k)) {
			k++;
			x = round_of(s, (size_t)d - 1)[k];
			in_new[x - k] = true;
		} else {
			k--;
			x = round_of(s, (size_t)d - 1)[k];
			in_old[x] = true;
		}
	}
}

int myers_run(const struct myers *myers, bool *in_old, bool *in_new)
{
	struct search s = {myers, NULL, 0};
	size_t d;
	int rc = -1;

	for (d = 0; d <= myers->most; d++) {
		if (d >= s.room) {
			s.room = s.room == 0 ? 16 : s.room * 2;
			s.rounds = mem_grow(
			    s.rounds, s.room * s.room, sizeof(*s.rounds));
		}
		if (!run_round(&s, (long)d))
			continue;
		walk_back(&s, (long)d, in_old, in_new);
		rc = 0;
		break;
	}
	free(s.rounds);
	return rc;
}
