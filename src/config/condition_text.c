/*
 * condition_text: quotes words for PCRE2.  Running the pattern is left to the
 * reader.
 */
#include "config/condition_text.h"

#include <ctype.h>
#include <string.h>

#include "util/buf.h"

/* PCRE2 compiles to 64 KB at most; this stays well below. */
#define PATTERN_MAX_BYTES 8000
#define WORD_MAX_BYTES	  1000

/* Punctuation stands for itself behind a backslash (pcre2pattern(3)). */
static void add_word(struct buf *out, const char *word)
{
	for (; *word != '\0'; word++) {
		unsigned char c = (unsigned char)*word;

		if (c == ' ' || c == '\t') {
			buf_add_str(out, "\\s+");
			while (word[1] == ' ' || word[1] == '\t')
				word++;
			continue;
		}
		if (c < 0x80 && ispunct(c))
			buf_add_char(out, '\\');
		buf_add_char(out, *word);
	}
}

/*
 * The look-arounds are \b where a word begins and ends with a letter, and right
 * for "C++" too.
 */
const char *condition_text_words(struct arena *arena, const char *const **words)
{
	struct buf out;
	char *pattern;
	size_t n = 0;

	if (**words == NULL)
		return NULL;
	buf_init(&out, PATTERN_MAX_BYTES + 4 * WORD_MAX_BYTES);
	buf_add_str(&out, "(?<!\\w)(?:");
	for (; **words != NULL && out.len < PATTERN_MAX_BYTES; (*words)++) {
		if (n++ > 0)
			buf_add_char(&out, '|');
		add_word(&out, **words);
	}
	buf_add_str(&out, ")(?!\\w)");
	pattern = arena_strdup(arena, out.data);
	buf_release(&out);
	return pattern;
}
