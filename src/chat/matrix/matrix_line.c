/*
 * matrix_line: what a card says, line by line.  Lists and quotes, no tables:
 * half of the clients on phones run a table's cells together.  How lines become
 * messages is left to matrix_page.c, how to answer to matrix_answer.c.
 */
#include "chat/matrix/matrix_line.h"

#include "chat/matrix/matrix_text.h"
#include "review/facts.h"
#include "review/text.h"

#include <inttypes.h>
#include <string.h>

#define PIECE_MOST    ((size_t)9000)	  /* bytes of a piece in both forms */
#define FORM_MOST     ((size_t)64 * 1024) /* of one form of a line */
#define WORDS_COLUMNS 600		  /* of a paragraph's line */
#define PEOPLE_MOST   ((size_t)3000)	  /* bytes of their links */
#define PIECES_MOST   100		  /* changed words of a line */

void matrix_line_add_forms(struct matrix_lines *lines,
    enum matrix_line_block block, const char *plain, const char *html)
{
	struct matrix_line *grown;

	if (lines->n == lines->room) {
		lines->room = lines->room == 0 ? 64 : lines->room * 2;
		grown = arena_alloc(lines->arena, lines->room * sizeof(*grown));
		if (lines->n > 0)
			memcpy(grown, lines->list, lines->n * sizeof(*grown));
		lines->list = grown;
	}
	lines->list[lines->n++] = (struct matrix_line){
	    .block = block,
	    .plain = plain,
	    .html = html,
	    .cost = matrix_text_json_size(text_span(plain)) +
		    matrix_text_json_size(text_span(html)),
	};
}

static struct matrix_line *last(struct matrix_lines *lines)
{
	return &lines->list[lines->n - 1];
}

/* Both forms of a line that grow, and their end. */
struct forms {
	struct buf plain, html;
};

static void forms_init(struct forms *forms)
{
	buf_init(&forms->plain, FORM_MOST);
	buf_init(&forms->html, FORM_MOST);
}

static void forms_end(struct matrix_lines *lines, enum matrix_line_block block,
    struct forms *forms)
{
	matrix_line_add_forms(lines, block,
	    arena_dup(lines->arena, forms->plain.data, forms->plain.len),
	    arena_dup(lines->arena, forms->html.data, forms->html.len));
	buf_release(&forms->plain);
	buf_release(&forms->html);
}

/* Our words, clean, and each line of them no longer than it is read. */
static const char *clean(struct arena *arena, const char *words)
{
	struct span rest = text_span(words), line;
	const char *out = "";

	while (text_next_line(&rest, &line))
		out =
		    arena_printf(arena, "%s%s%s", out, *out == '\0' ? "" : "\n",
			text_line(arena, line, WORDS_COLUMNS));
	return out;
}

void matrix_line_add(
    struct matrix_lines *lines, enum matrix_line_block block, const char *words)
{
	struct forms forms;

	words = clean(lines->arena, words);
	forms_init(&forms);
	buf_addf(&forms.plain, "%s\n", words);
	if (block == MATRIX_LINE_TITLE)
		buf_add_str(&forms.html, "<strong>");
	matrix_text_add_html(&forms.html, words);
	if (block == MATRIX_LINE_TITLE)
		buf_add_str(&forms.html, "</strong>");
	forms_end(lines, block, &forms);
}

/* ---- a draft's words ---------------------------------------------------- */

/* What a byte may come to in both forms: an entity, or blanks up to a stop. */
static size_t weight(char c)
{
	return c == '\t' ? 24 : 8;
}

/* A front of a line that is not too long: up to a blank, or else whole
 * characters. */
static size_t piece_of(struct span line)
{
	size_t n = 0, blank, weighs = 0;

	while (n < line.len && weighs + weight(line.data[n]) <= PIECE_MOST)
		weighs += weight(line.data[n++]);
	if (n == line.len)
		return n;
	for (blank = n; blank > n / 2; blank--)
		if (line.data[blank - 1] == ' ')
			return blank;
	blank = n;
	while (n > 1 && ((unsigned char)line.data[n] & 0xc0) == 0x80)
		n--;
	return blank - n > 3 ? blank : n; /* else it is no UTF-8 */
}

/* A line behind a bar, after a sign of ours; a long one in pieces. */
static void add_quoted(
    struct matrix_lines *lines, const char *sign, struct span line)
{
	const char *bar = arena_printf(lines->arena, "| %s", sign);
	struct forms forms;
	bool first = true;
	size_t n;

	do {
		n = piece_of(line);
		forms_init(&forms);
		text_add_wrapped(
		    &forms.plain, bar, (struct span){line.data, n});
		if (first)
			buf_add_str(&forms.html, sign);
		matrix_text_add_exact(
		    &forms.html, (struct span){line.data, n}, true);
		forms_end(lines, MATRIX_LINE_QUOTE, &forms);
		last(lines)->joins = !first;
		first = false;
		line.data += n;
		line.len -= n;
	} while (line.len > 0);
}

/* What we say among a draft's words. */
static void add_note(struct matrix_lines *lines, size_t n, const char *what)
{
	matrix_line_add_forms(lines, MATRIX_LINE_QUOTE,
	    arena_printf(lines->arena, "(%zu %s)\n", n, what),
	    arena_printf(lines->arena, "<em>(%zu %s)</em>", n, what));
}

static void add_draft(struct matrix_lines *lines, const struct card *card)
{
	struct span rest = card->draft, line;
	size_t n;

	matrix_line_add(lines, MATRIX_LINE_TITLE,
	    arena_printf(lines->arena, "%s:", card->draft_title));
	if (rest.len == 0)
		matrix_line_add_forms(lines, MATRIX_LINE_QUOTE, "(no text)\n",
		    "<em>(no text)</em>");
	while (rest.len > 0) {
		n = text_skip_empty(&rest);
		if (n > 0)
			add_note(lines, n, "empty lines");
		if (text_next_line(&rest, &line))
			add_quoted(lines, "", line);
	}
	matrix_line_add(lines, MATRIX_LINE_WORDS,
	    card->cut ? "(it goes on, but is not shown here)"
		      : "(end of the text)");
}

/* ---- what an edit changed ----------------------------------------------- */

static void add_pieces(struct buf *html, const struct diff_line *line)
{
	const char *tag = line->kind == DIFF_OLD ? "del" : "strong";
	size_t i;

	for (i = 0; i < line->n_pieces; i++) {
		if (line->pieces[i].changed)
			buf_addf(html, "<%s>", tag);
		matrix_text_add_exact(html, line->pieces[i].text, i == 0);
		if (line->pieces[i].changed)
			buf_addf(html, "</%s>", tag);
	}
}

/* Old words are struck out, new ones stand out; a sign says it, too. */
static void add_diff_line(
    struct matrix_lines *lines, const struct diff_line *line)
{
	const char *sign = line->kind == DIFF_OLD   ? "- "
			   : line->kind == DIFF_NEW ? "+ "
						    : "";
	struct forms forms;

	if (line->kind == DIFF_SAME || line->n_pieces > PIECES_MOST ||
	    piece_of(line->text) < line->text.len) {
		add_quoted(lines, sign, line->text);
		return;
	}
	forms_init(&forms);
	text_add_wrapped(
	    &forms.plain, arena_printf(lines->arena, "| %s", sign), line->text);
	buf_add_str(&forms.html, sign);
	if (line->n_pieces > 0) {
		add_pieces(&forms.html, line);
	} else {
		buf_add_str(
		    &forms.html, line->kind == DIFF_OLD ? "<del>" : "<strong>");
		matrix_text_add_exact(&forms.html, line->text, true);
		buf_add_str(&forms.html,
		    line->kind == DIFF_OLD ? "</del>" : "</strong>");
	}
	forms_end(lines, MATRIX_LINE_QUOTE, &forms);
}

static void add_changes(struct matrix_lines *lines, const struct card *card)
{
	const struct diff *diff = card->diff;
	size_t i;

	if (card->diff_title == NULL)
		return;
	matrix_line_add(lines, MATRIX_LINE_TITLE,
	    arena_printf(lines->arena, "%s%s", card->diff_title,
		diff == NULL ? "." : ":"));
	for (i = 0; diff != NULL && i < diff->n_lines; i++)
		if (diff->lines[i].kind == DIFF_SKIPPED)
			add_note(lines, diff->lines[i].skipped,
			    "lines that did not change");
		else
			add_diff_line(lines, &diff->lines[i]);
}

/* ---- facts -------------------------------------------------------------- */

/* A line of a fact; label NULL: it goes on. */
static void add_fact_line(
    struct matrix_lines *lines, const char *label, const struct fact_line *line)
{
	struct forms forms;

	forms_init(&forms);
	if (label != NULL) {
		buf_addf(&forms.plain, "%s: ", label);
		buf_addf(&forms.html, "<strong>%s:</strong> ", label);
	} else {
		/* else it could look like a fact of its own */
		buf_add_str(&forms.plain, "| ");
		buf_add_str(&forms.html, "| ");
	}
	if (line->warn) {
		buf_add_str(&forms.plain, "! ");
		buf_add_str(&forms.html, "<strong>! ");
	}
	buf_addf(&forms.plain, "%s\n", line->text);
	matrix_text_add_exact(&forms.html, text_span(line->text), true);
	if (line->warn)
		buf_add_str(&forms.html, "</strong>");
	forms_end(lines, MATRIX_LINE_ITEM, &forms);
	last(lines)->goes_on = label == NULL;
}

static void add_facts(struct matrix_lines *lines, const struct facts *facts)
{
	const struct fact *fact;
	size_t i, j;

	for (i = 0; facts != NULL && i < facts->n; i++) {
		fact = &facts->list[i];
		for (j = 0; j < fact->n_lines; j++)
			add_fact_line(lines, j == 0 ? fact->label : NULL,
			    &fact->lines[j]);
	}
}

static void add_left(struct matrix_lines *lines, const struct facts *facts)
{
	size_t i;

	if (facts == NULL || facts->n_left == 0)
		return;
	matrix_line_add(lines, MATRIX_LINE_TITLE, "The other recipients:");
	for (i = 0; i < facts->n_left; i++)
		add_fact_line(lines, NULL, &facts->left[i]);
}

/* ---- who is asked ------------------------------------------------------- */

bool matrix_line_people(const struct chat *chat,
    const struct config_reviewer *const *asked, struct buf *plain,
    struct buf *html)
{
	size_t i, more = 0;

	buf_init(plain, FORM_MOST);
	buf_init(html, FORM_MOST);
	for (i = 0; asked != NULL && asked[i] != NULL; i++) {
		if (html->len > PEOPLE_MOST) {
			more++;
			continue;
		}
		buf_addf(plain, "%s%s", i > 0 ? ", " : "", asked[i]->name);
		if (i > 0)
			buf_add_str(html, ", ");
		matrix_text_add_person(
		    html, chat_id(chat, asked[i]), asked[i]->name);
	}
	if (more > 0) {
		buf_addf(plain, " and %zu more", more);
		buf_addf(html, " and %zu more", more);
	}
	return i > 0;
}

/* ---- the parts of a card ------------------------------------------------ */

/* The question as a sentence, after its number in a digest. */
static const char *sentence(struct arena *arena, const struct chat_card *card)
{
	char *text = arena_strdup(arena, clean(arena, card->card->question));

	if (*text >= 'a' && *text <= 'z')
		*text = (char)(*text - 'a' + 'A');
	return card->n == 0 ? text
			    : arena_printf(arena, "%u. %s", card->n, text);
}

/* "3. May this mail leave? (draft 17)", and who is asked. */
static void add_question(struct matrix_lines *lines, const struct chat *chat,
    const struct chat_card *card)
{
	const char *question = sentence(lines->arena, card);
	struct buf plain, html;
	bool anybody = matrix_line_people(chat, card->asked, &plain, &html);
	struct forms forms;

	forms_init(&forms);
	buf_addf(&forms.plain, "%s (draft %" PRId64 ")\n", question,
	    card->view->draft);
	buf_add_str(&forms.html, "<strong>");
	matrix_text_add_html(&forms.html, question);
	buf_addf(
	    &forms.html, "</strong> (draft %" PRId64 ")", card->view->draft);
	if (anybody) {
		buf_addf(&forms.plain, "Asked: %s\n", plain.data);
		buf_addf(&forms.html, "<br>Asked: %s", html.data);
	}
	buf_release(&plain);
	buf_release(&html);
	forms_end(lines, MATRIX_LINE_WORDS, &forms);
}

static void add_warning(struct matrix_lines *lines, const struct card *card)
{
	if (card->warning != NULL)
		matrix_line_add(lines, MATRIX_LINE_WORDS,
		    arena_printf(lines->arena, "! %s", card->warning));
}

void matrix_line_head(struct matrix_lines *lines, const struct chat *chat,
    const struct chat_card *card)
{
	const struct card *c = card->card;
	size_t i;

	add_question(lines, chat, card);
	for (i = 0; i < CARD_WHY_MAX && c->why[i] != NULL; i++)
		matrix_line_add(lines, MATRIX_LINE_WORDS, c->why[i]);
	add_warning(lines, c);
}

void matrix_line_body(struct matrix_lines *lines, const struct chat_card *card)
{
	const struct card *c = card->card;

	add_facts(lines, c->facts);
	add_changes(lines, c);
	if (c->draft_title != NULL)
		add_draft(lines, c);
	add_left(lines, c->facts);
}

void matrix_line_outcome(
    struct matrix_lines *lines, const struct chat_card *card)
{
	const struct hold_view *view = card->view;

	matrix_line_add(lines, MATRIX_LINE_TITLE,
	    card->n == 0
		? card->outcome
		: arena_printf(lines->arena, "%u. %s", card->n, card->outcome));
	if (view->reading == NULL)
		return;
	add_facts(lines, facts_brief(lines->arena, view));
	matrix_line_add(lines, MATRIX_LINE_WORDS,
	    arena_printf(lines->arena,
		"Draft %" PRId64 ". Nothing is asked here any more.",
		view->draft));
}
