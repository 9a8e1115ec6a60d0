/*
 * html: what each element means to a reader's eye.  Cutting the markup is
 * markup's, CSS is style's, white space is page's.
 */
#include "check/reader/html.h"

#include "check/reader/act.h"
#include "check/reader/baselink.h"
#include "check/reader/charref.h"
#include "check/reader/dress.h"
#include "check/reader/element.h"
#include "check/reader/markup.h"
#include "check/reader/outlook.h"
#include "check/reader/page.h"
#include "check/reader/sheet.h"
#include "check/reader/style.h"
#include "check/reader/unseen.h"

#include "util/mem.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* An open element. */
struct frame {
	struct span name;
	struct span href; /* of a link */
	struct sheet_element element;
	struct style style;
	size_t seen; /* as in struct html, when it began */
	unsigned does;
	bool pre, unseen, drop, quoted;
	bool cited; /* in what a mail program marks as an earlier mail */
};

struct html {
	struct page page;
	struct html_found *found;
	struct sheet *sheet;
	struct unseen *unseen;
	struct buf scratch; /* one value with its references resolved */
	struct buf base;    /* what <base> sets before relative links */
	struct frame frames[HTML_DEPTH_MAX]; /* [0] is the page itself */
	size_t depth;			     /* frames in use */
	size_t floor;	 /* those that no end tag here may end */
	size_t beyond;	 /* open elements for which there was no frame */
	bool sheets;	 /* one is elsewhere: classes may mean anything */
	size_t seen;	 /* bytes of text to be seen so far */
	bool in_comment; /* what Outlook alone shows */
	unsigned outlook_skips; /* open ranges that it does not show */
	bool answer;		/* what is quoted is to be told apart */
	bool below;		/* the first line is over */
	bool quoted_on;		/* from here on all is */
	bool cited_on;		/* likewise */
	bool citing;		/* the last range of found->quoted is open */
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
static const char *mark_of(const struct frame *frame, bool answer)
{
	if (is_hidden(frame))
		return PAGE_HIDDEN;
	if (answer && style_astray(&frame->style))
		return PAGE_ASTRAY;
	return frame->style.struck ? PAGE_STRUCK : NULL;
}

static struct span resolve(struct html *html, struct span value)
{
	buf_clear(&html->scratch);
	charref_resolve(value, &html->scratch);
	return buf_span(&html->scratch);
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

/* Who does not see what stands in this element. */
static enum unseen_by unseen_by(struct html *html)
{
	const struct frame *frame = top(html);
	struct style style = frame->style;

	style.hides &= ~STYLE_OUTLOOK;
	if (html->in_comment)
		return UNSEEN_OTHERS;
	if (frame->unseen || style_hidden(&style))
		return UNSEEN_BY_ALL;
	return is_hidden(frame) || html->outlook_skips > 0 ? UNSEEN_OUTLOOK
							   : UNSEEN_NOT;
}

/* What some see in another way than they read it here. */
static void look_at_sight(struct html *html, struct span text)
{
	const struct style *style = &top(html)->style;
	struct html_found *found = html->found;

	if (style->turned) {
		found->turned++;
		act_example(found->turned_first, trimmed(text));
	}
	if (style->some) {
		found->some++;
		act_example(found->some_first, trimmed(text));
	}
}

/* For those who look for words on the page. */
static void tell(struct html *html, struct span text, bool seen)
{
	if (html->found->text != NULL)
		html->found->text(html->found->text_context, text, seen);
}

/* Text whose references are resolved, seen or not as its element is. */
static void put_text(struct html *html, struct span text)
{
	struct frame *frame = top(html);
	bool hidden = is_hidden(frame), filler = unseen_filler(text);

	if (frame->drop)
		return;
	tell(html, text, !hidden && !html->in_comment);
	unseen_text(html->unseen, filler ? UNSEEN_NOT : unseen_by(html),
	    frame->style.gone, text);
	/* what is hidden there is not among the person's words */
	html->below |= html->page.any && html->page.breaks > 0;
	if (html->answer && hidden && html->below)
		return;
	if (hidden && filler) {
		page_space(&html->page);
		return;
	}
	if (!filler && !hidden)
		look_at_sight(html, text);
	html->seen += hidden ? 0 : text.len;
	if (hidden || !filler) {
		follow_quote(html, html->cited_on || frame->cited);
		page_quote(&html->page, is_quoted(html));
		page_mark(&html->page, mark_of(frame, html->answer));
	}
	page_text(&html->page, hidden ? unseen_trim(text) : text, frame->pre);
	if (hidden && !frame->pre && unseen_trim(text).len < text.len)
		page_space(&html->page);
}

static void on_text(struct html *html, struct span text)
{
	buf_clear(&html->scratch);
	charref_text(text, &html->scratch);
	put_text(html, buf_span(&html->scratch));
}

/* Where a link leads, in scratch. */
static struct span link_target(struct html *html, struct span href)
{
	struct span target = trimmed(resolve(html, href));
	struct buf whole;

	buf_init(&whole, target.len + HTML_QUOTE_MAX);
	if (baselink_join(buf_span(&html->base), target, &whole)) {
		buf_clear(&html->scratch);
		buf_add_span(&html->scratch, buf_span(&whole));
		target = buf_span(&html->scratch);
	}
	buf_release(&whole);
	return target;
}

/* Show an address behind the text of a link, unless that says the same. */
static void end_link(struct html *html, struct frame *frame)
{
	struct span href = link_target(html, frame->href), rest = href;

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
	if ((does & (ELEMENT_LINE | ELEMENT_CELL)) != 0)
		unseen_line(html->unseen);
	if ((does & ELEMENT_LINE) != 0)
		page_block(&html->page, (does & ELEMENT_SPACED) != 0 ? 2 : 1);
}

static void pop(struct html *html)
{
	struct frame *frame = top(html);

	if (frame->href.len > 0)
		end_link(html, frame);
	if (frame->style.room > 0 &&
	    html->seen - frame->seen > frame->style.room)
		act_cut_off(html->found);
	html->depth--;
	end_line(html, frame->does);
}

static bool has(const struct markup_token *token, unsigned attribute)
{
	return (token->has & 1u << attribute) != 0;
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
	frame->element = dress_element(tag, &outer->element);
	frame->style = *style;
	frame->seen = html->seen;
	frame->does = does;
	frame->pre = outer->pre || (does & ELEMENT_PRE) != 0;
	frame->unseen = outer->unseen || (does & ELEMENT_UNSEEN) != 0;
	frame->drop = outer->drop || (does & ELEMENT_DROP) != 0;
	frame->quoted = outer->quoted || (does & ELEMENT_QUOTED) != 0;
	if ((does & ELEMENT_STRUCK) != 0)
		frame->style.struck = true;
	if (dress_leads(tag)) {
		frame->href = tag->value[MARKUP_HREF];
		page_link_begin(&html->page);
		unseen_link(html->unseen, unseen_by(html),
		    link_target(html, frame->href));
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

/* A piece of a picture that leads somewhere. */
static void on_area(struct html *html, const struct markup_token *tag)
{
	struct frame frame = {.href = tag->value[MARKUP_HREF]};

	page_link_begin(&html->page);
	if (has(tag, MARKUP_ALT))
		put_attribute(html, "[image: ", tag->value[MARKUP_ALT]);
	end_link(html, &frame);
}

/* Elements without content. */
static void on_void(struct html *html, const struct markup_token *tag)
{
	if (markup_is(tag->name, "br")) {
		page_break(&html->page);
		unseen_line(html->unseen);
	} else if (markup_is(tag->name, "hr")) {
		put_text(html, (struct span){"----", 4});
	}
	if (markup_is(tag->name, "area") && has(tag, MARKUP_HREF))
		on_area(html, tag);
	if (markup_is(tag->name, "img") && has(tag, MARKUP_ALT))
		put_attribute(html, "[image: ", tag->value[MARKUP_ALT]);
	if (markup_is(tag->name, "input") && has(tag, MARKUP_VALUE))
		put_attribute(html, "[input: ", tag->value[MARKUP_VALUE]);
}

/* A style sheet: what it fetches, and what it writes by itself. */
static void on_sheet(struct html *html, struct span css)
{
	struct span found;

	if (style_fetches(css, &found)) {
		html->sheets = true;
		act_remote(html->found, found);
	}
	if (!sheet_writes(css, &found))
		return;
	html->found->hidden++;
	act_example(html->found->hidden_first, found);
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
		tell(html, raw, false);
		if (raw.len == 0 || html->answer)
			return;
		page_mark(&html->page, NULL);
		page_text(&html->page, (struct span){"[title: ", 8}, false);
		page_text(&html->page, raw, false);
		page_text(&html->page, (struct span){"]", 1}, false);
		page_block(&html->page, 1);
	} else if ((does & ELEMENT_DROP) == 0) {
		on_text(html, raw);
	} else {
		tell(html, raw, false);
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
	struct dress dress = {
	    html->sheet, html->found, &html->scratch, html->sheets};
	struct sheet_element element;
	struct style style;

	act_look(&(struct act){html->found, &html->scratch}, tag, does);
	if (markup_is(tag->name, "base") && has(tag, MARKUP_HREF) &&
	    html->base.len == 0)
		buf_add_span(&html->base,
		    trimmed(resolve(html, tag->value[MARKUP_HREF])));
	if (has(tag, MARKUP_TITLE))
		tell(html, resolve(html, tag->value[MARKUP_TITLE]), false);
	if (has(tag, MARKUP_ARIA_LABEL))
		tell(html, resolve(html, tag->value[MARKUP_ARIA_LABEL]), false);
	shut(html, tag->name, does);
	element = dress_element(tag, &top(html)->element);
	style = top(html)->style;
	dress_style(&dress, tag, &element, &style);
	end_line(html, does);
	if ((does & ELEMENT_CELL) != 0)
		page_space(&html->page);
	if ((does & ELEMENT_ITEM) != 0)
		html->page.marker = "* ";
	if ((does & ELEMENT_QUOTED_ON) != 0)
		html->quoted_on = html->cited_on = true;
	if ((does & ELEMENT_VOID) != 0) {
		on_void(html, tag);
		end_line(html, does);
		return;
	}
	push(html, tag, does, &style);
	if ((quotes & ELEMENT_QUOTED) != 0)
		top(html)->cited = true;
	if ((quotes & ELEMENT_SIGNED) != 0 && html->answer && !is_quoted(html))
		page_sign(&html->page);
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
	bool in_comment = html->in_comment;

	style.hides |= STYLE_NONE;
	html->in_comment = true;
	push(html, &tag, 0, &style);
	html->floor = html->depth;
	if (html->depth > depth)
		walk(html, rest);
	else
		put_text(html, rest);
	while (html->depth > depth)
		pop(html);
	html->in_comment = in_comment;
	html->floor = floor;
	html->beyond = beyond;
}

/* The text of a comment holds no whole comment: the recursion has one step. */
static void on_comment(struct html *html, const struct markup_token *token)
{
	struct span inner;

	switch (outlook_read(token, &inner)) {
	case OUTLOOK_NOTHING:
		break;
	case OUTLOOK_INSIDE:
		walk_hidden(html, inner);
		break;
	case OUTLOOK_TAKES:
		html->outlook_skips += html->outlook_skips > 0;
		break;
	case OUTLOOK_SKIPS:
		html->outlook_skips++;
		break;
	case OUTLOOK_END:
		html->outlook_skips -= html->outlook_skips > 0;
		break;
	}
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
			on_comment(html, &token);
			break;
		case MARKUP_BROKEN:
			on_broken(html, token.text);
			break;
		}
	}
}

/* What was hidden tells something new, or not. */
static void judge_hidden(struct html *html)
{
	struct html_found *found = html->found;
	struct unseen_found unseen = {.hidden = 0};

	unseen_judge(html->unseen, &unseen);
	found->hidden += unseen.hidden;
	found->repeated += unseen.repeated;
	found->preheader += unseen.first;
	act_example(found->hidden_first,
	    (struct span){unseen.hidden_first, strlen(unseen.hidden_first)});
	act_example(found->repeated_first, (struct span){unseen.repeated_first,
					       strlen(unseen.repeated_first)});
	found->tired = found->tired || sheet_tired(html->sheet);
}

static void begin_page(
    struct html *html, struct visible *out, struct html_found *found)
{
	html->found = found;
	html->sheet = sheet_new();
	html->unseen = unseen_new();
	page_init(&html->page, out);
	buf_init(&html->scratch, HTML_INPUT_MAX);
	buf_init(&html->base, HTML_QUOTE_MAX);
	html->depth = html->floor = 1;
	style_init(&html->frames[0].style);
	html->frames[0].name = (struct span){"", 0};
	html->frames[0].href = (struct span){"", 0};
	html->frames[0].element =
	    (struct sheet_element){{"", 0}, {"", 0}, {"", 0}, {"", 0}, NULL};
}

static void end_page(struct html *html)
{
	while (html->depth > 1)
		pop(html);
	follow_quote(html, false);
	page_end(&html->page);
	judge_hidden(html);
	buf_release(&html->scratch);
	buf_release(&html->base);
	unseen_free(html->unseen);
	sheet_free(html->sheet);
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
	begin_page(html, out, found);
	dress_sheets(html->sheet, markup);
	walk(html, markup);
	end_page(html);
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
