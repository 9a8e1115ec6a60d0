/*
 * slack_text: Block Kit by the byte.  What is said is left to slack_card.c and
 * slack_form.c.
 */
#include "chat/slack/slack_text.h"

#include <stdlib.h>
#include <string.h>

#include "review/text.h"

/* Bytes of JSON around words; rather too many. */
#define AROUND_WORDS   64
#define AROUND_SECTION 100  /* a paragraph, and the rich_text it stands in */
#define LEAST	       200  /* of words that a sheet is still begun with */
#define TEXT_MOST      2900 /* of what notifications show */

/* ---- characters --------------------------------------------------------- */

/* Bytes that a character takes once it is escaped as JSON or as markup. */
static size_t cost_of(uint32_t point, size_t n)
{
	switch (point) {
	case '&':
		return 5;
	case '<':
	case '>':
		return 4;
	case '"':
	case '\\':
	case '\n':
	case '\t':
		return 2;
	case 0xfffd:
		return 3;
	default:
		return n;
	}
}

size_t slack_length(struct span words)
{
	size_t n, length = 0;
	uint32_t point;

	for (; words.len > 0; words.data += n, words.len -= n) {
		n = text_point(words, &point);
		length += point > 0xffff ? 2 : 1;
	}
	return length;
}

static void add_point(struct buf *out, struct span s, size_t n, uint32_t point)
{
	if (point == 0xfffd)
		buf_add_str(out, "\xef\xbf\xbd");
	else
		buf_add(out, s.data, n);
}

static const char *clean(struct arena *arena, struct span words)
{
	struct buf out;
	uint32_t point;
	const char *made;
	size_t n;

	buf_init(&out, words.len * 3);
	for (; words.len > 0; words.data += n, words.len -= n) {
		n = text_point(words, &point);
		add_point(&out, words, n, point);
	}
	made = arena_dup(arena, out.data, out.len);
	buf_release(&out);
	return made;
}

void slack_escape(struct buf *out, struct span words)
{
	uint32_t point;
	size_t n;

	for (; words.len > 0; words.data += n, words.len -= n) {
		n = text_point(words, &point);
		if (point == '&')
			buf_add_str(out, "&amp;");
		else if (point == '<')
			buf_add_str(out, "&lt;");
		else if (point == '>')
			buf_add_str(out, "&gt;");
		else
			add_point(out, words, n, point);
	}
}

/* How many bytes of words cost at most so much: up to a line end or a blank
 * when there is one in the second half, else whole characters. */
static size_t fitting(struct span words, size_t most)
{
	size_t n, cost = 0, used = 0, line = 0, blank = 0;
	uint32_t point;

	while (used < words.len) {
		n = text_point(
		    (struct span){words.data + used, words.len - used}, &point);
		cost += cost_of(point, n);
		if (cost > most)
			break;
		used += n;
		if (point == '\n')
			line = used;
		else if (point == ' ')
			blank = used;
	}
	if (used == words.len)
		return used;
	if (line > used / 2)
		return line;
	return blank > used / 2 ? blank : used;
}

/* ---- paper ----------------------------------------------------------------
 */

static void turn(struct slack_paper *paper)
{
	json_array_append_new(paper->sheets, json_array());
	paper->left = paper->most;
	paper->rich = paper->run = NULL;
}

void slack_paper_begin(struct slack_paper *paper, struct arena *arena,
    size_t first, size_t further)
{
	*paper = (struct slack_paper){
	    .arena = arena, .sheets = json_array(), .most = further};
	turn(paper);
	paper->left = first;
}

size_t slack_paper_n(const struct slack_paper *paper)
{
	return json_array_size(paper->sheets);
}

json_t *slack_paper_at(const struct slack_paper *paper, size_t i)
{
	return json_array_get(paper->sheets, i);
}

void slack_paper_end(struct slack_paper *paper)
{
	json_decref(paper->sheets);
	paper->sheets = NULL;
}

static void spend(struct slack_paper *paper, size_t bytes)
{
	paper->left -= bytes < paper->left ? bytes : paper->left;
}

/* Open the paragraph where it can be written into. */
static void open_run(struct slack_paper *paper)
{
	static const char *const types[] = {
	    [SLACK_SECTION] = "rich_text_section",
	    [SLACK_QUOTE] = "rich_text_quote",
	    [SLACK_PRE] = "rich_text_preformatted",
	};
	json_t *sheet;

	if (paper->run != NULL)
		return;
	if (paper->left < AROUND_SECTION + AROUND_WORDS + LEAST)
		turn(paper);
	sheet = slack_paper_at(paper, slack_paper_n(paper) - 1);
	if (paper->rich == NULL) {
		paper->rich = json_array();
		json_array_append_new(
		    sheet, json_pack("{s:s, s:o}", "type", "rich_text",
			       "elements", paper->rich));
	}
	paper->run = json_array();
	json_array_append_new(
	    paper->rich, json_pack("{s:s, s:o}", "type", types[paper->form],
			     "elements", paper->run));
	spend(paper, AROUND_SECTION);
}

void slack_begin(struct slack_paper *paper, enum slack_form_of form)
{
	paper->run = NULL;
	paper->form = form;
}

static json_t *styled(const char *words, enum slack_style style)
{
	static const char *const names[] = {[SLACK_BOLD] = "bold",
	    [SLACK_ITALIC] = "italic",
	    [SLACK_STRUCK] = "strike"};
	json_t *text = json_pack("{s:s, s:s}", "type", "text", "text", words);

	if (style != SLACK_PLAIN)
		json_object_set_new(
		    text, "style", json_pack("{s:b}", names[style], 1));
	return text;
}

static size_t cost_of_all(struct span words)
{
	size_t n, cost = 0;
	uint32_t point;

	for (; words.len > 0; words.data += n, words.len -= n) {
		n = text_point(words, &point);
		cost += cost_of(point, n);
	}
	return cost;
}

void slack_add(
    struct slack_paper *paper, struct span words, enum slack_style style)
{
	struct span piece;
	size_t n;

	while (words.len > 0) {
		open_run(paper);
		n = paper->left > AROUND_WORDS
			? fitting(words, paper->left - AROUND_WORDS)
			: 0;
		piece = (struct span){words.data, n};
		/* a line end at the edge of a sheet needs no line */
		if (n > 1 && n < words.len && words.data[n - 1] == '\n')
			piece.len--;
		if (n > 0) {
			json_array_append_new(paper->run,
			    styled(clean(paper->arena, piece), style));
			spend(paper, AROUND_WORDS + cost_of_all(piece));
		}
		words.data += n;
		words.len -= n;
		if (words.len > 0)
			turn(paper);
	}
}

void slack_add_str(
    struct slack_paper *paper, const char *words, enum slack_style style)
{
	slack_add(paper, text_span(words), style);
}

void slack_add_warning(struct slack_paper *paper)
{
	open_run(paper);
	json_array_append_new(paper->run,
	    json_pack("{s:s, s:s}", "type", "emoji", "name", "warning"));
	spend(paper, AROUND_WORDS);
	slack_add_str(paper, " ", SLACK_PLAIN);
}

void slack_add_member(struct slack_paper *paper, const char *member)
{
	open_run(paper);
	json_array_append_new(paper->run,
	    json_pack("{s:s, s:s}", "type", "user", "user_id", member));
	spend(paper, AROUND_WORDS);
	slack_add_str(paper, " ", SLACK_PLAIN);
}

/* ---- single blocks and objects ------------------------------------------ */

json_t *slack_label(struct arena *arena, const char *words, size_t most)
{
	/* text_line() counts columns; a character of one column may be two of
	 * Slack's */
	const char *line = text_line(arena, text_span(words), most);
	size_t columns = most;

	while (slack_length(text_span(line)) > most)
		line = text_line(arena, text_span(words), columns /= 2);
	if (*line == '\0')
		line = "-"; /* an empty one is refused */
	return json_pack(
	    "{s:s, s:s, s:b}", "type", "plain_text", "text", line, "emoji", 0);
}

json_t *slack_header(struct arena *arena, const char *words)
{
	return json_pack("{s:s, s:o}", "type", "header", "text",
	    slack_label(arena, words, SLACK_HEADER_MOST));
}

json_t *slack_context(struct arena *arena, const char *words)
{
	return json_pack("{s:s, s:[{s:s, s:s, s:b}]}", "type", "context",
	    "elements", "type", "plain_text", "text",
	    clean(arena, text_span(words)), "emoji", 0);
}

json_t *slack_markup(const char *markup)
{
	return json_pack("{s:s, s:{s:s, s:s, s:b}}", "type", "section", "text",
	    "type", "mrkdwn", "text", markup, "verbatim", 1);
}

const char *slack_dump(struct arena *arena, json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);
	const char *copy;

	json_decref(json);
	if (text == NULL)
		abort(); /* no memory, as in util/mem.h; all of it is UTF-8 */
	copy = arena_strdup(arena, text);
	free(text);
	return copy;
}

const char *slack_message(struct arena *arena, const char *text, json_t *blocks)
{
	struct span all = text_span(text);

	return slack_dump(
	    arena, json_pack("{s:o, s:o}", "text",
		       json_stringn(all.data, fitting(all, TEXT_MOST)),
		       "blocks", blocks));
}
