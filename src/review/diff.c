/*
 * diff: two texts into lines of three kinds.  The search itself is in
 * util/myers; colours are left to html.c.
 */
#include "review/diff.h"

#include "review/text.h"

#include "util/mem.h"
#include "util/myers.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define LINE_DIFFERENCES_MAX 1000 /* 4 MB of memory at the most */
#define WORD_DIFFERENCES_MAX 40
#define WORDS_MAX	     2000 /* of one line that is looked into */
#define NEAR		     2	  /* same lines shown around a change */

/* A text as a list of lines, or a line as a list of words. */
struct items {
	struct span *list;
	uint32_t *hash;
	size_t n, room;
	bool *changed;
};

struct pair {
	struct items of_old, of_new;
};

static void add_item(struct items *items, struct span s)
{
	uint32_t hash = 2166136261u; /* FNV-1a */
	size_t i;

	if (items->n == items->room) {
		items->room = items->room == 0 ? 64 : items->room * 2;
		items->list =
		    mem_grow(items->list, items->room, sizeof(*items->list));
		items->hash =
		    mem_grow(items->hash, items->room, sizeof(*items->hash));
	}
	for (i = 0; i < s.len; i++)
		hash = (hash ^ (unsigned char)s.data[i]) * 16777619u;
	items->list[items->n] = s;
	items->hash[items->n++] = hash;
}

static void items_release(struct items *items)
{
	free(items->list);
	free(items->hash);
	free(items->changed);
}

static void pair_release(struct pair *pair)
{
	items_release(&pair->of_old);
	items_release(&pair->of_new);
}

static void split_lines(struct items *items, struct span text)
{
	struct span line;

	while (text_next_line(&text, &line))
		add_item(items, line);
	items->changed = mem_zalloc(items->n * sizeof(bool));
}

/* Words and the blanks between them, each an item. */
static void split_words(struct items *items, struct span line)
{
	size_t n;
	bool blank;

	while (line.len > 0) {
		blank = line.data[0] == ' ';
		for (n = 1; n < line.len; n++)
			if ((line.data[n] == ' ') != blank)
				break;
		add_item(items, (struct span){line.data, n});
		line.data += n;
		line.len -= n;
	}
	items->changed = mem_zalloc(items->n * sizeof(bool));
}

static bool equal(const void *context, size_t i, size_t j)
{
	const struct pair *pair = context;
	const struct span *a = &pair->of_old.list[i];
	const struct span *b = &pair->of_new.list[j];

	return pair->of_old.hash[i] == pair->of_new.hash[j] &&
	       a->len == b->len &&
	       (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

/* 0, or -1 when there are more differences than `most`. */
static int compare(struct pair *pair, size_t most)
{
	struct myers myers = {
	    .n_old = pair->of_old.n,
	    .n_new = pair->of_new.n,
	    .equal = equal,
	    .context = pair,
	    .most = most,
	};

	return myers_run(&myers, pair->of_old.changed, pair->of_new.changed);
}

/* Runs of words with the same mark, as pieces of a line. */
static void make_pieces(
    struct arena *arena, struct diff_line *line, const struct items *words)
{
	struct diff_piece *last = NULL;
	size_t i;

	line->pieces = arena_alloc(arena, words->n * sizeof(*line->pieces));
	for (i = 0; i < words->n; i++) {
		if (last != NULL && last->changed == words->changed[i]) {
			last->text.len += words->list[i].len;
			continue;
		}
		last = &line->pieces[line->n_pieces++];
		*last = (struct diff_piece){words->list[i], words->changed[i]};
	}
}

/* Do the lines share enough words to point at single ones? */
static bool akin(const struct items *words)
{
	size_t i, n = 0, changed = 0;

	for (i = 0; i < words->n; i++) {
		if (words->list[i].data[0] == ' ')
			continue;
		n++;
		changed += words->changed[i];
	}
	return changed * 3 <= n * 2;
}

/* Point at the words that changed between a line and its successor. */
static void compare_words(
    struct arena *arena, struct diff_line *old, struct diff_line *new)
{
	struct pair pair = {{0}, {0}};

	split_words(&pair.of_old, old->text);
	split_words(&pair.of_new, new->text);
	if (pair.of_old.n <= WORDS_MAX && pair.of_new.n <= WORDS_MAX &&
	    compare(&pair, WORD_DIFFERENCES_MAX) == 0 && akin(&pair.of_old) &&
	    akin(&pair.of_new)) {
		make_pieces(arena, old, &pair.of_old);
		make_pieces(arena, new, &pair.of_new);
		new->was = old;
	}
	pair_release(&pair);
}

static struct diff_line *add_line(
    struct diff *diff, enum diff_kind kind, struct span text)
{
	struct diff_line *line = &diff->lines[diff->n_lines++];

	*line = (struct diff_line){.kind = kind, .text = text};
	diff->n_old += kind == DIFF_OLD;
	diff->n_new += kind == DIFF_NEW;
	return line;
}

/* The changed lines at i and j: first the old, then the new. */
static void add_change(struct arena *arena, struct diff *diff,
    const struct pair *pair, size_t *i, size_t *j)
{
	size_t first = diff->n_lines, n_old, n_new, k;

	while (*i < pair->of_old.n && pair->of_old.changed[*i])
		add_line(diff, DIFF_OLD, pair->of_old.list[(*i)++]);
	n_old = diff->n_lines - first;
	while (*j < pair->of_new.n && pair->of_new.changed[*j])
		add_line(diff, DIFF_NEW, pair->of_new.list[(*j)++]);
	n_new = diff->n_lines - first - n_old;
	for (k = 0; k < n_old && k < n_new && !diff->coarse; k++)
		compare_words(arena, &diff->lines[first + k],
		    &diff->lines[first + n_old + k]);
}

/* Same lines from i on; those far from any change become one line. */
static void add_same(
    struct diff *diff, const struct pair *pair, size_t *i, size_t *j)
{
	const struct items *old = &pair->of_old;
	size_t first = *i, n, head, tail, k;

	while (*i < old->n && !old->changed[*i] && *j < pair->of_new.n &&
	       !pair->of_new.changed[*j]) {
		(*i)++;
		(*j)++;
	}
	n = *i - first;
	head = first == 0 ? 0 : NEAR;
	tail = *i == old->n && *j == pair->of_new.n ? 0 : NEAR;
	if (n <= head + tail + 1) {
		for (k = 0; k < n; k++)
			add_line(diff, DIFF_SAME, old->list[first + k]);
		return;
	}
	for (k = 0; k < head; k++)
		add_line(diff, DIFF_SAME, old->list[first + k]);
	add_line(diff, DIFF_SKIPPED, (struct span){"", 0})->skipped =
	    n - head - tail;
	for (k = n - tail; k < n; k++)
		add_line(diff, DIFF_SAME, old->list[first + k]);
}

const struct diff *diff_make(
    struct arena *arena, struct span old_text, struct span new_text)
{
	struct diff *diff = arena_alloc(arena, sizeof(*diff));
	struct pair pair = {{0}, {0}};
	size_t i = 0, j = 0;

	split_lines(&pair.of_old, old_text);
	split_lines(&pair.of_new, new_text);
	diff->lines = arena_alloc(
	    arena, (pair.of_old.n + pair.of_new.n + 1) * sizeof(*diff->lines));
	if (compare(&pair, LINE_DIFFERENCES_MAX)) {
		diff->coarse = true;
		memset(pair.of_old.changed, true, pair.of_old.n);
		memset(pair.of_new.changed, true, pair.of_new.n);
	}
	while (i < pair.of_old.n || j < pair.of_new.n)
		if ((i < pair.of_old.n && pair.of_old.changed[i]) ||
		    (j < pair.of_new.n && pair.of_new.changed[j]))
			add_change(arena, diff, &pair, &i, &j);
		else
			add_same(diff, &pair, &i, &j);
	pair_release(&pair);
	return diff;
}

/* ---- as text ------------------------------------------------------------ */

/* Where in the pieces of a line one is. */
struct cursor {
	const struct diff_line *line;
	size_t piece, done; /* bytes of the piece */
};

static const struct diff_piece *piece_at(const struct cursor *c)
{
	return c->piece < c->line->n_pieces ? &c->line->pieces[c->piece] : NULL;
}

/* The changed words here, without blanks around them; behind them. */
static struct span take_changed(struct cursor *c)
{
	const struct diff_piece *piece = piece_at(c);
	struct span words = {"", 0};

	if (piece == NULL || !piece->changed)
		return words;
	words = piece->text;
	c->piece++;
	while (words.len > 0 && *words.data == ' ')
		words = (struct span){words.data + 1, words.len - 1};
	while (words.len > 0 && words.data[words.len - 1] == ' ')
		words.len--;
	return words;
}

static size_t same_left(const struct cursor *c)
{
	const struct diff_piece *piece = piece_at(c);

	return piece == NULL || piece->changed ? 0 : piece->text.len - c->done;
}

/* At words that did not change? */
static bool is_same(const struct cursor *c)
{
	return same_left(c) > 0;
}

static void skip(struct cursor *c, size_t n)
{
	c->done += n;
	if (same_left(c) > 0)
		return;
	c->piece++;
	c->done = 0;
}

static void add_quoted(struct buf *out, const char *what, struct span words)
{
	buf_addf(out, "%s\"", what);
	buf_add_span(out, words);
	buf_add_char(out, '"');
}

static void add_words(struct buf *out, struct span old, struct span new)
{
	if (old.len + new.len == 0)
		return;
	if (out->len > 0)
		buf_add_str(out, "; ");
	if (old.len > 0)
		add_quoted(out, new.len > 0 ? "" : "without ", old);
	if (new.len > 0)
		add_quoted(out, old.len > 0 ? " is now " : "with ", new);
}

/* "490" is now "49"; with "and more" */
static void add_changes(struct buf *out, const struct diff_line *line)
{
	struct cursor old = {.line = line->was}, new = {.line = line};
	struct span was, is;
	struct buf words;
	size_t n;

	buf_init(&words, 4 * (line->text.len + line->was->text.len) + 1024);
	while (piece_at(&old) != NULL || piece_at(&new) != NULL) {
		was = take_changed(&old);
		is = take_changed(&new);
		add_words(&words, was, is);
		n = same_left(&old) < same_left(&new) ? same_left(&old)
						      : same_left(&new);
		if (n > 0) {
			skip(&old, n);
			skip(&new, n);
		} else if (is_same(&old) || is_same(&new)) {
			break; /* they do not fit together */
		}
	}
	if (words.len > 0)
		text_add_wrapped(out, "| ~ ", buf_span(&words));
	buf_release(&words);
}

void diff_add_text(struct buf *out, const struct diff *diff)
{
	static const char *const prefix[] = {
	    [DIFF_SAME] = "|   ",
	    [DIFF_OLD] = "| - ",
	    [DIFF_NEW] = "| + ",
	};
	const struct diff_line *line;
	size_t i;

	for (i = 0; i < diff->n_lines; i++) {
		line = &diff->lines[i];
		if (line->kind == DIFF_SKIPPED)
			buf_addf(out, "(%zu lines that did not change)\n",
			    line->skipped);
		else
			text_add_wrapped(out, prefix[line->kind], line->text);
		if (line->was != NULL)
			add_changes(out, line);
	}
}
