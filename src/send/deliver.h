/*
 * deliver: approved drafts, one attempt each: claim, load, carry, dot, settle.
 * Nothing else makes a draft leave.  Loop only.
 */
#ifndef SEND_DELIVER_H
#define SEND_DELIVER_H

#include <stdbool.h>

struct deliver;
struct send;

/* New; it needs send's relay and ledger from the first kick on. */
struct deliver *deliver_new(struct send *send);

/* A draft may be due. */
void deliver_kick(struct deliver *deliver);

/* Is an attempt under way? */
bool deliver_is_busy(const struct deliver *deliver);

/*
 * Free it.  What the ledger or a job thread still has of it ends by itself,
 * without being settled.  NULL is harmless.
 */
void deliver_free(struct deliver *deliver);

#endif
