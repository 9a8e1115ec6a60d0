/*
 * store_wrote: mail that people outside wrote, and drafts that were made
 * before it.  Whether a person wrote it is left to the requester.
 */
#include "hold/store.h"

#include "util/clock.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define IDS_MOST      20 /* that a mail refers to; the last of them */
#define ID_MOST	      ((size_t)1000)
#define TOLD_MOST     5	 /* mails that are named, of a new draft */
#define FINDINGS_MOST 20 /* of one draft */
#define PEOPLE_MOST   100
#define CHAIN_MOST    20 /* drafts, one in the place of the other */
#define NAMED_MOST    (sizeof(((struct hold_wrote *)0)->drafts) / 8)
#define MEDIUM	      "feed"

/* The queries spell them out. */
_Static_assert(HOLD_HELD == 1 && HOLD_APPROVED == 2 && HOLD_SENDING == 3 &&
		   HOLD_FAILED == 5 && HOLD_IN_DOUBT == 6 &&
		   HOLD_RESULT_SENT == 1,
    "states on disk");

/* ---- what a mail refers to ----------------------------------------------- */

struct ids {
	size_t n; /* of all; the last ones are kept */
	int64_t hash[IDS_MOST];
};

static size_t kept(const struct ids *ids)
{
	return ids->n < IDS_MOST ? ids->n : IDS_MOST;
}

static void add_id(struct ids *ids, const char *id, size_t len)
{
	if (len <= ID_MOST)
		ids->hash[ids->n++ % IDS_MOST] = store_seen_message_id(id, len);
}

static void add_ids(struct ids *ids, const char *text)
{
	const char *end;

	while (text != NULL && (text = strchr(text, '<')) != NULL) {
		end = strchr(text, '>');
		if (end == NULL)
			return;
		add_id(ids, text, (size_t)(end - text) + 1);
		text = end + 1;
	}
}

static bool has_id(const struct ids *ids, int64_t hash)
{
	size_t i;

	for (i = 0; i < kept(ids); i++)
		if (ids->hash[i] == hash)
			return true;
	return false;
}

/* In-Reply-To comes last: it is never crowded out. */
static void ids_of_draft(const struct reading *reading, struct ids *ids)
{
	ids->n = 0;
	add_ids(ids, reading->references);
	add_ids(ids, reading->in_reply_to);
}

/* of: a draft, or minus the id of a mail. */
static int remember_ids(struct store *store, const struct ids *ids, int64_t of)
{
	size_t i;

	for (i = 0; i < kept(ids); i++)
		if (store_run(store,
			"INSERT OR IGNORE INTO refers (id_hash, draft)"
			" VALUES (?, ?)",
			ARGS(NUM(ids->hash[i]), NUM(of))))
			return -1;
	return 0;
}

int store_wrote_remember(struct store *store, const struct hold_put *put)
{
	struct ids ids;

	ids_of_draft(put->reading, &ids);
	return remember_ids(store, &ids, put->draft);
}

/* ---- a new draft: did they write since? ---------------------------------- */

struct looking {
	struct store *store;
	struct arena *arena;
	struct store_history *history;
	struct ids ids;
	int64_t known; /* the newest mail of theirs that its maker knew */
	size_t n_told;
	int64_t told[TOLD_MOST];
};

/* "<address> wrote again on 2026-11-21 at 10:00 UTC: <subject>" */
static const char *sentence(struct arena *arena, const char *address,
    int64_t at_ms, const char *subject)
{
	char at[CLOCK_ISO_SIZE];

	clock_iso(at_ms, at);
	return arena_printf(arena, "%s wrote again on %.10s at %.5s UTC%s%.*s",
	    address, at, at + 11, *subject == '\0' ? "" : ": ",
	    (int)store_audit_subject(subject), subject);
}

/* Columns: id, address, subject, at_ms, id_hash. */
static void tell(struct looking *l, sqlite3_stmt *stmt)
{
	int64_t id = sqlite3_column_int64(stmt, 0);
	const char *address = store_text(stmt, 1);
	size_t i;

	if (has_id(&l->ids, sqlite3_column_int64(stmt, 4)))
		return;
	for (i = 0; i < l->n_told; i++)
		if (l->told[i] == id)
			return;
	if (l->n_told == TOLD_MOST)
		return;
	l->told[l->n_told++] = id;
	store_history_add(l->history,
	    &(struct finding){
		.name = "customer-wrote-again",
		.detail = sentence(l->arena, address,
		    sqlite3_column_int64(stmt, 3), store_text(stmt, 2)),
		.weight = FINDING_CAUTION,
		.value = arena_strdup(l->arena, address),
		.by = STORE_LEDGER,
	    });
}

static int tell_all(struct looking *l, sqlite3_stmt *stmt)
{
	int rc;

	while ((rc = store_row(l->store, stmt)) > 0)
		tell(l, stmt);
	return rc;
}

static int find_known(struct looking *l)
{
	int64_t id;
	size_t i;

	for (i = 0; i < kept(&l->ids); i++) {
		if (store_number(l->store,
			"SELECT max(id) FROM wrote WHERE id_hash = ?",
			ARGS(NUM(l->ids.hash[i])), &id))
			return -1;
		if (id > l->known)
			l->known = id;
	}
	return 0;
}

/*
 * Whoever looked at a draft knew what had been written until it came: what came
 * since, those have to hear who look at the one in its place.
 */
static int find_older(struct looking *l)
{
	int64_t draft = 0, older = l->history->replaced.draft.id;
	unsigned n;

	for (n = 0; n < CHAIN_MOST && older != 0; n++) {
		draft = older;
		if (store_number(l->store,
			"SELECT replaces FROM draft WHERE id = ?",
			ARGS(NUM(draft)), &older))
			return -1;
	}
	return store_number(l->store,
	    "SELECT id FROM wrote WHERE at_ms <"
	    " (SELECT received_ms FROM draft WHERE id = ?)"
	    " ORDER BY id DESC LIMIT 1",
	    ARGS(NUM(draft)), &l->known);
}

/* Of the same thread, by whomever. */
static int look_at_thread(struct looking *l)
{
	size_t i;

	for (i = 0; i < kept(&l->ids); i++)
		if (tell_all(
			l, store_query(l->store,
			       "SELECT w.id, w.address, w.subject, w.at_ms,"
			       " w.id_hash FROM refers r"
			       " JOIN wrote w ON w.id = -r.draft"
			       " WHERE r.id_hash = ? AND r.draft < -?"
			       " ORDER BY r.draft LIMIT ?",
			       ARGS(NUM(l->ids.hash[i]), NUM(l->known),
				   NUM(TOLD_MOST + IDS_MOST)))))
			return -1;
	return 0;
}

/* Of the recipients, about anything, since the one that it refers to. */
static int look_at_people(struct looking *l)
{
	const struct store_seen *seen = &l->history->seen;
	size_t i;

	for (i = 0; i < seen->n_people && i < PEOPLE_MOST; i++)
		if (tell_all(
			l, store_query(l->store,
			       "SELECT id, address, subject, at_ms, id_hash"
			       " FROM wrote WHERE person = ? AND id > ?"
			       " ORDER BY id DESC LIMIT ?",
			       ARGS(STR(seen->people[i].address), NUM(l->known),
				   NUM(TOLD_MOST)))))
			return -1;
	return 0;
}

int store_wrote_look(struct store *store, const struct hold_put *put,
    struct arena *arena, struct store_history *history)
{
	struct looking l = {.store = store, .arena = arena, .history = history};

	ids_of_draft(put->reading, &l.ids);
	if (find_known(&l) || look_at_thread(&l))
		return -1;
	if (l.known == 0 && history->replaced.draft.id == 0)
		return 0;
	if (l.known == 0 && find_older(&l))
		return -1;
	return look_at_people(&l);
}

/* ---- a new mail: which drafts are overtaken? ---------------------------- */

struct hearing {
	struct store *store;
	struct arena *arena;
	struct hold_wrote *wrote;
	struct ids ids;
	int64_t id_hash; /* of its own Message-ID */
	int64_t at_ms;
	const char *text;
	size_t n_drafts, room;
	int64_t *drafts;
};

static int is_known(struct hearing *h)
{
	int64_t n;

	if (h->wrote->message_id == NULL)
		return 0;
	if (store_number(h->store,
		"SELECT count(*) FROM wrote WHERE id_hash = ? AND person = ?",
		ARGS(NUM(h->id_hash), STR(h->wrote->person)), &n))
		return -1;
	return n > 0;
}

static int remember(struct hearing *h)
{
	const struct hold_wrote *w = h->wrote;

	if (store_run(h->store,
		"INSERT INTO wrote (person, address, id_hash, subject, at_ms)"
		" VALUES (?, ?, CASE WHEN ? THEN ? END, ?, ?)",
		ARGS(STR(w->person), STR(w->from), NUM(w->message_id != NULL),
		    NUM(h->id_hash),
		    PART(w->subject, store_audit_subject(w->subject)),
		    NUM(h->at_ms))))
		return -1;
	return remember_ids(
	    h->store, &h->ids, -sqlite3_last_insert_rowid(h->store->db));
}

static void add_draft(struct hearing *h, int64_t draft)
{
	int64_t *more;
	size_t i;

	for (i = 0; i < h->n_drafts; i++)
		if (h->drafts[i] == draft)
			return;
	if (h->n_drafts == h->room) {
		more =
		    arena_alloc(h->arena, (2 * h->room + 16) * sizeof(*more));
		if (h->n_drafts > 0)
			memcpy(more, h->drafts, h->n_drafts * sizeof(*more));
		h->drafts = more;
		h->room = 2 * h->room + 16;
	}
	h->drafts[h->n_drafts++] = draft;
}

static int add_drafts(struct hearing *h, sqlite3_stmt *stmt)
{
	int rc;

	while ((rc = store_row(h->store, stmt)) > 0)
		add_draft(h, sqlite3_column_int64(stmt, 0));
	return rc;
}

/*
 * What may leave for those whom it did not reach, also because a person has it
 * tried again; but not those that answer this very mail.
 */
#define OVERTAKEN                                                              \
	" (d.state IN (1, 3, 5, 6) OR d.state = 2 AND d.dotted = 0)"           \
	" AND NOT EXISTS (SELECT 1 FROM refers a WHERE a.id_hash = ? AND "     \
	"a.draft = d.id)"

static int find_drafts(struct hearing *h)
{
	size_t i;

	if (add_drafts(
		h, store_query(h->store,
		       "SELECT DISTINCT d.id FROM recipient p"
		       " JOIN draft d ON d.id = p.draft"
		       " WHERE p.person = ? AND p.state <> 1 AND" OVERTAKEN,
		       ARGS(STR(h->wrote->person), NUM(h->id_hash)))))
		return -1;
	for (i = 0; i < kept(&h->ids); i++)
		if (add_drafts(
			h, store_query(h->store,
			       "SELECT d.id FROM refers r"
			       " JOIN draft d ON d.id = r.draft"
			       " WHERE r.id_hash = ? AND r.draft > 0"
			       " AND" OVERTAKEN,
			       ARGS(NUM(h->ids.hash[i]), NUM(h->id_hash)))))
			return -1;
	return 0;
}

/* An edit keeps what the ledger found. */
static int mark(
    struct hearing *h, const struct store_draft *draft, int64_t *marks)
{
	int64_t revision = STORE_KEY(draft->id, draft->number), n;

	if (store_number(h->store,
		"SELECT coalesce(max(n) + 1, ?1) FROM finding"
		" WHERE revision = ?2 AND n >= ?1 AND n < ?3",
		ARGS(NUM(STORE_FINDING_WROTE), NUM(revision),
		    NUM(STORE_FINDING_PROGRAMS)),
		&n))
		return -1;
	*marks = n - STORE_FINDING_WROTE;
	if (*marks >= FINDINGS_MOST)
		return 0;
	return store_body_findings(h->store, revision, n,
	    &(struct finding){
		.name = "customer-wrote-again",
		.detail = h->text,
		.weight = FINDING_CAUTION,
		.value = h->wrote->from,
		.by = STORE_LEDGER,
	    },
	    1);
}

/*
 * An approval on its way to the relay host is called back by its dot, or when
 * it is to be tried again.
 */
static int change(struct hearing *h, const struct store_draft *draft)
{
	return store_run(h->store,
	    "UPDATE draft SET recalled = state = 3,"
	    " approver = CASE WHEN state = 1 THEN NULL ELSE approver END,"
	    " reason = CASE WHEN state = 2 THEN ? ELSE reason END,"
	    " stale = (SELECT coalesce(max(id), 0) FROM notice)"
	    " WHERE id = ?",
	    ARGS(STR(store_move_because(h->arena, draft, h->text)),
		NUM(draft->id)));
}

static int note(struct hearing *h, const struct store_draft *draft)
{
	return store_audit_add(h->store, &(struct store_event){
					     .draft = draft->id,
					     .event = STORE_WROTE_AGAIN,
					     .actor = STORE_DAEMON,
					     .medium = MEDIUM,
					     .revision = draft->sha256,
					     .text = h->text,
					     .at_ms = h->at_ms,
					 });
}

static int call_back(struct hearing *h, const struct store_draft *draft)
{
	return store_move(h->store, &(struct store_move){
					.draft = draft->id,
					.from = HOLD_APPROVED,
					.to = HOLD_HELD,
					.sha256 = draft->sha256,
					.event = STORE_CALLED_BACK,
					.actor = STORE_DAEMON,
					.medium = MEDIUM,
					.text = h->text,
					.at_ms = h->at_ms,
				    });
}

/* What waits for programs is asked about when those have spoken. */
static int ask_anew(struct hearing *h, struct store_draft *draft)
{
	if (draft->opinions)
		return 0;
	if (store_prompt_close(h->store, draft, NULL))
		return -1;
	if (draft->state == HOLD_IN_DOUBT)
		return store_prompt_trouble(h->store, draft, HOLD_PROMPT_DOUBT);
	if (draft->state == HOLD_FAILED)
		return store_prompt_trouble(
		    h->store, draft, HOLD_PROMPT_FAILED);
	draft->approver = NULL;
	return store_prompt_ask(
	    h->store, draft, HOLD_PROMPT_DECIDE, draft->ask);
}

/*
 * Who is asked anew: those who have seen as many of these mails as can be told
 * are not, nor again those who only may have it tried again.
 */
static bool is_enough(const struct store_draft *draft, int64_t marks)
{
	return (draft->state == HOLD_HELD && marks >= FINDINGS_MOST) ||
	       ((draft->state == HOLD_FAILED ||
		    draft->state == HOLD_IN_DOUBT) &&
		   marks > 0);
}

static int overtake(struct hearing *h, int64_t id)
{
	struct hold_wrote *w = h->wrote;
	struct store_draft draft;
	int64_t marks;

	if (store_move_draft(h->store, h->arena, id, &draft) <= 0 ||
	    mark(h, &draft, &marks))
		return -1;
	if (is_enough(&draft, marks))
		return 0;
	if (w->n_drafts < NAMED_MOST)
		w->drafts[w->n_drafts++] = id;
	if (change(h, &draft))
		return -1;
	if (draft.state == HOLD_APPROVED ? call_back(h, &draft)
					 : note(h, &draft))
		return -1;
	return draft.state == HOLD_SENDING ? 0 : ask_anew(h, &draft);
}

static int hear(struct hearing *h)
{
	struct hold_wrote *w = h->wrote;
	size_t i;
	int rc;

	for (i = 0; i < w->n_references; i++)
		add_id(&h->ids, w->references[i].data, w->references[i].len);
	if (w->message_id != NULL)
		h->id_hash =
		    store_seen_message_id(w->message_id, strlen(w->message_id));
	rc = is_known(h);
	w->repeated = rc > 0;
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	h->text = sentence(
	    h->arena, w->from, h->at_ms, w->subject == NULL ? "" : w->subject);
	if (remember(h) || find_drafts(h))
		return -1;
	for (i = 0; i < h->n_drafts; i++)
		if (overtake(h, h->drafts[i]))
			return -1;
	return 0;
}

void store_wrote(struct hold_call *call)
{
	struct hearing h = {
	    .store = call->hold->store,
	    .arena = arena_new(),
	    .wrote = (void *)((char *)call - offsetof(struct hold_wrote, call)),
	    .at_ms = clock_now_ms(),
	};

	h.wrote->repeated = false;
	h.wrote->n_drafts = 0;
	if (hear(&h))
		store_fail(h.store, call);
	arena_free(h.arena);
}
