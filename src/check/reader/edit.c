/*
 * edit: chooses what is replaced by what, and proves the result.  The surgery
 * itself is done in retype.c and splice.c, whether an edit is allowed at all
 * is asked in editable.c.
 */
#include "check/reader/edit.h"

#include "check/reader/body.h"
#include "check/reader/charset.h"
#include "check/reader/chosen.h"
#include "check/reader/draft.h"
#include "check/reader/editable.h"
#include "check/reader/encode.h"
#include "check/reader/field.h"
#include "check/reader/flowed.h"
#include "check/reader/fold.h"
#include "check/reader/makehtml.h"
#include "check/reader/mime.h"
#include "check/reader/retype.h"
#include "check/reader/splice.h"

#include <string.h>

/* One character becomes at most "&quot;" or "&nbsp;", its '=' three more. */
#define GROWTH 32

struct edit {
	struct arena *arena;
	const struct mime *mime;
	const struct about *about;
	struct span text; /* LF between lines and at the end */
	int chosen;
	struct splices splices;
	struct span *wanted; /* by node: UTF-8, LF; data NULL: not rewritten */
	struct buf note;
	struct reading_edit *out;
};

/* --- words for the reviewer -------------------------------------------- */

static void note(struct edit *edit, const char *what)
{
	if (edit->note.len > 0)
		buf_add_str(&edit->note, "; ");
	buf_add_str(&edit->note, what);
}

/* --- the text ---------------------------------------------------------- */

/* LF line ends, no blank lines at the end, one LF there. */
static struct span tidy(struct arena *arena, struct span text)
{
	struct span tidied;
	struct buf out;
	size_t i;

	buf_init(&out, text.len + 1);
	for (i = 0; i < text.len; i++) {
		if (text.data[i] != '\r')
			buf_add_char(&out, text.data[i]);
		else if (i + 1 == text.len || text.data[i + 1] != '\n')
			buf_add_char(&out, '\n');
	}
	while (out.len > 0 && strchr(" \t\n", out.data[out.len - 1]) != NULL)
		buf_cut(&out, out.len - 1);
	buf_add_char(&out, '\n');
	tidied = (struct span){arena_dup(arena, out.data, out.len), out.len};
	buf_release(&out);
	return tidied;
}

/* RFC 5321 2.3.8: lines end in CRLF, whatever they are made of. */
static void to_crlf(struct buf *text)
{
	struct buf out;
	size_t i;

	buf_init(&out, 2 * text->len);
	for (i = 0; i < text->len; i++) {
		if (text->data[i] == '\n')
			buf_add_char(&out, '\r');
		buf_add_char(&out, text->data[i]);
	}
	buf_release(text);
	*text = out;
}

/* --- one part ---------------------------------------------------------- */

static bool holds_delimiter(const struct mime *mime, struct span text)
{
	size_t i;

	for (i = 0; i < mime->n_nodes; i++)
		if (mime->nodes[i].boundary != NULL &&
		    fold_holds(text, mime->nodes[i].boundary))
			return true;
	return false;
}

/* May the part say these bytes as they are, as it is labelled now? */
static bool fits_plain(
    const struct edit *edit, const struct mime_node *node, struct span body)
{
	const struct field *field =
	    mime_field(edit->mime, node, "Content-Transfer-Encoding");
	struct span label = {"7bit", 4};

	if (field != NULL)
		label = field_trim(field->value);
	if (!encode_lines_fit(body) || holds_delimiter(edit->mime, body))
		return false;
	return encode_is_ascii(body) || fold_is(label, "8bit") ||
	       fold_is(label, "binary");
}

static bool ends_line(struct span body)
{
	return body.len == 0 || body.data[body.len - 1] == '\n';
}

/*
 * The bytes that stand in the mail for a body, in the part's own transfer
 * encoding or, when that cannot be, in quoted-printable.
 */
static struct span to_bytes(const struct edit *edit,
    const struct mime_node *node, struct span body, struct retype *retype)
{
	struct span bytes;
	struct buf out;

	buf_init(&out, GROWTH * body.len + 1024);
	if (node->body.offset == node->header.offset + node->header.length)
		buf_add_str(&out, "\r\n"); /* there was no blank line */
	if (node->encoding == MIME_BASE64) {
		encode_base64(body, &out);
	} else if (node->encoding == MIME_PLAIN &&
		   fits_plain(edit, node, body)) {
		buf_add_span(&out, body);
	} else {
		encode_quoted(body, &out);
		if (node->encoding != MIME_QUOTED)
			retype->encoding = "quoted-printable";
	}
	if (node->parent >= 0 && !ends_line(mime_bytes(edit->mime, node->body)))
		buf_cut(&out, out.len - 2); /* the delimiter brings its own */
	bytes =
	    (struct span){arena_dup(edit->arena, out.data, out.len), out.len};
	buf_release(&out);
	return bytes;
}

/* lines: what the part is to say, UTF-8 with LF. */
static void replace_body(
    struct edit *edit, int index, struct span lines, struct retype *retype)
{
	const struct mime_node *node = &edit->mime->nodes[index];
	struct span bytes;
	struct buf body;

	buf_init(&body, 4 * lines.len + 1024);
	if (retype->charset != NULL ||
	    !charset_encode(node->charset, lines, &body)) {
		retype->charset = "utf-8";
		buf_add_span(&body, lines);
	}
	to_crlf(&body);
	bytes = to_bytes(edit, node, buf_span(&body), retype);
	buf_release(&body);
	retype_node(&edit->splices, edit->mime, index, retype);
	if (index != 0)
		retype_drop(&edit->splices, edit->mime, index);
	splice_add(&edit->splices, node->body, bytes);
	edit->wanted[index].data =
	    arena_dup(edit->arena, lines.data, lines.len);
	edit->wanted[index].len = lines.len;
}

static void replace_plain(struct edit *edit, int index)
{
	const struct mime_node *node = &edit->mime->nodes[index];
	struct retype retype = {NULL, NULL};
	struct buf lines;

	buf_init(&lines, 4 * edit->text.len + 1024);
	if (node->flowed)
		flowed_break(edit->text, node->delsp, &lines);
	else
		buf_add_span(&lines, edit->text);
	replace_body(edit, index, buf_span(&lines), &retype);
	if (retype.charset != NULL)
		note(edit, "its character set is now utf-8");
	buf_release(&lines);
}

static void replace_html(struct edit *edit, int index)
{
	const struct mime_node *node = &edit->mime->nodes[index];
	const char *charset = node->charset;
	struct retype retype = {NULL, NULL};
	struct buf lines, probe;

	/* a set in which markup is not ASCII, or one that nobody knows */
	buf_init(&probe, 16);
	if (!charset_encode(charset, (struct span){"<", 1}, &probe))
		charset = retype.charset = "utf-8";
	buf_release(&probe);
	buf_init(&lines, GROWTH * edit->text.len + 1024);
	makehtml_write(edit->text, charset, &lines);
	replace_body(edit, index, buf_span(&lines), &retype);
	buf_release(&lines);
}

/* --- all parts --------------------------------------------------------- */

/* HTML that a mail program may show in the place of the chosen part. */
static bool stands_for_chosen(const struct edit *edit, int index)
{
	int alternative = chosen_alternative(edit->mime, edit->chosen);
	const struct mime_node *node = &edit->mime->nodes[index];

	return alternative >= 0 && index != edit->chosen &&
	       chosen_is_text(node) && strcmp(node->type, "text/html") == 0 &&
	       !chosen_inner(edit->mime, index) &&
	       chosen_within(edit->mime, index, alternative);
}

static bool is_other_text(const struct edit *edit, int index)
{
	return edit->wanted[index].data == NULL &&
	       chosen_is_text(&edit->mime->nodes[index]) &&
	       !chosen_inner(edit->mime, index);
}

static void replace_parts(struct edit *edit)
{
	const struct mime_node *chosen = &edit->mime->nodes[edit->chosen];
	unsigned i, n = (unsigned)edit->mime->n_nodes, html = 0, others = 0;

	if (strcmp(chosen->type, "text/html") == 0) {
		replace_html(edit, edit->chosen);
		html++;
	} else {
		replace_plain(edit, edit->chosen);
	}
	for (i = 0; i < n; i++)
		if (stands_for_chosen(edit, (int)i)) {
			replace_html(edit, (int)i);
			html++;
		}
	for (i = 0; i < n; i++)
		others += is_other_text(edit, (int)i);
	if (html > 0)
		note(edit, "the HTML part was rewritten from the new text, "
			   "without its formatting");
	if (others > 0)
		note(edit, "only the first text was replaced: other text "
			   "parts stay as they are");
	if (retype_drop(&edit->splices, edit->mime, 0) > 0)
		note(edit, "signatures that the edit breaks were removed");
}

/* --- proof ------------------------------------------------------------- */

static bool same_span(struct span a, struct span b)
{
	return a.len == b.len &&
	       (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* The first has CRLF where the second has LF, and may lack the last one. */
static bool same_lines(struct span crlf, struct span lf)
{
	size_t i, n = 0;

	for (i = 0; i < lf.len; i++, n++) {
		if (lf.data[i] == '\n' && n < crlf.len && crlf.data[n] == '\r')
			n++;
		if (n < crlf.len ? crlf.data[n] != lf.data[i]
				 : i + 1 != lf.len || lf.data[i] != '\n')
			return false;
	}
	return n >= crlf.len;
}

/* No NUL, and CR and LF only together. */
static bool is_clean(struct span mail)
{
	size_t i;

	for (i = 0; i < mail.len; i++) {
		char c = mail.data[i];

		if (c == '\0' ||
		    (c == '\n' && (i == 0 || mail.data[i - 1] != '\r')) ||
		    (c == '\r' &&
			(i + 1 == mail.len || mail.data[i + 1] != '\n')))
			return false;
	}
	return true;
}

/* Does the part, decoded, say what was meant?  (A last line end aside.) */
static bool says_wanted(const struct edit *edit, const struct mime *now, int i)
{
	struct span wanted = edit->wanted[i];
	struct buf text;
	bool same;

	buf_init(&text, 2 * wanted.len + 1024);
	body_utf8(now, &now->nodes[i], &text);
	same = same_lines(buf_span(&text), wanted);
	buf_release(&text);
	return same;
}

static bool same_part(const struct edit *edit, const struct mime *now, int i)
{
	const struct mime_node *a = &edit->mime->nodes[i], *b = &now->nodes[i];

	if (a->parent != b->parent || a->kind != b->kind ||
	    strcmp(a->type, b->type) != 0)
		return false;
	if (edit->wanted[i].data != NULL)
		return says_wanted(edit, now, i);
	if (i != 0 && !same_span(mime_bytes(edit->mime, a->header),
			  mime_bytes(now, b->header)))
		return false;
	return a->kind != MIME_LEAF ||
	       same_span(
		   mime_bytes(edit->mime, a->body), mime_bytes(now, b->body));
}

/* Is the new mail the old one with nothing but the text changed? */
static bool is_proved(const struct edit *edit, struct span bytes)
{
	const struct mime *now = mime_split(edit->arena, bytes);
	const struct mime_node *node;
	int i;

	if (!is_clean(bytes) || now->n_nodes != edit->mime->n_nodes ||
	    now->n_outside != edit->mime->n_outside ||
	    chosen_first(now) != edit->chosen)
		return false;
	for (i = 0; i < (int)now->n_nodes; i++)
		if (!same_part(edit, now, i))
			return false;
	node = &now->nodes[edit->chosen];
	return strcmp(node->type, "text/plain") != 0 ||
	       editable_same_text(chosen_read(now, node).text, edit->text);
}

/* Read the new mail as if an agent had sent it. */
static void read_again(struct edit *edit, struct span bytes)
{
	struct reading_edit *out = edit->out;
	struct reading *reading = draft_read(bytes, edit->about);

	if (reading->trouble != NULL) {
		out->refusal = arena_strdup(edit->arena, reading->trouble);
		reading_free(reading);
		return;
	}
	out->bytes.data = arena_dup(edit->arena, bytes.data, bytes.len);
	out->bytes.len = bytes.len;
	out->reading = reading;
	if (edit->note.len > 0)
		out->note = arena_strdup(edit->arena, edit->note.data);
}

static void finish(struct edit *edit)
{
	struct span mail = edit->mime->mail;
	struct buf bytes;

	buf_init(&bytes, mail.len + 8 * GROWTH * edit->text.len + 65536);
	if (splice_apply(&edit->splices, mail, &bytes) == 0 &&
	    is_proved(edit, buf_span(&bytes)))
		read_again(edit, buf_span(&bytes));
	else
		edit->out->refusal = "the mail is built in a way that does "
				     "not allow a safe edit";
	buf_release(&bytes);
}

static void run(struct edit *edit)
{
	buf_init(&edit->note, 1024);
	edit->splices.arena = edit->arena;
	edit->wanted = arena_alloc(
	    edit->arena, edit->mime->n_nodes * sizeof(*edit->wanted));
	replace_parts(edit);
	finish(edit);
	buf_release(&edit->note);
}

struct reading_edit *edit_apply(
    struct span mail, struct span text, const struct about *about)
{
	struct arena *arena = arena_new();
	struct reading_edit *out = arena_alloc(arena, sizeof(*out));
	struct edit edit = {.arena = arena, .about = about, .out = out};

	out->arena = arena;
	out->refusal = editable_text(text);
	if (out->refusal != NULL)
		return out;
	if (!is_clean(mail)) {
		out->refusal =
		    "the mail has a NUL, or line ends other than CRLF";
		return out;
	}
	edit.text = tidy(arena, text);
	edit.mime = mime_split(arena, mail);
	out->refusal = editable_mail(edit.mime, &edit.chosen);
	if (out->refusal == NULL)
		out->refusal =
		    editable_change(edit.mime, edit.chosen, edit.text);
	if (out->refusal == NULL)
		run(&edit);
	return out;
}
