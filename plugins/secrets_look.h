/*
 * secrets_look: whether a secret, a card, an account or a person's number
 * stands at one place of a text.  No look goes further than SECRETS_SPAN bytes.
 */
#ifndef SECRETS_LOOK_H
#define SECRETS_LOOK_H

#include <stdbool.h>
#include <stddef.h>

#define SECRETS_SPAN 256
#define SECRETS_ID   40 /* of a number without its blanks, NUL included */

/* ASCII where it matters: digits, blanks, dashes in their plain form. */
struct secrets_text {
	const char *bytes;
	size_t size;
};

/* What was found: where it lies, and its kind. */
struct secrets_hit {
	size_t from, size;
	const char *kind;
};

/* A key or token by its form, a URL with a password, "password: x".  at is the
 * first byte of a word. */
bool secrets_token(
    const struct secrets_text *text, size_t at, struct secrets_hit *hit);

/* The digits of a card number that begins at at; kind: who issued it. */
bool secrets_card(const struct secrets_text *text, size_t at,
    struct secrets_hit *hit, char out[SECRETS_ID]);

/* An IBAN that begins at at, in capitals without blanks. */
bool secrets_iban(const struct secrets_text *text, size_t at,
    struct secrets_hit *hit, char out[SECRETS_ID]);

/* The kinds of numbers of persons, and whether one of that kind begins at at:
 * hit->kind says which to look for. */
#define SECRETS_NATIONALS 7
extern const char *const secrets_nationals[SECRETS_NATIONALS];
bool secrets_national(const struct secrets_text *text, size_t at,
    struct secrets_hit *hit, char out[SECRETS_ID]);

/* The byte there, or NUL behind the end. */
char secrets_at(const struct secrets_text *text, size_t at);
bool secrets_is_digit(char c);
bool secrets_is_letter(char c); /* ASCII */

#endif
