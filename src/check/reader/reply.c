/*
 * reply: puts together what the other files of the reader find in an answer.
 * No word is looked for here: which lines are commands, review's grammar
 * knows.
 */
#include "check/reader/reply.h"

#include "check/reader/address.h"
#include "check/reader/armour.h"
#include "check/reader/automatic.h"
#include "check/reader/charset.h"
#include "check/reader/chosen.h"
#include "check/reader/enclosed.h"
#include "check/reader/field.h"
#include "check/reader/keys.h"
#include "check/reader/mime.h"
#include "check/reader/origin.h"
#include "check/reader/quoted.h"
#include "check/reader/visible.h"
#include "check/reader/wording.h"

#include <string.h>

#define LINE_MAX_BYTES (64 * 1024) /* of the first line, as shown */
#define BELOW_ENOUGH   (64 * 1024) /* bytes; more parts are not looked for */
#define WRAPPED_MIN    30 /* bytes, no blanks: a text may be wrapped there */

/* --- fields ------------------------------------------------------------ */

/*
 * Every mailbox of every From field.  A field that cannot be read may name
 * anybody, so it counts as two: nobody is meant alone.
 */
static void read_from(const struct mime *mime, struct reading_reply *reply)
{
	const struct mime_node *root = &mime->nodes[0];
	const struct field *field = mime_field(mime, root, "From");
	struct address_list list;

	for (; field != NULL; field = mime_field_after(mime, root, field)) {
		memset(&list, 0, sizeof(list));
		address_read(reply->arena, field->value, &list);
		reply->n_from += list.unreadable && list.n < 2 ? 2 : list.n;
		if (list.n > 0)
			reply->from = list.address[0];
	}
	if (reply->n_from != 1)
		reply->from = NULL;
	if (reply->from != NULL)
		reply->person = keys_one(reply->arena, reply->from).address;
}

/* In-Reply-To comes last: it is what the mail answers. */
static void read_references(const struct mime *mime, struct reading_reply *r)
{
	static const char *const names[] = {"References", "In-Reply-To"};
	const struct mime_node *root = &mime->nodes[0];
	const struct field *field;

	for (size_t i = 0; i < 2; i++) {
		field = mime_field(mime, root, names[i]);
		for (; field != NULL;
		     field = mime_field_after(mime, root, field))
			r->references = arena_printf(r->arena, "%s%s%s",
			    r->references == NULL ? "" : r->references,
			    r->references == NULL ? "" : " ",
			    field_ids(r->arena, field->value));
	}
}

static void read_fields(const struct mime *mime, struct reading_reply *reply)
{
	const struct mime_node *root = &mime->nodes[0];
	const struct field *field;

	read_from(mime, reply);
	read_references(mime, reply);
	field = mime_field(mime, root, "Message-ID");
	if (field != NULL)
		reply->message_id =
		    field_plain(reply->arena, field->value).text;
	field = mime_field(mime, root, "Subject");
	if (field != NULL)
		reply->subject = field_text(reply->arena, field->value).text;
}

/* --- the person's lines ------------------------------------------------ */

static struct span drop(struct span text, size_t front, size_t back)
{
	text.data += front;
	text.len -= front + back;
	return text;
}

/* Spaces, tabs and no-break spaces at both ends, the CR of a CRLF too. */
static struct span trim(struct span line)
{
	for (;;) {
		if (line.len >= 1 && strchr(" \t", line.data[0]) != NULL &&
		    line.data[0] != '\0')
			line = drop(line, 1, 0);
		else if (line.len >= 2 && memcmp(line.data, "\xC2\xA0", 2) == 0)
			line = drop(line, 2, 0);
		else
			break;
	}
	for (;;) {
		const char *end = line.data + line.len;

		if (line.len >= 1 && (end[-1] == ' ' || end[-1] == '\t'))
			line = drop(line, 0, 1);
		else if (line.len >= 2 && memcmp(end - 2, "\xC2\xA0", 2) == 0)
			line = drop(line, 0, 2);
		else
			return line;
	}
}

/* Take the first line that is not blank off the text; empty: there is none. */
static struct span take_first(struct span *text)
{
	struct span line = {text->data, 0};
	const char *stop;

	while (text->len > 0 && line.len == 0) {
		stop = memchr(text->data, '\n', text->len);
		line.data = text->data;
		line.len =
		    stop != NULL ? (size_t)(stop - text->data) : text->len;
		*text = drop(*text, line.len + (stop != NULL), 0);
		line = trim(line);
	}
	return line;
}

/* A line of any length, safe to show; one that is cut says so. */
static const char *show_line(struct arena *arena, struct span line)
{
	struct visible visible;
	const char *shown;
	struct buf out;

	buf_init(&out, LINE_MAX_BYTES);
	visible_init(&visible, &out, true);
	visible_add(&visible, line);
	visible_end(&visible);
	shown = visible.total > out.len
		    ? arena_printf(arena, "%s ...", out.data)
		    : arena_strdup(arena, out.data);
	buf_release(&out);
	return shown;
}

static bool is_control(const char *p, size_t size)
{
	if (size == 1)
		return ((unsigned char)*p < 0x20 && *p != '\t' && *p != '\n') ||
		       *p == 0x7F;
	return size == 2 && (unsigned char)p[0] == 0xC2 &&
	       (unsigned char)p[1] < 0xA0;
}

static void keep_line(struct buf *out, struct span line)
{
	const char *p = line.data, *end = p + line.len;
	size_t size;

	while (p < end) {
		size = charset_utf8(p, end);
		if (size == 0 || is_control(p, size)) {
			buf_add_str(out, "\xEF\xBF\xBD");
			size = size == 0 ? 1 : size;
		} else {
			buf_add(out, p, size);
		}
		p += size;
	}
}

/*
 * The words as they are, with U+FFFD for what is not text.  A line of blanks,
 * as HTML has them between paragraphs, is an empty one.
 */
static const char *keep_words(struct arena *arena, struct span words)
{
	const char *p = words.data, *end = p + words.len, *stop, *kept;
	struct span line;
	struct buf out;

	buf_init(&out, 3 * words.len + 1);
	while (p < end) {
		stop = memchr(p, '\n', (size_t)(end - p));
		line.data = p;
		line.len = (size_t)((stop != NULL ? stop : end) - p);
		if (trim(line).len > 0)
			keep_line(&out, line);
		if (stop != NULL)
			buf_add_char(&out, '\n');
		p = stop != NULL ? stop + 1 : end;
	}
	kept = arena_dup(arena, out.data, out.len + 1);
	buf_release(&out);
	return kept;
}

/* Without the blank lines at the beginning. */
static struct span skip_blank(struct span text)
{
	struct span rest = text;

	while (rest.len > 0) {
		const char *stop = memchr(rest.data, '\n', rest.len);
		size_t len =
		    stop != NULL ? (size_t)(stop - rest.data) : rest.len;

		if (trim((struct span){rest.data, len}).len > 0)
			return rest;
		rest = drop(rest, len + (stop != NULL), 0);
	}
	return rest;
}

static bool is_blank(struct span text)
{
	return take_first(&text).len == 0;
}

static const char *keep_if_any(struct arena *arena, struct span words)
{
	return is_blank(words) ? NULL : keep_words(arena, skip_blank(words));
}

/*
 * The first line is read wherever it stands, the words only as far as they
 * are the person's.
 */
static void read_lines(struct arena *arena, const struct chosen_text *chosen,
    struct reading_reply *reply)
{
	struct span rest = armour_inside(arena, chosen->text), text = rest;
	struct quoted quoted;
	struct span words;

	reply->line = show_line(arena, take_first(&rest));
	quoted_read(arena, text, &quoted);
	words = quoted.signature.len > 0 ? quoted.signature : quoted.words;
	if (chosen->cut && words.len > 0 &&
	    words.data + words.len + 1 >= text.data + text.len) {
		reply->trouble = "its text is longer than 256 KB";
		return;
	}
	words = quoted.words;
	reply->line_quoted = reply->line[0] != '\0' && is_blank(words) &&
			     is_blank(quoted.signature);
	take_first(&words);
	reply->apart = skip_blank(words).data != words.data;
	reply->words = keep_words(arena, skip_blank(words));
	reply->signature = keep_if_any(arena, quoted.signature);
	reply->signature_cut = reply->signature != NULL;
	reply->below = keep_if_any(arena, quoted.below);
}

/* --- other parts ------------------------------------------------------- */

/* Is it shown as well as the first, and not in its place? */
static bool is_other(const struct mime *mime, int node, int first)
{
	int alternative = chosen_alternative(mime, node);

	return node != first && chosen_is_text(&mime->nodes[node]) &&
	       !chosen_inner(mime, node) &&
	       (alternative < 0 || !chosen_within(mime, first, alternative));
}

/*
 * A picture set between two lines makes two texts of one; a mailing list adds
 * its own.  They are not looked into, but told.
 */
static void read_others(
    const struct mime *mime, int first, struct reading_reply *reply)
{
	struct quoted quoted;
	const char *more;

	for (int i = first + 1; i < (int)mime->n_nodes; i++) {
		if (!is_other(mime, i, first))
			continue;
		quoted_read(mime->arena,
		    chosen_answer(mime, &mime->nodes[i]).text, &quoted);
		more = keep_if_any(reply->arena, quoted.words);
		if (more != NULL)
			reply->below = reply->below == NULL
					   ? more
					   : arena_printf(reply->arena,
						 "%s\n%s", reply->below, more);
		if (reply->below != NULL && strlen(reply->below) > BELOW_ENOUGH)
			return;
	}
}

/* --- text against HTML ------------------------------------------------- */

/* The first line without any blanks: mail programs set them anew. */
static struct span squeezed(struct arena *arena, struct span text)
{
	struct span line = take_first(&text);
	size_t len = 0;
	char *out = arena_dup(arena, line.data, line.len);

	for (size_t i = 0; i < line.len; i++) {
		if (line.len - i >= 2 &&
		    memcmp(line.data + i, "\xC2\xA0", 2) == 0)
			i++;
		else if (strchr(" \t\r", line.data[i]) == NULL ||
			 line.data[i] == '\0')
			out[len++] = line.data[i];
	}
	return (struct span){out, len};
}

/*
 * Does the HTML say something else first than the plain text beside it?  The
 * person saw the HTML.  A line of HTML may be several of a text that is
 * wrapped; a command is too short for that.
 */
static bool html_differs(const struct mime *mime, int node, struct span text)
{
	int twin = chosen_html_twin(mime, node);
	struct span plain, html;

	if (twin < 0 || strcmp(mime->nodes[node].type, "text/plain") != 0)
		return false;
	plain = squeezed(mime->arena, text);
	html =
	    squeezed(mime->arena, chosen_answer(mime, &mime->nodes[twin]).text);
	if (plain.len >= WRAPPED_MIN && html.len > plain.len)
		html.len = plain.len;
	return html.len != plain.len ||
	       memcmp(html.data, plain.data, html.len) != 0;
}

/* One more reason to ask; the first is told. */
static void doubt(struct reading_reply *reply, const char *why)
{
	if (reply->maybe_automatic == NULL || reply->edit_anyway)
		reply->maybe_automatic = why;
	reply->edit_anyway = false;
}

/*
 * What programs leave in a mail.  That another mail is attached speaks for a
 * program, though it may be the draft as the person wants it; and so do some
 * words below the first line, though they may be the draft's.  By themselves
 * they leave a doubt, with anything else they are sure.
 */
static void read_signs(const struct mime *mime, struct reading_reply *reply)
{
	const char *words = reply->words == NULL
				? NULL
				: wording_hint((struct span){
				      reply->words, strlen(reply->words)});
	struct automatic automatic;
	struct enclosed enclosed;

	if (reply->line != NULL && !reply->line_quoted)
		reply->line_automatic = wording_hint(
		    (struct span){reply->line, strlen(reply->line)});
	if (reply->line_automatic == NULL)
		reply->line_automatic = words;
	automatic_look(mime, &automatic);
	reply->automatic = automatic.sure;
	reply->maybe_automatic =
	    automatic.maybe != NULL ? automatic.maybe : words;
	if (automatic.sure == NULL && automatic.maybe != NULL)
		reply->automatic = words;
	enclosed_find(mime, &enclosed);
	reply->mail = enclosed.mail;
	reply->mail_id = enclosed.id;
	reply->mail_from = enclosed.from;
	reply->edit_anyway = automatic.maybe == NULL
				 ? words != NULL
				 : enclosed.n == 1 && automatic.only_mail;
}

struct reading_reply *reply_read(struct span mail)
{
	struct arena *arena = arena_new();
	struct reading_reply *reply = arena_alloc(arena, sizeof(*reply));
	struct mime *mime = mime_split(arena, mail);
	struct chosen_text chosen = {.text = {"", 0}};
	int node;

	reply->arena = arena;
	read_fields(mime, reply);
	origin_read(mime, reply->from, &reply->origin);
	node = chosen_first(mime);
	if (node >= 0)
		chosen = chosen_answer(mime, &mime->nodes[node]);
	read_lines(arena, &chosen, reply);
	if (node >= 0 && reply->trouble == NULL)
		read_others(mime, node, reply);
	read_signs(mime, reply);
	if (node >= 0 && html_differs(mime, node, chosen.text))
		doubt(reply, "the text and the HTML of your answer differ");
	if (reply->line != NULL && reply->line[0] == '\0')
		doubt(reply, "it has no text");
	return reply;
}
