/*
 * test-judge: rules and facts in, verdict out, row by row.
 */
#include "check/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct config_rule rules[] = {
    {.name = "no-evil",
	.recipients = LIST("*@evil.example", "x@bad.example"),
	.then = VERDICT_REFUSE,
	.say = "we do not write to them"},
    {.name = "bots-stay-home",
	.agents = LIST("bot"),
	.senders = LIST("*@corp.example"),
	.recipients = LIST("*@corp.example", "*@sister.example"),
	.then = VERDICT_PASS},
    {.name = "large", .size_above = 1000, .then = VERDICT_HOLD},
    {.name = "boss",
	.recipients = LIST("boss@corp.example"),
	.then = VERDICT_HOLD,
	.say = "mail to the boss"},
    {.name = "trusted", .agents = LIST("a", "b"), .then = VERDICT_PASS},
    {.name = "no-say", .agents = LIST("c"), .then = VERDICT_REFUSE},
};

struct row {
	const char *agent, *from, *to[3];
	uint64_t size;
	const char *trouble;
	enum finding_weight weight; /* of its only finding */
	int64_t duplicate_of;
	/* wanted */
	enum verdict_kind kind;
	const char *rule, *reason, *say;
};

static const struct row rows[] = {
    /* nothing fits */
    {"z", "z@corp.example", {"q@x.example"}, 10, NULL, 0, 0, VERDICT_HOLD,
	"default", "no rule lets it pass", ""},
    {NULL, "", {"q@x.example"}, 10, NULL, 0, 0, VERDICT_HOLD, "default",
	"no rule lets it pass", ""},
    /* lists of agents, and pass */
    {"a", "z@corp.example", {"q@x.example"}, 10, NULL, 0, 0, VERDICT_PASS,
	"trusted", "", ""},
    {"B", "z@corp.example", {"q@x.example"}, 10, NULL, 0, 0, VERDICT_HOLD,
	"default", "no rule lets it pass", ""},
    /* one recipient is enough to refuse or hold */
    {"a", "z@corp.example", {"q@x.example", "A@EVIL.example"}, 10, NULL, 0, 0,
	VERDICT_REFUSE, "no-evil", "refused by the rule \"no-evil\"",
	"we do not write to them"},
    {"a", "z@corp.example", {"y@bad.example"}, 10, NULL, 0, 0, VERDICT_PASS,
	"trusted", "", ""},
    {"a", "z@corp.example", {"q@x.example", "boss@corp.example"}, 10, NULL, 0,
	0, VERDICT_HOLD, "boss", "mail to the boss", ""},
    /* all are needed to pass, and the sender */
    {"bot", "z@corp.example", {"q@corp.example", "r@sister.example"}, 10, NULL,
	0, 0, VERDICT_PASS, "bots-stay-home", "", ""},
    {"bot", "z@corp.example", {"q@corp.example", "r@other.example"}, 10, NULL,
	0, 0, VERDICT_HOLD, "default", "no rule lets it pass", ""},
    {"bot", "z@else.example", {"q@corp.example"}, 10, NULL, 0, 0, VERDICT_HOLD,
	"default", "no rule lets it pass", ""},
    {"bot", "z@corp.example", {NULL}, 10, NULL, 0, 0, VERDICT_HOLD, "default",
	"no rule lets it pass", ""},
    /* size: above, not from */
    {"a", "z@corp.example", {"q@x.example"}, 1000, NULL, 0, 0, VERDICT_PASS,
	"trusted", "", ""},
    {"a", "z@corp.example", {"q@x.example"}, 1001, NULL, 0, 0, VERDICT_HOLD,
	"large", "held by the rule \"large\"", ""},
    /* a refusal without words of its own */
    {"c", "z@corp.example", {"q@x.example"}, 10, NULL, 0, 0, VERDICT_REFUSE,
	"no-say", "refused by the rule \"no-say\"",
	"the rule \"no-say\" refuses this mail"},
    /* what no rule can pass */
    {"a", "z@corp.example", {"q@x.example"}, 10, "it was odd", 0, 0,
	VERDICT_HOLD, "default", "it could not be read: it was odd", ""},
    {"a", "z@corp.example", {"q@x.example"}, 10, NULL, FINDING_CAUTION, 0,
	VERDICT_PASS, "trusted", "", ""},
    {"a", "z@corp.example", {"q@x.example"}, 10, NULL, FINDING_TRIPWIRE, 0,
	VERDICT_HOLD, "default", "odd: a detail", ""},
    {"a", "z@corp.example", {"q@x.example"}, 10, NULL, 0, 17, VERDICT_HOLD,
	"default", "it is equal to draft 17", ""},
    {"a", "z@corp.example", {"boss@corp.example"}, 10, NULL, FINDING_TRIPWIRE,
	0, VERDICT_HOLD, "default", "odd: a detail", ""},
    /* but a rule may refuse it */
    {"a", "z@corp.example", {"q@evil.example"}, 10, "it was odd", 0, 0,
	VERDICT_REFUSE, "no-evil", "refused by the rule \"no-evil\"",
	"we do not write to them"},
    {"c", "z@corp.example", {"q@x.example"}, 10, NULL, FINDING_TRIPWIRE, 9,
	VERDICT_REFUSE, "no-say", "refused by the rule \"no-say\"",
	"the rule \"no-say\" refuses this mail"},
};

static void judge_row(const struct row *row, struct verdict *verdict)
{
	struct recipient to[3];
	struct envelope envelope = {.from = row->from, .recipients = to};
	struct finding finding = {
	    .name = "odd", .detail = "a detail", .weight = row->weight};
	const struct reading reading = {.trouble = row->trouble,
	    .n_findings = row->weight == FINDING_NOTE ? 0 : 1,
	    .findings = &finding};
	const struct verdict_history history = {
	    .duplicate_of = row->duplicate_of};
	const struct judge_facts facts = {
	    row->agent, &envelope, row->size, &reading, &history};

	while (envelope.n_recipients < 3 && row->to[envelope.n_recipients]) {
		to[envelope.n_recipients] =
		    (struct recipient){row->to[envelope.n_recipients], NULL, 0};
		envelope.n_recipients++;
	}
	judge(rules, sizeof(rules) / sizeof(rules[0]), &facts, verdict);
}

static void test_rows(void **state)
{
	struct verdict v;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&v, 0x55, sizeof(v));
		judge_row(&rows[i], &v);
		if (v.kind != rows[i].kind)
			print_message("row %zu\n", i);
		assert_int_equal(v.kind, rows[i].kind);
		assert_string_equal(v.rule, rows[i].rule);
		assert_string_equal(v.reason, rows[i].reason);
		assert_string_equal(v.say, rows[i].say);
	}
}

/* Long text is cut to fit, never within a character. */
static void test_long_text(void **state)
{
	struct row row = rows[14];
	struct verdict v;
	char trouble[600];
	size_t shift, len, i;

	(void)state;
	for (shift = 0; shift < 4; shift++) {
		memset(trouble, 'x', shift);
		for (i = shift; i + 4 < sizeof(trouble); i += 4)
			memcpy(trouble + i, "\xf0\x9f\x90\x81", 4);
		trouble[i] = '\0';
		row.trouble = trouble;
		judge_row(&row, &v);
		len = strlen(v.reason);
		assert_in_range(
		    len, sizeof(v.reason) - 8, sizeof(v.reason) - 1);
		assert_string_equal(v.reason + len - 4, "\xf0\x9f\x90\x81");
	}
}

static void test_no_rules(void **state)
{
	const struct reading reading = {0};
	const struct envelope envelope = {.from = ""};
	const struct verdict_history history = {0};
	const struct judge_facts facts = {
	    "a", &envelope, 1, &reading, &history};
	struct verdict v;

	(void)state;
	judge(NULL, 0, &facts, &v);
	assert_int_equal(v.kind, VERDICT_HOLD);
	assert_string_equal(v.rule, "default");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_long_text),
	    cmocka_unit_test(test_no_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
