/*
 * store_load: a revision's bytes, put together from its recipe and hashed
 * again.  Sending them is left to the send room.
 */
#include "hold/store.h"

#include "util/mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct loading {
	struct store *store;
	struct hold_load *load;
	struct arena *arena;
	struct revision_recipe recipe;
	unsigned char body[DIGEST_SIZE]; /* hash of the body */
	char *file;			 /* the body, when it is a file */
};

static int read_body(struct loading *l, sqlite3_stmt *stmt)
{
	uint64_t size = (uint64_t)sqlite3_column_int64(stmt, 4);
	struct span bytes;

	store_hash(stmt, 3, l->body);
	if (sqlite3_column_type(stmt, 5) == SQLITE_NULL) {
		l->file = body_read(
		    l->store->hold->dir, l->body, size, &l->load->call.error);
		if (l->file == NULL)
			return -1;
		l->recipe.body = (struct span){l->file, size};
		return 0;
	}
	bytes = store_span(stmt, 5);
	l->recipe.body.data = arena_dup(l->arena, bytes.data, bytes.len);
	l->recipe.body.len = bytes.len;
	return 0;
}

/* A revision (0: the current one) with its body, or with the first one's. */
#define NUMBER	 "CASE WHEN ?2 = 0 THEN d.number ELSE ?2 END"
#define REVISION STORE_SQL_KEY("d.id", NUMBER)
#define FIRST	 STORE_SQL_KEY("d.id", "1")
#define FROM                                                                   \
	"SELECT r.sha256, r.head, r.cuts, b.sha256, b.size, b.bytes"           \
	" FROM draft d JOIN revision r ON r.id = " REVISION                    \
	" JOIN body b ON b.revision = "

static const char made[] = FROM "r.id WHERE d.id = ?1";
static const char received[] = FROM FIRST " WHERE d.id = ?1";

static int read_recipe(struct loading *l)
{
	struct hold_load *load = l->load;
	struct span span;
	sqlite3_stmt *stmt;
	int rc;

	rc = store_first(l->store, &stmt, load->submission ? received : made,
	    ARGS(NUM(load->draft), NUM(load->revision)));
	if (rc == 0)
		return load->revision == 0
			   ? error_set(&load->call.error, ERROR_MISSING,
				 "there is no draft %" PRId64, load->draft)
			   : error_set(&load->call.error, ERROR_MISSING,
				 "there is no revision %u of draft %" PRId64,
				 load->revision, load->draft);
	if (rc < 0)
		return -1;
	store_hash(stmt, 0, load->sha256);
	if (!load->submission) {
		span = store_span(stmt, 1);
		l->recipe.head.data = arena_dup(l->arena, span.data, span.len);
		l->recipe.head.len = span.len;
		l->recipe.cuts = revision_read_cuts(
		    l->arena, store_span(stmt, 2), &l->recipe.n_cuts);
	}
	rc = read_body(l, stmt);
	store_end(stmt);
	return rc;
}

static int changed(struct hold_load *load)
{
	return error_set(&load->call.error, ERROR_INTERNAL,
	    "the stored bytes of draft %" PRId64 " have changed", load->draft);
}

static int check_submission(struct loading *l)
{
	unsigned char sha256[DIGEST_SIZE];

	digest_of(l->recipe.body.data, l->recipe.body.len, sha256);
	return memcmp(sha256, l->body, DIGEST_SIZE) == 0 ? 0 : changed(l->load);
}

/* The hash covers the envelope as well, so that is read again too. */
static int check_revision(struct loading *l)
{
	unsigned char sha256[DIGEST_SIZE];
	struct span text;

	if (!revision_fits(&l->recipe))
		return changed(l->load);
	if (store_envelope_text(
		l->store, l->arena, l->load->draft, l->load->revision, &text))
		return -1;
	revision_hash(&l->recipe, text, sha256);
	return memcmp(sha256, l->load->sha256, DIGEST_SIZE) == 0
		   ? 0
		   : changed(l->load);
}

static int load_bytes(struct loading *l)
{
	if (read_recipe(l))
		return -1;
	if (l->load->submission ? check_submission(l) : check_revision(l))
		return -1;
	l->load->size = revision_size(&l->recipe);
	l->load->bytes = revision_bytes(&l->recipe);
	return 0;
}

void store_load(struct hold_call *call)
{
	struct loading l = {
	    .store = call->hold->view,
	    .load = (void *)((char *)call - offsetof(struct hold_load, call)),
	    .arena = arena_new(),
	    .recipe = {.head = {"", 0}},
	};

	if (load_bytes(&l))
		store_fail(l.store, call);
	free(l.file);
	arena_free(l.arena);
}
