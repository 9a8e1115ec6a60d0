/*
 * store_prompt: who is to be asked or told what about a draft.  How it is
 * said, and when, is left to the review room.
 */
#include "hold/store.h"

#include <string.h>

static int ask_one(struct store *store, const struct store_draft *draft,
    enum hold_prompt_kind kind, struct span name)
{
	if (name.len == 0)
		return 0;
	return store_run(store,
	    "INSERT INTO prompt (draft, number, kind, reviewer)"
	    " VALUES (?, ?, ?, ?)",
	    ARGS(NUM(draft->id), NUM(draft->number), NUM(kind),
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

/* One each, also for who was shown it in several notices. */
static int tell_others(
    struct store *store, const struct store_draft *draft, const char *actor)
{
	return store_run(store,
	    "INSERT INTO prompt (draft, number, kind, reviewer)"
	    " SELECT DISTINCT ?1, ?2, ?3, p.reviewer FROM prompt p"
	    " JOIN notice n ON n.id = p.notice"
	    " WHERE p.draft = ?1 AND p.closed = 0 AND p.reviewer <> ?4"
	    " AND p.kind <> ?3 AND n.summary = 0",
	    ARGS(NUM(draft->id), NUM(draft->number), NUM(HOLD_PROMPT_OUTCOME),
		STR(actor)));
}

int store_prompt_close(
    struct store *store, const struct store_draft *draft, const char *actor)
{
	if (store_run(store,
		"DELETE FROM prompt WHERE draft = ? AND notice IS NULL",
		ARGS(NUM(draft->id))))
		return -1;
	if (actor != NULL && tell_others(store, draft, actor))
		return -1;
	return store_run(store,
	    "UPDATE prompt SET closed = 1"
	    " WHERE draft = ? AND notice IS NOT NULL AND closed = 0",
	    ARGS(NUM(draft->id)));
}
