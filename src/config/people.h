/*
 * people: who may decide what, and who is to be asked.  Groups are resolved,
 * absent people give way to their deputies, limits of authority are kept.
 *
 * Pure functions over the configuration; any thread.
 */
#ifndef PEOPLE_H
#define PEOPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/channel.h"
#include "config/config.h"
#include "util/buf.h"
#include "util/error.h"

/* What a draft demands of who decides it. */
struct people_demand {
	const char *channel; /* "": none */
	const char *ask;     /* who was asked so far, LF between */
	/* lines "amount 12000.00 EUR" and "finding legal"; or "" */
	const char *demand;
	unsigned persons; /* who must approve; 0: as the channel has it */
};

/*
 * Append the names of those to ask, LF between, no one twice, none that is in
 * out already.  names: reviewers and groups, NULL-terminated, or NULL; channel:
 * NULL when there is none (any more).  Of a group that shares by turns, dice
 * picks one, or as many as must approve.  Who is absent is replaced by the
 * deputy, or that one's, who must be people_equal.  Who has not the authority
 * that the demand needs is passed over; when fewer are left than must approve,
 * the channel's owner and then the admins are asked too.  When nobody at all
 * has that authority or is there, the admins are told all the same, or the
 * owner, or everybody: somebody is always asked.
 */
void people_ask(const struct config *config, const struct channel *channel,
    const char *const *names, const struct people_demand *demand,
    int64_t now_ms, uint64_t dice, struct buf *out);

/*
 * May this person approve (or else only drop, ask ...) a draft with that
 * demand now?  Whoever was asked, reviews or owns the channel or stands in its
 * ladder or its rules may, admins, and the deputies of those who are absent;
 * without a channel every reviewer.  To approve, their limits and exceptions
 * must allow it too, those of admins as well.  0, or -1 and err (DENIED) that
 * tells the person why not and who may.
 */
int people_may(const struct config *config, const char *actor,
    const struct people_demand *demand, bool approve, int64_t now_ms,
    struct error *err);

/* Has b at least a's authority?  For deputies and delegation. */
bool people_equal(const struct config *config, const struct config_reviewer *a,
    const struct config_reviewer *b);

/* Is the person away at that time? */
bool people_absent(const struct config_reviewer *reviewer, int64_t now_ms);

#endif
