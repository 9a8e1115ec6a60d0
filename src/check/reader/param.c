/*
 * param: reads structured values leniently, and says when it had to be.
 * libetpan's reader drops RFC 2231 names altogether.
 */
#include "check/reader/param.h"

#include "check/reader/charset.h"
#include "check/reader/decode.h"
#include "check/reader/words.h"

#include <string.h>
#include <strings.h>

#define NO_SECTION (-1)

/* One "name*1*=value" as it stands; base names are compared when joining. */
struct piece {
	const char *name; /* lower case, without '*' and number */
	int section;	  /* of a continuation, or NO_SECTION */
	bool percent;	  /* ends with '*': percent-encoded */
	struct span value;
	bool used;
};

struct scan {
	struct arena *arena;
	const char *p, *end;
	bool broken;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_comment(struct scan *scan)
{
	size_t depth = 0;

	for (; scan->p < scan->end; scan->p++) {
		if (*scan->p == '\\')
			scan->p++;
		else if (*scan->p == '(')
			depth++;
		else if (*scan->p == ')' && --depth == 0)
			break;
	}
	scan->broken = scan->broken || scan->p >= scan->end;
	scan->p = scan->p < scan->end ? scan->p + 1 : scan->end;
}

static void skip_space(struct scan *scan)
{
	while (scan->p < scan->end) {
		if (*scan->p == '(')
			skip_comment(scan);
		else if (is_space(*scan->p))
			scan->p++;
		else
			break;
	}
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* Up to one of stops, without comments and space, in lower case. */
static char *take_word(struct scan *scan, const char *stops)
{
	struct buf word;
	char *copy;

	buf_init(&word, (size_t)(scan->end - scan->p));
	while (scan->p < scan->end) {
		skip_space(scan);
		if (scan->p == scan->end ||
		    (*scan->p != '\0' && strchr(stops, *scan->p) != NULL))
			break;
		buf_add_char(&word, lower(*scan->p++));
	}
	copy = arena_dup(scan->arena, word.data, word.len);
	buf_release(&word);
	return copy;
}

/* Where the quoted string at p closes, or the end. */
static const char *find_close(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++)
		if (*p == '\\' && p + 1 < end)
			p++;
	return p;
}

/* A quoted string without its quotes, backslashes and line ends. */
static struct span take_quoted(struct scan *scan)
{
	const char *close = find_close(scan->p, scan->end);
	char *out = arena_alloc(scan->arena, (size_t)(close - scan->p));
	struct span value = {out, 0};

	for (const char *p = scan->p + 1; p < close; p++) {
		if (*p == '\\' && p + 1 < close)
			p++;
		else if (*p == '\r' || *p == '\n')
			continue;
		out[value.len++] = *p;
	}
	if (close == scan->end)
		scan->broken = true;
	scan->p = close < scan->end ? close + 1 : close;
	return value;
}

/*
 * A bare value ends at ';'.  Blanks within are against the rules; then, file
 * names apart, only what is before them counts.
 */
static struct span take_bare(struct scan *scan, bool is_name)
{
	const char *from = scan->p, *stop;
	struct span value;

	while (scan->p < scan->end && *scan->p != ';' &&
	       (is_name || (!is_space(*scan->p) && *scan->p != '(')))
		scan->p++;
	stop = scan->p;
	while (stop > from && is_space(stop[-1]))
		stop--;
	value = (struct span){from, (size_t)(stop - from)};
	return value;
}

static bool is_file_name(const char *name)
{
	return strcmp(name, "filename") == 0 || strcmp(name, "name") == 0;
}

/* Take "*1*" off a name's end. */
static void split_name(char *name, struct piece *piece)
{
	char *star = strchr(name, '*');

	piece->name = name;
	piece->section = NO_SECTION;
	if (star == NULL)
		return;
	*star++ = '\0';
	if (*star == '\0') {
		piece->percent = true;
		return;
	}
	piece->section = 0;
	for (; *star >= '0' && *star <= '9' && piece->section < PARAM_MAX;)
		piece->section = piece->section * 10 + (*star++ - '0');
	piece->percent = *star == '*';
}

/* One parameter; false: there was none. */
static bool take_piece(struct scan *scan, struct piece *piece)
{
	char *name = take_word(scan, "=;");

	memset(piece, 0, sizeof(*piece));
	if (scan->p == scan->end || *scan->p == ';') {
		scan->broken = scan->broken || *name != '\0';
		return false;
	}
	scan->p++;
	split_name(name, piece);
	skip_space(scan);
	if (scan->p < scan->end && *scan->p == '"')
		piece->value = take_quoted(scan);
	else
		piece->value = take_bare(scan, is_file_name(piece->name));
	skip_space(scan);
	if (scan->p < scan->end && *scan->p != ';') {
		scan->broken = true;
		while (scan->p < scan->end && *scan->p != ';')
			scan->p++;
	}
	return true;
}

static void append(void *context, struct span piece)
{
	buf_add_span(context, piece);
}

static void add_percent(struct span in, struct buf *out)
{
	for (size_t i = 0; i < in.len; i++) {
		int high = -1, low = -1;

		if (in.data[i] == '%' && i + 2 < in.len) {
			high = decode_hex(in.data[i + 1]);
			low = decode_hex(in.data[i + 2]);
		}
		if (high >= 0 && low >= 0) {
			buf_add_char(out, (char)(high << 4 | low));
			i += 2;
		} else {
			buf_add_char(out, in.data[i]);
		}
	}
}

/* Take "charset'language'" off the front; RFC 2231 4. */
static const char *take_charset(struct arena *arena, struct span *value)
{
	const char *first = memchr(value->data, '\'', value->len), *second;
	const char *end = value->data + value->len;
	const char *name = NULL;

	second = first == NULL
		     ? NULL
		     : memchr(first + 1, '\'', (size_t)(end - first - 1));
	if (second == NULL)
		return NULL;
	if (first > value->data)
		name = arena_dup(
		    arena, value->data, (size_t)(first - value->data));
	value->len = (size_t)(end - second - 1);
	value->data = second + 1;
	return name;
}

static struct piece *find_piece(
    struct piece *pieces, size_t n, const char *name, int section)
{
	for (size_t i = 0; i < n; i++)
		if (!pieces[i].used && pieces[i].section == section &&
		    strcmp(pieces[i].name, name) == 0)
			return &pieces[i];
	return NULL;
}

/* Join the sections 0, 1, ... of a name, or a lone "name*". */
static const char *join(
    struct arena *arena, struct piece *pieces, size_t n, struct piece *first)
{
	struct piece *piece = first;
	const char *charset = NULL, *text;
	struct buf bytes, out;
	size_t max = 0;

	for (size_t i = 0; i < n; i++)
		max += pieces[i].value.len;
	buf_init(&bytes, max);
	buf_init(&out, 3 * max);
	if (first->percent)
		charset = take_charset(arena, &first->value);
	for (int section = first->section; piece != NULL;) {
		if (piece->percent)
			add_percent(piece->value, &bytes);
		else
			buf_add_span(&bytes, piece->value);
		piece->used = true;
		if (section++ == NO_SECTION)
			break;
		piece = find_piece(pieces, n, first->name, section);
	}
	charset_append(charset, buf_span(&bytes), &out);
	text = arena_dup(arena, out.data, out.len);
	buf_release(&bytes);
	buf_release(&out);
	return text;
}

static const char *plain_text(struct arena *arena, const struct piece *piece)
{
	struct buf out;
	const char *text;

	buf_init(&out, 3 * piece->value.len + 1);
	if (is_file_name(piece->name))
		words_decode(piece->value, append, &out);
	else
		charset_append(NULL, piece->value, &out);
	text = arena_dup(arena, out.data, out.len);
	buf_release(&out);
	return text;
}

static void put(
    struct param_value *out, const char *name, const char *value, bool extended)
{
	for (size_t i = 0; i < out->n; i++) {
		struct param *known = &out->params[i];

		if (strcmp(known->name, name) != 0)
			continue;
		if (known->extended == extended)
			known->twice = true;
		return;
	}
	out->params[out->n++] = (struct param){name, value, extended, false};
}

/* Extended forms first: where both are given, they win (RFC 6266 4.3). */
static void put_all(struct arena *arena, struct piece *pieces, size_t n,
    struct param_value *out)
{
	out->params = arena_alloc(arena, (n + 1) * sizeof(*out->params));
	for (size_t i = 0; i < n; i++)
		if (!pieces[i].used &&
		    (pieces[i].section == 0 ||
			(pieces[i].section == NO_SECTION && pieces[i].percent)))
			put(out, pieces[i].name,
			    join(arena, pieces, n, &pieces[i]), true);
	for (size_t i = 0; i < n; i++)
		if (pieces[i].section == NO_SECTION && !pieces[i].percent)
			put(out, pieces[i].name, plain_text(arena, &pieces[i]),
			    false);
		else if (!pieces[i].used)
			out->broken = true;
}

void param_read(struct arena *arena, struct span value, struct param_value *out)
{
	struct scan scan = {arena, value.data, value.data + value.len, false};
	struct piece pieces[PARAM_MAX];
	size_t n = 0;

	memset(out, 0, sizeof(*out));
	out->value = take_word(&scan, ";");
	while (scan.p < scan.end && n < PARAM_MAX) {
		scan.p++;
		n += take_piece(&scan, &pieces[n]);
	}
	out->broken = scan.broken || scan.p < scan.end;
	if (n > 0)
		put_all(arena, pieces, n, out);
	out->broken = out->broken || scan.broken;
}

const struct param *param_find(
    const struct param_value *value, const char *name)
{
	for (size_t i = 0; i < value->n; i++)
		if (strcmp(value->params[i].name, name) == 0)
			return &value->params[i];
	return NULL;
}

const char *param_text(const struct param_value *value, const char *name)
{
	const struct param *param = param_find(value, name);

	return param == NULL ? NULL : param->value;
}
