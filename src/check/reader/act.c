/*
 * act: goes through a tag's attributes and tells what it fetches or runs.
 */
#include "check/reader/act.h"

#include "check/reader/charref.h"
#include "check/reader/element.h"
#include "check/reader/style.h"

#include <string.h>
#include <strings.h>

void act_example(char out[HTML_QUOTE_MAX], struct span s)
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

void act_remote(struct html_found *found, struct span url)
{
	found->remote++;
	act_example(found->remote_first, url);
}

static void found_active(struct act *act, struct span what)
{
	act->found->active++;
	act_example(act->found->active_first, what);
}

static struct span resolve(struct act *act, struct span value)
{
	buf_clear(act->scratch);
	charref_resolve(value, act->scratch);
	return buf_span(act->scratch);
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

static bool has(const struct markup_token *token, unsigned attribute)
{
	return (token->has & 1u << attribute) != 0;
}

static void found_by_url(struct act *act, struct span url)
{
	url = trimmed(resolve(act, url));
	if (style_remote(url))
		act_remote(act->found, url);
}

/* "a.png 1x, b.png 2x" is remote when any of them is. */
static void found_by_set(struct act *act, struct span set)
{
	const char *p, *end;

	set = resolve(act, set);
	for (p = set.data, end = p + set.len; p < end;) {
		const char *comma = memchr(p, ',', (size_t)(end - p));
		const char *stop = comma != NULL ? comma : end;
		struct span url = trimmed((struct span){p, (size_t)(stop - p)});

		if (style_remote(url)) {
			act_remote(act->found, url);
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

/* What the tag would fetch. */
static void look_for_remote(struct act *act, const struct markup_token *tag)
{
	static const unsigned urls[] = {
	    MARKUP_BACKGROUND, MARKUP_DATA, MARKUP_POSTER, MARKUP_SRC};

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
		if (has(tag, urls[i]))
			found_by_url(act, tag->value[urls[i]]);
	if (has(tag, MARKUP_SRCSET))
		found_by_set(act, tag->value[MARKUP_SRCSET]);
	if ((markup_is(tag->name, "link") || markup_is(tag->name, "base")) &&
	    has(tag, MARKUP_HREF))
		found_by_url(act, tag->value[MARKUP_HREF]);
}

static void look_for_active(
    struct act *act, const struct markup_token *tag, unsigned does)
{
	if ((does & ELEMENT_ACTIVE) != 0)
		found_active(act, tag->name);
	if (tag->handler.len > 0)
		found_active(act, tag->handler);
	if (has(tag, MARKUP_HREF) &&
	    does_script(trimmed(resolve(act, tag->value[MARKUP_HREF]))))
		found_active(act, (struct span){"javascript:", 11});
	if (markup_is(tag->name, "meta") && has(tag, MARKUP_HTTP_EQUIV) &&
	    markup_is(tag->value[MARKUP_HTTP_EQUIV], "refresh"))
		found_active(act, (struct span){"refresh", 7});
}

void act_look(struct act *act, const struct markup_token *tag, unsigned does)
{
	look_for_remote(act, tag);
	look_for_active(act, tag, does);
}
