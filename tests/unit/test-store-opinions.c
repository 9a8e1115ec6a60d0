/*
 * Tests of second thoughts: opinions of programs, and edits that are judged
 * again.
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

#include "util/clock.h"
#include "util/mem.h"

#define HOUR_MS ((int64_t)3600 * 1000)

static struct ledger ledger;
static unsigned serial;

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
	ledger_verify(&ledger);
	ledger_release(&ledger);
	return 0;
}

static int64_t put(enum verdict_kind kind, const struct verdict *wants)
{
	char text[32];

	snprintf(text, sizeof(text), "ladder %u\r\n", serial++);
	return draft_wanted(&ledger, text, kind, wants);
}

static struct hold_view view_of(int64_t id)
{
	struct hold_view view = {.draft = id};

	if (ledger_do(&ledger, view, &view) != ERROR_NONE)
		fail_msg("%s", view.call.error.text);
	return view;
}

static int64_t due_of(int64_t id)
{
	struct hold_view view = view_of(id);
	int64_t due = view.due_ms;

	hold_view_release(&view);
	return due;
}

/* What the ledger owes a report about. */
static size_t owed(void)
{
	struct hold_owed owed = {.limit = 64};

	ledger_do(&ledger, owed, &owed);
	return owed.n_words;
}

static const char *last_event(int64_t id, const char **actor)
{
	static char event[64], who[64];
	struct hold_log log = {.draft = id, .limit = 1};

	assert_int_equal(ledger_do(&ledger, log, &log), ERROR_NONE);
	snprintf(event, sizeof(event), "%s", log.events[0].event);
	snprintf(who, sizeof(who), "%s", log.events[0].actor);
	arena_free(log.arena);
	if (actor != NULL)
		*actor = who;
	return event;
}

/* ---- opinions ------------------------------------------------------------ */

/* A consideration and what its judge says and saw. */
struct thought {
	struct hold_consider consider;
	enum verdict_kind kind;
	struct verdict wants;
	char told[256]; /* of the history */
	uint64_t count;
	bool saw_own, saw_ledgers; /* in the reading */
};

static const struct finding opinion = {.name = "fraud",
    .detail = "it smells",
    .weight = FINDING_CAUTION,
    .value = "0.9",
    .by = "antifraud"};

static void on_judge(struct hold_consider *consider,
    const struct reading *reading, const struct verdict_history *history,
    struct verdict *verdict)
{
	struct thought *t = consider->context;
	size_t i, used = 0;

	for (i = 0; i < history->n_findings; i++)
		used += (size_t)snprintf(t->told + used, sizeof(t->told) - used,
		    "%s ", history->findings[i].name);
	t->count = consider->n_rates > 0 ? history->counts[0] : 0;
	t->saw_own = reading_find(reading, "fraud") != NULL &&
		     reading_find(reading, "no-date") != NULL;
	t->saw_ledgers = reading_find(reading, "first-contact") != NULL;
	ledger_judge(verdict, t->kind, &t->wants, "bob\ncarol");
}

static struct thought think(int64_t id, enum verdict_kind kind)
{
	struct thought t = {.kind = kind};

	t.consider.draft = id;
	t.consider.n_findings = 1;
	t.consider.findings = &opinion;
	t.consider.judge = on_judge;
	ledger_state(&ledger, id, t.consider.revision);
	return t;
}

static enum error_kind consider(struct thought *t)
{
	enum error_kind kind;

	t->consider.context = t;
	kind = ledger_do(&ledger, consider, &t->consider);
	verdict_release(&t->consider.verdict);
	return kind;
}

static const struct verdict waits = {.opinions = true,
    .severity = SEVERITY_NORMAL,
    .demand = "amount 10.00 EUR",
    .trace = "first"};

static void it_waits_for_opinions(void **state)
{
	int64_t id = put(VERDICT_HOLD, &waits);
	int64_t other = put(VERDICT_PASS, &waits);
	struct hold_waiting waiting = {.limit = 64};
	struct hold_decide said;

	(void)state;
	assert_int_equal(ledger_state(&ledger, id, NULL), HOLD_HELD);
	assert_int_equal(ledger_state(&ledger, other, NULL), HOLD_HELD);
	assert_int_equal(ledger_due(&ledger, id, HOLD_PROMPT_DECIDE, NULL), 0);
	ledger_do(&ledger, waiting, &waiting);
	assert_int_equal(waiting.n_drafts, 2);
	assert_int_equal(waiting.drafts[0], id);
	waiting.after = id;
	waiting.limit = 1;
	ledger_do(&ledger, waiting, &waiting);
	assert_int_equal(waiting.n_drafts, 1);
	assert_int_equal(waiting.drafts[0], other);
	/* nobody is in a hurry */
	assert_int_equal(
	    ledger_tell(&ledger, id, HOLD_APPROVE, "anna", NULL, &said),
	    ERROR_INVALID);
	assert_non_null(
	    strstr(said.call.error.text, "still asked for their opinion"));
	assert_int_equal(
	    ledger_say(&ledger, id, HOLD_DROP, "anna"), ERROR_NONE);
	waiting.after = 0;
	ledger_do(&ledger, waiting, &waiting);
	assert_int_equal(waiting.n_drafts, 1);
	assert_int_equal(waiting.drafts[0], other);
	/* taken back: it is for people then */
	ledger_say(&ledger, id, HOLD_UNDO, "anna");
	assert_int_equal(ledger_due(&ledger, id, HOLD_PROMPT_DECIDE, NULL), 2);
}

static void opinions_only_raise(void **state)
{
	int64_t id = put(VERDICT_HOLD, &waits);
	struct thought t = think(id, VERDICT_PASS);
	struct hold_view view;

	(void)state;
	t.wants.persons = 2;
	t.wants.severity = SEVERITY_LOW;
	t.wants.demand = "finding fraud";
	t.wants.trace = "second";
	assert_int_equal(consider(&t), ERROR_NONE);
	assert_int_equal(t.consider.state, HOLD_HELD); /* it was held before */
	assert_string_equal(t.told, "first-contact first-contact ");
	assert_true(t.saw_own);
	assert_false(t.saw_ledgers);
	view = view_of(id);
	assert_false(view.opinions);
	assert_int_equal(view.persons, 2);
	assert_int_equal(view.severity, SEVERITY_NORMAL);
	assert_string_equal(view.ask, "anna\nbob\ncarol");
	assert_string_equal(view.demand, "amount 10.00 EUR\nfinding fraud");
	assert_string_equal(view.trace, "first\nsecond");
	assert_string_equal(
	    reading_find(view.reading, "fraud")->by, "antifraud");
	assert_string_equal(reading_find(view.reading, "fraud")->value, "0.9");
	hold_view_release(&view);
	assert_int_equal(
	    ledger_due(&ledger, id, HOLD_PROMPT_DECIDE, "carol"), 1);
	assert_string_equal(last_event(id, NULL), "considered");
	/* once */
	assert_int_equal(consider(&t), ERROR_CONFLICT);
	t.consider.draft = 99;
	assert_int_equal(consider(&t), ERROR_MISSING);
}

static void what_passed_may_pass(void **state)
{
	int64_t id = put(VERDICT_PASS, &waits);
	struct thought t = think(id, VERDICT_PASS);
	const char *actor;

	(void)state;
	snprintf(t.wants.rule, sizeof(t.wants.rule), "trusted");
	t.wants.not_before_ms = clock_now_ms() + HOUR_MS;
	assert_int_equal(consider(&t), ERROR_NONE);
	assert_int_equal(t.consider.state, HOLD_APPROVED);
	assert_string_equal(last_event(id, &actor), "approved");
	assert_string_equal(actor, "rule:trusted");
	assert_int_equal(due_of(id), t.wants.not_before_ms);
	assert_int_equal(ledger_due(&ledger, id, HOLD_PROMPT_DECIDE, NULL), 0);
}

static void a_program_may_refuse(void **state)
{
	int64_t id = put(VERDICT_PASS, &waits);
	struct thought t = think(id, VERDICT_REFUSE);
	const char *actor;

	(void)state;
	assert_int_equal(consider(&t), ERROR_NONE);
	assert_int_equal(t.consider.state, HOLD_DROPPED);
	assert_string_equal(last_event(id, &actor), "dropped");
	assert_string_equal(actor, "program:antifraud");
	assert_int_equal(owed(), 1);
	id = put(VERDICT_PASS, &waits);
	t = think(id, VERDICT_REFUSE);
	t.consider.program = "other";
	consider(&t);
	last_event(id, &actor);
	assert_string_equal(actor, "program:other");
}

/* Both in one group, in either order: one wins. */
static void a_consideration_races_a_decision(void **state)
{
	unsigned round;

	(void)state;
	for (round = 0; round < 4; round++) {
		int64_t id = put(VERDICT_PASS, &waits);
		struct thought t = think(id, VERDICT_PASS);
		struct hold_decide drop = {.draft = id,
		    .verb = HOLD_DROP,
		    .actor = "anna",
		    .medium = "mail"};

		t.consider.context = &t;
		memcpy(drop.revision, t.consider.revision, DIGEST_SIZE);
		ledger_hold_back(&ledger);
		if (round % 2)
			ledger_start(&ledger, decide, &drop);
		ledger_start(&ledger, consider, &t.consider);
		if (round % 2 == 0)
			ledger_start(&ledger, decide, &drop);
		ledger_let_go(&ledger);
		verdict_release(&t.consider.verdict);
		assert_int_equal(t.consider.call.error.kind,
		    round % 2 ? ERROR_CONFLICT : ERROR_NONE);
		assert_int_equal(drop.call.error.kind,
		    round % 2 ? ERROR_NONE : ERROR_CONFLICT);
		assert_int_equal(ledger_state(&ledger, id, NULL),
		    round % 2 ? HOLD_DROPPED : HOLD_APPROVED);
	}
}

/* Counts are those of the intake; one that was not made is endless. */
static void counts_are_those_of_the_intake(void **state)
{
	static const struct verdict_rate rates[] = {
	    {VERDICT_BY_AGENT, 60}, {VERDICT_BY_AGENT, 3600}};
	struct draft draft;
	struct thought t;
	unsigned i;

	(void)state;
	put(VERDICT_HOLD, &waits);
	draft_init(&draft, "counted\r\n");
	draft.wants = waits;
	draft.put.rates = rates;
	draft.put.n_rates = 1;
	draft_put(&ledger, &draft);
	put(VERDICT_HOLD, &waits);
	assert_int_equal(draft.counts[0], 2);
	for (i = 0; i < 2; i++) {
		t = think(draft.put.draft, VERDICT_HOLD);
		t.consider.rates = &rates[i];
		t.consider.n_rates = 1;
		assert_int_equal(consider(&t), ERROR_NONE);
		assert_true(t.count == (i ? UINT64_MAX : 2));
		ledger_sql(&ledger, "UPDATE draft SET opinions = 1;"
				    "DELETE FROM finding WHERE n >= 2000000");
	}
	draft_release(&draft);
}

/* ---- edits --------------------------------------------------------------- */

struct edit {
	struct hold_revise revise;
	enum verdict_kind kind;
	struct verdict wants;
	char why[32];
	char told[256];
};

static void on_edit(struct hold_revise *revise,
    const struct verdict_history *history, struct verdict *verdict)
{
	struct edit *e = revise->context;
	const struct reading *r = revise->reading;
	size_t i, used = 0;

	snprintf(e->why, sizeof(e->why), "%s",
	    r->context.why == NULL ? "" : r->context.why);
	for (i = 0; i < history->n_findings; i++)
		used += (size_t)snprintf(e->told + used, sizeof(e->told) - used,
		    "%s ", history->findings[i].name);
	for (i = 0; i < r->n_findings; i++)
		used += (size_t)snprintf(e->told + used, sizeof(e->told) - used,
		    "+%s ", r->findings[i].name);
	ledger_judge(verdict, e->kind, &e->wants, "carol");
}

static void edit(int64_t id, struct edit *e)
{
	struct draft fresh;
	char text[32];

	snprintf(text, sizeof(text), "edited %u\r\n", serial++);
	draft_init(&fresh, text);
	e->revise.draft = id;
	e->revise.actor = e->revise.medium = "anna";
	e->revise.bytes = buf_span(&fresh.message->bytes);
	e->revise.reading = fresh.reading;
	e->revise.judge = on_edit;
	e->revise.context = e;
	ledger_state(&ledger, id, e->revise.revision);
	if (ledger_do(&ledger, revise, &e->revise) != ERROR_NONE)
		fail_msg("%s", e->revise.call.error.text);
	assert_ptr_equal(e->revise.reading, fresh.reading);
	verdict_release(&e->revise.verdict);
	draft_release(&fresh);
}

static int64_t put_suspect(void)
{
	struct draft draft;

	draft_init(&draft, "suspect\r\n");
	draft.reading->context.why = "they asked";
	draft.wants.severity = SEVERITY_HIGH;
	draft.wants.persons = 2;
	reading_add_finding(draft.reading, FINDING_TRIPWIRE,
	    "from-not-authorised", "somebody else");
	draft_put(&ledger, &draft);
	draft_release(&draft);
	return draft.put.draft;
}

static void an_edit_is_judged(void **state)
{
	int64_t id = put_suspect();
	struct edit e = {.kind = VERDICT_PASS};
	struct hold_view view;

	(void)state;
	e.wants.severity = SEVERITY_LOW;
	e.wants.persons = 1;
	e.wants.needs_reason = true;
	e.wants.trace = "looked again";
	edit(id, &e);
	/* the judge saw what only the first revision could tell */
	assert_string_equal(e.why, "they asked");
	assert_string_equal(e.told, "first-contact first-contact +no-date "
				    "+from-not-authorised ");
	view = view_of(id);
	assert_int_equal(view.state, HOLD_HELD);
	assert_int_equal(view.severity, SEVERITY_HIGH);
	assert_int_equal(view.persons, 2);
	assert_true(view.needs_reason);
	assert_string_equal(view.ask, "anna\nbob\ncarol");
	assert_string_equal(view.trace, "looked again");
	assert_non_null(reading_find(view.reading, "first-contact"));
	assert_non_null(reading_find(view.reading, "from-not-authorised"));
	assert_null(reading_find(view.reading, "rule-refuses"));
	hold_view_release(&view);
	assert_int_equal(
	    ledger_due(&ledger, id, HOLD_PROMPT_DECIDE, "carol"), 1);
	assert_int_equal(ledger_due(&ledger, id, HOLD_PROMPT_DECIDE, NULL), 2);
}

static void a_rule_against_an_edit_is_shown(void **state)
{
	int64_t id = put_suspect();
	struct edit e = {.kind = VERDICT_REFUSE};
	const struct finding *f;
	struct hold_view view;

	(void)state;
	edit(id, &e);
	view = view_of(id);
	assert_int_equal(view.state, HOLD_HELD);
	f = reading_find(view.reading, "rule-refuses");
	assert_non_null(f);
	assert_string_equal(f->detail, "not this one");
	assert_int_equal(f->weight, FINDING_TRIPWIRE);
	hold_view_release(&view);
	/* a better edit is not refused */
	e = (struct edit){.kind = VERDICT_HOLD};
	edit(id, &e);
	view = view_of(id);
	assert_int_equal(view.number, 3);
	assert_null(reading_find(view.reading, "rule-refuses"));
	assert_non_null(reading_find(view.reading, "from-not-authorised"));
	hold_view_release(&view);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(it_waits_for_opinions),
	    TEST(opinions_only_raise),
	    TEST(what_passed_may_pass),
	    TEST(a_program_may_refuse),
	    TEST(a_consideration_races_a_decision),
	    TEST(counts_are_those_of_the_intake),
	    TEST(an_edit_is_judged),
	    TEST(a_rule_against_an_edit_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
