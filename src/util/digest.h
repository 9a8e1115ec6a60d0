/*
 * digest: SHA-256, HMAC, random bytes, scrypt, and how such bytes are written
 * (hex, base32, base64).  OpenSSL does the work.
 */
#ifndef UTIL_DIGEST_H
#define UTIL_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "util/error.h"

#define DIGEST_SIZE	32 /* bytes of a SHA-256 */
#define DIGEST_HEX_SIZE 65 /* as text, the NUL included */

/* A SHA-256 that grows; digest_new() and digest_free() bracket its life. */
struct digest;
struct digest *digest_new(void);
void digest_add(struct digest *digest, const void *bytes, size_t size);
/* Write the result and start over. */
void digest_end(struct digest *digest, unsigned char out[DIGEST_SIZE]);
void digest_free(struct digest *digest);

/* The SHA-256 of one piece. */
void digest_of(const void *bytes, size_t size, unsigned char out[DIGEST_SIZE]);

/* HMAC-SHA-256 (RFC 2104). */
void digest_hmac(const void *key, size_t key_size, const void *bytes,
    size_t size, unsigned char out[DIGEST_SIZE]);

/* size random bytes from the system; without them the process ends. */
void digest_random(void *out, size_t size);

/* Equal, in a time that does not depend on where they differ. */
bool digest_equal(const void *a, const void *b, size_t size);

/* Lower-case hex; out takes 2 * size + 1 bytes. */
void digest_hex(const void *bytes, size_t size, char *out);

/* Lower-case base32 (RFC 4648), no padding; out: (size * 8 + 4) / 5 + 1. */
void digest_base32(const void *bytes, size_t size, char *out);

/*
 * Read base32 in either case.  Returns the number of bytes written to out, at
 * most out_size, or -1 when a character is wrong, there is too much, or it is
 * not what digest_base32() writes (spare bits set, a letter too many).
 */
int digest_base32_read(const char *s, size_t len, void *out, size_t out_size);

/* Standard base64 with padding; out: (size + 2) / 3 * 4 + 1. */
void digest_base64(const void *bytes, size_t size, char *out);

/* Strict standard base64 (RFC 4648 3.5); bytes written, or -1. */
int digest_base64_read(const char *s, size_t len, void *out, size_t out_size);

/*
 * The stored form of a secret, in a string that the caller frees:
 *   {SHA256}<base64 of salt and hash>        for random 128-bit secrets: cheap
 *   {SCRYPT}16384$8$1$<salt>$<hash>          for chosen passwords: dear,
 *                                            about 50 ms, job thread only
 */
char *digest_secret_store(const char *secret, bool chosen);

/* A stored form that no secret fits, to be freed; cheap. */
char *digest_secret_nobody(bool chosen);

/* Is this stored form one that we can check? */
bool digest_secret_valid(const char *stored);

/* Is checking it dear, so that it belongs on a job thread? */
bool digest_secret_slow(const char *stored);

/* Does secret (size bytes) match?  Any thread; slow ones block. */
bool digest_secret_match(const char *stored, const char *secret, size_t size);

#endif
