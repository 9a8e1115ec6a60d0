/*
 * text: what a person sees, shaped.  Nothing here knows what a draft is; what
 * is said is left to notice.c and receipt.c.
 */
#include "review/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define REPLACEMENT 0xfffdu
#define ELLIPSIS    "\xe2\x80\xa6"
#define TAB_STOP    8
#define EMPTY_MAX   5 /* empty lines in a row that are shown as they are */

struct range {
	uint32_t first, last;
};

/* Never shown: they move, hide or end what stands around them. */
static const struct range unsafe[] = {
    {0x00, 0x08},
    {0x0b, 0x1f},
    {0x7f, 0x9f},
    {0x61c, 0x61c},
    {0x200b, 0x200b},
    {0x200e, 0x200f},
    {0x2028, 0x202e},
    {0x2060, 0x2069},
    {0xd800, 0xdfff},
    {0xfeff, 0xfeff},
    {0xfff9, 0xfffb},
    {0xe0000, 0xe007f},
};

/* Two columns wide on nearly every screen. */
static const struct range wide[] = {
    {0x1100, 0x115f},
    {0x2e80, 0x303e},
    {0x3041, 0xa4cf},
    {0xac00, 0xd7a3},
    {0xf900, 0xfaff},
    {0xfe30, 0xfe6f},
    {0xff00, 0xff60},
    {0xffe0, 0xffe6},
    {0x1f300, 0x1f64f},
    {0x1f680, 0x1f6ff},
    {0x1f900, 0x1faff},
    {0x20000, 0x3fffd},
};

static bool in_ranges(const struct range *ranges, size_t n, uint32_t point)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (point >= ranges[i].first && point <= ranges[i].last)
			return true;
	return false;
}

#define IN(ranges, point)                                                      \
	in_ranges(ranges, sizeof(ranges) / sizeof((ranges)[0]), point)

/* Bytes of the sequence that a first byte announces (RFC 3629), 0: none. */
static size_t sequence(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if (first >= 0xe0 && first <= 0xef)
		return 3;
	return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

size_t text_point(struct span s, uint32_t *point)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *c = (const unsigned char *)s.data;
	size_t i, n = sequence(c[0]);
	uint32_t p = n < 2 ? c[0] : c[0] & (0x7fu >> n);

	*point = REPLACEMENT;
	if (n == 0 || n > s.len)
		return 1;
	for (i = 1; i < n; i++) {
		if ((c[i] & 0xc0) != 0x80)
			return 1;
		p = p << 6 | (c[i] & 0x3f);
	}
	if (p < least[n] || p > 0x10ffff)
		return 1;
	if (!IN(unsafe, p))
		*point = p;
	return n;
}

/* Columns on a screen: 1, or 2 when it is wide. */
static unsigned width_of(uint32_t point)
{
	return IN(wide, point) ? 2 : 1;
}

size_t text_columns(const char *s)
{
	struct span rest = text_span(s);
	uint32_t point;
	size_t n, columns = 0;

	while (rest.len > 0) {
		n = text_point(rest, &point);
		columns += width_of(point);
		rest.data += n;
		rest.len -= n;
	}
	return columns;
}

struct span text_span(const char *s)
{
	return s == NULL ? (struct span){"", 0} : (struct span){s, strlen(s)};
}

bool text_next_line(struct span *rest, struct span *line)
{
	const char *end;
	size_t used;

	if (rest->len == 0)
		return false;
	end = memchr(rest->data, '\n', rest->len);
	used = end == NULL ? rest->len : (size_t)(end - rest->data) + 1;
	*line = (struct span){rest->data, end == NULL ? used : used - 1};
	if (end != NULL && line->len > 0 && line->data[line->len - 1] == '\r')
		line->len--;
	rest->data += used;
	rest->len -= used;
	return true;
}

struct span text_trim(struct span s)
{
	while (s.len > 0 && (s.data[0] == ' ' || s.data[0] == '\t'))
		s = (struct span){s.data + 1, s.len - 1};
	while (s.len > 0 &&
	       (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == '\t'))
		s.len--;
	return s;
}

/* Append the code point that stands in s, n bytes long, cleaned. */
static void add_point(struct buf *out, struct span s, size_t n, uint32_t point)
{
	if (point == REPLACEMENT)
		buf_add_str(out, "\xef\xbf\xbd");
	else
		buf_add(out, s.data, n);
}

const char *text_line(struct arena *arena, struct span s, size_t columns)
{
	struct buf out;
	size_t n, used = 0, keep = 0;
	uint32_t point;
	const char *line;

	buf_init(&out, s.len * 3 + sizeof(ELLIPSIS));
	for (; s.len > 0; s.data += n, s.len -= n) {
		n = text_point(s, &point);
		if (used + width_of(point) > columns) {
			buf_cut(&out, keep);
			buf_add_str(&out, ELLIPSIS);
			break;
		}
		if (point == '\n' || point == '\t')
			buf_add_char(&out, ' ');
		else
			add_point(&out, s, n, point);
		used += width_of(point);
		if (used < columns)
			keep = out.len;
	}
	line = arena_dup(arena, out.data, out.len);
	buf_release(&out);
	return line;
}

/*
 * How much of a line fits into so many columns: bytes, up to a space when
 * there is one, else as many whole code points as fit.
 */
static size_t fitting(struct span line, size_t columns)
{
	struct span rest = line;
	size_t n, used = 0, space = 0;
	uint32_t point;

	while (rest.len > 0) {
		n = text_point(rest, &point);
		used += point == '\t' ? TAB_STOP - used % TAB_STOP
				      : width_of(point);
		if (used > columns)
			break;
		rest.data += n;
		rest.len -= n;
		if (point == ' ')
			space = line.len - rest.len;
	}
	if (rest.len == 0 || space == 0)
		return line.len - rest.len;
	return space;
}

static void add_clean(struct buf *out, struct span s)
{
	size_t n, used = 0, tab;
	uint32_t point;

	for (; s.len > 0; s.data += n, s.len -= n) {
		n = text_point(s, &point);
		tab = TAB_STOP - used % TAB_STOP;
		used += point == '\t' ? tab : width_of(point);
		if (point == '\t')
			buf_add(out, "        ", tab);
		else
			add_point(out, s, n, point);
	}
}

/* The blank at which a line is broken need not be shown. */
static size_t without_blank(struct span line, size_t n)
{
	return n > 0 && n < line.len && line.data[n - 1] == ' ' ? n - 1 : n;
}

void text_add_wrapped(struct buf *out, const char *prefix, struct span line)
{
	size_t columns = TEXT_COLUMNS - text_columns(prefix);
	size_t n;

	do {
		n = fitting(line, columns);
		if (n == 0 && line.len > 0)
			n = 1; /* a tab wider than the line */
		buf_add_str(out, prefix);
		add_clean(
		    out, (struct span){line.data, without_blank(line, n)});
		buf_add_char(out, '\n');
		line.data += n;
		line.len -= n;
	} while (line.len > 0);
}

static bool is_empty(struct span line)
{
	size_t i;

	for (i = 0; i < line.len; i++)
		if (line.data[i] != ' ' && line.data[i] != '\t')
			return false;
	return true;
}

size_t text_skip_empty(struct span *rest)
{
	struct span after = *rest, next = *rest, line;
	size_t n = 0;

	while (text_next_line(&next, &line) && is_empty(line)) {
		n++;
		after = next;
	}
	if (n <= EMPTY_MAX)
		return 0;
	*rest = after;
	return n;
}

void text_add_all(struct buf *out, const char *prefix, struct span text)
{
	struct span line;
	size_t n;

	while (text.len > 0) {
		n = text_skip_empty(&text);
		if (n > 0)
			buf_addf(out, "(%zu empty lines)\n", n);
		if (text_next_line(&text, &line))
			text_add_wrapped(out, prefix, line);
	}
}

void text_add_html(struct buf *out, struct span s)
{
	static const struct {
		char c;
		const char *entity;
	} special[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"},
	    {'"', "&quot;"}, {'\'', "&#39;"}};
	uint32_t point;
	size_t n, i;

	for (; s.len > 0; s.data += n, s.len -= n) {
		n = text_point(s, &point);
		for (i = 0; i < 5; i++)
			if (point == (unsigned char)special[i].c)
				break;
		if (i < 5)
			buf_add_str(out, special[i].entity);
		else
			add_point(out, s, n, point);
	}
}

void text_add_html_str(struct buf *out, const char *s)
{
	text_add_html(out, text_span(s));
}

void text_add_uri(struct buf *out, struct span s)
{
	char c;

	for (; s.len > 0; s.data++, s.len--) {
		c = *s.data;
		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || c == '-' || c == '.' ||
		    c == '_' || c == '~')
			buf_add_char(out, c);
		else
			buf_addf(out, "%%%02X", (unsigned)(unsigned char)c);
	}
}

const char *text_size(uint64_t bytes, char out[TEXT_SIZE_SIZE])
{
	if (bytes < 10000)
		snprintf(out, TEXT_SIZE_SIZE, "%" PRIu64 " bytes", bytes);
	else if (bytes < 1000000)
		snprintf(out, TEXT_SIZE_SIZE, "%" PRIu64 " KB",
		    (bytes + 500) / 1000);
	else
		snprintf(out, TEXT_SIZE_SIZE, "%" PRIu64 ".%u MB",
		    bytes / 1000000, (unsigned)(bytes / 100000 % 10));
	return out;
}
