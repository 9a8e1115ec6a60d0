/*
 * token: the secret reply address of a notice, d-<token>@<domain>.
 *
 * The token is base32 of five bytes of the notice's id and the first sixteen
 * of an HMAC over it: 34 characters.  Nothing is stored: whoever has the key
 * can check it.  It decides nothing by itself; it says which notice is meant.
 * Pure functions; any thread.
 */
#ifndef REVIEW_TOKEN_H
#define REVIEW_TOKEN_H

#include <stddef.h>
#include <stdint.h>

#define TOKEN_KEY_SIZE 32
#define TOKEN_LENGTH   34 /* characters */
#define TOKEN_SIZE     37 /* "d-", the token and NUL */

enum token_answer {
	TOKEN_NONE, /* not of our form at all */
	TOKEN_GOOD,
	TOKEN_FORGED /* of our form, but we did not make it */
};

/*
 * Write the local part ("d-...") of a notice's address; the id is positive and
 * below 2^40.  Returns out.
 */
const char *token_make(const unsigned char key[TOKEN_KEY_SIZE], int64_t notice,
    char out[TOKEN_SIZE]);

/*
 * What is this local part (size bytes, either case)?  Fills notice when GOOD.
 * The time taken does not tell where a forged one differs.
 */
enum token_answer token_read(const unsigned char key[TOKEN_KEY_SIZE],
    const char *local, size_t size, int64_t *notice);

#endif
