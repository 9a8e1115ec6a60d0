/*
 * edit: chooses what is replaced by what, and proves the result.  The surgery
 * itself is done in retype.c and splice.c, on the header in heading.c, in HTML
 * in rehtml.c; whether an edit is allowed at all is asked in editable.c.
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
#include "check/reader/heading.h"
#include "check/reader/mime.h"
#include "check/reader/rehtml.h"
#include "check/reader/retype.h"
#include "check/reader/splice.h"
#include "check/reader/whole.h"

#include <string.h>

/* One character becomes at most "&quot;" or "&nbsp;", its '=' three more. */
#define GROWTH 32

struct edit {
	struct arena *arena;
	const struct mime *mime;
	const struct about *about;
	const struct edit_wish *wish;
	struct span text; /* LF between lines and at the end; no data: stays */
	int chosen;	  /* the part that gets it */
	struct heading heading;
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

static const char broken_signatures[] =
    "signatures of mail servers that the edit breaks were removed";

/* --- the text ---------------------------------------------------------- */

static bool same_span(struct span a, struct span b)
{
	return a.len == b.len &&
	       (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

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
		retype_drop(&edit->splices, edit->mime, index, true);
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

struct count {
	unsigned made[REHTML_WAYS], others;
};

/* What the HTML part is to say, and in which way that was made. */
static void replace_html(struct edit *edit, int index, struct count *count)
{
	const struct rehtml_wish wish = {
	    edit->arena, edit->mime, edit->chosen, edit->text};
	struct retype retype = {NULL, NULL};
	struct rehtml made = rehtml_make(&wish, index);

	count->made[made.way]++;
	retype.charset = made.charset;
	if (made.way == REHTML_REFUSED)
		edit->out->refusal = made.refusal;
	else if (made.way != REHTML_SAME)
		replace_body(edit, index, made.lines, &retype);
}

static void note_parts(struct edit *edit, const struct count *count)
{
	if (count->made[REHTML_WORDS] > 0)
		note(edit, "the changed words were put into the HTML part, "
			   "whose formatting stays");
	if (count->made[REHTML_SAME] > 0)
		note(edit, "the HTML part stays as it is: no word of it "
			   "changed");
	if (count->made[REHTML_ANEW] > 0)
		note(edit, "the HTML part was rewritten from the new text, "
			   "without its formatting");
	if (count->others > 0)
		note(edit, "only the first text was replaced: other text "
			   "parts stay as they are");
}

static void replace_parts(struct edit *edit)
{
	const struct mime_node *chosen = &edit->mime->nodes[edit->chosen];
	struct count count = {.others = 0};
	unsigned i, n = (unsigned)edit->mime->n_nodes;

	if (strcmp(chosen->type, "text/html") == 0)
		replace_html(edit, edit->chosen, &count);
	else
		replace_plain(edit, edit->chosen);
	for (i = 0; i < n; i++)
		if (stands_for_chosen(edit, (int)i))
			replace_html(edit, (int)i, &count);
	for (i = 0; i < n; i++)
		count.others += is_other_text(edit, (int)i);
	note_parts(edit, &count);
}

/* --- proof ------------------------------------------------------------- */

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
	    chosen_first(now) != chosen_first(edit->mime) ||
	    !heading_proved(&edit->heading, now))
		return false;
	for (i = 0; i < (int)now->n_nodes; i++)
		if (!same_part(edit, now, i))
			return false;
	if (edit->text.data == NULL)
		return true;
	node = &now->nodes[edit->chosen];
	return strcmp(node->type, "text/plain") != 0 ||
	       editable_same_text(chosen_read(now, node).text, edit->text);
}

/* Read the new mail as if an agent had sent it, to whom it goes now. */
static void read_again(struct edit *edit, struct span bytes)
{
	struct reading_edit *out = edit->out;
	struct about about = *edit->about;
	struct reading *reading;

	if (out->n_recipients > 0) {
		about.n_recipients = out->n_recipients;
		about.recipients = out->recipients;
	}
	reading = draft_read(bytes, &about);
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

/* Whom it reaches changes only with what says so. */
static void find_reach(struct edit *edit, struct span bytes)
{
	const struct edit_wish *wish = edit->wish;
	const struct heading *heading = &edit->heading;

	if (heading->changed[HEADING_TO] || heading->changed[HEADING_CC] ||
	    wish->bcc != NULL)
		edit->out->refusal = heading_reach(edit->arena, edit->mime,
		    mime_split(edit->arena, bytes), wish->bcc, edit->about,
		    edit->out);
}

static void finish(struct edit *edit)
{
	struct span mail = edit->mime->mail;
	struct buf bytes;

	buf_init(&bytes, 2 * mail.len + 8 * GROWTH * edit->text.len + 1048576);
	if (splice_apply(&edit->splices, mail, &bytes) ||
	    !is_proved(edit, buf_span(&bytes)))
		edit->out->refusal = "the mail is built in a way that does "
				     "not allow a safe edit";
	else
		find_reach(edit, buf_span(&bytes));
	if (edit->out->refusal == NULL)
		read_again(edit, buf_span(&bytes));
	buf_release(&bytes);
}

static const char *check_text(struct edit *edit)
{
	const char *refusal = editable_mail(edit->mime, &edit->chosen);

	if (refusal == NULL)
		refusal = editable_change(edit->mime, edit->chosen, edit->text);
	return refusal;
}

static bool changes_heading(const struct edit *edit)
{
	for (int i = 0; i < HEADING_FIELDS; i++)
		if (edit->heading.changed[i])
			return true;
	return false;
}

/* A text, if it is another one, and the fields of the header. */
static void run(struct edit *edit)
{
	struct reading_edit *out = edit->out;
	bool more = edit->wish->subject || edit->wish->to || edit->wish->cc ||
		    edit->wish->bcc;

	out->refusal = editable_whole(edit->mime);
	if (out->refusal == NULL)
		heading_change(&edit->splices, edit->mime, edit->wish,
		    edit->about, &edit->heading);
	if (out->refusal == NULL)
		out->refusal = edit->heading.refusal;
	if (out->refusal == NULL && edit->text.data != NULL)
		out->refusal = check_text(edit);
	if (out->refusal == editable_same && more) {
		out->refusal = NULL; /* only the header is to change */
		edit->text.data = NULL;
	}
	if (out->refusal == NULL && edit->text.data == NULL &&
	    !changes_heading(edit) && edit->wish->bcc == NULL)
		out->refusal = "nothing would change";
	if (out->refusal != NULL)
		return;
	edit->wanted = arena_alloc(
	    edit->arena, edit->mime->n_nodes * sizeof(*edit->wanted));
	if (edit->text.data != NULL)
		replace_parts(edit);
	if (out->refusal != NULL)
		return;
	if ((edit->text.data != NULL || changes_heading(edit)) &&
	    retype_drop(
		&edit->splices, edit->mime, 0, edit->text.data != NULL) > 0)
		note(edit, broken_signatures);
	finish(edit);
}

/* Has it signatures that do not stay? */
static bool has_signatures(const struct mime *mime)
{
	struct splices none = {.arena = mime->arena};

	return retype_drop(&none, mime, 0, false) > 0;
}

/* A whole mail in the place of the old one. */
static void run_whole(struct edit *edit)
{
	struct span person = edit->wish->mail;
	struct reading_edit *out = edit->out;
	struct buf bytes;

	buf_init(&bytes, edit->mime->mail.len + 4 * person.len + 1048576);
	out->refusal = editable_whole(edit->mime);
	if (out->refusal == NULL)
		out->refusal = whole_make(edit->mime, person, &bytes);
	if (out->refusal == NULL &&
	    (bytes.overflow || !is_clean(buf_span(&bytes))))
		out->refusal = "the new mail has line ends that are not of "
			       "mail, or is too large";
	if (out->refusal == NULL && !encode_lines_fit(buf_span(&bytes)))
		out->refusal = "the new mail has a line of more than 998 "
			       "bytes, which mail cannot carry; save it again "
			       "with a mail program";
	if (out->refusal == NULL)
		out->refusal =
		    whole_reach(edit->mime, buf_span(&bytes), edit->about, out);
	note(edit, "a whole mail was put in its place");
	if (has_signatures(edit->mime))
		note(edit, broken_signatures);
	if (out->refusal == NULL)
		read_again(edit, buf_span(&bytes));
	buf_release(&bytes);
}

static const char *refuse_wish(const struct edit_wish *wish)
{
	if (wish->mail.data == NULL)
		return wish->text.data == NULL ? NULL
					       : editable_text(wish->text);
	return wish->text.data != NULL || wish->subject || wish->to ||
		       wish->cc || wish->bcc
		   ? "an edit is a whole mail or parts of one, not both"
		   : NULL;
}

struct reading_edit *edit_apply(
    struct span mail, const struct edit_wish *wish, const struct about *about)
{
	static const struct about nothing = {.equip = NULL};
	struct arena *arena = arena_new();
	struct reading_edit *out = arena_alloc(arena, sizeof(*out));
	struct edit edit = {.arena = arena,
	    .about = about == NULL ? &nothing : about,
	    .wish = wish,
	    .out = out};

	out->arena = arena;
	out->refusal = refuse_wish(wish);
	if (out->refusal == NULL && !is_clean(mail))
		out->refusal =
		    "the mail has a NUL, or line ends other than CRLF";
	if (out->refusal != NULL)
		return out;
	if (wish->text.data != NULL)
		edit.text = tidy(arena, wish->text);
	edit.mime = mime_split(arena, mail);
	edit.splices.arena = arena;
	buf_init(&edit.note, 1024);
	if (wish->mail.data != NULL)
		run_whole(&edit);
	else
		run(&edit);
	buf_release(&edit.note);
	return out;
}
