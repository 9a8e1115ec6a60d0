/*
 * obey: does what a reviewer said of one draft, whatever the medium.  Loop.
 */
#ifndef REVIEW_OBEY_H
#define REVIEW_OBEY_H

struct hearing;

/*
 * Do h->command about h->item, for h->reviewer; one receipt ends it (see the
 * hearing_finish functions), now or later.
 */
void obey(struct hearing *h);

#endif
