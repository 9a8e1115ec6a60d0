/*
 * Tests of check/reader/visible: what nobody sees is spelled out where it has
 * no use, and is not there for those that look for words.
 */
#include "check/reader/visible.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#define ZWSP "\xe2\x80\x8b"
#define ZWNJ "\xe2\x80\x8c"
#define ZWJ  "\xe2\x80\x8d"
#define RLM  "\xe2\x80\x8f"
#define SHY  "\xc2\xad"
#define VS2  "\xef\xb8\x81"
#define VS16 "\xef\xb8\x8f"

static const struct {
	const char *text, *shown, *bare;
	unsigned odd;
} rows[] = {
    {"plain\ntext", "plain\ntext", "plain\ntext", 0},
    /* whose second byte and what follows would be a soft hyphen */
    {"\xe2\x82\xad\xc3\xbf", "\xe2\x82\xad\xc3\xbf", "\xe2\x82\xad\xc3\xbf", 0},
    {"[U+200B]\xe2\x80\xa2\xc2\x8d", "[U+200B]\xe2\x80\xa2[U+008D]",
	"\xe2\x80\xa2[U+008D]", VISIBLE_CONTROL},
    {"a" ZWSP "b", "a[U+200B]b", "ab", VISIBLE_INVISIBLE},
    {"1" ZWJ "2", "1[U+200D]2", "12", VISIBLE_INVISIBLE},
    {"1" ZWJ ZWNJ "2", "1[U+200D][U+200C]2", "12", VISIBLE_INVISIBLE},
    {"end" ZWNJ " \xc2\xa0", "end" ZWNJ " \xc2\xa0", "end \xc2\xa0", 0},
    {"1" RLM "2", "1[U+200F]2", "12", VISIBLE_BIDI},
    {"\xd7\x90" RLM " 2", "\xd7\x90" RLM " 2", "\xd7\x90 2", 0},
    {"wo" SHY "rd", "wo" SHY "rd", "word", 0},
    {"12" SHY "000", "12[U+00AD]000", "12000", VISIBLE_INVISIBLE},
    {"\xd9\x85" ZWNJ "\xd8\xb1", "\xd9\x85" ZWNJ "\xd8\xb1",
	"\xd9\x85" ZWNJ "\xd8\xb1", 0},
    {"1" VS16 "\xe2\x83\xa3", "1" VS16 "\xe2\x83\xa3", "1\xe2\x83\xa3", 0},
    {"a" VS2, "a[U+FE01]", "a", VISIBLE_INVISIBLE},
    {"\xe2\x9c\x8c" VS16 VS2, "\xe2\x9c\x8c" VS16 "[U+FE01]", "\xe2\x9c\x8c",
	VISIBLE_INVISIBLE},
    {"{\xf3\xa0\x81\x81{", "{[U+E0041]{", "{{", VISIBLE_INVISIBLE},
    {"\x01", "[U+0001]", "[U+0001]", VISIBLE_CONTROL},
    {"[U+0041] [U+", "[U+0041] [U+", "[U+0041] [U+", 0},
    {"[U+200B", "[U+200B", "[U+200B", 0},
};

static void rows_are_shown(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new();
		struct visible visible;
		struct span bare;
		struct buf out;

		buf_init(&out, 1000);
		visible_init(&visible, &out, false);
		visible_add(&visible,
		    (struct span){rows[i].text, strlen(rows[i].text)});
		visible_end(&visible);
		assert_string_equal(out.data, rows[i].shown);
		assert_int_equal(visible.odd, rows[i].odd);
		bare = visible_bare(arena, buf_span(&out));
		assert_int_equal(bare.len, strlen(rows[i].bare));
		assert_memory_equal(bare.data, rows[i].bare, bare.len);
		buf_release(&out);
		arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(rows_are_shown)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
