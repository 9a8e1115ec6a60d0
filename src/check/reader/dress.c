/*
 * dress: asks old attributes, style sheets and the style attribute in turn.
 */
#include "check/reader/dress.h"

#include "check/reader/act.h"
#include "check/reader/charref.h"
#include "check/reader/element.h"
#include "check/reader/outlook.h"

#include <strings.h>

static bool has(const struct markup_token *token, unsigned attribute)
{
	return (token->has & 1u << attribute) != 0;
}

static struct span resolve(struct dress *dress, struct span value)
{
	buf_clear(dress->scratch);
	charref_resolve(value, dress->scratch);
	return buf_span(dress->scratch);
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

struct sheet_element dress_element(
    const struct markup_token *tag, const struct sheet_element *around)
{
	struct span none = {"", 0};

	return (struct sheet_element){.name = tag->name,
	    .classes = has(tag, MARKUP_CLASS) ? tag->value[MARKUP_CLASS] : none,
	    .id = has(tag, MARKUP_ID) ? tag->value[MARKUP_ID] : none,
	    .tag = tag->tag,
	    .around = around};
}

/* What old attributes say of its style. */
static void read_attributes(
    struct dress *dress, const struct markup_token *tag, struct style *style)
{
	if (dress->unknown && (has(tag, MARKUP_CLASS) || has(tag, MARKUP_ID)))
		style->ground = COLOR_NONE;
	if (has(tag, MARKUP_HIDDEN))
		style->hides |= STYLE_NONE;
	if (markup_is(tag->name, "bdo"))
		style->turned = true;
	if (has(tag, MARKUP_BACKGROUND))
		style->ground = COLOR_NONE;
	if (has(tag, MARKUP_BGCOLOR))
		style->ground = color_read(
		    trimmed(resolve(dress, tag->value[MARKUP_BGCOLOR])));
	if (has(tag, MARKUP_COLOR))
		style->text = color_read(
		    trimmed(resolve(dress, tag->value[MARKUP_COLOR])));
	if (has(tag, MARKUP_TEXT_COLOR) && markup_is(tag->name, "body"))
		style->text = color_read(
		    trimmed(resolve(dress, tag->value[MARKUP_TEXT_COLOR])));
}

void dress_style(struct dress *dress, const struct markup_token *tag,
    const struct sheet_element *element, struct style *style)
{
	struct buf clean;
	struct span url;

	style->room = 0; /* what is around it counts there */
	read_attributes(dress, tag, style);
	sheet_apply(dress->sheet, element, style, false);
	buf_init(&clean, tag->value[MARKUP_STYLE].len + 1);
	if (has(tag, MARKUP_STYLE))
		style_clean(resolve(dress, tag->value[MARKUP_STYLE]), &clean);
	style_apply(style, buf_span(&clean), false);
	if (style_fetches(buf_span(&clean), &url))
		act_remote(dress->found, url);
	sheet_apply(dress->sheet, element, style, true);
	style_apply(style, buf_span(&clean), true);
	style_settle(style);
	buf_release(&clean);
}

bool dress_leads(const struct markup_token *tag)
{
	return has(tag, MARKUP_HREF) &&
	       (markup_is(tag->name, "a") ||
		   (tag->name.len > 2 &&
		       strncasecmp(tag->name.data, "v:", 2) == 0));
}

static void read_sheets(struct sheet *sheet, struct span rest, bool outlook)
{
	struct markup_token token;
	struct span css, media;

	for (;;) {
		markup_next(&rest, &token);
		if (token.kind == MARKUP_END)
			return;
		if (token.kind == MARKUP_COMMENT && !outlook &&
		    outlook_read(&token, &css) == OUTLOOK_INSIDE)
			read_sheets(sheet, css, true);
		if (token.kind != MARKUP_OPEN ||
		    (element_does(token.name) & ELEMENT_RAW) == 0)
			continue;
		css = markup_raw(&rest, token.name);
		media = has(&token, MARKUP_MEDIA) ? token.value[MARKUP_MEDIA]
						  : (struct span){"", 0};
		if (markup_is(token.name, "style"))
			sheet_read(sheet, css, media, outlook);
	}
}

void dress_sheets(struct sheet *sheet, struct span markup)
{
	read_sheets(sheet, markup, false);
}
