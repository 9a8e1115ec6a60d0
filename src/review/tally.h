/*
 * tally: what a reviewer hears after an answer to a mail of many drafts: what
 * became of each of them, or why the answer decided nothing.  One function for
 * each such kind of receipt.
 *
 * Pure; any thread.
 */
#ifndef REVIEW_TALLY_H
#define REVIEW_TALLY_H

#include "review/say.h"

/* The lines that an answer to such a mail may have. */
void tally_commands(struct writer *w);

void tally_write(struct writer *w);
void tally_write_fault(struct writer *w);
void tally_write_none(struct writer *w);
void tally_write_help(struct writer *w);
void tally_write_refused(struct writer *w);

#endif
