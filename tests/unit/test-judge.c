/*
 * test-judge: rules and facts in, verdict out: kinds of conditions, modes,
 * channels, people, words; and what may never happen, over random rules.
 */
#include "check/judge.h"

#include "check/confidence.h"
#include "check/fit.h"
#include "config/lint_cover.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})
#define EUR(n)                                                                 \
	{                                                                      \
		(n) * AMOUNT_ONE, "EUR"                                        \
	}
#define NUMBER(n)                                                              \
	{                                                                      \
		(n) * AMOUNT_ONE, ""                                           \
	}
#define NOW INT64_C(1795255200000)
#define NEVER_PICKED                                                           \
	(AMOUNT_ONE - 1) /* dice that no share below 100 % takes               \
			  */

/* One condition, alone in its rule. */
#define WHEN(k, ...)                                                           \
	{                                                                      \
		.kind = CONDITION_ALL, .n = 1, .of = &(const struct condition) \
		{                                                              \
			.kind = k, __VA_ARGS__                                 \
		}                                                              \
	}

static const struct config_exchange exchanges[] = {
    {.currency = "USD", .is = {9000, "EUR"}},  /* 0.9 */
    {.currency = "GBP", .is = {11500, "EUR"}}, /* 1.15 */
};
static const struct config_absence away = {NOW - 10, NOW + 10};
static struct config_reviewer reviewers[] = {
    {.name = "anna", .admin = true},
    {.name = "ben"},
    {.name = "carl"},
    {.name = "dora"},
};
static struct config_group groups[] = {
    {.name = "team", .members = LIST("ben", "carl")},
    {.name = "finance", .members = LIST("dora")},
};
static struct config config = {
    .n_reviewers = 4,
    .reviewers = reviewers,
    .n_groups = 2,
    .groups = groups,
    .n_exchanges = 2,
    .exchanges = (struct config_exchange *)(uintptr_t)exchanges,
};

/* What a test knows of a mail; the rest is as it usually is. */
struct mail {
	const char *agent, *from, *to[4], *author, *trouble;
	uint64_t size;
	struct finding findings[4];
	struct finding history[2];
	struct reading_mark marks[3];
	size_t n_marks;
	const char *confidence, *why, *case_id;
	struct reading_part parts[3];
	int64_t duplicate_of;
	const uint64_t *counts;
};

static const struct mail usual = {.agent = "bot",
    .from = "bot@corp.example",
    .to = {"q@x.example"},
    .author = "bot@corp.example",
    .size = 100};

struct frame {
	size_t n_rules;
	const struct rule *rules;
	size_t n_channels;
	const struct channel *channels[3];
	uint64_t dice;
	bool considered;
};

static size_t count_findings(const struct finding *f, size_t most)
{
	size_t n = 0;

	while (n < most && f[n].name != NULL)
		n++;
	return n;
}

/* detail may be left out */
static void fill(struct finding *to, const struct finding *from, size_t n)
{
	for (; n-- > 0; from++, to++) {
		*to = *from;
		if (to->detail == NULL)
			to->detail = "";
	}
}

static void judge_mail(
    const struct frame *frame, const struct mail *mail, struct verdict *verdict)
{
	const char *author = mail->author;
	struct recipient to[4];
	struct finding seen[4], remembered[2];
	struct envelope envelope = {.from = mail->from, .recipients = to};
	struct reading reading = {.trouble = mail->trouble,
	    .n_authors = author != NULL,
	    .authors = &author,
	    .n_findings = count_findings(mail->findings, 4),
	    .findings = seen,
	    .n_marks = mail->n_marks,
	    .marks = (struct reading_mark *)(uintptr_t)mail->marks,
	    .parts = (struct reading_part *)(uintptr_t)mail->parts,
	    .context = {.why = mail->why,
		.confidence = mail->confidence,
		.case_id = mail->case_id}};
	const struct verdict_history history = {
	    .duplicate_of = mail->duplicate_of,
	    .n_findings = count_findings(mail->history, 2),
	    .findings = remembered,
	    .counts = mail->counts};
	const struct judge_facts facts = {.agent = mail->agent,
	    .envelope = &envelope,
	    .size = mail->size,
	    .reading = &reading,
	    .history = &history,
	    .config = &config,
	    .n_rules = frame->n_rules,
	    .rules = frame->rules,
	    .n_channels = frame->n_channels,
	    .channels = frame->channels,
	    .now_ms = NOW,
	    .dice = frame->dice,
	    .considered = frame->considered};

	fill(seen, mail->findings, reading.n_findings);
	fill(remembered, mail->history, history.n_findings);
	while (envelope.n_recipients < 4 && mail->to[envelope.n_recipients]) {
		to[envelope.n_recipients] = (struct recipient){
		    mail->to[envelope.n_recipients], NULL, 0};
		envelope.n_recipients++;
	}
	while (reading.n_parts < 3 && mail->parts[reading.n_parts].type)
		reading.n_parts++;
	memset(verdict, 0x55, sizeof(*verdict));
	judge(&facts, verdict);
}

/* ---- conditions ---------------------------------------------------------- */

/* A condition in a rule that holds, or passes; the rule is the only one. */
struct row {
	enum verdict_kind then;
	struct condition when;
	struct mail mail;
	bool fits;
	const char *says; /* in the trace */
};

#define CASE(t, f, s, w, ...)                                                  \
	{                                                                      \
		.then = VERDICT_##t, .fits = f, .says = s, .when = w,          \
		.mail = {                                                      \
			__VA_ARGS__                                            \
		}                                                              \
	}
#define W(...) WHEN(__VA_ARGS__)
#define G(...)                                                                 \
	{                                                                      \
		__VA_ARGS__                                                    \
	}
#define ATTACHED(...) .parts = {{.type = "text/plain"}, __VA_ARGS__}
#define PDF                                                                    \
	{                                                                      \
		.type = "application/pdf", .filename = "a.pdf"                 \
	}
#define EXE                                                                    \
	{                                                                      \
		.type = "application/octet-stream", .filename = "Run.EXE"      \
	}
#define AMOUNTS(...) .findings = {__VA_ARGS__}
#define F(n, v)                                                                \
	{                                                                      \
		.name = n, .value = v                                          \
	}

static const struct row rows[] = {
    /* the envelope */
    CASE(HOLD, true, "agent bot", W(CONDITION_AGENT, .list = LIST("x", "bot")),
	.agent = "bot"),
    CASE(HOLD, false, "agent Bot is not on its list",
	W(CONDITION_AGENT, .list = LIST("bot")), .agent = "Bot"),
    CASE(HOLD, true, "sender <bot@corp.example>",
	W(CONDITION_SENDER, .list = LIST("*@CORP.example")), ),
    CASE(HOLD, false, "sender <> is not on its list",
	W(CONDITION_SENDER, .list = LIST("*@corp.example")), .from = ""),
    CASE(HOLD, true, "author <ceo@corp.example>",
	W(CONDITION_AUTHOR, .list = LIST("ceo@corp.example")),
	.author = "ceo@corp.example"),
    /* one recipient is enough to hold, all are needed to pass */
    CASE(HOLD, true, "recipient <vip@y.example>",
	W(CONDITION_RECIPIENT, .list = LIST("*@y.example")),
	.to = {"q@x.example", "vip@y.example"}),
    CASE(HOLD, false, "no recipient is on its list",
	W(CONDITION_RECIPIENT, .list = LIST("*@z.example")),
	.to = {"q@x.example", "vip@y.example"}),
    CASE(PASS, false, "recipient <q@x.example> is not on its list",
	W(CONDITION_RECIPIENT, .list = LIST("*@y.example")),
	.to = {"vip@y.example", "q@x.example"}),
    CASE(PASS, true, "each recipient is on its list",
	W(CONDITION_RECIPIENT, .list = LIST("*@y.example", "*@x.example")),
	.to = {"vip@y.example", "q@x.example"}),
    /* ... and inside "none" it is the other way round */
    CASE(PASS, false, "recipient <q@x.example>",
	W(CONDITION_NONE, .n = 1,
	    .of = &(const struct condition){.kind = CONDITION_RECIPIENT,
		.list = LIST("*@x.example")}),
	.to = {"vip@y.example", "q@x.example"}),
    CASE(HOLD, true, "nothing that it excludes is there",
	W(CONDITION_NONE, .n = 1,
	    .of = &(const struct condition){.kind = CONDITION_RECIPIENT,
		.list = LIST("*@x.example")}),
	.to = {"vip@y.example", "q@x.example"}),
    CASE(HOLD, false, "each recipient is on its list",
	W(CONDITION_NONE, .n = 1,
	    .of = &(const struct condition){.kind = CONDITION_RECIPIENT,
		.list = LIST("*@x.example")}),
	.to = {"vip@x.example", "q@x.example"}),
    /* numbers: exclusive */
    CASE(HOLD, false, "the size in bytes 1000 is not above 1000",
	W(CONDITION_SIZE, .has_above = true, .above = NUMBER(1000)),
	.size = 1000),
    CASE(HOLD, true, "the size in bytes 1001 is above 1000",
	W(CONDITION_SIZE, .has_above = true, .above = NUMBER(1000)),
	.size = 1001),
    CASE(HOLD, true, "is between 10 and 20",
	W(CONDITION_SIZE, .has_above = true, .above = NUMBER(10),
	    .has_below = true, .below = NUMBER(20)),
	.size = 11),
    CASE(HOLD, false, "is not between 10 and 20",
	W(CONDITION_SIZE, .has_above = true, .above = NUMBER(10),
	    .has_below = true, .below = NUMBER(20)),
	.size = 20),
    CASE(HOLD, true, "the number of recipients 2 is above 1",
	W(CONDITION_RECIPIENTS, .has_above = true, .above = NUMBER(1)),
	.to = {"a@x.example", "b@x.example"}),
    CASE(HOLD, true, "the number of attachments 1 is above 0",
	W(CONDITION_ATTACHMENTS, .has_above = true, .above = NUMBER(0)),
	ATTACHED(PDF)),
    CASE(HOLD, false, "the number of attachments 0 is not above 0",
	W(CONDITION_ATTACHMENTS, .has_above = true, .above = NUMBER(0)),
	ATTACHED({.type = "text/html"})),
    CASE(HOLD, true, "attachment Run.EXE (application/octet-stream)",
	W(CONDITION_ATTACHMENT, .list = LIST("*.exe")), ATTACHED(PDF, EXE)),
    CASE(HOLD, true, "attachment a.pdf",
	W(CONDITION_ATTACHMENT, .list = LIST("application/*")), ATTACHED(PDF)),
    CASE(HOLD, false, "no attachment is on its list",
	W(CONDITION_ATTACHMENT, .list = LIST("*.exe")), ATTACHED(PDF)),
    CASE(PASS, false, "attachment Run.EXE (application/octet-stream) is not",
	W(CONDITION_ATTACHMENT, .list = LIST("*.pdf")), ATTACHED(PDF, EXE)),
    CASE(PASS, true, "each attachment is on its list",
	W(CONDITION_ATTACHMENT, .list = LIST("*.pdf")), ATTACHED(PDF)),
    /* findings, by name and by value */
    CASE(HOLD, true, "finding legal",
	W(CONDITION_FINDING, .list = LIST("legal")), AMOUNTS(F("legal", NULL))),
    CASE(HOLD, true, "finding deception-bidi",
	W(CONDITION_FINDING, .list = LIST("deception-*")),
	AMOUNTS(F("deception-bidi", NULL))),
    CASE(HOLD, true, "finding attachment-missing",
	W(CONDITION_FINDING, .list = LIST("*-missing")),
	AMOUNTS(F("attachment-missing", NULL))),
    CASE(HOLD, false, "no finding deception-*",
	W(CONDITION_FINDING, .list = LIST("deception-*")),
	AMOUNTS(F("my-deception-bidi", NULL))),
    CASE(HOLD, true, "finding first-contact",
	W(CONDITION_FINDING, .list = LIST("first-contact")),
	.history = {F("first-contact", "q@x.example")}),
    CASE(HOLD, true, "amount 12000.00 EUR is above 10000.00 EUR",
	W(CONDITION_FINDING, .list = LIST("amount"), .has_above = true,
	    .above = EUR(10000)),
	AMOUNTS(F("amount", "5.00 EUR"), F("amount", "12000.00 EUR"))),
    CASE(HOLD, false, "amount 10000.00 EUR is not above 10000.00 EUR",
	W(CONDITION_FINDING, .list = LIST("amount"), .has_above = true,
	    .above = EUR(10000)),
	AMOUNTS(F("amount", "10000.00 EUR"))),
    /* money: by rates of exchange, direct, back, over a third */
    CASE(HOLD, true, "amount 12000.00 USD is above 10000.00 EUR",
	W(CONDITION_FINDING, .list = LIST("amount"), .has_above = true,
	    .above = EUR(10000)),
	AMOUNTS(F("amount", "12000.00 USD"))),
    CASE(HOLD, false, "amount 11000.00 USD is not above 10000.00 EUR",
	W(CONDITION_FINDING, .list = LIST("amount"), .has_above = true,
	    .above = EUR(10000)),
	AMOUNTS(F("amount", "11000.00 USD"))),
    CASE(HOLD, true, "amount 91.00 EUR is above 100.00 USD",
	W(CONDITION_FINDING, .list = LIST("amount"), .has_above = true,
	    .above = {100 * AMOUNT_ONE, "USD"}),
	AMOUNTS(F("amount", "91.00 EUR"))),
    CASE(HOLD, true, "amount 128.00 USD is above 100.00 GBP",
	W(CONDITION_FINDING, .list = LIST("amount"), .has_above = true,
	    .above = {100 * AMOUNT_ONE, "GBP"}),
	AMOUNTS(F("amount", "128.00 USD"))),
    CASE(HOLD, false, "amount 127.00 USD is not above 100.00 GBP",
	W(CONDITION_FINDING, .list = LIST("amount"), .has_above = true,
	    .above = {100 * AMOUNT_ONE, "GBP"}),
	AMOUNTS(F("amount", "127.00 USD"))),
    /* ... and what cannot be compared may fit: it holds, it never passes */
    CASE(HOLD, true, "may fit: amount 5.00 JPY cannot be compared",
	W(CONDITION_FINDING, .list = LIST("amount"), .has_above = true,
	    .above = EUR(10000)),
	AMOUNTS(F("amount", "5.00 JPY"))),
    CASE(HOLD, true, "may fit: amount 5 cannot be compared",
	W(CONDITION_FINDING, .list = LIST("amount"), .has_above = true,
	    .above = EUR(10000)),
	AMOUNTS(F("amount", "5"))),
    CASE(HOLD, true, "may fit: amount has no value",
	W(CONDITION_FINDING, .list = LIST("amount"), .has_above = true,
	    .above = EUR(10000)),
	AMOUNTS(F("amount", NULL))),
    CASE(PASS, false, "may fit, which is not enough to pass",
	W(CONDITION_FINDING, .list = LIST("amount"), .has_below = true,
	    .below = EUR(10)),
	AMOUNTS(F("amount", "5.00 JPY"))),
    /* to pass on a value, all values must fit */
    CASE(PASS, true, "amount 5.00 EUR is below 10.00 EUR",
	W(CONDITION_FINDING, .list = LIST("amount"), .has_below = true,
	    .below = EUR(10)),
	AMOUNTS(F("amount", "5.00 EUR"), F("amount", "6.00 EUR"))),
    CASE(PASS, false, "amount 12000.00 EUR is not below 10.00 EUR",
	W(CONDITION_FINDING, .list = LIST("amount"), .has_below = true,
	    .below = EUR(10)),
	AMOUNTS(F("amount", "5.00 EUR"), F("amount", "12000.00 EUR"))),
    /* text, which the reader has searched */
    CASE(HOLD, true, "body has \"refund\"",
	W(CONDITION_TEXT, .option = "body", .pattern = "refund", .mark = 7),
	.marks = {{3, false}, {7, false}}, .n_marks = 2),
    CASE(HOLD, false, "body does not have \"refund\"",
	W(CONDITION_TEXT, .option = "body", .pattern = "refund", .mark = 7),
	.marks = {{3, false}}, .n_marks = 1),
    CASE(HOLD, true, "may fit: body could not be searched to the end",
	W(CONDITION_TEXT, .option = "body", .pattern = "refund", .mark = 7),
	.marks = {{7, true}}, .n_marks = 1),
    CASE(PASS, false, "may fit, which is not enough to pass: body could not",
	W(CONDITION_TEXT, .option = "body", .pattern = "refund", .mark = 7),
	.marks = {{7, true}}, .n_marks = 1),
    /* confidence: only where it is calibrated, and here it is not */
    CASE(HOLD, true, "may fit: confidence 0.95 is the agent's own claim",
	W(CONDITION_CONFIDENCE, .has_below = true, .below = {8000, ""}),
	.confidence = "0.95"),
    CASE(PASS, false, "may fit, which is not enough to pass: confidence",
	W(CONDITION_CONFIDENCE, .has_above = true, .above = {8000, ""}),
	.confidence = "0.95"),
    CASE(HOLD, true, "may fit: the agent gave no confidence",
	W(CONDITION_CONFIDENCE, .has_below = true, .below = {8000, ""}), ),
    CASE(HOLD, true, "the agent gave no \"case\"",
	W(CONDITION_CONTEXT, .list = LIST("why", "case")), .why = "so"),
    CASE(HOLD, false, "the agent's context is complete",
	W(CONDITION_CONTEXT, .list = LIST("why")), .why = "so"),
    /* a rate that nobody counted */
    CASE(HOLD, true, "may fit: drafts by agent in 60 min: how many is not",
	W(CONDITION_RATE, .has_above = true, .above = NUMBER(5),
	    .rate = {VERDICT_BY_AGENT, 3600}), ),
    /* without a channel it is always business hours */
    CASE(HOLD, true, "is within business hours",
	W(CONDITION_HOURS, .inside = true), ),
    CASE(HOLD, false, "is within business hours",
	W(CONDITION_HOURS, .inside = false), ),
    /* several */
    CASE(HOLD, true, "agent bot and sender <bot@corp.example>",
	G(.kind = CONDITION_ALL, .n = 2,
	    .of =
		(const struct condition[]){
		    {.kind = CONDITION_AGENT, .list = LIST("bot")},
		    {.kind = CONDITION_SENDER, .list = LIST("*")}}), ),
    CASE(HOLD, false, "agent bot is not on its list",
	G(.kind = CONDITION_ALL, .n = 2,
	    .of =
		(const struct condition[]){
		    {.kind = CONDITION_SENDER, .list = LIST("*")},
		    {.kind = CONDITION_AGENT, .list = LIST("z")}}), ),
    CASE(HOLD, true, "sender <bot@corp.example>",
	W(CONDITION_ANY, .n = 2,
	    .of =
		(const struct condition[]){
		    {.kind = CONDITION_AGENT, .list = LIST("z")},
		    {.kind = CONDITION_SENDER, .list = LIST("*")}}), ),
    CASE(HOLD, false, "none of its 2 conditions fits",
	W(CONDITION_ANY, .n = 2,
	    .of =
		(const struct condition[]){
		    {.kind = CONDITION_AGENT, .list = LIST("z")},
		    {.kind = CONDITION_AGENT, .list = LIST("y")}}), ),
    CASE(HOLD, true, "it is about every mail", G(.kind = CONDITION_ALL), ),
    /* what could not be read is nobody's business but the admin's */
    CASE(HOLD, false, "does not fit: the mail could not be read",
	W(CONDITION_TEXT, .option = "body", .pattern = "refund", .mark = 7),
	.trouble = "it was odd"),
};

/* What a row leaves out is as usual. */
static struct mail complete(const struct mail *mail)
{
	struct mail m = *mail;

	if (m.agent == NULL)
		m.agent = usual.agent;
	if (m.from == NULL)
		m.from = usual.from;
	if (m.to[0] == NULL)
		m.to[0] = usual.to[0];
	if (m.size == 0)
		m.size = usual.size;
	return m;
}

static void test_conditions(void **state)
{
	const struct row *row;
	struct rule rule;
	struct verdict v;
	struct mail mail;
	bool decided;

	(void)state;
	for (row = rows; row < rows + sizeof(rows) / sizeof(rows[0]); row++) {
		const struct frame frame = {
		    .n_rules = 1, .rules = &rule, .dice = NEVER_PICKED};

		rule = (struct rule){
		    .name = "r", .then = row->then, .when = row->when};
		mail = complete(&row->mail);
		judge_mail(&frame, &mail, &v);
		decided = strcmp(v.rule, "r") == 0;
		if (decided != row->fits ||
		    strstr(v.trace, row->says) == NULL) {
			print_message("row %td:\n%s\n", row - rows, v.trace);
			fail();
		}
		assert_int_equal(v.kind, row->fits ? row->then : VERDICT_HOLD);
		verdict_release(&v);
	}
}

static void test_confidence(void **state)
{
	static const struct {
		const char *text;
		int64_t value; /* -1: no number */
	} numbers[] = {{"0.93", 9300}, {"93%", 9300}, {" .9", 9000},
	    {"92.5 %", 9250}, {"1", 10000}, {"1.", 10000}, {"0", 0},
	    {"100%", 10000}, {"0.99999", 9999}, {"0.9\r\n", 9000},
	    {"0.123456789012345678901234567890", 1234}, {"high", -1},
	    {"1.2", -1}, {"-1", -1}, {"nan", -1}, {"inf", -1}, {"", -1},
	    {".", -1}, {"%", -1}, {"120%", -1}, {"93", -1}, {"0,93", -1},
	    {"0.9 (high)", -1}, {"1e-1", -1}, {"0x1", -1}, {"+0.9", -1},
	    {"99999999999999999999999999", -1}, {"1.00001", -1}};
	struct amount n;
	size_t i;
	bool is;

	(void)state;
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		is = confidence_read(numbers[i].text, &n);
		if (is != (numbers[i].value >= 0))
			print_message("%s\n", numbers[i].text);
		assert_int_equal(is, numbers[i].value >= 0);
		if (is)
			assert_int_equal(n.value, numbers[i].value);
	}
}

/* ---- rules --------------------------------------------------------------- */

#define ALWAYS                                                                 \
	{                                                                      \
		.kind = CONDITION_ALL                                          \
	}
#define ON_FINDING(f) W(CONDITION_FINDING, .list = LIST(f))

static const struct rule ladder_of_rules[] = {
    {.name = "note",
	.when = ON_FINDING("a"),
	.then = VERDICT_NOTE,
	.has_severity = true,
	.severity = SEVERITY_HIGH,
	.ask = LIST("finance"),
	.not_before_s = 60,
	.not_after_s = 7200},
    {.name = "let",
	.when = ON_FINDING("b"),
	.then = VERDICT_PASS,
	.has_severity = true,
	.severity = SEVERITY_LOW,
	.not_before_s = 30},
    {.name = "stop",
	.when = ON_FINDING("c"),
	.then = VERDICT_HOLD,
	.persons = 2,
	.needs_reason = true,
	.not_after_s = 3600,
	.say = "look twice"},
    {.name = "trip",
	.when = ON_FINDING("d"),
	.then = VERDICT_HOLD,
	.tripwire = true},
    {.name = "never",
	.when = ON_FINDING("e"),
	.then = VERDICT_REFUSE,
	.say = "not to them"},
    {.name = "maybe-never",
	.when = W(CONDITION_TEXT, .option = "body", .pattern = "x", .mark = 1),
	.then = VERDICT_REFUSE},
};

static const struct {
	const char *findings; /* letters */
	enum finding_weight weight;
	bool unsure;
	int64_t duplicate_of;
	const char *trouble;
	/* wanted */
	enum verdict_kind kind;
	const char *rule, *reason, *say;
	enum verdict_severity severity;
	unsigned persons;
	const char *ask;
} outcomes[] = {
    {"", 0, 0, 0, 0, VERDICT_HOLD, "default",
	"no channel takes this mail, and no rule lets it pass", "",
	SEVERITY_NORMAL, 1, "anna\nben\ncarl\ndora"},
    {"b", 0, 0, 0, 0, VERDICT_PASS, "let", "", "", SEVERITY_LOW, 1, NULL},
    /* the first that decides */
    {"bc", 0, 0, 0, 0, VERDICT_PASS, "let", "", "", SEVERITY_LOW, 2, NULL},
    {"c", 0, 0, 0, 0, VERDICT_HOLD, "stop", "look twice: finding c (rule stop)",
	"", SEVERITY_NORMAL, 2, NULL},
    /* all add */
    {"abc", 0, 0, 0, 0, VERDICT_PASS, "let", "", "", SEVERITY_HIGH, 2, NULL},
    /* what nothing lowers */
    {"bd", 0, 0, 0, 0, VERDICT_HOLD, "trip", "finding d (rule trip)", "",
	SEVERITY_LOW, 1, NULL},
    {"cd", 0, 0, 0, 0, VERDICT_HOLD, "trip",
	"finding d (rule trip); also held by rule stop", "", SEVERITY_NORMAL, 2,
	NULL},
    {"b", FINDING_TRIPWIRE, 0, 0, 0, VERDICT_HOLD, "default", "b: detail", "",
	SEVERITY_HIGH, 1, NULL},
    {"b", FINDING_CAUTION, 0, 0, 0, VERDICT_PASS, "let", "", "", SEVERITY_LOW,
	1, NULL},
    {"b", 0, 0, 17, 0, VERDICT_HOLD, "default", "it is equal to draft 17", "",
	SEVERITY_LOW, 1, NULL},
    {"b", 0, 0, 0, "it was odd", VERDICT_HOLD, "default",
	"it could not be read: it was odd", "", SEVERITY_LOW, 1, NULL},
    {"b", 0, true, 0, 0, VERDICT_HOLD, "maybe-never",
	"body could not be searched to the end for \"x\" (rule maybe-never)",
	"", SEVERITY_LOW, 1, NULL},
    /* a refusal beats all */
    {"abcde", FINDING_TRIPWIRE, true, 17, 0, VERDICT_REFUSE, "never",
	"e: detail (rule never)", "not to them", SEVERITY_HIGH, 2, ""},
    {"e", 0, 0, 0, "it was odd", VERDICT_REFUSE, "never",
	"finding e (rule never)", "not to them", SEVERITY_NORMAL, 1, ""},
};

static void test_outcomes(void **state)
{
	const struct frame frame = {.n_rules = 6, .rules = ladder_of_rules};
	static const char names[][2] = {"a", "b", "c", "d", "e"};
	struct verdict v;
	struct mail mail;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
		mail = usual;
		for (k = 0; k < 4 && outcomes[i].findings[k]; k++)
			mail.findings[k] = (struct finding){
			    .name = names[outcomes[i].findings[k] - 'a'],
			    .detail = outcomes[i].weight ? "detail" : "",
			    .weight = outcomes[i].weight};
		if (outcomes[i].findings[k])
			mail.history[0] =
			    (struct finding){.name = "e", .detail = "detail"};
		mail.marks[0] = (struct reading_mark){1, true};
		mail.n_marks = outcomes[i].unsure;
		mail.duplicate_of = outcomes[i].duplicate_of;
		mail.trouble = outcomes[i].trouble;
		judge_mail(&frame, &mail, &v);
		if (v.kind != outcomes[i].kind ||
		    strcmp(v.reason, outcomes[i].reason) != 0)
			print_message("outcome %zu:\n%s\n", i, v.trace);
		assert_int_equal(v.kind, outcomes[i].kind);
		assert_string_equal(v.rule, outcomes[i].rule);
		if (v.kind != VERDICT_PASS)
			assert_string_equal(v.reason, outcomes[i].reason);
		assert_string_equal(v.say, outcomes[i].say);
		assert_int_equal(v.severity, outcomes[i].severity);
		assert_int_equal(v.persons, outcomes[i].persons);
		assert_false(v.after);
		assert_false(v.opinions);
		if (outcomes[i].ask != NULL)
			assert_string_equal(v.ask, outcomes[i].ask);
		verdict_release(&v);
	}
}

static void test_gathered(void **state)
{
	const struct frame frame = {.n_rules = 6, .rules = ladder_of_rules};
	struct mail mail = usual;
	struct verdict v;

	(void)state;
	mail.findings[0] = (struct finding){.name = "a"};
	mail.findings[1] = (struct finding){.name = "b"};
	mail.findings[2] = (struct finding){.name = "c"};
	mail.findings[3] = (struct finding){.name = "d"};
	judge_mail(&frame, &mail, &v);
	assert_int_equal(v.not_before_ms, NOW + 60 * 1000);
	assert_int_equal(v.not_after_ms, NOW + 3600 * 1000);
	assert_true(v.needs_reason);
	assert_string_equal(v.channel, "");
	assert_int_equal(v.deadline_ms, 0);
	assert_non_null(strstr(v.trace,
	    "rule note fits: finding a -> note, severity high, asks finance"));
	assert_non_null(strstr(v.trace,
	    "rule stop fits: finding c -> hold, 2 persons, a reason is "
	    "needed"));
	assert_non_null(strstr(v.trace, "outcome: hold by trip: finding d"));
	verdict_release(&v);
}

static void test_demand(void **state)
{
	const struct frame frame = {0};
	struct mail mail = usual;
	struct verdict v;

	(void)state;
	mail.findings[0] = (struct finding){.name = "amount", .value = "5 EUR"};
	mail.findings[1] =
	    (struct finding){.name = "amount", .value = "12000.00 EUR"};
	mail.findings[2] = (struct finding){.name = "amount", .value = "7 USD"};
	mail.findings[3] = (struct finding){.name = "legal"};
	mail.history[0] = (struct finding){.name = "first-contact"};
	judge_mail(&frame, &mail, &v);
	assert_string_equal(v.demand,
	    "amount 12000.00 EUR\namount 7.00 USD\nfinding amount\n"
	    "finding legal\nfinding first-contact");
	verdict_release(&v);
}

/* Long text is cut to fit, never within a character. */
static void test_long_text(void **state)
{
	const struct frame frame = {0};
	struct mail mail = usual;
	char trouble[600];
	size_t shift, len, i;
	struct verdict v;

	(void)state;
	for (shift = 0; shift < 4; shift++) {
		memset(trouble, 'x', shift);
		for (i = shift; i + 4 < sizeof(trouble); i += 4)
			memcpy(trouble + i, "\xf0\x9f\x90\x81", 4);
		trouble[i] = '\0';
		mail.trouble = trouble;
		judge_mail(&frame, &mail, &v);
		len = strlen(v.reason);
		assert_in_range(
		    len, sizeof(v.reason) - 8, sizeof(v.reason) - 1);
		assert_string_equal(v.reason + len - 4, "\xf0\x9f\x90\x81");
		verdict_release(&v);
	}
}

/* A trace ends, and always with the outcome. */
static void test_long_trace(void **state)
{
	static struct rule many[2000];
	const struct rule one = {.name = "a-rule-with-a-name",
	    .when = W(CONDITION_AGENT, .list = LIST("nobody\nelse"))};
	const struct frame frame = {.n_rules = 2000, .rules = many};
	const char *last;
	struct verdict v;
	size_t i;

	(void)state;
	for (i = 0; i < 2000; i++)
		many[i] = one;
	judge_mail(&frame, &usual, &v);
	assert_true(strlen(v.trace) <= JUDGE_TRACE_MAX);
	assert_non_null(strstr(v.trace, "more was said"));
	last = strrchr(v.trace, '\n') + 1;
	assert_int_equal(strncmp(last, "outcome: hold", 13), 0);
	verdict_release(&v);
}

/* ---- channels ------------------------------------------------------------ */

static struct channel_sample five[] = {{.share = {500, ""}}};
static struct channel_sample bands[] = {
    {.from = {8000, ""}, .to = {9000, ""}, .share = {2000, ""}},
    {.from = {9000, ""}, .to = {10000, ""}, .share = {100, ""}},
    {.has_severity = true, .severity = SEVERITY_HIGH, .share = {10000, ""}}};
static struct channel_step steps[] = {{.after_s = 3600}, {.after_s = 7200}};
static const struct verdict_rate rates[] = {
    {VERDICT_BY_AGENT, 3600}, {VERDICT_BY_CHANNEL, 60}};

static const struct channel support = {.name = "support",
    .owner = "anna",
    .agents = LIST("bot"),
    .recipients = LIST("*@x.example"),
    .reviewers = LIST("team"),
    .persons = 1,
    .deadline_s = 7200,
    .n_steps = 2,
    .steps = steps,
    .mode = CHANNEL_CONFIDENCE,
    .threshold = {8500, ""},
    .calibrated = true,
    .require = LIST("why"),
    .n_samples = 1,
    .samples = five};

static const struct {
	enum channel_mode mode;
	bool calibrated;
	const char *confidence, *why;
	const char *finding;
	enum finding_weight weight;
	bool unsure;
	uint64_t dice;
	/* wanted */
	const char *rule, *reason; /* NULL: passes */
} modes[] = {
    {CHANNEL_REVIEW, true, "1", "so", NULL, 0, 0, 9999, "mode-review",
	"everything of channel support is reviewed"},
    {CHANNEL_CONFIDENCE, true, "0.85", "so", NULL, 0, 0, 9999,
	"mode-confidence", NULL},
    {CHANNEL_CONFIDENCE, true, "0.8499", "so", NULL, 0, 0, 9999,
	"mode-confidence", "confidence 0.8499 is below 0.85"},
    {CHANNEL_CONFIDENCE, false, "0.91", "so", NULL, 0, 0, 9999,
	"mode-confidence",
	"confidence 0.91 is the agent's own claim: calibrated is not set: "
	"unknown means review"},
    {CHANNEL_CONFIDENCE, true, "high", "so", NULL, 0, 0, 9999,
	"mode-confidence",
	"the agent's confidence \"high\" is no number from 0 to 1: unknown "
	"means review"},
    {CHANNEL_CONFIDENCE, true, NULL, "so", NULL, 0, 0, 9999, "mode-confidence",
	"the agent gave no confidence: unknown means review"},
    {CHANNEL_CONFIDENCE, true, "0.99", NULL, NULL, 0, 0, 9999,
	"mode-confidence",
	"the agent gave no \"why\", which channel support requires"},
    {CHANNEL_CONFIDENCE, true, "0.99", "so", "odd", FINDING_CAUTION, 0, 9999,
	"mode-confidence", "odd"},
    {CHANNEL_CONFIDENCE, true, "0.99", "so", "odd", FINDING_NOTE, 0, 9999,
	"mode-confidence", NULL},
    {CHANNEL_CONFIDENCE, true, "0.99", "so", NULL, 0, true, 9999,
	"mode-confidence", "a text condition could not be searched to the end"},
    {CHANNEL_EXCEPTION, false, NULL, "so", NULL, 0, 0, 9999, "mode-exception",
	NULL},
    {CHANNEL_EXCEPTION, false, NULL, NULL, NULL, 0, 0, 9999, "mode-exception",
	"the agent gave no \"why\", which channel support requires"},
    {CHANNEL_EXCEPTION, false, NULL, "so", "odd", FINDING_CAUTION, 0, 9999,
	"mode-exception", "odd"},
    {CHANNEL_EXCEPTION, false, NULL, "so", NULL, 0, true, 9999,
	"mode-exception", "a text condition could not be searched to the end"},
    {CHANNEL_AFTER, false, NULL, "so", NULL, 0, 0, 9999, "mode-after", NULL},
    {CHANNEL_AFTER, false, NULL, "so", "odd", FINDING_CAUTION, 0, 9999,
	"mode-after", "odd"},
    /* the sample: 5 % */
    {CHANNEL_EXCEPTION, false, NULL, "so", NULL, 0, 0, 500, "mode-exception",
	NULL},
    {CHANNEL_EXCEPTION, false, NULL, "so", NULL, 0, 0, 30499, "sample",
	"picked for review: 5 % of what would pass is looked at"},
};

static void test_modes(void **state)
{
	struct verdict v;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		struct channel channel = support;
		struct mail mail = usual;
		const struct frame frame = {.n_channels = 1,
		    .channels = {&channel},
		    .dice = modes[i].dice};

		channel.mode = modes[i].mode;
		channel.calibrated = modes[i].calibrated;
		mail.confidence = modes[i].confidence;
		mail.why = modes[i].why;
		mail.findings[0] = (struct finding){
		    .name = modes[i].finding, .weight = modes[i].weight};
		mail.marks[0] = (struct reading_mark){9, true};
		mail.n_marks = modes[i].unsure;
		judge_mail(&frame, &mail, &v);
		if (strcmp(v.rule, modes[i].rule) != 0)
			print_message("mode %zu:\n%s\n", i, v.trace);
		assert_string_equal(v.rule, modes[i].rule);
		assert_int_equal(v.kind,
		    modes[i].reason == NULL ? VERDICT_PASS : VERDICT_HOLD);
		assert_string_equal(
		    v.reason, modes[i].reason ? modes[i].reason : "");
		assert_int_equal(v.after,
		    v.kind == VERDICT_PASS && modes[i].mode == CHANNEL_AFTER);
		assert_string_equal(v.channel, "support");
		assert_string_equal(v.ask, "ben\ncarl");
		assert_int_equal(v.deadline_ms,
		    v.kind == VERDICT_HOLD ? NOW + 7200 * 1000 : 0);
		assert_int_equal(
		    v.step_ms, v.kind == VERDICT_HOLD ? NOW + 3600 * 1000 : 0);
		verdict_release(&v);
	}
}

/* Which share of what passes is looked at: by band, and by severity. */
static void test_samples(void **state)
{
	static const struct {
		const char *confidence;
		bool calibrated, grave;
		unsigned share; /* of 10000 */
	} shares[] = {{"0.85", true, false, 2000}, {"0.9", true, false, 100},
	    {"1", true, false, 100}, {"0.5", true, false, 0},
	    {"0.85", false, false, 2000}, {NULL, true, false, 2000},
	    {"0.9", true, true, 10000}};
	const struct rule grave = {.name = "grave",
	    .when = ALWAYS,
	    .then = VERDICT_NOTE,
	    .has_severity = true,
	    .severity = SEVERITY_CRITICAL};
	struct channel channel = support;
	struct mail mail = usual;
	unsigned dice, held;
	struct verdict v;
	size_t i;

	(void)state;
	mail.why = "so";
	channel.mode = CHANNEL_EXCEPTION;
	channel.n_samples = 3;
	channel.samples = bands;
	for (i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
		channel.calibrated = shares[i].calibrated;
		mail.confidence = shares[i].confidence;
		for (held = 0, dice = 0; dice < 10000; dice += 25) {
			const struct frame frame = {.dice = dice,
			    .n_rules = shares[i].grave,
			    .rules = &grave,
			    .n_channels = 1,
			    .channels = {&channel}};

			judge_mail(&frame, &mail, &v);
			held += v.kind == VERDICT_HOLD ? 25 : 0;
			verdict_release(&v);
		}
		assert_int_equal(held, shares[i].share);
	}
}

static void test_rates(void **state)
{
	const uint64_t counts[] = {6, 3};
	struct rule own[] = {{.name = "burst",
	    .when = W(CONDITION_RATE, .has_above = true, .above = NUMBER(5),
		.rate = {VERDICT_BY_AGENT, 3600}),
	    .then = VERDICT_HOLD}};
	struct channel channel = support;
	const struct frame frame = {
	    .n_channels = 1, .channels = {&channel}, .dice = NEVER_PICKED};
	struct mail mail = usual;
	struct verdict v;

	(void)state;
	channel.mode = CHANNEL_EXCEPTION;
	channel.require = NULL;
	channel.n_rates = 2;
	channel.rates = (struct verdict_rate *)(uintptr_t)rates;
	channel.n_rules = 1;
	channel.rules = own;
	mail.counts = counts;
	judge_mail(&frame, &mail, &v);
	assert_string_equal(
	    v.reason, "drafts by agent in 60 min: 6 is above 5 (rule burst)");
	verdict_release(&v);
	own[0].when = (struct condition)W(CONDITION_RATE, .has_above = true,
	    .above = NUMBER(3), .rate = {VERDICT_BY_CHANNEL, 60});
	judge_mail(&frame, &mail, &v);
	assert_int_equal(v.kind, VERDICT_PASS);
	verdict_release(&v);
}

static void test_choice(void **state)
{
	struct channel list[] = {
	    {.name = "a",
		.agents = LIST("bot"),
		.recipients = LIST("*@a.example")},
	    {.name = "b", .senders = LIST("b@corp.example")},
	    {.name = "c",
		.agents = LIST("bot", "cat"),
		.recipients = LIST("*@c.example", "*@a.example")},
	};
	const struct config some = {.n_channels = 3, .channels = list};
	static const struct {
		const char *agent, *from, *to[3], *chosen;
		bool mixed;
	} choices[] = {
	    {"bot", "x@corp.example", {"q@a.example"}, "0", false},
	    {"cat", "x@corp.example", {"q@a.example"}, "2", false},
	    {"cat", "B@corp.example", {"q@a.example"}, "1", false},
	    {NULL, "b@corp.example", {"q@z.example"}, "1", false},
	    {NULL, "x@corp.example", {"q@a.example"}, "", false},
	    {"bot", "x@corp.example", {"q@c.example", "q@a.example"}, "02",
		true},
	    {"bot", "x@corp.example", {"q@a.example", "q@z.example"}, "0",
		true},
	    {"bot", "x@corp.example", {"q@z.example", "r@z.example"}, "",
		false},
	    {"bot", "b@corp.example", {"q@c.example", "q@z.example"}, "1",
		false},
	    {"bot", "x@corp.example", {NULL}, "", false},
	};
	struct arena *arena = arena_new();
	struct judge_chosen chosen;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
		struct recipient to[3];
		struct envelope envelope = {
		    .from = choices[i].from, .recipients = to};

		for (k = 0; k < 3 && choices[i].to[k]; k++)
			to[k] = (struct recipient){choices[i].to[k], NULL, 0};
		envelope.n_recipients = k;
		judge_choose(
		    &some, choices[i].agent, &envelope, arena, &chosen);
		assert_int_equal(chosen.n, strlen(choices[i].chosen));
		for (k = 0; k < chosen.n; k++)
			assert_int_equal(chosen.indices[k],
			    (unsigned)(choices[i].chosen[k] - '0'));
		assert_int_equal(chosen.mixed, choices[i].mixed);
	}
	arena_free(arena);
}

/* Each channel is judged by itself; the strictest counts, all are asked. */
static void test_mixed(void **state)
{
	struct rule let = {.name = "let", .when = ALWAYS, .then = VERDICT_PASS};
	struct rule never = {
	    .name = "never", .when = ALWAYS, .then = VERDICT_REFUSE};
	struct channel one = support, two = support;
	struct frame frame = {
	    .n_channels = 2, .channels = {&one, &two}, .dice = NEVER_PICKED};
	struct mail mail = usual;
	struct verdict v;

	(void)state;
	mail.to[1] = "r@y.example";
	one.mode = two.mode = CHANNEL_EXCEPTION;
	one.require = two.require = NULL;
	two.name = "billing";
	two.recipients = LIST("*@y.example");
	two.reviewers = LIST("dora", "ben");
	two.persons = 2;
	two.deadline_s = 600;
	judge_mail(&frame, &mail, &v);
	assert_int_equal(v.kind, VERDICT_HOLD);
	assert_string_equal(
	    v.reason, "its recipients are of different channels");
	assert_string_equal(v.channel, "support");
	assert_string_equal(v.ask, "ben\ncarl\ndora");
	assert_int_equal(v.persons, 2);
	assert_int_equal(v.deadline_ms, NOW + 600 * 1000);
	verdict_release(&v);
	/* a rule of both lets it pass; of one, not */
	one.n_rules = 1;
	one.rules = &let;
	judge_mail(&frame, &mail, &v);
	assert_int_equal(v.kind, VERDICT_HOLD);
	assert_string_equal(v.rule, "mode-exception");
	verdict_release(&v);
	two.n_rules = 1;
	two.rules = &let;
	judge_mail(&frame, &mail, &v);
	assert_int_equal(v.kind, VERDICT_PASS);
	verdict_release(&v);
	two.rules = &never;
	judge_mail(&frame, &mail, &v);
	assert_int_equal(v.kind, VERDICT_REFUSE);
	assert_string_equal(v.rule, "never");
	assert_string_equal(v.ask, "");
	verdict_release(&v);
	/* whom no channel takes is held, and everybody asked */
	frame.n_channels = 1;
	judge_mail(&frame, &mail, &v);
	assert_int_equal(v.kind, VERDICT_HOLD);
	assert_string_equal(v.rule, "default");
	assert_string_equal(v.ask, "ben\ncarl\nanna\ndora");
	verdict_release(&v);
	/* but for a rule about every mail */
	frame.n_rules = 1;
	frame.rules = &let;
	judge_mail(&frame, &mail, &v);
	assert_int_equal(v.kind, VERDICT_PASS);
	verdict_release(&v);
}

static void test_case_and_people(void **state)
{
	struct channel channel = support;
	const struct frame frame = {
	    .n_channels = 1, .channels = {&channel}, .dice = NEVER_PICKED};
	struct mail mail = usual;
	struct verdict v;

	(void)state;
	channel.mode = CHANNEL_REVIEW;
	channel.reviewers = LIST("carl");
	channel.cases = LIST("A 16 anna", "A 17   ben", "B dora");
	mail.case_id = "A 17";
	judge_mail(&frame, &mail, &v);
	assert_string_equal(v.ask, "carl\nben");
	assert_non_null(strstr(v.trace, "case A 17 is of ben"));
	verdict_release(&v);
	mail.case_id = "A 18";
	judge_mail(&frame, &mail, &v);
	assert_string_equal(v.ask, "carl");
	verdict_release(&v);
	/* a field of the mail, where the channel says so */
	mail.findings[0] =
	    (struct finding){.name = "case-owner", .value = "finance"};
	mail.findings[1] =
	    (struct finding){.name = "case-owner", .value = "eve"};
	judge_mail(&frame, &mail, &v);
	assert_string_equal(v.ask, "carl");
	verdict_release(&v);
	channel.case_header = "X-Owner";
	judge_mail(&frame, &mail, &v);
	assert_string_equal(v.ask, "carl\ndora");
	assert_non_null(strstr(v.trace, "X-Owner names eve, who is no"));
	verdict_release(&v);
	/* who is away is replaced, as people_ask has it */
	reviewers[2].n_absences = 1;
	reviewers[2].absences = &away;
	reviewers[2].deputy = "ben";
	mail = usual;
	judge_mail(&frame, &mail, &v);
	assert_string_equal(v.ask, "ben");
	verdict_release(&v);
	reviewers[2].n_absences = 0;
	/* programs are asked before people are, once */
	channel.programs = LIST("scanner");
	judge_mail(&frame, &mail, &v);
	assert_true(v.opinions);
	verdict_release(&v);
	judge_mail(
	    &(const struct frame){
		.n_channels = 1, .channels = {&channel}, .considered = true},
	    &mail, &v);
	assert_false(v.opinions);
	verdict_release(&v);
}

/* ---- what may never happen ---------------------------------------------- */

static uint64_t seed = 20261121;

static unsigned roll(unsigned sides)
{
	seed = seed * UINT64_C(6364136223846793005) +
	       UINT64_C(1442695040888963407);
	return (unsigned)(seed >> 33) % sides;
}

#define POOL 64

struct world {
	struct condition pool[POOL];
	size_t used;
	struct rule rules[8];
	size_t n_rules;
	struct channel channels[2];
	size_t n_channels;
	struct channel_sample samples[2];
	struct mail mail;
	uint64_t dice;
};

static const char *const only_y[] = {"*@y.example", NULL};
static const char *const everybody[] = {"*", NULL};
static const char *const only_ben[] = {"ben", NULL};
static const char *const finding_names[] = {"f0", "f1", "f2", "f3"};

static struct condition make_condition(struct world *w, unsigned depth)
{
	static const char *const lists[][2] = {
	    {"f0", NULL}, {"f1", NULL}, {"f2", NULL}, {"f3", NULL}};
	static const char *const to[][2] = {
	    {"*@x.example", NULL}, {"*@y.example", NULL}};
	static const char *const patterns[] = {"p", "q", "r", "s", "t", "u"};
	struct condition c = {
	    .kind = CONDITION_TEXT, .option = "body", .mark = roll(6)};
	size_t first, n;

	c.pattern = patterns[c.mark];
	switch (roll(depth > 0 && w->used + 3 < POOL ? 8 : 5)) {
	case 0:
		c = (struct condition){
		    .kind = CONDITION_FINDING, .list = lists[roll(4)]};
		c.has_above = roll(2) == 0;
		c.above = (struct amount){5 * AMOUNT_ONE, "EUR"};
		break;
	case 1:
		c = (struct condition){
		    .kind = CONDITION_RECIPIENT, .list = to[roll(2)]};
		break;
	case 2:
		c = (struct condition){.kind = CONDITION_CONFIDENCE,
		    .has_below = true,
		    .below = {7000, ""}};
		break;
	case 5:
	case 6:
	case 7:
		n = 1 + roll(2);
		first = w->used;
		w->used += n;
		c = (struct condition){.kind = CONDITION_ALL + roll(3),
		    .n = n,
		    .of = &w->pool[first]};
		while (n-- > 0)
			w->pool[first + n] = make_condition(w, depth - 1);
		break;
	default:
		break;
	}
	return c;
}

static void make_rule(struct world *w, struct rule *rule, unsigned number)
{
	static const char *const names[] = {
	    "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7"};
	static const enum verdict_kind kinds[] = {VERDICT_HOLD, VERDICT_PASS,
	    VERDICT_PASS, VERDICT_REFUSE, VERDICT_NOTE, VERDICT_HOLD};

	*rule = (struct rule){.name = names[number],
	    .when = make_condition(w, 2),
	    .then = kinds[roll(6)],
	    .tripwire = roll(4) == 0,
	    .has_severity = roll(2) == 0,
	    .severity = roll(4)};
}

static void make_world(struct world *w)
{
	static const char *const values[] = {
	    NULL, "1.00 EUR", "9.00 EUR", "9.00 JPY"};
	static const char *const sure[] = {NULL, "0.5", "0.95", "high"};
	size_t i;

	memset(w, 0, sizeof(*w));
	for (i = 0; i < 8; i++)
		w->rules[i].name = "rest";
	w->n_rules = 1 + roll(6);
	for (i = 0; i < w->n_rules; i++)
		make_rule(w, &w->rules[i], (unsigned)i);
	w->n_channels = roll(3);
	w->samples[0] = (struct channel_sample){.share = {roll(9000), ""}};
	w->samples[1] = (struct channel_sample){.has_severity = true,
	    .severity = roll(4),
	    .share = {roll(10001), ""}};
	for (i = 0; i < w->n_channels; i++)
		w->channels[i] = (struct channel){.name = i ? "two" : "one",
		    .mode = roll(4),
		    .calibrated = roll(2),
		    .threshold = {8000, ""},
		    .recipients = i ? only_y : everybody,
		    .reviewers = only_ben,
		    .n_samples = roll(3),
		    .samples = w->samples,
		    .n_rules = roll(3),
		    .rules = w->rules};
	w->mail = usual;
	w->mail.to[1] = roll(2) ? "r@y.example" : NULL;
	w->mail.confidence = sure[roll(4)];
	for (i = 0; i < roll(3); i++)
		w->mail.findings[i] =
		    (struct finding){.name = finding_names[roll(4)],
			.value = values[roll(4)],
			.weight = roll(8) ? FINDING_NOTE : roll(3)};
	for (i = 0; i < 6 && w->mail.n_marks < 2; i++)
		if (roll(3) == 0)
			w->mail.marks[w->mail.n_marks++] =
			    (struct reading_mark){(uint32_t)i, roll(4) == 0};
	w->dice = roll(10000);
}

static void judge_world(const struct world *w, struct verdict *v)
{
	struct frame frame = {.n_rules = w->n_rules,
	    .rules = w->rules,
	    .n_channels = w->n_channels,
	    .channels = {&w->channels[0], &w->channels[1]},
	    .dice = w->dice};

	judge_mail(&frame, &w->mail, v);
}

static bool has_mark(const struct mail *mail, uint32_t mark)
{
	size_t i;

	for (i = 0; i < mail->n_marks; i++)
		if (mail->marks[i].mark == mark)
			return true;
	return false;
}

/* Make it look worse, in one of the ways in which it can. */
static void worsen(struct world *w)
{
	uint32_t mark = roll(6);

	switch (roll(5)) {
	case 0:
		w->mail.findings[3] =
		    (struct finding){.name = "new", .weight = FINDING_TRIPWIRE};
		w->mail.findings[2] =
		    (struct finding){.name = "new", .weight = FINDING_NOTE};
		break;
	case 1:
		w->mail.history[0] =
		    (struct finding){.name = "new", .weight = FINDING_CAUTION};
		break;
	case 2:
		w->mail.trouble = "it was odd";
		break;
	case 3:
		w->mail.duplicate_of = 5;
		break;
	default:
		if (!has_mark(&w->mail, mark))
			w->mail.marks[w->mail.n_marks++] =
			    (struct reading_mark){mark, true};
		break;
	}
}

static bool decided(const struct verdict *v)
{
	return v->rule[0] == 'r' && v->rule[1] >= '0' && v->rule[1] <= '9';
}

static void test_never(void **state)
{
	unsigned round, passed = 0, held = 0, refused = 0;
	struct verdict v, w;
	struct world world;

	(void)state;
	for (round = 0; round < 20000; round++) {
		make_world(&world);
		judge_world(&world, &v);
		passed += v.kind == VERDICT_PASS;
		held += v.kind == VERDICT_HOLD;
		refused += v.kind == VERDICT_REFUSE;
		/* what no rule decides and no channel takes is held */
		if (world.n_channels == 0 && !decided(&v))
			assert_int_equal(v.kind, VERDICT_HOLD);
		/* nothing passes without a rule or a mode that says so */
		if (v.kind == VERDICT_PASS)
			assert_true(
			    decided(&v) || strncmp(v.rule, "mode-", 5) == 0);
		worsen(&world);
		judge_world(&world, &w);
		if (v.kind != VERDICT_PASS && w.kind == VERDICT_PASS) {
			print_message(
			    "round %u:\n%s\n\n%s\n", round, v.trace, w.trace);
			fail();
		}
		if (world.mail.trouble != NULL || world.mail.duplicate_of)
			assert_int_not_equal(w.kind, VERDICT_PASS);
		verdict_release(&v);
		verdict_release(&w);
	}
	/* the rounds have something to say */
	assert_true(passed > 1000 && held > 1000 && refused > 1000);
}

/* A refuse rule that surely fits refuses, whatever else there is. */
static void test_refusal_stays(void **state)
{
	struct world world;
	struct verdict v;
	unsigned round;

	(void)state;
	for (round = 0; round < 5000; round++) {
		make_world(&world);
		world.rules[world.n_rules++] = (struct rule){
		    .name = "no", .when = ALWAYS, .then = VERDICT_REFUSE};
		worsen(&world);
		judge_world(&world, &v);
		assert_int_equal(v.kind, VERDICT_REFUSE);
		verdict_release(&v);
	}
}

/* ---- what lint says of rules is true of the judge ------------------------ */

/* Does the trace say that the rule counts as fitting? */
static bool counted(const struct verdict *v, const char *name)
{
	char fits[32], may[32];

	snprintf(fits, sizeof(fits), "rule %s fits: ", name);
	snprintf(may, sizeof(may), "rule %s may fit: ", name);
	return strstr(v->trace, fits) != NULL || strstr(v->trace, may) != NULL;
}

/* The second rule is the first one with more or less to it. */
static void make_related(struct world *w)
{
	struct condition *both = &w->pool[w->used];
	struct rule *a = &w->rules[0], *b = &w->rules[1];

	make_rule(w, a, 0);
	make_rule(w, b, 1);
	both = &w->pool[w->used];
	if (w->used + 3 > POOL)
		return;
	both[0] = a->when;
	both[1] = b->when;
	both[2] = a->when;
	switch (roll(5)) {
	case 0:
		b->when = (struct condition){
		    .kind = CONDITION_ALL, .n = 2, .of = both};
		break;
	case 1:
		b->when = a->when;
		break;
	case 2:
		a->when = (struct condition){
		    .kind = CONDITION_ANY, .n = 2, .of = both};
		b->when = both[roll(2)];
		break;
	case 3:
		b->when = (struct condition){
		    .kind = CONDITION_ANY, .n = 2, .of = both + 1};
		break;
	default:
		break;
	}
}

static void test_cover(void **state)
{
	unsigned round, covers = 0, said = 0;
	struct world world;
	struct verdict v;

	(void)state;
	for (round = 0; round < 40000; round++) {
		make_world(&world);
		world.used = 0;
		make_related(&world);
		world.n_rules = 2;
		world.n_channels = 0;
		if (!lint_cover_rule(&world.rules[0], &world.rules[1]))
			continue;
		covers++;
		judge_world(&world, &v);
		if (counted(&v, "r1"))
			said++;
		if (counted(&v, "r1") && !counted(&v, "r0")) {
			print_message("round %u:\n%s\n", round, v.trace);
			fail();
		}
		verdict_release(&v);
	}
	assert_true(covers > 5000 && said > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_conditions),
	    cmocka_unit_test(test_confidence),
	    cmocka_unit_test(test_outcomes),
	    cmocka_unit_test(test_gathered),
	    cmocka_unit_test(test_demand),
	    cmocka_unit_test(test_long_text),
	    cmocka_unit_test(test_long_trace),
	    cmocka_unit_test(test_modes),
	    cmocka_unit_test(test_samples),
	    cmocka_unit_test(test_rates),
	    cmocka_unit_test(test_choice),
	    cmocka_unit_test(test_mixed),
	    cmocka_unit_test(test_case_and_people),
	    cmocka_unit_test(test_never),
	    cmocka_unit_test(test_refusal_stays),
	    cmocka_unit_test(test_cover),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
