/*
 * store_put: intake.  Is it a repetition, what does the judge say, and all
 * the rows of a new draft.  The judge is the requester's.
 */
#include "hold/store.h"

#include "util/digest.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DAY_MS	   ((int64_t)24 * 60 * 60 * 1000)
#define COUNTS_MAX ((size_t)1024 * 1024)
#define ACTOR_SIZE (sizeof("rule:") + 64)

/* One intake, from row to row. */
struct intake {
	struct store *store;
	struct hold_put *put;
	const struct message *message;
	struct store_work *work;
	unsigned char key[DIGEST_SIZE];
	struct arena *arena;
	struct store_history history;
	int64_t duplicate_of;
	char actor[ACTOR_SIZE]; /* "rule:<name>" */
};

static struct hold_put *put_of(struct hold_call *call)
{
	return (void *)((char *)call - offsetof(struct hold_put, call));
}

static const char *agent_of(const struct message *message)
{
	return message->agent == NULL ? "" : message->agent;
}

static int prepare(struct hold_put *put, struct error *err)
{
	const struct message *message = put->message;
	struct store_work *work = put->call.work;
	struct revision_recipe recipe = {
	    .head = {put->received, strlen(put->received)},
	    .body = buf_span(&message->bytes),
	    .n_cuts = put->reading->n_cuts,
	    .cuts = put->reading->cuts,
	};

	memcpy(work->body, message->sha256, DIGEST_SIZE);
	return store_work_prepare(work, &message->envelope, &recipe, err);
}

void store_put_file(struct hold_call *call)
{
	struct hold_put *put = put_of(call);

	if (prepare(put, &call->error) == 0)
		store_work_write(call->work, call->hold,
		    buf_span(&put->message->bytes), &call->error);
}

/* ---- repetitions --------------------------------------------------------- */

/* What makes two submissions the same one: agent, envelope, bytes. */
static void make_key(struct intake *in)
{
	struct digest *digest = digest_new();
	const char *agent = agent_of(in->message);

	digest_add(digest, agent, strlen(agent) + 1);
	digest_add(digest, in->work->envelope.data, in->work->envelope.len);
	digest_add(digest, in->work->body, DIGEST_SIZE);
	digest_end(digest, in->key);
	digest_free(digest);
}

/* Eight bytes are enough to index, and keep the index small. */
static int64_t key_start(const struct intake *in)
{
	int64_t start;

	memcpy(&start, in->key, sizeof(start));
	return start;
}

static int repeat(struct store *store, struct hold_put *put, sqlite3_stmt *stmt)
{
	unsigned char sha256[DIGEST_SIZE];

	put->repeated = true;
	put->draft = sqlite3_column_int64(stmt, 0);
	put->state = (enum hold_state)sqlite3_column_int(stmt, 2);
	store_hash(stmt, 3, sha256);
	revision_code(sha256, put->code);
	put->verdict.kind = VERDICT_HOLD;
	snprintf(put->verdict.rule, sizeof(put->verdict.rule), "%s",
	    store_text(stmt, 4));
	snprintf(put->verdict.reason, sizeof(put->verdict.reason), "%s",
	    store_text(stmt, 5));
	store_end(stmt);
	if (put->state == HOLD_DROPPED)
		return store_decide_why_dropped(store, put->draft,
		    put->drop_reason, sizeof(put->drop_reason));
	return 0;
}

/*
 * Did this very submission come before?  A refused one does not count: it was
 * told so; nor does one that expired, since it was given back.  When the client
 * may not have heard our 250, or when the mail carries an id of its own, it is
 * the same mail; else somebody wants it twice.
 */
static int find_repetition(struct intake *in)
{
	struct hold_put *put = in->put;
	int64_t since =
	    in->message->received_ms -
	    in->store->hold->settings.received_max_age_days * DAY_MS;
	sqlite3_stmt *stmt;
	bool confirmed;
	int rc;

	make_key(in);
	rc = store_first(in->store, &stmt,
	    "SELECT s.draft, s.confirmed, d.state, d.sha256, d.rule, d.reason"
	    " FROM submission s JOIN draft d ON d.id = s.draft"
	    " WHERE s.key_start = ? AND s.key = ? AND s.received_ms >= ?"
	    " AND d.state NOT IN (?, ?) ORDER BY s.draft DESC LIMIT 1",
	    ARGS(NUM(key_start(in)), BIN(in->key, DIGEST_SIZE), NUM(since),
		NUM(HOLD_REFUSED), NUM(HOLD_EXPIRED)));
	if (rc <= 0)
		return rc;
	confirmed = sqlite3_column_int(stmt, 1) != 0;
	if (put->reading->message_id != NULL || !confirmed)
		return repeat(in->store, put, stmt);
	in->duplicate_of = sqlite3_column_int64(stmt, 0);
	store_end(stmt);
	return 0;
}

/* ---- rows --------------------------------------------------------------- */

/*
 * What no reader could read is held, whatever the judge says, and so is what
 * programs are to be asked about, and what replaces what people had a say in.
 */
static enum hold_state judged(const struct intake *in)
{
	const struct hold_put *put = in->put;

	if (put->verdict.kind == VERDICT_REFUSE)
		return HOLD_REFUSED;
	if (put->verdict.kind == VERDICT_PASS &&
	    put->reading->trouble == NULL && !put->verdict.opinions &&
	    !in->history.replaced.must_hold)
		return HOLD_APPROVED;
	return HOLD_HELD;
}

static bool waits_for_opinions(const struct hold_put *put)
{
	return put->state == HOLD_HELD && put->verdict.opinions;
}

static const char *text_of(const char *text)
{
	return text == NULL ? "" : text;
}

static const char *channel_of(const struct hold_put *put)
{
	return put->verdict.channel[0] != '\0' ? put->verdict.channel
					       : text_of(put->channel);
}

/* When what passes may leave. */
static int64_t due_of(const struct intake *in)
{
	struct store_draft draft = {
	    .not_before_ms = in->put->verdict.not_before_ms};

	if (in->put->state != HOLD_APPROVED)
		return 0;
	return store_verdict_due(&draft, in->message->received_ms);
}

static int insert_draft(struct intake *in, struct span counts)
{
	const struct message *m = in->message;
	const struct hold_put *put = in->put;
	const struct verdict *v = &put->verdict;
	bool passed = put->state == HOLD_APPROVED;

	return store_run(in->store,
	    "INSERT INTO draft (state, number, sha256, agent, sender,"
	    " recipient, n_recipients, rule, reason, received_ms, event, ask,"
	    " unread, due_ms, approver, approved_ms, channel, severity,"
	    " persons, needs_reason, demand, passes, after, not_before_ms,"
	    " not_after_ms, opinions, deadline_ms, step_ms, config, counts,"
	    " by_ms) VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
	    "?, ?, ?,"
	    " ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    ARGS(NUM(put->state), BIN(in->work->sha256, DIGEST_SIZE),
		STR(agent_of(m)), STR(m->envelope.from),
		STR(m->envelope.recipients[0].address),
		NUM(m->envelope.n_recipients), STR(v->rule), STR(v->reason),
		NUM(m->received_ms), NUM(in->store->memory.head.id + 1),
		STR(text_of(v->ask)), NUM(put->reading->trouble != NULL),
		NUM(due_of(in)), STR(passed ? in->actor : NULL),
		NUM(passed ? m->received_ms : 0), STR(channel_of(put)),
		NUM(v->severity), NUM(v->persons == 0 ? 1 : v->persons),
		NUM(v->needs_reason), STR(text_of(v->demand)),
		NUM(v->kind == VERDICT_PASS), NUM(v->after),
		NUM(v->not_before_ms), NUM(v->not_after_ms),
		NUM(waits_for_opinions(put)), NUM(v->deadline_ms),
		NUM(v->step_ms), STR(text_of(put->config)),
		BIN(counts.len > 0 ? counts.data : NULL, counts.len),
		NUM(m->not_after_ms)));
}

static int put_draft(struct intake *in)
{
	struct hold_put *put = in->put;
	struct buf counts;
	int rc;

	buf_init(&counts, COUNTS_MAX);
	store_seen_pack(
	    &counts, put->rates, in->history.told.counts, put->n_rates);
	rc = insert_draft(in, buf_span(&counts));
	buf_release(&counts);
	put->draft = sqlite3_last_insert_rowid(in->store->db);
	return rc;
}

static int put_submission(struct intake *in)
{
	const struct message *m = in->message;

	return store_run(in->store,
	    "INSERT INTO submission (draft, key_start, key, received_ms,"
	    " own_id, peer, helo, tls, envid, ret, body_type, smtputf8,"
	    " id_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
	    " CASE WHEN ? THEN ? END)",
	    ARGS(NUM(in->put->draft), NUM(key_start(in)),
		BIN(in->key, DIGEST_SIZE), NUM(m->received_ms),
		NUM(in->put->reading->message_id != NULL), STR(m->peer),
		STR(m->helo), NUM(m->tls), STR(m->envelope.envid),
		NUM(m->envelope.ret), NUM(m->envelope.body),
		NUM(m->envelope.smtputf8), NUM(in->history.seen.has_id),
		NUM(in->history.seen.id_hash)));
}

static int put_revision(struct intake *in)
{
	struct hold_put *put = in->put;

	return store_body_put(in->store, in->work,
	    &(struct store_revision){
		.draft = put->draft,
		.number = 1,
		.head = {put->received, strlen(put->received)},
		.bytes = buf_span(&in->message->bytes),
		.reading = put->reading,
		.at_ms = in->message->received_ms,
	    });
}

/* What the ledger knew, and what the rules said. */
static int put_findings(struct intake *in)
{
	int64_t revision = STORE_KEY(in->put->draft, 1);

	return -(store_body_findings(in->store, revision, STORE_FINDING_LEDGER,
		     in->history.told.findings, in->history.told.n_findings) ||
		 store_body_trace(in->store, revision, in->put->verdict.trace));
}

/* Nobody counts, or is warned of, what was refused. */
static int put_seen(struct intake *in)
{
	if (in->put->state == HOLD_REFUSED)
		return 0;
	return -(store_seen_write(in->store, in->put, &in->history.seen) ||
		 store_wrote_remember(in->store, in->put));
}

static int put_replaced(struct intake *in)
{
	struct hold_put *put = in->put;

	if (in->history.replaced.draft.id == 0 || put->state == HOLD_REFUSED)
		return 0;
	put->replaces = in->history.replaced.draft.id;
	return store_replace_carry(
	    in->store, in->arena, &in->history.replaced, put);
}

static int put_prompts(struct intake *in)
{
	const struct verdict *v = &in->put->verdict;
	struct store_draft draft = {
	    .id = in->put->draft, .number = 1, .severity = v->severity};

	if (in->put->state != HOLD_HELD || v->opinions)
		return 0;
	return store_prompt_first(in->store, &draft, text_of(v->ask));
}

static int put_decision(struct intake *in)
{
	if (in->put->state != HOLD_APPROVED)
		return 0;
	return store_decide_record(
	    in->store, &(struct store_decision){
			   .draft = in->put->draft,
			   .sha256 = in->work->sha256,
			   .verb = HOLD_APPROVE,
			   .actor = in->actor,
			   .medium = "rule",
			   .text = in->put->verdict.reason,
			   .at_ms = in->message->received_ms,
		       });
}

static int put_event(struct intake *in)
{
	struct hold_put *put = in->put;
	struct buf about;
	int rc;

	store_move_born(in->store, put->state);
	store_audit_about(
	    &about, buf_span(&in->work->envelope), put->reading->subject);
	rc =
	    store_audit_add(in->store, &(struct store_event){
					   .draft = put->draft,
					   .event = hold_state_name(put->state),
					   .actor = in->actor,
					   .medium = "rule",
					   .revision = in->work->sha256,
					   .text = put->verdict.reason,
					   .about = buf_span(&about),
					   .at_ms = in->message->received_ms,
				       });
	buf_release(&about);
	return rc;
}

/* A refusal its agent hears at once, what programs make of it later. */
static int put_word(struct intake *in)
{
	const struct hold_put *put = in->put;

	if (put->state == HOLD_REFUSED || waits_for_opinions(put))
		return 0;
	return store_word_add(
	    in->store, &(struct store_word){
			   .draft = put->draft,
			   .event = hold_state_name(put->state),
			   .actor = in->actor,
			   .at_ms = in->message->received_ms,
		       });
}

/* What its agent wishes, where the rules do not wish for more. */
static void schedule(struct verdict *v, const struct message *m)
{
	if (m->not_before_ms > v->not_before_ms)
		v->not_before_ms = m->not_before_ms;
	if (m->not_after_ms != 0 &&
	    (v->not_after_ms == 0 || m->not_after_ms < v->not_after_ms))
		v->not_after_ms = m->not_after_ms;
}

static int put_new(struct intake *in)
{
	struct hold_put *put = in->put;

	if (store_history_make(
		in->store, put, in->duplicate_of, in->arena, &in->history))
		return -1;
	put->judge(put, &in->history.told, &put->verdict);
	schedule(&put->verdict, in->message);
	store_replace_rise(in->store, &in->history.replaced, &put->verdict);
	put->state = judged(in);
	snprintf(in->actor, sizeof(in->actor), "rule:%s", put->verdict.rule);
	revision_code(in->work->sha256, put->code);
	return -(put_draft(in) || put_submission(in) || put_revision(in) ||
		 put_findings(in) ||
		 store_recipient_put(in->store, put->draft,
		     &in->message->envelope, in->history.seen.people) ||
		 put_seen(in) || put_prompts(in) || put_decision(in) ||
		 put_event(in) || put_word(in) || put_replaced(in));
}

static int intake(struct store *store, struct hold_put *put)
{
	struct intake in = {
	    .store = store,
	    .put = put,
	    .message = put->message,
	    .work = put->call.work,
	};
	int rc;

	verdict_release(&put->verdict);
	memset(&put->verdict, 0, sizeof(put->verdict));
	put->draft = put->replaces = 0;
	put->repeated = false;
	put->drop_reason[0] = '\0';
	if (!in.work->ready && prepare(put, &put->call.error))
		return -1;
	if (find_repetition(&in))
		return -1;
	if (put->repeated)
		return 0;
	in.arena = arena_new();
	rc = put_new(&in);
	arena_free(in.arena);
	return rc;
}

void store_put(struct hold_call *call)
{
	if (intake(call->hold->store, put_of(call)))
		store_fail(call->hold->store, call);
}

/* Only mails without an id of their own are looked up by this mark. */
void store_put_confirm(struct hold_call *call)
{
	struct hold_confirmed *c =
	    (void *)((char *)call - offsetof(struct hold_confirmed, call));
	struct store *store = call->hold->store;
	size_t i;

	for (i = 0; i < c->n; i++)
		if (store_run(store,
			"UPDATE submission SET confirmed = 1"
			" WHERE draft = ? AND own_id = 0",
			ARGS(NUM(c->drafts[i])))) {
			store_fail(store, call);
			return;
		}
}
