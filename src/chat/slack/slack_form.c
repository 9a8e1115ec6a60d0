/*
 * slack_form: the forms that buttons open, and what was filled in.  Whether it
 * may be done is left to review, which looks again.
 *
 * A long text stands in several inputs.  The blanks between two of them are
 * kept in the form's private_metadata, so that inputs which nobody changed
 * join again byte for byte.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/slack/slack.h"
#include "chat/slack/slack_text.h"

#include "review/text.h"

#include "util/digest.h"

#define INPUT_MOST    3000 /* characters that an input takes */
#define PIECE_MOST    2000 /* with which it begins: there is room to write */
#define PIECES_MOST   32   /* a view is refused above 250 kB */
#define META_MOST     3000 /* bytes of private_metadata */
#define OPTIONS_MOST  100  /* of a select */
#define REMOTE_MOST   64
#define SUBJECT_MOST  2000 /* characters */
#define TITLE_MOST    24
#define MARK_SIZE     8 /* bytes of a hash */
#define INPUT_ACTION  "input"
#define BLOCK_TEXT    "text"
#define BLOCK_SUBJECT "subject"
#define BLOCK_CHOICE  "choice"
#define OTHER	      "-" /* a choice: none of these */

/* What each form asks for. */
enum choice { CHOICE_NONE, CHOICE_REASON, CHOICE_SPAN, CHOICE_PERSON };

static const struct kind {
	const char *verb, *title, *submit;
	const char *text, *hint; /* label of the text; NULL: there is none */
	bool needed;		 /* the text must say something */
	enum choice choice;
} kinds[] = {
    {"approve", "Approve", "Approve", "Why it may leave",
	"This one wants a reason.", true, CHOICE_NONE},
    {"drop", "Drop", "Drop it", "What is wrong with it", "Its agent is told.",
	false, CHOICE_REASON},
    {"wrong", "It was wrong", "Say so", "What was wrong with it", NULL, false,
	CHOICE_REASON},
    {"revise", "Send it back", "Send it back", "What to make better",
	"Its agent reads this, and sends another draft.", true, CHOICE_NONE},
    {"ask", "Ask", "Ask", "Your question", "The other reviewers get it.", true,
	CHOICE_NONE},
    {"snooze", "Snooze", "Snooze", NULL, NULL, false, CHOICE_SPAN},
    {"delegate", "Hand over", "Hand over", NULL, NULL, false, CHOICE_PERSON},
    {"edit", "Edit", "Save", NULL, NULL, true, CHOICE_NONE},
};

static const struct kind *kind_of(const char *verb)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].verb, verb) == 0)
			return &kinds[i];
	return NULL;
}

/* ---- a text in pieces -----------------------------------------------------
 */

static bool is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t';
}

/* Blanks at the front, cut off s. */
static struct span blanks(struct span *s)
{
	struct span front = {s->data, 0};

	while (s->len > 0 && is_blank(*s->data)) {
		front.len++;
		s->data++;
		s->len--;
	}
	return front;
}

/*
 * Bytes of the next piece: at most PIECE_MOST characters, up to a line end or
 * a blank in its second half when there is one, and not followed by one that
 * an input might lose.
 */
static size_t piece_of(struct span s)
{
	size_t n, used = 0, length = 0, line = 0, blank = 0;
	uint32_t point;

	while (used < s.len) {
		n = text_point(
		    (struct span){s.data + used, s.len - used}, &point);
		length += point > 0xffff ? 2 : 1;
		if (length > PIECE_MOST)
			break;
		if (point == '\n')
			line = used;
		else if (point == ' ')
			blank = used;
		used += n;
	}
	if (used == s.len)
		return used;
	if (line > used / 2)
		return line;
	return blank > used / 2 ? blank : used;
}

/* The blanks at the end of a piece. */
static size_t trailing(struct span piece)
{
	size_t n = 0;

	while (n < piece.len && is_blank(piece.data[piece.len - 1 - n]))
		n++;
	return n;
}

/* Without the blanks around it, in the arena. */
static const char *trimmed(struct arena *arena, const char *value)
{
	struct span s = text_span(value);

	blanks(&s);
	s.len -= trailing(s);
	return arena_dup(arena, s.data, s.len);
}

/* Signs that nobody sees, or that are no text: an input may lose them. */
static bool is_plain(struct span s)
{
	uint32_t point;
	size_t n;

	for (; s.len > 0; s.data += n, s.len -= n) {
		n = text_point(s, &point);
		if (point == 0xfffd)
			return false;
	}
	return true;
}

/* How often a text has what Slack writes for a picture: ":tada:". */
static size_t count_signs(const char *s)
{
	const char *end;
	size_t n = 0;

	while ((s = strchr(s, ':')) != NULL) {
		end = s + 1;
		if (*end >= 'a' && *end <= 'z')
			end += strspn(end, "abcdefghijklmnopqrstuvwxyz"
					   "0123456789_+-");
		if (*end == ':' && end > s + 1) {
			n++;
			end++;
		}
		s = end;
	}
	return n;
}

/* ---- blocks of a form ------------------------------------------------------
 */

static json_t *input(
    struct arena *arena, const char *block, const char *label, json_t *element)
{
	json_object_set_new(element, "action_id", json_string(INPUT_ACTION));
	return json_pack("{s:s, s:s, s:o, s:o, s:b}", "type", "input",
	    "block_id", block, "label", slack_label(arena, label, 2000),
	    "element", element, "optional", 1);
}

static json_t *text_element(struct span value, bool lines, size_t most)
{
	json_t *element =
	    json_pack("{s:s, s:b, s:I}", "type", "plain_text_input",
		"multiline", lines, "max_length", (json_int_t)most);

	if (value.len > 0)
		json_object_set_new(element, "initial_value",
		    json_stringn(value.data, value.len));
	return element;
}

static json_t *option(struct arena *arena, const char *text, const char *value)
{
	return json_pack("{s:o, s:s}", "text",
	    slack_label(arena, text, SLACK_LABEL_MOST), "value", value);
}

static json_t *reason_options(
    struct arena *arena, const struct slack_form *form)
{
	json_t *options = json_array();
	const char *const *reason;

	for (reason = form->reasons;
	     *reason != NULL && json_array_size(options) < OPTIONS_MOST - 1;
	     reason++)
		if (slack_length(text_span(*reason)) <= SLACK_LABEL_MOST)
			json_array_append_new(
			    options, option(arena, *reason, *reason));
	json_array_append_new(options, option(arena, "another one", OTHER));
	return options;
}

static json_t *span_options(struct arena *arena)
{
	static const struct {
		const char *text, *value;
	} spans[] = {{"30 minutes", "30m"}, {"1 hour", "1h"}, {"2 hours", "2h"},
	    {"4 hours", "4h"}, {"8 hours", "8h"}, {"1 day", "1d"},
	    {"2 days", "2d"}, {"3 days", "3d"}, {"a week", "7d"}};
	json_t *options = json_array();
	size_t i;

	for (i = 0; i < sizeof(spans) / sizeof(spans[0]); i++)
		json_array_append_new(
		    options, option(arena, spans[i].text, spans[i].value));
	return options;
}

/* The other reviewers; whether they may decide is looked at later. */
static json_t *person_options(
    struct arena *arena, const struct slack_form *form)
{
	json_t *options = json_array();
	const struct config_reviewer *r;
	size_t i;

	for (i = 0; i < form->config->n_reviewers &&
		    json_array_size(options) < OPTIONS_MOST;
	     i++) {
		r = &form->config->reviewers[i];
		if (strcmp(r->name, form->reviewer->name) != 0 &&
		    strlen(r->name) <= SLACK_LABEL_MOST)
			json_array_append_new(
			    options, option(arena, r->name, r->name));
	}
	return options;
}

/* The menu of a form; NULL: it has none. */
static json_t *choice_block(
    struct arena *arena, const struct slack_form *form, const struct kind *kind)
{
	static const char *const labels[] = {[CHOICE_REASON] = "Reason",
	    [CHOICE_SPAN] = "Ask me again in",
	    [CHOICE_PERSON] = "To"};
	json_t *options;

	if (kind->choice == CHOICE_NONE ||
	    (kind->choice == CHOICE_REASON &&
		(form->reasons == NULL || form->reasons[0] == NULL)))
		return NULL;
	options = kind->choice == CHOICE_REASON ? reason_options(arena, form)
		  : kind->choice == CHOICE_SPAN ? span_options(arena)
						: person_options(arena, form);
	return input(arena, BLOCK_CHOICE, labels[kind->choice],
	    json_pack(
		"{s:s, s:o}", "type", "static_select", "options", options));
}

/* ---- the whole form --------------------------------------------------------
 */

const char *slack_form_note(
    struct arena *arena, const char *title, const char *text)
{
	return slack_dump(
	    arena, json_pack("{s:s, s:o, s:o, s:[{s:s, s:o}]}", "type", "modal",
		       "title", slack_label(arena, title, TITLE_MOST), "close",
		       slack_label(arena, "Close", TITLE_MOST), "blocks",
		       "type", "section", "text",
		       slack_label(arena, text, SLACK_SECTION_MOST)));
}

/* Tells whether a text is still the same. */
static const char *mark_of(struct arena *arena, struct span text)
{
	unsigned char hash[DIGEST_SIZE];
	char *mark = arena_alloc(arena, 2 * MARK_SIZE + 1);

	digest_of(text.data, text.len, hash);
	digest_hex(hash, MARK_SIZE, mark);
	return mark;
}

/* What an edit has to know of the text it began with. */
static void add_meta(struct arena *arena, const struct slack_form *form,
    json_t *meta, json_t *between)
{
	const struct reading *r = form->view->reading;
	const char *subject =
	    trimmed(arena, r->subject == NULL ? "" : r->subject);

	json_object_set_new(meta, "b", between);
	json_object_set_new(meta, "s",
	    json_integer((json_int_t)count_signs(
		arena_dup(arena, r->text.data, r->text.len))));
	json_object_set_new(
	    meta, "h", json_string(mark_of(arena, text_span(subject))));
	json_object_set_new(meta, "t", json_string(mark_of(arena, r->text)));
}

/* The form around blocks, which are taken; NULL: it would not fit. */
static const char *frame(struct arena *arena, const struct slack_form *form,
    const struct kind *kind, json_t *blocks, json_t *between)
{
	json_t *meta = json_pack("{s:s, s:s}", "p",
	    slack_press_write(arena, form->press), "m", form->remote);
	const char *text;

	if (between != NULL)
		add_meta(arena, form, meta, between);
	text = slack_dump(arena, meta);
	if (strlen(text) > META_MOST) {
		json_decref(blocks);
		return NULL;
	}
	return slack_dump(arena,
	    json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "type", "modal",
		"callback_id", SLACK_FORM, "private_metadata", text, "title",
		slack_label(arena, kind->title, TITLE_MOST), "submit",
		slack_label(arena, kind->submit, TITLE_MOST), "close",
		slack_label(arena, "Cancel", TITLE_MOST), "blocks", blocks));
}

/* Which draft it is about, so that nobody answers another one. */
static json_t *about(struct arena *arena, const struct slack_form *form)
{
	const char *subject = form->view->reading->subject;

	return slack_context(arena,
	    arena_printf(arena, "Draft %lld, code %s: %s",
		(long long)form->press->draft, form->press->code,
		text_line(arena,
		    text_span(subject == NULL ? "(no subject)" : subject),
		    150)));
}

static const char *cannot_edit(
    struct arena *arena, const struct slack_form *form, const char *why)
{
	return slack_form_note(arena, "Not here",
	    arena_printf(arena,
		"%s Edit it on the command line instead: imprimatur edit "
		"%lld. Or answer the mail about it, if you get one: \"edit\" "
		"in the first line, the whole new text below.",
		why, (long long)form->press->draft));
}

/* Inputs for the pieces of a text, and the blanks between them; false: too
 * many. */
static bool add_pieces(
    struct arena *arena, struct span text, json_t *blocks, json_t *between)
{
	struct span piece, gap = blanks(&text);
	size_t n, i = 0;

	json_array_append_new(between, json_stringn(gap.data, gap.len));
	do {
		if (i == PIECES_MOST)
			return false;
		piece = (struct span){text.data, piece_of(text)};
		n = trailing(piece);
		piece.len -= n;
		text.data += piece.len;
		text.len -= piece.len;
		gap = blanks(&text);
		json_array_append_new(between, json_stringn(gap.data, gap.len));
		json_array_append_new(blocks,
		    input(arena, arena_printf(arena, BLOCK_TEXT "%zu", i),
			i == 0 ? "Text" : "Text, goes on",
			text_element(piece, true, INPUT_MOST)));
		i++;
	} while (text.len > 0);
	return true;
}

static const char *edit_form(
    struct arena *arena, const struct slack_form *form, const struct kind *kind)
{
	const struct reading *r = form->view->reading;
	struct span subject = text_span(r->subject);
	json_t *blocks, *between;
	const char *made;
	bool fits;

	if (r->trouble != NULL || r->text_total > r->text.len)
		return cannot_edit(arena, form,
		    "This mail is too long for a form, or cannot be read.");
	if (!is_plain(r->text) || !is_plain(subject) ||
	    slack_length(subject) > SUBJECT_MOST)
		return cannot_edit(arena, form,
		    "This mail has signs that are not seen, and that a form "
		    "of Slack would lose.");
	blocks = json_array();
	between = json_array();
	json_array_append_new(blocks, about(arena, form));
	json_array_append_new(
	    blocks, input(arena, BLOCK_SUBJECT, "Subject",
			text_element(subject, false, INPUT_MOST)));
	fits = add_pieces(arena, r->text, blocks, between);
	made = frame(arena, form, kind, blocks, between);
	return fits && made != NULL ? made
				    : cannot_edit(arena, form,
					  "This mail is too long for a form.");
}

/* The message may be older than the configuration. */
static bool has_others(const struct slack_form *form)
{
	size_t i;

	for (i = 0; i < form->config->n_reviewers; i++)
		if (strcmp(form->config->reviewers[i].name,
			form->reviewer->name) != 0)
			return true;
	return false;
}

const char *slack_form_open(struct arena *arena, const struct slack_form *form)
{
	const struct kind *kind = kind_of(form->press->verb);
	json_t *blocks, *choice;

	if (kind == NULL)
		return slack_form_note(arena, "Not here",
		    "This button is of another version of Imprimatur. Answer "
		    "in the thread instead.");
	if (strcmp(kind->verb, "edit") == 0)
		return edit_form(arena, form, kind);
	if (kind->choice == CHOICE_PERSON && !has_others(form))
		return slack_form_note(arena, "Not here",
		    "There is no other reviewer any more to whom this could be "
		    "handed.");
	blocks = json_array();
	json_array_append_new(blocks, about(arena, form));
	choice = choice_block(arena, form, kind);
	if (choice != NULL)
		json_array_append_new(blocks, choice);
	if (kind->text != NULL)
		json_array_append_new(blocks,
		    input(arena, BLOCK_TEXT,
			kind->needed || form->needs_reason
			    ? kind->text
			    : arena_printf(
				  arena, "%s (need not be said)", kind->text),
			text_element((struct span){"", 0}, true, INPUT_MOST)));
	if (kind->hint != NULL)
		json_array_append_new(blocks, slack_context(arena, kind->hint));
	return frame(arena, form, kind, blocks, NULL);
}

/* ---- what was filled in -----------------------------------------------------
 */

/* What stands in the input of that block: "" when it is empty, NULL when there
 * is no such one. */
static const char *value_of(const json_t *view, const char *block)
{
	const json_t *at = json_object_get(
	    json_object_get(
		json_object_get(json_object_get(view, "state"), "values"),
		block),
	    INPUT_ACTION);
	const char *value;

	if (!json_is_object(at))
		return NULL;
	if (json_object_get(at, "selected_option") != NULL)
		value = json_string_value(json_object_get(
		    json_object_get(at, "selected_option"), "value"));
	else
		value = json_string_value(json_object_get(at, "value"));
	return value == NULL ? "" : value;
}

/* Join the pieces again.  An input that was emptied takes the blanks before
 * it along.  False: they do not fit what was sent. */
static bool join(
    struct arena *arena, const json_t *view, const json_t *between, char **text)
{
	size_t i, n = json_array_size(between);
	const char *value, *gap;
	bool any = false;
	struct buf out;

	if (n < 2 || n > PIECES_MOST + 1)
		return false;
	buf_init(&out, (size_t)PIECES_MOST * INPUT_MOST * 8);
	for (i = 0; i < n; i++) {
		gap = json_string_value(json_array_get(between, i));
		value = i + 1 == n ? ""
				   : value_of(view, arena_printf(arena,
							BLOCK_TEXT "%zu", i));
		if (gap == NULL || value == NULL)
			break;
		if (*value != '\0' && (any || i == 0))
			buf_add_str(&out, gap);
		if (i + 1 == n && any)
			buf_add_str(&out, gap);
		buf_add_str(&out, value);
		any = any || *value != '\0';
	}
	*text = i == n && !out.overflow ? arena_dup(arena, out.data, out.len)
					: NULL;
	buf_release(&out);
	return *text != NULL;
}

static bool is_same(struct arena *arena, const json_t *meta, const char *field,
    const char *text)
{
	const char *mark = json_string_value(json_object_get(meta, field));

	return mark != NULL &&
	       strcmp(mark, mark_of(arena, text_span(text))) == 0;
}

static bool read_edit(struct arena *arena, const json_t *view,
    const json_t *meta, struct slack_filled *filled)
{
	char *text;
	const char *subject = value_of(view, BLOCK_SUBJECT);
	json_int_t signs = json_integer_value(json_object_get(meta, "s"));

	if (subject == NULL ||
	    !join(arena, view, json_object_get(meta, "b"), &text))
		return false;
	filled->block = BLOCK_TEXT "0";
	subject = trimmed(arena, subject);
	if (!is_same(arena, meta, "h", subject))
		filled->subject = subject;
	if (!is_same(arena, meta, "t", text))
		filled->text = text;
	if (filled->subject == NULL && filled->text == NULL)
		filled->error = "Nothing was changed.";
	else if (*trimmed(arena, text) == '\0')
		filled->error = "There is no text left. To stop this mail, "
				"cancel and press Drop.";
	else if (count_signs(text) > (size_t)(signs < 0 ? 0 : signs))
		filled->error =
		    "Slack has put \":name:\" where a picture was. Write it in "
		    "words, or edit on the command line: imprimatur edit.";
	return true;
}

/* The menu and the text of the other forms. */
static bool read_words(struct arena *arena, const json_t *view,
    const struct kind *kind, struct slack_filled *filled)
{
	const char *text = value_of(view, BLOCK_TEXT);
	const char *choice = value_of(view, BLOCK_CHOICE);

	filled->block = kind->text != NULL ? BLOCK_TEXT : BLOCK_CHOICE;
	if (kind->text != NULL) {
		if (text == NULL)
			return false;
		text = trimmed(arena, text);
		if (*text != '\0')
			filled->text = text;
		else if (kind->needed)
			filled->error = "Write something here.";
	}
	if (choice != NULL && *choice != '\0' && strcmp(choice, OTHER) != 0) {
		choice = arena_strdup(arena, choice);
		if (kind->choice == CHOICE_REASON)
			filled->category = choice;
		else if (kind->choice != CHOICE_NONE)
			filled->text = choice;
	}
	if (kind->text == NULL && filled->text == NULL)
		filled->error = "Choose one.";
	return true;
}

/* What we put into private_metadata; NULL: it is not ours. */
static json_t *read_meta(
    struct arena *arena, const json_t *view, struct slack_filled *filled)
{
	const char *id =
	    json_string_value(json_object_get(view, "callback_id"));
	const char *text =
	    json_string_value(json_object_get(view, "private_metadata"));
	const char *remote;
	json_t *meta;

	if (id == NULL || strcmp(id, SLACK_FORM) != 0 || text == NULL ||
	    strlen(text) > META_MOST)
		return NULL;
	meta = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	remote = json_string_value(json_object_get(meta, "m"));
	if (remote == NULL || strlen(remote) > REMOTE_MOST ||
	    !slack_press_read(json_string_value(json_object_get(meta, "p")),
		&filled->press)) {
		json_decref(meta);
		return NULL;
	}
	filled->remote = arena_strdup(arena, remote);
	return meta;
}

bool slack_form_read(
    struct arena *arena, const json_t *view, struct slack_filled *filled)
{
	const struct kind *kind;
	json_t *meta;
	bool read;

	*filled = (struct slack_filled){.remote = NULL};
	meta = read_meta(arena, view, filled);
	if (meta == NULL)
		return false;
	kind = kind_of(filled->press.verb);
	if (kind == NULL)
		read = false;
	else if (strcmp(kind->verb, "edit") == 0)
		read = read_edit(arena, view, meta, filled);
	else
		read = read_words(arena, view, kind, filled);
	filled->verb = arena_strdup(arena, filled->press.verb);
	filled->code = arena_strdup(arena, filled->press.code);
	json_decref(meta);
	return read;
}
