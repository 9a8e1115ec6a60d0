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

/*
 * The rest of it, which is the same for every medium: h->command is done, and
 * one receipt ends the hearing.  h->answered and h->reviewer are filled.
 */
struct hearing;
void mail_obey(struct hearing *h);

#endif
