/*
 * pipeline_mailbox: between the mailboxes and those who understand their mail.
 *
 * All functions: loop only.
 */
#ifndef PIPELINE_MAILBOX_H
#define PIPELINE_MAILBOX_H

#include "mailbox/mailbox.h"

/* mailbox: a mail that may be a reviewer's answer; context is the house. */
void pipeline_mailbox_hear(struct mailbox_hear *hear, void *context);

#endif
