/*
 * slack_text: blocks of Slack's Block Kit in the making, within its limits
 * whatever they are given: words that are not ours stand in rich_text and
 * plain_text alone, where nothing is read as a mention, a link or a sign.
 *
 * Pure; any thread.  The JSON belongs to the paper until slack_paper_end().
 */
#ifndef CHAT_SLACK_TEXT_H
#define CHAT_SLACK_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "util/arena.h"
#include "util/buf.h"

/*
 * Bytes of one message's blocks as JSON.  Slack refuses somewhere above 13,000
 * characters, and does not say how it counts (msg_blocks_too_long).
 */
#define SLACK_BLOCKS_MOST  12000
#define SLACK_HEADER_MOST  150 /* characters of a header */
#define SLACK_SECTION_MOST 3000
#define SLACK_LABEL_MOST   75 /* of a button, of an option */

enum slack_form_of {
	SLACK_SECTION, /* a paragraph */
	SLACK_QUOTE,   /* the same behind a bar */
	SLACK_PRE      /* every blank as it is, in one width */
};

enum slack_style { SLACK_PLAIN, SLACK_BOLD, SLACK_ITALIC, SLACK_STRUCK };

/* Sheets of paper, one for each message, written from the first to the last. */
struct slack_paper {
	struct arena *arena;
	json_t *sheets; /* arrays of blocks */
	size_t left;	/* bytes that the last one still takes */
	size_t most;	/* that those after the first take */
	json_t *rich;	/* elements of the rich_text that is open, or NULL */
	json_t *run;	/* elements of its paragraph that is open, or NULL */
	enum slack_form_of form;
};

/* The first sheet takes so many bytes, each further one so many. */
void slack_paper_begin(struct slack_paper *paper, struct arena *arena,
    size_t first, size_t further);
size_t slack_paper_n(const struct slack_paper *paper);
/* The blocks of a sheet, borrowed. */
json_t *slack_paper_at(const struct slack_paper *paper, size_t i);
void slack_paper_end(struct slack_paper *paper);

/* Begin a paragraph of that form. */
void slack_begin(struct slack_paper *paper, enum slack_form_of form);
/* Add words to it, cleaned; what does not fit goes on upon the next sheet. */
void slack_add(
    struct slack_paper *paper, struct span words, enum slack_style style);
void slack_add_str(
    struct slack_paper *paper, const char *words, enum slack_style style);
/* Add the sign that says "look here". */
void slack_add_warning(struct slack_paper *paper);
/* Add somebody's name, who is made aware. */
void slack_add_member(struct slack_paper *paper, const char *member);

/* ---- single blocks and objects; the caller's ---- */

/* {"type":"plain_text"}: one clean line of at most so many characters. */
json_t *slack_label(struct arena *arena, const char *words, size_t most);
json_t *slack_header(struct arena *arena, const char *words);
/* A line below all, small; words of ours. */
json_t *slack_context(struct arena *arena, const char *words);
/* A section in Slack's own markup: only of what is escaped or ours. */
json_t *slack_markup(const char *markup);

/* Append words to Slack's own markup, cleaned, so that they mean themselves. */
void slack_escape(struct buf *out, struct span words);

/* Characters as Slack counts them (UTF-16). */
size_t slack_length(struct span words);

/*
 * A whole message: {"text", "blocks"} in the arena; blocks is taken.  text is
 * what notifications show, in Slack's own markup; it is cut to fit.
 */
const char *slack_message(
    struct arena *arena, const char *text, json_t *blocks);

/* JSON as text in the arena; it is taken. */
const char *slack_dump(struct arena *arena, json_t *json);

#endif
