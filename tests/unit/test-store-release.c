/*
 * Tests of what leaves: claims in order, gates, the dot, results per
 * recipient, what a crash leaves behind, and the outbox.
 */
#include "ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/clock.h"

static struct ledger ledger;

static int start(void **state)
{
	(void)state;
	ledger_init(&ledger);
	if (ledger_open(&ledger))
		fail_msg("%s", ledger.error.text);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	ledger_release(&ledger);
	return 0;
}

/* Claim one; 0: none was to be had. */
static int64_t claim_one(struct hold_claim *claim)
{
	memset(claim, 0, sizeof(*claim));
	assert_int_equal(ledger_do(&ledger, claim, claim), ERROR_NONE);
	return claim->draft;
}

static int64_t claimed(void)
{
	struct hold_claim claim;
	int64_t id = claim_one(&claim);

	arena_free(claim.arena);
	return id;
}

static int64_t approved(const char *text)
{
	int64_t id = draft_held(&ledger, text);

	assert_int_equal(
	    ledger_say(&ledger, id, HOLD_APPROVE, "anna"), ERROR_NONE);
	return id;
}

static void gate(const char *agent, bool stopped, struct hold_gate *gate)
{
	*gate = (struct hold_gate){
	    .agent = agent,
	    .stop = stopped,
	    .actor = "anna",
	    .medium = "command line",
	};
	assert_int_equal(ledger_do(&ledger, gate, gate), ERROR_NONE);
}

static int64_t passed_for(const char *agent, const char *text)
{
	struct draft draft;

	draft_init(&draft, text);
	draft.message->agent = agent;
	draft.verdict = VERDICT_PASS;
	draft_put(&ledger, &draft);
	draft_release(&draft);
	return draft.put.draft;
}

/* ---- claims ------------------------------------------------------------- */

static void a_claim_tells_what_to_send(void **state)
{
	int64_t id;
	struct hold_claim claim;
	unsigned char sha256[DIGEST_SIZE];

	(void)state;
	assert_int_equal(claim_one(&claim), 0);
	assert_int_equal(claim.next_ms, 0);
	arena_free(claim.arena);
	id = approved("a\r\n");
	ledger_state(&ledger, id, sha256);
	assert_int_equal(claim_one(&claim), id);
	assert_true(claim.attempt > 0);
	assert_int_equal(claim.revision, 1);
	assert_int_equal(claim.tries, 0);
	assert_memory_equal(claim.sha256, sha256, DIGEST_SIZE);
	assert_string_equal(claim.envelope.from, "demo@corp.example");
	assert_int_equal(claim.envelope.n_recipients, 2);
	assert_int_equal(claim.n_targets, 2);
	assert_string_equal(
	    claim.targets[0].recipient.address, "one@dest.example");
	assert_int_equal(
	    claim.targets[1].recipient.notify, MESSAGE_NOTIFY_FAILURE);
	assert_int_equal(claim.targets[1].result, HOLD_RESULT_PENDING);
	assert_true(claim.approved_ms > 0);
	arena_free(claim.arena);
	/* nobody else gets it */
	assert_int_equal(claimed(), 0);
}

static void claims_go_by_time(void **state)
{
	int64_t a = passed_for("x", "a\r\n"), b = passed_for("y", "b\r\n"),
		c = passed_for("x", "c\r\n"), d = passed_for("z", "d\r\n");
	struct hold_claim claim;

	(void)state;
	ledger_sql(&ledger,
	    "UPDATE draft SET due_ms = CASE id WHEN %d THEN 40 WHEN %d THEN 30"
	    " WHEN %d THEN 20 ELSE 9000000000000 END",
	    (int)a, (int)b, (int)c);
	assert_int_equal(claimed(), c);
	assert_int_equal(claimed(), b);
	assert_int_equal(claimed(), a);
	assert_int_equal(claim_one(&claim), 0);
	assert_int_equal(claim.next_ms, 9000000000000);
	arena_free(claim.arena);
	ledger_sql(
	    &ledger, "UPDATE draft SET due_ms = 1 WHERE id = %d", (int)d);
	assert_int_equal(claimed(), d);
}

static void an_approval_waits_for_undo(void **state)
{
	struct hold_claim claim;
	int64_t id, now = clock_now_ms();

	(void)state;
	ledger_close(&ledger);
	ledger.settings.undo_ms = 3600 * 1000;
	ledger_open(&ledger);
	id = approved("a\r\n");
	assert_int_equal(claim_one(&claim), 0);
	assert_true(claim.next_ms >= now + 3600 * 1000);
	arena_free(claim.arena);
	assert_int_equal(
	    ledger_say(&ledger, id, HOLD_UNDO, "anna"), ERROR_NONE);
	assert_int_equal(ledger_state(&ledger, id, NULL), HOLD_HELD);
	/* a rule does not think again */
	id = draft_passed(&ledger, "b\r\n");
	assert_int_equal(claimed(), id);
}

/* All claimants in one group: one gets it. */
static void one_draft_one_claim(void **state)
{
	struct hold_claim claims[8];
	unsigned i, got = 0;

	(void)state;
	approved("a\r\n");
	memset(claims, 0, sizeof(claims));
	ledger_hold_back(&ledger);
	for (i = 0; i < 8; i++)
		ledger_start(&ledger, claim, &claims[i]);
	ledger_let_go(&ledger);
	for (i = 0; i < 8; i++) {
		got += claims[i].draft != 0;
		arena_free(claims[i].arena);
	}
	assert_int_equal(got, 1);
}

static void who_lost_authority_lets_nothing_go(void **state)
{
	int64_t id = approved("a\r\n"), other = draft_passed(&ledger, "b\r\n");
	struct hold_view view = {.draft = id};

	(void)state;
	ledger.powerless = "anna";
	assert_int_equal(claimed(), other);
	assert_int_equal(ledger_do(&ledger, view, &view), ERROR_NONE);
	assert_int_equal(view.state, HOLD_HELD);
	assert_non_null(strstr(view.reason, "anna"));
	hold_view_release(&view);
	assert_int_equal(ledger_due(&ledger, id, HOLD_PROMPT_DECIDE, NULL), 2);
	assert_int_equal(
	    ledger_say(&ledger, id, HOLD_APPROVE, "bob"), ERROR_NONE);
	assert_int_equal(claimed(), id);
}

/* ---- gates -------------------------------------------------------------- */

static void a_gate_stops_one_agent(void **state)
{
	int64_t a = passed_for("x", "a\r\n"), b = passed_for("y", "b\r\n");
	struct hold_status status;
	struct hold_gate g;

	(void)state;
	ledger_sql(&ledger, "UPDATE draft SET due_ms = id");
	gate("x", true, &g);
	gate("x", true, &g); /* twice is once */
	assert_int_equal(claimed(), b);
	assert_int_equal(claimed(), 0);
	ledger_do(&ledger, status, &status);
	assert_false(status.stopped);
	assert_string_equal(status.stopped_agents, "x");
	gate("x", false, &g);
	assert_int_equal(claimed(), a);
}

static void a_gate_stops_all(void **state)
{
	struct hold_claim claim;
	struct hold_status status;
	struct hold_gate g;
	int64_t id = passed_for("x", "a\r\n");

	(void)state;
	gate(NULL, true, &g);
	gate("y", true, &g);
	gate("z", true, &g);
	assert_int_equal(claim_one(&claim), 0);
	assert_int_equal(claim.next_ms, 0);
	arena_free(claim.arena);
	ledger_do(&ledger, status, &status);
	assert_true(status.stopped);
	assert_string_equal(status.stopped_agents, "y,z");
	/* it outlives a restart */
	ledger_close(&ledger);
	ledger_open(&ledger);
	assert_int_equal(claimed(), 0);
	gate(NULL, false, &g);
	assert_int_equal(claimed(), id);
}

static void a_gate_stops_the_dot(void **state)
{
	static const char *const agents[] = {"demo", NULL};
	struct hold_claim claim;
	struct hold_dot dot;
	struct hold_gate g;
	char text[16];
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		snprintf(text, sizeof(text), "m%zu\r\n", i);
		approved(text);
		claim_one(&claim);
		gate(agents[i], true, &g);
		assert_int_equal(g.n_past_dot, i); /* those of before */
		dot = (struct hold_dot){
		    .draft = claim.draft,
		    .attempt = claim.attempt,
		};
		assert_int_equal(ledger_do(&ledger, dot, &dot), ERROR_DENIED);
		gate(agents[i], false, &g);
		assert_int_equal(ledger_do(&ledger, dot, &dot), ERROR_NONE);
		gate(agents[i], true, &g);
		assert_int_equal(g.n_past_dot, i + 1);
		assert_int_equal(g.past_dot[i], claim.draft);
		gate("other", true, &g);
		assert_int_equal(g.n_past_dot, 0);
		gate(agents[i], false, &g);
		gate("other", false, &g);
		arena_free(claim.arena);
	}
}

static void a_dot_needs_its_own_attempt(void **state)
{
	struct hold_claim claim;
	struct hold_dot dot = {.draft = 4711, .attempt = 1};
	int64_t id = approved("a\r\n");

	(void)state;
	assert_int_equal(ledger_do(&ledger, dot, &dot), ERROR_MISSING);
	dot.draft = id;
	assert_int_equal(ledger_do(&ledger, dot, &dot), ERROR_CONFLICT);
	claim_one(&claim);
	dot.attempt = claim.attempt + 1;
	assert_int_equal(ledger_do(&ledger, dot, &dot), ERROR_CONFLICT);
	dot.attempt = claim.attempt;
	ledger.powerless = "anna";
	assert_int_equal(ledger_do(&ledger, dot, &dot), ERROR_DENIED);
	ledger.powerless = NULL;
	assert_int_equal(ledger_do(&ledger, dot, &dot), ERROR_NONE);
	/* there is no second dot in one attempt */
	assert_int_equal(ledger_do(&ledger, dot, &dot), ERROR_CONFLICT);
	arena_free(claim.arena);
}

/* ---- results ------------------------------------------------------------ */

#define P HOLD_RESULT_PENDING
#define S HOLD_RESULT_SENT
#define F HOLD_RESULT_FAILED
#define D HOLD_RESULT_IN_DOUBT

static void results_make_the_state(void **state)
{
	static const struct {
		enum hold_result one, two;
		enum hold_state want;
		unsigned doubt, failed, owed;
	} rows[] = {
	    {S, S, HOLD_SENT, 0, 0, 0},
	    {S, P, HOLD_APPROVED, 0, 0, 0},
	    {P, P, HOLD_APPROVED, 0, 0, 0},
	    {F, P, HOLD_APPROVED, 0, 0, 0},
	    {S, F, HOLD_FAILED, 0, 1, 1},
	    {F, F, HOLD_FAILED, 0, 1, 1},
	    {D, S, HOLD_IN_DOUBT, 1, 0, 0},
	    {D, F, HOLD_IN_DOUBT, 1, 0, 0},
	    {P, D, HOLD_IN_DOUBT, 1, 0, 0},
	    {D, D, HOLD_IN_DOUBT, 1, 0, 0},
	};
	struct hold_claim claim;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct hold_settle settle = {.n_targets = 2};
		struct hold_owed owed = {.limit = 10};

		start(NULL);
		settle.draft = approved("a\r\n");
		claim_one(&claim);
		settle.attempt = claim.attempt;
		settle.targets = claim.targets;
		settle.again_ms = 9000000000000;
		claim.targets[0].result = rows[i].one;
		claim.targets[1].result = rows[i].two;
		assert_int_equal(
		    ledger_do(&ledger, settle, &settle), ERROR_NONE);
		assert_int_equal(settle.state, rows[i].want);
		assert_int_equal(
		    ledger_state(&ledger, settle.draft, NULL), rows[i].want);
		assert_int_equal(ledger_due(&ledger, settle.draft,
				     HOLD_PROMPT_DOUBT, "anna"),
		    rows[i].doubt);
		assert_int_equal(ledger_due(&ledger, settle.draft,
				     HOLD_PROMPT_FAILED, "anna"),
		    rows[i].failed);
		ledger_do(&ledger, owed, &owed);
		assert_int_equal(owed.n_words, rows[i].owed);
		/* once is enough */
		assert_int_equal(
		    ledger_do(&ledger, settle, &settle), ERROR_CONFLICT);
		arena_free(claim.arena);
		claim_one(&claim);
		assert_int_equal(claim.next_ms,
		    rows[i].want == HOLD_APPROVED ? 9000000000000 : 0);
		arena_free(claim.arena);
		stop(NULL);
	}
}

static void settle_with(const struct hold_claim *claim, enum hold_result one,
    enum hold_result two, enum hold_state want)
{
	struct hold_settle settle = {
	    .draft = claim->draft,
	    .attempt = claim->attempt,
	    .n_targets = claim->n_targets,
	    .targets = claim->targets,
	    .again_ms = 1,
	};

	claim->targets[0].result = one;
	claim->targets[0].answer = "the answer";
	if (claim->n_targets > 1)
		claim->targets[1].result = two;
	assert_int_equal(ledger_do(&ledger, settle, &settle), ERROR_NONE);
	assert_int_equal(settle.state, want);
	arena_free(claim->arena);
}

/* Sent to one; only the other is tried again, and then given up. */
static void only_the_pending_are_tried_again(void **state)
{
	struct hold_view view;
	struct hold_claim claim;
	int64_t id = approved("a\r\n");

	(void)state;
	claim_one(&claim);
	settle_with(&claim, S, P, HOLD_APPROVED);
	assert_int_equal(claim_one(&claim), id);
	assert_int_equal(claim.tries, 1);
	assert_int_equal(claim.n_targets, 1);
	assert_int_equal(claim.envelope.n_recipients, 1);
	assert_string_equal(
	    claim.envelope.recipients[0].address, "two@dest.example");
	ledger_sql(
	    &ledger, "UPDATE draft SET approved_ms = approved_ms - 3600000");
	settle_with(&claim, P, P, HOLD_FAILED);
	view = (struct hold_view){.draft = id};
	ledger_do(&ledger, view, &view);
	assert_string_equal(view.recipients[0].state, "sent");
	assert_string_equal(view.recipients[1].state, "failed");
	assert_memory_equal(view.recipients[1].answer, "4.4.7", 5);
	hold_view_release(&view);
	/* a reviewer has it tried again, for that one alone */
	assert_int_equal(
	    ledger_say(&ledger, id, HOLD_APPROVE, "bob"), ERROR_NONE);
	assert_int_equal(claim_one(&claim), id);
	assert_int_equal(claim.tries, 0);
	assert_int_equal(claim.n_targets, 1);
	settle_with(&claim, S, S, HOLD_SENT);
}

static void doubt_is_for_people(void **state)
{
	static const struct {
		enum hold_result other;
		enum hold_verb verb;
		enum hold_state want;
		size_t again; /* recipients of the next claim */
	} rows[] = {
	    {S, HOLD_APPROVE, HOLD_APPROVED, 1},
	    {S, HOLD_DROP, HOLD_SENT, 0},
	    {F, HOLD_APPROVE, HOLD_APPROVED, 1},
	    {F, HOLD_DROP, HOLD_FAILED, 0},
	    {P, HOLD_APPROVE, HOLD_APPROVED, 2},
	    {P, HOLD_DROP, HOLD_APPROVED, 1},
	};
	struct hold_claim claim;
	int64_t id;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		start(NULL);
		id = approved("a\r\n");
		claim_one(&claim);
		settle_with(&claim, D, rows[i].other, HOLD_IN_DOUBT);
		assert_int_equal(claimed(), 0);
		assert_int_equal(
		    ledger_say(&ledger, id, rows[i].verb, "bob"), ERROR_NONE);
		assert_int_equal(ledger_state(&ledger, id, NULL), rows[i].want);
		claim_one(&claim);
		assert_int_equal(claim.n_targets, rows[i].again);
		arena_free(claim.arena);
		stop(NULL);
	}
}

/* What the relay host may have seen is not taken back. */
static void after_a_dot_there_is_no_undo(void **state)
{
	struct hold_claim claim;
	struct hold_dot dot = {.draft = approved("a\r\n")};

	(void)state;
	claim_one(&claim);
	settle_with(&claim, P, P, HOLD_APPROVED);
	assert_int_equal(
	    ledger_say(&ledger, dot.draft, HOLD_UNDO, "anna"), ERROR_NONE);
	ledger_say(&ledger, dot.draft, HOLD_APPROVE, "anna");
	claim_one(&claim);
	dot.attempt = claim.attempt;
	assert_int_equal(ledger_do(&ledger, dot, &dot), ERROR_NONE);
	settle_with(&claim, S, P, HOLD_APPROVED);
	assert_int_equal(
	    ledger_say(&ledger, dot.draft, HOLD_UNDO, "anna"), ERROR_CONFLICT);
	assert_int_equal(ledger_state(&ledger, dot.draft, NULL), HOLD_APPROVED);
}

/* ---- after a crash ------------------------------------------------------ */

/*
 * The child does the steps in its own process and is killed; what its ledger
 * has become is seen after a new start.
 */
static void crash_after(void (*steps)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (ledger_open(&ledger) == 0)
			steps();
		raise(SIGKILL);
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	if (ledger_open(&ledger))
		fail_msg("%s", ledger.error.text);
}

static int prepare_crash(void **state)
{
	(void)state;
	ledger_init(&ledger);
	return 0;
}

static void until_claim(void)
{
	approved("a\r\n");
	claimed();
}

static void until_dot(void)
{
	struct hold_claim claim;
	struct hold_dot dot = {.draft = approved("a\r\n")};

	claim_one(&claim);
	dot.attempt = claim.attempt;
	ledger_do(&ledger, dot, &dot);
}

static void until_one_result(void)
{
	struct hold_claim claim;
	struct hold_dot dot = {.draft = approved("a\r\n")};

	claim_one(&claim);
	settle_with(&claim, S, P, HOLD_APPROVED);
	claim_one(&claim);
	dot.attempt = claim.attempt;
	ledger_do(&ledger, dot, &dot);
}

static void until_result(void)
{
	ledger_attempt(&ledger, approved("a\r\n"), true, HOLD_RESULT_SENT);
}

static void before_the_dot_it_is_tried_again(void **state)
{
	(void)state;
	crash_after(until_claim);
	assert_int_equal(ledger_state(&ledger, 1, NULL), HOLD_APPROVED);
	assert_int_equal(claimed(), 1);
}

static void after_the_dot_it_is_in_doubt(void **state)
{
	struct hold_verify verify;

	(void)state;
	crash_after(until_dot);
	assert_int_equal(ledger_state(&ledger, 1, NULL), HOLD_IN_DOUBT);
	assert_int_equal(claimed(), 0);
	assert_int_equal(ledger_due(&ledger, 1, HOLD_PROMPT_DOUBT, "anna"), 1);
	assert_int_equal(ledger_number(&ledger,
			     "SELECT count(*) FROM recipient WHERE state = 3"),
	    2);
	assert_int_equal(
	    ledger_number(
		&ledger, "SELECT count(*) FROM attempt WHERE end_ms IS NULL"),
	    0);
	ledger_do(&ledger, verify, &verify);
	assert_int_equal(verify.first_bad, 0);
}

static void who_has_it_is_not_in_doubt(void **state)
{
	(void)state;
	crash_after(until_one_result);
	assert_int_equal(ledger_state(&ledger, 1, NULL), HOLD_IN_DOUBT);
	assert_int_equal(ledger_number(&ledger,
			     "SELECT count(*) FROM recipient WHERE state = 3"),
	    1);
	assert_int_equal(
	    ledger_number(&ledger, "SELECT state FROM recipient WHERE n = 1"),
	    HOLD_RESULT_SENT);
}

static void after_the_result_it_is_done(void **state)
{
	(void)state;
	crash_after(until_result);
	assert_int_equal(ledger_state(&ledger, 1, NULL), HOLD_SENT);
}

static void without_an_attempt_it_is_in_doubt(void **state)
{
	(void)state;
	crash_after(until_claim);
	claimed();
	ledger_close(&ledger);
	ledger_sql(&ledger, "DELETE FROM attempt");
	assert_int_equal(ledger_open(&ledger), 0);
	assert_int_equal(ledger_state(&ledger, 1, NULL), HOLD_IN_DOUBT);
}

/*
 * Killed at some moment under load: what was answered is there, and the chain
 * is whole.  The child writes each answered id to a pipe.
 */
static int answers;
static unsigned unanswered;

static void on_answered(struct hold_call *call)
{
	struct hold_put *put = (struct hold_put *)call;

	unanswered--;
	if (call->error.kind == ERROR_NONE &&
	    write(answers, &put->draft, sizeof(put->draft)) < 0)
		_exit(1);
}

static void put_for_ever(void)
{
	static struct draft drafts[50];
	char text[32];
	unsigned i, round;

	for (round = 0;; round++) {
		for (i = 0; i < 50; i++) {
			snprintf(text, sizeof(text), "%u %u\r\n", round, i);
			draft_init(&drafts[i], text);
			drafts[i].put.call.done = on_answered;
			hold_put(ledger.hold, &drafts[i].put);
			unanswered++;
		}
		while (unanswered > 0)
			event_base_loop(ledger.base, EVLOOP_ONCE);
		for (i = 0; i < 50; i++)
			draft_release(&drafts[i]);
	}
}

static void killed_under_load(unsigned after)
{
	int pipes[2], status;
	int64_t id, n = 0;
	struct hold_verify verify;
	pid_t pid;

	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		answers = pipes[1];
		if (ledger_open(&ledger) == 0)
			put_for_ever();
		_exit(1);
	}
	close(pipes[1]);
	while (n < after && read(pipes[0], &id, sizeof(id)) == sizeof(id))
		n++;
	kill(pid, SIGKILL);
	while (read(pipes[0], &id, sizeof(id)) == sizeof(id))
		n++;
	close(pipes[0]);
	waitpid(pid, &status, 0);
	assert_true(n >= after);
	if (ledger_open(&ledger))
		fail_msg("%s", ledger.error.text);
	assert_true(ledger_number(&ledger,
			"SELECT count(*) FROM draft"
			" WHERE id <= %d",
			(int)id) == id);
	ledger_do(&ledger, verify, &verify);
	assert_int_equal(verify.first_bad, 0);
	ledger_close(&ledger);
}

static void what_was_answered_is_there(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 10; i++) {
		killed_under_load(1 + 67 * i);
		ledger_release(&ledger);
		ledger_init(&ledger);
	}
}

/* ---- the outbox --------------------------------------------------------- */

static void post(const char *to, const char *once, int64_t reported)
{
	struct hold_post post = {
	    .mail = {.from = "", .to = to, .bytes = {"hello\r\n", 7}},
	    .once = once,
	    .reported = reported,
	};

	assert_int_equal(ledger_do(&ledger, post, &post), ERROR_NONE);
}

static int64_t take_one(struct hold_take *take)
{
	memset(take, 0, sizeof(*take));
	assert_int_equal(ledger_do(&ledger, take, take), ERROR_NONE);
	return take->id;
}

static enum error_kind taken(int64_t id, enum hold_result result, int64_t again)
{
	struct hold_taken t = {.id = id, .result = result, .again_ms = again};

	return ledger_do(&ledger, taken, &t);
}

static void check_outbox(int64_t waiting, int64_t failing)
{
	struct hold_status status;

	ledger_do(&ledger, status, &status);
	assert_int_equal(status.outbox_waiting, waiting);
	assert_int_equal(status.outbox_failing, failing);
}

static void system_mail_is_tried_until_it_is_gone(void **state)
{
	struct hold_take take;
	int64_t id;

	(void)state;
	assert_int_equal(take_one(&take), 0);
	assert_int_equal(take.next_ms, 0);
	arena_free(take.arena);
	post("a@b", NULL, 0);
	check_outbox(1, 0);
	id = take_one(&take);
	assert_true(id > 0);
	assert_int_equal(take.tries, 0);
	assert_string_equal(take.mail.from, "");
	assert_string_equal(take.mail.to, "a@b");
	assert_null(take.mail.maildir);
	assert_int_equal(take.mail.bytes.len, 7);
	assert_memory_equal(take.mail.bytes.data, "hello\r\n", 7);
	arena_free(take.arena);
	assert_int_equal(take_one(&take), 0); /* it is taken */
	arena_free(take.arena);
	assert_int_equal(
	    taken(id, HOLD_RESULT_PENDING, 9000000000000), ERROR_NONE);
	check_outbox(1, 1);
	assert_int_equal(take_one(&take), 0);
	assert_int_equal(take.next_ms, 9000000000000);
	arena_free(take.arena);
	ledger_sql(&ledger, "UPDATE outbox SET due_ms = 1");
	assert_int_equal(take_one(&take), id);
	assert_int_equal(take.tries, 1);
	arena_free(take.arena);
	assert_int_equal(taken(id, HOLD_RESULT_SENT, 0), ERROR_NONE);
	assert_int_equal(taken(id, HOLD_RESULT_SENT, 0), ERROR_CONFLICT);
	check_outbox(0, 0);
	assert_int_equal(ledger_number(&ledger, "SELECT count(*) FROM outbox"
						" WHERE bytes IS NOT NULL"),
	    0);
}

static void system_mail_fails_after_five_days(void **state)
{
	struct hold_take take;

	(void)state;
	post("a@b", NULL, 0);
	take_one(&take);
	arena_free(take.arena);
	ledger_sql(&ledger, "UPDATE outbox SET put_ms = put_ms - 432000000");
	taken(take.id, HOLD_RESULT_PENDING, 1);
	check_outbox(0, 1);
	assert_int_equal(take_one(&take), 0);
	arena_free(take.arena);
}

static void system_mail_goes_by_time_and_past_gates(void **state)
{
	struct hold_take take;
	struct hold_gate g;

	(void)state;
	gate(NULL, true, &g);
	post("a@b", NULL, 0);
	post("c@d", NULL, 0);
	ledger_sql(&ledger, "UPDATE outbox SET due_ms = 10 - id");
	take_one(&take);
	assert_string_equal(take.mail.to, "c@d");
	arena_free(take.arena);
	/* a crash: it is due again */
	ledger_close(&ledger);
	ledger_open(&ledger);
	take_one(&take);
	assert_string_equal(take.mail.to, "c@d");
	assert_int_equal(take.tries, 1);
	arena_free(take.arena);
}

static void once_is_once(void **state)
{
	struct hold_take take;

	(void)state;
	post("a@b", "dsn 17 dropped", 0);
	post("a@b", "dsn 17 dropped", 0);
	check_outbox(1, 0);
	taken(take_one(&take), HOLD_RESULT_SENT, 0);
	arena_free(take.arena);
	post("a@b", "dsn 17 dropped", 0);
	check_outbox(0, 0);
	post("a@b", NULL, 0);
	post("a@b", NULL, 0);
	check_outbox(2, 0);
}

#define TEST(f)	 cmocka_unit_test_setup_teardown(f, start, stop)
#define CRASH(f) cmocka_unit_test_setup_teardown(f, prepare_crash, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_claim_tells_what_to_send),
	    TEST(claims_go_by_time),
	    TEST(an_approval_waits_for_undo),
	    TEST(one_draft_one_claim),
	    TEST(who_lost_authority_lets_nothing_go),
	    TEST(a_gate_stops_one_agent),
	    TEST(a_gate_stops_all),
	    TEST(a_gate_stops_the_dot),
	    TEST(a_dot_needs_its_own_attempt),
	    cmocka_unit_test(results_make_the_state),
	    TEST(only_the_pending_are_tried_again),
	    cmocka_unit_test(doubt_is_for_people),
	    TEST(after_a_dot_there_is_no_undo),
	    CRASH(before_the_dot_it_is_tried_again),
	    CRASH(after_the_dot_it_is_in_doubt),
	    CRASH(who_has_it_is_not_in_doubt),
	    CRASH(after_the_result_it_is_done),
	    CRASH(without_an_attempt_it_is_in_doubt),
	    CRASH(what_was_answered_is_there),
	    TEST(system_mail_is_tried_until_it_is_gone),
	    TEST(system_mail_fails_after_five_days),
	    TEST(system_mail_goes_by_time_and_past_gates),
	    TEST(once_is_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
