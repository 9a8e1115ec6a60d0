/*
 * word: folds the case of letters and guards the words that are built in.
 * What a word does is left to review/grammar.c.
 */
#include "config/word.h"

#include <stdint.h>
#include <string.h>

#include "util/nearest.h"

#define NO_POINT UINT32_MAX

/* Verbs first: what a house's word may mean. */
static const char *const verbs[] = {"approve", "drop", "edit", "ask", "undo",
    "claim", "delegate", "fine", "wrong", "help", "revise", "snooze"};
static const char *const others[] = {"a", "d", "r", "all", "because"};

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* Bytes of the code point that begins with this one; 0: none does. */
static size_t length_of(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if (first >= 0xe0 && first <= 0xef)
		return 3;
	return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

/* RFC 3629: take one code point off the front of s, which is not empty. */
static uint32_t take_point(struct span *s)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *c = (const unsigned char *)s->data;
	size_t i, len = length_of(c[0]);
	uint32_t point;

	if (len == 0 || len > s->len)
		return NO_POINT;
	point = len == 1 ? c[0] : c[0] & (0x7fU >> len);
	for (i = 1; i < len; i++) {
		if ((c[i] & 0xc0) != 0x80)
			return NO_POINT;
		point = point << 6 | (c[i] & 0x3f);
	}
	if (point < least[len] || point > 0x10ffff ||
	    (point >= 0xd800 && point <= 0xdfff))
		return NO_POINT;
	s->data += len;
	s->len -= len;
	return point;
}

/* Where capitals stand so far from their small letters; or (by 0) each beside
 * its own, the capital first. */
static const struct capitals {
	uint32_t from, to;
	int by;
	bool odd; /* by 0: the capitals are the odd ones */
} capitals[] = {
    {'A', 'Z', 32, false},
    {0xc0, 0xd6, 32, false},
    {0xd8, 0xde, 32, false},
    {0x100, 0x12f, 0, false},
    {0x130, 0x130, 'i' - 0x130, false},
    {0x132, 0x137, 0, false},
    {0x139, 0x148, 0, true},
    {0x14a, 0x177, 0, false},
    {0x178, 0x178, 0xff - 0x178, false},
    {0x179, 0x17e, 0, true},
    {0x1cd, 0x1dc, 0, true},
    {0x1de, 0x1ef, 0, false},
    {0x1f8, 0x21f, 0, false},
    {0x222, 0x233, 0, false},
    {0x386, 0x386, 0x3ac - 0x386, false},
    {0x388, 0x38a, 0x3ad - 0x388, false},
    {0x38c, 0x38c, 0x3cc - 0x38c, false},
    {0x38e, 0x38f, 0x3cd - 0x38e, false},
    {0x391, 0x3a1, 32, false},
    {0x3a3, 0x3ab, 32, false},
    {0x3c2, 0x3c2, 1, false},
    {0x400, 0x40f, 80, false},
    {0x410, 0x42f, 32, false},
    {0x460, 0x481, 0, false},
    {0x48a, 0x4bf, 0, false},
    {0x4c1, 0x4ce, 0, true},
    {0x4d0, 0x52f, 0, false},
    {0x531, 0x556, 48, false},
    {0x1e00, 0x1e95, 0, false},
    {0x1e9e, 0x1e9e, 0xdf - 0x1e9e, false},
    {0x1ea0, 0x1eff, 0, false},
};

static uint32_t fold(uint32_t point)
{
	const struct capitals *c;
	size_t i;

	for (i = 0; i < N(capitals); i++) {
		c = &capitals[i];
		if (point < c->from || point > c->to)
			continue;
		if (c->by != 0)
			return (uint32_t)((int64_t)point + c->by);
		return (point & 1) == c->odd ? point + 1 : point;
	}
	return point;
}

bool word_same(struct span a, struct span b)
{
	uint32_t left, right;

	while (a.len > 0 && b.len > 0) {
		left = take_point(&a);
		right = take_point(&b);
		if (left == NO_POINT || right == NO_POINT ||
		    fold(left) != fold(right))
			return false;
	}
	return a.len == 0 && b.len == 0;
}

static struct span span_of(const char *s)
{
	return (struct span){s, strlen(s)};
}

static bool is_among(struct span word, const char *const *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (word_same(word, span_of(list[i])))
			return true;
	return false;
}

bool word_is_built_in(struct span word)
{
	return is_among(word, verbs, N(verbs)) ||
	       is_among(word, others, N(others));
}

/* Blanks, controls, and what only looks like a letter or like nothing. */
static bool is_unfit(uint32_t point)
{
	return point <= ' ' || (point >= 0x7f && point <= 0xbf) ||
	       point == 0xd7 || point == 0xf7 ||
	       (point >= 0x2000 && point <= 0x206f) || point == 0x3000 ||
	       point == 0xfeff || point == 0xfffd || point == NO_POINT ||
	       (point < 0x80 &&
		   strchr("\"#&'()*+,./:;<=>@[\\]`{|}~", (int)point));
}

static int check_word(const struct config_word *w, struct error *err)
{
	struct span word = span_of(w->word), rest = word;
	uint32_t point;

	if (word.len == 0 || word.len > WORD_SIZE_MAX)
		return error_set(err, ERROR_INVALID,
		    "a word of review.words is empty, or longer than %d bytes",
		    WORD_SIZE_MAX);
	if (*w->word >= '0' && *w->word <= '9')
		return error_set(err, ERROR_INVALID,
		    "the word '%s' begins with a digit, as the number of a "
		    "draft does; take another",
		    w->word);
	while (rest.len > 0) {
		point = take_point(&rest);
		if (is_unfit(point))
			return error_set(err, ERROR_INVALID,
			    "a word of review.words must be one word of "
			    "letters in UTF-8, without blanks and marks");
	}
	if (word_is_built_in(word))
		return error_set(err, ERROR_INVALID,
		    "the word '%s' has a meaning already, which cannot be "
		    "changed; take another",
		    w->word);
	return 0;
}

static int check_means(const struct config_word *w, struct error *err)
{
	char near[NEAREST_SIZE];
	struct nearest nearest;
	size_t i;

	nearest_init(&nearest, w->means);
	for (i = 0; i < N(verbs); i++) {
		nearest_try(&nearest, verbs[i]);
		if (strcmp(verbs[i], w->means) == 0)
			return 0;
	}
	return error_set(err, ERROR_INVALID,
	    "the word '%s' means '%.60s', which is no verb of an answer: "
	    "approve, drop, edit, revise, snooze, ask, claim, delegate, undo, "
	    "fine, wrong or help%s",
	    w->word, w->means, nearest_text(&nearest, near));
}

static int check_one(
    const struct config_word *words, size_t i, struct error *err)
{
	size_t k;

	if (check_word(&words[i], err) || check_means(&words[i], err))
		return -1;
	for (k = 0; k < i; k++)
		if (word_same(span_of(words[i].word), span_of(words[k].word)))
			return error_set(err, ERROR_INVALID,
			    "the word '%s' stands in review.words twice",
			    words[i].word);
	return 0;
}

int word_check(const char *file, const struct config_word *words, size_t n,
    struct error *err)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (check_one(words, i, err))
			return error_prefix(err, "%s:%u", file, words[i].line);
	if (n > WORD_COUNT_MAX)
		return error_set(err, ERROR_INVALID,
		    "%s: review.words has more than %d words", file,
		    WORD_COUNT_MAX);
	return 0;
}

/* May an answer begin with that word, or is it too little for a banner? */
static bool is_heard(
    struct span first, const struct config_word *words, size_t n)
{
	if (first.len == 0 || word_is_built_in(first) ||
	    word_same(first, span_of("all")) || first.data[0] == '#' ||
	    (first.data[0] >= '0' && first.data[0] <= '9'))
		return true;
	for (size_t i = 0; i < n; i++)
		if (word_same(first, span_of(words[i].word)))
			return true;
	return false;
}

int word_check_banners(const char *const *banners,
    const struct config_word *words, size_t n, struct error *err)
{
	for (; banners != NULL && *banners != NULL; banners++) {
		struct span first = span_of(*banners);

		while (
		    first.len > 0 && strchr(" \t\r\n", first.data[0]) != NULL) {
			first.data++;
			first.len--;
		}
		first.len = strcspn(first.data, " \t\r\n");
		if (is_heard(first, words, n))
			return error_set(err, ERROR_INVALID,
			    "the banner '%.60s' begins like a command, which "
			    "would not be heard; name the whole text that the "
			    "gateway writes",
			    *banners);
	}
	return 0;
}
