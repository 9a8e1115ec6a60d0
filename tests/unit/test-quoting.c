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
	size_t n_pages;
	struct {
		const char *program, *page;
	} page[ROWS_MAX];
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

/* Cut a line of a file at its first tab; returns what is behind it. */
static char *cut_line(char *line)
{
	char *tab = strchr(line, '\t');

	assert_non_null(tab);
	line[strcspn(line, "\n")] = '\0';
	*tab = '\0';
	return tab + 1;
}

static void read_pages(void)
{
	FILE *file = fopen(MADE "/pages", "r");
	char line[4096], *page;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		assert_true(made.n_pages < ROWS_MAX);
		page = cut_line(line);
		made.page[made.n_pages].program =
		    arena_strdup(made.arena, line);
		made.page[made.n_pages++].page = fill(page);
	}
	fclose(file);
	assert_true(made.n_pages >= 26);
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
		program = cut_line(line);
		text = cut_line(program);
		made.row[made.n].name =
		    arena_printf(made.arena, "%s %s", line, program);
		made.row[made.n++].text = fill(text);
	}
	fclose(file);
	read_pages();
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
	unsigned wrong = n_made - n_exact, leak = n_leak;

	print_message(
	    "# %s: %u of %u exact, %u leak\n", what, n_exact, n_made, n_leak);
	n_made = n_exact = n_leak = 0;
	assert_int_equal(wrong, 0);
	assert_int_equal(leak, 0);
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

/* Drafts that say the word in each way, quoted by each program, and nothing
 * above: nobody decided. */
static void a_quoted_draft_decides_nothing(void **state)
{
	static const char *const drafts[] = {"approve", "approve\n\n> approve",
	    "\n\napprove k7q4rm\n-- \napprove",
	    "Imprimatur asks you: x\napprove\n1 approve\nall approve"};
	const char *notice = made.text;
	struct grammar_command command;
	struct reading_reply *reply;
	struct buf body;
	unsigned n = 0;

	(void)state;
	for (size_t i = 0; i < made.n * N_LAYOUTS * COUNT(drafts); i++, n++) {
		struct buf draft;

		buf_init(&draft, 4096);
		add_prefixed(
		    &draft, i % 3 == 0 ? "" : "| ", drafts[i % COUNT(drafts)]);
		made.text = draft.data;
		buf_init(&body, 1 << 20);
		add_quote(&body, made.row[i / COUNT(drafts) / N_LAYOUTS].text,
		    (enum layout)(i / COUNT(drafts) % N_LAYOUTS));
		reply = read_body("plain", buf_span(&body));
		grammar_read(
		    (struct span){reply->line, strlen(reply->line)}, &command);
		if (command.verb != GRAMMAR_NONE)
			fail_msg("'%s'", body.data);
		reading_reply_free(reply);
		buf_release(&body);
		buf_release(&draft);
	}
	made.text = notice;
	print_message("# %u drafts quoted, no decision\n", n);
	assert_true(n >= 2000);
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
	for (size_t i = 0; i < made.n_pages; i++) {
		for (size_t k = 0; k < made.n; k++) {
			if (k > 0 && strstr(made.page[i].page, "%A") == NULL)
				break;
			buf_init(&body, 1 << 20);
			add_page(&body, made.page[i].page, made.row[k].text);
			reply = read_body("html", buf_span(&body));
			judge(reply, HTML_WORDS, made.page[i].program, (int)k);
			reading_reply_free(reply);
			buf_release(&body);
		}
	}
	all_exact("HTML above a quote");
}

/* Both forms of an answer agree, whichever program made them. */
static void text_and_html_agree(void **state)
{
	struct reading_reply *reply;
	struct buf mail;

	(void)state;
	for (size_t i = 0; i < made.n_pages; i++) {
		buf_init(&mail, 1 << 20);
		buf_add_str(&mail, HEAD
		    "Content-Type: multipart/alternative; boundary=b\r\n\r\n"
		    "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
		    "edit\n" HTML_WORDS "\n");
		add_quote(&mail, made.row[i].text, PREFIXED);
		buf_add_str(&mail, "\r\n--b\r\nContent-Type: text/html; "
				   "charset=utf-8\r\n\r\n");
		add_page(&mail, made.page[i].page, made.row[i].text);
		buf_add_str(&mail, "\r\n--b--\r\n");
		reply = reply_read(buf_span(&mail));
		if (reply->maybe_automatic != NULL)
			fail_msg("%s: %s", made.page[i].program,
			    reply->maybe_automatic);
		judge(reply, HTML_WORDS, made.page[i].program, 0);
		reading_reply_free(reply);
		buf_release(&mail);
	}
	all_exact("text beside HTML");
}

/* Whatever part of the notice somebody deleted: nothing of it leaks. */
static void no_rest_of_a_notice_leaks(void **state)
{
	struct reading_reply *reply;
	const char *rest = made.text;
	struct buf body;

	(void)state;
	for (; *rest != '\0'; rest += strcspn(rest, "\n") + 1) {
		buf_init(&body, 1 << 20);
		buf_addf(&body, "edit\n\nHello\n\n%s", rest);
		reply = read_body("plain", buf_span(&body));
		if (leaks(reply->words))
			fail_msg("'%s'", reply->words);
		reading_reply_free(reply);
		buf_release(&body);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(text_above_every_quote),
	    cmocka_unit_test(text_above_other_quotes),
	    cmocka_unit_test(text_below_every_quote),
	    cmocka_unit_test(a_quoted_draft_decides_nothing),
	    cmocka_unit_test(text_between_quotes),
	    cmocka_unit_test(signatures_are_told_apart),
	    cmocka_unit_test(what_looks_like_one_stays),
	    cmocka_unit_test(html_above_every_quote),
	    cmocka_unit_test(text_and_html_agree),
	    cmocka_unit_test(no_rest_of_a_notice_leaks),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
