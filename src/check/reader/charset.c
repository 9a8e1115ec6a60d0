/*
 * charset: the list of sets, and the loop around iconv that marks bad bytes.
 * UTF-8, ASCII and windows-1252, which is nearly all mail, never reach iconv.
 */
#include "check/reader/charset.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>
#include <strings.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */
#define NO_ICONV    ((iconv_t)-1)
#define BAD_MAX	    10000 /* bad places; then it is not of that set */

enum way {
	WAY_ASCII, /* by rights; read as UTF-8 or windows-1252 if it is not */
	WAY_UTF8,
	WAY_1252, /* the Web's reading of iso-8859-1, and mail programs' */
	WAY_ICONV
};

struct set {
	const char *name;  /* as mail says it, lower case */
	const char *iconv; /* its name there */
	enum way way;
	iconv_t opened;
	iconv_t encoder; /* the way back */
};

#define DIRECT(name, way)                                                      \
	{                                                                      \
		name, NULL, way, NULL, NULL                                    \
	}
#define TABLE(name, iconv)                                                     \
	{                                                                      \
		name, iconv, WAY_ICONV, NULL, NULL                             \
	}

static struct set sets[] = {
    DIRECT("us-ascii", WAY_ASCII),
    DIRECT("ascii", WAY_ASCII),
    DIRECT("ansi_x3.4-1968", WAY_ASCII),
    DIRECT("utf-8", WAY_UTF8),
    DIRECT("utf8", WAY_UTF8),
    DIRECT("iso-8859-1", WAY_1252),
    DIRECT("iso8859-1", WAY_1252),
    DIRECT("iso_8859-1", WAY_1252),
    DIRECT("latin1", WAY_1252),
    DIRECT("windows-1252", WAY_1252),
    DIRECT("cp1252", WAY_1252),
    TABLE("iso-8859-2", "ISO-8859-2"),
    TABLE("iso-8859-3", "ISO-8859-3"),
    TABLE("iso-8859-4", "ISO-8859-4"),
    TABLE("iso-8859-5", "ISO-8859-5"),
    TABLE("iso-8859-6", "ISO-8859-6"),
    TABLE("iso-8859-7", "ISO-8859-7"),
    TABLE("iso-8859-8", "ISO-8859-8"),
    TABLE("iso-8859-8-i", "ISO-8859-8"),
    TABLE("iso-8859-9", "ISO-8859-9"),
    TABLE("iso-8859-10", "ISO-8859-10"),
    TABLE("iso-8859-13", "ISO-8859-13"),
    TABLE("iso-8859-14", "ISO-8859-14"),
    TABLE("iso-8859-15", "ISO-8859-15"),
    TABLE("iso-8859-16", "ISO-8859-16"),
    TABLE("windows-1250", "CP1250"),
    TABLE("windows-1251", "CP1251"),
    TABLE("cp1251", "CP1251"),
    TABLE("windows-1253", "CP1253"),
    TABLE("windows-1254", "CP1254"),
    TABLE("windows-1255", "CP1255"),
    TABLE("windows-1256", "CP1256"),
    TABLE("windows-1257", "CP1257"),
    TABLE("windows-1258", "CP1258"),
    TABLE("windows-874", "CP874"),
    TABLE("tis-620", "TIS-620"),
    TABLE("koi8-r", "KOI8-R"),
    TABLE("koi8-u", "KOI8-U"),
    TABLE("ibm437", "CP437"),
    TABLE("cp437", "CP437"),
    TABLE("ibm850", "CP850"),
    TABLE("cp850", "CP850"),
    TABLE("cp866", "CP866"),
    TABLE("ibm866", "CP866"),
    TABLE("macintosh", "MACINTOSH"),
    TABLE("shift_jis", "CP932"),
    TABLE("shift-jis", "CP932"),
    TABLE("windows-31j", "CP932"),
    TABLE("cp932", "CP932"),
    TABLE("euc-jp", "EUC-JP"),
    TABLE("iso-2022-jp", "ISO-2022-JP-2"),
    TABLE("iso-2022-kr", "ISO-2022-KR"),
    TABLE("euc-kr", "CP949"),
    TABLE("ks_c_5601-1987", "CP949"),
    TABLE("gb2312", "GB18030"),
    TABLE("gbk", "GB18030"),
    TABLE("gb18030", "GB18030"),
    TABLE("big5", "BIG5-HKSCS"),
    TABLE("utf-16", "UTF-16"),
    TABLE("utf-16le", "UTF-16LE"),
    TABLE("utf-16be", "UTF-16BE"),
    TABLE("utf-32", "UTF-32"),
};

/* 0x80..0x9f of windows-1252, as the Web reads it: gaps are C1 controls. */
static const unsigned short upper_1252[32] = {0x20ac, 0x81, 0x201a, 0x192,
    0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x8d,
    0x17d, 0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
    0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0x9d, 0x17e, 0x178};

#define N_SETS (sizeof(sets) / sizeof(sets[0]))

static struct set *set_find(const char *name)
{
	for (size_t i = 0; i < N_SETS; i++)
		if (strcasecmp(sets[i].name, name) == 0)
			return &sets[i];
	return NULL;
}

/* The descriptor of a set, opened once; NO_ICONV when iconv lacks it. */
static iconv_t set_open(struct set *set)
{
	if (set->opened == NULL)
		set->opened = iconv_open("UTF-8", set->iconv);
	return set->opened;
}

/* The way back, by the name that mail uses: "iso-2022-jp" is less than what
 * we read as that. */
static iconv_t set_encoder(struct set *set)
{
	if (set->encoder == NULL)
		set->encoder = iconv_open(set->name, "UTF-8");
	return set->encoder;
}

void charset_warm(void)
{
	for (size_t i = 0; i < N_SETS; i++)
		if (sets[i].way == WAY_ICONV) {
			set_open(&sets[i]);
			set_encoder(&sets[i]);
		}
}

static void set_close(iconv_t *cd)
{
	if (*cd != NULL && *cd != NO_ICONV)
		iconv_close(*cd);
	*cd = NULL;
}

void charset_release(void)
{
	for (size_t i = 0; i < N_SETS; i++) {
		set_close(&sets[i].opened);
		set_close(&sets[i].encoder);
	}
}

bool charset_known(const char *name)
{
	return name == NULL || set_find(name) != NULL;
}

static bool follows(const char *p)
{
	return ((unsigned char)*p & 0xc0) == 0x80;
}

size_t charset_utf8(const char *p, const char *end)
{
	unsigned char a, b;

	if (p >= end)
		return 0;
	a = (unsigned char)p[0];
	if (a < 0x80)
		return 1;
	if (a < 0xc2 || a > 0xf4 || end - p < 2 || !follows(p + 1))
		return 0;
	if (a < 0xe0)
		return 2;
	b = (unsigned char)p[1];
	if (end - p < 3 || !follows(p + 2) || (a == 0xe0 && b < 0xa0) ||
	    (a == 0xed && b > 0x9f) || (a == 0xf0 && b < 0x90) ||
	    (a == 0xf4 && b > 0x8f))
		return 0;
	if (a < 0xf0)
		return 3;
	return end - p >= 4 && follows(p + 3) ? 4 : 0;
}

/* First byte at or after p that is not ASCII. */
static const char *skip_ascii(const char *p, const char *end)
{
	unsigned long word;

	while ((size_t)(end - p) >= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		if ((word & (unsigned long)0x8080808080808080u) != 0)
			break;
		p += sizeof(word);
	}
	while (p < end && ((unsigned char)*p & 0x80) == 0)
		p++;
	return p;
}

static void emit(
    charset_sink *sink, void *context, const char *from, const char *to)
{
	if (to > from)
		sink(context, (struct span){from, (size_t)(to - from)});
}

/* A byte that begins no character is one U+FFFD. */
static size_t from_utf8(struct span in, charset_sink *sink, void *context)
{
	const char *p = in.data, *end = p + in.len, *from = p;
	size_t bad = 0;

	while ((p = skip_ascii(p, end)) < end) {
		size_t len = charset_utf8(p, end);

		if (len > 0) {
			p += len;
			continue;
		}
		emit(sink, context, from, p);
		sink(context, (struct span){REPLACEMENT, 3});
		bad++;
		from = ++p;
	}
	emit(sink, context, from, end);
	return bad;
}

static size_t utf8_put(char out[3], unsigned code)
{
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	out[0] = (char)(0xe0 | code >> 12);
	out[1] = (char)(0x80 | (code >> 6 & 0x3f));
	out[2] = (char)(0x80 | (code & 0x3f));
	return 3;
}

/* Returns the number of bytes over 127. */
static size_t from_1252(struct span in, charset_sink *sink, void *context)
{
	const char *p = in.data, *end = p + in.len, *from = p;
	size_t high = 0;

	while ((p = skip_ascii(p, end)) < end) {
		unsigned code = (unsigned char)*p;
		char out[3];

		if (code < 0xa0)
			code = upper_1252[code - 0x80];
		emit(sink, context, from, p);
		sink(context, (struct span){out, utf8_put(out, code)});
		high++;
		from = ++p;
	}
	emit(sink, context, from, end);
	return high;
}

static bool is_utf8(struct span in)
{
	const char *p = in.data, *end = p + in.len;

	while ((p = skip_ascii(p, end)) < end) {
		size_t len = charset_utf8(p, end);

		if (len == 0)
			return false;
		p += len;
	}
	return true;
}

static size_t from_ascii(struct span in, charset_sink *sink, void *context)
{
	return is_utf8(in) ? from_utf8(in, sink, context)
			   : from_1252(in, sink, context);
}

static size_t from_iconv(
    iconv_t cd, struct span in, charset_sink *sink, void *context)
{
	/* iconv() wants a pointer to plain char but only reads. */
	union {
		const char *data;
		char *p;
	} at = {.data = in.data};
	size_t left = in.len, bad = 0;
	char bytes[4096];
	bool last = false;

	iconv(cd, NULL, NULL, NULL, NULL);
	while (!last) {
		char *out = bytes;
		size_t room = sizeof(bytes), done;

		last = left == 0; /* then what the set holds back comes out */
		done = iconv(cd, last ? NULL : &at.p, &left, &out, &room);
		from_utf8(
		    (struct span){bytes, (size_t)(out - bytes)}, sink, context);
		if (done != (size_t)-1 || errno == E2BIG || last)
			continue;
		sink(context, (struct span){REPLACEMENT, 3});
		at.data++;
		left--;
		if (++bad == BAD_MAX)
			return bad + from_1252((struct span){at.data, left},
					 sink, context);
	}
	return bad;
}

size_t charset_convert(
    const char *name, struct span in, charset_sink *sink, void *context)
{
	struct set *set = name == NULL ? &sets[0] : set_find(name);

	if (set == NULL)
		return from_ascii(in, sink, context);
	switch (set->way) {
	case WAY_ASCII:
		return from_ascii(in, sink, context);
	case WAY_UTF8:
		return from_utf8(in, sink, context);
	case WAY_1252:
		from_1252(in, sink, context);
		return 0;
	case WAY_ICONV:
		break;
	}
	if (set_open(set) == NO_ICONV)
		return from_ascii(in, sink, context) + 1;
	return from_iconv(set->opened, in, sink, context);
}

static void append(void *context, struct span piece)
{
	buf_add_span(context, piece);
}

size_t charset_append(const char *name, struct span in, struct buf *out)
{
	return charset_convert(name, in, append, out);
}

/* --- the way back ------------------------------------------------------ */

static unsigned utf8_code(const char *p, size_t len)
{
	static const unsigned char lead[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	unsigned code = (unsigned char)*p & lead[len];

	for (size_t i = 1; i < len; i++)
		code = code << 6 | ((unsigned char)p[i] & 0x3f);
	return code;
}

/* The byte of a character, or -1: iso-8859-1 proper has nothing in the gap. */
static int to_byte(unsigned code, bool windows)
{
	if (code < 0x80 || (code >= 0xa0 && code <= 0xff))
		return (int)code;
	for (int i = 0; windows && code > 0xff && i < 32; i++)
		if (upper_1252[i] == code)
			return 0x80 + i;
	return -1;
}

static bool encode_bytes(struct span text, bool windows, struct buf *out)
{
	const char *p = text.data, *end = p + text.len;

	while (p < end) {
		size_t len = charset_utf8(p, end);
		int byte = len > 0 ? to_byte(utf8_code(p, len), windows) : -1;

		if (byte < 0)
			return false;
		buf_add_char(out, (char)byte);
		p += len;
	}
	return true;
}

/* Bytes behind the last shift, and back to the initial state. */
static bool encode_iconv(iconv_t cd, struct span text, struct buf *out)
{
	union {
		const char *data;
		char *p;
	} at = {.data = text.data};
	size_t left = text.len, done;
	bool last = false;

	iconv(cd, NULL, NULL, NULL, NULL);
	for (;;) {
		char bytes[4096], *to = bytes;
		size_t room = sizeof(bytes);

		done = iconv(cd, last ? NULL : &at.p, &left, &to, &room);
		buf_add(out, bytes, (size_t)(to - bytes));
		if (done == (size_t)-1 && errno != E2BIG)
			return false;
		if (done != (size_t)-1 && done > 0)
			return false;
		if (done == 0 && last)
			return true;
		last = last || (done == 0 && left == 0);
	}
}

/* Some tables say one thing and read another; what counts is what is read. */
static bool reads_back(const char *name, struct span coded, struct span text)
{
	struct buf back;
	bool same;

	buf_init(&back, 3 * coded.len + 3);
	charset_append(name, coded, &back);
	same = back.len == text.len &&
	       (text.len == 0 || memcmp(back.data, text.data, text.len) == 0);
	buf_release(&back);
	return same;
}

static bool encode(struct set *set, struct span text, struct buf *out)
{
	switch (set->way) {
	case WAY_ASCII:
	case WAY_UTF8:
		buf_add_span(out, text);
		return set->way == WAY_UTF8 ||
		       skip_ascii(text.data, text.data + text.len) ==
			   text.data + text.len;
	case WAY_1252:
		return encode_bytes(
		    text, strstr(set->name, "1252") != NULL, out);
	case WAY_ICONV:
		break;
	}
	if (strncmp(set->name, "utf-", 4) == 0 || set_open(set) == NO_ICONV ||
	    set_encoder(set) == NO_ICONV)
		return false;
	return encode_iconv(set->encoder, text, out);
}

bool charset_encode(const char *name, struct span text, struct buf *out)
{
	struct set *set = name == NULL ? &sets[0] : set_find(name);
	size_t before = out->len;

	if (set != NULL && encode(set, text, out) && !out->overflow &&
	    reads_back(name,
		(struct span){out->data + before, out->len - before}, text))
		return true;
	buf_cut(out, before);
	return false;
}
