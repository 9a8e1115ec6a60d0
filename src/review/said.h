/*
 * said: hears an answer that a program brings, if it was that program which
 * asked that person, and does with it what is done with mail.  Loop.
 */
#ifndef REVIEW_SAID_H
#define REVIEW_SAID_H

#include "review/review.h"

/* As review_answer(): answer->done is called exactly once. */
void said_hear(struct review *review, struct review_answer *answer);

#endif
