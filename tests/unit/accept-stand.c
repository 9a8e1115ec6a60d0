/*
 * accept-stand: the states, and the walk through a table.
 */
#include "accept-stand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "accept-fixture.h"

unsigned stand_say(
    struct stand *stand, const char *line, size_t len, struct command *c)
{
	command_run(&stand->session, (struct span){line, len}, c);
	return c->reply.code;
}

void stand_must(struct stand *stand, const char *line, unsigned code)
{
	struct command c;

	assert_int_equal(stand_say(stand, line, strlen(line), &c), code);
}

void stand_up(struct stand *stand)
{
	memset(stand, 0, sizeof(*stand));
	stand->config = fixture_config(false);
	stand->listener = stand->config->listeners[0];
	stand->hooks.address = fixture_address;
	stand->session.config = stand->config;
	stand->session.listener = &stand->listener;
	stand->session.hooks = &stand->hooks;
	stand->session.peer = "127.0.0.1";
}

void stand_down(struct stand *stand)
{
	command_forget(&stand->session);
	fixture_free(stand->config);
}

void stand_log_in(struct stand *stand)
{
	stand->session.agent = config_agent(stand->config, "demo");
}

void stand_go_to(struct stand *stand, enum stand_start start)
{
	if (start == SECURE)
		stand->listener.tls = CONFIG_TLS_STARTTLS;
	if (start == SECURE || start == OUTSIDE)
		stand->listener.reviews = false;
	if (start == SECURE)
		stand->listener.clear_auth = false;
	if (start == ANSWERS)
		stand->listener.agents = false;
	if (start == HELO)
		stand->listener.reviews = false;
	if (start != NEW)
		stand_must(stand,
		    start == HELO ? "HELO c.example" : "EHLO c.example", 250);
	if (start == NULLED)
		stand_must(stand, "MAIL FROM:<>", 250);
	if (start >= AGENT && start <= CHUNKED)
		stand_log_in(stand);
	if (start >= MAILED && start <= CHUNKED)
		stand_must(stand,
		    start == UTF8 ? "MAIL FROM:<a@demo.example> SMTPUTF8"
				  : "MAIL FROM:<a@demo.example>",
		    250);
	if (start == READY || start == CHUNKED)
		stand_must(stand, "RCPT TO:<b@x.example>", 250);
	if (start == CHUNKED) {
		struct command c;

		stand_say(stand, "BDAT 5", 6, &c);
		assert_int_equal(c.reply.then, REPLY_CHUNK);
	}
}

static bool same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

void stand_walk(const struct stand_row *rows, size_t n)
{
	struct stand stand;
	struct command c;
	size_t i, wrong = 0;

	for (i = 0; i < n; i++) {
		stand_up(&stand);
		stand_go_to(&stand, rows[i].start);
		stand_say(&stand, rows[i].line, rows[i].len, &c);
		if (c.reply.code != rows[i].code ||
		    !same(c.reply.enhanced, rows[i].enhanced)) {
			print_error("\"%s\": %u %s, wanted %u %s\n",
			    rows[i].line, c.reply.code,
			    c.reply.enhanced ? c.reply.enhanced : "-",
			    rows[i].code,
			    rows[i].enhanced ? rows[i].enhanced : "-");
			wrong++;
		}
		stand_down(&stand);
	}
	assert_int_equal(wrong, 0);
}
