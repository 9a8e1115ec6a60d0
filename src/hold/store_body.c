/*
 * store_body: bodies, and revisions with what a reader saw in them.  How a
 * revision is hashed is revision.c's; reading it back is store_load.c's.
 */
#include "hold/store.h"

#include "pack.h"

#include <string.h>

#define PACKED_MAX ((size_t)256 * 1024 * 1024)

static int put_revision(struct store *store, const struct store_work *work,
    const struct store_revision *r)
{
	const char *subject = r->reading->subject;
	struct buf cuts;
	int rc;

	buf_init(&cuts, PACKED_MAX);
	revision_pack_cuts(&cuts, r->reading->cuts, r->reading->n_cuts);
	rc = store_run(store,
	    "INSERT INTO revision (id, sha256, size, head, cuts, subject,"
	    " made_ms, editor, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    ARGS(NUM(STORE_KEY(r->draft, r->number)),
		BIN(work->sha256, DIGEST_SIZE), NUM(work->size),
		BIN(r->head.data, r->head.len), BIN(cuts.data, cuts.len),
		PART(subject, store_audit_subject(subject)), NUM(r->at_ms),
		STR(r->editor), STR(r->note)));
	buf_release(&cuts);
	return rc;
}

/* The findings have a table of their own, since others may add to them. */
static int put_body(struct store *store, const struct store_work *work,
    const struct store_revision *r)
{
	const char *bytes = work->is_file ? NULL : r->bytes.data;
	struct reading plain = *r->reading;
	struct buf packed;
	int rc;

	plain.n_findings = 0;
	buf_init(&packed, PACKED_MAX);
	pack_reading(&packed, &plain);
	if (packed.overflow)
		rc = error_set(&store->trouble, ERROR_INTERNAL,
		    "the reading is too large");
	else
		rc = store_run(store,
		    "INSERT INTO body (revision, sha256, size, reading, bytes)"
		    " VALUES (?, ?, ?, ?, ?)",
		    ARGS(NUM(STORE_KEY(r->draft, r->number)),
			BIN(work->body, DIGEST_SIZE), NUM(r->bytes.len),
			BIN(packed.data, packed.len),
			BIN(bytes, r->bytes.len)));
	buf_release(&packed);
	return rc;
}

int store_body_findings(struct store *store, int64_t revision, int64_t n,
    const struct finding *findings, size_t n_findings)
{
	const struct finding *f;
	size_t i;

	for (i = 0; i < n_findings; i++) {
		f = &findings[i];
		if (store_run(store,
			"INSERT INTO finding (revision, n, weight, name, "
			"detail,"
			" value, by_whom) VALUES (?, ?, ?, ?, ?, ?, ?)",
			ARGS(NUM(revision), NUM(n + (int64_t)i), NUM(f->weight),
			    STR(f->name), STR(f->detail), STR(f->value),
			    STR(f->by))))
			return -1;
	}
	return 0;
}

int store_body_trace(struct store *store, int64_t revision, const char *text)
{
	if (text == NULL || *text == '\0')
		return 0;
	return store_run(store,
	    "INSERT INTO trace (revision, text) VALUES (?, ?)"
	    " ON CONFLICT (revision) DO UPDATE"
	    " SET text = text || char(10) || excluded.text",
	    ARGS(NUM(revision), STR(text)));
}

int store_body_put(struct store *store, const struct store_work *work,
    const struct store_revision *revision)
{
	const struct reading *reading = revision->reading;
	int64_t id = STORE_KEY(revision->draft, revision->number);

	return -(put_revision(store, work, revision) ||
		 put_body(store, work, revision) ||
		 store_body_findings(
		     store, id, 0, reading->findings, reading->n_findings));
}
