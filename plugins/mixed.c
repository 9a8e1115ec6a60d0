/*
 * mixed: counts letters of each word by what they look like.  "USB-" before a
 * Russian word and a Greek letter behind a formula's name are as usual as
 * anything; they are told from tricks by the letters themselves.
 */
#include "mixed.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/uspoof.h>
#include <unicode/utf8.h>

#define FIRST 0x370 /* Greek and Cyrillic stand from here */
#define LAST  0x52f

#define LETTERS_LEAST  3 /* of a word that is looked at */
#define BORROWED_LEAST 4

struct mixed_tables {
	char looks[LAST - FIRST + 1]; /* the Latin letter; 0: like none */
	bool looked_like[128];	      /* Latin letters that are in looks */
};

struct word {
	const char *text;
	size_t size;
	unsigned letters, latin, small_latin, other, alike, like_other;
	unsigned greek, switches; /* of alphabets */
	bool greek_at_end;	  /* the only one */
	bool latin_last;
};

static void look_up(
    struct mixed_tables *tables, const USpoofChecker *spoof, UChar32 c)
{
	UErrorCode status = U_ZERO_ERROR;
	char text[U8_MAX_LENGTH], look[40];
	int32_t n = 0, len;

	if (!u_isalpha(c))
		return;
	U8_APPEND_UNSAFE(text, n, c);
	len = uspoof_getSkeletonUTF8(
	    spoof, 0, text, n, look, sizeof(look), &status);
	if (U_FAILURE(status) || len != 1 || !u_isalpha(look[0]))
		return;
	tables->looks[c - FIRST] = look[0];
	tables->looked_like[(unsigned char)look[0]] = true;
	/* "l" stands for the large I too */
	if (look[0] == 'l')
		tables->looked_like['I'] = true;
}

struct mixed_tables *mixed_open(void)
{
	UErrorCode status = U_ZERO_ERROR;
	USpoofChecker *spoof = uspoof_open(&status);
	struct mixed_tables *tables = calloc(1, sizeof(*tables));

	if (U_FAILURE(status) || tables == NULL) {
		free(tables);
		return NULL;
	}
	for (UChar32 c = FIRST; c <= LAST; c++)
		look_up(tables, spoof, c);
	uspoof_close(spoof);
	return tables;
}

void mixed_close(struct mixed_tables *tables)
{
	free(tables);
}

static void count_other(
    const struct mixed_tables *tables, struct word *word, UChar32 c)
{
	UErrorCode status = U_ZERO_ERROR;

	word->other++;
	word->alike += tables->looks[c - FIRST] != 0;
	if (uscript_getScript(c, &status) != USCRIPT_GREEK)
		return;
	word->greek++;
	word->greek_at_end = word->greek == 1 && c != 0x3bf && c != 0x39f;
}

static void count(
    const struct mixed_tables *tables, struct word *word, UChar32 c)
{
	UErrorCode status = U_ZERO_ERROR;
	bool latin = c < FIRST;

	word->switches += word->letters > 0 && latin != word->latin_last;
	word->latin_last = latin;
	word->letters++;
	word->greek_at_end = false;
	if (c < 128) {
		word->latin++;
		word->small_latin += c >= 'a';
		word->like_other += tables->looked_like[c];
	} else if (c >= FIRST && c <= LAST) {
		count_other(tables, word, c);
	} else if (uscript_getScript(c, &status) == USCRIPT_LATIN) {
		word->latin++;
		word->small_latin++;
	}
}

/* "TNF" and an alpha: capitals, and one Greek letter at the end. */
static bool is_formula(const struct word *word)
{
	return word->greek == 1 && word->other == 1 && word->greek_at_end &&
	       (word->small_latin == 0 || word->latin <= 2);
}

/* "SMS" and an ending: capitals of one alphabet, then the other. */
static bool is_acronym(const struct word *word)
{
	return word->small_latin == 0 && word->switches == 1 &&
	       !word->latin_last && word->alike < word->other;
}

static void keep(char out[100], const struct word *word)
{
	size_t n = word->size < 99 ? word->size : 99;

	while (n > 0 && n < word->size &&
	       ((unsigned char)word->text[n] & 0xc0) == 0x80)
		n--;
	if (out[0] != '\0')
		return;
	memcpy(out, word->text, n);
	out[n] = '\0';
}

static void end_word(const struct word *word, struct mixed_found *found)
{
	bool tricks;

	if (word->other == 0)
		return;
	if (word->latin == 0) {
		if (word->alike < word->letters) {
			found->genuine++;
		} else if (word->letters >= BORROWED_LEAST) {
			found->borrowed++;
			keep(found->borrowed_first, word);
		}
		return;
	}
	/* all could be Latin; or all that are Latin could be of the others */
	tricks = word->alike == word->other ||
		 (word->like_other == word->latin && word->greek == 0);
	if (word->letters < LETTERS_LEAST || !tricks || is_formula(word) ||
	    is_acronym(word))
		return;
	found->words++;
	keep(found->first, word);
}

void mixed_look(const struct mixed_tables *tables, const char *text,
    size_t size, struct mixed_found *found)
{
	struct word word = {.text = NULL};
	int32_t at = 0;

	while (at < (int32_t)size) {
		int32_t from = at;
		UChar32 c;

		U8_NEXT(text, at, (int32_t)size, c);
		if (c >= 0 && u_isalpha(c)) {
			if (word.text == NULL)
				word.text = text + from;
			word.size = (size_t)(text + at - word.text);
			count(tables, &word, c);
		} else if (word.text != NULL &&
			   u_charType(c) != U_NON_SPACING_MARK) {
			end_word(&word, found);
			memset(&word, 0, sizeof(word));
		}
	}
	if (word.text != NULL)
		end_word(&word, found);
}
