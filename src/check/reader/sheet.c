/*
 * sheet: a lenient reader of CSS.  Order counts and specificity does not; what
 * selector.c cannot tell fits, so that text is rather told to be hidden.
 */
#include "check/reader/sheet.h"

#include "check/reader/decode.h"
#include "check/reader/length.h"
#include "check/reader/selector.h"

#include "util/mem.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DEPTH_MAX 8 /* of blocks within blocks */

enum reach { NOBODY, SOME, ALL };

struct rule {
	struct span selector, css;
	bool some, outlook;
};

struct sheet {
	struct rule *rules;
	size_t n, room;
	char **texts; /* cleaned sheets, which rules point into */
	size_t n_texts;
	unsigned long work;
	bool tired;
};

struct sheet *sheet_new(void)
{
	return mem_zalloc(sizeof(struct sheet));
}

void sheet_free(struct sheet *sheet)
{
	if (sheet == NULL)
		return;
	for (size_t i = 0; i < sheet->n_texts; i++)
		free(sheet->texts[i]);
	free(sheet->texts);
	free(sheet->rules);
	free(sheet);
}

bool sheet_tired(const struct sheet *sheet)
{
	return sheet->tired;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static struct span trim(const char *from, const char *to)
{
	while (from < to && is_space(*from))
		from++;
	while (to > from && is_space(to[-1]))
		to--;
	return (struct span){from, (size_t)(to - from)};
}

static const char *find(struct span s, const char *what)
{
	size_t n = strlen(what);

	for (size_t i = 0; i + n <= s.len; i++)
		if (strncasecmp(s.data + i, what, n) == 0)
			return s.data + i;
	return NULL;
}

/* ---- one text ----------------------------------------------------------- */

/* "\6e " at p: the letter, or a mark that stands for any one. */
static const char *unescape(const char *p, const char *end, char *c)
{
	unsigned code = 0;
	const char *from = ++p;

	while (p < end && p - from < 6 && decode_hex(*p) >= 0)
		code = code << 4 | (unsigned)decode_hex(*p++);
	if (p == from)
		code = p < end ? (unsigned char)*p++ : 0;
	else if (p < end && is_space(*p))
		p++;
	*c = SELECTOR_ANY;
	if ((code >= '0' && code <= '9') || code == '-' || code == '_' ||
	    (code >= 'A' && code <= 'Z') || (code >= 'a' && code <= 'z'))
		*c = (char)code;
	return p;
}

/* Without comments, escapes and the arrows of HTML's comments. */
static struct span clean(struct sheet *sheet, struct span css)
{
	const char *p = css.data, *end = p + css.len, *close;
	char *out = mem_zalloc(css.len + 1);
	size_t n = 0;

	while (p < end) {
		if (*p == '\\') {
			p = unescape(p, end, &out[n++]);
		} else if (end - p >= 2 && p[0] == '/' && p[1] == '*') {
			close = memmem(p + 2, (size_t)(end - p - 2), "*/", 2);
			p = close != NULL ? close + 2 : end;
		} else if (end - p >= 4 && memcmp(p, "<!--", 4) == 0) {
			p += 4;
		} else if (end - p >= 3 && memcmp(p, "-->", 3) == 0) {
			p += 3;
		} else {
			out[n++] = *p++;
		}
	}
	sheet->texts =
	    mem_grow(sheet->texts, sheet->n_texts + 1, sizeof(*sheet->texts));
	sheet->texts[sheet->n_texts++] = out;
	return (struct span){out, n};
}

/* ---- rules -------------------------------------------------------------- */

/* Can these declarations hide or show anything? */
static bool matters(struct span css)
{
	static const char *const names[] = {
	    "display", "visibility", "opacity", "max-height"};
	struct style before, after;

	style_init(&before);
	after = before;
	style_apply(&after, css, false);
	if (!style_same(&before, &after))
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (find(css, names[i]) != NULL)
			return true;
	return false;
}

static void add(struct sheet *sheet, const struct rule *rule)
{
	if (!selector_counts(rule->selector))
		return;
	if (sheet->n == SHEET_RULES_MAX) {
		sheet->tired = true;
		return;
	}
	if (sheet->n == sheet->room) {
		sheet->room = 2 * sheet->room + 16;
		sheet->rules =
		    mem_grow(sheet->rules, sheet->room, sizeof(*sheet->rules));
	}
	sheet->rules[sheet->n++] = *rule;
}

/* Each selector of "a, b:not(c, d)" makes a rule. */
static void add_all(struct sheet *sheet, struct rule *rule)
{
	const char *p = rule->selector.data, *end = p + rule->selector.len;
	int depth = 0;

	if (!matters(rule->css))
		return;
	for (const char *from = p; p <= end; p++) {
		if (p < end && (*p == '(' || *p == '['))
			depth++;
		else if (p < end && (*p == ')' || *p == ']'))
			depth -= depth > 0;
		if (p < end && (*p != ',' || depth > 0))
			continue;
		rule->selector = trim(from, p);
		if (rule->selector.len > 0)
			add(sheet, rule);
		from = p + 1;
	}
}

/* ---- whom a sheet is for ------------------------------------------------ */

/* "(min-width: 1px)": nearly everybody, or few. */
static enum reach by_feature(struct span feature)
{
	const char *colon = memchr(feature.data, ':', feature.len);
	struct span value, unit;
	double n;

	if (colon == NULL)
		return SOME;
	value = trim(colon + 1, feature.data + feature.len);
	if (!length_number(value, &n, &unit))
		return SOME;
	n *= length_pixels(unit);
	if (find(feature, "min-width") != NULL)
		return n <= 480 ? ALL : SOME;
	if (find(feature, "max-width") != NULL)
		return n >= 1200 ? ALL : SOME;
	if (find(feature, "pixel-ratio") != NULL)
		return n <= 1 ? ALL : SOME;
	return SOME;
}

/* "only screen and (max-width: 600px)" */
static enum reach by_query(struct span query)
{
	const char *p = query.data, *end = p + query.len, *open, *close;
	enum reach reach = ALL, one;

	if (query.len >= 4 && strncasecmp(p, "not ", 4) == 0)
		return SOME;
	if (find(query, "print") != NULL || find(query, "speech") != NULL)
		return NOBODY;
	while (p < end && (open = memchr(p, '(', (size_t)(end - p))) != NULL) {
		close = memchr(open, ')', (size_t)(end - open));
		if (close == NULL)
			return SOME;
		one = by_feature(trim(open + 1, close));
		if (one < reach)
			reach = one;
		p = close + 1;
	}
	return reach;
}

static enum reach by_media(struct span list)
{
	const char *p = list.data, *end = p + list.len;
	enum reach reach = NOBODY, one;

	while (p <= end) {
		const char *comma =
		    p < end ? memchr(p, ',', (size_t)(end - p)) : NULL;
		const char *stop = comma != NULL ? comma : end;

		one = by_query(trim(p, stop));
		if (one > reach)
			reach = one;
		p = stop + 1;
	}
	return reach;
}

/* ---- blocks ------------------------------------------------------------- */

/* Where the string at p ends. */
static const char *behind_string(const char *p, const char *end)
{
	const char quote = *p++;

	while (p < end && *p != quote && *p != '\n')
		p++;
	return p < end ? p + 1 : end;
}

/* The first of these outside of strings, or the end. */
static const char *next_of(const char *p, const char *end, const char *marks)
{
	while (p < end && (*p == '\0' || strchr(marks, *p) == NULL))
		p = *p == '"' || *p == '\'' ? behind_string(p, end) : p + 1;
	return p;
}

/* Where the block whose '{' is before p closes, or the end. */
static const char *find_close(const char *p, const char *end)
{
	for (int depth = 1; p < end; p++) {
		p = next_of(p, end, "{}");
		if (p < end && *p == '}' && --depth == 0)
			return p;
		depth += p < end && *p == '{';
	}
	return end;
}

struct block {
	struct span css;
	bool some, outlook;
	bool within; /* another rule's */
	int depth;
};

static void read_block(struct sheet *sheet, struct block block);

/* Rules in the block of another, as if they were for all of its kind. */
static void read_within(struct sheet *sheet, struct block block, struct span in)
{
	if (block.depth == DEPTH_MAX || memchr(in.data, '{', in.len) == NULL)
		return;
	block.css = in;
	block.within = true;
	block.depth++;
	read_block(sheet, block);
}

/* "@media screen { ... }": what is in it. */
static void read_at(
    struct sheet *sheet, struct block block, struct span head, struct span in)
{
	static const char *const open[] = {
	    "@supports", "@layer", "@document", "@-moz-document", "@container"};
	enum reach reach = NOBODY;

	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++)
		if (find(head, open[i]) == head.data)
			reach = ALL;
	if (find(head, "@media") == head.data)
		reach = by_media(trim(head.data + 6, head.data + head.len));
	if (reach == NOBODY || block.depth == DEPTH_MAX)
		return;
	block.some = block.some || reach == SOME;
	block.css = in;
	block.depth++;
	read_block(sheet, block);
}

/* A rule within another's block: what is before it are declarations. */
static struct span inner_head(struct span head)
{
	const char *p = head.data, *end = p + head.len;

	for (const char *c = p; c < end; c++)
		if (*c == ';')
			p = c + 1;
	while (p < end && (*p == '&' || is_space(*p)))
		p++;
	return trim(p, end);
}

static void read_block(struct sheet *sheet, struct block block)
{
	const char *p = block.css.data, *end = p + block.css.len;

	while (p < end) {
		const char *mark, *close;
		struct span head, in;
		struct rule rule;

		while (p < end && (is_space(*p) || *p == ';' || *p == '}'))
			p++;
		mark = next_of(p, end, *p == '@' ? "{;" : "{");
		head = trim(p, mark);
		if (block.within)
			head = inner_head(head);
		p = mark + 1;
		if (mark == end || *mark == ';')
			continue;
		close = find_close(mark + 1, end);
		in = trim(mark + 1, close);
		p = close + 1;
		if (head.len > 0 && head.data[0] == '@') {
			read_at(sheet, block, head, in);
			continue;
		}
		rule = (struct rule){head, in, block.some, block.outlook};
		add_all(sheet, &rule);
		read_within(sheet, block, in);
	}
}

void sheet_read(
    struct sheet *sheet, struct span css, struct span media, bool outlook)
{
	enum reach reach = media.len > 0 ? by_media(media) : ALL;
	struct block block = {.some = reach == SOME, .outlook = outlook};

	if (reach == NOBODY)
		return;
	block.css = clean(sheet, css);
	read_block(sheet, block);
}

/* ---- an element --------------------------------------------------------- */

/* Would the rule hide what is seen without it? */
static bool hides(const struct rule *rule, const struct style *style)
{
	struct style with = *style, without = *style;

	with.text = without.text = 0;
	with.ground = without.ground = 0xffffff;
	with.fill = without.fill = STYLE_AS_TEXT;
	style_apply(&with, rule->css, false);
	with.text = 0;
	with.ground = 0xffffff;
	with.fill = STYLE_AS_TEXT;
	style_settle(&with);
	style_settle(&without);
	return style_hidden(&with) && !style_hidden(&without);
}

void sheet_apply(struct sheet *sheet, const struct sheet_element *element,
    struct style *style, bool important)
{
	for (size_t i = 0; i < sheet->n; i++) {
		const struct rule *rule = &sheet->rules[i];

		if (sheet->work++ >= SHEET_WORK_MAX) {
			sheet->tired = true;
			return;
		}
		if (!selector_fits(rule->selector, element))
			continue;
		if (!rule->some && !rule->outlook)
			style_apply(style, rule->css, important);
		else if (important || !hides(rule, style))
			continue;
		else if (rule->outlook)
			style->hides |= STYLE_OUTLOOK;
		else
			style->some = true;
	}
}

/* ---- what it writes ----------------------------------------------------- */

/* The quoted string at p, if it has a letter, digit or escape in it. */
static bool quoted_words(const char *p, const char *end, struct span *text)
{
	const char *close;

	if (p == end || (*p != '"' && *p != '\''))
		return false;
	close = memchr(p + 1, *p, (size_t)(end - p - 1));
	if (close == NULL)
		return false;
	*text = trim(p + 1, close);
	for (size_t i = 0; i < text->len; i++) {
		unsigned char c = (unsigned char)text->data[i];

		/* one escape is a sign, such as a bullet; more are words */
		if (c == '\\' && text->len <= 7)
			return false;
		if (c >= '0')
			return true;
	}
	return false;
}

bool sheet_writes(struct span css, struct span *text)
{
	static const char mark[] = "content";
	const char *p, *end = css.data + css.len;

	while ((p = find(css, mark)) != NULL) {
		p += sizeof(mark) - 1;
		css = (struct span){p, (size_t)(end - p)};
		while (p < end && is_space(*p))
			p++;
		if (p == end || *p != ':')
			continue;
		for (p++; p < end && is_space(*p);)
			p++;
		if (quoted_words(p, end, text))
			return true;
		if (end - p > 5 && strncasecmp(p, "attr(", 5) == 0) {
			*text = trim(p, next_of(p, end, ";}"));
			return true;
		}
	}
	return false;
}
