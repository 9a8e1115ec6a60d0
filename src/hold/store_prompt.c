/*
 * store_prompt: who is to be asked or told what about a draft.  How it is
 * said, and when, is left to the review room.
 */
#include "hold/store.h"

#include <string.h>

#define NAMES_MAX ((size_t)1024 * 1024)

/* The range of a draft's prompts, as two arguments. */
#define ALL_OF(draft)                                                          \
	NUM(STORE_KEY((draft)->id, 0)), NUM(STORE_KEY((draft)->id + 1, 0))

/* Numbers go on from the last: one that a dead prompt had never returns. */
static int next_key(
    struct store *store, const struct store_draft *draft, int64_t *key)
{
	if (store_number(store,
		"SELECT max(id) FROM prompt WHERE id >= ? AND id < ?",
		ARGS(ALL_OF(draft)), key))
		return -1;
	if (*key == 0)
		*key = STORE_KEY(draft->id, 0);
	if (++*key >= STORE_KEY(draft->id + 1, 0))
		return error_set(&store->trouble, ERROR_INVALID,
		    "it was asked about too often");
	return 0;
}

static int ask_one(struct store *store, const struct store_draft *draft,
    enum hold_prompt_kind kind, struct span name)
{
	int64_t key;

	if (name.len == 0)
		return 0;
	if (next_key(store, draft, &key))
		return -1;
	return store_run(store,
	    "INSERT INTO prompt (id, number, kind, reviewer)"
	    " VALUES (?, ?, ?, ?)",
	    ARGS(NUM(key), NUM(draft->number), NUM(kind),
		PART(name.data, name.len)));
}

int store_prompt_ask(struct store *store, const struct store_draft *draft,
    enum hold_prompt_kind kind, const char *names)
{
	struct span name;

	while (*names != '\0') {
		name = (struct span){names, strcspn(names, "\n")};
		if (ask_one(store, draft, kind, name))
			return -1;
		names += name.len;
		names += *names == '\n';
	}
	return 0;
}

int store_prompt_trouble(struct store *store, const struct store_draft *draft,
    enum hold_prompt_kind kind)
{
	bool person = draft->approver != NULL &&
		      strncmp(draft->approver, "rule:", 5) != 0 &&
		      store_move_authority(store, draft);

	return store_prompt_ask(
	    store, draft, kind, person ? draft->approver : draft->ask);
}

/* Who else was shown it (a summary shows nothing), LF between. */
static int find_others(struct store *store, const struct store_draft *draft,
    const char *actor, struct buf *names)
{
	sqlite3_stmt *stmt;
	int rc;

	stmt = store_query(store,
	    "SELECT DISTINCT p.reviewer FROM prompt p"
	    " JOIN notice n ON n.id = p.notice"
	    " WHERE p.id >= ? AND p.id < ? AND p.closed = 0"
	    " AND p.reviewer <> ? AND p.kind <> ? AND n.summary = 0",
	    ARGS(ALL_OF(draft), STR(actor), NUM(HOLD_PROMPT_OUTCOME)));
	while ((rc = store_row(store, stmt)) > 0) {
		buf_add_str(names, store_text(stmt, 0));
		buf_add_char(names, '\n');
	}
	return rc;
}

int store_prompt_close(
    struct store *store, const struct store_draft *draft, const char *actor)
{
	struct buf names;
	int rc = 0;

	buf_init(&names, NAMES_MAX);
	if (actor != NULL)
		rc = find_others(store, draft, actor, &names);
	if (rc == 0)
		rc = store_run(store,
		    "UPDATE prompt SET closed = 1"
		    " WHERE id >= ? AND id < ? AND closed = 0",
		    ARGS(ALL_OF(draft)));
	if (rc == 0)
		rc = store_prompt_ask(
		    store, draft, HOLD_PROMPT_OUTCOME, names.data);
	buf_release(&names);
	return rc;
}
