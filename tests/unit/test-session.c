/*
 * Tests of what goes over the wire: mails in and out of step, pipelining, long
 * and broken lines, chunks; the real room, real sockets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "accept-fixture.h"
#include "accept-room.h"
#include "util/digest.h"

static struct room room;

static int open_room(void **state)
{
	(void)state;
	room_init(&room, false);
	room_open(&room);
	return 0;
}

static int close_room(void **state)
{
	(void)state;
	room_release(&room);
	return 0;
}

/* MAIL and one RCPT, by whoever is logged in. */
static void begin_mail(struct client *c)
{
	client_try(c, "MAIL FROM:<a@demo.example>", "250 2.1.0 ");
	client_try(c, "RCPT TO:<b@x.example>", "250 2.1.5 ");
}

static void begin_data(struct client *c)
{
	begin_mail(c);
	client_try(c, "DATA", "354 ");
}

/* ---- whole mails -------------------------------------------------------- */

static void a_mail_is_handed_over_exactly(void **state)
{
	const char text[] = "Subject: x\r\n\r\n.a\r\n.\r\nb\xc3\xa9\r\n";
	unsigned char sha256[DIGEST_SIZE];
	const struct message *m;
	struct client c;

	(void)state;
	client_login(&c, &room);
	client_try(&c, "MAIL FROM:<a@demo.example> RET=FULL", "250 ");
	client_try(&c, "RCPT TO:<b@x.example> NOTIFY=DELAY", "250 ");
	client_try(&c, "RCPT TO:<c@x.example>", "250 ");
	client_try(&c, "DATA", "354 ");
	client_say(&c, "Subject: x\r\n\r\n..a\r\n..\r\nb\xc3\xa9\r\n.\r\n");
	client_expect(&c, "250 2.0.0 held\r\n");
	assert_int_equal(room.drafts, 1);
	m = room.mail;
	assert_int_equal(m->bytes.len, sizeof(text) - 1);
	assert_memory_equal(m->bytes.data, text, sizeof(text) - 1);
	digest_of(text, sizeof(text) - 1, sha256);
	assert_memory_equal(m->sha256, sha256, DIGEST_SIZE);
	assert_string_equal(m->agent, "demo");
	assert_string_equal(m->peer, "127.0.0.1");
	assert_string_equal(m->helo, "client.example");
	assert_true(m->esmtp);
	assert_false(m->tls);
	assert_true(m->received_ms > 0);
	assert_string_equal(m->envelope.from, "a@demo.example");
	assert_int_equal(m->envelope.ret, MESSAGE_RET_FULL);
	assert_int_equal(m->envelope.n_recipients, 2);
	assert_int_equal(
	    m->envelope.recipients[0].notify, MESSAGE_NOTIFY_DELAY);
	/* 8-bit bytes were declared 7BIT: what is true is recorded */
	assert_int_equal(m->envelope.body, MESSAGE_BODY_8BITMIME);
	client_try(&c, "QUIT", "221 ");
	client_expect_end(&c);
	client_close(&c);
}

static void seven_bits_stay_seven(void **state)
{
	struct client c;

	(void)state;
	client_login(&c, &room);
	begin_data(&c);
	client_say(&c, "a\r\n.\r\n");
	client_expect(&c, "250 ");
	assert_int_equal(room.mail->envelope.body, MESSAGE_BODY_7BIT);
	client_close(&c);
}

static void an_answer_to_a_notice_is_handed_over(void **state)
{
	struct client c;

	(void)state;
	client_greet(&c, &room);
	client_try(&c, "MAIL FROM:<you@localhost>", "250 ");
	client_try(&c, "RCPT TO:<" FIXTURE_REVIEW ">", "250 ");
	client_try(&c, "DATA", "354 ");
	client_say(&c, "\r\napprove\r\n.\r\n");
	client_expect(&c, "250 ");
	assert_int_equal(room.drafts, 0);
	assert_int_equal(room.replies, 1);
	assert_int_equal(room.notice, 7);
	assert_null(room.mail->agent);
	client_close(&c);
}

static void refusals_are_passed_on(void **state)
{
	struct client c;

	(void)state;
	room.wait = true;
	client_login(&c, &room);
	begin_data(&c);
	client_say(&c, "a\r\n.\r\n");
	client_expect_nothing(&c);
	assert_int_equal(accept_waiting(room.accept), 1);
	room_answer(&room, 550);
	assert_int_equal(accept_waiting(room.accept), 0);
	client_expect(&c, "550 5.7.1 no\r\n");
	client_try(&c, "NOOP", "250 ");
	assert_int_equal(room.confirmed, 0);
	client_close(&c);
}

/* ---- order --------------------------------------------------------------- */

static void pipelined_commands_are_answered_in_order(void **state)
{
	struct client c;
	int i;

	(void)state;
	client_open(&c, &room);
	client_expect(&c, "220 ");
	client_say(&c, "EHLO c.example\r\nAUTH PLAIN AGRlbW8AZGVtbw==\r\n");
	client_expect(&c, "250-");
	client_expect(&c, "235 ");
	for (i = 0; i < 3; i++)
		client_say(&c,
		    "MAIL FROM:<a@demo.example>\r\nRCPT TO:<b@x.example>\r\n"
		    "NONSENSE\r\nRCPT TO:<c@x.example>\r\nDATA\r\n"
		    "text\r\n.\r\n");
	client_say(&c, "NOOP\r\nQUIT\r\n");
	for (i = 0; i < 3; i++) {
		client_expect(&c, "250 2.1.0 ");
		client_expect(&c, "250 2.1.5 ");
		client_expect(&c, "500 5.5.1 ");
		client_expect(&c, "250 2.1.5 ");
		client_expect(&c, "354 ");
		client_expect(&c, "250 2.0.0 held");
	}
	client_expect(&c, "250 2.0.0 ok");
	client_expect(&c, "221 ");
	client_expect_end(&c);
	assert_int_equal(room.drafts, 3);
	client_close(&c);
}

static void one_byte_at_a_time(void **state)
{
	const char text[] = "EHLO c.example\r\nAUTH PLAIN AGRlbW8AZGVtbw==\r\n"
			    "MAIL FROM:<a@demo.example>\r\n"
			    "RCPT TO:<b@x.example>\r\nDATA\r\n"
			    "..a\r\n.\r\nQUIT\r\n";
	struct client c;
	size_t i;

	(void)state;
	client_open(&c, &room);
	client_expect(&c, "220 ");
	for (i = 0; i < sizeof(text) - 1; i++)
		client_send(&c, text + i, 1);
	client_expect(&c, "250-");
	client_expect(&c, "235 ");
	client_expect(&c, "250 2.1.0 ");
	client_expect(&c, "250 2.1.5 ");
	client_expect(&c, "354 ");
	client_expect(&c, "250 2.0.0 held");
	client_expect(&c, "221 ");
	client_expect_end(&c);
	assert_string_equal(room.mail->bytes.data, ".a\r\n");
	client_close(&c);
}

static void commands_wait_for_the_answer(void **state)
{
	struct client c;

	(void)state;
	room.wait = true;
	client_login(&c, &room);
	begin_data(&c);
	client_say(&c, "a\r\n.\r\nNOOP\r\nQUIT\r\n");
	client_expect_nothing(&c);
	room_answer(&room, 250);
	client_expect(&c, "250 2.0.0 held");
	client_expect(&c, "250 2.0.0 ok");
	client_expect(&c, "221 ");
	/* they were sent before the 250, so it is not known to be read */
	assert_int_equal(room.confirmed, 0);
	client_expect_end(&c);
	client_close(&c);
}

static void the_next_command_confirms(void **state)
{
	struct client c;

	(void)state;
	client_login(&c, &room);
	begin_data(&c);
	client_say(&c, "a\r\n.\r\n");
	client_expect(&c, "250 ");
	assert_int_equal(room.confirmed, 0);
	client_try(&c, "NOOP", "250 ");
	assert_int_equal(room.confirmed, 1);
	assert_int_equal(room.confirmed_draft, 42);
	begin_data(&c);
	client_say(&c, "a\r\n.\r\n");
	client_expect(&c, "250 ");
	client_try(&c, "QUIT", "221 ");
	assert_int_equal(room.confirmed, 2);
	client_close(&c);
}

static void a_client_may_vanish_before_its_answer(void **state)
{
	struct client c;

	(void)state;
	room.wait = true;
	client_login(&c, &room);
	begin_data(&c);
	client_say(&c, "a\r\n.\r\n");
	assert_int_equal(room.drafts, 1);
	client_close(&c);
	room_run(&room);
	room_answer(&room, 250);
	room_run(&room);
	room_run(&room);
	assert_int_equal(room.confirmed, 0);
	assert_int_equal(accept_waiting(room.accept), 0);
}

static void whoever_stops_sending_still_gets_answers(void **state)
{
	struct client c;

	(void)state;
	room.wait = true;
	client_login(&c, &room);
	begin_data(&c);
	client_say(&c, "a\r\n.\r\n");
	shutdown(c.fd, SHUT_WR);
	room_run(&room);
	room_answer(&room, 250);
	client_expect(&c, "250 2.0.0 held");
	client_expect_end(&c);
	client_close(&c);
}

/* ---- bad mails ----------------------------------------------------------- */

static const struct {
	const char *text, *begin;
} bad[] = {
    {"a\nb\r\n.\r\n", "550 5.6.0 "},
    {"a\rb\r\n.\r\n", "550 5.6.0 "},
    {"a\n.\nMAIL FROM:<e@x>\r\n.\r\n", "550 5.6.0 "},
    {"a\n.\r\nMAIL FROM:<e@x>\r\n.\r\n", "550 5.6.0 "},
    {"a\r\n.\nMAIL FROM:<e@x>\r\n.\r\n", "550 5.6.0 "},
    {"a\r\n.\rMAIL FROM:<e@x>\r\n.\r\n", "550 5.6.0 "},
    {"a\r\r\n.\r\n", "550 5.6.0 "},
};

static void bad_mails_end_where_they_end(void **state)
{
	struct client c;
	size_t i;

	(void)state;
	client_login(&c, &room);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		begin_data(&c);
		client_say(&c, bad[i].text);
		client_expect(&c, bad[i].begin);
		client_try(&c, "NOOP", "250 ");
		client_expect_nothing(&c);
	}
	begin_data(&c);
	client_send(&c, "a\0b\r\n.\r\n", 8);
	client_expect(&c, "550 5.6.0 ");
	client_try(&c, "RSET", "250 ");
	assert_int_equal(room.drafts, 0);
	client_close(&c);
}

static void send_lines(struct client *c, size_t line, size_t total)
{
	char *text = malloc(line + 2);
	size_t sent;

	memset(text, 'x', line);
	memcpy(text + line, "\r\n", 2);
	for (sent = 0; sent + line + 2 <= total; sent += line + 2)
		client_send(c, text, line + 2);
	free(text);
}

static void long_lines_are_refused_whole(void **state)
{
	struct client c;

	(void)state;
	client_login(&c, &room);
	begin_data(&c);
	send_lines(&c, 998, 1000);
	client_say(&c, ".\r\n");
	client_expect(&c, "250 ");
	begin_data(&c);
	send_lines(&c, 999, 1001);
	client_say(&c, ".\r\n");
	client_expect(&c, "550 5.6.0 ");
	begin_data(&c);
	send_lines(&c, 500000, 500002);
	client_say(&c, ".\r\n");
	client_expect(&c, "550 5.6.0 ");
	client_try(&c, "NOOP", "250 ");
	client_close(&c);
}

static void large_mails_are_refused_at_their_end(void **state)
{
	const size_t most = 1024 * 1024;
	struct client c;

	(void)state;
	client_login(&c, &room);
	begin_data(&c);
	send_lines(&c, 62, most);
	client_say(&c, ".\r\n");
	client_expect(&c, "250 ");
	assert_int_equal(room.mail->bytes.len, most);
	begin_data(&c);
	send_lines(&c, 62, most);
	client_say(&c, "\r\n.\r\n");
	client_expect(&c, "552 5.3.4 ");
	begin_data(&c);
	send_lines(&c, 62, 8 * most);
	client_say(&c, ".\r\n");
	client_expect(&c, "552 5.3.4 ");
	assert_int_equal(room.drafts, 1);
	begin_data(&c);
	client_say(&c, "a\r\n.\r\n");
	client_expect(&c, "250 ");
	client_close(&c);
}

static void a_full_house_says_later(void **state)
{
	struct client c;

	(void)state;
	client_login(&c, &room);
	message_budget_init(64 * 1024);
	begin_data(&c);
	send_lines(&c, 62, 256 * 1024);
	client_say(&c, ".\r\n");
	client_expect(&c, "452 4.3.1 ");
	begin_data(&c);
	client_say(&c, "a\r\n.\r\n");
	client_expect(&c, "250 ");
	client_close(&c);
}

/* ---- lines --------------------------------------------------------------- */

static void long_commands_are_refused(void **state)
{
	static const size_t lengths[] = {511, 513, 4096, 12289, 1024 * 1024};
	struct client c;
	char *line;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		line = malloc(lengths[i]);
		memset(line, 'x', lengths[i]);
		memcpy(line, "NOOP ", 5);
		client_greet(&c, &room);
		/* the reply does not wait for the line's end */
		client_send(&c, line, lengths[i]);
		if (lengths[i] > 512)
			client_expect(&c, "500 5.5.2 ");
		client_expect_nothing(&c);
		client_say(&c, "\r\nRSET\r\n");
		if (lengths[i] <= 512)
			client_expect(&c, "500 5.5.2 ");
		client_expect(&c, "250 2.0.0 forgotten");
		client_expect_nothing(&c);
		client_close(&c);
		free(line);
	}
	client_greet(&c, &room);
	line = malloc(514);
	memset(line, 'x', 512);
	memcpy(line, "NOOP ", 5);
	memcpy(line + 510, "\r\n", 2);
	client_send(&c, line, 512);
	client_expect(&c, "250 ");
	client_close(&c);
	free(line);
}

static void lines_end_with_crlf(void **state)
{
	struct client c;

	(void)state;
	client_login(&c, &room);
	client_say(&c, "MAIL FROM:<a@demo.example> SIZE=1\n"
		       "RCPT TO:<b@x.example>\r\n");
	client_expect(&c, "500 5.5.2 ");
	client_expect_nothing(&c);
	client_try(&c, "RCPT TO:<b@x.example>", "503 ");
	client_say(&c, "NOOP\n");
	client_expect(&c, "500 5.5.2 ");
	client_say(&c, "NOOP\nNOOP\rNOOP\r");
	client_expect_nothing(&c);
	client_say(&c, "\n");
	client_try(&c, "NOOP", "250 ");
	client_say(&c, "NOOP\r\r\n");
	client_expect(&c, "500 5.5.2 ");
	client_say(&c, "\n\r\n");
	client_expect(&c, "500 5.5.2 ");
	client_expect_nothing(&c);
	client_send(&c, "NO\0OP\r\n", 7);
	client_expect(&c, "500 5.5.2 ");
	client_try(&c, "NOOP", "250 ");
	client_close(&c);
}

static void login_lines_have_a_limit(void **state)
{
	struct client c;
	char *line = malloc(12300);

	(void)state;
	memset(line, 'A', 12300);
	client_greet(&c, &room);
	client_try(&c, "AUTH PLAIN", "334 ");
	client_send(&c, line, 12286);
	client_try(&c, "", "501 5.5.2 ");
	client_try(&c, "AUTH PLAIN", "334 ");
	client_send(&c, line, 12290);
	client_expect(&c, "500 5.5.6 ");
	client_say(&c, "\r\n");
	client_try(&c, "NOOP", "250 ");
	memcpy(line, "AUTH PLAIN ", 11);
	client_send(&c, line, 12290);
	client_expect(&c, "500 5.5.6 ");
	client_say(&c, "\r\n");
	client_try(&c, "NOOP", "250 ");
	client_close(&c);
	free(line);
}

/* ---- chunks -------------------------------------------------------------- */

static void chunks_make_a_mail(void **state)
{
	const char text[] = "a\r\n.\r\n..b\r\n";
	struct client c;

	(void)state;
	client_login(&c, &room);
	begin_mail(&c);
	client_say(&c, "BDAT 2\r\na\r");
	client_expect(&c, "250 2.0.0 go on");
	client_say(&c, "BDAT 0\r\nBDAT 5\r\n\n.\r\n.BDAT 4 LAST\r\n.b\r\n");
	client_expect(&c, "250 2.0.0 go on");
	client_expect(&c, "250 2.0.0 go on");
	client_expect(&c, "250 2.0.0 held");
	assert_int_equal(room.mail->bytes.len, sizeof(text) - 1);
	assert_memory_equal(room.mail->bytes.data, text, sizeof(text) - 1);
	begin_mail(&c);
	client_try(&c, "BDAT 0 LAST", "250 2.0.0 held");
	assert_int_equal(room.mail->bytes.len, 0);
	assert_int_equal(room.drafts, 2);
	client_try(&c, "BDAT 0 LAST", "503 ");
	client_close(&c);
}

static void bad_chunks_stay_in_step(void **state)
{
	struct client c;

	(void)state;
	client_login(&c, &room);
	client_say(&c, "BDAT 6 LAST\r\nRSET\r\nNOOP\r\n");
	client_expect(&c, "503 ");
	client_expect(&c, "250 2.0.0 ok");
	begin_mail(&c);
	client_say(&c, "BDAT 4\r\na\nb\nBDAT 6\r\nQUIT\r\n"
		       "BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n");
	client_expect(&c, "550 5.6.0 ");
	client_expect(&c, "503 ");
	client_expect(&c, "503 ");
	client_expect(&c, "250 2.0.0 ok");
	client_try(&c, "DATA", "503 ");
	client_try(&c, "RSET", "250 ");
	begin_mail(&c);
	client_say(&c, "BDAT 3 LAST\r\na\r\r");
	client_expect(&c, "550 5.6.0 ");
	begin_mail(&c);
	client_say(&c, "BDAT 3 LAST\r\nabc");
	client_expect(&c, "550 5.6.0 ");
	client_try(&c, "NOOP", "250 ");
	client_expect_nothing(&c);
	assert_int_equal(room.drafts, 0);
	client_close(&c);
}

static void large_chunks_are_skipped(void **state)
{
	struct client c;

	(void)state;
	client_login(&c, &room);
	begin_mail(&c);
	client_say(&c, "BDAT 2097152 LAST\r\n");
	send_lines(&c, 62, 2097152);
	client_expect(&c, "552 5.3.4 ");
	client_try(&c, "NOOP", "250 ");
	client_try(&c, "BDAT 18446744073709551616", "552 ");
	client_expect_end(&c);
	client_close(&c);
}

static void chunks_may_be_cut_off(void **state)
{
	struct client c;

	(void)state;
	client_login(&c, &room);
	begin_mail(&c);
	client_say(&c, "BDAT 1000 LAST\r\nabc\r\n");
	client_close(&c);
	room_run(&room);
	assert_int_equal(accept_sessions(room.accept), 0);
	client_login(&c, &room);
	begin_mail(&c);
	client_say(&c, "BDAT 3\r\na\r\n");
	client_expect(&c, "250 ");
	client_try(&c, "RSET", "250 ");
	client_try(&c, "BDAT 0 LAST", "503 ");
	assert_int_equal(room.drafts, 0);
	client_close(&c);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_room, close_room)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_mail_is_handed_over_exactly),
	    TEST(seven_bits_stay_seven),
	    TEST(an_answer_to_a_notice_is_handed_over),
	    TEST(refusals_are_passed_on),
	    TEST(pipelined_commands_are_answered_in_order),
	    TEST(one_byte_at_a_time),
	    TEST(commands_wait_for_the_answer),
	    TEST(the_next_command_confirms),
	    TEST(a_client_may_vanish_before_its_answer),
	    TEST(whoever_stops_sending_still_gets_answers),
	    TEST(bad_mails_end_where_they_end),
	    TEST(long_lines_are_refused_whole),
	    TEST(large_mails_are_refused_at_their_end),
	    TEST(a_full_house_says_later),
	    TEST(long_commands_are_refused),
	    TEST(lines_end_with_crlf),
	    TEST(login_lines_have_a_limit),
	    TEST(chunks_make_a_mail),
	    TEST(bad_chunks_stay_in_step),
	    TEST(large_chunks_are_skipped),
	    TEST(chunks_may_be_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
