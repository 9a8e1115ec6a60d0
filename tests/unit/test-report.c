/*
 * Tests of send/report: the three parts, the fields of each recipient, and that
 * nothing of the message or the outside can break the report's form.
 */
#include "send/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"

#define MAIL                                                                   \
	"Received: from x\r\n\tby y\r\nFrom: <bot@agents.example>\r\n"         \
	"Subject: parcel\r\n\r\nsecret body\r\n"

static struct report_recipient to[2];
static struct report report;
static struct buf out;

/* The parts of the report that was written last, NUL-terminated. */
static char *header, *parts[3];

static int set_up(void **state)
{
	(void)state;
	memset(to, 0, sizeof(to));
	to[0].address = "jane@customer.example";
	to[1].address = "joe@customer.example";
	report = (struct report){
	    .draft = 17,
	    .code = "K7Q4RM",
	    .event = REPORT_FAILED,
	    .hostname = "relay.test",
	    .remote = "smtp.example.com",
	    .from = "imprimatur@relay.test",
	    .to = "bot@agents.example",
	    .received_ms = 1795244140000,
	    .now_ms = 1795244200000,
	    .recipients = to,
	    .n_recipients = 1,
	    .mail = {MAIL, sizeof(MAIL) - 1},
	};
	buf_init(&out, REPORT_MOST);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_release(&out);
	return 0;
}

/* Only CRLF, no line too long, no NUL, seven bits. */
static void check_form(void)
{
	size_t i, line = 0;

	for (i = 0; i < out.len; i++) {
		unsigned char c = (unsigned char)out.data[i];

		assert_true(c < 0x80 && c != 0);
		assert_true(c != '\n' || (i > 0 && out.data[i - 1] == '\r'));
		assert_true(c != '\r' || out.data[i + 1] == '\n');
		line = c == '\n' ? 0 : line + 1;
		assert_true(line <= 999);
	}
}

/* Cut the report at its boundary; there must be exactly three parts. */
static void write_and_cut(void)
{
	char boundary[80] = "", *at, *next;
	size_t i;

	buf_clear(&out);
	report_write(&out, &report);
	assert_false(out.overflow);
	check_form();
	at = strstr(out.data, "boundary=\"");
	assert_non_null(at);
	assert_int_equal(sscanf(at, "boundary=\"%60[^\"]", boundary + 4), 1);
	memcpy(boundary, "\r\n--", 4);
	header = out.data;
	at = strstr(out.data, boundary);
	for (i = 0; i < 3; i++) {
		assert_non_null(at);
		*at = '\0';
		at += strlen(boundary);
		assert_memory_equal(at, "\r\n", 2);
		parts[i] = at + 2;
		next = strstr(at, boundary);
		at = next;
	}
	assert_non_null(at);
	*at = '\0';
	assert_string_equal(at + strlen(boundary), "--\r\n");
}

static void expect_in(const char *text, const char *words)
{
	if (strstr(text, words) == NULL)
		fail_msg("\"%s\" is not in:\n%s", words, text);
}

static void expect_not_in(const char *text, const char *words)
{
	if (strstr(text, words) != NULL)
		fail_msg("\"%s\" is in:\n%s", words, text);
}

static void a_deadline_is_told(void **state)
{
	(void)state;
	report.event = REPORT_EXPIRED;
	write_and_cut();
	expect_in(parts[0], "Nobody decided about your message in time");
	expect_in(parts[0], "Sent again, it will be reviewed anew");
	expect_not_in(parts[0], "will be refused");
	expect_in(parts[1], "Action: failed\r\nStatus: 5.7.1");
	expect_in(parts[1], "550 5.7.1 nobody decided about it in time\r\n");
}

static void a_drop_is_told(void **state)
{
	(void)state;
	report.event = REPORT_DROPPED;
	report.reason = "wrong price";
	write_and_cut();
	expect_in(header, "From: Review relay <imprimatur@relay.test>\r\n");
	expect_in(header, "\r\nTo: <bot@agents.example>\r\n");
	expect_in(header, "Subject: Your message was not sent (draft 17)\r\n");
	expect_in(header, "\r\nAuto-Submitted: auto-replied\r\n");
	expect_in(header, "\r\nX-Imprimatur-Draft: 17\r\n");
	expect_in(header, "\r\nX-Imprimatur-Code: K7Q4RM\r\n");
	expect_in(header, "multipart/report; report-type=delivery-status;");
	expect_in(parts[0], "A reviewer looked at your message");
	expect_in(parts[0], "Reason: wrong price\r\n");
	expect_in(parts[0], "    jane@customer.example\r\n");
	assert_string_equal(parts[1],
	    "Content-Type: message/delivery-status\r\n\r\n"
	    "Reporting-MTA: dns; relay.test\r\n"
	    "Arrival-Date: Sat, 21 Nov 2026 06:55:40 +0000\r\n"
	    "X-Imprimatur-Draft: 17\r\nX-Imprimatur-Code: K7Q4RM\r\n"
	    "X-Imprimatur-Event: dropped\r\n"
	    "\r\n"
	    "Final-Recipient: rfc822; jane@customer.example\r\n"
	    "Action: failed\r\nStatus: 5.7.1\r\n"
	    "Diagnostic-Code: x-imprimatur; 550 5.7.1 dropped in review: "
	    "wrong price\r\n");
	assert_string_equal(parts[2],
	    "Content-Type: text/rfc822-headers\r\n\r\n"
	    "Received: from x\r\n\tby y\r\nFrom: <bot@agents.example>\r\n"
	    "Subject: parcel\r\n");
	expect_not_in(out.data, "secret body");
}

static void a_drop_without_a_reason_is_told(void **state)
{
	(void)state;
	report.event = REPORT_DROPPED;
	write_and_cut();
	expect_in(parts[0], "No reason was given.");
	expect_in(parts[1], "dropped in review: no reason given\r\n");
}

static void a_failure_is_told_for_each_recipient(void **state)
{
	(void)state;
	report.n_recipients = 2;
	report.envid = "job+2B7";
	to[0].answer = "550 5.1.1 no such user";
	to[0].orcpt = "rfc822;J+2BD@customer.example";
	to[1].answer = "5.6.3 the mail has 8-bit characters";
	write_and_cut();
	expect_in(header, "Your message could not be delivered (draft 17)");
	expect_in(parts[0],
	    "    jane@customer.example\r\n        550 5.1.1 no such user\r\n");
	assert_string_equal(strstr(parts[1], "\r\n\r\n") + 4,
	    "Original-Envelope-Id: job+7\r\n"
	    "Reporting-MTA: dns; relay.test\r\n"
	    "Arrival-Date: Sat, 21 Nov 2026 06:55:40 +0000\r\n"
	    "X-Imprimatur-Draft: 17\r\nX-Imprimatur-Code: K7Q4RM\r\n"
	    "X-Imprimatur-Event: failed\r\n"
	    "\r\n"
	    "Original-Recipient: rfc822; J+D@customer.example\r\n"
	    "Final-Recipient: rfc822; jane@customer.example\r\n"
	    "Action: failed\r\nStatus: 5.1.1\r\n"
	    "Remote-MTA: dns; smtp.example.com\r\n"
	    "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n"
	    "\r\n"
	    "Final-Recipient: rfc822; joe@customer.example\r\n"
	    "Action: failed\r\nStatus: 5.6.3\r\n"
	    "Diagnostic-Code: x-imprimatur; 5.6.3 the mail has 8-bit "
	    "characters\r\n");
}

static void a_status_is_always_there(void **state)
{
	static const struct {
		const char *answer, *status;
	} rows[] = {
	    {"550 go away", "5.0.0"},
	    {"550", "5.0.0"},
	    {"554 5.7.1", "5.7.1"},
	    {"4.4.7 tried for too long", "4.4.7"},
	    {"tried", "5.0.0"},
	    {"", "5.0.0"},
	    {NULL, "5.0.0"},
	};
	char line[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		to[0].answer = rows[i].answer;
		write_and_cut();
		snprintf(
		    line, sizeof(line), "\r\nStatus: %s\r\n", rows[i].status);
		expect_in(parts[1], line);
	}
}

static void numeric_hosts_are_written_as_such(void **state)
{
	(void)state;
	to[0].answer = "550 no";
	report.remote = "192.0.2.1";
	write_and_cut();
	expect_in(parts[1], "Remote-MTA: dns; [192.0.2.1]\r\n");
	report.remote = NULL;
	write_and_cut();
	expect_not_in(parts[1], "Remote-MTA");
}

/* A word that no field and no line may begin with. */
static void words_from_outside_stay_in_their_line(void **state)
{
	(void)state;
	report.envid = "a+0D+0AEvil:+0Ab";
	to[0].address = "jane@customer.example";
	to[0].orcpt = "rfc822;a+0D+0AEvil: x";
	to[0].answer = "550 a\r\nEvil: b\nEvil: c";
	write_and_cut();
	expect_not_in(parts[1], "\nEvil");
	report.event = REPORT_DROPPED;
	report.reason = "gr\xc3\xbc\xc3\x9f\x80 \r\nEvil: x";
	write_and_cut();
	expect_not_in(parts[1], "\nEvil");
	/* gruess in German, a broken byte, and the line ends as '?' */
	expect_in(parts[1],
	    "dropped in review: =?utf-8?B?Z3LDvMOfPyA/P0V2aWw6IHg=?=\r\n");
}

static void other_letters_are_kept(void **state)
{
	(void)state;
	report.event = REPORT_DROPPED;
	report.reason = "zu gro\xc3\x9f";
	to[0].address = "j\xc3\xbcrgen@m\xc3\xbcnchen.example";
	write_and_cut();
	expect_in(parts[0], "Reason: zu gro=C3=9F\r\n");
	expect_in(parts[0], "    j=C3=BCrgen@m=C3=BCnchen.example\r\n");
	expect_in(parts[1], "Final-Recipient: utf-8; "
			    "j\\x{FC}rgen@m\\x{FC}nchen.example\r\n");
}

static void long_words_are_folded(void **state)
{
	char reason[300];
	size_t i;

	(void)state;
	for (i = 0; i + 2 < sizeof(reason); i += 2)
		memcpy(reason + i, "\xc3\xbc", 2);
	reason[i] = '\0';
	report.event = REPORT_DROPPED;
	report.category = "t\xc3\xb6ne";
	report.reason = reason;
	write_and_cut();
	expect_in(header, "X-Imprimatur-Reason: =?utf-8?B?dMO2bmU=?=\r\n");
	expect_in(parts[1],
	    "dropped in review (=?utf-8?B?dMO2bmU=?=): =?utf-8?B?w7zDvMO8");
	expect_in(parts[1], "?=\r\n =?utf-8?B?w7zDvMO8");
	/* what looks like an encoded word is none of ours */
	report.reason = "=?utf-8?B?eA==?=";
	write_and_cut();
	expect_in(parts[1], ": =?utf-8?B?PT91dGYtOD9CP2VBPT0/PQ==?=\r\n");
}

static void the_original_recipient_is_of_its_type(void **state)
{
	static const struct {
		const char *orcpt, *line;
	} rows[] = {
	    {"rfc822;Jane+2Bx@Customer.example", "rfc822; Jane+x@Customer.exam"
						 "ple"},
	    {"utf-8;j\xc3\xbcrgen@x.example", "utf-8; j\\x{FC}rgen@x.example"},
	    {"UTF-8;j+C3+BCrgen@x.example", "UTF-8; j\\x{FC}rgen@x.example"},
	    {"utf-8;j\\x{FC}rgen@x.example", "utf-8; j\\x{FC}rgen@x.example"},
	    {"x400;j\xc3\xbc", "x400; j??"},
	};
	char line[100];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		to[0].orcpt = rows[i].orcpt;
		write_and_cut();
		snprintf(line, sizeof(line), "\r\nOriginal-Recipient: %s\r\n",
		    rows[i].line);
		expect_in(parts[1], line);
	}
}

static void a_whole_message_is_returned_when_asked(void **state)
{
	static const char eightbit[] = "Subject: x\r\n\r\ngr\xc3\xbc\xc3\x9f"
				       "e\r\n";
	static const char foreign[] = "Subject: \xc3\xbc\r\n\r\nbody\r\n";
	size_t i;

	(void)state;
	report.whole = true;
	for (i = 0; i < REPORT_EVENTS; i++) {
		report.event = (enum report_event)i;
		to[0].sent = i == REPORT_SENT;
		write_and_cut();
		if (i == REPORT_DROPPED || i == REPORT_EXPIRED ||
		    i == REPORT_FAILED)
			assert_string_equal(parts[2],
			    "Content-Type: message/rfc822\r\n\r\n" MAIL);
		else
			expect_not_in(out.data, "secret body");
	}
	to[0].sent = false;
	report.event = REPORT_DROPPED;
	/* not one whose header is of another type */
	report.mail = (struct span){foreign, sizeof(foreign) - 1};
	write_and_cut();
	expect_in(parts[2], "text/rfc822-headers");
	buf_clear(&out);
	report.mail = (struct span){eightbit, sizeof(eightbit) - 1};
	report_write(&out, &report);
	expect_in(out.data, "\"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n");
	expect_in(out.data, "Content-Type: message/rfc822\r\n"
			    "Content-Transfer-Encoding: 8bit\r\n\r\n");
	expect_in(out.data, eightbit);
}

static void it_belongs_to_the_message(void **state)
{
	(void)state;
	report.message_id = "<a.1@agents.example>";
	write_and_cut();
	expect_in(header, "\r\nIn-Reply-To: <a.1@agents.example>\r\n"
			  "References: <a.1@agents.example>\r\n");
	report.message_id = "<a\r\nEvil: x@agents.example>";
	write_and_cut();
	expect_not_in(header, "Evil");
	expect_not_in(header, "In-Reply-To");
}

static void an_odd_header_is_quoted(void **state)
{
	static const char mail[] =
	    "Subject: gr\xc3\xbc\xc3\x9f = 1 \r\nX:\t\r\n\r\nbody\r\n";
	static char longer[3000];

	(void)state;
	report.mail = (struct span){mail, sizeof(mail) - 1};
	write_and_cut();
	expect_in(parts[2], "Content-Transfer-Encoding: quoted-printable\r\n");
	expect_in(
	    parts[2], "\r\n\r\nSubject: gr=C3=BC=C3=9F =3D 1=20\r\nX:=09\r\n");
	expect_not_in(parts[2], "body");
	memset(longer, 'x', sizeof(longer));
	memcpy(longer, "X: ", 3);
	memcpy(longer + sizeof(longer) - 8, "\r\n\r\nbody", 8);
	report.mail = (struct span){longer, sizeof(longer)};
	write_and_cut();
	expect_in(parts[2], "quoted-printable");
	expect_in(parts[2], "=\r\nxxx");
}

static void a_large_header_is_cut_at_a_line(void **state)
{
	struct buf mail;
	size_t n = 0;
	char *at;

	(void)state;
	buf_init(&mail, 1 << 20);
	while (mail.len < REPORT_HEADER_MOST + 5000)
		buf_addf(&mail, "X-Line: %0500d\r\n", 7);
	report.mail = buf_span(&mail);
	write_and_cut();
	for (at = parts[2]; (at = strstr(at, "X-Line: ")) != NULL; at++)
		n++;
	assert_int_equal(n, REPORT_HEADER_MOST / 510);
	at = strrchr(parts[2], '7');
	assert_string_equal(at, "7\r\n");
	buf_release(&mail);
}

static void a_mail_without_a_header_or_at_all(void **state)
{
	(void)state;
	report.mail = (struct span){"\r\nbody\r\n", 8};
	write_and_cut();
	assert_string_equal(
	    parts[2], "Content-Type: text/rfc822-headers\r\n\r\n");
	report.mail = (struct span){NULL, 0};
	write_and_cut();
	assert_string_equal(
	    parts[2], "Content-Type: text/rfc822-headers\r\n\r\n");
}

static void a_category_is_a_field_of_its_own(void **state)
{
	(void)state;
	report.event = REPORT_DROPPED;
	report.category = "wrong-price";
	report.reason = "too cheap";
	write_and_cut();
	expect_in(header, "X-Imprimatur-Reason: wrong-price\r\n");
	expect_in(parts[0], "Reason: wrong-price, too cheap\r\n");
	expect_in(parts[1], "X-Imprimatur-Reason: wrong-price\r\n");
	expect_in(parts[1], "dropped in review (wrong-price): too cheap\r\n");
}

/* What waits is delayed, until when; nobody need do anything. */
static void waiting_is_told(void **state)
{
	(void)state;
	report.event = REPORT_HELD;
	report.until_ms = 1795244300000;
	write_and_cut();
	expect_in(header, "Subject: Your message waits for review (draft 17)");
	expect_in(parts[1], "Action: delayed\r\nStatus: 4.7.1\r\n");
	expect_in(
	    parts[1], "Will-Retry-Until: Sat, 21 Nov 2026 06:58:20 +0000\r\n");
	report.event = REPORT_REVISING;
	report.reason = "ask for the order number";
	write_and_cut();
	expect_in(parts[0], "Remark: ask for the order number\r\n");
	expect_in(parts[0], "    Imprimatur-Revises: 17\r\n");
	expect_in(parts[1], "Action: delayed\r\nStatus: 4.7.1\r\n");
	report.event = REPORT_IN_DOUBT;
	write_and_cut();
	expect_in(parts[1], "Action: delayed\r\nStatus: 4.4.2\r\n");
}

static void success_is_told(void **state)
{
	(void)state;
	report.event = REPORT_SENT;
	report.edited = to[0].sent = true;
	to[0].answer = "250 2.0.0 queued";
	write_and_cut();
	expect_in(header, "Subject: Your message was sent (draft 17)\r\n");
	expect_in(header, "X-Imprimatur-Edited: yes\r\n");
	expect_in(parts[0], "A reviewer changed its text before.");
	expect_in(parts[1], "Action: relayed\r\nStatus: 2.0.0\r\n"
			    "Remote-MTA: dns; smtp.example.com\r\n"
			    "Diagnostic-Code: smtp; 250 2.0.0 queued\r\n");
}

/* Of two recipients each has its own. */
static void success_and_failure_are_told_in_one(void **state)
{
	(void)state;
	report.n_recipients = 2;
	to[0].answer = "550 5.1.1 no such user";
	to[1].sent = true;
	write_and_cut();
	expect_in(parts[0], "It was sent to:\r\n\r\n    joe@customer.example");
	expect_in(parts[1], "Action: failed\r\nStatus: 5.1.1\r\n");
	expect_in(parts[1], "Action: relayed\r\nStatus: 2.0.0\r\n");
}

static void who_wants_to_know(void **state)
{
	static const struct {
		unsigned notify;
		bool failed, held, sent;
	} rows[] = {
	    {0, true, true, false},
	    {MESSAGE_NOTIFY_NEVER, false, false, false},
	    {MESSAGE_NOTIFY_SUCCESS, false, false, true},
	    {MESSAGE_NOTIFY_DELAY, false, true, false},
	    {MESSAGE_NOTIFY_FAILURE, true, false, false},
	    {MESSAGE_NOTIFY_SUCCESS | MESSAGE_NOTIFY_FAILURE, true, false,
		true},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		to[0].notify = rows[i].notify;
		assert_int_equal(
		    report_is_wanted(to, REPORT_FAILED), rows[i].failed);
		assert_int_equal(
		    report_is_wanted(to, REPORT_DROPPED), rows[i].failed);
		assert_int_equal(
		    report_is_wanted(to, REPORT_HELD), rows[i].held);
		assert_int_equal(
		    report_is_wanted(to, REPORT_SENT), rows[i].sent);
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(a_drop_is_told),
	    TEST(a_deadline_is_told),
	    TEST(a_drop_without_a_reason_is_told),
	    TEST(a_failure_is_told_for_each_recipient),
	    TEST(a_status_is_always_there),
	    TEST(numeric_hosts_are_written_as_such),
	    TEST(words_from_outside_stay_in_their_line),
	    TEST(other_letters_are_kept),
	    TEST(long_words_are_folded),
	    TEST(the_original_recipient_is_of_its_type),
	    TEST(a_whole_message_is_returned_when_asked),
	    TEST(it_belongs_to_the_message),
	    TEST(an_odd_header_is_quoted),
	    TEST(a_large_header_is_cut_at_a_line),
	    TEST(a_mail_without_a_header_or_at_all),
	    TEST(a_category_is_a_field_of_its_own),
	    TEST(waiting_is_told),
	    TEST(success_is_told),
	    TEST(success_and_failure_are_told_in_one),
	    TEST(who_wants_to_know),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
