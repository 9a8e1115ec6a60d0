/*
 * sanity_channel: do channels and rules fit the people, programs and calendars
 * of the configuration?
 */
#ifndef SANITY_CHANNEL_H
#define SANITY_CHANNEL_H

#include "config/channel_written.h"

/*
 * Check a channel against the configuration and the channels before it.  -1
 * and err (INVALID, "file:line: ...").
 */
int sanity_channel(const struct config *config,
    const struct channel_written *written, const struct channel *channel,
    struct error *err);

/* Check whom rules ask.  channel: whose they are; NULL: the global ones. */
int sanity_channel_rules(const struct config *config,
    const struct channel *channel, const struct rule_written *rules, size_t n,
    struct error *err);

#endif
