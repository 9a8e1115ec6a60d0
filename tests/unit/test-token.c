/*
 * Tests of reply addresses: what we made is read, in either case; everything
 * else is refused.
 */
#include "review/token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const unsigned char key[TOKEN_KEY_SIZE] =
    "one key for tests only ........";
static const unsigned char other_key[TOKEN_KEY_SIZE] = "another";

static enum token_answer read_it(const char *local, int64_t *notice)
{
	return token_read(key, local, strlen(local), notice);
}

static void what_we_made_is_read(void **state)
{
	static const int64_t ids[] = {
	    1, 2, 17, 255, 256, 65536, 4294967296, ((int64_t)1 << 40) - 1};
	char local[TOKEN_SIZE], *c;
	int64_t notice;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		token_make(key, ids[i], local);
		assert_int_equal(strlen(local), TOKEN_LENGTH + 2);
		assert_memory_equal(local, "d-", 2);
		assert_int_equal(
		    strspn(local + 2, "abcdefghijklmnopqrstuvwxyz234567"),
		    TOKEN_LENGTH);
		notice = 0;
		assert_int_equal(read_it(local, &notice), TOKEN_GOOD);
		assert_int_equal(notice, ids[i]);
		for (c = local; *c != '\0'; c++)
			if (*c >= 'a' && *c <= 'z')
				*c = (char)(*c - 'a' + 'A');
		notice = 0;
		assert_int_equal(read_it(local, &notice), TOKEN_GOOD);
		assert_int_equal(notice, ids[i]);
	}
}

static void it_is_the_same_every_time(void **state)
{
	char a[TOKEN_SIZE], b[TOKEN_SIZE];

	(void)state;
	token_make(key, 17, a);
	token_make(key, 17, b);
	assert_string_equal(a, b);
	token_make(key, 18, b);
	assert_string_not_equal(a, b);
	token_make(other_key, 17, b);
	assert_string_not_equal(a, b);
}

/* One mutation of a right address; false when it changed nothing. */
static int mutate(char *local)
{
	static const char alphabet[] =
	    "abcdefghijklmnopqrstuvwxyz234567ABCXYZ0189-+_.=@ \x80\xff";
	char before[TOKEN_SIZE];
	size_t at = 2 + (size_t)(rand() % TOKEN_LENGTH), other;
	char c;

	memcpy(before, local, sizeof(before));
	switch (rand() % 3) {
	case 0: /* another character */
		local[at] = alphabet[(size_t)rand() % (sizeof(alphabet) - 1)];
		break;
	case 1: /* two change places */
		other = 2 + (size_t)(rand() % TOKEN_LENGTH);
		c = local[at];
		local[at] = local[other];
		local[other] = c;
		break;
	default: /* one bit */
		local[at] = (char)(local[at] ^ (1 << rand() % 8));
		break;
	}
	for (at = 0; at < sizeof(before); at++)
		if ((local[at] | 0x20) != (before[at] | 0x20) &&
		    local[at] != before[at])
			return 1;
	return 0;
}

static void ten_thousand_mutations_are_refused(void **state)
{
	char local[TOKEN_SIZE];
	unsigned done = 0, tries = 0;
	int64_t notice = -1;

	(void)state;
	srand(17);
	while (done < 10000) {
		assert_true(++tries < 40000);
		token_make(key, 1 + rand() % 1000, local);
		if (!mutate(local))
			continue;
		done++;
		if (memchr(local, '\0', TOKEN_SIZE - 1) == NULL)
			assert_int_not_equal(
			    token_read(key, local, TOKEN_SIZE - 1, &notice),
			    TOKEN_GOOD);
		assert_int_equal(notice, -1);
	}
}

static void other_keys_and_lengths_are_refused(void **state)
{
	char local[TOKEN_SIZE], longer[TOKEN_SIZE + 2];
	int64_t notice = -1;
	size_t n;

	(void)state;
	token_make(other_key, 17, local);
	assert_int_equal(read_it(local, &notice), TOKEN_FORGED);
	token_make(key, 17, local);
	for (n = 0; n < TOKEN_SIZE - 1; n++)
		assert_int_equal(
		    token_read(key, local, n, &notice), TOKEN_NONE);
	snprintf(longer, sizeof(longer), "%sa", local);
	assert_int_equal(read_it(longer, &notice), TOKEN_NONE);
	assert_int_equal(notice, -1);
}

static void a_forged_id_with_another_mac_is_refused(void **state)
{
	char a[TOKEN_SIZE], b[TOKEN_SIZE];
	int64_t notice = -1;

	(void)state;
	token_make(key, 17, a);
	token_make(key, 18, b);
	memcpy(a, b, 2 + 8); /* five bytes are eight characters */
	assert_int_equal(read_it(a, &notice), TOKEN_FORGED);
	assert_int_equal(notice, -1);
}

static void ordinary_addresses_are_none_of_ours(void **state)
{
	static const char *const locals[] = {"", "d", "d-", "anna", "d-smith",
	    "e-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	    "dxaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "postmaster"};
	int64_t notice = -1;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(locals) / sizeof(locals[0]); i++)
		assert_int_equal(read_it(locals[i], &notice), TOKEN_NONE);
	assert_int_equal(
	    read_it("d-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", &notice),
	    TOKEN_FORGED);
	assert_int_equal(
	    read_it("d-!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!", &notice),
	    TOKEN_FORGED);
	assert_int_equal(notice, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_we_made_is_read),
	    cmocka_unit_test(it_is_the_same_every_time),
	    cmocka_unit_test(ten_thousand_mutations_are_refused),
	    cmocka_unit_test(other_keys_and_lengths_are_refused),
	    cmocka_unit_test(a_forged_id_with_another_mac_is_refused),
	    cmocka_unit_test(ordinary_addresses_are_none_of_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
