/*
 * store_people: lists of names, and what people say of a draft without moving
 * it: who is on it, who is to decide instead, was it right to send it.
 */
#include "hold/store.h"

#include "util/clock.h"

#include <stdio.h>
#include <string.h>

#define SNOOZE_MOST_MS ((int64_t)366 * 86400 * 1000)

/* ---- lists of names, LF between ------------------------------------------ */

bool store_people_has(const char *list, const char *name)
{
	size_t len = strlen(name), line;

	while (list != NULL && *list != '\0') {
		line = strcspn(list, "\n");
		if (line == len && memcmp(list, name, len) == 0)
			return true;
		list += line;
		list += *list == '\n';
	}
	return false;
}

unsigned store_people_count(const char *list)
{
	unsigned n = 0;

	while (list != NULL && *list != '\0') {
		n += *list != '\n';
		list += strcspn(list, "\n");
		list += *list == '\n';
	}
	return n;
}

const char *store_people_next(struct arena *arena, const char **rest)
{
	const char *from = *rest;
	char *name;
	size_t len;

	if (from == NULL)
		return NULL;
	from += strspn(from, "\n");
	len = strcspn(from, "\n");
	*rest = from + len;
	if (len == 0)
		return NULL;
	name = arena_alloc(arena, len + 1);
	memcpy(name, from, len);
	return name;
}

const char *store_people_join(
    struct arena *arena, const char *list, const char *more)
{
	const char *name;

	if (list == NULL)
		list = "";
	while ((name = store_people_next(arena, &more)) != NULL)
		if (!store_people_has(list, name))
			list = arena_printf(arena, "%s%s%s", list,
			    *list == '\0' ? "" : "\n", name);
	return list;
}

/* ---- verbs ------------------------------------------------------------- */

struct saying {
	struct store *store;
	struct arena *arena;
	struct hold_decide *decide;
	struct store_draft *draft;
	int64_t at_ms;
};

static int note(struct saying *s, const char *event)
{
	const struct hold_decide *decide = s->decide;

	return store_decide_note(s->store,
	    &(struct store_decision){
		.draft = s->draft->id,
		.sha256 = s->draft->sha256,
		.verb = decide->verb,
		.actor = decide->actor,
		.medium = decide->medium,
		.text = decide->text,
		.category = decide->category,
		.notice = decide->notice,
		.at_ms = s->at_ms,
	    },
	    event);
}

static int refuse(struct saying *s, enum error_kind kind, const char *text)
{
	return store_decide_refuse(s->store,
	    &(struct store_check){
		.call = &s->decide->call,
		.id = s->draft->id,
		.shown = s->draft->sha256,
		.actor = s->decide->actor,
		.medium = s->decide->medium,
	    },
	    kind, text);
}

/* A later claim counts; whose it was is told. */
static int claim(struct saying *s)
{
	const struct store_draft *draft = s->draft;
	struct hold_prior *prior = &s->decide->prior;

	if (draft->claimed_by != NULL &&
	    strcmp(draft->claimed_by, s->decide->actor) != 0) {
		snprintf(prior->actor, sizeof(prior->actor), "%s",
		    draft->claimed_by);
		prior->verb = HOLD_CLAIM;
		prior->at_ms = draft->claimed_ms;
	}
	return -(
	    store_run(s->store,
		"UPDATE draft SET claimed_by = ?, claimed_ms = ?"
		" WHERE id = ?",
		ARGS(STR(s->decide->actor), NUM(s->at_ms), NUM(draft->id))) ||
	    note(s, "claimed"));
}

/* May it be given to that person? */
static int check_target(struct saying *s, const char *target)
{
	struct error err = ERROR_INIT;

	if (target == NULL || *target == '\0')
		return refuse(s, ERROR_INVALID,
		    "say who is to decide it: a reviewer's name");
	if (strcmp(target, s->decide->actor) == 0)
		return refuse(
		    s, ERROR_INVALID, "it cannot be given to who gives it");
	if (store_people_has(s->draft->approver, target))
		return refuse(s, ERROR_INVALID,
		    "that person has approved it already; name another");
	if (!store_move_is_person(target))
		return refuse(
		    s, ERROR_INVALID, "it can only be given to a person");
	if (store_move_may(s->store, s->draft, target, true, &err))
		return refuse(s, ERROR_DENIED, err.text);
	return 0;
}

static int delegate(struct saying *s)
{
	struct store_draft *draft = s->draft;
	const char *target = s->decide->text;

	if (check_target(s, target))
		return -1;
	draft->ask = store_people_join(s->arena, draft->ask, target);
	return -(store_run(s->store, "UPDATE draft SET ask = ? WHERE id = ?",
		     ARGS(STR(draft->ask), NUM(draft->id))) ||
		 note(s, "delegated") ||
		 store_prompt_answered(s->store, draft, s->decide->actor) ||
		 store_prompt_add(s->store, draft, target));
}

/* Each person once: the first word counts. */
static int look_back(struct saying *s)
{
	int64_t said;

	if (store_number(s->store,
		"SELECT count(*) FROM decision WHERE draft = ? AND actor = ?"
		" AND verb IN (?, ?)",
		ARGS(NUM(s->draft->id), STR(s->decide->actor), NUM(HOLD_FINE),
		    NUM(HOLD_WRONG)),
		&said))
		return -1;
	if (said > 0)
		return refuse(s, ERROR_INVALID,
		    "you have said already what you think of it");
	return -(note(s, s->decide->verb == HOLD_FINE ? "found-fine"
						      : "found-wrong") ||
		 store_prompt_answered(s->store, s->draft, s->decide->actor));
}

/* The person comes back to it; the draft's deadlines go on. */
static int snooze(struct saying *s)
{
	struct hold_decide *decide = s->decide;
	char when[CLOCK_ISO_SIZE];
	int rc;

	if (decide->until_ms <= s->at_ms ||
	    decide->until_ms - s->at_ms > SNOOZE_MOST_MS)
		return refuse(s, ERROR_INVALID,
		    "it can be put off for some time, at most for a year: "
		    "snooze 2h");
	rc = store_prompt_snooze(
	    s->store, s->draft, decide->actor, decide->until_ms);
	if (rc == 0)
		return refuse(s, ERROR_INVALID,
		    "you are not being asked about it, so there is nothing "
		    "to put off");
	if (rc < 0)
		return -1;
	decide->text = arena_printf(
	    s->arena, "until %s", clock_iso(decide->until_ms, when));
	rc = note(s, "snoozed");
	decide->text = NULL;
	return rc;
}

int store_people_say(struct store *store, struct arena *arena,
    struct hold_decide *decide, struct store_draft *draft, int64_t at_ms)
{
	struct saying s = {store, arena, decide, draft, at_ms};

	if (decide->verb == HOLD_CLAIM)
		return claim(&s);
	if (decide->verb == HOLD_DELEGATE)
		return delegate(&s);
	if (decide->verb == HOLD_SNOOZE)
		return snooze(&s);
	return look_back(&s);
}
