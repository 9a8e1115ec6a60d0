/*
 * words: finds words and phrases of a topic (law, contracts, complaints ...) in
 * what a mail says, in seven languages.  Lists are in words_lists.h; the admin
 * adds to them and takes from them.  One walk through the text, by a tree of
 * all phrases.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <imprimatur/plugin.h>

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "words_lists.h"

#define PIECE	    8192	/* bytes that are folded at a time */
#define OVERLAP	    256		/* of them, read again with the next */
#define FOLDED	    (PIECE * 6) /* one character may become eighteen */
#define PHRASE_MOST 120		/* UTF-16 units of a phrase */
#define FOUND_MOST  8		/* findings per topic */
#define STARS_MOST  4		/* in a phrase */
#define STAR	    1		/* in the tree: any rest of a word */

static const char *const topics[] = {"legal", "contract", "cancellation",
    "complaint", "urgency", "pricing", "commitment", "own"};
static const char *const languages[] = {
    "en", "de", "fr", "es", "it", "nl", "pt"};

#define LANGUAGES (sizeof(languages) / sizeof(languages[0]))

struct node {
	UChar unit;
	unsigned topics; /* bits: a phrase of these ends here */
	unsigned child, next;
};

struct words {
	const struct imprimatur_host *host;
	const UNormalizer2 *folder;
	struct node *nodes; /* the first one is the root */
	unsigned n_nodes, room;
	unsigned roots[256]; /* by the low byte of the first unit: a list */
};

/* ---- folding ---- */

static bool is_word_part(UChar32 c)
{
	return u_isalnum(c) || u_charType(c) == U_NON_SPACING_MARK ||
	       u_charType(c) == U_COMBINING_SPACING_MARK;
}

static UChar fold_sign(UChar c)
{
	if (c == 0x2019 || c == 0x2018 || c == 0x02bc)
		return '\'';
	if (c == '-' || c == '_' || c == '*' ||
	    u_charType(c) == U_DASH_PUNCTUATION)
		return ' ';
	return c <= ' ' || u_isUWhiteSpace(c) ? ' ' : c;
}

/* Small letters in one form, signs alike, one blank for any space; returns the
 * number of units in out. */
static size_t fold(const struct words *words, const char *text, size_t size,
    UChar *wide, UChar *out)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t n = 0, folded;
	size_t end = 0;

	u_strFromUTF8WithSub(
	    wide, PIECE + 1, &n, text, (int32_t)size, 0xfffd, NULL, &status);
	folded = unorm2_normalize(words->folder, wide, n, out, FOLDED, &status);
	if (U_FAILURE(status))
		return 0;
	for (int32_t i = 0; i < folded; i++) {
		UChar c = out[i];

		if ((c < 'a' || c > 'z') && !u_isalnum(c))
			c = fold_sign(c);
		if (c != ' ' || (end > 0 && out[end - 1] != ' '))
			out[end++] = c;
	}
	return end;
}

/* ---- the tree ---- */

static unsigned find_child(
    const struct words *words, unsigned parent, UChar unit)
{
	unsigned at = parent == 0 ? words->roots[unit & 0xff]
				  : words->nodes[parent].child;

	while (at != 0 && words->nodes[at].unit != unit)
		at = words->nodes[at].next;
	return at;
}

/* 0 when there is no memory. */
static unsigned make_child(struct words *words, unsigned parent, UChar unit)
{
	unsigned found = find_child(words, parent, unit), *head;
	struct node *more;

	if (found != 0)
		return found;
	if (words->n_nodes == words->room) {
		words->room = words->room * 2 + 1024;
		more = realloc(words->nodes, words->room * sizeof(*more));
		if (more == NULL)
			return 0;
		words->nodes = more;
	}
	head = parent == 0 ? &words->roots[unit & 0xff]
			   : &words->nodes[parent].child;
	found = words->n_nodes++;
	words->nodes[found] = (struct node){.unit = unit, .next = *head};
	*head = found;
	return found;
}

/* A phrase as it is in the tree; NULL, or why it is none. */
static const char *fold_phrase(const struct words *words, const char *text,
    size_t size, UChar out[FOLDED], size_t *n)
{
	char plain[PHRASE_MOST * 4];
	static UChar wide[PIECE + 1]; /* configure() runs once at a time */
	size_t stars = 0, letters = 0;

	if (size >= sizeof(plain))
		return "is too long";
	memcpy(plain, text, size);
	for (size_t i = 0; i < size; i++)
		if (plain[i] == '*') {
			plain[i] = '^'; /* which folding leaves alone */
			stars++;
		}
	*n = fold(words, plain, size, wide, out);
	while (*n > 0 && out[*n - 1] == ' ')
		--*n;
	if (*n == 0 || *n > PHRASE_MOST)
		return *n == 0 ? "is empty" : "is too long";
	for (size_t i = 0; i < *n; i++) {
		if (out[i] == '^') {
			if (letters < 2 || (i + 1 < *n && out[i + 1] != ' '))
				return "has * not at the end of a word of two "
				       "letters or more";
			out[i] = STAR;
		}
		letters = out[i] == ' ' ? 0 : letters + 1;
	}
	return stars > STARS_MOST ? "has too many *" : NULL;
}

static int add_phrase(
    struct words *words, const UChar *phrase, size_t n, unsigned topic)
{
	unsigned at = 0;

	for (size_t i = 0; i < n; i++) {
		at = make_child(words, at, phrase[i]);
		if (at == 0)
			return -1;
	}
	words->nodes[at].topics |= 1u << topic;
	return 0;
}

/* -1: it is not there. */
static int remove_phrase(
    struct words *words, const UChar *phrase, size_t n, unsigned topic)
{
	unsigned at = 0;

	for (size_t i = 0; i < n; i++) {
		at = find_child(words, at, phrase[i]);
		if (at == 0)
			return -1;
	}
	if (!(words->nodes[at].topics & (1u << topic)))
		return -1;
	words->nodes[at].topics &= ~(1u << topic);
	return 0;
}

/* ---- the walk ---- */

struct found {
	char value[PHRASE_MOST * 3 + 64], detail[400];
};

struct look {
	const struct words *words;
	struct imprimatur_report *report;
	UChar *wide, *text;
	size_t n;
	struct found *found[WORDS_TOPICS][FOUND_MOST];
	size_t n_found[WORDS_TOPICS], more[WORDS_TOPICS];
	size_t end[WORDS_TOPICS]; /* of the longest phrase at this place */
};

static size_t word_end(const struct look *look, size_t at)
{
	while (at < look->n && is_word_part(look->text[at]))
		at++;
	return at;
}

static void ends(struct look *look, unsigned node, size_t at)
{
	unsigned bits = look->words->nodes[node].topics;

	for (unsigned i = 0; bits != 0; i++, bits >>= 1)
		if ((bits & 1) && at > look->end[i])
			look->end[i] = at;
}

/* What may follow from a node: units, or the rest of a word. */
static void walk(struct look *look, unsigned node, size_t at)
{
	for (;;) {
		unsigned star = find_child(look->words, node, STAR);

		if (star != 0) {
			size_t end = word_end(look, at);

			ends(look, star, end);
			if (look->words->nodes[star].child != 0)
				walk(look, star, end);
		}
		if (look->words->nodes[node].topics != 0 &&
		    (at == look->n || !is_word_part(look->text[at]) ||
			!is_word_part(look->text[at - 1])))
			ends(look, node, at);
		if (at == look->n)
			return;
		node = find_child(look->words, node, look->text[at++]);
		if (node == 0)
			return;
	}
}

/* Units as UTF-8; surrogates that were cut through are left out. */
static void narrow(const UChar *from, size_t n, char *out, size_t size)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t made = 0;

	if (n > 0 && U16_IS_TRAIL(from[0])) {
		from++;
		n--;
	}
	if (n > 0 && U16_IS_LEAD(from[n - 1]))
		n--;
	u_strToUTF8WithSub(out, (int32_t)size - 1, &made, from, (int32_t)n,
	    0xfffd, NULL, &status);
	if (U_FAILURE(status))
		made = 0;
	out[made] = '\0';
}

/* The blank nearest to at within 40 units before or behind. */
static size_t around(const struct look *look, size_t at, int step)
{
	for (int i = 0; i < 40 && at > 0 && at < look->n; i++)
		at = step < 0 ? at - 1 : at + 1;
	while (at > 0 && at < look->n && look->text[at] != ' ' && step < 0)
		at++;
	while (at < look->n && at > 0 && look->text[at] != ' ' && step > 0)
		at--;
	return at;
}

static void keep(struct look *look, unsigned topic, size_t from)
{
	size_t end = look->end[topic], n = end - from, left, right;
	struct found *found;
	char value[sizeof(found->value)];

	narrow(look->text + from, n > PHRASE_MOST ? PHRASE_MOST : n, value,
	    sizeof(value));
	for (size_t i = 0; i < look->n_found[topic]; i++)
		if (strcmp(look->found[topic][i]->value, value) == 0)
			return;
	if (look->n_found[topic] == FOUND_MOST) {
		look->more[topic]++;
		return;
	}
	found = look->words->host->memory(look->report, sizeof(*found));
	memcpy(found->value, value, sizeof(value));
	left = around(look, from, -1);
	right = around(look, end, 1);
	if (left > from)
		left = from;
	if (right < end)
		right = end;
	if (right - left > PHRASE_MOST)
		right = left + PHRASE_MOST;
	while (left < right && look->text[left] == ' ')
		left++;
	narrow(look->text + left, right - left, found->detail,
	    sizeof(found->detail));
	look->found[topic][look->n_found[topic]++] = found;
}

static void scan_piece(struct look *look)
{
	bool inside = false;

	for (size_t at = 0; at < look->n; at++) {
		UChar c = look->text[at];
		bool part = (c >= 'a' && c <= 'z') || is_word_part(c);
		unsigned node = (inside && part) || c == ' '
				    ? 0
				    : find_child(look->words, 0, c);

		inside = part;
		if (node == 0)
			continue;
		memset(look->end, 0, sizeof(look->end));
		walk(look, node, at + 1);
		for (unsigned i = 0; i < WORDS_TOPICS; i++)
			if (look->end[i] > at)
				keep(look, i, at);
	}
}

/* Where the piece that begins at the byte at is to end: at a blank. */
static size_t cut(const char *text, size_t size, size_t at)
{
	size_t end = at + PIECE;

	if (size - at <= PIECE)
		return size;
	for (size_t i = 0; i < OVERLAP && end > at; i++)
		if ((unsigned char)text[end - 1 - i] <= ' ')
			return end - 1 - i;
	while (((unsigned char)text[end] & 0xc0) == 0x80 && end > at + 4)
		end--;
	return end;
}

static void scan(struct look *look, const char *text, size_t size)
{
	for (size_t at = 0; at < size;) {
		size_t end = cut(text, size, at), back;

		look->n = fold(
		    look->words, text + at, end - at, look->wide, look->text);
		scan_piece(look);
		if (end == size)
			return;
		/* phrases that the cut went through: from an earlier blank */
		for (back = end - OVERLAP; back < end; back++)
			if ((unsigned char)text[back] <= ' ')
				break;
		at = back;
	}
}

static void check(void *state, const struct imprimatur_mail *mail,
    struct imprimatur_report *report)
{
	const struct words *words = state;
	const struct imprimatur_host *host = words->host;
	struct look *look = host->memory(report, sizeof(*look));

	look->words = words;
	look->report = report;
	look->wide = host->memory(report, (PIECE + 1) * sizeof(UChar));
	look->text = host->memory(report, FOLDED * sizeof(UChar));
	scan(look, mail->subject, strlen(mail->subject));
	scan(look, mail->own_text, mail->own_text_size);
	for (size_t i = 0; i < WORDS_TOPICS; i++)
		for (size_t k = 0; k < look->n_found[i]; k++) {
			const struct found *found = look->found[i][k];
			bool last = k + 1 == FOUND_MOST && look->more[i] > 0;

			host->find(report, IMPRIMATUR_NOTE, topics[i],
			    found->value, "... %s ...%s", found->detail,
			    last ? " (and others)" : "");
		}
}

/* ---- options ---- */

static bool is_chosen(const struct imprimatur_host *host,
    const struct imprimatur_options *options, const char *list,
    const char *name)
{
	const char *item;

	if (host->item(options, list, 0) == NULL)
		return true;
	for (size_t i = 0; (item = host->item(options, list, i)) != NULL; i++)
		if (strcmp(item, name) == 0)
			return true;
	return false;
}

/* Each item of the list is one of the n names, or a complaint. */
static int must_be_one_of(const struct imprimatur_host *host,
    const struct imprimatur_options *options, const char *list,
    const char *const *names, size_t n)
{
	const char *item;

	for (size_t i = 0; (item = host->item(options, list, i)) != NULL; i++) {
		char all[200] = "";
		size_t k, end = 0;

		for (k = 0; k < n && strcmp(item, names[k]) != 0; k++)
			end += (size_t)snprintf(all + end, sizeof(all) - end,
			    "%s\"%s\"", k > 0 ? ", " : "", names[k]);
		if (k < n)
			continue;
		host->complain(
		    options, "%s has '%s'; it may have %s", list, item, all);
		return -1;
	}
	return 0;
}

/* The phrases of one list of ours. */
static int take_list(struct words *words, const struct words_list *list)
{
	const char *at = list->phrases;
	UChar *folded = malloc(FOLDED * sizeof(*folded));
	int failed = folded == NULL ? -1 : 0;

	while (failed == 0 && *at != '\0') {
		size_t size = strcspn(at, "|"), n = 0;

		if (fold_phrase(words, at, size, folded, &n) != NULL ||
		    add_phrase(words, folded, n, list->topic) != 0)
			failed = -1;
		at += size + (at[size] == '|');
	}
	free(folded);
	return failed;
}

/* add_TOPIC or remove_TOPIC. */
static int take_changes(struct words *words,
    const struct imprimatur_options *options, unsigned topic, bool add)
{
	UChar *folded = malloc(FOLDED * sizeof(*folded));
	const char *item, *why = folded == NULL ? "needs more memory" : NULL;
	char name[40];

	snprintf(
	    name, sizeof(name), "%s_%s", add ? "add" : "remove", topics[topic]);
	for (size_t i = 0; why == NULL &&
			   (item = words->host->item(options, name, i)) != NULL;
	     i++) {
		size_t n = 0;

		if (item[strspn(item, " \t\r")] == '\0')
			continue;
		why = fold_phrase(words, item, strlen(item), folded, &n);
		if (why == NULL && add &&
		    add_phrase(words, folded, n, topic) != 0)
			why = "needs more memory";
		if (why == NULL && !add &&
		    remove_phrase(words, folded, n, topic) != 0)
			why = "is not in the list; write it as it stands there";
		if (why != NULL)
			words->host->complain(
			    options, "%s: '%s' %s", name, item, why);
	}
	free(folded);
	return why == NULL ? 0 : -1;
}

static int take_all(
    struct words *words, const struct imprimatur_options *options)
{
	const struct imprimatur_host *host = words->host;
	size_t n = sizeof(words_lists) / sizeof(words_lists[0]);

	if (must_be_one_of(host, options, "topics", topics, WORDS_TOPICS) ||
	    must_be_one_of(host, options, "languages", languages, LANGUAGES))
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct words_list *list = &words_lists[i];

		if (is_chosen(host, options, "topics", topics[list->topic]) &&
		    is_chosen(host, options, "languages", list->language) &&
		    take_list(words, list) != 0) {
			host->complain(options, "no memory for the lists");
			return -1;
		}
	}
	for (unsigned i = 0; i < WORDS_TOPICS; i++)
		if (is_chosen(host, options, "topics", topics[i]) &&
		    (take_changes(words, options, i, true) != 0 ||
			take_changes(words, options, i, false) != 0))
			return -1;
	return 0;
}

static void release(void *state)
{
	struct words *words = state;

	free(words->nodes);
	free(words);
}

static int configure(const struct imprimatur_host *host,
    const struct imprimatur_options *options, void **state)
{
	struct words *words = calloc(1, sizeof(*words));
	UErrorCode status = U_ZERO_ERROR;

	if (words == NULL)
		return -1;
	words->host = host;
	words->n_nodes = 1; /* 0 is the root, and none */
	words->room = 16384;
	words->nodes = calloc(words->room, sizeof(*words->nodes));
	words->folder = unorm2_getNFKCCasefoldInstance(&status);
	if (words->nodes == NULL || U_FAILURE(status)) {
		host->complain(options, "no memory for the lists");
	} else if (take_all(words, options) == 0) {
		*state = words;
		return 0;
	}
	release(words);
	return -1;
}

#define CHANGES(topic)                                                         \
	{"add_" topic, "list", "more words and phrases of " topic},            \
	{                                                                      \
		"remove_" topic, "list", "words that do not count for " topic  \
	}

static const struct imprimatur_option options[] = {
    {"topics", "list", "topics to look for; all"},
    {"languages", "list", "lists to use: en, de, fr, es, it, nl, pt; all"},
    CHANGES("legal"),
    CHANGES("contract"),
    CHANGES("cancellation"),
    CHANGES("complaint"),
    CHANGES("urgency"),
    CHANGES("pricing"),
    CHANGES("commitment"),
    CHANGES("own"),
    {NULL, NULL, NULL},
};

static const struct imprimatur_finding findings[] = {
    {"legal", "words of law: claims, courts, liability; value: the words"},
    {"contract", "words of contracts; value: the words"},
    {"cancellation", "words of ending a contract; value: the words"},
    {"complaint", "words of complaint or apology; value: the words"},
    {"urgency", "words of haste; value: the words"},
    {"pricing", "words of prices, bills, refunds; value: the words"},
    {"commitment", "promises: to pay, to deliver; value: the words"},
    {"own", "words of the option add_own; value: the words"},
    {NULL, NULL},
};

const struct imprimatur_plugin imprimatur_plugin = {
    .abi = IMPRIMATUR_PLUGIN_ABI,
    .size = sizeof(imprimatur_plugin),
    .name = "words",
    .version = "1",
    .about = "finds words and phrases by topic",
    .options = options,
    .findings = findings,
    .configure = configure,
    .check = check,
    .release = release,
};
