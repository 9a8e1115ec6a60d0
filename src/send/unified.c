/*
 * unified: lines, the hunks that they make, and their numbers.  The search is
 * util/myers's.
 */
#include "send/unified.h"

#include <stdlib.h>
#include <string.h>

#include "util/mem.h"
#include "util/myers.h"

#define AROUND		 3    /* same lines, before and after a change */
#define DIFFERENCES_MOST 1000 /* 4 MB of memory at the most */

struct lines {
	struct span *list; /* without LF */
	size_t n;
	bool *changed;
	bool open; /* the last one has no LF */
};

struct pair {
	struct lines a, b;
};

static void split(struct lines *lines, struct span text)
{
	size_t room = 0;
	const char *lf;

	while (text.len > 0) {
		lf = memchr(text.data, '\n', text.len);
		if (lines->n == room) {
			room = room == 0 ? 64 : room * 2;
			lines->list =
			    mem_grow(lines->list, room, sizeof(*lines->list));
		}
		lines->list[lines->n].data = text.data;
		lines->list[lines->n].len =
		    lf == NULL ? text.len : (size_t)(lf - text.data);
		lines->open = lf == NULL;
		text.len -= lines->list[lines->n].len + (lf != NULL);
		text.data += lines->list[lines->n++].len + (lf != NULL);
	}
	lines->changed = mem_zalloc(lines->n + 1);
}

static bool is_open(const struct lines *lines, size_t i)
{
	return lines->open && i + 1 == lines->n;
}

static bool equal(const void *context, size_t i, size_t j)
{
	const struct pair *p = context;
	struct span a = p->a.list[i], b = p->b.list[j];

	return a.len == b.len && is_open(&p->a, i) == is_open(&p->b, j) &&
	       (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static void add_line(
    struct buf *out, char sign, const struct lines *lines, size_t i)
{
	buf_add_char(out, sign);
	buf_add_span(out, lines->list[i]);
	buf_add_str(
	    out, is_open(lines, i) ? "\n\\ No newline at end of file\n" : "\n");
}

/* A place in both texts; lines before it correspond. */
struct place {
	size_t a, b;
};

static bool is_change(const struct pair *p, struct place at)
{
	return (at.a < p->a.n && p->a.changed[at.a]) ||
	       (at.b < p->b.n && p->b.changed[at.b]);
}

static bool is_end(const struct pair *p, struct place at)
{
	return at.a >= p->a.n && at.b >= p->b.n;
}

/* One line of either text on: changes first. */
static void step(const struct pair *p, struct place *at)
{
	if (at->a < p->a.n && p->a.changed[at->a]) {
		at->a++;
	} else if (at->b < p->b.n && p->b.changed[at->b]) {
		at->b++;
	} else {
		at->a++;
		at->b++;
	}
}

/*
 * Where the hunk ends whose first change is here: before more same lines than
 * two hunks would show.
 */
static struct place end_of(const struct pair *p, struct place at)
{
	struct place end = at;
	size_t same = 0;

	while (!is_end(p, at) && same <= 2 * AROUND) {
		same = is_change(p, at) ? 0 : same + 1;
		step(p, &at);
		if (same == 0)
			end = at;
	}
	for (same = 0; same < AROUND && !is_end(p, end) && !is_change(p, end);
	     same++)
		step(p, &end);
	return end;
}

/* The next change from here, or the end; first: a few same lines before. */
static struct place next_change(
    const struct pair *p, struct place at, struct place *first)
{
	*first = at;
	while (!is_end(p, at) && !is_change(p, at)) {
		step(p, &at);
		if (at.a - first->a > AROUND)
			step(p, first);
	}
	return at;
}

/* As diff(1) has it: an empty range stands after the line before it. */
static void add_range(struct buf *out, char sign, size_t at, size_t n)
{
	buf_addf(
	    out, n == 1 ? "%c%zu" : "%c%zu,%zu", sign, n == 0 ? at : at + 1, n);
}

static void add_hunk(
    struct buf *out, const struct pair *p, struct place at, struct place end)
{
	buf_add_str(out, "@@ ");
	add_range(out, '-', at.a, end.a - at.a);
	buf_add_str(out, " ");
	add_range(out, '+', at.b, end.b - at.b);
	buf_add_str(out, " @@\n");
	while (at.a < end.a || at.b < end.b) {
		if (at.a < p->a.n && p->a.changed[at.a])
			add_line(out, '-', &p->a, at.a);
		else if (at.b < p->b.n && p->b.changed[at.b])
			add_line(out, '+', &p->b, at.b);
		else
			add_line(out, ' ', &p->a, at.a);
		step(p, &at);
	}
}

static void find(struct pair *p)
{
	const struct myers myers = {
	    .n_old = p->a.n,
	    .n_new = p->b.n,
	    .equal = equal,
	    .context = p,
	    .most = DIFFERENCES_MOST,
	};

	if (myers_run(&myers, p->a.changed, p->b.changed) == 0)
		return;
	memset(p->a.changed, true, p->a.n);
	memset(p->b.changed, true, p->b.n);
}

static void write_hunks(struct buf *out, const struct pair *p)
{
	struct place at = {0, 0}, first, end;

	for (;;) {
		at = next_change(p, at, &first);
		if (is_end(p, at))
			return;
		end = end_of(p, at);
		add_hunk(out, p, first, end);
		at = end;
	}
}

static void release(struct lines *lines)
{
	free(lines->list);
	free(lines->changed);
}

void unified_write(struct buf *out, struct span old_text, struct span new_text)
{
	struct pair p = {.a = {.n = 0}};

	split(&p.a, old_text);
	split(&p.b, new_text);
	find(&p);
	write_hunks(out, &p);
	release(&p.a);
	release(&p.b);
}
