/*
 * tokens: cuts.  What is done with the pieces is inplace.c's.
 */
#include "check/reader/tokens.h"

#include "check/reader/charref.h"
#include "check/reader/charset.h"
#include "check/reader/element.h"
#include "check/reader/html.h"
#include "check/reader/markup.h"
#include "check/reader/visible.h"

#include <ctype.h>
#include <string.h>

#define SHORT_LINE 50 /* columns: such a line was ended on purpose */
#define NBSP	   "\xC2\xA0"

static struct token *add(
    struct arena *arena, struct tokens *tokens, struct span text)
{
	struct token *more;

	if (tokens->n == tokens->room) {
		tokens->room = 2 * tokens->room + 256;
		more = arena_alloc(arena, tokens->room * sizeof(*more));
		if (tokens->n > 0)
			memcpy(more, tokens->list, tokens->n * sizeof(*more));
		tokens->list = more;
	}
	tokens->list[tokens->n] = (struct token){.text = text};
	return &tokens->list[tokens->n++];
}

bool tokens_is_word(struct span text)
{
	return text.len > 0 && (isalnum((unsigned char)*text.data) ||
				   (unsigned char)*text.data >= 0x80);
}

bool tokens_same(struct span a, struct span b)
{
	return a.len == b.len &&
	       (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* Bytes of a blank at p; 0: it is none. */
static size_t blank(const char *p, const char *end)
{
	if (p < end && *p != '\0' && strchr(" \t\n\r\f", *p) != NULL)
		return 1;
	return end - p >= 2 && memcmp(p, NBSP, 2) == 0 ? 2 : 0;
}

static size_t character(const char *p, const char *end)
{
	size_t size = charset_utf8(p, end);

	return size == 0 ? 1 : size;
}

/* Does the character at p belong to the token that another began? */
static bool goes_on(const char *first, const char *p)
{
	return tokens_is_word((struct span){first, 1})
		   ? tokens_is_word((struct span){p, 1})
		   : *p == *first;
}

/* ---- of a text --------------------------------------------------------- */

void tokens_text(struct arena *arena, struct span text, struct tokens *tokens)
{
	const char *p = text.data, *end = p + text.len, *from, *line = p;
	size_t size, column = 0;
	bool spaced = true;
	unsigned lines = 0;
	struct token *token;

	while (p < end && tokens->n < TOKENS_MOST) {
		size = blank(p, end);
		if (size > 0) {
			if (*p == '\n' && lines++ == 0)
				column = (size_t)(p - line);
			if (*p == '\n')
				line = p + 1;
			p += size;
			spaced = true;
			continue;
		}
		for (from = p;
		     p < end && blank(p, end) == 0 && goes_on(from, p);)
			p += character(p, end);
		token =
		    add(arena, tokens, (struct span){from, (size_t)(p - from)});
		token->spaced = spaced;
		token->paragraph = lines > 1 && tokens->n > 1;
		token->line = lines > 0 || tokens->n == 1;
		token->ended = lines == 1 && column < SHORT_LINE;
		spaced = false;
		lines = 0;
	}
}

/* ---- of HTML ----------------------------------------------------------- */

struct scan {
	struct arena *arena;
	struct tokens *tokens;
	struct buf text; /* of the token that is open */
	struct span from;
	unsigned piece;
	bool spaced;
};

/* One character as it stands at p, and what it says. */
static size_t unit(const char *p, const char *end, struct buf *says)
{
	size_t n = 1;

	buf_clear(says);
	if (*p != '&') {
		n = character(p, end);
		buf_add(says, p, n);
		return n;
	}
	while (p + n < end && (isalnum((unsigned char)p[n]) || p[n] == '#'))
		n++;
	n += p + n < end && p[n] == ';';
	charref_text((struct span){p, n}, says);
	if (!tokens_same(buf_span(says), (struct span){p, n}))
		return n;
	buf_clear(says); /* no reference: a mark like others */
	buf_add_char(says, '&');
	return 1;
}

static void end_token(struct scan *s)
{
	struct token *token;

	if (s->text.len == 0)
		return;
	token = add(s->arena, s->tokens,
	    (struct span){
		arena_dup(s->arena, s->text.data, s->text.len), s->text.len});
	token->from = s->from;
	token->piece = s->piece;
	token->spaced = s->spaced;
	s->spaced = false;
	buf_clear(&s->text);
}

static void scan_text(struct scan *s, struct span text)
{
	const char *p = text.data, *end = p + text.len;
	struct buf says;
	size_t n;

	buf_init(&says, text.len + 8);
	s->piece++;
	for (; p < end && s->tokens->n < TOKENS_MOST; p += n) {
		n = unit(p, end, &says);
		if (blank(says.data, says.data + says.len) == says.len) {
			end_token(s);
			s->spaced = true;
			continue;
		}
		if (s->text.len > 0 && !goes_on(s->text.data, says.data))
			end_token(s);
		if (s->text.len == 0)
			s->from = (struct span){p, 0};
		s->from.len = (size_t)(p + n - s->from.data);
		buf_add_span(&s->text, buf_span(&says));
	}
	end_token(s);
	buf_release(&says);
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

void tokens_html(struct arena *arena, struct span html, struct tokens *tokens)
{
	struct scan s = {.arena = arena, .tokens = tokens, .spaced = true};
	struct markup_token token = {.kind = MARKUP_TEXT};
	unsigned does;

	buf_init(&s.text, html.len + 8);
	while (token.kind != MARKUP_END) {
		markup_next(&html, &token);
		if (token.kind == MARKUP_TEXT)
			scan_text(&s, token.text);
		if (token.kind != MARKUP_OPEN && token.kind != MARKUP_CLOSE)
			continue;
		does = element_does(token.name);
		if (does & (ELEMENT_LINE | ELEMENT_SPACED | ELEMENT_VOID |
			       ELEMENT_CELL | ELEMENT_ITEM))
			s.spaced = true;
		if (token.kind == MARKUP_OPEN && (does & ELEMENT_RAW))
			markup_raw(&html, token.name);
		else if (token.kind == MARKUP_OPEN &&
			 (does & ELEMENT_VOID) == 0 &&
			 (does & (ELEMENT_DROP | ELEMENT_UNSEEN)))
			skip(&html, token.name);
	}
	buf_release(&s.text);
}

/* ---- of a page --------------------------------------------------------- */

struct page_words {
	struct arena *arena;
	struct tokens *tokens;
};

static void take_words(void *context, struct span text, bool seen)
{
	struct page_words *words = context;
	const char *p, *end, *from;
	struct token *token;

	p = arena_dup(words->arena, text.data, text.len);
	end = p + text.len;
	while (p < end && words->tokens->n < TOKENS_MOST) {
		if (blank(p, end) > 0 || !tokens_is_word((struct span){p, 1})) {
			p += character(p, end);
			continue;
		}
		for (from = p;
		     p < end && blank(p, end) == 0 && goes_on(from, p);)
			p += character(p, end);
		token = add(words->arena, words->tokens,
		    (struct span){from, (size_t)(p - from)});
		token->seen = seen;
	}
}

bool tokens_page(struct arena *arena, struct span html, struct tokens *tokens)
{
	struct page_words words = {arena, tokens};
	struct html_found found = {.text = take_words, .text_context = &words};
	struct visible visible;
	struct buf nothing;

	buf_init(&nothing, 4 * HTML_INPUT_MAX);
	visible_init(&visible, &nothing, false);
	html_text(html, &visible, &found);
	visible_end(&visible);
	buf_release(&nothing);
	return found.unread == 0 && !found.tired && tokens->n < TOKENS_MOST;
}
