/*
 * Tests of check/reader/edit: the surgery is exact, the
 * rest of the mail keeps every byte, and what cannot be edited is refused.
 */
#include "check/reader/edit.h"

#include "check/reader/chosen.h"
#include "check/reader/encode.h"
#include "check/reader/mime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static struct span span_of(const char *text)
{
	return (struct span){text, strlen(text)};
}

static struct reading_edit *edit_str(const char *mail, const char *text)
{
	return edit_apply(
	    span_of(mail), &(struct edit_wish){.text = span_of(text)}, NULL);
}

/* --- exact results ----------------------------------------------------- */

#define TOP  "From: bot@demo.example\r\nMessage-ID: <1@demo.example>\r\n"
#define MIME TOP "MIME-Version: 1.0\r\n"
#define UE   "\xC3\xBC"

static const struct {
	const char *mail, *text, *want;
} exact[] = {
    /* no MIME at all, and none needed */
    {TOP "\r\nold\r\n", "new", TOP "\r\nnew\r\n"},
    {TOP "\r\n", "new", TOP "\r\nnew\r\n"},
    {TOP "\r\nold\r\n", "one\r\ntwo\r\n\r\n \n", TOP "\r\none\r\ntwo\r\n"},
    {TOP "\r\nold\r\n", "a\rb", TOP "\r\na\r\nb\r\n"},
    {TOP "\r\nold\r\n", ".\n..x", TOP "\r\n.\r\n..x\r\n"},
    /* MIME comes when the text needs it */
    {TOP "\r\nold\r\n", "Z" UE "rich",
	TOP "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n"
	    "MIME-Version: 1.0\r\n\r\nZ=C3=BCrich\r\n"},
    /* a set and an encoding that serve are kept, byte by byte */
    {MIME "Content-Type: text/plain;\r\n charset=\"ISO-8859-1\"\r\n"
	  "Content-Transfer-Encoding: 8bit\r\n\r\nold\r\n",
	"Z" UE "rich",
	MIME "Content-Type: text/plain;\r\n charset=\"ISO-8859-1\"\r\n"
	     "Content-Transfer-Encoding: 8bit\r\n\r\nZ\xFCrich\r\n"},
    {MIME "Content-Type: text/plain; charset=utf-8\r\n"
	  "Content-Transfer-Encoding: Quoted-Printable\r\n\r\nold\r\n",
	"a=b " UE "\n-- \nx",
	MIME "Content-Type: text/plain; charset=utf-8\r\n"
	     "Content-Transfer-Encoding: Quoted-Printable\r\n\r\n"
	     "a=3Db =C3=BC\r\n=2D-=20\r\nx\r\n"},
    {MIME "Content-Type: text/plain; charset=utf-8\r\n"
	  "Content-Transfer-Encoding: base64\r\n\r\nb2xkDQo=\r\n",
	"new",
	MIME "Content-Type: text/plain; charset=utf-8\r\n"
	     "Content-Transfer-Encoding: base64\r\n\r\nbmV3DQo=\r\n"},
    /* one that does not is changed where it stands */
    {MIME "Content-Type: text/plain;\r\n\tcharset=us-ascii ;\r\n"
	  "\tx-other=\"charset=no\"\r\nContent-Transfer-Encoding:\r\n 7bit\r\n"
	  "Subject: last\r\n\r\nold\r\n",
	UE,
	MIME "Content-Type: text/plain;\r\n\tcharset=utf-8 ;\r\n"
	     "\tx-other=\"charset=no\"\r\nContent-Transfer-Encoding:\r\n "
	     "quoted-printable\r\nSubject: last\r\n\r\n=C3=BC\r\n"},
    {MIME "Content-Type: text/plain\r\n\r\nold\r\n", UE,
	MIME "Content-Type: text/plain; charset=utf-8\r\n"
	     "Content-Transfer-Encoding: quoted-printable\r\n\r\n=C3=BC\r\n"},
    {MIME "Content-Type: text/plain; charset*=us-ascii'en'iso-8859-1\r\n"
	  "Content-Transfer-Encoding: 8bit\r\n\r\nold\r\n",
	"\xE2\x82\xAC",
	MIME "Content-Type: text/plain; charset=utf-8\r\n"
	     "Content-Transfer-Encoding: 8bit\r\n\r\n\xE2\x82\xAC\r\n"},
    /* signatures and lengths go, the rest of the header stays */
    {"Received: x\r\nDKIM-Signature: a=b;\r\n c=d\r\n"
     "ARC-Seal: i=1\r\nARC-Message-Signature: i=1\r\n"
     "ARC-Authentication-Results: i=1\r\n" TOP "Content-Length: 5\r\n"
     "Lines: 1\r\nX-DKIM-Signature: mine\r\n\r\nold\r\n",
	"new", "Received: x\r\n" TOP "X-DKIM-Signature: mine\r\n\r\nnew\r\n"},
    /* in a multipart, the part alone */
    {MIME "Content-Type: multipart/mixed; boundary=b\r\n\r\npre\r\n--b\r\n"
	  "Content-Type: text/plain\r\n\r\nold\r\n--b\r\n"
	  "Content-Type: text/x-log\r\n\r\nlog\r\n--b--\r\npost\r\n",
	"new",
	MIME "Content-Type: multipart/mixed; boundary=b\r\n\r\npre\r\n--b\r\n"
	     "Content-Type: text/plain\r\n\r\nnew\r\n--b\r\n"
	     "Content-Type: text/x-log\r\n\r\nlog\r\n--b--\r\npost\r\n"},
    {MIME "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nold"
	  "\r\n\r\n--b--\r\n",
	UE,
	MIME "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
	     "Content-Type: text/plain; charset=utf-8\r\n"
	     "Content-Transfer-Encoding: quoted-printable\r\n\r\n=C3=BC"
	     "\r\n\r\n--b--\r\n"},
    /* a line that would end the part is hidden */
    {MIME "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
	  "Content-Type: text/plain\r\n\r\nold\r\n--b--\r\n",
	"x\n--b--\ny",
	MIME "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
	     "Content-Type: text/plain\r\nContent-Transfer-Encoding: "
	     "quoted-printable\r\n\r\nx\r\n=2D-b--\r\ny\r\n--b--\r\n"},
    /* format=flowed */
    {MIME "Content-Type: text/plain; format=flowed\r\n\r\nold\r\n",
	" stuffed\n>quoted\nFrom me\nends in spaces   \n-- \nme",
	MIME "Content-Type: text/plain; format=flowed\r\n\r\n"
	     "  stuffed\r\n >quoted\r\n From me\r\nends in spaces\r\n-- \r\n"
	     "me\r\n"},
};

static void results_are_exact(void **state)
{
	struct reading_edit *edit;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(exact); i++) {
		edit = edit_str(exact[i].mail, exact[i].text);
		if (edit->refusal != NULL)
			fail_msg("row %zu: %s", i, edit->refusal);
		if (edit->bytes.len != strlen(exact[i].want) ||
		    memcmp(edit->bytes.data, exact[i].want, edit->bytes.len) !=
			0)
			fail_msg("row %zu:\n%.*s", i, (int)edit->bytes.len,
			    edit->bytes.data);
		assert_non_null(edit->reading);
		assert_string_equal(
		    edit->reading->message_id, "<1@demo.example>");
		reading_edit_free(edit);
	}
}

/* --- refusals ---------------------------------------------------------- */

#define PARTS(kind, part)                                                      \
	MIME "Content-Type: multipart/" kind "; boundary=b\r\n\r\n--b\r\n"     \
	     "Content-Type: text/plain\r\n\r\nold\r\n--b\r\n" part             \
	     "\r\n--b--\r\n"

static const struct {
	const char *mail, *text;
	const char *word; /* of the refusal */
} refused[] = {
    {TOP "\r\nold\r\n", "", "empty"},
    {TOP "\r\nold\r\n", " \r\n\t\n", "empty"},
    {TOP "\r\nold\r\n",
	"a\xFF"
	"b",
	"UTF-8"},
    {TOP "\r\nold\r\n", "\xC0\x80", "UTF-8"},
    {TOP "\r\nold\r\n",
	"a\x01"
	"b",
	"control"},
    {TOP "\r\nold\r\n", "a\x1B[31m", "control"},
    {TOP "\r\nold\r\n",
	"a\xC2\x85"
	"b",
	"control"},
    {TOP "\r\nold\r\n", "old", "same"},
    {TOP "\r\nold\r\n", "old \r\n\r\n", "same"},
    {TOP "\nold\n", "new", "CRLF"},
    {TOP "\r\nol\rd\r\n", "new", "CRLF"},
    {PARTS("signed", "Content-Type: application/pgp-signature\r\n\r\nx"), "new",
	"signed"},
    {PARTS("signed", "Content-Type: application/pkcs7-signature\r\n\r\nx"),
	"new", "signed"},
    {PARTS("mixed", "Content-Type: application/pkcs7-mime\r\n\r\nx"), "new",
	"encrypted"},
    {PARTS("encrypted", "Content-Type: application/octet-stream\r\n\r\nx"),
	"new", "encrypted"},
    {MIME "Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n"
	  "\r\nx\r\n",
	"new", "encrypted"},
    {TOP "\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\nx\r\n", "new", "signed"},
    {TOP "\r\n-----BEGIN PGP MESSAGE-----\r\nx\r\n", "new", "encrypted"},
    {PARTS("alternative", "Content-Type: text/x-amp-html\r\n\r\n<p>"), "new",
	"form"},
    {PARTS("alternative", "Content-Type: text/rtf\r\n\r\nx"), "new", "form"},
    {PARTS("alternative", "Content-Type: text/plain\r\n\r\nx"), "new", "form"},
    {PARTS("mixed", "Content-Type: application/ms-tnef\r\n\r\nx"), "new",
	"form"},
    {MIME "Content-Type: text/html\r\n\r\n<p>old</p><img alt=\"x\">\r\n",
	"new\n\n[image: x]", "marks"},
    {MIME "Content-Type: image/png\r\n\r\nx\r\n", "new", "no text"},
    {MIME "Content-Type: message/rfc822\r\n\r\n" TOP "\r\nold\r\n", "new",
	"no text"},
    {MIME "Content-Type: text/plain\r\nContent-Disposition: attachment\r\n"
	  "\r\nold\r\n",
	"new", "no text"},
    {MIME "Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\nx\r\n",
	"new", "ambiguous"},
    {MIME "Content-Type: text/plain\r\nContent-Transfer-Encoding: 7bit\r\n"
	  "Content-Transfer-Encoding: base64\r\n\r\neA==\r\n",
	"new", "ambiguous"},
    {MIME "Content-Type: text/plain\r\nContent-Transfer-Encoding: x-uu\r\n"
	  "\r\neA==\r\n",
	"new", "ambiguous"},
    {MIME "Content-Type: multipart/mixed\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n",
	"new", "ambiguous"},
};

static void refusals_say_why(void **state)
{
	struct reading_edit *edit;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(refused); i++) {
		edit = edit_str(refused[i].mail, refused[i].text);
		if (edit->refusal == NULL ||
		    strstr(edit->refusal, refused[i].word) == NULL)
			fail_msg("row %zu: %s", i,
			    edit->refusal != NULL ? edit->refusal : "edited");
		assert_null(edit->reading);
		assert_int_equal(edit->bytes.len, 0);
		reading_edit_free(edit);
	}
}

static void nul_is_refused(void **state)
{
	static const char mail[] = TOP "\r\no\0d\r\n";
	struct reading_edit *edit;

	(void)state;
	edit = edit_apply((struct span){mail, sizeof(mail) - 1},
	    &(struct edit_wish){.text = span_of("new")}, NULL);
	assert_non_null(edit->refusal);
	reading_edit_free(edit);
	edit = edit_apply(span_of(TOP "\r\nold\r\n"),
	    &(struct edit_wish){.text = {"n\0w", 3}}, NULL);
	assert_non_null(edit->refusal);
	reading_edit_free(edit);
}

/* --- generated mails --------------------------------------------------- */

static const char *const shapes[] = {
    "plain", "html", "alternative", "mixed", "altmixed", "related", "rfc822"};
static const char *const encodings[] = {
    "7bit", "8bit", "quoted-printable", "base64"};
static const char *const charsets[] = {"us-ascii", "utf-8", "iso-8859-1",
    "windows-1252", "koi8-r", "iso-2022-jp", "utf-16", "x-unknown"};

static uint32_t seed;

static uint32_t roll(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

static void add_body(struct buf *out, const char *text, const char *encoding)
{
	if (strcmp(encoding, "base64") == 0)
		encode_base64(span_of(text), out);
	else if (strcmp(encoding, "quoted-printable") == 0)
		encode_quoted(span_of(text), out);
	else
		buf_add_str(out, text);
}

struct making {
	const char *charset, *encoding;
	bool flowed;
};

static void add_leaf(struct buf *out, const char *subtype, const char *text,
    const struct making *making)
{
	buf_addf(out,
	    "Content-Type: text/%s;\r\n\tcharset=%s%s\r\n"
	    "Content-Transfer-Encoding: %s\r\n\r\n",
	    subtype, making->charset, making->flowed ? "; format=flowed" : "",
	    making->encoding);
	add_body(out, text, making->encoding);
}

#define OLD_TEXT "Dear Bob,\r\nthe price is 12.\r\n\r\n-- \r\nShop\r\n"
#define OLD_HTML "<html><body><p>the price is <b>12</b></p></body></html>\r\n"
#define IMAGE                                                                  \
	"Content-Type: image/png; name=\"x.png\"\r\n"                          \
	"Content-ID: <x>\r\nContent-Transfer-Encoding: base64\r\n\r\n"         \
	"iVBORw0KGgo=\r\n"
#define INNER                                                                  \
	"Content-Type: message/rfc822\r\n\r\nFrom: a@x.example\r\n"            \
	"DKIM-Signature: inner\r\nContent-Length: 7\r\n\r\nthe price is "      \
	"12\r\n"

static void open_multi(struct buf *out, const char *kind, char boundary)
{
	buf_addf(out,
	    "Content-Type: multipart/%s;\r\n boundary=\"==%c\"\r\n\r\n"
	    "preamble\r\n",
	    kind, boundary);
}

static void next_part(struct buf *out, char boundary)
{
	buf_addf(out, "\r\n--==%c\r\n", boundary);
}

static void close_multi(struct buf *out, char boundary)
{
	buf_addf(out, "\r\n--==%c--\r\nepilogue\r\n", boundary);
}

static void add_alternative(struct buf *out, const struct making *making)
{
	open_multi(out, "alternative", 'a');
	next_part(out, 'a');
	add_leaf(out, "plain", OLD_TEXT, making);
	next_part(out, 'a');
	add_leaf(out, "html", OLD_HTML, making);
	close_multi(out, 'a');
}

static void add_content(
    struct buf *out, const char *shape, const struct making *making)
{
	if (strcmp(shape, "plain") == 0) {
		add_leaf(out, "plain", OLD_TEXT, making);
	} else if (strcmp(shape, "html") == 0) {
		add_leaf(out, "html", OLD_HTML, making);
	} else if (strcmp(shape, "alternative") == 0) {
		add_alternative(out, making);
	} else if (strcmp(shape, "related") == 0) {
		open_multi(out, "related", 'r');
		next_part(out, 'r');
		add_alternative(out, making);
		next_part(out, 'r');
		buf_add_str(out, IMAGE);
		close_multi(out, 'r');
	} else {
		open_multi(out, "mixed", 'm');
		next_part(out, 'm');
		if (strcmp(shape, "altmixed") == 0)
			add_alternative(out, making);
		else
			add_leaf(out, "plain", OLD_TEXT, making);
		next_part(out, 'm');
		buf_add_str(out, strcmp(shape, "rfc822") == 0 ? INNER : IMAGE);
		next_part(out, 'm');
		add_leaf(out, "plain", "a footer\r\n", making);
		close_multi(out, 'm');
	}
}

static void make_mail(
    struct buf *out, const char *shape, const struct making *making)
{
	buf_init(out, 1 << 20);
	buf_add_str(out,
	    "Received: from a by b;\r\n\tMon, 1 Jan 2024 00:00:00 +0000\r\n"
	    "DKIM-Signature: v=1;\r\n b=abc\r\n"
	    "From: bot@demo.example\r\nTo: bob@x.example\r\n"
	    "Subject: =?utf-8?q?Pr=C3=BCfung?=\r\n"
	    "Message-ID: <7@demo.example>\r\nReferences: <6@x.example>\r\n"
	    "In-Reply-To: <6@x.example>\r\n"
	    "Date: Mon, 1 Jan 2024 00:00:00 +0000\r\nLines: 12\r\n"
	    "MIME-Version: 1.0\r\n");
	add_content(out, shape, making);
}

static const char *const bits[] = {"hello", "price", "Z\xC3\xBCrich",
    "\xE2\x82\xAC", "\xE6\x9D\xB1\xE4\xBA\xAC", "\xF0\x9F\x98\x80", "=3D",
    "--==a", "--==m--", "--==r", "From me", ".", "..", ">q", "<b>", "&amp;",
    "&#65;", "\"x\"", "it's", "http://x.example/?a=1&b=2", " ", "  ", "-- ",
    "\t",
    "a\xC2\xA0"
    "b",
    "\xD0\x9F\xD1\x80\xD0\xB8",
    "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww"};

/* Some lines of odd words; some without anything but ASCII. */
static void make_text(struct buf *out)
{
	uint32_t n_lines = 1 + roll(8), n_words, times;
	bool ascii = roll(3) == 0;
	const char *bit;

	buf_init(out, 1 << 16);
	buf_add_str(out, "new");
	while (n_lines-- > 0) {
		buf_add_char(out, '\n');
		times = roll(40) == 0 ? 300 : 1;
		for (n_words = roll(12) * times; n_words > 0; n_words--) {
			bit = bits[roll(COUNT(bits))];
			if (ascii && !encode_is_ascii(span_of(bit)))
				continue;
			buf_addf(out, "%s%s", bit, roll(5) == 0 ? "" : " ");
		}
	}
}

static bool same_bytes(struct span a, struct span b)
{
	return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

/* Text without blanks at line ends, and without empty lines at the end. */
static void tidy(struct span text, struct buf *out)
{
	size_t i, keep = 0;

	buf_init(out, text.len + 1);
	for (i = 0; i < text.len; i++) {
		if (text.data[i] == '\r')
			continue;
		if (text.data[i] == '\n')
			buf_cut(out, keep);
		buf_add_char(out, text.data[i]);
		if (strchr(" \t", text.data[i]) == NULL)
			keep = out->len;
	}
	buf_cut(out, keep);
	while (out->len > 0 && strchr(" \t\n", out->data[out->len - 1]) != NULL)
		buf_cut(out, out->len - 1);
}

/* Blanks of every kind are left out: HTML has its own. */
static void squeeze(struct span text, struct buf *out)
{
	size_t i;

	buf_init(out, text.len + 1);
	for (i = 0; i < text.len; i++) {
		if (strchr(" \t\r\n", text.data[i]) != NULL)
			continue;
		if (text.data[i] == '\xC2' && i + 1 < text.len &&
		    text.data[i + 1] == '\xA0')
			i++;
		else
			buf_add_char(out, text.data[i]);
	}
}

static void check_text(
    const struct mime *mime, const struct mime_node *node, struct span text)
{
	struct span got = chosen_read(mime, node).text;
	struct buf a, b;

	if (strcmp(node->type, "text/html") == 0) {
		squeeze(got, &a);
		squeeze(text, &b);
	} else {
		tidy(got, &a);
		tidy(text, &b);
	}
	assert_string_equal(a.data, b.data);
	buf_release(&a);
	buf_release(&b);
}

static bool may_change(const char *name, size_t len)
{
	static const char *const names[] = {"DKIM-Signature", "Lines",
	    "Content-Type", "Content-Transfer-Encoding"};
	size_t i;

	for (i = 0; i < COUNT(names); i++)
		if (strlen(names[i]) == len &&
		    strncasecmp(names[i], name, len) == 0)
			return true;
	return false;
}

/* Every field that may not change is there, in order, byte by byte. */
static void check_header(const struct mime *old, const struct mime *now)
{
	const struct mime_node *a = &old->nodes[0], *b = &now->nodes[0];
	size_t i, j = 0;

	for (i = 0; i < a->n_fields; i++) {
		const struct field *field = &old->fields[a->first_field + i];

		if (may_change(field->name.data, field->name.len))
			continue;
		while (
		    j < b->n_fields && !same_bytes(field->raw,
					   now->fields[b->first_field + j].raw))
			j++;
		assert_true(j < b->n_fields);
	}
	assert_null(mime_field(now, b, "DKIM-Signature"));
	assert_null(mime_field(now, b, "Lines"));
}

static void check_wire(struct span mail)
{
	size_t i, from = 0;

	for (i = 0; i < mail.len; i++) {
		assert_true(mail.data[i] != '\0');
		if (mail.data[i] == '\r')
			assert_true(
			    i + 1 < mail.len && mail.data[i + 1] == '\n');
		if (mail.data[i] != '\n')
			continue;
		assert_true(i > 0 && mail.data[i - 1] == '\r');
		assert_true(i - from <= 999);
		from = i + 1;
	}
	assert_int_equal(from, mail.len);
}

/* The parts in which the text must now stand: the first ones of their kind. */
static bool is_rewritten(const struct mime *mime, size_t i)
{
	size_t k;

	if (strncmp(mime->nodes[i].type, "text/", 5) != 0 ||
	    chosen_inner(mime, (int)i))
		return false;
	for (k = 0; k < i; k++)
		if (strcmp(mime->nodes[k].type, mime->nodes[i].type) == 0)
			return false;
	return true;
}

static void check_edit(struct span mail, struct span text)
{
	struct arena *arena = arena_new();
	struct reading_edit *edit =
	    edit_apply(mail, &(struct edit_wish){.text = text}, NULL);
	struct mime *old = mime_split(arena, mail), *now;
	size_t i;

	if (edit->refusal != NULL)
		fail_msg("%s:\n%.*s\n%.*s", edit->refusal, (int)mail.len,
		    mail.data, (int)text.len, text.data);
	now = mime_split(arena, edit->bytes);
	check_wire(edit->bytes);
	check_header(old, now);
	assert_int_equal(old->n_nodes, now->n_nodes);
	for (i = 0; i < now->n_nodes; i++) {
		if (is_rewritten(old, i))
			check_text(now, &now->nodes[i], text);
		else if (old->nodes[i].kind == MIME_LEAF)
			assert_true(
			    same_bytes(mime_bytes(old, old->nodes[i].body),
				mime_bytes(now, now->nodes[i].body)) &&
			    same_bytes(mime_bytes(old, old->nodes[i].header),
				mime_bytes(now, now->nodes[i].header)));
	}
	assert_non_null(edit->reading);
	assert_null(edit->reading->trouble);
	assert_non_null(edit->note);
	assert_non_null(strstr(edit->note, "signatures"));
	reading_edit_free(edit);
	arena_free(arena);
}

static void every_combination_is_edited(void **state)
{
	struct making making;
	struct buf mail, text;
	size_t shape, i, j, n = 0;

	(void)state;
	seed = 1;
	for (shape = 0; shape < COUNT(shapes); shape++)
		for (i = 0; i < COUNT(encodings); i++)
			for (j = 0; j < COUNT(charsets); j++) {
				making = (struct making){
				    charsets[j], encodings[i], n % 3 == 0};
				make_mail(&mail, shapes[shape], &making);
				make_text(&text);
				check_edit(buf_span(&mail), buf_span(&text));
				buf_release(&mail);
				buf_release(&text);
				n++;
			}
	print_message("# %zu combinations\n", n);
}

static void random_edits_hold(void **state)
{
	struct making making;
	struct buf mail, text;
	size_t n;

	(void)state;
	seed = 20240607;
	for (n = 0; n < 500; n++) {
		making.charset = charsets[roll(COUNT(charsets))];
		making.encoding = encodings[roll(COUNT(encodings))];
		making.flowed = roll(2) == 0;
		make_mail(&mail, shapes[roll(COUNT(shapes))], &making);
		make_text(&text);
		check_edit(buf_span(&mail), buf_span(&text));
		buf_release(&mail);
		buf_release(&text);
	}
}

/* An edit of an edit is one more edit. */
static void edits_follow_each_other(void **state)
{
	struct making making = {"us-ascii", "7bit", true};
	struct reading_edit *edit, *next;
	struct buf mail, text;
	size_t n;

	(void)state;
	seed = 7;
	make_mail(&mail, "altmixed", &making);
	edit = edit_apply(buf_span(&mail),
	    &(struct edit_wish){.text = span_of("first")}, NULL);
	for (n = 0; n < 50; n++) {
		assert_null(edit->refusal);
		make_text(&text);
		next = edit_apply(edit->bytes,
		    &(struct edit_wish){.text = buf_span(&text)}, NULL);
		reading_edit_free(edit);
		edit = next;
		buf_release(&text);
	}
	assert_null(edit->refusal);
	assert_true(edit->bytes.len < mail.len + 100000);
	reading_edit_free(edit);
	buf_release(&mail);
}

static void notes_say_what_was_done(void **state)
{
	struct reading_edit *edit;

	(void)state;
	edit = edit_str(TOP "\r\nold\r\n", "new");
	assert_null(edit->note);
	reading_edit_free(edit);
	edit = edit_str(TOP "\r\nold\r\n", UE);
	assert_non_null(strstr(edit->note, "utf-8"));
	reading_edit_free(edit);
	edit = edit_str(
	    PARTS("alternative", "Content-Type: text/html\r\n\r\n<p>old"),
	    "new");
	assert_non_null(strstr(edit->note, "HTML"));
	assert_null(strstr(edit->note, "other text"));
	reading_edit_free(edit);
	edit = edit_str(
	    PARTS("mixed", "Content-Type: text/html\r\n\r\n<p>old"), "new");
	assert_non_null(strstr(edit->note, "other text"));
	assert_null(strstr(edit->note, "HTML part was"));
	reading_edit_free(edit);
}

/* HTML of which only the beginning is read is not cut short. */
static void long_html_is_written_anew(void **state)
{
	struct reading_edit *edit;
	struct buf mail;

	(void)state;
	buf_init(&mail, 1 << 20);
	buf_add_str(&mail,
	    MIME "Content-Type: multipart/alternative; boundary=b\r\n\r\n"
		 "--b\r\nContent-Type: text/plain\r\n\r\nold\r\n--b\r\n"
		 "Content-Type: text/html\r\n\r\n<p>old</p>\r\n");
	while (mail.len < 300000)
		buf_add_str(&mail, "<p style='color: #333333'></p>\r\n");
	buf_add_str(&mail, "<p>the end</p>\r\n--b--\r\n");
	edit = edit_apply(
	    buf_span(&mail), &(struct edit_wish){.text = span_of("new")}, NULL);
	assert_null(edit->refusal);
	assert_non_null(strstr(edit->note, "rewritten"));
	assert_true(edit->bytes.len < 1000);
	reading_edit_free(edit);
	buf_release(&mail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(results_are_exact),
	    cmocka_unit_test(refusals_say_why),
	    cmocka_unit_test(nul_is_refused),
	    cmocka_unit_test(every_combination_is_edited),
	    cmocka_unit_test(random_edits_hold),
	    cmocka_unit_test(edits_follow_each_other),
	    cmocka_unit_test(notes_say_what_was_done),
	    cmocka_unit_test(long_html_is_written_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
