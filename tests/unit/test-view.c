/*
 * test-view: a draft as plug-ins see it.
 */
#include "check/reader/draft.h"
#include "check/reader/equip.h"
#include "check/reader/own.h"
#include "check/reader/text.h"
#include "check/reader/view.h"
#include "check/reader/viewlink.h"

#include "util/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct seen {
	char *bytes;
	struct reading *reading;
	struct text_more more;
	struct about about;
	struct sight sight;
	struct view *view;
	const struct imprimatur_mail *mail;
};

static void see(struct seen *s, const char *mail)
{
	static const char *recipient = "bob@customer.example";
	struct arena *arena = arena_new();

	memset(s, 0, sizeof(*s));
	s->bytes = mem_strdup(mail);
	s->reading = arena_alloc(arena, sizeof(*s->reading));
	s->reading->arena = arena;
	s->more.wanted = true;
	s->about = (struct about){.agent = "bot",
	    .sender = "bot@agent.example",
	    .n_recipients = 1,
	    .recipients = &recipient};
	s->sight = (struct sight){.reading = s->reading,
	    .mime =
		mime_split(arena, (struct span){s->bytes, strlen(s->bytes)}),
	    .more = &s->more,
	    .about = &s->about};
	text_read(s->reading, s->sight.mime, &s->more);
	s->sight.own = own_text(arena, s->reading->text, &s->more);
	s->sight.bare = s->reading->text;
	s->view = view_new(&s->sight);
	s->mail = view_mail(s->view, "support");
}

static void forget(struct seen *s)
{
	view_free(s->view);
	reading_free(s->reading);
	free(s->bytes);
}

static void assert_text(const char *text, size_t size, const char *expected)
{
	if (size != strlen(expected) || memcmp(text, expected, size) != 0)
		print_message("%.*s\n", (int)size, text);
	assert_int_equal(size, strlen(expected));
	assert_memory_equal(text, expected, size);
}

static void test_header(void **state)
{
	struct seen s;

	(void)state;
	see(&s, "From: =?utf-8?Q?J=C3=B6rg?= <j@a.example>\r\n"
		"To: Bob <bob@b.example>, \"x, y\" <z@b.example>,\r\n"
		" Nobody:;\r\n"
		"Imprimatur-Why: it is asked for\r\n"
		"Cc: not an address <but@one.example\r\n"
		"Subject: one\r\n two =?utf-8?Q?=E2=80=AE?=x=?utf-8?Q?=00?=\r\n"
		"X-Odd:\r\n\r\nHello\r\n");
	assert_int_equal(s.mail->size, sizeof(*s.mail));
	assert_string_equal(s.mail->channel, "support");
	assert_string_equal(s.mail->agent, "bot");
	assert_string_equal(s.mail->sender, "bot@agent.example");
	assert_int_equal(s.mail->n_recipients, 1);
	assert_string_equal(s.mail->recipients[0], "bob@customer.example");
	assert_int_equal(s.mail->n_fields, 5);
	assert_string_equal(s.mail->fields[0].name, "From");
	assert_string_equal(
	    s.mail->fields[0].value, "J\xc3\xb6rg <j@a.example>");
	assert_string_equal(s.mail->fields[4].name, "X-Odd");
	assert_string_equal(s.mail->fields[4].value, "");
	assert_string_equal(
	    s.mail->subject, "one two \xe2\x80\xaex\xef\xbf\xbd");
	assert_int_equal(s.mail->n_addresses, 5);
	assert_string_equal(s.mail->addresses[0].field, "From");
	assert_string_equal(s.mail->addresses[0].display, "J\xc3\xb6rg");
	assert_string_equal(s.mail->addresses[0].address, "j@a.example");
	assert_string_equal(s.mail->addresses[2].display, "x, y");
	assert_string_equal(s.mail->addresses[2].address, "z@b.example");
	assert_string_equal(s.mail->addresses[3].display, "Nobody");
	assert_string_equal(s.mail->addresses[3].address, "");
	assert_string_equal(s.mail->addresses[4].field, "Cc");
	assert_string_equal(s.mail->addresses[4].address, "but@one.example");
	assert_int_equal(s.mail->n_parts, 1);
	assert_int_equal(s.mail->parts[0].depth, 0);
	assert_int_equal(s.mail->parts[0].alternative, -1);
	assert_text(s.mail->text, s.mail->text_size, "Hello\n");
	assert_int_equal(s.mail->bytes, strlen(s.bytes));
	forget(&s);
}

#define TWINS                                                                  \
	"From: a@b.example\r\nMIME-Version: 1.0\r\n"                           \
	"Content-Type: multipart/mixed; boundary=m\r\n\r\n"                    \
	"--m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n"       \
	"--a\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"              \
	"Content-Transfer-Encoding: quoted-printable\r\n\r\n"                  \
	"sch=F6n, see https://a.example/x(y).\r\n"                             \
	"--a\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"                \
	"<p>nice, see <a href=\"https://evil.example/?a=1&amp;b\">https://"    \
	"good.example</a> or <a href='mailto:x@y.example'><b>write</b>\r\n"    \
	"to  us</a></p>\r\n--a--\r\n"                                          \
	"--m\r\nContent-Type: application/pdf; name=\"=?utf-8?Q?r=C3=A9?="     \
	".pdf\"\r\nContent-Disposition: attachment\r\n"                        \
	"Content-Transfer-Encoding: base64\r\n\r\nJVBERi0A\r\n--m--\r\n"

static void test_parts(void **state)
{
	const struct imprimatur_part *p;
	struct seen s;

	(void)state;
	see(&s, TWINS);
	assert_int_equal(s.mail->n_parts, 3);
	p = &s.mail->parts[0];
	assert_string_equal(p->type, "text/plain");
	assert_string_equal(p->charset, "iso-8859-1");
	assert_null(p->filename);
	assert_int_equal(p->depth, 2);
	assert_int_equal(p->alternative, 1);
	assert_text((const char *)p->bytes, p->size,
	    "sch\xf6n, see https://a.example/x(y).");
	assert_text(p->source, p->source_size,
	    "sch\xc3\xb6n, see https://a.example/x(y).");
	p = &s.mail->parts[1];
	assert_int_equal(p->alternative, 0);
	assert_int_equal(strncmp(p->source, "<p>nice", 7), 0);
	assert_text(p->text, p->text_size,
	    "nice, see https://good.example <https://evil.example/?a=1&b> "
	    "or write to us <mailto:x@y.example>\n");
	p = &s.mail->parts[2];
	assert_string_equal(p->type, "application/pdf");
	assert_string_equal(p->filename, "r\xc3\xa9.pdf");
	assert_string_equal(p->disposition, "attachment");
	assert_int_equal(p->size, 6);
	assert_memory_equal(p->bytes, "%PDF-\0", 6);
	assert_null(p->source);
	assert_null(p->text);
	assert_int_equal(p->alternative, -1);
	forget(&s);
}

static void test_links(void **state)
{
	static const struct {
		size_t part;
		const char *target, *text;
	} rows[] = {
	    {0, "https://a.example/x(y)", NULL},
	    {1, "https://evil.example/?a=1&b", "https://good.example"},
	    {1, "mailto:x@y.example", "write to us"},
	    {1, "https://good.example", NULL},
	};
	struct seen s;

	(void)state;
	see(&s, TWINS);
	assert_int_equal(s.mail->n_links, 4);
	for (size_t i = 0; i < 4; i++) {
		const struct imprimatur_link *link = &s.mail->links[i];

		assert_int_equal(link->part, rows[i].part);
		assert_string_equal(link->target, rows[i].target);
		assert_int_equal(link->text == NULL, rows[i].text == NULL);
		if (link->text != NULL)
			assert_string_equal(link->text, rows[i].text);
	}
	forget(&s);
}

static void test_written(void **state)
{
	static const struct {
		const char *text, *first, *second;
	} rows[] = {
	    {"see http://x.example/a_b.", "http://x.example/a_b", NULL},
	    {"(https://x.example/)", "https://x.example/", NULL},
	    {"<HTTPS://X.example>, ftp://f", "HTTPS://X.example", "ftp://f"},
	    {"mailto:a@b, or xhttp://no", "mailto:a@b", NULL},
	    {"http:/x https:// at 12:30", NULL, NULL},
	    {"http://", NULL, NULL},
	    {"", NULL, NULL},
	};
	struct span rest, found;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *const want[] = {rows[i].first, rows[i].second};

		rest = (struct span){rows[i].text, strlen(rows[i].text)};
		for (int k = 0; k < 2 && want[k] != NULL; k++) {
			assert_true(viewlink_next(&rest, &found));
			assert_text(found.data, found.len, want[k]);
		}
		assert_false(viewlink_next(&rest, &found));
	}
}

static void test_own(void **state)
{
	static const struct {
		const char *body, *own;
	} rows[] = {
	    {"mine\r\n> theirs\r\nmine again\r\n", "mine\nmine again\n"},
	    {"yes\r\n\r\nOn Mon, 2 Nov 2026 at 10:00, Bob <b@x.example> wrote:"
	     "\r\n\r\n> theirs\r\n>> older\r\n\r\nno\r\n",
		"yes\n\n\n\nno\n"},
	    {"He wrote:\r\nnothing\r\n", "He wrote:\nnothing\n"},
	    {"a > b\r\n", "a > b\n"},
	};
	struct seen s;
	char *mail;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		mail = mem_printf("From: a@b.example\r\n\r\n%s", rows[i].body);
		see(&s, mail);
		assert_text(
		    s.mail->own_text, s.mail->own_text_size, rows[i].own);
		forget(&s);
		free(mail);
	}
	see(&s, "From: a@b.example\r\nContent-Type: text/html\r\n\r\n"
		"<p>mine</p><div class=gmail_quote>On Monday Bob wrote:"
		"<blockquote>theirs</blockquote></div><p>mine too</p>"
		"<blockquote>and mine</blockquote>"
		"<blockquote type=\"cite\">theirs</blockquote>\r\n");
	assert_non_null(
	    memmem(s.mail->own_text, s.mail->own_text_size, "mine too", 8));
	assert_non_null(
	    memmem(s.mail->own_text, s.mail->own_text_size, "and mine", 8));
	assert_null(
	    memmem(s.mail->own_text, s.mail->own_text_size, "theirs", 6));
	assert_non_null(memmem(s.mail->text, s.mail->text_size, "theirs", 6));
	forget(&s);
	see(&s, TWINS);
	assert_null(memmem(s.mail->own_text, s.mail->own_text_size, "===", 3));
	forget(&s);
}

/* More than plug-ins are shown is a finding. */
static void test_large(void **state)
{
	enum { SIZE = 9 * 1024 * 1024 };
	char *mail = mem_zalloc(SIZE + 1);
	struct seen s;

	(void)state;
	memset(mail, 'x', SIZE);
	memcpy(mail, "From: a@b.example\r\n\r\n", 21);
	see(&s, mail);
	assert_int_equal(s.mail->parts[0].source_size, VIEW_SOURCE_MAX);
	assert_int_equal(s.mail->parts[0].size, SIZE - 21);
	assert_non_null(reading_find(s.reading, "text-truncated"));
	forget(&s);
	free(mail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_header),
	    cmocka_unit_test(test_parts),
	    cmocka_unit_test(test_links),
	    cmocka_unit_test(test_written),
	    cmocka_unit_test(test_own),
	    cmocka_unit_test(test_large),
	};
	int failed;

	draft_warm();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	draft_release();
	return failed;
}
