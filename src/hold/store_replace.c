/*
 * store_replace: a draft in the place of another, and a draft that its agent
 * takes back.  What a person sends back is store_decide.c's.
 */
#include "hold/store.h"

#include "util/clock.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_MOST ((size_t)18)
#define LAPSE_MOST  64
#define SHOWN_MOST  200 /* bytes of what an agent named */

/* The queries and the partial index spell them out. */
_Static_assert(HOLD_HELD == 1 && HOLD_APPROVED == 2 && HOLD_REVISING == 9,
    "states on disk");

/* ---- which draft is meant ------------------------------------------------ */

/* Its number, or 0. */
static int64_t number_of(const char *name)
{
	size_t len = strspn(name, "0123456789");

	if (len == 0 || len > DIGITS_MOST || name[len] != '\0')
		return 0;
	return strtoll(name, NULL, 10);
}

/* The newest with this Message-ID, one that can still be changed first. */
static int find_by_message_id(struct store *store, const char *agent,
    const char *message_id, int64_t *draft)
{
	return store_number(store,
	    "SELECT s.draft FROM submission s JOIN draft d ON d.id = s.draft"
	    " WHERE s.id_hash = ? AND d.agent = ?"
	    " ORDER BY d.state IN (1, 2, 9) DESC, s.draft DESC LIMIT 1",
	    ARGS(NUM(store_seen_message_id(message_id, strlen(message_id))),
		STR(agent)),
	    draft);
}

/* 1: it is there, and this agent's; 0; -1. */
static int find(struct store *store, struct arena *arena, const char *agent,
    const char *name, struct store_draft *draft)
{
	int64_t id = number_of(name);
	int rc;

	if (id == 0) {
		if (*name != '<')
			name = arena_printf(arena, "<%s>", name);
		if (find_by_message_id(store, agent, name, &id))
			return -1;
	}
	if (id == 0)
		return 0;
	rc = store_move_draft(store, arena, id, draft);
	if (rc > 0 && strcmp(draft->agent, agent) != 0)
		rc = 0;
	if (rc == 0)
		memset(draft, 0, sizeof(*draft));
	return rc;
}

/* Can its agent still do something about it? */
static bool is_open(const struct store_draft *draft)
{
	return draft->state == HOLD_HELD || draft->state == HOLD_REVISING ||
	       (draft->state == HOLD_APPROVED && !draft->dotted);
}

static const char *actor_of(struct arena *arena, const char *agent)
{
	return arena_printf(arena, STORE_AGENT "%s", agent);
}

/* ---- in the place of another --------------------------------------------- */

/* Did a person have a say in it, or was to? */
static bool persons_had_a_say(struct arena *arena, const struct store_draft *d)
{
	const char *rest = d->approver, *name;

	if (d->state != HOLD_APPROVED)
		return true;
	while ((name = store_people_next(arena, &rest)) != NULL)
		if (store_move_is_person(name))
			return true;
	return false;
}

/* Who sent it back last, and with what words; NULL: nobody did. */
static int read_remark(struct store *store, struct arena *arena, int64_t draft,
    const char **remark, const char **by)
{
	sqlite3_stmt *stmt;
	int rc;

	*remark = *by = NULL;
	rc = store_first(store, &stmt,
	    "SELECT text, actor FROM decision WHERE draft = ? AND verb = ?"
	    " ORDER BY id DESC LIMIT 1",
	    ARGS(NUM(draft), NUM(HOLD_REVISE)));
	if (rc > 0) {
		*remark = arena_strdup(arena, store_text(stmt, 0));
		*by = arena_strdup(arena, store_text(stmt, 1));
		store_end(stmt);
	}
	return rc < 0 ? -1 : 0;
}

int store_replace_remark(struct store *store, struct hold_view *view)
{
	int64_t draft = view->draft;

	if (read_remark(
		store, view->arena, draft, &view->remark, &view->remark_by))
		return -1;
	if (view->remark != NULL || view->replaces == 0)
		return 0;
	return read_remark(store, view->arena, view->replaces, &view->remark,
	    &view->remark_by);
}

static const char *tell_replaced(
    struct arena *arena, const struct store_replaced *replaced)
{
	int64_t id = replaced->draft.id;

	if (replaced->draft.state == HOLD_REVISING)
		return arena_printf(arena,
		    "it replaces draft %" PRId64 ", which was sent back: %s",
		    id, replaced->remark == NULL ? "" : replaced->remark);
	if (replaced->draft.state == HOLD_HELD)
		return arena_printf(arena,
		    "it replaces draft %" PRId64 ", which waited for a "
		    "decision",
		    id);
	return arena_printf(arena,
	    replaced->must_hold
		? "it replaces draft %" PRId64 ", which a person had approved"
		: "it replaces draft %" PRId64 ", which was about to leave",
	    id);
}

/* What all lines of it say, or NULL: they differ. */
static const char *one_name(struct arena *arena, const char *names)
{
	size_t len = strcspn(names, "\n");
	const char *rest;

	for (rest = names; *rest != '\0'; rest += *rest == '\n') {
		if (strcspn(rest, "\n") != len || memcmp(rest, names, len) != 0)
			return NULL;
		rest += len;
	}
	return arena_dup(arena, names, len);
}

/* one: what it names; NULL: several. */
static void tell_nothing(struct arena *arena, const char *one,
    const struct store_draft *draft, struct store_history *history)
{
	const char *detail;

	if (one == NULL)
		detail = "it says that it replaces several drafts, and a mail "
			 "replaces one";
	else if (draft->id != 0)
		detail = arena_printf(arena,
		    "it says that it replaces draft %" PRId64
		    ", and that is %s",
		    draft->id, hold_state_name(draft->state));
	else
		detail = arena_printf(arena,
		    "it says that it replaces \"%.*s\", and its agent has no "
		    "such draft",
		    SHOWN_MOST, one);
	store_history_add(history, &(struct finding){
				       .name = "replaces-nothing",
				       .detail = detail,
				       .weight = FINDING_CAUTION,
				       .value = one,
				       .by = STORE_LEDGER,
				   });
}

int store_replace_find(struct store *store, const struct hold_put *put,
    struct arena *arena, struct store_history *history)
{
	const char *name = put->reading->context.replaces;
	const char *agent = put->message->agent;
	struct store_replaced *replaced = &history->replaced;
	struct store_draft draft;
	int rc;

	if (name == NULL)
		return 0;
	memset(&draft, 0, sizeof(draft));
	name = one_name(arena, name);
	rc = name == NULL
		 ? 0
		 : find(store, arena, agent == NULL ? "" : agent, name, &draft);
	if (rc < 0)
		return -1;
	if (!is_open(&draft)) {
		tell_nothing(arena, name, &draft, history);
		return 0;
	}
	replaced->draft = draft;
	replaced->must_hold = persons_had_a_say(arena, &draft);
	if (read_remark(
		store, arena, draft.id, &replaced->remark, &replaced->by))
		return -1;
	name = tell_replaced(arena, replaced);
	if (replaced->must_hold)
		history->told.hold = name;
	store_history_add(history,
	    &(struct finding){
		.name = "replaces",
		.detail = name,
		.weight = replaced->must_hold ? FINDING_CAUTION : FINDING_NOTE,
		.value = arena_printf(arena, "%" PRId64, draft.id),
		.by = STORE_LEDGER,
	    });
	return 0;
}

static const char *text_of(const char *text)
{
	return text == NULL ? "" : text;
}

void store_replace_rise(struct store *store,
    const struct store_replaced *replaced, struct verdict *v)
{
	const struct store_draft *old = &replaced->draft;
	struct store_draft now = {.channel = v->channel};
	struct error err;

	if (old->id == 0 || !replaced->must_hold)
		return;
	if (v->arena == NULL)
		v->arena = arena_new();
	if (old->severity > v->severity)
		v->severity = old->severity;
	if (old->persons > v->persons)
		v->persons = old->persons;
	v->needs_reason |= old->needs_reason;
	v->demand =
	    store_people_join(v->arena, text_of(v->demand), old->demand);
	v->ask = text_of(v->ask);
	now.ask = store_people_join(v->arena, v->ask, text_of(replaced->by));
	now.demand = v->demand;
	/* who sent it back wants to see what came of that */
	if (replaced->by != NULL &&
	    store_move_may(store, &now, replaced->by, false, &err) == 0)
		v->ask = now.ask;
}

/* Who is asked about the new one need not be told of the old one too. */
int store_replace_carry(struct store *store, struct arena *arena,
    const struct store_replaced *replaced, const struct hold_put *put)
{
	const struct store_draft *old = &replaced->draft;
	const char *actor = actor_of(arena, old->agent);
	const struct store_move move = {
	    .draft = old->id,
	    .from = old->state,
	    .to = HOLD_SUPERSEDED,
	    .sha256 = old->sha256,
	    .actor = actor,
	    .medium = "mail",
	    .text = arena_printf(arena, "by draft %" PRId64, put->draft),
	    .at_ms = put->message->received_ms,
	};

	return -(store_run(store,
		     "UPDATE draft SET replaces = ?, rounds = ? WHERE id = ?",
		     ARGS(NUM(old->id), NUM(old->rounds), NUM(put->draft))) ||
		 store_move(store, &move) ||
		 store_prompt_close(
		     store, old, put->state == HOLD_HELD ? NULL : actor));
}

/* ---- taken back --------------------------------------------------------- */

static int refuse_withdrawal(
    struct hold_withdraw *withdraw, const struct store_draft *draft)
{
	struct error *err = &withdraw->call.error;

	if (draft->id == 0)
		return error_set(
		    err, ERROR_MISSING, "you have no such draft here");
	if (draft->state == HOLD_SENDING || draft->state == HOLD_APPROVED)
		return error_set(err, ERROR_CONFLICT,
		    "draft %" PRId64 " is too far on its way", draft->id);
	return error_set(err, ERROR_CONFLICT,
	    "draft %" PRId64 " is %s, so it is too late", draft->id,
	    hold_state_name(draft->state));
}

static int take_back(struct store *store, struct arena *arena,
    struct hold_withdraw *withdraw, const struct store_draft *draft)
{
	const char *actor = actor_of(arena, draft->agent);

	if (store_move(store, &(struct store_move){
				  .draft = draft->id,
				  .from = draft->state,
				  .to = HOLD_WITHDRAWN,
				  .sha256 = draft->sha256,
				  .actor = actor,
				  .medium = withdraw->medium,
				  .at_ms = clock_now_ms(),
			      }))
		return -1;
	withdraw->state = HOLD_WITHDRAWN;
	return store_prompt_close(store, draft, actor);
}

static int withdraw_in(
    struct store *store, struct arena *arena, struct hold_withdraw *withdraw)
{
	const char *name = withdraw->message_id;
	struct store_draft draft;
	int rc;

	if (withdraw->draft != 0)
		name = arena_printf(arena, "%" PRId64, withdraw->draft);
	memset(&draft, 0, sizeof(draft));
	rc = name == NULL ? 0
			  : find(store, arena, withdraw->agent, name, &draft);
	if (rc < 0)
		return -1;
	withdraw->state = draft.state;
	if (draft.id != 0) {
		withdraw->draft = draft.id;
		memcpy(withdraw->code, draft.code, sizeof(withdraw->code));
	}
	withdraw->repeated = draft.state == HOLD_WITHDRAWN;
	if (withdraw->repeated)
		return 0;
	return is_open(&draft) ? take_back(store, arena, withdraw, &draft)
			       : refuse_withdrawal(withdraw, &draft);
}

void store_replace_withdraw(struct hold_call *call)
{
	struct store *store = call->hold->store;
	struct hold_withdraw *withdraw =
	    (void *)((char *)call - offsetof(struct hold_withdraw, call));
	struct arena *arena = arena_new();

	withdraw->code[0] = '\0';
	withdraw->repeated = false;
	if (withdraw_in(store, arena, withdraw))
		store_fail(store, call);
	arena_free(arena);
}

/* ---- nothing came of it in time ------------------------------------------ */

struct lapsing {
	struct store *store;
	struct arena *arena;
	struct hold_lapse *lapse;
};

static int expire(
    struct lapsing *l, const struct store_draft *draft, const char *text)
{
	return store_move(l->store, &(struct store_move){
					.draft = draft->id,
					.from = draft->state,
					.to = HOLD_EXPIRED,
					.sha256 = draft->sha256,
					.actor = STORE_DEADLINE,
					.medium = "ladder",
					.text = text,
					.at_ms = clock_now_ms(),
				    });
}

/* Its agent sent no better one: who sent it back is told. */
static int end_revising(struct lapsing *l, const struct store_draft *draft)
{
	const char *remark, *by;

	if (read_remark(l->store, l->arena, draft->id, &remark, &by))
		return -1;
	return -(expire(l, draft, "its agent sent no better one in time") ||
		 store_prompt_close(l->store, draft, NULL) ||
		 store_prompt_ask(l->store, draft, HOLD_PROMPT_OUTCOME,
		     by == NULL ? "" : by));
}

/* Its agent wanted it back by now: who was shown it is told. */
static int end_waiting(struct lapsing *l, const struct store_draft *draft)
{
	return -(expire(l, draft,
		     "nobody decided by the time that its agent gave") ||
		 store_prompt_close(l->store, draft, STORE_DEADLINE));
}

/* 1: there may be more; 0: what is next is noted; -1. */
static int lapse_one(struct lapsing *l, const char *sql,
    int (*end)(struct lapsing *l, const struct store_draft *draft))
{
	struct hold_lapse *lapse = l->lapse;
	struct store_draft draft;
	sqlite3_stmt *stmt;
	int64_t id, due;
	int rc;

	rc = store_first(l->store, &stmt, sql, NULL);
	if (rc <= 0)
		return rc;
	id = sqlite3_column_int64(stmt, 0);
	due = sqlite3_column_int64(stmt, 1);
	store_end(stmt);
	if (due > lapse->now_ms || lapse->n_drafts == LAPSE_MOST) {
		if (lapse->next_ms == 0 || due < lapse->next_ms)
			lapse->next_ms = due;
		return 0;
	}
	if (store_move_draft(l->store, l->arena, id, &draft) <= 0 ||
	    end(l, &draft))
		return -1;
	lapse->n_drafts++;
	return 1;
}

static int lapse_in(struct lapsing *l)
{
	int64_t jump_ms = l->lapse->jump_ms;
	int rc = 1;

	if (jump_ms > 0 &&
	    (store_run(l->store,
		 "UPDATE draft INDEXED BY draft_lapse"
		 " SET due_ms = due_ms + ? WHERE state = 9",
		 ARGS(NUM(jump_ms))) ||
		store_run(l->store,
		    "UPDATE draft INDEXED BY draft_by SET by_ms = by_ms + ?"
		    " WHERE state = 1 AND by_ms > 0",
		    ARGS(NUM(jump_ms)))))
		return -1;
	while (rc > 0)
		rc = lapse_one(l,
		    "SELECT id, due_ms FROM draft INDEXED BY draft_lapse"
		    " WHERE state = 9 ORDER BY due_ms LIMIT 1",
		    end_revising);
	if (rc < 0)
		return -1;
	do
		rc = lapse_one(l,
		    "SELECT id, by_ms FROM draft INDEXED BY draft_by"
		    " WHERE state = 1 AND by_ms > 0 ORDER BY by_ms LIMIT 1",
		    end_waiting);
	while (rc > 0);
	return rc;
}

void store_replace_lapse(struct hold_call *call)
{
	struct lapsing l = {
	    .store = call->hold->store,
	    .arena = arena_new(),
	    .lapse = (void *)((char *)call - offsetof(struct hold_lapse, call)),
	};

	l.lapse->n_drafts = 0;
	l.lapse->next_ms = 0;
	if (lapse_in(&l))
		store_fail(l.store, call);
	arena_free(l.arena);
}
