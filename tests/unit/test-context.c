/*
 * Tests of check/reader/context and cuts: what the agent says to the reviewer
 * is read, and never leaves.
 */
#include "check/reader/context.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "drafts.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define HEAD	     "From: a@x.example\r\nTo: b@y.example\r\n"
#define MIXED	     HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
#define JSON_FIELD   "Content-Type: " CONTEXT_TYPE "\r\n"
#define JSON	     JSON_FIELD "\r\n"
#define ATTACHED     "--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: e@f\r\n"
#define HELLO	     "--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n"

static struct reading *read_mail(const char *mail)
{
	const char *why;
	struct reading *reading =
	    drafts_read((struct span){mail, strlen(mail)}, &why);

	if (why != NULL)
		fail_msg("%s: %s", why, mail);
	return reading;
}

static const struct {
	const char *mail, *left; /* what leaves */
	const char *finding;	 /* NULL: none at all */
	enum finding_weight weight;
} cuts[] = {
    {HEAD "\r\nhello\r\n", HEAD "\r\nhello\r\n", NULL, 0},
    {HEAD "Imprimatur-Why: because\r\n of it\r\n\r\nhello\r\n",
	HEAD "\r\nhello\r\n", NULL, 0},
    {"IMPRIMATUR-why: x\r\n" HEAD "\r\nhello\r\n", HEAD "\r\nhello\r\n", NULL,
	0},
    {HEAD "Bcc: c@d\r\n\r\nBcc: body\r\n", HEAD "\r\nBcc: body\r\n", "bcc",
	FINDING_CAUTION},
    {HEAD "bcc : c@d,\r\n\te@f\r\nBCC:\r\nX: y\r\n\r\n", HEAD "X: y\r\n\r\n",
	"bcc", FINDING_CAUTION},
    {HEAD "Resent-Bcc: c@d\r\n\r\nx", HEAD "\r\nx", "bcc", FINDING_CAUTION},
    {HEAD "Bcc: c@d", HEAD, "bcc", FINDING_CAUTION},
    {HEAD "X-Imprimatur-Approved: yes\r\n\r\nx", HEAD "\r\nx",
	"reserved-header", FINDING_CAUTION},
    {HEAD "Imprimatur-Nonsense: yes\r\n\r\nx", HEAD "\r\nx", "context-unknown",
	FINDING_NOTE},
    {MIXED HELLO "--b\r\n" JSON "{}\r\n--b--\r\n", MIXED HELLO "--b--\r\n",
	NULL, 0},
    {MIXED "--b\r\n" JSON "{}\r\n" HELLO "--b--\r\n", MIXED HELLO "--b--\r\n",
	NULL, 0},
    {MIXED "--b\r\n" JSON "\r\n" HELLO "--b--\r\n", MIXED HELLO "--b--\r\n",
	"context-unreadable", FINDING_CAUTION},
    {MIXED HELLO "--b\r\n" JSON "[1]\r\n--b--\r\n", MIXED HELLO "--b--\r\n",
	"context-unreadable", FINDING_CAUTION},
    {MIXED HELLO "--b\r\n" JSON "{}\r\n--b\r\n" JSON "{}\r\n--b--\r\n",
	MIXED HELLO "--b--\r\n", "context-unreadable", FINDING_CAUTION},
    {MIXED "--b\r\nBcc: c@d\r\nX: y\r\n\r\nhello\r\n--b--\r\n",
	MIXED "--b\r\nX: y\r\n\r\nhello\r\n--b--\r\n", "bcc", FINDING_CAUTION},
    {MIXED "--b\r\nimprimatur-why: x\r\n\r\nhello\r\n--b--\r\n",
	MIXED "--b\r\n\r\nhello\r\n--b--\r\n", "reserved-header",
	FINDING_CAUTION},
    /* an attached message is somebody's as it is */
    {MIXED HELLO ATTACHED "Bcc: c@d\r\n\r\nx\r\n--b--\r\n",
	MIXED HELLO ATTACHED "Bcc: c@d\r\n\r\nx\r\n--b--\r\n", "bcc",
	FINDING_CAUTION},
    {MIXED HELLO ATTACHED "Imprimatur-Why: c\r\n\r\nx\r\n--b--\r\n",
	MIXED HELLO ATTACHED "Imprimatur-Why: c\r\n\r\nx\r\n--b--\r\n",
	"context-misplaced", FINDING_TRIPWIRE},
    {MIXED HELLO "--b\r\n" JSON_FIELD
		 "Content-Type: text/plain\r\n\r\n{}\r\n--b--\r\n",
	MIXED HELLO "--b--\r\n", "mime-ambiguous", FINDING_TRIPWIRE},
    {HEAD "Content-Type: multipart/signed; boundary=b\r\n\r\n" HELLO
	  "--b\r\n" JSON "{}\r\n--b--\r\n",
	HEAD "Content-Type: multipart/signed; boundary=b\r\n\r\n" HELLO
	     "--b--\r\n",
	"context-misplaced", FINDING_TRIPWIRE},
};

static void nothing_of_it_leaves(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cuts); i++) {
		struct span mail = {cuts[i].mail, strlen(cuts[i].mail)};
		struct reading *reading = read_mail(cuts[i].mail);
		char *left = drafts_cut(reading, mail);
		const struct finding *finding;

		assert_string_equal(left, cuts[i].left);
		assert_null(reading->trouble);
		if (cuts[i].finding == NULL) {
			if (reading->n_findings > 0)
				fail_msg("%s in %s", reading->findings[0].name,
				    cuts[i].mail);
		} else {
			finding = reading_find(reading, cuts[i].finding);
			assert_non_null(finding);
			assert_int_equal(finding->weight, cuts[i].weight);
		}
		free(left);
		reading_free(reading);
	}
}

static void fields_say_it(void **state)
{
	struct reading *reading = read_mail(
	    "Imprimatur-Why: =?utf-8?q?w=C3=A4?=\r\n"
	    "imprimatur-sources: one\r\nImprimatur-Sources: two\r\n"
	    "Imprimatur-Confidence: 0.75\r\nImprimatur-Prompt: p\r\n"
	    "Imprimatur-Case: c\r\nImprimatur-Action: a\r\n" HEAD "\r\nx");

	(void)state;
	assert_string_equal(reading->context.why, "w\xc3\xa4");
	assert_string_equal(reading->context.sources, "one\ntwo");
	assert_string_equal(reading->context.confidence, "0.75");
	assert_string_equal(reading->context.prompt, "p");
	assert_string_equal(reading->context.case_id, "c");
	assert_string_equal(reading->context.action, "a");
	reading_free(reading);
}

static void json_says_it(void **state)
{
	struct reading *reading = read_mail(
	    "Imprimatur-Case: field\r\n" MIXED HELLO "--b\r\n"
	    "Content-Type: Application/Vnd.Imprimatur.Context+JSON\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
	    "{\"why\": \"=C3=A4\\u202e\\u0000\", \"sources\": [\"a\", 2], =\r\n"
	    "\"confidence\": 0.5,\r\n\"case\": \"json\", \"more\": {}}\r\n"
	    "--b--\r\n");

	(void)state;
	assert_string_equal(reading->context.why, "\xc3\xa4[U+202E][U+0000]");
	assert_string_equal(reading->context.sources, "a\n2");
	assert_string_equal(reading->context.confidence, "0.5");
	assert_string_equal(reading->context.case_id, "field");
	assert_null(reading->context.prompt);
	assert_int_equal(reading->n_parts, 1);
	assert_string_equal(reading->text.data, "hello");
	reading_free(reading);
}

static void base64_is_undone(void **state)
{
	struct reading *reading = read_mail(
	    MIXED HELLO "--b\r\nContent-Transfer-Encoding: base64\r\n" JSON
			"eyJ3aHkiOiJ4In0=\r\n--b--\r\n");

	(void)state;
	assert_string_equal(reading->context.why, "x");
	reading_free(reading);
}

static void long_texts_end(void **state)
{
	struct reading *reading;
	struct buf mail;

	(void)state;
	buf_init(&mail, 1 << 20);
	for (int i = 0; i < 1500; i++)
		buf_addf(&mail, "Imprimatur-Sources: %060d\r\n", i);
	buf_add_str(&mail, MIXED HELLO "--b\r\n" JSON "{\"why\": \"");
	for (int i = 0; i < 10000; i++)
		buf_add_str(&mail, "0123456789");
	buf_add_str(&mail, "\"}\r\n--b--\r\n");
	reading = read_mail(mail.data);
	assert_true(strlen(reading->context.sources) < 10000);
	assert_true(strlen(reading->context.why) < CONTEXT_TEXT_MAX + 10);
	assert_int_equal(reading->n_cuts, 2);
	assert_int_equal(reading->cuts[0].length, 1500 * 82);
	reading_free(reading);
	buf_release(&mail);
}

/* Behind a limit it cannot be told apart: nobody may approve the mail. */
static void unread_context_is_trouble(void **state)
{
	struct reading *reading;
	struct buf mail;

	(void)state;
	buf_init(&mail, 1 << 20);
	buf_add_str(&mail, MIXED);
	for (int i = 0; i < 1200; i++)
		buf_add_str(&mail, HELLO);
	buf_add_str(&mail, "--b\r\n" JSON "{}\r\n--b--\r\n");
	reading = read_mail(mail.data);
	assert_non_null(reading->trouble);
	assert_non_null(reading_find(reading, "mime-too-many-parts"));
	reading_free(reading);
	buf_clear(&mail);
	for (int i = 0; i < 3000; i++)
		buf_add_str(&mail, "X: y\r\n");
	buf_add_str(&mail, MIXED HELLO "--b\r\n" JSON "{}\r\n--b--\r\n");
	reading = read_mail(mail.data);
	assert_non_null(reading->trouble);
	assert_non_null(reading_find(reading, "header-too-large"));
	reading_free(reading);
	buf_clear(&mail);
	buf_add_str(&mail, MIXED "--c\r\n" JSON "{}\r\n--c--\r\n");
	reading = read_mail(mail.data);
	assert_non_null(reading->trouble);
	reading_free(reading);
	buf_clear(&mail);
	buf_add_str(&mail, MIXED HELLO "--b--\r\n--b\r\n" JSON "{}\r\n--b--");
	reading = read_mail(mail.data);
	assert_non_null(reading->trouble);
	reading_free(reading);
	buf_release(&mail);
}

/* What is not cut, in whatever spelling, must not leave: nobody may approve. */
static void what_is_not_cut_is_trouble(void **state)
{
	static const char *const mails[] = {
	    HEAD JSON "{}\r\n",
	    MIXED "--b\r\n" JSON "{}\r\n--b--\r\n",
	    MIXED "--b\r\n" JSON "{}\r\n--b\r\n" JSON "{}\r\n--b--\r\n",
	    MIXED HELLO "--b\r\n" JSON "{}\r\n",
	    MIXED HELLO "--b\r\nContent-Type: multipart/related; boundary=i"
			"\r\n\r\n--i\r\n" JSON "{}\r\n--i--\r\n--b--\r\n",
	    MIXED HELLO "--b\r\nContent-Type: text/plain\r\n" JSON
			"{}\r\n--b--\r\n",
	    MIXED HELLO "--b\r\nContent-Type: \"" CONTEXT_TYPE
			"\"\r\n\r\n{}\r\n--b--\r\n",
	    MIXED HELLO "--b\r\nContent-Type: application/x; "
			"VND.imprimatur.\r\n Context+json\r\n\r\n{}\r\n"
			"--b--\r\n",
	    MIXED HELLO "--b\r\nContent-Type: message/external-body; "
			"access-type=local-file\r\n\r\n" JSON "{}\r\n--b--\r\n",
	    MIXED HELLO "--bb\r\n" JSON "{}\r\n--b--\r\n",
	    MIXED HELLO ATTACHED JSON "{}\r\n--b--\r\n",
	    /* of the same: base64 of a multipart with it */
	    MIXED HELLO
	    "--b\r\nContent-Type: message/rfc822\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\n"
	    "Q29udGVudC1UeXBlOiBhcHBsaWNhdGlvbi92bmQuaW1wcmltYXR1ci5jb250ZXh0"
	    "K2pzb24NCg0Ke30NCg==\r\n--b--\r\n",
	    HEAD "Bcc\xc2\xa0: c@d\r\n\r\nx",
	    HEAD "\xe2\x80\x8b"
		 "Bcc: c@d\r\n\r\nx",
	    HEAD "\xc2\xa0imprimatur-why: c\r\n\r\nx",
	    HEAD "X-Imprimatur\xe2\x80\x8b-Why: c\r\n\r\nx",
	    MIXED "--b\r\n Bcc: c@d\r\n\r\nhello\r\n--b--\r\n",
	    /* cutting it would break the signature */
	    HEAD "Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n"
		 "Bcc: c@d\r\n\r\nx\r\n" HELLO "--b--\r\n",
	    /* our own fields come before it */
	    " Bcc: c@d\r\n" HEAD "\r\nx",
	    "\tx\r\n" HEAD "\r\nx",
	};
	static const char *const harmless[] = {
	    HEAD "Subject: please\r\n bcc me on it\r\n\r\nBcc: body\r\n",
	    HEAD "\r\nImprimatur asks, and imprimatur-why: in a body\r\n",
	};
	struct reading *reading;

	(void)state;
	for (size_t i = 0; i < COUNT(mails); i++) {
		reading = read_mail(mails[i]);
		if (reading->trouble == NULL)
			fail_msg("no trouble: %s", mails[i]);
		reading_free(reading);
	}
	for (size_t i = 0; i < COUNT(harmless); i++) {
		reading = read_mail(harmless[i]);
		assert_null(reading->trouble);
		reading_free(reading);
	}
}

/* What takes another's place, and what takes one back; none of it leaves. */
static void other_drafts_are_named(void **state)
{
	static const struct {
		const char *mail, *replaces, *withdraw;
	} cases[] = {
	    {HEAD "Imprimatur-Revises: 17\r\n\r\nx", "17", NULL},
	    {HEAD "imprimatur-SUPERSEDES: <1@a.example>\r\n\r\nx",
		"<1@a.example>", NULL},
	    {HEAD "Imprimatur-Withdraw:\r\n <1@a.example>\r\n\r\n", NULL,
		"<1@a.example>"},
	    {HEAD "Imprimatur-Revises: 1\r\nImprimatur-Supersedes: 2\r\n\r\n",
		"1\n2", NULL},
	    {MIXED HELLO "--b\r\n" JSON "{\"revises\": 17}\r\n--b--\r\n", "17",
		NULL},
	    {HEAD "X-Imprimatur-Withdraw: 17\r\n\r\n", NULL, NULL},
	    {HEAD "\r\nImprimatur-Withdraw: 17\r\n", NULL, NULL},
	};
	struct reading *reading;
	char *left;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		reading = read_mail(cases[i].mail);
		if (cases[i].replaces == NULL)
			assert_null(reading->context.replaces);
		else
			assert_string_equal(
			    reading->context.replaces, cases[i].replaces);
		if (cases[i].withdraw == NULL)
			assert_null(reading->context.withdraw);
		else
			assert_string_equal(
			    reading->context.withdraw, cases[i].withdraw);
		left = drafts_cut(reading,
		    (struct span){cases[i].mail, strlen(cases[i].mail)});
		if (i + 1 < COUNT(cases))
			assert_null(strcasestr(left, "imprimatur-"));
		free(left);
		reading_free(reading);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(other_drafts_are_named),
	    cmocka_unit_test(nothing_of_it_leaves),
	    cmocka_unit_test(fields_say_it),
	    cmocka_unit_test(json_says_it),
	    cmocka_unit_test(base64_is_undone),
	    cmocka_unit_test(long_texts_end),
	    cmocka_unit_test(unread_context_is_trouble),
	    cmocka_unit_test(what_is_not_cut_is_trouble),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
