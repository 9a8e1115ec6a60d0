/*
 * color: a table of names and three notations.  What lies upon what is
 * style's.
 */
#include "check/reader/color.h"

#include "check/reader/decode.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FAR	48   /* sum of the three distances that an eye notices */
#define OPAQUE	0.05 /* less covers nothing */
#define NUMBERS 4

static const struct {
	const char *name;
	int color;
} names[] = {{"aliceblue", 0xf0f8ff}, {"antiquewhite", 0xfaebd7},
    {"aqua", 0x00ffff}, {"aquamarine", 0x7fffd4}, {"azure", 0xf0ffff},
    {"beige", 0xf5f5dc}, {"bisque", 0xffe4c4}, {"black", 0x000000},
    {"blanchedalmond", 0xffebcd}, {"blue", 0x0000ff}, {"brown", 0xa52a2a},
    {"canvas", 0xffffff}, {"canvastext", 0x000000}, {"coral", 0xff7f50},
    {"cornsilk", 0xfff8dc}, {"crimson", 0xdc143c}, {"cyan", 0x00ffff},
    {"darkblue", 0x00008b}, {"darkgray", 0xa9a9a9}, {"darkgreen", 0x006400},
    {"darkgrey", 0xa9a9a9}, {"darkred", 0x8b0000}, {"darkslategray", 0x2f4f4f},
    {"darkslategrey", 0x2f4f4f}, {"dimgray", 0x696969}, {"dimgrey", 0x696969},
    {"floralwhite", 0xfffaf0}, {"fuchsia", 0xff00ff}, {"gainsboro", 0xdcdcdc},
    {"ghostwhite", 0xf8f8ff}, {"gold", 0xffd700}, {"gray", 0x808080},
    {"green", 0x008000}, {"grey", 0x808080}, {"honeydew", 0xf0fff0},
    {"indigo", 0x4b0082}, {"ivory", 0xfffff0}, {"khaki", 0xf0e68c},
    {"lavender", 0xe6e6fa}, {"lavenderblush", 0xfff0f5},
    {"lemonchiffon", 0xfffacd}, {"lightblue", 0xadd8e6},
    {"lightcyan", 0xe0ffff}, {"lightgoldenrodyellow", 0xfafad2},
    {"lightgray", 0xd3d3d3}, {"lightgreen", 0x90ee90}, {"lightgrey", 0xd3d3d3},
    {"lightyellow", 0xffffe0}, {"lime", 0x00ff00}, {"linen", 0xfaf0e6},
    {"magenta", 0xff00ff}, {"maroon", 0x800000}, {"midnightblue", 0x191970},
    {"mintcream", 0xf5fffa}, {"mistyrose", 0xffe4e1}, {"moccasin", 0xffe4b5},
    {"navajowhite", 0xffdead}, {"navy", 0x000080}, {"oldlace", 0xfdf5e6},
    {"olive", 0x808000}, {"orange", 0xffa500}, {"papayawhip", 0xffefd5},
    {"peachpuff", 0xffdab9}, {"pink", 0xffc0cb}, {"purple", 0x800080},
    {"red", 0xff0000}, {"royalblue", 0x4169e1}, {"seashell", 0xfff5ee},
    {"silver", 0xc0c0c0}, {"slategray", 0x708090}, {"slategrey", 0x708090},
    {"snow", 0xfffafa}, {"steelblue", 0x4682b4}, {"tan", 0xd2b48c},
    {"teal", 0x008080}, {"tomato", 0xff6347}, {"violet", 0xee82ee},
    {"wheat", 0xf5deb3}, {"white", 0xffffff}, {"whitesmoke", 0xf5f5f5},
    {"window", 0xffffff}, {"windowtext", 0x000000}, {"yellow", 0xffff00}};

static bool starts(struct span s, const char *what)
{
	return s.len >= strlen(what) &&
	       strncasecmp(s.data, what, strlen(what)) == 0;
}

/* "#rgb", "#rgba", "#rrggbb", "#rrggbbaa"; the '#' is taken off. */
static int hex_color(struct span value)
{
	bool wide = value.len == 6 || value.len == 8;
	int part[NUMBERS] = {0, 0, 0, 0xff};

	if (value.len != 3 && value.len != 4 && !wide)
		return COLOR_NONE;
	for (size_t i = 0; i < value.len / (wide ? 2 : 1); i++) {
		const char *p = value.data + (wide ? 2 * i : i);
		int high = decode_hex(p[0]), low = decode_hex(p[wide]);

		if (high < 0 || low < 0)
			return COLOR_NONE;
		part[i] = high << 4 | low;
	}
	if (part[3] <= 0xff * OPAQUE)
		return COLOR_TRANSPARENT;
	return part[0] << 16 | part[1] << 8 | part[2];
}

/* Up to four numbers, whatever stands between; *cent: those in per cent. */
static size_t numbers(struct span value, double out[NUMBERS], unsigned *cent)
{
	const char *p = value.data, *end = p + value.len;
	size_t n = 0;

	*cent = 0;
	while (p < end && *p != ')' && n < NUMBERS) {
		char digits[24];
		size_t used = 0;

		while (p < end && used < sizeof(digits) - 1 &&
		       ((*p >= '0' && *p <= '9') ||
			   (*p != '\0' && strchr("+-.", *p) != NULL)))
			digits[used++] = *p++;
		digits[used] = '\0';
		if (strpbrk(digits, "0123456789") == NULL) {
			p += used == 0;
			continue;
		}
		out[n] = strtod(digits, NULL);
		if (p < end && *p == '%')
			*cent |= 1u << n;
		n++;
	}
	return n;
}

static int byte_of(double part)
{
	return part <= 0 ? 0 : part >= 255 ? 255 : (int)(part + 0.5);
}

static int rgb_color(const double part[NUMBERS], unsigned cent)
{
	int color = 0;

	for (unsigned i = 0; i < 3; i++)
		color = color << 8 |
			byte_of(part[i] * ((cent & 1u << i) != 0 ? 2.55 : 1));
	return color;
}

/* One of the three, by its place on the wheel; CSS Color 4, 7.1. */
static double of_wheel(double hue, double saturation, double light)
{
	double reach = light < 0.5 ? light * (1 + saturation)
				   : light + saturation - light * saturation;
	double low = 2 * light - reach;

	while (hue < 0)
		hue += 360;
	while (hue >= 360)
		hue -= 360;
	if (hue < 60)
		return low + (reach - low) * hue / 60;
	if (hue < 180)
		return reach;
	return hue < 240 ? low + (reach - low) * (240 - hue) / 60 : low;
}

static int hsl_color(const double part[NUMBERS])
{
	double hue = part[0] > 100000 || part[0] < -100000 ? 0 : part[0];
	double saturation = part[1] / 100, light = part[2] / 100;

	if (saturation < 0 || saturation > 1 || light < 0 || light > 1)
		return COLOR_NONE;
	return byte_of(255 * of_wheel(hue + 120, saturation, light)) << 16 |
	       byte_of(255 * of_wheel(hue, saturation, light)) << 8 |
	       byte_of(255 * of_wheel(hue - 120, saturation, light));
}

static int by_function(struct span value)
{
	const char *open = memchr(value.data, '(', value.len);
	double part[NUMBERS] = {0, 0, 0, 1};
	unsigned cent;
	size_t n;

	if (open == NULL)
		return COLOR_NONE;
	n = numbers((struct span){open + 1,
			value.len - (size_t)(open + 1 - value.data)},
	    part, &cent);
	if (n < 3)
		return COLOR_NONE;
	if (n == 4 && part[3] <= OPAQUE * ((cent & 8u) != 0 ? 100 : 1))
		return COLOR_TRANSPARENT;
	return starts(value, "rgb") ? rgb_color(part, cent) : hsl_color(part);
}

static int by_name(struct span value)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i].name) == value.len &&
		    starts(value, names[i].name))
			return names[i].color;
	return COLOR_NONE;
}

int color_read(struct span value)
{
	if (starts(value, "#"))
		return hex_color((struct span){value.data + 1, value.len - 1});
	if (starts(value, "rgb") || starts(value, "hsl"))
		return by_function(value);
	if (value.len == 11 && starts(value, "transparent"))
		return COLOR_TRANSPARENT;
	return value.len == 6 && hex_color(value) != COLOR_NONE
		   ? hex_color(value)
		   : by_name(value);
}

static bool ends_word(char c)
{
	return c == '\0' || strchr(" \t\n\r\f,()", c) != NULL;
}

int color_within(struct span value)
{
	const char *p = value.data, *end = p + value.len;

	while (p < end) {
		const char *from = p;
		int color;

		while (p < end && !ends_word(*p))
			p++;
		if (p < end && *p == '(' &&
		    (starts((struct span){from, (size_t)(end - from)}, "rgb") ||
			starts(
			    (struct span){from, (size_t)(end - from)}, "hsl")))
			p = end;
		color =
		    p == from
			? COLOR_NONE
			: color_read((struct span){from, (size_t)(p - from)});
		if (color != COLOR_NONE)
			return color;
		p += p < end;
	}
	return COLOR_NONE;
}

bool color_alike(int a, int b)
{
	int far = 0;

	if (a < 0 || b < 0)
		return false;
	for (int shift = 0; shift <= 16; shift += 8)
		far += abs((a >> shift & 0xff) - (b >> shift & 0xff));
	return far <= FAR;
}
