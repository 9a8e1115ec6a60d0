/*
 * Tests of accept/command: a table of lines, each said in some state of a
 * session, with the exact reply that is wanted; and what lines leave behind.
 */
#include "accept/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "accept-fixture.h"
#include "accept-stand.h"

#define A64  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A63  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define X100 A64 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

#define FROM "MAIL FROM:<a@demo.example>"
#define RCPT "RCPT TO:<b@x.example>"

static const struct stand_row order[] = {
    R(NEW, "", 500, "5.5.1"),
    R(NEW, " ", 500, "5.5.1"),
    R(NEW, "MAIL FROM:<a@demo.example>", 503, "5.5.1"),
    R(NEW, "RCPT TO:<b@x.example>", 503, "5.5.1"),
    R(NEW, "DATA", 503, "5.5.1"),
    R(NEW, "BDAT 5", 503, "5.5.1"),
    R(NEW, "AUTH PLAIN", 503, "5.5.1"),
    R(NEW, "STARTTLS", 502, "5.5.1"),
    R(NEW, "RSET", 250, "2.0.0"),
    R(NEW, "NOOP", 250, "2.0.0"),
    R(NEW, "QUIT", 221, "2.0.0"),
    R(NEW, "HELP", 214, "2.0.0"),
    R(NEW, "VRFY root", 252, "2.0.0"),
    R(NEW, "EHLO a.example", 250, NULL),
    R(NEW, "ehlo a.example", 250, NULL),
    R(NEW, "HELO a.example", 250, NULL),
    R(GREETED, "EHLO b.example", 250, NULL),
    R(GREETED, "RCPT TO:<b@x.example>", 503, "5.5.1"),
    R(GREETED, "DATA", 503, "5.5.1"),
    R(GREETED, "BDAT 0 LAST", 503, "5.5.1"),
    R(GREETED, "STARTTLS", 502, "5.5.1"),
    R(SECURE, "STARTTLS", 220, "2.0.0"),
    R(SECURE, "starttls", 220, "2.0.0"),
    R(SECURE, "STARTTLS now", 501, "5.5.4"),
    R(MAILED, "MAIL FROM:<a@demo.example>", 503, "5.5.1"),
    R(MAILED, "AUTH PLAIN", 503, "5.5.1"),
    R(MAILED, "DATA", 503, "5.5.1"),
    R(MAILED, "BDAT 5 LAST", 503, "5.5.1"),
    R(MAILED, "RSET", 250, "2.0.0"),
    R(READY, "DATA", 354, NULL),
    R(READY, "data", 354, NULL),
    R(READY, "DATA now", 501, "5.5.4"),
    R(READY, "MAIL FROM:<a@demo.example>", 503, "5.5.1"),
    R(READY, "RCPT TO:<c@x.example>", 250, "2.1.5"),
    R(READY, "RCPT TO:<b@x.example>", 250, "2.1.5"),
    R(READY, "NOOP", 250, "2.0.0"),
    R(READY, "VRFY b", 252, "2.0.0"),
    R(CHUNKED, "DATA", 503, "5.5.1"),
    R(CHUNKED, "RCPT TO:<c@x.example>", 503, "5.5.1"),
    R(CHUNKED, "MAIL FROM:<a@demo.example>", 503, "5.5.1"),
    R(CHUNKED, "RSET", 250, "2.0.0"),
    R(CHUNKED, "NOOP", 250, "2.0.0"),
    R(CHUNKED, "QUIT", 221, "2.0.0"),
};

static const struct stand_row words[] = {
    R(NEW, "EHLO", 501, "5.5.4"),
    R(NEW, "EHLO ", 501, "5.5.4"),
    R(NEW, "HELO", 501, "5.5.4"),
    R(NEW, "EHLO a b", 501, "5.5.4"),
    R(NEW, "EHLO a(b)", 501, "5.5.4"),
    R(NEW, "EHLO <a>", 501, "5.5.4"),
    R(NEW, "EHLO a;b", 501, "5.5.4"),
    R(NEW, "EHLO \xc3\xa9.example", 500, "5.5.2"),
    R(NEW, "EHLO [192.0.2.1]", 250, NULL),
    R(NEW, "EHLO [IPv6:2001:db8::1]", 250, NULL),
    R(NEW, "EHLO my_laptop", 250, NULL),
    R(NEW, "EHLO localhost  ", 250, NULL),
    R(NEW, "EHLO " X100 X100 "x" A64 "x", 501, "5.5.4"),
    R(NEW, "EHLOO a", 500, "5.5.1"),
    R(NEW, "EHL a", 500, "5.5.1"),
    R(NEW, "E", 500, "5.5.1"),
    R(NEW, "RSET x", 501, "5.5.4"),
    R(NEW, "RSET  ", 250, "2.0.0"),
    R(NEW, "QUIT x", 501, "5.5.4"),
    R(NEW, "NOOP x y", 250, "2.0.0"),
    R(NEW, "HELP me", 214, "2.0.0"),
    R(NEW, " NOOP", 500, "5.5.1"),
    R(NEW, "NOOP\t", 500, "5.5.2"),
    R(NEW, "\tNOOP", 500, "5.5.2"),
    R(NEW, "NO\0OP", 500, "5.5.2"),
    R(NEW, "NOOP\0", 500, "5.5.2"),
    R(NEW, "NOOP\rQUIT", 500, "5.5.2"),
    R(NEW, "NOOP\r", 500, "5.5.2"),
    R(NEW, "NOOP\x7f", 500, "5.5.2"),
    R(NEW, "NOOP \x80", 500, "5.5.2"),
    R(NEW, "NOOP \xc3\xa9", 500, "5.5.2"),
    R(NEW, "VRFY \xc3\xa9", 252, "2.0.0"),
    R(NEW, "EXPN list", 502, "5.5.1"),
    R(NEW, "ETRN x", 502, "5.5.1"),
    R(NEW, "TURN", 502, "5.5.1"),
    R(NEW, "ATRN", 502, "5.5.1"),
    R(NEW, "DEBUG", 502, "5.5.1"),
    R(NEW, "SEND FROM:<a@demo.example>", 502, "5.5.1"),
    R(NEW, "SOML FROM:<a@demo.example>", 502, "5.5.1"),
    R(NEW, "SAML FROM:<a@demo.example>", 502, "5.5.1"),
    R(NEW, "BURL x", 502, "5.5.1"),
    R(NEW, "XCLIENT ADDR=192.0.2.1", 502, "5.5.1"),
    R(AGENT, "XCLIENT LOGIN=slow", 502, "5.5.1"),
    R(NEW, "XFORWARD NAME=x", 502, "5.5.1"),
    R(NEW, "GET / HTTP/1.1", 554, "5.5.1"),
    R(NEW, "POST /x HTTP/1.1", 554, "5.5.1"),
    R(NEW, "HEAD / HTTP/1.0", 554, "5.5.1"),
    R(NEW, "PUT / HTTP/1.1", 554, "5.5.1"),
    R(NEW, "DELETE / HTTP/1.1", 554, "5.5.1"),
    R(NEW, "OPTIONS * HTTP/1.1", 554, "5.5.1"),
    R(NEW, "CONNECT x:25 HTTP/1.1", 554, "5.5.1"),
    R(NEW, "TRACE / HTTP/1.1", 554, "5.5.1"),
    R(NEW, "PROXY TCP4 192.0.2.1 192.0.2.2 1 2", 554, "5.5.1"),
    R(READY, "GET / HTTP/1.1", 554, "5.5.1"),
    R(NEW, "Host: x", 500, "5.5.1"),
    R(NEW, "BDAT", 501, "5.5.4"),
    R(READY, "BDAT", 501, "5.5.4"),
    R(READY, "BDAT x", 501, "5.5.4"),
    R(READY, "BDAT -1", 501, "5.5.4"),
    R(READY, "BDAT +1", 501, "5.5.4"),
    R(READY, "BDAT 0x10", 501, "5.5.4"),
    R(READY, "BDAT 1 FIRST", 501, "5.5.4"),
    R(READY, "BDAT 1 LAST LAST", 501, "5.5.4"),
    R(READY, "BDAT 1  LAST", 501, "5.5.4"),
    R(READY, "BDAT LAST", 501, "5.5.4"),
    R(READY, "BDAT 123456789012345678901", 501, "5.5.4"),
    R(READY, "BDAT 18446744073709551616", 552, "5.3.4"),
    R(READY, "BDAT 18446744073709551615", 552, "5.3.4"),
    R(READY, "BDAT 9223372036854775808 LAST", 552, "5.3.4"),
};

static const struct stand_row rights[] = {
    R(GREETED, FROM, 250, "2.1.0"), /* it may be a reply yet */
    R(GREETED, "MAIL FROM:<>", 250, "2.1.0"),
    R(OUTSIDE, FROM, 530, "5.7.0"),
    R(OUTSIDE, "MAIL FROM:<>", 530, "5.7.0"),
    R(OUTSIDE, "MAIL FROM:<you@localhost>", 530, "5.7.0"),
    R(SECURE, FROM, 530, "5.7.0"),
    R(SECURE, "AUTH PLAIN", 538, "5.7.11"),
    R(SECURE, "AUTH LOGIN ZGVtbw==", 538, "5.7.11"),
    R(ANSWERS, "AUTH PLAIN", 502, "5.5.1"),
    R(ANSWERS, "MAIL FROM:<you@localhost>", 250, "2.1.0"),
    R(NULLED, "RCPT TO:<b@x.example>", 530, "5.7.0"),
    R(NULLED, "RCPT TO:<you@localhost>", 530, "5.7.0"),
    R(NULLED, "RCPT TO:<" FIXTURE_REVIEW ">", 250, "2.1.5"),
    R(NULLED, "RCPT TO:<D-RIGHT@Review.Localhost>", 250, "2.1.5"),
    R(NULLED, "RCPT TO:<" FIXTURE_FORGED ">", 550, "5.1.1"),
    R(MAILED, "RCPT TO:<" FIXTURE_REVIEW ">", 550, "5.7.1"),
    R(MAILED, "RCPT TO:<" FIXTURE_FORGED ">", 550, "5.7.1"),
    R(READY, "RCPT TO:<" FIXTURE_REVIEW ">", 550, "5.7.1"),
    R(HELO, "AUTH PLAIN", 503, "5.5.1"),
    R(AGENT, "AUTH PLAIN", 503, "5.5.1"),
    R(GREETED, "AUTH", 501, "5.5.4"),
    R(GREETED, "AUTH PLAIN", 334, NULL),
    R(GREETED, "auth plain", 334, NULL),
    R(GREETED, "AUTH LOGIN", 334, NULL),
    R(GREETED, "AUTH CRAM-MD5", 504, "5.5.4"),
    R(GREETED, "AUTH SCRAM-SHA-256", 504, "5.5.4"),
    R(GREETED, "AUTH PLAIN !!!!", 501, "5.5.2"),
    R(GREETED, "AUTH PLAIN AGRlbW8AZGVtb", 501, "5.5.2"),
    R(GREETED, "AUTH PLAIN =", 501, "5.5.2"),
    R(GREETED, "AUTH LOGIN =", 501, "5.5.2"),
    R(GREETED, "AUTH PLAIN AGRlbW8=", 501, "5.5.2"),
    R(GREETED, "AUTH PLAIN AGRlbW8AZGVtbwB4", 501, "5.5.2"),
    R(GREETED, "AUTH LOGIN ZGVtbw==", 334, NULL),
};

WALK(commands_come_in_order, order)
WALK(words_are_strict, words)
WALK(rights_are_kept, rights)

/* ---- what lines leave behind -------------------------------------------- */

static void envelope_is_kept_as_given(void **state)
{
	struct stand stand;
	const struct envelope *e;

	(void)state;
	stand_up(&stand);
	stand_go_to(&stand, AGENT);
	stand_must(&stand,
	    "MAIL FROM:<A@Demo.Example> RET=HDRS ENVID=x+2By BODY=8BITMIME "
	    "SMTPUTF8",
	    250);
	stand_must(&stand,
	    "RCPT TO:<\"b c\"@X.example> NOTIFY=SUCCESS,DELAY "
	    "ORCPT=rfc822;b+2Bc@x",
	    250);
	stand_must(&stand, "RCPT TO:<d@x.example>", 250);
	e = &stand.session.transaction->message->envelope;
	assert_string_equal(e->from, "A@Demo.Example");
	assert_string_equal(e->envid, "x+2By");
	assert_int_equal(e->ret, MESSAGE_RET_HDRS);
	assert_int_equal(e->body, MESSAGE_BODY_8BITMIME);
	assert_true(e->smtputf8);
	assert_int_equal(e->n_recipients, 2);
	assert_string_equal(e->recipients[0].address, "\"b c\"@X.example");
	assert_string_equal(e->recipients[0].orcpt, "rfc822;b+2Bc@x");
	assert_int_equal(e->recipients[0].notify,
	    MESSAGE_NOTIFY_SUCCESS | MESSAGE_NOTIFY_DELAY);
	assert_null(e->recipients[1].orcpt);
	assert_int_equal(e->recipients[1].notify, 0);
	stand_down(&stand);
}

static void recipients_are_kept_once(void **state)
{
	struct stand stand;
	char line[64];
	unsigned i;

	(void)state;
	stand_up(&stand);
	stand_go_to(&stand, READY);
	stand_must(&stand, "RCPT TO:<B@X.EXAMPLE>", 250);
	assert_int_equal(transaction_recipients(stand.session.transaction), 1);
	for (i = 1; i < 100; i++) {
		snprintf(line, sizeof(line), "RCPT TO:<r%u@x.example>", i);
		stand_must(&stand, line, 250);
	}
	stand_must(&stand, "RCPT TO:<one-more@x.example>", 452);
	stand_must(&stand, "RCPT TO:<r99@x.example>", 250);
	assert_int_equal(
	    transaction_recipients(stand.session.transaction), 100);
	stand_must(&stand, "DATA", 354);
	stand_down(&stand);
}

static void replies_stand_alone(void **state)
{
	struct stand stand;

	(void)state;
	stand_up(&stand);
	stand_go_to(&stand, NULLED);
	stand_must(&stand, "RCPT TO:<" FIXTURE_REVIEW ">", 250);
	stand_must(&stand, "RCPT TO:<" FIXTURE_REVIEW ">", 250);
	assert_int_equal(transaction_recipients(stand.session.transaction), 1);
	assert_true(stand.session.transaction->review);
	assert_int_equal(stand.session.transaction->notice, 7);
	assert_null(stand.session.transaction->agent);
	stand_must(&stand, "RCPT TO:<b@x.example>", 530);
	stand_must(&stand, "RCPT TO:<" FIXTURE_FORGED ">", 550);
	stand_must(&stand, "DATA", 354);
	stand_down(&stand);
}

/* Trust by network is for drafts; it neither helps nor hinders replies. */
static void trusted_networks(void **state)
{
	struct stand stand;

	(void)state;
	stand_up(&stand);
	stand.session.peer = "192.0.2.7";
	stand_must(&stand, "EHLO c.example", 250);
	stand_must(&stand, "MAIL FROM:<you@localhost>", 250);
	stand_must(&stand, "RCPT TO:<" FIXTURE_REVIEW ">", 250);
	stand_must(&stand, "RCPT TO:<b@x.example>", 452);
	stand_must(&stand, "RSET", 250);
	stand_must(&stand, "MAIL FROM:<a@local.example>", 250);
	stand_must(&stand, "RCPT TO:<b@x.example>", 250);
	stand_must(&stand, "RCPT TO:<" FIXTURE_REVIEW ">", 550);
	assert_string_equal(stand.session.transaction->agent->name, "local");
	stand_must(&stand, "RSET", 250);
	stand_must(&stand, "MAIL FROM:<a@demo.example>", 250);
	stand_must(&stand, "RCPT TO:<b@x.example>", 550);
	stand_must(&stand, "RSET", 250);
	stand_must(&stand, "MAIL FROM:<>", 250);
	stand_must(&stand, "RCPT TO:<b@x.example>", 550);
	stand_must(&stand, "RSET", 250);
	stand.listener.reviews = false;
	stand_must(&stand, "MAIL FROM:<a@demo.example>", 550);
	stand_must(&stand, "MAIL FROM:<a@local.example>", 250);
	stand_must(&stand, "RCPT TO:<" FIXTURE_REVIEW ">", 550);
	stand_down(&stand);
}

static void answers_only_take_answers(void **state)
{
	struct stand stand;

	(void)state;
	stand_up(&stand);
	stand.session.peer = "192.0.2.7"; /* trusted, but not here */
	stand_go_to(&stand, ANSWERS);
	stand_must(&stand, "MAIL FROM:<a@local.example>", 250);
	stand_must(&stand, "RCPT TO:<b@x.example>", 550);
	stand_must(&stand, "RCPT TO:<" FIXTURE_REVIEW ">", 250);
	stand_down(&stand);
}

static void refusals_say_what_is_allowed(void **state)
{
	struct stand stand;
	struct command c;
	const char line[] = "MAIL FROM:<boss@evil.example>";

	(void)state;
	stand_up(&stand);
	stand_go_to(&stand, AGENT);
	stand_say(&stand, line, sizeof(line) - 1, &c);
	assert_non_null(strstr(c.reply.text, "*@demo.example"));
	assert_non_null(strstr(c.reply.text, "*@corp.example"));
	assert_null(strstr(c.reply.text, "boss"));
	stand_down(&stand);
}

/* Not even an agent that may use any address: reports are not its affair. */
static void no_agent_is_nobody(void **state)
{
	static const char *const any[] = {"*", NULL};
	struct stand stand;

	(void)state;
	stand_up(&stand);
	stand.config->agents[0].senders = any;
	stand_go_to(&stand, AGENT);
	stand_must(&stand, "MAIL FROM:<>", 550);
	stand_must(&stand, "MAIL FROM:<x@anywhere.example>", 250);
	stand_down(&stand);
}

static const char *ehlo(struct stand *stand, struct command *c)
{
	assert_int_equal(stand_say(stand, "EHLO c.example", 14, c), 250);
	return c->reply.text;
}

static void keywords_are_honest(void **state)
{
	struct stand stand;
	struct command c;

	(void)state;
	stand_up(&stand);
	assert_string_equal(ehlo(&stand, &c),
	    "mx.test\nSIZE 1048576\n8BITMIME\nSMTPUTF8\nPIPELINING\n"
	    "CHUNKING\nDSN\nDELIVERBY\nAUTH PLAIN LOGIN\n"
	    "ENHANCEDSTATUSCODES");
	stand.config->limits.hold_for_s = 86400;
	assert_non_null(
	    strstr(ehlo(&stand, &c), "\nDSN\nFUTURERELEASE 86400 2"));
	stand_log_in(&stand);
	assert_null(strstr(ehlo(&stand, &c), "AUTH"));
	stand.session.agent = NULL;
	stand.listener.clear_auth = false;
	assert_null(strstr(ehlo(&stand, &c), "AUTH"));
	stand.listener.clear_auth = true;
	stand.session.peer = "192.0.2.1";
	assert_null(strstr(ehlo(&stand, &c), "AUTH"));
	stand.listener.tls = CONFIG_TLS_STARTTLS;
	assert_non_null(strstr(ehlo(&stand, &c), "\nSTARTTLS"));
	stand.session.tls = true;
	assert_null(strstr(ehlo(&stand, &c), "STARTTLS"));
	assert_non_null(strstr(ehlo(&stand, &c), "\nAUTH PLAIN LOGIN"));
	stand.listener.agents = false;
	assert_null(strstr(ehlo(&stand, &c), "AUTH"));
	assert_null(strstr(ehlo(&stand, &c), "BINARYMIME"));
	stand_down(&stand);
}

static void params_need_ehlo(void **state)
{
	struct stand stand;

	(void)state;
	stand_up(&stand);
	stand_go_to(&stand, NEW);
	stand_must(&stand, "HELO c.example", 250);
	stand_log_in(&stand);
	stand_must(&stand, FROM " SIZE=1", 555);
	stand_must(&stand, FROM, 250);
	stand_must(&stand, RCPT " NOTIFY=NEVER", 555);
	stand_must(&stand, RCPT, 250);
	stand_down(&stand);
}

static void greeting_again_forgets_the_mail(void **state)
{
	struct stand stand;

	(void)state;
	stand_up(&stand);
	stand_go_to(&stand, READY);
	stand_must(&stand, "EHLO c.example", 250);
	assert_null(stand.session.transaction);
	assert_non_null(stand.session.agent);
	stand_must(&stand, "DATA", 503);
	stand_down(&stand);
}

static void chunks_follow_refused_commands(void **state)
{
	struct stand stand;
	struct command c;

	(void)state;
	stand_up(&stand);
	stand_go_to(&stand, NEW);
	stand_say(&stand, "BDAT 77 LAST", 12, &c);
	assert_int_equal(c.reply.then, REPLY_SKIP);
	assert_int_equal(c.reply.code, 503);
	assert_int_equal(c.chunk, 77);
	stand_go_to(&stand, READY);
	stand.session.transaction->refused = true;
	stand_say(&stand, "BDAT 5", 6, &c);
	assert_int_equal(c.reply.then, REPLY_SKIP);
	stand_say(&stand, "BDAT x", 6, &c);
	assert_int_equal(c.reply.then, REPLY_CLOSE);
	stand_down(&stand);
}

static void lines_have_their_lengths(void **state)
{
	struct stand stand;
	struct command c;

	(void)state;
	stand_up(&stand);
	stand_go_to(&stand, GREETED);
#define MOST(line)                                                             \
	command_line_most(&stand.session, (struct span){line, sizeof(line) - 1})
	assert_int_equal(MOST("NOOP xxxxx"), 512);
	assert_int_equal(MOST(""), 512);
	assert_int_equal(MOST("nonsense"), 512);
	assert_int_equal(MOST("mail from:<"), 1536);
	assert_int_equal(MOST("RCPT TO:<"), 1536);
	assert_int_equal(MOST("AUTH PLAIN x"), 12288);
	stand_say(&stand, "AUTH PLAIN", 10, &c);
	assert_int_equal(MOST("xxxx"), 12288);
	stand_down(&stand);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(commands_come_in_order),
	    cmocka_unit_test(words_are_strict),
	    cmocka_unit_test(rights_are_kept),
	    cmocka_unit_test(envelope_is_kept_as_given),
	    cmocka_unit_test(recipients_are_kept_once),
	    cmocka_unit_test(replies_stand_alone),
	    cmocka_unit_test(trusted_networks),
	    cmocka_unit_test(answers_only_take_answers),
	    cmocka_unit_test(refusals_say_what_is_allowed),
	    cmocka_unit_test(no_agent_is_nobody),
	    cmocka_unit_test(keywords_are_honest),
	    cmocka_unit_test(params_need_ehlo),
	    cmocka_unit_test(greeting_again_forgets_the_mail),
	    cmocka_unit_test(chunks_follow_refused_commands),
	    cmocka_unit_test(lines_have_their_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
