/*
 * Tests of send/answer and send/clean: replies in any pieces, hostile replies,
 * and how a reply reads as one line.
 */
#include "send/answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "send/clean.h"

#define SPAN(s) ((struct span){s, sizeof(s) - 1})

/* Feed in pieces of so many bytes. */
static enum answer_state feed(
    struct answer *answer, struct span all, size_t piece, const char **why)
{
	enum answer_state state = ANSWER_MORE;
	struct span in;

	while (all.len > 0 && state == ANSWER_MORE) {
		in = (struct span){all.data, all.len < piece ? all.len : piece};
		all.data += in.len;
		all.len -= in.len;
		state = answer_read(answer, &in, why);
		assert_true(state != ANSWER_MORE || in.len == 0);
	}
	return state;
}

static void replies_are_read(void **state)
{
	static const struct {
		struct span in;
		unsigned code;
		const char *status, *words;
	} rows[] = {
	    {SPAN("220 hi\r\n"), 220, "", "220 hi"},
	    {SPAN("250\r\n"), 250, "", "250"},
	    {SPAN("250 \r\n"), 250, "", "250"},
	    {SPAN("250-a\r\n250-b\r\n250 c\r\n"), 250, "", "250 a b c"},
	    {SPAN("250-a\r\n250\r\n"), 250, "", "250 a"},
	    {SPAN("550 5.1.1 no such user\r\n"), 550, "5.1.1",
		"550 5.1.1 no such user"},
	    {SPAN("550-5.7.1 one\r\n550 5.7.1 two\r\n"), 550, "5.7.1",
		"550 5.7.1 one two"},
	    {SPAN("450 5.1.1 class differs\r\n"), 450, "",
		"450 5.1.1 class differs"},
	    {SPAN("550 5.1.1234 too long\r\n"), 550, "",
		"550 5.1.1234 too long"},
	    {SPAN("550 5.01.1 zero\r\n"), 550, "", "550 5.01.1 zero"},
	    {SPAN("550 5.1.1\r\n"), 550, "5.1.1", "550 5.1.1"},
	    {SPAN("554 a\x1b[2Jb\r\n"), 554, "", "554 a?[2Jb"},
	    {SPAN("554 gr\xc3\xbc\xc3\x9f \xff\xc3\r\n"), 554, "",
		"554 gr\xc3\xbc\xc3\x9f ??"},
	    {SPAN("299 odd\r\n"), 299, "", "299 odd"},
	};
	char status[ANSWER_STATUS_SIZE], words[ANSWER_WORDS_SIZE];
	const char *why = "";
	struct answer answer;
	size_t i, piece;

	(void)state;
	answer_init(&answer);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (piece = 1; piece <= rows[i].in.len; piece++) {
			assert_int_equal(feed(&answer, rows[i].in, piece, &why),
			    ANSWER_WHOLE);
			assert_int_equal(answer.code, rows[i].code);
			answer_status(&answer, status);
			assert_string_equal(status, rows[i].status);
			answer_words(&answer, words);
			assert_string_equal(words, rows[i].words);
		}
	answer_release(&answer);
}

static void what_follows_is_left(void **state)
{
	struct span in = SPAN("250-a\r\n250 b\r\n354 go\r\n");
	struct answer answer;
	const char *why;

	(void)state;
	answer_init(&answer);
	assert_int_equal(answer_read(&answer, &in, &why), ANSWER_WHOLE);
	assert_int_equal(answer.code, 250);
	assert_string_equal(answer.text.data, "a\nb");
	assert_int_equal(in.len, 8);
	assert_int_equal(answer_read(&answer, &in, &why), ANSWER_WHOLE);
	assert_int_equal(answer.code, 354);
	assert_string_equal(answer.text.data, "go");
	assert_int_equal(in.len, 0);
	assert_int_equal(answer_read(&answer, &in, &why), ANSWER_MORE);
	answer_release(&answer);
}

static void hostile_replies_are_refused(void **state)
{
	static const struct {
		struct span in;
		const char *why;
	} rows[] = {
	    {SPAN("2500 five digits\r\n"), "malformed"},
	    {SPAN("250x\r\n"), "malformed"},
	    {SPAN("250\tx\r\n"), "malformed"},
	    {SPAN("-250 negative\r\n"), "without a code"},
	    {SPAN(" 250 ok\r\n"), "without a code"},
	    {SPAN("\r\n"), "without a code"},
	    {SPAN("25\r\n"), "without a code"},
	    {SPAN("ok\r\n"), "without a code"},
	    {SPAN("150 first digit\r\n"), "without a code"},
	    {SPAN("650 first digit\r\n"), "without a code"},
	    {SPAN("250-a\r\n251 b\r\n"), "changes"},
	    {SPAN("250-a\r\n550 b\r\n"), "changes"},
	    {SPAN("250 ok\n"), "LF alone"},
	    {SPAN("\n"), "LF alone"},
	    {SPAN("250 ok\r250 ok\r\n"), "CR alone"},
	    {SPAN("250 ok\r\r\n"), "CR alone"},
	    {SPAN("250 o\0k\r\n"), "NUL"},
	    {SPAN("\0\xff\x80 2500 ?\r\n"), "NUL"},
	};
	struct answer answer;
	const char *why;
	size_t i, piece;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (piece = 1; piece <= rows[i].in.len; piece++) {
			answer_init(&answer);
			why = "";
			if (feed(&answer, rows[i].in, piece, &why) !=
				ANSWER_BAD ||
			    strstr(why, rows[i].why) == NULL)
				fail_msg(
				    "row %zu, piece %zu: %s", i, piece, why);
			answer_release(&answer);
		}
}

/* A line of so many bytes with its CRLF. */
static enum answer_state read_line_of(size_t size)
{
	struct answer answer;
	enum answer_state state;
	const char *why;
	struct buf line;

	buf_init(&line, 10000);
	buf_add_str(&line, "250 ");
	while (line.len < size - 2)
		buf_add_char(&line, 'x');
	buf_add_str(&line, "\r\n");
	answer_init(&answer);
	state = feed(&answer, buf_span(&line), 1000, &why);
	answer_release(&answer);
	buf_release(&line);
	return state;
}

static enum answer_state read_lines(unsigned n)
{
	struct answer answer;
	enum answer_state state = ANSWER_MORE;
	const char *why;

	answer_init(&answer);
	for (; n > 1 && state == ANSWER_MORE; n--)
		state = feed(&answer, SPAN("250-more\r\n"), 100, &why);
	if (state == ANSWER_MORE)
		state = feed(&answer, SPAN("250 last\r\n"), 100, &why);
	answer_release(&answer);
	return state;
}

static void endless_replies_are_refused(void **state)
{
	(void)state;
	assert_int_equal(read_line_of(ANSWER_LINE_MOST), ANSWER_WHOLE);
	assert_int_equal(read_line_of(ANSWER_LINE_MOST + 1), ANSWER_BAD);
	assert_int_equal(read_lines(ANSWER_LINES_MOST), ANSWER_WHOLE);
	assert_int_equal(read_lines(ANSWER_LINES_MOST + 1), ANSWER_BAD);
}

static void long_replies_are_cut_between_characters(void **state)
{
	char words[ANSWER_WORDS_SIZE];
	struct answer answer;
	const char *why;
	int i;

	(void)state;
	answer_init(&answer);
	feed(&answer, SPAN("550 "), 4, &why);
	for (i = 0; i < 500; i++)
		feed(&answer, SPAN("\xe2\x82\xac"), 3, &why);
	assert_int_equal(feed(&answer, SPAN("\r\n"), 2, &why), ANSWER_WHOLE);
	answer_words(&answer, words);
	assert_int_equal(strlen(words), 4 + (ANSWER_WORDS_SIZE - 5) / 3 * 3);
	answer_release(&answer);
}

static void characters_are_read_strictly(void **state)
{
	static const struct {
		struct span text;
		size_t width;
		uint32_t c;
	} rows[] = {
	    {SPAN("a"), 1, 'a'},
	    {SPAN("\x7f"), 1, 0x7f},
	    {SPAN("\xc2\x80"), 2, 0x80},
	    {SPAN("\xe2\x82\xac"), 3, 0x20ac},
	    {SPAN("\xf4\x8f\xbf\xbf"), 4, 0x10ffff},
	    {SPAN(""), 0, 0},
	    {SPAN("\x80"), 0, 0},
	    {SPAN("\xc1\xbf"), 0, 0},	  /* longer than needed */
	    {SPAN("\xe0\x9f\xbf"), 0, 0}, /* longer than needed */
	    {SPAN("\xf0\x8f\xbf\xbf"), 0, 0},
	    {SPAN("\xed\xa0\x80"), 0, 0}, /* a surrogate */
	    {SPAN("\xf4\x90\x80\x80"), 0, 0},
	    {SPAN("\xf8\x88\x80\x80\x80"), 0, 0},
	    {SPAN("\xe2\x82"), 0, 0},
	    {SPAN("\xc3("), 0, 0},
	};
	uint32_t c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		c = 0;
		if (clean_char(rows[i].text, &c) != rows[i].width ||
		    c != rows[i].c)
			fail_msg("row %zu", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(replies_are_read),
	    cmocka_unit_test(what_follows_is_left),
	    cmocka_unit_test(hostile_replies_are_refused),
	    cmocka_unit_test(endless_replies_are_refused),
	    cmocka_unit_test(long_replies_are_cut_between_characters),
	    cmocka_unit_test(characters_are_read_strictly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
