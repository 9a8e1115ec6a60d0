/*
 * mail: hears a reviewer's answer by mail and does what it says: who it is
 * from, whether a person wrote it, what its first line means, one decision,
 * one receipt.  Loop.
 */
#ifndef REVIEW_MAIL_H
#define REVIEW_MAIL_H

#include "review/review.h"

/* As review_answer(): answer->done is called exactly once. */
void mail_hear(struct review *review, struct review_answer *answer);

#endif
