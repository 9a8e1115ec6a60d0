/*
 * inplace: finds words by aligning three sequences: the text before, the text
 * after, the words between the tags.  How whole HTML is made from text is
 * makehtml.c's.
 */
#include "check/reader/inplace.h"

#include "check/reader/charref.h"
#include "check/reader/element.h"
#include "check/reader/makehtml.h"
#include "check/reader/markup.h"

#include "util/myers.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#define WORDS_MOST	 100000
#define DIFFERENCES_MOST 600
#define SHORT_LINE	 50 /* columns: such a line was ended on purpose */

struct word {
	struct span text;
	bool paragraph;	  /* a blank line stands before it */
	bool ended;	  /* a short line ended before it */
	bool joined;	  /* of HTML: no blank between it and its neighbour */
	unsigned piece;	  /* of HTML: words of one number have no tag between */
	struct span from; /* of HTML: as it stands there */
};

struct words {
	size_t n, room;
	struct word *list;
};

/* Words that are taken away, and those that come in their place. */
struct hunk {
	size_t old, old_end, new, new_end;
};

struct inplace {
	struct arena *arena;
	struct words before, after, html;
	size_t *place; /* of each word of before in html; SIZE_MAX: nowhere */
	size_t n_hunks;
	struct hunk *hunks;
	bool utf8;
};

static struct word *add(
    struct arena *arena, struct words *words, struct span text)
{
	struct word *more;

	if (words->n == words->room) {
		words->room = 2 * words->room + 256;
		more = arena_alloc(arena, words->room * sizeof(*more));
		if (words->n > 0)
			memcpy(more, words->list, words->n * sizeof(*more));
		words->list = more;
	}
	words->list[words->n] = (struct word){.text = text};
	return &words->list[words->n++];
}

/* A blank at p: its length, 0: it is none. */
static size_t blank(const char *p, const char *end)
{
	static const char *const named[] = {
	    "\xC2\xA0", "&nbsp;", "&#160;", "&#xA0;", "&#xa0;"};

	if (p == end)
		return 0;
	if (strchr(" \t\n\r\f", *p) != NULL && *p != '\0')
		return 1;
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if ((size_t)(end - p) >= strlen(named[i]) &&
		    memcmp(p, named[i], strlen(named[i])) == 0)
			return strlen(named[i]);
	return 0;
}

/* ---- words of a text --------------------------------------------------- */

static void split_text(
    struct arena *arena, struct span text, struct words *words)
{
	const char *p = text.data, *end = p + text.len, *from, *line = p;
	size_t size, column = 0;
	unsigned lines = 0;
	struct word *word;

	while (p < end && words->n < WORDS_MOST) {
		size = blank(p, end);
		if (size > 0) {
			if (*p == '\n' && lines++ == 0)
				column = (size_t)(p - line);
			if (*p == '\n')
				line = p + 1;
			p += size;
			continue;
		}
		for (from = p; p < end && blank(p, end) == 0;)
			p++;
		word =
		    add(arena, words, (struct span){from, (size_t)(p - from)});
		word->paragraph = lines > 1 && words->n > 1;
		word->ended = lines == 1 && column < SHORT_LINE;
		lines = 0;
	}
}

/* ---- words of HTML ----------------------------------------------------- */

struct scan {
	struct arena *arena;
	struct words *words;
	unsigned piece;
	bool touches; /* no blank since the last word */
};

static struct span resolve(struct arena *arena, struct span raw)
{
	struct span text = {"", 0};
	struct buf out;

	buf_init(&out, raw.len + 1);
	charref_text(raw, &out);
	text.data = arena_dup(arena, out.data, out.len);
	text.len = out.len;
	buf_release(&out);
	return text;
}

static void scan_text(struct scan *s, struct span text)
{
	const char *p = text.data, *end = p + text.len, *from;
	struct word *word;
	size_t size;

	s->piece++;
	while (p < end && s->words->n < WORDS_MOST) {
		size = blank(p, end);
		if (size > 0) {
			s->touches = false;
			p += size;
			continue;
		}
		for (from = p; p < end && blank(p, end) == 0;)
			p++;
		word = add(s->arena, s->words, (struct span){"", 0});
		word->from = (struct span){from, (size_t)(p - from)};
		word->text = resolve(s->arena, word->from);
		word->piece = s->piece;
		if (s->touches) {
			word->joined = true;
			word[-1].joined = true;
		}
		s->touches = true;
	}
}

/* What is in such an element is not to be read: behind its end. */
static void skip(struct span *rest, struct span name)
{
	struct markup_token token = {.kind = MARKUP_TEXT};
	size_t depth = 1;

	while (depth > 0 && token.kind != MARKUP_END) {
		markup_next(rest, &token);
		if (token.name.len != name.len ||
		    memcmp(token.name.data, name.data, name.len) != 0)
			continue;
		depth += token.kind == MARKUP_OPEN;
		depth -= token.kind == MARKUP_CLOSE;
	}
}

static void split_html(
    struct arena *arena, struct span html, struct words *words)
{
	struct scan s = {.arena = arena, .words = words};
	struct markup_token token = {.kind = MARKUP_TEXT};
	unsigned does;

	while (token.kind != MARKUP_END) {
		markup_next(&html, &token);
		if (token.kind == MARKUP_TEXT)
			scan_text(&s, token.text);
		if (token.kind != MARKUP_OPEN && token.kind != MARKUP_CLOSE)
			continue;
		does = element_does(token.name);
		if (does & (ELEMENT_LINE | ELEMENT_SPACED | ELEMENT_VOID |
			       ELEMENT_CELL | ELEMENT_ITEM))
			s.touches = false;
		if (token.kind == MARKUP_OPEN && (does & ELEMENT_RAW))
			markup_raw(&html, token.name);
		else if (token.kind == MARKUP_OPEN &&
			 (does & ELEMENT_VOID) == 0 &&
			 (does & (ELEMENT_DROP | ELEMENT_UNSEEN)))
			skip(&html, token.name);
	}
}

/* ---- aligning ---------------------------------------------------------- */

static bool same_text(struct span a, struct span b)
{
	return a.len == b.len &&
	       (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

struct pair {
	const struct words *old, *new;
	bool *in_old, *in_new;
};

static bool equal(const void *context, size_t i, size_t j)
{
	const struct pair *pair = context;
	const struct word *a = &pair->old->list[i], *b = &pair->new->list[j];

	return !b->joined && same_text(a->text, b->text);
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

/* Where each word of the text before stands in the HTML. */
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

/* A word that stays must stay at the start of its paragraph, or within. */
static bool find_hunks(struct inplace *in)
{
	struct pair pair = {.old = &in->before, .new = &in->after};
	size_t i = 0, j = 0;
	struct hunk *hunk;

	if (!align(in->arena, &pair))
		return false;
	in->hunks = arena_alloc(
	    in->arena, (in->before.n + in->after.n + 1) * sizeof(*in->hunks));
	while (i < in->before.n || j < in->after.n) {
		hunk = &in->hunks[in->n_hunks];
		*hunk = (struct hunk){i, i, j, j};
		while (i < in->before.n && pair.in_old[i])
			hunk->old_end = ++i;
		while (j < in->after.n && pair.in_new[j])
			hunk->new_end = ++j;
		if (i > hunk->old || j > hunk->new)
			in->n_hunks++;
		else if (in->before.list[i++].paragraph !=
			 in->after.list[j++].paragraph)
			return false;
	}
	return true;
}

/* ---- may it be done? --------------------------------------------------- */

/* No paragraph, and no line that was ended on purpose, begins within. */
static bool is_one_run(const struct words *words, size_t from, size_t end)
{
	for (size_t i = from + 1; i < end; i++)
		if (words->list[i].paragraph || words->list[i].ended)
			return false;
	return true;
}

static bool begins(const struct words *words, size_t i)
{
	return i >= words->n || words->list[i].paragraph;
}

/* The first of those that come begins a paragraph where the old one did. */
static bool keeps_paragraph(const struct inplace *in, const struct hunk *h)
{
	const struct words *a = &in->before, *b = &in->after;

	if (h->old < h->old_end && h->new < h->new_end)
		return begins(a, h->old) == begins(b, h->new);
	if (h->old < h->old_end) /* the rest of it stays */
		return !begins(a, h->old) || !begins(a, h->old_end);
	return !begins(b, h->new) && !b->list[h->new].ended;
}

static bool is_mark(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (isalnum((unsigned char)text.data[i]) ||
		    (unsigned char)text.data[i] >= 0x80)
			return false;
	return true;
}

/* Marks of lists and the like are not in the HTML. */
static bool is_left_out(const struct inplace *in, size_t i)
{
	return in->place[i] == SIZE_MAX && is_mark(in->before.list[i].text);
}

/* Does the word before i of the text stand right before `at` in the HTML? */
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

/* The words of a hunk stand in the HTML one after the other, in one piece. */
static bool stands_there(const struct inplace *in, const struct hunk *h)
{
	size_t first = in->place[h->old], n = h->old_end - h->old;

	if (first == SIZE_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		if (in->place[h->old + i] != first + i ||
		    in->html.list[first + i].piece !=
			in->html.list[first].piece)
			return false;
	return follows(in, h->old, first) &&
	       precedes(in, h->old_end, first + n);
}

/* What is only added goes behind the word before it. */
static bool has_neighbours(const struct inplace *in, const struct hunk *h)
{
	size_t at;

	if (h->old == 0 || in->place[h->old - 1] == SIZE_MAX)
		return false;
	at = in->place[h->old - 1];
	return precedes(in, h->old, at + 1);
}

static bool can_be_done(const struct inplace *in, const struct hunk *h)
{
	return is_one_run(&in->before, h->old, h->old_end) &&
	       is_one_run(&in->after, h->new, h->new_end) &&
	       keeps_paragraph(in, h) &&
	       (h->old < h->old_end ? stands_there(in, h)
				    : has_neighbours(in, h));
}

/* ---- doing it ---------------------------------------------------------- */

static void put_words(
    const struct inplace *in, const struct hunk *h, struct buf *out)
{
	for (size_t i = h->new; i < h->new_end; i++) {
		if (i > h->new || h->old == h->old_end)
			buf_add_char(out, ' ');
		makehtml_text(in->after.list[i].text, in->utf8, out);
	}
}

static void put_all(const struct inplace *in, struct span html, struct buf *out)
{
	const char *at = html.data, *end = at + html.len;
	const struct word *words = in->html.list;

	for (size_t i = 0; i < in->n_hunks; i++) {
		const struct hunk *h = &in->hunks[i];
		bool added = h->old == h->old_end;
		struct span first =
		    words[in->place[added ? h->old - 1 : h->old]].from;
		struct span last = words[in->place[h->old_end - 1]].from;
		const char *from = added ? first.data + first.len : first.data;

		buf_add(out, at, (size_t)(from - at));
		put_words(in, h, out);
		at = last.data + last.len;
	}
	buf_add(out, at, (size_t)(end - at));
}

/* Do the words of the result read as they should? */
static bool is_proved(const struct inplace *in, struct span result)
{
	struct words now = {.n = 0};
	size_t at = 0, n = 0, k;

	split_html(in->arena, result, &now);
	for (size_t i = 0; i < in->n_hunks; i++) {
		const struct hunk *h = &in->hunks[i];
		size_t stop = h->old < h->old_end ? in->place[h->old]
						  : in->place[h->old - 1] + 1;

		for (; at < stop; at++, n++)
			if (n >= now.n || !same_text(now.list[n].text,
					      in->html.list[at].text))
				return false;
		for (k = h->new; k < h->new_end; k++, n++)
			if (n >= now.n || now.list[n].joined ||
			    !same_text(
				now.list[n].text, in->after.list[k].text))
				return false;
		at += h->old_end - h->old;
	}
	for (; at < in->html.n; at++, n++)
		if (n >= now.n ||
		    !same_text(now.list[n].text, in->html.list[at].text))
			return false;
	return n == now.n;
}

bool inplace_html(struct arena *arena, struct span html, struct span before,
    struct span after, bool utf8, struct buf *out)
{
	struct inplace in = {.arena = arena, .utf8 = utf8};
	size_t start = out->len;

	split_text(arena, before, &in.before);
	split_text(arena, after, &in.after);
	split_html(arena, html, &in.html);
	if (in.before.n == 0 || in.after.n == 0 || in.before.n >= WORDS_MOST ||
	    in.after.n >= WORDS_MOST || in.html.n >= WORDS_MOST ||
	    !find_places(&in) || !find_hunks(&in))
		return false;
	for (size_t i = 0; i < in.n_hunks; i++)
		if (!can_be_done(&in, &in.hunks[i]))
			return false;
	put_all(&in, html, out);
	if (!out->overflow &&
	    is_proved(&in, (struct span){out->data + start, out->len - start}))
		return true;
	buf_cut(out, start);
	return false;
}
