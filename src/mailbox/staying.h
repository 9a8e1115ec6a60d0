/*
 * staying: mails that stay in a folder, for good or for a while, as long as
 * the mailbox is kept.  What was dealt with is the ledger's to know; this is
 * only so that nothing is tried all the time.  A mailbox's thread only.
 */
#ifndef MAILBOX_STAYING_H
#define MAILBOX_STAYING_H

#include <stdbool.h>
#include <stdint.h>

#include "mailbox/session.h"

struct staying;

/* first_ms: the first time between tries, at most half a minute. */
struct staying *staying_new(int64_t first_ms);
/* Free it; NULL is harmless. */
void staying_free(struct staying *staying);

/* A round begins; another UIDVALIDITY empties it.  The one before; 0: none. */
uint32_t staying_begin(struct staying *staying, uint32_t validity);

/* Is this one to be left alone now? */
bool staying_has(const struct staying *staying, uint32_t uid);

/* It stays for good. */
void staying_stay(struct staying *staying, uint32_t uid);

/* It is come back to after wait_ms. */
void staying_until(struct staying *staying, uint32_t uid, int64_t wait_ms);

/* It is tried again, later each time.  How often it was put off. */
unsigned staying_later(struct staying *staying, uint32_t uid);

/* Forget those that are not there (ascending UIDs). */
void staying_drop(struct staying *staying, const struct mailbox_items *there);

/* When the first is to be come back to, monotonic ms; 0: none is. */
int64_t staying_next(const struct staying *staying);

#endif
