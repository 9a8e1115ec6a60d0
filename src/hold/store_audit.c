/*
 * store_audit: rows of the chained log: added, and sealed with each commit.
 * The arithmetic is audit.c's, checking it store_verify.c's.
 */
#include "hold/store.h"

#include "util/digest.h"
#include "util/log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SEAL_SIZE (8 + 2 * DIGEST_SIZE) /* id, link, seal over both */

size_t store_audit_subject(const char *subject)
{
	size_t len = subject == NULL ? 0 : strlen(subject);

	if (len <= STORE_SUBJECT_MAX)
		return len;
	len = STORE_SUBJECT_MAX;
	while (len > 0 && ((unsigned char)subject[len] & 0xc0) == 0x80)
		len--;
	return len;
}

void store_audit_about(
    struct buf *about, struct span envelope, const char *subject)
{
	buf_init(about, envelope.len + STORE_SUBJECT_MAX);
	buf_add_span(about, envelope);
	buf_add(about, subject, store_audit_subject(subject));
}

/* What may be erased, and the commitment to it. */
struct words {
	bool any;
	unsigned char salt[AUDIT_SALT_SIZE], commitment[DIGEST_SIZE];
};

static void commit_to(struct words *words, const struct store_event *event)
{
	words->any = event->about.len > 0 ||
		     (event->text != NULL && event->text[0] != '\0');
	if (!words->any)
		return;
	digest_random(words->salt, sizeof(words->salt));
	audit_commit(words->salt, event->text == NULL ? "" : event->text,
	    event->about, words->commitment);
}

int store_audit_add(struct store *store, const struct store_event *event)
{
	struct audit_head *head = &store->memory.head;
	struct words words;
	struct audit_row row = {
	    .id = head->id + 1,
	    .at_ms = event->at_ms,
	    .draft = event->draft,
	    .event = event->event,
	    .actor = event->actor,
	    .medium = event->medium,
	    .revision = {(const char *)event->revision,
		event->revision == NULL ? 0 : DIGEST_SIZE},
	};

	commit_to(&words, event);
	row.commitment.data = (const char *)words.commitment;
	row.commitment.len = words.any ? sizeof(words.commitment) : 0;
	audit_extend(store->hold->audit_key, head, &row);
	return store_run(store,
	    "INSERT INTO audit (id, at_ms, draft, event, actor, medium,"
	    " revision, commitment, mac, envelope, salt, text)"
	    " VALUES (?, ?, ?, ?, ?, ?, coalesce(?, x''), ?, ?, ?, ?, ?)",
	    ARGS(NUM(row.id), NUM(row.at_ms), NUM(row.draft), STR(row.event),
		STR(row.actor), STR(row.medium),
		BIN(row.revision.data, row.revision.len),
		BIN(row.commitment.data, row.commitment.len),
		BIN(head->mac, sizeof(head->mac)), NUM(event->about.len > 0),
		BIN(words.any ? words.salt : NULL, sizeof(words.salt)),
		STR(words.any ? event->text : NULL)));
}

static void pack_seal(const struct store *store, const struct audit_head *head,
    unsigned char out[SEAL_SIZE])
{
	size_t i;

	for (i = 0; i < 8; i++)
		out[i] = (unsigned char)((uint64_t)head->id >> (8 * i));
	memcpy(out + 8, head->mac, DIGEST_SIZE);
	audit_seal(store->hold->audit_key, head, out + 8 + DIGEST_SIZE);
}

int store_audit_seal(struct store *store)
{
	unsigned char seal[SEAL_SIZE];

	if (store->memory.head.id == store->published.head.id)
		return 0;
	pack_seal(store, &store->memory.head, seal);
	return store_run(store,
	    "INSERT INTO meta (name, value) VALUES ('audit', ?)"
	    " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
	    ARGS(BIN(seal, sizeof(seal))));
}

int store_audit_sealed(struct store *store, struct audit_head *head)
{
	unsigned char seal[SEAL_SIZE];
	sqlite3_stmt *stmt;
	struct span span;
	size_t i;
	int rc;

	rc = store_first(
	    store, &stmt, "SELECT value FROM meta WHERE name = 'audit'", NULL);
	if (rc <= 0)
		return rc;
	span = store_span(stmt, 0);
	memset(head, 0, sizeof(*head));
	if (span.len == SEAL_SIZE) {
		for (i = 0; i < 8; i++)
			head->id |=
			    (int64_t)((uint64_t)(unsigned char)span.data[i]
				      << (8 * i));
		memcpy(head->mac, span.data + 8, DIGEST_SIZE);
		pack_seal(store, head, seal);
		rc = digest_equal(seal, span.data, SEAL_SIZE);
	} else {
		rc = 0;
	}
	store_end(stmt);
	return rc;
}

/*
 * The chain goes on from the seal, not from the last row: if rows were cut
 * off, or the seal is false, the next row will not fit, for ever.
 */
int store_audit_start(struct store *store)
{
	struct audit_head *head = &store->memory.head;
	int64_t last;
	int rc;

	if (store_number(store, "SELECT max(id) FROM audit", NULL, &last))
		return -1;
	rc = store_audit_sealed(store, head);
	if (rc < 0)
		return -1;
	if (rc == 0)
		memset(head, 0, sizeof(*head));
	if (head->id != last) {
		log_error("audit broken sealed=%" PRId64 " last=%" PRId64,
		    head->id, last);
		if (head->id < last)
			head->id = last;
	}
	return 0;
}
