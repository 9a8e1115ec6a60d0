/*
 * test-channel: good files become structs, and the setup of the readers.
 */
#include "config/channel.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/config.h"

static char folder[] = "/tmp/test-channel.XXXXXX";
static char conf[64];

static const char main_text[] =
    "hostname = \"relay.test\"; state_dir = \"/nonexistent/state\";\n"
    "listeners = ( { address = \"127.0.0.1\"; port = 0; tls = \"none\";\n"
    "  reviews = true; } );\n"
    "agents = ( { name = \"bot\"; networks = \"10.0.0.1\";\n"
    "  senders = \"*@agents.example\"; } );\n"
    "calendars = ( { name = \"berlin\"; zone = \"Europe/Berlin\";\n"
    "  hours = [ \"mon-fri 09:00-17:30\" ]; } );\n"
    "reviewers = (\n"
    "  { name = \"anna\"; address = \"anna@r.example\"; deputy = \"ben\";\n"
    "    limit = [ \"5000 EUR\", \"6000 USD\" ]; except = \"legal\";\n"
    "    absent = [ \"2026-12-24..2027-01-02\", \"2027-05-01\" ];\n"
    "    calendar = \"berlin\"; },\n"
    "  { name = \"ben\"; address = \"ben@r.example\"; } );\n"
    "groups = ( { name = \"leads\"; members = [ \"anna\", \"ben\" ];\n"
    "  share = \"turns\"; }, { name = \"all\"; members = \"ben\"; } );\n"
    "programs = ( { name = \"tone\"; command = [ \"/bin/true\", \"-x\" ];\n"
    "  deadline = \"500ms\"; } );\n"
    "services = ( { name = \"spam\"; url = \"http://127.0.0.1:11333/c\";\n"
    "  kind = \"rspamd\"; deadline = 3; token_file = \"token\"; } );\n"
    "exchange = ( { currency = \"USD\"; is = \"0.92 EUR\"; } );\n"
    "rules = ( { name = \"no-secrets\"; finding = \"secret-like\";\n"
    "  then = \"refuse\"; say = \"it has a key\";\n"
    "  none = ( { subject = \"test\"; } ); } );\n"
    "relay = { maildir = \"/nonexistent/out\"; };\n";

static const char support_text[] =
    "channel: { name = \"support\"; about = \"answers\"; owner = \"anna\";\n"
    "  mode = \"confidence\"; match = { agent = \"bot\";\n"
    "    recipient = [ \"*@c.example\", \"x@y.example\" ]; };\n"
    "  threshold = 0.85; calibrated = true; sample = (\n"
    "    { share = 1; severity = \"high\"; },\n"
    "    { share = \"0.2\"; from = 0.8; to = 0.9; },\n"
    "    { share = 0.01; from = 0.9; } );\n"
    "  cost = \"low\"; reversible = true; reviewers = [ \"leads\" ];\n"
    "  persons = 2; reason = true; deadline = \"10h\";\n"
    "  calendar = \"berlin\"; ladder = (\n"
    "    { at = \"1h\"; remind = true; }, { at = \"5h\"; ask = \"ben\"; },\n"
    "    { at = \"2d\"; do = \"expire\"; } );\n"
    "  reasons = [ \"tone\", \"wrong-price\" ]; require = \"why\";\n"
    "  plugins = ( { name = \"amount\"; currency = \"EUR\"; least = 12.50;\n"
    "    deep = true; n = [ 1, 2 ]; list = ( \"a\", \"file:words\" ); },\n"
    "    { name = \"words\"; } );\n"
    "  programs = [ \"tone\", \"spam\" ];\n"
    "  case = { table = \"cases\"; header = \"X-Owner\"; };\n"
    "  rules = (\n"
    "    { name = \"large\"; finding = [ \"amount\", \"pri*\" ];\n"
    "      above = \"10000 EUR\"; ask = \"ben\"; tripwire = true;\n"
    "      severity = \"critical\"; persons = 2; },\n"
    "    { name = \"many\"; then = \"note\"; words = \"file:words\";\n"
    "      any = ( { own = [ \"a\", \"b\" ]; size_above = \"1M\"; },\n"
    "        { none = ( { recipient = \"*@b.c\"; } ); } );\n"
    "      header = { name = \"X-Priority\"; matches = \"^1\"; };\n"
    "      rate = { of = \"domain\"; per = \"1h\"; above = 20; };\n"
    "      recipients_above = 3; recipients_below = 9;\n"
    "      attachment = \"*.exe\"; attachments_below = 2;\n"
    "      confidence_below = 0.8; missing = [ \"case\", \"why\" ];\n"
    "      hours = \"outside\"; not_before = \"10m\"; not_after = \"1d\"; },\n"
    "    { name = \"nobody\"; recipient = \"file:empty\"; } );\n"
    "  tests = ( { name = \"one\"; text = \"12,000 EUR\"; expect = \"hold\";\n"
    "    confidence = 0.9; rule = \"large\"; to = \"a@c.example\";\n"
    "    file = \"mail.eml\"; findings = \"amount\"; } ); };\n";

static const char plain_text[] =
    "channel: { name = \"plain\"; owner = \"ben\"; mode = \"review\";\n"
    "  deadline = \"4h\"; ladder = ( { at = \"4h\"; do = \"hold\"; } );\n"
    "  sample = 0.05; reasons = \"other\"; };\n";

static void put(const char *name, const char *text)
{
	char path[128];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	out = fopen(path, "we");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
	assert_int_equal(chmod(path, 0600), 0);
}

static struct config *load(void)
{
	struct error err = ERROR_INIT;
	struct config *config = config_load(conf, &err);

	if (config == NULL)
		fail_msg("%s", err.text);
	return config;
}

static int set_up(void **state)
{
	char path[128];

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/channels", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(conf, sizeof(conf), "%s/imprimatur.conf", folder);
	put("imprimatur.conf", main_text);
	put("token", "geheim\n");
	put("channels/20-plain.conf", plain_text);
	put("channels/10-support.conf", support_text);
	put("channels/.hidden.conf", "nonsense");
	put("channels/old.conf~", "nonsense");
	put("channels/words", "# words\r\nlegal\n\n  senior account\t\nC++\n");
	put("channels/empty", "# nobody yet\n");
	put("channels/cases", "4711 anna\n# old\nthe Smith case leads\n");
	return 0;
}

static int tear_down(void **state)
{
	char command[96];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

static void people_are_read(void **state)
{
	struct config *c = load();
	const struct config_reviewer *anna = config_reviewer(c, "anna");

	(void)state;
	assert_int_equal(anna->n_limits, 2);
	assert_true(anna->limits[1].value == 6000 * AMOUNT_ONE);
	assert_string_equal(anna->limits[1].currency, "USD");
	assert_string_equal(anna->except[0], "legal");
	assert_string_equal(anna->deputy, "ben");
	assert_int_equal(anna->n_absences, 2);
	/* midnight in Berlin */
	assert_true(anna->absences[0].from_ms == INT64_C(1798066800000));
	assert_true(anna->absences[0].to_ms ==
		    INT64_C(1798066800000) + INT64_C(10) * 86400000);
	assert_true(anna->absences[1].to_ms - anna->absences[1].from_ms ==
		    INT64_C(86400000));
	assert_ptr_equal(
	    config_reviewer(c, "ben")->calendar, calendar_always());
	assert_true(config_group(c, "leads")->by_turns);
	assert_false(config_group(c, "all")->by_turns);
	assert_null(config_group(c, "anna"));
	config_unref(c);
}

static void programs_are_read(void **state)
{
	struct config *c = load();
	const struct config_service *spam = config_service(c, "spam");

	(void)state;
	assert_int_equal(config_program(c, "tone")->deadline_ms, 500);
	assert_int_equal(config_program(c, "tone")->waiting, 16);
	assert_string_equal(config_program(c, "tone")->command[1], "-x");
	assert_null(config_program(c, "spam"));
	assert_int_equal(spam->kind, 1);
	assert_int_equal(spam->deadline_ms, 3000);
	assert_string_equal(spam->token, "geheim");
	assert_string_equal(c->exchanges[0].currency, "USD");
	assert_true(c->exchanges[0].is.value == 9200);
	config_unref(c);
}

static void channels_are_read_in_name_order(void **state)
{
	struct config *c = load();
	const struct channel *s = config_channel(c, "support");

	(void)state;
	assert_int_equal(c->n_channels, 2);
	assert_ptr_equal(s, &c->channels[0]);
	assert_null(config_channel(c, "Support"));
	assert_string_equal(s->about, "answers");
	assert_string_equal(s->owner, "anna");
	assert_int_equal(s->mode, CHANNEL_CONFIDENCE);
	assert_string_equal(s->agents[0], "bot");
	assert_null(s->senders);
	assert_string_equal(s->recipients[1], "x@y.example");
	assert_true(s->threshold.value == 8500);
	assert_true(s->calibrated && s->reversible && s->needs_reason);
	assert_int_equal(s->cost, CHANNEL_LOW);
	assert_int_equal(s->persons, 2);
	assert_int_equal(s->deadline_s, 36000);
	assert_ptr_equal(s->calendar, c->calendars[0].calendar);
	assert_string_equal(s->require[0], "why");
	assert_string_equal(s->programs[1], "spam");
	assert_non_null(strstr(s->case_table, "/channels/cases"));
	assert_string_equal(s->case_header, "X-Owner");
	assert_string_equal(s->plugins[0].name, "amount");
	assert_int_equal(s->plugins[0].line, 14);
	config_unref(c);
}

static void defaults_are_careful(void **state)
{
	struct config *c = load();
	const struct channel *p = config_channel(c, "plain");

	(void)state;
	assert_string_equal(p->reviewers[0], "ben"); /* the owner */
	assert_null(p->reviewers[1]);
	assert_int_equal(p->persons, 1);
	assert_int_equal(p->cost, CHANNEL_MEDIUM);
	assert_false(p->reversible || p->calibrated || p->needs_reason);
	assert_ptr_equal(p->calendar, calendar_always());
	assert_int_equal(p->n_samples, 1);
	assert_true(p->samples[0].share.value == 500);
	assert_false(p->samples[0].has_severity);
	config_unref(c);
}

static void samples_have_bands(void **state)
{
	struct config *c = load();
	const struct channel_sample *s = c->channels[0].samples;

	(void)state;
	assert_int_equal(c->channels[0].n_samples, 3);
	assert_true(s[0].has_severity && s[0].severity == SEVERITY_HIGH);
	assert_true(s[0].share.value == AMOUNT_ONE && s[0].to.value == 0);
	assert_true(s[1].from.value == 8000 && s[1].to.value == 9000);
	assert_true(s[1].share.value == 2000);
	assert_true(s[2].to.value > AMOUNT_ONE); /* 1 is in it */
	config_unref(c);
}

static void warnings_are_put_into_the_ladder(void **state)
{
	static const struct {
		unsigned after_s;
		bool remind, warning;
		enum channel_final final;
	} wanted[] = {
	    {3600, true, false, CHANNEL_GO_ON},
	    {18000, false, false, CHANNEL_GO_ON}, /* half: stands there */
	    {28800, true, true, CHANNEL_GO_ON},
	    {36000, true, true, CHANNEL_GO_ON},
	    {172800, false, false, CHANNEL_EXPIRE},
	};
	struct config *c = load();
	const struct channel *s = &c->channels[0], *p = &c->channels[1];
	size_t i;

	(void)state;
	assert_int_equal(s->n_steps, 5);
	for (i = 0; i < 5; i++) {
		assert_int_equal(s->steps[i].after_s, wanted[i].after_s);
		assert_int_equal(s->steps[i].remind, wanted[i].remind);
		assert_int_equal(s->steps[i].warning, wanted[i].warning);
		assert_int_equal(s->steps[i].final, wanted[i].final);
	}
	assert_string_equal(s->steps[1].ask[0], "ben");
	assert_int_equal(p->n_steps, 3); /* the end stands at the deadline */
	assert_int_equal(p->steps[2].final, CHANNEL_KEEP);
	config_unref(c);
}

/* The n-th condition of that kind right inside; fails when there is none. */
static const struct condition *within(
    const struct condition *all, enum condition_kind kind, size_t n)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		if (all->of[i].kind == kind && n-- == 0)
			return &all->of[i];
	fail_msg("no condition of kind %d", (int)kind);
	return NULL;
}

static void rules_are_read(void **state)
{
	struct config *c = load();
	const struct rule *large = &c->channels[0].rules[0];
	const struct condition *f;

	(void)state;
	assert_int_equal(c->n_rules, 1);
	assert_int_equal(c->rules[0].then, VERDICT_REFUSE);
	assert_false(c->rules[0].has_severity);
	assert_string_equal(large->name, "large");
	assert_int_equal(large->line, 20);
	assert_int_equal(large->then, VERDICT_HOLD);
	assert_true(large->tripwire && large->has_severity);
	assert_int_equal(large->severity, SEVERITY_CRITICAL);
	assert_int_equal(large->persons, 2);
	assert_int_equal(large->when.kind, CONDITION_ALL);
	assert_int_equal(large->when.n, 1);
	f = within(&large->when, CONDITION_FINDING, 0);
	assert_string_equal(f->option, "finding");
	assert_string_equal(f->list[1], "pri*");
	assert_true(f->has_above && !f->has_below);
	assert_true(f->above.value == 10000 * AMOUNT_ONE);
	assert_string_equal(f->above.currency, "EUR");
	config_unref(c);
}

static void conditions_are_read(void **state)
{
	struct config *c = load();
	const struct condition *w = &c->channels[0].rules[1].when, *x;

	(void)state;
	assert_int_equal(c->channels[0].rules[1].not_before_s, 600);
	assert_int_equal(c->channels[0].rules[1].not_after_s, 86400);
	x = within(w, CONDITION_RATE, 0);
	assert_int_equal(x->rate.of, VERDICT_BY_DOMAIN);
	assert_int_equal(x->rate.per_s, 3600);
	assert_true(x->has_above && x->above.value == 20 * AMOUNT_ONE);
	x = within(w, CONDITION_RECIPIENTS, 0);
	assert_true(x->above.value == 3 * AMOUNT_ONE);
	assert_true(x->has_below && x->below.value == 9 * AMOUNT_ONE);
	x = within(w, CONDITION_ATTACHMENTS, 0);
	assert_true(!x->has_above && x->below.value == 2 * AMOUNT_ONE);
	x = within(w, CONDITION_CONFIDENCE, 0);
	assert_true(!x->has_above && x->below.value == 8000);
	assert_string_equal(
	    within(w, CONDITION_ATTACHMENT, 0)->list[0], "*.exe");
	assert_string_equal(within(w, CONDITION_CONTEXT, 0)->list[1], "why");
	assert_false(within(w, CONDITION_HOURS, 0)->inside);
	x = within(w, CONDITION_ANY, 0);
	assert_int_equal(x->n, 2);
	assert_true(within(&x->of[0], CONDITION_SIZE, 0)->above.value ==
		    INT64_C(1048576) * AMOUNT_ONE);
	x = within(&x->of[1], CONDITION_NONE, 0);
	assert_string_equal(
	    within(&x->of[0], CONDITION_RECIPIENT, 0)->list[0], "*@b.c");
	config_unref(c);
}

/* A list from a file that has no lines fits nothing. */
static void an_empty_file_fits_nothing(void **state)
{
	struct config *c = load();
	const struct condition *w = &c->channels[0].rules[2].when;

	(void)state;
	assert_int_equal(w->n, 1);
	assert_int_equal(w->of[0].kind, CONDITION_ANY);
	assert_int_equal(w->of[0].n, 0);
	assert_string_equal(w->of[0].option, "recipient");
	config_unref(c);
}

static void rates_are_gathered_once(void **state)
{
	struct config *c = load();

	(void)state;
	assert_int_equal(c->n_rates, 0);
	assert_int_equal(c->channels[0].n_rates, 1);
	assert_int_equal(c->channels[0].rates[0].per_s, 3600);
	assert_int_equal(c->channels[1].n_rates, 0);
	config_unref(c);
}

static void tests_are_read(void **state)
{
	struct config *c = load();
	const struct channel_test *t = c->channels[0].tests;

	(void)state;
	assert_int_equal(c->channels[0].n_tests, 1);
	assert_string_equal(t->name, "one");
	assert_string_equal(t->confidence, "0.9");
	assert_string_equal(t->to[0], "a@c.example");
	assert_string_equal(t->rule, "large");
	assert_string_equal(t->findings[0], "amount");
	assert_int_equal(t->expect, VERDICT_HOLD);
	assert_non_null(strstr(t->file, "/channels/mail.eml"));
	assert_null(t->known);
	config_unref(c);
}

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	assert_non_null(text);
	return text;
}

static void the_setup_has_the_plugins(void **state)
{
	struct config *c = load();
	json_t *root = json_loadb(c->setup.data, c->setup.len, 0, NULL);
	const json_t *plugin, *options, *list;

	(void)state;
	assert_non_null(root);
	assert_string_equal(text_of(root, "plugin_dir"), c->plugin_dir);
	plugin = json_array_get(
	    json_object_get(
		json_array_get(json_object_get(root, "channels"), 0),
		"plugins"),
	    0);
	assert_string_equal(text_of(plugin, "name"), "amount");
	options = json_object_get(plugin, "options");
	assert_int_equal(json_object_size(options), 5);
	assert_string_equal(text_of(options, "currency"), "EUR");
	assert_string_equal(text_of(options, "least"), "12.5");
	assert_string_equal(text_of(options, "deep"), "true");
	list = json_object_get(options, "n");
	assert_string_equal(json_string_value(json_array_get(list, 1)), "2");
	list = json_object_get(options, "list");
	assert_int_equal(json_array_size(list), 4);
	assert_string_equal(
	    json_string_value(json_array_get(list, 2)), "senior account");
	json_decref(root);
	config_unref(c);
}

static void the_setup_has_the_conditions(void **state)
{
	static const struct {
		const char *where, *pattern;
		bool global;
	} wanted[] = {
	    {"subject", "test", true},
	    {"header:X-Priority", "^1", false},
	    {"text", "(?<!\\w)(?:legal|senior\\s+account|C\\+\\+)(?!\\w)",
		false},
	    {"own", "a", false},
	    {"own", "b", false},
	};
	struct config *c = load();
	json_t *root = json_loadb(c->setup.data, c->setup.len, 0, NULL);
	const json_t *all = json_object_get(root, "conditions"), *one;
	bool seen[16] = {false};
	size_t i, mark;

	(void)state;
	assert_int_equal(json_array_size(all), 5);
	for (i = 0; i < 5; i++) {
		one = json_array_get(all, i);
		mark = (size_t)json_integer_value(json_object_get(one, "mark"));
		assert_true(mark < 16 && !seen[mark]);
		seen[mark] = true;
		assert_string_equal(text_of(one, "where"), wanted[i].where);
		assert_string_equal(text_of(one, "pattern"), wanted[i].pattern);
		assert_int_equal(
		    json_object_get(one, "channels") == NULL, wanted[i].global);
		assert_true(
		    json_integer_value(json_object_get(one, "line")) > 0);
	}
	json_decref(root);
	config_unref(c);
}

static void the_hash_is_of_all_files(void **state)
{
	static const struct {
		const char *name, *before, *after;
	} files[] = {
	    {"channels/words", "# words\nlegal\nC++\n",
		"# words\nlegal\nC--\n"},
	    {"channels/20-plain.conf", plain_text, NULL},
	    {"imprimatur.conf", main_text, NULL},
	};
	char before[65], longer[4096];
	struct config *c;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		put(files[i].name, files[i].before);
		c = load();
		assert_int_equal(strlen(c->hash), 64);
		snprintf(before, sizeof(before), "%s", c->hash);
		config_unref(c);
		c = load();
		assert_string_equal(c->hash, before);
		config_unref(c);
		snprintf(
		    longer, sizeof(longer), "%s# a remark\n", files[i].before);
		put(files[i].name, files[i].after ? files[i].after : longer);
		c = load();
		assert_string_not_equal(c->hash, before);
		config_unref(c);
	}
}

static void long_lists_become_several_patterns(void **state)
{
	char path[128];
	struct config *c;
	FILE *out;
	int i;

	(void)state;
	snprintf(path, sizeof(path), "%s/channels/words", folder);
	out = fopen(path, "we");
	for (i = 0; i < 5000; i++)
		fprintf(out, "a-long-word-%d\n", i);
	fclose(out);
	c = load();
	for (i = 0;
	     c->channels[0].rules[1].when.of[i].option != NULL &&
	     strcmp(c->channels[0].rules[1].when.of[i].option, "words") != 0;
	     i++)
		;
	assert_int_equal(
	    c->channels[0].rules[1].when.of[i].kind, CONDITION_ANY);
	assert_true(c->channels[0].rules[1].when.of[i].n > 5);
	assert_true(
	    strlen(c->channels[0].rules[1].when.of[i].of[0].pattern) < 16000);
	config_unref(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(people_are_read),
	    cmocka_unit_test(programs_are_read),
	    cmocka_unit_test(channels_are_read_in_name_order),
	    cmocka_unit_test(defaults_are_careful),
	    cmocka_unit_test(samples_have_bands),
	    cmocka_unit_test(warnings_are_put_into_the_ladder),
	    cmocka_unit_test(rules_are_read),
	    cmocka_unit_test(conditions_are_read),
	    cmocka_unit_test(an_empty_file_fits_nothing),
	    cmocka_unit_test(rates_are_gathered_once),
	    cmocka_unit_test(tests_are_read),
	    cmocka_unit_test(the_setup_has_the_plugins),
	    cmocka_unit_test(the_setup_has_the_conditions),
	    cmocka_unit_test(the_hash_is_of_all_files),
	    cmocka_unit_test(long_lists_become_several_patterns),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
