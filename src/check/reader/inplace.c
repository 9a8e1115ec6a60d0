/*
 * inplace: finds words by aligning three sequences: the text before, the text
 * after, what stands between the tags; and makes sure that what is changed is
 * what people see, and all of it.  How these are cut is left to tokens.c, how
 * whole HTML is made from text to makehtml.c.
 */
#include "check/reader/inplace.h"

#include "check/reader/html.h"
#include "check/reader/makehtml.h"
#include "check/reader/tokens.h"
#include "check/reader/visible.h"

#include "util/myers.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DIFFERENCES_MOST 1000
#define TELLING		 4 /* bytes of a word that is not one of many */

/* Tokens that are taken away, and those that come in their place. */
struct hunk {
	size_t old, old_end, new, new_end;
	/* of the HTML, by can_be_done(): */
	size_t at;	  /* the token where it begins */
	struct span from; /* what is replaced there */
	bool blank;	  /* one comes first */
};

struct inplace {
	struct arena *arena;
	struct tokens before, after, html;
	struct tokens page;  /* all words of the page */
	struct tokens words; /* those of the text before */
	size_t *place; /* of each token of before in html; SIZE_MAX: nowhere */
	size_t n_hunks;
	struct hunk *hunks;
	const struct inplace_wish *wish;
};

/* ---- aligning ---------------------------------------------------------- */

struct pair {
	const struct tokens *old, *new;
	bool texts; /* both are: blanks between tokens count, too */
	bool *in_old, *in_new;
};

static bool equal(const void *context, size_t i, size_t j)
{
	const struct pair *pair = context;
	const struct token *a = &pair->old->list[i], *b = &pair->new->list[j];

	return (!pair->texts || a->spaced == b->spaced) &&
	       tokens_same(a->text, b->text);
}

static bool align(struct arena *arena, struct pair *pair)
{
	const struct myers myers = {
	    .n_old = pair->old->n,
	    .n_new = pair->new->n,
	    .equal = equal,
	    .context = pair,
	    .most = DIFFERENCES_MOST,
	};

	pair->in_old = arena_alloc(arena, pair->old->n + 1);
	pair->in_new = arena_alloc(arena, pair->new->n + 1);
	return myers_run(&myers, pair->in_old, pair->in_new) == 0;
}

/* Where each token of the text before stands in the HTML. */
static bool find_places(struct inplace *in)
{
	struct pair pair = {.old = &in->before, .new = &in->html};
	size_t i, j = 0;

	if (!align(in->arena, &pair))
		return false;
	in->place =
	    arena_alloc(in->arena, (in->before.n + 1) * sizeof(*in->place));
	for (i = 0; i < in->before.n; i++) {
		in->place[i] = SIZE_MAX;
		if (pair.in_old[i])
			continue;
		while (j < in->html.n && pair.in_new[j])
			j++;
		in->place[i] = j++;
	}
	return true;
}

/*
 * Does it stand where it stood: at the start of a paragraph, of a line behind
 * a short one, or within?  Long lines may be broken anew.
 */
static bool same_place(const struct token *a, const struct token *b)
{
	return a->paragraph == b->paragraph && (a->line || !b->ended) &&
	       (b->line || !a->ended);
}

/* A word that stays must stay at the start of its paragraph, or within. */
static bool find_hunks(struct inplace *in)
{
	struct pair pair = {
	    .old = &in->before, .new = &in->after, .texts = true};
	size_t i = 0, j = 0;
	struct hunk *hunk;

	if (!align(in->arena, &pair))
		return false;
	in->hunks = arena_alloc(
	    in->arena, (in->before.n + in->after.n + 1) * sizeof(*in->hunks));
	while (i < in->before.n || j < in->after.n) {
		hunk = &in->hunks[in->n_hunks];
		*hunk = (struct hunk){
		    .old = i, .old_end = i, .new = j, .new_end = j};
		while (i < in->before.n && pair.in_old[i])
			hunk->old_end = ++i;
		while (j < in->after.n && pair.in_new[j])
			hunk->new_end = ++j;
		if (i > hunk->old || j > hunk->new)
			in->n_hunks++;
		else if (!same_place(
			     &in->before.list[i++], &in->after.list[j++]))
			return false;
	}
	return true;
}

/* ---- does the text allow it? ------------------------------------------- */

/* No paragraph, and no line that was ended on purpose, begins within. */
static bool is_one_run(const struct tokens *tokens, size_t from, size_t end)
{
	for (size_t i = from + 1; i < end; i++)
		if (tokens->list[i].paragraph || tokens->list[i].ended)
			return false;
	return true;
}

static bool begins(const struct tokens *tokens, size_t i)
{
	return i >= tokens->n || tokens->list[i].paragraph ||
	       tokens->list[i].ended;
}

/* The first of those that come begins a line where the old one did. */
static bool keeps_lines(const struct inplace *in, const struct hunk *h)
{
	const struct tokens *a = &in->before, *b = &in->after;

	if (h->old < h->old_end && h->new < h->new_end)
		return same_place(&a->list[h->old], &b->list[h->new]);
	if (h->old < h->old_end) /* the rest of it stays */
		return !begins(a, h->old) || !begins(a, h->old_end);
	return !begins(b, h->new);
}

/* ---- is it in the HTML, and there alone? ------------------------------- */

/* Marks of lists, of bold words and the like are not in the HTML. */
static bool is_left_out(const struct inplace *in, size_t i)
{
	return in->place[i] == SIZE_MAX &&
	       !tokens_is_word(in->before.list[i].text);
}

/* Does the token before i of the text stand right before `at` in the HTML? */
static bool follows(const struct inplace *in, size_t i, size_t at)
{
	while (i > 0 && is_left_out(in, i - 1))
		i--;
	return i == 0 || (at > 0 && in->place[i - 1] == at - 1);
}

static bool precedes(const struct inplace *in, size_t i, size_t at)
{
	while (i < in->before.n && is_left_out(in, i))
		i++;
	return i == in->before.n || in->place[i] == at;
}

static const char *end_of(struct span s)
{
	return s.data + s.len;
}

/* Is there a token right before it, without a tag between? */
static bool has_left(const struct inplace *in, size_t at)
{
	return at > 0 && in->html.list[at - 1].piece == in->html.list[at].piece;
}

/*
 * The tokens of a hunk stand in the HTML one after the other, in one piece.
 * The blank before them goes with them, or comes with the new ones.
 */
static bool find_old(const struct inplace *in, struct hunk *h)
{
	size_t n = h->old_end - h->old, last;
	const struct token *html = in->html.list;
	const char *from;
	bool none = h->new == h->new_end, was, is;

	h->at = in->place[h->old];
	last = h->at + n - 1;
	if (h->at == SIZE_MAX || !follows(in, h->old, h->at) ||
	    !precedes(in, h->old_end, last + 1))
		return false;
	for (size_t i = 0; i < n; i++)
		if (in->place[h->old + i] != h->at + i ||
		    html[h->at + i].piece != html[h->at].piece)
			return false;
	was = in->before.list[h->old].spaced;
	is = !none && in->after.list[h->new].spaced;
	from = html[h->at].from.data;
	if (was && !is && has_left(in, h->at))
		from = end_of(html[h->at - 1].from);
	else if (was && !is && !none)
		return false;
	h->blank = is && !was;
	h->from = (struct span){from, (size_t)(end_of(html[last].from) - from)};
	return true;
}

/* What is only added goes behind the token before it. */
static bool find_left(const struct inplace *in, struct hunk *h)
{
	size_t i = h->old;

	while (i > 0 && is_left_out(in, i - 1))
		i--;
	if (i == 0 || in->place[i - 1] == SIZE_MAX)
		return false;
	h->at = in->place[i - 1] + 1;
	h->blank = in->after.list[h->new].spaced;
	h->from = (struct span){end_of(in->html.list[h->at - 1].from), 0};
	return precedes(in, h->old, h->at);
}

/* How often do these words stand in the list, one after the other? */
static size_t times(
    const struct tokens *tokens, const struct token *words, size_t n)
{
	size_t count = 0, k;

	for (size_t i = 0; i + n <= tokens->n; i++) {
		for (k = 0; k < n; k++)
			if (!tokens_same(
				tokens->list[i + k].text, words[k].text))
				break;
		count += k == n;
	}
	return count;
}

static bool is_telling(struct span word)
{
	for (size_t i = 0; i < word.len; i++)
		if (isdigit((unsigned char)word.data[i]))
			return true;
	return word.len >= TELLING;
}

/*
 * Does the page say it more often than the text does?  Then it would go on
 * saying it: hidden, in a title, to people with Outlook.  Short words do not
 * count alone, only with their neighbours.
 */
static bool is_elsewhere(
    const struct inplace *in, const struct hunk *h, size_t word)
{
	const struct tokens *words = &in->words;
	size_t first = word, end = word, i;

	for (i = h->old; i < h->old_end; i++)
		end += tokens_is_word(in->before.list[i].text);
	for (i = first; i < end; i++)
		if (is_telling(words->list[i].text) &&
		    times(&in->page, &words->list[i], 1) >
			times(words, &words->list[i], 1))
			return true;
	first -= first > 0;
	end += end < words->n;
	return end > first &&
	       times(&in->page, &words->list[first], end - first) >
		   times(words, &words->list[first], end - first);
}

static bool can_be_done(const struct inplace *in, struct hunk *h, size_t word)
{
	return is_one_run(&in->before, h->old, h->old_end) &&
	       is_one_run(&in->after, h->new, h->new_end) &&
	       keeps_lines(in, h) &&
	       (h->old < h->old_end ? find_old(in, h) : find_left(in, h)) &&
	       !is_elsewhere(in, h, word);
}

static bool can_all_be_done(struct inplace *in)
{
	size_t i = 0, word = 0;

	for (size_t k = 0; k < in->n_hunks; k++) {
		for (; i < in->hunks[k].old; i++)
			word += tokens_is_word(in->before.list[i].text);
		if (!can_be_done(in, &in->hunks[k], word))
			return false;
	}
	return true;
}

/* ---- doing it ---------------------------------------------------------- */

static void put_all(const struct inplace *in, struct buf *out)
{
	struct span html = in->wish->html;
	const struct token *new = in->after.list;
	const char *at = html.data;

	for (size_t k = 0; k < in->n_hunks; k++) {
		const struct hunk *h = &in->hunks[k];

		buf_add(out, at, (size_t)(h->from.data - at));
		for (size_t i = h->new; i < h->new_end; i++) {
			if (i == h->new ? h->blank : new[i].spaced)
				buf_add_char(out, ' ');
			makehtml_text(new[i].text, in->wish->utf8, out);
		}
		at = end_of(h->from);
	}
	buf_add(out, at, (size_t)(end_of(html) - at));
}

/* ---- proof ------------------------------------------------------------- */

/* Does a blank stand before the first of the new tokens in the result? */
static bool is_spaced(const struct inplace *in, const struct hunk *h)
{
	bool is = in->after.list[h->new].spaced;

	if (h->old < h->old_end && in->before.list[h->old].spaced == is)
		return in->html.list[h->at].spaced; /* as it was */
	return is;
}

static bool is_token(
    const struct tokens *now, size_t n, struct span text, bool spaced)
{
	return n < now->n && now->list[n].spaced == spaced &&
	       tokens_same(now->list[n].text, text);
}

/* Do the tokens of the result read as they should? */
static bool reads_well(const struct inplace *in, const struct tokens *now)
{
	const struct token *html = in->html.list, *new = in->after.list;
	size_t at = 0, n = 0, i;

	for (size_t k = 0; k < in->n_hunks; k++) {
		const struct hunk *h = &in->hunks[k];

		for (; at < h->at; at++, n++)
			if (!is_token(now, n, html[at].text, html[at].spaced))
				return false;
		for (i = h->new; i < h->new_end; i++, n++)
			if (!is_token(now, n, new[i].text,
				i == h->new ? is_spaced(in, h) : new[i].spaced))
				return false;
		at += h->old_end - h->old;
	}
	for (; at < in->html.n; at++, n++)
		if (!is_token(now, n, html[at].text, html[at].spaced))
			return false;
	return n == now->n;
}

static int compare(const void *a, const void *b)
{
	const struct span *x = a, *y = b;
	size_t len = x->len < y->len ? x->len : y->len;
	int order = len > 0 ? memcmp(x->data, y->data, len) : 0;

	return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

struct bag {
	size_t n;
	struct span *list;
};

static void add_words(
    struct bag *bag, const struct tokens *tokens, size_t from, size_t end)
{
	for (; from < end; from++)
		if (tokens_is_word(tokens->list[from].text))
			bag->list[bag->n++] = tokens->list[from].text;
}

static void add_page(struct bag *bag, const struct tokens *page, bool seen)
{
	for (size_t i = 0; i < page->n; i++)
		if (page->list[i].seen == seen)
			bag->list[bag->n++] = page->list[i].text;
}

static bool same_bags(struct bag *a, struct bag *b)
{
	if (a->n != b->n)
		return false;
	qsort(a->list, a->n, sizeof(*a->list), compare);
	qsort(b->list, b->n, sizeof(*b->list), compare);
	for (size_t i = 0; i < a->n; i++)
		if (!tokens_same(a->list[i], b->list[i]))
			return false;
	return true;
}

static struct bag new_bag(const struct inplace *in, const struct tokens *page)
{
	return (struct bag){0,
	    arena_alloc(in->arena, (page->n + in->before.n + in->after.n + 1) *
				       sizeof(struct span))};
}

/* Are the words that went and came all words that mail programs show? */
static bool is_seen(const struct inplace *in, const struct tokens *now)
{
	struct bag was = new_bag(in, &in->page), is = new_bag(in, now);
	struct bag hid = new_bag(in, &in->page), hides = new_bag(in, now);

	add_page(&was, &in->page, true);
	add_page(&is, now, true);
	for (size_t k = 0; k < in->n_hunks; k++) {
		const struct hunk *h = &in->hunks[k];

		add_words(&was, &in->after, h->new, h->new_end);
		add_words(&is, &in->before, h->old, h->old_end);
	}
	add_page(&hid, &in->page, false);
	add_page(&hides, now, false);
	return same_bags(&was, &is) && same_bags(&hid, &hides);
}

/* Does it read, marks for hidden words and all, as the text after? */
static bool says_after(const struct inplace *in, struct span result)
{
	struct html_found found = {.link = NULL};
	struct tokens now = {.n = 0};
	struct visible visible;
	struct buf text;
	size_t i = 0;

	buf_init(&text, 4 * HTML_INPUT_MAX);
	visible_init(&visible, &text, false);
	html_text(result, &visible, &found);
	visible_end(&visible);
	tokens_text(in->arena, buf_span(&text), &now);
	while (i < now.n && i < in->after.n &&
	       is_token(&in->after, i, now.list[i].text, now.list[i].spaced))
		i++;
	buf_release(&text);
	return i == now.n && i == in->after.n;
}

static bool is_proved(const struct inplace *in, struct span result)
{
	struct tokens now = {.n = 0}, page = {.n = 0};

	tokens_html(in->arena, result, &now);
	if (!reads_well(in, &now))
		return false;
	if (in->wish->alone)
		return says_after(in, result);
	return tokens_page(in->arena, result, &page) && is_seen(in, &page);
}

/* ---- all of it --------------------------------------------------------- */

/* Cut all that is compared.  False: there is too much, or nothing. */
static bool cut(struct inplace *in)
{
	tokens_text(in->arena, in->wish->before, &in->before);
	tokens_text(in->arena, in->wish->after, &in->after);
	tokens_html(in->arena, in->wish->html, &in->html);
	in->words.list = arena_alloc(
	    in->arena, (in->before.n + 1) * sizeof(*in->words.list));
	for (size_t i = 0; i < in->before.n; i++)
		if (tokens_is_word(in->before.list[i].text))
			in->words.list[in->words.n++] = in->before.list[i];
	return in->before.n > 0 && in->after.n > 0 &&
	       in->before.n < TOKENS_MOST && in->after.n < TOKENS_MOST &&
	       in->html.n < TOKENS_MOST &&
	       tokens_page(in->arena, in->wish->html, &in->page);
}

bool inplace_html(
    struct arena *arena, const struct inplace_wish *wish, struct buf *out)
{
	struct inplace in = {.arena = arena, .wish = wish};
	size_t start = out->len;

	if (!cut(&in) || !find_places(&in) || !find_hunks(&in) ||
	    !can_all_be_done(&in))
		return false;
	put_all(&in, out);
	if (!out->overflow &&
	    is_proved(&in, (struct span){out->data + start, out->len - start}))
		return true;
	buf_cut(out, start);
	return false;
}
