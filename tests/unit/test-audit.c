/*
 * Tests of the audit log: whatever is changed in it, added, taken away or put
 * elsewhere, verify names the first row that is not right.
 */
#include "ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hold/internal.h"
#include "util/mem.h"

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

/* First bad row; 0: all are right. */
static int64_t first_bad(void)
{
	struct hold_verify verify;

	assert_int_equal(ledger_do(&ledger, verify, &verify), ERROR_NONE);
	assert_int_equal(verify.first_bad == 0, verify.why[0] == '\0');
	if (verify.first_bad != 0)
		assert_int_equal(verify.rows, verify.first_bad - 1);
	return verify.first_bad;
}

/* Rows of every sort, and a copy of the log to go back to. */
static int64_t make_log(void)
{
	static const enum hold_state some[] = {HOLD_HELD, HOLD_DROPPED,
	    HOLD_REFUSED, HOLD_FAILED, HOLD_IN_DOUBT, HOLD_SENT};
	struct hold_gate gate = {.stop = true, .actor = "a", .medium = "m"};
	size_t i;

	for (i = 0; i < sizeof(some) / sizeof(some[0]); i++)
		ledger_in_state(&ledger, some[i]);
	ledger_say(&ledger, 1, HOLD_APPROVE, "mallory");
	ledger_say(&ledger, 1, HOLD_ASK, "anna");
	ledger_do(&ledger, gate, &gate);
	draft_held(&ledger, "last\r\n");
	assert_int_equal(first_bad(), 0);
	ledger_sql(&ledger, "CREATE TABLE keep AS SELECT * FROM audit;"
			    "CREATE TABLE seal AS SELECT * FROM meta"
			    " WHERE name = 'audit'");
	return ledger_number(&ledger, "SELECT max(id) FROM audit");
}

static void restore(void)
{
	ledger_sql(&ledger, "DELETE FROM audit;"
			    "INSERT INTO audit SELECT * FROM keep;"
			    "INSERT OR REPLACE INTO meta SELECT * FROM seal");
}

/* ---- arithmetic --------------------------------------------------------- */

static void link_of(const struct audit_row *row, unsigned char mac[DIGEST_SIZE])
{
	static const unsigned char key[HOLD_KEY_SIZE] = {1};
	struct audit_head head = {.id = 0};

	audit_extend(key, &head, row);
	memcpy(mac, head.mac, DIGEST_SIZE);
}

/* Moving a letter from one field to the next is another row. */
static void fields_do_not_run_together(void **state)
{
	static const struct audit_row rows[] = {
	    {1, 2, 3, "ab", "c", "d", {"e", 1}, {"f", 1}},
	    {1, 2, 3, "a", "bc", "d", {"e", 1}, {"f", 1}},
	    {1, 2, 3, "ab", "cd", "", {"e", 1}, {"f", 1}},
	    {1, 2, 3, "ab", "c", "de", {"", 0}, {"f", 1}},
	    {1, 2, 3, "ab", "c", "d", {"ef", 2}, {"", 0}},
	    {1, 3, 2, "ab", "c", "d", {"e", 1}, {"f", 1}},
	    {2, 1, 3, "ab", "c", "d", {"e", 1}, {"f", 1}},
	    {1, 2, 259, "ab", "c", "d", {"e", 1}, {"f", 1}},
	};
	unsigned char macs[8][DIGEST_SIZE];
	size_t i, k;

	(void)state;
	for (i = 0; i < 8; i++) {
		link_of(&rows[i], macs[i]);
		for (k = 0; k < i; k++)
			assert_memory_not_equal(macs[i], macs[k], DIGEST_SIZE);
	}
}

static void a_commitment_tells_nothing_without_salt(void **state)
{
	unsigned char salt[2][AUDIT_SALT_SIZE] = {{1}, {2}};
	unsigned char a[DIGEST_SIZE], b[DIGEST_SIZE];
	struct span about = {"x", 1}, none = {"", 0};

	(void)state;
	audit_commit(salt[0], "text", about, a);
	audit_commit(salt[0], "text", about, b);
	assert_memory_equal(a, b, DIGEST_SIZE);
	audit_commit(salt[1], "text", about, b);
	assert_memory_not_equal(a, b, DIGEST_SIZE);
	audit_commit(salt[0], "textx", none, b);
	assert_memory_not_equal(a, b, DIGEST_SIZE);
}

/* ---- tampering ---------------------------------------------------------- */

static void each_field_of_each_row_counts(void **state)
{
	static const char *const changes[] = {
	    "at_ms = at_ms + 1",
	    "draft = draft + 1",
	    "event = event || 'x'",
	    "actor = actor || 'x'",
	    "medium = ''",
	    "revision = x'00'",
	    "revision = zeroblob(32)",
	    "commitment = zeroblob(32)",
	    "commitment = commitment || x'00'",
	    "mac = zeroblob(32)",
	    "mac = substr(mac, 1, 31)",
	    "text = coalesce(text, '') || 'x'",
	    "salt = zeroblob(16)",
	    "salt = x'01'",
	    "salt = NULL, text = 'another'",
	};
	int64_t id, last = make_log(), bad;
	size_t i;

	(void)state;
	assert_true(last > 20);
	for (id = 1; id <= last; id++)
		for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
			ledger_sql(&ledger, "UPDATE audit SET %s WHERE id = %d",
			    changes[i], (int)id);
			bad = first_bad();
			if (bad != id)
				fail_msg("row %d, %s: %d", (int)id, changes[i],
				    (int)bad);
			restore();
		}
	assert_int_equal(first_bad(), 0);
}

static void rows_are_missed_and_strangers_seen(void **state)
{
	int64_t id, last = make_log();

	(void)state;
	for (id = 1; id <= last; id++) {
		ledger_sql(&ledger, "DELETE FROM audit WHERE id = %d", (int)id);
		assert_int_equal(first_bad(), id);
		restore();
		/* taken away, and those behind it moved up */
		ledger_sql(&ledger,
		    "DELETE FROM audit WHERE id = %d;"
		    "UPDATE audit SET id = -id WHERE id > %d;"
		    "UPDATE audit SET id = -id - 1 WHERE id < 0",
		    (int)id, (int)id);
		assert_int_equal(first_bad(), id);
		restore();
		/* put between */
		ledger_sql(&ledger,
		    "UPDATE audit SET id = -id WHERE id >= %d;"
		    "UPDATE audit SET id = -id + 1 WHERE id < 0;"
		    "INSERT INTO audit SELECT %d, at_ms, draft, event, actor,"
		    " medium, revision, commitment, mac, envelope, salt, text"
		    " FROM audit WHERE id = %d",
		    (int)id, (int)id, (int)(id == 1 ? 2 : id - 1));
		/* the first one's copy is as the first one was */
		assert_int_equal(first_bad(), id == 1 ? 2 : id);
		restore();
	}
	/* two rows change places */
	for (id = 1; id < last; id++) {
		ledger_sql(&ledger,
		    "UPDATE audit SET id = -1 WHERE id = %d;"
		    "UPDATE audit SET id = %d WHERE id = %d;"
		    "UPDATE audit SET id = %d WHERE id = -1",
		    (int)id, (int)id, (int)id + 1, (int)id + 1);
		assert_int_equal(first_bad(), id);
		restore();
	}
	/* added at the end */
	ledger_sql(&ledger,
	    "INSERT INTO audit SELECT id + 1, at_ms, draft, event, actor,"
	    " medium, revision, commitment, mac, envelope, salt, text"
	    " FROM audit WHERE id = %d",
	    (int)last);
	assert_int_equal(first_bad(), last + 1);
}

static void a_cut_tail_is_missed(void **state)
{
	int64_t n, last = make_log();
	struct hold_verify verify;

	(void)state;
	for (n = 1; n <= last; n++) {
		ledger_sql(&ledger, "DELETE FROM audit WHERE id > %d",
		    (int)(last - n));
		ledger_do(&ledger, verify, &verify);
		assert_int_equal(verify.first_bad, last - n + 1);
		assert_int_equal(atoi(verify.why), n);
		restore();
	}
	ledger_sql(&ledger, "DELETE FROM meta WHERE name = 'audit'");
	assert_int_equal(first_bad(), last + 1);
	restore();
	ledger_sql(&ledger, "UPDATE meta SET value = zeroblob(72)"
			    " WHERE name = 'audit'");
	assert_int_equal(first_bad(), last + 1);
}

/* What comes after does not hide it: the chain goes on from the seal. */
static void new_rows_do_not_hide_a_cut(void **state)
{
	static const char *const cuts[] = {
	    "DELETE FROM audit WHERE id > (SELECT max(id) FROM audit) - 3",
	    "DELETE FROM audit WHERE id >"
	    " (SELECT max(id) FROM audit) - 3;"
	    "DELETE FROM meta WHERE name = 'audit'",
	    "UPDATE meta SET value = zeroblob(72) WHERE name = 'audit'",
	};
	static const int64_t want[] = {-2, -2, 1};
	int64_t last;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		start(NULL);
		last = make_log();
		ledger_close(&ledger);
		ledger_sql(&ledger, "%s", cuts[i]);
		ledger_open(&ledger);
		draft_held(&ledger, "afterwards\r\n");
		draft_held(&ledger, "and again\r\n");
		assert_int_equal(first_bad(), last + want[i]);
		stop(NULL);
	}
}

/* An older copy put back is seen by who kept the head. */
static void heads_differ(void **state)
{
	struct hold_verify one, two;

	(void)state;
	ledger_do(&ledger, verify, &one);
	assert_int_equal(one.rows, 0);
	assert_int_equal(one.first_bad, 0);
	draft_held(&ledger, "a\r\n");
	ledger_do(&ledger, verify, &one);
	draft_held(&ledger, "b\r\n");
	ledger_do(&ledger, verify, &two);
	assert_int_equal(one.rows, 1);
	assert_int_equal(two.rows, 2);
	assert_int_equal(strlen(one.head), 64);
	assert_string_not_equal(one.head, two.head);
}

static void the_envelope_is_committed_to(void **state)
{
	static const char *const changes[] = {
	    "UPDATE recipient SET address = 'x@y' WHERE draft = 2 AND n = 1",
	    "DELETE FROM recipient WHERE draft = 2 AND n = 2",
	    "UPDATE draft SET sender = 'x@y' WHERE id = 2",
	    "UPDATE submission SET smtputf8 = 1 WHERE draft = 2",
	    "UPDATE revision SET subject = 'another' WHERE id = 20001",
	    "DELETE FROM recipient WHERE draft = 2",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		start(NULL);
		draft_held(&ledger, "a\r\n");
		draft_held(&ledger, "b\r\n");
		assert_int_equal(first_bad(), 0);
		ledger_sql(&ledger, "%s", changes[i]);
		if (first_bad() != 2)
			fail_msg("%s", changes[i]);
		stop(NULL);
	}
}

/* Nothing of a person is in what the chain needs. */
static void erasure_leaves_the_chain_whole(void **state)
{
	int64_t last = make_log();

	(void)state;
	ledger_sql(&ledger,
	    "UPDATE audit SET salt = NULL, text = NULL;"
	    "UPDATE recipient SET address = 'erased', answer = NULL;"
	    "UPDATE draft SET sender = 'erased', recipient = 'erased';"
	    "UPDATE revision SET subject = NULL");
	assert_int_equal(first_bad(), 0);
	assert_int_equal(ledger_number(&ledger,
			     "SELECT count(*) FROM audit"
			     " WHERE event || actor || medium LIKE '%%@%%'"),
	    0);
	assert_true(last > 0);
}

static void another_key_fits_no_row(void **state)
{
	char *path = mem_printf("%s/audit.key", ledger.dir);
	FILE *file;

	(void)state;
	make_log();
	ledger_close(&ledger);
	file = fopen(path, "r+");
	fputs("another key than the one before", file);
	fclose(file);
	assert_int_equal(ledger_open(&ledger), 0);
	assert_int_equal(first_bad(), 1);
	free(path);
}

/* ---- long logs ---------------------------------------------------------- */

#define LONG 4500

/* ---- decisions and drafts ----------------------------------------------- */

/* The chain does not cover them: they are compared with it. */
static void decisions_and_drafts_are_as_logged(void **state)
{
	static const struct {
		const char *change, *why;
	} rows[] = {
	    {"UPDATE decision SET actor = 'mallory' WHERE id = 2",
		": the actor of its decision"},
	    {"UPDATE decision SET medium = 'fax' WHERE id = 2",
		": the medium of its decision"},
	    {"UPDATE decision SET verb = 2 WHERE verb = 1", ": the verb of"},
	    {"UPDATE decision SET verb = 'drop' WHERE id = 1",
		": the verb of its decision"},
	    {"UPDATE decision SET at_ms = at_ms + 1 WHERE id = 2",
		": the time of its decision"},
	    {"UPDATE decision SET text = 'else' WHERE id = 1",
		": the text of its decision"},
	    {"UPDATE decision SET sha256 = zeroblob(32) WHERE id = 2",
		": the revision of its decision"},
	    {"DELETE FROM decision WHERE id = 1", "is missing"},
	    {"DELETE FROM decision", "logged here is missing"},
	    {"INSERT INTO decision (draft, sha256, verb, actor, medium, at_ms)"
	     " SELECT 6, sha256, 1, 'anna', 'mail', 7 FROM draft"
	     " WHERE id = 6",
		"draft 6: it has a decision that was never logged"},
	    {"UPDATE draft SET state = 2 WHERE id = 1",
		"draft 1: its state is not"},
	    {"UPDATE draft SET state = 'sent' WHERE id = 1",
		"draft 1: its state is not"},
	    {"UPDATE draft SET approver = 'rule:x' WHERE id = 1",
		"draft 1: who approved it"},
	    {"UPDATE draft SET approver = 'mallory' WHERE approver IS NOT NULL",
		": who approved it"},
	    {"UPDATE draft SET sha256 = zeroblob(32) WHERE id = 1",
		"draft 1: its revision"},
	};
	struct hold_verify verify;
	size_t i;

	(void)state;
	make_log();
	ledger_sql(&ledger, "CREATE TABLE kd AS SELECT * FROM decision;"
			    "CREATE TABLE kf AS SELECT * FROM draft");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ledger_sql(&ledger, "%s", rows[i].change);
		ledger_do(&ledger, verify, &verify);
		if (verify.first_bad == 0 ||
		    strncmp(verify.why, "draft ", 6) != 0 ||
		    strstr(verify.why, rows[i].why) == NULL)
			fail_msg("%s: %s", rows[i].change, verify.why);
		ledger_sql(&ledger, "DELETE FROM decision;"
				    "INSERT INTO decision SELECT * FROM kd;"
				    "DELETE FROM draft;"
				    "INSERT INTO draft SELECT * FROM kf");
		assert_int_equal(first_bad(), 0);
	}
}

static unsigned order;
static unsigned list_done, verify_done;

static void on_list(struct hold_call *call)
{
	list_done = ++order;
	ledger_done(call);
}

static void on_verify(struct hold_call *call)
{
	verify_done = ++order;
	ledger_done(call);
}

static void make_long_log(void)
{
	static struct hold_gate gates[LONG];
	size_t i;

	for (i = 0; i < LONG; i++) {
		gates[i] = (struct hold_gate){
		    .stop = i % 2 == 0,
		    .actor = "anna",
		    .medium = "command line",
		};
		ledger_start(&ledger, gate, &gates[i]);
	}
	ledger_wait(&ledger);
}

/* A list that is asked for later is there earlier. */
static void verify_lets_others_pass(void **state)
{
	struct hold_verify verify = {.call.done = on_verify};
	struct hold_list list = {.limit = 1, .call.done = on_list};

	(void)state;
	make_long_log();
	ledger.open_calls = 2;
	hold_verify(ledger.hold, &verify);
	hold_list(ledger.hold, &list);
	ledger_wait(&ledger);
	arena_free(list.arena);
	assert_int_equal(verify.rows, LONG);
	assert_int_equal(verify.first_bad, 0);
	assert_true(list_done < verify_done);
	/* in a later stretch as well as in the first */
	ledger_sql(&ledger, "UPDATE audit SET actor = 'bob' WHERE id = 4321");
	assert_int_equal(first_bad(), 4321);
	ledger_sql(&ledger, "DELETE FROM audit WHERE id = 2001");
	assert_int_equal(first_bad(), 2001);
}

static void verify_ends_when_the_ledger_closes(void **state)
{
	struct hold_verify verify = {.call.done = on_verify};

	(void)state;
	make_long_log();
	order = verify_done = 0;
	ledger.open_calls = 1;
	hold_verify(ledger.hold, &verify);
	ledger_close(&ledger);
	assert_int_equal(verify_done, 1);
	assert_int_equal(verify.call.error.kind, ERROR_BUSY);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fields_do_not_run_together),
	    cmocka_unit_test(a_commitment_tells_nothing_without_salt),
	    TEST(each_field_of_each_row_counts),
	    TEST(rows_are_missed_and_strangers_seen),
	    TEST(a_cut_tail_is_missed),
	    cmocka_unit_test(new_rows_do_not_hide_a_cut),
	    TEST(heads_differ),
	    cmocka_unit_test(the_envelope_is_committed_to),
	    TEST(erasure_leaves_the_chain_whole),
	    TEST(another_key_fits_no_row),
	    TEST(decisions_and_drafts_are_as_logged),
	    TEST(verify_lets_others_pass),
	    TEST(verify_ends_when_the_ledger_closes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
