/*
 * splice: sorts the places and copies what lies between.
 */
#include "check/reader/splice.h"

#include <string.h>

void splice_add(
    struct splices *splices, struct mime_range range, struct span bytes)
{
	struct splice *more;

	if (splices->n == splices->room) {
		splices->room = 2 * splices->room + 16;
		more =
		    arena_alloc(splices->arena, splices->room * sizeof(*more));
		if (splices->n > 0)
			memcpy(more, splices->list, splices->n * sizeof(*more));
		splices->list = more;
	}
	splices->list[splices->n] = (struct splice){range, bytes, splices->n};
	splices->n++;
}

/* By place; at one place insertions come before what is replaced there. */
static int compare(const void *a, const void *b)
{
	const struct splice *x = a, *y = b;

	if (x->range.offset != y->range.offset)
		return x->range.offset < y->range.offset ? -1 : 1;
	if ((x->range.length == 0) != (y->range.length == 0))
		return x->range.length == 0 ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

int splice_apply(struct splices *splices, struct span mail, struct buf *out)
{
	const struct splice *splice;
	size_t i, at = 0;

	if (splices->n > 1)
		qsort(
		    splices->list, splices->n, sizeof(*splices->list), compare);
	for (i = 0; i < splices->n; i++) {
		splice = &splices->list[i];
		if (splice->range.offset < at ||
		    splice->range.offset > mail.len ||
		    splice->range.length > mail.len - splice->range.offset)
			return -1;
		buf_add(out, mail.data + at, splice->range.offset - at);
		buf_add_span(out, splice->bytes);
		at = splice->range.offset + splice->range.length;
	}
	buf_add(out, mail.data + at, mail.len - at);
	return out->overflow ? -1 : 0;
}
