/*
 * Tests of util/digest against the published vectors (FIPS 180, RFC 4231,
 * RFC 4648) and of the stored forms of secrets.
 */
#include "util/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void hashes(void **state)
{
	static const struct {
		const char *text, *hex;
	} rows[] = {
	    {"", "e3b0c44298fc1c149afbf4c8996fb924"
		 "27ae41e4649b934ca495991b7852b855"},
	    {"abc", "ba7816bf8f01cfea414140de5dae2223"
		    "b00361a396177a9cb410ff61f20015ad"},
	    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		"248d6a61d20638b8e5c026930c3e6039"
		"a33ce45964ff2167f6ecedd419db06c1"},
	};
	unsigned char out[DIGEST_SIZE];
	char hex[DIGEST_HEX_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		digest_of(rows[i].text, strlen(rows[i].text), out);
		digest_hex(out, sizeof(out), hex);
		assert_string_equal(hex, rows[i].hex);
	}
}

static void pieces_hash_like_the_whole(void **state)
{
	struct digest *digest = digest_new();
	unsigned char whole[DIGEST_SIZE], pieces[DIGEST_SIZE];
	char text[1000];
	size_t step, at;

	(void)state;
	memset(text, 'x', sizeof(text));
	digest_of(text, sizeof(text), whole);
	for (step = 1; step < 200; step += 33) {
		for (at = 0; at < sizeof(text); at += step)
			digest_add(digest, text + at,
			    sizeof(text) - at < step ? sizeof(text) - at
						     : step);
		digest_end(digest, pieces);
		assert_memory_equal(pieces, whole, DIGEST_SIZE);
	}
	digest_free(digest);
	digest_free(NULL);
}

static void hmacs(void **state)
{
	static const struct {
		const char *key, *text, *hex;
	} rows[] = {
	    {"Jefe", "what do ya want for nothing?",
		"5bdcc146bf60754e6a042426089575c7"
		"5a003f089d2739839dec58b964ec3843"},
	    {"\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"
	     "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b",
		"Hi There",
		"b0344c61d8db38535ca8afceaf0bf12b"
		"881dc200c9833da726e9376c2e32cff7"},
	    {"", "",
		"b613679a0814d9ec772f95d778c35fc5"
		"ff1697c493715653c6c712144292c5ad"},
	};
	unsigned char out[DIGEST_SIZE];
	char hex[DIGEST_HEX_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		digest_hmac(rows[i].key, strlen(rows[i].key), rows[i].text,
		    strlen(rows[i].text), out);
		digest_hex(out, sizeof(out), hex);
		assert_string_equal(hex, rows[i].hex);
	}
	digest_hmac(NULL, 0, "", 0, out);
	digest_hex(out, sizeof(out), hex);
	assert_string_equal(hex, rows[2].hex);
}

static void random_differs(void **state)
{
	unsigned char a[32], b[32];

	(void)state;
	digest_random(a, sizeof(a));
	digest_random(b, sizeof(b));
	assert_false(digest_equal(a, b, sizeof(a)));
	assert_true(digest_equal(a, a, sizeof(a)));
	assert_true(digest_equal(a, b, 0));
}

static const struct {
	const char *text, *base32, *base64;
} spellings[] = {
    {"", "", ""},
    {"f", "my", "Zg=="},
    {"fo", "mzxq", "Zm8="},
    {"foo", "mzxw6", "Zm9v"},
    {"foob", "mzxw6yq", "Zm9vYg=="},
    {"fooba", "mzxw6ytb", "Zm9vYmE="},
    {"foobar", "mzxw6ytboi", "Zm9vYmFy"},
    {"\xff\xfe\xfd", "777p2", "//79"},
};

static void spells_and_reads_back(void **state)
{
	char text[32];
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		len = strlen(spellings[i].text);
		digest_base32(spellings[i].text, len, text);
		assert_string_equal(text, spellings[i].base32);
		assert_int_equal(digest_base32_read(spellings[i].base32,
				     strlen(spellings[i].base32), text, len),
		    len);
		assert_memory_equal(text, spellings[i].text, len);
		digest_base64(spellings[i].text, len, text);
		assert_string_equal(text, spellings[i].base64);
		assert_int_equal(digest_base64_read(spellings[i].base64,
				     strlen(spellings[i].base64), text, len),
		    len);
		assert_memory_equal(text, spellings[i].text, len);
	}
	assert_int_equal(digest_base32_read("MZxW6YtB", 8, text, 5), 5);
	assert_memory_equal(text, "fooba", 5);
}

/* One value has one spelling, and nothing is written past the room. */
static void refuses_other_spellings(void **state)
{
	static const char *const bad32[] = {
	    "m", "mzx", "mzxw6y", "mz", "m1", "m8", "my======", "my ", "m-"};
	static const char *const bad64[] = {"Zg", "Zg=", "Zh==", "Zm9=", "=",
	    "====", "Z===", "Zg==Zg==", "Zm9v\n", " Zm9", "Zm-_", "Zm9vZg="};
	char out[32];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad32) / sizeof(bad32[0]); i++)
		assert_int_equal(digest_base32_read(bad32[i], strlen(bad32[i]),
				     out, sizeof(out)),
		    -1);
	for (i = 0; i < sizeof(bad64) / sizeof(bad64[0]); i++)
		assert_int_equal(digest_base64_read(bad64[i], strlen(bad64[i]),
				     out, sizeof(out)),
		    -1);
	out[2] = 'x';
	assert_int_equal(digest_base32_read("mzxw6", 5, out, 2), -1);
	assert_int_equal(out[2], 'x');
	assert_int_equal(digest_base64_read("Zm9v", 4, out, 2), -1);
	assert_int_equal(out[2], 'x');
	assert_int_equal(digest_base64_read("Zm\09", 4, out, 3), -1);
}

static void secrets_match_only_themselves(void **state)
{
	int chosen;

	(void)state;
	for (chosen = 0; chosen < 2; chosen++) {
		char *stored = digest_secret_store("swordfish", chosen);
		char *again = digest_secret_store("swordfish", chosen);
		char *nobody = digest_secret_nobody(chosen);

		assert_string_not_equal(stored, again); /* salted */
		assert_true(digest_secret_valid(stored));
		assert_int_equal(digest_secret_slow(stored), chosen);
		assert_true(digest_secret_match(stored, "swordfish", 9));
		assert_false(digest_secret_match(stored, "swordfish", 8));
		assert_false(digest_secret_match(stored, "Swordfish", 9));
		assert_false(digest_secret_match(stored, "", 0));
		assert_true(digest_secret_valid(nobody));
		assert_int_equal(digest_secret_slow(nobody), chosen);
		assert_false(digest_secret_match(nobody, "swordfish", 9));
		assert_false(digest_secret_match(nobody, "", 0));
		free(stored);
		free(again);
		free(nobody);
	}
}

/* Made with Python's hashlib.scrypt. */
static void reads_a_foreign_scrypt(void **state)
{
	static const char stored[] =
	    "{SCRYPT}16$1$1$AAECAwQFBgcICQoLDA0ODw==$"
	    "BvFm+FBmYE9Yk2C9eJaV88EzuMNsAe/oWy7yUSX3Npc=";

	(void)state;
	assert_true(digest_secret_valid(stored));
	assert_true(digest_secret_match(stored, "swordfish", 9));
	assert_false(digest_secret_match(stored, "swordfisH", 9));
}

static void odd_stored_forms_match_nothing(void **state)
{
	static const char salt[] = "AAECAwQFBgcICQoLDA0ODw==";
	static const char hash[] =
	    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
	static const char *const numbers[] = {"16384$8$1$", "0$8$1$", "3$8$1$",
	    "1$8$1$", "16384$0$1$", "16384$8$0$", "99999999999999999999$8$1$",
	    "1048576$32$1$", "-16384$8$1$", "16384$8$1", "016384$8$1$", ""};
	static const char *const others[] = {"", "swordfish", "{SHA256}",
	    "{SHA256}AAAA", "{sha256}AAAA", "{SCRYPT}", "{PLAIN}x",
	    "{SCRYPT}16384$8$1$AAECAwQFBgcICQoLDA0ODw==",
	    "{SCRYPT}16384$8$1$AAECAwQFBgcICQoLDA0ODw==$AAAA"};
	char text[200];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		snprintf(text, sizeof(text), "{SCRYPT}%s%s$%s", numbers[i],
		    salt, hash);
		assert_int_equal(digest_secret_valid(text), i == 0);
	}
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_false(digest_secret_valid(others[i]));
		assert_false(digest_secret_match(others[i], "", 0));
		assert_false(digest_secret_match(others[i], "swordfish", 9));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hashes),
	    cmocka_unit_test(pieces_hash_like_the_whole),
	    cmocka_unit_test(hmacs),
	    cmocka_unit_test(random_differs),
	    cmocka_unit_test(spells_and_reads_back),
	    cmocka_unit_test(refuses_other_spellings),
	    cmocka_unit_test(secrets_match_only_themselves),
	    cmocka_unit_test(reads_a_foreign_scrypt),
	    cmocka_unit_test(odd_stored_forms_match_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
