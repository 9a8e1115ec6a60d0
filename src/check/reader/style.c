/*
 * style: reads declarations one by one through a table of properties.  It
 * errs on the side of "seen", so that ordinary mail raises no alarm.
 */
#include "check/reader/style.h"

#include "check/reader/decode.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define WHITE 0xffffff

struct declaration {
	struct span name, value;
};

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

static bool is(struct span s, const char *what)
{
	return s.len == strlen(what) && strncasecmp(s.data, what, s.len) == 0;
}

static bool starts(struct span s, const char *what)
{
	return s.len >= strlen(what) &&
	       strncasecmp(s.data, what, strlen(what)) == 0;
}

/* A value without "!important". */
static struct span bare(struct span value)
{
	const char *mark = memchr(value.data, '!', value.len);

	return mark == NULL ? value : trim(value.data, mark);
}

/* The number at the value's start and its unit; false: it has none. */
static bool number(struct span value, double *n, struct span *unit)
{
	char digits[32];
	size_t len =
	    value.len < sizeof(digits) - 1 ? value.len : sizeof(digits) - 1;
	size_t used = 0;

	memcpy(digits, value.data, len);
	digits[len] = '\0';
	used = strspn(digits, "+-0123456789.");
	if (used == 0 || strpbrk(digits, "0123456789") == NULL)
		return false;
	digits[used] = '\0';
	*n = strtod(digits, NULL);
	*unit = trim(value.data + used, value.data + value.len);
	return true;
}

/* Smaller than anybody can read. */
static bool tiny(struct span value)
{
	struct span unit;
	double n;

	if (!number(value, &n, &unit))
		return false;
	if (starts(unit, "px") || starts(unit, "pt"))
		return n <= 2;
	if (starts(unit, "em") || starts(unit, "rem"))
		return n <= 0.15;
	if (starts(unit, "%"))
		return n <= 15;
	return n == 0;
}

static bool zero(struct span value)
{
	struct span unit;
	double n;

	return number(value, &n, &unit) && n <= 0;
}

static bool far_away(struct span value)
{
	struct span unit;
	double n;

	return number(value, &n, &unit) &&
	       (n <= -500 || (starts(unit, "em") && n <= -50));
}

static int hex_color(struct span value)
{
	unsigned long n;
	char digits[7];

	if (value.len != 4 && value.len != 7)
		return STYLE_NO_COLOR;
	for (size_t i = 0; i < 6; i++)
		digits[i] = value.data[value.len == 4 ? 1 + i / 2 : 1 + i];
	digits[6] = '\0';
	if (strspn(digits, "0123456789abcdefABCDEF") != 6)
		return STYLE_NO_COLOR;
	n = strtoul(digits, NULL, 16);
	return (int)n;
}

/* "rgb(255, 255, 255)" or "rgba(0,0,0,0)", the name and '(' taken off. */
static int rgb_color(struct span value)
{
	const char *p = value.data, *end = p + value.len;
	double part[4] = {0, 0, 0, 1};
	struct span unit;

	for (int i = 0; i < 4; i++) {
		const char *stop = p;

		while (stop < end && *stop != ',' && *stop != ')')
			stop++;
		if (!number(trim(p, stop), &part[i], &unit))
			return i < 3 ? STYLE_NO_COLOR : STYLE_TRANSPARENT;
		if (stop == end || *stop == ')')
			break;
		p = stop + 1;
	}
	if (part[3] <= 0.05)
		return STYLE_TRANSPARENT;
	for (int i = 0; i < 3; i++)
		if (part[i] < 0 || part[i] > 255)
			return STYLE_NO_COLOR;
	return (int)part[0] << 16 | (int)part[1] << 8 | (int)part[2];
}

int style_color(struct span value)
{
	if (starts(value, "#"))
		return hex_color(value);
	if (starts(value, "rgb(") || starts(value, "rgba(")) {
		size_t skip = value.data[3] == '(' ? 4 : 5;

		return rgb_color(
		    (struct span){value.data + skip, value.len - skip});
	}
	if (is(value, "transparent"))
		return STYLE_TRANSPARENT;
	if (is(value, "white"))
		return WHITE;
	if (is(value, "black"))
		return 0;
	return STYLE_NO_COLOR;
}

/* Where "url(" points, as it stands between its quotes. */
static bool find_url(struct span css, struct span *url)
{
	const char *p = css.data, *end = p + css.len, *close;

	for (; end - p > 4; p++) {
		if (strncasecmp(p, "url(", 4) != 0)
			continue;
		p += 4;
		while (p < end && (is_space(*p) || *p == '"' || *p == '\''))
			p++;
		for (close = p; close < end && *close != ')' && *close != '"' &&
				*close != '\'';)
			close++;
		*url = trim(p, close);
		if (style_remote(*url))
			return true;
		p = close;
		if (p == end)
			break;
	}
	return false;
}

static bool find_import(struct span css, struct span *url)
{
	const char *p = css.data, *end = p + css.len;

	while ((p = memchr(p, '@', (size_t)(end - p))) != NULL) {
		p++;
		if (end - p < 7 || strncasecmp(p, "import", 6) != 0)
			continue;
		p += 6;
		while (p < end && (is_space(*p) || *p == '"' || *p == '\''))
			p++;
		*url = (struct span){p, (size_t)(end - p)};
		for (size_t i = 0; i < url->len; i++)
			if (strchr("\"';", p[i]) != NULL)
				url->len = i;
		if (style_remote(*url))
			return true;
	}
	return false;
}

bool style_remote(struct span url)
{
	url = trim(url.data, url.data + url.len);
	return starts(url, "http:") || starts(url, "https:") ||
	       starts(url, "ftp:") || starts(url, "//") ||
	       starts(url, "\\\\") || starts(url, "file:");
}

bool style_fetches(struct span css, struct span *url)
{
	return find_url(css, url) || find_import(css, url);
}

/* The character "\6e " at p stands for, if ASCII; behind it in *behind. */
static char unescape(const char *p, const char *end, const char **behind)
{
	unsigned code = 0;
	const char *from = ++p;

	for (; p < end && p - from < 6 && decode_hex(*p) >= 0; p++)
		code = code << 4 | (unsigned)decode_hex(*p);
	if (p == from) {
		*behind = p < end ? p + 1 : p;
		return p < end ? *p : '\\';
	}
	*behind = p < end && is_space(*p) ? p + 1 : p;
	return code > 0 && code < 0x80 ? (char)code : '?';
}

void style_clean(struct span css, struct buf *out)
{
	const char *p = css.data, *end = p + css.len, *close;

	while (p < end) {
		if (*p == '\\') {
			char c = unescape(p, end, &p);

			buf_add_char(out, c);
		} else if (end - p >= 2 && p[0] == '/' && p[1] == '*') {
			close = memmem(p + 2, (size_t)(end - p - 2), "*/", 2);
			p = close != NULL ? close + 2 : end;
		} else {
			buf_add_char(out, *p++);
		}
	}
}

/* The quoted string at p, if it has a letter or digit in it. */
static bool quoted_words(const char *p, const char *end, struct span *text)
{
	const char *close;

	if (p == end || (*p != '"' && *p != '\''))
		return false;
	close = memchr(p + 1, *p, (size_t)(end - p - 1));
	if (close == NULL)
		return false;
	*text = trim(p + 1, close);
	for (size_t i = 0; i < text->len && text->data[i] != '\\'; i++)
		if ((unsigned char)text->data[i] >= '0')
			return true;
	return false;
}

bool style_writes(struct span css, struct span *text)
{
	static const char mark[] = "content";
	const char *p = css.data, *end = p + css.len;

	for (; (size_t)(end - p) > sizeof(mark); p++) {
		const char *q = p + sizeof(mark) - 1;

		if ((*p | 0x20) != 'c' ||
		    strncasecmp(p, mark, sizeof(mark) - 1) != 0)
			continue;
		while (q < end && is_space(*q))
			q++;
		if (q == end || *q != ':')
			continue;
		for (q++; q < end && is_space(*q);)
			q++;
		if (quoted_words(q, end, text))
			return true;
	}
	return false;
}

void style_init(struct style *style)
{
	*style = (struct style){.hides = 0, .text = 0, .ground = WHITE};
}

static void set(struct style *style, unsigned bit, bool on)
{
	style->hides = on ? style->hides | bit : style->hides & ~bit;
}

static void do_display(struct style *style, struct span value)
{
	if (is(value, "none"))
		style->hides |= STYLE_NONE;
}

static void do_visibility(struct style *style, struct span value)
{
	set(style, STYLE_INVISIBLE,
	    is(value, "hidden") || is(value, "collapse"));
}

static void do_opacity(struct style *style, struct span value)
{
	struct span unit;
	double n;

	if (number(value, &n, &unit) && n <= (starts(unit, "%") ? 5 : 0.05))
		style->hides |= STYLE_NONE;
}

static void do_font_size(struct style *style, struct span value)
{
	set(style, STYLE_TINY, tiny(value));
}

/* "font: 0/0 a": the size is the first word that begins with a digit. */
static void do_font(struct style *style, struct span value)
{
	const char *p = value.data, *end = p + value.len;

	while (p < end) {
		const char *from = p;

		while (p < end && !is_space(*p))
			p++;
		if (*from >= '0' && *from <= '9') {
			const char *slash =
			    memchr(from, '/', (size_t)(p - from));

			/* A weight such as 700 is not tiny either. */
			set(style, STYLE_TINY,
			    tiny(trim(from, slash != NULL ? slash : p)));
			return;
		}
		while (p < end && is_space(*p))
			p++;
	}
}

static void do_max_size(struct style *style, struct span value)
{
	if (zero(value))
		style->hides |= STYLE_NONE;
}

static void do_place(struct style *style, struct span value)
{
	if (far_away(value))
		style->hides |= STYLE_NONE;
}

static void do_color(struct style *style, struct span value)
{
	if (!is(value, "inherit") && !is(value, "initial"))
		style->text = style_color(value);
}

static void do_ground(struct style *style, struct span value)
{
	const char *p = value.data, *end = p + value.len;

	while (p < end && (!is_space(*p) || starts(value, "rgb")))
		p++;
	value = trim(value.data, p);
	if (is(value, "none") || is(value, "inherit") || is(value, "initial") ||
	    style_color(value) == STYLE_TRANSPARENT)
		return;
	style->ground = style_color(value);
}

static void do_mso_hide(struct style *style, struct span value)
{
	if (is(value, "all"))
		style->hides |= STYLE_NONE;
}

static void do_clip(struct style *style, struct span value)
{
	if (starts(value, "rect(0") || starts(value, "rect(1px") ||
	    starts(value, "inset(50%") || starts(value, "inset(100%"))
		style->hides |= STYLE_NONE;
}

static void do_transform(struct style *style, struct span value)
{
	if (is(value, "scale(0)") || is(value, "scale(0,0)") ||
	    is(value, "scale(0, 0)"))
		style->hides |= STYLE_NONE;
}

static void do_decoration(struct style *style, struct span value)
{
	static const char line[] = "line-through";

	for (; value.len >= sizeof(line) - 1; value.data++, value.len--)
		if (starts(value, line))
			style->struck = true;
}

static const struct {
	const char *name;
	void (*apply)(struct style *style, struct span value);
} properties[] = {
    {"display", do_display},
    {"visibility", do_visibility},
    {"opacity", do_opacity},
    {"font-size", do_font_size},
    {"font", do_font},
    {"max-height", do_max_size},
    {"max-width", do_max_size},
    {"text-indent", do_place},
    {"left", do_place},
    {"top", do_place},
    {"margin-left", do_place},
    {"margin-top", do_place},
    {"color", do_color},
    {"background", do_ground},
    {"background-color", do_ground},
    {"mso-hide", do_mso_hide},
    {"clip", do_clip},
    {"clip-path", do_clip},
    {"transform", do_transform},
    {"text-decoration", do_decoration},
    {"text-decoration-line", do_decoration},
};

static void apply(struct style *style, const struct declaration *declaration)
{
	size_t n = sizeof(properties) / sizeof(properties[0]);

	for (size_t i = 0; i < n; i++)
		if (is(declaration->name, properties[i].name))
			properties[i].apply(style, bare(declaration->value));
}

/* "overflow: hidden" with a height or width of nothing. */
static void apply_box(
    struct style *style, const struct declaration *d, unsigned *box)
{
	if (is(d->name, "overflow") && is(bare(d->value), "hidden"))
		*box |= 1u;
	if ((is(d->name, "height") || is(d->name, "width")) && zero(d->value))
		*box |= 2u;
	if (*box == 3u)
		style->hides |= STYLE_NONE;
}

/* The next "name: value" off the front of css; false: no more. */
static bool take(struct span *css, struct declaration *declaration)
{
	const char *p = css->data, *end = p + css->len, *stop, *colon;
	int depth = 0;

	if (css->len == 0)
		return false;
	for (stop = p; stop < end && (*stop != ';' || depth > 0); stop++)
		depth += *stop == '(' ? 1 : *stop == ')' && depth > 0 ? -1 : 0;
	colon = memchr(p, ':', (size_t)(stop - p));
	if (colon == NULL)
		colon = stop;
	declaration->name = trim(p, colon);
	declaration->value = trim(colon < stop ? colon + 1 : stop, stop);
	if (stop < end)
		stop++;
	*css = (struct span){stop, (size_t)(end - stop)};
	return true;
}

bool style_apply(struct style *style, struct span css, struct span *url)
{
	struct declaration declaration;
	struct span rest = css;
	unsigned box = 0;

	while (take(&rest, &declaration)) {
		apply(style, &declaration);
		apply_box(style, &declaration, &box);
	}
	return find_url(css, url);
}

/* So near to each other that nobody sees the difference. */
static bool alike(int a, int b)
{
	int far = 0;

	if (a < 0 || b < 0)
		return false;
	for (int shift = 0; shift <= 16; shift += 8)
		far += abs((a >> shift & 0xff) - (b >> shift & 0xff));
	return far <= 12;
}

bool style_hidden(const struct style *style)
{
	return style->hides != 0 || style->text == STYLE_TRANSPARENT ||
	       alike(style->text, style->ground);
}
