/*
 * Tests of people: who is asked, who stands in for whom, and who may approve
 * what.
 */
#include "config/people.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#define LIST(...)                                                              \
	(const char *const[])                                                  \
	{                                                                      \
		__VA_ARGS__, NULL                                              \
	}
#define NOW 1000000

static const struct config_absence away = {NOW - 10, NOW + 10};
static const struct amount small[] = {
    {100 * AMOUNT_ONE, "EUR"}, {150 * AMOUNT_ONE, "USD"}};
static const struct amount large[] = {{10000 * AMOUNT_ONE, "EUR"}};

static const char *const team[] = {"anna", "bob", "carla", NULL};
static const char *const bob_carla[] = {"bob", "carla", NULL};
static const char *const only_anna[] = {"anna", NULL};
static const char *const only_dave[] = {"dave", NULL};
static const char *const beyond_dave[] = {"legal", "secret-*", NULL};

enum { ANNA, BOB, CARLA, DAVE, EVE, ROOT, PEOPLE };

static struct config_reviewer people[PEOPLE];
static struct config_group groups[2];
static struct config_exchange exchanges[2];
static struct channel channels[1];
static struct channel_step steps[1];
static struct rule rules[1];
static struct config config;

/*
 * anna may do all, bob and carla little, dave up to 10000 EUR and nothing
 * legal, eve is of no channel, root is the admin.
 */
static int set_up(void **state)
{
	static const char *const names[] = {
	    "anna", "bob", "carla", "dave", "eve", "root"};

	(void)state;
	memset(people, 0, sizeof(people));
	for (size_t i = 0; i < PEOPLE; i++)
		people[i].name = names[i];
	people[BOB].n_limits = people[CARLA].n_limits = 2;
	people[BOB].limits = people[CARLA].limits = small;
	people[DAVE].n_limits = 1;
	people[DAVE].limits = large;
	people[DAVE].except = beyond_dave;
	people[ROOT].admin = true;
	groups[0] = (struct config_group){.name = "team", .members = team};
	groups[1] = (struct config_group){
	    .name = "turns", .members = team, .by_turns = true};
	exchanges[0] =
	    (struct config_exchange){.currency = "CHF", .is = {10500, "EUR"}};
	exchanges[1] =
	    (struct config_exchange){.currency = "USD", .is = {9000, "EUR"}};
	steps[0] = (struct channel_step){.after_s = 60, .ask = only_dave};
	rules[0] = (struct rule){.name = "legal", .ask = only_anna};
	channels[0] = (struct channel){.name = "support",
	    .owner = "dave",
	    .reviewers = bob_carla,
	    .persons = 1,
	    .n_steps = 1,
	    .steps = steps,
	    .n_rules = 1,
	    .rules = rules};
	config = (struct config){.n_reviewers = PEOPLE,
	    .reviewers = people,
	    .n_groups = 2,
	    .groups = groups,
	    .n_exchanges = 2,
	    .exchanges = exchanges,
	    .n_channels = 1,
	    .channels = channels};
	return 0;
}

static void goes_away(int who, const char *deputy)
{
	people[who].n_absences = 1;
	people[who].absences = &away;
	people[who].deputy = deputy;
}

/* Ask names about that demand; in: who was asked before. */
static void asks_with(const struct people_demand *demand,
    const char *const *names, uint64_t dice, const char *in, const char *want)
{
	const struct channel *channel =
	    *demand->channel != '\0' ? &channels[0] : NULL;
	struct buf out;

	buf_init(&out, 10000);
	buf_add_str(&out, in);
	people_ask(&config, channel, names, demand, NOW, dice, &out);
	assert_string_equal(out.data, want);
	buf_release(&out);
}

static void asks(const char *const *names, const char *demand, const char *want)
{
	struct people_demand d = {"support", "", demand, 0};

	asks_with(&d, names, 0, "", want);
}

static void resolves_groups(void **state)
{
	struct people_demand d = {"support", "", "", 0};

	(void)state;
	asks(LIST("team"), "", "anna\nbob\ncarla");
	asks(LIST("carla", "team", "carla"), "", "carla\nanna\nbob");
	asks_with(&d, LIST("team"), 0, "bob", "bob\nanna\ncarla");
	asks_with(&d, NULL, 0, "bob", "bob");
	/* a group is no member of a group, a stranger is nobody */
	groups[0].members = LIST("turns", "mallory", "bob");
	asks(LIST("team", "mallory"), "", "bob");
}

static void shares_by_turns(void **state)
{
	struct people_demand d = {"support", "", "", 0};
	unsigned count[3] = {0};
	struct buf out;

	(void)state;
	buf_init(&out, 100);
	for (uint64_t dice = 0; dice < 300; dice++) {
		buf_clear(&out);
		people_ask(
		    &config, &channels[0], LIST("turns"), &d, NOW, dice, &out);
		count[0] += strcmp(out.data, "anna") == 0;
		count[1] += strcmp(out.data, "bob") == 0;
		count[2] += strcmp(out.data, "carla") == 0;
	}
	buf_release(&out);
	assert_int_equal(count[0], 100);
	assert_int_equal(count[1], 100);
	assert_int_equal(count[2], 100);
	/* only among those who may, and who are there; a deputy once */
	d.demand = "amount 5000.00 EUR";
	asks_with(&d, LIST("turns"), 2, "", "anna");
	d.demand = "";
	goes_away(BOB, "anna");
	asks_with(&d, LIST("turns"), 0, "", "anna");
	asks_with(&d, LIST("turns"), 1, "", "carla");
	asks_with(&d, LIST("turns"), 2, "", "anna");
	asks_with(&d, LIST("turns"), UINT64_MAX, "", "carla");
}

static void asks_two_for_two(void **state)
{
	struct people_demand d = {"support", "", "", 2};

	(void)state;
	asks_with(&d, LIST("turns"), 2, "", "carla\nanna");
	asks_with(&d, LIST("bob"), 0, "", "bob\ndave");
	asks_with(&d, LIST("bob", "anna"), 0, "", "bob\nanna");
	/* who was asked before counts, and who cannot approve does not */
	asks_with(&d, LIST("bob"), 0, "anna", "anna\nbob");
	d.demand = "amount 200.00 EUR";
	asks_with(&d, LIST("bob", "anna"), 0, "bob", "bob\nanna\ndave");
	/* as the channel has it */
	channels[0].persons = 2;
	d = (struct people_demand){"support", "", "", 0};
	asks_with(&d, LIST("bob"), 0, "", "bob\ndave");
	goes_away(DAVE, NULL);
	asks_with(&d, LIST("bob"), 0, "", "bob\nroot");
}

static void finds_deputies(void **state)
{
	(void)state;
	goes_away(BOB, "carla");
	asks(LIST("bob"), "", "carla");
	asks(LIST("team"), "", "anna\ncarla");
	goes_away(CARLA, "anna");
	asks(LIST("bob"), "", "anna");
	/* rings end; then the owner, then the admins */
	goes_away(ANNA, "bob");
	asks(LIST("bob"), "", "dave");
	goes_away(DAVE, NULL);
	asks(LIST("bob"), "", "root");
	goes_away(ROOT, NULL);
	asks(LIST("bob"), "", "root");
	people[ROOT].admin = false;
	asks(LIST("bob"), "", "dave");
	channels[0].owner = NULL;
	asks(LIST("bob"), "", "anna\nbob\ncarla\ndave\neve\nroot");
}

static void deputies_are_equals(void **state)
{
	(void)state;
	goes_away(ANNA, "bob"); /* who may do less */
	asks(LIST("anna"), "", "dave");
	goes_away(ANNA, "eve");
	asks(LIST("anna"), "", "eve");
	goes_away(ROOT, "anna"); /* who is no admin */
	asks(LIST("root"), "", "dave");
	goes_away(ANNA, "mallory");
	asks(LIST("anna"), "", "dave");
}

static void compares_authority(void **state)
{
	static const struct amount chf[] = {{100 * AMOUNT_ONE, "CHF"}};
	static const struct amount less[] = {{90 * AMOUNT_ONE, "CHF"}};
	static const struct amount yen[] = {{90 * AMOUNT_ONE, "JPY"}};
	static const struct amount usd[] = {
	    {10000 * AMOUNT_ONE, "EUR"}, {50 * AMOUNT_ONE, "USD"}};
	struct config_reviewer *a = &people[BOB], *b = &people[CARLA];

	(void)state;
	assert_true(people_equal(&config, a, b));
	assert_true(people_equal(&config, a, &people[ANNA]));
	assert_false(people_equal(&config, &people[ANNA], a));
	assert_false(people_equal(&config, &people[ROOT], &people[ANNA]));
	assert_true(people_equal(&config, &people[ANNA], &people[ROOT]));
	/* what dave must not, bob may */
	assert_false(people_equal(&config, a, &people[DAVE]));
	people[DAVE].except = NULL;
	assert_true(people_equal(&config, a, &people[DAVE]));
	/* other currencies: 100 CHF are 105 EUR */
	b->n_limits = 1;
	b->limits = chf;
	a->n_limits = 1;
	assert_true(people_equal(&config, a, b));
	b->limits = less;
	assert_false(people_equal(&config, a, b));
	b->limits = yen;
	assert_false(people_equal(&config, a, b));
	assert_false(people_equal(&config, b, a));
	/* a limit of its own for what the other has none for */
	a->limits = large;
	b->n_limits = 2;
	b->limits = usd;
	assert_false(people_equal(&config, a, b));
	assert_true(people_equal(&config, b, a));
	/* patterns of findings */
	people[DAVE].except = LIST("secret-key");
	people[EVE].except = LIST("secret-*");
	people[DAVE].n_limits = 0;
	assert_true(people_equal(&config, &people[EVE], &people[DAVE]));
	assert_false(people_equal(&config, &people[DAVE], &people[EVE]));
}

/* want: NULL: yes; else words of the refusal. */
static void may(const char *who, const struct people_demand *demand,
    bool approve, const char *want)
{
	struct error err = ERROR_INIT;
	int rc = people_may(&config, who, demand, approve, NOW, &err);

	if (want == NULL && rc != 0)
		fail_msg("%s: %s", who, err.text);
	if (want == NULL)
		return;
	assert_int_equal(rc, -1);
	assert_int_equal(err.kind, ERROR_DENIED);
	if (strstr(err.text, want) == NULL)
		fail_msg("want \"%s\" in \"%s\"", want, err.text);
}

static void knows_who_has_a_say(void **state)
{
	struct people_demand d = {"support", "", "", 0};

	(void)state;
	may("bob", &d, true, NULL);
	may("dave", &d, true, NULL); /* owner, ladder */
	may("anna", &d, true, NULL); /* a rule may ask her */
	may("root", &d, true, NULL);
	may("eve", &d, false,
	    "'eve' was not asked about it and does not review channel "
	    "'support'; these may decide: anna, bob, carla, dave, root");
	may("mallory", &d, false, "not a reviewer");
	d.ask = "bob\neve";
	may("eve", &d, true, NULL);
	d.ask = "eveline\nbobeve";
	may("eve", &d, true, "was not asked");
	/* for somebody who is away, with equal authority */
	goes_away(BOB, "eve");
	may("eve", &d, true, NULL);
	goes_away(CARLA, "bob");
	people[BOB].n_absences = 0;
	may("eve", &d, true, "was not asked");
	goes_away(BOB, "eve");
	may("eve", &d, true, NULL);
	people[EVE].except = LIST("legal");
	may("eve", &d, true, "was not asked");
	/* bob, who is away, still may */
	may("bob", &d, true, NULL);
	/* without a channel everybody; after it has gone only who was asked */
	d.channel = "";
	may("eve", &d, true, NULL);
	d.channel = "gone";
	d.ask = "carla";
	may("carla", &d, true, NULL);
	may("root", &d, true, NULL);
	/* bob stands in for carla */
	may("dave", &d, false, "these may decide: bob, carla, root");
}

static void keeps_limits(void **state)
{
	struct people_demand d = {"support", "", "amount 100.00 EUR", 0};

	(void)state;
	may("bob", &d, true, NULL);
	d.demand = "finding note\namount 100.01 EUR";
	may("bob", &d, true,
	    "'bob' may approve up to 100.00 EUR, and this is about "
	    "100.01 EUR; these may approve: anna, dave, root");
	may("bob", &d, false, NULL); /* to drop it */
	may("anna", &d, true, NULL);
	d.demand = "amount 150.00 USD"; /* a limit of its own */
	may("bob", &d, true, NULL);
	d.demand = "amount 150.01 USD";
	may("bob", &d, true, "up to 150.00 USD");
	d.demand = "amount 95.00 CHF"; /* 99.75 EUR */
	may("bob", &d, true, NULL);
	d.demand = "amount 95.24 CHF"; /* 100.002 EUR */
	may("bob", &d, true, "up to 100.00 EUR");
	d.demand = "amount 1.00 JPY";
	may("bob", &d, true, "no limit for 1.00 JPY");
	may("anna", &d, true, NULL);
	d.demand = "amount a lot";
	may("bob", &d, true, "no limit");
	d.demand = "amount -500.00 EUR"; /* as large as the other way */
	may("bob", &d, true, "up to 100.00 EUR");
	/* admins have limits too, if they were given some */
	people[ROOT].n_limits = 1;
	people[ROOT].limits = large;
	d.demand = "amount 10000.01 EUR";
	may("root", &d, true, "up to 10000.00 EUR");
}

static void keeps_exceptions(void **state)
{
	struct people_demand d = {"support", "", "finding legal", 0};

	(void)state;
	may("bob", &d, true, NULL);
	may("dave", &d, true,
	    "a draft with 'finding legal' is not for 'dave' to approve; these "
	    "may: anna, bob, carla, root");
	may("dave", &d, false, NULL);
	d.demand = "finding secret-key\n";
	may("dave", &d, true, "finding secret-key");
	d.demand = "finding secret";
	may("dave", &d, true, NULL);
	d.demand = "something new";
	may("anna", &d, true, "these may: nobody in the configuration");
}

static void asks_only_who_may(void **state)
{
	(void)state;
	asks(LIST("team"), "amount 9000.00 EUR", "anna");
	asks(LIST("bob", "carla"), "amount 9000.00 EUR", "dave");
	asks(LIST("bob", "carla"), "amount 10001.00 EUR", "root");
	asks(LIST("dave"), "finding legal", "root");
	/* nobody: the admins are told */
	people[ROOT].n_limits = 1;
	people[ROOT].limits = small;
	asks(LIST("bob"), "amount 99999.00 EUR", "root");
}

static void asks_without_a_channel(void **state)
{
	struct people_demand d = {"", "", "", 0};

	(void)state;
	asks_with(&d, LIST("bob"), 0, "", "bob");
	asks_with(&d, LIST("mallory"), 0, "", "root");
	asks_with(&d, NULL, 0, "", "root");
}

static void knows_absence(void **state)
{
	static const struct config_absence two[] = {{10, 20}, {30, 40}};
	struct config_reviewer r = {.n_absences = 2, .absences = two};

	(void)state;
	assert_false(people_absent(&r, 9));
	assert_true(people_absent(&r, 10));
	assert_true(people_absent(&r, 19));
	assert_false(people_absent(&r, 20));
	assert_true(people_absent(&r, 39));
	assert_false(people_absent(&r, 40));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(resolves_groups, set_up),
	    cmocka_unit_test_setup(shares_by_turns, set_up),
	    cmocka_unit_test_setup(asks_two_for_two, set_up),
	    cmocka_unit_test_setup(finds_deputies, set_up),
	    cmocka_unit_test_setup(deputies_are_equals, set_up),
	    cmocka_unit_test_setup(compares_authority, set_up),
	    cmocka_unit_test_setup(knows_who_has_a_say, set_up),
	    cmocka_unit_test_setup(keeps_limits, set_up),
	    cmocka_unit_test_setup(keeps_exceptions, set_up),
	    cmocka_unit_test_setup(asks_only_who_may, set_up),
	    cmocka_unit_test_setup(asks_without_a_channel, set_up),
	    cmocka_unit_test_setup(knows_absence, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
