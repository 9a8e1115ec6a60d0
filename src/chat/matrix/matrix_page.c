/*
 * matrix_page: lays lines into paragraphs, lists and quotes, and breaks what is
 * long into messages.  What lines say is matrix_line.c's and matrix_answer.c's.
 */
#include "chat/matrix/matrix_page.h"

#include "chat/matrix/matrix_text.h"
#include "review/text.h"
#include "verdict.h"

#include <inttypes.h>
#include <string.h>

#define FORM_MOST	((size_t)256 * 1024) /* of one form of a message */
#define FRAME		40   /* bytes that a block may have around it */
#define BREAK		6    /* and a line within a quote */
#define NOTE		1000 /* bytes that are kept for "part 1 of 3" */
#define SUBJECT_COLUMNS 60
#define NAME_COLUMNS	40
#define OUTCOME_COLUMNS 120

/* ---- lines into one message --------------------------------------------- */

struct sheet {
	struct buf plain, html;
	bool open; /* there is a block */
	enum matrix_line_block block;
};

static const struct {
	const char *open, *close;
} blocks[] = {
    [MATRIX_LINE_WORDS] = {"<p>", "</p>"},
    [MATRIX_LINE_TITLE] = {"<p>", "</p>"},
    [MATRIX_LINE_ITEM] = {"<ul><li>", "</li></ul>"},
    [MATRIX_LINE_QUOTE] = {"<blockquote>", "</blockquote>"},
};

static void close_block(struct sheet *sheet)
{
	if (sheet->open)
		buf_add_str(&sheet->html, blocks[sheet->block].close);
	sheet->open = false;
}

/* Does it stand in the block that is open? */
static bool goes_in(const struct sheet *sheet, const struct matrix_line *line)
{
	if (!sheet->open || sheet->block != line->block)
		return false;
	return line->goes_on || line->block == MATRIX_LINE_ITEM ||
	       line->block == MATRIX_LINE_QUOTE;
}

static void open_block(struct sheet *sheet, const struct matrix_line *line)
{
	bool apart = line->block == MATRIX_LINE_WORDS ||
		     line->block == MATRIX_LINE_TITLE ||
		     (sheet->open && sheet->block == MATRIX_LINE_WORDS);

	close_block(sheet);
	if (apart && sheet->plain.len > 0)
		buf_add_char(&sheet->plain, '\n');
	buf_add_str(&sheet->html, blocks[line->block].open);
	sheet->block = line->block;
	sheet->open = true;
}

static void lay(struct sheet *sheet, const struct matrix_line *line)
{
	if (!goes_in(sheet, line))
		open_block(sheet, line);
	else if (line->block == MATRIX_LINE_ITEM && !line->goes_on)
		buf_add_str(&sheet->html, "</li><li>");
	else if (!line->joins)
		buf_add_str(&sheet->html, "<br>");
	buf_add_str(&sheet->plain, line->plain);
	buf_add_str(&sheet->html, line->html);
}

static void lay_all(struct sheet *sheet, const struct matrix_lines *lines,
    size_t from, size_t to)
{
	for (; from < to; from++)
		lay(sheet, &lines->list[from]);
}

static void sheet_init(struct sheet *sheet)
{
	*sheet = (struct sheet){.open = false};
	buf_init(&sheet->plain, FORM_MOST);
	buf_init(&sheet->html, FORM_MOST);
}

static void sheet_end(
    struct sheet *sheet, struct arena *arena, struct matrix_page *out)
{
	close_block(sheet);
	/* the plain form ends where its last line does */
	if (sheet->plain.len > 0 &&
	    sheet->plain.data[sheet->plain.len - 1] == '\n')
		buf_cut(&sheet->plain, sheet->plain.len - 1);
	out->plain.data = arena_dup(arena, sheet->plain.data, sheet->plain.len);
	out->plain.len = sheet->plain.len;
	out->html.data = arena_dup(arena, sheet->html.data, sheet->html.len);
	out->html.len = sheet->html.len;
	buf_release(&sheet->plain);
	buf_release(&sheet->html);
}

/* ---- how much fits ------------------------------------------------------- */

static size_t full_cost(const struct matrix_line *line)
{
	return line->cost + (line->block == MATRIX_LINE_QUOTE ? BREAK : FRAME);
}

static size_t cost_of(const struct matrix_lines *lines, size_t from, size_t to)
{
	size_t cost = 0;

	for (; from < to; from++)
		cost += full_cost(&lines->list[from]);
	return cost;
}

/* Where the message ends that begins with that line: at least one is in it. */
static size_t fill(const struct matrix_lines *lines, size_t from, size_t room)
{
	size_t used = 0, to = from;

	while (to < lines->n) {
		used += full_cost(&lines->list[to]);
		/* the end of a text does not stand alone */
		if (used > room && to > from &&
		    (lines->list[to].block != MATRIX_LINE_WORDS ||
			used > room + NOTE / 2))
			break;
		to++;
	}
	/* a title stays with what it is of */
	if (to < lines->n && to > from + 1 &&
	    lines->list[to - 1].block == MATRIX_LINE_TITLE)
		to--;
	return to;
}

/* How many facts may stand in the message that asks. */
static size_t facts_within(const struct matrix_lines *lines, size_t room)
{
	size_t used = 0, n = 0;

	while (n < lines->n && lines->list[n].block == MATRIX_LINE_ITEM) {
		used += full_cost(&lines->list[n]);
		if (used > room)
			break;
		n++;
	}
	return n;
}

/* ---- a card ------------------------------------------------------------- */

/* Three kinds of lines, which are laid differently. */
struct sorted {
	struct matrix_lines head, body, foot;
	struct matrix_lines note; /* of ours, what is laid next */
};

static void add_note(struct sorted *sorted, const char *words)
{
	sorted->note.n = 0;
	matrix_line_add(&sorted->note, MATRIX_LINE_WORDS, words);
}

/* What stands until the parts do. */
static void make_first(
    struct sorted *sorted, struct arena *arena, struct matrix_pages *out)
{
	struct sheet sheet;

	sheet_init(&sheet);
	lay(&sheet, &sorted->head.list[0]);
	add_note(
	    sorted, arena_printf(arena,
			"It is long: it follows in %zu message%s. Wait for %s; "
			"then you are told how to answer.",
			out->n_parts, out->n_parts == 1 ? "" : "s",
			out->n_parts == 1 ? "it" : "them"));
	lay(&sheet, &sorted->note.list[0]);
	sheet_end(&sheet, arena, &out->first);
}

static void make_parts(struct sorted *sorted, struct arena *arena,
    const struct chat_card *card, size_t from, struct matrix_pages *out)
{
	const struct matrix_lines *body = &sorted->body;
	struct sheet sheet;
	size_t at, to, n = 0;

	for (at = from; at < body->n;
	     at = fill(body, at, MATRIX_PAGE_MOST - NOTE))
		out->n_parts++;
	out->parts = arena_alloc(arena, out->n_parts * sizeof(*out->parts));
	for (at = from; at < body->n; at = to) {
		to = fill(body, at, MATRIX_PAGE_MOST - NOTE);
		sheet_init(&sheet);
		add_note(sorted,
		    arena_printf(arena,
			"Draft %" PRId64 ", revision %u: part %zu of %zu",
			card->view->draft, card->view->number, n + 1,
			out->n_parts));
		lay(&sheet, &sorted->note.list[0]);
		lay_all(&sheet, body, at, to);
		sheet_end(&sheet, arena, &out->parts[n++]);
	}
}

static void make_main(struct sorted *sorted, struct arena *arena,
    const struct matrix_answer_style *style, size_t shown,
    struct matrix_pages *out)
{
	struct sheet sheet;

	sheet_init(&sheet);
	lay_all(&sheet, &sorted->head, 0, sorted->head.n);
	lay_all(&sheet, &sorted->body, 0, shown);
	if (out->n_parts > 0) {
		add_note(sorted,
		    arena_printf(arena,
			"The rest stands in %zu message%s %s: read %s first.",
			out->n_parts, out->n_parts == 1 ? "" : "s",
			style->threads ? "in the thread" : "above",
			out->n_parts == 1 ? "it" : "them"));
		lay(&sheet, &sorted->note.list[0]);
	}
	lay_all(&sheet, &sorted->foot, 0, sorted->foot.n);
	sheet_end(&sheet, arena, &out->main);
}

void matrix_page_card(struct arena *arena, const struct chat *chat,
    const struct chat_card *card, const struct matrix_answer_style *style,
    struct matrix_pages *out)
{
	struct sorted sorted = {{.arena = arena}, {.arena = arena},
	    {.arena = arena}, {.arena = arena}};
	size_t fixed, shown;

	*out = (struct matrix_pages){.n_parts = 0};
	if (card->outcome != NULL) {
		matrix_line_outcome(&sorted.head, card);
		make_main(&sorted, arena, style, 0, out);
		return;
	}
	matrix_line_head(&sorted.head, chat, card);
	matrix_line_body(&sorted.body, card);
	matrix_answer_add(&sorted.foot, card, style);
	fixed = cost_of(&sorted.head, 0, sorted.head.n) +
		cost_of(&sorted.foot, 0, sorted.foot.n) + NOTE;
	shown = sorted.body.n;
	if (fixed + cost_of(&sorted.body, 0, shown) > MATRIX_PAGE_MOST) {
		shown = facts_within(&sorted.body,
		    fixed < MATRIX_PAGE_MOST ? MATRIX_PAGE_MOST - fixed : 0);
		make_parts(&sorted, arena, card, shown, out);
		make_first(&sorted, arena, out);
	}
	make_main(&sorted, arena, style, shown, out);
}

/* ---- the head of a digest ------------------------------------------------ */

static void add_item(
    struct matrix_lines *lines, const struct chat_digest_item *item)
{
	struct arena *arena = lines->arena;
	const char *subject =
	    item->subject == NULL || *item->subject == '\0'
		? "(no subject)"
		: text_line(arena, text_span(item->subject), SUBJECT_COLUMNS);
	const char *about = arena_printf(arena, "draft %" PRId64 ", %s%s%s",
	    item->draft, text_line(arena, text_span(item->agent), NAME_COLUMNS),
	    item->severity >= SEVERITY_HIGH ? ", " : "",
	    item->severity >= SEVERITY_HIGH
		? verdict_severity_name(item->severity)
		: "");
	const char *end =
	    item->outcome == NULL
		? ""
		: text_line(arena, text_span(item->outcome), OUTCOME_COLUMNS);
	struct buf html;

	buf_init(&html, FORM_MOST);
	buf_addf(&html, "%s<strong>%u.</strong> ",
	    item->outcome == NULL ? "" : "<del>", item->n);
	text_add_html_str(&html, subject);
	buf_add_str(&html, " (");
	text_add_html_str(&html, about);
	buf_addf(&html, ")%s ", item->outcome == NULL ? "" : "</del>");
	text_add_html_str(&html, end);
	matrix_line_add_forms(lines, MATRIX_LINE_ITEM,
	    arena_printf(
		arena, "%u. %s (%s) %s\n", item->n, subject, about, end),
	    arena_dup(arena, html.data, html.len));
	buf_release(&html);
}

static void add_title(struct matrix_lines *lines, const struct chat *chat,
    const struct chat_digest *digest, size_t waiting)
{
	struct arena *arena = lines->arena;
	const char *what =
	    waiting == 0   ? "Nothing here waits any more."
	    : waiting == 1 ? "One draft waits for a decision."
			   : arena_printf(arena,
				 "%zu drafts wait for a decision.", waiting);
	struct buf plain, html;
	const char *to = "", *to_html = "";

	if (matrix_line_people(chat, digest->asked, &plain, &html) &&
	    waiting > 0) {
		to = arena_printf(arena, "\nAsked: %s", plain.data);
		to_html = arena_printf(arena, "<br>Asked: %s", html.data);
	}
	buf_release(&plain);
	buf_release(&html);
	matrix_line_add_forms(lines, MATRIX_LINE_WORDS,
	    arena_printf(arena, "%s%s\n", what, to),
	    arena_printf(arena, "<strong>%s</strong>%s", what, to_html));
}

/* How it is answered; open: the number of one that waits. */
static const char *digest_ways(
    struct arena *arena, const struct matrix_answer_style *style, unsigned open)
{
	if (!style->threads)
		return "Each follows below, with what may be answered.";
	return arena_printf(arena,
	    "Each stands in the thread of this message, with what may be "
	    "answered. Reply to it there, or write lines into the thread that "
	    "begin with their numbers: %u approve, or %u drop <reason>.",
	    open, open);
}

void matrix_page_digest(struct arena *arena, const struct chat *chat,
    const struct chat_digest *digest, const struct matrix_answer_style *style,
    struct matrix_page *out)
{
	struct matrix_lines lines = {.arena = arena};
	struct sheet sheet;
	size_t i, to, waiting = 0;
	unsigned open = 0;

	for (i = 0; i < digest->n; i++)
		if (digest->items[i].outcome == NULL) {
			waiting++;
			if (open == 0)
				open = digest->items[i].n;
		}
	add_title(&lines, chat, digest, waiting);
	for (i = 0; i < digest->n; i++)
		add_item(&lines, &digest->items[i]);
	to = fill(&lines, 0, MATRIX_PAGE_MOST - 2 * NOTE);
	sheet_init(&sheet);
	lay_all(&sheet, &lines, 0, to);
	if (to < lines.n)
		matrix_line_add(&lines, MATRIX_LINE_WORDS,
		    arena_printf(arena, "and %zu more.", lines.n - to));
	else
		to = lines.n;
	if (waiting > 0)
		matrix_line_add(
		    &lines, MATRIX_LINE_WORDS, digest_ways(arena, style, open));
	for (i = to; i < lines.n; i++)
		if (lines.list[i].block == MATRIX_LINE_WORDS)
			lay(&sheet, &lines.list[i]);
	sheet_end(&sheet, arena, out);
}
