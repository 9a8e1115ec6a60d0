/*
 * slack_card: a card as messages of Slack.  What is said is left to
 * review/card.c, the form of blocks to slack_text.c.
 */
#include "chat/slack/slack_card.h"

#include <inttypes.h>
#include <string.h>

#include "chat/slack/slack.h"

#include "review/text.h"

#define MENTIONS_MOST 30  /* people; more are counted */
#define ROOM_SPARE    600 /* bytes for what stands around a sheet */
#define ROOM_LEAST    500

/* ---- people ---------------------------------------------------------------
 */

const char *slack_member(const struct config_reviewer *reviewer)
{
	const char *slash =
	    reviewer->slack == NULL ? NULL : strchr(reviewer->slack, '/');

	return slash == NULL || slash[1] == '\0' ? NULL : slash + 1;
}

const char *slack_mentions(
    struct arena *arena, const struct config_reviewer *const *asked)
{
	const char *list = "", *member;
	size_t n = 0, more = 0;

	for (; *asked != NULL; asked++) {
		member = slack_member(*asked);
		if (member == NULL)
			continue;
		if (n == MENTIONS_MOST) {
			more++;
			continue;
		}
		list = arena_printf(
		    arena, "%s%s<@%s>", list, n++ > 0 ? ", " : "", member);
	}
	return more == 0 ? list
			 : arena_printf(arena, "%s and %zu more", list, more);
}

/* ---- what a card says ---------------------------------------------------- */

const char *slack_question(struct arena *arena, const struct chat_card *card)
{
	char *question = arena_strdup(arena, card->card->question);

	if (*question >= 'a' && *question <= 'z')
		*question = (char)(*question - 'a' + 'A');
	return card->n == 0 ? question
			    : arena_printf(arena, "%u. %s", card->n, question);
}

/* Mail needs to say in its subject what it is; a chat says it before. */
static const char *subject_of(const struct chat_card *card)
{
	static const char mark[] = "[review] ";
	size_t n = sizeof(mark) - 1;

	return strncmp(card->subject, mark, n) == 0 ? card->subject + n
						    : card->subject;
}

const char *slack_notice(struct arena *arena, const struct chat_card *card)
{
	const char *mentions =
	    card->outcome == NULL ? slack_mentions(arena, card->asked) : "";
	const char *made;
	struct buf out;

	buf_init(&out, 16384);
	buf_add_str(&out, mentions);
	if (*mentions != '\0')
		buf_add_char(&out, ' ');
	slack_escape(&out,
	    text_span(card->outcome != NULL ? card->outcome
					    : slack_question(arena, card)));
	buf_add_char(&out, ' ');
	slack_escape(&out, text_span(subject_of(card)));
	made = arena_dup(arena, out.data, out.len);
	buf_release(&out);
	return made;
}

/* A line of a fact; the second and further ones stand in. */
static void write_line(struct slack_paper *paper, const struct fact_line *line,
    const char *before, bool last)
{
	slack_add_str(paper, before, SLACK_PLAIN);
	if (line->warn)
		slack_add_warning(paper);
	slack_add_str(paper, line->text, SLACK_PLAIN);
	if (!last)
		slack_add_str(paper, "\n", SLACK_PLAIN);
}

static void write_facts(struct slack_paper *paper, const struct facts *facts)
{
	const struct fact *fact;
	size_t i, j;

	slack_begin(paper, SLACK_SECTION);
	for (i = 0; i < facts->n; i++) {
		fact = &facts->list[i];
		slack_add_str(paper, fact->label, SLACK_BOLD);
		for (j = 0; j < fact->n_lines; j++)
			write_line(paper, &fact->lines[j],
			    fact->n_lines == 1 ? "  "
			    : j == 0	       ? "\n    "
					       : "    ",
			    i + 1 == facts->n && j + 1 == fact->n_lines);
	}
}

static void write_title(struct slack_paper *paper, const char *title)
{
	slack_begin(paper, SLACK_SECTION);
	slack_add_str(paper, "\n", SLACK_PLAIN);
	slack_add_str(paper, title, SLACK_BOLD);
	slack_add_str(paper, "\n", SLACK_PLAIN);
}

/* A line of a difference, its words that changed stronger. */
static void write_diff_line(
    struct slack_paper *paper, const struct diff_line *line)
{
	bool old = line->kind == DIFF_OLD;
	enum slack_style changed = old ? SLACK_STRUCK : SLACK_BOLD;
	size_t i;

	slack_add_str(paper,
	    line->kind == DIFF_SAME ? "   "
	    : old		    ? "\xe2\x88\x92 "
				    : "+ ",
	    SLACK_PLAIN);
	if (line->kind == DIFF_SAME)
		slack_add(paper, line->text, SLACK_PLAIN);
	else if (line->n_pieces == 0)
		slack_add(paper, line->text, changed);
	for (i = 0; i < line->n_pieces; i++)
		slack_add(paper, line->pieces[i].text,
		    line->pieces[i].changed ? changed : SLACK_PLAIN);
}

static void write_diff(struct slack_paper *paper, const struct diff *diff)
{
	size_t i;

	slack_begin(paper, SLACK_QUOTE);
	for (i = 0; i < diff->n_lines; i++) {
		if (i > 0)
			slack_add_str(paper, "\n", SLACK_PLAIN);
		if (diff->lines[i].kind == DIFF_SKIPPED)
			slack_add_str(paper,
			    arena_printf(paper->arena,
				"(%zu lines that did not change)",
				diff->lines[i].skipped),
			    SLACK_ITALIC);
		else
			write_diff_line(paper, &diff->lines[i]);
	}
}

/* Whole lines of the draft so far, and forget them. */
static void flush(struct slack_paper *paper, struct buf *lines, bool last)
{
	if (last && lines->len > 0)
		buf_cut(lines, lines->len - 1);
	slack_add(paper, buf_span(lines), SLACK_PLAIN);
	buf_clear(lines);
}

/* The text, no sign of it read as markup; many empty lines are counted. */
static void write_draft(struct slack_paper *paper, struct span text)
{
	struct span line;
	struct buf lines;
	size_t n;

	slack_begin(paper, SLACK_PRE);
	if (text.len == 0)
		slack_add_str(paper, "(no text)", SLACK_ITALIC);
	buf_init(&lines, text.len + 1);
	while (text.len > 0) {
		n = text_skip_empty(&text);
		if (n > 0) {
			flush(paper, &lines, false);
			slack_add_str(paper,
			    arena_printf(
				paper->arena, "(%zu empty lines)\n", n),
			    SLACK_ITALIC);
		}
		if (!text_next_line(&text, &line))
			break;
		buf_add_span(&lines, line);
		buf_add_char(&lines, '\n');
	}
	flush(paper, &lines, true);
	buf_release(&lines);
}

static void write_left(struct slack_paper *paper, const struct facts *facts)
{
	size_t i;

	if (facts->n_left == 0)
		return;
	write_title(paper, "The other recipients");
	for (i = 0; i < facts->n_left; i++)
		write_line(paper, &facts->left[i], "", i + 1 == facts->n_left);
}

void slack_write_card(struct slack_paper *paper, const struct card *card)
{
	size_t i;

	for (i = 0; i < CARD_WHY_MAX && card->why[i] != NULL; i++) {
		slack_begin(paper, SLACK_SECTION);
		slack_add_str(paper, card->why[i], SLACK_PLAIN);
		slack_add_str(paper, "\n", SLACK_PLAIN);
	}
	if (card->warning != NULL) {
		slack_begin(paper, SLACK_QUOTE);
		slack_add_warning(paper);
		slack_add_str(paper, card->warning, SLACK_BOLD);
	}
	write_facts(paper, card->facts);
	if (card->diff_title != NULL)
		write_title(paper, card->diff_title);
	if (card->diff != NULL)
		write_diff(paper, card->diff);
	if (card->draft_title != NULL) {
		write_title(paper, card->draft_title);
		write_draft(paper, card->draft);
	}
	write_left(paper, card->facts);
}

/* ---- messages ------------------------------------------------------------ */

void slack_add_head(
    struct arena *arena, const struct chat_card *card, json_t *blocks)
{
	const char *mentions = slack_mentions(arena, card->asked);

	json_array_append_new(
	    blocks, slack_header(arena, slack_question(arena, card)));
	if (*mentions != '\0')
		json_array_append_new(blocks,
		    slack_markup(arena_printf(arena, "For %s", mentions)));
}

/* Those below it: the buttons, what to write instead, which draft it is. */
static void add_foot(
    struct arena *arena, const struct chat_card *card, json_t *blocks)
{
	json_t *buttons = slack_buttons(arena, card);
	const char *commands = "";
	size_t i;

	for (i = 0; i < card->card->n_answers; i++)
		commands = arena_printf(arena, "%s%s%s", commands,
		    i > 0 ? " \xc2\xb7 " : "", card->card->answers[i].command);
	if (buttons != NULL)
		json_array_append_new(blocks, buttons);
	if (*commands != '\0')
		json_array_append_new(blocks,
		    slack_context(arena,
			arena_printf(arena,
			    "Or answer in this thread, in the first line: %s",
			    commands)));
	json_array_append_new(blocks, slack_context(arena, card->card->last));
}

/* Without a buffer it only counts. */
static size_t size_of(const json_t *blocks)
{
	return blocks == NULL ? 0 : json_dumpb(blocks, NULL, 0, JSON_COMPACT);
}

size_t slack_room(const json_t *head, const json_t *foot)
{
	size_t taken = ROOM_SPARE + size_of(head) + size_of(foot);

	return taken < SLACK_BLOCKS_MOST - ROOM_LEAST
		   ? SLACK_BLOCKS_MOST - taken
		   : ROOM_LEAST;
}

static void append(json_t *blocks, json_t *more)
{
	json_array_extend(blocks, more);
	json_decref(more);
}

/* Each sheet but the first as a message of the thread. */
static void make_parts(struct arena *arena, const struct chat_card *card,
    const struct slack_paper *paper, struct chat_content *out)
{
	size_t i, n = slack_paper_n(paper);
	const char *which;
	json_t *blocks;

	out->n_parts = n - 1;
	out->parts = arena_alloc(arena, out->n_parts * sizeof(*out->parts));
	for (i = 1; i < n; i++) {
		which = arena_printf(arena,
		    "Draft %" PRId64 ", revision %u: part %zu of %zu",
		    card->view->draft, card->view->number, i + 1, n);
		blocks = json_array();
		json_array_append_new(blocks, slack_context(arena, which));
		json_array_extend(blocks, slack_paper_at(paper, i));
		out->parts[i - 1] = slack_message(arena, which, blocks);
	}
}

/* What stands until the parts do: no buttons yet. */
static const char *make_first(
    struct arena *arena, const struct chat_card *card, size_t n)
{
	json_t *blocks = json_array();

	slack_add_head(arena, card, blocks);
	json_array_append_new(blocks,
	    slack_context(arena,
		arena_printf(arena,
		    "It is long: %zu messages in the thread below. The buttons "
		    "come when all of them are there.",
		    n - 1)));
	json_array_append_new(blocks, slack_context(arena, card->card->last));
	return slack_message(arena, slack_notice(arena, card), blocks);
}

/* It was decided: what became of it, and what it was. */
static const char *make_over(struct arena *arena, const struct chat_card *card)
{
	struct slack_paper paper;
	json_t *blocks = json_array();

	slack_paper_begin(
	    &paper, arena, slack_room(NULL, NULL), slack_room(NULL, NULL));
	slack_begin(&paper, SLACK_SECTION);
	if (card->n != 0)
		slack_add_str(
		    &paper, arena_printf(arena, "%u. ", card->n), SLACK_BOLD);
	slack_add_str(&paper, text_line(arena, text_span(card->outcome), 1000),
	    SLACK_BOLD);
	slack_add_str(&paper, "\n", SLACK_PLAIN);
	slack_add_str(&paper,
	    text_line(arena, text_span(subject_of(card)), 300), SLACK_PLAIN);
	json_array_extend(blocks, slack_paper_at(&paper, 0));
	slack_paper_end(&paper);
	if (card->view != NULL)
		json_array_append_new(
		    blocks, slack_context(arena,
				arena_printf(arena,
				    "Draft %" PRId64 ", revision %u, code %s.",
				    card->view->draft, card->view->number,
				    card->view->code)));
	return slack_message(arena, slack_notice(arena, card), blocks);
}

void slack_card(const struct chat *chat, struct arena *arena,
    const struct chat_card *card, struct chat_content *out)
{
	json_t *head = json_array(), *foot = json_array();
	struct slack_paper paper;
	size_t n;

	(void)chat;
	*out = (struct chat_content){.main = NULL};
	if (card->outcome != NULL) {
		out->main = make_over(arena, card);
		json_decref(head);
		json_decref(foot);
		return;
	}
	slack_add_head(arena, card, head);
	add_foot(arena, card, foot);
	slack_paper_begin(
	    &paper, arena, slack_room(head, foot), slack_room(NULL, NULL));
	slack_write_card(&paper, card->card);
	n = slack_paper_n(&paper);
	json_array_extend(head, slack_paper_at(&paper, 0));
	if (n > 1) {
		out->first = make_first(arena, card, n);
		make_parts(arena, card, &paper, out);
		json_array_append_new(head,
		    slack_context(arena,
			arena_printf(arena,
			    "It goes on in the thread: %zu more %s. Read them "
			    "before you decide.",
			    n - 1, n == 2 ? "message" : "messages")));
	}
	append(head, foot);
	slack_paper_end(&paper);
	out->main = slack_message(arena, slack_notice(arena, card), head);
}

/* ---- text of ours ---------------------------------------------------------
 */

const char *slack_plain(const struct chat *chat, struct arena *arena,
    const char *text, const struct config_reviewer *to)
{
	const struct config_reviewer *one[] = {to, NULL};
	const char *member = to == NULL ? NULL : slack_member(to);
	struct slack_paper paper;
	const char *made;
	json_t *blocks;
	struct buf out;

	(void)chat;
	slack_paper_begin(
	    &paper, arena, slack_room(NULL, NULL), slack_room(NULL, NULL));
	slack_begin(&paper, SLACK_SECTION);
	if (member != NULL)
		slack_add_member(&paper, member);
	slack_add_str(&paper, text, SLACK_PLAIN);
	blocks = json_incref(slack_paper_at(&paper, 0));
	buf_init(&out, strlen(text) * 5 + 1024);
	if (member != NULL)
		buf_addf(&out, "%s ", slack_mentions(arena, one));
	slack_escape(&out, text_span(text));
	made = slack_message(arena, out.data, blocks);
	buf_release(&out);
	slack_paper_end(&paper);
	return made;
}
