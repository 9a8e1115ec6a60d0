/*
 * Tests of what the ledger keeps for mailboxes: mails that were dealt with,
 * and copies that are owed.
 */
#include "ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "util/clock.h"

static struct ledger ledger;

/* Two mailboxes want copies of what everybody sends, a third of nobody's. */
static const char *copies(size_t n, const char *agent, const void *people)
{
	static const char *const names[] = {"sent", "archive", NULL};

	(void)people;
	return agent == NULL || n > 2 ? NULL : names[n];
}

static int start(void **state)
{
	(void)state;
	ledger_init(&ledger);
	ledger.settings.copies = copies;
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

static void reopen(void)
{
	ledger_close(&ledger);
	assert_int_equal(ledger_open(&ledger), 0);
}

/* ---- mails --------------------------------------------------------------- */

static void meet(const char *mailbox, uint32_t validity, uint32_t uid,
    const char *bytes, enum hold_met_outcome outcome)
{
	struct hold_met met = {.mailbox = mailbox,
	    .validity = validity,
	    .uid = uid,
	    .outcome = outcome};

	if (bytes != NULL)
		digest_of(bytes, strlen(bytes), met.sha256);
	assert_int_equal(ledger_do(&ledger, met, &met), ERROR_NONE);
}

static enum hold_met_outcome place(
    const char *mailbox, uint32_t validity, uint32_t uid)
{
	enum hold_met_outcome outcome = HOLD_MET_NEVER;
	struct hold_unmet unmet = {.mailbox = mailbox,
	    .validity = validity,
	    .n_uids = 1,
	    .uids = &uid,
	    .outcomes = &outcome};

	assert_int_equal(ledger_do(&ledger, unmet, &unmet), ERROR_NONE);
	return outcome;
}

static enum hold_met_outcome bytes_of(const char *mailbox, const char *bytes)
{
	struct hold_known known = {.mailbox = mailbox};

	digest_of(bytes, strlen(bytes), known.sha256);
	assert_int_equal(ledger_do(&ledger, known, &known), ERROR_NONE);
	return known.outcome;
}

static void a_mail_is_known_by_place_and_bytes(void **state)
{
	(void)state;
	assert_int_equal(place("in", 7, 1), HOLD_MET_NEVER);
	assert_int_equal(bytes_of("in", "a"), HOLD_MET_NEVER);
	meet("in", 7, 1, "a", HOLD_MET_DONE);
	meet("in", UINT32_MAX, UINT32_MAX, "b", HOLD_MET_OTHERS);
	assert_int_equal(place("in", 7, 1), HOLD_MET_DONE);
	assert_int_equal(place("in", UINT32_MAX, UINT32_MAX), HOLD_MET_OTHERS);
	assert_int_equal(bytes_of("in", "a"), HOLD_MET_DONE);
	assert_int_equal(bytes_of("in", "b"), HOLD_MET_OTHERS);
	/* another place, another mailbox */
	assert_int_equal(place("in", 8, 1), HOLD_MET_NEVER);
	assert_int_equal(place("in", 7, 2), HOLD_MET_NEVER);
	assert_int_equal(place("other", 7, 1), HOLD_MET_NEVER);
	assert_int_equal(bytes_of("other", "a"), HOLD_MET_NEVER);
	reopen();
	assert_int_equal(place("in", 7, 1), HOLD_MET_DONE);
}

static void a_mail_that_moved_is_kept_once(void **state)
{
	(void)state;
	meet("in", 7, 1, "a", HOLD_MET_DONE);
	meet("in", 8, 5, "a", HOLD_MET_DONE);
	assert_int_equal(place("in", 7, 1), HOLD_MET_NEVER);
	assert_int_equal(place("in", 8, 5), HOLD_MET_DONE);
	assert_int_equal(ledger_number(&ledger, "SELECT count(*) FROM met"), 1);
}

/* Those that were too large to fetch have no bytes, and are not all one. */
static void mails_without_bytes_are_several(void **state)
{
	(void)state;
	meet("in", 7, 1, NULL, HOLD_MET_OTHERS);
	meet("in", 7, 2, NULL, HOLD_MET_OTHERS);
	assert_int_equal(place("in", 7, 1), HOLD_MET_OTHERS);
	assert_int_equal(place("in", 7, 2), HOLD_MET_OTHERS);
}

/* ---- copies -------------------------------------------------------------- */

static struct hold_copy take(const char *mailbox)
{
	struct hold_copy copy = {.mailbox = mailbox};

	assert_int_equal(ledger_do(&ledger, copy, &copy), ERROR_NONE);
	return copy;
}

static void settle(const char *mailbox, int64_t draft, int64_t again_ms)
{
	struct hold_copied copied = {
	    .mailbox = mailbox, .draft = draft, .again_ms = again_ms};

	assert_int_equal(ledger_do(&ledger, copied, &copied), ERROR_NONE);
}

static void what_left_is_owed_once_to_each(void **state)
{
	int64_t id = draft_passed(&ledger, "a\r\n");

	(void)state;
	assert_int_equal(take("sent").draft, 0);
	ledger_attempt(&ledger, id, true, HOLD_RESULT_SENT);
	assert_int_equal(take("sent").draft, id);
	assert_int_equal(take("sent").draft, 0); /* it is taken */
	settle("sent", id, 0);
	assert_int_equal(take("sent").draft, 0);
	assert_int_equal(take("sent").next_ms, 0);
	assert_int_equal(take("archive").draft, id);
	assert_int_equal(take("nobody").draft, 0);
}

static void what_did_not_leave_is_not_owed(void **state)
{
	(void)state;
	ledger_attempt(
	    &ledger, draft_passed(&ledger, "a\r\n"), true, HOLD_RESULT_FAILED);
	ledger_attempt(&ledger, draft_passed(&ledger, "b\r\n"), true,
	    HOLD_RESULT_IN_DOUBT);
	ledger_attempt(
	    &ledger, draft_passed(&ledger, "c\r\n"), true, HOLD_RESULT_PENDING);
	draft_held(&ledger, "d\r\n");
	assert_int_equal(take("sent").draft, 0);
	assert_int_equal(
	    ledger_number(&ledger, "SELECT count(*) FROM copy"), 0);
}

static void attempt_with(
    int64_t draft, const char *front, enum hold_result result)
{
	struct hold_claim claim = {.draft = 0};
	struct hold_settle settle = {.draft = draft, .again_ms = 1};
	struct hold_dot dot = {.draft = draft, .front = {front, strlen(front)}};
	size_t i;

	assert_int_equal(ledger_do(&ledger, claim, &claim), ERROR_NONE);
	assert_int_equal(claim.draft, draft);
	dot.attempt = settle.attempt = claim.attempt;
	assert_int_equal(ledger_do(&ledger, dot, &dot), ERROR_NONE);
	for (i = 0; i < claim.n_targets; i++) {
		claim.targets[i].result = result;
		claim.targets[i].answer = "so";
	}
	settle.n_targets = claim.n_targets;
	settle.targets = claim.targets;
	assert_int_equal(ledger_do(&ledger, settle, &settle), ERROR_NONE);
	arena_free(claim.arena);
}

/* A signature is another one with each attempt. */
static void a_copy_has_what_stood_before_it_when_it_left(void **state)
{
	int64_t id = draft_passed(&ledger, "a\r\n");
	struct hold_copy copy;

	(void)state;
	attempt_with(id, "Signature: 1\r\n", HOLD_RESULT_PENDING);
	assert_int_equal(take("sent").draft, 0);
	attempt_with(id, "Signature: 2\r\n", HOLD_RESULT_SENT);
	copy = take("sent");
	assert_int_equal(copy.draft, id);
	assert_int_equal(copy.revision, 1);
	assert_int_equal(copy.front_size, 14);
	assert_memory_equal(copy.front, "Signature: 2\r\n", 14);
	free(copy.front);
	id = draft_passed(&ledger, "b\r\n");
	attempt_with(id, "", HOLD_RESULT_SENT);
	copy = take("sent");
	assert_int_equal(copy.draft, id);
	assert_null(copy.front);
}

/* In doubt, then taken as sent by a person: it left. */
static void what_a_person_takes_as_sent_is_owed(void **state)
{
	int64_t id = ledger_in_state(&ledger, HOLD_IN_DOUBT);

	(void)state;
	assert_int_equal(take("sent").draft, 0);
	assert_int_equal(
	    ledger_say(&ledger, id, HOLD_DROP, "anna"), ERROR_NONE);
	assert_int_equal(ledger_state(&ledger, id, NULL), HOLD_SENT);
	assert_int_equal(take("sent").draft, id);
}

static void a_failed_try_comes_again_in_time(void **state)
{
	int64_t id = draft_passed(&ledger, "a\r\n");
	int64_t later = clock_now_ms() + 3600000;
	struct hold_copy copy;

	(void)state;
	ledger_attempt(&ledger, id, true, HOLD_RESULT_SENT);
	assert_int_equal(take("sent").tries, 0);
	settle("sent", id, later);
	copy = take("sent");
	assert_int_equal(copy.draft, 0);
	assert_int_equal(copy.next_ms, later);
	settle("sent", id, 1);
	assert_int_equal(take("sent").tries, 1);
}

static void a_crash_gives_it_out_again(void **state)
{
	int64_t id = draft_passed(&ledger, "a\r\n");
	struct hold_copy copy;

	(void)state;
	ledger_attempt(&ledger, id, true, HOLD_RESULT_SENT);
	assert_int_equal(take("sent").draft, id);
	reopen();
	copy = take("sent");
	assert_int_equal(copy.draft, id);
	assert_int_equal(copy.tries, 1); /* it may be there already */
	settle("sent", id, 0);
	reopen();
	assert_int_equal(take("sent").draft, 0);
}

#define LEDGER_TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    LEDGER_TEST(a_mail_is_known_by_place_and_bytes),
	    LEDGER_TEST(a_mail_that_moved_is_kept_once),
	    LEDGER_TEST(mails_without_bytes_are_several),
	    LEDGER_TEST(what_left_is_owed_once_to_each),
	    LEDGER_TEST(what_did_not_leave_is_not_owed),
	    LEDGER_TEST(a_copy_has_what_stood_before_it_when_it_left),
	    LEDGER_TEST(what_a_person_takes_as_sent_is_owed),
	    LEDGER_TEST(a_failed_try_comes_again_in_time),
	    LEDGER_TEST(a_crash_gives_it_out_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
