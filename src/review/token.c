/*
 * token: makes and checks reply addresses.  Whether the notice exists, and who
 * may answer it, is left to mail.c and the ledger.
 */
#include "review/token.h"

#include "util/digest.h"

#include <assert.h>
#include <string.h>

#define ID_SIZE	 5
#define MAC_SIZE 16
#define RAW_SIZE (ID_SIZE + MAC_SIZE)

static const char mark[] = "d-";

/* The id, highest byte first, and its MAC. */
static void make_raw(const unsigned char key[TOKEN_KEY_SIZE], int64_t notice,
    unsigned char raw[RAW_SIZE])
{
	static const char purpose[] = "notice";
	unsigned char signed_bytes[sizeof(purpose) - 1 + ID_SIZE];
	unsigned char mac[DIGEST_SIZE];
	int i;

	for (i = 0; i < ID_SIZE; i++)
		raw[i] = (unsigned char)(notice >> (8 * (ID_SIZE - 1 - i)));
	memcpy(signed_bytes, purpose, sizeof(purpose) - 1);
	memcpy(signed_bytes + sizeof(purpose) - 1, raw, ID_SIZE);
	digest_hmac(
	    key, TOKEN_KEY_SIZE, signed_bytes, sizeof(signed_bytes), mac);
	memcpy(raw + ID_SIZE, mac, MAC_SIZE);
}

const char *token_make(const unsigned char key[TOKEN_KEY_SIZE], int64_t notice,
    char out[TOKEN_SIZE])
{
	unsigned char raw[RAW_SIZE];

	assert(notice > 0 && notice < (int64_t)1 << (8 * ID_SIZE));
	make_raw(key, notice, raw);
	memcpy(out, mark, sizeof(mark) - 1);
	digest_base32(raw, sizeof(raw), out + sizeof(mark) - 1);
	return out;
}

enum token_answer token_read(const unsigned char key[TOKEN_KEY_SIZE],
    const char *local, size_t size, int64_t *notice)
{
	unsigned char given[RAW_SIZE], right[RAW_SIZE];
	int64_t id = 0;
	int i;

	if (size != sizeof(mark) - 1 + TOKEN_LENGTH ||
	    (local[0] != 'd' && local[0] != 'D') || local[1] != '-')
		return TOKEN_NONE;
	if (digest_base32_read(local + sizeof(mark) - 1, TOKEN_LENGTH, given,
		sizeof(given)) != RAW_SIZE)
		return TOKEN_FORGED;
	for (i = 0; i < ID_SIZE; i++)
		id = id << 8 | given[i];
	make_raw(key, id, right);
	if (!digest_equal(given, right, sizeof(right)) || id == 0)
		return TOKEN_FORGED;
	*notice = id;
	return TOKEN_GOOD;
}
