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

#endif
