/*
 * amend: the command "edit".  Loop.
 */
#ifndef REVIEW_AMEND_H
#define REVIEW_AMEND_H

struct hearing;

/* Change the draft that h->item is about, then tell what came of it. */
void amend(struct hearing *h);

/*
 * Why these words must not be sent: something of the notice is still in them.
 * NULL: they may.
 */
const char *amend_leak(const struct hearing *h, const char *words);

#endif
