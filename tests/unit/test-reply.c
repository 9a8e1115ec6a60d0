/*
 * Tests of check/reader/reply and what it stands on: which line is read as
 * the decision, and in what encoding it may come.  Where the person's words
 * end is test-quoted's.
 */
#include "check/reader/reply.h"

#include "check/reader/encode.h"
#include "check/reader/flowed.h"
#include "review/grammar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#define CORPORA	     TOP_SRCDIR "/tests/corpora"
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static struct reading_reply *read_str(const char *mail)
{
	return reply_read((struct span){mail, strlen(mail)});
}

/* What the answer decides; "please" has the form of a code, and a wrong one. */
static enum grammar_verb verb_of(const struct reading_reply *reply)
{
	struct grammar_command command;

	if (reply->trouble != NULL || reply->automatic != NULL)
		return GRAMMAR_NONE;
	grammar_read((struct span){reply->line, strlen(reply->line)}, &command);
	if (command.verb == GRAMMAR_APPROVE && command.rest.len > 0 &&
	    strncasecmp(command.rest.data, "k7q4rm", 6) != 0)
		return GRAMMAR_NONE;
	return command.verb;
}

/* --- what is a decision ------------------------------------------------ */

#define NONE	GRAMMAR_NONE
#define APPROVE GRAMMAR_APPROVE
#define DROP	GRAMMAR_DROP
#define EDIT	GRAMMAR_EDIT

static const struct {
	const char *line;
	enum grammar_verb verb;
} lines[] = {
    {"approve", APPROVE},
    {"Approve", APPROVE},
    {"APPROVE", APPROVE},
    {"a", APPROVE},
    {"A", APPROVE},
    {"approve k7q4rm", APPROVE},
    {"approve K7Q4RM", APPROVE},
    {"  approve", APPROVE},
    {"approve   ", APPROVE},
    {"\tapprove\t", APPROVE},
    {"\xC2\xA0"
     "approve",
	APPROVE},
    {"approve\xC2\xA0", APPROVE},
    {"approve\xC2\xA0 \xC2\xA0", APPROVE},
    {"drop", DROP},
    {"d", DROP},
    {"Drop", DROP},
    {"drop wrong-price", DROP},
    {"edit", EDIT},
    {"Edit", EDIT},
    {"help", GRAMMAR_HELP},
    {"undo", GRAMMAR_UNDO},
    {"ask Who is this?", GRAMMAR_ASK},

    {"approve?", NONE},
    {"approve!", NONE},
    {"approve.", NONE},
    {"approve,", NONE},
    {"approve:", NONE},
    {"approve;", NONE},
    {"approved", NONE},
    {"approving", NONE},
    {"approves", NONE},
    {"approval", NONE},
    {"Approved.", NONE},
    {"I approve", NONE},
    {"I approve.", NONE},
    {"we approve", NONE},
    {"please approve", NONE},
    {"pls approve", NONE},
    {"approve please", NONE},
    {"approve pls", NONE},
    {"approve this", NONE},
    {"approve it", NONE},
    {"approve all", NONE},
    {"approve, thanks", NONE},
    {"approve thanks!", NONE},
    {"approve - thanks", NONE},
    {"approve -- Anna", NONE},
    {"do not approve", NONE},
    {"Do NOT approve", NONE},
    {"don't approve", NONE},
    {"don\xE2\x80\x99t approve", NONE},
    {"never approve", NONE},
    {"not approved", NONE},
    {"not approve", NONE},
    {"approve not", NONE},
    {"cannot approve", NONE},
    {"can't approve this", NONE},
    {"approve if you fix the price", NONE},
    {"Approved if you fix X", NONE},
    {"approve unless Bob says no", NONE},
    {"approve when ready", NONE},
    {"approve tomorrow", NONE},
    {"approve later", NONE},
    {"should I approve", NONE},
    {"why approve", NONE},
    {"who can approve?", NONE},
    {"approve or drop", NONE},
    {"approve drop", NONE},
    {"drop approve?", DROP}, /* a reason may say anything; it drops */
    {"approve / drop", NONE},
    {"approve approve", NONE},
    {"a approve", NONE},
    {"approve a", NONE},
    {"approve 4711", NONE},
    {"approve #12", NONE},
    {"approve draft 12", NONE},
    {"APPROVE K7Q4", NONE},
    {"approve k7q4rmx", NONE},
    {"approve k7q4r!", NONE},
    {"approve k7q 4rm", NONE},
    {"approve k7q4rm please", NONE},
    {"k7q4rm approve", NONE},
    {"k7q4rm", NONE},
    {"1 approve", NONE},
    {"yes", NONE},
    {"Yes!", NONE},
    {"y", NONE},
    {"ok", NONE},
    {"OK", NONE},
    {"okay", NONE},
    {"k", NONE},
    {"fine", GRAMMAR_FINE}, /* of what was sent; else it is refused */
    {"fine by me", NONE},
    {"wrong", GRAMMAR_WRONG}, /* likewise */
    {"sure", NONE},
    {"go", NONE},
    {"go ahead", NONE},
    {"send", NONE},
    {"send it", NONE},
    {"lgtm", NONE},
    {"LGTM!", NONE},
    {"ship it", NONE},
    {"+1", NONE},
    {"\xF0\x9F\x91\x8D", NONE},
    {"\xE2\x9C\x85", NONE},
    {"\xE2\x9C\x94 approve", NONE},
    {"approve \xF0\x9F\x91\x8D", NONE},
    {"thanks", NONE},
    {"Danke", NONE},
    {"genehmigt", NONE},
    {"freigeben", NONE},
    {"ja", NONE},
    {"oui", NONE},
    {"s\xC3\xAD", NONE},
    {"d'accord", NONE},
    {"approuver", NONE},
    {"aprobar", NONE},
    {"approvato", NONE},
    {"\xE6\x89\xBF\xE8\xAA\x8D", NONE},
    {"\xD0\xBE\xD0\xB4\xD0\xBE\xD0\xB1\xD1\x80\xD0\xB8\xD1\x82\xD1\x8C", NONE},
    {"no", NONE},
    {"No.", NONE},
    {"stop", NONE},
    {"hold", NONE},
    {"wait", NONE},
    {"drops", NONE},
    {"dropped", NONE},
    {"drop!", NONE},
    {"don't drop", NONE},
    {"dont drop it", NONE},
    {"edited", NONE},
    {"edit:", NONE},
    {"editing now", NONE},
    {"edit the price", NONE},
    {"a.", NONE},
    {"a)", NONE},
    {"a good idea", NONE},
    {"A colleague should look", NONE},
    {"app rove", NONE},
    {"ap-prove", NONE},
    {"approve_", NONE},
    {"_approve_", NONE},
    {"*approve*", NONE},
    {"**approve**", NONE},
    {"`approve`", NONE},
    {"\"approve\"", NONE},
    {"'approve'", NONE},
    {"\xE2\x80\x9C"
     "approve\xE2\x80\x9D",
	NONE},
    {"(approve)", NONE},
    {"[approve]", NONE},
    {"<approve>", NONE},
    {"> approve", NONE},
    {">approve", NONE},
    {"| approve", NONE},
    {"- approve", NONE},
    {"* approve", NONE},
    {"1. approve", NONE},
    {"Re: approve", NONE},
    {"Subject: approve", NONE},
    {"approve=", NONE},
    {"approve\\", NONE},
    {"/approve", NONE},
    {"approve\xC2\xA0k7q4rm", NONE},
    {"approve\xE2\x80\x83", NONE},
    {"\xE3\x80\x80"
     "approve",
	NONE},
    {"appro\xE2\x80\x8Bve", NONE},
    {"\xE2\x80\x8B"
     "approve",
	NONE},
    {"approve\xE2\x80\x8B", NONE},
    {"approve\xE2\x80\x8C", NONE},
    {"approve\xE2\x81\xA0", NONE},
    {"appr\xC2\xADove", NONE},
    {"\xE2\x80\xAE"
     "evorppa",
	NONE},
    {"\xE2\x80\xAA"
     "approve\xE2\x80\xAC",
	NONE},
    {"approve\x01", NONE},
    {"appro\x08ve", NONE},
    {"approve\x1B[0m", NONE},
    {"approve\x7F", NONE},
    {"approve\x0B", NONE},
    {"\xD0\xB0pprove", NONE},	   /* Cyrillic a */
    {"appr\xD0\xBEve", NONE},	   /* Cyrillic o */
    {"\xEF\xBD\x81pprove", NONE},  /* fullwidth a */
    {"\xEF\xBC\xA1", NONE},	   /* fullwidth A */
    {"approve\xCC\x81", NONE},	   /* combining mark */
    {"\xE1\xB4\x80pprove", NONE},  /* small capital */
    {"approve\xEF\xB8\x8F", NONE}, /* variation selector */
    {"approve\xE2\x80\xA8"
     "drop",
	NONE}, /* line separator */
    {"approve\xC2\x85"
     "drop",
	NONE}, /* next line */
    {"&#97;pprove", NONE},
    {"=61pprove", NONE},
    {"YXBwcm92ZQ==", NONE},
    {"On Mon, Apr 2, 2012 at 6:26 PM, Bob <bob@x.example> wrote:", NONE},
    {"Imprimatur asks you: may this go? (draft 12)", NONE},
    {"-----Original Message-----", NONE},
    {"From: approve", NONE},
    {"Sent from my iPhone", NONE},
    {"-- ", NONE},
};

#define HEAD                                                                   \
	"From: Anna <anna@corp.example>\r\nTo: d+x@review.example\r\n"         \
	"Subject: Re: may this go?\r\nMIME-Version: 1.0\r\n"
#define QUOTE                                                                  \
	"\n\nOn Mon, Apr 2, 2012 at 6:26 PM, Imprimatur <d+x@review.example> " \
	"wrote:\n> approve\n> drop\n> | approve\n"

/* Text to lines with CRLF. */
static void add_crlf(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\n')
			buf_add_char(out, '\r');
		buf_add_char(out, *text);
	}
}

static void add_html(struct buf *out, const char *text)
{
	buf_add_str(out, "<html><body><div>");
	for (; *text != '\0'; text++) {
		if (*text == '\n')
			buf_add_str(out, "<br>\r\n");
		else if (strchr("<>&\"", *text) != NULL)
			buf_addf(out, "&#%d;", *text);
		else
			buf_add_char(out, *text);
	}
	buf_add_str(out, "</div></body></html>\r\n");
}

/* How an answer is dressed. */
enum dress {
	PLAIN,
	BASE64,
	QUOTED,
	FLOWED,
	FLOWED_DELSP,
	HTML,
	ALTERNATIVE,
	SIGNED,
	WITH_IMAGE,
	N_DRESSES
};

static void add_part(struct buf *out, const char *text, enum dress dress)
{
	struct buf body;

	buf_init(&body, 1 << 20);
	add_crlf(&body, text);
	buf_add_str(out, "Content-Type: text/plain; charset=utf-8\r\n");
	if (dress == BASE64) {
		buf_add_str(out, "Content-Transfer-Encoding: base64\r\n\r\n");
		encode_base64(buf_span(&body), out);
	} else if (dress == QUOTED) {
		buf_add_str(
		    out, "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
		encode_quoted(buf_span(&body), out);
	} else {
		buf_add_str(out, "Content-Transfer-Encoding: 8bit\r\n\r\n");
		buf_add_span(out, buf_span(&body));
	}
	buf_release(&body);
}

static void add_flowed(struct buf *out, const char *text, bool delsp)
{
	struct buf body;

	buf_init(&body, 1 << 20);
	flowed_break((struct span){text, strlen(text)}, delsp, &body);
	buf_addf(out,
	    "Content-Type: text/plain; charset=utf-8; format=flowed%s\r\n\r\n",
	    delsp ? "; delsp=yes" : "");
	add_crlf(out, body.data);
	buf_release(&body);
}

static void add_multi(
    struct buf *out, const char *kind, const char *text, const char *other)
{
	buf_addf(
	    out, "Content-Type: multipart/%s; boundary=\"=_b\"\r\n\r\n", kind);
	buf_add_str(out, "This is a message in MIME format.\r\n--=_b\r\n");
	add_part(out, text, QUOTED);
	buf_addf(out, "\r\n--=_b\r\n%s\r\n--=_b--\r\n", other);
}

static void add_alternative(struct buf *out, const char *text)
{
	struct buf html;

	buf_init(&html, 1 << 20);
	buf_add_str(&html, "Content-Type: text/html; charset=utf-8\r\n\r\n");
	add_html(&html, text);
	add_multi(out, "alternative", text, html.data);
	buf_release(&html);
}

static void dress_up(struct buf *out, const char *text, enum dress dress)
{
	buf_init(out, 1 << 20);
	buf_add_str(out, HEAD);
	switch (dress) {
	case FLOWED:
	case FLOWED_DELSP:
		add_flowed(out, text, dress == FLOWED_DELSP);
		break;
	case HTML:
		buf_add_str(
		    out, "Content-Type: text/html; charset=utf-8\r\n\r\n");
		add_html(out, text);
		break;
	case ALTERNATIVE:
		add_alternative(out, text);
		break;
	case SIGNED:
		add_multi(out, "signed; protocol=\"application/pgp-signature\"",
		    text, "Content-Type: application/pgp-signature\r\n\r\nxx");
		break;
	case WITH_IMAGE:
		add_multi(out, "mixed", text,
		    "Content-Type: image/png\r\n"
		    "Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=");
		break;
	default:
		add_part(out, text, dress);
		break;
	}
}

static void only_the_grammar_decides(void **state)
{
	struct reading_reply *reply;
	struct buf mail, text;
	enum grammar_verb verb;
	size_t i, dress;

	(void)state;
	assert_true(COUNT(lines) >= 150);
	for (i = 0; i < COUNT(lines); i++) {
		for (dress = 0; dress < N_DRESSES; dress++) {
			buf_init(&text, 4096);
			buf_addf(&text, "\n \n%s%s", lines[i].line, QUOTE);
			dress_up(&mail, text.data, (enum dress)dress);
			reply = reply_read(buf_span(&mail));
			verb = verb_of(reply);
			/* the plain form as the table says; others the same,
			 * or none */
			if (verb != lines[i].verb &&
			    (dress == PLAIN || verb != NONE))
				fail_msg("'%s' dress %zu: verb %d, line '%s'",
				    lines[i].line, dress, (int)verb,
				    reply->line);
			reading_reply_free(reply);
			buf_release(&text);
			buf_release(&mail);
		}
	}
}

/* Dresses in which a command must be understood, not merely be safe. */
static void commands_survive_every_dress(void **state)
{
	static const char *const commands[] = {
	    "approve", "approve k7q4rm", "drop too-dear", "ask May I?", "edit"};
	struct reading_reply *reply;
	struct buf mail, text;
	size_t i, dress;

	(void)state;
	for (i = 0; i < COUNT(commands); i++) {
		for (dress = 0; dress < N_DRESSES; dress++) {
			buf_init(&text, 4096);
			buf_addf(&text, "%s%s", commands[i], QUOTE);
			dress_up(&mail, text.data, (enum dress)dress);
			reply = reply_read(buf_span(&mail));
			assert_null(reply->automatic);
			assert_null(reply->maybe_automatic);
			assert_string_equal(reply->line, commands[i]);
			assert_string_equal(reply->words, "");
			reading_reply_free(reply);
			buf_release(&text);
			buf_release(&mail);
		}
	}
}

/* --- encodings that hold bytes ----------------------------------------- */

#define BYTES(s) s, sizeof(s) - 1

static const struct {
	const char *fields; /* after HEAD */
	const char *body;
	size_t size;
	const char *line;
} encodings[] = {
    {"", BYTES("approve\r\n"), "approve"},
    {"", BYTES("approve"), "approve"},
    {"", BYTES("\r\n\r\n\r\napprove\r\n"), "approve"},
    {"", BYTES("approve\n"), "approve"},
    {"Content-Type: text/plain; charset=us-ascii\r\n", BYTES("approve\r\n"),
	"approve"},
    {"Content-Type: text/plain; charset=utf-16\r\n"
     "Content-Transfer-Encoding: base64\r\n",
	BYTES("/v8AYQBwAHAAcgBvAHYAZQANAAo=\r\n"), "approve"},
    {"Content-Type: text/plain; charset=utf-16le\r\n"
     "Content-Transfer-Encoding: base64\r\n",
	BYTES("YQBwAHAAcgBvAHYAZQANAAoA\r\n"), "approve"},
    {"Content-Type: text/plain; charset=utf-16be\r\n",
	BYTES("\0a\0p\0p\0r\0o\0v\0e\0\r\0\n"), "approve"},
    {"Content-Type: text/plain; charset=iso-2022-jp\r\n",
	BYTES("approve\r\n\x1B$B>5G'\x1B(B\r\n"), "approve"},
    {"Content-Type: text/plain; charset=iso-2022-jp\r\n",
	BYTES("\x1B$B>5G'\x1B(B\r\napprove\r\n"), "\xE6\x89\xBF\xE8\xAA\x8D"},
    {"Content-Type: text/plain; charset=shift_jis\r\n", BYTES("approve\r\n"),
	"approve"},
    {"Content-Type: text/plain; charset=koi8-r\r\n", BYTES("\xCF\xCB\r\n"),
	"\xD0\xBE\xD0\xBA"},
    {"Content-Type: text/plain; charset=windows-1252\r\n",
	BYTES("approve\x93\r\n"), "approve\xE2\x80\x9C"},
    {"Content-Type: text/plain; charset=iso-8859-1\r\n",
	BYTES("approve\xA0\r\n"), "approve"},
    /* "+AGE-" is an "a" in utf-7, which is never read as such */
    {"Content-Type: text/plain; charset=utf-7\r\n", BYTES("+AGE-pprove\r\n"),
	"+AGE-pprove"},
    {"Content-Transfer-Encoding: quoted-printable\r\n",
	BYTES("appro=\r\nve\r\n"), "approve"},
    {"Content-Transfer-Encoding: quoted-printable\r\n",
	BYTES("=61pprove=20\r\n"), "approve"},
    {"Content-Transfer-Encoding: base64\r\n", BYTES("YXBwcm92ZQ0K\r\n"),
	"approve"},
    {"Content-Transfer-Encoding: base64\r\n", BYTES("YXBw\r\ncm92\r\nZQ=="),
	"approve"},
    {"Content-Type: text/plain; format=flowed\r\n",
	BYTES("approve \r\nk7q4rm\r\n"), "approve k7q4rm"},
    {"Content-Type: text/plain; format=flowed\r\n", BYTES(" approve\r\n"),
	"approve"},
    {"Content-Type: text/plain; format=flowed; delsp=yes\r\n",
	BYTES("appro \r\nve\r\n"), "approve"},
    /* soft breaks do not join across quotes */
    {"Content-Type: text/plain; format=flowed\r\n",
	BYTES("approve \r\n> not\r\n"), "approve"},
    {"Content-Type: text/html\r\n", BYTES("<p>approve</p>"), "approve"},
    {"Content-Type: text/html\r\n", BYTES("<div><b>app</b>rove</div>\r\n"),
	"approve"},
    {"Content-Type: text/html\r\n", BYTES("<style>drop</style><p>approve</p>"),
	"approve"},
    {"Content-Type: text/html\r\n", BYTES("<p>&nbsp;</p><p>approve&nbsp;</p>"),
	"approve"},
    {"Content-Type: text/html\r\n", BYTES("<p>do not</p><p>approve</p>"),
	"do not"},
    {"Content-Type: text/html\r\n", BYTES("do not<br>approve"), "do not"},
    {"Content-Type: text/html\r\n", BYTES("do not\r\napprove"),
	"do not approve"},
    /* sealed, or no text at all: nothing is read */
    {"Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n"
     "Content-Transfer-Encoding: base64\r\n",
	BYTES("YXBwcm92ZQ0K\r\n"), ""},
    {"Content-Type: application/ms-tnef\r\n", BYTES("approve\r\n"), ""},
    {"Content-Type: text/plain\r\nContent-Disposition: attachment\r\n",
	BYTES("approve\r\n"), ""},
    {"Content-Type: message/rfc822\r\n",
	BYTES("From: a@b.example\r\n\r\napprove\r\n"), ""},
};

static void every_encoding_is_read(void **state)
{
	struct reading_reply *reply;
	struct buf mail;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(encodings); i++) {
		buf_init(&mail, 65536);
		buf_add_str(&mail, HEAD);
		buf_add_str(&mail, encodings[i].fields);
		buf_add_str(&mail, "\r\n");
		buf_add(&mail, encodings[i].body, encodings[i].size);
		reply = reply_read(buf_span(&mail));
		if (strcmp(reply->line, encodings[i].line) != 0)
			fail_msg("row %zu: '%s', not '%s'", i, reply->line,
			    encodings[i].line);
		reading_reply_free(reply);
		buf_release(&mail);
	}
}

#define PART(type) "--b\r\nContent-Type: text/" type "\r\n\r\n"

/* What an HTML answer quotes, strikes or hides is nobody's command. */
static void html_that_is_not_said_decides_nothing(void **state)
{
	static const struct {
		const char *html, *line;
	} rows[] = {
	    {"<blockquote type=\"cite\">approve</blockquote><div>No</div>",
		"> approve"},
	    {"<div>&nbsp;</div><blockquote>approve</blockquote>no",
		"> approve"},
	    {"<blockquote><div><blockquote><p>approve</p></blockquote></div>"
	     "</blockquote>no",
		"> approve"},
	    {"<div class=gmail_quote>approve</div>no", "> approve"},
	    {"<div class=\"a x_Gmail_quote b\">approve</div>no", "> approve"},
	    {"<div class=\"moz-cite-prefix\">approve</div>no", "> approve"},
	    {"<div id=divRplyFwdMsg><hr></div><div>approve</div>", "> ----"},
	    {"<hr><div id=\"x_divRplyFwdMsg\"></div><p>approve</p>", "----"},
	    {"<div id=divRplyFwdMsg></div><div>approve</div>", "> approve"},
	    {"<span id=OLK_SRC_BODY_SECTION>approve</span>no", "> approve"},
	    {"<cite>approve</cite> no", "> approve"},
	    {"<blockquote>&nbsp;</blockquote><p>approve", "approve"},
	    {"<del>approve</del><p>no</p>", "[struck: approve]"},
	    {"<p><s>approve</s></p><p>no</p>", "[struck: approve]"},
	    {"<strike>approve</strike>", "[struck: approve]"},
	    {"<p style=\"text-decoration:line-through\">approve</p>",
		"[struck: approve]"},
	    {"<p style='text-decoration-line: underline line-through'>"
	     "<b style='text-decoration:none'>approve",
		"[struck: approve]"},
	    {"<del>\n</del>approve", "approve"},
	    {"<p style='display:none'>approve</p>", "[hidden: approve]"},
	    {"<p hidden>approve</p>no", "[hidden: approve]"},
	    {"<title>approve</title>no", "no"},
	};
	struct reading_reply *reply;
	char mail[1024];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(mail, sizeof(mail),
		    HEAD "Content-Type: text/html\r\n\r\n%s\r\n", rows[i].html);
		reply = read_str(mail);
		assert_string_equal(reply->line, rows[i].line);
		reading_reply_free(reply);
	}
}

/* An element for which there was no room may quote. */
static void too_deep_counts_as_quoted(void **state)
{
	struct reading_reply *reply;
	struct buf mail;

	(void)state;
	buf_init(&mail, 65536);
	buf_add_str(&mail, HEAD "Content-Type: text/html\r\n\r\n");
	for (int i = 0; i < 600; i++)
		buf_add_str(&mail, "<div>");
	buf_add_str(&mail, "<blockquote>approve</blockquote>");
	reply = reply_read(buf_span(&mail));
	assert_string_equal(reply->line, "> approve");
	reading_reply_free(reply);
	buf_release(&mail);
}

static void text_and_html_must_agree(void **state)
{
	static const struct {
		const char *text, *html;
		bool agree;
	} rows[] = {
	    {"approve", "<p>&nbsp;</p><p>approve&nbsp;</p>", true},
	    {"approve k7q4rm", "<p>approve <b>k7q4rm</b></p><p>no</p>", true},
	    {"approve", "<title>x</title>approve", true},
	    {"approve", "<p> </p>", false},
	    {"drop because it is much too dear for them, as\r\nI said",
		"<p>drop because it is much too dear for them, as I said</p>",
		true},
	    {"approve", "<p>No, never send this</p>", false},
	    {"approve", "<p>approve not</p>", false},
	    {"approve\r\nnot", "<p>approve not</p>", false},
	    {"approve", "<blockquote>approve</blockquote>no", false},
	    {"approve", "<del>approve</del>", false},
	};
	struct reading_reply *reply;
	char mail[1024];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(mail, sizeof(mail),
		    HEAD "Content-Type: multipart/alternative; boundary=b\r\n"
			 "\r\n" PART("plain") "%s\r\n" PART(
			     "html") "%s\r\n--b--\r\n",
		    rows[i].text, rows[i].html);
		reply = read_str(mail);
		if ((reply->maybe_automatic == NULL) != rows[i].agree)
			fail_msg("%s: %s", rows[i].text, rows[i].html);
		reading_reply_free(reply);
	}
}

/* A page's title is not the person's, and what is quoted ends the words. */
static void html_words_end_at_the_quote(void **state)
{
	struct reading_reply *reply = read_str(
	    HEAD "Content-Type: text/html\r\n\r\n<div>edit</div><div>New</div>"
		 "<title>Imprimatur</title><blockquote>old<br>text"
		 "</blockquote>\r\n");

	(void)state;
	assert_string_equal(reply->line, "edit");
	assert_string_equal(reply->words, "New");
	assert_false(reply->signature_cut);
	reading_reply_free(reply);
	reply = read_str(HEAD "\r\nedit\r\nNew\r\n-- \r\nTeam\r\n");
	assert_string_equal(reply->words, "New");
	assert_true(reply->signature_cut);
	reading_reply_free(reply);
}

static void invisible_characters_show(void **state)
{
	struct reading_reply *reply;

	(void)state;
	reply = read_str(HEAD "Content-Type: text/plain; charset=utf-8\r\n\r\n"
			      "appro\xE2\x80\x8Bve\r\n");
	assert_string_equal(reply->line, "appro[U+200B]ve");
	reading_reply_free(reply);
	reply = read_str(HEAD "\r\nappro\rve\r\n");
	assert_string_equal(reply->line, "appro[U+000D]ve");
	reading_reply_free(reply);
}

/* --- fields ------------------------------------------------------------ */

static void from_is_exactly_one(void **state)
{
	static const struct {
		const char *fields;
		const char *from;
	} rows[] = {
	    {"From: anna@corp.example\r\n", "anna@corp.example"},
	    {"From: Anna <anna@corp.example>\r\n", "anna@corp.example"},
	    {"From: \"anna@corp.example\" <evil@x.example>\r\n",
		"evil@x.example"},
	    {"From: anna@corp.example <evil@x.example>\r\n", "evil@x.example"},
	    {"From: =?utf-8?q?anna=40corp=2Eexample?= <evil@x.example>\r\n",
		"evil@x.example"},
	    {"From: a@x.example, anna@corp.example\r\n", NULL},
	    {"From: a@x.example\r\nFrom: anna@corp.example\r\n", NULL},
	    {"From: anna@corp.example\r\nfrom : a@x.example\r\n", NULL},
	    {"From: anna@corp.example\r\nFrom: anna@corp.example\r\n", NULL},
	    {"From: g: a@x.example, anna@corp.example;\r\n", NULL},
	    {"From: \r\n", NULL},
	    {"Subject: x\r\n", NULL},
	};
	struct reading_reply *reply;
	char mail[512];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		snprintf(
		    mail, sizeof(mail), "%s\r\napprove\r\n", rows[i].fields);
		reply = read_str(mail);
		if (rows[i].from == NULL) {
			if (reply->from != NULL || reply->n_from == 1)
				fail_msg("%s: '%s'", rows[i].fields,
				    reply->from != NULL ? reply->from : "");
		} else {
			assert_non_null(reply->from);
			assert_int_equal(reply->n_from, 1);
			assert_string_equal(reply->from, rows[i].from);
		}
		reading_reply_free(reply);
	}
}

static void fields_are_kept(void **state)
{
	struct reading_reply *reply = read_str(
	    "From: anna@corp.example\r\nMessage-ID:\r\n <7.x@corp.example>\r\n"
	    "Subject: =?utf-8?q?Z=C3=BCrich?=\r\n\r\napprove\r\n");

	(void)state;
	assert_string_equal(reply->message_id, "<7.x@corp.example>");
	assert_string_equal(reply->subject, "Z\xC3\xBCrich");
	reading_reply_free(reply);
}

/* --- size -------------------------------------------------------------- */

static void add_many(struct buf *mail, const char *text, size_t times)
{
	while (times-- > 0)
		buf_add_str(mail, text);
}

static void long_answers_are_bounded(void **state)
{
	struct reading_reply *reply;
	struct buf mail;

	(void)state;
	buf_init(&mail, 16 * 1024 * 1024);
	buf_add_str(&mail, HEAD "\r\nedit\r\n\r\n");
	add_many(&mail, "0123456789012345678901234567890123456789\r\n",
	    300 * 1024 / 42);
	reply = reply_read(buf_span(&mail));
	assert_non_null(reply->trouble); /* else words would be cut short */
	reading_reply_free(reply);

	/* however long the quoted rest is */
	buf_clear(&mail);
	buf_add_str(&mail, HEAD "\r\nedit\r\n\r\nnew\r\n\r\n");
	add_many(&mail, "> 012345678901234567890123456789\r\n", 300000);
	reply = reply_read(buf_span(&mail));
	assert_null(reply->trouble);
	assert_string_equal(reply->words, "new");
	reading_reply_free(reply);

	/* blanks do not push the rest of a line out of sight */
	buf_clear(&mail);
	buf_add_str(&mail, HEAD "\r\napprove");
	add_many(&mail, " ", 200 * 1024);
	buf_add_str(&mail, "not\r\n");
	reply = reply_read(buf_span(&mail));
	assert_int_equal(verb_of(reply), GRAMMAR_NONE);
	reading_reply_free(reply);
	buf_release(&mail);
}

/* Who wrote, as the ledger remembers people, and what is answered. */
static void people_and_threads_are_known(void **state)
{
	struct reading_reply *r;

	(void)state;
	r = read_str("From: Jane <Jane@B\xC3\xBC"
		     "cher.Example>\r\n"
		     "References: <a@x>\r\n <b@x>\r\n"
		     "In-Reply-To: your mail <c@x>\r\n\r\nhello\r\n");
	assert_string_equal(r->person, "jane@xn--bcher-kva.example");
	assert_string_equal(r->references, "<a@x> <b@x> <c@x>");
	reading_reply_free(r);
	r = read_str("From: a@x.example, b@x.example\r\n\r\nhello\r\n");
	assert_null(r->person);
	assert_null(r->references);
	reading_reply_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(people_and_threads_are_known),
	    cmocka_unit_test(only_the_grammar_decides),
	    cmocka_unit_test(commands_survive_every_dress),
	    cmocka_unit_test(every_encoding_is_read),
	    cmocka_unit_test(html_that_is_not_said_decides_nothing),
	    cmocka_unit_test(too_deep_counts_as_quoted),
	    cmocka_unit_test(text_and_html_must_agree),
	    cmocka_unit_test(html_words_end_at_the_quote),
	    cmocka_unit_test(invisible_characters_show),
	    cmocka_unit_test(from_is_exactly_one),
	    cmocka_unit_test(fields_are_kept),
	    cmocka_unit_test(long_answers_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
