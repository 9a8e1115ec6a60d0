/*
 * decode: two small decoders.  libetpan's turn a bad "=ZZ" into a NUL and do
 * not say that anything was wrong; a gate must neither lose nor hide that.
 */
#include "check/reader/decode.h"

#include <stdbool.h>
#include <string.h>

#define SKIP  0x40 /* line ends and blanks */
#define PAD   0x41
#define WRONG 0x42

/* Value of each base64 digit by its ASCII code (RFC 4648 4). */
static unsigned char value_of(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return (unsigned char)(c - 'A');
	if (c >= 'a' && c <= 'z')
		return (unsigned char)(c - 'a' + 26);
	if (c >= '0' && c <= '9')
		return (unsigned char)(c - '0' + 52);
	if (c == '+')
		return 62;
	if (c == '/')
		return 63;
	if (c == '=')
		return PAD;
	if (c == '\r' || c == '\n' || c == ' ' || c == '\t')
		return SKIP;
	return WRONG;
}

static const unsigned char *base64_values(void)
{
	static unsigned char table[256];
	static bool made;

	if (!made) {
		for (unsigned i = 0; i < 256; i++)
			table[i] = value_of((unsigned char)i);
		made = true;
	}
	return table;
}

/* Bytes that are gathered before they go into a buf. */
struct outlet {
	struct buf *out;
	size_t size, fill;
	char bytes[4096];
};

static void outlet_flush(struct outlet *outlet)
{
	if (outlet->out != NULL)
		buf_add(outlet->out, outlet->bytes, outlet->fill);
	outlet->size += outlet->fill;
	outlet->fill = 0;
}

static void outlet_put(struct outlet *outlet, unsigned value)
{
	if (outlet->fill == sizeof(outlet->bytes))
		outlet_flush(outlet);
	outlet->bytes[outlet->fill++] = (char)value;
}

static void outlet_begin(struct outlet *outlet, struct buf *out)
{
	outlet->out = out;
	outlet->size = 0;
	outlet->fill = 0;
}

/* Write what a group of digits, perhaps incomplete, holds. */
static void group_put(struct outlet *outlet, unsigned bits, unsigned digits)
{
	if (digits >= 2)
		outlet_put(outlet, bits >> (digits * 6 - 8) & 0xff);
	if (digits >= 3)
		outlet_put(outlet, bits >> (digits * 6 - 16) & 0xff);
	if (digits >= 4)
		outlet_put(outlet, bits & 0xff);
}

/*
 * Padding ends a group; digits after it begin another one, as readers do that
 * take concatenated base64.  That, a lone digit and wrong characters count.
 */
struct decode decode_base64(struct span in, struct buf *out)
{
	const unsigned char *values = base64_values();
	unsigned bits = 0, digits = 0;
	bool padded = false;
	size_t wrong = 0;
	struct outlet outlet;

	outlet_begin(&outlet, out);
	for (size_t i = 0; i < in.len; i++) {
		unsigned v = values[(unsigned char)in.data[i]];

		if (v < 64) {
			if (padded)
				wrong++;
			padded = false;
			bits = bits << 6 | v;
			if (++digits == 4) {
				group_put(&outlet, bits, 4);
				bits = digits = 0;
			}
		} else if (v == PAD) {
			if (digits == 1)
				wrong++;
			group_put(&outlet, bits, digits);
			bits = digits = 0;
			padded = true;
		} else if (v == WRONG) {
			wrong++;
		}
	}
	if (digits == 1)
		wrong++;
	group_put(&outlet, bits, digits);
	outlet_flush(&outlet);
	return (struct decode){outlet.size, wrong};
}

int decode_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Length of the soft line break at p ("=" is before it), or 0. */
static size_t soft_break(const char *p, const char *end)
{
	const char *q = p;

	while (q < end && (*q == ' ' || *q == '\t'))
		q++;
	if (q == end)
		return (size_t)(q - p) + 1;
	if (*q == '\r' && q + 1 < end && q[1] == '\n')
		return (size_t)(q - p) + 2;
	return *q == '\n' ? (size_t)(q - p) + 1 : 0;
}

/* The byte that "=XY" at p stands for, or -1. */
static int escaped(const char *p, const char *end)
{
	int high, low;

	if (end - p < 3)
		return -1;
	high = decode_hex(p[1]);
	low = decode_hex(p[2]);
	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

struct decode decode_quoted(struct span in, struct buf *out)
{
	const char *p = in.data, *end = p + in.len;
	struct decode result = {0, 0};

	while (p < end) {
		const char *stop = memchr(p, '=', (size_t)(end - p));
		size_t run = (size_t)((stop != NULL ? stop : end) - p), skip;
		char byte = '=';
		int value;

		if (out != NULL)
			buf_add(out, p, run);
		result.size += run;
		p += run;
		if (p == end)
			break;
		value = escaped(p, end);
		skip = value < 0 ? soft_break(p + 1, end) : 0;
		if (skip > 0) {
			p += 1 + skip > (size_t)(end - p) ? (size_t)(end - p)
							  : 1 + skip;
			continue;
		}
		if (value < 0)
			result.wrong++;
		else
			byte = (char)value;
		if (out != NULL)
			buf_add_char(out, byte);
		result.size++;
		p += value < 0 ? 1 : 3;
	}
	return result;
}

struct decode decode_q(struct span in, struct buf *out)
{
	const char *p = in.data, *end = p + in.len;
	struct decode result = {0, 0};

	while (p < end) {
		int value = *p == '=' ? escaped(p, end) : -1;

		if (value >= 0)
			buf_add_char(out, (char)value);
		else
			buf_add_char(out, *p == '_' ? ' ' : *p);
		result.wrong += *p == '=' && value < 0;
		result.size++;
		p += value >= 0 ? 3 : 1;
	}
	return result;
}
