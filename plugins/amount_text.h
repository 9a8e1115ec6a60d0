/*
 * amount_text: the text of a mail as a row of numbers, words and signs.
 */
#ifndef AMOUNT_TEXT_H
#define AMOUNT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <unicode/umachine.h>
#include <unicode/unorm2.h>

#include "amount_words.h"

#define AMOUNT_PIECE 8192 /* characters that are read at a time */
#define AMOUNT_ROOM  (AMOUNT_PIECE + 8)
#define AMOUNT_MOST  (INT64_C(900000000000000) * 10000)

/* A character: a small letter without accent, an ASCII digit, or a sign. */
struct amount_glyph {
	UChar32 c;
	uint32_t at; /* its first byte in the text */
	bool capital;
};

struct amount_token {
	enum amount_kind kind;
	uint32_t from, to; /* bytes of the text */
	UChar32 mark;	   /* its first character */
	unsigned lines;	   /* line breaks before it */
	bool joined;	   /* nothing stands before it, not even a blank */
	bool letter;	   /* a single letter, or a sign */
	bool capital;
	const struct amount_word *word; /* what the list says of it */
	/* a number, in ten-thousandths */
	int64_t value;
	int64_t lower; /* the smaller of two ways to read it, or -1 */
	bool junk;     /* a date, an IP address, a percentage ... */
	bool weak;     /* a year, an order number: counts for want of another */
	bool year, whole;
	/* what amount.c finds out */
	const char *currency;
	bool vague;	      /* a dollar: whose is not said */
	int64_t factor;	      /* 0: none */
	uint32_t first, last; /* tokens of the whole sum */
};

struct amount_text {
	const UNormalizer2 *compose;
	const struct amount_word **words; /* ascending */
	char decimal;			  /* '.', ',' or 0: find out */
	struct amount_glyph *glyphs;	  /* AMOUNT_ROOM, behind: zeros */
	size_t n_glyphs;
	struct amount_token *tokens; /* AMOUNT_ROOM, behind: marks */
	size_t n_tokens;
};

/* Sort the words once.  -1 when there is no memory. */
int amount_text_open(struct amount_text *text);

/* Free the words. */
void amount_text_close(struct amount_text *text);

/*
 * Read the next piece of bytes into tokens, which must have been given room;
 * returns where the piece after it begins, or size at the end.  Pieces overlap,
 * so that no sum is cut through.
 */
size_t amount_text_read(
    struct amount_text *text, const char *bytes, size_t size, size_t at);

#endif
