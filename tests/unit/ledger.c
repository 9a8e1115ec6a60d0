/*
 * ledger: what the tests of the ledger share.  It uses the door of the room
 * and, from outside, the file.
 */
#include "ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <sched.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "faulty.h"
#include "util/clock.h"
#include "util/mem.h"

#define RECEIVED "Received: from agent by here\r\n"

const char *const ledger_ask[] = {"anna", "bob", NULL};

#ifdef __SANITIZE_THREAD__
/* Tests of crashes fork; the child's threads are its own. */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
	return "die_after_fork=0";
}
#endif

static struct ledger *current; /* the one whose calls are waited for */

static int authority(const char *actor, const struct hold_demand *demand,
    bool approve, struct error *err, const void *people)
{
	struct ledger *ledger = *(struct ledger *const *)people;

	/* writer thread; tests look at it when no call is open */
	snprintf(ledger->demand, sizeof(ledger->demand), "%s|%s|%s",
	    demand->channel, demand->ask, demand->demand);
	ledger->approve = approve;
	if ((strcmp(actor, "anna") == 0 || strcmp(actor, "bob") == 0 ||
		strcmp(actor, "carol") == 0) &&
	    (ledger->powerless == NULL ||
		strcmp(actor, ledger->powerless) != 0))
		return 0;
	return error_set(err, ERROR_DENIED, "not '%s'", actor);
}

static void on_failed(const struct error *err, void *context)
{
	struct ledger *ledger = context;

	ledger->broken++;
	ledger->why = *err;
}

/* Reports of what did not leave, as agents hear by default. */
static unsigned hears(const char *agent, const char *event, const void *people)
{
	struct ledger *const *ledger = people;

	(void)agent;
	if ((*ledger)->hears_all)
		return HOLD_BY_REPORT | HOLD_BY_HOOK;
	return strcmp(event, "dropped") == 0 || strcmp(event, "failed") == 0 ||
		       strcmp(event, "expired") == 0
		   ? HOLD_BY_REPORT
		   : 0;
}

void ledger_init(struct ledger *ledger)
{
	faulty_install();
	memset(ledger, 0, sizeof(*ledger));
	snprintf(ledger->dir, sizeof(ledger->dir), "/tmp/ledger-XXXXXX");
	assert_non_null(mkdtemp(ledger->dir));
	ledger->base = event_base_new();
	ledger->self = ledger;
	ledger->settings = (struct hold_settings){
	    .dir = ledger->dir,
	    .body_file_above = 64 * 1024,
	    .retry_lifetime_ms = 3600 * 1000,
	    .received_max_age_days = 7,
	    .authority = authority,
	    .hears = hears,
	    .failed = on_failed,
	    .context = ledger,
	    .people = &ledger->self,
	};
}

int ledger_open(struct ledger *ledger)
{
	ledger->error = (struct error)ERROR_INIT;
	ledger->hold =
	    hold_open(ledger->base, &ledger->settings, &ledger->error);
	return ledger->hold == NULL ? -1 : 0;
}

void ledger_close(struct ledger *ledger)
{
	current = ledger;
	hold_close(ledger->hold);
	ledger->hold = NULL;
}

static int remove_one(
    const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void ledger_release(struct ledger *ledger)
{
	ledger_close(ledger);
	event_base_free(ledger->base);
	nftw(ledger->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void ledger_done(struct hold_call *call)
{
	(void)call;
	current->open_calls--;
}

void ledger_wait(struct ledger *ledger)
{
	current = ledger;
	while (ledger->open_calls > 0)
		event_base_loop(ledger->base, EVLOOP_ONCE);
}

/* ---- the file from outside ---------------------------------------------- */

static sqlite3 *open_file(struct ledger *ledger)
{
	char *path = mem_printf("%s/ledger.db", ledger->dir);
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);
	sqlite3_exec(db, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
	free(path);
	return db;
}

/*
 * While another has the file, the writer tries again and again to begin; once
 * it has tried, what is started now comes into its next group.
 */
void ledger_hold_back(struct ledger *ledger)
{
	sqlite3 *db = open_file(ledger);
	unsigned tried;

	/* marks that wait for a call are written now, not in the group */
	ledger->first.word = 0;
	ledger_do(ledger, waive, &ledger->first);
	assert_int_equal(
	    sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	ledger->lock = db;
	tried = faulty_refused_locks();
	ledger_start(ledger, waive, &ledger->first);
	while (faulty_refused_locks() == tried)
		sched_yield();
}

void ledger_let_go(struct ledger *ledger)
{
	sqlite3_exec(ledger->lock, "ROLLBACK", NULL, NULL, NULL);
	sqlite3_close(ledger->lock);
	ledger_wait(ledger);
	assert_int_equal(ledger->first.call.error.kind, ERROR_NONE);
}

static int64_t run_sql(struct ledger *ledger, const char *sql)
{
	sqlite3 *db = open_file(ledger);
	sqlite3_stmt *stmt;
	const char *rest = sql;
	int64_t n = 0;
	int rc;

	while (*rest != '\0') {
		if (sqlite3_prepare_v2(db, rest, -1, &stmt, &rest) != SQLITE_OK)
			fail_msg("%s: %s", sql, sqlite3_errmsg(db));
		while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
			n = sqlite3_column_int64(stmt, 0);
		if (rc != SQLITE_DONE)
			fail_msg("%s: %s", sql, sqlite3_errmsg(db));
		sqlite3_finalize(stmt);
	}
	sqlite3_close(db);
	return n;
}

void ledger_sql(struct ledger *ledger, const char *fmt, ...)
{
	char sql[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(sql, sizeof(sql), fmt, ap);
	va_end(ap);
	run_sql(ledger, sql);
}

int64_t ledger_number(struct ledger *ledger, const char *fmt, ...)
{
	char sql[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(sql, sizeof(sql), fmt, ap);
	va_end(ap);
	return run_sql(ledger, sql);
}

/* ---- mails -------------------------------------------------------------- */

/* LF between. */
static const char *join(struct arena *arena, const char *const *names)
{
	struct buf all;
	const char *joined;

	buf_init(&all, 1024 * 1024);
	for (; *names != NULL; names++) {
		if (all.len > 0)
			buf_add_char(&all, '\n');
		buf_add_str(&all, *names);
	}
	joined = arena_strdup(arena, all.data);
	buf_release(&all);
	return joined;
}

void ledger_judge(struct verdict *verdict, enum verdict_kind kind,
    const struct verdict *wants, const char *ask)
{
	*verdict = *wants;
	verdict->kind = kind;
	if (*wants->rule == '\0')
		snprintf(verdict->rule, sizeof(verdict->rule), "default");
	if (*wants->reason == '\0')
		snprintf(verdict->reason, sizeof(verdict->reason), "so it is");
	if (*wants->say == '\0')
		snprintf(verdict->say, sizeof(verdict->say), "not this one");
	verdict->arena = arena_new();
	verdict->ask = arena_strdup(verdict->arena, ask);
	verdict->demand = arena_strdup(verdict->arena, wants->demand);
	verdict->trace = arena_strdup(verdict->arena, wants->trace);
}

/* So that a test can look at it later. */
static void note_history(
    struct draft *draft, const struct verdict_history *history)
{
	size_t i, used = 0, room = sizeof(draft->told);
	const struct finding *f;

	draft->duplicate_of = history->duplicate_of;
	draft->told[0] = '\0';
	for (i = 0; i < history->n_findings && used < room; i++) {
		f = &history->findings[i];
		used += (size_t)snprintf(draft->told + used, room - used,
		    "%s %s\n", f->name, f->value == NULL ? "-" : f->value);
		if (f->by == NULL || strcmp(f->by, "ledger") != 0)
			draft->told[0] = '!'; /* fits no test */
	}
	for (i = 0; i < draft->put.n_rates; i++)
		draft->counts[i] = history->counts[i];
}

static void judge(struct hold_put *put, const struct verdict_history *history,
    struct verdict *verdict)
{
	struct draft *draft = put->context;
	struct arena *arena = arena_new();

	draft->judged++;
	note_history(draft, history);
	ledger_judge(
	    verdict, draft->verdict, &draft->wants, join(arena, draft->ask));
	arena_free(arena);
}

static void fill_message(struct message *m, const char *text)
{
	struct envelope *e = &m->envelope;

	m->agent = "demo";
	m->peer = "192.0.2.1";
	m->helo = "agent.example";
	m->received_ms = clock_now_ms();
	e->from = "demo@corp.example";
	e->n_recipients = 2;
	e->recipients = arena_alloc(m->arena, 2 * sizeof(*e->recipients));
	e->recipients[0].address = "one@dest.example";
	e->recipients[1].address = "two@dest.example";
	e->recipients[1].notify = MESSAGE_NOTIFY_FAILURE;
	assert_int_equal(message_add(m, "Subject: a test\r\n\r\n", 19), 0);
	assert_int_equal(message_add(m, text, strlen(text)), 0);
	digest_of(m->bytes.data, m->bytes.len, m->sha256);
}

static struct reading *make_reading(const char *text)
{
	struct arena *arena = arena_new();
	struct reading *r = arena_alloc(arena, sizeof(*r));

	r->arena = arena;
	r->subject = "a test";
	r->from = "demo@corp.example";
	/* as a reader would have it: no CR */
	r->text.len = strcspn(text, "\r");
	r->text.data = arena_dup(arena, text, r->text.len);
	r->text_total = r->text.len;
	reading_add_finding(r, FINDING_NOTE, "no-date", "it has no Date");
	return r;
}

void draft_init(struct draft *draft, const char *text)
{
	memset(draft, 0, sizeof(*draft));
	message_budget_init((size_t)256 * 1024 * 1024);
	draft->message = message_new((size_t)64 * 1024 * 1024);
	fill_message(draft->message, text);
	draft->reading = make_reading(text);
	draft->verdict = VERDICT_HOLD;
	draft->put.message = draft->message;
	draft->put.reading = draft->reading;
	draft->put.received = RECEIVED;
	draft->put.judge = judge;
	draft->put.context = draft;
	draft->put.channel = "";
	draft->ask = ledger_ask;
}

void draft_put(struct ledger *ledger, struct draft *draft)
{
	if (ledger_do(ledger, put, &draft->put) != ERROR_NONE)
		fail_msg("%s", draft->put.call.error.text);
}

void draft_release(struct draft *draft)
{
	verdict_release(&draft->put.verdict);
	message_free(draft->message);
	reading_free(draft->reading);
}

static int64_t put_one(
    struct ledger *ledger, const char *text, enum verdict_kind verdict)
{
	struct draft draft;

	draft_init(&draft, text);
	draft.verdict = verdict;
	draft_put(ledger, &draft);
	hold_confirm(ledger->hold, draft.put.draft);
	draft_release(&draft);
	return draft.put.draft;
}

int64_t draft_held(struct ledger *ledger, const char *text)
{
	return put_one(ledger, text, VERDICT_HOLD);
}

int64_t draft_passed(struct ledger *ledger, const char *text)
{
	return put_one(ledger, text, VERDICT_PASS);
}

int64_t draft_wanted(struct ledger *ledger, const char *text,
    enum verdict_kind kind, const struct verdict *wants)
{
	struct draft draft;

	draft_init(&draft, text);
	draft.verdict = kind;
	draft.wants = *wants;
	draft_put(ledger, &draft);
	hold_confirm(ledger->hold, draft.put.draft);
	draft_release(&draft);
	return draft.put.draft;
}

/* ---- verbs -------------------------------------------------------------- */

enum hold_state ledger_state(
    struct ledger *ledger, int64_t draft, unsigned char sha256[DIGEST_SIZE])
{
	struct hold_view view = {.draft = draft};
	enum hold_state state;

	if (ledger_do(ledger, view, &view) != ERROR_NONE)
		fail_msg("%s", view.call.error.text);
	state = view.state;
	if (sha256 != NULL)
		memcpy(sha256, view.sha256, DIGEST_SIZE);
	hold_view_release(&view);
	return state;
}

enum error_kind ledger_tell(struct ledger *ledger, int64_t draft,
    enum hold_verb verb, const char *actor, const char *text,
    struct hold_decide *decide)
{
	*decide = (struct hold_decide){
	    .draft = draft,
	    .verb = verb,
	    .actor = actor,
	    .medium = "mail",
	    .text = text,
	};
	ledger_state(ledger, draft, decide->revision);
	return ledger_do(ledger, decide, decide);
}

enum error_kind ledger_say(struct ledger *ledger, int64_t draft,
    enum hold_verb verb, const char *actor)
{
	struct hold_decide decide;

	return ledger_tell(ledger, draft, verb, actor, "because", &decide);
}

void ledger_verify(struct ledger *ledger)
{
	struct hold_verify verify = {.rows = 0};

	assert_int_equal(ledger_do(ledger, verify, &verify), ERROR_NONE);
	if (verify.first_bad != 0)
		fail_msg(
		    "row %lld: %s", (long long)verify.first_bad, verify.why);
}

enum hold_state ledger_attempt(
    struct ledger *ledger, int64_t draft, bool dot, enum hold_result result)
{
	struct hold_claim claim = {.draft = 0};
	struct hold_settle settle = {.draft = draft};
	struct hold_dot d = {.draft = draft};
	size_t i;

	assert_int_equal(ledger_do(ledger, claim, &claim), ERROR_NONE);
	assert_int_equal(claim.draft, draft);
	d.attempt = settle.attempt = claim.attempt;
	if (dot)
		assert_int_equal(ledger_do(ledger, dot, &d), ERROR_NONE);
	for (i = 0; i < claim.n_targets; i++) {
		claim.targets[i].result = result;
		claim.targets[i].answer = "250 so";
	}
	settle.n_targets = claim.n_targets;
	settle.targets = claim.targets;
	if (ledger_do(ledger, settle, &settle) != ERROR_NONE)
		fail_msg("%s", settle.call.error.text);
	arena_free(claim.arena);
	return settle.state;
}

static unsigned due_to(struct ledger *ledger, int64_t draft,
    enum hold_prompt_kind kind, const char *reviewer)
{
	struct hold_due due = {.reviewer = reviewer, .limit = 1000};
	unsigned n = 0;
	size_t i;

	assert_int_equal(ledger_do(ledger, due, &due), ERROR_NONE);
	for (i = 0; i < due.n_prompts; i++) {
		assert_string_equal(due.prompts[i].reviewer, reviewer);
		n += due.prompts[i].draft == draft &&
		     due.prompts[i].kind == kind;
	}
	arena_free(due.arena);
	return n;
}

unsigned ledger_due(struct ledger *ledger, int64_t draft,
    enum hold_prompt_kind kind, const char *reviewer)
{
	unsigned n = 0;
	size_t i;

	if (reviewer != NULL)
		return due_to(ledger, draft, kind, reviewer);
	for (i = 0; ledger_ask[i] != NULL; i++)
		n += due_to(ledger, draft, kind, ledger_ask[i]);
	return n;
}

int64_t ledger_notify(
    struct ledger *ledger, int64_t draft, const char *reviewer)
{
	struct hold_due due = {.reviewer = reviewer, .limit = 1000};
	struct hold_notice_item items[1000];
	struct hold_notice notice = {
	    .notice = hold_notice_id(ledger->hold),
	    .reviewer = reviewer,
	    .message_id = "<n@here>",
	    .items = items,
	    .mail = {.from = "", .to = "x@y", .bytes = {"hello\r\n", 7}},
	};
	size_t i;

	assert_int_equal(ledger_do(ledger, due, &due), ERROR_NONE);
	for (i = 0; i < due.n_prompts; i++)
		if (due.prompts[i].draft == draft)
			items[notice.n_items++] = (struct hold_notice_item){
			    .prompt = due.prompts[i].prompt};
	arena_free(due.arena);
	if (ledger_do(ledger, notice, &notice) != ERROR_NONE)
		fail_msg("%s", notice.call.error.text);
	return notice.notice;
}

int64_t ledger_in_state(struct ledger *ledger, enum hold_state state)
{
	static unsigned serial;
	char text[32];
	struct draft draft;
	struct hold_claim claim = {.draft = 0};
	int64_t id;

	snprintf(text, sizeof(text), "mail %u\r\n", serial++);
	if (state == HOLD_REFUSED) {
		draft_init(&draft, text);
		draft.verdict = VERDICT_REFUSE;
		draft_put(ledger, &draft);
		draft_release(&draft);
		return draft.put.draft;
	}
	id = draft_held(ledger, text);
	if (state == HOLD_HELD)
		return id;
	if (state == HOLD_DROPPED) {
		ledger_say(ledger, id, HOLD_DROP, "anna");
		return id;
	}
	if (state == HOLD_REVISING) {
		struct hold_decide said;

		ledger_tell(ledger, id, HOLD_REVISE, "anna", "shorter", &said);
		return id;
	}
	ledger_say(ledger, id, HOLD_APPROVE, "anna");
	switch (state) {
	case HOLD_APPROVED:
		return id;
	case HOLD_SENDING:
		ledger_do(ledger, claim, &claim);
		assert_int_equal(claim.draft, id);
		arena_free(claim.arena);
		return id;
	case HOLD_SENT:
		ledger_attempt(ledger, id, true, HOLD_RESULT_SENT);
		return id;
	case HOLD_FAILED:
		ledger_attempt(ledger, id, false, HOLD_RESULT_FAILED);
		return id;
	case HOLD_IN_DOUBT:
		ledger_attempt(ledger, id, true, HOLD_RESULT_IN_DOUBT);
		return id;
	default:
		ledger_say(ledger, id, HOLD_UNDO, "anna");
		return 0;
	}
}
