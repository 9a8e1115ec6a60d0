/*
 * pipeline_folder: mail that lies in a folder and is no answer: drafts of an
 * agent that only writes drafts, and what people outside wrote.
 *
 * All functions: loop only; context is the house.
 */
#ifndef PIPELINE_FOLDER_H
#define PIPELINE_FOLDER_H

#include "mailbox/mailbox.h"

/*
 * mailbox: a draft.  Its header is its envelope: from an author that may send,
 * to whom To, Cc and Bcc name; then it goes the way of any submission.  DONE:
 * it is in the ledger.  OTHERS: it is not, and never will be; the explanation
 * says why.
 */
void pipeline_folder_take(struct mailbox_hear *hear, void *context);

/* mailbox: a mail of somebody outside (pipeline_again.h). */
void pipeline_folder_wrote(struct mailbox_hear *hear, void *context);

#endif
