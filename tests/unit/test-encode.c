/*
 * Tests of what edits are made with: check/reader/encode, flowed, makehtml and
 * the way back of charset.
 */
#include "check/reader/encode.h"

#include "check/reader/charset.h"
#include "check/reader/decode.h"
#include "check/reader/flowed.h"
#include "check/reader/makehtml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define UE	     "\xC3\xBC"

static struct span span_of(const char *text)
{
	return (struct span){text, strlen(text)};
}

static uint32_t seed;

static uint32_t roll(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
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

static void html_cannot_be_broken_out_of(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	makehtml_write(
	    span_of("<script>\"x\"</script>&lt;\n  y\tz\n"), NULL, &out);
	assert_non_null(
	    strstr(out.data, "&lt;script&gt;&quot;x&quot;&lt;/script&gt;"
			     "&amp;lt;<br>\n&nbsp;&nbsp;y&nbsp;"));
	assert_null(strstr(out.data, "<script"));
	buf_clear(&out);
	makehtml_write(span_of("\xE2\x82\xAC\n"), "iso-8859-1", &out);
	assert_non_null(strstr(out.data, "&#8364;"));
	assert_non_null(strstr(out.data, "charset=iso-8859-1\""));
	buf_clear(&out);
	makehtml_write(span_of("\xE2\x82\xAC\n"), "utf-8", &out);
	assert_non_null(strstr(out.data, "\xE2\x82\xAC"));
	buf_release(&out);
}

static void encodings_come_back(void **state)
{
	struct buf text, coded, back;
	size_t n, width, i;

	(void)state;
	seed = 3;
	for (n = 0; n < 300; n++) {
		buf_init(&text, 4096);
		for (i = roll(400); i > 0; i--) {
			if (roll(9) == 0)
				buf_add_str(&text, "\r\n");
			else if (roll(4) == 0)
				buf_add_char(&text, "-.F =\t"[roll(6)]);
			else
				buf_add_char(&text, (char)(32 + roll(224)));
		}
		buf_init(&coded, 65536);
		buf_init(&back, 65536);
		encode_quoted(buf_span(&text), &coded);
		decode_quoted(buf_span(&coded), &back);
		assert_int_equal(back.len, text.len);
		assert_memory_equal(back.data, text.data, text.len);
		for (i = 0, width = 0; i < coded.len; i++) {
			width = coded.data[i] == '\n' ? 0 : width + 1;
			assert_true(width <= 77); /* 76 and the CR */
			assert_true((unsigned char)coded.data[i] < 127);
		}
		assert_null(strstr(coded.data, "\n--"));
		assert_null(strstr(coded.data, "\nFrom "));
		buf_clear(&coded);
		buf_clear(&back);
		encode_base64(buf_span(&text), &coded);
		decode_base64(buf_span(&coded), &back);
		assert_int_equal(back.len, text.len);
		assert_memory_equal(back.data, text.data, text.len);
		buf_release(&text);
		buf_release(&coded);
		buf_release(&back);
	}
}

static void flowed_comes_back(void **state)
{
	struct buf text, tidied, lines, back;
	size_t n;

	(void)state;
	seed = 5;
	for (n = 0; n < 400; n++) {
		make_text(&text);
		buf_add_char(&text, '\n');
		tidy(buf_span(&text), &tidied);
		buf_init(&lines, 1 << 20);
		buf_init(&back, 1 << 20);
		flowed_break(buf_span(&text), n % 2 == 0, &lines);
		flowed_join(buf_span(&lines), n % 2 == 0, &back);
		buf_release(&text);
		tidy(buf_span(&back), &text);
		assert_string_equal(text.data, tidied.data);
		buf_release(&text);
		buf_release(&tidied);
		buf_release(&lines);
		buf_release(&back);
	}
}

static void flowed_is_joined(void **state)
{
	static const struct {
		const char *text;
		bool delsp;
		const char *want;
	} rows[] = {
	    {"a \nb\n", false, "a b\n"},
	    {"a \nb\n", true, "ab\n"},
	    {"a  \nb\n", true, "a b\n"},
	    {"a\nb\n", false, "a\nb\n"},
	    {" a\n", false, "a\n"},
	    {"  a\n", false, " a\n"},
	    {"> a \n> b\n", false, "> a b\n"},
	    {"> a \nb\n", false, "> a \nb\n"},
	    {">> a \n> b\n", false, ">> a \n> b\n"},
	    {"a \n-- \nb\n", false, "a \n-- \nb\n"},
	    {"a \n", false, "a "},
	    {"", false, ""},
	};
	struct buf out;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		buf_init(&out, 4096);
		flowed_join(span_of(rows[i].text), rows[i].delsp, &out);
		assert_string_equal(out.data, rows[i].want);
		buf_release(&out);
	}
}

static void charsets_encode_or_refuse(void **state)
{
	static const struct {
		const char *name, *text, *want; /* NULL: not in the set */
	} rows[] = {
	    {NULL, "abc", "abc"},
	    {NULL, UE, NULL},
	    {"us-ascii", UE, NULL},
	    {"utf-8", UE, UE},
	    {"iso-8859-1", UE, "\xFC"},
	    {"iso-8859-1", "\xE2\x82\xAC", NULL},
	    {"windows-1252", "\xE2\x82\xAC", "\x80"},
	    {"koi8-r", "\xD0\x9F", "\xF0"},
	    {"koi8-r", "\xE6\x9D\xB1", NULL},
	    {"iso-2022-jp", "\xE6\x9D\xB1", "\x1B$BEl\x1B(B"},
	    {"shift_jis", "\xE6\x9D\xB1", "\x93\x8C"},
	    {"gb2312", "\xE4\xBA\xAC", "\xBE\xA9"},
	    {"utf-16", "abc", NULL},
	    {"utf-7", "abc", NULL},
	};
	struct buf out;
	bool done;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		buf_init(&out, 4096);
		buf_add_str(&out, "x");
		done =
		    charset_encode(rows[i].name, span_of(rows[i].text), &out);
		if (done != (rows[i].want != NULL))
			fail_msg("row %zu", i);
		assert_string_equal(
		    out.data + 1, rows[i].want != NULL ? rows[i].want : "");
		buf_release(&out);
	}
	charset_release();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(html_cannot_be_broken_out_of),
	    cmocka_unit_test(encodings_come_back),
	    cmocka_unit_test(flowed_comes_back),
	    cmocka_unit_test(flowed_is_joined),
	    cmocka_unit_test(charsets_encode_or_refuse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
