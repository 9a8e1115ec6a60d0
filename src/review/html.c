/*
 * html: a card as HTML for mail programs, which know tables and inline styles
 * and little else.  What is said is left to card.c.
 *
 * The ground stays the mail program's own: text takes its colour, tints are
 * half transparent, and only the buttons bring both colours with them.
 */
#include "review/html.h"

#include "review/text.h"

#include <stdio.h>
#include <string.h>

#define TINT_PLAIN "rgba(128,128,128,.13)"
#define TINT_OLD   "rgba(235,70,60,.17)"
#define TINT_NEW   "rgba(40,165,75,.17)"
#define WORDS_OLD  "rgba(235,70,60,.42)"
#define WORDS_NEW  "rgba(40,165,75,.42)"
#define GO	   "#1a7f37"
#define STOP	   "#b3261e"

#define BLOCK                                                                  \
	"margin:0;padding:10px 12px;border-left:4px solid #8a8a8a;"            \
	"background:" TINT_PLAIN ";font:15px/1.5 " HTML_MONO                   \
	";white-space:pre-wrap;overflow-wrap:anywhere;word-break:break-"       \
	"word;" HTML_INSIDE

#define COMMAND_COLUMNS 18 /* of what has its meaning beside it */

/* The sign of a line of a difference stands out to the left. */
#define HANGING "padding-left:1.2em;text-indent:-1.2em"

void html_open(struct buf *out)
{
	buf_add_str(out,
	    "<!doctype html>\n<html lang=\"en\" style=\"color-scheme:light "
	    "dark\"><head><meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" "
	    "content=\"width=device-width,initial-scale=1\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n"
	    "<meta name=\"supported-color-schemes\" content=\"light dark\">\n"
	    "<title>Imprimatur</title></head>\n"
	    "<body style=\"margin:0;padding:0\">\n"
	    "<div style=\"max-width:42em;margin:0 auto;padding:16px;"
	    "font:16px/1.45 " HTML_SANS "\">\n");
}

void html_begin(struct buf *out, const char *question)
{
	html_open(out);
	buf_add_str(out,
	    "<h1 style=\"margin:0 0 14px;font-size:22px;line-height:1.25\">"
	    "<span style=\"font-size:14px;font-weight:normal;" HTML_MUTED
	    "\">Imprimatur asks you:</span><br>\n");
	if (*question >= 'a' && *question <= 'z')
		buf_add_char(out, (char)(*question++ - 'a' + 'A'));
	text_add_html_str(out, question);
	buf_add_str(out, "</h1>\n");
}

void html_paragraph(struct buf *out, const char *style, const char *s)
{
	buf_addf(out, "<p style=\"margin:0 0 12px;%s\">", style);
	text_add_html_str(out, s);
	buf_add_str(out, "</p>\n");
}

static void add_title(struct buf *out, const char *title)
{
	buf_add_str(out,
	    "<h2 style=\"margin:22px 0 8px;font-size:15px;line-height:1.3\">");
	text_add_html_str(out, title);
	buf_add_str(out, "</h2>\n");
}

/* Few bytes for each line: mail programs cut what is long. */
static void add_lines(struct buf *out, const struct fact_line *lines, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		buf_addf(out, "<div style=\"" HTML_INSIDE "%s%s\">",
		    lines[i].warn ? ";background:" HTML_WARN
				    ";padding:0 4px;margin:0 -4px"
				  : "",
		    /* each is one thing, and may take several lines */
		    i > 0 ? ";margin-top:6px" : "");
		/* for those programs that show no tint */
		if (lines[i].warn)
			buf_add_str(out, "<b>!</b> ");
		text_add_html_str(out, lines[i].text);
		buf_add_str(out, "</div>");
	}
}

static void add_facts(struct buf *out, const struct facts *facts)
{
	size_t i;

	buf_add_str(out,
	    "<table role=\"presentation\" style=\"width:100%;"
	    "border-collapse:collapse;table-layout:fixed;" HTML_BREAK "\">\n");
	for (i = 0; i < facts->n; i++) {
		/* with a fixed layout the first row has the widths */
		buf_addf(out,
		    "<tr valign=\"top\"><td style=\"%spadding:4px 10px 4px 0;"
		    "font-size:13px;line-height:1.75;" HTML_MUTED "\">%s</td>"
		    "<td style=\"padding:4px 0\">",
		    i == 0 ? "width:27%;" : "", facts->list[i].label);
		add_lines(out, facts->list[i].lines, facts->list[i].n_lines);
		buf_add_str(out, "</td></tr>\n");
	}
	buf_add_str(out, "</table>\n");
}

static void add_note(struct buf *out, size_t n, const char *what)
{
	buf_addf(out, "<i style=\"" HTML_MUTED "\">(%zu %s)</i>\n", n, what);
}

static void add_draft(struct buf *out, struct span text)
{
	struct span line;
	size_t n;

	buf_add_str(out, "<div style=\"" BLOCK "\">");
	if (text.len == 0)
		buf_add_str(out, "(no text)");
	while (text.len > 0) {
		n = text_skip_empty(&text);
		if (n > 0)
			add_note(out, n, "empty lines");
		if (!text_next_line(&text, &line))
			break;
		text_add_html(out, line);
		buf_add_char(out, '\n');
	}
	buf_add_str(out, "</div>\n");
}

/* A line of a difference, its changed words stronger. */
static void add_diff_line(struct buf *out, const struct diff_line *line)
{
	bool old = line->kind == DIFF_OLD;
	const char *tag = old ? "del" : "ins";
	size_t i;

	if (line->kind == DIFF_SAME) {
		buf_add_str(out, "<div style=\"" HANGING "\">  ");
		text_add_html(out, line->text);
		buf_add_str(out, "</div>");
		return;
	}
	buf_addf(out, "<div style=\"" HANGING ";background:%s\">%s ",
	    old ? TINT_OLD : TINT_NEW, old ? "-" : "+");
	if (line->n_pieces == 0) {
		buf_addf(out, "<%s style=\"text-decoration:none\">", tag);
		text_add_html(out, line->text);
		buf_addf(out, "</%s></div>", tag);
		return;
	}
	for (i = 0; i < line->n_pieces; i++) {
		if (line->pieces[i].changed)
			buf_addf(out,
			    "<%s style=\"text-decoration:none;"
			    "font-weight:bold;background:%s\">",
			    tag, old ? WORDS_OLD : WORDS_NEW);
		text_add_html(out, line->pieces[i].text);
		if (line->pieces[i].changed)
			buf_addf(out, "</%s>", tag);
	}
	buf_add_str(out, "</div>");
}

static void add_diff(struct buf *out, const struct diff *diff)
{
	size_t i;

	buf_add_str(out, "<div style=\"" BLOCK "\">");
	for (i = 0; i < diff->n_lines; i++)
		if (diff->lines[i].kind == DIFF_SKIPPED)
			add_note(out, diff->lines[i].skipped,
			    "lines that did not change");
		else
			add_diff_line(out, &diff->lines[i]);
	buf_add_str(out, "</div>\n");
}

/* href="mailto:ADDRESS?subject=...&body=...", RFC 6068 */
void html_href(
    struct buf *out, const struct html_target *target, struct span body)
{
	buf_add_str(out, "href=\"mailto:");
	text_add_html_str(out, target->mailto);
	buf_add_str(out, "?subject=");
	text_add_uri(out, text_span(target->subject));
	buf_add_str(out, "&amp;body=");
	text_add_uri(out, text_span(target->item));
	text_add_uri(out, body);
	buf_add_char(out, '"');
}

void html_button(struct buf *out, const struct html_target *target,
    struct span body, const struct html_button *button)
{
	buf_add_str(out, "<a ");
	html_href(out, target, body);
	buf_addf(out,
	    " style=\"display:block;padding:14px 6px;border-radius:8px;"
	    "background:%s;color:#ffffff;font-size:17px;font-weight:bold;"
	    "text-align:center;text-decoration:none\">",
	    button->lets_go ? GO : STOP);
	text_add_html_str(out, button->label);
	buf_add_str(out, "</a>");
}

/* All of the command that the person need not fill in. */
static void add_answer_button(struct buf *out, const struct card_answer *answer,
    const struct html_target *target)
{
	const struct html_button button = {answer->button, answer->lets_go};
	const char *command = answer->command;
	size_t word = strcspn(command, "<");

	while (word > 0 && command[word - 1] == ' ')
		word--;
	buf_add_str(out, "<td style=\"padding:0\">");
	html_button(out, target, (struct span){command, word}, &button);
	buf_add_str(out, "</td>\n");
}

static bool has_buttons(const struct card *card)
{
	size_t i;

	for (i = 0; i < card->n_answers; i++)
		if (card->answers[i].button != NULL)
			return true;
	return false;
}

/* A ready answer for each reason. */
static void add_reasons(
    struct buf *out, const struct card *card, const struct html_target *target)
{
	const char *const *reason;
	char body[160];

	if (card->reasons == NULL)
		return;
	buf_addf(out,
	    "<div style=\"margin:14px 0 12px\">"
	    "<div style=\"font-size:13px;" HTML_MUTED ";margin:0 0 6px\">"
	    "%s with a reason:</div>\n",
	    strcmp(card->reason_command, "drop") == 0 ? "Drop" : "Wrong");
	for (reason = card->reasons; *reason != NULL; reason++) {
		snprintf(
		    body, sizeof(body), "%s %s", card->reason_command, *reason);
		buf_add_str(out, "<a ");
		html_href(out, target, text_span(body));
		buf_add_str(out,
		    " style=\"display:inline-block;padding:13px 14px;"
		    "margin:0 8px 10px 0;border:1px solid " STOP
		    ";border-radius:8px;color:inherit;font-size:15px;"
		    "line-height:1.2;text-decoration:none\">");
		text_add_html_str(out, *reason);
		buf_add_str(out, "</a>\n");
	}
	buf_add_str(out, "</div>\n");
}

void html_buttons(
    struct buf *out, const struct card *card, const struct html_target *target)
{
	bool any = false;
	size_t i;

	if (!has_buttons(card))
		return;
	buf_add_str(out, "<table role=\"presentation\" style=\"width:100%;"
			 "border-collapse:collapse;table-layout:fixed;"
			 "margin:22px 0 8px\"><tr>\n");
	for (i = 0; i < card->n_answers; i++) {
		if (card->answers[i].button == NULL)
			continue;
		/* a finger must not meet both */
		if (any)
			buf_add_str(out, "<td style=\"width:16px;padding:0;"
					 "font-size:1px\">&nbsp;</td>\n");
		add_answer_button(out, &card->answers[i], target);
		any = true;
	}
	buf_add_str(out, "</tr></table>\n");
	add_reasons(out, card, target);
	html_paragraph(out, "font-size:13px;text-align:center;" HTML_MUTED,
	    card->wants_words
		? "A button opens an answer: write your reason behind its "
		  "words. Nothing happens until you send it."
		: "A button opens an answer that is already written. Nothing "
		  "happens until you send it.");
}

/* A command and its meaning; a long one has its meaning below it. */
static void add_answer(struct buf *out, const struct card_answer *answer)
{
	bool fits = text_columns(answer->command) <= COMMAND_COLUMNS;

	buf_addf(out,
	    "<tr><td %sstyle=\"padding:3px 14px 3px 0;vertical-align:top;"
	    "%sfont:15px/1.5 " HTML_MONO "\">",
	    fits ? "" : "colspan=\"2\" ", fits ? "white-space:nowrap;" : "");
	text_add_html_str(out, answer->command);
	buf_addf(out, "</td>%s<td style=\"padding:3px 0;vertical-align:top\">",
	    fits ? "" : "</tr>\n<tr><td></td>");
	text_add_html_str(out, answer->meaning);
	buf_add_str(out, "</td></tr>\n");
}

static void add_answers(struct buf *out, const struct card *card)
{
	size_t i;

	if (card->n_answers == 0)
		return;
	html_paragraph(out, "margin-top:20px",
	    has_buttons(card)
		? "Or answer this mail. The first line says what to do:"
		: "Answer this mail. The first line says what to do:");
	buf_add_str(out, "<table role=\"presentation\" "
			 "style=\"border-collapse:collapse\">\n");
	for (i = 0; i < card->n_answers; i++)
		add_answer(out, &card->answers[i]);
	buf_add_str(out, "</table>\n");
}

void html_end(struct buf *out)
{
	buf_add_str(out, "</div>\n</body></html>\n");
}

static void add_warning(struct buf *out, const struct card *card)
{
	if (card->warning != NULL)
		html_paragraph(out,
		    "margin-top:12px;padding:10px 12px;"
		    "white-space:pre-line;background:" HTML_WARN,
		    card->warning);
}

void html_body(struct buf *out, const struct card *card)
{
	size_t i;

	for (i = 0; i < CARD_WHY_MAX && card->why[i] != NULL; i++)
		html_paragraph(out, "", card->why[i]);
	add_warning(out, card);
	add_facts(out, card->facts);
	if (card->diff_title != NULL)
		add_title(out, card->diff_title);
	if (card->diff != NULL)
		add_diff(out, card->diff);
	if (card->draft_title != NULL) {
		add_title(out, card->draft_title);
		add_draft(out, card->draft);
	}
	if (card->facts->n_left > 0) {
		add_title(out, "The other recipients");
		buf_add_str(out, "<div style=\"" HTML_BREAK "\">");
		add_lines(out, card->facts->left, card->facts->n_left);
		buf_add_str(out, "</div>\n");
	}
	if (card->draft_title != NULL)
		add_warning(out, card);
}

void html_last(struct buf *out, const struct card *card)
{
	html_paragraph(
	    out, "margin-top:22px;font-size:13px;" HTML_MUTED, card->last);
}

void html_add_card(struct buf *out, const struct card *card, const char *mailto,
    const char *subject)
{
	const struct html_target target = {mailto, subject, ""};

	html_begin(out, card->question);
	html_body(out, card);
	html_buttons(out, card, &target);
	add_answers(out, card);
	html_last(out, card);
	html_end(out);
}
