/*
 * markup: the tokenizer.  No state between tokens but the position.
 */
#include "check/reader/markup.h"

#include <string.h>
#include <strings.h>

static const char *const attribute_names[MARKUP_ATTRIBUTES] = {
    [MARKUP_ALT] = "alt",
    [MARKUP_ARIA_LABEL] = "aria-label",
    [MARKUP_BACKGROUND] = "background",
    [MARKUP_BGCOLOR] = "bgcolor",
    [MARKUP_CLASS] = "class",
    [MARKUP_COLOR] = "color",
    [MARKUP_DATA] = "data",
    [MARKUP_HIDDEN] = "hidden",
    [MARKUP_HREF] = "href",
    [MARKUP_HTTP_EQUIV] = "http-equiv",
    [MARKUP_ID] = "id",
    [MARKUP_MEDIA] = "media",
    [MARKUP_POSTER] = "poster",
    [MARKUP_REL] = "rel",
    [MARKUP_SRC] = "src",
    [MARKUP_SRCSET] = "srcset",
    [MARKUP_STYLE] = "style",
    [MARKUP_TEXT_COLOR] = "text",
    [MARKUP_TITLE] = "title",
    [MARKUP_TYPE] = "type",
    [MARKUP_VALUE] = "value",
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool markup_is(struct span name, const char *what)
{
	return strlen(what) == name.len &&
	       strncasecmp(name.data, what, name.len) == 0;
}

static struct span between(const char *from, const char *to)
{
	return (struct span){from, (size_t)(to - from)};
}

static const char *skip_space(const char *p, const char *end)
{
	while (p < end && is_space(*p))
		p++;
	return p;
}

static void keep_attribute(
    struct markup_token *token, struct span name, struct span value)
{
	if (name.len > 2 && strncasecmp(name.data, "on", 2) == 0 &&
	    token->handler.len == 0)
		token->handler = name;
	if (name.len > 6 && strncasecmp(name.data, "xlink:", 6) == 0)
		name = (struct span){name.data + 6, name.len - 6};
	for (unsigned i = 0; i < MARKUP_ATTRIBUTES; i++) {
		if ((token->has & 1u << i) == 0 &&
		    markup_is(name, attribute_names[i])) {
			token->has |= 1u << i;
			token->value[i] = value;
		}
	}
}

/* The value behind '='; returns what follows, NULL: it never ends. */
static const char *take_value(
    const char *p, const char *end, struct span *value)
{
	const char *from;

	p = skip_space(p, end);
	if (p < end && (*p == '"' || *p == '\'')) {
		from = p + 1;
		p = memchr(from, *p, (size_t)(end - from));
		if (p == NULL)
			return NULL;
		*value = between(from, p);
		return p + 1;
	}
	for (from = p; p < end && !is_space(*p) && *p != '>';)
		p++;
	*value = between(from, p);
	return p;
}

/* Attributes up to '>'; returns what is behind it, NULL: it never comes. */
static const char *take_attributes(
    const char *p, const char *end, struct markup_token *token)
{
	while (p < end) {
		struct span name, value = {"", 0};
		const char *from;

		while (p < end && (is_space(*p) || *p == '/'))
			p++;
		if (p == end)
			break;
		if (*p == '>')
			return p + 1;
		for (from = p++; p < end && !is_space(*p) && *p != '/' &&
				 *p != '>' && *p != '=';)
			p++;
		name = between(from, p);
		p = skip_space(p, end);
		if (p < end && *p == '=')
			p = take_value(p + 1, end, &value);
		if (p == NULL)
			break;
		keep_attribute(token, name, value);
	}
	return NULL;
}

static const char *take_tag(
    const char *p, const char *end, struct markup_token *token)
{
	const char *from = p;

	while (p < end && !is_space(*p) && *p != '/' && *p != '>')
		p++;
	token->name = between(from, p);
	return take_attributes(p, end, token);
}

/* From behind "<!--"; returns what is behind the comment, or NULL. */
static const char *take_comment(
    const char *p, const char *end, struct span *text)
{
	const char *from = p;

	*text = between(from, from);
	if (p < end && *p == '>')
		return p + 1;
	if (end - p >= 2 && p[0] == '-' && p[1] == '>')
		return p + 2;
	while ((p = memmem(p, (size_t)(end - p), "--", 2)) != NULL) {
		*text = between(from, p);
		if (end - p >= 3 && p[2] == '>')
			return p + 3;
		if (end - p >= 4 && p[2] == '!' && p[3] == '>')
			return p + 4;
		p++;
	}
	return NULL;
}

/*
 * "<!DOCTYPE", "<?xml", "</3": up to the next '>' it is as if not there, but
 * for "<![if mso]>", which Outlook heeds.
 */
static const char *take_bogus(const char *p, const char *end, struct span *text)
{
	const char *close = memchr(p, '>', (size_t)(end - p));

	*text = between(p, close == NULL ? p : close);
	return close == NULL ? NULL : close + 1;
}

static bool begins_markup(const char *p, const char *end)
{
	return end - p >= 2 &&
	       (is_letter(p[1]) || p[1] == '/' || p[1] == '!' || p[1] == '?');
}

/* At a '<' that begins markup: where the token ends, or NULL. */
static const char *take_markup(
    const char *p, const char *end, struct markup_token *token)
{
	if (is_letter(p[1])) {
		token->kind = MARKUP_OPEN;
		return take_tag(p + 1, end, token);
	}
	if (p[1] == '/' && end - p >= 3 && is_letter(p[2])) {
		token->kind = MARKUP_CLOSE;
		return take_tag(p + 2, end, token);
	}
	token->kind = MARKUP_COMMENT;
	token->bogus = end - p < 4 || memcmp(p, "<!--", 4) != 0;
	if (end - p >= 4 && memcmp(p, "<!--", 4) == 0)
		return take_comment(p + 4, end, &token->text);
	return take_bogus(p + 2, end, &token->text);
}

/* Where the text that begins at p ends. */
static const char *end_of_text(const char *p, const char *end)
{
	while (p < end) {
		p = memchr(p, '<', (size_t)(end - p));
		if (p == NULL)
			return end;
		if (begins_markup(p, end))
			return p;
		p++;
	}
	return end;
}

void markup_next(struct span *rest, struct markup_token *token)
{
	const char *p = rest->data, *end = p + rest->len, *stop;

	token->has = 0;
	token->handler.len = 0;
	token->kind = MARKUP_END;
	if (p == end)
		return;
	stop = end_of_text(p, end);
	if (stop > p) {
		token->kind = MARKUP_TEXT;
		token->text = between(p, stop);
	} else {
		stop = take_markup(p, end, token);
	}
	if (stop == NULL) {
		token->kind = MARKUP_BROKEN;
		token->text = *rest;
		stop = end;
	}
	token->tag = between(p, stop);
	*rest = between(stop, end);
}

struct span markup_raw(struct span *rest, struct span name)
{
	const char *p = rest->data, *end = p + rest->len;
	struct span raw = *rest;

	while (p < end && (p = memmem(p, (size_t)(end - p), "</", 2)) != NULL) {
		const char *behind = p + 2 + name.len;

		if (behind < end &&
		    strncasecmp(p + 2, name.data, name.len) == 0 &&
		    (is_space(*behind) || *behind == '/' || *behind == '>')) {
			raw.len = (size_t)(p - raw.data);
			break;
		}
		p += 2;
	}
	*rest = between(raw.data + raw.len, end);
	return raw;
}
