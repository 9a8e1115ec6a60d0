/*
 * store_history: what the ledger knows that bears on a new draft: who was
 * written to before, what is nearly the same, what was dropped.  Looked up
 * inside the commit; what follows from it is left to the judge.
 */
#include "hold/store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NAMED_MOST  5	 /* recipients that are named */
#define ROWS_MOST   100	 /* earlier drafts looked at, for one recipient */
#define ALL_ROWS    1000 /* and for all */
#define DRAFTS_MOST 20	 /* near ones of which more is looked up */
#define IDS_MOST    20	 /* that the mail refers to */
#define PEOPLE_MOST 100	 /* recipients of a mail that is referred to */
/* of two texts of 70 words one differing word changes some 5 bits, two or three
 * change 8 to 10; of texts that have nothing in common 32 differ */
#define NEAR_BITS   12
#define NEAR_AGE_MS ((int64_t)7 * 24 * 60 * 60 * 1000)
#define REASON_SIZE 256
#define ID_MOST	    ((size_t)1000)

struct looking {
	struct store *store;
	const struct hold_put *put;
	struct store_history *history;
	struct arena *arena;
	unsigned strangers, lookalikes, rows, drafts;
	bool near, resubmitted; /* found already */
};

void store_history_add(
    struct store_history *history, const struct finding *finding)
{
	if (history->told.n_findings < STORE_HISTORY_MOST)
		history->findings[history->told.n_findings++] = *finding;
}

static void found(struct looking *l, enum finding_weight weight,
    const char *name, const char *value, const char *detail)
{
	store_history_add(l->history, &(struct finding){
					  .name = name,
					  .detail = detail,
					  .weight = weight,
					  .value = value,
					  .by = STORE_LEDGER,
				      });
}

static const char *number(struct looking *l, int64_t n)
{
	return arena_printf(l->arena, "%" PRId64, n);
}

/* ---- people ------------------------------------------------------------ */

static int look_alike(struct looking *l, const struct store_person *person)
{
	const char *known;
	sqlite3_stmt *stmt;
	int rc;

	if (person->skeleton == NULL || l->lookalikes >= NAMED_MOST)
		return 0;
	rc = store_first(l->store, &stmt,
	    "SELECT address FROM contact WHERE skeleton = ? AND address <> ?"
	    " LIMIT 1",
	    ARGS(STR(person->skeleton), STR(person->address)));
	if (rc <= 0)
		return rc;
	known = arena_strdup(l->arena, store_text(stmt, 0));
	store_end(stmt);
	l->lookalikes++;
	found(l, FINDING_CAUTION, "lookalike-of-known-recipient", known,
	    arena_printf(l->arena,
		"%s looks like %s, whom mail was sent to before, and is "
		"another",
		person->address, known));
	return 0;
}

static int look_at_person(struct looking *l, const struct store_person *person)
{
	int64_t known;

	if (store_number(l->store,
		"SELECT count(*) FROM contact WHERE address = ?",
		ARGS(STR(person->address)), &known))
		return -1;
	if (known != 0)
		return 0;
	if (l->strangers++ < NAMED_MOST)
		found(l, FINDING_NOTE, "first-contact", person->address,
		    arena_printf(l->arena, "nothing was sent to %s before",
			person->address));
	return look_alike(l, person);
}

/* ---- earlier drafts ---------------------------------------------------- */

static bool is_near(const struct store_seen *seen, int64_t mark, bool near)
{
	uint64_t differing;

	if (near != seen->near || mark == 0)
		return false;
	if (!near)
		return mark == seen->mark;
	differing = (uint64_t)mark ^ (uint64_t)seen->mark;
	return __builtin_popcountll(differing) <= NEAR_BITS;
}

static int tell_resubmitted(struct looking *l, int64_t draft, const char *how)
{
	char why[REASON_SIZE];

	if (store_decide_why_dropped(l->store, draft, why, sizeof(why)))
		return -1;
	l->resubmitted = true;
	found(l, FINDING_CAUTION, "resubmitted", number(l, draft),
	    arena_printf(l->arena, "draft %" PRId64 ", %s, was dropped%s%s",
		draft, how, *why == '\0' ? "" : ": ", why));
	return 0;
}

static void tell_near(struct looking *l, int64_t draft)
{
	l->near = true;
	found(l, FINDING_CAUTION, "near-duplicate", number(l, draft),
	    arena_printf(l->arena,
		"nearly the same as draft %" PRId64
		", which is to one of its recipients too",
		draft));
}

static const char *agent_of(const struct looking *l)
{
	const char *agent = l->put->message->agent;

	return agent == NULL ? "" : agent;
}

/* What became of an earlier draft. */
struct fate {
	bool dropped; /* of this agent */
	bool gone;    /* its agent took it back, or has sent another for it */
};

static int look_at_fate(struct looking *l, int64_t draft, struct fate *fate)
{
	enum hold_state state;
	sqlite3_stmt *stmt;
	int rc;

	*fate = (struct fate){false, false};
	rc = store_first(l->store, &stmt,
	    "SELECT state, agent = ? FROM draft WHERE id = ?",
	    ARGS(STR(agent_of(l)), NUM(draft)));
	if (rc <= 0)
		return rc;
	state = (enum hold_state)sqlite3_column_int(stmt, 0);
	fate->dropped =
	    state == HOLD_DROPPED && sqlite3_column_int(stmt, 1) != 0;
	fate->gone = state == HOLD_WITHDRAWN || state == HOLD_SUPERSEDED ||
		     draft == l->history->replaced.draft.id;
	store_end(stmt);
	return 0;
}

static int look_at_earlier(
    struct looking *l, int64_t draft, int64_t at_ms, bool near)
{
	int64_t age = l->put->message->received_ms - at_ms;
	struct fate fate;

	if (l->drafts++ >= DRAFTS_MOST)
		return 0;
	if (look_at_fate(l, draft, &fate))
		return -1;
	if (fate.dropped)
		return l->resubmitted ? 0
				      : tell_resubmitted(l, draft,
					    "which was nearly the same");
	if (near && !fate.gone && !l->near && age < NEAR_AGE_MS &&
	    draft != l->history->told.duplicate_of)
		tell_near(l, draft);
	return 0;
}

/* Newest first; the first tells where the series ends. */
static int look_at_series(struct looking *l, struct store_series *series)
{
	const struct store_seen *seen = &l->history->seen;
	bool wanted = seen->mark != 0, near;
	sqlite3_stmt *stmt;
	int64_t at, draft;
	unsigned n = 0;
	int rc;

	stmt = store_query(l->store,
	    "SELECT at_ms, n, draft, mark, near FROM seen WHERE series = ?"
	    " ORDER BY at_ms DESC, draft DESC LIMIT ?",
	    ARGS(NUM(series->id), NUM(wanted ? ROWS_MOST : 1)));
	while ((rc = store_row(l->store, stmt)) > 0) {
		at = sqlite3_column_int64(stmt, 0);
		draft = sqlite3_column_int64(stmt, 2);
		if (n++ == 0) {
			series->last_ms = at;
			series->n = sqlite3_column_int64(stmt, 1);
		}
		near = sqlite3_column_int(stmt, 4) != 0;
		if (wanted && draft != l->put->draft &&
		    is_near(seen, sqlite3_column_int64(stmt, 3), near) &&
		    look_at_earlier(l, draft, at, near)) {
			store_end(stmt);
			return -1;
		}
		if (l->rows++ < ALL_ROWS && !(l->near && l->resubmitted))
			continue;
		store_end(stmt);
		return 0;
	}
	return rc;
}

/* ---- threads ----------------------------------------------------------- */

static bool is_recipient(const struct store_seen *seen, const char *address)
{
	size_t i;

	for (i = 0; i < seen->n_people; i++)
		if (strcmp(seen->people[i].address, address) == 0)
			return true;
	return false;
}

/* 1: a mail with that id went to one of these recipients. */
static int look_at_id(struct looking *l, struct span id)
{
	sqlite3_stmt *stmt;
	int64_t draft;
	int rc;

	stmt = store_query(l->store,
	    "SELECT s.draft, r.person FROM sent s"
	    " JOIN recipient r ON r.draft = s.draft"
	    " WHERE s.id_hash = ? AND r.state = ? LIMIT ?",
	    ARGS(NUM(store_seen_message_id(id.data, id.len)),
		NUM(HOLD_RESULT_SENT), NUM(PEOPLE_MOST)));
	while ((rc = store_row(l->store, stmt)) > 0) {
		if (!is_recipient(&l->history->seen, store_text(stmt, 1)))
			continue;
		draft = sqlite3_column_int64(stmt, 0);
		found(l, FINDING_NOTE, "known-thread", number(l, draft),
		    arena_printf(l->arena,
			"it goes on from draft %" PRId64
			", which was sent to one of its recipients",
			draft));
		store_end(stmt);
		return 1;
	}
	return rc;
}

/* 1: one of the ids in the text is known. */
static int look_at_ids(struct looking *l, const char *text)
{
	const char *end;
	unsigned n;
	int rc = 0;

	for (n = 0; rc == 0 && text != NULL && n < IDS_MOST; n++) {
		text = strchr(text, '<');
		end = text == NULL ? NULL : strchr(text, '>');
		if (end == NULL)
			break;
		if ((size_t)(end - text) < ID_MOST)
			rc = look_at_id(
			    l, (struct span){text, (size_t)(end - text) + 1});
		text = end + 1;
	}
	return rc;
}

static int look_at_thread(struct looking *l)
{
	int rc = look_at_ids(l, l->put->reading->in_reply_to);

	if (rc == 0)
		rc = look_at_ids(l, l->put->reading->references);
	return rc < 0 ? -1 : 0;
}

/* ---- an id that came before --------------------------------------------- */

/* The same Message-ID with another text is another mail, and is told of. */
static int look_at_own_id(struct looking *l)
{
	const struct store_seen *seen = &l->history->seen;
	struct fate fate;
	int64_t draft;

	if (!seen->has_id)
		return 0;
	if (store_number(l->store,
		"SELECT max(s.draft) FROM submission s"
		" JOIN draft d ON d.id = s.draft"
		" WHERE s.id_hash = ? AND d.agent = ? AND d.state <> ?",
		ARGS(NUM(seen->id_hash), STR(agent_of(l)), NUM(HOLD_REFUSED)),
		&draft) ||
	    (draft != 0 && look_at_fate(l, draft, &fate)))
		return -1;
	if (draft == 0 || fate.gone)
		return 0;
	if (fate.dropped)
		return l->resubmitted ? 0
				      : tell_resubmitted(l, draft,
					    "which had the same Message-ID");
	found(l, FINDING_CAUTION, "same-message-id", number(l, draft),
	    arena_printf(l->arena,
		"draft %" PRId64 " has the same Message-ID and another text",
		draft));
	return 0;
}

/* ---- all of it --------------------------------------------------------- */

static int look_at_people(struct looking *l)
{
	struct store_seen *seen = &l->history->seen;
	size_t i;

	for (i = 0; i < seen->n_people; i++) {
		if (look_at_person(l, &seen->people[i]) ||
		    look_at_series(l, &seen->persons[i]) ||
		    store_seen_last(l->store, &seen->domains[i]))
			return -1;
	}
	if (l->strangers > NAMED_MOST)
		found(l, FINDING_NOTE, "first-contact", NULL,
		    arena_printf(l->arena,
			"nor was anything sent to %u more of its recipients",
			l->strangers - NAMED_MOST));
	return 0;
}

static void tell_duplicate(struct looking *l)
{
	int64_t draft = l->history->told.duplicate_of;

	if (draft != 0)
		found(l, FINDING_CAUTION, "duplicate", number(l, draft),
		    arena_printf(
			l->arena, "the same mail as draft %" PRId64, draft));
}

int store_history_make(struct store *store, const struct hold_put *put,
    int64_t duplicate_of, struct arena *arena, struct store_history *history)
{
	struct looking l = {
	    .store = store, .put = put, .history = history, .arena = arena};
	uint64_t *counts = arena_alloc(arena, put->n_rates * sizeof(*counts));

	memset(history, 0, sizeof(*history));
	history->seen.arena = arena;
	history->told.duplicate_of = duplicate_of;
	history->told.findings = history->findings;
	history->told.counts = counts;
	tell_duplicate(&l);
	if (store_replace_find(store, put, arena, history) ||
	    store_seen_open(store, put, &history->seen) || look_at_people(&l) ||
	    look_at_own_id(&l) || look_at_thread(&l) ||
	    store_wrote_look(store, put, arena, history))
		return -1;
	return store_seen_count(store, put, &history->seen, counts);
}

static int read_counts(struct store *store, struct arena *arena, int64_t draft,
    const struct verdict_rate *rates, size_t n_rates,
    struct verdict_history *history)
{
	sqlite3_stmt *stmt;
	int rc;

	rc = store_first(store, &stmt, "SELECT counts FROM draft WHERE id = ?",
	    ARGS(NUM(draft)));
	if (rc <= 0)
		return -1;
	history->counts =
	    store_seen_unpack(arena, store_span(stmt, 0), rates, n_rates);
	store_end(stmt);
	return 0;
}

static int64_t duplicate_of(const struct reading *known)
{
	const struct finding *duplicate = reading_find(known, "duplicate");

	return duplicate == NULL || duplicate->value == NULL
		   ? 0
		   : strtoll(duplicate->value, NULL, 10);
}

int store_history_again(struct store *store, struct arena *arena,
    int64_t revision, const struct verdict_rate *rates, size_t n_rates,
    struct verdict_history *history)
{
	struct reading known = {.arena = arena};
	const struct finding *replaces;

	memset(history, 0, sizeof(*history));
	if (store_view_findings(store, revision, STORE_LEDGERS, &known))
		return -1;
	history->n_findings = known.n_findings;
	history->findings = known.findings;
	history->duplicate_of = duplicate_of(&known);
	replaces = reading_find(&known, "replaces");
	if (replaces != NULL && replaces->weight >= FINDING_CAUTION)
		history->hold = replaces->detail;
	return read_counts(
	    store, arena, STORE_DRAFT_OF(revision), rates, n_rates, history);
}

/* ---- it goes to others ------------------------------------------------- */

static bool is_about_people(const char *name)
{
	return strcmp(name, "first-contact") == 0 ||
	       strcmp(name, "lookalike-of-known-recipient") == 0;
}

/* What the ledger said of it, but for whom it went to, stays true. */
static void keep_known(struct looking *l, const struct reading *known)
{
	const struct finding *f;
	size_t i;

	for (i = 0; i < known->n_findings; i++) {
		f = &known->findings[i];
		l->near |= strcmp(f->name, "near-duplicate") == 0;
		l->resubmitted |= strcmp(f->name, "resubmitted") == 0;
		if (!is_about_people(f->name))
			found(l, f->weight, f->name, f->value, f->detail);
	}
}

int store_history_others(struct store *store, const struct hold_put *put,
    int64_t revision, struct arena *arena, struct store_history *history)
{
	struct looking l = {
	    .store = store, .put = put, .history = history, .arena = arena};
	uint64_t *counts = arena_alloc(arena, put->n_rates * sizeof(*counts));
	struct reading known = {.arena = arena};
	const struct finding *replaces;

	memset(history, 0, sizeof(*history));
	history->seen.arena = arena;
	history->told.findings = history->findings;
	history->told.counts = counts;
	if (store_view_findings(store, revision, STORE_LEDGERS, &known))
		return -1;
	history->told.duplicate_of = duplicate_of(&known);
	replaces = reading_find(&known, "replaces");
	if (replaces != NULL && replaces->weight >= FINDING_CAUTION)
		history->told.hold = replaces->detail;
	keep_known(&l, &known);
	if (store_seen_open(store, put, &history->seen) || look_at_people(&l) ||
	    store_seen_already(store, put, &history->seen))
		return -1;
	return store_seen_count(store, put, &history->seen, counts);
}
