/*
 * unseen: keeps what is seen as words, one blank between them and line feeds
 * around lines, so that hidden words can be looked for in it.
 */
#include "check/reader/unseen.h"

#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_MAX (512 * 1024)	    /* bytes of each kind of text */
#define WORK_MAX (20 * 1024 * 1024) /* bytes that are compared */

struct piece {
	enum unseen_by by;
	bool preheader, first;
	size_t from, to;	  /* in hidden */
	char start[UNSEEN_SHOWN]; /* as it is written */
};

struct unseen {
	struct buf seen, hidden, links;
	struct buf outlook[2]; /* text and links that Outlook lacks, or has */
	struct piece *pieces;
	size_t n, more;
	bool open; /* the last piece goes on */
	size_t work;
};

struct unseen *unseen_new(void)
{
	struct unseen *unseen = mem_zalloc(sizeof(*unseen));

	buf_init(&unseen->seen, ROOM_MAX);
	buf_init(&unseen->hidden, ROOM_MAX);
	buf_init(&unseen->links, ROOM_MAX);
	buf_init(&unseen->outlook[0], ROOM_MAX);
	buf_init(&unseen->outlook[1], ROOM_MAX);
	unseen->pieces =
	    mem_grow(NULL, UNSEEN_PIECES_MAX, sizeof(*unseen->pieces));
	buf_add_char(&unseen->seen, '\n');
	buf_add_char(&unseen->links, '\n');
	return unseen;
}

void unseen_free(struct unseen *unseen)
{
	if (unseen == NULL)
		return;
	buf_release(&unseen->seen);
	buf_release(&unseen->hidden);
	buf_release(&unseen->links);
	buf_release(&unseen->outlook[0]);
	buf_release(&unseen->outlook[1]);
	free(unseen->pieces);
	free(unseen);
}

/* Characters that show nothing, at p: their bytes, or 0. */
static size_t filler(const char *p, const char *end)
{
	static const char *const fillers[] = {"\xc2\xa0", "\xc2\xad",
	    "\xcd\x8f", "\xe2\x80\x87", "\xe2\x80\x8b", "\xe2\x80\x8c",
	    "\xe2\x80\x8d", "\xe2\x80\x8e", "\xe2\x80\x8f", "\xe2\x81\xa0",
	    "\xef\xbb\xbf"};

	if ((unsigned char)*p <= ' ')
		return 1;
	for (size_t i = 0; i < sizeof(fillers) / sizeof(fillers[0]); i++) {
		size_t n = strlen(fillers[i]);

		if ((size_t)(end - p) >= n && memcmp(p, fillers[i], n) == 0)
			return n;
	}
	return 0;
}

bool unseen_filler(struct span text)
{
	const char *p = text.data, *end = p + text.len;

	while (p < end) {
		size_t n = filler(p, end);

		if (n == 0)
			return false;
		p += n;
	}
	return true;
}

struct span unseen_trim(struct span text)
{
	const char *p = text.data, *end = p + text.len, *last = p;

	while (p < end) {
		size_t n = filler(p, end);

		p += n > 0 ? n : 1;
		if (n == 0)
			last = p;
	}
	return (struct span){text.data, (size_t)(last - text.data)};
}

/* Words with one blank between; blank: one before the first, if need be. */
static void add_words(struct buf *out, struct span text)
{
	const char *p = text.data, *end = p + text.len;

	while (p < end) {
		size_t n = filler(p, end);
		char last = out->len > 0 ? out->data[out->len - 1] : '\n';

		if (n > 0 && last != ' ' && last != '\n')
			buf_add_char(out, ' ');
		if (n == 0)
			buf_add_char(out,
			    *p >= 'A' && *p <= 'Z' ? (char)(*p | 0x20) : *p);
		p += n > 0 ? n : 1;
	}
}

static struct buf *of_outlook(struct unseen *unseen, enum unseen_by by)
{
	if (by == UNSEEN_OUTLOOK)
		return &unseen->outlook[0];
	return by == UNSEEN_OTHERS ? &unseen->outlook[1] : NULL;
}

static struct span trimmed(struct span s)
{
	while (s.len > 0 && (s.data[0] == ' ' || s.data[0] == '\n'))
		s = (struct span){s.data + 1, s.len - 1};
	while (s.len > 0 &&
	       (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == '\n'))
		s.len--;
	return s;
}

/* The beginning of a text, for people. */
static void keep(char out[UNSEEN_SHOWN], struct span s)
{
	size_t len;

	s = trimmed(s);
	len = s.len < UNSEEN_SHOWN ? s.len : UNSEEN_SHOWN - 1;
	while (len > 0 && len < s.len &&
	       ((unsigned char)s.data[len] & 0xc0) == 0x80)
		len--;
	memcpy(out, s.data, len);
	out[len] = '\0';
}

static void add_hidden(
    struct unseen *unseen, enum unseen_by by, bool preheader, struct span text)
{
	struct piece *last =
	    unseen->n > 0 ? &unseen->pieces[unseen->n - 1] : NULL;

	if (!unseen->open || last == NULL || last->by != by) {
		if (unseen->n == UNSEEN_PIECES_MAX) {
			unseen->more++;
			return;
		}
		buf_add_char(&unseen->hidden, '\n');
		last = &unseen->pieces[unseen->n++];
		*last = (struct piece){.by = by,
		    .preheader = preheader,
		    .first = unseen->n == 1 && unseen->seen.len == 1,
		    .from = unseen->hidden.len};
		keep(last->start, text);
	}
	unseen->open = true;
	last->preheader = last->preheader && preheader;
	add_words(&unseen->hidden, text);
	last->to = unseen->hidden.len;
}

void unseen_text(
    struct unseen *unseen, enum unseen_by by, bool preheader, struct span text)
{
	struct buf *outlook = of_outlook(unseen, by);

	if (outlook != NULL)
		add_words(outlook, text);
	if (by != UNSEEN_NOT)
		add_hidden(unseen, by, preheader, text);
	if (by == UNSEEN_NOT || by == UNSEEN_OUTLOOK) {
		size_t before = unseen->seen.len;

		add_words(&unseen->seen, text);
		if (by == UNSEEN_NOT && unseen->seen.len > before + 1)
			unseen->open = false;
	}
}

void unseen_line(struct unseen *unseen)
{
	struct buf *seen = &unseen->seen;

	if (seen->len > 0 && seen->data[seen->len - 1] == ' ')
		buf_cut(seen, seen->len - 1);
	if (seen->len == 0 || seen->data[seen->len - 1] != '\n')
		buf_add_char(seen, '\n');
	add_words(&unseen->hidden, (struct span){" ", 1});
	add_words(&unseen->outlook[0], (struct span){" ", 1});
	add_words(&unseen->outlook[1], (struct span){" ", 1});
}

void unseen_link(struct unseen *unseen, enum unseen_by by, struct span href)
{
	struct buf *outlook = of_outlook(unseen, by);

	if (outlook != NULL) {
		buf_add_char(outlook, '\n');
		buf_add_span(outlook, href);
		buf_add_char(outlook, '\n');
	}
	if (by == UNSEEN_NOT || by == UNSEEN_OUTLOOK) {
		buf_add_span(&unseen->links, href);
		buf_add_char(&unseen->links, '\n');
	}
}

/* ---- what it means ------------------------------------------------------ */

static bool is_end(char c)
{
	return c == '\n' || c == '.' || c == '!' || c == '?' || c == ':' ||
	       c == ';' || c == '|';
}

/* Does the text before p end a line or a sentence? */
static bool begins_at(const char *p, const char *from)
{
	while (p > from && p[-1] == ' ')
		p--;
	return p == from || is_end(p[-1]);
}

/* Does it end there?  cut: within a sentence will do, between two words. */
static bool ends_at(const char *p, const char *end, bool cut)
{
	if (p == end || is_end(p[-1]) || (cut && *p == ' '))
		return true;
	while (p < end && *p == ' ')
		p++;
	return p == end || is_end(*p);
}

/* How many of the words' bytes stand at p, where blanks may be line ends. */
static size_t count_same(const char *p, const char *end, struct span words)
{
	size_t i = 0;

	while (
	    i < words.len && p + i < end &&
	    (p[i] == words.data[i] || (words.data[i] == ' ' && p[i] == '\n')))
		i++;
	return i;
}

/* Do these words stand there to be seen, as lines or sentences of their own? */
static bool stands(struct unseen *unseen, struct span words, bool cut)
{
	const char *from = unseen->seen.data, *p = from;
	const char *end = p + unseen->seen.len;

	if (words.len == 0)
		return true;
	for (; p < end && unseen->work < WORK_MAX; p++) {
		size_t same;

		unseen->work++;
		if (*p != words.data[0] || !begins_at(p, from))
			continue;
		same = count_same(p, end, words);
		unseen->work += same;
		if (same == words.len && ends_at(p + same, end, cut))
			return true;
	}
	return false;
}

/* Dots at the end say that a line was cut. */
static struct span without_dots(struct span words)
{
	if (words.len > 3 &&
	    memcmp(words.data + words.len - 3, "\xe2\x80\xa6", 3) == 0)
		words.len -= 3;
	while (words.len > 0 && words.data[words.len - 1] == '.')
		words.len--;
	return trimmed(words);
}

/* All that Outlook shows in place of what it hides is the same? */
static bool outlook_shows_all(const struct unseen *unseen)
{
	struct span a = trimmed(buf_span(&unseen->outlook[0]));
	struct span b = trimmed(buf_span(&unseen->outlook[1]));

	return a.len > 0 && a.len == b.len &&
	       memcmp(a.data, b.data, a.len) == 0;
}

/* Do all links that only Outlook has stand there for the others, too? */
static bool outlook_adds_links(const struct unseen *unseen)
{
	const char *p = unseen->outlook[1].data;
	const char *end = p + unseen->outlook[1].len, *close;

	while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		close = memchr(p + 1, '\n', (size_t)(end - p - 1));
		if (close == NULL ||
		    memmem(unseen->links.data, unseen->links.len, p,
			(size_t)(close + 1 - p)) == NULL)
			return true;
		p = close + 1;
	}
	return false;
}

void unseen_judge(struct unseen *unseen, struct unseen_found *found)
{
	bool paired = outlook_shows_all(unseen);
	bool links = !paired && outlook_adds_links(unseen);

	unseen_line(unseen);
	for (size_t i = 0; i < unseen->n; i++) {
		const struct piece *piece = &unseen->pieces[i];
		struct span words =
		    trimmed((struct span){unseen->hidden.data + piece->from,
			piece->to - piece->from});
		bool preheader = piece->preheader && piece->first &&
				 words.len <= UNSEEN_FIRST_MAX;
		bool known = stands(unseen, words, false);
		char *out;

		if (piece->by == UNSEEN_OUTLOOK)
			known = paired;
		else if (piece->by == UNSEEN_OTHERS)
			known = paired || (known && !links);
		if (preheader)
			known = stands(unseen, without_dots(words), true);
		if (words.len == 0)
			continue;
		found->first += known && preheader;
		found->repeated += known && !preheader;
		found->hidden += !known;
		out = known ? found->repeated_first : found->hidden_first;
		if (out[0] == '\0')
			memcpy(out, piece->start, UNSEEN_SHOWN);
	}
	found->hidden += (unsigned)unseen->more;
	if (unseen->seen.overflow || unseen->hidden.overflow ||
	    unseen->outlook[0].overflow || unseen->outlook[1].overflow)
		found->hidden++;
}
