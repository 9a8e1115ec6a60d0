/*
 * store_verify: walks the audit chain from its first row, a stretch at a time
 * so that lists need not wait.  What a link must be is audit.c's, what it says
 * of decisions and drafts store_compare.c's.
 */
#include "hold/store.h"

#include "util/digest.h"
#include "util/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define STRETCH 2000 /* rows in one go */

/* call->work: where the walk is. */
struct walk {
	struct audit_head head;
	struct store_compare compare;
	bool drafts; /* the chain is done, the drafts are looked at */
};

static int found(struct hold_verify *verify, int64_t id, const char *why)
{
	verify->first_bad = id;
	snprintf(verify->why, sizeof(verify->why), "%s", why);
	return 1;
}

/* What an intake committed to, from the rows that hold it now. */
static int read_about(struct store *store, int64_t draft, struct buf *about)
{
	struct arena *arena = arena_new();
	struct span envelope = {"", 0};
	sqlite3_stmt *stmt;
	int rc;

	rc = store_envelope_text(store, arena, draft, 1, &envelope);
	if (rc == 0)
		rc = store_first(store, &stmt,
		    "SELECT subject FROM revision WHERE id = ?",
		    ARGS(NUM(STORE_KEY(draft, 1))));
	store_audit_about(about, envelope, rc > 0 ? store_text(stmt, 0) : NULL);
	if (rc > 0)
		store_end(stmt);
	arena_free(arena);
	return store->failure != 0 ? -1 : 0;
}

/* Columns 9, 10, 11: salt, text, does it cover the envelope. */
static int check_text(struct store *store, sqlite3_stmt *stmt,
    const struct audit_row *row, const char **why)
{
	unsigned char commitment[DIGEST_SIZE];
	struct span salt = store_span(stmt, 9);
	struct buf about;
	int rc = 0;

	*why = NULL;
	if (sqlite3_column_type(stmt, 9) == SQLITE_NULL) {
		/* nothing was said, or it was erased with its salt */
		if (sqlite3_column_type(stmt, 10) != SQLITE_NULL)
			*why = "a text was added to it";
		return 0;
	}
	buf_init(&about, 0);
	if (sqlite3_column_int(stmt, 11) != 0)
		rc = read_about(store, row->draft, &about);
	if (salt.len == AUDIT_SALT_SIZE)
		audit_commit((const unsigned char *)salt.data,
		    store_text(stmt, 10), buf_span(&about), commitment);
	if (salt.len != AUDIT_SALT_SIZE || row->commitment.len != DIGEST_SIZE ||
	    memcmp(commitment, row->commitment.data, DIGEST_SIZE) != 0)
		*why = "its text, or the envelope it is about, was changed";
	buf_release(&about);
	return rc;
}

/* What was said with the row; NULL: it was erased. */
static const char *words_of(sqlite3_stmt *stmt, const struct audit_row *row)
{
	if (sqlite3_column_type(stmt, 9) == SQLITE_NULL &&
	    row->commitment.len > 0)
		return NULL;
	return store_text(stmt, 10);
}

static int check_row(struct store *store, struct hold_verify *verify,
    struct walk *walk, sqlite3_stmt *stmt)
{
	struct audit_row row = {
	    .id = sqlite3_column_int64(stmt, 0),
	    .at_ms = sqlite3_column_int64(stmt, 1),
	    .draft = sqlite3_column_int64(stmt, 2),
	    .event = store_text(stmt, 3),
	    .actor = store_text(stmt, 4),
	    .medium = store_text(stmt, 5),
	    .revision = store_span(stmt, 6),
	    .commitment = store_span(stmt, 7),
	};
	int64_t id = walk->head.id + 1; /* the one that should come */
	const char *why;

	why = audit_follow(
	    store->hold->audit_key, &walk->head, &row, store_span(stmt, 8));
	if (why == NULL && check_text(store, stmt, &row, &why))
		return -1;
	if (why == NULL && store_compare_row(store, &walk->compare, &row,
			       words_of(stmt, &row)) < 0)
		return -1;
	if (why == NULL && walk->compare.why[0] != '\0')
		why = walk->compare.why;
	if (why != NULL)
		return found(verify, id, why);
	verify->rows++;
	return 0;
}

/* 1: the end or a bad row was met, 0: go on, -1. */
static int walk_on(
    struct store *store, struct hold_verify *verify, struct walk *walk)
{
	sqlite3_stmt *stmt;
	int rc, bad, n = 0;

	stmt = store_query(store,
	    "SELECT a.id, a.at_ms, a.draft, a.event, a.actor, a.medium,"
	    " a.revision, a.commitment, a.mac, a.salt, a.text, a.envelope"
	    " FROM audit a WHERE a.id > ? ORDER BY a.id LIMIT ?",
	    ARGS(NUM(walk->head.id), NUM(STRETCH)));
	while ((rc = store_row(store, stmt)) > 0) {
		n++;
		bad = check_row(store, verify, walk, stmt);
		if (bad != 0) {
			store_end(stmt);
			return bad;
		}
	}
	if (rc < 0)
		return -1;
	return n < STRETCH;
}

/* In the snapshot that had no more rows: is this where the chain ended? */
static int check_end(
    struct store *store, struct hold_verify *verify, const struct walk *walk)
{
	struct audit_head sealed;
	char why[100];
	int rc = store_audit_sealed(store, &sealed);

	if (rc < 0)
		return -1;
	if (rc == 0 && walk->head.id == 0)
		return 0;
	if (rc == 0)
		return found(verify, walk->head.id + 1,
		    "the seal of the chain's end is missing or false");
	if (sealed.id > walk->head.id) {
		snprintf(why, sizeof(why),
		    "%" PRId64 " rows at the end are "
		    "missing",
		    sealed.id - walk->head.id);
		return found(verify, walk->head.id + 1, why);
	}
	if (sealed.id < walk->head.id ||
	    !digest_equal(sealed.mac, walk->head.mac, DIGEST_SIZE))
		return found(verify, sealed.id,
		    "the seal of the chain's end is an older one");
	return 0;
}

/* 1: a stretch of the chain was bad, 0: it was right, -1. */
static int verify_chain(
    struct store *store, struct hold_verify *verify, struct walk *walk)
{
	int rc = walk_on(store, verify, walk);

	if (rc <= 0)
		return rc;
	walk->drafts = true;
	digest_hex(walk->head.mac, DIGEST_SIZE, verify->head);
	if (verify->first_bad != 0)
		return 1;
	rc = check_end(store, verify, walk);
	if (rc == 0)
		rc = store_compare_rest(store, &walk->compare);
	if (rc > 0 && verify->first_bad == 0)
		found(verify, walk->head.id, walk->compare.why);
	return rc;
}

/* The same of the drafts; also 1 after the last. */
static int verify_drafts(
    struct store *store, struct hold_verify *verify, struct walk *walk)
{
	struct store_compare *at = &walk->compare;
	int rc = store_compare_drafts(store, at);

	if (rc > 0 && at->why[0] != '\0')
		found(verify, at->row != 0 ? at->row : walk->head.id, at->why);
	return rc;
}

static int verify_in(struct store *store, struct hold_verify *verify)
{
	struct walk *walk = verify->call.work;
	int rc = walk->drafts ? verify_drafts(store, verify, walk)
			      : verify_chain(store, verify, walk);

	verify->call.again = rc == 0;
	return rc < 0 ? -1 : 0;
}

void store_verify(struct hold_call *call)
{
	struct store *store = call->hold->view;
	struct hold_verify *verify =
	    (void *)((char *)call - offsetof(struct hold_verify, call));

	if (call->work == NULL) {
		call->work = mem_zalloc(sizeof(struct walk));
		verify->rows = 0;
		verify->first_bad = 0;
		verify->why[0] = '\0';
		verify->head[0] = '\0';
	}
	if (verify_in(store, verify))
		store_fail(store, call);
}
