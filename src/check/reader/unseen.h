/*
 * unseen: what a page hides, beside what it shows: hidden text that tells
 * nothing new, as pages made for mailings have it, is told from other.
 */
#ifndef CHECK_READER_UNSEEN_H
#define CHECK_READER_UNSEEN_H

#include <stdbool.h>
#include <stddef.h>

#include "util/buf.h"

#define UNSEEN_PIECES_MAX 100 /* that are compared; more are not harmless */
#define UNSEEN_FIRST_MAX  300 /* bytes of a newsletter's hidden first line */

/* Who does not see a text. */
enum unseen_by {
	UNSEEN_NOT,	/* everybody sees it */
	UNSEEN_BY_ALL,	/* nobody does, as far as can be told */
	UNSEEN_OUTLOOK, /* Outlook does not, others do */
	UNSEEN_OTHERS,	/* Outlook alone does */
	UNSEEN_KINDS
};

#define UNSEEN_SHOWN 200 /* bytes of an example */

struct unseen;

struct unseen_found {
	unsigned hidden;   /* pieces that tell something new */
	unsigned repeated; /* pieces that stand there to be seen, too */
	unsigned first;	   /* likewise, the newsletter's first line */
	char hidden_first[UNSEEN_SHOWN]; /* how the first begins */
	char repeated_first[UNSEEN_SHOWN];
};

/* Blanks, and the fillers that keep a preview line empty, only? */
bool unseen_filler(struct span text);

/* Without the blanks and fillers at its end. */
struct span unseen_trim(struct span text);

/* Nothing yet; the caller frees it. */
struct unseen *unseen_new(void);
void unseen_free(struct unseen *unseen); /* NULL is harmless */

/*
 * Add text of a page, in its order.  preheader: its element is hidden in the
 * way of newsletters.
 */
void unseen_text(
    struct unseen *unseen, enum unseen_by by, bool preheader, struct span text);

/* A line ends here. */
void unseen_line(struct unseen *unseen);

/* A link begins here that leads to this address. */
void unseen_link(struct unseen *unseen, enum unseen_by by, struct span href);

/* The page is over: what is to be said of it. */
void unseen_judge(struct unseen *unseen, struct unseen_found *found);

#endif
