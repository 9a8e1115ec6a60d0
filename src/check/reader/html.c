/*
 * html: what each element means to a reader's eye.  Cutting the markup is
 * markup's, CSS is style's, white space is page's.
 */
#include "check/reader/html.h"

#include "check/reader/charref.h"
#include "check/reader/element.h"
#include "check/reader/markup.h"
#include "check/reader/page.h"
#include "check/reader/style.h"

#include "util/mem.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* An open element. */
struct frame {
	struct span name;
	struct span href; /* of a link */
	struct style style;
	unsigned does;
	bool pre, unseen, drop, quoted;
	bool cited; /* in what a mail program marks as an earlier mail */
};

struct html {
	struct page page;
	struct html_found *found;
	struct buf scratch; /* one value with its references resolved */
	struct frame frames[HTML_DEPTH_MAX]; /* [0] is the page itself */
	size_t depth;			     /* frames in use */
	size_t floor;	/* those that no end tag here may end */
	size_t beyond;	/* open elements for which there was no frame */
	bool sheets;	/* a style sheet came: classes may mean anything */
	bool answer;	/* what is quoted is to be told apart */
	bool quoted_on; /* from here on all is */
	bool cited_on;	/* likewise */
	bool citing;	/* the last range of found->quoted is open */
};

static struct frame *top(struct html *html)
{
	return &html->frames[html->depth - 1];
}

static bool is_hidden(const struct frame *frame)
{
	return frame->unseen || style_hidden(&frame->style);
}

static bool is_quoted(struct html *html)
{
	return html->answer && (html->quoted_on || top(html)->quoted);
}

/* The brackets that text of this element stands in, or NULL. */
static const char *mark_of(const struct frame *frame)
{
	if (is_hidden(frame))
		return PAGE_HIDDEN;
	return frame->style.struck ? PAGE_STRUCK : NULL;
}

static struct span resolve(struct html *html, struct span value)
{
	buf_clear(&html->scratch);
	charref_resolve(value, &html->scratch);
	return buf_span(&html->scratch);
}

/* Keep the beginning of the first example, between characters. */
static void example(char out[HTML_QUOTE_MAX], struct span s)
{
	size_t len = s.len < HTML_QUOTE_MAX ? s.len : HTML_QUOTE_MAX - 1;

	if (out[0] != '\0')
		return;
	while (len < s.len && len > 0 &&
	       ((unsigned char)s.data[len] & 0xc0) == 0x80)
		len--;
	memcpy(out, s.data, len);
	out[len] = '\0';
}

static void found_remote(struct html *html, struct span url)
{
	html->found->remote++;
	example(html->found->remote_first, url);
}

static void found_active(struct html *html, struct span what)
{
	html->found->active++;
	example(html->found->active_first, what);
}

/* Blanks, and the fillers that keep a preview line empty. */
static bool is_filler(struct span text)
{
	static const char *const fillers[] = {"\xc2\xa0", /* no-break space */
	    "\xc2\xad", "\xcd\x8f", "\xe2\x80\x8b", "\xe2\x80\x8c",
	    "\xe2\x80\x8d", "\xe2\x80\x87", "\xef\xbb\xbf"};
	size_t n = sizeof(fillers) / sizeof(fillers[0]), i;
	const char *p = text.data, *end = p + text.len;

	while (p < end) {
		if (memchr(" \t\r\n\f", *p, 5) != NULL) {
			p++;
			continue;
		}
		if (((unsigned char)*p & 0x80) == 0)
			return false;
		for (i = 0; i < n; i++)
			if ((size_t)(end - p) >= strlen(fillers[i]) &&
			    memcmp(p, fillers[i], strlen(fillers[i])) == 0)
				break;
		if (i == n)
			return false;
		p += strlen(fillers[i]);
	}
	return true;
}

static struct span trimmed(struct span s)
{
	while (s.len > 0 && (unsigned char)s.data[0] <= ' ') {
		s.data++;
		s.len--;
	}
	while (s.len > 0 && (unsigned char)s.data[s.len - 1] <= ' ')
		s.len--;
	return s;
}

/* Note where quotations begin and end in out. */
static void follow_quote(struct html *html, bool cited)
{
	struct html_found *found = html->found;
	size_t at = html->page.out->out->len;

	if (cited == html->citing)
		return;
	if (cited && found->n_quoted == HTML_QUOTED_MAX)
		return;
	if (cited)
		found->quoted[found->n_quoted++] = (struct html_range){at, at};
	else
		found->quoted[found->n_quoted - 1].to = at;
	html->citing = cited;
}

/* Text whose references are resolved, seen or not as its element is. */
static void put_text(struct html *html, struct span text)
{
	struct frame *frame = top(html);
	bool hidden = is_hidden(frame);

	if (frame->drop)
		return;
	if (hidden && is_filler(text)) {
		page_space(&html->page);
		return;
	}
	if (hidden && (html->page.mark == NULL ||
			  strcmp(html->page.mark, PAGE_HIDDEN) != 0)) {
		html->found->hidden++;
		example(html->found->hidden_first, trimmed(text));
	}
	if (hidden || !is_filler(text)) {
		follow_quote(html, html->cited_on || frame->cited);
		page_quote(&html->page, is_quoted(html));
		page_mark(&html->page, mark_of(frame));
	}
	page_text(&html->page, text, frame->pre);
}

static void on_text(struct html *html, struct span text)
{
	put_text(html, resolve(html, text));
}

/* Show an address behind the text of a link, unless that says the same. */
static void end_link(struct html *html, struct frame *frame)
{
	struct span href = trimmed(resolve(html, frame->href)), rest = href;

	if (href.len == 0 || href.data[0] == '#' || frame->drop)
		return;
	if (html->found->link != NULL)
		html->found->link(
		    html->found->context, href, page_link_text(&html->page));
	if (href.len > 7 && strncasecmp(href.data, "mailto:", 7) == 0)
		rest = (struct span){href.data + 7, href.len - 7};
	if (page_link_equals(&html->page, href) ||
	    page_link_equals(&html->page, rest))
		return;
	page_quote(&html->page, is_quoted(html));
	page_text(&html->page, (struct span){" <", 2}, false);
	page_text(&html->page, href, true);
	page_text(&html->page, (struct span){">", 1}, true);
}

static void end_line(struct html *html, unsigned does)
{
	if ((does & ELEMENT_LINE) != 0)
		page_block(&html->page, (does & ELEMENT_SPACED) != 0 ? 2 : 1);
}

static void pop(struct html *html)
{
	struct frame *frame = top(html);

	if (frame->href.len > 0)
		end_link(html, frame);
	html->depth--;
	end_line(html, frame->does);
}

static void found_by_url(struct html *html, struct span url)
{
	url = trimmed(resolve(html, url));
	if (style_remote(url))
		found_remote(html, url);
}

/* "a.png 1x, b.png 2x" is remote when any of them is. */
static void found_by_set(struct html *html, struct span set)
{
	const char *p, *end;

	set = resolve(html, set);
	for (p = set.data, end = p + set.len; p < end;) {
		const char *comma = memchr(p, ',', (size_t)(end - p));
		const char *stop = comma != NULL ? comma : end;
		struct span url = trimmed((struct span){p, (size_t)(stop - p)});

		if (style_remote(url)) {
			found_remote(html, url);
			return;
		}
		p = comma != NULL ? comma + 1 : end;
	}
}

static bool does_script(struct span url)
{
	return (url.len > 11 &&
		   strncasecmp(url.data, "javascript:", 11) == 0) ||
	       (url.len > 9 && strncasecmp(url.data, "vbscript:", 9) == 0) ||
	       (url.len > 9 && strncasecmp(url.data, "data:text", 9) == 0);
}

static bool has(const struct markup_token *token, unsigned attribute)
{
	return (token->has & 1u << attribute) != 0;
}

/* What the tag would fetch. */
static void look_for_remote(struct html *html, const struct markup_token *tag)
{
	static const unsigned urls[] = {
	    MARKUP_BACKGROUND, MARKUP_DATA, MARKUP_POSTER, MARKUP_SRC};

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
		if (has(tag, urls[i]))
			found_by_url(html, tag->value[urls[i]]);
	if (has(tag, MARKUP_SRCSET))
		found_by_set(html, tag->value[MARKUP_SRCSET]);
	if ((markup_is(tag->name, "link") || markup_is(tag->name, "base")) &&
	    has(tag, MARKUP_HREF))
		found_by_url(html, tag->value[MARKUP_HREF]);
}

static void look_for_active(
    struct html *html, const struct markup_token *tag, unsigned does)
{
	if ((does & ELEMENT_ACTIVE) != 0)
		found_active(html, tag->name);
	if (tag->handler.len > 0)
		found_active(html, tag->handler);
	if (has(tag, MARKUP_HREF) &&
	    does_script(trimmed(resolve(html, tag->value[MARKUP_HREF]))))
		found_active(html, (struct span){"javascript:", 11});
	if (markup_is(tag->name, "meta") && has(tag, MARKUP_HTTP_EQUIV) &&
	    markup_is(tag->value[MARKUP_HTTP_EQUIV], "refresh"))
		found_active(html, (struct span){"refresh", 7});
}

/* Style of an element from its parent's and its own attributes. */
static void read_style(
    struct html *html, const struct markup_token *tag, struct style *style)
{
	struct span url;
	struct buf clean;

	if (html->sheets && (has(tag, MARKUP_CLASS) || has(tag, MARKUP_ID)))
		style->ground = STYLE_NO_COLOR;
	if (has(tag, MARKUP_HIDDEN))
		style->hides |= STYLE_NONE;
	if (has(tag, MARKUP_BACKGROUND))
		style->ground = STYLE_NO_COLOR;
	if (has(tag, MARKUP_BGCOLOR))
		style->ground = style_color(
		    trimmed(resolve(html, tag->value[MARKUP_BGCOLOR])));
	if (has(tag, MARKUP_COLOR))
		style->text = style_color(
		    trimmed(resolve(html, tag->value[MARKUP_COLOR])));
	if (!has(tag, MARKUP_STYLE))
		return;
	buf_init(&clean, tag->value[MARKUP_STYLE].len);
	style_clean(resolve(html, tag->value[MARKUP_STYLE]), &clean);
	if (style_apply(style, buf_span(&clean), &url))
		found_remote(html, url);
	buf_release(&clean);
}

/* Some elements end others that were left open. */
static void shut(struct html *html, struct span name, unsigned does)
{
	struct frame *frame = top(html);

	if (html->depth <= html->floor)
		return;
	if ((does & ELEMENT_LINE) != 0 && markup_is(frame->name, "p"))
		pop(html);
	frame = top(html);
	if (html->depth > html->floor && (does & ELEMENT_SHUTS) != 0 &&
	    frame->name.len == name.len &&
	    strncasecmp(frame->name.data, name.data, name.len) == 0)
		pop(html);
}

static void push(struct html *html, const struct markup_token *tag,
    unsigned does, const struct style *style)
{
	struct frame *outer = top(html), *frame;

	if (html->depth == HTML_DEPTH_MAX) {
		html->beyond++;
		html->quoted_on = true; /* nobody can tell */
		html->cited_on = false;
		return;
	}
	frame = &html->frames[html->depth++];
	*frame = *outer;
	frame->name = tag->name;
	frame->href = (struct span){"", 0};
	frame->style = *style;
	frame->does = does;
	frame->pre = outer->pre || (does & ELEMENT_PRE) != 0;
	frame->unseen = outer->unseen || (does & ELEMENT_UNSEEN) != 0;
	frame->drop = outer->drop || (does & ELEMENT_DROP) != 0;
	frame->quoted = outer->quoted || (does & ELEMENT_QUOTED) != 0;
	if ((does & ELEMENT_STRUCK) != 0)
		frame->style.struck = true;
	if (markup_is(tag->name, "a") && has(tag, MARKUP_HREF)) {
		frame->href = tag->value[MARKUP_HREF];
		page_link_begin(&html->page);
	}
}

/* Text that stands in an attribute: "[image: a chart]". */
static void put_attribute(
    struct html *html, const char *what, struct span value)
{
	struct span text = trimmed(resolve(html, value));

	if (text.len == 0)
		return;
	put_text(html, (struct span){what, strlen(what)});
	put_text(html, text);
	put_text(html, (struct span){"]", 1});
}

/* Elements without content. */
static void on_void(struct html *html, const struct markup_token *tag)
{
	if (markup_is(tag->name, "br"))
		page_break(&html->page);
	else if (markup_is(tag->name, "hr"))
		put_text(html, (struct span){"----", 4});
	if (markup_is(tag->name, "img") && has(tag, MARKUP_ALT))
		put_attribute(html, "[image: ", tag->value[MARKUP_ALT]);
	if (markup_is(tag->name, "input") && has(tag, MARKUP_VALUE))
		put_attribute(html, "[input: ", tag->value[MARKUP_VALUE]);
}

/* A style sheet: what it fetches, and what it writes by itself. */
static void on_sheet(struct html *html, struct span css)
{
	struct span found;

	html->sheets = true;
	if (style_fetches(css, &found))
		found_remote(html, found);
	if (!style_writes(css, &found))
		return;
	html->found->hidden++;
	example(html->found->hidden_first, found);
	page_text(&html->page, (struct span){"[style text: ", 13}, false);
	page_text(&html->page, found, false);
	page_text(&html->page, (struct span){"]", 1}, false);
	page_block(&html->page, 1);
}

/* The content of an element whose content is no markup. */
static void on_raw(struct html *html, const struct markup_token *tag,
    unsigned does, struct span raw)
{
	if (markup_is(tag->name, "style")) {
		on_sheet(html, raw);
	} else if (markup_is(tag->name, "title")) {
		/* Part of many a page, and seen by nobody: no finding. */
		raw = trimmed(resolve(html, raw));
		if (raw.len == 0 || html->answer)
			return;
		page_mark(&html->page, NULL);
		page_text(&html->page, (struct span){"[title: ", 8}, false);
		page_text(&html->page, raw, false);
		page_text(&html->page, (struct span){"]", 1}, false);
		page_block(&html->page, 1);
	} else if ((does & ELEMENT_DROP) == 0) {
		on_text(html, raw);
	}
}

/* What the tag's names say of its content, or of all that follows. */
static unsigned quoting(struct html *html, const struct markup_token *tag)
{
	unsigned does = 0;

	if (has(tag, MARKUP_CLASS))
		does |= element_quotes(resolve(html, tag->value[MARKUP_CLASS]));
	if (has(tag, MARKUP_ID))
		does |= element_quotes(resolve(html, tag->value[MARKUP_ID]));
	if (has(tag, MARKUP_TYPE) && markup_is(tag->name, "blockquote") &&
	    markup_is(tag->value[MARKUP_TYPE], "cite"))
		does |= ELEMENT_QUOTED;
	return does;
}

static void on_open(
    struct html *html, const struct markup_token *tag, struct span *rest)
{
	unsigned quotes = quoting(html, tag);
	unsigned does = element_does(tag->name) | quotes;
	struct style style;

	look_for_remote(html, tag);
	look_for_active(html, tag, does);
	shut(html, tag->name, does);
	style = top(html)->style;
	read_style(html, tag, &style);
	end_line(html, does);
	if ((does & ELEMENT_CELL) != 0)
		page_space(&html->page);
	if ((does & ELEMENT_ITEM) != 0)
		html->page.marker = "* ";
	if ((does & ELEMENT_VOID) != 0) {
		on_void(html, tag);
		end_line(html, does);
		return;
	}
	if ((does & ELEMENT_QUOTED_ON) != 0)
		html->quoted_on = html->cited_on = true;
	push(html, tag, does, &style);
	if ((quotes & ELEMENT_QUOTED) != 0)
		top(html)->cited = true;
	if ((does & ELEMENT_RAW) != 0)
		on_raw(html, tag, does, markup_raw(rest, tag->name));
}

static void on_close(struct html *html, const struct markup_token *tag)
{
	size_t depth = html->depth;

	if (markup_is(tag->name, "br"))
		page_break(&html->page);
	if (html->beyond > 0) {
		html->beyond--;
		return;
	}
	while (depth > html->floor) {
		const struct frame *frame = &html->frames[depth - 1];

		if (frame->name.len == tag->name.len &&
		    strncasecmp(
			frame->name.data, tag->name.data, tag->name.len) == 0)
			break;
		depth--;
	}
	while (depth > html->floor && html->depth >= depth)
		pop(html);
}

static void walk(struct html *html, struct span rest);

/* Do text and markup of this range as hidden. */
static void walk_hidden(struct html *html, struct span rest)
{
	struct markup_token tag = {.name = {"", 0}};
	struct style style = top(html)->style;
	size_t depth = html->depth, floor = html->floor;
	size_t beyond = html->beyond;

	style.hides |= STYLE_NONE;
	push(html, &tag, 0, &style);
	html->floor = html->depth;
	if (html->depth > depth)
		walk(html, rest);
	else
		put_text(html, rest);
	while (html->depth > depth)
		pop(html);
	html->floor = floor;
	html->beyond = beyond;
}

/* Without the "<![endif]" or "<!" at the end, whose '>' is the comment's. */
static struct span without_end(struct span s)
{
	for (size_t i = s.len; i-- > 0 && s.data[i] != '>';)
		if (s.data[i] == '<' && i + 1 < s.len && s.data[i + 1] == '!')
			s.len = i;
	return s;
}

/*
 * "[if mso]> text <![endif]": Outlook shows it, others do not.  The text of
 * a comment holds no whole comment, so that this recursion has one step.
 */
static void on_comment(struct html *html, struct span text)
{
	const char *close;
	struct span inner = trimmed(text);

	if (inner.len < 3 || strncasecmp(inner.data, "[if", 3) != 0)
		return;
	close = memmem(inner.data, inner.len, "]>", 2);
	if (close == NULL)
		return;
	inner.len -= (size_t)(close + 2 - inner.data);
	inner.data = close + 2;
	walk_hidden(html, without_end(inner));
}

/* A tag or comment without end: mail programs show nothing of the rest. */
static void on_broken(struct html *html, struct span text)
{
	struct style before = top(html)->style;

	top(html)->style.hides |= STYLE_NONE;
	on_text(html, text);
	top(html)->style = before;
}

static void walk(struct html *html, struct span rest)
{
	struct markup_token token;

	for (;;) {
		markup_next(&rest, &token);
		switch (token.kind) {
		case MARKUP_END:
			return;
		case MARKUP_TEXT:
			on_text(html, token.text);
			break;
		case MARKUP_OPEN:
			on_open(html, &token, &rest);
			break;
		case MARKUP_CLOSE:
			on_close(html, &token);
			break;
		case MARKUP_COMMENT:
			on_comment(html, token.text);
			break;
		case MARKUP_BROKEN:
			on_broken(html, token.text);
			break;
		}
	}
}

static void read_page(struct html *html, struct span markup,
    struct visible *out, struct html_found *found)
{
	if (markup.len > HTML_INPUT_MAX) {
		found->unread += markup.len - HTML_INPUT_MAX;
		markup.len = HTML_INPUT_MAX;
		while (markup.len > 0 &&
		       ((unsigned char)markup.data[markup.len] & 0xc0) == 0x80)
			markup.len--;
	}
	html->found = found;
	page_init(&html->page, out);
	buf_init(&html->scratch, HTML_INPUT_MAX);
	html->depth = html->floor = 1;
	style_init(&html->frames[0].style);
	html->frames[0].name = (struct span){"", 0};
	html->frames[0].href = (struct span){"", 0};
	walk(html, markup);
	while (html->depth > 1)
		pop(html);
	follow_quote(html, false);
	page_end(&html->page);
	buf_release(&html->scratch);
}

void html_text(
    struct span markup, struct visible *out, struct html_found *found)
{
	struct html *html = mem_zalloc(sizeof(*html));

	read_page(html, markup, out, found);
	free(html);
}

void html_answer(struct span markup, struct visible *out)
{
	struct html *html = mem_zalloc(sizeof(*html));
	struct html_found found = {.link = NULL};

	html->answer = true;
	read_page(html, markup, out, &found);
	free(html);
}
