/*
 * Tests of accept/sasl, accept/auth and accept/peer: what a login says, whether
 * it is right, what a refusal costs, and how often one may be wrong.
 */
#include "accept/auth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "accept-fixture.h"
#include "accept/peer.h"
#include "accept/sasl.h"
#include "util/digest.h"
#include "util/job.h"

static struct span span_of(const char *s)
{
	return (struct span){s, strlen(s)};
}

/* ---- sasl --------------------------------------------------------------- */

struct exchange {
	const char *mechanism;
	const char *lines[3];
	enum sasl_step end;
	const char *name, *secret; /* after SASL_DONE */
};

static const struct exchange exchanges[] = {
    {"PLAIN", {"AGRlbW8AcGFzcw=="}, SASL_DONE, "demo", "pass"},
    {"plain", {"", "AGRlbW8AcGFzcw=="}, SASL_DONE, "demo", "pass"},
    {"PLAIN", {"ZGVtbwBkZW1vAHBhc3M="}, SASL_DONE, "demo", "pass"},
    {"PLAIN", {"cm9vdABkZW1vAHBhc3M="}, SASL_MALFORMED, NULL, NULL},
    {"PLAIN", {"AGRlbW8A"}, SASL_DONE, "demo", ""},
    {"PLAIN", {"AGRlbW8="}, SASL_MALFORMED, NULL, NULL},
    {"PLAIN", {"AAA="}, SASL_MALFORMED, NULL, NULL},
    {"PLAIN", {"AABw"}, SASL_MALFORMED, NULL, NULL},
    {"PLAIN", {"="}, SASL_MALFORMED, NULL, NULL},
    {"PLAIN", {"", ""}, SASL_MALFORMED, NULL, NULL},
    {"PLAIN", {"", "="}, SASL_MALFORMED, NULL, NULL},
    {"PLAIN", {"", "*"}, SASL_CANCELLED, NULL, NULL},
    {"PLAIN", {"*"}, SASL_MALFORMED, NULL, NULL},
    {"PLAIN", {"AGRlbW8AcGFzcw="}, SASL_MALFORMED, NULL, NULL},
    {"PLAIN", {"AGRlbW8A cGFzcw=="}, SASL_MALFORMED, NULL, NULL},
    {"LOGIN", {"", "ZGVtbw==", "cGFzcw=="}, SASL_DONE, "demo", "pass"},
    {"LOGIN", {"ZGVtbw==", "cGFzcw=="}, SASL_DONE, "demo", "pass"},
    {"login", {"ZGVtbw==", ""}, SASL_DONE, "demo", ""},
    {"LOGIN", {"", "*"}, SASL_CANCELLED, NULL, NULL},
    {"LOGIN", {"", "ZGVtbw==", "*"}, SASL_CANCELLED, NULL, NULL},
    {"LOGIN", {"", ""}, SASL_MALFORMED, NULL, NULL},
    {"LOGIN", {"="}, SASL_MALFORMED, NULL, NULL},
    {"LOGIN", {"", "ZGUAbW8="}, SASL_MALFORMED, NULL, NULL},
    {"LOGIN", {"", "!"}, SASL_MALFORMED, NULL, NULL},
};

static void try_exchange(const struct exchange *x)
{
	struct sasl *sasl = sasl_new(span_of(x->mechanism));
	enum sasl_step step = SASL_MORE;
	const char *challenge;
	size_t i;

	assert_non_null(sasl);
	for (i = 0; step == SASL_MORE; i++)
		step = sasl_feed(sasl, span_of(x->lines[i]), &challenge);
	assert_int_equal(step, x->end);
	if (step == SASL_DONE) {
		assert_string_equal(sasl_name(sasl), x->name);
		assert_int_equal(sasl_secret(sasl).len, strlen(x->secret));
		assert_memory_equal(
		    sasl_secret(sasl).data, x->secret, strlen(x->secret));
	}
	sasl_free(sasl);
}

static void exchanges_end_as_wanted(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(exchanges) / sizeof(exchanges[0]); i++)
		try_exchange(&exchanges[i]);
	assert_null(sasl_new(span_of("CRAM-MD5")));
	assert_null(sasl_new(span_of("")));
	assert_null(sasl_new(span_of("PLAINX")));
}

static void challenges_are_those_of_login(void **state)
{
	struct sasl *sasl = sasl_new(span_of("LOGIN"));
	const char *challenge;

	(void)state;
	sasl_feed(sasl, span_of(""), &challenge);
	assert_string_equal(challenge, "VXNlcm5hbWU6");
	sasl_feed(sasl, span_of("ZGVtbw=="), &challenge);
	assert_string_equal(challenge, "UGFzc3dvcmQ6");
	sasl_free(sasl);
	sasl = sasl_new(span_of("PLAIN"));
	sasl_feed(sasl, span_of(""), &challenge);
	assert_string_equal(challenge, "");
	sasl_free(sasl);
}

static void much_too_long_logins_are_malformed(void **state)
{
	struct sasl *sasl = sasl_new(span_of("PLAIN"));
	const char *challenge;
	char line[12289];

	(void)state;
	memset(line, 'A', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	assert_int_equal(
	    sasl_feed(sasl, span_of(line), &challenge), SASL_MALFORMED);
	sasl_free(sasl);
}

/* ---- auth --------------------------------------------------------------- */

struct desk {
	struct event_base *base;
	struct job_queue *jobs;
	struct config *config;
	struct auth *auth;
	unsigned answers;
	const struct config_agent *answer;
};

static void open_desk(struct desk *desk, bool slow)
{
	memset(desk, 0, sizeof(*desk));
	desk->base = event_base_new();
	desk->jobs = job_pool_new(desk->base, 1);
	desk->config = fixture_config(slow);
	desk->auth = auth_new(desk->config, desk->jobs);
}

static void close_desk(struct desk *desk)
{
	auth_free(desk->auth);
	job_queue_free(desk->jobs);
	fixture_free(desk->config);
	event_base_free(desk->base);
}

static void on_answer(const struct config_agent *agent, void *context)
{
	struct desk *desk = context;

	desk->answers++;
	desk->answer = agent;
}

static enum auth_result ask(struct desk *desk, const char *name,
    const char *secret, const struct config_agent **agent,
    struct auth_login **login)
{
	const struct auth_question question = {
	    name, span_of(secret), on_answer, desk};

	*agent = NULL;
	return auth_check(desk->auth, &question, agent, login);
}

/* Whoever it is found to be, now or later. */
static const char *who(struct desk *desk, const char *name, const char *secret)
{
	const struct config_agent *agent;
	struct auth_login *login;
	unsigned before = desk->answers;

	if (ask(desk, name, secret, &agent, &login) == AUTH_PENDING) {
		while (desk->answers == before)
			event_base_loop(desk->base, EVLOOP_ONCE);
		agent = desk->answer;
	}
	return agent == NULL ? "" : agent->name;
}

static void cheap_secrets_are_checked_at_once(void **state)
{
	const struct config_agent *agent;
	struct auth_login *login;
	struct desk desk;

	(void)state;
	open_desk(&desk, false);
	assert_int_equal(
	    ask(&desk, "demo", "demo", &agent, &login), AUTH_GRANTED);
	assert_string_equal(agent->name, "demo");
	assert_int_equal(
	    ask(&desk, "demo", "Demo", &agent, &login), AUTH_REFUSED);
	assert_int_equal(ask(&desk, "demo", "", &agent, &login), AUTH_REFUSED);
	assert_int_equal(
	    ask(&desk, "nobody", "demo", &agent, &login), AUTH_REFUSED);
	assert_int_equal(ask(&desk, "", "demo", &agent, &login), AUTH_REFUSED);
	/* trusted by its network, so no password is right */
	assert_int_equal(ask(&desk, "local", "", &agent, &login), AUTH_REFUSED);
	assert_int_equal(job_pending(desk.jobs), 0);
	close_desk(&desk);
}

static void dear_secrets_are_checked_on_a_thread(void **state)
{
	const struct config_agent *agent;
	struct auth_login *login;
	struct desk desk;

	(void)state;
	open_desk(&desk, true);
	assert_string_equal(who(&desk, "slow", "wrong"), "");
	assert_string_equal(who(&desk, "slow", "slow"), "slow");
	assert_int_equal(desk.answers, 2);
	/* the second time it is remembered; a wrong one never is */
	assert_int_equal(
	    ask(&desk, "slow", "slow", &agent, &login), AUTH_GRANTED);
	assert_string_equal(agent->name, "slow");
	assert_int_equal(
	    ask(&desk, "slow", "wrong", &agent, &login), AUTH_PENDING);
	close_desk(&desk);
}

/* Each refusal takes the dear way, so time tells nothing of who exists. */
static void refusals_cost_the_same(void **state)
{
	const struct config_agent *agent;
	struct auth_login *login;
	struct desk desk;

	(void)state;
	open_desk(&desk, true);
	assert_int_equal(
	    ask(&desk, "slow", "wrong", &agent, &login), AUTH_PENDING);
	assert_int_equal(
	    ask(&desk, "demo", "wrong", &agent, &login), AUTH_PENDING);
	assert_int_equal(
	    ask(&desk, "nobody", "wrong", &agent, &login), AUTH_PENDING);
	assert_int_equal(
	    ask(&desk, "local", "wrong", &agent, &login), AUTH_PENDING);
	assert_string_equal(who(&desk, "demo", "slow"), "");
	assert_string_equal(who(&desk, "demo", "demo"), "demo");
	close_desk(&desk);
}

static void a_crowd_is_turned_away(void **state)
{
	const struct config_agent *agent;
	struct auth_login *login;
	struct desk desk;
	unsigned i;

	(void)state;
	open_desk(&desk, true);
	for (i = 0; i < AUTH_WAITING_MOST; i++)
		assert_int_equal(
		    ask(&desk, "slow", "wrong", &agent, &login), AUTH_PENDING);
	assert_int_equal(ask(&desk, "slow", "slow", &agent, &login), AUTH_BUSY);
	assert_int_equal(
	    ask(&desk, "demo", "demo", &agent, &login), AUTH_GRANTED);
	while (desk.answers < AUTH_WAITING_MOST)
		event_base_loop(desk.base, EVLOOP_ONCE);
	assert_string_equal(who(&desk, "slow", "slow"), "slow");
	close_desk(&desk);
}

static void whoever_left_is_not_answered(void **state)
{
	const struct config_agent *agent;
	struct auth_login *login;
	struct desk desk;

	(void)state;
	open_desk(&desk, true);
	ask(&desk, "slow", "slow", &agent, &login);
	auth_forget(login);
	assert_string_equal(who(&desk, "slow", "wrong"), "");
	assert_int_equal(desk.answers, 1);
	/* and the room may close while a password is looked at */
	ask(&desk, "slow", "again", &agent, &login);
	close_desk(&desk);
	assert_int_equal(desk.answers, 1);
}

/* ---- peer --------------------------------------------------------------- */

static void connections_are_counted(void **state)
{
	struct peer_table *table = peer_table_new(3);
	struct peer *a, *b, *c;

	(void)state;
	a = peer_take(table, "192.0.2.1", 2);
	b = peer_take(table, "192.0.2.1", 2);
	assert_ptr_equal(a, b);
	assert_null(peer_take(table, "192.0.2.1", 2));
	c = peer_take(table, "192.0.2.2", 2);
	assert_non_null(c);
	assert_ptr_not_equal(a, c);
	peer_put(table, b);
	b = peer_take(table, "192.0.2.1", 2);
	assert_non_null(b);
	peer_put(table, a);
	peer_put(table, b);
	peer_put(table, c);
	peer_table_free(table);
}

static void a_network_of_ipv6_is_one_peer(void **state)
{
	struct peer_table *table = peer_table_new(3);
	struct peer *a = peer_take(table, "2001:db8:1:2::1", 2);
	struct peer *b = peer_take(table, "2001:db8:1:2:ffff::9", 2);
	struct peer *c = peer_take(table, "2001:db8:1:3::1", 2);

	(void)state;
	assert_ptr_equal(a, b);
	assert_ptr_not_equal(a, c);
	peer_put(table, a);
	peer_put(table, b);
	peer_put(table, c);
	peer_table_free(table);
}

static void failures_are_counted_by_the_minute(void **state)
{
	struct peer_table *table = peer_table_new(3);
	struct peer *p = peer_take(table, "192.0.2.1", 2);

	(void)state;
	assert_true(peer_may_try(table, p, 1000));
	assert_true(peer_may_try(table, p, 1001));
	peer_forgive(p);
	assert_true(peer_may_try(table, p, 1002));
	assert_true(peer_may_try(table, p, 1003));
	assert_false(peer_may_try(table, p, 60999));
	/* a new connection changes nothing */
	peer_put(table, p);
	p = peer_take(table, "192.0.2.1", 2);
	assert_false(peer_may_try(table, p, 60999));
	assert_true(peer_may_try(table, p, 61000));
	peer_put(table, p);
	peer_table_free(table);
}

static void old_failures_are_swept(void **state)
{
	struct peer_table *table = peer_table_new(1);
	char address[32];
	struct peer *p;
	unsigned i;

	(void)state;
	for (i = 0; i < 2000; i++) {
		snprintf(
		    address, sizeof(address), "192.0.%u.%u", i / 256, i % 256);
		p = peer_take(table, address, 1);
		assert_true(peer_may_try(table, p, 1000 + (int64_t)i * 1000));
		peer_put(table, p);
	}
	p = peer_take(table, address, 1);
	assert_false(peer_may_try(table, p, 1000 + 1999 * 1000));
	peer_put(table, p);
	peer_table_free(table);
}

static void addresses_are_written(void **state)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	const struct sockaddr none = {.sa_family = AF_UNIX};
	char out[PEER_ADDRESS_SIZE];

	(void)state;
	inet_pton(AF_INET, "192.0.2.1", &v4.sin_addr);
	peer_address((struct sockaddr *)&v4, out);
	assert_string_equal(out, "192.0.2.1");
	inet_pton(AF_INET6, "2001:db8::1", &v6.sin6_addr);
	peer_address((struct sockaddr *)&v6, out);
	assert_string_equal(out, "2001:db8::1");
	inet_pton(AF_INET6, "::ffff:192.0.2.9", &v6.sin6_addr);
	peer_address((struct sockaddr *)&v6, out);
	assert_string_equal(out, "192.0.2.9");
	peer_address(&none, out);
	assert_string_equal(out, "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(exchanges_end_as_wanted),
	    cmocka_unit_test(challenges_are_those_of_login),
	    cmocka_unit_test(much_too_long_logins_are_malformed),
	    cmocka_unit_test(cheap_secrets_are_checked_at_once),
	    cmocka_unit_test(dear_secrets_are_checked_on_a_thread),
	    cmocka_unit_test(refusals_cost_the_same),
	    cmocka_unit_test(a_crowd_is_turned_away),
	    cmocka_unit_test(whoever_left_is_not_answered),
	    cmocka_unit_test(connections_are_counted),
	    cmocka_unit_test(a_network_of_ipv6_is_one_peer),
	    cmocka_unit_test(failures_are_counted_by_the_minute),
	    cmocka_unit_test(old_failures_are_swept),
	    cmocka_unit_test(addresses_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
