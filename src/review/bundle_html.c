/*
 * bundle_html: the looks of a digest.  Pieces of an item are html.c's.
 */
#include "review/bundle_html.h"

#include "review/text.h"

#include <stdio.h>

#define ROW_STYLE                                                              \
	"padding:10px 0;border-top:1px solid rgba(128,128,128,.35);"           \
	"vertical-align:top;overflow-wrap:anywhere;word-break:break-word"

/* "high" stands out; low is quiet. */
static void add_grave(struct buf *out, const struct bundle_row *row)
{
	if (row->grave == NULL)
		return;
	if (row->warn)
		buf_add_str(out,
		    "<span style=\"padding:0 4px;background:" HTML_WARN "\">");
	text_add_html_str(out, row->grave);
	buf_add_str(out, row->warn ? "</span> " : ": ");
}

void bundle_html_row(struct buf *out, const struct bundle_row *row)
{
	size_t i;

	buf_addf(out,
	    "<tr><td style=\"" ROW_STYLE ";width:44px;font-weight:bold\">");
	if (row->whole)
		/* 44 pixels high at least, for a finger */
		buf_addf(out,
		    "<a href=\"#item%u\" style=\"display:block;"
		    "padding:10px 0;margin:-10px 0;min-height:44px;"
		    "color:inherit\">%u</a>",
		    row->n, row->n);
	else
		buf_addf(out, "%u", row->n);
	buf_add_str(out, "</td><td style=\"" ROW_STYLE "\">");
	add_grave(out, row);
	text_add_html_str(out, row->asked);
	for (i = 0; i < row->n_lines; i++) {
		/* the second is the subject */
		buf_addf(out, "<div style=\"%s\">",
		    i == 1 ? "font-weight:bold;" HTML_INSIDE
			   : "font-size:14px;" HTML_INSIDE ";" HTML_MUTED);
		text_add_html_str(out, row->lines[i]);
		buf_add_str(out, "</div>");
	}
	if (row->warning != NULL) {
		buf_add_str(out, "<div style=\"margin-top:4px;padding:2px "
				 "4px;background:" HTML_WARN "\"><b>!</b> ");
		text_add_html_str(out, row->warning);
		buf_add_str(out, "</div>");
	}
	buf_add_str(out, "</td></tr>\n");
}

static void add_commands(struct buf *out, unsigned n, const struct card *card)
{
	size_t i;

	if (card->n_answers == 0)
		return;
	buf_add_str(out,
	    "<p style=\"margin:0 0 12px;font:14px/1.45 " HTML_MONO
	    ";" HTML_MUTED "\"><span style=\"font-family:" HTML_SANS
	    "\">Or write:</span> ");
	for (i = 0; i < card->n_answers; i++) {
		buf_addf(out, "%s<span style=\"white-space:nowrap\">%u ",
		    i == 0 ? "" : " &middot; ", n);
		text_add_html_str(out, card->answers[i].command);
		buf_add_str(out, "</span>");
	}
	buf_add_str(out, "</p>\n");
}

void bundle_html_item(struct buf *out, unsigned n, const struct card *card,
    const struct html_target *target)
{
	const char *question = card->question;

	buf_addf(out,
	    "<h2 id=\"item%u\" style=\"margin:34px 0 12px;padding-top:14px;"
	    "border-top:4px solid #8a8a8a;font-size:19px;line-height:1.3\">"
	    "%u. ",
	    n, n);
	if (*question >= 'a' && *question <= 'z')
		buf_add_char(out, (char)(*question++ - 'a' + 'A'));
	text_add_html_str(out, question);
	buf_add_str(out, "</h2>\n");
	html_body(out, card);
	html_buttons(out, card, target);
	add_commands(out, n, card);
	html_last(out, card);
}

static void add_ways(struct buf *out, const struct bundle_help *help)
{
	size_t i;

	html_paragraph(out, "",
	    "Answer this mail, a line for each item, on top; or use the "
	    "buttons of each.");
	buf_add_str(out, "<table role=\"presentation\" "
			 "style=\"border-collapse:collapse\">\n");
	for (i = 0; i < help->n_answers; i++) {
		buf_add_str(out,
		    "<tr><td style=\"padding:3px 14px 3px 0;vertical-align:top;"
		    "white-space:nowrap;font:15px/1.5 " HTML_MONO "\">");
		text_add_html_str(out, help->answers[i].command);
		buf_add_str(out, "</td><td style=\"padding:3px 0;"
				 "vertical-align:top\">");
		text_add_html_str(out, help->answers[i].meaning);
		buf_add_str(out, "</td></tr>\n");
	}
	buf_add_str(out, "</table>\n");
	html_paragraph(
	    out, "margin-top:10px;font-size:14px;" HTML_MUTED, help->after);
}

static void add_list(struct buf *out, const struct bundle_part *list)
{
	buf_add_str(out, "<table role=\"presentation\" style=\"width:100%;"
			 "border-collapse:collapse;table-layout:fixed;"
			 "margin:8px 0 12px\">\n");
	buf_add_span(out, buf_span(&list->html));
	buf_add_str(out, "</table>\n");
}

void bundle_html(struct buf *out, const struct bundle *bundle,
    const struct bundle_help *help, const struct html_target *target)
{
	const struct html_button all = {help->all_button, true};
	size_t i;

	html_begin(out, help->question);
	for (i = 0; i < help->n_before; i++)
		html_paragraph(out, "", help->before[i]);
	if (bundle->n_asked > 0)
		add_list(out, &bundle->list);
	if (help->all_button != NULL) {
		html_button(out, target, text_span("all approve"), &all);
		html_paragraph(out,
		    "margin-top:8px;font-size:13px;text-align:"
		    "center;" HTML_MUTED,
		    "They are of low severity. Nothing happens until you send "
		    "the answer that this opens.");
	}
	if (help->n_answers > 0)
		add_ways(out, help);
	if (bundle->n_told > 0) {
		html_paragraph(out, "margin-top:22px;font-weight:bold",
		    "Decided by others, you need do nothing:");
		add_list(out, &bundle->told);
	}
	buf_add_span(out, buf_span(&bundle->whole.html));
	html_end(out);
}
