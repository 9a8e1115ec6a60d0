/*
 * body: walks the leaves in order and lets each be decoded, converted and
 * made visible, straight into one text.
 */
#include "check/reader/body.h"

#include "check/reader/charset.h"
#include "check/reader/context.h"
#include "check/reader/decode.h"
#include "check/reader/field.h"
#include "check/reader/html.h"
#include "check/reader/note.h"
#include "check/reader/odd.h"
#include "check/reader/visible.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define QUOTE_MAX 100  /* bytes of an example in a finding */
#define META_MAX  1024 /* bytes in which HTML must name its charset */
#define BOM	  "\xef\xbb\xbf"

enum show { SHOW_NOTHING, SHOW_TEXT, SHOW_HTML };

struct body {
	struct reading *reading;
	const struct mime *mime;
	struct buf text;
	struct visible out;
	size_t html_left; /* bytes of HTML that may yet be read */
	size_t n_leaves;  /* parts that there will be */
	bool headings;
	char where[32]; /* "part 2", for findings */
};

static bool starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

static enum show show_of(const struct mime_node *node)
{
	if (strcmp(node->type, "text/html") == 0 ||
	    strcmp(node->type, "text/x-amp-html") == 0 ||
	    strcmp(node->type, "application/xhtml+xml") == 0)
		return SHOW_HTML;
	if (starts(node->type, "text/") || starts(node->type, "message/") ||
	    starts(node->type, "multipart/"))
		return SHOW_TEXT;
	return SHOW_NOTHING;
}

static bool is_counted(const struct mime_node *node)
{
	return node->kind == MIME_LEAF && !context_is_part(node);
}

/* End the line before, and say what follows. */
static void heading(struct body *body, const char *what)
{
	const struct buf *text = &body->text;

	if (text->len > 0 && text->data[text->len - 1] != '\n')
		visible_add_str(&body->out, "\n");
	visible_add_str(&body->out, "=== ");
	visible_add_str(&body->out, what);
	visible_add_str(&body->out, " ===\n");
}

/* A line of the mail that looks like a heading of ours loses that look. */
static void guard(struct body *body, size_t from)
{
	char *p = body->text.data + from;
	char *end = body->text.data + body->text.len;

	while (end - p >= 4) {
		char *lf = memchr(p, '\n', (size_t)(end - p));

		if (memcmp(p, "=== ", 4) == 0)
			*p = '\'';
		if (lf == NULL)
			break;
		p = lf + 1;
	}
}

/* Finish a piece of the mail's own text that began at from. */
static void end_piece(struct body *body, size_t from, const char *where)
{
	visible_end(&body->out);
	if (body->headings)
		guard(body, from);
	note_body_characters(body->reading, body->out.odd, where);
	body->out.odd = 0;
}

/*
 * Transfer encoding undone: either a view into the mail, or in store.  With
 * store NULL the result has a length but no bytes.
 */
static struct span content(const struct mime *mime,
    const struct mime_node *node, struct buf *store, size_t *wrong)
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

/* A sink that keeps what fits and counts the rest. */
struct capped {
	struct buf *out;
	size_t lost;
};

static void capped_add(void *context, struct span piece)
{
	struct capped *capped = context;
	size_t room = capped->out->max_bytes - capped->out->len;
	size_t len = piece.len;

	if (len > room || capped->lost > 0) {
		len = capped->lost > 0 ? 0 : room;
		while (
		    len > 0 && ((unsigned char)piece.data[len] & 0xc0) == 0x80)
			len--;
		capped->lost += piece.len - len;
	}
	buf_add(capped->out, piece.data, len);
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

static const char *charset_of(
    const struct mime *mime, const struct mime_node *node, struct span bytes)
{
	if (node->charset != NULL || show_of(node) != SHOW_HTML)
		return node->charset;
	return meta_charset(mime->arena, bytes);
}

static struct span without_bom(struct span bytes)
{
	if (bytes.len >= 3 && memcmp(bytes.data, BOM, 3) == 0) {
		bytes.data += 3;
		bytes.len -= 3;
	}
	return bytes;
}

size_t body_utf8(
    const struct mime *mime, const struct mime_node *node, struct buf *out)
{
	struct capped capped = {out, 0};
	struct buf store;
	struct span bytes;
	size_t wrong;

	buf_init(&store, node->body.length);
	bytes = without_bom(content(mime, node, &store, &wrong));
	wrong += charset_convert(
	    charset_of(mime, node, bytes), bytes, capped_add, &capped);
	buf_release(&store);
	return wrong;
}

/* An example from the mail, as it may be shown. */
static const char *clean(struct body *body, const char *text)
{
	return field_plain(
	    body->reading->arena, (struct span){text, strlen(text)})
	    .text;
}

static void note_charset(struct body *body, const char *charset, size_t wrong)
{
	const char *name;

	if (charset_known(charset) && wrong == 0)
		return;
	name = charset == NULL ? "us-ascii" : clean(body, charset);
	if (!charset_known(charset))
		note_add(body->reading, FINDING_CAUTION, "charset-unclear",
		    "%s: charset \"%s\" is not known", body->where, name);
	else
		note_add(body->reading, FINDING_CAUTION, "charset-unclear",
		    "%s is not %s in %zu place(s)", body->where, name, wrong);
}

static void note_html(struct body *body, const struct html_found *found)
{
	struct reading *reading = body->reading;

	if (found->hidden > 0)
		note_add(reading, FINDING_CAUTION, "hidden-text",
		    "%s hides text in %u place(s): \"%s\"", body->where,
		    found->hidden, clean(body, found->hidden_first));
	if (found->remote > 0)
		note_add(reading, FINDING_NOTE, "remote-content",
		    "%s fetches %u thing(s), such as \"%s\"", body->where,
		    found->remote, clean(body, found->remote_first));
	if (found->active > 0)
		note_add(reading, FINDING_CAUTION, "active-content",
		    "%s has %u active thing(s), such as \"%s\"", body->where,
		    found->active, clean(body, found->active_first));
	if (found->unread > 0)
		note_add(reading, FINDING_CAUTION, "text-truncated",
		    "%zu bytes of HTML in %s are not shown", found->unread,
		    body->where);
}

static size_t show_html(
    struct body *body, const char *charset, struct span bytes)
{
	struct html_found found = {.unread = 0};
	struct capped capped = {.lost = 0};
	struct buf utf8;
	size_t wrong;

	buf_init(&utf8, body->html_left);
	capped.out = &utf8;
	wrong = charset_convert(charset, bytes, capped_add, &capped);
	html_text(buf_span(&utf8), &body->out, &found);
	found.unread += capped.lost;
	body->html_left -= utf8.len;
	buf_release(&utf8);
	note_html(body, &found);
	return wrong;
}

/* A part's words, into the text. */
static void show_part(struct body *body, const struct mime_node *node,
    enum show show, struct span bytes)
{
	const char *charset;
	size_t from = body->text.len, wrong;

	bytes = without_bom(bytes);
	charset = charset_of(body->mime, node, bytes);
	if (show == SHOW_HTML)
		wrong = show_html(body, charset, bytes);
	else
		wrong =
		    charset_convert(charset, bytes, visible_add, &body->out);
	note_charset(body, charset, wrong);
	end_piece(body, from, body->where);
}

static const char *clean_name(struct body *body, const char *name)
{
	struct field_text text;
	char where[64];

	if (name == NULL)
		return NULL;
	text = field_plain(
	    body->reading->arena, (struct span){name, strlen(name)});
	snprintf(where, sizeof(where), "the file name of %s", body->where);
	note_header_characters(body->reading, text.odd, where);
	return text.text;
}

static void part_heading(struct body *body, const struct reading_part *part)
{
	const char *name = part->filename;

	heading(body, arena_printf(body->reading->arena, "%s of %zu: %s%s%s%s",
			  body->where, body->n_leaves, part->type,
			  name != NULL ? ", \"" : "", name != NULL ? name : "",
			  name != NULL ? "\"" : ""));
}

static void note_attachment(struct body *body, const struct reading_part *part)
{
	note_add(body->reading, FINDING_NOTE, "attachment",
	    "%s%s%s%s, %" PRIu64 " bytes", part->filename != NULL ? "\"" : "",
	    part->filename != NULL ? part->filename : "",
	    part->filename != NULL ? "\", " : "", part->type, part->size);
}

static bool is_attached(const struct mime_node *node, enum show show)
{
	return show == SHOW_NOTHING || node->filename != NULL ||
	       (node->disposition != NULL &&
		   strcmp(node->disposition, "attachment") == 0);
}

static void note_leaf(struct body *body, const struct mime_node *node,
    const struct reading_part *part, size_t wrong)
{
	/* A stray '=' is read alike by all; a stray byte of base64 is not. */
	if (wrong > 0)
		note_add(body->reading,
		    node->encoding == MIME_BASE64 ? FINDING_CAUTION
						  : FINDING_NOTE,
		    "mime-ambiguous", "%s is not %s in %zu place(s)",
		    body->where,
		    node->encoding == MIME_BASE64 ? "base64"
						  : "quoted-printable",
		    wrong);
	if (strcmp(node->type, "message/external-body") == 0)
		note_add(body->reading, FINDING_CAUTION, "remote-content",
		    "%s is to be fetched from elsewhere", body->where);
	if (is_attached(node, show_of(node)))
		note_attachment(body, part);
}

static void take_leaf(struct body *body, const struct mime_node *node)
{
	struct reading *reading = body->reading;
	struct reading_part *part = &reading->parts[reading->n_parts++];
	enum show show = show_of(node);
	struct buf store;
	struct span bytes;
	size_t wrong;

	snprintf(
	    body->where, sizeof(body->where), "part %zu", reading->n_parts);
	buf_init(&store, node->body.length);
	bytes = content(
	    body->mime, node, show != SHOW_NOTHING ? &store : NULL, &wrong);
	part->depth = node->depth;
	part->type = node->type;
	if (show != SHOW_NOTHING && node->charset != NULL)
		part->charset = clean(body, node->charset);
	part->filename = clean_name(body, node->filename);
	part->size = bytes.len;
	part->in_text = show != SHOW_NOTHING;
	if (part->in_text && body->headings)
		part_heading(body, part);
	if (part->in_text)
		show_part(body, node, show, bytes);
	note_leaf(body, node, part, wrong);
	buf_release(&store);
}

/* The header of a message within the mail, as far as people look at it. */
static void show_inner_header(struct body *body, const struct mime_node *node)
{
	static const char *const shown[] = {
	    "From", "Sender", "Reply-To", "To", "Cc", "Date", "Subject"};
	size_t from;

	heading(body, "message within");
	from = body->text.len;
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		const struct field *field =
		    mime_field(body->mime, node, shown[i]);

		if (field == NULL)
			continue;
		visible_add_str(&body->out, shown[i]);
		visible_add_str(&body->out, ": ");
		visible_add_str(&body->out,
		    field_text(body->reading->arena, field->value).text);
		visible_add_str(&body->out, "\n");
	}
	end_piece(body, from, "a message within");
}

static const char *place_of(enum mime_outside_kind kind)
{
	switch (kind) {
	case MIME_PREAMBLE:
		return "before the first part";
	case MIME_EPILOGUE:
		return "behind the last part";
	case MIME_JUNK:
		return "between header fields";
	case MIME_UNREAD_HEADER:
		return "header lines behind the limit";
	case MIME_UNREAD:
		break;
	}
	return "parts behind the limit";
}

static void note_outside(
    struct body *body, const struct mime_outside *outside, struct span bytes)
{
	struct span quote = field_trim(bytes);

	if (outside->kind != MIME_PREAMBLE && outside->kind != MIME_EPILOGUE)
		return;
	if (quote.len > QUOTE_MAX) {
		quote.len = QUOTE_MAX;
		while (quote.len > 0 &&
		       ((unsigned char)quote.data[quote.len] & 0xc0) == 0x80)
			quote.len--;
	}
	note_add(body->reading, FINDING_CAUTION, "text-outside-parts",
	    "%zu bytes %s: \"%s\"", bytes.len, place_of(outside->kind),
	    field_plain(body->reading->arena, quote).text);
}

static void show_outside(struct body *body, const struct mime_outside *outside)
{
	struct span bytes = mime_bytes(body->mime, outside->range);
	size_t from;

	if (!odd_is_text(bytes))
		return;
	note_outside(body, outside, bytes);
	heading(body, place_of(outside->kind));
	from = body->text.len;
	body->headings = true;
	charset_convert(NULL, bytes, visible_add, &body->out);
	end_piece(body, from, place_of(outside->kind));
}

static void walk(struct body *body)
{
	const struct mime *mime = body->mime;

	for (size_t i = 0; i < mime->n_nodes; i++) {
		const struct mime_node *node = &mime->nodes[i];

		if (node->parent >= 0 &&
		    mime->nodes[node->parent].kind == MIME_MESSAGE)
			show_inner_header(body, node);
		if (node->kind == MIME_MESSAGE && i > 0)
			note_add(body->reading, FINDING_NOTE, "attachment",
			    "a message, %zu bytes", node->body.length);
		if (is_counted(node))
			take_leaf(body, node);
	}
	for (size_t i = 0; i < mime->n_outside; i++)
		show_outside(body, &mime->outside[i]);
}

/* How many parts there will be, and whether their texts need headings. */
static void count(struct body *body)
{
	size_t texts = 0;

	for (size_t i = 0; i < body->mime->n_nodes; i++) {
		const struct mime_node *node = &body->mime->nodes[i];

		body->n_leaves += is_counted(node);
		texts += node->kind == MIME_MESSAGE ||
			 (is_counted(node) && show_of(node) != SHOW_NOTHING);
	}
	body->headings = texts > 1;
	body->reading->parts = arena_alloc(body->reading->arena,
	    (body->n_leaves + 1) * sizeof(*body->reading->parts));
}

void body_read(struct reading *reading, const struct mime *mime)
{
	struct body body = {.reading = reading, .mime = mime};

	body.html_left = HTML_INPUT_MAX;
	buf_init(&body.text, READING_TEXT_MAX);
	visible_init(&body.out, &body.text, false);
	count(&body);
	walk(&body);
	if (body.out.full)
		note_add(reading, FINDING_CAUTION, "text-truncated",
		    "only %zu of %" PRIu64 " bytes are shown", body.text.len,
		    body.out.total);
	reading->text.data =
	    arena_dup(reading->arena, body.text.data, body.text.len);
	reading->text.len = body.text.len;
	reading->text_total = body.out.total;
	buf_release(&body.text);
}
