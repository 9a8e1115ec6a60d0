/*
 * Tests of the reading of answers by a set that is made: a real notice of
 * ours, quoted as mail programs of many languages do it (attributions in
 * tests/corpora/replies/made), in text and in HTML, above, below and between
 * what the person wrote.
 */
#include "check/reader/reply.h"

#include "check/reader/encode.h"
#include "review/grammar.h"
#include "review/letter.h"
#include "review/notice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sample.h"
#include "unmail.h"

#define MADE	     TOP_SRCDIR "/tests/corpora/replies/made"
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define ADDRESS                                                                \
	"d-abcdefghijklmnopqrstuvwxyz234567ab@review."                         \
	"example"
#define HEAD                                                                   \
	"From: Anna <anna@corp.example>\r\nTo: " ADDRESS "\r\n"                \
	"Subject: Re: may this go?\r\nMIME-Version: 1.0\r\n"
#define ROWS_MAX 400

/* What a person writes; lines that look nearly like a mail program's, too. */
#define WORDS                                                                  \
	"Dear Bob,\n\nthe price is 12 \xE2\x82\xAC, as on 3 March 2012.\n"     \
	"On Monday you wrote: all is well.\nFrom: here to there\n"             \
	"    indented\n\nSent with love, by hand.\n\n\nBye\nAnna"

static struct {
	struct arena *arena;
	const char *text, *html; /* of the notice */
	size_t n;
	struct {
		const char *name, *text; /* "de Gmail", "Am ... schrieb:" */
	} row[ROWS_MAX];
} made;

/* --- what is given ----------------------------------------------------- */

static void write_notice(void)
{
	const struct notice notice = {
	    .config = sample_config(),
	    .reviewer = &sample_config()->reviewers[0],
	    .kind = HOLD_PROMPT_DECIDE,
	    .view = sample_view(made.arena),
	    .reply_to = ADDRESS,
	    .at_ms = SAMPLE_NOON,
	};
	struct buf mail;
	char *body;

	buf_init(&mail, LETTER_MAX);
	assert_non_null(notice_write(&notice, made.arena, &mail));
	body = unmail_body(buf_span(&mail), "text/plain");
	made.text = arena_strdup(made.arena, body);
	free(body);
	body = unmail_body(buf_span(&mail), "text/html");
	made.html = arena_strdup(made.arena, body);
	free(body);
	buf_release(&mail);
}

/* "\n" and "\t" to characters, {N} and {A} to name and address. */
static const char *fill(const char *text)
{
	const char *kept;
	struct buf out;

	buf_init(&out, 4096);
	for (; *text != '\0'; text++) {
		if (strncmp(text, "\\n", 2) == 0 ||
		    strncmp(text, "\\t", 2) == 0) {
			buf_add_char(&out, text[1] == 'n' ? '\n' : '\t');
			text++;
		} else if (strncmp(text, "{N}", 3) == 0) {
			buf_add_str(&out, "Imprimatur");
			text += 2;
		} else if (strncmp(text, "{A}", 3) == 0) {
			buf_add_str(&out, ADDRESS);
			text += 2;
		} else {
			buf_add_char(&out, *text);
		}
	}
	kept = arena_dup(made.arena, out.data, out.len);
	buf_release(&out);
	return kept;
}

static int set_up(void **state)
{
	char line[2048], *program, *text;
	FILE *file = fopen(MADE "/attributions", "r");

	(void)state;
	assert_non_null(file);
	made.arena = arena_new();
	write_notice();
	while (fgets(line, sizeof(line), file) != NULL) {
		assert_true(made.n < ROWS_MAX);
		line[strcspn(line, "\n")] = '\0';
		program = strchr(line, '\t');
		assert_non_null(program);
		*program++ = ' ';
		text = strchr(program, '\t');
		assert_non_null(text);
		*text++ = '\0';
		made.row[made.n].name = arena_strdup(made.arena, line);
		made.row[made.n++].text = fill(text);
	}
	fclose(file);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(made.arena);
	return 0;
}

/* --- making answers ---------------------------------------------------- */

static void add_prefixed(struct buf *out, const char *prefix, const char *text)
{
	while (*text != '\0') {
		size_t n = strcspn(text, "\n");

		buf_add_str(out, prefix);
		buf_add(out, text, n);
		buf_add_char(out, '\n');
		text += n + (text[n] == '\n');
	}
}

/* Lines broken anew at a narrow width, as some programs do it. */
static void add_broken(struct buf *out, const char *prefix, const char *text)
{
	size_t column = 0;

	buf_add_str(out, prefix);
	for (; *text != '\0'; text++) {
		bool broken = *text == ' ' && column > 50;

		if (*text != '\n' && !broken) {
			buf_add_char(out, *text);
			column++;
			continue;
		}
		buf_add_char(out, '\n');
		buf_add_str(out, prefix);
		column = 0;
	}
	buf_add_char(out, '\n');
}

enum layout {
	PREFIXED, /* "> " */
	TIGHT,	  /* ">" and no blank line above */
	BARE,	  /* nothing before the lines */
	BROKEN,	  /* "> ", in short lines */
	NESTED,	  /* ">> " */
	N_LAYOUTS
};

static void add_quote(struct buf *out, const char *above, enum layout layout)
{
	buf_addf(out, "%s%s\n", layout == TIGHT ? "" : "\n", above);
	if (layout != TIGHT)
		buf_add_char(out, '\n');
	switch (layout) {
	case BARE:
		buf_add_str(out, made.text);
		break;
	case BROKEN:
		add_broken(out, "> ", made.text);
		break;
	case TIGHT:
		add_prefixed(out, ">", made.text);
		break;
	default:
		add_prefixed(out, layout == NESTED ? ">> " : "> ", made.text);
	}
}

static struct reading_reply *read_body(const char *type, struct span body)
{
	struct reading_reply *reply;
	struct buf mail;

	buf_init(&mail, 1 << 20);
	buf_addf(&mail,
	    HEAD "Content-Type: text/%s; charset=utf-8\r\n"
		 "Content-Transfer-Encoding: base64\r\n\r\n",
	    type);
	encode_base64(body, &mail);
	reply = reply_read(buf_span(&mail));
	buf_release(&mail);
	assert_null(reply->trouble);
	assert_null(reply->automatic);
	return reply;
}

static unsigned n_made, n_exact, n_leak;

/* Is something of the notice in what would become a mail? */
static bool leaks(const char *words)
{
	struct span rest = {words, strlen(words)};

	return strcasestr(words, "d-abcdefghij") != NULL ||
	       strstr(words, "Imprimatur") != NULL ||
	       strncmp(words, "| ", 2) == 0 ||
	       memmem(rest.data, rest.len, "\n| ", 3) != NULL;
}

static void judge(const struct reading_reply *reply, const char *words,
    const char *name, int layout)
{
	bool exact = strcmp(reply->line, "edit") == 0 &&
		     strcmp(reply->words, words) == 0;

	n_made++;
	n_exact += exact;
	if (leaks(reply->words))
		n_leak++;
	if (!exact)
		print_message("# %s, layout %d: '%s' '%s'\n", name, layout,
		    reply->line, reply->words);
}

static void all_exact(const char *what)
{
	print_message(
	    "# %s: %u of %u exact, %u leak\n", what, n_exact, n_made, n_leak);
	assert_int_equal(n_exact, n_made);
	assert_int_equal(n_leak, 0);
	n_made = n_exact = n_leak = 0;
}

/* --- text -------------------------------------------------------------- */

static void text_above_every_quote(void **state)
{
	struct reading_reply *reply;
	struct buf body;

	(void)state;
	assert_true(made.n >= 150);
	for (size_t i = 0; i < made.n; i++) {
		for (int layout = 0; layout < N_LAYOUTS; layout++) {
			buf_init(&body, 1 << 20);
			buf_add_str(&body, "edit\n\n" WORDS "\n");
			add_quote(&body, made.row[i].text, (enum layout)layout);
			reply = read_body("plain", buf_span(&body));
			judge(reply, WORDS, made.row[i].name, layout);
			assert_false(reply->line_quoted);
			reading_reply_free(reply);
			buf_release(&body);
		}
	}
	all_exact("text above a quote");
}

/* The same where the quote is no notice of ours, which would help. */
static void text_above_other_quotes(void **state)
{
	static const char other[] = "Hello Anna,\n\nis this good?\n\nBob";
	struct reading_reply *reply;
	struct buf body;

	(void)state;
	for (size_t i = 0; i < 2 * made.n; i++) {
		const char *above = made.row[i / 2].text;

		buf_init(&body, 1 << 20);
		buf_addf(&body, "edit\n\n" WORDS "\n\n%s\n\n", above);
		add_prefixed(&body, i % 2 == 0 ? "> " : "", other);
		reply = read_body("plain", buf_span(&body));
		judge(reply, WORDS, made.row[i / 2].name, (int)i % 2);
		reading_reply_free(reply);
		buf_release(&body);
	}
	all_exact("text above another quote");
}

/* Whoever writes below the quote decides nothing, and is told. */
static void text_below_every_quote(void **state)
{
	struct grammar_command command;
	struct reading_reply *reply;
	struct buf body;

	(void)state;
	for (size_t i = 0; i < made.n; i++) {
		buf_init(&body, 1 << 20);
		add_quote(&body, made.row[i].text, PREFIXED);
		buf_add_str(&body, "\napprove\n");
		reply = read_body("plain", buf_span(&body));
		grammar_read(
		    (struct span){reply->line, strlen(reply->line)}, &command);
		assert_int_equal(command.verb, GRAMMAR_NONE);
		if (!reply->line_quoted)
			fail_msg("%s: '%s' '%s'", made.row[i].name, reply->line,
			    reply->words);
		assert_string_equal(reply->words, "");
		reading_reply_free(reply);
		buf_release(&body);
	}
}

static void text_between_quotes(void **state)
{
	struct reading_reply *reply;
	struct buf body;

	(void)state;
	for (size_t i = 0; i < made.n; i++) {
		buf_init(&body, 1 << 20);
		buf_add_str(&body, "ask May I?\n\n");
		buf_addf(&body, "%s\n> Imprimatur asks you: may it?\n\n",
		    made.row[i].text);
		buf_add_str(&body, "My first word.\n\n> | old\n>\n> more\n\n"
				   "My second word.\n-- \nAnna\n");
		reply = read_body("plain", buf_span(&body));
		assert_string_equal(reply->line, "ask May I?");
		assert_string_equal(reply->words, "");
		if (reply->below != NULL)
			assert_non_null(
			    strstr(reply->below, "My second word."));
		reading_reply_free(reply);
		buf_release(&body);
	}
}

/* --- signatures -------------------------------------------------------- */

/* Lines that look nearly so, and are the person's. */
static const char *const no_signatures[] = {
    "Sent from my desk, which is easier than my mobile phone.",
    "Sent from a magnificent torch of pixels",
    "The notification was sent from my iPhone app to all users.",
    "It was sent with Outlook, I think.",
    "--\nAnna",
    "We sent it from Berlin",
    "Please get Outlook for the whole team, and soon.",
    "Best regards\nAnna\nCEO",
    "This message is confidential.",
    "See you on your iPhone",
};

static void signatures_are_told_apart(void **state)
{
	FILE *file = fopen(MADE "/signatures", "r");
	struct reading_reply *reply;
	char line[1024];
	struct buf body;

	(void)state;
	assert_non_null(file);
	for (int i = 0; fgets(line, sizeof(line), file) != NULL; i++) {
		line[strcspn(line, "\n")] = '\0';
		buf_init(&body, 1 << 20);
		buf_addf(&body, "edit\n\n" WORDS "\n\n%s\n", fill(line));
		if (i % 2 == 1)
			add_quote(&body, made.row[0].text, PREFIXED);
		reply = read_body("plain", buf_span(&body));
		judge(reply, WORDS, line, 0);
		assert_true(reply->signature_cut == (reply->signature != NULL));
		reading_reply_free(reply);
		buf_release(&body);
	}
	fclose(file);
	assert_true(n_made >= 60);
	all_exact("signatures");
}

static void what_looks_like_one_stays(void **state)
{
	struct reading_reply *reply;
	struct buf body;

	(void)state;
	for (size_t i = 0; i < COUNT(no_signatures); i++) {
		buf_init(&body, 1 << 20);
		buf_addf(&body, "edit\n\nHi\n\n%s", no_signatures[i]);
		reply = read_body("plain", buf_span(&body));
		judge(
		    reply, body.data + strlen("edit\n\n"), no_signatures[i], 0);
		assert_null(reply->signature);
		reading_reply_free(reply);
		buf_release(&body);
	}
	all_exact("no signatures");
}

/* --- HTML -------------------------------------------------------------- */

/* %W: what the person wrote, %H: the notice, %A: an attribution. */
static const struct {
	const char *program, *page;
} pages[] = {
    {"Gmail",
	"<div dir=\"ltr\">%W</div><br><div class=\"gmail_quote "
	"gmail_quote_container\"><div dir=\"ltr\" class=\"gmail_attr\">%A<br>"
	"</div><blockquote class=\"gmail_quote\" style=\"margin:0px 0px 0px "
	"0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex\">%H"
	"</blockquote></div>"},
    {"Apple Mail",
	"<html><head></head><body style=\"word-wrap: break-word;\">%W<br><div>"
	"<br><blockquote type=\"cite\"><div>%A</div><br><div>%H</div>"
	"</blockquote></div><br></body></html>"},
    {"iOS", "<html><body dir=\"auto\">%W<br id=\"lineBreakAtBeginningOf"
	    "Signature\"><div dir=\"ltr\"></div><div dir=\"ltr\"><br>"
	    "<blockquote type=\"cite\">%A<br><br></blockquote></div>"
	    "<blockquote type=\"cite\"><div dir=\"ltr\">%H</div></blockquote>"
	    "</body></html>"},
    {"Thunderbird",
	"<html><head></head><body>%W<br><div class=\"moz-cite-prefix\">%A<br>"
	"</div><blockquote type=\"cite\" cite=\"mid:x@y\">%H</blockquote><br>"
	"</body></html>"},
    {"Outlook on the web",
	"<html><body dir=\"ltr\"><div class=\"elementToProof\">%W</div>"
	"<div id=\"appendonsend\"></div><hr tabindex=\"-1\" style=\"display:"
	"inline-block; width:98%\"><div id=\"divRplyFwdMsg\" dir=\"ltr\">%A"
	"</div><div><div>%H</div></div></body></html>"},
    {"Outlook",
	"<html><body lang=EN-GB><div class=WordSection1>%W<p class=MsoNormal>"
	"<o:p>&nbsp;</o:p></p><div><div style='border:none;border-top:solid "
	"#E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal><b><span "
	"lang=EN-US>From:</span></b><span lang=EN-US> Imprimatur &lt;" ADDRESS
	"&gt; <br><b>Sent:</b> Monday, April 2, 2012 6:26 PM<br><b>To:</b> "
	"Anna "
	"&lt;anna@corp.example&gt;<br><b>Subject:</b> x<o:p></o:p></span></p>"
	"</div></div><p class=MsoNormal><o:p>&nbsp;</o:p></p>%H</div></body>"
	"</html>"},
    {"Outlook, German",
	"<html><body><div class=WordSection1>%W<div style='border:none;"
	"border-top:solid #E1E1E1 1.0pt'><p><b>Von:</b> Imprimatur &lt;" ADDRESS
	"&gt; <br><b>Gesendet:</b> Montag, 2. April 2012 18:26<br><b>An:</b> "
	"Anna<br><b>Betreff:</b> x</p></div>%H</div></body></html>"},
    {"Outlook for phones",
	"<html><body>%W<div id=\"ms-outlook-mobile-body-separator-line\"><br>"
	"</div><div id=\"mail-editor-reference-message-container\"><hr "
	"style=\"width:98%\"><div id=\"divRplyFwdMsg\">%A</div>%H</div></body>"
	"</html>"},
    {"Yahoo", "<html><body><div class=\"yahoo-style-wrap\">%W</div>"
	      "<div id=\"ydp123yahoo_quoted_4\" class=\"ydp123yahoo_quoted\">"
	      "<div><div>%A</div><div><br></div>%H</div></div></body></html>"},
    {"Zimbra",
	"<html><body><div style=\"font-family: arial\">%W<br><hr id=\"zwchr\" "
	"data-marker=\"__DIVIDER__\"><div data-marker=\"__HEADERS__\"><b>From: "
	"</b>\"Imprimatur\" &lt;" ADDRESS "&gt;<br><b>To: </b>anna<br>"
	"<b>Sent: </b>Monday<br><b>Subject: </b>x<br></div><br><div>%H</div>"
	"</div></body></html>"},
    {"GMX", "<html><head></head><body><div>%W</div><div>&nbsp;<div "
	    "name=\"quote\" style=\"margin:10px 5px 5px 10px; border-left:2px "
	    "solid #C3D9E5;\"><div style=\"margin:0 0 10px 0;\"><b>Gesendet:"
	    "</b>&nbsp;Montag, 02. April 2012 um 18:26 Uhr<br/><b>Von:</b>"
	    "&nbsp;&quot;Imprimatur&quot; &lt;" ADDRESS "&gt;<br/><b>An:</b>"
	    "&nbsp;anna@corp.example<br/><b>Betreff:</b>&nbsp;x</div>"
	    "<div name=\"quoted-content\">%H</div></div></div></body></html>"},
    {"Proton", "<div>%W</div><div class=\"protonmail_quote\">%A<br>"
	       "<blockquote class=\"protonmail_quote\" type=\"cite\">%H"
	       "</blockquote></div>"},
    {"Zoho", "<div>%W</div><div class=\"zmail_extra\"><div>---- On Mon, 02 Apr "
	     "2012 <b>" ADDRESS "</b> wrote ---<br></div><div><br></div>"
	     "<blockquote>%H</blockquote></div>"},
    {"Tutanota",
	"<div>%W</div><div><br></div><div>2 Apr 2012, 18:26 by " ADDRESS
	":<br></div><blockquote class=\"tutanota_quote\">%H"
	"</blockquote>"},
    {"Roundcube", "<body>%W<p id=\"reply-intro\">%A</p><blockquote type=\""
		  "cite\">%H</blockquote></body>"},
    {"Fastmail", "<body><div>%W</div><div>%A<br></div><blockquote type=\"cite\""
		 " id=\"qt\">%H</blockquote></body>"},
    {"Spark", "<body><div name=\"messageBodySection\">%W</div><div "
	      "name=\"messageReplySection\">%A<br><blockquote type=\"cite\">%H"
	      "</blockquote></div></body>"},
    {"Airmail", "<body><div>%W</div><p class=\"airmail_on\">%A</p><blockquote "
		"type=\"cite\" class=\"clean_bq\">%H</blockquote></body>"},
    {"mail.ru", "<div>%W</div><blockquote id=\"mail-app-auto-quote\">%A<br>%H"
		"</blockquote>"},
    {"Yandex", "<div>%W</div><div>%A</div><blockquote><p>%H</p></blockquote>"},
    {"NetEase", "<div>%W</div><div id=\"isReplyContent\">%A<br>%H</div>"},
    {"QQ", "<div>%W</div><div><br></div><div style=\"font-size: 12px;\">"
	   "------------------&nbsp;Original&nbsp;------------------</div><div>"
	   "<div><b>From: </b>&nbsp;\"Imprimatur\"&lt;" ADDRESS "&gt;;</div>"
	   "<div><b>Date: </b>&nbsp;Mon, Apr 2, 2012</div><div><b>To: </b>"
	   "&nbsp;\"Anna\";</div><div><b>Subject: </b>&nbsp;x</div></div>%H"},
    {"Samsung", "<div>%W</div><div style=\"font-size:100%\"><!-- original-->"
		"<div>-------- Original message --------</div><div>From: "
		"Imprimatur &lt;" ADDRESS "&gt;</div><div>Date: 4/2/12 18:26"
		"</div><div>To: anna@corp.example</div><div>Subject: x</div>"
		"</div>%H"},
    {"AOL", "<div>%W</div><br><div>-----Original Message-----<br>From: "
	    "Imprimatur &lt;" ADDRESS "&gt;<br>To: anna<br>Sent: Mon, Apr 2, "
	    "2012 6:26 pm<br>Subject: x<br><br><div>%H</div></div>"},
    {"Lotus", "<font size=2>%W</font><br><br><font size=1 color=#5f5f5f>From: "
	      "</font><font size=1>\"Imprimatur\" &lt;" ADDRESS "&gt;</font>"
	      "<br><font size=1>To: </font><font size=1>anna</font><br><font "
	      "size=1>Date: </font><font size=1>02.04.2012</font><br><font "
	      "size=1>Subject: </font><font size=1>x</font><br><hr noshade>%H"},
    {"a bare one", "<div>%W</div><div>%A</div><div>%H</div>"},
};

/* The words, a div for each line. */
static void add_html_lines(struct buf *out, const char *text)
{
	while (*text != '\0') {
		size_t n = strcspn(text, "\n");

		buf_add_str(out, "<div>");
		if (n == 0)
			buf_add_str(out, "<br>");
		for (size_t i = 0; i < n; i++) {
			if (strchr("<>&", text[i]) != NULL)
				buf_addf(out, "&#%d;", text[i]);
			else
				buf_add_char(out, text[i]);
		}
		buf_add_str(out, "</div>");
		text += n + (text[n] == '\n');
	}
}

#define HTML_WORDS                                                             \
	"Dear Bob,\n\nthe price is 12 \xE2\x82\xAC.\nFrom: here to there\n\n"  \
	"Bye"

static void add_page(struct buf *out, const char *page, const char *above)
{
	for (; *page != '\0'; page++) {
		if (strncmp(page, "%W", 2) == 0)
			add_html_lines(out, "edit\n" HTML_WORDS);
		else if (strncmp(page, "%A", 2) == 0)
			add_html_lines(out, above);
		else if (strncmp(page, "%H", 2) == 0)
			buf_add_str(out, made.html);
		else {
			buf_add_char(out, *page);
			continue;
		}
		page++;
	}
}

static void html_above_every_quote(void **state)
{
	struct reading_reply *reply;
	struct buf body;

	(void)state;
	for (size_t i = 0; i < COUNT(pages); i++) {
		for (size_t k = 0; k < made.n; k++) {
			if (k > 0 && strstr(pages[i].page, "%A") == NULL)
				break;
			buf_init(&body, 1 << 20);
			add_page(&body, pages[i].page, made.row[k].text);
			reply = read_body("html", buf_span(&body));
			judge(reply, HTML_WORDS, pages[i].program, (int)k);
			reading_reply_free(reply);
			buf_release(&body);
		}
	}
	all_exact("HTML above a quote");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(text_above_every_quote),
	    cmocka_unit_test(text_above_other_quotes),
	    cmocka_unit_test(text_below_every_quote),
	    cmocka_unit_test(text_between_quotes),
	    cmocka_unit_test(signatures_are_told_apart),
	    cmocka_unit_test(what_looks_like_one_stays),
	    cmocka_unit_test(html_above_every_quote),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
