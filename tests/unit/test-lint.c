/*
 * test-lint: each warning where it belongs, none where it does not; capacity;
 * and what a configuration says of itself in sentences.
 */
#include "config/lint.h"
#include "config/lint_cover.h"
#include "config/sentence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NOW	  INT64_C(1795255200000)
#define EUR(n)                                                                 \
	{                                                                      \
		(n) * AMOUNT_ONE, "EUR"                                        \
	}
/* ALL of one condition */
#define WHEN(k, ...)                                                           \
	{                                                                      \
		.kind = CONDITION_ALL, .n = 1, .of = &(const struct condition) \
		{                                                              \
			.kind = k, __VA_ARGS__                                 \
		}                                                              \
	}
#define TO(p) WHEN(CONDITION_RECIPIENT, .list = LIST(p))
#define ON(f) WHEN(CONDITION_FINDING, .list = LIST(f))
#define OVER(n)                                                                \
	WHEN(CONDITION_FINDING, .list = LIST("amount"), .has_above = true,     \
	    .above = EUR(n))

static const struct amount small[] = {EUR(500)};
static const struct config_absence away = {NOW - 1, NOW + 1};

/* A configuration that nothing is strange about. */
struct fixture {
	struct config config;
	struct config_reviewer reviewers[3];
	struct config_group groups[1];
	struct channel channels[2];
	struct channel_step steps[3];
	struct channel_sample samples[1];
	struct rule rules[3];
	struct channel_plugin plugins[1];
	char said[4096];
	size_t n;
};

static const char *const ben_carl[] = {"ben", "carl", NULL};
static const char *const only_bot[] = {"bot", NULL};
static const char *const only_team[] = {"team", NULL};
static const char *const reasons[] = {"tone", "wrong-price", NULL};

static void set_up(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	f->reviewers[0] = (struct config_reviewer){
	    .name = "anna", .address = "anna@r.example", .admin = true};
	f->reviewers[1] =
	    (struct config_reviewer){.name = "ben", .address = "ben@r.example"};
	f->reviewers[2] = (struct config_reviewer){
	    .name = "carl", .address = "carl@r.example"};
	f->groups[0] =
	    (struct config_group){.name = "team", .members = ben_carl};
	f->steps[0] = (struct channel_step){.after_s = 3600, .remind = true};
	f->steps[1] =
	    (struct channel_step){.after_s = 86400, .final = CHANNEL_KEEP};
	f->plugins[0] = (struct channel_plugin){.name = "amount"};
	f->channels[0] = (struct channel){.name = "support",
	    .n_plugins = 1,
	    .plugins = f->plugins,
	    .file = "support.conf",
	    .line = 1,
	    .owner = "anna",
	    .agents = only_bot,
	    .reviewers = only_team,
	    .persons = 1,
	    .deadline_s = 7200,
	    .n_steps = 2,
	    .steps = f->steps,
	    .rules = f->rules,
	    .reasons = reasons};
	f->config = (struct config){.file = "main.conf",
	    .n_reviewers = 3,
	    .reviewers = f->reviewers,
	    .n_groups = 1,
	    .groups = f->groups,
	    .n_channels = 1,
	    .channels = f->channels};
}

static void on_say(
    const char *file, unsigned line, const char *text, void *context)
{
	struct fixture *f = context;
	size_t len = strlen(f->said);

	snprintf(f->said + len, sizeof(f->said) - len, "%s:%u: %s\n", file,
	    line, text);
	f->n++;
}

static const char finds[] = "words legal\nwords contract\namount amount\n";

static void run(struct fixture *f)
{
	const struct lint lint = {
	    .finds = finds, .now_ms = NOW, .say = on_say, .context = f};
	size_t n;

	f->n = 0;
	*f->said = '\0';
	n = lint_config(&f->config, &lint);
	assert_int_equal(n, f->n);
}

static void expect(struct fixture *f, const char *words)
{
	run(f);
	if (f->n != (words != NULL) ||
	    (words != NULL && strstr(f->said, words) == NULL)) {
		print_message("wanted: %s\ngot %zu:\n%s\n",
		    words ? words : "nothing", f->n, f->said);
		fail();
	}
}

static struct rule rule(
    const char *name, enum verdict_kind then, struct condition when)
{
	static unsigned line = 10;

	return (struct rule){
	    .name = name, .line = ++line, .then = then, .when = when};
}

static void test_nothing(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f);
	expect(&f, NULL);
}

/* Who decides before whom; the conditions are the same. */
static void test_order(void **state)
{
	static const struct {
		enum verdict_kind first, second;
		bool first_trips, second_trips;
		const char *says; /* NULL: nothing */
	} pairs[] = {
	    {VERDICT_HOLD, VERDICT_PASS, 0, 0, "'b' never passes anything"},
	    {VERDICT_PASS, VERDICT_PASS, 0, 0, "'b' never passes anything"},
	    {VERDICT_PASS, VERDICT_HOLD, 0, 0, "'b' never holds anything"},
	    {VERDICT_PASS, VERDICT_HOLD, 0, true, "'a' never passes anything"},
	    {VERDICT_HOLD, VERDICT_HOLD, 0, 0, NULL},
	    {VERDICT_HOLD, VERDICT_HOLD, true, 0, NULL},
	    {VERDICT_NOTE, VERDICT_HOLD, 0, 0, NULL},
	    {VERDICT_HOLD, VERDICT_NOTE, 0, 0, NULL},
	    {VERDICT_REFUSE, VERDICT_NOTE, 0, 0, NULL},
	    {VERDICT_HOLD, VERDICT_REFUSE, 0, 0, "'a' never holds anything"},
	    {VERDICT_PASS, VERDICT_REFUSE, 0, 0, "'a' never passes anything"},
	    {VERDICT_REFUSE, VERDICT_PASS, 0, 0, "'b' never passes anything"},
	    {VERDICT_REFUSE, VERDICT_REFUSE, 0, 0,
		"'b' never is the one that refuses"},
	};
	struct fixture f;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const struct condition same = ON("first-contact");

		set_up(&f);
		f.rules[0] = rule("a", pairs[i].first, same);
		f.rules[1] = rule("b", pairs[i].second, same);
		f.rules[0].tripwire = pairs[i].first_trips;
		f.rules[1].tripwire = pairs[i].second_trips;
		f.channels[0].n_rules = 2;
		expect(&f, pairs[i].says);
	}
}

#define R(t, w)                                                                \
	{                                                                      \
		.name = "r", .then = VERDICT_##t, .when = w                    \
	}
#define SIZED(a, b)                                                            \
	WHEN(CONDITION_SIZE, .has_above = (a) > 0,                             \
	    .above = {(a)*AMOUNT_ONE, ""}, .has_below = (b) > 0,               \
	    .below = {(b)*AMOUNT_ONE, ""})
#define G(...)                                                                 \
	{                                                                      \
		__VA_ARGS__                                                    \
	}
#define TWO(k, x, y)                                                           \
	G(.kind = k, .n = 2, .of = (const struct condition[]){x, y})
#define BOT                                                                    \
	{                                                                      \
		.kind = CONDITION_AGENT, .list = LIST("bot")                   \
	}
#define CAT                                                                    \
	{                                                                      \
		.kind = CONDITION_AGENT, .list = LIST("cat")                   \
	}

static const struct {
	struct rule a, b;
	bool covers;
} covers[] = {
    {R(HOLD, {.kind = CONDITION_ALL}), R(HOLD, TO("*@x.example")), true},
    {R(HOLD, TO("*@x.example")), R(HOLD, {.kind = CONDITION_ALL}), false},
    {R(HOLD, TO("*")), R(HOLD, TO("*@x.example")), true},
    {R(HOLD, TO("*@x.example")), R(HOLD, TO("a@X.example")), true},
    {R(HOLD, TO("a@x.example")), R(HOLD, TO("*@x.example")), false},
    /* one of many is not all of many */
    {R(PASS, TO("*@x.example")), R(HOLD, TO("*@x.example")), false},
    {R(HOLD, TO("*@x.example")), R(PASS, TO("*@x.example")), true},
    {R(PASS, TO("*@x.example")), R(PASS, TO("*@x.example")), true},
    {R(HOLD, SIZED(10, 0)), R(HOLD, SIZED(20, 0)), true},
    {R(HOLD, SIZED(20, 0)), R(HOLD, SIZED(10, 0)), false},
    {R(HOLD, SIZED(10, 0)), R(HOLD, SIZED(20, 30)), true},
    {R(HOLD, SIZED(10, 25)), R(HOLD, SIZED(20, 30)), false},
    {R(HOLD, OVER(10)), R(HOLD, OVER(20)), true},
    {R(HOLD, ON("amount")), R(HOLD, OVER(20)), true},
    {R(HOLD, OVER(10)), R(HOLD, ON("amount")), false},
    /* a value that cannot be compared may fit; that passes nothing */
    {R(PASS, OVER(10)), R(HOLD, OVER(20)), false},
    {R(HOLD, WHEN(CONDITION_HOURS, .inside = true)),
	R(HOLD, WHEN(CONDITION_HOURS, .inside = false)), false},
    {R(HOLD, TWO(CONDITION_ANY, BOT, CAT)),
	R(HOLD, G(.kind = CONDITION_ALL, .n = 1,
		    .of = (const struct condition[]){CAT})),
	true},
    {R(HOLD, G(.kind = CONDITION_ALL, .n = 1,
		 .of = (const struct condition[]){CAT})),
	R(HOLD, TWO(CONDITION_ANY, BOT, CAT)), false},
    {R(HOLD, G(.kind = CONDITION_ALL, .n = 1,
		 .of = (const struct condition[]){BOT})),
	R(HOLD, TWO(CONDITION_ALL, BOT, CAT)), true},
    {R(HOLD,
	 WHEN(CONDITION_NONE, .n = 1, .of = (const struct condition[]){BOT})),
	R(HOLD, WHEN(CONDITION_NONE, .n = 1,
		    .of = (const struct condition[]){BOT})),
	false},
};

static void test_covers(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(covers) / sizeof(covers[0]); i++)
		if (lint_cover_rule(&covers[i].a, &covers[i].b) !=
		    covers[i].covers) {
			print_message("row %zu\n", i);
			fail();
		}
}

static void test_global_first(void **state)
{
	struct rule global[] = {
	    rule("g", VERDICT_HOLD, (struct condition){.kind = CONDITION_ALL})};
	struct fixture f;

	(void)state;
	set_up(&f);
	f.config.n_rules = 1;
	f.config.rules = global;
	f.rules[0] =
	    rule("late", VERDICT_PASS, (struct condition)TO("*@x.example"));
	f.channels[0].n_rules = 1;
	expect(&f, "'late' never passes anything: whenever it fits, rule 'g' "
		   "(main.conf:");
}

static void test_findings(void **state)
{
	struct channel_test test = {
	    .name = "t", .line = 7, .findings = LIST("contrct")};
	struct fixture f;

	(void)state;
	set_up(&f);
	f.rules[0] = rule("law", VERDICT_HOLD, (struct condition)ON("legal"));
	f.channels[0].n_rules = 1;
	expect(&f, "rule 'law' waits for a finding 'legal', which nothing in "
		   "channel 'support' reports; plug-in 'words' does: add");
	f.plugins[0].name = "words";
	expect(&f, NULL);
	f.rules[0].when = (struct condition)ON("legl");
	expect(&f, "'support' reports; did you mean 'legal'?");
	f.rules[0].when = (struct condition)ON("leg*");
	expect(&f, NULL);
	f.rules[0].when = (struct condition)ON("first-contct");
	expect(&f, "; did you mean 'first-contact'?");
	f.rules[0].when = (struct condition)ON("first-contact");
	expect(&f, NULL);
	/* deep within, and beside the rules */
	f.rules[0].when = (struct condition){.kind = CONDITION_ANY,
	    .n = 1,
	    .of = &(const struct condition)ON("legl")};
	expect(&f, "did you mean 'legal'?");
	f.channels[0].n_rules = 0;
	f.channels[0].tests = &test;
	f.channels[0].n_tests = 1;
	expect(&f, "support.conf:7: test 't' expects a finding 'contrct', "
		   "which nothing in channel 'support' reports; did you");
	f.channels[0].n_tests = 0;
	f.reviewers[1].except = LIST("contrct");
	expect(&f, "reviewer 'ben' has a finding 'contrct' in except, which "
		   "nothing reports; did you mean 'contract'?");
}

/* What is not known may be anything. */
static void test_findings_of_whom(void **state)
{
	struct rule global = R(HOLD, ON("anything"));
	struct fixture f;

	(void)state;
	set_up(&f);
	f.rules[0] = rule("law", VERDICT_HOLD, (struct condition)ON("legal"));
	f.channels[0].n_rules = 1;
	f.channels[1] = f.channels[0];
	f.channels[1].n_rules = 0;
	f.channels[1].agents = LIST("other");
	f.channels[1].plugins = &(struct channel_plugin){.name = "words"};
	f.config.n_channels = 2;
	expect(&f, "reports; plug-in 'words' does: add it to the channel's");
	f.config.n_channels = 1;
	f.plugins[0].name = "mine";
	f.rules[0].when = (struct condition)ON("anything");
	expect(&f, NULL);
	f.channels[0].n_plugins = 0;
	expect(&f, "'anything'");
	f.channels[0].programs = LIST("scanner");
	expect(&f, NULL);
	f.channels[0].programs = NULL;
	f.channels[0].n_rules = 0;
	f.config.n_rules = 1;
	f.config.rules = &global;
	expect(&f, "'anything', which nothing reports; add");
	f.channels[0].n_plugins = 1;
	expect(&f, NULL);
}

static void test_people(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f);
	f.reviewers[1].address = "";
	expect(&f, "reviewer 'ben' has neither address nor maildir");
	f.reviewers[1].maildir = "/var/mail/ben";
	expect(&f, NULL);
	f.reviewers[1].n_absences = f.reviewers[2].n_absences = 1;
	f.reviewers[1].absences = f.reviewers[2].absences = &away;
	expect(&f, "nobody of group 'team' is there now");
	f.reviewers[2].deputy = "anna";
	expect(&f, NULL);
}

static void test_persons_and_limits(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f);
	f.channels[0].persons = 2;
	expect(&f, NULL);
	f.config.n_reviewers = 1;
	f.config.n_groups = 0;
	f.channels[0].reviewers = LIST("anna");
	expect(&f, "wants 2 persons to approve, but knows 1");
	set_up(&f);
	f.rules[0] = rule("dear", VERDICT_HOLD, (struct condition)OVER(500));
	f.channels[0].n_rules = 1;
	expect(&f, NULL);
	f.reviewers[0].limits = f.reviewers[1].limits = f.reviewers[2].limits =
	    small;
	f.reviewers[0].n_limits = f.reviewers[1].n_limits =
	    f.reviewers[2].n_limits = 1;
	expect(&f, "amounts above 500.00 EUR, but nobody of channel");
	f.rules[0].when = (struct condition)OVER(499);
	expect(&f, NULL);
}

static void test_ladder(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f);
	f.channels[0].reviewers = LIST("team", "anna");
	expect(&f, NULL); /* there is nobody else */
	f.channels[0].reviewers = LIST("anna", "ben");
	expect(&f, "ends with nobody new: 'anna' was asked from the start");
	f.steps[0].ask = LIST("ben");
	run(&f);
	assert_int_equal(f.n, 2);
	assert_non_null(strstr(f.said, "asks 'ben' asks nobody new"));
	f.steps[0].ask = LIST("team");
	expect(&f, NULL);
	set_up(&f);
	f.rules[0] =
	    rule("soon", VERDICT_HOLD, (struct condition)ON("mixed-channels"));
	f.rules[0].not_after_s = 1800;
	f.channels[0].n_rules = 1;
	expect(&f, "after 1800 s, but the ladder of channel 'support' begins");
	f.rules[0].not_after_s = 3600;
	expect(&f, "after 3600 s, but channel 'support' gives its reviewers");
	f.rules[0].not_after_s = 7200;
	expect(&f, NULL);
	f.rules[0].not_before_s = 7200;
	expect(&f, "not_before is not earlier");
}

static void test_hidden(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f);
	f.config.n_channels = 2;
	f.channels[1] = f.channels[0];
	f.channels[1].name = "vip";
	f.channels[1].recipients = LIST("*@vip.example");
	expect(&f, "no mail reaches channel 'vip': channel 'support'");
	f.channels[1].agents = LIST("bot", "cat");
	expect(&f, NULL);
	f.channels[1].agents = NULL;
	expect(&f, NULL);
	f.channels[0].agents = NULL;
	expect(&f, "no mail reaches channel 'vip'");
	f.channels[0].recipients = LIST("*@vip.example", "*@y.example");
	expect(&f, "no mail reaches channel 'vip'");
	f.channels[0].recipients = LIST("a@vip.example");
	expect(&f, NULL);
}

static void test_currencies(void **state)
{
	struct config_exchange usd = {.currency = "USD", .is = EUR(1)};
	struct fixture f;

	(void)state;
	set_up(&f);
	f.rules[0] = rule("dear", VERDICT_HOLD,
	    (struct condition)WHEN(CONDITION_FINDING, .list = LIST("amount"),
		.has_above = true, .above = {5000 * AMOUNT_ONE, ""}));
	f.channels[0].n_rules = 1;
	expect(&f, "rule 'dear' compares amounts with a number that has no "
		   "currency, so every amount counts as fitting; write \"5000 "
		   "EUR\"");
	f.rules[0] = rule("dear", VERDICT_HOLD, (struct condition)OVER(5000));
	expect(&f, NULL);
	f.config.exchanges = &usd;
	f.config.n_exchanges = 1;
	expect(&f, NULL);
	usd.is = (struct amount){AMOUNT_ONE, "GBP"};
	expect(&f, "compares amounts with EUR, of which exchange says nothing");
}

static void test_not_calibrated(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f);
	f.channels[0].mode = CHANNEL_CONFIDENCE;
	expect(&f, "'support' never passes anything by confidence");
	f.channels[0].calibrated = true;
	expect(&f, NULL);
}

/* Each agent has a channel of its own that comes before. */
static void test_hidden_by_several(void **state)
{
	struct config_agent agents[] = {{.name = "bot"}, {.name = "cat"}};
	struct channel channels[3];
	struct fixture f;

	(void)state;
	set_up(&f);
	f.config.n_agents = 2;
	f.config.agents = agents;
	f.config.n_channels = 3;
	f.config.channels = channels;
	channels[0] = channels[1] = channels[2] = f.channels[0];
	channels[1].agents = LIST("cat");
	channels[2].agents = NULL;
	channels[2].name = "rest";
	expect(&f, "no mail reaches channel 'rest': channel 'support' "
		   "(support.conf) and others come first and take all of it");
	channels[1].recipients = LIST("*@x.example");
	expect(&f, NULL);
}

static void test_capacity(void **state)
{
	struct lint_load load = {.per_day = 200, .minutes = 2, .now_ms = NOW};
	struct fixture f;
	struct buf out;

	(void)state;
	set_up(&f);
	buf_init(&out, 4096);
	assert_true(lint_capacity(&f.config, &load, &out));
	assert_string_equal(out.data,
	    "channel 'support': 200 mails a day x 2 min = 400 min of review a "
	    "day; its 2 reviewers have 2880 min of business hours: enough\n");
	load.per_day = 1441;
	buf_clear(&out);
	assert_false(lint_capacity(&f.config, &load, &out));
	assert_non_null(strstr(out.data, "TOO MUCH"));
	f.channels[0].mode = CHANNEL_EXCEPTION;
	f.channels[0].n_samples = 1;
	f.samples[0].share = (struct amount){500, ""};
	f.channels[0].samples = f.samples;
	buf_clear(&out);
	assert_true(lint_capacity(&f.config, &load, &out));
	assert_non_null(strstr(out.data, "from 5 % to all = 144 to 2882 min"));
	assert_non_null(strstr(out.data, "only if most of it passes"));
	/* two persons take twice as long; who is away does not work */
	f.channels[0].n_samples = 0;
	f.channels[0].mode = CHANNEL_REVIEW;
	f.channels[0].persons = 2;
	f.reviewers[1].n_absences = 1;
	f.reviewers[1].absences = &(const struct config_absence){0, INT64_MAX};
	load.per_day = 360;
	buf_clear(&out);
	assert_true(lint_capacity(&f.config, &load, &out));
	assert_non_null(strstr(out.data,
	    "x 2 persons = 1440 min of review a day; its 2 reviewers have "
	    "1440 min of business hours: enough, but barely"));
	buf_release(&out);
}

static const char sentences[] =
    "For mail of every channel, and of none:\n"
    "  Rule 'own': when each recipient is *@corp.example, it passes unread.\n"
    "\n"
    "Mail of agent bot to *@x.example is channel 'support' (owner anna). "
    "Where no rule decides, it passes unread when the agent's confidence is "
    "at least 0.85, no finding speaks against it, the agent gives its why and "
    "every text condition could be searched. Otherwise it waits for 2 persons "
    "of team (ben and carl), who must decide within 2 h. Of what would pass, "
    "5 % is reviewed all the same. After 1 h who has not answered is reminded, "
    "it asks anna too. After 1 d it stays held and is handed up to anna. Who "
    "drops or edits it can say why: tone or wrong-price. It can be sent back "
    "to its agent 3 times, with 1 d each time for a better one.\n"
    "  Rule 'dear': when the finding amount is above 500.00 EUR, it is held, "
    "whatever another rule says; its severity is high; it asks anna too; 2 "
    "persons must approve; a decision must say why; it never leaves later than "
    "after 90 min.\n"
    "  Rule 'odd': when not (the agent is bot or the sender is a@b.example) "
    "and it comes outside business hours, it is refused: \"no\".\n"
    "\n"
    "Mail that no channel takes, and no rule passes, waits for any "
    "reviewer.\n";

static void test_sentences(void **state)
{
	struct rule own[] = {
	    rule("own", VERDICT_PASS, (struct condition)TO("*@corp.example"))};
	const struct condition excluded[] = {
	    {.kind = CONDITION_AGENT, .list = LIST("bot")},
	    {.kind = CONDITION_SENDER, .list = LIST("a@b.example")}};
	const struct condition odd[] = {
	    {.kind = CONDITION_NONE, .n = 2, .of = excluded},
	    {.kind = CONDITION_HOURS}};
	struct channel *c;
	struct fixture f;
	struct buf out;

	(void)state;
	set_up(&f);
	c = &f.channels[0];
	f.config.n_rules = 1;
	f.config.rules = own;
	c->recipients = LIST("*@x.example");
	c->mode = CHANNEL_CONFIDENCE;
	c->calibrated = true;
	c->threshold = (struct amount){8500, ""};
	c->require = LIST("why");
	c->persons = 2;
	c->revise_rounds = 3;
	c->revise_within_s = 86400;
	c->n_samples = 1;
	c->samples = f.samples;
	f.samples[0].share = (struct amount){500, ""};
	f.steps[0].ask = LIST("anna");
	c->n_rules = 2;
	f.rules[0] = rule("dear", VERDICT_HOLD, (struct condition)OVER(500));
	f.rules[0].tripwire = f.rules[0].has_severity = true;
	f.rules[0].severity = SEVERITY_HIGH;
	f.rules[0].ask = LIST("anna");
	f.rules[0].persons = 2;
	f.rules[0].needs_reason = true;
	f.rules[0].not_after_s = 5400;
	f.rules[1] = rule("odd", VERDICT_REFUSE,
	    (struct condition){.kind = CONDITION_ALL, .n = 2, .of = odd});
	f.rules[1].say = "no";
	buf_init(&out, 65536);
	sentence_config(&f.config, &out);
	assert_string_equal(out.data, sentences);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_nothing),
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_covers),
	    cmocka_unit_test(test_global_first),
	    cmocka_unit_test(test_findings),
	    cmocka_unit_test(test_findings_of_whom),
	    cmocka_unit_test(test_people),
	    cmocka_unit_test(test_persons_and_limits),
	    cmocka_unit_test(test_ladder),
	    cmocka_unit_test(test_hidden),
	    cmocka_unit_test(test_hidden_by_several),
	    cmocka_unit_test(test_currencies),
	    cmocka_unit_test(test_not_calibrated),
	    cmocka_unit_test(test_capacity),
	    cmocka_unit_test(test_sentences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
