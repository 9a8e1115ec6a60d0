/*
 * store_body: bodies, and revisions with what a reader saw in them.  How a
 * revision is hashed is revision.c's; reading it back is store_load.c's.
 */
#include "hold/store.h"

#include "pack.h"

#include <string.h>

#define PACKED_MAX ((size_t)256 * 1024 * 1024)

int64_t store_body_put(
    struct store *store, const struct store_work *work, struct span bytes)
{
	if (store_run(store,
		"INSERT INTO body (sha256, size, bytes) VALUES (?, ?, ?)",
		ARGS(BIN(work->body, DIGEST_SIZE), NUM(bytes.len),
		    BIN(work->is_file ? NULL : bytes.data, bytes.len))))
		return -1;
	return sqlite3_last_insert_rowid(store->db);
}

static int put_revision(struct store *store, const struct store_work *work,
    const struct store_revision *r)
{
	const char *subject = r->reading->subject;
	struct buf cuts;
	int rc;

	buf_init(&cuts, PACKED_MAX);
	revision_pack_cuts(&cuts, r->reading->cuts, r->reading->n_cuts);
	rc = store_run(store,
	    "INSERT INTO revision (id, draft, number, sha256, size, head, body,"
	    " cuts, subject, made_ms, editor, note)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    ARGS(NUM(STORE_REVISION(r->draft, r->number)), NUM(r->draft),
		NUM(r->number), BIN(work->sha256, DIGEST_SIZE), NUM(work->size),
		BIN(r->head.data, r->head.len), NUM(r->body),
		BIN(cuts.data, cuts.len),
		PART(subject, store_audit_subject(subject)), NUM(r->at_ms),
		STR(r->editor), STR(r->note)));
	buf_release(&cuts);
	return rc;
}

/* The findings have a table of their own, since others may add to them. */
static int put_reading(struct store *store, const struct store_revision *r)
{
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
		    "INSERT INTO reading (revision, packed) VALUES (?, ?)",
		    ARGS(NUM(STORE_REVISION(r->draft, r->number)),
			BIN(packed.data, packed.len)));
	buf_release(&packed);
	return rc;
}

int store_body_finding(struct store *store, int64_t revision, size_t n,
    const struct finding *finding)
{
	return store_run(store,
	    "INSERT INTO finding (revision, n, weight, name, detail)"
	    " VALUES (?, ?, ?, ?, ?)",
	    ARGS(NUM(revision), NUM(n), NUM(finding->weight),
		STR(finding->name), STR(finding->detail)));
}

int store_body_revision(struct store *store, const struct store_work *work,
    const struct store_revision *revision)
{
	const struct reading *reading = revision->reading;
	int64_t id = STORE_REVISION(revision->draft, revision->number);
	size_t i;

	if (put_revision(store, work, revision) || put_reading(store, revision))
		return -1;
	for (i = 0; i < reading->n_findings; i++)
		if (store_body_finding(store, id, i, &reading->findings[i]))
			return -1;
	return 0;
}
