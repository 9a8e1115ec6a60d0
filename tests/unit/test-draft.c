/*
 * Tests of check/reader/draft: facts, parts, text and findings of whole
 * mails.
 */
#include "check/reader/draft.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <time.h>

#include "drafts.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define HEAD	     "From: a@x.example\r\nTo: b@y.example\r\n"
#define MIXED	     HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n"

static struct reading *read_bytes(struct span mail)
{
	const char *why;
	struct reading *reading = drafts_read(mail, &why);

	if (why != NULL)
		fail_msg("%s: %.200s", why, mail.data);
	return reading;
}

static struct reading *read_mail(const char *mail)
{
	return read_bytes((struct span){mail, strlen(mail)});
}

static void ordinary_mail_is_read(void **state)
{
	struct reading *r = read_mail(
	    "Received: from a by b; now\r\nReceived: from c by d; then\r\n"
	    "From: =?utf-8?q?B=C3=B6t?= <bot@corp.example>\r\n"
	    "Sender: ops@corp.example\r\n"
	    "To: Bob <bob@x.example>,\r\n Eve <eve@x.example>\r\n"
	    "Cc: c@x.example\r\nReply-To: r@corp.example\r\n"
	    "Subject: =?utf-8?b?w4Q=?= b\r\n"
	    "Date: Sat, 21 Nov 2026 10:00:00 +0000\r\n"
	    "Message-ID: <1@corp.example>\r\nIn-Reply-To: <0@x>\r\n"
	    "References: <a@x>\r\n <0@x>\r\nMIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=iso-8859-1\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
	    "Hell=F6,\r\n=20Bob=\r\n!\r\n");

	(void)state;
	assert_null(r->trouble);
	assert_int_equal(r->n_findings, 0);
	assert_int_equal(r->n_cuts, 0);
	assert_int_equal(r->n_received, 2);
	assert_string_equal(r->from, "B\xc3\xb6t <bot@corp.example>");
	assert_string_equal(r->sender, "ops@corp.example");
	assert_int_equal(r->n_authors, 2);
	assert_string_equal(r->authors[0], "bot@corp.example");
	assert_string_equal(r->authors[1], "ops@corp.example");
	assert_string_equal(r->to, "Bob <bob@x.example>, Eve <eve@x.example>");
	assert_string_equal(r->cc, "c@x.example");
	assert_string_equal(r->reply_to, "r@corp.example");
	assert_string_equal(r->subject, "\xc3\x84 b");
	assert_string_equal(r->date, "Sat, 21 Nov 2026 10:00:00 +0000");
	assert_string_equal(r->message_id, "<1@corp.example>");
	assert_string_equal(r->in_reply_to, "<0@x>");
	assert_string_equal(r->references, "<a@x> <0@x>");
	assert_string_equal(r->text.data, "Hell\xc3\xb6,\n Bob!\n");
	assert_int_equal(r->text_total, r->text.len);
	assert_int_equal(r->n_parts, 1);
	assert_int_equal(r->parts[0].depth, 0);
	assert_string_equal(r->parts[0].type, "text/plain");
	assert_string_equal(r->parts[0].charset, "iso-8859-1");
	assert_int_equal(r->parts[0].size, 15);
	assert_true(r->parts[0].in_text);
	reading_free(r);
}

static void many_parts_have_headings(void **state)
{
	struct reading *r = read_mail(
	    MIXED "--b\r\n\r\n=== part 9 of 9 ===\r\n--b\r\n"
		  "Content-Type: text/html\r\n\r\n<p>two</p>\r\n--b\r\n"
		  "Content-Type: image/png; name=\"a\\\"\xe2\x80\xae.png\"\r\n"
		  "Content-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--b\r\n"
		  "Content-Type: message/rfc822\r\n\r\n"
		  "From: c@d\r\nSubject: in\r\n\r\ninner\r\n--b--\r\nbye\r\n");

	(void)state;
	assert_string_equal(r->text.data,
	    "=== part 1 of 4: text/plain ===\n'== part 9 of 9 ===\n"
	    "=== part 2 of 4: text/html ===\ntwo\n"
	    "=== message within ===\nFrom: c@d\nSubject: in\n"
	    "=== part 4 of 4: text/plain ===\ninner\n"
	    "=== behind the last part ===\nbye\n");
	assert_int_equal(r->n_parts, 4);
	assert_string_equal(r->parts[2].filename, "a\"[U+202E].png");
	assert_int_equal(r->parts[2].size, 3);
	assert_false(r->parts[2].in_text);
	assert_int_equal(r->parts[3].depth, 2);
	assert_non_null(reading_find(r, "bidi"));
	assert_non_null(reading_find(r, "attachment"));
	assert_string_equal(reading_find(r, "text-outside-parts")->detail,
	    "5 bytes behind the last part: \"bye\"");
	reading_free(r);
}

static const struct {
	const char *mail, *finding;
	enum finding_weight weight;
} findings[] = {
    {"To: b@y\r\n\r\nx", "no-author", FINDING_TRIPWIRE},
    {HEAD "From: c@d\r\n\r\nx", "duplicate-header", FINDING_TRIPWIRE},
    {HEAD "Sender: c@d\r\nSender: c@d\r\n\r\nx", "duplicate-header",
	FINDING_TRIPWIRE},
    {HEAD "TO: c@d\r\n\r\nx", "duplicate-header", FINDING_CAUTION},
    {HEAD "Subject: a\r\nSubject: b\r\n\r\nx", "duplicate-header",
	FINDING_CAUTION},
    {HEAD "Content-Type: text/html\r\nContent-Type: text/plain\r\n\r\nx",
	"mime-ambiguous", FINDING_TRIPWIRE},
    {"From: a@b c@d\r\n\r\nx", "address-unreadable", FINDING_TRIPWIRE},
    {HEAD "Cc: nobody\r\n\r\nx", "address-unreadable", FINDING_CAUTION},
    {HEAD "Subject: =?utf-8?q?a=0D=0Ab?=\r\n\r\nx",
	"control-characters-in-header", FINDING_TRIPWIRE},
    {HEAD "Subject: a\x1b[2J\r\n\r\nx", "control-characters-in-header",
	FINDING_CAUTION},
    {HEAD "Subject: a\xe2\x81\xa6\r\n\r\nx", "bidi", FINDING_CAUTION},
    {HEAD "\r\na\x1b[2J", "control-characters", FINDING_CAUTION},
    {HEAD "\r\na\xe2\x80\xae", "bidi", FINDING_CAUTION},
    {HEAD "\r\na\xf3\xa0\x81\xa1", "invisible-characters", FINDING_CAUTION},
    {HEAD "Authentication-Results: x\r\n\r\nx", "reserved-header",
	FINDING_CAUTION},
    {HEAD "junk\r\n\r\nx", "mime-ambiguous", FINDING_TRIPWIRE},
    {HEAD "Content-Type: multipart/mixed\r\n\r\nx", "mime-ambiguous",
	FINDING_TRIPWIRE},
    {MIXED "none", "mime-ambiguous", FINDING_TRIPWIRE},
    {MIXED "--b\r\n\r\nx", "mime-ambiguous", FINDING_CAUTION},
    {MIXED "hey\r\n--b\r\n\r\nx\r\n--b--", "text-outside-parts",
	FINDING_CAUTION},
    {MIXED "This is a multi-part message in MIME format. Pay!\r\n"
	   "--b\r\n\r\nx\r\n--b--",
	"text-outside-parts", FINDING_CAUTION},
    {HEAD "Content-Transfer-Encoding: base64\r\n\r\nQUJ!!D\r\n",
	"mime-ambiguous", FINDING_CAUTION},
    {HEAD "Content-Type: text/plain; charset=utf-7\r\n\r\nx", "charset-unclear",
	FINDING_CAUTION},
    {HEAD "Content-Type: text/plain; charset=utf-8\r\n\r\n\xff",
	"charset-unclear", FINDING_CAUTION},
    {HEAD "Content-Type: text/html\r\n\r\n<i hidden>w</i>", "hidden-text",
	FINDING_CAUTION},
    {HEAD "Content-Type: text/html\r\n\r\n<img src=http://x>", "remote-content",
	FINDING_NOTE},
    {HEAD "Content-Type: text/html\r\n\r\n<script></script>", "active-content",
	FINDING_CAUTION},
    {HEAD "Content-Type: message/external-body; access-type=url\r\n\r\nx",
	"remote-content", FINDING_CAUTION},
    {HEAD "Content-Type: application/pdf; name=a.pdf\r\n\r\nx", "attachment",
	FINDING_NOTE},
    {HEAD "Content-Disposition: attachment\r\n\r\nx", "attachment",
	FINDING_NOTE},
};

static void oddities_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(findings); i++) {
		struct reading *r = read_mail(findings[i].mail);
		const struct finding *f = reading_find(r, findings[i].finding);

		if (f == NULL)
			fail_msg("no %s in %s", findings[i].finding,
			    findings[i].mail);
		else
			assert_int_equal(f->weight, findings[i].weight);
		reading_free(r);
	}
}

/* Mail as programs write it raises no alarm. */
static void ordinary_mail_is_silent(void **state)
{
	static const char *const mails[] = {
	    MIXED "This is a multi-part message in MIME format.\r\n"
		  "--b\r\n\r\nx\r\n--b--\r\n\r\n",
	    MIXED "This is a MIME-formatted message.  Portions of this\r\n"
		  "message may be unreadable without a MIME-capable mail "
		  "program.\r\n--b\r\n\r\nx\r\n--b--\r\n",
	    HEAD "\r\nM\xc3\xbcller\r\n",
	    HEAD "Content-Type: text/plain; charset=\"utf-8\"; "
		 "format=flowed;\r\n\r\n\xf0\x9f\x91\xa9\xe2\x80\x8d"
		 "\xf0\x9f\x9a\x80 \xe2\x9c\x94\xef\xb8\x8f\r\n",
	    "From: \"Bot\" <a@b> (a comment)\r\n"
	    "To: undisclosed-recipients:;\r\n\r\nx",
	    HEAD "Content-Type: text/html; charset=utf-8\r\n\r\n"
		 "<div style=\"display:none\">&nbsp;</div><p>x</p>"
		 "<img src=\"cid:logo\" alt=\"\">",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(mails); i++) {
		struct reading *r = read_mail(mails[i]);

		if (r->n_findings > 0)
			fail_msg("%s: %s in %s", r->findings[0].name,
			    r->findings[0].detail, mails[i]);
		reading_free(r);
	}
}

static void both_of_two_are_shown(void **state)
{
	struct reading *r = read_mail(
	    HEAD "From: c@d\r\nSubject: one\r\nSubject: two\r\n\r\nx");

	(void)state;
	assert_string_equal(r->from, "a@x.example | c@d");
	assert_string_equal(r->subject, "one | two");
	assert_int_equal(r->n_authors, 2);
	reading_free(r);
}

static void findings_do_not_flood(void **state)
{
	struct reading *r;
	struct buf mail;

	(void)state;
	buf_init(&mail, 1 << 20);
	buf_add_str(&mail, MIXED);
	for (int i = 0; i < 500; i++)
		buf_addf(
		    &mail, "--b\r\nContent-Type: a/b; name=%d\r\n\r\nx\r\n", i);
	buf_add_str(&mail, "--b--");
	r = read_mail(mail.data);
	assert_int_equal(r->n_parts, 500);
	assert_int_equal(r->n_findings, 5);
	assert_string_equal(r->findings[4].detail, "and more of these");
	reading_free(r);
	buf_release(&mail);
}

static void long_text_is_counted(void **state)
{
	struct reading *r;
	struct buf mail;

	(void)state;
	buf_init(&mail, 1 << 20);
	buf_add_str(&mail, HEAD "\r\n");
	while (mail.len < 900000)
		buf_add_str(&mail, "a line of a long text\r\n");
	r = read_mail(mail.data);
	assert_int_equal(r->text.len, READING_TEXT_MAX);
	assert_true(r->text_total > 800000);
	assert_non_null(reading_find(r, "text-truncated"));
	reading_free(r);
	buf_release(&mail);
}

static void long_html_is_counted(void **state)
{
	struct reading *r;
	struct buf mail;

	(void)state;
	buf_init(&mail, 1 << 20);
	buf_add_str(&mail, HEAD "Content-Type: text/html\r\n\r\n");
	while (mail.len < 900000)
		buf_add_str(&mail, "<!-- nothing to be seen -->\r\n");
	r = read_mail(mail.data);
	assert_non_null(reading_find(r, "text-truncated"));
	reading_free(r);
	buf_release(&mail);
}

static void unread_header_is_shown(void **state)
{
	struct reading *r;
	struct buf mail;

	(void)state;
	buf_init(&mail, 1 << 20);
	buf_add_str(&mail, HEAD);
	for (int i = 0; i < 3000; i++)
		buf_addf(&mail, "X-%d: y\r\n", i);
	buf_add_str(&mail, "Bcc: late@x.example\r\n\r\nbody\r\n");
	r = read_mail(mail.data);
	assert_int_equal(
	    reading_find(r, "header-too-large")->weight, FINDING_TRIPWIRE);
	assert_non_null(memmem(r->text.data, r->text.len, "X-2999: y", 9));
	assert_non_null(reading_find(r, "bcc"));
	assert_int_equal(r->n_cuts, 1);
	assert_int_equal(r->cuts[0].length, 21);
	reading_free(r);
	buf_release(&mail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ordinary_mail_is_read),
	    cmocka_unit_test(many_parts_have_headings),
	    cmocka_unit_test(oddities_are_found),
	    cmocka_unit_test(ordinary_mail_is_silent),
	    cmocka_unit_test(both_of_two_are_shown),
	    cmocka_unit_test(findings_do_not_flood),
	    cmocka_unit_test(long_text_is_counted),
	    cmocka_unit_test(long_html_is_counted),
	    cmocka_unit_test(unread_header_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
