/*
 * html: the HTML part of a notice.  Inline styles only, nothing that could be
 * fetched, no script; colours that stand on a light and on a dark ground.
 * Pure; any thread.
 */
#ifndef REVIEW_HTML_H
#define REVIEW_HTML_H

#include "review/card.h"

#include "util/buf.h"

/*
 * Append a card as a document.  mailto: the address that answers go to, for
 * the buttons; subject: of the answers.
 */
void html_add_card(struct buf *out, const struct card *card, const char *mailto,
    const char *subject);

/* ---- its pieces, for a digest ---- */

#define HTML_SANS "-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
#define HTML_MONO "ui-monospace,SFMono-Regular,Menlo,Consolas,monospace"
/* quieter, on whatever ground: no one grey can be read on white and black */
#define HTML_MUTED "opacity:.72"
/* a word that is too long for its line */
#define HTML_BREAK "overflow-wrap:anywhere;word-break:break-word"
/* marks that are piled up do not reach over what stands around them */
#define HTML_INSIDE "overflow:hidden"
#define HTML_WARN   "rgba(255,160,0,.26)"

/* Whom answers go to, under which subject, and how each begins: "3 ". */
struct html_target {
	const char *mailto, *subject, *item;
};

struct html_button {
	const char *label;
	bool lets_go; /* mail leaves: it is green */
};

/* Append the document's beginning, bare or with "Imprimatur asks you:"; and its
 * end. */
void html_open(struct buf *out);
void html_begin(struct buf *out, const char *question);
void html_end(struct buf *out);

/* Append a paragraph; style: more of it, or "". */
void html_paragraph(struct buf *out, const char *style, const char *s);

/* Append why, facts, what changed and the draft; and what stands below. */
void html_body(struct buf *out, const struct card *card);
void html_last(struct buf *out, const struct card *card);

/* Append href="mailto:..." for an answer. */
void html_href(
    struct buf *out, const struct html_target *target, struct span body);

/* Append one button, which opens that answer; or a card's, with reasons. */
void html_button(struct buf *out, const struct html_target *target,
    struct span body, const struct html_button *button);
void html_buttons(
    struct buf *out, const struct card *card, const struct html_target *target);

#endif
