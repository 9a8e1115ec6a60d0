/*
 * dress: the style of an element from all that speaks of it.
 */
#ifndef CHECK_READER_DRESS_H
#define CHECK_READER_DRESS_H

#include <stdbool.h>

#include "check/reader/html.h"
#include "check/reader/markup.h"
#include "check/reader/sheet.h"
#include "check/reader/style.h"
#include "util/buf.h"

struct dress {
	struct sheet *sheet;
	struct html_found *found; /* counts what styles fetch */
	struct buf *scratch;	  /* for one value; its content is lost */
	bool unknown; /* a sheet is elsewhere: classes may mean anything */
};

/*
 * Read all style sheets of a page: they hold for what stands before them, too.
 */
void dress_sheets(struct sheet *sheet, struct span markup);

/* A start tag as selectors see it; around must outlive it. */
struct sheet_element dress_element(
    const struct markup_token *tag, const struct sheet_element *around);

/*
 * Change the style that was inherited: by attributes, by sheets, by the style
 * attribute; what is marked as important comes last.
 */
void dress_style(struct dress *dress, const struct markup_token *tag,
    const struct sheet_element *element, struct style *style);

/* Does it lead somewhere when it is clicked? */
bool dress_leads(const struct markup_token *tag);

#endif
