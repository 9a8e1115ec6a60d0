/*
 * banner: what a mail gateway writes above a person's answer.  Where the
 * configuration knows it (review.banners) it is taken off; nothing else is.
 *
 * Pure; any thread.
 */
#ifndef REVIEW_BANNER_H
#define REVIEW_BANNER_H

#include <stdbool.h>

#include "config/config.h"

#include "util/arena.h"

/* The beginning of an answer, as struct reading_reply has it. */
struct banner_answer {
	const char *line;  /* the first that is not blank, or NULL */
	const char *words; /* below it, or NULL */
	bool apart;	   /* an empty line is between them */
};

/*
 * Take the banners that it begins with off the answer.  They must be there
 * word for word, however they are broken into lines, and end at the end of one.
 * What is put in lives in the arena.
 */
void banner_skip(struct arena *arena, const struct config_review *config,
    struct banner_answer *answer);

#endif
