/*
 * amount_text: the text of a mail as a row of numbers, words and signs.  What
 * the numbers mean is found out by amount.c.
 */
#include "amount_text.h"

#include <stdlib.h>
#include <string.h>

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#define GROUPS	  12	 /* of digits in a number */
#define OVERLAP	  256	 /* characters at the end of a piece, read again */
#define POINT	  0x066b /* the Arabic decimal point */
#define THOUSANDS 0x066c /* and its mark of thousands */

static int by_text(const void *a, const void *b)
{
	return strcmp((*(const struct amount_word *const *)a)->text,
	    (*(const struct amount_word *const *)b)->text);
}

int amount_text_open(struct amount_text *text)
{
	size_t n = sizeof(amount_words) / sizeof(amount_words[0]);
	UErrorCode status = U_ZERO_ERROR;

	text->compose = unorm2_getNFKCInstance(&status);
	text->words = calloc(n, sizeof(*text->words));
	if (U_FAILURE(status) || text->words == NULL)
		return -1;
	for (size_t i = 0; i < n; i++)
		text->words[i] = &amount_words[i];
	qsort(text->words, n, sizeof(*text->words), by_text);
	return 0;
}

void amount_text_close(struct amount_text *text)
{
	free(text->words);
}

/* ---- characters ---- */

static bool is_digit(UChar32 c)
{
	return c >= '0' && c <= '9';
}

/* Has no width, or is an accent of its own: not there. */
static bool is_nothing(UChar32 c)
{
	return u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) ||
	       u_charType(c) == U_NON_SPACING_MARK ||
	       u_charType(c) == U_FORMAT_CHAR;
}

/* The letter without its accents, in its plain form. */
static UChar32 base(const struct amount_text *text, UChar32 c)
{
	UChar parts[20];

	for (int i = 0; i < 4; i++) {
		UErrorCode status = U_ZERO_ERROR;
		int32_t n = unorm2_getRawDecomposition(
		    text->compose, c, parts, 20, &status);
		int32_t at = 0;

		if (U_FAILURE(status) || n <= 0)
			break;
		U16_NEXT(parts, at, n, c);
	}
	return c == 0x142 || c == 0x141 ? 'l' : c; /* Polish */
}

static UChar32 sign(UChar32 c)
{
	static const struct {
		UChar32 from, to;
	} rows[] = {{0x2019, '\''}, {0x2018, '\''}, {0x02bc, '\''},
	    {0x2212, '-'}, {0xffe1, 0xa3}, {0xffe5, 0xa5}, {0xffe6, 0x20a9},
	    {0xfe69, '$'}, {0x2028, '\n'}, {0x2029, '\n'}, {'\r', '\n'},
	    {'\f', '\n'}, {0xd7, 'x'}, {0x3001, ','}, {0x3002, '.'}};

	if (c >= 0xff01 && c <= 0xff5e)
		c -= 0xff01 - '!';
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].from == c)
			return rows[i].to;
	if (u_charType(c) == U_DASH_PUNCTUATION)
		return '-';
	return u_isUWhiteSpace(c) && c != '\n' ? ' ' : c;
}

static UChar32 plain(const struct amount_text *text, UChar32 c)
{
	int32_t digit;

	if (c < 0x80)
		return c == '\r' || c == '\f' ? '\n'
		       : c == '\t'	      ? ' '
					      : u_foldCase(c, 0);
	digit = u_charDigitValue(c);
	if (digit >= 0)
		return '0' + digit;
	if (u_isalpha(c))
		return u_foldCase(base(text, c), 0);
	return sign(c);
}

/* Fill glyphs from the byte at; returns the byte behind. */
static size_t take_glyphs(
    struct amount_text *text, const char *bytes, size_t size, size_t at)
{
	const uint8_t *from = (const uint8_t *)bytes;

	text->n_glyphs = 0;
	while (at < size && text->n_glyphs < AMOUNT_PIECE) {
		struct amount_glyph *glyph = &text->glyphs[text->n_glyphs];
		UChar32 c;

		glyph->at = (uint32_t)at;
		U8_NEXT_OR_FFFD(from, at, size, c);
		if (c >= 0x80 && is_nothing(c))
			continue;
		glyph->c = plain(text, c);
		glyph->capital = u_isupper(c);
		text->n_glyphs++;
	}
	for (size_t i = text->n_glyphs; i < text->n_glyphs + 4; i++)
		text->glyphs[i] =
		    (struct amount_glyph){.c = 0, .at = (uint32_t)at};
	return at;
}

/* ---- numbers ---- */

struct number {
	size_t start[GROUPS], length[GROUPS];
	UChar32 mark[GROUPS]; /* behind the group */
	size_t n;
};

static size_t digits(const struct amount_glyph *glyph)
{
	size_t n = 0;

	while (is_digit(glyph[n].c))
		n++;
	return n;
}

/* Whether the mark at glyph joins the number to the digits behind it. */
static bool joins(const struct number *number, const struct amount_glyph *glyph)
{
	UChar32 c = glyph->c;

	if (!is_digit(glyph[1].c))
		return false;
	if (c == '.' || c == ',' || c == POINT || c == THOUSANDS)
		return true;
	if (c != ' ' && c != '\'' && c != '\n')
		return false;
	if (number->length[0] > 3 ||
	    (number->n > 1 && number->mark[number->n - 2] != c))
		return false;
	return is_digit(glyph[2].c) && is_digit(glyph[3].c) &&
	       !is_digit(glyph[4].c) && (c != '\n' || glyph[1].c == '0');
}

/* Groups of digits from at; returns the glyph behind. */
static size_t take_groups(
    const struct amount_text *text, size_t at, struct number *number)
{
	const struct amount_glyph *glyphs = text->glyphs;

	for (number->n = 0;;) {
		size_t n = digits(glyphs + at);

		number->start[number->n] = at;
		number->length[number->n] = n;
		number->mark[number->n++] = 0;
		at += n;
		if (!joins(number, glyphs + at))
			return at;
		if (number->n == GROUPS)
			break;
		number->mark[number->n - 1] = glyphs[at++].c;
	}
	number->n = 0; /* no number has so many */
	while (is_digit(glyphs[at].c) ||
	       (is_digit(glyphs[at + 1].c) &&
		   (glyphs[at].c == '.' || glyphs[at].c == ',')))
		at++;
	return at;
}

/* Whether the first n + 1 groups are thousands: 1-3, 3, 3, or 1-2, 2, 2, 3. */
static bool grouped(
    const struct amount_text *text, const struct number *number, size_t n)
{
	bool threes = true, twos = n > 1 && number->mark[0] == ',';

	for (size_t i = 1; i <= n; i++) {
		threes = threes && number->length[i] == 3 &&
			 number->mark[i - 1] == number->mark[0];
		twos = twos && number->length[i] == (i == n ? 3 : 2) &&
		       number->mark[i - 1] == number->mark[0];
	}
	return number->length[0] <= 3 && (threes || twos) &&
	       text->glyphs[number->start[0]].c != '0';
}

/* Ten-thousandths; the first whole groups are before the point. */
static int64_t worth(
    const struct amount_text *text, const struct number *number, size_t whole)
{
	int64_t value = 0;
	int places = 0;
	bool more = false;

	for (size_t i = 0; i < number->n; i++)
		for (size_t k = 0; k < number->length[i]; k++) {
			int digit = text->glyphs[number->start[i] + k].c - '0';

			if (i >= whole && ++places > 4) {
				more = more || digit > 0;
				continue;
			}
			if (value > AMOUNT_MOST / 10)
				return AMOUNT_MOST;
			value = value * 10 + digit;
		}
	for (; places < 4; places++) {
		if (value > AMOUNT_MOST / 10)
			return AMOUNT_MOST;
		value *= 10;
	}
	value += more;
	return value > AMOUNT_MOST ? AMOUNT_MOST : value;
}

/* One mark: thousands, a point, or either. */
static void understand_two(const struct amount_text *text,
    const struct number *number, struct amount_token *token)
{
	UChar32 mark = number->mark[0];
	bool point = mark == '.' || mark == ',';

	if (mark == POINT || (point && !grouped(text, number, 1)) ||
	    (point && text->decimal == (char)mark)) {
		token->value = worth(text, number, 1);
		token->whole = false;
		return;
	}
	token->value = worth(text, number, 2);
	if (point && text->decimal == 0)
		token->lower = worth(text, number, 1);
}

/* Several marks. */
static void understand_many(const struct amount_text *text,
    const struct number *number, struct amount_token *token)
{
	size_t n = number->n - 1;
	UChar32 last = number->mark[n - 1];
	bool point = last == '.' || last == ',' || last == POINT;
	bool same = true;

	for (size_t i = 1; i < n; i++)
		same = same && number->mark[i] == number->mark[0];
	if (same && grouped(text, number, n)) {
		token->value = worth(text, number, n + 1);
	} else if (point && grouped(text, number, n - 1) &&
		   (!same || number->length[n] < 3)) {
		token->value = worth(text, number, n);
	} else {
		/* a date or an address; or thousands that went wrong */
		token->junk = same && (last == '.' || number->length[0] < 3);
		token->value =
		    worth(text, number, n + (!point || number->length[n] > 2));
	}
}

/* The number at glyph at; returns the glyph behind it. */
static size_t take_number(
    const struct amount_text *text, size_t at, struct amount_token *token)
{
	const struct amount_glyph *glyphs = text->glyphs;
	struct number number;
	size_t end = take_groups(text, at, &number);

	token->lower = -1;
	token->whole = number.n == 1;
	if (number.n == 0)
		token->junk = true;
	else if (number.n == 1)
		token->value = worth(text, &number, 1);
	else if (number.n == 2)
		understand_two(text, &number, token);
	else
		understand_many(text, &number, token);
	token->year = number.n == 1 && number.length[0] == 4 &&
		      token->value >= INT64_C(19000000) &&
		      token->value < INT64_C(21000000);
	/* "12.-", "12,--" */
	if ((glyphs[end].c == '.' || glyphs[end].c == ',') &&
	    glyphs[end + 1].c == '-' && !is_digit(glyphs[end + 2].c)) {
		end += 2;
		end += glyphs[end].c == '-';
	}
	return end;
}

/* ---- words ---- */

static const struct amount_word *look_up(
    const struct amount_text *text, size_t at, size_t end)
{
	char key[40];
	const struct amount_word *sought, **found;
	struct amount_word row = {.text = key};
	int32_t n = 0;

	if (end - at > 16)
		return NULL;
	for (; at < end && n < 34; at++) {
		UBool failed = false;

		U8_APPEND((uint8_t *)key, n, 36, text->glyphs[at].c, failed);
		if (failed)
			return NULL;
	}
	key[n] = '\0';
	sought = &row;
	found = bsearch(&sought, text->words,
	    sizeof(amount_words) / sizeof(amount_words[0]),
	    sizeof(*text->words), by_text);
	return found == NULL ? NULL : *found;
}

/* Characters that stand for a whole word. */
static bool is_alone(UChar32 c)
{
	return !u_isalpha(c) || (c >= 0x3400 && c <= 0x9fff) ||
	       (c >= 0xac00 && c <= 0xd7a3);
}

/* "keur", "teur": the first letter is a factor of its own. */
static bool is_compound(const struct amount_text *text, size_t at, size_t end)
{
	const struct amount_word *rest;

	if (end - at != 4 || strchr("ktm", (char)text->glyphs[at].c) == NULL ||
	    text->glyphs[at].c > 'z')
		return false;
	rest = look_up(text, at + 1, end);
	return rest != NULL && rest->kind == AMOUNT_CURRENCY;
}

static size_t take_word(
    const struct amount_text *text, size_t at, struct amount_token *token)
{
	const struct amount_glyph *glyphs = text->glyphs;
	const struct amount_word *word;
	size_t end = at + 1;

	token->letter = true;
	token->kind = u_isalpha(glyphs[at].c) ? AMOUNT_WORD : AMOUNT_MARK;
	token->capital = glyphs[at].capital;
	if (glyphs[at].c == 'x' && is_digit(glyphs[end].c)) {
		token->kind = AMOUNT_MARK; /* "3x500" */
		return end;
	}
	if (!is_alone(glyphs[at].c))
		while (end < text->n_glyphs && !is_alone(glyphs[end].c)) {
			token->capital = token->capital && glyphs[end].capital;
			end++;
		}
	if (is_compound(text, at, end))
		end = at + 1;
	token->letter = end == at + 1;
	word = look_up(text, at, end);
	if (word == NULL ||
	    ((word->flags & AMOUNT_CAPITALS) && !token->capital))
		return end;
	token->kind = word->kind;
	token->word = word;
	return end;
}

/* ---- the row ---- */

static void take_tokens(struct amount_text *text)
{
	const struct amount_glyph *glyphs = text->glyphs;
	size_t at = 0;

	text->n_tokens = 0;
	while (at < text->n_glyphs) {
		struct amount_token *token = &text->tokens[text->n_tokens];
		size_t start = at;

		*token = (struct amount_token){.lower = -1};
		for (; glyphs[at].c == ' ' || glyphs[at].c == '\n'; at++)
			token->lines += glyphs[at].c == '\n';
		if (at >= text->n_glyphs)
			break;
		token->joined = at == start && at > 0;
		token->mark = glyphs[at].c;
		token->from = glyphs[at].at;
		if (is_digit(glyphs[at].c)) {
			token->kind = AMOUNT_NUMBER;
			at = take_number(text, at, token);
		} else {
			at = take_word(text, at, token);
		}
		token->to = glyphs[at].at;
		text->n_tokens++;
	}
	for (size_t i = text->n_tokens; i < text->n_tokens + 8; i++)
		text->tokens[i] =
		    (struct amount_token){.kind = AMOUNT_MARK, .lines = 9};
}

size_t amount_text_read(
    struct amount_text *text, const char *bytes, size_t size, size_t at)
{
	size_t behind = take_glyphs(text, bytes, size, at);
	size_t back = text->n_glyphs;

	take_tokens(text);
	if (behind >= size || back <= OVERLAP)
		return size;
	for (back -= OVERLAP; back < text->n_glyphs; back++)
		if (text->glyphs[back].c == ' ' || text->glyphs[back].c == '\n')
			return text->glyphs[back].at;
	return behind;
}
