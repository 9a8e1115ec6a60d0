/*
 * Tests of what a person changes but for the text: header lines above it, the
 * fields that are written, whom the mail reaches then, words within HTML, and
 * whole mails.
 */
#include "check/reader/compose.h"
#include "check/reader/edit.h"
#include "check/reader/field.h"
#include "check/reader/inplace.h"
#include "check/reader/makehtml.h"
#include "check/reader/tokens.h"

#include "util/headed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static struct span span_of(const char *text)
{
	return (struct span){text, strlen(text)};
}

/* --- header lines above a text ----------------------------------------- */

static const struct {
	const char *words, *subject, *to, *cc, *bcc, *text, *fault;
} heads[] = {
    {"Hello\nSubject: x\n\ny", NULL, NULL, NULL, NULL, "Hello\nSubject: x\n\ny",
	NULL},
    {"Subject: x\n\ny", "x", NULL, NULL, NULL, "y", NULL},
    {"subject:x\r\n\r\ny\r\n", "x", NULL, NULL, NULL, "y\r\n", NULL},
    {"Subject: x", "x", NULL, NULL, NULL, NULL, NULL},
    {"Subject:\nCc:\n \n\n", "", NULL, "", NULL, NULL, NULL},
    {"To: a@x,\nb@x\nBcc: c@x\n\nt", NULL, "a@x, b@x", NULL, "c@x", "t", NULL},
    {"To: a@x\n b@x\n\nt", NULL, "a@x b@x", NULL, NULL, "t", NULL},
    {"Subject: a,\nHello\n", "a,", NULL, NULL, NULL, NULL, "empty line"},
    {"Subject: a\nSubject: b\n\n", NULL, NULL, NULL, NULL, NULL, "two lines"},
    {"Subject : a\n\nb", NULL, NULL, NULL, NULL, "Subject : a\n\nb", NULL},
    {"From: a@x\n\nb", NULL, NULL, NULL, NULL, "From: a@x\n\nb", NULL},
    {"", NULL, NULL, NULL, NULL, NULL, NULL},
};

static void same(const char *got, const char *want)
{
	if (want == NULL)
		assert_null(got);
	else
		assert_string_equal(got, want);
}

static void lines_above_a_text_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(heads); i++) {
		struct arena *arena = arena_new();
		struct headed h;

		headed_read(arena, span_of(heads[i].words), &h);
		if (heads[i].fault != NULL) {
			assert_non_null(h.fault);
			assert_non_null(strstr(h.fault, heads[i].fault));
		} else {
			assert_null(h.fault);
			same(h.subject, heads[i].subject);
			same(h.to, heads[i].to);
			same(h.cc, heads[i].cc);
			same(h.bcc, heads[i].bcc);
			same(h.text.data == NULL
				 ? NULL
				 : arena_dup(arena, h.text.data, h.text.len),
			    heads[i].text);
		}
		arena_free(arena);
	}
}

/* No line costs more than its own length. */
static void a_field_of_many_lines_is_read(void **state)
{
	const size_t n = 100000;
	struct arena *arena = arena_new();
	struct headed h;
	struct buf words;

	(void)state;
	buf_init(&words, 4 * n + 20);
	buf_add_str(&words, "To: a@x,\n");
	for (size_t i = 0; i < n; i++)
		buf_add_str(&words, " b,\n");
	headed_read(arena, buf_span(&words), &h);
	assert_null(h.fault);
	assert_null(h.text.data);
	assert_int_equal(strlen(h.to), strlen("a@x,") + n * strlen(" b,"));
	buf_release(&words);
	arena_free(arena);
}

static void a_fault_shows_whole_letters(void **state)
{
	struct arena *arena = arena_new();
	struct buf words;
	struct headed h;

	(void)state;
	buf_init(&words, 1000);
	buf_add_str(&words, "Subject: x\ny");
	for (int i = 0; i < 60; i++)
		buf_add_str(&words, "\xc3\xa4");
	headed_read(arena, buf_span(&words), &h);
	assert_non_null(h.fault);
	assert_non_null(strstr(h.fault, "\xc3\xa4' is no header line"));
	buf_release(&words);
	arena_free(arena);
}

/* --- fields ------------------------------------------------------------ */

static void check_lines(const char *value)
{
	for (const char *line = value; line != NULL;) {
		const char *end = strstr(line, "\r\n");

		assert_true(
		    (end == NULL ? strlen(line) : (size_t)(end - line)) < 300);
		if (end != NULL)
			assert_true(end[2] == ' ');
		line = end == NULL ? NULL : end + 2;
	}
	for (; *value != '\0'; value++)
		assert_true((unsigned char)*value < 0x7F);
}

static void subjects_come_back_as_they_were(void **state)
{
	static const char *const subjects[] = {"a", "two  blanks",
	    "Z\xC3\xBCrich \xE2\x82\xAC 5", "=?utf-8?B?QQ==?= stays",
	    "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E\xE3\x81\xAE"
	    "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E\xE3\x81\xAE"
	    "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E\xE3\x81\xAE"
	    "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E\xE3\x81\xAE"
	    "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E\xE3\x81\xAE",
	    "a long one of plain words that has to be folded, since nobody "
	    "can read lines that go on and on and on, and RFC 5322 says so"};
	char word[600];

	(void)state;
	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	for (size_t i = 0; i <= COUNT(subjects); i++) {
		const char *s = i < COUNT(subjects) ? subjects[i] : word;
		struct arena *arena = arena_new();
		struct compose made = compose_text(arena, s);

		assert_null(made.refusal);
		check_lines(made.value);
		assert_string_equal(
		    field_text(arena, span_of(made.value)).text, s);
		arena_free(arena);
	}
}

static void nothing_gets_into_a_field(void **state)
{
	static const char *const evil[] = {"a\r\nBcc: x@y", "a\nb", "a\x01",
	    "a\x7F", "a\xC2\x85", "a\xFF", "a\xED\xA0\x80"};

	(void)state;
	for (size_t i = 0; i < COUNT(evil); i++) {
		struct arena *arena = arena_new();

		assert_non_null(compose_text(arena, evil[i]).refusal);
		arena_free(arena);
	}
}

static const struct {
	const char *list, *value; /* NULL: refused */
	size_t n;
} lists[] = {
    {"a@x.example", " a@x.example", 1},
    {" a@x.example ; b@y.example,\n", " a@x.example, b@y.example", 2},
    {"Anna <a@x.example>", " Anna <a@x.example>", 1},
    {"\"B, Anna\" <a@x.example>", " \"B, Anna\" <a@x.example>", 1},
    {"A. B <a@x.example>", " \"A. B\" <a@x.example>", 1},
    {"Zo\xC3\xAB <z@x.example>", " =?utf-8?B?Wm/Dqw==?= <z@x.example>", 1},
    {"\"a b\"@x.example", " \"a b\"@x.example", 1},
    {"a@[192.0.2.1]", " a@[192.0.2.1]", 1},
    {"known\xC3\xAB@x.example", " known\xC3\xAB@x.example", 1},
    {"", NULL, 0},
    {"a", NULL, 1},
    {"a@x@y", NULL, 1},
    {"a b@x.example", NULL, 1},
    {"<a@x.example", NULL, 1},
    {"a@x.example>", NULL, 1},
    {"a@x.example\x01", NULL, 1},
    {"list: a@x.example;", NULL, 1},
    {"a@-x.example", NULL, 1},
    {"a@x..example", NULL, 1},
    {"other\xC3\xAB@x.example", NULL, 1},
    {"A <a@x.example> <b@x.example>", NULL, 1},
};

static void lists_are_read_strictly(void **state)
{
	static const char *const known[] = {"known\xC3\xAB@x.example"};

	(void)state;
	for (size_t i = 0; i < COUNT(lists); i++) {
		struct arena *arena = arena_new();
		struct compose made =
		    compose_list(arena, lists[i].list, known, 1);

		if (lists[i].value == NULL && lists[i].n > 0)
			assert_non_null(made.refusal);
		if (lists[i].value != NULL) {
			assert_null(made.refusal);
			assert_string_equal(made.value, lists[i].value);
			assert_int_equal(made.n, lists[i].n);
		}
		arena_free(arena);
	}
}

/* --- mails ------------------------------------------------------------- */

#define MAIL                                                                   \
	"From: bot@demo.example\r\n"                                           \
	"To: Jane <jane@x.example>,\r\n joe@x.example\r\n"                     \
	"Subject: Your\r\n offer\r\nMessage-ID: <1@demo.example>\r\n"

static const char *const went[] = {
    "jane@x.example", "JOE@x.example", "hidden@x.example"};

static struct reading_edit *edit_of(
    const char *mail, const struct edit_wish *wish)
{
	const char *recipients[COUNT(went)];
	const struct about about = {
	    .n_recipients = COUNT(went), .recipients = recipients};

	memcpy(recipients, went, sizeof(went));
	return edit_apply(span_of(mail), wish, &about);
}

static const struct {
	struct edit_wish wish;
	const char *head;    /* NULL: refused */
	const char *goes[5]; /* none: as before */
} wishes[] = {
    {{.subject = "My offer"},
	"From: bot@demo.example\r\nTo: Jane <jane@x.example>,\r\n "
	"joe@x.example\r\nSubject: My offer\r\nMessage-ID: "
	"<1@demo.example>\r\n",
	{NULL}},
    {{.subject = ""},
	"From: bot@demo.example\r\nTo: Jane <jane@x.example>,\r\n "
	"joe@x.example\r\nMessage-ID: <1@demo.example>\r\n",
	{NULL}},
    {{.to = "jane@x.example"},
	"From: bot@demo.example\r\nTo: jane@x.example\r\nSubject: Your\r\n "
	"offer\r\nMessage-ID: <1@demo.example>\r\n",
	{"jane@x.example", "hidden@x.example"}},
    {{.to = "joe@x.example", .cc = "Jane <jane@x.example>"},
	"From: bot@demo.example\r\nTo: joe@x.example\r\nSubject: Your\r\n "
	"offer\r\nMessage-ID: <1@demo.example>\r\nCc: Jane "
	"<jane@x.example>\r\n",
	{NULL}},
    {{.bcc = "new@x.example"}, MAIL,
	{"jane@x.example", "JOE@x.example", "new@x.example"}},
    {{.bcc = ""}, MAIL, {"jane@x.example", "JOE@x.example"}},
    {{.to = "", .bcc = ""}, NULL, {NULL}},
    {{.subject = "Your offer"}, NULL, {NULL}}, /* nothing changes */
    {{.to = "Jane <jane@x.example>, joe@x.example"}, NULL, {NULL}},
};

static void fields_and_envelope_change_together(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(wishes); i++) {
		struct reading_edit *edit =
		    edit_of(MAIL "\r\ntext\r\n", &wishes[i].wish);
		size_t n = 0;

		if (wishes[i].head == NULL) {
			assert_non_null(edit->refusal);
			reading_edit_free(edit);
			continue;
		}
		assert_null(edit->refusal);
		assert_memory_equal(
		    edit->bytes.data, wishes[i].head, strlen(wishes[i].head));
		assert_int_equal(edit->bytes.len, strlen(wishes[i].head) + 8);
		while (wishes[i].goes[n] != NULL) {
			assert_true(n < edit->n_recipients);
			assert_string_equal(
			    edit->recipients[n], wishes[i].goes[n]);
			n++;
		}
		assert_int_equal(edit->n_recipients, n);
		if (n > 0)
			assert_int_equal(edit->reading->n_keys, n);
		reading_edit_free(edit);
	}
}

static void a_field_that_came_twice_comes_once(void **state)
{
	static const char mail[] = "From: a@x.example\r\nSubject: 1\r\n"
				   "To: jane@x.example\r\nSubject: 2\r\n"
				   "\r\nt\r\n";
	static const char want[] = "From: a@x.example\r\nSubject: 3\r\n"
				   "To: jane@x.example\r\n\r\nt\r\n";
	const struct edit_wish wish = {.subject = "3"};
	struct reading_edit *edit = edit_of(mail, &wish);

	(void)state;
	assert_null(edit->refusal);
	assert_int_equal(strncmp(edit->bytes.data, want, strlen(want)), 0);
	reading_edit_free(edit);
}

static void whole_mails_keep_the_thread(void **state)
{
	const struct edit_wish wish = {
	    .mail = span_of("From x Sat Nov 21 06:55:40 2026\n"
			    "From: Bot <bot@demo.example>\n"
			    "Message-ID: <evil@x.example>\n"
			    "References: <token@x.example>\n"
			    "X-Mailer: m\nImprimatur-Why: b\n"
			    "Subject: Z\xC3\xBCrich\n"
			    "To: jane@x.example\nBcc: b@x.example\n\n"
			    "new\n")};
	struct reading_edit *edit = edit_of(MAIL "\r\ntext\r\n", &wish);

	(void)state;
	assert_null(edit->refusal);
	assert_string_equal(
	    arena_dup(edit->arena, edit->bytes.data, edit->bytes.len),
	    "Message-ID: <1@demo.example>\r\n"
	    "From: Bot <bot@demo.example>\r\n"
	    "To: jane@x.example\r\nBcc: b@x.example\r\n"
	    "Subject: =?utf-8?B?WsO8cmljaA==?=\r\n\r\nnew\r\n");
	assert_int_equal(edit->n_recipients, 2);
	assert_string_equal(edit->recipients[0], "jane@x.example");
	assert_string_equal(edit->recipients[1], "b@x.example");
	assert_int_equal(edit->reading->n_cuts, 1);
	reading_edit_free(edit);
}

static void whole_mails_that_are_none_are_refused(void **state)
{
	static const char *const mails[] = {"", "text\n", "Subject: x\n\ny\n",
	    "From: a@x.example\nFrom: b@x.example\n\nx\n",
	    "From: a@x.example\nTo: nobody\n\nx\n",
	    "From: a@x.example\nBcc: \n\nx\n",
	    "From: a@x.example\nTo: jane@x.example\n\nx\ry\n",
	    "From: a@x.example\nTo: j@\xC3\xAB.example\n\nx\n"};

	(void)state;
	for (size_t i = 0; i < COUNT(mails); i++) {
		const struct edit_wish wish = {.mail = span_of(mails[i])};
		struct reading_edit *edit = edit_of(MAIL "\r\ntext\r\n", &wish);

		assert_non_null(edit->refusal);
		reading_edit_free(edit);
	}
}

/* --- words in HTML ----------------------------------------------------- */

static const struct {
	const char *html, *before, *after, *want; /* want NULL: not so */
} words[] = {
    {"<p>one <b>two</b> three</p>", "one two three", "one 2 three",
	"<p>one <b>2</b> three</p>"},
    {"<p>one <b>two</b> three", "one two three", "one two more three",
	"<p>one <b>two more</b> three"},
    {"one&nbsp;two three", "one two three", "one two", "one&nbsp;two"},
    {"a &amp; b", "a & b", "a & <c>", "a &amp; &lt;c&gt;"},
    {"<p>a</p><p>b</p>", "a\n\nb", "a\n\nc", "<p>a</p><p>c</p>"},
    {"<style>two</style>one two", "one two", "one 2",
	"<style>two</style>one 2"},
    /* hidden words, or words with other neighbours */
    {"one<b>two</b> three", "onetwo three", "one2 three", NULL},
    {"one x two three", "one two three", "one 2 three", NULL},
    {"<p>one <b>two</b> three", "one two three", "one four", NULL},
    /* a new paragraph, a new line of a list */
    {"<p>one two", "one two", "one\n\ntwo", NULL},
    {"<li>one<li>two", "one\ntwo", "one\nnew\ntwo", NULL},
    {"one two", "", "x", NULL},
    {"one \xC3\xAB", "one \xC3\xAB", "one \xE2\x82\xAC", "one &#8364;"},
    /* marks around words, blanks that come and go, references */
    {"pay <b>490 EUR</b>, now", "pay *490 EUR*, now", "pay *49 EUR*, now",
	"pay <b>49 EUR</b>, now"},
    {"pay <b>490 EUR</b>.", "pay **490 EUR**.", "pay **490 GBP**.",
	"pay <b>490 GBP</b>."},
    {"4.90 EUR", "4.90 EUR", "4.95 EUR", "4.95 EUR"},
    {"one two, three", "one two, three", "one, three", "one, three"},
    {"one two", "one two", "one, my two", "one, my two"},
    {"490EUR now", "490EUR now", "490 EUR now", "490 EUR now"},
    {"490 EUR now", "490 EUR now", "490EUR now", "490EUR now"},
    {"<p>one two three</p>", "one two three", "two three", "<p> two three</p>"},
    {"a&lt;b &copy c", "a<b \xC2\xA9 c", "a<d \xC2\xA9 c", "a&lt;d &copy c"},
    /* no word changes */
    {"one <b>two</b>", "one  two", "one two ", "one <b>two</b>"},
    {"a<br>b", "a\nb", "a b", NULL},
    /* it stands there twice: in an earlier line, hidden, in a title, in the
     * place of a picture, for Outlook, in a script */
    {"<p>pay 490</p><p>again: pay 490</p>", "pay 490", "pay 49", NULL},
    {"<p style='display:none'>pay 490<p>pay 490", "pay 490", "pay 49", NULL},
    {"<style>.x{display:none}</style><p class=x>pay 490</p><p>pay 490",
	"pay 490", "pay 49", NULL},
    {"<title>490 for you</title>pay 490", "pay 490", "pay 49", NULL},
    {"<img alt='now 490'>pay 490", "pay 490", "pay 49", NULL},
    {"<a title='now 490' href=x>pay</a> 490", "pay 490", "pay 49", NULL},
    {"<p>pay 490<!--[if mso]><p>pay 490<![endif]-->", "pay 490", "pay 49",
	NULL},
    {"<script>{\"price\":\"490\"}</script>pay 490", "pay 490", "pay 49", NULL},
    {"<p hidden>so we pay</p><p>so we pay", "so we pay", "so we all pay", NULL},
    /* or is hidden, and something else is seen */
    {"<p>pay 900 <i hidden>490</i> now", "pay 490 now", "pay 49 now", NULL},
    {"<p>pay 900</p><p hidden>pay 490 now", "pay 490 now", "pay 49 now", NULL},
    /* short words may stand elsewhere too, with other neighbours */
    {"<p>it is so</p><p>so be it", "it is so", "it was so",
	"<p>it was so</p><p>so be it"},
};

static void words_change_in_their_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(words); i++) {
		struct arena *arena = arena_new();
		struct buf out;
		bool done;

		buf_init(&out, 4096);
		done = inplace_html(arena,
		    &(struct inplace_wish){.html = span_of(words[i].html),
			.before = span_of(words[i].before),
			.after = span_of(words[i].after)},
		    &out);
		if (done != (words[i].want != NULL))
			fail_msg("row %zu: %s", i, done ? out.data : "no");
		if (done)
			assert_string_equal(out.data, words[i].want);
		else
			assert_int_equal(out.len, 0);
		buf_release(&out);
		arena_free(arena);
	}
}

/* --- random pages ------------------------------------------------------ */

static uint32_t seed;

static uint32_t roll(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

static const char *const vocabulary[] = {"we", "refund", "490", "EUR", "to",
    "Jane", "within", "ten", "days,", "please.", "A&B", "(net)", "12.50",
    "it's", "\xE8\xBF\x94\xE9\x87\x91", "Z\xC3\xBCrich", "x=y", "<tag>"};

#define PAGE_WORDS 60

struct page {
	size_t n;
	const char *words[PAGE_WORDS];
	bool ends[PAGE_WORDS]; /* a paragraph, behind the word */
};

static void make_page(struct page *page)
{
	page->n = 5 + roll(PAGE_WORDS - 15);
	for (size_t i = 0; i < page->n; i++) {
		page->words[i] = vocabulary[roll(COUNT(vocabulary))];
		page->ends[i] = roll(9) == 0;
	}
}

static void add_text(struct buf *out, const struct page *page)
{
	for (size_t i = 0; i < page->n; i++)
		buf_addf(out, "%s%s", page->words[i],
		    i + 1 == page->n ? "\n"
		    : page->ends[i]  ? "\n\n"
				     : " ");
}

static void add_html(struct buf *out, const struct page *page)
{
	static const char *const around[][2] = {{"", ""}, {"", ""}, {"", ""},
	    {"<b>", "</b>"}, {"<span style='color:red'>", "</span>"}};

	buf_add_str(out, "<p>");
	for (size_t i = 0; i < page->n; i++) {
		const char *const *tags = around[roll(COUNT(around))];

		buf_add_str(out, tags[0]);
		makehtml_text(span_of(page->words[i]), roll(2) == 0, out);
		buf_addf(out, "%s%s", tags[1],
		    i + 1 == page->n ? "</p>\n"
		    : page->ends[i]  ? "</p>\n<p>"
				     : " ");
		if (roll(40) == 0)
			buf_add_str(out, "<i hidden>490 refund</i> ");
	}
}

/* A word becomes another, goes, or comes; never at an end of a paragraph. */
static bool change_page(struct page *page)
{
	size_t i = 1 + roll((uint32_t)page->n - 2);
	uint32_t how = roll(3);

	if (page->ends[i] || page->ends[i - 1] || page->n == PAGE_WORDS)
		return false;
	if (how == 0) {
		page->words[i] = vocabulary[roll(COUNT(vocabulary))];
		return true;
	}
	memmove(&page->words[i + (how == 1)], &page->words[i + (how == 2)],
	    (page->n - i - (how == 2)) * sizeof(*page->words));
	memmove(&page->ends[i + (how == 1)], &page->ends[i + (how == 2)],
	    (page->n - i - (how == 2)) * sizeof(*page->ends));
	page->n += how == 1;
	page->n -= how == 2;
	if (how == 1) {
		page->words[i] = vocabulary[roll(COUNT(vocabulary))];
		page->ends[i] = false;
	}
	return true;
}

/* What people see of a page, blanks of every kind as one. */
static void see(struct arena *arena, struct span html, struct buf *out)
{
	struct tokens page = {.n = 0};

	assert_true(tokens_page(arena, html, &page));
	for (size_t i = 0; i < page.n; i++)
		if (page.list[i].seen)
			buf_addf(out, "%.*s ", (int)page.list[i].text.len,
			    page.list[i].text.data);
}

static void see_text(struct arena *arena, struct span text, struct buf *out)
{
	struct tokens tokens = {.n = 0};

	tokens_text(arena, text, &tokens);
	for (size_t i = 0; i < tokens.n; i++)
		if (tokens_is_word(tokens.list[i].text))
			buf_addf(out, "%.*s ", (int)tokens.list[i].text.len,
			    tokens.list[i].text.data);
}

static void pages_say_what_texts_say(void **state)
{
	size_t done = 0;

	(void)state;
	seed = 20261121;
	for (unsigned n = 0; n < 2000; n++) {
		struct arena *arena = arena_new();
		struct buf html, before, after, out, want, got;
		struct page page;

		buf_init(&html, 65536);
		buf_init(&before, 65536);
		buf_init(&after, 65536);
		buf_init(&out, 65536);
		buf_init(&want, 65536);
		buf_init(&got, 65536);
		make_page(&page);
		add_text(&before, &page);
		add_html(&html, &page);
		for (uint32_t k = 1 + roll(4); k > 0; k--)
			change_page(&page);
		add_text(&after, &page);
		if (inplace_html(arena,
			&(struct inplace_wish){.html = buf_span(&html),
			    .before = buf_span(&before),
			    .after = buf_span(&after),
			    .utf8 = true},
			&out)) {
			see(arena, buf_span(&out), &got);
			see_text(arena, buf_span(&after), &want);
			if (strcmp(got.data, want.data) != 0)
				fail_msg("%u\n%s\n%s\n%s", n, html.data,
				    after.data, out.data);
			done++;
		}
		buf_release(&html);
		buf_release(&before);
		buf_release(&after);
		buf_release(&out);
		buf_release(&want);
		buf_release(&got);
		arena_free(arena);
	}
	print_message("# %zu of 2000 in place\n", done);
	assert_true(done > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_above_a_text_are_read),
	    cmocka_unit_test(a_field_of_many_lines_is_read),
	    cmocka_unit_test(a_fault_shows_whole_letters),
	    cmocka_unit_test(subjects_come_back_as_they_were),
	    cmocka_unit_test(nothing_gets_into_a_field),
	    cmocka_unit_test(lists_are_read_strictly),
	    cmocka_unit_test(fields_and_envelope_change_together),
	    cmocka_unit_test(a_field_that_came_twice_comes_once),
	    cmocka_unit_test(whole_mails_keep_the_thread),
	    cmocka_unit_test(whole_mails_that_are_none_are_refused),
	    cmocka_unit_test(words_change_in_their_place),
	    cmocka_unit_test(pages_say_what_texts_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
