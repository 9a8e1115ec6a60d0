/*
 * tokens: goes over a text once, piece by piece.
 */
#include "tokens.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#define WEIGHTY 4 /* letters of a word that tells something */

struct cutter {
	const char *p, *end;
	bool line_start; /* nothing but blanks since the line began */
	bool notes;	 /* "[1]" is no figure */
	bool open_end;	 /* a mark was never closed */
	char *room;	 /* where the next token's text goes */
	struct token *list;
	size_t n;
};

/* ---- what is left out ---- */

static bool begins(const struct cutter *c, const char *with)
{
	size_t n = strlen(with);

	return (size_t)(c->end - c->p) >= n && strncasecmp(c->p, with, n) == 0;
}

#define MARK_MOST 300 /* bytes of a mark; what is longer is text */

/* Behind the bracket that closes the one at p, or NULL. */
static const char *behind_bracket(const struct cutter *c, size_t most)
{
	unsigned depth = 0;

	for (const char *p = c->p; p < c->end && (size_t)(p - c->p) < most;
	     p++) {
		depth += *p == '[';
		if (*p == ']' && --depth == 0)
			return p + 1;
	}
	return NULL;
}

/* "[1]": the number of a note. */
static const char *behind_note(const struct cutter *c)
{
	const char *p = c->p + 1;

	while (p < c->end && p - c->p < 3 && *p >= '0' && *p <= '9')
		p++;
	return p > c->p + 1 && p < c->end && *p == ']' ? p + 1 : NULL;
}

/* "<mailto:x>", "<tel:x>" */
static const char *behind_angle(const struct cutter *c)
{
	const char *close;

	if (!begins(c, "<mailto:") && !begins(c, "<tel:") &&
	    !begins(c, "<sms:"))
		return NULL;
	close = memchr(c->p, '>',
	    c->end - c->p < MARK_MOST ? (size_t)(c->end - c->p) : MARK_MOST);
	return close != NULL ? close + 1 : NULL;
}

/* "3. " or "3) " at the start of a line. */
static const char *behind_item(const struct cutter *c)
{
	const char *p = c->p;

	while (p < c->end && p - c->p < 3 && *p >= '0' && *p <= '9')
		p++;
	if (p == c->p || c->end - p < 2 || (*p != '.' && *p != ')') ||
	    (p[1] != ' ' && p[1] != '\t' && p[1] != '\n'))
		return NULL;
	return p + 1;
}

/* What the page hides may be long; a search for its end is made once. */
static const char *behind_hidden(struct cutter *c)
{
	const char *behind = NULL;

	if (!c->open_end)
		behind = behind_bracket(c, SIZE_MAX);
	c->open_end = c->open_end || behind == NULL;
	return behind;
}

/* What no person reads, or NULL. */
static const char *behind_mark(struct cutter *c)
{
	static const char *const marks[] = {"[image:", "[title:", "[input:",
	    "[style text:", "[cid:", "[inline image"};

	if (c->p[0] == '<')
		return behind_angle(c);
	if (c->p[0] != '[')
		return NULL;
	if (begins(c, "[hidden:"))
		return behind_hidden(c);
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (begins(c, marks[i]))
			return behind_bracket(c, MARK_MOST);
	return NULL;
}

/* ---- what is kept ---- */

static void keep(
    struct cutter *c, size_t size, enum tokens_kind kind, bool aside)
{
	if (size == 0)
		return;
	c->list[c->n++] =
	    (struct token){.text = c->room, .kind = kind, .aside = aside};
	c->room[size] = '\0';
	c->room += size + 1;
}

/* Is it of a script that puts no blanks between words? */
static bool is_dense(UChar32 c)
{
	UErrorCode status = U_ZERO_ERROR;

	switch (uscript_getScript(c, &status)) {
	case USCRIPT_HAN:
	case USCRIPT_HIRAGANA:
	case USCRIPT_KATAKANA:
	case USCRIPT_THAI:
	case USCRIPT_LAO:
	case USCRIPT_KHMER:
	case USCRIPT_MYANMAR:
		return true;
	default:
		return false;
	}
}

static bool ends_url(char c)
{
	return (unsigned char)c <= ' ' || strchr("<>\"'|\\^`{}[]", c) != NULL;
}

/* Small letters of the host and path; query, fragment and dots at the end are
 * left out, and "www." too. */
static void take_url(struct cutter *c, bool aside)
{
	const char *from = c->p, *scheme, *to;
	size_t n = 0;

	while (c->p < c->end && !ends_url(*c->p)) {
		int32_t at = 0;
		UChar32 it;

		U8_NEXT(c->p, at, (int32_t)(c->end - c->p), it);
		/* Japanese goes on without a blank */
		if (it < 0 || is_dense(it) || (it >= 0x3000 && it < 0x3040) ||
		    (it == ')' &&
			memchr(from, '(', (size_t)(c->p - from)) == NULL))
			break;
		c->p += at;
	}
	scheme = memmem(from, (size_t)(c->p - from), "://", 3);
	from = scheme != NULL ? scheme + 3 : from;
	to = c->p;
	for (const char *q = from; q < to; q++)
		if (*q == '?' || *q == '#')
			to = q;
	while (to > from && strchr("/.,;:!)]*_", to[-1]) != NULL)
		to--;
	if (to - from > 4 && strncasecmp(from, "www.", 4) == 0)
		from += 4;
	for (; from < to; from++)
		c->room[n++] =
		    (char)(*from >= 'A' && *from <= 'Z' ? *from + ('a' - 'A')
							: *from);
	keep(c, n, TOKENS_URL, aside);
}

static bool is_in(const char *word, const char *list)
{
	size_t n = strlen(word);
	const char *at = list;

	while ((at = strstr(at, word)) != NULL) {
		if (at[-1] == ' ' && at[n] == ' ')
			return true;
		at += n;
	}
	return false;
}

static const char money[] =
    " eur usd gbp chf jpy cny sek nok dkk pln czk huf cad aud inr euro euros "
    "dollar dollars pound pounds franken ";

bool tokens_is_money(const char *text)
{
	return strlen(text) < 8 &&
	       (is_in(text, money) || text[0] == '%' || text[0] == '$' ||
		   (unsigned char)text[0] >= 0x80);
}

static enum tokens_kind kind_of(const char *word, size_t letters, bool dense)
{
	static const char nots[] =
	    " not no never none nothing nobody cannot neither nor without "
	    "nicht kein keine keinen keiner keinem keines nie niemals nichts "
	    "ohne weder pas ne jamais rien aucun aucune sans non nunca nada "
	    "ning\xc3\xban ninguno ninguna sin mai niente nessun nessuno "
	    "nessuna senza niet geen nooit niets zonder n\xc3\xa3o nenhum "
	    "nenhuma sem nie bez inte ingen inga aldrig ikke ej \xd0\xbd\xd0"
	    "\xb5 \xd0\xbd\xd0\xb5\xd1\x82 \xd0\xb1\xd0\xb5\xd0\xb7 ";
	size_t n = strlen(word);

	if (n > 40)
		return TOKENS_WORD;
	if (is_in(word, money))
		return TOKENS_FIGURE;
	if (is_in(word, nots) || (n > 3 && (strcmp(word + n - 3, "n't") == 0)))
		return TOKENS_NOT;
	return dense || letters >= WEIGHTY ? TOKENS_WORD : TOKENS_SMALL;
}

/* Does it go on with the word or figure before it? */
static bool joins(const struct cutter *c, UChar32 it, bool figure)
{
	bool digit = c->p < c->end && *c->p >= '0' && *c->p <= '9';

	if (it < 128 && strchr(".,:/'-", (int)it) != NULL && figure)
		return digit;
	return (it == '\'' || it == 0x2019) && c->p < c->end &&
	       ((unsigned char)*c->p >= 128 ||
		   ((*c->p | 0x20) >= 'a' && (*c->p | 0x20) <= 'z'));
}

/* A word or a figure, whose first character is c. */
static void take_word(struct cutter *c, UChar32 first)
{
	bool figure = u_isdigit(first), dense = is_dense(first);
	size_t letters = 0;
	int32_t n = 0;
	UChar32 it = first;

	for (;;) {
		const char *before = c->p;
		int32_t at = 0;

		if (it == 0x2019)
			it = '\'';
		if (!u_hasBinaryProperty(
			it, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) {
			it = u_foldCase(it, U_FOLD_CASE_DEFAULT);
			U8_APPEND_UNSAFE(c->room, n, it);
			letters += u_isalpha(it) != 0;
		}
		if (dense || c->p == c->end)
			break;
		U8_NEXT(c->p, at, (int32_t)(c->end - c->p), it);
		c->p += at;
		if (it >= 0 && ((u_isalnum(it) && !is_dense(it)) ||
				   u_charType(it) == U_NON_SPACING_MARK ||
				   u_hasBinaryProperty(it,
				       UCHAR_DEFAULT_IGNORABLE_CODE_POINT) ||
				   joins(c, it, figure)))
			continue;
		c->p = before;
		break;
	}
	c->room[n] = '\0';
	keep(c, (size_t)n,
	    figure ? TOKENS_FIGURE : kind_of(c->room, letters, dense), false);
}

static bool is_money(UChar32 c)
{
	return c == '%' || u_charType(c) == U_CURRENCY_SYMBOL;
}

static void take_sign(struct cutter *c, UChar32 sign)
{
	int32_t n = 0;

	U8_APPEND_UNSAFE(c->room, n, sign);
	keep(c, (size_t)n, TOKENS_FIGURE, false);
}

/* "[1]" and "1. ": the number itself, or 0 bytes. */
static size_t take_number(struct cutter *c)
{
	const char *behind = NULL, *from = c->p;
	size_t n = 0;

	if (c->line_start && from[0] >= '0' && from[0] <= '9')
		behind = behind_item(c);
	else if (c->notes && from[0] == '[')
		behind = behind_note(c);
	if (behind == NULL)
		return 0;
	for (; from < behind; from++)
		if (*from >= '0' && *from <= '9')
			c->room[n++] = *from;
	keep(c, n, TOKENS_FIGURE, true);
	c->p = behind;
	return n;
}

static void step(struct cutter *c)
{
	const char *behind = behind_mark(c);
	bool aside = c->p[0] == '<';
	int32_t at = 0;
	UChar32 it;

	if (behind != NULL) {
		c->p = behind;
		return;
	}
	if (take_number(c) > 0)
		return;
	c->p += aside;
	if (begins(c, "http://") || begins(c, "https://") ||
	    begins(c, "www.")) {
		take_url(c, aside);
		return;
	}
	if (aside)
		return;
	U8_NEXT(c->p, at, (int32_t)(c->end - c->p), it);
	c->p += at;
	if (it == '\n')
		c->line_start = true;
	else if (it != ' ' && it != '\t' && it != '>')
		c->line_start = false;
	if (it >= 0 && u_isalnum(it))
		take_word(c, it);
	else if (it >= 0 && is_money(it))
		take_sign(c, it);
}

struct tokens tokens_cut(const struct imprimatur_host *host,
    struct imprimatur_report *report, const char *text, size_t size, bool notes)
{
	/* folding may lengthen a letter; each token has a NUL */
	struct cutter c = {
	    .p = text,
	    .end = text + size,
	    .line_start = true,
	    .notes = notes,
	    .room = host->memory(report, size * 3 + 16),
	    .list = host->memory(report, (size + 2) * sizeof(struct token)),
	};

	while (c.p < c.end)
		step(&c);
	return (struct tokens){.list = c.list, .n = c.n};
}
