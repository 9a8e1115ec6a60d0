/*
 * digest: hashes and secrets by way of OpenSSL, and their spelling.  What is
 * hashed, and what a match means, is left to the rooms.
 */
#include "util/digest.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sysexits.h>

#include "util/log.h"
#include "util/mem.h"

#define SALT_SIZE   16
#define SECRET_SIZE (SALT_SIZE + DIGEST_SIZE) /* of {SHA256}, decoded */

/* scrypt (RFC 7914): what we make, and the dearest that we would check. */
#define SCRYPT_N       16384
#define SCRYPT_R       8
#define SCRYPT_P       1
#define SCRYPT_N_MOST  (1u << 20)
#define SCRYPT_R_MOST  32
#define SCRYPT_P_MOST  16
#define SCRYPT_MEM_MAX ((uint64_t)256 * 1024 * 1024)

static const char sha256_mark[] = "{SHA256}";
static const char scrypt_mark[] = "{SCRYPT}";

struct digest {
	EVP_MD_CTX *ctx;
};

struct scrypt {
	uint64_t n, r, p;
	unsigned char salt[SALT_SIZE], hash[DIGEST_SIZE];
};

/*
 * Fetching an algorithm takes longer than hashing a small mail; these are
 * fetched once, live as long as the process, and are only read afterwards.
 */
static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;
static EVP_MD *sha256;
static EVP_MAC_CTX *hmac; /* without a key; to be copied */

/* OpenSSL fails at these only without memory or without its own modules. */
static void must(bool ok)
{
	if (ok)
		return;
	log_error("digest failed reason=\"openssl cannot compute\"");
	_Exit(EX_OSERR);
}

static void unfetch(void)
{
	EVP_MAC_CTX_free(hmac);
	EVP_MD_free(sha256);
}

static void fetch(void)
{
	char name[] = "SHA2-256";
	OSSL_PARAM params[] = {
	    OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
	    OSSL_PARAM_END,
	};
	EVP_MAC *mac;

	params[0].data_size = strlen(name);
	sha256 = EVP_MD_fetch(NULL, name, NULL);
	mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	must(sha256 != NULL && mac != NULL);
	hmac = EVP_MAC_CTX_new(mac);
	must(hmac != NULL && EVP_MAC_CTX_set_params(hmac, params) == 1);
	EVP_MAC_free(mac);
	must(OPENSSL_atexit(unfetch) == 1);
}

static const EVP_MD *md(void)
{
	must(CRYPTO_THREAD_run_once(&once, fetch) == 1);
	return sha256;
}

struct digest *digest_new(void)
{
	struct digest *digest = mem_zalloc(sizeof(*digest));

	digest->ctx = EVP_MD_CTX_new();
	must(digest->ctx != NULL);
	must(EVP_DigestInit_ex2(digest->ctx, md(), NULL) == 1);
	return digest;
}

void digest_add(struct digest *digest, const void *bytes, size_t size)
{
	must(EVP_DigestUpdate(digest->ctx, bytes, size) == 1);
}

void digest_end(struct digest *digest, unsigned char out[DIGEST_SIZE])
{
	must(EVP_DigestFinal_ex(digest->ctx, out, NULL) == 1);
	must(EVP_DigestInit_ex2(digest->ctx, NULL, NULL) == 1);
}

void digest_free(struct digest *digest)
{
	if (digest == NULL)
		return;
	EVP_MD_CTX_free(digest->ctx);
	free(digest);
}

void digest_of(const void *bytes, size_t size, unsigned char out[DIGEST_SIZE])
{
	must(EVP_Digest(bytes, size, out, NULL, md(), NULL) == 1);
}

void digest_hmac(const void *key, size_t key_size, const void *bytes,
    size_t size, unsigned char out[DIGEST_SIZE])
{
	EVP_MAC_CTX *ctx;
	size_t len;

	must(CRYPTO_THREAD_run_once(&once, fetch) == 1);
	ctx = EVP_MAC_CTX_dup(hmac);
	must(ctx != NULL);
	/* a NULL key would mean "the same as before" */
	must(EVP_MAC_init(ctx, key_size > 0 ? key : "", key_size, NULL) == 1);
	must(EVP_MAC_update(ctx, bytes, size) == 1);
	must(EVP_MAC_final(ctx, out, &len, DIGEST_SIZE) == 1);
	EVP_MAC_CTX_free(ctx);
}

void digest_random(void *out, size_t size)
{
	unsigned char *to = out;
	ssize_t n;

	while (size > 0) {
		n = getrandom(to, size, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			log_error("digest no-random errno=%d", errno);
			_Exit(EX_OSERR);
		}
		to += n;
		size -= (size_t)n;
	}
}

bool digest_equal(const void *a, const void *b, size_t size)
{
	return CRYPTO_memcmp(a, b, size) == 0;
}

void digest_hex(const void *bytes, size_t size, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *from = bytes;
	size_t i;

	for (i = 0; i < size; i++) {
		*out++ = digits[from[i] >> 4];
		*out++ = digits[from[i] & 15];
	}
	*out = '\0';
}

void digest_base32(const void *bytes, size_t size, char *out)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
	const unsigned char *from = bytes;
	unsigned held = 0, bits = 0;
	size_t i;

	for (i = 0; i < size; i++) {
		held = (held << 8 | from[i]) & 0xfff;
		for (bits += 8; bits >= 5; bits -= 5)
			*out++ = digits[held >> (bits - 5) & 31];
	}
	if (bits > 0)
		*out++ = digits[held << (5 - bits) & 31];
	*out = '\0';
}

static int base32_digit(char c)
{
	if (c >= 'a' && c <= 'z')
		return c - 'a';
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= '2' && c <= '7')
		return c - '2' + 26;
	return -1;
}

int digest_base32_read(const char *s, size_t len, void *out, size_t out_size)
{
	unsigned char *to = out;
	unsigned held = 0, bits = 0;
	size_t i, n = 0;
	int digit;

	for (i = 0; i < len; i++) {
		digit = base32_digit(s[i]);
		if (digit < 0)
			return -1;
		held = (held << 5 | (unsigned)digit) & 0xfff;
		bits += 5;
		if (bits < 8)
			continue;
		if (n == out_size)
			return -1;
		bits -= 8;
		to[n++] = (unsigned char)(held >> bits);
	}
	/* one value, one spelling: no spare digit, spare bits are zero */
	if (bits >= 5 || (held & ((1u << bits) - 1)) != 0)
		return -1;
	return (int)n;
}

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void digest_base64(const void *bytes, size_t size, char *out)
{
	const unsigned char *from = bytes;
	unsigned three;
	size_t i, left;

	for (i = 0; i < size; i += 3) {
		left = size - i;
		three = (unsigned)from[i] << 16;
		three |= left > 1 ? (unsigned)from[i + 1] << 8 : 0;
		three |= left > 2 ? from[i + 2] : 0;
		*out++ = base64_digits[three >> 18];
		*out++ = base64_digits[three >> 12 & 63];
		*out++ = left > 1 ? base64_digits[three >> 6 & 63] : '=';
		*out++ = left > 2 ? base64_digits[three & 63] : '=';
	}
	*out = '\0';
}

static int base64_digit(char c)
{
	const char *at = c == '\0' ? NULL : strchr(base64_digits, c);

	return at == NULL ? -1 : (int)(at - base64_digits);
}

/* Four characters to 1..3 bytes, or -1. */
static int base64_four(const char *s, bool last, unsigned char three[3])
{
	int pad = !last || s[3] != '=' ? 0 : s[2] != '=' ? 1 : 2;
	unsigned held = 0;
	int i, digit;

	for (i = 0; i < 4; i++) {
		digit = i < 4 - pad ? base64_digit(s[i]) : 0;
		if (digit < 0)
			return -1;
		held = held << 6 | (unsigned)digit;
	}
	three[0] = (unsigned char)(held >> 16);
	three[1] = (unsigned char)(held >> 8);
	three[2] = (unsigned char)held;
	if ((pad > 0 && three[2] != 0) || (pad > 1 && three[1] != 0))
		return -1;
	return 3 - pad;
}

int digest_base64_read(const char *s, size_t len, void *out, size_t out_size)
{
	unsigned char three[3], *to = out;
	size_t i, used = 0;
	int n;

	if (len % 4 != 0)
		return -1;
	for (i = 0; i < len; i += 4) {
		n = base64_four(s + i, i + 4 == len, three);
		if (n < 0 || out_size - used < (size_t)n)
			return -1;
		memcpy(to + used, three, (size_t)n);
		used += (size_t)n;
	}
	return (int)used;
}

/* The hash of salt and secret; salt and out may be parts of one array. */
static void salted(const unsigned char salt[SALT_SIZE], const char *secret,
    size_t size, unsigned char out[DIGEST_SIZE])
{
	struct digest *digest = digest_new();

	digest_add(digest, salt, SALT_SIZE);
	digest_add(digest, secret, size);
	digest_end(digest, out);
	digest_free(digest);
}

/* 0, or -1 when OpenSSL refuses the numbers. */
static int scrypt_run(const struct scrypt *s, const char *secret, size_t size,
    unsigned char out[DIGEST_SIZE])
{
	return EVP_PBE_scrypt(secret, size, s->salt, SALT_SIZE, s->n, s->r,
		   s->p, SCRYPT_MEM_MAX, out, DIGEST_SIZE) == 1
		   ? 0
		   : -1;
}

static char *write_random(const unsigned char bytes[SECRET_SIZE])
{
	char text[(SECRET_SIZE + 2) / 3 * 4 + 1];

	digest_base64(bytes, SECRET_SIZE, text);
	return mem_printf("%s%s", sha256_mark, text);
}

static char *write_chosen(const struct scrypt *s)
{
	char salt[(SALT_SIZE + 2) / 3 * 4 + 1];
	char hash[(DIGEST_SIZE + 2) / 3 * 4 + 1];

	digest_base64(s->salt, SALT_SIZE, salt);
	digest_base64(s->hash, DIGEST_SIZE, hash);
	return mem_printf("%s%d$%d$%d$%s$%s", scrypt_mark, SCRYPT_N, SCRYPT_R,
	    SCRYPT_P, salt, hash);
}

char *digest_secret_store(const char *secret, bool chosen)
{
	struct scrypt s = {.n = SCRYPT_N, .r = SCRYPT_R, .p = SCRYPT_P};
	unsigned char bytes[SECRET_SIZE];

	if (!chosen) {
		digest_random(bytes, SALT_SIZE);
		salted(bytes, secret, strlen(secret), bytes + SALT_SIZE);
		return write_random(bytes);
	}
	digest_random(s.salt, SALT_SIZE);
	must(scrypt_run(&s, secret, strlen(secret), s.hash) == 0);
	return write_chosen(&s);
}

char *digest_secret_nobody(bool chosen)
{
	struct scrypt s = {.n = SCRYPT_N, .r = SCRYPT_R, .p = SCRYPT_P};
	unsigned char bytes[SECRET_SIZE];

	digest_random(bytes, sizeof(bytes));
	digest_random(s.salt, SALT_SIZE);
	digest_random(s.hash, DIGEST_SIZE);
	return chosen ? write_chosen(&s) : write_random(bytes);
}

/* The text behind the mark, or NULL when it is of the other sort. */
static const char *behind(const char *stored, const char *mark)
{
	size_t len = strlen(mark);

	return strncmp(stored, mark, len) == 0 ? stored + len : NULL;
}

static int read_random(const char *text, unsigned char bytes[SECRET_SIZE])
{
	int n = digest_base64_read(text, strlen(text), bytes, SECRET_SIZE);

	return n == SECRET_SIZE ? 0 : -1;
}

/* One number and its '$'; moves *text behind it. */
static int read_number(const char **text, uint64_t most, uint64_t *out)
{
	const char *s = *text;
	uint64_t n = 0;

	if (*s < '1' || *s > '9')
		return -1;
	for (; *s >= '0' && *s <= '9'; s++) {
		n = n * 10 + (uint64_t)(*s - '0');
		if (n > most)
			return -1;
	}
	if (*s != '$')
		return -1;
	*text = s + 1;
	*out = n;
	return 0;
}

static int read_chosen(const char *text, struct scrypt *s)
{
	size_t len;

	if (read_number(&text, SCRYPT_N_MOST, &s->n) ||
	    read_number(&text, SCRYPT_R_MOST, &s->r) ||
	    read_number(&text, SCRYPT_P_MOST, &s->p))
		return -1;
	if (s->n < 2 || (s->n & (s->n - 1)) != 0 ||
	    128 * s->n * s->r > SCRYPT_MEM_MAX / 2)
		return -1;
	len = strcspn(text, "$");
	if (text[len] == '\0' ||
	    digest_base64_read(text, len, s->salt, SALT_SIZE) != SALT_SIZE)
		return -1;
	text += len + 1;
	return digest_base64_read(text, strlen(text), s->hash, DIGEST_SIZE) ==
		       DIGEST_SIZE
		   ? 0
		   : -1;
}

bool digest_secret_valid(const char *stored)
{
	unsigned char bytes[SECRET_SIZE];
	struct scrypt s;
	const char *text;

	if ((text = behind(stored, sha256_mark)) != NULL)
		return read_random(text, bytes) == 0;
	if ((text = behind(stored, scrypt_mark)) != NULL)
		return read_chosen(text, &s) == 0;
	return false;
}

bool digest_secret_slow(const char *stored)
{
	return behind(stored, scrypt_mark) != NULL;
}

bool digest_secret_match(const char *stored, const char *secret, size_t size)
{
	unsigned char bytes[SECRET_SIZE], hash[DIGEST_SIZE];
	struct scrypt s;
	const char *text;

	if ((text = behind(stored, sha256_mark)) != NULL) {
		if (read_random(text, bytes))
			return false;
		salted(bytes, secret, size, hash);
		return digest_equal(hash, bytes + SALT_SIZE, DIGEST_SIZE);
	}
	if ((text = behind(stored, scrypt_mark)) == NULL ||
	    read_chosen(text, &s) || scrypt_run(&s, secret, size, hash))
		return false;
	return digest_equal(hash, s.hash, DIGEST_SIZE);
}
