/*
 * act: what a tag does besides being read: what it fetches from elsewhere, and
 * what would run.
 */
#ifndef CHECK_READER_ACT_H
#define CHECK_READER_ACT_H

#include "check/reader/html.h"
#include "check/reader/markup.h"
#include "util/buf.h"

struct act {
	struct html_found *found; /* where it is counted */
	struct buf *scratch;	  /* for one value; its content is lost */
};

/* Count what a start tag does; does: of its element. */
void act_look(struct act *act, const struct markup_token *tag, unsigned does);

/* One thing is fetched from there. */
void act_remote(struct html_found *found, struct span url);

/* Keep the beginning of the first example, between characters. */
void act_example(char out[HTML_QUOTE_MAX], struct span s);

#endif
