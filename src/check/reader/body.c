/*
 * body: a leaf's bytes: transfer encoding, charset, and what kind of text it
 * is.  Laying texts out for people is text's.
 */
#include "check/reader/body.h"

#include "check/reader/charset.h"
#include "check/reader/decode.h"

#include <string.h>
#include <strings.h>

#define META_MAX 1024 /* bytes in which HTML must name its charset */
#define BOM	 "\xef\xbb\xbf"

static bool starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

enum body_kind body_kind(const struct mime_node *node)
{
	if (strcmp(node->type, "text/html") == 0 ||
	    strcmp(node->type, "text/x-amp-html") == 0 ||
	    strcmp(node->type, "application/xhtml+xml") == 0)
		return BODY_HTML;
	if (starts(node->type, "text/") || starts(node->type, "message/") ||
	    starts(node->type, "multipart/"))
		return BODY_TEXT;
	return BODY_NOTHING;
}

struct span body_bytes(const struct mime *mime, const struct mime_node *node,
    struct buf *store, size_t *wrong)
{
	struct span bytes = mime_bytes(mime, node->body);
	struct decode decode;

	*wrong = 0;
	if (node->encoding == MIME_BASE64)
		decode = decode_base64(bytes, store);
	else if (node->encoding == MIME_QUOTED)
		decode = decode_quoted(bytes, store);
	else
		return bytes;
	*wrong = decode.wrong;
	return (struct span){store != NULL ? store->data : NULL, decode.size};
}

struct span body_without_bom(struct span bytes)
{
	if (bytes.len >= 3 && memcmp(bytes.data, BOM, 3) == 0) {
		bytes.data += 3;
		bytes.len -= 3;
	}
	return bytes;
}

static bool is_charset_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* The charset that the HTML itself names near its beginning, or NULL. */
static const char *meta_charset(struct arena *arena, struct span html)
{
	static const char mark[] = "charset=";
	const char *p = html.data;
	const char *end = p + (html.len < META_MAX ? html.len : META_MAX);
	const char *from;
	char *name;

	while (end - p > 8 && strncasecmp(p, mark, 8) != 0)
		p++;
	if (end - p <= 8)
		return NULL;
	for (p += 8; p < end && (*p == '"' || *p == '\'');)
		p++;
	for (from = p; p < end && is_charset_byte(*p);)
		p++;
	name = arena_dup(arena, from, (size_t)(p - from));
	/* If we could read that, it is not UTF-16. */
	return charset_known(name) && strncasecmp(name, "utf-16", 6) != 0 &&
		       strncasecmp(name, "utf-32", 6) != 0
		   ? name
		   : NULL;
}

const char *body_charset(
    const struct mime *mime, const struct mime_node *node, struct span bytes)
{
	if (node->charset != NULL || body_kind(node) != BODY_HTML)
		return node->charset;
	return meta_charset(mime->arena, bytes);
}

void body_cap_add(void *context, struct span piece)
{
	struct body_cap *cap = context;
	size_t room = cap->out->max_bytes - cap->out->len;
	size_t len = piece.len;

	if (len > room || cap->lost > 0) {
		len = cap->lost > 0 ? 0 : room;
		while (
		    len > 0 && ((unsigned char)piece.data[len] & 0xc0) == 0x80)
			len--;
		cap->lost += piece.len - len;
	}
	buf_add(cap->out, piece.data, len);
}

size_t body_utf8(
    const struct mime *mime, const struct mime_node *node, struct buf *out)
{
	struct body_cap cap = {out, 0};
	struct buf store;
	struct span bytes;
	size_t wrong;

	buf_init(&store, node->body.length);
	bytes = body_without_bom(body_bytes(mime, node, &store, &wrong));
	wrong += charset_convert(
	    body_charset(mime, node, bytes), bytes, body_cap_add, &cap);
	buf_release(&store);
	return wrong;
}
