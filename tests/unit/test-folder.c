/*
 * Tests of mailbox/folder: names of folders as servers want them.
 */
#include "mailbox/folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void expect(const char *folder, char delimiter, const char *wanted)
{
	struct buf out;

	buf_init(&out, 100);
	assert_int_equal(folder_encode(&out, folder, delimiter), 0);
	assert_string_equal(out.data, wanted);
	buf_release(&out);
}

static void refused(const char *folder)
{
	struct buf out;

	buf_init(&out, 100);
	assert_int_equal(folder_encode(&out, folder, '/'), -1);
	buf_release(&out);
}

static void ascii_stays(void **state)
{
	(void)state;
	expect("INBOX", '/', "INBOX");
	expect("Imprimatur/Done", '/', "Imprimatur/Done");
	expect("Tom & Jerry", '/', "Tom &- Jerry");
}

static void levels_are_the_servers(void **state)
{
	(void)state;
	expect("Imprimatur/Done", '.', "Imprimatur.Done");
	expect("a/b/c", '\\', "a\\b\\c");
	expect("a/b", '\0', "a/b");
}

/* The examples are RFC 3501 5.1.3's, and pairs from outside the BMP. */
static void other_letters_are_shifted(void **state)
{
	(void)state;
	expect("~peter/mail/\u53f0\u5317/\u65e5\u672c\u8a9e", '/',
	    "~peter/mail/&U,BTFw-/&ZeVnLIqe-");
	expect("Entw\u00fcrfe", '/', "Entw&APw-rfe");
	expect("\u00fc\u00e4", '/', "&APwA5A-");
	expect("\U0001f600", '/', "&2D3eAA-");
	expect("\u00fc&", '/', "&APw-&-");
}

static void what_is_no_name_is_refused(void **state)
{
	(void)state;
	refused("a\r\nb");
	refused("\x7f");
	refused("\xc3");
	refused("\xc0\xaf");
	refused("\xe0\x80\x80");
	refused("\xed\xa0\x80");
	refused("\xf4\x90\x80\x80");
	refused("\xc2\x85");
}

static void what_is_too_long_is_refused(void **state)
{
	char name[202];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(name) - 1; i++)
		name[i] = 'x';
	name[i] = '\0';
	refused(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ascii_stays),
	    cmocka_unit_test(levels_are_the_servers),
	    cmocka_unit_test(other_letters_are_shifted),
	    cmocka_unit_test(what_is_no_name_is_refused),
	    cmocka_unit_test(what_is_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
