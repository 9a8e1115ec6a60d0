/*
 * style: reads declarations one by one through a table of properties.  It
 * errs on the side of "seen", so that ordinary mail raises no alarm.
 */
#include "check/reader/style.h"

#include "check/reader/decode.h"
#include "check/reader/length.h"

#include <math.h>
#include <string.h>
#include <strings.h>

/* What an element's own properties have said so far. */
#define SAYS_DISPLAY   1u
#define SAYS_OPACITY   2u
#define SAYS_SIZE      4u  /* no height or width at most */
#define SAYS_CUT       8u  /* what does not fit is not seen */
#define SAYS_FLAT      16u /* next to no height or width */
#define SAYS_MOST_FLAT 32u /* likewise, at most */
#define SAYS_NARROW    64u
#define SAYS_ONE_LINE  128u /* broken nowhere */

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

/* Can the value only be known in the middle of the page? */
static bool is_indirect(struct span value)
{
	return starts(value, "var(") || starts(value, "env(") ||
	       starts(value, "attr(");
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

void style_init(struct style *style)
{
	*style = (struct style){
	    .fill = STYLE_AS_TEXT, .text = 0, .ground = 0xffffff};
}

static void set(struct style *style, unsigned bit, bool on)
{
	style->hides = on ? style->hides | bit : style->hides & ~bit;
}

/* What only this element says; what it says last counts. */
static void say(struct style *style, unsigned bit, bool on)
{
	style->says = on ? style->says | bit : style->says & ~bit;
}

static void do_display(struct style *style, struct span value)
{
	say(style, SAYS_DISPLAY, is(value, "none") || is_indirect(value));
}

static void do_visibility(struct style *style, struct span value)
{
	set(style, STYLE_INVISIBLE,
	    is(value, "hidden") || is(value, "collapse") || is_indirect(value));
}

static void do_opacity(struct style *style, struct span value)
{
	say(style, SAYS_OPACITY, length_faint(value) || is_indirect(value));
}

static void do_font_size(struct style *style, struct span value)
{
	set(style, STYLE_TINY, length_tiny(value) || is_indirect(value));
}

/* "font: 0/0 a": the size is the last word with a digit before the family. */
static void do_font(struct style *style, struct span value)
{
	const char *p = value.data, *end = p + value.len;

	while (p < end) {
		const char *from = p;
		struct span unit = {"", 0};
		double n;

		while (p < end && !is_space(*p))
			p++;
		if (*from >= '0' && *from <= '9') {
			const char *slash =
			    memchr(from, '/', (size_t)(p - from));
			struct span size =
			    trim(from, slash != NULL ? slash : p);

			/* a weight such as 700 is none */
			if (!length_number(size, &n, &unit) || unit.len > 0 ||
			    n < 1)
				set(style, STYLE_TINY, length_tiny(size));
			if (slash != NULL || unit.len > 0)
				return;
		}
		while (p < end && is_space(*p))
			p++;
	}
}

#define CHARS_IN_LINE  120
#define NARROW_CHARS   30 /* of what is 100 pixels wide */
#define PIXELS_OF_LINE 14

/* How much text a height has room for, if it is small and the rest is cut. */
static void say_room(struct style *style, struct span value)
{
	struct span unit;
	double n;

	if (!length_number(value, &n, &unit) || starts(unit, "%"))
		return;
	n *= length_pixels(unit);
	if (n > 0 && n <= 200)
		style->room =
		    (unsigned)(n / PIXELS_OF_LINE + 1) * CHARS_IN_LINE;
}

static void do_most_height(struct style *style, struct span value)
{
	say_room(style, value);
	say(style, SAYS_SIZE, length_zero(value));
	say(style, SAYS_MOST_FLAT, length_flat(value));
}

/* Beside a height, which counts more: it only adds. */
static void do_most_width(struct style *style, struct span value)
{
	style->says |= length_zero(value) ? SAYS_SIZE : 0;
	style->says |= length_flat(value) ? SAYS_MOST_FLAT : 0;
}

static void do_height(struct style *style, struct span value)
{
	say_room(style, value);
	say(style, SAYS_FLAT, length_flat(value));
}

static void do_width(struct style *style, struct span value)
{
	style->says |= length_flat(value) ? SAYS_FLAT : 0;
}

/* A line that is broken nowhere, or so many lines at most. */
static void do_clamp(struct style *style, struct span value)
{
	struct span unit;
	double n;

	if (length_number(value, &n, &unit) && n >= 1 && n <= 20)
		style->room = (unsigned)n * CHARS_IN_LINE;
}

static void do_narrow(struct style *style, struct span value)
{
	struct span unit;
	double n;

	do_width(style, value);
	if (length_number(value, &n, &unit) && !starts(unit, "%") &&
	    n * length_pixels(unit) <= 100)
		style->says |= SAYS_NARROW;
}

static void do_most_narrow(struct style *style, struct span value)
{
	do_most_width(style, value);
	do_narrow(style, value);
}

static void do_white_space(struct style *style, struct span value)
{
	say(style, SAYS_ONE_LINE, is(value, "nowrap"));
}

static void do_overflow(struct style *style, struct span value)
{
	say(style, SAYS_CUT, starts(value, "hidden") || starts(value, "clip"));
}

static void do_place(struct style *style, struct span value)
{
	if (length_far(value))
		style->hides |= STYLE_NONE;
}

/* "oklch(100% 0 0)": what nobody can tell is as good as hidden. */
static int text_color(struct span value)
{
	int color = color_read(value);

	return color == COLOR_NONE && !is_indirect(value) &&
		       memchr(value.data, '(', value.len) != NULL
		   ? COLOR_TRANSPARENT
		   : color;
}

static void do_color(struct style *style, struct span value)
{
	if (!is(value, "inherit") && !is(value, "initial"))
		style->text = text_color(value);
}

static void do_fill(struct style *style, struct span value)
{
	style->fill = starts(value, "current") || is(value, "inherit")
			  ? STYLE_AS_TEXT
			  : color_read(value);
}

static void do_ground(struct style *style, struct span value)
{
	const char *p = value.data, *end = p + value.len;
	struct span first;

	while (p < end &&
	       (!is_space(*p) || starts(value, "rgb") || starts(value, "hsl")))
		p++;
	first = trim(value.data, p);
	if (is(first, "none") || is(first, "inherit") || is(first, "initial") ||
	    color_read(first) == COLOR_TRANSPARENT)
		return;
	style->ground = memmem(value.data, value.len, "gradient(", 9) != NULL
			    ? color_within(value)
			    : color_read(first);
}

static void do_mso_hide(struct style *style, struct span value)
{
	if (is(value, "all"))
		style->hides |= STYLE_OUTLOOK;
}

static void do_clip(struct style *style, struct span value)
{
	const char *open = memchr(value.data, '(', value.len);

	if (open == NULL)
		return;
	if (starts(value, "rect(0") || starts(value, "rect(1px") ||
	    starts(value, "inset(50%") || starts(value, "inset(100%") ||
	    length_naught(
		(struct span){open, value.len - (size_t)(open - value.data)}))
		style->hides |= STYLE_NONE;
}

/* One function of a transformation, such as "scale" and "0.01)". */
static void transform_by(
    struct style *style, struct span name, struct span args)
{
	struct span unit = {"", 0};
	double n = 1;

	if (!length_number(args, &n, &unit))
		return;
	if (starts(name, "scale") && (fabs(n) <= 0.1 || length_naught(args)))
		style->hides |= STYLE_NONE;
	else if (starts(name, "matrix") && fabs(n) <= 0.1)
		style->hides |= STYLE_NONE;
	else if (starts(name, "translate") && length_far(args))
		style->hides |= STYLE_NONE;
	else if ((starts(name, "rotatex") || starts(name, "rotatey") ||
		     starts(name, "skew")) &&
		 fabs(fmod(n, 180)) >= 80 && fabs(fmod(n, 180)) <= 100)
		style->hides |= STYLE_NONE;
	if ((starts(name, "scale") && n < 0) ||
	    (starts(name, "rotate") && fabs(fmod(n, 360)) >= 90))
		style->turned = true;
}

static void do_transform(struct style *style, struct span value)
{
	const char *p = value.data, *end = p + value.len, *open, *close;

	while (p < end && (open = memchr(p, '(', (size_t)(end - p))) != NULL) {
		close = memchr(open, ')', (size_t)(end - open));
		if (close == NULL)
			close = end;
		transform_by(style, trim(p, open), trim(open + 1, close));
		p = close < end ? close + 1 : end;
	}
}

/* "opacity(0)", "alpha(opacity=0)", "blur(9px)" */
static void do_filter(struct style *style, struct span value)
{
	static const char *const names[] = {"opacity(", "opacity=", "blur("};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (struct span rest = value; rest.len > strlen(names[i]);
		     rest.data++, rest.len--) {
			struct span arg = {rest.data + strlen(names[i]),
			    rest.len - strlen(names[i])};
			struct span unit;
			double n;

			if (!starts(rest, names[i]) ||
			    !length_number(arg, &n, &unit))
				continue;
			if (i == 2 ? n >= 4 : n <= (i == 1 ? 10 : 0.1))
				style->hides |= STYLE_NONE;
		}
}

static void do_spacing(struct style *style, struct span value)
{
	struct span unit;
	double n;

	if (length_number(value, &n, &unit) && n * length_pixels(unit) <= -5)
		style->hides |= STYLE_TINY;
}

static void do_zoom(struct style *style, struct span value)
{
	if (length_faint(value))
		style->hides |= STYLE_NONE;
}

static void do_content(struct style *style, struct span value)
{
	if (is(value, "hidden"))
		style->hides |= STYLE_NONE;
}

static void do_security(struct style *style, struct span value)
{
	if (!is(value, "none"))
		style->hides |= STYLE_NONE;
}

static void do_bidi(struct style *style, struct span value)
{
	if (is(value, "bidi-override") || is(value, "isolate-override"))
		style->turned = true;
}

static void do_position(struct style *style, struct span value)
{
	if (is(value, "absolute") || is(value, "fixed"))
		style->moved = true;
}

static void do_order(struct style *style, struct span value)
{
	if (!length_zero(value))
		style->moved = true;
}

/* "column-reverse", and "row wrap-reverse". */
static void do_flex(struct style *style, struct span value)
{
	if (memmem(value.data, value.len, "reverse", 7) != NULL)
		style->moved = true;
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
    {"max-height", do_most_height},
    {"max-width", do_most_narrow},
    {"height", do_height},
    {"width", do_narrow},
    {"-webkit-line-clamp", do_clamp},
    {"white-space", do_white_space},
    {"overflow", do_overflow},
    {"overflow-x", do_overflow},
    {"overflow-y", do_overflow},
    {"text-indent", do_place},
    {"left", do_place},
    {"right", do_place},
    {"top", do_place},
    {"bottom", do_place},
    {"inset", do_place},
    {"margin", do_place},
    {"margin-left", do_place},
    {"margin-right", do_place},
    {"margin-top", do_place},
    {"translate", do_place},
    {"color", do_color},
    {"-webkit-text-fill-color", do_fill},
    {"background", do_ground},
    {"background-color", do_ground},
    {"background-image", do_ground},
    {"mso-hide", do_mso_hide},
    {"clip", do_clip},
    {"clip-path", do_clip},
    {"-webkit-clip-path", do_clip},
    {"transform", do_transform},
    {"-webkit-transform", do_transform},
    {"-ms-transform", do_transform},
    {"scale", do_zoom},
    {"zoom", do_zoom},
    {"filter", do_filter},
    {"-webkit-filter", do_filter},
    {"-ms-filter", do_filter},
    {"letter-spacing", do_spacing},
    {"content-visibility", do_content},
    {"-webkit-text-security", do_security},
    {"unicode-bidi", do_bidi},
    {"position", do_position},
    {"order", do_order},
    {"flex-direction", do_flex},
    {"flex-flow", do_flex},
    {"flex-wrap", do_flex},
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

static bool is_important(struct span value)
{
	const char *mark = memchr(value.data, '!', value.len);

	return mark != NULL &&
	       starts(trim(mark + 1, value.data + value.len), "important");
}

void style_apply(struct style *style, struct span css, bool important)
{
	struct declaration declaration;

	while (take(&css, &declaration))
		if (!important || is_important(declaration.value))
			apply(style, &declaration);
}

void style_settle(struct style *style)
{
	unsigned says = style->says;
	bool flat = (says & (SAYS_FLAT | SAYS_MOST_FLAT)) != 0;

	if ((says & (SAYS_DISPLAY | SAYS_OPACITY | SAYS_SIZE)) != 0 ||
	    (flat && (says & SAYS_CUT) != 0))
		style->hides |= STYLE_NONE;
	if ((says & (SAYS_DISPLAY | SAYS_SIZE)) != 0)
		style->gone = true;
	if ((says & (SAYS_CUT | SAYS_NARROW | SAYS_ONE_LINE)) ==
	    (SAYS_CUT | SAYS_NARROW | SAYS_ONE_LINE))
		style->room = NARROW_CHARS;
	else if ((says & SAYS_CUT) == 0)
		style->room = 0;
	style->says = 0;
}

bool style_same(const struct style *a, const struct style *b)
{
	return a->hides == b->hides && a->says == b->says &&
	       a->text == b->text && a->ground == b->ground &&
	       a->fill == b->fill && a->struck == b->struck &&
	       a->turned == b->turned && a->moved == b->moved;
}

bool style_astray(const struct style *style)
{
	return style->turned || style->moved || style->some;
}

bool style_hidden(const struct style *style)
{
	int text = style->fill == STYLE_AS_TEXT ? style->text : style->fill;

	return style->hides != 0 || text == COLOR_TRANSPARENT ||
	       color_alike(text, style->ground);
}
