/*
 * Tests of message, reading and verdict: the budget for mail in memory, how
 * addresses compare, and the list of findings.
 */
#include "message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "reading.h"
#include "verdict.h"

static char block[4096];

static void a_mail_has_a_maximum(void **state)
{
	struct message *m = message_new(5000);

	(void)state;
	assert_int_equal(message_add(m, block, 4096), 0);
	assert_int_equal(message_add(m, block, 4096), -1);
	assert_true(m->bytes.overflow);
	assert_int_equal(m->bytes.len, 4096);
	message_free(m);
	message_free(NULL);
}

static void the_budget_is_shared_and_given_back(void **state)
{
	struct message *a, *b;
	int round;

	(void)state;
	message_budget_init(10000);
	for (round = 0; round < 3; round++) {
		a = message_new(SIZE_MAX / 2);
		b = message_new(SIZE_MAX / 2);
		assert_int_equal(message_add(a, block, 4096), 0);
		assert_int_equal(message_add(b, block, 4096), 0);
		assert_true(a->budget >= 4096 && b->budget >= 4096);
		assert_int_equal(message_add(a, block, 4096), -1);
		assert_false(a->bytes.overflow); /* not the mail's fault */
		assert_int_equal(a->bytes.len, 4096);
		message_free(b);
		assert_int_equal(message_add(a, block, 4096), 0);
		message_free(a);
	}
	message_budget_init(SIZE_MAX);
}

static void the_budget_counts_what_was_allocated(void **state)
{
	struct message *m = message_new(1000000);
	int i;

	(void)state;
	for (i = 0; i < 1000; i++)
		assert_int_equal(message_add(m, block, 77), 0);
	assert_int_equal(m->budget, m->bytes.room);
	message_free(m);
}

static void domains(void **state)
{
	(void)state;
	assert_string_equal(message_domain("a@b.example"), "b.example");
	assert_string_equal(message_domain("\"x@y\"@b.example"), "b.example");
	assert_string_equal(message_domain("postmaster"), "");
	assert_string_equal(message_domain("a@"), "");
	assert_string_equal(message_domain(""), "");
}

static void addresses_compare(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} rows[] = {
	    {"a@b", "a@b", true},
	    {"Anna@Example.ORG", "anna@example.org", true},
	    {"", "", true},
	    {"a@b", "a@bc", false},
	    {"a@bc", "a@b", false},
	    {"a@b", "", false},
	    {"\xc3\x84@b", "\xc3\xa4@b", false}, /* only ASCII has a case */
	    {"[@b", "{@b", false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(
		    message_same_address(rows[i].a, rows[i].b), rows[i].same);
}

static void addresses_fit_patterns(void **state)
{
	static const struct {
		const char *address, *pattern;
		bool fits;
	} rows[] = {
	    {"a@b", "*", true}, {"", "*", true},
	    {"a@b.example", "*@b.example", true},
	    {"a@B.Example", "*@b.example", true},
	    {"A@b.example", "a@b.example", true},
	    {"a@sub.b.example", "*@b.example", false},
	    {"a@b.example.evil", "*@b.example", false},
	    {"a@xb.example", "*@b.example", false},
	    {"b.example", "*@b.example", false},
	    {"\"a@b.example\"@evil", "*@b.example", false},
	    {"a@evil", "*@", false}, {"a", "*@", false}, {"", "*@", false},
	    {"", "a@b", false}, {"a@b", "", false}, {"", "", true},
	    {"ab@b", "a*@b", false}, /* '*' stands alone or nowhere */
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(
		    message_address_fits(rows[i].address, rows[i].pattern),
		    rows[i].fits);
}

static struct reading *new_reading(void)
{
	struct arena *arena = arena_new();
	struct reading *reading = arena_alloc(arena, sizeof(*reading));

	reading->arena = arena;
	return reading;
}

static void findings_grow(void **state)
{
	struct reading *reading = new_reading();
	char name[16];
	int i;

	(void)state;
	assert_null(reading_find(reading, "n0"));
	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		reading_add_finding(reading, FINDING_CAUTION, name, "why");
	}
	assert_int_equal(reading->n_findings, 100);
	assert_string_equal(reading->findings[0].name, "n0");
	assert_string_equal(reading_find(reading, "n99")->detail, "why");
	assert_int_equal(reading_find(reading, "n99")->weight, FINDING_CAUTION);
	assert_null(reading_find(reading, "n100"));
	reading_free(reading);
	reading_free(NULL);
}

/* A list that somebody else made has just the room it needs. */
static void findings_are_added_to_a_made_list(void **state)
{
	struct reading *reading = new_reading();

	(void)state;
	reading->findings =
	    arena_alloc(reading->arena, 3 * sizeof(struct finding));
	reading->n_findings = 3;
	reading->findings[0].name = reading->findings[1].name =
	    reading->findings[2].name = "old";
	reading_add_finding(reading, FINDING_TRIPWIRE, "new", "");
	assert_int_equal(reading->n_findings, 4);
	assert_string_equal(reading->findings[2].name, "old");
	assert_ptr_equal(reading_find(reading, "new"), &reading->findings[3]);
	reading_free(reading);
}

static void edits_free_their_reading(void **state)
{
	struct arena *arena = arena_new();
	struct reading_edit *edit = arena_alloc(arena, sizeof(*edit));

	(void)state;
	edit->arena = arena;
	edit->reading = new_reading();
	reading_edit_free(edit);
	reading_edit_free(NULL);
	reading_reply_free(NULL);
}

static void verdicts_have_names(void **state)
{
	(void)state;
	assert_string_equal(verdict_name(VERDICT_HOLD), "hold");
	assert_string_equal(verdict_name(VERDICT_PASS), "pass");
	assert_string_equal(verdict_name(VERDICT_REFUSE), "refuse");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_mail_has_a_maximum),
	    cmocka_unit_test(the_budget_is_shared_and_given_back),
	    cmocka_unit_test(the_budget_counts_what_was_allocated),
	    cmocka_unit_test(domains),
	    cmocka_unit_test(addresses_compare),
	    cmocka_unit_test(addresses_fit_patterns),
	    cmocka_unit_test(findings_grow),
	    cmocka_unit_test(findings_are_added_to_a_made_list),
	    cmocka_unit_test(edits_free_their_reading),
	    cmocka_unit_test(verdicts_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
