/*
 * text: walks the leaves in order and lets each be decoded, converted and
 * made visible, straight into one text.
 */
#include "check/reader/text.h"

#include "check/reader/body.h"
#include "check/reader/charset.h"
#include "check/reader/chosen.h"
#include "check/reader/context.h"
#include "check/reader/field.h"
#include "check/reader/html.h"
#include "check/reader/note.h"
#include "check/reader/odd.h"
#include "check/reader/visible.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define QUOTE_MAX 100 /* bytes of an example in a finding */

struct text {
	struct reading *reading;
	const struct mime *mime;
	struct text_more *more;
	struct buf text;
	struct visible out;
	size_t html_left;		/* bytes of HTML that may yet be read */
	size_t n_leaves;		/* parts that there will be */
	const struct mime_node *chosen; /* that an edit would replace */
	bool headings;
	char where[32]; /* "part 2", for findings */
};

static bool is_counted(const struct mime_node *node)
{
	return node->kind == MIME_LEAF && !context_is_part(node);
}

/* End the line before, and say what follows. */
static void heading(struct text *t, const char *what)
{
	const struct buf *text = &t->text;

	if (text->len > 0 && text->data[text->len - 1] != '\n')
		visible_add_str(&t->out, "\n");
	visible_add_str(&t->out, "=== ");
	visible_add_str(&t->out, what);
	visible_add_str(&t->out, " ===\n");
}

/* A line of the mail that looks like a heading of ours loses that look. */
static void guard(struct text *t, size_t from)
{
	char *p = t->text.data + from;
	char *end = t->text.data + t->text.len;

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
static void end_piece(struct text *t, size_t from, const char *where)
{
	visible_end(&t->out);
	if (t->headings)
		guard(t, from);
	note_body_characters(t->reading, t->out.odd, where);
	t->out.odd = 0;
}

/* An example from the mail, as it may be shown. */
static const char *clean(struct text *t, const char *text)
{
	return field_plain(t->reading->arena, (struct span){text, strlen(text)})
	    .text;
}

static void note_charset(struct text *t, const char *charset, size_t wrong)
{
	const char *name;

	if (charset_known(charset) && wrong == 0)
		return;
	name = charset == NULL ? "us-ascii" : clean(t, charset);
	if (!charset_known(charset))
		note_add(t->reading, FINDING_CAUTION, "charset-unclear",
		    "%s: charset \"%s\" is not known", t->where, name);
	else
		note_add(t->reading, FINDING_CAUTION, "charset-unclear",
		    "%s is not %s in %zu place(s)", t->where, name, wrong);
}

/* Who does not see what stands there, or sees it otherwise. */
static void note_sight(struct text *t, const struct html_found *found)
{
	struct reading *reading = t->reading;

	if (found->preheader > 0)
		note_add(reading, FINDING_NOTE, "preheader",
		    "%s hides its first line, as newsletters do: \"%s\"",
		    t->where, clean(t, found->repeated_first));
	if (found->repeated > 0)
		note_add(reading, FINDING_NOTE, "hidden-text",
		    "%s hides text in %u place(s) that is also to be seen: "
		    "\"%s\"",
		    t->where, found->repeated, clean(t, found->repeated_first));
	if (found->some > 0)
		note_add(reading, FINDING_NOTE, "hidden-text",
		    "%s hides text in %u place(s) on some screens: \"%s\"",
		    t->where, found->some, clean(t, found->some_first));
	if (found->turned > 0)
		note_add(reading, FINDING_CAUTION, "bidi",
		    "%s has letters that run backwards: \"%s\"", t->where,
		    clean(t, found->turned_first));
	if (found->tired)
		note_add(reading, FINDING_CAUTION, "text-truncated",
		    "not all rules of the style sheets in %s were followed",
		    t->where);
}

static void note_html(struct text *t, const struct html_found *found)
{
	struct reading *reading = t->reading;

	if (found->hidden > 0)
		note_add(reading, FINDING_CAUTION, "hidden-text",
		    "%s hides text in %u place(s): \"%s\"", t->where,
		    found->hidden, clean(t, found->hidden_first));
	note_sight(t, found);
	if (found->remote > 0)
		note_add(reading, FINDING_NOTE, "remote-content",
		    "%s fetches %u thing(s), such as \"%s\"", t->where,
		    found->remote, clean(t, found->remote_first));
	if (found->active > 0)
		note_add(reading, FINDING_CAUTION, "active-content",
		    "%s has %u active thing(s), such as \"%s\"", t->where,
		    found->active, clean(t, found->active_first));
	if (found->unread > 0)
		note_add(reading, FINDING_CAUTION, "text-truncated",
		    "%zu bytes of HTML in %s are not shown", found->unread,
		    t->where);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static struct span trimmed(struct span s)
{
	while (s.len > 0 && is_blank(s.data[0]))
		s = (struct span){s.data + 1, s.len - 1};
	while (s.len > 0 && is_blank(s.data[s.len - 1]))
		s.len--;
	return s;
}

/* How many blanks stand at i: a line's end is as good as a space. */
static size_t blanks(struct span s, size_t i)
{
	size_t n = 0;

	while (i + n < s.len && is_blank(s.data[i + n]))
		n++;
	return n;
}

/* The same words in the same order, however much white space between? */
static bool same_words(struct span a, struct span b)
{
	size_t i = 0, k = 0, n, m;

	a = trimmed(a);
	b = trimmed(b);
	while (i < a.len && k < b.len) {
		n = blanks(a, i);
		m = blanks(b, k);
		if ((n > 0) != (m > 0))
			return false;
		if (n == 0 && a.data[i] != b.data[k])
			return false;
		i += n > 0 ? n : 1;
		k += m > 0 ? m : 1;
	}
	return i == a.len && k == b.len;
}

/*
 * HTML that only repeats the plain text is said to do so: nobody reads a mail
 * twice.  What it hides keeps it shown, as do links: their targets differ.
 */
static bool shorten(struct text *t, size_t from)
{
	const struct reading *r = t->reading;
	const struct span plain = {
	    t->text.data + r->edit_offset, r->edit_length};
	const struct span html = {t->text.data + from, t->text.len - from};

	if (plain.len == 0 || t->out.full || !same_words(plain, html))
		return false;
	t->out.total -= html.len;
	buf_cut(&t->text, from);
	visible_add_str(&t->out, "(the same words)\n");
	return true;
}

/* Keep a part's words before they are made shorter. */
static void keep_text(struct text *t, size_t from)
{
	struct span *kept;

	if (!t->more->wanted)
		return;
	kept = &t->more->texts[t->reading->n_parts - 1];
	kept->len = t->text.len - from;
	kept->data =
	    arena_dup(t->reading->arena, t->text.data + from, kept->len);
}

static const char *without_nul(struct text *t, struct span s)
{
	char *copy = arena_dup(t->reading->arena, s.data, s.len);

	for (size_t i = 0; i < s.len; i++)
		if (copy[i] == '\0')
			copy[i] = ' ';
	return copy;
}

static void keep_link(void *context, struct span target, struct span text)
{
	struct text *t = context;
	struct text_more *more = t->more;
	struct text_link *bigger;

	if (more->n_links == TEXT_LINKS_MAX) {
		note_add(t->reading, FINDING_CAUTION, "text-truncated",
		    "only the first %d links are looked at", TEXT_LINKS_MAX);
		return;
	}
	if (more->n_links == more->links_room) {
		more->links_room = 2 * more->n_links + 8;
		bigger = arena_alloc(
		    t->reading->arena, more->links_room * sizeof(*bigger));
		if (more->n_links > 0)
			memcpy(bigger, more->links,
			    more->n_links * sizeof(*bigger));
		more->links = bigger;
	}
	more->links[more->n_links++] =
	    (struct text_link){t->reading->n_parts - 1, without_nul(t, target),
		without_nul(t, text)};
}

static void keep_quoted(struct text *t, const struct html_found *found)
{
	struct text_more *more = t->more;

	for (size_t i = 0; i < found->n_quoted; i++) {
		if (more->n_quoted == TEXT_QUOTED_MAX ||
		    found->quoted[i].to > t->text.len)
			return;
		more->quoted[more->n_quoted++] = (struct text_range){
		    found->quoted[i].from, found->quoted[i].to};
	}
}

static size_t show_html(struct text *t, const char *charset, struct span bytes)
{
	struct html_found found = {
	    .link = t->more->wanted ? keep_link : NULL, .context = t};
	size_t from = t->text.len;
	struct body_cap capped = {.lost = 0};
	struct buf utf8;
	size_t wrong;

	buf_init(&utf8, t->html_left);
	capped.out = &utf8;
	wrong = charset_convert(charset, bytes, body_cap_add, &capped);
	html_text(buf_span(&utf8), &t->out, &found);
	found.unread += capped.lost;
	t->html_left -= utf8.len;
	buf_release(&utf8);
	note_html(t, &found);
	keep_text(t, from);
	if (found.hidden + found.repeated + found.preheader > 0 ||
	    found.unread > 0 || wrong > 0 || !shorten(t, from))
		keep_quoted(t, &found);
	return wrong;
}

/* "begin 644 name": some programs show a file in place of what follows. */
static void note_uuencoded(struct text *t, struct span text)
{
	const char *p = text.data, *end = p + text.len;

	while (p < end) {
		const char *lf = memchr(p, '\n', (size_t)(end - p));
		size_t len = (size_t)((lf != NULL ? lf : end) - p), n = 0;

		if (len > 10 && memcmp(p, "begin ", 6) == 0)
			for (n = 6; n < len && p[n] >= '0' && p[n] <= '7';)
				n++;
		if (n >= 9 && n <= 10 && n < len && p[n] == ' ') {
			note_add(t->reading, FINDING_CAUTION, "mime-ambiguous",
			    "%s has a uuencoded file in its text", t->where);
			return;
		}
		p += len + 1;
	}
}

/* A part's words, into the text. */
static void show_part(struct text *t, const struct mime_node *node,
    enum body_kind kind, struct span bytes)
{
	const char *charset;
	size_t from = t->text.len, wrong;

	bytes = body_without_bom(bytes);
	charset = body_charset(t->mime, node, bytes);
	if (kind == BODY_HTML) {
		wrong = show_html(t, charset, bytes);
	} else {
		wrong = charset_convert(charset, bytes, visible_add, &t->out);
		keep_text(t, from);
		note_uuencoded(
		    t, (struct span){t->text.data + from, t->text.len - from});
	}
	note_charset(t, charset, wrong);
	end_piece(t, from, t->where);
	if (node == t->chosen) {
		t->reading->edit_offset = from;
		t->reading->edit_length = t->text.len - from;
	}
}

static const char *clean_name(struct text *t, const char *name)
{
	struct field_text text;
	char where[64];

	if (name == NULL)
		return NULL;
	text =
	    field_plain(t->reading->arena, (struct span){name, strlen(name)});
	snprintf(where, sizeof(where), "the file name of %s", t->where);
	note_header_characters(t->reading, text.odd, where);
	return text.text;
}

static void part_heading(struct text *t, const struct reading_part *part)
{
	const char *name = part->filename;

	heading(
	    t, arena_printf(t->reading->arena, "%s of %zu: %s%s%s%s", t->where,
		   t->n_leaves, part->type, name != NULL ? ", \"" : "",
		   name != NULL ? name : "", name != NULL ? "\"" : ""));
}

static void note_attachment(struct text *t, const struct reading_part *part)
{
	note_add(t->reading, FINDING_NOTE, "attachment",
	    "%s%s%s%s, %" PRIu64 " bytes", part->filename != NULL ? "\"" : "",
	    part->filename != NULL ? part->filename : "",
	    part->filename != NULL ? "\", " : "", part->type, part->size);
}

static bool is_attached(const struct mime_node *node, enum body_kind kind)
{
	return kind == BODY_NOTHING || node->filename != NULL ||
	       (node->disposition != NULL &&
		   strcmp(node->disposition, "attachment") == 0);
}

/* What only the recipient can read, or only together with others. */
static bool is_unreadable(const struct mime_node *node)
{
	static const char *const types[] = {"application/pkcs7-mime",
	    "application/x-pkcs7-mime", "application/pgp",
	    "application/pgp-encrypted", "message/partial"};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i], node->type) == 0)
			return true;
	return false;
}

static void note_leaf(struct text *t, const struct mime_node *node,
    const struct reading_part *part, size_t wrong)
{
	/* A stray '=' is read alike by all; a stray byte of base64 is not. */
	if (wrong > 0)
		note_add(t->reading,
		    node->encoding == MIME_BASE64 ? FINDING_CAUTION
						  : FINDING_NOTE,
		    "mime-ambiguous", "%s is not %s in %zu place(s)", t->where,
		    node->encoding == MIME_BASE64 ? "base64"
						  : "quoted-printable",
		    wrong);
	if (is_unreadable(node))
		note_add(t->reading, FINDING_CAUTION, "unreadable-content",
		    "%s is %s, which nobody can read here", t->where,
		    node->type);
	if (strcmp(node->type, "message/external-body") == 0)
		note_add(t->reading, FINDING_CAUTION, "remote-content",
		    "%s is to be fetched from elsewhere", t->where);
	if (is_attached(node, body_kind(node)))
		note_attachment(t, part);
}

static void take_leaf(struct text *t, const struct mime_node *node)
{
	struct reading *reading = t->reading;
	struct reading_part *part = &reading->parts[reading->n_parts++];
	enum body_kind kind = body_kind(node);
	struct buf store;
	struct span bytes;
	size_t wrong;

	snprintf(t->where, sizeof(t->where), "part %zu", reading->n_parts);
	buf_init(&store, node->body.length);
	bytes = body_bytes(
	    t->mime, node, kind != BODY_NOTHING ? &store : NULL, &wrong);
	part->depth = node->depth;
	part->type = node->type;
	if (kind != BODY_NOTHING && node->charset != NULL)
		part->charset = clean(t, node->charset);
	part->filename = clean_name(t, node->filename);
	part->size = bytes.len;
	part->in_text = kind != BODY_NOTHING;
	if (part->in_text && t->headings)
		part_heading(t, part);
	if (part->in_text)
		show_part(t, node, kind, bytes);
	note_leaf(t, node, part, wrong);
	buf_release(&store);
}

/* The header of a message within the mail, as far as people look at it. */
static void show_inner_header(struct text *t, const struct mime_node *node)
{
	static const char *const shown[] = {
	    "From", "Sender", "Reply-To", "To", "Cc", "Date", "Subject"};
	size_t from;

	heading(t, "message within");
	from = t->text.len;
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		const struct field *field = mime_field(t->mime, node, shown[i]);

		if (field == NULL)
			continue;
		visible_add_str(&t->out, shown[i]);
		visible_add_str(&t->out, ": ");
		visible_add_str(
		    &t->out, field_text(t->reading->arena, field->value).text);
		visible_add_str(&t->out, "\n");
	}
	end_piece(t, from, "a message within");
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
    struct text *t, const struct mime_outside *outside, struct span bytes)
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
	note_add(t->reading, FINDING_CAUTION, "text-outside-parts",
	    "%zu bytes %s: \"%s\"", bytes.len, place_of(outside->kind),
	    field_plain(t->reading->arena, quote).text);
}

static void show_outside(struct text *t, const struct mime_outside *outside)
{
	struct span bytes = mime_bytes(t->mime, outside->range);
	size_t from;

	if (!odd_is_text(bytes))
		return;
	note_outside(t, outside, bytes);
	heading(t, place_of(outside->kind));
	from = t->text.len;
	charset_convert(NULL, bytes, visible_add, &t->out);
	end_piece(t, from, place_of(outside->kind));
}

static void walk(struct text *t)
{
	const struct mime *mime = t->mime;

	for (size_t i = 0; i < mime->n_nodes; i++) {
		const struct mime_node *node = &mime->nodes[i];

		if (node->parent >= 0 &&
		    mime->nodes[node->parent].kind == MIME_MESSAGE)
			show_inner_header(t, node);
		if (node->kind == MIME_MESSAGE && i > 0)
			note_add(t->reading, FINDING_NOTE, "attachment",
			    "a message, %zu bytes", node->body.length);
		if (is_counted(node))
			take_leaf(t, node);
	}
	for (size_t i = 0; i < mime->n_outside; i++)
		show_outside(t, &mime->outside[i]);
}

/* How many parts there will be, and whether their texts need headings. */
static void count(struct text *t)
{
	size_t texts = 0;

	for (size_t i = 0; i < t->mime->n_nodes; i++) {
		const struct mime_node *node = &t->mime->nodes[i];

		t->n_leaves += is_counted(node);
		texts += node->kind == MIME_MESSAGE ||
			 (is_counted(node) && body_kind(node) != BODY_NOTHING);
	}
	for (size_t i = 0; i < t->mime->n_outside; i++)
		texts +=
		    odd_is_text(mime_bytes(t->mime, t->mime->outside[i].range));
	t->headings = texts > 1;
	t->more->headings = t->headings;
	t->reading->parts = arena_alloc(
	    t->reading->arena, (t->n_leaves + 1) * sizeof(*t->reading->parts));
	if (t->more->wanted)
		t->more->texts = arena_alloc(t->reading->arena,
		    (t->n_leaves + 1) * sizeof(*t->more->texts));
}

void text_read(
    struct reading *reading, const struct mime *mime, struct text_more *more)
{
	struct text t = {.reading = reading, .mime = mime, .more = more};
	int chosen = chosen_first(mime);

	t.chosen = chosen < 0 ? NULL : &mime->nodes[chosen];
	t.html_left = HTML_INPUT_MAX;
	buf_init(&t.text, READING_TEXT_MAX);
	visible_init(&t.out, &t.text, false);
	count(&t);
	walk(&t);
	if (t.out.full)
		note_add(reading, FINDING_CAUTION, "text-truncated",
		    "only %zu of %" PRIu64 " bytes are shown", t.text.len,
		    t.out.total);
	reading->text.data = arena_dup(reading->arena, t.text.data, t.text.len);
	reading->text.len = t.text.len;
	reading->text_total = t.out.total;
	buf_release(&t.text);
}
