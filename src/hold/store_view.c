/*
 * store_view: all that there is to know of one draft.  How it is shown is
 * left to the review room.
 */
#include "hold/store.h"

#include "pack.h"

#include <inttypes.h>
#include <string.h>

static int read_draft(struct store *store, struct hold_view *v)
{
	sqlite3_stmt *stmt;
	int rc;

	rc = store_first(store, &stmt,
	    "SELECT d.state, d.agent, s.peer, d.received_ms, d.due_ms, d.rule,"
	    " d.reason, d.number FROM draft d"
	    " JOIN submission s ON s.draft = d.id WHERE d.id = ?",
	    ARGS(NUM(v->draft)));
	if (rc <= 0)
		return rc;
	v->state = (enum hold_state)sqlite3_column_int(stmt, 0);
	v->agent = arena_strdup(v->arena, store_text(stmt, 1));
	v->peer = arena_strdup(v->arena, store_text(stmt, 2));
	v->received_ms = sqlite3_column_int64(stmt, 3);
	v->due_ms = sqlite3_column_int64(stmt, 4);
	v->rule = arena_strdup(v->arena, store_text(stmt, 5));
	v->reason = arena_strdup(v->arena, store_text(stmt, 6));
	v->current = (unsigned)sqlite3_column_int(stmt, 7);
	v->number = v->revision == 0 ? v->current : v->revision;
	store_end(stmt);
	return 1;
}

/* What its verdicts said, and who took it up. */
static int read_terms(struct store *store, struct hold_view *v)
{
	struct arena *arena = v->arena;
	sqlite3_stmt *stmt;
	int rc;

	rc = store_first(store, &stmt,
	    "SELECT channel, ask, demand, config, severity, persons, approver,"
	    " needs_reason, opinions, deadline_ms, step_ms, not_before_ms,"
	    " not_after_ms, step, claimed_by, claimed_ms, replaces, rounds,"
	    " (SELECT max(n.id) FROM draft n WHERE n.replaces > 0"
	    "  AND n.replaces = d.id) FROM draft d WHERE id = ?",
	    ARGS(NUM(v->draft)));
	if (rc <= 0)
		return -1;
	v->channel = arena_strdup(arena, store_text(stmt, 0));
	v->ask = arena_strdup(arena, store_text(stmt, 1));
	v->demand = arena_strdup(arena, store_text(stmt, 2));
	v->config = arena_strdup(arena, store_text(stmt, 3));
	v->severity = store_severity(stmt, 4);
	v->persons = (unsigned)sqlite3_column_int(stmt, 5);
	v->approvals = store_people_count(store_text(stmt, 6));
	v->needs_reason = sqlite3_column_int(stmt, 7) != 0;
	v->opinions = sqlite3_column_int(stmt, 8) != 0;
	v->deadline_ms = sqlite3_column_int64(stmt, 9);
	v->step_ms = sqlite3_column_int64(stmt, 10);
	v->not_before_ms = sqlite3_column_int64(stmt, 11);
	v->not_after_ms = sqlite3_column_int64(stmt, 12);
	v->step = (unsigned)sqlite3_column_int(stmt, 13);
	v->claimed_by = store_dup(arena, stmt, 14);
	v->claimed_ms = sqlite3_column_int64(stmt, 15);
	v->replaces = sqlite3_column_int64(stmt, 16);
	v->rounds = (unsigned)sqlite3_column_int(stmt, 17);
	v->replaced_by = sqlite3_column_int64(stmt, 18);
	store_end(stmt);
	v->revise_ms = v->state == HOLD_REVISING ? v->due_ms : 0;
	if (v->state == HOLD_REVISING)
		v->due_ms = 0;
	return store_replace_remark(store, v);
}

static int read_trace(struct store *store, struct hold_view *v)
{
	sqlite3_stmt *stmt;
	int rc;

	v->trace = "";
	rc = store_first(store, &stmt,
	    "SELECT text FROM trace WHERE revision = ?",
	    ARGS(NUM(STORE_KEY(v->draft, v->number))));
	if (rc > 0) {
		v->trace = arena_strdup(v->arena, store_text(stmt, 0));
		store_end(stmt);
	}
	return rc < 0 ? -1 : 0;
}

static int read_revision(struct store *store, struct hold_view *v)
{
	sqlite3_stmt *stmt;
	int rc;

	rc = store_first(store, &stmt,
	    "SELECT sha256, size, note, editor FROM revision WHERE id = ?",
	    ARGS(NUM(STORE_KEY(v->draft, v->number))));
	if (rc <= 0)
		return rc;
	store_hash(stmt, 0, v->sha256);
	revision_code(v->sha256, v->code);
	v->size = (uint64_t)sqlite3_column_int64(stmt, 1);
	v->note = store_dup(v->arena, stmt, 2);
	v->editor = store_dup(v->arena, stmt, 3);
	store_end(stmt);
	return 1;
}

static const char *result_name(enum hold_result result)
{
	static const char *const names[] = {
	    [HOLD_RESULT_PENDING] = "pending",
	    [HOLD_RESULT_SENT] = "sent",
	    [HOLD_RESULT_FAILED] = "failed",
	    [HOLD_RESULT_IN_DOUBT] = "in-doubt",
	};

	return (unsigned)result < sizeof(names) / sizeof(names[0])
		   ? names[result]
		   : "in-doubt";
}

/* The revision that is looked at, or the one before, may go to others. */
static int read_recipients_then(struct store *store, struct hold_view *v)
{
	const char **addresses;
	size_t i, n;

	v->n_before = 0;
	if (store_envelope_then(
		store, v->arena, v->draft, v->number, &n, &addresses))
		return -1;
	if (n > 0) {
		v->n_recipients = n;
		v->recipients =
		    arena_alloc(v->arena, n * sizeof(*v->recipients));
	}
	for (i = 0; i < n; i++)
		v->recipients[i] =
		    (struct hold_recipient){.address = addresses[i],
			.state = result_name(HOLD_RESULT_PENDING)};
	if (v->number <= 1)
		return 0;
	if (store_envelope_then(store, v->arena, v->draft, v->number - 1,
		&v->n_before, &v->before_recipients))
		return -1;
	return 0;
}

static int read_envelope(struct store *store, struct hold_view *v)
{
	struct store_envelope all;
	size_t i;

	if (store_recipient_envelope(store, v->arena, v->draft, false, &all))
		return -1;
	v->from = all.envelope.from;
	v->envid = all.envelope.envid;
	v->ret = all.envelope.ret;
	v->n_recipients = all.envelope.n_recipients;
	v->recipients =
	    arena_alloc(v->arena, v->n_recipients * sizeof(*v->recipients));
	for (i = 0; i < v->n_recipients; i++)
		v->recipients[i] = (struct hold_recipient){
		    .address = all.targets[i].recipient.address,
		    .state = result_name(all.targets[i].result),
		    .answer = all.targets[i].answer,
		    .orcpt = all.targets[i].recipient.orcpt,
		    .notify = all.targets[i].recipient.notify,
		    .told = all.targets[i].told,
		};
	return read_recipients_then(store, v);
}

/* A stored reading that cannot be used is shown as one with trouble. */
static struct reading *no_reading(const char *why)
{
	struct arena *arena = arena_new();
	struct reading *reading = arena_alloc(arena, sizeof(*reading));

	reading->arena = arena;
	reading->trouble = arena_strdup(arena, why);
	reading->text = (struct span){"", 0};
	return reading;
}

struct reading *store_view_reading(struct store *store, int64_t revision)
{
	struct reading *reading = NULL;
	struct error err;
	sqlite3_stmt *stmt;
	int rc;

	rc = store_first(store, &stmt,
	    "SELECT reading, size FROM body WHERE revision = ?",
	    ARGS(NUM(revision)));
	if (rc < 0)
		return NULL;
	if (rc == 0)
		return no_reading("what was read of it is gone");
	reading = pack_get_reading(
	    store_span(stmt, 0), (uint64_t)sqlite3_column_int64(stmt, 1), &err);
	store_end(stmt);
	return reading != NULL ? reading : no_reading(err.text);
}

/* What is no weight weighs most. */
static enum finding_weight weight_of(sqlite3_stmt *stmt, int column)
{
	int weight = sqlite3_column_int(stmt, column);

	return weight >= FINDING_NOTE && weight <= FINDING_TRIPWIRE
		   ? (enum finding_weight)weight
		   : FINDING_TRIPWIRE;
}

void store_view_add(struct reading *reading, const struct finding *finding)
{
	struct finding *f;

	reading_add_finding(
	    reading, finding->weight, finding->name, finding->detail);
	f = &reading->findings[reading->n_findings - 1];
	f->value = arena_strdup(reading->arena, finding->value);
	f->by = arena_strdup(reading->arena, finding->by);
}

void store_view_context(struct reading_context *to,
    const struct reading_context *from, struct arena *arena)
{
	to->why = arena_strdup(arena, from->why);
	to->sources = arena_strdup(arena, from->sources);
	to->confidence = arena_strdup(arena, from->confidence);
	to->prompt = arena_strdup(arena, from->prompt);
	to->case_id = arena_strdup(arena, from->case_id);
	to->action = arena_strdup(arena, from->action);
	to->replaces = arena_strdup(arena, from->replaces);
	to->withdraw = arena_strdup(arena, from->withdraw);
}

int store_view_findings(struct store *store, int64_t revision,
    enum store_findings which, struct reading *reading)
{
	sqlite3_stmt *stmt;
	bool ledgers;
	int rc;

	stmt = store_query(store,
	    "SELECT weight, name, detail, value, by_whom FROM finding"
	    " WHERE revision = ? ORDER BY n",
	    ARGS(NUM(revision)));
	while ((rc = store_row(store, stmt)) > 0) {
		ledgers = strcmp(store_text(stmt, 4), STORE_LEDGER) == 0;
		if (which != STORE_ALL && (which == STORE_LEDGERS) != ledgers)
			continue;
		store_view_add(reading, &(struct finding){
					    .name = store_text(stmt, 1),
					    .detail = store_text(stmt, 2),
					    .weight = weight_of(stmt, 0),
					    .value = store_or_null(stmt, 3),
					    .by = store_or_null(stmt, 4),
					});
	}
	return rc;
}

/* What the agent said of its draft was cut, so only revision 1 has it. */
static int read_context(struct store *store, struct hold_view *v)
{
	struct reading *first;

	if (v->number <= 1)
		return 0;
	first = store_view_reading(store, STORE_KEY(v->draft, 1));
	if (first == NULL)
		return -1;
	store_view_context(
	    &v->reading->context, &first->context, v->reading->arena);
	reading_free(first);
	return 0;
}

static int read_before(struct store *store, struct hold_view *v)
{
	struct reading *reading;
	int64_t before = STORE_KEY(v->draft, v->number - 1), newest;

	v->before = (struct span){"", 0};
	v->before_subject = v->before_to = v->before_cc = NULL;
	if (v->number <= 1 && v->replaces == 0)
		return 0;
	if (v->number <= 1) {
		if (store_number(store, "SELECT number FROM draft WHERE id = ?",
			ARGS(NUM(v->replaces)), &newest))
			return -1;
		before = STORE_KEY(v->replaces, newest);
	}
	reading = store_view_reading(store, before);
	if (reading == NULL)
		return -1;
	v->before.data =
	    arena_dup(v->arena, reading->text.data, reading->text.len);
	v->before.len = reading->text.len;
	v->before_subject = arena_strdup(v->arena, reading->subject);
	v->before_to = arena_strdup(v->arena, reading->to);
	v->before_cc = arena_strdup(v->arena, reading->cc);
	reading_free(reading);
	return 0;
}

static void read_decision(
    sqlite3_stmt *stmt, struct arena *arena, struct hold_decision *d)
{
	unsigned char sha256[DIGEST_SIZE];

	d->verb = (enum hold_verb)sqlite3_column_int(stmt, 0);
	d->actor = arena_strdup(arena, store_text(stmt, 1));
	d->medium = arena_strdup(arena, store_text(stmt, 2));
	d->text = store_dup(arena, stmt, 3);
	store_hash(stmt, 4, sha256);
	revision_code(sha256, d->code);
	d->at_ms = sqlite3_column_int64(stmt, 5);
	d->category = store_dup(arena, stmt, 6);
	d->answer = store_dup(arena, stmt, 7);
}

static int read_decisions(struct store *store, struct hold_view *v)
{
	sqlite3_stmt *stmt;
	int64_t room;
	int rc;

	if (store_number(store, "SELECT count(*) FROM decision WHERE draft = ?",
		ARGS(NUM(v->draft)), &room))
		return -1;
	v->decisions =
	    arena_alloc(v->arena, (size_t)room * sizeof(*v->decisions));
	stmt = store_query(store,
	    "SELECT verb, actor, medium, text, sha256, at_ms, category, answer"
	    " FROM decision"
	    " WHERE draft = ? ORDER BY id LIMIT ?",
	    ARGS(NUM(v->draft), NUM(room)));
	while ((rc = store_row(store, stmt)) > 0)
		read_decision(stmt, v->arena, &v->decisions[v->n_decisions++]);
	return rc;
}

static void read_asked(
    sqlite3_stmt *stmt, struct arena *arena, struct hold_asked *asked)
{
	asked->reviewer = arena_strdup(arena, store_text(stmt, 0));
	asked->kind = (enum hold_prompt_kind)sqlite3_column_int(stmt, 1);
	asked->at_ms = sqlite3_column_int64(stmt, 2);
	asked->wake_ms = sqlite3_column_int64(stmt, 3);
	asked->told_ms = sqlite3_column_int64(stmt, 4);
}

/* Who is asked, by mail or by a program. */
static int read_all_asked(struct store *store, struct hold_view *v)
{
	int64_t from = STORE_KEY(v->draft, 0), to = STORE_KEY(v->draft + 1, 0);
	sqlite3_stmt *stmt;
	int64_t room;
	int rc;

	if (store_number(store,
		"SELECT count(*) FROM prompt WHERE id >= ? AND id < ?"
		" AND closed = 0",
		ARGS(NUM(from), NUM(to)), &room))
		return -1;
	v->asked = arena_alloc(v->arena, (size_t)room * sizeof(*v->asked));
	stmt = store_query(store,
	    "SELECT reviewer, kind, at_ms, wake_ms,"
	    " (SELECT max(n.at_ms) FROM notice n"
	    "  WHERE n.id = p.notice OR n.prompt = p.id)"
	    " FROM prompt p WHERE id >= ? AND id < ? AND closed = 0"
	    " ORDER BY id LIMIT ?",
	    ARGS(NUM(from), NUM(to), NUM(room)));
	while ((rc = store_row(store, stmt)) > 0)
		read_asked(stmt, v->arena, &v->asked[v->n_asked++]);
	return rc;
}

static int view_in(struct store *store, struct hold_view *v)
{
	int rc = read_draft(store, v);

	if (rc == 0)
		return error_set(&v->call.error, ERROR_MISSING,
		    "there is no draft %" PRId64, v->draft);
	if (rc > 0)
		rc = read_revision(store, v);
	if (rc == 0)
		return error_set(&v->call.error, ERROR_MISSING,
		    "draft %" PRId64 " has no revision %u", v->draft,
		    v->number);
	if (rc < 0)
		return -1;
	v->reading = store_view_reading(store, STORE_KEY(v->draft, v->number));
	if (v->reading == NULL)
		return -1;
	return -(store_view_findings(store, STORE_KEY(v->draft, v->number),
		     STORE_ALL, v->reading) ||
		 read_terms(store, v) || read_trace(store, v) ||
		 read_envelope(store, v) || read_context(store, v) ||
		 read_before(store, v) || read_decisions(store, v) ||
		 read_all_asked(store, v));
}

void store_view(struct hold_call *call)
{
	struct store *store = call->hold->view;
	struct hold_view *view =
	    (void *)((char *)call - offsetof(struct hold_view, call));

	view->arena = arena_new();
	view->reading = NULL;
	view->n_decisions = view->n_asked = 0;
	if (view_in(store, view)) {
		store_fail(store, call);
		hold_view_release(view);
	}
}
