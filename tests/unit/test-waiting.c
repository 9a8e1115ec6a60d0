/*
 * Tests of mailbox/waiting_mail: which mails are ours, which are as they were
 * put, and of which drafts a mail program shows all.
 */
#include "mailbox/waiting_mail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static const unsigned char key[WAITING_KEY_SIZE] =
    "the key of a test of thirty-two";
static const char revision[] = "From: bot@agents.example\r\n"
			       "Subject: parcel\r\n\r\nHello Jane\r\n";

static struct waiting_item item = {
    .notice = 4711, .draft = 17, .number = 2, .code = "K7Q4RM"};
static struct buf mail;

static int start(void **state)
{
	(void)state;
	memset(item.revision, 7, sizeof(item.revision));
	buf_init(&mail, 10000);
	waiting_mail_head(&mail, &item, key);
	buf_add_str(&mail, revision);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	buf_release(&mail);
	return 0;
}

static struct span span(const char *text)
{
	return (struct span){text, strlen(text)};
}

static bool is_ours(struct span bytes, const struct waiting_item *of)
{
	struct waiting_claim claim;

	return waiting_mail_claim(bytes, &claim) &&
	       waiting_mail_ours(&claim, of, key);
}

static void ours_is_known(void **state)
{
	struct waiting_item other = item;
	unsigned char wrong_key[WAITING_KEY_SIZE] = {0};
	struct waiting_claim claim;

	(void)state;
	assert_true(is_ours(buf_span(&mail), &item));
	other.notice++;
	assert_false(is_ours(buf_span(&mail), &other));
	other = item;
	other.revision[31] ^= 1;
	assert_false(is_ours(buf_span(&mail), &other));
	assert_true(waiting_mail_claim(buf_span(&mail), &claim));
	assert_int_equal(claim.notice, 4711);
	assert_false(waiting_mail_ours(&claim, &item, wrong_key));
}

/* The bytes of the mail with another text in one place. */
static struct span changed(const char *old, const char *new)
{
	static char text[10000];
	const char *at = strstr(mail.data, old);

	assert_non_null(at);
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - mail.data),
	    mail.data, new, at + strlen(old));
	return span(text);
}

static void nothing_else_is_ours(void **state)
{
	struct waiting_claim claim;

	(void)state;
	assert_false(is_ours(span(revision), &item));
	assert_false(is_ours(span(""), &item));
	assert_false(is_ours(changed("4711-", "4711"), &item));
	assert_false(is_ours(changed("4711-", "4712-"), &item));
	assert_false(is_ours(changed("4711-", "-4711-"), &item));
	assert_false(is_ours(changed("4711-", "99999999999999999999-"), &item));
	assert_false(is_ours(changed("4711-", "4711-a"), &item));
	/* below the header it counts for nothing, and twice for less */
	assert_false(is_ours(
	    changed("Imprimatur-Token", "Subject: x\r\n\r\nImprimatur-Token"),
	    &item));
	assert_false(waiting_mail_claim(
	    changed("Imprimatur-Draft", "Imprimatur-Token: 1-x\r\nA"), &claim));
	/* but wherever a mail program puts the field */
	assert_true(is_ours(
	    changed("Imprimatur-Token", "X-A: b\r\nimprimatur-token"), &item));
}

static bool is_same(struct span bytes)
{
	return waiting_mail_same(bytes, span(revision));
}

static void only_the_same_bytes_are_the_same(void **state)
{
	struct span less = buf_span(&mail);

	(void)state;
	assert_true(is_same(buf_span(&mail)));
	assert_true(is_same(span(revision)));
	assert_false(is_same(changed("Jane", "Jame")));
	assert_false(is_same(changed("Hello Jane\r\n", "Hello Jane\r\n\r\n")));
	assert_false(is_same(changed("From: ", "Bcc: x@y.example\r\nFrom: ")));
	assert_false(is_same(changed("Imprimatur-Token", "X-Imprimatur")));
	assert_false(is_same(changed("From: ", "\r\nFrom: ")));
	assert_false(
	    is_same(changed("Imprimatur-Draft", " x\r\nImprimatur-D")));
	less.len--;
	assert_false(is_same(less));
	assert_false(is_same(span("")));
	/* glued to a line of ours */
	assert_false(is_same(changed("\r\nFrom: ", "From: ")));
}

static struct finding finding = {.name = "amount", .weight = FINDING_CAUTION};
static struct reading reading;
static struct hold_recipient recipients[2];
static struct hold_view view;

static bool tells(const char *to, const char *cc, const char *second)
{
	recipients[0].address = "jane@customer.example";
	recipients[1].address = second;
	reading.to = to;
	reading.cc = cc;
	view.reading = &reading;
	view.recipients = recipients;
	view.n_recipients = second == NULL ? 1 : 2;
	return waiting_mail_tells(&view);
}

static void who_is_hidden_is_not_shown(void **state)
{
	(void)state;
	assert_true(tells("jane@customer.example", NULL, NULL));
	assert_true(tells("Jane <Jane@Customer.example>", NULL, NULL));
	assert_true(tells("Jane <jane@customer.example>", "Max <max@a.example>",
	    "max@a.example"));
	assert_false(tells(NULL, NULL, NULL));
	assert_false(tells("jane@customer.example", NULL, "max@a.example"));
	assert_false(tells(
	    "jane@customer.example, climax@a.example", NULL, "max@a.example"));
	assert_false(tells(
	    "jane@customer.example, max@a.example.net", NULL, "max@a.example"));
	assert_true(tells("jane@customer.example, climax@a.example",
	    "max@a.example", "max@a.example"));
}

static void what_is_unclear_is_not_shown(void **state)
{
	(void)state;
	reading.n_findings = 1;
	reading.findings = &finding;
	assert_true(tells("jane@customer.example", NULL, NULL));
	finding.weight = FINDING_TRIPWIRE;
	assert_false(tells("jane@customer.example", NULL, NULL));
	finding.weight = FINDING_NOTE;
	reading.trouble = "it has no end";
	assert_false(tells("jane@customer.example", NULL, NULL));
	reading.trouble = NULL;
	reading.text_total = 1;
	assert_false(tells("jane@customer.example", NULL, NULL));
	reading.text_total = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(ours_is_known, start, stop),
	    cmocka_unit_test_setup_teardown(nothing_else_is_ours, start, stop),
	    cmocka_unit_test_setup_teardown(
		only_the_same_bytes_are_the_same, start, stop),
	    cmocka_unit_test(who_is_hidden_is_not_shown),
	    cmocka_unit_test(what_is_unclear_is_not_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
