/*
 * Tests that what the ledger does for one draft costs the same however many
 * others wait: the steps that SQLite takes for each statement are counted,
 * once with few drafts and once with many.
 */
#include "ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sched.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "util/clock.h"

#define FEW	   20
#define MANY	   1500
#define AT_ONCE	   100
#define STATEMENTS 512
#define SLACK	   1000 /* steps: a walk over MANY takes several for each */

static struct ledger ledger;

/* ---- counting ------------------------------------------------------------ */

struct statement {
	char *sql;
	int steps; /* the most it took */
};

/* Connections are of several threads. */
static struct {
	atomic_flag taken;
	atomic_bool paused;
	size_t n;
	struct statement list[STATEMENTS];
} counted = {.taken = ATOMIC_FLAG_INIT};

static void note(const char *sql, int steps)
{
	size_t i;

	while (atomic_flag_test_and_set(&counted.taken))
		sched_yield();
	for (i = 0; i < counted.n; i++)
		if (strcmp(counted.list[i].sql, sql) == 0)
			break;
	if (i == counted.n && i < STATEMENTS)
		counted.list[counted.n++] = (struct statement){strdup(sql), 0};
	if (i < counted.n && steps > counted.list[i].steps)
		counted.list[i].steps = steps;
	atomic_flag_clear(&counted.taken);
}

static int on_done(unsigned what, void *context, void *stmt, void *ns)
{
	(void)context;
	(void)ns;
	if (what == SQLITE_TRACE_PROFILE && !counted.paused)
		note(sqlite3_sql(stmt),
		    sqlite3_stmt_status(stmt, SQLITE_STMTSTATUS_VM_STEP, 1));
	return 0;
}

static int on_open(
    sqlite3 *db, const char **trouble, const struct sqlite3_api_routines *api)
{
	(void)trouble;
	(void)api;
	return sqlite3_trace_v2(db, SQLITE_TRACE_PROFILE, on_done, NULL);
}

static void forget(struct statement *copy, size_t *n)
{
	if (copy != NULL) {
		memcpy(copy, counted.list, sizeof(counted.list));
		*n = counted.n;
	} else {
		for (size_t i = 0; i < counted.n; i++)
			free(counted.list[i].sql);
	}
	memset(counted.list, 0, sizeof(counted.list));
	counted.n = 0;
}

/* ---- what is done -------------------------------------------------------- */

static const char *copies(size_t n, const char *agent, const void *people)
{
	(void)people;
	return agent == NULL || n > 0 ? NULL : "sent";
}

static void start_put(struct draft *draft, unsigned serial)
{
	char text[40];

	snprintf(text, sizeof(text), "mail %u\r\n", serial);
	draft_init(draft, text);
	draft->reading->message_id =
	    arena_printf(draft->reading->arena, "<%u@agent.example>", serial);
	draft->reading->references = "<thread@dest.example>";
	ledger_start(&ledger, put, &draft->put);
}

/* So many drafts, each of a thread of its own recipient's. */
static void put_many(unsigned n, int64_t *ids)
{
	static unsigned serial;
	struct draft drafts[AT_ONCE];
	unsigned i, done;

	for (done = 0; done < n; done += i) {
		for (i = 0; i < AT_ONCE && done + i < n; i++)
			start_put(&drafts[i], serial++);
		ledger_wait(&ledger);
		for (i = 0; i < AT_ONCE && done + i < n; i++) {
			assert_int_equal(
			    drafts[i].put.call.error.kind, ERROR_NONE);
			if (ids != NULL)
				ids[done + i] = drafts[i].put.draft;
			draft_release(&drafts[i]);
		}
	}
}

/* One notice of what is due to a reviewer, as a digest; what it showed. */
static size_t notify(const char *reviewer, unsigned limit, int64_t *id)
{
	struct hold_due due = {.reviewer = reviewer, .limit = limit};
	struct hold_notice_item items[1000];
	struct hold_notice notice = {
	    .notice = hold_notice_id(ledger.hold),
	    .reviewer = reviewer,
	    .message_id = "<n@here>",
	    .digest = true,
	    .items = items,
	    .mail = {.from = "", .to = "x@y", .bytes = {"hello\r\n", 7}},
	};

	assert_int_equal(ledger_do(&ledger, due, &due), ERROR_NONE);
	for (size_t i = 0; i < due.n_prompts; i++)
		items[notice.n_items++] =
		    (struct hold_notice_item){.prompt = due.prompts[i].prompt};
	arena_free(due.arena);
	if (notice.n_items > 0)
		assert_int_equal(
		    ledger_do(&ledger, notice, &notice), ERROR_NONE);
	*id = notice.notice;
	return notice.n_items;
}

static void notify_all(void)
{
	int64_t id;

	for (size_t i = 0; ledger_ask[i] != NULL; i++)
		while (notify(ledger_ask[i], 1000, &id) > 0)
			;
}

/* So many mails of a mailbox were dealt with. */
static void meet(uint32_t uid, unsigned n)
{
	static struct hold_met met[MANY];

	for (unsigned i = 0; i < n; i++) {
		met[i] = (struct hold_met){.mailbox = "replies",
		    .validity = 7,
		    .uid = uid + i,
		    .outcome = HOLD_MET_DONE};
		digest_of(&met[i].uid, sizeof(met[i].uid), met[i].sha256);
		ledger_start(&ledger, met, &met[i]);
	}
	ledger_wait(&ledger);
}

static void look_into_mailboxes(uint32_t uid)
{
	enum hold_met_outcome outcome;
	struct hold_unmet unmet = {.mailbox = "replies",
	    .validity = 7,
	    .n_uids = 1,
	    .uids = &uid,
	    .outcomes = &outcome};
	struct hold_known known = {.mailbox = "replies"};
	struct hold_copy copy = {.mailbox = "sent"};
	struct hold_copied copied = {.mailbox = "sent"};

	assert_int_equal(ledger_do(&ledger, unmet, &unmet), ERROR_NONE);
	assert_int_equal(ledger_do(&ledger, known, &known), ERROR_NONE);
	meet(uid, 1);
	assert_int_equal(ledger_do(&ledger, copy, &copy), ERROR_NONE);
	assert_int_not_equal(copy.draft, 0);
	copied.draft = copy.draft;
	assert_int_equal(ledger_do(&ledger, copied, &copied), ERROR_NONE);
}

static void tell_agent(void)
{
	struct hold_owed owed = {.limit = 10};
	struct hold_hook hook = {.agent = "demo"};
	struct hold_hooked hooked = {.again_ms = 0};
	struct hold_waive waive = {.word = 0};
	struct hold_find find = {
	    .agent = "demo", .message_id = "<1@agent.example>"};

	assert_int_equal(ledger_do(&ledger, owed, &owed), ERROR_NONE);
	assert_int_not_equal(owed.n_words, 0);
	waive.word = owed.words[0].id;
	assert_int_equal(ledger_do(&ledger, waive, &waive), ERROR_NONE);
	assert_int_equal(ledger_do(&ledger, hook, &hook), ERROR_NONE);
	assert_int_not_equal(hook.word.id, 0);
	hooked.word = hook.word.id;
	assert_int_equal(ledger_do(&ledger, hooked, &hooked), ERROR_NONE);
	assert_int_equal(ledger_do(&ledger, find, &find), ERROR_NONE);
}

static void hear_from_others(void)
{
	struct hold_wrote wrote = {.from = "six@dest.example",
	    .person = "six@dest.example",
	    .message_id = "<new@dest.example>"};

	assert_int_equal(ledger_do(&ledger, wrote, &wrote), ERROR_NONE);
}

static void look(void)
{
	struct hold_status status = {.audit_rows = 0};
	struct hold_list list = {.limit = 20};
	struct hold_log log = {.limit = 20};
	struct hold_overdue overdue = {.now_ms = clock_now_ms(), .limit = 64};
	struct hold_lapse lapse = {.now_ms = clock_now_ms()};
	struct hold_claim claim = {.draft = 0};

	assert_int_equal(ledger_do(&ledger, status, &status), ERROR_NONE);
	assert_int_equal(ledger_do(&ledger, list, &list), ERROR_NONE);
	arena_free(list.arena);
	assert_int_equal(ledger_do(&ledger, log, &log), ERROR_NONE);
	arena_free(log.arena);
	assert_int_equal(ledger_do(&ledger, overdue, &overdue), ERROR_NONE);
	arena_free(overdue.arena);
	assert_int_equal(ledger_do(&ledger, lapse, &lapse), ERROR_NONE);
	assert_int_equal(ledger_do(&ledger, claim, &claim), ERROR_NONE);
	arena_free(claim.arena);
}

static void snooze(int64_t draft)
{
	struct hold_decide decide = {.draft = draft,
	    .verb = HOLD_SNOOZE,
	    .actor = "anna",
	    .medium = "mail",
	    .until_ms = clock_now_ms() + 3600 * 1000};

	ledger_state(&ledger, draft, decide.revision);
	assert_int_equal(ledger_do(&ledger, decide, &decide), ERROR_NONE);
}

/* The chat has all that is new, each as a message of one thread. */
static size_t show_in_chat(int64_t *notice)
{
	struct hold_untold untold = {.medium = "team",
	    .chat = true,
	    .n_reviewers = 1,
	    .reviewers = ledger_ask,
	    .limit = 1000};
	size_t i, n;

	/* this one looks at all that wait, and is paced for it: took_ms */
	counted.paused = true;
	assert_int_equal(ledger_do(&ledger, untold, &untold), ERROR_NONE);
	counted.paused = false;
	for (i = 0; i < untold.n_rows; i++) {
		struct hold_notice_item item = {
		    .prompt = untold.rows[i].prompt.prompt};
		struct hold_notice told = {
		    .notice = hold_notice_id(ledger.hold),
		    .reviewer = untold.rows[i].prompt.reviewer,
		    .n_items = 1,
		    .items = &item,
		    .medium = "team"};
		struct hold_heard heard = {.notice = told.notice};
		char remote[40];
		struct hold_show show = {.chat = "team",
		    .remote = remote,
		    .root = i % 40 == 0 ? NULL : "head",
		    .n_notices = 1,
		    .notices = &told.notice};

		snprintf(remote, sizeof(remote), "m%d", (int)told.notice);
		heard.over = untold.rows[i].over;
		if (untold.rows[i].notice != 0) {
			heard.notice = untold.rows[i].notice;
		} else {
			assert_int_equal(
			    ledger_do(&ledger, notice, &told), ERROR_NONE);
			assert_int_equal(
			    ledger_do(&ledger, show, &show), ERROR_NONE);
			*notice = told.notice;
		}
		assert_int_equal(ledger_do(&ledger, heard, &heard), ERROR_NONE);
	}
	n = untold.n_rows;
	arena_free(untold.arena);
	return n;
}

static void show_all_in_chat(void)
{
	int64_t notice;

	while (show_in_chat(&notice) > 0)
		;
}

static void find_in_chat(struct hold_shown *shown)
{
	assert_int_equal(ledger_do(&ledger, shown, shown), ERROR_NONE);
	assert_int_not_equal(shown->n_rows, 0);
	arena_free(shown->arena);
}

/* What a message costs, and an answer to it. */
static void chat(int64_t draft, int64_t notice)
{
	char remote[40];
	struct hold_shown by_message = {.chat = "team", .remote = remote};
	struct hold_shown by_draft = {.chat = "team", .draft = draft};
	struct hold_shown by_notice = {.chat = "team", .notice = notice};
	struct hold_ended ended = {.chat = "team", .remote = remote};
	struct hold_mark mark = {.chat = "team", .set = "s1"};

	snprintf(remote, sizeof(remote), "m%d", (int)notice);
	find_in_chat(&by_message);
	find_in_chat(&by_draft);
	find_in_chat(&by_notice);
	assert_int_equal(ledger_do(&ledger, ended, &ended), ERROR_NONE);
	assert_int_equal(ledger_do(&ledger, mark, &mark), ERROR_NONE);
}

/* One of everything. */
static void work(uint32_t serial)
{
	struct hold_withdraw withdraw = {.agent = "demo", .medium = "mail"};
	struct hold_answered answered = {.notice = 0};
	int64_t ids[5], shown = 0;

	put_many(5, ids);
	show_in_chat(&shown);
	chat(ids[0], shown);
	notify("anna", 3, &answered.notice);
	notify_all();
	assert_int_equal(ledger_do(&ledger, answered, &answered), ERROR_NONE);
	arena_free(answered.arena);
	assert_int_equal(
	    ledger_say(&ledger, ids[0], HOLD_CLAIM, "anna"), ERROR_NONE);
	assert_int_equal(
	    ledger_say(&ledger, ids[0], HOLD_DROP, "bob"), ERROR_NONE);
	assert_int_equal(
	    ledger_say(&ledger, ids[1], HOLD_APPROVE, "anna"), ERROR_NONE);
	assert_int_equal(
	    ledger_attempt(&ledger, ids[1], true, HOLD_RESULT_SENT), HOLD_SENT);
	assert_int_equal(
	    ledger_say(&ledger, ids[2], HOLD_REVISE, "anna"), ERROR_NONE);
	snooze(ids[3]);
	withdraw.draft = ids[4];
	assert_int_equal(ledger_do(&ledger, withdraw, &withdraw), ERROR_NONE);
	tell_agent();
	look_into_mailboxes(serial);
	hear_from_others();
	look();
}

static void nothing_grows_with_the_queue(void **state)
{
	static struct statement few[STATEMENTS];
	size_t n_few, i, j;
	unsigned grown = 0;

	(void)state;
	put_many(FEW, NULL);
	notify_all();
	show_all_in_chat();
	work(1);
	forget(NULL, NULL);
	work(2);
	forget(few, &n_few);
	assert_true(n_few > 50);
	put_many(MANY, NULL);
	notify_all();
	show_all_in_chat();
	meet(10, MANY);
	forget(NULL, NULL);
	work(3);
	for (i = 0; i < n_few; i++)
		for (j = 0; j < counted.n; j++) {
			if (strcmp(few[i].sql, counted.list[j].sql) != 0 ||
			    counted.list[j].steps <= 2 * few[i].steps + SLACK)
				continue;
			print_message("%d steps instead of %d: %s\n",
			    counted.list[j].steps, few[i].steps, few[i].sql);
			grown++;
		}
	assert_int_equal(grown, 0);
	for (i = 0; i < n_few; i++)
		free(few[i].sql);
	forget(NULL, NULL);
}

static int start(void **state)
{
	(void)state;
	sqlite3_auto_extension((void (*)(void))on_open);
	ledger_init(&ledger);
	ledger.settings.copies = copies;
	ledger.hears_all = true;
	if (ledger_open(&ledger))
		fail_msg("%s", ledger.error.text);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	ledger_release(&ledger);
	sqlite3_reset_auto_extension();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_grows_with_the_queue),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
