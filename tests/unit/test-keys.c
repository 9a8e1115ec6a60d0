/*
 * test-keys: addresses by which people are remembered, and fingerprints.
 */
#include "check/reader/draft.h"
#include "check/reader/keys.h"
#include "check/reader/own.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct reading *keys_of(const char *a, const char *b)
{
	const char *const recipients[] = {a, b};
	struct arena *arena = arena_new();
	struct reading *reading = arena_alloc(arena, sizeof(*reading));

	reading->arena = arena;
	keys_read(reading, recipients, 2);
	assert_int_equal(reading->n_keys, 2);
	return reading;
}

static void test_addresses(void **state)
{
	static const struct {
		const char *from, *to;
	} rows[] = {
	    {"Bob@Customer.Example", "bob@customer.example"},
	    {"J\xc3\x96RG@B\xc3\x9c"
	     "CHER.example",
		"j\xc3\xb6rg@xn--bcher-kva.example"},
	    {"x@xn--bcher-kva.example", "x@xn--bcher-kva.example"},
	    {"x@stra\xc3\x9f"
	     "e.example",
		"x@xn--strae-oqa.example"},
	    {"a@b@C.example", "a@b@c.example"},
	    {"postmaster", "postmaster"},
	    {"x@[192.0.2.1]", "x@[192.0.2.1]"},
	    {"x@xn--\xc3\xbc", "x@xn--\xc3\xbc"},
	    {"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct reading *r = keys_of(rows[i].from, "x");

		assert_string_equal(r->keys[0].address, rows[i].to);
		reading_free(r);
	}
}

static void test_skeletons(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} rows[] = {
	    {"bob@customer.example", "b0b@customer.example", true},
	    {"bob@customer.example", "bob@custorner.example", true},
	    {"bill@x.example", "bi1l@x.example", true},
	    {"paul@paypal.example", "paul@paypa1.example", true},
	    {"bob@x.example",
		"b\xd0\xbe"
		"b@x.example",
		true}, /* Cyrillic o */
	    {"a@apple.example", "a@xn--pple-43d.example", true},
	    {"w@wow.example", "w@vvow.example", true},
	    {"sales@x.example", "5ales@x.example", true},
	    {"bob@x.example", "rob@x.example", false},
	    {"bob@x.example", "bobby@x.example", false},
	    {"a@b.example", "ab@example", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct reading *r = keys_of(rows[i].a, rows[i].b);
		bool same =
		    strcmp(r->keys[0].skeleton, r->keys[1].skeleton) == 0;

		if (same != rows[i].same)
			print_message("%s %s\n", r->keys[0].skeleton,
			    r->keys[1].skeleton);
		assert_int_equal(same, rows[i].same);
		reading_free(r);
	}
}

static uint64_t print_of(const char *body)
{
	static const char head[] = "From: a@b.example\r\n\r\n";
	struct reading *reading;
	struct buf mail;
	uint64_t print;

	buf_init(&mail, 65536);
	buf_add_str(&mail, head);
	buf_add_str(&mail, body);
	reading = draft_read(buf_span(&mail), NULL);
	print = reading->fingerprint;
	reading_free(reading);
	buf_release(&mail);
	return print;
}

#define WORDS                                                                  \
	"Dear Bob,\r\n\r\nthank you for your order of three chairs and one "   \
	"table, which we have sent to your address in Berlin today. It will "  \
	"be with you on Friday at the latest, and the driver will call you "   \
	"an hour before he comes.\r\n"
#define OTHER                                                                  \
	"Hello, we are sorry that we must cancel the meeting of next week "    \
	"because two of our engineers are ill, and we would like to offer "    \
	"you another date in December, if that should suit you and yours.\r\n"

#define NUMBERS(n) n " and " n " for " n " with " n " or " n "\r\n"

static void test_fingerprints(void **state)
{
	uint64_t one = print_of(WORDS), other = print_of(OTHER);

	(void)state;
	assert_int_not_equal(one, 0);
	assert_in_range(
	    __builtin_popcountll(one ^ print_of("And: " WORDS)), 0, 12);
	/* what is quoted is not of it */
	assert_true(one == print_of(WORDS "\r\nOn Monday, 2 November 2026 at "
					  "10:00, Bob <bob@x.example> wrote:"
					  "\r\n> " OTHER));
	assert_in_range(__builtin_popcountll(one ^ other), 16, 48);
	/* a few more words count little */
	assert_in_range(
	    __builtin_popcountll(one ^ print_of(WORDS "Yours, Anna Miller")), 0,
	    12);
	/* digits count as letters do */
	assert_true(
	    print_of(WORDS NUMBERS("7")) != print_of(WORDS NUMBERS("8")));
	assert_int_equal(print_of("Only a few words.\r\n"), 0);
	assert_int_equal(print_of(""), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_addresses),
	    cmocka_unit_test(test_skeletons),
	    cmocka_unit_test(test_fingerprints),
	};
	int failed;

	draft_warm();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	draft_release();
	return failed;
}
