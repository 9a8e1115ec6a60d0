/*
 * many: an answer to a mail that shows many drafts.  It is read whole first;
 * then each draft is dealt with as if it had been answered alone, one after the
 * other, and one receipt tells what became of all of them.  What fails for now
 * keeps none of the others back; the answer then comes again, and what was done
 * is found done.  Loop.
 */
#ifndef REVIEW_MANY_H
#define REVIEW_MANY_H

struct error;
struct hearing;
struct receipt;

/* Hear it: h->answered is filled, and who answers may. */
void many_hear(struct hearing *h);

/* For hearing.c: what came of the draft that is spoken of now. */
void many_take(struct hearing *h, const struct receipt *receipt);
void many_fail(struct hearing *h, const struct error *err);
/* The mails of the last one are in the outbox. */
void many_go_on(struct hearing *h);

#endif
