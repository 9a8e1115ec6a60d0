/*
 * Tests of what header fields say: field, address, param, words, and the
 * decoders, charsets and visible text underneath them.
 */
#include "check/reader/field.h"

#include "check/reader/address.h"
#include "check/reader/charset.h"
#include "check/reader/decode.h"
#include "check/reader/param.h"
#include "check/reader/visible.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* A span in memory of its own size, so that ASan sees what is behind it. */
static struct span copy(struct arena *arena, const char *s)
{
	char *bytes = arena_alloc(arena, strlen(s) + 1);

	memcpy(bytes, s, strlen(s));
	return (struct span){bytes, strlen(s)};
}

static void fields_are_cut(void **state)
{
	struct span rest = {
	    "A: b\r\n c\r\nD:\r\n\tx\nnone\r\n: y\r\n\r\nZ: z", 37};
	struct field field;

	(void)state;
	assert_int_equal(field_next(&rest, &field), FIELD_ONE);
	assert_true(field_is(&field, "a"));
	assert_memory_equal(field.value.data, " b\r\n c", 6);
	assert_int_equal(field.value.len, 6);
	assert_int_equal(field.raw.len, 10);
	assert_int_equal(field_next(&rest, &field), FIELD_ONE);
	assert_true(field_begins(&field, "D"));
	assert_false(field_is(&field, "DD"));
	assert_int_equal(field_next(&rest, &field), FIELD_JUNK);
	assert_int_equal(field.raw.len, 6);
	assert_int_equal(field_next(&rest, &field), FIELD_JUNK);
	assert_int_equal(field_next(&rest, &field), FIELD_END);
	assert_memory_equal(rest.data, "\r\nZ", 3);
}

static const struct {
	const char *value, *text;
	unsigned odd;
} texts[] = {
    {" hello ", "hello", 0},
    {"", "", 0},
    {" a\r\n b\r\n\tc", "a b c", 0},
    {"=?utf-8?Q?a=20b?=", "a b", 0},
    {"=?UTF-8?b?w6TDtg==?=", "\xc3\xa4\xc3\xb6", 0},
    {"=?iso-8859-1*de?q?=E4_=80?=", "\xc3\xa4 \xe2\x82\xac", 0},
    {"x =?utf-8?q?a?= =?utf-8?q?b?= y =?utf-8?q?c?=", "x ab y c", 0},
    /* a character split between two words */
    {"=?utf-8?q?=C3?=\r\n =?utf-8?q?=A4?=", "\xc3\xa4", 0},
    {"=?utf-8?q?=C3?= =?us-ascii?q?a?=",
	"\xef\xbf\xbd"
	"a",
	0},
    {"=?utf-8?q?a?=and=?utf-8?q?b?=", "aandb", 0},
    {"=?utf-8?x?a?= =?utf-8?q?a =?", "=?utf-8?x?a?= =?utf-8?q?a =?", 0},
    {"=?utf-8?q?=ZZ=4?=", "=ZZ=4", 0},
    {"=?utf-8?q?what?"
     "?=",
	"what?", 0},
    {"=?utf-8?q?a=00b?=", "a[U+0000]b", VISIBLE_CONTROL},
    {"=?utf-8?q?a=0D=0ABcc:_x?=", "a[U+000D][U+000A]Bcc: x",
	VISIBLE_CONTROL | VISIBLE_LINES},
    {"\xe2\x80\xae"
     "x",
	"[U+202E]x", VISIBLE_BIDI},
    {"a\xe2\x80\x8b"
     "b",
	"a[U+200B]b", VISIBLE_INVISIBLE},
    /* two heads joined, as one emoji */
    {"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7\xef\xb8\x8f",
	"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7\xef\xb8\x8f", 0},
    {"a\x1b[1m", "a[U+001B][1m", VISIBLE_CONTROL},
    /* neither UTF-8 nor declared: windows-1252 */
    {"M\xfcller \x80", "M\xc3\xbcller \xe2\x82\xac", 0},
    {"M\xc3\xbcller", "M\xc3\xbcller", 0},
    {"=?utf-7?q?+AGE-?=", "+AGE-", 0},
};

static void texts_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct arena *arena = arena_new();
		struct field_text text =
		    field_text(arena, copy(arena, texts[i].value));

		assert_string_equal(text.text, texts[i].text);
		assert_int_equal(text.odd, texts[i].odd);
		assert_false(text.cut);
		arena_free(arena);
	}
}

static void long_texts_are_cut(void **state)
{
	struct arena *arena = arena_new();
	char *big = arena_alloc(arena, 1000001);
	struct field_text text;

	(void)state;
	memset(big, 'y', 1000000);
	text = field_text(arena, (struct span){big, 1000000});
	assert_true(text.cut);
	assert_int_equal(strlen(text.text), FIELD_TEXT_MAX + 4);
	arena_free(arena);
}

static void ids_are_collected(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(
	    field_ids(arena, copy(arena, " <a@b>\r\n (x) <c@d>,<e@f> <g")),
	    "<a@b> <c@d> <e@f>");
	assert_string_equal(field_ids(arena, copy(arena, "none")), "");
	arena_free(arena);
}

static const struct {
	const char *value, *shown, *addresses;
	bool unreadable;
} lists[] = {
    {"bob@x.example", "bob@x.example", "bob@x.example ", false},
    {"Bob B. <bob@x.example>, c@d", "Bob B. <bob@x.example>, c@d",
	"bob@x.example c@d ", false},
    {"\"B, C\" <a@b>", "\"B, C\" <a@b>", "a@b ", false},
    {"=?utf-8?q?B=C3=B6b?= <a@b>",
	"B\xc3\xb6"
	"b <a@b>",
	"a@b ", false},
    /* a name that would like to be an address */
    {"=?utf-8?q?x_=3Cgood=40b=3E?= <bad@b>", "\"x <good@b>\" <bad@b>", "bad@b ",
	false},
    {"\"\xc3\xa4 \\\"\xc3\xb6\\\\\" <a@b>",
	"\"\xc3\xa4 \\\"\xc3\xb6\\\\\" <a@b>", "a@b ", false},
    {"a@b (Bob (the) Builder), c@d", "a@b, c@d", "a@b c@d ", false},
    {"Team: a@b, C <c@d>;, e@f", "Team: a@b, C <c@d>;, e@f", "a@b c@d e@f ",
	false},
    {"undisclosed-recipients:;", "undisclosed-recipients: ;", "", false},
    {"a@b,\r\n c@d,", "a@b, c@d", "a@b c@d ", false},
    {"", "", "", false},
    {"\"a b\"@c.d", "\"a b\"@c.d", "", true},
    {"a@b c@d", "a@b c@d", "a@b c@d ", true},
    {"x@y, a@b c@d", "x@y, a@b c@d", "x@y a@b c@d ", true},
    {"a@b; c@d", "a@b; c@d", "a@b c@d ", true},
    {"<a@b><c@d>", "<a@b><c@d>", "a@b c@d ", true},
    {"Bob <a@b> evil <c@d>", "Bob <a@b> evil <c@d>", "a@b c@d ", true},
    {"\"open <a@b>", "\"open <a@b>", "a@b ", true},
    {"(open a@b", "(open a@b", "a@b ", true},
    {"Bob", "Bob", "", true},
    {"Bob <>", "Bob <>", "", true},
    {"a@[192.0.2.1]", "a@[192.0.2.1]", "a@[192.0.2.1] ", false},
};

static void addresses_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lists); i++) {
		struct arena *arena = arena_new();
		struct address_list list = {.n = 0};
		struct buf all;

		buf_init(&all, 1000);
		address_read(arena, copy(arena, lists[i].value), &list);
		for (size_t n = 0; n < list.n; n++)
			buf_addf(&all, "%s ", list.address[n]);
		assert_string_equal(list.shown, lists[i].shown);
		if (lists[i].unreadable != list.unreadable)
			fail_msg("unreadable: %s", lists[i].value);
		if (strcmp(all.data, lists[i].addresses) != 0)
			fail_msg("\"%s\" in: %s", all.data, lists[i].value);
		buf_release(&all);
		arena_free(arena);
	}
}

/* What libetpan cannot take must not reach it. */
static void hostile_lists_are_survived(void **state)
{
	static const char *const units[] = {"(", "g:", "\"", "<", "a@b,", ",",
	    "\\", "a ", "()", "=?a?q?", ";", "\r\n "};

	(void)state;
	for (size_t i = 0; i < COUNT(units); i++) {
		struct arena *arena = arena_new();
		struct address_list list = {.n = 0};
		struct buf big;

		buf_init(&big, 1 << 20);
		while (buf_add_str(&big, units[i]) == 0)
			continue;
		address_read(arena, buf_span(&big), &list);
		assert_non_null(list.shown);
		buf_release(&big);
		arena_free(arena);
	}
}

static const struct {
	const char *value, *main, *name, *text;
	bool broken;
} params[] = {
    {"text/plain", "text/plain", "charset", NULL, false},
    {" Text / PLAIN (c) ; CharSet = UTF-8 ; ", "text/plain", "charset", "UTF-8",
	false},
    {"a/b; x=\"q \\\"z\\\"; y=1\"; y=2", "a/b", "y", "2", false},
    {"a/b; x=\"q \\\"z\\\"; y=1\"", "a/b", "x", "q \"z\"; y=1", false},
    {"a/b; x=(c)y(d)", "a/b", "x", "y", false},
    {"a/b; x=y z; w=1", "a/b", "w", "1", true},
    {"a/b; x=\"open", "a/b", "x", "open", true},
    {"a; filename=my file.pdf", "a", "filename", "my file.pdf", false},
    {"a; filename*=utf-8'en'%e2%82%ac%20x.txt", "a", "filename",
	"\xe2\x82\xac x.txt", false},
    {"a; filename*=iso-8859-1''%e4", "a", "filename", "\xc3\xa4", false},
    {"a; filename*1=b.txt; filename*0=a", "a", "filename", "ab.txt", false},
    {"a; filename*0*=utf-8''%c3; filename*1*=%a4; filename*2=.x", "a",
	"filename", "\xc3\xa4.x", false},
    {"a; filename=plain; filename*=utf-8''ext", "a", "filename", "ext", false},
    {"a; filename=\"=?utf-8?q?=C3=A4?=\"", "a", "filename", "\xc3\xa4", false},
    {"a; filename*2=x", "a", "filename", NULL, true},
    {"a; x=1; x=2", "a", "x", "1", false},
    {"a; ; ;x=1", "a", "x", "1", false},
    {"", "", "x", NULL, false},
};

static void parameters_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(params); i++) {
		struct arena *arena = arena_new();
		struct param_value value;
		const char *text;

		param_read(arena, copy(arena, params[i].value), &value);
		text = param_text(&value, params[i].name);
		assert_string_equal(value.value, params[i].main);
		if (params[i].text == NULL)
			assert_null(text);
		else
			assert_string_equal(text, params[i].text);
		if (value.broken != params[i].broken)
			fail_msg("broken: %s", params[i].value);
		arena_free(arena);
	}
}

static void twice_is_told(void **state)
{
	struct arena *arena = arena_new();
	struct param_value value;

	(void)state;
	param_read(arena, copy(arena, "a/b; x=1; X=2; y=3"), &value);
	assert_true(param_find(&value, "x")->twice);
	assert_false(param_find(&value, "y")->twice);
	param_read(arena, copy(arena, "a/b; x=1; x*=us-ascii''2"), &value);
	assert_false(param_find(&value, "x")->twice);
	assert_string_equal(param_text(&value, "x"), "2");
	arena_free(arena);
}

static const struct {
	char how;
	const char *in, *out;
	size_t wrong;
} decodings[] = {
    {'b', "aGVsbG8=", "hello", 0},
    {'b', "aGVs\r\nbG8", "hello", 0},
    {'b', "aGVsbG8", "hello", 0},
    {'b', "aGVsb!G8=", "hello", 1},
    {'b', "aGVsbG8=d29ybGQ=", "helloworld", 1},
    {'b', "SGVsbG8gQm9iLg!!==d2lyZQ==", "Hello Bob.wire", 3},
    {'b', "a", "", 1},
    {'b', "====", "", 0},
    {'b', "", "", 0},
    {'q', "a=20b=\r\nc =\r\n", "a bc ", 0},
    {'q', "a=\nb= \t\r\nc", "abc", 0},
    {'q', "a=ZZ=4", "a=ZZ=4", 2},
    {'q', "=c3=A4", "\xc3\xa4", 0},
    {'q', "end=", "end", 0},
    {'q', "", "", 0},
    {'Q', "a_b=5F=4", "a b_=4", 1},
};

static void decoders_lose_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(decodings); i++) {
		struct arena *arena = arena_new();
		struct span in = copy(arena, decodings[i].in);
		struct decode result;
		struct buf out;

		buf_init(&out, in.len);
		if (decodings[i].how == 'b')
			result = decode_base64(in, &out);
		else if (decodings[i].how == 'q')
			result = decode_quoted(in, &out);
		else
			result = decode_q(in, &out);
		assert_string_equal(out.data, decodings[i].out);
		assert_int_equal(result.size, out.len);
		assert_int_equal(result.wrong, decodings[i].wrong);
		if (decodings[i].how == 'b')
			assert_int_equal(decode_base64(in, NULL).size, out.len);
		buf_release(&out);
		arena_free(arena);
	}
}

static const struct {
	const char *name, *in, *out;
	size_t bad;
} charsets[] = {
    {NULL, "abc", "abc", 0},
    {"us-ascii", "\xc3\xa4", "\xc3\xa4", 0},
    {"us-ascii", "\xe4", "\xc3\xa4", 1},
    {"utf-8", "a\xff\xe2\x82 \xe2\x82\xac",
	"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd \xe2\x82\xac", 3},
    /* overlong, surrogate, beyond the last code */
    {"utf-8", "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd", 2},
    {"UTF8", "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 3},
    {"iso-8859-1", "\xe4\x80", "\xc3\xa4\xe2\x82\xac", 0},
    {"iso-8859-15", "\xa4", "\xe2\x82\xac", 0},
    {"koi8-r", "\xc1", "\xd0\xb0", 0},
    {"shift_jis", "\x82\xa0", "\xe3\x81\x82", 0},
    {"shift_jis", "a\x82", "a\xef\xbf\xbd", 1},
    {"iso-2022-jp", "\x1b$B$\"\x1b(B!", "\xe3\x81\x82!", 0},
    {"gb2312", "\xc4\xe3", "\xe4\xbd\xa0", 0},
    {"windows-1258", "a", "a", 0}, /* held back for an accent to come */
    {"utf-7", "+AGE-", "+AGE-", 0},
    {"no-such-set", "\xe4", "\xc3\xa4", 1},
};

static void charsets_become_utf8(void **state)
{
	(void)state;
	charset_warm();
	for (size_t i = 0; i < COUNT(charsets); i++) {
		struct buf out;
		size_t bad;

		buf_init(&out, 1000);
		bad = charset_append(charsets[i].name,
		    (struct span){charsets[i].in, strlen(charsets[i].in)},
		    &out);
		assert_string_equal(out.data, charsets[i].out);
		assert_int_equal(bad, charsets[i].bad);
		buf_release(&out);
	}
	assert_true(charset_known("UTF-8"));
	assert_false(charset_known("utf-7"));
	charset_release();
}

static void visible_text_is_whole(void **state)
{
	static const char *const pieces[] = {"a\r", "\nb\r", "c\td\n",
	    "\xc2\x85", "\xef\xbb\xbf", "\xf3\xa0\x81\xa1", "\r"};
	struct visible visible;
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	visible_init(&visible, &out, false);
	for (size_t i = 0; i < COUNT(pieces); i++)
		visible_add(
		    &visible, (struct span){pieces[i], strlen(pieces[i])});
	visible_end(&visible);
	assert_string_equal(out.data, "a\nb[U+000D]c\td\n[U+0085][U+FEFF]"
				      "[U+E0061][U+000D]");
	assert_int_equal(visible.total, out.len);
	assert_int_equal(visible.odd, VISIBLE_CONTROL | VISIBLE_INVISIBLE);
	buf_release(&out);
}

static void full_text_ends_between_characters(void **state)
{
	struct visible visible;
	struct buf out;

	(void)state;
	buf_init(&out, 4);
	visible_init(&visible, &out, false);
	visible_add(&visible, (struct span){"abc\xc3\xa4"
					    "d",
				  6});
	visible_add(&visible, (struct span){"e", 1});
	assert_string_equal(out.data, "abc");
	assert_true(visible.full);
	assert_int_equal(visible.total, 7);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fields_are_cut),
	    cmocka_unit_test(texts_are_read),
	    cmocka_unit_test(long_texts_are_cut),
	    cmocka_unit_test(ids_are_collected),
	    cmocka_unit_test(addresses_are_read),
	    cmocka_unit_test(hostile_lists_are_survived),
	    cmocka_unit_test(parameters_are_read),
	    cmocka_unit_test(twice_is_told),
	    cmocka_unit_test(decoders_lose_nothing),
	    cmocka_unit_test(charsets_become_utf8),
	    cmocka_unit_test(visible_text_is_whole),
	    cmocka_unit_test(full_text_ends_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
