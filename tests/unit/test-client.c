/*
 * Tests of send/client: whole dialogues with the relay host, byte for byte, and
 * what each of its answers and silences means for each recipient.
 *
 * A dialogue is a list of lines: "> " what we must say now, "< " what the relay
 * host says, "! " what the caller does.  CRLF is put behind both.
 */
#include "send/client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "send/parcel.h"

#include "util/arena.h"
#include "util/buf.h"

#define RECIPIENTS_MOST 4
#define PLAIN_MAIL	"Subject: x\r\n\r\nHello\r\n.dot\r\n"

static struct client *client;
static struct client_settings settings;
static struct parcel parcel;
static struct hold_target targets[RECIPIENTS_MOST];
static struct buf said; /* and not yet expected */

/* ---- a mail ------------------------------------------------------------- */

static void set_mail(const char *text, size_t n)
{
	static const char *const addresses[RECIPIENTS_MOST] = {
	    "a@x.example", "b@x.example", "c@x.example", "d@x.example"};
	size_t i;

	memset(targets, 0, sizeof(targets));
	for (i = 0; i < n; i++) {
		targets[i].recipient.address = addresses[i];
		targets[i].result = (enum hold_result)99;
	}
	memset(&parcel, 0, sizeof(parcel));
	parcel.arena = arena_new();
	parcel.envelope.from = "from@y.example";
	parcel.bytes = (struct span){text, strlen(text)};
	parcel.targets = targets;
	parcel.n_targets = n;
}

static int set_up(void **state)
{
	(void)state;
	settings = (struct client_settings){
	    .hostname = "relay.test", .tls = CONFIG_TLS_NONE};
	client = NULL;
	buf_init(&said, 1 << 20);
	set_mail(PLAIN_MAIL, 1);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	if (client != NULL)
		client_lost(client, "the test is over");
	client_free(client);
	arena_free(parcel.arena);
	buf_release(&said);
	return 0;
}

/* Forget the dialogue; another client, another mail. */
static void start_over(const char *text, size_t n)
{
	arena_free(parcel.arena);
	client_free(client);
	client = NULL;
	buf_clear(&said);
	set_mail(text, n);
}

/* ---- dialogues ---------------------------------------------------------- */

static void hear(const char *text)
{
	client_hear(client, (struct span){text, strlen(text)});
}

/* The caller takes as little at a time as it can. */
static void expect_said(const char *line, bool crlf)
{
	char want[2048];
	size_t size;

	snprintf(want, sizeof(want), "%s%s", line, crlf ? "\r\n" : "");
	size = strlen(want);
	while (said.len < size && client_say(client, &said, 1))
		;
	if (said.len < size || memcmp(said.data, want, size) != 0)
		fail_msg("said \"%s\", not \"%s\"", said.data, want);
	buf_drop_front(&said, size);
}

static void expect_silence(void)
{
	client_say(client, &said, 1000);
	if (said.len > 0)
		fail_msg("said \"%s\"", said.data);
}

static void act(const char *what)
{
	static const struct {
		const char *name;
		enum client_phase phase;
	} phases[] = {
	    {"talking", CLIENT_TALKING},
	    {"securing", CLIENT_SECURING},
	    {"free", CLIENT_FREE},
	    {"ready", CLIENT_READY},
	    {"ending", CLIENT_ENDING},
	    {"over", CLIENT_OVER},
	};
	size_t i;

	for (i = 0; i < sizeof(phases) / sizeof(phases[0]); i++)
		if (strcmp(what, phases[i].name) == 0) {
			assert_int_equal(client_phase(client), phases[i].phase);
			return;
		}
	if (strcmp(what, "mail") == 0)
		client_begin(client, &parcel);
	else if (strcmp(what, "go") == 0)
		client_go(client);
	else if (strcmp(what, "secured") == 0)
		client_secured(client);
	else if (strcmp(what, "quit") == 0)
		client_quit(client);
	else if (strcmp(what, "lost") == 0)
		client_lost(client, "gone");
	else if (strcmp(what, "silence") == 0)
		expect_silence();
	else
		fail_msg("no such act: %s", what);
}

/*
 * "> " with CRLF, ">>" without; "< " likewise, "<<" without.  Pipelined lines
 * are expected one after the other.
 */
static void run(const char *const *lines)
{
	char text[2048];

	if (client == NULL)
		client = client_new(&settings);
	for (; *lines != NULL; lines++) {
		const char *l = *lines;

		if (l[0] == '>') {
			expect_said(l + 2, l[1] == ' ');
		} else if (l[0] == '<') {
			snprintf(text, sizeof(text), "%s%s", l + 2,
			    l[1] == ' ' ? "\r\n" : "");
			hear(text);
		} else {
			act(l + 2);
		}
	}
}

#define RUN(...)                                                               \
	do {                                                                   \
		static const char *const lines_[] = {__VA_ARGS__, NULL};       \
		run(lines_);                                                   \
	} while (0)

#define GREET	 "< 220 host ESMTP", "> EHLO relay.test"
#define BARE	 GREET, "< 250 host"
#define PIPELINE GREET, "<<250-host\r\n250 PIPELINING\r\n"
#define CHUNKING GREET, "<<250-host\r\n250-PIPELINING\r\n250 CHUNKING\r\n"
#define FROM	 "> MAIL FROM:<from@y.example>"
#define TO_A	 "> RCPT TO:<a@x.example>"
#define TO_B	 "> RCPT TO:<b@x.example>"
#define TO_C	 "> RCPT TO:<c@x.example>"
#define OK	 "< 250 ok"
#define STUFFED	 ">>Subject: x\r\n\r\nHello\r\n..dot"

static void expect(size_t target, enum hold_result result, const char *answer)
{
	if (targets[target].result != result)
		fail_msg("target %zu: %d (%s)", target, targets[target].result,
		    targets[target].answer ? targets[target].answer : "");
	if (answer != NULL)
		assert_string_equal(targets[target].answer, answer);
	assert_null(client_parcel(client));
}

static void expect_trouble(enum client_trouble wanted, const char *words)
{
	const char *why;

	assert_int_equal(client_trouble(client, &why), wanted);
	if (strstr(why, words) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", words, why);
	assert_int_equal(client_phase(client), CLIENT_OVER);
}

/* ---- what goes well ----------------------------------------------------- */

static void one_command_at_a_time_without_pipelining(void **state)
{
	(void)state;
	arena_free(parcel.arena);
	set_mail(PLAIN_MAIL, 2);
	RUN(BARE, "! free", "! mail", FROM, "! silence", OK, TO_A, "! silence",
	    OK, TO_B, OK, "> DATA", "! silence", "< 354 go", STUFFED, "! ready",
	    "! silence", "! go", ">>\r\n.\r\n", "! ending", "< 250 2.0.0 taken",
	    "! free");
	expect(0, HOLD_RESULT_SENT, "250 2.0.0 taken");
	expect(1, HOLD_RESULT_SENT, "250 2.0.0 taken");
}

static void all_at_once_with_pipelining(void **state)
{
	(void)state;
	arena_free(parcel.arena);
	set_mail(PLAIN_MAIL, 2);
	RUN(PIPELINE, "! mail", FROM, TO_A, TO_B, "> DATA", "! silence",
	    "<<250 a\r\n250 b\r\n250 c\r\n354 go\r\n", STUFFED, "! ready",
	    "! go", ">>\r\n.\r\n", "< 250 ok", "! free", "! quit", "> QUIT",
	    "< 221 bye", "! over");
	expect(0, HOLD_RESULT_SENT, NULL);
	expect(1, HOLD_RESULT_SENT, NULL);
	expect_trouble(CLIENT_FINE, "");
}

static void the_end_of_a_chunk_waits_too(void **state)
{
	(void)state;
	RUN(CHUNKING, "! mail", FROM, TO_A, "! silence", OK, OK, "> BDAT 25",
	    ">>Subject: x\r\n\r\nHello\r\n.dot", "! silence", "! talking", OK,
	    "! ready", "! silence", "! go", ">>BDAT 2 LAST\r\n\r\n", "! ending",
	    OK, "! free");
	expect(0, HOLD_RESULT_SENT, "250 ok");
}

static void the_smallest_mail_is_one_chunk(void **state)
{
	(void)state;
	arena_free(parcel.arena);
	set_mail("\r\n", 1);
	RUN(CHUNKING, "! mail", FROM, TO_A, OK, OK, "! ready", "! go",
	    ">>BDAT 2 LAST\r\n\r\n", OK);
	expect(0, HOLD_RESULT_SENT, NULL);
}

static void the_smallest_mail_is_data(void **state)
{
	(void)state;
	arena_free(parcel.arena);
	set_mail("\r\n", 1);
	RUN(PIPELINE, "! mail", FROM, TO_A, "> DATA", OK, OK, "< 354 go",
	    "! silence", "! ready", "! go", ">>\r\n.\r\n", OK);
	expect(0, HOLD_RESULT_SENT, NULL);
}

static void chunks_can_be_switched_off(void **state)
{
	(void)state;
	settings.no_chunking = true;
	RUN(CHUNKING, "! mail", FROM, TO_A, "> DATA");
}

static void a_kept_connection_begins_with_rset(void **state)
{
	(void)state;
	RUN(PIPELINE, "! mail", FROM, TO_A, "> DATA", OK, OK, "< 354 go",
	    STUFFED, "! go", ">>\r\n.\r\n", OK);
	expect(0, HOLD_RESULT_SENT, NULL);
	RUN("! mail", "> RSET", FROM, TO_A, "> DATA",
	    "< 421 4.4.2 idle for too long", "! over");
	expect(0, HOLD_RESULT_PENDING, "421 4.4.2 idle for too long");
}

static void what_is_offered_is_used(void **state)
{
	(void)state;
	parcel.envelope.envid = "id+2B1";
	parcel.envelope.ret = MESSAGE_RET_HDRS;
	parcel.envelope.body = MESSAGE_BODY_8BITMIME;
	parcel.envelope.smtputf8 = true;
	targets[0].recipient.notify =
	    MESSAGE_NOTIFY_SUCCESS | MESSAGE_NOTIFY_DELAY;
	targets[0].recipient.orcpt = "rfc822;a+2B@x.example";
	RUN(GREET,
	    "<<250-host\r\n250-SIZE 1000\r\n250-8bitmime\r\n250-DSN\r\n"
	    "250-SMTPUTF8\r\n250 AUTH PLAIN\r\n",
	    "! mail",
	    "> MAIL FROM:<from@y.example> SIZE=27 BODY=8BITMIME SMTPUTF8 "
	    "RET=HDRS ENVID=id+2B1",
	    OK,
	    "> RCPT TO:<a@x.example> NOTIFY=SUCCESS,DELAY "
	    "ORCPT=rfc822;a+2B@x.example");
	assert_true(targets[0].told); /* by the relay host, when it is so */
}

static void what_is_not_offered_is_not_used(void **state)
{
	(void)state;
	parcel.envelope.envid = "id";
	parcel.envelope.ret = MESSAGE_RET_FULL;
	parcel.envelope.body = MESSAGE_BODY_8BITMIME;
	targets[0].recipient.notify = MESSAGE_NOTIFY_NEVER;
	targets[0].recipient.orcpt = "rfc822;a@x.example";
	RUN(BARE, "! mail", FROM, OK, TO_A);
	assert_false(targets[0].told);
}

/* ---- TLS and login ------------------------------------------------------ */

#define OFFER_TLS GREET, "<<250-host\r\n250 STARTTLS\r\n", "> STARTTLS"
#define TLS_IS_UP                                                              \
	OFFER_TLS, "< 220 go", "! securing", "! secured", "> EHLO relay.test"

static void starttls_comes_first_and_forgets_what_was_offered(void **state)
{
	(void)state;
	settings.tls = CONFIG_TLS_STARTTLS;
	RUN(GREET, "<<250-host\r\n250-STARTTLS\r\n250 PIPELINING\r\n",
	    "> STARTTLS", "< 220 go", "! securing", "! silence", "! secured",
	    "> EHLO relay.test", "< 250 host", "! free", "! mail", FROM,
	    "! silence");
}

static void there_is_no_going_on_in_clear(void **state)
{
	(void)state;
	settings.tls = CONFIG_TLS_STARTTLS;
	RUN(BARE, "! over", "! silence");
	expect_trouble(CLIENT_BROKEN, "does not offer STARTTLS");
}

static void starttls_can_be_refused(void **state)
{
	(void)state;
	settings.tls = CONFIG_TLS_STARTTLS;
	RUN(OFFER_TLS, "< 454 4.7.0 not now", "! over", "! silence");
	expect_trouble(CLIENT_BROKEN, "454 4.7.0 not now");
}

static void bytes_behind_the_answer_to_starttls_are_refused(void **state)
{
	(void)state;
	settings.tls = CONFIG_TLS_STARTTLS;
	RUN(OFFER_TLS, "<<220 go\r\n250-host\r\n250 AUTH PLAIN\r\n", "! over",
	    "! silence");
	expect_trouble(CLIENT_BROKEN, "after its answer to STARTTLS");
}

static void bytes_before_the_handshake_are_refused(void **state)
{
	(void)state;
	settings.tls = CONFIG_TLS_STARTTLS;
	RUN(OFFER_TLS, "< 220 go", "! securing", "<<2", "! over");
	expect_trouble(CLIENT_BROKEN, "after its answer to STARTTLS");
}

static void plain_is_preferred(void **state)
{
	(void)state;
	settings.tls = CONFIG_TLS_STARTTLS;
	settings.user = "me";
	settings.password = "secret";
	RUN(TLS_IS_UP, "<<250-host\r\n250 AUTH LOGIN PLAIN XOAUTH2\r\n",
	    "> AUTH PLAIN AG1lAHNlY3JldA==", "< 235 2.7.0 welcome", "! free");
}

static void login_is_known(void **state)
{
	(void)state;
	settings.tls = CONFIG_TLS_IMPLICIT;
	settings.user = "me";
	settings.password = "secret";
	RUN("! secured", GREET, "<<250-host\r\n250 AUTH LOGIN\r\n",
	    "> AUTH LOGIN", "< 334 VXNlcm5hbWU6",
	    "> bWU=", "< 334 UGFzc3dvcmQ6", "> c2VjcmV0", "< 235 welcome",
	    "! free");
}

static void no_password_without_tls(void **state)
{
	(void)state;
	settings.user = "me";
	settings.password = "secret";
	RUN(GREET, "<<250-host\r\n250 AUTH PLAIN LOGIN\r\n", "! over",
	    "! silence");
	expect_trouble(CLIENT_DENIED, "not sent without TLS");
}

static void no_login_that_we_know(void **state)
{
	(void)state;
	settings.tls = CONFIG_TLS_STARTTLS;
	settings.user = "me";
	settings.password = "secret";
	RUN(TLS_IS_UP, "<<250-host\r\n250 AUTH GSSAPI\r\n", "! over",
	    "! silence");
	expect_trouble(CLIENT_DENIED, "neither");
}

static void a_refused_login_keeps_no_words(void **state)
{
	(void)state;
	settings.tls = CONFIG_TLS_STARTTLS;
	settings.user = "me";
	settings.password = "secret";
	RUN(TLS_IS_UP, "<<250-host\r\n250 AUTH PLAIN\r\n",
	    "> AUTH PLAIN AG1lAHNlY3JldA==",
	    "< 535 5.7.8 bad password AG1lAHNlY3JldA==", "! over");
	expect_trouble(CLIENT_DENIED, "AUTH was answered with 535 5.7.8");
	{
		const char *why;

		client_trouble(client, &why);
		assert_null(strstr(why, "AG1l"));
	}
}

static void a_login_can_be_put_off(void **state)
{
	(void)state;
	settings.tls = CONFIG_TLS_STARTTLS;
	settings.user = "me";
	settings.password = "secret";
	RUN(TLS_IS_UP, "<<250-host\r\n250 AUTH PLAIN\r\n",
	    "> AUTH PLAIN AG1lAHNlY3JldA==", "< 454 4.7.0 later", "! over");
	expect_trouble(CLIENT_BROKEN, "454 4.7.0");
}

static void a_login_is_asked_for_at_mail(void **state)
{
	(void)state;
	RUN(BARE, "! mail", FROM, "< 530 5.7.0 log in first", "! over");
	expect(0, HOLD_RESULT_PENDING, "530 5.7.0 log in first");
	expect_trouble(CLIENT_DENIED, "530");
}

/* ---- refusals ----------------------------------------------------------- */

static void mail_is_refused(void **state)
{
	(void)state;
	arena_free(parcel.arena);
	set_mail(PLAIN_MAIL, 2);
	RUN(BARE, "! mail", FROM, "< 550 5.7.1 not you", "! free", "! silence");
	expect(0, HOLD_RESULT_FAILED, "550 5.7.1 not you");
	expect(1, HOLD_RESULT_FAILED, "550 5.7.1 not you");
}

static void mail_is_refused_in_a_pipeline(void **state)
{
	(void)state;
	arena_free(parcel.arena);
	set_mail(PLAIN_MAIL, 2);
	RUN(PIPELINE, "! mail", FROM, TO_A, TO_B, "> DATA",
	    "< 452 4.3.1 no space", "< 503 5.5.1 MAIL first", "! talking",
	    "< 503 5.5.1 MAIL first", "< 503 5.5.1 MAIL first", "! free");
	expect(0, HOLD_RESULT_PENDING, "452 4.3.1 no space");
	expect(1, HOLD_RESULT_PENDING, "452 4.3.1 no space");
}

static void a_refused_mail_stays_refused(void **state)
{
	(void)state;
	RUN(PIPELINE, "! mail", FROM, TO_A, "> DATA", "< 550 no", "! lost");
	expect(0, HOLD_RESULT_FAILED, "550 no");
}

static void each_recipient_has_its_own_result(void **state)
{
	(void)state;
	arena_free(parcel.arena);
	set_mail(PLAIN_MAIL, 3);
	RUN(PIPELINE, "! mail", FROM, TO_A, TO_B, TO_C, "> DATA", OK,
	    "< 550 5.1.1 unknown", OK, "< 450 4.2.1 busy", "< 354 go", STUFFED,
	    "! go", ">>\r\n.\r\n", "< 250 taken");
	expect(0, HOLD_RESULT_FAILED, "550 5.1.1 unknown");
	expect(1, HOLD_RESULT_SENT, "250 taken");
	expect(2, HOLD_RESULT_PENDING, "450 4.2.1 busy");
}

static void the_dot_speaks_for_those_that_were_accepted(void **state)
{
	static const struct {
		const char *answer;
		enum hold_result result;
	} rows[] = {
	    {"< 451 4.3.0 try later", HOLD_RESULT_PENDING},
	    {"< 554 5.6.0 spam", HOLD_RESULT_FAILED},
	    {"< 421 4.3.2 going down", HOLD_RESULT_PENDING},
	    {"< 299 odd but good", HOLD_RESULT_SENT},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *const last[] = {rows[i].answer, NULL};

		start_over(PLAIN_MAIL, 2);
		RUN(PIPELINE, "! mail", FROM, TO_A, TO_B, "> DATA", OK, OK,
		    "< 550 no", "< 354 go", STUFFED, "! go", ">>\r\n.\r\n");
		run(last);
		expect(0, rows[i].result, rows[i].answer + 2);
		expect(1, HOLD_RESULT_FAILED, "550 no");
	}
}

static void nobody_is_left(void **state)
{
	(void)state;
	arena_free(parcel.arena);
	set_mail(PLAIN_MAIL, 2);
	RUN(BARE, "! mail", FROM, OK, TO_A, "< 550 no", TO_B, "< 450 later",
	    "! free", "! silence");
	expect(0, HOLD_RESULT_FAILED, "550 no");
	expect(1, HOLD_RESULT_PENDING, "450 later");
}

static void nobody_is_left_in_a_pipeline(void **state)
{
	(void)state;
	RUN(PIPELINE, "! mail", FROM, TO_A, "> DATA", OK, "< 550 no",
	    "< 503 nobody", "! free");
	expect(0, HOLD_RESULT_FAILED, "550 no");
}

static void data_for_nobody_is_not_ended(void **state)
{
	(void)state;
	RUN(PIPELINE, "! mail", FROM, TO_A, "> DATA", OK, "< 550 no",
	    "< 354 go", "! over", "! silence");
	expect(0, HOLD_RESULT_FAILED, "550 no");
	expect_trouble(CLIENT_FINE, "");
}

static void nobody_is_left_for_a_chunk(void **state)
{
	(void)state;
	RUN(CHUNKING, "! mail", FROM, TO_A, OK, "< 550 no", "! free",
	    "! silence");
	expect(0, HOLD_RESULT_FAILED, "550 no");
}

static void too_many_recipients_are_tried_again(void **state)
{
	(void)state;
	arena_free(parcel.arena);
	set_mail(PLAIN_MAIL, 4);
	RUN(BARE, "! mail", FROM, OK, TO_A, OK, TO_B,
	    "< 552 too many recipients", TO_C, "< 552 5.2.2 mailbox full",
	    "> RCPT TO:<d@x.example>", "< 452 4.5.3 too many", "> DATA",
	    "< 354 go", STUFFED, "! go", ">>\r\n.\r\n", OK);
	expect(0, HOLD_RESULT_SENT, NULL);
	expect(1, HOLD_RESULT_PENDING, NULL);
	expect(2, HOLD_RESULT_FAILED, NULL);
	expect(3, HOLD_RESULT_PENDING, NULL);
}

static void the_last_word_ends_it(void **state)
{
	(void)state;
	arena_free(parcel.arena);
	set_mail(PLAIN_MAIL, 2);
	RUN(PIPELINE, "! mail", FROM, TO_A, TO_B, "> DATA", OK, OK,
	    "< 421 4.3.2 going down", "! over");
	expect(0, HOLD_RESULT_PENDING, "421 4.3.2 going down");
	expect(1, HOLD_RESULT_PENDING, "421 4.3.2 going down");
	expect_trouble(CLIENT_BROKEN, "421");
}

static void data_is_refused(void **state)
{
	(void)state;
	RUN(BARE, "! mail", FROM, OK, TO_A, OK, "> DATA", "< 451 4.3.0 later",
	    "! free", "! silence");
	expect(0, HOLD_RESULT_PENDING, "451 4.3.0 later");
}

static void a_chunk_is_refused(void **state)
{
	(void)state;
	RUN(CHUNKING, "! mail", FROM, TO_A, OK, OK, "> BDAT 25",
	    ">>Subject: x\r\n\r\nHello\r\n.dot", "< 552 5.3.4 too large",
	    "! free");
	expect(0, HOLD_RESULT_FAILED, "552 5.3.4 too large");
	assert_false(client_chunking_failed(client));
}

static void chunks_are_offered_and_not_known(void **state)
{
	(void)state;
	RUN(CHUNKING, "! mail", FROM, TO_A, OK, OK, "> BDAT 25",
	    ">>Subject: x\r\n\r\nHello\r\n.dot", "< 502 5.5.1 BDAT?", "! over");
	expect(0, HOLD_RESULT_PENDING, "502 5.5.1 BDAT?");
	assert_true(client_chunking_failed(client));
}

/* ---- what comes too early, too late or not at all ----------------------- */

static void an_early_refusal_fails_it(void **state)
{
	(void)state;
	RUN(PIPELINE, "! mail", FROM, TO_A, "> DATA", OK, OK, "< 354 go",
	    ">>Subj", "< 552 5.3.4 too large", "! over");
	expect(0, HOLD_RESULT_FAILED, "552 5.3.4 too large");
}

static void an_early_delay_puts_it_off(void **state)
{
	(void)state;
	RUN(PIPELINE, "! mail", FROM, TO_A, "> DATA", OK, OK, "< 354 go",
	    STUFFED, "! ready", "< 421 4.3.2 going down", "! over");
	expect(0, HOLD_RESULT_PENDING, "421 4.3.2 going down");
}

static void an_early_yes_is_not_believed(void **state)
{
	(void)state;
	RUN(PIPELINE, "! mail", FROM, TO_A, "> DATA", OK, OK, "< 354 go",
	    STUFFED, "! ready", "< 250 taken", "! over");
	expect(0, HOLD_RESULT_PENDING, NULL);
	expect_trouble(CLIENT_BROKEN, "does not speak SMTP");
}

static void an_early_yes_to_a_chunk_is_not_believed(void **state)
{
	(void)state;
	RUN(CHUNKING, "! mail", FROM, TO_A, OK, OK, "> BDAT 25", ">>Subj",
	    "< 250 more", "! over");
	expect(0, HOLD_RESULT_PENDING, NULL);
}

static void lost_before_the_end_it_is_tried_again(void **state)
{
	(void)state;
	RUN(PIPELINE, "! mail", FROM, TO_A, "> DATA", OK, OK, "< 354 go",
	    STUFFED, "! ready", "! lost", "! over");
	expect(0, HOLD_RESULT_PENDING, "gone");
}

static void lost_after_the_end_it_is_in_doubt(void **state)
{
	static const char *const ends[] = {"! lost", /* silence, RST, FIN */
	    "<<250 taken\r", "<<250-taken\r\n",	     /* then nothing */
	    "<<250 taken\n", "<<250 ta\rken\r\n", "< 2500 taken", "< taken",
	    "< 354 go on", "< 334 ", "<<250-a\r\n251 b\r\n", "<<-250 ok\r\n"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		const char *const end[] = {ends[i], "! lost", NULL};

		start_over(PLAIN_MAIL, 3);
		RUN(PIPELINE, "! mail", FROM, TO_A, TO_B, TO_C, "> DATA", OK,
		    OK, "< 550 no", "< 450 later", "< 354 go", STUFFED, "! go",
		    ">>\r\n.\r\n");
		run(end);
		expect(0, HOLD_RESULT_IN_DOUBT, NULL);
		expect(1, HOLD_RESULT_FAILED, "550 no");
		expect(2, HOLD_RESULT_PENDING, "450 later");
		assert_int_equal(client_phase(client), CLIENT_OVER);
	}
}

static void in_doubt_from_the_moment_of_the_go(void **state)
{
	(void)state;
	RUN(CHUNKING, "! mail", FROM, TO_A, OK, OK, "> BDAT 25",
	    ">>Subject: x\r\n\r\nHello\r\n.dot", OK, "! ready", "! go",
	    "! lost");
	expect(0, HOLD_RESULT_IN_DOUBT, NULL);
}

static void nonsense_before_the_end_puts_it_off(void **state)
{
	static const char *const nonsense[] = {"< 2500 ok", "< ok",
	    "<<250 ok\n", "< 334 go", "<<250-a\r\n550 b\r\n"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
		const char *const line[] = {nonsense[i], "! over", NULL};

		start_over(PLAIN_MAIL, 1);
		RUN(BARE, "! mail", FROM);
		run(line);
		expect(0, HOLD_RESULT_PENDING, NULL);
		expect_trouble(CLIENT_BROKEN, "does not speak SMTP");
	}
}

static void a_greeting_can_be_a_refusal(void **state)
{
	static const char *const greetings[] = {
	    "< 554 5.7.1 not you", "< 421 4.3.2 busy", "< 250 odd", "< hello"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(greetings) / sizeof(greetings[0]); i++) {
		const char *const line[] = {
		    greetings[i], "! over", "! silence", NULL};

		client_free(client);
		client = NULL;
		run(line);
		expect_trouble(CLIENT_BROKEN, "");
	}
}

static void replies_that_nobody_asked_for_end_it(void **state)
{
	(void)state;
	RUN(BARE, "! free", "< 421 4.4.2 idle", "! over");
	expect_trouble(CLIENT_BROKEN, "421 4.4.2 idle");
	client_free(client);
	client = NULL;
	RUN(BARE, "! mail", FROM, OK, OK, "! over");
	expect(0, HOLD_RESULT_PENDING, NULL);
}

/* ---- what must not be said ---------------------------------------------- */

static void hostile_words_never_reach_a_command(void **state)
{
	static const char *const words[] = {"a@x\r\nRCPT TO:<evil@y>", "a@x\n",
	    "a@x\r", "a b@x", "a@x> NOTIFY=NEVER", "a>@x", "<a@x", "a@x\t",
	    "a\x7f@x", "a\x01@x", "gr\xc3\xbc\xc3\x9f@x", "\xff@x"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		start_over(PLAIN_MAIL, 2);
		targets[0].recipient.address = words[i];
		RUN(BARE, "! mail", FROM, OK, TO_B, OK, "> DATA", "< 354 go",
		    STUFFED, "! go", ">>\r\n.\r\n", OK);
		expect(0, HOLD_RESULT_FAILED,
		    "5.1.3 the address cannot be put into a command");
		expect(1, HOLD_RESULT_SENT, NULL);
		arena_free(parcel.arena);
		set_mail(PLAIN_MAIL, 1);
		parcel.envelope.from = words[i];
		RUN("! mail", "! free", "! silence");
		expect(0, HOLD_RESULT_FAILED,
		    "5.1.7 the sender's address cannot be put into a command");
	}
}

static void hostile_parameters_never_reach_a_command(void **state)
{
	static const char *const words[] = {
	    "a\r\nDATA", "a b", "a=b", "a\x80", "a\xc3\xbc"};
	size_t i;

	(void)state;
	RUN(GREET, "<<250-host\r\n250 DSN\r\n");
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		arena_free(parcel.arena);
		set_mail(PLAIN_MAIL, 1);
		parcel.envelope.envid = words[i];
		RUN("! mail", "! free", "! silence");
		expect(0, HOLD_RESULT_FAILED, NULL);
		arena_free(parcel.arena);
		set_mail(PLAIN_MAIL, 1);
		targets[0].recipient.orcpt = words[i];
		RUN("! mail", "! free", "! silence");
		expect(0, HOLD_RESULT_FAILED, NULL);
	}
}

static void no_recipients_at_all_is_no_mail(void **state)
{
	(void)state;
	arena_free(parcel.arena);
	set_mail(PLAIN_MAIL, 0);
	RUN(BARE, "! mail", "! free", "! silence");
}

static void an_empty_recipient_is_refused(void **state)
{
	(void)state;
	targets[0].recipient.address = "";
	RUN(BARE, "! mail", "! free", "! silence");
	expect(0, HOLD_RESULT_FAILED, NULL);
}

static void a_null_sender_is_said(void **state)
{
	(void)state;
	parcel.envelope.from = "";
	RUN(BARE, "! mail", "> MAIL FROM:<>");
}

static void what_cannot_be_sent_unchanged_fails(void **state)
{
	static const struct {
		const char *mail, *keyword, *answer;
		bool smtputf8;
	} rows[] = {
	    {"Subject: gr\xc3\xbc\r\n\r\n", "250 SMTPUTF8\r\n", "5.6.3 ",
		false},
	    {PLAIN_MAIL, "250 8BITMIME\r\n", "5.6.7 ", true},
	    {PLAIN_MAIL, "250 SIZE 26\r\n", "5.3.4 ", false},
	    {"a\n.\r\nb\r\n", "250 CHUNKING\r\n", "5.6.0 ", false},
	    {"a", "250 CHUNKING\r\n", "5.6.0 ", false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		start_over(rows[i].mail, 2);
		parcel.envelope.smtputf8 = rows[i].smtputf8;
		RUN(GREET, "<<250-host\r\n");
		hear(rows[i].keyword);
		RUN("! free", "! mail", "! free", "! silence");
		expect(0, HOLD_RESULT_FAILED, NULL);
		expect(1, HOLD_RESULT_FAILED, NULL);
		assert_memory_equal(targets[0].answer, rows[i].answer, 6);
	}
}

static void sizes_are_read_with_care(void **state)
{
	static const struct {
		const char *keyword;
		bool fits;
	} rows[] = {{"250 SIZE 27\r\n", true}, {"250 SIZE\r\n", true},
	    {"250 SIZE 0\r\n", true}, {"250 SIZE 26\r\n", false},
	    {"250 SIZE 99999999999999999999\r\n", true},
	    {"250 SIZE -1\r\n", true}, {"250 size 1\r\n", false}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		start_over(PLAIN_MAIL, 1);
		RUN(GREET, "<<250-host\r\n");
		hear(rows[i].keyword);
		RUN("! mail");
		if (rows[i].fits)
			RUN("> MAIL FROM:<from@y.example> SIZE=27", "! lost");
		else
			expect(0, HOLD_RESULT_FAILED, NULL);
	}
}

static void eight_bits_are_declared(void **state)
{
	(void)state;
	arena_free(parcel.arena);
	set_mail("Subject: gr\xc3\xbc\r\n\r\n", 1);
	RUN(GREET, "<<250-host\r\n250 8BITMIME\r\n", "! mail",
	    "> MAIL FROM:<from@y.example> BODY=8BITMIME");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(one_command_at_a_time_without_pipelining),
	    TEST(all_at_once_with_pipelining),
	    TEST(the_end_of_a_chunk_waits_too),
	    TEST(the_smallest_mail_is_one_chunk),
	    TEST(the_smallest_mail_is_data),
	    TEST(chunks_can_be_switched_off),
	    TEST(a_kept_connection_begins_with_rset),
	    TEST(what_is_offered_is_used),
	    TEST(what_is_not_offered_is_not_used),
	    TEST(starttls_comes_first_and_forgets_what_was_offered),
	    TEST(there_is_no_going_on_in_clear),
	    TEST(starttls_can_be_refused),
	    TEST(bytes_behind_the_answer_to_starttls_are_refused),
	    TEST(bytes_before_the_handshake_are_refused),
	    TEST(plain_is_preferred),
	    TEST(login_is_known),
	    TEST(no_password_without_tls),
	    TEST(no_login_that_we_know),
	    TEST(a_refused_login_keeps_no_words),
	    TEST(a_login_can_be_put_off),
	    TEST(a_login_is_asked_for_at_mail),
	    TEST(mail_is_refused),
	    TEST(mail_is_refused_in_a_pipeline),
	    TEST(a_refused_mail_stays_refused),
	    TEST(each_recipient_has_its_own_result),
	    TEST(the_dot_speaks_for_those_that_were_accepted),
	    TEST(nobody_is_left),
	    TEST(nobody_is_left_in_a_pipeline),
	    TEST(data_for_nobody_is_not_ended),
	    TEST(nobody_is_left_for_a_chunk),
	    TEST(too_many_recipients_are_tried_again),
	    TEST(the_last_word_ends_it),
	    TEST(data_is_refused),
	    TEST(a_chunk_is_refused),
	    TEST(chunks_are_offered_and_not_known),
	    TEST(an_early_refusal_fails_it),
	    TEST(an_early_delay_puts_it_off),
	    TEST(an_early_yes_is_not_believed),
	    TEST(an_early_yes_to_a_chunk_is_not_believed),
	    TEST(lost_before_the_end_it_is_tried_again),
	    TEST(lost_after_the_end_it_is_in_doubt),
	    TEST(in_doubt_from_the_moment_of_the_go),
	    TEST(nonsense_before_the_end_puts_it_off),
	    TEST(a_greeting_can_be_a_refusal),
	    TEST(replies_that_nobody_asked_for_end_it),
	    TEST(hostile_words_never_reach_a_command),
	    TEST(hostile_parameters_never_reach_a_command),
	    TEST(no_recipients_at_all_is_no_mail),
	    TEST(an_empty_recipient_is_refused),
	    TEST(a_null_sender_is_said),
	    TEST(what_cannot_be_sent_unchanged_fails),
	    TEST(sizes_are_read_with_care),
	    TEST(eight_bits_are_declared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
