/*
 * Tests of mailbox/guard: what an IMAP server may not say.
 */
#include "mailbox/guard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#define PLENTY 100000u

/* In one piece, and byte by byte; what is wrong, or NULL. */
static const char *see(const char *text, size_t size, size_t most)
{
	struct guard whole = {.used = 0}, bytes = {.used = 0};
	const char *wrong = guard_see(&whole, text, size, most), *also = NULL;
	size_t i;

	for (i = 0; i < size && also == NULL; i++)
		also = guard_see(&bytes, text + i, 1, size - i - 1 + most);
	assert_true(wrong == also);
	assert_string_equal(whole.bye, bytes.bye);
	return wrong;
}

static void fine(const char *text)
{
	assert_null(see(text, strlen(text), PLENTY));
}

static void wrong(const char *text, const char *why)
{
	const char *said = see(text, strlen(text), PLENTY);

	assert_non_null(said);
	assert_non_null(strstr(said, why));
}

#define EIGHT "(((((((("
#define DEEP  EIGHT EIGHT EIGHT EIGHT EIGHT

static void what_servers_say_is_fine(void **state)
{
	(void)state;
	fine("* OK [CAPABILITY IMAP4rev1 (x)] hello\r\na1 OK done\r\n");
	fine("* 1 FETCH (UID 7 FLAGS (\\Seen) BODY[] {5}\r\nab\r\nc)\r\n");
	fine("* LIST (\\HasNoChildren) \"/\" \"a (b\"\r\n");
	fine("* SEARCH 1 2 3\r\n+ idling\r\n* 4 EXISTS\r\n");
	/* each line begins anew, whatever was left open */
	fine("* OK " EIGHT EIGHT EIGHT "\r\n* OK " EIGHT EIGHT EIGHT "\r\n");
}

static void a_mail_may_have_any_parentheses(void **state)
{
	(void)state;
	fine("* 1 FETCH (BODY[] {40}\r\n" DEEP ")\r\n");
	fine("* 12 fetch (UID 1 BODY[] {43}\r\n\"\r\n" DEEP ")\r\n");
}

static void depth_is_limited(void **state)
{
	(void)state;
	wrong("* 1 FETCH (BODYSTRUCTURE " DEEP, "parentheses");
	wrong("a1 " DEEP, "parentheses");
	/* behind the literal it goes on */
	wrong("* 1 FETCH (BODY[] {3}\r\nabc " DEEP, "parentheses");
}

static void nothing_hides_behind_what_is_no_literal(void **state)
{
	(void)state;
	wrong("* OK see {100}\r\n* 1 FETCH (" DEEP, "parentheses");
	wrong("a1 OK (see {100}\r\n" DEEP, "parentheses");
	wrong("* 1 FETCH (BODY[] \"] {100}\r\n\" " DEEP, "quotes");
	wrong("* 1 FETCH (X \"a\\\"] {100}\r\n\" " DEEP, "quotes");
	wrong("* 1 FETCHED (BODY[] {100}\r\n" DEEP, "parentheses");
	wrong("* x FETCH (BODY[] {100}\r\n" DEEP, "parentheses");
	/* an empty one hides nothing */
	wrong("* 1 FETCH (BODY[] {0}\r\n " DEEP, "parentheses");
}

static void literals_are_as_long_as_asked_for(void **state)
{
	(void)state;
	wrong("* 1 FETCH (BODY[] {4294967295}\r\n", "more than");
	wrong("* LIST () \"/\" {200000}\r\n", "more than");
	wrong("* LIST () \"/\" {200000+}\r\n", "more than");
	wrong("* 1 FETCH (BODY[] {99999999999999999999999}\r\n", "more than");
	assert_null(see("* 1 FETCH (BODY[] {5}\r\n", 23, 5));
	assert_non_null(see("* 1 FETCH (BODY[] {6}\r\n", 23, 5));
}

static void good_bye_is_kept(void **state)
{
	static const char text[] =
	    "* OK hello\r\n* BYE see you\r\n* 1 EXISTS\r\n";
	char longer[1000] = "* bye ";
	struct guard g = {.used = 0};

	(void)state;
	assert_null(guard_see(&g, text, sizeof(text) - 1, PLENTY));
	assert_string_equal(g.bye, "see you");
	memset(longer + 6, 'x', sizeof(longer) - 6);
	longer[sizeof(longer) - 1] = '\n';
	assert_null(guard_see(&g, longer, sizeof(longer), PLENTY));
	assert_true(strlen(g.bye) > 100 && strlen(g.bye) < GUARD_BYE_SIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_servers_say_is_fine),
	    cmocka_unit_test(a_mail_may_have_any_parentheses),
	    cmocka_unit_test(depth_is_limited),
	    cmocka_unit_test(nothing_hides_behind_what_is_no_literal),
	    cmocka_unit_test(literals_are_as_long_as_asked_for),
	    cmocka_unit_test(good_bye_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
