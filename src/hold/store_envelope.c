/*
 * store_envelope: to whom the revisions of a draft go.  The table recipient
 * has those of now; a revision that went to others keeps the text of its own
 * envelope, which its hash covers.  What became of each is store_recipient.c's.
 */
#include "hold/store.h"

#include <string.h>

#define ENVELOPE_MAX ((size_t)64 * 1024 * 1024)

/* 1: it has a text of its own, 0: it has not, -1. */
static int own_text(struct store *store, struct arena *arena, int64_t draft,
    unsigned number, struct span *text)
{
	sqlite3_stmt *stmt;
	struct span own;
	int rc;

	if (number == 0)
		return 0;
	rc = store_first(store, &stmt,
	    "SELECT envelope FROM revision WHERE id = ?"
	    " AND envelope IS NOT NULL",
	    ARGS(NUM(STORE_KEY(draft, number))));
	if (rc <= 0)
		return rc;
	own = store_span(stmt, 0);
	text->data = arena_dup(arena, own.data, own.len);
	text->len = own.len;
	store_end(stmt);
	return 1;
}

static int text_of_now(
    struct store *store, struct arena *arena, int64_t draft, struct span *text)
{
	struct store_envelope all;
	struct buf out;

	if (store_recipient_envelope(store, arena, draft, false, &all))
		return -1;
	buf_init(&out, ENVELOPE_MAX);
	revision_envelope(&out, &all.envelope);
	text->data = arena_dup(arena, out.data, out.len);
	text->len = out.len;
	buf_release(&out);
	return 0;
}

int store_envelope_text(struct store *store, struct arena *arena, int64_t draft,
    unsigned number, struct span *text)
{
	int rc = own_text(store, arena, draft, number, text);

	if (rc == 0)
		return text_of_now(store, arena, draft, text);
	return rc < 0 ? -1 : 0;
}

static size_t count_lines(struct span text)
{
	size_t i, n = 0;

	for (i = 0; i < text.len; i++)
		n += text.data[i] == '\n';
	return n;
}

/* The lines "to ADDRESS". */
static size_t addresses_of(
    struct arena *arena, struct span text, const char **addresses)
{
	const char *p = text.data, *end = p + text.len, *lf;
	size_t n = 0;

	for (; p < end; p = lf + 1) {
		lf = memchr(p, '\n', (size_t)(end - p));
		if (lf == NULL)
			lf = end;
		if (lf - p > 3 && memcmp(p, "to ", 3) == 0)
			addresses[n++] =
			    arena_dup(arena, p + 3, (size_t)(lf - p - 3));
	}
	return n;
}

int store_envelope_then(struct store *store, struct arena *arena, int64_t draft,
    unsigned number, size_t *n, const char ***addresses)
{
	struct span text;
	int rc = own_text(store, arena, draft, number, &text);

	*n = 0;
	*addresses = NULL;
	if (rc <= 0)
		return rc;
	*addresses =
	    arena_alloc(arena, (count_lines(text) + 1) * sizeof(**addresses));
	*n = addresses_of(arena, text, *addresses);
	return 0;
}

/* The revisions up to now keep what they were made with. */
static int keep_old(struct store *store, int64_t draft, unsigned number)
{
	struct arena *arena = arena_new();
	struct span text;
	int rc;

	rc = text_of_now(store, arena, draft, &text);
	if (rc == 0)
		rc = store_run(store,
		    "UPDATE revision SET envelope = ? WHERE id BETWEEN ? AND ?"
		    " AND envelope IS NULL",
		    ARGS(BIN(text.data, text.len), NUM(STORE_KEY(draft, 1)),
			NUM(STORE_KEY(draft, number))));
	arena_free(arena);
	return rc;
}

int store_envelope_change(struct store *store, int64_t draft, unsigned number,
    const struct envelope *to, const struct store_person *people,
    struct error *err)
{
	int64_t tried;

	if (store_number(store,
		"SELECT count(*) FROM recipient WHERE draft = ? AND state <> ?",
		ARGS(NUM(draft), NUM(HOLD_RESULT_PENDING)), &tried))
		return -1;
	if (tried > 0)
		return error_set(err, ERROR_INVALID,
		    "the relay host was asked about one of its recipients "
		    "already, so they stay as they are");
	if (keep_old(store, draft, number) ||
	    store_run(store, "DELETE FROM recipient WHERE draft = ?",
		ARGS(NUM(draft))) ||
	    store_recipient_put(store, draft, to, people))
		return -1;
	if (store_run(store,
		"UPDATE submission SET body_type = ? WHERE draft = ?",
		ARGS(NUM(to->body), NUM(draft))))
		return -1;
	return store_run(store,
	    "UPDATE draft SET recipient = ?, n_recipients = ? WHERE id = ?",
	    ARGS(STR(to->recipients[0].address), NUM(to->n_recipients),
		NUM(draft)));
}
