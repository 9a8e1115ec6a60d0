/*
 * charref: resolves references as mail programs do; the names are libxml2's.
 */
#include "check/reader/charref.h"

#include "check/reader/decode.h"

#include <libxml/HTMLparser.h>
#include <stdbool.h>
#include <string.h>

#define NAME_MAX_BYTES 24 /* the longest name here has 21 */
#define CODE_MAX       0x10ffffu
#define REPLACEMENT    0xfffdu

static void put(struct buf *out, unsigned code)
{
	char bytes[4];
	size_t n = 0;

	if (code < 0x80) {
		bytes[n++] = (char)code;
	} else if (code < 0x800) {
		bytes[n++] = (char)(0xc0 | code >> 6);
	} else if (code < 0x10000) {
		bytes[n++] = (char)(0xe0 | code >> 12);
		bytes[n++] = (char)(0x80 | (code >> 6 & 0x3f));
	} else {
		bytes[n++] = (char)(0xf0 | code >> 18);
		bytes[n++] = (char)(0x80 | (code >> 12 & 0x3f));
		bytes[n++] = (char)(0x80 | (code >> 6 & 0x3f));
	}
	if (code >= 0x80)
		bytes[n++] = (char)(0x80 | (code & 0x3f));
	buf_add(out, bytes, n);
}

/* What is no character is U+FFFD; 0x80..0x9f are left to be made visible. */
static unsigned sane(unsigned code)
{
	if (code == 0 || code > CODE_MAX || (code >= 0xd800 && code < 0xe000))
		return REPLACEMENT;
	return code;
}

/* "#38" or "#x26" at p; returns what is behind the digits, or NULL. */
static const char *numeric(const char *p, const char *end, unsigned *code)
{
	bool hex;
	const char *from;

	if (p == end || *p++ != '#')
		return NULL;
	hex = p < end && (*p == 'x' || *p == 'X');
	if (hex)
		p++;
	*code = 0;
	for (from = p; p < end; p++) {
		int digit = decode_hex(*p);

		if (digit < 0 || (!hex && digit > 9))
			break;
		if (*code <= CODE_MAX)
			*code = *code * (hex ? 16u : 10u) + (unsigned)digit;
	}
	*code = sane(*code);
	return p == from ? NULL : p;
}

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

/* Names that came with HTML 5, of signs that matter or that nobody sees. */
static const struct {
	const char *name;
	unsigned code;
} later[] = {{"AMP", 0x26}, {"ApplyFunction", 0x2061}, {"COPY", 0xa9},
    {"DiacriticalGrave", 0x60}, {"GT", 0x3e}, {"Hat", 0x5e},
    {"InvisibleComma", 0x2063}, {"InvisibleTimes", 0x2062}, {"LT", 0x3c},
    {"MediumSpace", 0x205f}, {"NegativeMediumSpace", 0x200b},
    {"NegativeThickSpace", 0x200b}, {"NegativeThinSpace", 0x200b},
    {"NegativeVeryThinSpace", 0x200b}, {"NewLine", 0xa}, {"NoBreak", 0x2060},
    {"NonBreakingSpace", 0xa0}, {"QUOT", 0x22}, {"REG", 0xae}, {"Tab", 0x9},
    {"ThinSpace", 0x2009}, {"UnderBar", 0x5f}, {"VerticalLine", 0x7c},
    {"VeryThinSpace", 0x200a}, {"ZeroWidthSpace", 0x200b}, {"af", 0x2061},
    {"apos", 0x27}, {"ast", 0x2a}, {"bsol", 0x5c}, {"colon", 0x3a},
    {"comma", 0x2c}, {"commat", 0x40}, {"dash", 0x2010}, {"die", 0xa8},
    {"dollar", 0x24}, {"emsp13", 0x2004}, {"emsp14", 0x2005}, {"equals", 0x3d},
    {"excl", 0x21}, {"grave", 0x60}, {"hairsp", 0x200a}, {"hyphen", 0x2010},
    {"ic", 0x2063}, {"it", 0x2062}, {"lbrace", 0x7b}, {"lbrack", 0x5b},
    {"lcub", 0x7b}, {"lowbar", 0x5f}, {"lpar", 0x28}, {"lsqb", 0x5b},
    {"midast", 0x2a}, {"num", 0x23}, {"numsp", 0x2007}, {"percnt", 0x25},
    {"period", 0x2e}, {"plus", 0x2b}, {"puncsp", 0x2008}, {"quest", 0x3f},
    {"rbrace", 0x7d}, {"rbrack", 0x5d}, {"rcub", 0x7d}, {"rpar", 0x29},
    {"rsqb", 0x5d}, {"semi", 0x3b}, {"sol", 0x2f}, {"verbar", 0x7c},
    {"vert", 0x7c}};

static unsigned look_up(const char *name)
{
	const htmlEntityDesc *entity = htmlEntityLookup((const xmlChar *)name);

	if (entity != NULL)
		return entity->value;
	for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++)
		if (strcmp(later[i].name, name) == 0)
			return later[i].code;
	return 0;
}

static bool is_old(const char *name)
{
	const htmlEntityDesc *entity = htmlEntityLookup((const xmlChar *)name);

	return entity != NULL && entity->value < 0x100;
}

/*
 * "amp" at p.  Without a ';' only the oldest names count, as in HTML 5; in
 * text also when they go on as another word ("&nbsp000"), in an attribute not
 * before '=' ("?a&copy=b").
 */
static const char *named(
    const char *p, const char *end, bool text, unsigned *code)
{
	char name[NAME_MAX_BYTES + 1];
	size_t len = 0;

	while (p + len < end && is_name_byte(p[len]) && len < NAME_MAX_BYTES) {
		name[len] = p[len];
		len++;
	}
	name[len] = '\0';
	*code = look_up(name);
	if (*code != 0 && p + len < end && p[len] == ';')
		return p + len;
	if (is_old(name) && (text || p + len == end || p[len] != '='))
		return p + len;
	while (text && len > 2) {
		name[--len] = '\0';
		*code = is_old(name) ? look_up(name) : 0;
		if (*code != 0)
			return p + len;
	}
	return NULL;
}

/* Decode the reference behind the '&' before p; NULL: there is none. */
static const char *reference(
    const char *p, const char *end, bool text, struct buf *out)
{
	unsigned code;
	const char *behind = numeric(p, end, &code);

	if (behind == NULL)
		behind = named(p, end, text, &code);
	if (behind == NULL)
		return NULL;
	put(out, code);
	return behind < end && *behind == ';' ? behind + 1 : behind;
}

static void resolve(struct span in, bool text, struct buf *out)
{
	const char *p = in.data, *end = p + in.len;

	while (p < end) {
		const char *mark = memchr(p, '&', (size_t)(end - p)), *behind;

		buf_add(out, p, (size_t)((mark != NULL ? mark : end) - p));
		if (mark == NULL)
			break;
		behind = reference(mark + 1, end, text, out);
		if (behind == NULL)
			buf_add_char(out, '&');
		p = behind != NULL ? behind : mark + 1;
	}
}

void charref_resolve(struct span in, struct buf *out)
{
	resolve(in, false, out);
}

void charref_text(struct span in, struct buf *out)
{
	resolve(in, true, out);
}
