/*
 * store_work: what is computed of a mail before it is written: canonical
 * envelope, hashes, and the file of a large body.  It knows no SQL.
 */
#include "hold/store.h"

#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

#define ENVELOPE_MAX ((size_t)64 * 1024 * 1024)

struct store_work *store_work_new(const struct hold *hold, uint64_t size)
{
	struct store_work *work = mem_zalloc(sizeof(*work));

	work->is_file = size > hold->settings.body_file_above;
	buf_init(&work->envelope, ENVELOPE_MAX);
	return work;
}

bool store_work_is_file(const struct store_work *work)
{
	return work->is_file;
}

void store_work_free(void *work)
{
	struct store_work *w = work;

	if (w == NULL)
		return;
	buf_release(&w->envelope);
	free(w);
}

/* The canonical text has one address a line. */
static bool is_clean(const struct envelope *envelope)
{
	size_t i;

	if (strchr(envelope->from, '\n') != NULL)
		return false;
	for (i = 0; i < envelope->n_recipients; i++)
		if (strchr(envelope->recipients[i].address, '\n') != NULL)
			return false;
	return true;
}

int store_work_prepare(struct store_work *work, const struct envelope *envelope,
    const struct revision_recipe *recipe, struct error *err)
{
	if (!is_clean(envelope) || envelope->n_recipients == 0)
		return error_set(err, ERROR_INVALID, "not an envelope");
	if (!revision_fits(recipe))
		return error_set(
		    err, ERROR_INTERNAL, "cuts are not inside the mail");
	buf_clear(&work->envelope);
	revision_envelope(&work->envelope, envelope);
	if (work->envelope.overflow)
		return error_set(err, ERROR_INVALID, "envelope is too large");
	revision_hash(recipe, buf_span(&work->envelope), work->sha256);
	work->size = revision_size(recipe);
	work->ready = true;
	return 0;
}

int store_work_write(struct store_work *work, struct hold *hold,
    struct span bytes, struct error *err)
{
	if (atomic_load(&hold->broken))
		return error_set(err, ERROR_INTERNAL, "the disk has failed");
	if (store_group_low(hold, bytes.len))
		return error_set(
		    err, ERROR_FULL, "free space is below the reserve");
	if (body_write(hold->dir, work->body, bytes, err) == 0)
		return 0;
	if (err->kind == ERROR_INTERNAL)
		hold_break(hold, err);
	return -1;
}
