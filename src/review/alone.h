/*
 * alone: may a draft leave without a person?  Pure.
 */
#ifndef REVIEW_ALONE_H
#define REVIEW_ALONE_H

#include "config/config.h"
#include "hold/hold.h"

/* Why no deadline may approve this draft of the channel, as it is configured
 * now; a literal.  NULL: one may. */
const char *alone_forbids(const struct config *config,
    const struct channel *channel, const struct hold_view *view);

#endif
