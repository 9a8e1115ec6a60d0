/*
 * Tests of the ledger in trouble: full and broken disks, another daemon,
 * foreign files, a newer program's ledger.
 */
#include "faulty.h"
#include "ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/mem.h"

static struct ledger ledger;

static int start(void **state)
{
	(void)state;
	faulty_install();
	faulty_writes(0, 0, 0);
	faulty_syncs(0, 0, 0);
	ledger_init(&ledger);
	if (ledger_open(&ledger))
		fail_msg("%s", ledger.error.text);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	faulty_writes(0, 0, 0);
	faulty_syncs(0, 0, 0);
	ledger_release(&ledger);
	return 0;
}

static int64_t count(const char *table)
{
	return ledger_number(&ledger, "SELECT count(*) FROM %s", table);
}

static void check_chain(void)
{
	struct hold_verify verify;

	assert_int_equal(ledger_do(&ledger, verify, &verify), ERROR_NONE);
	if (verify.first_bad != 0)
		fail_msg("%s", verify.why);
	assert_int_equal(verify.rows, count("audit"));
}

/* ---- no room ------------------------------------------------------------ */

/* In one group: an intake, a decision, an intake. */
struct group {
	struct draft a, b;
	struct hold_decide decide;
};

typedef void fault(int code, int after, int times);

/* The group's commit meets the fault at its first write or sync. */
static void run_group(
    struct group *g, int64_t held, int code, fault *fault_next, int times)
{
	memset(g, 0, sizeof(*g));
	draft_init(&g->a, "first\r\n");
	draft_init(&g->b, "second\r\n");
	g->decide = (struct hold_decide){
	    .draft = held,
	    .verb = HOLD_DROP,
	    .actor = "anna",
	    .medium = "mail",
	};
	ledger_state(&ledger, held, g->decide.revision);
	ledger_hold_back(&ledger);
	ledger_start(&ledger, put, &g->a.put);
	ledger_start(&ledger, decide, &g->decide);
	ledger_start(&ledger, put, &g->b.put);
	fault_next(code, 0, times);
	ledger_let_go(&ledger);
}

static void end_group(struct group *g)
{
	draft_release(&g->a);
	draft_release(&g->b);
}

/*
 * The commit finds no room once: the intakes are refused, the decision is run
 * again alone and gets the room.
 */
static void a_full_disk_refuses_intake_first(void **state)
{
	int64_t held = draft_held(&ledger, "held\r\n");
	struct group g;

	(void)state;
	run_group(&g, held, SQLITE_FULL, faulty_writes, 1);
	assert_int_equal(g.decide.call.error.kind, ERROR_NONE);
	assert_int_equal(ledger_state(&ledger, held, NULL), HOLD_DROPPED);
	assert_int_equal(g.a.put.call.error.kind, ERROR_FULL);
	assert_int_equal(g.b.put.call.error.kind, ERROR_FULL);
	assert_int_equal(count("draft"), 1);
	assert_int_equal(ledger.broken, 0);
	check_chain();
	/* and when there is room again, all is well */
	end_group(&g);
	draft_held(&ledger, "later\r\n");
	check_chain();
}

static void a_disk_that_stays_full_says_so(void **state)
{
	int64_t held = draft_held(&ledger, "held\r\n");
	struct group g;

	(void)state;
	run_group(&g, held, SQLITE_FULL, faulty_writes, 1000000);
	assert_int_equal(g.a.put.call.error.kind, ERROR_FULL);
	assert_int_equal(g.b.put.call.error.kind, ERROR_FULL);
	assert_int_equal(g.decide.call.error.kind, ERROR_FULL);
	assert_int_equal(ledger_state(&ledger, held, NULL), HOLD_HELD);
	assert_int_equal(ledger.broken, 0);
	faulty_writes(0, 0, 0);
	end_group(&g);
	assert_int_equal(
	    ledger_say(&ledger, held, HOLD_DROP, "anna"), ERROR_NONE);
	check_chain();
}

/* At every write of a commit: no room means that nothing of it is there. */
static void no_room_at_any_write(void **state)
{
	struct draft draft;
	int64_t before;
	char text[32];
	int after;

	(void)state;
	for (after = 0; after < 60; after++) {
		snprintf(text, sizeof(text), "w%d\r\n", after);
		draft_init(&draft, text);
		before = count("draft");
		faulty_writes(SQLITE_FULL, after, 1);
		ledger_do(&ledger, put, &draft.put);
		faulty_writes(0, 0, 0);
		assert_int_equal(count("draft"),
		    before + (draft.put.call.error.kind == ERROR_NONE));
		assert_true(draft.put.call.error.kind == ERROR_NONE ||
			    draft.put.call.error.kind == ERROR_FULL);
		if (after == 0)
			assert_int_equal(draft.put.call.error.kind, ERROR_FULL);
		draft_release(&draft);
	}
	/* there are fewer writes than that, so the last one went through */
	assert_int_equal(draft.put.call.error.kind, ERROR_NONE);
	assert_int_equal(ledger.broken, 0);
	check_chain();
}

static void the_reserve_is_kept_for_decisions(void **state)
{
	int64_t held = draft_held(&ledger, "held\r\n");
	struct draft draft;

	(void)state;
	ledger_close(&ledger);
	ledger.settings.disk_reserve = UINT64_MAX / 2;
	ledger_open(&ledger);
	draft_init(&draft, "new\r\n");
	assert_int_equal(ledger_do(&ledger, put, &draft.put), ERROR_FULL);
	assert_int_equal(
	    ledger_say(&ledger, held, HOLD_DROP, "anna"), ERROR_NONE);
	assert_int_equal(count("draft"), 1);
	draft_release(&draft);
}

static char *large_text(size_t size)
{
	char *text = mem_zalloc(size + 1);

	memset(text, 'x', size);
	return text;
}

/* A body file that finds no room leaves nothing behind. */
static void no_room_for_a_body_file(void **state)
{
	struct rlimit old, small = {4 * 1024 * 1024, RLIM_INFINITY};
	char *text = large_text(8 * 1024 * 1024);
	struct draft draft;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small.rlim_max = old.rlim_max;
	draft_init(&draft, text);
	setrlimit(RLIMIT_FSIZE, &small);
	assert_int_equal(ledger_do(&ledger, put, &draft.put), ERROR_FULL);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(count("draft"), 0);
	assert_int_equal(ledger.broken, 0);
	draft_put(&ledger, &draft);
	draft_release(&draft);
	free(text);
}

/* ---- a broken disk ------------------------------------------------------ */

/*
 * Every call of the group fails, the process is told once, and nothing more is
 * written.  What the failed commit left is found by the next start: the same
 * mail is one draft either way.
 */
static void break_with(fault *fault_next, int code)
{
	int64_t held = draft_held(&ledger, "held\r\n"), n;
	struct draft again;
	struct group g;

	run_group(&g, held, code, fault_next, 1);
	assert_int_equal(ledger.broken, 1);
	assert_int_equal(ledger.why.kind, ERROR_INTERNAL);
	assert_int_equal(g.a.put.call.error.kind, ERROR_INTERNAL);
	assert_int_equal(g.b.put.call.error.kind, ERROR_INTERNAL);
	assert_int_equal(g.decide.call.error.kind, ERROR_INTERNAL);
	draft_init(&again, "later\r\n");
	assert_int_equal(ledger_do(&ledger, put, &again.put), ERROR_INTERNAL);
	assert_int_equal(ledger.broken, 1);
	draft_release(&again);
	ledger_close(&ledger);
	assert_int_equal(ledger_open(&ledger), 0);
	n = count("draft");
	assert_true(n >= 1 && n <= 3);
	draft_put(&ledger, &g.a);
	draft_put(&ledger, &g.b);
	assert_int_equal(count("draft"), 3);
	check_chain();
	end_group(&g);
}

static void a_write_error_ends_everything(void **state)
{
	(void)state;
	break_with(faulty_writes, SQLITE_IOERR_WRITE);
}

static void a_sync_error_ends_everything(void **state)
{
	(void)state;
	break_with(faulty_syncs, SQLITE_IOERR_FSYNC);
}

/* Calls that wait when it breaks are answered as well. */
static void all_who_wait_hear_of_it(void **state)
{
	struct draft drafts[200];
	char text[32];
	size_t i, failed = 0;

	(void)state;
	ledger_hold_back(&ledger);
	for (i = 0; i < 200; i++) {
		snprintf(text, sizeof(text), "m%zu\r\n", i);
		draft_init(&drafts[i], text);
		ledger_start(&ledger, put, &drafts[i].put);
	}
	faulty_syncs(SQLITE_IOERR_FSYNC, 0, 1);
	ledger_let_go(&ledger);
	assert_int_equal(ledger.broken, 1);
	for (i = 0; i < 200; i++) {
		failed += drafts[i].put.call.error.kind == ERROR_INTERNAL;
		draft_release(&drafts[i]);
	}
	assert_int_equal(failed, 200);
}

/* ---- who may open it ---------------------------------------------------- */

static void a_second_daemon_is_refused(void **state)
{
	struct error err;

	(void)state;
	assert_null(hold_open(ledger.base, &ledger.settings, &err));
	assert_int_equal(err.kind, ERROR_CONFLICT);
	assert_non_null(strstr(err.text, ledger.dir));
	assert_non_null(strstr(err.text, "ledger.lock"));
	/* and has done no harm */
	draft_held(&ledger, "x\r\n");
	ledger_close(&ledger);
	assert_int_equal(ledger_open(&ledger), 0);
}

static void a_newer_ledger_is_refused(void **state)
{
	(void)state;
	ledger_sql(&ledger, "UPDATE meta SET value = value + 1"
			    " WHERE name = 'schema'");
	ledger_close(&ledger);
	assert_int_equal(ledger_open(&ledger), -1);
	assert_int_equal(ledger.error.kind, ERROR_CONFLICT);
	assert_non_null(strstr(ledger.error.text, "newer"));
	/* nothing was changed */
	assert_int_equal(ledger_number(&ledger, "SELECT value FROM meta"
						" WHERE name = 'schema'"),
	    2);
}

static void what_is_no_ledger_is_refused(void **state)
{
	char *path = mem_printf("%s/ledger.db", ledger.dir);
	FILE *file;

	(void)state;
	ledger_close(&ledger);
	file = fopen(path, "w");
	fputs("this is not a ledger, however long one looks at it", file);
	fclose(file);
	assert_int_equal(ledger_open(&ledger), -1);
	assert_int_equal(ledger.error.kind, ERROR_INTERNAL);
	free(path);
}

static void check_mode(const char *name, mode_t want)
{
	char *path = mem_printf("%s/%s", ledger.dir, name);
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, want);
	free(path);
}

static void nobody_else_may_read_it(void **state)
{
	static const char *const files[] = {"ledger.db", "ledger.db-wal",
	    "ledger.db-shm", "ledger.lock", "audit.key", "token.key"};
	char *text = large_text(100 * 1000), *path;
	char hex[DIGEST_HEX_SIZE];
	mode_t old = umask(0);
	struct draft draft;
	size_t i;

	(void)state;
	ledger_release(&ledger);
	start(NULL);
	chmod(ledger.dir, 0755);
	ledger_close(&ledger);
	ledger_open(&ledger);
	draft_init(&draft, text);
	draft_put(&ledger, &draft);
	check_mode("", 0700);
	check_mode("bodies", 0700);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		check_mode(files[i], 0600);
	digest_hex(draft.message->sha256, DIGEST_SIZE, hex);
	path = mem_printf("bodies/%.2s/%s", hex, hex);
	check_mode(path, 0600);
	free(path);
	draft_release(&draft);
	umask(old);
	free(text);
}

static void keys_stay_and_are_secret(void **state)
{
	unsigned char key[32];
	char *path = mem_printf("%s/token.key", ledger.dir);

	(void)state;
	memcpy(key, hold_token_key(ledger.hold), sizeof(key));
	ledger_close(&ledger);
	assert_int_equal(ledger_open(&ledger), 0);
	assert_memory_equal(key, hold_token_key(ledger.hold), sizeof(key));
	ledger_close(&ledger);
	chmod(path, 0644);
	assert_int_equal(ledger_open(&ledger), -1);
	assert_int_equal(ledger.error.kind, ERROR_DENIED);
	/* without the key old tokens mean nothing: no new one is made */
	remove(path);
	assert_int_equal(ledger_open(&ledger), -1);
	assert_int_equal(ledger.error.kind, ERROR_MISSING);
	free(path);
}

static void the_file_is_as_promised(void **state)
{
	(void)state;
	assert_int_equal(ledger_number(&ledger, "PRAGMA page_size"), 16384);
	assert_int_equal(
	    ledger_number(&ledger, "SELECT count(*) FROM pragma_journal_mode"
				   " WHERE journal_mode = 'wal'"),
	    1);
	draft_held(&ledger, "x\r\n");
	assert_int_equal(
	    ledger_number(&ledger, "SELECT count(*) FROM pragma_integrity_check"
				   " WHERE integrity_check = 'ok'"),
	    1);
	assert_int_equal(ledger_number(&ledger,
			     "SELECT count(*) FROM pragma_foreign_key_check"),
	    0);
}

/* The write-ahead log does not grow for ever. */
static void the_log_goes_back_into_the_file(void **state)
{
	char *path = mem_printf("%s/ledger.db", ledger.dir), text[32];
	struct draft drafts[50];
	struct stat before, after = {.st_size = 0};
	unsigned i, round;

	(void)state;
	assert_int_equal(stat(path, &before), 0);
	/* some time, in a pause of the writer's */
	for (round = 0; round < 200 && after.st_size <= before.st_size;
	     round++) {
		for (i = 0; i < 50; i++) {
			snprintf(text, sizeof(text), "%u %u\r\n", round, i);
			draft_init(&drafts[i], text);
			ledger_start(&ledger, put, &drafts[i].put);
		}
		ledger_wait(&ledger);
		for (i = 0; i < 50; i++)
			draft_release(&drafts[i]);
		assert_int_equal(stat(path, &after), 0);
	}
	assert_true(after.st_size > before.st_size);
	free(path);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_full_disk_refuses_intake_first),
	    TEST(a_disk_that_stays_full_says_so),
	    TEST(no_room_at_any_write),
	    TEST(the_reserve_is_kept_for_decisions),
	    TEST(no_room_for_a_body_file),
	    TEST(a_write_error_ends_everything),
	    TEST(a_sync_error_ends_everything),
	    TEST(all_who_wait_hear_of_it),
	    TEST(a_second_daemon_is_refused),
	    TEST(a_newer_ledger_is_refused),
	    TEST(what_is_no_ledger_is_refused),
	    TEST(nobody_else_may_read_it),
	    TEST(keys_stay_and_are_secret),
	    TEST(the_file_is_as_promised),
	    TEST(the_log_goes_back_into_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
